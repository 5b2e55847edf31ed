"""The company words keep: what plain sets and loops give, and published numbers."""

import collections
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers import terms
from helpers.study import CorpusError
from tests.counted import token_tables


@settings(deadline=None)
@given(token_tables)
def test_collocations_are_what_sentence_sets_give(tokens):
    table = terms.collocations(tokens, min_count=1, min_docs=1)
    sets = tokens[~tokens["token"].isin(["。", "300"])].groupby(["doc_id", "paragraph", "sentence"])["token"].agg(set)
    n = len(tokens[["doc_id", "paragraph", "sentence"]].drop_duplicates())
    for row in table.itertuples():
        both = [place for place, words in sets.items() if {row.term_a, row.term_b} <= words]
        one, other = (sum(term in words for words in sets) for term in (row.term_a, row.term_b))
        assert (row.together, row.docs) == (len(both), len({place[0] for place in both}))
        assert row.expected == pytest.approx(one * other / n) and row.together > row.expected
        assert row.mi == pytest.approx(np.log2(len(both) * n / one / other))


def test_company_of_one_word_is_its_part_of_the_whole():
    sets = [["核酸", "采样"] if s % 2 else ["春耕", "农资", "核酸"][: s % 3 + 1] for s in range(12)]
    rows = [(f"d{s % 3}", 1, s, word) for s, words in enumerate(sets) for word in words]
    tokens = pd.DataFrame(rows, columns=["doc_id", "paragraph", "sentence", "token"])
    whole = terms.collocations(tokens, min_count=2)
    alone = terms.collocations(tokens, node="采样", min_count=2)
    mine = whole[(whole["term_a"] == "采样") | (whole["term_b"] == "采样")]
    assert alone["g2"].tolist() == pytest.approx(mine["g2"].tolist()) and len(alone)
    assert (alone["term_a"] == "采样").all() and terms.collocations(tokens, node="没有").empty


def sentences_of(sets):
    rows = [(f"d{s % 3}", 1, s, word) for s, words in enumerate(sets) for word in words]
    return pd.DataFrame(rows, columns=["doc_id", "paragraph", "sentence", "token"])


@pytest.fixture
def drawn():
    """Sixty sentences of words that are the rarer the later they stand in the list, and of which neighbours meet often."""
    rng, words = np.random.default_rng(12), ["社区", "核酸", "采样", "口罩", "春耕", "农资"]
    first = [{i, i + 1} if rng.random() < 0.6 else {i} for i in rng.geometric(0.4, 60).clip(1, 5) - 1]
    return [{words[i] for i in numbers | set(rng.choice(4, 1))} for numbers in first]


def test_no_pair_is_missing_and_every_measure_is_that_of_its_four_cells(drawn):
    sets, n = drawn, len(drawn)
    expected = []
    for a, b in itertools.combinations(sorted(set().union(*sets)), 2):
        both, one, other = (sum(words <= found for found in sets) for words in ({a, b}, {a}, {b}))
        docs = len({s % 3 for s, found in enumerate(sets) if {a, b} <= found})
        if both >= 2 and docs >= 2 and both * n > one * other:
            cells = [[both, one - both], [other - both, n - one - other + both]]
            g2 = stats.chi2_contingency(cells, correction=False, lambda_="log-likelihood").statistic
            npmi = np.log(both * n / one / other) / -np.log(both / n)
            dice = 14 + np.log2(2 * both / (one + other))
            expected.append((a, b, one, other, both, docs, g2, np.log2(both * n / one / other), npmi, dice))
    table = terms.collocations(sentences_of(sets), min_count=2)
    columns = ["term_a", "term_b", "count_a", "count_b", "together", "docs", "g2", "mi", "npmi", "log_dice"]
    told, expected = table[columns].values.tolist(), sorted(expected, key=lambda row: (-row[6], row[:2]))
    assert [row[:6] for row in told] == [[*row[:6]] for row in expected] and len(told) >= 4
    for row, known in zip(told, expected, strict=True):
        assert row[6:] == pytest.approx(known[6:])


def test_of_many_words_the_most_widespread_enter_and_the_one_asked_for(drawn):
    sizes = pd.Series([word for found in drawn for word in found]).value_counts()
    rare, free = sizes.index[-1], {"min_count": 1, "min_docs": 1}
    whole, fewer = (terms.collocations(sentences_of(drawn), **free, most_terms=most) for most in (9, 5))
    with_rare = whole[["term_a", "term_b"]].eq(rare).any(axis=1)
    assert with_rare.any() and fewer.equals(whole[~with_rare].reset_index(drop=True))
    asked = terms.collocations(sentences_of(drawn), node=rare, **free, most_terms=5)
    assert len(asked) == with_rare.sum() and (asked["term_a"] == rare).all() and (asked["count_a"] == sizes[rare]).all()
    assert asked["count_b"].tolist() == sizes[asked["term_b"]].tolist()


def as_tokens(words, sentence=1):
    return pd.DataFrame({"doc_id": "甲", "paragraph": 1, "sentence": sentence, "token": words})


def test_a_window_meets_as_quantedas_fcm_does():
    letters = as_tokens("A D A C E A D F E B A C E D".split())
    table = terms.collocations(letters, window=3, min_count=1, min_docs=1).set_index(["term_a", "term_b"])["together"]
    published = np.array(
        [
            [4, 1, 4, 4, 5, 2],
            [1, 0, 1, 1, 2, 1],
            [4, 1, 0, 3, 3, 0],
            [4, 1, 3, 0, 4, 1],
            [5, 2, 3, 4, 0, 2],
            [2, 1, 0, 1, 2, 0],
        ]
    )
    for (a, b), together in table.items():
        assert together == published["ABCDEF".index(a), "ABCDEF".index(b)]
    assert len(table) >= 5, "pairs that meet more often than chance"


@settings(deadline=None)
@given(token_tables, st.integers(1, 4), st.sampled_from([None, "核酸", "社区"]))
def test_a_window_is_what_plain_loops_give(tokens, window, node):
    tokens = tokens.sort_values(["doc_id", "paragraph", "sentence"], kind="stable").reset_index(drop=True)
    meetings, neighbours = collections.Counter(), collections.Counter()
    for (doc, *_), words in tokens.groupby(["doc_id", "paragraph", "sentence"], sort=False)["token"]:
        for (i, one), (j, other) in itertools.combinations(enumerate(words), 2):
            if j - i <= window:
                meetings[doc, *sorted((one, other))] += 1
                neighbours.update([one, other])
    table = terms.collocations(tokens, node, stop={"的"}, window=window, min_count=1, min_docs=1)
    n = sum(neighbours.values())
    for row in table.itertuples():
        pair = sorted((row.term_a, row.term_b))
        counts = [count for (_, *words), count in meetings.items() if words == pair]
        assert (row.together, row.docs) == (sum(counts), len(counts)) and "的" not in pair
        assert (row.count_a, row.count_b) == (neighbours[row.term_a], neighbours[row.term_b])
        assert row.expected == pytest.approx(row.count_a * row.count_b / n) and row.together > row.expected
        assert node in (None, row.term_a)


def test_stop_words_keep_their_place_in_the_window():
    tokens = as_tokens(["核酸", "的", "采样", "春耕", "农资", "春耕", "农资"])
    near = terms.collocations(tokens, "核酸", stop={"的"}, window=1, min_count=1, min_docs=1)
    wider = terms.collocations(tokens, "核酸", stop={"的"}, window=2, min_count=1, min_docs=1)
    assert near.empty and wider["term_b"].tolist() == ["采样"]


def test_the_window_does_not_depend_on_the_order_of_sentences_and_needs_the_words():
    tokens = pd.concat([as_tokens(["核酸", "采样"], s) for s in range(6)] + [as_tokens(["春耕", "农资"], 9)])
    mixed = tokens.sort_values("token", kind="stable")
    kept = {"window": 2, "min_count": 1, "min_docs": 1}
    assert terms.collocations(tokens, **kept)["together"].tolist() == [6, 1]
    assert terms.collocations(mixed, **kept)["together"].tolist() == [6, 1]
    with pytest.raises(CorpusError, match="order of words"):
        terms.collocations(terms.count(tokens, "sentence"), window=2)


def test_meetings_of_one_document_are_marked_by_their_spread():
    together, apart = ["核酸", "采样"], ["春耕", "口罩"]
    even = [as_tokens(words, s).assign(doc_id=doc) for doc in "甲乙" for s, words in enumerate([together, apart] * 3)]
    odd = [as_tokens(["方舱", "床位"], 10 + s) for s in range(6)]
    rest = [as_tokens(["社区"], 20 + s).assign(doc_id="乙") for s in range(6)]
    table = terms.collocations(pd.concat(even + odd + rest), min_docs=1).set_index("term_a")
    assert table.loc["核酸", ["docs", "dp_norm"]].tolist() == [2, 0]
    assert table.loc["床位", ["docs", "dp_norm"]].tolist() == [1, 1]
