"""Any encoding and format a Chinese page really has, and a clear word on what could not be read."""

import io
import json
import random
import zipfile
from functools import cache

import opencc
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import decoding, metadata, reading, tables, webpages
from helpers.study import LEXICON, SAMPLE, CorpusError

SIMPLE = (SAMPLE / "lanshan-2020-inst.txt").read_text(encoding="utf-8")
BODY = "新区昨日启动应急响应，居民有序登记，社区组织志愿者逐户上门，秩序井然。"
COMMON = (LEXICON / "common_characters.txt").read_text(encoding="utf-8").replace("\n", "")


@cache
def fragments(traditional: bool, extra: str = "", n: int = 300, shortest: int = 10, longest: int = 100) -> list[str]:
    """Seeded fragments: characters by their rank of frequency, with punctuation, digits, Latin and new lines in between."""
    dice = random.Random(7)
    simple = "".join(dict.fromkeys(opencc.OpenCC("t2s").convert(COMMON)))
    characters = (opencc.OpenCC("s2hk").convert(simple) if traditional else simple) + extra * 3
    weights = [1 / (rank + 20) for rank in range(len(characters))]
    between = [*"，，，。。、；：“”（）《》！？—…％·", "\n", " ", "A", "N95", "COVID-19", "3月9日", "2022", "１２"]
    runs = [
        "".join(dice.choices(characters, weights, k=dice.randrange(2, 12))) + dice.choice(between) for _ in range(n * 4)
    ]
    text = "".join(runs)
    starts = [dice.randrange(len(text) - longest) for _ in range(n)]
    return [text[a : a + dice.randrange(shortest, longest + 1)] for a in starts]


@pytest.mark.parametrize(
    "encoding,traditional,extra",
    [
        ("utf-8", False, ""),
        ("utf-8-sig", False, ""),
        ("gb2312", False, ""),
        ("gbk", False, "镕喆玥赟"),
        ("gb18030", False, "㐂㛂䶮"),
        ("gb18030", True, ""),
        ("big5", True, ""),
        ("big5hkscs", True, "嘅咗喺啲嚟"),
        ("utf-16", False, ""),
        ("utf-16-le", False, ""),
        ("utf-16-be", False, ""),
        ("utf-16-le", True, ""),
        ("utf-16-be", True, ""),
    ],
)
def test_ninety_nine_of_a_hundred_fragments_of_any_encoding_come_back_whole(encoding, traditional, extra):
    encoded = [text.encode(encoding, "ignore") for text in fragments(traditional, extra)]
    read = [decoding.decode(data).text for data in encoded]
    assert sum(text != data.decode(encoding) for text, data in zip(read, encoded, strict=True)) <= 3
    assert min(map(len, read)) >= 5


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5hkscs"])
def test_one_bad_byte_loses_that_byte_and_says_so(encoding):
    text = opencc.OpenCC("s2hk").convert(SIMPLE) if encoding == "big5hkscs" else SIMPLE
    before, after = (part.encode(encoding, "ignore") for part in (text[:100], text[100:]))
    page = decoding.decode(before + b"\xff" + after)
    assert page.text == before.decode(encoding) + "\ufffd" + after.decode(encoding)
    assert [problem.split(" and")[0] for problem, _ in page.doubts] == [f"1 byte sequence(s) are not valid {encoding}"]


@pytest.mark.parametrize("encoding,traditional", [("utf-8", False), ("gb18030", False), ("big5hkscs", True)])
def test_a_text_with_a_wrong_byte_or_cut_in_mid_character_keeps_its_encoding(encoding, traditional):
    dice, wrong = random.Random(3), 0
    for text in fragments(traditional):
        data = bytearray(text.encode(encoding, "ignore"))
        data[dice.randrange(len(data))] = dice.randrange(128, 256)
        wrong += sum(
            decoding.decode(bytes(some)).encoding != encoding for some in (data, text.encode(encoding, "ignore")[:-1])
        )
    assert wrong <= 6  # of 600


def test_utf16_of_an_odd_number_of_bytes_loses_the_last():
    assert decoding.decode(SIMPLE.encode("utf-16-le") + b"a").text == SIMPLE + "\ufffd"


def test_a_page_that_says_gb2312_but_holds_gbk_reads_whole():
    text = "喆明小区启动应急响应，居民有序登记。" * 12
    markup = f'<html><head><meta charset="gb2312"><title>镕基街道</title></head><body><p>{text}</p></body></html>'
    page = next(webpages.read_html(markup.encode("gbk")))
    assert "喆明小区启动应急响应" in page.text and page.encoding == "gb18030"


def test_a_label_decides_where_both_readings_are_possible():
    data = "偉擬49".encode("big5")
    assert (decoding.decode(data).text, decoding.decode(data, "big5").text) == ("岸览49", "偉擬49")
    assert decoding.decode("社区".encode("gbk"), "no-such-encoding").text == "社区"


@pytest.mark.parametrize(
    "wrong,right",
    [("gb18030", "utf-8"), ("latin-1", "utf-8"), ("latin-1", "gb18030"), ("gb18030", "big5hkscs"), ("cp1252", "utf-8")],
)
def test_mojibake_is_reported_not_repaired(wrong, right):
    """One garbled paragraph among good ones is enough; what was read stays as it was found."""
    text = opencc.OpenCC("s2hk").convert(BODY * 3) if right == "big5hkscs" else BODY * 3
    garbled = f"{SIMPLE}\n{text.encode(right).decode(wrong, 'replace')}\n"
    page = decoding.decode(garbled.encode())
    assert page.text == garbled and any("mojibake" in problem for problem, _ in page.doubts)


def test_characters_lost_before_saving_are_counted():
    assert decoding.doubts("新区\ufffd\ufffd启动应急响应")[0][0].startswith("2 character(s) were lost")
    assert "mojibake" in decoding.doubts("新区锟斤拷启动")[0][0]


def test_good_text_is_not_suspected():
    texts = (
        fragments(False, "镕喆玥赟")
        + fragments(True, "嘅咗喺啲嚟")
        + ["━━━━━━━━━━\n■□■□■□", "Ärzte für Menschen, déjà vu"]
    )
    assert [text for text in texts if decoding.doubts(text)] == []


# ---- web pages --------------------------------------------------------------------------------------------------------


def html(markup: str):
    return next(webpages.read_html(markup.encode()))


def test_a_page_says_title_day_and_source_in_the_ways_pages_do():
    government = (
        '<head><meta name="ArticleTitle" content="新区启动应急响应"><meta name="PubDate" content="2022-04-16 08:30">'
        '<meta name="ContentSource" content="来源：新区发布"><title>新区启动应急响应_新区管委会</title></head>'
    )
    linked = json.dumps(
        {
            "@graph": [
                {
                    "headline": "新区启动应急响应",
                    "datePublished": "2022-04-16T08:30:00+08:00",
                    "publisher": {"name": "某网"},
                }
            ]
        }
    )
    portal = '<head><meta property="og:title" content="新区启动应急响应"><meta property="og:site_name" content="某网"></head>'
    said = [
        html(f"<html>{head}<body><p>{BODY}</p></body>").meta
        for head in (
            government,
            f'<head><script type="application/ld+json">{linked}</script></head>',
            portal.replace("</head>", "</head><time datetime='2022-04-16'>昨天</time>"),
        )
    ]
    assert [meta["title"] for meta in said] == ["新区启动应急响应"] * 3
    assert [meta["date"] for meta in said] == ["2022-04-16"] * 3
    assert said[0]["publisher"] == "新区发布" and [meta["site"] for meta in said[1:]] == ["某网"] * 2


def test_an_article_of_wechat_is_dated_by_its_script_and_shown_by_its_account():
    page = (
        '<head><meta property="og:title" content="新区解封"><meta property="og:site_name" content="微信公众平台"></head>'
        '<h1>新区解封</h1><a id="js_name"> 新区发布 </a><em id="publish_time"></em><div id="js_content" '
        'style="visibility: hidden"><p>社区工作者挨家挨户登记。</p></div><script>var a, ct = "1650067800";</script>'
    )
    (read,) = webpages.read_html(page.encode())
    said = metadata.chosen(read.meta, "table") | read.meta
    assert (said["title"], metadata.iso(said["date"]), said["site"]) == ("新区解封", "2022-04-16", "新区发布")
    assert "社区工作者挨家挨户登记。" in read.text


@pytest.mark.parametrize("name", ["王某的博客", "新区日报", "新区论坛"])
def test_the_name_of_a_site_is_no_title(name):
    (page,) = webpages.read_html(f"<title>{name}</title><h2>隔离第五天</h2><p>居民登记。</p>".encode())
    assert "title" not in page.meta
    (page,) = webpages.read_html(f"<title>隔离第五天 - {name}</title><h2>隔离第五天</h2><p>居民登记。</p>".encode())
    assert page.meta["title"].startswith("隔离第五天")


def test_every_visible_line_stays_and_the_article_is_marked():
    menu = "".join(f"<li><a href='/{n}'>栏目{n}</a></li>" for n in range(12))
    page = html(
        f"<html><head><title>新区启动应急响应</title></head><body><ul>{menu}</ul><h1>新区启动应急响应</h1>"
        f"<p>{BODY * 2}</p><p>{BODY[::-1] * 2}</p><footer>版权声明</footer><script>不看</script></body></html>"
    )
    lines = page.text.split("\n")
    assert len(lines) == 16 and "不看" not in page.text
    assert [lines[n - 1][:4] for n in sorted(page.main)] == ["新区启动", "新区昨日", "。然井序"]


@pytest.mark.parametrize(
    "markup,lines",
    [
        ("<title>新区</title><p>启动响应<p>居民登记", ["启动响应", "居民登记"]),
        (
            "<div><p>新区<b>启动<i>应急</b>响应</p></i></div></td><table><tr><td>甲<td>乙</table>",
            ["新区启动应急响应", "甲 乙"],
        ),
        ("<p>&#26032;&#x533A;&nbsp;启动&ldquo;响应&rdquo;&#8203;&hellip;</p>", ["新区\xa0启动“响应”\u200b…"]),
        ("<p>新区\x00启动</p><!-- 注 --><!--[if IE]><p>隐</p><![endif]-->", ["新区启动"]),
        ("<div>" * 5000 + "新区启动" + "</div>" * 5000, ["新区启动"]),
        ("<?xml version='1.0' encoding='gb2312'?><html><body>新区启动</body></html>", ["新区启动"]),
    ],
)
def test_broken_pages_show_their_lines(markup, lines):
    assert html(markup).text.split("\n") == lines


@pytest.mark.parametrize(
    "markup,word",
    [
        ("<html><frameset cols='20%,80%'><frame src='甲.html'></frameset></html>", "frames"),
        ("<html><body><div id='app'></div><script>var a='新区'</script></body></html>", "scripts"),
        ("<html></html>", "no Chinese"),
        ("   ", "no Chinese"),
    ],
)
def test_a_page_without_text_says_why(markup, word):
    with pytest.raises(CorpusError, match=word):
        html(markup)


def test_a_large_page_is_read():
    page = html("<body>" + "".join(f"<p>第{n}网格启动应急响应，居民有序登记，社区逐户上门。</p>" for n in range(3000)))
    assert page.text.count("\n") == 2999 and len(page.main) == 3000


@settings(max_examples=50)
@given(st.text("<>/!-=\"' apbdivscriptheadtd新区\n&;#", max_size=80))
def test_no_markup_breaks_the_reader(markup):
    try:
        assert html(markup).text
    except CorpusError as error:
        assert "|" in str(error)


# ---- Word and PDF -----------------------------------------------------------------------------------------------------


def word(*paragraphs: str, change=None) -> bytes:
    import docx

    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if change:
        change(document)
    document.save(out := io.BytesIO())
    return out.getvalue()


def test_a_word_document_gives_headings_tables_boxes_and_insertions_in_order():
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    def change(document):
        document.paragraphs[0].insert_paragraph_before("新区启动应急响应", style="Heading 1")
        table = document.add_table(1, 2)
        table.cell(0, 0).text, table.cell(0, 1).text = "样本", "三百份"
        run = f"<w:r {nsdecls('w')}><w:t>{{}}</w:t></w:r>"
        inserted = f'<w:ins {nsdecls("w")} w:id="1" w:author="a">{run.format("后加")}</w:ins>'
        box = f"<w:r {nsdecls('w')}><w:txbxContent><w:p>{run.format('框中字')}</w:p></w:txbxContent></w:r>"
        control = f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p>{run.format('控件')}</w:p></w:sdtContent></w:sdt>"
        last = document.add_paragraph("居民登记")
        last._p.append(parse_xml(inserted))
        last._p.append(parse_xml(box))
        last._p.addnext(parse_xml(control))
        moved = f'<w:moveTo {nsdecls("w")} w:id="2" w:author="a"><w:p>{run.format("移来")}</w:p></w:moveTo>'
        last._p.addnext(parse_xml(moved))

    page = next(reading.read_docx(word(BODY, change=change)))
    assert page.text.split("\n") == ["新区启动应急响应", BODY, "样本\t三百份", "居民登记后加", "框中字", "移来", "控件"]
    assert page.doubts == ()


def test_notes_of_a_word_document_are_named_as_not_read():
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    def change(document):
        xml = '<w:footnotes xmlns:w="urn:w"><w:t>注一</w:t></w:footnotes>'.encode()
        part = Part(PackURI("/word/footnotes.xml"), "application/xml", xml, document.part.package)
        document.part.relate_to(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes")

    assert "footnotes (1 piece" in next(reading.read_docx(word(BODY, change=change))).doubts[0][0]


def pdf(content: str, trailer: str = "") -> bytes:
    """The smallest PDF there is; its text, if any, is Latin, for want of a font inside."""
    font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</Font<</F {font}>>>>>>",
        f"<</Length {len(content)}>>stream\n{content}\nendstream",
    ]
    body, places = "%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = (
        f"xref\n0 5\n0000000000 65535 f \n{table}trailer<</Size 5/Root 1 0 R{trailer}>>\nstartxref\n{len(body)}\n%%EOF"
    )
    return (body + end).encode("latin-1")


def test_a_pdf_that_cannot_be_read_says_why():
    lock = f"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<{'41' * 32}>/U<{'42' * 32}>>>/ID[<00><00>]"
    for data, sign in ((pdf(""), "scanned"), (pdf("", lock), "password"), (b"%PDF-1.4 torn", "damaged")):
        with pytest.raises(CorpusError, match=sign):
            next(reading.read_pdf(data))
    assert next(reading.read_pdf(pdf("BT /F 12 Tf 20 20 Td (A) Tj ET"))).text.strip() == "A"


def test_radicals_in_a_pdf_become_the_characters_they_look_like():
    assert "⽉⼈⺠⻓".translate(reading._radicals()) == "月人民长"


# ---- tables -----------------------------------------------------------------------------------------------------------


def test_tables_in_every_dress_give_the_same_article():
    heading, row = ["标题", "正文", "来源", "发布时间"], ["甲", BODY, "某报", "2022/3/9 8:30"]
    commas = ",".join(heading) + "\r\n" + ",".join(row) + "\r\n"
    dressed = [
        commas.encode("gb18030"),
        commas.encode("utf-8-sig"),
        commas.encode("utf-16"),
        commas.replace(",", ";").encode(),
        commas.replace(",", "\t").encode(),
        ("sep=|\n" + commas.replace(",", "|")).encode(),
        ("检索结果\n\n" + commas).encode(),
        f"標題,內容,媒體,日期\n甲,{BODY},某报,20220309\n".encode(),
    ]
    pages = [next(tables.read_csv(data)) for data in dressed]
    assert {page.text for page in pages} == {BODY}
    assert {(m["title"], m["publisher"], metadata.iso(m["date"])) for m in (page.meta for page in pages)} == {
        ("甲", "某报", "2022-03-09")
    }


@pytest.mark.parametrize(
    "written,day",
    [("2022年3月9日 08:30", 1), ("2022.3.9", 1), ("44629", 1), ("44629.35", 1), ("1646757000", 1), ("1646757000000", 1)]
    + [
        ("March 9, 2022", 1),
        ("9 Mar 2022", 1),
        ("2022-03-09T08:00:00+08:00", 1),
        ("2022-13-09", 0),
        ("昨天", 0),
        ("9/3/22", 0),
    ],
)
def test_days_are_read_as_people_and_machines_write_them(written, day):
    assert metadata.iso(written) == ("2022-03-09" if day else "")


def test_a_workbook_is_read_sheet_by_sheet():
    with pd.ExcelWriter(out := io.BytesIO()) as book:
        first = {"标题": ["甲", "乙"], "正文": [BODY, ""], "日期": [pd.Timestamp("2022-03-09"), None], "阅读量": [3, 4]}
        pd.DataFrame(first).to_excel(book, sheet_name="一", index=False)
        pd.DataFrame({"说明": ["此表"]}).to_excel(book, sheet_name="说明", index=False)
        pd.DataFrame({"题名": ["丙"], "全文": [BODY]}).to_excel(book, sheet_name="二", index=False)
    pages = list(tables.read_xlsx(out.getvalue()))
    assert [(page.part, page.meta["title"], bool(page.text)) for page in pages] == [
        (1, "甲", 1),
        (2, "乙", 0),
        (3, "丙", 1),
    ]
    assert pages[0].meta["date"] == "2022-03-09" and pages[0].meta["阅读量"] == "3"
    assert ["说明" in problem for page in pages for problem, _ in page.doubts] == [True]


def test_a_workbook_that_is_wrong_about_its_size_is_read_whole():
    pd.DataFrame({"标题": ["甲"], "正文": [BODY]}).to_excel(out := io.BytesIO(), index=False)
    with zipfile.ZipFile(out) as book, zipfile.ZipFile(wrong := io.BytesIO(), "w") as other:
        for name in book.namelist():
            other.writestr(name, book.read(name).replace(b'ref="A1:B2"', b'ref="A1"'))
    assert [page.text for page in tables.read_xlsx(wrong.getvalue())] == [BODY]


def test_objects_with_one_article_each():
    lines = (
        '{"标题": "甲", "正文": "新区\u2028启动", "作者": "李某"}\n坏行\n{"title": "乙", "content": ["一段", "二段"]}\n'
    )
    pages = list(tables.read_json(lines.encode()))
    assert [(p.meta["title"], p.text) for p in pages] == [("甲", "新区\u2028启动"), ("乙", "一段\n二段")]
    assert pages[0].meta["author"] == "李某" and "the first is 2" in pages[0].doubts[0][0]
    nested = json.dumps({"total": 1, "data": [{"content": "<p>新区</p><p>启动</p>"}]}).encode()
    assert [page.text for page in tables.read_json(nested)] == ["新区\n启动"]


@pytest.mark.parametrize(
    "data,word",
    [
        ("甲,乙\n1,2\n".encode(), "its columns are 甲、乙"),
        (b'[{"a": 1}]', "its columns are a"),
        ("标题,正文\n甲,新区,居民\n".encode(), "cells without a heading"),
        ('标题,正文\n甲,"新区\n乙,居民\n'.encode(), "do not close"),
        ("标题,正文,网页\n甲,新区,{}\n".format("长" * 600).encode(), "column 网页"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(data, word):
    try:
        page = next(tables.read_json(data) if data.startswith(b"[") else tables.read_csv(data))
        assert word in page.doubts[0][0]
    except CorpusError as error:
        assert word in str(error)


def test_a_cell_longer_than_the_library_likes_is_read():
    assert len(next(tables.read_csv(("正文\n" + "疫" * 200_000).encode())).text) == 200_000


def test_control_characters_that_no_text_holds_tell_a_file_that_is_none():
    found = {chr(code) for code in range(256) if decoding.is_binary(b"", "疫情" * 20 + chr(code) * 3)}
    assert found == {*map(chr, range(32))} - {*"\t\n\f\r"}
