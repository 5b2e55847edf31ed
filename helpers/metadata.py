"""What a file says of itself: title, date, year, source, from its headings, its first lines and its name.

Headings of tables and of web pages stand in `data/lexicon/headings.csv`, the first that is found counts.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache

from helpers import glyphs, lexicon

DAY = r"(20\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})"
PUBLISHED = re.compile(
    r"(?:发布时间|发布日期|发表时间|时间|日期|发布于|發佈時間|發布時間|時間|日期)\s*[\]】]?\s*[:：]?\s*" + DAY
)
HOUR = r"日?[^\S\n]*\d{1,2}[:：]\d{2}(?=[^\n，。！？]{0,120}(?:\n|\Z))"  # in a line that is no sentence
STAMPED = re.compile(r"(20(?<!\S20)\d{2})" + DAY.removeprefix(r"(20\d{2})") + HOUR)
ANY_DAY = re.compile(DAY)
LINKED_DAY = re.compile(r"^[^\S\n]*[-·•*][^\S\n]*20[^\n]*", re.M)  # of an entry in a list of links
WHOLE_DAY = re.compile(DAY + r"日?.{0,24}")
COMPACT_DAY = re.compile(r"(20\d{2})([01]\d)([0-3]\d)(?:[T ]?[\d:]{4,8})?")
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
ENGLISH_DAY = re.compile(
    rf"(?:(\d{{1,2}})\s+)?({'|'.join(MONTHS)})[a-z]{{0,6}}\.?\s+(?:(\d{{1,2}}),?\s+)?(20\d{{2}})\b.{{0,24}}", re.I
)
WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,\s+", re.I)
SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")  # days since 30 December 1899, as spreadsheets keep them
STAMP = re.compile(r"(\d{10})(?:\d{3})?(?:\.\d+)?")  # seconds or milliseconds since 1970
CHINA = timedelta(hours=8)
FOUR_DIGITS = r"(20[0-4]\d)(?<!\d\d{4})"  # no digit before them: asked last, a search looks for the letters 20
FILE_YEAR = re.compile(FOUR_DIGITS + r"(?!\d)")
YEAR_MONTH = re.compile(FOUR_DIGITS + r"\s*年\s*\d{1,2}\s*月")
YEAR = re.compile(
    FOUR_DIGITS + r"\s*年(?![^，。；\n]{0,6}(?:出生|生人|毕业|参加工作|入党|入伍|参军|从[医教]|退休|成立|建成))"
)
KEY = "版权|发布时间|发布日期|更新时间|发稿时间|时间|日期|作者|责任编辑|编辑|记者|浏览|阅读|点击|字号|打印"
NO_NAME = r"(?:未知|佚名|不详|网络|互联网|本站|本站原创|原创|转载)(?=作者|[^\u4e00-\u9fff]|\Z)"
NAMED = (
    rf"[^\S\n]*(?!{KEY}|20\d\d[-/.年]|https?:|{NO_NAME})"
    rf"((?:(?!(?:{KEY})[:：]|20\d\d[-/.年])[^\s|｜丨,，;；。“”【\[（()）]){{2,24}}(?:[（(][^\s（()）]{{1,8}}[）)][\u4e00-\u9fff]{{2,12}})?)"
)
SOURCE = re.compile(  # no 感染来源, but 2022年4月16日来源
    r"(?<![“‘])(?:(?<![\u4e00-\u9fff])|(?<=[日时分秒网]))(?:信息|稿件|文章|资料|新闻|消息|内容|本文)?"
    rf"(?:(?:来源|稿源|发稿单位)(?:[^\S\n]*[:：丨｜|]|[^\S\n]+[/／])|来源于[^\S\n]){NAMED}"
)
ISSUER = re.compile(rf"(?:发布|发文)(?:机构|机关|单位)[^\S\n]*[\]】:：|｜]{NAMED}")  # on pages of governments
SPREAD = re.compile(
    r"(?<=[\u4e00-\u9fff])[^\S\n]+(?=[\u4e00-\u9fff](?:[^\S\n]+[\u4e00-\u9fff])*[^\S\n]*[:：])"
)  # 来 源：
FILE_DAY = re.compile(r"(?<!\d)(20[0-4]\d)[-_]?(0[1-9]|1[0-2])[-_]?(0[1-9]|[12]\d|3[01])(?!\d)")
FILE_DAY_APART = [  # 2020.2.3 and the like; two different marks (2020.1-5) are no day
    re.compile(rf"(?<!\d)(20[0-4]\d){a}(1[0-2]|0?[1-9]){b}([12]\d|3[01]|0?[1-9])(?!\d)")
    for a, b in (("年", "月"), (r"\.", r"\."), ("-", "-"), ("_", "_"))
]


@cache
def headings(where: str) -> dict[str, tuple[str, ...]]:
    """Field → the headings it goes by in a `table` or in the head of a `page`, first choice first.

    >>> headings("table")["text"][0]
    '正文'
    """
    found: dict[str, list[str]] = {}
    for row in lexicon.rows("headings", "where", "field", "heading"):
        if row["where"] == where:
            found.setdefault(row["field"], []).append(row["heading"])
    return {field: tuple(names) for field, names in found.items()}


@lru_cache(1024)
def bare(heading: str) -> str:
    """A heading without what varies: script, case, blanks, colons, underscores, brackets.

    >>> bare(" 發佈時間："), bare("Publish_Time")
    ('发布时间', 'publishtime')
    """
    return re.sub(r"[\s_:：\ufeff【】\[\]*]", "", glyphs.simplified(heading)).lower()


def chosen(names: Mapping[str, object], where: str) -> dict[str, object]:
    """Field → what stands under the best of its headings among `names`.

    >>> chosen({"内容": 1, "正文": 2, "標題": 0}, "table")
    {'title': 0, 'text': 2}
    """
    known = {bare(name): value for name, value in reversed(names.items())}
    options = {f: next((n for n in map(bare, some) if n in known), None) for f, some in headings(where).items()}
    return {field: known[name] for field, name in options.items() if name is not None}


def iso(text: str) -> str:
    """`text` as an ISO date, or "" where it is none: written in Chinese, digits or English, or counted by a machine.

    Counted dates are those of spreadsheets (days) and of web dumps (seconds, taken at China's clock).

    >>> iso("2022年4月6日"), iso("2022-02-30"), iso("April 6, 2022"), iso("44657"), iso("1649203200")
    ('2022-04-06', '', '2022-04-06', '2022-04-06', '2022-04-06')
    """
    if not (text := text.strip()):
        return ""
    if match := WHOLE_DAY.fullmatch(text) or COMPACT_DAY.fullmatch(text):
        return _date(*match.groups()[:3])
    if match := ENGLISH_DAY.fullmatch(WEEKDAY.sub("", text)):
        before, month, after, year = match.groups()
        return _date(year, MONTHS.index(month.lower()) + 1, before or after or 0)
    if (match := SERIAL.fullmatch(text)) and 36526 <= int(match[1]) < 55153:  # 2000 to 2050
        return (date(1899, 12, 30) + timedelta(days=int(match[1]))).isoformat()
    if (match := STAMP.fullmatch(text)) and 946684800 <= int(match[1]) < 2524608000:
        return (datetime.fromtimestamp(int(match[1]), UTC) + CHINA).date().isoformat()
    return ""


def _date(year, month, day) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def dated(given: str, given_year: str, meta: Mapping[str, str], raw: str, file: str) -> tuple[str, int | None, str]:
    """(ISO date, year, basis) of an article: what articles.csv says (`given`, `given_year`), then its file, page, name, text.

    >>> dated("", "", {}, "新区启动应急响应\\n发布时间：2022-04-06 08:30\\n居民有序登记。", "a.txt")
    ('2022-04-06', 2022, 'page')
    """
    head, stop, below = raw[:600].partition("。")
    head, tail = head + stop + LINKED_DAY.sub("", below), raw[-300:]
    options = (
        ("articles.csv", lambda: iso(given)),
        ("export", lambda: iso(meta.get("date", ""))),
        (
            "page",
            lambda: _of(
                STAMPED.search(head) or PUBLISHED.search(head) or PUBLISHED.search(tail) or _line_of_date(head)
            ),
        ),
        (
            "file name",
            lambda: _of(FILE_DAY.search(file)) or next(filter(None, (_of(p.search(file)) for p in FILE_DAY_APART)), ""),
        ),
    )
    basis, day = next(((basis, day) for basis, find in options if (day := find())), ("", ""))
    named = FILE_YEAR.search(file)
    stated = meta.get("year", "")
    years = (
        ("articles.csv (year)", year(given_year) or year(given.strip())),
        (basis, int(day[:4]) if day else None),
        ("export (year)", year(stated)),
        ("file name (year)", int(named[1]) if named else None),
        ("text (year)", year_in_text(raw)),
    )
    year_basis, found = next(((b, y) for b, y in years if y), ("", None))
    return day, found, basis or year_basis


def year(text: str) -> int | None:
    """`text` as a year, be it with a month behind it, or None.

    >>> year("2022"), year("2022年"), year("2022-02"), year("2022年2月"), year("前年")
    (2022, 2022, 2022, 2022, None)
    """
    return int(text[:4]) if re.fullmatch(r"(19|20)\d\d(?:\.0|年|[-/.年](?:1[0-2]|0?[1-9])月?)?", text) else None


def _of(match: re.Match | None) -> str:
    return _date(*match.groups()[:3]) if match else ""


def _line_of_date(head: str) -> re.Match | None:
    """A date in a line that is nothing but page furniture: short, without a sentence in it."""
    for line in head.split("\n")[:12]:
        if len(line.strip()) <= 60 and not re.search("[。！？，]", line) and (found := ANY_DAY.search(line)):
            return found
    return None


def source(raw: str) -> str:
    """Whom the first lines name as source, or "".

    >>> source("新区启动应急响应\\n来源：某某日报 2022-04-06")
    '某某日报'
    """
    head = raw[:600]
    plain = SPREAD.sub("", glyphs.READINGS.sub("", glyphs.simplified(head)))
    if found := ("源" in plain or "发稿" in plain) and SOURCE.search(plain) or ISSUER.search(plain):
        return found[1]
    found = ANY_DAY.search(plain) and _paper_and_day().search(plain)
    return found["before"] or found["after"] if found else ""


@cache
def _paper_and_day() -> re.Pattern:
    """The name of a paper or a site (`page_words.csv`, masthead) and a day, side by side in a line that is no sentence."""
    name = rf"[\u4e00-\u9fff]{{2,8}}{lexicon.either(lexicon.words('page_words', 'word', kind='masthead'))}"
    clock = r"日?(?:[^\S\n]*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?"
    return re.compile(
        rf"^[^\S\n]*(?:(?P<before>{name})[^\S\n]+{DAY}|{DAY}{clock}[^\S\n]+(?P<after>{name})(?![^\s|｜]))[^。！？，\n]{{0,40}}$",
        re.M,
    )


def year_in_text(text: str) -> int | None:
    """The latest year a text names with a month, else the year it names most often (but those of
    a life: 出生, 毕业), or None: never the clock's.

    A report on an outbreak looks back (2003年) more often than it looks ahead; years before what it speaks of
    had its name (`named_since.csv`) are not its own.

    >>> year_in_text("2003年有过教训。2020年2月4日，新区复工。"), year_in_text("最小的队员2000年出生。")
    (2020, None)
    >>> year_in_text("2003年的非典让人记忆犹新。"), year_in_text("新冠疫情让人想起2003年。")
    (2003, None)
    """
    dated, named = ([int(year) for year in pattern.findall(text)] for pattern in (YEAR_MONTH, YEAR))
    if not named and not dated:
        return None
    first = _named_since(text)
    dated, named = ([year for year in some if year >= first] for some in (dated, named))
    if dated:
        return max(dated)
    return max(sorted(set(named), reverse=True), key=named.count) if named else None


def _named_since(text: str) -> int:
    """The year before which nobody could have written `text`, by the names it uses; 0 where it uses none of them."""
    plain = glyphs.simplified(text)
    return max(
        (int(row["since"]) for row in lexicon.rows("named_since", "name", "since") if row["name"] in plain), default=0
    )
