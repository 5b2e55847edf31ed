"""Finding the words of a codebook in text: one Aho-Corasick pass, then array arithmetic on the hits.

Matching is on characters, never on tokens, and sees the text without quotation marks, so that 战“疫” and 战疫 are one
word; offsets returned are those of the text as given. Texts of many paragraphs are joined by line feeds and read
in blocks, so time is linear and memory bounded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

import ahocorasick
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.codebook import MARKS, ORDERS, SCOPES, Codebook, bare

TERM, WEAK, NEVER, ANY, WITH, ALSO, WITHOUT, CUE, EXCEPTION = range(9)
KINDS = np.array(["term", "rule", "weak"], dtype=object)
BLOCK = 2_000_000  # characters per pass
BREAKS = {
    "clause": "，。；！？…\n",
    "sentence": "。；！？\n",
    "unit": "\n",
    "denial": "，、：。；！？…\n",  # how far a not reaches: in a list each item is denied for itself
}
Ints = NDArray[np.int64]


def code_points(characters: str) -> NDArray[np.uint32]:
    return np.frombuffer(characters.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


MARK_POINTS = np.array(sorted(MARKS), dtype=np.uint32)
BREAK_POINTS = {scope: code_points(characters) for scope, characters in BREAKS.items()}


@dataclass(frozen=True, eq=False)
class Matcher:
    """A codebook as arrays: what each string is in which frame and rule, and what each rule asks."""

    automaton: ahocorasick.Automaton
    strings: NDArray[np.object_]
    lengths: Ints
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
    reasons: NDArray[np.object_]
    reach: int


@cache
def matcher(codebook: Codebook) -> Matcher:
    """The automaton and arrays of a codebook, built once."""
    rules = [rule for frame in codebook.frames for rule in frame.rules]
    entries = pd.DataFrame(_entries(codebook), columns=["string", "role", "frame", "rule", "why"])
    entries = entries.drop_duplicates(["string", "role", "frame", "rule"])
    entries["why"], reasons = pd.factorize(entries["why"])
    numbers, strings = pd.factorize(entries["string"])
    entries, many = entries.iloc[np.argsort(numbers, kind="stable")], np.bincount(numbers)
    automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
    for number, word in enumerate(strings):
        automaton.add_word(word, number)
    automaton.make_automaton()
    windows = [rule.within if isinstance(rule.within, int) else 0 for rule in rules]
    scopes = [SCOPES.index(rule.within) if rule.within in SCOPES else len(SCOPES) for rule in rules]
    return Matcher(
        automaton,
        np.asarray(strings, dtype=object),
        np.array([len(word) for word in strings]),
        np.cumsum(many) - many,
        many,
        *(entries[column].to_numpy() for column in ("role", "frame", "rule", "why")),
        scope=np.array(scopes, dtype=int),
        window=np.array(windows, dtype=int),
        order=np.array([ORDERS.index(rule.order) for rule in rules], dtype=int),
        guarded=np.array([bool(rule.beside) for rule in rules], dtype=bool),
        third=np.array([bool(rule.also) for rule in rules], dtype=bool),
        dropped=np.array([frame.negation == "drop" for frame in codebook.frames], dtype=bool),
        reasons=np.asarray(reasons, dtype=object),
        reach=codebook.reach,
    )


def _entries(codebook: Codebook) -> Iterator[tuple[str, int, int, int, str]]:
    """Every (string, role, frame, rule, why) of a codebook; -1 where a role has no frame or rule."""
    number = 0
    for f, frame in enumerate(codebook.frames):
        for role, words in ((TERM, frame.terms), (WEAK, frame.weak), (NEVER, frame.never)):
            yield from ((bare(word), role, f, -1, frame.whys.get(word, "")) for word in words)
        for rule in frame.rules:
            for role, words in ((ANY, rule.any), (WITH, rule.beside), (ALSO, rule.also), (WITHOUT, rule.without)):
                yield from ((bare(word), role, f, number, rule.why) for word in words)
            number += 1
    for role, words in ((CUE, codebook.cues), (EXCEPTION, codebook.exceptions)):
        yield from ((bare(word), role, -1, -1, "") for word in words)


def find(texts: Sequence[str], codebook: Codebook) -> pd.DataFrame:
    """Every hit in every text: text and frame (their numbers), term, start, end, negated, kind (term, rule or weak) and
    why (the codebook's reason).

    Within a frame the longest match wins; hits are in reading order.
    """
    found = [
        _find_in_block(texts[a:b], matcher(codebook)).assign(text=lambda hits, a=a: hits["text"] + a)
        for a, b in _blocks([len(text) for text in texts])
    ]
    columns = ["text", "frame", "term", "start", "end", "negated", "kind", "why"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def _blocks(lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Runs of texts of about `BLOCK` characters, as (first, past the last)."""
    number = np.cumsum(lengths) // BLOCK
    edges = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(lengths)] if len(lengths) else []
    yield from zip(edges, edges[1:], strict=False)


def _find_in_block(texts: Sequence[str], m: Matcher) -> pd.DataFrame:
    points = code_points("\n".join(texts) + "\n")
    kept = np.flatnonzero(~np.isin(points, MARK_POINTS))
    bare_points = points[kept]
    stretches = {scope: np.cumsum(np.isin(bare_points, marks)) for scope, marks in BREAK_POINTS.items()}
    hits = _hits(bare_points, stretches["unit"], m)
    accepted = _longest(_supported(_accepted(hits, stretches, m), hits, stretches, m))
    starts = np.cumsum([0, *(len(text) + 1 for text in texts)])
    first, last = kept[accepted["start"]], kept[accepted["end"] - 1]
    text = np.searchsorted(starts, first, side="right") - 1
    return accepted.assign(
        text=text,
        start=first - starts[text],
        end=last + 1 - starts[text],
        term=m.strings[accepted["string"]],
        kind=KINDS[accepted["kind"]],
        why=m.reasons[accepted["why"]],
    )


def _hits(points: NDArray[np.uint32], unit: Ints, m: Matcher) -> pd.DataFrame:
    """Every entry of every string found that can matter, with its place in the bare text."""
    text = points.tobytes().decode("utf-32-le", "surrogatepass")
    ends, found = np.fromiter(chain.from_iterable(m.automaton.iter(text)), dtype=np.int64).reshape(-1, 2).T
    many = m.many[found]
    entry = np.repeat(m.first[found] - (np.cumsum(many) - many), many) + np.arange(many.sum())
    string, end = np.repeat(found, many), np.repeat(ends, many) + 1
    useful = _useful(entry, unit[end - 1], m)
    entry, string, end = entry[useful], string[useful], end[useful]
    return pd.DataFrame(
        {
            "string": string,
            "start": end - m.lengths[string],
            "end": end,
            "role": m.role[entry],
            "frame": m.frame[entry],
            "rule": m.rule[entry],
            "why": m.why[entry],
        }
    )


def _useful(entry: Ints, unit: Ints, m: Matcher) -> NDArray[np.bool_]:
    """Not what a rule asks for where nothing it is asked of stands in the unit: most hits, for the words are common."""
    rule = m.rule[entry]  # -1 for what belongs to no rule: the last row below
    asked = np.zeros((len(m.scope) + 1, unit.max(initial=0) + 1), dtype=bool)
    head = m.role[entry] == ANY
    asked[rule[head], unit[head]] = True
    return (rule < 0) | asked[rule, unit]


def _accepted(hits: pd.DataFrame, stretches: dict[str, Ints], m: Matcher) -> pd.DataFrame:
    """What may count: terms, satisfied rules, and weak words."""
    framed = hits[hits["frame"] >= 0]
    never = framed[framed["role"] == NEVER]
    framed = framed[~_inside(framed, never) & (framed["role"] != NEVER)]
    anys = framed[framed["role"] == ANY]
    weak, terms = framed[framed["role"] == WEAK].assign(kind=2), framed[framed["role"] == TERM].assign(kind=0)
    return pd.concat([terms[~_inside(terms, weak)], anys[_satisfied(anys, framed, stretches, m)].assign(kind=1), weak])


def _supported(found: pd.DataFrame, hits: pd.DataFrame, stretches: dict[str, Ints], m: Matcher) -> pd.DataFrame:
    """Without denied hits where the frame says so, and without weak words that nothing else supports in their unit."""
    found = found.assign(negated=_negated(found, hits, stretches["denial"], m))
    found = found[~(found["negated"] & m.dropped[found["frame"].to_numpy(dtype=int)])]
    unit, weak = _unit(found, stretches), found["kind"] == KINDS.tolist().index("weak")
    return found[~weak | unit.isin(unit[~weak])]


def _unit(rows: pd.DataFrame, stretches: dict[str, Ints]) -> pd.Series:
    """A number for the unit and frame of each row."""
    return rows["frame"] * (stretches["unit"][-1] + 1) + stretches["unit"][rows["start"]]


def _satisfied(anys: pd.DataFrame, framed: pd.DataFrame, stretches: dict[str, Ints], m: Matcher) -> NDArray[np.bool_]:
    rule = anys["rule"].to_numpy()
    after, before = _neighbours(anys, framed[framed["role"] == WITH], stretches, m, m.scope)
    order = m.order[rule]
    beside = (after & (order != ORDERS.index("before"))) | (before & (order != ORDERS.index("then")))
    around = np.where(m.scope == len(SCOPES), SCOPES.index("sentence"), m.scope)
    also, barred = (
        np.logical_or(*_neighbours(anys, framed[framed["role"] == role], stretches, m, around))
        for role in (ALSO, WITHOUT)
    )
    return (beside | ~m.guarded[rule]) & (also | ~m.third[rule]) & ~barred


def _neighbours(anys: pd.DataFrame, others: pd.DataFrame, stretches: dict[str, Ints], m: Matcher, scope: Ints) -> tuple:
    """Whether the nearest other hit of the same rule after, and before, each hit stands within the rule's `scope`.

    Scopes are stretches of text, so if the nearest is outside, all are.
    """
    if others.empty or anys.empty:
        nowhere = np.zeros(len(anys), dtype=bool)
        return nowhere, nowhere
    rule, start, end = (anys[column].to_numpy() for column in ("rule", "start", "end"))
    far = int(max(others["end"].max(), end.max())) + 1
    starts = np.sort((others["rule"] * far + others["start"]).to_numpy())
    ends = np.sort((others["rule"] * far + others["end"]).to_numpy())
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


def _within(
    here: Ints, there: Ints, gap: Ints, scope: Ints, window: Ints, stretches: dict[str, Ints]
) -> NDArray[np.bool_]:
    there = np.clip(there, 0, len(stretches["unit"]) - 1)
    same = np.stack([stretches[scope][here] == stretches[scope][there] for scope in SCOPES] + [gap <= window])
    same[-1] &= same[SCOPES.index("unit")]
    return same[scope, np.arange(len(scope))]


def _inside(inner: pd.DataFrame, outer: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each inner span lies within some outer span of its frame."""
    if outer.empty or inner.empty:
        return np.zeros(len(inner), dtype=bool)
    far = int(max(inner["end"].max(), outer["end"].max())) + 1
    outer = outer.sort_values(["frame", "start"], kind="stable")
    base = (outer["frame"].to_numpy() + 1) * far
    furthest = np.maximum.accumulate(base + outer["end"].to_numpy())
    group = (inner["frame"].to_numpy() + 1) * far
    i = np.searchsorted(base + outer["start"].to_numpy(), group + inner["start"].to_numpy(), side="right") - 1
    return (i >= 0) & (furthest[np.maximum(i, 0)] >= group + inner["end"].to_numpy())


def _longest(accepted: pd.DataFrame) -> pd.DataFrame:
    """One row per span and frame, spans inside a longer one of the same frame left out, in reading order."""
    rows = accepted.sort_values(["frame", "start", "end", "kind"], ascending=[True, True, False, True], kind="stable")
    rows = rows.drop_duplicates(["frame", "start", "end"])
    if rows.empty:
        return rows
    ends = (rows["frame"] * (rows["end"].max() + 1) + rows["end"]).to_numpy()
    before = np.concatenate([[-1], np.maximum.accumulate(ends)[:-1]])
    return rows[ends > before].sort_values(["start", "end", "frame"], kind="stable")


def _negated(accepted: pd.DataFrame, hits: pd.DataFrame, stretch: Ints, m: Matcher) -> NDArray[np.bool_]:
    """Whether a negation cue begins at most `reach` characters before the hit in its stretch, 没有硝烟 apart."""
    cues = hits[hits["role"] == CUE]
    cues = cues[~_inside(cues, hits[hits["role"] == EXCEPTION])].sort_values("end", kind="stable")
    if cues.empty or accepted.empty:
        return np.zeros(len(accepted), dtype=bool)
    start = accepted["start"].to_numpy()
    last = np.searchsorted(cues["end"].to_numpy(), start, side="right") - 1
    cue = cues["start"].to_numpy()[np.maximum(last, 0)]
    return (last >= 0) & (start - cue <= m.reach) & (stretch[start] == stretch[cue])
