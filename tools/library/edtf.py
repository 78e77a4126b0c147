"""Dates as the tables hold them, checked against EDTF (ISO 8601-2:2019), levels 0 and 1."""

from __future__ import annotations

import re
from datetime import date

# Level 1 lets X replace digits from the right (199X, 2004-XX). A day whose year is wholly unknown (XXXX-03-05) is level 2; the
# tables have four of them, and leaving the day out would lose what is known.
_DATE = re.compile(r"(?P<year>\d{4}|\d{3}X|\d{2}XX|XXXX)(?:-(?P<month>\d{2}|XX)(?:-(?P<day>\d{2}|XX))?)?[?~%]?")
_YEARS = re.compile(r"(\d{4})-(\d{4})")


def is_edtf(text: str) -> bool:
    """Say whether a text is a date or a closed interval that the library accepts."""
    parts = text.split("/")
    if len(parts) > 2 or not all(_is_date(part) for part in parts):
        return False
    return len(parts) == 1 or "X" in text or parts[0] <= parts[1]


def from_period(text: str) -> str:
    """Turn the period of a finding into EDTF: "1996-2009" is an interval there, and "1996/2009" in EDTF."""
    years = _YEARS.fullmatch(text)
    return f"{years[1]}/{years[2]}" if years else text


def checked(text: str) -> str:
    """Give the text back if it is a date of the library. Raises ValueError otherwise."""
    if not is_edtf(text):
        raise ValueError(f"{text!r} is not an EDTF date (level 0 or 1). Write YYYY, YYYY-MM, YYYY-MM-DD or start/end.")
    return text


def _is_date(text: str) -> bool:
    match = _DATE.fullmatch(text)
    if not match:
        return False
    year, month, day = match["year"], match["month"], match["day"]
    if month in (None, "XX"):
        return day in (None, "XX")
    known_day = int(day) if day and day != "XX" else 1
    known_year = int(year) if year.isdigit() else 2000
    try:
        date(known_year, int(month), known_day)
    except ValueError:
        return False
    return True
