"""The word tables under data/lexicon/, read once and handed out as rows.

Knowledge (units, festivals, titles, surnames …) stands in CSV tables a scholar can dispute; the modules hold mechanics.
"""

import csv
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import ahocorasick

from helpers.study import LEXICON, CorpusError

Span = tuple[int, int, str]


def rows(name: str, *columns: str) -> tuple[dict[str, str], ...]:
    """The rows of `data/lexicon/<name>.csv`, each a dict of stripped strings.

    Raises CorpusError where the table is missing, not UTF-8, or lacks one of `columns`.

    >>> rows("festivals", "name")[0]["name"]
    '春节'
    """
    table = _table(LEXICON / f"{name}.csv")
    missing = set(columns) - set(table[0] if table else ())
    if missing:
        raise CorpusError(f"{name}.csv lacks the column {', '.join(sorted(missing))}: add it to the header row.")
    return table


@cache
def _table(path: Path) -> tuple[dict[str, str], ...]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = list(csv.DictReader(file, restkey="surplus", restval=""))
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path.name} cannot be read ({error}): restore it from the repository.") from None
    for number, row in enumerate(table, 2):
        if "surplus" in row:
            raise CorpusError(f"{path.name} line {number} has too many columns: put entries with a comma in quotes.")
    return tuple({key: value.strip() for key, value in row.items()} for row in table)


def words(name: str, column: str, **where: str) -> list[str]:
    """The entries of one column, longest first, where the other columns have the values given.

    >>> "岁" in words("units", "unit", kind="age")
    True
    """
    table = rows(name, column, *where)
    chosen = {row[column] for row in table if all(row[k] == v for k, v in where.items())}
    return _longest_first(chosen - {""})


def _longest_first(entries: Iterable[str]) -> list[str]:
    return sorted(entries, key=lambda entry: (-len(entry), entry))


def either(entries: Iterable[str]) -> str:
    """A regular expression for any of the entries, the longest tried first.

    >>> either(["近", "将近"])
    '(?:将近|近)'
    """
    return "(?:" + "|".join(map(re.escape, _longest_first(entries))) + ")"


def dictionary():
    """A `Jieba` of rjieba that holds jieba's dictionary (Sun 2012) and is the caller's own: words may be added.

    rjieba loads one for itself when it is imported, in a tenth of a second; the first caller gets that one.
    """
    import rjieba

    return vars(rjieba).pop("_DEFAULT_JIEBA", None) or rjieba.Jieba()


def automaton(entries: Iterable[str]) -> ahocorasick.Automaton:
    """An Aho-Corasick machine that finds every entry in one pass over the text (Aho & Corasick 1975)."""
    machine = ahocorasick.Automaton()
    for entry in entries:
        machine.add_word(entry, entry)
    machine.make_automaton()
    return machine


def spans(machine: ahocorasick.Automaton, text: str) -> list[Span]:
    """Longest matches from the left, without overlaps: (start, end, entry).

    >>> spans(automaton(["清零", "动态清零"]), "坚持动态清零")
    [(2, 6, '动态清零')]
    """
    return [(end + 1 - len(word), end + 1, word) for end, word in machine.iter_long(text)] if len(machine) else []


def cues(use: str) -> str:
    """One group of a regular expression: the cues in cues.csv for one use (`length before`, `relation` …).

    >>> bool(re.search(cues("every day") + "$", "居民每天"))
    True
    """
    if not (found := words("cues", "cue", use=use)):
        raise CorpusError(f"cues.csv has no row for the use “{use}”: restore it from the repository.")
    return "(?:" + "|".join(found) + ")"
