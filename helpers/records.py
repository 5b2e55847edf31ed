"""The tables of facts put in order: repeats marked, events on a calendar, each article's system of control, who speaks.

Everything here is a pure function of derived tables (dates, quantities, actors, mechanisms, speech).
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from functools import cache

import networkx as nx
import numpy as np
import pandas as pd

from helpers import cleaning, lexicon

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
VOICES = {"official": "官员干部", "at work": "一线人员", "resident": "居民群众", "not told": "身份未明"}
PEOPLE = ("人", "名", "位", "个人")  # measure words that count the same thing: persons
AT_WORK = {
    "志愿者",
    "社区工作者",
    "工作人员",
    "社区干部",
    "村干部",
    "队员",
    "民警",
    "警察",
    "教师",
    "团员",
    "战士",
    "负责人",
    "主管",
    "成员",
}
RESIDENT = {"大学生", "女大学生", "研究生", "房东", "老兵", "党员", "预备党员", "农户", "商户"}
WORKPLACE = re.compile("[部科室]副?主任$")  # 护理部主任, 感染科主任: heads at work, not officials
BODY = ("body", "list")
STAMP = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T(\d\d)(?::(\d\d))?)?$")


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
    place = [
        begins[d][line - 1] + start for d, line, start in rows[["doc_id", "line", "start"]].itertuples(index=False)
    ]
    left = bare.assign(
        _place=np.array(place, dtype="int64"), _row=np.arange(len(rows)), doc_id=rows["doc_id"].astype(str)
    ).sort_values("_place")
    right = (
        sentences[["doc_id", "start", *columns]]
        .rename(columns={"start": "_place"})
        .astype({"_place": "int64"})
        .sort_values("_place")
    )
    found = pd.merge_asof(left, right.assign(doc_id=right["doc_id"].astype(str)), on="_place", by="doc_id")
    return found.sort_values("_row").drop(columns=["_place", "_row"]).set_axis(rows.index)


def paragraphs_of(names: pd.DataFrame, paragraphs: pd.DataFrame) -> pd.DataFrame:
    """One row per name and paragraph for tables with `lines` ("3 7 12"); lines outside body and lists fall away."""
    rows = names.assign(line=names["lines"].fillna("").astype(str).str.split()).explode("line").dropna(subset="line")
    if rows.empty:
        return rows.assign(paragraph=pd.Series(dtype=int))
    rows = rows.assign(line=rows["line"].astype(int), doc_id=rows["doc_id"].astype(str)).sort_values(
        "line", kind="stable"
    )
    every = paragraphs[["doc_id", "line", "paragraph", "zone"]].sort_values(["line", "paragraph"])
    found = pd.merge_asof(rows, every.assign(doc_id=every["doc_id"].astype(str)), on="line", by="doc_id")
    return found[found["zone"].isin(BODY)].drop(columns="zone").astype({"paragraph": int})


# ---- dates -----------------------------------------------------------------------------------------------------------


@cache
def bounds(iso: str) -> tuple[pd.Timestamp, pd.Timestamp, str]:
    """First and last moment of an ISO date, and its shape: moment, span, since or until (the open end is NaT).

    >>> [str(x)[:10] for x in bounds("2022-04")]
    ['2022-04-01', '2022-04-30', 'span']
    >>> bounds("../2022-03-07")[2]
    'until'
    """
    first, _, last = iso.partition("/")
    begin, finish = _moment(first, False), _moment(last or first, True)
    if first == ".." or last == "..":
        return begin, finish, "until" if first == ".." else "since"
    return begin, finish, "moment" if begin == finish else "span"


def _moment(part: str, last: bool) -> pd.Timestamp:
    m = STAMP.match(part)
    if not m:
        return pd.NaT
    year, month = int(m[1]), int(m[2] or (12 if last else 1))
    if not (1700 <= year <= 2200 and 1 <= month <= 12):
        return pd.NaT
    day = int(m[3] or (monthrange(year, month)[1] if last else 1))
    if not 1 <= day <= monthrange(year, month)[1]:
        return pd.NaT
    return pd.Timestamp(year, month, day) + pd.Timedelta(hours=int(m[4] or 0), minutes=int(m[5] or 0))


def events(dates: pd.DataFrame) -> pd.DataFrame:
    """Dates that can be drawn: one row per article and ISO date, with begin, finish, shape and `times`, how often.

    Dates coarser than a half-year and those the text leaves unresolved fall away.
    """
    rows = dates[dates["iso"].fillna("") != ""]
    placed = [bounds(str(iso)) for iso in rows["iso"]]
    begin, finish = (pd.Series([p[i] for p in placed], index=rows.index, dtype="datetime64[s]") for i in (0, 1))
    rows = rows.assign(begin=begin, finish=finish, shape=[p[2] for p in placed])
    known = rows["begin"].notna() | rows["finish"].notna()
    closed = rows["shape"].isin(["moment", "span"]) & (rows["begin"].isna() | rows["finish"].isna())
    rows = rows[known & ~closed & ~((rows["finish"] - rows["begin"]) > pd.Timedelta(days=190))]
    keys = ["doc_id", "iso", "begin", "finish", "shape"]
    return (
        rows.groupby(keys, sort=False, dropna=False)
        .agg(times=("iso", "size"), line=("line", "first"), surface=("surface", "first"))
        .reset_index()
    )


def calendar(happened: pd.DataFrame, articles: pd.DataFrame, most: int = 30) -> pd.DataFrame:
    """`happened` (from `events`) of the `most` articles richest in dates, in drawing order.

    Added: `panel`, the article's year, and `published`, its day.
    """
    known = articles.assign(published=pd.to_datetime(articles["date"], errors="coerce")).set_index("doc_id")
    rows = happened.join(known[["year", "published"]], on="doc_id")
    own = rows["begin"].fillna(rows["finish"])
    first = own.groupby(rows["doc_id"]).transform("median")
    rows = rows.assign(
        panel=rows["year"].astype("Int64").fillna(first.dt.year.astype("Int64")).astype(str),
        _order=rows["published"].fillna(first),
    )
    richest = rows["doc_id"].value_counts(sort=True).head(most).index
    return (
        rows[rows["doc_id"].isin(richest)]
        .sort_values(["panel", "_order", "doc_id", "begin"], kind="stable")
        .drop(columns=["_order", "year"])
    )


# ---- quantities ------------------------------------------------------------------------------------------------------


def unit_names() -> pd.DataFrame:
    """Unit, kind and gloss of every unit in units.csv, by its canonical form."""
    table = pd.DataFrame(lexicon.rows("units", "canonical", "kind", "gloss"))
    return table.drop_duplicates("canonical").set_index("canonical")[["kind", "gloss"]]


def same_fact(counted: str, other: str, value: float) -> bool:
    """Whether two equal numbers of one unit in one article state one fact.

    They do where the thing counted is the same; from 10 up also where one name holds the other, one is not told, or the
    number has three or more telling digits: such numbers do not meet by chance, small and round ones do.

    >>> same_fact("志愿者", "社区志愿者", 320), same_fact("组", "人", 3), same_fact("口罩", "手套", 1000)
    (True, False, False)
    >>> same_fact("口罩", "物资", 1254)
    True
    """
    if counted and counted == other:
        return True
    telling = len(f"{value:.10g}".replace(".", "").strip("0")) >= 3
    return value >= 10 and (telling or not counted or not other or counted in other or other in counted)


def mark_repeats(quantities: pd.DataFrame) -> pd.DataFrame:
    """`quantities` with `repeats`: the line where the article states the same fact first, <NA> at first mention."""
    rows = quantities.reset_index(drop=True)
    unit = rows["unit"].where(~rows["unit"].isin(PEOPLE), PEOPLE[0])
    again = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    for _, group in rows.groupby(["doc_id", unit, "value"], sort=False):
        kept: list[tuple[str, int]] = []
        for i, counted, value, line in (
            group[["counted", "value", "line"]].fillna("").itertuples() if len(group) > 1 else ()
        ):
            before = next((first for noun, first in kept if same_fact(noun, counted, float(value))), None)
            if before is None:
                kept.append((counted, line))
            else:
                again[i] = before
    return rows.assign(repeats=again)


def by_unit(quantities: pd.DataFrame, group: pd.Series, most: int = 12) -> tuple[pd.DataFrame, dict[str, str]]:
    """Numbers above zero of the `most` frequent units, kinds together, and a title for each unit.

    Added to the rows: kind and gloss of the unit, `group` of the article.
    """
    names = unit_names()
    rows = (
        quantities[quantities["value"] > 0]
        .join(names, on="unit")
        .assign(group=lambda t: t["doc_id"].map(group), approx=lambda t: t["approx"].fillna(""))
    )
    top = (
        rows.groupby(["kind", "unit"])
        .size()
        .sort_values(ascending=False, kind="stable")
        .head(most)
        .rename("n")
        .reset_index()
    )
    top = top.iloc[pd.factorize(top["kind"])[0].argsort(kind="stable")]
    gloss = names["gloss"].str.split("[,;]").str[0].to_dict()
    titles = {unit: f"{unit} {gloss.get(unit, '')}, n = {n}" for unit, n in zip(top["unit"], top["n"], strict=True)}
    return rows.set_index("unit").loc[list(titles)].reset_index(), titles


# ---- systems of control ----------------------------------------------------------------------------------------------


def measure_matrix(mechanisms: pd.DataFrame, doc_ids: Iterable[str]) -> pd.DataFrame:
    """Articles × classes: how many different arrangements of each class an article names."""
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
    pairs = where.merge(sentences[[*at, "text"]].astype({"doc_id": str}), on=["doc_id", "paragraph"])
    held = [
        name in text.replace("“", "").replace("”", "") for name, text in zip(pairs["name"], pairs["text"], strict=True)
    ]
    pairs = pairs[np.array(held, dtype=bool)][[*at, "name"]]
    record = mechanisms.assign(step=[SYSTEM.get(kind, ("mechanisms", ""))[0] for kind in mechanisms["kind"]]).rename(
        columns={"kind": "class"}
    )
    for column, facts, shown in (("dates", dates, "iso"), ("numbers", quantities, "surface")):
        facts = facts[facts[shown].fillna("") != ""]
        beside = pairs.merge(facts[[*at, shown]].astype({"doc_id": str}), on=at).groupby(["doc_id", "name"])[shown]
        record = record.join(beside.agg(lambda s: " ".join(dict.fromkeys(s))).rename(column), on=["doc_id", "name"])
    steps = list(dict.fromkeys(step for step, _ in SYSTEM.values()))
    order = record.assign(
        _step=record["step"].map(steps.index),
        _first=record["lines"].str.split().str[0].astype(int),
        _doc=pd.factorize(record["doc_id"])[0],
    )
    record = order.sort_values(["_doc", "_step", "_first"], kind="stable").reset_index(drop=True)
    return record[["doc_id", "step", "class", "name", "lines", "dates", "numbers"]].fillna("")


# ---- networks --------------------------------------------------------------------------------------------------------


def co_mentions(actors: pd.DataFrame, mechanisms: pd.DataFrame, paragraphs: pd.DataFrame) -> pd.DataFrame:
    """Pairs of names of different kinds in one paragraph: doc_id, paragraph, a, b, kind_a, kind_b.

    Kinds are person, organization, mechanism. A pair where one name holds the other (指挥部 in 市指挥部) is the same
    words read twice, and is left out.
    """
    columns = ["doc_id", "name", "kind", "lines"]
    names = pd.concat([actors[columns], mechanisms[columns].assign(kind="mechanism")], ignore_index=True)
    names = names[~names.duplicated(["doc_id", "name"])]
    rows = paragraphs_of(names, paragraphs)[["doc_id", "paragraph", "name", "kind"]].drop_duplicates()
    pairs = rows.merge(rows, on=["doc_id", "paragraph"], suffixes=("_a", "_b"))
    pairs = pairs[pairs["kind_a"] > pairs["kind_b"]]
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


# ---- speech ----------------------------------------------------------------------------------------------------------


def utterances(speech: pd.DataFrame, actors: pd.DataFrame) -> pd.DataFrame:
    """Spans of speech, interrupted halves joined: columns of `speech`, then spans, role and voice (a key of VOICES)."""
    rows = speech[speech["kind"] == "speech"].reset_index(drop=True)
    number = (~goes_on(rows)).cumsum()
    out = rows.groupby(number, sort=True).first().assign(spans=rows.groupby(number).size()).reset_index(drop=True)
    roles = (
        actors[actors["kind"] == "person"]
        .drop_duplicates(["doc_id", "name"])
        .set_index(["doc_id", "name"])["role"]
        .fillna("")
        .to_dict()
    )
    out["role"] = [
        roles.get((d, s)) or ("" if (d, s) in roles else s)
        for d, s in zip(out["doc_id"], out["speaker"].fillna(""), strict=True)
    ]
    out["voice"] = [voice_of(role) for role in out["role"]]
    return out


def goes_on(rows: pd.DataFrame) -> pd.Series:
    """Whether a quotation is the second half of the one before it: same paragraph, kind and named speaker."""
    same = rows[["doc_id", "paragraph", "speaker", "kind"]]
    return (same == same.shift()).all(axis=1) & (rows["speaker"] != "")


@cache
def _titles() -> tuple:
    rows = lexicon.rows("titles", "title", "field", "strength")
    return lexicon.automaton(row["title"] for row in rows), {row["title"]: row for row in rows}


@cache
def voice_of(role: str) -> str:
    """official, at work, resident or not told, from the last title in a role (titles.csv).

    >>> voice_of("东湖街道党工委书记"), voice_of("车间主任"), voice_of("小区居民"), voice_of("老张")
    ('official', 'at work', 'resident', 'not told')
    """
    found = lexicon.spans(_titles()[0], role)
    if not found:
        return "not told"
    title = found[-1][2]
    field = _titles()[1][title]["field"]
    group = _titles()[1][title]["strength"] == "group"
    if title in RESIDENT or field in ("family", "address") or (field == "community" and group and title not in AT_WORK):
        return "resident"
    office = field in ("party", "government") and title not in AT_WORK and not WORKPLACE.search(role)
    return "official" if office else "at work"
