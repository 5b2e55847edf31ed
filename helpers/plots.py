"""Shapes that the notebooks draw again and again: dots, bars, heat maps.

Each function takes a tidy table and gives back a figure; labels come from the caller, style from `figures.setup`.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.figures import FULL, INK, PALETTE, QUIET, dots, wrap
from helpers.styles import in_column


def dot_rows(
    rows: pd.DataFrame,
    x: str,
    y: str,
    xlabel: str,
    low: str = "",
    high: str = "",
    width: float = FULL,
    title: str = "",
    zero: bool = False,
) -> Figure:
    """One row per category, top first, with intervals where the table has them; `zero` starts the axis at 0, for counts."""
    fig, ax = plt.subplots(figsize=(width, 0.9 + 0.24 * len(rows)))
    dots(ax, rows, x, y, low, high)
    if zero and len(rows):
        ax.set_xlim(0, rows[x].max() * 1.06)
        if not (rows[x] % 1).any():  # there is no quarter of an article
            ax.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10], integer=True))
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.set_xlabel(xlabel)
    ax.set_title(title, loc="left")
    return fig


def stacked(rows: pd.DataFrame, xlabel: str) -> Figure:
    """Horizontal bars of parts: index the categories, columns the parts, in the order given, none drawn like another."""
    fig, ax = plt.subplots(figsize=(FULL, 1.2 + 0.22 * len(rows)))
    left = np.zeros(len(rows))
    places = np.arange(len(rows))[::-1]
    hatches = ("", "///", "...", "\\\\\\", "xxx", "", "++", "oo")
    for i, column in enumerate(rows.columns):
        ax.barh(
            places,
            rows[column],
            left=left,
            height=0.72,
            label=column,
            color=PALETTE[i % 8],
            hatch=hatches[(i + i // 8) % 8],
            edgecolor="white",
            lw=0.3,
        )
        left += rows[column].to_numpy()
    ax.set_yticks(places, [str(i) for i in rows.index])
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.set_xlabel(xlabel)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4)
    return fig


def heat(
    matrix: pd.DataFrame,
    label: str,
    fmt: str = "{:.2f}",
    low: float | None = None,
    high: float | None = None,
    diverging: bool = False,
    blank: pd.DataFrame | None = None,
) -> Figure:
    """A table as colours with its numbers written in; cells of `blank` that are True are hatched and left empty."""
    narrow = in_column()
    fmt = "{:+.2f}" if diverging else fmt  # in grey only the sign tells the two ends apart
    fig, ax = plt.subplots(figsize=(FULL, 1.1 + 0.32 * len(matrix)))
    values = matrix.to_numpy(dtype=float)
    shown = np.where(blank.to_numpy(), np.nan, values) if blank is not None else values
    top = high if high is not None else np.nanmax(np.abs(shown)) if np.isfinite(shown).any() else 1.0
    bottom = low if low is not None else (-top if diverging else 0.0)
    image = ax.imshow(shown, cmap="PuOr_r" if diverging else "Blues", vmin=bottom, vmax=top, aspect="auto")
    for (i, j), value in np.ndenumerate(shown):
        if np.isfinite(value):
            value = round(value, 2) + 0.0  # no minus before a zero
            strong = (
                abs(value - (bottom + top) / 2) > 0.36 * (top - bottom)
                if diverging
                else value > bottom + 0.6 * (top - bottom)
            )
            told = fmt.format(value).replace("-", "−").replace("0.", "." if narrow and diverging else "0.")
            ax.text(j, i, told, ha="center", va="center", fontsize=7, color="white" if strong else INK)
        elif blank is not None and blank.to_numpy()[i, j]:
            ax.text(j, i, "·", ha="center", va="center", fontsize=8, color=QUIET)
    ax.set_xticks(range(matrix.shape[1]), [wrap(str(c), 8) for c in matrix.columns], fontsize=7)
    ax.set_yticks(range(matrix.shape[0]), [str(i) for i in matrix.index])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    whole = not (shown[np.isfinite(shown)] % 1).any()  # a count has no tenths
    fig.colorbar(image, ax=ax, label=label, shrink=0.8, ticks=MaxNLocator(integer=True) if whole else None)
    return fig


def null(values: Sequence[float], observed: float, xlabel: str, ylabel: str, label: str) -> Figure:
    """Where the true split stands among all splits (or those drawn)."""
    fig, ax = plt.subplots(figsize=(FULL * 0.75, 2.4))
    values = np.asarray(values, dtype=float)
    whole = np.allclose(values, values.round()) and np.ptp(values) < 60
    bins = np.arange(values.min() - 0.5, max(values.max(), observed) + 1.5) if whole else 40
    ax.hist(values, bins=bins, color=PALETTE[5], edgecolor="white", lw=0.4)
    ax.axvline(observed, color=INK, lw=2, label=label)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    ax.legend(loc="upper right")
    return fig
