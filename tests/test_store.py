"""One chain, made once, the same bytes every time; reprints counted once."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from helpers import changes, duplicates, parts, recipes, shelf, steps, store, workers
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
    stamp = (study.derived / "articles.json").stat().st_mtime_ns
    store.load(study, "articles")
    assert (study.derived / "articles.json").stat().st_mtime_ns == stamp
    (corpus / "b.txt").write_text(ORIGINAL[1], encoding="utf-8")
    assert store.load(study, "articles")["doc_id"].tolist() == ["a", "b"]


def test_reprints_are_found_and_the_earliest_is_kept():
    edited = ORIGINAL[0].replace("逐户登记", "逐一登记").replace("不漏一户", "不落一户")
    docs = pd.DataFrame({"doc_id": list("abc"), "file": list("abc"), "date": ["2022-03-03", "2022-03-01", ""]})
    found = duplicates.clusters(docs, pd.Series([ORIGINAL[0], edited, ORIGINAL[1]]))
    assert duplicates.originals(docs, found).tolist() == ["b", "", ""]


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
    text = changes.text(changes.between(before, after))
    assert "added: b.txt" in text and "share of 战争隐喻 0.5 → 0.7 (beyond its interval)" in text
    assert "no number in any figure moved" in changes.text(changes.between(after, after))


def test_changes_name_the_topics_that_stayed_and_the_new_one():
    words = "topic,rank,term,weight,label\n" + "".join(
        f"{{}},{n},{term},1,\n" for n, term in enumerate("甲乙丙丁戊", 1)
    )
    other = "topic,rank,term,weight,label\n" + "".join(f"1,{n},{term},1,\n" for n, term in enumerate("子丑寅卯辰", 1))
    state = {"inputs": {}, "figures": {"fig05-1-x": "a,b\nx,1\n"}, "topics": words.replace("{}", "1")}
    assert "## Topics" in changes.text(changes.between(state, state))
    assert changes.text(changes.between(state, state | {"topics": other})) != changes.text(
        changes.between(state, state)
    )


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
import shutil, sys
from pathlib import Path
from helpers import recipes, steps, store
from helpers.study import LEXICON, ROOT, Study
study, name, opened = Study(results=Path(sys.argv[1])), sys.argv[2], set()
store.prepare(study)  # looks at every table once to name it
for made in {table for step in steps.STEPS.values() if name in step.makes for table in step.makes} or {name}:
    shutil.rmtree(study.derived / made, ignore_errors=True)
sys.addaudithook(lambda event, args: event == "open" and opened.add(str(args[0])))
store.STEPS[name].make(study)
code = "".join((ROOT / "helpers" / f"{m}.py").read_text("utf-8") for c in store.STEPS[name].code for m in recipes.modules(c))
known = {str(path) for path in recipes.tables_named(code)}
print(sorted(path for path in opened if path.startswith(str(LEXICON)) and Path(path).is_file() and path not in known))
"""


@pytest.mark.parametrize("name", ["docs", "problems", "sentences", "tokens", "dates", "frames"])
def test_a_step_names_every_lexicon_table_it_reads(results, name):
    """Else an edit of that table would leave old numbers standing."""
    done = subprocess.run(
        [sys.executable, "-c", WATCH, results, name],
        capture_output=True,
        text=True,
        cwd=recipes.ROOT,
        env=dict(os.environ, PROCESSES="1"),
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr[-500:]


def test_an_edit_recomputes_only_what_depends_on_it(tmp_path, monkeypatch):
    study = Study(results=tmp_path)
    before = {name: store._key(study, name) for name in store.STEPS}
    edited = {"terms.csv": {"tokens", "problems"}, "codebook.yml": {"frames"}, "titles.csv": set(EXTRACTED)}
    for table, touched in edited.items():
        edit(monkeypatch, table)
        assert {name for name in store.STEPS if store._key(study, name) != before[name]} == touched
        monkeypatch.undo()
    recipes.recipe.cache_clear()


def edit(monkeypatch, table: str) -> None:
    """From now on a lexicon table has other bytes."""
    real = recipes.sha
    monkeypatch.setattr(
        recipes, "sha", lambda paths, base: real(paths, base) + "!" * (table in {p.name for p in paths})
    )
    recipes.recipe.cache_clear()


# ---- parts -----------------------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.sets(st.integers(0, 10**6), min_size=300, max_size=600), st.integers(0, 10**6))
def test_a_name_put_in_changes_a_stretch_or_two(numbers, new):
    def stretches(some: set[int]) -> set[tuple[str, ...]]:
        names = sorted(f"{n:07d}.txt" for n in some)
        cut = parts.divide(names)
        assert [name for one in cut for name in names[one]] == names
        return {tuple(names[one]) for one in cut}

    assert len(stretches(numbers | {new}) - stretches(numbers)) <= 3
    assert max(map(len, stretches(numbers))) <= 12 * parts.REACH


def test_an_empty_part_and_a_full_one_make_a_table_of_the_full_ones_types(tmp_path):
    full = pd.DataFrame({"doc_id": ["甲"], "year": [2022], "token": pd.Categorical(["防控"]), "value": [1.5]})
    full = full.astype({"year": "Int64"})
    for key, frame in (("a", full.head(0).astype(object)), ("b", full), ("c", full.assign(token=["乙"], year=None))):
        parts.save(tmp_path, "try", key, frame.astype({"token": "category"}) if len(frame) else frame)
    table = parts.read(tmp_path, "try", ["a", "b", "c"])
    assert table.dtypes.astype(str).tolist() == ["str", "Int64", "category", "float64"]
    assert table["token"].cat.categories.tolist() == ["乙", "防控"] and len(table) == 2


# ---- only what is new ------------------------------------------------------------------------------------------------


@pytest.fixture
def made(monkeypatch) -> list[tuple[str, int]]:
    """Which steps were made, for how many documents (or files) each time."""
    seen, real = [], steps.save_part
    monkeypatch.setenv("PROCESSES", "1")

    def watched(folder, name, task):
        real(folder, name, task)
        some = parts.read(folder, steps.STEPS[name].makes[0], [task.key])
        seen.append((name, some["doc_id"].nunique()))

    monkeypatch.setattr(steps, "save_part", watched)
    return seen


def everything(study: Study) -> dict[str, bytes]:
    """All files that the derived tables of a study consist of."""
    store.prepare(study)
    for name in store.STEPS:
        store.load(study, name)
    return {
        path.relative_to(study.folder).as_posix(): path.read_bytes()
        for folder in (study.derived, study.tables)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def copied(tmp_path: Path, names: tuple[str, ...] = ("lanshan", "qing")) -> Path:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for path in sorted(SAMPLE.glob("*")):
        if path.is_file() and path.name.startswith((*names, "articles")):
            shutil.copy(path, corpus)
    return corpus


TEXTS = [*ORIGINAL, ORIGINAL[0] + "有关情况将及时公布。", "3月9日，新区新增确诊病例12例。\n来源：新区融媒中心"]
MOVES = st.lists(
    st.tuples(st.integers(0, 11), st.one_of(st.none(), st.integers(0, len(TEXTS) - 1)), st.booleans()),
    min_size=1,
    max_size=5,
)


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])  # a failure is told, not made smaller
@given(history=st.lists(MOVES, min_size=2, max_size=3))
def test_whatever_is_added_edited_or_removed_the_bytes_are_those_of_a_fresh_run(history, tmp_path_factory):
    folder = tmp_path_factory.mktemp("moves")
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "base.txt").write_text(ORIGINAL[2], encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "REACH", 1)  # parts of three articles or so
        patch.setenv("PROCESSES", "1")
        for moves in history:
            for number, text, listed in moves:
                page = corpus / f"{number:02d}.txt"
                page.unlink(missing_ok=True)
                if text is not None:
                    page.write_text(TEXTS[text], encoding="utf-8")
                if listed:
                    (corpus / "articles.csv").write_text(f"file,year,place\n{page.name},2022,甲区\n", encoding="utf-8")
            piecewise = everything(Study(corpus=corpus, results=folder / "piecewise"))
        at_once = everything(Study(corpus=corpus, results=folder / "at-once"))
    assert piecewise.keys() == at_once.keys()
    assert [name for name in at_once if piecewise[name] != at_once[name]] == []


def test_a_changed_article_costs_its_own_part_only(tmp_path, made, monkeypatch):
    monkeypatch.setattr(parts, "REACH", 1)
    corpus = copied(tmp_path)
    study = Study(corpus=corpus, results=tmp_path / "out")
    everything(study)
    every, first = len(made), sorted(corpus.glob("*.txt"))[0]
    first.write_text(first.read_text(encoding="utf-8") + "\n4月2日，社区新增志愿者35名。\n", encoding="utf-8")
    made.clear()
    everything(study)
    assert {name for name, _ in made} == set(steps.STEPS) and len(made) == len(steps.STEPS) < every / 3
    made.clear()
    everything(study)
    assert made == []


def test_an_edited_cleaning_rule_reaches_the_words_and_the_frames(tmp_path, made, monkeypatch):
    """The articles are the same bytes, their paragraphs need not be: nothing made from the old ones may be kept."""
    study = Study(corpus=copied(tmp_path), results=tmp_path / "out")
    everything(study)
    made.clear()
    edit(monkeypatch, "furniture.csv")
    everything(study)
    recipes.recipe.cache_clear()
    assert {name for name, _ in made} == set(steps.STEPS) - {"pages"}


def test_a_note_in_articles_csv_does_not_cut_the_words_again(tmp_path, made):
    corpus = copied(tmp_path)
    study = Study(corpus=corpus, results=tmp_path / "out")
    everything(study)
    about = pd.read_csv(corpus / "articles.csv", dtype=str, keep_default_na=False)
    about.assign(note="重读").to_csv(corpus / "articles.csv", index=False)
    made.clear()
    everything(study)
    assert {name for name, _ in made} == {"docs"} and set(store.load(study, "articles")["note"]) == {"重读"}


def test_an_edit_that_keeps_size_and_time_is_seen(tmp_path, monkeypatch):
    page = tmp_path / "a.txt"
    page.write_text("新增12例", encoding="utf-8")
    monkeypatch.setattr(recipes, "SETTLED", 0)  # what is kept of a file is trusted at once
    first, stat = recipes.content(page), page.stat()
    page.write_text("新增21例", encoding="utf-8")
    os.utime(page, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert page.stat().st_size == stat.st_size and recipes.content(page) != first


def test_an_edit_too_soon_for_the_clock_is_seen(tmp_path, monkeypatch):
    page = tmp_path / "a.txt"
    page.write_text("新增12例", encoding="utf-8")
    stat = page.stat()
    monkeypatch.setattr(recipes.os, "stat", lambda path, **_: stat)
    first = recipes.content(page)
    page.write_text("新增21例", encoding="utf-8")
    assert recipes.content(page) != first


def test_links_and_closed_folders_are_named_and_not_entered(tmp_path):
    (tmp_path / "甲").mkdir()
    (tmp_path / "甲" / "a.txt").write_text("新增12例", encoding="utf-8")
    for name, leads in (("round", "round"), ("folder", "甲"), ("gone", "nowhere"), ("out.txt", "甲/a.txt")):
        os.symlink(leads, tmp_path / name)
    found = recipes.seen(tmp_path)
    assert list(found) == ["folder/", "gone@nowhere", "out.txt@甲/a.txt", "round@round", "甲/", "甲/a.txt"]
    assert [name for name, sha in found.items() if sha] == ["甲/a.txt"]


def test_a_published_table_is_its_parts_one_after_the_other(tmp_path):
    frames = [pd.DataFrame({"doc_id": [f"{n}"] * n, "text": ["居民有序排队。" * 300] * n}) for n in (1, 0, 400, 2)]
    for number, frame in enumerate(frames):
        parts.save(tmp_path, "lines", str(number), frame, published=True)
    parts.publish(tmp_path / "lines.csv", tmp_path, "lines", list("0123"))
    assert (tmp_path / "lines.csv").read_text(encoding="utf-8") == parts.csv(pd.concat(frames), "lines")
    torn = parts.path(tmp_path, "lines", "2").with_suffix(".csv.zst")
    torn.write_bytes(torn.read_bytes()[:-9])
    with pytest.raises(OSError):
        parts.publish(tmp_path / "lines.csv", tmp_path, "lines", list("0123"))
    assert (tmp_path / "lines.csv").read_text(encoding="utf-8") == parts.csv(pd.concat(frames), "lines")


def test_rows_are_copied_from_a_table_that_nobody_touched(tmp_path):
    frames = {key: pd.DataFrame({"doc_id": [key] * 9, "text": [f"第{key}网格居民有序排队。"] * 9}) for key in "0123"}
    for key, frame in frames.items():
        parts.save(tmp_path, "lines", key, frame, published=True)
    table, names = tmp_path / "lines.csv", list("3012")
    whole = parts.csv(pd.concat(frames[key] for key in names), "lines").encode()
    last = dict(zip("012", parts.publish(table, tmp_path, "lines", list("012")), strict=True))
    moment, good = table.stat().st_mtime_ns, table.read_bytes()
    hidden = parts.path(tmp_path, "lines", "1").with_suffix(".csv.zst")
    rows = hidden.read_bytes()
    hidden.unlink()
    sizes = parts.publish(table, tmp_path, "lines", names, last, moment)
    assert table.read_bytes() == whole and sizes == [last["0"], *last.values()]
    hidden.write_bytes(rows)
    for edited, later in ((good.replace("有".encode(), "无".encode()), 1), (good[:-9], 0), (b"=" + good[1:], 0)):
        table.write_bytes(edited)
        os.utime(table, ns=(moment, moment + later))
        parts.publish(table, tmp_path, "lines", names, last, moment)
        assert table.read_bytes() == whole


# ---- what may go wrong -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", list(steps.STEPS))
def test_what_is_finished_when_a_run_is_interrupted_is_kept_and_the_next_goes_on(tmp_path, monkeypatch, step):
    monkeypatch.setenv("PROCESSES", "1")
    monkeypatch.setattr(parts, "REACH", 1)
    corpus = copied(tmp_path)
    calls, real = [], steps.save_part

    def stopped(folder, name, task):
        calls.append((name, task.key))
        if [n for n, _ in calls].count(step) == 2:
            raise KeyboardInterrupt
        real(folder, name, task)

    study = Study(corpus=corpus, results=tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(steps, "save_part", stopped)
        with pytest.raises(KeyboardInterrupt):
            everything(study)
    finished, calls[:] = calls[:-1], []
    with monkeypatch.context() as patch:
        patch.setattr(
            steps, "save_part", lambda folder, name, task: calls.append((name, task.key)) or real(folder, name, task)
        )
        after = everything(study)
    assert finished and not set(finished) & set(calls)
    assert after == everything(Study(corpus=corpus, results=tmp_path / "undisturbed"))


def test_a_damaged_or_missing_part_is_made_again(tmp_path):
    study = Study(corpus=copied(tmp_path), results=tmp_path / "out")
    whole = everything(study)
    for number, path in enumerate(sorted(study.derived.glob("*/*.arrow"))):
        path.write_bytes(path.read_bytes()[: 40 * (number % 3)]) if number % 2 else path.unlink()
    (study.tables / "frames.csv").unlink()
    for name in store.STEPS:
        store.load(study, name)
    assert everything(study) == whole


def fatal_once(folder: Path, name: str, task: steps.Task) -> None:
    """Kills the process that makes the first part of the words; then all is done as ever."""
    mark = folder / "killed"
    if name == "tokens" and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    steps.save_part(folder, name, task)


def test_a_worker_that_dies_is_told_of_and_changes_no_byte(tmp_path, monkeypatch):
    corpus = copied(tmp_path)
    monkeypatch.setattr(parts, "REACH", 1)
    monkeypatch.setattr(shelf, "FEW", 1)
    undisturbed = everything(Study(corpus=corpus, results=tmp_path / "undisturbed"))
    monkeypatch.setenv("PROCESSES", "2")
    monkeypatch.setattr(shelf, "LOST", [])
    monkeypatch.setattr(steps, "save_part", fatal_once)
    disturbed = everything(study := Study(corpus=corpus, results=tmp_path / "disturbed"))
    assert [severity for *_, severity in shelf.LOST] == ["note"] and (study.derived / "killed").exists()
    assert {name: content for name, content in disturbed.items() if not name.endswith("killed")} == undisturbed


def test_a_few_parts_are_not_worth_the_start_of_a_process(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "REACH", 1)
    monkeypatch.setenv("PROCESSES", "2")
    monkeypatch.setattr(workers, "_pool", lambda n: pytest.fail("a process was started"))
    corpus = copied(tmp_path, ("lanshan",))
    everything(study := Study(corpus=corpus, results=tmp_path / "out"))
    assert 1 < len(shelf.stamp(study, "docs")["parts"]) <= shelf.FEW


def test_two_processes_make_the_bytes_that_one_makes(tmp_path, monkeypatch):
    corpus = copied(tmp_path)
    monkeypatch.setattr(parts, "REACH", 1)
    monkeypatch.setattr(shelf, "FEW", 1)
    made = []
    for processes in ("1", "2"):
        monkeypatch.setenv("PROCESSES", processes)
        made.append(everything(Study(corpus=corpus, results=tmp_path / processes)))
    assert made[0] == made[1]


def test_an_article_of_which_cleaning_leaves_nothing_is_named_and_not_counted(tmp_path):
    (tmp_path / "posts.csv").write_text(f"正文\n{ORIGINAL[0]}\n转发微博\n{ORIGINAL[1]}\n转发微博\n", encoding="utf-8")
    (tmp_path / "menu.txt").write_text("首页 新闻 视频\n登录 注册", encoding="utf-8")
    study = Study(corpus=tmp_path, results=tmp_path.with_name("out"))
    assert store.counted(study) == ["posts-0001", "posts-0003"]
    told = store.load(study, "problems").query("severity == 'doubt'").set_index("file")["problem"]
    assert told["posts.csv"] == "2 of 4 articles in it have no paragraph of text: 2, 4"
    assert told["menu.txt"] == "no paragraph of text is left of it"
