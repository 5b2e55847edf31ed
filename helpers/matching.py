"""Finding the words of a codebook in text: one walk of a trie, then array arithmetic on the hits.

Matching is on characters, never on tokens, and sees the text without quotation marks, so that 战“疫” and 战疫 are one
word; offsets returned are those of the text as given. Texts of many paragraphs are joined by line feeds and read
in blocks, so time is linear and memory bounded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.codebook import MARKS, ORDERS, SCOPES, Codebook, bare
from helpers.collector import collector_off
from helpers.trie import Ints, Trie, code_points, in_texts, trie

TERM, ANY, WEAK, NEVER, WITH, ALSO, WITHOUT, CUE, EXCEPTION = range(9)
KINDS = pd.array(["term", "rule", "weak"], dtype="str")  # of the first three
MARK = 128  # the class of a quotation mark
BLOCK = 2_000_000  # characters per pass
BREAKS = (  # what ends a stretch of text: one for each of SCOPES, in their order, and one for a not
    "，。；！？…\n",
    "。；！？\n",
    "\n",
    "，、：。；！？…\n",  # in a list each item is denied for itself
)
SENTENCE, UNIT, DENIAL = SCOPES.index("sentence"), SCOPES.index("unit"), len(SCOPES)


@cache
def _classes() -> NDArray[np.uint8]:
    """What each character is: a bit for each of BREAKS that it ends, and MARK."""
    table = np.zeros(0x110000, np.uint8)
    table[list(MARKS)] = MARK
    for number, characters in enumerate(BREAKS):
        table[code_points(characters)] += 1 << number
    return table


class Hits(NamedTuple):
    """Entries found, column by column: places in the bare text, and what the codebook has there."""

    entry: Ints
    start: Ints
    end: Ints
    role: Ints
    frame: Ints
    rule: Ints

    def where(self, chosen: NDArray) -> "Hits":
        """The hits of a mask, or of numbers in their order."""
        rows = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        return Hits(*(column[rows] for column in self))

    def of(self, role: int) -> "Hits":
        return self.where(self.role == role)


@dataclass(frozen=True, eq=False)
class Matcher:
    """A codebook as arrays: what each string is in which frame and rule, and what each rule asks."""

    trie: Trie  # of the strings
    strings: pd.api.extensions.ExtensionArray
    lengths: Ints
    owner: Ints  # the string of each entry
    first: Ints  # where the entries of a string begin
    many: Ints  # how many entries it has
    role: Ints
    frame: Ints
    rule: Ints
    why: Ints  # index in reasons
    scope: Ints  # per rule: index in SCOPES, or len(SCOPES) for a window
    window: Ints
    order: Ints
    guarded: NDArray[np.bool_]  # rule has a `with` list
    third: NDArray[np.bool_]  # rule has an `also` list
    dropped: NDArray[np.bool_]  # per frame: a denied hit is no evidence
    reasons: pd.api.extensions.ExtensionArray
    reach: int


@lru_cache(maxsize=4)
@collector_off()
def matcher(codebook: Codebook) -> Matcher:
    """The trie and arrays of a codebook, built once."""
    rules = [rule for frame in codebook.frames for rule in frame.rules]
    whys: dict[tuple[str, int, int, int], str] = {}
    for entry, why in _entries(codebook):
        whys.setdefault(entry, why)
    owners, roles, frames, ruled = zip(*whys, strict=True)
    strings, reasons = ({one: n for n, one in enumerate(dict.fromkeys(some))} for some in (owners, whys.values()))
    numbers = np.array([strings[one] for one in owners])
    order, many = np.argsort(numbers, kind="stable"), np.bincount(numbers)
    windows = [rule.within if isinstance(rule.within, int) else 0 for rule in rules]
    scopes = [SCOPES.index(rule.within) if rule.within in SCOPES else len(SCOPES) for rule in rules]
    return Matcher(
        trie([*strings]),
        pd.array([*strings], dtype="str"),
        np.array([len(word) for word in strings]),
        numbers[order],
        np.cumsum(many) - many,
        many,
        *(np.array(column)[order] for column in (roles, frames, ruled, [reasons[why] for why in whys.values()])),
        scope=np.array(scopes, dtype=int),
        window=np.array(windows, dtype=int),
        order=np.array([ORDERS.index(rule.order) for rule in rules], dtype=int),
        guarded=np.array([bool(rule.beside) for rule in rules], dtype=bool),
        third=np.array([bool(rule.also) for rule in rules], dtype=bool),
        dropped=np.array([frame.negation == "drop" for frame in codebook.frames], dtype=bool),
        reasons=pd.array([*reasons], dtype="str"),
        reach=codebook.reach,
    )


def _entries(codebook: Codebook) -> Iterator[tuple[tuple[str, int, int, int], str]]:
    """Every (string, role, frame, rule) of a codebook, -1 where a role has no frame or rule; and why it is there."""
    number = 0
    for f, frame in enumerate(codebook.frames):
        for role, words in ((TERM, frame.terms), (WEAK, frame.weak), (NEVER, frame.never)):
            yield from (((bare(word), role, f, -1), frame.whys.get(word, "")) for word in words)
        for rule in frame.rules:
            for role, words in ((ANY, rule.any), (WITH, rule.beside), (ALSO, rule.also), (WITHOUT, rule.without)):
                yield from (((bare(word), role, f, number), rule.why) for word in words)
            number += 1
    for role, words in ((CUE, codebook.cues), (EXCEPTION, codebook.exceptions)):
        yield from (((bare(word), role, -1, -1), "") for word in words)


def find(texts: Sequence[str], codebook: Codebook) -> pd.DataFrame:
    """Every hit in every text: text and frame (their numbers), term, start, end, negated, kind (term, rule or weak) and
    why (the codebook's reason).

    Within a frame the longest match wins; hits are in reading order.
    """
    found = [_find_in_block(texts[a:b], a, matcher(codebook)) for a, b in _blocks([len(text) for text in texts])]
    columns = ["text", "frame", "term", "start", "end", "negated", "kind", "why"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def _blocks(lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Runs of texts of about `BLOCK` characters, as (first, past the last)."""
    number = np.cumsum(lengths) // BLOCK
    edges = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(lengths)] if len(lengths) else []
    yield from zip(edges, edges[1:], strict=False)


def _find_in_block(texts: Sequence[str], number: int, m: Matcher) -> pd.DataFrame:
    """The rows of `find` for some texts, the first of them the text `number`."""
    points = code_points("\n".join(texts) + "\n")
    classes = _classes().take(points)
    kept = np.flatnonzero(classes < MARK)
    classes = classes[kept]
    stretches = np.stack([np.cumsum(classes >> scope & 1, dtype=np.int32) for scope in range(len(BREAKS))])
    hits = _hits(points[kept], stretches[UNIT], m)
    found, negated = _supported(_accepted(hits, stretches, m), hits, stretches, m)
    order = _longest(found)
    found, negated = found.where(order), negated[order]
    text, start, end = in_texts(texts, kept[found.start], kept[found.end - 1])
    return pd.DataFrame(
        {
            "text": text + number,
            "frame": found.frame,
            "term": m.strings[m.owner[found.entry]],
            "start": start,
            "end": end,
            "negated": negated,
            "kind": KINDS[found.role],
            "why": m.reasons[m.why[found.entry]],
        }
    )


def _hits(points: NDArray[np.uint32], unit: Ints, m: Matcher) -> Hits:
    """Every entry of every string found that can matter, with its place in the bare text."""
    start, string = m.trie.find(points)
    many = m.many[string]
    which = np.repeat(np.arange(len(string)), many)
    entry = np.arange(len(which)) + (m.first[string] - (np.cumsum(many) - many))[which]
    useful = np.flatnonzero(_useful(entry, unit[start + m.lengths[string] - 1][which], m))
    entry, which = entry[useful], which[useful]
    start, length = start[which], m.lengths[string[which]]
    return Hits(entry, start, start + length, m.role[entry], m.frame[entry], m.rule[entry])


def _useful(entry: Ints, unit: Ints, m: Matcher) -> NDArray[np.bool_]:
    """Not the words of a rule in a unit where one of the kinds it needs is missing: most hits, for the words are common."""
    rule, role, units = m.rule.take(entry), m.role.take(entry), unit.max(initial=0) + 1
    place = (rule + 1) * units + unit  # the first row is for what belongs to no rule
    asked = np.ones((len(m.scope) + 1, units), dtype=bool)

    def met(wanted: int) -> NDArray[np.bool_]:
        there = np.zeros(asked.size, dtype=bool)
        there[place[np.flatnonzero(role == wanted)]] = True
        return there.reshape(asked.shape)[1:]

    asked[1:] = met(ANY) & (met(WITH) | ~m.guarded[:, None]) & (met(ALSO) | ~m.third[:, None])
    return asked.ravel().take(place)


def _accepted(hits: Hits, stretches: Ints, m: Matcher) -> Hits:
    """What may count: terms, satisfied rules, and weak words."""
    framed = hits.where(hits.frame >= 0)
    framed = framed.where((framed.role != NEVER) & ~_inside(framed, framed.of(NEVER)))
    terms, anys, weak = framed.of(TERM), framed.of(ANY), framed.of(WEAK)
    anys = anys.where(np.lexsort((anys.start, anys.rule)))  # what is looked up in order is found sooner
    counted = terms.where(~_inside(terms, weak)), _satisfied(anys, framed, stretches, m), weak
    return Hits(*map(np.concatenate, zip(*counted, strict=True)))


def _supported(found: Hits, hits: Hits, stretches: Ints, m: Matcher) -> tuple[Hits, NDArray[np.bool_]]:
    """Without denied hits where the frame says so, and without weak words that nothing else supports in their unit; and
    which are denied."""
    negated = _negated(found, hits, stretches[DENIAL], m)
    kept = ~(negated & m.dropped[found.frame])
    unit = found.frame * (stretches[UNIT, -1] + np.int64(1)) + stretches[UNIT, found.start]
    kept &= (found.role != WEAK) | np.isin(unit, unit[kept & (found.role != WEAK)])
    return found.where(kept), negated[kept]


def _satisfied(anys: Hits, framed: Hits, stretches: Ints, m: Matcher) -> Hits:
    """The hits that their rule counts; most fall at its first question."""
    after, before = _neighbours(anys, framed.of(WITH), stretches, m, m.scope)
    order = m.order[anys.rule]
    beside = (after & (order != ORDERS.index("before"))) | (before & (order != ORDERS.index("then")))
    anys = anys.where(beside | ~m.guarded[anys.rule])
    around = np.where(m.scope == len(SCOPES), SENTENCE, m.scope)
    also = np.logical_or(*_neighbours(anys, framed.of(ALSO), stretches, m, around))
    anys = anys.where(also | ~m.third[anys.rule])
    return anys.where(~np.logical_or(*_neighbours(anys, framed.of(WITHOUT), stretches, m, around)))


def _neighbours(anys: Hits, others: Hits, stretches: Ints, m: Matcher, scope: Ints) -> tuple:
    """Whether the nearest other hit of the same rule after, and before, each hit stands within the rule's `scope`.

    Scopes are stretches of text, so if the nearest is outside, all are.
    """
    if not len(others.start) or not len(anys.start):
        nowhere = np.zeros(len(anys.start), dtype=bool)
        return nowhere, nowhere
    rule, start, end = anys.rule, anys.start, anys.end
    far = max(others.end.max(), end.max()) + 1
    starts, ends = (np.sort(others.rule * far + place) for place in (others.start, others.end))
    i = np.searchsorted(starts, rule * far + end)
    j = np.searchsorted(ends, rule * far + start, side="right") - 1
    next_start = starts[np.minimum(i, len(starts) - 1)] - rule * far
    last_end = ends[np.maximum(j, 0)] - rule * far
    has_next = (i < len(starts)) & (next_start >= end) & (next_start < far)
    has_last = (j >= 0) & (last_end >= 0) & (last_end <= start)
    return (
        has_next & _within(start, next_start, next_start - end, scope[rule], m.window[rule], stretches),
        has_last & _within(start, last_end - 1, start - last_end, scope[rule], m.window[rule], stretches),
    )


def _within(here: Ints, there: Ints, gap: Ints, scope: Ints, window: Ints, stretches: Ints) -> NDArray[np.bool_]:
    """Whether both places are in one stretch; a window lies in its unit."""
    there, stretch = np.clip(there, 0, stretches.shape[1] - 1), np.minimum(scope, UNIT)
    return (stretches[stretch, here] == stretches[stretch, there]) & ((scope < len(SCOPES)) | (gap <= window))


def _inside(inner: Hits, outer: Hits) -> NDArray[np.bool_]:
    """Whether each inner span lies within some outer span of its frame."""
    if not len(outer.start) or not len(inner.start):
        return np.zeros(len(inner.start), dtype=bool)
    far = max(inner.end.max(), outer.end.max()) + 1
    outer = outer.where(np.lexsort((outer.start, outer.frame)))
    base, group = (outer.frame + 1) * far, (inner.frame + 1) * far
    furthest = np.maximum.accumulate(base + outer.end)
    i = np.searchsorted(base + outer.start, group + inner.start, side="right") - 1
    return (i >= 0) & (furthest[np.maximum(i, 0)] >= group + inner.end)


def _longest(found: Hits) -> Ints:
    """Which rows stay: one per span and frame, spans inside a longer one of the same frame left out, in reading order."""
    rows = np.lexsort((found.role, -found.end, found.start, found.frame))
    ends = (found.frame * (found.end.max(initial=0) + 1) + found.end)[rows]
    rows = rows[ends > np.maximum.accumulate(np.append(-1, ends))[:-1]]
    return rows[np.lexsort((found.frame[rows], found.end[rows], found.start[rows]))]


def _negated(found: Hits, hits: Hits, stretch: Ints, m: Matcher) -> NDArray[np.bool_]:
    """Whether a negation cue begins at most `reach` characters before the hit in its stretch, 没有硝烟 apart."""
    cues = hits.of(CUE)
    cues = cues.where(~_inside(cues, hits.of(EXCEPTION)))
    cues = cues.where(np.lexsort((cues.start, cues.end)))
    if not len(cues.start) or not len(found.start):
        return np.zeros(len(found.start), dtype=bool)
    last = np.searchsorted(cues.end, found.start, side="right") - 1
    cue = cues.start[np.maximum(last, 0)]
    return (last >= 0) & (found.start - cue <= m.reach) & (stretch[found.start] == stretch[cue])
