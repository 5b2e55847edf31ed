"""What a run leaves while it is under way: a lock, so that two runs never write into one folder, and a journal, so that a
run that was broken off goes on where it stopped, and still knows what it is to be compared with."""

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path

from helpers import recipes, store
from helpers.publishing import sweep
from helpers.study import CorpusError, Study

FOLDER = ".run"
BUSY = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)  # some network drives know none
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
PACKAGES = "jieba rjieba matplotlib numpy pandas pyarrow scikit-learn scipy opencc pyahocorasick networkx".split()


@contextmanager
def held(study: Study) -> Iterator[None]:
    """Keep results/<name> for this process alone.

    The lock is the system's: it ends with the process that holds it, however that ends, so none is ever stale.
    Errors: CorpusError where another run holds the folder; OSError where nothing can be written there.
    """
    path = study.folder / FOLDER / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            _lock(file.fileno())
        except OSError as error:
            if error.errno in BUSY:
                raise CorpusError(
                    f"Another run is writing into {study.folder}: wait for it, or choose another place with --name or "
                    "--results."
                ) from None
            if error.errno not in NO_LOCKS:
                raise
        sweep(study.folder)
        yield


def _lock(number: int) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)


def versions() -> dict[str, str]:
    """The packages that numbers depend on, by name."""
    return {name: metadata.version(name) for name in PACKAGES}


def remedy(error: OSError, place: Path) -> str:
    """One clear line for what the disk refuses.

    >>> remedy(OSError(errno.ENOSPC, "No space left on device"), Path("results/x"))
    'No space is left for results/x: free some and run again; it goes on where it stopped.'
    >>> remedy(PermissionError(errno.EACCES, "Denied", ".a.csv.7.part", None, "a.csv"), Path("results/x"))
    'a.csv: Denied. Close it where it is open (Excel locks its files), free that place, or choose another with --results.'
    """
    if error.errno in FULL:
        return f"No space is left for {place}: free some and run again; it goes on where it stopped."
    wanted = error.filename2 or error.filename or place  # of a file put in another's place the second is the one meant
    close = "Close it where it is open (Excel locks its files), free that place, or choose another with --results."
    return f"{wanted}: {error.strerror or error}. {close}"


class Journal:
    """What the run under way is compared with (`before`), and the notebooks it has finished."""

    def __init__(self, study: Study, before: dict, key: str, done: dict[str, str]):
        self.study, self.before, self.key, self.done = study, before, key, done
        self.files: list[str] = _written(study) if done else []

    @property
    def path(self) -> Path:
        return self.study.folder / FOLDER / "unfinished.json"

    def save(self) -> None:
        state = {"key": self.key, "before": self.before, "done": self.done, "files": self.files}
        store.save_text(self.path, json.dumps(state, ensure_ascii=False))

    def finished(self, name: str) -> None:
        """A notebook ran to its end, and all it writes is on disk."""
        self.done[name] = _sha(self.study.folder / "notebooks" / name)
        self.files = _written(self.study)
        self.save()

    def close(self) -> None:
        """The run is over, and everything that it is to leave is written."""
        self.path.unlink(missing_ok=True)


def begin(study: Study, snapshot: dict, notebooks: list[Path]) -> Journal:
    """The journal of a new run; of the one that was broken off, where corpus, choices, code, lexicon and packages are still
    the same and nothing it wrote has gone. `snapshot` is what stands in the folder now."""
    left, key = read_json(study.folder / FOLDER / "unfinished.json"), _key(study, notebooks)
    whole = left.get("key") == key and set(left.get("files", ())) <= set(_written(study))
    done = left.get("done", {}) if whole else {}
    copies = study.folder / "notebooks"
    done = {name: sha for name, sha in done.items() if (copies / name).is_file() and _sha(copies / name) == sha}
    journal = Journal(study, left.get("before", snapshot), key, done)
    journal.save()
    return journal


def read_json(path: Path) -> dict:
    """What a run noted for the next one; nothing where the file is missing or was torn."""
    with suppress(OSError, ValueError):
        return json.loads(path.read_text(encoding="utf-8"))
    return {}


def _key(study: Study, notebooks: list[Path]) -> str:
    """Of all that the results of a run depend on."""
    parts = [store.fingerprint(study), store.code_fingerprint(), store.lexicon_fingerprint(), *map(_sha, notebooks)]
    parts += [json.dumps([study.name, study.choices, versions()], default=list)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _sha(path: Path) -> str:
    return recipes.content(path).hex()


def _written(study: Study) -> list[str]:
    """Names of the tables and figures in the folder."""
    return sorted(
        f"{folder.name}/{path.name}" for folder in (study.tables, study.figures) for path in folder.glob("[!.]*")
    )
