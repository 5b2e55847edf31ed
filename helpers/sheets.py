"""Asking people: sheets of paragraphs to code by reading, and what the filled sheets say of the machine.

A sheet shows texts and definitions and nothing of what the machine found. Which paragraphs stand on it is drawn by
stratum, so that rare frames and doubtful paragraphs are not left to luck; the key, kept apart, says how many
paragraphs of the corpus each drawn one stands for, and every rate below weighs by that number.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from helpers import frames, inference
from helpers.codebook import Codebook
from helpers.reliability import as_weights, intervals, true_share
from helpers.study import CorpusError
from helpers.tables import from_spreadsheet
from helpers.workbook import timeless

NOTHING, DOUBTFUL = "nothing found", "doubtful"
KEY = "key.csv"  # kept beside the filled sheets
DOUBT = 0.2  # from here on a second opinion makes an uncoded paragraph doubtful
ABOUT = ["doc_id", "line", "text"]
INSTRUCTIONS = (
    "Read each paragraph by itself. Write 1 where it has the frame, 0 where it has not; leave no cell empty.",
    "Several frames may hold at once, or none. Decide by the definition, not by single words.",
    "Work alone, and do not look at what the notebooks found; compare only when the whole sheet is filled.",
)


# ---- drawing and writing ----


def strata(coded: pd.DataFrame, probability: pd.DataFrame | None = None) -> pd.Series:
    """Unit → its stratum: the rarest frame coded in it, else "doubtful" where a second opinion (units × frames of
    probabilities) sees a frame at .2 or more, else "nothing found".

    >>> coded = pd.DataFrame({"war": [True, True, False], "hope": [True, False, False]})
    >>> strata(coded).tolist()
    ['hope', 'war', 'nothing found']
    """
    rarest = coded.sum().sort_values(kind="stable").index
    found = coded[rarest].to_numpy(dtype=bool)
    label = pd.Series(np.where(found.any(axis=1), rarest.to_numpy()[found.argmax(axis=1)], NOTHING), index=coded.index)
    if probability is None or probability.empty:
        return label
    doubtful = (probability.reindex(coded.index) >= DOUBT).any(axis=1)
    return label.mask((label == NOTHING) & doubtful, DOUBTFUL)


def draw(
    coded: pd.DataFrame, paragraphs: pd.DataFrame, n: int = 200, probability: pd.DataFrame | None = None, seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A sheet (doc_id, line, text, and an empty column for each frame, in random order) and its key (doc_id, line,
    stratum, weight: how many paragraphs of the corpus the drawn one stands for). Strata get equal shares of n as far as
    they reach; ValueError where n leaves one without a paragraph, for which no other can stand.
    """
    label = strata(coded, probability).to_numpy()
    dice = np.random.default_rng(seed)
    sizes = pd.Series(label).value_counts(sort=False)
    if n < len(sizes):
        raise ValueError(f"A sheet of {n} leaves strata without a paragraph: draw {len(sizes)} or more.")
    wanted = _shared_out(sizes, n)
    drawn = np.concatenate(
        [np.sort(dice.choice(np.flatnonzero(label == name), size, replace=False)) for name, size in wanted.items()]
    )
    weight = pd.Series(label).map(pd.Series(label).value_counts() / wanted).to_numpy()
    key = coded.index.to_frame(index=False).assign(stratum=label, weight=weight).iloc[dice.permutation(drawn)]
    units = key.merge(paragraphs[[*frames.UNIT, "line", "text"]], on=frames.UNIT)
    return units[ABOUT].assign(**dict.fromkeys(coded.columns, "")), units[["doc_id", "line", "stratum", "weight"]]


def _shared_out(sizes: pd.Series, n: int) -> pd.Series:
    """n places given to strata evenly; what a small stratum cannot use goes to the others.

    >>> _shared_out(pd.Series({"few": 2, "many": 50}), 10).to_dict()
    {'few': 2, 'many': 8}
    """
    places, left = {}, min(n, int(sizes.sum()))
    for number, (name, size) in enumerate(sizes.sort_values(kind="stable").items()):
        places[name] = min(int(size), -(-left // (len(sizes) - number)))
        left -= places[name]
    return pd.Series(places).loc[lambda given: given > 0]


def write(sheet: pd.DataFrame, codebook: Codebook, path: Path) -> None:
    """Writes a sheet for one coder: a workbook (.xlsx) with the instructions of the codebook and cells that take only 0
    and 1, or a plain table (.csv). A sheet of this name that somebody has begun to fill is kept as NAME-filled."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and _begun(path, sheet.columns.drop(ABOUT)):
        path.replace(_free(path.with_stem(f"{path.stem}-filled")))
    if path.suffix == ".csv":
        sheet.to_csv(path, index=False, encoding="utf-8-sig")
        return
    book = Workbook()
    _write_instructions(book.active, codebook)
    _write_units(book.create_sheet("units"), sheet)
    book.save(held := io.BytesIO())
    path.write_bytes(timeless(held.getvalue()))


def _free(path: Path) -> Path:
    """This name, or where it is taken the next with a number."""
    names = (path.with_stem(f"{path.stem}{number}") for number in ("", *map("-{}".format, range(2, 1000))))
    return next(name for name in names if not name.exists())


def _begun(path: Path, columns: Sequence[str]) -> bool:
    """Whether somebody has written into the sheet, rightly or not."""
    try:
        return bool(read(path, columns).notna().any(axis=None))
    except (CorpusError, KeyError, ValueError, BadZipFile):
        return True


def _write_instructions(page, codebook: Codebook) -> None:
    page.title = "instructions"
    for line in (*INSTRUCTIONS, ""):
        page.append([line])
    page.append(["frame", "名称", "name", "definition", "counts", "does not count", "examples", "counterexamples"])
    for f in codebook.frames:
        page.append(
            [f.id, f.zh, f.en, f.definition, f.include, f.exclude, "\n".join(f.examples), "\n".join(f.counterexamples)]
        )
    for column, width in zip("ABCDEFGH", (26, 16, 22, 44, 44, 44, 50, 50), strict=True):
        page.column_dimensions[column].width = width


def _write_units(page, sheet: pd.DataFrame) -> None:
    page.append(list(sheet.columns))
    for row in sheet.itertuples(index=False):
        page.append([ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value for value in row])
    for cell in page["C"]:  # a paragraph that begins with = is text, not a formula
        cell.data_type, cell.alignment = "s", Alignment(wrap_text=True, vertical="top")
    for cell in page[1]:
        cell.font = Font(bold=True)
    page.column_dimensions["C"].width = 90
    page.freeze_panes = "D2"
    only = DataValidation(type="list", formula1='"0,1"', allow_blank=True)
    page.add_data_validation(only)
    only.add(f"D2:{get_column_letter(len(sheet.columns))}{len(sheet) + 1}")


# ---- reading and comparing ----


def as_text(path: Path) -> pd.DataFrame:
    """The rows of a sheet (.csv, or the page `units` of an .xlsx), every cell as text, "" where it is empty."""
    if path.suffix == ".csv":
        return from_spreadsheet(path)
    head, *body = load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)["units"].values
    return pd.DataFrame(body, columns=head).dropna(how="all").astype(object).fillna("").astype(str)


def codes_of(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Some columns of codes as people write them: blanks around them, .0 behind them and the width of Chinese typing (１)
    taken off."""
    return rows[list(columns)].apply(lambda cells: cells.str.normalize("NFKC").str.strip().str.removesuffix(".0"))


def read(path: Path, ids: Sequence[str]) -> pd.DataFrame:
    """A filled sheet (.csv or .xlsx) as units × frames of 1, 0 and NaN (left empty), indexed by doc_id and line; of
    `ids` those frames that have a column.

    Errors: CorpusError where there is no doc_id, line or frame, a cell holds something else, no cell a 0, or a paragraph
    stands there twice.
    """
    rows = as_text(path)
    columns = [frame for frame in ids if frame in rows]
    if not {"doc_id", "line"} <= set(rows) or not columns:
        raise CorpusError(f"{path.name}: needs the columns doc_id, line and one for each frame, filled with 0 and 1.")
    rows = rows[rows["line"].str.fullmatch(r"\d+(\.0)?")]
    codes = codes_of(rows, columns)
    if (odd := ~codes.isin(["", "0", "1"])).any(axis=None):
        unit, frame = odd.stack().idxmax()
        place = f"{rows.loc[unit, 'doc_id']}, line {rows.loc[unit, 'line'].removesuffix('.0')}"
        written = f"a code is neither 0 nor 1 but {codes.loc[unit, frame]!r} ({frame})"
        raise CorpusError(f"{path.name}: {place}: {written}; {odd.to_numpy().sum():,} such cell(s) to correct.")
    if codes.eq("1").any(axis=None) and not codes.eq("0").any(axis=None):
        raise CorpusError(
            f"{path.name}: no 0 in it; where a paragraph has not the frame write 0, for an empty cell is one not read."
        )
    index = pd.MultiIndex.from_arrays(
        [rows["doc_id"], rows["line"].astype(float).astype(int)], names=["doc_id", "line"]
    )
    if index.has_duplicates:
        raise CorpusError(f"{path.name}: {index[index.duplicated()][0]} is coded twice; keep one of the rows.")
    return codes.replace("", np.nan).astype(float).set_axis(index)


def read_coders(folder: Path, ids: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Name → codes of everybody who filled a sheet: the files codes_NAME.csv or codes_NAME.xlsx in a folder."""
    paths = [path for path in sorted(folder.glob("codes_*")) if path.suffix in (".csv", ".xlsx")]
    return {path.stem.removeprefix("codes_"): read(path, ids) for path in paths}


def read_weights(folder: Path, paragraphs: pd.DataFrame, read: pd.Index) -> pd.Series | None:
    """Unit → how many paragraphs it stands for, from the key of the sheet kept as key.csv; None without one.

    Errors: CorpusError where a unit that was read is not in it, for the key is then that of another sheet.
    """
    path = folder / KEY
    if not path.is_file():
        return None
    key = pd.read_csv(path, encoding="utf-8-sig", dtype={"doc_id": str})
    if not {"doc_id", "line", "weight"} <= set(key):
        raise CorpusError(f"{path.name}: needs the columns doc_id, line and weight; copy the key again.")
    weight = key.merge(paragraphs[[*frames.UNIT, "line"]], on=["doc_id", "line"]).set_index(frames.UNIT)["weight"]
    if missing := len(read.difference(weight.index)):
        raise CorpusError(
            f"{path.name}: {missing} of the {len(read)} paragraphs read are not in it, so it is the key of another sheet. "
            "Put the right one in its place, or take it away: then every paragraph counts alike."
        )
    return weight


def agreement(coders: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """How far coders agree, people or machines: frame, n_units (with two codes or more), prevalence (share of ones),
    agreement (mean over pairs), alpha, alpha_low, alpha_high, ac1, ac1_low, ac1_high (`reliability.intervals`).

    `coders` is name → units × frames as `read` gives them.

    >>> index = pd.MultiIndex.from_tuples([("甲", 1), ("甲", 2)], names=["doc_id", "line"])
    >>> codes = pd.DataFrame({"war": [1.0, 0.0]}, index=index)
    >>> agreement({"李": codes, "王": codes})[["frame", "prevalence", "agreement", "alpha"]].values.tolist()
    [['war', 0.5, 1.0, 1.0]]
    """
    ids = next(iter(coders.values())).columns if coders else []
    rows = []
    for frame in ids:
        codings = pd.DataFrame({name: codes[frame] for name, codes in coders.items()})
        paired = codings[codings.notna().sum(axis=1) >= 2]
        if paired.empty:
            continue
        measured = intervals(codings, codings.index.get_level_values("doc_id"))
        limits = {f"{m}_{side}": measured.loc[m, side] for m in measured.index for side in ("low", "high")}
        rows.append(
            {"frame": frame, "n_units": len(paired), "prevalence": np.nanmean(paired)}
            | {"agreement": _pairwise(paired), **measured["estimate"].to_dict(), **limits}
        )
    measures = ["alpha", "alpha_low", "alpha_high", "ac1", "ac1_low", "ac1_high"]
    return pd.DataFrame(rows, columns=["frame", "n_units", "prevalence", "agreement", *measures])


def _pairwise(codings: pd.DataFrame) -> float:
    n, ones = codings.notna().sum(axis=1), codings.sum(axis=1)
    same = (ones * (ones - 1) + (n - ones) * (n - ones - 1)) / (n * (n - 1))
    return float(same.mean())


def corrected(coded: pd.DataFrame, read: pd.DataFrame, weight: pd.Series | None = None) -> pd.DataFrame:
    """The share of units with each frame, as coded and as a reader would find it (Rogan & Gladen 1978): frame, n_units,
    n_read, coded, sensitivity, specificity, share, low, high, method.

    `coded` is the machine's presence table of the whole corpus, `read` a reader's of some of the units, `weight` how
    many units each of these stands for (1 where it is not given). Weighted rates count as many units as give the same
    precision unweighted (Kish 1965).

    >>> coded, read = pd.DataFrame({"war": [True, True, False, False]}), pd.DataFrame({"war": [1, 0, 0, 0]})
    >>> corrected(coded, read)[["coded", "sensitivity", "specificity"]].round(2).values.tolist()
    [[0.5, 1.0, 0.67]]
    """
    units = read.dropna(how="any").index.intersection(coded.index)
    w = as_weights(weight, units)
    rows = []
    for frame in read.columns:
        found, true = coded.loc[units, frame].to_numpy(dtype=bool), read.loc[units, frame].to_numpy() == 1
        whole = coded[frame].to_numpy(dtype=bool)
        hits, spared = _weighted(found[true], w[true]), _weighted(~found[~true], w[~true])
        share = true_share((whole.sum(), len(whole)), hits, spared)
        rates = {"sensitivity": inference.ratio(np.array(hits)), "specificity": inference.ratio(np.array(spared))}
        rows.append(
            {"frame": frame, "n_units": len(whole), "n_read": len(units), "coded": whole.mean()}
            | {name: float(np.squeeze(rate)) for name, rate in rates.items()}
            | {"share": share.estimate, "low": share.low, "high": share.high, "method": share.method}
        )
    return pd.DataFrame(rows)


def _weighted(success: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """(successes, trials) of a weighted rate, in effective units."""
    if not len(weight):
        return 0.0, 0.0
    trials = weight.sum() ** 2 / (weight**2).sum()
    return float(trials * weight[success].sum() / weight.sum()), float(trials)
