"""From the files of a corpus folder to the parts of docs, reading only the files that are new or changed.

What only the corpus as a whole can tell (names that occur twice, rows of articles.csv that fit no file) is asked of all pages
each time; what a page says is read once.
"""

from pathlib import Path

import pandas as pd

from helpers import exports, files, furniture, layout, parts, recipes, shelf, steps, texts
from helpers.recipes import digest
from helpers.steps import Task
from helpers.study import Study

LIGHT = ["doc_id", "file", "whole", "digest"]  # of a page, what the corpus as a whole must know
OVERRIDES = ["file", "line", "zone"]


def docs(study: Study, rests: dict[str, list[str]]) -> tuple[list[str], list[str], pd.DataFrame]:
    """The parts of docs (and of doubts, lines, paragraphs), for each a digest of what its articles say, and all problems.

    `rests`: what the steps pages and docs rest on beside the corpus. Errors: as `texts.load`.
    """
    problems: list[tuple] = []
    keys, pages = _pages(study, rests["pages"], problems)
    names = [{"file": file, "whole": whole} for file, whole in _rows(pages[["file", "whole"]])]
    about = texts.read_articles(study, names, problems)
    if pages.empty:
        raise files.nothing(study, problems)
    pages = texts.with_ids(pages)
    overrides, faults = read_overrides(study, pages)
    stretches = parts.divide(pages["doc_id"].tolist())
    made = _described(study, keys, pages, stretches, about, overrides, rests["docs"])
    known = parts.read(study.derived, "docs", made, ["doc_id", "file", "sha256", "content"])
    says = [f"{doc}\0{content}" for doc, content in _rows(known[["doc_id", "content"]])]
    contents = [digest(*says[some]) for some in stretches]
    doubts = parts.read(study.derived, "doubts", made)
    parts.prune(study.derived, "doubts", made)
    told = [*_rows(doubts), *texts.twins(known), *_rows(faults)]
    return made, contents, texts.as_problems(problems + told)


def _rows(table: pd.DataFrame) -> list[tuple]:
    return list(zip(*(table[column].tolist() for column in table), strict=True))  # six times as fast as itertuples


def _pages(study: Study, rests: list[str], problems: list[tuple]) -> tuple[list[str], pd.DataFrame]:
    """The parts of pages, and of each page what is LIGHT, with the part and row where it stands."""
    layouts, names = files.listed(study, problems)
    seen = shelf.seen(study)
    layout = [exports.governing(layouts, study.corpus / name) if layouts else None for name in names]
    says = [
        f"{name}\0{(seen.get(name) or _sha(study.corpus / name)).hex()}\0{_sha(own).hex() if own else ''}"
        for name, own in zip(names, layout, strict=True)
    ]
    stretches = parts.divide(names)
    keys = [digest("pages", *rests, *says[some]) for some in stretches]

    def task(i: int) -> Task:
        paths = [study.corpus / name for name in names[stretches[i]]]
        return Task(keys[i], given={"study": study, "layouts": layouts, "paths": paths})

    shelf.make(study, "pages", keys, task)
    for table in steps.STEPS["pages"].makes:
        parts.prune(study.derived, table, keys)
    if not keys:
        return [], pd.DataFrame(columns=LIGHT)
    problems += _rows(parts.read(study.derived, "unread", keys))
    pages = parts.read(study.derived, "pages", keys, LIGHT, number="part")
    return keys, pages.assign(row=pages.groupby("part").cumcount())


def _sha(path: Path) -> bytes:
    """sha256 of a file, or of what a link leads to; of one that cannot be read, what is wrong."""
    try:
        return recipes.content(path)
    except OSError as error:
        return type(error).__name__.encode()


def _described(
    study: Study,
    keys: list[str],
    pages: pd.DataFrame,
    stretches: list[slice],
    about: pd.DataFrame,
    overrides: pd.DataFrame | None,
    rests: list[str],
) -> list[str]:
    """The parts of docs, for each stretch of pages one; it rests on these pages and what articles.csv and overrides.csv say
    of them."""
    told = dict(zip(about["file"].tolist(), _rows(about), strict=True))
    own = {} if overrides is None else {f: g[OVERRIDES].values.tolist() for f, g in overrides.groupby("file")}
    known = zip(*(pages[c].tolist() for c in LIGHT), strict=True)
    says = [repr((*page, told.get(page[1]), told.get(page[2]), own.get(page[1]))) for page in known]
    made = [digest("docs", *rests, repr(list(about.columns)), *says[some]) for some in stretches]

    def task(i: int) -> Task:
        rows = pages.iloc[stretches[i]]
        files = {*rows["file"], *rows["whole"]}
        of_these = [None if table is None else table[table["file"].isin(files)] for table in (about, overrides)]
        places = tuple((keys[part], group["row"].tolist()) for part, group in rows.groupby("part"))
        given = dict(zip(("about", "overrides"), of_these, strict=True))
        return Task(made[i], rows=places, names=tuple(rows["doc_id"].tolist()), given=given)

    shelf.make(study, "docs", made, task)
    return made


def read_overrides(study: Study, docs: pd.DataFrame) -> tuple[pd.DataFrame | None, pd.DataFrame]:
    """overrides.csv (file, line, zone): a person's word on a line; rows that fit nothing become problems."""
    path, unread = study.corpus / "overrides.csv", []
    table = texts.read_table(path, unread) if path.is_file() else None
    if table is None:
        return None, texts.as_problems(unread)
    if not set(OVERRIDES) <= set(table.columns):
        told = ("overrides.csv", "needs the columns file, line, zone", "Add the header row.", "error")
        return None, texts.as_problems([told])
    table["file"] = texts.file_names(table["file"])
    zones = [*layout.KEPT, *sorted({zone for _, zone in furniture.rules().names.values()})]
    fits = table["file"].isin(docs["file"]) & table["line"].str.fullmatch(r"\d+")
    known = table["zone"].isin(zones)
    lost, strange = table.loc[~fits, OVERRIDES], table.loc[fits & ~known, OVERRIDES]
    faults = [
        *((f"row for {f} line {n} fits no article", "Check file and line.", "doubt") for f, n, _ in _rows(lost)),
        *(
            (f"{f} line {n}: there is no zone {z!r}; the row was left out", f"Zones are {', '.join(zones)}.", "error")
            for f, n, z in _rows(strange)
        ),
    ]
    return table[fits & known].astype({"line": int}), texts.as_problems([("overrides.csv", *row) for row in faults])
