"""Named arrangements of epidemic control: measures, teams, posts, parcels, slogans, documents.

Four sources, from the surest: the table `mechanisms.csv`, terms in quotation marks, phrases that end in a head word
(…专班, …配送点), and documents in 《》. Each is classed by what it does: command, principle, territory, people, testing, tracing,
isolation, logistics, medical, production, donation, digital, publicity, outcome.
"""

import re
from functools import cache
from typing import NamedTuple

import pandas as pd

from helpers import lexicon, phrases, speech

COLUMNS = ["start", "end", "name", "kind"]
BEHIND = re.compile(r"[\u4e00-\u9fff]{0,4}?(?:机制|模式|体系|行动|服务|工程|会战|专班|工作法|办法|制度|计划|礼包|总方针|保障|要求|方针|平台|突击队|党员先锋服务队|服务队)")
SCHEME = re.compile(r"[\d一二三四五六七八九十两]+(?:\+[\dN一二三四五六七八九十X]+)+|[二三四五六七八九两][\u4e00-\u9fff]{1,2}|(?:[一二三四五六七八九两][\u4e00-\u9fff]{1,2}){2,4}|[\d二三四五六七八九十两]个[\u4e00-\u9fff]{1,4}")
DOCUMENT = re.compile(r"《([^《》]{2,40}(?:手册|方案|指南|指引|倡议书|公开信|通告|通知|预案|办法|规定|条例|规例|措施|须知|提示|一封信))[^《》]{0,6}》|《(倡议书)》")
BARE_SCHEME = re.compile(r"(?<![\d.])(?:\d\+[\dNX](?:\+[\dNX])*)(?=[\u4e00-\u9fff”])|(?:[一二三四五六七八九]包[一二三四五六七八九]下沉[一二三四五六七八九]覆盖)")
RATIO = re.compile(r"(?:每)?万人\d+[张间个](?:隔离)?(?:床位|房间)?")
LONGEST = 16


class Mechanism(NamedTuple):
    """One mention of an arrangement."""

    start: int
    end: int
    name: str
    kind: str


def mechanisms(text: str) -> pd.DataFrame:
    """Arrangements in one text: start, end, name, kind.

    >>> mechanisms("街道成立流调专班，推行“5+1”联动机制，开展全员核酸检测。")[["name", "kind"]].values.tolist()
    [['流调专班', 'command'], ['5+1联动机制', 'command'], ['全员核酸检测', 'testing']]
    """
    return pd.DataFrame(find(text, phrases.tag(text)), columns=COLUMNS)


def find(text: str, words: phrases.Words, quotes: list[speech.Quote] | None = None) -> list[Mechanism]:
    """Arrangements of a paragraph in reading order, the longest of those that overlap."""
    quotes = speech.find(text) if quotes is None else quotes
    found = [*_listed(text), *_quoted(text, quotes), *_headed(text, words), *_documents(text)]
    return _longest(found)


@cache
def _table() -> tuple:
    kinds = {row["name"]: row["kind"] for row in lexicon.rows("mechanisms", "name", "kind")}
    return lexicon.automaton(kinds), kinds


def _listed(text: str) -> list[Mechanism]:
    machine, kinds = _table()
    found = [Mechanism(s, e, word, kinds[word]) for s, e, word in lexicon.spans(machine, text)]
    if "+" in text:
        found += [Mechanism(*m.span(), m.group(), "command") for m in BARE_SCHEME.finditer(text)]
    if "万人" in text:
        found += [Mechanism(*m.span(), m.group(), "isolation") for m in RATIO.finditer(text)]
    return found


@cache
def _endings() -> tuple:
    kinds = {row["ending"]: row["kind"] for row in lexicon.rows("quoted_endings", "ending", "kind")}
    return re.compile(lexicon.either(kinds) + "$"), kinds


def _quoted(text: str, quotes: list[speech.Quote]) -> list[Mechanism]:
    """Terms in quotation marks that name an arrangement, with the noun that follows them (“5+1”联动模式)."""
    out = []
    for quote in quotes:
        term = text[quote.start:quote.end].strip("“”")
        if quote.kind != "term" or not 2 <= len(term) <= LONGEST:
            continue
        ending, behind = _endings()[0].search(term), BEHIND.match(text, quote.end)
        kind = _table()[1].get(term) or (_endings()[1][ending.group()] if ending else "")
        if not kind and (behind or SCHEME.fullmatch(term)):
            kind = "command"
        if kind:
            end = behind.end() if behind else quote.end
            out.append(Mechanism(quote.start, end, term + text[quote.end:end], kind))
    return out


@cache
def _heads() -> phrases.Heads:
    return phrases.heads("mechanism_heads")


def _headed(text: str, words: phrases.Words) -> list[Mechanism]:
    known = _heads()
    return [Mechanism(s, e, text[s:e], known.rows[word]["kind"]) for s, e, word in phrases.find(text, words, known)]


def _documents(text: str) -> list[Mechanism]:
    return [Mechanism(*m.span(), m.group(1) or m.group(2), "publicity") for m in DOCUMENT.finditer(text)]


def _longest(found: list[Mechanism]) -> list[Mechanism]:
    """Of overlapping names keep the longest; ties go to the first."""
    out: list[Mechanism] = []
    for one in sorted(found, key=lambda m: (m.start, -m.end)):
        if out and one.start < out[-1].end:
            if one.end - one.start > out[-1].end - out[-1].start:
                out[-1] = one
            continue
        out.append(one)
    return out
