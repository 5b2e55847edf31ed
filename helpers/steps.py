"""The by-document steps from raw files to tables: pure functions of some articles, and what each of them rests on.

A step sees the articles of one part and nothing else, so any process may do any part, and a part is made again only when
its own articles, the code, or a lexicon table of the step has changed.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import parts
from helpers.recipes import digest
from helpers.study import BODY, Study

Tables = dict[str, pd.DataFrame]
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
SAID = ("speech", "document")  # voices of a sentence beside the narrator's
SPAN = ["doc_id", "paragraph", "start", "end"]
PAGES = ["doc_id", "file", "whole", "encoding", "raw", "meta", "main", "sha256", "digest"]


# ---- reading ----------------------------------------------------------------------------------------------------------


def read_files(study: Study, layouts: Mapping, paths: Sequence[Path]) -> Tables:
    """pages: one row per article as found in its file, with a digest of all that is known of it; unread: what went wrong."""
    from helpers import texts

    rows, problems = found_in(study, layouts, paths)
    return {"pages": pd.DataFrame(rows, columns=PAGES), "unread": pd.DataFrame(problems, columns=texts.PROBLEMS)}


def found_in(
    study: Study, layouts: Mapping, paths: Sequence[Path], store: bool = True
) -> tuple[list[dict], list[tuple]]:
    """The rows of pages and unread. Without a `store`, which compares digests, they are not made."""
    from helpers import texts

    problems: list[tuple] = []
    rows = [row for path in paths for row in texts.read_file(study, path, layouts, problems)]
    for row in rows:
        row["meta"] = json.dumps({key: str(value) for key, value in row["meta"].items()})
        row["main"] = None if row["main"] is None else sorted(row["main"])
        row["digest"] = digest(repr(row)) if store else ""
    return rows, problems


def describe(pages: pd.DataFrame, about: pd.DataFrame, overrides: pd.DataFrame | None, store: bool = True) -> Tables:
    """docs (with `content`, a digest of all that the tables of an article are made from), doubts, lines, paragraphs.

    Without a `store`, which keeps them, there is no content and lines has no rows.
    """
    from helpers import cleaning, texts

    pages["meta"] = [json.loads(meta) for meta in pages["meta"]]
    pages["main"] = pd.Series([None if m is None else frozenset(m.tolist()) for m in pages["main"]], dtype=object)
    problems: list[tuple] = []
    docs = texts.joined(pages, about, problems)
    if store:
        docs["content"] = _contents(docs, overrides)
    problems += [] if overrides is None or overrides.empty else cleaning.idle(docs, overrides)
    lines, paragraphs = cleaning.clean_docs(docs, overrides, ledger=store)
    shown = paragraphs.loc[paragraphs["zone"] == "title", ["doc_id", "text"]].drop_duplicates("doc_id")
    titles = dict(zip(shown["doc_id"].tolist(), shown["text"].tolist(), strict=True))
    known = zip(docs["doc_id"].tolist(), docs["title"].tolist(), strict=True)
    docs["title"] = [given or titles.get(doc, "") for doc, given in known]
    doubts = pd.DataFrame(problems, columns=texts.PROBLEMS)
    return {"docs": docs.drop(columns="main"), "doubts": doubts, "lines": lines, "paragraphs": paragraphs}


def _contents(docs: pd.DataFrame, overrides: pd.DataFrame | None) -> list[str]:
    """A digest of all that the tables of each article are made from."""
    told = [] if overrides is None else overrides.groupby("file")
    own = {file: some[["line", "zone"]].values.tolist() for file, some in told}
    known = zip(*(docs[c].tolist() for c in ("raw", "title", "date", "year", "main", "file")), strict=True)
    return [digest(repr([*stated, sorted(main or ()), own.get(file, [])])) for *stated, main, file in known]


# ---- sentences and words ----------------------------------------------------------------------------------------------


def split(docs: pd.DataFrame, paragraphs: pd.DataFrame) -> Tables:
    """sentences, each with who speaks in most of it."""
    from helpers import cleaning, speech

    rows = cleaning.sentences(paragraphs, docs)
    quoted = {row: speech.voices(text) for row, text in enumerate(paragraphs["text"].tolist()) if "“" in text}
    said = {row: some for row, spans in quoted.items() if (some := [span for span in spans if span[2] in SAID])}
    row, begin, stop = (rows.pop(name).to_numpy() for name in ("row", "from", "to"))
    voices = np.full(len(rows), "narrator", dtype=object)
    for i in np.flatnonzero(np.isin(row, list(said))).tolist():
        voices[i] = _voice(said[row[i]], begin[i], stop[i])
    return {"sentences": rows.assign(voice=pd.array(voices, dtype="str"))}


def _voice(spans: list[tuple[int, int, str]], start: int, end: int) -> str:
    """Who speaks in most of a sentence: narrator, or one of SAID where its spans cover half; a quoted term changes nothing."""
    said = dict.fromkeys(SAID, 0)
    for a, b, voice in spans:
        said[voice] += max(0, min(b, end) - max(a, start))
    voice = max(said, key=said.get)
    return voice if said[voice] * 2 >= end - start else "narrator"


def measure(docs: pd.DataFrame, paragraphs: pd.DataFrame, sentences: pd.DataFrame) -> Tables:
    """measures, one row per document: its length in several units, and the imprint by which reprints are found."""
    from helpers import sketches

    body, said = (frame[frame["zone"].isin(BODY)] for frame in (paragraphs, sentences))
    text = body_text(docs["doc_id"], paragraphs)
    rows, inside = (some.groupby("doc_id").size().reindex(docs["doc_id"], fill_value=0) for some in (body, said))
    imprints = [sketches.imprint(one) for one in text]
    return {
        "measures": pd.DataFrame(
            {
                "doc_id": docs["doc_id"],
                "content": docs["content"],
                "n_han_raw": [len(HAN.findall(raw)) for raw in docs["raw"]],
                "n_han_clean": [len(HAN.findall(one)) for one in text],
                "n_paragraphs": rows.to_numpy(),
                "n_sentences": inside.to_numpy(),
                "length": [len(one) for one in text],
                "n_imprint": [len(some) for some in imprints],
                "imprint": [some.tobytes() for some in imprints],
            }
        )
    }


def body_text(ids: pd.Series, paragraphs: pd.DataFrame) -> list[str]:
    """The text that counts, of each document."""
    texts: dict[str, list[str]] = {}
    for doc, zone, text in zip(*(paragraphs[c].tolist() for c in ("doc_id", "zone", "text")), strict=True):
        if zone in BODY:
            texts.setdefault(doc, []).append(text)
    return ["".join(texts.get(doc, ())) for doc in ids.tolist()]


def cut(sentences: pd.DataFrame, terms: tuple[str, ...]) -> Tables:
    """tokens, with the lexicon `terms`."""
    from helpers import segment

    return {"tokens": segment.tokens(sentences, terms)}


# ---- facts and frames -------------------------------------------------------------------------------------------------


def extract(docs: pd.DataFrame, paragraphs: pd.DataFrame, lines: pd.DataFrame) -> Tables:
    """dates, quantities, actors, mechanisms, speech: where each stands in the raw file."""
    from helpers import cleaning, facts

    tables = facts.extract(paragraphs, docs)
    spans = {name: tables[name][SPAN] for name in facts.SPANS} | {name: _mentions(tables[name]) for name in facts.NAMES}
    placed, reached = cleaning.to_raw_lines(pd.concat(spans.values()), paragraphs, docs), 0
    for name, rows in spans.items():
        own, reached = placed[reached : reached + len(rows)], reached + len(rows)
        if name in facts.SPANS:
            tables[name] = tables[name].assign(**{part: own[part].array for part in ("start", "end", "line")})
        else:
            tables[name] = _with_lines(tables[name], own["line"].tolist())
    return tables | {"actors": _with_names_under_title(tables["actors"], lines)}


def _with_names_under_title(actors: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """`actors` and the people who sign by a line of names alone, which only the layout of the page tells apart."""
    from helpers import glyphs

    signed = lines.loc[lines["rule"] == "names-under-title", ["doc_id", "line", "text"]]
    rows = [
        (doc, name, "person", "署名", str(line))
        for doc, line, text in zip(*(signed[column].tolist() for column in signed), strict=True)
        for name in re.split(r"[\s、]+", glyphs.normal(text))
    ]
    found = set(zip(actors["doc_id"].tolist(), actors["name"].tolist(), strict=True))
    new = [row for row in rows if row[:2] not in found]
    if not new:
        return actors
    rows = pd.DataFrame(new, columns=["doc_id", "name", "kind", "role", "lines"])
    both = pd.concat([actors, rows], ignore_index=True)
    place = {doc: number for number, doc in enumerate(lines["doc_id"].unique().tolist())}
    order = np.argsort([place[doc] for doc in both["doc_id"].tolist()], kind="stable")
    return both.iloc[order].reset_index(drop=True)


def _mentions(names: pd.DataFrame) -> pd.DataFrame:
    """The spans where `names` are mentioned, one after another."""
    mentions = names["mentions"].tolist()
    spans = np.array([*chain.from_iterable(mentions)], dtype=int).reshape(-1, 3)
    owners = names["doc_id"].array.repeat([*map(len, mentions)])
    return pd.DataFrame(dict(zip(SPAN, (owners, *spans.T), strict=True)))


def _with_lines(names: pd.DataFrame, lines: list[int]) -> pd.DataFrame:
    """`names` with one column `lines` ("3 7 12") for where each is mentioned, or signs; `lines` are those of all mentions."""
    mentions, line = names["mentions"].tolist(), iter(lines)
    signed = names["byline_lines"].tolist() if "byline_lines" in names else [()] * len(names)
    both = [sorted({*islice(line, len(some)), *signs}) for some, signs in zip(mentions, signed, strict=True)]
    shown = pd.array([" ".join(map(str, some)) for some in both], dtype="str")
    return names.drop(columns=["mentions", "byline_lines"], errors="ignore").assign(lines=shown)


def code(paragraphs: pd.DataFrame, codebook: Path) -> Tables:
    """frames, by the codebook of the study, each hit with whose voice it stands in."""
    from helpers import frames, speech

    return {"frames": frames.code(paragraphs, frames.read_codebook(codebook), voices=speech.voices)}


# ---- what each rests on -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A function of some articles; the tables it makes and reads; the modules whose code it runs."""

    make: Callable[..., Tables]
    makes: tuple[str, ...]
    code: tuple[str, ...]
    reads: tuple[str, ...] = ()


FACTS = ("dates", "quantities", "actors", "mechanisms", "speech")
STEPS = {
    "pages": Step(read_files, ("pages", "unread"), ("texts",)),
    "docs": Step(describe, ("docs", "doubts", "lines", "paragraphs"), ("texts", "cleaning")),
    "sentences": Step(split, ("sentences",), ("cleaning", "speech"), ("docs", "paragraphs")),
    "measures": Step(measure, ("measures",), ("sketches",), ("docs", "paragraphs", "sentences")),
    "tokens": Step(cut, ("tokens",), ("segment", "wordlist"), ("sentences",)),
    "facts": Step(extract, FACTS, ("cleaning", "facts", "glyphs"), ("docs", "paragraphs", "lines")),
    "frames": Step(code, ("frames",), ("frames", "speech"), ("paragraphs",)),
}
PUBLISHED = ("lines", "sentences", *FACTS, "frames")  # as CSV, too


@dataclass(frozen=True)
class Task:
    """One part of a step: its name, the parts of other tables that it reads, and what else it is given."""

    key: str
    reads: dict[str, str] = field(default_factory=dict)
    rows: tuple[tuple[str, list[int]], ...] = ()  # of pages, where a part of docs gathers its own
    names: tuple[str, ...] = ()  # doc_ids of these rows
    given: dict = field(default_factory=dict)


def save_part(folder: Path, name: str, task: Task) -> None:
    """Make one part of the step `name` and keep it; what it reads is in the same folder."""
    frames = {table: parts.read(folder, table, [key]) for table, key in task.reads.items()}
    if task.rows:
        some = [parts.read(folder, "pages", [key]).iloc[rows] for key, rows in task.rows]
        frames["pages"] = pd.concat(some, ignore_index=True).assign(doc_id=task.names)
    for table, frame in STEPS[name].make(**frames, **task.given).items():
        parts.save(folder, table, task.key, frame, published=table in PUBLISHED)
