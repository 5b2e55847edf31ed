"""Bytes and texts that nobody would write: readers and cleaners give their answer or a CorpusError, nothing else.

EXPLORE=1 draws new examples in every run; what was ever found stands as a row of test_hostile.
"""

import json
import zipfile
from io import BytesIO

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers import cleaning, decoding, exports, facts, frames, glyphs, reading, segment, speech, webpages, wordlist
from helpers.study import CorpusError
from tests.test_hostile import BODY, docx, p, rows_of, xlsx
from tests.test_reading import pdf

ENDS = sorted(reading.READERS)
CHARACTERS = st.characters(codec="utf-8") | st.sampled_from(
    "疫情防控，。“”（）《》【】：；、\n\r\t \u3000\u200b\x00\ufeff<>&\"'=#|"
)
PIECES = st.sampled_from(
    [
        "3月9日",
        "2022年",
        "１２万人",
        "8:30",
        "“",
        "”",
        "《",
        "》",
        "（",
        "）",
        "记者 王小明",
        "来源：某报",
        "责编：",
        "市长李强说，",
    ]
    + [
        "一是",
        "（一）",
        "第一，",
        "- ",
        "| 甲 | 乙 |",
        "## ",
        "http://x.cn",
        "\n",
        "\n\n",
        "领导小组",
        "战“疫”",
        "不是",
        "比上年增长",
        "5%",
    ]
    + [
        "<p>",
        "</p>",
        "<script>",
        "<!--",
        "<table><tr><td>",
        "&#x",
        "标题：",
        "正文：",
        "————",
        "\u2028",
        "😷",
        "\u0301",
    ]
)
TEXT = st.lists(PIECES | st.text(CHARACTERS, max_size=8), max_size=40).map("".join)
WHOLE = {
    ".docx": docx(p(BODY) * 3),
    ".xlsx": xlsx(rows_of(BODY, BODY)),
    ".pdf": pdf("BT /F 12 Tf 20 20 Td (A) Tj ET"),
    ".html": f"<html><head><title>甲</title></head><body><p>{BODY}</p></body></html>".encode(),
    ".csv": f"标题,正文\n甲,{BODY}\n".encode(),
    ".json": json.dumps([{"title": "甲", "text": BODY}]).encode(),
    ".jsonl": f'{{"text": "{BODY}"}}\n'.encode("gb18030"),
    ".txt": BODY.encode("utf-16"),
}


def read(folder, end: str, data: bytes) -> list[decoding.Page]:
    """The pages of these bytes, or none where they are refused in the form that `problems` needs."""
    path = folder / f"a{end}"
    path.write_bytes(data)
    try:
        pages = reading.read(path)
    except CorpusError as error:
        problem, _, remedy = str(error).partition("|")
        assert problem and len(remedy) > 4
        return []
    for page in pages:
        for text in (page.text, *page.meta, *page.meta.values()):
            text.encode("utf-8")  # whatever is read can be written
    return pages


def cleaned(text: str, title: str = "") -> pd.DataFrame:
    """The paragraphs of a text; every line of it is accounted for, every character knows where it stands."""
    lines, paragraphs = cleaning.clean(text, title)
    assert lines["line"].tolist() == list(range(1, len(lines) + 1)) and set(lines["action"]) <= {"keep", "drop"}
    for row in paragraphs.itertuples():
        assert (
            len(row.text) == len(row.offsets)
            and list(row.offsets) == sorted(row.offsets)
            and row.offsets[-1] < len(text)
        )
    return paragraphs


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@settings(max_examples=400)
@given(st.sampled_from(ENDS), st.binary(max_size=400))
def test_any_bytes_under_any_name(folder, end, data):
    for page in read(folder, end, data):
        cleaned(page.text)


@settings(max_examples=400)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_a_good_file_with_some_bytes_changed(folder, end, data):
    whole = bytearray(WHOLE[end])
    for _ in range(data.draw(st.integers(1, 4))):
        at, width = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, 3))
        whole[at : at + width] = data.draw(st.binary(max_size=4))
    for page in read(folder, end, bytes(whole)):
        cleaned(page.text)


@settings(max_examples=150)
@given(
    st.sampled_from([(".docx", "word/document.xml"), (".xlsx", "xl/sheet.xml"), (".xlsx", "xl/workbook.xml")]),
    st.data(),
)
def test_a_package_with_a_part_changed(folder, kind, data):
    """The zip file is sound, the XML within is not."""
    end, part = kind
    with zipfile.ZipFile(BytesIO(WHOLE[end])) as old, zipfile.ZipFile(new := BytesIO(), "w") as changed:
        for name in old.namelist():
            content = old.read(name)
            at = data.draw(st.integers(0, len(content))) if name == part else 0
            put = data.draw(
                st.sampled_from([b"<", b">", b'"', b"</w:p>", b"<w:tbl>", b"\xff", b"&x;", b"-1", b"1e9", b""])
            )
            changed.writestr(name, content[:at] + put + content[at + len(put) :] if name == part else content)
    read(folder, end, new.getvalue())


@settings(max_examples=300)
@given(TEXT, st.sampled_from(["utf-8", "gb18030", "big5hkscs", "utf-16", "utf-16-le", "latin-1"]), st.integers(0, 3))
def test_any_text_in_any_encoding_is_decoded(text, encoding, lost):
    data = text.encode(encoding, "ignore")
    page = decoding.decode(data[: len(data) - lost])
    page.text.encode("utf-8")
    assert all(len(doubt) == 2 for doubt in page.doubts)


@settings(max_examples=300)
@given(TEXT, st.text(CHARACTERS, max_size=12))
@example("“" * 50 + BODY, "")
@example("疫\x85情\x0b\x0c\x1c防\u2028控\r\r\n", "疫")
def test_any_text_goes_the_whole_way(text, title):
    """Cleaned, split, cut, coded, its facts found: every span lies in its text."""
    paragraphs = cleaned(text, title)
    docs = pd.DataFrame({"doc_id": ["a"], "raw": [text], "year": [2020], "date": [""]})
    sentences = cleaning.sentences(paragraphs.assign(doc_id="a"), docs)
    for row in sentences.itertuples():
        assert 0 <= row.start < row.end <= len(text)
    segment.tokens(sentences)
    codebook = frames.read_codebook()
    for row in frames.code(paragraphs.assign(doc_id="a"), codebook, voices=speech.voices).itertuples():
        whole = paragraphs.loc[paragraphs["paragraph"] == row.paragraph, "text"].item()
        assert 0 <= row.start < row.end <= len(whole)
    tables = facts.extract(paragraphs.assign(doc_id="a"), docs)
    for row in pd.concat([tables[name] for name in ("dates", "quantities", "speech")]).itertuples():
        whole = paragraphs.loc[paragraphs["paragraph"] == row.paragraph, "text"].item()
        assert 0 <= row.start < row.end <= len(whole)


@settings(max_examples=300)
@given(TEXT)
def test_any_markup_gives_lines_without_tags_of_blocks(markup):
    lines = webpages.visible(markup) if markup.strip() else []
    assert all(line == line.strip() and "\n" not in line for line in lines)
    try:
        next(webpages.read_html(markup.encode()))
    except CorpusError as error:
        assert "|" in str(error)


@settings(max_examples=200)
@given(TEXT, st.sampled_from(sorted(exports.presets())))
def test_any_text_is_split_without_losing_a_line(text, name):
    pages = exports.split(decoding.Page(text), exports.presets()[name])
    assert "".join(page.text for page in pages).count("\n") == text.count("\n")
    assert sum(len(page.text) for page in pages) == len(text)


@settings(max_examples=200)
@given(TEXT)
def test_any_list_of_terms_is_looked_over(text):
    table = wordlist.lint(text.splitlines())
    assert set(table["severity"]) <= {"error", "doubt", "note", ""}
    assert all(segment.unmatchable(term) == "" for term in table["term"] if term)
    glyphs.normal(text)


@settings(max_examples=200)
@given(st.binary(max_size=200) | TEXT.map(str.encode))
def test_any_export_yml_is_read_or_refused_in_one_sentence(folder, data):
    own = folder / "layouts"
    own.mkdir(exist_ok=True)
    (own / "export.yml").write_bytes(data)
    try:
        exports.read_layouts(own)
    except CorpusError as error:
        assert str(error).startswith("export.yml")
