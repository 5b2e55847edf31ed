"""The way back to the text: every place is found, quoted from its paragraph, and named by document and line."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import network, store, terms
from helpers.study import Study

sentence = st.tuples(st.sampled_from("甲乙"), st.integers(1, 2), st.text("居民区，。", min_size=1, max_size=12))
texts = st.lists(sentence, min_size=1, max_size=8)


@settings(deadline=None)
@given(texts, st.sampled_from(["居民", "民", "居民区", "民民", "区居区", "缺"]), st.integers(0, 6), st.booleans())
def test_concordance_finds_every_place_and_quotes_the_paragraph(rows, term, width, prepared):
    frame = pd.DataFrame(sorted(rows, key=lambda row: row[:2]), columns=["doc_id", "paragraph", "text"])
    frame = frame.assign(sentence=range(len(frame)), line=range(10, 10 + len(frame))).reset_index(drop=True)
    found = terms.kwic(terms.concordance(frame) if prepared else frame, term, width)
    assert len(found) == sum(text.count(term) for text in frame["text"])
    paragraphs = frame.groupby(["doc_id", "paragraph"])["text"].agg("".join)
    for row in found.itertuples():
        whole = paragraphs[row.doc_id, row.paragraph]
        assert row.left + row.term + row.right in whole
        assert len(row.left) == width or whole.startswith(row.left + row.term)
        assert len(row.right) == width or whole.endswith(row.term + row.right)
        text = frame.loc[frame["sentence"] == row.sentence, "text"].item()
        assert text[row.offset : row.offset + len(term)] == term == row.term
        assert frame.loc[frame["sentence"] == row.sentence, "line"].item() == row.line
    assert found["sentence"].is_monotonic_increasing


@settings(deadline=None)
@given(texts, st.sampled_from(["居民", "民", "[居民]区", "。"]), st.integers(0, 5))
def test_the_stored_text_the_decoded_text_and_a_pattern_give_the_same(rows, term, width):
    frame = pd.DataFrame(sorted(rows, key=lambda row: row[:2]), columns=["doc_id", "paragraph", "text"]).assign(line=1)
    prepared = terms.concordance(frame)
    pattern = terms.kwic(frame, term, width, regex=True)
    pd.testing.assert_frame_equal(pattern, terms.kwic(prepared, term, width, regex=True))
    if term[0] != "[":
        pd.testing.assert_frame_equal(pattern, terms.kwic(prepared, term, width))
        pd.testing.assert_frame_equal(pattern, terms.kwic(frame.astype({"text": object}), term, width))
        part = frame.iloc[1:-1]
        pd.testing.assert_frame_equal(terms.kwic(part, term, width), terms.kwic(terms.concordance(part), term, width))


def of_sentences(*texts):
    places = {"paragraph": 1, "sentence": range(1, len(texts) + 1), "line": range(4, 4 + len(texts))}
    return pd.DataFrame({"doc_id": "甲", **places, "text": texts})


def test_a_match_does_not_reach_into_the_next_sentence():
    frame = of_sentences("街道请居", "民配合居民", "民居")
    assert terms.kwic(frame, "居民")["sentence"].tolist() == [2]
    assert terms.kwic(of_sentences("层", "层层层"), "层层")[["sentence", "offset"]].values.tolist() == [[2, 0]]


def test_lines_stand_by_what_follows_or_goes_before():
    frame = of_sentences("乙社区丙", "甲社区丁", "丙丁社区甲", "乙丁社区乙")
    follows = terms.kwic(frame, "社区", width=2, sort="right")
    before = terms.kwic(frame, "社区", width=2, sort="left")
    assert [text[:1] for text in follows["right"]] == sorted("丙丁甲乙")
    assert [text[::-1] for text in before["left"]] == sorted(text[::-1] for text in before["left"])
    assert sorted(follows["line"]) == sorted(before["line"]) == [4, 5, 6, 7]


def test_a_pair_leads_to_the_sentences_it_shares():
    frame = of_sentences("核酸采样开始。", "核酸结束。", "夜里采样，核酸核酸。")
    assert terms.kwic(frame, "核酸", near="采样")["sentence"].tolist() == [1, 3, 3]


def test_every_keyword_collocate_and_word_of_the_network_leads_to_its_lines(results):
    study = Study(results=results)
    counted = store.counted(study)
    tokens, sentences = (
        table[table["zone"].isin(["body", "list"]) & table["doc_id"].isin(counted)]
        for table in (store.load(study, "tokens"), store.load(study, "sentences"))
    )
    years = store.load(study, "articles").set_index("doc_id")["year"]
    lines = terms.concordance(sentences)
    for term in terms.keyness(terms.count(tokens), years, min_count=12)["term"]:
        hits = terms.kwic(lines, term)
        assert len(hits) >= (tokens["token"] == term).sum() and (hits["line"] > 0).all()
    pairs = terms.collocations(tokens, stop=terms.stopwords("function")).head(60)
    assert set(network.of_pairs(pairs)) <= {*pairs["term_a"], *pairs["term_b"]}
    for row in pairs.itertuples():
        shared = terms.kwic(lines, row.term_a, near=row.term_b)
        assert shared.groupby(["doc_id", "paragraph", "sentence"]).ngroups >= row.together


def test_concordance_takes_patterns_and_can_be_kept():
    frame = pd.DataFrame(
        {
            "doc_id": ["甲", "甲"],
            "paragraph": [1, 1],
            "sentence": [1, 2],
            "line": [4, 4],
            "text": ["第三轮核酸开始。", "第四轮核酸结束。"],
        }
    )
    kept = terms.concordance(frame)
    assert terms.kwic(kept, r"第.轮", regex=True)["term"].tolist() == ["第三轮", "第四轮"]
    assert terms.kwic(kept, "第四轮", width=3)["left"].tolist() == ["开始。"], "the context runs across sentences"
    assert terms.kwic(kept, "抗原").empty and terms.kwic(kept, "").empty
