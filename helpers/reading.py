"""From the bytes of one file to text: encodings, formats, and an honest word on what could not be read.

Every reader returns `Page`s: the text as found, the encoding, and what was doubtful about it. A declared or marked
encoding goes first; a guess is made only between the encodings Chinese pages really use, and replaced bytes are counted.
"""

import hashlib
import html
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from helpers.glyphs import HAN
from helpers.study import LEXICON, CorpusError


@dataclass(frozen=True)
class Page:
    """One article as found: `text`, `encoding`, what the file itself says of it, and doubts (problem, remedy).

    `main` holds the numbers of the lines that belong to the article where a page carries more than that; None: all may.
    `sha256` is that of the file's bytes.
    """

    text: str
    encoding: str = ""
    meta: dict = field(default_factory=dict)
    doubts: tuple[tuple[str, str], ...] = ()
    main: frozenset[int] | None = None
    sha256: str = ""


ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb-2312": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "utf8": "utf-8",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
LABEL = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_-]+)""")
MOJIBAKE = re.compile(r"锟斤拷|烫烫烫|Ã[\x80-\xbf]|ä¸|å[\x80-\xbf]|ï¼|â€|鐨勶|涓€|绗簩|鏂板啝")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")


@cache
def _common() -> frozenset[str]:
    """The characters most of any modern Chinese text is made of, Simplified and Traditional."""
    return frozenset((LEXICON / "common_characters.txt").read_text(encoding="utf-8"))


def plausibility(text: str) -> float:
    """How much `text` looks like Chinese: share of common characters among all beyond ASCII, less what is odd.

    >>> plausibility("疫情防控") > plausibility("鐤儏闃叉帶")
    True
    """
    wide = re.sub(r"[\x00-\x7f]", "", text[:20_000])
    if not wide:
        return 1.0
    good = sum(c in _common() or "\u3000" <= c <= "\u303f" or "\uff00" <= c <= "\uff5e" for c in wide)
    return (good - 3 * len(re.findall(r"[\ue000-\uf8ff\ufffd\u0080-\u009f]", wide))) / len(wide)


def decode(data: bytes, declared: str = "") -> Page:
    """The text of `data`: byte order mark, then UTF-8, then the declared label, then GB18030 against Big5 by likeness.

    >>> decode("新区启动应急响应".encode("gbk")).encoding
    'gb18030'
    >>> decode("防疫".encode("utf-8-sig")).text
    '防疫'
    """
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _lenient(data, name)
    if wide := _utf16_without_mark(data):
        return _lenient(data, wide)
    declared = ALIASES.get(declared.lower().replace("_", "-"), declared.lower())
    strict = [name for name in dict.fromkeys(("utf-8", declared, "gb18030", "big5hkscs")) if _decodes(data, name)]
    if "utf-8" in strict:
        return _checked(data.decode("utf-8"), "utf-8")
    if declared in strict and plausibility(data.decode(declared)) > 0.5:
        return _checked(data.decode(declared), declared)
    if strict:
        best = max(strict, key=lambda name: plausibility(data.decode(name)))
        return _checked(data.decode(best), best)
    best = max(("utf-8", "gb18030", "big5hkscs"), key=lambda name: plausibility(data.decode(name, "replace")))
    return _lenient(data, best)


def _decodes(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return False
    return bool(name)


def _utf16_without_mark(data: bytes) -> str:
    """UTF-16 without a mark: nearly everything is a common character in that reading, and in no other."""
    head = data[:4096]
    if len(head) < 4 or len(data) % 2 or (0 not in head and _decodes(data, "utf-8")):
        return ""
    likely = {name: _expected(head.decode(name, "replace")) for name in ("utf-16-le", "utf-16-be")}
    best = max(likely, key=likely.get)
    return best if likely[best] > 0.75 else ""


def _expected(text: str) -> float:
    """Share of characters that a Chinese page is expected to hold: common Han, punctuation, printable ASCII."""
    good = sum(
        c in _common()
        or " " <= c <= "~"
        or c in "\r\n\t"
        or "\u3000" <= c <= "\u303f"
        or "\uff00" <= c <= "\uff5e"
        or c in "“”‘’—…·"
        for c in text
    )
    return good / len(text) if re.search(f"[{HAN}]", text) else 0.0


def _lenient(data: bytes, name: str) -> Page:
    text = data.decode(name, "replace")
    lost = text.count("\ufffd") - (data.decode(name, "ignore").count("\ufffd"))
    page = _checked(text, name)
    if not lost:
        return page
    doubt = (
        f"{lost} byte sequence(s) are not valid {name} and were replaced by \ufffd",
        "Save the file again as UTF-8 from its source, or accept the loss.",
    )
    return Page(text, name, {}, (doubt, *page.doubts))


def _checked(text: str, name: str) -> Page:
    """The text with a doubt where it reads like a page decoded twice."""
    doubts = []
    if len(MOJIBAKE.findall(text[:200_000])) >= 3:
        doubts.append(
            (
                "looks garbled (mojibake): decoded wrongly before it was saved",
                "Fetch the page again; it cannot be repaired safely.",
            )
        )
    return Page(text, name, {}, tuple(doubts))


def is_binary(data: bytes, text: str) -> bool:
    """True where a file named like a text is none: control bytes beyond what any text holds."""
    return (
        len(CONTROL.findall(text[:20_000])) > max(2, len(text[:20_000]) // 200)
        or b"\x00\x00\x00" in data[:4096]
        and "\x00" in text[:4096]
    )


def read_text(data: bytes) -> Iterator[Page]:
    page = decode(data)
    if is_binary(data, page.text):
        raise CorpusError("not a text file although its name says so|Remove it, or save its text as .txt in UTF-8.")
    yield page


BLOCKS = frozenset(
    "address article aside blockquote br caption center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header hr li main nav ol option p pre section table tbody tfoot thead title tr ul".split()
)


def read_html(data: bytes) -> Iterator[Page]:
    """Every visible line of a page, and which of them are the article (by trafilatura); title and date where the page says so."""
    import trafilatura

    label = LABEL.search(data[:2048])
    page = decode(data, label.group(1).decode("ascii") if label else "")
    lines = _visible_lines(page.text)
    found = (
        trafilatura.extract(
            page.text, include_comments=False, include_tables=True, favor_recall=True, output_format="txt"
        )
        or ""
    )
    about = trafilatura.extract_metadata(page.text)
    named = [about and about.title, *re.findall(r"<title[^>]{0,200}>([^<]{1,300})</title>", page.text, re.I)]
    title = next((" ".join(html.unescape(t).split()) for t in named if t and re.search(f"[{HAN}]", t)), "")
    meta = {key: value for key, value in (("title", title), ("date", about and about.date)) if value}
    squeezed = re.sub(r"\s+", "", found)
    inside = [i for i, line in enumerate(lines, 1) if len(bare := re.sub(r"\s+", "", line)) >= 8 and bare in squeezed]
    main = frozenset(
        i
        for i, line in enumerate(lines, 1)
        if inside and inside[0] <= i <= inside[-1] or _same(line, meta.get("title", ""))
    )
    enough = sum(len(lines[i - 1]) for i in inside) >= 80
    yield Page("\n".join(lines), page.encoding, meta, page.doubts, main if enough else None)


def _same(line: str, title: str) -> bool:
    line, title = (re.sub(r"\W+", "", t) for t in (line, title))
    return len(line) >= 6 and (line in title or title in line and len(title) >= 6)


def _visible_lines(markup: str) -> list[str]:
    """The text a browser would show, one line per block; without a tree to walk, tags are cut out."""
    from lxml import html as lxml_html

    try:
        tree = lxml_html.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", markup))
    except Exception:  # lxml raises many kinds on broken markup; the plain way below needs no tree
        return _lines_of(re.sub(r"<[^>]{0,2000}>", "\n", markup))
    parts: list[str] = []
    for event, element in _walk(tree):
        tag = element.tag if isinstance(element.tag, str) else "!"
        if event == "start":
            parts += [
                "\n" if tag in BLOCKS else " " if tag in ("td", "th") else "",
                element.text or "" if tag not in ("script", "style", "noscript", "!", "template") else "",
            ]
        else:
            parts += ["\n" if tag in BLOCKS else "", element.tail or ""]
    return _lines_of("".join(parts))


def _walk(tree) -> Iterator[tuple[str, object]]:
    """Start and end of every element in page order, skipping what is never shown; no recursion, so depth does not matter."""
    from lxml import etree

    hidden = 0
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            if not hidden:
                yield "end", element
            continue
        unseen = element.tag in ("script", "style", "noscript", "template", "head") and element is not tree
        hidden += unseen if event == "start" else 0
        if not hidden or (hidden == 1 and unseen and event == "end"):
            yield event, element
        hidden -= unseen if event == "end" else 0


def _lines_of(text: str) -> list[str]:
    return [line for line in (re.sub(r"[ \t\r\f\v]+", " ", part).strip() for part in text.split("\n")) if line]


def read_docx(data: bytes) -> Iterator[Page]:
    """Paragraphs and table rows of a Word document, in reading order, one a line."""
    import docx

    def lines() -> Iterator[str]:
        for block in docx.Document(io.BytesIO(data)).iter_inner_content():
            if hasattr(block, "rows"):
                yield from ("\t".join(dict.fromkeys(cell.text.strip() for cell in row.cells)) for row in block.rows)
            else:
                yield block.text

    yield Page("\n".join(lines()), "docx")


def read_pdf(data: bytes) -> Iterator[Page]:
    """The text layer of a PDF, page after page; radicals that stand for characters are mended."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    text = "\n".join(page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in document)
    if not text.strip():
        raise CorpusError("a PDF without a text layer (scanned?)|Run text recognition on it and save the text.")
    yield Page(text.translate(_radicals()), "pdf")


@cache
def _radicals() -> dict[int, str]:
    """Kangxi radicals that PDF printers write in place of the characters they look like."""
    import unicodedata

    table = {c: unicodedata.normalize("NFKC", chr(c)) for c in range(0x2F00, 0x2FD6)}
    return table | dict(
        zip(map(ord, "⺠⻓⻛⻔⻋⻅⻉⻚⻢⻥⻦⻩⻬⻰⺟⻄⻘"), "民长风门车见贝页马鱼鸟黄齐龙母西青", strict=True)
    )


COLUMNS = {
    "title": ("title", "标题", "题名", "headline"),
    "text": ("text", "正文", "内容", "content", "body", "全文"),
    "date": ("date", "日期", "发布时间", "时间", "发表时间", "published"),
    "publisher": ("publisher", "来源", "媒体", "报纸", "source"),
    "place": ("place", "地区", "地点", "城市"),
    "outlet_type": ("outlet_type", "媒体类型"),
}


def _rows(frame) -> Iterator[Page]:
    """One article a row; headings in English or Chinese are understood."""
    names = {str(c).strip().lower(): c for c in frame.columns}
    found = {key: next((names[n] for n in options if n in names), None) for key, options in COLUMNS.items()}
    if found["text"] is None:
        raise CorpusError("a table without a text column|Name the column that holds the articles 正文 or text.")
    for row in frame.fillna("").astype(str).to_dict("records"):
        meta = {
            key: row[column] for key, column in found.items() if column is not None and key != "text" and row[column]
        }
        yield Page(row[found["text"]].replace("\r\n", "\n"), "table", meta)


def read_table(data: bytes) -> Iterator[Page]:
    import pandas as pd

    yield from _rows(pd.read_csv(io.StringIO(decode(data).text), dtype=str, sep=None, engine="python"))


def read_xlsx(data: bytes) -> Iterator[Page]:
    import pandas as pd

    yield from _rows(pd.read_excel(io.BytesIO(data), dtype=str))


def read_jsonl(data: bytes) -> Iterator[Page]:
    import pandas as pd

    yield from _rows(pd.DataFrame([json.loads(line) for line in decode(data).text.splitlines() if line.strip()]))


READERS: dict[str, Callable[[bytes], Iterator[Page]]] = {
    ".txt": read_text,
    ".md": read_text,
    ".markdown": read_text,
    ".text": read_text,
    ".html": read_html,
    ".htm": read_html,
    ".docx": read_docx,
    ".pdf": read_pdf,
    ".csv": read_table,
    ".tsv": read_table,
    ".xlsx": read_xlsx,
    ".jsonl": read_jsonl,
}


def read(path: Path) -> list[Page]:
    """The articles in one file.

    Errors: CorpusError("problem|remedy") where nothing can be read; whatever a format's library raises becomes one too.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise CorpusError(
            f"file type {path.suffix or '(none)'} is not read|Save it as txt, md, html, docx, pdf, csv, xlsx or jsonl."
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"cannot be opened ({error.strerror})|Check the file and its permissions.") from None
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xfe\xff"):
        raise CorpusError("the file is empty|Fetch it again or remove it.")
    try:
        pages = list(reader(data))
    except CorpusError:
        raise
    except Exception as error:  # third-party readers raise many kinds; the run goes on and the file is reported
        raise CorpusError(
            f"could not be read as {path.suffix.lower()[1:]} ({type(error).__name__})|Open it, save it as .txt in UTF-8."
        ) from None
    if not any(re.search(f"[{HAN}]", page.text) for page in pages):
        raise CorpusError("no Chinese character in it|Check that this is an article and that its encoding is right.")
    digest = hashlib.sha256(data).hexdigest()
    return [replace(page, sha256=digest) for page in pages]
