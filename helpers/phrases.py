"""Names that end in a telling word: …局, …街道, …专班, …配送点.

A name is read from its last word leftward (`reach`); tables name the last words.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from helpers.anchors import Found
from helpers.dictionary import RARE, Words, cutter, tag
from helpers.lexicon import Span
from helpers.numerals import among
from helpers.reach import APART, DISEASE, LEVELS, NAME_WORD, Head, Heads, leftmost
from helpers.trie import padded

COUNTED = re.compile(r"[\d一二两三四五六七八九十百千余多][个支条座处套张名辆项份块]\Z")
PROPER = ("party", "firm", "health", "facility", "school", "place")  # generic words in front make no name
NAMED_APART = ("brand", "facility", "firm")  # by the word in front alone, or by one told before a mark


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
            start = leftmost(text, words, i, s, known, floor, done, kind)
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
