"""Records: repeats, calendar bounds, the record of an article, networks, voices, and scores against answers by hand."""

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import checking, facts, records
from helpers.inference import wilson
from helpers.study import CorpusError, Study

RAW = (
    "标题\n3月9日，市指挥部调来500套防护服，石磊带队。\n次日，又有500套防护服运到，开展核酸检测。\n“都送到了。”石磊说。"
)
DOCS = pd.DataFrame({"doc_id": ["甲"], "raw": [RAW]})
LINES = RAW.split("\n")
BEGINS = [sum(len(x) + 1 for x in LINES[:i]) for i in range(len(LINES))]
SENTENCES = pd.DataFrame(
    [("甲", i + 1, 1, "title" if i == 0 else "body", LINES[i], i + 1, BEGINS[i]) for i in range(4)],
    columns=["doc_id", "paragraph", "sentence", "zone", "text", "line", "start"],
)
PARAGRAPHS = SENTENCES[["doc_id", "paragraph", "zone", "line", "text"]]
ACTORS = pd.DataFrame(
    [("甲", "市指挥部", "organization", "", "2"), ("甲", "石磊", "person", "防疫队队长", "2 4")],
    columns=["doc_id", "name", "kind", "role", "lines"],
)
MECHANISMS = pd.DataFrame(
    [("甲", "指挥部", "command", "2"), ("甲", "核酸检测", "testing", "3")], columns=["doc_id", "name", "kind", "lines"]
)


def place(line: int, surface: str) -> dict:
    start = LINES[line - 1].find(surface)
    return {"doc_id": "甲", "line": line, "surface": surface, "start": start, "end": start + len(surface)}


QUANTITIES = pd.DataFrame(
    [{**place(n, "500套"), "value": 500.0, "unit": "套", "counted": "防护服", "approx": ""} for n in (2, 3)]
)
DATES = pd.DataFrame(
    [
        {**place(2, "3月9日"), "iso": "2022-03-09", "granularity": "day", "basis": "year from metadata"},
        {**place(3, "次日"), "iso": "2022-03-10", "granularity": "day", "basis": "carried"},
    ]
)
SPEECH = pd.DataFrame(
    [{**place(4, "“都送到了。”"), "paragraph": 4, "speaker": "石磊", "attribution": "explicit", "kind": "speech"}]
)


# ---- back to the text and repeats ------------------------------------------------------------------------------------


def test_every_row_finds_the_sentence_that_holds_its_surface():
    for table in (QUANTITIES, DATES):
        found = records.locate(table, SENTENCES, DOCS)
        assert all(surface in text for surface, text in zip(found["surface"], found["text"], strict=True))
        assert found.index.equals(table.index)


def test_an_empty_table_keeps_the_columns_that_notebooks_use():
    found = records.locate(QUANTITIES.head(0), SENTENCES, DOCS)
    assert {"text", "zone", "paragraph", "surface"} <= set(found.columns) and found.empty


def test_the_second_statement_of_a_fact_is_a_repeat_of_the_first_line():
    assert records.mark_repeats(QUANTITIES)["repeats"].tolist() == [pd.NA, 2]


@pytest.mark.parametrize(("changed", "value"), [("unit", "箱"), ("value", 501.0), ("doc_id", "乙")])
def test_another_unit_value_or_article_is_another_fact(changed, value):
    rows = QUANTITIES.astype({"value": float}).copy()
    rows.loc[1, changed] = value
    assert records.mark_repeats(rows)["repeats"].isna().all()


def test_persons_counted_by_two_measure_words_are_one_fact():
    rows = QUANTITIES.assign(unit=["名", "人"], counted="志愿者")
    assert records.mark_repeats(rows)["repeats"].notna().sum() == 1


def test_small_numbers_of_different_things_are_not_repeats():
    assert not records.same_fact("工作组", "社区工作组", 3)
    assert records.same_fact("工作组", "社区工作组", 12)
    assert not records.same_fact("口罩", "手套", 2000)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["甲", "乙"]),
            st.sampled_from([3.0, 12.0, 500.0]),
            st.sampled_from(["人", "名", "套"]),
            st.sampled_from(["", "志愿者", "社区志愿者"]),
        ),
        max_size=20,
    )
)
def test_a_repeat_always_points_to_a_first_mention_of_the_same_number(rows):
    table = pd.DataFrame(rows, columns=["doc_id", "value", "unit", "counted"]).assign(line=range(1, len(rows) + 1))
    marked = records.mark_repeats(table)
    first = marked[marked["repeats"].isna()].set_index("line")
    for row in marked[marked["repeats"].notna()].itertuples():
        assert row.repeats < row.line
        assert (first.loc[row.repeats, "value"], first.loc[row.repeats, "doc_id"]) == (row.value, row.doc_id)


# ---- dates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("iso", "begin", "finish", "shape"),
    [
        ("2022-03-09", "2022-03-09 00:00", "2022-03-09 00:00", "moment"),
        ("2022-04-13T24:00", "2022-04-14 00:00", "2022-04-14 00:00", "moment"),
        ("2024-02", "2024-02-01 00:00", "2024-02-29 00:00", "span"),
        ("2022-03-09/2022-03-11", "2022-03-09 00:00", "2022-03-11 00:00", "span"),
    ],
)
def test_bounds_follow_the_precision_of_the_text(iso, begin, finish, shape):
    low, high, form = records.bounds(iso)
    assert (str(low)[:16], str(high)[:16], form) == (begin, finish, shape)


def test_open_ends_stay_open():
    assert records.bounds("2022-03-27/..")[2] == "since" and pd.isna(records.bounds("2022-03-27/..")[1])
    assert records.bounds("../2022-03-07")[2] == "until" and pd.isna(records.bounds("../2022-03-07")[0])


def test_events_leave_out_years_bare_clock_times_and_nonsense():
    dates = pd.DataFrame(
        {
            "doc_id": "甲",
            "iso": ["2022", "T20:00", "", "2022-13-01", "2022-02-30", "2022-03-09", "2022-03-09"],
            "line": 1,
            "surface": "x",
        }
    )
    happened = records.events(dates)
    assert happened[["iso", "times"]].values.tolist() == [["2022-03-09", 2]]


def test_the_calendar_holds_the_richest_articles_by_their_year():
    dates = pd.DataFrame(
        {"doc_id": ["甲", "甲", "乙"], "iso": ["2022-03-09", "2022-03-10", "2020-01-24"], "line": 1, "surface": "x"}
    )
    articles = pd.DataFrame(
        {"doc_id": ["甲", "乙"], "year": pd.array([2022, pd.NA], dtype="Int64"), "date": ["2022-03-11", ""]}
    )
    assert records.calendar(records.events(dates), articles)["panel"].tolist() == ["2020", "2022", "2022"]
    assert set(records.calendar(records.events(dates), articles, most=1)["doc_id"]) == {"甲"}


# ---- systems and networks --------------------------------------------------------------------------------------------


def test_a_record_has_the_date_and_number_of_the_same_sentence_in_the_order_of_the_argument():
    found = records.systems(
        MECHANISMS.iloc[::-1],
        SENTENCES,
        PARAGRAPHS,
        records.locate(DATES, SENTENCES, DOCS),
        records.locate(QUANTITIES, SENTENCES, DOCS),
    )
    assert found[["step", "name", "dates", "numbers"]].values.tolist() == [
        ["command", "指挥部", "2022-03-09", "500套"],
        ["measures", "核酸检测", "2022-03-10", "500套"],
    ]


def test_the_matrix_has_a_row_for_an_article_without_arrangements():
    matrix = records.measure_matrix(MECHANISMS, ["甲", "乙"])
    assert (
        matrix.loc["乙"].sum() == 0
        and matrix.loc["甲", "testing"] == 1
        and list(matrix.columns) == list(records.SYSTEM)
    )


def test_pairs_join_different_kinds_in_one_paragraph_but_not_a_name_with_itself():
    named = MECHANISMS.replace({"name": {"指挥部": "指挥"}})
    pairs = records.co_mentions(ACTORS, named, PARAGRAPHS)
    met = {frozenset((a, b)) for a, b in zip(pairs["a"], pairs["b"], strict=True)}
    assert met == {frozenset(("石磊", "市指挥部")), frozenset(("石磊", "指挥"))}


def test_neither_a_result_nor_a_body_that_is_only_counted_is_paired():
    told = facts.mechanisms("市指挥部下设7个小组、3个专班，推行网格化管理，全镇解封。")[["name", "kind"]]
    assert {"小组", "专班", "解封"} < set(told["name"])
    pairs = records.co_mentions(ACTORS, told.assign(doc_id="甲", lines="2"), PARAGRAPHS)
    assert set(pairs.loc[pairs["kind_b"] == "mechanism", "b"]) == {"网格化管理"}


@given(st.lists(st.tuples(st.sampled_from("甲乙丙丁"), st.sampled_from("ABCDEF")), max_size=30), st.integers(1, 8))
def test_the_network_is_connected_within_its_size_and_weighs_paragraphs(edges, most):
    pairs = pd.DataFrame(edges, columns=["a", "b"]).assign(kind_a="person", kind_b="mechanism")
    graph = records.network(pairs, most)
    counts = pairs.value_counts(["a", "b"])
    assert len(graph) <= most
    assert all(graph.edges[e]["weight"] == counts[tuple(sorted(e, key="甲乙丙丁ABCDEF".index))] for e in graph.edges)
    assert len(graph) == 0 or len(records._largest(graph)) == len(graph)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2021年上半年开工，2020年下半年收尾。", ["2021-01/2021-06", "2020-07/2020-12"]),
        ("2021年年底收官，2021年年初启动。", ["2021-12", "2021-01"]),
        ("2021年3月上半月摸排，2021年3月下半月复核。", ["2021-03-01/2021-03-15", "2021-03-16/2021-03-31"]),
        ("2024年2月下半月复核。", ["2024-02-16/2024-02-29"]),
        (
            "大年三十值守，大年初一到岗。",
            ["2022-01-31", "2022-02-01"],
        ),  # the year had no thirtieth of its twelfth month
    ],
)
def test_parts_of_years_and_months_have_their_bounds(text, expected):
    assert facts.dates(text, 2022)["iso"].tolist() == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("上涨三点五个百分点，投入一点二亿元，长十二点零五公里。", [(3.5, "百分点"), (1.2e8, "元"), (12.05, "公里")]),
        ("下午三点五名志愿者、晚上八点五万人到场。", [(5, "名"), (50_000, "人")]),
        ("三点二十人到齐，从五点五个方面说起。", [(20, "人"), (5, "个")]),
    ],
)
def test_a_point_in_han_is_a_decimal_before_what_is_measured_and_else_an_hour(text, expected):
    told = facts.quantities(text)
    assert list(zip(told["value"], told["unit"], strict=True)) == expected


# ---- speech ----------------------------------------------------------------------------------------------------------


def test_the_halves_of_an_interrupted_quotation_are_one_utterance():
    twice = pd.concat([SPEECH, SPEECH.assign(start=9)], ignore_index=True)
    found = records.utterances(twice, ACTORS)
    assert found[["speaker", "role", "voice", "spans"]].values.tolist() == [["石磊", "防疫队队长", "at work", 2]]


def test_a_speaker_is_what_was_first_said_of_him_in_the_document():
    later = ACTORS.assign(role="县委书记")
    elsewhere = later.assign(doc_id="另一篇")
    found = records.utterances(SPEECH, pd.concat([elsewhere, ACTORS, later], ignore_index=True))
    assert found[["role", "voice"]].values.tolist() == [["防疫队队长", "at work"]]


def test_quotations_without_a_named_speaker_are_not_joined():
    twice = pd.concat([SPEECH, SPEECH.assign(start=9)], ignore_index=True).assign(speaker="")
    assert len(records.utterances(twice, ACTORS)) == 2


@pytest.mark.parametrize(
    ("role", "voice"),
    [
        ("市委书记", "official"),
        ("东湖街道办事处主任", "official"),
        ("护理部主任", "at work"),
        ("感染科副主任", "at work"),
        ("社区志愿者", "at work"),
        ("住院患者", "resident"),
        ("其妻", "resident"),
        ("", "not told"),
        ("路过的人影", "not told"),
    ],
)
def test_voices_by_the_last_title_of_a_role(role, voice):
    assert records.voice_of(role) == voice


# ---- answers by hand -------------------------------------------------------------------------------------------------


def truth() -> dict:
    core = {"tier": "core"}
    return {
        "甲": {
            "quantities": [
                {**place(2, "500套"), "value": 500, "unit": "套", **core},
                {**place(3, "500套"), "value": 500, "unit": "套", **core},
            ],
            "dates": [
                {**place(2, "3月9日"), "iso": "2022-03-09", **core},
                {**place(3, "次日"), "iso": "2022-03-10", **core},
            ],
            "persons": [
                {"name": "石磊", "role": "队长", "lines": [2]},
                {"name": "赵甲", "role": "byline", "lines": [1]},
            ],
            "organizations": [{"name": "市指挥部", "surfaces": ["指挥部"], "lines": [2], "named": True}],
            "mechanisms": [{"name": "核酸检测", "lines": [3], "class": "testing"}],
            "quotes": [{"line": 4, "surface_start": "“都送到", "speaker": "石磊", "attribution": "explicit"}],
        }
    }


def tables() -> dict[str, pd.DataFrame]:
    return {"quantities": QUANTITIES, "dates": DATES, "actors": ACTORS, "mechanisms": MECHANISMS, "speech": SPEECH}


def test_a_perfect_extraction_scores_one_everywhere():
    check = checking.scores(checking.verdicts(tables(), truth(), DOCS)).set_index("what")
    assert check.loc[check.index != "mechanisms", ["precision", "recall", "f1"]].eq(1).all().all()
    assert check.loc["mechanisms", "recall"] == 1 and pd.isna(check.loc["mechanisms", "precision"])


def test_wrong_values_missed_rows_and_loose_answers():
    found, answers = tables(), truth()
    found["quantities"] = QUANTITIES.assign(value=[500.0, 50.0])
    found["actors"] = ACTORS[ACTORS["kind"] == "organization"]
    check = checking.scores(checking.verdicts(found, answers, DOCS)).set_index("what")
    assert check.loc["quantities", ["right", "wrong", "missed"]].tolist() == [1, 1, 1]
    assert check.loc["persons", ["right", "wrong", "missed"]].tolist() == [0, 0, 1]
    answers["甲"]["quantities"][1]["tier"] = "loose"
    check = checking.scores(checking.verdicts(found, answers, DOCS)).set_index("what")
    assert check.loc["quantities", ["right", "wrong", "missed"]].tolist() == [1, 0, 0]


def test_since_keeps_the_day_but_not_the_full_form():
    found = tables() | {"dates": DATES.assign(iso=["2022-03-09/..", "2022-03-10"])}
    check = checking.scores(checking.verdicts(found, truth(), DOCS)).set_index("what")
    assert check.loc["dates, the day", "right"] == 2 and check.loc[
        "dates, full ISO", ["right", "wrong", "missed"]
    ].tolist() == [1, 1, 1]


def test_f1_limits_are_those_of_the_jaccard_share_carried_over():
    judged = pd.DataFrame({"what": "dates", "verdict": ["right"] * 30 + ["wrong"] * 6 + ["missed"] * 4})
    row = checking.scores(judged).iloc[0]
    low, high = wilson(30, 40)
    assert row["f1"] == pytest.approx(2 * 30 / (2 * 30 + 6 + 4))
    assert (row["f1_low"], row["f1_high"]) == pytest.approx((2 * low / (1 + low), 2 * high / (1 + high)))


def test_no_answers_give_an_empty_check():
    assert checking.scores(checking.verdicts(tables(), {}, DOCS)).empty


def test_answers_are_read_from_the_folder_truth_and_a_broken_file_is_named(tmp_path):
    assert checking.load_truth(Study(corpus=tmp_path)) == {}
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "a.json").write_text(json.dumps({"doc_id": "甲", "dates": []}), encoding="utf-8")
    assert list(checking.load_truth(Study(corpus=tmp_path))) == ["甲"]
    (tmp_path / "truth" / "b.json").write_text("{", encoding="utf-8")
    with pytest.raises(CorpusError, match="b.json"):
        checking.load_truth(Study(corpus=tmp_path))
