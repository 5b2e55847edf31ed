"""Figures for papers: one font by path, one palette that survives grey and colour blindness, five files per figure.

`publish` writes png, svg, pdf, the numbers plotted (csv) and the caption in English and Chinese (md), byte for byte the
same whenever the numbers are the same, and shows the picture under the cell. `style` in study.toml draws them for print.
"""

import io
import math
import re
import textwrap
import warnings
from dataclasses import asdict, fields
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

from helpers import __version__, captions, fitting, outputs, store, styles
from helpers.captions import Captions
from helpers.study import ROOT, CorpusError, Study

FONTS = tuple(ROOT / "data" / "fonts" / f"NotoSans{name}.ttf" for name in ("SC-common", "SC-rare", "TC-extra"))
FAMILIES = ["Noto Sans SC", "Noto Sans SC Rare", "Noto Sans TC", "DejaVu Sans"]  # tried in turn for each character
PALETTE = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#555555",
    "#332288",
)  # Okabe & Ito 2008; the last Tol 2021
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
INK, MUTED, QUIET = "#222222", "#6b6b6b", "#8c8c8c"  # text, quiet text (5.3 to 1 on white), lines
FORMATS = {"png": {"pil_kwargs": {"compress_level": 4}}, "svg": {}, "pdf": {}}
CLOCKS = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None, "ModDate": None}}  # left out
CITED = {"png": "Source", "svg": "Source", "pdf": "Subject"}  # where a format keeps what it came from
FULL = styles.FULL  # inches: the width of a page
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
    "axes.unicode_minus": True,
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
    "figure.hooks": ["helpers.styles:narrow"],
}


def setup(study: Study | None = None) -> None:
    """Load the fonts and the style of the study, else of the corpus that is open; every notebook that draws calls this once."""
    for path in FONTS:
        if not path.is_file():
            raise CorpusError(f"{path.name} is missing from data/fonts: restore it from the repository.")
        font_manager.fontManager.addfont(path)
    plt.rcParams.update(STYLE | styles.settings((study or Study()).style))
    outputs.setup()


@cache
def _glyphs() -> frozenset[int]:
    """Code points that the shipped fonts, or matplotlib's own, can draw."""
    dejavu = font_manager.findfont("DejaVu Sans")
    return frozenset(c for path in (*FONTS, dejavu) for c in font_manager.get_font(path).get_charmap())


def both(zh: str, en: str, study: Study | None = None) -> str:
    """A label in the language the study chose.

    >>> both("词频", "frequency")
    '词频 frequency'
    """
    choice = study.labels if study else "both"
    return {"zh": zh, "en": en}.get(choice, f"{zh} {en}")


def several(n: int, noun: str) -> str:
    """How many of what, in an English sentence.

    >>> several(1, "article"), several(2500, "different word")
    ('1 article', '2,500 different words')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def wrap(text: str, width: int = 12) -> str:
    """`text` over several lines of at most `width` characters, for labels: of like length, and broken at · where it has any.

    >>> wrap("封控区管控区生活必需品集中配送点", 12), wrap("1? 党员·老人·社区", 8), wrap("不明 unknown", 6)
    ('封控区管控区生活\\n必需品集中配送点', '1? 党员·\\n老人·社区', '不明\\nunknown')
    """
    if re.search(r"[A-Za-z] | [A-Za-z]|·", text):
        return textwrap.fill(text.replace("·", "· "), width, break_long_words=False).replace("· ", "·")
    even = math.ceil(len(text) / max(math.ceil(len(text) / width), 1)) or 1
    return "\n".join(text[i : i + even] for i in range(0, len(text), even))


def publish(fig: Figure, table: pd.DataFrame, slug: str, caption: Captions, study: Study) -> None:
    """Write figures/<slug>.png .svg .pdf .csv .md; a character the fonts lack is drawn as 〓 and named in the caption.

    slug: figNN-k-words, NN the notebook. table: the numbers plotted, tidy. caption: by language, as `captions.of` makes it.
    Errors: CorpusError where a glyph is missing all the same, or the slug is not of that form.
    """
    told, cite = captions.told(slug, caption), citation(study, slug)
    missing = _finished(fig, slug, study)
    box = _box(fig)
    (folder := study.figures).mkdir(parents=True, exist_ok=True)
    for kind in FORMATS:
        data = _drawn(fig, kind, box, {"Title": told, CITED[kind]: cite})
        _write(folder / f"{slug}.{kind}", data)
        if kind == "png":
            _show(data, told)
    plt.close(fig)
    numbers = table.map(store.harmless).to_csv(index=False, float_format=store.digits, lineterminator="\n")
    store.save_text(folder / f"{slug}.csv", numbers)
    store.save_text(folder / f"{slug}.md", _caption_text(slug, caption, missing, study))


def draft(fig: Figure, study: Study) -> Image:
    """The figure as `publish` would draw it in the style of `study`, at the size it is printed; nothing is written."""
    _finished(fig, "draft", study)
    width = round(fig.get_figwidth() * SCREEN)
    plt.close(fig)
    return Image(data=_drawn(fig, "png", _box(fig), {}), width=width, alt="A draft: the figure as it would be printed.")


def _finished(fig: Figure, slug: str, study: Study) -> list[str]:
    """Lay the figure out, in the style of the study; gives the characters that no font has."""
    missing = mark_missing(fig)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing")
        try:
            fitting.settled(fig)  # laid out once; every format then shows the same picture
        except UserWarning as error:
            raise CorpusError(f"{slug}: {error}. Add a font that has it to data/fonts.") from None
    if "grey" in study.style:
        styles.grey(fig)
    return missing


def _box(fig: Figure) -> str | None:
    """How savefig cuts: as the figure is, or around what stands out over its edge."""
    box = fig.get_tightbbox()
    edge = 0.04 if styles.wide() >= FULL else 0  # inches of white that every side keeps; a column is filled to its edge
    inside = min(box.x0, box.y0, fig.get_figwidth() - box.x1, fig.get_figheight() - box.y1) >= edge
    return None if inside else "tight"


def _drawn(fig: Figure, kind: str, box: str | None, about: dict[str, str]) -> bytes:
    """The figure as a file that says what it shows and which corpus, lexicon and code it came from, but not when."""
    held = io.BytesIO()
    fig.savefig(held, format=kind, bbox_inches=box, pad_inches=0.08, metadata=CLOCKS[kind] | about, **FORMATS[kind])
    return held.getvalue()


def _show(png: bytes, told: str) -> None:
    """The picture under the cell, at screen size; outside a notebook nothing is shown."""
    if get_ipython() is None:
        return
    picture = PIL.Image.open(io.BytesIO(png))
    size = tuple(round(side * SCREEN / plt.rcParams["savefig.dpi"]) for side in picture.size)
    small, held = picture.resize(size, PIL.Image.Resampling.LANCZOS), io.BytesIO()
    small.convert("P", palette=PIL.Image.Palette.ADAPTIVE, colors=128).save(held, format="png", optimize=True)
    display(Image(data=held.getvalue(), alt=told))


def _write(path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


def lacking(text: str) -> list[str]:
    """The characters of a text that the fonts cannot draw.

    >>> lacking("眾志成城 2022"), lacking("防控𪚥")
    ([], ['𪚥'])
    """
    return [c for c in text if ord(c) > 127 and ord(c) not in _glyphs()]


def mark_missing(fig: Figure) -> list[str]:
    """Put 〓 for every character the fonts lack, in all texts and tick labels of `fig`; gives those characters."""
    missing: dict[str, None] = {}

    def marked(text: str) -> str:
        unknown = lacking(text)
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


def _caption_text(slug: str, caption: Captions, missing: list[str], study: Study) -> str:
    facts = [("missing", " ".join(f"U+{ord(c):04X}" for c in missing))] if missing else []
    facts += [("corpus", f"{study.name} [sha256 {store.fingerprint(study)[:12]}]"), ("numbers", f"{slug}.csv")]
    return captions.text(slug, caption, facts)


def values(study: Study, slug: str) -> pd.DataFrame:
    """The numbers behind a published figure."""
    path = study.figures / f"{slug}.csv"
    if not path.is_file():
        raise CorpusError(f"{slug}: no such figure in {study.figures}; run the notebook that draws it.")
    return pd.read_csv(path)


def caption(study: Study, slug: str) -> Captions:
    """The caption of a published figure, by language."""
    path = study.figures / f"{slug}.md"
    if not path.is_file():
        raise CorpusError(f"{slug}: no such figure in {study.figures}; run the notebook that draws it.")
    if not (told := captions.read(path.read_text(encoding="utf-8"))):
        raise CorpusError(f"{slug}.md is of another version of this project: run the notebook that draws the figure.")
    return told


def slugs(study: Study) -> list[str]:
    """The names of all published figures, in the order of their numbers."""
    drawn = [path.stem for path in study.figures.glob("fig*.md")]
    return sorted(drawn, key=lambda slug: [*map(int, captions.number(slug).split("."))])


def index(study: Study) -> pd.DataFrame:
    """Every published figure: slug, figure (number), rows (of its numbers), and for each language of the study the parts of
    its caption: sentence_zh, n_zh, unit_zh, method_zh, interval_zh, notes_zh; the same with _en."""
    rows = [
        {"slug": slug, "figure": captions.number(slug), "rows": len(values(study, slug))}
        | {f"{part}_{lang}": said for lang, own in caption(study, slug).items() for part, said in asdict(own).items()}
        for slug in slugs(study)
    ]
    parts = [f"{part.name}_{lang}" for lang in captions.LANGUAGES[study.labels] for part in fields(captions.Caption)]
    return pd.DataFrame(rows, columns=["slug", "figure", "rows", *parts])


def citation(study: Study, slug: str) -> str:
    """How to cite a figure: its number, the corpus and its fingerprint, lexicon and code; in Chinese where labels are."""
    language = "zh" if study.labels == "zh" else "en"
    rests = {"fingerprint": store.fingerprint(study)[:12], "lexicon": store.lexicon_fingerprint()[:12]}
    figure = {"figure": captions.title(slug, language), "slug": slug, "corpus": study.name, "version": __version__}
    return captions.line("cite", language, **figure, **rests)


def write_captions(study: Study) -> None:
    """Write figures/captions.tex and figures/captions.docx: every published figure with caption, notes and source line, in the
    languages that `labels` names, ready to be taken into a paper."""
    every = [(slug, caption(study, slug), citation(study, slug)) for slug in slugs(study)]
    environments = [captions.latex(*figure) for figure in every]
    head = "% For XeLaTeX or LuaLaTeX with \\usepackage{graphicx} and \\usepackage{ctex}; pictures are drawn at their printed size.\n"
    store.save_text(study.figures / "captions.tex", "\n".join([head, *environments]))
    _write(study.figures / "captions.docx", captions.word(every))
