"""A corpus in the forms of other programs: CoNLL-U of Universal Dependencies, BibTeX, and the rows of KH Coder."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote

import pandas as pd

from helpers import lexicon

Cut = Callable[[Iterable[str]], list[list[str]]]
OPEN = "\t".join("_" * 7)  # lemma, two classes, features, head, relation, graph: a cut says nothing of these
LONGEST_VALUE = 127  # characters of a variable in KH Coder
ISO = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
SAFE_KEY = re.compile(r"[A-Za-z][A-Za-z0-9:_-]*")
LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",  # \{ would count as a brace when BibTeX looks for the end of a field
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{character: f"\\{character}" for character in "&%$#_"},
    }
)


# ---- CoNLL-U ----------------------------------------------------------------------------------------------------------


def conllu(sentences: pd.DataFrame, cut: Cut) -> str:
    """Sentences (doc_id, paragraph, sentence, zone, line, text) as CoNLL-U, version 2, words as `cut` gives them.

    Only ID, FORM and MISC are filled. Blanks of any kind become one space and the text is in Unicode form C, as the format
    asks, so that `# text` is the forms put together again. `# line` is the line of the file where the sentence begins.

    >>> frame = pd.DataFrame({"doc_id": ["甲 区"], "paragraph": [1], "sentence": [1], "zone": ["body"], "line": [3],
    ...                       "text": ["居民排队。"]})
    >>> print(conllu(frame, lambda texts: [["居民", "排队", "。"]]).replace("\\t", " "), end="")
    # newdoc id = 甲%20区
    # newpar
    # sent_id = 甲%20区-1-1
    # text = 居民排队。
    # zone = body
    # line = 3
    1 居民 _ _ _ _ _ _ _ SpaceAfter=No
    2 排队 _ _ _ _ _ _ _ SpaceAfter=No
    3 。 _ _ _ _ _ _ _ _
    <BLANKLINE>
    """
    texts = [" ".join(unicodedata.normalize("NFC", text).split()) for text in sentences["text"]]
    filled = [number for number, text in enumerate(texts) if text]
    rows = sentences.iloc[filled]
    texts, doc, paragraph = [texts[number] for number in filled], None, None
    blocks = []
    for row, text, tokens in zip(rows.itertuples(index=False), texts, cut(texts), strict=True):
        name = identifier(row.doc_id)
        opened = [f"# newdoc id = {name}"] if row.doc_id != doc else []
        opened += ["# newpar"] if (row.doc_id, row.paragraph) != (doc, paragraph) else []
        about = [f"# sent_id = {name}-{row.paragraph}-{row.sentence}", f"# text = {text}"]
        about += [f"# zone = {row.zone}", f"# line = {row.line}"]
        blocks.append("\n".join([*opened, *about, *_words(tokens), "", ""]))
        doc, paragraph = row.doc_id, row.paragraph
    return "".join(blocks)


def identifier(doc_id: str) -> str:
    """A doc_id as an identifier of CoNLL-U, which holds no blank and no slash; different ones stay different."""
    return re.sub(r"[\s/%]", lambda match: quote(match[0], safe=""), unicodedata.normalize("NFC", doc_id))


def _words(tokens: Iterable[str]) -> Iterator[str]:
    pieces = [piece for token in tokens for piece in re.findall(r"\S+|\s", token)]
    places = [place for place, piece in enumerate(pieces) if not piece.isspace()]
    for number, place in enumerate(places, 1):
        together = pieces[place + 1 : place + 2] and not pieces[place + 1].isspace()
        yield f"{number}\t{pieces[place]}\t{OPEN}\t{'SpaceAfter=No' if together else '_'}"


# ---- BibTeX -----------------------------------------------------------------------------------------------------------


def bibtex(articles: pd.DataFrame) -> str:
    """Articles (doc_id, file, title, publisher, date or year; author and url where there are such columns) as biblatex.

    An article of a newspaper or magazine is @article, any other @online (`reference_types.csv`). The file is the note.

    >>> row = {"doc_id": "a1", "file": "a_1.txt", "title": "守望&相助", "publisher": "青沔日报", "outlet_type": "", "date": "2020-02"}
    >>> print(bibtex(pd.DataFrame([row])), end="")
    @article{a1,
      title = {{守望\\&相助}},
      journaltitle = {青沔日报},
      publisher = {青沔日报},
      date = {2020-02},
      note = {a\\_1.txt},
      langid = {chinese}
    }
    <BLANKLINE>
    """
    return "".join(_entry(row) for row in articles.astype(object).where(articles.notna(), "").to_dict("records"))


def latex(text: object) -> str:
    """Text as it stands inside a field: LaTeX's own characters escaped, blanks joined, braces balanced.

    >>> latex("100% {试点}_x")
    '100\\\\% \\\\textbraceleft{}试点\\\\textbraceright{}\\\\_x'
    """
    return " ".join(str(text).split()).translate(LATEX)


def key(doc_id: str) -> str:
    """A citation key in ASCII, the doc_id itself where that can be one; different doc_ids have different keys.

    >>> key("lanshan-2020-gov"), key("甲区2020")
    ('lanshan-2020-gov', 'article-bd10bf54')
    """
    if SAFE_KEY.fullmatch(doc_id):
        return doc_id
    slug = "-".join(re.findall(r"[A-Za-z][A-Za-z0-9]*", doc_id)) or "article"
    return f"{slug}-{hashlib.sha256(doc_id.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _entry(article: dict) -> str:
    kind, publisher = _kind(article), article.get("publisher", "")
    fields = {
        "author": article.get("author", ""),
        "title": article.get("title", ""),
        "journaltitle": publisher if kind == "article" else "",
        "publisher": publisher,
        "date": _date(article),
        "url": article.get("url", ""),
        "note": article.get("file", ""),
        "langid": "chinese",
    }
    lines = [f"  {name} = {_field(name, value)}" for name, value in fields.items() if value]
    return f"@{kind}{{{key(article['doc_id'])},\n" + ",\n".join(lines) + "\n}\n\n"


def _field(name: str, value: str) -> str:
    """A value in braces; titles and authors in two pairs: their letters keep their case, no name is split at a comma."""
    return f"{{{{{latex(value)}}}}}" if name in ("title", "author") else f"{{{latex(value)}}}"


def _date(article: dict) -> str:
    found = ISO.match(str(article.get("date", ""))) or ISO.match(str(article.get("year", "")))
    return found[0] if found else ""


def _kind(article: dict) -> str:
    for row in lexicon.rows("reference_types", "column", "word", "entry"):
        if row["word"] in str(article.get(row["column"], "")):
            return row["entry"]
    return "online"


# ---- KH Coder ---------------------------------------------------------------------------------------------------------


def khcoder(articles: pd.DataFrame, paragraphs: pd.DataFrame, size: int) -> pd.DataFrame:
    """A text a row as KH Coder 3 (Higuchi 2016) imports it: text, doc_id, part, then the other columns of `articles` as
    variables of at most 127 characters.

    A line of a text is one of `paragraphs`. An article longer than the `size` of a cell goes on in the next row, as part 2.

    >>> articles = pd.DataFrame({"doc_id": ["甲"], "place": ["青沔市"]})
    >>> paragraphs = pd.DataFrame({"doc_id": ["甲", "甲"], "text": ["全员核酸。", "居民排队。"]})
    >>> khcoder(articles, paragraphs, 8).values.tolist()
    [['全员核酸。', '甲', 1, '青沔市'], ['居民排队。', '甲', 2, '青沔市']]
    """
    pieces = paragraphs.groupby("doc_id", sort=False)["text"].agg(lambda texts: _cells(texts, size))
    found = pieces.reindex(articles["doc_id"])
    cells = [some if isinstance(some, list) else [""] for some in found]
    table = articles.drop(columns=["text", "part"], errors="ignore").map(_variable)
    table = table.assign(text=cells).explode("text", ignore_index=True)
    table.insert(1, "part", table.groupby("doc_id", sort=False).cumcount() + 1)
    return table[["text", *(column for column in table if column != "text")]]


def _variable(value: object) -> object:
    return value[:LONGEST_VALUE] if isinstance(value, str) else value


def _cells(paragraphs: Iterable[str], size: int) -> list[str]:
    """Paragraphs one a line, in as few pieces as cells can hold."""
    cells = [""]
    for text in paragraphs:
        for piece in (text[at : at + size] for at in range(0, len(text), size)):
            longer = f"{cells[-1]}\n{piece}" if cells[-1] else piece
            cells = [*cells[:-1], longer] if len(longer) <= size else [*cells, piece]
    return cells
