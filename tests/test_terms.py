"""The governed word lists: every entry can match, is explained, and a corpus's own list is looked over line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import lexicon, segment, terms, wordlist
from helpers.study import CorpusError, Study

CAMPAIGN = """动态清零 应检尽检 应收尽收 应隔尽隔 应治尽治 社会面清零 静态管理 封控区 管控区 防范区 网格化 联防联控 群防群控 流调 方舱
密接 次密接 四早 双码联查 白名单 火神山 雷神山 外防输入 内防反弹 闭环管理 足不出户 场所码 健康码 核酸检测 抗原检测 常态化 复工复产
保供 劝返点 居家观察 返乡人员 逆行者 人民战争 阻击战 乙类乙管 二十条 新十条 层层加码 时空伴随者 混采 大白""".split()


# -- the shipped lexicon ----------------------------------------------------------------------------------------------


def test_terms_are_simplified_han_without_duplicates_and_explained():
    opencc = pytest.importorskip("opencc")
    table = terms.lexicon()
    assert list(table.columns) == ["term", "gloss", "kind", "source", "note"]
    assert not table["term"].duplicated().any()
    assert table["term"].str.fullmatch(r"[\u4e00-\u9fff]{2,}").all()
    assert (table[["gloss", "kind", "source", "note"]] != "").all().all()
    convert = opencc.OpenCC("tw2s").convert
    assert [term for term in table["term"] if convert(term) != term] == []


def test_every_term_comes_out_of_segmentation_whole():
    jieba = pytest.importorskip("jieba")
    tokenizer = jieba.Tokenizer()
    for term in terms.lexicon()["term"]:
        tokenizer.add_word(term)
    assert [term for term in terms.lexicon()["term"] if tokenizer.lcut(term) != [term]] == []
    assert wordlist.broken(segment.shipped()).empty
    assert wordlist.broken(("动态清零", "战“疫”")).values.tolist() == [["战“疫”", "战/“/疫/”"]]


def test_the_linter_has_nothing_to_say_about_the_shipped_lexicon():
    found = wordlist.lint(segment.shipped())
    assert len(found) == len(segment.shipped()) and (found["problem"] == "").all()


def test_the_vocabulary_of_both_campaigns_is_in():
    assert [term for term in CAMPAIGN if term not in segment.shipped()] == []


@pytest.mark.parametrize("term", ["应检尽检", "动态清零", "静态管理", "双码联查"])
def test_terms_stay_whole_inside_a_sentence(term):
    assert term in segment.cut(f"各街道坚持{term}，居民有序配合。")


# -- a corpus's own list ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry, term, severity, said",
    [
        ("岭溪镇", "岭溪镇", "", ""),
        ("嶺溪鎮", "岭溪镇", "doubt", "Write 岭溪镇"),
        ("ＭＲ室", "MR室", "doubt", "Write MR室"),
        ("岭溪\u200b镇", "岭溪镇", "doubt", "Write 岭溪镇"),
        ("岭溪镇 5 ns", "岭溪镇", "doubt", "Write 岭溪镇 alone"),
        ("岭溪镇 nr", "岭溪镇", "doubt", "Write 岭溪镇 alone"),
        ("岭溪镇、望澜街道", "", "error", "岭溪镇 and 望澜街道"),
        ("岭溪 镇口", "", "error", "space"),
        ("战“疫”", "", "error", "punctuation"),
        ("镇", "", "error", "single"),
        ("动态清零", "", "note", "shipped lexicon"),
    ],
)
def test_each_kind_of_line_is_taken_mended_or_left_out_and_said_so(entry, term, severity, said):
    row = wordlist.lint([entry], segment.shipped()).iloc[0]
    assert (row["term"], row["severity"]) == (term, severity)
    assert said in row["problem"] + " " + row["remedy"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_bad_line_neither_stops_the_run_nor_passes_unsaid(tmp_path, encoding):
    lines = ["# 本语料的地名", "岭溪镇  # a town", "", "望瀾街道", "一 二", "岭溪镇"]
    (tmp_path / "terms.txt").write_bytes("\r\n".join(lines).encode(encoding))
    study = Study(corpus=tmp_path, results=tmp_path.parent / "results")
    assert wordlist.load(study) == (*segment.shipped(), "岭溪镇", "望澜街道")
    problems = wordlist.problems(study)
    assert problems["file"].eq("terms.txt").all() and problems["severity"].tolist() == ["doubt", "error"]
    assert [said.split(",")[0] for said in problems["problem"]] == ["line 4", "line 5"]


def test_without_a_list_the_shipped_lexicon_stands(tmp_path):
    study = Study(corpus=tmp_path, results=tmp_path.parent / "results")
    assert wordlist.load(study) == segment.shipped() and wordlist.problems(study).empty


@given(st.lists(st.text("动態清零零检疫 ，#\ufeff\t5aB·\u3000“𠮷", max_size=8), max_size=6))
def test_whatever_is_written_each_entry_gets_a_row_and_what_is_used_can_match(lines):
    table = wordlist.lint(lines)
    assert table["line"].is_monotonic_increasing and set(table["severity"]) <= {"", "note", "doubt", "error"}
    used = [term for term in table["term"] if term]
    assert len(used) == len(set(used)) and not any(map(segment.unmatchable, used))
    assert ((table["term"] != "") == table["severity"].isin(["", "doubt"])).all()
    assert ((table["remedy"] == "") == (table["severity"] == "")).all()


def test_nested_terms_name_the_longer_ones():
    table = wordlist.nested(segment.shipped()).set_index("term")["inside"]
    assert table["核酸检测":"核酸检测"].empty and "核酸检测" in table["核酸"].split("、")
    assert all(term in longer and term != longer for term, inside in table.items() for longer in inside.split("、"))


# -- stop-lists -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["function", "stage"])
def test_stop_lists_name_each_word_once_and_say_why(name):
    rows = lexicon.rows(f"stopwords_{name}", "term", "kind", "default", "reason")
    words = [row["term"] for row in rows]
    assert len(words) == len(set(words)) > 50
    assert all(row["reason"] and row["kind"] and row["default"] in ("yes", "no") for row in rows)


@pytest.mark.parametrize("name", ["function", "stage"])
def test_every_stop_word_is_a_word_that_the_cut_gives(name):
    words = terms.stopword_table(name)["term"]
    assert [word for word in words if segment.cut(word) != [word]] == [], "such a stop word would never match"


def test_negation_modality_and_pronouns_stay_unless_asked():
    kept = {
        "不",
        "没",
        "没有",
        "未",
        "无",
        "不得",
        "严禁",
        "必须",
        "应当",
        "应",
        "要",
        "可",
        "可以",
        "我们",
        "他们",
        "大家",
    }
    assert not kept & terms.stopwords()
    assert kept <= terms.stopwords(kinds=["negation", "modality", "pronoun"])
    assert not terms.stopwords("function") & terms.stopwords("stage")


def test_no_word_that_begins_with_a_negation_is_dropped_unless_it_joins_clauses():
    dropped = terms.stopword_table("function").query("default == 'yes'")
    beginning = dropped[dropped["term"].str.match("[不没未无莫勿]")]
    assert beginning["kind"].unique().tolist() == ["conjunction"], "不仅 (not only), 无论 (no matter) negate nothing"
    assert not dropped["kind"].isin(["negation", "modality", "pronoun"]).any()


def test_unknown_stop_list_says_what_to_do():
    with pytest.raises(CorpusError, match="stopwords_verbs.csv"):
        terms.stopwords("verbs")
