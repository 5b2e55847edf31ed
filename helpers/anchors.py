"""Where the words of five tables stand in a text, found in one pass: the titles, endings, measures and traps that the
searches for people, bodies, arrangements and quantities begin at.

The machine reads UTF-16 byte by byte. Thousands of words begin with hundreds of characters, and a machine that reads
characters compares each character of the text with all of them; a byte is compared with a few dozen.
"""

import re
from functools import cache

import ahocorasick

from helpers import lexicon
from helpers.lexicon import Span

Anchors = dict[str, list[Span]]  # by table: start, end, word

TABLES = {  # column of the words; another column and its values in rows left out
    "titles": ("title", "place", {"after", "byline"}),
    "org_suffixes": ("suffix", "kind", {"inner", "stop", "generic"}),
    "mechanism_heads": ("suffix", "kind", {"inner", "stop", "generic"}),
    "mechanism_openings": ("opening", "kind", set()),
    "mechanisms": ("name", "kind", set()),
    "numeral_traps": ("pattern", "where", {"before", "from"}),
}
WIDE = re.compile("[\U00010000-\U0010ffff\ud800-\udfff]")  # what is not two bytes, and in no table


def scan(text: str) -> Anchors:
    """The words of every table in a text: longest matches from the left, as `lexicon.spans` gives them.

    >>> scan("社区书记开展核酸检测")["titles"]
    [(2, 4, '书记')]
    """
    seen: dict[str, list[tuple[int, int, str]]] = {table: [] for table in TABLES}
    for last, (word, tables) in _machine().iter(_bytes(WIDE.sub("\0", text))):
        if last % 2:  # else the last half of a character and the first of the next
            for table in tables:
                seen[table].append((last // 2 + 1 - len(word), -last, word))
    return {table: _longest(found) for table, found in seen.items()}


def _bytes(text: str) -> str:
    return text.encode("utf-16-be").decode("latin-1")


@cache
def _machine() -> ahocorasick.Automaton:
    """A machine for the words of all tables, which gives each word and the tables it stands in."""
    holders: dict[str, list[str]] = {}
    for table, (column, other, left_out) in TABLES.items():
        for word in {row[column] for row in lexicon.rows(table, column, other) if row[other] not in left_out}:
            holders.setdefault(word, []).append(table)
    machine = ahocorasick.Automaton()
    for word, tables in holders.items():
        machine.add_word(_bytes(word), (word, tables))
    machine.make_automaton()
    return machine


def _longest(found: list[tuple[int, int, str]]) -> list[Span]:
    out, reached = [], 0
    for start, _, word in sorted(found) if len(found) > 1 else found:
        if start >= reached:
            reached = start + len(word)
            out.append((start, reached, word))
    return out
