"""A bar for steps that take a while: in JupyterLab a display updated in place, in a terminal one line; neither is left behind."""

import html
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

PATIENCE = 2.0  # seconds before a bar is shown at all
PAUSE = 0.2  # seconds between two looks of it
WIDTH = 24  # characters of the bar in a terminal
Item = TypeVar("Item")


def shown(items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
    """`items` as they come, with a bar for `what` while they do; `total` of them are expected.

    Nothing is shown where NB_QUIET is set, nor in a stream that is no terminal.

    >>> list(shown(["核酸检测", "社区"], 2, "words"))
    ['核酸检测', '社区']
    """
    start, last, show = time.monotonic(), 0.0, None
    try:
        for done, item in enumerate(items, 1):
            yield item
            now = time.monotonic()
            if now - start > PATIENCE and now - last > PAUSE:
                show, last = show or _display(), now
                show(what, done, total, now - start)
    finally:
        if show:
            show(what, 0, 0, 0.0)


def told(done: int, total: int, seconds: float) -> str:
    """How many, how fast, how long still.

    >>> told(50, 200, 10.0), told(200, 200, 100.0)
    ('50 of 200, 5.0 a second, 30 s left', '200 of 200, 2.0 a second, 0 s left')
    """
    left = round(seconds / done * (total - done))
    time_left = f"{left} s" if left < 100 else f"{round(left / 60)} min"
    return f"{done:,} of {total:,}, {done / seconds:.1f} a second, {time_left} left"


def _display() -> Callable[[str, int, int, float], None]:
    """What shows a bar where this process was started."""
    if os.environ.get("NB_QUIET"):
        return lambda *_: None
    if _in_lab():
        return _in_notebook()
    return _in_terminal if sys.stderr.isatty() else lambda *_: None


def _in_lab() -> bool:
    """Whether this is the kernel of a notebook."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "kernel", None) is not None


def _in_terminal(what: str, done: int, total: int, seconds: float) -> None:
    full = round(WIDTH * done / total) if total else 0
    line = f"{what:12s} {'█' * full}{'·' * (WIDTH - full)} {told(done, total, seconds)}" if total else ""
    print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def _in_notebook() -> Callable[[str, int, int, float], None]:
    from IPython.display import display

    handle = display({}, raw=True, display_id=True)

    def show(what: str, done: int, total: int, seconds: float) -> None:
        bar = f'<progress value="{done}" max="{total}"></progress>'
        page = f"{bar} {html.escape(what)}: {told(done, total, seconds)}" if total else ""
        handle.update({"text/html": page} if page else {}, raw=True)

    return show
