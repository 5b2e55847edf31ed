"""Figures of the systems of control: classes of measures by article, a network of names, who speaks.

Each takes a tidy table and gives back a figure that fits a page; what does not fit stays in the table.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from helpers.figures import FULL, INK, PALETTE, QUIET, both, wrap
from helpers.fitting import settled
from helpers.network import layout
from helpers.plots import cells, nothing
from helpers.study import Study
from helpers.styles import in_column

KINDS = {"person": ("人物", PALETTE[1]), "organization": ("机构", PALETTE[0]), "mechanism": ("机制", PALETTE[2])}
EDGES = {"mechanism": "--"}  # in print without colour the third kind is told by its edge
AIR = 8  # points about a name: half of it for the edge of its box
STEPS = {"command": "指挥", "mechanisms": "机制", "measures": "措施", "outcomes": "结果"}
ATTRIBUTION = {"explicit": ("明示", PALETTE[0], ""), "implicit": ("未明示", PALETTE[5], "///")}


# ---- systems of control ----------------------------------------------------------------------------------------------


def matrix(
    table: pd.DataFrame,
    labels: Sequence[str],
    heads: Sequence[tuple[str, str, str]],
    steps: Sequence[str],
    study: Study,
) -> Figure:
    """Articles × classes as colours with the counts written in; zeros stay empty.

    heads: three short texts under each column (the middle one, if any, on two levels, so that neighbours do not touch);
    steps: the group of each column, written above it.
    """
    if not table.to_numpy().any():
        return nothing(both("没有机制", "no mechanisms in these documents", study))
    fig, ax = plt.subplots(figsize=(FULL, 1.25 + 0.205 * max(len(table), 3)))
    values = table.to_numpy(dtype=float)
    told = np.where(values > 0, values.astype(int).astype(str), "")
    cells(ax, np.where(values > 0, values, np.nan), told, cmap="Blues", vmin=0, vmax=max(values.max(), 1))
    paged, levels = not in_column(), ("{}\n{}\n\n{}", "{}\n\n{}\n{}")
    told = [levels[j % 2].format(*head) if head[1] else f"{head[0]}\n{head[2]}" for j, head in enumerate(heads)]
    ax.set_xticks(range(len(heads)), told, fontsize=7)
    ax.set_yticks(range(len(table)), labels, fontsize=7)
    edges = [j for j in range(1, len(steps)) if steps[j] != steps[j - 1]]
    ax.vlines([e - 0.5 for e in edges], -0.5, len(table) - 0.5, color=INK, lw=0.8)
    for first, last in zip([0, *edges], [*edges, len(steps)], strict=True):
        ax.text(
            (first + last - 1) / 2,
            -0.75,
            both(STEPS[steps[first]], steps[first], study),
            ha="center" if paged else "left",
            va="bottom",
            rotation=0 if paged else 35,
            fontsize=7.5,
            color=INK,
        )
    return settled(fig)


# ---- network ---------------------------------------------------------------------------------------------------------


def network(graph: nx.Graph, study: Study) -> Figure:
    """Names as boxes, coloured and shaped by kind; the wider a line, the more paragraphs name both; single faint."""
    if graph.number_of_edges() == 0:
        return nothing(both("没有共现的名称", "no names share a paragraph", study))
    fig, ax = plt.subplots(figsize=(FULL, min(6.2, 2.2 + 0.16 * len(graph))), layout="none")
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_axis_off()
    fig.subplots_adjust(0.01, 0.01, 0.99, 0.94)
    texts = {n: _box(ax, n, graph.nodes[n]["kind"]) for n in graph}
    places = layout(graph, study.seed, _sizes(fig, ax, texts).__getitem__)
    for name, at in places.items():
        texts[name].set_position(at)
    for a, b, weight in graph.edges(data="weight"):
        ax.plot(
            *zip(places[a], places[b], strict=True),
            color=INK if weight > 1 else QUIET,
            zorder=1,
            lw=0.5 + 0.8 * (min(weight, 4) - 1),
            alpha=0.8 if weight > 1 else 0.55,
        )
    handles = [
        Patch(fc="white", ec=color, lw=1.3, ls=EDGES.get(kind, "-"), label=both(zh, kind, study))
        for kind, (zh, color) in KINDS.items()
    ]
    lines = [
        Line2D(
            [],
            [],
            color=QUIET,
            lw=0.5,
            label=both("一段", "one paragraph", study),
        ),
        Line2D([], [], color=INK, lw=1.3, label=both("两段以上", "two or more", study)),
    ]
    ax.legend(handles=handles + lines, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=5)
    return fig


def _box(ax: Axes, name: str, kind: str):
    style = {"person": "round,pad=0.3", "organization": "square,pad=0.25", "mechanism": "round4,pad=0.25"}[kind]
    label = wrap(name, 8) if not name.isascii() else name
    return ax.text(
        0.5,
        0.5,
        label,
        fontsize=7.2,
        ha="center",
        va="center",
        zorder=3,
        bbox={"boxstyle": style, "fc": "white", "ec": KINDS[kind][1], "lw": 1.3, "ls": EDGES.get(kind, "-")},
    )


def _sizes(fig: Figure, ax: Axes, texts: dict) -> dict[str, tuple[float, float]]:
    """Width and height of each box with some air, as shares of the drawing."""
    frame, renderer = ax.get_window_extent(), fig.canvas.get_renderer()
    air = AIR * fig.dpi / 72
    boxes = {n: t.get_window_extent(renderer) for n, t in texts.items()}
    return {n: ((box.width + air) / frame.width, (box.height + air) / frame.height) for n, box in boxes.items()}


# ---- voices ----------------------------------------------------------------------------------------------------------


def voices(rows: pd.DataFrame, order: dict[str, str], study: Study) -> Figure:
    """Counts of utterances by voice, a panel per group, explicit and implicit attribution stacked and hatched.

    rows: panel, voice, attribution, n; `order` gives the voices, top first, with their names in Chinese.
    """
    if rows.empty:
        return nothing(both("没有直接引语", "no direct speech in these documents", study))
    panels = list(dict.fromkeys(rows["panel"]))
    fig, axes = plt.subplots(
        1, len(panels), figsize=(FULL, 0.95 + 0.34 * len(order)), sharex=True, sharey=True, squeeze=False
    )
    places = np.arange(len(order))[::-1]
    for ax, panel in zip(axes.flat, panels, strict=True):
        counts = rows[rows["panel"] == panel].pivot_table(
            index="voice", columns="attribution", values="n", aggfunc="sum"
        )
        counts = counts.reindex(index=list(order), columns=list(ATTRIBUTION)).fillna(0)
        left = np.zeros(len(order))
        for column, (zh, color, hatch) in ATTRIBUTION.items():
            ax.barh(
                places,
                counts[column],
                left=left,
                height=0.66,
                color=color,
                hatch=hatch,
                edgecolor="white",
                lw=0.3,
                label=both(zh, column, study),
            )
            left += counts[column].to_numpy()
        for y, total in zip(places, left, strict=True):
            ax.text(total, y, f" {total:.0f}", va="center", fontsize=8, color=INK)
        ax.set_title(f"{panel} (n = {left.sum():.0f})", loc="left", fontsize=9)
        ax.set_yticks(places, [both(zh, voice, study) for voice, zh in order.items()])
        ax.xaxis.set_major_locator(plt.MaxNLocator(5, integer=True))
        ax.grid(axis="x")
        ax.set_axisbelow(True)
        ax.margins(x=0.14)
    axes.flat[0].legend(loc="lower left", bbox_to_anchor=(0, 1.13), ncols=2)
    fig.supxlabel(both("引语数", "utterances", study), fontsize=9)
    return fig
