"""People and organizations named in a text, with the role each appears in.

Names seen once with good evidence are then recognized wherever they recur in the document, short forms included.
"""

from functools import cache
from typing import NamedTuple

import pandas as pd

from helpers import lexicon, people, phrases
from helpers.phrases import Heads, Words

COLUMNS = ["start", "end", "name", "kind", "role"]


class Actor(NamedTuple):
    """One mention of a person or an organization; `name` is the full name where the document gives it elsewhere."""

    start: int
    end: int
    name: str
    kind: str
    role: str


def actors(text: str) -> pd.DataFrame:
    """Mentions of people and organizations in one text: start, end, name, kind, role.

    >>> found = actors("东湖街道党工委书记陈晓岚说，居民李芳很热心。陈书记随后去了市第二医院。")
    >>> found[["name", "role"]].values.tolist()
    [['东湖街道党工委', ''], ['陈晓岚', '东湖街道党工委书记'], ['李芳', '居民'], ['陈晓岚', ''], ['市第二医院', '']]
    """
    return pd.DataFrame(read([text], [phrases.tag(text)])[0], columns=COLUMNS)


def read(paragraphs: list[str], words: list[Words]) -> list[list[Actor]]:
    """Mentions in each paragraph of one document; names found in one paragraph are known in all."""
    whole = "\n".join(paragraphs)
    first = [people.introduced(text, cut) for text, cut in zip(paragraphs, words, strict=True)]
    found = {person.name for persons in first for person in persons}
    full = people.forms(found | people.recurring(words, whole), whole)
    machine = lexicon.automaton(full)
    return [
        _actors(text, cut, persons, machine, full) for text, cut, persons in zip(paragraphs, words, first, strict=True)
    ]


@cache
def _suffixes() -> Heads:
    return phrases.heads("org_suffixes")


def _actors(text: str, words: Words, introduced: list[people.Person], machine, full: dict[str, str]) -> list[Actor]:
    """All actors of a paragraph in order; a person's name inside an organization's is no person."""
    bodies = [Actor(s, e, text[s:e], "organization", "") for s, e, _ in phrases.find(text, words, _suffixes())]
    roles = {person.start: person.role for person in introduced}
    persons = [
        Actor(s, e, full[word], "person", roles.get(s, ""))
        for s, e, word in lexicon.spans(machine, text)
        if not any(body.start <= s and e <= body.end for body in bodies)
    ]
    return sorted(bodies + persons)
