"""What stands around a name and shows that a person is meant: an office before it, an age, a form of address or a verb of
speaking behind it; and what shows that no person is.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

import numpy as np

from helpers import lexicon, names
from helpers.dictionary import HAN, RARE, cutter, tag
from helpers.names import MARKS, characters, is_han, letters, name_at, titles
from helpers.numerals import among
from helpers.trie import Trie, padded, trie

MARK = r"[，。；：！？、“”‘’（）《》—…\s]"
AGE = re.compile(r"(?:\d{1,3}|[二三四五六七八九]?十[一二三四五六七八九]?)[多余]?岁的?\Z|[5-9][05]后”?的?\Z")
BEFORE_ROLE = re.compile(r".*[，。；：！？、“”‘’（）—\s]", re.DOTALL)
ROLE = 18  # characters of a role
LIST_END = re.compile(rf"[等和与及]?(?:[一二两三四五六七八九十\d]+[名位人]|[等和与及]|{MARK}|分别|一起|参加|出席|\Z)")
NEAR = (2, 3, 4)  # characters from the head of a name on, where what stands behind it may begin
ALIAS = re.compile("（化名）|，[男女]，")
AGED = re.compile(r"，?(?:[今现时]年|现)?\d{1,3}岁(?!的)")
ROMAN = re.compile(r"（[A-Z][\w.'’-]*(?: [\w.'’-]+){1,4}）")
SIGNED = re.compile(rf"（{HAN}{{2,3}}(?: {HAN}{{2,3}})+）")
LEAD_UP = frozenset("的岁后叫做作名为")  # last characters of what leads up to a name: 79岁的, 名叫
OPENS = MARKS | LEAD_UP | {""}
JOINED = OPENS | frozenset("】和与及")  # before a name in a list or one with a title behind it
_OPENS, _JOINED = ("".join(sorted(some)) for some in (OPENS, JOINED))
DEPARTMENTS = "科组队部室班司局处"


@cache
def cues() -> dict[str, re.Pattern]:
    """What stands before and behind names, by what it says of them: cues.csv, with the titles where these tell the same."""
    return {
        "relation": re.compile("[的和与]?" + lexicon.cues("relation")),
        "not a person": re.compile(lexicon.cues("not a person")),
        "near": re.compile(
            rf".{{0,2}}(?:{titles()['behind'].pattern}|{lexicon.cues('told')}|（化名|，[男女]，|，今年\d)"
        ),
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


def ends_of_names(text: str, places: np.ndarray) -> list[int]:
    """Those of the places behind two or three characters of which the first, a surname, opens a clause or a part.

    >>> ends_of_names("，张树明校长和李芳老师", np.array([4, 9]))
    [4, 9]
    """
    places = places[places > 1]
    points = padded(text)[places[:, None] + [-4, -3, -2]]
    opened, surnames = among(_JOINED)[points], among(characters("surname"))[points]
    found = surnames[:, 1] & opened[:, 0] | surnames[:, 2] & opened[:, 1]
    return places[found].tolist()


def name_before(text: str, end: int, nr: Mapping[int, str] = MappingProxyType({})) -> str:
    """The name that ends at a place and begins a clause, a part of a list or a word of the cut's in `nr`, or "".

    >>> name_before("参加活动的毕文燕、宫淑芬", 8), name_before("关闭商场、全家", 4)
    ('毕文燕', '')
    """
    for at in (end - 3, end - 2):
        name = text[max(at, 0) : end]
        if at < 0 or name[0] not in letters()["surname"]:
            continue
        if text[max(at - 1, 0) : at] not in JOINED and nr.get(at) != name:
            continue
        if name[0] in letters()["ambiguous"] and nr.get(at) != name:  # 由常务副会长
            continue
        known = ordinary(name) and not (tag[name] == "nr" or len(name) == 3 and tag[name] in ("ns", "nz"))  # 钟南山院士
        if not known and name_at(text, at, name, office=True) == name and fits(name, text, at, {}):
            return name
    return ""


@lru_cache(8192)
def ordinary(name: str) -> bool:
    """Whether the dictionary holds a name as a word, unless as the rare name of a person.

    >>> ordinary("宣传栏"), ordinary("王志伟")
    (True, False)
    """
    known = cutter().has_word
    rare = len(name) == 3 and tag[name] == "nr" and cutter().suggest_freq(name) < RARE
    return known(name) and not (rare and not known(name[:2]))


def may_promise(text: str) -> np.ndarray:
    """Of each character of a text whether `promising` may say yes there: wherever it does, and in few other places.

    >>> may_promise("今天李芳来了，79岁的周淑英说").nonzero()[0].tolist()
    [0, 7, 10, 11, 12]
    """
    points = padded(text)[:-2]
    near = _behind_names().may_begin(points)
    may = np.append(True, among(_OPENS).take(points))
    for by in NEAR:
        may[near[near >= by] - by] = True
    return may[:-1]


@cache
def _behind_names() -> Trie:
    """What the cue “near” looks for; of what is no plain word, its beginning."""
    told = (re.split(r"[(\[]", row["cue"])[0] for row in lexicon.rows("cues", "use", "cue") if row["use"] == "told")
    return trie(sorted({*names.behind(), "（化名）", "，男，", "，女，", "，今年", *told}))


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
    return cues()["role start"].sub("", words).lstrip("等和")


def signers(text: str) -> list[tuple[int, str]]:
    """Names that stand between brackets with nothing but spaces between them, and where.

    >>> signers("参加活动。（李小萍 张得胜）（文 图）")
    [(6, '李小萍'), (10, '张得胜')]
    """
    out = []
    for m in SIGNED.finditer(text):
        parts = [(m.start() + part.start(), part.group()) for part in re.finditer(r"\w+", m.group())]
        if all(name[0] in letters()["surname"] and not ordinary(name) for _, name in parts):
            out += parts
    return out


def aliases(text: str, nr: dict[int, str]) -> list[tuple[int, str]]:
    """Names that stand before （化名）, and where; `nr` tells the cut's.

    >>> aliases("黄冈人梁韬（化名）有一个女儿，患者孙文红（化名）", {})
    [(3, '梁韬'), (17, '孙文红')]
    """
    out = []
    for end in (m.start() for m in re.finditer("（化名", text)):
        three = end - 3 in nr or end - 2 not in nr and text[end - 3] not in letters()["ambiguous"]
        at = end - 3 if three and text[end - 3] in letters()["surname"] else end - 2
        if at >= 0 and text[at] in letters()["surname"] and all(map(is_han, text[at:end])):
            out.append((at, text[at:end]))
    return out


def romanized(text: str) -> list[int]:
    """Where brackets open that hold a name of several words in Latin letters.

    >>> romanized("发言人尹欣（Yin Xin）说，世卫组织（WHO）")
    [5]
    """
    return [m.start() for m in ROMAN.finditer(text)]


def is_rest(following: list[str]) -> bool:
    """Whether the word behind a surname, if any, is so rare that it may be the rest of a name: 张|竹君."""
    return bool(following) and len(following[0]) == 2 and cutter().suggest_freq(following[0]) < RARE


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


def fits(name: str, text: str, at: int, nr: dict[int, str], office: bool = False) -> bool:
    """Whether what follows can follow a name, not go on with the name of a place, and the name is no ordinary word; one
    that the dictionary holds as a place's (钟南山) needs a title, before it where there is an `office`.

    >>> fits("周淑英", "周淑英已出院", 0, {}), fits("宣传科", "宣传科已到岗", 0, {}), fits("高度", "高度重视", 0, {})
    (True, False, False)
    """
    end, goes_on, no_names = at + len(name), cues()["not a person"].match, _no_names()
    if (
        goes_on(text, end)
        or goes_on(text, end - 1)  # 云泽疾|控
        or len(name) == 3
        and name[-1] in DEPARTMENTS
        and cutter().has_word(name[:-1])  # 麻醉科, 保安队
        or name in no_names
        or name[1:] in no_names
    ):
        return False
    if not cutter().has_word(name) or at in nr and tag[name][:2] == "nr":
        return True
    return len(name) == 3 and tag[name] in ("ns", "nz") and (office or bool(titles()["behind"].match(text, end)))


@cache
def _no_names() -> frozenset[str]:
    """Titles and words for bodies: neither names nor given names."""
    words = letters()["no name"] | {row["name"] for row in lexicon.rows("festivals", "name")}
    return words.union(lexicon.words("org_suffixes", "suffix"), lexicon.words("titles", "title")) - letters()["given"]


def meant(text: str, at: int, end: int, nr: dict[int, str], opened: bool) -> bool:
    """An age before the name, or a person's deeds and relations behind it; `opened` is whether a clause begins with the name.

    >>> meant("79岁的周淑英已出院", 4, 7, {}, opened=False), meant("给周淑英送药", 1, 4, {}, opened=False)
    (True, False)
    """
    said = titles()["said"].match(text, end)
    led_up = text[at - 1 : at] in LEAD_UP or text[max(0, at - 2) : at] == "后”"  # “95后”李明辉
    if (
        led_up
        and (AGE.search(text, max(0, at - 8), at) or cues()["called"].search(text, max(0, at - 16), at))
        or ALIAS.match(text, end)
        or text[at - 1 : at] == "的"
        and (said or end - at == 3 and not names.foreign_at(text, at) and _predicated(text, at, end, nr))
        or at in nr
        and (cues()["told"].match(text, end) or AGED.match(text, end) or _is_alone(text, at, end))
    ):
        return True
    says = said or text.startswith(("指，", "续指，"), end)  # Hong Kong
    return opened and bool(says or cues()["relation"].match(text, end) or _predicated(text, at, end, nr))


def _is_alone(text: str, at: int, end: int) -> bool:
    """Whether a name, no word of the dictionary's, is all there is in brackets or, having three characters, in a line; or
    heads a line, with a space (a roll of honour) or a colon (what the person says) behind it."""
    around = text[at - 1 : at] + text[end : end + 1]
    alone = (
        around == "（）"
        or around in ("\n ", "\n：", " ", "：", " ：", "\n（", "（", "；：")
        or end - at == 3
        and around in ("\n\n", "\n", "")
    )
    return alone and text[at] not in letters()["ambiguous"] and not ordinary(text[at:end])


def _predicated(text: str, at: int, end: int, nr: dict[int, str]) -> bool:
    """A word unknown to the dictionary, tagged as a name, at the head of a clause and with a predicate behind it."""
    name, tagged = text[at:end], nr.get(at, "")
    cut_off = tagged == name[:-1] and tag[name[-1]][:2] in ("x", "nr") and not cutter().has_word(tagged)  # 周颖|芊
    if not (tagged.startswith(name) or cut_off) or name[0] in letters()["ambiguous"] or ordinary(name):
        return False
    tags = "vdputbm" if len(name) == 3 else "vdputb"  # 董君丽两次, but 梅陇九村
    return is_han(text[end : end + 1]) and _first_tag(text[end : end + 6])[:1] in tags


@lru_cache(8192)
def _first_tag(text: str) -> str:
    return cutter().tag(text)[0][1]
