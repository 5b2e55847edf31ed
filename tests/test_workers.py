"""Results do not depend on who makes them: here, in processes, on a dask scheduler, and where workers die at their work."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import workers
from helpers.study import ROOT, CorpusError


def doubled(number: int) -> tuple[int, int]:
    """Twice the number, and who worked it out."""
    return 2 * number, os.getpid()


def fatal(folder: Path, number: int, at: int = 5, times: int = 1) -> int:
    """Kills the process that works on part `at`, so many times."""
    mark = folder / f"killed-{len(list(folder.glob('killed-*')))}"
    if number == at and len(list(folder.glob("killed-*"))) < times:
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    return number * number


def refusing(number: int) -> int:
    if number == 3:
        raise CorpusError("part 3: take it out.")
    return number


@pytest.fixture
def two(monkeypatch):
    monkeypatch.delenv("SCHEDULER", raising=False)
    monkeypatch.setenv("PROCESSES", "2")


@pytest.fixture(scope="module")
def cluster():
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        yield cluster
        if workers._client.cache_info().currsize:  # one that is left open looks for the cluster ever after
            workers._client(cluster.scheduler_address).close()
        workers._client.cache_clear()


def test_results_come_in_order_from_more_than_one_process(two):
    values, makers = zip(*workers.each(doubled, range(40)), strict=True)
    assert values == tuple(range(0, 80, 2)) and os.getpid() not in makers


def test_one_part_a_closure_or_one_process_stay_here(two, monkeypatch):
    assert [pid for _, pid in workers.each(doubled, [1])] == [os.getpid()]
    assert {pid for pid in workers.each(lambda _: os.getpid(), range(9))} == {os.getpid()}
    monkeypatch.setenv("PROCESSES", "1")
    assert {pid for _, pid in workers.each(doubled, range(9))} == {os.getpid()}


@given(st.lists(st.integers(), max_size=30))
def test_any_parts_give_what_map_gives(numbers):
    assert list(workers.each(abs, iter(numbers))) == list(map(abs, numbers))


def test_parts_are_asked_for_only_as_they_are_needed(two):
    taken = []
    results = workers.each(abs, (taken.append(n) or n for n in range(1000)))
    assert next(results) == 0 and len(taken) <= 2 * workers.AHEAD + 2


def test_what_the_function_raises_reaches_the_caller_and_the_pool_lives_on(two):
    with pytest.raises(CorpusError, match="part 3"):
        list(workers.each(refusing, range(6)))
    assert list(workers.each(abs, range(6))) == list(range(6))


@pytest.mark.parametrize("times", [1, workers.POOLS + 1])
def test_a_killed_process_loses_no_result(two, tmp_path, times):
    """Killed once: done in a new process; killed each time: done here, where nothing kills it any more."""
    faults = []
    assert list(workers.each(partial(fatal, tmp_path, times=times), range(12), faults)) == [n * n for n in range(12)]
    assert len(faults) == times and len(list(tmp_path.iterdir())) == times
    assert ("main process" in faults[-1][1]) == (times > workers.POOLS)


def test_workers_end_with_the_process_that_gave_the_orders(tmp_path):
    said = tmp_path / "pids"
    script = tmp_path / "gone.py"
    script.write_text(
        "import os, signal, pathlib\n"
        "from helpers import workers\nfrom tests.test_workers import doubled\n"
        "if __name__ == '__main__':\n"
        "    pids = {pid for _, pid in workers.each(doubled, range(200))}\n"
        f"    pathlib.Path({str(said)!r}).write_text(' '.join(map(str, pids)))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, script], env=os.environ | {"PROCESSES": "2", "PYTHONPATH": str(ROOT)})
    pids = list(map(int, said.read_text().split()))
    assert pids and all(_gone(pid) for pid in pids)


def _gone(pid: int) -> bool:
    for _ in range(100):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().split(") ")[1][0] == "Z":
            return True
        time.sleep(0.1)
    return False


def modules(_: int) -> set[str]:
    return set(sys.modules)


@pytest.mark.parametrize(("command", "imported"), [("helpers.__main__", False), ("helpers.runner", True)])
def test_a_worker_does_not_import_the_command_that_started_it(command, imported):
    script = f"import {command} as command, sys; from helpers import workers; from tests.test_workers import modules; "
    script += "sys.modules['__main__'].__spec__ = command.__spec__; "  # as `python -m` sets it
    script += "print('helpers.report' in set().union(*workers.each(modules, range(4))))"
    env = os.environ | {"PROCESSES": "2", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == str(imported), done.stderr[-500:]


PRESS = """
import os, signal, sys
from helpers import __main__ as command
class Press:
    def find_spec(self, name, *_):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Press())
sys.exit(command.main(["run"]))
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT for one process there")
@pytest.mark.parametrize("importing", ["pandas", "helpers.kernels"])
def test_ctrl_c_while_a_run_starts_is_one_line(importing):
    done = subprocess.run([sys.executable, "-c", PRESS, importing], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, len(done.stderr.splitlines()), done.stdout) == (130, 1, ""), done.stderr


@pytest.mark.parametrize("said", ["0", "-1", "two"])
def test_a_number_of_processes_that_is_none_is_refused(monkeypatch, said):
    monkeypatch.delenv("SCHEDULER", raising=False)
    monkeypatch.setenv("PROCESSES", said)
    with pytest.raises(CorpusError, match="PROCESSES"):
        workers.each(abs, range(9))


def test_a_scheduler_gives_the_same_in_the_same_order(cluster, monkeypatch):
    monkeypatch.setenv("SCHEDULER", cluster.scheduler_address)
    values, makers = zip(*workers.each(doubled, range(40)), strict=True)
    assert values == tuple(range(0, 80, 2)) and os.getpid() not in makers


def test_a_killed_dask_worker_loses_no_result(cluster, monkeypatch, tmp_path):
    monkeypatch.setenv("SCHEDULER", cluster.scheduler_address)
    assert list(workers.each(partial(fatal, tmp_path), range(12))) == [n * n for n in range(12)]
    assert len(list(tmp_path.iterdir())) == 1


def test_a_worker_with_other_helpers_is_refused(cluster, monkeypatch):
    monkeypatch.setenv("SCHEDULER", cluster.scheduler_address)
    monkeypatch.setattr(workers, "code", lambda: "another version")
    with pytest.raises(CorpusError, match="other helpers"):
        list(workers.each(abs, range(4)))


def test_a_scheduler_that_is_not_there_is_said_in_one_line(monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 1)
    monkeypatch.setenv("SCHEDULER", "tcp://127.0.0.1:9")
    with pytest.raises(CorpusError, match="no dask scheduler answers"):
        list(workers.each(abs, range(4)))
