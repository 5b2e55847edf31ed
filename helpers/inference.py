"""How far a number can be trusted: intervals, exact permutations, resampled documents, false discoveries.

Plain arrays in, plain arrays out; nothing here knows about Chinese or about frames. The unit that is shuffled or
resampled is always the document, because the paragraphs of one article are not independent of each other.
"""

from collections.abc import Callable, Iterator
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]

FEWEST_DOCUMENTS = 10  # below this a document bootstrap rejects far too often (Cameron, Gelbach & Miller 2008)
MOST_EXACT_SPLITS = 20_000
DRAWN_SPLITS = 9_999
TOLERANCE = 1e-12  # two splits with the same statistic must tie, whatever the order of summation


class Interval(NamedTuple):
    """An estimate with its limits (arrays of one shape) and how the limits were made, or why there are none."""

    estimate: Floats
    low: Floats
    high: Floats
    method: str


class Permutation(NamedTuple):
    """An observed difference, its two-sided p, the number of splits behind it, whether they are all splits, and between
    which limits 95 % of the differences under relabelling lie."""

    difference: Floats
    p: Floats
    n_splits: int
    exact: bool
    low: Floats
    high: Floats


def wilson(k: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Limits (low, high) of a proportion of k in n by the score method (Wilson 1927; Newcombe 1998, method 3).

    Arrays broadcast; n = 0 gives NaN limits.

    >>> [round(float(limit), 4) for limit in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    k, n = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    z = scipy.special.ndtri(0.5 + level / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = k / n
        centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


def newcombe(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Limits (low, high) of the difference k1/n1 - k2/n2 (Newcombe 1998, Statistics in Medicine 17:873, method 10).

    It knows nothing of clustering: use it within one document, or between two single documents.

    >>> [round(float(limit), 4) for limit in newcombe(56, 70, 48, 80)]
    [0.0524, 0.3339]
    """
    (low1, high1), (low2, high2) = wilson(k1, n1, level), wilson(k2, n2, level)
    with np.errstate(invalid="ignore", divide="ignore"):
        p1, p2 = np.divide(k1, n1), np.divide(k2, n2)
    below, above = np.hypot(p1 - low1, high2 - p2), np.hypot(high1 - p1, p2 - low2)
    return p1 - p2 - below, p1 - p2 + above


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """The q-value of every p-value of one family (Benjamini & Hochberg 1995); NaN stays NaN and is not counted.

    >>> benjamini_hochberg([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.04, 0.04]
    """
    p = np.asarray(p, dtype=float)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    scaled = p[order] * len(order) / np.arange(1, len(order) + 1)
    q = np.full(p.shape, np.nan)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return q


def contrasts(labels: NDArray[np.object_]) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Each comparison as (group_a, group_b, which documents are in a): of two groups the later against the earlier,
    of more each against the rest.

    >>> [(a, b, inside.tolist()) for a, b, inside in contrasts(np.array(["2020", "2022", "2020"], dtype=object))]
    [('2022', '2020', [False, True, False])]
    """
    names = sorted(set(labels))
    if len(names) == 2:
        yield names[1], names[0], labels == names[1]
    elif len(names) > 2:
        yield from ((name, "rest", labels == name) for name in names)


def all_enumerated(n: int, n1: int, limit: int = MOST_EXACT_SPLITS) -> bool:
    """Whether every way to put n1 of n documents in the first group can be listed."""
    return comb(n, n1) <= limit


def splits(n: int, n1: int, limit: int = MOST_EXACT_SPLITS, seed: int = 0) -> NDArray[np.bool_]:
    """Ways to put n1 of n documents in the first group, a boolean row each: all of them if at most `limit`,
    else 9,999 drawn with `seed`. The observed split is one row of the full list and is not added to a drawn one.

    >>> splits(5, 2).shape
    (10, 5)
    """
    if not 0 <= n1 <= n:
        raise ValueError(f"A first group of {n1} cannot be taken from {n} documents.")
    if not all_enumerated(n, n1, limit):
        return _drawn_splits(n, n1, seed)
    chosen = np.array(list(combinations(range(n), n1)), dtype=int)
    rows = np.zeros((len(chosen), n), dtype=bool)
    np.put_along_axis(rows, chosen, True, axis=1)
    return rows


def _drawn_splits(n: int, n1: int, seed: int) -> NDArray[np.bool_]:
    first = np.broadcast_to(np.arange(n) < n1, (DRAWN_SPLITS, n))
    return np.random.default_rng(seed).permuted(first, axis=1)


def pooled_difference(rows: NDArray[np.bool_], counts: Floats, sizes: Floats) -> Floats:
    """Pooled rate of the documents inside each row minus that of the documents outside: splits × measures."""
    blocks = np.array_split(rows, max(1, rows.size // 2_000_000))  # as floats a block stays below 20 MB
    inside = np.vstack([block.astype(float) @ np.column_stack([counts, sizes]) for block in blocks])
    outside = np.append(counts.sum(axis=0), sizes.sum()) - inside
    return ratio(inside) - ratio(outside)


def permutation(
    counts: ArrayLike,
    in_group: ArrayLike,
    sizes: ArrayLike | None = None,
    limit: int = MOST_EXACT_SPLITS,
    seed: int = 0,
) -> Permutation:
    """Whether documents inside a group differ from those outside more than relabelled documents do.

    `counts` holds a number per document, or documents × measures; `sizes` what the counts are out of (units of each
    document), so that the statistic is a difference of pooled rates; without sizes it is a difference of means.
    Two-sided p: exact over all splits, else (k + 1) / (draws + 1) (Phipson & Smyth 2010).

    >>> permutation([9, 8, 1, 2, 1], [True, True, False, False, False]).p.round(3).tolist()
    [0.1]
    """
    counts = np.asarray(counts, dtype=float)
    counts = counts.reshape(len(counts), -1)
    in_group = np.asarray(in_group, dtype=bool)
    sizes = np.ones(len(counts)) if sizes is None else np.asarray(sizes, dtype=float)
    n, n1 = len(in_group), int(in_group.sum())
    rows, exact = splits(n, n1, limit, seed), all_enumerated(n, n1, limit)
    observed = pooled_difference(in_group[None, :], counts, sizes)[0]
    null = pooled_difference(rows, counts, sizes)
    hits = (np.abs(null) >= np.abs(observed) - TOLERANCE).sum(axis=0)
    p = hits / len(rows) if exact else (hits + 1) / (len(rows) + 1)
    low, high = np.quantile(null, [0.025, 0.975], axis=0)
    return Permutation(observed, np.where(np.isnan(observed), np.nan, p), len(rows), exact, low, high)


def ratio(totals: Floats) -> Floats:
    """The default statistic: every column but the last over the last, e.g. units with a frame over all units."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return totals[..., :-1] / totals[..., -1:]


def resample(values: ArrayLike, n: int = 2_000, seed: int = 0) -> Floats:
    """Column totals of n resamples of whole documents, drawn with replacement: n × columns.

    A resample is a vector of how often each document was drawn, so all resamples are one matrix product.

    >>> resample([[1, 2], [1, 2]], n=3).tolist()
    [[2.0, 4.0], [2.0, 4.0], [2.0, 4.0]]
    """
    values = np.asarray(values, dtype=float)
    documents = len(values)
    times_drawn = np.random.default_rng(seed).multinomial(documents, np.full(documents, 1 / documents), size=n)
    return times_drawn @ values


def bootstrap(
    values: ArrayLike, statistic: Statistic = ratio, n: int = 2_000, seed: int = 0, level: float = 0.95
) -> Interval:
    """Percentile interval of a statistic of column totals, whole documents resampled (Efron & Tibshirani 1993).

    `values` is documents × columns; `statistic` takes totals (..., columns) and gives the estimates (..., m).
    Under ten documents the limits are NaN and `method` says why: so few clusters cannot show their own variance.

    >>> bootstrap([[1, 4], [2, 4]]).method
    'none: fewer than 10 documents'
    """
    values = np.asarray(values, dtype=float)
    estimate = statistic(values.sum(axis=0))
    if len(values) < FEWEST_DOCUMENTS:
        return _without_limits(estimate)
    return _with_limits(estimate, statistic(resample(values, n, seed)), level, n)


def bootstrap_difference(
    values: ArrayLike,
    others: ArrayLike,
    statistic: Statistic = ratio,
    n: int = 2_000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """The same for statistic(values) - statistic(others), each side's documents resampled on their own."""
    values, others = np.asarray(values, dtype=float), np.asarray(others, dtype=float)
    estimate = statistic(values.sum(axis=0)) - statistic(others.sum(axis=0))
    if min(len(values), len(others)) < FEWEST_DOCUMENTS:
        return _without_limits(estimate)
    # two different seeds: with one, two sides of equal size would draw the same documents and vary together
    draws = statistic(resample(values, n, seed)) - statistic(resample(others, n, seed + 1))
    return _with_limits(estimate, draws, level, n)


def _without_limits(estimate: Floats) -> Interval:
    nothing = np.full(np.shape(estimate), np.nan)
    return Interval(estimate, nothing, nothing, f"none: fewer than {FEWEST_DOCUMENTS} documents")


def _with_limits(estimate: Floats, draws: Floats, level: float, n: int) -> Interval:
    low, high = np.nanquantile(draws, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return Interval(estimate, low, high, f"document bootstrap, {n} draws")


def leave_one_out(values: ArrayLike, statistic: Statistic = ratio) -> Floats:
    """The statistic with each document left out in turn: whether a result hangs on one text.

    >>> leave_one_out([[1, 2], [3, 4]]).tolist()
    [[0.75], [0.5]]
    """
    values = np.asarray(values, dtype=float)
    return statistic(values.sum(axis=0) - values)


def bayes_factor(g2: ArrayLike, n: ArrayLike) -> Floats:
    """Approximate evidence against equality, G2 - ln(n) (BIC, Wilson 2013): above 10 very strong, below 0 for it.

    >>> round(float(bayes_factor(534.64, 116_000 + 5_451_382)), 1)
    519.1
    """
    return np.asarray(g2, dtype=float) - np.log(n)
