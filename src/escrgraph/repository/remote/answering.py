"""Answering from a remote server: a query is read here, evaluated there, and written here in the format asked for.

Graphs are asked for as tables and made of their rows here, since only of a table can it be known that it is whole.
Dumps come from the snapshot on this machine, which is as the change log says to the letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    Variable,
)

from escrgraph.repository import evaluation, lexer
from escrgraph.repository.errors import Declined, Malformed, Unavailable
from escrgraph.repository.evaluation import Output
from escrgraph.repository.remote.client import Address, Dataset, Refused, Row, Server, Table, Term
from escrgraph.repository.remote.places import Places
from escrgraph.repository.remote.standard import Form, filled, formed
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import XSD

DESCRIBED = 200
"""Things that are described by one query."""

_BOOLEAN = XSD + "boolean"
_TRUTH = {"1": "true", "0": "false"}
_NAMELESS = "urn:escrgraph:nameless:"


class Remote:
    """An engine in front of a server. snapshot: the directory of the same generation on this machine."""

    def __init__(self, address: Address, snapshot: str) -> None:
        self._address = address
        self._places = Places(Base(address.base))
        self._snapshot = snapshot
        self._empty = Store()

    def evaluate(self, generation: int, query: Mapping[str, Any], output: Output) -> None:
        """Evaluate one query into the output. Raises RepositoryError for what is not answered."""
        text = query["text"]
        self._check(text, query)
        form = formed(filled(text, query.get("substitutions") or {}), query.get("base"))
        if form.default is None and lexer.names_dataset(text):
            raise Declined("FROM stands where it cannot be read here. Put it right before WHERE.")
        try:
            results = self._results(form, self._dataset(query, form))
        except Refused as error:
            raise self._told(error) from error
        evaluation.write(results, generation, query["formats"], output)

    def dump(self, generation: int, asked: Mapping[str, Any], output: Output) -> None:
        """Write graphs whole, from this machine."""
        evaluation.dump(self._local, generation, asked, output)

    @cached_property
    def _local(self) -> Store:
        return Store.read_only(self._snapshot)

    @cached_property
    def _named(self) -> tuple[str, ...]:
        return self._places.named(self._local)

    @cached_property
    def _server(self) -> Server:
        return Server(self._address)

    def _check(self, text: str, query: Mapping[str, Any]) -> None:
        """See that the query is SPARQL. An empty store reads it: its complaints have places, and cost nothing."""
        lexer.check(text)
        values = {Variable(name): evaluation.term(value) for name, value in query.get("substitutions", {}).items()}
        try:
            self._empty.query(text, base_iri=query.get("base"), substitutions=values)
        except SyntaxError as error:
            raise evaluation.malformed(str(error), text) from None
        except ValueError as error:
            raise Malformed(f"The query cannot be evaluated: {error}") from None

    def _dataset(self, query: Mapping[str, Any], form: Form) -> Dataset:
        default, named = query.get("default_graphs"), query.get("named_graphs")
        if default is None and named is None:
            default, named = form.default, form.named
        if default is None and named is None:
            return self._places.dataset(self._named)
        return self._places.asked(default, named, self._named)

    def _results(self, form: Form, dataset: Dataset) -> QuerySolutions | QueryBoolean | QueryTriples:
        if form.kind == "ASK":
            yes = self._server.ask(f"{form.prologue}ASK {form.rest}", dataset, self._address.deadline)
            return self._empty.query("ASK {}" if yes else "ASK { FILTER(false) }")
        if form.kind == "SELECT":
            table = self._server.select(f"{form.prologue}SELECT {form.rest}", dataset, self._address.deadline)
            return _results(f"SELECT {_names(table)} WHERE {{ {_values(table)} }}", self._empty)
        if form.kind == "DESCRIBE":
            return self._described(form, dataset)
        variables = form.variables()
        asked = " ".join(variables) or "(1 AS ?one)"
        table = self._server.select(f"{form.prologue}SELECT {asked} {form.rest}", dataset, self._address.deadline)
        return _results(f"{form.prologue}CONSTRUCT {form.template} WHERE {{ {_values(table)} }}", self._empty)

    def _described(self, form: Form, dataset: Dataset) -> QuerySolutions | QueryBoolean | QueryTriples:
        """Every statement about the things; servers differ in what they describe."""
        things = [thing for thing in form.asked if not thing.startswith("?") and thing != "*"]
        asked = " ".join(thing for thing in form.asked if thing.startswith("?") or thing == "*")
        if asked:
            found = self._server.select(
                f"{form.prologue}SELECT DISTINCT {asked} {form.rest}", dataset, self._address.deadline
            )
            named = (term for row in found.rows for term in row if isinstance(term, NamedNode))
            things += dict.fromkeys(str(term) for term in named)
        rows: list[Row] = []
        for start in range(0, len(things), DESCRIBED):
            values = " ".join(things[start : start + DESCRIBED])
            text = f"{form.prologue}SELECT ?s ?p ?o WHERE {{ VALUES ?s {{ {values} }} ?s ?p ?o }}"
            rows += self._server.select(text, dataset, self._address.deadline).rows
        table = Table(("s", "p", "o"), rows)
        return _results(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {_values(table)} }}", self._empty)

    def _told(self, error: Refused) -> Declined | Unavailable:
        if error.code in {401, 403}:
            return Unavailable("The SPARQL server behind this service does not let it in. Its operator is needed.")
        return Declined(
            f"The query is SPARQL 1.1, but the server behind this service does not evaluate it. It says: {error.words}"
        )


def engine(snapshot: str) -> Remote:
    """The engine of a query worker, from what its process was started with."""
    address = Address.given()
    if address is None:
        raise Unavailable("This process was told of no SPARQL server.")
    return Remote(address, snapshot)


def _results(text: str, store: Store) -> QuerySolutions | QueryBoolean | QueryTriples:
    return store.query(text)


def _names(table: Table) -> str:
    return " ".join(f"?{name}" for name in table.names) or "(1 AS ?one)"


def _values(table: Table) -> str:
    """The rows as a data block."""
    if not table.names:
        return "" if table.rows else "FILTER(false)"
    rows = "\n".join(f"({' '.join(map(_written, row))})" for row in table.rows)
    return f"VALUES ({' '.join(f'?{name}' for name in table.names)}) {{\n{rows}\n}}"


def _written(term: Term | None) -> str:
    if term is None:
        return "UNDEF"
    if isinstance(term, BlankNode):  # which no data block can hold; the library has none
        return f"<{_NAMELESS}{term.value}>"
    if isinstance(term, Literal) and term.datatype.value == _BOOLEAN:
        return _TRUTH.get(term.value, term.value)
    return str(term)
