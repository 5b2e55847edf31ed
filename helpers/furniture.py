"""Page furniture: what stands on a page that is not the article, told by rules and by place.

Rules are rows of `data/lexicon/furniture.csv`: pattern, zone, where on the page, an example.
"""

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import accumulate, pairwise

from helpers import lexicon
from helpers.layout import Line
from helpers.study import CorpusError

KEYS = ("original-title", "post-key")  # what they name may stand in the next line
LINKS = ("bare-link", "attachment")  # whose label may stand in the line above
KINDS = ("menu", "widget", "foot", "asks")  # of words in page_words.csv
PLACES = ("line", "any", "head", "tail", "region", "start", "end")
SHORT = 60  # characters of a line that may be a heading of a region, or stand on many pages
SPREAD = re.compile(r"\W{0,3}[\u4e00-\u9fff](?:\s+[\u4e00-\u9fff]){1,40}(?![\u4e00-\u9fff])")  # 索 引 号
IN_BRACKETS = re.compile(r"（[^（）]*[、\s][^（）]*）")
LEAD = 24  # characters of a line that leads to a list
SENTENCE = 20  # characters of a line that is text on a page without any longer one


@dataclass(frozen=True)
class Rules:
    """Furniture rules, joined into one pattern per place so that each line is looked at once."""

    by_place: dict[str, re.Pattern]
    names: dict[str, tuple[str, str]] = field(repr=False)  # group name → (rule id, zone)

    def find(self, place: str, text: str, how: str = "fullmatch") -> tuple[str, str, re.Match] | None:
        """(rule, zone, match) of the first rule of `place` that fits `text` (`how`: fullmatch, match or search)."""
        pattern = self.by_place.get(place)
        match = pattern and getattr(pattern, how)(text)
        return (*self.names[match.lastgroup], match) if match else None


@cache
def rules() -> Rules:
    """The rules of `furniture.csv` (id, zone, where, pattern, example, note).

    where: line (a line that is no long sentence), any (long sentences too), head or tail (above or below the text), region
    (a heading and what follows), start or end (within a paragraph). `{menu}`, `{widget}`, `{foot}` and `{asks}` in a pattern
    stand for the words of that kind in `page_words.csv`.
    """
    by_place: dict[str, list[tuple[str, str]]] = {}  # place → rule id, pattern
    names = {}
    listed = {k: lexicon.either(lexicon.words("page_words", "word", kind=k)) for k in KINDS}
    for number, row in enumerate(lexicon.rows("furniture", "id", "zone", "where", "pattern")):
        pattern = row["pattern"]
        if row["where"] not in PLACES:
            raise CorpusError(
                f"furniture.csv: rule {row['id']} stands nowhere ({row['where']!r}); write one of {', '.join(PLACES)}."
            )
        for kind, words in listed.items():
            pattern = pattern.replace(f"{{{kind}}}", words)
        end = r"\Z" if row["where"] == "end" else ""
        for place in ("line", "any") if row["where"] == "any" else (row["where"],):
            by_place.setdefault(place, []).append((row["id"], f"(?P<r{number}>(?:{pattern}){end})"))
        names[f"r{number}"] = (row["id"], row["zone"])
    return Rules({place: _joined(patterns) for place, patterns in by_place.items()}, names)


def _joined(patterns: list[tuple[str, str]]) -> re.Pattern:
    """One pattern for all; each is looked at by itself only where they do not go together."""
    try:
        return re.compile("|".join(pattern for _, pattern in patterns))
    except re.error:
        for rule, pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise CorpusError(
                    f"furniture.csv: rule {rule} is no valid pattern ({error}); mend or remove the row."
                ) from None
        raise


def mark_furniture(lines: list[Line], plain: str) -> None:
    """Whole lines that a rule knows, by where on the page they stand."""
    bodies = [i for i, line in enumerate(lines) if line.text and not line.zone]
    while bodies and _settle(lines[bodies[-1]], ["tail"], plain):  # a request to subscribe, in whole sentences
        bodies.pop()
    least = LEAD if bodies else SENTENCE
    first, last = (bodies[0], bodies[-1]) if bodies else (min(12, len(lines)), -1)
    first = next((i for i, line in enumerate(lines[:first]) if not line.zone and leads_in(line, least)), first)
    asked = 0  # how many paragraphs above the text ask something of the reader
    for i, line in enumerate(lines):
        if not line.zone and (len(line.show) <= 400 or line.show.startswith(("<", "!", "["))):
            places = ["any" if line.text else "line", *(["head"] if i < min(first + (asked > 0), 60) else [])]
            known = _settle(line, [*places, "tail"] if i > last >= 0 else places, plain)
            if known and line.text and i == first != last:
                asked += 1
                first = bodies[asked]
    mark_names(lines[: min(first, 60)], lines[last + 1 :] if last >= 0 else [])
    for key, line in pairwise(lines):
        if key.rule in KEYS and (key.show[-1] == "：" or key.rule == "post-key") and not (line.zone or line.text):
            line.zone, line.rule = key.zone, key.rule
        elif line.rule in LINKS and not key.zone and len(key.show) <= 12 and key.show[-1] == "：":
            key.zone, key.rule = line.zone, line.rule
    promoted = [i for i, line in enumerate(lines) if line.rule == "promotion"]
    for a, b in zip(promoted, promoted[1:], strict=False):
        for line in lines[a + 1 : b] if b - a <= 4 else []:
            line.rule, line.zone = line.rule if line.zone else "promotion", line.zone or "share"


def leads_in(line: Line, least: int) -> bool:
    """Whether a line without full stop is text: what leads to the points of a notice."""
    return line.closed and len(line.show) >= least and (least < LEAD or line.show[-1] == "：" and "，" in line.show)


def _settle(line: Line, places: list[str], plain: str) -> bool:
    """Give the line the zone of the first rule that fits what it shows or, failing that, what it is."""
    forms = [line.show]
    if line.places is not None:  # blanks closed up or marks taken off
        forms.append(plain[line.start : line.end].strip("* "))
    if (
        not line.text and not forms[-1][:5].isalnum() and (spread := SPREAD.match(forms[-1]))
    ):  # a key, its characters set apart to fill a column
        forms.insert(0, "".join(spread[0].split()) + forms[-1][spread.end() :])
    find = _known if len(line.show) <= SHORT else rules().find
    for place in places:
        for form in forms:
            if found := find(place, form):
                line.rule, line.zone = found[0], found[1]
                return True
    return False


@lru_cache(8192)
def _known(place: str, form: str) -> tuple[str, str] | None:
    """Rule and zone of a short line: the pages of a site share most of theirs."""
    found = rules().find(place, form)
    return found and found[:2]


def mark_page_numbers(lines: list[Line], plain: str) -> None:
    """Bare numbers that count up one by one number pages or sections; any others may be data of a table and stay."""
    bare = [line for line in lines if not line.zone and len(line.show) <= 3 and line.show.isdecimal()]
    steps = [int(after.show) - int(line.show) for line, after in zip(bare, bare[1:], strict=False)]
    for line in bare if steps and set(steps) == {1} else []:
        line.zone, line.rule = "navigation", "page-number"


@cache
def _names() -> re.Pattern:
    """A line of one to six personal names and nothing else but their office."""
    surnames = lexicon.words("name_characters", "entries", kind="surname")[0]
    name = rf"[{surnames}]\s?[\u4e00-\u9fff]{{1,2}}"
    return re.compile(
        rf"(?P<office>[^。，：\s]{{0,12}}(?:记者|实习生|通讯员|评论员)\s*)?{name}(?:[\s、]+{name}){{0,5}}"
    )


def mark_names(head: list[Line], tail: list[Line]) -> None:
    """A line of nothing but personal names under the title is a byline; below the text, two or more in brackets are a credit, and
    so are those with their office or under a line that is a key of credits."""
    for line in head[1:]:
        if not line.zone and len(line.show) >= 3 and _names().fullmatch(line.show):
            line.zone, line.rule = "byline", "names-under-title"
    for line in tail:
        bracketed = IN_BRACKETS.fullmatch(line.show) and _names().fullmatch(line.show[1:-1].strip())
        if not line.zone and (bracketed or (found := _names().fullmatch(line.show)) and found["office"]):
            line.zone, line.rule = "credit", "names-below-text"
    for key, line in pairwise(tail):
        if not (key.zone or line.zone) and len(key.show) <= 8 and _names().fullmatch(line.show):
            found = _known("line", f"{key.show}：{line.show}")
            for one in (key, line) if found and found[1] == "credit" else ():
                one.rule, one.zone = found


def mark_regions(lines: list[Line], plain: str) -> None:
    """A heading such as 相关新闻 or 版权声明 opens a region that runs until text returns or the page ends."""
    text_again = _next_text(lines)
    seen = list(accumulate((len(line.show) for line in lines), initial=0))  # characters above each line
    i, text_above = 0, False
    while i < len(lines):
        text_above = text_above or lines[i].text
        found = not lines[i].zone and len(lines[i].show) <= SHORT and _known("region", lines[i].show)
        if (
            not found or found[1] == "share" and not text_above and len(lines[i].show) > 8
        ):  # a title on a call for papers
            i += 1
            continue
        rule, zone = found
        end = len(lines)
        if not text_above:
            end = i + 1
        elif zone == "related":
            end = text_again[i + 1]
        elif seen[-1] - seen[i + 1] > 0.4 * seen[-1]:
            end = i + 1
        for line in lines[i:end]:
            if (other := rules().find("region", line.show)) and other[1] != zone:
                rule, zone = other[0], other[1]
            line.zone, line.rule = line.zone or zone, line.rule if line.zone else rule
        i = end


def _next_text(lines: list[Line]) -> list[int]:
    """For each place, where the next long line with a full stop stands (the number of lines where there is none)."""
    places = [len(lines)] * (len(lines) + 1)
    for i in range(len(lines) - 1, -1, -1):
        places[i] = i if len(lines[i].show) >= 60 and lines[i].text else places[i + 1]
    return places
