"""Groups of documents set against each other, and what chance gives when their labels are dealt out again.

The words of one article are not independent of each other, so the label of a whole document is what may fall
differently, and a document speaks with one voice: its rate of a word, whatever its length (Paquot & Bestgen 2009;
Lijffijt et al. 2016). With pooled rates a split would be extreme already because its articles are short. Where the groups
part the publishers as well, it is publishers that were labelled, and each of them speaks with one voice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import comb

import numpy as np
import pandas as pd
import scipy
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from helpers import measures, newsrooms
from helpers.counts import Counts, at_least, by_document
from helpers.inference import FEWEST_DOCUMENTS, MOST_EXACT_SPLITS, contrasts, middle_of, p_of, splits_within
from helpers.study import CorpusError

MOST_OPERATIONS = 5e9  # multiplications of one drawn test: above it fewer splits are used, never below 999
BLOCK = 10_000_000  # numbers held at once while splits × terms are worked through
TIE = 1e-9  # of a word's mean rate: two splits no further apart tie, whatever the order of summation, at zero too


def labelled(counts: Counts, groups: ArrayLike | pd.Series) -> tuple[Counts, NDArray[np.object_]]:
    """The documents that have a group, and their groups; one without a counted word has no rates and is left out.

    `groups` is a Series or mapping from doc_id, or one label per document in the order of the counts.
    """
    documents = by_document(counts)
    names = documents.units["doc_id"]
    if isinstance(groups, dict) or (isinstance(groups, pd.Series) and groups.index.isin(names).any()):
        labels = names.map(groups)
    elif len(groups) == documents.shape[0]:
        labels = pd.Series(np.asarray(groups, dtype=object))
    else:
        raise CorpusError(
            f"{len(groups)} group labels for {documents.shape[0]} documents: give a label for each, "
            "or a Series indexed by doc_id (see articles.csv)."
        )
    labels = newsrooms.as_labels(labels).to_numpy(dtype=object)
    kept = (labels != "") & (documents.sizes > 0)
    return documents.rows(kept), labels[kept]


def voices(
    counts: Counts, inside: NDArray[np.bool_], publishers: Mapping | pd.Series | None
) -> tuple[Counts, newsrooms.Draws]:
    """What is dealt out between two sides, each draw with one voice: documents, or by `publishers` (doc_id → name) those
    that write for one side only (`newsrooms.draws`)."""
    publisher = newsrooms.publishers(publishers, counts.units["doc_id"])
    dealt = newsrooms.draws(inside, publisher)
    if len(dealt.inside) == len(inside):
        return counts, dealt
    drawn = by_document(replace(counts, units=counts.units.assign(doc_id=dealt.of)))
    first, size = np.unique(dealt.of, return_index=True, return_counts=True)[1:]
    names = np.where(size > 1, publisher[first], counts.units["doc_id"].to_numpy()[first])
    return replace(drawn, units=drawn.units.assign(doc_id=names)), dealt


def sides(counts: Counts, groups: pd.DataFrame) -> pd.DataFrame:
    """Every comparison with its documents a side: by, group_a, group_b, documents_a, documents_b, evidence, main.

    `groups` has doc_id as index and a column for each comparison. evidence is "illustrative" below ten documents a
    side, "single document" where a side is one article. main marks the comparison the figures rest on: of the first
    column, the one with most documents on its smaller side.

    >>> from helpers.counts import count
    >>> counts = count(pd.DataFrame({"doc_id": list("甲乙丙"), "token": "核酸"}))
    >>> table = sides(counts, pd.DataFrame({"year": ["2020", "2022", "2022"]}, index=list("甲乙丙")))
    >>> table[["group_a", "documents_a", "documents_b", "evidence"]].values.tolist()
    [['2022', 2, 1, 'single document']]
    """
    rows = [
        (by, a, b, int(inside.sum()), int((~inside).sum()))
        for by in groups
        for a, b, inside in contrasts(labelled(counts, groups[by])[1])
    ]
    table = pd.DataFrame(rows, columns=["by", "group_a", "group_b", "documents_a", "documents_b"])
    fewest = table[["documents_a", "documents_b"]].min(axis=1)
    kinds = [fewest >= FEWEST_DOCUMENTS, fewest > 1]
    table["evidence"] = np.select(kinds, ["documents", "illustrative"], "single document")
    first = fewest[table["by"].eq(groups.columns[0])] if len(table) else fewest
    table["main"] = table.index == (first.idxmax() if len(first) else -1)
    return table


def permutation_p(
    counts: Counts,
    inside: NDArray[np.bool_],
    limit: int = MOST_EXACT_SPLITS,
    seed: int = 0,
    strata: NDArray | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Two-sided p of each term's difference between the mean rates of the two sides over relabelled documents.

    Second, whether the p is exact: over all splits where these, or the ways a term's own documents can fall, are at
    most `limit`; else (k + 1) / (draws + 1) (Phipson & Smyth 2010). NaN when a side is empty. With `strata` documents
    change sides within these only, and a difference is held against the middle of what that gives.

    >>> from helpers.counts import count
    >>> tokens = pd.DataFrame({"doc_id": list("甲甲乙丙丁"), "token": ["核酸", "社区", "核酸", "社区", "社区"]})
    >>> permutation_p(count(tokens), np.array([True, True, False, False]))[0].round(2).tolist()
    [0.33, 0.33]
    """
    n, n1 = len(inside), int(inside.sum())
    if not 0 < n1 < n:
        return np.full(counts.shape[1], np.nan), np.zeros(counts.shape[1], dtype=bool)
    if strata is not None and len(np.unique(strata)) > 1:
        p, exact = _over_splits(counts.rates().tocsr(), inside, limit, seed, strata)
        return p, np.full(len(p), exact)
    few = 2.0**counts.found_in <= limit
    p, by_term = np.ones(counts.shape[1]), counts.rates().tocsc()
    for k in np.unique(counts.found_in[few & (counts.found_in > 0)]):
        columns = np.flatnonzero(few & (counts.found_in == k))
        p[columns] = _exact(by_term[:, columns], inside, int(k))
    if not few.all():
        p[~few], _ = _over_splits(by_term[:, ~few].tocsr(), inside, limit, seed)
    return p, few | (comb(n, n1) <= limit)


def _exact(columns: sparse.csc_array, inside: NDArray[np.bool_], k: int) -> NDArray[np.float64]:
    """Exact p of terms found in k documents each: only which of these k fall inside matters, and 2**k ways there are,
    each as probable as the remaining places can be filled (hypergeometric)."""
    n, n1 = len(inside), int(inside.sum())
    values, at = columns.data.reshape(-1, k).T, columns.indices.reshape(-1, k).T
    ways = (np.arange(2**k)[:, None] >> np.arange(k)) & 1 > 0
    weight = np.array([comb(n - k, n1 - s) / comb(n, n1) if s <= n1 else 0.0 for s in range(k + 1)])[ways.sum(axis=1)]
    total = values.sum(axis=0)
    observed = np.abs(_gap((values * inside[at]).sum(axis=0), total, n1, n)) - TIE * total / n
    p, width = np.empty(values.shape[1]), max(1, BLOCK // 2**k)
    for block in (slice(start, start + width) for start in range(0, len(p), width)):
        gaps = _gap(ways @ values[:, block], total[block], n1, n)
        p[block] = weight @ (np.abs(gaps) >= observed[block])
    return np.minimum(p, 1)


def _gap(sums: NDArray, total: NDArray, n1: int, n: int) -> NDArray[np.float64]:
    return sums / n1 - (total - sums) / (n - n1)


def _over_splits(
    matrix: sparse.csr_array, inside: NDArray[np.bool_], limit: int, seed: int, strata: NDArray | None = None
) -> tuple[NDArray[np.float64], bool]:
    n, n1 = len(inside), int(inside.sum())
    (rows, exact), total = splits_within(inside, strata, limit, seed), matrix.sum(axis=0)
    if not exact:
        rows = rows[: max(int(MOST_OPERATIONS / max(matrix.nnz, 1)), 999)]
    middle = _gap(middle_of(inside, strata) @ matrix, total, n1, n)
    observed = np.abs(_gap(inside.astype(float) @ matrix, total, n1, n) - middle) - TIE * total / n
    gaps = (_gap(sums, total, n1, n) for sums in _sums(matrix, rows))
    return p_of(sum((np.abs(gap - middle) >= observed).sum(axis=0) for gap in gaps), len(rows), exact), exact


def _sums(matrix: sparse.csr_array, rows: NDArray[np.bool_]) -> Iterator[NDArray[np.float64]]:
    """The sum of every column over the documents of each split: splits × terms, in blocks of splits."""
    columns, height = matrix.T.tocsr().astype(float), max(1, BLOCK // max(matrix.shape))
    for start in range(0, len(rows), height):
        yield (columns @ rows[start : start + height].T.astype(float)).T


def keyness_null(
    counts: Counts,
    groups: ArrayLike | pd.Series,
    alpha: float = 0.05,
    min_count: int = 5,
    most: int = 999,
    limit: int = MOST_EXACT_SPLITS,
    seed: int = 0,
    publishers: Mapping | pd.Series | None = None,
) -> pd.DataFrame:
    """How many terms G2 flags (Benjamini-Hochberg, tokens taken for independent) when labels fall differently.

    Columns group_a, group_b, split (0 = as observed, then every other split, or `most` of them), observed, documents
    (of group_a in that split, or their publishers, see `voices`) and keywords. An observed number inside the range of
    the others says that any two parts of these documents differ as much.
    """
    documents, labels = labelled(counts, groups)
    family = at_least(documents, times=min_count)
    tables = [
        _null(*voices(family, inside, publishers), alpha, most, limit, seed).assign(group_a=a, group_b=b)
        for a, b, inside in contrasts(labels)
    ]
    columns = ["group_a", "group_b", "split", "observed", "documents", "keywords"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def _null(counts: Counts, dealt: newsrooms.Draws, alpha: float, most: int, limit: int, seed: int) -> pd.DataFrame:
    inside, (rows, _) = dealt.inside, splits_within(dealt.inside, dealt.stratum, limit, seed)
    rows = rows[~(rows == inside).all(axis=1)]
    if len(rows) > most:
        rows = rows[np.sort(np.random.default_rng(seed).choice(len(rows), most, replace=False))]
    rows = np.vstack([inside[None, :], rows])
    names = counts.units["doc_id"].astype(str).to_numpy()
    return pd.DataFrame(
        {
            "split": range(len(rows)),
            "observed": np.arange(len(rows)) == 0,
            "documents": [" ".join(names[row]) for row in rows],
            "keywords": flagged(counts, rows, alpha),
        }
    )


def null_summary(null: pd.DataFrame) -> pd.DataFrame:
    """One row per comparison of `keyness_null`: how many terms G2 flags, and how many it flags in other divisions.

    by, group_a, group_b, observed, splits (other ones), low, median, high (5%, 50%, 95% of them), as_many: the share
    of all divisions, the true one included, with at least as many terms, and distinct: whether at most one in
    twenty has. Fewer than twenty divisions can never be distinct, nor fewer than forty between two sides of one size:
    every division then comes twice, once with the sides exchanged.
    """
    rows = []
    for (by, a, b), part in null.groupby(["by", "group_a", "group_b"], sort=False):
        seen, others = part.loc[part["observed"], "keywords"].iloc[0], part.loc[~part["observed"], "keywords"]
        quantiles = others.quantile([0.05, 0.5, 0.95]).tolist() if len(others) else [np.nan] * 3
        rows.append((by, a, b, int(seen), len(others), *quantiles, float((part["keywords"] >= seen).mean())))
    columns = ["by", "group_a", "group_b", "observed", "splits", "low", "median", "high", "as_many"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(distinct=table["as_many"] <= 0.05)


def flagged(counts: Counts, rows: NDArray[np.bool_], alpha: float = 0.05) -> NDArray[np.int64]:
    """Number of terms with q < alpha by G2 in each split (a boolean row over documents)."""
    sizes, totals, terms = counts.sizes.astype(float), counts.totals, counts.shape[1]
    if not terms:  # no word is frequent enough to be asked about
        return np.zeros(len(rows), dtype=np.int64)
    steps, found, start = alpha * np.arange(1, terms + 1) / terms, [], 0
    for a in _sums(counts.matrix, rows):
        n1 = (rows[start : start + len(a)] @ sizes)[:, None]
        p = np.sort(chance(measures.g2(a, totals - a, n1, sizes.sum() - n1)), axis=1)
        passed = p < steps
        found.append(np.where(passed.any(axis=1), terms - np.argmax(passed[:, ::-1], axis=1), 0))
        start += len(a)
    return np.concatenate(found)


def chance(g2: ArrayLike) -> NDArray[np.float64]:
    """The tail of chi-squared with one degree of freedom beyond G2 (tokens taken for independent)."""
    return scipy.special.erfc(np.sqrt(np.maximum(np.asarray(g2, dtype=float), 0) / 2))
