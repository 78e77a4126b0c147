"""Plain days for dates written in EDTF: `escr:earliest` and `escr:latest`, so that queries can sort and compare."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from pyoxigraph import Literal, NamedNode, Quad

from escrgraph.vocabulary.edtf import DATATYPE, BadDate, parse
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import ESCR, XSD

EARLIEST = NamedNode(ESCR + "earliest")
LATEST = NamedNode(ESCR + "latest")

_DAY = NamedNode(XSD + "date")
_EDTF = NamedNode(DATATYPE)
_AS_OF = NamedNode(ESCR + "asOf")  # says when a source was read, not when something happened


def derived_dates(quads: Iterable[Quad], base: Base | None = None) -> list[Quad]:
    """The quads of `graph/inferred` that give each node with an EDTF literal its first and last possible day.

    An end that is open or unknown gives no quad. A node with several dates gets the span of all of them, so that there
    is never more than one value. A literal that is no date is passed over: the shapes report it.
    """
    graph = NamedNode((base or Base()).graph("inferred"))
    spans: dict[NamedNode, list[tuple[str | None, str | None]]] = {}
    for quad in quads:
        value = quad.object
        if not isinstance(value, Literal) or value.datatype != _EDTF or quad.predicate == _AS_OF:
            continue
        if isinstance(quad.subject, NamedNode) and (span := _span(value.value)):
            spans.setdefault(quad.subject, []).append(span)
    return [
        Quad(node, predicate, Literal(day, datatype=_DAY), graph)
        for node, found in spans.items()
        for predicate, day in ((EARLIEST, _extreme(found, 0)), (LATEST, _extreme(found, 1)))
        if day
    ]


@lru_cache(10_000)
def _span(text: str) -> tuple[str | None, str | None] | None:
    try:
        date = parse(text)
    except BadDate:
        return None
    return (
        date.earliest.isoformat() if date.earliest else None,
        date.latest.isoformat() if date.latest else None,
    )


def _extreme(spans: list[tuple[str | None, str | None]], side: int) -> str | None:
    """The first day (side 0) or last day (side 1) of all; ISO dates sort as text."""
    days = [span[side] for span in spans]
    if any(day is None for day in days):
        return None
    known = [day for day in days if day]
    return min(known) if side == 0 else max(known)
