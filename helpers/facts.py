"""Who did what, when, with what: the front door to dates, quantities, actors, mechanisms and speech.

Each function reads one text; `extract` reads every paragraph of many documents and carries along a document what a
later paragraph needs (the last date named, the names introduced).
"""

from collections import defaultdict

import pandas as pd

from helpers import actors as _actors
from helpers import dates as _dates
from helpers import mechanisms as _mechanisms
from helpers import people, phrases
from helpers import quantities as _quantities
from helpers import speech as _speech
from helpers.actors import actors
from helpers.dates import dates
from helpers.mechanisms import mechanisms
from helpers.quantities import quantities
from helpers.speech import speech

__all__ = ["actors", "dates", "extract", "mechanisms", "quantities", "read_document", "speech"]

SPANS = {"dates": _dates.COLUMNS, "quantities": _quantities.COLUMNS, "speech": _speech.COLUMNS}
NAMES = {"actors": ["name", "kind", "role", "mentions", "byline_lines"], "mechanisms": ["name", "kind", "mentions"]}
REACH = 30  # characters between a quotation and the person named beside it


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
    known = {row.doc_id: row for row in docs.itertuples(index=False)}
    tables: dict[str, list[tuple]] = defaultdict(list)
    rows: dict[str, tuple[list, list]] = defaultdict(lambda: ([], []))
    for doc_id, number, text in zip(*(paragraphs[c].tolist() for c in ("doc_id", "paragraph", "text")), strict=True):
        rows[doc_id][0].append(number)
        rows[doc_id][1].append(text)
    for doc_id, (numbers, whole) in rows.items():
        doc = known[doc_id]
        found = read_document(
            numbers, whole, getattr(doc, "year", None), getattr(doc, "date", "") or "", getattr(doc, "raw", "") or ""
        )
        for name, values in found.items():
            tables[name] += [(doc_id, *value) for value in values]
    columns = {name: ["doc_id", "paragraph", *cols] for name, cols in SPANS.items()}
    columns |= {name: ["doc_id", *cols] for name, cols in NAMES.items()}
    return {name: pd.DataFrame(tables[name], columns=cols) for name, cols in columns.items()}


def read_document(
    numbers: list[int], texts: list[str], year: int | None, date: str = "", raw: str = ""
) -> dict[str, list[tuple]]:
    """The facts of one document, as rows: paragraph numbers and clean texts in, lists of tuples out."""
    tagged = [phrases.tag(text) for text in texts]
    named_in = _actors.read(texts, tagged)
    known = _dates.context(year, date, "\n".join(texts))
    out: dict[str, list[tuple]] = {name: [] for name in (*SPANS, *NAMES)}
    measures: dict[tuple[str, str], list[tuple]] = defaultdict(list)
    for number, text, tokens, named in zip(numbers, texts, tagged, named_in, strict=True):
        found, known = _dates.read(text, known)
        quotes = _speech.find(text)
        out["dates"] += [(number, *row) for row in found]
        out["quantities"] += [(number, *row) for row in _quantities.find(text, [(d.start, d.end) for d in found])]
        out["speech"] += [(number, *_spoken_by(quote, text, named)) for quote in quotes]
        for m in _mechanisms.find(text, tokens, quotes):
            measures[m.name, m.kind].append((number, m.start, m.end))
    out["mechanisms"] = [(*key, mentions) for key, mentions in measures.items()]
    out["actors"] = _one_row_each(numbers, named_in, people.bylines(raw))
    return out


def _one_row_each(
    numbers: list[int], people: list[list[_actors.Actor]], signed: list[tuple[int, str, str]]
) -> list[tuple]:
    """One row per name: its first role in the text, every mention, and the lines it signs."""
    mentions: dict[tuple[str, str], list[tuple]] = defaultdict(list)
    roles: dict[tuple[str, str], str] = {}
    for number, named in zip(numbers, people, strict=True):
        for actor in named:
            key = actor.name, actor.kind
            mentions[key].append((number, actor.start, actor.end))
            roles[key] = roles.get(key) or actor.role
    lines: dict[tuple[str, str], list[int]] = defaultdict(list)
    for line, name, role in signed:
        lines[name, "person"].append(line)
        roles[name, "person"] = roles.get((name, "person")) or role
    return [(*key, roles[key], mentions.get(key, []), sorted(set(lines.get(key, [])))) for key in {**mentions, **lines}]


def _spoken_by(quote: _speech.Quote, text: str, named: list[_actors.Actor]) -> _speech.Quote:
    """Give a quotation the full name of its speaker, where one is named in or beside the attribution."""
    if quote.kind == "term":
        return quote
    people = [actor for actor in named if actor.kind == "person"]
    inside = [actor.name for actor in people if text[actor.start : actor.end] in quote.speaker]
    if inside or (quote.speaker and quote.speaker not in ("他", "她", "其")):
        return quote._replace(speaker=inside[0]) if inside else quote
    near = [(actor.start - quote.end, actor.name) for actor in people if 0 <= actor.start - quote.end <= REACH]
    near += [(quote.start - actor.end, actor.name) for actor in people if 0 <= quote.start - actor.end <= REACH]
    return quote._replace(speaker=min(near)[1]) if near else quote
