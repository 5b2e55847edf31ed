"""Counting, weighting, comparing and reading words: published numbers, identities, and what brute force gives."""

import csv

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfTransformer

from helpers import inference, keyness, measures, terms
from helpers.study import LEXICON, CorpusError

WORDS = ["社区", "口罩", "核酸", "春耕", "志愿者", "不得", "的", "。", "300"]
token_tables = st.lists(
    st.tuples(st.sampled_from(["甲", "乙", "丙", "丁"]), st.integers(1, 3), st.integers(1, 2), st.sampled_from(WORDS)),
    min_size=1,
    max_size=60,
).map(lambda rows: pd.DataFrame(rows, columns=["doc_id", "paragraph", "sentence", "token"]))


def of_matrix(matrix, sizes=None, names="abcdefgh"):
    """Counts with the given numbers, documents as rows."""
    matrix = np.asarray(matrix)
    rows = [(names[i], f"词{j:03d}") for i, row in enumerate(matrix) for j, n in enumerate(row) for _ in range(n)]
    counts = terms.count(pd.DataFrame(rows, columns=["doc_id", "token"]), words=False)
    order = [counts.units["doc_id"].tolist().index(name) for name in names[: len(matrix)]]
    counts = counts.rows(np.array(order))
    return counts if sizes is None else terms.Counts(counts.matrix, counts.units, counts.vocabulary, np.array(sizes))


# -- tables -----------------------------------------------------------------------------------------------------------


def test_terms_are_simplified_han_without_duplicates_and_explained():
    opencc = pytest.importorskip("opencc")
    table = terms.lexicon()
    assert list(table.columns) == ["term", "gloss", "kind", "source", "note"]
    assert not table["term"].duplicated().any()
    assert table["term"].str.fullmatch(r"[\u4e00-\u9fff]{2,}").all()
    assert (table[["gloss", "kind", "source", "note"]] != "").all().all()
    convert = opencc.OpenCC("tw2s").convert
    assert [term for term in table["term"] if convert(term) != term] == []


def test_every_term_comes_out_of_segmentation_whole():
    jieba = pytest.importorskip("jieba")
    tokenizer = jieba.Tokenizer()
    for term in terms.lexicon()["term"]:
        tokenizer.add_word(term)
    assert [term for term in terms.lexicon()["term"] if tokenizer.lcut(term) != [term]] == []


@pytest.mark.parametrize("name", ["function", "stage"])
def test_stop_lists_name_each_word_once_and_say_why(name):
    with (LEXICON / f"stopwords_{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    words = [row["term"] for row in rows]
    assert len(words) == len(set(words)) > 50
    assert all(row["reason"] and row["kind"] and row["default"] in ("yes", "no") for row in rows)


def test_negation_modality_and_pronouns_stay_unless_asked():
    kept = {"不", "没有", "不得", "严禁", "必须", "应当", "可以", "我们", "他们", "大家"}
    assert not kept & terms.stopwords()
    assert kept <= terms.stopwords(kinds=["negation", "modality", "pronoun"])
    assert not terms.stopwords("function") & terms.stopwords("stage")


def test_unknown_stop_list_says_what_to_do():
    with pytest.raises(CorpusError, match="stopwords_verbs.csv"):
        terms.stopwords("verbs")


# -- counting ---------------------------------------------------------------------------------------------------------


@given(token_tables)
def test_every_word_is_counted_once(tokens):
    counts = terms.count(tokens, "paragraph")
    words = tokens[~tokens["token"].isin(["。", "300"])]
    assert counts.matrix.sum() == counts.sizes.sum() == len(words)
    expected = words.groupby("token").size().to_dict()
    assert dict(zip(counts.vocabulary, counts.totals.astype(int), strict=True)) == expected
    assert counts.shape[0] == len(tokens[["doc_id", "paragraph"]].drop_duplicates())


@given(token_tables, st.integers(0, 99))
def test_counts_do_not_depend_on_the_order_of_rows_or_the_kind_of_column(tokens, seed):
    shuffled = tokens.sample(frac=1, random_state=seed).astype({"token": "category"})
    first, second = terms.count(tokens).frame(), terms.count(shuffled).frame()
    assert first.columns.tolist() == sorted(first.columns)
    pd.testing.assert_frame_equal(first.sort_index(), second.sort_index(), check_index_type=False)


@given(token_tables)
def test_paragraphs_add_up_to_their_documents(tokens):
    summed, direct = terms.by_document(terms.count(tokens, "paragraph")), terms.count(tokens)
    pd.testing.assert_frame_equal(summed.frame(), direct.frame())
    assert summed.sizes.tolist() == direct.sizes.tolist()


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
    gone = terms.removed(counts, {"的"})
    assert gone.loc[0, ["term", "count", "units"]].tolist() == ["的", 3, 2] and gone.loc[0, "share"] == 3 / 8


def test_keywords_rank_within_each_document():
    counts = of_matrix([[5, 1, 0], [1, 1, 4]])
    table = terms.keywords(counts, top=2)
    assert table["doc_id"].tolist() == ["a", "a", "b", "b"] and table["rank"].tolist() == [1, 2, 1, 2]
    assert table["term"].tolist()[::2] == ["词000", "词002"] and table["count"].tolist()[::2] == [5, 4]
    assert (table.groupby("doc_id")["tfidf"].diff().dropna() <= 0).all()


# -- measures: published numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "a, n1, b, n2, expected, within",
    [
        (540, 116_000, 7_525, 5_451_382, 534.64, 0.005),
        (7, 10_000, 0, 100_000, 33.57, 0.005),
        (10, 1000, 10, 1000, 0, 1e-9),
    ],
)
def test_two_term_g2_of_the_log_likelihood_wizard(a, n1, b, n2, expected, within):
    assert measures.g2(a, b, n1, n2) == pytest.approx(expected, abs=within)


@pytest.mark.parametrize("cells, expected", [((110, 2442, 111, 29_114), 270.72), ((10, 0, 3, 31_764), 167.23)])
def test_four_cell_g2_of_dunning_1993(cells, expected):
    both, one_only, other_only, neither = cells
    assert measures.g2_cells(both, both + one_only, both + other_only, sum(cells)) == pytest.approx(expected, abs=0.005)


def test_log_ratio_identities_of_hardie_2014():
    n1, n2 = [1000, 1000, 2000, 10_000], [1000, 1000, 1000, 100_000]
    value, _, _ = measures.log_ratio([10, 20, 10, 7], [10, 10, 40, 0], n1, n2)
    assert value == pytest.approx([0, 1, -3, 7.129283], abs=1e-6)


GOLD = [  # f, f2, conservative log ratio, LRC: rows of Evert's table (f1 = 168,329, N = 19,720,567; 599 terms)
    (1189, 2157, 6.888131619986817, 6.910068549501856),
    (49, 88, 5.856503097986011, 5.941562136184079),
    (22, 33, 5.566437053277636, 5.7600897023524364),
    (121, 475, 4.65729859404674, 4.683726251530832),
    (13, 269, 0.7946271195521227, 0.5503787771685614),
    (8794, 1108396, -0.041606226041686144, -0.04588246448773868),
    (1385, 168150, 0.0, 0.0),
]


@pytest.mark.parametrize("f, f2, conservative, lrc", GOLD)
def test_limits_of_the_log_ratio_are_everts(f, f2, conservative, lrc):
    n1, n2 = 168_329, 19_720_567 - 168_329
    _, low, high = measures.log_ratio(f, f2 - f, n1, n2, level=1 - 0.01 / 599)
    assert max(low, 0) + min(high, 0) == pytest.approx(conservative, abs=1e-9)
    assert measures.lrc(f, f2 - f, n1, n2, family=599) == pytest.approx(lrc, abs=1e-9)


def test_fightin_words_as_convokit_computes_them():
    delta, z = measures.log_odds([20, 30, 50], [5, 30, 65], 0.01)
    assert z == pytest.approx([3.115859, 0, -3.290011], abs=1e-6) and np.sign(delta).tolist() == [1, 0, -1]
    prior = measures.pooled_prior([20, 30, 50], [5, 30, 65], 10)
    assert measures.log_odds([20, 30, 50], [5, 30, 65], prior)[1] == pytest.approx([3.032579, 0, -3.137762], abs=1e-6)


def test_association_measures_of_their_authors():
    assert measures.pmi([8, 12], [1105, 111], [44, 621], 15_000_000) == pytest.approx([11.3, 11.3], abs=0.06)
    assert measures.npmi([10, 1, 0], 10, 10, 100) == pytest.approx([1, 0, -1], abs=1e-12)
    assert measures.npmi(1, 3, 2, 5, 1e-12) == pytest.approx(-0.113282753, abs=1e-8)  # gensim's direct confirmation
    assert 2 ** (measures.log_dice(130, 3121, 143) - 14) == pytest.approx(0.08, abs=0.005)
    assert measures.difference_percent(206_523, 178_174, 959_641, 1_562_358) == pytest.approx(88.7, abs=0.05)


# -- dispersion -------------------------------------------------------------------------------------------------------


def spread(frequencies, sizes):
    return terms.dispersion(of_matrix([[f] for f in frequencies], sizes, "abcdefghij")).iloc[0]


def test_dispersion_of_gries_2020_table_1():
    row = spread([1, 2, 3, 4, 5], [9, 10, 10, 10, 11])
    expected = {
        "dp": 0.18,
        "dp_norm": 0.2195121951,
        "juilland_d": 0.7851504535,
        "rosengren_s": 0.9498163423,
        "kl": 0.1369717294,
        "docs": 5,
    }
    assert row[list(expected)].to_dict() == pytest.approx(expected, abs=1e-9)


def test_dispersion_with_parts_that_lack_the_word():
    matrix = np.array([[f, 9] for f in [0, 4, 3, 2, 1]])
    assert terms.dispersion(of_matrix(matrix, [10] * 5))["juilland_d"][0] == pytest.approx(0.6464, abs=5e-5)
    sizes = [8143, 8058, 8271, 8125, 7959, 7941, 8146, 8001, 8003, 7930]
    matrix = np.array([[f, 9] for f in [2, 0, 1, 1, 3, 0, 3, 0, 0, 0]])
    lyne = terms.dispersion(of_matrix(matrix, sizes, "abcdefghij")).iloc[0]
    assert lyne[["dp", "dp_norm"]].tolist() == pytest.approx([0.4990705, 0.553548], abs=1e-6)
    assert lyne["juilland_d"] == pytest.approx(0.6038797, abs=1e-6)


@given(st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=2, max_size=8))
def test_dispersion_keeps_its_bounds(matrix):
    matrix = np.array(matrix) + np.array([0, 0, 1])
    table = terms.dispersion(of_matrix(matrix))
    assert table[["dp", "dp_norm", "rosengren_s"]].stack().between(-1e-12, 1 + 1e-12).all()


# -- keyness ----------------------------------------------------------------------------------------------------------

five = np.array([[6, 5, 9, 4], [5, 0, 8, 5], [0, 0, 9, 6], [1, 0, 7, 4], [0, 0, 8, 5]])
early = ["2020", "2020", "2022", "2022", "2022"]


def test_permutation_p_is_the_exact_one_over_documents():
    table = terms.keyness(of_matrix(five), early, min_count=1).set_index("term").sort_index()
    inside = np.array(early) == "2022"
    expected = inference.permutation(five, inside, sizes=five.sum(axis=1))
    assert table["p_permutation"].to_numpy() == pytest.approx(expected.p)
    assert table["n_splits"].unique().tolist() == [10]
    assert (table["p_permutation"] >= 0.1 - 1e-12).all(), "ten splits cannot give less"
    assert table["q_value"].to_numpy() == pytest.approx(inference.benjamini_hochberg(expected.p))


def test_group_a_is_the_later_and_its_words_are_positive():
    table = terms.keyness(of_matrix(five), early, by="year", min_count=1).set_index("term")
    assert table[["by", "group_a", "group_b"]].drop_duplicates().values.tolist() == [["year", "2022", "2020"]]
    assert table.loc["词000", "log_ratio"] < 0 < table.loc["词003", "log_ratio"]
    assert table.loc["词001", ["count_a", "count_b", "docs_a", "docs_b"]].tolist() == [0, 5, 0, 1]
    assert not table.loc["词001", "recurrent"] and table.loc["词000", "recurrent"]
    assert (table["interval"] == "tokens (Wald)").all(), "no document interval under ten documents a side"


def test_contract_columns_come_first():
    contract = [
        "by",
        "group_a",
        "group_b",
        "term",
        "count_a",
        "count_b",
        "docs_a",
        "docs_b",
        "log_ratio",
        "ci_low",
        "ci_high",
        "g2",
        "p_permutation",
        "q_value",
        "dp_norm",
    ]
    assert terms.keyness(of_matrix(five), early).columns[:15].tolist() == contract
    assert terms.keyness(of_matrix(five), ["x"] * 5).columns[:15].tolist() == contract, "nothing to compare: no rows"


def test_more_than_two_groups_are_each_set_against_the_rest():
    table = terms.keyness(of_matrix(five), ["a", "a", "b", "b", "c"], min_count=1)
    assert table.groupby("group_a")["group_b"].unique().map(list).to_dict() == {g: ["rest"] for g in "abc"}


def test_groups_may_be_named_by_document_and_unknown_ones_stay_out():
    counts = of_matrix(five)
    named = terms.keyness(counts, pd.Series({"e": 2022, "d": 2022, "c": 2022, "b": 2020, "a": 2020}), min_count=1)
    pd.testing.assert_frame_equal(named, terms.keyness(counts, early, min_count=1))
    fewer = terms.keyness(counts, pd.Series({"a": "x", "b": "y", "c": pd.NA}), min_count=1)
    assert fewer[["count_a", "count_b"]].to_numpy().sum() == five[:2].sum()
    with pytest.raises(CorpusError, match="3 group labels for 5 documents"):
        terms.keyness(counts, ["x", "y", "x"])


def test_paragraph_counts_are_compared_by_document():
    rows = [(f"d{d}", p, w) for d in range(4) for p in range(3) for w in (["核酸"] if d < 2 else ["口罩"]) + ["社区"]]
    tokens = pd.DataFrame(rows, columns=["doc_id", "paragraph", "token"])
    groups = {"d0": "a", "d1": "a", "d2": "b", "d3": "b"}
    table = terms.keyness(terms.count(tokens, "paragraph"), groups, min_count=1)
    pd.testing.assert_frame_equal(table, terms.keyness(terms.count(tokens), groups, min_count=1))
    assert table["n_splits"].unique().tolist() == [6]


def test_null_counts_the_same_keywords_as_the_table():
    rng = np.random.default_rng(4)
    counts = of_matrix(rng.negative_binomial(0.3, 0.02, size=(6, 30)) + 1, names="abcdef")
    groups = ["x", "x", "x", "y", "y", "y"]
    null = terms.keyness_null(counts, groups)
    table = terms.keyness(counts, groups)
    assert len(null) == 20 and null["observed"].sum() == 1
    assert null.loc[null["observed"], "keywords"].item() == (table["q_g2"] < 0.05).sum()
    complement = null["documents"].map(lambda names: " ".join(sorted(set("abcdef") - set(names.split()))))
    mirrored = null.set_index("documents")["keywords"]
    assert mirrored[complement].tolist() == null["keywords"].tolist()


def test_clumped_words_deceive_g2_but_not_the_documents():
    rng = np.random.default_rng(11)
    matrix = rng.negative_binomial(0.4, 0.05, size=(24, 150))
    names = [f"d{i:02d}" for i in range(24)]
    counts = of_matrix(np.column_stack([matrix, np.full(24, 300)]), names=names)
    table = terms.keyness(counts, ["x", "y"] * 12)
    assert (table["q_g2"] < 0.05).sum() > 20, "token statistics find differences in pure noise"
    assert (table["q_value"] < 0.05).sum() == 0
    assert 0.01 <= (table["p_permutation"] < 0.05).mean() <= 0.10
    covered = (table["ci_low"] <= 0) & (table["ci_high"] >= 0)
    assert table["interval"].str.startswith("documents").all() and covered.mean() > 0.88


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=4, max_size=7), st.integers(1, 3))
def test_swapping_names_mirrors_the_comparison(matrix, n1):
    counts = of_matrix(np.array(matrix) + np.array([0, 0, 0, 1]))
    labels = np.array(["a"] * n1 + ["b"] * (len(matrix) - n1))
    there = terms.keyness(counts, labels, min_count=1).set_index("term").sort_index()
    back = terms.keyness(counts, np.where(labels == "a", "z", "b"), min_count=1).set_index("term").sort_index()
    assert there["log_ratio"].to_numpy() == pytest.approx(-back["log_ratio"].to_numpy())
    assert there["g2"].to_numpy() == pytest.approx(back["g2"].to_numpy(), abs=1e-9)
    assert there["p_permutation"].to_numpy() == pytest.approx(back["p_permutation"].to_numpy())
    assert (there["ci_low"] <= there["log_ratio"]).all() and (there["log_ratio"] <= there["ci_high"]).all()


def test_drawn_splits_agree_with_the_exact_ones():
    counts, inside = of_matrix(five), np.array(early) == "2022"
    exact, n = keyness.permutation_p(counts, inside)
    drawn, m = keyness.permutation_p(counts, inside, limit=5, seed=3)
    assert (n, m) == (10, 9_999) and drawn == pytest.approx(exact, abs=0.02)


# -- company and concordance ------------------------------------------------------------------------------------------


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


sentence = st.tuples(st.sampled_from("甲乙"), st.integers(1, 2), st.text("居民区，。", min_size=1, max_size=12))
texts = st.lists(sentence, min_size=1, max_size=8)


@given(texts, st.sampled_from(["居民", "民", "居民区", "缺"]), st.integers(0, 6))
def test_concordance_finds_every_place_and_quotes_the_paragraph(rows, term, width):
    frame = pd.DataFrame(sorted(rows, key=lambda row: row[:2]), columns=["doc_id", "paragraph", "text"])
    frame = frame.assign(sentence=range(len(frame)), line=range(10, 10 + len(frame))).reset_index(drop=True)
    found = terms.kwic(frame, term, width)
    assert len(found) == sum(text.count(term) for text in frame["text"])
    paragraphs = frame.groupby(["doc_id", "paragraph"])["text"].agg("".join)
    for row in found.itertuples():
        whole = paragraphs[row.doc_id, row.paragraph]
        assert row.left + row.term + row.right in whole
        assert len(row.left) == width or whole.startswith(row.left + row.term)
        text = frame.loc[frame["sentence"] == row.sentence, "text"].item()
        assert text[row.offset : row.offset + len(term)] == term == row.term
        assert len(row.left) <= width and len(row.right) <= width
    assert found["sentence"].is_monotonic_increasing


def test_concordance_takes_patterns_and_can_be_kept():
    frame = pd.DataFrame(
        {
            "doc_id": ["甲", "甲"],
            "paragraph": [1, 1],
            "sentence": [1, 2],
            "line": [4, 4],
            "text": ["第三轮核酸开始。", "第四轮核酸结束。"],
        }
    )
    kept = terms.concordance(frame)
    assert terms.kwic(kept, r"第.轮", regex=True)["term"].tolist() == ["第三轮", "第四轮"]
    assert terms.kwic(kept, "第四轮", width=3)["left"].tolist() == ["开始。"], "the context runs across sentences"
    assert terms.kwic(kept, "抗原").empty and terms.kwic(kept, "").empty
