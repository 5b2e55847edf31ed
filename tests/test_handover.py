"""What is handed to other programs is what stands here: every file is read back by its format's own reader, or by its rules."""

import io
import re
import unicodedata
import zipfile

import networkx as nx
import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet
import pytest
import scipy.io
from hypothesis import example, given
from hypothesis import strategies as st

from helpers import formats, handover, publishing, segment, store, terms, wordlist, workbook
from helpers.study import Study

NOT_XML = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


@pytest.fixture(scope="module")
def study(results) -> Study:
    return Study(results=results)


@pytest.fixture(scope="module")
def made(study) -> pd.DataFrame:
    return handover.publish(study)


def sheet(book: openpyxl.Workbook, name: str) -> pd.DataFrame:
    head, *rows = book[name].iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=head)


def plain(frame: pd.DataFrame) -> list[list]:
    """Rows as they can be compared: nothing and "" are the same, numbers to six digits."""
    number = lambda value: float(f"{value:.6g}") if isinstance(value, (int, float, np.number)) else value  # noqa: E731
    rows = frame.astype(object).where(frame.notna(), "").values.tolist()
    return [
        ["" if value == "" else value if isinstance(value, bool) else number(value) for value in row] for row in rows
    ]


# ---- all of them ------------------------------------------------------------------------------------------------------


def test_one_call_writes_every_file_says_how_it_is_opened_and_repeats_itself(study, made):
    folder = study.folder / "exports"
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert files == sorted([*made["file"], "README.md"])
    assert made[["program", "how", "note"]].ne("").all(axis=None) and (made["left_out"] == "").all()
    before = {name: (folder / name).read_bytes() for name in files}
    handover.publish(study)
    assert before == {name: (folder / name).read_bytes() for name in files}


def test_an_export_of_a_table_that_is_gone_goes_too(study, made):
    stray = study.folder / "exports" / "parquet" / "gone.parquet"
    stray.write_bytes(b"")
    handover.write_parquet(study)
    assert not stray.exists()


@pytest.mark.parametrize("content", ["", "。", "\n\n"])
def test_a_corpus_with_nothing_to_count_is_handed_over_all_the_same(tmp_path, content):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_text(content, encoding="utf-8")
    (corpus / "b.txt").write_text("通告\n镇里组织志愿者把蔬菜送到居民门口。", encoding="utf-8")
    study = Study(corpus=corpus, results=tmp_path / "out")
    handover.publish(study)
    matrix = scipy.io.mmread(study.folder / "exports" / "counts.mtx", spmatrix=False)
    assert matrix.shape[0] == len(store.counted(study)) and matrix.sum() > 0


# ---- tables -----------------------------------------------------------------------------------------------------------


def test_every_table_is_a_sheet_with_its_values_and_a_frozen_header(study, made):
    book = openpyxl.load_workbook(study.folder / "exports" / "tables.xlsx")
    tables = handover.load_tables(study)
    assert book.sheetnames == ["contents", *tables]
    assert sheet(book, "contents")["rows"].tolist() == [len(frame) for frame in tables.values()]
    for name, frame in tables.items():
        assert book[name].freeze_panes == "A2"
        assert plain(sheet(book, name)) == plain(frame.map(store.harmless)), name


def test_parquet_holds_the_derived_tables_with_their_types(study, made):
    for name in ("frames", "sentences", "articles", "quantities"):
        read = pyarrow.parquet.read_table(study.folder / "exports" / "parquet" / f"{name}.parquet").to_pandas()
        kept = store.load(study, name)
        assert set(read.columns) == set(kept.columns) and plain(read[kept.columns]) == plain(kept)
    assert read["value"].dtype == float and read.columns.tolist()[:9] == publishing.TABLES["quantities"]


def test_a_written_table_comes_back_with_words_as_words(study):
    rows = pd.DataFrame(
        {"doc_id": ["007"], "group": ["2020"], "code": ["012"], "share": [0.5], "n": [3], "en": ["=1+1"]}
    )
    store.save(study, rows, "group_shares")
    try:
        read = handover.load_tables(study)["group_shares"]
    finally:
        (study.tables / "group_shares.csv").unlink()
    assert read.values.tolist() == [["007", "2020", "012", 0.5, 3, "=1+1"]]


@given(st.lists(texts, min_size=1, max_size=5))
def test_no_text_becomes_a_formula_an_error_or_another_text(values):
    frame = pd.DataFrame({"text": pd.Series([*values, "=1+1", "#N/A", "@a", "-1"], dtype=object)})
    book = openpyxl.load_workbook(io.BytesIO(workbook.pack({"t": workbook.fitting(frame)[0]})))
    cells = [row[0] for row in book["t"].iter_rows(min_row=2)]
    assert not {cell.data_type for cell in cells} & {"f", "e"}
    expected = [re.sub(NOT_XML, "", text) for text in frame["text"]]
    assert [cell.value or "" for cell in cells] == expected


def test_what_a_sheet_cannot_hold_is_left_out_and_said(monkeypatch):
    monkeypatch.setattr(workbook, "ROWS", 4)
    frame, said = workbook.fitting(pd.DataFrame({"text": ["甲" * 40_000, "乙", "丙", "丁"], "n": [1, 2, 3, 4]}))
    assert frame["n"].tolist() == [1, 2, 3] and len(frame["text"][0]) == 32_767
    assert said == "the first 3 of 4 rows; 1 cells cut after 32,767 characters"


def test_a_workbook_keeps_no_time():
    data = workbook.pack({"t": pd.DataFrame({"n": [1]})})
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert set(re.findall(rb"\d{4}-\d\d-\d\dT", parts.read("docProps/core.xml"))) == {b"2000-01-01T"}


# ---- words ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def words(study, made) -> dict:
    folder = study.folder / "exports"
    lines = (folder / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
    read = lambda name: pd.read_csv(folder / name, dtype={"doc_id": str}, keep_default_na=False)  # noqa: E731
    matrix = scipy.io.mmread(folder / "counts.mtx", spmatrix=False).tocsr()
    return {"matrix": matrix, "vocabulary": lines, "documents": read("documents.csv"), "long": read("counts.csv")}


def test_the_matrix_is_the_counts_of_the_documents_that_enter_the_statistics(study, words):
    tokens = store.load(study, "tokens")
    tokens = tokens[tokens["zone"].isin(["body", "list"]) & tokens["doc_id"].isin(store.counted(study))]
    counts = terms.count(tokens)
    assert words["vocabulary"] == counts.vocabulary.tolist()
    assert words["documents"]["doc_id"].tolist() == store.counted(study) == counts.units["doc_id"].tolist()
    assert (words["matrix"] != counts.matrix).nnz == 0 and words["matrix"].dtype.kind == "i"


def test_texts_split_at_blanks_give_the_matrix_and_so_does_the_long_form(words):
    place = {word: number for number, word in enumerate(words["vocabulary"])}
    row = {doc: number for number, doc in enumerate(words["documents"]["doc_id"])}
    again, long = (np.zeros(words["matrix"].shape, dtype=int) for _ in range(2))
    for number, text in enumerate(words["documents"]["text"]):
        np.add.at(again[number], [place[word] for word in text.split(" ")], 1)
    for doc, word, n in words["long"].itertuples(index=False):
        long[row[doc], place[word]] = n
    assert (again == words["matrix"].toarray()).all() and (long == again).all()


def test_documents_come_in_the_order_quanteda_takes_them_with_their_variables(study, words):
    assert words["documents"].columns[:2].tolist() == ["doc_id", "text"]
    assert words["documents"]["doc_id"].is_unique and {"place", "year", "outlet_type"} <= set(words["documents"])
    articles = store.load(study, "articles").set_index("doc_id")
    assert words["documents"]["place"].tolist() == articles.loc[words["documents"]["doc_id"], "place"].tolist()


# ---- KH Coder ---------------------------------------------------------------------------------------------------------


def test_khcoder_reads_one_sheet_names_first_texts_in_column_a(study, made):
    book = openpyxl.load_workbook(study.folder / "exports" / "khcoder.xlsx")
    table, paragraphs = sheet(book, book.sheetnames[0]), store.load(study, "paragraphs")
    body = paragraphs[paragraphs["zone"].isin(["body", "list"])].groupby("doc_id")["text"].agg("\n".join)
    assert len(book.sheetnames) == 1 and not book["texts"].merged_cells.ranges and table.columns[0] == "text"
    assert dict(zip(table["doc_id"], table["text"], strict=True)) == body.loc[table["doc_id"]].to_dict()
    assert table.columns.is_unique and table.notna().any(axis=0)[["place", "year"]].all()
    cells = table.drop(columns="text").fillna("").astype(str)
    assert cells.map(len).max(axis=None) <= 127 and not cells.map(lambda text: bool(re.search(r"[\t\n\r]", text))).any(
        axis=None
    )


@given(st.lists(st.text("疫情防控。", min_size=1, max_size=30), max_size=8), st.integers(5, 40))
def test_a_long_article_goes_on_in_the_next_row_and_loses_nothing(paragraphs, size):
    articles = pd.DataFrame({"doc_id": ["甲", "乙"], "place": ["区", "县"]})
    body = pd.DataFrame({"doc_id": "甲", "text": paragraphs}, columns=["doc_id", "text"])
    table = formats.khcoder(articles, body, size)
    mine = table[table["doc_id"] == "甲"]
    assert mine["part"].tolist() == list(range(1, len(mine) + 1)) and (mine["text"].str.len() <= size).all()
    assert "".join(mine["text"]).replace("\n", "") == "".join(paragraphs)
    assert table[table["doc_id"] == "乙"].values.tolist() == [["", "乙", 1, "县"]]


# ---- CoNLL-U ----------------------------------------------------------------------------------------------------------


def read_conllu(text: str) -> list[dict]:
    """Sentences by the rules of CoNLL-U, version 2 (universaldependencies.org/format.html); a breach is an AssertionError."""
    assert text == "" or text.endswith("\n\n")
    assert "\r" not in text and unicodedata.is_normalized("NFC", text)
    sentences, ids, documents = [], set(), set()
    for block in text.split("\n\n")[:-1]:
        lines = block.split("\n")
        about = dict(line[2:].split(" = ", 1) for line in lines if line.startswith("# ") and " = " in line)
        words = [line.split("\t") for line in lines if not line.startswith("#")]
        assert words and all(len(fields) == 10 and all(fields) for fields in words)
        assert [fields[0] for fields in words] == [str(number) for number in range(1, len(words) + 1)]
        assert not any(re.search(r"\s", field) for fields in words for field in fields)
        assert all(field == "_" for fields in words for field in fields[2:9])
        assert {fields[9] for fields in words} <= {"_", "SpaceAfter=No"}
        assert re.fullmatch(r"[^\s/]+", about["sent_id"]) and about["sent_id"] not in ids
        together = "".join(fields[1] + ("" if fields[9] == "SpaceAfter=No" else " ") for fields in words)
        assert together.rstrip(" ") == about["text"]
        if "newdoc id" in about:
            assert re.fullmatch(r"\S+", about["newdoc id"]) and about["newdoc id"] not in documents
            documents.add(about["newdoc id"])
        ids.add(about["sent_id"])
        sentences.append({**about, "words": [fields[1] for fields in words]})
    return sentences


def test_conllu_holds_every_sentence_in_words_that_make_its_text(study, made):
    read = read_conllu((study.folder / "exports" / "tokens.conllu").read_text(encoding="utf-8"))
    sentences = store.load(study, "sentences")
    assert [s["text"] for s in read] == [" ".join(text.split()) for text in sentences["text"]]
    assert [int(s["line"]) for s in read] == sentences["line"].tolist()
    assert sum("newdoc id" in s for s in read) == sentences["doc_id"].nunique()
    cut = segment.cutter(wordlist.load(study))([read[5]["text"]])[0]
    assert read[5]["words"] == [word for word in cut if word != " "]


@given(st.lists(st.tuples(st.sampled_from(["甲/区", "甲 区", "甲%20区"]), texts), max_size=6))
@example([("甲 区", "cafe\u0301\u3000 \uf900")])  # two characters for é, a wide blank, a compatibility ideograph
def test_conllu_keeps_its_rules_whatever_stands_in_the_texts(rows):
    rows = sorted(rows, key=lambda row: row[0])
    frame = pd.DataFrame(rows, columns=["doc_id", "text"]).assign(zone="body", line=1, paragraph=1)
    frame["sentence"] = range(len(frame))
    cut = lambda some: [re.findall(r".{1,2}", text, re.S) for text in some]  # noqa: E731
    read = read_conllu(formats.conllu(frame, cut))
    assert "".join(w for s in read for w in s["words"]) == "".join(
        "".join(unicodedata.normalize("NFC", text).split()) for _, text in rows
    )


# ---- BibTeX -----------------------------------------------------------------------------------------------------------


def read_bibtex(text: str) -> list[dict]:
    """Entries as BibTeX reads them: a field ends where its braces balance, escaped or not."""
    entries, at = [], 0
    while match := re.compile(r"\s*@(\w+)\{([^\s,{}\"#%~\\]+),").match(text, at):
        entry, at = {"type": match[1], "key": match[2]}, match.end()
        while field := re.compile(r"\s*(\w+) = \{").match(text, at):
            depth, end = 1, field.end()
            while depth:
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
            entry[field[1]] = text[field.end() : end - 1]
            at = end + text[end : end + 1].count(",")
        at = re.compile(r"\s*\}").match(text, at).end()
        entries.append(entry)
    assert not text[at:].strip()
    return entries


UNDONE = {"textbackslash{}": "\\", "textbraceleft{}": "{", "textbraceright{}": "}", "textasciitilde{}": "~"}
UNDONE |= {"textasciicircum{}": "^", **{character: character for character in "&%$#_"}}


def unlatex(text: str) -> str:
    text = text[1:-1] if text.startswith("{") and text.endswith("}") else text
    bare = re.sub(r"\\(?:text\w+\{\}|[&%$#_])", "", text)
    assert not re.search(r"[\\{}&%$#_~^]", bare), text
    return re.sub(r"\\(text\w+\{\}|[&%$#_])", lambda match: UNDONE[match[1]], text)


def test_every_article_is_a_reference(study, made):
    entries = read_bibtex((study.folder / "exports" / "articles.bib").read_text(encoding="utf-8"))
    articles = store.load(study, "articles")
    for entry, article in zip(entries, articles.to_dict("records"), strict=True):
        assert (
            unlatex(entry.get("title", "")) == " ".join(article["title"].split()) and entry["date"] == article["date"]
        )
        assert unlatex(entry["publisher"]) == article["publisher"] and unlatex(entry["note"]) == article["file"]
        assert entry["type"] == ("article" if "newspaper" in article["outlet_type"] else "online")
        assert ("journaltitle" in entry) == (entry["type"] == "article")
    assert len({entry["key"] for entry in entries}) == len(entries)


@given(st.lists(st.tuples(texts, texts), max_size=5, unique_by=lambda row: row[0]))
def test_bibtex_gives_back_any_title(rows):
    articles = pd.DataFrame([{"doc_id": doc, "file": "f", "title": title, "year": 2020} for doc, title in rows])
    entries = read_bibtex(formats.bibtex(articles)) if len(articles) else []
    assert [unlatex(entry.get("title", "")) for entry in entries] == [" ".join(title.split()) for _, title in rows]
    assert all(entry["date"] == "2020" and entry["key"].isascii() for entry in entries)
    assert len({entry["key"] for entry in entries}) == len(entries)


# ---- GraphML ----------------------------------------------------------------------------------------------------------


def test_the_network_joins_actors_of_one_place_to_mechanisms(study, made):
    graph = nx.read_graphml(study.folder / "exports" / "actors-mechanisms.graphml")
    kinds = nx.get_node_attributes(graph, "kind")
    assert len(graph) and all((kinds[a] == "mechanism") != (kinds[b] == "mechanism") for a, b in graph.edges)
    assert all(at["weight"] >= at["documents"] >= 1 for _, _, at in graph.edges(data=True))
    assert {at["place"] for _, at in graph.nodes(data=True) if "place" in at} <= set(
        store.load(study, "articles")["place"]
    )


def test_a_headquarters_in_two_places_is_two_bodies():
    pairs = pd.DataFrame(
        {"doc_id": ["甲", "乙", "乙"], "paragraph": [1, 1, 2], "a": "指挥部", "kind_a": "organization"}
    )
    pairs = pairs.assign(b="网格化管理", kind_b="mechanism")
    graph = handover.two_modes(pairs, {"甲": "青沔市", "乙": "浔川县"})
    assert graph.number_of_nodes() == 3
    assert sorted(at["weight"] for _, _, at in graph.edges(data=True)) == [1, 2]


def test_tables_begin_with_their_first_column_and_only_sheets_to_fill_in_with_the_mark_of_excel(tmp_path):
    study = Study(results=tmp_path)
    for name in ("articles", "topic_labels"):
        publishing.save(study, pd.DataFrame({"doc_id": ["甲"]}), name)
    assert (study.tables / "articles.csv").read_bytes().startswith(b"doc_id")
    assert (study.tables / "topic_labels.csv").read_text(encoding="utf-8").startswith("\ufeffdoc_id")
