"""How many topics, and how far to trust each: coherence, exclusivity, and what survives another seed or sample.

No single curve decides. The table shows four, and a stated rule proposes; a reader who has looked at the words and
the most typical paragraphs may well choose otherwise.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from helpers import measures
from helpers.counts import Counts, at_least
from helpers.factors import Topics, fit, weighted

MOST_UNITS = 2_000  # units, and words, on which the choice is worked out; more are drawn or cut with the seed
MOST_TERMS = 2_500
FEWEST_DOCUMENTS = 10
UNITS_A_TOPIC = 10
TOP = 10
EPSILON = 1e-12  # gensim's: a pair never together stays just above -1
STABLE = 0.9  # share of the best stability that a candidate must reach


def npmi(words: Sequence[Sequence[str]], counts: Counts) -> list[float]:
    """Coherence of each topic: mean NPMI of all pairs of its words, the window being a unit of `counts`.

    Equal to gensim's c_npmi with one window per text (Röder, Both & Hinneburg 2015); words unknown to `counts` are
    left out; a topic with fewer than two known words has NaN.
    """
    place = {term: column for column, term in enumerate(counts.vocabulary)}
    found = counts.matrix.astype(bool).astype(np.int32).tocsc()
    return [_coherence(found[:, [place[word] for word in topic if word in place]]) for topic in words]


def _coherence(found) -> float:
    met = (found.T @ found).toarray()
    own = met.diagonal()
    a, b = np.triu_indices(len(own), k=1)
    values = measures.npmi(met[a, b], own[a], own[b], found.shape[0], EPSILON)
    return float(values.mean()) if len(values) else float("nan")


def exclusivity(topics: Topics, top: int = TOP) -> list[float]:
    """For each topic the mean share that its top words have in it and not in the others, 1/k to 1.

    The exclusivity half of FREX (Bischof & Airoldi 2012), topics weighted alike.
    """
    share = topics.words / np.maximum(topics.words.sum(axis=0), 1e-12)
    order = np.argsort(-topics.words, axis=1, kind="stable")[:, :top]
    return np.take_along_axis(share, order, axis=1).mean(axis=1).tolist()


def overlap(topics: Sequence[Sequence[str]], others: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    """Jaccard overlap of each topic's words with those of its partner in another model, partners matched one to one
    so that the whole overlap is largest (Hungarian method; Greene, O'Callaghan & Cunningham 2014).

    >>> overlap([["核酸", "采样"], ["春耕", "种子"]], [["春耕", "农资"], ["采样", "核酸"]]).round(2).tolist()
    [1.0, 0.33]
    """
    sets, other_sets = [set(words) for words in topics], [set(words) for words in others]
    jaccard = np.array([[len(a & b) / len(a | b) for b in other_sets] for a in sets])
    row, column = linear_sum_assignment(-jaccard)
    return jaccard[row, column]


def sample(counts: Counts, seed: int = 0) -> Counts:
    """At most 2,000 units and the 2,500 most widespread words in at least two of them."""
    if counts.shape[0] > MOST_UNITS:
        drawn = np.random.default_rng(seed).choice(counts.shape[0], MOST_UNITS, replace=False)
        counts = counts.rows(np.sort(drawn))
    counts = at_least(counts, units=2)
    return counts.terms(np.sort(np.argsort(-counts.found_in, kind="stable")[:MOST_TERMS]))


def resampled(counts: Counts, seed: int) -> Counts:
    """The units drawn anew with replacement, whole documents at a time where there are ten of them."""
    codes, documents = pd.factorize(counts.units["doc_id"])
    rng = np.random.default_rng(seed)
    if len(documents) < FEWEST_DOCUMENTS:
        return counts.rows(np.sort(rng.integers(counts.shape[0], size=counts.shape[0])))
    drawn = np.bincount(rng.integers(len(documents), size=len(documents)), minlength=len(documents))
    return counts.rows(np.repeat(np.arange(counts.shape[0]), drawn[codes]))


def _overlaps(base: Topics, weights: Counts, k: int, seeds: Iterable[int]) -> tuple[NDArray, NDArray]:
    """Overlap with the base model per seed × topic: started at random, and fitted to another sample."""
    words, seeds = base.top(TOP), list(seeds)
    by_seed = [overlap(words, fit(weights, k, seed, "random", 100).top(TOP)) for seed in seeds]
    by_sample = [overlap(words, fit(resampled(weights, seed), k, seed, iterations=100).top(TOP)) for seed in seeds]
    return np.array(by_seed), np.array(by_sample)


def stability(counts: Counts, ks: int | Iterable[int], seeds: Iterable[int] = range(5), seed: int = 0) -> pd.DataFrame:
    """How much of each topic's top ten words survives: k, topic, label, stability_seed (started at random),
    stability_sample (units drawn anew) with its lowest and highest value, npmi and exclusivity.

    Below about .5 a topic should not be given a name.
    """
    counts = sample(counts, seed)
    weights, seeds = weighted(counts), list(seeds)
    tables = []
    for k in [ks] if isinstance(ks, int) else ks:
        base = fit(weights, k, seed, iterations=100)
        by_seed, by_sample = _overlaps(base, weights, k, seeds)
        tables.append(
            pd.DataFrame(
                {
                    "k": k,
                    "topic": range(1, k + 1),
                    "label": base.labels(),
                    "stability_seed": by_seed.mean(axis=0),
                    "stability_sample": by_sample.mean(axis=0),
                    "sample_low": by_sample.min(axis=0),
                    "sample_high": by_sample.max(axis=0),
                    "npmi": npmi(base.top(TOP), counts),
                    "exclusivity": exclusivity(base),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def choose_k(
    counts: Counts, ks: Iterable[int] = (4, 6, 8, 10, 12, 15), seeds: Iterable[int] = range(5), seed: int = 0
) -> pd.DataFrame:
    """One row per number of topics: k, npmi, exclusivity, stability_seed, stability_sample, proposed, n_units, rule.

    Means over topics of what `stability` shows. Numbers that leave a topic fewer than ten units are left out. Above
    2,000 units a sample of that size is used.
    """
    most = max(min(sample(counts, seed).shape) // UNITS_A_TOPIC, 2)
    table = stability(counts, [k for k in ks if k <= most] or [most], seeds, seed)
    columns = ["npmi", "exclusivity", "stability_seed", "stability_sample"]
    choice = table.groupby("k", as_index=False)[columns].mean()
    return choice.assign(proposed=choice["k"].eq(propose(choice)), n_units=min(counts.shape[0], MOST_UNITS), rule=RULE)


RULE = (
    "Of the numbers whose topics keep their words under another seed and in another sample nearly as well as the "
    "best does (mean of both, 90%), the one with the highest NPMI; of equals the smaller."
)


def propose(choice: pd.DataFrame) -> int:
    """The number of topics that RULE picks from a table of k, npmi, stability_seed and stability_sample.

    >>> table = pd.DataFrame({"k": [4, 6, 8], "npmi": [0.1, 0.2, 0.3], "stability_sample": [0.6, 0.58, 0.3]})
    >>> propose(table.assign(stability_seed=0.9))
    6
    """
    kept = (choice["stability_seed"] + choice["stability_sample"]) / 2
    stable = choice[kept >= STABLE * kept.max()]
    return int(stable.sort_values(["npmi", "k"], ascending=[False, True])["k"].iloc[0])
