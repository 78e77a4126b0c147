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
)

from escrgraph.repository import evaluation, lexer
from escrgraph.repository.errors import Declined, Malformed, TooLarge, Unavailable
from escrgraph.repository.evaluation import Output
from escrgraph.repository.remote.client import Address, Dataset, Refused, Row, Server, Table
from escrgraph.repository.remote.literals import Term
from escrgraph.repository.remote.places import Places
from escrgraph.repository.remote.standard import Form, filled, formed
from escrgraph.repository.remote.stepping import Steps, completed, steps
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import XSD

DESCRIBED = 200
"""Things that are described by one query."""

_BOOLEAN = XSD + "boolean"
_TRUTH = {"1": "true", "0": "false"}
_Results = QuerySolutions | QueryBoolean | QueryTriples
_NAMELESS = "urn:escrgraph:nameless:"


class Remote:
    """An engine in front of a server. snapshot: the directory of the same generation on this machine."""

    def __init__(self, address: Address, snapshot: str) -> None:
        self._address = address
        self._places = Places(Base(address.base))
        self._local = Store.read_only(snapshot)  # now: its threads need room that a worker has no more once confined
        self._empty = Store()

    def evaluate(self, generation: int, query: Mapping[str, Any], output: Output) -> None:
        """Evaluate one query into the output. Raises RepositoryError for what is not answered."""
        values = {name: str(evaluation.term(value)) for name, value in (query.get("substitutions") or {}).items()}
        asked = filled(query["text"], values)
        self._check(asked, query.get("base"))
        form = formed(asked, query.get("base"))
        if form.default is None and lexer.names_dataset(asked):
            raise Declined("FROM stands where it cannot be read here. Put it right before WHERE.")
        try:
            dataset = self._dataset(query, form)
            stepped = steps(query["text"], values)
            results = self._stepped(stepped, form, dataset) if stepped else self._results(form, dataset)
        except Refused as error:
            raise self._told(error) from error
        evaluation.write(results, generation, query["formats"], output)

    def dump(self, generation: int, asked: Mapping[str, Any], output: Output) -> None:
        """Write graphs whole, from this machine."""
        evaluation.dump(self._local, generation, asked, output)

    @cached_property
    def _named(self) -> tuple[str, ...]:
        return self._places.named(self._local)

    @cached_property
    def _server(self) -> Server:
        return Server(self._address)

    def _check(self, text: str, base: str | None) -> None:
        """See that the query is SPARQL. An empty store reads it: its complaints have places, and cost nothing."""
        lexer.check(text)
        try:
            self._empty.query(text, base_iri=base)
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

    def _stepped(self, stepped: Steps, form: Form, dataset: Dataset) -> _Results:
        """The results of a query once its steps are taken."""
        prologue = formed(stepped.query).prologue
        found = stepped.rows(lambda step: self._select(prologue + step, dataset))
        if stepped.third and found.rows:
            found = self._select(prologue + completed(stepped.third, _values(found)), dataset)
        if not found.rows:
            return _results(stepped.query, self._empty)  # nothing fills its block
        return self._made(form, self._parted(stepped.query, found, dataset))

    def _parted(self, text: str, found: Table, dataset: Dataset) -> Table:
        """The rows of a query whose block is filled; asked for in parts, where they are too many for the server."""
        form = formed(completed(text, _values(found)))
        try:
            return self._table(form, dataset)
        except TooLarge:
            if len(found.rows) == 1:
                raise
            half = len(found.rows) // 2
            parts = (Table(found.names, found.rows[:half]), Table(found.names, found.rows[half:]))
            first, second = (self._parted(text, part, dataset) for part in parts)
            return Table(first.names, [*first.rows, *second.rows])

    def _results(self, form: Form, dataset: Dataset) -> _Results:
        if form.kind == "ASK":
            yes = self._server.ask(form.rest, dataset, self._address.deadline, form.prologue)
            return _results("ASK {}" if yes else "ASK { FILTER(false) }", self._empty)
        if form.kind == "DESCRIBE":
            return self._described(form, dataset)
        return self._made(form, self._table(form, dataset))

    def _table(self, form: Form, dataset: Dataset) -> Table:
        """The rows of a SELECT, or those that a CONSTRUCT makes its graph of."""
        asked = "" if form.kind == "SELECT" else " ".join(form.variables()) or "(1 AS ?one)"
        return self._select(f"{form.prologue}SELECT {asked} {form.rest}", dataset)

    def _made(self, form: Form, table: Table) -> _Results:
        if form.kind == "SELECT":
            return _results(f"SELECT {_names(table)} WHERE {{ {_values(table)} }}", self._empty)
        return _results(f"{form.prologue}CONSTRUCT {form.template} WHERE {{ {_values(table)} }}", self._empty)

    def _select(self, text: str, dataset: Dataset) -> Table:
        return self._server.select(text, dataset, self._address.deadline)

    def _described(self, form: Form, dataset: Dataset) -> _Results:
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
            rows += self._select(text, dataset).rows
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


def _results(text: str, store: Store) -> _Results:
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
