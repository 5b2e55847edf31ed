"""What stands around a name and shows that a person is meant: an office before it, an age, a form of address or a verb of
speaking behind it; and what shows that no person is.
"""

import re
from functools import cache, lru_cache

import numpy as np

from helpers import lexicon, names
from helpers.names import MARKS, is_han, letters, name_at, titles
from helpers.numerals import among
from helpers.phrases import cutter, tag
from helpers.trie import Trie, padded, trie

MARK = r"[，。；：！？、“”‘’（）《》—…\s]"
AGE = re.compile(r"(?:\d{1,3}|[二三四五六七八九]?十[一二三四五六七八九]?)[多余]?岁的?\Z|[5-9]0后的?\Z")
BEFORE_ROLE = re.compile(r".*[，。；：！？、“”‘’（）—\s]", re.DOTALL)
ROLE = 18  # characters of a role
LIST_END = re.compile(rf"[等和与及]?(?:[一二两三四五六七八九十\d]+[名位人]|[等和与及]|{MARK}|分别|一起|参加|出席|\Z)")
ALIAS = ("（化名）", "，男，", "，女，")
NEAR = (2, 3, 4)  # characters from the head of a name on, where what stands behind it may begin
LEAD_UP = frozenset("的岁后叫做作名为")  # last characters of what leads up to a name: 79岁的, 名叫
OPENS = MARKS | LEAD_UP | {""}
DEPARTMENTS = "科组队部室班"


@cache
def cues() -> dict[str, re.Pattern]:
    """What stands before and behind names, by what it says of them: cues.csv, with the titles where these tell the same."""
    return {
        "relation": re.compile("[的和与]?" + lexicon.cues("relation")),
        "not a person": re.compile(lexicon.cues("not a person")),
        "near": re.compile(rf".{{0,2}}(?:{titles()['behind'].pattern}|{lexicon.cues('told')}|（化名|，[男女]，)"),
        "named after": re.compile("”?" + lexicon.cues("named after")),
        "told": re.compile(lexicon.cues("told")),
        "called": re.compile(lexicon.cues("called") + r"\Z"),
        "role start": re.compile("^.*" + lexicon.cues("role start")),
    }


def promising(text: str, at: int) -> bool:
    """Whether the neighbourhood may show a name here: a clause begins, a telling character stands before, or a title
    or a verb of saying behind.

    >>> promising("今天李芳来了", 2), promising("79岁的周淑英", 4)
    (False, True)
    """
    return text[at - 1 : at] in OPENS or bool(cues()["near"].match(text, at + 2))


def may_promise(text: str) -> np.ndarray:
    """Of each character of a text whether `promising` may say yes there: wherever it does, and in few other places.

    >>> may_promise("今天李芳来了，79岁的周淑英说").nonzero()[0].tolist()
    [0, 7, 10, 11, 12]
    """
    points = padded(text)[:-2]
    near = _behind_names().may_begin(points)
    may = np.append(True, among("".join(OPENS)).take(points))
    for by in NEAR:
        may[near[near >= by] - by] = True
    return may[:-1]


@cache
def _behind_names() -> Trie:
    """What the cue “near” looks for; of what is no plain word, its beginning."""
    told = (row["cue"].split("(")[0] for row in lexicon.rows("cues", "use", "cue") if row["use"] == "told")
    return trie(sorted({*names.behind(), *ALIAS, *told}))


@lru_cache(8192)
def unknown(word: str) -> bool:
    """Whether a word is a lone character or none of the dictionary's: a name the cut took for a noun.

    >>> unknown("石威"), unknown("高度")
    (True, False)
    """
    return len(word) == 1 or not cutter().has_word(word)


def role_before(text: str, at: int) -> str:
    """The office or standing written right before a name.

    >>> role_before("会后，街道党工委书记陈晓岚说", 10)
    '街道党工委书记'
    """
    words = text[max(0, at - ROLE) : at]
    before = BEFORE_ROLE.match(words)
    return _office(words[before.end() :] if before else words)


@lru_cache(4096)
def _office(words: str) -> str:
    """An office or a standing without the words that lead up to it."""
    return cues()["role start"].sub("", words).lstrip("等")


def sure(name: str, text: str, end: int) -> bool:
    """Whether a name behind a word for a group is one: a predicate follows and the given name is no word.

    >>> sure("李芳", "居民李芳说", 4), sure("李芳", "居民李芳桌子", 4)
    (True, False)
    """
    word = len(name) == 3 and cutter().has_word(name[1:]) and tag[name[1:]][:2] not in ("nr", "ns", "nz")
    return names.ends(text, end) and not word


def listed(text: str, at: int, nr: dict[int, str]) -> bool:
    """Whether another name stands in a list: a name, then 、 or the end of the list.

    >>> listed("孙晓、赵立民等三人", 3, {}), listed("孙晓、口罩", 3, {})
    (True, False)
    """
    name = name_at(text, at, nr.get(at, ""))
    end = at + len(name)
    return bool(name) and bool(LIST_END.match(text, end) or titles()["said"].match(text, end))


def fits(name: str, text: str, at: int, nr: dict[int, str]) -> bool:
    """Whether what follows can follow a name, not go on with the name of a place, and the name is no ordinary word.

    >>> fits("周淑英", "周淑英已出院", 0, {}), fits("宣传科", "宣传科已到岗", 0, {}), fits("高度", "高度重视", 0, {})
    (True, False, False)
    """
    if (
        cues()["not a person"].match(text, at + len(name))
        or cues()["not a person"].match(text, at + len(name) - 1)  # 云泽疾|控
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
    words = letters()["no name"] | {row["name"] for row in lexicon.rows("festivals", "name")}
    return words.union(lexicon.words("org_suffixes", "suffix"), lexicon.words("titles", "title"))


def meant(text: str, at: int, end: int, nr: dict[int, str], opened: bool) -> bool:
    """An age before the name, or a person's deeds and relations behind it; `opened` is whether a clause begins with the name.

    >>> meant("79岁的周淑英已出院", 4, 7, {}, opened=False), meant("给周淑英送药", 1, 4, {}, opened=False)
    (True, False)
    """
    said = titles()["said"].match(text, end)
    led_up = text[at - 1 : at] in LEAD_UP
    if (
        led_up
        and (AGE.search(text, max(0, at - 8), at) or cues()["called"].search(text, max(0, at - 16), at))
        or text.startswith(ALIAS, end)
        or text[at - 1 : at] == "的"
        and said
        or at in nr
        and (cues()["told"].match(text, end) or _is_alone(text, at, end))
    ):
        return True
    return opened and bool(said or cues()["relation"].match(text, end) or _predicated(text, at, end, nr))


def _is_alone(text: str, at: int, end: int) -> bool:
    """Whether a name, no word of the dictionary's, is all there is in brackets or, having three characters, in a line."""
    around = text[at - 1 : at] + text[end : end + 1]
    if around != "（）" and not (end - at == 3 and around in ("\n\n", "\n", "")):
        return False
    return text[at] not in letters()["ambiguous"] and not cutter().has_word(text[at:end])


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
