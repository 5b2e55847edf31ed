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

from helpers import static_page, store
from helpers.study import Study

HEAD = re.compile(r"<th(?=[\s>])(?! scope)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
CODE = HtmlFormatter(nowrap=False, style="vs")


def publish(study: Study) -> list[Path]:
    """Write a page for every executed notebook of results/<corpus>/notebooks; gives their paths."""
    written = sorted((study.folder / "notebooks").glob("[0-9][0-9]-*.ipynb"))
    pages = [(f"{path.stem}.html", path.stem[:2]) for path in written]
    for path in written:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        store.save_text(path.with_suffix(".html"), render(notebook, path.stem, study.name, pages))
    return [path.with_suffix(".html") for path in written]


def render(notebook: dict, stem: str, name: str, pages: list[tuple[str, str]]) -> str:
    """The page of one executed notebook.

    stem: its name without ending; name: of the corpus; pages: (address, text) of all.
    """
    cells = [_cell(cell, number) for number, cell in enumerate(notebook["cells"], start=1)]
    return static_page.render(
        "notebook.html",
        title=stem[3:].replace("-", " "),
        study=name,
        here=f"{stem}.html",
        pages=pages,
        cells=[cell for cell in cells if cell["prose"] or cell["code"]],
        code_style=CODE.get_style_defs(".highlight"),
    )


def _cell(cell: dict, number: int) -> dict:
    source = "".join(cell["source"])
    if cell["cell_type"] != "code":
        return {"prose": prose(source), "code": "", "outputs": []}
    shown = [_output(output, f"Output {i} of cell {number}") for i, output in enumerate(cell["outputs"], start=1)]
    code = _wide(f"Code of cell {number}", Markup(highlight(source, PythonLexer(), CODE))) if source.strip() else ""
    return {"prose": "", "code": code, "outputs": shown}


def _output(output: dict, name: str) -> tuple[str, Markup]:
    """The richest form of an output that needs no script: its kind (of the style) and what is shown."""
    if output["output_type"] == "stream":
        return "stream", _plain("".join(output["text"]), name)
    if output["output_type"] == "error":
        return "error", _plain(COLOUR.sub("", "\n".join(output["traceback"])), name)
    data = {kind: "".join(text) for kind, text in output["data"].items() if kind.startswith(("text/", "image/png"))}
    if "image/png" in data:
        about = output.get("metadata", {}).get("image/png", {}).get("alt", "A figure drawn by the code above it.")
        address = data["image/png"].replace("\n", "")
        return "image", Markup('<img src="data:image/png;base64,{}" alt="{}">').format(address, about)
    if "text/html" in data:
        return "table", _wide(name, Markup(_headed(data["text/html"])))
    if "text/markdown" in data:
        return "prose", prose(data["text/markdown"])
    return "text", _plain(data.get("text/plain", ""), name)


def _headed(table: str) -> str:
    """Tables whose heads say whether they head a column or a row, as a screen reader reads them out.

    >>> _headed("<thead><tr><th></th><th>n</th></tr></thead><tr><th>甲</th><td>1</td></tr>")
    '<thead><tr><td></td><th scope="col">n</th></tr></thead><tr><th scope="row">甲</th><td>1</td></tr>'
    """
    table = re.sub(r"<th>\s*</th>", "<td></td>", table)
    heads = re.sub(r"<thead>.*?</thead>", lambda head: HEAD.sub('<th scope="col"', head[0]), table, flags=re.S)
    return HEAD.sub('<th scope="row"', heads)


def _plain(text: str, name: str) -> Markup:
    return _wide(name, Markup("<pre>{}</pre>").format(escape(text)))


def _wide(label: str, html: Markup) -> Markup:
    """What may be wider than the page, in a frame that scrolls, with the keyboard too."""
    return Markup('<div class="wide" role="region" tabindex="0" aria-label="{}">{}</div>').format(label, html)


def prose(text: str) -> Markup:
    """Markdown as HTML: tags in it are text, < also where a cell has shown it as &lt;, and links to notebooks lead to their
    pages.

    >>> str(prose("见[下一步](04-which-words-stand-out.ipynb)<b>")).strip()
    '<p>见<a href="04-which-words-stand-out.html">下一步</a>&lt;b&gt;</p>'
    >>> str(prose("q &lt; .05")).strip()
    '<p>q &lt; .05</p>'
    """
    html = _markdown()(text.replace("&lt;", "<"))
    html = _headed(re.sub(r'(href="\d\d-[\w-]+)\.ipynb', r"\1.html", html))
    return Markup(html.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>"))


@cache
def _markdown() -> mistune.Markdown:
    return mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])
