"""Shapes that the notebooks draw again and again: dots, bars, cells, heat maps, and a sentence where there is nothing to draw.

Each function takes a tidy table and gives back a figure; labels come from the caller, style from `figures.setup`.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator

from helpers.figures import FULL, INK, MUTED, PALETTE, wrap
from helpers.styles import in_column, ink


def shortened(name: str, most: int = 18) -> str:
    """`name` cut to so many half-widths, two to a Chinese character.

    >>> shortened("上岭高新技术产业开发区管委会"), shortened("city newspaper")
    ('上岭高新技术产业…', 'city newspaper')
    """
    wide = sum(2 if c > "\u2e80" else 1 for c in name)
    return name if wide <= most else f"{name[: most - 1 if wide == len(name) else most // 2 - 1]}…"


def nothing(words: str) -> Figure:
    """A figure that says in words that there is nothing to draw."""
    fig, ax = plt.subplots(figsize=(FULL, 1.1))
    ax.set_axis_off()
    ax.text(0.5, 0.5, wrap(words, 70), ha="center", va="center", color=MUTED)
    return fig


def cells(ax: Axes, values: np.ndarray, told: np.ndarray, size: float = 7, **colours) -> AxesImage:
    """Values as colours (`colours`: cmap, vmin, vmax), and in each cell what is told of it, in black or white as it can be read;
    where there is no value (nan) in quiet grey."""
    image = ax.imshow(np.ma.masked_invalid(values), aspect="auto", **colours)
    for (i, j), text in np.ndenumerate(told):
        if text:
            shade = ink(image.cmap(image.norm(values[i, j]))) if np.isfinite(values[i, j]) else MUTED
            ax.text(j, i, text, ha="center", va="center", fontsize=size, color=shade)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return image


def dot_rows(rows: pd.DataFrame, x: str, y: str, xlabel: str, width: float = FULL, zero: bool = False) -> Figure:
    """A dot in one row per category, in the given order, top first; `zero` starts the axis at 0, for counts."""
    if rows.empty:
        return nothing(f"{xlabel}: 0")
    fig, ax = plt.subplots(figsize=(width, 0.9 + 0.24 * len(rows)))
    places = range(len(rows))[::-1]
    ax.scatter(rows[x], places, color=PALETTE[0], s=26, zorder=3)
    ax.set_yticks(places, rows[y])
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    if zero:
        ax.set_xlim(0, rows[x].max() * 1.06)
    if not (rows[x] % 1).any():  # there is no quarter of an article
        bins, steps = (10, [1, 2, 5, 10]) if zero else ("auto", [1, 2, 2.5, 5, 10])
        ax.xaxis.set_major_locator(MaxNLocator(bins, steps=steps, integer=True))
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.set_xlabel(xlabel)
    return fig


def stacked(rows: pd.DataFrame, xlabel: str) -> Figure:
    """Horizontal bars of parts: index the categories, columns the parts, in the order given, none drawn like another."""
    fig, ax = plt.subplots(figsize=(FULL, 1.2 + 0.22 * len(rows)))
    left = np.zeros(len(rows))
    places = np.arange(len(rows))[::-1]
    hatches = (
        "",
        "///",
        "---",
        "\\\\\\",
        "xxx",
        "",
        "++",
        "||",
    )  # lines: a hatch of dots makes an svg four times as large
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
    hidden = np.zeros(matrix.shape, bool) if blank is None else blank.to_numpy()
    shown = np.where(hidden, np.nan, matrix.to_numpy(dtype=float))
    top = high if high is not None else np.nanmax(np.abs(shown)) if np.isfinite(shown).any() else 1.0
    bottom = low if low is not None else (-top if diverging else 0.0)
    fmt = "{:+.2f}" if diverging else fmt  # in grey only the sign tells the two ends apart
    told = [fmt.format(round(v, 2) + 0.0).replace("-", "−") if np.isfinite(v) else "" for v in shown.flat]  # no −0.00
    told = [text.replace("0.", ".") for text in told] if diverging and in_column() else told
    fig, ax = plt.subplots(figsize=(FULL, 1.1 + 0.32 * len(matrix)))
    colours = {"cmap": "PuOr_r" if diverging else "Blues", "vmin": bottom, "vmax": top}
    image = cells(ax, shown, np.where(hidden, "·", np.reshape(np.array(told, object), shown.shape)), **colours)
    ax.set_xticks(range(matrix.shape[1]), [wrap(str(c), 8) for c in matrix.columns], fontsize=7)
    ax.set_yticks(range(matrix.shape[0]), [str(i) for i in matrix.index])
    whole = not (shown[np.isfinite(shown)] % 1).any()  # a count has no tenths
    counts = MaxNLocator(
        min(10, 4 * max(len(matrix), 1) - 1), integer=True
    )  # beside a row or two there is room for a few
    fig.colorbar(image, ax=ax, label=label, shrink=0.8, ticks=counts if whole else None)
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
