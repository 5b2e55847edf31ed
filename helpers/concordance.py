"""Every place where a word stands, with its context and its line: the way back from a number to the text.

A table of sentences keeps its texts as one run of UTF-8. That run is searched as it lies, so that nothing has to be
prepared; of the matches, those that reach from one sentence into the next are not matches and are dropped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from helpers.counts import turns

COLUMNS = ["doc_id", "line", "left", "term", "right", "paragraph", "sentence", "zone", "voice", "offset"]
WIDEST = 4  # bytes of a character in UTF-8


@dataclass(frozen=True, eq=False)
class Concordance:
    """All sentences run together, ready to be searched."""

    text: str | memoryview  # characters, or the UTF-8 that the table itself holds
    starts: NDArray[np.int64]  # where each sentence begins in `text`, and where the last one ends
    paragraphs: NDArray[np.int64]  # the first sentence of each paragraph, and the number of sentences
    sentences: pd.DataFrame


def concordance(sentences: pd.DataFrame) -> Concordance:
    """Sentences (doc_id, paragraph, text, line …) made ready for many searches: the text is decoded once for all."""
    stored = _as_stored(sentences)
    lengths = pc.utf8_length(_column(sentences["text"])).fill_null(0).to_numpy()
    return replace(stored, text=str(stored.text, "utf-8"), starts=np.concatenate([[0], np.cumsum(lengths)]))


def kwic(
    sentences: pd.DataFrame | Concordance,
    term: str,
    width: int = 20,
    regex: bool = False,
    near: str = "",
    sort: Literal["text", "left", "right"] = "text",
) -> pd.DataFrame:
    """Every place where `term` stands, with `width` characters of its paragraph on either side.

    Searches the clean text, not the tokens, so 核酸 is found inside 核酸检测; `regex` takes `term` for a pattern, looked
    for within each sentence. With `near`, only sentences that have this word as well: the evidence for a pair.
    Lines stand in reading order, or by what follows (`right`) or goes before (`left`, read from the term outwards), so
    that like contexts stand together.
    Columns doc_id, line, left, term, right, then paragraph, sentence, zone and voice where the sentences have them,
    and offset (characters from the start of the sentence). `line` is the line of the file where the sentence begins.

    >>> sentences = pd.DataFrame({"doc_id": ["甲"], "paragraph": [1], "sentence": [1], "line": [3],
    ...                           "text": ["志愿者把菜送到居民门口。"]})
    >>> kwic(sentences, "居民", width=4)[["line", "left", "term", "right"]].values.tolist()
    [[3, '把菜送到', '居民', '门口。']]
    """
    found = sentences if isinstance(sentences, Concordance) else _as_stored(sentences)
    by_sentence = regex or _overlaps_itself(term)
    if by_sentence and not isinstance(found.text, str):
        found = concordance(found.sentences)
    at, spans = _patterns(found, term if regex else re.escape(term)) if by_sentence else _literals(found, term)
    if near:
        kept = found.sentences["text"].iloc[at].str.contains(near, regex=False).to_numpy(dtype=bool)
        at, spans = at[kept], spans[:, kept]
    return _sorted(_lines(found, at, spans, width, "" if regex else term), sort)


def _column(texts: pd.Series) -> pa.LargeStringArray:
    array = pa.array(texts, type=pa.large_string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _as_stored(sentences: pd.DataFrame) -> Concordance:
    """The sentences as they lie in memory, not copied."""
    texts = _column(sentences["text"])
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    text, starts = memoryview(data or b"")[bounds[0] : bounds[-1]], bounds - bounds[0]
    changed = turns(sentences["doc_id"]) | turns(sentences["paragraph"])
    paragraphs = np.concatenate([[0], np.flatnonzero(changed) + 1, [len(sentences)]])
    return Concordance(text, starts, paragraphs, sentences)


def _overlaps_itself(term: str) -> bool:
    """Whether a word can begin before it has ended, as 层层 does in 层层层: such a word is looked for by sentence."""
    return any(term.startswith(term[cut:]) for cut in range(1, len(term)))


def _literals(found: Concordance, term: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The sentence of each match, and where it starts and ends in the text."""
    word = term if isinstance(found.text, str) else term.encode()
    matches = re.finditer(re.escape(word), found.text) if term else ()
    begin = np.fromiter((match.start() for match in matches), dtype=np.int64)
    at = np.searchsorted(found.starts, begin, side="right") - 1
    whole = begin + len(word) <= found.starts[at + 1]
    return at[whole], np.stack([begin[whole], begin[whole] + len(word)])


def _patterns(found: Concordance, pattern: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    spans = np.array(list(_matches(found, re.compile(pattern))), dtype=np.int64).reshape(-1, 3).T
    return spans[0], spans[1:] + found.starts[spans[0]]


def _matches(found: Concordance, pattern: re.Pattern) -> Iterator[tuple[int, int, int]]:
    bounds = found.starts.tolist()
    for at, (start, end) in enumerate(zip(bounds, bounds[1:], strict=False)):
        for match in pattern.finditer(found.text[start:end]):
            if match.end() > match.start():
                yield at, *match.span()


def _lines(found: Concordance, at: NDArray, spans: NDArray, width: int, term: str) -> pd.DataFrame:
    paragraph = np.searchsorted(found.paragraphs, at, side="right") - 1
    first, last = (found.starts[found.paragraphs[number]] for number in (paragraph, paragraph + 1))
    begin, end = spans
    before = _cut(found.text, np.maximum(begin - WIDEST * width, first), begin)
    after = _cut(found.text, end, np.minimum(end + WIDEST * width, last))
    table = found.sentences[[name for name in COLUMNS if name in found.sentences]].iloc[at].reset_index(drop=True)
    table = table.assign(
        left=[text[-width:] for text in before] if width else "",
        term=term or _cut(found.text, begin, end),
        right=[text[:width] for text in after],
        offset=_characters(found.text, found.starts[at], begin),
    )
    return table[[name for name in COLUMNS if name in table]].astype(dict.fromkeys(["left", "term", "right"], "str"))


def _cut(text: str | memoryview, starts: NDArray, ends: NDArray) -> list[str]:
    spans = zip(starts.tolist(), ends.tolist(), strict=True)
    if isinstance(text, str):
        return [text[start:end] for start, end in spans]
    # a cut may begin or end within a character of several bytes: the rest of it is ignored
    return [str(text[start:end], "utf-8", "ignore") for start, end in spans]


def _characters(text: str | memoryview, starts: NDArray, ends: NDArray) -> NDArray[np.int64]:
    if isinstance(text, str):
        return ends - starts
    return np.fromiter(map(len, _cut(text, starts, ends)), dtype=np.int64)


def _sorted(lines: pd.DataFrame, sort: str) -> pd.DataFrame:
    if sort == "text":
        return lines
    outwards = slice(None, None, -1 if sort == "left" else 1)
    order = np.argsort(np.array([text[outwards] for text in lines[sort]], dtype=object), kind="stable")
    return lines.iloc[order].reset_index(drop=True)
