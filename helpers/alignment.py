"""The same topic in two runs: partners by their words, labels carried over, and what moved in between.

A topic has no name of its own, only a number that the next run deals out anew. What makes it the same topic is that
it keeps its words. A person's labels therefore travel with the words, and not at all where the words have changed or
another sample would have changed them.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from helpers.study import CorpusError, Study
from helpers.tables import from_spreadsheet

LABELS = "topic_labels.csv"  # in the corpus folder: what a reader calls the topics
COLUMNS = ["topic", "words", "label_zh", "label_en", "by", "date", "status", "overlap"]
FILLED = ["label_zh", "label_en", "by", "date"]
SEPARATOR = "、"
SAME = 1 / 3  # overlap of top tens that share five words of the fifteen they have together
TO_NAME, UNSTABLE, CARRIED, GONE = "to be named", "unstable: not to be named", "carried over", "gone: words dispersed"


def match(topics: Sequence[Sequence[str]], others: Sequence[Sequence[str]]) -> tuple[NDArray[np.int64], NDArray]:
    """The partner of each topic in another model (its place there, -1 for none) and the Jaccard overlap of their words.

    Partners are matched one to one so that the whole overlap is largest (Hungarian method, Kuhn 1955; for topics
    Greene, O'Callaghan & Cunningham 2014). Topics without a common word are no partners.

    >>> partner, shared = match([["核酸", "采样"], ["春耕", "种子"]], [["春耕", "农资"], ["采样", "核酸"]])
    >>> partner.tolist(), shared.round(2).tolist()
    ([1, 0], [1.0, 0.33])
    """
    partner, shared = np.full(len(topics), -1), np.zeros(len(topics))
    if len(topics) and len(others):
        sets, other_sets = [set(words) for words in topics], [set(words) for words in others]
        jaccard = np.array([[len(a & b) / max(len(a | b), 1) for b in other_sets] for a in sets])
        row, column = linear_sum_assignment(-jaccard)
        shared[row] = jaccard[row, column]
        partner[row] = np.where(shared[row] > 0, column, -1)
    return partner, shared


# ---- labels ----


def read_labels(study: Study) -> pd.DataFrame:
    """The reader's topic_labels.csv in the corpus folder: words, label_zh, label_en, by, date; no rows without one."""
    path = study.corpus / LABELS
    if not path.is_file():
        return pd.DataFrame(columns=["words", *FILLED])
    table = from_spreadsheet(path)
    if missing := [column for column in ("words", *FILLED) if column not in table]:
        raise CorpusError(f"{LABELS}: the column {missing[0]} is missing; start from tables/{LABELS} of the results.")
    return table[table[["label_zh", "label_en"]].ne("").any(axis=1)].reset_index(drop=True)


def labelled(
    words: Sequence[Sequence[str]], stable: Sequence[bool], labels: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The label table of a model: topic (from 1), words, label_zh, label_en, by, date, status, overlap.

    A label of `labels` (columns words, label_zh, label_en, by, date; words as this function writes them) goes to the
    topic that has kept its words: partners by `match`, at least five of ten words shared. A topic that is not stable
    gets none. A label whose topic is gone stands at the end without a number.

    >>> old = pd.DataFrame({"words": ["春耕、种子"], "label_zh": "春耕", "label_en": "farming", "by": "李", "date": ""})
    >>> labelled([["核酸", "采样"], ["春耕", "种子"]], [False, True], old)[["label_zh", "status"]].values.tolist()
    [['', 'unstable: not to be named'], ['春耕', 'carried over']]
    """
    old = labels if labels is not None else pd.DataFrame(columns=["words", *FILLED])
    partner, shared = match(words, [row.split(SEPARATOR) for row in old["words"]])
    partner = np.where(shared >= SAME, partner, -1)
    blank = dict.fromkeys(FILLED, "")
    rows = [
        {"topic": topic, "words": SEPARATOR.join(own), "status": _status(firm, place >= 0), "overlap": part}
        | (old.loc[place, FILLED].to_dict() if firm and place >= 0 else blank)
        for topic, (own, firm, place, part) in enumerate(zip(words, stable, partner, shared, strict=True), start=1)
    ]
    gone = old.drop(index=[place for place in partner if place >= 0]).assign(status=GONE, overlap=np.nan)
    table = pd.concat([pd.DataFrame(rows, columns=COLUMNS), gone.reindex(columns=COLUMNS)], ignore_index=True)
    return table.astype({"topic": "Int64"})


def _status(stable: bool, known: bool) -> str:
    return UNSTABLE if not stable else CARRIED if known else TO_NAME


def names(labels: pd.DataFrame, language: str = "zh") -> dict[int, str]:
    """What to write beside each topic, by its number: a reader's label, else three words; "?" where it is unstable.

    >>> names(labelled([["核酸", "采样", "检测", "抗原"]], [False]))
    {1: '1? 核酸·采样·检测'}
    """
    return {
        int(row["topic"]): f"{row['topic']}{'?' if row['status'] == UNSTABLE else ''} "
        + (row[f"label_{language}"] or row["label_zh"] or "·".join(row["words"].split(SEPARATOR)[:3]))
        for row in labels.dropna(subset="topic").to_dict("records")
    }


# ---- what moved ----


def moved(before: pd.DataFrame, after: pd.DataFrame, top: int = 10) -> pd.DataFrame:
    """What became of the topics of the run before: topic, words, was, overlap, verdict, kept, gained, lost.

    `before` and `after` are topic_terms tables (topic, rank, term). verdict is same, moved (fewer than five of ten
    words kept), new, or gone (then `topic` is missing and `words` are those it had); `was` is the number before, `kept`
    how many of the words it had then.
    """
    old, new = _words(before, top), _words(after, top)
    numbers = list(old)
    partner, shared = match(list(new.values()), list(old.values()))
    found = [
        (topic, words, numbers[place], old[numbers[place]], part, "same" if part >= SAME else "moved")
        if place >= 0
        else (topic, words, pd.NA, [], part, "new")
        for (topic, words), place, part in zip(new.items(), partner, shared, strict=True)
    ]
    left = [number for place, number in enumerate(numbers) if place not in set(partner)]
    rows = [
        {
            "topic": topic,
            "words": SEPARATOR.join(words),
            "was": number,
            "overlap": part,
            "verdict": verdict,
            "kept": sum(word in had for word in words),
            "gained": SEPARATOR.join(word for word in words if had and word not in had),
            "lost": SEPARATOR.join(word for word in had if word not in words),
        }
        for topic, words, number, had, part, verdict in found + [(pd.NA, old[n], n, [], 0.0, "gone") for n in left]
    ]
    columns = ["topic", "words", "was", "overlap", "verdict", "kept", "gained", "lost"]
    return pd.DataFrame(rows, columns=columns).astype({"topic": "Int64", "was": "Int64"})


def _words(terms: pd.DataFrame, top: int) -> dict[int, list[str]]:
    ranked = terms[terms["rank"] <= top].sort_values(["topic", "rank"])
    return {int(topic): words.astype(str).tolist() for topic, words in ranked.groupby("topic")["term"]}


def told(moves: pd.DataFrame) -> Iterator[str]:
    """One sentence for each topic that did not stay as it was, for changes.md.

    >>> terms = pd.DataFrame({"topic": 1, "rank": [1, 2], "term": ["核酸", "采样"]})
    >>> list(told(moved(terms, terms.assign(term=["春耕", "种子"]))))
    ['topic 1 (春耕、种子) is new', 'topic 1 of the run before (核酸、采样) is gone']
    """
    for row in moves.itertuples(index=False):
        head = SEPARATOR.join(row.words.split(SEPARATOR)[:3])
        if row.verdict == "new":
            yield f"topic {row.topic} ({head}) is new"
        elif row.verdict == "gone":
            yield f"topic {row.was} of the run before ({head}) is gone"
        elif row.verdict == "moved" or row.gained:
            kept = f"has {row.kept} of its {row.words.count(SEPARATOR) + 1} words from before"
            change = f"gained {row.gained or 'nothing'}; lost {row.lost or 'nothing'}"
            yield f"topic {row.topic} ({head}), before {row.was}, {kept}: {change}"
