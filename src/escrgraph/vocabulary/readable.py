"""Dates and numbers as readers of a language write them: EDTF (ISO 8601-2:2019, levels 0 and 1), digits in groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from types import MappingProxyType

from babel.dates import format_date, format_interval, format_skeleton
from babel.numbers import format_decimal

from escrgraph.vocabulary.edtf import BadDate, parse

__all__ = ["readable_date", "readable_number"]

_LOCALES = {"en": "en_GB", "es": "es", "fr": "fr", "ar": "ar"}
_POINT = re.compile(r"(?P<year>-?[0-9X]{4})(?:-(?P<month>[0-9X]{2})(?:-(?P<day>[0-9X]{2}))?)?[?~%]?")
_TIMED = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)T(?P<time>\d\d:\d\d)(?::\d\d)?(?:\.\d+)?(?P<zone>Z|[+-]\d\d(?::\d\d)?)?")
_DAY = re.compile(r"(?:\d{4}|XXXX)-\d\d-\d\d")
_MONTH = re.compile(r"\d{4}-\d\d")
_LONG_DIGITS = 40

_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "about": "about {0}",
            "uncertain": "{0} (uncertain)",
            "span": "from {0} to {1}",
            "span of days": "from {0} to {1}",
            "days": "{0}–{1} {2}",
            "day in years": "{0}, {1}",
            "years": "between {0} and {1}",
            "decade": "the {0}s",
            "since": "since {0}",
            "until": "until {0}",
            "from unknown": "until {0}, beginning not known",
            "to unknown": "from {0}, end not known",
            "some day": "{0}, day not known",
            "some month": "{0}, month not known",
            "no year": "{0}, year not known",
            "unknown": "year not known",
            "before Christ": "{0} BCE",
            "time": "{0}, {1}",
            "21": "spring {0}",
            "22": "summer {0}",
            "23": "autumn {0}",
            "24": "winter {0}",
        },
        "es": {
            "about": "hacia {0}",
            "uncertain": "{0} (fecha incierta)",
            "span": "de {0} a {1}",
            "span of days": "del {0} al {1}",
            "days": "{0}–{1} {2}",
            "day in years": "{0}, {1}",
            "years": "entre {0} y {1}",
            "decade": "década de {0}",
            "since": "desde {0}",
            "until": "hasta {0}",
            "from unknown": "hasta {0}, comienzo desconocido",
            "to unknown": "desde {0}, final desconocido",
            "some day": "{0}, día desconocido",
            "some month": "{0}, mes desconocido",
            "no year": "{0}, año desconocido",
            "unknown": "año desconocido",
            "before Christ": "{0} a. e. c.",
            "time": "{0}, {1}",
            "21": "primavera de {0}",
            "22": "verano de {0}",
            "23": "otoño de {0}",
            "24": "invierno de {0}",
        },
        "fr": {
            "about": "vers {0}",
            "uncertain": "{0} (date incertaine)",
            "span": "de {0} à {1}",
            "span of days": "du {0} au {1}",
            "days": "{0}–{1} {2}",
            "day in years": "{0}, {1}",
            "years": "entre {0} et {1}",
            "decade": "années {0}",
            "since": "depuis {0}",
            "until": "jusqu’à {0}",
            "from unknown": "jusqu’à {0}, début inconnu",
            "to unknown": "à partir de {0}, fin inconnue",
            "some day": "{0}, jour inconnu",
            "some month": "{0}, mois inconnu",
            "no year": "{0}, année inconnue",
            "unknown": "année inconnue",
            "before Christ": "{0} av. è. c.",
            "time": "{0}, {1}",
            "21": "printemps {0}",
            "22": "été {0}",
            "23": "automne {0}",
            "24": "hiver {0}",
        },
        "ar": {
            "about": "نحو {0}",
            "uncertain": "{0} (تاريخ غير مؤكد)",
            "span": "من {0} إلى {1}",
            "span of days": "من {0} إلى {1}",
            "days": "من {0} إلى {1} {2}",
            "day in years": "{0}، {1}",
            "years": "بين {0} و{1}",
            "decade": "عقد {0}",
            "since": "منذ {0}",
            "until": "حتى {0}",
            "from unknown": "حتى {0}، والبداية غير معروفة",
            "to unknown": "من {0}، والنهاية غير معروفة",
            "some day": "{0}، واليوم غير معروف",
            "some month": "{0}، والشهر غير معروف",
            "no year": "{0}، والسنة غير معروفة",
            "unknown": "السنة غير معروفة",
            "before Christ": "{0} ق.ح.ع",
            "time": "{0}، {1}",
            "21": "ربيع {0}",
            "22": "صيف {0}",
            "23": "خريف {0}",
            "24": "شتاء {0}",
        },
    }
)


@lru_cache(4096)
def readable_date(text: str, language: str) -> str:
    """An EDTF date, an xsd:date or xsd:dateTime in words ("about 1998", "27–28 January 2014").

    language: an interface language; another is answered in English. What is no date comes back as it is.
    """
    reader = _Reader(language if language in _WORDS else "en")
    try:
        parse(text)
    except BadDate:
        timed = _TIMED.fullmatch(text)
        return reader.timed(timed) if timed else text
    start, slash, end = text.partition("/")
    return reader.interval(start, end) if slash else reader.point(text)


@lru_cache(4_000)
def readable_number(text: str, language: str) -> str:
    """A decimal number with the digits grouped and the decimal mark of a language, none of its digits lost.

    What is no number, or has more digits than anybody reads, comes back as it is.
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite() or len(text) > _LONG_DIGITS:
        return text
    return str(format_decimal(number, locale=_LOCALES.get(language, "en_GB"), decimal_quantization=False))


class _Reader:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self._words, self._locale = _WORDS[language], _LOCALES[language]

    def say(self, what: str, *values: str) -> str:
        return self._words[what].format(*values)

    def interval(self, start: str, end: str) -> str:
        if start == "..":
            return self.say("until", self.point(end))
        if end == "..":
            return self.say("since", self.point(start))
        if not start:
            return self.say("from unknown", self.point(end))
        if not end:
            return self.say("to unknown", self.point(start))
        if short := self._short(start, end):
            return short
        days = _DAY.fullmatch(start) and _DAY.fullmatch(end)
        return self.say("span of days" if days else "span", self.point(start), self.point(end))

    def point(self, text: str) -> str:
        if text.startswith("Y"):
            year = text[1:]
            return self.say("before Christ", year[1:]) if year.startswith("-") else year
        if timed := _TIMED.fullmatch(text):
            return self.timed(timed)
        found = _POINT.fullmatch(text)
        if found is None:
            return text
        mark, plain = text[-1], self._plain(found["year"], found["month"], found["day"])
        if mark in "~%":
            plain = self.say("about", plain)
        return self.say("uncertain", plain) if mark in "?%" else plain

    def timed(self, found: re.Match[str]) -> str:
        zone = " UTC" if found["zone"] == "Z" else f" {found['zone']}" if found["zone"] else ""
        try:
            day = format_date(date.fromisoformat(found["day"]), "long", locale=self._locale)
        except ValueError:
            return found[0]
        return self.say("time", day, found["time"] + zone)

    def _short(self, start: str, end: str) -> str | None:
        """Two days of one month, or two months of one year, as one expression, such as 27–28 January 2014."""
        year, same = start[:4], start[:4] == end[:4]
        if not same or not (_DAY.fullmatch(start) and _DAY.fullmatch(end)):
            return self._months(start, end) if same and _MONTH.fullmatch(start) and _MONTH.fullmatch(end) else None
        if start[:7] == end[:7]:
            first, whole = str(int(start[8:])), self._day(end)
            last, _, rest = whole.partition(" ")
            shown = self.say("days", first, last, rest)
        elif year == "XXXX":
            shown = self.say("span of days", self._day(start), self._day(end))
        else:
            return None
        return self.say("no year", shown) if year == "XXXX" else shown

    def _months(self, start: str, end: str) -> str | None:
        if start.startswith("XXXX") or max(start[5:], end[5:]) > "12":
            return None
        first, last = (date(int(text[:4]) or 4, int(text[5:]), 1) for text in (start, end))
        return str(format_interval(first, last, "yMMMM", locale=self._locale))

    def _day(self, text: str) -> str:
        """A day with its month, and its year where that is known."""
        year, month, day = text.split("-")
        if year == "XXXX":
            return str(format_skeleton("MMMMd", date(2000, int(month), int(day)), locale=self._locale))
        return str(format_date(date(int(year) or 4, int(month), int(day)), "long", locale=self._locale))

    def _plain(self, year: str, month: str | None, day: str | None) -> str:
        if year == "XXXX":
            return self._without_year(month, day)
        shown = self._year(year)
        if month is None:
            return shown
        if month in self._words:
            return self.say(month, shown)
        if "X" in month:
            return self.say("some month", shown)
        if not year.isdecimal():
            return self.say("day in years", self._day_and_month(month, day), shown)
        if day is None or "X" in day:
            named = format_skeleton("yMMMM", date(int(year) or 4, int(month), 1), locale=self._locale)
            return self.say("some day", named) if day else str(named)
        return str(format_date(date(int(year) or 4, int(month), int(day)), "long", locale=self._locale))

    def _year(self, year: str) -> str:
        if year.startswith("-"):
            return self.say("before Christ", year[1:].lstrip("0"))
        if year.endswith("XX"):
            return self.say("years", year.replace("X", "0"), year.replace("X", "9"))
        return self.say("decade", year.replace("X", "0")) if year.endswith("X") else year.lstrip("0") or "0"

    def _without_year(self, month: str | None, day: str | None) -> str:
        if month is None or "X" in month or month in self._words:
            return self.say("unknown")
        return self.say("no year", self._day_and_month(month, day))

    def _day_and_month(self, month: str, day: str | None) -> str:
        # A leap year, so that 29 February is a day.
        skeleton, known = ("MMMM", 1) if day is None or "X" in day else ("MMMMd", int(day))
        return str(format_skeleton(skeleton, date(2000, int(month), known), locale=self._locale))
