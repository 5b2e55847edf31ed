"""One long export, as news databases and people make them, split into its articles without losing a character.

How an export is built stands in `data/lexicon/export_presets.yml`, or in a file the corpus brings: `export.yml` for the text
files of its folder, `NAME.export.yml` for NAME.txt alone, with `preset: wisers` or patterns of its own. Without one an export
stays one article and a doubt says what it looks like: where an article begins is the researcher's decision, not a guess.

Put together again, the articles' raw texts are the export, character for character, but that labels and lines which are neither
title nor text (source, day, number, drawn line) are as many blanks there: lines and offsets stay true, and what is certain need
not be guessed by the cleaning. What was blanked is kept beside the article as `record`.

A pattern that a corpus brings may be any: an engine that watches the time (`regex`) runs it, and one that takes too long is said.
"""

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice, pairwise
from pathlib import Path

import regex
import yaml

from helpers.decoding import HAN_SIGN, Page
from helpers.study import LEXICON, CorpusError

SHIPPED = LEXICON / "export_presets.yml"
CUTS = ("begins", "between", "ends")
FIELDS = ("title", "date", "publisher", "author", "place", "url", "year", "genre", "outlet_type", "text", "header")
OTHERS = ("preset", "files", "note", "needed", "example")
# what may be an export: a web page or the row of a table is one article
SUFFIXES = frozenset((".txt", ".text", ".md", ".docx", ".pdf"))
REMEDY = "To split it, put a file export.yml beside it with the line `preset: {}`; else nothing to do."
PATIENCE = 10  # seconds for one pattern in one text, and one more for each 100,000 characters
LINE = re.compile(r"[^\r\n]+")
BREAK = re.compile(r"[\r\n]+")
NOT_BREAK = re.compile(r"[^\r\n]")


@dataclass(frozen=True)
class Layout:
    """How one kind of export is built: where articles are cut, and the patterns of each field."""

    name: str
    cut: str  # one of CUTS
    at: regex.Pattern
    fields: Mapping[str, tuple[regex.Pattern, ...]]
    needed: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@cache
def presets() -> dict[str, Layout]:
    """The shipped layouts by name.

    >>> "wisers" in presets()
    True
    """
    return {name: _layout(name, choices, SHIPPED.name) for name, choices in _shipped().items()}


@cache
def _shipped() -> dict[str, dict]:
    """The entries of each shipped layout, as written."""
    return _read_yaml(SHIPPED)


def read_layouts(folder: Path) -> dict[Path, Layout]:
    """Every `export.yml` and `NAME.export.yml` under a corpus folder, read and checked.

    Errors: CorpusError naming the file, the entry that is wrong, and what is possible.
    """
    found = sorted(p for p in folder.rglob("*export.yml") if p.name == "export.yml" or p.name.endswith(".export.yml"))
    return {path: _own_layout(path) for path in found}


def governing(layouts: Mapping[Path, Layout], path: Path) -> Path | None:
    """The export.yml that speaks for a file: its own goes before that of its folder."""
    own, shared = path.with_name(f"{path.stem}.export.yml"), path.with_name("export.yml")
    if path.suffix.lower() not in SUFFIXES:
        return None
    if own in layouts:
        return own
    named = layouts[shared].files if shared in layouts else ("",)
    return shared if not named or any(fnmatch.fnmatch(path.name, pattern) for pattern in named) else None


def _read_yaml(path: Path) -> dict:
    try:
        choices = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise CorpusError(f"{path.name} cannot be read ({reason}): write one `name: 'pattern'` a line.") from None
    if not isinstance(choices, dict):
        raise CorpusError(f"{path.name} holds no entries: write at least `preset: wisers`.")
    return choices


def _refuse_nested(choices: dict, file: str) -> None:
    """A list within a list is no pattern; written out, a few lines of YAML that name each other fill the memory."""
    for key, value in choices.items():
        if any(isinstance(one, list | dict) for one in (value if isinstance(value, list) else [value])):
            raise CorpusError(f"{file}: {key!r} must be one pattern or a list of patterns.")


def _own_layout(path: Path) -> Layout:
    choices = _read_yaml(path)
    _refuse_nested(choices, path.name)
    preset = choices.pop("preset", None)
    if preset is None:
        return _layout(path.name, choices, path.name)
    if str(preset) not in _shipped():
        raise CorpusError(f"{path.name}: unknown preset {preset!r}; known are {', '.join(_shipped())}.")
    base = _shipped()[preset]
    if any(cut in choices for cut in CUTS):
        base = {key: value for key, value in base.items() if key not in CUTS}
    return _layout(preset, base | choices, path.name)


def _layout(name: str, choices: dict, file: str) -> Layout:
    if unknown := [key for key in choices if key not in (*CUTS, *FIELDS, *OTHERS)]:
        raise CorpusError(
            f"{file}: unknown entry {unknown[0]!r}; known are {', '.join((*CUTS, *FIELDS, *OTHERS[:2]))}."
        )
    cuts = [cut for cut in CUTS if cut in choices]
    if len(cuts) != 1:
        raise CorpusError(f"{file}: say by one of begins, between, ends how an article is told from the next.")
    patterns = {key: _patterns(choices[key], key, file) for key in (*CUTS, *FIELDS) if key in choices}
    at = patterns.pop(cuts[0])
    if len(at) > 1 or at[0].search(""):
        raise CorpusError(f"{file}: {cuts[0]} must be one pattern that needs at least one character.")
    if cuts[0] != "begins":  # a line that only parts two articles is the text of none
        patterns["header"] = (*patterns.get("header", ()), *at)
    files = choices.get("files") or ()
    files = (files,) if isinstance(files, str) else tuple(map(str, files))
    return Layout(name, cuts[0], at[0], patterns, tuple(choices.get("needed") or ()), files)


def _patterns(given: str | list, key: str, file: str) -> tuple[regex.Pattern, ...]:
    try:
        return tuple(regex.compile(str(one), regex.M) for one in (given if isinstance(given, list) else [given]))
    except (regex.error, RecursionError) as error:
        raise CorpusError(
            f"{file}: the pattern of {key!r} is not valid ({error}): mend it, in single quotes."
        ) from None


def resemblance(text: str) -> tuple[str, int] | None:
    """The preset an unsplit text clearly fits, and how many articles it would have; None where it fits none.

    Clearly: two articles or more, and four fifths of them have all that the preset needs.

    >>> resemblance("【标题】甲区复工\\n【正文】工厂复工。\\n\\n【标题】乙区防控\\n【正文】居民登记。")
    ('brackets', 2)
    """
    plain, best = _one_newline(text), (0, "", 0)
    if not _any_cut().search(plain):
        return None
    for name, layout in presets().items():
        if layout.at.search(plain):
            found = [_matches(plain[a:b], layout) for _, a, b, _ in _pieces(plain, layout)]
            good = [len(parts) for parts in found if parts.keys() >= set(layout.needed)]
            if len(good) >= max(2, 0.8 * len(found)):
                best = max(best, (sum(good), name, len(found)))
    return best[1:] if best[0] else None


@cache
def _any_cut() -> regex.Pattern:
    """Finds where an article of any preset may begin or end: most texts are none, and one search says so."""
    cuts = (choices[cut] for choices in _shipped().values() for cut in CUTS if cut in choices)
    return regex.compile("|".join(f"(?:{pattern})" for pattern in cuts), regex.M)


def suspected(page: Page) -> Page:
    """The page as it is, with a doubt where it looks like an export that nobody has said how to split."""
    if not (found := resemblance(page.text)):
        return page
    doubt = (f"looks like an export of kind {found[0]} with {found[1]} articles; read as one", REMEDY.format(found[0]))
    return replace(page, doubts=(*page.doubts, doubt))


def split(page: Page, layout: Layout) -> list[Page]:
    """The articles of an export, numbered from 1: text, fields and `record` (what is neither title nor text) in `meta`.

    A record without text is blank. A text in which the layout finds no article comes back whole, with a doubt.

    >>> text = "标题：甲区复工\\n来源：某报\\n正文：工厂复工。\\n标题：乙区防控\\n来源：某报\\n正文：居民登记。\\n"
    >>> [(p.text.split(), p.meta["publisher"], p.meta["record"]) for p in split(Page(text), presets()["wechat"])][0]
    (['甲区复工', '工厂复工。'], '某报', '标题：\\n来源：某报\\n正文：')
    """
    plain = _one_newline(page.text)
    pieces = _pieces(plain, layout)
    if not pieces:
        doubt = f"the layout {layout.name!r} of its export.yml finds no article in it"
        return [replace(page, doubts=(*page.doubts, (doubt, "Compare its patterns with the lines of the file.")))]
    pages = []
    for number, (start, a, b, end) in enumerate(pieces, 1):
        record = _record(page.text[start:end], plain[start:end], a - start, b - start, layout)
        told = (*(page.doubts if number == 1 else ()), *_outside(plain[start:a]), *_outside(plain[b:end]))
        pages.append(replace(record, encoding=page.encoding, sha256=page.sha256, part=number, doubts=told))
    return pages


def _finds(pattern: regex.Pattern, text: str) -> Iterator[regex.Match]:
    try:
        yield from pattern.finditer(text, timeout=PATIENCE + len(text) / 100_000)
    except TimeoutError:
        raise CorpusError(
            f"the pattern {pattern.pattern!r} of its export.yml takes too long|Repeat nothing that repeats, as (…+)+ does."
        ) from None


def _outside(text: str) -> list[tuple[str, str]]:
    n = sum(bool(line.strip()) for line in text.split("\n"))
    told = (f"{n} line(s) before the first or after the last article were not read", "Nothing to do if they are none.")
    return [told] if HAN_SIGN.search(text) else []


def _one_newline(text: str) -> str:
    """The same number of characters with \\n at every end of line."""
    return text.replace("\r\n", " \n").replace("\r", "\n")


def _pieces(plain: str, layout: Layout) -> list[tuple[int, int, int, int]]:
    """(start, article's start, article's end, end) of each record; one ends where the next starts, all cover the text."""
    cuts = list(_finds(layout.at, plain))
    if not cuts:
        return []
    if layout.cut == "begins":
        spans = list(pairwise([*(m.start() for m in cuts), len(plain)]))
        return [(a if n else 0, a, b, b) for n, (a, b) in enumerate(spans)]
    if layout.cut == "ends":
        spans = list(pairwise([0, *(min(m.end() + 1, len(plain)) for m in cuts)]))
        return [(a, a, b, b if (a, b) != spans[-1] else len(plain)) for a, b in spans]
    places = sorted({0, *(m.start() for m in cuts), len(plain)})
    return [(a, a, b, b) for a, b in _merged(plain, pairwise(places))]


def _merged(plain: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans between drawn lines; one without a Chinese character goes to the span above it, at the top to that below."""
    out: list[tuple[int, int]] = []
    for a, b in spans:
        if out and not (HAN_SIGN.search(plain, a, b) and HAN_SIGN.search(plain, *out[-1])):
            out[-1] = (out[-1][0], b)
        else:
            out.append((a, b))
    return out


def _matches(plain: str, layout: Layout) -> dict[str, list[regex.Match]]:
    """The lines of one article that its layout knows: the first match of a field, every match of `header`."""
    found: dict[str, list[regex.Match]] = {}
    for part, patterns in layout.fields.items():
        matches = (match for pattern in patterns for match in _finds(pattern, plain))
        some = list(matches) if part == "header" else list(islice(matches, 1))
        found |= {part: some} if some else {}
    return found


def _record(raw: str, plain: str, a: int, b: int, layout: Layout) -> Page:
    """One article (`a` to `b` of its record): title and text stay in place, all else is blanked and kept in `record`."""
    body = plain[a:b]
    found = _matches(body, layout)
    title = [match.span(_group(match)) for match in found.get("title", ())]
    text = _text_spans(body, found)
    place, parts, left_out = 0, [], []
    for begin, end in sorted({*title, *text}) if any(HAN_SIGN.search(body, *span) for span in text) else ():
        parts += [NOT_BREAK.sub(" ", raw[place : a + begin]), raw[a + begin : a + end]]
        left_out.append(raw[place : a + begin])
        place = a + end
    left_out.append(raw[place:])
    meta = {part: some[0][_group(some[0])].strip() for part, some in found.items() if part not in ("text", "header")}
    rest = "\n".join(filter(None, (line.strip() for part in left_out for line in BREAK.split(part))))
    return Page("".join([*parts, NOT_BREAK.sub(" ", raw[place:])]), meta=meta | ({"record": rest} if rest else {}))


def _text_spans(body: str, found: dict[str, list[regex.Match]]) -> list[tuple[int, int]]:
    """The lines, or what follows the label in its line, that no field or header covers, from where the text begins."""
    begin = found["text"][0].end() if "text" in found else 0
    covered = sorted(
        (match.end() - len(match[0].lstrip()), match.start() + len(match[0].rstrip()))
        for part, some in found.items()
        for match in some
        if part != "text" and (part != "header" or match.start() >= begin)
    )
    spans, at = [], 0
    for line in LINE.finditer(body, begin):
        while at < len(covered) and covered[at][1] <= line.start():
            at += 1
        if not (at < len(covered) and covered[at][0] < line.end()):
            spans.append(line.span())
    return spans


def _group(match: regex.Match) -> int:
    return 1 if match.re.groups else 0
