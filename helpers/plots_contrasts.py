"""The figures of contrasts: frames by groups of documents, differences beside relabelled ones and under other choices.

As in `plots_frames` a tidy table goes in and a figure comes out, and `labels` maps frame ids to what is written.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from helpers import captions, plots
from helpers.figures import FULL, INK, MARKERS, PALETTE, QUIET, both
from helpers.fitting import settled
from helpers.plots import nothing, shortened
from helpers.plots_frames import COLUMNS, panels, titled
from helpers.study import Study
from helpers.styles import TALLEST, abreast, in_column

HEAD = 0.9  # inches for the legend and the axis of `against_chance`
MOST_GROUPS = 12  # of all columns in one figure; the table has them all
MOST_CONTRASTS = 12  # half as many in a column, where more would be higher than a page
STYLES = {
    "low": {"marker": "D", "ms": 4.6, "color": PALETTE[1], "mfc": PALETTE[1]},
    "few": {"marker": "D", "ms": 4.6, "color": PALETTE[1], "mfc": "white"},
    "other": {"marker": "o", "ms": 4.0, "color": PALETTE[0], "mfc": "white"},
}


def variant_label(name: str, study: Study) -> str:
    """What a choice of `robustness.choices` is called in the figure; "within …" names a column of the corpus."""
    column = name.removeprefix("within ")
    if name == column:
        return captions.named(name, study.labels, "variant")
    return both(f"在{captions.named(column, 'zh')}之内标准化", f"within {captions.named(column, 'en')}", study)


def by_groups(points: pd.DataFrame, shares: pd.DataFrame, labels: dict[str, str], xlabel: str, empty: str) -> Figure:
    """A panel per frame, a row per group of every comparison: each document a point, the group's share a bar.

    points: by, group, frame, share of each document; shares: by, group, frame, share, n_docs of each group.
    """
    rows = shares.drop_duplicates(["by", "group"])[["by", "group", "n_docs"]]
    largest = rows.sort_values("n_docs", ascending=False, kind="stable").groupby("by", sort=False)
    rows = largest.head(most_groups(rows["by"].nunique())).sort_index()
    if rows.empty:
        return nothing(empty)
    number = {column: i for i, column in enumerate(rows["by"].unique())}
    gaps = [i + 0.8 * number[column] for i, column in enumerate(rows["by"])]
    place = dict(zip(zip(rows["by"], rows["group"], strict=True), gaps, strict=True))
    fig, axes = panels(len(labels), 0.5 + 0.155 * (gaps[-1] + 1))
    for ax, frame in zip(axes, labels, strict=False):
        for column, i in number.items():
            mine = points[(points["frame"] == frame) & (points["by"] == column)]
            height = [place.get((column, group), np.nan) for group in mine["group"]]
            ax.scatter(
                mine["share"], height, s=11, alpha=0.45, lw=0, color=PALETTE[i % 8], marker=MARKERS[i % 8], zorder=3
            )
        bars = shares[shares["frame"] == frame].set_index(["by", "group"])["share"].reindex(list(place))
        ax.vlines(bars, np.array(gaps) - 0.42, np.array(gaps) + 0.42, color=INK, lw=1.6)
        titled(ax, labels[frame])
        ax.grid(axis="x")
        ax.tick_params(axis="y", labelsize=6.3)
    axes[0].set_yticks(gaps, [f"{shortened(row.group)} ({row.n_docs})" for row in rows.itertuples()])
    axes[0].invert_yaxis()
    fig.supxlabel(xlabel, fontsize=9)
    return settled(fig)


def most_groups(columns: int) -> int:
    """How many groups of each of so many columns `by_groups` draws: four in a narrow figure, else twelve among them, so that
    all panels stand on a page and the names can be read."""
    return 4 if in_column() else MOST_GROUPS // max(columns, 1)


def against_chance(
    rows: pd.DataFrame, labels: dict[str, str], xlabel: str, words: dict[str, str], empty: str
) -> Figure:
    """A panel per contrast, a row per frame: the difference, beside the middle 95 % of what relabelled documents give.
    Where a page has no room for all, those with most documents on the smaller side, of which most can be said.

    rows: `frames.differences`. words, for the legend: chance, interval, low (q below .05),
    few (the same, but illustrative) and other.
    """
    if rows.empty:
        return nothing(empty)
    contrasts = rows.drop_duplicates(["by", "group_a"])
    smaller = contrasts[["n_docs_a", "n_docs_b"]].min(axis=1).sort_values(ascending=False, kind="stable")
    contrasts = contrasts.loc[smaller.index[: most_contrasts(labels)]].sort_index()
    columns = min(abreast(COLUMNS), len(contrasts))
    tall = -(-len(contrasts) // columns)
    size = (FULL, HEAD + tall * _height(labels))
    fig, axes = plt.subplots(tall, columns, figsize=size, sharex=True, sharey=True, squeeze=False)
    y = np.arange(len(labels))[::-1]
    for ax, head in zip(axes.flat, contrasts.itertuples(), strict=False):
        part = (
            rows[(rows["by"] == head.by) & (rows["group_a"] == head.group_a)].set_index("frame").reindex(list(labels))
        )
        ax.use_sticky_edges = False
        ax.barh(y, part["null_high"] - part["null_low"], left=part["null_low"], height=0.6, color="#dcdcdc")
        ax.hlines(y, part["ci_low"], part["ci_high"], color=PALETTE[0], lw=1.2)
        low, few = part["q_value"].lt(0.05).to_numpy(), part["evidence"].eq("illustrative").to_numpy()
        for chosen, style in ((low & ~few, STYLES["low"]), (low & few, STYLES["few"]), (~low, STYLES["other"])):
            ax.scatter(
                part["difference"][chosen],
                y[chosen],
                zorder=3,
                marker=style["marker"],
                s=style["ms"] ** 2,
                facecolor=style["mfc"],
                edgecolor=style["color"],
            )
        ax.axvline(0, color=QUIET, lw=0.8)
        titled(
            ax, f"{shortened(head.group_a, 22)} −\n{shortened(head.group_b, 12)} ({head.n_docs_a} : {head.n_docs_b})"
        )
        ax.tick_params(axis="y", labelsize=6.5)
    for ax in axes.flat[len(contrasts) :]:
        ax.set_axis_off()
    for column in range(columns):
        lowest = max(row for row in range(tall) if row * columns + column < len(contrasts))
        axes[lowest, column].tick_params(labelbottom=True)
    axes[0, 0].set_yticks(y, [labels[frame] for frame in labels])
    fig.supxlabel(xlabel, fontsize=9)
    fig.legend(
        handles=_chance_legend(words, bool(rows["ci_low"].notna().any())),
        loc="outside upper center",
        ncols=2,
        fontsize=7.5,
    )
    return settled(fig)


def most_contrasts(labels: dict[str, str]) -> int:
    """How many contrasts of these frames `against_chance` draws in the width in use: as many rows of panels as a page holds."""
    on_page = COLUMNS * max(1, int((TALLEST - HEAD) / _height(labels)))
    return MOST_CONTRASTS // 2 if in_column() else min(MOST_CONTRASTS, on_page)


def _height(labels: dict[str, str]) -> float:
    """Inches that a panel of `against_chance` is high: rows whose names stand on two lines need more room."""
    return 0.35 + (0.27 if any("\n" in label for label in labels.values()) else 0.18) * len(labels)


def _chance_legend(words: dict[str, str], intervals: bool) -> list:
    return [
        Patch(color="#dcdcdc", label=words["chance"]),
        *([Line2D([], [], color=PALETTE[0], label=words["interval"])] if intervals else []),
        *(Line2D([], [], lw=0, label=words[name], **style) for name, style in STYLES.items()),
    ]


def distance(null: np.ndarray, observed: float, xlabel: str, ylabel: str, label: str, empty: str) -> Figure:
    """How far apart the two sides stand, among all ways the documents could have been labelled."""
    if not len(null):
        return nothing(empty)
    fig = plots.null(null, observed, xlabel, ylabel, label)
    fig.axes[0].legend(loc="lower right", bbox_to_anchor=(1, 1))  # few splits leave no free corner inside
    return fig


def robustness(
    rows: pd.DataFrame, left_out: pd.DataFrame, labels: dict[str, str], xlabel: str, words: dict[str, str], empty: str
) -> Figure:
    """A row per frame: the difference under every choice (markers) over its range with one document left out (a bar).

    rows: frame, variant, difference; left_out: documents × frames, as `robustness.leave_one_out` gives it.
    """
    if rows.empty:
        return nothing(empty)
    fig, ax = plt.subplots(figsize=(FULL, 1.6 + 0.42 * len(labels)))
    y = {frame: i for i, frame in enumerate(reversed(list(labels)))}
    low, high = left_out.min().reindex(list(labels)), left_out.max().reindex(list(labels))
    ax.use_sticky_edges = False
    ax.barh([y[f] for f in labels], high - low, left=low, height=0.74, color="#e2e2e2", label=words["left_out"])
    variants = rows["variant"].unique()
    for i, name in enumerate(variants):
        part = rows[rows["variant"] == name]
        shift = (0.5 - (i + 0.5) / len(variants)) * 0.8
        ax.scatter(
            part["difference"],
            part["frame"].map(y) + shift,
            s=24 if i else 34,
            color=PALETTE[i % 8] if i else INK,
            marker=MARKERS[(i + i // 8) % 8],
            edgecolors=INK,
            linewidths=0.3,  # without it the palest grey is lost on the bar
            zorder=3 if i else 4,
            label=words.get(name, name),
        )
    ax.axvline(0, color=QUIET, lw=0.8)
    ax.set_yticks(list(y.values()), [labels[frame] for frame in y], fontsize=7, linespacing=1.1)
    ax.set_xlabel(xlabel)
    ax.grid(axis="x")
    fig.legend(loc="outside upper center", ncols=3, fontsize=7.5)
    return fig
