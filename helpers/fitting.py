"""Room for labels in a figure narrower than a page: smaller type, folded names and titles, legends stacked above.

A figure of the usual width is touched only where what is written in it does not find room.
"""

import math
from collections.abc import Iterator, Sequence
from weakref import WeakSet

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FuncFormatter

from helpers.folding import LANGUAGES, ems, folded, joined, widest
from helpers.styles import FULL, TALLEST, wide

SMALLEST = 4  # points: the least one can read in a cell
READABLE = 6  # points: names of rows get no smaller as long as the figure can be made higher for them
LABELS = 0.36  # of the width of a figure: room for the names of its rows
MOST = 0.42  # and what they may take before they are folded
AIR, HAIR = 0.1, 4  # inches over the edge, dots of one another, that do no harm
HANDLE = 4.5  # ems that the mark of a legend takes
_FITTED: WeakSet[Figure] = WeakSet()  # a figure is fitted once: some plots do it before they place words by hand


def settled(fig: Figure) -> Figure:
    """The figure with room made for its labels and its layout worked out once, not again for each file it is written to."""
    if wide() < FULL:
        fit(fig)
    fig.draw_without_rendering()
    if wide() >= FULL and fig not in _FITTED and _crowded(fig):
        fit(fig)
        fig.draw_without_rendering()
    _FITTED.add(fig)
    fig.set_layout_engine("none")
    return fig


def _crowded(fig: Figure) -> bool:
    """Whether, as the figure is laid out, something written stands over its edge, takes too much of it or covers its like."""
    drawn = [ax for ax in fig.axes if ax.axison]
    titles = [text for ax in drawn for text in (ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label)]
    alone = [*titles, *fig.findobj(Legend), *filter(None, (fig._supxlabel, fig._supylabel))]
    told = [artist for artist in alone if not isinstance(artist, Text) or artist.get_text()]
    boxes, edge = [artist.get_window_extent().extents for artist in told], AIR * fig.dpi
    over_edge = any((box[:2] < -edge).any() or (box[2:] > fig.bbox.extents[2:] + edge).any() for box in boxes)
    names = [(axis.axis_name, _boxes(axis)) for ax in drawn for axis in (ax.xaxis, ax.yaxis)]
    widest = max((box[2] - box[0] for side, own in names if side == "y" for box in own), default=0)
    return over_edge or widest > MOST * fig.bbox.width or any(map(_touching, [boxes, *(own for _, own in names)]))


def _boxes(axis: Axis) -> list[np.ndarray]:
    """Where the names along an axis stand (left, bottom, right, top), a box for each line: below an axis, lines of names that
    stand on different levels pass each other."""
    low, high = sorted(axis.get_view_interval())
    ticks = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)
    shown = [text for at, text in ticks if low <= at <= high and text.get_visible() and text.get_text()]
    return [box for text in shown for box in _lines_of(text)]


def _lines_of(text: Text) -> Iterator[np.ndarray]:
    box, lines = text.get_window_extent(), [""] if text.get_rotation() else text.get_text().split("\n")
    high, widest = box.height / len(lines), max(map(ems, lines)) or 1
    for i, line in enumerate(lines):
        short = box.width * (1 - ems(line) / widest) if line else box.width
        yield np.array([box.x0 + short / 2, box.y1 - (i + 1) * high, box.x1 - short / 2, box.y1 - i * high])


def _touching(boxes: Sequence[np.ndarray]) -> bool:
    """Whether any two boxes cover each other by more than a hair."""
    edges = np.array(boxes).reshape(-1, 4)
    over = np.minimum(edges[:, None, 2:], edges[None, :, 2:]) - np.maximum(edges[:, None, :2], edges[None, :, :2])
    return bool(np.triu((over > HAIR).all(axis=2), k=1).any())


def fit(fig: Figure) -> None:
    """Make type smaller in a figure narrower than a page, fold what is wider than its room, and stack legends."""
    if fig in _FITTED:
        return
    _FITTED.add(fig)
    for text in fig.findobj(Text) if wide() < FULL else ():
        text.set_fontsize(min(text.get_fontsize(), plt.rcParams["font.size"]))
    for text in (fig._suptitle, fig._supxlabel):
        _fold(text, 0.95 * fig.get_figwidth())
    _fold(fig._supylabel, 0.95 * fig.get_figheight())
    for legend in fig.findobj(Legend):
        _fit_legend(fig, legend)
    for ax in fig.axes:
        _fold_names(ax.yaxis, LABELS * fig.get_figwidth())
    fig.draw_without_rendering()
    for ax in fig.axes:
        _fit_axes(ax)
    fig.draw_without_rendering()
    _raise_rows(fig)
    for ax in fig.axes:
        _fit_rows(ax)
        _thin_out(ax)


def _fit_axes(ax: Axes) -> None:
    """What can only be folded once one knows how wide the axes are."""
    box = ax.get_window_extent()
    width, height = box.width / ax.figure.dpi, box.height / ax.figure.dpi
    for text in (ax.title, ax._left_title, ax._right_title, ax.xaxis.label):
        _fold(text, max(1.05 * width, 0.6))
    _fold(ax.yaxis.label, 1.1 * height)
    _fold_names(ax.xaxis, width / max(len(ax.get_xticks()), 1))
    for image in ax.images:
        _fit_cells(ax, width / image.get_array().shape[1])


def _names(axis: Axis) -> list[str]:
    """What stands along an axis where that is words, not numbers."""
    texts = [tick.get_text() for tick in axis.get_ticklabels()]
    given = isinstance(axis.get_major_formatter(), FixedFormatter | FuncFormatter)
    return texts if given and any(c.isalpha() for text in texts for c in text) else []


def _fold_names(axis: Axis, room: float) -> None:
    """Fold the names along an axis; below it, what is too long for that stands upright under its place."""
    if not (texts := _names(axis)):
        return
    most = room * 72 / max(tick.get_fontsize() for tick in axis.get_ticklabels())
    shown = [text if widest(text) <= most else folded(joined(text), most) for text in texts]
    if axis.axis_name == "x" and max(map(widest, shown)) > most:
        shown = [_upright(joined(text), most) for text in texts]
        axis.set_tick_params(rotation=90)
        _heighten(axis.figure, max(map(widest, shown)))
    if shown != texts:
        axis.set_ticks(axis.get_ticklocs(), labels=shown)


def _upright(text: str, most: float) -> str:
    """A name that stands upright: each language on a line of its own where two lines find room."""
    return LANGUAGES.sub(r"\1\n\2", text) if most > 2.2 else text


def _room(ax: Axes) -> float:
    """The type size in points at which the names of rows would fill the height of the axes; endless where there are none."""
    texts, height = _names(ax.yaxis), ax.get_window_extent().height / ax.figure.dpi
    return height * 72 / len(texts) / 1.2 / max(text.count("\n") + 1 for text in texts) if texts else math.inf


def _raise_rows(fig: Figure) -> None:
    """Make a figure higher where the names of its rows could not be read, and no figure higher than a page."""
    tightest = min(fig.axes, key=_room)
    if fig.get_layout_engine():
        grid, lacking = tightest.get_subplotspec(), max(READABLE / _room(tightest) - 1, 0)
        tall = grid.get_gridspec().nrows if grid else 1
        higher = fig.get_figheight() + lacking * tall * tightest.get_window_extent().height / fig.dpi
        fig.set_figheight(min(higher, TALLEST))
        fig.draw_without_rendering()


def _fit_rows(ax: Axes) -> None:
    """Names of rows become smaller where they would touch those above and below."""
    if _names(ax.yaxis) and (size := _room(ax)) < ax.yaxis.get_ticklabels()[0].get_fontsize():
        ax.yaxis.set_tick_params(labelsize=max(size, SMALLEST))


def _thin_out(ax: Axes) -> None:
    """Leave out every other of the numbers under an axis where they would touch."""
    axis, width = ax.xaxis, ax.get_window_extent().width / ax.figure.dpi
    low, high = sorted(axis.get_view_interval())
    seen = [
        (at, tick.get_text())
        for at, tick in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)
        if low <= at <= high
    ]
    if not seen or _names(axis):
        return
    most = width * 72 / plt.rcParams["xtick.labelsize"] / len(seen)
    if max(ems(text) for _, text in seen) + 0.4 > most:
        axis.set_ticks(*zip(*seen[::2], strict=True))


def _fit_cells(ax: Axes, room: float) -> None:
    """Numbers written into cells become as small as the longest of their colour asks; below four points all are left out."""
    inside = [text for text in ax.texts if text.get_transform() == ax.transData and text.get_rotation() == 0]
    for colour in {text.get_color(): 0 for text in inside}:
        same = [text for text in inside if text.get_color() == colour]
        size = room * 72 / (max(widest(text.get_text()) for text in same) + 0.2)
        for text in same:
            text.set(fontsize=min(size, text.get_fontsize()), visible=size >= SMALLEST)


def _fit_legend(fig: Figure, legend: Legend) -> None:
    """Put a legend that is wide or stands beside its axes above the figure, in as many columns as find room."""
    room = fig.bbox if legend in fig.legends else legend.axes.bbox
    if wide() >= FULL and legend.get_window_extent().width < 0.9 * room.width:
        return
    if (
        legend not in fig.legends
        and not legend._bbox_to_anchor
        and legend.get_window_extent().width < fig.bbox.width / 2
    ):
        return
    handles, texts, columns = legend.legend_handles, [text.get_text() for text in legend.get_texts()], legend._ncols
    legend.remove()
    most = 0.95 * fig.get_figwidth() * 72 / plt.rcParams["legend.fontsize"]
    while columns > 1 and _legend_ems(texts, columns) > most:
        columns -= 1
    shown = texts
    if columns == 1:  # two columns of folded texts, where they are lower than one
        shapes = {n: [folded(text, most / n - HANDLE) for text in texts] for n in (1, 2)}
        columns = min(shapes, key=lambda n: _legend_lines(shapes[n], n))
        shown = shapes[columns]
    _heighten(fig, 1.6 * (_legend_lines(shown, columns) - math.ceil(len(texts) / legend._ncols)))
    free = fig.get_layout_engine() is None
    stacked = fig.legend(handles, shown, loc="upper center" if free else "outside upper center", ncols=columns)
    if free:
        below = 0.99 - stacked.get_window_extent().height / fig.bbox.height
        fig.subplots_adjust(top=min(fig.subplotpars.top, below))


def _heighten(fig: Figure, lines: float) -> None:
    """Make a figure higher by so many ems of small type, so that what is drawn loses no room to what is written."""
    if fig.get_layout_engine():
        fig.set_figheight(fig.get_figheight() + lines * plt.rcParams["xtick.labelsize"] / 72)


def _legend_ems(texts: Sequence[str], columns: int) -> float:
    """The width of a legend: of the widest text in each column, with its mark."""
    parts = np.array_split(np.array([ems(text) for text in texts]), columns)
    return sum(float(part.max()) + HANDLE for part in parts if len(part))


def _legend_lines(texts: Sequence[str], columns: int) -> int:
    """The height of a legend: the lines of its longest column."""
    parts = np.array_split(np.array([text.count("\n") + 1 for text in texts]), columns)
    return max(int(part.sum()) for part in parts)


def _fold(text: Text | None, room: float) -> None:
    if text is not None and text.get_text():
        text.set_text(folded(text.get_text(), room * 72 / text.get_fontsize(), spare=1))
