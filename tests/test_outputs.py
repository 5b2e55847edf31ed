"""Tables in notebooks: what pandas shows, texts to the left, numbers to the right, a keyword between its words."""

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import outputs, terms

LEFT, ONE_LINE = "text-align: left", "; white-space: nowrap"
cells = st.text("防控<td>&</th>… ", max_size=9) | st.none()


def styles(html: str, tag: str) -> list[str]:
    return [style or "" for style in re.findall(rf'<{tag}(?: style="(.*?)")?>', html)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cells, st.integers(), cells), max_size=4), st.sampled_from([None, "a", ["a", "b"]]))
def test_a_table_says_what_pandas_says(rows, index):
    table = pd.DataFrame(rows, columns=["a", "b", "c"])
    table = table.rename(columns={"b": "c"}) if index is None else table.set_index(index)
    shown = outputs.as_table(table)
    assert re.sub(r'(<t[dh]) style="text-align: left(; white-space: nowrap)?"', r"\1", shown) == table._repr_html_()


def test_texts_stand_left_under_their_heads_and_numbers_right():
    table = pd.DataFrame({"frame": ["战争", "团结"], "share": [0.2, 0.1], "why": ["战" * 30, "一心"]}).set_index(
        "frame"
    )
    head, body = outputs.as_table(table).split("<tbody>")
    assert styles(head, "th") == [LEFT + ONE_LINE, "", LEFT] * 2  # the second row of heads names the index
    assert styles(body, "th") == [LEFT + ONE_LINE] * 2 and styles(body, "td") == ["", LEFT] * 2


def test_a_keyword_stands_between_its_words():
    sentences = pd.DataFrame(
        {"doc_id": "甲", "paragraph": [1], "sentence": [1], "line": [3], "text": "把菜送到居民门口。"}
    )
    body = outputs.as_table(terms.kwic(sentences, "居民")[["line", "left", "term", "right"]]).split("<tbody>")[1]
    assert styles(body, "td") == ["", "text-align: right" + ONE_LINE, LEFT + ONE_LINE, LEFT + ONE_LINE]


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame(),
        pd.DataFrame({n: ["字"] for n in range(99)}),
        pd.DataFrame([["字"]], columns=pd.MultiIndex.from_tuples([("甲", "乙")])),
    ],
    ids=["nothing in it", "more columns than are shown", "heads of two rows"],
)
def test_other_tables_are_shown_as_pandas_shows_them(table):
    with pd.option_context("display.max_columns", 20):
        assert outputs.as_table(table) == table._repr_html_()
