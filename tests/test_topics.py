"""Topics and clusters: coherence as gensim has it, planted structure found again, the same seed the same result."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse, stats
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.preprocessing import normalize

from helpers import alignment, cleaning, clusters, crossed, measures, terms, texts, topic_tables, topics
from helpers.segment import cutter
from helpers.study import CorpusError, Study
from tests.counted import of_matrix
from tests.mixture import news

SHARED = Path(os.environ.get("SHARED", Path(__file__).parents[2] / "shared"))
THEMES = [
    "核酸采样检测阳性抗原",
    "春耕农资种子化肥播种",
    "蔬菜配送保供超市物价",
    "党员支部先锋下沉书记",
    "隔离病房医生护士救治",
    "工厂复工订单生产企业",
]


def planted(k=6, units=30, tokens=25, noise=0.3, seed=0, sizes=None):
    """Counts of documents that each speak of one of k themes (five words each) among common words, and the themes."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(k), sizes if sizes is not None else units)
    rows = []
    for number, theme in enumerate(truth):
        own = [THEMES[theme][i : i + 2] for i in range(0, 10, 2)]
        common = [f"通用词{i}" for i in range(60)]
        words = [rng.choice(common if rng.random() < noise else own) for _ in range(tokens)]
        rows += [(f"d{number:03d}", 1, word) for word in words]
    return terms.count(pd.DataFrame(rows, columns=["doc_id", "paragraph", "token"]), "paragraph"), truth


# -- coherence, exclusivity, overlap ----------------------------------------------------------------------------------

COMMON_TEXTS = [
    "human interface computer",
    "survey user computer system response time",
    "eps user interface system",
    "system human system eps",
    "user response time",
    "trees",
    "graph trees",
    "graph minors trees",
    "graph minors survey",
]


GENSIM_TOPICS = [
    ["human", "computer", "system", "interface"],
    ["graph", "minors", "trees", "eps"],
    ["user", "graph", "minors", "system"],
    ["time", "graph", "survey", "minors"],
]


def common_texts() -> terms.Counts:
    rows = [(f"d{i}", word) for i, text in enumerate(COMMON_TEXTS) for word in text.split()]
    return terms.count(pd.DataFrame(rows, columns=["doc_id", "token"]))


def test_coherence_is_gensims():
    words, counts = GENSIM_TOPICS, common_texts()
    expected = [0.2768026848, -0.2211565054, -0.4102170816, -0.0239730734]
    assert topics.npmi(words, counts) == pytest.approx(expected, abs=1e-9)
    assert np.isnan(topics.npmi([["human", "unknown"]], counts)[0])


def test_a_word_that_none_of_the_units_has_is_left_out_of_coherence():
    counts = of_matrix([[1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    words = [counts.vocabulary.tolist()]
    some = counts.rows(np.arange(3))  # two of three units have each of two words, one has both; none the third
    assert topics.npmi(words, some)[0] == pytest.approx(np.log((1 / 3) / (2 / 3) ** 2) / -np.log(1 / 3), abs=1e-9)
    assert topics.umass(words, some)[0] == pytest.approx(np.log(1 / 2), abs=1e-9)
    assert np.isnan(measures.npmi([0, 0], [0, 5], [5, 0], 9)).all()


def test_umass_is_gensims():
    words, counts = GENSIM_TOPICS, common_texts()
    expected = [-0.7607246986, -13.4493064617, -17.7558500695, -9.1907098660]
    assert topics.umass(words, counts) == pytest.approx(expected, abs=1e-9)
    assert np.isnan(topics.umass([["human"]], counts)[0])


def test_frex_prefers_what_is_frequent_and_here_alone():
    """Three topics of three words: 甲 strong everywhere, 乙 strong and only here, 丙 weak and only here."""
    words = np.array([[0.5, 0.4, 0.1, 0.0, 0.0], [0.5, 0.0, 0.0, 0.5, 0.0], [0.5, 0.0, 0.0, 0.0, 0.5]])
    model = topics.fit(planted(3)[0], 3)
    model = replace(model, words=words, vocabulary=np.array(list("甲乙丙丁戊"), dtype=object))
    # ranks of the first topic by share of the word: 甲 3/5, 乙 and 丙 5/5; by weight: 甲 5/5, 乙 4/5, 丙 3/5
    assert topics.frex(model)[0, :3] == pytest.approx([2 / (5 / 3 + 1), 2 / (1 + 5 / 4), 2 / (1 + 5 / 3)])
    assert topics.frex_words(model, 1)[0] == ["乙"]


def test_a_word_without_weight_is_none_of_a_topics_words():
    """Two themes that share no word: what fills the ten up would make them alike, less coherent and less exclusive."""
    rows = [(f"d{n}", word) for n in range(4) for word in THEMES[n // 2][:3]]
    counts = terms.count(pd.DataFrame(rows, columns=["doc_id", "token"]))
    model = topics.fit(counts, 2)
    assert sorted(map(sorted, model.top(10))) == sorted(sorted(theme[:3]) for theme in THEMES[:2])
    assert topics.terms_table(model).groupby("topic")["term"].agg(list).tolist() == model.top(10)
    assert topics.exclusivity(model) == pytest.approx([1, 1])
    assert topics.npmi(model.top(10), counts) == pytest.approx([1, 1], abs=1e-9)
    assert (alignment.match(model.top(10), model.top(10)[::-1])[0] == [1, 0]).all()


def test_words_of_one_topic_only_are_exclusive():
    model = topics.fit(planted(3, noise=0)[0], 3)
    assert topics.exclusivity(model, 5) == pytest.approx([1, 1, 1], abs=1e-3)


word_lists = st.lists(st.sampled_from("甲乙丙丁戊己庚"), min_size=3, max_size=3, unique=True)


@given(st.permutations(range(4)), st.lists(word_lists, min_size=4, max_size=4))
def test_overlap_does_not_mind_the_order_of_topics(order, words):
    assert alignment.match(words, [words[i] for i in order])[1].tolist() == [1.0] * 4


# -- topics -----------------------------------------------------------------------------------------------------------


def test_planted_themes_are_found():
    counts, truth = planted()
    model = topics.fit(counts, 6)
    assert adjusted_rand_score(truth, model.dominant) > 0.95
    assert {frozenset(words) for words in model.top(5)} == {
        frozenset(theme[i : i + 2] for i in range(0, 10, 2)) for theme in THEMES
    }


def test_the_rule_proposes_the_planted_number():
    choice = topics.choose_k(planted()[0], ks=(3, 4, 6, 8, 10), seeds=range(3))
    assert choice.columns[:5].tolist() == ["k", "npmi", "exclusivity", "stability_seed", "stability_sample"]
    assert choice.loc[choice["proposed"], "k"].tolist() == [6]


def test_noise_is_not_stable():
    rng = np.random.default_rng(0)
    rows = [(f"d{i}", f"词{rng.integers(80)}") for i in range(80) for _ in range(20)]
    noise = topics.stability(terms.count(pd.DataFrame(rows, columns=["doc_id", "token"])), 6, seeds=range(3))
    theme = topics.stability(planted()[0], 6, seeds=range(3))
    assert noise["stability_sample"].mean() < 0.35 < 0.5 < theme["stability_sample"].min()
    assert (theme["sample_low"] <= theme["stability_sample"]).all()


def test_same_seed_same_topics_and_shares_sum_to_one():
    counts, _ = planted()
    first, second = topics.fit(counts, 5, seed=7), topics.fit(counts, 5, seed=7)
    assert np.array_equal(first.shares, second.shares) and first.top() == second.top()
    assert first.shares.sum(axis=1) == pytest.approx(np.ones(len(counts.units)))
    assert first.words.sum(axis=1) == pytest.approx(np.ones(5))
    pd.testing.assert_frame_equal(topics.choose_k(counts, (4, 6), range(2)), topics.choose_k(counts, (4, 6), range(2)))


def test_tables_have_the_columns_of_the_contract():
    counts, _ = planted()
    model = topics.fit(counts, 6)
    words = topics.terms_table(model, 4, labels={2: "保供"})
    assert words.columns.tolist() == ["topic", "rank", "term", "weight", "label"] and len(words) == 24
    assert words.loc[words["topic"] == 2, "label"].unique().tolist() == ["保供"]
    units = topics.units_table(model)
    assert units.columns.tolist() == ["doc_id", "paragraph", "topic", "weight"]
    assert units["weight"].between(0.05, 1).all()
    whole = topics.units_table(topics.fit(terms.by_document(counts), 6))
    assert whole["paragraph"].isna().all()


def test_prevalence_of_groups_sums_to_one_and_knows_few_documents():
    counts, truth = planted(3)
    model = topics.fit(counts, 3)
    groups = dict(zip(counts.units["doc_id"], np.where(truth == 0, "甲地", "乙地"), strict=True))
    table = topics.prevalence(model, groups, by="place")
    assert table.groupby("group")["share"].sum().tolist() == pytest.approx([1, 1])
    assert table.groupby("group")["share"].max()["甲地"] > 0.8 and (table["n_docs"] > 10).all()
    assert table["ci_low"].notna().all() and (table["ci_low"] <= table["share"]).all()
    assert topics.prevalence(model)["ci_low"].isna().all(), "one document has no interval between documents"


def made(documents, shares) -> topics.Topics:
    """A model of which only the shares matter: one row for each unit of these documents."""
    shares = np.array(shares, dtype=float)
    words = np.eye(shares.shape[1])
    names = np.array(list("甲乙丙丁")[: len(words)], dtype=object)
    ones = np.ones(len(shares), dtype=int)
    return topics.Topics(shares, shares, words, pd.DataFrame({"doc_id": documents}), names, ones, np.ones(len(words)))


def test_documents_count_alike_in_the_share_of_their_group():
    shares = [[1, 0], [0, 1], [0.5, 0.5], [0.2, 0.8], [0.9, 0.1], [1, 0]]
    model = made(["长", "长", "短", "中", "无", "空"], shares)
    table = topics.prevalence(model, {"长": "甲地", "短": "乙地", "中": "乙地", "空": ""}, by="place")
    assert table[["by", "group", "topic", "n_units", "n_docs"]].values.tolist() == [
        ["place", "乙地", 1, 2, 2],
        ["place", "乙地", 2, 2, 2],
        ["place", "甲地", 1, 2, 1],
        ["place", "甲地", 2, 2, 1],
    ]
    assert table["share"].tolist() == pytest.approx([0.35, 0.65, 0.5, 0.5])
    whole = topics.prevalence(model)
    assert whole["by"].eq("doc_id").all() and whole.set_index(["group", "topic"])["share"]["长", 2] == 0.5
    assert whole.drop_duplicates("group").set_index("group")["n_units"].to_dict()["长"] == 2
    assert topics.prevalence(model, {}).columns.tolist() == table.columns.tolist()
    assert topics.prevalence(model, {}).empty


def test_limits_of_a_group_are_those_of_a_mean_over_documents():
    share = np.random.default_rng(2).beta(2, 5, 40)
    documents = [f"d{n:02}" for n in range(40)]
    row = topics.prevalence(made(documents, np.c_[share, 1 - share]), dict.fromkeys(documents, "a")).iloc[0]
    half = 1.96 * share.std() / np.sqrt(40)
    assert row["share"] == pytest.approx(share.mean())
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((share.mean() - half, share.mean() + half), abs=0.006)


def test_a_trend_is_spearmans_and_asks_for_ten_documents_on_three_days():
    rng = np.random.default_rng(4)
    share, documents = rng.integers(0, 6, 24) / 10, [f"d{n:02}" for n in range(24)]
    model = made(np.repeat(documents, 2), np.c_[share, 1 - share].repeat(2, axis=0))
    days = pd.Series([f"2022-03-{1 + n // 2:02}" for n in range(24)], index=documents)
    days.iloc[:2], days.iloc[2] = ["", "2022"], None
    rho, p = stats.spearmanr(days.iloc[3:].str[-2:].astype(int), share[3:])
    table = topics.over_time(model, days)
    assert table["rho"].tolist() == pytest.approx([rho, -rho]) and table["n_docs"].tolist() == [21, 21]
    assert table["p_permutation"].tolist() == pytest.approx([p, p], abs=0.02)
    assert table[["first", "last"]].drop_duplicates().values.tolist() == [["2022-03-02", "2022-03-12"]]
    assert table["q_value"].tolist() == table["p_permutation"].tolist(), "two topics that mirror each other have one p"
    assert topics.over_time(model, days.tail(10))["rho"].notna().all() and len(days.tail(10).unique()) == 5
    assert topics.over_time(model, days.tail(9))["rho"].isna().all()
    rising = made(documents[3:23:2], np.c_[np.arange(10), 9 - np.arange(10)] / 9)
    assert topics.over_time(rising, days)["p_permutation"].tolist() == [1e-4, 1e-4], "no order of ten rises as far"
    nowhere = made(documents, np.c_[share, 1 - share, np.zeros(24)])
    table = topics.over_time(nowhere, days)
    assert (
        table["rho"].tolist()[:2] == pytest.approx([rho, -rho]) and table.loc[2, ["rho", "p_permutation"]].isna().all()
    )
    assert np.isnan(table.loc[2, "q_value"]), "a topic that none of them has does not go with the day"
    assert table["rho"].tolist()[:2] == pytest.approx([rho, -rho])
    told = table.loc[2, ["rho", "p_permutation", "q_value"]]
    assert told.isna().all(), "a topic that none of them has does not go with the day"
    halves = days.tail(20).map(lambda day: "2022-03-01" if day < "2022-03-08" else "2022-03-09")
    assert topics.over_time(model, halves)["rho"].isna().all(), "two days are before and after, no trend"
    assert topics.over_time(model, halves.where(halves.index != "d23", "2022-03-30"))["rho"].notna().all()


def test_phi_of_topic_and_frame_is_their_correlation_and_of_nothing_there_is_none():
    model = made(["d1"] * 6, np.repeat([[1.0, 0, 0], [0, 1, 0]], [4, 2], axis=0))
    paragraphs = model.units.assign(paragraph=range(6))
    hits = [(0, "war"), (1, "war"), (4, "war"), *((n, "speed") for n in range(6))]
    frames = pd.DataFrame(hits, columns=["paragraph", "frame"]).assign(doc_id="d1", negated=False)
    table = topic_tables.frames_told(replace(model, units=paragraphs), paragraphs, frames).set_index(["frame", "topic"])
    assert table.loc[("war", 1), "phi"] == pytest.approx(np.corrcoef([1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 1, 0])[0, 1])
    assert table.loc[("war", 1), ["both", "of_topic", "of_frame"]].tolist() == pytest.approx([2, 1 / 2, 2 / 3])
    assert table.loc[("war", 3), ["of_topic", "phi"]].isna().all() and table.loc[("war", 3), "of_frame"] == 0
    assert table.loc["speed", "phi"].isna().all() and table.loc[("speed", 1), "of_topic"] == 1


def test_confounding_shows_when_topics_are_the_documents():
    rows = [(f"d{d}", p, w) for d in range(3) for p in range(10) for w in (THEMES[d][:2], THEMES[d][2:4], "工作")]
    counts = terms.count(pd.DataFrame(rows, columns=["doc_id", "paragraph", "token"]), "paragraph")
    table = topics.confounding(topics.fit(counts, 3), {"year": {"d0": 2020, "d1": 2022, "d2": 2022}})
    assert table["against"].tolist() == ["doc_id", "year"]
    assert table["ari"][0] == pytest.approx(1) and 0 < table["ari"][1] < 1
    known = {"place": {"d0": "甲", "d1": "乙", "d2": ""}, "year": {"d0": 2020, "d1": 2020, "d2": ""}}
    table = topics.confounding(topics.fit(counts, 3), known).set_index("against")
    assert table["n_units"].to_dict() == {"doc_id": 30, "place": 20}, "the unknown is no group, and one group is none"
    assert table.loc["place", "ari"] == pytest.approx(1)


def test_unit_follows_the_size_of_the_corpus_and_says_why():
    assert topics.unit_for(60, 900)[0] == "paragraph" and "here 60" in topics.unit_for(60, 900)[1]
    assert topics.unit_for(400, 5000)[0] == "doc_id"


def test_too_small_a_corpus_is_refused_in_words():
    tokens = pd.DataFrame({"doc_id": ["甲", "乙"], "token": ["核酸", "春耕"]})
    with pytest.raises(CorpusError, match="too small"):
        topics.fit(terms.count(tokens), 2)
    with pytest.raises(CorpusError, match="choose"):
        topics.cluster(terms.count(tokens), 3)


# -- guided topics, new articles, time -----------------------------------------------------------------------------


def test_a_guide_finds_the_small_theme_that_free_topics_pass_over():
    counts, truth = planted(noise=0.6, sizes=[40, 8, 40, 40, 40, 40])
    free, asked = topics.fit(counts, 5), topics.guided(counts, 5, {"farming": ["春耕", "农资"], "nothing": ["航天"]})
    assert sorted(asked.guides) == ["", "", "", "", "farming"]
    place = asked.guides.index("farming")
    assert {"春耕", "农资", "种子", "化肥", "播种"} <= set(asked.top(8)[place])
    found = np.corrcoef(asked.shares[:, place], truth == 1)[0, 1]
    assert found > 0.7 > 0.4 > max(np.corrcoef(share, truth == 1)[0, 1] for share in free.shares.T)
    assert len(asked.shares) == counts.shape[0] and asked.shares.sum(axis=1) == pytest.approx(np.ones(len(truth)))
    near = topics.nearest(asked, asked)
    assert near["nearest"].tolist() == [1, 2, 3, 4, 5] and near["correlation"].to_numpy() == pytest.approx(np.ones(5))


def test_every_guide_holds_its_own_topic_and_one_without_words_is_no_guide(tmp_path):
    counts, _ = planted(noise=0.5)
    guides = {"farming": ["春耕"], "party": ["党员"], "supply": ["蔬菜", "超市"]}
    asked = topics.guided(counts, 6, guides)
    for name, words in guides.items():
        assert set(words) <= set(asked.top(5)[asked.guides.index(name)]), name
    path = tmp_path / "guides.csv"
    pd.DataFrame({"topic": ["a", "b", "a"], "term": ["春耕", "党员", "农资"]}).to_csv(path, index=False)
    assert topics.read_guides(path) == {"a": ["春耕", "农资"], "b": ["党员"]}
    path.write_text("topic,word\na,春耕\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="guides.csv: the column term is missing"):
        topics.read_guides(path)


def test_more_guides_than_topics_are_refused():
    with pytest.raises(CorpusError, match="2 guides for 1"):
        topics.guided(planted(3)[0], 1, {"a": ["核酸"], "b": ["春耕"]})


def test_folding_in_what_was_fitted_changes_nothing_and_new_units_are_read_rightly():
    counts, truth = planted(noise=0.5)
    even, odd = np.arange(0, len(truth), 2), np.arange(1, len(truth), 2)
    model = topics.fit(counts.rows(even), 6)
    again, new = topics.fold_in(model, counts.rows(even)), topics.fold_in(model, counts.rows(odd))
    assert np.abs(again.shares - model.shares).max() < 0.05 and (again.dominant == model.dominant).all()
    assert adjusted_rand_score(truth[odd], new.dominant) > 0.9 and new.top() == model.top()
    assert new.units.equals(counts.rows(odd).units) and new.sizes.tolist() == counts.sizes[odd].tolist()
    strange = topics.fold_in(model, terms.count(pd.DataFrame({"doc_id": ["新"], "token": ["航天"]})))
    assert strange.dominant.tolist() == [0]


def test_a_topic_that_comes_with_time_is_told_from_one_that_does_not():
    counts, truth = planted(3)
    model = topics.fit(counts, 3)
    late = pd.to_datetime("2020-01-01") + pd.to_timedelta(np.arange(len(truth)) + 400 * (truth == 2), unit="D")
    dates = pd.Series(late.strftime("%Y-%m-%d"), index=counts.units["doc_id"])
    table = topics.over_time(model, dates).set_index("topic")
    newest = model.dominant[-1]
    assert table.loc[newest, "rho"] > 0.5 and table.loc[newest, "q_value"] < 0.01
    shuffled = topics.over_time(model, pd.Series(np.random.default_rng(1).permutation(dates), index=dates.index))
    assert (shuffled["p_permutation"] > 0.01).all()
    few = topics.over_time(model, dates.iloc[:9])
    assert few["rho"].isna().all() and (few["n_docs"] == 9).all()


def test_time_is_counted_in_units_that_hold_ten_documents():
    days = pd.Series([f"2020-0{month}-15" for month in (1, 2, 3) for _ in range(12)] + ["2020"])
    name, found = topics.periods(days)
    assert name == "month" and found.iloc[0] == "2020-01" and found.iloc[-1] == ""
    assert topics.periods(days.iloc[::6])[0] == "year"
    crowded = pd.Series(["2020-01-15"] * 90 + [f"2020-0{month}-15" for month in range(2, 8) for _ in range(4)])
    assert topics.periods(crowded)[0] == "quarter", "one full month does not make months full"


def test_the_panel_has_bands_and_is_the_same_on_one_processor(monkeypatch):
    counts, _ = planted()
    detail, choice, _ = topics.panel(counts, (4, 6), range(2))
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    alone = topics.panel(counts, (4, 6), range(2))
    pd.testing.assert_frame_equal(choice, alone[1])
    pd.testing.assert_frame_equal(detail, alone[0])
    for name in ("stability_seed", "stability_sample", "ari_seed"):
        assert (choice[f"{name}_low"] <= choice[name] + 1e-12).all()
        assert (choice[name] <= choice[f"{name}_high"] + 1e-12).all()
    assert choice.loc[choice["k"] == 6, "ari_seed"].item() > 0.95


def test_rows_of_the_panel_find_the_topics_of_a_model():
    counts, _ = planted()
    detail, _, _ = topics.panel(counts, (6,), range(2))
    model = topics.fit(counts, 6, seed=3)
    turned = detail.iloc[::-1].reset_index(drop=True)
    found = topics.of_model(turned, model)
    assert [set(words.split("、")) for words in found["words"]] == [set(words) for words in model.top(10)]
    kept = pd.DataFrame({"stability_seed": [0.9, 0.9, np.nan], "stability_sample": [0.5, 0.4, np.nan]})
    assert topics.nameable(kept).tolist() == [True, False, False]


def test_what_is_known_of_topics_is_told_in_the_order_and_with_the_labels_of_the_model():
    numbers, stems, branches = list("一二三四五六七八九十"), list("甲乙丙丁戊己庚辛壬癸"), list("子丑寅卯辰巳午未申酉")
    vocabulary = np.array(sorted(numbers + stems + branches), dtype=object)
    weights = np.array([np.isin(vocabulary.astype(str), words) / 10 for words in (numbers, stems, branches)])
    model = replace(made(["d0", "d1", "d2"], np.eye(3)), words=weights, vocabulary=vocabulary)
    rows = [
        (2, 1, numbers, 0.1),
        (3, 1, branches[:9] + ["戌"], 0.7),
        (3, 2, numbers, 0.9),
        (3, 3, list("东南西北"), 0.8),
    ]
    detail = pd.DataFrame(rows, columns=["k", "topic", "words", "stability_seed"]).assign(label="旧")
    detail["words"] = detail["words"].map("、".join)
    told = topics.of_model(detail, model)
    assert told["topic"].tolist() == [1, 2, 3] and told["k"].eq(3).all() and told["label"].tolist() == model.labels()
    assert told["stability_seed"].tolist() == pytest.approx([0.9, np.nan, 0.7], nan_ok=True)
    assert told["words"].tolist()[::2] == detail["words"].tolist()[2:0:-1] and list(told) == list(detail)


def test_how_often_a_word_comes_back_is_counted_by_hand():
    words = np.array([[0.5, 0.3, 0.1, 0.1], [0, 0, 0.6, 0.4]])
    model = replace(made(["d0"], [[1, 0]]), words=words, vocabulary=np.array(list("甲乙丙丁"), dtype=object))
    rows = [
        ("seed", 1, "甲、乙"),
        ("seed", 2, "甲、戊"),
        ("sample", 1, "乙"),
        ("sample", 2, ""),
        ("sample", 3, "乙、甲、丁"),
    ]
    runs = pd.DataFrame(rows, columns=["kind", "run", "words"]).assign(topic=1)
    table = topics.returns(runs, model)
    assert table.columns.tolist() == ["topic", "rank", "term", "seed", "sample"] and table["topic"].eq(1).all()
    told = table.set_index("term")[["seed", "sample"]]
    assert told.loc["甲"].tolist() == [1, 1 / 3] and told.loc["乙"].tolist() == [1 / 2, 2 / 3]
    assert (
        told.loc["丙"].tolist() == [0, 0]
        and told.loc["丁"].tolist() == [0, 1 / 3]
        and table["rank"].tolist() == [1, 2, 3, 4]
    )
    assert topics.returns(runs[runs["kind"] == "seed"], model)["sample"].eq(0).all()


def test_topics_that_the_sample_was_written_with_are_found():
    docs, _ = texts.load(Study())
    _, paragraphs = cleaning.clean_docs(docs)
    paragraphs = paragraphs[paragraphs["zone"] == "body"]
    tokens = paragraphs[["doc_id", "paragraph"]].assign(token=cutter()(paragraphs["text"].tolist())).explode("token")
    counts = terms.without(terms.count(tokens, "paragraph"), terms.stopwords("function", kinds=["pronoun"]))
    guides = topics.read_guides()
    designed = list(guides)[:5]
    asked = topics.guided(counts, 8, guides, seed=1)
    share = dict(zip(asked.guides, asked.shares.mean(axis=0), strict=True))
    assert all(share[name] > 0.05 for name in designed)
    free = topics.fit(counts, 8, seed=1).top(10)
    offered = [name for name in designed if any(len(set(words) & set(guides[name])) >= 2 for words in free)]
    assert {"testing_tracing", "production_farming", "volunteers_party"} <= set(offered)


# -- clusters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [[30] * 6, [90, 40, 30, 20, 15, 12]])
def test_planted_groups_are_recovered_even_or_uneven(sizes):
    counts, truth = planted(sizes=sizes, noise=0.5)
    labels = topics.cluster(terms.tfidf(counts), 6)
    assert adjusted_rand_score(truth, labels) > 0.9
    assert np.bincount(labels).tolist() == sorted(np.bincount(labels), reverse=True)


def test_clusters_repeat_and_take_counts_weights_or_a_bare_matrix():
    counts, _ = planted(noise=0.6)
    weights = terms.tfidf(counts)
    first = topics.cluster(weights, 4, seed=3)
    assert np.array_equal(first, topics.cluster(weights, 4, seed=3))
    assert np.array_equal(first, topics.cluster(weights.matrix, 4, seed=3))
    assert adjusted_rand_score(first, topics.cluster(counts, 4, seed=3)) > 0.8
    assert set(topics.cluster(weights, 1)) == {0}


def test_a_dozen_copies_do_not_become_a_cluster():
    counts, truth = planted(3, noise=0.4)
    copies = np.r_[np.arange(90), np.full(14, 5)]
    labels = topics.cluster(terms.tfidf(counts.rows(copies)), 3)
    assert adjusted_rand_score(truth[copies], labels) > 0.9


def test_weights_for_likeness_are_the_same_from_counts_and_from_tfidf():
    often = np.repeat([0.03, 0.4, 2], [3, 10, 3])  # words of one unit, of some, of nearly all
    times = np.c_[np.random.default_rng(5).poisson(often, (30, 16)), np.ones(30, dtype=int)]
    counts = of_matrix(times, names=[f"d{n:02}" for n in range(30)])
    ours, times = clusters.comparable(counts.matrix).toarray(), counts.matrix.toarray()
    assert ours == pytest.approx(clusters.comparable(terms.tfidf(counts).matrix).toarray())
    found_in, n = (times > 0).sum(axis=0), len(times)
    kept = (found_in >= 2) & (found_in <= n / 2)
    by_hand = normalize((np.sqrt(times) * (np.log((1 + n) / (1 + found_in)) + 1))[:, kept])
    assert ours == pytest.approx(by_hand) and (found_in < 2).any() and (found_in > n / 2).any()


@pytest.mark.parametrize("most_dense", [0, 1_000])
def test_units_are_placed_by_the_leading_eigenvectors_of_their_linked_graph(monkeypatch, most_dense):
    """Two stars, whose negative eigenvalues are as large as the positive ones; likeness of rows does not mind rotation."""
    monkeypatch.setattr(clusters, "MOST_DENSE", most_dense)
    rng, n, k = np.random.default_rng(7), 80, 3
    adjacency = np.zeros((n, n))
    for hub, leaves in ((0, range(1, 40)), (40, range(41, 80))):
        adjacency[hub, leaves] = adjacency[leaves, hub] = rng.uniform(0.5, 1, 39)
    degrees = adjacency.sum(axis=1)
    tau = clusters.LINK * degrees.mean()
    scale = np.diag((degrees + tau) ** -0.5)
    values, vectors = np.linalg.eigh(scale @ (adjacency + tau / n) @ scale)
    assert abs(values[0]) > values[-3] > values[-4] + 1e-3
    known, found = normalize(vectors[:, -k:]), clusters._embedding(sparse.csr_array(adjacency), k, seed=0)
    assert found @ found.T == pytest.approx(known @ known.T, abs=1e-3)


def test_large_corpora_go_through_lsa_to_the_same_clusters(monkeypatch):
    counts, truth = planted(noise=0.5)
    monkeypatch.setattr(clusters, "MOST_EXACT", 50)
    monkeypatch.setattr(clusters, "MOST_DENSE", 50)
    assert adjusted_rand_score(truth, topics.cluster(terms.tfidf(counts), 6)) > 0.9


@pytest.mark.skipif(not (SHARED / "corpus" / "dev_real").is_dir(), reason="the shared corpora are not here")
def test_parts_of_real_articles_find_each_other_better_than_by_plain_k_means():
    cut = pytest.importorskip("helpers.segment").cut
    cleaning = pytest.importorskip("helpers.cleaning")
    rows = []
    for path in sorted((SHARED / "corpus" / "dev_real").rglob("*.[tm][xd]*")):
        if path.name == "README.md":
            continue
        _, paragraphs = cleaning.clean(path.read_text(encoding="utf-8"))
        tokens = [token for text in paragraphs["text"] for token in cut(text)]
        if len(tokens) >= 600:
            rows += [(path.stem, place * 6 // len(tokens), token) for place, token in enumerate(tokens)]
    counts = terms.count(pd.DataFrame(rows, columns=["doc_id", "paragraph", "token"]), "paragraph")
    truth, k = counts.units["doc_id"], counts.units["doc_id"].nunique()
    weights = terms.tfidf(counts)
    plain = normalize(TruncatedSVD(100, random_state=0).fit_transform(weights.matrix))
    plain = KMeans(k, n_init=10, random_state=0).fit_predict(plain)
    ours = topics.cluster(weights, k)
    assert k >= 15
    assert normalized_mutual_info_score(truth, ours) > max(normalized_mutual_info_score(truth, plain), 0.85)
    assert adjusted_rand_score(truth, ours) > adjusted_rand_score(truth, plain)


@pytest.mark.parametrize("kinds", [{"own": 0.6}, {"own": 0.5, "story": 0.2}, {"own": 0.6, "two": 0.4}])
def test_generated_news_of_known_classes_are_told_apart(kinds):
    """Mean of three seeds; plain TF-IDF, LSA-100 and k-means are the measure to beat, by far."""
    ours, plain = [], []
    for seed in range(3):
        matrix, truth = news(seed, n=400, **kinds)
        weights = TfidfTransformer().fit_transform(matrix)
        space = normalize(TruncatedSVD(100, random_state=seed).fit_transform(weights))
        for found, labels in (
            (ours, topics.cluster(matrix, 10, seed)),
            (plain, KMeans(10, n_init=3, random_state=seed).fit_predict(space)),
        ):
            found.append((normalized_mutual_info_score(truth, labels), adjusted_rand_score(truth, labels)))
    nmi, ari = np.mean(ours, axis=0)
    assert nmi > 0.88 and ari > 0.83
    assert (np.mean(ours, axis=0) > np.mean(plain, axis=0) + 0.1).all()


def test_texts_tokens_and_counts_give_the_same_clusters():
    texts = ["核酸检测点连夜采样", "采样点开展核酸检测", "", "春耕备耕农资到田", "农资下田保春耕"] * 3
    tokens = cutter()(texts)
    by_text, by_tokens = topics.cluster(texts, 2, seed=1), topics.cluster(tokens, 2, seed=1)
    assert np.array_equal(by_text, by_tokens) and len(by_text) == 15
    assert by_text[0] == by_text[1] != by_text[3] == by_text[4]


def test_clusters_follow_events_until_frames_have_as_many_words():
    table = crossed.followed((0.05, 0.4), seed=2)
    assert table["ari_events"].tolist() == pytest.approx([1, 0], abs=0.1)
    assert table["ari_frames"].tolist() == pytest.approx([0, 1], abs=0.1)
