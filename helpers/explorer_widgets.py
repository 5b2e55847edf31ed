"""The widgets of the explorer: filters that answer while one types, one page of sentences, and the article behind one.

Only the sentences of the page that is shown are drawn, so that a filter answers at once in a corpus of any size.
"""

from collections.abc import Callable, Mapping
from html import escape

import ipywidgets as widgets
import numpy as np

from helpers import captions, pages, passages
from helpers.passages import Passages

Label = Callable[[str, str], str]
PAGE = 12  # sentences of a page
FACTS = {
    "dates": ("日期", "dates"),
    "quantities": ("数量", "quantities"),
    "person": ("人物", "people"),
    "organization": ("机构", "organizations"),
    "mechanisms": ("机制", "arrangements"),
    "speech": ("引语", "quotations"),
}
FILTER = {"layout": {"width": "24em"}, "style": {"description_width": "9em"}}


class Browser:
    """Filters, results and the open article. A cell that ends with it shows it; a page made of the notebook shows `plain`.

    names: labels of the frames. label: both languages to the one that is shown. asked: what is looked for at first.
    """

    def __init__(self, corpus: Passages, names: Mapping[str, str], label: Label, asked: Mapping, plain: str) -> None:
        self.corpus, self.label, self.plain, self.page = corpus, label, plain, 0
        self.rows: passages.Rows = np.array([], dtype=np.int64)
        self.text = widgets.Text(
            value=asked["text"], description=label("检索", "search"), placeholder="防控 …", **FILTER
        )
        self.doc_id = _choice(label("文章", "article"), _titles(corpus), asked["doc_id"])
        self.where = {
            column: _choice(_called(column, label), _values(corpus, column), value)
            for column in corpus.columns
            for value in [str(asked["where"].get(column, ""))]
        }
        told = set(corpus.tables["frames"]["frame"].astype("str"))
        ordered = [*filter(told.__contains__, names), *sorted(told - names.keys())]  # as the codebook has them
        self.frame = _choice(label("框架", "frame"), [(names.get(one, one), one) for one in ordered], asked["frame"])
        kinds = [(label(*words), kind) for kind, words in FACTS.items()]
        self.fact = _choice(label("事实", "fact"), kinds, asked["fact"])
        self.count = widgets.HTML()
        self.before = _button("‹", label("上一页", "page before"), lambda _: self._turn(-1))
        self.after = _button("›", label("下一页", "next page"), lambda _: self._turn(1))
        self.results = [self._result(place, label) for place in range(PAGE)]
        self.article = widgets.HTML()
        self.close = _button(label("关闭", "close"), label("关闭文章", "close the article"), self._close)
        self.filters = [self.text, self.doc_id, *self.where.values(), self.frame, self.fact]
        for filter_ in self.filters:
            filter_.observe(self._filter, names="value")
        self.box = self._laid_out()
        self._filter()
        self._close()

    @property
    def asked(self) -> dict:
        """What is looked for now, as `Passages.find` takes it."""
        where = {column: choice.value for column, choice in self.where.items()}
        plain = {name: getattr(self, name).value for name in ("text", "doc_id", "frame", "fact")}
        return {**plain, "where": where}

    def open(self, row: int) -> None:
        """Show the article of a sentence."""
        self.article.value = pages.article(self.corpus, row, **self.asked)
        self.close.layout.display = None

    def _repr_mimebundle_(self, **kwargs) -> dict:
        bundle = self.box._repr_mimebundle_(**kwargs)
        bundle = bundle[0] if isinstance(bundle, tuple) else bundle
        return {**bundle, "text/html": self.plain, "text/plain": f"{len(self.rows)} sentences"}

    def _laid_out(self) -> widgets.VBox:
        wrap = widgets.Layout(flex_flow="row wrap")
        turn = widgets.HBox([self.before, self.after, self.count])
        results = [widgets.HBox(list(pair)) for pair in self.results]
        style = widgets.HTML(pages.STYLE, layout=widgets.Layout(display="none"))
        return widgets.VBox([style, widgets.Box(self.filters, layout=wrap), turn, *results, self.close, self.article])

    def _result(self, place: int, label: Label) -> tuple[widgets.Button, widgets.HTML]:
        opening = label("打开文章", "open the article")
        return _button(label("打开", "open"), opening, lambda _: self.open(self._shown()[place])), widgets.HTML()

    def _shown(self) -> list[int]:
        first = self.page * PAGE
        return self.rows[first : first + PAGE].tolist()

    def _filter(self, _change: object = None) -> None:
        self.rows, self.page = self.corpus.find(**self.asked), 0
        self._draw()

    def _turn(self, by: int) -> None:
        self.page = min(max(self.page + by, 0), self._last)
        self._draw()

    @property
    def _last(self) -> int:
        return max(len(self.rows) - 1, 0) // PAGE

    def _draw(self) -> None:
        shown, asked = self._shown(), self.asked
        spans = self.corpus.spans(shown, asked["text"], asked["frame"], asked["fact"])
        for (button, line), row in zip(self.results, [*shown, *[None] * PAGE], strict=False):
            line.value = "" if row is None else pages.context(self.corpus, row, spans[row])
            button.layout.display = "none" if row is None else None
        self.before.disabled, self.after.disabled = self.page == 0, self.page == self._last
        found, of = f"{len(self.rows):,}", f"{len(self.corpus.sentences):,}"
        said = self.label(f"{of} 句中的 {found} 句", f"{found} of {of} sentences")
        beside = f"{self.page + 1} / {self._last + 1}" if found != "0" else self._together()
        self.count.value = f'<span role="status">{escape(" · ".join(filter(None, [said, beside])))}</span>'

    def _together(self) -> str:
        """What to do where nothing is found by several filters."""
        several = sum(bool(filter_.value.strip()) for filter_ in self.filters) > 1
        told = self.label("各项筛选须同时符合，请清除其一", "filters apply together, clear one of them")
        return told if several else ""

    def _close(self, _button: object = None) -> None:
        self.article.value, self.close.layout.display = "", "none"


def _called(column: str, label: Label) -> str:
    zh, en = (captions.named(column, labels) for labels in ("zh", "en"))
    return label(zh, en) if zh != en else column


def _button(text: str, tooltip: str, press: Callable) -> widgets.Button:
    layout = widgets.Layout(width="auto", flex="0 0 auto", align_self="flex-start")
    button = widgets.Button(description=text, tooltip=tooltip, layout=layout)
    button.on_click(press)
    return button


def _choice(name: str, options: list[tuple[str, str]], value: str) -> widgets.Dropdown:
    """A list to choose from, first of all nothing; what is asked for stands in it even where no sentence has it."""
    also = [(value, value)] if value not in ["", *(key for _, key in options)] else []
    return widgets.Dropdown(options=[("—", ""), *options, *also], value=value, description=name, **FILTER)


def _titles(corpus: Passages) -> list[tuple[str, str]]:
    articles = corpus.articles
    return [(f"{doc} {title}", doc) for doc, title in zip(articles["doc_id"], articles["title"], strict=True)]


def _values(corpus: Passages, column: str) -> list[tuple[str, str]]:
    values = sorted(set(passages.as_text(corpus.articles[column])) - {""})
    return [(value, value) for value in values]
