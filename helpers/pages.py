"""Sentences and articles of a corpus as HTML: what was looked for is marked, and the page stands beside its clean text.

Every text of the corpus is escaped before it becomes part of a page.
"""

from collections.abc import Iterable, Mapping
from html import escape

import pandas as pd

from helpers import passages
from helpers.passages import Passages

STATIC, LONGEST = 20, 240  # sentences of the plain table; characters shown of a line that was dropped
TINTS = {  # of the zones of a page; the name of the zone stands beside, colour is never alone
    "title": "#dbe9f6",
    "subtitle": "#dbe9f6",
    "heading": "#e4eef8",
    "body": "#ffffff",
    "list": "#ffffff",
    "caption": "#fdf0d5",
    "byline": "#efe3f3",
    "credit": "#efe3f3",
    "metadata": "#e6efe1",
}
OTHER = "#eeeeee"
STYLE = """<style>
.explorer { color: #1f1f24; background: #fff; line-height: 1.6; overflow-wrap: anywhere; }
.explorer mark { background: #ffe08a; color: inherit; padding: 0 .1em; }
.explorer .here { outline: 2px solid #93311f; outline-offset: 1px; }
.explorer .pages { display: flex; flex-wrap: wrap; gap: 1.5em; }
.explorer .pages > section { flex: 1 1 22em; min-width: 0; max-height: 36em; overflow-y: auto; }
.explorer ol { list-style: none; margin: 0; padding: 0; }
.explorer li { display: grid; grid-template-columns: 3em 7em 1fr; gap: .5em; padding: .1em .3em; color: #1f1f24; }
.explorer .quiet { color: #5b5b66; font-size: .85em; }
.explorer .drop { text-decoration: line-through; text-decoration-color: #8c8c8c; }
</style>"""


def table(corpus: Passages, most: int = STATIC, **asked) -> str:
    """The first `most` sentences that meet `asked` (see `Passages.find`), as a table that needs neither style nor script."""
    rows = corpus.find(**asked)
    spans = corpus.spans(rows[:most], **_sought(asked))
    body = "".join(
        f"<tr><td>{escape(row.doc_id)}</td><td>{row.line}</td><td>{marked(row.text, spans[row.Index])}</td></tr>"
        for row in corpus.sentences.iloc[rows[:most]].itertuples()
    )
    more = f"; the first {most} of them" if len(rows) > most else ""
    return (
        f"<p>{len(rows):,} of {len(corpus.sentences):,} sentences{more}</p>"
        "<table><thead><tr><th>doc_id</th><th>line</th><th>sentence</th></tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _sought(asked: Mapping) -> dict[str, str]:
    return {name: asked[name] for name in ("text", "frame", "fact") if name in asked}


def marked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """`text` as HTML with the spans marked; spans that meet become one.

    >>> marked("全区<b>防控", [(5, 7)])
    '全区&lt;b&gt;<mark>防控</mark>'
    """
    out, at = [], 0
    for start, end in _joined(spans):
        out += [escape(text[at:start]), f"<mark>{escape(text[start:end])}</mark>"]
        at = end
    return "".join([*out, escape(text[at:])])


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted((a, b) for a, b in spans if b > a):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def context(corpus: Passages, row: int, spans: list[tuple[int, int]]) -> str:
    """One result: the sentence with what was looked for, and where it stands."""
    sentence = corpus.sentences.iloc[row]
    place = escape(f"{sentence['doc_id']} · {sentence['line']} · {sentence['zone']}")
    return f'<div class="explorer">{marked(sentence["text"], spans)} <span class="quiet">{place}</span></div>'


def article(corpus: Passages, row: int, **asked) -> str:
    """The article of a sentence: the page as it was found, line by line with its zones, beside the clean text.

    What was asked for is marked in the clean text; the sentence is marked on the page and outlined in the text.
    """
    sentence = corpus.sentences.iloc[row]
    about = corpus.articles.set_index("doc_id").loc[sentence["doc_id"]]
    known = [passages.as_text(pd.Series([about[name]]))[0] for name in ("publisher", "date", "file") if name in about]
    known = [*filter(None, known), f"行 line {sentence['line']}"]
    title = f"<h3>{escape(str(about['title']))}</h3><p>{escape(' · '.join(known))}</p>"
    raw = f"<section><h4>原页 page</h4><ol>{_raw(corpus, sentence)}</ol></section>"
    text = f"<section><h4>正文 text</h4>{_clean(corpus, row, asked)}</section>"
    return f'{STYLE}<div class="explorer">{title}<div class="pages">{raw}{text}</div></div>'


def _raw(corpus: Passages, sentence: pd.Series) -> str:
    lines = corpus.tables["lines"]
    lines = lines[(lines["doc_id"] == sentence["doc_id"]) & (lines["zone"] != "blank")]
    return "".join(_raw_line(line, sentence["start"], sentence["end"]) for line in lines.itertuples(index=False))


def _raw_line(line, start: int, end: int) -> str:
    tint, kind = TINTS.get(line.zone, OTHER), "drop" if line.action == "drop" else "keep"
    cut = kind == "drop" and len(line.text) > LONGEST  # whole scripts can stand on a line that was dropped
    text = f"{line.text[:LONGEST]}…" if cut else line.text
    inside = [(max(start - line.start, 0), min(end - line.start, len(text)))]
    return (
        f'<li style="background:{tint}"><span class="quiet">{line.line}</span><span class="quiet">{escape(line.zone)}</span>'
        f'<span class="{kind}">{marked(text, inside)}</span></li>'
    )


def _clean(corpus: Passages, row: int, asked: Mapping) -> str:
    own = corpus.sentences[corpus.sentences["doc_id"] == corpus.sentences["doc_id"].iat[row]]
    spans = corpus.spans(own.index, **_sought(asked))
    out = []
    for _, paragraph in own.groupby("paragraph", sort=False):
        told = [_told(number, text, number == row, spans[number]) for number, text in paragraph["text"].items()]
        tag = "p" if paragraph["zone"].iat[0] in ("body", "list", "caption") else "h5"
        out.append(f"<{tag}>{''.join(told)}</{tag}>")
    return "".join(out)


def _told(number: int, text: str, here: bool, spans: list[tuple[int, int]]) -> str:
    words = marked(text, spans)
    return f'<span class="here">{words}</span>' if here else words
