"""Who signs a file: the credits of reporters, editors and photographers in its raw lines."""

import re
from functools import cache

import ahocorasick

from helpers import glyphs, lexicon
from helpers.dictionary import HAN
from helpers.names import is_han, letters

TRADITIONAL = re.compile("[記編輯攝審採寫圖訊責撰]")  # a credit may stand here in Traditional script
GAP = r" \t\v\f\xa0\u2000-\u200a\u202f\u3000|｜丨│/／：:*】）)"  # within a line
CREDITED = re.compile(  # in every line that credits somebody; begins with few characters, which a search leaps to
    rf"[{GAP}·•（(](?:(?<=[·•])|(?<={HAN}[{GAP}])[{GAP}]*{HAN}|(?<=[（(])(?:{HAN}{{0,6}}?(?:[记記]者|通[讯訊][员員])"
    r"|(?<=[电電讯訊\n].)|(?<=[电電讯訊] .)))"
)
OPENED = re.compile(r"[（(][^（()）]*\Z")
SHOT = ("摄影", "文/图", "摄", "图", "绘")  # credits that stand behind a name


@cache
def _bylines() -> tuple[ahocorasick.Automaton, *tuple[re.Pattern, ...]]:
    """Credits; names behind one, names that touch one (记者张三通讯员李四), names before 摄, names between dots, alone in brackets
    or behind 电; one name in such a list; a credit, searched fast."""
    credits = [row["title"] for row in lexicon.rows("titles", "title", "field") if row["field"] == "press"]
    compound, single = lexicon.either(letters()["compound"]), "".join(sorted(letters()["surname"]))
    person = rf"(?!由?{lexicon.either(credits)}|来源|.?记者)(?:{compound}|[{single}]){HAN}{{1,2}}"
    name, packed = rf"{person}(?!{HAN}|\s?[：:])", rf"{person}(?=[\s、，/／）)]|通讯员|记者|摄影)"
    names = rf"(?P<names>{name}(?:[\s、，*]+{name})*)"
    words = [*credits, "报道组", *SHOT, *"·•记編輯攝審採寫圖訊責撰記"]
    return (
        lexicon.automaton(words),
        re.compile(rf"[{GAP}]+{names}"),
        re.compile(rf"(?P<names>{packed}(?:[\s、，]+{packed})*)"),
        re.compile(rf"{names}[\s/／]{{1,3}}$"),
        re.compile(
            rf"(?:\s*(?=[·•].*[·•]\s*$|[（(]{HAN}+[\s、].*[）)]\s*$)|[^（(]{{0,30}}+(?:(?<=[电電讯訊])|(?<=[电電讯訊]\s)))"
            rf"[·•（(]\s?{names}\s?[·•）)]"
        ),
        re.compile(name),
        re.compile(lexicon.either(words)),
    )


def bylines(raw: str) -> list[tuple[int, str, str]]:
    """Who signs a file: (raw line, name in Simplified script, role), role being 署名 with the credit (记者, 编辑 …).

    >>> bylines("市区有序复工\\n文 | 晨报记者 周小禾 李青\\n街头。许一凡/摄\\n審核:趙書硯")
    [(2, '周小禾', '署名记者'), (2, '李青', '署名记者'), (3, '许一凡', '署名摄'), (4, '赵书砚', '署名审核')]
    """
    *_, alone, name, credit_word = _bylines()
    raw = raw.replace("\r\n", "\n").replace("\r", "\n") + "\n"
    out, number, reached = [], 1, 0
    for m in CREDITED.finditer(raw):
        if m.start() < reached:  # the same line
            continue
        number += raw.count("\n", reached, m.start())
        reached = raw.find("\n", m.start())
        line = raw[raw.rfind("\n", 0, m.start()) + 1 : reached]
        if credit_word.search(line) or alone.match(line):
            line = glyphs.simplified(line) if TRADITIONAL.search(line) else line
            out += [(number, one, f"署名{credit}") for credit, names in _signed(line) for one in name.findall(names)]
    return list(dict.fromkeys(out))


def _signed(line: str) -> list[tuple[str, str]]:
    """The credits of a line and the names that go with each."""
    machine, behind, packed, before, dotted, *_ = _bylines()
    out = []
    for start, end, credit in lexicon.spans(machine, line):
        led = credit not in SHOT[1:] or credit == "摄" and line[end : end + 1] in ("：", ":")
        m = behind.match(line, end) if led else None
        if not m and credit not in SHOT and in_brackets(line, start):
            m = packed.match(line, end)
        if not m and credit in SHOT and not is_han(line[end : end + 1] or " "):
            m = before.search(line, max(0, start - 24), start)
        if m:
            out.append((credit, m["names"]))
    alone = dotted.match(line)
    return [*out, ("", alone["names"])] if alone else out


def in_brackets(line: str, at: int) -> bool:
    """Whether a bracket that was opened shortly before this place is not yet closed."""
    return bool(OPENED.search(line, max(0, at - 24), at))
