"""Tables as an xlsx workbook that opens everywhere: text stays text, the header stays in sight, and the same tables give the
same bytes."""

import io
import math
import re
import zipfile
from collections.abc import Iterator, Mapping

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

ROWS, CHARACTERS, NAME = 1_048_576, 32_767, 31  # of a sheet, a cell and the name of a sheet at most (ECMA-376, Excel)
NARROW, WIDE, LOOKED_AT = 8, 60, 200  # widths of columns in characters, and how many rows decide them
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
STAMP = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]+Z")


def fitting(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """What of `frame` a sheet can hold, and a sentence on what it cannot, "" where all is there.

    Left out are rows past the last of a sheet, what follows the 32,767th character of a cell, and control characters.

    >>> fitting(pd.DataFrame({"text": ["社区\\x07消毒"]}))[0].values.tolist()
    [['社区消毒']]
    """
    kept, said = frame.head(ROWS - 1).copy(), []
    if len(frame) > len(kept):
        said.append(f"the first {len(kept):,} of {len(frame):,} rows")
    long = 0
    for column in kept.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in kept.dtypes]]:
        texts = kept[column].astype(object).map(printable)
        over = texts.map(lambda value: isinstance(value, str) and len(value) > CHARACTERS).to_numpy(dtype=bool)
        long += int(over.sum())
        kept[column] = texts.where(~over, texts.str[:CHARACTERS]) if over.any() else texts
    if long:
        said.append(f"{long:,} cells cut after {CHARACTERS:,} characters")
    return kept, "; ".join(said)


def printable(value: object) -> object:
    """Text without the characters that no XML file can hold; anything else as it is.

    >>> printable("封控\\x00区"), printable(3)
    ('封控区', 3)
    """
    return NOT_XML.sub("", value) if isinstance(value, str) else value


def pack(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    """The xlsx file with these sheets in this order, each `fitting`; no cell of it is a formula."""
    book, held = Workbook(write_only=True), io.BytesIO()
    for name, frame in sheets.items():
        sheet = book.create_sheet(name[:NAME])
        sheet.freeze_panes = "A2"
        for number, column in enumerate(frame.columns, 1):
            sheet.column_dimensions[get_column_letter(number)].width = _width(column, frame[column])
        sheet.append([_cell(sheet, str(column), bold=True) for column in frame.columns])
        for row in _rows(frame):
            sheet.append([_text_or_number(sheet, value) for value in row])
    book.save(held)
    return timeless(held.getvalue())


def _rows(frame: pd.DataFrame) -> Iterator[tuple]:
    return zip(*(frame[column].astype(object).where(frame[column].notna(), None) for column in frame), strict=True)


def _text_or_number(sheet, value: object) -> object:
    """A value as openpyxl should take it: a text that looks like a formula or an error is made a cell of text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return _cell(sheet, value) if isinstance(value, str) and value[:1] in ("=", "#") else value


def _cell(sheet, text: str, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _width(name: str, column: pd.Series) -> float:
    """Wide enough for most of the first values; a Han character takes two places."""
    shown = [str(value)[:WIDE] for value in column.head(LOOKED_AT)]
    places = sorted(len(text) + sum(character > "\u2e7f" for character in text) for text in shown)
    usual = places[int(0.9 * (len(places) - 1))] if places else 0
    return min(max(usual, len(str(name)), NARROW) + 2, WIDE)


def timeless(book: bytes) -> bytes:
    """The same file without the time it was made."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(held, "w") as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.create_system, part.compress_type = 0, zipfile.ZIP_DEFLATED
            data = old.read(name)
            new.writestr(part, STAMP.sub(b"2000-01-01T00:00:00Z", data) if name == "docProps/core.xml" else data)
    return held.getvalue()
