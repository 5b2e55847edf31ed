"""What there is to read in a corpus, ready to be filtered: its sentences, what stands in them, and the pages they come from."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers import glyphs, store
from helpers.study import CorpusError, Study

PLAIN = ("place", "year", "outlet_type")
MARKS = ["sentence", "what", "start", "end"]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Passages:
    """The tables of one corpus, and what is worked out from them when it is first asked for.

    sentences: doc_id, paragraph, zone, line, start, end (raw offsets), text; numbered from 0 in the order of the pages.
    columns: those of the articles that tell them apart. tables: the other tables of the chain by name.
    """

    articles: pd.DataFrame
    sentences: pd.DataFrame
    columns: tuple[str, ...]
    tables: Mapping[str, pd.DataFrame]

    @cached_property
    def _article(self) -> Rows:
        """The number of the article of each sentence."""
        return pd.Index(self.articles["doc_id"]).get_indexer(self.sentences["doc_id"])

    @cached_property
    def frames(self) -> pd.DataFrame:
        """Where a frame is told: sentence, what (the frame), start, end (in the sentence); negated ones are left out."""
        codes = self.tables["frames"]
        codes = codes[~codes["negated"].astype(bool)].astype({"frame": "str"})
        begins = self._begins_in_paragraph
        hits = codes.merge(begins, on=["doc_id", "paragraph"])
        hits = hits.assign(start=hits["start"] - hits["begin"], end=hits["end"] - hits["begin"])
        hits = hits[(hits["start"] >= 0) & (hits["start"] < hits["length"])]
        return hits.rename(columns={"frame": "what"})[MARKS].reset_index(drop=True)

    @cached_property
    def _begins_in_paragraph(self) -> pd.DataFrame:
        """doc_id, paragraph, sentence, begin (of the sentence in its paragraph's text), length."""
        whole = self.tables["paragraphs"].set_index(["doc_id", "paragraph"])["text"].to_dict()
        keys = list(zip(self.sentences["doc_id"], self.sentences["paragraph"], strict=True))
        begins, last, at = [], None, 0
        for key, text in zip(keys, self.sentences["text"], strict=True):
            at = max(whole.get(key, "").find(text, at if key == last else 0), 0)
            begins.append(at)
            at, last = at + len(text), key
        table = self.sentences[["doc_id", "paragraph"]].assign(sentence=self.sentences.index, begin=begins)
        return table.assign(length=self.sentences["text"].str.len())

    @cached_property
    def facts(self) -> pd.DataFrame:
        """Where a fact stands: sentence, what (its kind), start, end (in the sentence)."""
        return pd.concat([self._marked(*kind) for kind in self._kinds()], ignore_index=True)[MARKS]

    def _kinds(self) -> Iterator[tuple[str, pd.DataFrame, bool]]:
        """Each kind of fact with doc_id, word, begin and end (raw offsets), and whether the word must be found."""
        lines = self.tables["lines"].rename(columns={"start": "from", "end": "to"})
        lines = lines[["doc_id", "line", "from", "to"]]
        speech = self.tables["speech"]
        speech = speech[speech["kind"] != "term"].assign(surface="")
        for kind, facts in (*((name, self.tables[name]) for name in ("dates", "quantities")), ("speech", speech)):
            placed = facts.merge(lines, on=["doc_id", "line"])
            placed = placed.assign(begin=placed["from"] + placed["start"], end=placed["from"] + placed["end"])
            yield kind, placed.rename(columns={"surface": "word"}), False
        actors = self.tables["actors"]
        names = {kind: actors[actors["kind"] == kind] for kind in ("person", "organization")}
        for kind, facts in {**names, "mechanisms": self.tables["mechanisms"]}.items():
            spots = facts.assign(line=facts["lines"].str.split()).explode("line").dropna(subset="line")
            placed = spots.astype({"line": int}).merge(lines, on=["doc_id", "line"])
            yield kind, placed.rename(columns={"name": "word", "from": "begin", "to": "end"}), True

    def _marked(self, kind: str, facts: pd.DataFrame, needed: bool) -> pd.DataFrame:
        """Marks of facts: in each sentence that shares raw characters with a fact, every place where its word stands."""
        pairs = self._overlapping(facts)
        texts = self.sentences["text"].to_numpy(dtype=object)
        rows = []
        for sentence, word in set(zip(pairs["sentence"].tolist(), pairs["word"].tolist(), strict=True)):
            found = list(places(texts[sentence], [word])) or ([] if needed else [(0, 0)])
            rows += [(sentence, kind, *span) for span in found]
        return pd.DataFrame(sorted(rows), columns=MARKS)

    def _overlapping(self, facts: pd.DataFrame) -> pd.DataFrame:
        """word, sentence: raw offsets of all documents are put one behind the other, then looked up."""
        ids = pd.Index(self.articles["doc_id"])
        far = int(max(self.sentences["end"].max(), facts["end"].max(), 0)) + 1 if len(facts) else 1
        base = ids.get_indexer(self.sentences["doc_id"]) * far
        starts, ends = (base + self.sentences[name].to_numpy(dtype=np.int64) for name in ("start", "end"))
        order = np.argsort(starts, kind="stable")
        here = ids.get_indexer(facts["doc_id"]) * far
        begin, stop = (here + facts[name].to_numpy(dtype=np.int64) for name in ("begin", "end"))
        first = np.searchsorted(np.maximum.accumulate(ends[order]), begin, side="right")
        last = np.searchsorted(starts[order], np.maximum(stop, begin + 1), side="left")
        many = np.maximum(last - first, 0)
        number = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)
        return pd.DataFrame({"word": facts["word"].to_numpy(object).repeat(many), "sentence": order[number]})

    def find(
        self, text: str = "", doc_id: str = "", frame: str = "", fact: str = "", where: Mapping[str, str] | None = None
    ) -> Rows:
        """Numbers of the sentences that meet every condition; "" asks for nothing.

        text: words that must all stand in the sentence, upper and lower case alike, in either script. where: values by
        column of the articles. Errors: CorpusError where there is no such column.
        """
        kept = np.ones(len(self.sentences), dtype=bool)
        for word in words(text):
            kept &= self._folded.str.contains(word.casefold(), regex=False).to_numpy(dtype=bool)
        for column, value in {**(where or {}), "doc_id": doc_id}.items():
            if value:
                kept &= self._has(column, value)[self._article]
        for what, marks in ((frame, "frames"), (fact, "facts")):
            if what:
                kept &= self._with(getattr(self, marks), what)
        return np.flatnonzero(kept)

    def _has(self, column: str, value: str) -> NDArray[np.bool_]:
        """Which articles have this value."""
        if column not in self.articles:
            raise CorpusError(f"articles.csv has no column {column}: filter by one of {', '.join(self.columns)}.")
        return (as_text(self.articles[column]) == str(value)).to_numpy(dtype=bool)

    @cached_property
    def _folded(self) -> pd.Series:
        return self.sentences["text"].str.casefold()

    def _with(self, marks: pd.DataFrame, what: str) -> NDArray[np.bool_]:
        mask = np.zeros(len(self.sentences), dtype=bool)
        mask[marks.loc[marks["what"] == what, "sentence"].to_numpy(dtype=np.int64)] = True
        return mask

    def spans(self, rows: Iterable[int], text: str = "", frame: str = "", fact: str = "") -> dict[int, list]:
        """For each of some sentences the places (start, end) of what was looked for."""
        rows = [int(row) for row in rows]
        found = {row: list(places(self.sentences["text"].iat[row], words(text))) for row in rows}
        for what, name in ((frame, "frames"), (fact, "facts")):
            marks = getattr(self, name) if what else pd.DataFrame(columns=MARKS)
            marks = marks[(marks["what"] == what) & marks["sentence"].isin(rows)]
            for sentence, _, start, end in marks.itertuples(index=False):
                found[sentence].append((start, end))
        return found


def load(study: Study) -> Passages:
    """The corpus of a study, from its derived tables."""
    names = ("frames", "paragraphs", "lines", "dates", "quantities", "speech", "actors", "mechanisms")
    articles, sentences = store.load(study, "articles"), store.load(study, "sentences")
    tables = {name: store.load(study, name) for name in names}
    asked = dict.fromkeys((*PLAIN, *study.compare))
    columns = tuple(c for c in asked if c in articles and as_text(articles[c]).replace("", None).nunique() > 1)
    return Passages(articles, sentences.reset_index(drop=True), columns, tables)


def as_text(values: pd.Series) -> pd.Series:
    """Values as they are shown, "" where nothing is known."""
    return values.astype("str").where(values.notna(), "")


def words(text: str) -> list[str]:
    """What someone typed into a search box: its words in the script of the clean text.

    >>> words("核酸　檢測")
    ['核酸', '检测']
    """
    return glyphs.simplified(text).split()


def places(text: str, wanted: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where any of the words stands in `text`, upper and lower case alike.

    >>> list(places("QR码扫qr码", ["qr码"]))
    [(0, 3), (4, 7)]
    """
    folded = text.casefold() if len(text.casefold()) == len(text) else text
    for word in filter(None, map(str.casefold, wanted)):
        yield from (match.span() for match in re.finditer(re.escape(word), folded))
