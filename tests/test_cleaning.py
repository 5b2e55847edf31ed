"""Every line accounted for, every sentence where it says it is."""

import json
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import cleaning, glyphs, store, texts
from helpers.study import SAMPLE, Study
from tests import scoring

LINE = st.one_of(
    st.text(st.sampled_from(list("新區启動應急響应,。：“”!?3月9日1 a-")), max_size=80),
    st.sampled_from(
        [
            "",
            "\u3000\u3000",
            "来源:办公室 | 2022-04-16",
            "分享到：",
            "相关新闻",
            "版权声明",
            "# 标题",
            "**小标题**",
            "![](http://a.b/c.png)",
            "- 列表项",
        ]
    ),
)
PAGE = st.lists(LINE, max_size=14).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(lines))
)


def check_chain(docs: pd.DataFrame) -> int:
    """Each sentence equals its raw slice, without line breaks, converted and widened; gives the number of sentences."""
    _, paragraphs = cleaning.clean_docs(docs)
    rows = cleaning.sentences(paragraphs, docs)
    raw = docs.set_index("doc_id")["raw"]
    for row in rows.itertuples(index=False):
        assert glyphs.normal(raw[row.doc_id][row.start : row.end]) == row.text
        assert row.line == len(re.findall(r"\r\n|\r|\n", raw[row.doc_id][: row.start])) + 1
    return len(rows)


def one(text: str) -> pd.DataFrame:
    return pd.DataFrame({"doc_id": ["a"], "file": ["a.txt"], "raw": [text], "title": [""], "main": [None]})


@settings(max_examples=300, deadline=None)
@given(PAGE)
def test_sentences_stand_where_they_say_on_any_page(text):
    check_chain(one(text))


@settings(max_examples=200, deadline=None)
@given(PAGE)
def test_the_ledger_holds_every_line_once(text):
    lines, paragraphs = cleaning.clean(text)
    whole = re.split(r"\r\n|\r|\n", text)
    while len(whole) > 1 and whole[-1] == "" and len(whole) > len(lines):
        whole.pop()
    assert lines["line"].tolist() == list(range(1, len(whole) + 1)) or text == ""
    assert set(paragraphs["line"]) <= set(lines.loc[lines["action"] == "keep", "line"])
    assert lines.loc[lines["action"] == "keep", "zone"].isin(cleaning.KEPT).all()


def test_sentences_of_the_sample_stand_where_they_say():
    assert check_chain(texts.load(Study())[0]) > 1000


@pytest.mark.parametrize("corpus", ["five_reports", "dev_real"])
def test_sentences_of_real_pages_stand_where_they_say(shared, corpus):
    assert check_chain(texts.load(Study(corpus=shared / "corpus" / corpus))[0]) > 200


def test_sentences_end_outside_quotations():
    text = "“快走！”他说，“大家都走。”新区静下来。夜深了……灯还亮着"
    assert [text[a:b] for a, b in cleaning.split(text)] == [
        "“快走！”他说，“大家都走。”新区静下来。",
        "夜深了……",
        "灯还亮着",
    ]


def test_short_lines_of_a_notice_are_text():
    lines, _ = cleaning.clean(
        "通告\n现将有关事项通告如下：\n一、非必要不外出。\n二、测温扫码。\n三、服从管理。\n特此通告。"
    )
    assert (lines["action"] == "keep").all()


def test_a_person_overrules_the_rules():
    page = "标题在此处\n分享到：微信\n正文一句话，说明情况。"
    assert cleaning.clean(page)[0]["action"].tolist() == ["keep", "drop", "keep"]
    assert cleaning.clean(page, overrides={2: "body"})[0]["zone"].tolist()[1] == "body"


def test_cleaning_its_own_output_drops_nothing():
    docs, _ = texts.load(Study())
    for raw in docs["raw"].head(6):
        _, paragraphs = cleaning.clean(raw)
        again, _ = cleaning.clean("\n".join(paragraphs["text"]))
        assert (again["action"] == "keep").mean() > 0.97


@pytest.mark.parametrize(
    "line",
    [
        "责任编辑" * 20_000,
        "（" * 100_000,
        " " * 200_000 + "。",
        "2022-" * 60_000,
        "分享 " * 60_000,
        "[" * 80_000,
        "**" * 80_000,
    ],
)
def test_no_line_takes_more_than_linear_time(line):
    import time

    start = time.perf_counter()
    cleaning.clean(f"标题\n{line}\n正文一句话。")
    assert time.perf_counter() - start < 20  # quadratic patterns take minutes here


def test_line_decisions_on_the_sample():
    answers = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((SAMPLE / "truth").glob("*.json"))
    }
    lines, _ = cleaning.clean_docs(texts.load(Study())[0])
    scores = scoring.line_decisions(lines, answers)
    assert scores["drop"].f1 >= 0.97 and scores["join"].f1 == 1.0 and scores["heading"].f1 >= 0.97


def test_line_decisions_on_two_real_reports(shared):
    answers = json.loads((shared / "gold" / "five_reports_dev.json").read_text(encoding="utf-8"))["docs"]
    lines, paragraphs = cleaning.clean_docs(texts.load(Study(corpus=shared / "corpus" / "five_reports"))[0])
    assert {key: score.f1 for key, score in scoring.line_decisions(lines, answers).items()} == {
        "drop": 1.0,
        "join": 1.0,
        "heading": 1.0,
    }
    for doc, answer in answers.items():
        own = paragraphs[(paragraphs["doc_id"] == doc) & paragraphs["zone"].isin(["body", "list"])]
        assert own["line"].tolist() == answer["clean_expectation"]["body_paragraph_first_lines"]


@pytest.mark.parametrize("name", ["press", "hongkong"])
def test_noise_of_real_pages_goes(shared, name):
    answers = json.loads((shared / "gold" / f"dev_real_{name}.json").read_text(encoding="utf-8"))["docs"]
    lines, _ = cleaning.clean_docs(texts.load(Study(corpus=shared / "corpus" / "dev_real"))[0])
    assert scoring.line_decisions(lines, answers)["drop"].f1 >= 0.95


def test_spans_come_back_to_their_raw_line(results):
    study = Study(results=results)
    docs = store.load(study, "docs").set_index("doc_id")["raw"]
    rows = store.load(study, "quantities")
    for row in rows.itertuples(index=False):
        raw_line = re.split(r"\r\n|\r|\n", docs[row.doc_id])[row.line - 1]
        assert glyphs.normal(raw_line[row.start : row.end]).startswith(row.surface[: row.end - row.start])
