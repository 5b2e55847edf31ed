"""People named in a text, shown by what stands around a name: an office before it, an age, a form of address or a verb
of speaking behind it. One person's several mentions are joined.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from helpers import lexicon, names
from helpers.lexicon import Span
from helpers.names import MARKS, is_han, letters, name_at, titles
from helpers.numerals import among
from helpers.phrases import Learned, Words, cutter, tag

MARK = r"[，。；：！？、“”‘’（）《》—…\s]"
AGE = re.compile(r"(?:\d{1,3}|[二三四五六七八九]?十[一二三四五六七八九]?)[多余]?岁的?\Z|[5-9]0后的?\Z")
BEFORE_ROLE = re.compile(r".*[，。；：！？、“”‘’（）\s]", re.DOTALL)
ROLE = 18  # characters of a role
LIST_END = re.compile(rf"[等和与及]?(?:[一二两三四五六七八九十\d]+[名位人]|[等和与及]|{MARK}|分别|一起|参加|出席|\Z)")
NAMEISH = {"nr", "nrt", "nrfg", "x", "n", "zg", "ng", "ns", "nz", "nt"}  # tags the cut gives to names
ALIAS = ("（化名）", "，男，", "，女，")
LEAD_UP = frozenset("的岁后叫做作名为")  # last characters of what leads up to a name: 79岁的, 名叫
LONGEST = 24  # characters of a foreign name
DEPARTMENTS = "科组队部室班"
FIRM = re.compile(r"[^，。\n]{0,6}(?:公司|集团|医药|科技)")
FOLLOWERS_OF_NO_NAME = "区市县镇街路社山湖省"


class People(dict):
    """People by where their names begin; `inside` are all places within a name."""

    def __init__(self) -> None:
        self.inside: set[int] = set()

    def __setitem__(self, at: int, one: "Person") -> None:
        self.inside.update(range(at, min(one.end, at + LONGEST)))
        super().__setitem__(at, one)


class Person(NamedTuple):
    """One mention where the text shows that a person is meant."""

    start: int
    end: int
    name: str
    role: str


@cache
def _groups() -> frozenset[str]:
    """Titles that as often mean a group (居民, 患者): a name behind them needs more evidence."""
    return frozenset(lexicon.words("titles", "title", strength="group"))


@cache
def _cues() -> dict[str, re.Pattern]:
    return {
        "relation": re.compile("[的和与]?" + lexicon.cues("relation")),
        "not a person": re.compile(lexicon.cues("not a person")),
        "near": re.compile(rf".{{0,2}}(?:{titles()['behind'].pattern}|{lexicon.cues('told')}|（化名|，[男女]，)"),
        "named after": re.compile("”?" + lexicon.cues("named after")),
        "told": re.compile(lexicon.cues("told")),
        "called": re.compile(lexicon.cues("called") + r"\Z"),
        "role start": re.compile("^.*" + lexicon.cues("role start")),
    }


def likely(words: Words) -> list[tuple[str, int]]:
    """Words that may be names, and where they begin: those the dictionary calls so, and unknown ones with a surname.

    >>> from helpers.phrases import cut
    >>> likely(cut("居民李芳说，石威已出院"))
    [('李芳', 2), ('石威', 6)]
    """
    places = np.flatnonzero(among(_first_letters())[words.firsts]).tolist()
    return [(words.words[i], words.starts[i]) for i in places if _likely[words.words[i]]]


@cache
def _first_letters() -> str:
    return "".join(sorted(letters()["begins"]))


def introduced(text: str, likely: list[tuple[str, int]], offices: list[Span]) -> list[Person]:
    """People a text gives good evidence for, with the role each has there; `offices` are the titles in it.

    >>> text = "网格员孙晓、赵立民说，79岁的周淑英已出院。"
    >>> introduced(text, [("孙晓", 3), ("赵立民", 6), ("周淑英", 15)], [(0, 3, "网格员")])
    [Person(start=3, end=5, name='孙晓', role='网格员'), Person(start=6, end=9, name='赵立民', role='网格员'), \
Person(start=15, end=18, name='周淑英', role='')]
    """
    nr = {at: word for word, at in likely if tag[word][:2] == "nr"}
    out = People()
    _add_dotted(out, text)
    groups, begins = _groups(), letters()["begins"]
    for _, e, title in offices:
        at = e + (text[e : e + 1] in ("：", ":", " "))
        if text[at : at + 1] in begins:
            _add(out, text, at, _role(text, e), nr, title in groups)
    for _, at in likely:
        if _promising(text, at):
            _add_by_context(out, text, at, nr)
    return [out[at] for at in sorted(out)]


def _may_be_name(word: str) -> bool:
    """Whether the dictionary calls a word a name, or it begins like one and the cut made it up."""
    return tag[word][:2] == "nr" or tag[word] in NAMEISH and word[0] in letters()["surname"] and _unknown(word)


_likely = Learned(_may_be_name)


def _promising(text: str, at: int) -> bool:
    """Whether the neighbourhood may show a name here: a clause begins, a telling character stands before, or a title
    or a verb of saying behind."""
    before = text[at - 1 : at]
    return not before or before in MARKS or before in LEAD_UP or bool(_cues()["near"].match(text, at + 2))


@lru_cache(8192)
def _unknown(word: str) -> bool:
    """Whether a word is a lone character or none of the dictionary's: a name the cut took for a noun."""
    return len(word) == 1 or not cutter().has_word(word)


def _role(text: str, at: int) -> str:
    """The office or standing written right before a name."""
    words = text[max(0, at - ROLE) : at]
    before = BEFORE_ROLE.match(words)
    return _office(words[before.end() :] if before else words)


@lru_cache(4096)
def _office(words: str) -> str:
    """An office or a standing without the words that lead up to it."""
    return _cues()["role start"].sub("", words).lstrip("等")


def _add_dotted(out: People, text: str) -> None:
    """Foreign names with ·, but not universities and ships called after people."""
    for m in _dotted(text):
        if not _cues()["named after"].match(text, m.end() - (m.group()[-1] == "大")):
            out[m.start()] = Person(m.start(), m.end(), m.group(), _role(text, m.start()))


def _dotted(text: str) -> Iterator[re.Match]:
    """Foreign names with ·, looked for in the lines that hold one."""
    at = text.find("·")
    while at >= 0:
        end = text.find("\n", at)
        end = end if end >= 0 else len(text)
        yield from names.foreign()[0].finditer(text, text.rfind("\n", 0, at) + 1, end)
        at = text.find("·", end)


def _add(out: People, text: str, at: int, role: str, nr: dict[int, str], group: bool) -> None:
    """Put the name that begins at `at`, if any, and those listed behind it with 、."""
    while at < len(text) and at not in out:
        tagged = nr.get(at, "")
        name = names.foreign_at(text, at) or name_at(
            text, at, "" if group and not _unknown(tagged) else tagged, office=True
        )
        end = at + len(name)
        if not name or not _fits(name, text, at, nr) or group and at not in nr and not _sure(name, text, end):
            return
        out[at] = Person(at, end, name, role)
        if text[end : end + 1] not in ("、", "和") or not _listed(text, end + 1, nr):
            return
        at = end + 1


def _sure(name: str, text: str, end: int) -> bool:
    """Whether a name behind a word for a group is one: a predicate follows and the given name is no word."""
    word = len(name) == 3 and cutter().has_word(name[1:]) and tag[name[1:]][:2] not in ("nr", "ns", "nz")
    return names.ends(text, end) and not word


def _listed(text: str, at: int, nr: dict[int, str]) -> bool:
    """Whether another name stands in a list: a name, then 、 or the end of the list."""
    name = name_at(text, at, nr.get(at, ""))
    end = at + len(name)
    return bool(name) and bool(LIST_END.match(text, end) or titles()["said"].match(text, end))


def _fits(name: str, text: str, at: int, nr: dict[int, str]) -> bool:
    """Whether what follows can follow a name, not go on with the name of a place, and the name is no ordinary word."""
    if (
        _cues()["not a person"].match(text, at + len(name))
        or _cues()["not a person"].fullmatch(name[-1])
        or name[-1] in DEPARTMENTS
        and cutter().has_word(name[:-1])  # 麻醉科, 保安队
        or name in _no_names()
        or name[1:] in _no_names()
    ):
        return False
    if not cutter().has_word(name) or at in nr and tag[name][:2] == "nr":
        return True
    return len(name) == 3 and tag[name] in ("ns", "nz") and bool(titles()["behind"].match(text, at + len(name)))


@cache
def _no_names() -> frozenset[str]:
    """Titles and words for bodies: neither names nor given names."""
    listed = letters()["no name"] | {row["name"] for row in lexicon.rows("festivals", "name")}
    return listed.union(lexicon.words("org_suffixes", "suffix"), lexicon.words("titles", "title"))


def _add_by_context(out: People, text: str, at: int, nr: dict[int, str]) -> None:
    """A likely name without an office before it: its surroundings decide."""
    if at in out.inside:
        return
    name = name_at(text, at, nr.get(at, ""))
    end = at + len(name)
    if not name or not _fits(name, text, at, nr):
        return
    title = titles()["behind"].match(text, end)
    opened = not at or text[at - 1] in MARKS
    if title or _shown(text, at, end, nr, opened):
        out[at] = Person(at, end, name, title.group() if title else "" if opened else _role(text, at))
    elif opened and at in nr and text[end : end + 1] == "、" and end + 1 in nr and _listed(text, end + 1, nr):
        _add(out, text, at, "", nr, group=False)


def _shown(text: str, at: int, end: int, nr: dict[int, str], opened: bool) -> bool:
    """An age before the name, or a person's deeds and relations behind it."""
    said = titles()["said"].match(text, end)
    led_up = text[at - 1 : at] in LEAD_UP
    if (
        led_up
        and (AGE.search(text, max(0, at - 8), at) or _cues()["called"].search(text, max(0, at - 16), at))
        or text.startswith(ALIAS, end)
        or text[at - 1 : at] == "的"
        and said
        or at in nr
        and _cues()["told"].match(text, end)
    ):
        return True
    return opened and bool(said or _cues()["relation"].match(text, end) or _predicated(text, at, end, nr))


def _predicated(text: str, at: int, end: int, nr: dict[int, str]) -> bool:
    """A word unknown to the dictionary, tagged as a name, at the head of a clause and with a predicate behind it."""
    if (
        not nr.get(at, "").startswith(text[at:end])
        or text[at] in letters()["ambiguous"]
        or cutter().has_word(text[at:end])
    ):
        return False
    return is_han(text[end : end + 1]) and _first_tag(text[end : end + 6])[:1] in "vdpu"


@lru_cache(8192)
def _first_tag(text: str) -> str:
    return cutter().tag(text)[0][1]


def recurring(text: str, likely: list[tuple[str, int]]) -> set[str]:
    """Words unknown to the dictionary, tagged as names, that open several clauses and are followed differently."""
    candidates = {word for word, _ in likely if _may_recur[word]}
    followers: dict[str, set[str]] = defaultdict(set)
    firms = set()
    for last, word in lexicon.automaton(candidates).iter(text) if candidates else ():
        before = last - len(word)
        if before < 0 or text[before] in MARKS:
            followers[word].add(text[last + 1 : last + 2])
        if FIRM.match(text, last + 1):
            firms.add(word)
    return {
        word
        for word, behind in followers.items()
        if word not in firms and len(behind - {"", "\n"}) >= 2 and behind.isdisjoint(FOLLOWERS_OF_NO_NAME)
    }


def _like_a_name(word: str) -> bool:
    """Whether the dictionary tags a word as a name without holding it."""
    return (
        2 <= len(word) <= 3
        and tag[word] == "nr"
        and bool(names.surname(word, 0))
        and word[0] not in letters()["ambiguous"]
        and not cutter().has_word(word)
        and not _cues()["not a person"].fullmatch(word[-1])
    )


_may_recur = Learned(_like_a_name)


def forms(shown: set[str], text: str) -> dict[str, str]:
    """Every form a name takes in a document and the full name it stands for.

    A longer reading gives way to a shorter one that is commoner; a surname with a title (葛书记) stands for the one
    person of that surname, the last part of a foreign name for the whole.

    >>> forms({"葛明远", "罗伯特·斯库利"}, "葛明远来了，葛书记说，斯库利也说")
    {'罗伯特·斯库利': '罗伯特·斯库利', '葛明远': '葛明远', '斯库利': '罗伯特·斯库利', '葛书记': '葛明远'}
    """
    counts = Counter(name for _, name in lexicon.automaton(shown).iter(text)) if shown else {}
    kept = sorted(name for name in shown if len(name) != 3 or counts.get(name[:2], 0) <= counts[name])
    full = {name: name for name in kept}
    surnames = Counter(name[0] for name in kept if "·" not in name)
    for name in kept:
        longer = [n for n in kept if n != name and (n.endswith("·" + name) or n[:2] == name in letters()["double"])]
        full[name] = min(longer, default=name)
        if "·" in name:
            full.setdefault(name.rsplit("·", 1)[1], name)
        elif surnames[name[0]] == 1:
            full |= dict.fromkeys(_titled(name[0], text), name)
    return {form: name for form, name in full.items() if len(form) > 1}


def _titled(surname: str, text: str) -> list[str]:
    """A surname with a title behind it, as often as it occurs."""
    behind, found, at = titles()["behind"], [], text.find(surname)
    while at >= 0:
        if title := behind.match(text, at + 1):
            found.append(surname + title.group())
        at = text.find(surname, at + 1)
    return found
