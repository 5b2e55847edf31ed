"""Where the sentences of a clean paragraph begin and end."""

from functools import cache

import numpy as np

from helpers.trie import code_points

CLOSES, ENDS, DOTS, HOLDS, OPENS, SHUTS, BLANK = (1 << bit for bit in range(7))
MARKS = {
    CLOSES: "，。！？；：、…’”）》】",  # stay with the sentence that they close
    ENDS: "。！？；",
    DOTS: "…",  # end a sentence, too
    HOLDS: "，。！？；、”’）…",  # unless one of these follows
    OPENS: "“",
    SHUTS: "”",
    BLANK: "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace()),
}


@cache
def _marks() -> np.ndarray:
    """By code point, which of MARKS it is."""
    table = np.zeros(0x110000, np.uint8)
    for kind, signs in MARKS.items():
        table[code_points(signs)] |= kind
    return table


def split(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences of a clean paragraph: at 。！？；…, never inside “ ”.

    >>> [("“快走。”他说，大家都走。新区静下来。")[a:b] for a, b in split("“快走。”他说，大家都走。新区静下来。")]
    ['“快走。”他说，大家都走。', '新区静下来。']
    """
    _, begin, stop = spans([text])
    return list(zip(begin.tolist(), stop.tolist(), strict=True))


def spans(texts: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`split` for many paragraphs at once: of each sentence the paragraph's number, begin and stop."""
    sizes = np.array([len(text) + 1 for text in texts], dtype=int)
    edges = sizes.cumsum()  # a line break stands behind each text
    marks = _marks().take(code_points("\n".join([*texts, ""])))
    closes, after = marks & CLOSES > 0, np.append(marks[1:], 0)
    last = np.flatnonzero(closes & (after & CLOSES == 0))  # of each run of closing marks
    places = np.flatnonzero((marks & ENDS > 0) | (marks & DOTS > 0) & (after & HOLDS == 0))
    run = np.searchsorted(last, places)
    first = np.diff(run, prepend=-1) > 0
    ends = last[run[first]][~_quoted(marks, edges, places[first])] + 1
    stops = np.zeros(len(marks), bool)
    stops[ends], stops[edges - 1] = True, True
    stop = np.flatnonzero(stops)
    row = np.searchsorted(edges, stop, side="right")
    begin = np.maximum(np.append(0, stop[:-1]), (edges - sizes)[row])
    at_blanks = np.flatnonzero((marks[begin] | marks[stop - 1]) & BLANK).tolist()
    begin, stop = begin - (edges - sizes)[row], stop - (edges - sizes)[row]
    for i in at_blanks:
        some = texts[row[i]][begin[i] : stop[i]]
        begin[i] += len(some) - len(some.lstrip())
        stop[i] -= len(some) - len(some.rstrip())
    full = begin < stop
    return row[full], begin[full], stop[full]


def _quoted(marks: np.ndarray, edges: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Whether each place stands inside “ ”; in a text with an odd one out none does."""
    quotes = np.flatnonzero(marks & (OPENS | SHUTS))
    step, text = np.where(marks[quotes] == OPENS, 1, -1), np.searchsorted(edges, quotes, side="right")
    paired = (np.bincount(text, step, len(edges)) == 0)[text]
    quotes, step, text = quotes[paired], step[paired], text[paired]
    level, apart = step.cumsum(), text * (len(text) + 1)
    depth = level - np.minimum.accumulate(np.minimum(level, 0) - apart) - apart  # none is closed before it is opened
    before = np.searchsorted(quotes, places) - 1
    same = np.append(text, -1)[before] == np.searchsorted(edges, places, side="right")
    return same & (np.append(depth, 0)[before] > 0)
