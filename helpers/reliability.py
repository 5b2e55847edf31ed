"""Whether two codings agree: between coders, and between the codebook and a reader.

Rare frames make any coefficient unstable, so every table gives prevalence and plain agreement beside it. A share of
units coded is not yet a share of units that have the frame: `true_share` corrects one into the other.
"""

import numpy as np
import pandas as pd
import scipy
from numpy.typing import ArrayLike

from helpers.inference import FEWEST_DOCUMENTS, Floats, Interval, clustered_wilson

ALMOST = 0.999  # Fisher's z of a coefficient of 1 is infinite
COLUMNS = (
    "frame n_units n_coded n_read n_both precision recall f1 precision_low precision_high recall_low recall_high "
    "agreement alpha ac1"
).split()


def _counts(codings: pd.DataFrame) -> Floats:
    """Units × values: how many coders gave each unit each value; units without a code are left out."""
    long = codings.reset_index(drop=True).stack().dropna()
    return pd.crosstab(long.index.get_level_values(0), long.to_numpy()).to_numpy(dtype=float)


def _paired(counts: Floats) -> Floats:
    """The units with two codes or more: only these can agree."""
    return counts[counts.sum(axis=1) >= 2]


def alpha(codings: pd.DataFrame) -> float:
    """Krippendorff's alpha for nominal codes (Krippendorff 2011): 1 is full agreement, 0 what chance gives.

    `codings` has a row per unit and a column per coder; a missing code is NaN. NaN when nothing varies.

    >>> first = ["a", "a", "b", "b", "d", "c", "c", "c", "e", "d", "d", "a"]
    >>> second = ["b", "a", "b", "b", "b", "c", "c", "c", "e", "d", "d", "d"]
    >>> round(alpha(pd.DataFrame({"甲": first, "乙": second})), 3)
    0.692
    """
    return _alpha(_counts(codings))


def _alpha(counts: Floats) -> float:
    counts = _paired(counts)
    coders = counts.sum(axis=1)
    observed = ((coders**2 - (counts**2).sum(axis=1)) / (coders - 1)).sum()
    expected = coders.sum() ** 2 - (counts.sum(axis=0) ** 2).sum()
    return float(1 - (coders.sum() - 1) * observed / expected) if expected else float("nan")


def ac1(codings: pd.DataFrame) -> float:
    """Gwet's AC1 (Gwet 2008; 2014 with missing codes), which stays readable where a frame is rare and alpha falls to zero.

    What chance gives follows from all codes, those of units that one coder alone has read among them. NaN where no unit
    has two codes.

    >>> round(ac1(pd.DataFrame({"甲": [0, 0, 0, 0, 0, 1], "乙": [0, 0, 0, 0, 1, 1]})), 3)
    0.733
    """
    return _ac1(_counts(codings))


def _ac1(counts: Floats) -> float:
    paired = _paired(counts)
    if not len(paired):
        return float("nan")
    coders = paired.sum(axis=1)
    observed = ((paired * (paired - 1)).sum(axis=1) / (coders * (coders - 1))).mean()
    share = (counts / counts.sum(axis=1, keepdims=True)).mean(axis=0)
    if (share > 0).sum() < 2:
        return 1.0
    expected = (share * (1 - share)).sum() / (len(share) - 1)
    return float((observed - expected) / (1 - expected))


def as_weights(weight: pd.Series | None, units: pd.Index) -> Floats:
    """How many units of the corpus each of these stands for: 1 where nothing is said of it."""
    return np.ones(len(units)) if weight is None else weight.reindex(units).fillna(1).to_numpy(dtype=float)


def validation(coded: pd.DataFrame, read: pd.DataFrame, weight: pd.Series | None = None) -> pd.DataFrame:
    """How the codebook's presence table compares with a reader's: one row per frame and one for all ("micro").

    Both are units × frames of true and false with one index. Columns: frame, n_units, n_coded, n_read, n_both,
    precision, recall, f1, precision_low, precision_high, recall_low, recall_high, agreement, alpha, ac1.
    The limits take the documents for the draws where the index has a level doc_id (`inference.clustered_wilson`): the
    errors of a codebook keep to the articles whose wording it does not know. Otherwise they are Wilson's.
    With `weight` (how many units each stands for, of a drawn sheet) precision, recall, f1, their limits and agreement are
    those of the corpus; the numbers, alpha and ac1 are of the units as drawn.

    >>> one = pd.DataFrame({"war": [True, True, False, False]})
    >>> other = pd.DataFrame({"war": [True, False, False, False]})
    >>> validation(one, other).loc[0, ["precision", "recall"]].tolist()
    [0.5, 1.0]
    """
    weights = as_weights(weight, read.index)
    pairs = {frame: (coded[frame], read[frame], weights) for frame in read.columns}
    pairs["micro"] = (coded[read.columns].stack(), read.stack(), np.repeat(weights, read.shape[1]))
    return pd.DataFrame([{"frame": frame, **_compare(*pair)} for frame, pair in pairs.items()])


def agreement(coded: ArrayLike, read: ArrayLike, weight: Floats | None = None) -> dict[str, float]:
    """n_units, n_coded, n_read, n_both, precision, recall and f1 (NaN where there is nothing to divide by) over all cells of
    two presence tables, or of one column of them. `weight`: what each row counts for in the rates.

    >>> agreement([True, True, False, False], [True, False, False, False])["precision"]
    0.5
    """
    coded, read = np.asarray(coded, dtype=bool), np.asarray(read, dtype=bool)
    sides = {"n_coded": coded, "n_read": read, "n_both": coded & read}
    weight = np.ones(len(read)) if weight is None else weight
    said, seen, both = (float((weight @ side).sum()) for side in sides.values())
    return {
        "n_units": len(read),
        **{name: int(side.sum()) for name, side in sides.items()},
        "precision": both / said if said else np.nan,
        "recall": both / seen if seen else np.nan,
        "f1": 2 * both / (said + seen) if said + seen else np.nan,
    }


def _compare(coded: pd.Series, read: pd.Series, weight: Floats) -> dict[str, float]:
    pair = pd.DataFrame({"coded": coded.to_numpy(dtype=bool), "read": read.to_numpy(dtype=bool)})
    document = read.index.get_level_values("doc_id") if "doc_id" in read.index.names else np.zeros(len(read))
    counts = pair.assign(both=pair["coded"] & pair["read"]).mul(weight, axis=0).groupby(np.asarray(document)).sum()
    limits = {
        f"{name}_{end}": float(np.squeeze(limit))
        for name, out_of in (("precision", "coded"), ("recall", "read"))
        for end, limit in zip(
            ("low", "high"), clustered_wilson(counts[["both", out_of]] * _worth(weight[pair[out_of]])), strict=True
        )
    }
    return (
        agreement(pair["coded"], pair["read"], weight)
        | limits
        | {
            "agreement": float(np.average(pair["coded"] == pair["read"], weights=weight)),
            "alpha": alpha(pair),
            "ac1": ac1(pair),
        }
    )


def _worth(weight: Floats) -> float:
    """What makes weights add up to as many units as would be as precise unweighted (Kish 1965)."""
    return weight.sum() / (weight**2).sum() if len(weight) else 1.0


def intervals(codings: pd.DataFrame, documents: pd.Series) -> pd.DataFrame:
    """Alpha and AC1 with 95% limits from leaving out whole documents: index alpha and ac1, columns estimate, low, high.

    A jackknife of Fisher's z of the coefficient with Student's t (Tukey 1958; Cressie 1981): a coefficient near 1 is
    skewed, which percentiles of resamples do not make good with few documents. Limits are NaN under ten documents with
    units coded twice (`inference.FEWEST_DOCUMENTS`) or where nothing varies.

    `codings` is units × coders as for `alpha`, `documents` the document of each unit in the same order.
    """
    counts, document = _counts(codings), np.asarray(documents)[codings.notna().any(axis=1)]
    names = pd.unique(document[counts.sum(axis=1) >= 2])
    rows = {}
    for name, measure in {"alpha": _alpha, "ac1": _ac1}.items():
        without = [measure(counts[document != one]) for one in names] if len(names) >= FEWEST_DOCUMENTS else []
        rows[name] = (measure(counts), *_jackknifed(measure(counts), without))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "low", "high"])


def _jackknifed(estimate: float, without: list[float]) -> tuple[float, float]:
    """Limits of a correlation-like coefficient from its values with each document left out."""
    if not without or np.ptp(without) == 0:
        return np.nan, np.nan
    z, n = np.arctanh(np.clip(without, -ALMOST, ALMOST)), len(without)
    error = np.sqrt((n - 1) / n * ((z - z.mean()) ** 2).sum())
    half, centre = scipy.special.stdtrit(n - 1, 0.975) * error, np.arctanh(np.clip(estimate, -ALMOST, ALMOST))
    return float(np.tanh(centre - half)), float(np.tanh(centre + half))


def true_share(coded: tuple[float, float], hits: tuple[float, float], rejections: tuple[float, float]) -> Interval:
    """The share of units that have a frame, corrected for what the codebook misses and invents (Rogan & Gladen 1978,
    American Journal of Epidemiology 107:71), with the 95% interval of Lang & Reiczigel (2014, Preventive Veterinary
    Medicine 113:13). Limits and estimate are NaN where the codebook finds no more than chance would.

    `coded` is (units coded, units); `hits` (units coded, units) among those a reader gave the frame, `rejections`
    (units not coded, units) among those the reader did not: together sensitivity and specificity. Units are taken for
    independent: where errors keep to a few articles the limits are rather too narrow (they covered 84 to 99 % in
    simulated corpora of ten to forty documents).

    >>> estimate, low, high, _ = true_share((259, 1000), (90, 100), (190, 200))
    >>> [round(float(value), 3) for value in (estimate, low, high)]
    [0.246, 0.199, 0.292]
    """
    if not (coded[1] and hits[1] and rejections[1]):
        return Interval(np.nan, np.nan, np.nan, "none: no reader has judged units both with and without the frame")
    z = float(scipy.special.ndtri(0.975))
    (n, p), (n_true, se), (n_false, sp) = _shrunk(*coded, z**2), _shrunk(*hits, 2), _shrunk(*rejections, 2)
    raw, seen, spared = (k / total for k, total in (coded, hits, rejections))
    power, shrunk_power = seen + spared - 1, se + sp - 1
    if not (power > 0 and shrunk_power > 0):
        return Interval(np.nan, np.nan, np.nan, "none: sensitivity and specificity are no better than chance")
    share = (p + sp - 1) / shrunk_power
    shift = 2 * z**2 * (share * se * (1 - se) / n_true - (1 - share) * sp * (1 - sp) / n_false)
    spread = p * (1 - p) / n + share**2 * se * (1 - se) / n_true + (1 - share) ** 2 * sp * (1 - sp) / n_false
    half = z * np.sqrt(spread) / shrunk_power
    estimate = np.clip((raw + spared - 1) / power, 0, 1)
    return Interval(estimate, *np.clip([share + shift - half, share + shift + half], 0, 1), "Lang & Reiczigel 2014")


def _shrunk(k: float, n: float, add: float) -> tuple[float, float]:
    """Size and proportion after `add` pseudo-units, half of them successes (Agresti & Coull 1998)."""
    return n + add, (k + add / 2) / (n + add)
