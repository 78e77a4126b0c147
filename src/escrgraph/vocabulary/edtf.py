"""Dates as people know them: EDTF (ISO 8601-2:2019, levels 0 and 1, unknown years too) and the days they span."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime

from escrgraph.vocabulary.namespaces import EDTF as DATATYPE

__all__ = ["DATATYPE", "BadDate", "Edtf", "parse"]

_DATE = re.compile(r"(?P<year>-?[0-9X]{4})(?:-(?P<month>[0-9X]{2})(?:-(?P<day>[0-9X]{2}))?)?(?P<mark>[?~%])?")
_TIME = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)T(?P<time>\d\d:\d\d:\d\d)(?P<zone>Z|[+-]\d\d(?::\d\d)?)?", re.ASCII)
_LONG_YEAR = re.compile(r"Y-?[1-9][0-9]{4,}")
_SEASONS = range(21, 25)


class BadDate(ValueError):
    """Not a date in EDTF; the text says what was given and what a date looks like."""


@dataclass(frozen=True, slots=True)
class Edtf:
    """A date or interval. earliest and latest are None where the year is open, unknown, or outside the years 1 to 9999.

    uncertain: marked `?` or `%`. approximate: marked `~` or `%`. The marks never widen the span.
    """

    text: str
    earliest: date | None
    latest: date | None
    uncertain: bool = False
    approximate: bool = False


def parse(text: str) -> Edtf:
    """Read an EDTF date, date and time, season or interval. Raises BadDate."""
    start, slash, end = text.partition("/")
    if not slash:
        return _point(text)
    if start in {"", ".."} and end in {"", ".."}:
        raise BadDate(f"“{text}” has neither a start nor an end. Give at least one, such as 2013/.. .")
    first, last = _end(start, text), _end(end, text)
    earliest = first.earliest if first else None
    latest = last.latest if last else None
    if earliest and latest and earliest > latest:
        raise BadDate(f"“{text}” ends before it begins. Write the earlier date first.")
    ends = [point for point in (first, last) if point]
    return Edtf(text, earliest, latest, any(p.uncertain for p in ends), any(p.approximate for p in ends))


def _end(text: str, whole: str) -> Edtf | None:
    if "T" in text:
        raise BadDate(f"“{whole}”: the ends of an interval are dates without a time, such as 2013-09/2013-10.")
    return None if text in {"", ".."} else _point(text)


def _point(text: str) -> Edtf:
    if _LONG_YEAR.fullmatch(text):
        return Edtf(text, None, None)
    if timed := _TIME.fullmatch(text):
        return _timed(text, timed)
    match = _DATE.fullmatch(text)
    if match is None or match["year"] == "-0000":
        raise BadDate(f"“{text}” is not a date. Write 2013, 2013-09, 2013-09-05, 199X or 2013-09/2013-10.")
    earliest, latest = _span(text, match["year"], match["month"], match["day"])
    mark = match["mark"] or ""
    return Edtf(text, earliest, latest, mark in {"?", "%"}, mark in {"~", "%"})


def _timed(text: str, match: re.Match[str]) -> Edtf:
    try:
        datetime.fromisoformat(f"{match['day']}T{match['time']}")
        day = date.fromisoformat(match["day"])
    except ValueError as error:
        raise BadDate(f"“{text}” names a day or time that does not exist ({error}).") from None
    return Edtf(text, day, day)


def _span(text: str, year: str, month: str | None, day: str | None) -> tuple[date | None, date | None]:
    _demand_real(text, year, month, day)
    low, high = _years(year)
    if low is None or high is None:
        return None, None
    if month is None or "X" in month or int(month) in _SEASONS:
        # A season is said without its hemisphere, so it may be any part of the year.
        months = _fitting(month, 1, 12) if month and "X" in month else [1, 12]
        earliest_month, latest_month = months[0], months[-1]
    else:
        earliest_month = latest_month = int(month)
    return (
        date(low, earliest_month, _day(day, low, earliest_month, first=True)),
        date(high, latest_month, _day(day, high, latest_month, first=False)),
    )


def _demand_real(text: str, year: str, month: str | None, day: str | None) -> None:
    if "X" in year.rstrip("X"):
        raise BadDate(f"“{text}”: in a year the unknown digits come last, such as 199X.")
    if month is None:
        return
    if not _fitting(month, 1, 12) and not (day is None and month.isdigit() and int(month) in _SEASONS):
        raise BadDate(f"“{text}”: there is no month {month}.")
    if day is None:
        return
    months = _fitting(month, 1, 12)
    years = [int(year)] if "X" not in year else [2000]  # an unknown year may be a leap year
    longest = max(calendar.monthrange(y if y > 0 else 2000 + y % 400, m)[1] for y in years for m in months)
    if not _fitting(day, 1, longest):
        raise BadDate(f"“{text}”: there is no day {day} in that month.")


def _years(year: str) -> tuple[int | None, int | None]:
    low, high = int(year.replace("X", "0")), int(year.replace("X", "9"))
    if year == "XXXX" or high < 1 or year.startswith("-"):
        return None, None
    return max(low, 1), high


def _day(day: str | None, year: int, month: int, *, first: bool) -> int:
    last = calendar.monthrange(year, month)[1]
    if day is None:
        return 1 if first else last
    # 29 February of a decade: the nearest day of the year at its edge
    days = _fitting(day, 1, last) or [last]
    return days[0] if first else days[-1]


def _fitting(pattern: str, low: int, high: int) -> list[int]:
    """The numbers from low to high whose two digits fit a pattern with X for any digit."""
    wanted = re.compile(pattern.replace("X", "[0-9]"))
    return [number for number in range(low, high + 1) if wanted.fullmatch(f"{number:02}")]
