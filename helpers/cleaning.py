"""From a raw page to clean paragraphs, with a ledger that says what happened to every raw line.

`furniture` says what is not the article, `layout` what the rest is; here the lines become paragraphs and sentences, every
character of which knows its place in the raw file.
"""

import re
from bisect import bisect_right

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
    ledger, paragraphs = _rows(text, title, overrides, main)
    return _framed(ledger, LINES), pd.DataFrame(paragraphs, columns=PARAGRAPHS)


def _rows(
    text: str, title: str, overrides: dict[int, str] | None, main: frozenset[int] | None
) -> tuple[list[tuple], list[tuple]]:
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
    paragraphs = _paragraphs(seen, plain)
    return _ledger(every, text), paragraphs


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
TERMINATOR = re.compile(r"[“”]|(?:[。！？；]|…+(?![，。！？；、”’）…]))[，。！？；：、…’”）》】]*")


def split(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences of a clean paragraph: at 。！？；…, never inside “ ”.

    >>> [("“快走。”他说，大家都走。新区静下来。")[a:b] for a, b in split("“快走。”他说，大家都走。新区静下来。")]
    ['“快走。”他说，大家都走。', '新区静下来。']
    """
    spans, start, depth = [], 0, 0
    balanced = text.count("“") == text.count("”")
    for match in TERMINATOR.finditer(text):
        mark = match.group()
        if mark == "“":
            depth += 1
        elif mark == "”":
            depth = max(0, depth - 1)
        else:
            closing = mark.count("”")
            if not (balanced and depth > 0):
                spans.append((start, match.end()))
                start = match.end()
            depth = max(0, depth - closing)
    if start < len(text):
        spans.append((start, len(text)))
    trimmed = (
        (a + len(text[a:b]) - len(text[a:b].lstrip()), b - len(text[a:b]) + len(text[a:b].rstrip())) for a, b in spans
    )
    return [(a, b) for a, b in trimmed if a < b]


def clean_docs(docs: pd.DataFrame, overrides: pd.DataFrame | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`clean` for every row of docs (doc_id, raw, title); both frames begin with doc_id."""
    lines, paragraphs = [], []
    own = (
        {}
        if overrides is None
        else {f: dict(zip(g["line"], g["zone"], strict=True)) for f, g in overrides.groupby("file")}
    )
    for doc, file, raw, title, main in docs[["doc_id", "file", "raw", "title", "main"]].itertuples(index=False):
        ledger, kept = _rows(raw, title or "", own.get(file), main)
        lines += [(doc, *row) for row in ledger]
        paragraphs += [(doc, *row) for row in kept]
    return _framed(lines, ["doc_id", *LINES]), pd.DataFrame(paragraphs, columns=["doc_id", *PARAGRAPHS])


def sentences(paragraphs: pd.DataFrame, docs: pd.DataFrame) -> pd.DataFrame:
    """One row per sentence of the kept paragraphs: doc_id, paragraph, sentence, zone, text, line, start, end (raw offsets)."""
    starts = line_starts(docs)
    rows = []
    for p in paragraphs.itertuples(index=False):
        for number, (a, b) in enumerate(split(p.text), 1):
            start, end = int(p.offsets[a]), int(p.offsets[b - 1]) + 1
            rows.append(
                (
                    p.doc_id,
                    p.paragraph,
                    number,
                    p.zone,
                    p.text[a:b],
                    bisect_right(starts[p.doc_id], start),
                    start,
                    end,
                    a,
                    b,
                )
            )
    columns = ["doc_id", "paragraph", "sentence", "zone", "text", "line", "start", "end", "from", "to"]
    return pd.DataFrame(rows, columns=columns)


def line_starts(docs: pd.DataFrame) -> dict[str, list[int]]:
    """Raw offset at which each line of each document begins."""
    return {
        d: [0, *(m.end() for m in re.finditer(r"\r\n|\r|\n", raw))]
        for d, raw in zip(docs["doc_id"], docs["raw"], strict=True)
    }


def to_raw_lines(rows: pd.DataFrame, paragraphs: pd.DataFrame, docs: pd.DataFrame) -> pd.DataFrame:
    """`rows` (doc_id, paragraph, start, end in the paragraph's text) with line, start, end inside the raw line instead.

    A span that runs over a broken line ends with its first raw line.
    """
    if rows.empty:
        return rows.assign(line=pd.Series(dtype=int))
    offsets = {(p.doc_id, p.paragraph): p.offsets for p in paragraphs.itertuples(index=False)}
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
