"""Stores to ask questions of, filled as the writer fills them, and answers in a form that tests can compare."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    Variable,
    parse,
)

from escrgraph.repository.inference import Inference, read_rules
from escrgraph.repository.questions import Question, read_questions
from escrgraph.repository.releases import by_record
from escrgraph.repository.store import MergedStore, normalised
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import compact, prologue

HOME = Base()
ELSEWHERE = Base("https://rights.example.org/repository/")
GALLERY = read_questions(shipped.path("queries"))

Row = tuple[str, ...]
Term = NamedNode | BlankNode | Literal | Triple


class World:
    """A store with some quads and what follows from them."""

    def __init__(self, directory: Path, quads: Iterable[Quad], base: Base = HOME) -> None:
        self.base = base
        self.questions = read_questions(shipped.path("queries"), base)
        self._merged = MergedStore(directory, base)
        public = normalised(quads)
        inferred = Inference(base, read_rules(shipped.rule_files())).of(_records(public, base))
        self._merged.apply(1, [*public, *normalised(inferred)], [])

    def close(self) -> None:
        """Close the store."""
        self._merged.close()

    def rows(self, name: str, **values: str) -> list[Row]:
        """The answer to a question, row by row, as short texts; columns that repeat a parameter are left out."""
        question = self.questions[name]
        answer = self._asked(question, values)
        assert isinstance(answer, QuerySolutions)
        echoed = {parameter.name for parameter in question.parameters}
        columns = [variable for variable in answer.variables if variable.value not in echoed]
        return [tuple(self.short(row[column]) for column in columns) for row in answer]

    def triples(self, name: str, **values: str) -> list[Row]:
        """The graph with which a question is answered."""
        answer = self._asked(self.questions[name], values)
        assert isinstance(answer, QueryTriples)
        return [(self.short(t.subject), self.short(t.predicate), self.short(t.object)) for t in answer]

    def answer(self, name: str) -> list[Row]:
        """The answer to a question of either form, with its defaults."""
        form = self.triples if "CONSTRUCT" in self.questions[name].text else self.rows
        return form(name)

    def select(self, query: str) -> list[Row]:
        """The rows of any SELECT."""
        answer = self._merged.store.query(query)
        assert isinstance(answer, QuerySolutions)
        return [tuple(self.short(term) for term in row) for row in answer]

    def short(self, term: Term | None) -> str:
        """A term in short: country/gtm for a record, graph/links for a graph, escr:Finding, the value of a literal."""
        if isinstance(term, NamedNode):
            ours = self.base.owns(term.value)
            return term.value[len(self.base.iri) :].removeprefix("id/") if ours else compact(term.value)
        return term.value if isinstance(term, Literal) else ""

    def _asked(self, question: Question, values: dict[str, str]) -> object:
        bound: dict[Variable, Term] = {Variable(name): term for name, term in question.bind(values).items()}
        return self._merged.store.query(question.text, base_iri=self.base.iri + "sparql", substitutions=bound)


def written(graph: str, turtle: str) -> list[Quad]:
    """Quads of a graph from Turtle with the project's prefixes; relative addresses begin at the base."""
    parsed = parse(prologue() + turtle, RdfFormat.TURTLE, base_iri=HOME.iri)
    return [Quad(q.subject, q.predicate, q.object, NamedNode(HOME.graph(graph))) for q in parsed]


def _records(quads: Collection[Quad], base: Base) -> dict[str, frozenset[Quad]]:
    return {name: own for name, own in by_record(quads, base).items() if not name.startswith(("http:", "https:"))}
