"""Tables kept in parts of some fifty articles, so that a change costs the parts it touches and nothing else.

A part is a file named by what it was made from; two runs that make it write the same bytes, and one that is there is right.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa

from helpers.publishing import csv, save_bytes, save_pieces

REACH = 24  # a part begins where an article's hash is the smallest of so many before it and after it
INTEGERS = ("year", "continues")  # columns of whole numbers in which some are missing
SORTED = ("token",)  # categories in the order of their names; others in the order in which they are met


def divide(names: Sequence[str]) -> list[slice]:
    """Neighbouring names in stretches of 2 x REACH + 1 or so.

    The names themselves say where one begins (local minima of their hashes, after Bjørner, Blass & Gurevich 2010,
    "Content-dependent chunking for differential compression"), so that a name put in or taken out changes one stretch or two.

    >>> divide(["a.txt", "b.txt"]), divide([])
    ([slice(0, 2, None)], [])
    """
    if not len(names):
        return []
    codes = [hashlib.blake2b(n.encode("utf-8", "surrogatepass"), digest_size=8).digest() for n in names]
    marks = np.frombuffer(b"".join(codes), dtype=">u8")
    around = np.pad(marks, REACH)  # nothing begins near the ends
    least = np.lib.stride_tricks.sliding_window_view(around, 2 * REACH + 1).min(axis=1)
    edges = [0, *np.flatnonzero(marks[1:] == least[1:]) + 1, len(names)]
    return [slice(int(a), int(b)) for a, b in zip(edges[:-1], edges[1:], strict=True)]


# ---- one part ---------------------------------------------------------------------------------------------------------


def path(folder: Path, name: str, key: str) -> Path:
    """Where the part `key` of the table `name` is kept."""
    return folder / name / f"{key}.arrow"


def save(folder: Path, name: str, key: str, frame: pd.DataFrame, published: bool = False) -> None:
    """Keep a part of the table `name`; where it is `published`, its rows as CSV (after the header) as well."""
    if published:
        rows = csv(frame, name).partition("\n")[2].encode("utf-8")
        save_bytes(path(folder, name, key).with_suffix(".csv.zst"), _pressed(rows))
    save_bytes(path(folder, name, key), encoded(frame))


def _pressed(content: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(content)
    return out.getvalue().to_pybytes()


def encoded(frame: pd.DataFrame) -> bytes:
    """A frame as the bytes of an Arrow file."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata().combine_chunks()
    for number, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):  # codes of one width, so that parts can be put together
            wide = table.column(number).cast(pa.dictionary(pa.int32(), pa.string()))
            table = table.set_column(number, field.name, wide)
    out = pa.BufferOutputStream()
    with pa.ipc.new_file(out, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as file:
        file.write_table(table)
    return out.getvalue().to_pybytes()


def missing(folder: Path, names: Iterable[str], keys: Sequence[str]) -> list[int]:
    """Positions of the keys of which one of the tables `names` is not there."""
    kept = set(keys).intersection(*({n.removesuffix(".arrow") for n in _names(folder / name)} for name in names))
    return [i for i, key in enumerate(keys) if key not in kept]


def _names(folder: Path) -> list[str]:
    return os.listdir(folder) if folder.is_dir() else []


def prune(folder: Path, name: str, keys: Iterable[str]) -> None:
    """Parts that no article of the corpus belongs to any more are taken away."""
    wanted = set(keys)
    for old in _names(folder / name):
        if old.partition(".")[0] not in wanted:
            with contextlib.suppress(OSError):  # another process reads it, or took it away first
                (folder / name / old).unlink()


# ---- parts put together -----------------------------------------------------------------------------------------------


def read(
    folder: Path,
    name: str,
    keys: Sequence[str],
    columns: Sequence[str] | None = None,
    number: str = "",
    without: Sequence[str] = (),
) -> pd.DataFrame:
    """The table in these parts, all rows in their order; types and categories as if it had been made at once.

    With `columns` only these, and none that is in `without`; with `number` a column of this name tells from which part
    (0, 1, …) a row is.
    """
    tables = [_table(path(folder, name, key), columns, without) for key in keys]
    table = pa.concat_tables(tables, promote_options="permissive").unify_dictionaries()
    frame = table.to_pandas(self_destruct=True, split_blocks=True)
    for column in set(INTEGERS).intersection(frame):
        frame[column] = frame[column].astype("Int64")
    for column in set(SORTED).intersection(frame):
        frame[column] = frame[column].cat.reorder_categories(sorted(frame[column].cat.categories))
    if number:
        frame[number] = np.repeat(np.arange(len(keys)), [len(part) for part in tables])
    return frame


def _table(file: Path, columns: Sequence[str] | None, without: Sequence[str]) -> pa.Table:
    source = pa.py_buffer(file.read_bytes())
    options = pa.ipc.IpcReadOptions(use_threads=False)  # a part is too small to gain by them
    if columns is not None or without:
        names = pa.ipc.open_file(source).schema.names
        wanted = set(names if columns is None else columns).difference(without)
        options.included_fields = [i for i, name in enumerate(names) if name in wanted]
    return pa.ipc.open_file(source, options=options).read_all()


def publish(
    target: Path, folder: Path, name: str, keys: Sequence[str], last: Mapping[str, int] | None = None, moment: int = 0
) -> list[int]:
    """One CSV file of all parts of a published table; returns how many bytes each of them takes there.

    `last` says so of the parts in the file that is there, and it was whole at this `moment` (nanoseconds): where nobody has
    touched it since, rows that are in it are copied, which takes a third of the time.
    """
    columns = pa.ipc.open_file(path(folder, name, keys[0]).read_bytes()).schema.empty_table()
    header = csv(columns.to_pandas(), name).encode("utf-8")
    _, *sizes = save_pieces(target, _pieces(target, folder / name, keys, header, last or {}, moment))
    return sizes


def _pieces(
    target: Path, folder: Path, keys: Sequence[str], header: bytes, last: Mapping[str, int], moment: int
) -> Iterator[bytes]:
    """The heading of a CSV file and the rows of each part: see `publish`."""
    yield header
    with target.open("rb") if last else contextlib.nullcontext() as old:
        starts = _starts(old, header, last, moment) if last else {}
        for key in keys:
            if key in starts:
                old.seek(starts[key])
                yield old.read(last[key])
            else:
                with pa.CompressedInputStream(str(folder / f"{key}.csv.zst"), "zstd") as rows:
                    yield rows.read()


def _starts(file: BinaryIO, header: bytes, last: Mapping[str, int], moment: int) -> dict[str, int]:
    """Where the rows of each part begin in a file, if it is still the one that `last` speaks of."""
    *starts, stop = accumulate(last.values(), initial=len(header))
    stat = os.fstat(file.fileno())
    same = stat.st_size == stop and stat.st_mtime_ns <= moment and file.read(len(header)) == header
    return dict(zip(last, starts, strict=True)) if same else {}
