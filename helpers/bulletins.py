"""The daily figures of a bulletin: for each day, local cases newly confirmed and newly found without symptoms.

A bulletin names a figure by what stands beside it (新增本土确诊病例12例和无症状感染者47例) and leaves out what the figure
before has said; so figures are read in order, and each inherits from the last the origin or the kind it does not name.
The words stand in `cues.csv` under uses that begin with `bulletin`.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache

import pandas as pd

from helpers import dates, lexicon, numerals

COLUMNS = ["date", "confirmed", "asymptomatic"]
SENTENCE = re.compile(r"[^。！？\n]+")
PARTS = ("其中", "含", "包括")  # a sentence that begins so divides what the last one counted
ASIDE = re.compile(r"（[^（）\n]*转[^（）\n]*）")  # （含3例由无症状感染者转确诊）: counted before, under another kind


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
    text = ASIDE.sub("", text)
    days = [found for found in dates.read(text, dates.context(year, date, text))[0] if _day(found.iso)]
    starts = [found.start for found in days]
    rows: dict[str, dict[str, int]] = {}
    for at, kind, value in _new_local(text):
        i = bisect_right(starts, at) - 1
        rows.setdefault(_day(days[i].iso) if i >= 0 else "", {}).setdefault(kind, value)
    return pd.DataFrame([{"date": day} | figures for day, figures in rows.items()], columns=COLUMNS).astype(
        {"date": "str", "confirmed": "Int64", "asymptomatic": "Int64"}
    )


def _day(iso: str) -> str:
    """The day a date or a period ends on, or begins on where it is open; "" for anything coarser."""
    last = next((part[:10] for part in reversed(iso.split("/")) if part != ".."), "")
    return last if re.fullmatch(r"\d{4}-\d\d-\d\d", last) else ""


@cache
def _cue(use: str) -> str:
    return lexicon.cues(f"bulletin {use}")


@cache
def _figure() -> re.Pattern:
    """A figure with the words that name it in front (本土确诊病例12例), behind (12例本土确诊病例), or for none (无新增…和…)."""
    number, origin = (
        rf"(?:\d[\d,.]{{0,14}}+万?|(?<![{numerals.FIRST}])[{numerals.FIRST}]{{1,12}}+)",
        f"(?:{_cue('local')}|{_cue('abroad')})",
    )
    kind, illness = f"(?:{_cue('confirmed')}|{_cue('asymptomatic')}|{_cue('case')})", f"{_cue('illness')}{{0,3}}"
    return re.compile(
        rf"{_cue('none')}(?P<origin0>{origin})?{illness}(?P<kind0>{kind})"
        rf"(?:[和及与、]{origin}?{illness}(?P<also0>{kind})(?!{number}))?"
        rf"|(?={origin}|{illness}{kind})(?P<origin1>{origin})?{illness}(?P<kind1>{kind})?"
        rf"(?:（[^（）\d\n]{{1,8}}）)?(?:[为有达：（(]|共计)?[\s|]{{0,3}}(?P<number1>{number})(?![\d—\-])"
        rf"|(?<![\d,.])(?P<number2>{number})例{illness}(?P<origin2>{origin})?{illness}(?P<kind2>{kind})"
    )


@cache
def _status() -> re.Pattern:
    """Words that say whether the figures behind them are new."""
    return re.compile(rf"(?P<new>{_cue('new')})|{_cue('not new')}")


def _new_local(text: str) -> Iterator[tuple[int, str, int]]:
    """Where each figure for new local cases stands, its kind (confirmed, asymptomatic), and the figure."""
    origin, kind, new = "", "", False
    for sentence in SENTENCE.finditer(text):
        if not sentence.group().startswith(PARTS):
            origin, kind, new = "", "", False
        reached, end = sentence.start(), sentence.end()
        for m in _figure().finditer(text, reached, end):
            for word in _status().finditer(text, reached, m.start()):
                new = bool(word["new"])
            found = {key[:-1]: words for key, words in m.groupdict().items() if words}
            reached, kind = m.end(), _kind(found.get("kind", "")) or kind
            origin = _origin(found.get("origin", ""), text[reached : reached + 8]) or origin
            zero = found.get("number", "零") == "零"
            none = "number" not in found or zero and text.startswith("新增", reached)  # 确诊病例零新增
            if kind and origin == "local" and (new or none):
                yield m.start(), kind, int(numerals.value(found.get("number", "零")) or 0)
            if "also" in found and origin == "local":
                yield m.start(), _kind(found["also"]), 0


def _kind(words: str) -> str:
    if re.fullmatch(_cue("asymptomatic"), words):
        return "asymptomatic"
    return "confirmed" if re.fullmatch(_cue("confirmed"), words) else ""


def _origin(words: str, behind: str) -> str:
    """local or abroad, as the figure says or the words behind it (，均为本土病例)."""
    if re.fullmatch(_cue("local"), words) or re.match(_cue("all local"), behind):
        return "local"
    return "abroad" if words else ""
