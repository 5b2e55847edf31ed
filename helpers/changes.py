"""What moved since the previous run of a corpus: documents that came or went, what was said of them or chosen, figures and
tables whose numbers changed, and how far."""

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import pandas as pd

from helpers import alignment
from helpers.study import Study

MOVES = ["row", "number", "before", "after", "low", "high", "verdict"]
LISTED = 40  # documents named in one line
CONTRAST = ("by", "group_a", "group_b")  # columns that say what is set against what


@dataclass(frozen=True)
class FigureMoves:
    """A figure that is not as it was: its slug, one line that says how, and the numbers that moved (columns MOVES)."""

    slug: str
    said: str
    moves: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=MOVES))


@dataclass(frozen=True)
class Changes:
    """All that moved between two runs; `compared` is False where there was no run before, `known` where only its figures
    are still there, as in a fresh copy of the repository.

    documents: lists of files by what happened to them (added, removed, changed); settings: what else numbers rest on and is
    not as it was (articles.csv, study.toml, the lexicons, …); figures: those that moved; tables: one line for each that is not
    as it was; topics: one line each.
    """

    compared: bool
    known: bool
    documents: dict[str, list[str]]
    settings: list[str]
    figures: list[FigureMoves]
    tables: list[str]
    topics: list[str]


def snapshot(study: Study) -> dict:
    """The state a later run is compared with: sha256 of every article and of what else numbers rest on, sha256 and number of
    lines of every table (its header is one), the numbers of every figure and the words of every topic (csv text)."""
    manifest = {}
    with suppress(OSError, ValueError):
        manifest = json.loads((study.folder / "manifest.json").read_text(encoding="utf-8"))
    tables = [(name, sha, study.tables / name) for name, sha in manifest.get("tables", {}).items()]
    topics = study.tables / "topic_terms.csv"
    return {
        "inputs": manifest.get("inputs", {}),
        "settings": _settings(manifest),
        "tables": {name: [sha, _lines(path.read_bytes())] for name, sha, path in tables if path.is_file()},
        "figures": {path.stem: path.read_text(encoding="utf-8") for path in sorted(study.figures.glob("fig*.csv"))},
        "topics": topics.read_text("utf-8") if topics.is_file() else "",
    }


def _settings(manifest: dict) -> dict[str, str]:
    """What numbers rest on beside the articles, and a name for its state; {} where an older version did not note it."""
    if "settings" not in manifest:
        return {}
    code = {"the lexicons of this collection": manifest["code"]["lexicon"], "its code": manifest["code"]["helpers"]}
    return manifest["settings"] | code | manifest["packages"]


def _lines(table: bytes) -> int:
    """The lines of a csv; a line break inside a quoted cell ends none.

    >>> _lines('篇,注\\na,"一\\n二"\\n'.encode())
    2
    """
    return sum(part.count(b"\n") for part in table.split(b'"')[::2])


# ---- comparing --------------------------------------------------------------------------------------------------------


def between(before: dict, after: dict) -> Changes:
    """What moved from one snapshot to another."""
    new = after["inputs"]
    old = before["inputs"] or new
    slugs = sorted(before["figures"].keys() | after["figures"].keys())
    moves = _topics(before.get("topics", ""), after.get("topics", ""))
    numbers = _numbers(moves)
    figures = [moved(slug, before["figures"].get(slug), after["figures"].get(slug), numbers) for slug in slugs]
    return Changes(
        bool(before["figures"]),
        bool(before["inputs"]),
        {
            "added": sorted(new.keys() - old.keys()),
            "removed": sorted(old.keys() - new.keys()),
            "changed": sorted(file for file in new.keys() & old.keys() if new[file] != old[file]),
        },
        list(_moved_settings(before.get("settings", {}), after.get("settings", {}))),
        [figure for figure in figures if figure],
        list(_tables(before.get("tables", {}), after.get("tables", {}))),
        list(alignment.told(moves)),
    )


def _moved_settings(before: dict, after: dict) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()) if before else ():
        if before.get(name) != after.get(name):
            yield f"{name}: {'new' if name not in before else 'no longer there' if name not in after else 'changed'}"


def _tables(before: dict, after: dict) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()) if before else ():
        (old, a), (new, b) = before.get(name, ("", 0)), after.get(name, ("", 0))
        if not old or not new:
            yield f"{name} is {'new' if new else 'no longer written'}"
        elif old != new and not name.endswith(".csv"):
            yield f"{name} changed"
        elif old != new:
            yield f"{name}: {a - 1:,} rows, of which some changed" if a == b else f"{name}: {a - 1:,} → {b - 1:,} rows"


def _topics(before: str, after: str) -> pd.DataFrame:
    """What became of each topic, of two tables of topic words (csv text); no rows where one is missing."""
    return alignment.moved(_read(before), _read(after)) if before and after else pd.DataFrame()


def _numbers(moves: pd.DataFrame) -> dict[int, int]:
    """Number of a topic in the run before → its number now; below zero, and so no topic's, if it did not keep its words.

    >>> before = "topic,rank,term\\n1,1,核酸\\n2,1,春耕\\n3,1,志愿\\n"
    >>> sorted(_numbers(_topics(before, "topic,rank,term\\n1,1,春耕\\n2,1,核酸\\n")).items())
    [(1, 2), (2, 1), (3, -3)]
    """
    known = (row for row in moves.itertuples() if pd.notna(row.was))
    return {int(row.was): int(row.topic if row.verdict == "same" else -row.was) for row in known}


def _read(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), low_memory=False) if text.strip() else pd.DataFrame()


def differ(old: str, new: str, tolerance: float = 1e-6) -> bool:
    """Whether two tables of numbers (csv text) differ by more than rounding.

    >>> differ("词,份额\\n防控,0.5\\n", "词,份额\\n防控,0.50000001\\n")
    False
    """
    try:
        pd.testing.assert_frame_equal(_read(old), _read(new), check_dtype=False, rtol=tolerance, atol=tolerance)
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
    a, b = _read(old), _read(new)
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
    >>> _other_contrast(_read(table.format(0.5)), _read("frame,gap,by\\n战争隐喻,0.4,place\\n"))
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


# ---- telling ----------------------------------------------------------------------------------------------------------


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
    >>> _single(_read(table.format(0.5)), _read(table.format(0.4)))
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


def text(told: Changes) -> str:
    """changes.md: documents, settings, figures, topics and tables, a line each."""
    if not told.compared:
        return "# What moved\n\nThis is the first run of this corpus; there is nothing to compare with.\n"
    documents = [f"- {word}: {_listed(files)}" for word, files in told.documents.items() if files]
    same = "the same {} as before" if told.known else "the {} of the run before are not kept here"
    parts = [
        ("Documents", documents or [f"- {same.format('documents')}"]),
        ("Settings", [f"- {line}" for line in told.settings] or [f"- {same.format('settings')}"]),
        ("Figures", [f"- {f.slug}: {f.said}" for f in told.figures] or ["- no number in any figure moved"]),
        ("Topics", [f"- {line}" for line in told.topics] or [f"- {same.format('topics')}"]),
        ("Tables", [f"- {line}" for line in told.tables] or [f"- {same.format('tables')}"]),
    ]
    lines = (line for name, some in parts for line in ("", f"## {name}", "", *some))
    return "\n".join(["# What moved", *lines, ""])


def _listed(files: list[str]) -> str:
    """Names on one line, which a name with a line break in it does not end."""
    rest = f" and {len(files) - LISTED:,} more" if len(files) > LISTED else ""
    return ", ".join(" ".join(name.split()) for name in files[:LISTED]) + rest
