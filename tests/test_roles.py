"""Who does what to whom: the patterns read what their examples show, leave alone what they must, and keep their places."""

import csv

import matplotlib
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import clauses, figures, lexicon, plots_roles, roles
from helpers.frames import read_codebook
from helpers.study import LEXICON, CorpusError, Study

matplotlib.use("agg")


def told(text: str) -> list[tuple[str, str, str]]:
    return [(event["actor"], event["verb"], event["recipient"]) for event in roles.events(text)]


def paragraphs(*texts: str) -> pd.DataFrame:
    return pd.DataFrame({"doc_id": "甲", "paragraph": range(1, len(texts) + 1), "line": 5, "text": texts})


# ---- the tables ----


@pytest.mark.parametrize("row", lexicon.rows("role_patterns", "rule", "example"), ids=lambda row: row["rule"])
def test_every_pattern_reads_its_example(row):
    assert [event["rule"] for event in roles.events(row["example"])] == [row["rule"]]


def test_classes_named_in_one_table_stand_in_the_other():
    names = {kind: set(roles.classes(kind)) for kind in ("actor", "action", "role")}
    assert {row["class"] for row in lexicon.rows("role_actors", "class")} == names["actor"] | {""}
    assert {row["action"] for row in lexicon.rows("role_actions", "action")} == names["action"] | {
        *("", "nominal", "before", "goods")
    }
    for row in roles.classes("action").values():
        assert {row["actor_role"], row["recipient_role"]} <= names["role"] | {""}
        assert set(f"{row['actors']} {row['recipients']}".split()) <= names["actor"]
        assert row["object"] in ("must", "may", "none", "thing")


def test_a_secretary_of_the_party_is_the_party_and_any_other_an_office():
    acts = roles.events("支部书记值守卡口。驻村第一书记值守卡口。书记值守卡口。")
    assert [event["actor_class"] for event in acts] == ["party", "party", "government"]


def test_no_word_is_both_a_character_and_an_action():
    words = {
        (word, table)
        for table, column in (("role_actors", "class"), ("role_actions", "action"))
        for row in lexicon.rows(table, column, "words")
        if row[column] and row[column] not in ("nominal", "before", "goods")
        for word in row["words"].split()
    }
    assert len({word for word, _ in words}) == len(words)


def test_entman_s_elements_name_frames_and_actions_that_exist():
    for row in lexicon.rows("entman", "frames", "actions"):
        assert set(row["frames"].split()) <= set(read_codebook().ids)
        assert set(row["actions"].split()) <= set(roles.classes("action"))


def test_a_part_no_pattern_knows_is_named():
    with pytest.raises(CorpusError, match="'subject' is no part of a pattern"):
        roles._piece("subject")


# ---- sentences ----

CAST = [  # text, actor's class and role, recipient's class and role
    ("护士昼夜不停照顾患者。", "medical", "hero", "patients", "beneficiary"),
    ("病毒夺走老人的生命。", "virus", "threat", "residents", "victim"),
    ("工厂被疫情重创。", "virus", "threat", "", ""),
    ("居民感谢民警。", "residents", "beneficiary", "security", "hero"),
    ("交警处罚了两名司机。", "security", "", "enterprise", "villain"),
    ("一名旅客隐瞒行程。", "residents", "villain", "", ""),
    ("指挥部要求各街道当晚布好采样点。", "government", "", "community", ""),
    ("两名医生感染。", "medical", "victim", "", ""),
    ("药企赶制了三万件防护服。", "enterprise", "hero", "", ""),
    ("科学家遏制病毒。", "medical", "hero", "virus", "threat"),
]


@pytest.mark.parametrize("text, actor, role, recipient, other", CAST)
def test_the_action_casts_both_sides(text, actor, role, recipient, other):
    (event,) = roles.events(text)
    assert (event["actor_class"], event["role"]) == (actor, role)
    if recipient:
        assert (event["recipient_class"], event["recipient_role"]) == (recipient, other)


NOTHING = [
    "医院没有收治患者。",  # denied
    "全市救治能力提升。",  # the verb is part of a noun
    "病人在医院接受治疗。",  # undergone, not done
    "全院职工零感染。",  # a count of nobody
    "政府的帮助及时。",  # after 的 a verb is a noun
    "社区卫生服务中心、超市、药店。",  # a list
    "会议在学校召开。",  # a place
    "专家说，防控不能松懈。",  # who only says does not act
    "疫情防控工作有序。",  # the disease as part of a noun
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_event_is_left_out(text):
    assert told(text) == []


def test_a_subject_is_understood_through_clauses_but_not_beyond_the_sentence():
    assert told("志愿者顶风出门，绕过卡口，为老人送药。") == [("志愿者", "送药", "老人")]
    assert told("志愿者顶风出门。为老人送药。") == [("", "送药", "老人")]
    assert roles.events("志愿者顶风出门，为老人送药。")[0]["carried"]
    assert told("居民顶风出门，照顾老人。") == []  # those who are mostly cared for are not understood to care


def test_a_possessor_does_not_act_and_the_head_of_a_phrase_is_acted_on():
    assert told("医生的父亲照顾老人。") == []
    assert told("居民感谢社区的志愿者。") == [("居民", "感谢", "志愿者")]


def test_who_is_called_upon_may_act_in_turn():
    assert told("街道组织志愿者为老人买菜。") == [("街道", "组织", "志愿者"), ("志愿者", "买菜", "老人")]


WORDS = [
    "志愿者",
    "老人",
    "疫情",
    "护士",
    "照顾",
    "来袭",
    "为",
    "被",
    "把",
    "没有",
    "的",
    "，",
    "。",
    "、",
    "坚守",
    "在",
    "一",
    "“",
    "\n",
]


@given(st.lists(st.sampled_from(WORDS), max_size=30).map("".join))
@settings(max_examples=150, deadline=None)
def test_every_event_stands_at_its_place_and_paragraphs_do_not_touch_each_other(text):
    found = roles.find(paragraphs(text, text))
    for row in found.itertuples():
        span = text[row.start : row.end]
        assert row.verb in span and row.recipient in span and (row.carried or row.actor in span)
        assert 0 <= row.start < row.end <= len(text)
    halves = [part.drop(columns="paragraph").reset_index(drop=True) for _, part in found.groupby("paragraph")]
    if halves:
        pd.testing.assert_frame_equal(*halves)


def test_a_skeleton_is_read_in_linear_time_and_finds_nothing_in_nothing():
    assert roles.find(paragraphs("", "天晴。")).empty and roles.find(paragraphs()).columns.tolist() == roles.COLUMNS
    assert len(clauses.skeleton("志愿者照顾" * 20_000)) == 40_000
    assert len(roles.events("志愿者照顾" * 2_000)) > 0


# ---- what events add up to ----

TEXT = paragraphs("疫情来袭，护士日夜坚守。", "医生救治患者。民警为老人买药。", "天晴。")


def test_castings_pairs_and_frames_count_the_same_events():
    events = roles.find(TEXT)
    cast = roles.castings(events)
    assert len(events) == 4 and roles.between(events)["n_events"].sum() == 4
    assert cast["role"].value_counts().to_dict() == {"hero": 3, "threat": 1, "victim": 1, "beneficiary": 1}
    index = pd.MultiIndex.from_frame(TEXT[roles.UNIT])
    found = pd.DataFrame({"war": [True, False, False], "care": [False, True, False]}, index=index)
    found.columns.name = "frame"
    shares = roles.by_frame(events, found).set_index(["frame", "role"])
    assert shares.loc[("war", "threat"), ["n", "n_all"]].tolist() == [1, 2]
    assert shares.loc[("care", "hero"), "share"] == pytest.approx(0.5)


def test_entman_s_elements_are_read_from_frames_or_events_and_cause_is_owned_up_to():
    index = pd.MultiIndex.from_frame(TEXT[roles.UNIT])
    found = pd.DataFrame({"war_metaphor": [False, False, True]}, index=index)
    table = roles.elements(roles.find(TEXT), found).set_index("element")
    assert table.loc["problem", ["n_units", "by_frames", "by_events"]].tolist() == [2, 1, 1]
    assert table.loc["cause", ["n_units", "share"]].tolist() == [0, 0] and table["misses"].ne("").all()
    assert roles.elements(roles.find(TEXT), found[:0])["share"].isna().all()


def test_a_number_opens_its_sentences():
    row = roles.in_context(roles.find(TEXT), TEXT, role="hero", recipient_class="residents").iloc[0]
    assert (row.left, row.told, row.right, row.line) == ("医生救治患者。", "民警为老人买药", "。", 5)


def test_figures_of_something_and_of_nothing():
    figures.setup()
    study, events = Study(), roles.find(TEXT)
    names = plots_roles.labels("actor", study)
    words = {"actors": "谁", "recipients": "对谁", "nothing": "无"}
    fig = plots_roles.who_to_whom(roles.between(events), names, words)
    assert sorted(text.get_text() for text in fig.axes[0].texts) == ["1", "1", "1", "1"]
    assert plots_roles.who_to_whom(roles.between(events.head(0)), names, words).axes[0].texts[0].get_text() == "无"
    empty = roles.by_frame(
        events.head(0), pd.DataFrame({"war": [False]}, index=pd.MultiIndex.from_tuples([("甲", 1)], names=roles.UNIT))
    )
    assert plots_roles.by_frame(empty, {"war": "战"}, plots_roles.labels("role", study), "x", "无").axes[0].texts


def test_tables_have_no_word_twice_in_a_row():
    for name in ("role_actors", "role_actions", "role_markers"):
        with (LEXICON / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                words = row["words"].split()
                assert len(words) == len(set(words)), (name, [w for w in words if words.count(w) > 1])
