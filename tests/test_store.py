"""One chain, made once, the same bytes every time; reprints counted once."""

import json
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from helpers import changes, duplicates, store
from helpers.study import SAMPLE, CorpusError, Study

ORIGINAL = [
    "新区启动应急响应机制，社区组织志愿者逐户登记来访人员，街道设立检测点，对车辆和人员进行体温检测，确保不漏一户不漏一人。",
    "工厂复工复产有序推进，口罩日产能提高到二十万只，物流企业开通绿色通道，优先保障防疫物资运输，各项工作平稳运行。",
    "春耕时节，农技人员走进田间，为居家隔离的农户代耕代种，村组干部每天上门送菜送药，群众说心里踏实多了。",
]


def test_tables_are_the_same_bytes_however_they_are_made(results, tmp_path):
    first, second = Study(results=results), Study(results=tmp_path)
    for study in (first, second):
        for name in store.STEPS:
            store.load(study, name)
    names = sorted(p.name for p in first.tables.glob("*.csv"))
    assert {"articles.csv", "lines.csv", "sentences.csv", "frames.csv", "dates.csv", "actors.csv"} <= set(names)
    assert [
        n
        for n in names
        if (second.tables / n).exists() and (first.tables / n).read_bytes() != (second.tables / n).read_bytes()
    ] == []


def test_the_store_is_read_until_something_changes(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_text(ORIGINAL[0], encoding="utf-8")
    study = Study(corpus=corpus, results=tmp_path / "out")
    store.load(study, "articles")
    stamp = (study.derived / "articles.parquet").stat().st_mtime_ns
    store.load(study, "articles")
    assert (study.derived / "articles.parquet").stat().st_mtime_ns == stamp
    (corpus / "b.txt").write_text(ORIGINAL[1], encoding="utf-8")
    assert store.load(study, "articles")["doc_id"].tolist() == ["a", "b"]


def test_reprints_are_found_and_the_earliest_is_kept():
    edited = ORIGINAL[0].replace("逐户登记", "逐一登记").replace("不漏一户", "不落一户")
    docs = pd.DataFrame({"doc_id": list("abc"), "file": list("abc"), "date": ["2022-03-03", "2022-03-01", ""]})
    assert duplicates.originals(docs, pd.Series([ORIGINAL[0], edited, ORIGINAL[1]])).tolist() == ["b", "", ""]


def test_planted_reprints_are_found_among_articles_that_share_formulas():
    import random

    dice = random.Random(4)
    pool = [
        s
        for path in sorted(SAMPLE.glob("*.txt"))
        if path.name.startswith(("qing", "lan")) and "2022" in path.name
        for s in path.read_text(encoding="utf-8-sig").split("。")
        if len(s) > 12
    ]
    texts = ["。".join(dice.sample(pool, 14)) for _ in range(60)]
    planted = []
    for i in range(0, 60, 3):
        characters = list(texts[i])
        for _ in range(int(len(characters) * dice.choice([0.01, 0.03, 0.06]))):
            characters[dice.randrange(len(characters))] = dice.choice("区市县人户的了")
        planted.append((i, len(texts)))
        texts.append("".join(characters))
    found = {(a, b) for a, b in duplicates.pairs(texts)[["a", "b"]].itertuples(index=False)}
    assert len(found & set(planted)) >= 0.95 * len(planted)


def test_the_sample_counts_its_reprint_once(results):
    study = Study(results=results)
    articles = store.load(study, "articles").set_index("doc_id")
    assert len(articles) == 25 and len(store.counted(study)) == 24
    assert articles.loc["lanshan-2022-gov-reprint", "duplicate_of"] == "lanshan-2022-gov"
    assert store.comparisons(study) == ["year", "place", "outlet_type"]


def test_comparing_by_a_column_that_is_not_there_stops_with_its_name(results):
    with pytest.raises(CorpusError, match="'season'"):
        store.comparisons(Study(results=results, compare=("season",)))


def test_formulas_are_harmless_in_tables(tmp_path):
    study = Study(results=tmp_path)
    store.save(study, pd.DataFrame({"text": ["=cmd()", "+1", "——每日调度", "-5"]}), "try")
    assert (study.tables / "try.csv").read_text(encoding="utf-8").splitlines()[1:] == [
        "'=cmd()",
        "'+1",
        "——每日调度",
        "-5",
    ]


def test_changes_name_documents_and_the_largest_move():
    before = {"inputs": {"a.txt": "1"}, "figures": {"fig08-1-x": "frame,share,ci_low,ci_high\n战争隐喻,0.5,0.4,0.6\n"}}
    after = {
        "inputs": {"a.txt": "1", "b.txt": "2"},
        "figures": {"fig08-1-x": "frame,share,ci_low,ci_high\n战争隐喻,0.7,0.6,0.8\n"},
    }
    text = changes.report(before, after)
    assert "added: b.txt" in text and "share of 战争隐喻 0.5 → 0.7 (beyond its interval)" in text
    assert "no number in any figure moved" in changes.report(after, after)


def test_changes_name_the_topics_that_stayed_and_the_new_one():
    words = "topic,rank,term,weight,label\n" + "".join(
        f"{{}},{n},{term},1,\n" for n, term in enumerate("甲乙丙丁戊", 1)
    )
    other = "topic,rank,term,weight,label\n" + "".join(f"1,{n},{term},1,\n" for n, term in enumerate("子丑寅卯辰", 1))
    state = {"inputs": {}, "figures": {"fig05-1-x": "a,b\nx,1\n"}, "topics": words.replace("{}", "1")}
    assert "## Topics" in changes.report(state, state)
    assert changes.report(state, state | {"topics": other}) != changes.report(state, state)


def test_the_manifest_of_two_runs_would_be_the_same(results):
    from helpers import runner

    study = Study(results=results)
    assert json.dumps(runner.manifest(study)) == json.dumps(runner.manifest(study))
    assert "2026" not in json.dumps(runner.manifest(study)["choices"])


def test_results_are_never_written_into_the_corpus(tmp_path):
    (tmp_path / "corpus").mkdir()
    with pytest.raises(CorpusError, match="corpus folder"):
        Study(corpus=tmp_path / "corpus", results=tmp_path)


EXTRACTED = ("dates", "quantities", "actors", "mechanisms", "speech")
WATCH = """
import sys
from pathlib import Path
from helpers import store
from helpers.study import LEXICON, Study
study, name, opened = Study(results=Path(sys.argv[1])), sys.argv[2], set()
for other in store.STEPS:
    store.load(study, other)  # all made already; looks at every table once to name it
sys.addaudithook(lambda event, args: event == "open" and opened.add(str(args[0])))
store.STEPS[name].make(study)
code = "".join((store.ROOT / "helpers" / f"{m}.py").read_text("utf-8") for c in store.STEPS[name].code for m in store._modules(c))
known = {str(path) for path in store.tables_named(code)}
print(sorted(path for path in opened if path.startswith(str(LEXICON)) and Path(path).is_file() and path not in known))
"""


@pytest.mark.parametrize("name", ["docs", "problems", "sentences", "tokens", "dates", "frames"])
def test_a_step_names_every_lexicon_table_it_reads(results, name):
    """Else an edit of that table would leave old numbers standing."""
    done = subprocess.run([sys.executable, "-c", WATCH, results, name], capture_output=True, text=True, cwd=store.ROOT)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr[-500:]


def test_an_edit_recomputes_only_what_depends_on_it(tmp_path, monkeypatch):
    study = Study(results=tmp_path)
    before = {name: store._key(study, name) for name in store.STEPS}
    real = store._sha
    edited = {"terms.csv": {"tokens", "problems"}, "codebook.yml": {"frames"}, "titles.csv": set(EXTRACTED)}
    for table, touched in edited.items():
        monkeypatch.setattr(
            store, "_sha", lambda paths, base, t=table: real(paths, base) + t * any(p.name == t for p in paths)
        )
        store._recipe.cache_clear()
        assert {name for name in store.STEPS if store._key(study, name) != before[name]} == touched
    store._recipe.cache_clear()


def test_a_changed_article_costs_only_itself_and_changes_nothing_else(tmp_path, monkeypatch):
    """Tables made piece by piece equal those made at once, whatever is added, changed or taken away."""
    corpus = tmp_path / "corpus"
    shutil.copytree(SAMPLE, corpus)
    first = sorted(corpus.glob("*.txt"))[0]
    held = sorted(corpus.glob("*.txt"))[3]
    away = held.rename(tmp_path / held.name)
    study = Study(corpus=corpus, results=tmp_path / "piecewise")
    for name in store.STEPS:
        store.load(study, name)
    away.rename(held)
    first.write_text(first.read_text(encoding="utf-8") + "\n4月2日，社区新增志愿者35名。\n", encoding="utf-8")
    sorted(corpus.glob("*.txt"))[-1].unlink()
    seen = []
    real = store._by_document
    monkeypatch.setattr(
        store,
        "_by_document",
        lambda s, step, docs, make, *names: real(s, step, docs, lambda d: seen.append(len(d)) or make(d), *names),
    )
    whole = Study(corpus=corpus, results=tmp_path / "at-once")
    for name in store.STEPS:
        pd.testing.assert_frame_equal(store.load(study, name), store.load(whole, name))
    assert sorted(set(seen))[0] == 2 and len([n for n in seen if n == 2]) == 5
    assert all(path.read_bytes() == (whole.tables / path.name).read_bytes() for path in study.tables.glob("*.csv"))


def test_an_edited_cleaning_rule_reaches_the_words_and_the_frames(tmp_path, monkeypatch):
    """The articles are the same bytes, their paragraphs need not be: nothing made from the old ones may be kept."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, text in enumerate(ORIGINAL):
        (corpus / f"{number}.txt").write_text(text, encoding="utf-8")
    study = Study(corpus=corpus, results=tmp_path / "out")
    for name in store.STEPS:
        store.load(study, name)
    sha, real, seen = store._sha, store._by_document, []
    monkeypatch.setattr(
        store, "_sha", lambda paths, base: sha(paths, base) + "!" * any(p.name == "furniture.csv" for p in paths)
    )
    monkeypatch.setattr(
        store,
        "_by_document",
        lambda s, step, docs, make, *names: real(s, step, docs, lambda d: seen.append(len(d)) or make(d), *names),
    )
    store._recipe.cache_clear()
    for name in store.STEPS:
        store.load(study, name)
    store._recipe.cache_clear()
    assert seen == [len(ORIGINAL)] * 5
