"""Every place where any of many strings stands, by array arithmetic: no step of Python for a character or a hit."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
LAST = 0xFFFF  # the last 16 bits


def code_points(characters: str) -> NDArray[np.uint32]:
    """The code point of each character.

    >>> code_points("防疫").tolist()
    [38450, 30123]
    """
    return np.frombuffer(characters.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


@lru_cache(1)
def padded(text: str) -> NDArray[np.intp]:
    """The code points of a text and of two line breaks behind it, which stand before its first character as well, at -2 and
    -1. Those of the last text are kept: one search after the other goes over it.

    >>> padded("疫")[[-1, 0, 1]].tolist() == [*map(ord, "\\n疫\\n")]
    True
    """
    return code_points(text + "\n\n").astype(np.intp)  # tables are looked up by it time and again


@dataclass(frozen=True, eq=False)
class Trie:
    """Strings as a tree of letters (Fredkin 1960), walked from every character of a text at once.

    The first two letters are looked up in a square table, where nine walks of ten end; from there on a step is a search
    among the keys (node × letters + letter). Node 0 is nowhere.
    """

    letter: NDArray[np.uint16]  # of each code point; 0 where no string has it
    width: int  # letters, with 0
    longest: int
    alone: NDArray[np.bool_]  # whether a letter is a string by itself
    single: Ints  # number of that string, or -1
    pairs: NDArray[np.unsignedinteger]  # node of each two letters
    keys: Ints  # ascending; the first leads to the node after those of `pairs`
    sieve: NDArray[np.bool_]  # by the last 16 bits of a key: whether there is one; most steps end here, unsearched
    string: Ints  # number of the string that ends at this node, or -1
    onward: NDArray[np.bool_]  # whether a longer string passes this node

    def may_begin(self, points: NDArray[np.integer]) -> Ints:
        """Where the first two letters of a string stand, or a string of one letter.

        >>> trie(["动态清零", "零"]).may_begin(code_points("动物动态归零")).tolist()
        [2, 5]
        """
        letters = np.append(self.letter.take(points), np.uint16(0))
        start = np.flatnonzero(letters != 0)  # of truth values, which numpy is far quicker at
        here = letters.take(start).astype(np.int64)
        pair = here * self.width + letters.take(start + 1)
        return start.compress((self.pairs.take(pair) != 0) | self.alone.take(here))

    def find(self, points: NDArray[np.integer]) -> tuple[Ints, Ints]:
        """(start, number of the string) of every occurrence in a text of these code points; shorter strings come first.

        >>> start, number = trie(["清零", "动态清零", "零"]).find(code_points("坚持动态清零"))
        >>> start.tolist(), number.tolist()
        ([5, 4, 2], [2, 0, 1])
        """
        letters = np.append(self.letter.take(points), np.zeros(self.longest, np.uint16)).astype(np.int64)
        here = letters[: len(points)]
        start = np.flatnonzero(self.alone.take(here))
        found = [(start, self.single.take(here.take(start)))]
        pair = here * self.width
        pair += letters[1 : len(points) + 1]
        node = self.pairs.take(pair)
        start, depth = np.flatnonzero(node != 0), 2
        node = node.take(start).astype(np.int64)
        first = len(self.string) - len(self.keys) + 1  # the node of the first key; the last key is none
        while len(start):
            number = self.string.take(node)
            ended = np.flatnonzero(number >= 0)
            found.append((start.take(ended), number.take(ended)))
            longer = np.flatnonzero(self.onward.take(node))
            start = start.take(longer)
            wanted = node.take(longer) * self.width + letters.take(start + depth)
            likely = np.flatnonzero(self.sieve.take(wanted & LAST))
            start, wanted = start.take(likely), wanted.take(likely)
            place = np.searchsorted(self.keys, wanted)
            there = np.flatnonzero(self.keys.take(place) == wanted)
            start, node, depth = start.take(there), place.take(there) + first, depth + 1
        starts, numbers = zip(*found, strict=True)
        return np.concatenate(starts), np.concatenate(numbers)


def trie(strings: Sequence[str]) -> Trie:
    """The tree of some strings, each of them given once."""
    points, lengths = code_points("".join(strings)), np.array([len(one) for one in strings], dtype=np.int64)
    used, letters = np.unique(points, return_inverse=True)
    letter = np.zeros(0x110000, np.uint16)
    letter[used] = np.arange(1, len(used) + 1)
    width, longest = len(used) + 1, int(lengths.max(initial=2))
    rows = np.zeros((len(strings), longest), np.int64)
    rows[np.arange(longest) < lengths[:, None]] = letters + 1
    single, alone = np.full(width, -1), np.flatnonzero(lengths == 1)
    single[rows[alone, 0]] = alone
    node, levels, string = rows[:, 0], [], [np.array([-1])]
    for depth in range(1, longest):
        longer = np.flatnonzero(lengths > depth)
        keys, place = np.unique(node[longer] * width + rows[longer, depth], return_inverse=True)
        node[longer] = place + sum(map(len, string))
        ends = lengths[longer] == depth + 1
        string.append(np.full(len(keys), -1))
        string[-1][place[ends]] = longer[ends]
        levels.append(keys)
    pairs = np.zeros(width * width, np.min_scalar_type(len(levels[0])))
    pairs[levels[0]] = np.arange(1, len(levels[0]) + 1)
    keys, ends = np.concatenate([*levels[1:], [np.iinfo(np.int64).max]]), np.concatenate(string)
    onward = np.zeros(len(ends), bool)
    onward[keys[:-1] // width] = True
    sieve = np.zeros(LAST + 1, bool)
    sieve[keys & LAST] = True
    return Trie(letter, width, longest, single >= 0, single, pairs, keys, sieve, ends, onward)


def in_texts(texts: Sequence[str], first: Ints, last: Ints) -> tuple[Ints, Ints, Ints]:
    """Places in texts joined by line feeds, from their first to their last character: the number of the text, and start and
    end in it.

    >>> [part.tolist() for part in in_texts(["居民", "排队"], np.array([3]), np.array([4]))]
    [[1], [0], [2]]
    """
    starts = np.cumsum([0, *(len(text) + 1 for text in texts)])
    text = np.searchsorted(starts, first, side="right") - 1
    return text, first - starts[text], last + 1 - starts[text]
