"""Execute the notebooks on a corpus, in parallel kernels, and say in plain lines what was written and what went wrong."""

import argparse
import concurrent.futures
import hashlib
import json
import os
import platform
import re
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

import pandas as pd

import helpers
from helpers import changes, report, store
from helpers.study import ROOT, CorpusError, Study

NOTEBOOKS = ROOT / "notebooks"
LAST = "09"  # reads what all the others wrote
PACKAGES = (
    "jieba",
    "rjieba",
    "matplotlib",
    "numpy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "opencc",
    "pyahocorasick",
    "networkx",
)


def execute(path: Path, out: Path | None, env: dict[str, str]) -> tuple[str, float, str]:
    """Run one notebook in a kernel of its own; (name, seconds, what failed or ""). The executed copy is kept either way."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    start = time.time()
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=1800,
        kernel_name="python3",
        extra_arguments=["--log-level=40"],
        store_widget_state=False,
        record_timing=False,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    )
    failure = ""
    try:
        client.execute(env=env)
    except CellExecutionError as error:
        failure = re.sub(r"\x1b\[[0-9;]*m", "", f"{error.ename}: {error.evalue}").strip().splitlines()[0]
    except Exception as error:  # a dead kernel, a time-out: told in one line, the other notebooks go on
        failure = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    notebook.metadata.pop("widgets", None)
    target = path if out is None else out / path.name
    if out is not None or not failure:
        store.save_text(target, nbformat.writes(notebook) + "\n")
    return path.name, time.time() - start, failure


def run_all(study: Study, out: Path | None, jobs: int) -> list[str]:
    """Every notebook, `jobs` at a time, the index last; names of those that failed."""
    env = dict(os.environ, CORPUS=str(study.corpus), CORPUS_NAME=study.name, RESULTS=str(study.results), NB_QUIET="1")
    paths = sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))
    failed = []
    first = [path for path in paths if not path.name.startswith(LAST)]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:  # the later ones take longest and start first
        running = [pool.submit(execute, path, out, env) for path in reversed(first)]
        for done in concurrent.futures.as_completed(running):
            failed += _told(*done.result())
    for path in paths[len(first) :]:
        failed += _told(*execute(path, out, env))
    return failed


def _told(name: str, seconds: float, failure: str) -> list[str]:
    print(
        f"  {'FAILED' if failure else 'ok'}  {name:42s} {seconds:5.1f} s" + (f"  {failure}" if failure else ""),
        flush=True,
    )
    return [name] if failure else []


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
        "packages": {"python": ".".join(platform.python_version_tuple()[:2])}
        | {name: metadata.version(name) for name in PACKAGES},
        "inputs": dict(zip(articles["file"], articles["sha256"], strict=True)),
        "tables": sums(study.tables),
        "figures": sums(study.figures),
    }


def _stop(study: Study | None, message: str) -> int:
    """One clear line for a corpus that cannot be opened, in the console and in problems.csv."""
    print(f"Stopped: {message}", file=sys.stderr)
    if study is not None:
        row = {"file": study.corpus.name, "problem": message, "remedy": "See the message.", "severity": "error"}
        try:
            store.save(study, pd.DataFrame([row]), "problems")
        except OSError as error:
            print(f"problems.csv could not be written either: {error}", file=sys.stderr)
    return 2


def _say_problems(problems: pd.DataFrame) -> None:
    shown = problems[problems["severity"] != "note"]
    for row in shown.head(40).itertuples(index=False):
        print(f"  {row.severity}: {row.file!s}: {row.problem}. {row.remedy}", flush=True)
    rest = len(problems) - min(len(shown), 40)
    if rest:
        print(f"  ... and {rest} more row(s) in tables/problems.csv", flush=True)


def run(study: Study, jobs: int) -> int:
    """The whole way for one corpus: derived tables, notebooks, manifest, changes."""
    start = time.time()
    try:
        before = changes.snapshot(study)
        articles, problems = store.load(study, "articles"), store.load(study, "problems")
        print(
            f"{study.corpus.name}: {len(articles)} articles, {int(articles['n_han_clean'].sum()):,} Han characters of clean text.",
            flush=True,
        )
        _say_problems(problems)
        for name in store.STEPS:
            store.load(study, name)
    except CorpusError as error:
        return _stop(study, str(error))
    except OSError as error:
        return _stop(
            study, f"{error.filename}: {error.strerror}. Free or open that place, or choose another with --results."
        )
    print(f"Text read, cleaned, cut and coded in {time.time() - start:.1f} s. Notebooks:", flush=True)
    _clear(study)
    failed = run_all(study, study.folder / "notebooks", jobs)
    store.save_text(study.folder / "manifest.json", json.dumps(manifest(study), ensure_ascii=False, indent=1) + "\n")
    store.save_text(study.folder / "changes.md", changes.report(before, changes.snapshot(study)))
    page = report.publish(study)
    n_figures, n_tables = len(list(study.figures.glob("*.png"))), len(list(study.tables.glob("*.csv")))
    print(
        f"{n_figures} figures and {n_tables} tables in {_short(study.folder)}, {time.time() - start:.0f} s. "
        f"All on one page: {_short(page)}",
        flush=True,
    )
    if failed:
        print(
            f"{len(failed)} notebook(s) failed: {', '.join(failed)}. Open the executed copy in {_short(study.folder / 'notebooks')}.",
            flush=True,
        )
    return 1 if failed else 0


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
    for name in store.STEPS:
        store.load(study, name)
    _clear(study)
    return 1 if run_all(study, None, jobs) else 0


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python run.py", description="Run every notebook on a corpus.")
    parser.add_argument("command", choices=("run", "check", "refresh"))
    parser.add_argument("--corpus", help="a folder of articles (default: the shipped sample)")
    parser.add_argument("--name", default="", help="name of the folder in results/ (default: the corpus folder's)")
    parser.add_argument("--results", help="where results are written (default: results/)")
    parser.add_argument("--jobs", type=int, default=min(3, (os.cpu_count() or 2) + 1), help="kernels at a time")
    words = parser.parse_args(argv)
    if words.command != "run":
        return check(words.jobs) if words.command == "check" else refresh(words.jobs)
    chosen = {key: Path(value) for key, value in (("corpus", words.corpus), ("results", words.results)) if value}
    try:
        study = Study(name=words.name, **chosen)
    except CorpusError as error:
        return _stop(None, str(error))
    return run(study, max(1, words.jobs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
