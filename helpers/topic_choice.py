"""How many topics, and how far to trust each: coherence, exclusivity, and what survives another seed or sample.

No single curve decides. The table shows five with their bands, and a stated rule proposes; a reader who has looked at
the words and the most typical paragraphs may well choose otherwise.
"""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers import measures
from helpers.alignment import SEPARATOR, match, overlap
from helpers.counts import Counts, at_least
from helpers.factors import Topics, factorise, unfinished_allowed, weighted

MOST_UNITS = 2_000  # units, and words, on which the choice is worked out; more are drawn or cut with the seed
MOST_TERMS = 2_500
FEWEST_DOCUMENTS = 10
UNITS_A_TOPIC = 10
TOP = 10
EPSILON = 1e-12  # gensim's: a pair never together stays just above -1
STABLE = 0.9  # share of the best stability that a candidate must reach
KS = (4, 6, 8, 10, 12, 15)
ITERATIONS = 100
MEASURES = ["npmi", "exclusivity", "stability_seed", "stability_sample", "ari_seed"]
NAMEABLE = 0.5  # a topic that keeps less of its top words, under other seeds or in other samples, gets no name


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


def umass(words: Sequence[Sequence[str]], counts: Counts) -> list[float]:
    """Coherence of each topic after Mimno et al. (2011): mean ln((D(wi, wj) + 1e-12) / D(wj)) over pairs with wj the
    stronger word; D counts units. Equal to gensim's u_mass; unknown words are left out, NaN with fewer than two."""
    place = {term: column for column, term in enumerate(counts.vocabulary)}
    found = counts.matrix.astype(bool).astype(np.int32).tocsc()
    return [_umass(found[:, [place[word] for word in topic if word in place]]) for topic in words]


def _umass(found) -> float:
    met = (found.T @ found).toarray()
    later, earlier = np.tril_indices(len(met), k=-1)
    values = np.log((met[later, earlier] / found.shape[0] + EPSILON) / (met.diagonal()[earlier] / found.shape[0]))
    return float(values.mean()) if len(values) else float("nan")


def frex(topics: Topics, weight: float = 0.5) -> NDArray[np.float64]:
    """FREX of each topic × term: how frequent and how exclusive at once (Bischof & Airoldi 2012).

    The harmonic mean, `weight` on exclusivity, of the term's ranks (0 to 1) within the topic: by its share there, and
    by how far its use lies in this topic rather than in others. Terms without weight in the topic have 0.
    """
    share = topics.words / np.maximum(topics.words.sum(axis=0), 1e-12)
    exclusive, frequent = _ranks(share), _ranks(topics.words)
    with np.errstate(divide="ignore"):
        return np.where(topics.words > 0, 1 / (weight / exclusive + (1 - weight) / frequent), 0.0)


def _ranks(values: NDArray) -> NDArray[np.float64]:
    """Share of each row's cells that are no larger (the empirical distribution function)."""
    from scipy.stats import rankdata

    return rankdata(values, method="max", axis=1) / values.shape[1]


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


def panel(
    counts: Counts, ks: Iterable[int] = KS, seeds: Iterable[int] = range(5), seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What `stability` and `choose_k` show, worked out together; the models are fitted in threads.

    The result is the same whatever the number of processors.
    """
    counts = sample(counts, seed)
    weights, seeds, ks = weighted(counts), list(seeds), list(ks)
    jobs = list(product(ks, [("base", seed), *(("seed", s) for s in seeds), *(("sample", s) for s in seeds)]))
    with unfinished_allowed(), ThreadPoolExecutor(os.cpu_count()) as pool:
        models = list(pool.map(lambda job: _model(weights, job[0], *job[1]), jobs))
    size = 1 + 2 * len(seeds)
    groups = [models[start : start + size] for start in range(0, len(models), size)]
    tables = [
        _judged(k, group[0], group[1 : len(seeds) + 1], group[len(seeds) + 1 :], counts)
        for k, group in zip(ks, groups, strict=True)
    ]
    detail, choice = (pd.concat(some, ignore_index=True) for some in zip(*tables, strict=True))
    proposed = choice["k"].eq(propose(choice))
    return detail, choice.assign(proposed=proposed, n_units=counts.shape[0], rule=RULE)


def _model(weights: Counts, k: int, kind: str, seed: int) -> Topics:
    """The model itself, the same started at random, or that of another sample of the units."""
    if kind == "sample":
        weights = resampled(weights, seed)
    return factorise(weights, k, seed, "random" if kind == "seed" else "nndsvda", ITERATIONS)


def _judged(
    k: int, base: Topics, by_seed: list[Topics], by_sample: list[Topics], counts: Counts
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A row for each topic of the base model, and one row for the whole with bands over seeds or samples."""
    from sklearn.metrics import adjusted_rand_score

    words = base.top(TOP)
    kept_seed = np.array([overlap(words, model.top(TOP)) for model in by_seed])
    kept_sample = np.array([overlap(words, model.top(TOP)) for model in by_sample])
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
    return detail, pd.DataFrame([{"k": k} | means | bands])


def stability(counts: Counts, ks: int | Iterable[int], seeds: Iterable[int] = range(5), seed: int = 0) -> pd.DataFrame:
    """How much of each topic's top ten words survives: k, topic, label, stability_seed (started at random),
    stability_sample (units drawn anew) with its lowest and highest value, npmi and exclusivity.

    `words` are the ten themselves. Below about .5 a topic should not be given a name.
    """
    return panel(counts, [ks] if isinstance(ks, int) else ks, seeds, seed)[0]


def candidates(counts: Counts, ks: Iterable[int] = KS) -> list[int]:
    """The numbers of topics worth trying: those that leave a topic ten units or more, or the largest that does."""
    most = max(min(sample(counts).shape) // UNITS_A_TOPIC, 2)
    return [k for k in ks if k <= most] or [most]


def choose_k(counts: Counts, ks: Iterable[int] = KS, seeds: Iterable[int] = range(5), seed: int = 0) -> pd.DataFrame:
    """One row per number of topics: k, npmi, exclusivity, stability_seed, stability_sample, ari_seed, then for each its
    lowest and highest value (_low, _high) in models of other seeds or samples, proposed, n_units, rule.

    Means over topics of what `stability` shows; ari_seed is the agreement of units' strongest topics under another
    seed (Hubert & Arabie 1985). Numbers that leave a topic fewer than ten units are left out. Above 2,000 units a
    sample of that size is used.
    """
    return panel(counts, candidates(counts, ks), seeds, seed)[1]


def of_model(detail: pd.DataFrame, topics: Topics) -> pd.DataFrame:
    """The rows of a `stability` table that speak of a model's topics, in the model's order; blank where none does.

    The table is worked out on fewer words, sometimes on fewer units: what makes a row a topic's is that they share words.
    """
    rows = detail[detail["k"] == topics.k].reset_index(drop=True)
    partner, _ = match(topics.top(TOP), [words.split(SEPARATOR) for words in rows["words"]])
    return (
        rows.reindex(partner)
        .assign(k=topics.k, topic=range(1, topics.k + 1), label=topics.labels())
        .reset_index(drop=True)
    )


def nameable(detail: pd.DataFrame) -> NDArray[np.bool_]:
    """Which topics of a `stability` table keep half of their words under other seeds and in other samples."""
    return detail[["stability_seed", "stability_sample"]].min(axis=1).ge(NAMEABLE).to_numpy()


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


def why(choice: pd.DataFrame) -> str:
    """The proposal in one sentence with its numbers, for a reader who wants to disagree.

    >>> table = pd.DataFrame({"k": [4, 6], "npmi": [0.1, 0.2], "stability_sample": [0.6, 0.58]})
    >>> why(table.assign(stability_seed=0.9))
    'Stability is .75 at best (4 topics); 4 and 6 reach 90% of it, and of these 6 has the highest NPMI (.20).'
    """
    kept = (choice["stability_seed"] + choice["stability_sample"]) / 2
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
