"""Facts in sentences of five kinds of source, bulletins, the systems of five reports, and texts made to be slow."""

import csv
import json
import random
import re
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import cleaning, facts, glyphs, texts
from helpers.study import Study
from tests import scoring

ALPHABET = "今昨3月19日第一二两三百万余个名例岁年时点至到，。“”（）近约王李说：专班点组局街道下沉核酸检测隔离《》5+1 "
# Sentences invented in the manner of five kinds of source, of 16 April 2022, and what a reader finds in each. The answers
# were written down before the rules met the sentence; two dozen oversights of the reader were mended afterwards.
SENTENCES = list(csv.DictReader(Path(__file__).with_name("registers.csv").read_text(encoding="utf-8").splitlines()))
FLOORS = {"dates": 0.95, "quantities": 0.97, "persons": 0.96, "bodies": 0.85}


def read(text: str) -> dict[str, Counter]:
    """What the extractors find in one sentence, as the pipeline hands it to them: in Simplified script."""
    text = glyphs.simplified(text)
    counted, named = facts.quantities(text), facts.actors(text)
    by_kind = named.groupby("kind")["name"].agg(set)
    return {
        "dates": Counter(facts.dates(text, 2022, "2022-04-16")["iso"]),
        "quantities": Counter(zip(counted["value"], counted["unit"], strict=True)),
        "persons": Counter(by_kind.get("person", ())),
        "bodies": Counter(by_kind.get("organization", ())),
    }


def answered(row: dict[str, str]) -> dict[str, Counter]:
    words = {kind: glyphs.simplified(row[kind]).split() for kind in FLOORS}
    counted = [re.fullmatch(r"([\d.]+)(.+)", one) for one in words["quantities"]]
    return {kind: Counter(some) for kind, some in words.items()} | {
        "quantities": Counter((float(one[1]), one[2]) for one in counted)
    }


@pytest.fixture(scope="module")
def compared() -> list[tuple[str, dict[str, Counter], dict[str, Counter]]]:
    return [(row["source"], read(row["sentence"]), answered(row)) for row in SENTENCES]


@pytest.mark.parametrize("kind", FLOORS)
def test_facts_are_found_in_every_register(compared, kind):
    right = sum((found[kind] & true[kind]).total() for _, found, true in compared)
    extra = sum((found[kind] - true[kind]).total() for _, found, true in compared)
    missed = sum((true[kind] - found[kind]).total() for _, found, true in compared)
    assert scoring.Score(right, extra, missed).f1 >= FLOORS[kind]


@pytest.mark.parametrize("source", sorted({row["source"] for row in SENTENCES}))
def test_no_register_is_left_behind(compared, source):
    for kind in ("dates", "quantities", "persons"):
        found = [(f[kind], t[kind]) for name, f, t in compared if name == source]
        wrong = sum((f - t).total() + (t - f).total() for f, t in found)
        assert wrong <= max(2, 0.12 * sum(t.total() for _, t in found)), kind


def test_named_arrangements_are_found():
    rows = [[glyphs.simplified(row[key]) for key in ("sentence", "arrangements")] for row in SENTENCES]
    wanted = [(text, name) for text, names in rows for name in names.split()]
    found = sum(any(part in name for name in facts.mechanisms(text)["name"]) for text, part in wanted)
    assert found >= 0.88 * len(wanted)


# ---- a document is read as one text


def test_no_fact_crosses_the_line_break_between_paragraphs():
    rows = ["3月9日", "至12日，新增3", "例。“放心", "吧。”居民王丽说，截至4月", "5日，幸福路", "18号开会。"]
    alone = facts.read([facts.Document("a", [0], [text], 2022) for text in rows])
    whole = facts.read([facts.Document("a", list(range(len(rows))), rows, 2022)])
    places = ["doc_id", "paragraph"]
    pd.testing.assert_frame_equal(whole["quantities"].drop(columns=places), alone["quantities"].drop(columns=places))
    for name in ("dates", "quantities"):
        assert all(rows[row.paragraph][row.start : row.end] == row.surface for row in whole[name].itertuples())
    assert all(row.end <= len(rows[row.paragraph]) for row in whole["speech"].itertuples())
    assert whole["dates"]["surface"].tolist() == ["3月9日", "至12日", "截至4月", "5日", "18号"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(ALPHABET, min_size=1, max_size=30), min_size=2, max_size=3))
def test_paragraphs_read_as_one_text_hold_what_each_holds_alone(rows):
    for read_one in (facts.quantities, facts.mechanisms, facts.speech):
        alone, at = [], 0
        for row in rows:
            found = read_one(row)
            alone += [(a + at, b + at, *rest) for a, b, *rest in found.itertuples(index=False, name=None)]
            at += len(row) + 1
        assert list(read_one("\n".join(rows)).itertuples(index=False, name=None)) == alone


UNITS = ["“", "”", "《", "1", "1,", "一百", "3月9日至", "自", "书记王", "李丽、", "阿·", "街道", "东城街道", "每", "万"]
UNITS += [
    "甲市 3 4\n",
    "甲市\n3\n4\n",
    "新增|",
    "新增\n甲 1 ",
    "本土（",
    "1万",
    "（",
    "5岁的",
    "说：“",
    "+1",
    "新增本土",
    "居民王丽说，",
    "晚8时",
    "当天",
    "今天（",
    "2022.",
    "网格员",
    "、普通型3例",
]


def test_time_grows_with_length_alone_whatever_is_repeated():
    dice = random.Random(5)
    repeated = UNITS + ["".join(dice.choices(UNITS, k=4)) for _ in range(25)]
    facts.read([facts.Document("a", [1], ["3月9日，街道发放口罩200个。"], 2022)])
    for unit in repeated:
        text = unit * (12_000 // len(unit))
        began = time.process_time()
        facts.read([facts.Document("a", [1], [text], 2022, raw=text)])
        facts.bulletins(text, 2022)
        assert time.process_time() - began < 4, unit  # a pattern of quadratic time takes minutes


# ---- bulletins


@pytest.mark.parametrize(
    "text, expected",
    [
        (
            "4月24日0—24时，新增本土新冠肺炎确诊病例12例和无症状感染者47例，其中3例确诊病例为此前无症状感染者转归。",
            (12, 47),
        ),
        ("4月24日，新增本土确诊病例788和无症状感染者7084例。新增境外输入性确诊病例1例和无症状感染者2例。", (788, 7084)),
        (
            "4月24日新增确诊病例96例。其中境外输入病例29例，本土病例67例。\n新增无症状感染者82例，其中境外输入3例，本土79例。",
            (67, 79),
        ),
        ("4月24日，全市新增3例本土确诊病例和5例本土无症状感染者。", (3, 5)),
        ("4月24日新增本土感染者52例（确诊病例5例、无症状感染者47例），累计报告本土确诊病例310例。", (5, 47)),
        ("4月24日新增阳性感染者52例，均为本土，其中确诊病例5例、无症状感染者47例。", (5, 47)),
        ("4月24日，无新增本土确诊病例，新增本土无症状感染者2例，解除隔离医学观察本土无症状感染者12例。", (0, 2)),
        (
            "本地疫情：\n4月24日0—24时，全县新增确诊病例2例；新增无症状感染者28例。\n境外输入疫情：\n4月24日0—24时，"
            "无新增输入确诊病例、无症状感染者。截至4月24日24时，累计报告境外输入确诊病例4例。",
            (2, 28),
        ),
        (
            "4月25日公布，全州新增5例无症状感染者、2名确诊病例。\n4月24日0时至24时，全州新增5例无症状感染者；新增2名确诊病例。",
            (2, 5),
        ),
        ("4月24日新增确诊病例5例，均为本土病例；新增无症状感染者8例，其中境外输入无症状感染者3例。", (5, 5)),
        ("4月24日0—24时，全省无新增新冠肺炎疫情信息报告。当日治愈出院本土确诊病例8例。", (0, 0)),
    ],
)
def test_the_pair_of_a_bulletin(text, expected):
    found = facts.bulletins(text, 2022)
    assert found.values.tolist() == [["2022-04-24", *expected]]


def test_confirmed_cases_alone_are_local_where_a_notice_of_this_country_names_nobody_from_abroad():
    found = facts.bulletins("4月24日0—24时，全市新增确诊病例6例。目前追踪到密切接触者163人。", 2020)
    assert found["confirmed"].tolist() == [6] and found["asymptomatic"].isna().all()
    assert facts.bulletins("4月24日，该国新增确诊病例6例。", 2020).empty


@pytest.mark.parametrize(
    "text, expected",
    [
        (
            "4月24日0—24时，新增本土确诊病例12例（含3例由无症状感染者转为确诊病例），新增本土无症状感染者47例。",
            [["2022-04-24", 12, 47]],
        ),
        (
            "4月24日，全市新增本土确诊病例26例（其中9例为既往无症状感染者转归）、本土无症状感染者112例。",
            [["2022-04-24", 26, 112]],
        ),
        (
            "4月24日，31个省份报告新增确诊病例1350例。其中境外输入病例23例（甲省10例，乙省8例，丙市5例），本土病例1327例（甲省900例，乙省300例，丙市127例），含84例由无症状感染者转为确诊病例。\n新增无症状感染者2680例，其中境外输入95例，本土2585例（甲省1900例，乙省600例，丙市85例）。",
            [["2022-04-24", 1327, 2585]],
        ),
        (
            "4月24日，我市无新增本土确诊病例和本土无症状感染者。",
            [["2022-04-24", 0, 0]],
        ),
        (
            "4月24日，我市无新增本土确诊病例和无症状感染者。累计报告本土确诊病例88例，均已治愈出院。",
            [["2022-04-24", 0, 0]],
        ),
        (
            "4月24日0—24时，新增本土确诊病例0例、本土无症状感染者0例。",
            [["2022-04-24", 0, 0]],
        ),
        (
            "4月24日，未新增本土确诊病例，新增本土无症状感染者1例。",
            [["2022-04-24", 0, 1]],
        ),
        (
            "4月24日，本土确诊病例零新增，新增本土无症状感染者2例。",
            [["2022-04-24", 0, 2]],
        ),
        (
            "4月24日，新增本土确诊病例12例，较前一日减少8例；新增本土无症状感染者47例，较前一日增加15例。",
            [["2022-04-24", 12, 47]],
        ),
        (
            "4月24日新增本土确诊病例12例，同比下降40%，新增本土无症状感染者47例，环比上升3%。",
            [["2022-04-24", 12, 47]],
        ),
        (
            "截至4月24日24时，累计报告本土确诊病例310例、无症状感染者902例，现有在院治疗本土确诊病例41例。4月24日新增本土确诊病例3例、无症状感染者8例。",
            [["2022-04-24", 3, 8]],
        ),
        (
            "4月23日，新增本土确诊病例5例、无症状感染者9例。4月24日，新增本土确诊病例7例、无症状感染者4例。",
            [["2022-04-23", 5, 9], ["2022-04-24", 7, 4]],
        ),
        (
            "日期 4月24日\n新增本土确诊病例 12\n新增本土无症状感染者 47\n累计本土确诊病例 310",
            [["2022-04-24", 12, 47]],
        ),
        (
            "4月24日疫情数据 | 新增本土确诊病例：12例 | 新增本土无症状感染者：47例 | 当日治愈出院：9例",
            [["2022-04-24", 12, 47]],
        ),
        (
            "4月24日，全省新增本土新冠肺炎确诊病例6例，甲市4例、乙市2例；新增本土无症状感染者15例，甲市11例、乙市4例。",
            [["2022-04-24", 6, 15]],
        ),
        (
            "4月24日0至24时，新增12例新冠肺炎本土确诊病例和47例本土无症状感染者，其中5例确诊病例和40例无症状感染者在隔离管控中发现，其余在社会面筛查中发现。",
            [["2022-04-24", 12, 47]],
        ),
        (
            "4月24日，新增本土感染者59例，其中确诊病例12例，均为轻型；无症状感染者47例。",
            [["2022-04-24", 12, 47]],
        ),
        (
            "4月24日，新增境外输入确诊病例2例、无症状感染者3例；新增本土确诊病例1例、无症状感染者4例。当日转归确诊病例2例。",
            [["2022-04-24", 1, 4]],
        ),
        (
            "4月24日，新增本土确诊病例1,012例，新增本土无症状感染者2.3万例。",
            [["2022-04-24", 1012, 23000]],
        ),
        (
            "4月24日，当日新增确诊病例四例，均为本土病例；当日新增无症状感染者十一例，均为本土。",
            [["2022-04-24", 4, 11]],
        ),
        (
            "4月24日，全市报告新增本土新冠病毒阳性感染者59例，诊断为确诊病例（轻型）12例、无症状感染者47例。",
            [["2022-04-24", 12, 47]],
        ),
        (
            "4月24日，新增本土确诊病例12例；解除医学观察的本土无症状感染者30例；新增本土无症状感染者47例。",
            [["2022-04-24", 12, 47]],
        ),
        (
            "4月24日，新增2例本土确诊病例（其中1例由4月22日无症状感染者转确诊）和6例本土无症状感染者。",
            [["2022-04-24", 2, 6]],
        ),
        (
            "| 4月24日 | 新增本土确诊病例 | 12 | 新增本土无症状感染者 | 47 |",
            [["2022-04-24", 12, 47]],
        ),
        (
            "4月24日，新增死亡病例1例，为本土病例；新增本土确诊病例12例。新增出院病例20例。新增本土无症状感染者47例。",
            [["2022-04-24", 12, 47]],
        ),
    ],
)
def test_a_bulletin_in_many_wordings(text, expected):
    """Cases under another kind before, several places, none, changes, totals, two days, cells of a table."""
    assert facts.bulletins(text, 2022).values.tolist() == expected


@pytest.mark.parametrize(
    "text, pair",
    [
        ("新增本土确诊病例12例，其中4月20日无症状感染者转为确诊病例5例；新增本土无症状感染者47例。", (12, 47)),
        ("报告本土无症状感染者转为确诊病例9例。新增本土确诊病例12例，新增本土无症状感染者47例。", (12, 47)),
        ("新增本土感染者“12+47”，即确诊病例12例、无症状感染者47例。", (12, 47)),
        ("新增本土“12+47”，均在隔离点发现。", (12, 47)),
        ("新增本土确诊病例和无症状感染者分别为12例和47例。", (12, 47)),
        ("新增本土新冠病毒阳性感染者59名，其中12名为确诊病例、47名为无症状感染者。", (12, 47)),
        ("检出感染者47名，均为本土无症状感染者；新增本土确诊病例12名。", (12, 47)),
        ("新增确诊病例12例、无症状感染者47例，均为本土感染。", (12, 47)),
        ("新增确诊病例12例（本土），新增无症状感染者47例（本土）。", (12, 47)),
        ("新增确诊病例12例，均为本土病例。新增无症状感染者50例（境外输入3例）。", (12, 47)),
        ("无新增本土确诊病例；新增无症状感染者50例，其中境外输入3例。", (0, 47)),
        ("无新增本土确诊病例；新增无症状感染者50例，其中本土47例、境外输入3例。", (0, 47)),
        ("新增本土确诊病例12例（重型1例、重症1例）、无症状感染者47例。", (12, 47)),
        ("本土确诊病例新增12例，本地新增无症状感染者47例。", (12, 47)),
        ("新增本土确诊病例12例。自3月1日以来，累计报告310例。新增无症状感染者47例。", (12, 47)),
        ("经筛查发现本土确诊病例12例、本土无症状感染者47例。", (12, 47)),
        ("新增本土确诊病例\n12\n新增本土无症状感染者\n47\n累计本土确诊病例\n310", (12, 47)),
        ("新增本土确诊病例12例、新增疑似病例3例、新增本土无症状感染者47例。", (12, 47)),
        ("新增本土确诊病例12例、无症状感染者47例。4月20日报告的输入病例3例，现订正为新增本土确诊病例3例。", (12, 47)),
        ("无新增新冠肺炎本土确诊病例、本土无症状感染者。", (0, 0)),
        ("无新增本土和境外输入确诊病例、无症状感染者。", (0, 0)),
        ("连续7天无本土新增确诊病例，本土无症状感染者零新增。", (0, 0)),
        ("本土确诊病例无新增，新增本土无症状感染者47例。", (0, 47)),
        ("无新增本土感染者。", (0, 0)),
        ("新增21例本土确诊病例。无新增无症状感染者。", (21, 0)),
        ("无新增本土确诊病例。新增1例无症状感染者（境外输入）。", (0, 0)),
        ("新增本土确诊病例18例。新增无症状感染者6例（均为境外输入）。", (18, 0)),
        ("新增确诊病例1例，其中境外输入病例1例（甲国输入）；无本土病例。新增本土无症状感染者9例。", (0, 9)),
        ("无新增本土确诊病例、疑似病例和无症状感染者。", (0, 0)),
        ("新增确诊病例3例，为无症状感染者转确诊病例；新增无症状感染者58例。", (3, 58)),
        ("累计新增本土确诊病例12例、无症状感染者47例，其中社会面2例。", (12, 47)),
        ("新增阳性感染者47例，均为无症状感染者。无新增确诊病例。", (0, 47)),
        ("新增确诊病例12例、无症状感染者47例。截至当日，累计报告境外输入确诊病例1例。", (12, 47)),
        ("报告12例本土确诊、5例无症状转确诊和47例本土无症状。", (12, 47)),
        ("新增确诊病例和本土无症状感染者均为0。", (0, 0)),
        ("本土确诊病例和无症状感染者均无新增。", (0, 0)),
        ("新增确诊病例12例。\n病例1：男，40岁，4月20日确诊。\n新增无症状感染者47例。", (12, 47)),
        ("新增确诊病例12例；新增无症状感染者47例，其中甲市9例（外省输入1例、省外输入续发8例）。", (12, 47)),
        ("新增12例本土冠病确诊病例和47名本土无症状感染者，甲区有9例确诊病例及30名无症状者。", (12, 47)),
        ("新增47例本土无症状感染者，第4例系4月22日甲县第3例无症状感染者的家人。新增12例本土确诊病例。", (12, 47)),
        ("新增本土感染者59例，普通型5例，、轻型7例，、无症状感染者47例。", (12, 47)),
        ("新增本土确诊病例和无症状感染者各3例。", (3, 3)),
        ("新增本土确诊病例和无症状感染者0例。", (0, 0)),
        ("新增确诊病例和无症状感染者共59例，其中本土确诊病例12例、本土无症状感染者47例。", (12, 47)),
        ("新增1万8502例本土确诊及本土无症状感染。新增本土确诊病例2119例、本土无症状感染者1万6383例。", (2119, 16383)),
        ("新增确诊病例15例，本土病例占12例；新增无症状感染者50例。当中，境外移入3例，本土47例。", (12, 47)),
        ("新增15例2019冠状病毒疾病（COVID-19）确诊病例，其中本土病例12例；新增本土无症状感染者47例。", (12, 47)),
    ],
)
def test_the_pair_of_a_day_told_in_another_way(text, pair):
    """Asides, corrections, short forms, names, totals with a part from abroad, cells of a table, none."""
    assert facts.bulletins("4月24日0—24时，全市" + text, 2022).values.tolist() == [["2022-04-24", *pair]]


def test_a_total_of_several_days_gives_no_day_its_pair():
    assert facts.bulletins("截至4月24日12时，全市共报告本土确诊病例38例、本土无症状感染者13例。", 2022).empty
    assert facts.bulletins("4月1日至4月24日，全市新增本土确诊病例310例、无症状感染者902例。", 2022).empty
    assert facts.bulletins("4月1日以来，全市报告本土确诊病例310例、无症状感染者902例。", 2022).empty
    assert facts.bulletins("本轮疫情，全市累计新增本土确诊病例310例、无症状感染者902例。", 2022, "2022-04-24").empty
    two = "4月23日12时至24日12时，新增本土确诊病例12例、无症状感染者47例。"
    assert facts.bulletins(two, 2022).values.tolist() == [["2022-04-24", 12, 47]]


def test_a_sum_of_both_kinds_is_a_figure_of_neither():
    for figure in (
        "本土确诊病例和无症状感染者1.8万例",
        "本土确诊病例及无症状感染者共59例",
        "59例本土确诊及本土无症状感染",
    ):
        assert facts.bulletins(f"4月24日，新增{figure}。", 2022).empty


def test_the_day_of_a_dateline_is_no_day_of_cases():
    told = "（甲社乙市25日电）官方今天通报，新增本土确诊病例12例。"
    text = f"{told}24日零至24时，新增本土确诊病例12例，当天通报无症状感染者50例，其中本土47例。"
    assert facts.bulletins(text, 2022, "2022-04-25").values.tolist() == [["2022-04-24", 12, 47]]


def test_zeros_go_to_the_origin_that_is_named():
    text = "4月24日，无新增本土确诊病例、境外输入无症状感染者；新增本土无症状感染者2例。"
    assert facts.bulletins(text, 2022).values.tolist() == [["2022-04-24", 0, 2]]


def test_a_title_that_names_no_day_makes_no_row_of_its_own():
    text = (
        "我市新增本土确诊病例12例\n4月24日，新增本土确诊病例12例、无症状感染者47例。（4月25日发布）\n新增境外输入2例。"
    )
    assert facts.bulletins(text, 2022).values.tolist() == [["2022-04-24", 12, 47]]


@pytest.mark.parametrize(
    "table",
    [
        "城市 新增确诊 新增无症状\n甲市 9 30\n乙市 3 17\n合计 12 47",
        "城市\t新增确诊\t新增无症状\n甲市\t9\t30\n乙市\t3\t17",
        "| 地区 | 新增出院 | 新增本土确诊 | 新增本土无症状 |\n|---|---|---|---|\n| 全省 | 5 | 12 | 47 |\n| 甲市 | 5 | 9 | 30 |",
        "地区\n新增本土确诊病例\n新增本土无症状感染者\n全市\n12\n47\n甲区\n9\n30\n乙区\n3\n17",
        "区县 确诊病例 无症状感染者 合计\n甲区 9 30 39\n乙区 3 17 20\n总计 12 47 59",
    ],
)
def test_a_table_tells_what_its_total_or_the_sum_of_its_rows_tells(table):
    found = facts.bulletins("4月24日各地新增情况\n" + table, 2022)
    assert found.values.tolist() == [["2022-04-24", 12, 47]]


def test_a_whole_beside_figures_that_are_parted_is_not_taken_for_local():
    text = "4月24日新增确诊病例15例，其中境外输入病例3例，本土12例；无症状感染者新增47例，尚在观察的90例。"
    found = facts.bulletins(text, 2022)
    assert found["confirmed"].tolist() == [12] and found["asymptomatic"].isna().all()
    parted = facts.bulletins(text.replace("47例，", "50例，其中境外输入3例；"), 2022)
    assert parted.values.tolist() == [["2022-04-24", 12, 47]]


def test_parts_of_suspected_cases_are_not_confirmed_ones():
    text = "4月24日报告无新增确诊病例；新增疑似病例2例，其中境外输入病例1例，本土病例1例。"
    found = facts.bulletins(text + "新增无症状感染者50例（境外输入3例）。", 2022)
    assert found.values.tolist() == [["2022-04-24", 0, 47]]


def test_cases_told_by_how_ill_they_are_beside_those_without_symptoms_are_confirmed():
    text = "4月24日，新增本土感染者59例，甲区50例、乙区9例；普通型3例、轻型9例、无症状感染者47例；均为管控人员。"
    assert facts.bulletins(text, 2022).values.tolist() == [["2022-04-24", 12, 47]]


def test_a_table_whose_rows_are_days_tells_each_day():
    rows = "日期 新增确诊病例 新增无症状感染者 累计确诊病例\n4月23日 9 30 189\n4月24日 12 47 201\n合计 21 77 201"
    found = facts.bulletins("4月23日—4月24日疫情数据\n" + rows, 2022)
    assert sorted(found.values.tolist()) == [["2022-04-23", 9, 30], ["2022-04-24", 12, 47]]


def test_a_heading_says_where_the_cases_below_it_were_caught():
    text = "本地疫情：\n4月24日，新增确诊病例12例；新增无症状感染者47例。\n境外输入疫情：\n4月24日，新增确诊病例3例。"
    assert facts.bulletins(text, 2022).values.tolist() == [["2022-04-24", 12, 47]]


def test_the_day_of_telling_is_not_the_day_told_of_unless_it_is_the_only_one():
    text = (
        "甲州指挥部4月25日公布，甲州新增9例无症状感染者、2名确诊病例。4月24日，甲州新增9例无症状感染者、2名确诊病例。"
    )
    assert facts.bulletins(text, 2022).values.tolist() == [["2022-04-24", 2, 9]]
    assert facts.bulletins(text.split("。")[0], 2022).values.tolist() == [["2022-04-25", 2, 9]]


def test_marks_of_half_width_part_figures_as_wide_ones_do():
    text = "4月24日,新增本土确诊病例1,012例(甲市9例,乙市3例);新增无症状感染者47例(境外输入3例)."
    assert facts.bulletins(text, 2022).values.tolist() == [["2022-04-24", 1012, 44]]


def test_a_title_in_brackets_is_a_sentence_of_its_own():
    text = "【新增9例确诊均为境外输入】4月24日，新增确诊病例9例，均为境外输入病例；新增本土无症状感染者47例。"
    assert facts.bulletins(text, 2022).values.tolist() == [["2022-04-24", 0, 47]]


def test_spaces_about_figures_do_not_hide_the_day():
    text = "4 月 24 日 0 — 24 时，新增本土确诊病例 12 例，新增本土无症状感染者 47 例。"
    assert facts.bulletins(text, 2022).values.tolist() == [["2022-04-24", 12, 47]]


def test_cases_that_only_a_notice_of_this_country_tells_are_local():
    """In early 2020 no notice named the origin."""
    found = facts.bulletins("2月4日，甲省卫健委通报：\n2月3日新增新型冠状病毒感染的肺炎确诊病例12例。", 2020)
    assert found.astype(object).values.tolist()[0][:2] == ["2020-02-03", 12]


def test_totals_and_cases_from_abroad_make_no_pair():
    assert facts.bulletins("截至4月24日24时，累计报告本土确诊病例310例。新增境外输入确诊病例2例。", 2022).empty
    assert facts.bulletins("4月24日，某国报告新增确诊病例717723例。", 2022).empty


def test_every_published_notice_gives_its_pair(shared):
    answers = json.loads((shared / "gold" / "dev_real_html.json").read_text(encoding="utf-8"))["docs"]
    docs, _ = texts.load(Study(corpus=shared / "corpus" / "dev_real"))
    docs = docs[docs["doc_id"].isin(answers)].set_index("doc_id", drop=False)
    paragraphs = cleaning.clean_docs(docs)[1].groupby("doc_id")["text"].agg("\n".join)
    for doc, answer in answers.items():
        year = docs.loc[doc, "year"]
        found = facts.bulletins(paragraphs[doc], None if pd.isna(year) else year, docs.loc[doc, "date"])
        assert found.iloc[0].tolist() == list(answer["pair"].values()), doc


# ---- the systems of five reports

SYSTEMS = {
    "000": ["三级临时党组织", "临时党总支", "临时党支部", "配送点"],
    "001": ["专班", "网格", "早发现、早报告、早隔离、早诊断、早治疗"],
    "002": ["三包三下沉三覆盖"],
    "003": ["开发区疫情防控指挥部", "攻坚党支部", "5+1", "隔离管控专班"],
    "004": ["应急指挥体系", "综合协调", "流调溯源", "交通检疫", "重点人群筛查", "隔离管控"],
}


def test_the_systems_of_five_reports_are_in_the_table(shared):
    for number, names in SYSTEMS.items():
        path = next((shared / "corpus" / "five_reports").glob(f"{number}_*.txt"), None)
        if path is None:
            pytest.skip("the five reports are not at hand")
        raw = path.read_text(encoding="utf-8").replace("\r\n", "\n")
        docs = pd.DataFrame({"doc_id": [number], "raw": [raw]})
        paragraphs = cleaning.clean(raw)[1].assign(doc_id=number)
        found = facts.extract(paragraphs, docs)["mechanisms"]
        for name in names:
            rows = found[found["name"].str.contains(name, regex=False)]
            assert len(rows) and all(rows["mentions"].str.len()), f"{number}: {name}"
