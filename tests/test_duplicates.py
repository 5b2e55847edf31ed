"""Planted reprints are found and nothing else is; forms filled in anew stay apart; which version is kept is told."""

import random
import re
from functools import cache
from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import cleaning, duplicates, segment, sketches, store
from helpers.study import ROOT, SAMPLE, Study

LEVELS = (0.01, 0.05, 0.1, 0.2)  # part of the characters replaced, put in or taken out
WAYS = ("edited", "cut", "reordered", "shortened", "credited")
CREDIT = "本报讯（通讯员{0}）", "来源：{0}融媒中心，责任编辑{0}，转载请注明出处。"


# ---- invented articles -----------------------------------------------------------------------------------------------


@cache
def clauses() -> list[str]:
    """Clauses of the shipped sample: articles made of them share words and formulas, not sentences."""
    files = sorted(p for name in ("lanshan", "qingmian") for p in SAMPLE.glob(f"{name}-*.txt"))
    page = "".join(p.read_text(encoding="utf-8-sig") for p in files)
    return sorted({c for c in re.split(r"[^\u4e00-\u9fff]", page) if 6 <= len(c) <= 16})


@cache
def words() -> list[str]:
    return sorted({w for clause in clauses() for w in segment.cut(clause) if len(w) > 1})


def clause(dice: random.Random) -> str:
    """A formula, one of sixty, or an unheard-of row of words that may end with a figure."""
    if dice.random() < 0.35:
        return clauses()[dice.randrange(60) * (len(clauses()) // 60)]
    figure = f"{dice.randint(1, 4000)}{dice.choice('人户个次件吨')}" if dice.random() < 0.3 else ""
    return "".join(dice.choices(words(), k=dice.randint(3, 5))) + figure


def article(dice: random.Random, length: int) -> list[str]:
    sentences = []
    while sum(map(len, sentences)) < length:
        sentences.append("，".join(clause(dice) for _ in range(dice.randint(1, 4))) + "。")
    return sentences


def edited(text: str, part: float, dice: random.Random) -> str:
    characters, new = list(text), "".join(words())
    for i in sorted(dice.sample(range(len(text)), round(part * len(text))), reverse=True):
        characters[i : i + 1] = dice.choice([[], [dice.choice(new)], [characters[i], dice.choice(new)]])
    return "".join(characters)


def reprint(sentences: list[str], way: str, part: float, dice: random.Random) -> str:
    """Another version: cut to three quarters, paragraphs moved, a fifth of the sentences out, or credits put round."""
    if way == "shortened":
        out = dice.sample(range(len(sentences)), len(sentences) // 5)
        sentences = [s for i, s in enumerate(sentences) if i not in out]
    if way == "reordered":
        blocks = [sentences[i : i + 3] for i in range(0, len(sentences), 3)]
        sentences = [s for block in dice.sample(blocks, len(blocks)) for s in block]
    text = "".join(sentences)
    text = edited(text[: int(len(text) * dice.uniform(0.7, 0.8))] if way == "cut" else text, part, dice)
    before, after = (s.format(dice.choice(words())) if way == "credited" else "" for s in CREDIT)
    return before + text + after


def corpus(length: int, seed: int, n: int = 320, copies: int = 120) -> tuple[list[str], dict[tuple[int, int], tuple]]:
    """n unrelated articles and, after them, reprints of every other one; each planted pair with its way and level."""
    dice = random.Random(seed)
    articles = [article(dice, length) for _ in range(n)]
    plan = {(2 * k, n + k): (WAYS[k % 5], LEVELS[k // 5 % 4]) for k in range(copies)}
    return ["".join(a) for a in articles] + [reprint(articles[a], *how, dice) for (a, _), how in plan.items()], plan


def form(day: int, dice: random.Random, kind: int = 0) -> str:
    """A daily bulletin: the words of the form, new figures."""
    on, n = f"{1 + day // 28}月{1 + day % 28}日", dice.randrange
    new = f"{on}0时至24时，全市新增确诊病例{n(90)}例、无症状感染者{n(300)}例，其中{n(40)}例系隔离管控人员。"
    cured = (
        f"当日治愈出院{n(50)}例，解除医学观察{n(200)}人。截至{on}24时，累计确诊{1000 + n(2000)}例，在院治疗{n(300)}例。"
    )
    tested = f"昨日共采样{n(900000)}人次，检出阳性{n(60)}管，设采样点{n(400)}个，投入人员{n(5000)}名，均已落实管控。"
    advice = "请市民朋友继续做好个人防护，不聚集，如有发热、咳嗽等症状，及时到就近发热门诊就诊。"
    return [new + cured + advice, tested + cured + advice][kind]


def quiet(day: int) -> str:
    """A bulletin of weeks in which nothing but the date changes."""
    return (
        f"3月{day}日0时至24时，全市无新增确诊病例，无新增疑似病例，无新增死亡病例。截至3月{day}日24时，累计报告确诊病例538例，"
        "治愈出院536例，死亡2例，密切接触者已全部解除医学观察。请市民朋友继续做好个人防护。"
    )


def of_kind(kind: str, found: pd.DataFrame) -> set[tuple[int, int]]:
    return set(found.loc[found["kind"] == kind, ["a", "b"]].itertuples(index=False, name=None))


# ---- pairs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [150, 400, 1500])
def test_planted_reprints_are_found_and_nothing_else(length):
    written, planted = corpus(length, seed=length)
    found = of_kind("reprint", duplicates.pairs(written))
    assert len(found & planted.keys()) >= 0.98 * len(planted)
    assert len(found & planted.keys()) >= 0.98 * len(found)
    for level in LEVELS:
        of_level = [pair for pair, (_, edits) in planted.items() if edits == level]
        assert len(found.intersection(of_level)) >= 0.95 * len(of_level), level


def test_a_reprint_in_the_other_script_is_found():
    import opencc

    dice = random.Random(8)
    simple = ["".join(article(dice, 500)) for _ in range(12)]
    raw = simple + [opencc.OpenCC("s2tw").convert(text) for text in simple]
    docs = pd.DataFrame({"doc_id": [f"d{i}" for i in range(24)], "file": "", "raw": raw, "title": "", "main": None})
    paragraphs = cleaning.clean_docs(docs)[1]
    clean = paragraphs.groupby("doc_id")["text"].agg("".join).reindex(docs["doc_id"])
    assert of_kind("reprint", duplicates.pairs(clean.tolist())) == {(i, i + 12) for i in range(12)}


def test_a_form_filled_in_anew_is_no_reprint_and_a_copy_of_it_is():
    dice = random.Random(5)
    bulletins = [form(day, dice, day % 2) for day in range(120)]
    copies = [edited("本网讯：" + text, 0.03, dice) for text in bulletins[:30]]
    found = duplicates.pairs(bulletins + copies)
    again, planted = of_kind("reprint", found), {(i, 120 + i) for i in range(30)}
    assert planted <= again and not [pair for pair in again if max(pair) < 120]
    assert len(again - planted) <= 1  # two copies may meet where the edits fell on their days
    assert len(of_kind("template", found)) > 120 * 59 / 2


def test_a_form_so_common_that_it_is_a_formula_still_lets_its_copies_be_found():
    dice = random.Random(6)
    bulletins = [form(day % 330, dice) for day in range(600)]
    written = bulletins + bulletins[:20]
    assert of_kind("reprint", duplicates.pairs(written)) == {(i, 600 + i) for i in range(20)}
    assert len(sketches.sketched(written).candidates()) < 2000


def test_quiet_days_differ_by_their_date_alone():
    assert duplicates.pairs([quiet(day) for day in (8, 9, 10)])["kind"].tolist() == ["template"] * 3
    assert duplicates.pairs([quiet(8), "本网讯：" + quiet(8)])["kind"].tolist() == ["reprint"]


def test_a_reprint_that_mends_or_rounds_some_figures_is_a_reprint():
    dice = random.Random(2)
    text = "".join(form(3, dice, k) for k in (0, 1)) + "".join(article(dice, 600))
    figures = [m.span() for m in re.finditer(r"\d+", text)][::4]
    rounded = text
    for start, end in reversed(figures):
        rounded = rounded[:start] + "约" + "9" * (end - start) + rounded[end:]
    assert duplicates.pairs([text, rounded])["kind"].tolist() == ["reprint"]


def test_articles_that_share_some_sentences_are_two_articles():
    dice = random.Random(3)
    pool = [s for _ in range(10) for s in article(dice, 800)]
    half, rest, other = pool[:30], pool[30:60], pool[60:90]
    mixed = ["".join(dice.sample(half + some, 60)) for some in (rest, other)]
    assert duplicates.pairs(mixed).empty


def test_a_piece_is_an_excerpt_and_stays():
    text = article(random.Random(4), 1600)
    table = duplicates.pairs(["".join(text), "".join(text[: len(text) // 4])])
    assert table["kind"].tolist() == ["excerpt"] and table["share"].tolist() == [1.0]


@pytest.mark.parametrize("few", [[], ["防控"], ["", ""], ["防控", "防控" * 200]])
def test_few_or_empty_texts_have_no_pairs(few):
    docs = pd.DataFrame({"doc_id": list("ab")[: len(few)], "file": "", "date": ""})
    assert duplicates.pairs(few).empty and set(duplicates.pairs(few)["a"]) == set()
    found = duplicates.clusters(docs, pd.Series(few, dtype=object))
    assert duplicates.originals(docs, found).tolist() == [""] * len(few)


def test_the_work_grows_with_articles_not_with_pairs():
    dice = random.Random(9)
    met = [len(sketches.sketched(["".join(article(dice, 400)) for _ in range(n)]).candidates()) for n in (200, 800)]
    assert met[1] < 0.01 * 800 * 799 / 2 and met[1] < 50 * max(met[0], 1)


@settings(max_examples=20, deadline=None)
@given(order=st.permutations(range(18)), seed=st.integers(0, 5))
def test_pairs_do_not_depend_on_the_order_of_articles(order, seed):
    written, _ = corpus(200, seed, n=12, copies=6)
    straight = {frozenset(p) for p in duplicates.pairs(written)[["a", "b"]].to_numpy().tolist()}
    mixed = duplicates.pairs([written[i] for i in order])[["a", "b"]].to_numpy().tolist()
    assert {frozenset(order[i] for i in pair) for pair in mixed} == straight


# ---- what is kept of the last search ---------------------------------------------------------------------------------

NOTHING = pd.DataFrame(columns=duplicates.PAIRS), pd.DataFrame(columns=["doc_id", "content", "mark"])


@st.composite
def histories(draw) -> list[list[int]]:
    """Which of 18 articles a corpus holds, one state after the other, in any order."""
    return draw(st.lists(st.lists(st.integers(0, 17), max_size=18, unique=True), min_size=1, max_size=4))


@settings(max_examples=40)
@given(history=histories(), seed=st.integers(0, 5), common=st.sampled_from([300, 4]))
def test_a_search_that_goes_on_finds_what_one_from_the_start_finds(history, seed, common):
    """`common`: with 4, which runs are formulas changes from state to state, and with them the sketches of old articles."""
    written, _ = corpus(200, seed, n=12, copies=6)
    before, asked = NOTHING, []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sketches, "FORMULA", (0.05, common))
        for state in history:
            known = pd.DataFrame({"doc_id": [f"d{i}" for i in state], "content": [str(i) for i in state]})
            texts = [written[i] for i in state]
            met = sketches.sketched(texts)
            both = [
                duplicates.renewed(known, met, old, lambda some, t=texts: asked.append(some) or {i: t[i] for i in some})
                for old in (before, NOTHING)
            ]
            pd.testing.assert_frame_equal(both[0][0], both[1][0], check_dtype=False)
            pd.testing.assert_frame_equal(both[0][1], both[1][1])
            before = both[0]
        duplicates.renewed(known, met, before, lambda some: asked.append(some) or {})
    assert not asked[-1]


def test_old_articles_meet_when_what_they_share_is_no_formula_any_more(monkeypatch):
    monkeypatch.setattr(sketches, "FORMULA", (0, 2))
    text = "".join(article(random.Random(7), 300))
    before, seen = NOTHING, []
    for n in (2, 3, 2):
        known = pd.DataFrame({"doc_id": list("abc"[:n]), "content": list("123"[:n])})
        before = duplicates.renewed(
            known, sketches.sketched([text] * n), before, lambda some: dict.fromkeys(some, text)
        )
        seen.append(before[0][["a", "b"]].values.tolist())
    assert seen == [[["a", "b"]], [], [["a", "b"]]]


def test_an_edited_article_is_compared_anew_though_its_sketch_stays():
    text = "".join(article(random.Random(7), 2500))
    known = pd.DataFrame({"doc_id": ["a", "b"], "content": ["1", "2"]})
    met = sketches.sketched([text, text])
    first = duplicates.renewed(known, met, NOTHING, lambda some: {0: text, 1: text})
    again = duplicates.renewed(known.assign(content=["1", "3"]), met, first, lambda some: {0: text, 1: text[:900]})
    assert first[0]["kind"].tolist() == ["reprint"] and again[0]["kind"].tolist() == ["excerpt"]


def test_a_pair_is_measured_in_the_passages_it_shares():
    dice = random.Random(3)
    shared, own, other = ("".join(article(dice, n))[:n] for n in (400, 120, 200))
    mended = [shared + f"当日新增确诊病例{number}例。" for number in (17, 19)]
    (row,) = duplicates.pairs([mended[0], mended[1] + own]).itertuples()
    assert (row.a, row.b, row.kind, row.share) == (0, 1, "reprint", 1), "the shorter one is all there"
    (row,) = duplicates.pairs([mended[0] + own, mended[1] + other]).itertuples()
    assert row.share == pytest.approx(len(mended[0]) / len(mended[0] + own), abs=0.05)
    assert row.words > 0.9 and row.figures < 1, "where a text goes its own way it loses no words of the other"


def test_each_document_is_told_which_version_stands_for_it_by_its_own_row():
    docs = pd.DataFrame({"doc_id": ["甲", "乙", "丙"]}, index=[7, 3, 5])
    found = pd.DataFrame({"doc_id": ["丙", "甲"], "duplicate_of": ["", "丙"]})
    assert duplicates.originals(docs, found).to_dict() == {7: "丙", 3: "", 5: ""}


# ---- the version that is kept ----------------------------------------------------------------------------------------


def told(rows: list[tuple[str, str, str]]) -> dict[str, tuple[str, str]]:
    """clusters() of versions (doc_id, date, text) as doc_id: (duplicate_of, why)."""
    docs = pd.DataFrame(
        {"doc_id": [r[0] for r in rows], "file": [f"{r[0]}.txt" for r in rows], "date": [r[1] for r in rows]}
    )
    table = duplicates.clusters(docs, pd.Series([r[2] for r in rows]))
    return {d: (o, w) for d, o, w in table[["doc_id", "duplicate_of", "why"]].itertuples(index=False)}


@pytest.fixture(scope="module")
def text() -> str:
    return "".join(article(random.Random(1), 400))


def test_the_earliest_version_that_is_not_cut_is_kept(text):
    rows = [
        ("cut", "2022-04-17", text[:300]),
        ("late", "2022-04-19", text),
        ("early", "2022-04-18", text),
        ("none", "", text),
    ]
    assert told(rows) == {
        "early": ("", "kept: earlier date, 2022-04-18"),
        "late": ("early", "later date, 2022-04-19"),
        "none": ("early", "no date"),
        "cut": ("early", "cut short"),
    }


def test_without_dates_length_decides_and_then_the_file_name(text):
    longer = text + "有关情况将及时公布。"
    assert told([("b", "", text), ("a", "", text)])["a"] == ("", "kept: file name comes first, all else alike")
    assert told([("a", "", text), ("b", "", longer)])["b"][1] == f"kept: longer, {len(longer)} characters"
    assert told([("a", "", text[:300]), ("b", "", text)])["b"][1] == "kept: the others are cut short"


def test_every_version_was_compared_with_the_kept_one_itself():
    dice = random.Random(12)
    blocks = ["".join(article(dice, 300)) for _ in range(6)]
    rolling = ["".join(blocks[i : i + 4]) for i in range(3)]  # each keeps three quarters of the one before
    kept = told([(name, f"2022-04-0{i}", text) for i, (name, text) in enumerate(zip("abc", rolling, strict=True), 1)])
    assert kept["b"][0] == "a" and "c" not in kept


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 40))
def test_one_of_each_cluster_is_kept_and_no_kept_one_is_a_copy(seed):
    written, _ = corpus(200, seed, n=12, copies=6)
    docs = pd.DataFrame({"doc_id": [f"d{i:02}" for i in range(18)], "date": ""}).assign(file=lambda d: d["doc_id"])
    table = duplicates.clusters(docs, pd.Series(written))
    kept = set(table.loc[table["duplicate_of"] == "", "doc_id"])
    assert not table["doc_id"].duplicated().any() and set(table["duplicate_of"]) - {""} == kept
    assert (table.groupby("cluster").size() > 1).all() if len(table) else not kept


def test_the_choice_all_or_one_decides_what_is_counted(results):
    one, every = Study(results=results), Study(results=results, name="every", duplicates="all")
    assert set(store.counted(every)) - set(store.counted(one)) == {"lanshan-2022-gov-reprint"}


@pytest.mark.parametrize("number", range(3, 9))
def test_every_notebook_with_statistics_begins_with_the_documents_that_count(number):
    (notebook,) = (ROOT / "notebooks").glob(f"{number:02}-*.ipynb")
    assert "store.counted(study)" in notebook.read_text(encoding="utf-8")


# ---- what two versions do not have in common -------------------------------------------------------------------------


def version(*sentences: str) -> pd.DataFrame:
    return pd.DataFrame({"line": range(1, len(sentences) + 1), "text": list(sentences)})


def test_what_changed_is_told_with_its_lines_and_moves_are_not():
    kept = version("全区封控二十五天。", "累计采样196.4万人次。", "一名干部被立案审查。")
    other = version("累计采样近200万人次。", "全区封控二十五天。", "网格员日夜值守，群众安心。")
    assert duplicates.differences(kept, other).values.tolist() == [
        ["2", "1", "changed", "累计采样〔196.4→近200〕万人次。"],
        ["3", "", "only in the kept version", "一名干部被立案审查。"],
        ["", "3", "only in the other", "网格员日夜值守，群众安心。"],
    ]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from("防控 采样 复工 送菜 登记 值守".split()), max_size=8), st.integers(0, 3))
def test_a_text_does_not_differ_from_itself_and_both_sides_are_told(said, out):
    rows = version(*(f"{place}处，{word}。" for place, word in enumerate(said)))
    assert duplicates.differences(rows, rows).empty
    found = duplicates.differences(rows, rows.iloc[out:])
    assert len(found) == len(rows.iloc[:out]) and set(found["other_line"]) <= {""}


def test_what_a_page_says_is_shown_as_text_never_as_markup():
    shown = duplicates.differences(version("点击<script>报名</script>。"), version("停诊通知。"))._repr_html_()
    assert "<script>" not in shown and "&lt;script&gt;" in shown


def test_marks_hold_both_wordings_and_what_is_far_from_a_change_is_left_out():
    assert (
        duplicates.marked("前" * 20 + "甲" + "中" * 30, "前" * 20 + "乙" + "中" * 30)
        == "…" + "前" * 12 + "〔甲→乙〕" + "中" * 12 + "…"
    )
    for old, new in combinations(["新增12例。", "新增3例，治愈2例。", "无新增。", ""], 2):
        text = duplicates.marked(old, new)
        assert re.sub("〔(.*?)→(.*?)〕", r"\1", text) == old and re.sub("〔(.*?)→(.*?)〕", r"\2", text) == new
