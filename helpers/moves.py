"""How the numbers of one table moved to those of another: rows that name the same thing are set side by side, and what moved
is told in one line and listed."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

MOVES = ["row", "number", "before", "after", "low", "high", "verdict"]
CONTRAST = ("by", "group_a", "group_b")  # columns that say what is set against what


@dataclass(frozen=True)
class FigureMoves:
    """A figure that is not as it was: its slug, one line that says how, and the numbers that moved (columns MOVES)."""

    slug: str
    said: str
    moves: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=MOVES))


def read(text: str) -> pd.DataFrame:
    """The table in a csv text; nothing in it is an empty table."""
    return pd.read_csv(io.StringIO(text), low_memory=False) if text.strip() else pd.DataFrame()


def differ(old: str, new: str, tolerance: float = 1e-6) -> bool:
    """Whether two tables of numbers (csv text) differ by more than rounding.

    >>> differ("词,份额\\n防控,0.5\\n", "词,份额\\n防控,0.50000001\\n")
    False
    """
    try:
        pd.testing.assert_frame_equal(read(old), read(new), check_dtype=False, rtol=tolerance, atol=tolerance)
    except AssertionError:
        return True
    return False


def moved(slug: str, old: str | None, new: str | None, numbers: Mapping[int, int] | None = None) -> FigureMoves | None:
    """How the numbers of a figure (csv text, None where it was not drawn) moved; None where they did not. `numbers` says
    what topics of the old run are called in the new one, so that no topic is compared with another.

    >>> moved("fig08-1-x", "frame,share\\n战争隐喻,0.50\\n", "frame,share\\n战争隐喻,0.40\\n").said
    'share of 战争隐喻 0.5 → 0.4'
    """
    if old == new:
        return None
    if old is None or new is None:
        return FigureMoves(slug, "new figure" if old is None else "no longer drawn")
    a, b = read(old), read(new)
    if numbers and "topic" in a and a["topic"].dtype.kind == "i":
        a["topic"] = a["topic"].replace(dict(numbers))
    if other := _other_contrast(a, b):
        return FigureMoves(slug, other)
    keys = _keys(a, b)
    if not keys:
        return FigureMoves(slug, "; ".join([*_single(a, b), _rows(old, new)]))
    names = {key: f"{key} " if a[key].dtype.kind in "iu" else "" for key in keys}  # a bare number would not say of what
    a, b = (frame.assign(**{key: names[key] + frame[key].astype(str).fillna("–") for key in keys}) for frame in (a, b))
    found = moves(a, b, keys)
    return FigureMoves(slug, _said(found, a, b, keys), found)


def _other_contrast(a: pd.DataFrame, b: pd.DataFrame) -> str:
    """What is said of a figure that sets nothing of what it did against each other, and so has no number in common; else "".

    >>> table = "frame,gap,by,group_a,group_b\\n战争隐喻,{},year,2022,2020\\n"
    >>> _other_contrast(read(table.format(0.5)), read("frame,gap,by\\n战争隐喻,0.4,place\\n"))
    'compares something else now: place (was year)'
    """
    columns = [column for column in CONTRAST if column in a and column in b]
    was, now = (list(dict.fromkeys(frame[columns].astype(str).itertuples(index=False, name=None))) for frame in (a, b))
    if not (was and now) or not set(was).isdisjoint(now):
        return ""
    return f"compares something else now: {_contrasts(now)} (was {_contrasts(was)})"


def _contrasts(some: list[tuple[str, ...]]) -> str:
    """Contrasts in a few words.

    >>> _contrasts([("year", "2022", "2020"), ("place", "甲县", "rest"), ("place", "乙县", "rest")])
    'year, 2022 against 2020, and 2 more'
    """
    by, *sides = some[0]
    rest = f", and {len(some) - 1:,} more" if len(some) > 1 else ""
    return (f"{by}, {' against '.join(sides)}" if sides else by) + rest


def _keys(a: pd.DataFrame, b: pd.DataFrame) -> list[str]:
    """The first columns, fractions left out, that together name every row once in both tables; [] where none do."""
    keys = []
    for column in a.columns:
        if column in b and not any(pd.api.types.is_float_dtype(frame[column]) for frame in (a, b)):
            keys.append(column)
            if not a.duplicated(keys).any() and not b.duplicated(keys).any():
                return keys
    return []


def moves(a: pd.DataFrame, b: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Every number that is another in `b` than in `a`, rows joined by `keys`; columns MOVES.

    low and high are the interval printed before, where the number had one; verdict is within, beyond or "". Numbers
    beyond their interval come first, then those that have one, then the others, each by how much of themselves they moved.
    """
    both = a.merge(b, on=keys, suffixes=("", "\0after"))
    parts = []
    names = {*keys, "topic", "line"}  # the number of a topic is its name, a line where it stands
    for column in [c for c in a.columns if c in b and c not in names and _counts(a[c]) and _counts(b[c])]:
        bounds = _bounds(list(a.columns), column)
        if bounds is None:
            continue
        before, after = both[column], both[f"{column}\0after"]
        changed = before.ne(after) & before.notna() & after.notna()
        rows = both.loc[changed, keys].agg(" / ".join, axis=1) if changed.any() else []
        low, high = (both.loc[changed, name] if name else float("nan") for name in bounds)
        numbers = {"before": before[changed], "after": after[changed], "low": low, "high": high}
        part = pd.DataFrame({"row": rows, "number": column, **numbers})
        parts.append(part.astype(dict.fromkeys(numbers, float)))
    if not parts:
        return pd.DataFrame(columns=MOVES)
    found = pd.concat(parts, ignore_index=True)
    known = found["low"].notna() & found["high"].notna()
    inside = found["after"].between(found["low"], found["high"])
    found["verdict"] = inside.map({True: "within", False: "beyond"}).where(known, "")
    gap = (found["after"] - found["before"]).abs() / found[["before", "after"]].abs().max(axis=1)
    order = pd.DataFrame({"kind": found["verdict"].map({"beyond": 0, "within": 1, "": 2}), "gap": -gap})
    return found.loc[order.sort_values(["kind", "gap"], kind="stable").index, MOVES].reset_index(drop=True)


def _counts(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _bounds(columns: list[str], column: str) -> tuple[str, str] | None:
    """The columns of a number's interval, ("", "") where it has none; None for the bounds themselves.

    >>> names = ["frame", "share", "ci_low", "ci_high", "n_docs"]
    >>> _bounds(names, "share"), _bounds(names, "n_docs"), _bounds(names, "ci_low")
    (('ci_low', 'ci_high'), ('', ''), None)
    """
    if column.endswith(("_low", "_high")):
        return None
    if {f"{column}_low", f"{column}_high"} <= set(columns):
        return f"{column}_low", f"{column}_high"
    follows = columns[columns.index(column) + 1 :][:2] == ["ci_low", "ci_high"]
    return ("ci_low", "ci_high") if follows else ("", "")


def _said(found: pd.DataFrame, a: pd.DataFrame, b: pd.DataFrame, keys: list[str]) -> str:
    shared = len(a.merge(b[keys], on=keys))
    rows = "" if shared == len(a) == len(b) else f"rows: {len(b) - shared:,} new, {len(a) - shared:,} gone"
    if not len(found):
        return f"{rows}; the shared rows are unchanged" if rows else "words changed, no number moved"
    first = found.iloc[0]
    parts = [f"{first['number']} of {first['row']} {first['before']:g} → {first['after']:g}"]
    parts[0] += f" ({first['verdict']} its interval)" if first["verdict"] else ""
    if len(found) > 1:
        beyond = int(found["verdict"].eq("beyond").sum())
        parts.append(f"{len(found):,} numbers moved" + (f", {beyond:,} beyond their interval" if beyond else ""))
    return "; ".join([*parts, *filter(None, [rows])])


def _single(a: pd.DataFrame, b: pd.DataFrame) -> list[str]:
    """The moves of rows that alone have their name, where the others are many of one name: the observed among the drawn.

    >>> table = "gap,of\\n0.1,drawn\\n0.2,drawn\\n{},observed\\n"
    >>> _single(read(table.format(0.5)), read(table.format(0.4)))
    ['gap of observed 0.5 → 0.4']
    """
    names = [c for c in a.columns if c in b and not any(pd.api.types.is_float_dtype(f[c]) for f in (a, b))]
    if not names:
        return []
    a, b = (frame[~frame.duplicated(names, keep=False)].astype(dict.fromkeys(names, str)) for frame in (a, b))
    found = moves(a, b, names)
    return [f"{r.number} of {r.row} {r.before:g} → {r.after:g}" for r in found.head(1).itertuples()]


def _rows(old: str, new: str) -> str:
    """How two lists of single observations differ, in which no column names a row."""
    if old.splitlines()[:1] != new.splitlines()[:1]:
        return "other columns"
    a, b = (pd.Series(text.splitlines()[1:], dtype=str).value_counts() for text in (old, new))
    more = b.sub(a, fill_value=0)
    return f"rows: {int(more[more > 0].sum()):,} new, {int(-more[more < 0].sum()):,} gone"
