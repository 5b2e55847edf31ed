"""Comparing groups: published numbers, identities, and what full enumeration and simulation give."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

from helpers import contrasts, inference, keyness, measures, store, terms
from helpers.study import SAMPLE, CorpusError, Study
from tests.counted import of_matrix

# -- measures: published numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "a, n1, b, n2, expected, within",
    [
        (540, 116_000, 7_525, 5_451_382, 534.64, 0.005),
        (227, 116_000, 3_635, 5_451_382, 183.53, 0.005),
        (29, 116_000, 504, 5_451_382, 20.50, 0.005),
        (431, 116_000, 5_892, 5_451_382, 437.88, 0.005),
        (16, 116_000, 650, 5_451_382, 0.32, 0.005),
        (540, 116_000, 0, 5_451_382, 4180.78, 0.005),
        (7, 10_000, 0, 100_000, 33.57, 0.005),
        (0, 10_000, 536, 100_000, 2 * 536 * np.log(1.1), 1e-6),
        (10, 1000, 10, 1000, 0, 1e-9),
    ],
)
def test_two_term_g2_of_the_log_likelihood_wizard(a, n1, b, n2, expected, within):
    assert measures.g2(a, b, n1, n2) == pytest.approx(expected, abs=within)


DUNNING = [  # rows of his table 1: both, one only, other only, neither
    ((110, 2442, 111, 29_114), 270.72),
    ((29, 13, 123, 31_612), 263.90),
    ((31, 23, 139, 31_584), 256.84),
    ((10, 0, 3, 31_764), 167.23),
    ((76, 104, 2476, 29_121), 157.21),
    ((16, 16, 51, 31_694), 157.03),
    ((9, 0, 5, 31_763), 146.80),
    ((10, 9, 41, 31_717), 104.53),
    ((4, 11, 1, 31_761), 57.44),
    ((3, 10, 5, 31_759), 36.98),
]


@pytest.mark.parametrize("cells, expected", DUNNING)
def test_four_cell_g2_of_dunning_1993(cells, expected):
    both, one_only, other_only, neither = cells
    assert measures.g2_cells(both, both + one_only, both + other_only, sum(cells)) == pytest.approx(expected, abs=0.005)


def test_bayes_factor_of_the_log_likelihood_wizard():
    assert measures.bayes_factor(measures.g2(540, 7_525, 116_000, 5_451_382), 116_000 + 5_451_382) == pytest.approx(
        519.11, abs=0.01
    )


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


def test_what_a_small_corpus_lacks_by_chance_is_no_preference():
    assert measures.lrc([1, 0, 0], [0, 1, 0], [10_000, 10, 10], [10, 10_000, 10]).tolist() == [0, 0, 0]
    assert (
        measures.lrc(60, 0, 1000, 1000) == pytest.approx(-measures.lrc(0, 60, 1000, 1000))
        and measures.lrc(60, 0, 99, 99) > 0
    )


def test_fightin_words_as_convokit_computes_them():
    delta, z = measures.log_odds([20, 30, 50], [5, 30, 65], 0.01)
    assert z == pytest.approx([3.115859, 0, -3.290011], abs=1e-6) and np.sign(delta).tolist() == [1, 0, -1]
    prior = measures.pooled_prior([20, 30, 50], [5, 30, 65], 10)
    assert measures.log_odds([20, 30, 50], [5, 30, 65], prior)[1] == pytest.approx([3.032579, 0, -3.137762], abs=1e-6)


@pytest.mark.filterwarnings("error")
def test_a_word_that_neither_side_has_gets_no_odds_and_no_warning():
    prior = measures.pooled_prior([3, 0, 1], [1, 0, 4])
    z = measures.log_odds([3, 0, 1], [1, 0, 4], prior)[1]
    assert np.isnan(z).tolist() == [False, True, False]


def test_association_measures_of_their_authors():
    assert measures.pmi([8, 12], [1105, 111], [44, 621], 15_000_000) == pytest.approx([11.3, 11.3], abs=0.06)
    assert measures.npmi([10, 1, 0], 10, 10, 100) == pytest.approx([1, 0, -1], abs=1e-12)
    assert measures.npmi(5, 5, 5, 5) == 1, "always together, and everywhere"
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


def test_a_word_said_once_in_one_of_four_equal_parts_is_as_uneven_as_can_be():
    row = terms.dispersion(of_matrix([[1, 9], [0, 9], [0, 9], [0, 9]], [10] * 4)).iloc[0]
    expected = {"count": 1, "docs": 1, "dp": 0.75, "dp_norm": 1, "juilland_d": 0, "rosengren_s": 0.25, "kl": 2}
    assert row[list(expected)].to_dict() == pytest.approx(expected, abs=1e-12)


def test_dispersion_with_parts_that_lack_the_word():
    matrix = np.array([[f, 9] for f in [0, 4, 3, 2, 1]])
    assert terms.dispersion(of_matrix(matrix, [10] * 5))["juilland_d"][0] == pytest.approx(0.6464, abs=5e-5)
    sizes = [8143, 8058, 8271, 8125, 7959, 7941, 8146, 8001, 8003, 7930]
    matrix = np.array([[f, 9] for f in [2, 0, 1, 1, 3, 0, 3, 0, 0, 0]])
    lyne = terms.dispersion(of_matrix(matrix, sizes, "abcdefghij")).iloc[0]
    assert lyne[["dp", "dp_norm"]].tolist() == pytest.approx([0.4990705, 0.553548], abs=1e-6)
    assert lyne["juilland_d"] == pytest.approx(0.6038797, abs=1e-6)


@settings(deadline=None)
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
    expected = inference.permutation(five / five.sum(axis=1, keepdims=True), inside)
    assert table["p_permutation"].to_numpy() == pytest.approx(expected.p) and table["p_exact"].all()
    assert (table["p_permutation"] >= 0.1 - 1e-12).all(), "ten splits cannot give less"
    assert table["q_value"].to_numpy() == pytest.approx(inference.benjamini_hochberg(expected.p))


def test_groups_are_named_as_every_comparison_names_them():
    years = pd.Series([2020.0, 2020.0, 2022.0, None, 2022.0])
    table = terms.keyness(of_matrix(five), years, min_count=1)
    assert set(table["group_a"]) == {"2022"} and set(table["group_b"]) == {"2020"}


def test_group_a_is_the_later_and_its_words_are_positive():
    table = terms.keyness(of_matrix(five), early, by="year", min_count=1).set_index("term")
    assert table[["by", "group_a", "group_b"]].drop_duplicates().values.tolist() == [["year", "2022", "2020"]]
    assert table.loc["词000", "log_ratio"] < 0 < table.loc["词003", "log_ratio"]
    assert table.loc["词001", ["count_a", "count_b", "docs_a", "docs_b"]].tolist() == [0, 5, 0, 1]
    assert not table.loc["词001", "recurrent"] and table.loc["词000", "recurrent"]
    assert (table["interval"] == "documents (jackknife)").all()


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
    table = terms.keyness(of_matrix(five), early)
    assert table.columns[:15].tolist() == contract
    counted = [
        *table[["count_a", "count_b", "docs_a", "docs_b"]].dtypes,
        *terms.dispersion(of_matrix(five)).dtypes[1:3],
    ]
    assert all(kind.kind == "i" for kind in counted), "counts are written without decimals"
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


def test_a_document_of_bare_numbers_has_no_rate_and_takes_no_part():
    rows = [
        ("甲", "300"),
        *(("乙丙丁戊"[i % 4], word) for i, word in enumerate("社区 社区 口罩 核酸 核酸 社区 社区".split())),
    ]
    tokens = pd.DataFrame(rows, columns=["doc_id", "token"])
    words = "300 社区 社区 口罩 核酸 核酸 社区 社区".split()
    tokens = pd.DataFrame({"doc_id": list("甲乙丙丁戊乙丙丁"), "token": words})
    labels = pd.Series({"甲": "2020", "乙": "2020", "丙": "2020", "丁": "2022", "戊": "2022"})
    table = terms.keyness(terms.count(tokens), labels, min_count=1)
    alone = terms.keyness(terms.count(tokens[tokens["doc_id"] != "甲"]), labels, min_count=1)
    pd.testing.assert_frame_equal(table, alone)
    assert table["ci_low"].notna().all()
    assert terms.keyness(terms.count(tokens), {"甲": "2020", "乙": "2022", "丙": "2022"}, min_count=1).empty


def test_paragraph_counts_are_compared_by_document():
    rows = [(f"d{d}", p, w) for d in range(4) for p in range(3) for w in (["核酸"] if d < 2 else ["口罩"]) + ["社区"]]
    tokens = pd.DataFrame(rows, columns=["doc_id", "paragraph", "token"])
    groups = {"d0": "a", "d1": "a", "d2": "b", "d3": "b"}
    table = terms.keyness(terms.count(tokens, "paragraph"), groups, min_count=1)
    pd.testing.assert_frame_equal(table, terms.keyness(terms.count(tokens), groups, min_count=1))
    assert table["p_permutation"].min() == pytest.approx(2 / 6)


def test_where_no_word_is_frequent_enough_no_division_flags_any():
    counts = of_matrix(np.ones((4, 1), dtype=int), names="abcd")
    nothing = terms.Counts(counts.matrix[:, :0], counts.units, counts.vocabulary[:0], counts.sizes)
    assert contrasts.flagged(nothing, np.array([[1, 1, 0, 0], [1, 0, 1, 0]], dtype=bool)).tolist() == [0, 0]


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


def test_a_comparison_tells_its_sides_and_the_figures_rest_on_the_best_of_the_first_column():
    columns = {"place": "甲甲" + "乙" * 21 + "丙", "year": ["2020"] * 14 + ["2022"] * 10, "era": "古" * 23 + "今"}
    groups = pd.DataFrame(
        {name: list(values) for name, values in columns.items()}, index=list("abcdefghijklmnopqrstuvwx")
    )
    table = contrasts.sides(of_matrix(np.ones((24, 1), dtype=int), names=groups.index), groups)
    assert table.values.tolist() == [
        ["place", "丙", "rest", 1, 23, "single document", False],
        ["place", "乙", "rest", 21, 3, "illustrative", True],
        ["place", "甲", "rest", 2, 22, "illustrative", False],
        ["year", "2022", "2020", 10, 14, "documents", False],
        ["era", "古", "今", 23, 1, "single document", False],
    ]
    assert contrasts.sides(of_matrix(five), pd.DataFrame({"year": ["2020"] * 5}, index=list("abcde"))).empty
    assert contrasts.sides(of_matrix(five), pd.DataFrame(index=list("abcde"))).empty, "nothing to compare by"


def test_the_null_is_summed_up_over_all_other_divisions():
    numbers = [6, *range(19), 6]  # the true division flags six terms, so do two of the twenty others
    null = pd.DataFrame({"by": "year", "group_a": "2022", "group_b": "2020", "keywords": numbers})
    null["observed"] = null.index == 0
    alone = null.assign(by="place", group_a="甲", group_b="rest").head(1)
    told = contrasts.null_summary(pd.concat([null, alone])).set_index("by")
    names = ["group_a", "group_b", "observed", "splits"]
    assert told[names].values.tolist() == [["2022", "2020", 6, 20], ["甲", "rest", 6, 0]]
    assert told.loc["year", ["low", "median", "high"]].tolist() == np.quantile(numbers[1:], [0.05, 0.5, 0.95]).tolist()
    assert told.loc["place", ["low", "median", "high"]].isna().all()
    assert told["as_many"].tolist() == [pytest.approx(15 / 21), 1] and not told["distinct"].any()
    best = null.assign(keywords=[20, *[3] * 19, 19])
    assert contrasts.null_summary(best)["distinct"].item(), "one division in twenty-one has as many: itself"
    assert not contrasts.null_summary(best.head(19))["distinct"].item(), "one in nineteen is not rare"


def test_a_side_without_documents_has_no_p_and_a_word_found_nowhere_differs_nowhere():
    counts = of_matrix(five)
    p, exact = contrasts.permutation_p(counts, np.zeros(5, dtype=bool))
    assert np.isnan(p).all() and not exact.any() and len(p) == len(exact) == 4
    matrix = sparse.csr_array(counts.matrix.toarray() * [1, 1, 0, 1])
    nowhere = terms.Counts(matrix, counts.units, counts.vocabulary, counts.sizes)
    assert contrasts.permutation_p(nowhere, np.array(early) == "2022")[0][2] == 1


@pytest.mark.parametrize("limit", [1, 20_000])
def test_block_borders_change_no_p_and_no_number_of_keywords(monkeypatch, limit):
    rng = np.random.default_rng(8)
    counts = of_matrix(rng.poisson(1, size=(9, 6)) * rng.integers(0, 40, 6) + [[1] * 6] * 9, names="abcdefghi")
    inside = np.arange(9) < 4
    rows = inference.splits(9, 4)
    whole = contrasts.permutation_p(counts, inside, limit)[0], contrasts.flagged(counts, rows)
    monkeypatch.setattr(contrasts, "BLOCK", 50)
    blocks = contrasts.permutation_p(counts, inside, limit)[0], contrasts.flagged(counts, rows)
    assert blocks[0] == pytest.approx(whole[0]) and blocks[1].tolist() == whole[1].tolist()
    assert whole[1].max() > 0


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
    assert table["interval"].str.startswith("documents").all() and covered.mean() > 0.93


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


@settings(max_examples=60, deadline=None)
@given(
    st.integers(3, 7).flatmap(
        lambda n: st.tuples(
            st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=n, max_size=n),
            st.lists(st.integers(1, 60), min_size=n, max_size=n),
            st.integers(1, n - 1),
        )
    ),
    st.sampled_from([1, 8, 20_000]),
)
def test_p_is_what_full_enumeration_gives(case, limit):
    matrix, extra, n1 = case
    matrix = np.column_stack([matrix, extra])
    counts, n = of_matrix(matrix), len(matrix)
    names = [int(term[1:]) for term in counts.vocabulary]
    rate = (matrix / matrix.sum(axis=1, keepdims=True))[:, names]

    def gap(chosen):
        side = np.isin(np.arange(n), chosen)
        return np.abs(rate[side].mean(axis=0) - rate[~side].mean(axis=0))

    everything = np.array([gap(chosen) for chosen in itertools.combinations(range(n), n1)])
    truth = (everything >= gap(range(n1)) - 1e-12).mean(axis=0)
    p, exact = contrasts.permutation_p(counts, np.arange(n) < n1, limit)
    assert p[exact] == pytest.approx(truth[exact]) and p[~exact] == pytest.approx(truth[~exact], abs=0.03)
    assert exact.all() or limit < 20_000


@pytest.mark.parametrize("limit", [1, 20_000])
@pytest.mark.parametrize("length, n, n1", [(7, 9, 7), (9, 12, 6), (60, 11, 6)])
def test_a_word_as_frequent_in_every_document_differs_in_no_division(length, n, n1, limit):
    counts = of_matrix([[1, length - 1]] * n, names="abcdefghijkl")
    assert contrasts.permutation_p(counts, np.arange(n) < n1, limit)[0] == pytest.approx([1, 1])


def test_how_short_the_articles_of_a_group_are_is_no_evidence_about_its_words():
    # two of three short articles have the word; of all ways to place two articles that is 3 in 28
    matrix = np.array([[1, 40], [1, 40], [0, 40], *([[0, 400]] * 5)])
    table = terms.keyness(of_matrix(matrix), ["a"] * 3 + ["b"] * 5, min_count=1).set_index("term")
    assert table.loc["词000", "p_permutation"] == pytest.approx(3 / 28)


@pytest.mark.parametrize(
    "documents, per_document, evenness",
    [(3, 20, 2), (5, 5, 2), (10, 5, 2), (12, 2, 2), (12, 20, 3), (15, 2, 0.5), (30, 5, 0.7)],
)
@pytest.mark.parametrize("truth", [0, 2])
def test_the_interval_covers_the_truth_as_often_as_it_says(documents, per_document, evenness, truth):
    rng, terms_drawn = np.random.default_rng(20), 4_000
    sizes = np.round(500 * np.exp(rng.normal(0, 0.4, 2 * documents))).astype(int)
    side = np.arange(2 * documents) < documents
    mean = per_document * 2.0 ** (truth / 2 * np.where(side, 1, -1)) * sizes / 500
    matrix = rng.poisson(mean[:, None] * rng.gamma(evenness, 1 / evenness, (2 * documents, terms_drawn)))
    units = pd.DataFrame({"doc_id": np.arange(2 * documents)})
    counts = terms.Counts(sparse.csr_array(matrix), units, np.arange(terms_drawn).astype(str).astype(object), sizes)
    value, low, high, how = keyness._interval(counts.rows(side), counts.rows(~side), 0.95)
    assert how == "documents (jackknife)"
    assert 0.93 <= ((low <= truth) & (truth <= high)).mean() <= 0.97


def test_the_interval_is_the_jackknife_of_both_sides_with_welchs_degrees_of_freedom():
    rng = np.random.default_rng(3)
    ones, others = rng.poisson([9, 3, 40, 0], (11, 4)), rng.poisson([4, 5, 60, 0], (15, 4))
    ones[4, 3] = 6  # a word of one document alone

    def jackknife(matrix):
        """By its definition, every document left out in turn; of a word in one document or none never below the tokens'."""
        left = [np.delete(matrix, i, axis=0) for i in range(len(matrix))]
        rates = np.log2([np.maximum(rest.sum(axis=0), 0.5) / rest.sum() for rest in left])
        between = (len(matrix) - 1) / len(matrix) * ((rates - rates.mean(axis=0)) ** 2).sum(axis=0)
        tokens = (1 / np.maximum(matrix.sum(axis=0), 0.5) - 1 / matrix.sum()) / np.log(2) ** 2
        return np.where((matrix > 0).sum(axis=0) < 2, np.maximum(between, tokens), between)

    a, b = jackknife(ones), jackknife(others)
    half = stats.t.ppf(0.95, (a + b) ** 2 / (a**2 / 10 + b**2 / 14)) * np.sqrt(a + b)
    counts = of_matrix(np.vstack([ones, others]), names="abcdefghijklmnopqrstuvwxyz")
    table = terms.keyness(counts, ["2022"] * 11 + ["2020"] * 15, level=0.9).sort_values("term")
    assert table["ci_low"].to_numpy() == pytest.approx(table["log_ratio"].to_numpy() - half)
    assert table["ci_high"].to_numpy() == pytest.approx(table["log_ratio"].to_numpy() + half)
    fewer = terms.keyness(counts.rows(np.arange(12)), ["2022"] * 11 + ["2020"])
    assert (fewer["interval"] == "tokens (Wald)").all(), "two documents on each side, not on one"


def test_bayes_factor_juilland_and_lrc_stand_beside_g2():
    counts = of_matrix(five)
    table = terms.keyness(counts, early, min_count=1).set_index("term")
    n1, n2 = five[2:].sum(), five[:2].sum()
    row = table.loc["词003"]
    assert row["bic"] == pytest.approx(row["g2"] - np.log(n1 + n2))
    assert row["lrc"] == measures.lrc(row["count_a"], row["count_b"], n1, n2, family=4)
    assert row["diff_percent"] == pytest.approx(100 * (row["count_a"] / n1 / (row["count_b"] / n2) - 1))
    spread = terms.dispersion(counts).set_index("term")
    assert row["juilland_d"] == spread.loc["词003", "juilland_d"] and (table["prior"] == 100).all()


def test_leaving_each_document_out_gives_the_range_of_the_log_ratio():
    table = terms.keyness(of_matrix(five), early, min_count=1)
    inside = np.array(early) == "2022"

    def ratio(keep):
        (a, n1), (b, n2) = ((five[s & keep].sum(axis=0), five[s & keep].sum()) for s in (inside, ~inside))
        return np.log2(np.maximum(a, 0.5) / n1) - np.log2(np.maximum(b, 0.5) / n2)

    left = np.array([ratio(np.arange(5) != out) for out in range(5)])
    told = keyness.without_each(of_matrix(five), pd.Series(early, index=list("abcde")), table).set_index("term")
    names = [f"词{n:03d}" for n in range(4)]
    assert told.loc[names, "low"].to_numpy() == pytest.approx(left.min(axis=0))
    assert told.loc[names, "high"].to_numpy() == pytest.approx(left.max(axis=0))
    pair = terms.keyness(of_matrix(five[:2]), ["x", "y"], min_count=1)
    alone = keyness.without_each(of_matrix(five[:2]), ["x", "y"], pair)
    assert alone["low"].equals(pair["log_ratio"]) and alone["high"].equals(pair["log_ratio"]), (
        "nothing is left to compare"
    )
    one = keyness.without_each(
        of_matrix(five), ["x", *"yyyy"], terms.keyness(of_matrix(five), ["x", *"yyyy"], min_count=1)
    )
    assert one[["low", "high"]].notna().all(axis=None), "only the four others can be left out"
    assert keyness.without_each(of_matrix(five), early, table.head(0)).empty


def test_the_prior_is_checked_against_the_middle_one():
    rng = np.random.default_rng(6)
    matrix = rng.negative_binomial(0.5, 0.05, size=(6, 40)) + 1
    groups = ["x", "x", "x", "y", "y", "z"]
    a, b = matrix[:3].sum(axis=0), matrix[3:].sum(axis=0)
    best = []
    for prior in (1, 100, 10_000):
        alpha = prior * matrix.sum(axis=0) / matrix.sum()
        odds = [np.log((n + alpha) / (n.sum() + prior - n - alpha)) for n in (a, b)]
        z = (odds[0] - odds[1]) / np.sqrt(1 / (a + alpha) + 1 / (b + alpha))
        best.append(set(np.argsort(-np.abs(z))[:8]))
    table = keyness.prior_check(of_matrix(matrix, names="abcdef"), groups, priors=(1, 100, 10_000), top=8)
    assert table["group_a"].tolist() == [*"xxxyyyzzz"] and table["prior"].tolist() == [1, 100, 10_000] * 3
    assert table.query("group_a == 'x'")["shared"].tolist() == [len(found & best[1]) for found in best]
    assert table.query("group_a == 'x'")["shared"].tolist() != [8, 8, 8]


def test_fightin_words_z_knows_the_rare_terms_too():
    a, b = five[2:].sum(axis=0), five[:2].sum(axis=0)
    z = measures.log_odds(a, b, measures.pooled_prior(a, b, 100))[1]
    frequent = terms.keyness(of_matrix(five), early, min_count=8).set_index("term")["z_log_odds"]
    assert frequent.to_dict() == pytest.approx({f"词{n:03d}": z[n] for n in (0, 2, 3)})


# -- the shipped sample -----------------------------------------------------------------------------------------------

PLANTED = {  # the frame planted in the articles of a group, see data/README.md
    "栖云高新区": "economy_production",
    "government site": "command_responsibility",
    "city newspaper": "hero_sacrifice",
    "institution site": "gratitude_praise",
}


@pytest.fixture(scope="module")
def sample(results):
    study = Study(results=results)
    counted = store.counted(study)
    tokens = store.load(study, "tokens")
    tokens = tokens[tokens["zone"].isin(["body", "list"]) & tokens["doc_id"].isin(counted)]
    articles = store.load(study, "articles").set_index("doc_id").loc[counted]
    truth = {doc: json.loads((SAMPLE / "truth" / f"{doc}.json").read_text(encoding="utf-8")) for doc in counted}
    lines = store.load(study, "paragraphs").set_index(["doc_id", "paragraph"])["line"]
    at = zip(
        tokens["doc_id"].astype(str), lines.loc[pd.MultiIndex.from_frame(tokens[["doc_id", "paragraph"]])], strict=True
    )
    frames = [set(truth[doc]["frames_by_line"].get(str(line), ())) for doc, line in at]
    return (
        terms.without(terms.count(tokens), terms.stopwords("function")),
        articles,
        truth,
        tokens.assign(frames=frames),
    )


def explained(row, articles, truth, tokens):
    """Whether the design of the sample accounts for a keyword: its stage, the names of the place, the planted frame."""
    side = articles.index[(articles[row.by].astype(str) == row.group_a) == (row.log_ratio > 0)]
    names = [name["name"] for doc in side for kind in ("organizations", "persons") for name in truth[doc][kind]]
    inside = tokens.loc[tokens["token"].eq(row.term) & tokens["doc_id"].isin(side), "frames"]
    return (
        (row.by == "year" and (row.term in set(terms.stopword_table("stage")["term"]) or row.term == "闭环"))
        or (row.by == "place" and any(row.term.removeprefix("全") in name for name in [row.group_a, *names]))
        or inside.map(lambda frames: PLANTED.get(row.group_a) in frames).mean() >= 0.4
    )


def test_what_the_sample_planted_is_found_and_nothing_else(sample):
    counts, articles, *known = sample
    table = pd.concat([terms.keyness(counts, articles[by], by=by) for by in ("year", "place", "outlet_type")])
    sure = table[(table["q_value"] < 0.05) & table["recurrent"]]
    assert {("2022", "静态管理"), ("2022", "湖北"), ("栖云高新区", "企业"), ("institution site", "锦旗")} <= set(
        zip(sure["group_a"], sure["term"], strict=True)
    )
    strangers = [row.term for row in sure.itertuples() if not explained(row, articles, *known)]
    assert len(sure) >= 25 and not strangers, strangers


def test_labels_without_meaning_find_nothing_in_the_sample(sample):
    counts, articles, *_ = sample
    mixed = np.where(np.arange(len(articles)) % 2, "odd", "even")
    assert (terms.keyness(counts, mixed)["q_value"] < 0.05).sum() <= 1


def test_the_two_years_of_five_real_reports_differ_no_more_than_any_other_division(shared, results):
    study = Study(corpus=shared / "corpus" / "five_reports", results=results)
    tokens = store.load(study, "tokens")
    counts = terms.count(tokens[tokens["zone"].isin(["body", "list"])])
    years = store.load(study, "articles").set_index("doc_id")["year"]
    null = contrasts.null_summary(terms.keyness_null(counts, years).assign(by="year"))
    assert null["splits"].tolist() == [9] and null["as_many"].item() >= 0.2 and not null["distinct"].item()
    table = terms.keyness(counts, years)
    assert table["p_permutation"].min() >= 0.1 - 1e-12 and table["p_exact"].all() and table["q_value"].min() > 0.05


def test_words_of_few_newsrooms_are_held_against_other_divisions_of_newsrooms():
    """Three newsrooms a side with four like bulletins each: of twenty ways to divide six none can be below a tenth."""
    dice = np.random.default_rng(6)
    matrix = np.repeat(dice.poisson(6, (6, 30)), 4, axis=0) + dice.poisson(1, (24, 30))
    counts = of_matrix(matrix, names="abcdefghijklmnopqrstuvwx")
    labels, rooms = (
        ["2022"] * 12 + ["2020"] * 12,
        dict(zip("abcdefghijklmnopqrstuvwx", np.repeat(list("子丑寅卯辰巳"), 4), strict=True)),
    )
    alone, together = terms.keyness(counts, labels), terms.keyness(counts, labels, publishers=rooms)
    assert (alone["q_value"] < 0.05).mean() > 0.2 and together["p_permutation"].min() >= 0.1 - 1e-12
    assert (together["interval"] == "publishers (jackknife)").all() and together["p_exact"].all()
    same = alone.set_index("term")["log_ratio"]
    assert together.set_index("term")["log_ratio"].to_dict() == pytest.approx(same.to_dict())
    null = terms.keyness_null(counts, labels, publishers=rooms)
    assert len(null) == 20 and null["documents"].iloc[0] == "子 丑 寅"


def test_a_newsroom_with_as_many_articles_on_either_side_stands_beside_one_that_is_dealt_whole():
    counts = of_matrix(np.arange(16).reshape(8, 2) + 5, names="abcdefgh")
    labels, rooms = ["2022"] * 4 + ["2020"] * 4, dict(zip("abcdefgh", "甲甲乙乙乙乙丙丁", strict=True))
    together = terms.keyness(counts, labels, publishers=rooms)
    assert (together["interval"] == "publishers (jackknife)").all()
    drawn, dealt = contrasts.voices(counts, np.array(labels) == "2022", rooms)
    assert drawn.units["doc_id"].tolist() == ["甲", *"cdefgh"] and drawn.sizes.sum() == counts.sizes.sum()


def test_a_word_of_a_newsroom_that_leans_to_a_side_is_no_word_of_that_side():
    """Of one newsroom five of six articles stand on one side, and it alone has the word; so with drawn divisions."""
    matrix = np.ones((12, 2), dtype=int) * [0, 9]
    matrix[:6, 0] = 9
    counts, rooms = (
        of_matrix(matrix, names="abcdefghijkl"),
        dict(zip("abcdefghijkl", "甲甲甲甲甲甲乙乙乙乙乙乙", strict=True)),
    )
    labels = ["2022"] * 5 + ["2020"] + ["2022"] + ["2020"] * 5
    for limit in (20_000, 10):
        p = terms.keyness(counts, labels, publishers=rooms, limit=limit).set_index("term")["p_permutation"]
        assert p.to_numpy() == pytest.approx([1, 1])
    assert terms.keyness(counts, labels)["p_permutation"].min() < 0.1
