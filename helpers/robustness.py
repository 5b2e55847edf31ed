"""Whether a contrast holds: under other defensible choices, within what else differs, and without any one document.

A presence table (units × frames, as `frames.presence` gives it) and `in_a` (doc_id → whether the document is on the first
side) go in; differences of mean document shares come out. With `docs`, the table of articles, publishers that are relabelled
as a whole have one voice each, as in `frames.differences`; what is taken within cells counts every article alike.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers import comparing, frames, inference, learned, lexicon, newsrooms, store, validation
from helpers.codebook import Codebook
from helpers.study import Study

BLANK = "□"  # stands for a character of a stage word; no codebook has it
LENGTHS = ("short", "middle", "long")
LEAST_COVERED = 0.5  # of the documents must stand in cells with both sides, or nothing is standardised


# ---- which contrasts there are, and what is to be said of them ----


def leading(differences: pd.DataFrame) -> tuple[str, str, str]:
    """(by, group_a, group_b) of the readable contrast with most documents on its smaller side; blanks if there is none.

    It is chosen by the design alone, never by the result: choosing by the result would make its p too small.
    """
    sides = differences.drop_duplicates(["by", "group_a"])
    sides = sides[sides["evidence"] != "not identifiable"].reset_index(drop=True)
    if sides.empty:
        return "", "", ""
    best = sides.loc[sides[["n_docs_a", "n_docs_b"]].min(axis=1).astype(int).idxmax()]
    return best["by"], best["group_a"], best["group_b"]


def sides(docs: pd.DataFrame, by: str, group_a: str) -> pd.Series:
    """doc_id → whether the document is in group_a; documents without a value of `by` are left out.

    >>> docs = pd.DataFrame({"doc_id": list("甲乙丙"), "place": ["渝", "杭", ""], "year": [2020.0, 2022.0, None]})
    >>> sides(docs, "place", "杭").to_dict(), sides(docs, "year", "2022").to_dict()
    ({'甲': False, '乙': True}, {'甲': False, '乙': True})
    """
    group = groups(docs, [by] if by in docs else []).set_index("doc_id")["group"]
    return group == group_a


def groups(docs: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """doc_id, by, group: the value each document has in each of `columns`, as text; missing values are left out.

    >>> groups(pd.DataFrame({"doc_id": ["甲"], "year": [2020], "place": [""]}), ["year", "place"]).values.tolist()
    [['甲', 'year', '2020']]
    """
    parts = [
        pd.DataFrame({"doc_id": docs["doc_id"], "by": column, "group": newsrooms.as_labels(docs[column])})
        for column in columns
    ]
    parts = [part[part["group"] != ""] for part in parts]
    return pd.concat([pd.DataFrame(columns=["doc_id", "by", "group"], dtype=str), *parts], ignore_index=True)


def verdicts(differences: pd.DataFrame) -> pd.DataFrame:
    """One row per contrast: by, group_a, group_b, n_docs_a, n_docs_b, n_splits, verdict (the strongest `evidence` any of
    its frames reaches), frames (which reach it, where it is supported or suggestive), why."""
    rows = []
    for (by, a, b), part in differences.groupby(["by", "group_a", "group_b"], sort=False):
        best = min(part["evidence"], key=comparing.EVIDENCE.index)
        named = part.loc[(part["evidence"] == best) & part["evidence"].isin(comparing.EVIDENCE[:2]), "frame"].astype(
            str
        )
        sizes = part[["n_docs_a", "n_docs_b", "n_splits"]].iloc[0]
        rows.append((by, a, b, *sizes, best, " ".join(named), part["why"].iloc[0]))
    columns = ["by", "group_a", "group_b", "n_docs_a", "n_docs_b", "n_splits", "verdict", "frames", "why"]
    return pd.DataFrame(rows, columns=columns)


def spoken(differences: pd.DataFrame, labels: dict[str, str]) -> list[str]:
    """A sentence for every contrast that may be read: which frames differ, by how much, on what evidence.

    With ten documents a side every frame with p below .05 is named with its verdict; with fewer, "in these documents",
    those with q below .05. Where none is, the largest difference is named as what it is.
    """
    readable = differences[differences["evidence"] != "not identifiable"]
    return [_spoken(head, rows, labels) for head, rows in readable.groupby(["by", "group_a", "group_b"], sort=False)]


def _spoken(head: tuple[str, str, str], rows: pd.DataFrame, labels: dict[str, str]) -> str:
    few = (rows["evidence"] == "illustrative").any()
    rows = rows.sort_values(["p_permutation", "difference"], kind="stable")
    named = rows[rows["q_value" if few else "p_permutation"] < 0.05]
    n_a, n_b = rows[["n_docs_a", "n_docs_b"]].iloc[0]
    start = f"**{head[1]}** against {head[2]} ({head[0]}; {n_a} and {n_b} documents): "
    if named.empty:
        most = rows.loc[rows["difference"].abs().idxmax()]
        return (
            f"{start}{'in these documents ' if few else ''}no frame stands out from relabelled documents; the largest "
            f"difference is {labels[most['frame']]} "
            f"{round(100 * most['difference']):+d} points (p = {most['p_permutation']:.2g}, q = {most['q_value']:.2g})."
        )
    told = [
        f"{labels[r.frame]} {round(100 * r.difference):+d} points "
        f"(p = {r.p_permutation:.2g}, q = {r.q_value:.2g}, {r.evidence})"
        for r in named.itertuples()
    ]
    return start + ("in these documents " if few else "") + "; ".join(told) + "."


# ---- one contrast ----


def _by_side(
    table: pd.DataFrame, in_a: pd.Series, docs: pd.DataFrame | None = None
) -> tuple[np.ndarray, np.ndarray, list[str], list[str]]:
    """Documents × (their share of units with each frame, and 1) of either side, and their ids; with `docs` both times the
    part a document has in the voice of its draw."""
    counts = comparing.alike(frames.by_document(table))
    counts = counts[counts.index.isin(in_a.index)]
    a = in_a.reindex(counts.index).to_numpy(dtype=bool)
    if docs is not None:
        of = newsrooms.draws(a, newsrooms.publishers(docs, counts.index)).of
        counts = counts.div(np.bincount(of)[of], axis=0)
    return counts[a].to_numpy(), counts[~a].to_numpy(), list(counts.index[a]), list(counts.index[~a])


def contrast(table: pd.DataFrame, in_a: pd.Series, docs: pd.DataFrame | None = None) -> pd.Series:
    """Mean document share of each frame on side a minus that on side b.

    >>> index = pd.MultiIndex.from_tuples([("甲", 1), ("甲", 2), ("乙", 1)], names=["doc_id", "paragraph"])
    >>> contrast(pd.DataFrame({"war": [True, False, False]}, index=index), pd.Series({"甲": True, "乙": False})).to_dict()
    {'war': 0.5}
    """
    a, b, *_ = _by_side(table, in_a, docs)
    return pd.Series(inference.ratio(a.sum(axis=0)) - inference.ratio(b.sum(axis=0)), index=table.columns)


def leave_one_out(table: pd.DataFrame, in_a: pd.Series, docs: pd.DataFrame | None = None) -> pd.DataFrame:
    """The same with each document left out in turn, and its part in a voice with it: documents × frames; no rows where a
    side has fewer than two."""
    a, b, ids_a, ids_b = _by_side(table, in_a, docs)
    if min(len(a), len(b)) < 2:
        return pd.DataFrame(columns=table.columns, dtype=float)
    share_a, share_b = (inference.ratio(side.sum(axis=0)) for side in (a, b))
    without = np.vstack([inference.leave_one_out(a) - share_b, share_a - inference.leave_one_out(b)])
    return pd.DataFrame(without, index=pd.Index(ids_a + ids_b, name="left_out"), columns=table.columns)


def relabelled(
    table: pd.DataFrame, in_a: pd.Series, docs: pd.DataFrame | None = None, seed: int = 0
) -> tuple[pd.DataFrame, pd.Series]:
    """The differences under every way the labels could have fallen (or 9,999 drawn), splits × frames, and the one that is
    so. With `docs` what is relabelled follows their publishers, each with one voice (`newsrooms.draws`)."""
    a, b, ids_a, ids_b = _by_side(table, in_a)
    if not len(a) or not len(b):
        return pd.DataFrame(columns=table.columns, dtype=float), pd.Series(np.nan, index=table.columns)
    dealt = newsrooms.draws(np.arange(len(a) + len(b)) < len(a), newsrooms.publishers(docs, ids_a + ids_b))
    voices = pd.DataFrame(np.vstack([a, b])).groupby(dealt.of).mean().to_numpy()
    rows, _ = inference.splits_within(dealt.inside, dealt.stratum, seed=seed)
    rows = np.vstack([dealt.inside, rows])
    gaps = pd.DataFrame(inference.mean_differences(rows, voices[:, :-1]), columns=table.columns)
    return gaps[1:].reset_index(drop=True), gaps.iloc[0]


def pooled(table: pd.DataFrame, in_a: pd.Series) -> pd.Series:
    """The difference where every unit counts alike, and a long article therefore more than a short one."""
    ids = table.index.get_level_values("doc_id")
    a, b = (table[ids.isin(in_a.index[in_a == side])].mean() for side in (True, False))
    return a - b


# ---- within what else differs ----


def cells(docs: pd.DataFrame, others: Sequence[str]) -> dict[str, pd.Series]:
    """What a contrast can be standardised for: name → (doc_id → value), for each column of `others` that `docs` has, and
    "length", thirds of the articles by their number of body paragraphs."""
    known = docs.drop_duplicates("doc_id").set_index("doc_id")
    values = {name: known[name].replace("", pd.NA).dropna().astype(str) for name in others if name in known}
    thirds = pd.cut(known["n_paragraphs"].rank(method="average", pct=True), [0, 1 / 3, 2 / 3, 1], labels=list(LENGTHS))
    return values | {"length": thirds.astype(str)}


def standardised(table: pd.DataFrame, in_a: pd.Series, cell: pd.Series) -> tuple[pd.Series, int]:
    """The difference within cells (documents alike in `cell`, doc_id → value), and how many documents stand in cells that
    have both sides; NaN where these are fewer than half.

    Cells are weighted by n_a n_b / (n_a + n_b), as by Mantel and Haenszel (1959) and Cochran (1954).
    """
    a, b, ids_a, ids_b = _by_side(table, in_a)
    own = pd.DataFrame(np.vstack([a, b])[:, :-1], index=ids_a + ids_b, columns=table.columns)
    in_side = pd.Series([True] * len(a) + [False] * len(b), index=own.index)
    groups = own.groupby([cell.reindex(own.index), in_side])
    means, n = groups.mean(), groups.size().unstack(fill_value=0).reindex(columns=[True, False], fill_value=0)
    n = n[(n > 0).all(axis=1)]
    if n.to_numpy().sum() < LEAST_COVERED * len(own) or n.empty:
        return pd.Series(np.nan, index=table.columns), int(n.to_numpy().sum())
    gaps = (means.xs(True, level=1) - means.xs(False, level=1)).loc[n.index]
    weight = n[True] * n[False] / n.sum(axis=1)
    return gaps.mul(weight / weight.sum(), axis=0).sum(), int(n.to_numpy().sum())


def comparable(in_a: pd.Series, cell: pd.Series) -> pd.Series:
    """`in_a` of the documents that stand in cells with both sides.

    >>> comparable(pd.Series({"甲": True, "乙": False, "丙": False}), pd.Series({"甲": "渝", "乙": "渝"})).to_dict()
    {'甲': True, '乙': False}
    """
    known = cell.reindex(in_a.index).dropna()
    return in_a[known.index][in_a[known.index].groupby(known).transform("nunique") == 2]


def within(table: pd.DataFrame, differences: pd.DataFrame, docs: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Every readable contrast standardised for every other column and for length: by, group_a, group_b, other, n_docs,
    n_docs_used, frame, difference, among_used (the same of the documents used: what `standardised` is to be held against),
    standardised (NaN, as among_used is, where fewer than half of the documents stand in common cells)."""
    known, tables = cells(docs, columns), []
    heads = differences.loc[differences["evidence"] != "not identifiable", ["by", "group_a", "group_b"]]
    for by, a, b in heads.drop_duplicates().itertuples(index=False):
        in_a = sides(docs, by, a)
        for other, cell in known.items():
            if other != by:
                inside, used = standardised(table, in_a, cell)
                alike = contrast(table, comparable(in_a, cell)).where(inside.notna())
                rows = pd.DataFrame(
                    {"difference": contrast(table, in_a, docs), "among_used": alike, "standardised": inside}
                )
                rows = rows.rename_axis("frame")
                about = {"by": by, "group_a": a, "group_b": b, "other": other, "n_docs": len(in_a), "n_docs_used": used}
                tables.append(rows.reset_index().assign(**about))
    names = ["by", "group_a", "group_b", "other", "n_docs", "n_docs_used"]
    names += ["frame", "difference", "among_used", "standardised"]
    return pd.concat(tables, ignore_index=True)[names] if tables else pd.DataFrame(columns=names)


# ---- under other choices ----


def choices(
    tables: Mapping[str, pd.DataFrame],
    in_a: pd.Series,
    known: Mapping[str, pd.Series],
    docs: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The contrast under every choice: variant, frame, difference. `tables` is `variants`, the first of them as published;
    `known` is `cells`. Besides: all paragraphs pooled, and standardised for each cell where half the documents allow it."""
    first = next(iter(tables.values()))
    gaps = {name: contrast(table, in_a, docs) for name, table in tables.items()}
    gaps["paragraphs pooled"] = pooled(first, in_a)
    gaps |= {f"within {name}": standardised(first, in_a, cell)[0] for name, cell in known.items()}
    rows = [
        gap.rename_axis("frame").rename("difference").reset_index().assign(variant=name) for name, gap in gaps.items()
    ]
    return pd.concat(rows, ignore_index=True).dropna(subset="difference")[["variant", "frame", "difference"]]


def variants(study: Study, codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Presence tables under other defensible choices, "as published" first, a reader's codes, if there are any, last."""
    codes, paragraphs = store.load(study, "frames"), store.load(study, "paragraphs")
    codes = codes.assign(frame=pd.Categorical(codes["frame"], codebook.ids))
    ours = paragraphs[paragraphs["doc_id"].isin(store.counted(study))]
    sentences = store.load(study, "sentences")
    sentences = sentences[sentences["doc_id"].isin(ours["doc_id"])].assign(paragraph=lambda rows: range(len(rows)))
    blanked = ours.assign(text=without_stage_words(ours["text"]))
    found, chance = frames.presence(codes, ours), learned.opinion(codes, ours, book=codebook)
    tables = {
        "as published": found,
        "without direct speech": frames.presence(codes[codes["voice"] != "speech"], ours),
        "without negated hits": frames.presence(codes[~codes["negated"]], ours),
        "sentences as units": frames.presence(frames.code(sentences, codebook), sentences),
        "stage words blanked": frames.presence(frames.code(blanked, codebook), blanked),
        "words of two documents or more": frames.presence(codes[in_several_documents(codes, ours)], ours),
        "two words or rules at least": frames.presence(codes[firm(codes)], ours),
        "all reprints counted": frames.presence(codes, paragraphs),
    }
    tables |= {"with the learned coder": learned.together(found, chance)} if len(chance) else {}
    read = validation.read_codes(study, ours, codebook.ids)
    return tables | {"a reader's codes": read} if validation.whole(read, ours) else tables


def firm(codes: pd.DataFrame) -> pd.Series:
    """Which hits stand in a paragraph where two or more different words or rules call up the same frame.

    >>> codes = pd.DataFrame({"doc_id": "甲", "paragraph": [1, 1, 2], "frame": "war", "term": ["战役", "打赢", "战役"]})
    >>> firm(codes).tolist()
    [True, True, False]
    """
    return codes.groupby(["doc_id", "paragraph", "frame"], observed=True)["term"].transform("nunique") > 1


def in_several_documents(codes: pd.DataFrame, paragraphs: pd.DataFrame) -> pd.Series:
    """Which hits are of a word that hits in two of the documents or more.

    A word met in one document only may have come into the codebook from that very document; agreement that rests on
    such words is fit and says nothing about the next text.

    >>> codes = pd.DataFrame({"doc_id": list("甲乙乙"), "frame": "war", "term": ["战役", "战役", "鸣金"]})
    >>> in_several_documents(codes, codes).tolist()
    [True, True, False]
    """
    within = codes["doc_id"].isin(paragraphs["doc_id"])
    met = codes[within].groupby(["frame", "term"], observed=True)["doc_id"].nunique().rename("met")
    met = codes[["frame", "term"]].astype(object).merge(met.reset_index().astype({"frame": object}), how="left")["met"]
    return pd.Series(met.to_numpy() > 1, index=codes.index) & within


def without_stage_words(texts: pd.Series) -> pd.Series:
    """Texts with every word of the stage list blanked: what each wave's techniques and names bring in themselves.

    >>> without_stage_words(pd.Series(["核酸检测现场井然有序。"])).tolist()
    ['□□□□现场井然有序。']
    """
    words = re.compile(lexicon.either(lexicon.words("stopwords_stage", "term", default="yes")))
    return texts.map(lambda text: words.sub(lambda match: BLANK * len(match[0]), text))
