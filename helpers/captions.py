"""What stands under a figure, in each language of the study: made from data/lexicon/captions.csv, and ready as Markdown, for
LaTeX and for Word.

A figure's number is part of its name: fig04-1-keywords is figure 4.1 in every corpus and every run.
"""

import io
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from helpers import lexicon
from helpers.inference import FEWEST_DOCUMENTS
from helpers.study import CorpusError, Study
from helpers.workbook import timeless

SLUG = re.compile(r"fig(\d\d-\d+)-[a-z0-9-]+")
LANGUAGES = {"both": ("zh", "en"), "zh": ("zh",), "en": ("en",)}
COLON, SEMICOLON, STOP = {"zh": "：", "en": ": "}, {"zh": "；", "en": "; "}, {"zh": "。", "en": "."}
BEFORE = {"zh": "\u3000", "en": ". "}  # between the number of a figure and its sentence
MANY = re.compile(r"(\{(\w+)[^}]*\} [a-z]+)s\b")  # a number and what is counted
CLOSES_UP = tuple(",;:.)")  # before these no blank
LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{character: f"\\{character}" for character in "{}&%$#_"},
    }
)


@dataclass(frozen=True)
class Caption:
    """What a reader must know to cite a figure, in one language: the sentence, n, unit, method, kind of interval, notes."""

    sentence: str
    n: str
    unit: str
    method: str
    interval: str = ""
    notes: str = ""


Captions = Mapping[str, Caption]  # by language, in the order in which they are said


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


def banner(fewest: float) -> str:
    """What is said first, in English, where a side has fewer than ten documents; else nothing.

    >>> banner(3), banner(12)
    ('Illustrative: fewer than 10 documents a side. ', '')
    """
    return f"{next(row['en'] for row in _table() if row['when'] == 'few')} " if few(fewest) else ""


def few(fewest: float) -> bool:
    """Whether a side has too few documents to stand for more than themselves."""
    return fewest < FEWEST_DOCUMENTS


def listed(columns: Sequence[str], labels: str) -> str:
    """Columns in a sentence of one language, zh or en.

    >>> listed(["year", "place", "level"], "en"), listed(["year", "place"], "zh")
    ('year, place and level', '年份和地区')
    """
    *others, last = [named(column, labels) for column in columns]
    comma, last_comma = ("、", "和") if labels == "zh" else (", ", " and ")
    return last_comma.join([comma.join(others), last] if others else [last])


# ---- from the table ----------------------------------------------------------------------------------------------------


def of(slug: str, study: Study, **values: object) -> Captions:
    """The caption of a figure in the languages of the study: its rows of data/lexicon/captions.csv, with `values` in the
    places that the rows keep for them.

    slug: of the figure, or its number (04-1). A row is said where the value it names under `when` is true (with ! before it:
    false). {by:column} is what readers call the column. Errors: CorpusError where the table or `values` lack something.

    >>> of("06-6", Study(labels="zh"), events=52, having=23, documents=24)["zh"].n
    '24篇文章中23篇有事件，共52个'
    """
    key = found[1] if (found := SLUG.fullmatch(slug)) else slug
    return {language: _caption(key, language, values) for language in LANGUAGES[study.labels]}


def _caption(key: str, language: str, values: Mapping) -> Caption:
    parts = {part: _said(key, part, language, values) for part in Caption.__dataclass_fields__}
    return Caption(
        **{part: _stopped(text, language) if part in ("sentence", "notes") else text for part, text in parts.items()}
    )


def line(part: str, language: str, **values: object) -> str:
    """A line that every figure has.

    >>> line("numbers", "en", rows=1200, columns="term, n")
    'Drawn from 1,200 rows of term, n; the numbers stand in a table below it.'
    """
    return _said("*", part, language, values)


def _said(key: str, part: str, language: str, values: Mapping) -> str:
    """One part of a caption: its rows that hold, one after the other; those of every figure (*) where it has none itself."""
    rows = [row for row in _table() if row["part"] == part]
    own = [row for row in rows if key in row["figure"].split()] or [row for row in rows if row["figure"] == "*"]
    try:
        held = [_numbered(row[language], values) for row in own if _holds(row["when"], values)]
        said = [_Words(language).format(text, **values) for text in held]
    except KeyError as error:
        raise CorpusError(
            f"captions.csv: the {part} of figure {key} asks for {error}, which the figure does not give."
        ) from None
    blank = " " if language == "en" else ""
    return " ".join("".join(text if text.startswith(CLOSES_UP) else blank + text for text in said).split())


def _numbered(row: str, values: Mapping) -> str:
    """A row of the table with nouns in the singular where there is one.

    >>> _numbered("{documents} documents in {groups} groups", {"documents": 1, "groups": 2})
    '{documents} document in {groups} groups'
    """
    return MANY.sub(lambda found: found[1] if values.get(found[2]) == 1 else found[0], row)


def _table() -> tuple[dict[str, str], ...]:
    return lexicon.rows("captions", "figure", "part", "when", "en", "zh")


def _holds(when: str, values: Mapping) -> bool:
    return not when or bool(values[when.removeprefix("!")]) != when.startswith("!")


def _stopped(text: str, language: str) -> str:
    return text if not text or text.endswith(STOP[language]) else text + STOP[language]


class _Words(string.Formatter):
    """Puts values into a row of the table; a value whose place names a kind of display_names.csv is said as readers call it."""

    def __init__(self, language: str) -> None:
        self.language = language

    def format_field(self, value: object, kind: str) -> str:
        if kind == "column":
            return listed([value] if isinstance(value, str) else value, self.language)
        return named(str(value), self.language, kind) if kind.isalpha() else format(value, kind)


def number(slug: str) -> str:
    """The number of a figure. Errors: CorpusError where the slug is not figNN-k-words.

    >>> number("fig04-1-keywords")
    '4.1'
    """
    if not (found := SLUG.fullmatch(slug)):
        raise CorpusError(f"{slug}: name a figure figNN-k-words, as fig04-1-keywords.")
    return ".".join(str(int(part)) for part in found[1].split("-"))


def title(slug: str, language: str) -> str:
    """What a figure is called.

    >>> title("fig04-1-keywords", "zh"), title("fig04-1-keywords", "en")
    ('图 4.1', 'Figure 4.1')
    """
    return f"{named('figure', language, 'part')} {number(slug)}"


def told(slug: str, captions: Captions) -> str:
    """What is told of a figure to those who do not see it: in English where it has a caption in English."""
    return f"{title(slug, spoken(captions))}{COLON[spoken(captions)]}{captions[spoken(captions)].sentence}"


def spoken(captions: Captions) -> str:
    """The language in which one speaks of a figure where one language has to do."""
    return "en" if "en" in captions else "zh"


# ---- Markdown ----------------------------------------------------------------------------------------------------------


def text(slug: str, captions: Captions, facts: Sequence[tuple[str, str]] = ()) -> str:
    """The captions as Markdown: in each language the sentence, what it rests on, then any further facts (part, value)."""
    lines = []
    for language, caption in captions.items():
        rows = [*((part, value) for part, value in asdict(caption).items() if value and part != "sentence"), *facts]
        lines += [f"**{title(slug, language)}** {caption.sentence}", ""]
        lines += [*(f"- {named(part, language, 'part')}{COLON[language]}{value}" for part, value in rows), ""]
    return "\n".join(lines)


def read(markdown: str) -> Captions:
    """The captions that `text` wrote; none where it is of another form.

    >>> captions = {"zh": Caption("词。", "2个词", "词", "计数"), "en": Caption("Words.", "2 words", "word", "counted")}
    >>> read(text("fig01-1-words", captions)) == captions
    True
    """
    return dict(_blocks(markdown))


def _blocks(markdown: str) -> Iterator[tuple[str, Caption]]:
    for name, sentence, rest in re.findall(r"^\*\*(\S+) [\d.]+\*\* (.*)\n((?:(?!\*\*).*\n?)*)", markdown, re.M):
        language = next(language for language in ("zh", "en") if named("figure", language, "part") == name)
        about = dict(line[2:].partition(COLON[language])[::2] for line in rest.splitlines() if line.startswith("- "))
        parts = {part: about.get(named(part, language, "part"), "") for part in Caption.__dataclass_fields__}
        if parts["n"]:
            yield language, Caption(**parts | {"sentence": sentence})


def note(caption: Caption, language: str) -> str:
    """What the figure rests on, in one line.

    >>> note(Caption("词。", "2个词", "词", "计数", "无"), "zh")
    'n：2个词；单位：词；方法：计数；区间：无。'
    """
    said = {
        part: value.rstrip(STOP[language]) for part, value in asdict(caption).items() if value and part != "sentence"
    }
    colon = COLON[language]
    return SEMICOLON[language].join(f"{named(p, language, 'part')}{colon}{v}" for p, v in said.items()) + STOP[language]


def source(cite: str, language: str) -> str:
    """The source line of a figure."""
    return f"{named('source', language, 'part')}{COLON[language]}{cite}"


# ---- LaTeX -------------------------------------------------------------------------------------------------------------


def escaped(words: str) -> str:
    """Text that LaTeX prints as it stands.

    >>> escaped("100% of R&D_2")
    '100\\\\% of R\\\\&D\\\\_2'
    """
    return words.translate(LATEX)


def latex(slug: str, captions: Captions, cite: str) -> str:
    """A figure environment for XeLaTeX or LuaLaTeX with ctex: picture at its own size, caption, notes, source and label."""
    sentences = [escaped(caption.sentence) for caption in captions.values()]
    below = [*(note(caption, language) for language, caption in captions.items()), source(cite, spoken(captions))]
    return "\n".join(
        [
            f"% {told(slug, captions)}",
            r"\begin{figure}[tbp]",
            r"  \centering",
            rf"  \includegraphics{{{slug}.pdf}}",
            rf"  \caption[{{{sentences[0]}}}]{{{' '.join(sentences)}}}",
            rf"  \label{{fig:{slug[3:]}}}",
            r"  {\footnotesize " + " ".join(rf"{escaped(line)}\par" for line in below) + "}",
            r"\end{figure}",
            "",
        ]
    )


# ---- Word --------------------------------------------------------------------------------------------------------------


def word(figures: Sequence[tuple[str, Captions, str]]) -> bytes:
    """A Word file (docx) with the number, caption, notes and source line of each (slug, captions, citation).

    Captions have Word's own style "Caption", so that they can be restyled at once and listed; same captions, same bytes.
    """
    import docx  # a third of a second that only this function needs

    document = docx.Document()
    for slug, captions, cite in figures:
        for language, caption in captions.items():
            document.add_paragraph(style="Caption").add_run(title(slug, language) + BEFORE[language]).bold = True
            document.paragraphs[-1].add_run(caption.sentence)
        for language, caption in captions.items():
            document.add_paragraph(note(caption, language))
        document.add_paragraph(source(cite, spoken(captions)))
    held = io.BytesIO()
    document.save(held)
    return timeless(held.getvalue())
