"""Reading tea leaves: sheets on which people show whether topics mean something to them (Chang et al. 2009).

In *word intrusion* a reader picks the word that does not belong among five words of a topic; in *topic intrusion* the
topic that does not belong to a passage. Whoever finds the intruder has seen what holds the rest together. The sheets
do not say what is right; the keys do, and stay with the researcher.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.factors import Topics, strongest
from helpers.inference import wilson
from helpers.study import CorpusError, Study
from helpers.tables import from_spreadsheet

WORDS = 5  # of the topic, beside the intruder
TOPICS = 3  # that a passage speaks of most, beside the intruder


def word_sheet(topics: Topics, seed: int = 0, words: int = WORDS) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A sheet and its key: each topic's top words and one word that is weak in it and among the strongest of another.

    Sheet: item, option_1 … option_6, answer (blank: the number of the word that does not belong), reader (blank).
    Key: item, topic, right (number of the intruder).
    """
    dice = np.random.default_rng(seed)
    rows = []
    for topic in dice.permutation(topics.k):
        own = np.argsort(-topics.words[topic], kind="stable")[:words]
        if len(stranger := _strangers(topics, topic, own)):
            shown = [topics.vocabulary[column] for column in [*own, dice.choice(stranger)]]
            rows.append(_item(shown, dice.permutation(len(shown)), int(topic) + 1))
    return _sheet(rows, words + 1)


def _strangers(topics: Topics, topic: int, own: np.ndarray) -> np.ndarray:
    """Words of the lower half of this topic that are among the ten strongest of another."""
    weak = topics.words[topic] <= np.median(topics.words[topic])
    others = np.delete(topics.words, topic, axis=0)
    strong = np.unique(strongest(others, 10))
    return strong[weak[strong] & ~np.isin(strong, own)]


def topic_sheet(
    topics: Topics, paragraphs: pd.DataFrame, seed: int = 0, n: int = 20
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A sheet and its key: n passages, each with the words of its three strongest topics and of one of the weakest.

    `paragraphs` has doc_id, paragraph, text; a document stands for itself by its first paragraph. Sheet: item, text,
    option_1 … option_4 (eight words each), answer, reader. Key: item, topic (the intruder), right, weight_1 … weight_4
    (the passage's share of each option). Needs four topics; with fewer there are no rows.
    """
    dice = np.random.default_rng(seed)
    keys = [key for key in ("doc_id", "paragraph") if key in topics.units]
    texts = topics.units.merge(paragraphs.drop_duplicates(keys)[[*keys, "text"]], on=keys, how="left")["text"]
    usable = np.flatnonzero(((topics.shares > 0).sum(axis=1) >= TOPICS) & texts.notna())
    heads = ["、".join(words) for words in topics.top(8)]
    rows = []
    for unit in dice.permutation(usable)[: n if topics.k > TOPICS else 0]:
        order = np.argsort(-topics.shares[unit], kind="stable")
        chosen = np.append(order[:TOPICS], dice.choice(order[TOPICS:][-max(topics.k // 2, 1) :]))
        turn = dice.permutation(len(chosen))
        weights = {f"weight_{i}": topics.shares[unit, chosen[place]] for i, place in enumerate(turn, start=1)}
        item = _item([heads[topic] for topic in chosen], turn, int(chosen[-1]) + 1, texts[unit])
        rows.append(item | {"text": texts[unit]} | weights)
    return _sheet(rows, TOPICS + 1)


def _item(shown: Sequence[str], turn: np.ndarray, topic: int, text: str = "") -> dict:
    """One question: what is shown, in the order of `turn`; the intruder is the last of `shown`."""
    options = [shown[place] for place in turn]
    # the name of an item is made of what it asks, so that answers to another model's questions are not scored
    item = hashlib.sha256("\0".join([text, *options]).encode()).hexdigest()[:10]
    right = int(np.flatnonzero(turn == len(shown) - 1)[0]) + 1
    return {"item": item, "topic": topic, "right": right} | {f"option_{i}": o for i, o in enumerate(options, start=1)}


def _sheet(rows: list[dict], options: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    columns = [f"option_{i}" for i in range(1, options + 1)]
    weights = [f"weight_{i}" for i in range(1, options + 1)] if any("text" in row for row in rows) else []
    table = pd.DataFrame(rows, columns=["item", "topic", "right", "text", *columns, *weights])
    table = table.drop_duplicates("item", ignore_index=True)  # two copies of one passage are one question
    shown = ["item", *(["text"] if weights else []), *columns]
    return table[shown].assign(answer="", reader=""), table[["item", "topic", "right", *weights]]


def score(filled: pd.DataFrame, key: pd.DataFrame) -> pd.DataFrame:
    """How often readers found the intruder: topic ("all" first), right, answers, precision, ci_low, ci_high, log_odds.

    `filled` is a sheet with numbers under `answer`, one or more readers below each other. precision is Chang et
    al.'s model precision with Wilson limits; log_odds their topic log odds, ln(share of the intruder / share of the
    topic picked), 0 at best, only where the key has weights. Unanswered items and those of another model are left out.

    >>> sheet = pd.DataFrame({"item": ["a", "b"], "answer": ["2", "1"]})
    >>> score(sheet, pd.DataFrame({"item": ["a", "b"], "topic": [1, 2], "right": [2, 3]}))["precision"].tolist()
    [0.5, 1.0, 0.0]
    """
    answers = pd.to_numeric(filled["answer"], errors="coerce")
    given = filled[["item"]].assign(answer=answers).dropna().merge(key, on="item")
    given["found"] = given["answer"].eq(given["right"])
    given["log_odds"] = _log_odds(given)
    whole = given.assign(topic="all")
    both = pd.concat([whole, given.astype({"topic": object})], ignore_index=True)
    table = both.groupby("topic", sort=False).agg(
        right=("found", "sum"), answers=("found", "size"), log_odds=("log_odds", "mean")
    )
    order = ["all", *sorted(given["topic"].unique())] if len(given) else []
    table = table.reindex(order).rename_axis("topic").reset_index()
    low, high = wilson(table["right"], table["answers"])
    table = table.assign(precision=table["right"] / table["answers"], ci_low=low, ci_high=high)
    return table[["topic", "right", "answers", "precision", "ci_low", "ci_high", "log_odds"]]


def _log_odds(given: pd.DataFrame) -> np.ndarray:
    weights = given.filter(regex=r"^weight_\d+$").to_numpy(float)
    if not weights.size:
        return np.full(len(given), np.nan)
    weights = np.log(np.maximum(weights, 1e-6))  # an intruder without any share would make one mistake count infinitely
    rows, width = np.arange(len(given)), weights.shape[1]
    picked = given["answer"].clip(1, width).astype(int).to_numpy() - 1
    odds = weights[rows, given["right"].to_numpy(int) - 1] - weights[rows, picked]
    return np.where(given["answer"].between(1, width), odds, np.nan)


def read_answers(study: Study, kind: str) -> pd.DataFrame:
    """What readers wrote: the sheets word_intrusion*.csv (or topic_…) of the corpus folder below each other.

    Columns item, answer, reader; no rows where there is no sheet yet.
    """
    paths = sorted(study.corpus.glob(f"{kind}_intrusion*.csv"))
    tables = [from_spreadsheet(path) for path in paths]
    for path, table in zip(paths, tables, strict=True):
        if missing := [column for column in ("item", "answer") if column not in table]:
            raise CorpusError(f"{path.name}: the column {missing[0]} is missing; fill in the sheet of the results.")
    columns = ["item", "answer", "reader"]
    return pd.concat([pd.DataFrame(columns=columns), *tables], ignore_index=True).reindex(columns=columns).fillna("")
