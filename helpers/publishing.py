"""Tables and other files for people to read: written whole or not at all, harmless in a spreadsheet."""

import io
import os
import re
from collections.abc import Iterable
from csv import writer as csv_writer
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.study import Study

FILLED_IN = ("topic_labels", "word_intrusion", "topic_intrusion")  # by people, in spreadsheets
FORMULA = frozenset("=+@-\t\r")  # what a spreadsheet's formula may begin with
RISKY = re.compile(r"[=+@\t\r]|-(?!\d*\.?\d*%?$)(?=[\x00-\x7f])")
TABLES = {  # columns that come first in a published table, in this order
    "articles": (
        "doc_id file title date year place publisher outlet_type genre script encoding n_han_raw n_han_clean "
        "n_paragraphs n_sentences duplicate_of sha256"
    ).split(),
    "lines": "doc_id line action zone continues rule text".split(),
    "sentences": "doc_id paragraph sentence zone voice text line start end".split(),
    "quantities": "doc_id line start end surface value unit counted approx".split(),
    "dates": "doc_id line start end surface iso granularity basis".split(),
    "actors": "doc_id name kind role lines".split(),
    "mechanisms": "doc_id name kind lines".split(),
    "speech": "doc_id line start end speaker attribution kind".split(),
    "frames": "doc_id paragraph line zone frame term start end negated voice".split(),
}


def save_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    save_pieces(path, [content])


def save_pieces(path: Path, pieces: Iterable[bytes]) -> list[int]:
    """Write a file whole or not at all, its bytes as they come; returns the length of each piece."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        sizes = [file.write(piece) for piece in pieces]
    os.replace(part, path)
    return sizes


def sweep(folder: Path) -> None:
    """Files that were being written when a process was killed: none of them is whole, and nobody reads them."""
    for part in folder.rglob(".*.part"):
        part.unlink(missing_ok=True)


def save_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all."""
    save_bytes(path, text.encode("utf-8"))


def harmless(value):
    """A cell that a spreadsheet would take for a formula, as text.

    >>> harmless("=1+1"), harmless("——每日调度"), harmless(3)
    ("'=1+1", '——每日调度', 3)
    """
    risky = isinstance(value, str) and value[:1] in FORMULA and RISKY.match(value)
    return "'" + value if risky else value


def digits(value: float) -> str:
    """A number as a table shows it: whole numbers whole, others to six digits.

    >>> digits(14562550.0), digits(0.12345678)
    ('14562550', '0.123457')
    """
    if value.is_integer() and abs(value) < 1e15:
        return f"{value:.0f}"
    return f"{value:.6g}" if abs(value) < 1e5 else f"{value:.12g}"


def in_order(frame: pd.DataFrame, name: str) -> list[str]:
    """The columns of the table `name`, those of TABLES first."""
    first = [c for c in TABLES.get(name, []) if c in frame]
    return first + [c for c in frame.columns if c not in first]


def csv(frame: pd.DataFrame, name: str = "") -> str:
    """The table `name` as CSV, columns `in_order`; formulas made harmless.

    >>> csv(pd.DataFrame({"n": [0.5], "doc_id": ["=甲"]}), "lines")
    "doc_id,n\\n'=甲,0.5\\n"
    """
    columns = in_order(frame, name)
    out = io.StringIO(newline="")
    lines = csv_writer(out, lineterminator="\n")  # in a third of the time of DataFrame.to_csv
    lines.writerow(columns)
    lines.writerows(zip(*(_cells(frame[c]) for c in columns), strict=True))
    return out.getvalue()


def _cells(column: pd.Series) -> list:
    """A column as it is written."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biu":
        return column.tolist()
    floats = pd.api.types.is_float_dtype(column)
    values, write = (column.astype(float), digits) if floats else (column, harmless)
    cells = [value if type(value) is str and value[:1] not in FORMULA else write(value) for value in values.tolist()]
    for missing in np.flatnonzero(column.isna()):
        cells[missing] = ""
    return cells


def save(study: Study, frame: pd.DataFrame, name: str) -> None:
    """tables/<name>.csv: see `csv`. Those that people fill in begin with the mark by which Excel knows UTF-8."""
    save_text(study.tables / f"{name}.csv", "\ufeff" * (name in FILLED_IN) + csv(frame, name))
