"""Which words keep company: pairs, how strongly they attract, in how many documents they meet and how evenly.

Two words meet in a sentence, taken as a set (a pair counts once, however often it is repeated), or within a window of
so many words of one sentence, every meeting counted. Stop words keep their place in the window: it does not close up.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from helpers import measures
from helpers.counts import UNITS, Counts, at_least, count, numbered_terms, numbered_units, without
from helpers.dispersion import dispersion
from helpers.study import CorpusError

BLOCK = 20_000  # pairs whose documents are counted at once


@dataclass(frozen=True, eq=False)
class Meetings:
    """Pairs of words with their meetings by document, and the four-cell table behind their measures."""

    a: NDArray[np.str_]
    b: NDArray[np.str_]
    by_document: Counts  # documents × pairs; sizes are the chances of each document to hold a meeting
    chances_a: NDArray[np.int64]  # how many of all chances have a, and b
    chances_b: NDArray[np.int64]
    chances: int


def collocations(
    tokens: pd.DataFrame | Counts,
    node: str | None = None,
    stop: Iterable[str] = (),
    window: int = 0,
    min_count: int = 5,
    min_docs: int = 2,
    most_terms: int = 3_000,
) -> pd.DataFrame:
    """Pairs of words that meet more often than chance, strongest G2 first; with `node`, only the company of that word.

    Takes a token table (doc_id, paragraph, sentence, token). Without `window` words meet in a sentence (counts by
    sentence will do, too); with it within so many words of a sentence. `stop` words are set aside; of the words found
    in `min_count` sentences the `most_terms` most frequent enter.
    Columns: term_a, term_b, count_a and count_b (sentences with each; with a window, neighbours of each), together,
    docs (documents in which they meet), expected, g2 (four cells, Dunning 1993), mi (bits, Church & Hanks 1990), npmi
    (Bouma 2009), log_dice (Rychlý 2008), dp_norm (spread of the meetings over documents, 0 = even).
    Pairs below `min_count` meetings or `min_docs` documents are left out.

    >>> words = [(1, "核酸"), (1, "采样"), (2, "核酸"), (2, "采样"), (3, "春耕")]
    >>> tokens = pd.DataFrame([("甲", 1, s, w) for s, w in words], columns=["doc_id", "paragraph", "sentence", "token"])
    >>> collocations(tokens, min_count=2, min_docs=1)[["term_a", "term_b", "together"]].values.tolist()
    [['核酸', '采样', 2]]
    """
    if window and isinstance(tokens, Counts):
        raise CorpusError("Counts have lost the order of words: give collocations the token table to use a window.")
    counts = tokens if isinstance(tokens, Counts) else count(tokens, "sentence")
    known = _frequent(without(counts, stop), min_count, most_terms, node)
    met = _in_window(tokens, known, window) if window else _in_sentence(known, min_count, node)
    table = _measured(_often(met, min_count, min_docs, node))
    return table.sort_values(["g2", "term_a", "term_b"], ascending=[False, True, True], ignore_index=True)


def _frequent(counts: Counts, min_count: int, most_terms: int, node: str | None) -> Counts:
    counts = at_least(counts, units=min_count)
    order = np.argsort(-counts.found_in, kind="stable")[:most_terms]
    own = np.flatnonzero(counts.vocabulary == node)  # the word asked for stays, however rare among the frequent
    return counts.terms(np.union1d(order, own).astype(int))


def _in_sentence(counts: Counts, min_count: int, node: str | None) -> Meetings:
    found = counts.matrix.astype(bool).astype(np.int32)
    own = counts.vocabulary == node if node else slice(None)
    met = sparse.triu(found.T @ found, k=1).tocoo() if node is None else (found[:, own].T @ found).tocoo()
    if node is not None:
        met.row = np.full(len(met.row), np.flatnonzero(own)[0] if own.any() else 0)
    kept = (met.data >= min_count) & (met.row != met.col)
    a, b = met.row[kept], met.col[kept]
    names, of_all = counts.vocabulary, counts.found_in
    return Meetings(names[a], names[b], _shared(found, counts, a, b), of_all[a], of_all[b], counts.shape[0])


def _shared(found: sparse.csr_array, counts: Counts, a: NDArray, b: NDArray) -> Counts:
    """Documents × pairs: in how many sentences of each document both words stand."""
    codes, documents = pd.factorize(counts.units["doc_id"])
    gather = sparse.csr_array((np.ones(len(codes), np.int32), (codes, np.arange(len(codes)))))
    columns, blocks = found.tocsc(), [slice(start, start + BLOCK) for start in range(0, len(a), BLOCK)]
    parts = [gather @ columns[:, a[block]].multiply(columns[:, b[block]]) for block in blocks]
    matrix = sparse.csr_array(sparse.hstack(parts)) if parts else sparse.csr_array((len(documents), 0), dtype=np.int32)
    return _pairs_by_document(matrix, documents, np.bincount(codes, minlength=len(documents)))


def _pairs_by_document(matrix: sparse.csr_array, documents: Iterable, chances: NDArray) -> Counts:
    numbers = np.arange(matrix.shape[1]).astype(object)
    return Counts(matrix, pd.DataFrame({"doc_id": np.asarray(documents)}), numbers, chances)


def _in_window(tokens: pd.DataFrame, counts: Counts, window: int) -> Meetings:
    """Every meeting of two words at most `window` words apart, as quanteda's fcm counts them within a sentence."""
    tokens = tokens.sort_values(UNITS["sentence"], kind="stable") if not _in_order(tokens) else tokens
    words, vocabulary = numbered_terms(tokens["token"], words=False)
    sentence = numbered_units(tokens, UNITS["sentence"])[0]
    document, documents = pd.factorize(tokens["doc_id"])
    apart = [(slice(None, -d), slice(d, None)) for d in range(1, min(window, len(words) - 1) + 1)]
    pairs = [np.stack([words[i], words[j], document[i]])[:, sentence[i] == sentence[j]] for i, j in apart]
    pairs = np.concatenate(pairs, axis=1) if pairs else np.zeros((3, 0), dtype=int)
    both_ways = np.concatenate([pairs[0], pairs[1]])
    neighbours = np.bincount(both_ways, minlength=len(vocabulary))
    chances = np.bincount(np.tile(pairs[2], 2), minlength=len(documents))
    ours = np.isin(vocabulary.astype(str), counts.vocabulary.astype(str))
    pairs = pairs[:, ours[pairs[0]] & ours[pairs[1]] & (pairs[0] != pairs[1])]
    first, second = np.sort(pairs[:2], axis=0)
    keys, place = np.unique(first.astype(np.int64) * len(vocabulary) + second, return_inverse=True)
    shape = (len(documents), len(keys))
    matrix = sparse.coo_array((np.ones(len(place), np.int32), (pairs[2], place)), shape=shape).tocsr()
    by_document = _pairs_by_document(matrix, documents, chances)
    a, b = np.divmod(keys, max(len(vocabulary), 1))
    return Meetings(vocabulary[a], vocabulary[b], by_document, neighbours[a], neighbours[b], len(both_ways))


def _in_order(tokens: pd.DataFrame) -> bool:
    """Whether the words of each sentence stand together, as the segmenter leaves them."""
    return bool((np.diff(numbered_units(tokens, UNITS["sentence"])[0]) >= 0).all())


def _often(met: Meetings, min_count: int, min_docs: int, node: str | None) -> Meetings:
    kept = (met.by_document.totals >= min_count) & (met.by_document.found_in >= min_docs)
    a, b = met.a, met.b
    if node is not None:
        kept &= (a == node) | (b == node)
        a, b = np.where(b == node, b, a), np.where(b == node, a, b)
    swapped = a != met.a
    one, other = np.where(swapped, met.chances_b, met.chances_a), np.where(swapped, met.chances_a, met.chances_b)
    return Meetings(a[kept], b[kept], met.by_document.terms(kept), one[kept], other[kept], met.chances)


def _measured(met: Meetings) -> pd.DataFrame:
    both, one, other, n = met.by_document.totals.astype(int), met.chances_a, met.chances_b, max(met.chances, 1)
    table = pd.DataFrame({"term_a": met.a, "term_b": met.b, "count_a": one, "count_b": other, "together": both})
    table["docs"] = met.by_document.found_in
    table["expected"] = one * other / n
    table["g2"] = measures.g2_cells(both, one, other, n)
    table["mi"] = measures.pmi(both, one, other, n)
    table["npmi"] = measures.npmi(both, one, other, n)
    table["log_dice"] = measures.log_dice(both, one, other)
    table["dp_norm"] = dispersion(met.by_document)["dp_norm"].to_numpy()
    return table[table["together"] > table["expected"]]
