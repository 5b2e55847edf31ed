"""What stands around the article on a page copied whole: menus above its title; links, comments and the foot below."""

import re

from helpers.furniture import LEAD, leads_in
from helpers.layout import BULLET, Line

SOURCE_RULES = ("source-line", "date-line", "date-and-source", "timestamp")
TRAILS = ("you-are-here", "trail", "menu-from-home")  # of the page within its site
PARTS = re.compile(r"\s*[>›»＞：:/|]+\s*")  # between those of a trail
# zones and rules that may end a text
BORDER = ("credit", "share", "related", "copyright", "pager", "site-menu", "widgets")
BORDER_WEIGHT = {
    "related": -250,
    "comments": -250,
    "editor": -100,
    "end-mark": -100,
    "timestamp": -30,
    "comment-by": -100,
}
ADDED = re.compile(rf"{BULLET.pattern}|附|.*[年月日\d]\Z")  # to a notice: rows, an annex, its day
DAY = re.compile(r"(?:20|二[〇○零])[^，。：]{2,3}年[^，。：]{1,3}月[^，。：]{1,3}日")
HEADLINE = re.compile(rf"(?!{ADDED.pattern})[^：（【]{{6}}[^。；]{{8,50}}(?<![。！？；…：）】])")
SECTION = 8  # characters of a line that names a part of a site, more may be a headline
OPEN_LINE = -8  # a short line without closing mark: a headline, a menu, an entry of a list
FURNITURE_WEIGHT = {"navigation": -20, "share": -20, "related": -40, "copyright": -40, "credit": -20}


def mark(lines: list[Line], plain: str) -> None:
    """On a page copied whole, menus stand above the title and lists of links, comments and the site's foot below the article.

    The article is the stretch of lines with the most text and the least furniture (maximum subsequence segmentation, Pasternack
    & Roth 2009). What stands outside is dropped only where furniture marks the border: in a notice, short lines are text.
    """
    first, last = _densest(lines)
    if sum(len(line.show) for line in lines[first : last + 1] if not line.zone) < 80:
        return
    _mark_sections(lines[:first])
    _mark_above(lines, first)
    border = _border(lines, last)
    while border < len(lines) and border - 1 > last and lines[border - 1].outside:
        border -= 1
    for line in lines[border:]:
        if not line.zone:
            line.zone, line.rule = "related", "after-the-article"


def _border(lines: list[Line], last: int) -> int:
    """Where below its last text an article ends: at what stands only there, at a key or byline above mere headlines, or below
    the day that signs it, where nothing but headlines follows."""
    ends = (i for i, line in enumerate(lines) if i > last and (line.zone in BORDER or line.rule in BORDER))
    border = next(ends, len(lines))
    signed = next((i for i in reversed(range(last + 1, border)) if DAY.fullmatch(lines[i].show)), border)
    below = [line.show for line in lines[signed + 1 : border] if not line.zone]
    if len({show[-2:] for show in below}) == len(below) > 1 and all(map(HEADLINE.fullmatch, below)):
        return signed + 1
    keyed = next((i for i in range(last + 1, border) if lines[i].zone in ("metadata", "byline")), border)
    said = any(line.closed or ADDED.match(line.show) for line in lines[keyed:border] if not line.zone)
    return border if said else keyed


def _densest(lines: list[Line]) -> tuple[int, int]:
    """First and last line of the stretch whose weights add up to most (Kadane's algorithm); (0, -1) without any text."""
    best, total, start, found = 0, 0, 0, (0, -1)
    ended = any(
        line.text and line.closed and not line.zone for line in lines
    )  # else its one paragraph lost its full stop
    for i, line in enumerate(lines):
        if total <= 0:
            total, start = 0, i
        total += _weight(line) if ended or not line.text or line.zone else min(len(line.show), 150)
        if total > best:
            best, found = total, (start, i)
    return found


def _weight(line: Line) -> int:
    """Characters of text count for a line, furniture against it; what opens a list of links or ends an article most of all."""
    if line.zone:
        return BORDER_WEIGHT.get(line.rule, FURNITURE_WEIGHT.get(line.zone, 0))
    if line.outside:
        return 0 if line.text else -20
    if line.text and line.closed and line.show[-1] != "…":
        return min(len(line.show), 150)
    if line.show[-1] in "，、" or line.closed and line.show[-1] in "。；：”":
        return min(len(line.show), 40)
    return 0 if line.text else OPEN_LINE  # a teaser breaks off, a paragraph does not


def _mark_sections(head: list[Line]) -> None:
    """A short line above the text that is a part of the trail names a section, where a longer one may be the title."""
    parts = {part for line in head if line.rule in TRAILS for part in PARTS.split(line.show)}
    longest = max((len(line.show) for line in head if not (line.zone or line.closed)), default=0) if parts else 0
    for line in head:
        if not line.zone and len(line.show) <= min(SECTION, longest - 1) and line.show in parts:
            line.zone, line.rule = "navigation", "part-of-the-trail"


def _mark_above(lines: list[Line], first: int) -> None:
    first = next((i for i, line in enumerate(lines[:first]) if not line.zone and leads_in(line, LEAD)), first)
    dated = [i for i, line in enumerate(lines[:first]) if line.zone == "metadata" and line.rule in SOURCE_RULES]
    above = [i for i in range(dated[-1] if dated else first) if not lines[i].zone]
    if not above:
        return
    menus = sum(line.zone == "navigation" or line.outside for line in lines[:first])
    trail = next((i for i in reversed(range(dated[-1] if dated else 0)) if lines[i].rule in TRAILS), -1)
    headed = any(i > trail >= 0 and len(lines[i].show) >= 8 for i in above)  # between the trail and the date
    title = _title_line(lines, above)
    named = all(i == title or len(lines[i].show) <= SECTION for i in above)  # the site, above its menu
    parted = bool(dated) and named and any(line.zone == "navigation" for line in lines[above[0] : title])
    if not (menus >= 2 or dated and len(above) > 3 or headed or parted):
        return
    menu = next((i for i in reversed(range(first)) if lines[i].zone == "navigation" or lines[i].outside), -1)
    post = not dated and sum(menu < i < title for i in above) > 2  # in short lines, below its buttons
    for i in above:
        if i < (menu if post else title) and not lines[i].text:
            lines[i].zone, lines[i].rule = "navigation", "above-the-title"


def _title_line(lines: list[Line], above: list[int]) -> int:
    """The last line long enough for a title, or the one above it, where that is a headline too and this its subtitle."""
    long = [i for i in above if len(lines[i].show) >= 8 and lines[i].show[-1] not in "：，。"]
    title = long[-1] if long else above[-1]
    before, dashed = title - 1, lines[title].show.startswith(("——", "—", "--"))
    if before in above and (dashed or len(lines[before].show) >= 12 and " " not in lines[before].show):
        return before
    return title
