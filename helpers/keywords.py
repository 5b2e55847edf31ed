"""The words that mark a text, found in two ways that fail differently: TF-IDF against other texts, TextRank within one.

And how far two rankings agree, so that a result which hangs on the way of counting can be told with it.
"""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from helpers.counts import UNITS, WORD, Counts, by_document, numbered_units, tfidf

DAMPING = 0.85  # Brin & Page 1998, kept by Mihalcea & Tarau 2004
WINDOW = 5  # words; Mihalcea & Tarau tried 2 to 10
HAN_PAIR = r"(?=([\u3400-\u9fff\U00020000-\U0003ffff]{2}))"


def keywords(counts: Counts, top: int = 20) -> pd.DataFrame:
    """The `top` terms of each unit by TF-IDF: the unit's columns, term, count, tfidf, rank (1 = strongest).

    The variant is that of `tfidf`: raw counts, smoothed idf, units of length one. A description of each text against
    the others, not a test. Ties stand in code-point order.

    >>> from helpers.counts import count
    >>> tokens = pd.DataFrame({"doc_id": ["甲", "甲", "乙"], "token": ["社区", "口罩", "社区"]})
    >>> keywords(count(tokens), top=1)[["doc_id", "term", "rank"]].values.tolist()
    [['甲', '口罩', 1], ['乙', '社区', 1]]
    """
    row, column, weight, rank = _ranked(tfidf(counts).matrix, top)
    found = _cells(counts.matrix, row, column)
    units = counts.units.iloc[row].reset_index(drop=True)
    return units.assign(term=counts.vocabulary[column], count=found, tfidf=weight, rank=rank)


def group_keywords(counts: Counts, groups: Mapping | pd.Series, top: int = 20) -> pd.DataFrame:
    """The `top` terms of each group of documents: group, documents, term, docs (that have it), count, tfidf, rank.

    tfidf is the mean, over the group's documents, of a term's share of the document times log10(n / df) (Spärck Jones
    1972): documents have one voice each, however long, and a word that every document has weighs nothing. idf is taken
    over documents, since over a handful of groups it would say next to nothing. `groups` names the group of each doc_id;
    a document without one counts for the idf only.

    >>> from helpers.counts import count
    >>> tokens = pd.DataFrame({"doc_id": ["甲", "甲", "乙", "乙"], "token": ["社区", "口罩", "社区", "抗原"]})
    >>> group_keywords(count(tokens), {"甲": 2020, "乙": 2022})[["group", "term", "docs"]].values.tolist()
    [[2020, '口罩', 1], [2022, '抗原', 1]]
    """
    documents = by_document(counts)
    labels = documents.units["doc_id"].astype(str).map({str(d): g for d, g in dict(groups).items()})
    codes, names = pd.factorize(labels, sort=True)
    known = np.flatnonzero(codes >= 0)
    ones = np.ones(len(known))
    members = sparse.csr_array((ones, (codes[known], known)), shape=(len(names), documents.shape[0]))
    size = np.bincount(codes[known], minlength=len(names))
    row, column, weight, rank = _ranked(sparse.diags_array(1 / np.maximum(size, 1)) @ members @ _shares(documents), top)
    found, times = members @ documents.matrix.astype(bool).astype(float), members @ documents.matrix
    return pd.DataFrame(
        {
            "group": np.asarray(names)[row],
            "documents": size[row],
            "term": documents.vocabulary[column],
            "docs": _cells(found, row, column),
            "count": _cells(times, row, column),
            "tfidf": weight,
            "rank": rank,
        }
    )


def _shares(documents: Counts) -> sparse.csr_array:
    """Each term's share of its document times log10(n / df)."""
    idf = np.log10(documents.shape[0] / np.maximum(documents.found_in, 1))
    return (documents.rates() @ sparse.diags_array(idf)).tocsr()


def _ranked(matrix: sparse.csr_array, top: int) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Row, column, value and rank of the `top` largest cells above 0 of each row; ties in the order of columns."""
    cells = matrix.tocoo()
    cells.eliminate_zeros()
    value = cells.data.round(12)  # sums in another order must not part what is equal
    order = np.lexsort((cells.col, -value, cells.row))
    row = cells.row[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row) + 1
    kept = order[rank <= top]
    return cells.row[kept], cells.col[kept], cells.data[kept], rank[rank <= top]


def _cells(matrix: sparse.csr_array, row: NDArray, column: NDArray) -> NDArray[np.int64]:
    """The numbers at these places (an empty selection would come back sparse)."""
    return np.asarray(matrix[row, column] if len(row) else row).ravel().astype(np.int64)


def textrank(
    tokens: pd.DataFrame, stop: Collection[str] = (), top: int = 20, window: int = WINDOW, damping: float = DAMPING
) -> pd.DataFrame:
    """The `top` words of each document by TextRank (Mihalcea & Tarau 2004): doc_id, term, textrank, rank.

    Words are linked that stand within `window` running words of each other in a sentence (2 = side by side), as often as
    they do; a word is as strong as its neighbours are, by PageRank over each document's own graph. Words of `stop` and
    numbers take up room in the window and have no place in the graph (the paper keeps nouns and adjectives; a list is
    used here, since tagging would cut the text anew). The scores of a document add up to 1.

    >>> rows = [("甲", 1, 1, word) for word in "核酸 检测 社区 核酸 采样 社区 核酸".split()]
    >>> textrank(pd.DataFrame(rows, columns=["doc_id", "paragraph", "sentence", "token"]), top=1)["term"].tolist()
    ['核酸']
    """
    words, vocabulary = pd.factorize(tokens["token"].astype(str), sort=True)
    wanted = pd.Series(vocabulary).str.contains(WORD) & ~pd.Series(vocabulary).isin(list(stop))
    kept = wanted.to_numpy(dtype=bool)[words]
    documents, names = pd.factorize(tokens["doc_id"])
    node = documents.astype(np.int64) * max(len(vocabulary), 1) + words
    nodes = np.unique(node[kept])
    sentence = numbered_units(tokens, UNITS["sentence"])[0]
    links = _links(np.searchsorted(nodes, node), kept, sentence, window, len(nodes))
    of_document, term = np.divmod(nodes, max(len(vocabulary), 1))
    scores = pagerank(links, of_document, damping)
    table = sparse.csr_array((scores, (of_document, term)), (len(names), len(vocabulary)))
    row, column, score, rank = _ranked(table, top)
    return pd.DataFrame(
        {"doc_id": np.asarray(names)[row], "term": np.asarray(vocabulary)[column], "textrank": score, "rank": rank}
    )


def _links(node: NDArray, kept: NDArray, sentence: NDArray, window: int, size: int) -> sparse.csr_array:
    """How often two words stand within the window of each other, both ways."""
    ends = []
    for step in range(1, min(window, max(len(node), 1))):
        pair = kept[:-step] & kept[step:] & (sentence[:-step] == sentence[step:]) & (node[:-step] != node[step:])
        ends.append(np.stack([node[:-step][pair], node[step:][pair]]))
    a, b = np.concatenate(ends, axis=1) if ends else np.zeros((2, 0), dtype=np.int64)
    one_way = sparse.coo_array((np.ones(len(a)), (a, b)), shape=(size, size)).tocsr()
    return one_way + one_way.T


def pagerank(
    links: sparse.csr_array, part: NDArray, damping: float = DAMPING, tolerance: float = 1e-12, limit: int = 500
) -> NDArray[np.float64]:
    """PageRank (Brin & Page 1998) of many graphs at once: `links` among nodes, `part` the number of each node's graph.

    No link leads out of a part, and the scores of each part add up to 1. A node without links hands its score evenly to
    its part. Power iteration until no score moves by more than `tolerance`, deterministic.
    """
    size = np.bincount(part)
    strength = np.asarray(links.sum(axis=1)).ravel()
    flow = links.T @ sparse.diags_array(1 / np.where(strength > 0, strength, 1))
    even = 1 / size[part]
    score = even
    for _ in range(limit):
        lost = np.bincount(part, weights=score * (strength == 0), minlength=len(size))[part]
        new = (1 - damping) * even + damping * (flow @ score + lost * even)
        done = np.abs(new - score).max(initial=0) <= tolerance
        score = new
        if done:
            break
    return score


def overlap(one: pd.DataFrame, other: pd.DataFrame, top: int = 10, by: str = "doc_id") -> pd.DataFrame:
    """How many of the `top` terms of one ranking are among those of another: `by`, shared, of, overlap (shared / of).

    Both have the columns `by`, term, rank. `of` is the length of the shorter list.

    >>> one = pd.DataFrame({"doc_id": "甲", "term": ["核酸", "社区"], "rank": [1, 2]})
    >>> overlap(one, one.assign(term=["社区", "口罩"])).values.tolist()
    [['甲', 1, 2, 0.5]]
    """
    first, second = (
        table[table["rank"] <= top].groupby(by, sort=False, observed=True)["term"].agg(set) for table in (one, other)
    )
    both = [(name, terms, second[name]) for name, terms in first.items() if name in second]
    rows = [(name, len(a & b), min(len(a), len(b))) for name, a, b in both]
    table = pd.DataFrame(rows, columns=[by, "shared", "of"])
    return table.assign(overlap=table["shared"] / table["of"])


def spelled(ranking: pd.DataFrame, top: int = 10, by: str = "doc_id") -> pd.DataFrame:
    """The `top` terms as pairs of characters, so that rankings of different units can be compared: `by`, term, rank.

    >>> spelled(pd.DataFrame({"doc_id": "甲", "term": ["应检尽检", "检测"], "rank": [1, 2]}))["term"].tolist()
    ['应检', '检尽', '尽检', '检测']
    """
    rows = ranking.loc[ranking["rank"] <= top, [by, "term", "rank"]]
    rows = rows.assign(term=rows["term"].astype(str).str.findall(HAN_PAIR)).explode("term").dropna(subset="term")
    rows = rows.drop_duplicates([by, "term"])
    return rows.assign(rank=rows.groupby(by, sort=False, observed=True).cumcount() + 1).reset_index(drop=True)


def bigrams(sentences: pd.DataFrame) -> pd.DataFrame:
    """Every two Han characters that stand side by side, as if they were words: a token table that needs no segmenter.

    >>> frame = pd.DataFrame({"doc_id": ["甲"], "paragraph": [1], "sentence": [1], "zone": ["body"], "text": ["做核酸，"]})
    >>> bigrams(frame)["token"].tolist()
    ['做核', '核酸']
    """
    found = sentences[["doc_id", "paragraph", "sentence", "zone"]].assign(token=sentences["text"].str.findall(HAN_PAIR))
    return found.explode("token").dropna(subset="token").astype({"token": "category"}).reset_index(drop=True)
