"""The lines of a page and what their layout says: headings, lists, captions.

What the furniture rules leave is decided by length, closing punctuation, gaps and repeats of the title.
When in doubt a line is kept: losing text is the worse error.
"""

import re
from dataclasses import dataclass, field
from statistics import mode

import numpy as np

from helpers import glyphs

KEPT = ("title", "subtitle", "heading", "body", "list")
CLOSERS = frozenset("。！？；…：!?;:")
QUOTES = "”’』」）)】》"
STOPS = frozenset("。！？")
STOP = re.compile("[。！？]")
BOLD = re.compile(r"\*\*.{2,60}\*\*")
OPEN_END = re.compile(r"[，、（“‘《—－]$")
BULLET = re.compile(
    r"^(?:——|[-*•·◆■●]\s+|[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[、.．)](?!\d))"
)
MARKUP = re.compile(r"^\s*(?:#{1,6}\s+|>\s*)*|^\s*[*-]\s{1,4}(?=\S)")
HASHTAG = re.compile(r"#[^#\s][^#\n]{0,30}#")  # of a post: what it is about, with the post behind it
LINE_BREAK, LINE_FEED = re.compile(r"\r\n|\r|\n"), re.compile("\n")
BLANKS = f" \t\u3000\xa0{glyphs.INVISIBLE_CHARACTERS}"
DATELINE = re.compile(r"[（(〔【]?(?:本[报网台刊]|新华社|中新[社网]|[^，。“（(【]{2,16}\d日)[^，。“]{0,9}[讯电]")
NUMBERED = re.compile(
    r"第[一二三四五六七八九十]{1,3}[章节编部]|（?[一二三四五六七八九十]{1,3}[）、]|\d{1,2}(?:\.\d{1,2}){0,3}[\s.、]*(?=[\u4e00-\u9fff]\S*\Z)"
)
NUMERAL = re.compile(r"[一二三四五六七八九十\d\s]")


@dataclass(slots=True)
class Line:
    """One raw line on its way: where it stands, what it shows, what was decided."""

    number: int
    start: int  # raw offsets of what is shown
    end: int
    show: str = ""  # Simplified, widths settled, Markdown marks off
    zone: str = ""
    rule: str = ""
    continues: int | None = None
    gap: int = 0  # blank lines before it
    places: np.ndarray | None = field(default=None, repr=False)  # of the characters of `show`, None: each in its place
    closed: bool = False  # ends as a sentence ends
    text: bool = False  # long, with a full stop: surely text
    outside: bool = False  # of the part that a reader of the page's markup takes for the article

    @property
    def dropped(self) -> bool:
        return self.zone not in KEPT and self.zone != ""

    def place(self, at: int) -> int:
        """Where the character `at` of what is shown stands in the raw text."""
        return self.start + (at if self.places is None else int(self.places[at]))


def read(plain: str, wide: str) -> list[Line]:
    """Every line of a page (in Simplified script; `wide`: with its widths settled), blank ones too; `show` is what a reader
    sees of it."""
    lines, gap = [], 0
    breaks = [match.span() for match in (LINE_BREAK if "\r" in plain else LINE_FEED).finditer(plain)]
    starts, stops = [0, *(end for _, end in breaks)], [*(start for start, _ in breaks), len(plain)]
    for number, (start, stop) in enumerate(zip(starts, stops, strict=True), 1):
        if start == len(plain) and number > 1:
            break
        line = _line(number, start, stop, plain, wide)
        line.gap = gap
        gap = 0 if line.show else gap + 1
        lines.append(line)
    return lines


def _line(number: int, start: int, stop: int, plain: str, wide: str) -> Line:
    raw = plain[start:stop]
    bare = raw.strip(BLANKS)
    if not bare:
        return Line(number, start, start)
    left = raw.index(bare[0]) if raw[0] != bare[0] else 0
    marks = MARKUP.match(bare).end() if bare[0] in "#>*-" else 0
    line = Line(number, start + left + marks, start + left + len(bare))
    line.rule = "markdown-heading" if bare[0] == "#" and not HASHTAG.match(bare) else ""
    line.show = wide[line.start : line.end]
    if glyphs.may_close_up(line.show):
        line.show, line.places = glyphs.normalise(plain[line.start : line.end])
    if not line.show:
        line.show, (line.zone, line.rule) = bare, _markup(bare)
        line.start, line.end = min(line.start, line.end), line.end
    line.closed = line.show.rstrip(QUOTES)[-1:] in CLOSERS or len(line.show) >= 38 and line.show[-1] in "”’）】》"
    line.text = len(line.show) >= 40 and ("。" in line.show or bool(STOP.search(line.show)))
    return line


def _markup(bare: str) -> tuple[str, str]:
    """Zone and rule of a line of which a reader sees no character."""
    if "![" in bare:
        return "caption", "picture"
    return ("related", "bare-link") if re.search(glyphs.URL, bare) else ("ornament", "markup")


def mark_picture_page(lines: list[Line], plain: str) -> None:
    """On a page without any other text, what stands under a picture is the article."""
    if not any(line.text and not line.dropped for line in lines):
        for line in lines:
            if line.zone == "caption" and line.text and line.rule != "repeats-title":
                line.zone, line.rule = "body", "picture-page"


def mark_shape(lines: list[Line], plain: str) -> None:
    """Body, list or heading, by length and closing punctuation."""
    open_lines = [line for line in lines if not line.zone]
    place = {id(line): i for i, line in enumerate(lines)}
    wrapped = wrap_width(open_lines)
    bold = "**" in plain
    for i, line in enumerate(open_lines):
        long_enough = len(line.show) >= (wrapped - 4 if wrapped else 38) or "。" in line.show[:-1]
        pictured = lines[place[id(line)] - 1].rule == "picture" if place[id(line)] else False
        after = open_lines[i + 1] if i + 1 < len(open_lines) else None
        before = open_lines[i - 1] if i else None
        unfinished = before is not None and before.zone == "body" and not before.closed and not BULLET.match(line.show)
        marked = line.rule == "markdown-heading" or (
            bold and BOLD.fullmatch(plain[line.start : line.end].strip()) and not re.search(r"[。：；]”?$", line.show)
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


def mark_lists(lines: list[Line], plain: str) -> None:
    """Three or more short open lines in a row, lines after a colon, or such lines at the end are a list, not headings."""
    kept = [line for line in lines if not line.dropped and line.zone != "title"]
    run: list[Line] = []
    before: Line | None = None  # the line above the run
    for line in [*kept, None]:
        if line is not None and line.rule in ("short-open-line", "last-line") and line.zone in ("heading", "body"):
            run.append(line)
            continue
        if len(run) >= 3 and line is not None:
            _leave_headings(run)
        if len(run) >= 3 or (run and line is None) or (run and before is not None and before.show.endswith("：")):
            for member in run:
                member.zone, member.rule = "list", "short-lines-in-a-row"
        run, before = [], line


def _leave_headings(run: list[Line]) -> None:
    """Take off the numbered lines at its end that are headings of what follows, each a level below the one above it."""
    levels: list[str] = []
    for line in reversed(run):
        found = NUMBERED.match(line.show)
        if not found or (level := NUMERAL.sub("", found[0])) in levels[:-1]:
            break
        levels.append(level)
    if levels and levels[-1] not in levels[:-1] and len(levels) == len(set(levels)):
        del run[len(run) - len(levels) :]


def _question(line: Line, before: Line | None, after: Line | None) -> bool:
    """A short line ending in a question or a quotation, between longer paragraphs, is a heading rather than text."""
    apart = after is not None and len(after.show) >= 60 and (before is None or len(before.show) >= 60)
    return apart and len(line.show) <= 22 and not re.search(r"[。；：…，]", line.show) and not line.show.startswith("“")


def wrap_width(lines: list[Line]) -> int:
    """The width of a hard-wrapped page, 0 where lines are paragraphs: most lines end open at nearly one length."""
    if len(lines) < 8:
        return 0
    longest = sorted(len(line.show) for line in lines)[-len(lines) // 10]
    full = [line for line in lines if longest - 3 <= len(line.show) <= longest + 3 and not line.closed]
    return longest if 14 <= longest <= 60 and len(full) >= 0.4 * len(lines) else 0


def mark_captions_by_gap(lines: list[Line], plain: str) -> None:
    """Where a page has photo credits, a short line after an unusually wide gap stands under a picture that is gone."""
    body = [line for line in lines if line.zone == "body"]
    if len(body) < 4 or not any(line.rule in ("photos-by", "taken-by", "supplied") for line in lines):
        return
    usual = mode(line.gap for line in body[1:])
    for line in lines:
        if line.zone == "heading" and line.gap >= usual + 2 and not BULLET.match(line.show):
            line.zone, line.rule = "caption", "short-line-after-wide-gap"
