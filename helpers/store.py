"""The chain from raw files to derived tables, each made once: `load(study, "sentences")` reads what is there or makes it.

What is there counts only while corpus, lexicon and code are the ones it was made from; files are written whole or not at all.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.study import LEXICON, ROOT, CorpusError, Study

TERMS = "terms.txt"
FORMULA = frozenset("=+@-\t\r")  # what a spreadsheet's formula may begin with
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
    return _files(study)


_LOOK: ContextVar[dict | None] = ContextVar("corpus folders listed during one load", default=None)


def _files(study: Study, only: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> str:
    names = _listing(study.corpus)
    return _sha([p for name, p in names.items() if (not only or name in only) and name not in without], study.corpus)


def _listing(corpus: Path) -> dict[str, Path]:
    """The readable files of the folder by name; a folder is looked through once during a load."""
    seen = _LOOK.get()
    if seen is None or corpus not in seen:
        paths = [p for p in sorted(corpus.rglob("*")) if p.is_file() and not p.is_symlink() and os.access(p, os.R_OK)]
        listing = {p.relative_to(corpus).as_posix(): p for p in paths}
        if seen is None:
            return listing
        seen[corpus] = listing
    return seen[corpus]


@cache
def lexicon_fingerprint() -> str:
    return _sha(sorted(p for p in LEXICON.rglob("*") if p.is_file()), LEXICON)


@cache
def code_fingerprint() -> str:
    return _sha(sorted((ROOT / "helpers").glob("*.py")), ROOT)


@cache
def _modules(name: str) -> frozenset[str]:
    """A helper module and every helper it imports, near or far."""
    text = (ROOT / "helpers" / f"{name}.py").read_text(encoding="utf-8")
    lines = re.findall(r"^\s*from helpers(?:\.(\w+))? import (.+)$", text, re.M)
    used = {word for module, names in lines for word in ([module] if module else re.findall(r"(?<!as )\b\w+", names))}
    here = {path.stem for path in (ROOT / "helpers").glob("*.py")} - {name, "store"}
    return frozenset({name}).union(*(_modules(other) for other in used & here))


@cache
def _recipe(modules: tuple[str, ...]) -> str:
    """sha256 of the code of some steps and of the lexicon tables that this code names."""
    names = sorted(frozenset().union(*map(_modules, modules)))
    code = [ROOT / "helpers" / f"{name}.py" for name in names]
    text = "".join(path.read_text(encoding="utf-8") for path in code)
    return _sha([*code, ROOT / "helpers" / "store.py"], ROOT) + _sha(tables_named(text), LEXICON)


def _recipes(step: "Step") -> list[str]:
    """Of the step and of every step before it: a table is as old as the oldest it was made from."""
    return [_recipe(step.code), *(recipe for other in step.reads for recipe in _recipes(STEPS[other]))]


def tables_named(code: str) -> list[Path]:
    """The lexicon tables that some code asks for by name."""
    asks = r'lexicon\.\w+\(\s*"{0.stem}"|"{0.stem}{0.suffix}"|lexicon\.{0.stem}\('
    return [path for path in sorted(LEXICON.iterdir()) if re.search(asks.format(path), code)]


def _key(study: Study, name: str) -> str:
    """Names exactly what a derived table was made from: files of the corpus, code, lexicon, and the tables before it."""
    step = STEPS[name]
    parts = [_recipe(step.code), *(_key(study, other) for other in step.reads)]
    if not step.reads:
        parts += [_files(study, without=(TERMS, "study.toml")), json.dumps(study.ignore)]
    if name in ("tokens", "problems"):
        parts.append(_files(study, only=(TERMS,)))
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
    risky = isinstance(value, str) and value[:1] in FORMULA and re.match(r"[=+@\t\r]|-[A-Za-z(=+@]", value)
    return "'" + value if risky else value


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
            cells = [harmless(value) for value in frame[column].tolist()]
            frame[column] = pd.Series(cells, index=frame.index, dtype=object)
    save_text(study.tables / f"{name}.csv", frame.to_csv(index=False, float_format=digits, lineterminator="\n"))


def _save_derived(study: Study, frame: pd.DataFrame, name: str, key: str) -> None:
    study.derived.mkdir(parents=True, exist_ok=True)
    path = study.derived / f"{name}.parquet"
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    frame.attrs = {}
    frame.to_parquet(part, index=False, compression="zstd")
    os.replace(part, path)
    save_text(study.derived / f"{name}.key", key)


# ---- only what is new -------------------------------------------------------------------------------------------------


def _by_document(
    study: Study,
    step: "Step",
    docs: pd.DataFrame,
    make: Callable[[pd.DataFrame], dict[str, pd.DataFrame]],
    names: tuple[str, ...],
    *also: str,
) -> dict[str, pd.DataFrame]:
    """The tables `names`, made anew only for articles that are new or changed since they were last made.

    `make` gives the tables of some rows of `docs`, each article by itself; `also` is what else the tables depend on.
    """
    stamp = study.derived / f"{names[0]}.made"
    recipe = hashlib.sha256("\0".join([*_recipes(step), *also]).encode()).hexdigest()
    content = dict(zip(docs["doc_id"], docs["content"], strict=True))
    last = json.loads(stamp.read_text(encoding="utf-8")) if stamp.is_file() else {}
    paths = {name: study.derived / f"{name}.parquet" for name in names}
    usable = last.get("recipe") == recipe and all(path.is_file() for path in paths.values())
    same = {doc for doc, digest in last.get("content", {}).items() if usable and content.get(doc) == digest}
    stamp.unlink(missing_ok=True)  # until the tables are whole again
    tables = make(docs[~docs["doc_id"].isin(same)])
    if same:
        kept = {name: pd.read_parquet(path) for name, path in paths.items()}
        kept = {name: frame[frame["doc_id"].isin(same)] for name, frame in kept.items()}
        tables = {name: _together(kept[name], tables[name], docs["doc_id"]) for name in names}
    tables[names[0]].attrs["made"] = json.dumps({"recipe": recipe, "content": content})
    return tables


def _together(old: pd.DataFrame, new: pd.DataFrame, order: pd.Series) -> pd.DataFrame:
    """Rows of both, the articles in their order; types and categories as if all had been made at once."""
    columns = {}
    for name in new.columns:
        a, b = old[name], new[name]
        if isinstance(b.dtype, pd.CategoricalDtype) and not a.dtype == b.dtype:
            both = pd.api.types.union_categoricals(
                [a, b.astype(a.dtype.categories.dtype).astype("category")], sort_categories=True
            )
            columns[name] = pd.Series(both).cat.remove_unused_categories()
        else:
            columns[name] = pd.concat([a, b.astype(a.dtype) if len(b) == 0 else b], ignore_index=True)
    frame = pd.DataFrame(columns)
    place = pd.Categorical(frame["doc_id"], categories=order.tolist()).codes
    frame = frame.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)
    if isinstance(frame["doc_id"].dtype, pd.CategoricalDtype):
        frame["doc_id"] = pd.Categorical(frame["doc_id"], categories=list(dict.fromkeys(frame["doc_id"])))
    return frame


# ---- the chain --------------------------------------------------------------------------------------------------------


def _docs(study: Study) -> dict[str, pd.DataFrame]:
    from helpers import cleaning, texts

    docs, problems = texts.load(study)
    overrides, faults = _read_overrides(study, docs)
    docs["content"] = [_content(row, overrides) for row in docs.to_dict("records")]

    def clean(some: pd.DataFrame) -> dict[str, pd.DataFrame]:
        return dict(zip(("lines", "paragraphs"), cleaning.clean_docs(some, overrides), strict=True))

    lines, paragraphs = _by_document(study, READ, docs, clean, ("lines", "paragraphs")).values()
    titles = paragraphs[paragraphs["zone"] == "title"].groupby("doc_id")["text"].first()
    docs["title"] = [given or titles.get(d, "") for d, given in zip(docs["doc_id"], docs["title"], strict=True)]
    faults = pd.concat([problems, faults], ignore_index=True)
    return {"docs": docs.drop(columns="main"), "faults": faults, "lines": lines, "paragraphs": paragraphs}


def _content(doc: dict, overrides: pd.DataFrame | None) -> str:
    """sha256 of all that the tables of one article are made from."""
    own = [] if overrides is None else overrides.loc[overrides["file"] == doc["file"], ["line", "zone"]].values.tolist()
    known = [doc[c] for c in ("raw", "title", "date", "year")] + [sorted(doc["main"] or ()), own]
    return hashlib.sha256(repr(known).encode("utf-8", "surrogatepass")).hexdigest()


def _problems(study: Study) -> dict[str, pd.DataFrame]:
    from helpers import wordlist

    return {"problems": pd.concat([load(study, "faults"), wordlist.problems(study)], ignore_index=True)}


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

    def split(some: pd.DataFrame) -> dict[str, pd.DataFrame]:
        own = paragraphs[paragraphs["doc_id"].isin(some["doc_id"])]
        rows = cleaning.sentences(own, some)
        voices = {(p.doc_id, p.paragraph): speech.voices(p.text) for p in own.itertuples(index=False)}
        places = zip(*(rows[c] for c in ("doc_id", "paragraph", "from", "to")), strict=True)
        rows["voice"] = pd.Series([_voice(voices[d, p], a, b) for d, p, a, b in places], dtype=str)
        return {"sentences": rows.drop(columns=["from", "to"])}

    sentences = _by_document(study, SPLIT, docs, split, ("sentences",))["sentences"]
    body = paragraphs[paragraphs["zone"].isin(["body", "list"])]
    text = body.groupby("doc_id")["text"].agg("".join).reindex(docs["doc_id"]).fillna("")
    articles = docs.drop(columns=["raw", "content"]).assign(
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
    return {"sentences": sentences, "articles": articles}


def _voice(spans: list[tuple[int, int, str]], start: int, end: int) -> str:
    """Who speaks in most of a sentence: narrator, speech or document; a quoted term changes nothing."""
    said = {"speech": 0, "document": 0}
    for a, b, voice in spans:
        if voice in said:
            said[voice] += max(0, min(b, end) - max(a, start))
    voice = max(said, key=said.get)
    return voice if said[voice] * 2 >= end - start else "narrator"


def _tokens(study: Study) -> dict[str, pd.DataFrame]:
    from helpers import segment, wordlist

    sentences, terms = load(study, "sentences"), wordlist.load(study)

    def cut(some: pd.DataFrame) -> dict[str, pd.DataFrame]:
        return {"tokens": segment.tokens(sentences[sentences["doc_id"].isin(some["doc_id"])], terms)}

    return _by_document(study, STEPS["tokens"], load(study, "docs"), cut, ("tokens",), *terms)


def _facts(study: Study) -> dict[str, pd.DataFrame]:
    from helpers import cleaning, facts

    docs, paragraphs, lines = (load(study, name) for name in ("docs", "paragraphs", "lines"))

    def extract(some: pd.DataFrame) -> dict[str, pd.DataFrame]:
        own = paragraphs[paragraphs["doc_id"].isin(some["doc_id"])]
        tables = facts.extract(own, some)
        for name in ("dates", "quantities", "speech"):
            tables[name] = cleaning.to_raw_lines(tables[name], own, some)
        for name in ("actors", "mechanisms"):
            tables[name] = _with_lines(tables[name], own, some)
        signed = lines[lines["doc_id"].isin(some["doc_id"])]
        return tables | {"actors": _with_names_under_title(tables["actors"], signed)}

    return _by_document(study, EXTRACT, docs, extract, EXTRACTED)


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
    paragraphs = load(study, "paragraphs")

    def code(some: pd.DataFrame) -> dict[str, pd.DataFrame]:
        own = paragraphs[paragraphs["doc_id"].isin(some["doc_id"])]
        return {"frames": frames.code(own, codebook, voices=speech.voices)}

    return _by_document(study, STEPS["frames"], load(study, "docs"), code, ("frames",))


@dataclass(frozen=True)
class Step:
    """How some derived tables are made: the function, the modules whose code it runs, the tables it reads."""

    make: Callable[[Study], dict[str, pd.DataFrame]]
    code: tuple[str, ...]
    reads: tuple[str, ...] = ()


EXTRACTED = ("dates", "quantities", "actors", "mechanisms", "speech")
READ = Step(_docs, ("texts", "cleaning"))
SPLIT = Step(_sentences, ("cleaning", "duplicates", "speech"), ("docs",))
EXTRACT = Step(_facts, ("cleaning", "facts", "glyphs"), ("docs",))
STEPS: dict[str, Step] = {
    **dict.fromkeys(("docs", "faults", "lines", "paragraphs"), READ),
    "problems": Step(_problems, ("wordlist",), ("faults",)),
    **dict.fromkeys(("sentences", "articles"), SPLIT),
    "tokens": Step(_tokens, ("segment", "wordlist"), ("sentences",)),
    **dict.fromkeys(EXTRACTED, EXTRACT),
    "frames": Step(_frames, ("frames", "speech"), ("paragraphs",)),
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
    token = _LOOK.set({} if _LOOK.get() is None else _LOOK.get())
    try:
        return _loaded(study, name)
    finally:
        _LOOK.reset(token)


def _loaded(study: Study, name: str) -> pd.DataFrame:
    key = _key(study, name)
    path = study.derived / f"{name}.parquet"
    stamp = study.derived / f"{name}.key"
    if not (path.is_file() and stamp.is_file() and stamp.read_text(encoding="utf-8") == key):
        tables = STEPS[name].make(study)
        stamps = {made: frame.attrs.pop("made") for made, frame in tables.items() if "made" in frame.attrs}
        for made, frame in tables.items():
            _save_derived(study, frame, made, key)
            if made in PUBLISHED:
                save(study, frame, made)
        for made, said in stamps.items():  # once all their tables are on disk
            save_text(study.derived / f"{made}.made", said)
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
