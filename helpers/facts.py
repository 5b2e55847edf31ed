"""Who did what, when, with what: the front door to dates, quantities, bulletins, actors, mechanisms and speech.

Each function reads one text, whose paragraphs may stand between line breaks; `extract` reads many documents. What a
paragraph needs from those before it (the last date named, the names introduced) is carried along a document.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from itertools import accumulate
from typing import NamedTuple

import pandas as pd

from helpers import actors as _actors
from helpers import anchors, phrases
from helpers import dates as _dates
from helpers import mechanisms as _mechanisms
from helpers import quantities as _quantities
from helpers import speech as _speech
from helpers.actors import actors
from helpers.bulletins import bulletins
from helpers.bylines import bylines
from helpers.collector import collector_off
from helpers.dates import dates
from helpers.mechanisms import mechanisms
from helpers.quantities import quantities
from helpers.speech import speech

__all__ = ["Document", "actors", "bulletins", "dates", "extract", "mechanisms", "quantities", "read", "speech"]

SPANS = {"dates": _dates.COLUMNS, "quantities": _quantities.COLUMNS, "speech": _speech.COLUMNS}
NAMES = {"actors": ["name", "kind", "role", "mentions", "byline_lines"], "mechanisms": ["name", "kind", "mentions"]}
REACH = 30  # characters between a quotation and the person named beside it
FAR = 80  # and before it, with the words that lead up to it
BATCH = 200  # documents read together
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
    missing = {name: said for name, said in UNKNOWN.items() if name not in docs}
    known = docs.assign(**missing).set_index("doc_id").loc[list(rows), list(UNKNOWN)]
    meta = known.itertuples(index=False, name=None)
    documents = [Document(doc_id, *own, *said) for (doc_id, own), said in zip(rows.items(), meta, strict=True)]
    tables: dict[str, list[tuple]] = defaultdict(list)
    with collector_off():
        for i in range(0, len(documents), BATCH):
            for name, found in read(documents[i : i + BATCH]).items():
                tables[name] += found
    columns = {name: ["doc_id", "paragraph", *cols] for name, cols in SPANS.items()}
    columns |= {name: ["doc_id", *cols] for name, cols in NAMES.items()}
    return {name: pd.DataFrame(tables[name], columns=cols) for name, cols in columns.items()}


def read(documents: list[Document]) -> dict[str, list[tuple]]:
    """The facts of some documents, as the rows of `extract`.

    The paragraphs of a document are read as one text, which no fact crosses the line breaks of. Each search goes over all
    documents before the next begins: its tables stay at hand, which makes it half as fast again.
    """
    texts = ["\n".join(one.texts) for one in documents]
    words, marks, quotes = ([search(text) for text in texts] for search in (phrases.cut, anchors.scan, _speech.find))
    named = [*map(_actors.find, texts, words, marks)]
    dated = [
        _dates.read(text, _dates.context(one.year, one.date, text))[0]
        for one, text in zip(documents, texts, strict=True)
    ]
    counted = [
        _quantities.find(text, [(one.start, one.end) for one in found], traps["numeral_traps"])
        for text, found, traps in zip(texts, dated, marks, strict=True)
    ]
    found = {
        "dates": dated,
        "quantities": counted,
        "speech": [*map(_with_speakers, quotes, texts, named)],
        "mechanisms": [*map(_mechanisms.find, texts, words, marks, quotes)],
        "actors": named,
    }
    tables: dict[str, list[tuple]] = defaultdict(list)
    for i, one in enumerate(documents):
        for name, rows in _rows(one, {name: lists[i] for name, lists in found.items()}).items():
            tables[name] += [(one.doc_id, *row) for row in rows]
    return tables


def _rows(one: Document, found: dict[str, list]) -> dict[str, list[tuple]]:
    """What was found in a document, placed in its paragraphs; people and arrangements by name."""
    place = partial(_placed, numbers=one.numbers, starts=[*accumulate(map(len, one.texts), _next, initial=0)])
    return {name: [(*place(row), *row[2:]) for row in found[name]] for name in SPANS} | {
        "mechanisms": [(*key, mentions) for key, mentions in _by_name(found["mechanisms"], place).items()],
        "actors": _one_row_each(found["actors"], place, bylines(one.raw)),
    }


def _next(start: int, length: int) -> int:
    """Where the paragraph behind one of some length begins, after the line break."""
    return start + length + 1


def _placed(row: tuple, numbers: list[int], starts: list[int]) -> tuple[int, int, int]:
    """Paragraph number, start and end in that paragraph, of a row that begins with start and end in the document."""
    i = bisect_right(starts, row[0]) - 1
    return numbers[i], row[0] - starts[i], row[1] - starts[i]


def _by_name(rows: list, place: Callable) -> dict[tuple[str, str], list[tuple]]:
    """Where each name of a kind is mentioned."""
    mentions: dict[tuple[str, str], list[tuple]] = defaultdict(list)
    for row in rows:
        mentions[row.name, row.kind].append(place(row))
    return mentions


def _one_row_each(named: list[_actors.Actor], place: Callable, signed: list[tuple[int, str, str]]) -> list[tuple]:
    """One row per name: its first role in the text, every mention, and the lines it signs."""
    mentions, lines = _by_name(named, place), defaultdict(list)
    roles: dict[tuple[str, str], str] = {}
    for actor in named:
        roles[actor.name, actor.kind] = roles.get((actor.name, actor.kind)) or actor.role
    for line, name, role in signed:
        lines[name, "person"].append(line)
        roles[name, "person"] = roles.get((name, "person")) or role
    return [(*key, roles[key], mentions.get(key, []), sorted(set(lines.get(key, [])))) for key in {**mentions, **lines}]


def _with_speakers(quotes: list[_speech.Quote], text: str, named: list[_actors.Actor]) -> list[_speech.Quote]:
    people = [actor for actor in named if actor.kind == "person"]
    starts = [actor.start for actor in people]
    out = []
    for quote in quotes:
        first, last = (bisect_right(starts, at) for at in (quote.start - FAR, quote.end + REACH))
        out.append(_spoken_by(quote, text, people[first:last]))
    return out


def _spoken_by(quote: _speech.Quote, text: str, people: list[_actors.Actor]) -> _speech.Quote:
    """Give a quotation the full name of its speaker, where one is named in or beside the attribution."""
    if quote.kind == "term":
        return quote
    left, right = text.rfind("\n", 0, quote.start), text.find("\n", quote.end)
    people = [actor for actor in people if left < actor.start and (actor.start < right or right < 0)]
    inside = [actor.name for actor in people if text[actor.start : actor.end] in quote.speaker]
    if inside or (quote.speaker and quote.speaker not in ("他", "她", "其")):
        return quote._replace(speaker=inside[0]) if inside else quote
    near = [(actor.start - quote.end, actor.name) for actor in people if 0 <= actor.start - quote.end <= REACH]
    near += [(quote.start - actor.end, actor.name) for actor in people if 0 <= quote.start - actor.end <= REACH]
    return quote._replace(speaker=min(near)[1]) if near else quote
