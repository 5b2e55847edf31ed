"""What moved since the previous run of a corpus: documents that came or went, figures whose numbers changed, and how far."""

import io
import json

import pandas as pd

from helpers import alignment
from helpers.study import Study


def snapshot(study: Study) -> dict:
    """The state a later run is compared with: sha256 of every article, the numbers of every figure and the words of every
    topic (csv text)."""
    path = study.folder / "manifest.json"
    inputs = {}
    if path.is_file():
        try:
            inputs = json.loads(path.read_text(encoding="utf-8")).get("inputs", {})
        except ValueError:
            inputs = {}
    figures = {p.stem: p.read_text(encoding="utf-8") for p in sorted(study.figures.glob("fig*.csv"))}
    topics = study.tables / "topic_terms.csv"
    return {"inputs": inputs, "figures": figures, "topics": topics.read_text("utf-8") if topics.is_file() else ""}


def report(before: dict, after: dict) -> str:
    """changes.md: added, removed and changed documents; which topics are still there; for each figure whose numbers moved
    the largest move, and whether it stayed within the interval printed before."""
    if not before["figures"]:
        return "# What moved\n\nThis is the first run of this corpus; there is nothing to compare with.\n"
    old, new = before["inputs"], after["inputs"]
    parts = [
        ("added", sorted(new.keys() - old.keys())),
        ("removed", sorted(old.keys() - new.keys())),
        ("changed", sorted(f for f in new.keys() & old.keys() if new[f] != old[f])),
    ]
    lines = ["# What moved", "", "## Documents", ""]
    lines += [f"- {word}: {', '.join(files)}" for word, files in parts if files] or ["- the same documents as before"]
    lines += ["", "## Figures", ""]
    slugs = sorted(before["figures"].keys() | after["figures"].keys())
    moves = [(slug, moved(before["figures"].get(slug), after["figures"].get(slug))) for slug in slugs]
    lines += [f"- {slug}: {text}" for slug, text in moves if text] or ["- no number in any figure moved"]
    if before.get("topics") and after.get("topics"):
        terms = (pd.read_csv(io.StringIO(state["topics"])) for state in (before, after))
        told = [f"- {line}" for line in alignment.told(alignment.moved(*terms))]
        lines += ["", "## Topics", "", *(told or ["- the same topics as before"])]
    return "\n".join(lines) + "\n"


def differ(old: str, new: str, tolerance: float = 1e-6) -> bool:
    """Whether two tables of numbers (csv text) differ by more than rounding.

    >>> differ("词,份额\\n防控,0.5\\n", "词,份额\\n防控,0.50000001\\n")
    False
    """
    a, b = (pd.read_csv(io.StringIO(text)) for text in (old, new))
    try:
        pd.testing.assert_frame_equal(a, b, check_dtype=False, rtol=tolerance, atol=tolerance)
    except AssertionError:
        return True
    return False


def moved(old: str | None, new: str | None) -> str:
    """One line on how the numbers of a figure moved, "" where they did not.

    >>> moved("frame,share\\n战争隐喻,0.50\\n", "frame,share\\n战争隐喻,0.40\\n")
    'share of 战争隐喻 0.5 → 0.4'
    """
    if old == new:
        return ""
    if old is None or new is None:
        return "new figure" if old is None else "no longer drawn"
    a, b = (pd.read_csv(io.StringIO(text)) for text in (old, new))
    names = [c for c in a.columns if c in b and a[c].dtype == object or str(a[c].dtype).startswith("str")]
    numbers = [
        c
        for c in a.columns
        if c in b
        and not c.startswith("ci_")
        and pd.api.types.is_numeric_dtype(a[c])
        and pd.api.types.is_numeric_dtype(b[c])
    ]
    if not names or not numbers or a[names].duplicated().any() or b[names].duplicated().any():
        return f"{len(a)} → {len(b)} rows, numbers differ"
    both = a.merge(b, on=names, suffixes=("_old", "_new"))
    gaps = [
        (abs(row[f"{c}_new"] - row[f"{c}_old"]), c, row)
        for c in numbers
        for _, row in both.iterrows()
        if pd.notna(row[f"{c}_new"]) and pd.notna(row[f"{c}_old"])
    ]
    if not gaps or max(gaps, key=lambda g: g[0])[0] == 0:
        return f"{len(a)} → {len(b)} rows; the shared rows are unchanged"
    _, column, row = max(gaps, key=lambda g: g[0])
    text = f"{column} of {' / '.join(str(row[n]) for n in names)} {row[f'{column}_old']:g} → {row[f'{column}_new']:g}"
    if {"ci_low_old", "ci_high_old"} <= set(row.index) and pd.notna(row["ci_low_old"]):
        inside = row["ci_low_old"] <= row[f"{column}_new"] <= row["ci_high_old"]
        text += " (within its interval)" if inside else " (beyond its interval)"
    return text if len(both) == len(a) == len(b) else f"{text}; {len(a)} → {len(b)} rows"
