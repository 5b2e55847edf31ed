"""Topics as additive parts: non-negative matrix factorisation of TF-IDF weights (Lee & Seung 1999)."""

import warnings
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.counts import Counts, at_least, tfidf
from helpers.study import CorpusError


@dataclass(frozen=True, eq=False)
class Topics:
    """A fitted model. `loadings` units × topics as fitted, `shares` the same with rows summing to one (zero where
    nothing is explained), `words` topics × terms with rows summing to one. Topics stand in order of their weight."""

    loadings: NDArray[np.float64]
    shares: NDArray[np.float64]
    words: NDArray[np.float64]
    units: pd.DataFrame
    vocabulary: NDArray[np.object_]
    sizes: NDArray[np.int64]

    @property
    def k(self) -> int:
        return len(self.words)

    @property
    def dominant(self) -> NDArray[np.int64]:
        """The strongest topic of each unit, numbered from 1; 0 for a unit no topic explains."""
        return np.where(self.shares.sum(axis=1) > 0, self.shares.argmax(axis=1) + 1, 0)

    def top(self, n: int = 10) -> list[list[str]]:
        """The n strongest words of each topic; ties in code-point order."""
        order = np.argsort(-self.words, axis=1, kind="stable")[:, :n]
        return [self.vocabulary[row].tolist() for row in order]

    def labels(self, n: int = 3) -> list[str]:
        """A working label for each topic: its n strongest words. A reader should put a better one."""
        return ["·".join(words) for words in self.top(n)]


def weighted(counts: Counts) -> Counts:
    """TF-IDF with damped repetition of the words found in two units or more; weights made before are left alone."""
    if not np.issubdtype(counts.matrix.dtype, np.integer):
        return counts
    kept = at_least(counts, units=2)
    if not kept.shape[1]:
        raise CorpusError("No word occurs in two units: the corpus is too small for topics; add documents.")
    return tfidf(kept, sublinear=True)


def fit(counts: Counts, k: int, seed: int = 0, init: str = "nndsvda", iterations: int = 300) -> Topics:
    """k topics of the counts (or TF-IDF weights), the heaviest first; the same seed gives the same topics.

    `init` "nndsvda" starts from the singular vectors (Boutsidis & Gallopoulos 2008), so that the result hardly hangs
    on the seed; "random" is for showing how much it would.

    >>> from helpers.counts import count
    >>> words = [("一", "核酸"), ("一", "采样"), ("二", "核酸"), ("二", "采样"), ("三", "春耕"), ("四", "春耕")]
    >>> sorted(fit(count(pd.DataFrame(words, columns=["doc_id", "token"])), 2).labels(1))
    ['春耕', '核酸']
    """
    weights = weighted(counts)
    if not 1 <= k <= min(weights.shape):
        raise CorpusError(f"{k} topics of {weights.shape[0]} units and {weights.shape[1]} words: choose fewer topics.")
    from sklearn.decomposition import NMF  # imported where used: it takes a second
    from sklearn.exceptions import ConvergenceWarning

    model = NMF(k, init=init if k > 1 else "random", random_state=seed, max_iter=iterations, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the last digits of a weight are not interpreted
        loadings = model.fit_transform(weights.matrix)
    mass = model.components_.sum(axis=1)
    words = model.components_ / np.maximum(mass, 1e-12)[:, None]
    return _ordered(
        Topics(loadings * mass, _shares(loadings * mass), words, weights.units, weights.vocabulary, weights.sizes)
    )


def _shares(loadings: NDArray) -> NDArray[np.float64]:
    totals = loadings.sum(axis=1, keepdims=True)
    return np.divide(loadings, totals, out=np.zeros_like(loadings), where=totals > 0)


def _ordered(topics: Topics) -> Topics:
    order = np.argsort(-topics.shares.sum(axis=0), kind="stable")
    loadings, shares = topics.loadings[:, order], topics.shares[:, order]
    return replace(topics, loadings=loadings, shares=shares, words=topics.words[order])
