"""Dates as people read them: “October 2015”, not “2015-10” (Extended Date/Time Format, ISO 8601-2)."""

from __future__ import annotations

import re
from datetime import date

from babel.dates import format_date, format_skeleton

from escrgraph.vocabulary import edtf

_PLAIN = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


def shown_date(text: str, language: str) -> str:
    """A date or interval in the reader's language. What says more than a day, month or year is shown as it is written.

    text: an EDTF date or interval, or an xsd:date.
    """
    try:
        edtf.parse(text)
    except edtf.BadDate:
        return text
    ends = [_point(end, language) for end in text.split("/")]
    if None in ends:
        return text
    return " – ".join(dict.fromkeys(str(end) for end in ends))


def _point(text: str, language: str) -> str | None:
    match = _PLAIN.fullmatch(text)
    if match is None:
        return None
    year, month, day = match.groups()
    if day:
        return format_date(date.fromisoformat(text), "long", language)
    if month:
        return str(format_skeleton("yMMMM", date(int(year), int(month), 1), locale=language))
    return str(year)
