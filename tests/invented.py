"""Invented paragraphs for the tests of frames, validation and robustness."""

import pandas as pd

IDS = ["war", "care"]


def paragraphs(documents: int = 6, each: int = 5) -> pd.DataFrame:
    rows = [(f"d{d}", n, n + 1, "body", f"第{n}段。") for d in range(documents) for n in range(1, each + 1)]
    return pd.DataFrame(rows, columns=["doc_id", "paragraph", "line", "zone", "text"])
