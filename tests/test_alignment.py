"""Topics of two runs: a permuted model is seen through, labels go with the words, what moved is said."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import alignment
from helpers.study import CorpusError, Study

WORDS = [["核酸", "采样", "检测"], ["春耕", "种子", "农资"], ["党员", "支部", "先锋"], ["蔬菜", "配送", "超市"]]


def table(words, numbers=None):
    rows = [(n, r, w) for n, some in zip(numbers or range(1, 9), words, strict=False) for r, w in enumerate(some, 1)]
    return pd.DataFrame(rows, columns=["topic", "rank", "term"])


def written(words, label):
    return pd.DataFrame(
        {"words": ["、".join(words)], "label_zh": [label], "label_en": "", "by": "王", "date": "2024-05-01"}
    )


@given(st.permutations(range(4)))
def test_the_alignment_of_a_permuted_model_is_the_permutation(order):
    partner, shared = alignment.match([WORDS[place] for place in order], WORDS)
    assert partner.tolist() == list(order) and shared.tolist() == [1.0] * 4


def test_partners_are_chosen_for_the_whole_and_one_to_one():
    """By themselves both topics would take the first; together one does better with the second."""
    partner, shared = alignment.match([list("甲乙丙"), list("甲乙丁")], [list("甲乙丙"), list("乙丁戊")])
    assert partner.tolist() == [0, 1] and shared == pytest.approx([1, 0.5])
    assert alignment.match([list("甲乙"), list("丙丁")], [list("丙丁")])[0].tolist() == [-1, 0]
    assert alignment.match([list("甲乙")], [])[0].tolist() == [-1]


def test_labels_go_with_the_words_through_a_rerun():
    old = pd.concat([written(WORDS[1], "春耕"), written(WORDS[3], "保供")])
    old = old.reset_index(drop=True)
    now = alignment.labelled([WORDS[3], WORDS[0], ["春耕", "种子", "化肥"]], [True, True, True], old)
    assert now["label_zh"].tolist() == ["保供", "", "春耕"] and now["by"].tolist() == ["王", "", "王"]
    assert now["status"].tolist() == [alignment.CARRIED, alignment.TO_NAME, alignment.CARRIED]
    assert alignment.names(now) == {1: "1 保供", 2: "2 核酸·采样·检测", 3: "3 春耕"}


def test_unstable_topics_get_no_label_and_lost_labels_stay_in_sight():
    old = pd.concat([written(WORDS[1], "春耕"), written(["航天", "火箭"], "航天")]).reset_index(drop=True)
    now = alignment.labelled([WORDS[1], WORDS[0]], [False, True], old)
    assert now["label_zh"].tolist() == ["", "", "航天"] and now["topic"].isna().tolist() == [False, False, True]
    assert now["status"].tolist() == [alignment.UNSTABLE, alignment.TO_NAME, alignment.GONE]
    assert alignment.names(now)[1].startswith("1? ")


def test_labels_are_read_from_the_corpus_folder_and_a_wrong_table_is_refused(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    study = Study(corpus=corpus, results=tmp_path / "results")
    assert alignment.read_labels(study).empty
    alignment.labelled(WORDS, [True] * 4).assign(label_zh=["检测", "", "", ""]).to_csv(
        corpus / alignment.LABELS, index=False
    )
    assert alignment.read_labels(study)["label_zh"].tolist() == ["检测"]
    (corpus / alignment.LABELS).write_text("topic,label_zh\n1,检测\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="topic_labels.csv: the column words"):
        alignment.read_labels(study)


def test_what_moved_is_said_of_moved_topics_only():
    same = alignment.moved(table(WORDS), table([WORDS[2], WORDS[0], WORDS[1], WORDS[3]]))
    assert same["verdict"].eq("same").all() and same["was"].tolist() == [3, 1, 2, 4] and not list(alignment.told(same))
    after = table([WORDS[0], ["春耕", "化肥", "播种"], ["学校", "网课", "学生"], WORDS[3]])
    moves = alignment.moved(table(WORDS), after)
    assert moves["verdict"].tolist() == ["same", "moved", "new", "same", "gone"]
    said = list(alignment.told(moves))
    assert len(said) == 3 and "gained 化肥、播种; lost 种子、农资" in said[0]
    assert "topic 3 of the run before (党员、支部、先锋) is gone" in said
    assert np.isclose(moves["overlap"][1], 1 / 5)
