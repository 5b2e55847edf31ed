"""Execute the notebooks on a corpus, in parallel kernels, and say in plain lines what was written and what went wrong."""

import argparse
import hashlib
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

import helpers
from helpers import changes, changes_page, journal, kernels, notebook_pages, report, store, styles
from helpers.console import Console, clock
from helpers.journal import Journal
from helpers.kernels import Turn
from helpers.study import ROOT, CorpusError, Study
from helpers.watching import Watch

NOTEBOOKS = ROOT / "notebooks"
CHAIN = (
    "00-start-here",
    "01-what-is-in-the-corpus",
    "02-from-raw-page-to-clean-text",
    "03-how-texts-become-words",
    "04-which-words-stand-out",
    "05-which-topics-recur",
    "06-who-did-what-when",
    "07-which-frames-appear",
    "08-does-framing-differ",
    "09-figures-to-cite",
)
LAST = "09"  # reads what all the others wrote
INTERRUPTED, STOPPED = 130, 2  # what the shell is told


def notebooks() -> list[Path]:
    """The notebooks that a run executes, in their order. Errors: CorpusError where one of them has gone."""
    paths = [NOTEBOOKS / f"{name}.ipynb" for name in CHAIN]
    if gone := [path.name for path in paths if not path.is_file()]:
        raise CorpusError(f"notebooks/{gone[0]} is not there: a run needs it under this name; fetch it again.")
    return paths


# ---- notebooks --------------------------------------------------------------------------------------------------------


def run_all(study: Study, book: Journal | None, jobs: int, console: Console) -> list[str]:
    """Every notebook that `book` does not call finished, `jobs` at a time, the index last; names of those that failed.
    Without a journal all are executed in place."""
    place = dict(CORPUS=study.corpus, CORPUS_NAME=study.name, RESULTS=study.results, PYTHONPATH=ROOT)
    env = os.environ | {name: str(value) for name, value in place.items()} | {"NB_QUIET": "1"}
    out = study.folder / "notebooks" if book else None
    turns = [Turn(path) for path in notebooks() if not book or path.name not in book.done]
    watch = Watch(study, turns, book, console)
    index = [turn for turn in turns if turn.name.startswith(LAST)]
    for some in ([turn for turn in reversed(turns) if turn not in index], index):  # the later ones take longest
        kernels.execute_all(some, out, env, jobs, watch)
    watch.remember()
    return [turn.name for turn in turns if turn.failure]


# ---- what a run rests on ----------------------------------------------------------------------------------------------


def manifest(study: Study) -> dict:
    """Everything a citation rests on, without a time or a place in it."""

    def sums(folder: Path) -> dict[str, str]:
        return {
            p.name: hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted(folder.glob("*"))
            if p.is_file() and not p.name.startswith(".")
        }

    articles = store.load(study, "articles")
    return {
        "corpus": {"name": study.name, "fingerprint": store.fingerprint(study), "articles": len(articles)},
        "choices": json.loads(json.dumps(study.choices, default=list)),
        "code": {
            "version": helpers.__version__,
            "helpers": store.code_fingerprint(),
            "lexicon": store.lexicon_fingerprint(),
        },
        "packages": {"python": ".".join(platform.python_version_tuple()[:2])} | journal.versions(),
        "inputs": dict(zip(articles["file"], articles["sha256"], strict=True)),
        "settings": store.settings(study),
        "tables": sums(study.tables),
        "figures": sums(study.figures),
    }


# ---- one run ----------------------------------------------------------------------------------------------------------


def run(study: Study, jobs: int) -> int:
    """The whole way for one corpus: derived tables, notebooks, manifest, changes, report. 0 where all went well, 1 where a
    notebook failed, 2 where the run could not go on, 130 where it was interrupted; each is said in one line."""
    return _alone(study, lambda console: _run(study, jobs, console))


def _alone(study: Study, work: Callable[[Console], int]) -> int:
    """Do `work` with the results folder held; what it cannot get over is one line."""
    console = Console()
    try:
        with journal.held(study):
            return work(console)
    except CorpusError as error:
        return _stop(console, f"Stopped: {error}")
    except OSError as error:
        return _stop(console, f"Stopped: {journal.remedy(error, study.folder)}")
    except KeyboardInterrupt:
        said = "Interrupted. What is written is whole; the same command goes on where this run stopped."
        return _stop(console, said, INTERRUPTED)


def _run(study: Study, jobs: int, console: Console) -> int:
    start = time.monotonic()
    book = journal.begin(study, changes.snapshot(study), notebooks())
    try:
        _derive(study, console)
    except CorpusError as error:
        _enter(study, str(error))
        raise
    _say_others(console)
    if book.done:
        console.say(f"Going on where the last run stopped: {len(book.done)} notebook(s) are done.")
    else:
        _clear(study)
    failed = run_all(study, book, jobs, console)
    console.show("writing the report")
    pages = _publish(study, book)
    book.close()
    drawn, written = len(list(study.figures.glob("*.png"))), len(list(study.tables.glob("*.csv")))
    console.say(f"{drawn} figures and {written} tables in {_short(study.folder)}, {clock(time.monotonic() - start)}.")
    for said, page in pages:
        console.say(f"{said}: {_short(page)}")
    if failed:
        place = _short(study.folder / "notebooks")
        console.say(f"{len(failed)} notebook(s) failed: {', '.join(failed)}. See their pages in {place}.")
    return 1 if failed else 0


def _say_others(console: Console) -> None:
    """A copy that somebody works in would draw the same figures at the same time."""
    others = [path.name for path in sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb")) if path.stem not in CHAIN]
    if others:
        console.say(f"Not run, for they are not of the collection: {', '.join(others)}.")


def _derive(study: Study, console: Console) -> None:
    start = time.monotonic()
    with store.one_look():
        articles, problems = store.load(study, "articles"), store.load(study, "problems")
        n = int(articles["n_han_clean"].sum())
        _check_choices(study)
        console.say(
            f"{study.name}: {len(articles):,} article{'s' * (len(articles) != 1)}, {n:,} Han characters of clean text."
        )
        _say_problems(problems, console)
        store.prepare(study)
    for _, problem, remedy, severity in store.LOST:
        console.say(f"  {severity}: {problem}. {remedy}")
    console.say(f"Text read, cleaned, cut and coded in {clock(time.monotonic() - start)}. Notebooks:")


def _check_choices(study: Study) -> None:
    """A choice that cannot be kept stops the run here, while the figures of the run before still stand."""
    styles.chosen(study.style)
    store.comparisons(study)


def _publish(study: Study, book: Journal) -> list[tuple[str, Path]]:
    """Manifest, changes, the notebooks as pages and the report; gives the pages a person opens, and what each is."""
    store.save_text(study.folder / "manifest.json", json.dumps(manifest(study), ensure_ascii=False, indent=1) + "\n")
    told = changes.between(book.before, changes.snapshot(study))
    store.save_text(study.folder / "changes.md", changes.text(told))
    moved = changes_page.publish(study, told)
    notebook_pages.publish(study)
    return [
        ("All on one page", report.publish(study)),
        (_compared_with(told), moved),
    ]


def _compared_with(told: changes.Changes) -> str:
    if not told.compared:
        return "Nothing to compare with yet"
    return "What moved since the last run" if told.known else "Whether the figures that stood here moved"


def _stop(console: Console, message: str, code: int = STOPPED) -> int:
    console.show("")
    print(message, file=sys.stderr)
    return code


def _enter(study: Study, message: str) -> None:
    """The same line in problems.csv, which the next run writes anew."""
    row = {"file": study.corpus.name, "problem": message, "remedy": "See the message.", "severity": "error"}
    store.save(study, pd.DataFrame([row]), "problems")
    (study.derived / "problems.json").unlink(missing_ok=True)


def _say_problems(problems: pd.DataFrame, console: Console) -> None:
    shown = problems[problems["severity"] != "note"]
    for row in shown.head(40).itertuples(index=False):
        console.say(f"  {row.severity}: {row.file!s}: {row.problem}. {row.remedy}")
    rest = len(problems) - min(len(shown), 40)
    if rest:
        console.say(f"  {rest} {'more ' if len(shown) else ''}note(s) on the files in tables/problems.csv")


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def check(jobs: int) -> int:
    """Run the sample into a scratch folder; 1 where a number behind a figure differs from the one in results/sample."""
    study = Study()
    with tempfile.TemporaryDirectory() as scratch:
        again = Study(results=Path(scratch))
        if code := run(again, jobs):
            return code
        known = sorted(study.figures.glob("fig*.csv"))
        drawn = {p.name: p for p in again.figures.glob("fig*.csv")}
        moved = [
            p.stem
            for p in known
            if p.name not in drawn or changes.differ(p.read_text("utf-8"), drawn[p.name].read_text("utf-8"))
        ]
    print(f"{len(known)} figures compared. " + (f"Moved: {', '.join(moved)}" if moved else "No citable number moved."))
    return 1 if moved or not known else 0


def _clear(study: Study) -> None:
    """Figures and tables that notebooks of an earlier version drew must not stand beside the new ones."""
    tables = [path for path in study.tables.glob("*.csv") if path.stem not in store.PUBLISHED]
    for old in (*study.figures.glob("fig*"), *tables):
        old.unlink()


def refresh(jobs: int) -> int:
    """Execute the committed notebooks in place on the sample."""
    study = Study()
    return _alone(study, lambda console: _refresh(study, jobs, console))


def _refresh(study: Study, jobs: int, console: Console) -> int:
    store.prepare(study)
    _clear(study)
    return 1 if run_all(study, None, jobs, console) else 0


def _terminated(*_: object) -> None:
    raise KeyboardInterrupt


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python run.py", description="Run every notebook on a corpus.")
    parser.add_argument("command", choices=("run", "check", "refresh"))
    parser.add_argument("--corpus", help="a folder of articles (default: the shipped sample)")
    parser.add_argument("--name", default="", help="name of the folder in results/ (default: the corpus folder's)")
    parser.add_argument("--results", help="where results are written (default: results/)")
    parser.add_argument("--jobs", type=int, default=min(3, (os.cpu_count() or 2) + 1), help="kernels at a time")
    parser.add_argument(
        "--processes", type=int, help="processes that read and cut the texts (default: chosen by the size)"
    )
    parser.add_argument("--scheduler", help="a dask scheduler whose workers do that instead, as tcp://host:8786")
    words = parser.parse_args(argv)
    for name, value in (("PROCESSES", words.processes), ("SCHEDULER", words.scheduler)):
        if value:
            os.environ[name] = str(value)
    signal.signal(signal.SIGTERM, _terminated)
    if words.command != "run":
        return check(words.jobs) if words.command == "check" else refresh(words.jobs)
    chosen = {key: Path(value) for key, value in (("corpus", words.corpus), ("results", words.results)) if value}
    try:
        study = Study(name=words.name, **chosen)
    except CorpusError as error:
        return _stop(Console(), f"Stopped: {error}")
    return run(study, max(1, words.jobs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
