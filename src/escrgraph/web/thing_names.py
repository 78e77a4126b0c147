"""The names of things that a page mentions, asked for together."""

from __future__ import annotations

from collections.abc import Sequence

from pyoxigraph import Literal, NamedNode

from escrgraph.web.context import here
from escrgraph.web.entity import collect_labels
from escrgraph.web.page_queries import ask, labels_in, page_query

MOST = 60
"""Things whose names one page asks for; of more, it shows addresses."""


def names_of(iris: Sequence[str]) -> dict[str, list[Literal]]:
    """The names of some things, in every language, in one request."""
    service = here().service
    wanted = [iri for iri in dict.fromkeys(iris) if service.base.owns(iri)][:MOST]
    if not wanted:
        return {}
    asked = ask(service, [page_query(service, "name", {"thing": NamedNode(iri)}) for iri in wanted])
    pairs = [(iri, label) for i, iri in enumerate(wanted) for _, label in labels_in(asked.solutions(i), "thing")]
    return collect_labels(pairs)
