"""From one request to the bytes of its answers: checked, evaluated and serialised against an open store."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, Protocol, cast

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    Variable,
    parse,
    serialize,
)

from escrgraph.repository import lexer, wire
from escrgraph.repository.errors import Malformed, RepositoryError, Unacceptable
from escrgraph.vocabulary.namespaces import PREFIXES

FIRST_FLUSH = 4 << 10
"""Bytes after which a client sees the beginning of an answer."""

FLUSH = 64 << 10
"""Bytes of every later packet of an answer."""

Term = NamedNode | BlankNode | Literal | Triple

_PLACE = re.compile(r"error at (\d+):(\d+): ")
_PREFIXED = (RdfFormat.TURTLE, RdfFormat.TRIG)
_KINDS = {"solutions": "a table of solutions", "boolean": "yes or no", "graph": "an RDF graph"}


class Sink(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> int:
        """Take bytes."""


class Answering(Sink, Protocol):
    """Where an answer goes: what it is, then its bytes."""

    def begin(self, head: Mapping[str, Any]) -> None:
        """An answer begins."""


class Engine(Protocol):
    """What answers queries and gives out graphs."""

    def evaluate(self, generation: int, query: Mapping[str, Any], output: Output, /) -> None:
        """Evaluate one query into the output. Raises RepositoryError for what is not answered."""

    def dump(self, generation: int, asked: Mapping[str, Any], output: Output, /) -> None:
        """Write graphs whole; see `dump`."""


class Output:
    """A file for bytes that leave in packets as soon as there are enough: the first early, the others large.

    The head goes with the first bytes, so that what fails before them is still an error and not half an answer.
    Writing waits while the client does not read; it raises wire.Broken when the client is gone.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._head: dict[str, Any] | None = None
        self._letter = b"H"
        self._buffer = bytearray()
        self._enough = FIRST_FLUSH

    def begin(self, head: Mapping[str, Any]) -> None:
        """A new answer begins; what is left of the one before goes out first."""
        self.send()
        self._head = dict(head)
        self._enough = FIRST_FLUSH

    def write(self, data: bytes) -> int:
        """Take bytes of the answer. What is enough for a packet waits for more: it may be the end, which goes along."""
        if len(self._buffer) >= self._enough:
            self.send()
            self._enough = FLUSH
        self._buffer += data
        return len(data)

    def flush(self) -> None:
        """Nothing: packets leave when they are full, or at the end."""

    def send(self) -> None:
        """Send what there is."""
        letter = b"D" if self._head is None else self._begin()
        with memoryview(self._buffer) as view:
            if letter != b"D" or view:
                wire.send_bytes(self._connection, letter, view[:FLUSH])
            for start in range(FLUSH, len(view), FLUSH):
                wire.send_bytes(self._connection, b"D", view[start : start + FLUSH])
        self._buffer.clear()

    def end(self, milliseconds: float) -> None:
        """Send the rest and the mark that the answer is whole; all in one packet when nothing was sent before."""
        if self._head is not None and len(self._buffer) <= FLUSH:
            self._head["milliseconds"] = round(milliseconds, 3)
            self.send()
        else:
            self.send()
            wire.send_bytes(self._connection, b'E{"milliseconds":%.3f}' % milliseconds)

    def _begin(self) -> bytes:
        beginning = self._letter + json.dumps(self._head).encode() + b"\n"
        self._head, self._letter = None, b"N"
        return beginning

    def fail(self, error: RepositoryError) -> None:
        """Send the error in place of what was not sent yet."""
        wire.send_bytes(self._connection, b"X" + json.dumps(wire.failure(error)).encode())


class Embedded:
    """A store of this machine, as an engine. merged: its default graph alone, where that is kept as well."""

    def __init__(self, store: Store, merged: Store | None = None) -> None:
        self._store = store
        self._merged = merged

    def evaluate(self, generation: int, query: Mapping[str, Any], output: Output) -> None:
        """Evaluate one query into the output. Raises RepositoryError for what is not answered."""
        alone = self._merged is not None and not _sees_named_graphs(query)
        evaluate(cast(Store, self._merged) if alone else self._store, generation, query, output)

    def dump(self, generation: int, asked: Mapping[str, Any], output: Output) -> None:
        """Write graphs whole; see `dump`."""
        dump(self._store, generation, asked, output)


def answer(engine: Engine, generation: int, request: bytes, connection: socket.socket) -> None:
    """Answer a request on the connection, whole or with an error. Raises wire.Broken when the client is gone."""
    started = time.perf_counter()
    output = Output(connection)
    try:
        asked = json.loads(request)
        if "dump" in asked:
            engine.dump(generation, asked["dump"], output)
        for query in asked.get("queries", ()):
            engine.evaluate(generation, query, output)
        output.end((time.perf_counter() - started) * 1000)
    except wire.Broken:
        raise
    except RepositoryError as error:
        output.fail(error)
    except RuntimeError as error:  # a function that does not exist, for example
        output.fail(Malformed(f"The query cannot be evaluated: {error}."))
    except (OSError, ValueError, TypeError) as error:
        output.fail(RepositoryError(f"The request could not be answered: {error}"))


def evaluate(store: Store, generation: int, query: Mapping[str, Any], output: Output) -> None:
    """Evaluate one query into the output. Raises RepositoryError for what is not answered."""
    text = query["text"]
    lexer.check(text)
    try:
        results = store.query(
            text,
            base_iri=query.get("base"),
            substitutions={Variable(name): term(value) for name, value in query.get("substitutions", {}).items()},
            **_dataset(query, text),
        )
    except SyntaxError as error:
        raise malformed(str(error), text) from None
    except ValueError as error:  # an IRI of the dataset, the base, or a name to substitute that is none
        raise Malformed(f"The query cannot be evaluated: {error}") from None
    write(results, generation, query["formats"], output)


def write(
    results: QuerySolutions | QueryBoolean | QueryTriples,
    generation: int,
    formats: Mapping[str, str | None],
    output: Output,
) -> None:
    """Write results in the format that the client takes for their kind. Raises Unacceptable where there is none."""
    sink = cast(IO[bytes], output)
    if isinstance(results, QueryTriples):
        media_type = wanted(formats, "graph")
        rdf = rdf_format(media_type)
        output.begin(head(generation, "graph", media_type))
        if rdf in _PREFIXED:
            serialize(results, sink, rdf, prefixes=dict(PREFIXES))
        else:
            results.serialize(sink, rdf)
        return
    kind = "boolean" if isinstance(results, QueryBoolean) else "solutions"
    media_type = wanted(formats, kind)
    table = QueryResultsFormat.from_media_type(media_type)
    if table is None:
        raise Unacceptable(f"{media_type} cannot hold {_KINDS[kind]}, which is what this query gives.")
    output.begin(head(generation, kind, media_type))
    cast(QuerySolutions, results).serialize(sink, table)


def dump(store: Store, generation: int, asked: Mapping[str, Any], output: Answering) -> None:
    """Write graphs whole. asked: {"format": media type, "graph": IRI, "default" or null, "without": [IRI]}.

    graph null means the named graphs, all but those in "without"; where there are none, the default graph too.
    For a named graph that does not exist the kind of the answer is "absent", and it is empty.
    Raises Unacceptable when several graphs are asked for in a format that holds one.
    """
    media_type = asked["format"]
    rdf = rdf_format(media_type)
    graph = asked.get("graph")
    sink = cast(IO[bytes], output)
    if graph is not None:
        source = DefaultGraph() if graph == "default" else NamedNode(graph)
        if isinstance(source, NamedNode) and not store.contains_named_graph(source):
            output.begin(head(generation, "absent", media_type))
            return
        output.begin(head(generation, "graph", media_type))
        _one_graph(store, source, rdf, sink)
        return
    if not rdf.supports_datasets:
        raise Unacceptable(
            f"{media_type} holds one graph, and all of them are asked for. Name a graph, or take a format of quads."
        )
    output.begin(head(generation, "dataset", media_type))
    without = set(asked.get("without", ()))
    graphs: list[NamedNode | BlankNode | DefaultGraph] = [
        g for g in store.named_graphs() if not (isinstance(g, NamedNode) and g.value in without)
    ]
    if asked.get("default"):
        graphs.insert(0, DefaultGraph())
    if rdf == RdfFormat.N_QUADS:
        for each in graphs:
            store.dump(cast(IO[bytes], Lines(output, each)), RdfFormat.N_TRIPLES, from_graph=each)
    else:
        serialize(_quads(store, graphs), sink, rdf, prefixes=dict(PREFIXES))


class Lines:
    """Makes N-Quads of the N-Triples of one graph: a line feed stands nowhere but at the end of a statement."""

    def __init__(self, output: Sink, graph: NamedNode | BlankNode | DefaultGraph) -> None:
        self._output = output
        self._end = b" .\n" if isinstance(graph, DefaultGraph) else f" {graph} .\n".encode()
        self._rest = b""

    def write(self, data: bytes) -> int:
        """Take a piece of N-Triples that may end anywhere."""
        whole, line_feed, self._rest = (self._rest + data).rpartition(b"\n")
        self._output.write((whole + line_feed).replace(b" .\n", self._end))
        return len(data)

    def flush(self) -> None:
        """Nothing."""


def _quads(store: Store, graphs: Sequence[NamedNode | BlankNode | DefaultGraph]) -> Iterator[Quad]:
    for graph in graphs:
        yield from store.quads_for_pattern(None, None, None, graph)


def _one_graph(store: Store, graph: NamedNode | DefaultGraph, rdf: RdfFormat, sink: IO[bytes]) -> None:
    if rdf.supports_datasets:  # dump() would write every graph
        triples = (quad.triple for quad in store.quads_for_pattern(None, None, None, graph))
        serialize(triples, sink, rdf, prefixes=dict(PREFIXES))
    else:
        store.dump(sink, rdf, from_graph=graph, prefixes=dict(PREFIXES))


def malformed(message: str, text: str, what: str = "query") -> Malformed:
    """The engine's complaint about a text as a sentence with its place.

    What the engine expected there is left out: it names every rule of the grammar that it tried.
    """
    place = _PLACE.match(message)
    if not place:
        return Malformed(f"The {what} is not SPARQL 1.1: {message[:300]}")
    line, column = int(place[1]), int(place[2])
    prefix = lexer.undeclared_prefix(text)
    if prefix is not None:
        reason = f"the prefix “{prefix}” is not declared; add PREFIX {prefix} <…> at its beginning"
    else:
        here = "".join(text.splitlines(keepends=True)[line - 1 :][:1])
        before, after = here[: column - 1].strip()[-30:], here[column - 1 :].strip()[:30]
        reason = f"after “{before}” " + (f"comes “{after}”" if after else "something is missing")
    return Malformed(f"The {what} is not SPARQL 1.1: line {line}, column {column}: {reason}.", line, column)


def term(text: str) -> Term:
    """The term that is written so in N-Triples. Raises Malformed."""
    try:
        quads = list(parse(f"<urn:s> <urn:p> {text} .".encode(), RdfFormat.N_TRIPLES))
    except SyntaxError as error:
        raise Malformed(f"“{text[:100]}” is not a term in the syntax of N-Triples: {error}") from None
    if len(quads) != 1:
        raise Malformed(f"“{text[:100]}” is not one term.")
    return cast(Term, quads[0].object)


def _dataset(query: Mapping[str, Any], text: str) -> dict[str, Any]:
    # SPARQL 1.1 Protocol, section 2.1.4: graphs named by the request are the dataset, whatever the query says.
    default, named = query.get("default_graphs"), query.get("named_graphs")
    if default is not None or named is not None:
        return {
            "default_graph": [NamedNode(iri) for iri in default or ()],
            "named_graphs": [NamedNode(iri) for iri in named or ()],
        }
    # The union option would override a FROM clause, so it goes only where there is none.
    if query.get("union") and not lexer.names_dataset(text):
        return {"use_default_graph_as_union": True}
    return {}


def _sees_named_graphs(query: Mapping[str, Any]) -> bool:
    told = any(query.get(name) is not None for name in ("default_graphs", "named_graphs"))
    return told or bool(query.get("union")) or lexer.may_name_graphs(query["text"])


def head(generation: int, kind: str, media_type: str) -> dict[str, Any]:
    """What an answer begins with."""
    return {"generation": generation, "kind": kind, "media_type": media_type}


def wanted(formats: Mapping[str, str | None], kind: str) -> str:
    """The media type for a kind of result. Raises Unacceptable where the client takes none."""
    media_type = formats.get(kind)
    if media_type is None:
        raise Unacceptable(f"The query gives {_KINDS[kind]}, and none of the formats accepted can hold that.")
    return media_type


def rdf_format(media_type: str) -> RdfFormat:
    """The format of a media type. Raises Unacceptable where there is none."""
    rdf = RdfFormat.from_media_type(media_type)
    if rdf is None:
        raise Unacceptable(f"{media_type} is no RDF format known here.")
    return rdf
