"""A notice put into plain sentences, so that its figures can be read in order: wide marks, tables, names and figures in
pairs, and no asides. The words stand in `cues.csv` under uses that begin with `bulletin`.
"""

import re
from functools import cache

from helpers import glyphs, lexicon

CLAUSE_ENDS = "，。；、：（）！？\n"
LONG = 60  # characters of a clause
NUMBER = r"\d[\d,]*例?"
CELL = r"[^\d\n，。；：|]{1,15}"
DAY = r"(?:\d{4}年)?\d{1,2}月\d{1,2}日"
CELLS = re.compile(rf"(?<=[例者）])[：:]?\n[ \t]*(?={NUMBER}[ \t]*(?:\n|\Z))")  # a name and its figure, each in a line
SPACES = re.compile(r"(?<=\d)[ ]+(?=[年月日时例名—\-])|(?<=[年月日—\-])[ ]+(?=\d)")  # 9 月 20 日 0 — 24 时
COLUMNS = range(2, 7)  # columns of figures
GAP = re.compile(r"[ \t|]{1,20}")


def plain(text: str) -> str:
    """The text of a notice in sentences, each figure behind or before its name.

    >>> plain("地区 新增确诊 新增无症状\\n甲市 3 1,011\\n乙市 2 4")
    '新增确诊5例，新增无症状1015例。'
    >>> plain("新增确诊病例和无症状感染者分别为14例和9例(含2例由无症状感染者转为确诊病例)")
    '新增确诊病例14例、无症状感染者9例（）'
    """
    text = glyphs.widened(text)
    for columns in COLUMNS:
        text = _column(columns).sub(_in_rows, text)
    text = SPACES.sub("", CELLS.sub(" ", _table().sub(_told, text)))
    text = _by_severity().sub(_confirmed, text)
    text = _respectively().sub(_each, text)
    return _without_asides(_neither().sub(r"新增\g<1>0例、\g<2>0例", text))


@cache
def cue(use: str) -> str:
    """One group of a regular expression: the words for one use in bulletins."""
    return lexicon.cues(f"bulletin {use}")


@cache
def pattern(use: str) -> re.Pattern:
    """The pattern of `cue`."""
    return re.compile(cue(use))


# ---- tables


@cache
def _column(columns: int) -> re.Pattern:
    """A table each of whose cells has a line, with so many columns of figures beside that of the names."""
    rows = rf"(?:{CELL}\n(?:{NUMBER}(?:\n|\Z)){{{columns}}})+"
    return re.compile(rf"^(?P<head>(?:{CELL}\n){{{columns + 1}}}){rows}", re.M)


@cache
def _table() -> re.Pattern:
    """A header that names kinds of cases, with the line above it, and rows of a name and figures."""
    gap, some = r"[ \t|]{0,20}", r"[^\d\n，。；：]{0,80}"
    row = rf"{gap}(?:{CELL}|{DAY})(?:{GAP.pattern}{NUMBER}){{2,}}{gap}(?:\n|\Z)"
    head = rf"(?P<head>{some}(?:{cue('confirmed')}|{cue('asymptomatic')}){some})"
    return re.compile(rf"^(?P<above>[^\n]{{0,80}}\n)??{head}\n(?:[-|： ]{{1,80}}\n)?(?P<rows>(?:{row})+)", re.M)


def _in_rows(m: re.Match) -> str:
    cells, width = m.group().split(), len(m["head"].split())
    return "".join(" ".join(cells[at : at + width]) + "\n" for at in range(0, len(cells), width))


def _told(m: re.Match) -> str:
    """What a table of new cases says: by day if its rows are days, else by the row of the total, or the sum of all."""
    above = m["above"] or ""
    new = "" if pattern("new").search(m["head"]) else "新增"
    head, *rows = (GAP.sub(" ", line).split() for line in (m["head"], *m["rows"].splitlines()))
    rows = [row for row in rows if len(row) == len(head)]
    if not rows or new and not pattern("new").search(above):
        return m.group()
    if days := [row for row in rows if re.fullmatch(DAY, row[0])]:
        return above + "".join(f"{row[0]}：{_sentence(new, head, [row])}" for row in days)
    total = [row for row in rows if pattern("table total").fullmatch(row[0])][:1]
    return above + _sentence(new, head, total or rows)


def _sentence(new: str, head: list[str], rows: list[list[str]]) -> str:
    """The sum of some rows of a table, told as a notice would (新增确诊病例12例，新增无症状15例。)."""
    columns = list(zip(head, *rows, strict=True))[1:]
    return "，".join(f"{new}{name}{sum(map(_value, values))}例" for name, *values in columns) + "。"


def _value(cell: str) -> int:
    return int(cell.replace(",", "").removesuffix("例"))


# ---- names and figures


@cache
def _by_severity() -> re.Pattern:
    """Confirmed cases told only by how ill they are, beside those without symptoms: 普通型5例、轻型9例、无症状感染者3例."""
    return re.compile(rf"(?:{cue('severity')}\d{{1,6}}例?[、，和]{{1,2}}){{1,5}}(?={cue('asymptomatic')}\d)")


def _confirmed(m: re.Match) -> str:
    return f"确诊病例{sum(map(int, re.findall(r'[0-9]+', m[0])))}例、"


@cache
def _respectively() -> re.Pattern:
    """Two names and then their figures: 确诊病例和无症状感染者分别为14例和9例, 各9例, 0例."""
    names = rf"({cue('confirmed')})[和与及、]((?:{cue('local')})?{cue('asymptomatic')})"
    return re.compile(rf"{names}(?:分别(?:为|有|是|)(\d[\d,]*)例?[和与及、，]|各(?=\d)|(?=0例))(\d[\d,]*)例?")


def _each(m: re.Match) -> str:
    return f"{m[1]}{m[3] or m[4]}例、{m[2]}{m[4]}例"


@cache
def _neither() -> re.Pattern:
    """Two names and then that neither has a case: 确诊病例和无症状感染者均为零新增."""
    names = rf"((?:{cue('local')})?(?:{cue('confirmed')}))[和与及、]((?:{cue('local')})?(?:{cue('asymptomatic')}))"
    return re.compile(rf"(?:新增)?{names}[均都皆](?:为|是)?(?:[零无]新增|[0零](?!\d)例?)")


def _without_asides(text: str) -> str:
    """The text without clauses on cases counted before (含3例由无症状感染者转为确诊病例) or amiss (核减2例)."""
    out, reached = [], 0
    for m in re.finditer(rf"{cue('aside')}(?:(?![和及]\d)[^{CLAUSE_ENDS}])*", text):
        first = max(reached, m.start() - LONG)
        first = max(first, *(text.rfind(mark, first, m.start()) + 1 for mark in CLAUSE_ENDS))
        begun = pattern("aside begins").search(text, first, m.start())
        out.append(text[reached : begun.start() if begun else first])
        reached = m.end()
    return "".join(out) + text[reached:]
