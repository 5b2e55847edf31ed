"""From bytes to text: the encodings Chinese files really have, and an honest word on what was lost on the way.

A byte order mark decides, then UTF-8, then the declared label; a guess is made only between GB18030 and Big5. What cannot be
decoded becomes one \ufffd at its place, and what was garbled before it reached us is reported, never repaired.
"""

import re
from dataclasses import dataclass, field
from functools import cache

from helpers.glyphs import HAN
from helpers.study import LEXICON


@dataclass(frozen=True)
class Page:
    """One article as found: `text`, `encoding`, what the file itself says of it, and doubts (problem, remedy).

    `main` holds the numbers of the lines that belong to the article where a page carries more than that; None: all may.
    `part` is the number of the article within its file, 0 where the file is the article. `sha256` is that of the file's bytes.
    """

    text: str
    encoding: str = ""
    meta: dict = field(default_factory=dict)
    doubts: tuple[tuple[str, str], ...] = ()
    main: frozenset[int] | None = None
    sha256: str = ""
    part: int = 0


MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# a label names the family; the widest member reads every page of it (gb2312 pages hold GBK names, big5 pages HKSCS ones)
ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb-2312": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "cp950": "big5hkscs",
    "utf8": "utf-8",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
GUESSES = ("utf-8", "gb18030", "big5hkscs")
# how a text was read, and how it should have been: pairs seen in the wild
MISREADINGS = (
    ("gb18030", "utf-8"),
    ("latin-1", "utf-8"),
    ("big5hkscs", "utf-8"),
    ("latin-1", "gb18030"),
    ("latin-1", "big5hkscs"),
    ("gb18030", "big5hkscs"),
    ("big5hkscs", "gb18030"),
)
# Windows reads Latin-1 with signs of its own where Latin-1 has control characters
WINDOWS = {ord(bytes([b]).decode("cp1252")): b for b in range(0x80, 0xA0) if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
# what replaced or unset bytes look like after a second decoding
SCARS = ("锟斤", "斤拷锟", "烫烫烫", "屯屯屯")
STRANGE = 3  # unusual characters of a line that may be garbled
CONTROLS = bytes([*range(9), 11, *range(14, 32)])  # which no text holds
HAN_SIGN = re.compile(f"[{HAN}]")
HALF = re.compile("[\ud800-\udfff]")  # unpaired surrogates: no text, and no file can hold them
PRIVATE = re.compile(r"[\ue000-\uf8ff]")
PUNCTUATION = "\u3000-\u303f\uff00-\uffee“”‘’—…·•℃￥①-⑳"


@cache
def common() -> frozenset[str]:
    """The characters most of any modern Chinese text is made of, Simplified and Traditional."""
    return frozenset((LEXICON / "common_characters.txt").read_text(encoding="utf-8")) - {"\n"}


@cache
def _unusual() -> re.Pattern:
    """Whatever is neither ASCII nor expected on a Chinese page."""
    return re.compile(f"[^\\x00-\\x7f{''.join(sorted(common()))}{PUNCTUATION}]")


def _wide(text: str) -> int:
    """How many characters lie beyond ASCII."""
    return len(text) - len(text.encode("ascii", "ignore"))


def plausibility(text: str) -> float:
    """How much `text` looks like Chinese: share of common characters among all beyond ASCII.

    >>> plausibility("疫情防控") > plausibility("鐤儏闃叉帶")
    True
    """
    wide = _wide(text := text[:20_000])
    return 1 - len(_unusual().findall(text)) / wide if wide else 1.0


def decode(data: bytes, declared: str = "") -> Page:
    """The text of `data`: byte order mark, then UTF-8, then the declared label, then GB18030 against Big5 by likeness.

    Valid UTF-8 goes before a label because no Chinese text in another encoding is valid UTF-8 by chance, and labels lie.

    >>> decode("新区启动应急响应".encode("gbk")).encoding
    'gb18030'
    >>> decode("防疫".encode("utf-8-sig")).text
    '防疫'
    """
    marked = next((name for mark, name in MARKS if data.startswith(mark)), "")
    if not marked and 0 not in data[:4096] and (text := _decoded(data, "utf-8")) is not None:
        return Page(text, "utf-8", {}, doubts(text))
    if marked := marked or _utf16_without_mark(data):
        return _lenient(data, marked)
    label = ALIASES.get(declared.lower().replace("_", "-"), declared.lower())
    for name in dict.fromkeys(("utf-8", label)):
        text = _decoded(data, name)
        if text is not None and (name == "utf-8" or plausibility(text) > 0.5):
            return _lenient(data, name)
    return _lenient(data, max(GUESSES, key=lambda name: plausibility(data.decode(name, "replace"))))


def _decoded(data: bytes, name: str) -> str | None:
    """`data` read as `name`; None where not all of it is valid in it, or there is no such encoding."""
    try:
        return data.decode(name) if name else None
    except (UnicodeError, LookupError):
        return None


def _utf16_without_mark(data: bytes) -> str:
    """UTF-16 without a mark: nearly everything is a common character in that reading, and in no other."""
    head = data[:4096]
    if len(head) < 4:
        return ""
    likely = {name: _expected(head.decode(name, "replace")) for name in ("utf-16-le", "utf-16-be")}
    best = max(likely, key=likely.get)
    return best if likely[best] > 0.75 else ""


def _expected(text: str) -> float:
    """Share of characters that a Chinese page is expected to hold: common Han, punctuation, printable ASCII."""
    return 1 - (len(_unusual().findall(text)) + _controls(text)) / len(text) if HAN_SIGN.search(text) else 0.0


def _lenient(data: bytes, name: str) -> Page:
    """`data` read as `name`; what is not valid in it becomes \ufffd and is counted."""
    text = data.decode(name, "replace")
    lost = text.count("\ufffd")
    if lost:  # a page may hold the sign itself
        lost -= data.decode(name, "ignore").count("\ufffd")
    if not lost:
        return Page(text, name, {}, doubts(text))
    first = text.count("\n", 0, text.index("\ufffd")) + 1
    doubt = (
        f"{lost} byte sequence(s) are not valid {name} and were replaced by \ufffd, the first in line {first}",
        "Save the file again as UTF-8 from its source, or accept the loss.",
    )
    return Page(text, name, {}, (doubt, *doubts(text, lost)))


def doubts(text: str, known: int = 0) -> tuple[tuple[str, str], ...]:
    """What a text shows of damage done before it was saved: (problem, remedy); `known` \ufffd are told of already.

    >>> garbled = "疫情防控工作有序开展".encode().decode("gb18030", "replace")
    >>> doubts("疫情防控工作有序开展"), doubts(garbled)[0][0][:24]
    ((), 'looks garbled (mojibake)')
    """
    unusual = "".join(_unusual().findall(text))
    lost, private = unusual.count("\ufffd") - known, len(PRIVATE.findall(unusual))
    garbled = any(scar in text for scar in SCARS) or len(unusual) >= STRANGE and _garbled(text)
    found = {
        "looks garbled (mojibake): decoded wrongly before it was saved": garbled,
        f"{lost} character(s) were lost before the file was saved (\ufffd)": lost > 0,
        f"{private} characters are private signs of one font": private > max(20, len(text) // 50),
    }
    return tuple(
        (problem, "Fetch the page again; it cannot be repaired safely.") for problem in found if found[problem]
    )


def _garbled(text: str) -> bool:
    """True where the lines that do not look like Chinese do so once they are decoded the other way."""
    unusual = _unusual().findall
    lines = [line for line in text[:200_000].split("\n") if len(unusual(line)) >= STRANGE]
    strange = "\n".join([*filter(_strange, lines)][:60])
    varied = len(set(strange)) > 8  # a rule drawn of signs is no text
    return varied and any(_reads_better(strange, *pair) for pair in MISREADINGS)


def _strange(line: str) -> bool:
    return len(_unusual().findall(line)) > 0.4 * _wide(line) and plausibility(line) < 0.6


def _reads_better(text: str, wrong: str, right: str) -> bool:
    """True where text once misread as `wrong` makes Chinese again when its bytes are read as `right`."""
    meant = text.translate(WINDOWS) if wrong == "latin-1" else text
    again = meant.encode(wrong, "replace").decode(right, "replace").replace("\ufffd", "")
    han = len(HAN_SIGN.findall(again))
    return han >= 4 and han * 8 >= _wide(text) and plausibility(again) > 0.85


def _controls(text: str) -> int:
    plain = text.encode("ascii", "ignore")
    return len(plain) - len(plain.translate(None, CONTROLS))


def is_binary(data: bytes, text: str) -> bool:
    """True where a file named like a text is none: control bytes beyond what any text holds."""
    head = text[:20_000]
    return _controls(head) > max(2, len(head) // 200) or b"\x00\x00\x00" in data[:4096] and "\x00" in text[:4096]
