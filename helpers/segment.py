"""Sentences into words: exactly jieba's tokens (0.42.1, HMM on, shipped lexicon), much faster than jieba.

Dictionary cutting is `rjieba`'s (the same algorithm in Rust), many texts in one call. The second step, jieba's hidden Markov
model over characters that stayed single (see `viterbi`), is computed here for all runs of a batch at once: rjieba's own tables
are rounded, and near ties fall otherwise. A boolean per token, "glued to the next one", carries the result of that step. Nothing
is remembered between calls: the first pass over a corpus is as fast as the second.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, combinations, compress, count, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from helpers import lexicon
from helpers.collector import collector_off
from helpers.study import LEXICON, CorpusError
from helpers.trie import code_points
from helpers.viterbi import HAN, jieba, recognise

BLOCK = re.compile(r"([\u4E00-\u9FD5a-zA-Z0-9+#&\._%\-]+)")  # jieba's own block pattern
LATIN = re.compile(r"[a-zA-Z0-9+#&\._%\-]+")  # the part of it that is not Han
NUMBER = re.compile(r"([a-zA-Z0-9]+(?:\.\d+)?%?)")  # jieba's pattern for what single Latin characters form
WORD = re.compile("[\u3400-\u9fff\uf900-\ufaffA-Za-z0-9\U00020000-\U0003ffff]")
# what is Han to rjieba, not to jieba, and so not shown to it
RARE = slice(0x3400, 0x4DC0), slice(0x9FD6, 0xA000), slice(0xF900, 0xFB00), slice(0x20000, 0x40000)
IS_HAN, IS_LATIN, IS_RARE = 1, 2, 3
GAP = "\0"  # between texts
BATCH = 10_000  # texts whose words are worked on together
PIECE = 300  # texts in one call of rjieba: the words of one call take the place of those of the call before
SHIPPED = LEXICON / "terms.csv"
TWICE = 3  # occurrences of B超, which jieba's dictionary lists twice and counts twice
LONGEST_TERM = 50  # jieba keeps every beginning of a term: memory grows with the square of its length


def read_terms(path: Path) -> tuple[str, ...]:
    """The terms of a lexicon table (csv with a column `term`), each once, in reading order."""
    terms: dict[str, None] = {}
    with open(path, encoding="utf-8-sig", newline="") as lines:
        for term in filter(None, (row["term"] for row in csv.DictReader(lines))):
            if fault := unmatchable(term):
                raise CorpusError(f"{path.name}: {term!r} can never match: {fault}.")
            terms[term] = None
    return tuple(terms)


def unmatchable(term: str) -> str:
    """Why a lexicon entry could never come out of the cut as one token, or "".

    >>> unmatchable("动态清零"), unmatchable("動態清零")
    ('', 'the text is Simplified before it is cut; write 动态清零')
    """
    from helpers.glyphs import simplified

    if re.search(r"\s", term):
        return "it holds a space"
    if not BLOCK.fullmatch(term):
        return "it holds punctuation, and a cut never runs across that"
    if simplified(term) != term:
        return f"the text is Simplified before it is cut; write {simplified(term)}"
    if len(term) > LONGEST_TERM:
        return f"it is longer than {LONGEST_TERM} characters"
    return "" if len(term) > 1 else "it is a single character"


@lru_cache(maxsize=8)
def reference(terms: tuple[str, ...] = ()):
    """jieba itself with `terms` added, quiet, its cache kept apart from other programs' on the machine."""
    import tempfile

    cutter = jieba().Tokenizer()
    cutter.tmp_dir = tempfile.gettempdir()
    cutter.cache_file = "jieba.0.42.1.notebooks.cache"
    cutter.initialize()
    for term in terms:
        cutter.add_word(term)
    return cutter


def _entries() -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """The words of jieba's dictionary, and how often each was met."""
    from pyarrow import csv

    return csv.read_csv(
        Path(jieba().__file__).with_name("dict.txt"),
        csv.ReadOptions(column_names=["word", "count", "tag"], use_threads=False),
        csv.ParseOptions(delimiter=" ", quote_char=False),
        csv.ConvertOptions(column_types={"word": pa.string()}, include_columns=["word", "count"]),
    ).columns


def _weighed(terms: tuple[str, ...]):
    """jieba with `terms` added, of its own dictionary only the entries that stand inside a term: enough to weigh them as
    `reference` does, and loaded in a fifth of its time. What the other entries sum up to stands under GAP."""
    cutter = jieba().Tokenizer()
    words, counts = _entries()
    inside = {term[a:b] for term in terms for a, b in combinations(range(len(term) + 1), 2)}
    known = pc.is_in(words, pa.array(inside, pa.string()))
    found = dict(zip(words.filter(known).to_pylist(), counts.filter(known).to_pylist(), strict=True))
    cutter.FREQ = {word[:end]: 0 for word in found for end in range(1, len(word))} | found
    cutter.total, cutter.initialized = pc.sum(counts).as_py(), True
    cutter.FREQ[GAP] = cutter.total - TWICE - sum(found.values())
    for term in terms:
        cutter.add_word(term)
    return cutter


@lru_cache(maxsize=1)
def shipped() -> tuple[str, ...]:
    """The terms of data/lexicon/terms.csv."""
    return read_terms(SHIPPED)


@lru_cache(maxsize=1)
def _kinds() -> np.ndarray:
    """What each character is to the cut, or 0."""
    kinds = np.zeros(0x110000, np.uint8)
    kinds[HAN] = IS_HAN
    kinds[[code for code in range(128) if LATIN.match(chr(code))]] = IS_LATIN
    for codes in RARE:
        kinds[codes] = IS_RARE
    return kinds


def _edges(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Start and stop of each stretch of true values."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return edges[::2], edges[1::2]


def _slices(text: str, start: np.ndarray, stop: np.ndarray) -> list[str]:
    return [text[a:b] for a, b in zip(start.tolist(), stop.tolist(), strict=True)]


def _begun(text: str, kind: np.ndarray, start: np.ndarray, stop: np.ndarray, glued: np.ndarray) -> np.ndarray:
    """Where words begin once glued tokens are one; glued Latin is what jieba's pattern makes of it."""
    begins = np.zeros(len(text), bool)
    begins[start] = True
    begins[stop[glued]] = False
    heads, tails = _edges(glued & (kind == IS_LATIN))
    runs = zip(start[heads].tolist(), stop[tails].tolist(), strict=True)
    numbers = [number.span() for a, b in runs for number in NUMBER.finditer(text, a, b)]
    begins[np.array(numbers, int)] = True
    return np.flatnonzero(begins)


class Cutter:
    """jieba's cut with a fixed lexicon: `Cutter(terms)(texts)`."""

    def __init__(self, terms: tuple[str, ...]) -> None:
        known = _weighed(terms)
        self.rust = lexicon.dictionary()
        for term in terms:
            self.rust.add_word(term, known.FREQ[term], None)
        # jieba's total counts a replaced entry twice, rjieba's once, and near ties (区|区区, 区区|区) fall by its last digits.
        # The difference goes to a blank, which no cut looks up.
        self.rust.add_word(" ", known.total - sum(known.FREQ.values()), None)

    def __call__(self, texts: Iterable[str]) -> list[list[str]]:
        """The tokens of each text, as jieba.lcut gives them."""
        found: list[list[str]] = []
        for text, begins, gaps in self.running(pa.chunked_array([[*texts]], pa.string())):
            words = [text[a:b] for a, b in pairwise(begins.tolist())]
            found += [words[a + 1 : b] for a, b in pairwise([-1, *np.flatnonzero(gaps).tolist()])]
        return found

    def running(self, texts: pa.ChunkedArray) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Batch by batch, the texts as one with a GAP after each, where its tokens begin, and which of them are gaps."""
        return (self._batch(texts.slice(i, BATCH)) for i in range(0, len(texts), BATCH))

    @collector_off()
    def _batch(self, some: pa.ChunkedArray) -> tuple[str, np.ndarray, np.ndarray]:
        """What `running` gives; the end is one more beginning."""
        texts = some.cast(pa.string()).combine_chunks()
        text = pc.binary_join(pa.ListArray.from_arrays([0, len(texts)], texts), GAP)[0].as_py() + GAP
        ends = np.cumsum(pc.utf8_length(texts).to_numpy() + 1)
        gaps = np.zeros(len(text), bool)
        gaps[ends - 1] = True
        codes = code_points(text)
        kinds = _kinds().take(codes)
        rare = kinds == IS_RARE
        shown = (codes * ~rare).tobytes().decode("utf-32-le") if rare.any() else text
        edges = pairwise([0, *ends[PIECE - 1 :: PIECE].tolist(), len(text)])
        lengths = chain.from_iterable(map(len, self.rust.cut(shown[a:b], False)) for a, b in edges)
        stop = np.fromiter(lengths, np.intp).cumsum()
        start = np.append(0, stop[:-1])
        kind = kinds[start]
        start = _begun(text, kind, start, stop, self._glued(text, codes[start], kind, start, stop))
        return text, np.append(start, len(text)), gaps[start]

    def _glued(self, text: str, first: np.ndarray, kind: np.ndarray, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
        """Which tokens jieba's second step joins to the next one; of each, `first` is the first character and `kind` its kind."""
        single = stop - start == 1
        a, b = _edges(single & (kind == IS_HAN))
        a, b = a[b - a > 1], b[b - a > 1]
        glued = recognise(first, a, b)
        before = np.append(0, np.cumsum(glued))
        a, b = a[before[b] > before[a]], b[before[b] > before[a]]
        loose = self._loose(text, start, stop, kind == IS_LATIN, a, b)
        alone = ~loose[a - 1] & ~loose[b]
        a, b = a[alone], b[alone]
        for k in compress(count(), map(self.rust.has_word, _slices(text, start[a], stop[b - 1]))):
            glued[a[k] : b[k]] = False  # jieba leaves a run alone that is a whole entry
        glued[:-1] |= loose[:-1] & loose[1:]
        return glued

    def _loose(
        self, text: str, start: np.ndarray, stop: np.ndarray, latin: np.ndarray, a: np.ndarray, b: np.ndarray
    ) -> np.ndarray:
        """Which tokens beside Latin or a run a:b are Latin that the dictionary does not hold: jieba's second step sees these
        with their neighbours. (Latin that stands elsewhere is not looked up.)"""
        asked = np.roll(latin, 1) | np.roll(latin, -1)
        asked[a - 1] = asked[b] = True
        longer = np.flatnonzero(asked & latin & (stop - start > 1))
        words = _slices(text, start[longer], stop[longer])
        loose = latin.copy()
        loose[longer] = [bool(LATIN.fullmatch(word)) and not self.rust.has_word(word) for word in words]
        return loose


@lru_cache(maxsize=4)
def cutter(terms: tuple[str, ...] | None = None) -> Cutter:
    """The cutter for a lexicon; None is the shipped one."""
    return Cutter(shipped() if terms is None else terms)


def cut(text: str, terms: tuple[str, ...] | None = None) -> list[str]:
    """The tokens of `text`, as jieba.lcut gives them with the lexicon `terms` (default: the shipped one).

    >>> cut("全区坚持动态清零，应检尽检。")
    ['全区', '坚持', '动态清零', '，', '应检尽检', '。']
    """
    return cutter(terms)([text])[0]


def tokens(sentences: pd.DataFrame, terms: tuple[str, ...] | None = None) -> pd.DataFrame:
    """One row per word: doc_id, paragraph, sentence, zone, token (categorical); punctuation and blanks are left out.

    >>> frame = pd.DataFrame({"doc_id": ["a"], "paragraph": [1], "sentence": [1], "zone": ["body"], "text": ["居民有序排队。"]})
    >>> tokens(frame)["token"].tolist()
    ['居民', '有序', '排队']
    """
    rows, numbers, letters = numbered(pa.table({"text": sentences["text"]})["text"], terms)
    frame = sentences[["doc_id", "paragraph", "sentence", "zone"]]
    frame = frame.assign(doc_id=pd.Categorical.from_codes(*pd.factorize(frame["doc_id"])))
    frame = frame.take(rows).reset_index(drop=True)
    frame["token"] = pd.Categorical.from_codes(numbers, categories=pd.Index(letters.to_pandas()))
    return frame


def numbered(
    texts: pa.ChunkedArray, terms: tuple[str, ...] | None = None
) -> tuple[np.ndarray, np.ndarray, pa.StringArray]:
    """The words of some texts as two numbers each, of the text and of the word; and what words these are, in order.

    >>> rows, numbers, letters = numbered(pa.chunked_array([["居民排队。", "居民"]]))
    >>> rows.tolist(), numbers.tolist(), letters.to_pylist()
    ([0, 0, 1], [0, 1, 0], ['居民', '排队'])
    """
    words, ends = [], [np.zeros(0, bool)]
    for text, begins, gaps in cutter(terms).running(texts):
        words.append(_strings(text, begins))
        ends.append(gaps)
    cut = pa.chunked_array(words, pa.string()).dictionary_encode().combine_chunks()
    order = pc.array_sort_indices(cut.dictionary)
    letters = cut.dictionary.take(order)
    known = pc.match_substring_regex(letters, f"^{WORD.pattern}")
    chosen = order.filter(known).to_numpy()
    place = np.full(len(order), -1)
    place[chosen] = np.arange(len(chosen))
    numbers = place.take(cut.indices.to_numpy())
    kept = np.flatnonzero(numbers >= 0)
    return np.cumsum(np.concatenate(ends))[kept], numbers[kept], letters.filter(known)


def _strings(text: str, begins: np.ndarray) -> pa.StringArray:
    """The text in pieces, without a step of Python for each."""
    data = text.encode()
    places = np.flatnonzero(np.frombuffer(data, np.int8) >= -64)  # bytes of UTF-8 that begin a character
    ends = np.append(places, len(data))[begins].astype(np.int32)
    return pa.StringArray.from_buffers(len(begins) - 1, pa.py_buffer(ends), pa.py_buffer(data))
