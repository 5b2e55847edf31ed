"""Which terms one group of documents prefers to another, by how much, how evenly, and whether documents could tell.

Tokens of one article are not independent, so the p-value shuffles the labels of whole documents, and with ten
documents a side the interval takes the scatter between documents into account. With fewer the tables describe these
documents and the label-permutation null (`keyness_null`) belongs beside them.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.special import erfc, stdtrit

from helpers import measures
from helpers.counts import Counts, at_least, by_document
from helpers.dispersion import dispersion
from helpers.inference import (
    FEWEST_DOCUMENTS,
    MOST_EXACT_SPLITS,
    TOLERANCE,
    all_enumerated,
    benjamini_hochberg,
    splits,
)
from helpers.study import CorpusError

MOST_OPERATIONS = 2e11  # of one permutation test: above it fewer drawn splits are used, never below 999
BLOCK = 20_000_000  # numbers held at once while splits × terms are worked through


def labelled(counts: Counts, groups: ArrayLike | pd.Series) -> tuple[Counts, NDArray[np.object_]]:
    """The documents that have a group, and their groups.

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
    known = (labels.notna() & labels.astype(str).ne("")).to_numpy()
    return documents.rows(known), labels[known].astype(str).to_numpy(dtype=object)


def contrasts(labels: NDArray) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Each comparison as (group_a, group_b, which documents are in a): of two groups the later against the earlier,
    of more each against the rest."""
    names = sorted(set(labels))
    if len(names) == 2:
        yield names[1], names[0], labels == names[1]
    elif len(names) > 2:
        yield from ((name, "rest", labels == name) for name in names)


def keyness(
    counts: Counts,
    groups: ArrayLike | pd.Series,
    by: str = "group",
    level: float = 0.95,
    min_count: int = 5,
    prior: float = 100,
    limit: int = MOST_EXACT_SPLITS,
    seed: int = 0,
) -> pd.DataFrame:
    """The terms that tell groups of documents apart; positive log ratio = preferred by group_a. Strongest G2 first.

    Columns: by, group_a, group_b, term, count_a, count_b, docs_a, docs_b, log_ratio with ci_low, ci_high and how they
    were made (`interval`), g2 (two-term, Rayson & Garside 2000), p_permutation (documents relabelled, difference of
    pooled rates, two-sided), q_value (of p_permutation), dp_norm (over all documents compared, 0 = even), then q_g2
    (of G2 over tokens; for the null figure), bic, diff_percent, lrc, z_log_odds (prior of `prior` pooled tokens),
    n_splits, and recurrent (found in two documents of the group that prefers it).
    The family of q and of lrc is the terms of one comparison that occur at least `min_count` times in it.
    Rates are per token of the whole text, stop words included.

    >>> from helpers.counts import count
    >>> words = ["核酸", "社区", "核酸", "社区", "口罩", "社区", "口罩", "社区"]
    >>> tokens = pd.DataFrame({"doc_id": list("甲甲乙乙丙丙丁丁"), "token": words})
    >>> table = keyness(count(tokens), ["2022", "2022", "2020", "2020"], min_count=2)
    >>> table[["term", "log_ratio", "p_permutation"]].round(2).values.tolist()
    [['口罩', -2.0, 0.33], ['核酸', 2.0, 0.33], ['社区', 0.0, 1.0]]
    """
    documents, labels = labelled(counts, groups)
    tables = [
        _compare(documents, inside, level, min_count, prior, limit, seed).assign(group_a=a, group_b=b)
        for a, b, inside in contrasts(labels)
    ]
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)
    return table.assign(by=by)[COLUMNS]


COLUMNS = [
    "by",
    "group_a",
    "group_b",
    "term",
    "count_a",
    "count_b",
    "docs_a",
    "docs_b",
    "log_ratio",
    "ci_low",
    "ci_high",
    "g2",
    "p_permutation",
    "q_value",
    "dp_norm",
    "interval",
    "q_g2",
    "bic",
    "diff_percent",
    "lrc",
    "z_log_odds",
    "n_splits",
    "recurrent",
]


def _compare(
    documents: Counts, inside: NDArray[np.bool_], level: float, min_count: int, prior: float, limit: int, seed: int
) -> pd.DataFrame:
    counts = at_least(documents, times=min_count)
    a_side, b_side = counts.rows(inside), counts.rows(~inside)
    a, b = a_side.totals, b_side.totals
    n1, n2 = int(a_side.sizes.sum()), int(b_side.sizes.sum())
    table = pd.DataFrame(
        {
            "term": counts.vocabulary,
            "count_a": a.astype(int),
            "count_b": b.astype(int),
            "docs_a": a_side.found_in,
            "docs_b": b_side.found_in,
        }
    )
    table["log_ratio"], table["ci_low"], table["ci_high"], table["interval"] = _interval(a_side, b_side, level)
    table["g2"] = measures.g2(a, b, n1, n2)
    table["q_g2"] = benjamini_hochberg(chance(table["g2"]))
    table["p_permutation"], table["n_splits"] = permutation_p(counts, inside, limit, seed)
    table["q_value"] = benjamini_hochberg(table["p_permutation"])
    table["dp_norm"] = dispersion(counts)["dp_norm"].to_numpy()
    table["bic"] = table["g2"] - np.log(max(n1 + n2, 1))
    table["diff_percent"] = measures.difference_percent(a, b, n1, n2)
    table["lrc"] = measures.lrc(a, b, n1, n2, family=max(len(a), 1), level=level)
    table["z_log_odds"] = _z(documents, inside, counts.vocabulary, prior)
    table["recurrent"] = np.where(table["log_ratio"] > 0, table["docs_a"], table["docs_b"]) >= 2
    return table.sort_values(["g2", "term"], ascending=[False, True], ignore_index=True)


def chance(g2: ArrayLike) -> NDArray[np.float64]:
    """The tail of chi-squared with one degree of freedom beyond G2 (tokens taken for independent)."""
    return erfc(np.sqrt(np.maximum(np.asarray(g2, dtype=float), 0) / 2))


def _interval(a_side: Counts, b_side: Counts, level: float) -> tuple[NDArray, NDArray, NDArray, str]:
    """Log ratio and limits: between documents where each side has ten, else between tokens."""
    a, b, n1, n2 = a_side.totals, b_side.totals, a_side.sizes.sum(), b_side.sizes.sum()
    value, low, high = measures.log_ratio(a, b, n1, n2, level)
    if min(a_side.shape[0], b_side.shape[0]) < FEWEST_DOCUMENTS:
        return value, low, high, "tokens (Wald)"
    between = np.hypot(clustered_error(a_side), clustered_error(b_side))
    error = np.maximum(between, measures.token_error(a, b, n1, n2))
    half = stdtrit(a_side.shape[0] + b_side.shape[0] - 2, 0.5 + level / 2) * error
    return value, value - half, value + half, "documents (ratio estimator)"


def clustered_error(counts: Counts) -> NDArray[np.float64]:
    """Standard error of the binary log of each term's rate when documents, not tokens, are the draws.

    Linearised variance of a ratio of totals (Cochran 1977, ch. 6): m/(m-1) Σ(x - r n)² / (Σx)² over m documents.
    NaN-free: a term that does not occur has error 0 here and falls back on the token error.
    """
    x, sizes = counts.matrix.astype(float), counts.sizes.astype(float)
    total = counts.totals
    rate = total / sizes.sum()
    squares = np.bincount(x.indices, weights=x.data**2, minlength=counts.shape[1])
    crossed = np.bincount(x.indices, weights=x.data * np.repeat(sizes, np.diff(x.indptr)), minlength=counts.shape[1])
    scatter = np.maximum(squares - 2 * rate * crossed + rate**2 * (sizes**2).sum(), 0)
    m = counts.shape[0]
    return np.sqrt(m / (m - 1) * scatter) / np.maximum(total, 0.5) / np.log(2)


def _z(documents: Counts, inside: NDArray, terms: NDArray, prior: float) -> NDArray[np.float64]:
    """Fightin' Words z over the whole vocabulary, for these terms: rare terms take part in the odds."""
    a, b = documents.rows(inside).totals, documents.rows(~inside).totals
    if not len(a):
        return a
    z = measures.log_odds(a, b, measures.pooled_prior(a, b, prior))[1]
    return z[np.searchsorted(documents.vocabulary.astype(str), terms.astype(str))]


def _draws(counts: Counts, n1: int, limit: int, seed: int) -> NDArray[np.bool_]:
    rows = splits(counts.shape[0], n1, limit, seed)
    affordable = int(MOST_OPERATIONS / max(counts.shape[0] * counts.shape[1], 1))
    return rows if all_enumerated(counts.shape[0], n1, limit) else rows[: max(affordable, 999)]


def _inside_counts(counts: Counts, rows: NDArray[np.bool_]) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Counts of each term inside every split, in blocks of terms (exact: whole numbers below 2**24 fit float32)."""
    chosen = rows.astype(np.float32)
    columns = sparse.csc_array(counts.matrix.astype(np.float32))
    width = max(1, BLOCK // max(len(rows), 1))
    for start in range(0, counts.shape[1], width):
        block = slice(start, start + width)
        yield block, chosen @ columns[:, block].toarray()


def permutation_p(
    counts: Counts, inside: NDArray[np.bool_], limit: int = MOST_EXACT_SPLITS, seed: int = 0
) -> tuple[NDArray[np.float64], int]:
    """Two-sided p of each term's difference of pooled rates over relabelled documents, and how many splits were used.

    Exact where all splits can be listed, else (k + 1) / (B + 1) (Phipson & Smyth 2010). NaN when a side is empty.
    """
    n1, exact = int(inside.sum()), all_enumerated(len(inside), int(inside.sum()), limit)
    p = np.full(counts.shape[1], np.nan)
    if not 0 < n1 < len(inside):
        return p, 0
    rows = _draws(counts, n1, limit, seed)
    all_rows = np.vstack([inside[None, :], rows])
    sizes = all_rows @ counts.sizes.astype(float)
    rest, totals = counts.sizes.sum() - sizes, counts.totals
    for block, a in _inside_counts(counts, all_rows):
        gap = np.abs(a * (1 / sizes + 1 / rest)[:, None] - totals[block] / rest[:, None])
        hits = (gap[1:] >= gap[0] - TOLERANCE).sum(axis=0)
        p[block] = hits / len(rows) if exact else (hits + 1) / (len(rows) + 1)
    return p, len(rows)


def keyness_null(
    counts: Counts,
    groups: ArrayLike | pd.Series,
    alpha: float = 0.05,
    min_count: int = 5,
    most: int = 999,
    limit: int = MOST_EXACT_SPLITS,
    seed: int = 0,
) -> pd.DataFrame:
    """How many terms G2 calls significant (Benjamini-Hochberg, tokens) when document labels fall differently.

    Columns group_a, group_b, split (0 = as observed, then every other split, or `most` of them), observed, documents
    (of group_a in that split) and keywords. An observed number inside the range of the others says that any two
    halves of these documents differ as much.
    """
    documents, labels = labelled(counts, groups)
    family = at_least(documents, times=min_count)
    tables = [
        _null(family, inside, alpha, most, limit, seed).assign(group_a=a, group_b=b)
        for a, b, inside in contrasts(labels)
    ]
    columns = ["group_a", "group_b", "split", "observed", "documents", "keywords"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def _null(counts: Counts, inside: NDArray[np.bool_], alpha: float, most: int, limit: int, seed: int) -> pd.DataFrame:
    rows = splits(len(inside), int(inside.sum()), limit, seed)
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
            "keywords": significant(counts, rows, alpha),
        }
    )


def significant(counts: Counts, rows: NDArray[np.bool_], alpha: float = 0.05) -> NDArray[np.int64]:
    """Number of terms with q < alpha by G2 in each split (a boolean row over documents)."""
    p = np.empty((len(rows), counts.shape[1]))
    n1 = (rows @ counts.sizes.astype(float))[:, None]
    totals = counts.totals
    for block, a in _inside_counts(counts, rows):
        p[:, block] = chance(measures.g2(a, totals[block] - a, n1, counts.sizes.sum() - n1))
    p.sort(axis=1)
    passed = p < alpha * np.arange(1, counts.shape[1] + 1) / max(counts.shape[1], 1)
    return np.where(passed.any(axis=1), counts.shape[1] - np.argmax(passed[:, ::-1], axis=1), 0)
