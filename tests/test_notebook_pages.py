"""An executed notebook as a page: complete in itself, asks for nothing, and what texts hold stays text."""

import re

import lxml.html
import pytest

from helpers import notebook_pages

BAD = "<script>window.taken=1</script>"
PAGES = [("04-which-words-stand-out.html", "04"), ("05-which-topics-recur.html", "05")]


def prose(text: str) -> dict:
    return {"cell_type": "markdown", "source": [text]}


def code(source: str, *outputs: dict) -> dict:
    return {"cell_type": "code", "source": source, "outputs": list(outputs)}


def data(alt: str = "", **kinds: str) -> dict:
    about = {"image/png": {"alt": alt}} if alt else {}
    shown = {kind.replace("_", "/"): text for kind, text in kinds.items()}
    return {"output_type": "display_data", "data": shown, "metadata": about}


@pytest.fixture(scope="module")
def page() -> str:
    cells = [
        prose(f"# Words 词\n\n{BAD}\n\nnext: [05](05-which-topics-recur.ipynb), [bad](javascript:taken())"),
        code(
            "figures.publish(fig, rows, slug, caption, study)",
            data('Figure 4.1: "War" & <peace>.', image_png="iVBO\nRw0K"),
        ),
        code("rows", data(text_html="<table><tr><td>防控</td></tr></table>", text_plain="防控")),
        code("show()", data(text_markdown=f"**{BAD}**"), {"output_type": "stream", "name": "stdout", "text": [BAD]}),
        code("1 / 0", {"output_type": "error", "traceback": ["\x1b[31mZeroDivisionError\x1b[0m", BAD]}),
    ]
    return notebook_pages.render({"cells": cells}, "04-which-words-stand-out", "青沔 & 浔川", PAGES)


def test_nothing_runs_and_nothing_is_asked_for(page):
    tree = lxml.html.fromstring(page)
    assert not tree.xpath("//script | //iframe | //link | //object") and page.count("&lt;script&gt;") == 4
    assert [url for url in tree.xpath("//@src") if not url.startswith("data:")] == []
    assert "default-src 'none'" in page and not re.search(r"url\((?!data:)|@import|href=\"(?:https?|javascript):", page)


def test_links_lead_to_pages_and_each_is_named_once(page):
    tree = lxml.html.fromstring(page)
    assert tree.xpath("//main//a/@href")[0] == "05-which-topics-recur.html"
    assert tree.xpath("//nav/a/@href") == ["../report.html", "05-which-topics-recur.html"]
    assert tree.xpath("//nav/*[@aria-current]/text()") == ["04"]


def test_a_figure_is_told_to_those_who_do_not_see_it(page):
    image = lxml.html.fromstring(page).xpath("//img")[0]
    assert image.get("alt") == 'Figure 4.1: "War" & <peace>.' and image.get("src") == "data:image/png;base64,iVBORw0K"


def test_tables_stay_tables_and_errors_lose_their_colours(page):
    tree = lxml.html.fromstring(page)
    assert tree.xpath("//td/text()") == ["防控"] and "\x1b" not in page
    assert "ZeroDivisionError" in tree.xpath("//div[contains(@class, 'error')]")[0].text_content()


def test_frames_that_scroll_have_names_of_their_own(page):
    names = lxml.html.fromstring(page).xpath("//*[@role='region']/@aria-label")
    assert len(names) > 5 and len(set(names)) == len(names)
