"""A corpus's own terms: `terms.txt`, one a line, looked over before the segmenter takes them up.

A term that can never match would be believed and never counted. So each line is taken as it is, or read the way the
texts are written and said so, or left out and said so; a bad line never stops a run.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from helpers import glyphs, segment
from helpers.decoding import decode
from helpers.study import Study
from helpers.texts import PROBLEMS

FILE = "terms.txt"
COLUMNS = ["line", "entry", "term", "problem", "remedy", "severity"]
WITH_FREQUENCY = re.compile(r"(\S+)[ \t]+\d+(?:[ \t]+[a-z]+)?|(\S+)[ \t]+[a-z]{1,4}")  # as jieba's own lists have them
SEVERAL = re.compile(r"[\s,，、;；|/]+")


def load(study: Study) -> tuple[str, ...]:
    """The terms that this study's segmentation keeps whole: the shipped ones, then those of the corpus."""
    own = read(study.corpus / FILE)
    return segment.shipped() + tuple(term for term in own["term"] if term)


def problems(study: Study) -> pd.DataFrame:
    """What is wrong with terms.txt, as rows of the table `problems`: file, problem, remedy, severity."""
    faults = read(study.corpus / FILE).query("severity in ('error', 'doubt')")
    said = "line " + faults["line"].astype(str) + ", " + faults["entry"] + ": " + faults["problem"]
    return faults.assign(file=FILE, problem=said)[PROBLEMS]


def read(path: Path) -> pd.DataFrame:
    """`lint` of a file in any encoding; no file, no rows."""
    return lint(decode(path.read_bytes()).text.splitlines() if path.is_file() else [], segment.shipped())


def lint(lines: Iterable[str], known: Iterable[str] = ()) -> pd.DataFrame:
    """One row per entry: line (from 1), entry, term (what is used, "" if left out), problem, remedy, severity.

    What follows a # is the writer's note. `known` are terms already in the lexicon. severity: error (left out), doubt
    (read otherwise than written), note (harmless), "" (nothing to say).

    >>> lint(["动态清零", "動態清零", "战“疫”"])[["line", "term", "severity"]].values.tolist()
    [[1, '动态清零', ''], [2, '', 'note'], [3, '', 'error']]
    """
    seen = dict.fromkeys(known, 0)
    rows = []
    for number, line in enumerate(lines, 1):
        if entry := line.split("#")[0].strip().strip("\ufeff"):
            term, *said = _judged(entry, seen)
            rows.append((number, entry, term, *said))
            seen.setdefault(term, number)
    return pd.DataFrame(rows, columns=COLUMNS)


def _judged(entry: str, seen: dict[str, int]) -> tuple[str, str, str, str]:
    """The term of an entry, what is wrong with it, what to do, how bad it is."""
    match = WITH_FREQUENCY.fullmatch(entry)
    term = glyphs.normal(next(filter(None, match.groups())) if match else entry)
    if term in seen:
        place = f"line {seen[term]}" if seen[term] else "the shipped lexicon"
        return "", f"already in {place}", "Take one of the two out.", "note"
    if fault := segment.unmatchable(term):
        several = [part for part in SEVERAL.split(term) if len(part) > 1]
        apart = f"Write {' and '.join(several)} on lines of their own."
        remedy = apart if len(several) > 1 else "Take it out or mend it."
        return "", f"can never match: {fault}", remedy, "error"
    if match:
        return term, "frequency and word class are not used here", f"Write {term} alone.", "doubt"
    if term != entry:
        return term, "not written as the texts are read", f"Write {term}.", "doubt"
    return term, "", "", ""


def nested(terms: Iterable[str]) -> pd.DataFrame:
    """Terms that stand inside longer terms: term, inside (the longer ones). There, only the longer term is counted.

    >>> nested(["核酸", "核酸检测", "方舱"]).values.tolist()
    [['核酸', '核酸检测']]
    """
    terms = sorted(set(terms))
    text = "\n".join(terms)
    holders = {
        term: [longer for longer in terms if term in longer and term != longer]
        for term in terms
        if text.count(term) > 1
    }
    rows = [(term, "、".join(longer)) for term, longer in holders.items() if longer]
    return pd.DataFrame(rows, columns=["term", "inside"])


def broken(terms: tuple[str, ...]) -> pd.DataFrame:
    """Terms that, all being in the lexicon, are cut in pieces even so: term, pieces. There should be none.

    >>> len(broken(("动态清零", "应检尽检")))
    0
    """
    cut = zip(terms, segment.cutter(terms)(terms), strict=True)
    rows = [(term, "/".join(words)) for term, words in cut if len(words) > 1]
    return pd.DataFrame(rows, columns=["term", "pieces"])
