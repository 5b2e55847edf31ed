"""Notebooks executed in kernels of their own, some at a time: watched, stopped together, tried once more where a kernel died."""

import asyncio
import atexit
import concurrent.futures
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from helpers import store

WATCHED = 0.5  # seconds between two looks
LONGEST = 4 * 3600  # seconds a cell may take
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Stopped(Exception):
    """The run was broken off while this notebook was on its way."""


@dataclass
class Turn:
    """A notebook's turn: how far it is (`cell` of `cells`), how long it took, and what failed, "" where nothing did."""

    path: Path
    cells: int = 0
    cell: int = 0
    seconds: float = 0.0
    ended: bool = False
    failure: str = ""
    died: bool = False  # the kernel itself, as it does where memory runs out
    tries: int = 0
    client: object = None

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def share(self) -> float:
        """How much of the notebook is done, from 0 to 1."""
        return 1.0 if self.ended else self.cell / self.cells if self.cells else 0.0


def execute_all(
    turns: list[Turn], out: Path | None, env: dict[str, str], jobs: int, watch: Callable[[list[Turn]], None]
) -> None:
    """Execute the notebooks of `turns`, `jobs` at a time; executed copies go to `out`, or in place where that is None.

    `watch` is called twice a second with those that ended since. What it raises, and Ctrl-C, stops every kernel and comes
    out here. A notebook whose kernel died is executed once more, with no other beside it.
    """
    _some(turns, out, env, jobs, watch)
    for turn in [turn for turn in turns if turn.died]:
        turn.ended, turn.cell = False, 0
        _some([turn], out, env, 1, watch)


def _some(turns: list[Turn], out: Path | None, env: dict[str, str], jobs: int, watch: Callable) -> None:
    stop, pool = threading.Event(), concurrent.futures.ThreadPoolExecutor(jobs)
    waiting = {pool.submit(_execute, turn, out, env, stop): turn for turn in turns}
    try:
        while waiting:
            ended, _ = concurrent.futures.wait(waiting, WATCHED, concurrent.futures.FIRST_COMPLETED)
            for future in ended:
                future.result()
            watch([waiting.pop(future) for future in ended])
    finally:
        with _deaf():
            stop.set()
            for turn in waiting.values():
                _kill(turn)
            pool.shutdown(cancel_futures=True)


@contextmanager
def _deaf() -> Iterator[None]:
    """A second Ctrl-C while kernels are being stopped would leave some behind."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _kill(turn: Turn) -> None:
    """Stop the kernel and all it started at once; one that is only starting stops before its first cell."""
    manager = getattr(turn.client, "km", None)
    if provisioner := getattr(manager, "provisioner", None):
        asyncio.run(provisioner.kill())


def _execute(turn: Turn, out: Path | None, env: dict[str, str], stop: threading.Event) -> None:
    """Run one notebook; the executed copy is kept, of a failed one too unless that would take the place of the original."""
    import nbformat

    start, notebook = time.monotonic(), nbformat.read(turn.path, as_version=4)
    turn.cells = len(notebook.cells)

    def begin(cell: object, cell_index: int) -> None:
        if stop.is_set():
            raise Stopped
        turn.cell = cell_index

    turn.client, turn.tries = _client(notebook, turn.path.parent, begin), turn.tries + 1
    turn.failure, turn.died = _failure(turn.client, env)
    turn.seconds, turn.ended = time.monotonic() - start, True
    notebook.metadata.pop("widgets", None)
    if not stop.is_set() and (out is not None or not turn.failure):
        store.save_text(turn.path if out is None else out / turn.name, nbformat.writes(notebook) + "\n")


def _client(notebook, folder: Path, begin: Callable):
    from nbclient import NotebookClient

    return NotebookClient(
        notebook,
        timeout=LONGEST,
        kernel_name="python3",
        extra_arguments=["--log-level=40"],
        store_widget_state=False,
        record_timing=False,
        shutdown_kernel="immediate",  # asked to leave, it is interrupted first, and may cry out on stderr or abort
        on_cell_start=begin,
        resources={"metadata": {"path": str(folder)}},
    )


def _failure(client, env: dict[str, str]) -> tuple[str, bool]:
    """What failed, in one line, "" where nothing did; and whether the kernel died."""
    from nbclient.exceptions import CellExecutionError

    try:
        client.execute(env=env)
    except CellExecutionError as error:
        return (COLOUR.sub("", f"{error.ename}: {error.evalue}").strip().splitlines() or [error.ename])[0], False
    except Exception as error:  # a time-out, a dead kernel: told in one line, the other notebooks go on
        said = (str(error).splitlines() or [""])[0]
        return f"{type(error).__name__}: {said}", said.startswith("Kernel died")
    finally:  # what tidies up stays behind, and fails, where a kernel was killed while it started
        atexit.unregister(client._cleanup_kernel)
    return "", False
