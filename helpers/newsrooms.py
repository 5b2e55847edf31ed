"""What a comparison deals out again: single documents, or the newsrooms that wrote them.

Articles of one newsroom are alike, and bulletins of one form more so; relabelled one by one they would make any two sets of
newsrooms look different (Cornfield 1978; Gail, Mark, Carroll, Green & Pee 1996). So a publisher with documents on one side
only moves as a whole. The documents of one that leans to a side change places among themselves; those of one with as many
on either side can make no difference, and are free.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Draws:
    """What is dealt out: `of` says to which draw each document belongs; `inside` and `stratum` are of the draws, which
    change sides within their stratum only; `name` says what is dealt out, for a reader."""

    of: NDArray[np.int64]
    inside: NDArray[np.bool_]
    stratum: NDArray[np.int64]
    name: str


def as_labels(values: pd.Series) -> pd.Series:
    """Values as labels; a missing one is "", and a year read as 2020.0 is 2020.

    >>> as_labels(pd.Series([2020.0, None, 0.5])).tolist(), as_labels(pd.Series([" 渝 ", None])).tolist()
    (['2020', '', '0.5'], ['渝', ''])
    """
    plain = [int(v) if isinstance(v, float) and v.is_integer() else v for v in values.astype(object)]
    return pd.Series(plain, index=values.index, dtype=object).where(values.notna(), "").astype(str).str.strip()


def publishers(docs: pd.DataFrame | Mapping | pd.Series | None, ids: Sequence[str]) -> NDArray[np.object_]:
    """The publisher of each of these documents; one whose publisher is not known is its own.

    `docs` is a table with doc_id and perhaps publisher, or maps doc_id to it, or None.

    >>> publishers({"甲": "渝报", "乙": ""}, ["乙", "甲"]).tolist()
    ['乙', '渝报']
    """
    ids = pd.Series(list(ids), dtype=object)
    if isinstance(docs, pd.DataFrame):
        docs = docs.drop_duplicates("doc_id").set_index("doc_id")["publisher"] if "publisher" in docs else None
    if docs is None:
        return ids.to_numpy(dtype=object)
    known = as_labels(ids.map(docs))
    return known.where(known != "", ids).to_numpy(dtype=object)


def draws(inside: NDArray[np.bool_], publisher: NDArray[np.object_]) -> Draws:
    """What can be dealt out again between the documents inside and those outside.

    Where a side is one publisher it is that publisher's own articles that are compared: its documents are the draws.

    >>> found = draws(np.array([True, True, True, False, False]), np.array(["渝报", "渝报", "渝台", "杭报", "杭台"]))
    >>> found.name, found.of.tolist(), found.inside.tolist()
    ('publishers', [0, 0, 1, 2, 3], [True, True, False, False])
    """
    names, whose = np.unique(publisher.astype(str), return_inverse=True)
    on_a, on_b = (np.bincount(whose[side], minlength=len(names)) for side in (inside, ~inside))
    both, leans = ((on_a > 0) & (on_b > 0))[whose], ((on_a > 0) & (on_b > 0) & (on_a != on_b))[whose]
    if min((on_a > 0).sum(), (on_b > 0).sum()) < 2:
        both, leans = np.ones(len(publisher), dtype=bool), np.zeros(len(publisher), dtype=bool)
    of, _ = pd.factorize(np.where(both, np.arange(len(publisher)), whose + len(publisher)))
    first = np.unique(of, return_index=True)[1]
    whole = len(first) < len(publisher)
    parts = ["publishers"] * whole + ["documents within publishers"] * bool(leans.any())
    return Draws(of, inside[first], np.where(leans, whose + 1, 0)[first], " and ".join(parts) or "documents")
