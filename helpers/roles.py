"""Who does what to whom, and the role that casts either side in: read from the patterns of clauses.

A pattern over a clause's skeleton says who acts on whom; the class of the action says what role this gives the two, after
the Narrative Policy Framework (Jones and McBeth 2010; Shanahan, Jones, McBeth and Radaelli 2018; the beneficiary is of
Weible, Olofsson, Costie, Katz and Heikkila 2016). Patterns, classes and roles are rows of data/lexicon/role_patterns.csv
and role_classes.csv. What fits no pattern is left out: the rows are meant to be right rather than many, and a count of
them is no count of all that is told.
"""

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from helpers import lexicon
from helpers.clauses import NEVER_UNDERSTOOD, Part, given, skeleton
from helpers.frames import around
from helpers.study import CorpusError

UNIT = ["doc_id", "paragraph"]
EVENT = "actor actor_class action verb recipient recipient_class role recipient_role rule carried".split()
COLUMNS = [*UNIT, "line", "start", "end", *EVENT]
SKELETON = {  # part of a pattern → what stands for it in a skeleton
    "actor": "(?<![gbt])(?<![gbt]~)(?P<actor>[Nc])",
    "verb": "~?(?:V~?)*(?P<verb>V)",
    "recipient": "n*(?P<recipient>[Nnc])",
    "被": "~?p",
    "把": "~?b",
    "为": "~?g",
    "给": "~?[gt]",
}


# ---- what the tables say ----


@dataclass(frozen=True)
class Action:
    """A class of actions: the roles it gives, whether somebody must be acted on (must, may, none; thing: else goods must
    be named), and which classes can act and be acted on (none named: all but the epidemic)."""

    name: str
    actor_role: str
    recipient_role: str
    object: str
    actors: tuple[str, ...]
    recipients: tuple[str, ...]

    def joins(self, actor: str, recipient: str) -> bool:
        """Whether the two classes ("" for nobody named) can be the two sides of this action."""
        complete = {"must": bool(recipient), "none": not recipient}.get(self.object, True)
        return complete and _admitted(actor, self.actors) and _admitted(recipient, self.recipients)


def _admitted(found: str, classes: tuple[str, ...]) -> bool:
    return not found or (found in classes if classes else found != "virus")


@cache
def classes(kind: str) -> dict[str, dict[str, str]]:
    """The rows of role_classes.csv of one kind (actor, action or role) by id, with their labels zh and en.

    >>> classes("role")["hero"]["zh"]
    '英雄'
    """
    fields = ("zh", "en", "actor_role", "recipient_role", "object", "actors", "recipients")
    return {row["id"]: row for row in lexicon.rows("role_classes", "kind", "id", *fields) if row["kind"] == kind}


@cache
def _actions() -> dict[str, Action]:
    return {
        name: Action(
            name,
            row["actor_role"],
            row["recipient_role"],
            row["object"],
            tuple(row["actors"].split()),
            tuple(row["recipients"].split()),
        )
        for name, row in classes("action").items()
    }


@cache
def _patterns() -> tuple[tuple[str, re.Pattern, str], ...]:
    """Rule, pattern over skeletons and the one action it serves (or ""), in the order of role_patterns.csv."""
    rows = lexicon.rows("role_patterns", "rule", "pattern", "only")
    return tuple((row["rule"], re.compile("".join(map(_piece, row["pattern"].split()))), row["only"]) for row in rows)


def _piece(name: str) -> str:
    if name not in SKELETON:
        raise CorpusError(f"role_patterns.csv: {name!r} is no part of a pattern; use {', '.join(SKELETON)}.")
    return SKELETON[name]


# ---- from text to events ----


def find(paragraphs: pd.DataFrame) -> pd.DataFrame:
    """One row per event: doc_id, paragraph, line, start, end (in the paragraph's text), actor, actor_class, action (its
    class), verb, recipient, recipient_class, role (the actor's), recipient_role, rule (of role_patterns.csv), carried
    (whether the actor is named in an earlier clause). A side nobody names is "".

    `paragraphs` has doc_id, paragraph, line and text.

    >>> text = pd.DataFrame({"doc_id": ["甲"], "paragraph": [1], "line": [3], "text": ["医生救治患者。"]})
    >>> find(text)[["actor", "action", "recipient", "role", "recipient_role"]].values.tolist()
    [['医生', 'heal', '患者', 'hero', 'victim']]
    """
    rows = [
        {"doc_id": p.doc_id, "paragraph": p.paragraph, "line": p.line, **event}
        for p in paragraphs[[*UNIT, "line", "text"]].itertuples(index=False)
        for event in events(p.text)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def events(text: str) -> list[dict]:
    """Who does what to whom in a text, one event at most for each verb; what is denied is no event.

    >>> [(e["actor"], e["verb"], e["recipient"], e["rule"]) for e in events("志愿者逐户登门，为老人买药。")]
    [('志愿者', '买药', '老人', 'coverb')]
    """
    parts = skeleton(text)
    shape = "".join(part.symbol for part in parts)
    if "V" not in shape:
        return []
    found: dict[int, dict] = {}
    acted_on: set[int] = set()
    for rule, pattern, only in _patterns():
        for match in pattern.finditer(shape):
            at = {name: match.start(name) for name in match.groupdict()}
            if at["verb"] in found or at.get("actor") in acted_on:
                continue
            event = _event({name: parts[i] for name, i in at.items()}, text)
            if event and only in ("", event["action"]):
                found[at["verb"]] = event | {"rule": rule}
                acted_on |= {at["recipient"]} if "recipient" in at else set()
    return [found[i] for i in sorted(found)]


def _event(parts: dict[str, Part], text: str) -> dict | None:
    """The event of matched parts, by the first class of its verb that can join both sides; None if there is none."""
    actor, recipient, verb = (parts.get(name) for name in ("actor", "recipient", "verb"))
    pairs = [(a, r) for a in _classes(actor) for r in _classes(recipient)]
    joined = ((one, a, r) for one in map(_actions().get, verb.classes) for a, r in pairs if one.joins(a, r))
    action, a, r = next(joined, (None, "", ""))
    if action is None or _doubtful(actor, recipient) or action.object == "thing" and not (r or given(text, verb.end)):
        return None
    here = [part for part in parts.values() if not part.carried]
    return {
        "start": min(part.start for part in here),
        "end": max(part.end for part in here),
        "actor": text[actor.start : actor.end] if actor else "",
        "actor_class": a,
        "action": action.name,
        "verb": text[verb.start : verb.end],
        "recipient": text[recipient.start : recipient.end] if recipient else "",
        "recipient_class": r,
        "role": action.actor_role if actor else "",
        "recipient_role": action.recipient_role if recipient else "",
        "carried": bool(actor and actor.carried),
    }


def _classes(part: Part | None) -> tuple[str, ...]:
    return part.classes if part else ("",)


def _doubtful(actor: Part | None, recipient: Part | None) -> bool:
    """Whether a side is only understood where reading it in goes wrong too often: the one acted on, or an actor who acts
    on nobody, or one of those who are mostly acted on."""
    if actor is None or not actor.carried:
        return recipient is not None and recipient.carried
    return recipient is None or recipient.symbol != "N" or not NEVER_UNDERSTOOD.isdisjoint(actor.classes)


# ---- what events add up to ----


def castings(events: pd.DataFrame) -> pd.DataFrame:
    """Who is cast as what: doc_id, paragraph, line, character, character_class, role, action; a row for each side of an
    event that the action gives a role.

    >>> events = find(pd.DataFrame({"doc_id": ["甲"], "paragraph": [1], "line": [3], "text": ["疫情来袭。"]}))
    >>> castings(events)[["character", "character_class", "role"]].values.tolist()
    [['疫情', 'virus', 'threat']]
    """
    columns = [*UNIT, "line", "character", "character_class", "role", "action"]
    actors = events.assign(character=events["actor"], character_class=events["actor_class"])
    others = events.assign(
        character=events["recipient"], character_class=events["recipient_class"], role=events["recipient_role"]
    )
    both = pd.concat([actors[columns], others[columns]], ignore_index=True)
    return both[both["role"] != ""].reset_index(drop=True)


def between(events: pd.DataFrame) -> pd.DataFrame:
    """How often one class acts on another: actor_class, recipient_class ("" for nobody named), n_events, n_docs; only the
    pairs that occur, the most frequent first."""
    pairs = events.groupby(["actor_class", "recipient_class"], sort=True)["doc_id"].agg(["size", "nunique"])
    table = pairs.reset_index().rename(columns={"size": "n_events", "nunique": "n_docs"})
    return table.sort_values("n_events", ascending=False, kind="stable", ignore_index=True)


def by_frame(events: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """The roles in the paragraphs of each frame: frame, role, n (castings), n_all (of the frame's paragraphs), share,
    n_docs. `found` is `frames.presence`; an event belongs to every frame of its paragraph."""
    cast = castings(events)
    held = found.rename_axis(columns="frame").stack().rename("held").reset_index()
    told = cast.merge(held[held["held"]].drop(columns="held"), on=UNIT)
    ids = pd.MultiIndex.from_product([found.columns, classes("role")], names=["frame", "role"])
    n = told.groupby(["frame", "role"])["doc_id"].agg(n="size", n_docs="nunique").reindex(ids, fill_value=0)
    n_all = n.groupby(level="frame", sort=False)["n"].transform("sum")
    return n.assign(n_all=n_all, share=n["n"] / n_all.where(n_all > 0)).reset_index()


def elements(events: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """How far frames and events reach into the four elements of a frame (Entman 1993): element, zh, en, n_units (of the
    paragraphs in `found`, those with one of the element's frames or events), share (NaN of none), by_frames, by_events
    (units), covers and misses, which say in words what is and what is not read."""
    rows = []
    for row in lexicon.rows("entman", "element", "zh", "en", "frames", "actions", "covers", "misses"):
        framed = found[[frame for frame in row["frames"].split() if frame in found]].any(axis=1)
        own = pd.MultiIndex.from_frame(events.loc[events["action"].isin(row["actions"].split()), UNIT])
        told = found.index.isin(own)
        either = framed.to_numpy() | told
        counts = {"n_units": int(either.sum()), "by_frames": int(framed.sum()), "by_events": int(told.sum())}
        rows.append({**{k: row[k] for k in ("element", "zh", "en", "covers", "misses")}, **counts})
    table = pd.DataFrame(rows).assign(share=lambda rows: rows["n_units"] / (len(found) or np.nan))
    return table[["element", "zh", "en", "n_units", "share", "by_frames", "by_events", "covers", "misses"]]


def in_context(events: pd.DataFrame, paragraphs: pd.DataFrame, width: int = 14, **where: str) -> pd.DataFrame:
    """The text behind a number: doc_id, line, left, told, right and the roles, for the events whose columns are `where`.

    >>> text = pd.DataFrame({"doc_id": ["甲"], "paragraph": [1], "line": [3], "text": ["当晚，医生救治患者。"]})
    >>> in_context(find(text), text, actor_class="medical")[["left", "told", "right"]].values.tolist()
    [['当晚，', '医生救治患者', '。']]
    """
    for column, value in where.items():
        events = events[events[column] == value]
    sides = ["actor_class", "role", "recipient_class", "recipient_role"]
    told = around(events, paragraphs, width).rename(columns={"term": "told"})
    return told[["doc_id", "line", "left", "told", "right", *sides, "rule"]]
