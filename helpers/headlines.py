"""The title of a page: which lines it stands in, and which say it again."""

import re
from collections import Counter
from functools import cache
from itertools import pairwise

from helpers import lexicon
from helpers.layout import DATELINE, STOPS, Line, wrap_width
from helpers.surroundings import SOURCE_RULES

NO_TITLE = re.compile(r"[。；，、]$|[。！？]”$|。.")
BREAKS_OFF = re.compile(r"(?:“[^”]*|（[^）]*|《[^》]*|[的和与及])\Z")
NOTICE = re.compile(
    r"关于.{4,}|.{0,30}(?:(?:通|公|布)\s*告|通\s*知|通报|命令|决定|倡议书|公开信|告知书)(?:（.{1,20}）)?|[（〔【]?[^，。]{0,16}第?[^，。]{1,6}号令?[）】]?"
)
DATE = re.compile(r"(?:[^，。：]{0,6}年)?[^，。：]{1,3}月[^，。：]{1,3}日")
LONG = 40  # characters of a line that is not said twice by chance
TWICE = 24  # characters of a line that is said twice in a row, fewer may be a heading or a row
DASHES = ("—", "--")  # before a subtitle
NAME, SHORT = 8, 6  # characters of a line that names a paper, of one that names a part of it
SUBTITLE = re.compile(
    r"的[^，。！？\s]{1,8}\Z|(?:纪实|侧记|综述|记事|纪事|见闻|走笔|掠影|特写|速写|述评)\Z"
)  # names, does not tell
ISSUERS = ("government", "party", "command", "health", "school", "society", "firm", "zone", "place", "village")
HEAD = 20  # lines within which a page sums its article up
TAB = re.compile(r"[-–_|｜]+")  # between the parts of a browser's title
PAGE = re.compile(r"\s*[（(]\s*[一二三四五六七八九十\d]{1,2}\s*[)）]\Z")  # of an article split over several
KEY = re.compile(r"\A[^：，]{1,5}：")  # of a summary
MOST = 0.6  # of a title: a line that says so much of it says it again
WORD, WORDS, NOT_WORD = re.compile(r"\w"), re.compile(r"[^\W\d]+\+?"), re.compile(r"[^\w]+")


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
        for line in lines[first:below]:
            if line.show == lines[first].show:
                line.zone, line.rule = "metadata", "browser-title"
        first = below
        second = next((i for i in range(first + 1, len(lines)) if not lines[i].zone), None)
    known = bool(title) and _alike(_bare(title), _bare(lines[first].show))
    if second is not None and not known and (rule := _names_its_page(lines[first], lines[second], lines)):
        lines[first].zone, lines[first].rule, first = "metadata", rule, second
        known = bool(title) and _alike(_bare(title), _bare(lines[first].show))
    elif second is not None and not (title or known) and _heads(lines[first], second, lines):
        first = second
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
                and follower.show.startswith(DASHES)
                and len(follower.show) <= 60
                and STOPS.isdisjoint(follower.show)
            ):
                follower.zone, follower.rule = "subtitle", "dash-under-title"
        _go_on(line, lines[first + 1 : first + 4], lines)
        for name, after in pairwise(lines[first + 1 : first + 4]):
            if not name.zone and after.rule in SOURCE_RULES and _masthead().fullmatch(name.show):
                name.zone, name.rule = "metadata", "masthead"


def _below_its_tab(first: int, lines: list[Line]) -> int:
    """Where, below what a browser's tab says, the title stands again without the site's name; 0 for nowhere."""
    titles = {title for part in TAB.split(lines[first].show) if len(title := _bare(part)) >= 6}
    places = (i for i in range(first + 1, min(first + 12, len(lines))) if not lines[i].zone)
    return next((i for i in places if _bare(lines[i].show) in titles), 0)


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
        if line.zone or line.gap > 1 or line.closed or len(line.show) > 40 or line.show == title.show:
            return
        if not (BREAKS_OFF.search(said) or NOTICE.fullmatch(line.show)) or 0 < wrap_width(lines) <= len(line.show) + 4:
            return
        line.zone, line.rule, line.continues = "title", "title-goes-on", title.number
        said += line.show


def _may_be_title(line: Line) -> bool:
    return (
        len(line.show) <= 60
        and bool(WORD.search(line.show))
        and not NO_TITLE.search(line.show)
        and not (line.show[-1] == "：" and "，" in line.show)
        and not (("电" in line.show or "讯" in line.show) and DATELINE.match(line.show))
    )


@cache
def _masthead() -> re.Pattern:
    """The name of a paper, a site or an account, as its last word tells (`page_words.csv`, masthead), or that of a health
    commission's account: 健康海城."""
    ends = lexicon.either(lexicon.words("page_words", "word", kind="masthead"))
    return re.compile(rf"《?[^\W\d_]{{1,6}}{ends}》?|健康(?!提|科普|知识|教育|生活|管理|饮食|码)[^\W\d_]{{2,5}}")


@cache
def _bodies() -> tuple[str, ...]:
    """What the names of those who issue notices end with."""
    rows = lexicon.rows("org_suffixes", "suffix", "kind")
    return tuple(row["suffix"] for row in rows if row["kind"] in ISSUERS)


def _names_its_page(line: Line, after: Line, lines: list[Line]) -> str:
    """The rule by which a line names who publishes, or a part of the site, and the next that is no furniture is the title:
    longer, and no line of a paragraph; "" where it is not so."""
    if len(line.show.strip("《》")) > NAME or len(after.show) <= len(line.show) or not _is_headline(after, line, lines):
        return ""
    if _masthead().fullmatch(line.show):
        return "masthead"
    said = (other.show for other in lines if other.zone == "copyright" or other.rule in SOURCE_RULES)
    named = len(line.show) > 3 and not NOTICE.fullmatch(after.show) and any(line.show in show for show in said)
    return "named-again" if named else ""


def _is_headline(line: Line, above: Line, lines: list[Line]) -> bool:
    """Whether a line may be a title that stands below a short one: it does not go on from that, nor in the next."""
    if line.show.startswith(DASHES) or line.show.startswith("关于") and above.show.endswith(_bodies()):
        return False
    wrapped = wrap_width(lines)
    broken = wrapped > 0 and len(line.show) >= wrapped - 4
    return not line.closed and not broken and _may_be_title(line)


def _heads(line: Line, below: int, lines: list[Line]) -> bool:
    """Whether one short word, which stays, heads the title: that is a notice by itself, or is longer by half and stands on when
    and where it appeared, or both stand below a menu."""
    after, under = lines[below], lines[below + 1 : below + 2]
    if lines[below - 1] is not line or not WORDS.fullmatch(line.show) or not _is_headline(after, line, lines):
        return False
    if NOTICE.fullmatch(after.show):
        return len(line.show) <= NAME and after.show.startswith("关于")
    if SUBTITLE.search(after.show):  # 抗疫日记, 一座县城的七十六天
        return False
    placed = any(one.rule in SOURCE_RULES for one in under) or below > 1 and lines[below - 2].zone == "navigation"
    return placed and len(line.show) <= SHORT and 2 * len(after.show) >= max(3 * len(line.show), 16)


def _bare(text: str) -> str:
    return NOT_WORD.sub("", text)


def _alike(title: str, line: str) -> bool:
    """The same words, or one within the other (a page may shorten its title, a browser tab adds the site's name)."""
    return (
        title == line
        or min(len(title), len(line)) >= 8
        and (line in title or title in line and len(line) <= 1.5 * len(title))
    )


def mark_often(lines: list[Line], plain: str) -> None:
    """An open line as long as a headline that stands three times between sentences is what a page says for its pictures."""
    said = [line.show for line in lines if not line.closed and len(line.show) >= TWICE]
    if len(said) < len(set(said)) + 2:
        return
    often = Counter(said)
    for above, line, below in zip(lines, lines[1:], lines[2:], strict=False):
        if often[line.show] >= 3 and above.closed and below.closed:
            line.zone, line.rule = "caption", "said-often"


def mark_repeats(lines: list[Line], plain: str) -> None:
    """A line that says the title again (once or several times over, or most of it) stands where the page had a picture, and
    so does one that is no sentence and stands there twice; a paragraph that says an earlier one again is the page's summary
    or a slip, and so is a sentence below itself."""
    for i, (line, after) in enumerate(pairwise(lines)):
        if line.show == after.show and len(line.show) >= TWICE and _stands_apart(i, lines):
            line.zone = after.zone = "caption"
            line.rule = after.rule = "said-twice"
    seen: dict[str, int] = {}
    twice: list[tuple[int, int]] = []  # where a paragraph stands first, and where again
    above = ""
    for i, line in enumerate(lines):
        show = KEY.sub("", line.show) if "：" in line.show[1:6] else line.show
        if not line.zone and (len(show) >= LONG or line.show == above):
            if show in seen and _sums_up(seen[show], i, lines):
                lines[seen[show]].zone, lines[seen[show]].rule = "related", "repeats-text"
                seen[show] = i
            elif show in seen or line.closed and line.show == above and len(above) >= 8:
                line.zone, line.rule = "related", "repeats-text"
                twice += [(seen[show], i)] if show in seen else []
            elif len(show) >= LONG:
                seen[show] = i
        above = line.show
    _mark_copies(twice, lines)
    shown = PAGE.sub("", next((line.show for line in lines if line.zone == "title"), ""))
    for line, after in pairwise(lines[:HEAD]):
        if not (line.zone or line.closed) and len(line.show) >= 40 and _breaks_off(line.show, after.show, shown):
            line.zone, line.rule = "related", "repeats-text"
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


def _sums_up(first: int, again: int, lines: list[Line]) -> bool:
    """Whether a paragraph is said for readers in a hurry before the text begins with it: what stands between is no text."""
    others = (i for i in range(again) if i != first)
    return again > first + 1 and lines[first].text and not any(lines[i].text and not lines[i].zone for i in others)


def _mark_copies(twice: list[tuple[int, int]], lines: list[Line]) -> None:
    """Short lines among the paragraphs that a page says twice belong to the second copy, where they stand as in the first;
    one paragraph alone may close two notices, with the same names below it."""
    done = 0
    for first, again in twice:
        start, end, apart = again, max(again, done), again - first
        while start > max(done, apart) and lines[start - 1].show == lines[start - 1 - apart].show:
            start -= 1
        while end < len(lines) and lines[end].show == lines[end - apart].show:
            end += 1
        copy = [line for line in lines[max(start, done) : end] if not line.zone or line.rule == "repeats-text"]
        done = max(done, end)
        for line in copy if sum(len(line.show) >= LONG for line in copy) > 1 else []:
            line.zone, line.rule = "related", "repeats-text"


def _stands_apart(i: int, lines: list[Line]) -> bool:
    """Whether a line and its double below are what a picture shows (in its markup and under it): no sentence, no rows of a list."""
    leads = i > 0 and lines[i - 1].show[-1] == "："
    goes_on = any(not (line.zone or line.closed) for line in lines[i + 2 : i + 3])
    return not (lines[i].zone or leads or goes_on or lines[i].show[-1] in "。！？：；，、")


def _breaks_off(summary: str, text: str, title: str) -> bool:
    """Whether a summary, the title before it or not, says how the text begins, and breaks off."""
    at = summary.find(text[:12])
    return at >= 0 and text.startswith(summary[at:]) and summary[:at].strip() in title


def _says_most(line: Line, title: str) -> bool:
    """Whether a line that is no sentence is most of the title, or the title most of the line."""
    alike = not line.closed and MOST * len(title) <= len(line.show) <= len(title) / MOST
    return alike and (line.show in title or title in line.show)


def _says_again(first: str, line: Line, title: str) -> bool:
    return first == title[0] and (bare := _bare(line.show)) == title * (len(bare) // len(title))
