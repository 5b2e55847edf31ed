"""From a raw page to clean paragraphs, with a ledger that says what happened to every raw line.

`furniture` and `surroundings` say what is not the article, `layout` what the rest is; here the lines become paragraphs and
sentences, every character of which knows its place in the raw file.
"""

from itertools import accumulate, pairwise

import numpy as np
import pandas as pd

from helpers import furniture, glyphs, headlines, joins, layout, surroundings
from helpers.layout import Line
from helpers.sentences import spans
from helpers.trie import code_points

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
    lines, paragraphs = _rows(*_readable([text])[0], title, overrides, main)
    return _framed(_ledger(lines, text), LINES), pd.DataFrame(paragraphs, columns=PARAGRAPHS)


def _readable(raws: list[str]) -> list[tuple[str, str]]:
    """Each text in Simplified script, and that with its widths settled. Both leave every character in its place, and neither
    looks beyond a line break, so all are read as one."""
    plain = glyphs.simplified("\n".join(raws))
    wide = glyphs.widened(plain)
    ends = [*accumulate(len(raw) + 1 for raw in raws)]
    return [(plain[a : b - 1], wide[a : b - 1]) for a, b in pairwise([0, *ends])]


def _rows(
    plain: str, wide: str, title: str, overrides: dict[int, str] | None, main: frozenset[int] | None
) -> tuple[list[Line], list[tuple]]:
    every = layout.read(plain, wide)
    seen = [line for line in every if line.show]
    for line in seen if main is not None else []:
        line.outside = line.number not in main
    for step in STEPS:
        step(seen, plain)
    headlines.mark_title(seen, glyphs.normal(title) if title else "")
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
    found = find("start", first.show[:HEAD], "match")
    if found and found[2].end() < len(first.show):
        _cut(first, first.place(found[2].end()), first.end, found[0], plain)
    found = find("end", last.show[-HEAD:], "search") if last.show[-1:] not in layout.STOPS else None
    if found and (cut := max(0, len(last.show) - HEAD) + found[2].start()):
        _cut(last, last.start, last.place(cut), found[0], plain)


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
    headlines.mark_often,
    furniture.mark_regions,
    furniture.mark_furniture,
    furniture.mark_page_numbers,
    surroundings.mark,
)
STEPS_BELOW_TITLE = (
    headlines.mark_repeats,
    layout.mark_picture_page,
    layout.mark_shape,
    layout.mark_captions_by_gap,
    layout.mark_lists,
    joins.mark,
)
FAR = 2**32  # more than there are paragraphs in a document


def clean_docs(
    docs: pd.DataFrame, overrides: pd.DataFrame | None = None, ledger: bool = True
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`clean` for every row of docs (doc_id, raw, title); both frames begin with doc_id. Without `ledger` lines is empty."""
    lines, paragraphs = [], []
    own = (
        {}
        if overrides is None
        else {f: dict(zip(g["line"], g["zone"], strict=True)) for f, g in overrides.groupby("file")}
    )
    raws, *known = (docs[name].tolist() for name in ("raw", "doc_id", "file", "title", "main"))
    for raw, shown, doc, file, title, main in zip(raws, _readable(raws), *known, strict=True):
        every, kept = _rows(*shown, title or "", own.get(file), main)
        lines += [(doc, *row) for row in _ledger(every, raw)] if ledger else []
        paragraphs += [(doc, *row) for row in kept]
    framed = _framed(lines, ["doc_id", *LINES]) if ledger else pd.DataFrame()
    return framed, pd.DataFrame(paragraphs, columns=["doc_id", *PARAGRAPHS])


def idle(docs: pd.DataFrame, overrides: pd.DataFrame) -> list[tuple]:
    """A problem row (file, problem, remedy, severity) for each row of `overrides` whose line the article has not, or has blank.

    >>> idle(pd.DataFrame({"file": ["q.txt"], "raw": ["通告\\n居民登记。\\n"]}), pd.DataFrame({"file": ["q.txt"], "line": [99]}))[0][1]
    'q.txt has 2 lines; line 99 of overrides.csv changes nothing'
    """
    told = []
    named = docs[docs["file"].isin(overrides["file"])]
    for file, raw in zip(named["file"].tolist(), named["raw"].tolist(), strict=True):
        lines = layout.LINE_BREAK.split(raw)
        lines = lines[:-1] if not lines[-1] else lines
        for line in overrides.loc[overrides["file"] == file, "line"].tolist():
            if not 1 <= line <= len(lines):
                told.append(f"{file} has {len(lines)} lines; line {line} of overrides.csv changes nothing")
            elif not lines[line - 1].strip(layout.BLANKS):
                told.append(f"{file} line {line} is blank; its row of overrides.csv changes nothing")
    return [("overrides.csv", problem, "Check the number of the line (tables/lines.csv).", "doubt") for problem in told]


def sentences(paragraphs: pd.DataFrame, docs: pd.DataFrame) -> pd.DataFrame:
    """One row per sentence of the kept paragraphs: doc_id, paragraph, sentence, zone, text, line, start, end (raw offsets), and
    row (of its paragraph), from, to (in the paragraph's text)."""
    texts = paragraphs["text"].tolist()
    row, begin, stop = spans(texts)
    start, end = _in_raw(paragraphs["offsets"], row, begin, stop)
    number = pd.Index(docs["doc_id"]).get_indexer(paragraphs["doc_id"])[row]
    known = {name: paragraphs[name].array.take(row) for name in ("doc_id", "paragraph", "zone")}
    return pd.DataFrame(
        {
            "doc_id": known["doc_id"],
            "paragraph": known["paragraph"],
            "sentence": np.arange(len(row)) - np.searchsorted(row, row) + 1,
            "zone": known["zone"],
            "text": [texts[i][a:b] for i, a, b in zip(row.tolist(), begin.tolist(), stop.tolist(), strict=True)],
            "line": _lines(docs["raw"].tolist(), number, start)[0],
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


def _lines(raws: list[str], number: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The line (from 1) that each offset stands in, where it and the next begin; `number` says in which of the raw texts."""
    signs = code_points("".join(raws))
    breaks = np.flatnonzero((signs == ord("\n")) | (signs == ord("\r")) & (np.append(signs[1:], 0) != ord("\n")))
    origin = np.cumsum([0, *map(len, raws)])[number]
    begins, at = np.concatenate([[0], breaks + 1, [len(signs) + 1]]), np.searchsorted(breaks, origin + start)
    line = at - np.searchsorted(breaks, origin) + 1
    return line, np.maximum(begins[at] - origin, 0), begins[at + 1] - origin


def line_starts(docs: pd.DataFrame) -> dict[str, list[int]]:
    """Raw offset at which each line of each document begins."""
    raws = zip(docs["doc_id"].tolist(), docs["raw"].tolist(), strict=True)
    return {d: [0, *(m.end() for m in layout.LINE_BREAK.finditer(raw))] for d, raw in raws}


def to_raw_lines(rows: pd.DataFrame, paragraphs: pd.DataFrame, docs: pd.DataFrame) -> pd.DataFrame:
    """`rows` (doc_id, paragraph, start, end in the paragraph's text) with line, start, end inside the raw line instead.

    A span that runs over a broken line ends with its first raw line.
    """
    if rows.empty:
        return rows.assign(line=pd.Series(dtype=int))
    known = pd.Index(docs["doc_id"])
    of, number = (known.get_indexer(some["doc_id"]) for some in (paragraphs, rows))
    row = pd.Index(of * FAR + paragraphs["paragraph"].to_numpy(int)).get_indexer(
        number * FAR + rows["paragraph"].to_numpy(int)
    )
    begin, stop = rows["start"].to_numpy(int), rows["end"].to_numpy(int)
    start, end = _in_raw(paragraphs["offsets"], row, begin, stop)
    line, opens, closes = _lines(docs["raw"].tolist(), number, start)
    for i in np.flatnonzero(end > closes).tolist():  # over a broken line
        places = paragraphs["offsets"].iloc[row[i]][begin[i] : stop[i]]
        end[i] = places[places < closes[i]][-1] + 1
    return rows.assign(line=line, start=start - opens, end=end - opens)
