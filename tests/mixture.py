"""Generated news: articles of known classes, as hard to tell apart as one likes. A stand-in for labelled articles.

Words follow Zipf's law. A class has words of its own and shares others with its neighbour; within it are subjects, and
stories that a handful of articles retell. How much an article speaks of its class varies, some speak of a second class
nearly as much, and each repeats its own words
(Dirichlet-multinomial; Madsen, Kauchak & Elkan 2005), and lengths run from 200 to 2,000 tokens.
"""

import numpy as np
from scipy import sparse

TERMS = 20_000
COMMON = 150  # the most frequent words belong to no class


def zipf(n: int, power: float) -> np.ndarray:
    weights = 1 / (np.arange(n) + 2.0) ** power
    return weights / weights.sum()


LANGUAGE = zipf(TERMS, 1.05)


def theme(dice: np.random.Generator, words: int) -> np.ndarray:
    """A distribution over the vocabulary with this many words in it, drawn from the less common ones."""
    likely = LANGUAGE[COMMON:] ** 0.6
    chosen = dice.choice(np.arange(COMMON, TERMS), words, replace=False, p=likely / likely.sum())
    spread = np.zeros(TERMS)
    spread[chosen] = zipf(words, 0.9)
    return spread


def news(
    seed: int,
    n: int = 1_000,
    k: int = 10,
    own: float = 0.4,
    shared: float = 0.25,
    story: float = 0.05,
    two: float = 0.1,
    sizes=None,
) -> tuple[sparse.csr_array, np.ndarray]:
    """Counts of n articles × terms, and their classes; `own` is the mean share of class words, `shared` how much of
    a class's vocabulary is its neighbour's, `story` the share of words of one story, `two` the share of articles that
    speak of a second class too, `sizes` those of the classes."""
    dice = np.random.default_rng(seed)
    themes = [theme(dice, 400) for _ in range(k)]
    classes = [(1 - shared) * themes[i] + shared * themes[(i + 1) % k] for i in range(k)]
    subjects = [[theme(dice, 150) for _ in range(6)] for _ in range(k)]
    stories = [[theme(dice, 40) for _ in range(30)] for _ in range(k)]
    truth = dice.choice(k, n, p=np.asarray(sizes) / np.sum(sizes) if sizes else None)
    lengths = np.clip(np.exp(dice.normal(np.log(500), 0.6, n)), 200, 2_000).astype(int)
    rows = []
    for of_class, length in zip(truth, lengths, strict=True):
        share = min(own * dice.beta(2, 3) * 2.5, 0.8)
        subject = subjects[of_class][min(int(dice.exponential(2)), 5)]
        told = stories[of_class][min(int(dice.exponential(8)), 29)]
        other = dice.uniform(0, 0.5) if dice.random() < two else 0.0
        about = (1 - other) * (0.55 * classes[of_class] + 0.45 * subject) + other * classes[dice.integers(k)]
        mixed = (1 - share - story) * LANGUAGE + share * about + story * told
        bursts = dice.gamma(np.maximum(mixed * length * 0.6, 1e-12))
        rows.append(sparse.csr_array(dice.multinomial(length, bursts / bursts.sum()).astype(np.int32)[None]))
    return sparse.csr_array(sparse.vstack(rows)), truth
