"""What a process pays before its first article: it loads what it needs, once, and lets it go at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import lexicon
from helpers.codebook import LEXICON, read_codebook
from helpers.study import ROOT

KEPT = []


class Mourned:
    """Leaves a mark when it is taken apart."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __del__(self, touch=Path.touch) -> None:
        touch(self.mark)


def keep(folder: Path, number: int) -> int:
    KEPT.append(Mourned(folder / f"mark-{number}"))
    return number


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PROCESSES": "2"}, capture_output=True, text=True
    )
    assert not done.returncode, done.stderr
    return done.stdout


def test_the_text_path_imports_nothing_that_it_may_not_need():
    loaded = set(run("import sys, helpers.stream, helpers.store; print(*sys.modules)").split())
    others = {"scipy.special", "scipy.stats", "scipy.optimize", "sklearn", "networkx", "matplotlib", "openpyxl", "docx"}
    others |= {"lxml", "trafilatura", "pypdfium2", "opencc", "jieba", "rjieba", "distributed"}
    assert loaded & others == set()


def test_a_worker_of_the_text_path_needs_no_matrices():
    assert "scipy.sparse" not in run("import sys, helpers.stream; print(*sys.modules)").split()


def test_a_worker_ends_without_taking_its_lexicons_apart(tmp_path):
    told = "from functools import partial; from pathlib import Path; from helpers import workers; from tests.test_loading import keep"
    run(f"{told}; print(sum(workers.each(partial(keep, Path({str(tmp_path)!r})), range(4))))")
    assert list(tmp_path.iterdir()) == []
    keep(tmp_path, 0)
    KEPT.clear()
    assert len(list(tmp_path.iterdir())) == 1, "the mark is left where objects are taken apart"


def test_a_dictionary_is_its_owners_own():
    one, other = lexicon.dictionary(), lexicon.dictionary()
    one.add_word("甲乙丙丁戊", 100, None)
    assert one.has_word("甲乙丙丁戊") and not other.has_word("甲乙丙丁戊")


def test_importing_rjieba_and_taking_its_dictionary_loads_it_once():
    """Where the first cutter is the one that rjieba makes on its import."""
    told = "import rjieba; own = rjieba._DEFAULT_JIEBA; from helpers import lexicon; "
    assert run(told + "print(lexicon.dictionary() is own, lexicon.dictionary() is own)").split() == ["True", "False"]


@pytest.mark.parametrize("path", [LEXICON / "codebook.yml", str(LEXICON / "codebook.yml")])
def test_a_codebook_is_read_once_however_it_is_named(path):
    assert read_codebook(path) is read_codebook()


def test_a_table_is_read_once_whatever_is_asked_of_it():
    assert lexicon.rows("units", "unit") is lexicon.rows("units", "kind") is lexicon.rows("units")
