"""How far a number can be trusted: intervals, exact permutations, resampled documents, false discoveries.

Plain arrays in, plain arrays out; nothing here knows about Chinese or about frames. What is shuffled or resampled is
never less than a document, because the paragraphs of one article are not independent of each other.
"""

from collections.abc import Callable, Iterator
from itertools import combinations
from math import comb, prod
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]

FEWEST_DOCUMENTS = 10  # below this a document bootstrap rejects far too often (Cameron, Gelbach & Miller 2008)
MOST_EXACT_SPLITS = 20_000
DRAWN_SPLITS = 9_999
BETWEEN_DOCUMENTS = "between documents (Wilson)"
TOLERANCE = 1e-12  # two splits with the same statistic must tie, whatever the order of summation


class Interval(NamedTuple):
    """An estimate with its limits (arrays of one shape) and how the limits were made, or why there are none."""

    estimate: Floats
    low: Floats
    high: Floats
    method: str


class Permutation(NamedTuple):
    """An observed difference, its two-sided p, the splits behind it, whether these are all, and the 95 % of what they
    give that lie nearest their middle: a difference lies outside where p is .05 or less, and only there."""

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


def difference_limits(one: tuple[ArrayLike, ...], other: tuple[ArrayLike, ...]) -> tuple[Floats, Floats]:
    """Limits of a difference from (estimate, low, high) of either side (Newcombe 1998, method 10; Zou & Donner 2008).

    >>> [round(float(limit), 4) for limit in difference_limits((0.8, *wilson(56, 70)), (0.6, *wilson(48, 80)))]
    [0.0524, 0.3339]
    """
    (p1, low1, high1), (p2, low2, high2) = one, other
    below, above = np.hypot(p1 - low1, high2 - p2), np.hypot(high1 - p1, p2 - low2)
    return p1 - p2 - below, p1 - p2 + above


def clustered_wilson(values: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Limits (low, high) of a share whose documents, not units, are the draws.

    `values` is documents × (columns, then what they are out of), as for `ratio`; shares lie between 0 and 1. Wilson's
    limits for as many independent units as would scatter like these documents (Kish 1965), made fewer because few
    documents know their own scatter badly (Korn & Graubard 1998, Survey Methodology 24:193). Documents without any
    scatter, as where none has the frame, count for what they are out of; one document has its own Wilson limits.

    In simulated corpora of 10 to 30 documents 95 % limits covered a share of .3 or .5 95 times in a hundred, one of .1 91 to
    95 times and one of .03 89 to 97 times: where few documents tell of it, limits are rather too narrow.

    >>> clustered_wilson([[0.5, 1], [0.1, 1], [0.3, 1], [0.3, 1]])[1].round(2).tolist()
    [0.58]
    """
    values = np.asarray(values, dtype=float)
    values = values[values[:, -1] > 0]
    share, counts, sizes, n = ratio(values.sum(axis=0)), values[:, :-1], values[:, -1:], len(values)
    if n < 2:
        return wilson(counts.sum(axis=0), sizes.sum(), level)
    scatter = n / (n - 1) * ((counts - share * sizes) ** 2).sum(axis=0) / sizes.sum() ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        units = np.where(scatter > TOLERANCE, share * (1 - share) / scatter, sizes.sum())
    tail = 0.5 + level / 2
    units = units * (scipy.special.ndtri(tail) / scipy.special.stdtrit(n - 1, tail)) ** 2
    return wilson(share * units, units, level)


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


def splits(n: int, n1: int, limit: int = MOST_EXACT_SPLITS, seed: int = 0) -> NDArray[np.bool_]:
    """Ways to put n1 of n documents in the first group, a boolean row each: all of them if at most `limit`,
    else 9,999 drawn with `seed`. The observed split is one row of the full list and is not added to a drawn one.

    >>> splits(5, 2).shape
    (10, 5)
    """
    if not 0 <= n1 <= n:
        raise ValueError(f"A first group of {n1} cannot be taken from {n} documents.")
    if comb(n, n1) > limit:
        first = np.broadcast_to(np.arange(n) < n1, (DRAWN_SPLITS, n))
        return np.random.default_rng(seed).permuted(first, axis=1)
    chosen = np.array(list(combinations(range(n), n1)), dtype=int)
    rows = np.zeros((len(chosen), n), dtype=bool)
    np.put_along_axis(rows, chosen, True, axis=1)
    return rows


def splits_within(
    inside: NDArray[np.bool_], strata: NDArray | None = None, limit: int = MOST_EXACT_SPLITS, seed: int = 0
) -> tuple[NDArray[np.bool_], bool]:
    """Ways to deal out `inside` again, within each stratum only, and whether these are all: as `splits`, of which it is
    the product over strata. Without `strata` all are one.

    >>> splits_within(np.array([True, False, True, False]), np.array([1, 1, 2, 2]))[0].astype(int).tolist()
    [[1, 0, 1, 0], [1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 0, 1]]
    """
    strata = np.zeros(len(inside)) if strata is None else np.asarray(strata)
    places = [np.flatnonzero(strata == name) for name in np.unique(strata)]
    sizes = [(len(place), int(inside[place].sum())) for place in places]
    exact, single = prod(comb(*size) for size in sizes) <= limit, len(places) == 1
    parts = [splits(*size, limit if exact or single else 0, seed + i) for i, size in enumerate(sizes)]
    if exact and not single:  # every way in one stratum with every way in the others
        which = np.indices([len(part) for part in parts]).reshape(len(parts), -1)
        parts = [part[rows] for part, rows in zip(parts, which, strict=True)]
    return np.hstack(parts)[:, np.argsort(np.concatenate(places))], exact


def middle_of(inside: NDArray[np.bool_], strata: NDArray | None = None) -> Floats:
    """How far each document stands inside on the average of all `splits_within`: as far as its stratum does.

    >>> middle_of(np.array([True, False, True, True]), np.array([1, 1, 2, 2])).tolist()
    [0.5, 0.5, 1.0, 1.0]
    """
    _, stratum = np.unique(np.zeros(len(inside)) if strata is None else strata, return_inverse=True)
    return (np.bincount(stratum, inside) / np.bincount(stratum))[stratum]


def p_of(hits: ArrayLike, n: int, exact: bool) -> Floats:
    """p where so many of n splits are as extreme: exact over all of them, else (k + 1) / (n + 1) (Phipson & Smyth 2010)."""
    return np.asarray(hits) / n if exact else (np.asarray(hits) + 1) / (n + 1)


def mean_differences(rows: NDArray, values: Floats) -> Floats:
    """Mean of the documents inside each row minus that of the documents outside: splits × measures; NaN for no document."""
    blocks = np.array_split(rows, max(1, rows.size // 2_000_000))  # as floats a block stays below 20 MB
    inside = np.vstack([block.astype(float) @ np.column_stack([values, np.ones(len(values))]) for block in blocks])
    outside = np.append(values.sum(axis=0), len(values)) - inside
    return ratio(inside) - ratio(outside)


def permutation(
    values: ArrayLike,
    in_group: ArrayLike,
    limit: int = MOST_EXACT_SPLITS,
    seed: int = 0,
    strata: NDArray | None = None,
) -> Permutation:
    """Whether documents inside a group differ from those outside more than relabelled documents do.

    `values` holds a number per document, or documents × measures; what differs are their means. Two-sided p (`p_of`).
    With `strata` labels are dealt out within these only, and the difference is held against the middle of what that gives.

    >>> permutation([9, 8, 1, 2, 1], [True, True, False, False, False]).p.round(3).tolist()
    [0.1]
    """
    values = np.asarray(values, dtype=float)
    values = values.reshape(len(values), -1)
    in_group = np.asarray(in_group, dtype=bool)
    rows, exact = splits_within(in_group, strata, limit, seed)
    observed, middle = mean_differences(np.array([in_group, middle_of(in_group, strata)]), values)
    away, far = np.abs(observed - middle), np.abs(mean_differences(rows, values) - middle)
    p = p_of((far >= away - TOLERANCE).sum(axis=0), len(rows), exact)
    counted = far if exact else np.vstack([far, away])  # a drawn p counts the observed division, too
    reach = np.quantile(counted, 0.95, axis=0, method="inverted_cdf")
    p = np.where(np.isnan(observed), np.nan, p)
    return Permutation(observed, p, len(rows), exact, middle - reach, middle + reach)


def sign_flips(values: ArrayLike, seed: int = 0) -> Floats:
    """Two-sided p of the sum of each column of documents × columns, the sign of every document being as likely the other
    one (Fisher 1935): exact up to fourteen documents that have one, else 9,999 drawn.

    >>> sign_flips([[0.2], [0.1], [0.3], [0.1]]).tolist()
    [0.125]
    """
    values = np.asarray(values, dtype=float)
    values = values[(values != 0).any(axis=1)]
    n = len(values)
    if exact := 2**n <= MOST_EXACT_SPLITS:
        signs = 2 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1) - 1
    else:
        signs = np.random.default_rng(seed).choice([-1, 1], (DRAWN_SPLITS, n))
    hits = (np.abs(signs @ values) >= np.abs(values.sum(axis=0)) - TOLERANCE).sum(axis=0)
    return p_of(hits, len(signs), exact)


def ratio(totals: Floats) -> Floats:
    """The default statistic: every column but the last over the last, e.g. units with a frame over all units."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return totals[..., :-1] / totals[..., -1:]


def resample(values: ArrayLike, n: int = 2_000, seed: int = 0) -> Floats:
    """Column totals of n resamples of whole documents, drawn with replacement: n × columns.

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
    Under ten documents the limits are NaN and `method` says why; under thirty they are rather too narrow.

    >>> bootstrap([[1, 4], [2, 4]]).method
    'none: fewer than 10 documents'
    """
    values = np.asarray(values, dtype=float)
    estimate = statistic(values.sum(axis=0))
    if len(values) < FEWEST_DOCUMENTS:
        return _without_limits(estimate)
    limits = np.nanquantile(statistic(resample(values, n, seed)), [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return Interval(estimate, *limits, f"document bootstrap, {n} draws")


def document_share(values: ArrayLike, level: float = 0.95) -> Interval:
    """A share with its `clustered_wilson` limits; NaN under ten documents, and `method` says why.

    >>> document_share([[1, 4], [2, 4]]).method
    'none: fewer than 10 documents'
    """
    values = np.asarray(values, dtype=float)
    estimate = ratio(values.sum(axis=0))
    if len(values) < FEWEST_DOCUMENTS:
        return _without_limits(estimate)
    return Interval(estimate, *clustered_wilson(values, level), BETWEEN_DOCUMENTS)


def document_difference(values: ArrayLike, others: ArrayLike, level: float = 0.95) -> Interval:
    """The same for the share of one side minus that of the other (`difference_limits`); each side needs ten documents."""
    one, other = document_share(values, level), document_share(others, level)
    estimate = one.estimate - other.estimate
    if min(len(values), len(others)) < FEWEST_DOCUMENTS:
        return _without_limits(estimate)
    return Interval(estimate, *difference_limits(one[:3], other[:3]), BETWEEN_DOCUMENTS)


def _without_limits(estimate: Floats) -> Interval:
    nothing = np.full(np.shape(estimate), np.nan)
    return Interval(estimate, nothing, nothing, f"none: fewer than {FEWEST_DOCUMENTS} documents")


def leave_one_out(values: ArrayLike, statistic: Statistic = ratio) -> Floats:
    """The statistic with each document left out in turn: whether a result hangs on one text.

    >>> leave_one_out([[1, 2], [3, 4]]).tolist()
    [[0.75], [0.5]]
    """
    values = np.asarray(values, dtype=float)
    return statistic(values.sum(axis=0) - values)
