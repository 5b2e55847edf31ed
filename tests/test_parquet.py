"""Parquet files with one article a row: read as any table, or refused in one row of problems."""

import io

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from helpers import reading, steps, store, tables
from helpers.study import CorpusError, Study

BODY = "新区启动应急响应，社区组织志愿者逐户登记来访人员。"


def packed(**columns) -> bytes:
    out = io.BytesIO()
    parquet.write_table(pa.table(columns), out)
    return out.getvalue()


GOOD = packed(
    标题=["甲", "乙"], 正文=[BODY, BODY * 2], 日期=pd.to_datetime(["2022-04-16", None]), 标签=[["防控", "社区"], None]
)


def test_each_row_is_an_article_under_the_headings_of_any_table():
    first, second = tables.read_parquet(GOOD)
    assert (first.text, first.part, first.meta) == (
        BODY,
        1,
        {"title": "甲", "date": "2022-04-16", "标签": "防控\n社区"},
    )
    assert (second.text, second.meta) == (BODY * 2, {"title": "乙"})


def test_what_pandas_writes_is_read_without_its_row_numbers():
    out = io.BytesIO()
    pd.DataFrame({"text": pd.Categorical([BODY]), "year": [2022]}, index=[7]).to_parquet(out)
    (page,) = tables.read_parquet(out.getvalue())
    assert (page.text, page.meta) == (BODY, {"year": "2022"})


def test_bytes_are_read_where_they_are_text_and_told_of_where_they_are_not():
    (page,) = tables.read_parquet(packed(text=[BODY.encode()], photo=[b"\xff\xd8\xff"]))
    assert page.text == BODY and page.meta == {} and "photo" in page.doubts[0][0]


BAD_TEXT = pa.Array.from_buffers(
    pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\3\0\0\0"), pa.py_buffer(b"\xff\xfe\x80")]
)
REFUSED = {
    "torn": (GOOD[:-40], "damaged or locked"),
    "another file": (BODY.encode(), "damaged or locked"),
    "no text": (packed(标题=["甲"], 网址=["a"]), "without a text column; its columns are 标题、网址"),
    "empty": (packed(text=pa.array([], pa.string())), "headings only"),
    "not UTF-8": (packed(text=BAD_TEXT), "damaged or locked"),
    "a word a million times": (packed(text=pa.array(["长" * 1000]).take(pa.array([0] * 200_000))), "more than 500 MB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_one_row_of_problems(tmp_path, name):
    data, said = REFUSED[name]
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.parquet").write_bytes(data)
    (corpus / "b.txt").write_text(BODY, encoding="utf-8")
    problems = store.load(Study(corpus=corpus, results=tmp_path / "out"), "problems")
    (told,) = problems[problems["file"] == "a.parquet"].itertuples(index=False)
    assert said in told.problem and told.severity == "error" and len(told.remedy) > 4


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_no_damage_reaches_the_reader_as_another_exception(tmp_path_factory, places):
    damaged = bytearray(GOOD)
    for at, value in places:
        damaged[at] = value
    path = tmp_path_factory.getbasetemp() / "a.parquet"
    path.write_bytes(bytes(damaged))
    try:
        assert reading.read(path)
    except CorpusError as error:
        assert str(error).count("|") == 1


def test_articles_of_a_parquet_file_go_the_whole_way(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.parquet").write_bytes(GOOD)
    articles = store.load(Study(corpus=corpus, results=tmp_path / "out"), "articles")
    assert articles["file"].tolist() == ["a.parquet#1", "a.parquet#2"] and articles["date"].tolist() == [
        "2022-04-16",
        "",
    ]
    assert set(articles["encoding"]) == {"parquet"} and steps.HAN.search(articles["title"][0])
