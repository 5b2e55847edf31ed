"""Where a text names a date: expressions found by pattern, as named parts, not yet given a calendar value.

Two kinds of beginnings are looked for, numerals (3月9日, 13日24时, 2022-04-16) and words (今天, 周一, 除夕); at each
the whole expression is read by one pattern. Words, festivals and cues stand in tables. In the patterns `(?:…|)` is said for
`(?:…)?`, which the engine takes half as long again to pass.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import compress
from string import ascii_letters, digits
from typing import NamedTuple

import numpy as np

from helpers import anchors, lexicon, numerals
from helpers.numerals import sorts
from helpers.trie import Trie, padded, trie

Parts = dict[str, str]

HAN_DIGIT = "一二三四五六七八九"
DIGIT_DAY = r"3[01]|[12]\d|0?[1-9]"
GAP = r"[ \t\u3000]?"
TO = r"(?:[至到~～\-]|[—–]{1,2})"
NUMERIC = rf"(?P<iy>(?:19|20)\d\d)[-/.](?P<im>1[0-2]|0?[1-9])[-/.](?P<id>{DIGIT_DAY})(?!\d)"
SLASHED = (  # Taiwan: 5/11日, 5/11起, 5/11（二）, 自5/11
    r"/(?:(?<=[自从]\d/)|(?<=[自从]\d\d/)|(?=\d{1,2}(?:[日起]|（[一二三四五六日]）)))"
    rf"(?=(?:{DIGIT_DAY})(?![\d/]))"
    rf"|\.(?=(?:{DIGIT_DAY})[日号](?!左右|均))"  # 4.1日
)
TO_DATE = r"前(?:[二两三四五六七八九十]|十一)个?(?:月|季度)"
YEAR = (
    rf"(?:(?P<y>(?:1[89]|20)\d\d|[一二][〇○零{HAN_DIGIT}]{{3}}|1[01]\d(?=年\d{{1,2}}月)"  # 111年4月: Taiwan
    r"|(?<=民国)\d{1,3})年(?!级|度|代|轻)"
    rf"(?P<ypart>[上下]半年|年?[初底末]|{TO_DATE}|))"
)
MONTH = (
    rf"(?:(?P<m>1[0-2]|0?[1-9]|十[一二]?|[{HAN_DIGIT}])(?:月份?(?!亮|子|饼|球)|{SLASHED})"
    r"(?P<mpart>[上中下]旬|[上下]半月|月?[初底末]|))"
)
DAY = (
    rf"(?:(?P<d>{DIGIT_DAY}|三十一?|卅一?|廿[{HAN_DIGIT}]?|二?十[{HAN_DIGIT}]?|[{HAN_DIGIT}])"
    rf"(?:[日号](?:{GAP}{TO}{GAP}(?P<d2>{DIGIT_DAY})[日号]|)|{GAP}(?:[、和]|{TO}){GAP}(?P<d3>{DIGIT_DAY})[日号]"
    r"|(?=[上下中]午|凌晨|傍晚|[早晚]上)|(?<=/\d)|(?<=/\d\d)"  # 4月6下午, 自5/11
    rf"|(?<=\d)(?={TO}\d{{1,2}}月\d{{1,2}}[日号])))"  # 2月11至2月13日
)
WEEK = (
    r"(?:（(?:周|星期|礼拜|农历|北京时间)[^（）\n]{1,8}）|)"
    r"(?P<eve>前夜|前一[天日晚夜]|)"
)
HOUR = r"[01]?\d|2[0-4]"
CLOCK = (
    rf"(?:(?P<h0>{HOUR})(?:时|点|[:：]00|){TO}(?P<h1>{HOUR})[时点](?:(?P<min1>[0-5]?\d)分|)"
    rf"|(?P<h>{HOUR}|(?:廿|二?十)[一二三四]?|[零两{HAN_DIGIT}])"
    r"(?:(?:时|点钟?)(?![间候刻段期代评位燃]|多名)"
    rf"(?:(?P<min>[0-5]?\d|[一二三四五]?十[{HAN_DIGIT}]?)分|(?P<half>半)|整|)"
    r"|[:：](?P<min2>[0-5]\d)(?:[:：][0-5]\d|)(?!\d)时?)(?P<vague>多|许|左右|))"
)
LUNAR = (
    rf"(?P<lm>正月|腊月|大年)(?P<ld>初[{HAN_DIGIT}十]|廿[{HAN_DIGIT}]?|二?十[{HAN_DIGIT}]?)"
    r"|(?<![小高年])(?P<fifth>初[一二三四五六])(?=[，、早晚上下凌清至到中傍深当]|开始|起)"
)
SHORT = (  # 今（9）日, 今（9日）, 前（二十一）日
    rf"(?P<short>[今昨明前])（(?P<number>{DIGIT_DAY}|二?十[{HAN_DIGIT}]?|三十一?|[{HAN_DIGIT}])(?:）日|日）)"
)
WEEKDAY = (
    r"(?P<rel>[上下本这]|)个?(?:周|星期|礼拜)(?P<wd>[一二三四五六日天])(?![个名次期轮种岁直均])"
    r"|(?P<quarter>第?[一二三四]季度)|(?P<halfyear>[上下]半年)"
)
SPAN = rf"(?P<span>[上下]半[年月]|[上中下]旬|年?(?:[底末]|初(?!步|[一二三级中期次衷心选诊]))|{TO_DATE}|)"
SINGLE_PARTS = "早晚夜"  # parts of the day only behind a date
APART = "）天日到至"  # before one of these that stands apart from its date: （腊月廿八）晚8时, 每天早8点到晚8点
DAY_OF_FEAST = ("以来", "至今", "当天", "当日", "当晚", "这天", "这一天", "那天", "夜")
OF_A_FEAST = ("假的", "期的", "节的")  # 假期的第二天 is no day after another
SENTENCE = 300
CLAUSE_END = ("，", "。", "、")
IN_A_CODE = frozenset(ascii_letters + digits + ".:/+-")  # in front of a figure
LINK = re.compile(f"{GAP}{TO}{GAP}")
CLOCK_AGAIN = re.compile(rf"{LINK.pattern}\d{{1,2}}[:：][0-5]\d(?!\d)")  # 7:30-18:00
BEHIND = "年月日号时点：:-/至到~～—–、和 "  # what stands behind the first numeral of a date


TELLING_WORDS = frozenset(("word", "wd", "festival"))
TELLING = TELLING_WORDS | {"y", "iy", "lm", "fifth", "quarter", "halfyear"}  # parts of dates alone


class Hit(NamedTuple):
    """One expression and its parts: y, m, d, h, min, word, wd (weekday), festival, part (of the day) …"""

    start: int
    end: int
    parts: Parts
    inner: Parts | None = None  # a date in brackets behind a word: 昨晚（26日）


@cache
def table() -> dict[str, dict[str, str]]:
    """The words of date_words.csv with what each means."""
    return {row["word"]: row for row in lexicon.rows("date_words", "word", "kind", "unit", "shift", "part")}


def either(*kinds: str) -> str:
    """A pattern for the date words of some kinds."""
    return anchors.either(word for word, row in table().items() if row["kind"] in kinds)


@cache
def festivals() -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in lexicon.rows("festivals", "name", "calendar", "month", "day", "use")}


def _long_parts() -> set[str]:
    return {word for word, row in table().items() if row["kind"] == "part"} - set(SINGLE_PARTS)


@cache
def _patterns() -> tuple[re.Pattern, re.Pattern]:
    """An expression that begins with a numeral; one that begins with a word."""
    tail = rf"{WEEK}(?:的?(?P<part>{either('part')})|)(?:{GAP}(?:大?约|){CLOCK}|)"
    feasts = anchors.either(name for name, row in festivals().items() if row["use"] != "season")
    of_a_year = rf"(?P<festival>{feasts}(?![和、]?春节|假期|小长假|期间|前后)|)"
    number = re.compile(rf"(?:{NUMERIC}|(?:{YEAR}{of_a_year}|)(?:{MONTH}|)(?:{DAY}|)){tail}")
    bracketed = r"[今去明]（(?P<y>20\d\d)）年"  # Taiwan: 今（2022）年3月5日
    deictic = rf"(?:{bracketed}|(?P<word>{either('deictic', 'anaphor')})){SPAN}(?:{MONTH}|)(?:{DAY}|)"
    feast = rf"(?P<festival>{anchors.either(festivals())})(?:当[天日]|[这那]一?天|)"
    correction = r"(?:（(?P<paren>[^（）\n]{1,9}[日号])）|)"
    bare = rf"(?={anchors.either(_long_parts())})|(?<=[{APART}])(?=[{SINGLE_PARTS}]\d)"
    return number, re.compile(rf"(?:(?:{deictic}|{WEEKDAY}){correction}|{SHORT}|{LUNAR}|{feast}|{bare}){tail}")


@cache
def _heads() -> Trie:
    """What a word-led date begins with."""
    heads = {word for word, row in table().items() if row["kind"] in ("deictic", "anaphor")}
    heads |= _long_parts() | festivals().keys()
    weeks = ("周", "星期", "礼拜")
    heads |= {f"{rel}{week}" for rel in ("", "上", "下", "本", "这", "上个", "下个", "这个") for week in weeks}
    heads |= {"正月", "腊月", "大年", *(f"初{n}" for n in "一二三四五六"), "上半年", "下半年"}
    heads |= {f"{day}（" for day in "今昨明前去"}
    heads |= {f"{first}{n}季度" for n in "一二三四" for first in ("", "第")}
    return trie(sorted(heads))


@cache
def _cues() -> dict[str, re.Pattern]:
    behind = ("house before", "length before")
    return {
        use: re.compile(lexicon.cues(use) + (r"了?\Z" if use in behind else ""))
        for use in (*behind, "house after", "length after", "not a day", "habit")
    }


def find(text: str) -> list[Hit]:
    """Date expressions in reading order, without overlaps; none goes over a line break.

    >>> [text[hit.start:hit.end] for text in ["第3天，4月6日晚10时，停课14日，幸福路15号"] for hit in find(text)]
    ['4月6日晚10时']
    """
    out, reached = [], 0
    read = [pattern.match for pattern in _patterns()]
    for start, word_led in _beginnings(text):
        m = read[word_led](text, start) if start >= reached else None
        if m and m.end() > start:
            parts = _parts(m)
            if "short" in parts:  # as 今天（9日）
                parts |= {"word": f"{parts['short']}天", "paren": f"{parts['number']}日"}
            hit = Hit(start, m.end(), parts, _in_brackets(parts) if "paren" in parts else None)
            linked = (
                bool(out) and start - out[-1].end < 4 and bool(LINK.fullmatch(text, out[-1].end, start))
            )  # 7:30-11:00
            is_date = _is_date(text, hit, linked)
            if is_date:
                out.append(hit)
            if is_date or "d2" in parts or "d3" in parts:  # 拘留5日至10日: nor is the end of a length a day
                reached = hit.end
    return out


def _beginnings(text: str) -> Iterator[tuple[int, bool]]:
    """Where a date may begin, and whether with a word; in 1月22日（腊月廿八）晚8时 the part of the day stands apart."""
    points = padded(text)
    apart, single = sorts(points, APART, SINGLE_PARTS)
    figures = numerals.starts(text, mark=".", behind=BEHIND)
    led = apart[figures - 2] & single[figures - 1]
    words = _heads().may_begin(points)
    starts, worded = np.append(figures - led, words), np.append(led, np.ones(len(words), bool))
    order = starts.argsort(kind="stable")
    return zip(starts[order].tolist(), worded[order].tolist(), strict=True)


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence around a span begins and ends, not farther than SENTENCE characters on either side."""
    first, last = max(0, start - SENTENCE), min(len(text), end + SENTENCE)
    opening = max(text.rfind(c, first, start) for c in "。！？；\n") + 1
    closing = min((i for c in "。！？；\n" if (i := text.find(c, end, last)) >= 0), default=last)
    return max(opening, first), closing


def _in_brackets(parts: Parts) -> Parts | None:
    m = _patterns()[0].match(parts["paren"])
    return _parts(m) if m and m.end() else None


def _parts(m: re.Match) -> Parts:
    """The groups that matched, by name; every group has one."""
    said = m.groups()
    return dict(compress(zip(m.re.groupindex, said, strict=True), said))


def _is_date(text: str, hit: Hit, linked: bool) -> bool:
    """Whether the parts found are a date: not a house number, a length of time, a decimal or a score."""
    p, before = hit.parts, text[hit.start - 1 : hit.start]
    if before in IN_A_CODE and text[hit.start] in digits and not linked:
        return False
    if not TELLING.isdisjoint(p):
        return before != "第" and (TELLING_WORDS.isdisjoint(p) or _is_day_told(text, hit))
    if "m" in p:
        if text[hit.start + len(p["m"])] == "." and _cues()["length before"].search(
            text[max(0, hit.start - 8) : hit.start]
        ):
            return False  # 平均住院4.1日
        return "d" in p or "mpart" in p or _is_month(text, hit)
    if "d" in p:
        return _is_day(text, hit)
    return _is_hour(text, hit) if "part" in p else _is_clock(text, hit, linked)


def _is_day_told(text: str, hit: Hit) -> bool:
    """Whether a word of time tells of a day: 今日头条, 春节 as a season and 每周二 do not."""
    p = hit.parts
    if "festival" in p:
        return _names_a_day(text, hit)
    if p.get("word") == "当年" and "m" not in p or "word" in p and _cues()["not a day"].match(text, hit.end):
        return False
    if p.get("word") == "第二天" and text[hit.start - 2 : hit.start] in OF_A_FEAST:
        return False
    return not _recurs(text, hit)


def _names_a_day(text: str, hit: Hit) -> bool:
    """除夕 is a day, and 元旦 of a year told; 春节 is a season unless it opens a period or has an hour."""
    return (
        festivals()[hit.parts["festival"]]["use"] == "day"
        or "y" in hit.parts
        or bool(hit.parts.keys() & {"part", "h"})
        or text[hit.start - 1 : hit.start] in ("自", "从")
        or "eve" in hit.parts
        or text.startswith(DAY_OF_FEAST, hit.end)
        or text[hit.end - 1] in "天日"
    )


def _recurs(text: str, hit: Hit) -> bool:
    """每周二, 当天下单、次日到户: a weekday or a day after another that stands for every such day."""
    if "wd" in hit.parts:
        return text[max(0, hit.start - 1) : hit.start] in ("每", "逢")
    word = hit.parts.get("word", "")
    if word not in table() or table()[word]["kind"] != "anaphor" or hit.parts.keys() & {"m", "d", "h", "paren"}:
        return False
    return bool(_cues()["habit"].search(text, *sentence(text, hit.start, hit.end)))


def _is_month(text: str, hit: Hit) -> bool:
    """A bare month counts in figures, with 份, or as an adverbial of time."""
    following = text[hit.end : hit.end + 1]
    return hit.parts["m"].isdigit() or "份" in text[hit.start : hit.end] or following in (*CLAUSE_END, *"的以起至到")


def _is_day(text: str, hit: Hit) -> bool:
    """14日, 24号: a day of the month unless it is a length of time, a house number or an ordinal."""
    p, start, cues = hit.parts, hit.start, _cues()
    if not (p["d"][0].isdigit() or "h" in p) or text[start - 1 : start] == "每":  # 十二日廿四时
        return False
    mark = start + len(p["d"])
    before = text[max(0, start - 8) : start]
    if "号" in text[mark : hit.end]:  # 街1-9号
        return (
            not cues["house before"].search(before)
            and not cues["house after"].match(text, hit.end)
            and text[start - 1 : start] not in OPENING
        )
    if cues["length after"].match(text, mark):
        return False
    return bool(not cues["length before"].search(before) or p.keys() & {"h", "h0", "part"} or _opens(text, start))


OPENING = tuple("“〕］]")  # a year in brackets numbers a document: 〔2020〕11号
OPEN_DAY = re.compile(rf"\d+[日号](?:[^，。；\n]{{0,6}}?(?:起|开始|以来)|{TO}\d)")


def _opens(text: str, start: int) -> bool:
    """Whether 从14日起 and the like show that a day, not a length of time, is meant."""
    return (
        text[max(0, start - 2) : start] in ("截至", "截止")
        or text[start - 1 : start] in ("从", "由")
        and bool(OPEN_DAY.match(text, start))
    )


def _is_hour(text: str, hit: Hit) -> bool:
    """下午2时 is an hour; 晚上一点都不 is none."""
    p, surface = hit.parts, text[hit.start : hit.end]
    lexical = p.get("h", "") in ("一", "两") and surface.endswith("点")
    return (
        "h0" in p
        or "h" in p
        and not (lexical and text[hit.end : hit.end + 1] not in (*CLAUSE_END, *"到至起前后\n", ""))
    )


def _is_clock(text: str, hit: Hit, linked: bool) -> bool:
    """A bare time of day: 8:30, 21时, 10点半; 三点要求 and 4:1 are none."""
    p, surface, following = hit.parts, text[hit.start : hit.end], text[hit.end : hit.end + 1]
    if "h0" in p:
        return "时" in surface
    if not p.get("h", "").isdigit() or text[hit.start - 1 : hit.start] in tuple("第每.比："):
        return False
    if "min2" in p:
        return linked or not following.isascii() or following in ("", "\n") or bool(CLOCK_AGAIN.match(text, hit.end))
    return bool(p.keys() & {"min", "half", "vague"}) or "时" in surface or following in ("，", "。", "开", "起", "前")
