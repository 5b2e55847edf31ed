"""Words and their company: the front door to counting, keywords, keyness, dispersion, collocations and concordances."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.collocations import collocations
from helpers.counts import Counts, at_least, by_document, count, removed, stopword_table, stopwords, tfidf, without
from helpers.dispersion import dispersion
from helpers.keyness import keyness, keyness_null
from helpers.study import LEXICON

__all__ = [
    "Concordance",
    "Counts",
    "at_least",
    "by_document",
    "collocations",
    "concordance",
    "count",
    "dispersion",
    "keyness",
    "keyness_null",
    "keywords",
    "kwic",
    "lexicon",
    "removed",
    "stopword_table",
    "stopwords",
    "tfidf",
    "without",
]


def lexicon() -> pd.DataFrame:
    """The terms that segmentation keeps whole: term, gloss, kind, source, note."""
    return pd.read_csv(LEXICON / "terms.csv", dtype=str, keep_default_na=False)


def keywords(counts: Counts, top: int = 20) -> pd.DataFrame:
    """The `top` terms of each unit by TF-IDF: the unit's columns, term, count, tfidf, rank (1 = strongest).

    A description of each text against the others, not a test. Ties stand in code-point order.

    >>> tokens = pd.DataFrame({"doc_id": ["甲", "甲", "乙"], "token": ["社区", "口罩", "社区"]})
    >>> keywords(count(tokens), top=1)[["doc_id", "term", "rank"]].values.tolist()
    [['甲', '口罩', 1], ['乙', '社区', 1]]
    """
    weights = tfidf(counts).matrix.tocoo()
    order = np.lexsort((weights.col, -weights.data, weights.row))
    row, column = weights.row[order], weights.col[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row) + 1
    kept = rank <= top
    row, column = row[kept], column[kept]
    table = counts.units.iloc[row].reset_index(drop=True)
    return table.assign(
        term=counts.vocabulary[column],
        count=np.asarray(counts.matrix[row, column]).ravel(),
        tfidf=weights.data[order][kept],
        rank=rank[kept],
    )


@dataclass(frozen=True, eq=False)
class Concordance:
    """All sentences as one text, a line each, ready to be searched many times."""

    text: str
    starts: NDArray[np.int64]  # where each sentence begins in `text`
    paragraphs: NDArray[np.int64]  # where the paragraph of each sentence begins
    ends: NDArray[np.int64]  # where it ends
    sentences: pd.DataFrame


def concordance(sentences: pd.DataFrame) -> Concordance:
    """Prepare sentences (doc_id, paragraph, text, line …) for many searches; `kwic` does it for one."""
    texts = sentences["text"].astype(object).tolist()
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + 1
    starts = np.concatenate([[0], np.cumsum(lengths)])
    place = pd.DataFrame({"doc": pd.factorize(sentences["doc_id"])[0], "paragraph": sentences["paragraph"].to_numpy()})
    turn = place.ne(place.shift()).any(axis=1).to_numpy()
    first = np.flatnonzero(turn)
    of_sentence = np.cumsum(turn) - 1
    last = np.append(first[1:], len(texts))
    return Concordance(
        "\n".join(texts), starts[:-1], starts[first][of_sentence], (starts[last] - 1)[of_sentence], sentences
    )


def kwic(sentences: pd.DataFrame | Concordance, term: str, width: int = 20, regex: bool = False) -> pd.DataFrame:
    """Every place where `term` stands, with `width` characters of its paragraph on either side, in reading order.

    Searches the clean text, not the tokens, so 核酸 is found inside 核酸检测. Columns doc_id, line, left, term, right,
    then paragraph, sentence, zone and voice where the sentences have them, and offset (of the term in its sentence).
    `line` is the line of the raw file where the sentence begins.

    >>> sentences = pd.DataFrame({"doc_id": ["甲"], "paragraph": [1], "sentence": [1], "line": [3],
    ...                           "text": ["志愿者把菜送到居民门口。"]})
    >>> kwic(sentences, "居民", width=4)[["line", "left", "term", "right"]].values.tolist()
    [[3, '把菜送到', '居民', '门口。']]
    """
    found = sentences if isinstance(sentences, Concordance) else concordance(sentences)
    spans = np.array(list(_places(found.text, term, regex)), dtype=np.int64).reshape(-1, 2)
    at = np.searchsorted(found.starts, spans[:, 0], side="right") - 1
    table = found.sentences.iloc[at].reset_index(drop=True)
    reach = 2 * width + 1  # wide enough even if every other character were the break between two sentences
    before = _slices(found.text, np.maximum(spans[:, 0] - reach, found.paragraphs[at]), spans[:, 0])
    after = _slices(found.text, spans[:, 1], np.minimum(spans[:, 1] + reach, found.ends[at]))
    table = table.assign(
        left=[text[-width:] if width else "" for text in before],
        term=_slices(found.text, *spans.T),
        right=[text[:width] for text in after],
        offset=spans[:, 0] - found.starts[at],
    )
    columns = ["doc_id", "line", "left", "term", "right", "paragraph", "sentence", "zone", "voice", "offset"]
    return table[[column for column in columns if column in table]]


def _places(text: str, term: str, regex: bool) -> Iterator[tuple[int, int]]:
    if regex:
        yield from (match.span() for match in re.finditer(term, text) if match.end() > match.start())
        return
    at = text.find(term) if term else -1
    while at >= 0:
        yield at, at + len(term)
        at = text.find(term, at + len(term))


def _slices(text: str, starts: NDArray, ends: NDArray) -> list[str]:
    # sentences of a paragraph are a line each in the searched text; the reader sees them run on
    return [text[start:end].replace("\n", "") for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
