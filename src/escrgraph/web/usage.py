"""How classes, properties and values are used: counted once a generation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pyoxigraph import Literal, NamedNode

from escrgraph.repository.readers import Term
from escrgraph.service import Service
from escrgraph.web.page_queries import ask, page_query, text

MOST = 500
"""How many values of a property are told at once; `queries/pages/values.rq` has the same number."""

_KEPT = 200


@dataclass(frozen=True, slots=True)
class Values:
    """Values with how often each is used, and the names of those that are things. whole: these are all there are."""

    counts: Mapping[NamedNode | Literal, int]
    names: Mapping[str, list[Literal]]
    whole: bool


class Usage:
    """What a generation uses, remembered: each count costs a walk over much of the store."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kept_classes = lru_cache(2)(self._classes)
        self._kept_properties = lru_cache(_KEPT)(self._properties)
        self._kept_values = lru_cache(_KEPT)(self._values)

    def classes(self) -> Mapping[str, int]:
        """Class -> number of its things. Raises RepositoryError, as the others do."""
        return self._kept_classes(self._service.pages.generation())

    def properties(self, class_: str | None = None) -> Mapping[str, int]:
        """Property -> number of its triples, among the things of a class where one is given."""
        return self._kept_properties(self._service.pages.generation(), class_)

    def values(self, property_: str, class_: str | None, words: str) -> Values:
        """The values that a property has most, among the things of a class; those with the words where not all fit."""
        generation = self._service.pages.generation()
        found = self._kept_values(generation, property_, class_)
        return found if found.whole or not words else self._values(generation, property_, class_, words)

    def _classes(self, _generation: int) -> Mapping[str, int]:
        asked = ask(self._service, [page_query(self._service, "counts")])
        return {text(row, "class"): int(text(row, "count")) for row in asked.solutions(0)}

    def _properties(self, _generation: int, class_: str | None) -> Mapping[str, int]:
        name, parameters = ("properties-of-class", {"class": NamedNode(class_)}) if class_ else ("properties", {})
        asked = ask(self._service, [page_query(self._service, name, parameters)])
        return {text(row, "property"): int(text(row, "count")) for row in asked.solutions(0)}

    def _values(self, _generation: int, property_: str, class_: str | None, words: str = "") -> Values:
        parameters: dict[str, Term] = {"property": NamedNode(property_), "words": Literal(words.lower())}
        if class_:
            parameters["class"] = NamedNode(class_)
        asked = ask(self._service, [page_query(self._service, "values-of-class" if class_ else "values", parameters)])
        counts: dict[NamedNode | Literal, int] = {}
        names: dict[str, list[Literal]] = {}
        for row in asked.solutions(0):
            if (value := row.get("value")) is None:
                continue
            counts[value] = int(text(row, "count"))
            if isinstance(label := row.get("label"), Literal):
                names.setdefault(value.value, []).append(label)
        return Values(counts, names, len(counts) < MOST)
