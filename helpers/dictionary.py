"""The words of a text and their tags, by jieba's dictionary."""

from bisect import bisect_left
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers import lexicon
from helpers.numerals import among
from helpers.trie import padded

MARKS = "，。；：！？、“”‘’（）《》—… \n\t\u3000"  # no word holds one
HAN = r"[\u4e00-\u9fff]"
RARE = 30  # occurrences in the dictionary's corpus below which a word may be a name


class Words(NamedTuple):
    """The words of a text, where each begins (a view, in place of as many whole numbers), and the code of its first
    character."""

    words: list[str]
    starts: memoryview
    firsts: np.ndarray


class Learned(dict):
    """What `ask` says of each word met; a word that comes again is not asked about again."""

    MOST = 200_000

    def __init__(self, ask: Callable) -> None:
        self.ask = ask

    def __missing__(self, word: str):
        if len(self) >= self.MOST:
            self.clear()
        self[word] = said = self.ask(word)
        return said


@cache
def cutter():
    """jieba's dictionary and HMM (Sun 2012), untouched by the project's terms."""
    return lexicon.dictionary()


def cut(text: str, places: np.ndarray | None = None) -> Words:
    """Words of a text with their offsets; where places are given, of the stretches between marks that hold one, which are
    cut as they are in the whole text: no word crosses a mark.

    >>> whole, some = cut("居民，下沉"), cut("居民，下沉", np.array([4]))
    >>> whole.words, list(whole.starts), some.words, list(some.starts)
    (['居民', '，', '下沉'], [0, 2, 3], ['，', '下沉'], [2, 3])
    """
    points = padded(text)[:-2]
    if places is not None:
        stretch = among(MARKS).take(points).cumsum()  # a mark and what stands behind it
        wanted = np.zeros(len(points) + 1, bool)
        wanted[stretch[places]] = True
        kept = np.flatnonzero(wanted.take(stretch))
        points = points[kept]
        text = points.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    words = cutter().cut(text)
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    at = lengths.cumsum() - lengths
    return Words(words, (at if places is None else kept[at]).data, points[at])


@cache
def _entries() -> bytes:
    """The lines of jieba's dictionary: word, frequency, tag."""
    return b"\n" + Path(find_spec("jieba").origin).with_name("dict.txt").read_bytes()


def _tag(word: str) -> str:
    """The tag of a word by the dictionary, x for words it does not hold."""
    tagged = cutter().tag(word)
    if len(tagged) == 1:
        return tagged[0][1]
    if not cutter().has_word(word):
        return "x"
    entry = _entry(f"{word} ".encode())  # so rare a word that, alone, it is cut in two
    return entry.split(maxsplit=3)[2].decode()


def _entry(begins: bytes) -> bytes:
    """The line of jieba's dictionary that begins like this; those of Han words stand in order, the others nearly so."""
    entries, size = _entries(), len(begins)
    at = bisect_left(
        range(len(entries)), begins, key=lambda i: entries[(b := entries.rfind(b"\n", 0, i + 1) + 1) : b + size]
    )
    at = at if entries.startswith(begins, at + 1) else entries.find(b"\n" + begins)
    return entries[at + 1 : at + 200]


tag = Learned(_tag)
