"""Whether a coding holds: beside a reader's codes, under other defensible choices, and without any one document.

A presence table (units × frames of true and false, indexed by doc_id and paragraph) goes in nearly everywhere: it is
what `frames.presence` makes of the codebook's hits and what `read_codes` makes of a reader's.
"""

import json
import re
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from helpers import frames, inference, lexicon, sheets, store
from helpers.codebook import Codebook
from helpers.study import CorpusError, Study

FOLDER = "truth"  # in the corpus folder: what a reader says of the articles
SHEETS = ("codes.csv", "codes.xlsx")  # the same from a spreadsheet: doc_id, line and a column of 0 and 1 for each frame
BLANK = "□"  # stands for a character of a stage word; no codebook has it


# ---- a reader's codes ----


def read_codes(study: Study, paragraphs: pd.DataFrame, ids: Sequence[str]) -> pd.DataFrame:
    """What a reader found: units × frames of true and false, for the paragraphs the reader judged; empty without one.

    Codes stand in the corpus folder under truth/: a JSON file per article with `doc_id` and `frames_by_line` (first raw
    line of the paragraph → list of frame ids), or codes.csv or codes.xlsx (doc_id, line, and 0 or 1 in a column for each frame).
    Errors: CorpusError where a file is neither, or names a frame the codebook does not have.
    """
    folder = study.corpus / FOLDER
    judged = [row for path in sorted(folder.glob("*.json")) for row in _read_json(path)]
    for sheet in (folder / name for name in SHEETS if (folder / name).is_file()):
        judged += _read_sheet(sheet, ids)
    if unknown := sorted({frame for *_, found in judged for frame in found} - set(ids)):
        raise CorpusError(f"{FOLDER}: {unknown[0]} is not a frame of the codebook; its frames are {', '.join(ids)}.")
    return align(judged, paragraphs, ids)


def _read_json(path) -> list[tuple[str, int, list[str]]]:
    try:
        about = json.loads(path.read_text(encoding="utf-8-sig"))
        return [(about["doc_id"], int(line), list(found)) for line, found in about.get("frames_by_line", {}).items()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorpusError(f"{path.name}: not codes ({error}); it needs doc_id and frames_by_line.") from None


def _read_sheet(path, ids: Sequence[str]) -> list[tuple[str, int, list[str]]]:
    done = sheets.read(path, ids).dropna(how="any")
    return [(doc_id, line, [f for f in done if row[f] == 1]) for (doc_id, line), row in done.iterrows()]


def align(
    judged: Iterable[tuple[str, int, Sequence[str]]], paragraphs: pd.DataFrame, ids: Sequence[str]
) -> pd.DataFrame:
    """(doc_id, line, frames) of a reader as a presence table over the body paragraphs that begin on those lines.

    >>> paragraphs = pd.DataFrame({"doc_id": "甲", "paragraph": [1, 2], "line": [3, 5], "zone": "body", "text": "文"})
    >>> align([("甲", 5, ["war"])], paragraphs, ["war"]).to_dict("index")
    {('甲', 2): {'war': True}}
    """
    found = {(doc_id, line): set(names) for doc_id, line, names in judged}
    units = frames.units(paragraphs)
    units = units[[key in found for key in zip(units["doc_id"], units["line"], strict=True)]]
    rows = [[frame in found[key] for frame in ids] for key in zip(units["doc_id"], units["line"], strict=True)]
    return pd.DataFrame(
        np.array(rows, dtype=bool).reshape(len(units), len(ids)),
        index=pd.MultiIndex.from_frame(units[frames.UNIT]),
        columns=pd.Index(ids, name="frame"),
    )


def compare(coded: pd.DataFrame, read: pd.DataFrame) -> pd.DataFrame:
    """`frames.validation` on the units both have judged; no rows where no unit is shared."""
    shared = read.index.intersection(coded.index)
    empty = pd.DataFrame(
        columns=[
            "frame",
            "n_units",
            "n_coded",
            "n_read",
            "n_both",
            "precision",
            "recall",
            "f1",
            "precision_low",
            "precision_high",
            "recall_low",
            "recall_high",
            "agreement",
            "alpha",
            "ac1",
        ]
    )
    return frames.validation(coded.loc[shared, read.columns], read.loc[shared]) if len(shared) else empty


def disagreements(coded: pd.DataFrame, read: pd.DataFrame, paragraphs: pd.DataFrame) -> pd.DataFrame:
    """Where rules and reader part: frame, doc_id, line, problem ("missed" or "false alarm" of the rules), text."""
    shared = read.index.intersection(coded.index)
    apart = (coded.loc[shared, read.columns].astype(int) - read.loc[shared].astype(int)).stack()
    apart = apart[apart != 0].rename("problem").reset_index().rename(columns={"level_2": "frame"})
    apart["problem"] = apart["problem"].map({-1: "missed", 1: "false alarm"})
    rows = apart.merge(paragraphs[[*frames.UNIT, "line", "text"]], on=frames.UNIT)
    return rows.sort_values(["frame", "doc_id", "line"], kind="stable", ignore_index=True)[
        ["frame", "doc_id", "line", "problem", "text"]
    ]


# ---- one contrast, under other choices and without each document ----


def leading(differences: pd.DataFrame) -> tuple[str, str, str]:
    """(by, group_a, group_b) of the readable contrast with most documents on its smaller side; blanks if there is none.

    It is chosen by the design alone, never by the result: choosing by the result would make its p too small.
    """
    sides = differences.drop_duplicates(["by", "group_a"])
    sides = sides[sides["evidence"] != "not identifiable"]
    if sides.empty:
        return "", "", ""
    best = sides.loc[sides[["n_docs_a", "n_docs_b"]].min(axis=1).astype(int).idxmax()]
    return best["by"], best["group_a"], best["group_b"]


def sides(docs: pd.DataFrame, by: str, group_a: str) -> pd.Series:
    """doc_id → whether the document is in group_a; documents without a value of `by` are left out.

    >>> sides(pd.DataFrame({"doc_id": list("甲乙丙"), "place": ["渝", "杭", ""]}), "place", "杭").to_dict()
    {'甲': False, '乙': True}
    """
    group = groups(docs, [by] if by in docs else []).set_index("doc_id")["group"]
    return group == group_a


def groups(docs: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """doc_id, by, group: the value each document has in each of `columns`, as text; missing values are left out.

    >>> groups(pd.DataFrame({"doc_id": ["甲"], "year": [2020], "place": [""]}), ["year", "place"]).values.tolist()
    [['甲', 'year', '2020']]
    """
    parts = [
        pd.DataFrame({"doc_id": docs["doc_id"], "by": column, "group": docs[column]}).replace("", pd.NA).dropna()
        for column in columns
    ]
    parts = [part.assign(group=part["group"].astype(str).str.strip()) for part in parts]
    return pd.concat([pd.DataFrame(columns=["doc_id", "by", "group"], dtype=str), *parts], ignore_index=True)


def _by_side(table: pd.DataFrame, in_a: pd.Series) -> tuple[np.ndarray, np.ndarray, list[str], list[str]]:
    """Documents × (units with each frame, units) of either side, and their ids."""
    found = table.groupby(level="doc_id", sort=False)
    counts = found.sum().assign(n_units=found.size())
    counts = counts[counts.index.isin(in_a.index)]
    a = in_a.reindex(counts.index).to_numpy(dtype=bool)
    return (
        counts[a].to_numpy(dtype=float),
        counts[~a].to_numpy(dtype=float),
        list(counts.index[a]),
        list(counts.index[~a]),
    )


def contrast(table: pd.DataFrame, in_a: pd.Series) -> pd.Series:
    """Share of units with each frame on side a minus that on side b."""
    a, b, *_ = _by_side(table, in_a)
    return pd.Series(inference.ratio(a.sum(axis=0)) - inference.ratio(b.sum(axis=0)), index=table.columns)


def leave_one_out(table: pd.DataFrame, in_a: pd.Series) -> pd.DataFrame:
    """The same with each document left out in turn: documents × frames; no rows where a side has fewer than two."""
    a, b, ids_a, ids_b = _by_side(table, in_a)
    if min(len(a), len(b)) < 2:
        return pd.DataFrame(columns=table.columns, dtype=float)
    without = np.vstack(
        [
            inference.leave_one_out(a) - inference.ratio(b.sum(axis=0)),
            inference.ratio(a.sum(axis=0)) - inference.leave_one_out(b),
        ]
    )
    return pd.DataFrame(without, index=pd.Index(ids_a + ids_b, name="left_out"), columns=table.columns)


def relabelled(table: pd.DataFrame, in_a: pd.Series, seed: int = 0) -> pd.DataFrame:
    """The differences under every way the documents could have been labelled (or 9,999 drawn): splits × frames."""
    a, b, *_ = _by_side(table, in_a)
    if not len(a) or not len(b):
        return pd.DataFrame(columns=table.columns, dtype=float)
    counts = np.vstack([a, b])
    rows = inference.splits(len(counts), len(a), seed=seed)
    return pd.DataFrame(inference.pooled_difference(rows, counts[:, :-1], counts[:, -1]), columns=table.columns)


def beside_chance(differences: pd.DataFrame, table: pd.DataFrame, docs: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """The rows of `frames.differences` that may be read, with the middle 95 % of what relabelled documents give."""
    rows = differences[differences["evidence"] != "not identifiable"]
    bands = []
    for by, group_a in rows[["by", "group_a"]].drop_duplicates().itertuples(index=False):
        low, high = relabelled(table, sides(docs, by, group_a), seed).quantile([0.025, 0.975]).to_numpy()
        bands.append(
            pd.DataFrame({"by": by, "group_a": group_a, "frame": table.columns, "null_low": low, "null_high": high})
        )
    return rows.merge(pd.concat(bands)) if bands else rows.assign(null_low=np.nan, null_high=np.nan)


def spoken(differences: pd.DataFrame, labels: dict[str, str]) -> list[str]:
    """A sentence for every contrast that may be read: which frames differ, by how much, on what evidence.

    With ten documents a side every frame with p below .05 is named with its verdict; with fewer, "in these documents",
    those with q below .05. Where none is, the largest difference is named as what it is.
    """
    readable = differences[differences["evidence"] != "not identifiable"]
    return [_spoken(head, rows, labels) for head, rows in readable.groupby(["by", "group_a", "group_b"], sort=False)]


def _spoken(head: tuple[str, str, str], rows: pd.DataFrame, labels: dict[str, str]) -> str:
    few = (rows["evidence"] == "illustrative").any()
    rows = rows.sort_values(["p_permutation", "difference"], kind="stable")
    named = rows[rows["q_value" if few else "p_permutation"] < 0.05]
    n_a, n_b = rows[["n_docs_a", "n_docs_b"]].iloc[0]
    start = f"**{head[1]}** against {head[2]} ({head[0]}; {n_a} and {n_b} documents): "
    if named.empty:
        most = rows.loc[rows["difference"].abs().idxmax()]
        return (
            f"{start}no frame stands out from relabelled documents; the largest difference is {labels[most['frame']]} "
            f"{100 * most['difference']:+.0f} points (p = {most['p_permutation']:.2g})."
        )
    told = [
        f"{labels[r.frame]} {100 * r.difference:+.0f} points "
        f"(p = {r.p_permutation:.2g}, q = {r.q_value:.2g}, {r.evidence})"
        for r in named.itertuples()
    ]
    return start + ("in these documents " if few else "") + "; ".join(told) + "."


def as_codes(table: pd.DataFrame) -> pd.DataFrame:
    """A presence table as rows doc_id, paragraph, frame, so that what counts codes can count a reader's.

    >>> index = pd.MultiIndex.from_tuples([("甲", 1), ("甲", 2)], names=["doc_id", "paragraph"])
    >>> as_codes(pd.DataFrame({"war": [True, False]}, index=index)).values.tolist()
    [['甲', 1, 'war']]
    """
    unit, frame = np.nonzero(table.to_numpy(dtype=bool))
    rows = table.index[unit].to_frame(index=False)
    return rows.assign(frame=pd.Categorical.from_codes(frame, categories=table.columns))


def parting(
    differences: pd.DataFrame, read: pd.DataFrame, paragraphs: pd.DataFrame, docs: pd.DataFrame, seed: int = 0
) -> pd.DataFrame:
    """Rows of `frames.differences` on which a reader's codes would decide otherwise: q below .05 with one, above with
    the other. difference_read and q_value_read hold the reader's side."""
    judged = paragraphs.merge(read.index.to_frame(index=False))
    columns = differences["by"].unique() if len(read) else []
    again = [frames.differences(as_codes(read), judged, docs, by, seed=seed) for by in columns]
    if not again:
        return differences.head(0).assign(difference_read=[], q_value_read=[])
    ours, theirs = differences, pd.concat(again)[["by", "group_a", "group_b", "frame", "difference", "q_value"]]
    both = ours.merge(theirs, on=["by", "group_a", "group_b", "frame"], suffixes=("", "_read"))
    return both[(both["q_value_read"] < 0.05) != (both["q_value"] < 0.05)]


def variants(study: Study, codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Presence tables under other defensible choices, "as published" first; a reader's codes last, if there are any."""
    codes, paragraphs = store.load(study, "frames"), store.load(study, "paragraphs")
    codes = codes.assign(frame=pd.Categorical(codes["frame"], codebook.ids))
    ours = paragraphs[paragraphs["doc_id"].isin(store.counted(study))]
    sentences = store.load(study, "sentences")
    sentences = sentences[sentences["doc_id"].isin(ours["doc_id"])].assign(paragraph=lambda rows: range(len(rows)))
    blanked = ours.assign(text=without_stage_words(ours["text"]))
    tables = {
        "as published": frames.presence(codes, ours),
        "without direct speech": frames.presence(codes[codes["voice"] != "speech"], ours),
        "without negated hits": frames.presence(codes[~codes["negated"]], ours),
        "sentences as units": frames.presence(frames.code(sentences, codebook), sentences),
        "stage words blanked": frames.presence(frames.code(blanked, codebook), blanked),
        "words of two documents or more": frames.presence(codes[in_several_documents(codes, ours)], ours),
        "all reprints counted": frames.presence(codes, paragraphs),
    }
    read = read_codes(study, ours, codebook.ids)
    return tables | {"a reader's codes": read} if len(read) else tables


def in_several_documents(codes: pd.DataFrame, paragraphs: pd.DataFrame) -> pd.Series:
    """Which hits are of a word that hits in two of the documents or more.

    A word met in one document only may have come into the codebook from that very document; agreement that rests on
    such words is fit and says nothing about the next text.

    >>> codes = pd.DataFrame({"doc_id": list("甲乙乙"), "frame": "war", "term": ["战役", "战役", "鸣金"]})
    >>> in_several_documents(codes, codes).tolist()
    [True, True, False]
    """
    within = codes["doc_id"].isin(paragraphs["doc_id"])
    met = codes[within].groupby(["frame", "term"], observed=True)["doc_id"].nunique().rename("met")
    met = codes[["frame", "term"]].astype(object).merge(met.reset_index().astype({"frame": object}), how="left")["met"]
    return pd.Series(met.to_numpy() > 1, index=codes.index) & within


def without_stage_words(texts: pd.Series) -> pd.Series:
    """Texts with every word of the stage list blanked: what each wave's techniques and names bring in themselves.

    >>> without_stage_words(pd.Series(["核酸检测现场井然有序。"])).tolist()
    ['□□□□现场井然有序。']
    """
    words = re.compile(lexicon.either(lexicon.words("stopwords_stage", "term", default="yes")))
    return texts.map(lambda text: words.sub(lambda match: BLANK * len(match[0]), text))
