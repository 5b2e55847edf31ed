"""Topics and clusters: coherence as gensim has it, planted structure found again, the same seed the same result."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.preprocessing import normalize

from helpers import clusters, terms, topic_choice, topics
from helpers.study import CorpusError

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


def test_coherence_is_gensims():
    rows = [(f"d{i}", word) for i, text in enumerate(COMMON_TEXTS) for word in text.split()]
    counts = terms.count(pd.DataFrame(rows, columns=["doc_id", "token"]))
    words = [
        ["human", "computer", "system", "interface"],
        ["graph", "minors", "trees", "eps"],
        ["user", "graph", "minors", "system"],
        ["time", "graph", "survey", "minors"],
    ]
    expected = [0.2768026848, -0.2211565054, -0.4102170816, -0.0239730734]
    assert topics.npmi(words, counts) == pytest.approx(expected, abs=1e-9)
    assert np.isnan(topics.npmi([["human", "unknown"]], counts)[0])


def test_words_of_one_topic_only_are_exclusive():
    model = topics.fit(planted(3, noise=0)[0], 3)
    assert topics.exclusivity(model, 5) == pytest.approx([1, 1, 1], abs=1e-3)


word_lists = st.lists(st.sampled_from("甲乙丙丁戊己庚"), min_size=3, max_size=3, unique=True)


@given(st.permutations(range(4)), st.lists(word_lists, min_size=4, max_size=4))
def test_overlap_does_not_mind_the_order_of_topics(order, words):
    assert topic_choice.overlap(words, [words[i] for i in order]).tolist() == [1.0] * 4


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


def test_typical_paragraphs_speak_of_their_topic():
    counts, truth = planted(3)
    model = topics.fit(counts, 3)
    paragraphs = counts.units.assign(line=1, text="……", zone="body")
    table = topics.typical(model, paragraphs, n=4)
    assert len(table) == 12 and table["line"].eq(1).all()
    theme = dict(zip(counts.units["doc_id"], truth, strict=True))
    assert table.groupby("topic")["doc_id"].agg(lambda ids: len({theme[i] for i in ids})).eq(1).all()


def test_confounding_shows_when_topics_are_the_documents():
    rows = [(f"d{d}", p, w) for d in range(3) for p in range(10) for w in (THEMES[d][:2], THEMES[d][2:4], "工作")]
    counts = terms.count(pd.DataFrame(rows, columns=["doc_id", "paragraph", "token"]), "paragraph")
    table = topics.confounding(topics.fit(counts, 3), {"year": {"d0": 2020, "d1": 2022, "d2": 2022}})
    assert table["against"].tolist() == ["doc_id", "year"]
    assert table["ari"][0] == pytest.approx(1) and 0 < table["ari"][1] < 1


def test_unit_follows_the_size_of_the_corpus_and_says_why():
    assert topics.unit_for(60, 900)[0] == "paragraph" and "60 documents" in topics.unit_for(60, 900)[1]
    assert topics.unit_for(400, 5000)[0] == "doc_id"


def test_too_small_a_corpus_is_refused_in_words():
    tokens = pd.DataFrame({"doc_id": ["甲", "乙"], "token": ["核酸", "春耕"]})
    with pytest.raises(CorpusError, match="too small"):
        topics.fit(terms.count(tokens), 2)
    with pytest.raises(CorpusError, match="choose"):
        topics.cluster(terms.count(tokens), 3)


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
