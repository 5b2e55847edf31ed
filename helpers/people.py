"""People named in a text, shown by what stands around a name. One person's several mentions are joined."""

import re
from collections import defaultdict
from functools import cache
from typing import NamedTuple

import numpy as np

from helpers import lexicon, names
from helpers.anchors import Anchors, Found
from helpers.dictionary import MARKS, Learned, Words, cutter, tag
from helpers.names import characters, is_han, letters, name_at, titles
from helpers.numerals import among
from helpers.signs import (
    aliases,
    cues,
    ends_of_names,
    fits,
    is_rest,
    listed,
    may_promise,
    meant,
    name_before,
    ordinary,
    promising,
    role_before,
    romanized,
    signers,
    sure,
    unknown,
)
from helpers.trie import padded

NAMEISH = {"nr", "nrt", "nrfg", "x", "n", "zg", "ng", "ns", "nz", "nt"}  # tags the cut gives to names
LONGEST = 24  # characters of a foreign name
FIRM = re.compile(r"[^，。\n]{0,6}(?:公司|集团|医药|科技)")
MASKED = re.compile(
    r"某(?:某{1,2}|(?=[，。、；：）\s和与及等因为在从被已的称说夫妻两二三原先后前将向对把由曾经未没不就也均则又再隐拒确])|(?P<open>))"
)
LISTING = frozenset("、和及与")
REPORTERS = ("记者", "通讯员")  # their names stand with spaces between them, and they sign what they have not said
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
def _on_either_side() -> frozenset[str]:
    return frozenset(lexicon.words("titles", "title", place="both"))


@cache
def _groups() -> frozenset[str]:
    """Titles that as often mean a group (居民, 患者): a name behind them needs more evidence."""
    return frozenset(lexicon.words("titles", "title", strength="group"))


def places(text: str, offices: Found) -> np.ndarray:
    """Where a name can show itself: at a surname with something telling around it, unless it begins an ordinary word, or
    behind one of the titles `offices`. A foreign name elsewhere shows itself by its dot, so that no other word says of
    anybody that he is named.

    >>> from helpers.anchors import scan
    >>> text = "书记陈晓岚，居住于此，医生说，李芳"
    >>> places(text, scan(text)["titles"]).tolist()
    [15, 2]
    """
    surnames = among(characters("chinese")).take(padded(text)[:-2])
    shown = np.flatnonzero(surnames & may_promise(text)).tolist()
    named = [at for at in shown if _may_be_named[text[at : at + 2]]]
    return np.append(np.array(named, np.int64), _behind(text, offices)[1])


def _may_head_a_name(pair: str) -> bool:
    """Whether a name can begin with two characters: with 王志 and 高峰, not with 居住 and 高度."""
    return is_han(pair[1:]) and (unknown(pair) or tag[pair][:2] == "nr")


_may_be_named = Learned(_may_head_a_name)


def _behind(text: str, offices: Found) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the titles that a name can follow, be it after a colon or a space, and where it begins."""
    points = padded(text)
    at = offices.ends + among("：: ")[points[offices.ends]]
    numbers = np.flatnonzero(among(characters("begins"))[points[at]])
    return numbers, at[numbers]


def likely(words: Words) -> list[tuple[str, int]]:
    """Words that may be names, and where they begin: those the dictionary calls so, and unknown ones with a surname.

    >>> from helpers.dictionary import cut
    >>> likely(cut("居民李芳说，石威已出院"))
    [('李芳', 2), ('石威', 6)]
    """
    places = np.flatnonzero(among(characters("begins"))[words.firsts]).tolist()
    some, starts = words.words, words.starts
    return [
        (word if kind == "name" else word + some[i + 1], starts[i])
        for i in places
        if (kind := _kinds[word := some[i]]) and (kind == "name" or is_rest(some[i + 1 : i + 2]))
    ]


def introduced(text: str, likely: list[tuple[str, int]], marks: Anchors) -> list[Person]:
    """People shown by a text and the role of each there; `marks` hold its titles and the last words of its bodies.

    >>> from helpers.anchors import scan
    >>> text = "网格员孙晓、赵立民说，79岁的周淑英已出院。"
    >>> introduced(text, [("孙晓", 3), ("赵立民", 6), ("周淑英", 15)], scan(text))
    [Person(start=3, end=5, name='孙晓', role='网格员'), Person(start=6, end=9, name='赵立民', role='网格员'), \
Person(start=15, end=18, name='周淑英', role='')]
    """
    nr = {at: word for word, at in likely if tag[word][:2] == "nr"}
    out = People()
    _add_dotted(out, text)
    offices = marks["titles"]
    numbers, places = _behind(text, offices)
    _add_masked(out, text, places)
    for at, end, title in Found(places, offices.ends[numbers], offices.words[numbers]).spans():
        _add(out, text, at, role_before(text, end), nr, title in _groups())
    for _, at in likely:
        if promising(text, at):
            _add_by_context(out, text, at, nr)
    _add_behind_bodies(out, text, marks["org_suffixes"], {at for _, at in likely}, nr)
    _add_before_titles(out, text, offices)
    _add_listed(out, text, nr)
    for at, name in (*signers(text), *aliases(text, nr)):
        if at not in out.inside:
            out[at] = Person(at, at + len(name), name, "")
    _add_romanized(out, text)
    return [out[at] for at in sorted(out)]


def _kind(word: str) -> str:
    """“name” where the dictionary calls a word one, or it begins like one and the cut made it up; “surname” for those that
    are to the dictionary first of all a measure, a verb or the like (张, 戴, 白); "" for other words."""
    if tag[word][:2] == "nr" or tag[word] in NAMEISH and word[0] in letters()["surname"] and unknown(word):
        return "name"
    return "surname" if word in letters()["surname"] and word not in letters()["ambiguous"] else ""


_kinds = Learned(_kind)


def _add_dotted(out: People, text: str) -> None:
    """Foreign names with ·, but not universities and ships called after people."""
    for m in names.dotted(text):
        if not cues()["named after"].match(text, m.end() - (m.group()[-1] == "大")):
            out[m.start()] = Person(m.start(), m.end(), m.group(), role_before(text, m.start()))


def _add_masked(out: People, text: str, places: np.ndarray) -> None:
    """People whose given name is withheld: 李某某, 王某; `places` stand behind titles."""
    titled = set(places.tolist())
    for m in MASKED.finditer(text):
        at = m.start() - 1
        if letters()["surname"].isdisjoint(text[at : at + 1]) or m["open"] == "" and not names.ends(text, m.end()):
            continue
        if at in titled or text[at] not in letters()["ambiguous"] or text[at - 1 : at] in MARKS:
            out[at] = Person(at, m.end(), text[at : m.end()], role_before(text, at) if at in titled else "")


def _add(out: People, text: str, at: int, role: str, nr: dict[int, str], group: bool) -> None:
    """Put the name that begins at `at`, if any, and those listed behind it with 、."""
    while at < len(text) and at not in out:
        tagged = nr.get(at, "")
        name = names.foreign_at(text, at) or name_at(
            text, at, "" if group and not unknown(tagged) else tagged, office=True
        )
        end = at + len(name)
        if not name or not fits(name, text, at, nr, not group) or group and at not in nr and not sure(name, text, end):
            return
        out[at] = Person(at, end, name, role)
        at = end + 1
        known = role and at in nr and unknown(nr[at])
        apart = text[end:at] in LISTING or text[end:at] == " " and role.endswith(REPORTERS)
        if not apart or not (known or listed(text, at, nr)):
            return


def _add_by_context(out: People, text: str, at: int, nr: dict[int, str]) -> None:
    """A likely name without an office before it: its surroundings decide."""
    if at in out.inside:
        return
    name = name_at(text, at, nr.get(at, ""))
    end = at + len(name)
    if not name or not fits(name, text, at, nr):
        return
    title = titles()["behind"].match(text, end)
    opened = not at or text[at - 1] in MARKS
    if title or meant(text, at, end, nr, opened):
        role = title.group() if title else "" if opened else role_before(text, at)
        out[at] = Person(at, end, name, "" if tag[role][:2] == "ns" else role)  # 北京|曹杰家庭
    elif opened and at in nr and text[end : end + 1] == "、" and listed(text, end + 1, nr):
        if end + 1 in nr or len(name) == 3 and not ordinary(name):
            _add(out, text, at, "", nr, group=False)


def _add_behind_bodies(out: People, text: str, bodies: Found, likely: set[int], nr: dict[int, str]) -> None:
    """People named right behind the body they belong to, with a predicate behind: 柳河村方大忠捐赠口罩."""
    for at in sorted(likely.intersection(bodies.ends.tolist())):
        name = name_at(text, at, nr.get(at, "")) if at not in out.inside else ""
        end = at + len(name)
        if len(name) == 3 and not ordinary(name) and fits(name, text, at, nr):
            title = titles()["behind"].match(text, end)  # 县政府周敏仪县长
            if title or sure(name, text, end):
                out[at] = Person(at, end, name, title.group() if title else "")


def _add_before_titles(out: People, text: str, offices: Found) -> None:
    """People named before their title at the head of a clause: 张树明校长."""
    titles = dict(zip(offices.starts.tolist(), offices.words.tolist(), strict=True))
    for end in ends_of_names(text, offices.starts):
        at = end - len(name := name_before(text, end) if titles[end] in _on_either_side() else "")
        if name and at not in out.inside:
            out[at] = Person(at, end, name, titles[end])


def _add_listed(out: People, text: str, nr: dict[int, str]) -> None:
    """People listed before and behind one that is known: 毕文燕、宫淑芬, 彭思泉和彭小琳, 县长赵宏韬，邵文杰，."""
    for at in sorted(out):
        while text[at - 1 : at] in LISTING and (name := name_before(text, at - 1, nr)):
            at -= len(name) + 1
            if at in out.inside:
                break
            out[at] = Person(at, at + len(name), name, "")
    for at in sorted(out):
        one, start = out[at], out[at].end + 1
        before = text[start - 1 : start]
        if not (before in LISTING or before == "，") or start not in nr or start in out.inside:
            continue
        name = name_at(text, start, nr[start])
        end = start + len(name)
        known = before in LISTING and name == nr[start] and unknown(name) and names.ends(text, end)
        alone = before == "，" and one.role and len(name) == 3 and text[end : end + 1] in ("，", "、")
        if (known or alone) and fits(name, text, start, nr):
            out[start] = Person(start, end, name, one.role)


def _add_romanized(out: People, text: str) -> None:
    """Let names reach to the bracket that gives them in Latin letters: 赫伯史揣特（Steffen Hebestreit）; 威尔（Will Liu）."""
    for end in romanized(text):
        at = next((at for at in range(end - 2, end - 9, -1) if at in out), end)
        if at == end and (m := names.foreign()[2].search(text, max(0, end - 8), end)):
            out[m.start(1)] = Person(m.start(1), end, m[1], "")
        rest = text[out[at].end : end] if at < end else ""
        if rest and all(map(is_han, rest)) and not titles()["behind"].fullmatch(rest):
            out[at] = out[at]._replace(end=end, name=text[at:end])


def recurring(text: str, likely: list[tuple[str, int]]) -> set[str]:
    """Words unknown to the dictionary, tagged as names, that open several clauses and are followed differently."""
    candidates = {word for word, _ in likely if _may_recur[word]}
    followers: dict[str, set[str]] = defaultdict(set)
    firms = set()
    for last, word in lexicon.automaton(candidates).iter(text) if candidates else ():
        before = last - len(word)
        if before < 0 or text[before] in MARKS:
            followers[word].add(text[last + 1 : last + 2])
        if FIRM.match(text, last + 1) or cues()["not a person"].match(text, last + 1):
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
        and tag[word] in ("nr", "x")
        and bool(names.surname(word, 0))
        and word[0] not in letters()["ambiguous"]
        and word not in letters()["no name"]
        and not cutter().has_word(word)
        and not cues()["not a person"].fullmatch(word[-1])
    )


_may_recur = Learned(_like_a_name)
