"""The chain from raw files to derived tables, each made once: `load(study, "sentences")` reads what is there or makes it.

What is there counts only while corpus, lexicon and code are the ones it was made from; files are written whole or not at all.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd

from helpers.study import LEXICON, ROOT, CorpusError, Study

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
TABLES = {  # where the columns of design come first, in this order
    "articles": [
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
        "n_han_raw",
        "n_han_clean",
        "n_paragraphs",
        "n_sentences",
        "duplicate_of",
        "sha256",
    ],
    "lines": ["doc_id", "line", "action", "zone", "continues", "rule", "text"],
    "sentences": ["doc_id", "paragraph", "sentence", "zone", "voice", "text", "line", "start", "end"],
    "quantities": ["doc_id", "line", "start", "end", "surface", "value", "unit", "counted", "approx"],
    "dates": ["doc_id", "line", "start", "end", "surface", "iso", "granularity", "basis"],
    "actors": ["doc_id", "name", "kind", "role", "lines"],
    "mechanisms": ["doc_id", "name", "kind", "lines"],
    "speech": ["doc_id", "line", "start", "end", "speaker", "attribution", "kind"],
    "frames": ["doc_id", "paragraph", "line", "zone", "frame", "term", "start", "end", "negated", "voice"],
}


# ---- fingerprints -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=200_000)
def _digest(path: Path, changed: int, size: int) -> bytes:
    """sha256 of a file that has not changed since it was last looked at."""
    return hashlib.sha256(path.read_bytes()).digest()


def _sha(paths: list[Path], base: Path) -> str:
    total = hashlib.sha256()
    for path in paths:
        stat = path.stat()
        total.update(
            path.relative_to(base).as_posix().encode("utf-8", "surrogateescape")
            + b"\0"
            + _digest(path, stat.st_mtime_ns, stat.st_size)
        )
    return total.hexdigest()


def fingerprint(study: Study) -> str:
    """sha256 over every readable file of the corpus folder: the name of exactly this corpus."""
    return _sha(
        [p for p in sorted(study.corpus.rglob("*")) if p.is_file() and not p.is_symlink() and os.access(p, os.R_OK)],
        study.corpus,
    )


@cache
def lexicon_fingerprint() -> str:
    return _sha(sorted(p for p in LEXICON.rglob("*") if p.is_file()), LEXICON)


@cache
def code_fingerprint() -> str:
    return _sha(sorted((ROOT / "helpers").glob("*.py")), ROOT)


def _key(study: Study) -> str:
    parts = [
        fingerprint(study),
        lexicon_fingerprint(),
        code_fingerprint(),
        json.dumps(study.choices, default=list, sort_keys=True),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


# ---- writing ----------------------------------------------------------------------------------------------------------


def save_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8", newline="\n")
    os.replace(part, path)


def harmless(value):
    """A cell that a spreadsheet would take for a formula, as text.

    >>> harmless("=1+1"), harmless("——每日调度"), harmless(3)
    ("'=1+1", '——每日调度', 3)
    """
    return "'" + value if isinstance(value, str) and re.match(r"[=+@\t\r]|-[A-Za-z(=+@]", value) else value


def digits(value: float) -> str:
    """A number as a table shows it: whole numbers whole, others to six digits.

    >>> digits(14562550.0), digits(0.12345678)
    ('14562550', '0.123457')
    """
    if value.is_integer() and abs(value) < 1e15:
        return f"{value:.0f}"
    return f"{value:.6g}" if abs(value) < 1e5 else f"{value:.12g}"


def save(study: Study, frame: pd.DataFrame, name: str) -> None:
    """tables/<name>.csv, contract columns first; formulas made harmless."""
    first = [c for c in TABLES.get(name, []) if c in frame]
    frame = frame[first + [c for c in frame.columns if c not in first]].copy()
    for column in frame.columns:
        if isinstance(frame[column].dtype, pd.CategoricalDtype):
            frame[column] = frame[column].astype(object)
        if not pd.api.types.is_numeric_dtype(frame[column]):
            frame[column] = frame[column].map(harmless)
    save_text(study.tables / f"{name}.csv", frame.to_csv(index=False, float_format=digits, lineterminator="\n"))


def _save_derived(study: Study, frame: pd.DataFrame, name: str, key: str) -> None:
    study.derived.mkdir(parents=True, exist_ok=True)
    path = study.derived / f"{name}.parquet"
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    frame.attrs = {}
    frame.to_parquet(part, index=False, compression="zstd")
    os.replace(part, path)
    save_text(study.derived / f"{name}.key", key)


# ---- the chain --------------------------------------------------------------------------------------------------------


def _docs(study: Study) -> dict[str, pd.DataFrame]:
    from helpers import cleaning, texts

    docs, problems = texts.load(study)
    overrides, faults = _read_overrides(study, docs)
    problems = pd.concat([problems, faults], ignore_index=True)
    lines, paragraphs = cleaning.clean_docs(docs, overrides)
    titles = paragraphs[paragraphs["zone"] == "title"].groupby("doc_id")["text"].first()
    docs["title"] = [given or titles.get(d, "") for d, given in zip(docs["doc_id"], docs["title"], strict=True)]
    return {"docs": docs.drop(columns="main"), "problems": problems, "lines": lines, "paragraphs": paragraphs}


def _read_overrides(study: Study, docs: pd.DataFrame) -> tuple[pd.DataFrame | None, pd.DataFrame]:
    """overrides.csv (file, line, zone): a person's word on a line; rows that fit nothing become problems."""
    from helpers.texts import PROBLEMS

    path = study.corpus / "overrides.csv"
    if not path.is_file():
        return None, pd.DataFrame(columns=PROBLEMS)
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    if not {"file", "line", "zone"} <= set(table.columns):
        return None, pd.DataFrame(
            [("overrides.csv", "needs the columns file, line, zone", "Add the header row.", "error")], columns=PROBLEMS
        )
    good = table["file"].isin(docs["file"]) & table["line"].str.fullmatch(r"\d+")
    faults = [
        ("overrides.csv", f"row for {f} line {n} fits no article", "Check file and line.", "doubt")
        for f, n in table.loc[~good, ["file", "line"]].itertuples(index=False)
    ]
    return table[good].astype({"line": int}), pd.DataFrame(faults, columns=PROBLEMS)


def _sentences(study: Study) -> dict[str, pd.DataFrame]:
    from helpers import cleaning, duplicates, speech

    docs, paragraphs = load(study, "docs"), load(study, "paragraphs")
    sentences = cleaning.sentences(paragraphs, docs)
    voices = {(p.doc_id, p.paragraph): speech.voices(p.text) for p in paragraphs.itertuples(index=False)}
    sentences["voice"] = [
        _voice(voices[d, p], a, b)
        for d, p, a, b in sentences[["doc_id", "paragraph", "from", "to"]].itertuples(index=False)
    ]
    body = paragraphs[paragraphs["zone"].isin(["body", "list"])]
    text = body.groupby("doc_id")["text"].agg("".join).reindex(docs["doc_id"]).fillna("")
    articles = docs.drop(columns="raw").assign(
        n_han_raw=[len(HAN.findall(t)) for t in docs["raw"]],
        n_han_clean=[len(HAN.findall(t)) for t in text],
        n_paragraphs=body.groupby("doc_id").size().reindex(docs["doc_id"]).fillna(0).astype(int).to_numpy(),
        n_sentences=sentences[sentences["zone"].isin(["body", "list"])]
        .groupby("doc_id")
        .size()
        .reindex(docs["doc_id"])
        .fillna(0)
        .astype(int)
        .to_numpy(),
        duplicate_of=duplicates.originals(docs, text.reset_index(drop=True)),
    )
    return {"sentences": sentences.drop(columns=["from", "to"]), "articles": articles}


def _voice(spans: list[tuple[int, int, str]], start: int, end: int) -> str:
    """Who speaks in most of a sentence: narrator, speech or document; a quoted term changes nothing."""
    said = {"speech": 0, "document": 0}
    for a, b, voice in spans:
        if voice in said:
            said[voice] += max(0, min(b, end) - max(a, start))
    voice = max(said, key=said.get)
    return voice if said[voice] * 2 >= end - start else "narrator"


def _tokens(study: Study) -> dict[str, pd.DataFrame]:
    from helpers import segment

    own = segment.read_terms(study.corpus / "terms.txt")
    return {"tokens": segment.tokens(load(study, "sentences"), segment.shipped() + own if own else None)}


def _facts(study: Study) -> dict[str, pd.DataFrame]:
    from helpers import cleaning, facts

    docs, paragraphs = load(study, "docs"), load(study, "paragraphs")
    tables = facts.extract(paragraphs, docs)
    for name in ("dates", "quantities", "speech"):
        tables[name] = cleaning.to_raw_lines(tables[name], paragraphs, docs)
    for name in ("actors", "mechanisms"):
        tables[name] = _with_lines(tables[name], paragraphs, docs)
    tables["actors"] = _with_names_under_title(tables["actors"], load(study, "lines"))
    return tables


def _with_names_under_title(actors: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """`actors` and the people who sign by a line of names alone, which only the layout of the page tells apart."""
    from helpers import glyphs

    signed = lines[lines["rule"] == "names-under-title"]
    rows = [
        (row.doc_id, name, "person", "署名", str(row.line))
        for row in signed.itertuples(index=False)
        for name in re.split(r"[\s、]+", glyphs.normal(row.text))
    ]
    found = set(zip(actors["doc_id"], actors["name"], strict=True))
    new = pd.DataFrame(
        [row for row in rows if row[:2] not in found], columns=["doc_id", "name", "kind", "role", "lines"]
    )
    return pd.concat([actors, new], ignore_index=True).reindex(columns=actors.columns) if len(new) else actors


def _with_lines(names: pd.DataFrame, paragraphs: pd.DataFrame, docs: pd.DataFrame) -> pd.DataFrame:
    """`names` with one column `lines` ("3 7 12") for where each is mentioned, or signs."""
    from helpers import cleaning

    spots = names["mentions"].explode().dropna()
    spans = pd.DataFrame(spots.tolist(), columns=["paragraph", "start", "end"], index=spots.index)
    placed = cleaning.to_raw_lines(spans.assign(doc_id=names["doc_id"]), paragraphs, docs)
    lines = placed.groupby(level=0)["line"].agg(set).reindex(names.index)
    signed = names["byline_lines"] if "byline_lines" in names else pd.Series([[]] * len(names), index=names.index)
    both = [sorted((a if isinstance(a, set) else set()) | set(b)) for a, b in zip(lines, signed, strict=True)]
    return names.drop(columns=["mentions", "byline_lines"], errors="ignore").assign(
        lines=[" ".join(map(str, some)) for some in both]
    )


def _frames(study: Study) -> dict[str, pd.DataFrame]:
    from helpers import frames, speech

    codebook = frames.read_codebook(LEXICON / "codebook.yml")
    return {"frames": frames.code(load(study, "paragraphs"), codebook, voices=speech.voices)}


STEPS: dict[str, Callable[[Study], dict[str, pd.DataFrame]]] = {
    **dict.fromkeys(("docs", "problems", "lines", "paragraphs"), _docs),
    **dict.fromkeys(("sentences", "articles"), _sentences),
    "tokens": _tokens,
    **dict.fromkeys(("dates", "quantities", "actors", "mechanisms", "speech"), _facts),
    "frames": _frames,
}
PUBLISHED = (
    "articles",
    "problems",
    "lines",
    "sentences",
    "dates",
    "quantities",
    "actors",
    "mechanisms",
    "speech",
    "frames",
)


def load(study: Study, name: str) -> pd.DataFrame:
    """The derived table `name` (a key of STEPS), from the store where it is up to date, else made now and kept.

    The tables of the contract are written as CSV at the same time.
    """
    key = _key(study)
    path = study.derived / f"{name}.parquet"
    stamp = study.derived / f"{name}.key"
    if path.is_file() and stamp.is_file() and stamp.read_text(encoding="utf-8") == key:
        return pd.read_parquet(path)
    for made, frame in STEPS[name](study).items():
        _save_derived(study, frame, made, key)
        if made in PUBLISHED:
            save(study, frame, made)
    return pd.read_parquet(path)


def counted(study: Study) -> list[str]:
    """The documents that enter the statistics: one of each cluster of reprints, or all where the study says so."""
    articles = load(study, "articles")
    return articles.loc[(articles["duplicate_of"] == "") | (study.duplicates == "all"), "doc_id"].tolist()


def comparisons(study: Study) -> list[str]:
    """Columns to compare by: those the study names, else year, outlet_type and place, each where it has 2 to 12 values."""
    articles = load(study, "articles")
    articles = articles[articles["doc_id"].isin(counted(study))]
    if missing := [column for column in study.compare if column not in articles]:
        raise CorpusError(
            f"study.toml compares by {missing[0]!r}, but articles.csv has no such column: add it or take the name out."
        )
    known = {
        c: articles[c].replace("", pd.NA).dropna().nunique() for c in study.compare or ("year", "outlet_type", "place")
    }
    return [column for column, values in known.items() if 2 <= values <= 12]


def short(study: Study) -> dict[str, str]:
    """A label for each document that fits a figure: the doc_id, cut in the middle where it is long, never the same twice."""
    ids = load(study, "articles")["doc_id"].tolist()
    cut = {
        d: d if len(d) <= 22 else f"{d[:3]}…" if len({i[:3] for i in ids}) == len(ids) else f"{d[:12]}…{d[-7:]}"
        for d in ids
    }
    return cut if len(set(cut.values())) == len(ids) else {d: d for d in ids}
