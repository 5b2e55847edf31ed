"""The sentences that a page carries: as many as it can, of documents spread evenly over the corpus, with the frames found in
them, and in the form in which the script of the page searches them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers import cleaning, store
from helpers.sentences import spans
from helpers.study import Study

UNIT = ["doc_id", "paragraph"]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Corpus:
    """The sentences a report carries.

    sentences: doc_id, paragraph, line, start, end (raw offsets), voice, text; hits: sentence (its number), frame, start,
    end (in its text), negated; line_starts: raw offset of each line of each document; total: sentences there are in all.
    """

    sentences: pd.DataFrame
    hits: pd.DataFrame
    line_starts: dict[str, list[int]]
    total: int

    @cached_property
    def by_document(self) -> dict[str, Numbers]:
        return self.sentences.groupby("doc_id", sort=False).indices

    @cached_property
    def texts(self) -> list[str]:
        return self.sentences["text"].tolist()

    @cached_property
    def start(self) -> Numbers:
        return self.sentences["start"].to_numpy()

    @cached_property
    def end(self) -> Numbers:
        return self.sentences["end"].to_numpy()

    @cached_property
    def _words(self) -> dict[str, Numbers]:
        return {}

    def having(self, word: str) -> Numbers:
        """Numbers of the sentences that have `word`."""
        if word not in self._words:
            self._words[word] = np.flatnonzero(self.sentences["text"].str.contains(word, regex=False))
        return self._words[word]

    def beside(self, numbers: Numbers) -> set[tuple[str, int]]:
        """The paragraphs that these sentences stand in."""
        return set(self.sentences.iloc[numbers][UNIT].itertuples(index=False, name=None))


def load(study: Study, most: int) -> Corpus:
    """At most `most` sentences, of documents spread evenly over the corpus, with the frames found in them."""
    sentences, paragraphs, docs = (store.load(study, name) for name in ("sentences", "paragraphs", "docs"))
    kept = spread(sentences["doc_id"], most)
    shown = sentences[sentences["doc_id"].isin(kept)].head(most).reset_index(drop=True)
    paragraphs, docs = (table[table["doc_id"].isin(kept)] for table in (paragraphs, docs))
    hits = placed(store.load(study, "frames"), paragraphs, shown)
    return Corpus(shown, hits, cleaning.line_starts(docs), len(sentences))


def spread(doc_ids: pd.Series, most: int) -> set[str]:
    """Documents whose sentences (one row of `doc_ids` each) number at most `most`, evenly spread; at least one.

    >>> sorted(spread(pd.Series(["甲", "甲", "乙", "丙", "丙", "丁"]), 3))
    ['丁', '甲']
    """
    counts = doc_ids.value_counts(sort=False)
    wanted = len(counts)
    while wanted > 1 and counts.iloc[spaced(len(counts), wanted)].sum() > most:
        wanted -= max(1, wanted // 50)
    return set(counts.index[spaced(len(counts), wanted)])


def placed(codes: pd.DataFrame, paragraphs: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Hits of frames by sentence: sentence (row number), frame, start, end (in its text), negated; those that begin in
    no sentence at hand are left out.

    >>> paragraphs = pd.DataFrame({"doc_id": ["甲"], "paragraph": [1], "text": ["新区启动响应。全镇打响阻击战。"]})
    >>> sentences = pd.DataFrame({"doc_id": ["甲"] * 2, "paragraph": [1] * 2, "sentence": [1, 2]})
    >>> codes = pd.DataFrame({"doc_id": ["甲"], "paragraph": [1], "frame": ["war"], "start": [9], "end": [11],
    ...                       "negated": [False]})
    >>> placed(codes, paragraphs, sentences)[["sentence", "start", "end"]].values.tolist()
    [[1, 2, 4]]
    """
    row, begin, stop = spans(paragraphs["text"].tolist())
    number = np.arange(len(row)) - np.searchsorted(row, row) + 1
    each = paragraphs[UNIT].iloc[row].assign(**{"sentence": number, "from": begin, "to": stop})
    shown = sentences[[*UNIT, "sentence"]].assign(row=np.arange(len(sentences))).merge(each)
    hits = codes[[*UNIT, "frame", "start", "end", "negated"]].assign(hit=np.arange(len(codes)))
    keys = {"doc_id": str, "paragraph": int}  # as tables without rows do not know
    hits, shown = hits.astype({**keys, "start": int}), shown.astype({**keys, "from": int})
    both = pd.merge_asof(
        hits.sort_values("start"), shown.sort_values("from"), left_on="start", right_on="from", by=UNIT
    )
    both = both[both["start"] < both["to"]].sort_values("hit").astype({name: int for name in ("row", "from", "to")})
    return pd.DataFrame(
        {
            "sentence": both["row"],
            "frame": both["frame"].astype(str),
            "start": both["start"] - both["from"],
            "end": both[["end", "to"]].min(axis=1) - both["from"],
            "negated": both["negated"],
        }
    ).reset_index(drop=True)


def spaced(n: int, most: int) -> Numbers:
    """At most `most` of the numbers below `n`, evenly spread.

    >>> spaced(9, 3).tolist(), spaced(2, 3).tolist(), spaced(0, 3).tolist()
    ([0, 4, 8], [0, 1], [])
    """
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(int))


def searchable(corpus: Corpus, articles: pd.DataFrame, by: list[str], frames: list[str]) -> dict:
    """What the script of the page searches: docs [doc_id, file, title, groups], frames, voices, and rows
    [document, paragraph, line, voice, text, hits], a hit being [frame, start, end, negated], all by number.

    articles: doc_id, file, title and the columns `by`, all text.
    """
    about = articles[articles["doc_id"].isin(corpus.by_document)]
    place = {doc: number for number, doc in enumerate(about["doc_id"])}
    voices = corpus.sentences["voice"].unique().tolist()
    hits = _hits(corpus, frames)
    columns = corpus.sentences[["doc_id", "paragraph", "line", "voice", "text"]].itertuples(index=False)
    return {
        "by": by,
        "docs": [[*row[:3], list(row[3:])] for row in about[["doc_id", "file", "title", *by]].itertuples(index=False)],
        "frames": frames,
        "voices": voices,
        "rows": [
            [place[doc], int(paragraph), int(line), voices.index(voice), text, hits.get(number, [])]
            for number, (doc, paragraph, line, voice, text) in enumerate(columns)
        ],
    }


def _hits(corpus: Corpus, frames: list[str]) -> dict[int, list[list[int]]]:
    found: dict[int, list[list[int]]] = {}
    numbers = {frame: number for number, frame in enumerate(frames)}
    for sentence, frame, start, end, negated in corpus.hits.itertuples(index=False):
        span = utf16(corpus.texts[sentence], start, end)
        found.setdefault(sentence, []).append([numbers[frame], *span, int(negated)])
    return found


def utf16(text: str, start: int, end: int) -> tuple[int, int]:
    """A span of `text` counted as a browser counts, where a rare character takes two places.

    >>> utf16("𠮷村人", 1, 2)
    (2, 3)
    """
    places = [len(text[:at].encode("utf-16-le", "surrogatepass")) // 2 for at in (start, end)]
    return places[0], places[1]
