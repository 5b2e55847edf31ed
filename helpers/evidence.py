"""The sentences behind the numbers of a figure: which of its columns name words, frames, pairs or places in an article,
and where these stand in the texts."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.extracts import UNIT, Corpus, Numbers, spaced
from helpers.study import Study

VALUES, EACH = 12, 3  # so many values of a figure are shown with so many sentences each; the browser has them all
PAIRS = (("a", "b"), ("term_a", "term_b"))
SOURCES = {  # tables that know the line behind a row of these figures
    "fig06-1-timeline": "dates",
    "fig06-2-quantities": "quantities",
    "fig06-3-systems": "systems",
    "fig06-5-voices": "utterances",
}


@dataclass(frozen=True)
class Line:
    """A sentence with its place; `pieces` are its parts in order, each with whether it is what was looked for."""

    doc_id: str
    line: int
    pieces: list[tuple[str, bool]]


@dataclass(frozen=True)
class Behind:
    """One value of a figure: how many sentences have it, the first of them, and how the browser finds just these (if it can)."""

    label: str
    total: int
    lines: list[Line]
    find: dict[str, str]


def read_numbers(path: Path) -> pd.DataFrame:
    """A table as it was written, every cell as text; one without columns is empty."""
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except pd.errors.EmptyDataError:
        return pd.DataFrame()


def behind(slug: str, numbers: pd.DataFrame, corpus: Corpus, names: dict[str, str], study: Study) -> list[Behind]:
    """What stands behind a figure, [] where its numbers name nothing that can be looked up.

    numbers: the figure's csv, all text; names: frame id to label.
    """
    source = study.tables / f"{SOURCES.get(slug, '')}.csv"
    columns = set(numbers.columns)
    if slug in SOURCES:
        return list(_facts(numbers, read_numbers(source), corpus)) if source.is_file() else []
    if {"frame_a", "frame_b"} <= columns:
        return list(_frame_pairs(_first(numbers, ["frame_a", "frame_b"]), corpus, names))
    for pair in PAIRS:
        if set(pair) <= columns:
            return list(_word_pairs(_first(numbers, list(pair)), corpus))
    if "frame" in columns:
        return list(_frames(_first(numbers, ["frame"]), corpus, names))
    word = next((column for column in ("term", "word") if column in columns), "")
    if word and "doc_id" in columns:  # the words of each article: its first
        return list(_words(_first(numbers.drop_duplicates("doc_id"), ["doc_id", word]), corpus))
    return list(_words(_first(numbers, [word]), corpus)) if word else []


def _first(numbers: pd.DataFrame, columns: list[str]) -> list[tuple[str, ...]]:
    return list(numbers[columns].drop_duplicates().head(VALUES).itertuples(index=False, name=None))


def _words(keys: Iterable[tuple[str, ...]], corpus: Corpus) -> Iterator[Behind]:
    for *document, word in keys:
        found = corpus.having(word)
        find = {"q": word}
        if document:
            found = np.intersect1d(found, corpus.by_document.get(document[0], []))
            find["doc"] = document[0]
        yield _told(" · ".join([*document, word]), found, [word], corpus, find)


def _word_pairs(keys: Iterable[tuple[str, str]], corpus: Corpus) -> Iterator[Behind]:
    """Sentences with either word, in paragraphs that have both."""
    for a, b in keys:
        one, other = corpus.having(a), corpus.having(b)
        both = corpus.beside(one) & corpus.beside(other)
        yield _told(f"{a} · {b}", _within(np.union1d(one, other), both, corpus), [a, b], corpus, {})


def _within(numbers: Numbers, paragraphs: set[tuple[str, int]], corpus: Corpus) -> Numbers:
    units = corpus.sentences.iloc[numbers][UNIT].itertuples(index=False, name=None)
    return numbers[[unit in paragraphs for unit in units]] if len(numbers) else numbers


def _told(label: str, found: Numbers, words: list[str], corpus: Corpus, find: dict[str, str]) -> Behind:
    rows = corpus.sentences.iloc[found[:EACH].astype(int)].itertuples(index=False)
    lines = [Line(row.doc_id, int(row.line), marked(row.text, _spans(row.text, words))) for row in rows]
    return Behind(label, len(found), lines, find)


def _spans(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Where any of `words` stands."""
    return [match.span() for word in filter(None, words) for match in re.finditer(re.escape(word), text)]


def marked(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[str, bool]]:
    """`text` in pieces, each with whether it lies in one of `spans`.

    >>> marked("全镇打响阻击战。", [(2, 4), (3, 7)])
    [('全镇', False), ('打响阻击战', True), ('。', False)]
    """
    inside = np.zeros(len(text) + 2, dtype=bool)
    for start, end in spans:
        inside[start + 1 : end + 1] = True
    edges = np.flatnonzero(np.diff(inside[1:-1])) + 1 if len(text) else []
    return [(text[a:b], bool(inside[a + 1])) for a, b in pairwise([0, *map(int, edges), len(text)]) if a < b]


def _frames(keys: Iterable[tuple[str]], corpus: Corpus, names: dict[str, str]) -> Iterator[Behind]:
    for (frame,) in keys:
        hits = corpus.hits[corpus.hits["frame"] == frame]
        yield _coded(names.get(frame, frame), hits, corpus, {"frame": frame})


def _frame_pairs(keys: Iterable[tuple[str, str]], corpus: Corpus, names: dict[str, str]) -> Iterator[Behind]:
    """Sentences with a hit of either frame, in paragraphs that have both."""
    for a, b in keys:
        hits = corpus.hits[corpus.hits["frame"].isin([a, b])]
        one, other = (hits.loc[hits["frame"] == frame, "sentence"].to_numpy() for frame in (a, b))
        kept = _within(np.union1d(one, other), corpus.beside(one) & corpus.beside(other), corpus)
        label = f"{names.get(a, a)} · {names.get(b, b)}"
        yield _coded(label, hits[hits["sentence"].isin(kept)], corpus, {})


def _coded(label: str, hits: pd.DataFrame, corpus: Corpus, find: dict[str, str]) -> Behind:
    found = hits["sentence"].drop_duplicates()
    lines = []
    for number in found.head(EACH):
        row, own = corpus.sentences.iloc[number], hits[hits["sentence"] == number]
        lines.append(Line(row.doc_id, int(row.line), marked(row.text, zip(own["start"], own["end"], strict=True))))
    return Behind(label, len(found), lines, find)


def _facts(numbers: pd.DataFrame, source: pd.DataFrame, corpus: Corpus) -> Iterator[Behind]:
    """Facts spread evenly over the figure, each with the sentence it was read from."""
    shared = [column for column in numbers.columns if column in source]
    facts = source.merge(numbers[shared].drop_duplicates(), on=shared) if shared else source
    facts = facts[facts["doc_id"].isin(corpus.by_document)]
    for fact in facts.iloc[spaced(len(facts), VALUES * EACH)].to_dict("records"):
        if lines := list(_sources(fact, corpus)):
            yield Behind(_named(fact) or fact.get("speaker") or fact["doc_id"], len(lines), lines, {})


def _named(fact: dict[str, str]) -> str:
    return fact.get("surface") or fact.get("name") or ""


def _sources(fact: dict[str, str], corpus: Corpus) -> Iterator[Line]:
    """The sentence in which a fact begins, or, where only its lines are known, the one on each line that names it."""
    starts, own = corpus.line_starts[fact["doc_id"]], corpus.by_document[fact["doc_id"]]
    for line in map(int, (fact.get("line") or fact.get("lines", "")).split()[:EACH]):
        if line > len(starts):
            continue
        begin = starts[line - 1] + int(fact.get("start") or 0)
        end = begin + 1 if fact.get("start") or line == len(starts) else starts[line]
        found = own[(corpus.start[own] < end) & (corpus.end[own] > begin)]
        texts = [corpus.texts[number] for number in found]
        if texts:
            text = next((text for text in texts if _named(fact) in text), texts[0])
            yield Line(fact["doc_id"], line, marked(text, _spans(text, [_named(fact)])))
