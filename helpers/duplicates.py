"""Reprints and near-duplicates: which articles tell the same text twice, and which of them is kept.

Candidates come from bottom-k sketches of character shingles (Broder 1997); each pair is then checked exactly.
"""

import re

import numpy as np
import pandas as pd

SHINGLE = 5  # characters; short enough to survive small edits, long enough not to meet by chance
SKETCH = 96  # smallest hashes kept of each article
ALIKE = 0.6  # share of the shorter article's shingles that the other one holds too
POWERS = np.array([pow(1_099_511_628_211, i, 1 << 64) for i in range(SHINGLE)], dtype=np.uint64)


def shingles(text: str) -> np.ndarray:
    """Hashes of the runs of five Han characters or digits in `text`, each once, in order of size.

    >>> len(shingles("全区启动应急响应，全区启动应急响应"))
    8
    """
    codes = np.frombuffer(re.sub(r"[^\w]", "", text).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    if len(codes) < SHINGLE:
        return np.zeros(0, dtype=np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(codes, SHINGLE)
    hashes = (windows * POWERS).sum(axis=1, dtype=np.uint64)
    hashes ^= hashes >> np.uint64(29)
    return np.unique(hashes * np.uint64(0xBF58476D1CE4E5B9))


def pairs(texts: list[str]) -> pd.DataFrame:
    """Pairs of texts that are versions of each other: a, b (positions), share of the shorter one's shingles found in the other."""
    sets = [shingles(text) for text in texts]
    owners: dict[int, list[int]] = {}
    for i, hashes in enumerate(sets):
        for value in hashes[:SKETCH].tolist():
            owners.setdefault(value, []).append(i)
    meets: dict[tuple[int, int], int] = {}
    for group in owners.values():
        for j, b in enumerate(group[:60]):  # a formula in hundreds of articles is no sign of a reprint
            for a in group[:j]:
                meets[a, b] = meets.get((a, b), 0) + 1
    rows = []
    for (a, b), shared in sorted(meets.items()):
        if shared >= 4 and min(len(sets[a]), len(sets[b])) >= 40:
            share = np.intersect1d(sets[a], sets[b], assume_unique=True).size / min(len(sets[a]), len(sets[b]))
            if share >= ALIKE:
                rows.append((a, b, round(float(share), 4)))
    return pd.DataFrame(rows, columns=["a", "b", "share"])


def originals(docs: pd.DataFrame, texts: pd.Series) -> pd.Series:
    """For each document the doc_id of the version that is kept, "" where it is itself kept.

    Kept is the earliest by date, then the longest, then the first by file name.
    """
    found = pairs(texts.tolist())
    leader = list(range(len(docs)))

    def root(i: int) -> int:
        while leader[i] != i:
            i = leader[i] = leader[leader[i]]
        return i

    order = docs.assign(_length=-texts.str.len().to_numpy(), _date=docs["date"].replace("", "9999")).reset_index(
        drop=True
    )
    rank = order.sort_values(["_date", "_length", "file"]).index.tolist()
    place = {i: n for n, i in enumerate(rank)}
    for a, b in found[["a", "b"]].itertuples(index=False):
        first, second = sorted((root(a), root(b)), key=place.get)
        leader[second] = first
    ids = docs["doc_id"].tolist()
    return pd.Series(["" if root(i) == i else ids[root(i)] for i in range(len(ids))], index=docs.index, dtype=object)
