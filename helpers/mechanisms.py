"""Named arrangements of epidemic control: measures, teams, posts, parcels, slogans, documents.

Five sources, from the surest: the table `mechanisms.csv`, terms in quotation marks, phrases that end in a head word
(…专班, …配送点), deeds in a telling manner (上门…, 错峰…), and documents in 《》. Each is classed by what it does:
command, principle, territory, people, testing, tracing, isolation, logistics, medical, production, donation, digital,
publicity, outcome.
"""

import re
from bisect import bisect_right
from functools import cache
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers import anchors, dictionary, lexicon, phrases, speech
from helpers.anchors import Anchors
from helpers.dictionary import Words, tag
from helpers.lexicon import Span
from helpers.phrases import Heads

COLUMNS = ["start", "end", "name", "kind"]
HAN = r"[\u4e00-\u9fff]"
DIGIT = "一二三四五六七八九两"
SCHEME = re.compile(
    rf"[\d{DIGIT}十]+(?:\+[\dNX{DIGIT}十]+)+|[二三四五六七八九两]{HAN}{{1,2}}"
    rf"|(?:[{DIGIT}]{HAN}{{1,2}}、?){{2,6}}|[\d二三四五六七八九十两]个{HAN}{{1,4}}"
)
BARE_SCHEMES = (  # without the digit in front: the engine scans fast for a pattern that begins with one character
    re.compile(rf"\+(?<=\d\+)(?<![\d.]\d\+)[\dNX](?:\+[\dNX]){{0,4}}(?={HAN})"),
    re.compile(rf"包(?<=[{DIGIT}]包)[{DIGIT}]下沉[{DIGIT}]覆盖"),
    re.compile(rf"办(?<=[一1]办)[{DIGIT}十\d]{{1,2}}(?:组|专班)"),
)
RATIO = re.compile(r"万人\d+[张间个](?:隔离)?(?:床位|房间)?")
LONGEST = 16
DEEDS = ("v", "vn")
EMPTY = frozenset(("开展", "进行", "实行", "实施"))  # verbs that tell no deed


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
    found = find(text, dictionary.cut(text), anchors.scan(text), speech.find(text))
    return pd.DataFrame(found, columns=COLUMNS)


def places(marks: Anchors) -> np.ndarray:
    """Where an arrangement may be named: `find` needs the words around these places alone."""
    return np.append(marks["mechanism_heads"].starts, marks["mechanism_openings"].starts)


def find(text: str, words: Words, marks: Anchors, quotes: list[speech.Quote]) -> list[Mechanism]:
    """Arrangements of a text in reading order, the longest of those that overlap."""
    headed = phrases.find(text, words, marks["mechanism_heads"], _heads(), counted=True)
    return _longest(
        [
            *_listed(text, marks["mechanisms"].spans()),
            *_quoted(text, quotes),
            *(_from(text, s, e, _heads().ends[word].kind) for s, e, word in headed),
            *_opened(words, marks["mechanism_openings"].spans()),
            *_documents(text),
        ]
    )


@cache
def _table() -> dict[str, str]:
    return {row["name"]: row["kind"] for row in lexicon.rows("mechanisms", "name", "kind")}


def _listed(text: str, listed: list[Span]) -> list[Mechanism]:
    kinds = _table()
    found = [Mechanism(s, e, word, kinds[word]) for s, e, word in listed if kinds[word]]
    for pattern in BARE_SCHEMES:
        found += [_from(text, m.start() - 1, m.end(), "command") for m in pattern.finditer(text)]
    for m in RATIO.finditer(text):
        found.append(_from(text, m.start() - (text[m.start() - 1 : m.start()] == "每"), m.end(), "isolation"))
    return found


def _from(text: str, start: int, end: int, kind: str) -> Mechanism:
    return Mechanism(start, end, text[start:end], kind)


@cache
def _endings() -> tuple[re.Pattern, dict[str, str]]:
    """How a quoted term ends that names an arrangement, and the kind of each ending."""
    kinds = {row["ending"]: row["kind"] for row in lexicon.rows("quoted_endings", "ending", "kind")}
    return re.compile(lexicon.either(kinds) + r"\Z"), kinds


@cache
def _around() -> tuple[re.Pattern, re.Pattern]:
    """A noun behind a quoted term that makes it an arrangement; a document of the campaign in 《》."""
    return (
        re.compile(rf"{HAN}{{0,4}}?{lexicon.cues('arrangement behind')}"),
        re.compile(rf"《([^《》\n]{{0,40}}{lexicon.cues('document')})[^《》\n]{{0,6}}》"),
    )


def _quoted(text: str, quotes: list[speech.Quote]) -> list[Mechanism]:
    """Terms in quotation marks that name an arrangement, with the noun that follows them (“5+1”联动模式)."""
    out = []
    for quote in quotes:
        term = text[quote.start : quote.end].strip("“”")
        if quote.kind != "term" or not 2 <= len(term) <= LONGEST:
            continue
        behind = _around()[0].match(text, quote.end)
        end = behind.end() if behind else quote.end
        if kind := _kind(term, text[quote.end : end]):
            out.append(Mechanism(quote.start, end, term + text[quote.end : end], kind))
    return out


def _kind(term: str, behind: str) -> str:
    """The class of a quoted term: by the table, by its ending or that of the noun behind it; "" for other terms."""
    endings, kinds = _endings()
    ending = endings.search(term) or endings.search(behind)
    if term in _table():
        return _table()[term]
    return kinds[ending.group()] if ending else "command" if behind or SCHEME.fullmatch(term) else ""


@cache
def _heads() -> Heads:
    return phrases.heads("mechanism_heads")


@cache
def unnamed() -> frozenset[str]:
    """Last words that are read alone only where they are counted: 7个小组 tells of bodies and names none."""
    return frozenset(word for word, head in _heads().ends.items() if head.least) - _table().keys()


@cache
def _openings() -> dict[str, str]:
    return {row["opening"]: row["kind"] for row in lexicon.rows("mechanism_openings", "opening", "kind")}


def _opened(words: Words, openings: list[Span]) -> list[Mechanism]:
    """Measures told by their manner: a word like 上门, 错峰 or 逐户 and the deed behind it (上门采样, 逐户登记)."""
    out = []
    for start, end, word in openings:
        i = bisect_right(words.starts, end)
        deed = words.words[i - 1]
        if (
            words.starts[i - 2 : i].tolist() == [start, end]
            and len(deed) == 2
            and tag[deed] in DEEDS
            and deed not in EMPTY
        ):
            out.append(Mechanism(start, end + 2, word + deed, _openings()[word]))
    return out


def _documents(text: str) -> list[Mechanism]:
    return [Mechanism(*m.span(), m.group(1), "publicity") for m in _around()[1].finditer(text)] if "《" in text else []


def _longest(found: list[Mechanism]) -> list[Mechanism]:
    """Of overlapping names keep the longest; ties go to the first."""
    out: list[Mechanism] = []
    for one in sorted(found, key=itemgetter(0)):
        if out and one.start < out[-1].end:
            if one.end - one.start > out[-1].end - out[-1].start:
                out[-1] = one
            continue
        out.append(one)
    return out
