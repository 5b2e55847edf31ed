"""What several test modules start from: thirty invented paragraphs, their two frames, a division of their documents."""

import numpy as np
import pandas as pd
import pytest

from helpers import frames
from tests.invented import IDS, paragraphs


@pytest.fixture
def units() -> pd.DataFrame:
    return paragraphs()


@pytest.fixture
def table(units) -> pd.DataFrame:
    values = np.random.default_rng(1).random((len(units), 2)) < [0.5, 0.2]
    return pd.DataFrame(values, index=pd.MultiIndex.from_frame(units[frames.UNIT]), columns=pd.Index(IDS, name="frame"))


@pytest.fixture
def in_a() -> pd.Series:
    return pd.Series({f"d{d}": d < 2 for d in range(6)})
