"""What a notebook found and how far to trust it: the sections an executed notebook closes with, for the report."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from markupsafe import Markup

from helpers.notebook_pages import prose

SECTIONS = {"## What we found": "found", "## How far to trust it": "trust"}
ADDRESS = re.compile(r'<a href="[^"]*"[^>]*>|</a>|<img[^>]*>')  # the report stands alone
FIGURE = re.compile(r"\bfig\d\d-\d+\b(?![^<]*>)")


def read(path: Path, slugs: Iterable[str]) -> dict[str, Markup]:
    """The closing sections of an executed notebook as HTML: `found` and `trust`, what was computed there included; without
    the notebook, or before it has run, nothing.

    `slugs` are the figures of the report: where a sentence names one (fig04-2), it leads there.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"] if path.is_file() else []
    texts: dict[str, list[str]] = {"found": [], "trust": []}
    part = ""
    for cell in cells:
        text = "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""
        head, _, rest = text.partition("\n")
        if text.startswith("## "):
            part, text = SECTIONS.get(head.strip(), ""), rest
        if part:
            texts[part] += [text, *_computed(cell)]
    return {name: _html(some, slugs) for name, some in texts.items() if any(map(str.strip, some))}


def _computed(cell: dict) -> list[str]:
    """The sentences a cell has computed."""
    return ["".join(output.get("data", {}).get("text/markdown", "")) for output in cell.get("outputs", [])]


def _html(texts: list[str], slugs: Iterable[str]) -> Markup:
    at = {re.match(r"fig\d\d-\d+", slug)[0]: slug for slug in slugs}
    linked = lambda m: f'<a href="#{at[m[0]]}">{m[0]}</a>' if m[0] in at else m[0]  # noqa: E731
    return Markup(FIGURE.sub(linked, ADDRESS.sub("", prose("\n\n".join(texts)))))
