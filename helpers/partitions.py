"""The text path for one part of a large corpus: articles from files or Parquet, tables to Parquet.

Each step sees the articles of its part and nothing else, so that any process on any machine that sees the folders may do it;
what is true of the corpus as a whole (names that occur twice, document frequencies) is told to it.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from helpers import exports, frames, speech, steps
from helpers.collector import collector_off
from helpers.counts import WORD
from helpers.publishing import save_bytes
from helpers.study import Study

PAGES = pa.schema(  # the table `pages` of `steps.read_files`
    [(name, pa.list_(pa.int32()) if name == "main" else pa.string()) for name in steps.PAGES]
)
COUNTED = ["doc_id", "term", "count"]
KEPT = 32_000_000  # bytes that stay with the process
WORDS = ("term", "token", "text", "zone", "voice", "kind", "why")  # whose first and last help no query


class Slice(NamedTuple):
    """Some of the articles read: where they stand, what they are called, what articles.csv and overrides.csv say of them."""

    number: int
    path: Path
    group: int
    doc_ids: Sequence[str]
    about: pd.DataFrame
    overrides: pd.DataFrame | None


class Made(NamedTuple):
    """What the corpus as a whole must know of a part."""

    articles: pa.Table
    words: pa.Table  # term, count, documents
    documents: int  # that have words
    problems: list[tuple]


def write(folder: Path, number: int, frame: pd.DataFrame) -> None:
    """folder/part-00042.parquet, whole or not at all."""
    write_table(folder / f"part-{number:05d}.parquet", pa.Table.from_pandas(frame, preserve_index=False, nthreads=1))


def write_table(path: Path, table: pa.Table) -> None:
    """A Parquet file, whole or not at all."""
    out = pa.BufferOutputStream()
    pq.write_table(
        table.replace_schema_metadata(),
        out,
        compression="zstd",
        use_dictionary=[column.name for column in table.schema if not pa.types.is_floating(column.type)],
        write_statistics=[name for name in table.column_names if name not in WORDS],
    )
    save_bytes(path, out.getvalue())


def write_passing(path: Path, table: pa.Table, rows: int | None = None) -> None:
    """An Arrow file, whole or not at all, `rows` of it to a batch: for what is read once and gone at the end."""
    out = pa.BufferOutputStream()
    with pa.ipc.new_file(out, table.schema) as file:
        file.write_table(table, rows)
    save_bytes(path, out.getvalue())


# ---- from files to articles -------------------------------------------------------------------------------------------


@collector_off()
def read_files(
    study: Study, layouts: Mapping[Path, exports.Layout], folder: Path, size: int, part: tuple[int, Sequence[Path]]
) -> tuple[list[tuple[str, str, str]], list[tuple]]:
    """The articles of some files, written in groups of `size`; returns (doc_id, file, whole) of each, and problems."""
    number, paths = part
    rows, problems = steps.found_in(study, layouts, paths, store=False)
    write_passing(folder / f"part-{number:05d}.arrow", pa.Table.from_pylist(rows, PAGES), size)
    return [(row["doc_id"], row["file"], row["whole"]) for row in rows], problems


# ---- from articles to tables ------------------------------------------------------------------------------------------


@collector_off()
def make(lexicon: tuple[str, ...], codebook: Path, out: Path, some: Slice) -> Made:
    """The tables of a slice in folders of `out`: sentences, tokens, counts (term frequencies), frames and frame_units."""
    _keep_memory()
    with pa.OSFile(str(some.path)) as file:
        pages = pa.ipc.open_file(file).get_batch(some.group).to_pandas().assign(doc_id=some.doc_ids)
    read = steps.describe(pages, some.about, some.overrides, store=False)
    docs, paragraphs = read["docs"], read["paragraphs"]
    made = steps.split(docs, paragraphs)
    made |= steps.cut(made["sentences"], lexicon) | steps.code(paragraphs, codebook)
    speech.voices.cache_clear()  # another part has other paragraphs
    counts = counted(made["tokens"])
    made |= {"frame_units": frame_units(made["frames"], paragraphs)}
    for name, frame in made.items():
        write(out / name, some.number, frame)
    write_passing(out / "counts" / f"part-{some.number:05d}.arrow", counts)
    described = docs.drop(columns="raw").assign(text_sha256=imprints(docs["doc_id"], paragraphs))
    doubts = list(read["doubts"].itertuples(index=False, name=None))
    words, documents = document_frequencies(counts), len(_column(counts, "doc_id").dictionary)
    return Made(pa.Table.from_pandas(described, preserve_index=False), words, documents, doubts)


def _keep_memory() -> None:
    """What arrays leave behind stays here for the next ones: glibc gives memory back to the system, and has it brought anew
    page by page, until a block as large as it will ever keep has been freed."""
    np.empty(KEPT, np.uint8)


def imprints(ids: pd.Series, paragraphs: pd.DataFrame) -> list[str]:
    """sha256 of the text that counts, of each document: equal for articles that say the same to the letter."""
    texts = steps.body_text(ids, paragraphs)
    return [hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts]


def counted(tokens: pd.DataFrame) -> pa.Table:
    """doc_id, term, count: the cells of `terms.count`, row by row, of tokens as `segment.tokens` gives them."""
    ids, words = tokens["doc_id"].cat, tokens["token"].cat
    letter = re.compile(WORD).search
    known = np.array([letter(word) is not None for word in words.categories.tolist()], bool)
    narrow = np.min_scalar_type(len(ids.categories) * len(known))  # is sorted sooner
    cells = ids.codes.to_numpy(narrow) * len(known) + words.codes.to_numpy(narrow)
    cells, times = np.unique(cells[known[words.codes]], return_counts=True)
    rows, columns = np.divmod(cells, max(len(known), 1))
    there = np.bincount(ids.codes, minlength=len(ids.categories)) > 0
    made = _labelled(rows, ids.categories, there), _labelled(columns, words.categories, known)
    return pa.table(dict(zip(COUNTED, (*made, times.astype(np.int32)), strict=True)))


def _labelled(numbers: np.ndarray, labels: pd.Index, used: np.ndarray) -> pa.DictionaryArray:
    """A column of repeated texts: the `labels` of these numbers, only those `used` kept."""
    known = pa.array(labels.to_numpy()[used], pa.large_string())
    return pa.DictionaryArray.from_arrays(used.cumsum(dtype=np.int32)[numbers] - 1, known)


def _column(table: pa.Table, name: str) -> pa.DictionaryArray:
    return table[name].combine_chunks()


def document_frequencies(counts: pa.Table) -> pa.Table:
    """term, count (how many times) and documents (in how many), of a table as `counted` gives it."""
    term, times = _column(counts, "term"), counts["count"].to_numpy()
    codes, n = term.indices.to_numpy(), len(term.dictionary)
    sums = np.bincount(codes, weights=times, minlength=n).astype(np.int64), np.bincount(codes, minlength=n)
    return pa.table({"term": term.dictionary.cast(pa.string()), "count": sums[0], "documents": sums[1]})


def frame_units(codes: pd.DataFrame, paragraphs: pd.DataFrame) -> pd.DataFrame:
    """A row for each document with body text: doc_id, n_units (paragraphs), and for each frame those that have it."""
    table = frames.by_document(frames.presence(codes, paragraphs)).rename_axis(columns=None)
    table.insert(0, "n_units", table.pop("n_units"))
    return table.reset_index()


# ---- weights ----------------------------------------------------------------------------------------------------------


def weigh(out: Path, documents: int, number: int) -> int:
    """tfidf/part: doc_id, term, count, tfidf, from counts/part and terms.parquet; the weights of `terms.tfidf`, cell by cell.

    `documents` is how many have a word at all. Returns the number of rows.
    """
    with pa.OSFile(str(out / "counts" / f"part-{number:05d}.arrow")) as file:
        cells = pa.ipc.open_file(file).read_all()
    rows, words = (_column(cells, name) for name in ("doc_id", "term"))
    terms = out / "terms.parquet"
    idf = _idf(terms, terms.stat().st_mtime_ns, documents)
    own = np.array([idf[word] for word in words.dictionary.to_pylist()])
    weights = cells["count"].to_numpy() * own[words.indices.to_numpy()]
    starts = np.flatnonzero(np.diff(rows.indices.to_numpy(), prepend=-1))
    lengths = np.sqrt(np.add.reduceat(weights**2, starts))
    tfidf = weights / np.repeat(lengths, np.diff(starts, append=len(weights)))
    write_table(out / "tfidf" / f"part-{number:05d}.parquet", cells.append_column("tfidf", pa.array(tfidf)))
    return len(cells)


@lru_cache(maxsize=1)
def _idf(path: Path, written: int, documents: int) -> dict[str, float]:
    """ln((1 + n) / (1 + df)) + 1 of each term, as in `terms.tfidf`, of a table `written` then."""
    table = pq.read_table(path, columns=["term", "documents"])
    weights = np.log((1 + documents) / (1 + table["documents"].to_numpy())) + 1
    return dict(zip(table["term"].to_pylist(), weights.tolist(), strict=True))


def summed(tables: Iterable[pa.Table]) -> pa.Table:
    """The tables of `document_frequencies` added up, terms in code-point order."""
    together = pa.concat_tables(tables).group_by("term").aggregate([("count", "sum"), ("documents", "sum")])
    return together.rename_columns(["term", "count", "documents"]).sort_by("term")
