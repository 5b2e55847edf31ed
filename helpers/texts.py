"""From a folder of files to `docs` (one row per article) and `problems` (one row per file not read, or read with doubt).

`articles.csv` in the folder may say what is known of each file (column `file` joins; any other columns are carried along).
What it does not say is read from the page itself, and `date_basis` tells which of the two it was.
"""

import fnmatch
import hashlib
import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pandas as pd

from helpers import reading
from helpers.study import CorpusError, Study

DOCS = [
    "doc_id",
    "file",
    "title",
    "date",
    "year",
    "place",
    "publisher",
    "outlet_type",
    "genre",
    "script",
    "encoding",
    "date_basis",
    "sha256",
    "raw",
    "main",
]
PROBLEMS = ["file", "problem", "remedy", "severity"]
NOT_ARTICLES = (
    "articles.csv",
    "study.toml",
    "terms.txt",
    "overrides.csv",
    "readme*",
    "licen[cs]e*",
    ".*",
    "~$*",
    "thumbs.db",
)

DAY = r"(20\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})"
PUBLISHED = re.compile(r"(?:发布时间|发布日期|发表时间|时间|日期|发布于|發佈時間|發布時間|時間|日期)\s*[:：]?\s*" + DAY)
ANY_DAY = re.compile(DAY)
FILE_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)")
YEAR_MONTH = re.compile(r"(?<!\d)(20[0-4]\d)\s*年\s*\d{1,2}\s*月")
YEAR = re.compile(r"(?<!\d)(20[0-4]\d)\s*年")
SOURCE = re.compile(r"(?:来源|來源|稿源|信息来源)\s*[:：丨｜|]\s*([^\s|｜丨,，;；。【\[（(]{2,24})")
FILE_DAY = re.compile(r"(?<!\d)(20[0-4]\d)[-_]?(0[1-9]|1[0-2])[-_]?(0[1-9]|[12]\d|3[01])(?!\d)")


def load(study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`docs` and `problems` of the study's corpus folder.

    docs: doc_id (file stem), file, title, date (ISO or ""), year (Int64), place, publisher, outlet_type, genre, script
    (hans/hant/mixed), encoding, date_basis, sha256 (of the bytes), raw (the text as found),
    main (line numbers of the article where the page holds more, else None), then the other columns of articles.csv.
    problems: file, problem, remedy, severity (error: not read; doubt: read, look at it; note: for your information).
    Errors: CorpusError where there is no folder or no article in it; bad files never stop the reading.
    """
    if not study.corpus.exists():
        raise CorpusError(f"{study.corpus}: there is no such folder. Check the path after --corpus.")
    if not study.corpus.is_dir():
        raise CorpusError(f"{study.corpus} is a file, not a folder: put it into a folder and name that after --corpus.")
    problems: list[tuple] = []
    rows = [row for path in _files(study, problems) for row in _read_file(study, path, problems)]
    about = _read_articles(study, {row["file"] for row in rows}, problems)
    if not rows:
        why = f" {len(problems)} file(s) could not be read (tables/problems.csv)." if problems else ""
        raise CorpusError(
            f"{study.corpus} holds no article that can be read: put txt, md, html, docx or pdf files there.{why}"
        )
    docs = _joined(_with_ids(pd.DataFrame(rows)), about, problems)
    for twin in docs.loc[docs.duplicated("sha256", keep=False)].groupby("sha256")["file"].apply(list):
        problems += [
            (file, f"same content as {twin[0]}", "Counted once in the statistics; remove it if it is a slip.", "note")
            for file in twin[1:]
        ]
    return docs, pd.DataFrame(problems, columns=PROBLEMS).drop_duplicates().reset_index(drop=True)


def _files(study: Study, problems: list) -> Iterator[Path]:
    """Files of the folder in a fixed order; links that lead out of it and what the study ignores are left out."""
    for path in sorted(study.corpus.rglob("*"), key=lambda p: p.relative_to(study.corpus).as_posix()):
        name = path.relative_to(study.corpus).as_posix()
        if path.is_dir() and not path.is_symlink():
            if path.suffix.lower() in reading.READERS:
                problems.append(
                    (name, "a folder with the name of a file", "Nothing to do if it is meant as a folder.", "note")
                )
            continue
        if any(fnmatch.fnmatch(part.lower(), p) for part in Path(name).parts for p in NOT_ARTICLES):
            continue
        if any(fnmatch.fnmatch(name, p) or fnmatch.fnmatch(name, f"{p.rstrip('/')}/*") for p in study.ignore):
            continue
        if not path.resolve().is_relative_to(study.corpus):
            problems.append(
                (name, "a link that leads out of the folder", "Copy the file itself into the folder.", "error")
            )
            continue
        yield path


def _read_file(study: Study, path: Path, problems: list) -> Iterator[dict]:
    """The rows of one file; what goes wrong becomes a problem row."""
    name = path.relative_to(study.corpus).as_posix()
    try:
        pages = reading.read(path)
    except CorpusError as error:
        problem, _, remedy = str(error).partition("|")
        problems.append((name, problem, remedy, "error"))
        return
    for number, page in enumerate(pages, 1):
        problems += [(name, problem, remedy, "doubt") for problem, remedy in page.doubts]
        own = "" if len(pages) == 1 else f"-{number:04d}"
        yield {
            "doc_id": path.stem + own,
            "file": name,
            "encoding": page.encoding,
            "raw": page.text,
            "meta": page.meta,
            "main": page.main,
            "sha256": page.sha256 if not own else hashlib.sha256(page.text.encode("utf-8", "replace")).hexdigest(),
        }


def _with_ids(rows: pd.DataFrame) -> pd.DataFrame:
    """Two files of one name in two folders get their folders into the doc_id."""
    twice = rows["doc_id"].duplicated(keep=False)
    rows.loc[twice, "doc_id"] = [re.sub(r"[/\\]", "_", f.rsplit(".", 1)[0]) for f in rows.loc[twice, "file"]]
    again = rows.groupby("doc_id").cumcount()
    rows["doc_id"] = [d if not n else f"{d}-{n + 1}" for d, n in zip(rows["doc_id"], again, strict=True)]
    return rows


def _read_articles(study: Study, files: set[str], problems: list) -> pd.DataFrame:
    """articles.csv as strings, one row per file; its mistakes become problem rows."""
    path = study.corpus / "articles.csv"
    empty = pd.DataFrame({"file": []}, dtype=str)
    if not path.is_file():
        return empty
    try:
        about = pd.read_csv(
            io.StringIO(reading.decode(path.read_bytes()).text.lstrip("\ufeff")),
            dtype=str,
            sep=None,
            engine="python",
            keep_default_na=False,
        )
    except Exception as error:  # the csv parser raises many kinds; the articles can still be read
        problems.append(
            (
                "articles.csv",
                f"cannot be read as a table ({type(error).__name__})",
                "Save it as CSV in UTF-8 with a header row.",
                "error",
            )
        )
        return empty
    about.columns = [str(c).strip() for c in about.columns]
    if "file" not in about.columns:
        problems.append(
            ("articles.csv", "has no column 'file'", "Add a column 'file' with each article's file name.", "error")
        )
        return empty
    about = about.fillna("").map(lambda v: str(v).strip())
    about["file"] = about["file"].str.replace("\\", "/").str.removeprefix("./")
    for name in about.loc[about["file"].duplicated(), "file"]:
        problems.append((name, "listed twice in articles.csv", "The first row counts; remove the other.", "doubt"))
    about = about.drop_duplicates("file")
    for name in about.loc[~about["file"].isin(files), "file"]:
        there = (study.corpus / name).is_file() if name else False
        problems.append(
            (
                name,
                "listed in articles.csv but not read" if there else "listed in articles.csv but not in the folder",
                "See its own row." if there else "Add the file or remove the row.",
                "error",
            )
        )
    for name in sorted(files - set(about["file"])):
        problems.append((name, "not listed in articles.csv", "Add a row if its place, outlet or year matter.", "note"))
    return about[about["file"].isin(files)]


def _joined(rows: pd.DataFrame, about: pd.DataFrame, problems: list) -> pd.DataFrame:
    """What articles.csv says, then what the page says; articles.csv goes first."""
    docs = rows.merge(about, on="file", how="left", suffixes=("", "_articles"))
    for column in ("title", "date", "year", "place", "publisher", "outlet_type", "genre"):
        docs[column] = docs[column].fillna("") if column in docs else ""
    own = [_own_metadata(row) for row in docs[["file", "raw", "meta", "date", "year"]].to_dict("records")]
    for row, (given, page) in enumerate(own):
        if docs.at[row, "date"] and not given["date"]:
            problems.append(
                (
                    docs.at[row, "file"],
                    f"date {docs.at[row, 'date']!r} in articles.csv is no ISO date",
                    "Write it as 2022-04-16.",
                    "doubt",
                )
            )
        if docs.at[row, "year"] and given["year"] is pd.NA:
            problems.append(
                (
                    docs.at[row, "file"],
                    f"year {docs.at[row, 'year']!r} in articles.csv is no year",
                    "Write it as 2022.",
                    "doubt",
                )
            )
        for column in ("title", "publisher", "place", "outlet_type"):
            docs.at[row, column] = docs.at[row, column] or page.get(column, "")
    docs["date"] = [given["date"] for given, _ in own]
    docs["year"] = pd.array([given["year"] for given, _ in own], dtype="Int64")
    docs["date_basis"] = [given["basis"] for given, _ in own]
    docs["script"] = [script(text) for text in docs["raw"]]
    extra = [c for c in docs.columns if c not in DOCS and c not in ("meta",) and not c.endswith("_articles")]
    return docs[DOCS + extra]


def _own_metadata(row: dict) -> tuple[dict, dict]:
    """Date and year with their basis, and what the page says of itself."""
    page = {k: str(v) for k, v in (row["meta"] or {}).items()}
    head, tail = row["raw"][:600], row["raw"][-300:]
    if source := SOURCE.search(head):
        page.setdefault("publisher", source.group(1))
    stated = PUBLISHED.search(head) or PUBLISHED.search(tail) or _line_of_date(head)
    options = [
        ("articles.csv", iso(row["date"])),
        ("export", iso(page.get("date", "")[:10])),
        ("page", _iso(stated)),
        ("file name", _iso(FILE_DAY.search(row["file"]))),
    ]
    basis, date = next(((b, d) for b, d in options if d), ("", ""))
    named = FILE_YEAR.search(row["file"])
    years = [
        ("articles.csv (year)", int(row["year"]) if re.fullmatch(r"(19|20)\d\d", row["year"]) else pd.NA),
        (basis, int(date[:4]) if date else pd.NA),
        ("file name (year)", int(named.group(1)) if named else pd.NA),
        ("text (year)", year_in_text(row["raw"])),
    ]
    year_basis, year = next(((b, y) for b, y in years if y is not pd.NA), ("", pd.NA))
    basis = basis or year_basis
    return {"date": date, "year": year, "basis": basis}, page


def _line_of_date(head: str) -> re.Match | None:
    """A date in a line that is nothing but page furniture: short, without a sentence in it."""
    for line in head.split("\n")[:12]:
        if len(line.strip()) <= 60 and not re.search("[。！？，]", line) and (found := ANY_DAY.search(line)):
            return found
    return None


def _iso(match: re.Match | None) -> str:
    return iso("-".join(match.groups()[:3])) if match else ""


def iso(text: str) -> str:
    """`text` as an ISO date, or "" where it is none.

    >>> iso("2022年4月6日"), iso("2022-02-30")
    ('2022-04-06', '')
    """
    match = re.fullmatch(DAY + r"日?.{0,16}", text.strip())
    if not match:
        return ""
    try:
        return pd.Timestamp(*map(int, match.groups()[:3])).date().isoformat()
    except ValueError:
        return ""


def year_in_text(text: str):
    """The latest year a text names with a month, else the year it names most often, or NA: never the clock's.

    A report on an outbreak looks back (2003年) more often than it looks ahead.

    >>> year_in_text("2003年有过教训。2020年2月4日，新区复工。")
    2020
    """
    if dated := [int(y) for y in YEAR_MONTH.findall(text)]:
        return max(dated)
    years = [int(y) for y in YEAR.findall(text)]
    return max(sorted(set(years), reverse=True), key=years.count) if years else pd.NA


@cache
def _script_signs() -> tuple[frozenset[str], frozenset[str]]:
    """Characters used only in Simplified, and only in Traditional, among the common ones."""
    import opencc

    common = "".join(sorted(reading._common() - set("\n")))
    simple, traditional = opencc.OpenCC("t2s").convert(common), opencc.OpenCC("s2t").convert(common)
    return (
        frozenset(c for c, t in zip(common, traditional, strict=True) if c != t),
        frozenset(c for c, s in zip(common, simple, strict=True) if c != s),
    )


def script(text: str) -> str:
    """hans, hant or mixed, by characters that belong to one script only.

    >>> script("防控疫情"), script("防疫準備工作")
    ('hans', 'hant')
    """
    simple, traditional = _script_signs()
    n = [sum(c in signs for c in text) for signs in (simple, traditional)]
    if min(n) > 0.05 * sum(n) and sum(n) > 20:
        return "mixed"
    return "hant" if n[1] > n[0] else "hans"
