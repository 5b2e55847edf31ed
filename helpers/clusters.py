"""Which units belong together: clusters of texts by the company of words they share.

Texts of one kind are seldom one round cloud: they hang together in chains of neighbours. So every unit is tied to
those most like it, and the web of ties is cut where it is thinnest (normalised cut), instead of asking each unit
for its distance from k centres. Such cuts like parts of one size; kinds of text are not of one size. So the web is cut
into more boxes than are wanted, and the boxes most alike are joined again.
"""

from collections.abc import Sequence
from itertools import chain

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, eigsh

from helpers.counts import Counts, count, for_documents, stopwords, unit_length, unit_rows, without
from helpers.embedding import vectors
from helpers.study import CorpusError

FEWEST_TIES, MOST_TIES = 10, 50
MOST_EXACT = 5_000  # units compared by all their words; above it by their place in LSA space
LSA = 100  # dimensions of that space, at most
MOST_DENSE = 1_000  # units whose graph is decomposed exactly
STARTS = 20  # k-means starts; the tightest wins
LINK = 0.1  # every unit is tied a little to all: a dozen copies of one text are no cluster of their own
BLOCK = 500
FINER, LEAST_BOX = 2.5, 10  # boxes to a cluster at first; units to a box


def cluster(
    units: Sequence[str] | Sequence[Sequence[str]] | Counts | sparse.sparray,
    k: int,
    seed: int = 0,
    meaning: bool = False,
) -> NDArray[np.int64]:
    """A label 0 … k-1 for each unit, the largest cluster first; the same seed gives the same labels.

    Takes whole texts (Simplified; they are cut here), lists of tokens, or raw counts or TF-IDF weights of units ×
    terms. Grammar words are set aside where words are known; words of one unit only, or of more than half of the
    units, are too, and repetition within a unit is damped. Likeness is the cosine; the graph of the nearest
    neighbours, regularised (Amini et al. 2013), is cut spectrally (Shi & Malik 2000; Ng, Jordan & Weiss 2001), k-means
    reading the cut with 20 starts, into two and a half times k boxes where these can have ten units each; boxes are
    joined by average linkage until k are left. With `meaning`, for whole texts as short as headlines, likeness is half
    that of the words and half that of an optional encoder (`helpers.embedding`).
    Raises CorpusError unless 1 <= k <= number of units.

    >>> cluster(["核酸检测点连夜采样", "采样点开展核酸检测", "春耕备耕农资到田", "农资下田保春耕"], 2).tolist() in (
    ...     [0, 0, 1, 1], [1, 1, 0, 0])
    True
    """
    matrix = _matrix(units)
    n = matrix.shape[0]
    if not 1 <= k <= n:
        raise CorpusError(f"{k} clusters of {n} units: choose a number from 1 to the number of units.")
    if k == 1:
        return np.zeros(n, dtype=np.int64)
    points = _with_meaning(matrix, units, seed) if meaning else _points(comparable(matrix), seed)
    boxes = max(k, min(int(FINER * k), n // LEAST_BOX))
    graph = neighbour_graph(points, ties(n, boxes))
    labels = _k_means(_embedding(graph, boxes, seed), boxes, seed)
    return _largest_first(joined(points, labels, k))


def joined(points: sparse.csr_array | NDArray, labels: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """Labels after the boxes most alike have been joined until k are left; as they are where there are no more."""
    from scipy.cluster.hierarchy import cut_tree  # imported where used: it takes half a second

    return cut_tree(average_linkage(points, labels), k)[labels, 0] if labels.max() >= k else labels


def tree(units: Counts | sparse.sparray, labels: NDArray[np.int64], seed: int = 0) -> NDArray[np.float64]:
    """In what order clusters of units would join: the `average_linkage` of their weights, as scipy draws it.

    >>> texts = ["核酸检测点采样", "采样点核酸检测", "居民核酸采样", "春耕农资到田"]
    >>> tree(_counted(texts), np.arange(4))[-1, :2].tolist()  # the text on farming, the fourth, comes last
    [3.0, 5.0]
    """
    return average_linkage(_points(comparable(_matrix(units)), seed), labels)


def average_linkage(points: sparse.csr_array | NDArray, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """The joins of labelled units (points of length one): the two joined, their distance, how many labels they hold.

    The form is scipy's; the distance is one minus the mean cosine between units of the two (Sokal & Michener 1958).
    """
    member = sparse.csr_array((np.ones(len(labels)), (labels, np.arange(len(labels)))))
    sums = _dense(member @ points)
    likeness, sizes = sums @ sums.T, np.bincount(labels).astype(float)
    n = len(sizes)
    names, leaves, joins = list(range(n)), [1] * n, []
    while len(names) > 1:
        means = likeness / np.outer(sizes, sizes)
        np.fill_diagonal(means, -np.inf)
        i, j = sorted(divmod(int(means.argmax()), len(names)))
        leaves[i] += leaves.pop(j)
        joins.append((*sorted((names[i], names.pop(j))), max(1 - means[i, j], 0.0), leaves[i]))
        names[i] = n + len(joins) - 1
        likeness[i] += likeness[j]
        likeness[:, i] += likeness[:, j]
        sizes[i] += sizes[j]
        likeness, sizes = np.delete(np.delete(likeness, j, 0), j, 1), np.delete(sizes, j)
    return np.array(joins, dtype=float).reshape(-1, 4)


def ties(n: int, k: int) -> int:
    """To how many neighbours a unit is tied: half of an average cluster, ten to fifty.

    With fewer a large cluster falls into its stories; with more than a cluster holds, ties leave it.

    >>> ties(90, 6), ties(1_000, 10), ties(10_000, 10)
    (10, 50, 50)
    """
    return int(np.clip(n // (2 * k), FEWEST_TIES, MOST_TIES))


def _matrix(units) -> sparse.csr_array:
    if sparse.issparse(units):
        return sparse.csr_array(units)
    return sparse.csr_array((units if isinstance(units, Counts) else _counted(units)).matrix)


def _counted(texts: Sequence[str] | Sequence[Sequence[str]]) -> Counts:
    """Texts or lists of tokens, counted without grammar words; a text without words keeps its row."""
    if len(texts) and isinstance(texts[0], str):
        from helpers.segment import cutter  # texts alone need the segmenter

        texts = cutter()(list(texts))
    numbers = np.repeat(np.arange(len(texts)), [len(tokens) for tokens in texts])
    table = pd.DataFrame({"doc_id": numbers, "token": list(chain.from_iterable(texts))}, dtype=object)
    return for_documents(without(count(table), stopwords("function")), range(len(texts)))


def comparable(matrix: sparse.csr_array) -> sparse.csr_array:
    """Weights fit for likeness: words found in two units and at most half of them, repetition damped, length one.

    √(w · idf) leaves the square root of a term's frequency times its whole idf, whether w was a TF-IDF weight or,
    after one weighting, a raw count.
    """
    n = matrix.shape[0]
    found_in = np.bincount(matrix.indices[matrix.data != 0], minlength=matrix.shape[1])
    kept = np.flatnonzero((found_in >= min(2, n)) & (found_in <= max(n / 2, 1)))
    if not len(kept):
        kept = np.arange(matrix.shape[1])
    idf = np.log((1 + n) / (1 + found_in[kept])) + 1
    raw = np.issubdtype(matrix.dtype, np.integer)
    matrix = sparse.csr_array(matrix[:, kept], dtype=np.float64, copy=True)
    scale = idf[matrix.indices]
    matrix.data = np.sqrt(matrix.data * (scale**2 if raw else scale))
    return unit_length(matrix)


def _with_meaning(matrix: sparse.csr_array, texts: Sequence[str], seed: int) -> NDArray[np.float64]:
    if not isinstance(texts[0], str):
        raise CorpusError(
            "Clusters by meaning need whole texts: hand over the texts themselves, not their words or counts."
        )
    return np.hstack([lsa(comparable(matrix), LSA, seed), vectors(texts)]) / np.sqrt(2)


def _dense(values: sparse.sparray | NDArray) -> NDArray[np.float64]:
    return values.toarray() if sparse.issparse(values) else values


def _points(matrix: sparse.csr_array, seed: int) -> sparse.csr_array | NDArray:
    return matrix if matrix.shape[0] <= MOST_EXACT else lsa(matrix, LSA, seed)


def lsa(matrix: sparse.csr_array, dimensions: int, seed: int = 0) -> NDArray[np.float64]:
    """Units in the space of the strongest latent dimensions (Deerwester et al. 1990), each scaled to length one."""
    dimensions = max(1, min(dimensions, min(matrix.shape) - 1))
    from sklearn.decomposition import TruncatedSVD  # imported where used: it takes a second

    points = TruncatedSVD(dimensions, n_iter=3, random_state=seed).fit_transform(matrix)
    return unit_rows(points)


def neighbour_graph(points: sparse.csr_array | NDArray, neighbours: int = FEWEST_TIES) -> sparse.csr_array:
    """Cosines between each unit and its nearest neighbours, made symmetric; units have length one."""
    n = points.shape[0]
    neighbours = min(neighbours, n - 1)
    rows, columns, values = [], [], []
    for start in range(0, n, BLOCK):
        likeness = _dense(points[start : start + BLOCK] @ points.T)
        size = len(likeness)
        likeness[np.arange(size), np.arange(start, start + size)] = -1  # not its own neighbour
        nearest = np.argpartition(-likeness, neighbours - 1, axis=1)[:, :neighbours]
        rows.append(np.repeat(np.arange(start, start + size), neighbours))
        columns.append(nearest.ravel())
        values.append(np.take_along_axis(likeness, nearest, axis=1).ravel())
    cells = (np.maximum(np.concatenate(values), 1e-6), (np.concatenate(rows), np.concatenate(columns)))
    graph = sparse.csr_array(cells, shape=(n, n))
    return sparse.csr_array((graph + graph.T) / 2)


def _embedding(graph: sparse.csr_array, k: int, seed: int) -> NDArray[np.float64]:
    """The k leading eigenvectors of D^-½ (A + τ/n) D^-½, rows scaled to length one; τ is LINK times the mean degree."""
    n, degrees = graph.shape[0], graph.sum(axis=1)
    tau = LINK * degrees.mean()
    scale = 1 / np.sqrt(degrees + tau)

    def affinity(x: NDArray) -> NDArray:
        scaled = scale.reshape(-1, *[1] * (x.ndim - 1)) * x
        return scale.reshape(-1, *[1] * (x.ndim - 1)) * (graph @ scaled + tau / n * scaled.sum(axis=0))

    if n <= MOST_DENSE or k >= n - 1:
        vectors = np.linalg.eigh(affinity(np.eye(n)))[1][:, -k:]
    else:
        start = np.random.default_rng(seed).random(n)
        operator = LinearOperator((n, n), matvec=affinity, dtype=float)
        vectors = eigsh(operator, k=k, which="LA", v0=start, ncv=min(n, max(60, 4 * k)), tol=1e-4)[1]
    return unit_rows(vectors)


def _k_means(points: NDArray, k: int, seed: int) -> NDArray[np.int64]:
    from sklearn.cluster import KMeans

    return KMeans(k, n_init=STARTS, random_state=seed).fit_predict(points).astype(np.int64)


def _largest_first(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    order = np.argsort(-np.bincount(labels), kind="stable")
    return np.argsort(order)[labels]
