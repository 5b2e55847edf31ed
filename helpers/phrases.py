"""Names that end in a telling word: …局, …街道, …专班, …配送点.

A name is read from its last word leftward over words that can belong to it, as the dictionary tags say; tables name the
last words, words a name may hold whatever their tag, and words at which it stops.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import NamedTuple

import numpy as np

from helpers import lexicon
from helpers.anchors import Found
from helpers.dictionary import RARE, Learned, Words, cutter, tag
from helpers.lexicon import Span
from helpers.numerals import among
from helpers.trie import padded

NAME_WORD = re.compile(r"[\u4e00-\u9fffA-Za-z0-9·]+")
LISTED = re.compile(r"[、“（]([\u4e00-\u9fff]{2,4})\Z")
COUNTED = re.compile(r"[\d一二两三四五六七八九十百千余多][个支条座处套张名辆项份块]\Z")
GLUED = re.compile(  # particles the HMM may glue inside a run or before it: 地由东城街道, 经东城街道, 转运|组和消|杀组
    r".*(?:[给由把被让](?=.{2})|[由经向从](?=[省市县区州](?!场))|(?<=[组队])[和与及](?![平谐睦]))|经(?![开济贸信发办营管纬典历验常理])(?=.{2})"
)
GLUE = frozenset("给由经向从把被让和与及")
LINKS = {"与", "及"}
NAMES = {"ns", "nz", "nr", "nt"}  # tags
PARTICLES = frozenset("的了在们")  # which no word of a name holds
LEADING = frozenset("对与及和向在从由为把被将于是给等按往过")  # particles the HMM sometimes glues to a name
PROPER = ("party", "firm", "health", "facility", "school", "place")  # generic words in front make no name
NAMED_APART = ("brand", "facility", "firm")  # by the word in front alone, or by one told before a mark
APART = ("place", "facility", "firm")  # named beside the zone they stand in, not as a part of it
FOUNDING = frozenset(("召开", "启动", "成立", "设立", "组建", "增设", "开通"))  # what is done to a body
DEEDS = frozenset("到赴给找让请是有在来去开进看往经随如率据并")  # lone verbs no firm is called by
ZONES = ("经开", "高新", "开发")
NUMBERED = re.compile("[二三四五六七八九十百]里.[镇乡村街社小]")
MEASURES = ("小时", *"支个名家位条座处间人项年月日号时点")  # or the end of a date: 21日|市疾控中心
BESIDE = frozenset(("联合", "统筹"))  # what is done with an office or a place: 联合|市水利局, but 联合检查组
OFFICES = ("government", "party", "health", "place", "society", "zone")
FIELDS, FIELD = 3, ("n", "vn", "nz", "v", "nt")  # words that say what an office does, and their tags
WHO = frozenset("员民众者人部生师工")  # ends of words for people, who stand beside an office
SEATS = tuple("省市县州旗") + ("新区", "开发区", "高新区", "经开区", "管委会", "区")  # where it stands
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


def find(
    text: str, words: Words, ends: Found, known: Heads, counted: bool = False, borders: Sequence[int] = ()
) -> list[Span]:
    """Spans (start, end, last word) of names, the longest of those that overlap; `ends` are the last words in the text.

    Bare last words are left out, but for counted ones (7个工作组) where `counted`. No name reaches over one of the `borders`.
    """
    out: list[Span] = []
    some, joins = words.words, known.joins
    begun, done, before = 0, 0, Head("", frozenset(), 1)  # start, end and last word of the last name
    for s, e, word, head, i, within, border in _placed(text, words, ends, known, borders):
        kind = head.kind
        if head.least and not within and i and joins[some[i - 1]] == "never" and _is_bare(text, s, kind, counted):
            continue
        if kind == "brand":
            start = _brand(text, words, i, s)
        else:
            floor = done if done > border and kind in APART and before.kind in ("place", "zone") else border
            start = _leftmost(text, words, i, s, known, floor, done, kind)
            start = start if start > border else border
        if (
            start < 0
            or s - start < head.least
            and (counted or e - s < 3 or text[start:s] not in LEVELS)
            and not (counted and COUNTED.search(text, max(0, s - 6), s))
            or text[start:s] in known.stops
            or start < s
            and kind in PROPER
            and _is_generic(words, start, i, kind, known)
            or e - s < 3
            and text[e - 2 : e] in known.stops
        ):
            continue
        if start <= done and kind != "brand" and _is_one(before, head, s == done):
            start = min(start, begun) if before.least else begun
        if start < done and out and out[-1][0] < start and kind not in APART:  # 浞|岛社区党委
            start = out[-1][0]
        while out and out[-1][0] >= start:  # 东城新区 inside 东城新区党工委
            out.pop()
        begun, done, before = max(start, out[-1][1] if out else 0), e, head
        out.append((begun, done, word))
    return out


def _is_bare(text: str, s: int, kind: str, counted: bool) -> bool:
    """Whether a last word that the word in front cannot join is no name: nothing else is its name, and no number before it."""
    return (
        kind not in NAMED_APART and text[s] not in DISEASE and not (counted and COUNTED.search(text, max(0, s - 6), s))
    )


def _is_one(first: Head, last: Head, beside: bool) -> bool:
    """Whether two last words end one name: 国家卫生健康委|疾控局, a body known by its bare name and its part, 实业|有限公司, and
    领导小组|办公室."""
    same = (first.kind, last.kind) in (("firm", "firm"), ("brand", "firm"), ("command", "command"))
    return not first.least or same and (beside or last.kind == "firm")


def _placed(
    text: str, words: Words, ends: Found, known: Heads, borders: Sequence[int]
) -> Iterator[tuple[int, int, str, Head, int, bool, int]]:
    """Last words where a name can end: start, end, the word, what is known of it, the number of the word it begins in,
    whether it begins inside of that, and the border before it."""
    starts, begins = ends.starts, np.asarray(words.starts)
    number = begins.searchsorted(starts, side="right") - 1
    inside = begins[number] < starts
    behind = among(_letters()).take(padded(text)[starts - 1]) & (starts > 0)
    border = np.array([0, *borders])[np.searchsorted(borders, starts, side="right")]
    told = (some.tolist() for some in (number, inside, behind, border))
    for (s, e, word), i, within, joined, last in zip(ends.spans(), *told, strict=True):
        head = known.ends[word]
        if (
            (joined or not head.least)
            and text[e : e + 1] not in head.not_before
            and not (within and (words.words[i][0] == "各" or e - s <= 2 and not _is_word_end(words, i, s, e)))
        ):
            yield s, e, word, head, i, within, last


@cache
def _letters() -> str:
    """The characters a name can hold."""
    return "".join(filter(NAME_WORD.match, map(chr, range(0xA000))))


def _is_generic(words: Words, start: int, i: int, kind: str, known: Heads) -> bool:
    """Whether nothing in front of a last word tells one body from another: 机关党支部, 园区医院."""
    front = words.words[bisect_right(words.starts, start, hi=i + 1) - 1 : i]
    return bool(front) and (known.generic.issuperset(front) or kind == "place" and "".join(front) in known.ends)


def _brand(text: str, words: Words, i: int, s: int) -> int:
    """Where the word before a line of business begins that is a name of its own, or -1: 启明电子, but not 汽车电子."""
    if not i or words.starts[i] != s:
        return -1
    word, start = words.words[i - 1], words.starts[i - 1]
    named = 2 <= len(word) <= 4 and NAME_WORD.fullmatch(word) and cutter().suggest_freq(word) < RARE
    return start if named and not text[start - 1 : start].isnumeric() else -1  # 八|点半|康复


def _is_word_end(words: Words, i: int, s: int, e: int) -> bool:
    """Whether a short last word is a word or the end of a proper name, not the tail of a common word (干部)."""
    start, word = words.starts[i], words.words[i]
    if start + len(word) < e:
        over = words.words[i + 1]
        return words.starts[i + 1] + len(over) <= e or not cutter().has_word(over)  # 逐人|大排查
    return tag[word][:2] in ("nt", "ns", "nz", "nr") or not cutter().has_word(word)


def _leftmost(text: str, words: Words, i: int, s: int, known: Heads, floor: int, last: int, kind: str) -> int:
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
            linked = word in LINKS and (kind == "place" or starts[i - 1] <= last or i > 1 and some[i - 2] in known.ends)
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
    """Whether a lone character belongs to the name of a limited company, whose last word begins at `s`: 博域|通|客运有限公司."""
    return text.startswith("有限", s) and len(word) == 1 and tag[word][:1] in "va" and word not in DEEDS


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
    while first > 0 and i - first <= FIELDS and tag[some[first]] in FIELD and some[first] not in known.ends:
        word = some[first]
        if known.joins[word] != "always" or word in known.generic or word[-1] in WHO:
            return False
        first -= 1
    return first < i - 1 and some[first].endswith(SEATS) and some[first] not in known.generic


def _opens(words: Words, i: int, known: Heads) -> bool:
    """Whether a verb-like word stands where only a name can: behind a zone or a generic word (旗下, 所属)."""
    before = words.words[i - 1] if i else "，"
    return before in known.stops or before.endswith(("区", "街道", "社区"))
