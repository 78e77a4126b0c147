"""The queries behind the pages: files in `queries/pages/`, bound by parameters and read into terms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results

from escrgraph.repository.formats import Mode
from escrgraph.repository.questions import read_question
from escrgraph.repository.readers import Formats, Query, Term
from escrgraph.service import Service
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.facts import Facts
from escrgraph.vocabulary.iris import Base
from escrgraph.web.sparql_text import values

_FORMATS = Formats(QueryResultsFormat.JSON.media_type, None, RdfFormat.N_TRIPLES.media_type)

_HOME = Base()
_OPTIONAL = re.compile(r"LATERAL \{ (OPTIONAL \{.*\}) \}$", re.MULTILINE)

Solution = dict[str, NamedNode | Literal]


@dataclass(frozen=True, slots=True)
class Asked:
    """The answers to the queries of one page, all from one generation, in the order asked."""

    generation: int
    bodies: Sequence[bytes]

    def facts(self, index: int) -> Facts:
        """The triples that the query at `index` constructed."""
        return Facts(parse(self.bodies[index], RdfFormat.N_TRIPLES))

    def solutions(self, index: int) -> list[Solution]:
        """The rows of the query at `index`; what is unbound is absent."""
        results = parse_query_results(self.bodies[index], QueryResultsFormat.JSON)
        if not isinstance(results, QuerySolutions):
            raise TypeError("a page asked a query that has no rows")
        names = [variable.value for variable in results.variables]
        rows = (zip(names, row, strict=True) for row in results)
        return [{name: term for name, term in row if isinstance(term, NamedNode | Literal)} for row in rows]


@cache
def text_of(name: str, base: Base = _HOME, standard: bool = False) -> str:
    """The text of a query behind pages. base: where the records of the repository begin; the text is rebased to it.

    standard: as an engine takes it that knows SPARQL 1.1 and no extension of it.
    """
    directory = shipped.path("queries/pages")
    other = directory / "standard" / f"{name}.rq"
    if not standard:
        return read_question(directory / f"{name}.rq", base).text
    text = read_question(other if other.exists() else directory / f"{name}.rq", base).text
    # What stands in these groups is joined by what they share, so that where they look for it is all that LATERAL says.
    return _OPTIONAL.sub(r"\1", text).replace("LATERAL {", "{")


def page_query(
    service: Service,
    name: str,
    parameters: Mapping[str, Term] | None = None,
    formats: Formats = _FORMATS,
    lists: Mapping[str, Iterable[NamedNode | Literal]] | None = None,
) -> Query:
    """A query behind pages with its parameters. A plain store has no merge, so there all graphs are read together.

    lists: variable -> the terms that stand in the place of those in its VALUES block.
    """
    union = service.settings.default_graph is Mode.OWN
    text_ = text_of(name, service.base, service.settings.remote)
    for variable, terms in (lists or {}).items():
        text_ = with_list(text_, variable, terms)
    return Query(text_, parameters or {}, formats=formats, union=union)


def with_list(query: str, variable: str, terms: Iterable[NamedNode | Literal]) -> str:
    """A query with other terms in its one block `VALUES ?variable { … }`. Raises LookupError where there is none."""
    blocks = list(re.finditer(rf"VALUES \?{variable} \{{[^{{}}]*\}}", query))
    if len(blocks) != 1:
        raise LookupError(f"the query has {len(blocks)} blocks of values for ?{variable}, and one is needed")
    start, end = blocks[0].span()
    return f"{query[:start]}VALUES ?{variable} {{ {values(terms)} }}{query[end:]}"


def ask(service: Service, queries: Sequence[Query]) -> Asked:
    """Ask the queries of a page together. Raises RepositoryError."""
    bodies = service.pages.ask_all(queries)
    return Asked(bodies.generation, bodies)


def text(solution: Solution, name: str) -> str:
    """The text of a term in a row; empty when unbound."""
    term = solution.get(name)
    return term.value if term is not None else ""


def labels_in(solutions: Sequence[Solution], thing: str = "thing", label: str = "label") -> list[tuple[str, Literal]]:
    """Pairs of a thing and a name of it."""
    found = []
    for row in solutions:
        name = row.get(label)
        if isinstance(name, Literal):
            found.append((text(row, thing), name))
    return found
