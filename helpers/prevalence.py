"""How much room topics get: by document, by group of documents, and over time, with whole documents as what varies."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.factors import Topics
from helpers.inference import DRAWN_SPLITS, FEWEST_DOCUMENTS, TOLERANCE, benjamini_hochberg, document_share, p_of

COLUMNS = ["by", "group", "topic", "label", "share", "ci_low", "ci_high", "interval", "n_units", "n_docs"]
PERIODS = {"month": "M", "quarter": "Q", "year": "Y"}


def of_documents(topics: Topics) -> pd.DataFrame:
    """The mean share of each topic (columns, from 1) over the units of each doc_id (index)."""
    codes, documents = pd.factorize(topics.units["doc_id"])
    totals = np.zeros((len(documents), topics.k))
    np.add.at(totals, codes, topics.shares)
    shares = totals / np.bincount(codes, minlength=len(documents))[:, None]
    return pd.DataFrame(shares, index=pd.Index(documents, name="doc_id"), columns=range(1, topics.k + 1))


def prevalence(topics: Topics, groups: Mapping | pd.Series | None = None, by: str = "doc_id") -> pd.DataFrame:
    """How much of each document, or group of documents, goes to each topic: by, group, topic, label, share, ci_low,
    ci_high, interval, n_units, n_docs.

    The mean over a document's units, and over a group's documents, which count alike however long they are. `groups` gives
    the group of each doc_id; without it every document is its own. Limits are those between documents
    (`inference.clustered_wilson`), where a group has ten.
    """
    shares = of_documents(topics)
    documents = shares.index.to_series()
    of_document = documents if groups is None else documents.map(groups)
    codes, named = pd.factorize(of_document.where(of_document != "").to_numpy(object), sort=True)
    if not (len(named) and topics.k):
        return pd.DataFrame(columns=COLUMNS)
    order = np.argsort(codes, kind="stable")[(codes < 0).sum() :]
    members = np.split(order, np.cumsum(np.bincount(codes[codes >= 0]))[:-1])
    units = documents.map(topics.units["doc_id"].value_counts()).to_numpy()
    values = np.column_stack([shares, np.ones(len(shares))])
    means = [document_share(values[rows]) for rows in members]
    return pd.DataFrame(
        {
            "by": by,
            "group": np.repeat(named, topics.k),
            "topic": np.tile(np.arange(1, topics.k + 1), len(named)),
            "label": topics.labels() * len(named),
            "share": np.concatenate([share.estimate for share in means]),
            "ci_low": np.concatenate([share.low for share in means]),
            "ci_high": np.concatenate([share.high for share in means]),
            "interval": np.repeat([share.method for share in means], topics.k),
            "n_units": np.repeat([int(units[rows].sum()) for rows in members], topics.k),
            "n_docs": np.repeat([len(rows) for rows in members], topics.k),
        }
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
    any order looks like a trend; nor for a topic of which all dated documents have as much. `dates` are ISO days by doc_id.

    A small p says that share and day go together, not why: where the articles of a week follow one event, it comes
    without any trend (in simulated corpora of 30 documents p fell below .05 for 20 to 40 % of such topics).
    """
    shares = of_documents(topics)
    days = pd.to_datetime(shares.index.to_series().map(dates).astype("string"), format="%Y-%m-%d", errors="coerce")
    shares, days = shares[days.notna()], days.dropna()
    table = pd.DataFrame({"topic": range(1, topics.k + 1), "label": topics.labels(), "n_docs": len(shares)})
    if len(shares) < FEWEST_DOCUMENTS or days.nunique() < 3:
        return table.assign(rho=np.nan, p_permutation=np.nan, q_value=np.nan, first="", last="")
    day, levels = _standard_ranks(days.to_frame()), _standard_ranks(shares)
    rho = (day.T @ levels)[0]
    orders = np.random.default_rng(seed).permuted(np.tile(day[:, 0], (DRAWN_SPLITS, 1)), axis=1)
    p = p_of((np.abs(orders @ levels) >= np.abs(rho) - TOLERANCE).sum(axis=0), DRAWN_SPLITS, exact=False)
    p = np.where(np.isnan(rho), np.nan, p)
    first, last = (str(day.date()) for day in (days.min(), days.max()))
    return table.assign(rho=rho, p_permutation=p, q_value=benjamini_hochberg(p), first=first, last=last)


def _standard_ranks(table: pd.DataFrame) -> NDArray[np.float64]:
    """Ranks of each column, centred and of length one, so that a product of two columns is Spearman's rho; NaN where all
    are equal."""
    ranks = table.rank().to_numpy(float)
    ranks = ranks - ranks.mean(axis=0)
    length = np.linalg.norm(ranks, axis=0)
    return ranks / np.where(length > 0, length, np.nan)
