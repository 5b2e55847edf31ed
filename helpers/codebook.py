"""Reading a codebook of frames, and refusing one that would silently miscode.

A codebook is a YAML file that a scholar can read and dispute: every group of words and every rule says why it is
there. `terms` code a unit by themselves; `weak` words count only beside other evidence for the frame; a rule needs
one of `any` and one of `with` (and, where a third thing must be told, one of `also`) in the same clause, sentence or
unit (or within so many characters), and none of `without`; `not` holds longer phrases in which a word of the frame
means something else. A word that begins with @ stands for a list under `lists`, so that "who gives orders" is written
once. `negation: drop` says that a denied word of this frame is no evidence for it (谁也没有点赞, nobody praised); without
it a denied word still calls the frame up (这不是战争, this is no war) and is only flagged.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from helpers.collector import collector_off
from helpers.glyphs import simplified
from helpers.study import LEXICON, CorpusError

SCOPES = ("clause", "sentence", "unit")
ORDERS = ("either", "then", "before")
MARKS = dict.fromkeys(map(ord, "“”‘’"))  # quotation marks are never part of a match: 战“疫” is 战疫
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,:;?!()]|[,:;?!()][\u4e00-\u9fff]")
TEXT_KEYS = ("id", "zh", "en", "definition", "include", "exclude", "source")
NEGATIONS = ("keep", "drop")
FRAME_KEYS = {*TEXT_KEYS, "terms", "weak", "rules", "not", "negation", "examples"}
RULE_KEYS = {"why", "any", "with", "also", "without", "within", "order"}


@dataclass(frozen=True)
class Rule:
    """One of `any` counts where one of `with` and one of `also` stand in the same scope and none of `without` does.

    `order` says on which side of `any` the word of `with` must stand; `also` may stand on either. Where `within` is a
    number of characters, `also` and `without` are looked for in the whole sentence.
    """

    why: str
    any: tuple[str, ...]
    beside: tuple[str, ...]
    also: tuple[str, ...]
    without: tuple[str, ...]
    within: str | int
    order: str


@dataclass(frozen=True)
class Frame:
    """One frame: what it is, the words and rules that find it, sentences that are and are not it."""

    id: str
    zh: str
    en: str
    definition: str
    include: str
    exclude: str
    source: str
    terms: tuple[str, ...]
    weak: tuple[str, ...]
    rules: tuple[Rule, ...]
    never: tuple[str, ...]
    negation: str  # one of NEGATIONS: what becomes of a denied word
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]
    whys: dict[str, str]  # of terms and weak words: why the word is there


@dataclass(frozen=True, eq=False)
class Codebook:
    """A checked codebook; `hash` names its exact content in captions and manifests."""

    id: str
    version: str
    hash: str
    frames: tuple[Frame, ...]
    cues: tuple[str, ...]
    reach: int
    exceptions: tuple[str, ...]

    @property
    def ids(self) -> list[str]:
        return [frame.id for frame in self.frames]

    def labels(self, language: str = "en") -> dict[str, str]:
        """Frame id to label, in "en", "zh" or "both" (Chinese, then English)."""
        both = {frame.id: f"{frame.zh} {frame.en}" for frame in self.frames}
        return both if language == "both" else {frame.id: getattr(frame, language) for frame in self.frames}


def read_codebook(path: Path | str = LEXICON / "codebook.yml") -> Codebook:
    """The codebook in a YAML file, read once for each content; `CorpusError` names the first thing in it that must be put right.

    >>> read_codebook().labels("zh")["war_metaphor"]
    '战争隐喻'
    """
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise CorpusError(f"{path}: there is no codebook here; give the path of a YAML file.") from None
    return _read("/".join(Path(path).resolve().parts[-2:]), content)


@cache
@collector_off()
def _read(name: str, content: bytes) -> Codebook:
    raw = _load_yaml(name, content)
    try:
        codebook = _build(raw, hashlib.sha256(content).hexdigest()[:12])
    except CorpusError as error:
        raise CorpusError(f"{name}: {error}") from None
    except RecursionError:
        raise CorpusError(f"{name}: a list names itself (@…); take that word out.") from None
    except (KeyError, TypeError, AttributeError) as error:
        problem = f"{error} is missing or has the wrong form; compare it with data/lexicon/codebook_generic.yml."
        raise CorpusError(f"{name}: {problem}") from None
    for problem in _problems(codebook, set(raw.get("shared_terms") or ())):
        raise CorpusError(f"{name}: {problem}")
    return codebook


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML as ever; a plain text, as nearly all of a codebook is, needs no constructor."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:
        if isinstance(node, yaml.ScalarNode) and node.tag == self.DEFAULT_SCALAR_TAG:
            return node.value
        return super().construct_object(node, deep)


def _load_yaml(name: str, content: bytes) -> dict:
    try:
        return yaml.load(content.decode("utf-8-sig"), Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = f" near line {line + 1}" if line is not None else ""
        raise CorpusError(f"{name}: not readable as UTF-8 YAML{where}; mend the indentation or quotes.") from None


def _build(raw: dict, digest: str) -> Codebook:
    about, negation = raw["codebook"], raw.get("negation") or {}
    lists = raw.get("lists") or {}
    return Codebook(
        id=about["id"],
        version=str(about["version"]),
        hash=digest,
        frames=tuple(_frame(frame, lists) for frame in raw["frames"]),
        cues=tuple(_listed(negation.get("cues"))),
        reach=int(negation.get("reach", 4)),
        exceptions=_words(negation.get("exceptions"), lists),
    )


def _frame(raw: dict, lists: dict) -> Frame:
    _refuse_unknown(raw, FRAME_KEYS, f"frame {raw['id']}")
    if lacking := [key for key in (*TEXT_KEYS, "examples") if key not in raw]:
        raise CorpusError(f"frame {raw['id']} lacks {', '.join(lacking)}; every frame says these.")
    examples = raw["examples"]
    return Frame(
        **{key: str(raw[key]).strip() for key in TEXT_KEYS},
        terms=_words(raw.get("terms"), lists),
        weak=_words(raw.get("weak"), lists),
        rules=tuple(_rule(rule, lists, raw["id"]) for rule in raw.get("rules") or ()),
        never=_words(raw.get("not"), lists),
        negation=_one_of(NEGATIONS, raw.get("negation", "keep"), f"frame {raw['id']}, negation"),
        examples=tuple(_listed(examples["include"])),
        counterexamples=tuple(_listed(examples["exclude"])),
        whys=_whys(raw.get("weak"), lists) | _whys(raw.get("terms"), lists),
    )


def _rule(raw: dict, lists: dict, frame: str) -> Rule:
    _refuse_unknown(raw, RULE_KEYS, f"a rule of {frame}")
    rule = Rule(
        why=raw["why"],
        any=_words(raw["any"], lists),
        beside=_words(raw.get("with"), lists),
        also=_words(raw.get("also"), lists),
        without=_words(raw.get("without"), lists),
        within=raw.get("within", "clause"),
        order=raw.get("order", "either"),
    )
    if rule.order not in ORDERS or not (rule.within in SCOPES or isinstance(rule.within, int)):
        raise CorpusError(
            f"frame {frame}, rule {rule.why!r}: within must be one of {', '.join(SCOPES)} or a "
            f"number of characters, order one of {', '.join(ORDERS)}."
        )
    return rule


def _one_of(known: tuple[str, ...], given: str, where: str) -> str:
    if given not in known:
        raise CorpusError(f"{where}: {given!r} is not known; write one of {', '.join(known)}.")
    return given


def _refuse_unknown(raw: dict, known: set[str], where: str) -> None:
    for key in raw.keys() - known:
        raise CorpusError(f"{where}: unknown key {key!r}; known are {', '.join(sorted(known))}.")


def _words(groups: Iterable | None, lists: dict) -> tuple[str, ...]:
    """The words of a list, of @lists named in it, and of its groups {why, words}."""
    found: list[str] = []
    for item in _listed(groups):
        if isinstance(item, list):
            raise TypeError("a word that is a list")
        if isinstance(item, dict):
            found += _words(item["words"], lists)
        elif str(item).startswith("@"):
            found += _words(lists[item[1:]], lists)
        else:
            found.append(str(item))
    return tuple(dict.fromkeys(found))


def _listed(given: Iterable | None) -> Iterable:
    """A list as it was written; a lone text, which would be taken for the list of its characters, is refused."""
    if isinstance(given, str):
        raise CorpusError(f"{given!r} stands where a list is asked for; write [{given}].")
    return given or ()


def _whys(groups: Iterable | None, lists: dict) -> dict[str, str]:
    """Word to the reason of its group; words outside any group have none."""
    return {word: group["why"] for group in groups or () if isinstance(group, dict) for word in _words([group], lists)}


def bare(term: str) -> str:
    """A term as it is matched: without quotation marks.

    >>> bare("战“疫”")
    '战疫'
    """
    return term.translate(MARKS)


def _problems(codebook: Codebook, shared: set[str]) -> Iterator[str]:
    """What would make the codebook miscode, a sentence each."""
    for frame, times in Counter(codebook.ids).items():
        if times > 1:
            yield f"frame id {frame} is used {times} times; give every frame its own id."
    for frame in codebook.frames:
        if not (frame.examples and frame.counterexamples):
            yield f"frame {frame.id} needs at least one include and one exclude example."
        if not (frame.terms or frame.rules):
            yield f"frame {frame.id} has neither terms nor rules, so nothing can be coded with it."
        for word in set(frame.terms) & set(frame.weak):
            yield f"{word} is both a term and a weak word of {frame.id}; keep one."
    yield from _shared(codebook, {bare(term) for term in shared})
    yield from _misspelt(codebook)


def _shared(codebook: Codebook, allowed: set[str]) -> Iterator[str]:
    owners: dict[str, list[str]] = {}
    for frame in codebook.frames:
        for term in {bare(term) for term in frame.terms}:
            owners.setdefault(term, []).append(frame.id)
    for term, frames in owners.items():
        if len(frames) > 1 and term not in allowed:
            yield f"{term} is a term of {' and '.join(frames)}; keep it in one frame or list it under shared_terms."


def _misspelt(codebook: Codebook) -> Iterator[str]:
    words = list(dict.fromkeys(word for frame in codebook.frames for word in every_word(frame)))
    for word, right in zip(words, simplified("\n".join(words)).split("\n"), strict=True):
        if word != right:
            yield f"{word} is not Simplified; write {right}, for texts are converted before they are matched."
        if not bare(word).strip() or HALF_WIDTH.search(word):
            yield f"{word!r} is empty or has half-width punctuation beside Chinese; write it as cleaned text has it."


def every_word(frame: Frame) -> Iterator[str]:
    """Every string a frame looks for, whatever its part."""
    yield from (*frame.terms, *frame.weak, *frame.never)
    for rule in frame.rules:
        yield from (*rule.any, *rule.beside, *rule.also, *rule.without)
