"""Measures of two frequencies, of a pair of words, and of spread over documents: arrays in, arrays out.

Throughout, a and b are how often a term occurs in two corpora of n1 and n2 tokens. Arrays broadcast.
"""

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def g2(a: ArrayLike, b: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Floats:
    """Log-likelihood ratio G2 in its two-term form (Rayson & Garside 2000), 0 ln 0 = 0.

    >>> g2(540, 7525, 116000, 5451382).round(2).item()
    534.64
    """
    a, b, n1, n2 = (np.asarray(x, dtype=float) for x in (a, b, n1, n2))
    rate = (a + b) / (n1 + n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = 2 * (scipy.special.xlogy(a, a / (n1 * rate)) + scipy.special.xlogy(b, b / (n2 * rate)))
    return np.nan_to_num(value, nan=0.0)


def g2_cells(both: ArrayLike, one: ArrayLike, other: ArrayLike, n: ArrayLike) -> Floats:
    """G2 over the four cells of a pair (Dunning 1993): times together, times of each, and n units in all.

    >>> g2_cells(110, 2552, 221, 31777).round(2).item()
    270.72
    """
    both, one, other, n = (np.asarray(x, dtype=float) for x in (both, one, other, n))
    cells = (both, one - both, other - both, n - one - other + both)
    expected = (one * other / n, one * (n - other) / n, (n - one) * other / n, (n - one) * (n - other) / n)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 2 * sum(np.nan_to_num(scipy.special.xlogy(o, o / e)) for o, e in zip(cells, expected, strict=True))


def bayes_factor(g2: ArrayLike, n: ArrayLike) -> Floats:
    """Approximate evidence against equality, G2 - ln(n) (BIC, Wilson 2013): above 10 very strong, below 0 for it.

    >>> round(float(bayes_factor(534.64, 116_000 + 5_451_382)), 1)
    519.1
    """
    return np.asarray(g2, dtype=float) - np.log(n)


def log_ratio(
    a: ArrayLike, b: ArrayLike, n1: ArrayLike, n2: ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """Binary log of the ratio of rates (Hardie 2014), 0 counted as one half, with its limits.

    One point is a doubling. The limits are normal on the log scale and take tokens for independent (Evert 2022,
    CQPweb's confidence interval): too narrow for words that come in clusters, see
    `keyness.document_variance`.

    >>> [limit.round(2).item() for limit in log_ratio(20, 10, 1000, 1000)]
    [1.0, -0.09, 2.09]
    """
    a, b = _halved(a), _halved(b)
    value = np.log2(a / np.asarray(n1, dtype=float) * n2 / b)
    half = scipy.special.ndtri(0.5 + level / 2) * np.sqrt(token_variance(a, n1) + token_variance(b, n2))
    return value, value - half, value + half


def token_variance(a: ArrayLike, n: ArrayLike) -> Floats:
    """Variance of the binary log of a rate when every token is an independent draw; 0 is counted as one half.

    >>> token_variance(100, 10_000).round(4).item()
    0.0206
    """
    return (1 / _halved(a) - 1 / np.asarray(n, dtype=float)) / np.log(2) ** 2


def _halved(count: ArrayLike) -> Floats:
    return np.maximum(np.asarray(count, dtype=float), 0.5)


def lrc(a: ArrayLike, b: ArrayLike, n1: ArrayLike, n2: ArrayLike, family: int = 1, level: float = 0.95) -> Floats:
    """Conservative log ratio LRC (Evert 2022): the exact limit nearer to zero, 0 when the interval spans zero.

    Clopper-Pearson on a given a + b; the level is corrected for a `family` of terms (Bonferroni).

    >>> lrc(1189, 968, 168329, 19552238, family=599).round(4).item()
    6.9101
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    tail = (1 - level) / 2 / family
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(a > 0, scipy.special.betaincinv(np.maximum(a, 1), b + 1, tail), 0)
        high = np.where(b > 0, scipy.special.betaincinv(a + 1, np.maximum(b, 1), 1 - tail), 1)
        low, high = (np.log2(share / (1 - share) * n2 / n1) for share in (low, high))
    return np.where(low > 0, low, np.where(high < 0, high, 0.0))


def difference_percent(a: ArrayLike, b: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Floats:
    """%DIFF: by how many per cent the first rate exceeds the second (Gabrielatos & Marchi 2011); infinite for b = 0.

    >>> difference_percent(206523, 178174, 959641, 1562358).round(1).item()
    88.7
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return 100 * (np.asarray(a, float) / n1 / (np.asarray(b, float) / n2) - 1)


def log_odds(a: ArrayLike, b: ArrayLike, alpha: ArrayLike) -> tuple[Floats, Floats]:
    """Fightin' Words (Monroe, Colaresi & Quinn 2008, eqs 15-16, 22): log-odds difference and its z, over a vocabulary.

    `a` and `b` are the counts of every term, `alpha` the Dirichlet prior of each; the variance has two terms.

    >>> log_odds([20, 30, 50], [5, 30, 65], 0.01)[1].round(4).tolist()
    [3.1159, 0.0, -3.29]
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    alpha = np.broadcast_to(np.asarray(alpha, dtype=float), a.shape)
    a, b = a + alpha, b + alpha
    with np.errstate(divide="ignore", invalid="ignore"):  # one word alone, or a word neither side has, has no odds: NaN
        delta = np.log(a / (a.sum() - a)) - np.log(b / (b.sum() - b))
        return delta, delta / np.sqrt(1 / a + 1 / b)


def pooled_prior(a: ArrayLike, b: ArrayLike, strength: float = 100) -> Floats:
    """The informative prior of Fightin' Words: `strength` imaginary tokens shared out as both corpora together are.

    >>> pooled_prior([20, 30, 50], [5, 30, 65], 10).tolist()
    [1.25, 3.0, 5.75]
    """
    pooled = np.asarray(a, dtype=float) + np.asarray(b, dtype=float)
    return strength * pooled / pooled.sum()


def pmi(both: ArrayLike, one: ArrayLike, other: ArrayLike, n: ArrayLike) -> Floats:
    """Pointwise mutual information in bits (Church & Hanks 1990); -inf for a pair never seen together.

    >>> pmi(8, 1105, 44, 15_000_000).round(1).item()
    11.3
    """
    with np.errstate(divide="ignore"):
        return np.log2(np.asarray(both, float) * n / (np.asarray(one, float) * other))


def npmi(both: ArrayLike, one: ArrayLike, other: ArrayLike, n: ArrayLike, epsilon: float = 0.0) -> Floats:
    """Normalised PMI (Bouma 2009): 1 always together, 0 independent, -1 never together, NaN for a word that is nowhere.

    `epsilon` is added to the joint probability, as gensim does with 1e-12; a pair never together then stays above -1.

    >>> npmi([10, 1, 0], 10, 10, 100).round(9).tolist()
    [1.0, 0.0, -1.0]
    """
    joint, product = np.asarray(both, dtype=float) / n + epsilon, np.asarray(one, dtype=float) * other
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.log(joint * n * n / product) / -np.log(joint)
    value = np.where(joint == 0, -1.0, np.where(joint >= 1, 1.0, value))
    return np.where(product > 0, value, np.nan)


def log_dice(both: ArrayLike, one: ArrayLike, other: ArrayLike) -> Floats:
    """logDice (Rychlý 2008): 14 + log2 of the Dice coefficient; 14 for a pair always together, independent of n.

    >>> log_dice(10, 10, 10).item()
    14.0
    """
    with np.errstate(divide="ignore"):
        return 14 + np.log2(2 * np.asarray(both, float) / (np.asarray(one, float) + other))
