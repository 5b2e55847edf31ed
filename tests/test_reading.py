"""Any encoding a Chinese page really has, and a clear word on what could not be read."""

import random

import pytest

from helpers import reading, texts
from helpers.study import SAMPLE, CorpusError, Study

SIMPLE = (SAMPLE / "lanshan-2020-inst.txt").read_text(encoding="utf-8")
TRADITIONAL = (SAMPLE / "qingmian-2020-inst.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "encoding,source",
    [
        ("utf-8", SIMPLE),
        ("utf-8-sig", SIMPLE),
        ("gb18030", SIMPLE),
        ("gbk", SIMPLE),
        ("utf-16", SIMPLE),
        ("utf-16-le", SIMPLE),
        ("big5", TRADITIONAL),
        ("big5hkscs", TRADITIONAL),
        ("gb18030", TRADITIONAL),
    ],
)
def test_fragments_of_any_encoding_come_back_whole(encoding, source):
    dice, wrong = random.Random(7), 0
    source = source.replace("\n", "")
    for _ in range(300):
        start = dice.randrange(len(source) - 100)
        text = source[start : start + dice.randrange(10, 100)]
        try:
            data = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        wrong += reading.decode(data).text != text
    assert wrong <= 3  # 99 %


def test_one_bad_byte_loses_that_byte_and_says_so():
    data = SIMPLE.encode("utf-8")
    page = reading.decode(data[:300] + b"\xff" + data[300:])
    assert page.text.replace("\ufffd", "") == SIMPLE and page.text.count("\ufffd") == 1
    assert "1 byte sequence(s)" in page.doubts[0][0]


def test_a_page_that_says_gb2312_but_holds_gbk_reads_whole():
    text = "喆明小区启动应急响应，居民有序登记。" * 12
    markup = f'<html><head><meta charset="gb2312"><title>镕基街道</title></head><body><p>{text}</p></body></html>'
    page = next(reading.read_html(markup.encode("gbk")))
    assert "喆明小区启动应急响应" in page.text and page.encoding == "gb18030"


def test_mojibake_is_reported_not_repaired():
    garbled = "新区启动应急响应，社区组织志愿者逐户登记。".encode().decode("latin-1")
    assert any("mojibake" in problem for problem, _ in reading.decode((garbled * 3).encode()).doubts)


def bad_corpus(folder):
    """A folder with everything that goes wrong, and two good articles."""
    good = "新区启动应急响应\n3月9日，新区启动全员核酸检测，居民有序参加，秩序井然。\n"
    (folder / "good.txt").write_text(good, encoding="utf-8")
    (folder / "legacy.txt").write_bytes(good.replace("新区", "高新区").encode("gb18030"))
    (folder / "twin.txt").write_text(good, encoding="utf-8")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "photo.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "word.docx").write_bytes(b"PK\x03\x04 not a document")
    (folder / "notes.doc").write_bytes(b"old")
    (folder / "english.txt").write_text("No Chinese here.", encoding="utf-8")
    (folder / "articles.csv").write_text(
        "file,place,date\ngood.txt,某区,2022-13-45\nlegacy.txt,某区,2022-03-10\ngone.txt,某区,2022-03-09\n",
        encoding="utf-8",
    )


def test_bad_files_are_reported_each_and_the_rest_is_read(tmp_path):
    bad_corpus(tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    docs, problems = texts.load(Study(corpus=tmp_path))
    assert docs["file"].tolist() == ["good.txt", "legacy.txt", "twin.txt"]
    assert docs.set_index("file").loc["legacy.txt", ["encoding", "date", "year"]].tolist() == [
        "gb18030",
        "2022-03-10",
        2022,
    ]
    said = problems.groupby("file")["problem"].agg(" ".join)
    for file, word in {
        "empty.txt": "empty",
        "photo.txt": "not a text file",
        "word.docx": "could not be read",
        "notes.doc": "file type",
        "english.txt": "no Chinese",
        "gone.txt": "not in the folder",
        "good.txt": "no ISO date",
        "twin.txt": "same content",
    }.items():
        assert word in said[file], file
    assert problems["remedy"].str.len().gt(5).all()
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    "make,word",
    [
        (lambda f: f / "nowhere", "no such folder"),
        (lambda f: f, "no article"),
        (lambda f: (f / "a.txt").write_text("一") and f / "a.txt", "not a folder"),
    ],
)
def test_a_corpus_that_cannot_be_opened_stops_with_one_sentence(tmp_path, make, word):
    with pytest.raises(CorpusError, match=word):
        texts.load(Study(corpus=make(tmp_path)))


def test_links_out_of_the_folder_are_not_followed(tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("新区启动应急响应，居民有序登记。", encoding="utf-8")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "inside.txt").write_text("社区设立登记点，居民有序登记。", encoding="utf-8")
    (corpus / "link.txt").symlink_to(outside)
    docs, problems = texts.load(Study(corpus=corpus))
    assert docs["file"].tolist() == ["inside.txt"] and "leads out" in problems["problem"].iloc[0]


def test_tables_and_documents_of_every_format(tmp_path):
    import docx

    (tmp_path / "export.csv").write_text(
        "标题,正文,来源,日期\n甲,社区设立登记点。,某报,2022-03-09\n乙,新区启动应急响应。,某网,2022-03-10\n",
        encoding="gb18030",
    )
    (tmp_path / "rows.jsonl").write_text(
        '{"title": "丙", "text": "街道连夜排查。", "date": "2020-02-01"}\n', encoding="utf-8"
    )
    document = docx.Document()
    document.add_paragraph("工厂复工，口罩产能翻番。")
    document.save(tmp_path / "word.docx")
    docs, problems = texts.load(Study(corpus=tmp_path))
    assert docs["doc_id"].tolist() == ["export-0001", "export-0002", "rows", "word"]
    assert docs["title"].tolist()[:3] == ["甲", "乙", "丙"] and docs["date"].tolist()[0] == "2022-03-09"
    assert problems.empty


def test_the_year_comes_from_the_text_never_from_the_clock():
    assert texts.year_in_text("2019年底以来。2020年1月23日，新区启动响应。") == 2020
    assert str(texts.year_in_text("1月23日，新区启动响应。")) == "<NA>"


def test_a_broken_choice_stops_at_once(tmp_path):
    (tmp_path / "study.toml").write_text("topicz = 5\n")
    with pytest.raises(CorpusError, match="unknown choice 'topicz'"):
        Study(corpus=tmp_path)
