"""A large corpus taken part by part gives the store's tables, the same bytes from any number of workers, and bounded memory."""

import hashlib
import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import store, stream, terms, workers
from helpers.study import SAMPLE, CorpusError, Study
from tests import generated
from tests.test_workers import cluster  # noqa: F401  (a fixture)

SAME = ("sentences", "tokens", "frames")
SIZE = 6  # articles in a part


def digests(folder: Path, without: str = "") -> dict[str, str]:
    """sha256 of every file of a folder by its name."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != without
    }


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    """Articles of several kinds in many small parts: generated ones and the sample's, one long table among them."""
    folder = generated.write(tmp_path_factory.mktemp("corpus"), 24)
    for path in [*sorted(SAMPLE.glob("*-gov.*")), SAMPLE / "terms.txt"]:
        (folder / path.name).write_bytes(path.read_bytes())
    rows = "".join(f'"第{n}期","{generated.article(1000 + n)}"\n' for n in range(12))
    (folder / "many.csv").write_text("title,text\n" + rows, encoding="utf-8")
    (folder / "0000" / "many.txt").write_text("两处同名，另有一篇。", encoding="utf-8")
    (folder / "many.txt").write_text("两处同名，此为一篇。", encoding="utf-8")
    (folder / "empty.txt").touch()
    return folder


@pytest.fixture(scope="module")
def serial(corpus, tmp_path_factory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SCHEDULER", raising=False)
        patch.setenv("PROCESSES", "1")
        return stream.tables(Study(corpus=corpus, results=tmp_path_factory.mktemp("serial")), size=SIZE)


@pytest.fixture
def study(corpus, tmp_path, monkeypatch) -> Study:
    monkeypatch.delenv("SCHEDULER", raising=False)
    monkeypatch.setenv("PROCESSES", "2")
    return Study(corpus=corpus, results=tmp_path)


def test_rows_are_those_of_the_store(serial, study):
    whole = {name: store.load(study, name) for name in (*SAME, "articles", "problems")}
    for name in SAME:
        pd.testing.assert_frame_equal(
            pd.read_parquet(serial / name).astype(object), whole[name].astype(object), check_dtype=False
        )
    articles = pd.read_parquet(serial / "articles.parquet")
    known = articles.columns.intersection(whole["articles"].columns).tolist()
    assert {"doc_id", "title", "date", "outlet_type"} <= set(known) and len(articles) == len(whole["articles"])
    for column in known:
        mine, theirs = (table[column].astype(object).fillna("").tolist() for table in (articles, whole["articles"]))
        assert mine == theirs, column
    told = pd.read_csv(serial / "problems.csv", keep_default_na=False)
    assert told["problem"].tolist() == whole["problems"]["problem"].tolist() and "empty.txt" in set(told["file"])


def test_weights_are_those_of_the_whole_bit_for_bit(serial, study):
    counts = terms.count(store.load(study, "tokens"))
    cells, words = pd.read_parquet(serial / "tfidf"), pd.read_parquet(serial / "terms.parquet")
    assert np.array_equal(cells["tfidf"].to_numpy(), terms.tfidf(counts).matrix.data)
    assert np.array_equal(cells["count"].to_numpy(), counts.matrix.data)
    assert words["term"].tolist() == counts.vocabulary.tolist()
    assert np.array_equal(words["documents"].to_numpy(), counts.found_in)
    assert np.array_equal(words["count"].to_numpy(), counts.totals)


def test_weights_are_those_of_the_corpus_as_it_stands_now(tmp_path, monkeypatch):
    monkeypatch.setenv("PROCESSES", "1")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for name in "ab":
        (corpus / f"{name}.txt").write_text("居民有序排队。", encoding="utf-8")
    weights = [pd.read_parquet(stream.tables(Study(corpus=corpus, results=tmp_path / "twice")) / "tfidf")]
    (corpus / "b.txt").write_text("志愿者逐户登记，居民等候。", encoding="utf-8")
    for results in ("twice", "once"):
        weights.append(pd.read_parquet(stream.tables(Study(corpus=corpus, results=tmp_path / results)) / "tfidf"))
    pd.testing.assert_frame_equal(weights[1], weights[2])
    assert not weights[0].equals(weights[1])


def test_frame_units_add_up_to_the_presence_of_frames(serial):
    units, codes = pd.read_parquet(serial / "frame_units"), pd.read_parquet(serial / "frames")
    body = codes[codes["zone"].isin(["body", "list"])].drop_duplicates(["doc_id", "paragraph", "frame"])
    assert units.drop(columns=["doc_id", "n_units"]).to_numpy().sum() == len(body) > 50


def test_two_processes_write_the_same_bytes(serial, study):
    assert digests(stream.tables(study, size=SIZE)) == digests(serial)


def test_a_scheduler_writes_the_same_bytes(serial, study, cluster, monkeypatch):  # noqa: F811
    monkeypatch.setenv("SCHEDULER", cluster.scheduler_address)
    assert digests(stream.tables(study, size=SIZE)) == digests(serial)


@pytest.mark.parametrize("where", ["processes", "dask"])
def test_a_worker_killed_at_its_work_changes_no_byte(serial, study, cluster, monkeypatch, where):  # noqa: F811
    if where == "dask":
        monkeypatch.setenv("SCHEDULER", cluster.scheduler_address)
        victims = [worker.pid for worker in cluster.workers.values()]
    else:
        victims = [pid for _, pid in [*workers.each(_who, range(8))]]
    killed = []

    def kill() -> None:
        while len(list((study.folder / "large" / "tokens").glob("part-*"))) < 2:
            time.sleep(0.002)
        os.kill(victims[-1], signal.SIGKILL)
        killed.append(victims[-1])

    watcher = threading.Thread(target=kill, daemon=True)
    watcher.start()
    out = stream.tables(study, size=SIZE)
    watcher.join(5)
    assert killed and digests(out, "problems.csv") == digests(serial, "problems.csv")
    lost = set((out / "problems.csv").read_text().splitlines()) - set(
        (serial / "problems.csv").read_text().splitlines()
    )
    assert len(lost) == (where == "processes") and all("ended in the middle of its work" in line for line in lost)


def _who(number: int) -> tuple[int, int]:
    return number, os.getpid()


def test_the_corpus_without_an_article_is_refused(study, tmp_path):
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "a.txt").touch()
    with pytest.raises(CorpusError, match="holds no article"):
        stream.tables(Study(corpus=tmp_path / "bare", results=tmp_path / "out"))


def test_the_vocabulary_of_generated_articles_keeps_growing():
    names = [{generated.place(n) for n in range(1, 5000)}, {generated.place(n) for n in range(1, 200_000)}]
    assert [len(some) for some in names] == [4999, 199_999]
    assert generated.article(7) == generated.article(7) != generated.article(8)


def test_a_part_without_a_word_has_tables_without_rows(tmp_path, monkeypatch):
    monkeypatch.setenv("PROCESSES", "1")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for name, text in {"a": "居民有序排队。", "b": "来源：新华社\n\n责任编辑：王秀莲\n"}.items():
        (corpus / f"{name}.txt").write_text(text, encoding="utf-8")
    out = stream.tables(Study(corpus=corpus, results=tmp_path / "results"), size=1)
    for name, column in (("tokens", "token"), ("tfidf", "term")):
        full, empty = (pd.read_parquet(path) for path in sorted((out / name).iterdir()))
        assert sorted(full[column]) == ["居民", "排队", "有序"] and empty.empty
        assert isinstance(empty[column].dtype, pd.CategoricalDtype)
        assert pd.read_parquet(out / name)[column].tolist() == full[column].tolist()
