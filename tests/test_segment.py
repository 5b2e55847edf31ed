"""The tokens are jieba's, every one; each term of the lexicon comes out whole."""

import os
import random
from collections.abc import Iterator
from itertools import pairwise

import pandas as pd
import pytest

from helpers import cleaning, glyphs, segment, texts
from helpers.study import CorpusError, Study

FUZZED = int(os.environ.get("FUZZED", 20_000))  # strings in all; more: FUZZED=400000 python run.py test
OWN = (
    "5+1",
    "CT室",
    "A区",
    "B.1.1",
    "核酸+抗原",
    "1.5米线",
    "常态化",
    "网格长",
    "十混一",
)  # as a corpus's terms.txt may hold
SINGLE = list(
    "疫情防控核酸检测应检尽检动态清零社会面一二三四的了在是新区管委会人员早于并于常日，。：“”、 0123456789abXY.-_%+#&@/"
)
WHOLE = [
    *(
        "2022-04-16",
        "0931-8159799",
        "https://a.cn/x?k=1",
        "COVID-19",
        "N95",
        "T恤",
        "卡拉OK",
        "5G",
        "C++",
        "99.7%",
        "1.5米",
        "3-5天",
    ),
    *(
        "\U0001f600",
        "👩‍⚕️",
        "\U00020bb7",
        "㐀",
        "龦",
        "豈",
        "Ａ",
        "１２",
        "％",
        "\u3000",
        "\r\n",
        "\n",
        "\0",
        "é",
        "ア",
        "\u200b",
        "①",
        "…",
    ),
    *("区区", "常常", "早早", "日日", "奥密克戎", "王秀莲", "欧阳敏", "石岭子镇", "外防输入", "应检尽检", "方舱", *OWN),
]


def fuzzed(n: int) -> Iterator[str]:
    """Short strings of what a cut may stumble over: half of their pieces single characters, some said three times."""
    dice = random.Random(20200123)
    for _ in range(n):
        pieces = [dice.choice(SINGLE if dice.random() < 0.7 else WHOLE) for _ in range(dice.randrange(1, 20))]
        if dice.random() < 0.3:
            pieces.append(dice.choice(pieces)[0] * 3)
        dice.shuffle(pieces)
        yield "".join(pieces) + "".join(map(chr, dice.choices(range(0x4E00, 0x9FA6), k=dice.randrange(3))))


def sentences_of(study: Study) -> list[str]:
    docs, _ = texts.load(study)
    return cleaning.sentences(cleaning.clean_docs(docs)[1], docs)["text"].tolist()


def spans(words: list[str]) -> set[tuple[int, int]]:
    """Where each word starts and ends."""
    ends = [0]
    for word in words:
        ends.append(ends[-1] + len(word))
    return set(pairwise(ends))


def word_f1(found: list[list[str]], truth: list[list[str]]) -> float:
    """2 × words in common / words in both cuts, words being spans (Emerson, 2005)."""
    pairs = [(spans(a), spans(b)) for a, b in zip(found, truth, strict=True)]
    return 2 * sum(len(a & b) for a, b in pairs) / sum(len(a) + len(b) for a, b in pairs)


@pytest.mark.parametrize("terms", [(), segment.shipped() + OWN], ids=["plain", "lexicon"])
def test_fuzzed_strings_cut_as_jieba_cuts_them(terms):
    strings = list(fuzzed(FUZZED // 4))
    jieba = segment.reference(terms)
    found = segment.cutter(terms)(strings)
    wrong = [(s, a) for s, a in zip(strings, found, strict=True) if a != jieba.lcut(s)]
    assert wrong == []


@pytest.mark.parametrize("terms", [(), segment.shipped()], ids=["plain", "lexicon"])
def test_near_ties_fall_as_in_jieba(terms):
    """区|区区 and 区区|区 are equally likely: the last digits of the sums decide, and those depend on the dictionary's total."""
    dice = random.Random(1)
    often = "区早人口天一二三大小常日星妈哥爸中国的了是在有个上下来去水火山石"
    strings = [
        "".join(dice.choices(often, k=5) + dice.choices(often) * 3 + dice.choices(often, k=3)) for _ in range(4000)
    ]
    jieba = segment.reference(terms)
    assert segment.cutter(terms)([*strings, "常在日"]) == [jieba.lcut(s) for s in [*strings, "常在日"]]


def test_the_sample_is_cut_as_jieba_cuts_it():
    rows = sentences_of(Study())
    assert segment.cutter()(rows) == [segment.reference(segment.shipped()).lcut(s) for s in rows]


@pytest.mark.parametrize("corpus", ["five_reports", "dev_real"])
@pytest.mark.parametrize("terms", [(), segment.shipped() + OWN], ids=["plain", "lexicon"])
def test_real_sentences_are_cut_as_jieba_cuts_them(shared, corpus, terms):
    rows = sentences_of(Study(corpus=shared / "corpus" / corpus))
    assert segment.cutter(terms)(rows) == [segment.reference(terms).lcut(s) for s in rows]


def test_neither_batches_nor_neighbours_change_a_cut(monkeypatch):
    strings = list(fuzzed(700))
    alone = [segment.cut(s) for s in strings]
    monkeypatch.setattr(segment, "BATCH", 64)
    assert segment.cutter()(strings) == alone
    assert segment.cutter()([]) == []
    assert segment.cutter()(["", "居民有序排队", ""]) == [[], ["居民", "有序", "排队"], []]


def test_the_table_of_tokens_holds_the_words_in_order_and_nothing_else():
    rows = ["5月6日，居民在A区做核酸。", "，。！", "", "阳性率0.3%"]
    frame = pd.DataFrame(
        {"doc_id": list("bbaa"), "paragraph": 1, "sentence": [1, 2, 1, 2], "zone": "body", "text": rows}
    )
    tokens = segment.tokens(frame)
    assert tokens["token"].tolist() == [
        w for s in rows for w in segment.reference(segment.shipped()).lcut(s) if w[0] not in "，。！"
    ]
    assert tokens["doc_id"].cat.categories.tolist() == ["b", "a"]
    assert set(zip(tokens["doc_id"], tokens["sentence"], strict=True)) == {("b", 1), ("a", 2)}
    pd.testing.assert_frame_equal(segment.tokens(pd.concat([frame[:1], frame[1:]])), tokens)  # in two pieces of memory


def test_converting_traditional_script_first_lifts_the_cut():
    """Word F1 against the cut of the Simplified original, on the sample turned into Traditional script."""
    import opencc

    rows = sentences_of(Study())
    convert = opencc.OpenCC("s2t").convert
    traditional = [convert(s) for s in rows]
    truth, cut = segment.cutter()(rows), segment.cutter()
    direct = word_f1(cut(traditional), truth)
    first = word_f1(cut([glyphs.simplified(s) for s in traditional]), truth)
    assert first > 0.998 and first - direct > 0.1


def test_each_term_comes_out_whole():
    assert [term for term in segment.shipped() if segment.cut(term) != [term]] == []


@pytest.mark.parametrize(
    "term,why", [("动态 清零", "space"), ("動態清零", "动态清零"), ("战“疫”", "punctuation"), ("疫", "single")]
)
def test_a_term_that_can_never_match_is_refused(tmp_path, term, why):
    (tmp_path / "terms.csv").write_text(f"term\n{term}\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=why):
        segment.read_terms(tmp_path / "terms.csv")
