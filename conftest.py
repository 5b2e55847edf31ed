"""Tests see the helpers as the notebooks do, and the shared corpora where they are at hand (environment variable SHARED)."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent
# the same generated examples in every run, as everything else here; EXPLORE=1 draws new ones
settings.register_profile("same", derandomize=not os.environ.get("EXPLORE"), deadline=None)
settings.load_profile("same")
os.environ.setdefault("NB_QUIET", "1")  # notebooks show what they store, not live widgets
sys.path.insert(0, str(ROOT))
for name in ("CORPUS", "CORPUS_NAME", "RESULTS"):
    os.environ.pop(name, None)
os.environ["PYTHONPATH"] = str(ROOT)  # for the kernels that nbval starts
(ROOT / ".cache" / "ipython").mkdir(parents=True, exist_ok=True)
os.environ.setdefault("IPYTHONDIR", str(ROOT / ".cache" / "ipython"))
SHARED = Path(os.environ.get("SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    if not (SHARED / "corpus").is_dir():
        pytest.skip("the shared corpora are not at hand (environment variable SHARED)")
    return SHARED


@pytest.fixture(scope="session")
def results(tmp_path_factory) -> Path:
    """One results folder for all tests that derive tables, so that nothing is computed twice."""
    return tmp_path_factory.mktemp("results")
