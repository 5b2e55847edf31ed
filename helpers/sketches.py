"""Which of many texts may be versions of one another: bottom-k sketches of three-character runs.

After Broder (1997), "On the resemblance and containment of documents". A text's imprint depends on the text alone and is
kept; which of its hashes are formulas depends on all texts and is asked anew each time, in one pass over the imprints.
"""

import re

import numpy as np
import pandas as pd
from scipy import sparse

from helpers.trie import code_points

RUN = 3  # characters: half of a text's runs survive when every fifth character is changed
IMPRINT = 512  # smallest hashes kept of each text, so that enough are left without the formulas
SKETCH = 128  # smallest of these that are no formulas
MEET = 20  # hashes that two sketches share before the pair is looked at (a cut and much edited reprint shares thirty)
FORMULA = 0.05, 300  # a run in more than this part of the texts and in more than so many is no sign of a reprint
SLOTS = 1 << 22  # of the table in which texts are counted by run; two runs in one slot only make both look commoner
BLOCK = 1000  # texts whose sketches meet all others at a time, so that memory stays small
NOT_TEXT = re.compile(r"[\W_]+")


def shingles(text: str) -> np.ndarray:
    """The runs of three Han characters, letters or digits in `text`, in order, each packed into one whole number.

    >>> len(shingles("全区启动，应急响应"))
    6
    """
    codes = code_points(NOT_TEXT.sub("", text)).astype(np.uint64)
    if len(codes) < RUN:
        return np.zeros(0, dtype=np.uint64)
    return codes[:-2] << np.uint64(42) | codes[1:-1] << np.uint64(21) | codes[2:]


def scattered(runs: np.ndarray) -> np.ndarray:
    """Hashes of whole numbers, no two alike, whose order has nothing to do with what the numbers say."""
    mixed = (runs ^ (runs >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)


def imprint(text: str) -> np.ndarray:
    """The smallest hashes (32 bits) of the runs of a text, ascending.

    >>> len(imprint("全区启动，应急响应")), len(imprint("防控"))
    (6, 0)
    """
    return np.unique((scattered(shingles(text)) >> np.uint64(32)).astype(np.uint32))[:IMPRINT]


class Sketches:
    """The sketches of many texts, laid end to end: `values`, and the text (its position) that each belongs to, `owner`."""

    def __init__(self, imprints: np.ndarray, sizes: np.ndarray) -> None:
        """`imprints` laid end to end; `sizes` of them."""
        self.n = len(sizes)
        slot = (imprints >> np.uint32(32 - SLOTS.bit_length() + 1)).astype(np.intp)
        held = np.bincount(slot, minlength=SLOTS)
        telling = (held <= max(FORMULA[0] * self.n, FORMULA[1]))[slot]
        place = np.append(np.int32(0), np.cumsum(telling, dtype=np.int32))
        stop = np.cumsum(sizes)
        before = place[stop - sizes]
        self.values = imprints[telling & (place[1:] <= np.repeat(before + SKETCH, sizes))]
        self.sizes = np.minimum(place[stop] - before, SKETCH)
        self.owner = np.repeat(np.arange(self.n, dtype=np.int32), self.sizes)

    def marks(self) -> np.ndarray:
        """One number for each sketch, the same for the same sketch."""
        sums = np.append(np.uint64(0), np.cumsum(scattered(self.values.astype(np.uint64) + np.uint64(1))))
        stop = np.cumsum(self.sizes)
        return (sums[stop] - sums[stop - self.sizes]).view(np.int64)

    def candidates(self, of: np.ndarray | None = None) -> np.ndarray:
        """Pairs of positions (a < b, one pair a row) whose sketches share MEET hashes, or half of the smaller sketch;
        with `of` (true or false for each text) only those with one of these texts.

        The work grows with the number of texts, not of pairs, since no run that is left stands in many. Two fillings of
        a form so common that its words are formulas do not meet; two copies of one filling do, by their figures.
        """
        of = np.ones(self.n, bool) if of is None else of
        shared = slice(None) if of.all() else pd.Series(self.values).isin(self.values[of[self.owner]]).to_numpy()
        _, column = np.unique(self.values[shared], return_inverse=True)
        row = self.owner[shared]
        table = sparse.csr_array((np.ones(len(row), np.int32), (row, column)), shape=(self.n, len(row) + 1))
        rows, found = np.flatnonzero(of), [np.zeros((0, 2), dtype=int)]
        for start in range(0, len(rows), BLOCK):
            some = rows[start : start + BLOCK]
            common = (table[some] @ table.T).tocoo()
            a, b = some[common.row], common.col
            enough = common.data >= np.minimum(MEET, np.minimum(self.sizes[a], self.sizes[b]) / 2)
            near = enough & ((a < b) | ((a > b) & ~of[b]))
            found.append(np.sort(np.column_stack([a, b])[near], axis=1))
        pairs = np.concatenate(found)
        return pairs[np.lexsort(pairs.T[::-1])]


def sketched(texts: list[str]) -> Sketches:
    """The sketches of some texts.

    >>> sketched(["全区启动，应急响应", "全区启动，应急响应机制"]).candidates().tolist()
    [[0, 1]]
    """
    imprints = [imprint(text) for text in texts]
    return Sketches(
        np.concatenate([np.zeros(0, np.uint32), *imprints]), np.array([len(some) for some in imprints], dtype=int)
    )
