"""The folder `derived` of a study: which parts each derived table consists of, and for which state of the corpus.

A table has its parts in a folder of its name and a stamp `<name>.json` beside it, written last: what is interrupted before
that leaves the old table whole and the new parts to go on with.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TypeVar

import pandas as pd
import pyarrow as pa

from helpers import parts, progress, recipes, steps, workers
from helpers.publishing import save, save_text
from helpers.recipes import digest
from helpers.steps import Task
from helpers.study import CODEBOOK, Study

TERMS = "terms.txt"
ASIDE = (TERMS, "study.toml", CODEBOOK)  # files of a corpus folder that docs do not rest on
FEW = 10  # parts that this process makes in the time another one takes to start
LOST: list[workers.Fault] = []  # what is to be said of workers that died at their work; no table depends on it
T = TypeVar("T")
_LOOK: ContextVar[dict | None] = ContextVar("corpus folders looked through during one load", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """The corpus folder is looked through once while this lasts."""
    token = _LOOK.set({} if _LOOK.get() is None else _LOOK.get())
    try:
        yield
    finally:
        _LOOK.reset(token)


def once(look: Callable[[Study], T]) -> Callable[[Study], T]:
    """`look(study)` is asked once during a load."""

    def asked(study: Study) -> T:
        known = _LOOK.get()
        if known is None:
            return look(study)
        place = look, study.corpus, study.ignore
        if place not in known:
            known[place] = look(study)
        return known[place]

    return asked


@once
def seen(study: Study) -> dict[str, bytes | None]:
    """What is in the corpus folder: see `recipes.seen`."""
    return recipes.seen(study.corpus)


@once
def corpus(study: Study) -> str:
    """The name of exactly these files and folders, without those that say nothing of the articles."""
    return digest(
        recipes.named({name: sha for name, sha in seen(study).items() if name not in ASIDE}), repr(study.ignore)
    )


def stamp(study: Study, name: str) -> dict:
    """What was last noted of a table: key (the state of everything it rests on), parts, and what else was kept with it."""
    path = study.derived / f"{name}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def make(study: Study, name: str, keys: Sequence[str], task: Callable[[int], Task]) -> None:
    """The parts of a step that are not there made now, here or elsewhere (see `workers`); `task` tells what a key wants."""
    todo = [task(i) for i in parts.missing(study.derived, steps.STEPS[name].makes, keys)]
    made = workers.each(partial(steps.save_part, study.derived, name), todo, LOST, FEW)
    for _ in progress.shown(made, len(todo), f"{name}, parts"):
        pass


def keep(study: Study, name: str, key: str, keys: list[str], **more) -> None:
    """The table `name` consists of these parts from now on: its CSV is written, older parts go."""
    if name in steps.PUBLISHED:
        more["sizes"] = _published(study, name, keys)
    save_text(study.derived / f"{name}.json", json.dumps({"key": key, "parts": keys, **more}))
    parts.prune(study.derived, name, keys)


def _published(study: Study, name: str, keys: list[str]) -> list[int]:
    """The CSV of these parts written, if it is another one that is there; how many bytes each part takes in it."""
    target, stamped = study.tables / f"{name}.csv", study.derived / f"{name}.json"
    moment = stamped.stat().st_mtime_ns if stamped.is_file() else 0
    last = stamp(study, name)  # read after that: what another process writes in between is too young to be copied
    sizes = dict(zip(last.get("parts", ()), last.get("sizes", ()), strict=False)) if target.is_file() else {}
    return last["sizes"] if [*sizes] == keys else parts.publish(target, study.derived, name, keys, sizes, moment)


def keep_whole(study: Study, name: str, key: str, frame: pd.DataFrame, published: bool = False, **more) -> None:
    """A table that is made of all articles at once is its only part."""
    parts.save(study.derived, name, key, frame)
    if published:
        save(study, frame, name)
    keep(study, name, key, [key], **more)


def mend(study: Study) -> None:
    """Parts that cannot be read are taken away, and all stamps, so that what is missing is made again."""
    for path in study.derived.glob("*/*.arrow"):
        try:
            parts.read(study.derived, path.parent.name, [path.stem])
        except (OSError, pa.ArrowException):
            path.unlink(missing_ok=True)
    for path in study.derived.glob("*.json"):
        path.unlink(missing_ok=True)
