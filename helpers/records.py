"""What the tables of facts say together: the sentence around a fact, the system of control of an article, who is named
with what; and the front door to dates on a calendar, repeats marked and who speaks.

Everything here is a pure function of derived tables (dates, quantities, actors, mechanisms, speech).
"""

# ruff: noqa: F401  (what a front door imports is what it offers)

from collections.abc import Iterable
from itertools import combinations

import networkx as nx
import numpy as np
import pandas as pd

from helpers import cleaning
from helpers.amounts import by_unit, mark_repeats, same_fact
from helpers.mechanisms import unnamed
from helpers.study import BODY
from helpers.timeline import bounds, calendar, events
from helpers.voices import VOICES, goes_on, utterances, voice_of

SYSTEM = {  # class of a mechanism: (step of the record, name in Chinese), in the order of the argument
    "command": ("command", "指挥"),
    "principle": ("mechanisms", "原则"),
    "territory": ("mechanisms", "划区"),
    "people": ("mechanisms", "人员"),
    "digital": ("mechanisms", "数字"),
    "publicity": ("mechanisms", "宣传"),
    "testing": ("measures", "检测"),
    "tracing": ("measures", "流调"),
    "isolation": ("measures", "隔离"),
    "medical": ("measures", "医疗"),
    "logistics": ("measures", "物资"),
    "production": ("measures", "生产"),
    "donation": ("measures", "捐赠"),
    "outcome": ("outcomes", "结果"),
}
KINDS = ("person", "organization", "mechanism")  # of names in a network
NUMBERS = ("paragraph", "sentence", "line", "start", "end", "value")


# ---- back to the text ------------------------------------------------------------------------------------------------


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """`table`, its columns texts and numbers also where it has no rows (an empty file remembers no types)."""
    if len(table):
        return table
    return table.astype({c: "int64" if c in NUMBERS else "str" for c in table.columns})


def locate(rows: pd.DataFrame, sentences: pd.DataFrame, docs: pd.DataFrame) -> pd.DataFrame:
    """`rows` (doc_id, line, start in that raw line) with paragraph, sentence, zone and text of the sentence around.

    >>> docs = pd.DataFrame({"doc_id": ["a"], "raw": ["标题\\n先开会。3月9日封控。"]})
    >>> sentences = pd.DataFrame({"doc_id": "a", "paragraph": 2, "sentence": [1, 2], "zone": "body", "start": [3, 7],
    ...                           "text": ["先开会。", "3月9日封控。"]})
    >>> locate(pd.DataFrame({"doc_id": ["a"], "line": [2], "start": [4]}), sentences, docs)["text"].item()
    '3月9日封控。'
    """
    columns = ["paragraph", "sentence", "zone", "text"]
    bare = rows.drop(columns=columns, errors="ignore")
    if rows.empty:
        return typed(bare.reindex(columns=[*bare.columns, *columns]))
    begins = cleaning.line_starts(docs)
    places = rows[["doc_id", "line", "start"]].itertuples(index=False)
    place = np.array([begins[d][line - 1] + start for d, line, start in places], dtype="int64")
    left = bare.assign(_place=place, _row=np.arange(len(rows)), doc_id=rows["doc_id"].astype(str))
    right = sentences[["doc_id", "start", *columns]].rename(columns={"start": "_place"})
    right = right.astype({"_place": "int64"}).assign(doc_id=right["doc_id"].astype(str))
    found = pd.merge_asof(left.sort_values("_place"), right.sort_values("_place"), on="_place", by="doc_id")
    return found.sort_values("_row").drop(columns=["_place", "_row"]).set_axis(rows.index)


def paragraphs_of(names: pd.DataFrame, paragraphs: pd.DataFrame) -> pd.DataFrame:
    """One row per name and paragraph for tables with `lines` ("3 7 12"); lines outside body and lists fall away."""
    rows = names.assign(line=names["lines"].fillna("").astype(str).str.split()).explode("line").dropna(subset="line")
    if rows.empty:
        return rows.assign(paragraph=pd.Series(dtype=int))
    rows = rows.assign(line=rows["line"].astype(int), doc_id=rows["doc_id"].astype(str))
    rows = rows.sort_values("line", kind="stable")
    every = paragraphs[["doc_id", "line", "paragraph", "zone"]].sort_values(["line", "paragraph"])
    found = pd.merge_asof(rows, every.assign(doc_id=every["doc_id"].astype(str)), on="line", by="doc_id")
    return found[found["zone"].isin(BODY)].drop(columns="zone").astype({"paragraph": int})


# ---- systems of control ----------------------------------------------------------------------------------------------


def measure_matrix(mechanisms: pd.DataFrame, doc_ids: Iterable[str]) -> pd.DataFrame:
    """Articles × classes: how many different arrangements of each class an article names.

    >>> names = pd.DataFrame({"doc_id": "甲", "name": ["网格化管理", "核酸检测"], "kind": ["territory", "testing"]})
    >>> measure_matrix(names, ["甲", "乙"])[["territory", "testing", "tracing"]].values.tolist()
    [[1, 1, 0], [0, 0, 0]]
    """
    counts = pd.crosstab(mechanisms["doc_id"], mechanisms["kind"])
    return counts.reindex(index=list(doc_ids), columns=list(SYSTEM), fill_value=0).fillna(0).astype(int)


def page(matrix: pd.DataFrame, articles: pd.DataFrame, most: int = 30) -> pd.DataFrame:
    """The `most` rows of `matrix` with the largest sums, by year and place where these are known, then doc_id."""
    richest = matrix.sum(axis=1).sort_values(ascending=False, kind="stable").head(most).index
    keys = [column for column in ("year", "place") if articles[column].nunique() > 1]
    rows = articles[articles["doc_id"].isin(richest)].sort_values([*keys, "doc_id"], kind="stable")
    return matrix.loc[rows["doc_id"]]


def systems(
    mechanisms: pd.DataFrame,
    sentences: pd.DataFrame,
    paragraphs: pd.DataFrame,
    dates: pd.DataFrame,
    quantities: pd.DataFrame,
) -> pd.DataFrame:
    """The record of each article: doc_id, step, class, name, lines, dates, numbers.

    step is command, mechanisms, measures or outcomes. `dates` and `quantities` as `locate` gives them; a date or number
    belongs to an arrangement where one sentence holds both.
    """
    at = ["doc_id", "paragraph", "sentence"]
    where = paragraphs_of(mechanisms, paragraphs)[["doc_id", "name", "paragraph"]].drop_duplicates()
    numbered = sentences[at].astype({"doc_id": str}).assign(number=np.arange(len(sentences)))
    pairs = where.merge(numbered, on=["doc_id", "paragraph"])
    texts = sentences["text"].str.replace("[“”]", "", regex=True).tolist()
    held = [name in texts[number] for name, number in zip(pairs["name"], pairs["number"], strict=True)]
    pairs = pairs[np.array(held, dtype=bool)][[*at, "name"]]
    steps = [SYSTEM.get(kind, ("mechanisms", ""))[0] for kind in mechanisms["kind"]]
    record = mechanisms.assign(step=steps).rename(columns={"kind": "class"})
    for column, facts, shown in (("dates", dates, "iso"), ("numbers", quantities, "surface")):
        facts = facts[facts[shown].fillna("") != ""]
        beside = pairs.merge(facts[[*at, shown]].astype({"doc_id": str}), on=at).groupby(["doc_id", "name"])[shown]
        record = record.join(beside.agg(lambda s: " ".join(dict.fromkeys(s))).rename(column), on=["doc_id", "name"])
    in_turn = list(dict.fromkeys(step for step, _ in SYSTEM.values()))
    order = record.assign(
        _step=record["step"].map(in_turn.index),
        _first=record["lines"].str.split().str[0].astype(int),
        _doc=pd.factorize(record["doc_id"])[0],
    )
    record = order.sort_values(["_doc", "_step", "_first"], kind="stable").reset_index(drop=True)
    return record[["doc_id", "step", "class", "name", "lines", "dates", "numbers"]].fillna("")


# ---- networks --------------------------------------------------------------------------------------------------------


def co_mentions(actors: pd.DataFrame, mechanisms: pd.DataFrame, paragraphs: pd.DataFrame) -> pd.DataFrame:
    """Pairs of names of different kinds in one paragraph: doc_id, paragraph, a, b, kind_a, kind_b.

    Kinds are person, organization, mechanism; what came of it all (解封) and bodies that are only counted (7个小组) name no
    mechanism. A pair where one name holds the other (指挥部 in 市指挥部) is the same words read twice, and is left out.

    >>> actors = pd.DataFrame({"doc_id": "甲", "name": ["指挥部"], "kind": "organization", "lines": "3 7"})
    >>> mechanisms = pd.DataFrame({"doc_id": "甲", "name": ["网格化管理"], "kind": "territory", "lines": "3"})
    >>> paragraphs = pd.DataFrame({"doc_id": ["甲"], "line": [3], "paragraph": [1], "zone": ["body"]})
    >>> co_mentions(actors, mechanisms, paragraphs)[["a", "b"]].values.tolist()
    [['指挥部', '网格化管理']]
    """
    columns = ["doc_id", "name", "kind", "lines"]
    named = mechanisms[mechanisms["kind"].ne("outcome") & ~mechanisms["name"].isin(unnamed())]
    names = pd.concat([actors[columns], named[columns].assign(kind="mechanism")], ignore_index=True)
    names = names[~names.duplicated(["doc_id", "name"])]
    rows = paragraphs_of(names, paragraphs)[["doc_id", "paragraph", "name", "kind"]].drop_duplicates()
    rows = rows.assign(number=np.arange(len(rows)))
    of = {kind: rows[rows["kind"] == kind] for kind in KINDS}  # a list of a thousand people is not paired with itself
    both = (of[a].merge(of[b], on=["doc_id", "paragraph"], suffixes=("_a", "_b")) for a, b in combinations(KINDS, 2))
    pairs = pd.concat(both).sort_values(["number_a", "number_b"]).drop(columns=["number_a", "number_b"])
    apart = [a not in b and b not in a for a, b in zip(pairs["name_a"], pairs["name_b"], strict=True)]
    return pairs[np.array(apart, dtype=bool)].rename(columns={"name_a": "a", "name_b": "b"}).reset_index(drop=True)


def network(pairs: pd.DataFrame, most: int = 24) -> nx.Graph:
    """The graph of co-mentions: `weight` of an edge = paragraphs that name both, `kind` of a node.

    At most `most` nodes: those with most paragraphs on their edges, and of these the largest connected piece.
    """
    graph = nx.Graph()
    for (a, b, kind_a, kind_b), weight in sorted(pairs.value_counts(["a", "b", "kind_a", "kind_b"]).items()):
        graph.add_node(a, kind=kind_a)
        graph.add_node(b, kind=kind_b)
        graph.add_edge(a, b, weight=weight)
    whole = graph.subgraph(_largest(graph))
    kept = sorted(_largest(whole.subgraph(sorted(whole, key=lambda n: (-whole.degree(n, weight="weight"), n))[:most])))
    out = nx.Graph()
    out.add_nodes_from((n, graph.nodes[n]) for n in kept)
    out.add_edges_from(
        (a, b, graph.edges[a, b]) for a, b in sorted(tuple(sorted(e)) for e in graph.subgraph(kept).edges)
    )
    return out


def _largest(graph: nx.Graph) -> set[str]:
    """The largest connected piece; of equals the first by name."""
    return min(nx.connected_components(graph), key=lambda piece: (-len(piece), min(piece)), default=set())
