"""How well a coding of frames travels to texts nobody had in view.

`unseen` takes out of the codebook every string that occurs in one group of documents only (an outlet, say), for such a
string may have come from there, and codes that group with the rest. `across` teaches a coder (helpers/learned.py) with
a reader's codes of the other groups and lets it read the one left out. `scores` sets codings side by side.
"""

from dataclasses import replace

import pandas as pd
from numpy.typing import NDArray

from helpers import frames, learned, lexicon, reliability
from helpers.codebook import Codebook, Frame, Rule, bare, every_word

FEWEST_OUTLETS = 3  # one to judge, two to learn from


# ---- the codebook, as if a group had never been seen ----


def outlets(docs: pd.DataFrame) -> pd.Series:
    """doc_id → what it should not be judged together with: its outlet_type, or else its publisher, where every document
    has one and there are three or more; otherwise the document itself."""
    for column in ("outlet_type", "publisher"):
        known = docs[column].replace("", pd.NA) if column in docs else pd.Series(pd.NA, docs.index)
        if known.notna().all() and known.nunique() >= FEWEST_OUTLETS:
            return docs.set_index("doc_id")[column].astype(str)
    return docs.set_index("doc_id", drop=False)["doc_id"].astype(str)


def unseen(codebook: Codebook, paragraphs: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Units × frames as `frames.presence` gives them, each group of documents coded without the strings of the codebook
    that occur in no other group. `groups` is doc_id → group.

    It is a lower bound: a scholar would have thought of many of these words without the texts.

    >>> paragraphs = pd.DataFrame({"doc_id": list("甲乙丙"), "paragraph": 1, "line": 1, "zone": "body",
    ...                            "text": ["硝烟散去。", "打响阻击战。", "打响保卫战。"]})
    >>> unseen(frames.read_codebook(), paragraphs, pd.Series({"甲": "报", "乙": "台", "丙": "网"}))["war_metaphor"].tolist()
    [False, True, True]
    """
    return frames.presence(unseen_codes(codebook, paragraphs, groups), paragraphs)


def unseen_codes(codebook: Codebook, paragraphs: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """The hits behind `unseen`, as `frames.code` gives them."""
    group = paragraphs["doc_id"].map(groups)
    only = _only_in(codebook, paragraphs["text"], group)
    parts = [
        frames.code(own, without(codebook, only.get(name, set())))
        for name, own in paragraphs.groupby(group, sort=False)
    ]
    return pd.concat(parts or [frames.code(paragraphs, codebook)], ignore_index=True)


def _only_in(codebook: Codebook, texts: pd.Series, groups: pd.Series) -> dict[str, set[str]]:
    """Group → the strings of the codebook that occur in it and in no other."""
    machine = lexicon.automaton({bare(word) for frame in codebook.frames for word in every_word(frame)})
    where: dict[str, set[str]] = {}
    for text, group in zip(texts, groups, strict=True):
        for _, word in machine.iter(bare(text)):
            where.setdefault(word, set()).add(group)
    only: dict[str, set[str]] = {}
    for word, found_in in where.items():
        if len(found_in) == 1:
            only.setdefault(next(iter(found_in)), set()).add(word)
    return only


def without(codebook: Codebook, words: set[str]) -> Codebook:
    """The codebook as if nobody had thought of these words (bare, as `bare` gives them); rules left unable to ask what
    they asked fall with them.

    >>> frames.read_codebook().frames[0].terms[:2], without(frames.read_codebook(), {"战疫"}).frames[0].terms[:1]
    (('战“疫”', '战役'), ('战役',))
    """
    return replace(codebook, frames=tuple(_frame_without(frame, words) for frame in codebook.frames))


def _frame_without(frame: Frame, words: set[str]) -> Frame:
    rules = tuple(rule for old in frame.rules if (rule := _rule_without(old, words)))
    kept = {part: _kept(getattr(frame, part), words) for part in ("terms", "weak", "never")}
    return replace(frame, rules=rules, **kept)


def _rule_without(rule: Rule, words: set[str]) -> Rule | None:
    kept = {part: _kept(getattr(rule, part), words) for part in ("any", "beside", "also", "without")}
    broken = any(getattr(rule, part) and not kept[part] for part in ("any", "beside", "also"))
    return None if broken else replace(rule, **kept)


def _kept(words: tuple[str, ...], dropped: set[str]) -> tuple[str, ...]:
    return tuple(word for word in words if bare(word) not in dropped)


# ---- the coder that learns ----


def across(paragraphs: pd.DataFrame, coded: pd.DataFrame, read: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """The probabilities a coder gives that was trained on all groups but the unit's own: units × frames, on the units
    read. `groups` is doc_id → group (outlet or document). No rows where there are fewer than three groups to learn from.
    """
    units = read.index.intersection(coded.index)
    text = paragraphs.drop_duplicates(frames.UNIT).set_index(frames.UNIT)["text"].reindex(units).to_numpy()
    group = units.get_level_values("doc_id").map(groups).to_numpy()
    if len(set(group)) < FEWEST_OUTLETS:
        return pd.DataFrame(index=coded.index[:0], columns=read.columns, dtype=float)
    parts = [_left_out(text, coded.loc[units, read.columns], read.loc[units], group, name) for name in pd.unique(group)]
    return pd.concat(parts).reindex(units)


def _left_out(text: NDArray, coded: pd.DataFrame, read: pd.DataFrame, group: NDArray, name: str) -> pd.DataFrame:
    out, documents = group == name, read.index.get_level_values("doc_id")
    taught = learned.train(text[~out], coded[~out], read[~out], documents[~out], group[~out])
    chance = learned.probabilities(taught, text[out].tolist(), coded[out])
    return pd.DataFrame(chance, index=read.index[out], columns=read.columns)


def scores(
    tables: dict[str, pd.DataFrame], read: pd.DataFrame, groups: pd.Series, weight: pd.Series | None = None
) -> pd.DataFrame:
    """How each coding agrees with the reader, group by group and over all: coding, group, n_units, n_read, precision,
    recall, f1 (over all frames). `tables` is name → presence table, `weight` as for `reliability.validation`."""
    group = pd.Series(read.index.get_level_values("doc_id").map(groups), index=read.index).astype(str)
    rows = [
        {"coding": name, "group": label}
        | reliability.agreement(
            table.reindex(own.index)[own.columns] == 1, own, reliability.as_weights(weight, own.index)
        )
        for name, table in tables.items()
        for label, own in [*read.groupby(group, sort=True), ("all", read)]
    ]
    return pd.DataFrame(rows, columns=["coding", "group", "n_units", "n_read", "precision", "recall", "f1"])
