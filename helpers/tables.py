"""One article a row: csv, tsv, xlsx, json, jsonl and parquet as they leave databases, spreadsheets and crawlers.

Headings are understood in Chinese and English (`data/lexicon/headings.csv`, `table`); columns it does not know are carried
along under their own names. A row without text, a sheet or a line that cannot be read is reported, never dropped silently.
"""

import csv
import io
import json
import re
import warnings
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import zip_longest
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from helpers import metadata, webpages
from helpers.decoding import HALF, Page, decode
from helpers.study import CorpusError

Row = dict[str, str]
Doubt = tuple[str, str]
TOP = 10  # rows in which the heading is looked for: exports put a line or two above it
MOST = 1_048_576  # articles of one file, the rows of the largest sheet; beyond that memory would give out, not the patience
CELLS = 20_000_000  # of one sheet: a few bytes of a workbook can claim any number of empty ones
UNPACKED = 500_000_000  # bytes of the texts of a Parquet file
LONG = 500  # a column with longer cells is a second text, not something known of the article
UNPAIRED = re.compile(r"\\u[dD][89a-fA-F]")  # JSON may write half of a character; in pairs they are whole ones
MARKUP = re.compile(r"</?(?:p|br|div|span|section)\b[^<>]{0,500}>", re.I)
SAVE_AGAIN = "Open the file, look at that place, save it again."


def read_csv(data: bytes) -> Iterator[Page]:
    """The rows of a table of characters, whatever its encoding and its separator (comma, semicolon, tab or bar)."""
    page = decode(data)
    text = page.text.lstrip("\ufeff")
    if named := re.match(r"sep=(.)\r?\n", text):
        text = text[named.end() :]
    mark = named[1] if named else separator(text)
    csv.field_size_limit(2**31 - 1)
    doubts = list(page.doubts)
    try:
        grid = _cut(text, mark, strict=True)
    except csv.Error as error:
        grid = _cut(text, mark, strict=False)
        doubts.append((f"its quotation marks do not close ({error}): rows may have run together", SAVE_AGAIN))
    names, rows = _headed(grid)
    yield from _articles(rows, page.encoding, doubts, names)


def _cut(text: str, mark: str, strict: bool) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=strict) if any(row)]


def separator(text: str) -> str:
    """What parts the cells of a table of characters: the comma, semicolon, tab or bar its heading has most of.

    >>> separator("文件;地区\\na.txt;甲,乙区")
    ';'
    """
    top = [re.sub(r'"[^"]*"', "", line) for line in text.split("\n", TOP)[:TOP]]
    heading = next((line for line in top if re.search(r"[,;\t|]", line)), "")
    return max(",;\t|", key=heading.count)


def from_spreadsheet(path: Path) -> pd.DataFrame:
    """A table that a person saved beside the articles, every cell as text: in any encoding, parted by commas, semicolons or
    tabs, without blanks around cells. Errors: CorpusError where it is no table."""
    try:
        text = decode(path.read_bytes()).text.lstrip("\ufeff")
        mark = separator(text)
        table = pd.read_csv(io.StringIO(text), dtype=str, sep=mark, engine="python", keep_default_na=False)
    except Exception as error:  # the csv parser raises many kinds
        told = f"{path.name}: cannot be read as a table ({type(error).__name__})"
        raise CorpusError(f"{told}; save it as CSV in UTF-8 with a header row.") from None
    return table.fillna("").apply(lambda column: column.str.strip()).rename(columns=lambda name: str(name).strip())


def read_xlsx(data: bytes) -> Iterator[Page]:
    """The rows of every sheet that has a column of texts; the other sheets are named in a doubt."""
    rows, doubts, refused = [], [], []
    for title, grid in _sheets(data):
        try:
            rows += _headed(grid)[1]
        except CorpusError as error:
            refused.append(error)
            fault, _, remedy = str(error).partition("|")
            told = f"Nothing to do if it holds no articles. {remedy}"
            doubts.append((f"sheet {title}: {fault}; it was not read", told))
    if refused and not rows:
        raise refused[0]
    yield from _articles(rows, "xlsx", doubts, ())


def _sheets(data: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    """Title and cells of every sheet that is not empty."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions, which are not read
        for sheet in openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets:
            sheet.reset_dimensions()  # some programs write wrong ones
            grid = list(_filled(sheet.iter_rows(values_only=True)))
            if grid:
                yield sheet.title, grid


def _filled(rows: Iterable[tuple]) -> Iterator[list[str]]:
    """The rows of a sheet that are not empty, as texts.

    Errors: CorpusError where the sheet claims more cells than any table has.
    """
    seen = 0
    for row in rows:
        seen += 1 + len(row)
        if seen > CELLS:
            raise CorpusError(f"a sheet of more than {CELLS:,} cells|Delete its empty rows and columns, save it again.")
        if any(value is not None for value in row):
            yield [_cell(value) for value in row]


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "\n".join(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def read_json(data: bytes) -> Iterator[Page]:
    """Objects with one article each: one a line (jsonl), in a list, or in a list inside one object."""
    page = decode(data)
    found, doubts = _objects(page.text), list(page.doubts)
    rows = [{_cell(k): _cell(v) for k, v in one.items()} for one in found if isinstance(one, dict)]
    if not rows:
        raise CorpusError("no JSON object in it that can be read|Write one object an article, in a list or one a line.")
    if len(rows) < len(found):
        first = next(number for number, one in enumerate(found, 1) if not isinstance(one, dict))
        doubts.append((f"{len(found) - len(rows)} line(s) hold no JSON object, the first is {first}", SAVE_AGAIN))
    if UNPAIRED.search(page.text) and (lost := _halves(rows)):
        rows = [{HALF.sub("\ufffd", name): HALF.sub("\ufffd", cell) for name, cell in row.items()} for row in rows]
        doubts.append((f"{lost} half character(s) were replaced by \ufffd (unpaired surrogates)", SAVE_AGAIN))
    yield from _articles(rows, page.encoding, doubts, tuple(dict.fromkeys(name for row in rows for name in row)))


def _halves(rows: list[Row]) -> int:
    return sum(len(HALF.findall(text)) for row in rows for pair in row.items() for text in pair)


def _objects(text: str) -> list:
    whole = _parsed(text)
    if isinstance(whole, dict):
        inside = [value for value in whole.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
        return inside[0] if len(inside) == 1 else [whole]
    return whole if whole is not None else [_parsed(line) for line in text.split("\n") if line.strip()]


def _parsed(text: str) -> dict | list | None:
    try:
        found = json.loads(text.lstrip("\ufeff"), strict=False)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def read_parquet(data: bytes) -> Iterator[Page]:
    """The rows of a Parquet file; columns of bytes that are no text are named in a doubt."""
    doubts: list[Doubt] = []
    try:
        columns = {name: _texts(name, column, doubts) for name, column in _columns(data)}
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        raise CorpusError("a damaged or locked Parquet file|Write it again, or save the table as csv.") from None
    columns = {name: column for name, column in columns.items() if column is not None}
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    yield from _articles(rows, "parquet", doubts, columns)


def _columns(data: bytes) -> Iterator[tuple[str, pa.ChunkedArray]]:
    """Name and values of every column but the row numbers that pandas may leave.

    Errors: CorpusError where they are more than any collection: a file can say one long word a million times in little space.
    """
    from pyarrow import parquet

    schema = parquet.ParquetFile(pa.BufferReader(data)).schema_arrow
    flat = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_binary(field.type)]
    table = parquet.ParquetFile(pa.BufferReader(data), read_dictionary=flat).read()
    words = [chunk for column in table.columns for chunk in column.chunks if pa.types.is_dictionary(chunk.type)]
    size = sum(pc.sum(pc.binary_length(some.dictionary).take(some.indices)).as_py() or 0 for some in words)
    if size > UNPACKED or table.num_rows * table.num_columns > CELLS:
        raise CorpusError(
            f"a table of more than {UNPACKED // 1_000_000:,} MB or {CELLS:,} cells|Divide it into several files."
        )
    named = zip(table.column_names, table.columns, strict=True)
    return ((name, column) for name, column in named if not re.fullmatch(r"__index_level_\d+__", name))


def _texts(name: str, column: pa.ChunkedArray, doubts: list[Doubt]) -> list[str] | None:
    """The cells of a column; None, and a doubt, where they are bytes of something else."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        try:
            column = column.cast(pa.large_string())
        except pa.ArrowInvalid:
            doubts.append((f"column {name}: bytes that are no text in UTF-8, not read", "Nothing to do if it is none."))
            return None
    return [_cell(value) for value in column.to_pylist()]


def _headed(grid: list[list[str]]) -> tuple[tuple[str, ...], list[Row]]:
    """The headings, and each row below them by heading; cells without a heading go by the name ""."""
    filled = [number for number, cells in enumerate(grid) if any(cell.strip() for cell in cells)]
    for place in filled[:TOP]:
        names = tuple(cell.strip() for cell in grid[place])
        if "text" in metadata.chosen(dict.fromkeys(names, ""), "table"):
            return names, [_by_name(names, grid[number]) for number in filled if number > place]
    raise _no_text(grid[filled[0]] if filled else ())


def _by_name(names: tuple[str, ...], cells: list[str]) -> Row:
    row = {name: cell for name, cell in reversed(list(zip(names, cells, strict=False))) if name}
    surplus = [cell for name, cell in zip_longest(names, cells, fillvalue="") if not name and cell.strip()]
    return row | {"": " ".join(surplus)}


def _no_text(names: Iterable[str]) -> CorpusError:
    seen = "、".join(name.strip() for name in names if name.strip())[:200] or "(none)"
    return CorpusError(
        f"a table without a text column; its columns are {seen}|Name the column that holds the articles 正文 or text."
    )


def _articles(rows: list[Row], encoding: str, doubts: list[Doubt], names: Iterable[str]) -> Iterator[Page]:
    """One numbered page a row; what is doubtful about the file goes with the first."""
    if not rows:
        raise CorpusError("a table of headings only|Fetch it again, or remove it.")
    if len(rows) > MOST:
        raise CorpusError(f"a table of more than {MOST:,} articles|Divide it into several files.")
    fields = [metadata.chosen({name: name for name in row if name}, "table") for row in rows]
    if not any("text" in some for some in fields):
        raise _no_text(names)
    if long := _long(rows, fields):
        doubts.append(
            (f"column {'、'.join(long)}: long texts, not read", "Only one column a row is read as the article.")
        )
    for number, (row, field) in enumerate(zip(rows, fields, strict=True), 1):
        known = {key: row[name].strip() for key, name in field.items() if key != "text"}
        taken = {*field.values(), *long, ""}
        more = {name.strip(): row[name].strip() for name in row if name not in taken and row[name].strip()}
        own = doubts if number == 1 else []
        if row.get(""):
            own = [*own, (f"row {number} has cells without a heading: was its text cut at a separator?", SAVE_AGAIN)]
        text = unmarked(row.get(field.get("text", ""), ""))
        yield Page(text, encoding, more | {k: v for k, v in known.items() if v}, tuple(own), part=number)


def _long(rows: list[Row], fields: list[dict]) -> list[str]:
    both = zip(rows, fields, strict=True)
    found = (name for row, field in both for name in row if len(row[name]) > LONG and name != field.get("text"))
    return [name for name in dict.fromkeys(found) if name]


def unmarked(text: str) -> str:
    """The text of a cell or file; where a crawler left it as markup, the lines a reader would see.

    >>> unmarked("<p>新区启动应急响应。</p><p>居民登记。</p>")
    '新区启动应急响应。\\n居民登记。'
    """
    text = text.replace("\r\n", "\n")
    return "\n".join(webpages.visible(text)) if len(MARKUP.findall(text)) > 1 else text
