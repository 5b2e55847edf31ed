"""A semantic axis is refused where it would be memory, comes out of what is planted, and is not steady on noise."""

import numpy as np
import pandas as pd
import pytest

from helpers import axis
from helpers.counts import count

POLES = {"negative": ["恐慌", "短缺", "死亡"], "positive": ["信心", "温暖", "有序"]}
NEAR = {"negative": ["哭声", "空架", "求助"], "positive": ["花束", "歌声", "早市"]}


def corpus(leaning: np.ndarray, each: int = 20, seed: int = 0) -> pd.DataFrame:
    """Documents of `each` paragraphs; the more a document leans, the more paragraphs speak in words of the second pole."""
    dice, rows = np.random.default_rng(seed), []
    common = [f"词{n}" for n in range(60)]
    for number, lean in enumerate(leaning):
        for paragraph in range(each):
            pole = "positive" if dice.random() < lean else "negative"
            words = [*dice.choice(POLES[pole] + NEAR[pole], 3), *dice.choice(common, 6)]
            rows += [(f"文{number:03}", paragraph, str(word)) for word in words]
    return pd.DataFrame(rows, columns=["doc_id", "paragraph", "token"])


@pytest.fixture(scope="module")
def planted():
    leaning = np.linspace(0.1, 0.9, 120)
    return leaning, count(corpus(leaning), "paragraph")


def test_a_planted_order_is_found_by_both_halves(planted):
    leaning, counts = planted
    assert axis.refusal(counts, POLES) == "" and axis.reliability(counts, POLES) > 0.8
    fitted = axis.fit(counts, POLES)
    ends = axis.ends(fitted, 3, sum(POLES.values(), []))
    assert {pole: sorted(part["term"]) for pole, part in ends.groupby("pole")} == {
        k: sorted(v) for k, v in NEAR.items()
    }
    assert np.corrcoef(axis.scores(fitted, counts), leaning)[0, 1] > 0.9


def test_words_that_go_with_neither_pole_give_no_steady_scale(planted):
    _, counts = planted
    shuffled = corpus(np.full(120, 0.5))
    shuffled["token"] = np.random.default_rng(1).permutation(shuffled["token"].to_numpy())
    assert abs(axis.reliability(count(shuffled, "paragraph"), POLES)) < axis.LEAST_RELIABILITY


def test_a_small_corpus_and_missing_seeds_are_refused_with_the_reason(planted):
    _, counts = planted
    few = counts.rows(counts.units["doc_id"].isin([f"文{n:03}" for n in range(24)]).to_numpy())
    assert axis.refusal(few, POLES).startswith("too small: documents 24, paragraphs 480; ")
    assert axis.refusal(counts, POLES | {"positive": ["欣喜"]}) == (
        "too few seeds: fewer than 3 of positive occur 10 times"
    )
