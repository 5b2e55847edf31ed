"""What a derived table rests on: the bytes of the corpus, and the code and lexicon tables of its step."""

import hashlib
import os
import re
import time
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from operator import attrgetter
from pathlib import Path
from stat import S_ISREG

from helpers.study import LEXICON, ROOT

SETTLED = 2_000_000_000  # nanoseconds: an edit sooner after the last one might not show in a file's times
MECHANICS = ("steps", "parts", "publishing")  # helpers that every step's tables come through
# how code asks for a lexicon table
ASKS = re.compile(r'(?:lexicon|reach|anchors)\.\w+\(\s*"(\w+)"|"([\w-]+\.\w+)"|lexicon\.(\w+)\(')
CHAIN = frozenset({"steps", "shelf", "store"})  # helpers that import the code of every step


def digest(*parts: str) -> str:
    """32 hexadecimal digits that name exactly these texts.

    >>> digest("防控") == digest("防控"), digest("防", "控") == digest("防控")
    (True, False)
    """
    total = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        total.update(len(content).to_bytes(8, "big") + content)
    return total.hexdigest()[:32]


@lru_cache(maxsize=200_000)
def _content(path: str, size: int, times: tuple[int, int], number: int, moment: int) -> bytes:
    with open(path, "rb", buffering=0) as file:
        return hashlib.sha256(file.read()).digest()


def content(path: str | Path, stat: os.stat_result | None = None) -> bytes:
    """sha256 of the bytes of a file (`stat`: what the system says of it now).

    Each process reads a file once and again whenever its size, times (of content and of status) or number have changed; what
    was written less than SETTLED ago is read every time, since a clock may be too coarse to tell two edits apart.
    """
    stat = stat or os.stat(path)
    times = stat.st_mtime_ns, stat.st_ctime_ns
    now = time.time_ns()
    return _content(str(path), stat.st_size, times, stat.st_ino, 0 if now - max(times) > SETTLED else now)


def seen(corpus: Path) -> dict[str, bytes | None]:
    """Everything in a folder by its name from there, in a fixed order: sha256 of each readable file, None for what is none
    (folders end with "/", links with "@" and where they lead, so that any change in the folder changes the names)."""
    return dict(_state(name, entry) for name, entry in inside(corpus))


def inside(folder: str | Path, name: str = "") -> Iterator[tuple[str, os.DirEntry]]:
    """Everything in a folder by its name from there (`name`: the folder's own, put before theirs), in a fixed order; links
    are not followed, a closed folder is empty."""
    try:
        entries = sorted(os.scandir(folder), key=attrgetter("name"))
    except OSError:
        return
    for entry in entries:
        yield name + entry.name, entry
        if entry.is_dir(follow_symlinks=False):
            yield from inside(entry.path, f"{name}{entry.name}/")


def _state(name: str, entry: os.DirEntry) -> tuple[str, bytes | None]:
    if entry.is_symlink():
        return name + ("/" if os.path.isdir(entry.path) else f"@{os.readlink(entry.path)}"), None
    return (f"{name}/", None) if entry.is_dir() else (name, _readable(entry.path))


def _readable(path: str) -> bytes | None:
    try:
        stat = os.stat(path)
        return content(path, stat) if S_ISREG(stat.st_mode) else None
    except OSError:
        return None


def within(folder: Path, path: Path) -> str:
    """The name of a file from a folder above it on; ten times as fast as Path.relative_to.

    >>> within(Path("/甲"), Path("/甲/乙/疫.txt")), within(Path("/"), Path("/疫.txt"))
    ('乙/疫.txt', '疫.txt')
    """
    return path.as_posix().removeprefix(folder.as_posix()).removeprefix("/")


def named(files: dict[str, bytes | None]) -> str:
    """sha256 over names and contents."""
    total = hashlib.sha256()
    for name, sha in files.items():
        total.update(name.encode("utf-8", "surrogateescape") + b"\0" + (sha or b""))
    return total.hexdigest()


def sha(paths: Iterable[Path], base: Path) -> str:
    """sha256 over the names and contents of some files under `base`."""
    return named({path.relative_to(base).as_posix(): content(path) for path in paths})


@cache
def lexicon_fingerprint() -> str:
    """The name of exactly these lexicon tables."""
    return sha(sorted(p for p in LEXICON.rglob("*") if p.is_file()), LEXICON)


@cache
def code_fingerprint() -> str:
    """The name of exactly this code."""
    return sha(sorted((ROOT / "helpers").glob("*.py")), ROOT)


@cache
def modules(name: str) -> frozenset[str]:
    """A helper module and every helper it imports, near or far."""
    text = (ROOT / "helpers" / f"{name}.py").read_text(encoding="utf-8")
    lines = re.findall(r"^\s*from helpers(?:\.(\w+))? import (.+)$", text, re.M)
    used = {word for module, names in lines for word in ([module] if module else re.findall(r"(?<!as )\b\w+", names))}
    here = {path.stem for path in (ROOT / "helpers").glob("*.py")} - {name} - CHAIN
    return frozenset({name}).union(*(modules(other) for other in used & here))


@cache
def recipe(code: tuple[str, ...]) -> str:
    """sha256 of the code of some modules and of the lexicon tables that this code names."""
    names = sorted(frozenset().union(*map(modules, code)))
    paths = [ROOT / "helpers" / f"{name}.py" for name in names]
    readers = [path for path in paths if path.stem != "study"]  # it names what a corpus may bring in place of a table
    text = "".join(path.read_text(encoding="utf-8") for path in readers)
    mechanics = [ROOT / "helpers" / f"{name}.py" for name in MECHANICS]
    return sha([*paths, *mechanics], ROOT) + sha(tables_named(text), LEXICON)


def tables_named(code: str) -> list[Path]:
    """The lexicon tables that some code asks for by name."""
    asked = {found for groups in ASKS.findall(code) for found in groups if found}
    return [path for path in sorted(LEXICON.iterdir()) if {path.stem, path.name} & asked]
