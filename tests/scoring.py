"""Scores of a run's tables against answers made by hand: what is right, what is found too much, what is missed."""

from dataclasses import dataclass

import pandas as pd

SAME_UNIT = str.maketrans("個戶間張輛萬條噸畝餘時臺檯場盞罐", "个户间张辆万条吨亩余时台台场盏罐")


@dataclass(frozen=True)
class Score:
    right: int
    extra: int
    missed: int

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.extra + self.missed)


def of_sets(found: set, true: set) -> Score:
    """
    >>> of_sets({"甲", "乙"}, {"乙", "丙"}).f1
    0.5
    """
    return Score(len(found & true), len(found - true), len(true - found))


def line_decisions(lines: pd.DataFrame, answers: dict) -> dict[str, Score]:
    """Dropped lines, joins and headings over all documents of `answers`."""
    found, true = {"drop": set(), "join": set(), "heading": set()}, {"drop": set(), "join": set(), "heading": set()}
    lines = lines[lines["zone"] != "blank"]
    for doc, answer in answers.items():
        own, right = lines[lines["doc_id"] == doc], answer["clean_expectation"]
        joins = own.dropna(subset="continues")
        found["drop"] |= {(doc, n) for n in own.loc[own["action"] == "drop", "line"]}
        found["heading"] |= {(doc, n) for n in own.loc[own["zone"] == "heading", "line"]}
        found["join"] |= {(doc, int(a), b) for a, b in zip(joins["continues"], joins["line"], strict=True)}
        true["drop"] |= {(doc, n) for n in right["dropped_lines"]}
        true["heading"] |= {(doc, n) for n in right["heading_lines"]}
        true["join"] |= {(doc, a, b) for a, b in right["joins"]}
    return {key: of_sets(found[key], true[key]) for key in found}


def _overlap(a: dict, b: dict) -> bool:
    return a["line"] == b["line"] and a["start"] < b["end"] and b["start"] < a["end"]


def spans(rows: pd.DataFrame, answers: dict, key: str, same) -> Score:
    """Rows with line, start, end against core answers; what overlaps a loose answer counts neither way."""
    right = extra = missed = 0
    for doc, answer in answers.items():
        core = [a for a in answer[key] if a["tier"] == "core"]
        loose = [a for a in answer[key] if a["tier"] != "core"]
        used: set[int] = set()
        for row in rows[rows["doc_id"] == doc].to_dict("records"):
            hit = next((i for i, a in enumerate(core) if i not in used and _overlap(row, a) and same(row, a)), None)
            if hit is not None:
                used.add(hit)
                right += 1
            elif not any(_overlap(row, a) for a in loose):
                extra += 1
        missed += len(core) - len(used)
    return Score(right, extra, missed)


def same_quantity(row: dict, answer: dict) -> bool:
    units = [str(x or "").translate(SAME_UNIT) for x in (row["unit"], answer["unit"])]
    return answer["value"] is not None and abs(row["value"] - answer["value"]) < 1e-6 and units[0] == units[1]


def same_date(row: dict, answer: dict) -> bool:
    return row["iso"] in {answer.get("iso"), answer.get("iso_alt")} - {None}


def persons(actors: pd.DataFrame, answers: dict, simplify) -> Score:
    found = {
        (d, n)
        for d, n, k in zip(actors["doc_id"], actors["name"], actors["kind"], strict=True)
        if k == "person" and d in answers
    }
    true = {(d, simplify(p["name"])) for d, a in answers.items() for p in a["persons"]}
    return of_sets({(d, simplify(n)) for d, n in found}, true)


def frames(codes: pd.DataFrame, answers: dict) -> Score:
    """Frames of body paragraphs, a paragraph named by its first line."""
    found, true = set(), set()
    for doc, answer in answers.items():
        first = set(answer["clean_expectation"]["body_paragraph_first_lines"])
        own = codes[(codes["doc_id"] == doc) & codes["zone"].isin(["body", "list"])]
        found |= {
            (doc, line, str(frame)) for line, frame in zip(own["line"], own["frame"], strict=True) if line in first
        }
        true |= {
            (doc, int(line), frame)
            for line, some in answer["frames_by_line"].items()
            if int(line) in first
            for frame in some
        }
    return of_sets(found, true)
