"""A corpus may bring its own codebook of frames: it holds for that study alone, and wherever frames are named."""

import pandas as pd
import pytest

from helpers import frames, learned, report, shelf, store, stream
from helpers.codebook import LEXICON, read_codebook
from helpers.study import CorpusError, Study

BOOK = """codebook: {id: two, version: 1}
frames:
- {id: flood, zh: 水患, en: Flood, definition: Told as a flood., include: rising water, exclude: weather, source: invented,
   terms: [决堤], examples: {include: [疫情如决堤。], exclude: [今天有雨。]}}
- {id: harvest, zh: 收成, en: Harvest, definition: Told as a harvest., include: reaping, exclude: crops, source: invented,
   terms: [颗粒归仓], examples: {include: [排查颗粒归仓。], exclude: [麦子黄了。]}}
"""


@pytest.fixture
def study(tmp_path) -> Study:
    corpus = tmp_path / "two"
    corpus.mkdir()
    (corpus / "codebook.yml").write_text(BOOK, encoding="utf-8")
    text = "疫情一度如决堤之水，镇里打响阻击战。\n\n逐户排查颗粒归仓，没有漏掉一家。\n"
    (corpus / "a.txt").write_text(text, encoding="utf-8")
    return Study(corpus=corpus, results=tmp_path / "out")


def test_only_its_frames_are_coded_and_it_is_no_article(study):
    store.prepare(study)
    assert store.load(study, "frames")["frame"].astype(str).tolist() == ["flood", "harvest"]
    assert store.load(study, "articles")["doc_id"].tolist() == ["a"]
    assert not store.load(study, "problems")["file"].str.contains("codebook").any()
    assert store.settings(study)["codebook.yml"] == shelf.seen(study)["codebook.yml"].hex()
    assert ("codebook 编码表", "two 1") in [(k, v[:5]) for k, v in report._provenance(study)["things"]]


def test_a_stream_of_articles_is_coded_by_it_too(study):
    coded = pd.read_parquet(stream.tables(study) / "frames")
    assert coded["frame"].astype(str).tolist() == ["flood", "harvest"]


def test_an_edit_of_it_remakes_the_frames_and_nothing_else(study):
    store.prepare(study)
    before = {name: store._key(study, name) for name in store.STEPS}
    own = study.codebook
    own.write_text(BOOK.replace("[颗粒归仓]", "[排查]"), encoding="utf-8")
    assert {name for name in store.STEPS if store._key(study, name) != before[name]} == {"frames"}
    assert store.load(study, "frames")["term"].tolist() == ["决堤", "排查"]
    own.unlink()
    assert "war_metaphor" in store.load(study, "frames")["frame"].tolist()


@pytest.mark.parametrize(
    ("old", "new"), [("terms: [决堤]", "words: [决堤]"), ("frames:", "frames"), ("flood", "harvest")]
)
def test_a_fault_in_it_names_that_file_before_anything_is_made(study, old, new):
    study.codebook.write_text(BOOK.replace(old, new), encoding="utf-8")
    with pytest.raises(CorpusError, match="^two/codebook.yml: "):
        store.prepare(study)
    assert not study.derived.exists()


def test_the_learned_coder_is_asked_only_where_frames_mean_what_it_was_taught(study):
    text = (LEXICON / "codebook.yml").read_text(encoding="utf-8")
    paragraphs = store.load(study, "paragraphs")
    for said, asked in ((text, True), (text.replace("The epidemic or its control is told as war", "War"), False)):
        study.codebook.write_text(said, encoding="utf-8")
        book = read_codebook(study.codebook)
        assert len(learned.opinion(frames.code(paragraphs, book), paragraphs, book=book)) == (2 if asked else 0)
