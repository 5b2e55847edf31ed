"""Whether a coding holds beside a reader's codes: where the two meet, where they part, and what each would conclude.

A presence table (units × frames of true and false, indexed by doc_id and paragraph) goes in nearly everywhere: it is
what `frames.presence` makes of the codebook's hits and what `read_codes` makes of a reader's.
"""

import json
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from helpers import frames, inference, reliability, sheets
from helpers.study import BY_HAND, CorpusError, Study

NEARLY_ALL = 0.9  # of the paragraphs
SHEETS = ("codes.csv", "codes.xlsx")  # the same from a spreadsheet: doc_id, line and a column of 0 and 1 for each frame


# ---- a reader's codes ----


def read_codes(study: Study, paragraphs: pd.DataFrame, ids: Sequence[str]) -> pd.DataFrame:
    """What a reader found: units × frames of true and false, for the paragraphs the reader judged; empty without one.

    Codes stand in the corpus folder under truth/: a JSON file per article with `doc_id` and `frames_by_line` (first raw
    line of the paragraph → list of frame ids), or codes.csv or codes.xlsx (doc_id, line, and 0 or 1 in a column for each frame).
    Errors: CorpusError where a file is neither, or names a frame the codebook does not have.
    """
    folder = study.corpus / BY_HAND
    judged = [row for path in sorted(folder.glob("*.json")) for row in _read_json(path)]
    for sheet in (folder / name for name in SHEETS if (folder / name).is_file()):
        judged += _read_sheet(sheet, ids)
    if unknown := sorted({frame for *_, found in judged for frame in found} - set(ids)):
        raise CorpusError(f"{BY_HAND}: {unknown[0]} is not a frame of the codebook; its frames are {', '.join(ids)}.")
    return align(judged, paragraphs, ids)


def _read_json(path) -> list[tuple[str, int, list[str]]]:
    try:
        about = json.loads(path.read_text(encoding="utf-8-sig"))
        return [(about["doc_id"], int(line), list(found)) for line, found in about.get("frames_by_line", {}).items()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorpusError(f"{path.name}: not codes ({error}); it needs doc_id and frames_by_line.") from None


def _read_sheet(path, ids: Sequence[str]) -> list[tuple[str, int, list[str]]]:
    done = sheets.read(path, ids).dropna(how="any")
    return [(doc_id, line, [f for f in done if row[f] == 1]) for (doc_id, line), row in done.iterrows()]


def align(
    judged: Iterable[tuple[str, int, Sequence[str]]], paragraphs: pd.DataFrame, ids: Sequence[str]
) -> pd.DataFrame:
    """(doc_id, line, frames) of a reader as a presence table over the body paragraphs that begin on those lines.

    >>> paragraphs = pd.DataFrame({"doc_id": "甲", "paragraph": [1, 2], "line": [3, 5], "zone": "body", "text": "文"})
    >>> align([("甲", 5, ["war"])], paragraphs, ["war"]).to_dict("index")
    {('甲', 2): {'war': True}}
    """
    found = {(doc_id, line): set(names) for doc_id, line, names in judged}
    units = frames.units(paragraphs)
    units = units[[key in found for key in zip(units["doc_id"], units["line"], strict=True)]]
    rows = [[frame in found[key] for frame in ids] for key in zip(units["doc_id"], units["line"], strict=True)]
    return pd.DataFrame(
        np.array(rows, dtype=bool).reshape(len(units), len(ids)),
        index=pd.MultiIndex.from_frame(units[frames.UNIT]),
        columns=pd.Index(ids, name="frame"),
    )


def compare(coded: pd.DataFrame, read: pd.DataFrame, weight: pd.Series | None = None) -> pd.DataFrame:
    """`reliability.validation` on the units both have judged; no rows where no unit is shared."""
    shared = read.index.intersection(coded.index)
    if shared.empty:
        return pd.DataFrame(columns=reliability.COLUMNS)
    return reliability.validation(coded.loc[shared, read.columns], read.loc[shared], weight)


def disagreements(coded: pd.DataFrame, read: pd.DataFrame, paragraphs: pd.DataFrame) -> pd.DataFrame:
    """Where rules and reader part: frame, doc_id, line, problem ("missed" or "false alarm" of the rules), text."""
    shared = read.index.intersection(coded.index)
    apart = (coded.loc[shared, read.columns].astype(int) - read.loc[shared].astype(int)).stack()
    apart = apart[apart != 0].rename("problem").reset_index().rename(columns={"level_2": "frame"})
    apart["problem"] = apart["problem"].map({-1: "missed", 1: "false alarm"})
    rows = apart.merge(paragraphs[[*frames.UNIT, "line", "text"]], on=frames.UNIT)
    rows = rows.sort_values(["frame", "doc_id", "line"], kind="stable", ignore_index=True)
    return rows[["frame", "doc_id", "line", "problem", "text"]]


def uneven(coded: pd.DataFrame, read: pd.DataFrame, in_a: pd.Series) -> pd.DataFrame:
    """Whether the rules read both sides of a contrast alike: frame, n_read_a, recall_a, precision_a, the same for b, and
    low and high of recall_a - recall_b, the documents being the draws (`inference.difference_limits`).

    `in_a` is doc_id → whether the document is on side a. No rows without a reader's codes on both sides.
    """
    ids = coded.index.get_level_values("doc_id")
    a, b = (compare(coded[ids.isin(in_a.index[in_a == side])], read) for side in (True, False))
    both = a.merge(b, on="frame", suffixes=("_a", "_b"))
    recalls = [[both[f"recall{end}_{side}"].to_numpy(float) for end in ("", "_low", "_high")] for side in "ab"]
    low, high = inference.difference_limits(*recalls)
    columns = [f"{name}_{side}" for side in "ab" for name in ("n_read", "recall", "precision")]
    return both.assign(low=low, high=high)[["frame", *columns, "low", "high"]]


def as_codes(table: pd.DataFrame) -> pd.DataFrame:
    """A presence table as rows doc_id, paragraph, frame, so that what counts codes can count a reader's.

    >>> index = pd.MultiIndex.from_tuples([("甲", 1), ("甲", 2)], names=["doc_id", "paragraph"])
    >>> as_codes(pd.DataFrame({"war": [True, False]}, index=index)).values.tolist()
    [['甲', 1, 'war']]
    """
    unit, frame = np.nonzero(table.to_numpy(dtype=bool))
    rows = table.index[unit].to_frame(index=False)
    return rows.assign(frame=pd.Categorical.from_codes(frame, categories=table.columns))


def whole(read: pd.DataFrame, paragraphs: pd.DataFrame) -> bool:
    """Whether a reader judged nearly every body paragraph: shares of a drawn sheet, rare frames first, are no shares."""
    return len(read) > 0 and len(read) >= NEARLY_ALL * len(frames.units(paragraphs))


def parting(
    differences: pd.DataFrame, read: pd.DataFrame, paragraphs: pd.DataFrame, docs: pd.DataFrame, seed: int = 0
) -> pd.DataFrame:
    """Rows of `frames.differences` on which a reader's codes would decide otherwise: q below .05 with one, above with
    the other. difference_read and q_value_read hold the reader's side. No rows where the reader read a part only."""
    judged = paragraphs.merge(read.index.to_frame(index=False))
    columns = differences["by"].unique() if whole(read, paragraphs) else []
    again = [frames.differences(as_codes(read), judged, docs, by, seed=seed) for by in columns]
    if not again:
        return differences.head(0).assign(difference_read=[], q_value_read=[])
    ours, theirs = differences, pd.concat(again)[["by", "group_a", "group_b", "frame", "difference", "q_value"]]
    both = ours.merge(theirs, on=["by", "group_a", "group_b", "frame"], suffixes=("", "_read"))
    return both[(both["q_value_read"] < 0.05) != (both["q_value"] < 0.05)]
