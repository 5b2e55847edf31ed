"""Words with dictionary tags, and names that end in a telling word (…局, …街道, …专班, …配送点).

A name is read from its last word leftward over words that can belong to it, as the dictionary tags say; tables name the
last words, words a name may hold whatever their tag, and words at which it stops.
"""

import re
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from typing import NamedTuple

import rjieba

from helpers import lexicon

HAN = r"[\u4e00-\u9fff]"
NAME_WORD = re.compile(r"[\u4e00-\u9fffA-Za-z0-9·]+")
LISTED = re.compile(r"[、“（]([\u4e00-\u9fff]{2,4})\Z")
COUNTED = re.compile(r"[\d一二两三四五六七八九十百千余多][个支条座处套张名辆项份块]\Z")
GLUED = re.compile(r".*[给由把被让](?=.{2})")  # particles the HMM may glue inside a run: 地由东城街道
LINKS = {"与", "及"}
LEADING = frozenset("对与及和向在从由为把被将于是给等按往")  # particles the HMM sometimes glues to a name
PROPER = ("party", "firm", "health", "facility", "school", "place")  # generic words in front make no name
APART = ("place", "facility", "firm")  # named beside the zone they stand in, not as a part of it
MEASURES = frozenset("支个名家位条座处间")
LONGEST = 20
RARE = 30  # occurrences in the dictionary's corpus below which a word may be a name


class Words(NamedTuple):
    """The words of a text, their tags, and where each begins."""

    words: list[str]
    tags: list[str]
    starts: list[int]


class Heads(NamedTuple):
    """Words a name can end in (with their rows), words it can hold, and words at which it stops."""

    table: str
    rows: dict[str, dict[str, str]]
    inner: frozenset[str]
    stops: frozenset[str]
    generic: frozenset[str]


@cache
def cutter() -> rjieba.Jieba:
    """jieba's dictionary and HMM (Sun 2012), untouched by the project's terms."""
    return rjieba.Jieba()


def tag(text: str) -> Words:
    """Words of a text with dictionary tags and offsets.

    >>> tag("居民下沉").words, tag("居民下沉").starts
    (['居民', '下沉'], [0, 2])
    """
    pairs = cutter().tag(text)
    words, tags = [word for word, _ in pairs], [kind for _, kind in pairs]
    return Words(words, tags, list(accumulate(map(len, words[:-1]), initial=0)) if words else [])


def heads(table: str) -> Heads:
    """A table of name endings: suffix, kind, not_before, least (characters in front); inner, stop, generic: lists."""
    rows = lexicon.rows(table, "suffix", "kind", "not_before", "least")
    lists = [frozenset(r["suffix"] for r in rows if r["kind"] == kind) for kind in ("inner", "stop", "generic")]
    ends = {r["suffix"]: r for r in rows if r["kind"] not in ("inner", "stop", "generic")}
    return Heads(table, ends, *lists)


def find(text: str, words: Words, known: Heads, counted: bool = False) -> list[tuple[int, int, str]]:
    """Spans (start, end, last word) of names, the longest of those that overlap.

    Bare last words are left out, but for counted ones (7个工作组) where `counted`.
    """
    out: list[tuple[int, int, str]] = []
    for s, e, word in lexicon.scan(text)[known.table]:
        row, i = known.rows[word], bisect_right(words.starts, s) - 1
        if text[e : e + 1] in tuple(row["not_before"]) or not _is_word_end(words, i, s, e):
            continue
        last = out[-1] if out else (0, 0, "")
        in_zone = last[2] and known.rows[last[2]]["kind"] in ("place", "zone")
        floor = last[1] if row["kind"] in APART and in_zone else 0
        start = (
            words.starts[i - 1]
            if row["kind"] == "brand" and i
            else _leftmost(text, words, i, s, known, floor, last[1], row["kind"])
        )
        if (
            row["kind"] == "brand"
            and not _is_brand(words, i, s)
            or _too_short(text, start, s, row, counted)
            or _is_generic(words, start, s, row, known)
            or text[start:s] in known.stops
            or e - s < 3
            and text[e - 2 : e] in known.stops
        ):
            continue
        if out and start <= out[-1][1] and known.rows[out[-1][2]]["least"] == "0" and row["kind"] != "brand":
            start = out[-1][0]  # 国家卫生健康委|疾控局: a body known by its bare name, and its part
        while out and out[-1][0] >= start:  # 东城新区 inside 东城新区党工委
            out.pop()
        out.append((max(start, out[-1][1] if out else 0), e, word))
    return out


def _too_short(text: str, start: int, s: int, row: dict[str, str], counted: bool) -> bool:
    """Whether a last word stands without the words in front that make it a name."""
    return s - start < int(row["least"]) and not (counted and COUNTED.search(text, max(0, s - 6), s))


def _is_generic(words: Words, start: int, s: int, row: dict[str, str], known: Heads) -> bool:
    """Whether nothing in front of a last word tells one body from another: 机关党支部, 园区医院."""
    front = words.words[bisect_right(words.starts, start) - 1 : bisect_right(words.starts, s) - 1]
    if row["kind"] == "place" and "".join(front) in known.rows:
        return True
    return bool(front) and row["kind"] in PROPER and known.generic.issuperset(front)


def _is_brand(words: Words, i: int, s: int) -> bool:
    """Whether the word before a line of business is a name of its own: 启明电子, but not 汽车电子."""
    if not i or words.starts[i] != s:
        return False
    word = words.words[i - 1]
    return 2 <= len(word) <= 4 and bool(NAME_WORD.fullmatch(word)) and cutter().suggest_freq(word) < RARE


def _is_word_end(words: Words, i: int, s: int, e: int) -> bool:
    """Whether a short last word is a word or the end of a proper name, not the tail of a common word (干部)."""
    start, word = words.starts[i], words.words[i]
    if e - s > 2 or start == s or start + len(word) < e:
        return True
    return words.tags[i][:2] in ("nt", "ns", "nz", "nr") or not cutter().has_word(word)


def _leftmost(text: str, words: Words, i: int, s: int, known: Heads, floor: int, last: int, kind: str) -> int:
    """How far left a name reaches: over nouns and names, not over verbs, particles, generic words or punctuation."""
    start = words.starts[i]
    while i > 0 and s - start < LONGEST and start > floor:
        joins = words.starts[i - 1] <= last or i > 1 and words.words[i - 2] in known.rows
        if words.words[i - 1] in LINKS and joins or not _belongs(words, i - 1, known, kind):
            break  # 医院和社区 are two bodies, 农业与生态研究所 is one
        i -= 1
        start = words.starts[i]
    start = _whole_name(text, words, i, _trimmed(text, words, i, s, known), s, kind)
    listed = LISTED.search(text, max(floor, s - 6), s) if kind in ("firm", "facility") else None
    return min(start, listed.start(1)) if listed and not known.stops & set(cutter().cut(listed[1], False)) else start


def _whole_name(text: str, words: Words, i: int, start: int, s: int, kind: str) -> int:
    """The start of a name without particles inside or a measure in front, with the first character cut off of it."""
    if glued := GLUED.match(text, start, s):
        return glued.end()
    if start < s and text[start] in MEASURES and text[start - 1 : start].isdigit():
        return start + 1
    lone = kind == "place" and s - start == 1 and i > 0 and len(words.words[i - 1]) == 1
    if lone and words.tags[i - 1][:1] in ("v", "n", "a", "z", "g") and text[start - 1] not in LEADING:
        return start - 1  # 望|溪|街道
    return start


def _trimmed(text: str, words: Words, i: int, s: int, known: Heads) -> int:
    """The start of a name without a particle or a verbal noun in front of a place (助力东城街道)."""
    start = words.starts[i]
    while start < s:
        verbal = words.tags[i] in ("vn", "ad", "an") and words.words[i] not in known.inner
        if text[start] in LEADING and start + 1 < words.starts[i] + len(words.words[i]):
            start += 1
        elif i + 1 < len(words.words) and (text[start] in LEADING or verbal and words.tags[i + 1] == "ns"):
            i, start = i + 1, words.starts[i + 1]
        else:
            break
    return start


def _belongs(words: Words, i: int, known: Heads, kind: str) -> bool:
    """Whether a word can stand inside a name."""
    word, kind_of_word = words.words[i], words.tags[i]
    if word in known.stops or not NAME_WORD.fullmatch(word):
        return False
    behind_noun = i > 0 and words.tags[i - 1][:1] == "n"
    if word in known.inner or word[0] == "第" or behind_noun and (word in LINKS or word == "所"):
        return True  # 地理所: an institute in short, not the particle
    if kind_of_word[:1] in "vdpcurmtqya":
        verb = kind_of_word == "v" and kind in APART[1:] and len(word) == 2
        return kind_of_word == "vn" or verb and _opens(words, i, known)
    return not any(c in word for c in "的了在")


def _opens(words: Words, i: int, known: Heads) -> bool:
    """Whether a verb-like word stands where only a name can: behind a zone or a generic word (旗下, 所属)."""
    before = words.words[i - 1] if i else "，"
    return before in known.stops or before.endswith(("区", "街道", "社区"))
