"""How far the tables of facts agree with answers given by hand, where a corpus brings such answers (a folder `truth`)."""

import json
import re

import numpy as np
import pandas as pd

from helpers import glyphs
from helpers.inference import wilson
from helpers.records import goes_on
from helpers.study import BY_HAND, CorpusError, Study

DAYS = re.compile(r"\d{4}-\d\d(?:-\d\d)?|\b\d{4}\b(?!-)")
SIGNED = re.compile("byline|editor|credit|记者|通讯员|编辑|摄影")


def load_truth(study: Study) -> dict[str, dict]:
    """doc_id → answers, from the JSON files of the corpus folder `truth`; empty where there is no such folder."""
    answers: dict[str, dict] = {}
    for path in sorted((study.corpus / BY_HAND).glob("*.json")):
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
    tables = {**tables, "speech": quotes[~goes_on(quotes)]}
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
    unit = glyphs.simplified(str(answer["unit"] or ""))
    return abs(row["value"] - float(answer["value"])) < 1e-6 and row["unit"] == unit


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
        verdict = "right" if any(p in n for p in pieces for n in near) else "missed"
        out.append(("mechanisms", _first(answer["lines"]), name, verdict))
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
        low, high = wilson(right, of)
        counts = counts.assign(**{name: carry(right / of), f"{name}_low": carry(low), f"{name}_high": carry(high)})
    unasked = counts.index == "mechanisms"
    counts.loc[unasked, [c for c in counts if c.startswith(("precision", "f1"))]] = np.nan
    return counts.reset_index()
