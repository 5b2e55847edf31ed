"""People named in a text.

A Chinese name has no mark of its own; it is found by what stands around it: an office before it, an age, a form of
address or a verb of speaking behind it. The dictionary tells how long it is. Foreign names go by their characters.
"""

import re
from collections import Counter, defaultdict
from functools import cache, lru_cache
from typing import NamedTuple

import ahocorasick

from helpers import glyphs, lexicon
from helpers.phrases import HAN, RARE, Words, cutter

MARK = r"[，。；：！？、“”‘’（）《》—…\s]"
MARKS = frozenset("，。；：！？、“”‘’（）《》—… \n\t\u3000")
AGE = re.compile(r"(?:\d{1,3}|[二三四五六七八九]?十[一二三四五六七八九]?)[多余]?岁的?\Z|[5-9]0后的?\Z")
ROLE = re.compile(r"[^，。；：！？、“”‘’（）\s]{1,18}\Z")
LIST_END = re.compile(rf"[等和与及]?(?:[一二两三四五六七八九十\d]+[名位人]|[等和与及]|{MARK}|分别|一起|参加|出席|\Z)")
NAMEISH = {"nr", "nrt", "nrfg", "x", "n", "zg", "ng", "ns", "nz", "nt"}  # tags the cut gives to names
ALIAS = ("（化名）", "，男，", "，女，")
PARTICLES = "的了着过等们"
LEAD_UP = frozenset("的岁后叫做作名为")  # last characters of what leads up to a name: 79岁的, 名叫
PREDICATES = tuple("vdpcruztfilma")  # tags of words a clause goes on with behind its subject
TRADITIONAL = re.compile("[記編輯攝審採寫圖訊責撰]")  # a credit may stand here in Traditional script
SHOT = ("摄影", "文/图", "摄", "图", "绘")  # credits that stand behind a name
LONGEST = 24  # characters of a foreign name
NEVER = -9  # a reading that cannot be
FIRM = re.compile(r"[^，。\n]{0,6}(?:公司|集团|医药|科技)")
FOLLOWERS_OF_NO_NAME = "区市县镇街路社山湖省"


class Person(NamedTuple):
    """One mention where the text shows that a person is meant."""

    start: int
    end: int
    name: str
    role: str


@cache
def letters() -> dict[str, frozenset[str]]:
    """Surnames (also compound and double), characters of foreign names, and characters that follow a name."""
    rows = {row["kind"]: row["entries"] for row in lexicon.rows("name_characters", "kind", "entries")}
    sets = {kind: frozenset(text.split() if " " in text else text) for kind, text in rows.items()}
    firsts = frozenset(name[0] for name in sets["compound"] | sets["double"])
    return sets | {"begins": sets["surname"] | sets["foreign"] | firsts}


@cache
def _titles() -> dict[str, re.Pattern]:
    """Titles right behind a name, verbs of speaking behind one, and all titles."""
    verbs = lexicon.either(lexicon.words("speech_verbs", "verb", kind="speech"))
    return {
        "behind": re.compile(lexicon.either(_placed("after", "both"))),
        "before": re.compile(lexicon.either(_placed("before", "both"))),
        "said": re.compile(rf"[对向在则也还曾]?{HAN}{{0,8}}?{verbs}"),
    }


@cache
def _placed(*places: str) -> list[str]:
    return [row["title"] for row in lexicon.rows("titles", "title", "place", "strength") if row["place"] in places]


@cache
def _groups() -> frozenset[str]:
    """Titles that as often mean a group (居民, 患者): a name behind them needs more evidence."""
    return frozenset(lexicon.words("titles", "title", strength="group"))


@cache
def _cues() -> dict[str, re.Pattern]:
    return {
        "relation": re.compile("[的和与]?" + lexicon.cues("relation")),
        "not a person": re.compile(lexicon.cues("not a person")),
        "near": re.compile(rf".{{0,2}}(?:{_titles()['behind'].pattern}|{lexicon.cues('told')}|（化名|，[男女]，)"),
        "named after": re.compile("”?" + lexicon.cues("named after")),
        "told": re.compile(lexicon.cues("told")),
        "called": re.compile(lexicon.cues("called") + r"\Z"),
        "role start": re.compile("^.*" + lexicon.cues("role start")),
    }


@cache
def _foreign() -> tuple[re.Pattern, re.Pattern]:
    """A foreign name with · in it, and one without."""
    letter = "[" + "".join(sorted(letters()["foreign"])) + "]"
    return (
        re.compile(rf"[A-Z]?{letter}{{1,6}}(?:·(?:[A-Z]\.?·?)?{HAN}(?:{letter}){{0,6}}){{1,5}}"),
        re.compile(rf"{letter}{{2,6}}"),
    )


@cache
def _tag_of(word: str) -> str:
    tagged = cutter().tag(word)
    return tagged[0][1] if len(tagged) == 1 else "x"


@cache
def _never_given(word: str) -> bool:
    """Whether a word cannot be a given name: verbs, titles, adverbs, times."""
    return (
        any(pattern.fullmatch(word) for pattern in _titles().values())
        or cutter().suggest_freq(word) > RARE
        and _tag_of(word)[:1] in "dtcpruv"
    )


def name_at(text: str, at: int, tagged: str = "", office: bool = False) -> str:
    """The Chinese name that begins at a place, or "": surname, then one or two characters, as what follows allows.

    `tagged` is the word the dictionary cut tags as a name there, if any; `office` whether an office stands before it.

    >>> name_at("石威来到现场", 0), name_at("季杰不久前", 0), name_at("李宏伟晚上", 0), name_at("高度重视", 0)
    ('石威', '季杰', '李宏伟', '')
    >>> name_at("赵启明月底到岗", 0, office=True), name_at("宋知雨带着队员", 0, office=True)
    ('赵启明', '宋知雨')
    """
    size, rest = _surname(text, at), text[at : at + 10]
    ambiguous = text[at : at + 1] in letters()["ambiguous"] and size == 1 and not tagged
    if not size or not _han(rest[size : size + 1]) or ambiguous and not (office and _unheard(rest)):
        return ""
    if size == 1 and not tagged and _ordinary(rest[:8], office):
        return ""
    if _titles()["behind"].match(rest, size):  # 葛书记: a surname with a title
        return ""
    one, two = rest[: size + 1], rest[: size + 2]
    if one[-1] in letters()["follower"] and not (office and one[-1] in letters()["nameable"]):
        nameable = one[-1] not in PARTICLES and rest[size + 1 : size + 2] in MARKS
        return one if tagged == one or nameable else two if tagged == two and office else ""  # 陈刚，
    words = _cut(rest[size:])
    short = _follows(rest[size + 1 :], words) + (tagged == one) - 2 * (len(words[0]) == 2)
    whole = _whole(rest[size:], words, tagged == two, office) if _han(two[size + 1 :]) else NEVER
    if _no_given(two[size:]) or _no_given(one[size:]) and whole <= NEVER:
        return ""
    return two if whole >= short else one


@lru_cache(4096)
def _unheard(rest: str) -> bool:
    """Whether an ambiguous surname stands apart, with a rare word behind it that a predicate follows: 解学兵, 单立新."""
    apart = rest[0] in letters()["behind office"] and len(_cut(rest)[0]) == 1 and _han(rest[1:3])
    return apart and cutter().suggest_freq(rest[1:3]) < RARE and _follows(rest[3:]) > 0


def _han(text: str) -> bool:
    return "\u4e00" <= text <= "\u9fff"


@lru_cache(4096)
def _ordinary(rest: str, office: bool) -> bool:
    """Whether an ordinary word stands here (高度, 温馨提示), not one that only begins like a name (祁连舟)."""
    first = _cut(rest)[0]
    if len(first) not in (2, 4):
        return False
    return not office or _tag_of(first)[:2] not in ("ns", "nr", "nz", "t")


@lru_cache(8192)
def _cut(rest: str) -> tuple[str, ...]:
    """The words of a text by the dictionary alone."""
    return tuple(cutter().cut(rest, False)) or ("",)


def _follows(rest: str, words: tuple[str, ...] = ()) -> int:
    """How well a name can end before `rest`: a mark, a particle, a title or a predicate follows, or a noun.

    `words` are the words of the text `rest` ends, which tell where its first word ends.
    """
    if not rest or rest[0] in MARKS or rest[0] in letters()["follower"] or rest[0].isdigit():
        return 2
    word = _word_at(words, rest) or _cut(rest[:6])[0]
    if len(word) > 1 and (_titles()["behind"].match(rest) or _titles()["before"].match(rest)):
        return 2
    if len(word) == 1:
        return 1 if rest[1:2] in ("着", "了", "过") else 0
    return 2 if _tag_of(word)[:1] in PREDICATES else -1


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
        and not ((office or tagged) and _tag_of(given)[:1] in "tv" and score > 2)
    ):
        return NEVER
    straddled = len(words[0]) == 1 and len(words[1]) > 1
    if last in letters()["follower"]:
        return score - 1 if last in letters()["nameable"] and not straddled else NEVER
    return score - 2 * straddled


def _no_given(given: str) -> bool:
    """Whether characters behind a surname make no given name: 总, 工, 楼栋."""
    return given in letters()["not given"]


def _surname(text: str, at: int) -> int:
    """How many characters the surname at a place has; 0 for none."""
    if text[at : at + 2] in letters()["compound"] | letters()["double"]:
        return 2
    return int(text[at : at + 1] in letters()["surname"])


def introduced(text: str, words: Words) -> list[Person]:
    """People a paragraph gives good evidence for, with the role each has there.

    >>> from helpers.phrases import tag
    >>> introduced("网格员孙晓、赵立民说，79岁的周淑英已出院。", tag("网格员孙晓、赵立民说，79岁的周淑英已出院。"))
    [Person(start=3, end=5, name='孙晓', role='网格员'), Person(start=6, end=9, name='赵立民', role='网格员'), \
Person(start=15, end=18, name='周淑英', role='')]
    """
    likely = [one for one in zip(*words, strict=True) if one[1] in NAMEISH]
    nr = {at: word for word, kind, at in likely if kind[:2] == "nr"}
    out: dict[int, Person] = {}
    if "·" in text:
        _add_dotted(out, text)
    groups, begins, surnames = _groups(), letters()["begins"], letters()["surname"]
    for _, e, title in lexicon.scan(text)["titles"]:
        at = e + (text[e : e + 1] in ("：", ":", " "))
        if text[at : at + 1] in begins:
            _add(out, text, at, _role(text, e), nr, title in groups)
    for word, _, at in likely:
        if (at in nr or word[0] in surnames and _unknown(word)) and _promising(text, at):
            _add_by_context(out, text, at, nr)
    return [out[at] for at in sorted(out)]


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
    found = ROLE.search(text, max(0, at - 20), at)
    return _cues()["role start"].sub("", found.group()).lstrip("等") if found else ""


def _add_dotted(out: dict[int, Person], text: str) -> None:
    """Foreign names with ·, but not universities and ships called after people."""
    for m in _foreign()[0].finditer(text):
        if not _cues()["named after"].match(text, m.end() - (m.group()[-1] == "大")):
            out[m.start()] = Person(m.start(), m.end(), m.group(), _role(text, m.start()))


def _add(out: dict[int, Person], text: str, at: int, role: str, nr: dict[int, str], group: bool) -> None:
    """Put the name that begins at `at`, if any, and those listed behind it with 、."""
    while at < len(text) and at not in out:
        tagged = nr.get(at, "")
        name = _foreign_at(text, at) or name_at(text, at, "" if group and not _unknown(tagged) else tagged, office=True)
        end = at + len(name)
        if not name or not _fits(name, text, at, nr) or group and at not in nr and not _sure(name, text, end):
            return
        out[at] = Person(at, end, name, role)
        if text[end : end + 1] not in ("、", "和") or not _listed(text, end + 1, nr):
            return
        at = end + 1


def _sure(name: str, text: str, end: int) -> bool:
    """Whether a name behind a word for a group is one: a predicate follows and the given name is no word."""
    word = len(name) == 3 and cutter().has_word(name[1:]) and _tag_of(name[1:])[:2] not in ("nr", "ns", "nz")
    return _ends(text, end) and not word


def _foreign_at(text: str, at: int) -> str:
    """A foreign name without ·: four characters or more, or fewer that are no Chinese name."""
    m = _foreign()[1].match(text, at) if text[at] in letters()["foreign"] else None
    first = _cut(text[at : at + 8])[0]
    if not m or len(first) > 1 and _tag_of(first) in ("n", "v", "vn", "a", "an", "d", "t"):
        return ""
    short = text[at] not in letters()["surname"] and _ends(text, m.end())
    return m.group() if m.end() - at >= 4 or short else ""


def _ends(text: str, at: int) -> bool:
    """Whether a clause or a predicate begins here."""
    return _follows(text[at : at + 8]) > 0


def _listed(text: str, at: int, nr: dict[int, str]) -> bool:
    """Whether another name stands in a list: a name, then 、 or the end of the list."""
    name = name_at(text, at, nr.get(at, ""))
    end = at + len(name)
    return bool(name) and bool(LIST_END.match(text, end) or _titles()["said"].match(text, end))


def _fits(name: str, text: str, at: int, nr: dict[int, str]) -> bool:
    """Whether what follows can follow a name, not go on with the name of a place, and the name is no ordinary word."""
    if (
        _cues()["not a person"].match(text, at + len(name))
        or _cues()["not a person"].fullmatch(name[-1])
        or name in _no_names()
        or name[1:] in _no_names()
    ):
        return False
    if not cutter().has_word(name) or at in nr and _tag_of(name)[:2] == "nr":
        return True
    return len(name) == 3 and _tag_of(name) in ("ns", "nz") and bool(_titles()["behind"].match(text, at + len(name)))


@cache
def _no_names() -> frozenset[str]:
    """Titles and words for bodies: neither names nor given names."""
    listed = letters()["no name"] | {row["name"] for row in lexicon.rows("festivals", "name")}
    return listed.union(lexicon.words("org_suffixes", "suffix"), lexicon.words("titles", "title"))


def _add_by_context(out: dict[int, Person], text: str, at: int, nr: dict[int, str]) -> None:
    """A likely name without an office before it: its surroundings decide."""
    if at in out or any(at - k in out and out[at - k].end > at for k in range(1, LONGEST)):
        return
    name = name_at(text, at, nr.get(at, ""))
    end = at + len(name)
    if not name or not _fits(name, text, at, nr):
        return
    title = _titles()["behind"].match(text, end)
    opened = not at or text[at - 1] in MARKS
    if title or _shown(text, at, end, nr, opened):
        out[at] = Person(at, end, name, title.group() if title else "" if opened else _role(text, at))
    elif opened and at in nr and text[end : end + 1] == "、" and end + 1 in nr and _listed(text, end + 1, nr):
        _add(out, text, at, "", nr, group=False)


def _shown(text: str, at: int, end: int, nr: dict[int, str], opened: bool) -> bool:
    """An age before the name, or a person's deeds and relations behind it."""
    said = _titles()["said"].match(text, end)
    if (
        AGE.search(text, max(0, at - 8), at)
        or _cues()["called"].search(text, max(0, at - 16), at)
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
    following = cutter().tag(text[end : end + 6]) if len(text) > end + 2 else ()
    return bool(following) and following[0][1][:1] in "vdpu"


def recurring(words: Words, text: str) -> set[str]:
    """Words unknown to the dictionary, tagged as names, that open several clauses and are followed differently."""
    likely = {word for word, kind in zip(words.words, words.tags, strict=True) if kind == "nr" and _may_recur(word)}
    followers: dict[str, set[str]] = defaultdict(set)
    firms = set()
    for last, word in lexicon.automaton(likely).iter(text) if likely else ():
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


@lru_cache(8192)
def _may_recur(word: str) -> bool:
    return (
        2 <= len(word) <= 3
        and bool(_surname(word, 0))
        and word[0] not in letters()["ambiguous"]
        and not cutter().has_word(word)
        and not _cues()["not a person"].fullmatch(word[-1])
    )


def forms(names: set[str], text: str) -> dict[str, str]:
    """Every form a name takes in a document and the full name it stands for.

    A longer reading gives way to a shorter one that is commoner; a surname with a title (葛书记) stands for the one
    person of that surname, the last part of a foreign name for the whole.

    >>> forms({"葛明远", "罗伯特·斯库利"}, "葛明远来了，葛书记说，斯库利也说")
    {'罗伯特·斯库利': '罗伯特·斯库利', '葛明远': '葛明远', '斯库利': '罗伯特·斯库利', '葛书记': '葛明远'}
    """
    counts = Counter(name for _, name in lexicon.automaton(names).iter(text)) if names else {}
    names = {name for name in names if len(name) != 3 or counts.get(name[:2], 0) <= counts[name]}
    full = {name: name for name in sorted(names)}
    surnames = Counter(name[0] for name in names if "·" not in name)
    for name in sorted(names):
        longer = [n for n in names if n != name and (n.endswith("·" + name) or n[:2] == name in letters()["double"])]
        full[name] = min(longer, default=name)
        if "·" in name:
            full.setdefault(name.rsplit("·", 1)[1], name)
        elif surnames[name[0]] == 1:
            full |= dict.fromkeys(_titled(name[0], text), name)
    return {form: name for form, name in full.items() if len(form) > 1}


def _titled(surname: str, text: str) -> list[str]:
    """A surname with a title behind it, as often as it occurs."""
    behind, found = _titles()["behind"], []
    for one in re.finditer(surname, text):
        if title := behind.match(text, one.end()):
            found.append(surname + title.group())
    return found


# ---- who signs


@cache
def _bylines() -> tuple[ahocorasick.Automaton, re.Pattern, re.Pattern, re.Pattern, re.Pattern]:
    """Credits; names behind one, names before 摄, names between dots; one name in such a list."""
    credits = [row["title"] for row in lexicon.rows("titles", "title", "field") if row["field"] == "press"]
    compound, single = lexicon.either(letters()["compound"]), "".join(sorted(letters()["surname"]))
    name = rf"(?!由?{lexicon.either(credits)}|来源|.?记者)(?:{compound}|[{single}]){HAN}{{1,2}}(?!{HAN}|\s?[：:])"
    names = rf"(?P<names>{name}(?:[\s、，*]+{name})*)"
    return (
        lexicon.automaton([*credits, "报道组", *SHOT, *"·•记編輯攝審採寫圖訊責撰記"]),
        re.compile(rf"[\s|｜丨/／：:*】）)]+{names}"),
        re.compile(rf"{names}[\s/／]{{1,3}}$"),
        re.compile(rf"\s*[·•]\s?{names}\s?[·•]\s*$"),
        re.compile(name),
    )


def bylines(raw: str) -> list[tuple[int, str, str]]:
    """Who signs a file: (raw line, name in Simplified script, role), role being 署名 with the credit (记者, 编辑 …).

    >>> bylines("市区有序复工\\n文 | 晨报记者 周小禾 李青\\n街头。许一凡/摄\\n審核:趙書硯")
    [(2, '周小禾', '署名记者'), (2, '李青', '署名记者'), (3, '许一凡', '署名摄'), (4, '赵书砚', '署名审核')]
    """
    machine, *_, name = _bylines()
    out = []
    for number, line in enumerate(raw.splitlines(), 1):
        if next(machine.iter(line), None):
            line = glyphs.simplified(line) if TRADITIONAL.search(line) else line
            out += [(number, one, f"署名{credit}") for credit, names in _signed(line) for one in name.findall(names)]
    return list(dict.fromkeys(out))


def _signed(line: str) -> list[tuple[str, str]]:
    """The credits of a line and the names that go with each."""
    machine, behind, before, dotted, _ = _bylines()
    out = []
    for start, end, credit in lexicon.spans(machine, line):
        m = behind.match(line, end) if credit not in SHOT[1:] else None
        if not m and credit in SHOT and not _han(line[end : end + 1] or " "):
            m = before.search(line, max(0, start - 24), start)
        if m:
            out.append((credit, m["names"]))
    alone = dotted.match(line)
    return [*out, ("", alone["names"])] if alone else out
