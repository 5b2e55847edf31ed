"""Five files per figure, the same bytes each time, no character drawn as a box unnoticed."""

import pandas as pd
import pytest

from helpers import figures, plots
from helpers.figures import Caption
from helpers.study import CorpusError, Study

CAPTION = Caption(en="A test.", zh="测试。", n="2 words", unit="word", method="counted by hand")


def draw(words: list[str]):
    figures.setup()
    rows = pd.DataFrame({"word": words, "times": range(1, len(words) + 1)})
    return plots.dot_rows(rows, "times", "word", figures.both("次数", "times")), rows


def test_a_figure_is_five_files_and_its_numbers_come_back(tmp_path):
    study = Study(results=tmp_path)
    fig, rows = draw(["隔离", "衞生"])
    figures.publish(fig, rows, "fig99-1-words", CAPTION, study)
    assert sorted(p.suffix for p in study.figures.glob("*")) == [".csv", ".md", ".pdf", ".png", ".svg"]
    assert figures.values(study, "fig99-1-words").equals(rows)
    assert figures.index(study)[["figure", "en", "zh", "n"]].iloc[0].tolist() == [
        "99.1",
        "A test.",
        "测试。",
        "2 words",
    ]


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
