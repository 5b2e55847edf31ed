"""Which words keep company within a sentence: pairs, how strongly they attract, and in how many documents.

The window is the sentence, taken as a set of words: a pair counts once per sentence however often it is repeated.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from helpers import measures
from helpers.counts import Counts, at_least, count, without

COLUMNS = ["term_a", "term_b", "count_a", "count_b", "together", "docs", "expected", "g2", "mi", "npmi", "log_dice"]
BLOCK = 20_000  # pairs whose documents are counted at once


def collocations(
    tokens: pd.DataFrame | Counts,
    node: str | None = None,
    stop: Iterable[str] = (),
    min_count: int = 5,
    min_docs: int = 2,
    most_terms: int = 3_000,
) -> pd.DataFrame:
    """Pairs of words that share a sentence more often than chance, strongest G2 first.

    Takes a token table (doc_id, paragraph, sentence, token), or counts by sentence. With `node`, only the company of
    that word. `stop` words are set aside; of the words in `min_count` sentences the `most_terms` most frequent enter.
    Columns: term_a, term_b, count_a and count_b (sentences with each), together (sentences with both), docs (documents
    in which they meet), expected, g2 (four cells, Dunning 1993), mi (bits), npmi (Bouma 2009), log_dice (Rychlý 2008).
    Pairs below `min_count` sentences together or `min_docs` documents are left out.

    >>> words = [(1, "核酸"), (1, "采样"), (2, "核酸"), (2, "采样"), (3, "春耕")]
    >>> tokens = pd.DataFrame([("甲", 1, s, w) for s, w in words], columns=["doc_id", "paragraph", "sentence", "token"])
    >>> collocations(tokens, min_count=2, min_docs=1)[["term_a", "term_b", "together"]].values.tolist()
    [['核酸', '采样', 2]]
    """
    counts = tokens if isinstance(tokens, Counts) else count(tokens, "sentence")
    counts = _frequent(without(counts, stop), min_count, most_terms, node)
    found = counts.matrix.astype(bool).astype(np.int32)
    pairs = _pairs(found, counts, min_count, node)
    pairs["docs"] = _documents(found, counts, pairs["a"].to_numpy(), pairs["b"].to_numpy())
    pairs = _measured(pairs[pairs["docs"] >= min_docs], counts)
    return pairs.sort_values(["g2", "term_a", "term_b"], ascending=[False, True, True], ignore_index=True)[COLUMNS]


def _frequent(counts: Counts, min_count: int, most_terms: int, node: str | None) -> Counts:
    counts = at_least(counts, units=min_count)
    order = np.argsort(-counts.found_in, kind="stable")[:most_terms]
    own = np.flatnonzero(counts.vocabulary == node)  # the word asked for stays, however rare among the frequent
    return counts.terms(np.union1d(order, own))


def _pairs(found: sparse.csr_array, counts: Counts, min_count: int, node: str | None) -> pd.DataFrame:
    """Column numbers a, b of the pairs met often enough, and in how many sentences."""
    if node is None:
        met = sparse.triu(found.T @ found, k=1).tocoo()
        a, b, together = met.row, met.col, met.data
    else:
        own = np.flatnonzero(counts.vocabulary == node)
        together = (found.T @ found[:, own]).toarray().sum(axis=1)
        together[own] = 0
        b = np.arange(len(together))
        a = np.full(len(b), own[0] if len(own) else 0)
    kept = together >= min_count
    return pd.DataFrame({"a": a[kept], "b": b[kept], "together": together[kept]})


def _documents(found: sparse.csr_array, counts: Counts, a: NDArray, b: NDArray) -> NDArray[np.int64]:
    """In how many documents each pair shares a sentence."""
    codes, _ = pd.factorize(counts.units["doc_id"])
    gather = sparse.csr_array((np.ones(len(codes), np.int32), (codes, np.arange(len(codes)))))
    columns = found.tocsc()
    blocks = [slice(start, start + BLOCK) for start in range(0, len(a), BLOCK)]
    found_in = [(gather @ columns[:, a[block]].multiply(columns[:, b[block]])).tocsc() for block in blocks]
    return np.concatenate([np.diff(block.indptr) for block in found_in]) if blocks else np.zeros(0, dtype=np.int64)


def _measured(pairs: pd.DataFrame, counts: Counts) -> pd.DataFrame:
    one, other = (counts.found_in[pairs[side].to_numpy()] for side in ("a", "b"))
    both, n = pairs["together"].to_numpy(), max(counts.shape[0], 1)
    table = pairs.assign(
        term_a=counts.vocabulary[pairs["a"].to_numpy()],
        term_b=counts.vocabulary[pairs["b"].to_numpy()],
        count_a=one,
        count_b=other,
        expected=one * other / n,
        g2=measures.g2_cells(both, one, other, n),
        mi=measures.pmi(both, one, other, n),
        npmi=measures.npmi(both, one, other, n),
        log_dice=measures.log_dice(both, one, other),
    )
    return table[table["together"] > table["expected"]]
