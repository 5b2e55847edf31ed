"""Whether two codings agree: between coders, and between the codebook and a reader.

Rare frames make any coefficient unstable, so every table gives prevalence and plain agreement beside it.
"""

import numpy as np
import pandas as pd

from helpers.inference import Floats, wilson


def _counts(codings: pd.DataFrame) -> Floats:
    """Units × values: how many coders gave each unit each value; units with fewer than two codes are left out."""
    long = codings.reset_index(drop=True).stack().dropna()
    table = pd.crosstab(long.index.get_level_values(0), long.to_numpy()).to_numpy(dtype=float)
    return table[table.sum(axis=1) >= 2]


def alpha(codings: pd.DataFrame) -> float:
    """Krippendorff's alpha for nominal codes (Krippendorff 2011): 1 is full agreement, 0 what chance gives.

    `codings` has a row per unit and a column per coder; a missing code is NaN. NaN when nothing varies.

    >>> first = ["a", "a", "b", "b", "d", "c", "c", "c", "e", "d", "d", "a"]
    >>> second = ["b", "a", "b", "b", "b", "c", "c", "c", "e", "d", "d", "d"]
    >>> round(alpha(pd.DataFrame({"甲": first, "乙": second})), 3)
    0.692
    """
    counts = _counts(codings)
    coders = counts.sum(axis=1)
    observed = ((coders**2 - (counts**2).sum(axis=1)) / (coders - 1)).sum()
    expected = coders.sum() ** 2 - (counts.sum(axis=0) ** 2).sum()
    return float(1 - (coders.sum() - 1) * observed / expected) if expected else float("nan")


def ac1(codings: pd.DataFrame) -> float:
    """Gwet's AC1 (Gwet 2008), which stays readable where a frame is rare and alpha falls to zero.

    >>> round(ac1(pd.DataFrame({"甲": [0, 0, 0, 0, 0, 1], "乙": [0, 0, 0, 0, 1, 1]})), 3)
    0.733
    """
    counts = _counts(codings)
    coders = counts.sum(axis=1)
    observed = ((counts * (counts - 1)).sum(axis=1) / (coders * (coders - 1))).mean()
    share = (counts / coders[:, None]).mean(axis=0)
    if len(share) < 2:
        return 1.0
    expected = (share * (1 - share)).sum() / (len(share) - 1)
    return float((observed - expected) / (1 - expected))


def validation(coded: pd.DataFrame, read: pd.DataFrame) -> pd.DataFrame:
    """How the codebook's presence table compares with a reader's: one row per frame and one for all ("micro").

    Both are units × frames of true and false with one index. Columns: frame, n_units, n_coded, n_read, n_both,
    precision, recall, f1, precision_low, precision_high, recall_low, recall_high, agreement, alpha, ac1.

    >>> one = pd.DataFrame({"war": [True, True, False, False]})
    >>> other = pd.DataFrame({"war": [True, False, False, False]})
    >>> validation(one, other).loc[0, ["precision", "recall"]].tolist()
    [0.5, 1.0]
    """
    rows = [{"frame": frame, **_compare(coded[frame], read[frame])} for frame in read.columns]
    rows.append({"frame": "micro", **_compare(coded[read.columns].stack(), read.stack())})
    return pd.DataFrame(rows)


def _compare(coded: pd.Series, read: pd.Series) -> dict[str, float]:
    coded, read = coded.to_numpy(dtype=bool), read.to_numpy(dtype=bool)
    both, n_coded, n_read = int((coded & read).sum()), int(coded.sum()), int(read.sum())
    (p_low, p_high), (r_low, r_high) = wilson(both, n_coded), wilson(both, n_read)
    pair = pd.DataFrame({"coded": coded, "read": read})
    return {
        "n_units": len(read),
        "n_coded": n_coded,
        "n_read": n_read,
        "n_both": both,
        "precision": both / n_coded if n_coded else np.nan,
        "recall": both / n_read if n_read else np.nan,
        "f1": 2 * both / (n_coded + n_read) if n_coded + n_read else np.nan,
        "precision_low": float(p_low),
        "precision_high": float(p_high),
        "recall_low": float(r_low),
        "recall_high": float(r_high),
        "agreement": float((coded == read).mean()),
        "alpha": alpha(pair),
        "ac1": ac1(pair),
    }
