"""From a raw page to clean paragraphs, with a ledger that says what happened to every raw line.

Rules are rows of `data/lexicon/furniture.csv`; what they leave is decided by layout: length, closing punctuation, gaps,
repeats of the title. When in doubt a line is kept: losing text is the worse error.
"""

import csv
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from statistics import mode

import numpy as np
import pandas as pd

from helpers import glyphs, lexicon
from helpers.study import LEXICON, CorpusError

LINES = ["line", "action", "zone", "continues", "rule", "text", "start", "end"]
PARAGRAPHS = ["paragraph", "zone", "line", "text", "start", "end", "offsets"]
KEPT = ("title", "subtitle", "heading", "body", "list")
CLOSING = re.compile(r"[。！？；…：!?;:][”’』」）)】》]*$")
STOP = re.compile(r"[。！？](?:[”’）])?")
OPEN_END = re.compile(r"[，、（“‘《—－]$")
BULLET = re.compile(
    r"^(?:——|[-*•·◆■●]\s+|[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[、.．)](?!\d))"
)
MARKUP = re.compile(r"^\s*(?:#{1,6}\s+|>\s*)*|^\s*[*-]\s{1,4}(?=\S)")
DOUBLE = re.compile(r"[^\w]+")
SOURCE_RULES = ("source-line", "date-line", "date-and-source")


@dataclass(frozen=True)
class Rules:
    """Furniture rules, joined into one pattern per place so that each line is looked at once."""

    by_place: dict[str, re.Pattern]
    names: dict[str, tuple[str, str]] = field(repr=False)  # group name → (rule id, zone)

    def find(self, place: str, text: str, whole: bool = True) -> tuple[str, str, re.Match] | None:
        """(rule, zone, match) of the first rule of `place` that fits `text`."""
        pattern = self.by_place.get(place)
        match = pattern and (pattern.fullmatch(text) if whole else pattern.search(text))
        return (*self.names[match.lastgroup], match) if match else None


@cache
def rules(path=LEXICON / "furniture.csv") -> Rules:
    """The rules of a furniture table (id, zone, where, pattern, example, note)."""
    by_place: dict[str, list[str]] = {}
    names = {}
    with open(path, encoding="utf-8-sig", newline="") as table:
        for number, row in enumerate(csv.DictReader(table)):
            try:
                re.compile(row["pattern"])
            except re.error as error:
                raise CorpusError(
                    f"{path.name}: rule {row['id']} is no valid pattern ({error}); mend or remove the row."
                ) from None
            end = r"\Z" if row["where"] == "end" else ""
            start = r"\A" if row["where"] == "start" else ""
            by_place.setdefault(row["where"], []).append(f"(?P<r{number}>{start}(?:{row['pattern']}){end})")
            names[f"r{number}"] = (row["id"], row["zone"])
    return Rules({place: re.compile("|".join(parts)) for place, parts in by_place.items()}, names)


@dataclass
class Line:
    """One raw line on its way: where it stands, what it shows, what was decided."""

    number: int
    start: int
    end: int
    show: str = ""  # Simplified, widths settled, Markdown marks off
    zone: str = ""
    rule: str = ""
    continues: int | None = None
    gap: int = 0  # blank lines before it
    places: np.ndarray | None = field(default=None, repr=False)  # of the characters of `show` in the raw line

    @property
    def closed(self) -> bool:
        return bool(CLOSING.search(self.show)) or (len(self.show) >= 38 and self.show[-1:] in "”’）】》")

    @property
    def dropped(self) -> bool:
        return self.zone not in (*KEPT, "")


def clean(
    text: str, title: str = "", overrides: dict[int, str] | None = None, main: frozenset[int] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`(lines, paragraphs)` of one raw text.

    lines: line (1-based), action (keep/drop), zone, continues (the line it continues), rule, text (raw), start, end (raw
    offsets of the part kept). paragraphs: paragraph (1-based), zone, line (first raw line), text (clean), start, end (raw
    offsets), offsets (raw offset of every character of text). `overrides` maps line numbers to zones; `main`, where given,
    holds the lines of a page that may be article at all.

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
    every = _lines(text, plain)
    seen = [line for line in every if line.show]
    for line in seen if main is not None else []:
        if line.number not in main:
            line.zone, line.rule = "navigation", "outside-main-text"
    for step in STEPS:
        step(seen, plain)
    _mark_title(seen, glyphs.normal(title) if title else "")
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


def _lines(text: str, plain: str) -> list[Line]:
    lines, start, gap = [], 0, 0
    for number, match in enumerate(re.finditer(r"\r\n|\r|\n|\Z", text), 1):
        if match.start() < start or (match.start() == start == len(text) and number > 1):
            break
        raw = plain[start : match.start()]
        left = len(raw) - len(raw.lstrip(f" \t\u3000\xa0{glyphs.INVISIBLE_CHARACTERS}"))
        marks = MARKUP.match(raw[left:]).end() if raw[left : left + 1] in "#>*-" and raw[left:] else 0
        end = start + len(raw.rstrip(f" \t\u3000\xa0{glyphs.INVISIBLE_CHARACTERS}"))
        line = Line(number, min(start + left + marks, max(end, start)), max(end, start), gap=gap)
        if line.end > line.start:
            line.show, line.places = glyphs.normalise(plain[line.start : line.end])
        if not line.show and raw.strip():
            line.show, line.zone, line.rule = raw.strip(), "ornament", "markup"
        line.rule = line.rule or ("markdown-heading" if raw[left:].startswith("#") else "")
        gap = 0 if line.show else gap + 1
        lines.append(line)
        start = match.end()
    return lines


def _mark_furniture(lines: list[Line], plain: str) -> None:
    """Whole lines that a rule knows, by where on the page they stand."""
    bodies = [i for i, line in enumerate(lines) if _is_text(line)]
    first, last = (bodies[0], bodies[-1]) if bodies else (min(12, len(lines)), -1)
    for i, line in enumerate(lines):
        if line.zone or len(line.show) > 400 and not line.show.startswith(("<", "!", "[")):
            continue
        raw = plain[line.start : line.end].strip("* ")
        tail = i > last >= 0 or i >= max(4, len(lines) - max(4, len(lines) // 7))
        places = ["line", *(["head"] if i < min(first, 60) else []), *(["tail"] if tail else [])]
        for place in places:
            found = rules().find(place, line.show) or (raw != line.show and rules().find(place, raw)) or None
            if found:
                line.rule, line.zone = found[0], found[1]
                break
    _mark_names(lines[: min(first, 60)])
    promoted = [i for i, line in enumerate(lines) if line.rule == "promotion"]
    for a, b in zip(promoted, promoted[1:], strict=False):
        for line in lines[a + 1 : b] if b - a <= 4 else []:
            line.rule, line.zone = line.rule if line.zone else "promotion", line.zone or "share"


@cache
def _names() -> re.Pattern:
    """A line of one to six personal names and nothing else."""
    surnames = lexicon.words("name_characters", "entries", kind="surname")[0]
    name = rf"[{surnames}][\u4e00-\u9fff]{{1,2}}"
    return re.compile(rf"{name}(?:[\s、]+{name}){{0,5}}")


def _mark_names(head: list[Line]) -> None:
    """A line of nothing but personal names under the title is a byline."""
    for line in head[1:]:
        if not line.zone and len(line.show) >= 3 and _names().fullmatch(line.show):
            line.zone, line.rule = "byline", "names-under-title"


def _mark_regions(lines: list[Line], plain: str) -> None:
    """A heading such as 相关新闻 or 版权声明 opens a region that runs until text returns or the page ends."""
    text_again = _next_text(lines)
    seen = list(accumulate((len(line.show) for line in lines), initial=0))  # characters above each line
    i = 0
    while i < len(lines):
        found = not lines[i].zone and rules().find("region", lines[i].show)
        if not found or i < len(lines) * 0.3:
            i += 1
            continue
        rule, zone, _ = found
        end = len(lines)
        if zone == "related":
            end = text_again[i + 1]
        elif seen[-1] - seen[i + 1] > 0.4 * seen[-1]:
            end = i + 1
        for line in lines[i:end]:
            if (other := rules().find("region", line.show)) and other[1] != zone:
                rule, zone = other[0], other[1]
            line.zone, line.rule = line.zone or zone, line.rule if line.zone else rule
        i = end


def _next_text(lines: list[Line]) -> list[int]:
    """For each place, where the next long line with a full stop stands (the number of lines where there is none)."""
    places = [len(lines)] * (len(lines) + 1)
    for i in range(len(lines) - 1, -1, -1):
        places[i] = i if len(lines[i].show) >= 60 and STOP.search(lines[i].show) else places[i + 1]
    return places


def _is_text(line: Line) -> bool:
    return not line.zone and len(line.show) >= 40 and bool(STOP.search(line.show))


def _mark_surroundings(lines: list[Line], plain: str) -> None:
    """On a page copied whole, menus stand above the title and other headlines below the credits.

    The title is the line above the line of source and date; the end is the first credit, share or copyright line after the text.
    Without such a line nothing is taken away: in a notice, short lines are text.
    """
    bodies = [i for i, line in enumerate(lines) if _is_text(line)]
    if not bodies:
        return
    dated = [i for i, line in enumerate(lines[: bodies[0]]) if line.zone == "metadata" and line.rule in SOURCE_RULES]
    above = [i for i in range(dated[-1] if dated else 0) if not lines[i].zone]
    if len(above) > 3:
        title = next((i for i in reversed(above) if len(lines[i].show) >= 8), above[-1])
        for i in above:
            if i < title and not lines[i].closed:
                lines[i].zone, lines[i].rule = "navigation", "above-the-title"
    ends = [
        i for i in range(bodies[-1] + 1, len(lines)) if lines[i].zone in ("credit", "share", "related", "copyright")
    ]
    for line in lines[ends[0] :] if ends else []:
        if not line.zone and not line.closed:
            line.zone, line.rule = "related", "after-the-article"


def _mark_title(lines: list[Line], title: str) -> None:
    """The first line that is not furniture, where it is short and no sentence; a known title is recognised wherever it stands."""
    first = next((i for i, line in enumerate(lines) if not line.zone), None)
    if first is None:
        return
    line = lines[first]
    known = bool(title) and _alike(_bare(title), _bare(line.show))
    short = (
        len(line.show) <= 60
        and not re.search(r"[。；，、]$|[。！？]”$", line.show)
        and not re.search(r"。.", line.show)
    )
    if known or (short and (len(lines) > first + 1)) or line.rule == "markdown-heading":
        line.zone, line.rule = "title", "known-title" if known else "first-short-line"
        for follower in lines[first + 1 : first + 3]:
            if (
                not follower.zone
                and re.match(r"——|--|—", follower.show)
                and len(follower.show) <= 60
                and not STOP.search(follower.show)
            ):
                follower.zone, follower.rule = "subtitle", "dash-under-title"


def _bare(text: str) -> str:
    return DOUBLE.sub("", text)


def _alike(title: str, line: str) -> bool:
    """The same words, or one within the other (a page may shorten its title, a browser tab adds the site's name)."""
    return (
        title == line
        or min(len(title), len(line)) >= 8
        and (line in title or title in line and len(line) <= 1.5 * len(title))
    )


def _mark_repeats(lines: list[Line], plain: str) -> None:
    """A line that says the title again (once or several times over) stands where the page had a picture."""
    title = next((_bare(line.show) for line in lines if line.zone == "title"), "")
    if len(title) < 6:
        return
    for line in lines:
        bare = _bare(line.show)
        if not line.zone and bare and len(bare) % len(title) == 0 and bare == title * (len(bare) // len(title)):
            line.zone, line.rule = "caption", "repeats-title"


def _mark_shape(lines: list[Line], plain: str) -> None:
    """Body, list or heading, by length and closing punctuation."""
    open_lines = [line for line in lines if not line.zone]
    place = {id(line): i for i, line in enumerate(lines)}
    wrapped = _wrap_width(open_lines)
    for i, line in enumerate(open_lines):
        long_enough = len(line.show) >= (wrapped - 4 if wrapped else 38) or "。" in line.show[:-1]
        pictured = lines[place[id(line)] - 1].rule == "picture" if place[id(line)] else False
        after = open_lines[i + 1] if i + 1 < len(open_lines) else None
        before = open_lines[i - 1] if i else None
        unfinished = before is not None and before.zone == "body" and not before.closed and not BULLET.match(line.show)
        marked = line.rule == "markdown-heading" or (
            re.fullmatch(r"\*\*.{2,60}\*\*", plain[line.start : line.end].strip())
            and not re.search(r"[。：；]”?$", line.show)
        )
        if BULLET.match(line.show) and (line.closed or long_enough):
            line.zone, line.rule = "list", "bullet"
        elif pictured and not marked and not line.closed and len(line.show) <= 60:
            line.zone, line.rule = "caption", "under-a-picture"
        elif marked and after is not None:
            line.zone, line.rule = "heading", line.rule or "bold-line"
        elif (
            long_enough
            or unfinished
            or OPEN_END.search(line.show)
            or (line.closed and not _question(line, before, after))
        ):
            line.zone, line.rule = "body", line.rule or "text"
        elif after is None and before is not None and not wrapped:
            line.zone, line.rule = "body", "last-line"
        else:
            line.zone, line.rule = "heading", "short-open-line"


def _mark_lists(lines: list[Line], plain: str) -> None:
    """Three or more short open lines in a row, lines after a colon, or such lines at the end are a list, not headings."""
    kept = [line for line in lines if not line.dropped and line.zone != "title"]
    run: list[Line] = []
    before: Line | None = None  # the line above the run
    for line in [*kept, None]:
        if line is not None and line.rule in ("short-open-line", "last-line") and line.zone in ("heading", "body"):
            run.append(line)
            continue
        if len(run) >= 3 or (run and line is None) or (run and before is not None and before.show.endswith("：")):
            for member in run:
                member.zone, member.rule = "list", "short-lines-in-a-row"
        run, before = [], line


def _question(line: Line, before: Line | None, after: Line | None) -> bool:
    """A short line ending in a question or a quotation, between longer paragraphs, is a heading rather than text."""
    apart = after is not None and len(after.show) >= 60 and (before is None or len(before.show) >= 60)
    return apart and len(line.show) <= 22 and not re.search(r"[。；：…，]", line.show) and not line.show.startswith("“")


def _wrap_width(lines: list[Line]) -> int:
    """The width of a hard-wrapped page, 0 where lines are paragraphs: most lines end open at nearly one length."""
    if len(lines) < 8:
        return 0
    longest = sorted(len(line.show) for line in lines)[-len(lines) // 10]
    full = [line for line in lines if longest - 3 <= len(line.show) <= longest + 3 and not line.closed]
    return longest if 14 <= longest <= 60 and len(full) >= 0.4 * len(lines) else 0


def _mark_captions_by_gap(lines: list[Line], plain: str) -> None:
    """Where a page has photo credits, a short line after an unusually wide gap stands under a picture that is gone."""
    body = [line for line in lines if line.zone == "body"]
    if len(body) < 4 or not any(line.rule in ("photos-by", "taken-by", "supplied") for line in lines):
        return
    usual = mode(line.gap for line in body[1:])
    for line in lines:
        if line.zone == "heading" and line.gap >= usual + 2 and not BULLET.match(line.show):
            line.zone, line.rule = "caption", "short-line-after-wide-gap"


def _mark_joins(lines: list[Line], plain: str) -> None:
    """A paragraph line that stops in mid-sentence goes on in the next line of text."""
    kept = [line for line in lines if not line.dropped]
    wrapped = _wrap_width(kept)
    place = {id(line): i for i, line in enumerate(lines)}
    for line, after in zip(kept, kept[1:], strict=False):
        if place[id(after)] != place[id(line)] + 1:  # something that was dropped stands between
            continue
        if plain[after.start - 1 : after.start] == " " and after.rule != "short-open-line":  # its own Markdown mark
            continue
        full = len(line.show) >= (wrapped - 4 if wrapped else 28) or "。" in line.show
        if (
            line.zone in ("body", "list")
            and after.zone in ("body", "heading")
            and not line.closed
            and (full or OPEN_END.search(line.show))
        ):
            if after.zone == "heading" and (
                after.rule != "short-open-line" or wrapped == 0 and not OPEN_END.search(line.show)
            ):
                continue
            after.continues, after.zone, after.rule = line.number, "body", "continues"


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
    first, last = group[0], group[-1]
    head = plain[first.start : first.end]
    if found := rules().find("start", glyphs.widened(head[:120]), whole=False):
        if found[2].end() < len(head):
            first.start += found[2].end()
            first.rule, first.places = found[0], None
    tail_from = max(last.start, last.end - 120)
    if found := rules().find("end", glyphs.widened(plain[tail_from : last.end]), whole=False):
        if tail_from + found[2].start() > last.start:
            last.end = tail_from + found[2].start()
            last.rule, last.places = found[0], None


def _joined(group: list[Line], plain: str) -> tuple[str, np.ndarray]:
    if len(group) == 1 and group[0].places is not None:
        return group[0].show, group[0].places + np.int32(group[0].start)
    raw = "".join(plain[line.start : line.end] for line in group)
    places = np.concatenate([np.arange(line.start, line.end, dtype=np.int32) for line in group])
    text, kept = glyphs.normalise(glyphs.simplified(raw) if len(group) > 1 else raw)
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


STEPS = (_mark_regions, _mark_furniture, _mark_surroundings)
STEPS_BELOW_TITLE = (_mark_repeats, _mark_shape, _mark_captions_by_gap, _mark_lists, _mark_joins)
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
