"""Words that no dictionary holds: jieba's hidden Markov model over characters, for many runs of them at once."""

import logging
import warnings
from functools import lru_cache

import numpy as np

HAN = slice(0x4E00, 0x9FD6)  # the characters jieba looks up
STATES = "BEMS"  # of the model: a character begins, ends, is amid or is by itself a word
# the two states that each state can follow, in order of their letters
EARLIER, LATER = np.array([1, 0, 0, 1]), np.array([3, 2, 2, 3])


@lru_cache(maxsize=1)
def jieba():
    """The module jieba, imported quietly."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its sources warn on their first import under Python 3.12
        import jieba as module
    module.setLogLevel(logging.WARNING)
    return module


@lru_cache(maxsize=1)
def _model() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """jieba's hidden Markov model: start (4), step from the earlier and the later letter (4 each), emission (4 × Han)."""
    model = jieba().finalseg
    emission = np.full((4, HAN.stop - HAN.start), model.MIN_FLOAT)
    for row, state in zip(emission, STATES, strict=True):
        seen = {ord(c): p for c, p in model.emit_P[state].items() if HAN.start <= ord(c) < HAN.stop}
        row[np.array(list(seen)) - HAN.start] = list(seen.values())
    start = np.array([model.start_P[state] for state in STATES])
    steps = [[model.trans_P[STATES[a]][b] for a, b in zip(side, STATES, strict=True)] for side in (EARLIER, LATER)]
    return start, *np.array(steps), emission


def recognise(codes: np.ndarray, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Which characters jieba's model joins to the next one, in the runs codes[start:stop] of Han characters.

    Viterbi's best path (1967; ties go to the later letter, as in jieba), all runs side by side, the longest first.

    >>> codes = np.array([ord(c) for c in "奥密克戎小明硕士"])
    >>> recognise(codes, np.array([0, 4]), np.array([4, 8])).astype(int).tolist()
    [1, 1, 1, 0, 1, 0, 1, 0]
    """
    joined = np.zeros(len(codes), bool)
    first, earlier, later, emission = _model()
    order = np.argsort(start - stop)
    start, length = start[order], (stop - start)[order]
    going = np.searchsorted(-length, -np.arange(length.max(initial=1)))  # how many runs are longer than t
    best = first[:, None] + emission.take(codes[start] - HAN.start, axis=1)
    back = []
    for t, n in enumerate(going[1:], 1):
        seen = emission.take(codes[start[:n] + t] - HAN.start, axis=1)
        low = best[EARLIER, :n] + earlier[:, None] + seen
        high = best[LATER, :n] + later[:, None] + seen
        back.append(high >= low)
        best[:, :n] = np.maximum(low, high)
    state = np.where(best[1] > best[3], 1, 3)  # a run ends in E or S
    for t in range(len(back), 0, -1):
        now = state[: going[t]]
        now[:] = np.where(back[t - 1][now, np.arange(len(now))], LATER[now], EARLIER[now])
        joined[start[: len(now)] + t - 1] = now % 2 == 0  # B and M go on
    return joined
