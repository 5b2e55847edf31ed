"""A coder that learned from readers: a second opinion beside the rules of the codebook.

The codebook says which words and rules call a frame up; a single word can mislead, and a frame can be told without any
of them. A logistic regression for each frame says how probable it is that a careful reader sees it, from what the
codebook found in the unit (one, two, three different words or rules, of every frame) and from the common runs of one to
three characters that stand in it. It does not change what is counted: `parting` lists where the two part, and notebook
08 repeats its contrasts with the coder's word.

The weights are data/lexicon/learned_coder.csv; learned_coder.md beside it says what they were learned from and how well
the two read, alone and together, what they did not learn from.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from helpers import frames
from helpers.codebook import MARKS, Codebook, bare, read_codebook
from helpers.study import LEXICON, CorpusError
from helpers.trie import Ints, Trie, code_points, in_texts, trie

TABLE = "learned_coder.csv"
KEPT = 0.2  # a hit is believed unless a reader's seeing the frame is less probable than this
ADDED = 0.35  # a frame that no word calls up is believed from here on
HAN = re.compile(r"[\u3400-\u9fff]+")  # what a run is made of
LONGEST = 3  # characters of a run: Chinese words have mostly one to three
FEWEST_DOCUMENTS, FEWEST_GROUPS = 3, 2  # a run of fewer is a memory of a text, not a feature of a frame
COMMON = 0.3  # a run in more than this share of the units tells nothing
STRENGTH = 60.0  # inverse of the penalty
SUPPORT = 3  # so many different words or rules of a frame are told apart
WORTH = 0.5  # of one of them, where a unit's runs together have length 1
LEAST_CASES = 5  # of a frame, below which nothing is learned
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Coder:
    """Weights of a fitted coder: rows are the supports of each frame ("war_metaphor 1" … "season_hope 3"), then the
    runs; columns are frames. `offsets` is NaN where nothing could be learned."""

    frames: tuple[str, ...]
    runs: tuple[str, ...]
    weights: Floats
    offsets: Floats

    @cached_property
    def machine(self) -> Trie:
        return trie(self.runs)


def support(codes: pd.DataFrame, units: pd.DataFrame, names: Sequence[str]) -> NDArray[np.int64]:
    """How many different words or rules of each frame (`names`) each unit has: units × frames, in the order of `units`."""
    index = pd.MultiIndex.from_frame(units[frames.UNIT])
    rows = codes.assign(row=codes["term"].astype(object).where(codes["kind"] != "rule", codes["why"].astype(object)))
    rows = rows.drop_duplicates([*frames.UNIT, "frame", "row"])
    unit = index.get_indexer(pd.MultiIndex.from_frame(rows[frames.UNIT]))
    frame = pd.Index(names).get_indexer(rows["frame"].astype(object))
    table = np.zeros((len(index), len(names)), dtype=np.int64)
    np.add.at(table, (unit[(unit >= 0) & (frame >= 0)], frame[(unit >= 0) & (frame >= 0)]), 1)
    return table


# ---- features -----------------------------------------------------------------------------------------------------------


def _runs_in(coder: Coder, texts: Sequence[str]) -> tuple[Ints, Ints, Ints, Ints]:
    """Every run of the coder in some texts: number of the text, of the run, and start and end in the text as given."""
    points = code_points("\n".join(texts) + "\n")
    kept = np.flatnonzero(~np.isin(points, list(MARKS)))
    place, run = coder.machine.find(points[kept])
    lengths = np.array([len(run) for run in coder.runs], dtype=np.int64)
    text, start, end = in_texts(texts, kept[place], kept[place + lengths[run] - 1])
    return text, run, start, end


def _features(coder: Coder, texts: Sequence[str], found: NDArray) -> sparse.csr_matrix:
    """Units × (supports, runs): WORTH for each support reached; the runs present, each unit's together of length 1."""
    text, run, *_ = _runs_in(coder, texts) if coder.runs and len(texts) else (np.zeros(0, int), np.zeros(0, int))
    there = sparse.csr_matrix((np.ones(len(text)), (text, run)), shape=(len(texts), len(coder.runs)))
    there.data[:] = 1.0
    length = np.sqrt(np.maximum(there.getnnz(axis=1), 1))
    supports = np.hstack([found >= n for n in range(1, SUPPORT + 1)]) * WORTH
    return sparse.hstack([sparse.csr_matrix(supports), sparse.diags(1 / length) @ there]).tocsr()


def probabilities(coder: Coder, texts: Sequence[str], found: NDArray) -> Floats:
    """Units × frames: how probable the coder thinks that a reader sees the frame; NaN where it learned nothing. `found`
    is `support` (or a presence table), units × the coder's frames."""
    return expit(_features(coder, texts, np.asarray(found, dtype=int)) @ coder.weights + coder.offsets)


def decided(found: NDArray, probable: Floats) -> NDArray[np.bool_]:
    """Whether a unit has a frame by both together: the codebook's word unless the coder is sure enough of the contrary.

    >>> decided(np.array([[2, 1, 0, 0]]), np.array([[0.3, 0.05, 0.5, np.nan]])).tolist()
    [[True, False, True, False]]
    """
    return np.where(np.asarray(found) > 0, ~(probable < KEPT), probable >= ADDED)


def together(found: pd.DataFrame, chance: pd.DataFrame) -> pd.DataFrame:
    """The presence table of codebook and coder together, from those of the codebook (`found`) and `opinion`."""
    chance = chance.reindex(found.index)
    return pd.DataFrame(decided(found.to_numpy(), chance.to_numpy()), index=found.index, columns=found.columns)


# ---- learning -----------------------------------------------------------------------------------------------------------


def train(
    texts: Sequence[str],
    found: NDArray,
    read: pd.DataFrame,
    documents: Sequence[str],
    groups: Sequence[str],
    fewest: int = FEWEST_DOCUMENTS,
    least: int = LEAST_CASES,
) -> Coder:
    """A coder fitted to a reader's codes. `found` is `support` (or presence) and `read` what the reader saw, units ×
    frames in the order of `texts`. A run of characters is learned if `fewest` documents of two groups (outlets) have it,
    so that no text can be put together again from the coder; a frame, if `least` units have it and as many have not."""
    names = tuple(read.columns)
    blank = Coder(names, _common_runs(texts, documents, groups, fewest), np.zeros((0, 0)), np.zeros(0))
    features = _features(blank, texts, np.asarray(found, dtype=int))
    fits = [_fitted(features, read[name].to_numpy(dtype=bool), least) for name in names]
    return Coder(names, blank.runs, np.column_stack([fit[0] for fit in fits]), np.array([fit[1] for fit in fits]))


def _common_runs(texts: Sequence[str], documents: Sequence[str], groups: Sequence[str], fewest: int) -> tuple[str, ...]:
    counter = CountVectorizer(analyzer="char", ngram_range=(1, LONGEST), lowercase=False, binary=True)
    there = counter.fit_transform([bare(text) for text in texts])
    enough = _spread(there, documents) >= fewest
    enough &= _spread(there, groups) >= min(FEWEST_GROUPS, len(set(groups)))
    enough &= np.asarray(there.sum(axis=0)).ravel() <= COMMON * len(texts)
    return tuple(filter(HAN.fullmatch, counter.get_feature_names_out()[enough].tolist()))


def _spread(there: sparse.csr_matrix, labels: Sequence[str]) -> Ints:
    """In how many different labels each column occurs."""
    label = pd.factorize(np.asarray(labels))[0]
    member = sparse.csr_matrix((np.ones(len(label)), (label, np.arange(len(label)))))
    return np.asarray(((member @ there) > 0).sum(axis=0)).ravel()


def _fitted(features: sparse.csr_matrix, read: NDArray[np.bool_], least: int) -> tuple[Floats, float]:
    if not least <= read.sum() <= len(read) - least:
        return np.zeros(features.shape[1]), np.nan
    model = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0).fit(features, read)
    return model.coef_[0], float(model.intercept_[0])


# ---- the weights on disk ------------------------------------------------------------------------------------------------


def supports(names: Sequence[str]) -> list[str]:
    """Names of the first rows of the weights."""
    return [f"{name} {n}" for n in range(1, SUPPORT + 1) for name in names]


def as_table(coder: Coder) -> pd.DataFrame:
    """The weights as a table: feature ("" for the offset, a frame and a number for its supports, else a run), and a column
    for each frame, to two decimals."""
    rows = pd.DataFrame(np.vstack([coder.offsets, coder.weights]).round(2), columns=list(coder.frames))
    return rows.assign(feature=["", *supports(coder.frames), *coder.runs]).set_index("feature").reset_index()


@cache
def read_coder(path: Path = LEXICON / TABLE) -> Coder | None:
    """The coder in a table of weights, None where there is no such file; `CorpusError` where it is not such a table."""
    try:
        rows = pd.read_csv(path, keep_default_na=False, na_values={}, encoding="utf-8", dtype={"feature": str})
        names = tuple(rows.columns[1:])
        weights = rows[list(names)].apply(pd.to_numeric).to_numpy(dtype=float)
        if rows["feature"].tolist()[: 1 + SUPPORT * len(names)] != ["", *supports(names)]:
            raise ValueError("its first rows are not the supports of its frames")
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path.name}: not a table of weights ({error}); restore it or take it away.") from None
    return Coder(names, tuple(rows["feature"][1 + SUPPORT * len(names) :]), weights[1:], weights[0])


# ---- a second opinion ---------------------------------------------------------------------------------------------------


def _taught_on(book: Codebook) -> bool:
    """Whether the frames of a codebook mean what the shipped coder was taught."""
    mine, taught = ([(f.id, f.definition, f.include, f.exclude) for f in b.frames] for b in (book, read_codebook()))
    return mine == taught


def opinion(
    codes: pd.DataFrame, paragraphs: pd.DataFrame, coder: Coder | None = None, book: Codebook | None = None
) -> pd.DataFrame:
    """How probable the coder (the shipped one, if none is given) thinks that a reader sees each frame: body paragraphs ×
    frames, indexed by doc_id and paragraph; no rows without a coder for these frames. `codes` is `frames.code`; with
    `book`, the shipped coder is asked only if the frames of `book` are defined as it was taught."""
    if coder is None and (book is None or _taught_on(book)):
        coder = read_coder()
    units, names = frames.units(paragraphs), codes["frame"].cat.categories
    if coder is None or list(coder.frames) != list(names):
        units, chance = units.head(0), np.zeros((0, len(names)))
    else:
        chance = probabilities(coder, units["text"].tolist(), support(codes, units, names))
    return pd.DataFrame(
        chance, index=pd.MultiIndex.from_frame(units[frames.UNIT]), columns=pd.Index(names, name="frame")
    )


def parting(
    codes: pd.DataFrame, paragraphs: pd.DataFrame, chance: pd.DataFrame, coder: Coder | None = None
) -> pd.DataFrame:
    """Where the two part: doc_id, line, frame, codebook ("yes": it found what the coder would not believe, "no": it found
    nothing where the coder would), probability, words (the codebook's, or the run that speaks most), text. Surest first.

    >>> paragraphs = pd.DataFrame({"doc_id": "甲", "paragraph": [1], "line": [1], "zone": "body", "text": ["打响阻击战。"]})
    >>> codes = frames.code(paragraphs, frames.read_codebook())
    >>> parting(codes, paragraphs, opinion(codes, paragraphs)).empty
    True
    """
    found = frames.presence(codes, paragraphs).reindex(chance.index).to_numpy(dtype=bool)
    rows, columns = np.nonzero(decided(found, chance.to_numpy()) != found)
    units = paragraphs.drop_duplicates(frames.UNIT).set_index(frames.UNIT).reindex(chance.index[rows]).reset_index()
    yes = found[rows, columns]
    words = codes.groupby([*frames.UNIT, "frame"], observed=True)["term"].agg(
        lambda some: " ".join(dict.fromkeys(some))
    )
    keys = pd.MultiIndex.from_arrays([units["doc_id"], units["paragraph"], chance.columns[columns]])
    spans = _most_telling(coder or read_coder(), units["text"].tolist(), columns) if len(units) else []
    telling = [text[a:b] for text, (a, b) in zip(units["text"], spans, strict=True)]
    table = pd.DataFrame(
        {
            "doc_id": units["doc_id"],
            "line": units["line"],
            "frame": chance.columns[columns],
            "codebook": np.where(yes, "yes", "no"),
            "probability": chance.to_numpy()[rows, columns],
            "words": np.where(yes, words.reindex(keys).to_numpy(dtype=object), np.array(telling, dtype=object)),
            "text": units["text"],
        }
    )
    doubt = (table["probability"] - yes).abs()
    return table.iloc[np.argsort(-doubt.to_numpy(), kind="stable")].reset_index(drop=True)


def _most_telling(coder: Coder, texts: Sequence[str], frame: Ints) -> list[tuple[int, int]]:
    """start and end of the longer run that speaks most for a frame in each text, the runs inside it included; 0 and 0
    where there is none."""
    text, run, start, end = _runs_in(coder, texts)
    order = np.argsort(text, kind="stable")
    edges = np.searchsorted(text[order], np.arange(len(texts) + 1))
    weights = coder.weights[SUPPORT * len(coder.frames) :]
    spans = []
    for number, column in enumerate(frame.tolist()):
        own = order[edges[number] : edges[number + 1]]
        places = zip(start[own].tolist(), end[own].tolist(), strict=True)
        said = dict(zip(places, weights[run[own], column].tolist(), strict=True))
        told = {(a, b): _within(said, a, b) for a, b in sorted(said) if b - a > 1}
        spans.append(max(told, key=told.get, default=(0, 0)))
    return spans


def _within(said: dict[tuple[int, int], float], start: int, end: int) -> float:
    """The weight of all runs inside a span."""
    return sum(said.get((a, b), 0.0) for a in range(start, end) for b in range(a + 1, end + 1))
