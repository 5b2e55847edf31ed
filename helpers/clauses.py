"""Clauses as skeletons: the characters, actions and small words of a sentence, in order, and nothing else.

志愿者为老人买药 becomes N g N V: a character, a marker, a character, an action. What the words are stands in the tables
data/lexicon/role_actors.csv, role_actions.csv and role_markers.csv; what is read from skeletons is in helpers/roles.py.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import ahocorasick

from helpers import lexicon

SENTENCE, CLAUSE = "。！？；\n“”：…", "，（）"
NEAR, FAR = 6, 14  # characters between two parts: up to NEAR nothing is noted, up to FAR a gap ~, beyond it a rift #
OPENING = 10  # how far from the beginning of a clause its subject may stand
CARRIED = 3  # clauses through which a subject is understood
PERSONS = frozenset({"patients", "residents"})  # the other classes hold houses, too, in which things happen
NEVER_UNDERSTOOD = PERSONS | {"virus"}  # mostly acted on: as understood subjects they are wrong too often
PLACED = re.compile(r"[在从到于往赴抵去进回至据沿离自]\Z")
PLACE = re.compile(r"[里内外中上下旁前后]|门口|附近|周边|现场|家中")
MARKS = {"被": "p", "把": "b", "为": "g", "给": "t", "不": "x", "、": ","}


class Word(NamedTuple):
    """What a string is in a skeleton: N character, V action, another symbol, or nothing; and of which classes."""

    symbol: str
    classes: tuple[str, ...]


class Part(NamedTuple):
    """One symbol of a skeleton and where its word stands; a subject understood from an earlier clause is `carried`."""

    symbol: str
    start: int
    end: int
    classes: tuple[str, ...]
    carried: bool = False


@cache
def _machine() -> ahocorasick.Automaton:
    """One automaton over characters, actions, markers and punctuation; each word brings what it is."""
    known: dict[str, Word] = {}
    for word, symbol, name in _entries():
        held = known.get(word, Word(symbol, ()))
        known[word] = held._replace(classes=(*held.classes, name)) if held.symbol == symbol else held
    machine = ahocorasick.Automaton()
    for word, entry in known.items():
        machine.add_word(word, (len(word), entry))
    machine.make_automaton()
    return machine


def _entries() -> Iterator[tuple[str, str, str]]:
    """Every (word, symbol, class); words that only look like a character, action or marker come with no symbol."""
    yield from ((mark, "." if mark in SENTENCE else ";", "") for mark in SENTENCE + CLAUSE)
    for row in lexicon.rows("role_actors", "class", "words"):
        yield from ((word, "N" if row["class"] else "", row["class"]) for word in row["words"].split())
    for row in lexicon.rows("role_actions", "action", "words"):
        if row["action"] not in ("nominal", "before", "goods"):
            yield from ((word, "V" if row["action"] else "", row["action"]) for word in row["words"].split())
    for row in lexicon.rows("role_markers", "marker", "words", "never"):
        yield from ((word, MARKS[row["marker"]], "") for word in row["words"].split())
        yield from ((word, "", "") for word in row["never"].split())


@cache
def _words(kind: str) -> str:
    """A group of a regular expression for the words of one row of role_actions.csv that is no class of action."""
    return lexicon.either(" ".join(lexicon.words("role_actions", "words", action=kind)).split())


def given(text: str, end: int) -> bool:
    """Whether a verb that ends here supplied something: an ending, a number or goods stand behind it.

    >>> given("捐款十万元", 2), given("捐款仪式", 2)
    (True, False)
    """
    return bool(_goods().match(text, end))


@cache
def _goods() -> re.Pattern:
    return re.compile(rf"[了过出]|[0-9一两三四五六七八九十百千万]|{_words('goods')}")


@cache
def _reported() -> re.Pattern:
    """A clause whose subject only says or shows what follows: it does not act there."""
    return re.compile(lexicon.either(lexicon.words("speech_verbs", "verb")) + r"[着道了到称]?\Z|[指称知现悉]\Z")


@cache
def _no_event() -> tuple[re.Pattern, re.Pattern]:
    """What stands behind, and what right before, a verb that is part of a noun or tells of nothing that happened."""
    return re.compile(_words("nominal") + "|、"), re.compile(_words("before") + r"\Z")


def skeleton(text: str) -> list[Part]:
    """The characters, actions, markers and breaks of a text in order, gaps between them and understood subjects included.

    >>> "".join(part.symbol for part in skeleton("志愿者逐户登门，为老人买药。"))
    'N;cgNV.'
    """
    out: list[Part] = []
    subject, age, opened, reached = None, 0, 0, 0
    for last, (length, word) in _machine().iter_long(text):
        start, end = last + 1 - length, last + 1
        symbol = _symbol(word, text, start, end)
        if not symbol:
            continue
        if symbol in ".;":
            over = symbol == "." or age == CARRIED or _reported().search(text, max(opened, start - 4), start)
            subject, age = (None, 0) if over else (subject, age + 1)
            opened = end
        elif start - reached > NEAR and reached > opened:
            out.append(Part("#" if start - reached > FAR else "~", start, start, ()))
        first = not out or out[-1].symbol in ".;"
        if symbol in "Vgbp" and first and subject:
            out.append(subject._replace(carried=True, symbol="c"))
        out.append(Part(symbol, start, end, word.classes))
        if symbol == "N" and first and start - opened <= OPENING:
            subject, age = out[-1], 0
        reached = end
    return out


def _symbol(word: Word, text: str, start: int, end: int) -> str:
    """The symbol of a word where it stands: n before 的, nothing where the word is a place or its verb a noun."""
    if word.symbol == "N":
        house = PERSONS.isdisjoint(word.classes)
        if house and (PLACED.search(text, max(0, start - 1), start) or PLACE.match(text, end)):
            return ""
        return "n" if text[end : end + 1] == "的" else "N"
    if word.symbol == "V":
        behind, before = _no_event()
        return "" if behind.match(text, end) or before.search(text, max(0, start - 3), start) else "V"
    return word.symbol
