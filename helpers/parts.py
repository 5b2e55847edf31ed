"""Tables kept in parts of some fifty articles, so that a change costs the parts it touches and nothing else.

A part is a file named by what it was made from; two runs that make it write the same bytes, and one that is there is right.
"""

import contextlib
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from helpers.publishing import csv, save_bytes

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
    with pa.ipc.new_file(out, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as file:
        file.write_table(table)
    return out.getvalue().to_pybytes()


def missing(folder: Path, names: Iterable[str], keys: Sequence[str]) -> list[int]:
    """Positions of the keys of which one of the tables `names` is not there."""
    kept = set(keys).intersection(*({p.stem for p in (folder / name).glob("*.arrow")} for name in names))
    return [i for i, key in enumerate(keys) if key not in kept]


def prune(folder: Path, name: str, keys: Iterable[str]) -> None:
    """Parts that no article of the corpus belongs to any more are taken away."""
    wanted = set(keys)
    for old in (folder / name).glob("*.*"):
        if old.name.partition(".")[0] not in wanted:
            with contextlib.suppress(OSError):  # another process reads it, or took it away first
                old.unlink()


# ---- parts put together -----------------------------------------------------------------------------------------------


def read(
    folder: Path, name: str, keys: Sequence[str], columns: Sequence[str] | None = None, number: str = ""
) -> pd.DataFrame:
    """The table in these parts, all rows in their order; types and categories as if it had been made at once.

    With `columns` only these; with `number` a column of this name tells from which part (0, 1, …) a row is.
    """
    tables = [_table(path(folder, name, key), columns) for key in keys]
    table = pa.concat_tables(tables, promote_options="permissive").unify_dictionaries()
    frame = table.to_pandas(self_destruct=True, split_blocks=True)
    for column in set(INTEGERS).intersection(frame):
        frame[column] = frame[column].astype("Int64")
    for column in set(SORTED).intersection(frame):
        frame[column] = frame[column].cat.reorder_categories(sorted(frame[column].cat.categories))
    if number:
        frame[number] = np.repeat(np.arange(len(keys)), [len(part) for part in tables])
    return frame


def _table(file: Path, columns: Sequence[str] | None) -> pa.Table:
    with pa.memory_map(str(file)) as source:
        options = pa.ipc.IpcReadOptions()
        if columns is not None:
            names = pa.ipc.open_file(source).schema.names
            options.included_fields = [i for i, name in enumerate(names) if name in columns]
        return pa.ipc.open_file(source, options=options).read_all()


def publish(target: Path, folder: Path, name: str, keys: Sequence[str]) -> None:
    """One CSV file of all parts of a published table."""
    header = csv(read(folder, name, keys[:1]).head(0), name).encode("utf-8")
    rows = (pa.input_stream(path(folder, name, key).with_suffix(".csv.zst"), compression="zstd") for key in keys)
    save_bytes(target, header + b"".join(stream.read() for stream in rows))
