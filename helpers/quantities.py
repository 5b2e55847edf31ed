"""Quantities in a text: a numeral, its unit, what is counted, and how exact it claims to be.

Numerals inside names, slogans, models, ordinals and idioms are kept out by `numeral_traps.csv`; units stand in
`units.csv`, approximators in `approximators.csv`. Dates are not quantities: `find` is told which spans they take.
"""

import re
from collections import namedtuple
from functools import cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers import anchors, dates, datewords, lexicon, numerals
from helpers.counted import counted
from helpers.datewords import GAP
from helpers.lexicon import Span

COLUMNS = ["start", "end", "surface", "value", "unit", "counted", "approx"]
TO = frozenset("至到~～-—–")
DAYS = frozenset("天日周月年")
ONE = "[1-9一二两三四五六七八九]"
MAGNITUDE = r"[百千]?万|[十百千万]?亿|(?<=\d)[百千](?![克米瓦卡伏赫帕分])"
LONG = 12  # characters of a Han numeral before its point
WHOLE = "".join([*numerals.DIGITS, *numerals.POWERS])
SPACED = r"\d{1,3}(?: \d{3})+(?!\d)"  # 24 316, as the government of Hong Kong writes
SHARES = {"百分之": "%", "千分之": "‰"}
# kinds of units with fractions
MEASURED = frozenset("area currency data length power ratio temperature volume weight".split())
RATE = re.compile(r"(?:每|平均每)?[万千百]人(?:拥有|配备|共)?\Z")
BELOW_ZERO = "零下"
RATE_ENDS = frozenset("人有备共")
QUOTED = re.compile(r"“[一二两三四五六七八九十百千\d][^“”，。；\n]{0,6}”")
TITLED = re.compile(r"《[^《》\n]{1,60}》")
ORDINALS = re.compile(r"第\d+(?:(?:[、及和至与~～\-]|[—–]{1,2})\d+)+")  # 第8、9及12名
VAGUE = re.compile("[两二三四五六七八九]{2}[万亿]")  # 两三万
GOES_ON = re.compile(r"[A-Za-z\d]")
AHEAD = re.compile(r"[^，。、；\n]{0,8}")
RANGE_START = re.compile(rf"(?<![A-Za-z\d.\-/+第])({numerals.ARABIC}|{numerals.HAN})(?:[至到~～\-]|[—–]{{1,2}})\Z")


# the groups of `_pattern`, what a number is written with: "" where there is none; `trap` is None but in a name or an ordinal
Said = namedtuple("Said", "trap share number more magnitude more2 unit half part after")


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
    return pd.DataFrame(find(text, taken, anchors.scan(text)["numeral_traps"].spans()), columns=COLUMNS)


def find(text: str, taken: list[tuple[int, int]], traps: list[Span]) -> list[Quantity]:
    """Quantities outside the spans `taken` (of dates) and outside `traps`, in reading order."""
    named = (m.span() for names in (QUOTED, TITLED, ORDINALS) for m in names.finditer(text))
    blocked = sorted([*taken, *(span[:2] for span in traps), *named])
    starts = [0, *(start for start, _ in blocked)]
    reached = [*accumulate((end for _, end in blocked), max, initial=0)]
    out, behind = [], 0
    match, close = _pattern().match, "".join(sorted(_before()[1] - {"上"}))
    # 一线, 一名: most of all numerals are a lone 一, which counts only behind an approximator
    places = numerals.starts(text, mark="万亿", behind=_openings(), alone=close)
    if decimals := _decimals(text):
        places = np.union1d(places, decimals)
    free = np.array(reached)[np.searchsorted(starts, places, side="right") - 1] <= places
    for s in places[free].tolist():
        if s >= behind and (m := match(text, s)) and (found := _quantity(text, m, behind)):
            out.append(found)
            behind = found.end
    return _with_ranges(out, text)


# ---- what the tables say


@cache
def _traps() -> tuple[str, str]:
    """What makes a numeral part of a name or an ordinal: what it stands behind; how it goes on."""
    table = lexicon.rows("numeral_traps", "pattern", "where")
    before, after = ([row["pattern"] for row in table if row["where"] == where] for where in ("before", "from"))
    figure, han = ("|".join(one for one in after if re.search(sort, one)) for sort in (r"\\d|[0-9]", r"[一-龥]"))
    return "".join(f"(?<!{one})" for one in before), rf"(?=\d)(?:{figure})|(?!\d)(?:{han})"


@cache
def _units() -> dict[str, tuple[str, bool, frozenset[str], str]]:
    """Of each unit: its name, whether it goes with any numeral, what it does not stand before, its kind."""
    table = lexicon.rows("units", "unit", "canonical", "kind", "numerals", "not_before")
    units = {
        row["unit"].replace("(", "（").replace(")", "）"): (
            row["canonical"],
            row["numerals"] == "any",
            frozenset(row["not_before"]),
            row["kind"],
        )
        for row in table
    }
    return units | {f"个{more}{unit}": units[f"个{unit}"] for more in "半多" for unit in ("月", "小时")}


@cache
def _implied() -> list[tuple[str, re.Pattern]]:
    """Units, and the words that show one is meant where none is written."""
    return [(row["unit"], re.compile(row["cue"])) for row in lexicon.rows("implied_units", "cue", "unit")]


@cache
def _openings() -> str:
    """What can stand right behind a numeral with a unit."""
    return "".join(sorted({unit[0] for unit in _units()} | set("余多来几个分 \t\u3000")))


def _decimals(text: str) -> list[int]:
    """Where numerals like 三点五 begin: before 万, 亿 or a unit of measure, for 三点五名 is five people at three o'clock."""
    points = ((m.start(), text[max(0, m.start() - LONG) : m.start()]) for m in _measured().finditer(text))
    return [at - len(left) + len(bare) for at, left in points if len(bare := left.rstrip(WHOLE)) < len(left)]


@cache
def _measured() -> re.Pattern:
    """The point of a numeral, and behind it digits and what is measured in fractions."""
    units = [row["unit"] for row in lexicon.rows("units", "unit", "kind") if row["kind"] in MEASURED]
    return re.compile(rf"点(?=[零一二三四五六七八九]+(?:[万亿]|{lexicon.either(units)}))")


@cache
def _pattern() -> re.Pattern:
    """Numeral, magnitude, unit and what follows it, from a place where a numeral begins; whether it goes on as part of a name.

    `(…|)` is `(…)?`, which the engine takes longer to pass.
    """
    not_behind, trap = _traps()
    han = rf"(?<=万){ONE}(?:千[零一二三四五六七八九十百]*|[零〇○一二三四五六七八九]{{3}})"  # 一万九六六○
    more = rf"(?:(?<=亿)\d+万|(?<=万)\d(?:[千百]|\d{{0,3}}(?![\d.万千百]))|{han}|)"
    number = rf"(?:{SPACED}|{numerals.ARABIC}|{numerals.HAN})(?P<more>[余多来几]|)(?P<magnitude>(?=[十百千万亿])(?:{MAGNITUDE})+|)"
    minutes, bare = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})分(?!钟)", r"\d{1,2}(?=[，。；、）的以高左\n]|\Z)"
    part = rf"(?<=斤){ONE}两|(?<=[元块]){ONE}[角毛]钱?|(?<=小时){minutes}|(?<=[米度块]){bare}"
    return re.compile(
        rf"{not_behind}(?:(?=\d)|(?<![几数好]))(?:(?={trap})(?P<trap>)|)(?P<share>[百千]分之|)(?P<number>{number}{more}(?P<more2>[余多几]|)){GAP}"
        rf"(?P<unit>[例人宗名](?=次之)|{anchors.branches(_units())}|)(?P<half>半(?<=[年天岁里斤米]半)(?!数|夜|途)|)"
        rf"(?P<part>(?<=[斤元块时米度])(?:{part})|)"
        rf"(?P<after>{anchors.either(lexicon.words('approximators', 'word', place='after'))}|)"
    )


@cache
def _before() -> tuple[re.Pattern, frozenset[str]]:
    """Approximators right before a numeral, and the characters they end in."""
    words = lexicon.words("approximators", "word", place="before")
    no_near, no_about = "(?<![附最靠远邻临亲新]近)", "(?<![预签履违契毁邀失特缔]约)"
    no_less = "(?<![找看买听想等遇碰收做吃拿查]不到)"
    pattern = re.compile(rf"({anchors.either(words)}){no_near}{no_about}{no_less}\Z")
    return pattern, frozenset(word[-1] for word in words)


@cache
def _meanings() -> dict[str, str]:
    return {row["word"]: row["meaning"] for row in lexicon.rows("approximators", "word", "meaning", "place")}


# ---- one number


def _quantity(text: str, m: re.Match, reached: int) -> Quantity | None:
    """One match made into a row; None for traps, vague numbers and bare numbers without a unit. The quantity before ends at
    `reached`."""
    said = Said._make(m.groups())
    if "几" in said.number or _is_trap(text, m.start(), said):
        return None
    behind, end = m.end("unit"), m.end()
    unit, kind = (SHARES[said.share], "ratio") if said.share else _unit(said, text[behind : behind + 1])
    if unit is None:
        unit, end = _implied_unit(text, m.start(), end, said), m.end("number")
    if unit is None:
        return None
    start, approx = _approximation(text, m.start(), said, reached)
    if kind == "people":  # 7000居民: who is counted stands in place of a unit
        end = m.start("unit")
        return Quantity(start, end, text[start:end], _value(said), unit, said.unit, approx)
    noun = "人" if said.unit == "个人" else counted(text, max(start - 16, reached), start, end, kind)
    value = _value(said)
    if kind == "temperature" and text[max(0, start - len(BELOW_ZERO)) : start] == BELOW_ZERO:
        start, value = start - len(BELOW_ZERO), -value
    return Quantity(start, end, text[start:end], value, unit, noun, approx)


def _value(said: Said) -> float:
    """The number in ones, with what the end of a compound measure adds to it: 6斤2两, 3元5角, 1米75, 2小时30分."""
    value, part = numerals.value(said.number), said.part
    if said.half or said.unit.startswith("个半"):
        return value + 0.5
    if not part:
        return value
    digits = part.rstrip("两角毛钱分")
    return value + numerals.value(digits) / (60 if part[-1] == "分" else 10 ** len(digits))


def _is_trap(text: str, start: int, said: Said) -> bool:
    number = said.number
    if number.startswith("一一"):
        return True  # 唯一一家, 一一登记
    if said.trap is None or number == "一" and said.unit and _before()[0].search(text, max(0, start - 4), start):
        return False
    return not said.magnitude or number[0] in "百千万十" or bool(VAGUE.match(number))


def _unit(said: Said, following: str) -> tuple[str | None, str]:
    """The unit, None where the word goes on to be something else (三家长, 两名单), and its kind."""
    if not said.unit:
        return None, ""
    name, any_numeral, not_before, kind = _units()[said.unit]
    fits = following not in not_before and (any_numeral or said.magnitude or said.number[0].isdigit())
    return name if fits else None, kind


def _implied_unit(text: str, start: int, end: int, said: Said) -> str | None:
    """236万 with no unit written: the clause, else the sentence, says what is counted (implied_units.csv)."""
    if not said.magnitude or said.number[0] in "百千万亿" or GOES_ON.match(text, end):
        return None
    opening, closing = datewords.sentence(text, start, end)
    clause = max(opening, text.rfind("，", opening, start) + 1)
    for scope in (text[clause : AHEAD.match(text, end).end()], text[opening:closing]):
        for unit, cue in _implied():
            if cue.search(scope):
                return unit
    return None


def _approximation(text: str, start: int, said: Said, reached: int) -> tuple[int, str]:
    """Words before (from `reached` on) and after that make a number approximate, and where the surface then begins."""
    approx, (pattern, last), before = "", _before(), text[start - 1 : start]
    found = pattern.search(text, max(reached, start - 6), start) if before in last else None
    if found and not _is_recent(text, found, said) and (found[1] != "上" or said.number[0] in "百千"):  # 路上一个
        start, approx = found.start(), _meanings()[found[1]]
        before = text[start - 1 : start]
    if before in RATE_ENDS and (rate := RATE.search(text, max(reached, start - 6), start)):
        start = rate.start()
    if said.more or said.more2 or said.unit.startswith("个多"):
        approx = "about" if said.more == "来" else "more than"
    elif said.after and not approx:
        approx = _meanings()[said.after]
    return start, "" if approx in ("reaches", "exact") else approx


def _is_recent(text: str, found: re.Match, said: Said) -> bool:
    """近三天，: lately, not nearly three days."""
    return found[1] == "近" and said.unit[-1:] in DAYS and text[found.start() - 1 : found.start()] in "，。；：“\n"


def _with_ranges(found: list[Quantity], text: str) -> list[Quantity]:
    """5至10升: a bare first number takes the unit of the second; it was passed over, so it is added here."""
    extra = []
    for q in found:
        dash = text[q.start - 1 : q.start] in TO
        if dash and (number := RANGE_START.search(text, max(0, q.start - 14), q.start)):
            start, end = number.span(1)
            extra.append(Quantity(start, end, number[1], numerals.value(number[1]), q.unit, q.counted, "range"))
    return sorted(found + extra) if extra else found
