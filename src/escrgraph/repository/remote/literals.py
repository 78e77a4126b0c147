"""Literals as servers give them back: the same value in another form, which must not be taken for another value."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from escrgraph.vocabulary.namespaces import XSD

Term = NamedNode | BlankNode | Literal | Triple

_WHOLE = (
    "integer", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger", "long", "int",
    "short", "byte", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte",
)  # fmt: skip
_INTEGERS = frozenset(XSD + name for name in _WHOLE)
_NUMBERS = _INTEGERS | {XSD + "decimal", XSD + "double", XSD + "float"}
_BOOLEAN, _DATE_TIME = XSD + "boolean", XSD + "dateTime"
_FRACTION = re.compile(r"\.0+(?=$|[Z+-])|(\.\d*?[1-9])0+(?=$|[Z+-])")
_DIGITS = 15  # what a number that became a double on its way still has


def plain(literal: Literal) -> Literal:
    """The text of a literal alone."""
    return Literal(literal.value)


def fits_64_bits(literal: Literal) -> bool:
    """Whether a literal that is a whole number is one of 64 bits; any other literal does."""
    if literal.datatype.value not in _INTEGERS:
        return True
    try:
        return -(1 << 63) <= int(literal.value) < 1 << 63
    except ValueError:
        return True


def comparable(term: Term) -> tuple[str, ...]:
    """What two forms of one value have in common: numbers and truth by value, times without zeros at their end."""
    if not isinstance(term, Literal):
        return (str(term),)
    if term.language is not None:
        return (term.value, "@", term.language.lower())
    datatype = term.datatype.value
    if datatype in _NUMBERS:
        return ("number", _number(term.value))
    if datatype == _BOOLEAN:
        return ("boolean", {"1": "true", "0": "false"}.get(term.value, term.value))
    if datatype == _DATE_TIME:
        text = _FRACTION.sub(lambda found: found[1] or "", term.value)
        return ("time", re.sub(r"[+-]00:00$", "Z", text))
    return (term.value, datatype)


def _number(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    return f"{number:.{_DIGITS - 1}e}" if number else "0"
