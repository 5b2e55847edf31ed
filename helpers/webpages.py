"""A saved web page as text: every line a reader would see, which of them are the article, and what the page says of itself.

Bytes are decoded first and parsed then; trafilatura (Barbaresi 2021) only tells the article's lines from the rest.
"""

import html
import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import islice

from helpers import lexicon, metadata
from helpers.decoding import HAN_SIGN, Page, decode
from helpers.study import CorpusError

LABEL = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_-]+)""")
BLOCKS = frozenset(
    "address article aside blockquote br caption center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header hr li main nav ol option p pre section table tbody tfoot thead title tr ul".split()
)
UNSEEN = frozenset(("script", "style", "noscript", "template", "head"))
HIDING = re.compile(rf"<!--|<({'|'.join(sorted(UNSEEN))})\b", re.I)
HOUR_OF_WECHAT = re.compile(r"\bct\s*=\s*[\"'](\d{10})[\"']")
LARGE = 300_000  # characters of article beyond which lines are compared whole only
MANY = 20_000  # elements beyond which a page is no article: telling one from the rest would take minutes
SWOLLEN = re.compile(r"<(/?[A-Za-z][A-Za-z0-9]*)[^<>]{10000,}")  # a tag of thousands of attributes, or one without end


def read_html(data: bytes) -> Iterator[Page]:
    """Every visible line of a page, and which of them are the article; title, date and source where the page says so.

    Errors: CorpusError where nothing can be seen, with the reason: frames, scripts, or nothing at all.
    """
    label = LABEL.search(data[:4096])
    page = decode(data, label[1].decode("ascii") if label else "")
    tree = _tree(page.text)
    lines = _plain_lines(page.text) if tree is None else _visible_lines(tree)
    if not any(map(HAN_SIGN.search, lines)):
        raise CorpusError(_why_empty(page.text))
    said, headed = ({}, "") if tree is None else (_stated(tree), _head_title(tree))
    article = _article(tree)
    meta = ({"title": headed} if headed else {}) | _of_article(article) | said
    yield Page("\n".join(lines), page.encoding, meta, page.doubts, _main(lines, article, meta.get("title", "")))


def visible(markup: str) -> list[str]:
    """The lines a reader would see of a page or a piece of one.

    >>> visible("<p>新区启动<b>应急</b>响应。</p><p>居民&nbsp;登记。</p>")
    ['新区启动应急响应。', '居民\\xa0登记。']
    """
    tree = _tree(markup)
    return _plain_lines(markup) if tree is None else _visible_lines(tree)


def _tree(markup: str):
    """The parsed page, or None where even a lenient parser gives up."""
    from lxml import etree
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True)
    lean = SWOLLEN.sub(r"<\1 ", re.sub(r"^\s*<\?xml[^>]{0,200}\?>|\x00", "", markup))
    try:
        tree = lxml_html.document_fromstring(lean, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    cut_short = any(fault.type_name == "ERR_RESOURCE_LIMIT" for fault in parser.error_log)  # nested too deep to the end
    return None if cut_short else tree


def _plain_lines(markup: str) -> list[str]:
    """The way that needs no tree: what is never shown is cut out, then all tags; those of blocks end a line."""
    shown = "".join(_shown(markup))
    broken = re.sub(r"</?([A-Za-z][A-Za-z0-9]*)[^<>]{0,2000}>", lambda m: "\n" if m[1].lower() in BLOCKS else "", shown)
    return _lines_of(html.unescape(broken))


def _shown(markup: str) -> Iterator[str]:
    """What stands outside comments, scripts and their like; one that never closes hides nothing, and is looked for once."""
    place, endless = 0, set()
    for opened in HIDING.finditer(markup):
        closer = rf"</{opened[1].lower()}\s*>" if opened[1] else "-->"
        if opened.start() < place or closer in endless:
            continue
        if closed := re.compile(closer, re.I).search(markup, opened.end()):
            yield markup[place : opened.start()]
            place = closed.end()
        else:
            endless.add(closer)
    yield markup[place:]


def _visible_lines(tree) -> list[str]:
    """The text a browser would show, one line per block."""
    parts: list[str] = []
    for event, element in _walk(tree):
        tag = element.tag if isinstance(element.tag, str) else ""
        mark = "\n" if tag in BLOCKS else ""
        if event == "start":
            parts += [mark or (" " if tag in ("td", "th") else ""), "" if tag in UNSEEN else element.text or ""]
        else:
            parts += [mark, element.tail or ""]
    return _lines_of("".join(parts))


def _walk(tree) -> Iterator[tuple[str, object]]:
    """Start and end of every element in page order, skipping what is never shown; no recursion, so depth does not matter."""
    from lxml import etree

    hidden = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        unseen = element.tag in UNSEEN
        hidden += unseen if event == "start" else 0
        if not hidden or (hidden == 1 and unseen and event == "end"):
            yield event, element
        hidden -= unseen if event == "end" else 0


def _lines_of(text: str) -> list[str]:
    return [line for line in (re.sub(r"[ \t\r\f\v]+", " ", part).strip() for part in text.split("\n")) if line]


def _why_empty(markup: str) -> str:
    """problem|remedy of a page that shows no Chinese."""
    if re.search(r"<i?frame\b", markup, re.I):
        return "a page of frames: its text is in other files|Open the frame itself in a browser and save that page."
    if re.search(r"<script\b", markup, re.I):
        return (
            "a page that scripts fill in: no text in the file|Open it in a browser and save it once the text is shown."
        )
    return "no Chinese character in the page|Fetch it again, or remove it."


def _stated(tree) -> dict[str, str]:
    """title, date, publisher, site, as <meta>, JSON-LD or <time> say."""
    said: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("name") or element.get("property") or element.get("itemprop") or ""
        said.setdefault(name.lower(), " ".join((element.get("content") or "").split()))
    for element in tree.iter("script"):
        if "ld+json" in (element.get("type") or ""):
            said = {**_linked_data(element.text or ""), **said}
    for element in tree.xpath("//*[@id='js_name']"):  # WeChat: the account, and the hour as scripts fill it in
        said.setdefault("js_name", " ".join(element.text_content().split()))
        hours = (HOUR_OF_WECHAT.search(script.text or "") for script in tree.iter("script"))
        said.setdefault("publish_time", next((hour[1] for hour in hours if hour), ""))
    for element in tree.iter("time"):
        said.setdefault("time", element.get("datetime") or element.text_content().strip())
    found = metadata.chosen({name: value for name, value in said.items() if name and value}, "page")
    found["title"] = html.unescape(found.get("title", ""))[:300]
    found["date"] = metadata.iso(found.get("date", ""))
    found["publisher"] = re.sub(r"^(?:来源|來源|稿源)\s*[:：]\s*", "", found.get("publisher", ""))[:40]
    return {field: value for field, value in found.items() if value and (field != "title" or HAN_SIGN.search(value))}


def _head_title(tree) -> str:
    titles = (" ".join(element.text_content().split()) for element in tree.iter("title"))
    return next((html.unescape(t)[:300] for t in titles if HAN_SIGN.search(t) and not _names_site().fullmatch(t)), "")


@cache
def _names_site() -> re.Pattern:
    """A title that is only the name of a site (`page_words.csv`, masthead) and so on every page of it."""
    return re.compile(rf"[^\W\d_]{{1,8}}{lexicon.either(lexicon.words('page_words', 'word', kind='masthead'))}")


def _linked_data(text: str) -> dict[str, str]:
    """The strings of a JSON-LD block by their lower-case names; an organization goes by its name."""
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return {}
    data = data.get("@graph", data) if isinstance(data, dict) else data
    flat: dict[str, str] = {}
    for block in data if isinstance(data, list) else [data]:
        for key, value in block.items() if isinstance(block, dict) else ():
            value = value.get("name") if isinstance(value, dict) else value
            if isinstance(value, str) and value.strip():
                flat.setdefault(key.lower(), " ".join(value.split()))
    return flat


def _article(tree):
    """What trafilatura takes for the article, or None; it may change the tree, so it comes last."""
    import trafilatura

    if tree is None or next(islice(tree.iter(), MANY, None), None) is not None:
        return None
    try:
        return trafilatura.bare_extraction(
            tree, include_comments=False, include_tables=True, favor_recall=True, with_metadata=True
        )
    except Exception:  # it raises many kinds on odd pages; the lines are all there without it
        return None


def _of_article(article) -> dict[str, str]:
    """Title and day as trafilatura finds them; 1 January is what it makes of a bare year at the foot of a page."""
    title = " ".join((article and article.title or "").split())
    title = "" if _names_site().fullmatch(title) else title
    date = metadata.iso(article and article.date or "")
    found = {"title": title if HAN_SIGN.search(title) else "", "date": date if not date.endswith("-01-01") else ""}
    return {field: value for field, value in found.items() if value}


def _main(lines: list[str], article, title: str) -> frozenset[int] | None:
    """Numbers of the lines from the first to the last of the article, and of its title; None where too little was found."""
    text = article and article.text or ""
    whole = {re.sub(r"\s+", "", line) for line in text.split("\n")}
    squeezed = re.sub(r"\s+", "", text) if len(text) <= LARGE else ""
    bare = [re.sub(r"\s+", "", line) for line in lines]
    inside = [i for i, line in enumerate(bare, 1) if len(line) >= 8 and (line in whole or line in squeezed)]
    if sum(len(lines[i - 1]) for i in inside) < 80:
        return None
    title = re.sub(r"\W+", "", title)
    named = {i for i, line in enumerate(lines, 1) if len(line) <= 200 and _same(re.sub(r"\W+", "", line), title)}
    return frozenset(named.union(range(inside[0], inside[-1] + 1)))


def _same(line: str, title: str) -> bool:
    return len(line) >= 6 and (line in title or title in line and len(title) >= 6)
