"""Dates put in order: the first and last moment of each, and which of them can be drawn on a calendar."""

import re
from calendar import monthrange
from functools import cache

import pandas as pd

STAMP = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T(\d\d)(?::(\d\d))?)?$")


@cache
def bounds(iso: str) -> tuple[pd.Timestamp, pd.Timestamp, str]:
    """First and last moment of an ISO date, and its shape: moment, span, since or until (the open end is NaT).

    >>> [str(x)[:10] for x in bounds("2022-04")]
    ['2022-04-01', '2022-04-30', 'span']
    >>> bounds("../2022-03-07")[2]
    'until'
    """
    first, _, last = iso.partition("/")
    begin, finish = _moment(first, False), _moment(last or first, True)
    if first == ".." or last == "..":
        return begin, finish, "until" if first == ".." else "since"
    return begin, finish, "moment" if begin == finish else "span"


def _moment(part: str, last: bool) -> pd.Timestamp:
    m = STAMP.match(part)
    if not m:
        return pd.NaT
    year, month = int(m[1]), int(m[2] or (12 if last else 1))
    if not (1700 <= year <= 2200 and 1 <= month <= 12):
        return pd.NaT
    day = int(m[3] or (monthrange(year, month)[1] if last else 1))
    if not 1 <= day <= monthrange(year, month)[1]:
        return pd.NaT
    return pd.Timestamp(year, month, day) + pd.Timedelta(hours=int(m[4] or 0), minutes=int(m[5] or 0))


def events(dates: pd.DataFrame) -> pd.DataFrame:
    """Dates that can be drawn: one row per article and ISO date, with begin, finish, shape and `times`, how often.

    Dates coarser than a half-year and those the text leaves unresolved fall away.
    """
    rows = dates[dates["iso"].fillna("") != ""]
    placed = [bounds(str(iso)) for iso in rows["iso"]]
    begin, finish = (pd.Series([p[i] for p in placed], index=rows.index, dtype="datetime64[s]") for i in (0, 1))
    rows = rows.assign(begin=begin, finish=finish, shape=[p[2] for p in placed])
    known = rows["begin"].notna() | rows["finish"].notna()
    closed = rows["shape"].isin(["moment", "span"]) & (rows["begin"].isna() | rows["finish"].isna())
    rows = rows[known & ~closed & ~((rows["finish"] - rows["begin"]) > pd.Timedelta(days=190))]
    keys = ["doc_id", "iso", "begin", "finish", "shape"]
    return (
        rows.groupby(keys, sort=False, dropna=False)
        .agg(times=("iso", "size"), line=("line", "first"), surface=("surface", "first"))
        .reset_index()
    )


def calendar(happened: pd.DataFrame, articles: pd.DataFrame, most: int = 30) -> pd.DataFrame:
    """`happened` (from `events`) of the `most` articles richest in dates, in drawing order.

    Added: `panel`, the article's year, and `published`, its day.
    """
    known = articles.assign(published=pd.to_datetime(articles["date"], errors="coerce")).set_index("doc_id")
    rows = happened.join(known[["year", "published"]], on="doc_id")
    own = rows["begin"].fillna(rows["finish"])
    first = own.groupby(rows["doc_id"]).transform("median")
    rows = rows.assign(
        panel=rows["year"].astype("Int64").fillna(first.dt.year.astype("Int64")).astype(str),
        _order=rows["published"].fillna(first),
    )
    richest = rows["doc_id"].value_counts(sort=True).head(most).index
    rows = rows[rows["doc_id"].isin(richest)].sort_values(["panel", "_order", "doc_id", "begin"], kind="stable")
    return rows.drop(columns=["_order", "year"])
