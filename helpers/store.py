"""The chain from raw files to derived tables, each made once: `load(study, "sentences")` reads what is there or makes it.

Tables are kept in parts of some fifty articles (see `parts`), made by pure functions (see `steps`). A part counts only for
exactly the articles, code and lexicon tables it was made from (see `recipes`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa

from helpers import duplicates, intake, parts, recipes, shelf, steps, texts, wordlist
from helpers.codebook import read_codebook
from helpers.publishing import digits, harmless, save, save_text  # noqa: F401  (as asked of the store)
from helpers.recipes import code_fingerprint, digest, lexicon_fingerprint  # noqa: F401
from helpers.shelf import LOST, one_look  # noqa: F401
from helpers.sketches import Sketches
from helpers.steps import Task
from helpers.study import BY_HAND, CODEBOOK, CorpusError, Study

SETTINGS = re.compile(
    r"(?:.*/)?(?:articles\.csv|overrides\.csv|terms\.txt|study\.toml|(?:.*\.)?export\.yml)"
    rf"|codebook\.yml|topic_labels\.csv|(?:word|topic)_intrusion.*\.csv|{BY_HAND}/[^.].*",
    re.S,
)


def fingerprint(study: Study) -> str:
    """sha256 over every readable file of the corpus folder: the name of exactly this corpus."""
    return recipes.named({name: sha for name, sha in shelf.seen(study).items() if sha is not None})


def settings(study: Study) -> dict[str, str]:
    """sha256 of each file in the corpus folder that says how its articles are to be read, or what people say of them."""
    return {name: sha.hex() for name, sha in shelf.seen(study).items() if sha and SETTINGS.fullmatch(name)}


def load(study: Study, name: str, columns: list[str] | None = None) -> pd.DataFrame:
    """The derived table `name` (a key of STEPS), from the store where it is up to date, else made now and kept.

    The tables of the contract are written as CSV at the same time. With `columns`, only these are read.
    """
    with one_look():
        try:
            return parts.read(study.derived, name, _keys(study, name), columns)
        except (OSError, pa.ArrowException):  # a part was damaged, or taken away by another process
            shelf.mend(study)
            return parts.read(study.derived, name, _keys(study, name), columns)


def prepare(study: Study) -> None:
    """Every derived table brought up to date and its CSV written; nothing is read that need not be."""
    read_codebook(study.codebook)  # a fault in it stops before anything is made
    with one_look():
        for name in STEPS:
            _keys(study, name)


def _keys(study: Study, name: str) -> list[str]:
    """The parts of a table, made where they are not there."""
    stamp = shelf.stamp(study, name)
    written = name not in PUBLISHED or (study.tables / f"{name}.csv").is_file()
    if stamp.get("key") != _key(study, name) or not written:
        STEPS[name].make(study)
        stamp = shelf.stamp(study, name)
    return stamp["parts"]


def _key(study: Study, name: str) -> str:
    """Names exactly what a derived table was made from: files of the corpus, code, lexicon, and the tables before it."""
    step = STEPS[name]
    own = [recipes.recipe(step.code), *(_key(study, other) for other in step.reads)]
    if not step.reads:
        own.append(shelf.corpus(study))
    if name in ("tokens", "problems"):
        own.append((shelf.seen(study).get(shelf.TERMS) or b"").hex())
    if name == "frames":
        own.append(_own_codebook(study))
    return digest(name, *own)


# ---- article by article -----------------------------------------------------------------------------------------------


def _docs(study: Study) -> None:
    made, contents, faults = intake.docs(study, {name: _rests(name) for name in ("pages", "docs")})
    for table in ("docs", "lines", "paragraphs"):
        shelf.keep(study, table, _key(study, table), made, contents=contents)
    shelf.keep_whole(study, "faults", _key(study, "faults"), faults)


def _by_document(name: str, study: Study) -> None:
    """A step whose parts are those of docs."""
    step = steps.STEPS[name]
    upstream = [_keys(study, other) for other in ("docs", *step.reads)][1:]
    given = {"terms": wordlist.load(study)} if name == "tokens" else {}
    rests = [*_rests(name), *given.get("terms", ())]
    if name == "frames":
        given["codebook"] = study.codebook
        rests.append(_own_codebook(study))
    rests = digest(name, *rests)
    keys = [digest(rests, content) for content in shelf.stamp(study, "docs")["contents"]]
    reads = [dict(zip(step.reads, others, strict=True)) for others in zip(*upstream, strict=True)]
    shelf.make(study, name, keys, lambda i: Task(keys[i], reads[i], given=given))
    for table in step.makes:
        shelf.keep(study, table, _key(study, table), keys)


def _own_codebook(study: Study) -> str:
    """The name of the codebook that the corpus brings; "" where the shipped one holds, which is in the recipe."""
    return (shelf.seen(study).get(CODEBOOK) or b"").hex()


def _rests(name: str) -> list[str]:
    """Recipes of the step and of every step before it: a part is as old as the oldest it was made from."""
    step = steps.STEPS[name]
    before = [other for other, made in steps.STEPS.items() if set(made.makes) & set(step.reads)]
    before += ["pages"] if name == "docs" else []
    return [recipes.recipe(step.code), *(rest for other in before for rest in _rests(other))]


# ---- all articles at once ---------------------------------------------------------------------------------------------


def _problems(study: Study) -> None:
    left = texts.emptied(load(study, "docs", ["file"]), load(study, "measures", ["n_paragraphs"])["n_paragraphs"])
    told = [load(study, "faults"), left, wordlist.problems(study)]
    shelf.keep_whole(study, "problems", _key(study, "problems"), pd.concat(told, ignore_index=True), published=True)


def _compared(study: Study) -> None:
    """Every pair of articles that was looked at as possible versions, and the sketches by which the pairs were found."""
    measures = load(study, "measures", ["doc_id", "content", "n_imprint", "imprint"])
    imprints = np.frombuffer(b"".join(measures["imprint"]), dtype=np.uint32)
    rests = digest(recipes.recipe(STEPS["compared"].code), *_rests("measures"))
    compared, sketched = duplicates.renewed(
        measures[["doc_id", "content"]],
        Sketches(imprints, measures["n_imprint"].to_numpy()),
        _before(study, rests),
        partial(_texts, study, measures["doc_id"]),
    )
    key = _key(study, "compared")
    shelf.keep_whole(study, "sketched", key, sketched)
    shelf.keep_whole(study, "compared", key, compared, rests=rests)


def _before(study: Study, rests: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the last search for versions left, if it rests on the same code; else nothing."""
    last = shelf.stamp(study, "compared")
    try:
        if last.get("rests") == rests and shelf.stamp(study, "sketched").get("parts") == last["parts"]:
            return tuple(parts.read(study.derived, name, last["parts"]) for name in ("compared", "sketched"))
    except (OSError, pa.ArrowException):
        pass
    return duplicates.judged(np.zeros((0, 2), int), {}), pd.DataFrame(columns=["doc_id", "content", "mark"])


def _texts(study: Study, ids: pd.Series, some: list[int]) -> Mapping[int, str]:
    """The text that counts of some documents, by their positions."""
    if not some:
        return {}
    sizes = [stretch.stop - stretch.start for stretch in parts.divide(ids.tolist())]
    place = np.repeat(np.arange(len(sizes)), sizes)
    keys = [_keys(study, "paragraphs")[i] for i in np.unique(place[some])]
    paragraphs = parts.read(study.derived, "paragraphs", keys, ["doc_id", "zone", "text"])
    wanted = ids.iloc[some]
    own = paragraphs[paragraphs["doc_id"].isin(wanted)]
    return dict(zip(some, steps.body_text(wanted, own), strict=True))


def _articles(study: Study) -> None:
    """articles: docs without their texts, with lengths, and with the version that is kept where an article has several."""
    measures = load(study, "measures", ["n_han_raw", "n_han_clean", "n_paragraphs", "n_sentences", "length"])
    articles = parts.read(study.derived, "docs", _keys(study, "docs"), without=["raw", "content"])
    found = duplicates.versions(articles, measures.pop("length").tolist(), pairs(study))
    articles = articles.assign(**measures, duplicate_of=duplicates.originals(articles, found))
    shelf.keep_whole(study, "articles", _key(study, "articles"), articles, published=True)


def pairs(study: Study) -> pd.DataFrame:
    """`duplicates.pairs` of all articles, by their positions in the table `articles`."""
    found = duplicates.alike(load(study, "compared"))
    return found.assign(**{side: found[side].cat.codes.astype(int) for side in ("a", "b")})


@dataclass(frozen=True)
class Made:
    """How a derived table is made, the modules whose code it comes from, the derived tables it is made of."""

    make: Callable[[Study], None]
    code: tuple[str, ...]
    reads: tuple[str, ...] = ()


_READ = Made(_docs, ("texts", "cleaning", "intake"))
_STEPS = {table: name for name, step in steps.STEPS.items() if name not in ("pages", "docs") for table in step.makes}
STEPS: dict[str, Made] = {
    **dict.fromkeys(("docs", "faults", "lines", "paragraphs"), _READ),
    "problems": Made(_problems, ("texts", "wordlist"), ("docs", "faults", "measures")),
    **{
        table: Made(partial(_by_document, name), steps.STEPS[name].code, steps.STEPS[name].reads)
        for table, name in _STEPS.items()
    },
    "compared": Made(_compared, ("duplicates",), ("measures", "paragraphs")),
    "articles": Made(_articles, ("duplicates",), ("docs", "measures", "compared")),
}
PUBLISHED = ("articles", "problems", *steps.PUBLISHED)


# ---- what the notebooks ask of articles -------------------------------------------------------------------------------


def counted(study: Study) -> list[str]:
    """The documents that enter the statistics: those with text, one of each cluster of reprints (or all, if the study says so)."""
    articles = load(study, "articles")
    once = (articles["duplicate_of"] == "") | (study.duplicates == "all")
    return articles.loc[once & (articles["n_paragraphs"] > 0), "doc_id"].tolist()


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
