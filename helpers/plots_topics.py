"""Figures of topics: the choice of their number, and where their units stand."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.spatial import ConvexHull, QhullError

from helpers.factors import Topics
from helpers.figures import FULL, MARKERS, PALETTE, QUIET

CORE = 0.6  # of its units the nearest to a topic's middle are outlined


def choice_panels(
    detail: pd.DataFrame, choice: pd.DataFrame, panels: Sequence[tuple[str, str]], xlabel: str, mark: int
) -> Figure:
    """For each measure its value by k as a line, its range over seeds or samples as a band, topics as points; k marked.

    `choice` has k and for each measure its _low and _high; `detail` a row for each topic, where a topic has the measure.
    """
    fig, axes = plt.subplots(1, len(panels), figsize=(FULL, 2.7), sharex=True, sharey=True)
    for i, (ax, (column, title)) in enumerate(zip(axes, panels, strict=True)):
        ax.axvline(mark, color=QUIET, lw=5, alpha=0.35)
        ax.fill_between(
            choice["k"], choice[f"{column}_low"], choice[f"{column}_high"], color=PALETTE[i], alpha=0.25, lw=0
        )
        if column in detail:
            ax.scatter(detail["k"], detail[column], s=9, color=PALETTE[i], alpha=0.4, lw=0)
        ax.plot(choice["k"], choice[column], marker=MARKERS[i], color=PALETTE[i], ms=5)
        ax.set_title(title, loc="left", fontsize=7)
        ax.set_xticks(choice["k"])
        ax.set_xlim(choice["k"].min() - 1, choice["k"].max() + 1)
        ax.grid(axis="y")
    axes[0].set_ylim(min(0, detail["npmi"].min() - 0.05), 1.05)
    fig.supxlabel(xlabel, fontsize=9)
    return fig


def places(topics: Topics) -> pd.DataFrame:
    """Where each unit stands on a map of topics: the units' columns, topic, x, y, and in attrs the share shown.

    The two directions in which the square roots of the shares differ most (principal components, Hellinger distance:
    Rao 1995), so that near on the map is alike in topics; signs are fixed, so that a rerun draws the same map.
    """
    roots = np.sqrt(topics.shares)
    roots = roots - roots.mean(axis=0)
    left, strength, directions = np.linalg.svd(roots, full_matrices=False)
    signs = np.sign(directions[np.arange(len(strength)), np.abs(directions).argmax(axis=1)])
    points = np.zeros((len(roots), 2))
    points[:, : len(strength[:2])] = (left * strength * signs)[:, :2]
    table = topics.units.assign(topic=topics.dominant, x=points[:, 0].round(6), y=points[:, 1].round(6))
    table.attrs["shown"] = float((strength[:2] ** 2).sum() / max((strength**2).sum(), 1e-12))
    return table


def unit_map(rows: pd.DataFrame, names: Mapping[int, str], xlabel: str) -> Figure:
    """Units as points in the marker of their strongest topic, the middle 60% of each topic outlined."""
    fig, ax = plt.subplots(figsize=(FULL, 4.4))
    for i, (topic, group) in enumerate(rows[rows["topic"] > 0].groupby("topic")):
        color, points = PALETTE[i % len(PALETTE)], group[["x", "y"]].to_numpy(float)
        ax.scatter(*points.T, s=14, marker=MARKERS[i % len(MARKERS)], color=color, alpha=0.55, lw=0, label=names[topic])
        if len(edge := _outline(points)):
            ax.fill(*edge.T, fill=False, edgecolor=color, lw=1.2)
    ax.set(xlabel=xlabel, xticks=[], yticks=[])
    fig.legend(loc="outside upper center", ncols=3, fontsize=7)
    return fig


def _outline(points: np.ndarray) -> np.ndarray:
    """The hull of the points nearest to their median; nothing where they have no area."""
    far = np.linalg.norm(points - np.median(points, axis=0), axis=1)
    core = np.unique(points[far <= np.quantile(far, CORE)], axis=0)
    try:
        return core[ConvexHull(core).vertices] if len(core) > 3 else np.empty((0, 2))
    except QhullError:  # all on one line
        return np.empty((0, 2))
