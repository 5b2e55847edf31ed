"""Days of the Chinese calendar as days of ours: festivals, solar terms, lunar days, by borax (Hong Kong Observatory tables)."""

from datetime import date as Day
from datetime import timedelta
from functools import lru_cache

from borax.calendars.lunardate import LunarDate, TermUtils

from helpers.datewords import festivals

YEARS = range(1902, 2100)  # that the tables cover, with the lunar year before


@lru_cache(4096)
def festival(name: str, year: int) -> Day:
    """The day of a festival or solar term of data/lexicon/festivals.csv in a year of ours.

    >>> festival("除夕", 2022).isoformat(), festival("清明", 2022).isoformat()
    ('2022-01-31', '2022-04-05')
    """
    row = festivals()[name]
    if row["calendar"] == "solar":
        return Day(year, int(row["month"]), int(row["day"]))
    if row["calendar"] == "term":
        return TermUtils.nth_term_day(year, TermUtils.name2index(name[:2]))
    month, day = int(row["month"]), int(row["day"])
    if day < 0:  # the eve: the day before the first of the year
        return LunarDate(year, 1, 1).to_solar_date() - timedelta(days=1)
    return LunarDate(year - (month == 12), month, day).to_solar_date()


@lru_cache(4096)
def day(month: str, number: int, year: int) -> Day | None:
    """A day of the months that reports name, 正月 and 腊月, or of 大年; the twelfth month belongs to the lunar year before.

    >>> day("腊月", 28, 2022).isoformat(), day("大年", 2, 2022).isoformat()
    ('2022-01-30', '2022-02-02')
    """
    last = month == "腊月" or month == "大年" and number >= 20
    if month == "大年" and number == 30:
        return festival("除夕", year)
    try:
        return LunarDate(year - last, 12 if last else 1, number).to_solar_date()
    except Exception:  # borax raises its own error for a 30th the month lacks
        return None
