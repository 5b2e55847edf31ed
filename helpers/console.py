"""What a person at a terminal sees of a run: whole lines, and where the output is a terminal one line that is written over."""

import os
import shutil
import sys


class Console:
    """Whole lines with `say`, the passing one with `show`; into a file or a pipe go whole lines alone."""

    def __init__(self) -> None:
        self.live = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self.shown = ""

    def say(self, text: str) -> None:
        """A line that stays."""
        self.show("")
        print(text, flush=True)

    def show(self, text: str) -> None:
        """A line that the next one takes the place of; "" takes it away."""
        text = text[: shutil.get_terminal_size().columns - 1]
        if self.live and text != self.shown:
            blank = " " * len(self.shown)
            sys.stdout.write(f"\r{blank}\r{text}")
            sys.stdout.flush()
            self.shown = text


def clock(seconds: float) -> str:
    """A span of time as one says it.

    >>> clock(41.6), clock(95), clock(4080)
    ('42 s', '1 min 35 s', '1 h 8 min')
    """
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
