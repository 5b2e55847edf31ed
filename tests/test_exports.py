"""An export is split where its layout says, and not a character of it is lost."""

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import cleaning, exports, texts
from helpers.decoding import Page
from helpers.study import CorpusError, Study

PRESETS = exports.presets()
EXAMPLES = {name: entries["example"] for name, entries in yaml.safe_load(exports.SHIPPED.read_text("utf-8")).items()}
TITLE, FIRST = re.compile("新[区區][启啟][动動][应應]急[响響][应應]"), re.compile("新[区區]昨日")


def example(name: str, n: int = 3) -> str:
    """An export of n records of a preset, no two alike."""
    return "\n".join(EXAMPLES[name].replace("响应", f"响应{i}").replace("響應", f"響應{i}") for i in range(n))


def written(text: str) -> list[str]:
    """The characters of a text, in order of code: what must be the same when nothing is lost."""
    return sorted("".join(text.split()))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_splits_its_own_example(name):
    """Title, text and nothing else stand in the article; what is around them is known of it."""
    pages = exports.split(Page(example(name), "utf-8", sha256="s"), PRESETS[name])
    assert [page.part for page in pages] == [1, 2, 3]
    for i, page in enumerate(pages):
        title, *body = page.text.split()
        assert page.meta["title"] == title and TITLE.match(title) and title.endswith(str(i))
        assert FIRST.match(body[0]) and all(line.endswith("。") for line in body)
        fields = set(PRESETS[name].fields) - {"header", "text"}
        assert page.meta.keys() >= fields - {"author", "url"}
        assert not page.doubts and page.encoding == "utf-8" and page.sha256 == "s"


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_character_of_an_export_is_in_one_of_its_articles(name, newline):
    text = f"检索条件\n\n{example(name)}\n检索结束\n".replace("\n", newline)
    pages = exports.split(Page(text), PRESETS[name])
    together = "".join(page.text for page in pages)
    assert len(pages) in (3, 4) and len(together) == len(text)
    assert all(a == b or a == " " for a, b in zip(together, text, strict=True))
    assert written(together + "".join(page.meta["record"] for page in pages)) == written(text)


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from([*EXAMPLES["wechat"].splitlines(), "标题：", "正文：", "", "A", "==========", "第2篇"]))
)
def test_no_order_of_lines_breaks_a_split_or_loses_a_character(lines):
    text = "\n".join(lines)
    for layout in PRESETS.values():
        pages = exports.split(Page(text), layout)
        assert len("".join(page.text for page in pages)) == len(text)
        assert written("".join(page.text + page.meta.get("record", "") for page in pages)) == written(text)


@pytest.mark.parametrize("name", PRESETS)
def test_an_export_is_recognised_and_one_article_is_not(name):
    assert exports.resemblance(example(name)) == (name, 3)
    assert exports.resemblance(example(name, 1)) is None


def test_an_article_with_drawn_lines_or_numbers_is_no_export():
    page = (
        "新区启动应急响应\n来源：某报 2022-04-16\n----------\n居民登记。\n----------\n社区排查。\n第一篇\n工厂复工。\n"
    )
    assert exports.resemblance(page) is None


def test_the_ledger_shows_every_line_of_a_record(tmp_path):
    (tmp_path / "year.txt").write_text(example("wisers"), encoding="utf-8")
    (tmp_path / "export.yml").write_text("preset: wisers\n")
    docs, problems = texts.load(Study(corpus=tmp_path))
    lines, paragraphs = cleaning.clean_docs(docs)
    assert docs["file"].tolist() == ["year.txt#1", "year.txt#2", "year.txt#3"] and problems.empty
    assert docs["doc_id"].tolist() == ["year-0001", "year-0002", "year-0003"]
    assert docs["date"].eq("2022-04-16").all() and docs["publisher"].eq("某某日報").all()
    first = lines[lines["doc_id"] == "year-0001"]
    assert first.loc[first["text"].ne(""), "line"].tolist() == [4, 5] and first["line"].max() >= 6
    assert docs["record"][0].split("\n") == ["某某日報", "A02 | 要聞 | 2022-04-16", "文章編號: 202204160010001"]
    assert paragraphs.groupby("doc_id")["zone"].agg(list).tolist() == [["title", "body"]] * 3


def test_what_stands_outside_the_articles_and_records_without_text_are_reported(tmp_path):
    empty = "标题：空\n公众号：甲\n正文：\n"
    (tmp_path / "a.txt").write_text("导出说明\n" + example("wechat", 2) + "\n" + empty, encoding="utf-8")
    (tmp_path / "a.export.yml").write_text("preset: wechat\n")
    docs, problems = texts.load(Study(corpus=tmp_path))
    assert docs["file"].tolist() == ["a.txt#1", "a.txt#2"]
    assert [(p.file, p.severity, p.problem[:9]) for p in problems.itertuples()] == [
        ("a.txt", "error", "1 of 3 ar"),
        ("a.txt#1", "doubt", "1 line(s)"),
    ]


def test_an_export_nobody_explained_stays_whole_and_is_reported(tmp_path):
    (tmp_path / "a.txt").write_text(example("brackets"), encoding="utf-8")
    docs, problems = texts.load(Study(corpus=tmp_path))
    assert docs["file"].tolist() == ["a.txt"] and docs["raw"].tolist() == [example("brackets")]
    assert "kind brackets with 3 articles" in problems["problem"][0] and "preset: brackets" in problems["remedy"][0]


def test_own_patterns_and_the_files_they_speak_for(tmp_path):
    (tmp_path / "sub").mkdir()
    both = "■ 甲区复工\n工厂复工，居民有序登记。\n■ 乙区防控\n社区排查，居民有序登记。\n"
    for name in ("sub/b.txt", "sub/c.txt", "d.txt"):
        (tmp_path / name).write_text(both.replace("居民", name[-5]), encoding="utf-8")
    (tmp_path / "sub/export.yml").write_text("begins: '^■ '\ntitle: '^■ (.+)$'\nfiles: ['b*']\n", encoding="utf-8")
    (tmp_path / "export.yml").write_text("preset: wechat\n")
    docs, problems = texts.load(Study(corpus=tmp_path))
    assert docs["file"].tolist() == ["d.txt", "sub/b.txt#1", "sub/b.txt#2", "sub/c.txt"]
    assert docs["title"].tolist()[1:3] == ["甲区复工", "乙区防控"]
    assert problems["problem"].str.contains("finds no article").tolist() == [True]


def test_a_title_below_the_label_of_the_text_stands_once(tmp_path):
    (tmp_path / "export.yml").write_text("begins: '^#'\ntext: '^#'\ntitle: '^#\\s*\\n(.+)$'\n")
    page = exports.split(Page("#\n甲区复工\n居民登记。\n"), exports.read_layouts(tmp_path)[tmp_path / "export.yml"])[0]
    assert (page.text, page.meta) == (" \n甲区复工\n居民登记。\n", {"title": "甲区复工", "record": "#"})


def test_a_preset_may_be_changed_in_part(tmp_path):
    (tmp_path / "x.export.yml").write_text("preset: wechat\nbetween: '^={5,}$'\n")
    layout = exports.read_layouts(tmp_path)[tmp_path / "x.export.yml"]
    assert (layout.cut, layout.name) == ("between", "wechat") and layout.fields["title"] == PRESETS["wechat"].fields[
        "title"
    ]


def test_an_export_yml_that_speaks_for_no_file_is_reported(tmp_path):
    (tmp_path / "a.txt").write_text("新区启动应急响应。", encoding="utf-8")
    (tmp_path / "b.export.yml").write_text("preset: wechat\n")
    assert texts.load(Study(corpus=tmp_path))[1]["problem"].tolist() == ["speaks for no file"]


@pytest.mark.parametrize(
    "text,word",
    [
        ("preset: wiser", "unknown preset 'wiser'; known are cnki, wisers"),
        ("begins: '^a'\ntittle: 'b'", "unknown entry 'tittle'"),
        ("title: 'b'", "begins, between, ends"),
        ("begins: '^a'\nends: 'b'", "begins, between, ends"),
        ("begins: 'a*'", "at least one character"),
        ("begins: '(a'", "pattern of 'begins' is not valid"),
        ("begins: [", "cannot be read"),
        ("wisers", "holds no entries"),
    ],
)
def test_a_broken_export_yml_stops_with_one_sentence(tmp_path, text, word):
    (tmp_path / "a.txt").write_text("新区启动应急响应。", encoding="utf-8")
    (tmp_path / "export.yml").write_text(text)
    with pytest.raises(CorpusError, match=re.escape(word)) as told:
        texts.load(Study(corpus=tmp_path))
    assert str(told.value).startswith("export.yml") and "\n" not in str(told.value)
