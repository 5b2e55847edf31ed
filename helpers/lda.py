"""A second model of topics, latent Dirichlet allocation (Blei, Ng & Jordan 2003), only where there is enough text for it.

LDA starts at random and settles in many places; with few units each start tells another story. On generated news in ten
classes two starts agree on the units' topics with an adjusted Rand index of .21 for 125 units, .34 for 250 and .57 for 500;
more units do not help (.52 for 1,000). So it is not the model of the notebooks but a witness, heard from 500 units on.
"""

import numpy as np
import pandas as pd

from helpers.alignment import SEPARATOR, match
from helpers.coherence import TOP
from helpers.counts import Counts
from helpers.factors import Topics, from_parts
from helpers.study import CorpusError
from helpers.topic_choice import sample

FEWEST_UNITS = 500
ROUNDS, STEPS, LOOSE = 20, 10, 0.05  # longer steps within a round quadruple the time and change nothing above


def refusal(n_units: int) -> str:
    """Why LDA is not run on so few units; "" where there are enough.

    >>> refusal(94)[:44], refusal(500)
    ('LDA is not run on 94 units (fewer than 500):', '')
    """
    if n_units >= FEWEST_UNITS:
        return ""
    return (
        f"LDA is not run on {n_units:,} units (fewer than {FEWEST_UNITS:,}): with so few, another random start gives other "
        "topics, and what it shows is the start."
    )


def fit(counts: Counts, k: int, seed: int = 0) -> Topics:
    """k topics of raw counts by LDA (variational Bayes, 20 rounds), the heaviest first.

    Raises CorpusError below 500 units, and for weights instead of counts.
    """
    if said := refusal(counts.shape[0]):
        raise CorpusError(said)
    if not np.issubdtype(counts.matrix.dtype, np.integer):
        raise CorpusError("LDA counts words: hand over raw counts, not TF-IDF weights.")
    from sklearn.decomposition import LatentDirichletAllocation  # imported where used: it takes a second

    model = LatentDirichletAllocation(
        k, max_iter=ROUNDS, max_doc_update_iter=STEPS, mean_change_tol=LOOSE, random_state=seed
    )
    return from_parts(counts, model.fit_transform(counts.matrix), model.components_)


def beside(topics: Topics, counts: Counts, seed: int = 0) -> pd.DataFrame:
    """What LDA says to each topic: topic, label, lda_words, overlap, lda_stability.

    lda_words are the ten of the LDA topic with most of them in common, overlap their Jaccard; lda_stability is the
    overlap of that LDA topic with its own partner at another seed. LDA is run twice, on the units and words on which the
    number of topics was chosen. No rows where `refusal` has something to say.
    """
    columns = ["topic", "label", "lda_words", "overlap", "lda_stability"]
    if refusal(counts.shape[0]) or not topics.k:
        return pd.DataFrame(columns=columns)
    drawn = sample(counts, seed)
    words, again = (fit(drawn, topics.k, start).top(TOP) for start in (seed, seed + 1))
    partner, shared = match(topics.top(TOP), words)
    kept = np.append(match(words, again)[1], np.nan)  # the last for a topic without a partner
    told = [SEPARATOR.join(words[place]) if place >= 0 else "" for place in partner]
    rows = {"topic": range(1, topics.k + 1), "label": topics.labels(), "lda_words": told, "overlap": shared}
    return pd.DataFrame(rows).assign(lda_stability=kept[partner])[columns]
