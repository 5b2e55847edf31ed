"""The explorer without a browser: filters are set, pages are read, and no text of a corpus can act on the page."""

import re
import time
from types import SimpleNamespace

import lxml.html
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import explorer, pages, passages, store
from helpers.figures import both
from helpers.passages import Passages
from helpers.study import CorpusError, Study

pytest.importorskip("ipywidgets")
from helpers.explorer_widgets import FACTS, PAGE, Browser  # noqa: E402

NOTHING = {"text": "", "doc_id": "", "frame": "", "fact": "", "where": {}}
HOSTILE = "居民看到<script>window.taken=1</script>与<img src=x onerror=window.taken=1>，仍参加防控。"


@pytest.fixture(scope="module")
def study(results) -> Study:
    return Study(results=results)


@pytest.fixture(scope="module")
def corpus(study) -> Passages:
    return passages.load(study)


@pytest.fixture
def browser(corpus) -> Browser:
    return Browser(corpus, {}, lambda zh, en: both(zh, en), NOTHING, pages.table(corpus))


def shown(browser: Browser) -> list[str]:
    return [line.value for _, line in browser.results if line.value]


def bare(html: str) -> str:
    return lxml.html.fromstring(html).text_content()


# ---- what is found ----------------------------------------------------------------------------------------------------


def test_a_filter_finds_what_a_plain_look_through_finds(corpus):
    sentences = corpus.sentences
    expected = [i for i, text in enumerate(sentences["text"]) if "疫情" in text and "防控" in text]
    assert corpus.find(text="防控 疫情").tolist() == expected and len(expected) > 3
    assert corpus.find(text="疫情 防控 檢測").tolist() == corpus.find(text="疫情 防控 检测").tolist()
    place = corpus.articles["place"].iloc[0]
    own = corpus.articles.loc[corpus.articles["place"] == place, "doc_id"]
    assert sentences["doc_id"].iloc[corpus.find(where={"place": place})].unique().tolist() == own.tolist()
    assert corpus.find().tolist() == list(range(len(sentences)))


def test_every_coded_term_stands_where_its_mark_says(study, corpus):
    codes = store.load(study, "frames")
    codes = codes[~codes["negated"].astype(bool)]
    texts = corpus.sentences["text"]
    read = [texts[s][a:b] for s, a, b in corpus.frames[["sentence", "start", "end"]].itertuples(index=False)]
    assert len(read) == len(codes) and all(read)
    whole = codes[codes["kind"] == "term"]
    assert sum(word in set(whole["term"]) for word in read) >= 0.95 * len(whole)


def test_a_sentence_said_twice_keeps_its_own_marks(corpus):
    said = ["加油！", "全镇打响阻击战。", "加油！"]
    sentences = pd.DataFrame({"doc_id": "甲", "paragraph": 1, "text": said})
    tables = {"paragraphs": pd.DataFrame({"doc_id": ["甲"], "paragraph": [1], "text": ["".join(said)]})}
    hit = {"doc_id": ["甲"], "paragraph": [1], "frame": ["war"], "start": [11], "end": [13], "negated": [False]}
    twice = Passages(corpus.articles, sentences, (), tables | {"frames": pd.DataFrame(hit)})
    assert twice.frames.values.tolist() == [[2, "war", 0, 2]]


def test_facts_lie_in_the_sentence_they_were_read_from(study, corpus):
    facts, texts = corpus.facts, corpus.sentences["text"]
    assert set(facts["what"]) == set(FACTS)
    for name in ("dates", "quantities"):
        table, marks = store.load(study, name), facts[facts["what"] == name]
        assert (marks["end"] > marks["start"]).mean() > 0.95
        words = set(table["surface"])
        placed = marks[marks["end"] > 0]
        assert all(texts[s][a:b] in words for s, _, a, b in placed.itertuples(index=False))
        held = {(corpus.sentences["doc_id"][s], texts[s][a:b]) for s, _, a, b in placed.itertuples(index=False)}
        given = set(zip(table["doc_id"], table["surface"], strict=True))
        assert len(given - held) <= 0.03 * len(given)
    quoted = corpus.sentences["voice"].eq("speech").to_numpy().nonzero()[0]
    assert set(quoted) <= set(corpus.find(fact="speech"))


def test_a_filter_by_a_column_that_is_not_there_says_so(corpus):
    with pytest.raises(CorpusError, match="no column weather"):
        corpus.find(where={"weather": "rain"})


def test_ten_thousand_sentences_are_filtered_and_drawn_in_a_tenth_of_a_second(corpus):
    times = lambda frame: pd.concat(  # noqa: E731
        [frame.assign(doc_id=frame["doc_id"].astype("str") + f"#{i}") for i in range(10)], ignore_index=True
    )
    tables = {name: times(table) for name, table in corpus.tables.items()}
    large = Passages(times(corpus.articles), times(corpus.sentences), corpus.columns, tables)
    browser = Browser(large, {}, lambda zh, en: en, {**NOTHING, "frame": "war_metaphor", "fact": "dates"}, "")
    assert len(large.sentences) > 10_000
    spent = []
    for widget, value in [(browser.frame, ""), (browser.text, "防控"), (browser.fact, ""), (browser.text, "疫情 防控")]:
        start = time.perf_counter()
        widget.value = value
        spent.append(time.perf_counter() - start)
    assert sorted(spent)[2] < 0.1 and len(browser.rows) == 10 * len(corpus.find(text="疫情 防控"))


# ---- what is shown ----------------------------------------------------------------------------------------------------


def test_typing_shows_the_count_and_marks_the_word(corpus, browser):
    browser.text.value = "防控"
    found = corpus.find(text="防控")
    assert f"{len(found):,} of {len(corpus.sentences):,}" in bare(browser.count.value)
    assert len(shown(browser)) == min(PAGE, len(found)) and all("<mark>防控</mark>" in line for line in shown(browser))
    assert bare(shown(browser)[0]).startswith(corpus.sentences["text"][found[0]])


def test_pages_turn_to_the_last_and_no_further_and_a_filter_goes_back_to_the_first(corpus, browser):
    seen = []
    for _ in range(200):
        seen += browser._shown()
        if browser.after.disabled:
            break
        browser.after.click()
    assert seen == list(range(len(corpus.sentences)))
    browser.after.click()
    assert browser._shown() == seen[-len(browser._shown()) :] and not browser.before.disabled
    browser.text.value = "防控"
    assert browser.page == 0 and browser.before.disabled


def test_nothing_found_says_so_and_offers_nothing_to_open(browser):
    browser.text.value = "查无此词"
    assert bare(browser.count.value).split(" 0 of ")[0] and shown(browser) == []
    assert all(button.layout.display == "none" for button, _ in browser.results)


def test_filters_that_leave_nothing_together_say_what_to_do(browser):
    browser.text.value = "查无此词"
    assert "clear" not in bare(browser.count.value), "one filter alone"
    browser.fact.value = "dates"
    assert "filters apply together, clear one of them" in bare(browser.count.value)
    browser.text.value = ""
    assert "clear" not in bare(browser.count.value) and shown(browser)


def test_frames_stand_in_the_order_of_the_codebook(corpus):
    names = {"warmth": "温情", "war_metaphor": "战争隐喻"}
    browser = Browser(corpus, names, lambda zh, en: en, NOTHING, "")
    told = set(corpus.tables["frames"]["frame"])
    rest = sorted(told - names.keys())
    assert [frame for _, frame in browser.frame.options[1:]] == [*filter(told.__contains__, names), *rest]


@pytest.mark.parametrize("name", ["frame", "fact"])
def test_each_choice_of_a_list_finds_only_sentences_that_have_it(corpus, browser, name):
    choice = getattr(browser, name)
    for _, value in choice.options[1:]:
        choice.value = value
        marks = corpus.frames if name == "frame" else corpus.facts
        assert set(browser.rows) == set(marks.loc[marks["what"] == value, "sentence"])


def test_opening_a_line_shows_its_page_beside_its_text(corpus, browser):
    browser.text.value = "防控"
    row = browser._shown()[2]
    browser.results[2][0].click()
    page = lxml.html.fromstring(browser.article.value)
    sentence = corpus.sentences.iloc[row]
    lines = corpus.tables["lines"]
    lines = lines[(lines["doc_id"] == sentence["doc_id"]) & (lines["zone"] != "blank")]
    ledger = [item.text_content() for item in page.iter("li")]
    assert len(ledger) == len(lines) and all(
        item.startswith(f"{line.line}{line.zone}") for item, line in zip(ledger, lines.itertuples(), strict=True)
    )
    assert "".join(page.xpath('//*[@class="here"]//text()')) == sentence["text"]
    assert {mark.text for mark in page.xpath("//section[2]//mark")} == {"防控"}
    marked = "".join(page.xpath("//section[1]//mark//text()"))
    assert marked and marked in corpus.tables["lines"]["text"].str.cat(sep="\n")
    browser.close.click()
    assert browser.article.value == "" and browser.close.layout.display == "none"


def test_every_sentence_of_an_article_is_marked_on_its_page(corpus):
    lines = corpus.tables["lines"].set_index(["doc_id", "line"])["text"]
    for row in range(0, len(corpus.sentences), 40):
        page, sentence = lxml.html.fromstring(pages.article(corpus, row)), corpus.sentences.iloc[row]
        first = page.xpath("//section[1]//li[.//mark]/span[1]/text()")[0]
        marked = page.xpath("//section[1]//mark")[0].text
        assert int(first) == sentence["line"] and marked in lines[sentence["doc_id"], sentence["line"]]
        assert len("".join(page.xpath("//section[1]//mark/text()"))) >= 0.9 * len(sentence["text"])


def test_a_line_of_text_is_shown_whole_and_one_that_was_dropped_is_cut():
    line = SimpleNamespace(line=1, zone="body", action="keep", text="甲" * 400 + "乙", start=0, end=401)
    assert "<mark>乙</mark>" in pages._raw_line(line, 400, 401)
    line.action = "drop"
    assert bare(pages._raw_line(line, 500, 501)).endswith("甲" * pages.LONGEST + "…")


def test_the_browser_opens_on_what_is_asked_for_even_where_nothing_has_it(corpus):
    browser = Browser(corpus, {}, lambda zh, en: en, {**NOTHING, "frame": "unheard_of"}, "")
    assert len(browser.rows) == 0 and browser.frame.value == "unheard_of"


# ---- without a reader -------------------------------------------------------------------------------------------------


def test_without_a_notebook_a_plain_table_stands_in(study, corpus):
    html = explorer.show(study, text="防控").data
    table = lxml.html.fromstring(f"<div>{html}</div>")
    found = corpus.find(text="防控")
    assert len(table.xpath("//tbody/tr")) == min(pages.STATIC, len(found))
    assert not table.xpath("//script|//style|//*[@style]|//*[@onclick]") and f"{len(found):,} of" in html


def test_a_page_made_of_the_notebook_finds_the_table_beside_the_widget(browser):
    bundle = browser._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle and bundle["text/html"].startswith("<p>")


@pytest.mark.parametrize("absent", ["quiet run", "no ipywidgets", "live"])
def test_the_widgets_come_only_where_someone_can_use_them(monkeypatch, absent):
    notebook = type("Shell", (), {"kernel": object()})()
    monkeypatch.setattr(explorer, "get_ipython", lambda: notebook)
    monkeypatch.delenv("NB_QUIET", raising=False)
    if absent == "quiet run":
        monkeypatch.setenv("NB_QUIET", "1")
    if absent == "no ipywidgets":
        monkeypatch.setattr(explorer, "find_spec", lambda name: None)
    assert explorer.live() == (absent == "live")


# ---- text stays text --------------------------------------------------------------------------------------------------


def test_no_text_of_a_corpus_acts_on_the_page(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a<b>.txt").write_text(f"新区<i>纪实</i>\n{HOSTILE}\n干部连夜进村，群众齐声说好。", encoding="utf-8")
    (folder / "c.txt").write_text("镇里组织志愿者把蔬菜送到居民门口。", encoding="utf-8")
    (folder / "articles.csv").write_text(
        'file,place,publisher\na<b>.txt,<u>甲区</u>,"</p><img src=x>"\nc.txt,乙县,丙报\n', encoding="utf-8"
    )
    corpus = passages.load(Study(corpus=folder, results=tmp_path / "out"))
    browser = Browser(corpus, {}, lambda zh, en: en, {**NOTHING, "text": "防控"}, pages.table(corpus))
    browser.open(browser._shown()[0])
    for html in (browser.article.value, browser.plain, *shown(browser)):
        assert not lxml.html.fromstring(f"<div>{html}</div>").xpath("//script|//img|//i|//u|//b")
    assert "<script>window.taken=1</script>" in bare(browser.article.value)


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=4))
def test_marking_changes_no_character(text, spans):
    spans = [(min(a, b, len(text)), min(max(a, b), len(text))) for a, b in spans]
    html = pages.marked(text, spans)
    pieces = re.split(r"</?mark>", html)
    undone = [
        piece.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&#x27;", "'")
        for piece in pieces
    ]
    undone = [piece.replace("&amp;", "&") for piece in undone]
    covered = {i for a, b in spans for i in range(a, b)}
    assert "".join(undone) == text
    assert sum(map(len, undone[1::2])) == len(covered)
