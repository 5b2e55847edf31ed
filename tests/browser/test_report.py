"""The report in a real browser: opened from disk, with a mouse, with the keyboard alone, on a narrow screen.

Accessibility is checked by the axe-core that comes with axe-playwright-python, or by the axe.min.js that AXE names.
"""

import importlib.util
import os
import re
import time
from pathlib import Path

import pytest

from helpers import report
from tests.test_report import hostile, study  # noqa: F401  (a fixture)


@pytest.fixture
def opened(chromium):
    """Opens a page from disk; after the test nothing must have been asked of the network and no error raised."""
    requests, errors, contexts = [], [], []

    def open_page(path: Path, width: int = 1280, height: int = 900, bypass_csp: bool = False):
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, bypass_csp=bypass_csp))
        page = contexts[-1].new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("dialog", lambda dialog: errors.append(dialog.message))
        page.goto(path.as_uri())
        page.wait_for_selector("#list li")
        return page

    yield open_page
    assert [url for url in requests if not url.startswith(("data:", "file:"))] == [] and errors == []
    assert len([url for url in requests if url.startswith("file:")]) == len(contexts)
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def path(study) -> Path:  # noqa: F811
    return report.publish(study)


def axe_core() -> Path:
    """The script of axe-core."""
    found = importlib.util.find_spec("axe_playwright_python")
    return Path(os.environ.get("AXE") or (Path(found.origin).with_name("axe.min.js") if found else "axe.min.js"))


def tab_to(page, selector: str, most: int = 600) -> None:
    """Press Tab until an element has the focus, as a reader without a mouse does."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    pytest.fail(f"{selector} is not reached by the keyboard")


def count(page) -> int:
    return int(re.match(r"[\d,]+", page.inner_text("#found"))[0].replace(",", ""))


def test_words_frames_and_places_filter_the_sentences(opened, path):
    page = opened(path)
    every = count(page)
    assert every > 1000 and page.locator("#list li").count() == 100
    page.fill("#q", "核酸")
    page.wait_for_function(
        "n => parseInt(document.querySelector('#found').textContent.replace(',', '')) < n", arg=every
    )
    some = count(page)
    assert set(page.locator("#list mark").all_inner_texts()) == {"核酸"}
    page.select_option("#by-1", index=1)
    page.wait_for_function("n => parseInt(document.querySelector('#found').textContent) < n", arg=some)
    page.click("button[type=reset]")
    page.wait_for_function("n => document.querySelector('#found').textContent.startsWith(n)", arg=f"{every:,} ")
    page.select_option("#frame", "war_metaphor")
    page.wait_for_function("() => document.querySelectorAll('#list mark').length > 20")
    assert page.locator("#list li").first.locator("mark").count() >= 1


def test_filters_that_leave_nothing_together_are_named(opened, path):
    page = opened(path)
    page.fill("#q", "查无此词")
    page.wait_for_function("() => document.querySelector('#found').textContent === '0 sentences of 0 articles.'")
    page.select_option("#frame", "war_metaphor")
    said = "0 sentences of 0 articles: Words, Frame apply together; clear one of them."
    page.wait_for_function("said => document.querySelector('#found').textContent === said", arg=said)


def test_words_in_context_stand_sorted_by_what_follows(opened, path):
    page = opened(path)
    page.fill("#q", "防控")
    page.select_option("#view", "right")
    page.wait_for_selector(".kwic")
    rights = page.locator(".kwic > :last-child").all_inner_texts()
    assert len(rights) > 10 and [r[:12] for r in rights] == sorted(r[:12] for r in rights)
    assert "places in" in page.inner_text("#found")


def test_a_word_in_a_table_leads_to_its_sentences_and_a_sentence_to_its_paragraph(opened, path):
    page = opened(path)
    figure = page.locator("#fig04-1-keywords")
    figure.locator("details.numbers summary").click()
    link = figure.locator("td a.find[lang], td[lang] a.find").first
    word = link.inner_text()
    link.click()
    assert page.input_value("#q") == word and page.evaluate("document.activeElement.id") == "sentences-name"
    page.wait_for_function("w => document.querySelector('#list mark')?.textContent === w", arg=word)
    page.wait_for_function(
        "() => Math.abs(document.querySelector('#sentences-name').getBoundingClientRect().top) < 200"
    )
    page.locator("#list summary").first.click()
    sentence = page.locator("#list summary bdi").first.inner_text()
    assert sentence in page.locator("#list .paragraph").first.inner_text()
    page.go_back()
    assert page.evaluate("location.hash") == ""


def test_the_browser_finds_as_many_sentences_as_the_figure_says(opened, path):
    page = opened(path)
    links = page.locator("a.find.all", has_text=re.compile("all"))
    assert links.count() > 30
    for number in range(0, links.count(), 9):
        said = int(re.sub(r"\D", "", links.nth(number).text_content()))
        links.nth(number).evaluate("link => { link.closest('details').open = true; link.click(); }")
        assert count(page) == said


def test_the_keyboard_alone_is_enough(opened, path):
    page = opened(path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    tab_to(page, "details.numbers summary")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open")
    tab_to(page, "#q")
    page.keyboard.type("防控")
    page.wait_for_function("() => document.querySelector('#list mark')?.textContent === '防控'")
    every = count(page)
    tab_to(page, "#frame")
    page.keyboard.press("ArrowDown")
    page.wait_for_function(
        "n => parseInt(document.querySelector('#found').textContent.replace(',', '')) < n", arg=every
    )
    tab_to(page, "#list summary")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_selector("#list details[open] .paragraph")
    tab_to(page, "#list summary")  # and no trap: the next sentence follows


def test_more_sentences_come_a_hundred_at_a_time(opened, path):
    page = opened(path)
    page.focus("#more")
    page.keyboard.press("Enter")
    assert page.locator("#list li").count() == 200
    assert page.evaluate("document.activeElement === document.querySelectorAll('#list summary')[100]")


@pytest.mark.parametrize("width", [320, 360, 800, 1400])
def test_no_screen_scrolls_sideways(opened, path, width):
    page = opened(path, width=width)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_text_does_nothing(opened, tmp_path):
    page = opened(report.publish(hostile(tmp_path)))
    for word in ("script", "防控", "<", "{{"):
        page.fill("#q", word)
        page.wait_for_function("w => document.querySelector('#list mark')?.textContent === w", arg=word)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.evaluate("window.taken") is None and page.locator("img[src=x]").count() == 0


def test_twenty_thousand_sentences_are_searched_between_two_strokes(opened, path, tmp_path):
    text = path.read_text(encoding="utf-8")
    begin = text.index('"rows":[') + len('"rows":[')
    end = text.index("]}</script>", begin)
    rows = ",".join([text[begin:end]] * 20)
    large = tmp_path / "large.html"
    large.write_text(text[:begin] + rows + text[end:], encoding="utf-8")
    start = time.perf_counter()
    page = opened(large)
    assert count(page) >= 20_000 and time.perf_counter() - start < 15
    took = page.evaluate(
        """() => { const q = document.getElementById('q'), times = [];
        for (const word of ['核', '核酸', '核酸检测', '居民 志愿者']) {
          q.value = word; const start = performance.now();
          document.getElementById('search').dispatchEvent(new Event('submit', {cancelable: true}));
          times.push(performance.now() - start); } return times; }"""
    )
    assert sorted(took)[len(took) // 2] < 250


def test_axe_finds_no_violation(opened, path):
    if not (axe := axe_core()).is_file():
        pytest.skip("axe-core is not at hand: install axe-playwright-python, or name an axe.min.js in AXE")
    for width in (360, 1400):
        page = opened(path, width=width, bypass_csp=True)
        page.evaluate("document.querySelectorAll('#corpus details, #removed details').forEach(d => { d.open = true; })")
        page.evaluate(axe.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [(v["id"], v["impact"], v["nodes"][0]["html"][:120]) for v in found] == []


def test_it_prints_without_controls(opened, path, tmp_path):
    pdfium = pytest.importorskip("pypdfium2")
    page = opened(path)
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    with pdfium.PdfDocument(tmp_path / "report.pdf") as pdf:
        words = "".join(pdf[number].get_textpage().get_text_bounded() for number in range(len(pdf)))
        sizes = {tuple(round(side) for side in pdf.get_page_size(number)) for number in range(len(pdf))}
    assert "How to cite" in words and "Clear all" not in words and "Show 100 more" not in words
    assert sizes <= {(595, 842), (596, 842)}  # A4 upright, every page
