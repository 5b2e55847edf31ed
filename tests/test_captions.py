"""Captions: each language by itself, from one table that has what every figure of the notebooks needs; ready for LaTeX and
Word."""

import ast
import io
import json
import re
import string
from collections.abc import Sequence

import docx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import captions, figures, lexicon, plots
from helpers.captions import Caption
from helpers.study import ROOT, CorpusError, Study

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
WORD = re.compile(r"[A-Za-z][A-Za-z0-9²_./*-]*")
METHODS = {
    "TF-IDF",
    "idf",
    "TextRank",
    "jieba",
    "BH",
    "NMF",
    "nndsvda",
    "Wald",
    "Fruchterman",
    "Reingold",
    "DPnorm",
    "sha256",
}
ROWS = lexicon.rows("captions", "figure", "part", "when", "en", "zh")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NEEDED = ("sentence", "n", "unit", "method")


def foreign(chinese: str) -> list[str]:
    """Latin words in Chinese that are no name of a method, no symbol (one letter, with a number or not) and no file."""
    words = WORD.findall(re.sub(r"\{[^}]*\}", "", chinese))
    return [word for word in words if not (word in METHODS or re.fullmatch(r"[A-Za-z]²?|.+\.(csv|txt)", word))]


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def calls(name: str, trees: Sequence[ast.Module] = ()) -> list[ast.Call]:
    """Calls of a function in the notebooks, in order, and in other code."""
    cells = [cell for path in NOTEBOOKS for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    code = [ast.parse("".join(cell["source"])) for cell in cells if cell["cell_type"] == "code"]
    found = [node for tree in (*code, *trees) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in found if ast.unparse(call.func).endswith(name)]


def written(label: ast.expr) -> str:
    """The words of a label, without what is put into it."""
    parts = label.values if isinstance(label, ast.JoinedStr) else [label]
    return " ".join(str(part.value) for part in parts if isinstance(part, ast.Constant))


# ---- the table ---------------------------------------------------------------------------------------------------------


def test_no_sentence_is_half_translated():
    for row in ROWS:
        assert row["en"] and row["zh"] and not HAN.search(row["en"]) and foreign(row["zh"]) == [], row
        assert places(row["en"]) == places(row["zh"]), row


def test_names_of_columns_zones_and_parts_are_in_one_language_each():
    for row in lexicon.rows("display_names", "kind", "id", "zh", "en"):
        assert not HAN.search(row["en"]) and foreign(row["zh"]) == [], row


def test_labels_of_figures_are_in_one_language_each():
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "helpers").glob("plots*.py")]
    pairs = [call.args[:2] for call in calls("both", modules) if len(call.args) == 3]
    assert len(pairs) > 80
    for chinese, english in (map(written, pair) for pair in pairs):
        assert not HAN.search(english) and foreign(chinese) == [], (chinese, english)


def test_every_figure_of_the_notebooks_has_its_rows_and_gives_what_they_ask_for():
    drawn = [call.args[2].value for call in calls("figures.publish")]
    told = {call.args[0].value: {word.arg for word in call.keywords} for call in calls("captions.of")}
    assert [captions.SLUG.fullmatch(slug)[1] for slug in drawn] == list(told) and len(told) == 37
    for key, given_ in told.items():
        rows = [row for row in ROWS if key in row["figure"].split()]
        assert [part for part in NEEDED if part not in {row["part"] for row in rows}] == [], key
        asked = {re.split(r"\W", name)[0] for row in rows for name in places(row["en"]) | {row["when"].strip("!")}} - {
            ""
        }
        assert None in given_ or asked == given_, key  # None: a dictionary of values that several figures share
    assert {key for row in ROWS for key in row["figure"].split()} - {"*"} == set(told)


def test_a_caption_is_said_in_the_languages_of_the_study_and_rows_only_where_they_hold():
    asked = {"pages": 25, "columns": ["year", "place"], "articles": 1200, "all": False}
    said = captions.of("fig01-2-design-matrix", Study(), **asked)
    assert list(said) == ["zh", "en"] and list(captions.of("01-2", Study(labels="zh"), **asked)) == ["zh"]
    assert said["en"].n == "1200 articles, one version of each reprint" and said["zh"].sentence.startswith(
        "各年份和地区的篇数"
    )
    assert captions.of("01-2", Study(), **asked | {"all": True})["zh"].n == "1200篇文章，转载全部计入"
    assert (
        said["zh"].interval == "无：仅为描述"
        and said["zh"].sentence.endswith("。")
        and said["en"].sentence.endswith(".")
    )


def test_a_value_that_is_not_given_is_named():
    with pytest.raises(CorpusError, match="figure 01-1 asks for 'articles'"):
        captions.of("01-1", Study())


@given(st.text("{}甲a: ", max_size=8))
def test_what_a_corpus_brings_is_never_read_as_a_place(name):
    compared = {"by": name, "a": name, "b": "rest", "few": False, "words": 3, "documents_a": 2, "documents_b": 3}
    assert " ".join(name.split()) in captions.of("04-2", Study(labels="zh"), **compared)["zh"].n


# ---- for papers --------------------------------------------------------------------------------------------------------


def draw(words: list[str], study: Study):
    figures.setup(study)
    rows = pd.DataFrame({"word": words, "times": range(1, len(words) + 1)})
    return plots.dot_rows(rows, "times", "word", figures.both("次数", "times", study)), rows


HARD = {
    "en": Caption(
        "50% of R&D_1 {a} #2 ~ ^ \\", "3 documents: all", "document", "counted: by hand", "a: b", "see $1: it costs."
    )
}


def test_a_caption_is_read_back_as_it_was_written(tmp_path):
    study = Study(results=tmp_path)
    fig, rows = draw(["隔离"], study)
    figures.publish(fig, rows, "fig99-1-words", HARD, study)
    assert figures.caption(study, "fig99-1-words") == HARD


def test_a_caption_of_another_version_is_named_with_the_remedy(tmp_path):
    study = Study(results=tmp_path)
    study.figures.mkdir(parents=True)
    (study.figures / "fig99-1-words.md").write_text("**图 99.1** 词。\n\n- n: 3 words\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="fig99-1-words.md is of another version"):
        figures.caption(study, "fig99-1-words")


@given(st.text("ab\\{}$&#^_~%汉 ", max_size=40))
def test_escaped_text_holds_no_command_of_its_own(text):
    bare = re.sub(r"\\text(?:backslash|asciitilde|asciicircum)\{\}|\\[{}&%$#_]", "", captions.escaped(text))
    assert not re.search(r"[\\{}$&#^_~%]", bare)


def test_captions_for_latex_and_word_name_every_figure(tmp_path):
    study = Study(results=tmp_path, labels="en")
    for slug in ("fig99-2-words", "fig99-10-words", "fig07-1-words"):
        fig, rows = draw(["隔离"], study)
        figures.publish(fig, rows, slug, HARD, study)
    figures.write_captions(study)
    tex = (study.figures / "captions.tex").read_text(encoding="utf-8")
    assert re.findall(r"\\label\{(.+?)\}", tex) == ["fig:07-1-words", "fig:99-2-words", "fig:99-10-words"]
    assert (
        tex.count(r"\begin{figure}") == tex.count(r"\end{figure}") == 3
        and r"50\% of R\&D\_1" in tex
        and not HAN.search(tex)
    )
    data = (study.figures / "captions.docx").read_bytes()
    told = [p for p in docx.Document(io.BytesIO(data)).paragraphs if p.style.name == "Caption"]
    assert [p.text for p in told] == [f"Figure {n}. {HARD['en'].sentence}" for n in ("7.1", "99.2", "99.10")]
    figures.write_captions(study)
    assert (study.figures / "captions.docx").read_bytes() == data


def test_a_figure_of_nothing_says_so_and_describes_no_panel():
    for key in ("04-3", "04-5"):
        said = captions.of(key, Study(), compared=0, few=0, documents=1, seed=1, least=2)
        assert said["en"].sentence == "There is nothing to compare." and said["zh"].sentence == "没有可比较的分组。"
    values = {"drawn": 8, "some": False, "few": False, "thin": 0, "documents": 1, "paragraphs": 7, "seed": 1}
    assert captions.of("08-2", Study(), contrasts=0, **values)["en"].sentence == "No contrast can be read."
