"""The page a colleague gets: complete in itself, the same every time, and text in it stays text."""

import base64
import hashlib
import io
import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from urllib.parse import unquote

import lxml.html
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from helpers import evidence, extracts, figures, findings, report, report_page, store
from helpers.captions import Caption
from helpers.study import ROOT, Study

HOSTILE = (
    "社区公告写着<script>window.taken=1</script>，居民都看到了。",
    "值班员记下</script><img src=x onerror=window.taken=1>这一行，随后报告。",
    "喇叭里说“\u202e防控\u202c”，又说'防控'与\"防控\"，&lt;b&gt;并不加粗。",
    "表格里有{{ 7 * 7 }}和${7*7}，还有<!-- 注释 -->与]]>，志愿者照抄不误。",
    "𠮷家村打响疫情防控阻击战，\u2028干部连夜进村，群众齐声说好。",
)
CAPTION = {
    "zh": Caption("“战”字</p><script>window.taken=1</script>", "一 & 二", "x", "y"),
    "en": Caption('<b>"War"</b> & </figure> words', "1 & 2", "x", "y"),
}

SAID = "- **防控** 3 (fig04-1, fig09-9) <img src=x onerror=window.taken=1>\n- [甲](https://example.org) ![](http://example.org/a.png)"
CLOSED = {
    "cells": [
        {"cell_type": "markdown", "source": ["# Words\n"]},
        {"cell_type": "code", "source": [], "outputs": [{"data": {"text/markdown": ["no finding"]}}]},
        {"cell_type": "markdown", "source": ["## What we found\n"]},
        {
            "cell_type": "code",
            "source": ["x"],
            "outputs": [{"data": {"text/markdown": [SAID]}}, {"text": ["a warning"]}],
        },
        {"cell_type": "markdown", "source": ["## How far to trust it\n", "\n", "Not *far*."]},
        {"cell_type": "markdown", "source": ["## Next\n", "\n", "on"]},
    ]
}


def hostile(folder) -> Study:
    """A corpus and a figure whose every text tries to be markup."""
    corpus = folder / "corpus"
    corpus.mkdir()
    name = '"><img src=x onerror=window.taken=1>.txt'
    (corpus / name).write_text("\n".join(["新区防控<b>纪实</b>", *HOSTILE]), encoding="utf-8")
    (corpus / "plain.txt").write_text("镇里组织志愿者把蔬菜送到居民门口。\n大家都说心里踏实多了。", encoding="utf-8")
    (corpus / "articles.csv").write_text(
        'file,place,year,outlet_type\n"""><img src=x onerror=window.taken=1>.txt",<i>甲区</i>,2020,a&b\nplain.txt,乙县,2022,a&b\n',
        encoding="utf-8",
    )
    study = Study(corpus=corpus, results=folder / "out")
    figures.setup()
    fig, ax = plt.subplots(figsize=(3, 2))
    ax.set_title("<防控> & 100% #1")
    numbers = pd.DataFrame({"term": ["防控", "</script>"], "n": [3, 1]})
    figures.publish(fig, numbers, "fig04-1-words", CAPTION, study)
    (study.folder / "notebooks").mkdir(parents=True)
    (study.folder / "notebooks" / "04-which-words-stand-out.ipynb").write_text(json.dumps(CLOSED), encoding="utf-8")
    return study


@pytest.fixture(scope="module")
def hostile_study(tmp_path_factory) -> Study:
    return hostile(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def study(results) -> Study:
    """The sample with the numbers and captions that are kept in the repository."""
    sample = Study(results=results)
    kept = ROOT / "results" / "sample" / "figures"
    sample.figures.mkdir(parents=True, exist_ok=True)
    for path in [*kept.glob("fig*.csv"), *kept.glob("fig*.md"), *kept.glob("fig08-2*.png")]:
        shutil.copy(path, sample.figures)
    return sample


@pytest.fixture(scope="module")
def page(study) -> str:
    return report.publish(study).read_text(encoding="utf-8")


def carried(page: str) -> dict:
    return json.loads(lxml.html.fromstring(page).get_element_by_id("data").text)


# ---- text stays text --------------------------------------------------------------------------------------------------


def test_hostile_text_stays_text(hostile_study):
    page = report.publish(hostile_study).read_text(encoding="utf-8")
    tree = lxml.html.fromstring(page)
    assert [script.get("type") for script in tree.iter("script")] == ["application/json", None]
    assert [image.get("src")[:19] for image in tree.iter("img")] == ["data:image/svg+xml;"]
    assert not list(tree.iter("b", "i")) and not tree.xpath("//@onerror")
    texts = [row[4] for row in carried(page)["rows"]]
    assert texts == store.load(hostile_study, "sentences")["text"].tolist()
    assert any("</script><img src=x" in text for text in texts) and any("{{ 7 * 7 }}" in text for text in texts)
    assert tree.xpath("//figcaption/div/p")[0].text_content() == CAPTION["zh"].sentence


def test_what_a_notebook_found_stands_before_its_figures(hostile_study):
    tree = lxml.html.fromstring(report.publish(hostile_study).read_text(encoding="utf-8"))
    chapter = tree.get_element_by_id("part-04")
    assert [h.text_content() for h in chapter.iter("h3")] == [
        "What we found 发现",
        "How far to trust it 可信程度",
        "Figure 4.1 图 4.1",
    ]
    found, trust = chapter.xpath(".//div[@class='found']")
    assert found.text_content().split() == [
        "防控",
        "3",
        "(fig04-1,",
        "fig09-9)",
        "<img",
        "src=x",
        "onerror=window.taken=1>",
        "甲",
    ]
    assert found.xpath(".//@href") == ["#fig04-1-words"] and trust.text_content().strip() == "Not far."


def test_before_a_notebook_has_run_it_has_found_nothing(tmp_path):
    assert findings.read(tmp_path / "04-which-words-stand-out.ipynb", []) == {}
    told = findings.read(ROOT / "notebooks" / "08-does-framing-differ.ipynb", ["fig08-2-differences"])
    assert set(told) == {"found", "trust"} and '<a href="#fig08-2-differences">fig08-2</a>' in told["found"]


def test_the_policy_allows_the_script_of_the_page_and_nothing_else(page):
    tree = lxml.html.fromstring(page)
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    (script,) = tree.xpath("//script[not(@type)]")
    assert f"'sha256-{base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()}'" in policy
    assert "default-src 'none'" in policy and "http" not in policy


def test_nothing_is_fetched(page, hostile_study):
    for text in (page, report.publish(hostile_study).read_text(encoding="utf-8")):
        tree = lxml.html.fromstring(text)
        addresses = tree.xpath("//@src | //@href | //@srcset | //@action | //@poster | //@data")
        assert addresses and [a for a in addresses if not a.startswith(("data:", "#"))] == []
        style = "".join(tree.xpath("//style/text()"))
        assert "@import" not in style and re.findall(r"url\((?!data:)", style) == []


def test_a_drawing_is_the_same_after_it_has_been_an_address(hostile_study):
    path = hostile_study.figures / "fig04-1-words.svg"
    address, width, height = report_page.picture(path)
    drawing = unquote(address.removeprefix("data:image/svg+xml;charset=utf-8,"))
    old, new = (lxml.etree.fromstring(text.encode()) for text in (path.read_text(encoding="utf-8"), drawing))
    shape = lambda tree: [(e.tag, e.get("d", "").split(), e.get("style")) for e in tree.iter() if e.get("d")]  # noqa: E731
    assert shape(old) == shape(new) != [] and not set('"#&') & set(address)
    assert (width, height) == (round(float(old.get("width")[:-2])), round(float(old.get("height")[:-2])))


def test_a_very_large_drawing_goes_in_as_a_picture(hostile_study, monkeypatch):
    monkeypatch.setattr(report_page, "LARGEST_SVG", 10)
    address, width, _ = report_page.picture(hostile_study.figures / "fig04-1-words.svg")
    assert address.startswith("data:image/png;base64,iVBOR") and width > 300
    assert report_page.picture(hostile_study.figures / "fig99-1-none.svg") == ("", 0, 0)


# ---- the page ---------------------------------------------------------------------------------------------------------


def test_the_same_results_give_the_same_bytes(study, page):
    assert report.publish(study).read_text(encoding="utf-8") == page


def test_every_character_that_a_font_has_is_in_the_page(page, hostile_study):
    for text in (page, report.publish(hostile_study).read_text(encoding="utf-8")):
        fonts = re.findall(r"url\(data:font/woff;base64,([^)]+)\)", text)
        held = {c for f in fonts for c in TTFont(io.BytesIO(base64.b64decode(f))).getBestCmap()}
        shipped = {c for path in figures.FONTS for c in TTFont(io.BytesIO(path.read_bytes())).getBestCmap()}
        written = set(re.sub(r"@font-face.*", "", text))
        assert {chr(c) for c in {*map(ord, written)} & shipped - held} == set()


def test_the_page_can_be_read_by_everyone(page):
    tree = lxml.html.fromstring(page)
    assert tree.get("lang") == "en" and all(image.get("alt") for image in tree.iter("img"))
    levels = [int(heading.tag[1]) for heading in tree.iter("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1 and all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))
    ids = Counter(tree.xpath("//@id"))
    assert max(ids.values()) == 1
    named = tree.xpath("//@href[starts-with(., '#')]") + [
        f"#{i}" for i in tree.xpath("//@aria-labelledby | //label/@for")
    ]
    assert {target[1:] for target in named} <= set(ids)
    assert tree.xpath("//th[not(@scope)]") == [] and tree.xpath("//input[not(@id)] | //select[not(@id)]") == []
    assert tree.xpath("//figcaption/div[1]/@lang") == ["zh-Hans"] * len(list(tree.iter("figure"))) != []


def test_every_figure_has_captions_numbers_and_a_line_to_cite(study, page):
    tree = lxml.html.fromstring(page)
    index = figures.index(study)
    assert [figure.get("id") for figure in tree.iter("figure")] == index["slug"].tolist()
    for figure, row in zip(tree.iter("figure"), index.itertuples(), strict=True):
        assert [p.text_content() for p in figure.xpath("figcaption/div/p")] == [row.sentence_zh, row.sentence_en]
        assert len(figure.xpath("details[@class='numbers']//tbody/tr")) == min(row.rows, report.MOST_ROWS)
        assert figures.citation(study, row.slug) in figure.xpath("string(p[contains(@class, 'cite')])")
        for address in figure.xpath(".//a[@download]/@href"):
            assert base64.b64decode(address.partition(",")[2]) == (study.figures / f"{row.slug}.csv").read_bytes()


def test_the_design_counts_every_counted_article_once(study):
    table = report.design(report._counted(store.load(study, "articles"), study), report.DESIGN)
    assert table["names"] == ["place", "outlet_type", "year"]
    assert sum(n for _, counts in table["rows"] for n in counts) == 24 == len(store.counted(study))
    assert [sum(span for _, span in level) for level in table["heads"]] == [6, 6]


def test_a_design_of_which_little_is_known():
    assert report.design(pd.DataFrame({"doc_id": ["a"]}), report.DESIGN)["rows"] == []
    half = pd.DataFrame({"year": pd.array([2020, None], dtype="Int64")})
    assert report.design(half, report.DESIGN)["rows"] == [("2020", [1]), ("not stated 未注明", [1])]


def test_every_removed_line_is_shown_once_with_its_rule(study):
    lines, articles = store.load(study, "lines"), store.load(study, "articles")
    gone = lines[(lines["action"] == "drop") & (lines["zone"] != "blank")]
    parts = report.removed(lines, articles)
    shown = [(part["doc_id"], line["line"], line["rule"]) for part in parts for line in part["lines"]]
    assert sorted(shown) == sorted(gone[["doc_id", "line", "rule"]].itertuples(index=False, name=None))
    assert all(part["n"] == sum(part["rules"].values()) for part in parts)


def test_a_large_corpus_says_what_it_leaves_out(study, monkeypatch):
    monkeypatch.setattr(report, "MOST_SENTENCES", 100)
    monkeypatch.setattr(report, "MOST_LINES", 5)
    page = report.render(study)
    rows = carried(page)["rows"]
    assert (
        50 < len(rows) <= 100
        and f"carries {len(rows)} of 1,1" in page
        and "more lines stand in tables/lines.csv" in page
    )


# ---- the sentences behind the numbers ---------------------------------------------------------------------------------


def test_hits_mark_the_words_that_were_coded(study, page):
    told = carried(page)
    codes = store.load(study, "frames")
    marks = Counter()
    for row in told["rows"]:
        units = row[4].encode("utf-16-le")
        for frame, start, end, _ in row[5]:
            marks[told["frames"][frame], units[start * 2 : end * 2].decode("utf-16-le")] += 1
    coded = Counter(zip(codes["frame"].astype(str), codes["term"], strict=True))
    plain = Counter({key: n for key, n in marks.items() if key in coded})
    assert sum(marks.values()) >= 0.99 * len(codes) and sum(plain.values()) >= 0.95 * len(codes)


@pytest.mark.parametrize(
    ("labels", "name"), [("zh", "战争隐喻"), ("en", "War metaphor"), ("both", "战争隐喻 War metaphor")]
)
def test_frames_are_named_in_the_languages_of_the_study(study, labels, name):
    shown = lxml.html.fromstring(report.render(replace(study, labels=labels)))
    frames = {option.get("value"): option.text for option in shown.get_element_by_id("frame")}
    behind = shown.xpath("//*[@id='fig08-2-differences']//details[@class='behind']//dt/text()")
    assert frames["war_metaphor"] == name and name in map(str.strip, behind)


def test_behind_a_figure_stand_sentences_that_have_what_it_counts(study):
    corpus = extracts.load(study, report.MOST_SENTENCES)
    found = 0
    for path in sorted(study.figures.glob("fig*.csv")):
        for value in evidence.behind(path.stem, evidence.read_numbers(path), corpus, {}, study):
            assert len(value.lines) == min(value.total, evidence.EACH)
            assert all(any(hit for _, hit in line.pieces) for line in value.lines)
            found += 1
            if set(value.find) == {"q"} and " " not in value.find["q"]:
                assert value.total == sum(value.find["q"] in text for text in corpus.texts)
    assert found > 100


def test_a_fact_leads_to_the_sentence_it_was_read_from(study):
    corpus = extracts.load(study, report.MOST_SENTENCES)
    for name in ("dates", "quantities"):
        store.load(study, name)
        facts = evidence.read_numbers(study.tables / f"{name}.csv")
        sources = list(evidence._facts(facts, facts, corpus))
        whole = [s for s in sources if any(hit for line in s.lines for _, hit in line.pieces)]
        assert len(sources) == evidence.VALUES * evidence.EACH and len(whole) >= 0.8 * len(sources)


@given(st.text(alphabet="防控战疫𠮷。a", max_size=12), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12))))
def test_marked_pieces_are_the_text_and_the_spans(text, pairs):
    spans = [(min(a, b, len(text)), min(max(a, b), len(text))) for a, b in pairs]
    pieces = evidence.marked(text, spans)
    assert "".join(piece for piece, _ in pieces) == text
    inside = [any(a <= i < b for a, b in spans) for i in range(len(text))]
    assert [hit for piece, hit in pieces for _ in piece] == inside
    assert all(a[1] != b[1] for a, b in zip(pieces, pieces[1:], strict=False))


@given(st.text(alphabet="防𠮷a\U0001f600", max_size=8), st.integers(0, 8), st.integers(0, 8))
def test_spans_counted_as_a_browser_counts_cut_the_same_text(text, a, b):
    start, end = sorted((min(a, len(text)), min(b, len(text))))
    first, last = extracts.utf16(text, start, end)
    assert text.encode("utf-16-le")[first * 2 : last * 2].decode("utf-16-le") == text[start:end]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.integers(1, 60))
def test_documents_carried_are_whole_and_within_the_limit(sizes, most):
    doc_ids = pd.Series([str(doc) for doc, n in enumerate(sizes) for _ in range(n)])
    kept = extracts.spread(doc_ids, most)
    assert len(kept) == 1 or doc_ids.isin(kept).sum() <= most
    assert (len(kept) == len(sizes)) == (sum(sizes) <= most or len(sizes) == 1)
