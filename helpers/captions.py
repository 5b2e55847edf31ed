"""What stands under a figure: the caption in English and Chinese as Markdown, and ready for LaTeX and for Word.

A figure's number is part of its name: fig04-1-keywords is figure 4.1 in every corpus and every run.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from helpers import lexicon
from helpers.inference import FEWEST_DOCUMENTS
from helpers.study import CorpusError
from helpers.workbook import timeless

SLUG = re.compile(r"fig(\d\d)-(\d+)-[a-z0-9-]+")
KEYS = {"n": "", "unit": "单位", "method": "方法", "interval": "区间", "notes": "说明"}
LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{character: f"\\{character}" for character in "{}&%$#_"},
    }
)
SOURCE = {"en": "Source: ", "zh": "资料来源："}


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


def named(name: str, labels: str = "both", kind: str = "column") -> str:
    """What readers call a column of articles.csv (or a zone, or the rest of a comparison) in the languages chosen; what
    data/lexicon/display_names.csv does not have keeps its name.

    >>> named("outlet_type"), named("place", "zh"), named("my_column")
    ('媒体类型 outlet type', '地区', 'my_column')
    """
    for row in lexicon.rows("display_names", "kind", "id", "zh", "en"):
        if (row["kind"], row["id"]) == (kind, name):
            return {"zh": row["zh"], "en": row["en"]}.get(labels, f"{row['zh']} {row['en']}")
    return name


def banner(fewest: float) -> tuple[str, str]:
    """What a caption begins with, in English and in Chinese, where a side has fewer than ten documents; else blanks.

    >>> banner(3)[1], banner(12)
    ('仅作示意：有一方不足十篇。', ('', ''))
    """
    few = fewest < FEWEST_DOCUMENTS
    return ("Illustrative: fewer than 10 documents a side. ", "仅作示意：有一方不足十篇。") if few else ("", "")


def listed(columns: Sequence[str], labels: str) -> str:
    """Columns in a sentence of one language, zh or en.

    >>> listed(["year", "place", "level"], "en"), listed(["year", "place"], "zh")
    ('year, place and level', '年份和地区')
    """
    *others, last = [named(column, labels) for column in columns]
    comma, last_comma = ("、", "和") if labels == "zh" else (", ", " and ")
    return last_comma.join([comma.join(others), last] if others else [last])


def number(slug: str) -> str:
    """The number of a figure. Errors: CorpusError where the slug is not figNN-k-words.

    >>> number("fig04-1-keywords")
    '4.1'
    """
    if not (found := SLUG.fullmatch(slug)):
        raise CorpusError(f"{slug}: name a figure figNN-k-words, as fig04-1-keywords.")
    return f"{int(found[1])}.{found[2]}"


def text(slug: str, caption: Caption, facts: Sequence[tuple[str, str]] = ()) -> str:
    """The caption as Markdown: both sentences, what they rest on, then any further facts (name, value)."""
    said = [(f"{key} {zh}".strip(), getattr(caption, key)) for key, zh in KEYS.items()]
    rows = [*((key, value) for key, value in said if value or not key.startswith("notes")), *facts]
    lines = [f"**Figure {number(slug)}.** {caption.en}", "", f"**图 {number(slug)}** {caption.zh}", ""]
    return "\n".join([*lines, *(f"- {key}: {value}" for key, value in rows), ""])


def read(markdown: str) -> Caption:
    """The caption that `text` wrote.

    >>> caption = Caption("Words.", "词。", "2 words", "word", "counted")
    >>> read(text("fig01-1-words", caption)) == caption
    True
    """
    about = dict(re.findall(r"^- (\w+)[^:\n]*: (.*)$", markdown, re.M))
    en, zh = (
        re.search(r"^\*\*Figure [\d.]+\.\*\* (.*)$", markdown, re.M),
        re.search(r"^\*\*图 [\d.]+\*\* (.*)$", markdown, re.M),
    )
    return Caption(en[1], zh[1], **{key: about.get(key, "") for key in KEYS})


def sentences(caption: Caption, labels: str = "both") -> tuple[str, ...]:
    """The sentence of a caption in the languages chosen: both (Chinese first), zh or en."""
    return {"zh": (caption.zh,), "en": (caption.en,)}.get(labels, (caption.zh, caption.en))


def note(caption: Caption, labels: str = "both") -> str:
    """What the figure rests on, in one line.

    >>> note(Caption("Words.", "词。", "2 words", "word", "counted"), "zh")
    'n：2 words；单位：word；方法：counted；区间：none: description。'
    """
    said = {key: value.rstrip(".") for key in KEYS if (value := getattr(caption, key))}
    if labels == "zh":
        return "；".join(f"{KEYS[key] or key}：{value}" for key, value in said.items()) + "。"
    return "; ".join(f"{key}: {value}" for key, value in said.items()) + "."


# ---- LaTeX -------------------------------------------------------------------------------------------------------------


def escaped(words: str) -> str:
    """Text that LaTeX prints as it stands.

    >>> escaped("100% of R&D_2")
    '100\\\\% of R\\\\&D\\\\_2'
    """
    return words.translate(LATEX)


def latex(slug: str, caption: Caption, cite: str, labels: str = "both") -> str:
    """A figure environment for XeLaTeX or LuaLaTeX with ctex: picture at its own size, caption, note, source and label."""
    said = escaped(" ".join(sentences(caption, labels)))
    source = SOURCE["zh" if labels == "zh" else "en"]
    return "\n".join(
        [
            f"% Figure {number(slug)} 图 {number(slug)}; its numbers: {slug}.csv",
            r"\begin{figure}[tbp]",
            r"  \centering",
            rf"  \includegraphics{{{slug}.pdf}}",
            rf"  \caption[{{{escaped(sentences(caption, labels)[0])}}}]{{{said}}}",
            rf"  \label{{fig:{slug[3:]}}}",
            rf"  {{\footnotesize {escaped(note(caption, labels))}\par {escaped(source + cite)}\par}}",
            r"\end{figure}",
            "",
        ]
    )


# ---- Word --------------------------------------------------------------------------------------------------------------


def word(figures: Sequence[tuple[str, Caption, str]], labels: str = "both") -> bytes:
    """A Word file (docx) with the number, caption, note and source line of each (slug, caption, citation).

    Captions have Word's own style "Caption", so that they can be restyled at once and listed; same captions, same bytes.
    """
    import docx  # a third of a second that only this function needs

    document = docx.Document()
    for slug, caption, cite in figures:
        for line in sentences(caption, labels):
            name = f"Figure {number(slug)}. " if line == caption.en else f"图 {number(slug)}　"
            document.add_paragraph(style="Caption").add_run(name).bold = True
            document.paragraphs[-1].add_run(line)
        document.add_paragraph(note(caption, labels))
        document.add_paragraph(SOURCE["zh" if labels == "zh" else "en"] + cite)
    held = io.BytesIO()
    document.save(held)
    return timeless(held.getvalue())
