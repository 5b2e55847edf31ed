"""Unknown words: the two measures against brute force, the search on invented texts, its speed."""

import re
import time
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import discovery, segment

AROUND = ["今天…有两户", "昨日…报告", "前往…的车辆", "支援…居民", "返回…隔离", "来自…干部", "在…", "…设卡"]


def frame(*texts, docs=None):
    docs = docs or ["甲"] * len(texts)
    return pd.DataFrame({"doc_id": docs, "line": range(1, len(texts) + 1), "text": texts})


def anything(sentences, min_count=2):
    """Every frequent string that is cut, whatever its measures."""
    return discovery.candidates(sentences, (), min_count, min_pmi=-99, min_entropy=-1)


# -- measures ---------------------------------------------------------------------------------------------------------


def test_branching_entropy_of_known_distributions():
    beside = np.array([10, 11, 12, 13, 10, 10, 10, 10, 10, 11, 0, 0])
    which = np.array([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    assert discovery.branching_entropy(which, beside).tolist() == pytest.approx([2, 0, 2]), (
        "each edge is its own neighbour"
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("疫情防控，1", min_size=1, max_size=14), min_size=1, max_size=8))
def test_strings_and_their_measures_are_what_plain_counting_gives(texts):
    found = anything(frame(*texts)).set_index("term")
    runs = [run for text in texts for run in re.findall("[疫情防控]+", text)]
    grams = Counter(r[i : i + n] for r in runs for n in range(1, 7) for i in range(len(r) - n + 1))
    total = sum(n for gram, n in grams.items() if len(gram) == 1)
    assert set(found.index) <= {gram for gram, n in grams.items() if n >= 2 and len(gram) > 1}
    for gram, row in found.iterrows():
        weakest = min(np.log2(grams[gram] * total / grams[gram[:k]] / grams[gram[k:]]) for k in range(1, len(gram)))
        assert (row["count"], row["pmi"]) == (grams[gram], pytest.approx(weakest))
        places = [(text, m.start()) for text in texts for m in re.finditer(f"(?={gram})", text)]
        after = [(text + "，")[at + len(gram)] for text, at in places]
        n = len(after)
        entropy = -sum(k / n * np.log2(k / n) for c, k in Counter(after).items() if c != "，")
        entropy += after.count("，") / n * np.log2(n)
        assert row["right"] == pytest.approx(entropy) and row["right"] <= np.log2(n) + 1e-9


# -- the search -------------------------------------------------------------------------------------------------------


def test_an_invented_place_is_found_with_a_sentence_to_judge_it_by():
    texts = [words.replace("…", "望澜街道") + "。" for words in AROUND]
    sentences = frame("居民有序排队。", *texts, docs=["甲"] * 5 + ["乙"] * 4)
    found = discovery.candidates(sentences, min_pmi=1)
    assert found["term"].tolist() == ["望澜街道"] and found["pieces"].tolist() == ["望澜/街道"]
    assert found.loc[0, ["count", "docs", "doc_id", "line"]].tolist() == [8, 2, "甲", 2]
    assert found.loc[0, "text"] == texts[0]


def test_what_the_lexicon_keeps_whole_is_no_candidate():
    sentences = frame(*[words.replace("…", "望澜街道") for words in AROUND])
    assert discovery.candidates(sentences, (*segment.shipped(), "望澜街道"), min_pmi=1).empty


def test_a_string_that_always_goes_on_the_same_way_is_no_word():
    sentences = frame(*[words.replace("…", "望澜街道") for words in AROUND])
    assert not {"望澜街", "澜街道", "望澜"} & set(discovery.candidates(sentences, min_pmi=-9)["term"])


def test_grammar_is_no_part_of_a_term():
    sentences = frame(*[words.replace("…", "望澜的街道") for words in AROUND])
    assert discovery.candidates(sentences, min_pmi=-9, min_entropy=0)["term"].str.contains("的").sum() == 0


@pytest.mark.parametrize("texts", [[], [""], ["。"], ["居民排队。"], ["2022年4月16日"]])
def test_too_little_text_gives_an_empty_table(texts):
    sentences = frame(*texts).astype({"text": object})
    found = discovery.candidates(sentences)
    assert found.empty and found.columns.tolist() == discovery.COLUMNS
    assert discovery.hidden(sentences, segment.shipped()).columns.tolist() == ["term", "pieces", "count", "found"]


def test_the_order_of_documents_changes_nothing_but_the_example():
    sentences = frame(*[words.replace("…", "望澜街道") for words in AROUND])
    there, back = (anything(part).drop(columns=["line", "text"]) for part in (sentences, sentences[::-1]))
    pd.testing.assert_frame_equal(there, back)


def test_a_hidden_term_is_found_again():
    texts = [words.replace("…", term) for words in AROUND for term in ("静态管理", "双码联查")]
    other = ["春耕备耕不误农时，种子化肥送到田头。", "老师们连夜赶制网课，孩子在家按时上课。"] * 3
    table = discovery.hidden(frame(*texts, *other), ("静态管理", "双码联查", "口罩", "国务院联防联控机制"))
    assert table[["term", "count", "found"]].values.tolist() == [["静态管理", 8, True], ["双码联查", 8, True]]


def test_a_million_characters_take_seconds():
    dice = np.random.default_rng(3)
    words = np.array(["".join(map(chr, dice.integers(0x4E00, 0x5E00, dice.integers(1, 4)))) for _ in range(20_000)])
    chosen = words[np.minimum(dice.zipf(1.3, 500_000) - 1, 19_999)]
    sentences = frame(*["".join(part) for part in np.array_split(chosen, 20_000)])
    segment.cutter()
    start = time.perf_counter()
    discovery.candidates(sentences)
    assert sentences["text"].str.len().sum() > 900_000 and time.perf_counter() - start < 20, "it takes 2 to 4 seconds"
