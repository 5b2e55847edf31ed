"""How fast each step of the text path is against the plain way a user would write it, in one run.

python run.py bench; with --large for 1,000 to 100,000 articles, with --notebooks [N …] for whole studies of N articles.
"""

import gc
import json
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import cleaning, factors, facts, frames, segment, speech, store, terms, texts, topics
from helpers.counts import Counts
from helpers.study import LEXICON, Study
from tests import bench_path, generated
from tests.mixture import news

ROUNDS = 3
ARTICLES = 600
DOCUMENTS = 50_000  # of the searches and of TF-IDF
NEWS = 10_000  # generated articles of known classes
KEPT = 10_000  # generated articles to which one is added


def timed(step: Callable, rounds: int = ROUNDS) -> tuple[float, object]:
    """Median seconds of a step, and what it gave."""
    taken = []
    for _ in range(rounds):
        gc.collect()
        start = time.perf_counter()
        result = step()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken), result


def drawn(n: int) -> pd.DataFrame:
    """n articles of 24 sentences each, drawn from the sample, with a growing vocabulary of numbered places."""
    dice = random.Random(1)
    docs, _ = texts.load(Study())
    pool = cleaning.sentences(cleaning.clean_docs(docs)[1], docs)["text"].tolist()
    raw = ["\n".join(f"第{i * 7 + k}网格" + "".join(dice.choices(pool, k=3)) for k in range(8)) for i in range(n)]
    return pd.DataFrame({"doc_id": [f"d{i:05d}" for i in range(n)], "file": "", "raw": raw, "title": "", "main": None})


def cut_words(sentences: list[str]) -> None:
    """Cutting into words against jieba.lcut, turn about, so that both meet the same disturbances."""
    jieba = segment.reference(segment.shipped())
    loading, cutter = timed(lambda: segment.Cutter(segment.shipped()))
    cutter(["居民有序排队。"])  # reads the model; nothing else is kept between calls
    taken, ratios, same = [], [], True
    for _ in range(5):
        slow, expected = timed(lambda: [jieba.lcut(s) for s in sentences], rounds=1)
        fast, got = timed(lambda: cutter(sentences), rounds=1)
        taken.append(fast)
        ratios.append(slow / fast)
        same = same and got == expected
    rate = sum(map(len, sentences)) / 1e6 / statistics.median(taken)
    print(
        f"cut              {rate:8.1f} M characters/s, {statistics.median(ratios):.1f} x jieba.lcut "
        f"({min(ratios):.1f} to {max(ratios):.1f}), identical: {same}; loading {loading:.2f} s"
    )


def find_words(pool: list[str]) -> None:
    """KWIC over many documents of 24 sentences against str.find over the same sentences as a list."""
    texts = random.Random(2).choices(pool, k=24 * DOCUMENTS)
    numbers = np.arange(len(texts))
    rows = pd.DataFrame(
        {"doc_id": numbers // 24, "paragraph": numbers // 3, "sentence": numbers, "line": 1, "text": texts}
    )
    prepared = terms.concordance(rows)
    print(
        f"KWIC, {DOCUMENTS:,} documents, {rows['text'].str.len().sum() / 1e6:.0f} M characters, x a bare str.find scan"
    )
    for word in ("防控", "核酸检测", "网格员"):
        scan, _ = timed(lambda word=word: [text.find(word) for text in texts])
        cold, hits = timed(lambda word=word: terms.kwic(rows, word))
        kept, again = timed(lambda word=word: terms.kwic(prepared, word))
        same = hits.equals(again) and len(hits) == sum(text.count(word) for text in texts)
        print(f"  {word} {len(hits):>7,} lines {cold / scan:6.2f} x (prepared {kept / scan:.2f} x), all found: {same}")


def weigh_words() -> None:
    """TF-IDF of a generated token table against scikit-learn, each from the same file in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        draw = np.random.default_rng(1)
        share = 1 / np.arange(1, 60_001)
        words = draw.choice(len(share), DOCUMENTS * 400, p=share / share.sum())
        names = [chr(0x4E00 + i // 500) + chr(0x5000 + i % 500) for i in range(len(share))]
        docs = pd.Categorical.from_codes(np.repeat(np.arange(DOCUMENTS), 400), [f"d{i:05d}" for i in range(DOCUMENTS)])
        table = pd.DataFrame({"doc_id": docs, "token": pd.Categorical.from_codes(words, names)})
        table.to_parquet(path := Path(folder) / "tokens.parquet")
        del table, words, docs
        taken = {who: _weighed(who, path) for who in ("ours", "sklearn")}
    (fast, small, sums), (plain, large, expected) = taken.values()
    same = np.allclose(sums, expected, rtol=1e-12)
    print(
        f"TF-IDF, {DOCUMENTS:,} documents, {DOCUMENTS * 400:,} words: {plain / fast:.1f} x TfidfVectorizer "
        f"({fast:.1f} against {plain:.1f} s) at {small / large:.2f} of its memory "
        f"({small:.0f} against {large:.0f} MB at the peak), same numbers: {same}"
    )


def _weighed(who: str, path: Path) -> tuple[float, float, list[float]]:
    """Seconds, MB at the peak, and checksums of one way to weigh words, in a process of its own."""
    return tuple(json.loads(bench_path.used_by(["-m", "tests.bench", who, path])[1]))


def weigh(who: str, path: str) -> str:
    """What `_weighed` reads. The lists of words that scikit-learn wants are made before its clock starts."""
    import resource

    tokens = pd.read_parquet(path)
    if who == "sklearn":
        from sklearn.feature_extraction.text import TfidfVectorizer

        starts = np.flatnonzero(np.diff(tokens["doc_id"].cat.codes, prepend=-1)).tolist()
        words = tokens["token"].astype("str").tolist()  # a string for each word, as segmenters give them
        lists = [words[a:b] for a, b in zip(starts, [*starts[1:], len(words)], strict=True)]
        del tokens, words
    start = time.perf_counter()
    if who == "sklearn":
        matrix = TfidfVectorizer(analyzer=list).fit_transform(lists)
    else:
        matrix = terms.tfidf(terms.count(tokens, words=False)).matrix
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    columns = np.asarray(matrix.sum(axis=0)).ravel()
    return json.dumps([seconds, peak, [matrix.nnz, float(columns.sum()), *columns[::5_000].tolist()]])


def find_topics() -> None:
    """Topics and clusters of generated news against bare NMF on the same weights."""
    import resource

    from sklearn.decomposition import NMF
    from sklearn.metrics import normalized_mutual_info_score

    matrix, truth = news(0, n=NEWS)
    names = pd.DataFrame({"doc_id": [f"d{i:05d}" for i in range(NEWS)]})
    words = np.array([f"w{j}" for j in range(matrix.shape[1])], dtype=object)
    counts = Counts(matrix, names, words, np.asarray(matrix.sum(axis=1)).ravel())
    weights = factors.weighted(counts)
    ours, _ = timed(lambda: factors.factorise(weights, 10), rounds=1)
    model = NMF(10, init="nndsvda", random_state=0, max_iter=300, tol=factors.TOLERANCE)
    bare, _ = timed(lambda: model.fit_transform(weights.matrix), rounds=1)
    grouped, labels = timed(lambda: topics.cluster(counts, 10), rounds=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"topics, {NEWS:,} generated articles: {ours / bare:.1f} x the time of bare NMF ({ours:.1f} s); clusters {grouped:.1f} s, "
        f"NMI with the true classes {normalized_mutual_info_score(truth, labels):.3f}; peak of this whole run {peak:.1f} GB"
    )


def add_one(n: int = KEPT) -> None:
    """What it costs to bring all tables of a study up to date: for the first time, and after an article was added."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, out = generated.write(Path(scratch) / "corpus", n), Path(scratch)
        first, _ = _prepared(folder, out)
        _, (_, at_work) = _prepared(folder, out, n, n + 1)
        fresh, ((inside, inside_used),) = _prepared(folder, out, n + 2)
        print(
            f"one article more, {n:,} generated articles: {at_work[0]:.1f} s ({at_work[1]:.1f} s of processor time) in a process "
            f"at work, {inside:.1f} s ({inside_used:.1f} s) in a fresh one, {fresh.clock:.1f} s ({fresh.processor:.1f} s) with its "
            f"start; all for the first time {first.clock:.1f} s ({first.processor:.1f} s)"
        )


def _prepared(folder: Path, out: Path, *more: int) -> tuple[bench_path.Used, list[list[float]]]:
    """`prepare` in a process of its own: what all of it took, and what it says itself."""
    taken, said = bench_path.used_by(["-m", "tests.bench", "prepare", folder, out, *map(str, more)])
    return taken, json.loads(said)


def prepare(folder: str, out: str, *more: str) -> str:
    """What `_prepared` reads: all tables made, after each of some generated articles was added."""
    taken, study = [], Study(corpus=Path(folder), name="more", results=Path(out))
    for number in more or [""]:
        if number:
            (study.corpus / f"more{number}.txt").write_text(generated.article(int(number)), encoding="utf-8")
        start, before = time.perf_counter(), time.process_time()
        store.prepare(study)
        taken.append((time.perf_counter() - start, time.process_time() - before))
    return json.dumps(taken)


def main() -> None:
    docs = drawn(ARTICLES)
    size = sum(len(text.encode()) for text in docs["raw"])
    print(
        f"{ARTICLES} generated articles, {size / 1e6:.1f} MB; Python {platform.python_version()}, {platform.machine()}, one thread\n"
    )
    seconds, (_, paragraphs) = timed(lambda: cleaning.clean_docs(docs))
    print(f"clean            {size / 1e6 / seconds:8.1f} MB/s")
    rows = cleaning.sentences(paragraphs, docs)
    rows["voice"] = "narrator"
    sentences, characters = rows["text"].tolist(), rows["text"].str.len().sum()
    cut_words(sentences)
    codebook = frames.read_codebook(LEXICON / "codebook.yml")
    coded, _ = timed(lambda: frames.code(paragraphs, codebook, voices=speech.voices))
    print(f"frames           {characters / 1e6 / coded:8.2f} M characters/s, with negation, rules and voices")
    found, _ = timed(lambda: facts.extract(paragraphs, docs))
    speed = f"{characters / 1e6 / found:8.2f} M characters/s ({size / 1e6 / found:.1f} MB/s)"
    print(f"facts            {speed}, all extractors, text dense in facts")
    find_words(sentences)
    weigh_words()
    find_topics()
    add_one()
    bench_path.main()


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            main()
        case ["--large"]:
            bench_path.large()
        case ["--notebooks", *sizes]:
            bench_path.studies(tuple(map(int, sizes)) or bench_path.STUDIES)
        case ["prepare", *words]:
            print(prepare(*words))
        case words:
            print(weigh(*words))
