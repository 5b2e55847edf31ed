"""Which themes recur: topics, clusters, how many, and how sure."""

# ruff: noqa: F401  (what a front door imports is what it offers)

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.clusters import cluster
from helpers.coherence import exclusivity, frex, npmi, umass
from helpers.counts import Counts, unit_rows
from helpers.factors import Topics, fit, fold_in, guided, read_guides, strongest
from helpers.prevalence import over_time, periods, prevalence
from helpers.recurrence import nameable, of_model, returns, runs_of_model
from helpers.topic_choice import (
    MEASURES,
    RULE,
    TOO_LITTLE,
    candidates,
    choose_k,
    panel,
    propose,
    sample,
    stability,
    why,
)

ENOUGH_DOCUMENTS = 100


def unit_for(n_docs: int, n_paragraphs: int) -> tuple[str, str]:
    """The unit in which topics are looked for ("paragraph" or "doc_id"), and why.

    >>> unit_for(5, 94)[0], unit_for(500, 7_500)[0]
    ('paragraph', 'doc_id')
    """
    if n_docs >= ENOUGH_DOCUMENTS:
        return "doc_id", f"{n_docs} documents are enough for topics of whole articles."
    return "paragraph", (
        f"Under {ENOUGH_DOCUMENTS} documents (here {n_docs}) are too few for topics of whole articles; "
        f"their {n_paragraphs:,} paragraphs are the units, and a topic may be one document's."
    )


def terms_table(topics: Topics, top: int = 10, labels: Mapping[int, str] | None = None) -> pd.DataFrame:
    """The words of each topic: topic (from 1), rank, term, weight (share of the topic's words), label.

    `labels` are a reader's own, by topic number; otherwise a topic is called by its three strongest words.
    """
    names = dict(enumerate(topics.labels(), start=1)) | dict(labels or {})
    rows = [
        (topic, rank, topics.vocabulary[column], own[column], names[topic])
        for topic, (columns, own) in enumerate(zip(strongest(topics.words, top), topics.words, strict=True), start=1)
        for rank, column in enumerate(columns[own[columns] > 0], start=1)
    ]
    table = pd.DataFrame(rows, columns=["topic", "rank", "term", "weight", "label"])
    return table.astype({"topic": "int64", "rank": "int64", "weight": float})


def frex_words(topics: Topics, top: int = 10) -> list[list[str]]:
    """The words that tell each topic from the others: highest FREX first; ties in code-point order."""
    return [topics.vocabulary[row].tolist() for row in strongest(frex(topics), top)]


def units_table(topics: Topics, least: float = 0.05) -> pd.DataFrame:
    """What each unit is about: doc_id, paragraph (missing where the unit is a document), topic, weight (its share)."""
    row, column = np.nonzero(topics.shares >= least)
    table = topics.units.iloc[row].reset_index(drop=True)
    if "paragraph" not in table:
        table["paragraph"] = pd.array([pd.NA] * len(table), dtype="Int64")
    return table[["doc_id", "paragraph"]].assign(topic=column + 1, weight=topics.shares[row, column])


def nearest(topics: Topics, others: Topics) -> pd.DataFrame:
    """For each topic the one of another model of the same units whose shares run closest: topic, nearest, correlation.

    Pearson's correlation over units; unlike partners by `match`, two topics may have the same nearest one.
    """
    both = np.vstack([topics.shares.T, others.shares.T])
    both = unit_rows(both - both.mean(axis=1, keepdims=True))
    closeness = both[: topics.k] @ both[topics.k :].T
    if not closeness.size:
        return pd.DataFrame(columns=["topic", "nearest", "correlation"])
    return pd.DataFrame(
        {"topic": range(1, topics.k + 1), "nearest": closeness.argmax(axis=1) + 1, "correlation": closeness.max(axis=1)}
    )


def confounding(topics: Topics, groups: Mapping[str, ArrayLike | pd.Series] | None = None) -> pd.DataFrame:
    """How far topics only repeat what is known of the documents: against, ari, n_units.

    Adjusted Rand index (Hubert & Arabie 1985) between the dominant topic of a unit and its document, and any further
    `groups` (name → Series by doc_id, "" where unknown: such units are left out): 0 as by chance, 1 the topics are the
    documents. Without topics, or where all units are alike in it, there is no row.
    """
    from sklearn.metrics import adjusted_rand_score

    documents = topics.units["doc_id"]
    known = {"doc_id": documents} if documents.duplicated().any() else {}
    known |= {name: documents.map(labels) for name, labels in (groups or {}).items()}
    rows = []
    for name, labels in known.items():
        told = labels.fillna("").astype(str).ne("").to_numpy()
        if topics.k and labels[told].nunique() > 1:
            ari = adjusted_rand_score(labels[told].astype(str), np.asarray(topics.dominant)[told])
            rows.append((name, ari, int(told.sum())))
    return pd.DataFrame(rows, columns=["against", "ari", "n_units"])
