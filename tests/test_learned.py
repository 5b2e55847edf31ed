"""The learned coder: what it looks at, where it parts from the codebook, and how it is taught."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

from helpers import cleaning, frames, learned, learning, texts
from helpers.codebook import bare, read_codebook
from helpers.study import LEXICON, SAMPLE, CorpusError, Study

BOOK = read_codebook()
GENERIC = read_codebook(LEXICON / "codebook_generic.yml")
SPOKEN = st.text("防控疫情人民战争街道菜心“”，。打响阻击", min_size=1, max_size=40)


def units(*texts):
    return pd.DataFrame(
        {"doc_id": "甲", "paragraph": range(len(texts)), "line": range(len(texts)), "zone": "body", "text": texts}
    )


@pytest.fixture(scope="module")
def sample():
    docs = texts.load(Study(corpus=SAMPLE))[0]
    return cleaning.clean_docs(docs)[1]


@pytest.fixture(scope="module")
def planted():
    """A coder taught that 送菜 is war, whatever the codebook says, and that a bare 打响 without it is not."""
    other = ["他走在街道上", "天气晴朗", "商店照常营业", "学校开学了", "明日有雨", "道路通了"]
    said = ["送菜上门的人", "打响了门铃", "居民送菜又送药", *other, *other] * 4
    read = pd.DataFrame({name: [False] * len(said) for name in BOOK.ids}).assign(
        war_metaphor=["送菜" in t for t in said]
    )
    found = learned.support(frames.code(units(*said), BOOK), units(*said), BOOK.ids)
    return learned.train(said, found, read, list("甲乙丙丁" * 15), list("子丑寅" * 20))


# ---- what it looks at ----


@given(st.lists(SPOKEN, min_size=1, max_size=6))
def test_runs_are_found_as_a_count_vectorizer_finds_them(some):
    runs = ("防", "防控", "疫情", "打响", "人民战", "街道", "战争")
    coder = learned.Coder(("war",), runs, np.zeros((3 + len(runs), 1)), np.zeros(1))
    ours = learned._features(coder, some, np.zeros((len(some), 1), int)).toarray()[:, 3:]
    counter = CountVectorizer(analyzer="char", ngram_range=(1, 3), binary=True, lowercase=False, vocabulary=list(runs))
    assert np.allclose(ours, normalize(counter.transform(map(bare, some)).astype(float)).toarray())


def test_support_counts_different_words_and_rules_of_a_unit():
    text = units("打响阻击战，打响保卫战。", "天晴。")
    found = learned.support(frames.code(text, BOOK), text, BOOK.ids)
    assert found[:, BOOK.ids.index("war_metaphor")].tolist() == [3, 0]
    assert learned.support(frames.code(text, BOOK), text.iloc[::-1], BOOK.ids)[1].tolist() == found[0].tolist()


def test_only_runs_of_several_texts_and_groups_are_learned():
    said = ["春暖花开", "春暖花开", "春暖花落", "秋高气爽", "秋高气爽", "秋高气爽", "x，1", "x，1", "x，1", "甲"]
    runs = learned._common_runs(said, list("甲乙丙甲乙丙甲乙丙丁"), list("子丑子子子子子丑子子"), 3)
    assert set(runs) == {"春", "暖", "花", "春暖", "暖花", "春暖花"}


# ---- a second opinion ----


def second(text, coder=None):
    codes = frames.code(text, BOOK)
    chance = learned.opinion(codes, text, coder)
    return frames.presence(codes, text), chance, learned.parting(codes, text, chance, coder)


def test_what_it_was_taught_it_sees_with_the_words_that_speak_for_it(planted):
    text = units("村里送菜上门。")
    found, chance, apart = second(text, planted)
    assert not found["war_metaphor"].any() and learned.together(found, chance)["war_metaphor"].all()
    row = apart.query("frame == 'war_metaphor'").iloc[0]
    assert row["codebook"] == "no" and "送菜" in row["words"] and row["words"] in text["text"][0]


def test_a_hit_it_does_not_believe_is_told_with_the_word_that_made_it(planted):
    found, chance, apart = second(units("打响了门铃"), planted)
    assert found["war_metaphor"].all() and not learned.together(found, chance)["war_metaphor"].any()
    assert apart[["frame", "codebook", "words"]].values.tolist() == [["war_metaphor", "yes", "打响"]]


def test_where_the_two_part_is_all_that_together_changes(sample):
    found, chance, apart = second(sample)
    both = learned.together(found, chance)
    assert len(apart) == (both != found).to_numpy().sum() > 0 and chance.index.equals(found.index)
    assert (apart["codebook"] == "yes").sum() == (found & ~both).to_numpy().sum()
    doubt = (apart["probability"] - (apart["codebook"] == "yes")).abs()
    assert doubt.is_monotonic_decreasing
    single = apart[~apart["words"].str.contains(" ") & ~apart["text"].str.contains("“")]
    assert len(single) and all(row.words in row.text for row in single.itertuples())


def test_a_unit_is_judged_alike_alone_and_among_others(sample):
    own = sample[sample["doc_id"] == sample["doc_id"].iloc[0]]
    whole, alone = second(sample)[1], second(own)[1]
    pd.testing.assert_frame_equal(whole.loc[alone.index], alone)


def test_titles_and_codebooks_of_other_frames_are_not_judged(sample):
    assert second(units("打响了门铃").assign(zone="title"))[1].empty
    codes = frames.code(sample, GENERIC)
    assert learned.opinion(codes, sample).empty and learned.opinion(codes, sample).columns.tolist() == GENERIC.ids


# ---- the table of weights ----


def test_weights_read_back_decide_alike(planted, tmp_path):
    path = tmp_path / "weights.csv"
    learned.as_table(planted).to_csv(path, index=False)
    back, said = learned.read_coder(path), ["村里送菜上门。", "打响了门铃"]
    found = np.zeros((2, len(BOOK.ids)), int)
    ours, theirs = (learned.probabilities(coder, said, found) for coder in (planted, back))
    assert np.allclose(ours, theirs, atol=0.02, equal_nan=True) and np.isnan(theirs).any()


def test_without_a_table_there_is_no_coder_and_a_broken_one_is_refused(tmp_path):
    assert learned.read_coder(tmp_path / "nowhere.csv") is None
    for content in ("", "feature,war\n送菜,1\n", "feature,war\n,-1\nwar 1,x\nwar 2,1\nwar 3,1\n"):
        path = tmp_path / f"{len(content)}.csv"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(CorpusError, match="not a table of weights"):
            learned.read_coder(path)


def test_the_shipped_weights_hold_no_text():
    coder = learned.read_coder()
    assert list(coder.frames) == BOOK.ids
    assert all(len(run) <= learned.LONGEST and learned.HAN.fullmatch(run) for run in coder.runs)


# ---- teaching ----


@pytest.fixture
def sheet(tmp_path):
    dice = np.random.default_rng(0)
    rows = pd.DataFrame({"doc_id": [f"d{i // 4}" for i in range(240)], "outlet": ["报", "台"] * 120})
    rows["text"] = ["打响阻击战" if war else "天气晴朗" for war in dice.random(240) < 0.25]
    codes = {name: (rows["text"].str.contains("战") & (name == "war_metaphor")).astype(int) for name in BOOK.ids}
    path = tmp_path / "codes.csv"
    rows.assign(in_view=0, **codes).to_csv(path, index=False)
    return path


def test_a_sheet_teaches_and_the_card_says_how_well(sheet, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(learning, "LEXICON", tmp_path)
    monkeypatch.setattr(learning, "LEAST_CASES", 20)
    assert learning.main([str(sheet)]) == 0
    coder, card = (
        learned.read_coder(tmp_path / learned.TABLE),
        (tmp_path / learned.TABLE).with_suffix(".md").read_text(),
    )
    assert "战" in coder.runs and "240 paragraphs of 60 documents" in card
    row = next(line for line in card.splitlines() if line.startswith("| all | together, other documents | 240 | 1.000"))
    low = float(re.search(r"\| (0\.\d+) to 1\.000 \|$", row)[1])
    assert 0.9 < low < 0.99, "no error in some sixty cells is not certainty"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda rows: rows.drop(columns="war_metaphor"), "lacks the column war_metaphor"),
        (lambda rows: rows.assign(war_metaphor="yes"), "neither 0 nor 1"),
        (lambda rows: rows.head(20), "20 coded paragraphs"),
    ],
)
def test_a_sheet_that_cannot_teach_is_refused_in_a_sentence(sheet, spoil, said, capsys):
    spoil(pd.read_csv(sheet)).to_csv(sheet, index=False)
    assert learning.main([str(sheet)]) == 2 and said in capsys.readouterr().err
    assert learning.main([]) == 2 and learning.main([str(sheet.with_name("nowhere.csv"))]) == 2
