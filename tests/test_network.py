"""The network of words: which enter, that labels do not cover each other, and a file that says the same when read."""

import networkx as nx
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import network

WORDS = ["核酸", "采样", "社区", "口罩", "春耕", "农资", "志愿者", "静态管理"]
rows = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS), st.integers(2, 30)).filter(lambda row: row[0] < row[1]),
    min_size=1,
    max_size=20,
    unique_by=lambda row: row[:2],
)


def table(rows):
    pairs = pd.DataFrame(rows, columns=["term_a", "term_b", "together"])
    return pairs.assign(
        count_a=40, count_b=40, docs=2, g2=pairs["together"] * 1.5, log_dice=10 + pairs["together"] / 10
    )


@settings(deadline=None)
@given(rows, st.integers(2, 8), st.integers(1, 20))
def test_words_that_attract_most_enter_and_their_strongest_pairs(rows, most, edges):
    pairs = table(sorted(rows, key=lambda row: -row[2]))
    graph = network.of_pairs(pairs, most, edges)
    pull = {word: sum(1.5 * n for a, b, n in rows if word in (a, b)) for row in rows for word in row[:2]}
    out = [word for word in pull if word not in graph]
    assert len(graph) <= most and graph.number_of_edges() <= edges and all(graph.degree(word) for word in graph)
    assert all(graph.edges[a, b]["together"] == n for a, b, n in rows if graph.has_edge(a, b))
    if len(graph) == most:
        assert max((pull[word] for word in out), default=0) <= min(pull[word] for word in graph)
    if graph.number_of_edges() < edges:
        assert all(graph.has_edge(a, b) for a, b, _ in rows if a in graph and b in graph)


@settings(max_examples=25, deadline=None)
@given(rows, st.integers(0, 5))
def test_labels_stand_inside_and_apart_and_in_the_same_places_every_time(rows, seed):
    graph, size = network.of_pairs(table(rows)), (0.2, 0.08)
    places = network.layout(graph, seed, lambda word: size)
    again = network.layout(graph, seed, lambda word: size)
    points = np.array([places[word] for word in graph])
    assert np.array_equal(points, np.array([again[word] for word in graph]))
    assert ((points >= np.array(size) / 2 - 1e-3) & (points <= 1 - np.array(size) / 2 + 1e-3)).all()
    gaps = np.abs(points[:, None] - points[None]) - np.array(size)
    assert (gaps.max(axis=2)[~np.eye(len(points), dtype=bool)] >= -1e-2).all()


def test_graphml_is_read_back_and_has_the_same_bytes(tmp_path):
    pairs = table([("核酸", "采样", 12), ("口罩", "社区", 8), ("核酸", "社区", 5)])
    graph = network.of_pairs(pairs)
    places = network.layout(graph, seed=3)
    network.write_graphml(graph, tmp_path / "a.graphml", places, seed=3)
    network.write_graphml(network.of_pairs(pairs), tmp_path / "new" / "b.graphml", places, seed=3)
    assert (tmp_path / "a.graphml").read_bytes() == (tmp_path / "new" / "b.graphml").read_bytes()
    network.write_graphml(network.of_pairs(pairs.iloc[::-1]), tmp_path / "c.graphml", places, seed=3)
    assert (tmp_path / "a.graphml").read_bytes() == (tmp_path / "c.graphml").read_bytes(), "whatever the order of pairs"
    back = nx.read_graphml(tmp_path / "a.graphml")
    assert back.graph["seed"] == 3 and nx.utils.edges_equal(back.edges(data="together"), graph.edges(data="together"))
    assert {word: (data["count"], data["x"], data["y"]) for word, data in back.nodes(data=True)} == {
        word: (40, *places[word].tolist()) for word in graph
    }
    assert "seed" not in graph.graph, "writing changes nothing"


def test_nothing_gives_an_empty_network(tmp_path):
    graph = network.of_pairs(table([]))
    network.write_graphml(graph, tmp_path / "none.graphml", network.layout(graph, 0))
    assert not len(nx.read_graphml(tmp_path / "none.graphml"))
