"""A second opinion must not have seen what it judges."""

import json

import pandas as pd
import pytest

from helpers import cleaning, coder, frames, texts
from helpers.codebook import bare, every_word, read_codebook
from helpers.coder import without
from helpers.study import SAMPLE, Study

BOOK = read_codebook()


@pytest.fixture(scope="module")
def sample():
    """Paragraphs of the sample, what the codebook finds, what its writers planned, and the outlet of each document."""
    docs = texts.load(Study(corpus=SAMPLE))[0]
    units = frames.units(cleaning.clean_docs(docs)[1]).reset_index(drop=True)
    coded = frames.presence(frames.code(units, BOOK), units)
    answers = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((SAMPLE / "truth").glob("*.json"))]
    by_line = {(a["doc_id"], int(line)): names for a in answers for line, names in a["frames_by_line"].items()}
    judged = [key in by_line for key in zip(units["doc_id"], units["line"], strict=True)]
    rows = [
        [f in by_line[key] for f in BOOK.ids]
        for key in zip(units["doc_id"], units["line"], strict=True)
        if key in by_line
    ]
    read = pd.DataFrame(rows, index=coded.index[judged], columns=coded.columns)
    outlets = pd.Series({doc: doc.split("-")[2] for doc in units["doc_id"].unique()})
    return units, coded, read, outlets


# ---- as if unseen ----


def test_a_word_of_two_groups_is_kept_and_a_word_of_one_is_forgotten():
    text = pd.DataFrame({"doc_id": list("甲乙丙"), "paragraph": 1, "line": 1, "zone": "body"})
    text["text"] = ["他们布防。", "医生彻夜未眠，他们布防。", "医生彻夜未眠。"]
    groups = pd.Series({"甲": "报", "乙": "台", "丙": "台"})
    kept = coder.unseen(BOOK, text, groups)
    assert kept["war_metaphor"].tolist() == [True, True, False] and not kept["hero_sacrifice"].any()
    assert coder.unseen(BOOK, text, pd.Series(dict(zip("甲乙丙", "甲乙丙", strict=True))))["hero_sacrifice"].tolist() == [
        False, True, True
    ]  # fmt: skip


def test_a_rule_falls_when_it_can_no_longer_ask_and_stays_when_it_can():
    rule = next(rule for frame in BOOK.frames for rule in frame.rules if rule.also)
    left = without(BOOK, {bare(word) for word in rule.also})
    assert rule.why not in {r.why for f in left.frames for r in f.rules}
    fewer = without(BOOK, {bare(word) for word in rule.also[1:]})
    assert rule.also[0] in next(r for f in fewer.frames for r in f.rules if r.why == rule.why).also
    assert without(BOOK, set()).frames == BOOK.frames
    assert not {bare(w) for f in without(BOOK, {"打响"}).frames for w in every_word(f)} & {"打响"}


def test_on_its_own_sample_the_codebook_reads_much_of_what_it_has_not_seen(sample):
    units, coded, read, outlets = sample
    tables = {"rules": coded, "unseen": coder.unseen(BOOK, units, outlets)}
    f1 = coder.scores(tables, read, outlets).query("group == 'all'").set_index("coding")["f1"]
    assert 0.80 <= f1["unseen"] < f1["rules"]


# ---- the coder that learns ----


def test_a_reader_s_codes_of_a_group_do_not_touch_what_is_foretold_for_it(sample):
    units, coded, read, outlets = sample
    changed = read.copy()
    own = read.index.get_level_values("doc_id").map(outlets) == "news"
    changed.loc[own] = ~read.loc[own].to_numpy()
    first, second = (coder.across(units, coded, codes, outlets) for codes in (read, changed))
    assert first[own].equals(second[own]) and not first[~own].equals(second[~own])


def test_probabilities_are_repeatable_calibrated_and_absent_where_nothing_could_be_learned(sample):
    units, coded, read, outlets = sample
    rare = read.assign(season_hope=False)
    foretold = coder.across(units, coded, rare, outlets)
    assert foretold.equals(coder.across(units, coded, rare, outlets)) and foretold["season_hope"].isna().all()
    learned = foretold.drop(columns="season_hope")
    gap = (learned.mean() - read[learned.columns].mean()).abs()
    assert gap.max() < 0.05 and learned.stack().dropna().between(0, 1).all()


def test_two_groups_are_too_few_to_learn_across(sample):
    units, coded, read, outlets = sample
    assert coder.across(units, coded, read, outlets.replace("inst", "gov")).empty


def test_outlets_are_what_documents_share_or_the_documents_themselves():
    docs = pd.DataFrame(
        {"doc_id": list("甲乙丙丁"), "outlet_type": ["gov", "news", "gov", ""], "publisher": list("天地人和")}
    )
    assert coder.outlets(docs).tolist() == list("天地人和")
    assert coder.outlets(docs.assign(outlet_type=["gov", "news", "gov", "school"])).tolist() == [
        "gov",
        "news",
        "gov",
        "school",
    ]
    assert coder.outlets(docs[["doc_id"]]).tolist() == list("甲乙丙丁")


def test_scores_count_as_validation_does(sample):
    _, coded, read, outlets = sample
    row = coder.scores({"rules": coded}, read, outlets).set_index("group").loc["all"]
    micro = frames.validation(coded.loc[read.index], read).set_index("frame").loc["micro"]
    assert row[["precision", "recall", "f1"]].tolist() == pytest.approx(micro[["precision", "recall", "f1"]].tolist())
