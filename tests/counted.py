"""Token tables and counts that several tests share."""

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from helpers import terms

WORDS = ["社区", "口罩", "核酸", "春耕", "志愿者", "不得", "的", "。", "300"]
token_tables = st.lists(
    st.tuples(st.sampled_from(["甲", "乙", "丙", "丁"]), st.integers(1, 3), st.integers(1, 2), st.sampled_from(WORDS)),
    min_size=1,
    max_size=60,
).map(lambda rows: pd.DataFrame(rows, columns=["doc_id", "paragraph", "sentence", "token"]))


def of_matrix(matrix, sizes=None, names="abcdefgh"):
    """Counts with the given numbers, documents as rows."""
    matrix = np.asarray(matrix)
    rows = [(names[i], f"词{j:03d}") for i, row in enumerate(matrix) for j, n in enumerate(row) for _ in range(n)]
    counts = terms.count(pd.DataFrame(rows, columns=["doc_id", "token"]), words=False)
    order = [counts.units["doc_id"].tolist().index(name) for name in names[: len(matrix)]]
    counts = counts.rows(np.array(order))
    return counts if sizes is None else terms.Counts(counts.matrix, counts.units, counts.vocabulary, np.array(sizes))
