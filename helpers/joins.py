"""Which lines of a page go on in the next: lines broken off in mid-sentence, at full stops, or at commas as posts are."""

from helpers.layout import BLANKS, CLOSERS, DATELINE, OPEN_END, QUOTES, STOPS, Line, wrap_width

GOES_ON = frozenset("，、；。")  # no paragraph begins with one
SHORT = 24  # characters of a line of a post


def mark(lines: list[Line], plain: str) -> None:
    """A paragraph line that stops in mid-sentence goes on in the next line of text, and so does one that ends with a
    sentence, where the page sets its paragraphs apart and not this next line."""
    kept = [line for line in lines if not line.dropped]
    wrapped = wrap_width(kept)
    place = {id(line): i for i, line in enumerate(lines)}
    pairs = [
        (line, after)
        for line, after in zip(kept, kept[1:], strict=False)
        if place[id(after)] == place[id(line)] + 1  # nothing that was dropped stands between
    ]
    for line, after in _broken_at_stops(pairs, plain):
        after.continues, after.rule = line.number, "continues"
    for line, after in _in_short_lines(pairs) if not wrapped else []:
        line.zone, after.continues, after.zone, after.rule = "body", line.number, "body", "continues"
    for line, after in pairs:
        begun = after.show[0] in GOES_ON and line.show[-1] not in CLOSERS
        if line.closed and not begun or line.zone not in ("body", "list"):
            continue
        if plain[after.start - 1 : after.start] == " " and after.rule != "short-open-line":  # its own Markdown mark
            continue
        full = len(line.show) >= (wrapped - 4 if wrapped else 28) or "。" in line.show and not after.gap
        open_end = OPEN_END.search(line.show)
        if not (begun or after.zone in ("body", "heading") and (full or open_end) and not DATELINE.match(after.show)):
            continue
        if after.zone == "heading" and (after.rule != "short-open-line" or wrapped == 0 and not open_end) and not begun:
            continue
        after.continues, after.zone, after.rule = line.number, "body", "continues"


def _broken_at_stops(pairs: list[tuple[Line, Line]], plain: str) -> list[tuple[Line, Line]]:
    """Lines that end with a sentence and those that go on with their paragraph: three or more lines of the page begin one, set
    in or after a blank line, and these do not. They are paragraphs, though, where no more lines break off in mid-sentence,
    but for a single one where all others are set in."""
    text = [(line, after) for line, after in pairs if line.zone == after.zone == "body"]
    begins = [line for line in [*(line for line, _ in text[:1]), *(after for _, after in text)] if _begins(line, plain)]
    run_on = [(line, after) for line, after in text if not _begins(after, plain)]
    broken = [(line, after) for line, after in run_on if line.show.rstrip(QUOTES)[-1:] in STOPS]
    alone = len(broken) == 1 and all(_is_set_in(line, plain) for line in begins)
    return broken if len(begins) >= 3 and (alone or 2 * len(broken) <= len(run_on)) else []


def _in_short_lines(pairs: list[tuple[Line, Line]]) -> list[tuple[Line, Line]]:
    """Short lines up to the one that ends their sentence, few of them without a comma, on a page that breaks sentences off at
    commas, as posts do that are read on telephones."""
    commas = [line for line, _ in pairs if line.show[-1] in "，、"]
    broken = len(commas) > 1 and sum(_is_short(line) for line, _ in pairs if not line.closed)
    if not broken or 4 * sum(map(_is_short, commas)) < broken:
        return []
    found, run = [], []
    for line, after in pairs:
        run = run if run and run[-1][1] is line else []
        if not line.closed and _is_short(line) and _is_short(after):
            run.append((line, after))
            found += run if after.closed and sum(one.show[-1] not in "，、" for one, _ in run) <= 4 else []
    return found


def _is_short(line: Line) -> bool:
    return len(line.show) <= SHORT and line.rule in ("text", "short-open-line", "short-lines-in-a-row")


def _begins(line: Line, plain: str) -> bool:
    return line.gap > 0 or _is_set_in(line, plain)


def _is_set_in(line: Line, plain: str) -> bool:
    """Two blanks or more before it, as Chinese paragraphs begin."""
    return line.start >= 2 and not plain[line.start - 2 : line.start].strip(BLANKS)
