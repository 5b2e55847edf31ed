"""How often each term occurs in each unit: counting, weighting, and setting words aside in the open.

A `Counts` is a units × terms matrix that keeps its labels. Its `sizes` are the tokens of each unit at the time of
counting, so that taking stop words out later changes which terms are shown, never the rate of those that stay.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from helpers.study import LEXICON, CorpusError

UNITS = {"paragraph": ["doc_id", "paragraph"], "sentence": ["doc_id", "paragraph", "sentence"]}
WORD = r"[^\W\d_]"  # a token without a letter or a Han character is punctuation or a number


@dataclass(frozen=True, eq=False)
class Counts:
    """Units × terms. `units` has one row per matrix row, `vocabulary` one term per column, `sizes` tokens per unit."""

    matrix: "scipy.sparse.csr_array"  # loaded where it is used first
    units: pd.DataFrame
    vocabulary: NDArray[np.object_]
    sizes: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, int]:
        return self.matrix.shape

    @property
    def totals(self) -> NDArray:
        """The sum of each column."""
        return self.by_term(self.matrix.data)

    @property
    def found_in(self) -> NDArray[np.int64]:
        """In how many units each term occurs."""
        return np.bincount(self.matrix.indices[self.matrix.data != 0], minlength=self.shape[1])

    @property
    def idf(self) -> NDArray[np.float64]:
        """How rare each term is: ln((1 + n) / (1 + df)) + 1, as scikit-learn's TfidfTransformer defines it."""
        return np.log((1 + self.shape[0]) / (1 + self.found_in)) + 1

    def by_term(self, cells: NDArray) -> NDArray[np.float64]:
        """A number for each cell of the matrix, added up by term."""
        return np.bincount(self.matrix.indices, weights=cells, minlength=self.shape[1])

    def by_cell(self, values: NDArray) -> NDArray:
        """A value for each unit, repeated for each of its cells."""
        return np.repeat(values, np.diff(self.matrix.indptr))

    def rates(self) -> "scipy.sparse.csr_array":
        """Units × terms: how often the term occurs per token of the unit; 0 in a unit without tokens."""
        cells = self.matrix.data * self.by_cell(1 / np.maximum(self.sizes, 1))
        return scipy.sparse.csr_array((cells, self.matrix.indices, self.matrix.indptr), self.shape)

    def terms(self, keep: NDArray) -> "Counts":
        """The same units with only the columns that `keep` (a mask, or column numbers) names."""
        return replace(self, matrix=self.matrix[:, keep], vocabulary=self.vocabulary[keep])

    def rows(self, keep: NDArray) -> "Counts":
        """The same terms with only the units that `keep` (a mask, or row numbers) names."""
        units = self.units.iloc[np.arange(self.shape[0])[keep]].reset_index(drop=True)
        return replace(self, matrix=self.matrix[keep], units=units, sizes=self.sizes[keep])

    def frame(self) -> pd.DataFrame:
        """A dense table to look at, terms as columns; for small corpora."""
        index = pd.MultiIndex.from_frame(self.units) if self.units.shape[1] > 1 else pd.Index(self.units.iloc[:, 0])
        return pd.DataFrame(self.matrix.toarray(), index=index, columns=self.vocabulary)


def count(tokens: pd.DataFrame, unit: str | Sequence[str] = "doc_id", words: bool = True) -> Counts:
    """Units × terms from a token table (columns `token` and those of the unit).

    `unit` is a column, several, or "paragraph" or "sentence" (within their document). Units stand in order of first
    appearance, terms in code-point order, whatever the order of rows. Punctuation and bare numbers are left out
    (`words=False` keeps them).

    >>> tokens = pd.DataFrame({"doc_id": ["甲", "甲", "乙"], "token": ["社区", "。", "社区"]})
    >>> count(tokens).frame()["社区"].tolist()
    [1, 1]
    """
    keys = UNITS.get(unit, [unit]) if isinstance(unit, str) else list(unit)
    rows, units = numbered_units(tokens, keys)
    columns, vocabulary = numbered_terms(tokens["token"], words)
    if (columns < 0).any():
        rows, columns = rows[columns >= 0], columns[columns >= 0]
    sizes = np.bincount(rows, minlength=len(units))
    if (np.diff(rows) < 0).any():
        columns = columns[np.argsort(rows, kind="stable")]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    starts = starts.astype(np.int32 if len(rows) < 2**31 else np.int64)  # 64 bits would double the memory of all cells
    shape = (len(units), len(vocabulary))
    matrix = scipy.sparse.csr_array((np.ones(len(columns), dtype=np.int32), columns, starts), shape=shape)
    matrix = matrix.tocsc().tocsr()  # turned twice, its columns are sorted without comparing any
    matrix.sum_duplicates()
    return Counts(matrix, units, vocabulary, sizes)


def numbered_units(tokens: pd.DataFrame, keys: list[str]) -> tuple[NDArray[np.int32], pd.DataFrame]:
    """The row number of each token, and the units themselves, in order of first appearance."""
    changed = np.any([turns(tokens[key]) for key in keys], axis=0)
    heads = np.flatnonzero(np.concatenate([[True], changed])[: len(tokens)])  # tokens of a unit mostly stand together
    numbers = np.zeros(len(heads), dtype=np.int64)
    for key in keys:  # integers combined and renumbered after each key stay below rows × labels: no overflow
        codes, labels = pd.factorize(tokens[key].iloc[heads])
        numbers, _ = pd.factorize(numbers * max(len(labels), 1) + codes)
    # numbers are given in order of first appearance, so a unit begins where a number exceeds all before it
    first = heads[np.diff(np.maximum.accumulate(numbers), prepend=-1) > 0]
    lengths = np.diff(np.append(heads, len(tokens)))
    return np.repeat(numbers.astype(np.int32), lengths), tokens[keys].iloc[first].reset_index(drop=True)


def turns(column: pd.Series) -> NDArray[np.bool_]:
    """Whether each row but the first differs from the row before it."""
    values = column.array.codes if isinstance(column.dtype, pd.CategoricalDtype) else column.array
    return np.asarray(values[1:] != values[:-1], dtype=bool)


def _codes(column: pd.Series) -> tuple[NDArray, pd.Index]:
    """A number for each value, as a categorical column has it already, and what the numbers stand for."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), column.cat.categories
    codes, labels = pd.factorize(column)
    return codes, pd.Index(labels)


def numbered_terms(column: pd.Series, words: bool) -> tuple[NDArray[np.int32], NDArray[np.object_]]:
    """The column number of each token (-1 where it is left out), and the sorted terms."""
    codes, labels = _codes(column)
    labels = pd.Series(np.asarray(labels, dtype=object), dtype=object).astype(str)
    letter = re.compile(WORD).search
    kept = np.array([not words or letter(label) is not None for label in labels.tolist()], dtype=bool)
    used = np.zeros(len(labels) + 1, dtype=bool)  # the last cell answers the code -1 of a missing token
    used[codes] = True
    kept &= used[:-1]  # a category may have lost its tokens
    vocabulary = labels[kept].sort_values()
    place = np.full(len(labels) + 1, -1, dtype=np.int32)
    place[vocabulary.index] = np.arange(len(vocabulary))
    return place[codes], vocabulary.to_numpy(dtype=object)


def by_document(counts: Counts) -> Counts:
    """The same terms with the units of each document added up; documents in order of first appearance."""
    codes, documents = pd.factorize(counts.units["doc_id"])
    return _added(counts, codes, np.asarray(documents))


def for_documents(counts: Counts, ids: Sequence) -> Counts:
    """The counts of these documents in their order; one without a counted word has zeros.

    >>> tokens = pd.DataFrame({"doc_id": ["甲", "甲"], "token": ["社区", "。"]})
    >>> for_documents(count(tokens), ["乙", "甲"]).frame()["社区"].tolist()
    [0, 1]
    """
    return _added(counts, pd.Index(ids).get_indexer(counts.units["doc_id"]), ids)


def _added(counts: Counts, codes: NDArray, documents: Sequence) -> Counts:
    """Units added up by document: `codes` says which of `documents` each belongs to."""
    cells = np.ones(len(codes), np.int32), (codes, np.arange(len(codes)))
    gather = scipy.sparse.csr_array(cells, shape=(len(documents), len(codes)))
    units = pd.DataFrame({"doc_id": documents})
    return replace(counts, matrix=(gather @ counts.matrix).tocsr(), units=units, sizes=gather @ counts.sizes)


def tfidf(counts: Counts, sublinear: bool = False) -> Counts:
    """The counts weighted by term frequency times inverse document frequency, each unit scaled to length one.

    Equal to scikit-learn's TfidfTransformer cell by cell (see `Counts.idf`).
    `sublinear` replaces a count f by 1 + ln f, so that repetition within a unit matters less.

    >>> tokens = pd.DataFrame({"doc_id": ["甲", "甲", "乙"], "token": ["社区", "口罩", "社区"]})
    >>> tfidf(count(tokens)).frame().loc["甲"].round(3).tolist()
    [0.815, 0.58]
    """
    matrix = counts.matrix
    weights = 1 + np.log(matrix.data) if sublinear else matrix.data.astype(np.float64)
    weights *= counts.idf[matrix.indices]
    weighted = scipy.sparse.csr_array((weights, matrix.indices, matrix.indptr), matrix.shape)
    return replace(counts, matrix=unit_length(weighted))


def unit_length(matrix: "scipy.sparse.csr_array") -> "scipy.sparse.csr_array":
    """Every row divided by its Euclidean length; an empty row stays empty. Where its cells stand is not copied."""
    cells = matrix.indices, matrix.indptr
    lengths = np.sqrt(scipy.sparse.csr_array((matrix.data**2, *cells), matrix.shape).sum(axis=1))
    return scipy.sparse.csr_array((matrix.data / np.repeat(lengths, np.diff(matrix.indptr)), *cells), matrix.shape)


def unit_rows(points: NDArray) -> NDArray[np.float64]:
    """The same for a dense table: every row divided by its Euclidean length; a row of zeros stays.

    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    return points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12)


@cache
def stopword_table(name: str) -> pd.DataFrame:
    """A shipped stop-list: `function` (grammar words) or `stage` (words that date or place a text).

    Columns term, kind, default (yes or no), gloss (function) or stage (stage: when it was current), reason.
    """
    path = LEXICON / f"stopwords_{name}.csv"
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise CorpusError(f"{path.name}: there is no such stop-list; use function or stage, or add the file.") from None


def stopwords(*names: str, kinds: Iterable[str] = ()) -> frozenset[str]:
    """The words of the named stop-lists (both when none is named) that are set aside by default.

    Negation, modality and pronouns are listed but not set aside: they carry orders, refusals and the 我们 of a
    community. Name their kind to add them.

    >>> "的" in stopwords("function"), "不得" in stopwords("function")
    (True, False)
    >>> "不得" in stopwords("function", kinds=["negation"])
    True
    """
    table = pd.concat([stopword_table(name) for name in names or ("function", "stage")])
    return frozenset(table["term"][table["default"].eq("yes") | table["kind"].isin(list(kinds))])


def without(counts: Counts, words: Iterable[str]) -> Counts:
    """The counts without these terms. `sizes` stay, so rates are still per token of the whole text.

    >>> tokens = pd.DataFrame({"doc_id": ["甲", "甲"], "token": ["的", "社区"]})
    >>> without(count(tokens), {"的"}).vocabulary.tolist()
    ['社区']
    """
    return counts.terms(~np.isin(counts.vocabulary.astype(str), sorted(words)))


def at_least(counts: Counts, units: int = 1, times: int = 1) -> Counts:
    """Only the terms found in at least so many units and so many times."""
    return counts.terms((counts.found_in >= units) & (counts.totals >= times))


def removed(counts: Counts, words: Iterable[str]) -> pd.DataFrame:
    """What setting these words aside takes away: term, count, units, share of all tokens, kind, reason; largest first.

    >>> tokens = pd.DataFrame({"doc_id": ["甲", "甲"], "token": ["的", "社区"]})
    >>> removed(count(tokens), {"的"})[["term", "share"]].values.tolist()
    [['的', 0.5]]
    """
    gone = counts.terms(np.isin(counts.vocabulary.astype(str), sorted(words)))
    table = pd.DataFrame({"term": gone.vocabulary, "count": gone.totals.astype(int), "units": gone.found_in})
    table["share"] = table["count"] / max(counts.sizes.sum(), 1)
    why = pd.concat([stopword_table("function"), stopword_table("stage")]).drop_duplicates("term")
    table = table.merge(why[["term", "kind", "reason"]], on="term", how="left").fillna({"kind": "", "reason": ""})
    return table.sort_values(["count", "term"], ascending=[False, True], ignore_index=True)
