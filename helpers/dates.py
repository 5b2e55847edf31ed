"""Dates and times of day in a text, as ISO 8601, with the evidence each rests on.

`datewords` finds the expressions, `calendars` gives each its value; here they are joined into ranges and opened or
closed by 截至, 自, 以来, 前 and the like: `2022-03-27/..` since, `../2022-03-07` until, `2022-03-14/2022-04-17` both.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date as Day
from functools import cache
from typing import NamedTuple

import pandas as pd

from helpers import datewords, lexicon, numerals
from helpers.calendars import Context, context, resolve
from helpers.datewords import Hit, Parts

__all__ = ["COLUMNS", "Context", "Date", "context", "dates", "read"]

COLUMNS = ["start", "end", "surface", "iso", "granularity", "basis"]
RANGE_GAP = re.compile(rf"起?{datewords.GAP}{datewords.TO}{datewords.GAP}")
LATE_CLOSER = re.compile(r"[^，。；、！？“”\n]{1,8}?(以来|至今)")
LONGEST_GAP = 5  # characters
LIST = frozenset("、，和及与")
BEGUN = "开始"
DATELINE = re.compile(r"(?:\A|\n)[^，。；：\n据]{0,24}\Z")  # 新华社武汉3月8日电: today, to the article, is that day
REPRINTED = 10  # days within which an article is printed elsewhere
WIRED = ("电", "讯")
NAMED = {"d", "wd"}  # parts that name a day; 从今天开始 tells of today
YEARS = {"y", "word"}  # parts that name a year: 2020年3月, 去年3月
CLOCK_PARTS = {"part", "h", "h0", "h1", "min", "min1", "min2", "half", "vague"}


class Date(NamedTuple):
    """One date in a text; `iso` is empty where the evidence does not reach."""

    start: int
    end: int
    surface: str
    iso: str
    granularity: str
    basis: str


def dates(text: str, year: int | None, date: str = "") -> pd.DataFrame:
    """Dates of one text: start, end, surface, iso, granularity (year … minute), basis.

    `year` is the article's year and `date` its ISO day, both from the metadata; basis is one of stated, year from
    metadata, year from text, carried, article date, lunar table, recurring, unresolved.

    >>> list(dates("3月27日以来，居民照常生活；13日24时清零。", 2022).iso)
    ['2022-03-27/..', '2022-03-13T24:00']
    """
    return pd.DataFrame(read(text, context(year, date, text))[0], columns=COLUMNS)


def read(text: str, known: Context, hits: Sequence[Hit] | None = None) -> tuple[list[Date], Context]:
    """The dates of a text, or of those `hits` in it, and what is known after it; hand that to the text that follows."""
    out: list[Date] = []
    at = 0
    for first, last in _joined(datewords.find(text) if hits is None else hits, text):
        before, start, end = known, first.start, first.end
        if not (out and out[-1].basis == "recurring" and text[out[-1].end : start] in LIST):
            at = start  # else one more hour of every day: 每天7点、12点
        resolved = resolve(first, known, text, at)
        if resolved is None:
            continue
        (iso, granularity, basis, day), known = resolved
        if day and not last and text[end : end + 1] in WIRED and _is_dateline(text, start, day, known):
            known = known._replace(article=day)
        if last and basis != "recurring":
            at = last.start
        if last and (until := resolve(_inherit(last, first.parts, iso[:4]), known, text, at)):
            end, known = last.end, until[1]
            iso = f"{iso.split('/')[0]}/{until[0].iso.split('/')[-1]}"
        start, end, iso = _bounded(text, start, end, first.parts, iso)
        if iso.startswith("../") and text[start] != "截":
            known = before  # a deadline does not move the story on
        elif iso.endswith("/..") and granularity == "month" and (before.day or before.article):
            known = before  # nor does a month since when: 自7月下旬以来…。记者8日了解到
        elif ".." in iso and ("word" not in first.parts or text[start] == "截"):
            known = known._replace(told=before.told)  # nor is a later hour of the day a period begins or ends with
        out.append(Date(start, end, text[start:end], iso, granularity, basis))
    return out, known


def _is_dateline(text: str, start: int, day: Day, known: Context) -> bool:
    """Whether a day with 电 or 讯 behind it is that on which the article was written, a little before it was published."""
    early = known.article is None or 0 <= (known.article - day).days <= REPRINTED
    return early and bool(DATELINE.search(text, max(0, start - 26), start))


def _joined(found: Sequence[Hit], text: str) -> Iterator[tuple[Hit, Hit | None]]:
    """Pair two expressions with only 至, 到 or a dash between: 3月14日到4月17日."""
    first = None
    for hit in found:
        if first and hit.start - first.end <= LONGEST_GAP and RANGE_GAP.fullmatch(text, first.end, hit.start):
            yield first, hit
            first = None
        else:
            if first:
                yield first, None
            first = hit
    if first:
        yield first, None


def _inherit(hit: Hit, first: Parts, year: str) -> Hit:
    """The end of a range takes the month from its beginning, which is of a `year`, the year it is told to be of, and the
    part of the day: 3月14日到17日, 去年3月至5月, 下午1时30分至4时."""
    p, taken = hit.parts, {}
    if "m" in first and "d" in p and "m" not in p:
        taken = {"m": first["m"]}
    elif "m" in first and first.keys() & YEARS and "m" in p and not p.keys() & YEARS and year.isdecimal():
        over = (numerals.value(p["m"]) or 0) < (numerals.value(first["m"]) or 0)  # 2020年12月至1月
        taken = {"y": f"{int(year) + over}"}
    elif "h" in p and first.keys() >= {"h", "part"} and p.keys() <= CLOCK_PARTS - {"part"}:
        taken = {"part": first["part"]} if (numerals.value(p["h"]) or 0) > (numerals.value(first["h"]) or 0) else {}
    return hit._replace(parts=taken | p) if taken else hit


@cache
def _edges() -> tuple[re.Pattern, frozenset[str], re.Pattern, re.Pattern]:
    """Words right before a date that open a period, characters they end in, words right behind that close one, verbs that
    end in 到."""
    zones = "(?:北京|当地|台北|美东|[一-龥]{0,4}[东西中]部(?:夏令)?|格林尼治(?:标准)?)时间"
    between = ("今年", "本月")
    opener = re.compile(rf"({datewords.either('opener')})(?:{lexicon.either(between)}|{zones}|)\Z")
    last = {word[-1] for word, row in datewords.table().items() if row["kind"] == "opener"} | {
        word[-1] for word in (*between, "时间")
    }
    closer = re.compile(rf"(?:（含[^（）\n]{{0,4}}）|)({datewords.either('closer')})(?!{lexicon.cues('not a closer')})")
    return opener, frozenset(last), closer, re.compile(lexicon.cues("verb with to") + r"\Z")


def _bounded(text: str, start: int, end: int, parts: Parts, iso: str) -> tuple[int, int, str]:
    """Widen the span by 截至, 自, 以来, 前 and the like, and say so in the iso."""
    openers, last, closers, verbs = _edges()
    opened = openers.search(text, max(0, start - 14), start) if text[start - 1 : start] in last else None
    closed = closers.match(text, end)
    opening = datewords.table()[opened[1]]["unit"] if opened else ""
    if opened and opening == "end" and verbs.search(text, max(0, opened.start() - 8), opened.start()):
        opened, opening = None, ""
    if not closed and (opening in ("since", "from") or not opened and "d" in parts):
        closed = LATE_CLOSER.match(text, end)
    side = _side(opening, closed[1] if closed else "", parts) if opened or closed else ""
    if opening in ("from", "since") and parts.keys() & NAMED and text.startswith(BEGUN, end):  # 从周二开始
        side, end = "since", end + len(BEGUN)
    if not side:
        return start, end, iso
    start, end = opened.start() if opened else start, closed.end() if closed else end
    if not iso or "/" in iso:
        return start, end, iso
    return start, end, f"{iso}/.." if side == "since" else f"../{iso}"


def _side(opening: str, closer: str, parts: Parts) -> str:
    """since, until or neither. A bare hour, or an hour with 起 alone, is the moment something begins."""
    if not parts.keys() - CLOCK_PARTS or (closer == "起" and "h" in parts and not opening):
        return ""
    if opening in ("since", "until"):
        return opening
    return datewords.table()[closer]["unit"] if closer else "until" if opening == "end" else ""
