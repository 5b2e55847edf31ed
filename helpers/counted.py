"""What a number counts: the noun behind its unit, or the one told before it (3例确诊病例, 确诊病例3例).

Cues say where such a noun begins and ends; beyond them the dictionary's tags do, at the first deed: 队员|入驻小区.
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from helpers import lexicon
from helpers.dictionary import cutter, tag

LONG = 12  # characters of what is counted, told before the number
SHORT = 3  # characters of a noun that holds no deed
BEFORE = re.compile(  # behind the last mark and the last figure, but one of a name (N95)
    r"(?:.*[^\u4e00-\u9fffA-Za-z0-9]|)(?:(?=\D*+\d).*(?<![A-Za-z\d])\d+[^\d]?|)(.*)", re.DOTALL
)
PEOPLE = tuple("员者工人民警师生户友属长医护众兵士妇童") + ("干部", "专家", "队伍", "司机", "企业")
NOUNS = "nxjq"  # tags of nouns
GOES_ON = "dprct"  # of words a clause goes on with behind one
NO_NOUN = "dpurt"  # of words that one begins behind
NO_THING = frozenset(("d", "c", "t", "r", "z", "f", "s"))  # of a word that, alone, tells when, where or how
IN_NOUNS = frozenset("的转率包")  # but these


class Cues(NamedTuple):
    """What is counted, behind a unit; where it ends, what it begins behind, what stands between it and the number (and the
    characters of such words); what stands behind a length of time and tells when; what lasts; what can befall a noun and
    be told in its name (确诊病例)."""

    behind: re.Pattern
    end: re.Pattern
    start: re.Pattern
    tail: re.Pattern
    last: frozenset[str]
    when: re.Pattern
    lasts: re.Pattern
    befalls: re.Pattern


@cache
def _cues() -> Cues:
    return Cues(
        re.compile(
            rf"(?!{lexicon.cues('not counted')})(?:[（(][^（）()\n]{{1,8}}[）)]|)的?(?:{lexicon.cues('counted as')}|)"
            r"((?:[A-Z][A-Za-z]*-?\d* ?|)[\u4e00-\u9fff]{1,12})"
        ),
        re.compile(_told("noun end")),
        re.compile(rf"^.*{_told('noun start')}了?(?=.{{2}})"),
        re.compile(rf"{_told('noun tail')}+\Z"),
        frozenset(lexicon.cues("noun tail")),
        re.compile(lexicon.cues("behind a length of time")),
        re.compile(lexicon.cues("lasts") + r"\Z"),
        re.compile(lexicon.cues("befalls")),
    )


def _told(use: str) -> str:
    """The cues for one use, behind a look at a character, which passes over most places where none begins."""
    cues = lexicon.cues(use)
    return f"(?=[{''.join(sorted(set(re.findall('[一-龥]', cues))))}]){cues}"


def counted(text: str, first: int, start: int, end: int, kind: str) -> str:
    """What is counted by a number and its unit, written from `start` to `end`, the unit being of `kind`: the noun behind
    it, else the one before, from `first` on; "" where none is told, and for ages.

    >>> counted("街道派出20名队员入驻小区", 0, 4, 7, "count"), counted("新增确诊病例3例，", 0, 6, 8, "count")
    ('队员', '确诊病例')
    """
    cues = _cues()
    if kind == "age" or kind == "time" and cues.when.match(text, end):
        return ""
    if behind := cues.behind.match(text, end):
        begin, stop = behind.span(1)
        cut = cues.end.search(text, begin, stop)
        noun = _subject(text[begin : cut.start()] if cut else behind[1])
        if kind == "time":  # 三天的等待, 14天居家隔离, but not 三天没有休息
            return noun if text[begin - 1] == "的" or cues.lasts.search(noun) else ""
        if len(noun) > 1 or text[stop : stop + 1] in "，。；、（）\n":
            return noun
    noun = BEFORE.match(text, first, start)[1]
    noun = cues.tail.sub("", noun) if noun[-1:] in cues.last else noun
    return _object(cues.start.sub("", noun)).rstrip("的") if noun else ""


@lru_cache(8192)
def _subject(noun: str) -> str:
    """A noun to the first word that says what it does or what befalls it; in 居家隔离人员 this is part of its name.

    >>> _subject("队员入驻小区"), _subject("居家隔离人员"), _subject("新冠肺炎确诊病例")
    ('队员', '居家隔离人员', '新冠肺炎确诊病例')
    """
    if len(noun) <= SHORT:
        return noun
    words = cutter().tag(noun)
    at = len(words[0][0])
    for i in range(1, len(words)):
        if at > 1 and words[i - 1][1][:1] in NOUNS and _is_deed(words, i):
            return noun[:at]
        at += len(words[i][0])
    return noun


def _is_deed(words: list[tuple[str, str]], i: int) -> bool:
    """Whether a word behind a noun says what this does: of people every verb does, of others not one in a longer name."""
    word, tagged = words[i]
    if tagged[:1] in GOES_ON:
        return word == "各" or word[0] != "各"  # 机关|各包一片, but 省市各级党员
    if tagged not in ("v", "i"):
        return False
    if words[i - 1][0].endswith(PEOPLE):
        return True
    alone = len(words) == i + 2 and words[i + 1][1] in ("n", "nz", "ng")
    return not alone and not _cues().befalls.match(word)


@lru_cache(8192)
def _object(noun: str) -> str:
    """The noun at the end of what stands before a number, LONG characters of it at most; "" where there is none.

    >>> _object("从外地运送了护目镜"), _object("一次性口罩"), _object("供应量保持在"), _object("至今都没再")
    ('护目镜', '一次性口罩', '供应量保持', '')
    """
    if len(noun) <= SHORT + 1:
        return noun if tag[noun] not in NO_THING else ""
    words = cutter().tag(noun)
    while words and _is_no_noun(*words[-1]):
        words.pop()
    begin = next((i for i in range(len(words), 0, -1) if _is_no_noun(*words[i - 1])), 0)
    some = [word for word, _ in words[begin:]]
    if sum(map(len, some)) > LONG and "的" in some:
        some = some[len(some) - some[::-1].index("的") :]
    while sum(map(len, some)) > LONG:
        some.pop(0)
    told = "".join(some).lstrip("的")
    return told if len(told) > 1 else ""


def _is_no_noun(word: str, tagged: str) -> bool:
    """Whether a word is a particle, an adverb of one or two characters, or a verb of one."""
    return word not in IN_NOUNS and (tagged[:1] in NO_NOUN and len(word) < 3 or tagged == "v" and len(word) == 1)
