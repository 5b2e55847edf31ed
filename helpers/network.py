"""The words that keep company as a network: which enter, where they stand on paper, and a file for other programs."""

from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

EDGE = ["term_a", "term_b", "together", "docs", "g2", "log_dice"]
ROUNDS = 400  # of pushing labels apart; a few dozen are enough for thirty words


def of_pairs(pairs: pd.DataFrame, most: int = 30, edges: int = 60) -> nx.Graph:
    """The graph of the words that attract others most: `most` words by the sum of G2 over their pairs, and of the pairs
    among them (rows of `collocations`, strongest first) the first `edges`.

    A node has count (its sentences), an edge together, docs, g2 and log_dice. Nodes and edges stand in code-point
    order, so that the same pairs give the same file. A word that keeps no edge is left out.

    >>> pairs = pd.DataFrame({"term_a": ["核酸"], "term_b": ["采样"], "count_a": 9, "count_b": 7, "together": 6,
    ...                       "docs": 3, "g2": 20.0, "log_dice": 13.6})
    >>> list(of_pairs(pairs).edges(data="together"))
    [('核酸', '采样', 6)]
    """
    words = pd.concat([pairs["term_a"], pairs["term_b"]]).astype(str)
    counts = dict(zip(words, pd.concat([pairs["count_a"], pairs["count_b"]]), strict=True))
    pull = pd.concat([pairs["g2"], pairs["g2"]]).groupby(words.to_numpy()).sum()
    chosen = pull.sort_values(ascending=False, kind="stable").index[:most]  # of equals the first by code point
    drawn = pairs[pairs["term_a"].isin(chosen) & pairs["term_b"].isin(chosen)].head(edges)
    graph, rows = nx.Graph(), sorted(zip(*(drawn[name] for name in EDGE), strict=True))
    for word in sorted({word for row in rows for word in row[:2]}):
        graph.add_node(word, count=int(counts[word]))
    for a, b, together, docs, g2, dice in rows:
        numbers = {"g2": round(float(g2), 4), "log_dice": round(float(dice), 4)}
        graph.add_edge(a, b, together=int(together), docs=int(docs), **numbers)
    return graph


def layout(
    graph: nx.Graph, seed: int, size: Callable[[str], tuple[float, float]] = lambda word: (0.0, 0.0)
) -> dict[str, NDArray[np.float64]]:
    """Where each word stands in a square of side 1: a spring layout (Fruchterman & Reingold 1991) drawn with `seed`,
    evened out so that the middle is not crowded, and labels of the given `size` (width, height) pushed apart.

    >>> {word: place.tolist() for word, place in layout(nx.path_graph(["核酸", "采样"]), seed=1).items()}
    {'核酸': [1.0, 1.0], '采样': [0.0, 0.0]}
    """
    if not len(graph):
        return {}
    springs = nx.spring_layout(_tied(graph), seed=seed, k=2.5 / np.sqrt(len(graph)), iterations=200, weight=None)
    points = np.array([springs[word] for word in graph])
    ranks = points.argsort(axis=0, kind="stable").argsort(axis=0) / max(len(points) - 1, 1)
    scaled = (points - points.min(axis=0)) / np.maximum(np.ptp(points, axis=0), 1e-9)
    sizes = np.array([size(word) for word in graph])
    return dict(zip(graph, _apart(0.7 * ranks + 0.3 * scaled, sizes).round(4), strict=True))


def _tied(graph: nx.Graph) -> nx.Graph:
    """The graph with its pieces tied together, lest springs drive them to the corners."""
    hubs = [max(sorted(piece), key=graph.degree) for piece in sorted(nx.connected_components(graph), key=min)]
    middle, tied = max(hubs, key=graph.degree), graph.copy()
    tied.add_edges_from((middle, hub) for hub in hubs if hub != middle)
    return tied


def _apart(points: NDArray, sizes: NDArray) -> NDArray[np.float64]:
    """Boxes moved along the shorter way until none covers another, and kept inside the square."""
    half = sizes / 2
    for _ in range(ROUNDS):
        points = np.clip(points, half, 1 - half)
        gap = points[:, None] - points[None]
        over = half[:, None] + half[None] - np.abs(gap)
        hit = np.triu((over > 0).all(axis=2), k=1)
        if not hit.any():
            break
        for i, j in zip(*np.nonzero(hit), strict=True):
            axis = int(over[i, j, 1] < over[i, j, 0])
            push = (over[i, j, axis] / 2 + 1e-4) * (1 if gap[i, j, axis] >= 0 else -1)
            points[i, axis], points[j, axis] = points[i, axis] + push, points[j, axis] - push
    return points


def write_graphml(graph: nx.Graph, path: Path, places: dict[str, NDArray] | None = None, **about: str | int) -> None:
    """The graph as GraphML (Gephi, Cytoscape, igraph): words with x and y where `places` has them, the same bytes each
    time. `about` (the seed, the corpus) is kept as attributes of the graph."""
    whole = graph.copy()
    whole.graph.update(about)
    for word, (x, y) in (places or {}).items():
        whole.nodes[word].update(x=float(x), y=float(y))
    path.parent.mkdir(parents=True, exist_ok=True)
    nx.write_graphml_xml(whole, path, encoding="utf-8")
