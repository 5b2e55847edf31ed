"""One function over many parts: here, in processes of this machine, or on the machines of a dask scheduler.

Results come in the order of the parts, whoever made them, so tables do not depend on where they were made. Which way is taken
is read from the environment: SCHEDULER (tcp://host:8786), else PROCESSES (how many; 1 is none; default: one for each core).
"""

import atexit
import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from itertools import chain, islice
from typing import TypeVar

from helpers.recipes import code_fingerprint, lexicon_fingerprint
from helpers.study import CorpusError

AHEAD = 3  # parts under way for each worker: enough to keep it busy, few enough for memory
POOLS = 2  # a pool that lost a worker is made anew so many times, then the rest is done here
PATIENCE = 30  # seconds to wait for a scheduler and its first worker
Part, Result = TypeVar("Part"), TypeVar("Result")
Fault = tuple[str, str, str, str]


def each(
    function: Callable[[Part], Result], parts: Iterable[Part], faults: list[Fault] | None = None, few: int = 1
) -> Iterator[Result]:
    """`function(part)` for every part, in the order of the parts; at most a few parts a worker are held at a time.
    No more than `few` parts are done here: they are not worth the start of a worker.

    Only a function that another process can import, or a functools.partial of one, leaves this process; paths and bytes travel
    cheaply, frames of Python objects do not. A worker that dies costs time and a row in `faults` (file, problem, remedy,
    severity), no result. Errors: what `function` raises; CorpusError where PROCESSES or SCHEDULER cannot be used.

    >>> list(each(len, ["核酸检测", "社区"]))
    [4, 2]
    """
    faults, parts = [] if faults is None else faults, iter(parts)
    first = list(islice(parts, few + 1))
    parts = chain(first, parts)
    if len(first) <= few or not _travels(function) or multiprocessing.current_process().daemon:
        return map(function, parts)
    if address := os.environ.get("SCHEDULER"):
        return _on_scheduler(function, parts, address, faults)
    n = processes()
    return _in_processes(function, parts, n, faults) if n > 1 else map(function, parts)


def processes() -> int:
    """How many processes this machine should use: PROCESSES in the environment, else one for each core."""
    said = os.environ.get("PROCESSES") or str(os.cpu_count() or 1)
    if not said.isdecimal() or int(said) < 1:
        raise CorpusError(f"PROCESSES={said} is no number of processes: give 1 or more, or leave it out.")
    return int(said)


def _travels(function: Callable) -> bool:
    """Whether another process can import the function: a closure, or what a notebook's cell defines, cannot be."""
    try:
        return b"__main__" not in pickle.dumps(function)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False


def _in_order(
    parts: Iterable[Part], start: Callable, finish: Callable[..., Result], width: Callable[[], int]
) -> Iterator[Result]:
    """What `finish` gives for each part that `start` set going, `width` parts under way at a time."""
    waiting: deque = deque()
    try:
        for part in parts:
            waiting.append((part, start(part)))
            if len(waiting) >= width():
                yield finish(*waiting.popleft())
        while waiting:
            yield finish(*waiting.popleft())
    finally:
        for _, (_, future) in waiting:
            future.cancel()


# ---- processes of this machine ----------------------------------------------------------------------------------------


@cache
def _pool(n: int) -> ProcessPoolExecutor:
    """Kept for the next call. Started afresh, not forked: alike on every system, safe beside the threads of a kernel."""
    return ProcessPoolExecutor(n, multiprocessing.get_context("spawn"), _at_work)


def _at_work() -> None:
    """A new worker has no workers of its own, leaves Ctrl-C to the process that gives the orders, and ends with it; at once,
    since freeing its lexicons one by one takes longer than many a part."""
    atexit.register(os._exit, 0)
    os.environ["PROCESSES"] = "1"
    os.environ.pop("SCHEDULER", None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()


def _end_with(process) -> None:
    process.join()
    os._exit(1)


def _in_processes(
    function: Callable[[Part], Result], parts: Iterable[Part], n: int, faults: list[Fault]
) -> Iterator[Result]:
    pools: list[ProcessPoolExecutor | None] = [_pool(n)]  # the last is in use; None: the work is done here

    def start(part: Part) -> tuple[ProcessPoolExecutor | None, Future]:
        future: Future = Future()
        try:
            future = pools[-1].submit(function, part) if pools[-1] else future
        except BrokenProcessPool as error:  # told when its result is asked for
            future.set_exception(error)
        return pools[-1], future

    def finish(part: Part, started: tuple[ProcessPoolExecutor | None, Future]) -> Result:
        pool, future = started
        if pool is None:
            return function(part)
        try:
            return future.result()
        except BrokenProcessPool:
            if pool is pools[-1]:  # not one that has been replaced already
                _pool.cache_clear()
                pools.append(_pool(n) if len(pools) <= POOLS else None)
                faults.append(_lost("A process", "in a new one" if pools[-1] else "by the main process"))
        return finish(part, start(part))

    return _in_order(parts, start, finish, lambda: AHEAD * n)


def _lost(who: str, where: str) -> Fault:
    remedy = "Nothing to do; if it happens again, use fewer processes (PROCESSES) or a machine with more memory."
    return "", f"{who} ended in the middle of its work; the work was done {where}", remedy, "note"


# ---- the machines of a scheduler --------------------------------------------------------------------------------------


@cache
def _client(address: str):
    """A connection to the scheduler, with at least one worker there."""
    import distributed

    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise CorpusError(
            f"SCHEDULER={address}: no dask scheduler answers there ({type(error).__name__}); start one or leave --scheduler out."
        ) from None
    try:
        client.wait_for_workers(1, PATIENCE)
    except TimeoutError:
        raise CorpusError(f"SCHEDULER={address} has no workers: run `dask worker {address}` on each machine.") from None
    return client


def _on_scheduler(
    function: Callable[[Part], Result], parts: Iterable[Part], address: str, faults: list[Fault]
) -> Iterator[Result]:
    """Lost workers are the scheduler's business; a part that it gives up on is done here."""
    from distributed.scheduler import KilledWorker

    client = _client(address)

    def start(part: Part) -> tuple:
        return client, client.submit(_elsewhere, function, part, code(), pure=False)

    def finish(part: Part, started: tuple) -> Result:
        try:
            return started[1].result()
        except (KilledWorker, CancelledError):
            faults.append(_lost("A dask worker or its scheduler", "by the main process"))
            return function(part)

    return _in_order(parts, start, finish, lambda: AHEAD * max(1, sum(client.nthreads().values())))


def _elsewhere(function: Callable[[Part], Result], part: Part, expected: str) -> Result:
    """In a dask worker: the part done, if this machine has the same helpers and lexicons."""
    if code() != expected:
        raise CorpusError(
            "A dask worker has other helpers or lexicons than this machine: bring its copy up to date and restart it."
        )
    return function(part)


def code() -> str:
    """The name of the helpers and lexicons of this machine, as they stood when this process first asked."""
    return code_fingerprint() + lexicon_fingerprint()
