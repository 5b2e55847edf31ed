"""One page that needs nothing else: template, style and script of `helpers/templates`, figures as data, and the fonts cut
down to the characters on the page. A policy in its head forbids it every request and every script but its own."""

import base64
import hashlib
import io
import json
import re
from functools import cache
from pathlib import Path

import jinja2
import PIL.Image
from fontTools import subset
from fontTools.ttLib import TTFont
from markupsafe import Markup

from helpers import captions
from helpers.figures import FONTS

TEMPLATES = Path(__file__).parent / "templates"
LARGEST_SVG = 600_000  # bytes; a drawing of more points than that goes in as the picture it gives
HAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
FONT_PLACE = "/* fonts */"


def render(context: dict) -> str:
    """The page as text, the same for the same `context`: every value in it is taken for text and escaped."""
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    page = _template().render(
        context,
        style=(TEMPLATES / "report.css").read_text(encoding="utf-8"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    return with_fonts(page)


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["lang"] = language
    environment.filters["called"] = called
    environment.filters["part"] = lambda part, language: captions.named(part, language, "part")
    return environment.get_template("report.html")


def language(text: object) -> Markup:
    """The attribute that tells a screen reader, a browser and a printer that `text` is Chinese; else nothing.

    >>> str(language("防控")), str(language("control"))
    (' lang="zh-Hans"', '')
    """
    return Markup(' lang="zh-Hans"' if HAN.search(str(text)) else "")


def called(column: str) -> Markup:
    """A column of articles.csv as its readers call it, in English and Chinese.

    >>> str(called("place")), str(called("my_column"))
    ('place <span class="zh" lang="zh-Hans">地区</span>', 'my column')
    """
    en, zh = (captions.named(column, labels) for labels in ("en", "zh"))
    chinese = Markup(' <span class="zh" lang="zh-Hans">{}</span>').format(zh) if zh != en else ""
    return Markup("{}{}").format(en.replace("_", " "), chinese)


def embedded(value: object) -> Markup:
    """`value` as JSON that can stand inside a script element: nothing in it can end the element or start another.

    >>> str(embedded({"text": "</script>"}))
    '{"text":"\\\\u003c/script\\\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def picture(path: Path) -> tuple[Markup, int, int]:
    """A drawn figure as a data address, and its width and height, which keep its place on the page while it loads.

    The svg, or the png where the svg is very large, missing, or has text that would need a font from outside; the address
    is "" without either.
    """
    svg, png = path.with_suffix(".svg"), path.with_suffix(".png")
    drawing = svg.read_text(encoding="utf-8") if svg.is_file() and svg.stat().st_size <= LARGEST_SVG else "<text"
    size = re.search(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"', drawing)
    if size and "<text" not in drawing:
        address = Markup("data:image/svg+xml;charset=utf-8," + _in_address(drawing))
        return address, round(float(size[1])), round(float(size[2]))
    if not png.is_file():
        return Markup(""), 0, 0
    data = png.read_bytes()
    return Markup(data_address(data, "image/png")), *PIL.Image.open(io.BytesIO(data)).size


def _in_address(svg: str) -> str:
    """An svg as part of an address: a quarter smaller than in base64, and nothing in it ends the attribute it stands in."""
    svg = re.sub(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.S)
    svg = re.sub(r"\s+", " ", svg).replace("> <", "><").strip()
    for character in '%#"&':
        svg = svg.replace(character, f"%{ord(character):02X}")
    return svg


def data_address(data: bytes, kind: str) -> str:
    """Bytes of the media type `kind` as an address that holds them."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


# ---- fonts ------------------------------------------------------------------------------------------------------------


def with_fonts(page: str) -> str:
    """The page with the fonts for its characters, and no other glyphs, in the place its style keeps for them."""
    return page.replace(FONT_PLACE, "\n".join(_faces(page)), 1)


def _faces(page: str) -> list[str]:
    """A @font-face for each shipped font that has characters of `page`; a character goes to the first font that has it."""
    left, rules = {ord(character) for character in set(page)}, []
    for number, path in enumerate(FONTS):
        with TTFont(path, lazy=True, recalcTimestamp=False, recalcBBoxes=False) as font:
            here = left & font.getBestCmap().keys()
            left -= here
            if here:
                address = data_address(_cut(font, here), "font/woff")
                rules.append(f'@font-face{{font-family:"Report {number}";src:url({address}) format("woff")}}')
    return rules


def _cut(font: TTFont, codes: set[int]) -> bytes:
    """`font` with the glyphs of `codes` alone, as WOFF."""
    options = subset.Options(layout_features=[], drop_tables=["BASE", "GPOS", "GSUB", "GDEF", "STAT"])
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted(codes))
    cutter.subset(font)
    font.flavor = "woff"
    held = io.BytesIO()
    font.save(held)
    return held.getvalue()
