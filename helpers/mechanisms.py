"""Named arrangements of epidemic control: measures, teams, posts, parcels, slogans, documents.

Six sources: lists of bodies before the word they share (消杀、转运两支队伍), the table `mechanisms.csv`, terms in
quotation marks, phrases that end in a head word (…专班, …配送点), deeds in a telling manner (上门…, 错峰…), and documents
in 《》. Each is classed by what it does: command, principle, territory, people, testing, tracing, isolation, logistics,
medical, production, donation, digital, publicity, outcome.
"""

import re
from bisect import bisect_right
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers import anchors, dictionary, lexicon, phrases, reach, speech
from helpers.anchors import Anchors
from helpers.dictionary import Words, cutter, tag
from helpers.lexicon import Span
from helpers.reach import Heads

COLUMNS = ["start", "end", "name", "kind"]
HAN = r"[\u4e00-\u9fff]"
DIGIT = "一二三四五六七八九两"
SCHEME = re.compile(
    rf"[\d{DIGIT}十]+(?:\+[\dNX{DIGIT}十]+)+|[二三四五六七八九两]{HAN}{{1,2}}"
    rf"|(?:[{DIGIT}]{HAN}{{1,2}}、?){{2,6}}|[\d二三四五六七八九十两]个{HAN}{{1,4}}|{HAN}{{2,6}}(?:\+{HAN}{{1,6}})+"
)
BARE_SCHEMES = {  # with kinds; no digit in front: the engine scans fast for a pattern that begins with one character
    re.compile(rf"\+(?<=\d\+)(?<![\d.]\d\+)[\dNX](?:\+[\dNX]){{0,4}}(?={HAN})"): "command",
    re.compile(rf"包(?<=[{DIGIT}]包)[{DIGIT}]下沉[{DIGIT}]覆盖"): "command",
    re.compile(rf"办(?<=[一1]办)[{DIGIT}十\d]{{1,2}}(?:组|专班)"): "command",
    re.compile(rf"天(?<=[{DIGIT}\d]天)[{DIGIT}\d]{{1,2}}[检测](?!试)"): "testing",
}
WHOLE_SCHEMES = {  # steps told by number (一看二问三测温), what is due (应检尽检) and what is not, with kinds
    re.compile(rf"一({HAN}{{1,2}})[、，]?二(?!\1){HAN}{{1,2}}[、，]?三(?!\1){HAN}{{1,2}}"): "command",
    re.compile(rf"应(?![该当对予急]){HAN}[尽必](?![快早量可力须要]){HAN}"): "principle",
    re.compile(rf"非必要不(?![应会可需该]){HAN}{{2}}"): "principle",
}
INNER = re.compile("‘[^‘’\n]{2,16}’")  # terms in the words somebody says
RATIO = re.compile(r"万(?=人\d)人\d+[张间个](?:隔离)?(?:床位|房间)?")
SHARING = [
    re.compile(rf"{n}(?<=[{DIGIT}十\d]{n}){HAN}{{0,4}}({last})")
    for n, last in (("个", "组(?![织成建长])|专班|队伍?"), ("支", "队伍?"), ("项", "制度|机制"))
]
ITEM = re.compile("[^、和]+(?=[、和])|[^、和及与]+")  # 集中隔离与医疗、流调和转运
LONGEST = 16
NO_TERM = re.compile(
    "可能|如何|怎么|什么|[吗呢？]|不知道|[我你他她]们?[会就都也还不没在]"
)  # what somebody says or asks
MARKS = re.compile("[，、； ]")  # between the parts of a slogan
NO_SLOGAN = re.compile("[!-~我你您]")
DEEDS = ("v", "vn")
OFFICE = frozenset("局署厅委")  # last characters of who does a deed
FIGHTS = ("战“疫”", "抗“疫”")  # a pun on war and plague, which a name can begin with


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
            *_sharing(text),
            *_listed(text, marks["mechanisms"].spans()),
            *_quoted(text, quotes),
            *_headed(text, headed),
            *_opened(words, marks["mechanism_openings"].spans()),
            *_documents(text),
        ]
    )


def _headed(text: str, found: list[Span]) -> list[Mechanism]:
    """Names by their last words, with the pun they begin with; an office and what it does (水利局|核查) is no name."""
    out, ends = [], _heads().ends
    for s, e, word in found:
        kind = ends[word].kind
        who = e - len(word)
        if text[who - 1 : who] not in OFFICE or kind == "people" or tag[word] not in DEEDS:
            punned = s > 3 and text[s - 1] == "”" and text.startswith(FIGHTS, s - 4)
            out.append(_from(text, s - 4 if punned else s, e, kind))
    return out


@cache
def _table() -> dict[str, str]:
    return {row["name"]: row["kind"] for row in lexicon.rows("mechanisms", "name", "kind")}


def _listed(text: str, listed: list[Span]) -> list[Mechanism]:
    kinds = _table()
    found = [Mechanism(s, e, word, kinds[word]) for s, e, word in listed if kinds[word]]
    for pattern, kind in BARE_SCHEMES.items():
        found += [_from(text, m.start() - 1, m.end(), kind) for m in pattern.finditer(text)]
    for pattern, kind in WHOLE_SCHEMES.items():
        found += [_from(text, *m.span(), kind) for m in pattern.finditer(text)]
    for m in RATIO.finditer(text):
        found.append(_from(text, m.start() - (text[m.start() - 1 : m.start()] == "每"), m.end(), "isolation"))
    return found


def _from(text: str, start: int, end: int, kind: str) -> Mechanism:
    return Mechanism(start, end, text[start:end], kind)


@cache
def _endings() -> dict[str, str]:
    """How a quoted term ends that names an arrangement, and the kind of each ending."""
    return {row["ending"]: row["kind"] for row in lexicon.rows("quoted_endings", "ending", "kind")}


def _by_end(name: str, kinds: dict[str, str], otherwise: str = "") -> str:
    """The class of a name by the most of its last words that are known."""
    for i in range(len(name)):
        if (kind := kinds.get(name[i:])) is not None:
            return kind
    return otherwise


@cache
def _around() -> tuple[re.Pattern, re.Pattern, re.Pattern]:
    """A noun behind a quoted term that makes it an arrangement; a document of the campaign in 《》; a list of bodies up to
    their number, and what stands before it."""
    front = rf"(?s:.*)(?:{lexicon.cues('list of bodies')}|[^\u4e00-\u9fff、]|^)"
    item = rf"{HAN}{{2,8}}(?:（{HAN}{{1,6}}）{HAN}{{0,6}})?"
    return (
        re.compile(rf"[^\WA-Za-z0-9_设有是为在制]{{0,4}}?{lexicon.cues('arrangement behind')}"),
        re.compile(rf"《([^《》\n]{{0,40}}{lexicon.cues('document')})[^《》\n]{{0,6}}》"),
        re.compile(rf"{front}((?:{item}、)+{item}(?:[和与及]{item})?(?<!等))等?[\d十{DIGIT}]{{1,2}}\Z"),
    )


def _quoted(text: str, quotes: list[speech.Quote]) -> list[Mechanism]:
    """Terms in quotation marks that name an arrangement, with the noun that follows them (“5+1”联动模式)."""
    out = []
    terms = [(quote.start, quote.end) for quote in quotes if quote.kind == "term"]
    for start, close in [*terms, *(m.span() for m in INNER.finditer(text))]:
        term = text[start:close].strip("“”‘’")
        if not 2 <= len(term) <= LONGEST or NO_TERM.search(term):
            continue
        behind = _around()[0].match(text, close)
        alone = not behind or text[close] == "的" and _is_slogan(term)  # “人不出区、错峰取物”的要求
        end = close if alone else behind.end()
        if kind := _kind(term, text[close:end]):
            out.append(Mechanism(start, end, term + text[close:end], kind))
    return out


def _kind(term: str, behind: str) -> str:
    """The class of a quoted term: by the table, by its ending or that of the noun behind it; "" for other terms."""
    if term in _table():
        return _table()[term]
    if kind := _by_end(term, _endings()) or _by_end(behind, _endings()):
        return kind
    return "principle" if _is_slogan(term) else "command" if behind or SCHEME.fullmatch(term) else ""


def _is_slogan(term: str) -> bool:
    """Whether a term is told in parts of one length: 即停即卸、即装即走, or 采、送、检、报; not what somebody says of us."""
    parts = MARKS.split(term)
    alike = len(parts) > 1 and len({*map(len, parts)}) == 1 and not NO_SLOGAN.search(term)
    return alike and (len(parts[0]) > 2 or len(parts[0]) == 1 and len(parts) > 2)


@cache
def _heads() -> Heads:
    return reach.heads("mechanism_heads")


@cache
def unnamed() -> frozenset[str]:
    """Last words that name nothing when they stand alone: 7个小组 and 由专班负责 tell of bodies, whichever they are."""
    ends = _heads().ends.items()
    return frozenset(word for word, head in ends if head.least and (head.kind == "command" or word not in _table()))


@cache
def _openings() -> tuple[dict[str, str], frozenset[str]]:
    """The words for a manner and their kinds; verbs that tell no deed."""
    kinds = {row["opening"]: row["kind"] for row in lexicon.rows("mechanism_openings", "opening", "kind")}
    return kinds, frozenset(lexicon.words("cues", "cue", use="no deed"))


def _opened(words: Words, openings: list[Span]) -> list[Mechanism]:
    """Measures told by their manner: a word like 上门, 错峰 or 逐户 and the deed behind it (上门采样, 逐户登记)."""
    out, (kinds, empty) = [], _openings()
    for start, end, word in openings:
        i = bisect_right(words.starts, end)
        deed = words.words[i - 1]
        if (
            len(deed) == 2
            and words.starts[i - 1] == end
            and words.starts[i - 2] == start
            and tag[deed] in DEEDS
            and deed not in empty
            and (deed in _kinds() or cutter().has_word(deed))  # not 联合|吴铺|镇
        ):
            out.append(Mechanism(start, end + 2, word + deed, _by_end(deed, _kinds(), kinds[word])))
    return out


@cache
def _kinds() -> dict[str, str]:
    """The class of a deed or a body: 统一|捐赠 is a gift, 物资|保障 is logistics."""
    ends = {word: head.kind for word, head in _heads().ends.items()}
    return ends | {name: kind for name, kind in _table().items() if kind}


def _sharing(text: str) -> list[Mechanism]:
    """Bodies, or rules, told as a list before the word they share: 消杀、转运两支队伍 are 消杀队伍 and 转运队伍."""
    out = []
    for m in chain.from_iterable(pattern.finditer(text) for pattern in SHARING):
        if listed := _around()[2].match(text, max(0, m.start() - 80), m.start()):
            for item in ITEM.finditer(text, *listed.span(1)):
                name = item[0] if item[0][-1] in (m[1][0], "部") else item[0] + m[1]
                out.append(Mechanism(*item.span(), name, _shared_kind(item[0], m[1])))
    return out


def _shared_kind(task: str, body: str) -> str:
    """The class of a body told by its task: teams are people, a group does what its task says, by order at the least."""
    if body[0] == "队":
        return "people"
    kind = _by_end(task, _kinds(), "command")
    return "command" if kind == "principle" else kind


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
