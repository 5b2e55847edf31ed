"""Every line accounted for, every sentence where it says it is."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import bylines, cleaning, furniture, glyphs, layout, metadata, sentences, store, texts
from helpers.study import SAMPLE, CorpusError, Study
from tests import scoring

LINE = st.one_of(
    st.text(st.sampled_from(list("新區启動應急響应,。：“”!?3月9日1 a-")), max_size=80),
    st.sampled_from(
        [
            "",
            "\u3000\u3000",
            "来源:办公室 | 2022-04-16",
            "分享到：",
            "相关新闻",
            "版权声明",
            "# 标题",
            "**小标题**",
            "![](http://a.b/c.png)",
            "[高翔](http://a.b/c)说,见https://a.cn/x?y=1,居民",
            "他说(www.a.cn/b)。[公告](/a.htm)[url=http://a.b]全文[/url]",
            "http://a.b/c",
            "- 列表项",
        ]
    ),
)
PAGE = st.lists(LINE, max_size=14).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(lines))
)


def check_chain(docs: pd.DataFrame) -> int:
    """Each sentence equals its raw slice, without line breaks, converted and widened; gives the number of sentences."""
    _, paragraphs = cleaning.clean_docs(docs)
    rows = cleaning.sentences(paragraphs, docs)
    raw = docs.set_index("doc_id")["raw"]
    for row in rows.itertuples(index=False):
        assert glyphs.normal(raw[row.doc_id][row.start : row.end]) == row.text
        assert row.line == len(re.findall(r"\r\n|\r|\n", raw[row.doc_id][: row.start])) + 1
    return len(rows)


def one(text: str) -> pd.DataFrame:
    return pd.DataFrame({"doc_id": ["a"], "file": ["a.txt"], "raw": [text], "title": [""], "main": [None]})


@settings(max_examples=300, deadline=None)
@given(PAGE)
def test_sentences_stand_where_they_say_on_any_page(text):
    check_chain(one(text))


@settings(max_examples=200, deadline=None)
@given(PAGE)
def test_the_ledger_holds_every_line_once(text):
    lines, paragraphs = cleaning.clean(text)
    whole = re.split(r"\r\n|\r|\n", text)
    while len(whole) > 1 and whole[-1] == "" and len(whole) > len(lines):
        whole.pop()
    assert lines["line"].tolist() == list(range(1, len(whole) + 1)) or text == ""
    assert set(paragraphs["line"]) <= set(lines.loc[lines["action"] == "keep", "line"])
    assert lines.loc[lines["action"] == "keep", "zone"].isin(layout.KEPT).all()


def test_sentences_of_the_sample_stand_where_they_say():
    assert check_chain(texts.load(Study())[0]) > 1000


@pytest.mark.parametrize("corpus", ["five_reports", "dev_real"])
def test_sentences_of_real_pages_stand_where_they_say(shared, corpus):
    assert check_chain(texts.load(Study(corpus=shared / "corpus" / corpus))[0]) > 200


def test_sentences_end_outside_quotations():
    text = "“快走！”他说，“大家都走。”新区静下来。夜深了……灯还亮着"
    assert [text[a:b] for a, b in sentences.split(text)] == [
        "“快走！”他说，“大家都走。”新区静下来。",
        "夜深了……",
        "灯还亮着",
    ]
    text = " Apps opened。 OK。  "
    assert [text[a:b] for a, b in sentences.split(text)] == ["Apps opened。", "OK。"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("居民等了很久……终于出舱。", ["居民等了很久……", "终于出舱。"]),
        ("居民等了很久……，终于出舱。", ["居民等了很久……，终于出舱。"]),
        ("封控解除了！！”大家散去。", ["封控解除了！！”", "大家散去。"]),
        ("有人喊“来了”大家散去。", ["有人喊“来了”大家散去。"]),
        (" 排队。 回家 ", ["排队。", "回家"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_stops(text, expected):
    assert [text[a:b] for a, b in sentences.split(text)] == expected


def read_on(text: str) -> list[tuple[int, int]]:
    """The rule one character after the other: an end takes the marks behind it along, and is none inside “ ”."""
    place, depth, ends = 0, 0, []
    paired = text.count("“") == text.count("”")
    while place < len(text):
        sign, place = text[place], place + 1
        depth = max(0, depth + (sign == "“") - (sign == "”"))
        while sign == "…" and text[place : place + 1] == "…":
            place += 1
        if sign not in "。！？；…" or sign == "…" and text[place : place + 1] in tuple("，。！？；、”’）"):
            continue
        inside = paired and depth
        while text[place : place + 1] in tuple("，。！？；：、…’”）》】"):
            depth = max(0, depth - (text[place] == "”"))
            place += 1
        ends += [] if inside else [place]
    found = [(a + len(text[a:b]) - len(text[a:b].lstrip()), b) for a, b in pairwise([0, *ends, len(text)])]
    return [(a, a + len(text[a:b].rstrip())) for a, b in found if text[a:b].strip()]


@settings(max_examples=400)
@given(st.lists(st.text(st.sampled_from(list("字字字，。！？；：、……“”》 \n")), max_size=40), max_size=8))
def test_many_paragraphs_at_once_are_split_as_each_is_read(texts):
    found = [some.tolist() for some in sentences.spans(texts)]
    expected = [(number, *span) for number, text in enumerate(texts) for span in read_on(text)]
    assert list(zip(*found, strict=True)) == expected


def test_short_lines_of_a_notice_are_text():
    lines, _ = cleaning.clean(
        "通告\n现将有关事项通告如下：\n一、非必要不外出。\n二、测温扫码。\n三、服从管理。\n特此通告。"
    )
    assert (lines["action"] == "keep").all()


LINES = pd.read_csv(Path(__file__).parent / "page_lines.csv").groupby("is")["line"].agg(list)
TITLE, SOURCE, TAB = (
    "全市疫情防控工作会议召开",
    "来源：青沔日报 2022-04-16",
    "青沔网｜时政要闻｜全市疫情防控工作会议召开",
)
BODY = (
    "市疫情防控指挥部四月十六日召开会议，传达省里部署，研究下一步工作。会议要求各区压实责任，把措施落细落实。\n"
    "社区工作者挨家挨户上门登记，把药品和蔬菜送到居民手里。居民说，看到红马甲心里就踏实了，日子也有了盼头。"
)
NOTICE = (
    f"首页 > 通知公告\n关于加强疫情防控的通告\n发布时间：2022-04-16 浏览次数：123\n{BODY}\n名单如下：\n高桥二村3号\n"
)
FOOT = "扫一扫在手机打开当前页\n主办：市政府办公室 承办：大数据局"


def fate(page: str, line: str) -> set[str]:
    lines, _ = cleaning.clean(page)
    return set(lines.loc[lines["text"].str.strip() == line, "action"])


@pytest.mark.parametrize("line", LINES["furniture"])
def test_page_furniture_goes_above_and_below_the_text(line):
    assert fate(f"{TITLE}\n{SOURCE}\n{line}\n{BODY}\n{BODY}", line) <= {"drop"}
    assert fate(f"{TITLE}\n{SOURCE}\n{BODY}\n{BODY}\n{line}", line) <= {"drop"}


@pytest.mark.parametrize("line", LINES["foot"])
def test_the_foot_of_a_site_goes_below_the_text(line):
    assert fate(f"{TITLE}\n{SOURCE}\n{BODY}\n{BODY}\n{line}", line) == {"drop"}


@pytest.mark.parametrize("line", LINES["text"])
def test_short_lines_of_text_stay(line):
    assert fate(f"{TITLE}\n{SOURCE}\n{BODY}\n{line}\n{BODY}\n责任编辑：王某某", line) == {"keep"}
    assert fate(f"{TITLE}\n{BODY}\n{BODY}\n{line}\n青沔市疫情防控指挥部\n2022年4月16日", line) == {"keep"}
    assert fate(f"{NOTICE}{line}\n联勤村冯家宅\n凌河路354弄\n{FOOT}", line) == {"keep"}


@pytest.mark.parametrize(
    "first",
    [
        "本文为一名护士的日记。",
        "未经许可不得复制、转借通行证。",
        "凡来源于中高风险地区的人员，一律登记。",
        "以上就是发布会的全部内容，谢谢大家。",
        "居民扫一扫二维码即可完成登记。",
    ],
)
def test_a_paragraph_that_only_begins_as_furniture_does_stays(first):
    paragraph = f"{first}街道负责人表示，下一步将继续做好各项服务保障工作，把各项措施落到实处。"
    assert cleaning.clean(f"{TITLE}\n{BODY}\n{paragraph}")[1]["text"].tolist()[-1] == paragraph


@pytest.mark.parametrize(
    "line",
    [
        "青沔网 > 即时新闻 > 时政",
        "青沔网>>时政>>王某某",
        "Skip to content",
        "主办单位：青沔市融媒体中心",
        "社会热点2022-04-16 08:30:00佚名",
        "04-16 08:30   北门街道",
        "快讯 来源：青沔网 发布时间：2022-04-16 阅读量：12",
        "首页青沔时政社会民生教育健康旅游房产汽车",
        "作者：",
        "本篇文章588字，读完约1分钟",
        "为达最佳浏览效果，建议使用某某浏览器。",
        "本网站使用相关技术提供更好的阅读体验，同时尊重使用者隐私。当您关闭此窗口，即代表您同意上述规范。",
        "本网站使用相关技术提供更好的阅读体验。请同意我们的隐私权规范，当您关闭此窗口，即代表您同意上述规范。\n"
        "Sorry, your browser does not appear to support this page, would you like to go to another one?",
        "跳过导航",
        "（9）",
        "青沔网手机版",
        "Qingmian 行动版",
        "16/4/2022 9:20",
        "選單",
        "一月 2025\n30 31 1 2 3 4 5",
        "青沔月刊 2022年第4期",
        "立即下载",
        "医院新闻",
        "最新消息",
        "发表于 2022年4月",
        "lier2022-04-16青沔疫情967",
        "即时 热门 政治 社会 生活 健康 国际 地方 影音 3C 娱乐",
        "青沔论坛 › 城市生活 › 小区解封了，说说这十四天",
        "首 页 政 务 公 开 网 上 办 事 互 动 交 流",
        "索 引 号：00123/2022-00045 主题分类：卫生",
        "名　　称：青沔市人民政府办公室关于印发应急预案的通知",
        "发 布 机 构 市政府办公室 发 文 日 期 2022-04-16",
        "[ 索引号 ]00123/2022-00045 [ 发布机构 ]市卫健委 [ 发布日期 ]2022-04-16",
    ],
)
def test_what_a_site_puts_above_its_articles_is_neither_title_nor_text(line):
    assert cleaning.clean(f"{line}\n{TITLE}\n{BODY}")[1]["text"].tolist() == [TITLE, *BODY.split("\n")]


@pytest.mark.parametrize(
    "page",
    [
        f"青沔创业者之家的站长网\n您的位置：首页 > 社会\n{TITLE}\n{SOURCE}\n{BODY}",
        f"青沔网\n{TITLE}\n{SOURCE}\n{BODY}",
        f"青沔县人民政府\n政府信息公开\n{TITLE}\n{SOURCE}\n{BODY}",
    ],
)
def test_the_name_of_a_site_above_its_trail_is_not_the_title(page):
    assert cleaning.clean(page)[1]["text"].tolist() == [TITLE, *BODY.split("\n")]


@pytest.mark.parametrize(
    ("page", "rules"),
    [
        (f"<\n{TITLE}\n{BODY}", ["ornament", "first-short-line"]),
        (f"{TITLE}\n2022-04-16 10:21:05 字号：\n{BODY}", ["first-short-line", "timestamp"]),
    ],
)
def test_a_mark_alone_and_a_day_beside_a_button_are_furniture(page, rules):
    assert cleaning.clean(page)[0]["rule"].tolist()[:2] == rules


@pytest.mark.parametrize(
    "page",
    [
        f"首页 > 青沔概况 > 抗疫风采\n抗疫风采\n{TITLE}\n{BODY}",
        f"当前位置：首页 > 抗疫风采\n{TITLE}\n{SOURCE}\n抗疫风采\n{BODY}",
        f"青沔创业者之家\n资讯\n{TITLE}\n{SOURCE}\n{BODY}",
        f"青沔在线\n{TITLE}\n{BODY}\n版权所有：青沔在线",
        f"青沔在线\n{TITLE}\n来源：青沔在线\n{BODY}",
        f"{TITLE}\n青沔发布\n2022-04-16 10:21\n{BODY}",
        f"青沔网_要闻_{TITLE}\n{TITLE}\n{BODY}",
        f"{TAB}\n{TAB}\n{TITLE}\n{BODY}",
    ],
)
def test_where_on_its_site_a_page_stands_is_not_its_title(page):
    assert cleaning.clean(page)[1][["zone", "text"]].values.tolist()[0] == ["title", TITLE]
    assert cleaning.clean(page)[1]["text"].tolist() == [TITLE, *BODY.split("\n")]


@pytest.mark.parametrize("title", [f"{TITLE}\n{SOURCE}", "关于恢复公共交通的通告"])
def test_a_word_above_a_dated_headline_or_a_notice_stays_and_is_not_the_title(title):
    paragraphs = cleaning.clean(f"战疫一线\n{title}\n{BODY}")[1]
    below_a_menu = cleaning.clean(f"登录 注册\n战疫一线\n{TITLE}\n{BODY}")[0]
    assert below_a_menu["zone"].tolist()[:3] == ["navigation", "heading", "title"]
    assert paragraphs[["zone", "text"]].values.tolist()[:2] == [
        ["heading", "战疫一线"],
        ["title", title.split("\n")[0]],
    ]


@pytest.mark.parametrize(
    "page",
    [
        f"首页 > 战疫 > 守望\n守望\n{SOURCE}\n{BODY}",
        f"守望\n——青沔战疫侧记之三\n{SOURCE}\n{BODY}",
        f"守望\n{TITLE}\n{BODY}",
        f"守望\n灯火里的人\n{SOURCE}\n{BODY}",
        f"守望\n登录 注册\n{TITLE}\n{BODY}",
        f"灯火里的守夜人\n{TITLE}\n{SOURCE}\n{BODY}",
        f"灯火里的人们守望着湖\n登录 注册\n{TITLE}\n{SOURCE}\n{BODY}",
    ],
)
def test_a_title_stays_where_what_stands_below_may_be_a_heading(page):
    paragraphs = cleaning.clean(page)[1]
    assert paragraphs.loc[paragraphs["zone"] == "title", "text"].item()[:2] in ("守望", "灯火")


def test_a_title_that_ends_in_a_number_stands_again_below_itself():
    title = "周日突击围封：东胜道2至4号"
    assert cleaning.clean(f"{title}\n{title}\n{BODY}")[1]["text"].tolist() == [title, *BODY.split("\n")]


def test_a_subtitle_below_the_trail_keeps_its_title():
    page = f"青沔创业者之家的站长网\n首页 > 社会\n卡口守夜\n——青沔战疫侧记之三\n{SOURCE}\n{BODY}"
    assert cleaning.clean(page)[1]["text"].tolist()[:2] == ["卡口守夜", "——青沔战疫侧记之三"]


@pytest.mark.parametrize(
    ("above", "title"),
    [
        ("青沔县新冠肺炎\n疫情防控指挥部通告\n（第3号）", "青沔县新冠肺炎疫情防控指挥部通告（第3号）"),
        ("青沔县疫情防控指挥部\n通 告", "青沔县疫情防控指挥部通 告"),
        ("北门社区“疫情面前\n有我在”志愿行动", "北门社区“疫情面前有我在”志愿行动"),
        ("青沔区管委会\n关于恢复公共交通的通告\n〔2022〕第4号", "青沔区管委会关于恢复公共交通的通告〔2022〕第4号"),
        ("青沔县疫情防控指挥部\n2号令", "青沔县疫情防控指挥部2号令"),
        ("青沔市总工会\n致全市职工的倡议书\n来源：青沔市总工会", "青沔市总工会致全市职工的倡议书"),
        (f"{TITLE}\n各单位：", TITLE),
        (f"{TITLE}\n一线见闻", TITLE),
    ],
)
def test_a_title_goes_on_where_it_breaks_off_or_a_notice_says_what_it_is(above, title):
    lines, paragraphs = cleaning.clean(f"{above}\n{BODY}")
    assert paragraphs["text"].tolist()[0] == title
    assert (lines.loc[lines["continues"].notna(), "zone"] == "title").all()


def test_what_a_picture_shows_stands_twice_where_its_markup_says_it_too():
    shown = "社区志愿者在北门街道阳光花园门口为居民登记信息（资料照片，人物已作处理）"
    lines, paragraphs = cleaning.clean(f"{TITLE}\n{SOURCE}\n{shown}\n{shown}\n{BODY}")
    assert lines["rule"].tolist()[2:4] == ["said-twice"] * 2
    assert paragraphs["text"].tolist() == [TITLE, *BODY.split("\n")]


@pytest.mark.parametrize("source", ["\n青沔日报 青沔事 2022-04-16", ""])
def test_a_post_in_short_lines_below_the_buttons_of_its_page_is_text(source):
    said = ["4月16日", "北门街道发现四名感染者", "其中三人居住在", "阳光花园小区三号楼二单元"]
    page = "\n".join([f"查看原文\n其他\n{TITLE}{source}", *said, BODY])
    assert (cleaning.clean(page)[0]["action"] == "drop").sum() == 2 + len(source.splitlines()[1:])


def test_what_a_page_says_for_each_of_its_pictures_is_no_heading():
    first, second = BODY.split("\n")
    shown = "青沔守护者系列短片｜记红马甲的一天（附四月十六日疫情通报）"
    page = f"{TITLE}\n{first}\n{shown}\n{second}\n{shown}\n居民都说好。\n{shown}\n大家慢慢散去。"
    assert cleaning.clean(page)[1]["text"].tolist() == [TITLE, first, second, "居民都说好。", "大家慢慢散去。"]


def test_who_signs_three_notices_is_named_below_each():
    notice = "请居民配合，{}\n青沔市新型冠状病毒感染的肺炎疫情防控指挥部社区防控工作组\n2022年4月{}日"
    notices = [notice.format(f"第{n}轮核酸检测明日开始。", n) for n in "123"]
    assert (cleaning.clean("\n".join([TITLE, BODY, *notices]))[0]["action"] == "keep").all()


def test_rows_of_a_list_may_be_the_same_twice():
    row, end = "确诊病例居住于北门街道文化路社区阳光花园小区三号楼二单元", "以上地点均已消毒。"
    for rows in (f"{row}\n{row}", f"{row}\n{row}\n{row[:-4]}五单元", f"东城街道\n{row}\n{row}\n西城街道"):
        lines, _ = cleaning.clean(f"{TITLE}\n{BODY}\n名单如下：\n{rows}\n{end}")
        assert (lines["action"] == "keep").all()


def test_a_summary_that_breaks_off_above_what_it_says_is_no_text():
    first = BODY.split("\n")[0]
    for summary in (
        first[:44],
        f"{TITLE} {first[:30]}",
        f"摘要：{TITLE}各区人民政府，市直各单位，青沔市疫情防控指挥部四月十六日",
    ):
        lines, paragraphs = cleaning.clean(f"{TITLE}\n{SOURCE}\n{summary}\n{BODY}")
        assert lines["action"].tolist() == ["keep", "drop", "drop", "keep", "keep"]
        assert paragraphs["text"].tolist() == [TITLE, *BODY.split("\n")]


def test_a_day_without_its_year_above_the_text_is_when_it_appeared():
    assert cleaning.clean(f"{TITLE}\n日期：04-16\n{BODY}")[1]["text"].tolist() == [TITLE, *BODY.split("\n")]


def test_a_label_goes_with_the_address_below_it():
    lines, _ = cleaning.clean(f"{TITLE}\n{BODY}\n{BODY}\n名家专栏：\nhttps://example.org/zhuanlan\n")
    assert lines["action"].tolist()[-2:] == ["drop", "drop"]


def test_files_to_be_fetched_go_with_their_label_and_what_is_signed_below_stays():
    signed = ["青沔市疫情防控指挥部", "2022年4月16日"]
    page = "\n".join([TITLE, BODY, "附件：", "1.复工备案表.docx", "2.员工名单.xlsx", *signed])
    assert cleaning.clean(page)[1]["text"].tolist() == [TITLE, *BODY.split("\n"), *signed]


def test_the_neighbours_of_a_page_in_one_line_go_whatever_their_titles_end_with():
    pair = "上一篇：城南街道这一天，我们看见……  下一篇：采样点设在哪里、几点开门？社区回应来了！"
    kept = cleaning.clean(f"{TITLE}\n{BODY}\n{pair}\n")[1]["text"].tolist()
    assert kept == [TITLE, *BODY.split("\n")]


def test_a_line_that_leads_to_the_text_is_not_the_title():
    page = f"新闻公报\n{TITLE}\n< 返回\n以下是市卫健委主任今日上午出席公开活动前的谈话内容：\n{BODY}"
    assert cleaning.clean(page)[1]["text"].tolist()[0] == TITLE


def test_text_goes_on_below_who_made_a_part_of_it():
    end = "护士说，夜里病房很静，只听得见仪器的声音，她一间一间走过去，看每个人睡得好不好。"
    page = f"{TITLE}\n{BODY}\n夜班\n摄影：王某某\n{end}"
    assert cleaning.clean(page)[1]["text"].tolist()[-1] == end


@pytest.mark.parametrize(
    "title",
    [
        "青沔市征集抗疫正能量",
        "转发周知！青沔市最新通告",
        "重要通告，请转发！",
        "为最美逆行者点赞！",
        "视频｜大白的一天",
        "声明：关于网传信息的澄清",
        "疫情防控管理制度",
        "疫情防控第5版方案发布",
        "2022年4月16日青沔市疫情通报",
        "2022年4月16日青沔市新增病例活动轨迹情况（三）",
        "隔离日记、第三天、 2022年4月16日、青沔",
    ],
)
def test_a_title_may_hold_its_date_or_what_pages_say_below_their_text(title):
    assert cleaning.clean(f"{title}\n{BODY}")[0][["zone", "text"]].values.tolist()[0] == ["title", title]


@pytest.mark.parametrize("tab", [f"{TITLE}_要闻_青沔网", f"{TITLE} - 青沔市人民政府", f"{TITLE}｜青沔网"])
def test_what_a_browser_tab_says_is_not_the_title_below_it(tab):
    lines, paragraphs = cleaning.clean(f"{tab}\n{TITLE}\n{SOURCE}\n{BODY}")
    assert lines["rule"].tolist()[0] == "browser-title"
    assert paragraphs["text"].tolist() == [TITLE, *BODY.split("\n")]


def test_a_known_title_is_known_below_what_stands_above_it():
    page = f"首页要闻周末\n{TITLE}\n{SOURCE}\n{BODY}"
    lines, paragraphs = cleaning.clean(page, title=TITLE, main=frozenset([2, 4, 5]))
    assert lines["rule"].tolist()[:2] == ["above-the-title", "known-title"]
    assert paragraphs["text"].tolist() == [TITLE, *BODY.split("\n")]
    assert cleaning.clean(page, title=TITLE)[0]["zone"].tolist()[:2] == [
        "heading",
        "title",
    ]  # no markup, nothing is lost


def test_a_first_line_that_begins_with_its_dateline_is_no_title():
    first, last = BODY.split("\n")
    page = f"（中央社青沔16日电）{first[:30]}\n{first[30:]}\n{last}"
    assert cleaning.clean(page)[1]["text"].tolist()[0] == first[:30] + first[30:]


def test_the_title_of_a_notice_stands_again_in_two_lines_above_its_text():
    title = "青沔市人民政府办公室关于印发应急预案的通知"
    page = f"{title}\n\n青沔市人民政府办公室关于印发\n\n应急预案的通知\n\n各区人民政府：\n{BODY}"
    assert cleaning.clean(page)[1]["text"].tolist() == [title, "各区人民政府：", *BODY.split("\n")]


def test_numbered_lines_above_the_text_are_headings_not_the_end_of_a_list():
    page = f"{TITLE}\n{BODY}\n青沔市人民政府\n2022年4月16日\n应急预案\n第一章 总则\n1.1 编制目的\n{BODY[:40]}。"
    lines, _ = cleaning.clean(page)
    assert lines["zone"].tolist()[3:8] == ["list"] * 3 + ["heading"] * 2
    rows = "1 东城街道 3\n2 西城街道 1\n3 北门街道 0"
    counted = cleaning.clean(f"{TITLE}\n{BODY}\n{rows}\n{BODY[:40]}。")[0]
    assert counted["zone"].tolist()[3:6] == ["list"] * 3
    named = cleaning.clean(f"{TITLE}\n{BODY}\n1.东城街道\n2.西城街道\n3.北门街道\n{BODY[:40]}。")[0]
    assert named["zone"].tolist()[3:6] == ["list"] * 3


def test_what_leads_to_a_list_is_text_however_far_below_it_the_first_long_sentence_stands():
    lead = "为健全应急响应机制，提高应急管理能力，现公开征求意见，公众可通过以下方式提出意见："
    notice = f"{lead}\n联系电话：12345\n青沔县卫生健康局\n2022年4月15日\n应急预案\n一、总则\n（一）编制目的"
    lines, _ = cleaning.clean(f"关于应急预案公开征求意见的通知\n日期：2022-04-16 来源：青沔县卫健局\n{notice}\n{BODY}")
    assert lines["zone"].tolist()[:3] == ["title", "metadata", "body"]
    assert (lines["action"] == "keep").tolist()[2:] == [True] * 9


def test_the_day_under_a_short_notice_stays():
    items = "自四月十八日零时起调整封控区，事项通告如下：\n一、测温。\n二、登记。"
    page = f"关于调整封控区的通告\n{items}\n青沔市疫情防控指挥部\n2022年4月16日"
    assert (cleaning.clean(page)[0]["action"] == "keep").all()


def test_a_sentence_that_leads_to_a_list_is_no_title():
    first = "4月16日，青沔市报告两名无症状感染者，活动轨迹如下："
    assert cleaning.clean(f"{first}\n感染者一\n{BODY}")[1][["zone", "text"]].values.tolist()[0] == ["body", first]


def test_what_an_article_begins_with_is_said_above_its_title_for_readers_in_a_hurry():
    first, second = BODY.split("\n")
    lines, paragraphs = cleaning.clean(f"{first}\n{TITLE}\n{SOURCE}\n{first}\n{second}")
    assert paragraphs["text"].tolist() == [TITLE, first, second] and lines["zone"].tolist()[1] == "title"


@pytest.mark.parametrize(
    "dateline",
    [
        "中新网青沔4月16日电 (王某某 李某某)",
        "岭东网4月16日青沔讯（记者王某某通讯员李某某）",
        "青沔县融媒体中心4月16日讯（编辑 王某某）",
        "新京报讯（记者 王某某）",
        "红网时刻4月16日讯（青沔站记者 王某某）",
        "青沔4月16日电（记者 王某某）",
        "【青网】（记者 王某某 通讯员 李某某）",
        "云上青沔报道 (通讯员王某某) ",
        "本网讯：（王某某）",
        "〔记者王某某/岭东报导〕",
        "中國網(wǎng)青沔4月16日訊（記者 王某某）",
        "发布时间：2022-04-16 | 作者： 王某某 | 浏览次数： 12 ",
        "（中央社记者王某某青沔16日电）",
        "商报讯（记者王某某）",
        "青沔网·云上新闻4月16日讯 ",
        "图为社区登记现场。 王某某 摄",
        "Y! |. r3 ?7 s t9 x% i9 j",
        "??????",
    ],
)
def test_what_stands_before_the_first_sentence_goes(dateline):
    page = f"{TITLE}\n\u3000\u3000{dateline}{BODY}"
    lines, paragraphs = cleaning.clean(page)
    assert paragraphs["text"].tolist() == [TITLE, *BODY.split("\n")] and (lines["action"] == "keep").all()
    check_chain(one(page))


@pytest.mark.parametrize(
    "after", [" ! O6 e# V* w6 K8 q! v9 K0", " 【编辑：王某某】", "新华社发", "（编辑：王某某）1110416", "图/青沔网"]
)
def test_what_stands_behind_the_last_sentence_goes(after):
    page = f"{TITLE}\n{BODY}{after}"
    assert cleaning.clean(page)[1]["text"].tolist() == [TITLE, *BODY.split("\n")]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("當(dāng)前，社區(qū)有序開(kāi)展登記。", "当前，社区有序开展登记。"),
        ("紅十字會(huì )接收愛(ài)心口罩。", "红十字会接收爱心口罩。"),
        ("口罩(kǒu zhào)一词，新冠(COVID)一词。", "口罩（kǒu zhào）一词，新冠（COVID）一词。"),
        ("工作人员来到小区 , 发现出口已封闭 . 居民说 : 很好 ！", "工作人员来到小区，发现出口已封闭。居民说：很好！"),
        ("现将事项通告如下∶8∶30开始。", "现将事项通告如下：8：30开始。"),
        ("医院说 , 约 3 , 000 人。", "医院说，约3 , 000人。"),
    ],
)
def test_readings_and_spaced_marks_are_taken_as_a_reader_takes_them(raw, clean):
    page = f"{TITLE}\n{raw}"
    assert cleaning.clean(page)[1]["text"].tolist()[1] == clean
    check_chain(one(page))


@pytest.mark.parametrize(
    "sentence",
    [
        "据青沔新闻网消息，社区工作者挨家挨户登记，把药品送到居民手里。",
        "本报通讯员王某某从卡口发来消息，居民有序登记。",
        "本报电子版同步更新采样点名单，居民可以查询。",
        "新京报电话采访了三位居民。",
        "青沔网电视台开播专栏。",
        "央视新闻消息人士说，物资充足。",
        "（记者在现场看到）居民有序登记。",
    ],
)
def test_what_only_begins_like_a_dateline_is_text(sentence):
    assert cleaning.clean(f"{TITLE}\n{sentence}\n{BODY}")[1]["text"].tolist()[1] == sentence


def test_a_last_sentence_about_a_reporter_is_no_credit():
    last = f"{BODY}记者随后离开了这个小区"
    assert cleaning.clean(f"{TITLE}\n{last}")[1]["text"].tolist()[-1].endswith("记者随后离开了这个小区")


def test_a_paragraph_that_a_page_says_twice_is_kept_once():
    first, second = BODY.split("\n")
    lines, paragraphs = cleaning.clean(f"{TITLE}\n{first}\n{second}\n特此通告。\n{first}\n特此通告。")
    assert paragraphs["text"].tolist() == [TITLE, first, second, "特此通告。", "特此通告。"]
    assert lines["rule"].tolist()[4] == "repeats-text"


@pytest.mark.parametrize("key", ["", "摘要：", "核心提示："])
def test_what_a_notice_begins_with_is_said_below_its_title_for_readers_in_a_hurry(key):
    first = BODY.split("\n")[0]
    lines, paragraphs = cleaning.clean(f"{TITLE}\n{SOURCE}\n{key}{first}\n各区人民政府：\n{BODY}")
    assert lines["rule"].tolist()[2] == "repeats-text"
    assert paragraphs["text"].tolist() == [TITLE, "各区人民政府：", *BODY.split("\n")]


def test_short_lines_of_a_text_that_a_page_says_twice_are_kept_once():
    first, second = BODY.split("\n")
    text = ["药品送到门口", first, "大家都说好。", second, "青沔市疫情防控指挥部"]
    assert cleaning.clean("\n".join([TITLE, *text, *text]))[1]["text"].tolist() == [TITLE, *text]


def test_a_sentence_below_itself_is_kept_once():
    _, paragraphs = cleaning.clean(f"{TITLE}\n{BODY}\n居民在小区里排队。\n居民在小区里排队。\n好。\n好。")
    assert paragraphs["text"].tolist() == [TITLE, *BODY.split("\n"), "居民在小区里排队。", "好。", "好。"]


@pytest.mark.parametrize("again", [TITLE[2:], f"【青沔】{TITLE}", f"{TITLE}（图）"])
def test_a_line_that_is_most_of_the_title_says_it_again(again):
    assert cleaning.clean(f"{TITLE}\n{SOURCE}\n{again}\n{BODY}")[1]["text"].tolist() == [TITLE, *BODY.split("\n")]


@pytest.mark.parametrize("below", [f"昨天，{TITLE}。", "会议召开", "青沔县疫情防控指挥部\n2022年4月16日"])
def test_text_that_is_like_the_title_stays(below):
    title = TITLE if "年" not in below else "青沔县疫情防控指挥部第3号令"
    kept = cleaning.clean(f"{title}\n{BODY}\n{BODY}\n{below}")[1]["text"].tolist()
    assert kept[-len(below.split("\n")) :] == below.split("\n")


def test_the_title_it_ran_under_elsewhere_stands_below_its_key():
    _, paragraphs = cleaning.clean(f"{TITLE}\n原标题：\n一座城市的夜晚\n\n一、开会\n{BODY}")
    assert paragraphs["text"].tolist() == [TITLE, "一、开会", *BODY.split("\n")]


def test_a_post_that_quotes_the_press_comes_down_to_title_and_text():
    keys = "1.媒體來源：\n青沔新聞網\n2.記者署名\n王某某，李某某\n3.完整新聞標題："
    _, paragraphs = cleaning.clean(f"{keys}\n{TITLE}\n4.完整新聞內文：\n{BODY}")
    assert paragraphs[["zone", "text"]].values.tolist()[0] == ["title", TITLE]
    assert paragraphs["text"].tolist()[1:] == BODY.split("\n")


def test_what_a_paper_reminds_its_readers_of_is_not_the_article():
    reminder = "★ 青沔新聞網提醒您：\n外出時應配戴口罩、勤洗手，有疑似症狀應儘快就醫，經評估後採檢。\n※ 防疫專線：1922"
    assert cleaning.clean(f"{TITLE}\n{BODY}\n{BODY[:50]}。\n{reminder}")[1]["text"].tolist()[3:] == [f"{BODY[:50]}。"]


def test_on_a_page_that_is_a_picture_what_stands_under_it_is_the_text():
    under = BODY.replace("\n", "")
    _, paragraphs = cleaning.clean(f"{TITLE}\n{SOURCE}\n{under}新华社记者 王某某 摄")
    assert paragraphs["text"].tolist() == [TITLE, under]
    _, paragraphs = cleaning.clean(f"{TITLE}\n{SOURCE}\n{BODY}\n{under}新华社记者 王某某 摄")
    assert paragraphs["text"].tolist() == [TITLE, *BODY.split("\n")]  # there is other text


def test_what_a_picture_shows_does_not_end_the_article():
    page = "\n图：志愿者在社区门口为居民登记信息\n".join([TITLE, *BODY.split("\n"), *FOUR])
    assert cleaning.clean(page)[1]["text"].tolist() == [TITLE, *BODY.split("\n"), *FOUR]


@pytest.mark.parametrize(
    ("head", "publisher"),
    [
        ("来源：青沔网发布时间：2022-4-16", "青沔网"),
        ("来源：\n作者：\n2022-04-16", ""),
        ("来源： 更新时间：2022-04-16", ""),
        ("來(lái)源:健康時(shí)報(bào)網(wǎng)|分享", "健康时报网"),
        ("来源：央視網", "央视网"),
        ("本站未标有“来源：青沔网”的文章均为转载", ""),
        ("来源：    2022/04/16 14:22", ""),
        ("文章来源：https://example.org/a/1.html", ""),
        ("来源：青沔网2022-04-16 17:01", "青沔网"),
        ("来源：青沔高新区（北门区）融媒体中心", "青沔高新区（北门区）融媒体中心"),
        ("来源 / 青沔网", "青沔网"),
        ("来源：未知 作者：admin", ""),
        ("来源：本站原创作者：佚名", ""),
        ("感染来源/途径正在调查", ""),
        ("感染来源：农贸市场", ""),
        ("2022年4月16日来源：青沔网", "青沔网"),
        ("来 源：青沔日报", "青沔日报"),
        ("2022-04-16 08:30 来源于 青沔网", "青沔网"),
        ("发布机构：市卫健委 成文日期：2022-04-16", "市卫健委"),
        ("[ 发布机构 ]市卫健委 [ 主题分类 ]卫生", "市卫健委"),
        ("发布机构：市卫健委\n来源：青沔网", "青沔网"),
        ("发布日期 | 2022-04-16 | 发布机构 | 青沔县 |", "青沔县"),
        ("發稿單位:中央社", "中央社"),
        ("青沔日报 2022年04月16日", "青沔日报"),
        ("2022-04-16 10:25 青沔新闻网 王某某", "青沔新闻网"),
        ("王某某读青沔日报 2022年04月16日，很受鼓舞。", ""),
    ],
)
def test_the_source_is_a_name_and_no_other_key_of_the_page(head, publisher):
    assert metadata.source(f"{TITLE}\n{head}\n{BODY}") == publisher


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ("2022年04月16日15:46  来源：青沔网\n时间：2022年4月8日\n地点：方舱", "2022-04-16"),  # when it was written
        ("\n".join(["• 时政"] * 20) + "\n2022-04-16 06:30", "2022-04-16"),
        ("截至2022年4月10日 12:00，全市无新增。\n发布时间：2022-04-16", "2022-04-16"),
        ("2022年4月10日12:00起，全市静默，居民足不出户。", ""),
        ("全市无新增。\n社会新闻精选：\n- 2025年12月16日 07:38:07\n- 2025年12月15日 20:48:46", ""),
        ("• 2025-12-16 07:38:07\n• 阅读（17）", "2025-12-16"),
        (
            f"2022-04-16 15:50:38{' ' * 30}来源：青沔网 | 编辑：王某某 | 作者：李某某{' ' * 30}浏览量：2021",
            "2022-04-16",
        ),
        (
            "[ 索引号 ]00123/2022-00045 [ 发文字号 ]青政发〔2022〕4号 [ 发布日期 ]2022-04-16 [ 体裁分类 ]预案 [ 主题 ]卫生",
            "2022-04-16",
        ),
    ],
)
def test_day_and_hour_alone_tell_when_a_page_was_published(head, day):
    assert metadata.dated("", "", {}, f"{TITLE}\n{head}\n{BODY}", "a.txt")[0] == day


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("新华网青沔3月15日电（王小禾）3月6日以来，居民登记。", ["王小禾"]),
        ("新华社青沔1月4日电 (王小禾 李青)居民登记。", ["王小禾", "李青"]),
        ("本報訊（王小禾）居民登記。", ["王小禾"]),
        ("新华社青沔1月4日电（记者王小禾）居民登记。", ["王小禾"]),
        ("新华社青沔1月4日电（社区工作者）居民登记。", []),
        ("他说起停电（王小禾家）的夜晚。", []),
    ],
)
def test_whom_a_dateline_names_signs_the_article(line, names):
    assert [name for _, name, _ in bylines.bylines(f"{TITLE}\n{line}")] == names


def test_markup_left_in_a_text_file_is_read_as_a_reader_sees_it(tmp_path):
    (tmp_path / "a.txt").write_text(
        f"{TITLE}\n" + "".join(f'<p class="x">{text}</p>' for text in BODY.split("\n")), encoding="utf-8"
    )
    (tmp_path / "b.txt").write_text(f"{TITLE}\n{BODY}\n<br>另有少于5人（<5人）未到。\n", encoding="utf-8")
    docs, problems = texts.load(Study(corpus=tmp_path))
    assert problems.loc[problems["problem"].str.contains("tags"), "file"].tolist() == ["a.txt"]
    assert docs["raw"].tolist() == [f"{TITLE}\n{BODY}", f"{TITLE}\n{BODY}\n<br>另有少于5人（<5人）未到。\n"]


@pytest.mark.parametrize("what", ["转载", "复制", "摘编", "镜像", "建立镜像"])
def test_each_use_that_a_site_forbids_is_known(what):
    for line in (f"未经授权不得{what}", f"本站内容未经书面许可，任何媒体和个人谢绝{what}。"):
        assert fate(f"{TITLE}\n{SOURCE}\n{BODY}\n{BODY}\n{line}", line) == {"drop"}


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("志愿者[高翔](http://example.org)说，社区很忙。", "志愿者高翔说，社区很忙。"),
        ("见[公告](https://a.b/c?d=(1)&e=2)，又见[详情](/x/y.htm)。", "见公告，又见详情。"),
        ("详见 https://www.qm.gov.cn/art/2022/4/1/art_12.html 。居民说好。", "详见。居民说好。"),
        ("登录www.qm.gov.cn/a?b=1,居民登记。", "登录，居民登记。"),
        ("通告（https://a.b/c）已发，居民登记（试行）。", "通告已发，居民登记（试行）。"),
        ("[url=http://a.b/c]报道[/url]说，[b]很好[/b]。", "报道说，很好。"),
        ("通告[2020]（试行）第3号，见附[注](见附件)。", "通告[2020]（试行）第3号，见附[注]（见附件）。"),
    ],
)
def test_addresses_are_no_text_and_what_carries_them_is(raw, clean):
    lines, paragraphs = cleaning.clean(f"{TITLE}\n{raw}")
    text, offsets = paragraphs[["text", "offsets"]].values.tolist()[1]
    assert text == clean and lines["text"].tolist()[1] == raw
    assert glyphs.widened("".join(f"{TITLE}\n{raw}"[place] for place in offsets)) == clean
    check_chain(one(f"{TITLE}\n{raw}"))


@pytest.mark.parametrize("line", ["https://a.b/c?d=1", "www.qm.gov.cn", "[公告](http://a.b/c)"])
def test_a_line_that_is_an_address_goes_as_a_link(line):
    lines, _ = cleaning.clean(f"{TITLE}\n{BODY}\n{line}\n{BODY}")
    assert lines.loc[lines["text"] == line, ["zone", "rule"]].values.tolist() == [["related", "bare-link"]]


@pytest.mark.parametrize(
    "above",
    [
        "云泽日报",
        "雲澤日報\n2022-04-16",
        "临河晚报\n记者 王某某",
        "《云泽都市报》",
        "云泽疾控\n2022年4月16日",
        "云泽市融媒体中心",
        "云泽发布\n第03版：要闻",
        "云泽传媒",
        "云泽频道",
        "王某的博客",
        "健康云泽",
    ],
)
def test_the_name_of_a_paper_is_not_the_title_below_it(above):
    lines, paragraphs = cleaning.clean(f"{above}\n{TITLE}\n{BODY}")
    assert lines["zone"].tolist()[0] == "metadata" and lines["rule"].tolist()[0] == "masthead"
    assert paragraphs[["zone", "text"]].values.tolist()[0] == ["title", TITLE]
    assert paragraphs["text"].tolist()[1:] == BODY.split("\n")


@pytest.mark.parametrize(
    ("page", "title"),
    [
        (f"云泽日报\n2022-04-16\n{BODY}", "云泽日报"),  # there is no other
        (f"一名记者与云泽日报\n{TITLE}\n{BODY}", "一名记者与云泽日报"),
        (f"云泽日报\n守望\n{BODY}", "云泽日报"),
        (f"早报\n{TITLE}\n{BODY}", "早报"),
        (f"健康提示\n{TITLE}\n{BODY}", "健康提示"),
        ("云泽疾控\n" + "\n".join(["社区工作者挨家挨户登记把药品和蔬菜送到居"] * 9) + "。", "云泽疾控"),
    ],
)
def test_what_only_looks_like_a_masthead_stays_the_title(page, title):
    assert cleaning.clean(page)[1]["text"].tolist()[0] == title
    assert cleaning.clean(page, title=title)[1]["text"].tolist()[0] == title


def test_the_title_of_a_later_page_is_said_again_without_its_number():
    title = "全市疫情防控｜有人讲起“守夜人”，居民怎么说？工作组这样答！"
    page = f"{title}( 二 )\n有人守夜。\n{title}\n文章插图\n1月16日，\n社区统计了一组数字。\n{title}{title}\n文章插图\n居民说安心。"
    lines, paragraphs = cleaning.clean(page)
    assert lines["rule"].eq("repeats-title").sum() == 2
    assert paragraphs["text"].tolist()[1:] == ["有人守夜。", "1月16日，社区统计了一组数字。", "居民说安心。"]


def test_a_known_title_below_the_masthead_is_known():
    lines, _ = cleaning.clean(f"云泽日报\n{TITLE}\n{BODY}", title=TITLE)
    assert lines["rule"].tolist()[:2] == ["masthead", "known-title"]


@pytest.mark.parametrize("credit", ["审核\n王小禾", "青沔日报记者王小禾", "编辑\n王 芳 李青"])
def test_below_the_text_names_under_their_key_or_with_their_office_are_a_credit(credit):
    lines, _ = cleaning.clean(f"{TITLE}\n{BODY}\n{credit}")
    assert set(lines["zone"].tolist()[3:]) == {"credit"}


FOUR = ["居民在社区门口排队。", "工作人员逐户登记，把药品送上门。", "志愿者搬来蔬菜。", "街道说，物资充足。"]
GOES_ON = "大家都说心里踏实了。"


def joined_lines(page: str) -> list[int]:
    lines, _ = cleaning.clean(page)
    return lines.loc[lines["continues"].notna(), "line"].tolist()


@pytest.mark.parametrize("mark", ["\u3000\u3000", "    ", "\xa0\xa0", "\n\u3000\u3000"])
def test_a_line_that_is_not_set_in_goes_on_where_all_paragraphs_are(mark):
    shown = [f"{mark}{text}" for text in FOUR]
    shown[1] += f"\n{GOES_ON}"
    _, paragraphs = cleaning.clean("\n".join([TITLE, *shown]))
    assert paragraphs["text"].tolist() == [TITLE, FOUR[0], FOUR[1] + GOES_ON, *FOUR[2:]]


def test_a_wrapped_line_that_ends_with_a_sentence_goes_on_where_blank_lines_part_paragraphs():
    first = "居民清早在社区门口排队，工作人员戴着口罩挨家挨户登记，又把药品和新鲜蔬菜一样一样送"
    second = "上门。志愿者搬来蔬菜，街道说，物资一直都很充足，请大家放心。"
    page = f"{TITLE}\n\n{FOUR[0]}\n\n{first}\n{second}\n{GOES_ON}\n\n{FOUR[2]}\n\n{FOUR[3]}\n\n{first}\n{second}"
    _, paragraphs = cleaning.clean(page)
    assert paragraphs["text"].tolist()[2] == first + second + GOES_ON and len(paragraphs) == 6


@pytest.mark.parametrize(
    "page",
    [
        "\n".join([TITLE, *FOUR, GOES_ON]),  # nothing sets paragraphs apart
        "\n".join([TITLE, *(f"\u3000\u3000{text}\n{GOES_ON}" for text in FOUR)]),  # every second is not set in
        "\n\n".join([TITLE, FOUR[0], f"{FOUR[1]}\n{GOES_ON}", *FOUR[2:]]),  # a blank line was forgotten
        "\n".join([TITLE, *(f"\u3000\u3000{text}" for text in FOUR[:2]), GOES_ON]),  # two are too few
        "\n".join([TITLE, *(f"\u3000\u3000{text}" for text in FOUR), "责任编辑：王某某", GOES_ON]),  # a line between
        "\n".join([TITLE, *(f"\u3000\u3000{text}" for text in FOUR), f"一、{GOES_ON}"]),  # an item
    ],
)
def test_lines_that_may_be_paragraphs_are_not_joined(page):
    assert joined_lines(page) == []


@pytest.mark.parametrize("byline", ["实习生王某某", "青沔网记者李小红", "王 芳 李小红"])
def test_names_under_the_title_are_a_byline_with_their_office_or_a_blank_in_them(byline):
    lines, _ = cleaning.clean(f"{TITLE}\n{byline}\n{BODY}")
    assert lines["zone"].tolist() == ["title", "byline", "body", "body"]


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (
            "全市各区今天一早设置了核酸采样点，并向居民逐户发放通知（东区5个，西区3个，北区2个）\n、临时采样点（南区4个）。",
            [3],
        ),  # none begins with such a sign
        ("居民有序排队。工作人员挨家挨户登记，本报通讯员供图\n本报讯（记者王某某）大家都说心里踏实了。", []),
        ("居民有序排队，居民的名单如下；\n。乱码一。\n。乱码二。", []),  # garbled, and a sentence ends above
        ("今日更新。谢谢\n\n大家都说心里踏实了，日子有盼头了。", []),  # a blank line after a short one
    ],
)
def test_where_a_line_goes_on(lines, joined):
    assert joined_lines(f"{TITLE}\n{lines}") == joined


def test_a_post_in_short_lines_is_read_in_sentences():
    post = "据了解，\n\n近日，\n\n全市社区工作者\n\n挨家挨户登记，\n\n把药品送上门。\n\n各个街道\n\n以网格为单位\n\n成立了服务队。"
    _, paragraphs = cleaning.clean(f"{TITLE}\n\n{post}\n\n{BODY}")
    told = ["据了解，近日，全市社区工作者挨家挨户登记，把药品送上门。", "各个街道以网格为单位成立了服务队。"]
    assert paragraphs["text"].tolist() == [TITLE, *told, *BODY.split("\n")]


def test_a_list_of_places_on_such_a_page_is_no_sentence():
    places = "\n".join(f"凌河路{n}弄" for n in range(301, 309))
    post = f"据了解，\n近日，\n清早，\n雨中，\n全市社区工作者\n挨家挨户登记。\n{places}\n以上地点已经消毒。"
    assert joined_lines(f"{TITLE}\n{post}\n{BODY}") == [3, 4, 5, 6, 7]


MENUS = "首页\n新闻\n时政\n社会\n财经\n登录 注册\n今日青沔\n区县动态"
LINKS = (
    "相关新闻\n"
    + "\n".join(f"区县动态之{n}，某地召开部署会" for n in "一二三四五六")
    + "\n关于我们 | 联系我们 | 网站地图"
)
COMMENTS = "网友评论\n某网友 6天前\n早就该这样了，支持社区的同志们，大家都辛苦了，希望早点结束。\n举报 赞12 回复"


def test_a_page_copied_whole_comes_down_to_its_article():
    _, paragraphs = cleaning.clean("\n".join([MENUS, TITLE, SOURCE, BODY, BODY, "责任编辑：王某某", LINKS, COMMENTS]))
    assert paragraphs["text"].tolist() == [TITLE, *BODY.split("\n")]  # the page says it twice


@pytest.mark.parametrize("key", ["来源：青沔日报", "阅读：128", "（本报记者 高翔）"])
def test_headlines_below_a_key_or_a_byline_under_the_text_are_not_the_article(key):
    below = f"{key}\n口罩厂昼夜赶工 记者探访车间\n城南小学今日复课"
    assert cleaning.clean(f"{TITLE}\n{BODY}\n{below}")[1]["text"].tolist() == [TITLE, *BODY.split("\n")]


def test_a_foot_ends_a_page_whose_one_paragraph_lost_its_full_stop():
    text = BODY.split("\n")[0] + "指挥部要求各区立即行动，当天完成第一轮核酸采样，次日公布结果，确保不漏一户一人"
    page = f"{TITLE}\n{SOURCE}\n{text}\n特此通告\n青沔市人民政府版权所有\n网站主办单位 青沔市人民政府办公室"
    assert cleaning.clean(page)[0]["action"].tolist() == ["keep", "drop", "keep", "keep", "drop", "drop"]


SIGNED = f"{TITLE}\n{BODY}\n青沔市疫情防控指挥部\n2022年4月16日\n"


def test_headlines_below_the_day_that_signs_a_notice_are_not_the_notice():
    lines = cleaning.clean(f"{SIGNED}“湖上飞来客”：青沔湿地迎来越冬候鸟\n青沔至临河城际铁路春运期间加开列车\n")[0]
    assert lines["action"].tolist() == ["keep"] * 5 + ["drop"] * 2


@pytest.mark.parametrize(
    "below",
    [
        "青沔市北门街道城南小学东操场采样点\n青沔市北门街道阳光花园南广场采样点",
        "附件：青沔市核酸采样点位一览\n青沔市人民医院门诊楼前临时采样方舱",
        "北门街道阳光花园小区三号楼2\n南门街道城南小学教职工宿舍5",
        "一、青沔市第一批核酸采样点位公布\n二、青沔市第二批方舱医院启用安排",
        "抄送：市委办公室、市人大办公室\n青沔市疫情防控指挥部办公室秘书组印发",
        "（此件主动公开）\n青沔市疫情防控指挥部办公室秘书组印发",
        "青沔市新冠肺炎疫情防控期间企业复工指南\n青沔市疫情防控指挥部办公室编制\n企业复工前应当备案。",
        "青沔市北门街道城南小学东操场采样点",
    ],
)
def test_what_a_notice_says_below_its_day_stays(below):
    assert (cleaning.clean(SIGNED + below)[0]["action"] == "keep").all()


@pytest.mark.parametrize("last", ["附件：采样点名单", "1. 城南小学", "2022年4月16日", "请居民互相转告。"])
def test_what_a_notice_ends_with_stays_below_its_source(last):
    _, paragraphs = cleaning.clean(f"{TITLE}\n{BODY}\n来源：青沔日报\n青沔市疫情防控指挥部\n{last}")
    assert paragraphs["text"].tolist()[-2:] == ["青沔市疫情防控指挥部", last]


def test_an_article_in_short_open_lines_survives_a_page_around_it():
    """Lines that end in commas are text too, however little they look like it."""
    verse = "\n".join(f"第{n}天，门口的灯还亮着，" for n in "一二三四五六七八九") + "\n天就亮了。"
    _, paragraphs = cleaning.clean("\n".join([MENUS, TITLE, SOURCE, verse, "分享到：微信", LINKS]))
    assert "门口的灯还亮着" in "".join(paragraphs["text"]) and "天就亮了" in "".join(paragraphs["text"])


def test_numbers_alone_on_a_line_are_data_unless_they_count_up():
    table = "各区新增如下：\n东城区\n3\n西城区\n1\n南城区\n1"
    assert (cleaning.clean(f"{TITLE}\n{BODY}\n{table}")[0]["action"] == "keep").all()
    pages = f"{TITLE}\n{BODY}\n1\n{BODY}\n2\n{BODY}\n3"
    assert (cleaning.clean(pages)[0]["rule"] == "page-number").sum() == 3


@pytest.mark.parametrize(("where", "pattern"), [("foot", "来源"), ("line", "来源(")])
def test_a_broken_rule_stops_at_once_and_says_which(monkeypatch, where, pattern):
    row = {"id": "mine", "zone": "metadata", "where": where, "pattern": pattern}
    real = furniture.lexicon.rows
    monkeypatch.setattr(furniture.lexicon, "rows", lambda name, *c: (row,) if name == "furniture" else real(name, *c))
    furniture.rules.cache_clear()
    with pytest.raises(CorpusError, match="mine"):
        furniture.rules()
    furniture.rules.cache_clear()


def test_a_person_overrules_the_rules():
    page = "标题在此处\n分享到：微信\n正文一句话，说明情况。"
    assert cleaning.clean(page)[0]["action"].tolist() == ["keep", "drop", "keep"]
    assert cleaning.clean(page, overrides={2: "body"})[0]["zone"].tolist()[1] == "body"


def test_an_override_of_a_line_that_is_not_there_is_told(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "q.txt").write_text(f"{TITLE}\n\n{BODY}\n", encoding="utf-8")
    (corpus / "r.txt").write_text(f"{TITLE}\n{BODY}{BODY}", encoding="utf-8")
    rows = "q.txt,99,body\nq.txt,5,body\nq.txt,4,body\nq.txt,2,body\nq.txt,0,body\nr.txt,1,heading\n"
    (corpus / "overrides.csv").write_text(f"file,line,zone\n{rows}", encoding="utf-8")
    told = store.load(Study(corpus=corpus, results=tmp_path / "results"), "problems")
    told = told[told["file"] == "overrides.csv"]
    assert told["problem"].tolist() == [
        "q.txt has 4 lines; line 99 of overrides.csv changes nothing",
        "q.txt has 4 lines; line 5 of overrides.csv changes nothing",
        "q.txt line 2 is blank; its row of overrides.csv changes nothing",
        "q.txt has 4 lines; line 0 of overrides.csv changes nothing",
    ]
    assert set(told["severity"]) == {"doubt"}


def words_of(paragraphs: pd.DataFrame) -> str:
    return re.sub(r"\W", "", "".join(paragraphs["text"]))


@settings(max_examples=200, deadline=None)
@given(PAGE)
def test_cleaning_its_own_output_drops_nothing(page):
    once = cleaning.clean(page)[1]
    assert words_of(cleaning.clean("\n".join(once["text"]))[1]) == words_of(once)


def test_cleaning_the_clean_sample_drops_nothing():
    for raw in texts.load(Study())[0]["raw"]:
        once = cleaning.clean(raw)[1]
        assert "".join(cleaning.clean("\n".join(once["text"]))[1]["text"]) == "".join(once["text"])


@pytest.mark.parametrize(
    "line",
    [
        "责任编辑" * 20_000,
        "（" * 100_000,
        " " * 200_000 + "。",
        "2022-" * 60_000,
        "分享 " * 60_000,
        "[" * 80_000,
        "**" * 80_000,
    ],
)
def test_no_line_takes_more_than_linear_time(line):
    import time

    start = time.perf_counter()
    cleaning.clean(f"标题\n{line}\n正文一句话。")
    assert time.perf_counter() - start < 20  # quadratic patterns take minutes here


def test_line_decisions_on_the_sample():
    answers = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((SAMPLE / "truth").glob("*.json"))
    }
    lines, _ = cleaning.clean_docs(texts.load(Study())[0])
    scores = scoring.line_decisions(lines, answers)
    assert scores["drop"].f1 >= 0.97 and scores["join"].f1 == 1.0 and scores["heading"].f1 >= 0.97


def test_line_decisions_on_two_real_reports(shared):
    answers = json.loads((shared / "gold" / "five_reports_dev.json").read_text(encoding="utf-8"))["docs"]
    lines, paragraphs = cleaning.clean_docs(texts.load(Study(corpus=shared / "corpus" / "five_reports"))[0])
    assert {key: score.f1 for key, score in scoring.line_decisions(lines, answers).items()} == {
        "drop": 1.0,
        "join": 1.0,
        "heading": 1.0,
    }
    for doc, answer in answers.items():
        own = paragraphs[(paragraphs["doc_id"] == doc) & paragraphs["zone"].isin(["body", "list"])]
        assert own["line"].tolist() == answer["clean_expectation"]["body_paragraph_first_lines"]


@pytest.mark.parametrize("name", ["press", "hongkong"])
def test_noise_of_real_pages_goes(shared, name):
    answers = json.loads((shared / "gold" / f"dev_real_{name}.json").read_text(encoding="utf-8"))["docs"]
    lines, _ = cleaning.clean_docs(texts.load(Study(corpus=shared / "corpus" / "dev_real"))[0])
    assert scoring.line_decisions(lines, answers)["drop"].f1 >= 0.95


def test_strings_of_government_pages_stay_or_go(shared):
    answers = json.loads((shared / "gold" / "dev_real_html.json").read_text(encoding="utf-8"))["docs"]
    docs, _ = texts.load(Study(corpus=shared / "corpus" / "dev_real"))
    docs = docs[docs["doc_id"].isin(answers)]
    lines, paragraphs = cleaning.clean_docs(docs)
    dates = docs.set_index("doc_id")["date"]
    for doc, answer in answers.items():
        text = "\n".join(paragraphs.loc[paragraphs["doc_id"] == doc, "text"])
        assert glyphs.normal(answer["title"]) in text and dates[doc] == answer["published"]["value"]
        assert answer["first_sentence"] in text and answer["last_sentence"] in text
        assert not any(furniture in text for furniture in answer["furniture"])
        own = lines[(lines["doc_id"] == doc) & (lines["zone"] != "blank")]
        kept = own.loc[own["action"] == "keep", "text"].str.len().sum()
        assert kept > 0.97 * own["text"].str.len().sum()  # tables and lists of places stay whole


def test_spans_come_back_to_their_raw_line(results):
    study = Study(results=results)
    docs = store.load(study, "docs").set_index("doc_id")["raw"]
    rows = store.load(study, "quantities")
    for row in rows.itertuples(index=False):
        raw_line = re.split(r"\r\n|\r|\n", docs[row.doc_id])[row.line - 1]
        assert glyphs.normal(raw_line[row.start : row.end]).startswith(row.surface[: row.end - row.start])


@pytest.mark.parametrize(
    "post", ["#社区日记# 今天三轮检测。排队的人都站得很开。", "#守望相助#今天有人送菜上门，谢谢楼长。"]
)
def test_a_post_that_opens_with_its_hashtag_is_text_and_a_marked_title_a_title(post):
    lines, _ = cleaning.clean(post)
    assert lines["zone"].tolist() == ["body"]
    assert cleaning.clean(f"# 社区日记\n{post}")[0]["zone"].tolist() == ["title", "body"]


@pytest.mark.parametrize("below", ["云泽县医院抗疫一个月纪实", "一名社区书记的二十四小时"])
def test_a_short_title_keeps_its_place_above_a_subtitle_that_names(below):
    _, paragraphs = cleaning.clean(f"抗疫日记\n{below}\n2022-04-16 来源：云泽发布\n{BODY}")
    assert paragraphs["text"].tolist()[:2] == ["抗疫日记", below]
    assert paragraphs["zone"].tolist()[:2] == ["title", "heading"]
