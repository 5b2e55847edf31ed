"""People and organizations named in a text, with the role each appears in.

Names seen once with good evidence are then recognized wherever they recur in the document, short forms included.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers import anchors, dictionary, forms, lexicon, people, phrases, reach
from helpers.anchors import Anchors
from helpers.dictionary import Words
from helpers.numerals import among
from helpers.reach import Heads
from helpers.trie import padded

ZONES = tuple(f"{zone}区" for zone in reach.ZONES)
ZONE, INITIALS = re.compile("|".join(ZONES)), "".join(sorted({zone[0] for zone in ZONES}))
BARE_ZONE = re.compile(rf"(?:(?<![一-龥])|(?<=[在对为是从到向于以和与]))(?:{ZONE.pattern})(?![内外里建一])")
OFTEN = 3  # times a document names such a zone
Bodies = list[tuple[int, int, str]]  # start, end, last word
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
    return pd.DataFrame(find(text, dictionary.cut(text), anchors.scan(text)), columns=COLUMNS)


def places(text: str, marks: Anchors) -> np.ndarray:
    """Where somebody or a body may be named: `find` needs the words around these places alone."""
    return np.append(people.places(text, marks["titles"]), marks["org_suffixes"].starts)


def find(text: str, words: Words, marks: Anchors, starts: Sequence[int] = (0,)) -> list[Actor]:
    """Mentions in documents, which begin at `starts` and have their paragraphs between line breaks; a name shown in one
    place of a document is known in all."""
    likely = people.likely(words)
    introduced = people.introduced(text, likely, marks)
    roles = {person.start: person.role for person in introduced}
    # 书记陈晓岚到|柳林镇, 主任魏志凌及|县委办
    borders = [one.end + text.startswith(("到", "赴", "及", "与", "和"), one.end) for one in introduced if one.role]
    bodies = phrases.find(text, words, marks["org_suffixes"], _suffixes(), borders=borders)
    begins, zones = [start for start, *_ in bodies], _zones(text)
    out = [Actor(s, e, text[s:e], "organization", "") for s, e, _ in bodies]
    places, told = [at for _, at in likely], [person.start for person in introduced]
    for start, stop in pairwise([*starts, len(text) + 1]):
        own, shown, held = (_between(some, start, stop) for some in (places, told, begins))
        here = bodies[held]
        document = text[start : stop - 1]
        known = {person.name for person in introduced[shown]} | people.recurring(document, likely[own])
        known -= _brands(known, introduced[shown], text, here)
        bare = _bare_zones(text, zones[_between(zones, start, stop)], here)
        out += [Actor(s, s + 3, text[s : s + 3], "organization", "") for s in bare]
        full = forms.full_names(known, document) if known else {}
        for s, e, name in lexicon.spans(lexicon.automaton(full), document) if full else ():
            s, e = s + start, e + start
            if not (i := bisect_right(begins, s)) or bodies[i - 1][1] < e:  # a name inside a body's is no person
                out.append(Actor(s, e, full[name], "person", roles.get(s, "")))
    return sorted(out)


def _between(places: list[int], start: int, stop: int) -> slice:
    return slice(bisect_left(places, start), bisect_left(places, stop))


def _brands(known: set[str], introduced: Sequence[people.Person], text: str, bodies: Bodies) -> set[str]:
    """Names that are part of a firm's in the same document, and nobody's who has a role: 沙美普 of 沙美普生物科技有限公司."""
    doubtful = known - {person.name for person in introduced if person.role}
    if not doubtful:
        return doubtful
    firms = "\n".join(text[s:e] for s, e, word in bodies if _suffixes().ends[word].kind == "firm")
    return {name for _, name in lexicon.automaton(doubtful).iter(firms)}


def _zones(text: str) -> list[int]:
    """Where 高新区 and the like begin."""
    points = padded(text)
    at = np.flatnonzero(points[:-2] == ord("区")) - 2
    return [place for place in at[among(INITIALS)[points[at]]].tolist() if text.startswith(ZONES, place)]


def _bare_zones(text: str, zones: list[int], bodies: Bodies) -> list[int]:
    """Those of the `zones` of a document that are named by their kind alone, where it does so time and again: 高新区 is the
    name there."""
    found = [at for at in zones if BARE_ZONE.match(text, at)] if len(zones) >= OFTEN else []
    if len(found) < OFTEN or any(ZONE.search(text, s + 1, e) for s, e, _ in bodies):
        return []
    inside = {at for s, e, _ in bodies for at in range(s, e)}
    return [at for at in found if at not in inside]


@cache
def _suffixes() -> Heads:
    return reach.heads("org_suffixes")
