"""The lines of a page and what their layout says: title, headings, lists, captions.

What the furniture rules leave is decided by length, closing punctuation, gaps and repeats of the title.
When in doubt a line is kept: losing text is the worse error.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from statistics import mode

import numpy as np

from helpers import glyphs, lexicon

KEPT = ("title", "subtitle", "heading", "body", "list")
CLOSERS = frozenset("。！？；…：!?;:")
QUOTES = "”’』」）)】》"
STOPS = frozenset("。！？")
STOP = re.compile("[。！？]")
BOLD = re.compile(r"\*\*.{2,60}\*\*")
OPEN_END = re.compile(r"[，、（“‘《—－]$")
NO_TITLE = re.compile(r"[。；，、]$|[。！？]”$|。.")
BREAKS_OFF = re.compile(r"(?:“[^”]*|（[^）]*|《[^》]*|[的和与及])\Z")
NOTICE = re.compile(
    r"关于.{4,}|.{0,30}(?:(?:通|公|布)\s*告|通\s*知|通报|命令|决定|倡议书|公开信|告知书)(?:（.{1,20}）)?|[（〔【]?[^，。]{0,16}第?[^，。]{1,6}号令?[）】]?"
)
BULLET = re.compile(
    r"^(?:——|[-*•·◆■●]\s+|[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[、.．)](?!\d))"
)
MARKUP = re.compile(r"^\s*(?:#{1,6}\s+|>\s*)*|^\s*[*-]\s{1,4}(?=\S)")
LINE_BREAK, LINE_FEED = re.compile(r"\r\n|\r|\n"), re.compile("\n")
BLANKS = f" \t\u3000\xa0{glyphs.INVISIBLE_CHARACTERS}"
DATE = re.compile(r"(?:[^，。：]{0,6}年)?[^，。：]{1,3}月[^，。：]{1,3}日")
DATELINE = re.compile(r"[（(〔【]?(?:本[报网台刊]|新华社|中新[社网]|[^，。“（(【]{2,16}\d日)[^，。“]{0,9}[讯电]")
NUMBERED = re.compile(
    r"第[一二三四五六七八九十]{1,3}[章节编部]|（?[一二三四五六七八九十]{1,3}[）、]|\d{1,2}(?:\.\d{1,2}){0,3}[\s.、]*(?=[\u4e00-\u9fff]\S*\Z)"
)
NUMERAL = re.compile(r"[一二三四五六七八九十\d\s]")
TAB = re.compile(r"[-–_|｜]+")  # between the parts of a browser's title
MOST = 0.6  # of a title: a line that says so much of it says it again
WORD, NOT_WORD = re.compile(r"\w"), re.compile(r"[^\w]+")


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
    line.rule = "markdown-heading" if bare[0] == "#" else ""
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


def mark_title(lines: list[Line], title: str) -> None:
    """The first line that is not furniture, where it is short and no sentence, or the next, where that only names the paper;
    a known title is recognised wherever it stands."""
    places = (i for i, line in enumerate(lines) if not line.zone)
    first, second = next(places, None), next(places, None)
    if second is not None and lines[first].text and _leads(lines[first], lines[second:]):
        lines[first].zone, lines[first].rule = "related", "repeats-text"
        first, second = second, next(places, None)
    if first is None:
        return
    if second is not None and TAB.search(lines[first].show) and (below := _below_its_tab(first, lines)):
        lines[first].zone, lines[first].rule, first = "metadata", "browser-title", below
        second = next((i for i in range(first + 1, len(lines)) if not lines[i].zone), None)
    known = bool(title) and _alike(_bare(title), _bare(lines[first].show))
    if second is not None and not known and _is_masthead(lines[first], lines[second], lines):
        lines[first].zone, lines[first].rule, first = "metadata", "masthead", second
        known = bool(title) and _alike(_bare(title), _bare(lines[first].show))
    if title and not known and (below := _known_below(first, title, lines)):
        for line in lines[first:below]:
            if line.outside and not line.zone:
                line.zone, line.rule = "navigation", "above-the-title"
        first, known = below, True
    line = lines[first]
    if known or (_may_be_title(line) and (len(lines) > first + 1)) or line.rule == "markdown-heading":
        line.zone, line.rule = "title", "known-title" if known else "first-short-line"
        for follower in lines[first + 1 : first + 3]:
            if (
                not follower.zone
                and follower.show.startswith(("—", "--"))
                and len(follower.show) <= 60
                and STOPS.isdisjoint(follower.show)
            ):
                follower.zone, follower.rule = "subtitle", "dash-under-title"
        _go_on(line, lines[first + 1 : first + 4], lines)


def _below_its_tab(first: int, lines: list[Line]) -> int:
    """Where, below what a browser's tab says, the title stands again without the site's name; 0 for nowhere."""
    title = _bare(TAB.split(lines[first].show)[0])
    places = (i for i in range(first + 1, min(first + 12, len(lines))) if not lines[i].zone)
    return next((i for i in places if len(title) >= 6 and _bare(lines[i].show) == title), 0)


def _known_below(first: int, title: str, lines: list[Line]) -> int:
    """Where the known title stands word for word below the first line and above the text; 0 for nowhere."""
    text, bare = next((i for i in range(first, len(lines)) if lines[i].text), first), _bare(title)
    return next((i for i in range(first + 1, text) if not lines[i].zone and _bare(lines[i].show) == bare), 0)


def _leads(line: Line, below: list[Line]) -> bool:
    """Whether a paragraph above the title is what the article begins with, for readers in a hurry."""
    return not below[0].text and any(line.show == other.show for other in below)


def _go_on(title: Line, below: list[Line], lines: list[Line]) -> None:
    """The lines under a title that belong to it: it breaks off, or they say what kind of notice it is, and its number."""
    said = title.show
    for line in below:
        if line.zone or line.gap > 1 or line.closed or len(line.show) > 40:
            return
        if not (BREAKS_OFF.search(said) or NOTICE.fullmatch(line.show)) or 0 < wrap_width(lines) <= len(line.show) + 4:
            return
        line.zone, line.rule, line.continues = "title", "title-goes-on", title.number
        said += line.show


def _may_be_title(line: Line) -> bool:
    return (
        len(line.show) <= 60
        and not NO_TITLE.search(line.show)
        and not (line.show[-1] == "：" and "，" in line.show)
        and not (("电" in line.show or "讯" in line.show) and DATELINE.match(line.show))
    )


@cache
def _masthead() -> re.Pattern:
    """The name of a paper, a site or an account, as its last word tells (`page_words.csv`, masthead)."""
    return re.compile(rf"《?[^\W\d_]{{1,6}}{lexicon.either(lexicon.words('page_words', 'word', kind='masthead'))}》?")


def _is_masthead(line: Line, after: Line, lines: list[Line]) -> bool:
    """Whether a line names who publishes and the next that is no furniture is the title: longer, and no line of a paragraph."""
    if len(line.show.strip("《》")) > 8 or not _masthead().fullmatch(line.show):
        return False
    if after.show.startswith("关于"):  # 某区管委会 关于……的通告
        return False
    wrapped = wrap_width(lines)
    broken = wrapped > 0 and len(after.show) >= wrapped - 4
    return len(after.show) > len(line.show) and not after.closed and not broken and _may_be_title(after)


def _bare(text: str) -> str:
    return NOT_WORD.sub("", text)


def _alike(title: str, line: str) -> bool:
    """The same words, or one within the other (a page may shorten its title, a browser tab adds the site's name)."""
    return (
        title == line
        or min(len(title), len(line)) >= 8
        and (line in title or title in line and len(line) <= 1.5 * len(title))
    )


def mark_repeats(lines: list[Line], plain: str) -> None:
    """A line that says the title again (once or several times over, or most of it) stands where the page had a picture; a
    paragraph that says an earlier one again is the page's summary or a slip, and so is a sentence below itself."""
    seen: set[str] = set()
    above = ""
    for line in lines:
        if not line.zone and (len(line.show) >= 40 or line.show == above):
            if line.show in seen or line.closed and line.show == above and len(above) >= 8:
                line.zone, line.rule = "related", "repeats-text"
            seen.add(line.show if len(line.show) >= 40 else "")
        above = line.show
    shown = next((line.show for line in lines if line.zone == "title"), "")
    title, least = _bare(shown), MOST * len(shown)
    if len(title) < 6:
        return
    text = next((i for i, line in enumerate(lines) if line.text), 0)
    for line, after in pairwise(lines[:text]):  # broken in two
        pair = line.show + after.show
        if not (line.zone or after.zone or line.closed) and least <= len(pair) and pair in shown:
            line.zone = after.zone = "caption"
            line.rule = after.rule = "repeats-title"
    for i, line in enumerate(lines):
        word = not line.zone and len(line.show) >= least and WORD.search(line.show)
        again = word and (_says_most(line, shown) or _says_again(word[0], line, title))
        below = "".join(after.show for after in lines[i + 1 : i + 2]) if again else ""
        if again and not DATE.fullmatch(below):  # who signs a notice may be its title
            line.zone, line.rule = "caption", "repeats-title"


def _says_most(line: Line, title: str) -> bool:
    """Whether a line that is no sentence is most of the title, or the title most of the line."""
    alike = not line.closed and MOST * len(title) <= len(line.show) <= len(title) / MOST
    return alike and (line.show in title or title in line.show)


def _says_again(first: str, line: Line, title: str) -> bool:
    return first == title[0] and (bare := _bare(line.show)) == title * (len(bare) // len(title))


def mark_picture_page(lines: list[Line], plain: str) -> None:
    """On a page without any other text, what stands under a picture is the article."""
    if not any(line.text and not line.dropped for line in lines):
        for line in lines:
            if line.zone == "caption" and line.text:
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
