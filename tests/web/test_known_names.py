"""Names that lists remember."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode

from escrgraph.web.known_names import KnownNames
from escrgraph.web.page_queries import Solution

FOOD, WATER, NOBODY = "https://example.org/food", "https://example.org/water", "https://example.org/nobody"


def row(thing: str, label: str) -> Solution:
    """A row that names a thing."""
    return {"thing": NamedNode(thing), "label": Literal(label)}


def test_what_was_asked_for_is_known_even_when_it_has_no_name() -> None:
    known = KnownNames()
    known.keep(3, [FOOD, NOBODY], [row(FOOD, "Food"), row(FOOD, "Alimentación")])
    assert known.of(3, [FOOD, WATER, NOBODY]) == {FOOD: [row(FOOD, "Food"), row(FOOD, "Alimentación")], NOBODY: []}
    known.keep(3, [WATER], [row(WATER, "Water")])
    assert set(known.of(3, [FOOD, WATER, NOBODY])) == {FOOD, WATER, NOBODY}


def test_nothing_is_known_of_another_generation() -> None:
    known = KnownNames()
    known.keep(3, [FOOD], [row(FOOD, "Food")])
    assert known.of(4, [FOOD]) == {}
    known.keep(4, [FOOD], [row(FOOD, "Right to food")])
    assert known.of(4, [FOOD]) == {FOOD: [row(FOOD, "Right to food")]}
    assert known.of(3, [FOOD]) == {}
