"""The text path for a corpus that does not fit into memory: part by part, on as many processes or machines as there are.

`tables(study)` writes what counting words and frames in a hundred thousand articles needs, as folders of Parquet files:
`pandas.read_parquet` reads a folder, or some columns of it, and so do DuckDB, Polars, R and Spark.
"""

import shutil
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa

from helpers import files, intake, partitions, texts, wordlist, workers
from helpers.partitions import Made, Slice
from helpers.publishing import csv, save_text, sweep
from helpers.study import Study

ARTICLES = 250  # of a part: the tables of so many stay small beside a processor's memory
FOLDERS = ("read", "sentences", "tokens", "counts", "tfidf", "frames", "frame_units")
PASSING = ("read", "counts")  # folders that are gone at the end
MANY = 4_000_000  # rows of word counts held before they are added up


def tables(study: Study, out: Path | None = None, size: int = ARTICLES) -> Path:
    """Read, clean, cut, count, weigh and code every article of the study's corpus, `size` at a time.

    Writes into `out` (default: `large` in the study's results) the folders sentences, tokens, tfidf, frames and frame_units, and
    articles.parquet, terms.parquet, problems.csv; returns `out`. Rows are those of the store's tables, in the same order: what
    is not made is what needs every article at once or its raw page (reprints, the ledger of lines) and the facts.

    tfidf: doc_id, term, count, tfidf (see `terms.tfidf`). terms: term, count, documents. frame_units: doc_id, n_units and a
    column for each frame. articles: docs without the raw text; text_sha256 is equal for articles that
    say the same to the letter.
    Errors: as `texts.load`; CorpusError where PROCESSES or SCHEDULER cannot be used.
    """
    out = out or study.folder / "large"
    for name in FOLDERS:
        shutil.rmtree(out / name, ignore_errors=True)
    problems: list[tuple] = []
    slices = _slices(study, out / "read", size, problems)
    made = workers.each(partial(partitions.make, wordlist.load(study), study.codebook, out), slices, problems)
    articles, words, documents, parts = _gathered(made, problems)
    partitions.write_table(out / "articles.parquet", articles)
    partitions.write_table(out / "terms.parquet", words)
    for _ in workers.each(partial(partitions.weigh, out, documents), range(parts), problems):
        pass
    for name in PASSING:
        shutil.rmtree(out / name)
    sweep(out)  # half a file of a worker that was killed; its part was made anew
    problems += texts.twins(articles.select(["file", "sha256"]).to_pandas())
    told = pd.concat([texts.as_problems(problems), wordlist.problems(study)])
    save_text(out / "problems.csv", csv(told))
    return out


def _slices(study: Study, folder: Path, size: int, problems: list[tuple]) -> Iterator[Slice]:
    """The corpus read into `folder`, then one slice after the other, each with what its articles are called."""
    layouts, names = files.listed(study, problems)
    paths = [study.corpus / name for name in names]
    parts = [(number, paths[i : i + size]) for number, i in enumerate(range(0, len(paths), size))]
    rows = []
    for number, (found, faults) in enumerate(
        workers.each(partial(partitions.read_files, study, layouts, folder, size), parts, problems)
    ):
        rows += [(number, place, *row) for place, row in enumerate(found)]
        problems += faults
    known = texts.with_ids(pd.DataFrame(rows, columns=["part", "place", "doc_id", "file", "whole"]))
    if known.empty:
        raise files.nothing(study, problems)
    about = texts.read_articles(study, known[["file", "whole"]].to_dict("records"), problems)
    overrides, faults = intake.read_overrides(study, known)
    problems += faults.itertuples(index=False, name=None)
    groups = known.groupby(["part", known["place"] // size])
    for number, ((part, group), some) in enumerate(groups):
        spoken = about[about["file"].isin({*some["file"], *some["whole"]})]
        own = None if overrides is None else overrides[overrides["file"].isin(some["file"])]
        yield Slice(number, folder / f"part-{part:05d}.arrow", int(group), some["doc_id"].tolist(), spoken, own)


def _gathered(made: Iterable[Made], problems: list[tuple]) -> tuple[pa.Table, pa.Table, int, int]:
    """articles, terms, how many documents have words, and how many parts there are."""
    articles, words, documents, parts = [], [], 0, 0
    for part in made:
        articles.append(part.articles)
        words.append(part.words)
        problems += part.problems
        documents, parts = documents + part.documents, parts + 1
        if sum(map(len, words)) > MANY:
            words = [partitions.summed(words)]
    together = pa.concat_tables(articles, promote_options="default").to_pandas()
    more = [name for name in together if name not in texts.DOCS]
    known = pa.Table.from_pandas(together.fillna(dict.fromkeys(more, "")), preserve_index=False)
    return known, partitions.summed(words), documents, parts
