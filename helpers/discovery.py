"""Words the dictionary does not know: strings of characters that hold together and stand in many surroundings.

A string of two to six Han characters is a candidate where its parts attract each other (pointwise mutual information,
Church & Hanks 1990, at its weakest division), where what stands before and after it is hard to foresee (branching
entropy: Harris 1955; Jin & Tanaka-Ishii 2006), and where the segmenter nevertheless cuts it in pieces. Candidates are
proposals with evidence; whether one is a term is for a reader to say.
"""

from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers import measures, segment
from helpers.counts import stopword_table

LONGEST = 6
# neighbours that are not Han: the end of a stretch, where a word ends for certain; a digit or letter
EDGE, OTHER = 0, 1
LETTER = np.isin(np.arange(128), [ord(c) for c in "0123456789%.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"])
COLUMNS = ["term", "pieces", "count", "docs", "pmi", "left", "right", "score", "doc_id", "line", "text"]


class Strings(NamedTuple):
    """All strings of one length that occur often enough."""

    n: int
    at: NDArray[np.int64]  # where each occurrence begins
    which: NDArray[np.int64]  # the number, from 0, of the string that stands there
    pmi: NDArray[np.float64]  # of each string, in bits


def candidates(
    sentences: pd.DataFrame,
    terms: tuple[str, ...] | None = None,
    min_count: int = 4,
    min_pmi: float = 4.0,
    min_entropy: float = 1.2,
) -> pd.DataFrame:
    """Strings that look like words and that the segmenter, with the lexicon `terms`, cuts in pieces; strongest first.

    `sentences` has doc_id, line, text. Columns: term; pieces (as cut); count; docs; pmi, left, right (bits); score = pmi
    times the smaller of left and right; and an occurrence to judge by: doc_id, line (of the raw file, where its sentence
    begins), text. At least a quarter of its occurrences are two or more whole tokens: not one, which would need no search,
    and not one and a half. Strings with a grammar word other than a numeral among their pieces (的, 进行, 不) are left out.

    >>> around = ["今天…有两户", "昨日…报告", "前往…的车辆", "支援…居民", "返回…隔离", "来自…干部"]
    >>> texts = [words.replace("…", "望澜街道") for words in around]
    >>> found = candidates(pd.DataFrame({"doc_id": "甲", "line": range(1, 7), "text": texts}), min_pmi=1)
    >>> found[["term", "pieces", "count", "line"]].values.tolist()
    [['望澜街道', '望澜/街道', 6, 1]]
    """
    texts = sentences["text"].astype(str).tolist()
    text = "\n".join(["", *texts, ""])  # every sentence has an edge on both sides
    begins = np.cumsum([1, *(len(t) + 1 for t in texts)])
    neighbours, token = _neighbours(text), _token_numbers(texts, terms)
    documents = pd.factorize(sentences["doc_id"])[0]
    tables = []
    for found in _strings(neighbours, min_count):
        document = documents[np.searchsorted(begins, found.at, side="right") - 1]
        table = _measured(found, neighbours, token, document)
        free = (table["pmi"] >= min_pmi) & (table["least"] >= min_entropy)
        tables.append(table[free & (table["cut"] >= 0.25)])
    if not sum(map(len, tables)):
        return pd.DataFrame(columns=COLUMNS)
    table = pd.concat(tables, ignore_index=True)
    pieces = [_pieces(text, token, at, at + n) for at, n in zip(table["at"], table["n"], strict=True)]
    shown = sentences.iloc[np.searchsorted(begins, table["at"], side="right") - 1].reset_index(drop=True)
    table = table.assign(
        term=["".join(words) for words in pieces],
        pieces=["/".join(words) for words in pieces],
        score=table["pmi"] * table["least"],
        **shown[["doc_id", "line", "text"]],
    )
    lexical = np.array([_grammar().isdisjoint(words) for words in pieces], dtype=bool)
    table = table[lexical].sort_values(["score", "term"], ascending=[False, True], ignore_index=True)
    return table.reindex(columns=COLUMNS)


@cache
def _grammar() -> frozenset[str]:
    """Function words of every kind but numerals, which terms are made with (一米线, 二十条)."""
    table = stopword_table("function")
    return frozenset(table.loc[table["kind"] != "numeral", "term"])


def _neighbours(text: str) -> NDArray[np.int64]:
    """A number for each character: its code point where it is Han, else OTHER or EDGE."""
    points = np.frombuffer(text.encode("utf-32-le", "replace"), dtype="<u4").astype(np.int64)
    han = ((points >= 0x3400) & (points <= 0x9FFF)) | (points >= 0x20000)
    return np.where(han, points, np.where(LETTER[np.minimum(points, 127)], OTHER, EDGE))


def _token_numbers(texts: list[str], terms: tuple[str, ...] | None) -> NDArray[np.int64]:
    """The number of the token that each character of the joined text belongs to; an edge is a token of its own."""
    lengths = chain([1], *([*map(len, words), 1] for words in segment.cutter(terms)(texts)))
    lengths = np.fromiter(lengths, dtype=np.int64)
    return np.repeat(np.arange(len(lengths)), lengths)


def _strings(neighbours: NDArray[np.int64], min_count: int) -> Iterator[Strings]:
    """Strings of 2, 3 … LONGEST Han characters found at least `min_count` times.

    A string can only be that frequent if the strings one shorter at both its ends are, so each length looks at what is
    left of the one before: the whole takes time in proportion to the text.
    """
    at = np.flatnonzero(neighbours > OTHER)
    total, number = len(at), np.where(neighbours > OTHER, neighbours, -1)
    frequency = [number]  # of the string of length k + 1 that begins at each place; 0 where there is none
    frequency[0] = _spread(at, np.bincount(number[at])[number[at]] if total else at, len(number))
    for n in range(2, LONGEST + 1):
        at = at[(frequency[-1][at] >= min_count) & (frequency[-1][at + 1] >= min_count)]
        which, distinct = pd.factorize(number[at] << 32 | number[at + 1])
        counts = np.bincount(which, minlength=len(distinct))
        number = _spread(at, which, len(number))
        frequency.append(_spread(at, counts[which], len(number)))
        often = counts[which] >= min_count
        at = at[often]
        if not len(at):
            return
        which, _ = pd.factorize(which[often])
        first = at[np.unique(which, return_index=True)[1]]
        parts = [(frequency[k - 1][first], frequency[n - k - 1][first + k]) for k in range(1, n)]
        weakest = np.min([measures.pmi(frequency[-1][first], *pair, total) for pair in parts], axis=0)
        yield Strings(n, at, which, weakest)


def _spread(at: NDArray, values: NDArray, length: int) -> NDArray[np.int64]:
    out = np.zeros(length, dtype=np.int64)
    out[at] = values
    return out


def _measured(found: Strings, neighbours: NDArray, token: NDArray, document: NDArray) -> pd.DataFrame:
    """For each string: n, count, docs, pmi, left, right, least, cut (the share of its occurrences that are two or more
    whole tokens), at (the first of these, or -1)."""
    n, at, which, pmi = found
    count = np.bincount(which)
    left, right = (branching_entropy(which, neighbours[place]) for place in (at - 1, at + n))
    before, first, last, after = token[at - 1], token[at], token[at + n - 1], token[at + n]
    cut = (before < first) & (first < last) & (last < after)
    _, found_in = pd.factorize(which << 32 | document)
    shown = np.full(len(count), -1)
    shown[which[cut][::-1]] = at[cut][::-1]  # written from the last to the first, so that the first stays
    return pd.DataFrame(
        {
            "n": n,
            "count": count,
            "docs": np.bincount(found_in >> 32, minlength=len(count)),
            "pmi": pmi,
            "left": left,
            "right": right,
            "least": np.minimum(left, right),
            "cut": np.bincount(which, weights=cut) / count,
            "at": shown,
        }
    )


def branching_entropy(which: NDArray[np.int64], beside: NDArray[np.int64]) -> NDArray[np.float64]:
    """The entropy, in bits, of what stands beside each string: `which` string (from 0) and its neighbour, by occurrence.

    H = - sum p log2 p over the distinct neighbours (Harris 1955 counted them; Jin & Tanaka-Ishii 2006). A digit or letter
    is one neighbour like any other; each edge (0) counts as a neighbour of its own, since a word surely ends there.

    >>> branching_entropy(np.array([0, 0, 0, 0, 1, 1]), np.array([ord("在"), ord("在"), 0, 0, ord("在"), ord("在")])).tolist()
    [1.5, 0.0]
    """
    count = np.bincount(which)
    inside = beside != EDGE
    pair, distinct = pd.factorize(which[inside] << 32 | beside[inside])
    times = np.bincount(pair, minlength=len(distinct))
    repeated = np.bincount(distinct >> 32, weights=times * np.log2(times), minlength=len(count))
    return np.log2(count) - repeated / count


def _pieces(text: str, token: NDArray, start: int, end: int) -> list[str]:
    cuts = start + 1 + np.flatnonzero(np.diff(token[start:end]))
    return [text[a:b] for a, b in zip([start, *cuts], [*cuts, end], strict=True)]


def hidden(sentences: pd.DataFrame, terms: tuple[str, ...], min_count: int = 4) -> pd.DataFrame:
    """How well the search finds what is known: the terms of a lexicon that occur and that the plain dictionary breaks.

    Columns term, pieces (as cut without the lexicon), count (of the characters), found (proposed when the lexicon is
    hidden). Terms of more than LONGEST characters are beyond the search and left out.
    """
    text = "\n".join(sentences["text"].astype(str))
    known = [term for term in terms if len(term) <= LONGEST and text.count(term) >= min_count]
    pieces = segment.cutter(())(known)
    table = pd.DataFrame({"term": known, "pieces": ["/".join(words) for words in pieces]})
    table = table[np.array([len(words) > 1 for words in pieces], dtype=bool)].reset_index(drop=True)
    proposed = candidates(sentences, (), min_count)["term"]
    return table.assign(count=[text.count(term) for term in table["term"]], found=table["term"].isin(proposed))
