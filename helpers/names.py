"""Names of people by their characters: how long the name is that begins at a place.

A Chinese name has no mark of its own. Its first character is a surname; the dictionary and what follows tell whether one
or two characters more belong to it. Foreign names go by their characters.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from helpers import anchors, dictionary, lexicon
from helpers.dictionary import HAN, RARE, cutter, tag

MARKS = frozenset(dictionary.MARKS)
MARKED = re.escape(dictionary.MARKS)
PARTICLES = "的了着过等们"
ADDRESS = "太"  # 陈太: Mrs Chan
PREDICATES = tuple("vdpcruztfilma")  # tags of words a clause goes on with behind its subject
NEVER = -9  # a reading that cannot be


@cache
def letters() -> dict[str, frozenset[str]]:
    """Surnames (also compound and double), characters of foreign names, and characters that follow a name."""
    rows = {row["kind"]: row["entries"] for row in lexicon.rows("name_characters", "kind", "entries")}
    sets = {kind: frozenset(text.split() if " " in text else text) for kind, text in rows.items()}
    two = sets["compound"] | sets["double"]
    chinese = sets["surname"] | {name[0] for name in two}
    return sets | {"two": two, "chinese": chinese, "begins": chinese | sets["foreign"]}


@cache
def characters(kind: str) -> str:
    """One of these sets as a string, for a look at many places of a text at once."""
    return "".join(sorted(letters()[kind]))


@cache
def titles() -> dict[str, re.Pattern]:
    """Titles right behind a name and before one; verbs of speaking behind one, a little apart and right there."""
    verbs = anchors.either(lexicon.words("speech_verbs", "verb", kind="speech"))
    return {
        "behind": re.compile(anchors.either(behind())),
        "before": re.compile(anchors.either(_placed("before", "both"))),
        "said": re.compile(rf"[对向在则也还曾]?{HAN}{{0,8}}?{verbs}"),
        "says": re.compile(verbs),
    }


def behind() -> list[str]:
    """Titles that stand behind a name."""
    return _placed("after", "both")


@cache
def _placed(*places: str) -> list[str]:
    return [row["title"] for row in lexicon.rows("titles", "title", "place", "strength") if row["place"] in places]


@cache
def foreign() -> tuple[re.Pattern, re.Pattern, re.Pattern]:
    """A foreign name with · in it, one without, and one that ends where a search does, behind a mark or a particle."""
    letter = "[" + "".join(sorted(letters()["foreign"])) + "]"
    return (
        re.compile(rf"[A-Z]?{letter}{{1,6}}(?:·(?:[A-Z]\.?·?)?{HAN}(?:{letter}){{0,6}}){{1,5}}"),
        re.compile(rf"{letter}{{2,6}}"),
        re.compile(rf"(?:^|[{MARKED}的者人员叫家])({letter}{{2,6}})\Z"),
    )


@cache
def _never_given(word: str) -> bool:
    """Whether a word cannot be a given name: verbs, titles, adverbs, times."""
    return (
        any(pattern.fullmatch(word) for pattern in titles().values())
        or cutter().suggest_freq(word) > RARE
        and tag[word][:1] in "dtcpruv"
        and word not in letters()["given"]
    )


def name_at(text: str, at: int, tagged: str = "", office: bool = False) -> str:
    """The Chinese name that begins at a place, or "": surname, then one or two characters, as what follows allows.

    `tagged` is the word the dictionary cut tags as a name there, if any; `office` whether an office stands before it.

    >>> name_at("石威来到现场", 0), name_at("季杰不久前", 0), name_at("李宏伟晚上", 0), name_at("高度重视", 0)
    ('石威', '季杰', '李宏伟', '')
    >>> name_at("赵启明月底到岗", 0, office=True), name_at("宋知雨带着队员", 0, office=True)
    ('赵启明', '宋知雨')
    """
    return _read(text[at : at + 10], tagged, office)


@lru_cache(8192)
def _read(rest: str, tagged: str, office: bool) -> str:
    """The name at the head of `rest`, or ""."""
    size = surname(rest, 0)
    ambiguous = rest[:1] in letters()["ambiguous"] and size == 1 and not tagged
    if not size or not is_han(rest[size : size + 1]) or ambiguous and not (office and _unheard(rest)):
        return ""
    if size == 1 and not tagged and _ordinary(rest[:8], office):
        return ""
    if titles()["behind"].match(rest, size):  # 葛书记: a surname with a title
        return ""
    one, two = rest[: size + 1], rest[: size + 2]
    if tagged == two and _stands_apart(two[size:], rest[size + 2 :]):
        return two
    words = _cut(rest[size:])
    if len(tagged) == 4 and office and _two_surnames(tagged, rest):
        return tagged
    believed = office or tagged == two
    if one[-1] in letters()["follower"] and not (
        believed and (one[-1] in letters()["nameable"] or len(words[0]) == 2 and tag[words[0]][:1] == "n")  # 陈和平
    ):
        nameable = one[-1] not in PARTICLES and rest[size + 1 : size + 2] in MARKS
        known = titles()["says"].match(rest, size + 1) if one[-1] == ADDRESS else tagged == one
        if known or nameable:  # 陈太说, 陈刚，
            return one
        return two if tagged == two and office and two[-1] not in letters()["follower"] else ""
    short = _follows(rest[size + 1 :], words) + (tagged == one) - 2 * (len(words[0]) == 2)
    whole = _whole(rest[size:], words, tagged == two, office) if is_han(two[size + 1 :]) else NEVER
    if _no_given(two[size:]) or _no_given(one[size:]) and whole <= NEVER:
        return ""
    return two if whole >= short else one


def _stands_apart(given: str, rest: str) -> bool:
    """Whether a given name that the dictionary knows ends before `rest` for certain, so that nothing is to be weighed."""
    plain = (
        is_han(given[1:]) and letters()["follower"].isdisjoint(given) and not (_no_given(given) or _never_given(given))
    )
    return plain and _is_cut_off(rest) and rest[:1] not in ("着", "了")


def _two_surnames(tagged: str, rest: str) -> bool:
    """Whether a name of four characters stands here, both parents' surnames before the given name: 杨舒鸿飞."""
    return tagged[1] in letters()["surname"] and _follows(rest[3:]) < 1 < _follows(rest[4:])


@lru_cache(4096)
def _unheard(rest: str) -> bool:
    """Whether an ambiguous surname stands apart, with a rare word behind it that a predicate follows: 解学兵, 单立新."""
    apart = rest[0] in letters()["behind office"] and len(_cut(rest)[0]) == 1 and is_han(rest[1:3])
    rare = cutter().suggest_freq(rest[1:3]) < RARE * (3 if rest[3:4] in MARKS else 1)
    noun = rest[0] in letters()["no verb before noun"] and tag[rest[1:3]][:1] == "n"
    return apart and (rare or noun) and _follows(rest[3:]) > 0


def is_han(text: str) -> bool:
    return "\u4e00" <= text <= "\u9fff"


@lru_cache(4096)
def _ordinary(rest: str, office: bool) -> bool:
    """Whether an ordinary word stands here (高度, 温馨提示), not one that only begins like a name (祁连舟)."""
    first = _cut(rest)[0]
    if len(first) not in (2, 4):
        return False
    if office and len(first) == 2 and tag[first] == "n" and rest[3:4] in MARKS and _ends_names(rest[2:3]):
        return False  # 武学|文，
    return not office or tag[first][:2] not in ("ns", "nr", "nz", "t")


def _ends_names(letter: str) -> bool:
    """Whether a character can be the last of a given name: 德, but neither 了 nor 后."""
    return is_han(letter) and letter not in letters()["follower"] and tag[letter] not in ("f", "c", "p", "u")


@lru_cache(8192)
def _cut(rest: str) -> tuple[str, ...]:
    """The words of a text by the dictionary alone."""
    return tuple(cutter().cut(rest, False)) or ("",)


def _follows(rest: str, words: tuple[str, ...] = ()) -> int:
    """How well a name can end before `rest`: a mark, a particle, a title or a predicate follows, or a noun.

    `words` are the words of the text `rest` ends, which tell where its first word ends.
    """
    if _is_cut_off(rest):
        return 2
    word = _word_at(words, rest) or _cut(rest[:6])[0]
    if len(word) > 1 and (titles()["behind"].match(rest) or titles()["before"].match(rest)):
        return 2
    if len(word) == 1:
        return 1 if rest[1:2] in ("着", "了", "过") else 0
    return 2 if tag[word][:1] in PREDICATES else -1


def _is_cut_off(rest: str) -> bool:
    return not rest or rest[0] in MARKS or rest[0] in letters()["follower"] or rest[0].isdigit()


def _word_at(words: tuple[str, ...], rest: str) -> str:
    """The word of `words` that begins where `rest`, the end of their text, begins."""
    left = sum(map(len, words)) - len(rest)
    for word in words:
        if left <= 0:
            return word if left == 0 else ""
        left -= len(word)
    return ""


def _whole(rest: str, words: tuple[str, ...], tagged: bool, office: bool) -> int:
    """How well the two characters at the head of `rest` make a given name, by what they are and what follows."""
    given, last = rest[:2], rest[1]
    score = 1 + tagged + _follows(rest[2:], words)
    if (
        rest[2:3] in ("着", "了")
        or _never_given(given)
        and not ((office or tagged) and tag[given][:1] in "tv" and score > 2)
    ):
        return NEVER
    said = len(words) > 1 and titles()["says"].fullmatch(words[1][1:])  # 王凤明|说, which the cut reads as 凤|明说
    straddled = len(words[0]) == 1 and len(words[1]) > 1 and not said
    if last in letters()["follower"]:
        closed = rest[2:3] in MARKS or titles()["says"].match(rest, 2)  # 宋大刚，, 周伟才说: no adverb stands here
        return score - (not closed) if last in letters()["nameable"] and not straddled else NEVER
    return score - 2 * straddled


def _no_given(given: str) -> bool:
    """Whether characters behind a surname make no given name: 总, 工, 楼栋."""
    return given in letters()["not given"]


def surname(text: str, at: int) -> int:
    """How many characters the surname at a place has; 0 for none."""
    if text[at : at + 2] in letters()["two"]:
        return 2
    return int(text[at : at + 1] in letters()["surname"])


def dotted(text: str) -> Iterator[re.Match]:
    """Foreign names with ·, looked for in the lines that hold one."""
    at = text.find("·")
    while at >= 0:
        end = text.find("\n", at)
        end = end if end >= 0 else len(text)
        yield from foreign()[0].finditer(text, text.rfind("\n", 0, at) + 1, end)
        at = text.find("·", end)


def foreign_at(text: str, at: int) -> str:
    """A foreign name without ·: four characters or more, or fewer that are no Chinese name."""
    m = foreign()[1].match(text, at) if text[at] in letters()["foreign"] else None
    first = _cut(text[at : at + 8])[0] if m else ""
    if not m or len(first) > 1 and tag[first] in ("n", "v", "vn", "a", "an", "d", "t"):
        return ""
    short = text[at] not in letters()["surname"] and ends(text, m.end())
    return m.group() if m.end() - at >= 4 or short else ""


def ends(text: str, at: int) -> bool:
    """Whether a clause or a predicate begins here."""
    return _follows(text[at : at + 8]) > 0
