"""Figures for papers: one font by path, one palette that survives grey and colour blindness, five files per figure.

`publish` writes png, svg, pdf, the numbers plotted (csv) and the caption in English and Chinese (md), byte for byte the
same whenever the numbers are the same, and shows the picture under the cell.
"""

import io
import re
import warnings
from dataclasses import dataclass
from functools import cache

import matplotlib
import matplotlib.pyplot as plt
import pandas as pd
import PIL.Image
from IPython import get_ipython
from IPython.display import Image, display
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

from helpers import __version__, store
from helpers.study import ROOT, CorpusError, Study

FONTS = tuple(ROOT / "data" / "fonts" / f"NotoSans{name}.ttf" for name in ("SC-common", "SC-rare", "TC-extra"))
FAMILIES = ["Noto Sans SC", "Noto Sans SC Rare", "Noto Sans TC", "DejaVu Sans"]  # tried in turn for each character
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555", "#B8A800")  # Okabe & Ito 2008
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
INK, QUIET = "#222222", "#8c8c8c"
FULL = 7.2  # width of a full page in inches
FORMATS = {
    "png": {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 4}},
    "svg": {"metadata": {"Date": None}},
    "pdf": {"metadata": {"CreationDate": None, "ModDate": None}},
}
SCREEN = 96  # dots per inch of the picture under a cell; layout is worked out at the resolution that is saved
UNKNOWN = "〓"  # printers' mark for a character the fonts lack

STYLE = {
    "font.family": FAMILIES,
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "axes.unicode_minus": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.prop_cycle": matplotlib.cycler(color=PALETTE),
    "axes.grid": False,
    "grid.color": "#e3e3e3",
    "grid.linewidth": 0.7,
    "figure.dpi": 200,
    "savefig.dpi": 200,
    "figure.constrained_layout.use": True,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "notebooks",
    "figure.max_open_warning": 0,
}


def setup() -> None:
    """Load the fonts and the style; every notebook that draws calls this once."""
    for path in FONTS:
        if not path.is_file():
            raise CorpusError(f"{path.name} is missing from data/fonts: restore it from the repository.")
        font_manager.fontManager.addfont(path)
    plt.rcParams.update(STYLE)


@cache
def _glyphs() -> frozenset[int]:
    """Code points that the shipped fonts, or matplotlib's own, can draw."""
    dejavu = font_manager.findfont("DejaVu Sans")
    return frozenset(c for path in (*FONTS, dejavu) for c in font_manager.get_font(path).get_charmap())


@dataclass(frozen=True)
class Caption:
    """What a reader must know to cite a figure: the sentence in both languages, n, unit, method, kind of interval."""

    en: str
    zh: str
    n: str
    unit: str
    method: str
    interval: str = "none: description"
    notes: str = ""


def both(zh: str, en: str, study: Study | None = None) -> str:
    """A label in the language the study chose.

    >>> both("词频", "frequency")
    '词频 frequency'
    """
    choice = study.labels if study else "both"
    return {"zh": zh, "en": en}.get(choice, f"{zh} {en}")


def wrap(text: str, width: int = 12) -> str:
    """`text` over several lines of at most `width` characters, for labels.

    >>> wrap("封控区管控区生活必需品集中配送点", 8)
    '封控区管控区生活\\n必需品集中配送点'
    """
    if re.search(r"[A-Za-z] ", text):
        import textwrap

        return textwrap.fill(text, width)
    return "\n".join(text[i : i + width] for i in range(0, len(text), width))


def publish(fig: Figure, table: pd.DataFrame, slug: str, caption: Caption, study: Study) -> None:
    """Write figures/<slug>.png .svg .pdf .csv .md; a character the fonts lack is drawn as 〓 and named in the caption.

    slug: figNN-k-words, NN the notebook. table: the numbers plotted, tidy.
    Errors: CorpusError where a glyph is missing all the same, or the slug is not of that form.
    """
    if not re.fullmatch(r"fig\d\d-\d+-[a-z0-9-]+", slug):
        raise CorpusError(f"{slug}: name a figure figNN-k-words, as fig04-1-keywords.")
    missing = _mark_missing(fig)
    folder = study.figures
    folder.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing")
        try:
            fig.draw_without_rendering()
            fig.set_layout_engine("none")  # laid out once; every format then shows the same picture
            box = fig.get_tightbbox()
            edge = 0.04  # inches of white that every side keeps
            inside = min(box.x0, box.y0, fig.get_figwidth() - box.x1, fig.get_figheight() - box.y1) >= edge
            for kind, options in FORMATS.items():
                held = io.BytesIO()
                fig.savefig(held, format=kind, bbox_inches=None if inside else "tight", pad_inches=0.08, **options)
                _write(folder / f"{slug}.{kind}", held.getvalue())
                if kind == "png":
                    _show(held)
        except UserWarning as error:
            raise CorpusError(f"{slug}: {error}. Add a font that has it to data/fonts.") from None
    plt.close(fig)
    numbers = table.map(store.harmless).to_csv(index=False, float_format=store.digits, lineterminator="\n")
    store.save_text(folder / f"{slug}.csv", numbers)
    store.save_text(folder / f"{slug}.md", _caption_text(slug, caption, missing, study))


def _show(png: io.BytesIO) -> None:
    """The picture under the cell, at screen size; outside a notebook nothing is shown."""
    if get_ipython() is None:
        return
    picture = PIL.Image.open(png)
    scale = SCREEN / STYLE["savefig.dpi"]
    small, held = (
        picture.resize((round(picture.width * scale), round(picture.height * scale)), PIL.Image.Resampling.LANCZOS),
        io.BytesIO(),
    )
    small.convert("P", palette=PIL.Image.Palette.ADAPTIVE, colors=128).save(held, format="png", optimize=True)
    display(Image(data=held.getvalue()))


def _write(path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


def _mark_missing(fig: Figure) -> list[str]:
    """Put 〓 for every character the fonts lack, in all texts and tick labels of `fig`; gives those characters."""
    missing: dict[str, None] = {}

    def marked(text: str) -> str:
        unknown = [c for c in text if ord(c) > 127 and ord(c) not in _glyphs()]
        missing.update(dict.fromkeys(unknown))
        return "".join(UNKNOWN if c in unknown else c for c in text)

    for axis in (axis for ax in fig.axes for axis in (ax.xaxis, ax.yaxis)):
        labels = [label.get_text() for label in axis.get_ticklabels()]
        if (shown := [marked(label) for label in labels]) != labels:
            axis.set_ticks(axis.get_ticklocs(), labels=shown)
    for text in fig.findobj(Text):
        if (shown := marked(text.get_text())) != text.get_text():
            text.set_text(shown)
    return list(missing)


def _caption_text(slug: str, caption: Caption, missing: list[str], study: Study) -> str:
    number = re.match(r"fig(\d\d)-(\d+)", slug)
    label = f"{int(number[1])}.{number[2]}"
    rows = [
        ("n", caption.n),
        ("unit 单位", caption.unit),
        ("method 方法", caption.method),
        ("interval 区间", caption.interval),
    ]
    rows += [("notes 说明", caption.notes)] if caption.notes else []
    rows += [("characters shown as 〓", " ".join(f"U+{ord(c):04X}" for c in missing))] if missing else []
    rows += [
        ("corpus 语料", f"{study.name}, fingerprint {store.fingerprint(study)[:12]}"),
        ("numbers 数据", f"{slug}.csv"),
    ]
    lines = [
        f"**Figure {label}.** {caption.en}",
        "",
        f"**图 {label}** {caption.zh}",
        "",
        *(f"- {key}: {value}" for key, value in rows),
        "",
    ]
    return "\n".join(lines)


def values(study: Study, slug: str) -> pd.DataFrame:
    """The numbers behind a published figure."""
    path = study.figures / f"{slug}.csv"
    if not path.is_file():
        raise CorpusError(f"{slug}: no such figure in {study.figures}; run the notebook that draws it.")
    return pd.read_csv(path)


def index(study: Study) -> pd.DataFrame:
    """Every published figure: slug, figure (number), en, zh, n, unit, method, interval, rows (of its numbers)."""
    rows = []
    for path in sorted(study.figures.glob("fig*.md")):
        text = path.read_text(encoding="utf-8")
        about = dict(re.findall(r"^- (\w+)[^:\n]*: (.*)$", text, re.M))
        en, zh = re.search(r"\*\*Figure ([\d.]+)\.\*\* (.*)", text), re.search(r"\*\*图 [\d.]+\*\* (.*)", text)
        rows.append(
            {
                "slug": path.stem,
                "figure": en[1],
                "en": en[2],
                "zh": zh[1],
                **{k: about.get(k, "") for k in ("n", "unit", "method", "interval")},
                "rows": len(values(study, path.stem)),
            }
        )
    return pd.DataFrame(rows, columns=["slug", "figure", "en", "zh", "n", "unit", "method", "interval", "rows"])


def citation(study: Study, slug: str) -> str:
    """How to cite a figure: its number, the corpus and its fingerprint, lexicon and code."""
    number = re.match(r"fig(\d\d)-(\d+)", slug)
    return (
        f"Figure {int(number[1])}.{number[2]} ({slug}), corpus {study.name} [sha256 {store.fingerprint(study)[:12]}], "
        f"Notebooks on Chinese epidemic-control narratives {__version__} [lexicon {store.lexicon_fingerprint()[:12]}]"
    )


def dots(
    ax,
    rows: pd.DataFrame,
    x: str,
    y: str,
    low: str = "",
    high: str = "",
    color: str = PALETTE[0],
    marker: str = "o",
    label: str = "",
) -> None:
    """Horizontal dot plot: one row per category in the given order, top first, with intervals where there are any."""
    places = range(len(rows))[::-1]
    if low and rows[low].notna().any():
        ax.hlines(list(places), rows[low], rows[high], color=color, lw=1.2, alpha=0.6)
    ax.scatter(rows[x], list(places), color=color, marker=marker, s=26, zorder=3, label=label or None)
    ax.set_yticks(list(places), rows[y])
    ax.grid(axis="x")
    ax.set_axisbelow(True)
