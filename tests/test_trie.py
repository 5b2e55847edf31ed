"""Many strings are found at once wherever they stand: no more and no less than one search for each of them would find."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from helpers.trie import code_points, trie

LETTERS = st.text("疫情防控，“\n𠮷\ud800a", max_size=30)
STRINGS = st.lists(st.text("疫情防控𠮷\ud800a", min_size=1, max_size=5), unique=True, max_size=12)


def found(strings: list[str], text: str) -> set[tuple[int, int]]:
    start, number = trie(strings).find(code_points(text))
    assert len(start) == len(set(zip(start, number, strict=True)))  # each occurrence once
    return set(zip(start.tolist(), number.tolist(), strict=True))


@given(STRINGS, LETTERS)
@example([], "疫情")
@example(["疫", "情防控"], "")
@example(["疫情防控"], "疫情防")
@example(["疫", "疫情", "情", "疫情防控", "防控"], "疫情防控疫情")
def test_every_occurrence_is_found(strings, text):
    expected = {(i, n) for n, one in enumerate(strings) for i in range(len(text)) if text.startswith(one, i)}
    assert found(strings, text) == expected


@given(STRINGS, LETTERS)
@example([], "疫情")
@example(["疫情防控", "控"], "疫情控")
def test_a_string_may_begin_where_its_first_two_letters_stand(strings, text):
    heads = tuple({one[:2] for one in strings})
    places = [i for i in range(len(text)) if text.startswith(heads, i)]
    assert trie(strings).may_begin(code_points(text)).tolist() == places


def test_what_no_string_begins_with_costs_no_step():
    tree = trie(["疫情防控", "防控"])
    assert np.count_nonzero(tree.pairs) == 2 and len(tree.keys) == 3  # 疫情 and 防控; 疫情防, 疫情防控, and the end
    assert np.array_equal(tree.find(code_points("一二三"))[0], np.zeros(0))
