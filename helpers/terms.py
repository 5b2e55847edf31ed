"""Words and their company: the front door to counting, keywords, keyness, dispersion, collocations and concordances."""

# ruff: noqa: F401  (what a front door imports is what it offers)

import pandas as pd

from helpers.collocations import collocations
from helpers.concordance import Concordance, concordance, kwic
from helpers.contrasts import keyness_null
from helpers.counts import Counts, at_least, by_document, count, removed, stopword_table, stopwords, tfidf, without
from helpers.dispersion import dispersion
from helpers.keyness import keyness
from helpers.keywords import keywords
from helpers.study import LEXICON


def lexicon() -> pd.DataFrame:
    """The terms that segmentation keeps whole: term, gloss, kind, source, note."""
    return pd.read_csv(LEXICON / "terms.csv", dtype=str, keep_default_na=False)
