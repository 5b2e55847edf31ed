"""Calendar values of date expressions, in the light of what is known so far.

Nothing asks the clock: a date whose year or month no evidence supports keeps what it has (`--03-09`) or stays empty,
and its basis says so.
"""

import re
from datetime import date as Day
from datetime import timedelta
from functools import cache, lru_cache
from typing import NamedTuple

import pandas as pd

from helpers import lexicon, lunar, numerals
from helpers.datewords import Hit, Parts, table

MONTH_DAY = re.compile(r"月(?<=\d月)\d{1,2}[日号]")  # found from 月, which the engine scans for fast
MONTH = re.compile(r"(?<![年\d])\d{1,2}\Z")
TO_COME = re.compile(r"[^，。；\n]{0,4}?(?:起|前|将|止|开始)")
MINGUO = 1911  # the year before the first of the Republic, from which Taiwan counts
NEAR = 4  # days; a bare weekday farther ahead is that of the week before
DEADLINE = re.compile(r"[^\n]{0,2}?[前止]")


class Context(NamedTuple):
    """What is known while reading a document: metadata year, article day, last day named, last day something happened."""

    year: int | None = None
    article: Day | None = None
    day: Day | None = None
    wraps: bool = False  # November and December in an article of the first quarter are last year's
    told: Day | None = None  # a bare hour is of this day, not of one a period begins or ends with
    at: int = 0  # where the day is named


class Value(NamedTuple):
    """An expression's ISO stem, granularity and basis, and the day it puts the story on, if any."""

    iso: str
    granularity: str
    basis: str
    day: Day | None = None


def context(year: int | None, date: str = "", text: str = "") -> Context:
    """What the metadata say: a year and, where whole, the day of publication; without it, `text` shows its season.

    >>> context(2022, "2022-04-16").article
    datetime.date(2022, 4, 16)
    """
    whole = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", str(date)[:10])
    article = _day(*map(int, whole.groups())) if whole else None
    known = int(year) if pd.notna(year) and str(year) else (article.year if article else None)
    return Context(known, article, wraps=article is None and _spans_new_year(text))


def _spans_new_year(text: str) -> bool:
    """Whether an undated text speaks of the first quarter and of the months just before it, and of no other.

    >>> _spans_new_year("12月30日封控，1月2日解封"), _spans_new_year("12月30日封控，1月2日解封，5月3日复课")
    (True, False)
    """
    found = (MONTH.search(text, max(0, m.start() - 3), m.start()) for m in MONTH_DAY.finditer(text))
    months = [int(month[0]) for month in found if month]
    early, late = sum(month <= 3 for month in months), sum(month >= 11 for month in months)
    return early >= late > 0 and early + late == len(months)


def resolve(hit: Hit, known: Context, text: str, at: int) -> tuple[Value, Context] | None:
    """The value of an expression and what is known after it; None where it turns out to be no date.

    A few characters of the same line tell, too: those before `at`, where the expression or its period begins, and those behind.
    """
    value = _value(hit, known, text, at)
    if value is None:
        return None
    if "eve" in hit.parts and value.day:
        before_it = value.day - timedelta(days=1)
        value = value._replace(iso=before_it.isoformat(), day=before_it)
    if value.day and not value.day == known.day == known.told:
        told = known.told if value.granularity == "month" else value.day  # a month names no day an hour could be of
        known = Context(known.year, known.article, value.day, known.wraps, told, hit.start)
    return _with_clock(value, hit.parts), known


def _value(hit: Hit, known: Context, text: str, at: int) -> Value | None:
    """The rule that applies, by the parts at hand."""
    p = hit.parts
    if "y" in p or "iy" in p:
        return _stated(p)
    if "word" in p:
        return _relative(hit, known)
    if "quarter" in p or "halfyear" in p:
        return _quarter(p, known)
    if "wd" in p:
        return _weekday(hit, known, text)
    if "festival" in p or "lm" in p or "fifth" in p:
        return _feast(p, known)
    if "m" in p:
        return _month_day(p, known, text, hit.end)
    if "d" in p:
        return _carried_day(hit, known, text)
    return _bare_clock(p, known, text[max(0, at - 10) : at])


@lru_cache(4096)
def _number(text: str) -> int:
    return int(numerals.value(text.replace("初", "")) or 0)


def _day(year: int, month: int, day: int) -> Day | None:
    try:
        return Day(year, month, day)
    except ValueError:
        return None


def _shift_month(day: Day, by: int) -> Day:
    index = day.year * 12 + day.month - 1 + by
    return Day(index // 12, index % 12 + 1, 1)


def _stated(p: Parts) -> Value | None:
    """A date that names its own year."""
    if "iy" in p:
        day = _day(int(p["iy"]), int(p["im"]), int(p["id"]))
        return Value(day.isoformat(), "day", "stated", day) if day else None
    year = _number(p["y"])
    year += MINGUO if year < 200 else 0
    return _on_feast(p, year) if "festival" in p else _in_year(year, p, p.get("ypart", ""), "stated")


def _in_year(year: int, p: Parts, span: str, basis: str) -> Value | None:
    """Year with whatever month and day stand behind it."""
    if "d" in p:
        return _days(year, _number(p["m"]), p, basis) if "m" in p else None
    if "m" in p:
        return _part_of_month(Day(year, _number(p["m"]), 1), p.get("mpart", ""), basis)
    if span.startswith("前"):  # 今年前两个月
        months = _number(span[1:]) * (3 if "季" in span else 1)
        return Value(f"{year}-01/{year}-{months:02}", "year to date", basis) if months <= 12 else None
    if span in ("上半年", "下半年"):
        first, last = ("01", "06") if span[0] == "上" else ("07", "12")
        return Value(f"{year}-{first}/{year}-{last}", "half-year", basis)
    if span:
        return Value(f"{year}-{'01' if '初' in span else '12'}", "month", basis)
    return Value(f"{year}", "year", basis)


def _part_of_month(first: Day, part: str, basis: str) -> Value:
    """A month, or a half of it; 上旬, 初 and the like keep the month, being vague."""
    stem = first.isoformat()[:7]
    if part == "上半月":
        return Value(f"{stem}-01/{stem}-15", "half-month", basis)
    if part == "下半月":
        last = _shift_month(first, 1) - timedelta(days=1)
        return Value(f"{stem}-16/{last.isoformat()}", "half-month", basis)
    return Value(stem, "month", basis, first)


def _days(year: int, month: int, p: Parts, basis: str) -> Value | None:
    """One day, or two of the same month (25至27日)."""
    first, last = _day(year, month, _number(p["d"])), p.get("d2") or p.get("d3")
    second = _day(year, month, int(last)) if last else None
    if first is None:
        return None
    return Value(f"{first}/{second}" if second else first.isoformat(), "day", basis, second or first)


def _relative(hit: Hit, known: Context) -> Value | None:
    """今天, 昨晚, 下月20日, 去年12月: counted from the article date; 当日, 次日: from the last day named."""
    p, row = hit.parts, table()[hit.parts["word"]]
    unit, shift, span = row["unit"], int(row["shift"]), p.get("span", "")
    if row["kind"] == "anaphor":
        base, basis = known.day, "carried"
    elif known.article or unit != "year" or not known.year:
        base, basis = known.article, "article date"
    else:
        base, basis = Day(known.year, 7, 1), "year from metadata"
    if unit == "day":
        return _dated(base + timedelta(days=shift) if base else None, basis, hit, known)
    if base is None:
        return Value("", unit, "unresolved")
    if unit == "month":
        first = _shift_month(base, shift)
        return _days(first.year, first.month, p, basis) if "d" in p else _part_of_month(first, span, basis)
    return _in_year(base.year + shift, p, "" if span.endswith("旬") else span, basis)


def _dated(day: Day | None, basis: str, hit: Hit, known: Context) -> Value:
    """A day reckoned from another, corrected by the date in brackets behind it: 昨晚（26日）, 今天（4月7日）."""
    if hit.inner:
        inner = _value(Hit(0, 0, hit.inner), known._replace(day=day or known.day), "", 0)
        if inner and inner.day and day and "m" not in hit.inner:  # 昨日（1日）, told on the 1st
            months = (_shift_month(day, by) for by in (-1, 0, 1))
            near = (_day(first.year, first.month, inner.day.day) for first in months)
            day = min(filter(None, near), key=lambda one: abs(one - day))
            return Value(day.isoformat(), "day", "carried", day)
        if inner and inner.iso:
            return inner
    return Value(day.isoformat(), "day", basis, day) if day else Value("", "day", "unresolved")


def _quarter(p: Parts, known: Context) -> Value | None:
    if known.year is None:
        return Value("", "quarter", "unresolved")
    if "halfyear" in p:
        return _in_year(known.year, {}, p["halfyear"], "year from metadata")
    first = "一二三四".index(p["quarter"].strip("第")[0]) * 3 + 1
    return Value(f"{known.year}-{first:02}/{known.year}-{first + 2:02}", "quarter", "year from metadata")


def _weekday(hit: Hit, known: Context, text: str) -> Value:
    """周三, 上周一: in the week of the article (Monday first); a bare 周日 told on a Monday is the one just past."""
    if known.article is None:
        return _dated(None, "unresolved", hit, known)
    index = "一二三四五六日".index(hit.parts["wd"].replace("天", "日"))
    ahead, rel = index - known.article.weekday(), hit.parts.get("rel", "")
    past = rel == "上" or not rel and ahead > NEAR and not _is_to_come(text, hit)
    day = known.article + timedelta(days=ahead + 7 * ((rel == "下") - past))
    return _dated(day, "article date", hit, known)


def _is_to_come(text: str, hit: Hit) -> bool:
    """Whether 周六起, 周日前, 将于周五 and 到周日 show a weekday still to come."""
    before = text[max(0, hit.start - 2) : hit.start]
    return before[-1:] in ("至", "到") and before != "截至" or "将" in before or bool(TO_COME.match(text, hit.end))


def _feast(p: Parts, known: Context) -> Value:
    """Festivals and lunar days, by the calendar of the article's year."""
    return _on_feast(p, known.article.year if known.article else known.year)


def _on_feast(p: Parts, year: int | None) -> Value:
    if year not in lunar.YEARS:
        return Value("", "day", "unresolved")
    month, number = p.get("lm", ""), _number(p.get("ld") or p.get("fifth", ""))
    day = lunar.festival(p["festival"], year) if "festival" in p else lunar.day(month, number, year)
    return Value(day.isoformat(), "day", "lunar table", day) if day else Value("", "day", "unresolved")


def _month_day(p: Parts, known: Context, text: str, end: int) -> Value | None:
    """3月9日: the year comes from the article; December read in January is last year's."""
    month, number = _number(p["m"]), _number(p.get("d", "1"))
    if known.article:
        return _in_year(_likely_year(known.article, month, number, text, end), p, "", "year from metadata")
    if known.year is not None:
        past = known.wraps and month >= 11
        return _in_year(known.year - past, p, "", "year from text" if past else "year from metadata")
    if known.day:
        return _in_year(known.day.year, p, "", "year from text")
    stem = f"--{month:02}-{number:02}" if "d" in p else f"--{month:02}"
    return Value(stem, "day" if "d" in p else "month", "unresolved")


def _likely_year(article: Day, month: int, number: int, text: str, end: int) -> int:
    """The article's year, the one before for dates far ahead, the next for 1月1日 read in late December."""
    ahead = ((_day(article.year, month, number) or Day(article.year, month, 1)) - article).days
    if ahead > 150 and not DEADLINE.match(text, end):
        return article.year - 1
    return article.year + 1 if ahead + 365 <= 14 else article.year


def _carried_day(hit: Hit, known: Context, text: str) -> Value:
    """13日: the month of the nearest preceding date (of one long past only in the same paragraph), never well beyond the
    article date. A lower day than that of 上月30日 is of the month after it."""
    base, basis = known.day, "carried"
    if known.article and (
        base is None or (known.article - base).days > 120 and text.find("\n", known.at, hit.start) >= 0
    ):
        base, basis = known.article, "article date"
    moved = base and known.article and text.startswith("上", known.at) and _number(hit.parts["d"]) < base.day
    for back in range(-1 if moved else 0, 3) if base else ():
        first = _shift_month(base, -back)
        day = _day(first.year, first.month, _number(hit.parts["d"]))
        if day and (known.article is None or (day - known.article).days <= 3):
            return _days(first.year, first.month, hit.parts, basis)
    return Value("", "day", "unresolved")


@cache
def _every_day() -> re.Pattern:
    return re.compile(lexicon.cues("every day") + r"\Z")


def _bare_clock(p: Parts, known: Context, before: str) -> Value | None:
    """下午2时: on the last day named, else the article date; a daily hour keeps only the hour."""
    if "h" not in p and "h0" not in p:
        return None
    if _every_day().search(before.rpartition("\n")[2]):
        return Value("", "hour", "recurring")
    if base := known.told or known.article:
        return Value(base.isoformat(), "day", "carried" if known.told else "article date", base)
    return Value("", "hour", "unresolved")


def _with_clock(value: Value, p: Parts) -> Value:
    """Add the time of day: 晚8点 is 20:00; 7点多 keeps only the hour."""
    stem, granularity, basis, day = value
    if "h0" in p:
        first, last = int(p["h0"]), int(p["h1"])
        last = _hour(last, p) if last > first else last  # 下午2至6点, but 晚10时至2时
        return Value(f"{stem}T{_hour(first, p):02}:00/{stem}T{last:02}:{int(p.get('min1', 0)):02}", "hour", basis, day)
    if "h" not in p or "/" in stem:
        return Value(stem, "part of day", basis, day) if "part" in p and granularity == "day" else value
    hour, minute = _hour(_number(p["h"]), p), p.get("min2") or p.get("min") or ("30" if "half" in p else "00")
    if p.get("vague") == "多":
        return Value(f"{stem}T{hour:02}", "hour", basis, day)
    return Value(f"{stem}T{hour:02}:{_number(minute):02}", "hour" if minute == "00" else "minute", basis, day)


def _hour(hour: int, p: Parts) -> int:
    """The hour of 24, by the part of the day: 下午5时 is 17, 晚12点 is 24, 深夜2点 stays 2."""
    word = p.get("part") or p.get("word", "")
    part = table().get(word, {}).get("part", "")
    if part in ("afternoon", "evening") and 1 <= hour < 12:
        return hour if hour < 6 and word in ("深夜", "半夜", "夜里", "午夜") else hour + 12
    if hour == 12 and part == "evening":
        return 24
    return hour + 12 if part == "noon" and 1 <= hour < 6 else hour
