"""What things are called on a page that lists many: by the labels its queries brought, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyoxigraph import Literal, NamedNode

from escrgraph.vocabulary.facts import Facts
from escrgraph.vocabulary.namespaces import ESCR
from escrgraph.web.context import here
from escrgraph.web.entity import Reading, Value, collect_labels
from escrgraph.web.page_queries import Solution, labels_in
from escrgraph.web.pages import language


class Names:
    """The names of things. pairs: each thing with one of its labels."""

    def __init__(self, pairs: Iterable[tuple[str, Literal]]) -> None:
        service = here().service
        self._reading = Reading(Facts([]), collect_labels(pairs), service.kinds, service.base, language())

    def of(self, iri: str) -> Value:
        """A thing by its name, leading to its page; one without a name by the end of its address."""
        return self._reading.thing(iri)


def names_in(solutions: Sequence[Solution], *things: str) -> Names:
    """The names that rows bring. things: the variables; the labels of ?thing are in ?label, those of ?x in ?xLabel."""
    pairs: list[tuple[str, Literal]] = []
    for thing in things:
        label = "label" if len(things) == 1 else f"{thing}Label"
        pairs += labels_in(solutions, thing, label)
    return Names(dict.fromkeys(pairs))


def our_class(name: str) -> NamedNode:
    """A class of our vocabulary by its local name."""
    return NamedNode(ESCR + name)


def short(iri: str) -> str:
    """A record as parameters name it: {type}/{slug}; other IRIs as they are."""
    return here().service.base.record_of(iri) or iri
