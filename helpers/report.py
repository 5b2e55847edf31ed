"""What the researcher mails to a colleague: results/<corpus>/report.html, one page with the design, what was removed, what
each notebook found, every figure with its numbers and sentences, a browser of the sentences, the remarks, and what it all
rests on."""

import json
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pandas as pd

from helpers import (
    __version__,
    captions,
    codebook,
    evidence,
    extracts,
    figures,
    findings,
    report_page,
    store,
    topic_map,
)
from helpers.evidence import read_numbers
from helpers.extracts import Corpus
from helpers.report_page import data_address, embedded, picture
from helpers.study import ROOT, Study

MOST_SENTENCES, MOST_LINES, MOST_ROWS, MOST_ARTICLES, MOST_GROUPS = 20_000, 4_000, 60, 500, 40
LONGEST_LINE = 240  # characters of a removed line: whole scripts can stand on one
LARGEST_CSV = 200_000  # bytes; longer tables of numbers are named, not carried
DESIGN = ("place", "year", "outlet_type")
BLANK, ALL = "not stated 未注明", "articles 篇数"
SECTIONS = {"01": "corpus", "02": "removed"}  # figures of these notebooks stand in a section of their own


def publish(study: Study) -> Path:
    """Write results/<corpus>/report.html from what the run left there; gives its path.

    The same results give the same bytes. Errors: CorpusError where study.toml or the codebook is at fault.
    """
    path = study.folder / "report.html"
    store.save_text(path, render(study))
    return path


def render(study: Study) -> str:
    """The page as `publish` writes it."""
    return report_page.render(_contents(study))


def _contents(study: Study) -> dict:
    articles, lines = store.load(study, "articles"), store.load(study, "lines")
    corpus, text = extracts.load(study, MOST_SENTENCES), articles.map(_plain)
    names = codebook.read_codebook(study.codebook).labels(study.labels)
    coded = {frame: name for frame, name in names.items() if frame in set(corpus.hits["frame"])}
    shown = [_figure(row, corpus, names, study) for row in figures.index(study).to_dict("records")]
    by = store.comparisons(study)
    return {
        "name": study.name,
        "articles": articles,
        "counted": len(store.counted(study)),
        "characters": int(articles["n_han_clean"].sum()),
        "corpus": corpus,
        "design": design(_counted(articles, study), study.compare or DESIGN),
        "listed": text.head(MOST_ARTICLES).to_dict("records"),
        "files": dict(zip(articles["doc_id"], articles["file"], strict=True)),
        "removed": removed(lines, articles),
        "lost": _gone(lines)["doc_id"].nunique(),
        "figures": shown,
        "chapters": list(_chapters(shown, study)),
        "problems": store.load(study, "problems").to_dict("records"),
        "by": by,
        "groups": {column: sorted(filter(None, text[column].unique())) for column in by},
        "frames": coded,
        "sentences": embedded(extracts.searchable(corpus, text, by, list(coded))),
        "beside": _beside(study),
        "provenance": _provenance(study),
        "citation": _citation(study),
        "most": {"lines": MOST_LINES, "rows": MOST_ROWS, "articles": MOST_ARTICLES},
    }


def _beside(study: Study) -> list[tuple[str, str]]:
    """Pages that the run leaves beside this one: address, and what is there."""
    pages = [("changes.html", "What moved since the run before 变动")]
    shelf = sorted((study.folder / "notebooks").glob("[0-9]*.html"))
    pages += [(f"notebooks/{path.name}", _question(path.name[:2])) for path in shelf]
    return [(address, text) for address, text in pages if (study.folder / address).is_file()]


def _counted(articles: pd.DataFrame, study: Study) -> pd.DataFrame:
    return articles[articles["doc_id"].isin(store.counted(study))]


def _plain(value: object) -> str:
    return "" if pd.isna(value) else str(value)


# ---- corpus and cleaning ----------------------------------------------------------------------------------------------


def design(articles: pd.DataFrame, columns: tuple[str, ...]) -> dict:
    """Counts of articles as a cross-table of the first three of `columns` that say something.

    Gives names (the columns; the first, that of most values, makes the rows), heads (for each level of the head its
    values, each with how many columns it spans), rows (value, counts), and left (how many rows are not shown).

    >>> articles = pd.DataFrame({"place": ["青沔市", "浔川县", "青沔市"], "year": [2020, 2020, 2022]})
    >>> table = design(articles, ("place", "year"))
    >>> table["heads"], table["rows"]
    ([[('2020', 1), ('2022', 1)]], [('青沔市', [1, 1]), ('浔川县', [1, 0])])
    """
    known = [c for c in columns if c in articles and articles[c].map(_plain).ne("").any()]
    known = sorted(known[:3], key=lambda c: -articles[c].nunique())
    if not known:
        return {"names": [], "heads": [], "rows": [], "left": 0}
    texts = articles[known].map(_plain).replace("", BLANK).assign(**{ALL: ALL} if len(known) == 1 else {})
    counts = texts.groupby(list(texts.columns)).size().unstack(list(texts.columns[1:]), fill_value=0).sort_index(axis=1)
    often = texts[known[0]].value_counts().index.tolist()
    rows = [(value, counts.loc[value].astype(int).tolist()) for value in often[:MOST_GROUPS]]
    return {"names": known, "heads": _heads(counts.columns), "rows": rows, "left": len(often) - len(rows)}


def _heads(columns: pd.Index) -> list[list[tuple[str, int]]]:
    """The levels of a table's head: values that stand side by side under the same values are one."""
    paths = [value if isinstance(value, tuple) else (value,) for value in columns]
    levels = range(columns.nlevels)
    return [[(path[-1], len(list(same))) for path, same in groupby(p[: level + 1] for p in paths)] for level in levels]


def _gone(lines: pd.DataFrame) -> pd.DataFrame:
    return lines[(lines["action"] == "drop") & (lines["zone"] != "blank")]


def removed(lines: pd.DataFrame, articles: pd.DataFrame) -> list[dict]:
    """For each of the MOST_ARTICLES documents that lost most lines: file, kept (share of its Han characters that are body
    text), rules with the number of lines each dropped, n (lines in all), and the lines (line, zone, rule, text, cut where
    very long), MOST_LINES over all documents."""
    dropped = _gone(lines)
    order = dropped["doc_id"].value_counts(sort=False).sort_values(ascending=False, kind="stable").index[:MOST_ARTICLES]
    own = dict(iter(dropped[dropped["doc_id"].isin(order)].groupby("doc_id", sort=False)))
    about = articles.set_index("doc_id")
    parts, left = [], MOST_LINES
    for doc in order:
        rows, article = own[doc], about.loc[doc]
        parts.append(
            {
                "doc_id": doc,
                "file": article["file"],
                "kept": article["n_han_clean"] / max(article["n_han_raw"], 1),
                "rules": rows["rule"].value_counts(sort=False).to_dict(),
                "n": len(rows),
                "lines": [_dropped(row) for row in rows.head(max(left, 0)).to_dict("records")],
            }
        )
        left -= len(rows)
    return parts


def _dropped(row: dict) -> dict:
    text = row["text"]
    if len(text) > LONGEST_LINE:
        text = f"{text[:LONGEST_LINE]} … ({len(text):,} characters)"
    return {"line": row["line"], "zone": row["zone"], "rule": row["rule"], "text": text}


# ---- figures ----------------------------------------------------------------------------------------------------------


def _figure(row: dict, corpus: Corpus, names: dict[str, str], study: Study) -> dict:
    slug = row["slug"]
    path = study.figures / f"{slug}.csv"
    numbers, data = read_numbers(path), path.read_bytes()
    address, width, height = picture(path)
    columns, said = list(numbers.columns), figures.caption(study, slug)
    rests = {"rows": len(numbers), "columns": ", ".join(columns[:6]) + (" …" if len(columns) > 6 else "")}
    return {
        **row,
        "captions": said,
        "picture": address,
        "width": width,
        "height": height,
        "alt": f"{captions.told(slug, said)} {captions.line('numbers', captions.spoken(said), **rests)}",
        "columns": columns,
        "numeric": [pd.to_numeric(numbers[c].replace("", None), errors="coerce").notna().any() for c in columns],
        "cells": [
            [_cell(column, value) for column, value in zip(columns, values, strict=True)]
            for values in numbers.head(MOST_ROWS).itertuples(index=False, name=None)
        ],
        "csv": data_address(data, "text/csv;charset=utf-8") if len(data) <= LARGEST_CSV else "",
        "more": topic_map.fragment(numbers),
        "behind": evidence.behind(slug, numbers, corpus, names, study),
        "citation": figures.citation(study, slug),
    }


def _cell(column: str, value: str) -> tuple[str, str]:
    """What a cell says, and what the browser of sentences looks for when it is followed (JSON), or ""."""
    key = {"term": "q", "word": "q", "a": "q", "b": "q", "doc_id": "doc", "document": "doc"}.get(column)
    key = key or ("frame" if column.startswith("frame") else "")
    return value, json.dumps({key: value}, ensure_ascii=False) if key and value else ""


def _chapters(shown: list[dict], study: Study) -> Iterator[dict]:
    """The figures by notebook: key (of its section), question (its title), figures, and what it found."""
    slugs = [figure["slug"] for figure in shown]
    for number in dict.fromkeys(slug[3:5] for slug in slugs):
        own = [figure for figure in shown if figure["slug"][3:5] == number]
        ran = next((study.folder / "notebooks").glob(f"{number}-*.ipynb"), Path())
        key = SECTIONS.get(number, f"part-{number}")
        yield {"key": key, "question": _question(number), "figures": own, **findings.read(ran, slugs)}


def _question(number: str) -> str:
    """What a notebook asks: the title it begins with."""
    for path in sorted((ROOT / "notebooks").glob(f"{number}-*.ipynb")):
        first = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
        if title := re.match(r"# (.+)", first):
            return title[1].strip()
    return f"Figures {int(number)}"


# ---- provenance -------------------------------------------------------------------------------------------------------


def _provenance(study: Study) -> dict:
    """What the numbers rest on: things (name, value), choices and packages, from the manifest where the run has written it."""
    path = study.folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    book = codebook.read_codebook(study.codebook)
    things = [
        ("corpus 语料", study.name),
        ("fingerprint of the corpus 语料指纹 (sha256)", store.fingerprint(study)),
        ("lexicons 词表 (sha256)", store.lexicon_fingerprint()),
        ("codebook 编码表", f"{book.id} {book.version} (sha256 {book.hash})"),
        ("code 代码", f"{__version__} (sha256 {store.code_fingerprint()})"),
    ]
    choices = manifest.get("choices") or study.choices
    said = {
        key: ", ".join(map(str, value)) if isinstance(value, list | tuple) else value for key, value in choices.items()
    }
    return {"things": things, "choices": said, "packages": manifest.get("packages", {})}


def _citation(study: Study) -> str:
    return (
        f"Report on the corpus {study.name} [sha256 {store.fingerprint(study)[:12]}], Notebooks on Chinese "
        f"epidemic-control narratives {__version__} [lexicon {store.lexicon_fingerprint()[:12]}]"
    )
