"""Quantities in a text: a numeral, its unit, what is counted, and how exact it claims to be.

Numerals inside names, slogans, models, ordinals and idioms are kept out by `numeral_traps.csv`; units stand in
`units.csv`, approximators in `approximators.csv`. Dates are not quantities: `find` is told which spans they take.
"""

import re
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from typing import NamedTuple

import pandas as pd

from helpers import anchors, dates, datewords, lexicon, numerals
from helpers.datewords import GAP
from helpers.lexicon import Span

COLUMNS = ["start", "end", "surface", "value", "unit", "counted", "approx"]
TO = frozenset("至到~～-—–")
MAGNITUDE = r"[百千]?万|[十百千万]?亿"
RATE = re.compile(r"(?:每|平均每)?[万千百]人(?:拥有|配备|共)?\Z")
RATE_ENDS = frozenset("人有备共")
NAMED = re.compile(r"“[一二两三四五六七八九十百千\d][^“”，。；\n]{0,6}”|《[^《》\n]{1,60}》")
NOUN = re.compile(r"(?:[（(][^（）()\n]{1,8}[）)])?的?([\u4e00-\u9fff]{1,12})")
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
    for s in numerals.starts(text, mark="万亿", behind=_openings(), alone=close):
        if s < reached[bisect_right(starts, s) - 1]:
            continue
        m = pattern.match(text, s)
        if m and (found := _quantity(text, m)):
            out.append(found)
    return _with_ranges(out, text)


# ---- what the tables say


@cache
def _traps() -> tuple[re.Pattern, re.Pattern, re.Pattern]:
    """What makes a numeral part of a name or an ordinal: what is before it; from a figure on; from a Han digit on."""
    table = lexicon.rows("numeral_traps", "pattern", "where")
    join = lambda rows: re.compile("|".join(f"(?:{row['pattern']})" for row in rows))  # noqa: E731
    before, after = ([row for row in table if row["where"] == where] for where in ("before", "from"))
    sorts = (r"\\d|[0-9]", r"[一-龥]")
    figure, han = ([row for row in after if re.search(sort, row["pattern"])] for sort in sorts)
    return re.compile(rf"(?:{join(before).pattern})\Z"), join(figure), join(han)


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
    """Numeral, magnitude, unit and what follows it, from a place where a numeral begins."""
    after = anchors.either(lexicon.words("approximators", "word", place="after"))
    more = r"(?:(?<=亿)\d+万|(?<=万)[一二三四五六七八九]千[零一二三四五六七八九十百]*)?"
    month = r"个(?:(?P<half>半)|(?P<some>多))(?P<long>月|小时)"
    return re.compile(
        rf"(?P<number>(?:{numerals.ARABIC}|{numerals.HAN})(?P<more>[余多来几])?(?P<magnitude>(?:{MAGNITUDE})*){more}"
        rf"(?P<more2>[余多几])?){GAP}(?P<unit>{month}|{anchors.either(_units())})?(?P<half_more>(?<=[年天岁里])半(?!数|夜|途))?(?P<after>{after})?"
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
def _nouns() -> tuple[re.Pattern, re.Pattern, re.Pattern]:
    """Where a counted noun ends, what goes before it, what stands between it and the number."""
    return (
        re.compile(lexicon.cues("noun end")),
        re.compile(rf"^.*{lexicon.cues('noun start')}(?=.{{2}})"),
        re.compile(rf"{lexicon.cues('noun tail')}+\Z"),
    )


# ---- one number


def _quantity(text: str, m: re.Match) -> Quantity | None:
    """One match made into a row; None for traps, vague numbers and bare numbers without a unit."""
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
    value += 0.5 if m["half"] or m["half_more"] else 0
    return Quantity(start, end, text[start:end], value, unit, _counted(text, start, end), approx)


def _is_trap(text: str, m: re.Match, number: str) -> bool:
    before, figure, han = _traps()
    start = m.start()
    if number.startswith("一一") or before.search(text, max(0, start - 5), start):
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


def _counted(text: str, start: int, end: int) -> str:
    """What is counted: the noun behind the unit, else the one before the number (确诊病例3例)."""
    ends, lead, tail = _nouns()
    if following := NOUN.match(text, end):
        begin, behind = following.span(1)
        stop = ends.search(text, begin, behind)
        noun = text[begin : stop.start()] if stop else following[1]
        if len(noun) > 1 or text[behind : behind + 1] in "，。；、）\n":
            return noun
    before = NOUN_BEFORE.search(text, max(0, start - 16), start)
    noun = lead.sub("", tail.sub("", re.sub(r"^.*\d[^\d]?", "", before[0])))[-10:] if before else ""
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
