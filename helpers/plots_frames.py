"""The figures of frames: shares document by document, which keep company, the arc of an article.

Each function takes a tidy table and gives back a figure; `labels` maps frame ids to what is written (Chinese above
English). Where a table is empty the figure says so in words, so that every corpus gets an honest picture.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.codebook import Codebook
from helpers.figures import FULL, PALETTE, both, wrap
from helpers.fitting import settled
from helpers.plots import cells, nothing, shortened
from helpers.study import Study
from helpers.styles import abreast, in_column, wide

COLUMNS = 4
FEW_DOCUMENTS = 8  # up to here every row of a panel carries the document's name


def labels(codebook: Codebook, study: Study) -> dict[str, str]:
    """Frame id → label for figures, in the languages the study chose, Chinese above English."""
    return {
        frame.id: both(f"{frame.zh}\n" if study.labels == "both" else frame.zh, frame.en, study).replace("\n ", "\n")
        for frame in codebook.frames
    }


def panels(n: int, height: float) -> tuple[Figure, np.ndarray]:
    """n small panels of one height, up to four to a row, on one x scale and one y scale; those left over are blank."""
    columns = min(abreast(COLUMNS), n)
    tall = -(-n // columns)
    fig, axes = plt.subplots(
        tall, columns, figsize=(FULL, tall * height + 0.5), sharex=True, sharey=True, squeeze=False
    )
    for place, ax in enumerate(axes.flat):
        if place >= n:
            ax.set_axis_off()
        if n - columns <= place < n:
            ax.tick_params(labelbottom=True)
    return fig, axes.ravel()


def titled(ax: Axes, text: str) -> None:
    ax.set_title(text, loc="left", fontsize=7.2, linespacing=1.15)


def documents(shares: pd.DataFrame, labels: dict[str, str], names: dict[str, str], xlabel: str, mean: str) -> Figure:
    """A panel per frame: every document a dot with its interval, their mean a line.

    `shares` is `frames.shares` by doc_id. Up to eight documents keep their order and names; more are sorted by share.
    """
    if shares.empty:
        return nothing(f"{mean}: 0")
    n = shares["group"].nunique()
    named = n <= FEW_DOCUMENTS
    fig, axes = panels(len(labels), 0.55 + (0.17 * n if named else 1.0))
    for ax, frame in zip(axes, labels, strict=False):
        part = shares[shares["frame"] == frame]
        part = part if named else part.sort_values(["share", "n_units"], kind="stable")
        y = np.arange(n)[::-1] if named else np.arange(n)
        ax.hlines(
            y, part["ci_low"], part["ci_high"], color=PALETTE[5], lw=max(0.3, min(1.4, 40 / n)), alpha=min(0.7, 60 / n)
        )
        ax.scatter(part["share"], y, s=max(2.0, min(20.0, 240 / n)), color=PALETTE[0], zorder=3, lw=0)
        ax.axvline(part["share"].mean(), color=PALETTE[1], lw=1)
        titled(ax, labels[frame])
        ax.grid(axis="x")
        ax.set_yticks(y if named else [], [shortened(names.get(d, d)) for d in part["group"]] if named else [])
        ax.tick_params(axis="y", labelsize=6.5)
    axes[0].set_xlim(-0.02, 1.02)
    fig.supxlabel(xlabel, fontsize=9)
    fig.legend(handles=[Line2D([], [], color=PALETTE[1], lw=1, label=mean)], loc="outside upper right", fontsize=7.5)
    return settled(fig)


def company(pairs: pd.DataFrame, labels: dict[str, str], label: str, fewest: int = 5) -> Figure:
    """Above the diagonal phi of two frames, below it the units with both; cells of fewer than `fewest` are hatched."""
    ids = list(labels)
    places = {frame: i for i, frame in enumerate(ids)}
    phi, n = np.full((len(ids), len(ids)), np.nan), np.full((len(ids), len(ids)), np.nan)
    for row in pairs.itertuples():
        a, b = places[row.frame_a], places[row.frame_b]
        phi[a, b], n[b, a] = row.phi, row.n_both
    shown = np.where(n.T >= fewest, phi, np.nan)
    top = max(0.3, np.nanmax(np.abs(shown))) if np.isfinite(shown).any() else 0.3
    scale = 100 if in_column() else 1  # where only whole hundredths find room in a cell
    digits = "{:+.0f}" if in_column() else "{:+.2f}"
    told = [digits.format(round(v * scale, 2) + 0).replace("-", "−") if np.isfinite(v) else "" for v in shown.flat]
    below = np.where(np.isfinite(n), np.nan_to_num(n).astype(int).astype(str), "")
    fig, ax = plt.subplots(figsize=(FULL, 0.9 + 0.36 * len(ids)))
    written = np.where(below != "", below, np.reshape(np.array(told, object), shown.shape))
    image = cells(ax, shown, written, size=6.5, cmap="PuOr_r", vmin=-top, vmax=top)
    for i, j in zip(*np.triu_indices(len(ids), k=1), strict=True):
        if not np.isfinite(shown[i, j]):
            ax.add_patch(plt.Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, hatch="////", edgecolor="#d5d5d5", lw=0))
    ax.set_xticks(range(len(ids)), [_narrow(labels[i]) for i in ids], fontsize=6.3)
    ax.set_yticks(range(len(ids)), [labels[i] for i in ids], fontsize=6.5, linespacing=1.1)
    place = {"location": "bottom", "shrink": 0.6, "aspect": 40} if in_column() else {"shrink": 0.8}
    told = label if scale == 1 else f"{label} (× {scale})"
    fig.colorbar(image, ax=ax, label=told, format=lambda value, _: f"{value * scale:.3g}".replace("-", "−"), **place)
    return settled(fig)


def _narrow(label: str) -> str:
    """The Chinese half of a label, or the only one, in lines that fit under a narrow cell."""
    first = label.split("\n")[0]
    return wrap(first, 9 if first.isascii() else 4) if wide() >= FULL else first


def arc(rows: pd.DataFrame, labels: dict[str, str], xlabel: str, ylabel: str) -> Figure:
    """A panel per frame: its share in each part of the articles, first to last; a band where there is an interval."""
    if rows.empty:
        return nothing(f"{ylabel}: 0")
    fig, axes = panels(len(labels), 1.35)
    for ax, frame in zip(axes, labels, strict=False):
        part = rows[rows["frame"] == frame]
        ax.fill_between(
            part["part"],
            part["ci_low"].astype(float),
            part["ci_high"].astype(float),
            color=PALETTE[0],
            alpha=0.2,
            lw=0,
        )
        ax.plot(part["part"], part["share"], color=PALETTE[0], marker="o", ms=3.5, lw=1.2)
        titled(ax, labels[frame])
        ax.grid(axis="y")
    axes[0].set_xticks(sorted(rows["part"].unique()))
    axes[0].set_ylim(bottom=0)
    fig.supxlabel(xlabel, fontsize=9)
    fig.supylabel(ylabel, fontsize=9)
    return settled(fig)
