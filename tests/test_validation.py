"""A reader's codes are read as written, and set beside the rules they say where the two part."""

import json
import re
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from helpers import coder, frames, inference, reliability, sheets, validation
from helpers.study import CorpusError, Study
from tests.invented import IDS, paragraphs


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
    sheet = units[["doc_id", "line", "text"]].head(10).assign(war="", care="")
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
    assert apart.drop(columns="problem").values.tolist() == [["war", "d0", 2, "第1段。"]]
    assert apart.loc[0, "problem"] == ("missed" if read.iloc[0, 0] else "false alarm")


# ---- sheets for people ----


def big(documents: int = 40, each: int = 25, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Paragraphs, what a reader would find in them, and what a machine with known errors finds."""
    units, dice = paragraphs(documents, each), np.random.default_rng(seed)
    index = pd.MultiIndex.from_frame(units[frames.UNIT])
    truth = dice.random((len(units), 2)) < [0.3, 0.06]
    found = np.where(truth, dice.random(truth.shape) < 0.8, dice.random(truth.shape) < [0.1, 0.03])
    return units, *(pd.DataFrame(t, index=index, columns=pd.Index(IDS, name="frame")) for t in (truth, found))


@pytest.mark.parametrize("n", [3, 60, 5000])
def test_a_sheet_shows_no_codes_and_its_key_stands_for_the_whole_corpus(n):
    units, _, found = big()
    sheet, key = sheets.draw(found, units, n=n, seed=3)
    assert len(sheet) == min(n, len(units)) and (sheet[IDS] == "").all(axis=None) and "stratum" not in sheet
    assert key["weight"].sum() == pytest.approx(len(units)) and not sheet.duplicated(["doc_id", "line"]).any()
    assert set(key["stratum"]) == {*IDS, sheets.NOTHING} and sheet.equals(sheets.draw(found, units, n=n, seed=3)[0])


def test_a_sheet_too_small_to_stand_for_the_corpus_is_refused():
    units, _, found = big()
    with pytest.raises(ValueError, match="draw 3 or more"):
        sheets.draw(found, units, n=2)


def test_rare_frames_and_doubtful_paragraphs_are_drawn_more_often_than_they_occur():
    units, truth, found = big()
    doubt = truth.astype(float) * 0.5
    _, key = sheets.draw(found, units, n=80, probability=doubt)
    counts = key["stratum"].value_counts()
    assert counts.max() - counts.min() <= 1 and sheets.DOUBTFUL in counts
    doubtful = key[key["stratum"] == sheets.DOUBTFUL]
    assert truth.reset_index().assign(line=units["line"]).merge(doubtful, on=["doc_id", "line"])[IDS].any(axis=1).all()


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_a_sheet_comes_back_as_it_was_filled(tmp_path, ending):
    book = frames.read_codebook()
    units = paragraphs(3, 4)
    found = pd.DataFrame(False, index=pd.MultiIndex.from_frame(units[frames.UNIT]), columns=book.ids)
    sheet, _ = sheets.draw(found, units)
    sheet[book.ids] = 0
    sheet[book.ids[2]] = 1
    sheet = sheet.astype({book.ids[0]: object})
    sheet.loc[0, book.ids[0]] = ""
    sheets.write(sheet, book, tmp_path / f"codes_wang{ending}")
    (back,) = sheets.read_coders(tmp_path, book.ids).values()
    assert back[book.ids[2]].eq(1).all() and back.isna().sum().sum() == 1 and back.shape == (12, 13)
    assert back.index.tolist() == list(zip(sheet["doc_id"], sheet["line"], strict=True))


@pytest.mark.parametrize("written", [1, "?"])
def test_a_sheet_that_somebody_has_begun_to_fill_is_not_lost_to_the_next_run(tmp_path, units, table, written):
    book, path = frames.read_codebook(), tmp_path / "coding_sheet.xlsx"
    sheet = sheets.draw(table, units)[0]
    for kept in (sheet, sheet.assign(war=[written, *[""] * (len(sheet) - 1)]), sheet, sheet):
        sheets.write(kept, book, path)
    assert load_workbook(tmp_path / "coding_sheet-filled.xlsx")["units"]["D2"].value == written
    assert load_workbook(path)["units"]["D2"].value is None


def test_a_sheet_does_not_say_when_it_was_written(tmp_path, units, table):
    sheets.write(sheets.draw(table, units)[0], frames.read_codebook(), path := tmp_path / "coding_sheet.xlsx")
    with ZipFile(path) as book:
        assert {part.date_time for part in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert set(re.findall(rb"(\d{4})-\d\d-\d\dT", book.read("docProps/core.xml"))) == {b"2000"}


def test_a_paragraph_that_looks_like_a_formula_or_holds_a_control_character_is_text(tmp_path, units, table):
    odd = units.assign(text="=1+1\x0b")
    sheets.write(sheets.draw(table, odd)[0], frames.read_codebook(), tmp_path / "codes_wang.xlsx")
    cell = load_workbook(tmp_path / "codes_wang.xlsx")["units"]["C2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_the_key_kept_with_the_sheets_gives_the_weights(tmp_path, units, table):
    read = table.index[:0]
    assert sheets.read_weights(tmp_path, units, read) is None
    _, key = sheets.draw(table, units, n=12)
    key.to_csv(tmp_path / "key.csv", index=False)
    assert sheets.read_weights(tmp_path, units, read).sum() == pytest.approx(len(units))
    key.drop(columns="weight").to_csv(tmp_path / "key.csv", index=False)
    with pytest.raises(CorpusError, match="key.csv: needs the columns"):
        sheets.read_weights(tmp_path, units, read)


def test_the_key_of_another_sheet_is_refused(tmp_path, units, table):
    sheets.draw(table, units, n=12)[1].to_csv(tmp_path / "key.csv", index=False)
    with pytest.raises(CorpusError, match=f"{len(table) - 12} of the {len(table)} paragraphs read are not in it"):
        sheets.read_weights(tmp_path, units, table.index)


@pytest.mark.parametrize(
    "text, message",
    [
        ("doc_id,line\nd0,2\n", "needs the columns"),
        ("doc_id,line,war\nd0,2,perhaps\n", "d0, line 2: a code is neither 0 nor 1 but 'perhaps' .war.; 1 such cell"),
        ("doc_id,line,war\nd0,2,1\nd0,2,0\n", "coded twice"),
        ("doc_id,line,war\nd0,2,1\nd0,4,\n", "no 0 in it"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_named(tmp_path, text, message):
    (tmp_path / "codes_li.csv").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=f"codes_li.csv.*{message}"):
        sheets.read_coders(tmp_path, IDS)


def test_agreement_gives_the_published_alpha_and_an_interval_round_it():
    units, truth, found = big()
    coders = {"甲": truth.astype(float), "乙": found.astype(float)}
    rows = sheets.agreement(coders).set_index("frame")
    assert rows.loc["war", "alpha"] == pytest.approx(
        frames.alpha(pd.DataFrame({n: c["war"] for n, c in coders.items()}))
    )
    assert (rows["alpha_low"] < rows["alpha"]).all() and (rows["alpha"] < rows["alpha_high"]).all()
    assert (rows["ac1_low"] < rows["ac1"]).all() and rows["ac1"].min() > rows["alpha"].min()
    few = sheets.agreement({n: c.loc[["d0", "d1"]] for n, c in coders.items()})
    assert few["alpha_low"].isna().all() and few["n_units"].tolist() == [50, 50]
    same = sheets.agreement({"甲": coders["甲"], "丙": coders["甲"]})
    assert same["alpha"].tolist() == [1, 1] == same["agreement"].tolist()


def test_a_perfect_reader_changes_nothing_and_a_blind_machine_is_refused():
    assert reliability.true_share((30, 100), (40, 40), (60, 60)).estimate == pytest.approx(0.3)
    blind, unread = (reliability.true_share((30, 100), hits, (42, 60)) for hits in ((12, 40), (0, 0)))
    assert np.isnan(blind.estimate) and "chance" in blind.method and "no reader" in unread.method


def test_correction_recovers_the_planted_share_and_its_interval_covers_it():
    dice, estimates, covered = np.random.default_rng(5), [], 0
    for _ in range(400):
        truth = dice.random(500) < 0.2
        coded = np.where(truth, dice.random(500) < 0.8, dice.random(500) < 0.1)
        hits, spared = dice.binomial(40, 0.8), dice.binomial(160, 0.9)
        share = reliability.true_share((coded.sum(), 500), (hits, 40), (spared, 160))
        estimates.append(share.estimate)
        covered += share.low <= 0.2 <= share.high
    assert np.mean(estimates) == pytest.approx(0.2, abs=0.01) and covered / 400 >= 0.93


@pytest.mark.parametrize("hits, spared", [((90, 100), (190, 200)), ((26, 40), (33, 50)), ((12, 12), (9, 10))])
def test_the_interval_of_a_corrected_share_is_lang_and_reiczigels(hits, spared):
    """Their equations 2, 6, 7, 4, 17 and 16, a line each, with the primed quantities marked by _."""
    z, (k, n), (k_se, n_se), (k_sp, n_sp) = 1.959963984540054, (420, 1000), hits, spared
    p = (k / n + k_sp / n_sp - 1) / (k_se / n_se + k_sp / n_sp - 1)
    n_, n_se_, n_sp_ = n + z * z, n_se + 2, n_sp + 2
    k_, se_, sp_ = (k + z * z / 2) / n_, (k_se + 1) / n_se_, (k_sp + 1) / n_sp_
    p_ = (k_ + sp_ - 1) / (se_ + sp_ - 1)
    parts = [k_ * (1 - k_) / n_, p_**2 * se_ * (1 - se_) / n_se_, (1 - p_) ** 2 * sp_ * (1 - sp_) / n_sp_]
    shift = 2 * z**2 * (p_ * se_ * (1 - se_) / n_se_ - (1 - p_) * sp_ * (1 - sp_) / n_sp_)
    half = z * sum(parts) ** 0.5 / (se_ + sp_ - 1)
    share = reliability.true_share((k, n), hits, spared)
    assert share[:3] == pytest.approx((p, max(p_ + shift - half, 0), min(p_ + shift + half, 1)))


def read_twice(dice: np.random.Generator, documents: int, prevalence: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the rules and a reader find in paragraphs of so many documents: rules that find .85 of the reader's frames and
    spare .95 of the rest on average, more in some documents than in others."""
    doc_id = np.repeat([f"d{d}" for d in range(documents)], 10)
    rate = lambda mean: np.repeat(dice.beta(mean * 6, (1 - mean) * 6, documents), 10)  # noqa: E731
    read = dice.random(len(doc_id)) < rate(prevalence)
    found = np.where(read, dice.random(len(doc_id)) < rate(0.85), dice.random(len(doc_id)) >= rate(0.95))
    index = pd.MultiIndex.from_arrays([doc_id, np.arange(len(doc_id))], names=frames.UNIT)
    return pd.DataFrame({"war": found}, index=index), pd.DataFrame({"war": read}, index=index)


def test_limits_of_alpha_hold_where_errors_keep_to_documents():
    """Percentiles of resampled documents cover it less than ninety times in a hundred."""
    dice, p, se, sp, held = np.random.default_rng(7), 0.3, 0.85, 0.95, 0
    both = p + p * se + (1 - p) * (1 - sp)
    truth = 1 - (p * (1 - se) + (1 - p) * (1 - sp)) / (both * (1 - both / 2))
    for _ in range(100):
        found, read = read_twice(dice, 15, p)
        pair = pd.DataFrame({"甲": found["war"], "乙": read["war"]}).astype(float)
        spread = reliability.intervals(pair, pair.index.get_level_values("doc_id")).loc["alpha"]
        held += spread["low"] <= truth <= spread["high"]
    assert 0.92 <= held / 100


def test_limits_of_precision_and_recall_take_documents_for_the_draws():
    found, read = read_twice(np.random.default_rng(3), 15, 0.3)
    both = pd.DataFrame({"both": found["war"] & read["war"], "coded": found["war"], "read": read["war"]})
    by_document = both.groupby(level="doc_id").sum()
    for frame in ("war", "micro"):
        row = reliability.validation(found, read).set_index("frame").loc[frame]
        for name, out_of in (("precision", "coded"), ("recall", "read")):
            expected = np.ravel(inference.clustered_wilson(by_document[["both", out_of]]))
            assert row[[f"{name}_low", f"{name}_high"]].to_numpy(float) == pytest.approx(expected)
    bare = reliability.validation(found.reset_index(drop=True), read.reset_index(drop=True)).iloc[0]
    assert bare["recall_low"] == pytest.approx(inference.wilson(both["both"].sum(), both["read"].sum())[0])


def test_the_spread_of_agreement_is_between_documents():
    """Each document agrees or disagrees as a whole: as many documents, not units, tell how sure alpha is."""
    documents = np.repeat([f"d{n:02}" for n in range(24)], 20)
    first = np.tile([0.0, 1.0], 240)
    second = np.where(np.repeat(np.arange(24) % 4 == 0, 20), 1 - first, first)
    codings = pd.DataFrame({"甲": first, "乙": second}, index=pd.Index(documents, name="doc_id"))
    told = reliability.intervals(codings, documents)
    assert told["estimate"].tolist() == pytest.approx([0.5, 0.5], abs=0.01)
    assert (told["high"] - told["low"]).tolist() == pytest.approx([4 * 1.96 * np.sqrt(0.75 * 0.25 / 24)] * 2, rel=0.15)
    few = codings.assign(乙=codings["乙"].where(codings.index < "d09"))
    assert reliability.intervals(few, documents)["low"].isna().all(), "nine documents were read by both"


def test_a_drawn_sheet_corrects_the_share_of_the_whole_corpus():
    gaps, raw, covered = [], [], 0
    for seed in range(40):
        units, truth, found = big(seed=seed)
        _, key = sheets.draw(found, units, n=200, seed=seed)
        drawn = key.merge(units[[*frames.UNIT, "line"]]).set_index(frames.UNIT)
        rows = sheets.corrected(found, truth.loc[drawn.index], drawn["weight"]).set_index("frame")
        gaps.append(rows["share"] - truth.mean())
        raw.append(found.mean() - truth.mean())
        covered += ((rows["low"] <= truth.mean()) & (truth.mean() <= rows["high"])).sum()
    assert np.abs(pd.DataFrame(gaps).mean()).max() < 0.01 < np.abs(pd.DataFrame(raw).mean()).max()
    assert covered / 80 >= 0.93


def test_weights_that_say_the_same_of_every_unit_leave_a_corrected_share_as_it_is():
    """Only what they are to each other counts, so an interval is no narrower because each unit stands for many."""
    _, truth, found = big(seed=3)
    read = truth.iloc[:200]
    plain = sheets.corrected(found, read).drop(columns=["frame", "method"])
    alike = sheets.corrected(found, read, pd.Series(7.0, index=read.index)).drop(columns=["frame", "method"])
    assert alike.to_numpy(dtype=float) == pytest.approx(plain.to_numpy(dtype=float))


def test_precision_and_recall_of_a_drawn_sheet_are_those_of_the_whole_corpus():
    """Coded paragraphs are drawn more often: counted alike they would make the rules look as if they missed little."""
    weighed, alike = [], []
    for seed in range(20):
        units, truth, found = big(seed=seed)
        _, key = sheets.draw(found, units, n=200, seed=seed)
        drawn = key.merge(units[[*frames.UNIT, "line"]]).set_index(frames.UNIT)
        rates = [validation.compare(found, truth.loc[drawn.index], w) for w in (drawn["weight"], None)]
        true, *told = (table.set_index("frame") for table in (validation.compare(found, truth), *rates))
        for gaps, own in zip((weighed, alike), told, strict=True):
            gaps.append((own - true).loc["care", ["precision", "recall", "f1"]])
        assert told[0]["n_both"].equals(told[1]["n_both"]), "numbers are those of the sheet"
    assert pd.DataFrame(weighed).mean().abs().max() < 0.03 and pd.DataFrame(alike).mean()["recall"] > 0.08
    scores = coder.scores(
        {"codebook": found}, truth.loc[drawn.index], pd.Series("报", units["doc_id"].unique()), drawn["weight"]
    )
    assert scores["recall"].tolist() == pytest.approx([told[0].loc["micro", "recall"]] * 2)


def test_rates_of_a_drawn_sheet_weigh_paragraphs_by_what_they_stand_for():
    index = pd.MultiIndex.from_tuples([("甲", n) for n in range(1, 11)], names=frames.UNIT)
    found = pd.DataFrame({"war": [True] * 4 + [False] * 6}, index=index)
    read = pd.DataFrame({"war": [1.0, 1, 0, 1, 0, 0]}, index=index[[0, 1, 2, 4, 5, 6]])
    weight = pd.Series([3.0, 2, 2, 3, 4], index=index[[0, 1, 4, 5, 6]])  # the third stands for itself
    row = sheets.corrected(found, read, weight).iloc[0]
    assert (row["n_units"], row["n_read"], row["coded"]) == (10, 6, 0.4)
    assert (row["sensitivity"], row["specificity"]) == pytest.approx((5 / 7, 7 / 8))
    n_true, n_false = 7**2 / (9 + 4 + 4), 8**2 / (1 + 9 + 16)  # as many paragraphs of one weight (Kish 1965)
    told = reliability.true_share((4, 10), (n_true * 5 / 7, n_true), (n_false * 7 / 8, n_false))
    assert row[["share", "low", "high"]].tolist() == pytest.approx(list(told[:3]))
    checked = validation.compare(found, read == 1, weight).iloc[0]
    limits = inference.wilson(n_true * 5 / 7, n_true)
    assert checked[["recall", "recall_low", "recall_high"]].tolist() == pytest.approx([5 / 7, *limits])


def test_numbers_that_a_spreadsheet_has_turned_into_decimals_are_read(tmp_path):
    text = "doc_id,line,text,war,care\nd0,2.0,文,1.0, 0 \nd0,3,文,,1\n说明,,,,\n"
    (tmp_path / "codes_li.csv").write_text(text, encoding="utf-8-sig")
    codes = sheets.read(tmp_path / "codes_li.csv", ["war", "care", "hope"])
    assert codes.index.tolist() == [("d0", 2), ("d0", 3)] and codes.index.get_level_values("line").dtype == int
    assert codes["war"].tolist() == pytest.approx([1, np.nan], nan_ok=True) and codes["care"].tolist() == [0, 1]


# ---- what a reader's codes would conclude ----


def test_codes_typed_with_a_chinese_keyboard_are_read(tmp_path):
    (tmp_path / "codes.csv").write_text("doc_id,line,war,hope\n甲,1,１,　０ \n", encoding="utf-8")
    assert sheets.read(tmp_path / "codes.csv", ["war", "hope"]).values.tolist() == [[1.0, 0.0]]


def test_as_codes_is_the_inverse_of_presence(units, table):
    assert frames.presence(validation.as_codes(table), units).equals(table)


def test_a_contrast_that_a_reader_would_decide_otherwise_is_named():
    units = paragraphs(24, 5)
    docs = pd.DataFrame({"doc_id": [f"d{d}" for d in range(24)], "year": [2020] * 12 + [2022] * 12})
    late = units["doc_id"].map(docs.set_index("doc_id")["year"]).eq(2022).to_numpy()
    read = pd.DataFrame(
        {"war": late & (units["paragraph"] <= 3).to_numpy(), "care": (units["paragraph"] == 1).to_numpy()},
        index=pd.MultiIndex.from_frame(units[frames.UNIT]),
    ).rename_axis(columns="frame")
    ours = frames.differences(validation.as_codes(read.assign(war=False)), units, docs, "year")
    apart = validation.parting(ours, read, units, docs)
    assert apart[["group_a", "group_b", "frame", "difference"]].values.tolist() == [["2022", "2020", "war", 0]]
    assert apart["difference_read"].item() == pytest.approx(0.6) and apart["q_value_read"].item() < 0.05
    same = frames.differences(validation.as_codes(read), units, docs, "year")
    assert validation.parting(same, read, units, docs).empty
    assert validation.parting(ours, read.head(100), units, docs).empty, "a part read is no reading of the whole"
    assert validation.whole(read.head(108), units) and not validation.whole(read.head(0), units.head(0))
    assert {"difference_read", "q_value_read"} <= set(validation.parting(ours, read.head(0), units, docs).columns)


def test_recall_of_both_sides_stands_with_an_interval_of_its_difference(units, table, in_a):
    found = table.copy()
    found.loc[["d0", "d1"], "war"] = False  # on side a the rules are blind
    rows = validation.uneven(found, table, in_a).set_index("frame")
    assert rows.loc["war", "recall_a"] == 0 and rows.loc["war", "recall_b"] == 1
    assert rows.loc["war", "low"] < -0.9 and rows.loc["care", "low"] < 0 < rows.loc["care", "high"]
    assert rows.loc["war", "high"] > 0, "two articles that the rules cannot read are two, however long they are"
    assert validation.uneven(found, table.head(0), in_a).empty
