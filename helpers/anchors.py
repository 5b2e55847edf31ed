"""Where the words of five tables stand in a text, found in one pass: the titles, endings, measures and traps that the
searches for people, bodies, arrangements and quantities begin at.
"""

import re
from collections.abc import Iterable
from functools import cache

import numpy as np

from helpers import lexicon
from helpers.lexicon import Span
from helpers.trie import Trie, code_points, trie

Anchors = dict[str, list[Span]]  # by table: start, end, word

TABLES = {  # column of the words; another column and its values in rows left out
    "titles": ("title", "place", {"after", "byline"}),
    "org_suffixes": ("suffix", "kind", {"inner", "stop", "generic"}),
    "mechanism_heads": ("suffix", "kind", {"inner", "stop", "generic"}),
    "mechanism_openings": ("opening", "kind", set()),
    "mechanisms": ("name", "kind", set()),
    "numeral_traps": ("pattern", "where", {"before", "from"}),
}


def scan(text: str) -> Anchors:
    """The words of every table in a text: longest matches from the left, as `lexicon.spans` gives them.

    >>> scan("社区书记开展核酸检测")["titles"]
    [(2, 4, '书记')]
    """
    words, lengths, tables, machine = _machine()
    start, number = machine.find(code_points(text))
    end = start + lengths[number]
    order = np.lexsort((-end, start))
    out: Anchors = {table: [] for table in TABLES}
    for s, e, n in zip(start[order].tolist(), end[order].tolist(), number[order].tolist(), strict=True):
        for table in tables[n]:
            found = out[table]
            if not found or found[-1][1] <= s:
                found.append((s, e, words[n]))
    return out


@cache
def _machine() -> tuple[list[str], np.ndarray, list[list[str]], Trie]:
    """The words of all tables, their lengths, the tables each stands in, and the tree of the words."""
    holders: dict[str, list[str]] = {}
    for table, (column, other, left_out) in TABLES.items():
        for word in {row[column] for row in lexicon.rows(table, column, other) if row[other] not in left_out}:
            holders.setdefault(word, []).append(table)
    return [*holders], np.array([*map(len, holders)]), [*holders.values()], trie([*holders])


def either(entries: Iterable[str]) -> str:
    """`lexicon.either` for a pattern tried at many places where no entry begins: a look at the character comes first.

    >>> either(["近", "将近"])
    '(?=[将近])(?:将近|近)'
    """
    entries = list(entries)
    first = "".join(sorted({re.escape(entry[0]) for entry in entries}))
    return f"(?=[{first}]){lexicon.either(entries)}"
