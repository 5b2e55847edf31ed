"""The whole text path against the plain way a user would write it, where its time goes, and how it grows with the corpus.

Plain: every file read, `jieba.lcut` for each document, `TfidfVectorizer`, and a loop of `in` over the codebook's terms for each
paragraph and frame. It does less (it neither cleans nor knows which line a word stands in, nor rules and negation), so the
articles are such that there is nothing to clean, and the words must be the same, one by one.
"""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from helpers import (
    cleaning,
    counts,
    frames,
    glyphs,
    matching,
    partitions,
    segment,
    steps,
    stream,
    texts,
    wordlist,
    workers,
)
from helpers.study import LEXICON, Study
from tests import generated

ARTICLES = 10_000
SIZES = (1_000, 10_000, 100_000)
STUDIES = (2_000, 10_000)  # articles of the studies that go through every notebook
STAGES = {  # what is timed under which name
    "read": (partitions, "read_files"),
    "what pages say": (texts, "joined"),
    "clean": (cleaning, "clean_docs"),
    "sentences": (steps, "split"),
    "cut": (segment, "tokens"),
    "frames": (frames, "code"),
    "count": (partitions, "counted"),
    "weigh": (partitions, "weigh"),
    "write": (partitions, "write_table"),
}


# ---- the two ways, each in a process of its own -----------------------------------------------------------------------


def plain(folder: Path, out: Path) -> None:
    """Words, weights and frames the plain way; words and weights are kept for comparison."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    jieba = segment.reference(segment.shipped())
    book = {frame.id: frame.terms for frame in frames.read_codebook(LEXICON / "codebook.yml").frames}
    lists, found = [], []
    for path in sorted(folder.rglob("*.txt")):
        text = path.read_text(encoding="utf-8")
        lists.append([word for word in jieba.lcut(text) if segment.WORD.match(word)])
        for paragraph in text.split("\n"):
            found.append([frame for frame, words in book.items() if any(word in paragraph for word in words)])
    letters = pd.Series(sorted({word for words in lists for word in words}), dtype=object)
    vocabulary = letters[letters.str.contains(counts.WORD)].tolist()
    weights = TfidfVectorizer(analyzer=list, lowercase=False, vocabulary=vocabulary).fit_transform(lists)
    weights.sort_indices()
    np.savez(out / "plain.npz", weights=weights.data, columns=weights.indices, sizes=list(map(len, lists)))
    pd.DataFrame({"token": [word for words in lists for word in words]}).to_parquet(out / "plain.parquet")


def ours(folder: Path, out: Path) -> None:
    stream.tables(Study(corpus=folder, name="ours", results=out), out / "ours")


class Used(NamedTuple):
    """What a command took: seconds by the clock and of processor time, MB at the peak of all its processes and of one."""

    clock: float
    processor: float
    together: float
    largest: float


def used_by(words: list, **env: str) -> tuple[Used, str]:
    """What a command takes from its start to its end, children included, and what it says. Errors: SystemExit where it fails."""
    import psutil

    start, said = time.perf_counter(), tempfile.TemporaryFile("w+")
    run = psutil.Popen([sys.executable, *words], env=os.environ | env, stdout=said)
    peaks, over = [(0.0, 0.0)], threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            with suppress(psutil.NoSuchProcess):  # it ended between two looks
                sizes = [one.memory_info().rss / 1e6 for one in (run, *run.children(recursive=True))]
                peaks.append((sum(sizes), max(sizes)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, code, used = os.wait4(run.pid, 0)
    over.set()
    watcher.join()
    if code:
        raise SystemExit(f"{' '.join(map(str, words))} failed")
    taken = Used(time.perf_counter() - start, used.ru_utime + used.ru_stime, *map(max, zip(*peaks, strict=True)))
    with said:
        said.seek(0)
        return taken, said.read()


def measured(way: str, folder: Path, out: Path, processes: int) -> Used:
    """What one way takes."""
    return used_by(["-m", "tests.bench_path", way, folder, out], PROCESSES=str(processes))[0]


def same(out: Path) -> tuple[bool, bool]:
    """Whether both ways found the same words, and the same weights cell by cell."""
    tokens, cells = pd.read_parquet(out / "ours" / "tokens"), pd.read_parquet(out / "ours" / "tfidf")
    expected = np.load(out / "plain.npz")
    sizes = tokens.groupby("doc_id", sort=False, observed=True).size().to_numpy()
    words = tokens["token"].astype("str").tolist() == pd.read_parquet(out / "plain.parquet")["token"].tolist()
    terms = pd.Index(pd.read_parquet(out / "ours" / "terms.parquet")["term"])
    columns = terms.get_indexer(cells["term"].cat.categories)[cells["term"].cat.codes]
    cells_same = np.array_equal(columns, expected["columns"]) and np.allclose(
        cells["tfidf"], expected["weights"], rtol=1e-12, atol=0
    )
    return words and np.array_equal(sizes, expected["sizes"]), bool(cells_same)


# ---- where the time goes ----------------------------------------------------------------------------------------------


@contextmanager
def timed_stages() -> Iterator[dict[str, float]]:
    """Seconds spent in each of STAGES while this is open, in this process."""
    spent = dict.fromkeys(STAGES, 0.0)
    real = {name: getattr(*where) for name, where in STAGES.items()}

    def timing(name: str) -> Callable:
        def step(*args, **choices):
            start = time.process_time()
            inner = spent["write"]
            result = real[name](*args, **choices)
            spent[name] += time.process_time() - start - (spent["write"] - inner if name != "write" else 0)
            return result

        return step

    for name, (module, attribute) in STAGES.items():
        setattr(module, attribute, timing(name))
    try:
        yield spent
    finally:
        for name, (module, attribute) in STAGES.items():
            setattr(module, attribute, real[name])


def floors(folder: Path) -> dict[str, float]:
    """Seconds for the least that a stage must do: bytes, characters, script, dictionary, one walk of the codebook."""
    words = matching.matcher(frames.read_codebook(LEXICON / "codebook.yml")).trie
    cutter = segment.cutter()
    paths = sorted(folder.rglob("*.txt"))
    data: list[bytes] = []
    pages: list[str] = []
    steps = {
        "read": lambda: data.extend(path.read_bytes() for path in paths),
        "what pages say": lambda: pages.extend(some.decode("utf-8") for some in data),
        "clean": lambda: [glyphs._converted(page) for page in pages],
        "cut": lambda: [cutter.rust.cut(page, False) for page in pages],
        "frames": lambda: words.find(matching.code_points("\n".join(pages))),
    }
    return {name: _seconds(step) for name, step in steps.items()}


def _seconds(step: Callable) -> float:
    start = time.process_time()
    step()
    return time.process_time() - start


def shares(folder: Path, out: Path) -> None:
    """Each stage's seconds of one process, its share, its rate and its floor."""
    texts.load(Study())  # lexicons are loaded before the clock starts
    segment.cutter(wordlist.load(Study()))(["居民有序排队。"])
    floor = floors(folder)
    characters = sum(len(path.read_text(encoding="utf-8")) for path in folder.rglob("*.txt"))
    os.environ["PROCESSES"] = "1"
    with timed_stages() as spent:
        whole = _seconds(lambda: ours(folder, out))
    spent["the rest"] = whole - sum(spent.values())
    print(
        f"  one process, {characters / 1e6:.1f} M characters, {whole:.1f} s: {characters / 1e6 / whole:.2f} M characters/s"
    )
    for name, seconds in spent.items():
        least = f"floor {floor[name]:5.2f} s ({seconds / floor[name]:4.1f} x)" if name in floor else ""
        print(
            f"  {name:16s} {seconds:6.2f} s {seconds / whole:5.0%} {characters / 1e6 / seconds:8.1f} M characters/s  {least}"
        )


def cut_part(path: Path) -> tuple[np.ndarray, np.ndarray, pa.Array]:
    """The words of a part of `sentences` as numbers: of the sentence, of the word, and what the numbers stand for."""
    return segment.numbered(pq.ParquetFile(path).read(["text"])["text"])


def cut_on_all_cores(sentences: Path) -> None:
    """Cutting alone: parts of sentences in, numbered words out, against jieba.lcut in one process."""
    paths = sorted(sentences.glob("part-*"))
    jieba = segment.reference(segment.shipped())
    some = pd.read_parquet(paths[0])["text"].tolist()
    characters = sum(pd.read_parquet(path, columns=["text"])["text"].str.len().sum() for path in paths)
    list(workers.each(cut_part, paths[:4]))  # started, lexicons loaded
    ratios = []
    for _ in range(5):
        start = time.perf_counter()
        [jieba.lcut(text) for text in some]
        slow = (time.perf_counter() - start) / sum(map(len, some))
        start = time.perf_counter()
        for _ in workers.each(cut_part, paths):
            pass
        ratios.append(slow / ((time.perf_counter() - start) / characters))
    told = f"{np.median(ratios):.1f} x jieba.lcut ({min(ratios):.1f} to {max(ratios):.1f} in five rounds)"
    print(f"  cutting alone, {workers.processes()} processes: {told}")


# ---- what is printed --------------------------------------------------------------------------------------------------


def main(n: int = ARTICLES) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder, out = generated.write(Path(scratch) / "corpus", n), Path(scratch)
        rounds = {"ours": [], "plain": []}
        for way in ("ours", "plain", "ours", "plain", "ours"):
            rounds[way].append(measured(way, folder, out, {"ours": 2, "plain": 1}[way]))
        words, weights = same(out)
        two, slow = (Used(*np.median(some, axis=0)) for some in rounds.values())
        least, most = slow.clock / max(rounds["ours"]).clock, slow.clock / min(rounds["ours"]).clock
        print(
            f"whole path, {n:,} articles, two processes: {slow.clock / two.clock:.1f} x the plain way by the clock ({least:.1f} to "
            f"{most:.1f} in three rounds; {two.clock:.1f} against {slow.clock:.1f} s), {slow.processor / two.processor:.1f} x by "
            f"processor time ({two.processor:.1f} against {slow.processor:.1f} s), {two.together:.0f} against "
            f"{slow.together:.0f} MB at the peak; words identical: {words}, weights: {weights}"
        )
        cut_on_all_cores(out / "ours" / "sentences")
        shares(folder / "0000", out)


def large(sizes: tuple[int, ...] = SIZES) -> None:
    """Seconds and memory over three sizes, and the exponent fitted to them."""
    clock, used = [], []
    with tempfile.TemporaryDirectory() as scratch:
        for n in sizes:
            folder, out = generated.write(Path(scratch) / "corpus", n), Path(scratch)
            taken = measured("ours", folder, out, workers.processes())
            clock.append(taken.clock)
            used.append(taken.processor)
            words = len(pd.read_parquet(out / "ours" / "terms.parquet", columns=["term"]))
            print(
                f"  {n:>8,} articles: {taken.clock:7.1f} s by the clock, {taken.processor:7.1f} s of processor time, "
                f"{taken.together:6.0f} MB at the peak, {words:,} different words",
                flush=True,
            )
    power = [np.polyfit(np.log(sizes), np.log(some), 1)[0] for some in (clock, used)]
    print(f"  time grows with the number of articles to the power of {power[0]:.2f} (processor time {power[1]:.2f})")


def studies(sizes: tuple[int, ...] = STUDIES) -> None:
    """Seconds and memory of a whole run of generated studies: every notebook, the report, its first time."""
    for n in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            generated.describe(folder := generated.write(Path(scratch) / "corpus", n))
            characters = sum(len(path.read_text(encoding="utf-8")) for path in folder.rglob("*.txt"))
            taken, _ = used_by(["-m", "helpers", "run", "--corpus", folder, "--results", Path(scratch) / "results"])
            print(
                f"  {n:>8,} articles, {characters / 1e6:.1f} M characters, all notebooks: {taken.clock / 60:.1f} minutes by the "
                f"clock, {taken.processor / 60:.1f} of processor time, {taken.largest:.0f} MB in the largest process at its peak",
                flush=True,
            )


if __name__ == "__main__":
    {"ours": ours, "plain": plain}[sys.argv[1]](*map(Path, sys.argv[2:]))
