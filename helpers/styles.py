"""Figures for print: drawn at the width of a column, in greys that stay apart, with text that can be edited.

Each word of `style` in study.toml is a set of rows of data/lexicon/figure_styles.csv. Widths and type sizes go into
matplotlib's own settings, so that whatever draws a figure gets them; `fitting` makes room for labels in a narrow figure.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cache

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, is_color_like, to_hex, to_rgba_array
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.text import Annotation, Text

from helpers import lexicon
from helpers.study import CorpusError

FULL = 7.2  # inches: the width of a figure where the style names none
COLOURS = ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor")
GREYS = matplotlib.colormaps["Greys"]
BOTH_ENDS = ListedColormap(GREYS(np.abs(np.linspace(-1, 1, 511))), "GreysBothEnds")  # white at zero, dark at either end
NO_COLOURS = (None, "none", "auto", "face", "inherit")  # what matplotlib says in place of one
TYPE = 9  # points: the type of a full page
TALLEST = 9.05  # inches: what a page of a journal has room for, 230 mm


@cache
def known() -> dict[str, dict[str, str]]:
    """The styles that study.toml may name, each with its settings."""
    rows = lexicon.rows("figure_styles", "style", "setting", "value")
    return {
        style: {r["setting"]: r["value"] for r in rows if r["style"] == style}
        for style in {r["style"]: 0 for r in rows}
    }


def chosen(style: Sequence[str]) -> dict[str, str]:
    """The settings of all words of a style. Errors: CorpusError where a word is not in the table.

    >>> chosen(["full"])["width_mm"]
    '174'
    """
    if unknown := [word for word in style if word not in known()]:
        raise CorpusError(f"study.toml: unknown style {unknown[0]!r}; known are {', '.join(known())}.")
    return {setting: value for word in style for setting, value in known()[word].items()}


def settings(style: Sequence[str]) -> dict:
    """What matplotlib has to be told for a style, its width among it."""
    words = chosen(style)
    width = float(words["width_mm"]) / 25.4 if "width_mm" in words else FULL
    return {"figure.figsize": (width, 0.6 * width)} | {k: v for k, v in words.items() if "." in k}


def wide() -> float:
    """The width in inches that a figure may have now."""
    return plt.rcParams["figure.figsize"][0]


def in_column() -> bool:
    """Whether figures are drawn for one column of a page, not for its width."""
    return wide() < FULL / 2


def abreast(panels: int) -> int:
    """How many panels stand side by side where a full page has room for so many."""
    return min(panels, math.ceil(panels * wide() / FULL + 0.5))


def narrow(fig: Figure) -> None:
    """Bring a new figure to the width in use, and as much flatter as its type is smaller; a network keeps its height, and
    none is higher than a page.

    matplotlib calls this for every figure (its setting figure.hooks).
    """
    if wide() < min(FULL, fig.get_figwidth()):
        fig.set_figwidth(wide())
        if fig.get_layout_engine():
            fig.set_figheight(fig.get_figheight() * min(1, plt.rcParams["font.size"] / TYPE))
    fig.set_figheight(min(fig.get_figheight(), TALLEST))


# ---- greys -------------------------------------------------------------------------------------------------------------


def grey(fig: Figure) -> None:
    """Turn every colour of a figure into a grey: those of the table into their own, others into one as light as they are."""
    for artist in _artists(fig):
        for name in COLOURS:
            get, put = getattr(artist, f"get_{name}", None), getattr(artist, f"set_{name}", None)
            if get and put and not (isinstance(get(), str | type(None)) and get() in NO_COLOURS):
                put(greyed(get()))
    for ax in fig.axes:
        for image in ax.images:
            image.set_cmap(BOTH_ENDS if image.norm.vmin < 0 else GREYS)
            _ink(ax, image)


def _ink(ax: Axes, image: AxesImage) -> None:
    """Numbers in cells as they can be read on the greys."""
    values, (rows, columns) = image.get_array(), image.get_array().shape
    for text in ax.texts:
        column, row = map(round, text.get_position())
        if 0 <= row < rows and 0 <= column < columns and values[row, column] is not np.ma.masked:
            text.set_color(ink(image.cmap(image.norm(values[row, column]))))


def _artists(fig: Figure) -> Iterator[Artist]:
    """Everything drawn, with the boxes and arrows of texts, which matplotlib does not list."""
    for artist in fig.findobj():
        yield artist
        if isinstance(artist, Text) and artist.get_bbox_patch():
            yield artist.get_bbox_patch()
        if isinstance(artist, Annotation) and artist.arrow_patch:
            yield artist.arrow_patch


def greyed(colours) -> np.ndarray:
    """One colour or many as greys, RGBA in and out, what shines through kept."""
    many = to_rgba_array(colours)
    distinct, place = np.unique(many, axis=0, return_inverse=True)
    shades = np.array([_shade(rgba) for rgba in distinct]).reshape(-1)
    result = np.column_stack([*[shades[place.reshape(-1)]] * 3, many[:, 3]]) if len(many) else many
    return result[0] if is_color_like(colours) else result


def _shade(rgba: np.ndarray) -> float:
    """The grey of a colour, from 0 to 1: from the table, else of the same luminance (IEC 61966-2-1:1999)."""
    if own := known()["grey"].get(to_hex(rgba).upper()):
        return int(own[1:3], 16) / 255
    light = luminance(rgba)
    return float(12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)


def luminance(rgb: Sequence[float]) -> float:
    """Relative luminance of an sRGB colour (an alpha behind it is left out), from 0 to 1."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb[:3]]
    return float(np.dot((0.2126, 0.7152, 0.0722), linear))


def ink(behind: Sequence[float]) -> str:
    """Black or white, whichever stands out more on a colour: 4.58 to 1 at least (WCAG 2.2 asks 4.5 of text).

    >>> ink((0.03, 0.19, 0.42, 1.0)), ink((0.42, 0.68, 0.84, 1.0))
    ('white', 'black')
    """
    return "white" if luminance(behind) < 0.179 else "black"
