"""From a folder of files to `docs` (one row per article) and `problems` (one row per file not read, or read with doubt).

`articles.csv` in the folder may say what is known of each file (column `file` joins; any other columns are carried along).
What it does not say is read from the page itself, and `date_basis` tells which of the two it was. An article of many in one file
goes by `export.csv#3`; a row of articles.csv for `export.csv` speaks for all of them.
"""

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers import exports, files, glyphs, lexicon, metadata, reading, recipes, tables
from helpers.decoding import HAN_SIGN, Page
from helpers.study import CorpusError, Study
from helpers.trie import code_points

DOCS = (
    "doc_id file title date year place publisher outlet_type genre script encoding date_basis sha256 raw main"
).split()
STATED = ("title", "place", "publisher", "outlet_type", "genre")  # what an article, or articles.csv, may say of itself
PROBLEMS = ["file", "problem", "remedy", "severity"]
ABOUT_AS_BOOK = re.compile(r"articles\.xlsx?", re.I)
AGAIN = "Remove it if it is a slip. Of texts that are not very short one version counts (duplicates.csv)."
EMPTY = "It enters no statistics. lines.csv says what each line was taken for; overrides.csv overrules it."
JAPANESE = ("looks Japanese", "Remove it: words, names and frames are read as Chinese.")
GROUPING = ("place", "publisher", "outlet_type", "genre", "level")  # what articles are compared by


def load(study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`docs` and `problems` of the study's corpus folder.

    docs: doc_id (file stem), file (`name.csv#3` for the third article of a file), title, date (ISO or ""), year (Int64), place,
    publisher, outlet_type, genre, script (hans/hant/mixed), encoding, date_basis, sha256 (of the bytes), raw (the text as found),
    main (line numbers of the article where the page holds more, else None), then what else exports and articles.csv say.
    problems: file, problem, remedy, severity (error: not read; doubt: read, look at it; note: for your information).
    Errors: CorpusError where there is no folder or no article in it, or an export.yml is wrong; bad files never stop the reading.
    """
    problems: list[tuple] = []
    layouts, names = files.listed(study, problems)
    rows = [row for name in names for row in read_file(study, study.corpus / name, layouts, problems)]
    about = read_articles(study, rows, problems)
    if not rows:
        raise files.nothing(study, problems)
    docs = joined(with_ids(pd.DataFrame(rows)), about, problems)
    return docs, as_problems(problems + twins(docs))


def twins(docs: pd.DataFrame) -> list[tuple]:
    """What problems say of articles that say what an earlier one says, byte for byte."""
    first = docs.groupby("sha256")["file"].transform("first")
    return _told(
        docs["file"], docs["file"] != first, "same content as " + first, "repeat an earlier one", AGAIN, "note"
    )


def emptied(docs: pd.DataFrame, paragraphs: pd.Series) -> pd.DataFrame:
    """What problems say of articles of which cleaning left no paragraph; `paragraphs`: how many each of docs has."""
    one = pd.Series("no paragraph of text is left of it", index=docs.index)
    return as_problems(_told(docs["file"], paragraphs == 0, one, "have no paragraph of text", EMPTY, "doubt"))


def _told(files: pd.Series, of: pd.Series, one: pd.Series, many: str, remedy: str, severity: str) -> list[tuple]:
    """A problem row for each file `of` which `one` is to be said, and a single row for a file of many articles."""
    whole, _, part = (files.str.partition("#")[column] for column in range(3))
    rows = [(file, said, remedy, severity) for file, said in zip(files[of], one[of], strict=True) if "#" not in file]
    for file, numbers in part[of & (part != "")].groupby(whole, sort=False):
        shown = ", ".join(numbers[:20]) + ", …" * (len(numbers) > 20)
        rows.append(
            (file, f"{len(numbers)} of {(whole == file).sum()} articles in it {many}: {shown}", remedy, severity)
        )
    return rows


def _kana(text: str) -> float:
    """The share of a text that is written in the signs of Japanese alone."""
    return len(re.findall("[ぁ-ゖァ-ヺ]", text)) / len(text)


def as_problems(rows: list[tuple]) -> pd.DataFrame:
    """The table `problems`, each row once."""
    return pd.DataFrame(rows, columns=PROBLEMS).drop_duplicates().reset_index(drop=True)


def read_file(study: Study, path: Path, layouts: Mapping[Path, exports.Layout], problems: list) -> Iterator[dict]:
    """The rows of one file; what goes wrong becomes a problem row."""
    name = files.shown(recipes.within(study.corpus, path))
    try:
        pages = _articles(path, exports.governing(layouts, path) if layouts else None, layouts)
    except CorpusError as error:
        problem, _, remedy = str(error).partition("|")
        if ABOUT_AS_BOOK.fullmatch(name) and "column" in problem:
            remedy = "To say what is known of the articles, save it as articles.csv (CSV UTF-8)."
        problems.append((name, problem, remedy, "error"))
        return
    bare = {page.part for page in pages if not HAN_SIGN.search(page.text)}
    if bare:
        numbers = ", ".join(map(str, sorted(bare)[:20]))
        told = f"{len(bare)} of {len(pages)} articles in it without Chinese text: {numbers}"
        problems.append((name, told, "Look at these rows or records; nothing to do if they are meant so.", "error"))
    for page in pages:
        own = f"#{page.part}" if len(pages) > 1 else ""
        told = [*page.doubts, *([JAPANESE] if "の" in page.text and _kana(page.text) > 0.1 else [])]
        problems += [(name + own, problem, remedy, "doubt") for problem, remedy in told]
        if page.part not in bare:
            yield {
                "doc_id": Path(name).stem + (f"-{page.part:04d}" if own else ""),
                "file": name + own,
                "whole": name,
                "encoding": page.encoding,
                "raw": page.text,
                "meta": page.meta,
                "main": page.main,
                "sha256": _sha(page.text.strip()) if own else page.sha256,
            }


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _articles(path: Path, layout: Path | None, layouts: Mapping[Path, exports.Layout]) -> list[Page]:
    """The articles of a file, split as its export.yml says; without one, a doubt where it looks like an export."""
    pages = reading.read(path)
    if len(pages) > 1 or pages[0].part or path.suffix.lower() not in exports.SUFFIXES:
        return pages
    return exports.split(pages[0], layouts[layout]) if layout else [exports.suspected(pages[0])]


def with_ids(rows: pd.DataFrame) -> pd.DataFrame:
    """Two files of one name in two folders get their folders into the doc_id."""
    twice = rows["doc_id"].duplicated(keep=False)
    rows.loc[twice, "doc_id"] = [re.sub(r"[/\\]", "_", f.rsplit(".", 1)[0]) for f in rows.loc[twice, "file"]]
    while rows["doc_id"].duplicated().any():  # a number put behind one name may be part of another
        again = rows.groupby("doc_id").cumcount()
        rows["doc_id"] = [d if not n else f"{d}-{n + 1}" for d, n in zip(rows["doc_id"], again, strict=True)]
    return rows


def read_articles(study: Study, rows: list[dict], problems: list) -> pd.DataFrame:
    """articles.csv as strings, one row per file; its mistakes become problem rows."""
    path = study.corpus / "articles.csv"
    about = _read_about(path, problems) if path.is_file() else None
    if about is None:
        return pd.DataFrame({"file": []}, dtype=str)
    known = {row["file"] for row in rows} | {row["whole"] for row in rows}
    about = _with_endings(about, {row["whole"] for row in rows}, problems)
    for name in about.loc[about["file"].duplicated(), "file"]:
        problems.append((name, "listed twice in articles.csv", "The first row counts; remove the other.", "doubt"))
    about = about.drop_duplicates("file")
    fits = np.array([name in known for name in about["file"].tolist()], bool)
    listed = set(about["file"].tolist())
    unlisted = sorted({row["whole"] for row in rows if row["file"] not in listed and row["whole"] not in listed})
    for name in about.loc[~fits, "file"]:
        told = ("but not in the folder", "Add the file or remove the row.")
        if name and (study.corpus / name).is_file():
            told = ("but not read", "See its own row.")
        elif name.rpartition("#")[0] in known:
            told = ("but its file has no article of this number", "Mend the number after #.")
        elif meant := difflib.get_close_matches(name, unlisted, 1, 0.8):
            told = (told[0], f"Is {meant[0]} meant, which no row names? Else add the file or remove the row.")
        problems.append((name, f"listed in articles.csv {told[0]}", told[1], "error"))
    problems += _two_ways(about)
    problems += _gaps(about[fits], [column for column in study.compare or ("outlet_type", "place") if column in about])
    for name in unlisted:
        problems.append((name, "not listed in articles.csv", "Add a row if its place, outlet or year matter.", "note"))
    return about[fits]


def _with_endings(about: pd.DataFrame, wholes: set[str], problems: list) -> pd.DataFrame:
    """Names that a list gives without .txt or .docx, as those of the files that alone can be meant."""
    bare: dict[str, set[str]] = {}
    for name in wholes:
        bare.setdefault(Path(name).with_suffix("").as_posix(), set()).add(name)
    meant = {name: bare.get(name, set()) for name in about["file"].tolist() if name not in wholes}
    found = {name: min(some) for name, some in meant.items() if len(some) == 1}
    if found:
        told = f"{len(found)} file(s) named without ending, taken for {', '.join([*found.values()][:5])}"
        told += " and others" * (len(found) > 5)
        problems.append(("articles.csv", told, "Nothing to do if they are meant.", "note"))
    return about.assign(file=about["file"].replace(found))


def _gaps(about: pd.DataFrame, columns: list[str]) -> Iterator[tuple[str, str, str, str]]:
    """Columns to compare by that say something of some articles only."""
    whole = about[~about["file"].str.contains(r"#\d+$")]  # an article of many takes what the row of its file says
    for column in columns:
        empty = int(whole[column].eq("").sum())
        if 0 < empty < len(whole):
            told = f"column {column!r} is empty in {empty} of {len(whole)} rows"
            remedy = "Fill in what is known: without it an article enters no comparison by it. Merged cells keep only the first."
            yield "articles.csv", told, remedy, "doubt"


def _two_ways(about: pd.DataFrame) -> Iterator[tuple[str, str, str, str]]:
    """What would make two groups of one place or outlet: its name in Simplified and in Traditional script."""
    for column in about.columns.intersection(GROUPING):
        ways: dict[str, list[str]] = {}
        for name in about[column].drop_duplicates().tolist():
            ways.setdefault(glyphs.simplified(name), []).append(name)
        for several in (some for some in ways.values() if len(some) > 1):
            told = f"column {column!r} has {' and '.join(several)}, which count as different"
            yield "articles.csv", told, "Write it one way if it is one.", "doubt"


def read_table(path: Path, problems: list) -> pd.DataFrame | None:
    """A table beside the articles; None, and a problem row, where it is no table."""
    try:
        return tables.from_spreadsheet(path)
    except CorpusError as error:  # the articles can still be read
        problem, _, remedy = str(error).removeprefix(f"{path.name}: ").partition("; ")
        problems.append((path.name, problem, remedy[:1].upper() + remedy[1:], "error"))
        return None


def file_names(column: pd.Series) -> pd.Series:
    """Names of files as written on Windows or from a folder on, as they are here."""
    return column.str.replace("\\", "/").str.removeprefix("./")


def _read_about(path: Path, problems: list) -> pd.DataFrame | None:
    """articles.csv, its known columns under their English names; None where it cannot be used."""
    about = read_table(path, problems)
    if about is None:
        return None
    about.columns = _named(list(about.columns), problems)
    if "file" not in about.columns:
        told = f"has no column 'file'; its columns are {', '.join(about.columns)}"
        problems.append(("articles.csv", told, "Add a column 'file' with each article's file name.", "error"))
        return None
    return about.assign(file=file_names(about["file"]))


def _named(columns: list[str], problems: list) -> list[str]:
    """Columns under the names used here, Chinese headings too; one that looks like a slip is reported, not changed."""
    own = ("file", "title", "date", "year", "place", "publisher", "outlet_type", "genre")
    said = {column: column for column in columns}
    found = {**metadata.chosen(said, "table"), **metadata.chosen(said, "articles")}
    names = {column: key for key, column in found.items() if key in own and key not in columns}
    for column in columns:
        like = difflib.get_close_matches(column.lower(), own, 1, 0.8)
        if like and column not in own and column not in names and like[0] not in (*columns, *names.values()):
            told = f"column {column!r} is carried along as it is; is {like[0]!r} meant?"
            problems.append(("articles.csv", told, "Mend the heading if so.", "doubt"))
    return [names.get(column, column) for column in columns]


def joined(rows: pd.DataFrame, about: pd.DataFrame, problems: list) -> pd.DataFrame:
    """What articles.csv says of the article, then of its file, then what the page says."""
    columns = [name for name in about if name != "file"]
    said: dict[str, dict[str, str]] = {row["file"]: row for row in about.to_dict("records")}
    docs = []
    for row in rows.to_dict("records"):
        own, shared = (said.get(row[name], {}) for name in ("file", "whole"))
        docs.append(_stated(row, {name: own.get(name) or shared.get(name, "") for name in columns}, problems))
    more = dict.fromkeys((*columns, *(name for doc in docs for name in doc)))
    columns = [*DOCS, *(name for name in more if name not in DOCS)]
    table = {name: [doc.get(name) for doc in docs] for name in columns}
    table["year"] = pd.array(table["year"], dtype="Int64")
    return pd.DataFrame(table).fillna(dict.fromkeys(columns[len(DOCS) :], ""))


def _stated(row: dict, told: dict[str, str], problems: list) -> dict:
    """A row of docs: what is `told` in articles.csv before what the file says; a date or year that is none is reported."""
    meta, raw = {key: str(value) for key, value in row["meta"].items()}, row["raw"].strip()
    date, year, basis = metadata.dated(told.get("date", ""), told.get("year", ""), meta, raw, row["file"])
    for where, given in (("articles.csv", told.get("date")), ("the file", meta.get("date"))):
        if given and not metadata.iso(given) and not metadata.year(given.strip()):  # 2022-04 says a year
            fault = f"date {given[:40]!r} in {where} is no ISO date"
            problems.append((row["file"], fault, "Write it as 2022-04-16.", "doubt"))
    if told.get("year") and not metadata.year(told["year"]):
        fault = f"year {told['year']!r} in articles.csv is no year"
        problems.append((row["file"], fault, "Write it as 2022.", "doubt"))
    found = meta | {"publisher": meta.get("publisher") or metadata.source(raw) or meta.get("site", "")}
    more = {key: told.get(key) or meta[key] for key in meta if key not in (*DOCS, "site")}
    more |= {key: value for key, value in told.items() if value and key not in DOCS}
    return (
        {key: row[key] for key in ("doc_id", "file", "encoding", "sha256", "raw", "main")}
        | {key: told.get(key) or found.get(key, "") for key in STATED}
        | {"date": date, "year": year, "date_basis": basis, "script": script(raw)}
        | more
    )


@cache
def _script_signs() -> NDArray[np.uint8]:
    """By code point, 1 for the common characters used only in Simplified, 2 for those used only in Traditional."""
    signs = np.zeros(0x110000, np.uint8)
    for sign, one in enumerate(("hans", "hant"), 1):
        signs[code_points("".join(lexicon.words("script_signs", "characters", script=one)))] = sign
    return signs


def script(text: str) -> str:
    """hans, hant or mixed, by characters that belong to one script only.

    >>> script("防控疫情"), script("防疫準備工作")
    ('hans', 'hant')
    """
    n = np.bincount(_script_signs().take(code_points(text)), minlength=3)[1:].tolist()
    if min(n) > 0.05 * sum(n) and sum(n) > 20:
        return "mixed"
    return "hant" if n[1] > n[0] else "hans"
