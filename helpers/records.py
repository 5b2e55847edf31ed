"""The tables of facts put in order: repeats marked, events on a calendar, each article's system of control, who speaks.

Everything here is a pure function of derived tables (dates, quantities, actors, mechanisms, speech); only `load_truth`
reads files. `scores` says how far the tables agree with answers given by hand, where a corpus brings such answers.
"""

import json
import re
from calendar import monthrange
from collections.abc import Iterable
from functools import cache

import networkx as nx
import numpy as np
import pandas as pd

from helpers import cleaning, glyphs, lexicon
from helpers.inference import wilson
from helpers.study import CorpusError, Study

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
DAYS = re.compile(r"\d{4}-\d\d(?:-\d\d)?|\b\d{4}\b(?!-)")
SIGNED = re.compile("byline|editor|credit|记者|通讯员|编辑|摄影")


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
    number = (~_goes_on(rows)).cumsum()
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


def _goes_on(rows: pd.DataFrame) -> pd.Series:
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


# ---- answers given by hand -------------------------------------------------------------------------------------------


def load_truth(study: Study) -> dict[str, dict]:
    """doc_id → answers, from the JSON files of the corpus folder `truth`; empty where there is no such folder."""
    answers: dict[str, dict] = {}
    for path in sorted((study.corpus / "truth").glob("*.json")):
        try:
            read = json.loads(path.read_text(encoding="utf-8-sig"))
            many = read["docs"] if "docs" in read else {read["doc_id"]: read}
        except (ValueError, KeyError, TypeError) as error:
            raise CorpusError(
                f"truth/{path.name}: not the answers of an article ({error}): mend the JSON, or move it out of truth."
            ) from None
        answers |= many
    return answers


def verdicts(tables: dict[str, pd.DataFrame], answers: dict[str, dict], docs: pd.DataFrame) -> pd.DataFrame:
    """Each row found and each answer, judged: what, doc_id, line, name, verdict (right, wrong, missed).

    A quantity is right with value and unit, a date by its day and, more strictly, by its whole ISO form, a person or
    organization by name in its article, a quotation by where it opens. Answers marked loose, and people who only sign,
    are not asked for. Mechanisms are judged by what was missed alone: three characters in a row on the same line are
    enough, and nothing found is called wrong.
    """
    out: list[tuple] = []
    raw = dict(zip(docs["doc_id"], docs["raw"], strict=True))
    quotes = tables["speech"][tables["speech"]["kind"] != "term"]
    tables = {**tables, "speech": quotes[~_goes_on(quotes)]}
    for doc, given in answers.items():
        if doc in raw:
            of = {name: table[table["doc_id"] == doc].to_dict("records") for name, table in tables.items()}
            judged = [
                *_spans("quantities", of["quantities"], given, _same_quantity),
                *_spans("dates, the day", of["dates"], given, _near_date, "dates"),
                *_spans("dates, full ISO", of["dates"], given, _same_date, "dates"),
                *_people(of["actors"], given),
                *_organizations(of["actors"], given),
                *_arrangements(of["mechanisms"], given),
                *_quotations(of["speech"], given, re.split(r"\r\n|\r|\n", raw[doc])),
            ]
            out += [(what, doc, *rest) for what, *rest in judged]
    return pd.DataFrame(out, columns=["what", "doc_id", "line", "name", "verdict"])


def _same_quantity(row: dict, answer: dict) -> bool:
    return abs(row["value"] - float(answer["value"])) < 1e-6 and row["unit"] == glyphs.simplified(
        str(answer["unit"] or "")
    )


def _same_date(row: dict, answer: dict) -> bool:
    """The same ISO form, or the same day where the answer is a day and the row reads its clock time along with it."""
    iso, right = str(row["iso"] or ""), [a for a in (answer.get("iso"), answer.get("iso_alt")) if a]
    return iso in right or f"{iso}:00" in right or (iso[10:11] == "T" and "/" not in iso and iso[:10] in right)


def _near_date(row: dict, answer: dict) -> bool:
    """A day (or month) in common, whatever is said of since, until and the clock."""
    days = set(DAYS.findall(str(row["iso"] or "")))
    return bool(days & set(DAYS.findall(f"{answer.get('iso')} {answer.get('iso_alt')}")))


def _spans(what: str, found: list[dict], given: dict, agree, table: str = "") -> list[tuple]:
    """Rows against answers that overlap on their line; one row may settle several answers (除夕（1月24日）)."""
    answers = given.get(table or what)
    if answers is None:
        return []
    out, used = [], set()
    for row in found:
        near = [
            i
            for i, a in enumerate(answers)
            if a["line"] == row["line"] and a["start"] < row["end"] and row["start"] < a["end"]
        ]
        hits = [i for i in near if i not in used and answers[i].get("tier") != "loose" and agree(row, answers[i])]
        used.update(hits)
        if hits or not any(answers[i].get("tier") == "loose" for i in near):
            out.append((what, row["line"], row["surface"], "right" if hits else "wrong"))
    dropped = set(given.get("clean_expectation", {}).get("dropped_lines", ()))
    missed = [
        a for i, a in enumerate(answers) if i not in used and a.get("tier") != "loose" and a["line"] not in dropped
    ]
    return out + [(what, a["line"], a["surface"], "missed") for a in missed]


def _first(lines) -> int:
    numbers = lines if isinstance(lines, list) else [int(n) for n in str(lines or "").split()]
    return min(numbers, default=0)


def _people(found: list[dict], given: dict) -> list[tuple]:
    if "persons" not in given:
        return []
    signed = {glyphs.simplified(p["name"]) for p in given["persons"] if SIGNED.search(str(p.get("role")))}
    asked = {glyphs.simplified(p["name"]): _first(p.get("lines", [])) for p in given["persons"]}
    asked = {name: line for name, line in asked.items() if name not in signed}
    names = {r["name"]: _first(r["lines"]) for r in found if r["kind"] == "person" and r["name"] not in signed}
    return [("persons", line, name, "right" if name in asked else "wrong") for name, line in names.items()] + [
        ("persons", line, name, "missed") for name, line in asked.items() if name not in names
    ]


def _organizations(found: list[dict], given: dict) -> list[tuple]:
    if "organizations" not in given:
        return []
    names = {r["name"]: _first(r["lines"]) for r in found if r["kind"] == "organization"}
    forms = [{glyphs.simplified(s) for s in [*(o.get("surfaces") or []), o["name"]]} for o in given["organizations"]]
    out = [
        ("organizations", _first(o["lines"]), o["name"], "right" if s & names.keys() else "missed")
        for o, s in zip(given["organizations"], forms, strict=True)
        if s & names.keys() or o.get("named")
    ]
    return out + [
        ("organizations", line, name, "wrong") for name, line in names.items() if not any(name in s for s in forms)
    ]


def _arrangements(found: list[dict], given: dict) -> list[tuple]:
    out = []
    for answer in given.get("mechanisms", ()):
        name = glyphs.simplified(answer["name"])
        pieces = {name[i : i + 3] for i in range(len(name) - 2)} or {name}
        near = [r["name"] for r in found if set(map(int, str(r["lines"]).split())) & set(answer["lines"])]
        out.append(
            (
                "mechanisms",
                _first(answer["lines"]),
                name,
                "right" if any(p in n for p in pieces for n in near) else "missed",
            )
        )
    return out


def _quotations(found: list[dict], given: dict, lines: list[str]) -> list[tuple]:
    if "quotes" not in given:
        return []
    lines = [glyphs.simplified(line) for line in lines]
    opens = {
        (q["line"], lines[q["line"] - 1].find(glyphs.simplified(q["surface_start"]).strip("“「"))): q["surface_start"]
        for q in given["quotes"]
    }
    near = {(line, start + shift): (line, start) for line, start in opens for shift in (-1, 0)}
    out, used = [], set()
    for row in found:
        hit = near.get((row["line"], row["start"]))
        words = lines[row["line"] - 1][row["start"] : row["start"] + 10]
        out.append(("quotations", row["line"], words, "wrong" if hit is None else "right"))
        used |= {hit} - {None}
    return out + [
        ("quotations", line, text, "missed") for (line, start), text in opens.items() if (line, start) not in used
    ]


def scores(judged: pd.DataFrame) -> pd.DataFrame:
    """Precision, recall and F1 by `what`, each with 95 % Wilson limits (Wilson 1927).

    F1 = 2J/(1 + J) rises with J = right/(right + wrong + missed), so the limits of J, carried over, are those of F1.
    They know nothing of articles: mistakes that come in clusters make the truth wider.

    >>> judged = pd.DataFrame({"what": "dates", "verdict": ["right"] * 8 + ["wrong", "missed"]})
    >>> scores(judged)[["what", "right", "precision", "recall", "f1"]].round(3).values.tolist()
    [['dates', 8, 0.889, 0.889, 0.889]]
    """
    counts = pd.crosstab(judged["what"], judged["verdict"]).reindex(columns=["right", "wrong", "missed"], fill_value=0)
    counts = counts.reindex(list(dict.fromkeys(judged["what"]))).rename_axis(columns=None)
    right, wrong, missed = (counts[c].astype(float) for c in counts)
    for name, of in (("precision", right + wrong), ("recall", right + missed), ("f1", right + wrong + missed)):
        carry = (lambda j: 2 * j / (1 + j)) if name == "f1" else (lambda j: j)
        limits = wilson(right, of)
        counts[name], counts[f"{name}_low"], counts[f"{name}_high"] = (
            carry(right / of),
            carry(limits[0]),
            carry(limits[1]),
        )
    unasked = counts.index == "mechanisms"
    counts.loc[unasked, [c for c in counts if c.startswith(("precision", "f1"))]] = np.nan
    return counts.reset_index()
