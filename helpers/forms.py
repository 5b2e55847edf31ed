"""The forms a name takes in a document, and the full name that each stands for."""

from collections import Counter
from functools import cache

from helpers import lexicon
from helpers.names import letters, titles


def full_names(shown: set[str], text: str) -> dict[str, str]:
    """Every form a name takes in a document and the full name it stands for.

    A longer reading gives way to a shorter one that is commoner; a surname with a title (葛书记) stands for the one
    person of that surname, the last part of a foreign name for the whole.

    >>> full_names({"葛明远", "罗伯特·斯库利"}, "葛明远来了，葛书记说，斯库利也说")
    {'罗伯特·斯库利': '罗伯特·斯库利', '葛明远': '葛明远', '斯库利': '罗伯特·斯库利', '葛书记': '葛明远'}
    """
    longer = {name for name in shown if len(name) == 3 and name[:2] in shown}
    counts = Counter(name for _, name in lexicon.automaton(shown).iter(text)) if longer else {}
    kept = sorted(name for name in shown if name not in longer or counts[name[:2]] <= counts[name])
    full = {name: name for name in kept}
    surnames = Counter(name[0] for name in kept if "·" not in name and "某" not in name)
    wholes = _wholes(kept)
    for name in kept:
        full[name] = wholes.get(name, name)
        if "·" in name:
            full.setdefault(name.rsplit("·", 1)[1], name)
        elif surnames[name[0]] == 1 and "某" not in name:
            full |= dict.fromkeys(_titled(name[0], text), name)
    return {form: name for form, name in full.items() if len(form) > 1}


def _wholes(names: list[str]) -> dict[str, str]:
    """Of the last parts of foreign names and of double surnames: the first name that ends or begins so.

    >>> _wholes(["乔治·约翰·史密斯", "范徐秋月"])
    {'约翰·史密斯': '乔治·约翰·史密斯', '史密斯': '乔治·约翰·史密斯', '范徐': '范徐秋月'}
    """
    out: dict[str, str] = {}
    for name in names:
        parts = [name[i + 1 :] for i, letter in enumerate(name) if letter == "·"]
        if len(name) > 2 and name[:2] in letters()["double"]:
            parts.append(name[:2])
        for part in parts:
            out.setdefault(part, name)
    return out


def _titled(surname: str, text: str) -> set[str]:
    """A surname with the titles that stand behind it; where 陈组长 and 陈副组长 do, these are two people."""
    behind, found, at = titles()["behind"], set(), text.find(surname)
    while at >= 0:
        if title := behind.match(text, at + 1):
            found.add(title.group())
        at = text.find(surname, at + 1)
    return {surname + title for title in found - _kin() if title[0] != "副" or title[1:] not in found}


@cache
def _kin() -> frozenset[str]:
    """Words for relations, which behind a surname tell of somebody else than its bearer in office: 王奶奶."""
    return frozenset(lexicon.words("titles", "title", field="family"))
