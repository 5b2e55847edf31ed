"""A reader's codes are read as written, and contrasts say the same however they are computed."""

import json

import matplotlib
import numpy as np
import pandas as pd
import pytest

from helpers import figures, frames, inference, plots_frames, store, validation
from helpers.study import SAMPLE, CorpusError, Study

matplotlib.use("agg")
IDS = ["war", "care"]


def paragraphs(documents: int = 6, each: int = 5) -> pd.DataFrame:
    rows = [(f"d{d}", n, n + 1, "body", f"第{n}段。") for d in range(documents) for n in range(1, each + 1)]
    return pd.DataFrame(rows, columns=["doc_id", "paragraph", "line", "zone", "text"])


@pytest.fixture
def units() -> pd.DataFrame:
    return paragraphs()


@pytest.fixture
def table(units) -> pd.DataFrame:
    values = np.random.default_rng(1).random((len(units), 2)) < [0.5, 0.2]
    return pd.DataFrame(values, index=pd.MultiIndex.from_frame(units[frames.UNIT]), columns=pd.Index(IDS, name="frame"))


@pytest.fixture
def in_a() -> pd.Series:
    return pd.Series({f"d{d}": d < 2 for d in range(6)})


@pytest.fixture
def corpus(tmp_path):
    (tmp_path / "corpus" / "truth").mkdir(parents=True)
    return Study(corpus=tmp_path / "corpus", results=tmp_path / "results")


# ---- a reader's codes ----


def test_json_codes_are_read(corpus, units):
    codes = {"doc_id": "d0", "frames_by_line": {"2": ["war"], "3": [], "99": ["care"]}}
    (corpus.corpus / "truth" / "d0.json").write_text(json.dumps(codes), encoding="utf-8")
    read = validation.read_codes(corpus, units, IDS)
    assert read.to_dict("index") == {("d0", 1): {"war": True, "care": False}, ("d0", 2): {"war": False, "care": False}}


def test_a_filled_sheet_comes_back_and_unfilled_rows_do_not(corpus, units):
    sheet = validation.draw(units, IDS, n=10)
    sheet.loc[:3, IDS] = ["1", "0"]
    sheet.to_csv(corpus.corpus / "truth" / "codes.csv", index=False)
    read = validation.read_codes(corpus, units, IDS)
    assert len(read) == 4 and read["war"].all() and not read["care"].any()


def test_unknown_frames_and_broken_files_are_named(corpus, units):
    path = corpus.corpus / "truth" / "d0.json"
    path.write_text('{"doc_id": "d0", "frames_by_line": {"2": ["peace"]}}', encoding="utf-8")
    with pytest.raises(CorpusError, match="peace"):
        validation.read_codes(corpus, units, IDS)
    path.write_text("[1", encoding="utf-8")
    with pytest.raises(CorpusError, match="d0.json"):
        validation.read_codes(corpus, units, IDS)


def test_without_codes_nothing_is_compared(corpus, units, table):
    read = validation.read_codes(corpus, units, IDS)
    assert read.empty and validation.compare(table, read).empty and validation.disagreements(table, read, units).empty


def test_disagreements_are_the_false_cells(units, table):
    read = table.copy()
    read.iloc[0, 0] = not read.iloc[0, 0]
    apart = validation.disagreements(table, read, units)
    assert apart[["frame", "doc_id", "line"]].values.tolist() == [["war", "d0", 2]]
    assert apart.loc[0, "problem"] == ("missed" if read.iloc[0, 0] else "false alarm")


@pytest.mark.parametrize("n", [6, 12, 1000])
def test_a_sample_takes_from_every_document_and_shows_no_codes(units, n):
    sheet = validation.draw(units, IDS, n=n, seed=3)
    assert sheet["doc_id"].nunique() == 6 and len(sheet) == min(n, len(units)) and (sheet[IDS] == "").all(axis=None)
    assert sheet.equals(validation.draw(units, IDS, n=n, seed=3)) and not sheet.duplicated(["doc_id", "line"]).any()


# ---- contrasts ----


def test_contrast_is_the_difference_of_pooled_shares(table, in_a):
    side = table.index.get_level_values("doc_id").map(in_a).to_numpy(dtype=bool)
    assert np.allclose(validation.contrast(table, in_a), table[side].mean() - table[~side].mean())


def test_leaving_one_out_equals_recomputing_without_it(table, in_a):
    out = validation.leave_one_out(table, in_a)
    for doc_id in in_a.index:
        rest = table[table.index.get_level_values("doc_id") != doc_id]
        assert np.allclose(out.loc[doc_id], validation.contrast(rest, in_a))
    assert validation.leave_one_out(table, in_a & (in_a.index == "d0")).empty


def test_relabelled_differences_give_the_permutation_p(table, in_a):
    null = validation.relabelled(table, in_a)
    counts = table.groupby(level="doc_id").sum()
    p = inference.permutation(counts.to_numpy(), in_a.to_numpy(), np.full(6, 5)).p
    assert len(null) == 15
    assert np.allclose((null.abs() >= validation.contrast(table, in_a).abs() - 1e-12).mean(), p)


def test_as_codes_is_the_inverse_of_presence(units, table):
    assert frames.presence(validation.as_codes(table), units).equals(table)


def test_the_leading_contrast_is_chosen_by_design_and_never_refused():
    rows = pd.DataFrame(
        {
            "by": ["x", "y", "z"],
            "group_a": list("abc"),
            "group_b": "rest",
            "n_docs_a": [9, 3, 4],
            "n_docs_b": [9, 20, 15],
            "evidence": ["not identifiable", "illustrative", "illustrative"],
        }
    )
    assert validation.leading(rows) == ("z", "c", "rest")
    assert validation.leading(rows.head(1)) == ("", "", "")


def test_few_documents_are_spoken_of_as_these_documents():
    row = {
        "by": "place",
        "group_a": "甲",
        "group_b": "rest",
        "frame": "war",
        "difference": 0.2,
        "p_permutation": 0.001,
        "q_value": 0.01,
        "evidence": "illustrative",
        "n_docs_a": 4,
        "n_docs_b": 8,
    }
    told = validation.spoken(pd.DataFrame([row]), {"war": "War"})
    assert told == [
        "**甲** against rest (place; 4 and 8 documents): in these documents War +20 points "
        "(p = 0.001, q = 0.01, illustrative)."
    ]
    told = validation.spoken(pd.DataFrame([row | {"q_value": 0.4}]), {"war": "War"})
    assert "no frame stands out" in told[0]
    assert not validation.spoken(pd.DataFrame([row | {"evidence": "not identifiable"}]), {"war": "War"})


# ---- the sample's planted effects ----


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    study = Study(corpus=SAMPLE, results=tmp_path_factory.mktemp("results"))
    return study, validation.variants(study, frames.read_codebook())


def test_every_choice_finds_the_planted_differences_between_years(sample):
    study, tables = sample
    in_2022 = validation.sides(store.load(study, "articles"), "year", "2022")
    for name, table in tables.items():
        gap = validation.contrast(table, in_2022)
        assert gap["war_metaphor"] < -0.05, name
        assert gap["technology_digital"] > 0.05 and gap["livelihood_warmth"] > 0.02, name
        assert gap[["party_mobilization", "unity_solidarity"]].abs().max() < 0.06, name


def test_variants_change_what_they_say_and_no_more(sample):
    _, tables = sample
    base = tables["as published"]
    for name in ("without direct speech", "without negated hits", "words of two documents or more"):
        assert not (tables[name] & ~base).any(axis=None)
    assert len(tables["sentences as units"]) > len(base) and len(tables["all reprints counted"]) > len(base)
    assert len(tables["a reader's codes"]) >= 0.95 * len(base)


# ---- figures ----


def test_empty_tables_become_a_sentence():
    figures.setup()
    labels = {"war": "战争\nWar", "care": "温情\nCare"}
    nothing = pd.DataFrame()
    for fig in (
        plots_frames.documents(nothing, labels, {}, "x", "all"),
        plots_frames.arc(nothing, labels, "x", "y"),
        plots_frames.against_chance(nothing, labels, "x", {}, "none"),
        plots_frames.distance([], 0, "x", "y", "", "none"),
        plots_frames.robustness(nothing, nothing, labels, "x", {}, "none"),
    ):
        assert fig.axes[0].texts and not fig.axes[0].collections
