"""How many topics, and how far to trust each: coherence, exclusivity, and what survives another seed or sample.

No single curve decides. The table shows five with their bands, and a stated rule proposes; a reader who has looked at
the words and the most typical paragraphs may well choose otherwise.
"""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
from scipy import sparse

from helpers.alignment import SEPARATOR, match
from helpers.coherence import TOP, exclusivity, npmi
from helpers.counts import Counts, at_least
from helpers.factors import Topics, factorise, unfinished_allowed, weighted
from helpers.inference import FEWEST_DOCUMENTS

MOST_UNITS = 1_000  # units, and words, on which the choice is worked out; more are drawn or cut with the seed
MOST_TERMS = 2_500
UNITS_A_TOPIC = 10
STABLE = 0.9  # share of the best stability that a candidate must reach
KS = (4, 6, 8, 10, 12, 15)
ITERATIONS = 100
MEASURES = ["npmi", "exclusivity", "stability_seed", "stability_sample", "ari_seed"]
TOO_LITTLE = "There is too little text for topics: they need two units that share two words."
BANDS = [f"{name}_{end}" for name in MEASURES for end in ("low", "high")]
KEPT = ["stability_seed", "stability_sample", "sample_low", "sample_high", "npmi", "exclusivity"]
DETAIL = ["k", "topic", "label", "words", *KEPT]
CHOICE = ["k", *MEASURES, *BANDS, "proposed", "n_units", "rule"]
RUNS = ["k", "topic", "kind", "run", "partner", "overlap", "words"]


def sample(counts: Counts, seed: int = 0) -> Counts:
    """At most 1,000 units and the 2,500 most widespread words in at least two of them."""
    if counts.shape[0] > MOST_UNITS:
        drawn = np.random.default_rng(seed).choice(counts.shape[0], MOST_UNITS, replace=False)
        counts = counts.rows(np.sort(drawn))
    counts = at_least(counts, units=2)
    return counts.terms(np.sort(np.argsort(-counts.found_in, kind="stable")[:MOST_TERMS]))


def resampled(weights: Counts, seed: int) -> Counts:
    """The units drawn anew with replacement, whole documents at a time where there are ten of them.

    A unit drawn twice stands there once with √2 of its weights, which is the same to a least-squares fit.
    """
    codes, documents = pd.factorize(weights.units["doc_id"])
    if len(documents) < FEWEST_DOCUMENTS:
        codes, documents = np.arange(weights.shape[0]), range(weights.shape[0])
    dice = np.random.default_rng(seed)
    times = np.bincount(dice.integers(len(documents), size=len(documents)), minlength=len(documents))[codes]
    drawn = weights.rows(np.flatnonzero(times))
    scale = sparse.diags_array(np.sqrt(times[times > 0]), format="csr")
    return replace(drawn, matrix=sparse.csr_array(scale @ drawn.matrix))


def panel(
    counts: Counts, ks: Iterable[int] = KS, seeds: Iterable[int] = range(5), seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """What `stability` and `choose_k` show, and the single runs behind it; the models are fitted in threads.

    Runs: k, topic, kind ("seed" or "sample"), run (from 1), partner (the topic of that run that is most this one, missing
    for none), overlap (Jaccard of their top ten words), words (the partner's, joined). All three tables are empty for no
    `ks`. The result is the same whatever the number of processors.
    """
    counts = sample(counts, seed)
    ks, seeds = list(ks), list(seeds)
    if not ks:
        return pd.DataFrame(columns=DETAIL), pd.DataFrame(columns=CHOICE), pd.DataFrame(columns=RUNS)
    weights = weighted(counts)
    weights = replace(weights, matrix=weights.matrix.astype(np.float32))  # half the memory to read, the same top words
    jobs = list(product(ks, [("base", seed), *(("seed", s) for s in seeds), *(("sample", s) for s in seeds)]))
    with unfinished_allowed(), ThreadPoolExecutor(os.cpu_count()) as pool:
        models = list(pool.map(lambda job: _model(weights, job[0], *job[1]), jobs))
    size = 1 + 2 * len(seeds)
    groups = [models[start : start + size] for start in range(0, len(models), size)]
    tables = [
        _judged(k, group[0], group[1 : len(seeds) + 1], group[len(seeds) + 1 :], counts)
        for k, group in zip(ks, groups, strict=True)
    ]
    detail, choice, runs = (pd.concat(some, ignore_index=True) for some in zip(*tables, strict=True))
    choice = choice.assign(proposed=choice["k"].eq(propose(choice)), n_units=counts.shape[0], rule=RULE)
    return detail, choice, runs


def _model(weights: Counts, k: int, kind: str, seed: int) -> Topics:
    """The model itself, the same started at random, or that of another sample of the units."""
    if kind == "sample":
        weights = resampled(weights, seed)
        k = min(k, weights.shape[0])  # without its longest document a corpus may have fewer units than topics
    return factorise(weights, k, seed, "random" if kind == "seed" else "nndsvda", ITERATIONS)


def _judged(
    k: int, base: Topics, by_seed: list[Topics], by_sample: list[Topics], counts: Counts
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """A row for each topic of the base model, one row for the whole with bands over seeds or samples, and the runs."""
    from sklearn.metrics import adjusted_rand_score

    words = base.top(TOP)
    kinds = {"seed": by_seed, "sample": by_sample}
    runs = pd.concat([_run(words, one, kind, i) for kind in kinds for i, one in enumerate(kinds[kind], start=1)])
    kept_seed, kept_sample = (runs.loc[runs["kind"] == kind, "overlap"].to_numpy().reshape(-1, k) for kind in kinds)
    detail = pd.DataFrame(
        {
            "k": k,
            "topic": range(1, k + 1),
            "label": base.labels(),
            "words": [SEPARATOR.join(some) for some in words],
            "stability_seed": kept_seed.mean(axis=0),
            "stability_sample": kept_sample.mean(axis=0),
            "sample_low": kept_sample.min(axis=0),
            "sample_high": kept_sample.max(axis=0),
            "npmi": npmi(words, counts),
            "exclusivity": exclusivity(base),
        }
    )
    drawn = {
        "npmi": [np.nanmean(npmi(model.top(TOP), counts)) for model in by_sample],
        "exclusivity": [np.mean(exclusivity(model)) for model in by_sample],
        "stability_seed": kept_seed.mean(axis=1),
        "stability_sample": kept_sample.mean(axis=1),
        "ari_seed": [adjusted_rand_score(base.dominant, model.dominant) for model in by_seed],
    }
    means = {name: detail[name].mean() if name in detail else np.mean(drawn[name]) for name in MEASURES}
    bands = {f"{name}_{end}": of(drawn[name]) for name in MEASURES for end, of in (("low", np.min), ("high", np.max))}
    return detail, pd.DataFrame([{"k": k} | means | bands]), runs.assign(k=k)[RUNS]


def _run(words: list[list[str]], model: Topics, kind: str, number: int) -> pd.DataFrame:
    """The partners that topics with these top words have in another model."""
    others = model.top(TOP)
    partner, shared = match(words, others)
    return pd.DataFrame(
        {
            "topic": range(1, len(words) + 1),
            "kind": kind,
            "run": number,
            "partner": pd.array(np.where(partner >= 0, partner + 1, 0), dtype="Int64"),
            "overlap": shared,
            "words": [SEPARATOR.join(others[place]) if place >= 0 else "" for place in partner],
        }
    ).replace({"partner": {0: pd.NA}})


def stability(counts: Counts, ks: int | Iterable[int], seeds: Iterable[int] = range(5), seed: int = 0) -> pd.DataFrame:
    """How much of each topic's top ten words survives: k, topic, label, stability_seed (started at random),
    stability_sample (units drawn anew) with its lowest and highest value, npmi and exclusivity.

    `words` are the ten themselves. Below about .5 a topic should not be given a name.
    """
    return panel(counts, [ks] if isinstance(ks, int) else ks, seeds, seed)[0]


def candidates(counts: Counts, ks: Iterable[int] = KS) -> list[int]:
    """The numbers of topics worth trying: those that leave a topic ten units or more, or the largest that does.

    None where there are not two units and two words that they share: such a text is read, not counted.
    """
    least = min(sample(counts).shape)
    most = max(least // UNITS_A_TOPIC, 2)
    return [k for k in ks if k <= most] or [most] if least >= 2 else []


def choose_k(counts: Counts, ks: Iterable[int] = KS, seeds: Iterable[int] = range(5), seed: int = 0) -> pd.DataFrame:
    """One row per number of topics: k, npmi, exclusivity, stability_seed, stability_sample, ari_seed, then for each its
    lowest and highest value (_low, _high) in models of other seeds or samples, proposed, n_units, rule.

    Means over topics of what `stability` shows; ari_seed is the agreement of units' strongest topics under another
    seed (Hubert & Arabie 1985). Numbers that leave a topic fewer than ten units are left out. Above 1,000 units a
    sample of that size is used.
    """
    return panel(counts, candidates(counts, ks), seeds, seed)[1]


RULE = (
    "Of the numbers whose topics keep their words under another seed and in another sample nearly as well as the "
    "best does (mean of both, 90%), the one with the highest NPMI; of equals the smaller."
)


def propose(choice: pd.DataFrame) -> int:
    """The number of topics that RULE picks from a table of k, npmi, stability_seed and stability_sample; 0 from none.

    >>> table = pd.DataFrame({"k": [4, 6, 8], "npmi": [0.1, 0.2, 0.3], "stability_sample": [0.6, 0.58, 0.3]})
    >>> propose(table.assign(stability_seed=0.9))
    6
    """
    if choice.empty:
        return 0
    kept = _kept(choice)
    stable = choice[kept >= STABLE * kept.max()]
    return int(stable.sort_values(["npmi", "k"], ascending=[False, True])["k"].iloc[0])


def _kept(choice: pd.DataFrame) -> pd.Series:
    """How well the topics of each row keep their words: the mean over other seeds and other samples."""
    return (choice["stability_seed"] + choice["stability_sample"]) / 2


def why(choice: pd.DataFrame) -> str:
    """The proposal in one sentence with its numbers, for a reader who wants to disagree.

    >>> table = pd.DataFrame({"k": [4, 6], "npmi": [0.1, 0.2], "stability_sample": [0.6, 0.58]})
    >>> why(table.assign(stability_seed=0.9))
    'Stability is .75 at best (4 topics); 4 and 6 reach 90% of it, and of these 6 has the highest NPMI (.20).'
    """
    if choice.empty:
        return TOO_LITTLE
    kept = _kept(choice)
    stable = [str(k) for k in choice.loc[kept >= STABLE * kept.max(), "k"]]
    best, k = choice.loc[kept.idxmax(), "k"], propose(choice)
    coherence = choice.set_index("k")["npmi"][k]
    said = f"Stability is {_short(kept.max())} at best ({best} topics); "
    if len(stable) == 1:
        return said + "no other number reaches 90% of it."
    listed = f"{', '.join(stable[:-1])} and {stable[-1]}"
    return said + f"{listed} reach 90% of it, and of these {k} has the highest NPMI ({_short(coherence)})."


def _short(value: float) -> str:
    return f"{value:.2f}".replace("0.", ".", 1)
