"""The house stands: lock without hosts, environment, nothing left over from elsewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8")


def committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_the_lock_pins_and_hashes_everything_and_names_no_host():
    names = re.findall(r"^([a-zA-Z0-9._-]+)==", LOCK, re.M)
    assert len(names) > 100 and len(re.findall(r"--hash=sha256:", LOCK)) >= len(names)
    assert not re.search(r"https?://|--index|--find-links", LOCK)


def test_every_direct_dependency_is_in_the_lock():
    wanted = re.findall(r"^([a-z0-9-]+)$", (ROOT / "requirements.in").read_text(), re.M)
    assert wanted and [name for name in wanted if f"\n{name}==" not in f"\n{LOCK}"] == []


def test_environment_yml_is_read_and_points_to_the_lock():
    spec = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, files = spec["dependencies"]
    assert re.fullmatch(r"python=3\.(1[1-9])", python) and pip == "pip" and files == {"pip": ["-r requirements.txt"]}
    assert all(re.fullmatch(r"[\w-]+", channel) for channel in spec["channels"])


def test_no_committed_file_names_a_registry_or_a_machine_path():
    words = re.compile(
        "|".join(
            [
                r"https?://[\w.-]*(?:py" + r"pi|python" + r"hosted|np" + r"mjs)",
                "/wo" + "rk/",
                "\\.\\./sha" + "red",
                "/tmp/" + "[a-z]",
            ]
        )
    )
    texts = {
        p: p.read_text(encoding="utf-8", errors="ignore")
        for p in committed()
        if p.suffix in (".py", ".md", ".ipynb", ".yml", ".toml", ".txt", ".csv", ".cff")
    }
    assert [str(p.relative_to(ROOT)) for p, text in texts.items() if words.search(text)] == []


def test_no_pattern_repeats_a_group_possessively():
    """Python before 3.11.5 goes on from where the last, failed repetition stopped: other rows than a later one finds."""
    group = re.compile(r"\)(?:[*+?]|\{[\d,{}]+\})\+(?!\Z)")
    written = [*ROOT.glob("helpers/*.py"), *ROOT.glob("data/lexicon/*.csv")]
    lines = [(p.name, line) for p in written for line in p.read_text(encoding="utf-8").splitlines()]
    assert len(lines) > 20_000 and [(name, line) for name, line in lines if group.search(line)] == []


def test_helpers_import_only_from_their_left():
    said = (ROOT / "helpers" / "__init__.py").read_text(encoding="utf-8")
    order = {
        name: place for place, name in enumerate(["__init__", *re.search(r"order: (.+?)\"\"\"", said, re.S)[1].split()])
    }
    wrong = []
    for path in sorted((ROOT / "helpers").glob("*.py")):
        here = order[path.stem] if path.stem in order else pytest.fail(f"{path.name} has no place in the order")
        text = path.read_text(encoding="utf-8")
        used = re.findall(r"^\s*from helpers\.(\w+) import", text, re.M)
        used += [
            n
            for names in re.findall(r"^\s*from helpers import (.+)$", text, re.M)
            for n in re.findall(r"(?<!as )\b[a-z]\w+", names)
        ]
        wrong += [f"{path.stem} imports {name}" for name in used if name in order and order[name] >= here]
    assert wrong == []


def test_run_py_needs_the_standard_library_only():
    text = (ROOT / "run.py").read_text(encoding="utf-8")
    names = re.findall(r"^(?:import|from) (\w+)", text, re.M)
    assert set(names) <= set(sys.stdlib_module_names)


def test_every_table_that_a_notebook_writes_is_described():
    saved = re.compile(r'store\.save\(study, \w+, \\"(\w+)\\"\)')
    names = {name for path in (ROOT / "notebooks").glob("*.ipynb") for name in saved.findall(path.read_text("utf-8"))}
    said = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert len(names) > 15 and sorted(name for name in names if not re.search(rf"\| [^|]*\b{name}\b", said)) == []
