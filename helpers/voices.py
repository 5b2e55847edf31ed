"""Speech put in order: quotations whole again, and whose voice each is: official, at work, resident or not told."""

import re
from functools import cache

import pandas as pd

from helpers import lexicon

VOICES = {"official": "官员干部", "at work": "一线人员", "resident": "居民群众", "not told": "身份未明"}
AT_WORK = set("志愿者 社区工作者 工作人员 社区干部 村干部 队员 民警 警察 教师 团员 战士 负责人 主管 成员".split())
RESIDENT = {"大学生", "女大学生", "研究生", "房东", "老兵", "党员", "预备党员", "农户", "商户"}
WORKPLACE = re.compile("[部科室]副?主任$")  # 护理部主任, 感染科主任: heads at work, not officials


def utterances(speech: pd.DataFrame, actors: pd.DataFrame) -> pd.DataFrame:
    """Spans of speech, interrupted halves joined: columns of `speech`, then spans, role and voice (a key of VOICES).

    >>> speech = pd.DataFrame({"doc_id": "甲", "paragraph": 1, "speaker": ["王某", "王某"], "kind": "speech", "start": [0, 9]})
    >>> actors = pd.DataFrame({"doc_id": "甲", "name": ["王某"], "kind": "person", "role": "小区居民"})
    >>> utterances(speech, actors)[["speaker", "spans", "voice"]].values.tolist()
    [['王某', 2, 'resident']]
    """
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
