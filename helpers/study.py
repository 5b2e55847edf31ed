"""Where things stand and what was chosen: folders, seed, comparisons.

`Study()` opens the corpus named by the environment variable CORPUS, else the shipped sample. A corpus may bring a
`study.toml` with its own choices and a `codebook.yml` with its own frames; anything passed to `Study(...)` goes before
the former.
"""

import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEXICON = ROOT / "data" / "lexicon"
CODEBOOK = "codebook.yml"
SAMPLE = ROOT / "data" / "sample"
BY_HAND = "truth"  # folder of a corpus: what people say of its articles
BODY = ("body", "list")  # zones of a page that are counted


class CorpusError(Exception):
    """Something the researcher can put right; the message names the file and the remedy in one sentence."""


def _corpus() -> Path:
    return Path(os.environ.get("CORPUS") or SAMPLE).expanduser().resolve()


@dataclass(frozen=True)
class Study:
    """The folders and the shared choices of one study.

    >>> Study(topics=6).topics
    6
    """

    corpus: Path = field(default_factory=_corpus)
    name: str = ""  # of the folder in results/; default: the corpus folder's name
    results: Path | None = None  # default: results/ in the project
    seed: int = 20200123
    compare: tuple[str, ...] = ()  # columns of articles.csv to compare by; default: year, outlet_type, place
    topics: int = 0  # how many topics; 0 lets the stated rule propose
    min_docs: int = 2  # a term in fewer documents is not called a keyword
    duplicates: str = "one"  # "one" of each cluster of reprints enters the statistics, or "all"
    labels: str = "both"  # language of figure labels: both, en or zh
    style: tuple[str, ...] = ()  # of figures for print: column or full, grey, editable
    ignore: tuple[str, ...] = ()  # folders or file patterns in the corpus that are not articles

    def __post_init__(self) -> None:
        put = lambda key, value: object.__setattr__(self, key, value)  # noqa: E731  (the class is frozen)
        put("corpus", Path(self.corpus).expanduser().resolve())
        choices = _read_choices(self.corpus / "study.toml")
        for f in fields(self):
            if f.name in choices and getattr(self, f.name) == f.default:
                put(f.name, choices[f.name])
        put("name", self.name or os.environ.get("CORPUS_NAME") or self.corpus.name or "corpus")
        put("results", Path(self.results or os.environ.get("RESULTS") or ROOT / "results").expanduser().resolve())
        for key in ("compare", "style", "ignore"):
            put(key, tuple(getattr(self, key)))
        if not re.fullmatch(r"[^/\\:*?\"<>|\x00-\x1f]+", self.name) or self.name in (".", ".."):
            raise CorpusError(f"--name {self.name!r} cannot be a folder name: use letters, digits, - and _.")
        if self.folder.resolve().is_relative_to(self.corpus):
            raise CorpusError(
                f"Results would be written into the corpus folder {self.corpus.name}: choose another place with --results or --name."
            )
        for key, known in (("duplicates", ("one", "all")), ("labels", ("both", "zh", "en"))):
            if getattr(self, key) not in known:
                raise CorpusError(f'study.toml: {key} = "{getattr(self, key)}" must be one of {", ".join(known)}.')
        for key in ("seed", "topics", "min_docs"):
            if getattr(self, key) < 0:
                raise CorpusError(f"study.toml: {key} = {getattr(self, key)} must not be below zero.")

    @property
    def folder(self) -> Path:
        """results/<name>: everything this study writes."""
        return self.results / self.name

    @property
    def codebook(self) -> Path:
        """The codebook of frames: the corpus's own where it brings one, else the shipped one."""
        own = self.corpus / CODEBOOK
        return own if own.is_file() else LEXICON / CODEBOOK

    @property
    def tables(self) -> Path:
        return self.folder / "tables"

    @property
    def figures(self) -> Path:
        return self.folder / "figures"

    @property
    def derived(self) -> Path:
        return self.folder / "derived"

    @property
    def choices(self) -> dict:
        """What was chosen, for the manifest: no paths, so that two machines agree."""
        skip = ("corpus", "name", "results")
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in skip}


NAMED = {int: "a whole number", list: "a list", str: "a word"}
CHOICES = dict(seed=int, compare=list, topics=int, min_docs=int, duplicates=str, labels=str, style=list, ignore=list)


def _read_choices(path: Path) -> dict:
    """The choices in a study.toml; a mistake in it stops at once."""
    if not path.is_file():
        return {}
    try:
        choices = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise CorpusError("study.toml is not in UTF-8: save it anew in that encoding.") from None
    except tomllib.TOMLDecodeError as error:
        raise CorpusError(f"study.toml cannot be read ({error}): mend that line or remove the file.") from None
    for key, value in choices.items():
        if key not in CHOICES:
            elsewhere = "frames stand in a codebook.yml beside it, stop words and rules in data/lexicon"
            raise CorpusError(f"study.toml: unknown choice {key!r}; known are {', '.join(CHOICES)}; {elsewhere}.")
        if not isinstance(value, CHOICES[key]) or isinstance(value, bool):
            raise CorpusError(f"study.toml: {key} must be {NAMED[CHOICES[key]]}, not {value!r}.")
    return choices
