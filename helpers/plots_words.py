"""Figures of words: keywords and the words of topics in panels, keyness and its null, networks, overlaps.

Tables in, a figure out. An empty table gives a figure that says so, so that a corpus with nothing to compare still has its
pages.
"""

from collections.abc import Iterator, Mapping, Sequence

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures import FULL, INK, MARKERS, PALETTE, QUIET
from helpers.fitting import settled
from helpers.plots import nothing, shortened
from helpers.styles import abreast, wide

MOST_PANELS = 12
CROWD = 0.4  # how much of many quiet points shows: enough for each to be seen in grey, too
MARKED = {
    "marker": "D",
    "color": PALETTE[1],
    "edgecolors": INK,
    "linewidths": 0.8,
}  # the one that matters, over the crowd
NETWORK = 5.2  # inches a network of words is high
LEADER = {"arrowstyle": "-", "color": QUIET, "lw": 0.5, "shrinkB": 3}  # from a word to its point


def evenly(names: Sequence[str], most: int = MOST_PANELS) -> list[str]:
    """At most so many of the names, evenly spaced through the list, the first and last among them.

    >>> evenly(["甲", "乙", "丙", "丁", "戊"], 3)
    ['甲', '丙', '戊']
    """
    places = np.linspace(0, len(names) - 1, min(most, len(names))).round().astype(int) if len(names) else []
    return [names[place] for place in places]


def word_panels(
    rows: pd.DataFrame,
    panel: str,
    x: str,
    xlabel: str,
    titles: Mapping,
    hollow: str,
    legend: Sequence[str],
    empty: str = "",
) -> Figure:
    """A panel of words for each value of `panel`, one x scale for all; hollow points where the column `hollow` is True.

    `rows` has a column term and stands in the order of drawing; legend names filled and hollow.
    """
    if rows.empty:
        return nothing(empty)
    groups = list(rows.groupby(panel, sort=False, observed=True))
    columns = min(abreast(3), len(groups))
    tall, longest = -(-len(groups) // columns), max(len(group) for _, group in groups)
    size = (FULL, 0.5 + tall * (0.42 + 0.165 * longest))
    fig, axes = plt.subplots(tall, columns, figsize=size, sharex=True, squeeze=False)
    for ax, (name, group) in zip(axes.flat, groups, strict=False):
        places = np.arange(longest)[::-1][: len(group)]
        ax.hlines(places, 0, group[x], color="#d5d5d5", lw=1)
        fill = np.where(group[hollow], "white", PALETTE[0])
        ax.scatter(group[x], places, s=20, color=fill, edgecolors=PALETTE[0], linewidths=1.1, zorder=3)
        ax.set_yticks(places, [shortened(term) for term in group["term"]], fontsize=7.5)
        ax.set_ylim(-0.7, longest - 0.3)
        ax.set_title(titles.get(name, str(name)), loc="left", fontsize=8)
        ax.tick_params(axis="y", length=0)
    for place, ax in enumerate(axes.flat):
        ax.axison = place < len(groups)
        ax.tick_params(labelbottom=len(groups) - columns <= place < len(groups))
    axes[0, 0].set_xlim(left=0)
    fig.supxlabel(xlabel, fontsize=9)
    points = [Line2D([], [], marker="o", ls="", color=PALETTE[0], mfc=face) for face in (PALETTE[0], "white")]
    fig.legend(points, legend, loc="outside upper right", ncols=2)
    return settled(fig)


def effect_by_dispersion(
    rows: pd.DataFrame, xlabel: str, ylabel: str, names: Sequence[str], legend: Sequence[str], most: int = 24
) -> Figure:
    """Each word by how much (log_ratio) and how unevenly (dp_norm) it is used; filled where the column `sure` is True.

    Colour and marker tell which side prefers the word (`names`: group_a, group_b); size is its count. As many of the
    strongest as find room are named, at most `most`; rows stand strongest first.
    """
    if rows.empty:
        return nothing(legend[-1])
    fig, ax = plt.subplots(figsize=(FULL, 4.6))
    for side, (color, marker) in enumerate([(PALETTE[1], "s"), (PALETTE[0], "o")]):
        part = rows[rows["log_ratio"].gt(0) == bool(side)]
        face = np.where(part["sure"], color, "#ffffff00")
        ax.scatter(
            part["log_ratio"],
            part["dp_norm"],
            s=_areas(part),
            marker=marker,
            facecolors=face,
            edgecolors=color,
            linewidths=0.8,
            alpha=0.8,
        )
    ax.axvline(0, color=QUIET, lw=0.8)
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(-0.04, 1.08))
    ax.margins(x=0.08)
    ax.grid(True)
    ax.set_axisbelow(True)
    handles = [Line2D([], [], ls="", marker=m, color=c) for c, m in ((PALETTE[0], "o"), (PALETTE[1], "s"))]
    handles += [Line2D([], [], ls="", marker="o", color=INK, markerfacecolor=face) for face in (INK, "white")]
    fig.legend(handles, [*names, *legend[:2]], loc="outside upper center", ncols=4)
    settled(fig)
    _name_points(ax, rows, most)
    return fig


def _areas(rows: pd.DataFrame) -> np.ndarray:
    """Marker areas that grow with the count, up to a word seen ninety times."""
    return 10 + 2.2 * (rows["count_a"] + rows["count_b"]).clip(upper=90).to_numpy(float)


def _name_points(ax, rows: pd.DataFrame, most: int) -> None:
    """Write words beside their points, strongest first, where they hide neither word nor point; others go unnamed."""
    scale = ax.figure.dpi / 72
    points = ax.transData.transform(rows[["log_ratio", "dp_norm"]].to_numpy(float))
    radii = scale * np.sqrt(_areas(rows)) / 2
    taken = np.column_stack([points - radii[:, None], points + radii[:, None]])
    frame, named = ax.get_window_extent(), 0
    for term, data, (x, y) in zip(rows["term"], rows[["log_ratio", "dp_norm"]].to_numpy(), points, strict=True):
        wide, high = 8.2 * scale * sum(1 if c > "\u2e80" else 0.55 for c in term), 9 * scale
        for dx, dy in _offsets(wide, high, scale):
            box = np.array([x + dx, y + dy, x + dx + wide, y + dy + high])
            clear = (taken[:, :2] >= box[2:]).any(axis=1) | (taken[:, 2:] <= box[:2]).any(axis=1)
            if frame.x0 <= box[0] and box[2] <= frame.x1 and frame.y0 <= box[1] and box[3] <= frame.y1 and clear.all():
                far = np.hypot(max(dx, -dx - wide, 0), max(dy, -dy - high, 0)) > 9 * scale
                ax.annotate(
                    term,
                    data,
                    (dx / scale, dy / scale + 1),
                    textcoords="offset points",
                    fontsize=8,
                    in_layout=False,
                    arrowprops=LEADER if far else None,
                )
                taken, named = np.vstack([taken, box]), named + 1
                break
        if named == most:
            return


def _offsets(wide: float, high: float, scale: float) -> Iterator[tuple[float, float]]:
    """Where a label may stand from its point, nearest first: beside it, above and below, then further off."""
    for ring in (4.5, 9, 16, 26):
        gap = ring * scale
        for dy in (-high / 2, gap - high / 2, -gap - high / 2):
            yield gap, dy
            yield -wide - gap, dy
        yield -wide / 2, gap
        yield -wide / 2, -gap - high


def null_rows(
    summary: pd.DataFrame, null: pd.DataFrame, names: Sequence[str], xlabel: str, legend: Sequence[str], empty: str
) -> Figure:
    """One row per comparison: other splits as quiet points, the middle 90% of them as a bar, the true split marked.

    names: what each row of `summary` is called.
    """
    if summary.empty:
        return nothing(empty)
    fig, ax = plt.subplots(figsize=(FULL, 1.0 + 0.36 * len(summary)))
    places = np.arange(len(summary))[::-1]
    for place, row in zip(places, summary.itertuples(index=False), strict=True):
        same = null["by"].eq(row.by) & null["group_a"].eq(row.group_a) & ~null["observed"]
        drawn = null.loc[same, "keywords"].value_counts()
        areas = 8 + 60 * drawn / max(drawn.sum(), 1)
        ax.scatter(drawn.index, np.full(len(drawn), place), s=areas, color=PALETTE[0], lw=0, alpha=CROWD)
    ax.hlines(places, summary["low"], summary["high"], color=QUIET, lw=5, alpha=0.45, label=legend[1])
    ax.scatter([], [], s=24, color=PALETTE[0], lw=0, alpha=CROWD, label=legend[0])
    ax.scatter(summary["observed"], places, s=42, zorder=4, label=legend[2], **MARKED)
    ax.set_yticks(places, names)
    ax.set(xlabel=xlabel, ylim=(-0.7, len(summary) - 0.3), xlim=(-0.5, None))
    ax.set_xlim(right=max(1, ax.get_xlim()[1]))
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    fig.legend(loc="outside upper right", ncols=3)
    return settled(fig)


def robust_rows(rows: pd.DataFrame, xlabel: str, legend: Sequence[str], empty: str) -> Figure:
    """Log ratio of each word: point, interval (thin), range with each document left out (thick); hollow if `stage`."""
    if rows.empty:
        return nothing(empty)
    fig, ax = plt.subplots(figsize=(FULL, 1.3 + 0.19 * len(rows)))
    places, kind = np.arange(len(rows))[::-1], rows["stage"].to_numpy(bool)
    color = np.where(kind, PALETTE[1], PALETTE[0])
    ax.axvline(0, color=QUIET, lw=0.8)
    ax.hlines(places, rows["ci_low"], rows["ci_high"], color=color, lw=1)
    ax.hlines(places, rows["low"], rows["high"], color=color, lw=4.5, alpha=0.35)
    for stage in (False, True):
        ax.scatter(
            rows["log_ratio"][kind == stage],
            places[kind == stage],
            s=28,
            marker=MARKERS[int(stage)],
            zorder=3,
            color="white" if stage else PALETTE[0],
            edgecolors=PALETTE[int(stage)],
            label=legend[int(stage)],
        )
    ax.plot([], [], color=INK, lw=1, label=legend[2])
    ax.plot([], [], color=INK, lw=4.5, alpha=0.35, label=legend[3])
    ax.set_yticks(places, rows["term"])
    ax.set(xlabel=xlabel, ylim=(-0.7, len(rows) - 0.3))
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    fig.legend(loc="outside upper center", ncols=2)
    return settled(fig)


def label_size(word: str, high: float = NETWORK) -> tuple[float, float]:
    """Width and height of a word's box in `word_network`, as shares of the drawing.

    >>> label_size("核酸") < label_size("核酸检测")
    True
    """
    ems = sum(1 if c > "\u2e80" else 0.55 for c in word)
    return (8 * ems + 14) / 72 / wide(), 20 / 72 / high


def word_network(graph: nx.Graph, places: Mapping[str, np.ndarray], legend: Sequence[str], empty: str) -> Figure:
    """Words in boxes where `places` puts them; the wider a line, the oftener the two meet; grey where they meet in
    fewer than three documents. `legend` names both kinds of line."""
    if not graph.number_of_edges():
        return nothing(empty)
    fig, ax = plt.subplots(figsize=(FULL, NETWORK), layout="none")
    fig.subplots_adjust(0, 0, 1, 0.94)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_axis_off()
    strongest = max(graph.edges[edge]["together"] for edge in graph.edges)
    for a, b, data in graph.edges(data=True):
        color, width = (PALETTE[0] if data["docs"] > 2 else QUIET), 0.6 + 3 * data["together"] / strongest
        ax.plot(*zip(places[a], places[b], strict=True), color=color, lw=width, alpha=0.55, zorder=1)
    for word, (x, y) in places.items():
        box = {"boxstyle": "round,pad=0.3", "fc": "white", "ec": QUIET, "lw": 0.7}
        ax.text(x, y, word, fontsize=8, ha="center", va="center", bbox=box, zorder=2)
    lines = [Line2D([], [], color=color, lw=2, alpha=0.55) for color in (PALETTE[0], QUIET)]
    fig.legend(lines, legend, loc="upper center", ncols=2)
    return fig


def spread_rows(rows: pd.DataFrame, x: str, y: str, xlabel: str, legend: Sequence[str], empty: str) -> Figure:
    """One row per value of `y`, in order of appearance: every unit as a quiet point, larger where several fall together,
    and their mean marked; x runs from 0 to 1. legend names point and mark."""
    if rows.empty:
        return nothing(empty)
    groups = list(rows.groupby(y, sort=False))
    fig, ax = plt.subplots(figsize=(FULL, 0.9 + 0.36 * len(groups)))
    places = np.arange(len(groups))[::-1]
    for place, (_, group) in zip(places, groups, strict=True):
        drawn = group[x].round(2).value_counts()
        areas = 10 + 120 * drawn / drawn.sum()
        ax.scatter(drawn.index, np.full(len(drawn), place), s=areas, color=PALETTE[0], lw=0, alpha=CROWD)
    ax.scatter([], [], s=24, color=PALETTE[0], lw=0, alpha=CROWD, label=legend[0])
    means = [group[x].mean() for _, group in groups]
    ax.scatter(means, places, s=40, zorder=4, label=legend[1], **MARKED)
    ax.set_yticks(places, [name for name, _ in groups])
    ax.set(xlabel=xlabel, ylim=(-0.7, len(groups) - 0.3), xlim=(-0.03, 1.03))
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    fig.legend(loc="outside upper right", ncols=2)
    return settled(fig)
