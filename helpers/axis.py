"""A scale from the corpus itself: words and documents between two poles, each given by a few seed words.

Latent semantic scaling (Watanabe 2021, Communication Methods and Measures 15): the paragraphs × terms matrix is reduced by
singular values (Deerwester, Dumais, Furnas, Landauer and Harshman 1990); a word stands towards the pole whose seeds it is
used like; a document where its words stand on average. In a small corpus such a scale is memory of a few articles: it is
made only where the stated rule allows, and used only where two halves of the documents give the same scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds
from scipy.stats import spearmanr

from helpers import lexicon
from helpers.counts import Counts, at_least, by_document, tfidf, unit_rows, without

Floats = NDArray[np.float64]
FEWEST_DOCUMENTS, FEWEST_UNITS = 100, 2_000  # documents and paragraphs; below it halves do not agree
SEEDS, TIMES = 3, 10  # so many seeds of either pole must occur so often
LEAST_RELIABILITY = 0.7  # rank correlation of the documents' places on the scales of two halves
DIMENSIONS = 50
RARE = 5  # a term in fewer paragraphs has no place


@dataclass(frozen=True, eq=False)
class Axis:
    """Where each term stands (mean 0, standard deviation 1; positive towards the second pole)."""

    vocabulary: NDArray[np.object_]
    places: Floats


def seeds() -> dict[str, list[str]]:
    """The seed words of the two poles, from axis_seeds.csv.

    >>> "信心" in seeds()["positive"]
    True
    """
    return {row["pole"]: row["words"].split() for row in lexicon.rows("axis_seeds", "pole", "words")}


def refusal(counts: Counts, poles: dict[str, list[str]]) -> str:
    """Why no axis is drawn through these paragraphs × terms, or "" if one may be.

    >>> from helpers.counts import count
    >>> refusal(count(pd.DataFrame({"doc_id": ["甲"], "paragraph": [1], "token": ["信心"]}), "paragraph"), seeds())
    'too small: documents 1, paragraphs 1; an axis needs 100 and 2,000'
    """
    documents, units = counts.units["doc_id"].nunique(), counts.shape[0]
    if documents < FEWEST_DOCUMENTS or units < FEWEST_UNITS:
        return f"too small: documents {documents:,}, paragraphs {units:,}; an axis needs {FEWEST_DOCUMENTS} and {FEWEST_UNITS:,}"
    often = set(counts.vocabulary[counts.totals >= TIMES])
    rare = [pole for pole, words in poles.items() if len(often.intersection(words)) < SEEDS]
    return f"too few seeds: fewer than {SEEDS} of {' and '.join(rare)} occur {TIMES} times" if rare else ""


def fit(counts: Counts, poles: dict[str, list[str]]) -> Axis:
    """The axis through paragraphs × terms: the mean cosine of a term with the seeds of the positive pole minus that with
    those of the negative, standardized over terms. Terms in fewer than five paragraphs are left out."""
    kept = tfidf(at_least(counts, units=RARE), sublinear=True)
    k = min(DIMENSIONS, min(kept.shape) - 1)
    _, values, vectors = svds(sparse.csr_matrix(kept.matrix), k=k, v0=np.ones(min(kept.shape)))
    terms = unit_rows(vectors.T * values)
    poled = [terms[np.isin(kept.vocabulary.astype(str), poles[pole])] for pole in ("positive", "negative")]
    towards, away = (terms @ seeds.mean(axis=0) for seeds in poled)
    raw = towards - away
    return Axis(kept.vocabulary, (raw - raw.mean()) / raw.std())


def scores(axis: Axis, counts: Counts) -> pd.Series:
    """doc_id → the mean place of the document's words, each as often as it occurs; NaN where none has a place."""
    documents = by_document(counts)
    place = pd.Series(axis.places, index=axis.vocabulary).reindex(documents.vocabulary)
    known = documents.matrix @ place.notna().to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = (documents.matrix @ place.fillna(0).to_numpy()) / np.where(known > 0, known, np.nan)
    return pd.Series(values, index=documents.units["doc_id"].to_numpy(), name="score").rename_axis("doc_id")


def reliability(counts: Counts, poles: dict[str, list[str]], seed: int = 0) -> float:
    """Whether the scale would come out again: the documents are halved at random, each half gives an axis, and all
    documents are placed on both by their other words; the rank correlation of their places (Spearman).

    The seeds themselves stand at their poles in any half, even where nothing else follows them.
    """
    others = without(counts, sum(poles.values(), []))
    documents = counts.units["doc_id"].unique()
    half = np.random.default_rng(seed).permutation(documents)[: len(documents) // 2]
    first = counts.units["doc_id"].isin(half).to_numpy()
    one, other = (scores(fit(counts.rows(side), poles), others) for side in (first, ~first))
    return float(spearmanr(one, other, nan_policy="omit").statistic)


def ends(axis: Axis, n: int = 10, besides: Sequence[str] = ()) -> pd.DataFrame:
    """The n terms nearest each pole: pole, term, place; `besides` (the seeds, say) are left out."""
    table = pd.DataFrame({"term": axis.vocabulary, "place": axis.places})
    table = table[~table["term"].isin(list(besides))].sort_values(["place", "term"], ignore_index=True)
    last = table.tail(n)[::-1].assign(pole="positive")
    return pd.concat([table.head(n).assign(pole="negative"), last], ignore_index=True)[["pole", "term", "place"]]
