"""What groups, runs, trees and maps of topics must say whatever the corpus: no sides, no limits; no text, no rows."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import lxml.html
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import linkage
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from helpers import (
    clusters,
    embedding,
    figures,
    lda,
    plots_topics,
    terms,
    topic_choice,
    topic_groups,
    topic_map,
    topics,
)
from helpers.study import CorpusError
from tests.counted import of_matrix
from tests.mixture import news
from tests.test_topics import THEMES, planted


@pytest.fixture(scope="module")
def model():
    return topics.fit(planted(3, noise=0.3)[0], 3)


def articles(model, places) -> pd.DataFrame:
    ids = model.units["doc_id"].drop_duplicates().to_numpy()
    return pd.DataFrame({"doc_id": ids, "place": np.resize(places, len(ids))})


def themes(model) -> np.ndarray:
    """Which theme each document of `planted` was written with: thirty of each, in order."""
    return np.repeat(["甲地", "乙地", "丙地"], 30)


# -- groups of documents -----------------------------------------------------------------------------------------------


def test_a_planted_difference_is_supported_and_a_random_one_is_not(model):
    by_theme = topic_groups.differences(model, articles(model, themes(model)), ["place"])
    assert by_theme["evidence"].value_counts()["supported"] == 9 and (by_theme["n_docs_a"] == 30).all()
    own = by_theme.loc[by_theme.groupby("group_a")["difference"].idxmax()]
    assert (own["difference"] > 0.6).all() and own["topic"].nunique() == 3
    assert ((own["ci_low"] <= own["difference"]) & (own["difference"] <= own["ci_high"])).all()
    mixed = topic_groups.differences(model, articles(model, ["甲地", "乙地"]), ["place"])
    assert mixed["evidence"].eq("not distinguishable").all()


def test_differences_of_two_groups_are_those_of_their_prevalence_and_add_up_to_nothing(model):
    table = articles(model, ["2020", "2022", "2022"]).rename(columns={"place": "year"})
    rows = topic_groups.differences(model, table, ["year"])
    shares = topics.prevalence(model, table.set_index("doc_id")["year"], "year").pivot(
        index="topic", columns="group", values="share"
    )
    assert rows["difference"].to_numpy() == pytest.approx((shares["2022"] - shares["2020"]).to_numpy())
    assert rows["difference"].sum() == pytest.approx(0, abs=1e-12)


def test_few_documents_are_illustrative_and_one_is_not_read(model):
    few = topic_groups.differences(model, articles(model, ["甲地"] * 9 + ["乙地"] * 81), ["place"])
    assert few["evidence"].eq("illustrative").all() and few["ci_low"].isna().all()
    names = {1: "一", 2: "二", 3: "三"}
    assert "in these documents" in topic_groups.spoken(few, names)[0]
    one = topic_groups.differences(model, articles(model, ["甲地"] + ["乙地"] * 89), ["place"])
    assert one["evidence"].eq("not identifiable").all()
    assert "not read, because 甲地 is one document" in topic_groups.spoken(one, names)[0]


def test_a_difference_without_limits_says_so_and_every_kind_of_evidence_is_counted(model):
    rows = topic_groups.differences(model, articles(model, ["甲地"] * 45 + ["乙地"] * 45), ["place"])
    bare = rows.assign(ci_low=np.nan, ci_high=np.nan)
    assert "(no interval; p = " in topic_groups.spoken(bare, {1: "一", 2: "二", 3: "三"})[0]
    mixed = rows.assign(evidence=["supported", "not distinguishable", "not distinguishable"])
    assert topic_groups.counted(mixed) == "Of 3 differences between groups: 1 supported, 2 not distinguishable."


def test_columns_that_hang_together_are_not_told_apart(model):
    table = articles(model, ["甲地", "乙地"]).assign(
        year=lambda rows: rows["place"].map({"甲地": "2020", "乙地": "2022"})
    )
    rows = topic_groups.differences(model, table, ["place", "year"])
    assert rows["evidence"].eq("not identifiable").all() and rows["why"].str.contains("always").all()
    assert topic_groups.differences(model, table.assign(place=""), ["place"]).columns.tolist() == topic_groups.COLUMNS


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(["甲", "乙", "", None]), min_size=90, max_size=90))
def test_prevalence_is_the_mean_over_units_and_leaves_out_what_has_no_group(model, names):
    groups = dict(zip(model.units["doc_id"], names, strict=True))
    table = topics.prevalence(model, groups, "place")
    of_unit = model.units["doc_id"].map(groups)
    for name, own in table.groupby("group"):
        assert own["share"].to_numpy() == pytest.approx(model.shares[(of_unit == name).to_numpy()].mean(axis=0))
        assert own["ci_low"].notna().all() == ((of_unit == name).sum() >= 10)
    assert set(table["group"]) == {name for name in names if name}


# -- what comes back ---------------------------------------------------------------------------------------------------


def test_runs_and_returning_words_agree_with_the_stability_they_are_made_of():
    counts, _ = planted(noise=0.6)
    detail, _, runs = topics.panel(counts, (4, 6), range(3))
    means = runs.groupby(["k", "topic", "kind"])["overlap"].mean().unstack()
    assert means["seed"].tolist() == pytest.approx(detail["stability_seed"].tolist())
    assert means["sample"].tolist() == pytest.approx(detail["stability_sample"].tolist())
    assert runs.groupby("kind")["run"].unique().map(list).to_dict() == {"sample": [1, 2, 3], "seed": [1, 2, 3]}
    model = topics.fit(counts, 6)
    own = topics.runs_of_model(runs, detail, model)
    words = topics.returns(own, model)
    assert len(own) == 36 and len(words) == 60 and words[["seed", "sample"]].stack().between(0, 1).all()
    planted_words = {theme[i : i + 2] for theme in THEMES for i in range(0, 10, 2)}
    assert words.loc[words["term"].isin(planted_words), "sample"].mean() > 0.95
    assert words.loc[~words["term"].isin(planted_words), "sample"].mean() < 0.6


def test_a_unit_drawn_twice_weighs_as_two():
    weights = topics.fit.__globals__["weighted"](planted(3)[0])
    drawn = topic_choice.resampled(weights, 4)
    times = np.bincount(np.random.default_rng(4).integers(90, size=90), minlength=90)
    copies = weights.matrix[np.repeat(np.arange(90), times)]
    assert (drawn.matrix.T @ drawn.matrix).toarray() == pytest.approx((copies.T @ copies).toarray())


def test_topics_are_chosen_where_one_document_holds_nearly_all_units():
    """A roll of honour among articles: samples that miss it have fewer units than topics, and bring few of them back."""
    counts, _ = planted(units=20)
    of = np.maximum(np.arange(120) - 108, 0)  # a hundred and nine units in one document, one in each of eleven others
    units = counts.units.assign(doc_id=[f"d{number:02d}" for number in of], paragraph=range(1, 121))
    detail, choice, _ = topics.panel(replace(counts, units=units), (10,), range(5))
    assert len(detail) == 10 and choice["stability_sample"].item() < choice["stability_seed"].item()
    assert detail["sample_low"].min() == 0


# -- trees of clusters --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_average_linkage_is_scipys(seed):
    points = np.abs(np.random.default_rng(seed).normal(size=(12, 5)))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    ours, theirs = clusters.average_linkage(points, np.arange(12)), linkage(points, "average", metric="cosine")
    assert ours[:, 2:] == pytest.approx(theirs[:, 2:])


def test_a_tree_of_groups_counts_their_units():
    """Two alike units of one group and one unlike: its distance to another is the mean over all three."""
    points = np.array([[1.0, 0], [1, 0], [0, 1], [0.6, 0.8]])
    joins = clusters.average_linkage(points, np.array([0, 0, 0, 1]))
    assert joins[0].tolist() == pytest.approx([0, 1, 1 - (0.6 + 0.6 + 0.8) / 3, 2])


def test_classes_of_very_uneven_size_are_told_apart():
    """Half of the classes have less than a tenth of the articles; cuts alone reach NMI .82 and ARI .59."""
    sizes = [0.3, 0.2, 0.14, 0.1, 0.08, 0.06, 0.05, 0.03, 0.02, 0.02]
    matrix, truth = news(1, n=700, sizes=sizes)
    found = topics.cluster(matrix, 10, 1)
    assert normalized_mutual_info_score(truth, found) > 0.9 and adjusted_rand_score(truth, found) > 0.85


# -- the map ------------------------------------------------------------------------------------------------------------


def test_the_map_says_a_sentence_of_each_unit_and_markup_in_it_stays_text(model):
    tokens = pd.concat(
        [model.units.assign(sentence=1, token="通用词1"), model.units.assign(sentence=2, token=model.top(1)[0][0])]
    )
    sentences = tokens[["doc_id", "paragraph", "sentence"]].assign(
        line=lambda rows: rows["sentence"] + 6, text=lambda rows: "句子" + rows["sentence"].astype(str) + "<script>&"
    )
    names = {topic: f"{topic} <b>" for topic in (1, 2, 3)}
    table = topic_map.spoken(model, plots_topics.places(model), names, tokens, sentences)
    assert len(table) == len(model.units) and set(topic_map.COLUMNS) <= set(table.columns)
    assert table.loc[table["topic"] == 1, "line"].eq(8).all(), "the sentence with the topic's word, on line 8"
    page = topic_map.fragment(table.astype(str))
    tree = lxml.html.fragment_fromstring(page)
    assert len(tree.findall(".//g")) == len(tree.findall(".//tbody/tr")) == len(table)
    assert not tree.findall(".//script") and not tree.findall(".//b") and "句子2<script>&" in tree.text_content()
    assert topic_map.fragment(table.drop(columns="sentence").astype(str)) == ""


def test_a_large_map_shows_some_units_of_every_topic(model, monkeypatch):
    monkeypatch.setattr(topic_map, "MOST_POINTS", 12)
    tokens = model.units.assign(sentence=1, token=[model.top(1)[topic - 1][0] for topic in model.dominant])
    sentences = tokens[["doc_id", "paragraph", "sentence"]].assign(line=1, text="句子")
    table = topic_map.spoken(model, plots_topics.places(model), {1: "一", 2: "二", 3: "三"}, tokens, sentences)
    assert table["sentence"].ne("").sum() == 12 and table[table["sentence"].ne("")]["topic"].nunique() == 3


# -- LDA and meaning -----------------------------------------------------------------------------------------------------


def test_lda_is_refused_below_its_size_and_finds_planted_themes_above(monkeypatch):
    counts, _ = planted()
    model = topics.fit(counts, 6)
    with pytest.raises(CorpusError, match="LDA is not run on 180 units"):
        lda.fit(counts, 6)
    assert lda.beside(model, counts).empty and "not run" in lda.refusal(180)
    monkeypatch.setattr(lda, "FEWEST_UNITS", 100)
    table = lda.beside(model, counts)
    assert table["topic"].tolist() == [1, 2, 3, 4, 5, 6] and table["overlap"].mean() > 0.3
    with pytest.raises(CorpusError, match="raw counts"):
        lda.fit(terms.tfidf(counts), 6)


def test_meaning_joins_texts_without_a_common_word_and_says_what_is_missing(monkeypatch):
    texts = ["核酸采样", "抗原检测", "春耕播种", "农资化肥"]
    with monkeypatch.context() as absent:
        absent.setattr(embedding, "find_spec", lambda name: None)
        with pytest.raises(CorpusError, match="optional package"):
            topics.cluster(texts, 2, meaning=True)

    def encoded(some):
        return np.array([[1.0, 0.1] if text[0] in "核抗" else [0.1, 1.0] for text in some]) @ np.eye(2, 512)

    encoder = SimpleNamespace(USE=lambda threads: SimpleNamespace(encode=encoded))
    monkeypatch.setattr(embedding, "find_spec", lambda name: True)
    monkeypatch.setitem(sys.modules, embedding.MODULE, encoder)
    found = topics.cluster(texts, 2, meaning=True)
    assert found[0] == found[1] != found[2] == found[3]
    with pytest.raises(CorpusError, match="whole texts"):
        topics.cluster([list(text) for text in texts], 2, meaning=True)


def test_the_numbers_worth_trying_leave_a_topic_ten_units_and_ten_words(monkeypatch):
    def square(n):  # n units and n words, each of them in two units
        rows = np.eye(n, dtype=int)
        return of_matrix(rows + np.roll(rows, 1, axis=1), names=[f"d{i:03}" for i in range(n)])

    tried = [topics.candidates(square(n)) for n in (2, 39, 40, 79, 80, 150)]
    assert tried == [[2], [3], [4], [4, 6], [4, 6, 8], [4, 6, 8, 10, 12, 15]]
    monkeypatch.setattr(topic_choice, "MOST_TERMS", 39)
    assert topics.candidates(square(150)) == [3]
    monkeypatch.setattr(topic_choice, "MOST_UNITS", 100)
    assert topics.sample(square(150)).shape[0] == 100
    common = np.array([[1, 1, 1, 1, 0]] * 6 + [[1, 1, 0, 1, 0]] * 3 + [[0, 1, 0, 0, 1]])  # found in 9, 10, 6, 9 and 1
    monkeypatch.setattr(topic_choice, "MOST_TERMS", 3)
    assert topics.sample(of_matrix(common, names="abcdefghij")).vocabulary.tolist() == ["词000", "词001", "词003"]


# -- too little text -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["核酸"], ["核酸", "春耕"]])
def test_too_little_text_gives_a_model_without_topics_and_tables_without_rows(words):
    tokens = pd.DataFrame({"doc_id": list("甲乙")[: len(words)], "paragraph": 1, "token": words})
    counts = terms.count(tokens, "paragraph")
    assert topics.candidates(counts) == []
    detail, choice, runs = topics.panel(counts, [])
    assert topics.propose(choice) == 0 and topics.why(choice) == topics.TOO_LITTLE
    model = topics.fit(counts, 0)
    asked = topics.guided(counts, 0, {})
    own = topics.runs_of_model(runs, detail, model)
    days = pd.Series({"甲": "2020-01-01"})
    for table in (
        topics.of_model(detail, model),
        own,
        topics.returns(own, model),
        topics.terms_table(model),
        topics.units_table(model),
        topics.prevalence(model),
        topics.over_time(model, days),
        topics.nearest(asked, model),
        topics.confounding(model, {"place": {"甲": "丙", "乙": "丁"}}),
        topic_groups.differences(model, pd.DataFrame({"doc_id": list("甲乙"), "place": list("丙丁")}), ["place"]),
        lda.beside(model, counts),
    ):
        assert table.empty and len(table.columns)
    assert model.dominant.tolist() == [0] * len(words)


@pytest.mark.parametrize(("furthest", "end"), [(1.0, 1.0), (0.999, 1.0), (0.9, 0.902), (1.1, 1.102)])
def test_a_tree_ends_where_the_scale_ends(furthest, end):
    """Nothing is further apart than 1, but where meaning is compared, whose cosine can be below zero."""
    joins = np.array([[0, 1, furthest, 2], [2, 3, furthest, 3]])
    fig = plots_topics.cluster_tree(joins, ["I", "II", "III"], "mean distance")
    assert fig.axes[0].get_xlim()[0] == pytest.approx(end)
    figures.plt.close(fig)


def test_figures_without_topics_say_so():
    figures.setup()
    model = replace(topics.fit(planted(3)[0], 0))
    empty, said = pd.DataFrame({"by": []}), topics.TOO_LITTLE
    drawn = [
        plots_topics.choice_panels(empty, empty, [], "", 0, said),
        plots_topics.returning(empty, empty, {}, [], said),
        plots_topics.group_shares(empty, {}, {}, "", said),
        plots_topics.unit_map(plots_topics.places(model), {}, "", said),
        plots_topics.cluster_tree(np.empty((0, 4)), [], "", said),
    ]
    for fig in drawn:
        assert said[:20] in fig.axes[0].texts[0].get_text()
        figures.plt.close(fig)
