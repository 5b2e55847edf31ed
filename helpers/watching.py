"""How a run goes on: which notebooks have ended, the cell each of the others is at, and about how long is left."""

import json
import re
import time

from helpers import journal, store
from helpers.console import Console, clock
from helpers.journal import Journal
from helpers.kernels import Turn
from helpers.study import Study

FULL = re.compile(rf"\[[Ee]rrno ({'|'.join(map(str, journal.FULL))})\]")


class Watch:
    """Says which notebooks have ended, shows how far the others are, and enters the finished ones in the journal."""

    def __init__(self, study: Study, turns: list[Turn], book: Journal | None, console: Console):
        self.turns, self.book, self.console, self.start = turns, book, console, time.monotonic()
        self.path = study.folder / journal.FOLDER / "seconds.json"
        self.last = journal.read_json(self.path)

    def __call__(self, ended: list[Turn]) -> None:
        """Errors: OSError where a notebook found the disk full; the others would find the same."""
        for turn in ended:
            if full := FULL.search(turn.failure):
                raise OSError(int(full[1]), "no space left")
            again = turn.died and turn.tries == 1
            word = "again" if again else "FAILED" if turn.failure else "ok"
            self.console.say(f"  {word:7s}{turn.name:41s} {turn.seconds:5.1f} s  {turn.failure}".rstrip())
            if self.book and not turn.failure:
                self.book.finished(turn.name)
        self.console.show(self.line())

    def line(self) -> str:
        """How many notebooks are done, the cell each of the others is at, the time so far and about how much is left."""
        running = [f"{t.name[:2]} cell {t.cell + 1}/{t.cells}" for t in self.turns if t.cells and not t.ended]
        done = f"notebooks {sum(t.ended for t in self.turns)}/{len(self.turns)}"
        left = self.left()
        times = clock(time.monotonic() - self.start) + (f", about {clock(left)} left" if left else "")
        return " | ".join([done, *sorted(running), times])

    def left(self) -> float:
        """Seconds to go by the pace of the last whole run; 0 where there was none."""
        usual = {name: seconds for name, seconds in self.last.items() if name != "all"}
        to_go = sum((1 - turn.share) * usual.get(turn.name, 0) for turn in self.turns)
        return self.last["all"] * to_go / sum(usual.values()) if usual else 0.0

    def remember(self) -> None:
        """Keep how long each took, of a run that did them all, for the estimate of the next."""
        seconds = {turn.name: round(turn.seconds, 1) for turn in self.turns}
        if self.book and seconds.keys() == self.book.done.keys():
            store.save_text(self.path, json.dumps(seconds | {"all": round(time.monotonic() - self.start, 1)}))
