"""Figures of topics: the choice of their number, what comes back, groups of documents, where units stand, clusters."""

from collections.abc import Iterator, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.spatial import ConvexHull, QhullError

from helpers.factors import Topics
from helpers.figures import FULL, MARKERS, PALETTE, QUIET, wrap
from helpers.inference import FEWEST_DOCUMENTS
from helpers.plots import cells, nothing, shortened
from helpers.styles import abreast, in_column, wide

CORE = 0.6  # of its units the nearest to a topic's middle are outlined
MOST_GROUPS = 6  # of a column, those of most documents


def choice_panels(
    detail: pd.DataFrame,
    choice: pd.DataFrame,
    panels: Sequence[tuple[str, str]],
    xlabel: str,
    mark: int,
    empty: str = "",
) -> Figure:
    """For each measure its value by k as a line, its range over seeds or samples as a band, topics as points; k marked.

    `choice` has k and for each measure its _low and _high; `detail` a row for each topic, where a topic has the measure.
    """
    if choice.empty:
        return nothing(empty)
    columns = abreast(len(panels))
    tall = -(-len(panels) // columns)
    fig, axes = plt.subplots(tall, columns, figsize=(FULL, 2.7 * tall), sharex=True, sharey=True, squeeze=False)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    for i, (ax, (column, title)) in enumerate(zip(axes.flat, panels, strict=False)):
        ax.tick_params(labelbottom=len(panels) - columns <= i)
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
    axes[0, 0].set_ylim(min(0, detail["npmi"].min() - 0.05), 1.05)
    fig.supxlabel(xlabel, fontsize=9)
    return fig


def places(topics: Topics) -> pd.DataFrame:
    """Where each unit stands on a map of topics: the units' columns, topic, x, y, and in attrs the share shown.

    The two directions in which the square roots of the shares differ most (principal components, Hellinger distance:
    Rao 1995), so that near on the map is alike in topics; signs are fixed, so that a rerun draws the same map.
    """
    roots = np.sqrt(topics.shares) if topics.k else np.zeros((len(topics.shares), 1))
    roots = roots - roots.mean(axis=0)
    left, strength, directions = np.linalg.svd(roots, full_matrices=False)
    signs = np.sign(directions[np.arange(len(strength)), np.abs(directions).argmax(axis=1)])
    points = np.zeros((len(roots), 2))
    points[:, : len(strength[:2])] = (left * strength * signs)[:, :2]
    table = topics.units.assign(topic=topics.dominant, x=points[:, 0].round(6), y=points[:, 1].round(6))
    table.attrs["shown"] = float((strength[:2] ** 2).sum() / max((strength**2).sum(), 1e-12))
    return table


def unit_map(rows: pd.DataFrame, names: Mapping[int, str], xlabel: str, empty: str = "") -> Figure:
    """Units as points in the marker of their strongest topic, the middle 60% of each topic outlined."""
    if not rows["topic"].any():
        return nothing(empty)
    fig, ax = plt.subplots(figsize=(FULL, 4.4))
    for i, (topic, group) in enumerate(rows[rows["topic"] > 0].groupby("topic")):
        color, points = PALETTE[i % len(PALETTE)], group[["x", "y"]].to_numpy(float)
        ax.scatter(*points.T, s=14, marker=MARKERS[(i + i // 8) % 8], color=color, alpha=0.55, lw=0, label=names[topic])
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


def returning(
    runs: pd.DataFrame, words: pd.DataFrame, names: Mapping[int, str], titles: Sequence[str], empty: str = ""
) -> Figure:
    """What of a model comes back: overlap of each topic with its partner in each run, whose number is written in, and
    beside it (in a column below it) its top words, the darker the more samples bring them back.

    `runs` and `words` as `recurrence.runs_of_model` and `recurrence.returns` have them; titles: seeds, samples, words, and what
    the shades are.
    """
    if runs.empty:
        return nothing(empty)
    paged, tall = not in_column(), 0.36 * len(names)
    size, room = ((FULL, 1.3 + tall), {"width_ratios": [5, 5, 15]}) if paged else ((FULL, 2.2 + 2.4 * tall), {})
    fig, drawn = plt.subplot_mosaic("ABC" if paged else "AB;CC", figsize=size, **room)
    axes = list(drawn.values())
    for ax, kind, title in zip(axes, ("seed", "sample"), titles, strict=False):
        own = runs[runs["kind"] == kind]
        told = own.pivot_table(index="topic", columns="run", values="partner", aggfunc="first").reindex(names)
        shared = own.pivot_table(index="topic", columns="run", values="overlap").reindex(names)
        image = _shades(ax, shared, told.map(lambda n: "–" if pd.isna(n) else f"{n:.0f}"), title)
        ax.set_xticks(range(shared.shape[1]), [f"{run}" for run in shared.columns])
    told = words.pivot(index="topic", columns="rank", values="term").reindex(names).fillna("")
    often = words.pivot(index="topic", columns="rank", values="sample").reindex(names)
    _shades(axes[2], often, told.map(lambda word: wrap(word, 3 if paged else 2)), titles[2], size=6)
    axes[2].set_xticks([])
    for i, ax in enumerate(axes):
        own = [wrap(name, 14) for name in names.values()] if i == 0 or i == 2 and not paged else []
        ax.set_yticks(range(len(own)), own, fontsize=7)
    fig.colorbar(image, ax=axes, location="bottom", shrink=0.4, aspect=40).set_label(titles[3], fontsize=7)
    return fig


def _shades(ax, values: pd.DataFrame, told: pd.DataFrame, title: str, size: int = 7):
    """Values from 0 to 1 as shades with a text in each."""
    ax.set_title(title, loc="left", fontsize=7)
    return cells(ax, values.to_numpy(float), told.to_numpy(object), size, cmap="Blues", vmin=0, vmax=1)


def group_shares(
    rows: pd.DataFrame, names: Mapping[int, str], columns: Mapping[str, str], xlabel: str, empty: str = ""
) -> Figure:
    """Topic shares of groups side by side, a panel for each column `by`; hollow and without limits below ten documents.

    `rows` as `prevalence` has them; of each column the six groups of most documents are drawn. columns: what each is called.
    """
    if rows.empty:
        return nothing(empty)
    drawn = list(rows["by"].drop_duplicates())
    fig, axes = plt.subplots(
        1, len(drawn), figsize=(FULL, 1.6 + 0.42 * len(names)), sharey=True, sharex=True, squeeze=False
    )
    paged = wide() >= FULL  # else `fitting` would put the legends of all panels above each other
    for ax, by in zip(axes[0], drawn, strict=True):
        own = rows[rows["by"] == by]
        _groups(ax, own, largest_groups(own))
        ax.set_title(columns.get(by, by), loc="left", fontsize=8)
        if paged:
            ax.legend(loc="upper left", bbox_to_anchor=(0, -0.88 / len(names)), fontsize=6.5, ncols=1, borderaxespad=0)
        ax.grid(axis="x")
        ax.set_axisbelow(True)
    axes[0, 0].set_yticks(range(len(names)), [wrap(name, 14) for name in names.values()], fontsize=7)
    axes[0, 0].set_ylim(len(names) - 0.5, -0.5)
    axes[0, 0].set_xlim(left=0)
    if paged:
        axes[0, (len(drawn) - 1) // 2].set_xlabel(xlabel, fontsize=8)
    else:
        marks = [(mark, f"{ax.get_title('left')}: {group}") for ax in axes[0] for mark, group in _marks(ax)]
        fig.legend(*zip(*marks, strict=True), loc="outside upper center", ncols=2)
        fig.supxlabel(xlabel, fontsize=8)
    return fig


def _marks(ax) -> Iterator[tuple]:
    return zip(*ax.get_legend_handles_labels(), strict=True)


def largest_groups(rows: pd.DataFrame) -> list[str]:
    """The six groups of most documents, in alphabetical order."""
    sizes = rows.drop_duplicates("group").sort_values(["n_docs", "group"], ascending=[False, True])
    return sorted(sizes["group"].head(MOST_GROUPS))


def _groups(ax, rows: pd.DataFrame, groups: Sequence[str]) -> None:
    step = 0.7 / max(len(groups), 2)
    for i, group in enumerate(groups):
        own, color = rows[rows["group"] == group], PALETTE[i]
        places = own["topic"] - 1 + (i - (len(groups) - 1) / 2) * step
        few = own["n_docs"].iloc[0] < FEWEST_DOCUMENTS
        ax.hlines(places, own["ci_low"], own["ci_high"], color=color, lw=1.4, alpha=0.7)
        label = f"{shortened(group, 22)} ({own['n_docs'].iloc[0]})"
        face = "white" if few else color
        ax.scatter(own["share"], places, s=18, marker=MARKERS[i], color=face, edgecolors=color, zorder=3, label=label)


def cluster_tree(joins: np.ndarray, labels: Sequence[str], xlabel: str, empty: str = "") -> Figure:
    """In what order clusters join, the first to join at the left (`clusters.tree`); labels in the order of the clusters."""
    if not len(joins):
        return nothing(empty)
    from scipy.cluster.hierarchy import dendrogram  # imported where used: it takes half a second

    fig, ax = plt.subplots(figsize=(FULL, 1.0 + 0.27 * len(labels)))
    dendrogram(
        joins,
        orientation="left",
        labels=list(labels),
        ax=ax,
        color_threshold=0,
        above_threshold_color=PALETTE[0],
        leaf_font_size=7,
    )
    spread = max(float(np.ptp(joins[:, 2])), 0.02)  # the joins fill the drawing, wherever on the scale they lie
    last = joins[:, 2].max()
    most = 1 if last <= 1 else 2  # a cosine below zero, with meaning alone
    ax.set_xlim(left=min(last + 0.1 * spread, most), right=joins[:, 2].min() - 0.3 * spread)
    ax.set_xlabel(xlabel)
    ax.spines["left"].set_visible(False)
    return fig
