"""Quantities in a text: a numeral, its unit, what is counted, and how exact it claims to be.

Numerals inside names, slogans, models, ordinals and idioms are kept out by `numeral_traps.csv`; units stand in
`units.csv`, approximators in `approximators.csv`. Dates are not quantities: `find` is told which spans they take.
"""

import re
from functools import cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers import anchors, dates, datewords, lexicon, numerals
from helpers.datewords import GAP
from helpers.lexicon import Span

COLUMNS = ["start", "end", "surface", "value", "unit", "counted", "approx"]
TO = frozenset("至到~～-—–")
ONE = "[1-9一二两三四五六七八九]"
MAGNITUDE = r"[百千]?万|[十百千万]?亿"
RATE = re.compile(r"(?:每|平均每)?[万千百]人(?:拥有|配备|共)?\Z")
RATE_ENDS = frozenset("人有备共")
NAMED = re.compile(r"“[一二两三四五六七八九十百千\d][^“”，。；\n]{0,6}”|《[^《》\n]{1,60}》")
NOUN = re.compile(r"(?:[（(][^（）()\n]{1,8}[）)])?的?([\u4e00-\u9fff]{1,12})")
TO_FIGURE = re.compile(r"^.*\d[^\d]?")
NOUN_BEFORE = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]{1,16}\Z")
RANGE_START = re.compile(rf"(?<![A-Za-z\d.\-/+第])({numerals.ARABIC}|{numerals.HAN})(?:[至到~～\-]|[—–]{{1,2}})\Z")


class Quantity(NamedTuple):
    """One number with its unit; `value` in ones (万 expanded), `approx` empty where the text gives it as exact."""

    start: int
    end: int
    surface: str
    value: float
    unit: str
    counted: str
    approx: str


def quantities(text: str) -> pd.DataFrame:
    """Quantities of one text: start, end, surface, value (万 and 亿 expanded), unit, counted, approx.

    >>> found = quantities("近千人上岗，发放口罩1.5万余只，第三批礼包送到200多户家中。")
    >>> found[["value", "unit", "approx"]].values.tolist()
    [[1000.0, '人', 'nearly'], [15000.0, '只', 'more than'], [200.0, '户', 'more than']]
    """
    taken = [(hit.start, hit.end) for hit in dates.read(text, dates.context(None, "", text))[0]]
    return pd.DataFrame(find(text, taken, anchors.scan(text)["numeral_traps"]), columns=COLUMNS)


def find(text: str, taken: list[tuple[int, int]], traps: list[Span]) -> list[Quantity]:
    """Quantities outside the spans `taken` (of dates) and outside `traps`, in reading order."""
    blocked = sorted([*taken, *(span[:2] for span in traps), *(m.span() for m in NAMED.finditer(text))])
    starts = [0, *(start for start, _ in blocked)]
    reached = [*accumulate((end for _, end in blocked), max, initial=0)]
    out: list[Quantity] = []
    pattern, close = _pattern(), "".join(sorted(_before()[1] - {"上"}))
    # 一线, 一名: most of all numerals are a lone 一, which counts only behind an approximator
    places = np.array(numerals.starts(text, mark="万亿", behind=_openings(), alone=close), dtype=int)
    free = np.array(reached)[np.searchsorted(starts, places, side="right") - 1] <= places
    for s in places[free].tolist():
        reached = out[-1].end if out else 0
        if s >= reached and (m := pattern.match(text, s)) and (found := _quantity(text, m, reached)):
            out.append(found)
    return _with_ranges(out, text)


# ---- what the tables say


@cache
def _traps() -> tuple[str, re.Pattern, re.Pattern]:
    """What makes a numeral part of a name or an ordinal: what it stands behind; how it goes on from a figure, from a Han
    digit."""
    table = lexicon.rows("numeral_traps", "pattern", "where")
    before, after = ([row["pattern"] for row in table if row["where"] == where] for where in ("before", "from"))
    figure, han = ([one for one in after if re.search(sort, one)] for sort in (r"\\d|[0-9]", r"[一-龥]"))
    either = lambda patterns: re.compile("|".join(f"(?:{one})" for one in patterns))  # noqa: E731
    return "".join(f"(?<!{one})" for one in before), either(figure), either(han)


@cache
def _units() -> dict[str, dict[str, str]]:
    return {
        row["unit"].replace("(", "（").replace(")", "）"): row
        for row in lexicon.rows("units", "unit", "canonical", "kind", "numerals", "not_before")
    }


@cache
def _openings() -> str:
    """What can stand right behind a numeral with a unit."""
    return "".join(sorted({unit[0] for unit in _units()} | set("余多来几个分 \t\u3000")))


@cache
def _pattern() -> re.Pattern:
    """Numeral, magnitude, unit and what follows it, from a place where a numeral begins that is no part of a name."""
    after = anchors.either(lexicon.words("approximators", "word", place="after"))
    more = r"(?:(?<=亿)\d+万|(?<=万)[一二三四五六七八九]千[零一二三四五六七八九十百]*)?"
    month = r"个(?:(?P<half>半)|(?P<some>多))(?P<long>月|小时)"
    minutes, bare = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})分(?!钟)", r"\d{1,2}(?=[，。；、）的以高左\n]|\Z)"
    part = rf"(?<=斤){ONE}两|(?<=[元块]){ONE}[角毛]钱?|(?<=小时){minutes}|(?<=[米度块]){bare}"
    return re.compile(
        rf"{_traps()[0]}(?P<number>(?:{numerals.ARABIC}|{numerals.HAN})(?P<more>[余多来几])?(?P<magnitude>(?:{MAGNITUDE})*){more}"
        rf"(?P<more2>[余多几])?){GAP}(?P<unit>{month}|{anchors.either(_units())})?(?P<half_more>(?<=[年天岁里斤米])半(?!数|夜|途))?(?P<part>(?<=[斤元块时米度])(?:{part}))?(?P<after>{after})?"
    )


@cache
def _before() -> tuple[re.Pattern, frozenset[str]]:
    """Approximators right before a numeral, and the characters they end in."""
    words = lexicon.words("approximators", "word", place="before")
    pattern = re.compile(rf"({anchors.either(words)})(?<![附最靠远邻临亲新]近)\Z")
    return pattern, frozenset(word[-1] for word in words)


@cache
def _meanings() -> dict[str, str]:
    return {row["word"]: row["meaning"] for row in lexicon.rows("approximators", "word", "meaning", "place")}


@cache
def _nouns() -> tuple[re.Pattern, re.Pattern, re.Pattern, re.Pattern, re.Pattern]:
    """Where a counted noun ends, what goes before it, what stands between it and the number; what stands behind a unit, and
    what behind one of time, and is not counted."""
    return (
        re.compile(lexicon.cues("noun end")),
        re.compile(rf"^.*{lexicon.cues('noun start')}(?=.{{2}})"),
        re.compile(rf"{lexicon.cues('noun tail')}+\Z"),
        re.compile(lexicon.cues("not counted")),
        re.compile(lexicon.cues("behind a length of time")),
    )


# ---- one number


def _quantity(text: str, m: re.Match, reached: int) -> Quantity | None:
    """One match made into a row; None for traps, vague numbers and bare numbers without a unit. The quantity before ends at
    `reached`."""
    (start, end), number = m.span(), m["number"]
    if _is_trap(text, m, number):
        return None
    unit, value = _unit(text, m, number), numerals.value(number)
    if value is None or "几" in number or text[start - 1 : start] in ("几", "数", "好"):
        return None
    if unit is None:
        unit, end = _implied_unit(text, m), m.end("number")
    if unit is None:
        return None
    start, approx = _approximation(text, m)
    value += 0.5 if m["half"] or m["half_more"] else _part(m["part"]) if m["part"] else 0
    timed = bool(m["long"] or m["unit"] and _units()[m["unit"]]["kind"] == "time")
    return Quantity(
        start, end, text[start:end], value, unit, _counted(text, max(0, start - 16, reached), start, end, timed), approx
    )


def _part(said: str) -> float:
    """What the end of a compound measure adds to its unit: 6斤2两, 3元5角, 1米75, 2小时30分."""
    digits = said.rstrip("两角毛钱分")
    return numerals.value(digits) / (60 if said[-1] == "分" else 10 ** len(digits))


def _is_trap(text: str, m: re.Match, number: str) -> bool:
    _, figure, han = _traps()
    start = m.start()
    if number.startswith("一一"):
        return True  # 唯一一家, 一一登记
    if number == "一" and m["unit"] and _before()[0].search(text, max(0, start - 4), start):
        return False
    if m["magnitude"] and number[0] not in "百千万十":
        return False
    return bool((figure if number[0].isdigit() else han).match(text, start))


def _unit(text: str, m: re.Match, number: str) -> str | None:
    """The canonical unit, or None where the word goes on to be something else (三家长, 两名单)."""
    if m["long"] or not m["unit"]:
        return m["long"]
    row, following = _units()[m["unit"]], text[m.end("unit") : m.end("unit") + 1]
    bare_han = not number[0].isdigit() and not m["magnitude"]
    if bare_han and row["numerals"] != "any" or following and following in row["not_before"]:
        return None
    return row["canonical"]


def _implied_unit(text: str, m: re.Match) -> str | None:
    """236万 with no unit written: the clause, else the sentence, says what is counted (implied_units.csv)."""
    if not m["magnitude"] or m["number"][0] in "百千万亿" or re.match(r"[A-Za-z\d]", text[m.end() : m.end() + 1]):
        return None
    opening, closing = datewords.sentence(text, m.start(), m.end())
    clause = max(opening, text.rfind("，", opening, m.start()) + 1)
    after = re.split("[，。、；\n]", text[m.end() : m.end() + 8], maxsplit=1)[0]
    for scope in (text[clause : m.end()] + after, text[opening:closing]):
        for row in lexicon.rows("implied_units", "cue", "unit"):
            if re.search(row["cue"], scope):
                return row["unit"]
    return None


def _approximation(text: str, m: re.Match) -> tuple[int, str]:
    """Words before and after that make a number approximate, and where the surface then begins."""
    start, approx = m.start(), ""
    pattern, last = _before()
    found = pattern.search(text, max(0, start - 6), start) if text[start - 1 : start] in last else None
    if found and (found[1] != "上" or m["number"][0] in "百千"):  # 上百家, but not 路上一个
        start, approx = found.start(), _meanings()[found[1]]
    if text[start - 1 : start] in RATE_ENDS and (rate := RATE.search(text, max(0, start - 6), start)):
        start = rate.start()
    more, more2, some, after = m.group("more", "more2", "some", "after")
    if more or more2 or some:
        approx = "about" if more == "来" else "more than"
    elif after and not approx:
        approx = _meanings()[after]
    return start, "" if approx in ("reaches", "exact") else approx


def _counted(text: str, first: int, start: int, end: int, timed: bool) -> str:
    """What is counted: the noun behind the unit, else the one before the number, from `first` on (确诊病例3例)."""
    ends, lead, tail, change, when = _nouns()
    if timed and when.match(text, end):
        return ""
    if not change.match(text, end) and (following := NOUN.match(text, end)):
        begin, behind = following.span(1)
        stop = ends.search(text, begin, behind)
        noun = text[begin : stop.start()] if stop else following[1]
        if len(noun) > 1 or text[behind : behind + 1] in "，。；、）\n":
            return noun
    before = NOUN_BEFORE.search(text, first, start)
    noun = lead.sub("", tail.sub("", TO_FIGURE.sub("", before[0])))[-10:] if before else ""
    return noun.rstrip("的")


def _with_ranges(found: list[Quantity], text: str) -> list[Quantity]:
    """5至10升: a bare first number takes the unit of the second; it was passed over, so it is added here."""
    extra = []
    for q in found:
        dash = text[q.start - 1 : q.start] in TO
        if dash and (number := RANGE_START.search(text, max(0, q.start - 14), q.start)):
            start, end = number.span(1)
            extra.append(Quantity(start, end, number[1], numerals.value(number[1]), q.unit, q.counted, "range"))
    return sorted(found + extra) if extra else found
