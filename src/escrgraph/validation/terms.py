"""Whether a single term may stand in the library: addresses of allowed schemes, numbers and dates that are some."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time

from pyoxigraph import Literal

from escrgraph.vocabulary import edtf
from escrgraph.vocabulary.namespaces import RDF, XSD

SCHEMES = frozenset({"http", "https", "mailto", "doi"})
DIGITS = 60
"""The longest number that is read: more digits are no measurement, and overwhelm who computes with them."""

_ZONE = r"(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?"
_INTEGERS = (
    "integer", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger",
    "negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte",
)  # fmt: skip


def scheme_of(iri: str) -> str:
    """The scheme of an absolute IRI, in small letters."""
    return iri.partition(":")[0].lower()


def is_allowed_iri(iri: str) -> bool:
    """Whether an IRI has one of SCHEMES."""
    return scheme_of(iri) in SCHEMES


def is_known_datatype(datatype: str) -> bool:
    """Whether values of a datatype can be checked."""
    return datatype in _CHECKS


def is_well_typed(literal: Literal) -> bool:
    """Whether the text of a literal is a value of its datatype; False for a datatype that is not known here."""
    check = _CHECKS.get(literal.datatype.value)
    return check is not None and check(literal.value)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


def _number(pattern: str) -> Callable[[str], bool]:
    fits = _matches(pattern)
    return lambda text: len(text) <= DIGITS and fits(text)


def _parsed(pattern: str, parse: Callable[[str], object]) -> Callable[[str], bool]:
    fits = re.compile(pattern, re.ASCII)

    def check(text: str) -> bool:
        match = fits.fullmatch(text)
        try:
            return match is not None and parse(match[1]) is not None
        except ValueError:
            return False

    return check


def _edtf(text: str) -> bool:
    try:
        edtf.parse(text)
    except edtf.BadDate:
        return False
    return True


def _anything(_text: str) -> bool:
    return True


_DAY = r"\d{4}-\d\d-\d\d"
_CLOCK = r"\d\d:\d\d:\d\d(?:\.\d{1,6})?"

_CHECKS: dict[str, Callable[[str], bool]] = {
    XSD + "string": _anything,
    RDF + "langString": _anything,
    RDF + "dirLangString": _anything,
    XSD + "boolean": _matches("true|false|1|0"),
    XSD + "decimal": _number(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"),
    XSD + "double": _number(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?|[+-]?INF|NaN"),
    XSD + "float": _number(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?|[+-]?INF|NaN"),
    XSD + "date": _parsed(rf"({_DAY}){_ZONE}", date.fromisoformat),
    XSD + "dateTime": _parsed(rf"({_DAY}T{_CLOCK}){_ZONE}", datetime.fromisoformat),
    XSD + "time": _parsed(rf"({_CLOCK}){_ZONE}", time.fromisoformat),
    XSD + "gYear": _matches(rf"-?\d{{4}}{_ZONE}"),
    XSD + "gYearMonth": _matches(rf"-?\d{{4}}-(?:0[1-9]|1[0-2]){_ZONE}"),
    XSD + "duration": _number(r"-?P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"),
    XSD + "anyURI": _matches(r"[^\s<>\"{}|\\^`]*"),
    XSD + "language": _matches(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*"),
    edtf.DATATYPE: _edtf,
}
_CHECKS |= {XSD + name: _number(r"[+-]?\d+") for name in _INTEGERS}
