"""Figures of the facts told: a timeline with precision, quantities by unit.

Each takes a tidy table and gives back a figure that fits a page; what does not fit stays in the table.
"""

from collections.abc import Sequence

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures import FULL, INK, MUTED, PALETTE, both, wrap
from helpers.fitting import settled
from helpers.plots import nothing
from helpers.study import Study
from helpers.styles import TALLEST, abreast

FAR = pd.Timedelta(
    days=400
)  # from the middle of a panel's events; what an article recalls of another year is not drawn
ROW, HEADS = 0.2, 1.4  # inches of a row of the timeline, and in rows what the title and the axis of a panel take
FEW_DAYS = 34  # of so few, three in a hundred are not one
APPROX = {
    "": ("o", True, "确数", "exact"),
    "about": ("o", False, "约", "about"),
    "more": (">", False, "余、超、以上", "more than, at least"),
    "less": ("<", False, "近、不到", "nearly, less than"),
}
SIDES = {
    "more than": "more",
    "at least": "more",
    "nearly": "less",
    "less than": "less",
    "at most": "less",
    "up to": "less",
}


# ---- timeline --------------------------------------------------------------------------------------------------------


def timeline(rows: pd.DataFrame, labels: dict[str, str], study: Study) -> Figure:
    """One row per article, one panel per `panel` (a year): points for days, bars for spans, arrows for since and until.

    rows: doc_id, panel, begin, finish, shape, times, published (Timestamp or NaT), in the order to be drawn. A panel
    shows the days of publication and those between the 3rd and 97th percentile of its events (all of a few) within 400
    days of their median; what lies outside is counted at its edge.
    """
    if rows.empty:
        return nothing(both("没有可定日期的事件", "no dated events in these documents", study))
    panels = list(rows.groupby("panel", sort=True))
    tall = [part["doc_id"].nunique() + 1.6 for _, part in panels]
    size = (FULL, 0.5 + ROW * (sum(tall) + HEADS * max(len(panels) - 2, 0)))
    fig, axes = plt.subplots(len(panels), 1, figsize=size, height_ratios=tall, squeeze=False)
    for ax, (name, part) in zip(axes.flat, panels, strict=True):
        _events(ax, part, labels)
        ax.set_title(str(name), loc="left")
    axes.flat[0].legend(
        handles=_legend(study),
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=5,
        columnspacing=1.1,
        handlelength=1.3,
        handletextpad=0.5,
    )
    return settled(fig)


def on_a_page(rows: pd.DataFrame) -> pd.DataFrame:
    """Of the rows of `timeline` those of the years with most dates, as many years as find room on a page."""
    years = rows.groupby("panel").agg(dates=("doc_id", "size"), documents=("doc_id", "nunique"))
    years = years.sort_values("dates", ascending=False, kind="stable")
    high = 0.5 + ROW * (years["documents"] + 1.6 + HEADS).cumsum()
    return rows[rows["panel"].isin(years.index[(high <= TALLEST) | (np.arange(len(years)) < 2)])]


def _window(part: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The days a panel shows: most of its events within a year or so and some air, and every day of publication."""
    days, day = pd.concat([part["begin"], part["finish"]]).dropna(), pd.Timedelta(days=1)
    days = days[(days - days.quantile(0.5, interpolation="nearest")).abs() <= FAR]
    rare = 0.03 if len(days) >= FEW_DAYS else 0.0
    low, high = days.quantile(rare), days.quantile(1 - rare)
    air = max((high - low) * 0.06, 2 * day)
    published = part["published"].dropna()
    return min([low.floor("D") - air, *(published - day)]), max([high.ceil("D") + air, *(published + day)])


def _events(ax: Axes, part: pd.DataFrame, labels: dict[str, str]) -> None:
    low, high = _window(part)
    ids = list(dict.fromkeys(part["doc_id"]))
    place = part["doc_id"].map({d: len(ids) - 1 - i for i, d in enumerate(ids)}).to_numpy()
    begin, finish = part["begin"].fillna(part["finish"]), part["finish"].fillna(part["begin"])
    inside = ((finish >= low) & (begin <= high)).to_numpy()
    arrow = (high - low) * 0.028
    for shape, rows in part[inside].assign(y=place[inside]).groupby("shape"):
        if shape == "moment":
            ax.scatter(
                rows["begin"],
                rows["y"],
                s=14 + 9 * (rows["times"].clip(upper=5) - 1),
                color=PALETTE[0],
                alpha=0.75,
                lw=0,
                zorder=3,
            )
        elif shape == "span":
            ax.hlines(
                rows["y"],
                rows["begin"].clip(lower=low),
                rows["finish"].clip(upper=high),
                color=PALETTE[0],
                lw=4.5,
                alpha=0.3,
            )
        for row in rows.itertuples() if shape in ("since", "until") else ():
            at, by = (row.begin, arrow) if shape == "since" else (row.finish, -arrow)
            ax.annotate(
                "",
                (at + by, row.y),
                (at, row.y),
                arrowprops={"arrowstyle": "-|>", "color": PALETTE[1], "lw": 1.1, "shrinkA": 0, "shrinkB": 0},
            )
            ax.plot([at], [row.y], marker="|", color=PALETTE[1], ms=6)
    published = part.assign(y=place).drop_duplicates("doc_id").dropna(subset="published")
    ax.plot(published["published"], published["y"], ls="", marker="d", mfc="white", mec=INK, ms=4.5, mew=0.8, zorder=2)
    for y, out_low, out_high in (
        pd.DataFrame({"y": place, "low": finish < low, "high": begin > high}).groupby("y").sum().itertuples()
    ):
        for count, x, side, text in ((out_low, 0.004, "left", "◀{}"), (out_high, 0.996, "right", "{}▶")):
            if count:
                ax.text(
                    x,
                    y,
                    text.format(int(count)),
                    transform=ax.get_yaxis_transform(),
                    fontsize=6.5,
                    color=MUTED,
                    va="center",
                    ha=side,
                )
    ax.set(xlim=(low, high), ylim=(-0.7, len(ids) - 0.3))
    ax.set_yticks(range(len(ids))[::-1], [labels.get(d, d) for d in ids], fontsize=7)
    locator = mdates.AutoDateLocator(minticks=4, maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%m-%d" if high - low < pd.Timedelta(days=330) else "%Y-%m"))
    ax.grid(axis="both")
    ax.set_axisbelow(True)


def _legend(study: Study) -> list[Line2D]:
    blue, orange = {"ls": "", "color": PALETTE[0]}, {"ls": "", "color": PALETTE[1], "ms": 5}
    return [
        Line2D([], [], marker="o", ms=4, label=both("日", "day or hour", study), **blue),
        Line2D([], [], color=PALETTE[0], lw=4.5, alpha=0.3, label=both("月、时段", "month, span", study)),
        Line2D([], [], marker=9, label=both("起", "since", study), **orange),
        Line2D([], [], marker=8, label=both("截至", "until", study), **orange),
        Line2D([], [], ls="", marker="d", mfc="white", mec=INK, ms=4.5, label=both("发布", "published", study)),
    ]


# ---- quantities ------------------------------------------------------------------------------------------------------


def quantities(rows: pd.DataFrame, titles: dict[str, str], study: Study, columns: int = 3) -> Figure:
    """One panel and one log axis per unit, one point per record; rows inside a panel are the groups.

    rows: unit, kind, value (> 0), approx, group; a colour per kind. Open circles are approximate, open triangles
    point to where the number may lie.
    """
    units = list(dict.fromkeys(rows["unit"]))
    if not units:
        return nothing(both("没有数量", "no quantities in these documents", study))
    groups = sorted(rows["group"].unique(), reverse=True)
    colors = {kind: PALETTE[i % len(PALETTE)] for i, kind in enumerate(dict.fromkeys(rows["kind"]))}
    columns = min(abreast(columns), len(units))
    tall = int(np.ceil(len(units) / columns))
    fig, axes = plt.subplots(tall, columns, figsize=(FULL, 0.55 + tall * (0.62 + 0.24 * len(groups))), squeeze=False)
    for ax, unit in zip(axes.flat, units, strict=False):
        part = rows[rows["unit"] == unit]
        _strip(ax, part, groups, colors[part["kind"].iloc[0]])
        ax.set_title(wrap(titles.get(unit, unit), 36), loc="left", fontsize=8)
    for ax in axes.flat[len(units) :]:
        ax.set_axis_off()
    sides = set(rows["approx"].map(_side))
    handles = [
        Line2D([], [], ls="", marker=marker, mfc=INK if filled else "white", mec=INK, ms=5, label=both(zh, en, study))
        for key, (marker, filled, zh, en) in APPROX.items()
        if key in sides
    ]
    fig.legend(handles=handles, loc="outside upper center", ncols=4)
    fig.supxlabel(
        both("所报数值（对数轴，各量词不同）", "number as reported (log scale, one for each unit)", study), fontsize=9
    )
    return settled(fig)


def _strip(ax: Axes, part: pd.DataFrame, groups: Sequence[str], color: str) -> None:
    side = part["approx"].map(_side)
    order = part["value"].rank(method="first").to_numpy()
    place = (
        part["group"].map(groups.index).to_numpy() + ((order * 0.618034) % 1 - 0.5) * 0.55
    )  # spread evenly, the same every run
    size, strength = (13, 0.75) if len(part) <= 200 else (5, 0.35)
    for key, (marker, filled, *_) in APPROX.items():
        here = (side == key).to_numpy()
        if here.any():
            ax.scatter(
                part["value"][here],
                place[here],
                s=size,
                marker=marker,
                facecolor=color if filled else "white",
                edgecolor=color,
                lw=0.8,
                alpha=strength if filled else 1.0,
                zorder=3 if filled else 4,
            )
    low, high = part["value"].min(), part["value"].max()
    ax.set_xscale("log")
    ax.set_xlim(10 ** (np.floor(np.log10(low)) - 0.15), 10 ** (np.ceil(np.log10(high * 1.0001)) + 0.15))
    ends = np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high * 1.0001)) + 1)
    step = max(1, int(np.ceil(len(ends) / 5)))
    ax.set_xticks(10.0 ** ends[::step], [_plain(10.0**e) for e in ends[::step]], fontsize=7)
    ax.xaxis.set_minor_locator(plt.NullLocator())
    ax.set_ylim(-0.6, len(groups) - 0.4)
    ax.set_yticks(range(len(groups)), [wrap(g, 12) for g in groups] if len(groups) > 1 else [""], fontsize=7)
    ax.grid(axis="x")
    ax.set_axisbelow(True)


def _side(approx: str) -> str:
    """The marker of an approximator: on the number, about it, or to one side."""
    return SIDES.get(approx, "about" if approx else "")


def _plain(value: float) -> str:
    """A power of ten as Chinese and English readers both read it: 1,000; 10^8 above a million."""
    return f"{value:,.0f}" if 1 <= value < 1e6 else f"{value:g}" if value < 1 else f"$10^{{{int(np.log10(value))}}}$"
