"""Who did what, when, with what: the front door to dates, quantities, bulletins, actors, mechanisms and speech.

Each function reads one text, whose paragraphs may stand between line breaks; `extract` reads many documents. What a
paragraph needs from those before it (the last date named, the names introduced) is carried along a document.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate, pairwise, repeat
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers import actors as _actors
from helpers import anchors, datewords, dictionary
from helpers import dates as _dates
from helpers import mechanisms as _mechanisms
from helpers import quantities as _quantities
from helpers import speech as _speech
from helpers.actors import actors
from helpers.bulletins import bulletins
from helpers.bylines import bylines, in_brackets
from helpers.collector import collector_off
from helpers.dates import dates
from helpers.mechanisms import mechanisms
from helpers.people import REPORTERS
from helpers.quantities import quantities
from helpers.speech import speech

__all__ = ["Document", "actors", "bulletins", "dates", "extract", "mechanisms", "quantities", "read", "speech"]

SPANS = {"dates": _dates.COLUMNS, "quantities": _quantities.COLUMNS, "speech": _speech.COLUMNS}
NAMES = {"actors": ["name", "kind", "role", "mentions", "byline_lines"], "mechanisms": ["name", "kind", "mentions"]}
FIGURES = ("value",)  # columns of numbers, not of texts
REACH = 30  # characters between a quotation and the person named beside it
FAR = 80  # and before it, with the words that lead up to it
BATCH = 500_000  # characters read together, or one document
Key = tuple[str, str, str]  # document, name, kind
UNKNOWN = {"year": None, "date": "", "raw": ""}  # what the metadata do not say


class Document(NamedTuple):
    """What is read of one document: the numbers and the clean texts of its paragraphs, what the metadata say of its
    year and its day (ISO), and the raw file, for who signs it."""

    doc_id: str
    numbers: list[int]
    texts: list[str]
    year: int | None = None
    date: str = ""
    raw: str = ""


class Joined(NamedTuple):
    """Documents read as one text, which no fact crosses the line breaks of: where the paragraphs begin, the document and
    the number of each, and where the documents begin."""

    text: str
    begins: np.ndarray
    doc_ids: list[str]
    numbers: list[int]
    starts: list[int]


def extract(paragraphs: pd.DataFrame, docs: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The five tables of facts for many documents.

    `paragraphs` needs doc_id, paragraph, text; `docs` needs doc_id and, where known, year, date and raw (for bylines).
    dates, quantities and speech have doc_id, paragraph, start, end (in the paragraph's text) and their own columns.
    actors and mechanisms have one row per document and name, `mentions` a list of (paragraph, start, end); people who
    only sign the file have no mentions but `byline_lines`, raw line numbers.

    >>> paragraphs = pd.DataFrame({"doc_id": ["a"], "paragraph": [1], "text": ["3月9日，街道发放口罩200个。"]})
    >>> tables = extract(paragraphs, pd.DataFrame({"doc_id": ["a"], "year": [2022]}))
    >>> tables["dates"].iso.tolist(), tables["quantities"].value.tolist()
    (['2022-03-09'], [200.0])
    """
    rows: dict[str, tuple[list, list]] = defaultdict(lambda: ([], []))
    for doc_id, number, text in zip(*(paragraphs[c].tolist() for c in ("doc_id", "paragraph", "text")), strict=True):
        rows[doc_id][0].append(number)
        rows[doc_id][1].append(text)
    said = (docs[name].tolist() if name in docs else [unsaid] * len(docs) for name, unsaid in UNKNOWN.items())
    known = dict(zip(docs["doc_id"].tolist(), zip(*said, strict=True), strict=True))
    documents = [Document(doc_id, *own, *known[doc_id]) for doc_id, own in rows.items()]
    with collector_off():  # which would walk through all that is found
        batches = [read(some) for some in _batches(documents)]
    return {name: _together([tables[name] for tables in batches]) for name in batches[0]}


def _together(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Tables of the same columns as one; those without rows know no types."""
    some = [table for table in tables if len(table)]
    return pd.concat(some, ignore_index=True) if len(some) > 1 else (some or tables)[0]


def _batches(documents: list[Document]) -> Iterator[list[Document]]:
    some, length = [], 0
    for one in documents:
        some.append(one)
        length += sum(map(len, one.texts))
        if length >= BATCH:
            yield some
            some, length = [], 0
    if some or not documents:
        yield some


def read(documents: list[Document]) -> dict[str, pd.DataFrame]:
    """The facts of some documents, as `extract` gives them."""
    joined = _joined(documents)
    text, starts = joined.text, joined.starts
    marks, quotes = anchors.scan(text), _speech.find(text)
    words = dictionary.cut(text, np.append(_actors.places(text, marks), _mechanisms.places(marks)))
    named = _actors.find(text, words, marks, starts)
    dated = _dated(documents, text, starts)
    spans = {
        "dates": dated,
        "quantities": _quantities.find(text, [date[:2] for date in dated], marks["numeral_traps"].spans()),
        "speech": _with_speakers(quotes, text, named),
    }
    arranged = _by_name(_mechanisms.find(text, words, marks, quotes), joined)
    signed = {one.doc_id: bylines(one.raw) for one in documents}
    names = {
        "actors": _one_row_each(named, joined, signed),
        "mechanisms": [(*key, some) for key, some in arranged.items()],
    }
    tables = {name: _table(found, SPANS[name], joined) for name, found in spans.items()}
    return tables | {name: pd.DataFrame(rows, columns=["doc_id", *NAMES[name]]) for name, rows in names.items()}


def _joined(documents: list[Document]) -> Joined:
    texts = [text for one in documents for text in one.texts]
    begins = np.array([0, *accumulate(len(text) + 1 for text in texts)])
    starts = begins[[0, *accumulate(len(one.texts) for one in documents)][:-1]].tolist()
    doc_ids = [one.doc_id for one in documents for _ in one.texts]
    return Joined("\n".join(texts), begins, doc_ids, [number for one in documents for number in one.numbers], starts)


def _dated(documents: list[Document], text: str, starts: list[int]) -> list[_dates.Date]:
    """The dates of all documents, each read in the light of what is known of its own."""
    hits = datewords.find(text)
    at, out = [hit.start for hit in hits], []
    for one, (start, stop) in zip(documents, pairwise([*starts, len(text) + 1]), strict=True):
        known = _dates.context(one.year, one.date, text[start:stop])
        out += _dates.read(text, known, hits[bisect_left(at, start) : bisect_left(at, stop)])[0]
    return out


def _places(rows: list[tuple], joined: Joined) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of rows that begin with start and end in the joined text: the paragraph each stands in, and start and end in that."""
    start, end = (np.fromiter(map(itemgetter(part), rows), np.int64, len(rows)) for part in (0, 1))
    at = joined.begins.searchsorted(start, side="right") - 1
    return at, start - joined.begins[at], end - joined.begins[at]


def _table(rows: list[tuple], columns: list[str], joined: Joined) -> pd.DataFrame:
    """Rows of these `columns`, of which the first two are start and end in the joined text, as a table of `extract`."""
    at, start, end = _places(rows, joined)
    doc_id = pd.array([joined.doc_ids[i] for i in at.tolist()], "str")
    paragraph = np.array(joined.numbers, np.int64)[at]
    told = [*zip(*rows, strict=True)][2:] or repeat((), len(columns) - 2)
    said = {
        name: pd.array(some, "float64" if name in FIGURES else "str")
        for name, some in zip(columns[2:], told, strict=True)
    }
    return pd.DataFrame({"doc_id": doc_id, "paragraph": paragraph, "start": start, "end": end} | said, copy=False)


def _by_name(rows: list[tuple], joined: Joined) -> dict[Key, list[tuple]]:
    """Where each name of a kind is mentioned in each document: paragraph, start and end in it."""
    out: dict[Key, list[tuple]] = defaultdict(list)
    at, start, end = _places(rows, joined)
    doc_ids = map(joined.doc_ids.__getitem__, at.tolist())
    mentions = zip(np.array(joined.numbers, np.int64)[at].tolist(), start.tolist(), end.tolist(), strict=True)
    for doc_id, row, mention in zip(doc_ids, rows, mentions, strict=True):
        out[doc_id, row[2], row[3]].append(mention)
    return out


def _one_row_each(
    named: list[_actors.Actor], joined: Joined, signed: dict[str, list[tuple[int, str, str]]]
) -> list[tuple]:
    """One row per document and name: its first role in the text, else in a byline, every mention, and the lines it signs."""
    mentions, lines, roles = _by_name(named, joined), defaultdict(list), {}
    told = [actor for actor in named if actor.role]
    for i, (*_, name, kind, role) in zip(_places(told, joined)[0].tolist(), told, strict=True):
        roles.setdefault((joined.doc_ids[i], name, kind), role)
    for doc_id, rows in signed.items():
        for line, name, role in rows:
            lines[doc_id, name, "person"].append(line)
            roles.setdefault((doc_id, name, "person"), role)
    order = {doc_id: number for number, doc_id in enumerate(signed)}
    keys = sorted({**mentions, **lines}, key=lambda key: order[key[0]])
    return [(*key, roles.get(key, ""), mentions.get(key, []), sorted(set(lines.get(key, [])))) for key in keys]


def _with_speakers(quotes: list[_speech.Quote], text: str, named: list[_actors.Actor]) -> list[_speech.Quote]:
    people = [actor for actor in named if actor.kind == "person"]
    starts = [actor.start for actor in people]
    out = []
    for quote in quotes:
        if quote.kind != "term":
            first, last = (bisect_right(starts, at) for at in (quote.start - FAR, quote.end + REACH))
            quote = _spoken_by(quote, text, people[first:last])
        out.append(quote)
    return out


def _spoken_by(quote: _speech.Quote, text: str, people: list[_actors.Actor]) -> _speech.Quote:
    """Give a quotation the full name of its speaker, where one is named in or beside the attribution."""
    left, right = (
        text.rfind("\n", max(0, quote.start - FAR), quote.start),
        text.find("\n", quote.end, quote.end + REACH),
    )
    people = [one for one in people if left < one.start and (one.start < right or right < 0) and not _signs(one, text)]
    inside = [actor.name for actor in people if text[actor.start : actor.end] in quote.speaker]
    if inside or (quote.speaker and quote.speaker not in ("他", "她", "其")):
        return quote._replace(speaker=inside[0]) if inside else quote
    near = [(actor.start - quote.end, actor.name) for actor in people if 0 <= actor.start - quote.end <= REACH]
    near += [(quote.start - actor.end, actor.name) for actor in people if 0 <= quote.start - actor.end <= REACH]
    return quote._replace(speaker=min(near)[1]) if near else quote


def _signs(person: _actors.Actor, text: str) -> bool:
    """Whether a reporter is only credited here: （本报记者 张三）."""
    return person.role.endswith(REPORTERS) and in_brackets(text, person.start)
