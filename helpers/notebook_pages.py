"""results/<corpus>/notebooks/*.html: each executed notebook as a page that opens from disk, with prose, code, tables and
figures in it, and asks nothing of the network."""

import json
import re
from functools import cache
from pathlib import Path

import mistune
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from helpers import captions, figures, static_page, store
from helpers.study import Study

SLUG = re.compile(r'"(fig\d\d-\d+-[a-z0-9-]+)"')
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
CODE = HtmlFormatter(nowrap=False, style="vs")


def publish(study: Study) -> list[Path]:
    """Write a page for every executed notebook of results/<corpus>/notebooks; gives their paths."""
    written = sorted((study.folder / "notebooks").glob("[0-9][0-9]-*.ipynb"))
    pages = [(f"{path.stem}.html", path.stem[:2]) for path in written]
    told = {slug: captions.told(slug, figures.caption(study, slug)) for slug in figures.slugs(study)}
    for path in written:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        store.save_text(path.with_suffix(".html"), render(notebook, path.stem, study.name, pages, told))
    return [path.with_suffix(".html") for path in written]


def render(notebook: dict, stem: str, name: str, pages: list[tuple[str, str]], told: dict[str, str]) -> str:
    """The page of one executed notebook.

    stem: its name without ending; name: of the corpus; pages: (address, text) of all; told: what is told, by slug, of a
    figure to those who do not see it.
    """
    cells = [_cell(cell, told) for cell in notebook["cells"]]
    return static_page.render(
        "notebook.html",
        title=stem[3:].replace("-", " "),
        study=name,
        here=f"{stem}.html",
        pages=pages,
        cells=[cell for cell in cells if cell["prose"] or cell["code"]],
        code_style=CODE.get_style_defs(".highlight"),
    )


def _cell(cell: dict, told: dict[str, str]) -> dict:
    source = "".join(cell["source"])
    if cell["cell_type"] != "code":
        return {"prose": _prose(source), "code": "", "outputs": []}
    drawn = iter(SLUG.findall(source))
    shown = [_output(output, drawn, told) for output in cell["outputs"]]
    code = _wide("Code", Markup(highlight(source, PythonLexer(), CODE))) if source.strip() else ""
    return {"prose": "", "code": code, "outputs": shown}


def _output(output: dict, drawn, told: dict[str, str]) -> tuple[str, Markup]:
    """The richest form of an output that needs no script: its kind (of the style) and what is shown."""
    if output["output_type"] == "stream":
        return "stream", _plain("".join(output["text"]))
    if output["output_type"] == "error":
        return "error", _plain(COLOUR.sub("", "\n".join(output["traceback"])))
    data = {kind: "".join(text) for kind, text in output["data"].items() if kind.startswith(("text/", "image/png"))}
    if "image/png" in data:
        about = told.get(next(drawn, ""), "A figure drawn by the code above it.")
        address = data["image/png"].replace("\n", "")
        return "image", Markup('<img src="data:image/png;base64,{}" alt="{}">').format(address, about)
    if "text/html" in data:
        return "table", Markup(
            f'<div class="wide" role="region" tabindex="0" aria-label="Output">{data["text/html"]}</div>'
        )
    if "text/markdown" in data:
        return "prose", _prose(data["text/markdown"])
    return "text", _plain(data.get("text/plain", ""))


def _plain(text: str) -> Markup:
    return _wide("Output", Markup("<pre>{}</pre>").format(escape(text)))


def _wide(label: str, html: Markup) -> Markup:
    """What may be wider than the page, in a frame that scrolls, with the keyboard too."""
    return Markup('<div class="wide" role="region" tabindex="0" aria-label="{}">{}</div>').format(label, html)


def _prose(text: str) -> Markup:
    """Markdown as HTML: tags in it are text, and links to notebooks lead to their pages.

    >>> str(_prose("见[下一步](04-which-words-stand-out.ipynb)<b>")).strip()
    '<p>见<a href="04-which-words-stand-out.html">下一步</a>&lt;b&gt;</p>'
    """
    html = re.sub(r'(href="\d\d-[\w-]+)\.ipynb', r"\1.html", _markdown()(text))
    return Markup(html.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>"))


@cache
def _markdown() -> mistune.Markdown:
    return mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])
