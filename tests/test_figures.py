"""Five files per figure, the same bytes each time, no character drawn as a box unnoticed; for print at the width asked for,
in greys that stay apart; captions that LaTeX and Word take."""

import re
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import PIL.Image
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.legend import Legend

from helpers import (
    figures,
    fitting,
    plots,
    plots_contrasts,
    plots_facts,
    plots_frames,
    plots_topics,
    plots_words,
    styles,
)
from helpers.captions import Caption
from helpers.study import CorpusError, Study

CAPTION = {
    "zh": Caption("测试。", "2个词", "词", "人工计数", "无"),
    "en": Caption("A test.", "2 words", "word", "counted by hand", "none"),
}


@pytest.fixture(autouse=True)
def usual_style():
    yield
    figures.setup(Study())


def draw(words: list[str], study: Study | None = None):
    figures.setup(study or Study())
    rows = pd.DataFrame({"word": words, "times": range(1, len(words) + 1)})
    return plots.dot_rows(rows, "times", "word", figures.both("次数", "times", study)), rows


def test_a_figure_is_five_files_and_its_numbers_come_back(tmp_path):
    study = Study(results=tmp_path)
    fig, rows = draw(["隔离", "衞生"])
    figures.publish(fig, rows, "fig99-1-words", CAPTION, study)
    assert sorted(p.suffix for p in study.figures.glob("*")) == [".csv", ".md", ".pdf", ".png", ".svg"]
    assert figures.values(study, "fig99-1-words").equals(rows)
    told = ["figure", "rows", "sentence_en", "sentence_zh", "n_en", "n_zh"]
    assert figures.index(study)[told].iloc[0].tolist() == ["99.1", 2, "A test.", "测试。", "2 words", "2个词"]


def test_the_same_figure_is_the_same_bytes(tmp_path):
    for name in "ab":
        fig, rows = draw(["核酸检测", "动态清零"])
        figures.publish(fig, rows, "fig99-1-words", CAPTION, Study(results=tmp_path / name))
    first, second = (sorted((tmp_path / name).rglob("fig99*")) for name in "ab")
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_a_character_without_a_glyph_is_marked_and_named(tmp_path):
    study = Study(results=tmp_path)
    fig, rows = draw(["张\U00020bb7", "李四"])
    figures.publish(fig, rows, "fig99-1-words", CAPTION, study)
    assert "U+20BB7" in (study.figures / "fig99-1-words.md").read_text(encoding="utf-8")


def test_a_slug_of_another_form_is_refused(tmp_path):
    fig, rows = draw(["词"])
    with pytest.raises(CorpusError, match="figNN"):
        figures.publish(fig, rows, "my figure", CAPTION, Study(results=tmp_path))


def test_every_character_of_the_lexicon_can_be_drawn():
    from helpers.study import LEXICON

    text = "".join(
        p.read_text(encoding="utf-8")
        for p in sorted(LEXICON.glob("*"))
        if p.suffix in (".csv", ".yml") and p.name != "furniture.csv"
    )
    assert (
        sorted({c for c in text if ord(c) > 127 and ord(c) not in figures._glyphs()} - {"㓥", "龥"}) == []
    )  # bounds of character ranges


# ---- styles ----------------------------------------------------------------------------------------------------------


LONG = "文章写到的市级联防联控指挥体系 the chain of command that an article tells of, from the city to its streets"
FRAMES = {f"f{i}": f"第{i}种讲述方式\nthe manner of telling number {i}" for i in range(13)}


def shapes() -> dict:
    """One figure of each shape that the notebooks draw, with labels longer than a column has room for."""
    rows = pd.DataFrame({"word": [f"{i}. {LONG[:40]}" for i in range(6)], "times": range(6)})
    table = pd.DataFrame(
        np.arange(-12.0, 12).reshape(4, 6) / 12, list("甲乙丙丁"), [f"{LONG[:6]} group {i}" for i in range(6)]
    )
    parts = pd.DataFrame(np.full((4, 7), 1 / 7), list("甲乙丙丁"), [f"{LONG[:5]} part {i}" for i in range(7)])
    words = pd.DataFrame(
        {"panel": np.repeat([f"panel {i}: {LONG[:8]}" for i in range(5)], 4), "term": ["居民小组"] * 20}
    )
    words = words.assign(weight=np.tile([4, 3, 2, 1], 5), weak=False)
    points = pd.DataFrame(
        [(f, i + 1, 0.2, 0.1, 0.3) for f in FRAMES for i in range(5)],
        columns=["frame", "part", "share", "ci_low", "ci_high"],
    )
    groups = [(by, f"{by} {name}", topic, 0.2, 0.1, 0.3, 12) for by in "年地社" for name in "甲乙" for topic in (1, 2)]
    shares = pd.DataFrame(groups, columns=["by", "group", "topic", "share", "ci_low", "ci_high", "n_docs"])
    return {
        "rows": lambda: plots.dot_rows(rows, "times", "word", LONG),
        "heat": lambda: plots.heat(table, LONG[:20], low=-1.0, high=1.0, diverging=True),
        "cells": lambda: plots.heat(pd.DataFrame(np.eye(13), columns=[f"accountability{i}" for i in range(13)]), "phi"),
        "parts": lambda: plots.stacked(parts, LONG),
        "null": lambda: plots.null([1, 2, 3], 3, LONG, "splits", LONG),
        "words": lambda: plots_words.word_panels(words, "panel", "weight", LONG, {}, "weak", [LONG, "other"]),
        "arc": lambda: plots_frames.arc(points, FRAMES, LONG, "share"),
        "groups": lambda: plots_topics.group_shares(shares, {1: "核酸·采样", 2: "春耕·种子"}, {}, LONG),
    }


@pytest.mark.parametrize("shape", shapes())
@pytest.mark.parametrize("width", ["column", "full"])
def test_in_print_a_figure_has_the_width_asked_for_and_nothing_sticks_out(tmp_path, shape, width):
    study = Study(results=tmp_path, style=(width, "grey"))
    figures.setup(study)
    figures.publish(shapes()[shape](), pd.DataFrame({"a": [1]}), "fig99-1-shape", CAPTION, study)
    svg = (study.figures / "fig99-1-shape.svg").read_text(encoding="utf-8")
    points = float(re.search(r'<svg [^>]*?width="([\d.]+)pt"', svg)[1])
    most = float(styles.known()[width]["width_mm"])
    assert points / 72 * 25.4 == pytest.approx(most, abs=0.2) or (shape == "null" and points / 72 * 25.4 < most)


@pytest.mark.parametrize("shape", shapes())
@pytest.mark.parametrize("style", [("column",), ()], ids=["column", "page"])
def test_no_name_of_a_figure_covers_another(shape, style):
    figures.setup(Study(style=style))
    fig = fitting.settled(shapes()[shape]())
    for axis in (axis for ax in fig.axes for axis in (ax.xaxis, ax.yaxis)):
        low, high = sorted(axis.get_view_interval())
        shown = [
            t
            for t in axis.get_ticklabels()
            if t.get_text() and t.get_visible() and low <= t.get_position()[axis.axis_name == "y"] <= high
        ]
        boxes = [text.get_window_extent() for text in shown]
        assert not overlaps([box for box in boxes if box.width and box.height])
    assert not overlaps([legend.get_window_extent() for legend in fig.findobj(Legend)])
    plt.close(fig)


def overlaps(boxes: list) -> list:
    return [
        (a, b)
        for a, b in combinations(boxes, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 2
    ]


def test_in_a_column_the_counts_of_thirteen_frames_find_room_in_their_cells():
    figures.setup(Study(style=("column",)))
    pairs = pd.DataFrame(combinations(FRAMES, 2), columns=["frame_a", "frame_b"]).assign(phi=0.1, n_both=123)
    fig = plots_frames.company(pairs, FRAMES, "phi")
    assert {text.get_text() for text in fig.axes[0].texts if text.get_visible()} == {"123", "+10"}
    assert min(text.get_fontsize() for text in fig.axes[0].texts) > 5
    plt.close(fig)


@pytest.mark.parametrize("shape", shapes())
def test_a_figure_that_fits_is_left_as_it_is(shape):
    figures.setup(Study(style=("column",)))
    fig = fitting.settled(shapes()[shape]())
    size, texts = fig.get_size_inches().tolist(), [text.get_text() for text in fig.findobj(plt.Text)]
    fitting.fit(fig)
    assert fig.get_size_inches().tolist() == size and [text.get_text() for text in fig.findobj(plt.Text)] == texts
    plt.close(fig)


def test_in_grey_every_pixel_is_grey(tmp_path):
    for shape, draw_it in shapes().items():
        study = Study(results=tmp_path, style=("grey",))
        figures.setup(study)
        figures.publish(draw_it(), pd.DataFrame({"a": [1]}), "fig99-1-shape", CAPTION, study)
        with PIL.Image.open(study.figures / "fig99-1-shape.png") as picture:
            pixels = np.asarray(picture.convert("RGB")).astype(int)
        assert (np.ptp(pixels, axis=2) <= 1).all(), shape


def lightness(colour) -> float:
    """CIE L*, from 0 (black) to 100 (white)."""
    y = styles.luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


def test_the_greys_of_the_palette_lie_ten_steps_of_lightness_apart_and_its_first_three_twenty():
    light = [lightness(colour) for colour in styles.greyed(list(figures.PALETTE))]
    assert min(abs(a - b) for a, b in combinations(light, 2)) > 10
    assert min(abs(a - b) for a, b in combinations(light[:3], 2)) > 20
    usual = [lightness(rgba) for rgba in plt.matplotlib.colors.to_rgba_array(figures.PALETTE)]
    assert min(abs(a - b) for a, b in combinations(usual, 2)) < 5  # what a photocopy makes of the colours


@given(st.tuples(*[st.floats(0, 1)] * 3))
def test_another_colour_becomes_a_grey_as_light_as_it_is(colour):
    grey = styles.greyed(colour)
    table = plt.matplotlib.colors.to_hex(colour).upper() in styles.known()["grey"]
    assert len(set(grey[:3])) == 1 and (table or abs(styles.luminance(grey[:3]) - styles.luminance(colour)) < 1e-6)


def test_numbers_in_the_cells_of_a_grey_figure_can_be_read():
    figures.setup(Study())
    fig = shapes()["heat"]()
    styles.grey(fig)
    ax = fig.axes[0]
    image = ax.images[0]
    for text in ax.texts:
        column, row = map(round, text.get_position())
        behind = styles.luminance(image.cmap(image.norm(image.get_array()[row, column])))
        ink = styles.luminance(plt.matplotlib.colors.to_rgb(text.get_color()))
        assert (max(behind, ink) + 0.05) / (min(behind, ink) + 0.05) > 3  # WCAG 2.2, for graphics
    plt.close(fig)


def test_in_grey_both_ends_of_a_scale_around_zero_are_dark_and_the_sign_tells_them_apart():
    figures.setup(Study())
    fig = shapes()["heat"]()
    styles.grey(fig)
    shades = [styles.luminance(fig.axes[0].images[0].cmap(at)) for at in (0.0, 0.5, 1.0)]
    assert shades[0] == shades[2] < 0.1 and shades[1] > 0.9
    assert {text.get_text()[0] for text in fig.axes[0].texts} == {"+", "−"}
    plt.close(fig)


def test_a_table_of_a_cell_or_two_has_a_narrow_bar_of_colours_and_is_drawn():
    figures.setup(Study())
    two = pd.DataFrame({"2020": [1], "不明 unknown": [27]}, index=["不明 unknown"])
    fig = fitting.settled(plots.heat(two, "篇数 articles", fmt="{:.0f}", high=27 * 1.8, blank=two == 0))
    assert [text.get_text() for text in fig.axes[0].texts] == ["1", "27"]
    seen = [text for text in fig.axes[1].get_yticklabels() if text.get_text() and text.get_position()[1] <= 27 * 1.8]
    assert len(seen) > 1 and not overlaps([text.get_window_extent() for text in seen])
    plt.close("all")


def test_articles_are_counted_in_whole_numbers():
    figures.setup(Study())
    few = pd.DataFrame({"month": ["2020-02", "2022-03"], "articles": [2, 1]})
    for zero in (True, False):
        ax = plots.dot_rows(few, "articles", "month", "篇数", zero=zero).axes[0]
        assert not (ax.get_xticks() % 1).any()
    plt.close("all")


def test_parts_of_a_bar_are_drawn_each_in_its_own_way():
    figures.setup(Study())
    many = pd.DataFrame(np.full((2, 12), 1 / 12), list("甲乙"), [f"第{i}类" for i in range(12)])
    drawn = {(bar[0].get_facecolor(), bar[0].get_hatch()) for bar in plots.stacked(many, "x").axes[0].containers}
    assert len(drawn) == 12


def test_in_a_column_names_of_rows_stay_readable_and_no_figure_is_higher_than_a_page():
    figures.setup(Study(style=("column",)))
    tall = pd.DataFrame(np.eye(13), [f"第{i}种讲述方式 a manner of telling with a long name {i}" for i in range(13)])
    for fig, least in ((plots.heat(tall, "phi"), 6), (plots.heat(pd.concat([tall] * 6), "phi"), 0)):
        fitting.fit(fig)
        assert fig.axes[0].get_yticklabels()[0].get_fontsize() >= least - 0.3
        assert fig.get_figheight() * 25.4 <= 230
    plt.close("all")


def test_editable_svg_keeps_its_text_and_names_the_font(tmp_path):
    study = Study(results=tmp_path, style=("editable",))
    fig, rows = draw(["隔离", "卫生"], study)
    figures.publish(fig, rows, "fig99-1-words", CAPTION, study)
    svg = (study.figures / "fig99-1-words.svg").read_text(encoding="utf-8")
    assert re.search(r"<text [^>]*Noto Sans SC[^>]*>隔离</text>", svg)


@pytest.mark.parametrize(("labels", "label"), [("zh", "次数"), ("en", "times"), ("both", "次数 times")])
def test_labels_are_in_the_language_chosen(labels, label):
    fig, _ = draw(["隔离"], Study(labels=labels))
    assert fig.axes[0].get_xlabel() == label


def test_study_toml_chooses_the_style_and_an_unknown_word_is_named(tmp_path):
    (tmp_path / "study.toml").write_text('style = ["column", "grey"]\n', encoding="utf-8")
    figures.setup(Study(corpus=tmp_path))
    assert styles.wide() == pytest.approx(88 / 25.4)
    with pytest.raises(CorpusError, match="unknown style 'columm'; known are column"):
        figures.setup(Study(style=("columm",)))


def test_at_the_usual_width_only_names_that_find_no_room_are_folded():
    fig, _ = draw(["疫情防控 control", LONG])
    names = [label.get_text().count("\n") for label in fitting.settled(fig).axes[0].get_yticklabels()]
    assert names == [0, 2] and fig.axes[0].bbox.width > 0.5 * fig.bbox.width


def test_a_legend_too_wide_for_its_columns_stands_in_two_of_folded_names_where_one_would_be_higher():
    figures.setup(Study())
    words = [f"第{i}种口径 {'one difference more ' * (1 + i % 6 // 5)}under choice {i}" for i in range(12)]
    choices = pd.DataFrame({"variant": words, "frame": "f0", "difference": 0.1})
    left = pd.DataFrame({"f0": [0.0, 0.2]})
    fig = plots_contrasts.robustness(choices, left, {"f0": "甲"}, "x", {"left_out": "其余 the rest"}, "")
    [legend] = fitting.settled(fig).findobj(Legend)
    assert legend._ncols == 2 and legend.get_window_extent().width < fig.bbox.width
    plt.close(fig)


def test_two_frames_share_the_whole_width():
    figures.setup(Study())
    two = pd.DataFrame({"frame": ["f0", "f1"] * 2, "part": [1, 1, 2, 2], "share": 0.1, "ci_low": 0.0, "ci_high": 0.2})
    fig = fitting.settled(plots_frames.arc(two, dict(list(FRAMES.items())[:2]), "x", "share"))
    assert len(fig.axes) == 2 and fig.axes[1].get_position().x1 > 0.9
    plt.close(fig)


def test_the_only_document_of_a_group_is_drawn_over_its_mean():
    figures.setup(Study())
    one = pd.DataFrame([("year", "2020", "f0", 0.5, 1)], columns=["by", "group", "frame", "share", "n_docs"])
    fig = plots_contrasts.by_groups(one, one, dict(list(FRAMES.items())[:1]), "x", "")
    point, mean = fig.axes[0].collections
    assert point.get_zorder() > mean.get_zorder()
    plt.close(fig)


def test_the_axis_of_quantities_says_that_it_is_logarithmic():
    figures.setup(Study())
    rows = pd.DataFrame({"unit": ["户"], "kind": ["thing"], "value": [12.0], "approx": [""], "group": ["2020"]})
    fig = plots_facts.quantities(rows, {}, Study(labels="en"))
    assert "log scale" in fig.get_supxlabel()
    plt.close(fig)


@pytest.mark.parametrize("columns", [1, 3])
def test_however_many_groups_there_are_the_figures_of_frames_stand_on_a_page(columns):
    figures.setup(Study())
    groups = [(f"by{i}", f"{LONG[:12]}{g}") for i in range(columns) for g in range(12)]
    rows = pd.DataFrame(
        [(*group, frame, 0.5, 12) for group in groups for frame in FRAMES],
        columns=["by", "group", "frame", "share", "n_docs"],
    )
    fig = plots_contrasts.by_groups(rows, rows, FRAMES, "x", "")
    shown = [label for label in fig.axes[0].get_yticklabels() if label.get_text()]
    assert len(shown) == 12 and fig.get_figheight() <= styles.TALLEST
    assert not overlaps([label.get_window_extent() for label in shown])
    sides = rows.assign(
        group_a=rows["group"], group_b="rest", difference=0.1, null_low=0.0, null_high=0.2, ci_low=0.0, ci_high=0.2
    )
    sides = sides.assign(q_value=0.01, evidence="illustrative", n_docs_a=3, n_docs_b=9)
    words = dict.fromkeys(("chance", "interval", "low", "few", "other"), "甲")
    assert plots_contrasts.against_chance(sides, FRAMES, "x", words, "").get_figheight() <= styles.TALLEST
    plt.close("all")


def test_contrasts_of_which_something_can_be_said_are_drawn_before_those_of_a_document_or_two():
    figures.setup(Study())
    rows = pd.DataFrame(
        [
            (by, group, "rest", frame, n_docs, 20)
            for by, n_docs in (("place", 2), ("period", 12))
            for group in (f"{by}{i:02d}" for i in range(8))
            for frame in FRAMES
        ],
        columns=["by", "group_a", "group_b", "frame", "n_docs_a", "n_docs_b"],
    ).assign(difference=0.1, null_low=0.0, null_high=0.2, ci_low=0.0, ci_high=0.2, q_value=0.01, evidence="supported")
    words = dict.fromkeys(("chance", "interval", "low", "few", "other"), "甲")
    fig = plots_contrasts.against_chance(rows, FRAMES, "x", words, "")
    drawn = [ax.get_title(loc="left").split(" ")[0] for ax in fig.axes if ax.axison]
    assert len(drawn) == plots_contrasts.most_contrasts(FRAMES) < 16
    assert [name for name in drawn if name.startswith("period")] == [f"period{i:02d}" for i in range(8)]
    plt.close("all")


def test_a_timeline_of_twenty_years_keeps_the_years_with_most_dates_and_stands_on_a_page():
    figures.setup(Study())
    years = [year for year in range(2003, 2023) for _ in range(year - 2000)]
    days = pd.to_datetime([f"{year}-03-{1 + i % 28:02d}" for i, year in enumerate(years)])
    rows = pd.DataFrame(
        {"panel": map(str, years), "doc_id": [f"{year}-{i % 2}" for i, year in enumerate(years)], "begin": days}
    )
    rows = rows.assign(finish=days, shape="moment", times=1, published=pd.NaT)
    kept = plots_facts.on_a_page(rows)
    assert (
        6 < kept["panel"].nunique() < 20 and kept["panel"].min() > rows["panel"].min() and kept["panel"].max() == "2022"
    )
    fig = plots_facts.timeline(kept, {}, Study())
    assert fig.get_figheight() <= styles.TALLEST
    assert not overlaps([label.get_window_extent() for ax in fig.axes for label in ax.get_yticklabels()])
    plt.close("all")


def test_an_empty_table_is_said_in_words():
    figures.setup(Study())
    fig = plots.dot_rows(pd.DataFrame({"month": [], "articles": []}), "articles", "month", "篇数 articles")
    assert [text.get_text() for text in fig.axes[0].texts] == ["篇数 articles: 0"] and not fig.axes[0].axison
    plt.close("all")


def test_text_stays_text_in_a_pdf_and_files_say_what_they_show_and_came_from(tmp_path):
    study = Study(results=tmp_path)
    fig, rows = draw(["隔离", "衞生"])
    figures.publish(fig, rows, "fig99-1-words", CAPTION, study)
    cite = figures.citation(study, "fig99-1-words")
    with pypdfium2.PdfDocument(study.figures / "fig99-1-words.pdf") as pdf:
        assert {"隔离", "衞生"} <= set(pdf[0].get_textpage().get_text_bounded().split())
        assert pdf.get_metadata_dict()["Title"] == "Figure 99.1: A test." and pdf.get_metadata_dict()["Subject"] == cite
    data = (study.figures / "fig99-1-words.pdf").read_bytes()
    assert (
        b"/Type3" not in data and data.count(b"/FontFile2") == len(set(re.findall(rb"/BaseFont /[A-Z]{6}\+", data))) > 0
    )
    with PIL.Image.open(study.figures / "fig99-1-words.png") as picture:
        assert picture.info["Title"] == "Figure 99.1: A test." and picture.info["Source"] == cite
    assert cite in (study.figures / "fig99-1-words.svg").read_text(encoding="utf-8")


BLIND = {  # what is left of red, green and blue (linear) to who lacks one kind of cone: Machado, Oliveira & Fernandes 2009
    "nobody": np.eye(3),
    "green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def seen(colour: str, blind: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of a colour as an eye sees it."""
    rgb = np.array(plt.matplotlib.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(TO_XYZ @ np.clip(np.array(blind) @ linear, 0, 1) / (0.9505, 1, 1.089))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eye", BLIND)
def test_no_two_colours_of_the_palette_are_alike_to_any_eye(eye):
    shades = [seen(colour, BLIND[eye]) for colour in figures.PALETTE]
    assert min(np.linalg.norm(a - b) for a, b in combinations(shades, 2)) > 15  # 2.3 is just noticeable


@given(st.tuples(*[st.floats(0, 1)] * 3))
def test_numbers_in_cells_can_be_read_on_any_colour(colour):
    shown, behind = styles.luminance(plt.matplotlib.colors.to_rgb(styles.ink(colour))), styles.luminance(colour)
    assert (max(behind, shown) + 0.05) / (min(behind, shown) + 0.05) > 4.5  # WCAG 2.2


def test_quiet_text_stands_out_from_paper():
    assert 1.05 / (styles.luminance(plt.matplotlib.colors.to_rgb(figures.MUTED)) + 0.05) > 4.5


@given(st.text("防控措施 abc,。(12) = ", max_size=60), st.floats(3, 40))
def test_folding_loses_no_character(text, most):
    assert re.sub(r"\s", "", fitting.folded(text, most)) == re.sub(r"\s", "", text)


def test_a_draft_writes_nothing(tmp_path):
    study = Study(results=tmp_path)
    fig, _ = draw(["隔离"], study)
    assert figures.draft(fig, study).data[:4] == b"\x89PNG" and not list(tmp_path.rglob("*"))


# ---- dates -----------------------------------------------------------------------------------------------------------


def test_a_timeline_shows_every_day_of_publication_and_all_of_a_few_events():
    days = pd.to_datetime(["2022-03-01", "2022-03-20", "2022-03-21"])
    part = pd.DataFrame({"begin": days, "finish": days, "published": pd.Timestamp("2022-05-30")})
    low, high = plots_facts._window(part)
    assert low < days.min() and high > pd.Timestamp("2022-05-30")
    one_stray = part.loc[[0] + [1, 2] * 40].assign(published=pd.NaT)
    assert plots_facts._window(one_stray)[0] > days.min(), "of many, the stray one is counted at the edge"
    long_ago = pd.concat(
        [part, part.assign(begin=pd.Timestamp("2003-04-20"), finish=pd.Timestamp("2003-06-24")).head(1)]
    )
    assert plots_facts._window(long_ago)[0].year == 2022, "an earlier epidemic does not press this one to the edge"
