"""What the endpoint can do, in RDF (SPARQL 1.1 Service Description)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, RdfFormat, Triple, serialize

from escrgraph.web.census import NamedGraph
from escrgraph.web.formats import GRAPHS, RESULTS, Format

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
FORMATS = "http://www.w3.org/ns/formats/"
DCTERMS = "http://purl.org/dc/terms/"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_INTEGER = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
_PREFIXES = {"sd": SD, "void": VOID, "formats": FORMATS, "dcterms": DCTERMS, "rdfs": RDFS}

WRITABLE = tuple(format_ for format_ in GRAPHS if format_.name in {"ttl", "nt", "rdf", "jsonld", "nq", "trig"})
"""The formats in which the description itself is written."""


@dataclass(frozen=True, slots=True)
class Description:
    """What is described.

    endpoint: the address that was asked; update: where updates go, None when none are taken. further: where more is
    said of the data, as VoID and as a catalogue.
    """

    endpoint: str
    update: str | None
    default_triples: int | None
    graphs: Sequence[NamedGraph]
    merged: bool
    further: Sequence[str] = ()


def write(description: Description, format_: Format) -> bytes:
    """The description in one of the WRITABLE formats."""
    rdf = RdfFormat.from_media_type(format_.media_type)
    if rdf is None:
        raise ValueError(f"{format_.media_type} is no RDF format.")
    return serialize(_triples(description), format=rdf, prefixes=_PREFIXES) or b""


def _triples(description: Description) -> Iterator[Triple]:
    service = NamedNode(description.endpoint)
    yield Triple(service, _TYPE, _sd("Service"))
    yield Triple(service, _sd("endpoint"), service)
    yield Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    # Where the default graph is the merge of the named graphs, sd:UnionDefaultGraph says so.
    if description.merged:
        yield Triple(service, _sd("feature"), _sd("UnionDefaultGraph"))
    for address in description.further:
        yield Triple(service, NamedNode(RDFS + "seeAlso"), NamedNode(address))
    yield from _formats(service)
    if description.update:
        writable = NamedNode(description.update)
        yield Triple(writable, _TYPE, _sd("Service"))
        yield Triple(writable, _sd("endpoint"), writable)
        yield Triple(writable, _sd("supportedLanguage"), _sd("SPARQL11Update"))
    yield from _dataset(service, description)


def _formats(service: NamedNode) -> Iterator[Triple]:
    for format_ in RESULTS:
        results = QueryResultsFormat.from_media_type(format_.media_type)
        if results is not None:
            yield Triple(service, _sd("resultFormat"), NamedNode(results.iri))
    for format_ in GRAPHS:
        graph = RdfFormat.from_media_type(format_.media_type)
        if graph is not None:
            yield Triple(service, _sd("resultFormat"), NamedNode(graph.iri))


def _dataset(service: NamedNode, description: Description) -> Iterator[Triple]:
    dataset, default = BlankNode("dataset"), BlankNode("default")
    yield Triple(service, _sd("defaultDataset"), dataset)
    yield Triple(dataset, _TYPE, _sd("Dataset"))
    yield Triple(dataset, _sd("defaultGraph"), default)
    yield Triple(default, _TYPE, _sd("Graph"))
    if description.default_triples is not None:
        yield Triple(default, NamedNode(VOID + "triples"), _count(description.default_triples))
    for number, graph in enumerate(description.graphs):
        named, content = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        yield Triple(dataset, _sd("namedGraph"), named)
        yield Triple(named, _TYPE, _sd("NamedGraph"))
        yield Triple(named, _sd("name"), NamedNode(graph.iri))
        if graph.triples is not None:
            yield Triple(named, _sd("graph"), content)
            yield Triple(content, _TYPE, _sd("Graph"))
            yield Triple(content, NamedNode(VOID + "triples"), _count(graph.triples))


def _count(number: int) -> Literal:
    return Literal(str(number), datatype=_INTEGER)


def _sd(name: str) -> NamedNode:
    return NamedNode(SD + name)
