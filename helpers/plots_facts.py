"""Figures of the facts: a timeline with precision, quantities by unit, systems of control, a network of names, voices.

Each takes a tidy table and gives back a figure that fits a page; what does not fit stays in the table.
"""

from collections.abc import Sequence

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures import FULL, INK, PALETTE, QUIET, both, wrap
from helpers.fitting import settled
from helpers.study import Study
from helpers.styles import abreast, wide

KINDS = {"person": ("人物", PALETTE[1]), "organization": ("机构", PALETTE[0]), "mechanism": ("机制", PALETTE[2])}
APPROX = {
    "": ("o", True, "确数", "exact"),
    "about": ("o", False, "约", "about"),
    "more": (">", False, "余、超、以上", "more than, at least"),
    "less": ("<", False, "近、不到", "nearly, less than"),
}
STEPS = {"command": "指挥", "mechanisms": "机制", "measures": "措施", "outcomes": "结果"}
ATTRIBUTION = {"explicit": ("明示", PALETTE[0], ""), "implicit": ("未明示", PALETTE[5], "///")}
SIDES = {
    "more than": "more",
    "at least": "more",
    "nearly": "less",
    "less than": "less",
    "at most": "less",
    "up to": "less",
}


def empty(words: str) -> Figure:
    """A figure that says in words that there is nothing to draw."""
    fig, ax = plt.subplots(figsize=(FULL, 0.9))
    ax.text(0.5, 0.5, words, ha="center", va="center", color=QUIET)
    ax.set_axis_off()
    return fig


# ---- timeline --------------------------------------------------------------------------------------------------------


def timeline(rows: pd.DataFrame, labels: dict[str, str], study: Study) -> Figure:
    """One row per article, one panel per `panel` (a year): points for days, bars for spans, arrows for since and until.

    rows: doc_id, panel, begin, finish, shape, times, published (Timestamp or NaT), in the order to be drawn. A panel
    shows the days between the 3rd and 97th percentile of its events; what lies outside is counted at its edge.
    """
    if rows.empty:
        return empty(both("没有可定日期的事件", "no dated events in these documents", study))
    panels = list(rows.groupby("panel", sort=True))
    tall = [part["doc_id"].nunique() + 1.6 for _, part in panels]
    fig, axes = plt.subplots(len(panels), 1, figsize=(FULL, 0.5 + 0.2 * sum(tall)), height_ratios=tall, squeeze=False)
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


def _window(part: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The days a panel shows: most of its events and some air."""
    days = pd.concat([part["begin"], part["finish"]]).dropna()
    low, high = days.quantile(0.03), days.quantile(0.97)
    air = max((high - low) * 0.06, pd.Timedelta(days=2))
    return low.floor("D") - air, high.ceil("D") + air


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
                    color=QUIET,
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
        return empty(both("没有数量", "no quantities in these documents", study))
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


# ---- systems of control ----------------------------------------------------------------------------------------------


def matrix(
    table: pd.DataFrame,
    labels: Sequence[str],
    heads: Sequence[tuple[str, str, str]],
    steps: Sequence[str],
    study: Study,
) -> Figure:
    """Articles × classes as colours with the counts written in; zeros stay empty.

    heads: three short texts under each column (the middle one on two levels, so that neighbours do not touch);
    steps: the group of each column, written above it.
    """
    if not table.to_numpy().any():
        return empty(both("没有机制", "no mechanisms in these documents", study))
    fig, ax = plt.subplots(figsize=(FULL, 1.25 + 0.205 * max(len(table), 3)))
    values = table.to_numpy(dtype=float)
    shown = np.ma.masked_equal(values, 0)
    ax.imshow(shown, cmap="Blues", vmin=0, vmax=max(values.max(), 1), aspect="auto")
    for (i, j), value in np.ndenumerate(values):
        if value:
            ax.text(
                j,
                i,
                f"{value:.0f}",
                ha="center",
                va="center",
                fontsize=7,
                color="white" if value > 0.6 * values.max() else INK,
            )
    levels = ("{}\n{}\n\n{}", "{}\n\n{}\n{}")
    ax.set_xticks(range(len(heads)), [levels[j % 2].format(*head) for j, head in enumerate(heads)], fontsize=7)
    ax.set_yticks(range(len(table)), labels, fontsize=7)
    edges = [j for j in range(1, len(steps)) if steps[j] != steps[j - 1]]
    ax.vlines([e - 0.5 for e in edges], -0.5, len(table) - 0.5, color=INK, lw=0.8)
    for first, last in zip([0, *edges], [*edges, len(steps)], strict=True):
        ax.text(
            (first + last - 1) / 2,
            -0.75,
            both(STEPS[steps[first]], steps[first], study),
            ha="center" if wide() >= FULL else "left",
            va="bottom",
            rotation=0 if wide() >= FULL else 35,
            fontsize=7.5,
            color=INK,
        )
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return settled(fig)


# ---- network ---------------------------------------------------------------------------------------------------------


def network(graph: nx.Graph, study: Study) -> Figure:
    """Names as boxes, coloured and shaped by kind; the wider a line, the more paragraphs name both; single faint."""
    if graph.number_of_edges() == 0:
        return empty(both("没有共现的名称", "no names share a paragraph", study))
    fig, ax = plt.subplots(figsize=(FULL, min(6.2, 2.2 + 0.16 * len(graph))), layout="none")
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_axis_off()
    fig.subplots_adjust(0.01, 0.01, 0.99, 0.94)
    texts = {n: _box(ax, n, graph.nodes[n]["kind"]) for n in graph}
    sizes = _sizes(fig, ax, texts)
    places = _apart(_layout(graph, study.seed), sizes)
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
        Line2D([], [], ls="", marker="s", mfc="white", mec=color, mew=1.4, label=both(zh, kind, study))
        for kind, (zh, color) in KINDS.items()
    ]
    lines = [
        Line2D(
            [],
            [],
            color=QUIET,
            lw=0.5,
            label=both("1 段", "1 paragraph" if study.labels == "en" else "paragraph", study),
        ),
        Line2D([], [], color=INK, lw=1.3, label=both("2 段以上", "2 or more", study)),
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
        bbox={"boxstyle": style, "fc": "white", "ec": KINDS[kind][1], "lw": 1.3},
    )


def _sizes(fig: Figure, ax: Axes, texts: dict) -> dict[str, np.ndarray]:
    """Width and height of each box, as shares of the drawing."""
    frame = ax.get_window_extent()
    renderer = fig.canvas.get_renderer()
    boxes = {n: t.get_window_extent(renderer) for n, t in texts.items()}
    return {n: np.array([(box.width + 14) / frame.width, (box.height + 14) / frame.height]) for n, box in boxes.items()}


def _layout(graph: nx.Graph, seed: int) -> dict[str, np.ndarray]:
    """Spring layout (Fruchterman & Reingold 1991) of the seed given, spread over the drawing by rank and place."""
    raw = nx.spring_layout(graph, seed=seed, k=2.2 / np.sqrt(len(graph)), iterations=200, weight=None)
    points = np.array([raw[n] for n in graph])
    ranks = points.argsort(axis=0).argsort(axis=0) / max(len(points) - 1, 1)
    scaled = (points - points.min(axis=0)) / np.maximum(np.ptp(points, axis=0), 1e-9)
    return dict(zip(graph, 0.05 + 0.9 * (0.5 * ranks + 0.5 * scaled), strict=True))


def _apart(places: dict[str, np.ndarray], sizes: dict[str, np.ndarray], rounds: int = 600) -> dict[str, np.ndarray]:
    """Boxes pushed apart along the shorter way until none covers another, and kept inside the drawing."""
    names = list(places)
    points, half = np.array([places[n] for n in names]), np.array([sizes[n] for n in names]) / 2
    for _ in range(rounds):
        gap = points[:, None] - points[None]
        over = half[:, None] + half[None] - np.abs(gap)
        over[np.arange(len(names)), np.arange(len(names))] = -1
        hit = (over > 0).all(axis=2)
        if not hit.any():
            break
        for i, j in zip(*np.nonzero(np.triu(hit)), strict=True):
            axis = int(over[i, j, 1] < over[i, j, 0])
            push = (over[i, j, axis] / 2 + 1e-4) * (1 if gap[i, j, axis] >= 0 else -1)
            points[i, axis] += push
            points[j, axis] -= push
        points = np.clip(points, half, 1 - half)
    return dict(zip(names, points, strict=True))


# ---- voices ----------------------------------------------------------------------------------------------------------


def voices(rows: pd.DataFrame, order: dict[str, str], study: Study) -> Figure:
    """Counts of utterances by voice, a panel per group, explicit and implicit attribution stacked and hatched.

    rows: panel, voice, attribution, n; `order` gives the voices, top first, with their names in Chinese.
    """
    if rows.empty:
        return empty(both("没有直接引语", "no direct speech in these documents", study))
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
