"""Numbers as written in Chinese prose: 1,200, 3.5万, 三百余, 两万五千, 1亿2000万."""

import re
from functools import cache, lru_cache

import numpy as np

from helpers.trie import padded

DIGITS = {d: i for i, d in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
POWERS = {"十": 10, "百": 100, "千": 1000}
MYRIADS = {"万": 10**4, "亿": 10**8}

ARABIC = r"\d+(?:,\d{3})*(?:\.\d+)?"
HAN = r"[一二两三四五六七八九十廿卅百千零〇][一二两三四五六七八九十百千零〇○]*(?:点[零一二三四五六七八九]+)?"
FIRST = "0123456789一二两三四五六七八九十廿卅百千零〇"  # what a numeral begins with
INSIDE = FIRST + "○,.万亿"
LONGEST = 41  # characters of a numeral: a bound keeps searches linear
READ_AS = str.maketrans({"廿": "二十", "卅": "三十"} | dict.fromkeys("余多几来, "))
PARTS = re.compile(rf"({ARABIC}|{HAN})?((?:[百千]?万|[十百千万]?亿|(?<=\d)[百千])*)")


def starts(text: str, mark: str, behind: str, alone: str = "") -> np.ndarray:
    """Where runs of digits begin that hold one of the characters `mark` or have one of `behind` right behind them.

    A lone 一 counts only behind one of the characters `alone`, where these are given. One pass in place of a look at every
    numeral, most of which are none.

    >>> starts("一线有3名医生和2万多人，共12组", mark="万", behind="名").tolist()
    [3, 8]
    """
    points = padded(text)
    inside, digit, marked, near, close = sorts(points, INSIDE, FIRST, mark, behind, alone)
    edges, digits, marks = map(np.flatnonzero, (np.diff(inside, prepend=False), digit, marked))
    begin, end = edges[::2], edges[1::2]
    begin = np.append(digits, len(points))[np.searchsorted(digits, begin)]  # 万, a point or a comma begins no numeral
    wanted, run = near[end], np.searchsorted(end, marks, side="right")
    wanted[run[begin[run] < marks]] = True
    wanted &= (begin < end) & (end - begin <= LONGEST)
    begin, end = begin[wanted], end[wanted]
    if alone:
        lone = (points[begin] == ord("一")) & (end - begin == 1) & ~close[begin - 1]
        begin = begin[~lone]
    return begin


@cache
def among(characters: str) -> np.ndarray:
    """Of each character whether it is one of `characters`."""
    return _bits(characters).view(bool)


def sorts(points: np.ndarray, *some: str) -> list[np.ndarray]:
    """Of each code point whether it is one of each of up to eight sets of characters: one look for all.

    >>> [one.tolist() for one in sorts(padded("三月9日")[:-2], "月日", "三")]
    [[False, True, False, True], [True, False, False, False]]
    """
    bits = _bits(*some).take(points)
    return [bits & 1 << number != 0 for number in range(len(some))]


@cache
def _bits(*some: str) -> np.ndarray:
    """Of each character which of the sets it is in, a bit for each."""
    table = np.zeros(0x110000, np.uint8)
    for number, characters in enumerate(some):
        table[[*map(ord, characters)]] |= 1 << number
    return table


def _han(text: str) -> float | None:
    """A Han numeral below ten thousand; digits in a row (二〇二〇) are read as a figure."""
    whole, _, decimals = text.partition("点")
    if not set(whole) & set(POWERS):
        total = float("".join(str(DIGITS[c]) for c in whole))
    else:
        total, digit = 0.0, 0
        for c in whole:
            if c in POWERS:
                total, digit = total + (digit or 1) * POWERS[c], 0
            else:
                digit = DIGITS[c]
        total += digit
    return total + float("0." + "".join(str(DIGITS[c]) for c in decimals)) if decimals else total


@lru_cache(4096)
def value(text: str) -> float | None:
    """The number a numeral stands for, in ones; None where there is none. 余, 多 and 几 inside are passed over.

    >>> [value(x) for x in ("15300余", "1.5万", "7千", "三百余", "两万五千", "1亿2000万", "廿八", "二〇二二", "元")]
    [15300.0, 15000.0, 7000.0, 300.0, 25000.0, 120000000.0, 28.0, 2022.0, None]
    """
    if text.isdecimal():
        return float(text)
    text = text.translate(READ_AS)
    total, found = 0.0, False
    for number, magnitude in PARTS.findall(text):
        if not number and not magnitude:
            continue
        part = (_han(number) if number[0] in DIGITS or number[0] in POWERS else float(number)) if number else 1.0
        for c in magnitude:
            part *= POWERS.get(c) or MYRIADS[c]
        total, found = total + part, True
    return round(total, 6) if found else None
