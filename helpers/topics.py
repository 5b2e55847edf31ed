"""Which themes recur: topics, clusters, how many, how sure, and the paragraphs to read for each."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.clusters import cluster
from helpers.counts import Counts
from helpers.factors import Topics, fit, fold_in, guided, read_guides
from helpers.inference import FEWEST_DOCUMENTS, benjamini_hochberg, bootstrap
from helpers.topic_choice import (
    MEASURES,
    RULE,
    candidates,
    choose_k,
    exclusivity,
    frex,
    nameable,
    npmi,
    of_model,
    panel,
    propose,
    sample,
    stability,
    umass,
    why,
)

__all__ = [
    "Counts",
    "MEASURES",
    "RULE",
    "Topics",
    "candidates",
    "choose_k",
    "cluster",
    "confounding",
    "exclusivity",
    "fit",
    "fold_in",
    "frex",
    "frex_words",
    "guided",
    "nameable",
    "nearest",
    "npmi",
    "of_model",
    "over_time",
    "panel",
    "periods",
    "prevalence",
    "propose",
    "read_guides",
    "sample",
    "stability",
    "terms_table",
    "typical",
    "umass",
    "unit_for",
    "units_table",
    "why",
]

ENOUGH_DOCUMENTS = 100
PERIODS = {"month": "M", "quarter": "Q", "year": "Y"}
DRAWS = 9_999


def unit_for(n_docs: int, n_paragraphs: int) -> tuple[str, str]:
    """The unit in which topics are looked for ("paragraph" or "doc_id"), and why.

    >>> unit_for(5, 94)[0], unit_for(500, 7_500)[0]
    ('paragraph', 'doc_id')
    """
    if n_docs >= ENOUGH_DOCUMENTS:
        return "doc_id", f"{n_docs} documents are enough for topics of whole articles."
    return "paragraph", (
        f"Under {ENOUGH_DOCUMENTS} documents (here {n_docs}) are too few for topics of whole articles; "
        f"their {n_paragraphs} paragraphs are the units, and a topic may be one document's."
    )


def terms_table(topics: Topics, top: int = 10, labels: Mapping[int, str] | None = None) -> pd.DataFrame:
    """The words of each topic: topic (from 1), rank, term, weight (share of the topic's words), label.

    `labels` are a reader's own, by topic number; otherwise a topic is called by its three strongest words.
    """
    names = dict(enumerate(topics.labels(), start=1)) | dict(labels or {})
    order = np.argsort(-topics.words, axis=1, kind="stable")[:, :top]
    rows = [
        (topic, rank, topics.vocabulary[column], topics.words[topic - 1, column], names[topic])
        for topic, columns in enumerate(order, start=1)
        for rank, column in enumerate(columns, start=1)
    ]
    return pd.DataFrame(rows, columns=["topic", "rank", "term", "weight", "label"])


def frex_words(topics: Topics, top: int = 10) -> list[list[str]]:
    """The words that tell each topic from the others: highest FREX first; ties in code-point order."""
    order = np.argsort(-frex(topics), axis=1, kind="stable")[:, :top]
    return [topics.vocabulary[row].tolist() for row in order]


def units_table(topics: Topics, least: float = 0.05) -> pd.DataFrame:
    """What each unit is about: doc_id, paragraph (missing where the unit is a document), topic, weight (its share)."""
    row, column = np.nonzero(topics.shares >= least)
    table = topics.units.iloc[row].reset_index(drop=True)
    if "paragraph" not in table:
        table["paragraph"] = pd.array([pd.NA] * len(table), dtype="Int64")
    return table[["doc_id", "paragraph"]].assign(topic=column + 1, weight=topics.shares[row, column])


def prevalence(
    topics: Topics, groups: Mapping | pd.Series | None = None, by: str = "doc_id", seed: int = 0
) -> pd.DataFrame:
    """How much of each document, or group of documents, goes to each topic: by, group, topic, label, share, ci_low,
    ci_high, interval, n_units, n_docs.

    The mean share over a group's units. `groups` gives the group of each doc_id; without it every document is its own
    group. Limits resample whole documents, where a group has ten.
    """
    of_unit = topics.units["doc_id"] if groups is None else topics.units["doc_id"].map(groups)
    named = [name for name in sorted(of_unit.dropna().unique()) if name != ""]
    tables = [
        _prevalence(topics, of_unit.eq(name).fillna(False).to_numpy(bool), seed).assign(by=by, group=name)
        for name in named
    ]
    columns = ["by", "group", "topic", "label", "share", "ci_low", "ci_high", "interval", "n_units", "n_docs"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def _prevalence(topics: Topics, inside: np.ndarray, seed: int) -> pd.DataFrame:
    units = pd.DataFrame(topics.shares[inside]).assign(units=1.0)
    documents = units.groupby(topics.units.loc[inside, "doc_id"].to_numpy(), sort=False).sum()
    share = bootstrap(documents.to_numpy(), seed=seed)
    return pd.DataFrame(
        {
            "topic": range(1, topics.k + 1),
            "label": topics.labels(),
            "share": share.estimate,
            "ci_low": share.low,
            "ci_high": share.high,
            "interval": share.method,
            "n_units": int(inside.sum()),
            "n_docs": len(documents),
        }
    )


def nearest(topics: Topics, others: Topics) -> pd.DataFrame:
    """For each topic the one of another model of the same units whose shares run closest: topic, nearest, correlation.

    Pearson's correlation over units; unlike partners by `match`, two topics may have the same nearest one.
    """
    both = np.vstack([topics.shares.T, others.shares.T])
    both = both - both.mean(axis=1, keepdims=True)
    both /= np.maximum(np.linalg.norm(both, axis=1, keepdims=True), 1e-12)
    closeness = both[: topics.k] @ both[topics.k :].T
    return pd.DataFrame(
        {"topic": range(1, topics.k + 1), "nearest": closeness.argmax(axis=1) + 1, "correlation": closeness.max(axis=1)}
    )


def periods(dates: pd.Series) -> tuple[str, pd.Series]:
    """The unit of time ("month", "quarter" or "year"), and the period of each document; "" where it has no day.

    The finest unit of which half of the periods hold ten documents; otherwise years. `dates` are ISO days by doc_id.

    >>> periods(pd.Series(["2020-02-01", "2022-04-03"], index=["甲", "乙"]))[1].tolist()
    ['2020', '2022']
    """
    days = pd.to_datetime(dates.astype("string"), format="%Y-%m-%d", errors="coerce")
    for name, code in PERIODS.items():
        found = days.dt.to_period(code)
        if name == "year" or found.value_counts().median() >= FEWEST_DOCUMENTS:
            return name, found.astype(str).where(days.notna(), "")
    raise AssertionError("years always answer")


def over_time(topics: Topics, dates: pd.Series, seed: int = 0) -> pd.DataFrame:
    """Whether topics come or go: topic, label, n_docs, rho, p_permutation, q_value, first, last.

    rho is Spearman's correlation of a document's day and its share of the topic; p is two-sided over 9,999 reshuffled
    orders of whole documents, q over the topics. There is neither with fewer than ten dated documents: with so few,
    any order looks like a trend. `dates` are ISO days by doc_id.
    """
    days = pd.to_datetime(topics.units["doc_id"].map(dates).astype("string"), format="%Y-%m-%d", errors="coerce")
    shares = pd.DataFrame(topics.shares).assign(day=days).dropna(subset="day")
    shares = shares.groupby(topics.units["doc_id"].reindex(shares.index), sort=False).mean()
    table = pd.DataFrame({"topic": range(1, topics.k + 1), "label": topics.labels(), "n_docs": len(shares)})
    if len(shares) < FEWEST_DOCUMENTS or shares["day"].nunique() < 3:
        return table.assign(rho=np.nan, p_permutation=np.nan, q_value=np.nan, first="", last="")
    day, levels = _standard_ranks(shares[["day"]]), _standard_ranks(shares.drop(columns="day"))
    rho = (day.T @ levels)[0]
    orders = np.random.default_rng(seed).permuted(np.tile(day[:, 0], (DRAWS, 1)), axis=1)
    p = ((np.abs(orders @ levels) >= np.abs(rho) - 1e-12).sum(axis=0) + 1) / (DRAWS + 1)
    first, last = (str(day.date()) for day in (shares["day"].min(), shares["day"].max()))
    return table.assign(rho=rho, p_permutation=p, q_value=benjamini_hochberg(p), first=first, last=last)


def _standard_ranks(table: pd.DataFrame) -> np.ndarray:
    """Ranks of each column, centred and of length one, so that a product of two columns is Spearman's rho."""
    ranks = table.rank().to_numpy(float)
    ranks = ranks - ranks.mean(axis=0)
    return ranks / np.maximum(np.linalg.norm(ranks, axis=0), 1e-12)


def typical(topics: Topics, paragraphs: pd.DataFrame, n: int = 3) -> pd.DataFrame:
    """The paragraphs to read for each topic: topic, label, rank, doc_id, paragraph, line, weight, text.

    Ranked by how strongly, how purely and at what length a unit speaks of the topic. Where the unit is a document,
    its first body paragraph is shown.
    """
    # a heading of three words is all topic; the logarithm of its length keeps it from standing for the topic
    strength = topics.loadings * topics.shares * np.log1p(topics.sizes)[:, None]
    order = np.argsort(-strength, axis=0, kind="stable")[:n]
    table = pd.concat(
        [
            topics.units.iloc[order[:, topic]].assign(
                topic=topic + 1,
                label=label,
                rank=range(1, len(order) + 1),
                weight=topics.shares[order[:, topic], topic],
            )
            for topic, label in enumerate(topics.labels())
        ],
        ignore_index=True,
    )
    keys = [key for key in ("doc_id", "paragraph") if key in topics.units]
    texts = paragraphs if "zone" not in paragraphs or "paragraph" in keys else paragraphs[paragraphs["zone"] == "body"]
    texts = texts.drop_duplicates(keys)[["doc_id", "paragraph", "line", "text"]]
    columns = ["topic", "label", "rank", "doc_id", "paragraph", "line", "weight", "text"]
    return table.merge(texts, on=keys, how="left")[columns]


def confounding(topics: Topics, groups: Mapping[str, ArrayLike | pd.Series] | None = None) -> pd.DataFrame:
    """How far topics only repeat what is known of the documents: against, ari, n_units.

    Adjusted Rand index (Hubert & Arabie 1985) between the dominant topic of a unit and its document, and any further
    `groups` (name → Series by doc_id): 0 as by chance, 1 the topics are the documents.
    """
    from sklearn.metrics import adjusted_rand_score

    documents = topics.units["doc_id"]
    known = {"doc_id": documents} if documents.duplicated().any() else {}
    known |= {name: documents.map(labels) for name, labels in (groups or {}).items()}
    rows = [
        (name, adjusted_rand_score(labels.astype(str), topics.dominant), len(documents))
        for name, labels in known.items()
    ]
    return pd.DataFrame(rows, columns=["against", "ari", "n_units"])
