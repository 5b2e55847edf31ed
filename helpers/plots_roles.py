"""The figures of narrative roles: who acts on whom, and which roles the paragraphs of each frame cast.

Each function takes a tidy table of helpers/roles.py and gives back a figure; `labels` maps ids to what is written.
"""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from helpers.figures import FULL, MUTED, PALETTE, both, wrap
from helpers.fitting import settled
from helpers.plots import cells, nothing
from helpers.roles import classes
from helpers.study import Study

COLOURS = {"hero": 0, "beneficiary": 5, "victim": 4, "threat": 1, "villain": 6}  # places in the palette
HATCHES = {"villain": "////", "threat": "\\\\\\\\"}  # lines: a hatch of dots makes an svg four times as large
NOBODY = ("（未点明）", "(nobody named)")
FEWEST = 5  # castings below which the shares of a frame are drawn pale


def labels(kind: str, study: Study) -> dict[str, str]:
    """Ids of one kind (actor or role; "" is nobody named) → label for figures, in the languages the study chose, Chinese
    above English."""
    named = {name: (row["zh"], row["en"]) for name, row in classes(kind).items()} | {"": NOBODY}
    upper = "\n" if study.labels == "both" else ""
    return {name: both(zh + upper, en, study).replace("\n ", "\n") for name, (zh, en) in named.items()}


def who_to_whom(pairs: pd.DataFrame, labels: dict[str, str], words: dict[str, str]) -> Figure:
    """Actor classes × recipient classes: the number of events, darker for more; classes nobody belongs to are left out.

    pairs: `roles.between`. words: actors and recipients (axis labels), nothing (said of an empty table).
    """
    if pairs.empty:
        return nothing(words["nothing"])
    rows, columns = ([name for name in labels if name in set(pairs[s])] for s in ("actor_class", "recipient_class"))
    table = pairs.pivot(index="actor_class", columns="recipient_class", values="n_events").reindex(rows)[columns]
    fig, ax = plt.subplots(figsize=(FULL, 1.3 + 0.38 * len(rows)))
    values = table.fillna(0).to_numpy(dtype=float)
    told = np.where(values > 0, values.astype(int).astype(str), "")
    cells(ax, np.log1p(values), told, size=8, cmap="Blues", vmin=0, vmax=1.5 * np.log1p(values.max()))
    ax.set_yticks(range(len(rows)), [labels[name] for name in rows], fontsize=7, linespacing=1.1)
    ax.set_xticks(range(len(columns)), [_narrow(labels[name]) for name in columns], fontsize=6.5)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlabel(words["recipients"])
    ax.set_ylabel(words["actors"])
    return settled(fig)


def _narrow(label: str) -> str:
    """Both halves of a label, in lines that fit above a narrow cell."""
    return "\n".join(fill(half, 13) if half.isascii() else wrap(half, 5) for half in label.split("\n"))


def by_frame(rows: pd.DataFrame, frames: dict[str, str], labels: dict[str, str], xlabel: str, empty: str) -> Figure:
    """A bar per frame, divided by the roles its paragraphs cast; the number of castings behind it, pale where few.

    rows: `roles.by_frame`; frames and labels: ids of frames and of roles → what is written.
    """
    told = [frame for frame in frames if rows.loc[rows["frame"] == frame, "n_all"].max() > 0]
    if not told:
        return nothing(empty)
    table = rows.pivot(index="frame", columns="role", values="share").reindex(told)
    n_all = rows.drop_duplicates("frame").set_index("frame")["n_all"].reindex(told)
    fig, ax = plt.subplots(figsize=(FULL, 1.1 + 0.33 * len(told)))
    y, left = np.arange(len(told))[::-1], np.zeros(len(told))
    cast = [role for role in labels if role]
    for role in cast:
        shade = [to_rgba(PALETTE[COLOURS[role]], 1 if n >= FEWEST else 0.3) for n in n_all]
        width = table[role].to_numpy()
        ax.barh(y, width, left=left, height=0.7, color=shade, hatch=HATCHES.get(role), edgecolor="white", lw=0.5)
        left += width
    for place, n in zip(y, n_all, strict=True):
        ax.text(1.01, place, f"{n}", va="center", fontsize=7, color=MUTED)
    ax.set_xlim(0, 1.06)
    ax.set_yticks(y, [frames[frame] for frame in told], fontsize=7, linespacing=1.1)
    ax.set_xlabel(xlabel)
    handles = [
        plt.Rectangle((0, 0), 1, 1, facecolor=PALETTE[COLOURS[role]], hatch=HATCHES.get(role), edgecolor="white")
        for role in cast
    ]
    fig.legend(handles, [labels[role] for role in cast], loc="outside upper center", ncols=len(cast), fontsize=7)
    return settled(fig)
