"""Quotation marks and who speaks in them.

Chinese news puts three things in “ ”: words somebody said, words of a document, and terms or nicknames. Counting every
pair as a quotation overstates speech several times over, so each pair is classed by what stands around it and in it.
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

import pandas as pd

from helpers import anchors, lexicon

COLUMNS = ["start", "end", "speaker", "attribution", "kind"]
PAIRS = re.compile(r"“[^“”\n]*+(?:“[^“”\n]*+”[^“”\n]*+)*[“”]?")  # a second “ that none closes was meant as ”
SENTENCE_INSIDE = re.compile(r"[。！？]|…[“”]?\Z")
CLAUSE_ENDS = re.compile(r"[，。；：！？“”\n]")
SPEAKER = 30  # characters of who speaks, with the words that lead up to him
LEADING = 40  # and with the verb
TERM_LENGTH = 8  # Han characters; longer strings without punctuation may still be titles or slogans


class Quote(NamedTuple):
    """A span in quotation marks: kind speech, document or term; attribution explicit, implicit or none."""

    start: int
    end: int
    speaker: str
    attribution: str
    kind: str


def speech(text: str) -> pd.DataFrame:
    """Spans in quotation marks: start, end (marks included), speaker as written, attribution, kind.

    >>> speech("居民甲说：“菜送到了，我们很安心。”这是“点单式”服务。")[["speaker", "kind"]].values.tolist()
    [['居民甲', 'speech'], ['', 'term']]
    """
    return pd.DataFrame(find(text), columns=COLUMNS)


@lru_cache(8192)  # sentences and frames ask about the same paragraphs
def voices(text: str) -> tuple[tuple[int, int, str], ...]:
    """The whole text cut into (start, end, voice): narrator, speech, document or term.

    >>> voices("他说：“没事。”")
    ((0, 3, 'narrator'), (3, 8, 'speech'))
    """
    if text and "“" not in text:  # most paragraphs
        return ((0, len(text), "narrator"),)
    out, reached = [], 0
    for quote in find(text):
        if quote.start > reached:
            out.append((reached, quote.start, "narrator"))
        out.append((quote.start, quote.end, quote.kind))
        reached = quote.end
    return (*out, (reached, len(text), "narrator")) if reached < len(text) else tuple(out)


def find(text: str) -> list[Quote]:
    """Quotes of a text in reading order, none across a line break; the second half of an interrupted one keeps its
    speaker."""
    out: list[Quote] = []
    for m in PAIRS.finditer(text):
        out.append(_classed(text, m.start(), m.end(), out[-1] if out else None))
    return out


def _classed(text: str, start: int, end: int, last: Quote | None) -> Quote:
    """Class one pair of marks by the verb before it, the verb behind it, and its own words."""
    inside = text[start:end]
    sentence = bool(SENTENCE_INSIDE.search(inside)) or (len(inside) > 2 * TERM_LENGTH and "，" in inside)
    before = _said_before(text, start) if sentence or text[start - 1 : start] in ("：", "，") else None
    if before and (before[2] == "：" or sentence or before[2] and len(inside) > TERM_LENGTH):
        return Quote(start, end, before[0], "explicit" if before[0] else "implicit", _kind(before, text, start))
    spoken = sentence or bool(_cues()["spoken"].search(inside))
    after = _said_after(text, end) if spoken or len(inside) > TERM_LENGTH + 2 else None
    if after:
        return Quote(start, end, after[0], "explicit" if after[0] else "implicit", "speech")
    if last and last.kind != "term" and spoken and _continues(text, last.end, start):
        return Quote(start, end, last.speaker, last.attribution, last.kind)
    if sentence and len(inside) > 6 or spoken and len(inside) > TERM_LENGTH + 2:
        document = bool(_documents().search(text, max(0, start - 24), start))
        return Quote(start, end, "", "implicit", "document" if document else "speech")
    return Quote(start, end, "", "none", "term")


def _continues(text: str, end: int, start: int) -> bool:
    """Whether the words between two quotes only name the speaker: “…”居民王某说，“…”."""
    between = text[end:start]
    return not between or (
        len(between) <= 24 and "\n" not in between and "。" not in between[:-1] and bool(_verbs()[1].search(between))
    )


@cache
def _cues() -> dict[str, re.Pattern]:
    return {
        "spoken": re.compile(lexicon.cues("spoken")),
        "manner": re.compile(lexicon.cues("manner") + r"\Z"),
        "lead-in": re.compile(rf"^.*[，。；！？：、“”]|^{lexicon.cues('lead-in')}"),
    }


@cache
def _verbs() -> tuple[re.Pattern, re.Pattern, dict[str, str]]:
    """Verb right before a quote (说：), a clause behind it that holds speaker and verb, and the kind of each verb."""
    kinds = {row["verb"]: row["kind"] for row in lexicon.rows("speech_verbs", "verb", "kind")}
    verb = anchors.either(kinds)
    before = re.compile(rf"(?P<verb>{verb})[着道了到]?(?P<colon>[：，]?)\Z")
    after = re.compile(
        rf"，?(?!的)(?P<who>[^，。；：！？“”、\n]{{2,{SPEAKER}}}?)(?:[一-龥]{{2}}地)?(?P<verb>{verb})[着道了]?"
        r"(?=[，。；！？\n]|\Z)"
    )
    return before, after, kinds


@cache
def _documents() -> re.Pattern:
    return re.compile(lexicon.either(lexicon.words("document_words", "word")) + r"[^。！？“”\n]{0,12}\Z")


def _said_before(text: str, start: int) -> tuple[str, str, str] | None:
    """(speaker, verb, the mark between) where a speech verb stands right before the quote."""
    m = _verbs()[0].search(text, max(0, start - LEADING), start)
    if not m:
        return None
    who = CLAUSE_ENDS.split(text[max(0, start - LEADING, m.start() - SPEAKER) : m.start()])[-1]
    return _speaker(who), m["verb"], m["colon"]


def _said_after(text: str, end: int) -> tuple[str, str] | None:
    """(speaker, verb) where the clause behind the quote names who said it."""
    m = _verbs()[1].match(text, end)
    return (_speaker(m["who"]), m["verb"]) if m else None


def _speaker(words: str) -> str:
    """The speaker without the words that lead up to him and without the manner of speaking."""
    return _cues()["lead-in"].sub("", _cues()["manner"].sub("", words)).strip("的，、… ")


def _kind(before: tuple[str, str, str], text: str, start: int) -> str:
    """document where the verb is a paper's, or a paper is what speaks."""
    if _verbs()[2][before[1]] == "document" or _documents().search(before[0]):
        return "document"
    return "speech"
