"""Which topics of a model come back in others, and which of their words: what may be named, and what was one sample's."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.alignment import SEPARATOR, match
from helpers.coherence import TOP
from helpers.factors import Topics

NAMEABLE = 0.5  # a topic that keeps less of its top words, under other seeds or in other samples, gets no name


def of_model(detail: pd.DataFrame, topics: Topics) -> pd.DataFrame:
    """The rows of a `stability` table that speak of a model's topics, in the model's order; blank where none does.

    The table is worked out on fewer words, sometimes on fewer units: what makes a row a topic's is that they share words.
    """
    rows = detail[detail["k"] == topics.k].reset_index(drop=True)
    own = rows.reindex(_places(rows, topics)).reset_index(drop=True)
    return own.assign(k=topics.k, topic=range(1, topics.k + 1), label=topics.labels())


def _places(rows: pd.DataFrame, topics: Topics) -> NDArray[np.int64]:
    return match(topics.top(TOP), [words.split(SEPARATOR) for words in rows["words"]])[0]


def runs_of_model(runs: pd.DataFrame, detail: pd.DataFrame, topics: Topics) -> pd.DataFrame:
    """The rows of the runs (third table of `panel`) that speak of a model's topics, numbered as the model has them."""
    places = _places(detail[detail["k"] == topics.k].reset_index(drop=True), topics)
    number = {place + 1: topic for topic, place in enumerate(places, start=1) if place >= 0}
    own = runs[runs["k"].eq(topics.k) & runs["topic"].isin(number)]
    own = own.assign(topic=own["topic"].map(number))
    return own.sort_values(["topic", "kind", "run"], ascending=[True, False, True], ignore_index=True)


def returns(runs: pd.DataFrame, topics: Topics) -> pd.DataFrame:
    """How often each top word comes back: topic, rank, term, seed, sample (shares of the runs of either kind in which the
    topic's partner has it among its ten). `runs` are those of `runs_of_model`; a topic without any is left out."""
    if runs.empty:
        return pd.DataFrame(columns=["topic", "rank", "term", "seed", "sample"])
    top = ((t, rank, w) for t, words in enumerate(topics.top(TOP), 1) for rank, w in enumerate(words, 1))
    own = pd.DataFrame(top, columns=["topic", "rank", "term"])
    words = runs[["topic", "kind", "run"]].assign(term=runs["words"].str.split(SEPARATOR))
    words = words.explode("term").groupby(["topic", "term", "kind"]).size().unstack(fill_value=0)
    kinds = runs.drop_duplicates(["kind", "run"])["kind"].value_counts()
    shares = (words / kinds).reindex(columns=["seed", "sample"])
    table = own[own["topic"].isin(runs["topic"])].join(shares, on=["topic", "term"])
    return table.fillna({"seed": 0.0, "sample": 0.0}).reset_index(drop=True)


def nameable(detail: pd.DataFrame) -> NDArray[np.bool_]:
    """Which topics of a `stability` table keep half of their words under other seeds and in other samples."""
    return detail[["stability_seed", "stability_sample"]].min(axis=1).ge(NAMEABLE).to_numpy()
