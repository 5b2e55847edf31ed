"""Counting and weighting: every word once, whatever the order of rows, and TF-IDF as scikit-learn defines it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfTransformer

from helpers import terms
from tests.counted import of_matrix, token_tables


@settings(deadline=None)
@given(token_tables)
def test_every_word_is_counted_once(tokens):
    counts = terms.count(tokens, "paragraph")
    words = tokens[~tokens["token"].isin(["。", "300"])]
    assert counts.matrix.sum() == counts.sizes.sum() == len(words)
    expected = words.groupby("token").size().to_dict()
    assert dict(zip(counts.vocabulary, counts.totals.astype(int), strict=True)) == expected
    assert counts.shape[0] == len(tokens[["doc_id", "paragraph"]].drop_duplicates())
    named = terms.count(tokens, ["doc_id", "paragraph"])
    assert named.units.equals(counts.units) and (named.matrix != counts.matrix).nnz == 0


@settings(deadline=None)
@given(token_tables, st.integers(0, 99))
def test_counts_do_not_depend_on_the_order_of_rows_or_the_kind_of_column(tokens, seed):
    shuffled = tokens.sample(frac=1, random_state=seed).astype({"token": "category"})
    first, second = terms.count(tokens).frame(), terms.count(shuffled).frame()
    assert first.columns.tolist() == sorted(first.columns)
    pd.testing.assert_frame_equal(first.sort_index(), second.sort_index(), check_index_type=False)


@settings(deadline=None)
@given(token_tables)
def test_paragraphs_add_up_to_their_documents(tokens):
    summed, direct = terms.by_document(terms.count(tokens, "paragraph")), terms.count(tokens)
    pd.testing.assert_frame_equal(summed.frame(), direct.frame())
    assert summed.sizes.tolist() == direct.sizes.tolist()


@settings(deadline=None)
@given(token_tables, st.booleans())
def test_tfidf_is_scikit_learns(tokens, sublinear):
    counts = terms.count(tokens)
    if counts.shape[1]:
        theirs = TfidfTransformer(sublinear_tf=sublinear).fit_transform(counts.matrix).toarray()
        assert np.allclose(terms.tfidf(counts, sublinear).matrix.toarray(), theirs, rtol=0, atol=1e-15)


def test_tfidf_of_the_scikit_learn_user_guide():
    guide = of_matrix([[3, 0, 1], [2, 0, 0], [3, 0, 0], [4, 0, 0], [3, 2, 0], [3, 0, 2]])
    assert terms.tfidf(guide).matrix.toarray()[0] == pytest.approx([0.85151335, 0, 0.52433293], abs=1e-8)


def test_stop_words_change_what_is_shown_not_the_rates():
    words = ["的", "的", "核酸", "社区", "的", "社区", "社区", "核酸"]
    tokens = pd.DataFrame({"doc_id": ["甲"] * 4 + ["乙"] * 4, "token": words})
    counts = terms.count(tokens)
    fewer = terms.without(counts, {"的"})
    assert "的" not in fewer.vocabulary and fewer.sizes.tolist() == counts.sizes.tolist() == [4, 4]
    with_stop = terms.keyness(counts, ["b", "a"], min_count=1).set_index("term")
    without_stop = terms.keyness(fewer, ["b", "a"], min_count=1).set_index("term")
    assert with_stop.loc["核酸", "g2"] == without_stop.loc["核酸", "g2"]
    gone = terms.removed(counts, {"核酸", "的", "社区"})  # the largest first, of equals in code-point order
    assert gone[["term", "count", "units"]].values.tolist() == [["的", 3, 2], ["社区", 3, 2], ["核酸", 2, 2]]
    assert gone["share"].tolist() == [3 / 8, 3 / 8, 2 / 8] and gone.loc[1, "kind"] == ""


def test_a_word_whose_documents_were_set_aside_is_no_term():
    tokens = pd.DataFrame({"doc_id": ["甲", "乙"], "token": pd.Categorical(["社区", "口罩"])})
    tokens["doc_id"] = pd.Categorical(tokens["doc_id"])
    counts = terms.count(tokens[tokens["doc_id"] == "乙"])
    assert counts.vocabulary.tolist() == ["口罩"] and counts.units["doc_id"].tolist() == ["乙"]
