"""results/<corpus>/changes.html: what moved since the run before, figure by figure, on a page that needs nothing else."""

from pathlib import Path

import pandas as pd

from helpers import static_page, store
from helpers.changes import Changes
from helpers.study import Study

MOST = 12  # numbers shown of a figure


def publish(study: Study, told: Changes) -> Path:
    """Write changes.html from what moved; gives its path."""
    path = study.folder / "changes.html"
    store.save_text(path, render(study.name, told))
    return path


def render(name: str, told: Changes) -> str:
    """The page as `publish` writes it."""
    tables = [(figure, _shown(figure.moves.head(MOST))) for figure in told.figures]
    return static_page.render("changes.html", title="What moved", study=name, told=told, tables=tables)


def _shown(moves: pd.DataFrame) -> list[dict]:
    """Numbers as a reader wants them: to four digits, with sign where they say how far.

    >>> moves = pd.DataFrame([["战争隐喻", "share", 0.5, 0.7, 0.4, 0.6, "beyond"]],
    ...                      columns=["row", "number", "before", "after", "low", "high", "verdict"])
    >>> _shown(moves)[0]["by"], _shown(moves)[0]["interval"]
    ('+0.2', '0.4 to 0.6')
    """
    return [
        {
            "row": row.row,
            "number": row.number,
            "before": f"{row.before:.4g}",
            "after": f"{row.after:.4g}",
            "by": f"{row.after - row.before:+.4g}",
            "interval": f"{row.low:.4g} to {row.high:.4g}" if row.verdict else "",
            "verdict": row.verdict,
        }
        for row in moves.itertuples(index=False)
    ]
