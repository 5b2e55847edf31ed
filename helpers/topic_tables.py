"""What topics are made of, in tables to read and to draw from: their words and sentences, the frames told in them, and the
clusters beside them."""

from itertools import product

import numpy as np
import pandas as pd

from helpers.counts import Counts, count, tfidf
from helpers.factors import Topics
from helpers.topics import terms_table


def typical_sentences(
    topics: Topics, tokens: pd.DataFrame, sentences: pd.DataFrame, n: int = 2, least: int = 15
) -> pd.DataFrame:
    """For each topic the n sentences richest in its words, from units it dominates, one a document while they last.

    Columns topic, label, doc_id, line, text. A sentence of fewer than `least` characters is passed over. The weight of
    its distinct words is divided by the square root of their number, so that length alone does not win.
    """
    found = count(tokens, "sentence")
    known = np.isin(found.vocabulary.astype(str), topics.vocabulary.astype(str))
    columns = np.searchsorted(topics.vocabulary.astype(str), found.vocabulary[known].astype(str))
    words = found.matrix[:, known].astype(bool).astype(float)
    scores = (words @ topics.words[:, columns].T) / np.sqrt(np.maximum(words.sum(axis=1), 1))[:, None]
    keys = list(topics.units.columns)
    units = found.units.merge(topics.units.assign(own=topics.dominant), on=keys, how="left")
    place = ["doc_id", "paragraph", "sentence"]
    units = units.merge(sentences[[*place, "line", "text"]], on=place, how="left")
    tables = []
    for topic, label in enumerate(topics.labels(), start=1):
        ours = units.assign(topic=topic, label=label, score=scores[:, topic - 1])
        ours = ours[ours["own"].eq(topic) & ours["text"].str.len().ge(least)]
        ours = ours.sort_values("score", ascending=False, kind="stable")
        ours["turn"] = ours.groupby("doc_id", observed=True).cumcount()
        tables.append(ours.sort_values("turn", kind="stable").head(n))
    return pd.concat(tables, ignore_index=True)[["topic", "label", "doc_id", "line", "text"]]


def frames_told(topics: Topics, paragraphs: pd.DataFrame, frames: pd.DataFrame) -> pd.DataFrame:
    """How far a topic tells a frame: frame, topic, both, of_topic, of_frame, phi, for every pair.

    of_topic is the share of the topic's paragraphs with the frame, of_frame the share of the frame's paragraphs in the
    topic; phi is their correlation, 1 if the topic were the frame. A paragraph belongs to its unit's strongest topic. NaN
    where there is nothing to divide by: of_topic and phi of a topic without paragraphs, phi where all have the frame.
    """
    keys = list(topics.units.columns)
    own = paragraphs[["doc_id", "paragraph"]].merge(topics.units.assign(topic=topics.dominant), on=keys)
    told = frames.loc[~frames["negated"].astype(bool), ["doc_id", "paragraph", "frame"]].drop_duplicates()
    told = told.merge(own, on=["doc_id", "paragraph"])
    a = own.groupby("topic").size().reindex(range(1, topics.k + 1), fill_value=0)
    b = told.groupby("frame").size()
    both = told.groupby(["frame", "topic"]).size()
    table = pd.DataFrame(product(b.index, a.index), columns=["frame", "topic"])
    table["both"] = both.reindex(pd.MultiIndex.from_frame(table), fill_value=0).to_numpy()
    n, in_topic, in_frame = max(len(own), 1), table["topic"].map(a), table["frame"].map(b)
    table["of_topic"], table["of_frame"] = table["both"] / in_topic.where(in_topic > 0), table["both"] / in_frame
    spread = np.sqrt((in_topic * in_frame * (n - in_topic) * (n - in_frame)).astype(float))
    return table.assign(phi=(n * table["both"] - in_topic * in_frame) / spread.where(spread > 0))


def words(topics: Topics, top: int = 8) -> pd.DataFrame:
    """The words of each topic to draw: topic, label, rank, term, weight, share (of the word's weight in all topics)."""
    words = terms_table(topics, top)
    columns = np.searchsorted(topics.vocabulary.astype(str), words["term"].astype(str))
    every = np.maximum(topics.words.sum(axis=0), 1e-12)
    return words.assign(share=topics.words[words["topic"] - 1, columns] / every[columns])


def clusters(counts: Counts, labels: np.ndarray, topics: Topics, top: int = 6) -> pd.DataFrame:
    """The clusters of units: cluster (from 1), units, docs, words (highest mean TF-IDF), topic and topic_share (the
    topic that most of its units have, and how many)."""
    weights, rows = tfidf(counts, sublinear=True), []
    for number in range(labels.max() + 1):
        inside = labels == number
        mean = np.asarray(weights.matrix[inside].sum(axis=0)).ravel()
        words = weights.vocabulary[np.argsort(-mean, kind="stable")[:top]]
        of_topic = np.bincount(topics.dominant[inside], minlength=topics.k + 1)
        rows.append(
            (
                number + 1,
                int(inside.sum()),
                counts.units.loc[inside, "doc_id"].nunique(),
                "、".join(words),
                int(of_topic.argmax()),
                of_topic.max() / inside.sum(),
            )
        )
    return pd.DataFrame(rows, columns=["cluster", "units", "docs", "words", "topic", "topic_share"])
