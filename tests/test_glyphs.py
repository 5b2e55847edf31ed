"""Script and width keep every character in its place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import decoding, glyphs

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


def test_every_word_that_the_converter_changes_is_looked_at():
    """Lines are left alone where no character may change. Pairs of such characters stay, and words of others do not."""
    signs = sorted(sign for sign in decoding.common() if not glyphs._changing()[ord(sign)])
    assert len(signs) > 2500
    for first in signs[::4]:
        pairs = "\n".join(first + second for second in signs)
        assert glyphs._line(pairs) == pairs
    words = "深沈 意志消沈 捏坏 憑藉 藉故 海哩 回覆 反反覆覆 衹得 一目瞭然 甦醒 辛秘 乾淨 籲請 鬱悶 么 \U00020b9f \ufa0e".split()
    assert [glyphs.simplified(f"甲\n{word}\n乙") for word in words] == [
        f"甲\n{glyphs._line(word)}\n乙" for word in words
    ]
    assert sum(glyphs._line(word) != word for word in words) >= 13


@given(
    st.lists(st.sampled_from([*"防控疫情一线么著顯覆沈，。 9\n\r", "回覆", "深沈", "顯著", "乾縣"]), max_size=60).map(
        "".join
    )
)
def test_a_page_is_converted_line_by_line_as_if_whole(text):
    assert glyphs.simplified(text) == glyphs._line(text)


@given(st.lists(MIX, min_size=1, max_size=30))
def test_pages_are_read_together_as_each_alone(pages):
    many = pages * (1 + glyphs.LONG // sum(len(page) + 1 for page in pages))
    whole = "\n".join([*many, ""])
    assert len(whole) >= glyphs.LONG
    for change in (glyphs.simplified, glyphs.widened):
        assert change(whole) == "\n".join([*map(change, many), ""])


def test_simplified_text_stays_as_it_is():
    """The converter alone writes 显着 for 显著 (marked) and 幺 for the particle 么 in Simplified text."""
    text = "成效显著，著名专家的专著，土著，怎么、什么、那么，“么”，乾县"
    assert glyphs.simplified(text) == text


@pytest.mark.parametrize(
    "text", ["打坏了门锁", "捏坏了", "机器一坏就停工", "破坏土地", "损坏子弹", "破坏布局", "李秘书长", "袁秘书", "辛秘"]
)
def test_broken_stays_broken_and_a_secret_a_secret(text):
    """The converter alone makes 坯 (unfired clay) of 坏 (broken), and 祕 of 秘 after some surnames."""
    assert glyphs.simplified(text) == text


def test_the_same_words_in_traditional_script_are_converted():
    assert (
        glyphs.simplified("破壞土地，打壞門鎖，李祕書長，吳秘書，毛坯") == "破坏土地，打坏门锁，李秘书长，吴秘书，毛坯"
    )


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
