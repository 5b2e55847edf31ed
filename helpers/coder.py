"""A second opinion on the frames: the codebook as if a group of texts had never been seen, and a coder that learns.

Both answer one question, how well a coding travels to texts nobody had in view. `unseen` takes out of the codebook
every string that occurs in one group of documents only (an outlet, say), for such a string may have come from there,
and codes that group with the rest. `across` trains logistic regressions on the other groups and reads the one left
out. What the two make of the same paragraphs stands side by side in `scores`; where they part most, in `parting`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import ahocorasick
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from helpers import frames
from helpers.codebook import Codebook, bare, every_word, without

FEWEST_DOCUMENTS, FEWEST_GROUPS = 3, 2  # an n-gram of fewer is a memory of a text, not a feature of a frame
CHARACTERS = (1, 4)  # longest n-gram: Chinese words have one to four characters
STRENGTH = 4.0  # inverse of the penalty
FEWEST_OUTLETS = 3  # one to judge, two to learn from
LEAST_CASES = 5  # of a frame, below which nothing is learned
DOUBT = 0.5


# ---- the codebook, as if a group had never been seen ----


def outlets(docs: pd.DataFrame) -> pd.Series:
    """doc_id → what it should not be judged together with: its outlet_type, or else its publisher, where every document
    has one and there are three or more; otherwise the document itself."""
    for column in ("outlet_type", "publisher"):
        if (
            column in docs
            and docs[column].replace("", pd.NA).notna().all()
            and docs[column].nunique() >= FEWEST_OUTLETS
        ):
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
    if paragraphs.empty:
        return frames.presence(frames.code(paragraphs, codebook), paragraphs)
    group = paragraphs["doc_id"].map(groups)
    only = _only_in(codebook, paragraphs["text"], group)
    parts = [
        frames.presence(frames.code(own, without(codebook, only.get(name, set()))), own)
        for name, own in paragraphs.groupby(group, sort=False)
    ]
    return pd.concat(parts).reindex(frames.presence(frames.code(paragraphs.head(0), codebook), paragraphs).index)


def _only_in(codebook: Codebook, texts: pd.Series, groups: pd.Series) -> dict[str, set[str]]:
    """Group → the strings of the codebook that occur in it and in no other."""
    automaton = ahocorasick.Automaton()
    for word in {bare(word) for frame in codebook.frames for word in every_word(frame)}:
        automaton.add_word(word, word)
    automaton.make_automaton()
    where: dict[str, set[str]] = {}
    for text, group in zip(texts, groups, strict=True):
        for _, word in automaton.iter(bare(text)):
            where.setdefault(word, set()).add(group)
    only: dict[str, set[str]] = {}
    for word, found_in in where.items():
        if len(found_in) == 1:
            only.setdefault(next(iter(found_in)), set()).add(word)
    return only


# ---- the coder that learns ----


@dataclass(frozen=True, eq=False)
class Coder:
    """A fitted coder: the n-grams it looks at and one logistic regression per frame (None: too few cases)."""

    frames: tuple[str, ...]
    vectorizer: TfidfVectorizer
    models: tuple[LogisticRegression | None, ...]


def train(texts: Sequence[str], coded: pd.DataFrame, read: pd.DataFrame, groups: Sequence[str]) -> Coder:
    """A coder fitted to a reader's codes. `coded` is what the codebook found and `read` what the reader did, units ×
    frames in the order of `texts`; `groups` is the document or outlet of each text.

    Features are character n-grams (tf-idf) and the codebook's presence. An n-gram must occur in three texts of two
    groups, so that no text can be put together again from the coder.
    """
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=CHARACTERS, sublinear_tf=True)
    vectorizer.set_params(vocabulary=_common_ngrams(texts, groups)).fit([bare(text) for text in texts])
    features = _features(vectorizer, texts, coded)
    return Coder(tuple(read.columns), vectorizer, tuple(_fitted(features, read[frame]) for frame in read.columns))


def _common_ngrams(texts: Sequence[str], groups: Sequence[str]) -> list[str]:
    everything = TfidfVectorizer(analyzer="char", ngram_range=CHARACTERS, min_df=FEWEST_DOCUMENTS)
    there = everything.fit_transform([bare(text) for text in texts]) > 0
    group = pd.factorize(np.asarray(groups))[0]
    member = sparse.csr_matrix((np.ones(len(group)), (group, np.arange(len(group)))))
    in_groups = np.asarray(((member @ there) > 0).sum(axis=0)).ravel()
    return everything.get_feature_names_out()[in_groups >= min(FEWEST_GROUPS, member.shape[0])].tolist()


def _features(vectorizer: TfidfVectorizer, texts: Sequence[str], coded: pd.DataFrame) -> sparse.csr_matrix:
    ngrams = vectorizer.transform([bare(text) for text in texts])
    return sparse.hstack([ngrams, sparse.csr_matrix(coded.to_numpy(dtype=float))]).tocsr()


def _fitted(features: sparse.csr_matrix, read: pd.Series) -> LogisticRegression | None:
    if not LEAST_CASES <= read.sum() <= len(read) - LEAST_CASES:
        return None
    return LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0).fit(features, read.to_numpy(dtype=bool))


def probabilities(coder: Coder, texts: Sequence[str], coded: pd.DataFrame) -> pd.DataFrame:
    """Units × frames: how probable the coder thinks that a reader would see the frame; NaN where it learned nothing."""
    features = _features(coder.vectorizer, texts, coded[list(coder.frames)])
    columns = [np.full(len(coded), np.nan) if m is None else m.predict_proba(features)[:, 1] for m in coder.models]
    return pd.DataFrame(np.transpose(columns), index=coded.index, columns=pd.Index(coder.frames, name="frame"))


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
    out = group == name
    coder = train(text[~out], coded[~out], read[~out], group[~out])
    return probabilities(coder, text[out], coded[out])


def scores(tables: dict[str, pd.DataFrame], read: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """How each coding agrees with the reader, group by group and over all: coding, group, n_units, n_read, precision,
    recall, f1 (over all frames). `tables` is name → presence table."""
    group = pd.Series(read.index.get_level_values("doc_id").map(groups), index=read.index).astype(str)
    rows = [
        {"coding": name, "group": label, **_agreement(table.reindex(own.index), own)}
        for name, table in tables.items()
        for label, own in [*read.groupby(group, sort=True), ("all", read)]
    ]
    return pd.DataFrame(rows, columns=["coding", "group", "n_units", "n_read", "precision", "recall", "f1"])


def _agreement(coded: pd.DataFrame, read: pd.DataFrame) -> dict[str, float]:
    found, true = coded[read.columns].to_numpy() == 1, read.to_numpy(dtype=bool)
    both, n_found, n_true = int((found & true).sum()), int(found.sum()), int(true.sum())
    return {
        "n_units": len(read),
        "n_read": n_true,
        "precision": both / n_found if n_found else np.nan,
        "recall": both / n_true if n_true else np.nan,
        "f1": 2 * both / (n_found + n_true) if n_found + n_true else np.nan,
    }


def parting(coded: pd.DataFrame, probability: pd.DataFrame, paragraphs: pd.DataFrame, n: int = 20) -> pd.DataFrame:
    """The n units where rules and learned coder part most: frame, doc_id, line, rules (yes or no), probability, text.

    >>> index = pd.MultiIndex.from_tuples([("甲", 1)], names=["doc_id", "paragraph"])
    >>> rules, learned = pd.DataFrame({"war": [True]}, index=index), pd.DataFrame({"war": [0.1]}, index=index)
    >>> paragraphs = pd.DataFrame({"doc_id": ["甲"], "paragraph": [1], "line": [3], "text": ["抢时间。"]})
    >>> parting(rules, learned, paragraphs)[["frame", "line", "rules", "probability"]].values.tolist()
    [['war', 3, 'yes', 0.1]]
    """
    columns = ["frame", "doc_id", "line", "rules", "probability", "text"]
    if probability.empty:
        return pd.DataFrame(columns=columns)
    rules = coded.loc[probability.index, probability.columns]
    rows = probability.rename_axis(columns="frame").stack().rename("probability").reset_index()
    rows["rules"] = rules.to_numpy(dtype=bool).ravel()
    rows["gap"] = (rows["rules"] - rows["probability"]).abs()
    apart = rows[rows["gap"] > DOUBT].nlargest(n, "gap", keep="first")
    apart["rules"] = np.where(apart["rules"], "yes", "no")
    return apart.merge(paragraphs[[*frames.UNIT, "line", "text"]], on=frames.UNIT)[columns]
