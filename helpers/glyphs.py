"""Script and width: Traditional to Simplified, ASCII to full-width punctuation beside Han, spaces closed up.

Everything keeps its place: `simplified` never changes the length of a text, `normalise` says which characters it kept.
"""

import re
from collections.abc import Callable
from functools import cache

import numpy as np

from helpers import lexicon
from helpers.study import CorpusError
from helpers.trie import code_points

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
WIDE = rf"{HAN}，。！？；：、（）“”‘’《》〈〉【】…—·"
FULL_TO_HALF = {
    chr(c): chr(c - 0xFEE0)
    for c in range(0xFF01, 0xFF5F)
    if chr(c - 0xFEE0).isalnum() or chr(c) in "％＋－．／＆＃＠＝～＿"
}
ONE_FOR_ONE = FULL_TO_HALF | dict(
    zip(
        "「」『』﹙﹚﹔﹕﹐﹑﹒﹗﹖｢｣｡､∶︰〝〞\u3000\xa0\u2002\u2003\u2009\u202f\t",
        "“”‘’（）；：，、。！？“”。、：：“”       ",
        strict=True,
    )
)
PUNCTUATION = {",": "，", ":": "：", ";": "；", "?": "？", "!": "！", "(": "（", ")": "）"}
HALF_WIDTH = frozenset([*PUNCTUATION, "."])
OTHER_WIDTH = re.compile("[" + "".join(map(re.escape, ONE_FOR_ONE)) + "]")
MARKS = re.compile(r"[,:;?!().][,:;?!().]*")  # begins with a set of characters, which a search leaps to
WIDE_CHARACTER = re.compile(f"[{WIDE}]")
BEFORE_STOP = re.compile(f"[{HAN}”’）]")
BEGINS = {OTHER_WIDTH: "".join(ONE_FOR_ONE), MARKS: "".join(HALF_WIDTH)}  # what their matches begin with
LONG = 2000  # characters of a text that is not looked through one by one
STRAIGHT = re.compile('"')
INVISIBLE = "\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\ufffc"
INVISIBLE_CHARACTERS = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\u00ad\ufffc"
URL = r"https?://{0}|www\.(?<![\w.@]www\.){0}".format(r"[\w.~:/?#@!$&'*+,;=%-]*[\w/=#&~-]")
TARGET = r"\((?:[^()（）\n]|[(（][^()（）\n]{0,200}[)）]){1,2000}[)）]"  # the closing bracket is full-width beside Han
MARKUP = (  # bold marks, images, the brackets and address of a link, marks of forums, bare addresses, escapes
    rf"\*\*+|!\[[^\]\n]{{0,200}}\]{TARGET}|\[(?<!!\[)(?=[^\]\n]{{1,300}}\]{TARGET})"
    rf"|\](?<=[^\]\n]\]){TARGET}|\[/?(?:url|b|color|size|font)(?:=[^\]\n]{{0,300}})?\]"
    rf"|[（(](?:{URL})[）)]|{URL}|\\(?=[_*#])"
)
TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
READING = rf"[（(](?<=[{HAN}].)[a-zü]{{0,3}}[{TONES}][a-z]{{0,3}} ?[）)]"  # 发(fā)布: how it is read, which some sites strew in
READINGS = re.compile(READING)
CLOSED_UP = re.compile(rf" +|[{INVISIBLE}]+|[\r\n]+|{READING}|{MARKUP}", re.ASCII)
CLOSE_BEFORE = frozenset("，。！？；：、）”’》】…")  # no blank stands before these
CLOSE_AFTER = frozenset("，。！？；：、（“‘《【—…")  # nor after these
IN_WORDS = "沈坏甦藉哩覆衹瞭秘"  # which the converter changes in some words only: 深沈, 回覆
HAN_CHARACTER = re.compile(f"[{HAN}]")
LATIN = re.compile(r"[A-Za-z0-9]")
MAY_CLOSE_UP = re.compile(rf"[ \r\n*\[\\{INVISIBLE}{TONES}]")  # one look for a trigger, before the change itself
LINE_END = re.compile(rf"[ \t\u3000\xa0{INVISIBLE}]*(?:[\r\n]|\Z)")
LINE_BREAK = re.compile(rf"[ \t\u3000\xa0{INVISIBLE}]*[\r\n]+[ \t\u3000\xa0{INVISIBLE}\r\n]*")


@cache
def _converter():
    import opencc

    return opencc.OpenCC("tw2s").convert


@cache
def _exceptions() -> tuple[re.Pattern, dict[str, str]]:
    """Words the converter gets wrong, and what they become (`script_exceptions.csv`)."""
    table = {row["found"]: row["becomes"] for row in lexicon.rows("script_exceptions", "found", "becomes")}
    for found, becomes in table.items():
        if len(found) != len(becomes):
            raise CorpusError(f"script_exceptions.csv: {found} and {becomes} differ in length; both must be as long.")
    return re.compile(lexicon.either(table)), table


@cache
def _changing() -> np.ndarray:
    """By code point, whether a character may change: by itself, in some words (IN_WORDS) or in the table of exceptions."""
    signs = "\n".join(map(chr, (*range(0x3400, 0xA000), *range(0xF900, 0xFB00))))
    old, new = code_points(signs), code_points(_converter()(signs))
    table = np.zeros(0x110000, dtype=bool)
    table[old[old != new]] = True
    table[code_points(IN_WORDS)] = table[0x10000:] = True
    for word, becomes in sorted(_exceptions()[1].items(), key=lambda row: len(row[0])):
        if word == becomes and len(word) == 1:  # stays, whatever the converter makes of it
            table[ord(word)] = False
        elif word != becomes:
            table[ord(word[0])] |= not table[code_points(word)].any()
    return table


def simplified(text: str) -> str:
    """`text` in Simplified script (OpenCC tw2s and a table of exceptions), character for character: offsets stay.

    >>> simplified("包靠著小區，成效顯著"), simplified("成效显著，怎么办")
    ('包靠着小区，成效显著', '成效显著，怎么办')
    """
    parts, done = [], 0
    for place in np.flatnonzero(_changing().take(code_points(text))).tolist():
        if place >= done:  # no word runs over a line break, so only lines with such a character are converted
            start, end = text.rfind("\n", done, place) + 1 or done, text.find("\n", place)
            end = len(text) if end < 0 else end
            parts += text[done:start], _line(text[start:end])
            done = end
    return "".join([*parts, text[done:]]) if parts else text


def _line(text: str) -> str:
    done = _converted(text)
    pattern, becomes = _exceptions()
    parts, last = [], 0
    for match in pattern.finditer(text):
        parts += done[last : match.start()], becomes[match.group()]
        last = match.end()
    return "".join([*parts, done[last:]]) if parts else done


def _converted(line: str) -> str:
    done = _converter()(line)
    return done if len(done) == len(line) else "".join(n if len(n := _converter()(c)) == 1 else c for c in line)


def widened(text: str) -> str:
    """One character for one: half-width Latin and digits, “ ” for 「 」, full-width punctuation where Han stands beside it.

    >>> widened("４月６日,新區發布「通告」:8:30開始(試行)")
    '4月6日，新區發布“通告”：8:30開始（試行）'
    """
    text = _replaced(OTHER_WIDTH, lambda m: ONE_FOR_ONE[m.group()], text)
    if '"' in text:
        text = "".join(_paired(line) if '"' in line else line for line in re.split(r"([\r\n]+)", text))
    return _replaced(MARKS, _beside_han, text)


def _replaced(pattern: re.Pattern, becomes: Callable[[re.Match], str], text: str) -> str:
    """`pattern.sub`, where in a long text only the characters are tried that a match begins with."""
    if len(text) < LONG:
        return pattern.sub(becomes, text)
    parts, done = [], 0
    for place in np.flatnonzero(_begins(pattern).take(code_points(text), mode="clip")).tolist():
        if place >= done:
            match = pattern.match(text, place)
            parts += text[done:place], becomes(match)
            done = match.end()
    return "".join([*parts, text[done:]])


@cache
def _begins(pattern: re.Pattern) -> np.ndarray:
    """By code point, whether a match begins with it; the last, which none does, stands for all beyond the basic plane."""
    table = np.zeros(0x10000, dtype=bool)
    table[code_points(BEGINS[pattern])] = True
    return table


def _paired(line: str) -> str:
    """Straight quotes of a line as “ ”, where they come in pairs."""
    marks = iter("“”" * line.count('"'))
    return line if line.count('"') % 2 else STRAIGHT.sub(lambda _: next(marks), line)


def _beside_han(match: re.Match) -> str:
    """A run of marks, each full-width where Han or a full-width mark stands beside it or the line ends."""
    text, start, end = match.string, match.start(), match.end()
    run, before, after = list(match.group()), text[start - 1 : start], text[end : end + 1]
    if before.isascii() and after.isascii() and after.strip():
        return match.group()
    touches = WIDE_CHARACTER.match(after) or LINE_END.match(text, end)
    if before == " " and not after.strip() and run[0] not in "()" and HAN_CHARACTER.match(text[start - 2 : start - 1]):
        before = text[start - 2]  # 居民 , 都
    wide, stop = WIDE_CHARACTER.match(before), BEFORE_STOP.match(before)
    for i, mark in enumerate(run):
        if mark == ".":
            following = run[i + 1] if i + 1 < len(run) else after
            run[i] = "。" if stop and not (following == "." or following.isalnum() or following == "_") else mark
        elif wide:
            run[i] = PUNCTUATION[mark]
        wide, stop = run[i] not in HALF_WIDTH, run[i] == "）"
    for i in range(len(run) - 1, -1, -1):
        if not touches or run[i] == ".":
            break
        run[i] = PUNCTUATION.get(run[i], run[i])
    return "".join(run)


def may_close_up(text: str) -> bool:
    """Whether something in a text may go: no more than a quick look for what such things begin with."""
    return "://" in text or "www." in text or MAY_CLOSE_UP.search(text) is not None


def normalise(text: str) -> tuple[str, np.ndarray]:
    """Clean characters of `text` (Simplified already) and, for each, its place in `text`.

    >>> normalise("共迎春天 。")[0], normalise("春天 。")[1].tolist()
    ('共迎春天。', [0, 1, 3])
    """
    wide = widened(text)
    places = np.arange(len(wide), dtype=np.int32)
    while may_close_up(wide) and (spans := _closed_up(wide)):  # closing up may bring punctuation beside Han
        keep = np.ones(len(wide), dtype=bool)
        for start, end in spans:
            keep[start:end] = False
        edges = [0, *(edge for span in spans for edge in span), len(wide)]
        wide = widened("".join(wide[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)))
        places = places[keep]
    return wide, places


def _closed_up(text: str) -> list[tuple[int, int]]:
    """Spans that go: line breaks, invisible characters, readings, marks of Markdown and forums, addresses, blanks where Chinese
    has none."""
    spans = []
    for match in CLOSED_UP.finditer(text):
        start, end = match.span()
        if text[start] == " " and not _blank_goes(text[start - 1 : start], text[end : end + 1]):
            start += 1  # one blank stays
        if start < end:
            spans.append((start, end))
    return spans


def _blank_goes(before: str, after: str) -> bool:
    if not before or not after or before in CLOSE_AFTER or after in CLOSE_BEFORE:
        return True
    if HAN_CHARACTER.match(before):
        return bool(LATIN.match(after))
    return bool((LATIN.match(before) or before == "%") and HAN_CHARACTER.match(after))


def normal(text: str) -> str:
    """`text` as the collection reads it: Simplified, widths settled, line breaks and the blanks around them gone.

    >>> normal("防控疫情,高新區「穩準快」")
    '防控疫情，高新区“稳准快”'
    """
    return normalise(simplified(LINE_BREAK.sub("", text)))[0]
