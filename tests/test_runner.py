"""The command says one clear line for what goes wrong, and the rest of the run goes on."""

import ast
import errno
import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pandas as pd
import pytest

import run
from helpers import journal, runner, store
from helpers.console import Console
from helpers.kernels import Turn
from helpers.study import ROOT, CorpusError, Study
from helpers.watching import Watch
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


@pytest.mark.parametrize(
    "line,said",
    [
        ('codebook = "mine.yml"', "codebook.yml beside it"),
        ('compare = ["阶段"]', "study.toml is not in UTF-8: save it"),
    ],
)
def test_a_choice_that_cannot_be_read_says_where_to_turn(tmp_path, line, said):
    (tmp_path / "study.toml").write_text(line, encoding="gb18030")
    with pytest.raises(CorpusError, match=said):
        Study(corpus=tmp_path)


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


def test_what_stopped_a_run_is_no_longer_among_the_problems_once_it_is_mended(tmp_path, capsys, monkeypatch):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    bad_corpus(corpus)
    study = Study(corpus=corpus, results=tmp_path / "out")
    monkeypatch.setattr(runner, "run_all", lambda *_: [])
    runner.run(study, 1)
    table = study.tables / "problems.csv"
    whole = table.read_bytes()
    with monkeypatch.context() as broken:
        broken.setattr(store, "prepare", mock.Mock(side_effect=CorpusError("codebook.yml: a word stands twice.")))
        assert runner.run(study, 1) == runner.STOPPED and "stands twice" in table.read_text(encoding="utf-8")
    runner.run(study, 1)
    assert table.read_bytes() == whole


@pytest.mark.parametrize(
    "said", ['compare = ["yaer"]', 'style = ["colum"]', 'labels = "fr"', "topics = -1", 'topics = "eight"']
)
def test_a_choice_that_cannot_be_kept_stops_before_old_figures_go(tmp_path, said):
    corpus, old = tmp_path / "corpus", tmp_path / "out" / "corpus" / "figures" / "fig01-1-words.png"
    corpus.mkdir()
    old.parent.mkdir(parents=True)
    old.write_bytes(b"drawn")
    (corpus / "a.txt").write_text("石桥镇召开疫情防控工作会议，部署核酸检测工作，要求各村落实责任。", encoding="utf-8")
    (corpus / "study.toml").write_text(said, encoding="utf-8")
    done = command("--corpus", str(corpus), results=tmp_path / "out")
    assert done.returncode == 2 and done.stderr.startswith("Stopped: study.toml") and old.exists()


def test_a_path_is_meant_from_where_the_person_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    left, env = run.placed(["--corpus", "texts", "--name", "mine", "--jobs", "2"], {"RESULTS": "out"})
    assert left == ["--jobs", "2"] and env["CORPUS_NAME"] == "mine"
    assert [env["CORPUS"], env["RESULTS"]] == [str(tmp_path / "texts"), str(tmp_path / "out")]


def test_a_copy_that_somebody_works_in_is_not_run_and_one_that_has_gone_is_missed(tmp_path, monkeypatch, capsys):
    """A copy of 04 would draw the figures of 04 anew, at the same time."""
    monkeypatch.setattr(runner, "NOTEBOOKS", tmp_path)
    for name in (*runner.CHAIN, "04-which-words-stand-out-Copy1", "04-mine"):
        (tmp_path / f"{name}.ipynb").touch()
    assert [path.stem for path in runner.notebooks()] == list(runner.CHAIN)
    runner._say_others(Console())
    assert "04-mine.ipynb, 04-which-words-stand-out-Copy1.ipynb" in capsys.readouterr().out
    (tmp_path / "05-which-topics-recur.ipynb").unlink()
    with pytest.raises(CorpusError, match="05-which-topics-recur.ipynb is not there"):
        runner.notebooks()


# ---- setting up, on other people's machines ----------------------------------------------------------------------------


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """run.py in a folder that has no .venv yet; gives the number of environments made there so far."""
    (tmp_path / "requirements.txt").write_text("", encoding="utf-8")
    for name, path in {"ROOT": tmp_path, "VENV": tmp_path / ".venv", "LOCK": tmp_path / "requirements.txt"}.items():
        monkeypatch.setattr(run, name, path)
    made = []

    def create(folder, **_):
        made.append(folder)
        python = run.python_of(Path(folder))
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)

    monkeypatch.setattr(run.venv, "create", create)
    monkeypatch.setattr(run.subprocess, "call", lambda words, **_: 0 if Path(words[0]).exists() else 1)
    return made


def test_an_old_python_can_read_so_far_as_to_say_that_it_is_too_old():
    ast.parse((ROOT / "run.py").read_text("utf-8"), feature_version=(3, 7))


def test_an_environment_that_works_is_kept_whichever_python_calls(bare, monkeypatch):
    run.setup()
    monkeypatch.setattr(sys, "version", "3.12.1 of a neighbour")
    assert run.setup().exists() and len(bare) == 1
    run.LOCK.write_text("more", encoding="utf-8")
    assert run.setup().exists() and len(bare) == 2


def test_an_environment_whose_python_does_not_start_is_made_anew(bare, monkeypatch):
    run.setup()
    monkeypatch.setattr(run.subprocess, "call", lambda words, **_: 103 if words[1:] == ["-c", ""] else 0)
    run.setup()
    assert len(bare) == 2


def test_the_second_of_two_runs_waits_until_the_first_has_set_up(bare, monkeypatch, capsys):
    with run.alone():
        with (run.ROOT / ".cache" / "setup.lock").open("a+") as second:
            assert not run.locked(second.fileno())
        monkeypatch.setattr(run, "locked", mock.Mock(side_effect=[False, False, True]))
        monkeypatch.setattr(run, "ready", mock.Mock(side_effect=[False, True]))
        monkeypatch.setattr(run.time, "sleep", lambda _: None)
        run.setup()
    assert bare == [] and capsys.readouterr().out.count("waits") == 1


@pytest.mark.parametrize(
    "error,said",
    [
        (OSError(errno.EROFS, "Read-only file system", "x/.venv"), "x/.venv: Read-only file system.*copy"),
        (subprocess.CalledProcessError(1, "ensurepip"), "python3-venv"),
    ],
)
def test_where_no_environment_can_be_made_one_sentence_says_what_to_do(bare, monkeypatch, error, said):
    monkeypatch.setattr(run.venv, "create", mock.Mock(side_effect=error))
    with pytest.raises(SystemExit, match=said):
        run.setup()


def test_a_uv_that_does_not_start_is_not_used(bare, monkeypatch, tmp_path):
    monkeypatch.setattr(run.shutil, "which", lambda _: str(tmp_path / "shim"))
    assert run.uv_of(tmp_path / "python", {}) is None
    (tmp_path / "python").touch()
    assert run.uv_of(tmp_path / "python", {}) == (tmp_path / "python").with_name("uv.exe" if os.name == "nt" else "uv")


@pytest.mark.parametrize("words,said", [(["texts"], "--corpus texts"), (["--here"], "lacks jupyterlab")])
def test_what_is_said_in_the_wrong_words_is_answered_with_the_right_ones(tmp_path, monkeypatch, words, said):
    (tmp_path / "texts").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SystemExit, match=said):
        run.main(words)


# ---- what a person at a terminal sees ---------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def screen(written: str) -> list[str]:
    """The lines a terminal shows once all this is written."""
    shown = []
    for line in written.split("\n"):
        row = ""
        for part in line.split("\r"):
            row = part + row[len(part) :]
        shown.append(row.rstrip())
    return shown


def turns() -> list[Turn]:
    return [Turn(Path(f"0{n}-x.ipynb"), cells=10, cell=4 * n, ended=n == 0) for n in range(3)]


def test_a_terminal_shows_one_passing_line_and_keeps_the_others(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    console = Console()
    console.show("notebooks 1/10 | 04 cell 3/20 | 12 s")
    console.show("notebooks 2/10")
    console.say("ok 04")
    console.show("notebooks 3/10")
    console.show("")
    assert screen(sys.stdout.getvalue()) == ["ok 04", ""]


def test_a_log_holds_whole_lines_alone(capsys):
    console = Console()
    console.show("notebooks 1/10")
    console.say("ok 04")
    assert capsys.readouterr().out == "ok 04\n"


def test_the_line_says_how_many_which_cell_and_how_long(tmp_path):
    study = Study(results=tmp_path)
    store.save_text(
        study.folder / ".run" / "seconds.json", '{"00-x.ipynb": 5, "01-x.ipynb": 10, "02-x.ipynb": 5, "all": 40}'
    )
    watch = Watch(study, turns(), None, Console())
    assert watch.left() == pytest.approx(40 * (0.6 * 10 + 0.2 * 5) / 20)
    assert watch.line() == "notebooks 1/3 | 01 cell 5/10 | 02 cell 9/10 | 0 s, about 14 s left"
    assert "left" not in Watch(Study(results=tmp_path, name="new"), turns(), None, Console()).line()


def test_a_full_disk_found_by_a_notebook_stops_the_run(tmp_path):
    watch = Watch(Study(results=tmp_path), turns(), None, Console())
    with pytest.raises(OSError) as stopped:
        watch([Turn(Path("04-x.ipynb"), failure="OSError: [Errno 28] No space left on device", ended=True)])
    assert "No space is left for x" in journal.remedy(stopped.value, Path("x"))


def test_workers_are_chosen_by_option(monkeypatch):
    chosen = {}
    monkeypatch.setattr(os, "environ", chosen)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(runner, "check", lambda _: 0)
    assert runner.main(["check", "--processes", "2", "--scheduler", "tcp://here:8786"]) == 0
    assert chosen == {"PROCESSES": "2", "SCHEDULER": "tcp://here:8786"}
