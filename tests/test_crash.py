"""A run that is killed, interrupted or finds the disk full goes on where it stopped, to the same bytes as one left alone."""

import errno
import hashlib
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from helpers import journal, runner
from helpers.study import ROOT, CorpusError, Study

DRIVER = """
import sys
from pathlib import Path
from helpers import runner
from helpers.study import Study
runner.NOTEBOOKS = Path(sys.argv[1])
runner.CHAIN = sorted(path.stem for path in runner.NOTEBOOKS.glob("*.ipynb"))
sys.exit(runner.run(Study(corpus=Path(sys.argv[2]), results=Path(sys.argv[3])), 2))
"""
DRAWS = """
import matplotlib.pyplot as plt
import numpy as np
from helpers import captions, figures, store
from helpers.study import Study
study = Study()
figures.setup()
rows = store.load(study, "articles")[["doc_id", "n_han_clean"]]
fig, ax = plt.subplots()
ax.imshow(np.random.default_rng(0).random((400, 400)))
figures.publish(fig, rows, "fig01-1-lengths", captions.of("01-1", study, articles=len(rows)), study)
"""
COUNTS = """
from helpers import store
from helpers.study import Study
study = Study()
store.save(study, store.load(study, "articles")[["doc_id", "n_han_clean"]], "lengths")
"""
INDEX = """
import time
from helpers import figures, store
from helpers.study import Study
study = Study()
time.sleep(2)  # long enough to be met at work
store.save(study, figures.index(study), "figure_index")
"""
ARTICLES = {
    "a.txt": "浔川县打响疫情防控阻击战\n2月3日，全县干部连夜进村，设卡点12处，排查返乡人员860名。\n",
    "b.txt": "青沔市社区送菜上门\n4月9日，志愿者把蔬菜包送到居民门口，老人们说心里踏实多了。\n",
}
posix = pytest.mark.skipif(os.name == "nt", reason="signals and process groups of POSIX")


def start(folder: Path, results: Path, limit: int = 0) -> subprocess.Popen:
    """A run in a process group of its own; `limit` is the longest file it can write, 0 for none."""
    full = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) if limit else None
    words = [sys.executable, "-c", DRIVER, folder / "notebooks", folder / "corpus", results]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(words, cwd=ROOT, start_new_session=True, preexec_fn=full, **pipes)


def until(true, process: subprocess.Popen) -> None:
    while not true():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def kernels_of(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [int(row[0]) for row in rows if int(row[1]) == pid and "ipykernel" in row[2]]


def bytes_of(folder: Path) -> dict[str, str]:
    """sha256 of all that a run leaves for people."""
    shown = [p for p in sorted(folder.rglob("*")) if p.is_file() and not {"derived", ".run"} & set(p.parts)]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in shown}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A corpus of two articles and three notebooks."""
    folder = tmp_path_factory.mktemp("crash")
    for name, text in ARTICLES.items():
        path = folder / "corpus" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "notebooks").mkdir()
    for name, code in (("01-a", DRAWS), ("02-b", COUNTS), ("09-c", INDEX)):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code, id="cell-01")])
        (folder / "notebooks" / f"{name}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def calm(folder) -> Path:
    """The results of a run that nothing disturbed; a second run beside it was refused."""
    results = folder / "calm"
    first = start(folder, results)
    until((results / "corpus" / ".run" / "unfinished.json").is_file, first)
    second = start(folder, results)
    said = second.communicate()
    assert second.returncode == 2 and said[1].count("\n") == 1 and "Another run is writing into" in said[1]
    said = first.communicate()
    assert first.returncode == 0, said
    assert not (results / "corpus" / ".run" / "unfinished.json").exists()
    return results / "corpus"


@posix
def test_a_run_disturbed_five_times_leaves_the_bytes_of_a_calm_one(folder, calm):
    results = folder / "disturbed" / "corpus"
    again = lambda limit=0: start(folder, results.parent, limit)  # noqa: E731

    run = again()  # killed while the texts are cut
    until((results / "derived").is_dir, run)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()

    run = again(limit=100_000)  # the disk is full when the first figure is drawn
    said = run.communicate()
    assert run.returncode == 2 and said[1].count("\n") == 1 and "No space is left" in said[1]

    run = again()  # killed once a notebook is done
    left = results / journal.FOLDER / "unfinished.json"
    done = lambda: len(journal.read_json(left).get("done", ()))  # noqa: E731
    until(lambda: done() >= 1, run)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()

    run = again()  # interrupted once both are done
    until(lambda: done() >= 2 and kernels_of(run.pid), run)
    run.send_signal(signal.SIGINT)
    said = run.communicate()
    assert run.returncode == 130 and said[1].startswith("Interrupted.") and said[1].count("\n") == 1
    assert "Going on where the last run stopped" in said[0]

    run = again()  # the last kernel dies, and is started once more
    until(lambda: kernels_of(run.pid), run)
    os.kill(kernels_of(run.pid)[0], signal.SIGKILL)
    said = run.communicate()
    assert run.returncode == 0 and "again  09-c.ipynb" in said[0] and "ok     09-c.ipynb" in said[0]
    assert bytes_of(results) == bytes_of(calm) and len(bytes_of(calm)) > 20
    assert not list(results.rglob(".*.part"))


@posix
def test_an_article_more_is_told_on_the_page_of_changes(folder, calm):
    more = folder / "corpus" / "<i>c.txt"
    more.write_text("浔川县复工复产\n5月6日，全县企业有序开工，职工返岗率达到九成。\n", encoding="utf-8")
    try:
        run = start(folder, calm.parent)
        said = run.communicate()
    finally:
        more.unlink()
    assert run.returncode == 0, said
    page = (calm / "changes.html").read_text(encoding="utf-8")
    assert "&lt;i&gt;c.txt" in page and "<i>c" not in page and "rows: 1 new, 0 gone" in page
    assert "lengths.csv: 2 → 3 rows" in page and "Content-Security-Policy" in page


@posix
def test_a_kernel_that_is_done_has_no_last_word(folder, tmp_path):
    """Asked to leave, it would be interrupted, tidy up, and might cry out on the terminal of the run."""
    said = tmp_path / "said"
    code = f"import atexit, pathlib\natexit.register(pathlib.Path({str(said)!r}).write_text, 'bye')"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code, id="cell-01")])
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "09-c.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    (tmp_path / "corpus").symlink_to(folder / "corpus")
    run = start(tmp_path, tmp_path / "results")
    assert "ok     09-c.ipynb" in run.communicate()[0] and run.returncode == 0 and not said.exists()


def test_a_notebook_done_is_done_again_where_anything_it_rests_on_is_another(tmp_path):
    study, notebook = Study(results=tmp_path), tmp_path / "01-a.ipynb"
    notebook.write_text("{}", encoding="utf-8")
    (study.folder / "notebooks").mkdir(parents=True)
    (study.folder / "notebooks" / "01-a.ipynb").write_text("{}", encoding="utf-8")
    study.tables.mkdir()
    (study.tables / "lengths.csv").write_text("a\n", encoding="utf-8")
    journal.begin(study, {"figures": {"fig01-1-x": "first"}}, [notebook]).finished("01-a.ipynb")
    left = journal.begin(study, {"figures": {"fig01-1-x": "half"}}, [notebook])
    assert list(left.done) == ["01-a.ipynb"] and left.before["figures"]["fig01-1-x"] == "first"
    left.finished("01-a.ipynb")
    (study.tables / "lengths.csv").unlink()
    assert journal.begin(study, {}, [notebook]).done == {}, "a table has gone"
    journal.begin(study, {}, [notebook]).finished("01-a.ipynb")
    assert journal.begin(Study(results=tmp_path, topics=7), {}, [notebook]).done == {}, "another choice"
    journal.begin(study, {}, [notebook]).finished("01-a.ipynb")
    notebook.write_text('{"cells": []}', encoding="utf-8")
    assert journal.begin(study, {}, [notebook]).done == {}, "another notebook"


def test_a_folder_is_held_by_one_and_free_afterwards(tmp_path):
    study = Study(results=tmp_path)
    (study.folder / "tables").mkdir(parents=True)
    (study.folder / "tables" / ".articles.csv.77.part").write_text("half", encoding="utf-8")
    with journal.held(study):
        assert not list(study.folder.rglob("*.part")), "what a killed run was writing is swept away"
        with pytest.raises(CorpusError, match="Another run"), journal.held(study):
            pass
    with journal.held(study):
        pass


def test_a_place_that_cannot_be_written_to_is_one_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert runner.run(Study(results=tmp_path / "file"), 1) == 2
    monkeypatch.setattr(Path, "mkdir", lambda *_, **__: (_ for _ in ()).throw(OSError(errno.EROFS, "Read-only", "out")))
    assert runner.run(Study(results=tmp_path / "out"), 1) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2 and all(line.startswith("Stopped: ") and "--results" in line for line in said)
