"""Reprints and near-duplicates: which articles tell the same text twice, and which of them is kept.

Pairs whose sketches meet (see `sketches`) are compared exactly, passage by passage (after Manber 1994, "Finding similar
files in a large file system"), so that moved paragraphs, a cut end or scattered edits hide nothing. A form filled in anew
every day is told from a reprint by its figures: they change while the words stay.
"""

import difflib
import math
import re
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from helpers.sketches import RUN, Sketches, shingles, sketched

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
TYPES = {"a": int, "b": int, "share": float, "words": float, "figures": float, "kind": str}  # of a table of pairs
PAIRS = list(TYPES)
KINDS = {
    "reprint": "the same text, edited or cut",
    "template": "the same form with other figures or days",
    "excerpt": "a piece of a text at least twice as long",
}
DAY = re.compile(r"\d+月\d+日")
UNITS = re.compile(r"\d+(?:\.\d+)?|.", re.S)  # a number changes as a whole


# ---- pairs ------------------------------------------------------------------------------------------------------------


def in_figures(runs: np.ndarray) -> np.ndarray:
    """Which of the packed `runs` hold a digit.

    >>> in_figures(shingles("新增12例确诊")).tolist()
    [True, True, True, True, False]
    """
    characters = [runs >> np.uint64(shift) & np.uint64(0x1FFFFF) for shift in (42, 21, 0)]
    return np.any([(c >= ord("0")) & (c <= ord("9")) for c in characters], axis=0)


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


def judged(met: np.ndarray, texts: Mapping[int, str]) -> pd.DataFrame:
    """Each pair of positions in `met` compared: a, b, share, words, figures, kind as in `pairs`, kind "" for two articles.

    `texts` holds the texts at these positions.
    """
    runs, sets, days = {}, {}, {}
    for i in np.unique(met).tolist():
        runs[i], days[i] = shingles(texts[i]), set(DAY.findall(texts[i]))
        sets[i] = np.unique(runs[i])
    rows = []
    for a, b in met.tolist():
        short, long = sorted((a, b), key=lambda i: (len(runs[i]), texts[i]))
        other_days = bool(days[a] and days[b]) and days[a].isdisjoint(days[b])
        rows.append((a, b, *_verdict(runs[short], sets[long], len(runs[long]), other_days)))
    return pd.DataFrame(rows, columns=PAIRS).astype(TYPES)


def _verdict(short: np.ndarray, long: np.ndarray, length: int, other_days: bool) -> tuple[float, float, float, str]:
    """share, words, figures and kind of the runs `short` in the runs `long` of a text of `length` runs."""
    if len(short) < SHORTEST:
        return 0.0, 0.0, 0.0, ""
    share, counts = compare(short, long)
    words, figures = (round(k / (k + lost), 4) if k + lost else 1.0 for k, lost in counts.tolist())
    kind = kind_of(counts, other_days, len(short) / length) if share >= ALIKE else ""
    return round(share, 4), words, figures, kind


def pairs(texts: list[str]) -> pd.DataFrame:
    """Pairs of texts that have most of their passages in common, and what they are to each other.

    a, b (positions, a < b), share (of the shorter one's passages that stand in the other), words and figures (share of
    three-character runs kept in those passages, without and with digits; 1 where there are none), kind (see KINDS).

    >>> report = "昨日新区召开防控会议，要求各街道把责任落到人头，把排查做到门口，把服务送到床前，确保群众生活平稳。"
    >>> pairs([report, "本报讯" + report.replace("要求", "强调"), "春耕时节，农技人员走进田间，为农户代耕代种。" * 3])["kind"].tolist()
    ['reprint']
    """
    return alike(judged(sketched(texts).candidates(), dict(enumerate(texts))))


def alike(table: pd.DataFrame) -> pd.DataFrame:
    """Of pairs that were compared those that are no two articles."""
    return table[table["kind"] != ""].reset_index(drop=True)


def renewed(
    known: pd.DataFrame,
    sketches: Sketches,
    before: tuple[pd.DataFrame, pd.DataFrame],
    texts: Callable[[list[int]], Mapping[int, str]],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`judged` of all candidates where most were judged `before`; of new and changed articles alone the texts are asked for.

    known: doc_id and content (which changes with the article), a row for each sketch. Returns what the next call wants as
    `before`: the pairs (a, b: doc_ids, categories in the order of known) and known with the mark of each sketch. Both are
    what they would be without a before.
    """
    pairs, last = before
    known = known.assign(mark=sketches.marks())
    then = last.set_index("doc_id").reindex(known["doc_id"])
    same_sketch = (then["mark"] == known["mark"].to_numpy()).to_numpy(bool)
    same_text = (then["content"] == known["content"].to_numpy()).to_numpy(bool)
    ends = np.sort(np.column_stack([_places(pairs[side], known["doc_id"]) for side in ("a", "b")]), axis=1)
    old = pairs.assign(a=ends[:, 0], b=ends[:, 1])[ends[:, 0] >= 0]
    old = old[same_sketch[old["a"]] & same_sketch[old["b"]]]
    stands = same_text[old["a"]] & same_text[old["b"]]
    fresh = np.concatenate([sketches.candidates(~same_sketch), old.loc[~stands, ["a", "b"]].to_numpy(dtype=int)])
    new = judged(fresh, texts(np.unique(fresh).tolist()))
    table = pd.concat([old[stands], new]) if len(new) else old[stands]
    table = table.iloc[np.argsort(table["a"].to_numpy(int) * len(known) + table["b"].to_numpy(int), kind="stable")]
    names = {side: pd.Categorical.from_codes(table[side].astype(int), known["doc_id"]) for side in ("a", "b")}
    rest = {column: kind for column, kind in TYPES.items() if column not in names}
    return table.assign(**names).astype(rest).reset_index(drop=True), known


def _places(ids: pd.Series, docs: pd.Series) -> np.ndarray:
    """Where in `docs` each of `ids` is, -1 where it is not there any more."""
    ids = pd.Categorical(ids)
    return pd.Index(docs).get_indexer(ids.categories)[ids.codes]


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
    return versions(docs, texts.str.len().tolist(), pairs(texts.tolist()))


def versions(docs: pd.DataFrame, lengths: list[int], found: pd.DataFrame) -> pd.DataFrame:
    """`clusters` from the lengths of the texts and what `pairs` found among them."""
    reprints = found[found["kind"] == "reprint"]
    near: dict[int, dict[int, float]] = {}
    for a, b, share in reprints[["a", "b", "share"]].itertuples(index=False):
        near.setdefault(a, {})[b] = near.setdefault(b, {})[a] = share
    rank = _ranks(docs, lengths, near)
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


def originals(docs: pd.DataFrame, found: pd.DataFrame) -> pd.Series:
    """For each document the doc_id of the version that is kept (`found`: see `clusters`), "" where it is itself kept."""
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


def changes(pairs: list[list[str]], sentences: pd.DataFrame) -> pd.DataFrame:
    """`differences` of every pair (the version kept, another one), with the doc_id of both, in the order of the pairs.

    >>> sentences = pd.DataFrame({"doc_id": ["a", "b"], "line": [2, 7], "text": ["检测87人。", "检测90人。"]})
    >>> changes([["a", "b"]], sentences).values.tolist(), len(changes([], sentences))
    ([['a', 'b', '2', '7', 'changed', '检测〔87→90〕人。']], 0)
    """
    pairs = [("", ""), *pairs]  # the first is nobody's: the columns stand without a pair, too
    texts = [(sentences[sentences["doc_id"] == doc] for doc in pair) for pair in pairs]
    rows = [differences(*two).assign(kept=kept, other=other) for two, (kept, other) in zip(texts, pairs, strict=True)]
    return pd.concat(rows, ignore_index=True)[["kept", "other", "line", "other_line", "what", "text"]]
