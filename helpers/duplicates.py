"""Reprints and near-duplicates: which articles tell the same text twice, and which of them is kept.

Candidates come from bottom-k sketches of three-character runs (Broder 1997, "On the resemblance and containment of
documents"); each candidate pair is then compared exactly, passage by passage (after Manber 1994, "Finding similar files
in a large file system"), so that moved paragraphs, a cut end or scattered edits hide nothing. A form filled in anew
every day is told from a reprint by its figures: they change while the words stay.
"""

import difflib
import math
import re

import numpy as np
import pandas as pd
from scipy import sparse

RUN = 3  # characters: half of a text's runs survive when every fifth character is changed
SKETCH = 128  # smallest hashes kept of each article
MEET = 20  # hashes that two sketches share before the pair is looked at (a cut and much edited reprint shares thirty)
FORMULA = 0.05, 300  # a run in more than this part of the articles and in more than so many is no sign of a reprint
SLOTS = 1 << 24  # of the table in which articles are counted by run; two runs in one slot only make both look commoner
BLOCK = 1000  # articles whose sketches meet all others at a time, so that memory stays small
PASSAGE = 24  # runs, about two clauses: long enough to lose a word, short enough to sit in one place
STANDS = 1 / 3  # of a passage's runs found in the other text: it stands there (one in ten is found by chance)
ALIKE = 0.7  # of the shorter text's passages stand in the other: two versions (a third stand there by chance)
HALF = 0.5  # a text less than half as long as the other is a piece of it, not a version
SHORTEST = 40  # runs: of a shorter text nothing can be said
FIGURES = 0.65  # a form filled in anew keeps fewer of its runs with digits than this,
CHANGED = 16  # loses at least so many (five figures or so),
ODDS = 3.0, 2.0  # and loses them at more than so many times the odds of words (the second where the days differ, too);
SAME_WORDS = 0.99  # or it keeps all its words and speaks of other days
FULL = 0.9  # a version shorter than this part of another is cut
UNDATED = "9999"
RESEMBLES = 0.5  # of the characters of two sentences: one is the other, changed
AROUND = 12  # unchanged characters shown beside a change
KINDS = {
    "reprint": "the same text, edited or cut",
    "template": "the same form with other figures or days",
    "excerpt": "a piece of a text at least twice as long",
}
NOT_TEXT = re.compile(r"[\W_]+")
DAY = re.compile(r"\d+月\d+日")
UNITS = re.compile(r"\d+(?:\.\d+)?|.", re.S)  # a number changes as a whole


# ---- pairs ------------------------------------------------------------------------------------------------------------


def shingles(text: str) -> np.ndarray:
    """The runs of three Han characters, letters or digits in `text`, in order, each packed into one whole number.

    >>> len(shingles("全区启动，应急响应"))
    6
    """
    codes = np.frombuffer(NOT_TEXT.sub("", text).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    if len(codes) < RUN:
        return np.zeros(0, dtype=np.uint64)
    return codes[:-2] << np.uint64(42) | codes[1:-1] << np.uint64(21) | codes[2:]


def in_figures(runs: np.ndarray) -> np.ndarray:
    """Which of the packed `runs` hold a digit.

    >>> in_figures(shingles("新增12例确诊")).tolist()
    [True, True, True, True, False]
    """
    characters = [runs >> np.uint64(shift) & np.uint64(0x1FFFFF) for shift in (42, 21, 0)]
    return np.any([(c >= ord("0")) & (c <= ord("9")) for c in characters], axis=0)


def _scattered(runs: np.ndarray) -> np.ndarray:
    """Hashes of `runs`, no two alike, whose order has nothing to do with what the runs say."""
    mixed = (runs ^ (runs >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)


def sketches(sets: list[np.ndarray]) -> list[np.ndarray]:
    """For each article (its runs, each once) the smallest hashes of those of its runs that are no formula."""
    hashes = [_scattered(runs) for runs in sets]
    held = np.zeros(SLOTS, np.int32)
    for some in hashes:
        held[some % SLOTS] += 1
    most = max(FORMULA[0] * len(sets), FORMULA[1])
    return [np.sort(some[held[some % SLOTS] <= most])[:SKETCH] for some in hashes]


def candidates(sets: list[np.ndarray]) -> np.ndarray:
    """Pairs of positions (a < b, one pair a row) whose sketches share MEET hashes, or half of the smaller sketch.

    The work grows with the number of articles, not of pairs, since no run that is left stands in many. Two fillings of
    a form so common that its words are formulas do not meet; two copies of one filling do, by their figures.
    """
    kept = sketches(sets)
    size = np.array([len(sketch) for sketch in kept], dtype=int)
    _, column = np.unique(np.concatenate([np.zeros(0, np.uint64), *kept]), return_inverse=True)
    row = np.repeat(np.arange(len(sets)), size)
    table = sparse.csr_array((np.ones(len(row), np.int32), (row, column)), shape=(len(sets), len(row) + 1))
    found = [np.zeros((0, 2), dtype=int)]
    for start in range(0, len(sets), BLOCK):
        shared = (table[start : start + BLOCK] @ table.T).tocoo()
        a, b = shared.row + start, shared.col
        near = (a < b) & (shared.data >= np.minimum(MEET, np.minimum(size[a], size[b]) / 2))
        found.append(np.column_stack([a, b])[near])
    found = np.concatenate(found)
    return found[np.lexsort(found.T[::-1])]


def compare(shorter: np.ndarray, longer: np.ndarray) -> tuple[float, np.ndarray]:
    """How far the text with the runs `shorter` (in order) stands in the text with the runs `longer` (sorted).

    Returns the share of its passages that stand there and, for those passages, the number of runs kept and lost:
    [[words kept, words lost], [figures kept, figures lost]].
    """
    found = longer[np.minimum(np.searchsorted(longer, shorter), len(longer) - 1)] == shorter
    width = min(PASSAGE, len(found))
    stands = np.convolve(found, np.ones(width), "valid") >= STANDS * width
    inside = np.convolve(stands, np.ones(width)) > 0
    figures = in_figures(shorter)
    runs = [[(inside & some & kept).sum() for kept in (found, ~found)] for some in (~figures, figures)]
    return float(stands.mean()), np.array(runs)


def filled_in(runs: np.ndarray, odds: float = ODDS[0]) -> bool:
    """Whether figures are lost so much more than words that a form was filled in anew, not a text edited.

    The odds ratio less one standard error (Woolf 1955), widened because neighbouring runs share their characters.

    >>> filled_in(np.array([[300, 4], [6, 40]])), filled_in(np.array([[150, 100], [24, 20]]))
    (True, False)
    """
    kept, lost = runs[1]
    if kept >= FIGURES * (kept + lost) or lost < CHANGED:
        return False
    cells = runs + 0.5
    ratio = cells[0, 0] * cells[1, 1] / (cells[0, 1] * cells[1, 0])
    return math.log(ratio) - math.sqrt(RUN * (1 / cells).sum()) > math.log(odds)


def kind_of(runs: np.ndarray, other_days: bool, length: float) -> str:
    """What a text is to the one it stands in (see KINDS): by its `runs` (see `compare`), whether both name days and not
    one in common, and its length as a part of the other's.

    >>> kind_of(np.array([[300, 0], [40, 9]]), True, 1.0), kind_of(np.array([[300, 9], [40, 9]]), False, 0.3)
    ('template', 'excerpt')
    """
    same_words = runs[0, 0] >= SAME_WORDS * runs[0].sum()
    if filled_in(runs, ODDS[other_days]) or (other_days and same_words):
        return "template"
    return "excerpt" if length < HALF else "reprint"


def pairs(texts: list[str]) -> pd.DataFrame:
    """Pairs of texts that have most of their passages in common, and what they are to each other.

    a, b (positions, a < b), share (of the shorter one's passages that stand in the other), words and figures (share of
    three-character runs kept in those passages, without and with digits; 1 where there are none), kind (see KINDS).

    >>> report = "昨日新区召开防控会议，要求各街道把责任落到人头，把排查做到门口，把服务送到床前，确保群众生活平稳。"
    >>> pairs([report, "本报讯" + report.replace("要求", "强调"), "春耕时节，农技人员走进田间，为农户代耕代种。" * 3])["kind"].tolist()
    ['reprint']
    """
    runs = [shingles(text) for text in texts]
    sets = [np.unique(some) for some in runs]
    days = [set(DAY.findall(text)) for text in texts]
    rows = []
    for a, b in candidates(sets).tolist():
        short, long = sorted((a, b), key=lambda i: len(runs[i]))
        if len(runs[short]) < SHORTEST:
            continue
        share, counts = compare(runs[short], sets[long])
        if share >= ALIKE:
            words, figures = (round(k / (k + lost), 4) if k + lost else 1.0 for k, lost in counts.tolist())
            other_days = bool(days[a] and days[b]) and days[a].isdisjoint(days[b])
            kind = kind_of(counts, other_days, len(runs[short]) / len(runs[long]))
            rows.append((a, b, round(share, 4), words, figures, kind))
    table = pd.DataFrame(rows, columns=["a", "b", "share", "words", "figures", "kind"])
    return table.astype({"a": int, "b": int, "share": float, "words": float, "figures": float, "kind": object})


# ---- which version is kept -------------------------------------------------------------------------------------------


def clusters(docs: pd.DataFrame, texts: pd.Series) -> pd.DataFrame:
    """The versions of each text that appears more than once: which one is kept, and why.

    docs (doc_id, file, date) and texts (one for each row of docs) give, for every version, cluster (1, 2, …), doc_id,
    duplicate_of (the version kept, "" for that one itself), share (of the shorter text's passages that stand in the
    kept version or, for the kept one, 1) and why, in words.

    Kept is a version that is not cut, of these the earliest by date (undated ones last), then the longest, then the
    first by file name. Every other version of a cluster was compared with the kept one itself: two articles are never
    one text because a third resembles both.

    >>> docs = pd.DataFrame({"doc_id": ["甲", "乙"], "file": ["1.txt", "2.txt"], "date": ["2022-04-19", "2022-04-18"]})
    >>> report = "昨日新区召开防控会议，要求各街道把责任落到人头，把排查做到门口，把服务送到床前，确保群众生活平稳。"
    >>> clusters(docs, pd.Series([report, report]))[["doc_id", "duplicate_of", "why"]].values.tolist()
    [['乙', '', 'kept: earlier date, 2022-04-18'], ['甲', '乙', 'later date, 2022-04-19']]
    """
    found = pairs(texts.tolist())
    versions = found[found["kind"] == "reprint"]
    near: dict[int, dict[int, float]] = {}
    for a, b, share in versions[["a", "b", "share"]].itertuples(index=False):
        near.setdefault(a, {})[b] = near.setdefault(b, {})[a] = share
    rank = _ranks(docs, texts.str.len().tolist(), near)
    ids, taken, rows = docs["doc_id"].tolist(), set(), []
    for kept in sorted(near, key=rank.get):
        copies = [i for i in sorted(near[kept], key=rank.get) if i not in taken]
        if kept not in taken and copies:
            number = rows[-1][0] + 1 if rows else 1
            rows.append((number, ids[kept], "", 1.0, "kept: " + _why(rank[kept], rank[copies[0]])))
            rows += [(number, ids[i], ids[kept], near[kept][i], _why(rank[i], rank[kept])) for i in copies]
            taken.update(copies)
    return pd.DataFrame(rows, columns=["cluster", "doc_id", "duplicate_of", "share", "why"])


def _ranks(docs: pd.DataFrame, lengths: list[int], near: dict[int, dict[int, float]]) -> dict[int, tuple]:
    """What each version is judged by, best first: whether it is cut, date, length (negative), file name."""
    facts = list(zip(docs["date"].replace("", UNDATED), lengths, docs["file"], strict=True))
    return {
        i: (any(lengths[i] < FULL * lengths[j] for j in others), facts[i][0], -facts[i][1], facts[i][2])
        for i, others in near.items()
    }


def _why(mine: tuple, other: tuple) -> str:
    """In words the first thing by which a version comes before or after another."""
    cut, date, length, file = mine
    if cut != other[0]:
        return "cut short" if cut else "the others are cut short"
    if date != other[1]:
        return "no date" if date == UNDATED else f"{'earlier' if date < other[1] else 'later'} date, {date}"
    if length != other[2]:
        return f"{'longer' if length < other[2] else 'shorter'}, {-length:,} characters"
    return f"file name comes {'first' if file < other[3] else 'later'}, all else alike"


def originals(docs: pd.DataFrame, texts: pd.Series) -> pd.Series:
    """For each document the doc_id of the version that is kept (see `clusters`), "" where it is itself kept."""
    found = clusters(docs, texts)
    kept = dict(zip(found["doc_id"], found["duplicate_of"], strict=True))
    return pd.Series([kept.get(doc, "") for doc in docs["doc_id"]], index=docs.index, dtype=object)


# ---- what two versions do not have in common -------------------------------------------------------------------------


def marked(old: str, new: str) -> str:
    """Both wordings of a sentence in one: what changes stands in brackets, long stretches that do not are left out.

    >>> marked("累计报告87例，无死亡。", "累计报告90例，未有死亡。")
    '累计报告〔87→90〕例，〔无→未有〕死亡。'
    """
    a, b = UNITS.findall(old), UNITS.findall(new)
    steps = difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    parts = [(tag, "".join(a[i:j]), "".join(b[k:m])) for tag, i, j, k, m in steps]
    return "".join(
        f"〔{x}→{y}〕" if tag != "equal" else _beside(x, before=place > 0, after=place < len(parts) - 1)
        for place, (tag, x, y) in enumerate(parts)
    )


def _beside(text: str, before: bool, after: bool) -> str:
    """Of an unchanged stretch what stands beside a change `before` it or `after` it."""
    if len(text) <= AROUND * (before + after):
        return text
    return (text[:AROUND] if before else "") + "…" + (text[-AROUND:] if after else "")


def differences(kept: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """What one version says and the other does not, by sentence; sentences that only moved are no difference.

    Both tables: sentences (line, text) of one document. Returns line (in the kept version), other_line, what (changed,
    only in the kept version, only in the other), text (see `marked`), in the order of the kept version. Lines are
    texts, "" where a version has none.

    >>> kept = pd.DataFrame({"line": [1, 2], "text": ["累计报告87例，无死亡。", "一名干部被立案审查。"]})
    >>> differences(kept, pd.DataFrame({"line": [5], "text": ["累计报告90例，无死亡。"]})).values.tolist()
    [['1', '5', 'changed', '累计报告〔87→90〕例，无死亡。'], ['2', '', 'only in the kept version', '一名干部被立案审查。']]
    """
    mine, theirs = (
        a.loc[~a["text"].isin(b["text"]), ["line", "text"]].drop_duplicates("text").astype({"line": str})
        for a, b in ((kept, other), (other, kept))
    )
    left = dict(zip(theirs["text"], theirs["line"], strict=True))
    rows = []
    for line, text in mine.itertuples(index=False):
        near = difflib.get_close_matches(text, left, n=1, cutoff=RESEMBLES)
        if near:
            rows.append((line, left.pop(near[0]), "changed", marked(text, near[0])))
        else:
            rows.append((line, "", "only in the kept version", text))
    rows += [("", line, "only in the other", text) for text, line in left.items()]
    return pd.DataFrame(rows, columns=["line", "other_line", "what", "text"])
