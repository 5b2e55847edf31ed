"""From one file to its articles: txt, md, html, docx, pdf, and tables with one article a row.

Every reader returns `Page`s: the text as found, the encoding, and what was doubtful about it. What cannot be read raises
CorpusError("problem|remedy"), which `texts` reports while the run goes on.
"""

import hashlib
import io
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from stat import S_ISREG

from helpers.decoding import HAN_SIGN, Page, decode, doubts, is_binary
from helpers.study import CorpusError
from helpers.tables import MARKUP, read_csv, read_json, read_parquet, read_xlsx, unmarked
from helpers.webpages import read_html

TAGS_OFF = (
    "a web page in a text file: its tags were taken off",
    "Nothing to do; lines are numbered as they stand without tags. Name it .html to have menus told by their tags, too.",
)
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HOLDERS = frozenset(f"{WORD}{name}" for name in ("tbl", "sdt", "sdtContent", "ins", "moveTo", "customXml"))
NOTES = {"footnotes": "footnote", "endnotes": "endnote", "comments": "comment"}
OLD_WORD = "Open it in Word, WPS or LibreOffice and save it as docx."
SCAN = "Run text recognition (OCR) on it and save the text as txt."
REMEDIES = dict.fromkeys((".doc", ".wps", ".rtf", ".odt", ".dot", ".pages"), OLD_WORD) | {
    ".xls": "Open it in Excel or WPS and save it as xlsx.",
    ".et": "Open it in WPS and save it as xlsx.",
    ".ods": "Open it in LibreOffice and save it as xlsx.",
    ".mht": "Open it in a browser and save the page as html.",
    ".mhtml": "Open it in a browser and save the page as html.",
    ".epub": "Convert it to html or txt, one file per article.",
    ".caj": "Open it in its reader and save it as pdf or txt.",
    ".zip": "Unpack it into the folder.",
    ".rar": "Unpack it into the folder.",
    ".7z": "Unpack it into the folder.",
} | dict.fromkeys((".jpg", ".jpeg", ".png", ".gif", ".webp", ".tif", ".tiff", ".bmp"), SCAN)  # fmt: skip
LARGEST = 1_000_000_000  # bytes: a file is read whole
PACKAGES = (".docx", ".xlsx")
UNPACKED = 200_000_000  # bytes that unpacking may add to a docx or xlsx: a zip bomb adds a thousand times its size
PROTECTED = "protected by a password|Save it without the password, or print it to a new file."


def read_text(data: bytes) -> Iterator[Page]:
    page = decode(data)
    if is_binary(data, page.text):
        raise CorpusError("not a text file although its name says so|Remove it, or save its text as .txt in UTF-8.")
    marked = "<" in page.text and len(MARKUP.findall(page.text)) > page.text.count("\n")
    yield replace(page, text=unmarked(page.text), doubts=(*page.doubts, TAGS_OFF)) if marked else page


def _weigh(data: bytes) -> None:
    """Refuses a package that unpacks to far more than it is, before any of it is unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        added = sum(part.file_size - part.compress_size for part in parts.infolist())
    if added > UNPACKED:
        raise CorpusError(f"unpacks to {added // 1_000_000:,} MB, more than any text|Save its text as .txt in UTF-8.")


def read_docx(data: bytes) -> Iterator[Page]:
    """Paragraphs, rows of tables and text boxes of a Word document, in reading order, one a line; notes are counted only."""
    import docx

    if data.startswith(b"\xd0\xcf\x11\xe0"):  # an OLE file: how Word locks a docx, and what a renamed doc is
        raise CorpusError(f"{PROTECTED.partition('|')[0]}, or an old .doc under a new name|{OLD_WORD}")
    document = docx.Document(io.BytesIO(data))
    text = "\n".join(_word_lines(document.element.body))
    unread = []
    for part in document.part.package.iter_parts():
        kind = NOTES.get(part.partname.rsplit("/", 1)[-1].removesuffix(".xml"))
        if kind and (n := part.blob.decode("utf-8", "replace").count("<w:t>") + part.blob.count(b"<w:t ")):
            unread.append(f"{kind}s ({n} piece(s) of text)")
    told = [(f"{' and '.join(unread)} were not read", "Copy them into the text if they matter.")] if unread else []
    yield Page(text, "docx", {}, (*told, *doubts(text)))


def _word_lines(block) -> Iterator[str]:
    """The lines of a body or cell: text controls and insertions count as text, deletions do not, a table row is one line."""
    for element in block:
        if element.tag == f"{WORD}p":
            yield _paragraph(element)
            for box in _boxes(element):
                yield from _word_lines(box)
        elif element.tag == f"{WORD}tr":
            cells = element.xpath("./w:tc | ./w:sdt/w:sdtContent/w:tc")
            yield "\t".join(" ".join(filter(None, map(str.strip, _word_lines(cell)))) for cell in cells)
        elif element.tag in HOLDERS:
            yield from _word_lines(element)


def _paragraph(element) -> str:
    signs = {f"{WORD}tab": "\t", f"{WORD}br": "\n", f"{WORD}cr": "\n"}
    inner = {piece for box in _boxes(element, every=True) for piece in box.iter()}
    return "".join(
        piece.text or "" if piece.tag == f"{WORD}t" else signs[piece.tag]
        for piece in element.iter(f"{WORD}t", *signs)
        if piece not in inner
        and not any(above.tag in (f"{WORD}tabs", f"{WORD}moveFrom") for above in piece.iterancestors())
    )


def _boxes(element, every: bool = False) -> list:
    """Text boxes anchored in a paragraph; Word writes each twice, the second time as fallback for old programs."""
    return [
        box
        for box in element.iter(f"{WORD}txbxContent")
        if every or not any(str(above.tag).endswith("}Fallback") for above in box.iterancestors())
    ]


def read_pdf(data: bytes) -> Iterator[Page]:
    """The text layer of a PDF, page after page; radicals that stand for characters are mended."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = "assword" in str(error) or "ecurity" in str(error)
        raise CorpusError(PROTECTED if locked else "a damaged PDF|Fetch it again, or save its text as txt.") from None
    pages = [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in document]
    blank = [str(number) for number, text in enumerate(pages, 1) if not text.strip()]
    if len(blank) == len(pages):
        raise CorpusError(f"a PDF without a text layer (scanned?)|{SCAN}")
    text = "\n".join(pages).translate(_radicals())
    told = [(f"page(s) {', '.join(blank[:20])} without text: blank, a picture or a scan", SCAN)] if blank else []
    yield Page(text, "pdf", {}, (*told, *doubts(text)))


@cache
def _radicals() -> dict[int, str]:
    """Kangxi radicals that PDF printers write in place of the characters they look like."""
    table = {c: unicodedata.normalize("NFKC", chr(c)) for c in range(0x2F00, 0x2FD6)}
    return table | dict(
        zip(map(ord, "⺠⻓⻛⻔⻋⻅⻉⻚⻢⻥⻦⻩⻬⻰⺟⻄⻘"), "民长风门车见贝页马鱼鸟黄齐龙母西青", strict=True)
    )


READERS: dict[str, Callable[[bytes], Iterator[Page]]] = {
    ".txt": read_text,
    ".md": read_text,
    ".markdown": read_text,
    ".text": read_text,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".shtml": read_html,
    ".docx": read_docx,
    ".pdf": read_pdf,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".xlsx": read_xlsx,
    ".json": read_json,
    ".jsonl": read_json,
    ".parquet": read_parquet,
}


def read(path: Path) -> list[Page]:
    """The articles in one file, opened once.

    Errors: CorpusError("problem|remedy") where nothing can be read; whatever a format's library raises becomes one too.
    """
    suffix = path.suffix.lower()
    if suffix not in READERS:
        remedy = REMEDIES.get(suffix, "Save it as txt, md, html, docx, pdf, csv, xlsx, jsonl or parquet.")
        raise CorpusError(f"file type {path.suffix or '(none)'} is not read|{remedy}")
    try:
        found = path.stat()
        if not S_ISREG(found.st_mode):
            raise CorpusError("neither a file nor a folder (a pipe, a device)|Remove it.")
        if found.st_size > LARGEST:
            raise CorpusError(f"larger than {LARGEST // 1_000_000:,} MB|Divide it into several files.")
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"cannot be opened ({error.strerror})|Check the file and its permissions.") from None
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xfe\xff"):
        raise CorpusError("the file is empty|Fetch it again or remove it.")
    try:
        if suffix in PACKAGES and data.startswith(b"PK"):
            _weigh(data)
        pages = list(READERS[suffix](data))
    except CorpusError:
        raise
    except Exception as error:  # third-party readers raise many kinds; the run goes on and the file is reported
        raise CorpusError(
            f"could not be read as {suffix[1:]} ({type(error).__name__})|Open it, save it as .txt in UTF-8."
        ) from None
    if not any(HAN_SIGN.search(page.text) for page in pages):
        raise CorpusError("no Chinese character in it|Check that this is an article and that its encoding is right.")
    digest = hashlib.sha256(data).hexdigest()
    return [replace(page, sha256=digest) for page in pages]
