"""Contrasts say the same however they are computed, and what is planted survives every choice."""

import matplotlib
import numpy as np
import pandas as pd
import pytest

from helpers import (
    comparing,
    figures,
    frames,
    inference,
    newsrooms,
    plots_contrasts,
    plots_frames,
    robustness,
    store,
    validation,
)
from helpers.study import SAMPLE, Study
from tests.invented import IDS

matplotlib.use("agg")


def test_contrast_is_the_difference_of_mean_document_shares(table, in_a):
    side = table.index.get_level_values("doc_id").map(in_a).to_numpy(dtype=bool)
    assert np.allclose(robustness.contrast(table, in_a), table[side].mean() - table[~side].mean())


def test_leaving_one_out_equals_recomputing_without_it(table, in_a):
    out = robustness.leave_one_out(table, in_a)
    for doc_id in in_a.index:
        rest = table[table.index.get_level_values("doc_id") != doc_id]
        assert np.allclose(out.loc[doc_id], robustness.contrast(rest, in_a))
    assert robustness.leave_one_out(table, in_a & (in_a.index == "d0")).empty


def test_relabelled_differences_give_the_permutation_p(table, in_a):
    null, so = robustness.relabelled(table, in_a)
    assert so.to_numpy() == pytest.approx(robustness.contrast(table, in_a).to_numpy())
    counts = table.groupby(level="doc_id").sum()
    p = inference.permutation(counts.to_numpy() / 5, in_a.to_numpy()).p
    assert len(null) == 15
    assert np.allclose((null.abs() >= robustness.contrast(table, in_a).abs() - 1e-12).mean(), p)


# ---- what is dealt out again ----


def whose(names: str) -> np.ndarray:
    return np.array(list(names), dtype=object)


@pytest.mark.parametrize(
    "sides, names, of, stratum, name",
    [
        ("aabb", "甲乙丙丁", [0, 1, 2, 3], [0] * 4, "documents"),
        ("aaabbb", "甲甲乙丙丙丁", [0, 0, 1, 2, 2, 3], [0] * 4, "publishers"),
        (
            "aaabb",
            "甲甲甲乙丙",
            [0, 1, 2, 3, 4],
            [0] * 5,
            "documents",
        ),  # 甲 against the rest: it is 甲 that is compared
        ("aabb", "甲乙甲乙", [0, 1, 2, 3], [0] * 4, "documents"),  # as many on either side
        ("aaabbb", "甲甲乙甲乙丙", [0, 1, 2, 3, 4, 5], [1, 1, 0, 1, 0, 0], "documents within publishers"),
        ("aaaabb", "甲甲丁丁甲丙", [0, 1, 2, 2, 3, 4], [1, 1, 0, 1, 0], "publishers and documents within publishers"),
    ],
)
def test_what_is_dealt_out_follows_the_publishers(sides, names, of, stratum, name):
    found = newsrooms.draws(np.array([side == "a" for side in sides]), whose(names))
    assert found.of.tolist() == of and found.name == name
    assert pd.factorize(found.stratum)[0].tolist() == pd.factorize(np.array(stratum))[0].tolist()
    assert found.inside[found.of].tolist() == [side == "a" for side in sides]


def newsroom_corpus(
    dice: np.random.Generator, newsrooms_a_side: int, articles: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shares of eight frames in articles that resemble those of their newsroom, and the table of articles: no difference
    between the two kinds of outlet but that they are different newsrooms."""
    n = 2 * newsrooms_a_side
    rates = np.linspace(0.05, 0.5, 8)
    habit = dice.beta(rates * 19, (1 - rates) * 19, (n, 8)).clip(0.01, 0.99)
    own = dice.beta(habit * 9, (1 - habit) * 9, (articles, n, 8)).swapaxes(0, 1).reshape(-1, 8)
    shares = pd.DataFrame(dice.binomial(12, own) / 12).assign(n_units=1.0)
    shares.index = pd.Index([f"d{i}" for i in range(len(shares))], name="doc_id")
    room = np.repeat(np.arange(n), articles)
    docs = pd.DataFrame(
        {"doc_id": shares.index, "kind": np.where(room < n // 2, "报", "网"), "publisher": room.astype(str)}
    )
    return shares, docs


def false_alarms(known: bool, times: int = 30) -> float:
    """In how many of so many corpora without a difference some frame is called supported."""
    found, dice = 0, np.random.default_rng(8)
    for seed in range(times):
        shares, docs = newsroom_corpus(dice, newsrooms_a_side=5, articles=8)
        rows = comparing.compared(shares, "kind", docs if known else docs.drop(columns="publisher"), [], seed)
        rows["q_value"] = inference.benjamini_hochberg(rows["p_permutation"])
        found += comparing.judged(rows)["evidence"].eq("supported").any()
    return found / times


def test_articles_of_a_few_newsrooms_make_no_difference_of_the_kinds_of_outlet():
    assert false_alarms(known=True) <= 0.07
    assert false_alarms(known=False, times=10) >= 0.3, "taken for independent they nearly always do"


def test_the_profile_is_relabelled_as_its_frames_are(table, in_a):
    docs = pd.DataFrame({"doc_id": in_a.index, "publisher": list("甲乙丙丙丁戊")})
    null, so = robustness.relabelled(table, in_a, docs)
    own = table.groupby(level="doc_id").mean()
    voices = np.vstack([own.iloc[[0]], own.iloc[[1]], own.iloc[2:4].mean().to_frame().T, own.iloc[4:]])
    assert len(null) == 10, "two of five publishers"
    assert so.to_numpy() == pytest.approx(voices[:2].mean(axis=0) - voices[2:].mean(axis=0))
    assert null.iloc[0].to_numpy() == pytest.approx(so.to_numpy())


def test_a_difference_its_interval_and_its_null_are_of_publishers_where_these_are_dealt_out(table, in_a):
    """A publisher of thirty articles speaks no louder than one of a single article, in the difference as in its test."""
    rows = [(f"{side}{n}", float(n == 0), side) for side in "ab" for n in range(11) for _ in range(30 if n == 0 else 1)]
    whose, share, side = (np.array(column) for column in zip(*rows, strict=True))
    counts = pd.DataFrame({"war": np.where(side == "a", share, 0), "n_units": 1.0})
    row = comparing.difference_of(counts, newsrooms.draws(side == "a", whose.astype(object)), 0).iloc[0]
    assert (row["dealt"], row["n_docs_a"], row["n_docs_b"]) == ("publishers", 40, 40)
    assert row["difference"] == pytest.approx(1 / 11) and row["p_permutation"] == pytest.approx(1)
    assert row["null_low"] <= row["difference"] <= row["null_high"] and row["ci_low"] < 0 < row["ci_high"]
    docs = pd.DataFrame({"doc_id": in_a.index, "publisher": list("甲乙丙丙丁戊")})
    _, so = robustness.relabelled(table, in_a, docs)
    assert robustness.contrast(table, in_a, docs).to_numpy() == pytest.approx(so.to_numpy())
    told = robustness.choices({"as published": table}, in_a, {}, docs).query("variant == 'as published'")
    assert told["difference"].to_numpy() == pytest.approx(so.to_numpy())
    assert len(robustness.leave_one_out(table, in_a, docs)) == 6


# ---- within what else differs ----


def crossed(gap: float) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Twelve documents of ten units; the place alone makes war common, and side a is mostly of that place."""
    place = pd.Series({f"d{n}": "渝" if n in (0, 1, 2, 3, 4, 9) else "杭" for n in range(12)})
    in_a = pd.Series({f"d{n}": n < 6 for n in range(12)})
    index = pd.MultiIndex.from_product([place.index, range(1, 11)], names=frames.UNIT)
    often = (6 * (place == "渝") + 10 * gap * in_a).to_dict()
    values = [[unit <= often[doc], unit <= 3] for doc, unit in index]
    return pd.DataFrame(values, index=index, columns=pd.Index(IDS, name="frame")), in_a, place


def test_within_the_other_column_a_difference_made_by_it_is_gone():
    table, in_a, place = crossed(gap=0)
    assert robustness.contrast(table, in_a)["war"] == pytest.approx(0.4)
    inside, used = robustness.standardised(table, in_a, place)
    assert inside.tolist() == pytest.approx([0, 0]) and used == 12


def test_within_the_other_column_a_difference_of_its_own_stays():
    table, in_a, place = crossed(gap=0.2)
    assert robustness.standardised(table, in_a, place)[0]["war"] == pytest.approx(0.2)


def test_nothing_is_standardised_where_most_documents_have_nobody_to_be_compared_with():
    table, in_a, _ = crossed(gap=0)
    apart = pd.Series({f"d{n}": "共" if n in (0, 6) else f"地{n}" for n in range(12)})
    inside, used = robustness.standardised(table, in_a, apart)
    assert inside.isna().all() and used == 2


def test_cells_are_the_other_columns_and_thirds_of_length():
    docs = pd.DataFrame({"doc_id": list("甲乙丙"), "place": ["渝", "", "杭"], "n_paragraphs": [3, 40, 9]})
    known = robustness.cells(docs, ["place", "outlet"])
    assert known["place"].to_dict() == {"甲": "渝", "丙": "杭"}
    assert known["length"].to_dict() == {"甲": "short", "丙": "middle", "乙": "long"}


def test_pooled_weighs_units_and_contrast_documents():
    index = pd.MultiIndex.from_tuples([("长", n) for n in range(8)] + [("短", 1), ("乙", 1)], names=frames.UNIT)
    table = pd.DataFrame({"war": [True] * 8 + [False, False]}, index=index)
    in_a = pd.Series({"长": True, "短": True, "乙": False})
    assert robustness.pooled(table, in_a)["war"] == pytest.approx(8 / 9)
    assert robustness.contrast(table, in_a)["war"] == pytest.approx(1 / 2)


def test_every_contrast_stands_beside_the_same_within_each_other_column():
    table, in_a, place = crossed(gap=0.2)
    docs = pd.DataFrame({"doc_id": place.index, "place": place.to_numpy(), "n_paragraphs": 10})
    docs["year"] = in_a.map({True: "2022", False: "2020"}).to_numpy()
    docs["outlet"] = [f"报{n}" for n in range(12)]
    units = table.index.to_frame(index=False).assign(line=1, zone="body")
    rows = frames.differences(validation.as_codes(table), units, docs, "year")
    told = robustness.within(table, rows, docs, ["year", "place", "outlet"])
    assert told["other"].drop_duplicates().tolist() == ["place", "outlet", "length"]
    assert told[["n_docs", "n_docs_used"]].drop_duplicates().values.tolist() == [[12, 12], [12, 0]]
    war = told[told["frame"] == "war"].set_index("other")
    assert war["difference"].tolist() == pytest.approx([0.6] * 3)
    assert war["standardised"].tolist() == pytest.approx([0.2, np.nan, 0.6], nan_ok=True)
    assert war["among_used"].tolist() == pytest.approx([0.6, np.nan, 0.6], nan_ok=True)
    assert robustness.within(table, rows.assign(evidence="not identifiable"), docs, ["place"]).empty


def test_cells_weigh_as_cochran_and_mantel_and_haenszel_weigh_them():
    """甲: 1 against 3 documents, a difference of 1; 乙: 3 against 3 documents, none; 丙 has one side only."""
    cell = pd.Series({f"d{n}": place for n, place in enumerate("甲甲甲甲乙乙乙乙乙乙丙")})
    in_a = pd.Series({f"d{n}": n in (0, 4, 5, 6, 10) for n in range(11)})
    index = pd.MultiIndex.from_tuples([(doc, 1) for doc in cell.index], names=frames.UNIT)
    table = pd.DataFrame({"war": [True] + [False] * 9 + [True]}, index=index)
    inside, used = robustness.standardised(table, in_a, cell)
    assert used == 10 and inside["war"] == pytest.approx((3 / 4) / (3 / 4 + 9 / 6))
    assert robustness.comparable(in_a, cell).index.tolist() == [f"d{n}" for n in range(10)]


def test_every_choice_says_how_large_the_difference_is_under_it():
    table, in_a, place = crossed(gap=0)
    blind = table.assign(war=False)
    known = {"place": place, "outlet": pd.Series({f"d{n}": f"报{n}" for n in range(12)})}
    told = robustness.choices({"as published": table, "blind": blind}, in_a, known).query("frame == 'war'")
    assert dict(zip(told["variant"], told["difference"], strict=True)) == pytest.approx(
        {"as published": 0.4, "blind": 0, "paragraphs pooled": 0.4, "within place": 0}
    ), "and nothing within outlets, of which none stands on both sides"
    assert robustness.relabelled(table, in_a | True)[0].empty


# ---- verdicts and sentences ----


def test_a_contrast_has_the_strongest_verdict_of_its_frames():
    rows = pd.DataFrame(
        {"by": "year", "group_a": "2022", "group_b": "2020", "frame": ["war", "care", "duty"], "why": ""}
    )
    rows = rows.assign(n_docs_a=12, n_docs_b=12, n_splits=9999)
    rows["evidence"] = ["not distinguishable", "suggestive", "not distinguishable"]
    earlier = rows.assign(by="place", evidence="illustrative")  # contrasts stay in their order
    assert robustness.verdicts(pd.concat([rows, earlier]))["verdict"].tolist() == ["suggestive", "illustrative"]
    verdict = robustness.verdicts(rows).iloc[0]
    assert (verdict["verdict"], verdict["frames"]) == ("suggestive", "care")
    refused = robustness.verdicts(rows.assign(evidence="not identifiable", why="2022 is one document")).iloc[0]
    assert (refused["verdict"], refused["frames"], refused["why"]) == ("not identifiable", "", "2022 is one document")


def test_the_leading_contrast_is_chosen_by_design_and_never_refused():
    rows = pd.DataFrame(
        {
            "by": ["x", "y", "z"],
            "group_a": list("abc"),
            "group_b": "rest",
            "n_docs_a": [9, 3, 4],
            "n_docs_b": [9, 20, 15],
            "evidence": ["not identifiable", "illustrative", "illustrative"],
        }
    )
    assert robustness.leading(rows) == ("z", "c", "rest")
    assert robustness.leading(rows.head(1)) == ("", "", "")


def test_few_documents_are_spoken_of_as_these_documents():
    row = {
        "by": "place",
        "group_a": "甲",
        "group_b": "rest",
        "frame": "war",
        "difference": 0.2,
        "p_permutation": 0.001,
        "q_value": 0.01,
        "evidence": "illustrative",
        "n_docs_a": 4,
        "n_docs_b": 8,
    }
    labels = {"war": "War", "care": "Care"}
    told = robustness.spoken(pd.DataFrame([row]), labels)
    assert told == [
        "**甲** against rest (place; 4 and 8 documents): in these documents War +20 points "
        "(p = 0.001, q = 0.01, illustrative)."
    ]
    told = robustness.spoken(pd.DataFrame([row | {"q_value": 0.4}]), labels)
    assert told == [
        "**甲** against rest (place; 4 and 8 documents): in these documents no frame stands out from relabelled documents; "
        "the largest difference is War +20 points (p = 0.001, q = 0.4)."
    ]
    told = robustness.spoken(pd.DataFrame([row | {"q_value": 0.4, "difference": -0.002}]), labels)
    assert "is War +0 points" in told[0]  # not −0
    many = row | {"n_docs_a": 14, "n_docs_b": 18, "evidence": "suggestive", "q_value": 0.06}
    rest = many | {
        "by": "year",
        "frame": "care",
        "difference": -0.3,
        "p_permutation": 0.3,
        "evidence": "not distinguishable",
    }
    told = robustness.spoken(pd.DataFrame([many, many | {"frame": "care", "p_permutation": 0.3}, rest]), labels)
    assert told == [
        "**甲** against rest (place; 14 and 18 documents): War +20 points (p = 0.001, q = 0.06, suggestive).",
        "**甲** against rest (year; 14 and 18 documents): no frame stands out from relabelled documents; "
        "the largest difference is Care -30 points (p = 0.3, q = 0.06).",
    ]
    assert not robustness.spoken(pd.DataFrame([row | {"evidence": "not identifiable"}]), labels)


# ---- the sample's planted effects ----


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    study = Study(corpus=SAMPLE, results=tmp_path_factory.mktemp("results"))
    return study, robustness.variants(study, frames.read_codebook())


def test_every_choice_finds_the_planted_differences_between_years(sample):
    study, tables = sample
    in_2022 = robustness.sides(store.load(study, "articles"), "year", "2022")
    for name, table in tables.items():
        gap = robustness.contrast(table, in_2022)
        assert gap["war_metaphor"] < -0.05, name
        assert gap["technology_digital"] > 0.05 and gap["livelihood_warmth"] > 0.02, name
        assert gap[["party_mobilization", "unity_solidarity"]].abs().max() < 0.06, name


def test_variants_change_what_they_say_and_no_more(sample):
    _, tables = sample
    base = tables["as published"]
    fewer = (
        "without direct speech",
        "without negated hits",
        "words of two documents or more",
        "two words or rules at least",
    )
    for name in fewer:
        assert not (tables[name] & ~base).any(axis=None)
    assert len(tables["sentences as units"]) > len(base) and len(tables["all reprints counted"]) > len(base)
    assert tables["with the learned coder"].dtypes.eq(bool).all() and not tables["with the learned coder"].equals(base)
    assert len(tables["a reader's codes"]) >= 0.95 * len(base)


# ---- figures ----


def test_empty_tables_become_a_sentence():
    figures.setup()
    labels = {"war": "战争\nWar", "care": "温情\nCare"}
    nothing = pd.DataFrame()
    for fig in (
        plots_frames.documents(nothing, labels, {}, "x", "all"),
        plots_frames.arc(nothing, labels, "x", "y"),
        plots_contrasts.against_chance(nothing, labels, "x", {}, "none"),
        plots_contrasts.distance([], 0, "x", "y", "", "none"),
        plots_contrasts.robustness(nothing, nothing, labels, "x", {}, "none"),
    ):
        assert fig.axes[0].texts and not fig.axes[0].collections
