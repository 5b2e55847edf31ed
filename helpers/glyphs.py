"""Script and width: Traditional to Simplified, ASCII to full-width punctuation beside Han, spaces closed up.

Everything keeps its place: `simplified` never changes the length of a text, `normalise` says which characters it kept.
"""

import re
from functools import cache

import numpy as np

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
WIDE = rf"{HAN}，。！？；：、（）“”‘’《》〈〉【】…—·"
FULL_TO_HALF = {
    c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F) if chr(c - 0xFEE0).isalnum() or chr(c) in "％＋－．／＆＃＠＝～＿"
}
ONE_FOR_ONE = FULL_TO_HALF | {
    ord(a): b
    for a, b in zip(
        "「」『』﹙﹚﹔﹕﹐﹑﹒﹗﹖｢｣\u3000\xa0\u2002\u2003\u2009\u202f\t",
        "“”‘’（）；：，、。！？“”       ",
        strict=True,
    )
}
PUNCTUATION = {",": "，", ":": "：", ";": "；", "?": "？", "!": "！", "(": "（", ")": "）"}
BESIDE_HAN = re.compile(rf"(?:(?<=[{WIDE}])[,:;?!()]|[,:;?!()](?=[{WIDE}]|$))(?<!\d[,:](?=\d))")
HALF_STOP = re.compile(rf"(?<=[{HAN}”’）])\.(?![.\w])")
STRAIGHT = re.compile('"')
INVISIBLE = "\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\ufffc"
INVISIBLE_CHARACTERS = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\u00ad\ufffc"
MARKDOWN = (  # bold marks, images, the brackets and address of a link, escapes
    r"\*\*+|!\[[^\]\n]{0,200}\]\([^)\n]{0,2000}\)|(?<!!)\[(?=[^\]\n]{1,300}\]\([^)\n]{1,2000}\))"
    r"|(?<=[^\]\n])\]\([^)\n]{1,2000}\)|\\(?=[_*#])"
)
CLOSED_UP = re.compile(
    rf"[{INVISIBLE}]+|[\r\n]+|{MARKDOWN}|^ +| +$| +(?=[，。！？；：、）”’》】…])|(?<=[，。！？；：、（“‘《【—…]) +"
    rf"|(?<=[{HAN}]) +(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%]) +(?=[{HAN}])|(?<= ) +"
)


TO_TRANSLATE = re.compile(
    "[" + "".join(re.escape(chr(c)) for c in sorted(ONE_FOR_ONE)) + "]"
)  # most paragraphs need none of it:
HALF_WIDTH = re.compile(r"[,:;?!().\"]")  # one look for a trigger
MAY_CLOSE_UP = re.compile(rf"[ \r\n*\[\\{INVISIBLE}]")  # is cheaper than the change itself


LINE_BREAK = re.compile(rf"[ \t\u3000\xa0{INVISIBLE}]*[\r\n]+[ \t\u3000\xa0{INVISIBLE}\r\n]*")


@cache
def _converter():
    import opencc

    return opencc.OpenCC("tw2s").convert


def simplified(text: str) -> str:
    """`text` in Simplified script (OpenCC tw2s), character for character: offsets stay what they were.

    >>> simplified("包靠著小區，落實責任")
    '包靠着小区，落实责任'
    """
    done = _converter()(text)
    if len(done) == len(text):
        return done
    lines = [(line, _converter()(line)) for line in re.split(r"(\n)", text)]
    return "".join(
        new if len(new) == len(old) else "".join(n if len(n := _converter()(c)) == 1 else c for c in old)
        for old, new in lines
    )


def widened(text: str) -> str:
    """One character for one: half-width Latin and digits, “ ” for 「 」, full-width punctuation where Han stands beside it.

    >>> widened("４月６日,新區發布「通告」:8:30開始(試行)")
    '4月6日，新區發布“通告”：8:30開始（試行）'
    """
    if TO_TRANSLATE.search(text):
        text = text.translate(ONE_FOR_ONE)
    if not HALF_WIDTH.search(text):
        return text
    if text.count('"') and not text.count('"') % 2:
        marks = iter("“”" * text.count('"'))
        text = STRAIGHT.sub(lambda _: next(marks), text)
    before = ""
    while text != before:  # punctuation beside punctuation just widened follows it
        before, text = text, HALF_STOP.sub("。", BESIDE_HAN.sub(lambda m: PUNCTUATION[m.group()], text))
    return text


def normalise(text: str) -> tuple[str, np.ndarray]:
    """Clean characters of `text` (Simplified already) and, for each, its place in `text`.

    >>> normalise("共迎春天 。")[0], normalise("春天 。")[1].tolist()
    ('共迎春天。', [0, 1, 3])
    """
    wide = widened(text)
    places = np.arange(len(wide), dtype=np.int32)
    while MAY_CLOSE_UP.search(wide) and (
        spans := [m.span() for m in CLOSED_UP.finditer(wide)]
    ):  # what closes up may bring punctuation beside Han
        keep = np.ones(len(wide), dtype=bool)
        for start, end in spans:
            keep[start:end] = False
        edges = [0, *(edge for span in spans for edge in span), len(wide)]
        wide = widened("".join(wide[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)))
        places = places[keep]
    return wide, places


def normal(text: str) -> str:
    """`text` as the collection reads it: Simplified, widths settled, line breaks and the blanks around them gone.

    >>> normal("防控疫情,高新區「穩準快」")
    '防控疫情，高新区“稳准快”'
    """
    return normalise(simplified(LINE_BREAK.sub("", text)))[0]
