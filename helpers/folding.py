"""Lines of text for a figure: how wide they are, and where a long one is broken, Chinese or English."""

import re
from collections.abc import Iterator

NARROW = 0.55  # ems: the mean width of a Latin letter
LANGUAGES = re.compile(r"^(.*[\u2e80-\uffff]\S*) ([A-Za-z(].*)$")  # a label in Chinese, then in English
PIECES = re.compile(
    r"\([^()]{1,9}\),?\s*|[\u2e80-\uffef][，。、；：）·]*\s*[−–]?|[^\u2e80-\uffef\s]+(?:\s=\s\S+)?\s*|\s+"
)
BROAD = "·“”‘’…—"  # as wide as a Chinese character in the fonts shipped


def ems(text: str) -> float:
    """The width of a line of text in widths of a Chinese character.

    >>> ems("防控 control")
    6.4
    """
    return round(sum(1 if c > "\u2e80" or c in BROAD else NARROW for c in text), 2)


def widest(text: str) -> float:
    """The width of the widest line of a text, in the same."""
    return max(map(ems, text.split("\n")))


def joined(text: str) -> str:
    """A text of several lines as one line, Chinese without a blank in it."""
    return " ".join(re.sub(r"(?<=[\u2e80-\uffef])\n(?=[\u2e80-\uffef])", "", text).split())


def folded(text: str, most: float, spare: int = 0) -> str:
    """`text` on lines of at most `most` ems, about as long as each other: broken where the language changes, then at
    blanks or between characters; `spare` lines more may be spent on keeping the languages apart.

    >>> folded("病例占比 share of cases", 9), folded("栖云高新区 −", 5), folded("1? 党员·老人·社区", 7)
    ('病例占比\\nshare of cases', '栖云高\\n新区 −', '1? 党员·\\n老人·社区')
    """
    return "\n".join(piece for line in text.split("\n") for piece in _lines(line, most, spare))


def _lines(line: str, most: float, spare: int) -> list[str]:
    if ems(line) <= most:
        return [line]
    mixed = _even(line, most)
    if (halves := LANGUAGES.match(line)) and ems(halves[1]) > 2:
        apart = [piece for half in halves.groups() for piece in _even(half, most)]
        return apart if len(apart) <= len(mixed) + spare else mixed
    return mixed


def _even(line: str, most: float) -> list[str]:
    """As few lines as find room, the longest of them as short as can be, so that no character stands alone."""
    lines, longest = list(_filled(line, most)), most + 1
    while len(lines) > 1 and max(map(ems, lines)) < longest:
        longest = max(map(ems, lines))
        shorter = list(_filled(line, longest - 0.01))
        lines = shorter if len(shorter) == len(lines) else lines
    return lines


def _filled(line: str, most: float) -> Iterator[str]:
    """As many words, or Chinese characters with the mark that follows them, on each line as find room."""
    held, pieces = "", re.findall(r"[^·\s]+[·\s]*|[·\s]+", line)
    if "·" not in line or max(map(ems, pieces)) > most:
        pieces = PIECES.findall(line)
    for piece in pieces:
        if held.strip() and ems((held + piece).rstrip()) > most:
            yield held.rstrip()
            held = ""
        held += piece
    yield held.rstrip()
