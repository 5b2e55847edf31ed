"""Which terms one group of documents prefers to another, by how much, how evenly, and whether documents could tell.

Size (log ratio with its interval), evidence (G2, Bayes factor, p over relabelled documents with its q) and spread
(documents, DPnorm, Juilland's D) stand side by side: none of them answers for another. The interval is that of one word
by itself: of words picked because they differ most it misses the truth more often than one time in twenty. With fewer than
ten documents a side the tables describe these documents, and the label-permutation null (`contrasts.keyness_null`) belongs
beside them.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import scipy
from numpy.typing import ArrayLike, NDArray

from helpers import measures
from helpers.contrasts import chance, labelled, permutation_p, voices
from helpers.counts import Counts, at_least
from helpers.dispersion import dispersion
from helpers.inference import MOST_EXACT_SPLITS, benjamini_hochberg, contrasts


def keyness(
    counts: Counts,
    groups: ArrayLike | pd.Series,
    by: str = "group",
    level: float = 0.95,
    min_count: int = 5,
    prior: float = 100,
    limit: int = MOST_EXACT_SPLITS,
    seed: int = 0,
    publishers: Mapping | pd.Series | None = None,
) -> pd.DataFrame:
    """The terms that tell groups of documents apart; positive log ratio = preferred by group_a. Strongest G2 first.

    Columns: by, group_a, group_b, term, count_a, count_b, docs_a, docs_b, log_ratio with ci_low, ci_high and how they
    were made (`interval`), g2 (two-term, Rayson & Garside 2000), p_permutation (documents relabelled, difference of
    mean rates, two-sided; `p_exact`: over all splits), q_value (of p_permutation), dp_norm (over all documents
    compared, 0 = even), juilland_d (1 = even); then q_g2 (of G2 over tokens; for the null figure), bic (Bayes factor,
    Wilson 2013), diff_percent (Gabrielatos & Marchi 2011), lrc (Evert 2022), z_log_odds (Fightin' Words with a prior
    of `prior` tokens shared out as all documents are), and recurrent (found in two documents of the group that
    prefers it). With `publishers` (doc_id → name) p and limits follow what can be dealt out again
    (`newsrooms.draws`).
    The family of q and of lrc is the terms of one comparison that occur at least `min_count` times in it.
    Rates are per token of the whole text, stop words included; z_log_odds knows only the terms of `counts`.

    >>> from helpers.counts import count
    >>> words = ["核酸", "社区", "核酸", "社区", "口罩", "社区", "口罩", "社区"]
    >>> tokens = pd.DataFrame({"doc_id": list("甲甲乙乙丙丙丁丁"), "token": words})
    >>> table = keyness(count(tokens), ["2022", "2022", "2020", "2020"], min_count=2)
    >>> table[["term", "log_ratio", "p_permutation"]].round(2).values.tolist()
    [['口罩', -2.0, 0.33], ['核酸', 2.0, 0.33], ['社区', 0.0, 1.0]]
    """
    documents, labels = labelled(counts, groups)
    tables = [
        _compare(documents, inside, level, min_count, prior, limit, seed, publishers).assign(group_a=a, group_b=b)
        for a, b, inside in contrasts(labels)
    ]
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)
    return table.assign(by=by)[COLUMNS]


COLUMNS = (
    "by group_a group_b term count_a count_b docs_a docs_b log_ratio ci_low ci_high g2 p_permutation q_value dp_norm "
    "juilland_d interval p_exact q_g2 bic diff_percent lrc z_log_odds prior recurrent"
).split()


def _compare(
    documents: Counts,
    inside: NDArray[np.bool_],
    level: float,
    min_count: int,
    prior: float,
    limit: int,
    seed: int,
    publishers: Mapping | pd.Series | None,
) -> pd.DataFrame:
    counts = at_least(documents, times=min_count)
    drawn, dealt = voices(counts, inside, publishers)
    a_side, b_side = counts.rows(inside), counts.rows(~inside)
    a, b = a_side.totals, b_side.totals
    n1, n2 = int(a_side.sizes.sum()), int(b_side.sizes.sum())
    table = pd.DataFrame(
        {
            "term": counts.vocabulary,
            "count_a": a.astype(int),
            "count_b": b.astype(int),
            "docs_a": a_side.found_in,
            "docs_b": b_side.found_in,
        }
    )
    limits = _interval(drawn.rows(dealt.inside), drawn.rows(~dealt.inside), level)
    table["log_ratio"], table["ci_low"], table["ci_high"], table["interval"] = limits
    table["interval"] = table["interval"].str.replace("documents", dealt.name)
    table["g2"] = measures.g2(a, b, n1, n2)
    table["q_g2"] = benjamini_hochberg(chance(table["g2"]))
    table["p_permutation"], table["p_exact"] = permutation_p(drawn, dealt.inside, limit, seed, dealt.stratum)
    table["q_value"] = benjamini_hochberg(table["p_permutation"])
    table[["dp_norm", "juilland_d"]] = dispersion(counts)[["dp_norm", "juilland_d"]].to_numpy()
    table["bic"] = measures.bayes_factor(table["g2"], max(n1 + n2, 1))
    table["diff_percent"] = measures.difference_percent(a, b, n1, n2)
    table["lrc"] = measures.lrc(a, b, n1, n2, family=max(len(a), 1), level=level)
    table["z_log_odds"], table["prior"] = _z(documents, inside, counts.vocabulary, prior), prior
    table["recurrent"] = np.where(table["log_ratio"] > 0, table["docs_a"], table["docs_b"]) >= 2
    return table.sort_values(["g2", "term"], ascending=[False, True], ignore_index=True)


def _interval(a_side: Counts, b_side: Counts, level: float) -> tuple[NDArray, NDArray, NDArray, str]:
    """Log ratio and limits: between documents (or publishers) where each side has two, else between tokens.

    Between documents: jackknife errors of the two sides and Student's t with the degrees of freedom of Welch (1947); with
    few documents these limits are wide, but they hold.
    """
    a, b, n1, n2 = a_side.totals, b_side.totals, a_side.sizes.sum(), b_side.sizes.sum()
    value, low, high = measures.log_ratio(a, b, n1, n2, level)
    if min(a_side.shape[0], b_side.shape[0]) < 2:
        return value, low, high, "tokens (Wald)"
    ours, theirs = document_variance(a_side), document_variance(b_side)
    freedom = (ours + theirs) ** 2 / (ours**2 / (a_side.shape[0] - 1) + theirs**2 / (b_side.shape[0] - 1))
    half = scipy.special.stdtrit(freedom, 0.5 + level / 2) * np.sqrt(ours + theirs)
    return value, value - half, value + half, "documents (jackknife)"


def document_variance(counts: Counts) -> NDArray[np.float64]:
    """Variance of the binary log of each term's rate when documents, not tokens, are the draws.

    Delete-one jackknife (Tukey 1958; Efron & Stein 1981): (m - 1)/m Σ(v_i - mean)², where v_i is the log of the rate
    without document i. A term in fewer than two documents shows no scatter between them: it has its token error.
    """
    x, sizes, m, total = counts.matrix, counts.sizes.astype(float), counts.shape[0], counts.totals
    shift = -np.log2(1 - sizes / sizes.sum())  # what leaving the tokens of a document out does to every rate
    shift -= shift.mean()
    cells = np.log2(np.maximum(total[x.indices] - x.data, 0.5) / np.maximum(total[x.indices], 0.5))
    crossed = cells**2 + 2 * cells * counts.by_cell(shift)
    squares, mean = counts.by_term(crossed), counts.by_term(cells / m)
    between = np.maximum(
        (m - 1) / m * (squares + (shift**2).sum() - m * mean**2), 1e-12
    )  # even to the last digit: not 0
    return np.where(counts.found_in < 2, np.maximum(between, measures.token_variance(total, sizes.sum())), between)


def _z(documents: Counts, inside: NDArray, terms: NDArray, prior: float) -> NDArray[np.float64]:
    """Fightin' Words z over the whole vocabulary, for these terms: rare terms take part in the odds."""
    a, b = documents.rows(inside).totals, documents.rows(~inside).totals
    if not len(a):
        return a
    z = measures.log_odds(a, b, measures.pooled_prior(a, b, prior))[1]
    return z[np.searchsorted(documents.vocabulary.astype(str), terms.astype(str))]


def without_each(counts: Counts, labels: pd.Series | Mapping, rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` of keyness (one comparison) with low and high: the log ratio of each term with each document left out."""
    documents, known = labelled(counts, labels)
    inside = known == (rows["group_a"].iloc[0] if len(rows) else "")
    columns = np.searchsorted(documents.vocabulary.astype(str), rows["term"].astype(str))
    cells = documents.terms(columns).matrix.toarray()
    sizes = documents.sizes[:, None]
    left = [(cells * side[:, None]).sum(axis=0) - cells * side[:, None] for side in (inside, ~inside)]
    tokens = [(sizes * side[:, None]).sum() - sizes * side[:, None] for side in (inside, ~inside)]
    possible = (tokens[0] > 0) & (tokens[1] > 0)
    ratio = measures.log_ratio(left[0], left[1], np.maximum(tokens[0], 1), np.maximum(tokens[1], 1))[0]
    ratio = np.where(possible, ratio, np.nan)
    alone = not possible.any()
    return rows.assign(
        low=rows["log_ratio"] if alone else np.nanmin(ratio, axis=0),
        high=rows["log_ratio"] if alone else np.nanmax(ratio, axis=0),
    )


def prior_check(
    counts: Counts, groups: ArrayLike | pd.Series, priors: tuple[float, ...] = (10, 100, 500), top: int = 20
) -> pd.DataFrame:
    """How far Fightin' Words hangs on its prior: group_a, prior (tokens), shared: how many of the `top` terms by the
    size of z are among those of the middle prior, too."""
    documents, labels = labelled(counts, groups)
    rows = []
    for group, _, inside in contrasts(labels):
        sizes = [np.abs(_z(documents, inside, documents.vocabulary, prior)) for prior in priors]
        best = [set(np.argsort(-z, kind="stable")[:top]) for z in sizes]
        middle = best[len(priors) // 2]
        rows += [(group, prior, len(terms & middle)) for prior, terms in zip(priors, best, strict=True)]
    return pd.DataFrame(rows, columns=["group_a", "prior", "shared"])
