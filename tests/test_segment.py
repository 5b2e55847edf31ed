"""The tokens are jieba's, every one; each term of the lexicon comes out whole."""

import random

import pytest

from helpers import cleaning, segment, texts
from helpers.study import CorpusError, Study

ALPHABET = (
    list("疫情防控核酸检测应检尽检动态清零社会面一二三四的了在是新区管委会人员早于并于常日，。：“”、 ")
    + list("0123456789abcXYZ.-_%+#&@ /")
    + [
        "2022-04-16",
        "0931-8159799",
        "https://a.cn/x",
        "COVID-19",
        "N95",
        "\U0001f600",
        "\U00020bb7",
        "Ａ",
        "１",
        "㐀",
        "\u3000",
        "T恤",
        "5G",
    ]
)


def sentences_of(study: Study) -> list[str]:
    docs, _ = texts.load(study)
    return cleaning.sentences(cleaning.clean_docs(docs)[1], docs)["text"].tolist()


@pytest.mark.parametrize("terms", [(), segment.shipped()], ids=["plain", "lexicon"])
@pytest.mark.parametrize("hmm", [True, False])
def test_fuzzed_strings_cut_as_jieba_cuts_them(terms, hmm):
    dice = random.Random(20200123)
    strings = ["".join(dice.choice(ALPHABET) for _ in range(dice.randrange(1, 40))) for _ in range(4000)]
    jieba = segment.reference(terms)
    assert segment.Cutter(terms)(strings, hmm) == [jieba.lcut(s, HMM=hmm) for s in strings]


def test_the_sample_is_cut_as_jieba_cuts_it():
    rows = sentences_of(Study())
    assert segment.cutter()(rows) == [segment.reference(segment.shipped()).lcut(s) for s in rows]


@pytest.mark.parametrize("corpus", ["five_reports", "dev_real"])
@pytest.mark.parametrize("terms", [(), segment.shipped()], ids=["plain", "lexicon"])
def test_real_sentences_are_cut_as_jieba_cuts_them(shared, corpus, terms):
    rows = sentences_of(Study(corpus=shared / "corpus" / corpus))
    assert segment.Cutter(terms)(rows) == [segment.reference(terms).lcut(s) for s in rows]


def test_near_ties_fall_as_in_jieba():
    assert segment.cut("常在日", ()) == segment.reference(()).lcut("常在日") == ["常", "在", "日"]


def test_each_term_comes_out_whole():
    assert [term for term in segment.shipped() if segment.cut(term) != [term]] == []


@pytest.mark.parametrize(
    "term,why", [("动态 清零", "space"), ("動態清零", "动态清零"), ("战“疫”", "punctuation"), ("疫", "single")]
)
def test_a_term_that_can_never_match_is_refused(tmp_path, term, why):
    (tmp_path / "terms.txt").write_text(term + "\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=why):
        segment.read_terms(tmp_path / "terms.txt")
