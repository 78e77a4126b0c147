"""What a SPARQL server can do for a repository, tried out in a graph that is removed afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from escrgraph.repository.errors import RepositoryError, TooLarge
from escrgraph.repository.remote.addresses import silent_cap, square
from escrgraph.repository.remote.client import Address, Dataset, Server
from escrgraph.repository.remote.literals import comparable
from escrgraph.repository.remote.mirror import Mirror
from escrgraph.repository.remote.places import Places
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import XSD

LEAST_ROWS = 1_000
"""Rows that one answer must hold for the service to work: pages and the mirror ask for as many."""

_SAMPLES = (
    Literal("plain"), Literal("a\n\"b\" \\ c"), Literal("ñ س 😀", language="es"), Literal("tag", language="en-GB"),
    Literal("x" * 50_000), Literal("true", datatype=NamedNode(XSD + "boolean")),
    Literal("1.50", datatype=NamedNode(XSD + "decimal")), Literal("2020", datatype=NamedNode(XSD + "gYear")),
    Literal("2020-02-29", datatype=NamedNode(XSD + "date")),
    Literal("2020-05-03T10:00:00Z", datatype=NamedNode(XSD + "dateTime")),
    Literal("P1D", datatype=NamedNode(XSD + "duration")),
    Literal("99999999999999999999", datatype=NamedNode(XSD + "integer")),
    Literal("1985-04~", datatype=NamedNode("http://id.loc.gov/datatypes/edtf/EDTF")),
)  # fmt: skip
_EXTRAS = (
    ("paths with * or + whose two ends are free", "SELECT * WHERE { ?a <urn:escrgraph:none>* ?b }"),
    ("HAVING on a name that SELECT gives", "SELECT ?s (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?s HAVING(?n > 9)"),
    ("EXISTS in an expression", "SELECT (EXISTS { ?s ?p ?o } AS ?b) WHERE { }"),
    ("BNODE()", "SELECT (BNODE() AS ?b) WHERE { }"),
    ("functions of what is not there", "SELECT ?y WHERE { ?s ?p ?o OPTIONAL { ?s <urn:escrgraph:none> ?d } "
     "BIND(YEAR(?d) AS ?y) }"),
    ("LATERAL, an extension that pages do not need", "SELECT * WHERE { ?s ?p ?o LATERAL { SELECT ?s WHERE { ?s ?q ?r } "
     "LIMIT 1 } }"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """What one trial showed. fit: whether a service can work with it; told: a sentence."""

    fit: bool
    told: str


def check(address: Address) -> Iterator[Finding]:
    """Try a server out, one finding at a time; what it lacks for a service comes as one that is not fit."""
    try:
        with Server(address) as server:
            yield Finding(True, f"{address.url} answers: {server.server.strip() or 'it does not say what it is'}.")
            yield Finding(True, f"The profile is {server.profile.name}.")
            yield from _Trial(server, Base(address.base)).all()
    except RepositoryError as error:
        yield Finding(False, str(error))


class _Trial:
    def __init__(self, server: Server, base: Base) -> None:
        self._server = server
        self._base = base
        self._graph = base.graph(f"scratch-{secrets.token_hex(8)}")
        self._only = Dataset((self._graph,), (self._graph,))

    def all(self) -> Iterator[Finding]:
        """Every trial; the graph is removed whatever happens."""
        try:
            self._server.update(f"INSERT DATA {{ GRAPH <{self._graph}> {{ <urn:s> <urn:p> <urn:o> }} }}")
        except RepositoryError as error:
            yield Finding(False, f"It takes no updates: {error}")
            return
        try:
            yield Finding(True, "It takes updates.")
            for trial in (self._datasets, self._rows, self._literals, self._extras, self._state):
                yield from _told(trial)
        finally:
            self._server.update(f"CLEAR SILENT GRAPH <{self._graph}>")
        yield _verdict("A graph that is cleared is gone.", not self._server.ask("{ ?s ?p ?o }", self._only))

    def _datasets(self) -> Iterator[Finding]:
        server, nothing = self._server, self._base.graph("nothing")
        asked = "{ <urn:s> <urn:p> <urn:o> }"
        named = f"{{ GRAPH <{self._graph}> {{ ?s ?p ?o }} }}"
        shown = f"SELECT ?s WHERE {named}"
        yield _verdict("default-graph-uri says what the default graph is.", server.ask(asked, self._only))
        elsewhere = Dataset((nothing,), (nothing,))
        yield _verdict("It reads no graph that a request does not name.", not server.ask(asked, elsewhere))
        hidden = not server.select(shown, elsewhere).rows and bool(server.select(shown, self._only).rows)
        yield _verdict("named-graph-uri says which graphs GRAPH goes through.", hidden)
        if hidden and server.ask(named, elsewhere):
            yield Finding(
                True,
                "Yet it tells whether a graph that a request does not name holds something. Keep nothing on this "
                "server that the public must not know, or let its account for queries read these graphs alone.",
            )

    def _rows(self) -> Iterator[Finding]:
        cap = silent_cap(self._server)
        if cap:
            yield _verdict(
                f"It cuts answers at {cap:,} rows and does not say so; they are refused here.", cap > LEAST_ROWS
            )
            return
        try:
            self._server.select(square())
        except TooLarge as error:
            yield Finding(True, f"It cuts long answers and says so; they are refused here. {error}")
        else:
            yield Finding(True, "It gives ten thousand rows at once.")

    def _literals(self) -> Iterator[Finding]:
        for sample in _SAMPLES:
            shown = str(sample) if len(sample.value) < 60 else f"one of {len(sample.value):,} characters"
            kept = self._server.profile.kept(sample)
            subject = f"<urn:literal:{secrets.token_hex(4)}>"
            try:
                self._server.update(f"INSERT DATA {{ GRAPH <{self._graph}> {{ {subject} <urn:p> {kept} }} }}")
                rows = self._server.select(f"SELECT ?o WHERE {{ {subject} <urn:p> ?o }}", self._only).rows
            except RepositoryError as error:
                yield Finding(False, f"It does not take the literal {shown}: {error}")
                continue
            found = rows[0][0] if rows else None
            if found is None or comparable(found) != comparable(kept):
                yield Finding(False, f"The literal {shown} comes back as {str(found)[:80]}.")
            elif kept != sample:
                yield Finding(True, f"The literal {shown} is kept as plain text, which its profile says.")
            elif str(found) != str(sample):
                yield Finding(True, f"The literal {shown} comes back as {found}, which is the same value.")

    def _extras(self) -> Iterator[Finding]:
        for name, query in _EXTRAS:
            try:
                self._server.select(query, self._only, 10)
            except RepositoryError:
                yield Finding(True, f"It does not know {name}; queries of the public that need it are declined.")

    def _state(self) -> Iterator[Finding]:
        state = Mirror(self._server, self._base).state()
        graphs = Places(self._base)
        if state is None:
            yield Finding(True, f"It holds no repository of {self._base.iri} yet ({graphs.state}).")
        else:
            yield Finding(True, f"It holds change {state.number} of a repository of {self._base.iri}.")


def _told(trial: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from trial()
    except RepositoryError as error:
        yield Finding(False, str(error))


def _verdict(told: str, fit: bool) -> Finding:
    return Finding(fit, told if fit else f"This is not so: {told[0].lower()}{told[1:]}")
