"""Intrusion sheets: the key knows the intruder, the sheet does not tell, and guessing is worth what guessing is worth."""

import numpy as np
import pandas as pd
import pytest

from helpers import intrusion, topics
from helpers.inference import wilson
from helpers.study import CorpusError, Study
from tests.test_topics import THEMES, planted


@pytest.fixture(scope="module")
def model():
    return topics.fit(planted(noise=0.3)[0], 6)


def theme_of(word):
    return next((place for place, theme in enumerate(THEMES) if word in theme), -1)


def test_the_word_that_does_not_belong_is_of_another_theme(model):
    sheet, key = intrusion.word_sheet(model, seed=1)
    assert len(sheet) == 6 and "right" not in sheet and sheet["answer"].eq("").all()
    for row, right in zip(sheet.to_dict("records"), key["right"], strict=True):
        of = [theme_of(row[f"option_{i}"]) for i in range(1, 7)]
        intruder = of.pop(right - 1)
        assert len(set(of)) == 1 and intruder != of[0]


def test_whoever_sees_the_theme_scores_full_and_guessing_does_not(model):
    sheet, key = intrusion.word_sheet(model, seed=1)
    seen = sheet.assign(answer=key["right"].astype(str))
    assert intrusion.score(seen, key)["precision"].tolist() == [1.0] * 7
    dice = np.random.default_rng(0)
    guesses = pd.concat([sheet.assign(answer=dice.integers(1, 7, 6), reader=str(r)) for r in range(300)])
    overall = intrusion.score(guesses, key).iloc[0]
    assert overall["answers"] == 1800 and overall["precision"] == pytest.approx(1 / 6, abs=0.04)
    assert [overall["ci_low"], overall["ci_high"]] == pytest.approx([float(x) for x in wilson(overall["right"], 1800)])


def test_answers_to_another_model_and_blank_ones_do_not_count(model):
    sheet, key = intrusion.word_sheet(model, seed=1)
    other, other_key = intrusion.word_sheet(model, seed=2)
    assert not set(key["item"]) & set(other_key["item"])
    assert intrusion.score(sheet, key).empty
    assert intrusion.score(other.assign(answer="1"), key).empty


def test_the_topic_that_does_not_belong_is_scored_by_log_odds(model):
    paragraphs = model.units.assign(text=[f"第{i}段" for i in range(len(model.units))])
    sheet, key = intrusion.topic_sheet(model, paragraphs, seed=1, n=12)
    weights = key.filter(regex="weight_").to_numpy()
    assert len(sheet) > 0 and "weight_1" not in sheet and "text" in sheet
    assert (weights[np.arange(len(key)), key["right"] - 1] <= weights.min(axis=1) + 1e-12).all()
    seen = intrusion.score(sheet.assign(answer=key["right"]), key).iloc[0]
    assert seen["precision"] == 1 and seen["log_odds"] == 0
    worst = intrusion.score(sheet.assign(answer=weights.argmax(axis=1) + 1), key).iloc[0]
    assert worst["precision"] == 0 and worst["log_odds"] < -1


def test_topic_log_odds_by_hand():
    key = pd.DataFrame({"item": ["a"], "topic": [2], "right": [3], "weight_1": 0.5, "weight_2": 0.3, "weight_3": 0.1})
    scored = intrusion.score(pd.DataFrame({"item": ["a", "a"], "answer": [3, 1]}), key)
    assert scored["log_odds"][0] == pytest.approx((0 + np.log(0.1 / 0.5)) / 2)


def test_few_topics_give_words_to_judge_but_no_passages():
    small = topics.fit(planted(3)[0], 3)
    assert len(intrusion.word_sheet(small)[0]) == 3
    assert intrusion.topic_sheet(small, small.units.assign(text="……"))[0].empty


def test_sheets_of_several_readers_are_read_together(tmp_path, model):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    study = Study(corpus=corpus, results=tmp_path / "results")
    assert intrusion.read_answers(study, "word").empty
    sheet, key = intrusion.word_sheet(model)
    for reader in ("wang", "li"):
        filled = sheet.assign(answer=key["right"], reader=reader)
        filled.to_csv(corpus / f"word_intrusion_{reader}.csv", index=False, encoding="utf-8-sig")
    answers = intrusion.read_answers(study, "word")
    assert set(answers["reader"]) == {"wang", "li"} and intrusion.score(answers, key)["answers"][0] == 12
    (corpus / "word_intrusion_zhao.csv").write_text("item\nx\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="word_intrusion_zhao.csv: the column answer"):
        intrusion.read_answers(study, "word")
