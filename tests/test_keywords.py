"""TF-IDF and TextRank keywords: published numbers, other implementations, and what must hold for any text."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from helpers import keywords, terms
from tests.counted import of_matrix, token_tables

# -- TF-IDF -----------------------------------------------------------------------------------------------------------


def test_keywords_rank_within_each_document():
    counts = of_matrix([[5, 1, 0], [1, 1, 4]])
    table = terms.keywords(counts, top=2)
    assert table["doc_id"].tolist() == ["a", "a", "b", "b"] and table["rank"].tolist() == [1, 2, 1, 2]
    assert table["term"].tolist()[::2] == ["词000", "词002"] and table["count"].tolist()[::2] == [5, 4]
    assert (table.groupby("doc_id")["tfidf"].diff().dropna() <= 0).all()


def test_keywords_carry_the_weights_of_the_worked_example_of_scikit_learn():
    counts = of_matrix([[3, 0, 1], [2, 0, 0], [3, 0, 0], [4, 0, 0], [3, 2, 0], [3, 0, 2]])
    first = terms.keywords(counts).query("doc_id == 'a'")
    assert first["tfidf"].tolist() == pytest.approx([0.85151335, 0.52433293], abs=1e-8)


def test_weights_of_single_documents_are_those_of_the_worked_example_in_quanteda():
    counts = of_matrix([[1, 1, 2, 1, 0, 0], [1, 1, 0, 0, 2, 3]])  # this is a a sample; this is another example ...
    table = keywords.group_keywords(counts, {"a": "a", "b": "b"}).set_index(["group", "term"])["tfidf"]
    assert table.round(2).to_dict() == {
        ("a", "词002"): 0.12,
        ("a", "词003"): 0.06,
        ("b", "词005"): 0.13,
        ("b", "词004"): 0.09,
    }, "what both documents have weighs nothing"


@given(st.lists(st.lists(st.integers(0, 5), min_size=4, max_size=4), min_size=2, max_size=7), st.integers(0, 99))
def test_group_keywords_are_the_mean_weights_of_the_documents(matrix, seed):
    matrix = np.array(matrix) + np.array([1, 0, 0, 0])
    groups = np.random.default_rng(seed).choice(["x", "y"], len(matrix))
    table = keywords.group_keywords(of_matrix(matrix), dict(zip("abcdefgh", groups, strict=False)))
    used = matrix[:, matrix.sum(axis=0) > 0]
    weights = used / used.sum(axis=1, keepdims=True) * np.log10(len(used) / (used > 0).sum(axis=0))
    for name, part in table.groupby("group"):
        mean = weights[groups == name].mean(axis=0)
        assert part["tfidf"].to_numpy() == pytest.approx(np.sort(mean[mean > 0])[::-1])
        column = part["term"].str[1:].astype(int)
        assert part["docs"].tolist() == (matrix[groups == name][:, column] > 0).sum(axis=0).tolist()
        assert part["count"].tolist() == matrix[groups == name][:, column].sum(axis=0).tolist()
        assert part["documents"].unique().tolist() == [(groups == name).sum()]


def test_documents_of_no_group_count_for_the_idf_only():
    counts = of_matrix([[2, 2, 1], [0, 2, 1], [0, 0, 5]])
    table = keywords.group_keywords(counts, pd.Series({"a": 2020, "b": pd.NA}))
    assert table["group"].unique().tolist() == [2020] and table["term"].tolist() == ["词000", "词001"]


# -- TextRank ---------------------------------------------------------------------------------------------------------


edges = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 4)), max_size=20)


@settings(deadline=None)
@given(edges, st.sampled_from([0.5, 0.85]))
def test_pagerank_is_that_of_networkx(edges, damping):
    graph = nx.Graph()
    graph.add_nodes_from(range(8))
    graph.add_weighted_edges_from((a, b, w) for a, b, w in edges if a != b)
    links = sparse.csr_array(nx.to_scipy_sparse_array(graph, weight="weight", dtype=float))
    ours = keywords.pagerank(links, np.zeros(8, dtype=int), damping)
    theirs = nx.pagerank(graph, alpha=damping, tol=1e-12, max_iter=1000)
    assert ours == pytest.approx([theirs[i] for i in range(8)], abs=1e-9) and ours.sum() == pytest.approx(1)


@settings(deadline=None)
@given(token_tables, st.integers(2, 4))
def test_textrank_is_pagerank_of_the_words_that_stand_near_each_other(tokens, window):
    tokens = tokens.sort_values(["doc_id", "paragraph", "sentence"], kind="stable")
    stop, drop = {"的"}, {"的", "。", "300"}
    table = keywords.textrank(tokens, stop, window=window)
    for doc, part in tokens.groupby("doc_id"):
        graph = nx.Graph()
        graph.add_nodes_from(set(part["token"]) - drop)
        for _, sentence in part.groupby(["paragraph", "sentence"]):
            words = sentence["token"].tolist()
            near = [(a, b) for i, a in enumerate(words) for b in words[i + 1 : i + window] if a != b]
            for a, b in ((a, b) for a, b in near if not {a, b} & drop):
                graph.add_edge(a, b, weight=graph.get_edge_data(a, b, {"weight": 0})["weight"] + 1)
        expected = nx.pagerank(graph, tol=1e-12, max_iter=1000) if len(graph) else {}
        ours = table[table["doc_id"] == doc].set_index("term")["textrank"].to_dict()
        assert ours == pytest.approx(expected, abs=1e-9)


def test_the_window_counts_running_words():
    words = pd.DataFrame(
        {"doc_id": "甲", "paragraph": 1, "sentence": 1, "token": ["核酸", "的", "社区", "春耕", "口罩"]}
    )
    side_by_side = keywords.textrank(words, {"的"}, window=2).set_index("term")["textrank"]
    assert side_by_side["春耕"] > side_by_side["社区"] == side_by_side["口罩"] > side_by_side["核酸"]
    over_one = keywords.textrank(words, {"的"}, window=3).set_index("term")["textrank"]
    assert over_one["社区"] == over_one.max() and over_one["核酸"] == over_one.min()


@given(token_tables)
def test_textrank_of_a_document_does_not_depend_on_the_others(tokens):
    tokens = tokens.sort_values(["doc_id", "paragraph", "sentence"], kind="stable")
    whole = keywords.textrank(tokens)
    alone = pd.concat([keywords.textrank(part) for _, part in tokens.groupby("doc_id")], ignore_index=True)
    pd.testing.assert_frame_equal(whole, alone, check_dtype=False)


def test_no_words_no_keywords():
    tokens = pd.DataFrame({"doc_id": [], "paragraph": [], "sentence": [], "token": []})
    assert keywords.textrank(tokens).columns.tolist() == ["doc_id", "term", "textrank", "rank"]
    assert keywords.textrank(tokens).empty


# -- agreement --------------------------------------------------------------------------------------------------------


def ranking(**lists):
    return pd.DataFrame(
        [(d, t, r) for d, terms_ in lists.items() for r, t in enumerate(terms_, 1)], columns=["doc_id", "term", "rank"]
    )


def test_overlap_counts_shared_terms_and_knows_short_lists():
    one, other = ranking(甲=["核酸", "社区", "方舱"], 乙=["春耕"]), ranking(甲=["方舱", "核酸"], 丙=["春耕"])
    assert keywords.overlap(one, other).values.tolist() == [["甲", 2, 2, 1.0]]
    assert keywords.overlap(one, other, top=1).values.tolist() == [["甲", 0, 1, 0.0]]


@given(st.lists(st.text("甲乙丙", min_size=1, max_size=3), unique=True, min_size=1, max_size=8), st.integers(1, 9))
def test_a_ranking_agrees_with_itself_whatever_the_unit(words, top):
    table = ranking(d=words)
    assert keywords.overlap(table, table, top)["overlap"].tolist() == [1.0]
    pairs = keywords.spelled(table, top)["term"].tolist()
    assert pairs == list(dict.fromkeys(w[i : i + 2] for w in words[:top] for i in range(len(w) - 1)))


@given(st.text("疫情防控，1a", max_size=20))
def test_bigrams_are_all_neighbouring_han_characters(text):
    frame = pd.DataFrame({"doc_id": ["甲"], "paragraph": [1], "sentence": [1], "zone": ["body"], "text": [text]})
    expected = [text[i : i + 2] for i in range(len(text) - 1) if all(c in "疫情防控" for c in text[i : i + 2])]
    assert keywords.bigrams(frame)["token"].tolist() == expected
