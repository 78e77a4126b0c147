"""An answer as a page shows it: one page of its rows, by their names, with the ways to the rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from flask import request
from pyoxigraph import NamedNode

from escrgraph.repository.errors import Malformed
from escrgraph.repository.lexer import words
from escrgraph.repository.readers import Answer, Formats
from escrgraph.web.context import here
from escrgraph.web.entity import collect_labels
from escrgraph.web.formats import NAMES, REMEMBERED, Choices, Chosen, Kind, choose_for_query, named_for_query
from escrgraph.web.page_queries import ask, labels_in, page_query
from escrgraph.web.pages import language
from escrgraph.web.results import ROWS, read_graph, read_solutions
from escrgraph.web.showing import Result, records_in, show
from escrgraph.web.world import built_world
from escrgraph.web.worldmap import WorldMap, draw

WHOLE: Mapping[Kind, tuple[str, ...]] = {
    Kind.SOLUTIONS: ("csv", "tsv", "json", "xml"),
    Kind.BOOLEAN: ("csv", "tsv", "json", "xml"),
    Kind.GRAPH: ("ttl", "nt", "rdf", "jsonld", "trig"),
}
"""The formats in which a page offers the whole of each kind of answer."""


_ROWS_AS = {Kind.SOLUTIONS: "text/tab-separated-values", Kind.BOOLEAN: "text/csv", Kind.GRAPH: "application/n-triples"}
_VOLATILE = {"NOW", "RAND", "UUID", "STRUUID", "BNODE"}


def choices_for(name: str | None) -> Choices:
    """The formats a request takes, by `format=` or else by its Accept header.

    Raises Malformed for an unknown name, NotAcceptable when none of ours is accepted.
    """
    if name is None:
        return choose_for_query(request.headers.get("Accept"))
    try:
        return named_for_query(name)
    except KeyError:
        raise unknown_format(name) from None


def unknown_format(name: str | None) -> Malformed:
    """The refusal of a format that is none of ours."""
    return Malformed(f"There is no format “{name}”. Formats: {', '.join(NAMES)}.")


@lru_cache(REMEMBERED)
def written_as(choices: Choices) -> Formats:
    """What the worker is to write: rows of text where a page is wanted."""
    return Formats(*(_written_as(choices.get(kind), kind) for kind in Kind))


def _written_as(chosen: Chosen | None, kind: Kind) -> str | None:
    if chosen is None:
        return None
    return _ROWS_AS[kind] if chosen.html else chosen.format.media_type


def is_volatile(text: str) -> bool:
    """Whether a query may answer differently each time, so that no answer to it may be kept."""
    loud = text.upper()
    return any(word in loud for word in _VOLATILE) and not _VOLATILE.isdisjoint(words(text))


@dataclass(frozen=True, slots=True)
class Found:
    """What was found. truth: of a yes-or-no question; milliseconds: what it took to get these rows.

    map: where the rows are about countries, and the shapes of the map were built.
    """

    kind: Kind
    generation: int
    milliseconds: int
    truth: bool | None = None
    result: Result | None = None
    map: WorldMap | None = None

    @property
    def first(self) -> int:
        """The number of the first row shown."""
        return self.result.table.start + 1 if self.result else 1

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return self.result.table.start + len(self.result.rows) if self.result else 1


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Addresses of the pages before and after."""

    previous: str | None
    following: str | None


def read_page(answer: Answer, page: int, started: float) -> Found:
    """Read the rows of one page of an answer, and ask what the things in them are called.

    started: when the question was sent, by the monotonic clock. Raises RepositoryError.
    """
    kind = Kind(answer.kind)
    try:
        if kind is Kind.BOOLEAN:
            truth = b"".join(answer.chunks).decode().strip() == "true"
            return Found(kind, answer.generation, _since(started), truth=truth)
        read = read_graph if kind is Kind.GRAPH else read_solutions
        table = read(answer.chunks, ROWS, (page - 1) * ROWS)
    finally:
        answer.close()
    milliseconds = _since(started)
    service = here().service
    things = records_in(table, service.base)
    asked = (
        ask(service, [page_query(service, "names", lists={"thing": map(NamedNode, things)})]).solutions(0)
        if things
        else []
    )
    names = collect_labels(labels_in(asked))
    shown = show(table, names, service.base, language(), graph=kind is Kind.GRAPH)
    world = built_world()
    map_ = draw(world, shown.places.places) if world and shown.places else None
    return Found(kind, answer.generation, milliseconds, result=shown, map=map_)


def neighbours(found: Found, page: int, address: Callable[[int], str]) -> Neighbours:
    """The pages before and after. address: number of a page -> where it is."""
    more = found.result is not None and found.result.table.more
    return Neighbours(address(page - 1) if page > 1 else None, address(page + 1) if more else None)


def _since(started: float) -> int:
    return max(1, round((time.monotonic() - started) * 1000))
