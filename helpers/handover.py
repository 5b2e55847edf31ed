"""Results handed over to other programs: `publish(study)` writes results/<corpus>/exports/, on demand and the same each time.

Which program opens which file, and how, stands in `data/lexicon/handover.csv`. Files of words hold the documents that enter
the statistics and the words that are counted there; tables, sentences and references hold every article.
"""

import io
import re
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import scipy.io
from scipy import sparse

from helpers import formats, lexicon, network, records, segment, store, wordlist, workbook
from helpers.counts import count, for_documents
from helpers.publishing import csv, harmless, in_order, save_bytes, save_text
from helpers.study import BODY, Study

TECHNICAL = ["file", "encoding", "sha256", "date_basis", "n_han_raw", "n_paragraphs", "n_sentences"]
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?|-?inf")
WORDS = frozenset(
    "doc_id file name term term_a term_b a b group group_a group_b label lines line_ids surface text".split()
)


def publish(study: Study) -> pd.DataFrame:
    """Write every export and a README.md that says how each is opened.

    Gives one row a file: file, rows (of its largest part), left_out ("" where all is there), program, how, note.
    """
    made = [one for write in WRITERS for one in write(study)]
    listed = pd.DataFrame(made, columns=["file", "rows", "left_out"])
    about = offered()
    save_text(folder(study) / "README.md", _readme(about, study))
    shelves = listed.assign(shelf=listed["file"].str.replace(r"(?<=/).*", "", regex=True))
    return shelves.join(about.set_index("file"), on="shelf").drop(columns="shelf")


def offered() -> pd.DataFrame:
    """What can be handed over: file, program, how (to open it there), note.

    >>> offered().set_index("file").loc["khcoder.xlsx", "program"]
    'KH Coder 3'
    """
    return pd.DataFrame(lexicon.rows("handover", "file", "program", "how", "note"))


def folder(study: Study) -> Path:
    """results/<corpus>/exports"""
    return study.folder / "exports"


# ---- tables -----------------------------------------------------------------------------------------------------------


def load_tables(study: Study) -> dict[str, pd.DataFrame]:
    """Every table of results/<corpus>/tables by name, with its types; those of the chain are made where they are missing."""
    chain = {name: store.load(study, name) for name in store.PUBLISHED}
    written = {path.stem: path for path in sorted(study.tables.glob("*.csv"))}
    return {name: _ordered(chain[name], name) if name in chain else _read(path) for name, path in written.items()}


def _ordered(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    words = frame.select_dtypes("category").columns
    return frame[in_order(frame, name)].astype(dict.fromkeys(words, "str"))


def _read(path: Path) -> pd.DataFrame:
    """A written table: formulas as they were, and a column a number where all its values are written as numbers are."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return frame.apply(lambda column: _typed(column.map(unharmed)))


def _typed(column: pd.Series) -> pd.Series:
    filled = column[column != ""]
    if column.name in WORDS or filled.empty or not filled.str.fullmatch(NUMBER).all():
        return column.astype("str")
    numbers = pd.to_numeric(column.replace("", None))
    return numbers if (filled.str.contains("[.ei]")).any() else numbers.astype("Int64")


def unharmed(value: str) -> str:
    """A cell as it was before `publishing.harmless` put its apostrophe.

    >>> unharmed("'=1+1"), unharmed("'防控'")
    ('=1+1', "'防控'")
    """
    return value[1:] if value[:1] == "'" and harmless(value[1:]) == value else value


def write_workbook(study: Study) -> list[tuple[str, int, str]]:
    """tables.xlsx: a sheet a table, and before them `contents`, which says how many rows each has and what did not fit."""
    sheets, rows = {}, []
    for name, frame in load_tables(study).items():
        sheets[name], left_out = workbook.fitting(frame.map(harmless))
        rows.append((name[: workbook.NAME], len(frame), len(frame.columns), left_out))
    contents = pd.DataFrame(rows, columns=["table", "rows", "columns", "left_out"])
    save_bytes(folder(study) / "tables.xlsx", workbook.pack({"contents": contents, **sheets}))
    said = [f"{name}: {left_out}" for name, _, _, left_out in rows if left_out]
    return [("tables.xlsx", int(contents["rows"].sum()), "; ".join(said))]


def write_parquet(study: Study) -> list[tuple[str, int, str]]:
    """parquet/<table>.parquet, in place of those of an earlier run."""
    shelf = folder(study) / "parquet"
    for old in shelf.glob("*.parquet"):
        old.unlink()
    tables = load_tables(study)
    for name, frame in tables.items():
        save_bytes(shelf / f"{name}.parquet", frame.to_parquet(None, index=False, compression="zstd"))
    return [(f"parquet/{name}.parquet", len(frame), "") for name, frame in tables.items()]


# ---- words ------------------------------------------------------------------------------------------------------------


def write_words(study: Study) -> list[tuple[str, int, str]]:
    """documents.csv, counts.csv, counts.mtx and vocabulary.txt: the document-feature matrix, and the texts it is made of."""
    documents, matrix, vocabulary = document_terms(study)
    cells = matrix.tocoo()
    ids = documents["doc_id"].to_numpy(dtype=object)
    long = pd.DataFrame({"doc_id": ids[cells.row], "feature": vocabulary[cells.col], "count": cells.data})
    held = io.BytesIO()
    scipy.io.mmwrite(held, cells, comment=_about(study), field="integer", symmetry="general")
    save_text(folder(study) / "documents.csv", csv(documents))
    save_text(folder(study) / "counts.csv", csv(long))
    save_bytes(folder(study) / "counts.mtx", held.getvalue())
    save_bytes(folder(study) / "vocabulary.txt", "".join(f"{word}\n" for word in vocabulary).encode())
    return [
        ("documents.csv", len(documents), ""),
        ("counts.csv", len(long), ""),
        ("counts.mtx", matrix.nnz, ""),
        ("vocabulary.txt", len(vocabulary), ""),
    ]


def document_terms(study: Study) -> tuple[pd.DataFrame, sparse.csr_array, np.ndarray]:
    """Documents (doc_id, text, document variables), their counts (documents × words), and the words in code-point order.

    text is the counted words in their order, joined by blanks; a blank inside a word becomes _, as in quanteda.
    """
    articles, tokens = _variables(study), store.load(study, "tokens")
    tokens = tokens[tokens["zone"].isin(BODY) & tokens["doc_id"].isin(articles["doc_id"])]
    words = tokens["token"].astype("str").str.replace(r"\s+", "_", regex=True)
    counts = count(tokens.assign(token=words))
    texts = words[words.isin(counts.vocabulary)].groupby(tokens["doc_id"].astype("str"), sort=False).agg(" ".join)
    documents = articles.assign(text=articles["doc_id"].map(texts).fillna(""))
    columns = ["doc_id", "text", *(column for column in articles if column not in ("doc_id", "text"))]
    return documents[columns], for_documents(counts, articles["doc_id"].tolist()).matrix, counts.vocabulary


def _variables(study: Study) -> pd.DataFrame:
    """The articles that enter the statistics, with what is known of them."""
    articles = store.load(study, "articles")
    kept = articles[articles["doc_id"].isin(store.counted(study))]
    return kept.drop(columns=TECHNICAL, errors="ignore").reset_index(drop=True)


# ---- texts and networks -----------------------------------------------------------------------------------------------


def write_khcoder(study: Study) -> list[tuple[str, int, str]]:
    """khcoder.xlsx, as KH Coder 3 imports it: one sheet, names in the first row, a text a row, variables beside it."""
    paragraphs = store.load(study, "paragraphs")
    table = formats.khcoder(_variables(study), paragraphs[paragraphs["zone"].isin(BODY)], workbook.CHARACTERS)
    save_bytes(folder(study) / "khcoder.xlsx", workbook.pack({"texts": workbook.fitting(table)[0]}))
    several = int((table["part"] == 2).sum())
    return [("khcoder.xlsx", len(table), f"{several} long articles stand in several rows" if several else "")]


def write_conllu(study: Study) -> list[tuple[str, int, str]]:
    """tokens.conllu: every sentence, with punctuation, cut as for the statistics."""
    sentences = store.load(study, "sentences")
    text = formats.conllu(sentences, segment.cutter(wordlist.load(study)))
    save_bytes(folder(study) / "tokens.conllu", text.encode())
    return [("tokens.conllu", text.count("\n# sent_id = "), "")]


def write_bibtex(study: Study) -> list[tuple[str, int, str]]:
    """articles.bib: the corpus as a list of references."""
    articles = store.load(study, "articles")
    save_bytes(folder(study) / "articles.bib", formats.bibtex(articles).encode())
    return [("articles.bib", len(articles), "")]


def write_graphml(study: Study) -> list[tuple[str, int, str]]:
    """actors-mechanisms.graphml"""
    of = {name: store.load(study, name) for name in ("actors", "mechanisms", "paragraphs", "articles")}
    counted = store.counted(study)
    pairs = records.co_mentions(*(of[name][of[name]["doc_id"].isin(counted)] for name in list(of)[:3]))
    graph = two_modes(pairs, dict(zip(of["articles"]["doc_id"], of["articles"]["place"], strict=True)))
    path = folder(study) / "actors-mechanisms.graphml"
    network.write_graphml(graph, path, corpus=study.name, fingerprint=store.fingerprint(study))
    return [(path.name, graph.number_of_edges(), "")]


def two_modes(pairs: pd.DataFrame, places: dict[str, str]) -> nx.Graph:
    """Actors and the mechanisms named beside them, from rows of `records.co_mentions`.

    A node has label, kind (person, organization, mechanism) and, where it is an actor, place; an edge weight (paragraphs
    that name both) and documents.

    >>> pairs = pd.DataFrame({"doc_id": ["甲"], "paragraph": [1], "a": ["指挥部"], "kind_a": ["organization"],
    ...                       "b": ["网格化管理"], "kind_b": ["mechanism"]})
    >>> list(two_modes(pairs, {"甲": "青沔市"}).edges(data="weight"))
    [('organization/青沔市/指挥部', 'mechanism/网格化管理', 1)]
    """
    rows = pairs[(pairs["kind_b"] == "mechanism") & (pairs["kind_a"] != "mechanism")]
    rows = rows.assign(place=[workbook.printable(places.get(doc, "")) for doc in rows["doc_id"].astype("str")])
    keys, graph = ["kind_a", "place", "a", "b"], nx.Graph()
    together = rows.groupby(keys, observed=True).agg(weight=("a", "size"), documents=("doc_id", "nunique"))
    for (kind, place, a, b), (weight, documents) in zip(together.index, together.to_numpy().tolist(), strict=True):
        actor, mechanism = f"{kind}/{place}/{a}", f"mechanism/{b}"
        graph.add_node(actor, label=a, kind=kind, place=place)
        graph.add_node(mechanism, label=b, kind="mechanism")
        graph.add_edge(actor, mechanism, weight=weight, documents=documents)
    return graph


WRITERS = (write_workbook, write_parquet, write_words, write_khcoder, write_conllu, write_bibtex, write_graphml)


def _about(study: Study) -> str:
    return f" corpus {study.name.encode('ascii', 'backslashreplace').decode()}, sha256 {store.fingerprint(study)}"


def _readme(about: pd.DataFrame, study: Study) -> str:
    lines = [f"# {study.name} for other programs", "", f"Corpus fingerprint: sha256 {store.fingerprint(study)}", ""]
    for row in about.itertuples(index=False):
        lines += [f"## {row.file}", "", f"{row.program}: ``{row.how}``", "", row.note, ""]
    return "\n".join(lines)
