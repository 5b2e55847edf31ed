"""Whether groups of documents give topics different room: the tests of `comparing`, and sentences on what they say."""

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers import frames
from helpers.comparing import EVIDENCE, compared, judged
from helpers.factors import Topics
from helpers.inference import benjamini_hochberg
from helpers.prevalence import of_documents

COLUMNS = ["topic" if column == "frame" else column for column in frames.DIFFERENCE_COLUMNS]


def differences(
    topics: Topics, articles: pd.DataFrame, columns: Sequence[str], others: Sequence[str] = (), seed: int = 0
) -> pd.DataFrame:
    """How topic shares differ between groups of documents, with the columns of `frames.differences` and topic for frame:
    difference is the mean document share in group_a minus that in group_b.

    `articles` has a row for each doc_id and the `columns` to compare by; `others` (else those same columns) could explain a
    difference instead. Tests, limits and evidence are those of `frames.differences`; q corrects over the whole table.
    """
    shares = of_documents(topics).assign(n_units=1.0)
    asked = columns if topics.k else ()
    tables = [table for by in asked if len(table := compared(shares, by, articles, others or columns, seed))]
    if not tables:
        return pd.DataFrame(columns=COLUMNS)
    rows = pd.concat(tables, ignore_index=True).rename(columns={"frame": "topic"})
    rows["q_value"] = benjamini_hochberg(rows["p_permutation"])
    return judged(rows)[COLUMNS]


def counted(differences: pd.DataFrame) -> str:
    """How many differences are on which evidence, in a sentence."""
    if differences.empty:
        return "There are no groups to compare."
    n = differences["evidence"].value_counts()
    return f"Of {len(differences)} differences between groups: {', '.join(f'{n[kind]} {kind}' for kind in EVIDENCE if kind in n)}."


def spoken(differences: pd.DataFrame, names: Mapping[int, str]) -> list[str]:
    """A sentence for every contrast: which topic differs most, by how much, on what evidence; or why it cannot be read."""
    return [_spoken(head, rows, names) for head, rows in differences.groupby(["by", "group_a", "group_b"], sort=False)]


def _spoken(head: tuple[str, str, str], rows: pd.DataFrame, names: Mapping[int, str]) -> str:
    most = rows.sort_values(["p_permutation", "topic"], kind="stable").iloc[0]
    start = f"**{head[1]}** against {head[2]} ({head[0]}; {most['n_docs_a']} and {most['n_docs_b']} documents): "
    if most["evidence"] == "not identifiable":
        return f"{start}not read, because {most['why']}."
    told = f"{names[most['topic']]} {round(100 * most['difference']):+d} points"
    numbers = f"p = {most['p_permutation']:.2g}, q = {most['q_value']:.2g}"
    if most["evidence"] == "illustrative":
        return f"{start}in these documents most of all {told} ({numbers}; illustrative: {most['why']})."
    low, high = most["ci_low"], most["ci_high"]
    limits = "no interval" if pd.isna(low) else f"95% {round(100 * low):+d} to {round(100 * high):+d}"
    return f"{start}most of all {told} ({limits}; {numbers}: {most['evidence']})."
