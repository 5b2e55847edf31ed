"""The daily figures of a bulletin: for each day, local cases newly confirmed and newly found without symptoms.

A bulletin names a figure by what stands beside it (新增本土确诊病例12例和无症状感染者47例) and leaves out what the figure
before has said; so figures are read in order, and each inherits from the last the origin or the kind it does not name.
A figure that names no origin waits for what its sentence still says of it (其中境外输入3例, 均为本土病例).
The words stand in `cues.csv` under uses that begin with `bulletin`.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date as Day
from functools import cache
from typing import NamedTuple

import pandas as pd

from helpers import dates, notices, numerals
from helpers.notices import cue, pattern

COLUMNS = ["date", "confirmed", "asymptomatic"]
KINDS = COLUMNS[1:]
SENTENCE = re.compile(r"[^。！？】\n]+")
PARTS = ("其中", "当中", "含", "包括")  # a sentence that begins so divides what the last one counted
DIVIDES = re.compile("其中|当中|含|包括|分别|（")
COUNTED = re.compile(r"\d[例名人]")
BRACKETS = re.compile(r"（[^（）\n]*）")
WHOLE_DAY = re.compile(r"\d{4}-\d\d-\d\d")
TOLD, SHORT, GUESSED, WHOLE = range(4)  # how well a figure is told: a guess only completes a day, a whole not even that


class Figure(NamedTuple):
    """New local cases of a kind (confirmed, asymptomatic), how well told, and where."""

    rank: int
    at: int
    kind: str
    value: int


def bulletins(text: str, year: int | None, date: str = "") -> pd.DataFrame:
    """One row per day: date (ISO), confirmed and asymptomatic, the new local cases; <NA> where no figure is given.

    `text` is a whole bulletin, its paragraphs between line breaks; `year` and `date` come from the metadata. Of several
    figures for a day the first counts: bulletins give the whole before its parts.

    >>> text = "4月24日0—24时，新增本土确诊病例12例和无症状感染者47例。新增境外输入确诊病例2例。累计本土确诊病例310例。"
    >>> bulletins(text, 2022).astype(object).values.tolist()
    [['2022-04-24', 12, 47]]
    >>> bulletins("昨日新增确诊病例30例，其中境外输入4例，本土26例。无新增本土无症状感染者。", 2022, "2022-04-16").values.tolist()
    [['2022-04-15', 26, 0]]
    """
    text = notices.plain(text)
    days = _days(text, dates.read(text, dates.context(year, date, text))[0])
    starts = [start for start, _ in days]
    rows: dict[str, dict[str, int]] = {}
    at_home = _all_at_home(text)
    figures = [figure for origin, group in _groups(text) for figure in _new_local(text, group, origin)]
    for rank, at, kind, value in sorted(figures, key=_how_well_told):
        day = days[bisect_right(starts, at) - 1][1]
        if day is not None and (rank < GUESSED or rank == GUESSED and (day in rows or at_home)):
            rows.setdefault(day, {}).setdefault(kind, value)
    if len(rows) > 1:
        rows.pop("", None)  # a title that names no day
    table = [{"date": day} | rows[day] for day in dict.fromkeys(day for _, day in days) if day in rows]
    return pd.DataFrame(table, columns=COLUMNS).astype({"date": "str", "confirmed": "Int64", "asymptomatic": "Int64"})


# ---- what the words are


@cache
def _named() -> tuple[str, str, str]:
    """Patterns of the origin, of the kind of a case, and of what stands between them."""
    kind = f"(?:{cue('confirmed')}|{cue('asymptomatic')}|{cue('case')})"
    return f"(?:{cue('local')}|{cue('abroad')})", kind, f"{cue('illness')}{{0,3}}"


@cache
def _item() -> re.Pattern:
    """One of those of whom none is new: 无新增本土和境外输入确诊病例、无症状感染者."""
    origin, kind, illness = _named()
    return re.compile(rf"(?P<origin>{origin}(?:[和及与、]{origin})?)?{illness}(?P<kind>{kind})")


@cache
def _figure() -> re.Pattern:
    """Whom a bulletin counts: nobody (无新增…和…), in short (本土“3+12”), two kinds as one (确诊病例和无症状感染者共15例), named
    in front (本土确诊病例12例) or behind (12例本土确诊病例), or not yet (本土感染者：)."""
    origin, kind, illness = _named()
    number = rf"(?:\d[\d,.]{{0,14}}+(?:万\d{{0,4}})?|(?<![{numerals.FIRST}])[{numerals.FIRST}]{{1,12}}+)"
    item = rf"(?:{cue('other')}|(?:{origin}(?:[和及与、]{origin})?)?{illness}{kind}(?!\s?{number}))"
    both = rf"(?P<origin4>{origin})?{illness}{kind}[和及与、]{origin}?{illness}{kind}(?:共计?|[总合]计|[为有])?"
    one_of_many = r"[—\-的]|，(?:[男女系]|[居现暂]?住)"  # 病例12，女
    return re.compile(
        rf"{cue('none')}{illness}(?P<none>{item}(?:[和及与、]{item})*)"
        rf"|{cue('local')}{illness}{kind}?“?(?P<first>\d+)\+(?P<second>\d+)"
        rf"|{both}(?P<sum>{number})"
        rf"|(?={origin}|{illness}{kind})(?P<origin1>{origin})?{illness}(?P<kind1>{kind})?"
        rf"(?:（[^（）\d\n]{{1,8}}）)?(?:[为有占达：（(]|共计|新增)?[\s|]{{0,3}}(?P<number1>{number}|无(?=新增))(?!{one_of_many})"
        rf"|(?<![\d,.第前])(?P<number2>{number})[例名人](?:均?[为系]|){illness}(?P<origin2>{origin})?{illness}(?P<kind2>(?>{kind}))"
        rf"(?![和及与]{origin}?{illness}{kind}(?:[，；（]|\Z))"
        rf"|(?P<origin3>{origin}){illness}{kind}"
    )


@cache
def _status() -> re.Pattern:
    """Words that say whether the figures behind them are new."""
    return re.compile(rf"(?P<new>{cue('new')})|(?P<unless>{cue('new unless')})|{cue('not new')}")


@cache
def _all() -> re.Pattern:
    """What is said behind several figures of all of them."""
    _, kind, illness = _named()
    return re.compile(rf"(?:(?P<local>{cue('all local')})|{cue('all abroad')}){illness}(?P<kind>{kind})?")


@cache
def _all_of_a_kind() -> re.Pattern:
    """What is said behind a figure of infections that are all of a kind: 9例，均为无症状感染者."""
    return re.compile(rf"[例名人]?[，（]?[均全都]部?[为系是](?P<kind>{cue('asymptomatic')}|{cue('confirmed')})")


@cache
def _heading() -> re.Pattern:
    """A line that says where the cases below it were caught: 本地疫情："""
    origin, _, _ = _named()
    return re.compile(rf"[（一二三四五六七八九十）、]{{0,4}}(?P<origin>{origin})[^\d，：。！？\n]{{0,12}}：?(?=\n)")


def _kind(words: str | None) -> str:
    if pattern("asymptomatic").fullmatch(words or ""):
        return "asymptomatic"
    return "confirmed" if pattern("confirmed").fullmatch(words or "") else ""


def _origin(words: str | None) -> str:
    return "local" if pattern("local").search(words or "") else "abroad" if words else ""


# ---- how they are read


def _how_well_told(figure: Figure) -> tuple[int, bool, int]:
    """The best first; of guesses those without symptoms, of whom no notice of another country tells."""
    return figure.rank, figure.rank == GUESSED and figure.kind == KINDS[0], figure.at


def _all_at_home(text: str) -> bool:
    """Whether nobody new came from abroad, in a text with words that notices of this country use."""
    brought = (one for one in SENTENCE.findall(text) if pattern("abroad").search(one) and COUNTED.search(one))
    new = any(pattern("new").search(one) or not pattern("not new").search(one) for one in brought)
    return not new and bool(pattern("of this country").search(text))


def _days(text: str, found: list[dates.Date]) -> list[tuple[int, str | None]]:
    """Where a day begins to be told of, and the day; None in a sentence on a longer time, of which there are only totals."""
    out: list[tuple[int, str | None]] = [(0, "")]
    last = ""
    for one in _of_cases(text, [one for one in found if _day(one.iso)]):
        day = _day(one.iso)
        while len(out) > 1 and out[-1][0] >= one.start:
            out.pop()
        if _is_long(one.iso):
            rest = SENTENCE.match(text, one.end)
            out += [(one.start, None), (rest.end() if rest else one.end, last)]
        else:
            last = day
            out.append((one.start, day))
    return out


def _of_cases(text: str, found: list[dates.Date]) -> list[dates.Date]:
    """The days that figures may be of: not that of one case, nor, where there are others, that of telling (5日通报)."""
    before, behind = pattern("day told of before"), pattern("day told of behind")
    found = [
        one
        for one in found
        if not (before.search(text, max(0, one.start - 4), one.start) or behind.match(text, one.end))
    ]
    return [one for one in found if not pattern("day of telling behind").match(text, one.end)] or found


def _day(iso: str) -> str:
    """The day a date or a period ends on, or begins on where it is open; "" for anything coarser."""
    last = next((part[:10] for part in reversed(iso.split("/")) if part != ".."), "")
    return last if WHOLE_DAY.fullmatch(last) else ""


def _is_long(iso: str) -> bool:
    """Whether a period is longer than from an hour of one day to that of the next."""
    first, _, last = iso.partition("/")
    if last == ".." or not (WHOLE_DAY.match(first) and WHOLE_DAY.match(last)):
        return last == ".."
    return (Day.fromisoformat(last[:10]) - Day.fromisoformat(first[:10])).days > 1


def _groups(text: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Sentences, each with those behind that divide what it counts, and the origin that the heading above them names."""
    group: list[tuple[int, int]] = []
    origin = ""
    for sentence in SENTENCE.finditer(text):
        if group and not sentence.group().startswith(PARTS):
            yield origin, group
            group = []
        if heading := _heading().match(text, sentence.start()):
            origin = _origin(heading["origin"])
        group.append(sentence.span())
    if group:
        yield origin, group


class _Reading:
    """What some sentences that belong together have said so far, figure by figure."""

    def __init__(self, origin: str) -> None:
        self.origin, self.kind = origin, ""
        self.parted = False  # whether the origin is that of a part (其中境外输入3例，本土9例)
        self.new: bool | None = None  # whether the figures are new; None where nothing has said so
        self.found: list[Figure] = []
        self.waiting: dict[str, Figure] = {}  # figures whose origin is not named, by kind

    def read(self, m: re.Match, between: str, end: int) -> None:
        """Take in one match of `_figure` and what stands before it, in a sentence that goes on to `end`."""
        fresh = self._status(between) or "新增" in m.string[m.start() : m.end() + 2]  # 确诊病例零新增
        self.new = self.new or fresh
        if m["none"]:
            self._nobody(m)
        elif m["first"]:
            self.origin = "local"
            for kind, value in zip(KINDS, (m["first"], m["second"]), strict=True):
                self._add(Figure(SHORT, m.start(), kind, int(value)))
        elif m["origin3"] or m["sum"]:  # of which no kind is told
            self.origin = _origin(m["origin3"] or m["origin4"]) or self.origin
        else:
            self._count(m, between, end, fresh)

    def _status(self, between: str) -> bool:
        """Whether 新增 is said anew; words in closed brackets tell of what stands there."""
        last = ""
        for word in _status().finditer(BRACKETS.sub("", between)):
            last = word.lastgroup or ""
            self.new = last == "new" or (last == "unless" and self.new is not False)
        return last == "new"

    def _nobody(self, m: re.Match) -> None:
        for item in _item().finditer(m["none"]):
            self.origin, self.kind = _origin(item["origin"]) or self.origin, _kind(item["kind"])
            everybody = pattern("everybody").fullmatch(item["kind"])
            if self.origin == "local" or not self.origin and (self.kind or everybody):  # nobody at all
                rank = TOLD if self.origin and self.kind else SHORT
                self.found += [Figure(rank, m.start(), kind, 0) for kind in ([self.kind] if self.kind else KINDS)]

    def _add(self, figure: Figure) -> None:
        self.found += [figure] if self.new else []

    def _count(self, m: re.Match, between: str, end: int, fresh: bool) -> None:
        origin = whose = _origin(m["origin1"] or m["origin2"])
        kind = _kind(m["kind1"] or m["kind2"])
        self.kind = kind or ("" if pattern("other").search(between) else self.kind)  # 新增疑似病例2例，其中本土病例1例
        if every := _all().match(m.string, m.end(), end):
            origin, self.kind = "local" if every["local"] else "abroad", _kind(every["kind"]) or self.kind
            self.found += [one._replace(rank=TOLD) for one in self.waiting.values() if every["local"]]
            self.waiting.clear()
            if not every["local"] and not whose and not self.origin and self.kind:
                self._add(Figure(SHORT, m.start(), self.kind, 0))
        if said := _all_of_a_kind().match(m.string, m.end(), end):
            self.kind = self.kind or _kind(said["kind"])
        whole = fresh and self.parted and not origin  # 其中本土9例；新增无症状感染者30例: wherever they were caught
        if whole:
            self.origin, self.parted = "", False
        self.origin = origin or self.origin
        if not self.kind:
            return
        figure = Figure(TOLD, m.start(), self.kind, int(numerals.value(m["number1"] or m["number2"]) or 0))
        total = self.waiting.get(self.kind)
        if total and origin and not fresh and (DIVIDES.search(between) or not kind and total.rank >= GUESSED):
            del self.waiting[self.kind]  # 无症状感染者8例，其中境外输入3例
            self.parted = True
            if origin == "abroad" and total.value >= figure.value:
                self._add(total._replace(rank=min(total.rank, SHORT), value=total.value - figure.value))
        if origin == "local":
            self._add(figure)
        elif not origin and self.origin != "abroad" and self.new:
            self.found += [total] if total else []
            self.waiting[self.kind] = figure if self.origin else figure._replace(rank=WHOLE if whole else GUESSED)


def _new_local(text: str, group: list[tuple[int, int]], origin: str) -> list[Figure]:
    """The figures for new local cases in some sentences that belong together."""
    reading = _Reading(origin)
    for reached, end in group:
        for m in _figure().finditer(text, reached, end):
            reading.read(m, text[reached : m.start()], end)
            reached = m.end()
    return [*reading.found, *reading.waiting.values()]
