"""The text path for one part of a large corpus: articles from files or Parquet, tables to Parquet.

Each step sees the articles of its part and nothing else, so that any process on any machine that sees the folders may do it;
what is true of the corpus as a whole (names that occur twice, document frequencies) is told to it.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import sparse

from helpers import exports, frames, speech, steps, terms
from helpers.collector import collector_off
from helpers.counts import unit_length
from helpers.publishing import save_bytes
from helpers.study import Study

PAGES = pa.schema(  # the table `pages` of `steps.read_files`
    [(name, pa.list_(pa.int32()) if name == "main" else pa.string()) for name in steps.PAGES]
)
COUNTED = ["doc_id", "term", "count"]
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
def make(lexicon: tuple[str, ...], out: Path, some: Slice) -> Made:
    """The tables of a slice in folders of `out`: sentences, tokens, counts (term frequencies), frames and frame_units."""
    with pa.OSFile(str(some.path)) as file:
        pages = pa.ipc.open_file(file).get_batch(some.group).to_pandas().assign(doc_id=some.doc_ids)
    read = steps.describe(pages, some.about, some.overrides, store=False)
    docs, paragraphs = read["docs"], read["paragraphs"]
    made = steps.split(docs, paragraphs)
    made |= steps.cut(made["sentences"], lexicon) | steps.code(paragraphs)
    speech.voices.cache_clear()  # another part has other paragraphs
    counts = counted(made["tokens"])
    made |= {"frame_units": frame_units(made["frames"], paragraphs)}
    for name, frame in made.items():
        write(out / name, some.number, frame)
    write_passing(out / "counts" / f"part-{some.number:05d}.arrow", pa.Table.from_pandas(counts, preserve_index=False))
    described = docs.drop(columns="raw").assign(text_sha256=imprints(docs["doc_id"], paragraphs))
    doubts = list(read["doubts"].itertuples(index=False, name=None))
    words, documents = document_frequencies(counts), len(counts["doc_id"].cat.categories)
    return Made(pa.Table.from_pandas(described, preserve_index=False), words, documents, doubts)


def imprints(ids: pd.Series, paragraphs: pd.DataFrame) -> list[str]:
    """sha256 of the text that counts, of each document: equal for articles that say the same to the letter."""
    texts = steps.body_text(ids, paragraphs)
    return [hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts]


def counted(tokens: pd.DataFrame) -> pd.DataFrame:
    """doc_id, term, count: the cells of `terms.count`, row by row."""
    counts = terms.count(tokens)
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.matrix.indptr))
    ids = pd.Categorical.from_codes(rows, pd.Index(counts.units["doc_id"], dtype="str"))
    words = pd.Categorical.from_codes(counts.matrix.indices, pd.Index(counts.vocabulary, dtype="str"))
    return pd.DataFrame(dict(zip(COUNTED, (ids, words, counts.matrix.data), strict=True)))


def document_frequencies(counts: pd.DataFrame) -> pa.Table:
    """term, count (how many times) and documents (in how many), of a table as `counted` gives it."""
    term, times = counts["term"].cat, counts["count"]
    codes = term.codes.to_numpy()
    n = len(term.categories)
    sums = np.bincount(codes, weights=times, minlength=n).astype(np.int64), np.bincount(codes, minlength=n)
    return pa.table({"term": pa.array(term.categories.to_numpy(), pa.string()), "count": sums[0], "documents": sums[1]})


def frame_units(codes: pd.DataFrame, paragraphs: pd.DataFrame) -> pd.DataFrame:
    """A row for each document with body text: doc_id, n_units (paragraphs), and for each frame those that have it."""
    found = frames.presence(codes, paragraphs).groupby(level="doc_id", sort=False)
    table = found.sum()
    table.insert(0, "n_units", found.size())
    return table.rename_axis(columns=None).reset_index()


# ---- weights ----------------------------------------------------------------------------------------------------------


def weigh(out: Path, documents: int, number: int) -> int:
    """tfidf/part: doc_id, term, count, tfidf, from counts/part and terms.parquet; the weights of `terms.tfidf`, cell by cell.

    `documents` is how many have a word at all. Returns the number of rows.
    """
    with pa.OSFile(str(out / "counts" / f"part-{number:05d}.arrow")) as file:
        cells = pa.ipc.open_file(file).read_all()
    ids, words = (_wide(cells[column].combine_chunks()) for column in ("doc_id", "term"))
    idf = _idf(out / "terms.parquet", documents).reindex(words.dictionary.to_pandas()).to_numpy()
    columns, counts = words.indices.to_numpy(), cells["count"].to_numpy()
    edges = np.searchsorted(ids.indices.to_numpy(), np.arange(len(ids.dictionary) + 1))
    weights = sparse.csr_array((counts * idf[columns], columns, edges), (len(ids.dictionary), len(idf)))
    made = {"doc_id": ids, "term": words, "count": counts, "tfidf": unit_length(weights).data}
    write_table(out / "tfidf" / f"part-{number:05d}.parquet", pa.table(made))
    return len(cells)


def _wide(column: pa.DictionaryArray) -> pa.DictionaryArray:
    """A column with its texts as pandas keeps them, so that all tables hold one type of text."""
    return column.cast(pa.dictionary(column.type.index_type, pa.large_string()))


@lru_cache(maxsize=1)
def _idf(path: Path, documents: int) -> pd.Series:
    """ln((1 + n) / (1 + df)) + 1 of each term, as in `terms.tfidf`."""
    table = pq.read_table(path, columns=["term", "documents"])
    weights = np.log((1 + documents) / (1 + table["documents"].to_numpy())) + 1
    return pd.Series(weights, index=pd.Index(table["term"].to_pandas()))


def summed(tables: Iterable[pa.Table]) -> pa.Table:
    """The tables of `document_frequencies` added up, terms in code-point order."""
    together = pa.concat_tables(tables).group_by("term").aggregate([("count", "sum"), ("documents", "sum")])
    return together.rename_columns(["term", "count", "documents"]).sort_by("term")
