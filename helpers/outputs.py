"""How notebooks show what cells give: words of the corpus as text, never as markup; tables so that they can be read."""

import re
from itertools import cycle

import pandas as pd
from IPython import get_ipython
from IPython.display import Markdown
from pandas.api.types import is_numeric_dtype

SHORT = 24  # characters, of what is not broken over lines: names, dates, the words on either side of a keyword


def setup() -> None:
    """Have the notebook that runs show Markdown and tables like this; elsewhere nothing."""
    if shell := get_ipython():
        formatters = shell.display_formatter.formatters
        formatters["text/markdown"].for_type(Markdown, as_text)
        formatters["text/html"].for_type(pd.DataFrame, as_table)


def as_text(said: Markdown) -> str:
    """What a notebook says in Markdown holds sentences of the corpus: tags and scripts in them stay text."""
    return re.sub(r"\]\((?=\s*(?:javascript|vbscript|data):)", "] (", said.data.replace("<", "&lt;"), flags=re.I)


def as_table(table: pd.DataFrame) -> str | None:
    """A table as pandas shows it, but texts set to the left and numbers to the right, what is short in one line; of a
    concordance the words to the `left` stand against the keyword.

    >>> shown = as_table(pd.DataFrame({"term": ["口罩"], "count": [3]}))
    >>> [line.strip() for line in shown.splitlines() if "<td" in line]
    ['<td style="text-align: left; white-space: nowrap">口罩</td>', '<td>3</td>']
    """
    html, most = table._repr_html_(), pd.get_option("display.max_columns")
    if html is None or not len(table.columns) or table.columns.nlevels > 1 or most and len(table.columns) > most:
        return html
    beside = {"left": "right"} if "right" in table.columns else {}
    styles = [_style(table.iloc[:60, i], beside.get(name, "left")) for i, name in enumerate(table.columns)]
    label = _style(table.index[:60].to_series(), "left") if table.index.nlevels == 1 else ""
    head, body = html.split("<tbody>")
    heads, cells = cycle([label] * table.index.nlevels + styles), cycle(styles)
    head = re.sub("<th>", lambda _: f"<th{next(heads)}>", head)
    body = re.sub("<td>", lambda _: f"<td{next(cells)}>", body.replace("<th>", f"<th{label}>"))
    return f"{head}<tbody>{body}"


def _style(column: pd.Series, side: str) -> str:
    if is_numeric_dtype(column):
        return ""
    short = column.astype(str).str.len().max() <= SHORT
    return f' style="text-align: {side}{"; white-space: nowrap" if short else ""}"'
