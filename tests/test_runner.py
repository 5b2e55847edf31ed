"""The command says one clear line for what goes wrong, and the rest of the run goes on."""

import subprocess
import sys

import pandas as pd
import pytest

from helpers import runner, store
from helpers.study import ROOT, Study
from tests.test_texts import bad_corpus


def command(*words: str, results) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "helpers.runner", "run", "--results", str(results), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("make,said", [(lambda f: f / "nowhere", "no such folder"), (lambda f: f, "no article")])
def test_no_corpus_is_one_line_and_one_row(tmp_path, make, said):
    folder = tmp_path / "articles"
    folder.mkdir()
    done = command("--corpus", str(make(folder)), "--name", "try", results=tmp_path / "out")
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1 and said in done.stderr
    assert said in pd.read_csv(tmp_path / "out" / "try" / "tables" / "problems.csv")["problem"].iloc[0]


def test_a_name_that_is_no_folder_name_is_refused(tmp_path):
    done = command("--name", "a/b", results=tmp_path)
    assert done.returncode == 2 and "folder name" in done.stderr


def test_bad_files_are_told_one_line_each(tmp_path, capsys, monkeypatch):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    bad_corpus(corpus)
    monkeypatch.setattr(runner, "run_all", lambda *_: [])
    assert runner.run(Study(corpus=corpus, results=tmp_path / "out"), 1) == 0
    told = capsys.readouterr().out
    for name in ("empty.txt", "photo.txt", "word.docx", "notes.doc", "english.txt", "gone.txt"):
        assert told.count(f"{name}:") == 1, name
    assert {"empty.txt", "twin.txt"} <= set(
        store.load(Study(corpus=corpus, results=tmp_path / "out"), "problems")["file"]
    )
