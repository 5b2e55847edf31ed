"""Published numbers and invariants of helpers/inference.py."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import inference

LAW_SCHOOL = np.array(
    [  # LSAT and GPA of 15 law schools, Efron & Tibshirani 1993
        [576, 3.39],
        [635, 3.30],
        [558, 2.81],
        [578, 3.03],
        [666, 3.44],
        [580, 3.07],
        [555, 3.00],
        [661, 3.43],
        [651, 3.36],
        [605, 3.13],
        [653, 3.12],
        [575, 2.74],
        [545, 2.76],
        [572, 2.88],
        [594, 2.96],
    ]
)
BH_1995 = [
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.3240,
    0.4262,
    0.5719,
    0.6528,
    0.7590,
    1.0,
]


def sums_for_correlation(data: np.ndarray) -> np.ndarray:
    x, y = (data - data.mean(axis=0)).T
    return np.column_stack([x, y, x * x, y * y, x * y, np.ones(len(x))])


def correlation(totals: np.ndarray) -> np.ndarray:
    x, y, xx, yy, xy, n = np.moveaxis(totals, -1, 0)
    return (xy - x * y / n) / np.sqrt((xx - x**2 / n) * (yy - y**2 / n))


@pytest.mark.parametrize(
    "k, n, low, high",
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_prints_newcombe_1998_table_one(k, n, low, high):
    assert inference.wilson(k, n) == pytest.approx((low, high), abs=6e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_proportion_and_mirrors(kn):
    k, n = kn
    low, high = inference.wilson(k, n)
    assert 0 <= low <= k / n + 1e-12 and k / n - 1e-12 <= high <= 1
    assert inference.wilson(n - k, n) == pytest.approx((1 - high, 1 - low))


def test_wilson_of_nothing_has_no_limits():
    assert np.isnan(inference.wilson(0, 0)).all()


def test_newcombe_prints_the_published_difference():
    one, other = (56 / 70, *inference.wilson(56, 70)), (48 / 80, *inference.wilson(48, 80))
    assert inference.difference_limits(one, other) == pytest.approx((0.0524, 0.3339), abs=6e-5)


def test_benjamini_hochberg_rejects_four_of_fifteen():
    q = inference.benjamini_hochberg(BH_1995)
    assert (q <= 0.05).sum() == 4
    assert q[3] == pytest.approx(0.035625)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_q_values_exceed_p_keep_their_order_and_stay_below_one(p):
    q = inference.benjamini_hochberg(p)
    assert (q >= np.array(p) - 1e-12).all() and (q <= 1).all()
    assert (np.diff(q[np.argsort(p, kind="stable")]) >= -1e-12).all()


def test_untested_hypotheses_do_not_enlarge_the_family():
    q = inference.benjamini_hochberg([0.01, np.nan, 0.02])
    assert q[[0, 2]] == pytest.approx([0.02, 0.02]) and np.isnan(q[1])


def test_all_splits_are_listed_once():
    rows = inference.splits(7, 3)
    assert len(np.unique(rows, axis=0)) == len(rows) == 35
    assert (rows.sum(axis=1) == 3).all()


def test_too_many_splits_are_drawn_reproducibly():
    rows = inference.splits(20, 10, seed=3)
    assert len(rows) == 9_999 and (rows.sum(axis=1) == 10).all()
    assert (rows == inference.splits(20, 10, seed=3)).all()
    assert (rows != inference.splits(20, 10, seed=4)).any()


def test_a_group_larger_than_the_corpus_is_refused():
    with pytest.raises(ValueError, match="cannot be taken"):
        inference.splits(3, 4)


def test_two_against_three_documents_cannot_fall_below_one_tenth():
    result = inference.permutation([100, 99, 0, 1, 2], [1, 1, 0, 0, 0])
    assert (result.n_splits, result.exact) == (10, True)
    assert result.p == pytest.approx([0.1])


@pytest.mark.parametrize("limit, strata", [(20_000, None), (0, None), (20_000, np.arange(16) % 2)])
def test_a_difference_lies_outside_its_null_band_exactly_where_its_p_is_low(limit, strata):
    dice = np.random.default_rng(5)
    inside = np.arange(16) < 7
    values = dice.poisson(1.5, (16, 300)) + 1.1 * inside[:, None] * dice.random(300)  # counts tie, and ties must agree
    result = inference.permutation(values, inside, limit=limit, strata=strata)
    outside = (result.difference < result.low - 1e-9) | (result.difference > result.high + 1e-9)
    assert 20 < outside.sum() < 280
    assert np.array_equal(outside, result.p <= 0.05)


def test_drawn_p_is_never_zero():
    values = np.r_[np.ones(15), np.zeros(15)]
    result = inference.permutation(values, values == 1)
    assert not result.exact
    assert result.p == pytest.approx([1 / 10_000])


def test_every_measure_differs_by_its_means():
    result = inference.permutation([[1, 4], [3, 0], [1, 2]], [1, 1, 0])
    assert result.difference == pytest.approx([4 / 2 - 1, 4 / 2 - 2])


@given(st.lists(st.integers(0, 9), min_size=4, max_size=8), st.data())
def test_permutation_does_not_care_which_group_comes_first(values, data):
    n1 = data.draw(st.integers(1, len(values) - 1))
    group = np.arange(len(values)) < n1
    one, other = inference.permutation(values, group), inference.permutation(values, ~group)
    assert one.p == pytest.approx(other.p)
    assert one.difference == pytest.approx(-other.difference)
    assert 1 / one.n_splits <= one.p[0] <= 1


@given(st.lists(st.integers(0, 6), min_size=3, max_size=7), st.data())
def test_tenths_tie_as_whole_numbers_do(values, data):
    """0.1 + 0.2 is not 0.3 to a computer; two divisions with the same difference are as far apart all the same."""
    n1 = data.draw(st.integers(1, len(values) - 1))
    n = len(values)
    gaps = [abs(n * sum(values[i] for i in chosen) - n1 * sum(values)) for chosen in combinations(range(n), n1)]
    expected = np.mean([gap >= gaps[0] for gap in gaps])
    assert inference.permutation(np.array(values) / 10, np.arange(n) < n1).p == pytest.approx(expected)


def test_all_divisions_are_listed_up_to_the_limit_and_drawn_above_it():
    assert len(inference.splits(5, 2, limit=10)) == 10 and len(inference.splits(5, 2, limit=9)) == 9_999
    values, group = [9, 8, 1, 2, 1], [1, 1, 0, 0, 0]
    listed, drawn = (inference.permutation(values, group, limit=limit) for limit in (10, 9))
    assert (listed.exact, listed.n_splits, drawn.exact, drawn.n_splits) == (True, 10, False, 9_999)
    assert drawn.p == pytest.approx(listed.p, abs=0.01) and drawn.p != listed.p
    assert inference.splits(3, 0).tolist() == [[False] * 3] and inference.splits(3, 3).all()


def test_a_side_without_documents_has_no_mean_and_no_p():
    result = inference.permutation([0, 0, 3], [1, 1, 1])
    assert np.isnan(result.difference).all() and np.isnan(result.p).all()


def test_block_borders_change_no_difference():
    rows = inference.splits(500, 120)
    assert rows.size > 2 * 2_000_000, "worked through in blocks"
    values = np.arange(1000.0).reshape(500, 2) % 37
    told = inference.mean_differences(rows, values)
    for place in (0, 4_999, 5_000, 9_998):
        a, b = (values[side].mean(axis=0) for side in (rows[place], ~rows[place]))
        assert told[place] == pytest.approx(a - b)


def test_law_school_correlation_by_bootstrap_and_jackknife():
    sums = sums_for_correlation(LAW_SCHOOL)
    draws = correlation(inference.resample(sums, 20_000))
    without = inference.leave_one_out(sums, correlation)
    error = np.sqrt(14 / 15 * ((without - without.mean()) ** 2).sum())
    assert correlation(sums.sum(axis=0)) == pytest.approx(0.776, abs=6e-4)
    assert draws.std() == pytest.approx(0.133, abs=0.005)
    assert error == pytest.approx(0.142, abs=6e-4)
    assert 14 * (without.mean() - correlation(sums.sum(axis=0))) == pytest.approx(-0.0065, abs=6e-4)


def test_bootstrap_is_suppressed_with_a_reason_under_ten_documents():
    result = inference.bootstrap(np.ones((9, 2)))
    assert np.isnan(result.low).all() and np.isnan(result.high).all()
    assert result.method == "none: fewer than 10 documents"
    assert result.estimate == pytest.approx([1])


def test_bootstrap_interval_covers_a_known_rate_about_as_often_as_it_says():
    rng = np.random.default_rng(5)
    units = np.full(40, 12)
    covered = 0
    for trial in range(200):
        with_frame = rng.binomial(units, 0.3)
        interval = inference.bootstrap(np.column_stack([with_frame, units]), n=400, seed=trial)
        covered += bool(interval.low[0] <= 0.3 <= interval.high[0])
    assert 0.88 <= covered / 200 <= 0.99


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(5, 9)), min_size=10, max_size=15))
def test_bootstrap_repeats_and_orders_its_limits(values):
    one, other = inference.bootstrap(values, n=50), inference.bootstrap(values, n=50)
    assert one.low == other.low and one.high == other.high
    assert one.low[0] <= one.high[0]


def test_leaving_one_document_out_shows_the_text_a_result_hangs_on():
    shares = inference.leave_one_out([[0, 10], [0, 10], [9, 10]])[:, 0]
    assert shares == pytest.approx([0.45, 0.45, 0])


# ---- limits and tests between documents: how often they are right ----

RATES = np.array([0.01, 0.03, 0.1, 0.3, 0.5])


def documents(dice: np.random.Generator, n: int, rates=RATES, alike: float = 0.15) -> np.ndarray:
    """Shares of n documents of unequal length, whose own rates scatter as an intraclass correlation of `alike` makes them,
    and a last column of ones."""
    sizes = np.clip(np.exp(dice.normal(np.log(12), 0.6, n)), 3, 80).astype(int)[:, None]
    own = dice.beta(rates * (1 / alike - 1), (1 - rates) * (1 / alike - 1), (n, len(rates)))
    return np.column_stack([dice.binomial(sizes, own) / sizes, np.ones(n)])


@pytest.mark.parametrize("n", [10, 24])
def test_limits_between_documents_cover_rare_and_common_shares_alike(n):
    """Percentiles of resampled documents cover the first of these 45 times in a hundred and the last 90."""
    dice = np.random.default_rng(1)
    covered = np.zeros(len(RATES))
    for _ in range(400):
        _, low, high, _ = inference.document_share(documents(dice, n))
        covered += (low <= RATES) & (high >= RATES)
    assert (covered / 400 >= 0.9).all() and (covered / 400).mean() >= 0.93


def test_limits_of_a_difference_cover_it_and_seldom_miss_zero():
    dice, shift = np.random.default_rng(2), np.array([0.1, 0, 0.1, 0, 0.1])
    covered = np.zeros(len(RATES))
    for _ in range(300):
        told = inference.document_difference(documents(dice, 10, RATES + shift), documents(dice, 30))
        covered += (told.low <= shift) & (told.high >= shift)
    assert (covered / 300 >= 0.91).all()


def test_limits_between_documents_by_hand():
    values = np.array([[2, 10], [4, 10], [0, 5], [9, 20]], dtype=float)
    share, size = 15 / 45, 45
    scatter = 4 / 3 * ((values[:, 0] - share * values[:, 1]) ** 2).sum() / size**2
    units = share * (1 - share) / scatter * (1.959964 / 3.182446) ** 2
    expected = inference.wilson(share * units, units)
    assert np.ravel(inference.clustered_wilson(values)) == pytest.approx(expected, rel=1e-5)


def test_documents_without_scatter_have_limits_all_the_same():
    low, high = inference.clustered_wilson(np.column_stack([np.zeros(12), np.ones(12)]))
    assert low == pytest.approx([0], abs=1e-9) and 0.2 < high[0] < 0.35, "none of twelve documents is not none at all"
    assert np.ravel(inference.clustered_wilson([[3, 8]])) == pytest.approx(inference.wilson(3, 8))
    few = inference.document_difference(np.ones((9, 2)), np.ones((30, 2)))
    assert few.method == "none: fewer than 10 documents" and np.isnan(few.low).all()


def test_labels_are_dealt_out_within_their_strata():
    inside, strata = np.array([1, 0, 1, 0, 0], dtype=bool), np.array([1, 0, 0, 1, 0])
    rows, exact = inference.splits_within(inside, strata)
    assert exact and len(np.unique(rows, axis=0)) == len(rows) == 2 * 3
    assert (rows[:, strata == 1].sum(axis=1) == 1).all() and (rows[:, strata == 0].sum(axis=1) == 1).all()
    drawn, exact = inference.splits_within(inside, strata, limit=5)
    assert not exact and len(drawn) == 9_999 and {tuple(row) for row in drawn} == {tuple(row) for row in rows}
    assert (inference.splits_within(inside, seed=3)[0] == inference.splits(5, 2, seed=3)).all()


def test_a_stratum_that_leans_to_one_side_is_no_difference():
    """Of one newsroom nine of ten articles stand inside, and it alone uses the word: a difference, but not of the sides."""
    values = np.r_[np.ones(10), np.zeros(10)]
    inside = np.r_[np.arange(10) < 9, np.arange(10) < 1]
    assert inference.permutation(values, inside).p[0] < 0.01
    assert inference.permutation(values, inside, strata=np.repeat([0, 1], 10)).p == pytest.approx([1])


def test_darwins_maize_by_flipping_signs():
    """Fisher 1935: of 32,768 ways 863 give a sum as large; the number of sums as far from zero is twice that."""
    heights = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    assert inference.sign_flips(np.array(heights)[:, None], seed=1) == pytest.approx([2 * 863 / 32_768], abs=0.007)
    some = np.array(heights[:9])[:, None]
    ways = np.array(np.meshgrid(*[[-1, 1]] * 9)).reshape(9, -1).T
    assert inference.sign_flips(some) == pytest.approx((np.abs(ways @ some) >= abs(some.sum())).mean(axis=0))
    assert inference.sign_flips([[0.0], [0.0]]).tolist() == [1]
