"""Sentences into words: exactly jieba's tokens (0.42.1, HMM on, shipped lexicon), much faster than jieba.

Dictionary cutting is `rjieba`'s (the same algorithm in Rust), many texts in one call. The second step, jieba's hidden Markov
model over characters that stayed single, is computed here for all runs of a batch at once: rjieba's own tables are rounded, and
near ties fall otherwise. A boolean per token, "glued to the next one", carries the result of that step. Nothing is remembered
between calls: the first pass over a corpus is as fast as the second.
"""

import csv
import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from helpers.collector import collector_off
from helpers.study import LEXICON, CorpusError

BLOCK = re.compile(r"([\u4E00-\u9FD5a-zA-Z0-9+#&\._%\-]+)")  # jieba's own block pattern
LATIN = re.compile(r"[a-zA-Z0-9+#&\._%\-]+")  # the part of it that is not Han
RARE = re.compile("[\u3400-\u4dbf\u9fd6-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")  # Han to rjieba, not to jieba
NUMBER = re.compile(r"([a-zA-Z0-9]+(?:\.\d+)?%?)")  # jieba's pattern for what single Latin characters form
WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaffA-Za-z0-9\U00020000-\U0003ffff]")
HAN = range(0x4E00, 0x9FD6)  # the characters jieba looks up
STATES = "BEMS"  # of the model: a character begins, ends, is amid or is by itself a word
# the two states that each state can follow, in order of their letters
EARLIER, LATER = np.array([1, 0, 0, 1]), np.array([3, 2, 2, 3])
GAP = "\0"  # between texts
IS_LATIN = np.array([bool(LATIN.match(chr(code))) for code in range(129)])
BATCH = 4000  # texts cut in one call
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


@lru_cache(maxsize=1)
def _jieba():
    """The module, imported quietly."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its sources warn on their first import under Python 3.12
        import jieba
    jieba.setLogLevel(logging.WARNING)
    return jieba


@lru_cache(maxsize=8)
def reference(terms: tuple[str, ...] = ()):
    """jieba itself with `terms` added, quiet, its cache kept apart from other programs' on the machine."""
    import tempfile

    cutter = _jieba().Tokenizer()
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
        Path(_jieba().__file__).with_name("dict.txt"),
        csv.ReadOptions(column_names=["word", "count", "tag"], use_threads=False),
        csv.ParseOptions(delimiter=" ", quote_char=False),
        csv.ConvertOptions(column_types={"word": pa.string()}, include_columns=["word", "count"]),
    ).columns


def _weighed(terms: tuple[str, ...]):
    """jieba with `terms` added, of its own dictionary only the entries that stand inside a term: enough to weigh them as
    `reference` does, and loaded in a fifth of its time. What the other entries sum up to stands under GAP."""
    cutter = _jieba().Tokenizer()
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
def _model() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """jieba's hidden Markov model: start (4), step from the earlier and the later letter (4 each), emission (4 × Han)."""
    model = _jieba().finalseg
    emission = np.full((4, len(HAN)), model.MIN_FLOAT)
    for row, state in zip(emission, STATES, strict=True):
        seen = {ord(c): p for c, p in model.emit_P[state].items() if ord(c) in HAN}
        row[np.array(list(seen)) - HAN.start] = list(seen.values())
    start = np.array([model.start_P[state] for state in STATES])
    steps = [[model.trans_P[STATES[a]][b] for a, b in zip(side, STATES, strict=True)] for side in (EARLIER, LATER)]
    return start, *np.array(steps), emission


def recognise(codes: np.ndarray, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Which characters jieba's model joins to the next one, in the runs codes[start:stop] of Han characters.

    Viterbi's best path (1967; ties go to the later letter, as in jieba), all runs side by side, the longest first.

    >>> codes = np.array([ord(c) for c in "奥密克戎小明硕士"])
    >>> recognise(codes, np.array([0, 4]), np.array([4, 8])).astype(int).tolist()
    [1, 1, 1, 0, 1, 0, 1, 0]
    """
    joined = np.zeros(len(codes), bool)
    first, earlier, later, emission = _model()
    order = np.argsort(start - stop, kind="stable")
    start, length = start[order], (stop - start)[order]
    going = np.searchsorted(-length, -np.arange(length.max(initial=1)))  # how many runs are longer than t
    best = first[:, None] + emission[:, codes[start] - HAN.start]
    back = []
    for t, n in enumerate(going[1:], 1):
        seen = emission[:, codes[start[:n] + t] - HAN.start]
        low = best[EARLIER, :n] + earlier[:, None] + seen
        high = best[LATER, :n] + later[:, None] + seen
        back.append(high >= low)
        best[:, :n] = np.where(back[-1], high, low)
    state = np.where(best[1] > best[3], 1, 3)  # a run ends in E or S
    for t in range(len(back), 0, -1):
        now = state[: going[t]]
        now[:] = np.where(back[t - 1][now, np.arange(len(now))], LATER[now], EARLIER[now])
        joined[start[: len(now)] + t - 1] = now % 2 == 0  # B and M go on
    return joined


def _edges(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Start and stop of each stretch of true values."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return edges[::2], edges[1::2]


def _runs(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Start and stop of each stretch of two or more true values."""
    start, stop = _edges(mask)
    return start[stop - start > 1], stop[stop - start > 1]


def _places(text: str, tokens: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First character (its code), start and stop of each token in the text they make up."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    length = np.fromiter(map(len, tokens), np.intp, len(tokens))
    stop = length.cumsum()
    start = stop - length
    return codes[start], start, stop


def _begun(text: str, first: np.ndarray, start: np.ndarray, stop: np.ndarray, glued: np.ndarray) -> np.ndarray:
    """Where words begin once glued tokens are one; glued Latin is what jieba's pattern makes of it."""
    begins = np.zeros(len(text), bool)
    begins[start] = True
    begins[stop[glued]] = False
    heads, tails = _edges(glued)
    latin = first[heads] < 0x80
    for a, b in zip(start[heads[latin]].tolist(), stop[tails[latin]].tolist(), strict=True):
        begins[list(accumulate(map(len, NUMBER.split(text[a:b])), initial=a))] = True
    return np.flatnonzero(begins)


class Cutter:
    """jieba's cut with a fixed lexicon: `Cutter(terms)(texts)`."""

    def __init__(self, terms: tuple[str, ...]) -> None:
        import rjieba

        known = _weighed(terms)
        self.rust = rjieba.Jieba()
        for term in terms:
            self.rust.add_word(term, known.FREQ[term], None)
        # jieba's total counts a replaced entry twice, rjieba's once, and near ties (区|区区, 区区|区) fall by its last digits.
        # The difference goes to a blank, which no cut looks up.
        self.rust.add_word(" ", known.total - sum(known.FREQ.values()), None)

    def __call__(self, texts: Iterable[str], hmm: bool = True) -> list[list[str]]:
        """The tokens of each text, as jieba.lcut gives them."""
        found: list[list[str]] = []
        for text, begins, gaps in self.running([*texts], hmm):
            words = [text[a:b] for a, b in pairwise(begins.tolist())]
            found += [words[a + 1 : b] for a, b in pairwise([-1, *gaps.tolist()])]
        return found

    def running(self, texts: list[str], hmm: bool = True) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Batch by batch, the texts as one with a GAP after each, where its tokens begin, and which of them are gaps."""
        return (self._batch(texts[i : i + BATCH], hmm) for i in range(0, len(texts), BATCH))

    @collector_off()
    def _batch(self, texts: list[str], hmm: bool) -> tuple[str, np.ndarray, np.ndarray]:
        """What `running` gives, from one call for all texts; the end is one more beginning."""
        text = GAP.join([*texts, ""])
        tokens = self.rust.cut(RARE.sub(GAP, text), False)
        first, start, stop = _places(text, tokens)
        if hmm:
            start = _begun(text, first, start, stop, self._glued(text, tokens, first, start, stop))
        gaps = np.searchsorted(start, np.cumsum([len(one) + 1 for one in texts]) - 1)
        return text, np.append(start, len(text)), gaps

    def _glued(
        self, text: str, tokens: list[str], first: np.ndarray, start: np.ndarray, stop: np.ndarray
    ) -> np.ndarray:
        """Which tokens jieba's second step joins to the next one."""
        a, b = _runs((stop - start == 1) & (first - HAN.start < len(HAN)))
        glued = recognise(first, a, b)
        before = np.append(0, np.cumsum(glued))
        a, b = a[before[b] > before[a]], b[before[b] > before[a]]
        runs = [text[x:y] for x, y in zip(start[a].tolist(), stop[b - 1].tolist(), strict=True)]
        latin = IS_LATIN[np.minimum(first, 128)]
        beside = (latin[a - 1] | latin[b]).tolist()
        for k in [k for k, run in enumerate(runs) if self.rust.has_word(run)]:
            if not beside[k] or not any(map(self._loose, (tokens[a[k] - 1], tokens[b[k]]))):
                glued[a[k] : b[k]] = False  # jieba leaves a run alone that is a whole entry
        for i, j in zip(*_runs(latin), strict=True):
            glued[i : j - 1] = [one and next for one, next in pairwise(map(self._loose, tokens[i:j]))]
        return glued

    def _loose(self, token: str) -> bool:
        """Whether a token is Latin that the dictionary does not hold: jieba's second step sees it with its neighbours."""
        return bool(LATIN.fullmatch(token)) and (len(token) == 1 or not self.rust.has_word(token))


@lru_cache(maxsize=4)
def cutter(terms: tuple[str, ...] | None = None) -> Cutter:
    """The cutter for a lexicon; None is the shipped one."""
    return Cutter(shipped() if terms is None else terms)


def cut(text: str, terms: tuple[str, ...] | None = None, hmm: bool = True) -> list[str]:
    """The tokens of `text`, as jieba.lcut gives them with the lexicon `terms` (default: the shipped one).

    >>> cut("全区坚持动态清零，应检尽检。")
    ['全区', '坚持', '动态清零', '，', '应检尽检', '。']
    """
    return cutter(terms)([text], hmm)[0]


def tokens(sentences: pd.DataFrame, terms: tuple[str, ...] | None = None) -> pd.DataFrame:
    """One row per word: doc_id, paragraph, sentence, zone, token (categorical); punctuation and blanks are left out.

    >>> frame = pd.DataFrame({"doc_id": ["a"], "paragraph": [1], "sentence": [1], "zone": ["body"], "text": ["居民有序排队。"]})
    >>> tokens(frame)["token"].tolist()
    ['居民', '有序', '排队']
    """
    words, many = _encoded(cutter(terms).running(sentences["text"].tolist()))
    order = pc.array_sort_indices(words.dictionary)
    letters = words.dictionary.take(order)
    known = np.array([WORD.match(word) is not None for word in letters.to_pylist()], bool)
    place = np.full(len(known), -1)
    place[order.to_numpy()[known]] = np.arange(known.sum())
    found = place[words.indices.to_numpy()]
    rows = np.repeat(np.arange(len(sentences)), many)[found >= 0]
    frame = sentences[["doc_id", "paragraph", "sentence", "zone"]]
    numbers, ids = pd.factorize(frame["doc_id"])
    frame = frame.assign(doc_id=pd.Categorical.from_codes(numbers, categories=ids))
    frame = frame.take(rows).reset_index(drop=True)
    categories = pd.Index(letters.filter(pa.array(known)).to_pandas())
    frame["token"] = pd.Categorical.from_codes(found[found >= 0], categories=categories)
    return frame


def _encoded(batches: Iterable[tuple[str, np.ndarray, np.ndarray]]) -> tuple[pa.DictionaryArray, np.ndarray]:
    """All tokens that `Cutter.running` gives, gaps too, as numbers and what they stand for; how many each text has."""
    words, many = [], [np.zeros(0, int)]
    for text, begins, gaps in batches:
        data = text.encode()
        places = np.flatnonzero(np.frombuffer(data, np.int8) >= -64)  # bytes of UTF-8 that begin a character
        ends = np.append(places, len(data))[begins].astype(np.int32)
        words.append(pa.StringArray.from_buffers(len(begins) - 1, pa.py_buffer(ends), pa.py_buffer(data)))
        many.append(np.diff(gaps, prepend=-1))
    return pa.chunked_array(words, pa.string()).dictionary_encode().combine_chunks(), np.concatenate(many)
