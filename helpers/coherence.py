"""How good the words of a topic are: whether they meet in texts, and whether they are this topic's alone."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from helpers import measures
from helpers.counts import Counts, at_least
from helpers.factors import Topics, strongest

TOP = 10
EPSILON = 1e-12  # gensim's: a pair never together stays just above -1


def npmi(words: Sequence[Sequence[str]], counts: Counts) -> list[float]:
    """Coherence of each topic: mean NPMI of all pairs of its words, the window being a unit of `counts`.

    Equal to gensim's c_npmi with one window per text (Röder, Both & Hinneburg 2015); words that no unit of `counts` has
    are left out; a topic with fewer than two others has NaN.
    """
    return [_npmi(found) for found in _found(words, counts)]


def _found(words: Sequence[Sequence[str]], counts: Counts) -> Iterator[sparse.csc_array]:
    """For each topic units × its known words: whether the unit has the word."""
    counts = at_least(counts)
    place = {term: column for column, term in enumerate(counts.vocabulary)}
    found = counts.matrix.astype(bool).astype(np.int32).tocsc()
    return (found[:, [place[word] for word in topic if word in place]] for topic in words)


def _npmi(found: sparse.csc_array) -> float:
    met = (found.T @ found).toarray()
    own = met.diagonal()
    a, b = np.triu_indices(len(own), k=1)
    values = measures.npmi(met[a, b], own[a], own[b], found.shape[0], EPSILON)
    return float(values.mean()) if len(values) else float("nan")


def exclusivity(topics: Topics, top: int = TOP) -> list[float]:
    """For each topic the mean share that its top words (of those with any weight in it) have in it and not in the
    others, 1/k to 1; NaN for a topic without words.

    The exclusivity half of FREX (Bischof & Airoldi 2012), topics weighted alike.
    """
    share = topics.words / np.maximum(topics.words.sum(axis=0), 1e-12)
    share = np.take_along_axis(share, strongest(topics.words, top), axis=1)
    own = (share > 0).sum(axis=1, dtype=share.dtype)
    return (share.sum(axis=1) / np.where(own > 0, own, np.nan)).tolist()


def umass(words: Sequence[Sequence[str]], counts: Counts) -> list[float]:
    """Coherence of each topic after Mimno et al. (2011): mean ln((D(wi, wj) + 1e-12) / D(wj)) over pairs with wj the
    stronger word; D is a share of the units. Equal to gensim's u_mass; words that no unit has are left out, NaN with
    fewer than two others."""
    return [_umass(found) for found in _found(words, counts)]


def _umass(found: sparse.csc_array) -> float:
    met = (found.T @ found).toarray()
    later, earlier = np.tril_indices(len(met), k=-1)
    values = np.log((met[later, earlier] / found.shape[0] + EPSILON) / (met.diagonal()[earlier] / found.shape[0]))
    return float(values.mean()) if len(values) else float("nan")


def frex(topics: Topics, weight: float = 0.5) -> NDArray[np.float64]:
    """FREX of each topic × term: how frequent and how exclusive at once (Bischof & Airoldi 2012).

    The harmonic mean, `weight` on exclusivity, of the term's ranks (0 to 1) within the topic: by its share there, and
    by how far its use lies in this topic rather than in others. Terms without weight in the topic have 0.
    """
    share = topics.words / np.maximum(topics.words.sum(axis=0), 1e-12)
    exclusive, frequent = _ranks(share), _ranks(topics.words)
    with np.errstate(divide="ignore"):
        return np.where(topics.words > 0, 1 / (weight / exclusive + (1 - weight) / frequent), 0.0)


def _ranks(values: NDArray) -> NDArray[np.float64]:
    """Share of each row's cells that are no larger (the empirical distribution function)."""
    from scipy.stats import rankdata

    return rankdata(values, method="max", axis=1) / values.shape[1]
