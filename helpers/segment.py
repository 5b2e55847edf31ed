"""Sentences into words: exactly jieba's tokens (0.42.1, HMM on, shipped lexicon), much faster than jieba.

Dictionary cutting is `rjieba`'s (the same algorithm in Rust). Runs of characters that stay single go through jieba's own
hidden Markov model, computed here for all distinct runs at once: rjieba's tables are rounded, and near ties fall otherwise.
Where ASCII letters or digits are joined by - _ . # + & %, and on Han outside U+4E00–9FD5, the rules differ: jieba cuts those.
"""

import csv
import logging
import re
import warnings
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.study import LEXICON, CorpusError

BLOCK = re.compile(r"([\u4E00-\u9FD5a-zA-Z0-9+#&\._%\-]+)")  # jieba's own block pattern
DIFFER = re.compile(
    r"[A-Za-z0-9][-_.#+&%]|[-_.#+&%][-_.#+&%A-Za-z0-9]|\x00|[\u3400-\u4DBF\u9FD6-\u9FFF\uF900-\uFAFF\U00020000-\U0003FFFF]"
)
SINGLES = re.compile("\x00[\u4e00-\u9fd5](?:\x00[\u4e00-\u9fd5](?=\x00))+")  # characters the dictionary left alone
ASCII = re.compile(r"[A-Za-z0-9#+&._%\-]+")
WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaffA-Za-z0-9\U00020000-\U0003ffff]")
SHIPPED = LEXICON / "terms.csv"


def read_terms(*paths: Path) -> tuple[str, ...]:
    """Terms of lexicon tables (csv with a column `term`, or txt with one term a line), each once, in reading order."""
    terms: dict[str, None] = {}
    for path in paths:
        if not path.is_file():
            continue
        with open(path, encoding="utf-8-sig", newline="") as lines:
            found = (
                [row["term"] for row in csv.DictReader(lines)]
                if path.suffix == ".csv"
                else [line.split("#")[0].strip() for line in lines]
            )
        for term in filter(None, found):
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
    return "" if len(term) > 1 else "it is a single character"


@lru_cache(maxsize=8)
def reference(terms: tuple[str, ...] = ()):
    """jieba itself with `terms` added, quiet, its cache kept apart from other programs' on the machine."""
    import tempfile

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba's sources warn on their first import under Python 3.12
        import jieba
    jieba.setLogLevel(logging.WARNING)
    cutter = jieba.Tokenizer()
    cutter.tmp_dir = tempfile.gettempdir()
    cutter.cache_file = "jieba.0.42.1.notebooks.cache"
    cutter.initialize()
    for term in terms:
        cutter.add_word(term)
    return cutter


@lru_cache(maxsize=1)
def shipped() -> tuple[str, ...]:
    """The terms of data/lexicon/terms.csv."""
    return read_terms(SHIPPED)


@lru_cache(maxsize=1)
def _model() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """jieba's hidden Markov model as arrays: start (4), transition (4 × 4), emission (65,536 × 4), states in order B E M S."""
    reference()  # jieba is imported there, quietly
    from jieba import finalseg

    never = finalseg.MIN_FLOAT
    emission = np.full((0x10000, 4), never)
    for i, state in enumerate("BEMS"):
        characters = [c for c in finalseg.emit_P[state] if len(c) == 1 and ord(c) < 0x10000]
        emission[[ord(c) for c in characters], i] = [finalseg.emit_P[state][c] for c in characters]
    trans = np.array([[finalseg.trans_P[a].get(b, -np.inf) for b in "BEMS"] for a in "BEMS"])
    allowed = np.array([[a in finalseg.PrevStatus[b] for b in "BEMS"] for a in "BEMS"])
    return np.array([finalseg.start_P[s] for s in "BEMS"]), np.where(allowed, trans, -np.inf), emission


def _viterbi(codes: np.ndarray) -> np.ndarray:
    """Where a word ends, for runs × positions of characters: the best path of jieba's model, ties to the later letter."""
    start, trans, emission = _model()
    best = start + emission[codes[:, 0]]
    back = []
    for t in range(1, codes.shape[1]):
        paths = best[:, :, None] + trans + emission[codes[:, t]][:, None, :]
        choice = 3 - paths[:, ::-1, :].argmax(axis=1)
        back.append(choice)
        best = np.take_along_axis(paths, choice[:, None, :], axis=1)[:, 0, :]
    state = np.where(best[:, 1] > best[:, 3], 1, 3)  # a run ends in E or S
    states = [state]
    for choice in reversed(back):
        state = np.take_along_axis(choice, state[:, None], axis=1)[:, 0]
        states.append(state)
    return np.isin(np.stack(states[::-1], axis=1), (1, 3))


def recognise(runs: Iterable[str]) -> dict[str, list[str]]:
    """Words that jieba's model sees in runs of single characters.

    >>> recognise(["奥密克戎", "小明硕士"])
    {'奥密克戎': ['奥密克戎'], '小明硕士': ['小明', '硕士']}
    """
    words = {}
    by_length: dict[int, list[str]] = {}
    for run in runs:
        by_length.setdefault(len(run), []).append(run)
    for length, group in by_length.items():
        codes = np.array([list(map(ord, run)) for run in group]).reshape(len(group), length)
        for run, ends in zip(group, _viterbi(codes), strict=True):
            cuts = [0, *(np.flatnonzero(ends) + 1).tolist()]
            words[run] = [run[a:b] for a, b in zip(cuts, [*cuts[1:], length], strict=True) if a < b]
    return words


class Cutter:
    """jieba's cut with a fixed lexicon: `Cutter(terms)(texts)`."""

    def __init__(self, terms: tuple[str, ...]) -> None:
        import rjieba

        self.terms = terms
        self.rust = rjieba.Jieba()
        for term in terms:
            self.rust.add_word(term, None, None)
        self.known: dict[tuple[str, bool], str] = {}  # run of single characters, touching ASCII or not → its words

    def __call__(self, texts: Iterable[str], hmm: bool = True) -> list[list[str]]:
        """The tokens of each text, as jieba.lcut gives them."""
        texts = list(texts)
        cut = self.rust.cut
        plain = ["" if DIFFER.search(text) else "\x00".join(["", *cut(text, False), ""]) for text in texts]
        if hmm:
            found = {
                key for joined in plain for key in map(self._key, SINGLES.finditer(joined)) if key not in self.known
            }
            self._learn(found)
            plain = [SINGLES.sub(self._words, joined) for joined in plain]
        return [
            joined[1:-1].split("\x00") if joined else self._by_block(text, hmm)
            for text, joined in zip(texts, plain, strict=True)
        ]

    def _key(self, match: re.Match) -> tuple[str, bool]:
        """The run, and whether it touches single ASCII characters: jieba looks such a whole up, and it is never in the dictionary."""
        text, start, end = match.string, match.start(), match.end()
        sides = (text[start - 1 : start], text[end + 1 : end + 2])
        return match.group(), any(side and side < "\x80" for side in sides) and any(
            map(self._open, sides, (start, end + 1), (-1, 1), (text, text))
        )

    def _open(self, side: str, place: int, step: int, text: str) -> bool:
        """Whether the token beside a run is ASCII that the dictionary does not hold."""
        if not ASCII.match(side):
            return False
        token = text[text.rfind("\x00", 0, place) + 1 : place] if step < 0 else text[place : text.find("\x00", place)]
        return bool(ASCII.fullmatch(token)) and (len(token) == 1 or not self.rust.has_word(token))

    def _words(self, match: re.Match) -> str:
        return self.known[self._key(match)]

    def _learn(self, runs: set[tuple[str, bool]]) -> None:
        bare = {key: key[0].replace("\x00", "") for key in sorted(runs)}
        free = {key: text for key, text in bare.items() if key[1] or not self.rust.has_word(text)}
        words = recognise(dict.fromkeys(free.values()))
        self.known |= {key: "\x00" + "\x00".join(words[text] if key in free else text) for key, text in bare.items()}

    def _by_block(self, text: str, hmm: bool) -> list[str]:
        tokens: list[str] = []
        for block in filter(None, BLOCK.split(text)):  # jieba treats each block by itself
            if DIFFER.search(block):
                tokens += reference(self.terms).lcut(block, HMM=hmm)
            else:
                tokens += self([block], hmm)[0]
        return tokens


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
    lists = cutter(terms)(sentences["text"])
    words = [[token for token in found if WORD.match(token)] for found in lists]
    frame = (
        sentences[["doc_id", "paragraph", "sentence", "zone"]]
        .loc[sentences.index.repeat([len(w) for w in words])]
        .reset_index(drop=True)
    )
    frame["token"] = pd.Categorical([word for found in words for word in found])
    frame["doc_id"] = pd.Categorical(frame["doc_id"], categories=list(dict.fromkeys(sentences["doc_id"])))
    return frame
