"""How fast each step of the text path is against the plain way a user would write it, in one run: python run.py bench"""

import gc
import platform
import random
import statistics
import time
from collections.abc import Callable

import pandas as pd

from helpers import cleaning, frames, segment, speech, terms, texts
from helpers.study import LEXICON, Study

ROUNDS = 3
ARTICLES = 600


def timed(step: Callable) -> tuple[float, object]:
    """Median seconds of a step, and what it gave."""
    taken = []
    for _ in range(ROUNDS):
        gc.collect()
        start = time.perf_counter()
        result = step()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken), result


def generated(n: int) -> pd.DataFrame:
    """n articles of 24 sentences each, drawn from the sample, with a growing vocabulary of numbered places."""
    dice = random.Random(1)
    docs, _ = texts.load(Study())
    pool = cleaning.sentences(cleaning.clean_docs(docs)[1], docs)["text"].tolist()
    raw = ["\n".join(f"第{i * 7 + k}网格" + "".join(dice.choices(pool, k=3)) for k in range(8)) for i in range(n)]
    return pd.DataFrame({"doc_id": [f"d{i:05d}" for i in range(n)], "file": "", "raw": raw, "title": "", "main": None})


def main() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    docs = generated(ARTICLES)
    size = sum(len(text.encode()) for text in docs["raw"])
    print(
        f"{ARTICLES} generated articles, {size / 1e6:.1f} MB; Python {platform.python_version()}, {platform.machine()}, one thread\n"
    )
    seconds, (_, paragraphs) = timed(lambda: cleaning.clean_docs(docs))
    print(f"clean            {size / 1e6 / seconds:8.1f} MB/s")
    rows = cleaning.sentences(paragraphs, docs)
    rows["voice"] = "narrator"
    sentences, characters = rows["text"].tolist(), rows["text"].str.len().sum()
    jieba = segment.reference(segment.shipped())
    slow, expected = timed(lambda: [jieba.lcut(s) for s in sentences])
    cold, got = timed(lambda: segment.Cutter(segment.shipped())(sentences))
    cutter = segment.cutter()
    cutter(sentences)
    warm, again = timed(lambda: cutter(sentences))
    same = got == again == expected
    print(
        f"cut              {characters / 1e6 / cold:8.1f} M characters/s, {slow / cold:.1f} x jieba.lcut "
        f"(warm {slow / warm:.1f} x), identical: {same}"
    )
    tokens = segment.tokens(rows)
    fast, weights = timed(lambda: terms.tfidf(terms.count(tokens, words=False)))
    words = tokens.groupby("doc_id", observed=True)["token"].agg(list).tolist()
    plain, reference = timed(lambda: TfidfVectorizer(analyzer=list).fit_transform(words))
    equal = abs(weights.matrix.sum() - reference.sum()) < 1e-6 * reference.sum()
    print(f"TF-IDF           {plain / fast:8.1f} x TfidfVectorizer, same sum: {equal}")
    codebook = frames.read_codebook(LEXICON / "codebook.yml")
    coded, _ = timed(lambda: frames.code(paragraphs, codebook, voices=speech.voices))
    print(f"frames           {characters / 1e6 / coded:8.2f} M characters/s, with negation, rules and voices")
    kwic, _ = timed(lambda: terms.kwic(rows, "防控"))
    scan, _ = timed(lambda: [s.find("防控") for s in sentences])
    print(f"KWIC             {kwic / scan:8.1f} x the time of a bare str.find scan")


if __name__ == "__main__":
    main()
