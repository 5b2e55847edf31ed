"""What the codebooks promise, what coding and comparing must keep, and how well a reader's coding is met."""

import json
import os
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers import cleaning, coder, comparing, frames, matching, texts
from helpers.codebook import LEXICON, bare, read_codebook
from helpers.reliability import ac1, alpha
from helpers.study import SAMPLE, CorpusError, Study
from tests import scoring

SHARED = Path(os.environ.get("SHARED", Path(__file__).parents[2] / "shared"))
BOOK = read_codebook()
GENERIC = read_codebook(LEXICON / "codebook_generic.yml")
FRAMES = [pytest.param(book, frame, id=f"{book.id}-{frame.id}") for book in (BOOK, GENERIC) for frame in book.frames]

TINY = """
codebook: {id: tiny, version: 1, language: zh-Hans}
negation: {cues: [不, 没有], reach: 4, exceptions: [没有硝烟]}
frames:
- {id: war, zh: 战争, en: War, definition: d, include: i, exclude: e, source: s,
   terms: [打响, 阻击战, 战“疫”, 硝烟], weak: [防线], not: [价格战打响],
   rules: [{why: charge, any: [一线], with: [奔赴], within: 4},
           {why: order, any: [政府], with: [要求], without: [没有], within: clause, order: then},
           {why: kin, any: [母亲], with: [手术], also: [没能, 转身], within: sentence},
           {why: hours, any: [小时], with: [完成], without: [患者], within: 2, order: then}],
   examples: {include: [战役打响。], exclude: [天晴。]}}
- {id: duty, zh: 责任, en: Duty, definition: d, include: i, exclude: e, source: s, terms: [责任, 责任制],
   examples: {include: [责任在肩。], exclude: [天晴。]}}
"""


def read(tmp_path: Path, text: str):
    path = tmp_path / f"{abs(hash(text))}.yml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return read_codebook(path)


@pytest.fixture
def tiny(tmp_path):
    return read(tmp_path, TINY)


def found(book, text: str) -> list[tuple[str, str]]:
    hits = matching.find([text], book)
    return [(book.ids[frame], term) for frame, term in zip(hits["frame"], hits["term"], strict=True)]


def paragraphs(*texts: str) -> pd.DataFrame:
    numbers = range(1, len(texts) + 1)
    return pd.DataFrame({"doc_id": "甲", "paragraph": numbers, "line": numbers, "zone": "body", "text": texts})


# the codebooks


@pytest.mark.parametrize("book, frame", FRAMES)
def test_every_frame_is_found_in_its_examples_and_not_in_its_counterexamples(book, frame):
    for example in frame.examples:
        assert frame.id in {f for f, _ in found(book, example)}, example
    for example in frame.counterexamples:
        assert frame.id not in {f for f, _ in found(book, example)}, example


@pytest.mark.parametrize("book, frame", FRAMES)
def test_every_term_finds_its_frame(book, frame):
    hits = matching.find(frame.terms, book)
    coded = set(hits.loc[hits["frame"] == book.ids.index(frame.id), "text"])
    assert [term for number, term in enumerate(frame.terms) if number not in coded] == []


def test_thirteen_frames_have_a_definition_a_source_and_two_labels():
    assert len(BOOK.ids) == 13
    assert all(frame.definition and frame.source and frame.include and frame.exclude for frame in BOOK.frames)
    assert set(BOOK.labels("en")) == set(BOOK.labels("zh")) == set(BOOK.ids)
    assert BOOK.labels("both")["season_hope"] == "季节与希望 Season and hope"


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("id: duty", "id: war", "used 2 times"),
        ("terms: [责任,", "terms: [打响, 责任,", "term of war and duty"),
        ("阻击战", "阻擊戰", "not Simplified; write 阻击战"),
        ("[责任, 责任制]", "['责任,制']", "half-width"),
        ("include: [责任在肩。]", "include: []", "at least one include"),
        ("weak: [防线]", "weak: [打响]", "both a term and a weak word"),
        ("within: 4", "within: page", "within must be one of"),
        ("weak:", "week:", "unknown key 'week'"),
        ("zh: 责任, en: Duty, ", "", "frame duty lacks zh, en;"),
        ("terms: [责任, 责任制]", "terms: 责任", "'责任' stands where a list is asked for"),
        ("include: [责任在肩。]", "include: 责任在肩。", "'责任在肩。' stands where a list"),
        ("any: [母亲]", "any: 母亲", "'母亲' stands where a list"),
        ("frames:", "frames: [", "not readable as UTF-8 YAML near line"),
    ],
)
def test_a_codebook_that_would_miscode_is_refused_in_one_sentence(tmp_path, old, new, message):
    with pytest.raises(CorpusError, match=message):
        read(tmp_path, TINY.replace(old, new, 1))


def test_a_missing_codebook_names_the_path(tmp_path):
    with pytest.raises(CorpusError, match="nowhere.yml"):
        read_codebook(tmp_path / "nowhere.yml")


def test_the_hash_changes_with_the_content_and_a_shared_term_may_serve_two_frames(tmp_path, tiny):
    shared = "shared_terms: [打响]\n" + TINY.lstrip().replace("terms: [责任,", "terms: [打响, 责任,")
    other = read(tmp_path, shared)
    assert other.hash != tiny.hash
    assert found(other, "打响") == [("war", "打响"), ("duty", "打响")]


# matching


def test_quotation_marks_do_not_hide_a_term_and_offsets_are_those_of_the_text(tiny):
    for text in ("我们战疫。", "我们战“疫”。", "我们“战疫”。"):
        hit = frames.code(paragraphs(text), tiny).iloc[0]
        assert hit.term == "战疫" == bare(text[hit.start : hit.end])


def test_every_hit_says_what_kind_of_evidence_it_is_and_why(tiny):
    codes = frames.code(paragraphs("战役打响，奔赴一线，筑牢防线。"), tiny)
    assert codes[["term", "kind", "why"]].values.tolist() == [
        ["打响", "term", ""],
        ["一线", "rule", "charge"],
        ["防线", "weak", ""],
    ]
    withheld = frames.code(paragraphs("有人隐瞒疫情。"), BOOK).query("frame == 'information_accountability'")
    assert len(withheld) and withheld["why"].str.startswith("withheld:").all()


def test_the_longest_match_wins_within_a_frame(tiny):
    assert found(tiny, "责任制") == [("duty", "责任制")]


def test_a_weak_word_counts_only_beside_evidence_in_its_unit(tiny):
    assert found(tiny, "筑牢防线。") == []
    assert found(tiny, "战役打响。筑牢防线。") == [("war", "打响"), ("war", "防线")]


def test_a_phrase_under_not_silences_the_word_inside_it(tiny):
    assert found(tiny, "价格战打响了。") == []


def test_a_window_counts_characters_and_a_clause_ends_at_a_comma(tiny):
    assert found(tiny, "奔赴疫情一线") == [("war", "一线")]
    assert found(tiny, "奔赴五百里外的一线") == []
    assert found(tiny, "政府要求停课") == [("war", "政府")]
    assert found(tiny, "要求政府停课") == []
    assert found(tiny, "政府开会，要求停课") == []
    assert found(tiny, "政府没有要求停课") == []


def test_a_third_thing_may_be_asked_for_anywhere_in_the_scope(tiny):
    assert found(tiny, "转身上岗，母亲正做手术。") == [("war", "母亲")]
    assert found(tiny, "母亲正做手术。") == []
    assert found(tiny, "母亲没能来。") == []
    assert found(tiny, "母亲正做手术。他转身上岗。") == []


def test_a_window_and_a_unit_reach_over_full_stops_and_end_with_the_paragraph(tiny, tmp_path):
    assert found(tiny, "奔赴。一线") == [("war", "一线")] and found(tiny, "奔赴\n一线") == []
    unit = read(tmp_path, TINY.replace("within: 4", "within: unit"))
    assert found(unit, "他们奔赴各地。全区上下，坚守一线。") == [("war", "一线")] and found(unit, "奔赴\n一线") == []


def test_what_bars_a_window_is_looked_for_in_the_whole_sentence(tiny):
    assert found(tiny, "八小时完成转运。") == [("war", "小时")]
    assert found(tiny, "八小时完成转运，患者平安。") == []
    assert found(tiny, "八小时完成转运。患者平安。") == [("war", "小时")]


def test_negation_is_flagged_and_lexicalised_negation_is_not(tiny):
    flags = {
        text: frames.code(paragraphs(text), tiny)["negated"].tolist()
        for text in ("不是责任", "没有硝烟", "没有谁，责任", "责任不小")
    }
    assert list(flags.values()) == [[True], [False], [False], [False]]


def test_what_a_denied_word_is_worth_is_the_frame_s_own_policy(tmp_path):
    dropped = read(tmp_path, TINY.replace("- {id: war,", "- {id: war, negation: drop,", 1))
    assert found(dropped, "没有打响，筑牢防线。") == [] and found(dropped, "没有硝烟") == [("war", "硝烟")]
    assert found(dropped, "没有打响。阻击战。筑牢防线。") == [("war", "阻击战"), ("war", "防线")]
    assert found(dropped, "不是责任") == [("duty", "责任")]
    with pytest.raises(CorpusError, match="negation: 'ignore' is not known"):
        read(tmp_path, TINY.replace("- {id: war,", "- {id: war, negation: ignore,", 1))


def test_a_not_reaches_to_the_end_of_its_item_in_a_list(tiny):
    assert not frames.code(paragraphs("一人不落、责任到位"), tiny)["negated"].any()


def test_nobody_praised_and_no_spring_are_not_praise_and_spring():
    for text, frame in (("谁也没有点赞。", "gratitude_praise"), ("现在还不是春暖花开。", "season_hope")):
        assert frame not in {f for f, _ in found(BOOK, text)}, text
    assert "war_metaphor" in {f for f, _ in found(BOOK, "这不是战争，没有战场。")}


NEUTRAL = """
新增确诊病例三例，均在定点医院接受治疗。
潜伏期一般为三至七天，最长不超过十四天。
候车厅里旅客不多，很安静。
两个人坐在台阶上抽烟，谁也没有说话。
该村位于县城西北，全村共有三百二十户。
飞机于下午三点降落，机上共有乘客一百六十人。
患者男，六十七岁，有高血压病史，两天前出现发热。
雨下了一整夜，早上街上积了水。
花园里有人在散步，孩子在踢球。
""".split()


@pytest.mark.parametrize("text", NEUTRAL)
def test_plain_facts_have_no_frame(text):
    assert found(BOOK, text) == []


# Sentences in the words of newspapers, made up for the purpose: no term of the frame stands in them, its rules must
# read the notion (a cost borne, a limit set, a place yielded, a question unanswered, a machine at work, a need voiced).
TOLD = """
hero_sacrifice 因为家里有老人，急诊科的护士怕把病毒带回家，住进了医院旁边的旅馆。
hero_sacrifice 连上厕所的时间都没有。
hero_sacrifice 门诊的几个医生把塑料雨衣当防护服穿，同事间一人一个口罩。
hero_sacrifice 如果人人都跑，病人谁来管？
hero_sacrifice 随医疗队出发那天，她和母亲话别，忍住了眼泪。
command_responsibility 首相在会后表示，下周起餐馆只准外带，违者停牌。
command_responsibility 周五零时起，全市学校暂停上课。
command_responsibility 私人聚会的人数上限由八人减至四人，酒吧须关闭。
command_responsibility 流调组有四十六名工作人员，负责追查密切接触者。
unity_solidarity 外地网友下单时备注：送给急诊楼任何一位医生。
unity_solidarity 民间团体把筹到的口罩送进县里的小医院。
unity_solidarity 两名旅客商量之后，把位置让给坐轮椅的老人。
information_accountability 电话号码印错的事我们讲了十次，单子上一个也没有改。
information_accountability 网站上的病例数一直没有变过，医院说是没有试剂。
information_accountability 死者在家中等候三日，究竟哪个环节出错，家属至今不明白。
information_accountability 中心主任提醒曾到该商场的旅客留意身体。
technology_digital 实验室把样本提取出来，四小时后有结果。
technology_digital 老师对着屏幕讲课，学生把作业传上去。
livelihood_warmth 父亲发烧三天，打了几家医院都没有床位，只能在走廊里等。
livelihood_warmth 公交停了，私家车限行，她推着轮椅走了两个钟头。
livelihood_warmth 女儿在外地下单一束玫瑰，备注写着别出门。
livelihood_warmth 厨房里的菜吃完了，阿婆的子女也没买到。
livelihood_warmth 隔壁按门铃，问能否分给他们几个鸡蛋。
command_responsibility 所有小区封闭式管理，每户仅限一人外出。
gratitude_praise 要不是干部帮我们把瓜运出去，这一季就白忙了。
information_accountability 镇长被免去职务，三名干部受到处分。
economy_production 几亩菜没人来拉，眼看要烂在棚里。
command_responsibility 县委书记在会上指出，当前防汛防疫两头都紧，要把台账一户一户理清。
command_responsibility 听完介绍，他强调，社区是最前沿。公安和卫健部门要进一步互通消息。
command_responsibility 腊月二十九，村口设卡，外来的车一律劝返。
command_responsibility 经开区要求复工的厂家按天上报体温。
unity_solidarity 我们送不了药，只能做你们的后盾。
unity_solidarity 天没亮，二十名队员登车奔赴疫区。
unity_solidarity 米粉店老板把三十份早点送到村口卡点。
unity_solidarity 各界人士用行动温暖着守夜的人。
unity_solidarity 老周的孙子义务承担起整条街的消毒。
unity_solidarity 来自云南的医疗队住进了同一栋楼。
hero_sacrifice 孩子哭着要妈妈，妈妈在医院里接不了电话。
hero_sacrifice 同事说我瘦了，其实是累的。
livelihood_warmth 老伯的救治一拖再拖，床位始终得不到。
livelihood_warmth 封在楼里的第五天，有人吃不饱，在窗口喊。
gratitude_praise 这几筐菜可是给我们帮了大忙。
speed_precision 全市争取三天内尽快扑灭这一轮疫情。
speed_precision 短短两天，板房和水电都已就位。
technology_digital 法官在家里线上调解了两起纠纷。
technology_digital 健康码由省里统一开发。
information_accountability 有居民反映，垃圾五天没有人收。
information_accountability 个别乡镇简单粗暴，一封了之，群众怨气不小。
information_accountability 物业在微信群里发布第二天的采样时间。
information_accountability 五个小组向六百户人家入户宣传。
command_responsibility 周明强调，要结合每条巷子的实际补上灯和路牌。
command_responsibility 几位市领导到现场，对采样工作进行指导。
information_accountability 又有两座城市被点名。
information_accountability 擅自加码的做法至今还有。
""".split("\n")[1:-1]

NOT_TOLD = """
hero_sacrifice 患者可能携带病菌，请注意通风。
hero_sacrifice 恐怕救护车司机还是要绕路。
command_responsibility 航空公司取消了周五零时起的订单。
unity_solidarity 捐来的口罩不合格，堆在仓库里。
unity_solidarity 医院不接受私人捐助，须办手续。
information_accountability 店主向记者解释，涨价是因为进价高。
livelihood_warmth 食肆须展示安心出行的二维码。
livelihood_warmth 她担心丈夫因此被传染。
livelihood_warmth 入夏以后气候温暖，街边的蔬菜摊又摆了出来。
livelihood_warmth 指挥部请企业登记生活物资的库存。
speed_precision 进站须出示48小时内核酸阴性证明。
speed_precision 药店的快速检测盒卖光了。
unity_solidarity 局长说，会向雇主提供财政支援。
command_responsibility 限聚令之下，茶楼里客人少了一半。
hero_sacrifice 局长昨日缺席记者会。
technology_digital 她从WhatsApp群里看到这张照片。
war_metaphor 网站发布防疫提示。
economy_production 小区门口停着一辆货运车。
command_responsibility 他是政府抗疫督导委员会的顾问。
command_responsibility 各级领导干部带头执行政策和要求。
unity_solidarity 大年初二，走亲戚的人少了许多。
unity_solidarity 公司为健康码系统提供技术支持。
unity_solidarity 团结街道新增一个采样点。
hero_sacrifice 居民抱怨，一整天没吃上热的。
hero_sacrifice 谁都没有准备，医生和物资都缺。
hero_sacrifice 一家三口都在小区里散步。
livelihood_warmth 爱心物资由办公室登记入库。
livelihood_warmth 老板把四百个鸡蛋送到卡点。
livelihood_warmth 入住时，前台和他视频聊天，告诉他房间在哪里。
gratitude_praise 他说感谢大家，叮嘱值守人员注意保暖。
livelihood_warmth 机器人在病区里配送消毒液和药品。
gratitude_praise 护士拉着她的手，慢慢走到窗边。
economy_production 贫困户老刘站了出来，接下入户消毒的活。
economy_production 干部到厂里协助企业测温。
information_accountability 该女子隐瞒迟报行程，被村里查出。
information_accountability 《意见》写明群众可以就近接种。
information_accountability 公民切莫有隐瞒相关信息等违法行为。
information_accountability 工作组查阅台账和会议记录。
law_discipline 参加会议的有县纪委书记、监委主任和公安局局长。
war_metaphor 院子里住着一位老战士。
party_mobilization 市政协党组成员带领四名干部走访街道。
unity_solidarity 农业部门帮助农家生产自救。
livelihood_warmth 温馨提醒：出门请带身份证。
livelihood_warmth 高风险区实行“足不出户，上门服务”。
economy_production 查处生产销售伪劣口罩案十一起。
information_accountability 会议梳理防控短板弱项。
information_accountability 她没有告知家人，自己报了名。
information_accountability 两人返回后隐瞒出行信息。
hero_sacrifice 学习质量不被牺牲。
command_responsibility 一夜北风，村口劝返点的帐篷里亮着灯。
information_accountability 各项防控措施不得层层加码、一刀切。
information_accountability 两人迟报行程，被镇政府摸排发现。
unity_solidarity 健康码由企业提供技术支持，医院负责核对。
""".split("\n")[1:-1]


@pytest.mark.parametrize("line", TOLD)
def test_a_notion_is_read_from_its_parts(line):
    frame, text = line.split()
    assert frame in {f for f, _ in found(BOOK, text)}


@pytest.mark.parametrize("line", NOT_TOLD)
def test_the_same_words_in_another_matter_are_not_the_frame(line):
    frame, text = line.split()
    assert frame not in {f for f, _ in found(BOOK, text)}


ALPHABET = "打响阻击战疫硝烟防线一奔赴政府要求没有不责任制，。“”\n 天"
TEXTS = st.lists(st.text(alphabet=ALPHABET, max_size=25), min_size=1, max_size=6)


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_every_hit_is_its_term_at_its_place_and_neighbours_do_not_matter(texts):
    hits = matching.find(texts, BOOK)
    for row in hits.itertuples():
        assert bare(texts[row.text][row.start : row.end]) == bare(row.term)
    alone = pd.concat([matching.find([text], BOOK).assign(text=n) for n, text in enumerate(texts)], ignore_index=True)
    pd.testing.assert_frame_equal(hits, alone, check_dtype=False)


spans = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6), st.integers(-1, 2)), max_size=12)


def hits_of(drawn) -> matching.Hits:
    start, length, frame = (
        (np.array(column, dtype=int) for column in zip(*drawn, strict=True)) if drawn else [np.array([], int)] * 3
    )
    nothing = np.zeros(len(start), dtype=int)
    return matching.Hits(np.arange(len(start)), start, start + length, nothing, frame, nothing)


@given(spans, spans)
def test_what_lies_inside_and_what_is_longest_is_what_comparing_all_pairs_finds(inner, outer):
    inside = [any(f == g and a <= s and s + n <= a + m for a, m, g in outer) for s, n, f in inner]
    assert matching._inside(hits_of(inner), hits_of(outer)).tolist() == inside
    framed = [span for span in inner if span[2] >= 0]  # cues have no frame, and none is longest
    kept = {(f, s, n) for s, n, f in framed}
    kept -= {(f, s, n) for f, s, n in kept for g, a, m in kept if f == g and n < m and a <= s and s + n <= a + m}
    found = hits_of(framed).where(matching._longest(hits_of(framed)))
    told = list(zip(found.start.tolist(), found.end.tolist(), found.frame.tolist(), strict=True))
    assert told == sorted((s, s + n, f) for f, s, n in kept)


def test_block_borders_change_nothing(monkeypatch):
    texts = ["全镇打响阻击战。", "", "志愿者报名。", "会议要求，各地要压实责任。"] * 5
    whole = matching.find(texts, BOOK)
    monkeypatch.setattr(matching, "BLOCK", 7)
    pd.testing.assert_frame_equal(whole, matching.find(texts, BOOK))


def test_text_without_frames_and_no_text_at_all_give_empty_tables(tiny):
    assert frames.code(paragraphs("天晴。"), tiny).empty
    assert frames.code(paragraphs("天晴。").iloc[:0], tiny).columns.tolist() == frames.CODE_COLUMNS


def test_voice_is_that_of_the_span_a_hit_begins_in(tiny):
    spans = [(3, 7, "speech"), (7, 99, "narrator")]
    codes = frames.code(paragraphs("他说：“责任”。责任"), tiny, voices=lambda text: spans)
    assert codes["voice"].tolist() == ["speech", "narrator"]
    quoted = pd.DataFrame({"text": ["责任，“责任”，责任", "责任", "“责任”"]})
    said = {quoted["text"][0]: [(3, 7, "speech")], quoted["text"][2]: [(0, 4, "document")]}
    codes = frames.code(quoted, tiny, voices=lambda text: said.get(text, []))
    assert codes["voice"].tolist() == ["narrator", "speech", "narrator", "narrator", "document"]


# shares and differences


def many_documents(with_frame: int, tiny) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """24 documents of three paragraphs, half of each year; in 2022 `with_frame` of each three speak of duty."""
    years = [2020] * 12 + [2022] * 12
    docs = pd.DataFrame({"doc_id": [f"文{n:02}" for n in range(24)], "year": years, "place": ["渝", "杭"] * 12})
    text = pd.DataFrame(
        [
            {
                "doc_id": doc,
                "paragraph": p,
                "line": p,
                "zone": "body",
                "text": "责任。" if year == 2022 and p <= with_frame else "天晴。",
            }
            for doc, year in zip(docs["doc_id"], years, strict=True)
            for p in (1, 2, 3)
        ]
    )
    return frames.code(text, tiny), text, docs


def test_document_shares_are_units_with_the_frame_over_all_body_units(tiny):
    heading = paragraphs("责任").assign(paragraph=9, zone="heading")
    text = pd.concat([paragraphs("责任", "天晴", "责任", "天晴"), heading])
    shares = frames.shares(frames.code(text, tiny), text).set_index("frame")
    assert shares.loc["duty", ["n_units", "share", "interval"]].tolist() == [4, 0.5, "Wilson"]
    assert shares.loc["war", "share"] == 0 and shares.loc["war", "ci_high"] > 0.3


def test_shares_of_documents_stand_under_their_names_and_labels_are_not_rounded(tiny):
    rows = [("乙", 1, "责任。"), ("乙", 2, "天晴。"), ("甲", 1, "责任。"), ("甲", 2, "责任。"), ("甲", 3, "天晴。")]
    text = pd.DataFrame(rows, columns=["doc_id", "paragraph", "text"]).assign(line=1, zone="body")
    codes = frames.code(text, tiny)
    duty = frames.shares(codes, text).query("frame == 'duty'")
    assert duty[["by", "group", "n_units", "n_docs"]].values.tolist() == [
        ["doc_id", "乙", 2, 1],
        ["doc_id", "甲", 3, 1],
    ]
    assert duty["share"].tolist() == duty["pooled"].tolist() == pytest.approx([1 / 2, 2 / 3])
    low, high = stats.binomtest(2, 3).proportion_ci(method="wilson")
    assert duty[["ci_low", "ci_high"]].iloc[1].tolist() == pytest.approx([low, high])
    docs = pd.DataFrame({"doc_id": ["甲", "乙"], "grade": [1.5, 1.0], "rate": [1.5, 1.6]})
    assert frames.shares(codes, text, "grade", docs)["group"].unique().tolist() == ["1", "1.5"]
    assert frames.shares(codes, text, "rate", docs)["group"].unique().tolist() == ["1.5", "1.6"]
    alone = frames.code(pd.DataFrame({"text": ["天晴。", "责任。"]}), tiny).iloc[0]
    assert alone[["doc_id", "paragraph", "line", "zone"]].tolist() == ["", 2, 2, "body"]


def test_a_paragraph_without_chinese_is_no_unit(tiny):
    """An English translation, a row of digits, a rule of signs: neither counted nor lost, and 𠮟 is a character too."""
    text = paragraphs("责任", "Stay at home and save lives.", "12 34 5", "——", "\U00020b9f")
    codes = frames.code(text, tiny)
    assert frames.units(text)["paragraph"].tolist() == [1, 5] and len(text) == 5
    assert frames.shares(codes, text).set_index("frame").loc["duty", ["n_units", "share"]].tolist() == [2, 0.5]
    assert set(frames.cooccurrence(codes, text)["n_units"]) == {2}
    assert len(frames.units(text.drop(columns="text"))) == 5


def test_group_shares_have_no_interval_under_ten_documents(tiny):
    codes, text, docs = many_documents(2, tiny)
    few = frames.shares(codes, text, "year", docs.iloc[8:]).query("frame == 'duty'").set_index("group")
    assert few.loc["2020", "interval"] == "none: fewer than 10 documents" and np.isnan(few.loc["2020", "ci_low"])
    assert few.loc["2022", "share"] == pytest.approx(2 / 3) == few.loc["2022", "pooled"]


def test_a_share_a_difference_and_its_null_are_of_the_mean_over_documents(tiny):
    long = pd.DataFrame({"doc_id": "长", "paragraph": range(1, 9), "line": 1, "zone": "body", "text": "责任。"})
    rows = [("短", "天晴。"), ("甲", "责任。"), ("乙", "天晴。"), ("丙", "天晴。")]
    short = pd.DataFrame([{"doc_id": d, "paragraph": 1, "line": 1, "zone": "body", "text": t} for d, t in rows])
    text = pd.concat([long, short], ignore_index=True)
    docs = pd.DataFrame({"doc_id": ["长", "短", "甲", "乙", "丙"], "kind": ["报", "报", "台", "台", "台"]})
    codes = frames.code(text, tiny)
    duty = frames.shares(codes, text, "kind", docs).query("frame == 'duty'").set_index("group")
    assert duty.loc["报", "share"] == pytest.approx(1 / 2) and duty.loc["报", "pooled"] == pytest.approx(8 / 9)
    row = frames.differences(codes, text, docs, "kind").set_index("frame").loc["duty"]
    assert row["difference"] == pytest.approx(duty.loc["报", "share"] - duty.loc["台", "share"])
    assert row["difference"] == pytest.approx(1 / 6) and row["p_permutation"] == pytest.approx(1)
    assert row["null_low"] < row["difference"] < row["null_high"]


@pytest.mark.parametrize(
    "why, fewest, low, high, q, p, evidence",
    [
        ("", 10, 0.1, 0.3, 0.04, 0.01, "supported"),
        ("", 10, -0.3, -0.1, 0.04, 0.01, "supported"),
        ("", 10, -0.1, 0.3, 0.04, 0.01, "suggestive"),
        ("", 10, 0.1, 0.3, 0.05, 0.01, "suggestive"),
        ("", 10, 0.1, 0.3, 0.2, 0.05, "not distinguishable"),
        ("", 9, np.nan, np.nan, 0.001, 0.001, "illustrative"),
        ("one document", 1, 0.1, 0.3, np.nan, np.nan, "not identifiable"),
    ],
)
def test_evidence_is_graded_as_it_is_defined(why, fewest, low, high, q, p, evidence):
    row = {"why": why, "n_docs_a": 30, "n_docs_b": fewest, "ci_low": low, "ci_high": high, "q_value": q}
    told = frames.judged(pd.DataFrame([row | {"p_permutation": p}])).iloc[0]
    assert told["evidence"] == evidence
    assert told["why"] == (why or ("fewer than 10 documents on a side" if fewest < 10 else ""))


def test_a_planted_difference_is_supported_and_its_absence_is_not(tiny):
    codes, text, docs = many_documents(2, tiny)
    duty = frames.differences(codes, text, docs, "year").set_index("frame").loc["duty"]
    assert (duty.group_a, duty.group_b, duty.evidence) == ("2022", "2020", "supported")
    assert duty.difference == pytest.approx(2 / 3) and duty.p_permutation < 0.001
    place = frames.differences(codes, text, docs, "place").set_index("frame").loc["duty"]
    assert place.evidence == "not distinguishable" and place.p_permutation == 1


def test_few_documents_are_illustrative_however_large_the_difference(tiny):
    codes, text, docs = many_documents(3, tiny)
    rows = frames.differences(codes, text, docs.iloc[9:15], "year")
    assert set(rows["evidence"]) == {"illustrative"} and rows["n_splits"].unique().tolist() == [20]
    assert rows.set_index("frame").loc["duty", "p_permutation"] == pytest.approx(2 / 20)


def test_an_aligned_column_makes_a_contrast_not_identifiable(tiny):
    codes, text, docs = many_documents(3, tiny)
    docs = docs.assign(outlet=docs["year"].map({2020: "晨报", 2022: "晚报"}))
    rows = frames.differences(codes, text, docs, "year", others=["place", "outlet"])
    assert set(rows["evidence"]) == {"not identifiable"}
    assert rows["why"].iloc[0] == "2022 is always 晚报 (outlet), 2020 never"
    assert rows["p_permutation"].isna().all() and rows["q_value"].isna().all()


def test_a_side_of_one_document_is_not_identifiable_and_more_groups_meet_the_rest(tiny):
    codes, text, docs = many_documents(1, tiny)
    docs = docs.assign(kind=["报", *["台"] * 11, *["网"] * 12])
    rows = frames.differences(codes, text, docs, "kind").drop_duplicates("group_a").set_index("group_a")
    assert rows["group_b"].unique().tolist() == ["rest"] and len(rows) == 3
    assert rows.loc["报", ["evidence", "why"]].tolist() == ["not identifiable", "报 is one document"]
    assert set(frames.differences(codes, text, docs, "kind")["evidence"]) <= set(comparing.EVIDENCE)


def test_a_column_that_is_not_there_is_named(tiny):
    codes, text, docs = many_documents(1, tiny)
    with pytest.raises(CorpusError, match="no column 'season'"):
        frames.shares(codes, text, "season", docs)


def test_one_group_cannot_be_compared(tiny):
    codes, text, docs = many_documents(1, tiny)
    assert frames.differences(codes, text, docs.assign(year=2020), "year").empty


def test_cooccurrence_is_a_correlation_of_presences(tiny):
    text = paragraphs("责任打响", "责任打响", "天晴", "天晴", "打响")
    pair = frames.cooccurrence(frames.code(text, tiny), text).iloc[0]
    assert pair[["n_both", "n_a", "n_b", "n_units"]].tolist() == [2, 3, 2, 5]
    assert pair["phi"] == pytest.approx(np.corrcoef([1, 1, 0, 0, 1], [1, 1, 0, 0, 0])[0, 1])
    assert pair["jaccard"] == pytest.approx(2 / 3)


def test_a_number_leads_back_to_its_sentence(tiny):
    text = paragraphs("春寒料峭，责任在肩，人人有责。", "责任")
    rows = frames.in_context(frames.code(text, tiny), text, "duty", width=3)
    assert rows[["paragraph", "left", "term", "right"]].values.tolist() == [
        [1, "料峭，", "责任", "在肩，"],
        [2, "", "责任", ""],
    ]


# reliability: published numbers

FOUR_CODERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
THREE_CODERS = [
    [None, None, None, None, None, 3, 4, 1, 2, 1, 1, 3, 3, None, 3],
    [1, None, 2, 1, 3, 3, 4, 3, None, None, None, None, None, None, None],
    [None, None, 2, 1, 3, 4, 4, None, 2, 1, 1, 3, 3, None, 4],
]
TWO_BINARY = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
WORDS = [["pos", "neg", "neu", None], ["pos", "neg", "neu", "pos"], ["pos", "neg", "pos", "pos"]]


@pytest.mark.parametrize(
    "coders, expected",
    [
        (FOUR_CODERS, 0.743421),
        (THREE_CODERS, 0.691358),
        (TWO_BINARY, 0.095238),
        (WORDS, 0.722222),
    ],
)
def test_alpha_prints_the_published_values(coders, expected):
    assert alpha(pd.DataFrame(coders).T) == pytest.approx(expected, abs=1e-6)


def test_ac1_prints_the_published_values():
    """Gwet (2014): four raters with missing codes, and the abstractors' two-way table."""
    assert ac1(pd.DataFrame(FOUR_CODERS).T) == pytest.approx(0.775444, abs=1e-6)
    table = {("ectopic", "ectopic"): 13, ("aiu", "aiu"): 20, ("aiu", "niu"): 7, ("niu", "aiu"): 4, ("niu", "niu"): 56}
    codings = pd.DataFrame([pair for pair, n in table.items() for _ in range(n)])
    assert ac1(codings) == pytest.approx(0.849331, abs=1e-6) and alpha(codings) == pytest.approx(0.7972585, abs=1e-6)


@pytest.mark.parametrize("codes", [{"甲": [1, 1, 1]}, {"甲": [1, np.nan], "乙": [np.nan, 1]}, {"甲": [], "乙": []}])
def test_where_no_unit_has_two_codes_nothing_agrees(codes):
    assert np.isnan(ac1(pd.DataFrame(codes))) and np.isnan(alpha(pd.DataFrame(codes)))


def test_ac1_stays_high_where_alpha_collapses_on_a_rare_frame():
    rare = pd.DataFrame({"甲": [1] + [0] * 49, "乙": [0, 1] + [0] * 48})
    assert alpha(rare) < 0.01 and ac1(rare) > 0.95


def test_full_agreement_is_one_and_validation_counts_pairs():
    same = pd.DataFrame({"甲": [0, 1, 1], "乙": [0, 1, 1]})
    assert alpha(same) == ac1(same) == 1
    coded = pd.DataFrame({"war": [True, True, False], "duty": [False, True, False]})
    read_by_hand = pd.DataFrame({"war": [True, False, True], "duty": [False, True, False]})
    micro = frames.validation(coded, read_by_hand).set_index("frame").loc["micro"]
    assert micro[["n_coded", "n_read", "n_both"]].tolist() == [3, 3, 2] and micro["f1"] == pytest.approx(2 / 3)


# a reader's coding


def read_reference(name: str) -> dict:
    path = SHARED / "gold" / f"{name}.json"
    if not path.exists():
        pytest.skip("the shared corpora are not here; set SHARED to their folder")
    return json.loads(path.read_text(encoding="utf-8"))["docs"]


def heading_lines(about: dict) -> set[int]:
    cleaned = about.get("clean_expectation") or {}
    places = [
        cleaned.get("heading_lines"),
        cleaned.get("title_lines"),
        cleaned.get("subtitle_lines"),
        about.get("heading_lines"),
        about.get("title_line"),
    ]
    return {line for place in places for line in ([place] if isinstance(place, int) else place or [])}


def read_units(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The body paragraphs of a reference corpus, numbered by their first line, and what the reader coded in them."""
    files = {path.stem: path for path in (SHARED / "corpus").rglob("*") if path.is_file()}
    reference = read_reference(name)
    read_lines = {
        (doc, int(line)): names
        for doc, about in reference.items()
        for line, names in about["frames_by_line"].items()
        if int(line) not in heading_lines(about)
    }
    raw = {doc: files[doc].read_text(encoding="utf-8") for doc in reference}
    text = pd.concat([cleaning.clean(page)[1].assign(doc_id=doc) for doc, page in raw.items()])
    text = frames.units(text).assign(paragraph=lambda table: table["line"])
    index = pd.MultiIndex.from_tuples(read_lines)
    by_hand = [[frame in names for frame in BOOK.ids] for names in read_lines.values()]
    return text, pd.DataFrame(by_hand, index=index, columns=BOOK.ids)


def coded_and_read(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Presence by (document, first line of a body paragraph): what the codebook finds, what the reader coded."""
    text, by_hand = read_units(name)
    return frames.presence(frames.code(text, BOOK), text).reindex(by_hand.index, fill_value=False), by_hand


def test_as_if_an_outlet_had_never_been_seen_the_codebook_still_reads_it():
    names = {"five_reports_dev": 0.69, "dev_real_broadcast": 0.74, "dev_real_press": 0.49, "dev_real_hongkong": 0.56}
    corpora = {name: read_units(name) for name in names}
    everything = pd.concat([text for text, _ in corpora.values()], ignore_index=True)
    outlet = {doc: name for name, (text, _) in corpora.items() for doc in text["doc_id"]}
    coded = coder.unseen(BOOK, everything, pd.Series(outlet))
    for name, floor in names.items():
        by_hand = corpora[name][1]
        micro = (
            frames.validation(coded.reindex(by_hand.index, fill_value=False), by_hand).set_index("frame").loc["micro"]
        )
        assert micro["f1"] >= floor, name


@pytest.mark.parametrize(
    "name, floor",
    [
        ("five_reports_dev", 0.85),
        ("dev_real_broadcast", 0.91),
        ("dev_real_press", 0.81),
        ("dev_real_hongkong", 0.86),
    ],
)
def test_the_codebook_meets_a_reader(name, floor):
    micro = frames.validation(*coded_and_read(name)).set_index("frame").loc["micro"]
    assert micro["f1"] >= floor


def test_the_codebook_meets_the_writers_of_the_sample():
    answers = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (SAMPLE / "truth").glob("*.json")}
    _, paragraphs = cleaning.clean_docs(texts.load(Study(corpus=SAMPLE))[0])
    assert scoring.frames(frames.code(paragraphs, BOOK), answers).f1 >= 0.93


def test_a_text_of_a_single_paragraph_has_a_share_and_no_interval():
    texts = ["打响阻击战。", *["居民买菜。"] * 5]
    paragraphs = pd.DataFrame({"doc_id": list("甲乙乙乙乙乙"), "paragraph": [1, 1, 2, 3, 4, 5], "text": texts})
    table = frames.shares(frames.code(paragraphs, read_codebook()), paragraphs).set_index(["group", "frame"])
    short, long = table.loc[("甲", "war_metaphor")], table.loc[("乙", "war_metaphor")]
    assert short["share"] == 1 and pd.isna(short["ci_low"]) and short["interval"] == "none: a single paragraph"
    assert long["share"] == 0 and 0.4 < long["ci_high"] < 0.5 and long["interval"] == "Wilson"
