"""Whether groups of documents differ in their shares of something: the tests, the limits, and what evidence that makes.

It is shares of frames and of topics that are compared; what the shares are of does not matter here.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers import newsrooms
from helpers.inference import FEWEST_DOCUMENTS, Floats, contrasts, document_difference, permutation
from helpers.newsrooms import as_labels
from helpers.study import CorpusError

EVIDENCE = (
    "supported",  # ten documents a side, q < .05 and an interval without zero
    "suggestive",  # ten documents a side, p < .05, but not after correction or not beyond the interval, or there is none
    "not distinguishable",  # ten documents a side, p of .05 or more
    "illustrative",  # fewer than ten documents on a side: describes these documents only
    "not identifiable",  # the groups differ in something else just as completely, or a side is one document
)


def with_group(counts: pd.DataFrame, by: str, docs: pd.DataFrame) -> pd.Series:
    """The group of each counted document that has one, as text; documents without a value are left out."""
    if by not in docs:
        raise CorpusError(f"articles.csv: there is no column {by!r} to compare by; add it or name another.")
    group = as_labels(docs.drop_duplicates("doc_id").set_index("doc_id", drop=False)[by]).reindex(counts.index)
    return group[group.notna() & (group != "")]


def alike(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts with a column n_units as shares of each document, n_units 1: whatever is then taken over all units is the
    mean over documents, each counting alike.

    >>> alike(pd.DataFrame({"war": [1, 3], "n_units": [2, 4]})).values.tolist()
    [[0.5, 1.0], [0.75, 1.0]]
    """
    return counts.div(counts["n_units"], axis=0)


def compared(counts: pd.DataFrame, by: str, docs: pd.DataFrame, others: Sequence[str], seed: int) -> pd.DataFrame:
    """Every contrast of the column `by` of `docs`: by, group_a, group_b and the columns of `difference_of`, then why, without
    a p where there is one. `others` names the columns that could explain a difference. Without a contrast there are no rows."""
    group = with_group(counts, by, docs)
    publisher = newsrooms.publishers(docs, group.index)
    tables = [
        difference_of(counts.loc[group.index], newsrooms.draws(in_a, publisher), seed).assign(
            by=by, group_a=a, group_b=b
        )
        for a, b, in_a in contrasts(group.to_numpy())
    ]
    if not tables:
        return pd.DataFrame()
    suspects = confounding(docs[docs["doc_id"].isin(group.index)], by, others)
    return refused(pd.concat(tables, ignore_index=True), suspects)


def difference_of(counts: pd.DataFrame, dealt: newsrooms.Draws, seed: int) -> pd.DataFrame:
    """A row for each column of `counts` but the last, its name under `frame`: the mean share of side a minus that of the
    other, each draw with one voice. Difference, interval, p and null band are of this one mean: a document where documents
    are dealt out, a publisher's mean where publishers are (Gail et al. 1996), whatever it wrote. `counts` is a row per
    document as `alike` gives them, n_units last.

    Simulated where publishers differ and groups do not, p was .05 or less in 4 to 6 of a hundred corpora with publishers
    of like sizes on either side, and 95 % limits covered the truth in 95 or 96, with one of thirty articles among eleven
    of one as well (the mean over documents: 55 to 65). Few publishers of one article against many of ten: 8 to 22.
    """
    voices, in_a = counts.groupby(dealt.of).mean().to_numpy(dtype=float), dealt.inside
    documents = np.bincount(dealt.of)
    test = permutation(voices[:, :-1], in_a, seed=seed, strata=dealt.stratum)
    interval = document_difference(voices[in_a], voices[~in_a])
    return pd.DataFrame(
        {
            "frame": counts.columns[:-1],
            "difference": interval.estimate,
            "ci_low": interval.low,
            "ci_high": interval.high,
            "p_permutation": test.p,
            "n_docs_a": documents[in_a].sum(),
            "n_docs_b": documents[~in_a].sum(),
            "n_splits": test.n_splits,
            "null_low": test.low,
            "null_high": test.high,
            "dealt": dealt.name,
        }
    )


def refused(rows: pd.DataFrame, confounded: pd.DataFrame) -> pd.DataFrame:
    """`why` where the design cannot answer, and there no p: a test of what cannot be told apart says nothing."""
    reason = confounded.groupby(["group_a", "group_b"])["problem"].agg("; ".join)
    why = pd.Series([reason.get((row.group_a, row.group_b), "") for row in rows.itertuples()], index=rows.index)
    return rows.assign(why=why, p_permutation=rows["p_permutation"].where(why == ""))


def judged(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with q_value: `evidence` by the rules stated at EVIDENCE, and `why` where a reader would ask."""
    why, fewest = rows["why"], rows[["n_docs_a", "n_docs_b"]].min(axis=1)
    beyond_zero = (rows["ci_low"] > 0) | (rows["ci_high"] < 0)
    evidence = np.select(
        [why != "", fewest < FEWEST_DOCUMENTS, (rows["q_value"] < 0.05) & beyond_zero, rows["p_permutation"] < 0.05],
        ["not identifiable", "illustrative", "supported", "suggestive"],
        "not distinguishable",
    )
    few = f"fewer than {FEWEST_DOCUMENTS} documents on a side"
    return rows.assign(evidence=evidence, why=why.mask((why == "") & (fewest < FEWEST_DOCUMENTS), few))


def confounding(docs: pd.DataFrame, by: str, others: Sequence[str] = ()) -> pd.DataFrame:
    """Contrasts of `by` that no statistic can separate from something else: by, group_a, group_b, other, problem.

    A contrast is hopeless when a side has one document, or when another column has one value on a side that never
    occurs on the other side: then the difference may be that column's as well.

    >>> docs = pd.DataFrame({"doc_id": list("甲乙丙丁"), "year": [2020, 2020, 2022, 2022], "place": list("渝渝杭杭")})
    >>> confounding(docs, "year", ["place"])["problem"].tolist()
    ['2022 is always 杭 (place), 2020 never']
    """
    group = with_group(docs.set_index("doc_id"), by, docs)
    table = docs.set_index("doc_id").loc[group.index]
    rows = []
    for a, b, in_a in contrasts(group.to_numpy()):
        found = [("", f"{name} is one document") for name, side in ((a, in_a), (b, ~in_a)) if side.sum() == 1]
        found += [
            (other, problem)
            for other in others
            if other in table and other != by
            if (problem := _aligned(table[other], in_a, a, b, other))
        ]
        rows += [{"by": by, "group_a": a, "group_b": b, "other": other, "problem": problem} for other, problem in found]
    return pd.DataFrame(rows, columns=["by", "group_a", "group_b", "other", "problem"])


def _aligned(values: pd.Series, in_a: Floats, a: str, b: str, other: str) -> str:
    labels = as_labels(values)
    inside, outside = set(labels[in_a]) - {""}, set(labels[~in_a]) - {""}
    if not inside or not outside or inside & outside or inside == {a}:
        return ""  # a column that says the same by the same name is no other explanation
    for names, here, there in ((inside, a, b), (outside, b, a)):
        if len(names) == 1:
            return f"{here} is always {names.pop()} ({other}), {there} never"
    return ""
