"""What clusters find when every event is told in every frame: an example made for the purpose.

Four events, each told in four ways by ten reports: whichever of the two clusters follow, they cannot follow the other.
The words are in data/lexicon/crossed_example.csv; how much of a report its frame takes up is what is varied.
"""

from collections.abc import Iterable
from functools import cache
from itertools import product

import numpy as np
import pandas as pd

from helpers.clusters import cluster
from helpers.study import LEXICON

REPORTS, LENGTH = 10, 120  # of each event in each frame; tokens of a report
EVENT = 0.2  # share of a report's words that are its event's


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    table = pd.read_csv(LEXICON / "crossed_example.csv", dtype=str)
    return {
        kind: {row.name: row.words.split() for row in rows.itertuples(index=False)}
        for kind, rows in table.groupby("kind")
    }


def reports(frame_share: float, seed: int = 0) -> pd.DataFrame:
    """Generated reports: doc_id, event, frame, tokens (a list); `frame_share` of the words are those of the frame.

    >>> reports(0.1).groupby(["event", "frame"]).size().unique().tolist()
    [10]
    """
    words, dice = _words(), np.random.default_rng(seed)
    common = words["common"]["common"]
    rows = []
    for event, frame, number in product(words["event"], words["frame"], range(REPORTS)):
        drawn = dice.multinomial(LENGTH, [EVENT, frame_share, 1 - EVENT - frame_share])
        lists = (words["event"][event], words["frame"][frame], common)
        tokens = [str(word) for some, n in zip(lists, drawn, strict=True) for word in dice.choice(some, n)]
        rows.append((f"{event}-{frame}-{number}", event, frame, tokens))
    return pd.DataFrame(rows, columns=["doc_id", "event", "frame", "tokens"])


def followed(frame_shares: Iterable[float] = (0.02, 0.05, 0.1, 0.2, 0.4), seed: int = 0) -> pd.DataFrame:
    """Whether four clusters are the events or the frames: frame_share, event_share, ari_events, ari_frames, reports."""
    from sklearn.metrics import adjusted_rand_score

    rows = []
    for share in frame_shares:
        made = reports(share, seed)
        found = cluster(made["tokens"].tolist(), 4, seed)
        events, frames = (adjusted_rand_score(made[column], found) for column in ("event", "frame"))
        rows.append((share, EVENT, events, frames, len(made)))
    return pd.DataFrame(rows, columns=["frame_share", "event_share", "ari_events", "ari_frames", "reports"])
