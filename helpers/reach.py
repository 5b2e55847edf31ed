"""How far left a name reaches from its last word: over words that can belong to it, as the dictionary's tags say.

Tables name the last words, words a name may hold whatever their tag, and words at which it stops.
"""

import re
from bisect import bisect_right
from functools import partial
from typing import NamedTuple

from helpers import lexicon
from helpers.dictionary import Learned, Words, cutter, tag

NAME_WORD = re.compile(r"[\u4e00-\u9fffA-Za-z0-9·]+")
LISTED = re.compile(r"[、“（]([\u4e00-\u9fff]{2,4})\Z")
GLUED = re.compile(  # particles the HMM may glue inside a run or before it: 地由东城街道, 经东城街道, 转运|组和消|杀组
    r".*(?:[给由把被让是](?=.{2})|[由经向从](?=[省市县区州](?!场))|(?<=[^应相面针反核])对(?![外口内])(?=.{2})|(?<=[组队])[和与及](?![平谐睦]))|经(?![开济贸信发办营管纬典历验常理])(?=.{2})"
)
GLUE = frozenset("给由经向从把被让是对和与及")
LINKS = {"与", "及"}
NAMES = {"ns", "nz", "nr", "nt"}  # tags
PARTICLES = frozenset("的了在们")  # which no word of a name holds
LEADING = frozenset("对与及和向在从由为把被将于是给等按往过仅据")  # particles the HMM sometimes glues to a name
APART = ("place", "facility", "firm")  # named beside the zone they stand in, not as a part of it
FOUNDING = frozenset(("召开", "启动", "成立", "设立", "组建", "增设", "开通"))  # what is done to a body
OF_FIRMS = frozenset(("新型", "先进", "高新技术", "传统"))  # words no other name reaches over
DEEDS = frozenset("到赴给找让请是有在来去开进看往经随如率据并")  # lone verbs no firm is called by
ZONES = ("经开", "高新", "开发")
NUMBERED = re.compile("[二三四五六七八九十百]里.[镇乡村街社小]")
MEASURES = ("小时", *"支个名家位条座处间人项年月日号时点")  # or the end of a date: 21日|市疾控中心
BESIDE = frozenset(("联合", "统筹"))  # what is done with an office or a place: 联合|市水利局, but 联合检查组
OFFICES = ("government", "party", "health", "place", "society", "zone")
FIELDS = 3  # words before 和 that say what an office does
FIELD_TAGS = ("n", "vn", "nz", "v", "nt")
WHO = frozenset("员民众者人部生师工")  # ends of words for people, who stand beside an office
SEATS = (*"省市县州旗区", "管委会")  # ends of where it stands
SIDES = frozenset("上下东西")  # of a town
LEVELS = frozenset("省市县区州旗镇乡")  # which tell a body from another: 县客运站
LONGEST = 20
DISEASE = frozenset("肺疫冠新非")  # characters that one of these begins with
DISEASES = ("肺炎", "疫情", "冠状病毒", "新冠", "新型", "非典")
OVER_DISEASE = re.compile(r"(?:应对|防治|抗击|)(?:新型(?:冠状病毒(?:感染的?|)|)|新冠病毒感染的?|新冠|传染性|)\Z")


class Head(NamedTuple):
    """A word a name can end in, characters it does not stand before, and how many stand in front of it at least."""

    kind: str
    not_before: frozenset[str]
    least: int


class Heads(NamedTuple):
    """Words a name can end in, words it can hold, words at which it stops; and what was learned of other words."""

    ends: dict[str, Head]
    inner: frozenset[str]
    stops: frozenset[str]
    generic: frozenset[str]
    joins: Learned


def heads(table: str) -> Heads:
    """A table of name endings: suffix, kind, not_before, least (characters in front); inner, stop, generic: lists."""
    rows = lexicon.rows(table, "suffix", "kind", "not_before", "least")
    lists = [frozenset(r["suffix"] for r in rows if r["kind"] == kind) for kind in ("inner", "stop", "generic")]
    ends = {
        r["suffix"]: Head(r["kind"], frozenset(r["not_before"]), int(r["least"]))
        for r in rows
        if r["kind"] not in ("inner", "stop", "generic")
    }
    return Heads(ends, *lists, Learned(partial(_joining, *lists[:2])))


def leftmost(text: str, words: Words, i: int, s: int, known: Heads, floor: int, last: int, kind: str) -> int:
    """How far left a name reaches: over nouns and names, not over verbs, particles, generic words or punctuation."""
    some, starts = words.words, words.starts
    start = starts[i]
    barred = known.inner if kind == "place" and start < s else BESIDE if kind in OFFICES else ()  # 保供|稠江|街道
    while i > 0 and s - start < LONGEST and start > floor:
        word = some[i - 1]
        joins = known.joins[word]
        if joins == "always":
            ends_here = word in barred
        elif joins == "never":
            ends_here = kind != "firm" or not _is_part(word, text, s)
        else:
            linked = word in LINKS and (
                kind in ("place", "zone") or starts[i - 1] <= last or i > 1 and some[i - 2] in known.ends
            )
            ends_here = linked or word in barred or not _belongs(words, i - 1, joins, known, kind)
        if not ends_here:
            i -= 1
        elif text[start] not in DISEASE or (over := _over_disease(text, words, i)) == i:
            break
        else:
            i = over
        start = starts[i]
        if kind == "place":
            barred = known.inner
    if start < s:
        start = _whole_name(text, words, i, _trimmed(text, words, i, s, known), s, kind)
    listed = LISTED.search(text, max(floor, s - 6), s) if kind in ("firm", "facility") else None
    return min(start, listed.start(1)) if listed and not known.stops & set(cutter().cut(listed[1], False)) else start


def _is_part(word: str, text: str, s: int) -> bool:
    """Whether a word belongs to the name of a limited company, whose last word begins at `s`: 博域|通|客运有限公司."""
    lone = len(word) == 1 and tag[word][:1] in "va" and word not in DEEDS
    return text.startswith(("有限", "股份有限"), s) and (lone or word in OF_FIRMS)


def _over_disease(text: str, words: Words, i: int) -> int:
    """The word where a name goes on that a disease's stands inside of: 青山省应对新型冠状病毒感染的|肺炎疫情领导小组."""
    start = words.starts[i]
    if not text.startswith(DISEASES, start):
        return i
    begin = OVER_DISEASE.search(text, max(0, start - 11), start).start()
    over = bisect_right(words.starts, begin, hi=i + 1) - 1
    return over if words.starts[over] == begin else i


def _whole_name(text: str, words: Words, i: int, start: int, s: int, kind: str) -> int:
    """The start of a name without particles inside or a measure in front, with the first character cut off of it."""
    if not GLUE.isdisjoint(text[start:s]) and (glued := GLUED.match(text, start, s)):
        return glued.end()
    if text[start - 1 : start].isnumeric() and (measure := next(filter(text[start:s].startswith, MEASURES), "")):
        return start + len(measure)
    if text[start] == "区" and text[start - 2 : start] in ZONES:
        return start - 2  # 经开|区融|媒体中心
    if text[start - 1 : start] in SIDES and text.startswith("城区", start):
        return start - 1  # 送|至上|城区|望江|街道
    if text[start - 1 : start] == "里" and NUMBERED.match(text, start - 2):
        return start - 2  # 五里|牌|社区
    if text[start:s] == "里" and i > 0 and len(words.words[i - 1]) == 2 and text[start - 1] not in LEADING:
        return start - 2  # 幸福|里|社区
    lone = kind == "place" and s - start == 1 and i > 0 and len(words.words[i - 1]) == 1
    if lone and tag[words.words[i - 1]][:1] in ("v", "n", "a", "z", "g") and text[start - 1] not in LEADING:
        return start - 1  # 望|溪|街道
    return start


def _trimmed(text: str, words: Words, i: int, s: int, known: Heads) -> int:
    """The start of a name without a particle or a verbal noun in front of a place (助力东城街道)."""
    start = words.starts[i]
    while start < s:
        word = words.words[i]
        verbal = tag[word] in ("vn", "ad", "an") and word not in known.inner
        if text[start] in LEADING and start + 1 < words.starts[i] + len(word):
            if _is_name(word) or cutter().has_word(word):  # 和平|街道, 从业人员|摸排
                break
            start += 1
        elif i + 1 < len(words.words) and (text[start] in LEADING or verbal and tag[words.words[i + 1]] == "ns"):
            i, start = i + 1, words.starts[i + 1]
        else:
            break
    return start


def _is_name(word: str) -> bool:
    """Whether the dictionary holds a word as a name, be it with 区 or the like behind it."""
    return any(len(name) > 1 and tag[name] in NAMES and cutter().has_word(name) for name in (word, word[:-1]))


def _joining(inner: frozenset[str], stops: frozenset[str], word: str) -> str:
    """Whether a word can stand inside a name: always, never, behind a noun (与, 所), between fields (和), or as a verb of two
    characters."""
    if word in stops or not NAME_WORD.fullmatch(word) or word[0] == "各":
        return "never"
    if word[-2:] in FOUNDING:
        return "never"  # 紧急召开, 重新启动
    if word in inner or word[0] == "第":
        return "always"
    if word == "和":
        return "between fields"
    if word in LINKS or word == "所":
        return "behind a noun"  # 地理所: an institute in short, not the particle
    if tag[word] == "v" and len(word) == 2:
        return "verb"
    if tag[word] == "vn":
        return "always"
    return "never" if tag[word][:1] in "vdpcurmtqyai" or not PARTICLES.isdisjoint(word) else "always"


def _belongs(words: Words, i: int, joins: str, known: Heads, kind: str) -> bool:
    """Whether a word that joins a name only in places stands in one."""
    if joins == "between fields":
        return kind == "government" and _is_between_fields(words, i, known)
    if joins == "behind a noun":
        return i > 0 and tag[words.words[i - 1]][:1] == "n"
    if words.words[i + 1] == "组":
        return True  # 回访|组: named for what it does
    if cutter().has_word(words.words[i]):
        return kind in APART[1:] and _opens(words, i, known)
    return kind in APART or words.words[i + 1] in LEVELS  # 吴铺|镇: tagged by its looks alone


def _is_between_fields(words: Words, i: int, known: Heads) -> bool:
    """Whether 和 stands between what one office does, behind the place or the level it belongs to: 区|教育|和|体育局."""
    some, first = words.words, i - 1
    if some[i + 1][0] in LEVELS:  # 市民政局和市教育局
        return False
    while first > 0 and i - first <= FIELDS and tag[some[first]] in FIELD_TAGS and some[first] not in known.ends:
        word = some[first]
        if known.joins[word] != "always" or word in known.generic or word[-1] in WHO:
            return False
        first -= 1
    return first < i - 1 and some[first].endswith(SEATS) and some[first] not in known.generic


def _opens(words: Words, i: int, known: Heads) -> bool:
    """Whether a verb-like word stands where only a name can: behind a zone or a generic word (旗下, 所属)."""
    before = words.words[i - 1] if i else "，"
    return before in known.stops or before.endswith(("区", "街道", "社区"))
