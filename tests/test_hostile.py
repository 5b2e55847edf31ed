"""Whatever stands in a folder is read aright or reported in one clear row: nothing raises, nothing is lost in silence.

A row of a table below is one hostile file: how it is made, what must be read out of it, what must be said of it.
"""

import io
import json
import os
import re
import resource
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from helpers import exports, segment, store, texts, workbook
from helpers.codebook import read_codebook
from helpers.study import ROOT, CorpusError, Study
from tests.test_reading import pdf

BODY = "新区启动应急响应，居民有序登记，社区志愿者逐户上门送菜，秩序井然。"
HANT = "新區啟動應急響應，居民有序登記，社區志願者逐戶上門送菜，秩序井然。"
GOOD = "镇里设立登记点，大家排队领取口罩。"
SEVERITIES = ("error", "doubt", "note")
Make = bytes | str | Callable[[Path], object]


class Case(NamedTuple):
    """A hostile file: what must be read of it ("" for nothing), and words of the one row it must have ("" for none)."""

    file: str
    make: Make
    text: str = ""
    told: str = ""


def lay(folder: Path, case: Case) -> Path:
    path = folder / case.file
    path.parent.mkdir(parents=True, exist_ok=True)
    if callable(case.make):
        case.make(path)
    else:
        path.write_bytes(case.make if isinstance(case.make, bytes) else case.make.encode())
    return path


# ---- Word -------------------------------------------------------------------------------------------------------------

TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="bin" ContentType="application/octet-stream"/>'
    '<Default Extension="xml" ContentType="{}"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="{}"/></Relationships>'
)
WORD_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
BOOK_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def package(parts: dict[str, str | bytes], kind: str, main: str) -> bytes:
    with zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in {
            "[Content_Types].xml": TYPES.format(kind),
            "_rels/.rels": RELATIONS.format(main),
            **parts,
        }.items():
            book.writestr(name, content)
    return out.getvalue()


def docx(body: str, before: str = "", **parts: bytes) -> bytes:
    """A Word file written by hand: the XML of its body, and what stands before the root."""
    xml = f'<?xml version="1.0"?>{before}<w:document {W}><w:body>{body}</w:body></w:document>'
    return package({"word/document.xml": xml} | parts, WORD_MAIN, "word/document.xml")


def p(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


LAUGHS = "<!DOCTYPE x [<!ENTITY a0 '哈哈哈哈哈哈哈哈哈哈'>{}]>".format(
    "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
)
OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>"


# ---- spreadsheets -----------------------------------------------------------------------------------------------------

S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
BOOK = (
    f'<workbook {S} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="一" sheetId="1" r:id="r1"/></sheets></workbook>'
)
SHEET = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="sheet.xml"/>'
    "</Relationships>"
)


def cell(at: str, text: str) -> str:
    return f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'


def xlsx(rows: str, before: str = "", **parts: bytes) -> bytes:
    """A workbook of one sheet written by hand, its first row the heading 正文."""
    head = f"<row r='1'>{cell('A1', '正文')}</row>"
    sheet = f'<?xml version="1.0"?>{before}<worksheet {S}><sheetData>{head}{rows}</sheetData></worksheet>'
    inner = {"xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": SHEET, "xl/sheet.xml": sheet}
    return package(inner | parts, BOOK_MAIN, "xl/workbook.xml")


def rows_of(*texts_: str) -> str:
    return "".join(f'<row r="{n}">{cell(f"A{n}", text)}</row>' for n, text in enumerate(texts_, 2))


# ---- the table --------------------------------------------------------------------------------------------------------

TXT, HTM = "a.txt", "a.html"
SAID = {"utf-8", "gb2312", "gbk", "gb18030", "big5", "utf-16"}


def encodings() -> list[Case]:
    """Every encoding whole, cut in mid-character, and under a wrong label."""
    simple = ("utf-8", "utf-8-sig", "gb2312", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
    texts_ = dict.fromkeys(simple, BODY[:-1]) | dict.fromkeys(("big5", "big5hkscs", "cp950"), HANT[:-1])
    for name, text in texts_.items():
        data = (text * 3).encode(name)
        yield Case(TXT, data, text)
        yield Case(TXT, data[:-1], text, "1 byte sequence(s) are not valid")
        for label in sorted(SAID - {name}) if name in ("utf-8", "gbk", "big5") else ():
            page = f'<meta charset="{label}"><p>{text}</p>'.encode(name)
            yield Case(HTM, page, text)


def garbled() -> list[Case]:
    pairs = [("gb18030", "utf-8"), ("latin-1", "utf-8"), ("cp1252", "utf-8"), ("latin-1", "gb18030")]
    for wrong, right in pairs:
        bad = BODY.encode(right).decode(wrong, "ignore")
        yield Case(TXT, f"{BODY}\n{bad}\n{bad}", BODY, "mojibake")
    yield Case(TXT, f"{BODY}锟斤拷锟斤拷", BODY, "mojibake")
    yield Case(TXT, f"{BODY}\ufffd\ufffd", BODY, "2 character(s) were lost")


SIGNS = {  # written into a text, they stay in the raw text and harm nothing
    "bidirectional": "\u202e\u2066\u2069\u202c",
    "no width": "\u200b\u200c\u200d\u2060\ufeff",
    "emoji": "😷👨‍👩‍👧‍👦🇨🇳",
    "private": "\ue000\uf8ff",
    "beyond the BMP": "\U0002070e\U0010ffff",
    "no characters": "\ufffe\uffff\ufdd0",
    "combining": "疫" + "\u0301" * 500,
    "variation": "\ufe00\U000e0100",
    "line separators": "\u2028\u2029\x85\x0b\x0c",
    "a few controls": "\x01\x1b",
    "one NUL": "\x00",
    "carriage returns": "\r乙\r丙\r\n丁",
    "wide blanks": "\u3000\xa0\u2003",
    "tags of Unicode": "\U000e0041\U000e007f",
    "brackets without end": "“（《【[({" * 50,
    "markdown": "![x](javascript:1) | --- | `code` <b>",
    "formula": "=cmd|' /C calc'!A0",
    "template": "{{7*7}} ${7*7} %s %n $(id)",
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
}


def signs() -> list[Case]:
    for name, some in SIGNS.items():
        yield Case(f"{name}.txt", f"{BODY}{some}{BODY}\n".encode(), f"{BODY}{some}{BODY}\n")
    yield Case(
        TXT, BODY.encode() + b"\xed\xa0\x80", BODY, "not valid utf-8"
    )  # half a character, as no UTF-8 may hold it
    yield Case(TXT, BODY + "\ue010" * 80, BODY, "private signs")


def nothing_in_it() -> list[Case]:
    nothing = ["", " \n\t ", "\0" * 99, "\ufeff", "\ufeff\n", "\r\n" * 99]
    yield from (Case(TXT, data, told="the file is empty") for data in nothing)
    bare = [
        "\u3000" * 9,
        "\u200b" * 9,
        "，。！？",
        "12345",
        "No Chinese here.",
        "ＡＢＣ",
        "😷" * 9,
        "ひらがな",
        "한국어",
    ]
    yield from (Case(TXT, data, told="no Chinese character") for data in bare)
    yield Case(TXT, b"\xff\xfe", told="the file is empty")
    yield Case("a", BODY, told="file type (none)")
    yield from (
        Case(f"a.{end}", BODY, told="is not read") for end in "doc xls rtf odt wps zip rar jpg epub caj exe".split()
    )


OTHERS = {  # what is no text, no page and no table
    "PNG": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9,
    "ELF": b"\x7fELF" + b"\x01\x00" * 4000,
    "gzip": b"\x1f\x8b\x08\x00" + bytes(range(255, 0, -1)) * 9,
    "zip": b"PK\x05\x06" + b"\0" * 18,
    "OLE": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096,
    "torn zip": docx(p(BODY))[:300],
}
NOT_IT = {"docx": "could not be read as docx|protected", "xlsx": "could not be read as xlsx", "pdf": "damaged PDF"}


def in_disguise() -> list[Case]:
    """Bytes of one kind under the name of another."""
    for end in ("txt", "md", "docx", "xlsx", "pdf"):
        for name, data in OTHERS.items():
            yield Case(f"{name}.{end}", data, told=NOT_IT.get(end, "not a text file"))
    for end in ("docx", "xlsx", "pdf"):
        yield Case(f"a.{end}", BODY, told=NOT_IT[end])
    yield Case("a.json", OTHERS["PNG"], told="no JSON object")
    yield Case("a.csv", OTHERS["ELF"], told="without a text column")
    yield Case("a.html", OTHERS["ELF"], told="no Chinese character")


def word_files() -> list[Case]:
    whole, torn = docx(p(BODY)), "could not be read as docx"
    yield Case("a.docx", whole, BODY)
    yield from (Case("a.docx", whole[:at], told=torn) for at in range(30, len(whole), 160))
    yield Case("a.docx", docx(p("&a9;"), LAUGHS), told=torn)
    yield Case("a.docx", docx(p("&a;") + p(BODY), OUTSIDE), BODY)  # what an entity names outside is not fetched
    yield Case("a.docx", package({}, WORD_MAIN, "word/document.xml"), told=torn)
    yield Case("a.docx", package({"word/document.xml": BODY}, WORD_MAIN, "word/document.xml"), told=torn)
    yield Case("a.docx", package({"word/document.xml": BODY}, WORD_MAIN, "../../../etc/passwd"), told=torn)
    yield Case("a.docx", docx("<w:tbl><w:tr><w:tc>" * 3000 + p(BODY)), told=torn)
    yield Case("a.docx", docx("<w:tbl><w:tr><w:tc>" * 60 + p(BODY) + "</w:tc></w:tr></w:tbl>" * 60), BODY)
    yield Case("a.docx", docx(p("疫" * 12_000_000)), told=torn)
    yield Case("a.docx", docx("<w:p/>" * 9), told="no Chinese character")
    yield Case("a.docx", docx(p("&lt;script&gt;" + BODY)), f"<script>{BODY}")


def spreadsheets() -> list[Case]:
    torn = "could not be read as xlsx"
    whole = xlsx(rows_of(BODY))
    yield Case("a.xlsx", whole, BODY)
    yield from (Case("a.xlsx", whole[:at], told=torn) for at in range(30, len(whole), 320))
    yield Case("a.xlsx", xlsx(rows_of("&a9;"), LAUGHS), told=torn)
    yield Case("a.xlsx", xlsx(rows_of("&a;"), OUTSIDE), told=torn)
    yield Case("a.xlsx", xlsx(f'<row r="1048576">{cell("A1048576", BODY)}</row>'), BODY)
    yield Case("a.xlsx", xlsx(f'<row r="2">{cell("A2", BODY)}{cell("XFD2", "末")}</row>'), BODY, "without a heading")
    yield Case("a.xlsx", xlsx(f'<row r="2">{cell("A2", BODY)}{cell("ZZZZ2", "末")}</row>'), told=torn)
    yield Case("a.xlsx", xlsx(f'<row r="2">{cell("A2", BODY)}<c r="A2" t="s"><v>99</v></c></row>'), told=torn)
    yield Case("a.xlsx", xlsx('<row r="2"><c r="A2"><f>1+1</f></c></row>'), told="headings only")
    yield Case("a.xlsx", xlsx(""), told="headings only")
    yield Case("a.xlsx", xlsx(rows_of("=1+1")), told="no Chinese character")


def pdfs() -> list[Case]:
    drawn = pdf("BT /F 12 Tf 20 20 Td (A) Tj ET")
    lock = f"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<{'41' * 32}>/U<{'42' * 32}>>>/ID[<00><00>]"
    yield Case("a.pdf", pdf("", lock), told="protected by a password")
    yield Case("a.pdf", pdf(""), told="without a text layer")
    yield Case("a.pdf", drawn, told="no Chinese character")
    yield Case("a.pdf", drawn.replace(b"Kids[3 0 R]/Count 1", b"Kids[]/Count 0"), told="damaged PDF")
    yield Case("a.pdf", drawn.replace(b"Kids[3 0 R]/Count 1", b"Kids[2 0 R]/Count 9"), told="could not be read as pdf")
    yield Case("a.pdf", drawn.replace(b"Count 1", b"Count 2000000000"), told="no Chinese character")
    yield from (Case("a.pdf", drawn[:at], told="damaged PDF") for at in range(10, len(drawn) - 200, 50))


def pages() -> list[Case]:
    """Markup that would run, hide, nest or never end; only what a reader would see is read."""
    seen = f"<p>{BODY}</p>"
    good = {
        "script": f"<script>alert('疫')</script>{seen}<script>",
        "handler": f'<p onclick="alert(1)" style="x:expression(1)">{BODY}</p>',
        "svg": f'<svg onload="alert(1)"><script>1</script><text>{BODY}</text></svg>',
        "iframe": f'{seen}<iframe src="javascript:alert(1)"></iframe>',
        "refresh": f'<meta http-equiv=refresh content="0;url=//x">{seen}',
        "nested": "<div>" * 10_000 + BODY + "</div>" * 10_000,
        "nested tables": "<table><tr><td>" * 10_000 + BODY,
        "never closed": "<b>" * 100_000 + BODY,
        "one huge attribute": f'<p title="{"甲" * 2_000_000}">{BODY}</p>',
        "many attributes": f"<p {' '.join(f'a{n}=1' for n in range(100_000))}>{BODY}</p>",
        "picture inside": f'<img src="data:image/png;base64,{"A" * 2_000_000}">{seen}',
        "less-than": f"{'<' * 100_000}{BODY}",
        "ampersands": f"{'&' * 100_000}{BODY}",
        "comment": f"{seen}<!-- 疫",
        "comments": f"{'<div>' * 10_000}{'<!-- ' * 50_000}{BODY}",
        "scripts": f"{'<div>' * 10_000}{'<script>' * 50_000}{BODY}",
        "numbers": f"{seen}&#xD800;&#x110000;&#0;&#99999999999;",
        "NUL": seen.replace("启", "启\0"),
        "UTF-7": f'<meta charset="utf-7">{seen}',
        "laughs": f"{LAUGHS}{seen}&a9;",
        "linked data": f'<script type="application/ld+json">{"[" * 99_999}</script>{seen}',
        "day": f"<time>{'9' * 500_000}</time>{seen}",
        "title": f"<title>{'疫' * 500_000}</title>{seen}",
        "plaintext": f"<plaintext>{seen}",
        "frame": f"<frameset><frame src=a></frameset><noframes>{seen}</noframes>",
        "lines": "<p>疫</p>" * 30_000 + seen,
    }
    yield from (Case(f"{name}.html", f"<html><body>{markup}", BODY) for name, markup in good.items())
    bad = {
        "only script": (f"<script>document.write('{BODY}')</script>", "scripts fill in"),
        "frames": ('<frameset><frame src="a.html"></frameset>', "a page of frames"),
        "template": (f"<template>{seen}</template>", "no Chinese"),
        "hidden": (f"<noscript>{seen}</noscript><style>{BODY}</style>", "no Chinese"),
        "in a tag": (f'<p title="{BODY}', "no Chinese"),
        "no end": ("<!--" * 50_000 + "-->", "no Chinese"),
    }
    yield from (Case(f"{name}.html", markup, told=told) for name, (markup, told) in bad.items())


def rows() -> list[Case]:
    head = f"标题,正文\n甲,{BODY}\n"
    good = {
        "BOM": "\ufeff" + head,
        "semicolons": head.replace(",", ";"),
        "bars": head.replace(",", "|"),
        "named": "sep=;\n" + head.replace(",", ";"),
        "Mac": head.replace("\n", "\r"),
        "three above": f"检索结果\n\n\n{head}",
        "100 columns": "正文," + ",".join(f"c{n}" for n in range(99)) + f"\n{BODY}" + ",x" * 99 + "\n",
        "twice the heading": f"正文,正文\n{BODY},乙\n",
        "formula": f'标题,正文\n"=HYPERLINK(""http://x"")",{BODY}\n',
        "NUL": f"标题,正文\n甲\0,{BODY}\n",
        "contract": f"正文,doc_id,file,raw,main,sha256,content,whole\n{BODY},../x,/etc/passwd,r,m,s,c,w\n",
        "blank lines": f"正文,b\n{',' * 1}\n{BODY},\n" + ",\n" * 99_999,
        "wide": f"正文{',' * 99_999}\n{BODY}\n",
    }
    yield from (Case(f"{name}.csv", text, BODY) for name, text in good.items())
    yield Case("u16.csv", head.encode("utf-16"), BODY)
    yield Case("a.tsv", head.replace(",", "\t").encode("gbk"), BODY)
    yield Case("a.csv", "标题,正文\n", told="headings only")
    yield Case("a.csv", "甲,乙\n1,2\n", told="without a text column")
    yield Case("a.csv", f'标题,正文\n甲,"{BODY}\n', BODY, "do not close")
    yield Case("a.csv", f"标题,正文\n甲,{BODY},多\n", BODY, "without a heading")
    yield Case("a.csv", f"标题,正文\n甲\n乙,{BODY}\n", BODY, "1 of 2 articles in it without Chinese")
    yield Case("a.csv", "正文\n" + '"' * 100_001 + BODY, BODY, "do not close")


def objects() -> list[Case]:
    one = json.dumps({"text": BODY})
    good = {
        "list": f"[{one}]",
        "deep value": f'[{{"text": "{BODY}", "x": {"[" * 200}{"]" * 200}}}]',
        "large number": f'[{{"text": "{BODY}", "x": 1e99999, "y": NaN, "z": -Infinity}}]',
        "list of lines": json.dumps([{"text": [BODY, BODY]}]),
        "contract": json.dumps(
            [{"text": BODY, "doc_id": "../../x", "raw": "r", "main": [1], "year": {}, "content": "c"}]
        ),
        "NUL": json.dumps([{"text": BODY, "a\0": "\0"}]),
        "pairs": '[{"text": "\\ud83d\\ude37' + BODY + '"}]',
        "controls": f'[{{"text": "{BODY}\t\n\x01"}}]',
    }
    yield from (Case(f"{name}.json", text, BODY) for name, text in good.items())
    yield from (Case("a.json", f"[{one}]".encode(name), BODY) for name in ("utf-16", "utf-8-sig"))
    yield Case("a.json", json.dumps([{"text": BODY}], ensure_ascii=False).encode("gbk"), BODY)
    yield Case("a.json", f'[{{"text": "\\ud83d{BODY}", "\\udc00": "x"}}]', f"\ufffd{BODY}", "2 half character(s)")
    yield Case("a.jsonl", f"{one}\n{{bad\n\n5\n", BODY, "2 line(s) hold no JSON object")
    wrong = [
        "null",
        "[]",
        "5",
        '"疫"',
        f'["{BODY}"]',
        "[" * 99_999,
        f"[{one},]",
        f'[{{"text": "{BODY}", "x": {"9" * 5000}}}]',
    ]
    yield from (Case("a.json", text, told="no JSON object") for text in wrong)
    yield Case("a.json", "{}", told="without a text column")
    yield Case("a.json", '[{"text": null}]', told="no Chinese character")
    yield Case("a.json", "[" + "1," * 300_000 + "1]", told="no JSON object")


def names() -> list[Case]:
    odd = [
        "a\nb",
        "a\rb",
        "a\tb",
        'a"b',
        "a'b",
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\tx",
        "a\\b",
        "a..",
        "甲.txt",
        "%2e%2e",
        "x" * 251,
    ]
    odd += [
        "疫" * 83,
        "CON",
        "[甲]*?",
        "😷",
        "a\u202etxt",
        "~乙",
        "<script>alert(1)",
        "a;b",
        "a,b",
        "a#3",
        "a|b",
        " ",
        "\x1b[31m",
    ]
    odd += [
        "e\u0301",
        "{{7*7}}",
        "$(id)",
        "`id`",
        "%s%n",
        "=x/=y",
        "articles.csv",
        "\u200b",
        "\x7f",
        "&lt;b&gt;",
        "export.yml",
    ]
    yield from (Case(f"{name}.txt", BODY, BODY) for name in odd)
    yield Case("甲.TXT", BODY, BODY)
    yield Case("甲.txt ", BODY, told="is not read")
    yield Case("readme.txt", BODY, told="its name says that it is about the folder")
    yield Case("licence.md", BODY, told="its name says that it is about the folder")
    yield Case("疫情.txt", raw_name("疫情.txt".encode("gbk")), BODY)  # as unpacked from a Chinese zip file
    yield Case("\\xff\\xfe.txt", raw_name(b"\xff\xfe.txt"), BODY)
    yield Case("\\xe7\\x96/疫.txt", raw_name(b"\xe7\x96", "疫.txt"), BODY)


def raw_name(name: bytes, inner: str = "") -> Make:
    """A file, or a folder with a file in it, whose name is these bytes."""

    def make(path: Path) -> None:
        place = Path(os.fsdecode(os.path.join(os.fsencode(lay_root(path)), name)))
        if inner:
            place.mkdir()
        (place / inner if inner else place).write_text(BODY, encoding="utf-8")

    return make


def lay_root(path: Path) -> Path:
    return next(folder for folder in path.parents if folder.name == "corpus")


def things() -> list[Case]:
    """What a folder may hold besides files."""
    yield Case("x.txt", lambda path: path.mkdir(), told="a folder with the name of a file")
    yield Case("x.txt", lambda path: path.symlink_to("/etc/hostname"), told="a link that leads out of the folder")
    yield Case("x.txt", lambda path: path.symlink_to("/dev/zero"), told="a link that leads out of the folder")
    yield Case("x", lambda path: path.symlink_to("/etc"), told="a link that leads out of the folder")
    yield Case("x.txt", lambda path: path.symlink_to("../corpus2/x.txt"), told="a link that leads nowhere")
    yield Case("x.txt", lambda path: path.symlink_to("x.txt"), told="a link that leads nowhere")
    yield Case("x", lambda path: path.symlink_to("."), told="a link to a folder")
    yield Case("x.txt", lambda path: path.symlink_to("good.txt"), GOOD, "same content as good.txt")
    yield Case("x.txt", os.mkfifo, told="neither a file nor a folder")
    yield Case("x.txt", lambda path: (path.touch(), os.truncate(path, 1 << 40)), told="larger than 1,000 MB")
    yield Case("x.txt", GOOD, GOOD, "same content as good.txt")
    yield Case("a/b/c/d/e/f/g/h/x.txt", BODY, BODY)


CASES = [
    case
    for some in (encodings, garbled, signs, nothing_in_it, in_disguise, word_files, spreadsheets, pdfs, pages, rows)
    + (objects, names, things)
    for case in some()
]


def test_there_are_at_least_two_hundred_hostile_inputs():
    assert len({(case.file, str(case.make)) for case in CASES}) >= 300


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case.file[:20]!a}" for n, case in enumerate(CASES)])
def test_a_hostile_file_is_read_aright_or_reported_in_one_clear_row(tmp_path, case):
    """Read: its text is all there. Reported: one row with a remedy. Its good neighbour is read in any case."""
    docs, problems = loaded(tmp_path, case)
    read, rows = docs[docs["file"] != "good.txt"], problems[problems["file"] != "good.txt"]
    assert "good.txt" in set(docs["file"]) and docs["doc_id"].is_unique
    assert all(case.text in raw for raw in read["raw"]) and bool(len(read)) == bool(case.text)
    assert (
        len(rows) == bool(case.told)
        and rows["problem"].str.contains("|".join(map(re.escape, case.told.split("|")))).all()
    )
    assert set(rows["severity"]) <= set(SEVERITIES) and rows["remedy"].str.len().gt(4).all()
    assert {re.sub(r"#\d+$", "", name) for name in [*read["file"], *rows["file"]] if name != case.file} <= {case.file}


def loaded(folder: Path, case: Case):
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "good.txt").write_text(GOOD, encoding="utf-8")
    lay(corpus, case)
    return texts.load(Study(corpus=corpus, results=folder / "out"))


# ---- what is read goes all the way ------------------------------------------------------------------------------------


def test_what_is_read_of_all_of_them_goes_through_the_whole_path(tmp_path):
    """All hostile files in one folder: cleaned, cut, coded, its facts found, every table written and read again."""
    corpus = tmp_path / "corpus"
    for number, case in enumerate(
        case for case in CASES if case.text and not callable(case.make) and len(case.make) < 50_000
    ):
        lay(corpus / f"{number:03d}", case)
    study = Study(corpus=corpus, results=tmp_path / "out")
    tables = {name: store.load(study, name) for name in store.STEPS}
    docs, whole = tables["docs"], tables["paragraphs"].groupby("doc_id")["text"].agg("".join)
    assert docs["doc_id"].is_unique and len(docs) > 150
    assert set(tables["articles"]["doc_id"]) == set(tables["lines"]["doc_id"]) == set(docs["doc_id"])
    assert sum("秩序井然" in whole.get(doc, "") for doc in docs["doc_id"]) > 0.95 * len(docs)
    for name in store.PUBLISHED:
        cells = (study.tables / f"{name}.csv").read_text(encoding="utf-8")
        assert not re.search(r"(?m)(?:^|,)\"?(?:[=@\t]|[+-][A-Za-z(=+@])", cells), name


BOUNDS = """
import json, resource, sys
from helpers import texts
from helpers.study import Study
docs, problems = texts.load(Study(corpus=sys.argv[1], results=sys.argv[2]))
used = resource.getrusage(resource.RUSAGE_SELF)
told = dict(zip(problems["file"], problems["problem"]))
print(json.dumps([docs["file"].tolist(), told, used.ru_maxrss // 1024, used.ru_utime + used.ru_stime]))
"""


def swollen(path: Path, filler: bytes, megabytes: int, kind: str, main: str, **parts: str) -> None:
    """A package of a few kilobytes that unpacks to so many megabytes of one part."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in {"[Content_Types].xml": TYPES.format(kind), "_rels/.rels": RELATIONS.format(main)}.items():
            book.writestr(name, content)
        with book.open(main, "w") as part:
            for _ in range(megabytes):
                part.write(filler * (1_000_000 // len(filler)))


def test_bombs_stay_within_memory_and_time(tmp_path):
    """Each asks for gigabytes or hours; all together get two gigabytes and ninety seconds of one core."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    swollen(corpus / "bomb.docx", p(BODY).encode(), 300, WORD_MAIN, "word/document.xml")
    swollen(corpus / "blanks.docx", b" ", 300, WORD_MAIN, "word/document.xml")
    swollen(corpus / "bomb.xlsx", b"<row/>", 300, BOOK_MAIN, "xl/workbook.xml")
    wide = "".join(f'<row r="{n}">{cell(f"A{n}", BODY)}{cell(f"ZZZ{n}", "末")}</row>' for n in range(2, 20_000))
    files: dict[str, bytes | str] = {
        "wide.xlsx": xlsx(wide),
        "far.xlsx": xlsx(f'<row r="99999999999">{cell("A99999999999", BODY)}</row>'),
        "laughs.docx": docx(p("&a9;"), LAUGHS),
        "laughs.xlsx": xlsx(rows_of("&a9;"), LAUGHS),
        "line.txt": BODY * (50_000_000 // len(BODY.encode())),
        "lines.txt": "疫\n" * 100_000,
        "lines.html": "<p>疫</p>" * 200_000,
        "options.html": "<select>" + "<option>疫" * 200_000,
        "nested.html": "<div>" * 10_000 + BODY + "</div>" * 10_000,
        "attribute.html": f'<p title="{"甲" * 10_000_000}">{BODY}</p>',
        "rows.csv": "正文\n" + "疫\n" * 1_100_000,
        "empty.csv": f"正文,b\n{BODY},\n" + ",\n" * 5_000_000,
        "objects.json": "[" + "{}," * 2_000_000 + "{}]",
        "articles.csv": "file" + ',"a" ' * 3000 + "\nline.txt\n",
    }
    for name, content in files.items():
        (corpus / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    command = [sys.executable, "-c", BOUNDS, str(corpus), str(tmp_path / "out")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=600)
    read, told, megabytes, seconds = json.loads(run.stdout)
    assert read == [
        *("attribute.html", "empty.csv", "line.txt", "lines.html", "lines.txt", "nested.html", "options.html")
    ]
    for file, words in {
        "bomb.docx": "unpacks to",
        "blanks.docx": "unpacks to",
        "bomb.xlsx": "unpacks to",
        "wide.xlsx": "more than 20,000,000 cells",
        "far.xlsx": "more than 20,000,000 cells",
        "laughs.docx": "could not be read",
        "laughs.xlsx": "could not be read",
        "rows.csv": "more than 1,048,576 articles",
        "objects.json": "more than 1,048,576 articles",
    }.items():
        assert words in told[file], file
    assert megabytes < 2000 and seconds < 90


LONG = {
    "one line": BODY * 3000,
    "short lines": "疫\n" * 20_000,
    "quotation": "“疫" * 20_000,
    "brackets": "《（【" * 10_000,
}
LONG |= {"digits": "9" * 50_000, "days": "3月9日" * 10_000, "blanks": "疫 " * 20_000, "names": "王小明、" * 10_000}


@pytest.mark.parametrize("name", LONG)
def test_a_long_text_of_one_thing_costs_no_more_than_in_proportion(tmp_path, name):
    """Through the whole path, every character kept or dropped by name; twice the text takes less than four times as long."""

    def taken(text: str, folder: Path) -> float:
        lay(folder / "corpus", Case("a.txt", text + BODY))
        before = resource.getrusage(resource.RUSAGE_SELF)
        study = Study(corpus=folder / "corpus", results=folder / "out")
        tables = {name: store.load(study, name) for name in ("docs", "lines", "sentences", "tokens", "frames", "dates")}
        after = resource.getrusage(resource.RUSAGE_SELF)
        assert tables["docs"]["raw"][0] == text + BODY and "".join(tables["lines"]["text"]).replace("\n", "")
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    half, whole = taken(LONG[name][: len(LONG[name]) // 2], tmp_path / "half"), taken(LONG[name], tmp_path / "whole")
    assert whole < 4 * half + 2


# ---- the folder's own tables and choices ------------------------------------------------------------------------------

TABLES = {
    "BOM": ("\ufefffile,place\ngood.txt,某区\n", "某区", ""),
    "semicolons": ("file;place\ngood.txt;某区\n", "某区", ""),
    "GBK": ("文件名,地区\ngood.txt,某区\n".encode("gbk"), "某区", ""),
    "UTF-16": ("file,place\ngood.txt,某区\n".encode("utf-16"), "某区", ""),
    "twice": ("file,place\ngood.txt,某区\ngood.txt,另区\n", "某区", "listed twice"),
    "no file column": ("name,place\ngood.txt,某区\n", "", "has no column 'file'"),
    "100 columns": ("file,place," + ",".join(f"c{n}" for n in range(98)) + "\ngood.txt,某区" + ",x" * 98, "某区", ""),
    "outside": ("file,place\n../../etc/passwd,某区\ngood.txt,某区\n", "某区", "not in the folder"),
    "absolute": ("file,place\n/etc/passwd,某区\ngood.txt,某区\n", "某区", ""),
    "formulas": ("file,place\ngood.txt,=1+1\n", "=1+1", ""),
    "empty": ("", "", "cannot be read as a table"),
    "heading only": ("file,place\n", "", "not listed in articles.csv"),
    "binary": (OTHERS["ELF"], "", "file"),
    "NUL": ("file,place\ngood.txt,某\0区\n", "某\0区", ""),
    "our own columns": ("file,doc_id,raw,main,sha256,content,whole,meta\ngood.txt,../x,r,m,s,c,w,m\n", "", ""),
    "markup": ("file,place\ngood.txt,<script>alert(1)</script>\n", "<script>alert(1)</script>", ""),
}


@pytest.mark.parametrize("name", TABLES)
def test_no_articles_csv_stops_the_reading(tmp_path, name):
    data, place, told = TABLES[name]
    docs, problems = loaded(tmp_path, Case("articles.csv", data))
    assert docs["raw"].tolist() == [GOOD] and docs["doc_id"].tolist() == ["good"] and docs["place"].tolist() == [place]
    assert told in " ".join(problems["problem"])


def bomb(leaf: str) -> str:
    """YAML of a few lines that is ten thousand million words when written out."""
    return f"x0: &x0 [{leaf}]\n" + "".join(f"x{n}: &x{n} [{f'*x{n - 1},' * 10}]\n" for n in range(1, 11))


CHOICES = {
    "study.toml": ["topics = ", "seed = true", "\0", "x = 1", "topics = '5'", "ignore = 5", "[" * 5000],
    "export.yml": [
        "begins: '('",
        "a: !!python/object/apply:os.system ['touch taken']",
        "!!python/object/apply:os.system ['touch taken']",
        bomb("a"),
        bomb("a") + "preset: *x10",
        bomb("a") + "begins: x\nfiles: *x10",
        "begins: '" + "(" * 5000 + "'",
        "begins: ''",
        "[" * 5000,
        "- " * 5000,
        "\0",
        "preset: [wisers]",
        "begins: {a: b}",
    ],
}


@pytest.mark.parametrize("file,text", [(file, text) for file, some in CHOICES.items() for text in some])
def test_a_broken_choice_is_one_sentence_and_runs_nothing(tmp_path, monkeypatch, file, text):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CorpusError, match=re.escape(file)) as said:
        loaded(tmp_path, Case(file, text))
    assert not (tmp_path / "taken").exists() and len(str(said.value)) < 400


def test_a_pattern_that_never_ends_is_stopped_and_said(tmp_path, monkeypatch):
    monkeypatch.setattr(exports, "PATIENCE", 0.3)
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "long.txt").write_text(BODY + "1," * 60, encoding="utf-8")
    docs, problems = loaded_with(tmp_path, "begins: '(.*?,){25}P'\nfiles: long.txt\n")
    assert docs["file"].tolist() == ["good.txt"]
    assert problems["problem"].tolist() == ["the pattern '(.*?,){25}P' of its export.yml takes too long"]


def loaded_with(folder: Path, layout: str):
    corpus = folder / "corpus"
    (corpus / "good.txt").write_text(GOOD, encoding="utf-8")
    (corpus / "export.yml").write_text(layout, encoding="utf-8")
    return texts.load(Study(corpus=corpus, results=folder / "out"))


def test_patterns_of_names_and_terms_are_linear(tmp_path):
    """What the folder's other lists may hold is compared, not run: the worst of it is done at once."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "good.txt").write_text(GOOD, encoding="utf-8")
    (corpus / ("a" * 200 + ".txt")).write_text(BODY, encoding="utf-8")
    (corpus / "study.toml").write_text(f"ignore = ['{'*a' * 60}b']", encoding="utf-8")
    (corpus / "terms.txt").write_text("(a+)+$\n" + "9 " * 50_000 + "\n" + "疫" * 1000 + "\n", encoding="utf-8")
    study = Study(corpus=corpus, results=tmp_path / "out")
    assert len(texts.load(study)[0]) == 2 and len(store.load(study, "tokens"))
    assert store.load(study, "problems")["problem"].str.contains("can never match").sum() == 3
    assert segment.cut("(a+)+$")


def test_a_codebook_that_names_itself_or_nests_is_one_sentence(tmp_path):
    text = (ROOT / "data" / "lexicon" / "codebook.yml").read_text(encoding="utf-8")
    for number, (old, new) in enumerate(
        (("lists:\n", "lists:\n  loop: ['@loop']\n"), ("lists:\n", "lists:\n  loop: [[[]]]\n"))
    ):
        path = tmp_path / f"{number}.yml"
        path.write_text(text.replace(old, new).replace("  terms:\n", "  terms:\n    - '@loop'\n", 1), encoding="utf-8")
        with pytest.raises(CorpusError, match=path.name):
            read_codebook(path)


# ---- nothing read is run ----------------------------------------------------------------------------------------------


def test_no_formula_leaves_for_a_spreadsheet():
    import openpyxl
    import pandas as pd

    texts_ = ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "-1+1", "#REF!", "\n=1"]
    book = openpyxl.load_workbook(io.BytesIO(workbook.pack({"=a": pd.DataFrame({"=b": texts_})})))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert len(cells) == len(texts_) + 1 and {cell.data_type for cell in cells} == {"s"}
    assert [store.harmless(text)[0] for text in texts_[:8]] == ["'"] * 8


def test_nothing_is_unpickled_or_evaluated():
    """Tables are Parquet, CSV and JSON: what somebody else put into a results folder can be wrong, but it cannot run."""
    wild = (
        r"pickle\.load|Unpickler|read_pickle|joblib|shelve\.|marshal|allow_pickle|np\.load"
        r"|yaml\.(?:unsafe_|full_)?load\(|\beval\(|\bexec\(|shell=True|os\.system"
    )
    found = Counter(
        f"{path.name}: {match[0]}"
        for path in [ROOT / "run.py", *(ROOT / "helpers").glob("*.py")]
        for match in re.finditer(wild, path.read_text(encoding="utf-8"))
    )
    assert found == {"codebook.py: yaml.load(": 1}  # with the safe loader, in C where there is one
