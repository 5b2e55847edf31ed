"""What moved since the previous run of a corpus: documents that came or went, what was said of them or chosen, figures and
tables whose numbers changed, and how far."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pandas as pd

from helpers import alignment
from helpers.moves import FigureMoves, differ, moved, read  # noqa: F401
from helpers.study import Study

LISTED = 40  # documents named in one line


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
    return alignment.moved(read(before), read(after)) if before and after else pd.DataFrame()


def _numbers(moves: pd.DataFrame) -> dict[int, int]:
    """Number of a topic in the run before → its number now; below zero, and so no topic's, if it did not keep its words.

    >>> before = "topic,rank,term\\n1,1,核酸\\n2,1,春耕\\n3,1,志愿\\n"
    >>> sorted(_numbers(_topics(before, "topic,rank,term\\n1,1,春耕\\n2,1,核酸\\n")).items())
    [(1, 2), (2, 1), (3, -3)]
    """
    known = (row for row in moves.itertuples() if pd.notna(row.was))
    return {int(row.was): int(row.topic if row.verdict == "same" else -row.was) for row in known}


# ---- telling ----------------------------------------------------------------------------------------------------------


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
