"""From a raw page to clean paragraphs, with a ledger that says what happened to every raw line.

`furniture` says what is not the article, `layout` what the rest is; here the lines become paragraphs and sentences, every
character of which knows its place in the raw file.
"""

import re
from bisect import bisect_right
from itertools import chain, pairwise

import numpy as np
import pandas as pd

from helpers import furniture, glyphs, layout
from helpers.layout import Line

LINES = ["line", "action", "zone", "continues", "rule", "text", "start", "end"]
PARAGRAPHS = ["paragraph", "zone", "line", "text", "start", "end", "offsets"]
HEAD = 120  # a dateline or a credit is found within so many characters


def clean(
    text: str, title: str = "", overrides: dict[int, str] | None = None, main: frozenset[int] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`(lines, paragraphs)` of one raw text.

    lines: line (1-based), action (keep/drop), zone, continues (the line it continues), rule, text (raw), start, end (raw
    offsets of the part kept). paragraphs: paragraph (1-based), zone, line (first raw line), text (clean), start, end (raw
    offsets), offsets (raw offset of every character of text). `overrides` maps line numbers to zones; `main`, where given,
    holds the lines that the markup of the page shows to be the article: a hint, no verdict.

    >>> lines, paragraphs = clean("新区防控\\n来源：办公室\\n\\n新区启动响应。3月9日起核酸检\\n测，居民有序参加。")
    >>> lines["zone"].tolist(), paragraphs["text"].tolist()[-1]
    (['title', 'metadata', 'blank', 'body', 'body'], '新区启动响应。3月9日起核酸检测，居民有序参加。')
    """
    lines, paragraphs = _rows(text, title, overrides, main)
    return _framed(_ledger(lines, text), LINES), pd.DataFrame(paragraphs, columns=PARAGRAPHS)


def _rows(
    text: str, title: str, overrides: dict[int, str] | None, main: frozenset[int] | None
) -> tuple[list[Line], list[tuple]]:
    plain = glyphs.simplified(text)
    every = layout.read(plain)
    seen = [line for line in every if line.show]
    for line in seen if main is not None else []:
        line.outside = line.number not in main
    for step in STEPS:
        step(seen, plain)
    layout.mark_title(seen, glyphs.normal(title) if title else "")
    for step in STEPS_BELOW_TITLE:
        step(seen, plain)
    for line in seen if overrides else []:
        if line.number in overrides:
            line.zone, line.rule, line.continues = overrides[line.number], "overrides.csv", None
    return every, _paragraphs(seen, plain)


def _framed(rows: list[tuple], columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(continues=frame["continues"].astype("Int64"))


def _paragraphs(lines: list[Line], plain: str) -> list[tuple]:
    """One row per paragraph: continued lines joined, datelines and closing credits cut off at their edges."""
    groups: list[list[Line]] = []
    for line in (line for line in lines if not line.dropped):
        if line.continues is not None and groups:
            groups[-1].append(line)
        else:
            groups.append([line])
    rows = []
    for group in groups:
        zone = group[0].zone
        if zone == "body":
            _trim(group, plain)
        text, offsets = _joined(group, plain)
        if text:
            rows.append((len(rows) + 1, zone, group[0].number, text, int(offsets[0]), int(offsets[-1]) + 1, offsets))
    return rows


def _trim(group: list[Line], plain: str) -> None:
    """Take the dateline off the first line and the credit off the last; they stay in the ledger as the line's rule."""
    first, last = group[0], group[-1]
    find = furniture.rules().find
    if find("start", first.show[:HEAD], "match"):
        found = find("start", glyphs.widened(plain[first.start : first.end][:HEAD]), "match")
        if found and first.start + found[2].end() < first.end:
            _cut(first, first.start + found[2].end(), first.end, found[0], plain)
    if last.show[-1:] not in layout.STOPS and find("end", last.show[-HEAD:], "search"):
        tail = max(last.start, last.end - HEAD)
        found = find("end", glyphs.widened(plain[tail : last.end]), "search")
        if found and tail + found[2].start() > last.start:
            _cut(last, last.start, tail + found[2].start(), found[0], plain)


def _cut(line: Line, start: int, end: int, rule: str, plain: str) -> None:
    line.start, line.end, line.rule = start, end, rule
    line.show, line.places = glyphs.normalise(plain[start:end])


def _joined(group: list[Line], plain: str) -> tuple[str, np.ndarray]:
    if len(group) == 1:
        line = group[0]
        if line.places is None:
            return line.show, np.arange(line.start, line.end, dtype=np.int32)
        return line.show, line.places + np.int32(line.start)
    raw = "".join(plain[line.start : line.end] for line in group)
    places = np.concatenate([np.arange(line.start, line.end, dtype=np.int32) for line in group])
    text, kept = glyphs.normalise(glyphs.simplified(raw))
    return text, places[kept]


def _ledger(lines: list[Line], text: str) -> list[tuple]:
    return [
        (
            line.number,
            "drop" if line.dropped or not line.show else "keep",
            line.zone if line.show else "blank",
            line.continues,
            line.rule,
            text[line.start : line.end],
            line.start,
            line.end,
        )
        for line in lines
    ]


STEPS = (
    furniture.mark_regions,
    furniture.mark_furniture,
    furniture.mark_page_numbers,
    furniture.mark_surroundings,
)
STEPS_BELOW_TITLE = (
    layout.mark_repeats,
    layout.mark_shape,
    layout.mark_captions_by_gap,
    layout.mark_lists,
    layout.mark_joins,
)
LINE_BREAK = re.compile(r"\r\n|\r|\n")
TERMINATOR = re.compile(  # begins with a set of characters, which a search leaps to
    r"[“”。！？；…](?:(?<=[“”])|(?:(?<!…)|…*(?![，。！？；、”’）…]))[，。！？；：、…’”）》】]*)"
)
BLANK = re.compile(r"\s")


def split(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences of a clean paragraph: at 。！？；…, never inside “ ”.

    >>> [("“快走。”他说，大家都走。新区静下来。")[a:b] for a, b in split("“快走。”他说，大家都走。新区静下来。")]
    ['“快走。”他说，大家都走。', '新区静下来。']
    """
    ends = _ends(text) if "“" in text else [match.end() for match in TERMINATOR.finditer(text) if match[0] != "”"]
    if text[ends[-1] if ends else 0 :]:
        ends.append(len(text))
    spans = list(pairwise((0, *ends)))
    return [span for a, b in spans if (span := _trimmed(text, a, b))] if BLANK.search(text) else spans


def _ends(text: str) -> list[int]:
    """Where the sentences of a text with quotation marks end."""
    ends, depth = [], 0
    balanced = text.count("“") == text.count("”")
    for match in TERMINATOR.finditer(text):
        mark = match[0]
        if mark == "“":
            depth += 1
            continue
        if mark != "”" and not (balanced and depth):
            ends.append(match.end())
        if depth:
            depth = max(0, depth - mark.count("”"))
    return ends


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """A span without the blanks at its edges; None where there is nothing else."""
    bare = text[start:end].strip()
    if len(bare) < end - start:
        start = text.index(bare, start)
    return (start, start + len(bare)) if bare else None


def clean_docs(
    docs: pd.DataFrame, overrides: pd.DataFrame | None = None, ledger: bool = True
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`clean` for every row of docs (doc_id, raw, title); both frames begin with doc_id. Without `ledger` lines has no rows."""
    lines, paragraphs = [], []
    own = (
        {}
        if overrides is None
        else {f: dict(zip(g["line"], g["zone"], strict=True)) for f, g in overrides.groupby("file")}
    )
    known = (docs[name].tolist() for name in ("doc_id", "file", "raw", "title", "main"))
    for doc, file, raw, title, main in zip(*known, strict=True):
        every, kept = _rows(raw, title or "", own.get(file), main)
        lines += [(doc, *row) for row in _ledger(every, raw)] if ledger else []
        paragraphs += [(doc, *row) for row in kept]
    return _framed(lines, ["doc_id", *LINES]), pd.DataFrame(paragraphs, columns=["doc_id", *PARAGRAPHS])


def sentences(paragraphs: pd.DataFrame, docs: pd.DataFrame) -> pd.DataFrame:
    """One row per sentence of the kept paragraphs: doc_id, paragraph, sentence, zone, text, line, start, end (raw offsets), and
    row (of its paragraph), from, to (in the paragraph's text)."""
    texts = paragraphs["text"].tolist()
    spans = [split(text) for text in texts]
    many = np.array([len(some) for some in spans], dtype=int)
    row = np.repeat(np.arange(len(texts)), many)
    begin, stop = np.array(list(chain.from_iterable(spans)), dtype=int).reshape(-1, 2).T
    start, end = _in_raw(paragraphs["offsets"], row, begin, stop)
    known = {name: paragraphs[name].array.take(row) for name in ("doc_id", "paragraph", "zone")}
    return pd.DataFrame(
        {
            "doc_id": known["doc_id"],
            "paragraph": known["paragraph"],
            "sentence": np.arange(len(row)) - np.repeat(many.cumsum() - many, many) + 1,
            "zone": known["zone"],
            "text": [text[a:b] for text, some in zip(texts, spans, strict=True) for a, b in some],
            "line": _lines(docs, known["doc_id"], start),
            "start": start,
            "end": end,
            "row": row,
            "from": begin,
            "to": stop,
        }
    )


def _in_raw(offsets: pd.Series, row: np.ndarray, begin: np.ndarray, stop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Raw offsets of spans of some rows' texts."""
    places = np.concatenate([np.zeros(0, dtype=int), *offsets])
    lengths = np.array([len(some) for some in offsets], dtype=int)
    first = (lengths.cumsum() - lengths)[row]
    return places[first + begin], places[first + stop - 1] + 1


def _lines(docs: pd.DataFrame, ids: pd.Series, start: np.ndarray) -> np.ndarray:
    """The raw line (from 1) that each raw offset of the documents `ids` stands in."""
    starts = line_starts(docs)
    far = max((some[-1] for some in starts.values()), default=0) + int(start.max(initial=0)) + 1
    every = np.concatenate(
        [np.zeros(0, dtype=int), *(np.array(some) + n * far for n, some in enumerate(starts.values()))]
    )
    number = pd.Index(starts).get_indexer(ids)
    return np.searchsorted(every, number * far + start, side="right") - np.searchsorted(every, number * far)


def line_starts(docs: pd.DataFrame) -> dict[str, list[int]]:
    """Raw offset at which each line of each document begins."""
    raws = zip(docs["doc_id"].tolist(), docs["raw"].tolist(), strict=True)
    return {d: [0, *(m.end() for m in LINE_BREAK.finditer(raw))] for d, raw in raws}


def to_raw_lines(rows: pd.DataFrame, paragraphs: pd.DataFrame, docs: pd.DataFrame) -> pd.DataFrame:
    """`rows` (doc_id, paragraph, start, end in the paragraph's text) with line, start, end inside the raw line instead.

    A span that runs over a broken line ends with its first raw line.
    """
    if rows.empty:
        return rows.assign(line=pd.Series(dtype=int))
    places = zip(paragraphs["doc_id"].tolist(), paragraphs["paragraph"].tolist(), strict=True)
    offsets = dict(zip(places, paragraphs["offsets"], strict=True))
    starts = line_starts(docs)
    placed = []
    for doc, paragraph, start, end in rows[["doc_id", "paragraph", "start", "end"]].itertuples(index=False):
        places, begins = offsets[doc, paragraph], starts[doc]
        first = int(places[start])
        line = bisect_right(begins, first)
        limit = begins[line] if line < len(begins) else first + (end - start) * 4 + 64
        last = next(int(places[i]) + 1 for i in range(end - 1, start - 1, -1) if places[i] < limit)
        placed.append((line, first - begins[line - 1], last - begins[line - 1]))
    out = rows.copy()
    out[["line", "start", "end"]] = placed
    return out
