"""Script and width keep every character in its place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import glyphs

MIX = st.text(
    st.sampled_from(list('防控疫情，。：“”…—一線著門診來裏9a0A .,:;?!()"%-8３Ａ\u3000\u200b\xa0*#>[]\n')), max_size=60
)


def test_width_follows_its_neighbours():
    cases = {
        "来源:办公室": "来源：办公室",
        "上午8:30开始": "上午8:30开始",
        "共15,300人": "共15,300人",
        "35家(次)": "35家（次）",
        "GE(北京)工厂": "GE（北京）工厂",
        "好吗?好!": "好吗？好！",
        "COVID-19, flu": "COVID-19, flu",
        "共迎春天 。": "共迎春天。",
        "３月９日": "3月9日",
        "在 3 月 9 日": "在3月9日",
    }
    assert {raw: glyphs.normal(raw) for raw in cases} == cases


def test_script_is_converted_where_simplified_has_another_form():
    assert glyphs.simplified("包靠著，掉著眼淚；支援；瞭解") == "包靠着，掉着眼泪；支援；了解"


def test_simplified_text_stays_as_it_is():
    """The converter alone writes 显着 for 显著 (marked) and 幺 for the particle 么 in Simplified text."""
    text = "成效显著，著名专家的专著，土著，怎么、什么、那么，“么”，乾县"
    assert glyphs.simplified(text) == text


def test_variants_of_hong_kong_are_converted():
    assert glyphs.simplified("衞生署表示甚麼也沒有諮詢，成效顯著") == "卫生署表示什么也没有咨询，成效显著"


@given(MIX)
def test_simplified_keeps_length_and_is_its_own_fixed_point(text):
    done = glyphs.simplified(text)
    assert len(done) == len(text)
    assert glyphs.simplified(done) == done


@given(MIX)
def test_kept_places_are_increasing_and_name_the_characters(text):
    clean, places = glyphs.normalise(text)
    assert len(clean) == len(places)
    assert (np.diff(places) > 0).all()
    partners = glyphs.PUNCTUATION | {".": "。", '"': "“”"}
    raw = [glyphs.widened(text)[i] for i in places]
    assert all(a == b or b in partners.get(a, "") for a, b in zip(raw, clean, strict=True))


@given(MIX)
def test_normalising_twice_changes_nothing(text):
    once = glyphs.normal(text)
    assert glyphs.normal(once) == once


def test_a_run_of_marks_takes_linear_time():
    """Each mark beside Han makes the next one full-width: one pass must settle the whole run."""
    assert glyphs.widened("区" + "(" * 200_000) == "区" + "（" * 200_000
    assert glyphs.widened("(" * 200_000 + "区") == "（" * 200_000 + "区"


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff", "\u202e"])
def test_invisible_characters_go(mark):
    assert glyphs.normal(f"防{mark}控") == "防控"
