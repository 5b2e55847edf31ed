"""Topics as additive parts: non-negative matrix factorisation of TF-IDF weights (Lee & Seung 1999).

Free topics are whatever the units share. Guided topics start from words a researcher names, and are held near them.
New articles are folded in: read by the topics as they are, which stay what they were.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from helpers.counts import Counts, at_least, tfidf, unit_length, unit_rows
from helpers.study import LEXICON, CorpusError

GUIDES = LEXICON / "topic_seeds.csv"
PULL = 0.05  # a guide weighs a twentieth of an average topic's units: with more, texts no longer shape the topic
HELD = 0.5  # cosine of a guide and its topic below which the topic has drifted away
ROUNDS = 6
TOLERANCE = 1e-3  # the last digits of a weight are not interpreted


@dataclass(frozen=True, eq=False)
class Topics:
    """A fitted model. `loadings` units × topics as fitted, `shares` the same with rows summing to one (zero where
    nothing is explained), `words` topics × terms with rows summing to one, `idf` the weight of each term. Topics stand
    in order of their weight; `guides` names those that were guided, "" for the free ones."""

    loadings: NDArray[np.float64]
    shares: NDArray[np.float64]
    words: NDArray[np.float64]
    units: pd.DataFrame
    vocabulary: NDArray[np.object_]
    sizes: NDArray[np.int64]
    idf: NDArray[np.float64]
    guides: tuple[str, ...] = ()

    @property
    def k(self) -> int:
        return len(self.words)

    @property
    def dominant(self) -> NDArray[np.int64]:
        """The strongest topic of each unit, numbered from 1; 0 for a unit no topic explains."""
        if not self.k:
            return np.zeros(len(self.shares), dtype=np.int64)
        return np.where(self.shares.sum(axis=1) > 0, self.shares.argmax(axis=1) + 1, 0)

    def top(self, n: int = 10) -> list[list[str]]:
        """The n strongest words of each topic, of those with any weight in it; ties in code-point order."""
        rows = zip(strongest(self.words, n), self.words, strict=True)
        return [self.vocabulary[row[own[row] > 0]].tolist() for row, own in rows]

    def labels(self, n: int = 3) -> list[str]:
        """A working label for each topic: its n strongest words. A reader should put a better one."""
        return ["·".join(words) for words in self.top(n)]


def strongest(weights: NDArray, n: int) -> NDArray[np.int64]:
    """The columns of the n largest weights of each row, the largest first; of equals the first column.

    >>> strongest(np.array([[0.1, 0.6, 0.1]]), 2).tolist()
    [[1, 0]]
    """
    return np.argsort(-weights, axis=1, kind="stable")[:, :n]


def weighted(counts: Counts) -> Counts:
    """TF-IDF with damped repetition of the words found in two units or more; weights made before are left alone."""
    if not np.issubdtype(counts.matrix.dtype, np.integer):
        return counts
    kept = at_least(counts, units=2)
    if not kept.shape[1]:
        raise CorpusError("No word occurs in two units: the corpus is too small for topics; add documents.")
    return tfidf(kept, sublinear=True)


def fit(counts: Counts, k: int, seed: int = 0, iterations: int = 300) -> Topics:
    """k topics of the counts (or TF-IDF weights), the heaviest first; the same seed gives the same topics.

    No topics (k = 0), of a text too short for any, are a model too: its tables have their columns and no rows.

    >>> from helpers.counts import count
    >>> words = [("一", "核酸"), ("一", "采样"), ("二", "核酸"), ("二", "采样"), ("三", "春耕"), ("四", "春耕")]
    >>> sorted(fit(count(pd.DataFrame(words, columns=["doc_id", "token"])), 2).labels(1))
    ['春耕', '核酸']
    """
    if not k:
        return _none(counts)
    weights = weighted(counts)
    with unfinished_allowed():
        return factorise(weights, k, seed, iterations=iterations)


def _none(counts: Counts) -> Topics:
    units, terms = counts.shape
    shares, idf = np.zeros((units, 0)), np.ones(terms)
    return Topics(shares, shares, np.zeros((0, terms)), counts.units, counts.vocabulary, counts.sizes, idf)


@contextmanager
def unfinished_allowed() -> Iterator[None]:
    """Factorisations stop after their iterations without a warning. Not for use inside a thread."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def factorise(weights: Counts, k: int, seed: int = 0, init: str = "nndsvda", iterations: int = 300) -> Topics:
    """`fit` of weights made before, for many at once in threads: it touches nothing they share.

    `init` "nndsvda" starts from the singular vectors (Boutsidis & Gallopoulos 2008), so that the result hardly hangs
    on the seed; "random" is for showing how much it would.
    """
    if not 1 <= k <= min(weights.shape):
        raise CorpusError(f"{k} topics of {weights.shape[0]} units and {weights.shape[1]} words: choose fewer topics.")
    from sklearn.decomposition import NMF  # imported where used: it takes a second

    model = NMF(k, init=init if k > 1 else "random", random_state=seed, max_iter=iterations, tol=TOLERANCE)
    loadings = model.fit_transform(weights.matrix)
    return from_parts(weights, loadings, model.components_)


def from_parts(counts: Counts, loadings: NDArray, components: NDArray) -> Topics:
    """The model with these loadings (units × topics) and components (topics × terms), heaviest first."""
    return _ordered(_topics(counts, loadings, components))


def _topics(weights: Counts, loadings: NDArray, components: NDArray, guides: tuple[str, ...] = ()) -> Topics:
    mass = components.sum(axis=1)
    loadings, words = loadings * mass, components / np.maximum(mass, 1e-12)[:, None]
    about = weights.units, weights.vocabulary, weights.sizes, weights.idf
    return Topics(loadings, _shares(loadings), words, *about, guides)


def _shares(loadings: NDArray) -> NDArray[np.float64]:
    totals = loadings.sum(axis=1, keepdims=True)
    return np.divide(loadings, totals, out=np.zeros_like(loadings), where=totals > 0)


def _ordered(topics: Topics) -> Topics:
    order = np.argsort(-topics.shares.sum(axis=0), kind="stable")
    loadings, shares = topics.loadings[:, order], topics.shares[:, order]
    guides = tuple(topics.guides[place] for place in order) if topics.guides else ()
    return replace(topics, loadings=loadings, shares=shares, words=topics.words[order], guides=guides)


# ---- guided topics ----


def read_guides(path=GUIDES) -> dict[str, list[str]]:
    """The shipped seed words, or those of another table with the columns topic and term: topic → words.

    >>> "采样" in read_guides()["testing_tracing"]
    True
    """
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    if missing := [column for column in ("topic", "term") if column not in table]:
        raise CorpusError(f"{path.name}: the column {missing[0]} is missing; a guide needs topic and term.")
    return {topic: words.tolist() for topic, words in table.groupby("topic", sort=False)["term"]}


def guided(counts: Counts, k: int, guides: Mapping[str, Sequence[str]], seed: int = 0, iterations: int = 300) -> Topics:
    """k topics of which one for each guide (name → seed words) is held near its words; the others are free.

    Each guide enters the factorisation as one more unit, of its words and those of the units that hold them (after
    Guided NMF: Vendrow, Haddock, Rebrova & Needell 2021), and its topic starts there. It weighs little, so that the
    texts shape the topic, and more only where the topic would leave it. `Topics.guides` names them. Guides without a
    word among the counts are left out; CorpusError where there are more guides than topics.

    >>> from helpers.counts import count
    >>> words = [("一", "核酸"), ("一", "采样"), ("二", "核酸"), ("二", "采样"), ("三", "春耕"), ("四", "春耕")]
    >>> model = guided(count(pd.DataFrame(words, columns=["doc_id", "token"])), 2, {"farming": ["春耕"]})
    >>> model.top(1)[model.guides.index("farming")]
    ['春耕']
    """
    if not k:
        return _none(counts)
    weights = weighted(counts)
    rows = {name: np.isin(weights.vocabulary.astype(str), list(words)) for name, words in guides.items()}
    rows = {name: row / np.sqrt(row.sum()) for name, row in rows.items() if row.any()}
    if len(rows) > k:
        raise CorpusError(f"{len(rows)} guides for {k} topics: ask for more topics or name fewer guides.")
    start = fit(weights, k, seed, iterations=iterations)
    if not rows:
        return replace(start, guides=("",) * k)
    held = _widened(weights.matrix, np.array(list(rows.values())))
    _, taken = linear_sum_assignment(-(held @ start.words.T))
    loadings, words = _held(weights.matrix, held, taken, start, iterations)
    named = dict(zip(taken, rows, strict=True))
    return _ordered(_topics(weights, loadings, words, tuple(named.get(topic, "") for topic in range(k))))


def _held(matrix, guides: NDArray, taken: NDArray, start: Topics, iterations: int) -> tuple[NDArray, NDArray]:
    """Loadings and words with each guide's topic near it; those that drift are pulled four times as much, and again."""
    pull = np.full(len(guides), PULL)
    for _ in range(ROUNDS):
        loadings, words = _pulled(matrix, guides, taken, start, np.sqrt(pull * matrix.shape[0] / start.k), iterations)
        near = (unit_rows(words[taken]) * guides).sum(axis=1)
        if (near >= HELD).all():
            break
        pull[near < HELD] *= 4
    return loadings, words


def _pulled(matrix, guides: NDArray, taken: NDArray, start: Topics, weight: NDArray, iterations: int):
    """Loadings of the units, and words of the topics, of one factorisation with the guides below the units."""
    from sklearn.decomposition import NMF

    words, own = start.words.copy(), np.zeros((len(guides), start.k))
    words[taken] = guides / guides.sum(axis=1, keepdims=True)
    own[np.arange(len(guides)), taken] = weight
    stacked = sparse.vstack([matrix, sparse.csr_array(weight[:, None] * guides)], format="csr")
    model = NMF(start.k, init="custom", max_iter=iterations, tol=TOLERANCE)
    with unfinished_allowed():
        loadings = model.fit_transform(stacked, W=np.vstack([start.loadings, own]), H=words)
    return loadings[: matrix.shape[0]], model.components_


def _widened(matrix, seeds: NDArray) -> NDArray[np.float64]:
    """Each guide's words and, as strongly, the words of the units that hold them (Rocchio 1971); length one.

    Ten bare words resemble no text; without their company the units that should follow them go elsewhere.
    """
    likeness = matrix @ seeds.T
    near = (matrix.T @ np.where(likeness > 0, likeness, 0) ** 2).T
    return unit_rows(seeds + unit_rows(near))


# ---- new articles ----


def fold_in(topics: Topics, counts: Counts) -> Topics:
    """The same topics read in other units: their words, idf and order stay, `loadings`, `shares` and units are new.

    Words the model does not know are left out; a unit without a known word has no share of any topic. With the
    units the model was fitted to, the shares come out as they were (to the tolerance of the fit).

    >>> from helpers.counts import count
    >>> words = [("一", "核酸"), ("一", "采样"), ("二", "核酸"), ("二", "采样"), ("三", "春耕"), ("四", "春耕")]
    >>> model = fit(count(pd.DataFrame(words, columns=["doc_id", "token"])), 2)
    >>> new = fold_in(model, count(pd.DataFrame({"doc_id": ["五"], "token": ["春耕"]})))
    >>> model.top(1)[new.dominant[0] - 1]
    ['春耕']
    """
    from sklearn.decomposition import non_negative_factorization

    known = np.isin(counts.vocabulary.astype(str), topics.vocabulary.astype(str))
    place = np.searchsorted(topics.vocabulary.astype(str), counts.vocabulary[known].astype(str))
    cells = sparse.coo_array(counts.matrix[:, known])
    values = (1 + np.log(cells.data)) * topics.idf[place[cells.col]]
    shape = (counts.shape[0], len(topics.vocabulary))
    matrix = unit_length(sparse.csr_array((values, (cells.row, place[cells.col])), shape=shape))
    with unfinished_allowed():
        loadings, *_ = non_negative_factorization(matrix, H=topics.words, n_components=topics.k, update_H=False)
    return replace(topics, loadings=loadings, shares=_shares(loadings), units=counts.units, sizes=counts.sizes)
