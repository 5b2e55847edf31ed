"""How evenly each term is spread over the documents: a word of one article is not a word of the corpus.

Parts are the documents, of their own unequal sizes; a concatenation cut into equal chunks would hide who wrote what.
Directions differ between authors: here DP and DPnorm are 0 for an even spread, Juilland's D and Rosengren's S 1.
"""

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from helpers.counts import Counts


def dispersion(counts: Counts) -> pd.DataFrame:
    """One row per term, in the order of the counts: term, count, docs, dp, dp_norm, juilland_d, rosengren_s, kl.

    dp: deviation of proportions (Gries 2008), ½ Σ |v/f - s|; dp_norm: dp / (1 - min s) (Lijffijt & Gries 2012);
    juilland_d: 1 - CV of the rates / √(n - 1), population sd (Juilland & Chang-Rodríguez 1964); rosengren_s:
    (Σ √(v s))² / f (Rosengren 1971); kl: bits of divergence from an even spread (Gries 2020). Units without tokens
    are no parts. With a single part every spread is even and the measures that need two are NaN.

    >>> from helpers.counts import count
    >>> tokens = pd.DataFrame({"doc_id": list("甲甲乙乙"), "token": ["社区", "口罩", "社区", "社区"]})
    >>> dispersion(count(tokens)).set_index("term")["dp_norm"].round(2).to_dict()
    {'口罩': 1.0, '社区': 0.33}
    """
    parts = counts.rows(counts.sizes > 0)
    totals, sizes = parts.totals, parts.sizes / parts.sizes.sum()
    table = pd.DataFrame({"term": counts.vocabulary, "count": totals.astype(int), "docs": parts.found_in})
    with np.errstate(divide="ignore", invalid="ignore"):
        table["dp"] = _deviation(parts, totals, sizes)
        table["dp_norm"] = table["dp"] / (1 - sizes.min(initial=1))
        table["juilland_d"] = _juilland(parts, totals)
        table["rosengren_s"] = parts.by_term(np.sqrt(parts.matrix.data * parts.by_cell(sizes))) ** 2 / totals
        table["kl"] = _divergence(parts, totals, sizes)
    return table


def _shares(counts: Counts, totals: NDArray) -> NDArray:
    return counts.matrix.data / totals[counts.matrix.indices]


def _deviation(counts: Counts, totals: NDArray, sizes: NDArray) -> NDArray[np.float64]:
    # documents without the term add their own size: Σ|v/f - s| = 1 + Σ over its documents of (|v/f - s| - s)
    expected = counts.by_cell(sizes)
    cells = np.abs(_shares(counts, totals) - expected) - expected
    return np.where(totals > 0, np.maximum(1 + counts.by_term(cells), 0) / 2, np.nan)


def _juilland(counts: Counts, totals: NDArray) -> NDArray[np.float64]:
    n = counts.shape[0]
    rates = counts.matrix.data / counts.by_cell(counts.sizes)
    mean, square = counts.by_term(rates) / n, counts.by_term(rates**2) / n
    variation = np.sqrt(np.maximum(square - mean**2, 0)) / mean
    return np.where(totals > 0, 1 - variation / np.sqrt(n - 1), np.nan)


def _divergence(counts: Counts, totals: NDArray, sizes: NDArray) -> NDArray[np.float64]:
    shares = _shares(counts, totals)
    bits = counts.by_term(scipy.special.xlogy(shares, shares / counts.by_cell(sizes))) / np.log(2)
    return np.where(totals > 0, bits, np.nan)
