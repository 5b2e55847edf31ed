"""The shipped sample against what is known to be true of it: texts, extraction, planted effects and planted nulls."""

import json
import re

import pandas as pd
import pytest

from helpers import frames, glyphs, lexicon, reading, store
from helpers.study import SAMPLE, Study
from tests import scoring

TRUTH = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((SAMPLE / "truth").glob("*.json"))}
ORIGINALS = {doc: answer for doc, answer in TRUTH.items() if "duplicate_of" not in answer}
PLANTED = [  # column, group, frame, sign of the group against the rest
    ("year", "2022", "war_metaphor", -1),
    ("year", "2022", "technology_digital", 1),
    ("year", "2022", "livelihood_warmth", 1),
    ("place", "栖云高新区", "economy_production", 1),
    ("outlet_type", "institution site", "gratitude_praise", 1),
    ("outlet_type", "city newspaper", "hero_sacrifice", 1),
    ("outlet_type", "government site", "command_responsibility", 1),
]
NULLS = ("party_mobilization", "unity_solidarity")


@pytest.fixture(scope="module")
def study(results) -> Study:
    return Study(results=results)


def raw_lines(answer: dict) -> list[str]:
    return re.split(r"\r\n|\r|\n", reading.read(SAMPLE / answer["file"])[0].text)


@pytest.mark.parametrize("doc", TRUTH)
def test_answers_stand_where_they_say(doc):
    lines = raw_lines(TRUTH[doc])
    for key in ("quantities", "dates", "numeral_traps"):
        for answer in TRUTH[doc][key]:
            assert lines[answer["line"] - 1][answer["start"] : answer["end"]] == answer["surface"]


@pytest.mark.parametrize("doc", TRUTH)
def test_every_line_of_an_article_is_accounted_for(doc):
    right = TRUTH[doc]["clean_expectation"]
    known = [
        *right["title_lines"],
        *right["subtitle_lines"],
        *right["heading_lines"],
        *right["dropped_lines"],
        *right["body_paragraph_first_lines"],
        *(b for _, b in right["joins"]),
    ]
    assert sorted(known) == [n for n, line in enumerate(raw_lines(TRUTH[doc]), 1) if line.strip()]


def test_the_design_is_full():
    cells = pd.DataFrame([(a["year"], a["place"], a["outlet_type"]) for a in ORIGINALS.values()])
    assert len(cells) == 24 and not cells.duplicated().any() and cells.nunique().tolist() == [2, 4, 3]
    lengths = [
        sum(len(re.findall(r"[\u4e00-\u9fff]", line)) for line in raw_lines(answer)) for answer in ORIGINALS.values()
    ]
    assert 700 <= min(lengths) and max(lengths) <= 1800


def test_no_sentence_comes_from_a_real_article(shared):
    def runs(text: str) -> set[str]:
        han = re.sub(r"[^\u4e00-\u9fff]", "", glyphs.simplified(text))
        return {han[i : i + 12] for i in range(len(han) - 11)}

    real = set().union(
        *(
            runs(reading.decode(p.read_bytes()).text)
            for p in (shared / "corpus").rglob("*")
            if p.is_file() and p.suffix in (".txt", ".md", ".html")
        )
    )
    own = set().union(*(runs("\n".join(raw_lines(answer))) for answer in TRUTH.values()))
    formula = (
        "新型冠状病毒感染的肺炎疫情防控工作指挥部"  # the official name of the disease and of the body that fights it
    )
    assert (
        sorted(
            run
            for run in own & real
            if run not in formula and not any(formula[i : i + 9] in run for i in range(len(formula) - 8))
        )
        == []
    )


def test_extraction_reaches_its_floors(study):
    core = {doc: answer for doc, answer in TRUTH.items()}
    quantities = scoring.spans(store.load(study, "quantities"), core, "quantities", scoring.same_quantity)
    dates = scoring.spans(store.load(study, "dates"), core, "dates", scoring.same_date)
    persons = scoring.persons(store.load(study, "actors"), core, glyphs.simplified)
    assert quantities.f1 >= 0.95 and dates.f1 >= 0.92 and persons.f1 >= 0.90


def test_frames_reach_their_floor(study):
    assert scoring.frames(store.load(study, "frames"), TRUTH).f1 >= 0.80


@pytest.fixture(scope="module")
def contrasts(study) -> pd.DataFrame:
    counted = store.counted(study)
    codes, paragraphs, articles = (store.load(study, name) for name in ("frames", "paragraphs", "articles"))
    codes, paragraphs, articles = (t[t["doc_id"].isin(counted)] for t in (codes, paragraphs, articles))
    return pd.concat([frames.differences(codes, paragraphs, articles, by) for by in store.comparisons(study)])


def of(contrasts: pd.DataFrame, by: str, group: str, frame: str) -> pd.Series:
    rows = contrasts[(contrasts["by"] == by) & (contrasts["frame"].astype(str) == frame)]
    row = rows[rows["group_a"].astype(str) == group]
    return row.iloc[0]


@pytest.mark.parametrize("by,group,frame,sign", PLANTED)
def test_a_planted_difference_is_found_with_its_sign(contrasts, by, group, frame, sign):
    row = of(contrasts, by, group, frame)
    assert row["difference"] * sign > 0.05
    assert row["p_permutation"] < 0.05


@pytest.mark.parametrize("frame", NULLS)
def test_a_planted_null_is_not_claimed(contrasts, frame):
    rows = contrasts[contrasts["frame"].astype(str) == frame]
    assert len(rows) == 8 and not rows["evidence"].isin(["supported"]).any()
    assert rows["q_value"].min() > 0.05


def test_articles_of_the_sample_name_the_epidemic_and_those_of_other_matters_none(results):
    named = re.compile(lexicon.cues("epidemic"))
    paragraphs = store.load(Study(results=results), "paragraphs")
    assert paragraphs.groupby("doc_id")["text"].agg("".join).str.contains(named).all()
    assert not named.search("球队主教练赛后说，这场球踢得很难，隔离带外的观众一直站着，歌声很有感染力。")
