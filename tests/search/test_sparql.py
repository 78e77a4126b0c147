"""The search inside SPARQL is read as SPARQL is written, and answers as the search does."""

from __future__ import annotations

import pytest
from pyoxigraph import QuerySolutions, Store
from tests.search.worlds import BASE, World, records

from escrgraph.repository.errors import Malformed, RepositoryError, Unavailable
from escrgraph.repository.lexer import check
from escrgraph.search.asking import Found, Hit, Selection
from escrgraph.search.sparql import MOST, SERVICE, TERMS, USUAL, with_search

PREFIXES = f"PREFIX search: <{TERMS}> PREFIX escr: <https://w3id.org/escrgraph/def/> "
FOUND = Found(7, 12, (Hit("right/food", 3.25), Hit("country/mex", 1.0)), ())


class Asked:
    """Answers the same to everything, and keeps what it was asked."""

    def __init__(self, error: Exception | None = None) -> None:
        self.calls: list[tuple[Selection, int]] = []
        self.error = error

    def __call__(self, selection: Selection, most: int) -> Found:
        self.calls.append((selection, most))
        if self.error:
            raise self.error
        return FOUND


def rows(query: str) -> list[tuple[str, ...]]:
    check(query)
    found = Store().query(query)
    assert isinstance(found, QuerySolutions)
    return [tuple(term.value if term else "" for term in row) for row in found]


FOOD, MEXICO = f"{BASE.iri}id/right/food", f"{BASE.iri}id/country/mex"


@pytest.mark.parametrize(
    "clause",
    [
        f'SERVICE <{SERVICE}> {{ ?r search:query "food" ; search:score ?s }}',
        f'service silent <{SERVICE}> {{ ?r search:query "food"@en ; search:score ?s ; . }}',
        "SERVICE escr:search { ?r search:score ?s ; <" + TERMS + "query> '''food''' . }",
        'SERVICE escr:search {\n  # "}" in a comment\n  ?r search:query "fo\\u006fd" ;\n search:score ?s .\n}',
    ],
)
def test_a_clause_gives_what_the_index_finds(clause: str) -> None:
    asked = Asked()
    query = with_search(f"{PREFIXES} SELECT ?r ?s {{ {clause} }} ORDER BY DESC(?s)", BASE, asked)
    assert [(r, float(s)) for r, s in rows(query)] == [(FOOD, 3.25), (MEXICO, 1.0)]
    assert asked.calls == [(Selection("food"), USUAL)]


def test_limit_types_and_total_are_said_in_the_clause() -> None:
    asked = Asked()
    clause = 'SERVICE escr:search { ?r search:query "a" ; search:limit 7 ; search:type "right" ; search:total ?t }'
    query = with_search(f"{PREFIXES} SELECT ?r ?t {{ {clause} }}", BASE, asked)
    assert rows(query) == [(FOOD, "12"), (MEXICO, "12")]
    assert asked.calls == [(Selection("a", ("right",)), 7)]


def test_it_joins_with_the_rest_wherever_it_stands() -> None:
    clause = 'SERVICE escr:search { ?r search:query "a" }'
    where = f"VALUES ?r {{ <{FOOD}> }} {{ SELECT ?r {{ {clause} }} }} FILTER EXISTS {{ {clause} }}"
    query = f"{PREFIXES} SELECT ?r {{ {where} }}"
    assert rows(with_search(query, BASE, Asked())) == [(FOOD,)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://example.org/sparql> { ?s ?p ?o } }",
        "SELECT * { SERVICE <https://w3id.org/escrgraph/def/search2> { ?s ?p ?o } }",
        "SELECT * { SERVICE ?search { ?s ?p ?o } }",
        f"PREFIX x: <http://example.org/> SELECT * {{ SERVICE x:search {{ ?s ?p ?o }} # SERVICE <{SERVICE}> {{}}\n }}",
    ],
)
def test_every_other_service_stays_and_is_declined(query: str) -> None:
    assert with_search(query, BASE, Asked()) == query
    with pytest.raises(RepositoryError, match="another server"):
        check(query)


@pytest.mark.parametrize(
    "query",
    [
        f'SELECT * {{ ?s ?p "SERVICE <{SERVICE}> {{ ?r search:query 1 }}" }}',
        f"SELECT * {{ ?s ?p ?o }} # SERVICE <{SERVICE}> {{ }}",
        "SELECT ?search { ?search a ?service }",
    ],
)
def test_what_only_looks_like_a_clause_is_none(query: str) -> None:
    assert with_search(query, BASE, Asked()) == query


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "?r search:score ?s",
        "?r search:query ?words",
        "<http://example.org/> search:query 'a'",
        "?r search:query 'a' ; search:limit 0",
        f"?r search:query 'a' ; search:limit {MOST + 1}",
        "?r search:query 'a' ; search:limit 'ten'",
        "?r search:query 'a' ; search:type 'nothing'",
        "?r search:query 'a' ; search:colour ?c",
        "?r other:query 'a'",
        "?r search:query 'a' . ?x search:query 'b'",
        "?r search:query 'a' ; search:score",
        "?r search:query 'a' FILTER(?r = ?r)",
    ],
)
def test_a_clause_that_says_something_else_is_explained(inside: str) -> None:
    with pytest.raises(Malformed, match="Write it so: PREFIX search:") as told:
        with_search(f"{PREFIXES}\nSELECT * {{\n  SERVICE escr:search {{ {inside} }} }}", BASE, Asked())
    assert told.value.line == 3


def test_a_clause_without_an_end_is_explained() -> None:
    with pytest.raises(Malformed):
        with_search(f"SELECT * {{ SERVICE <{SERVICE}> {{ ?r", BASE, Asked())
    with pytest.raises(Malformed):
        with_search(f"SELECT * {{ SERVICE <{SERVICE}>", BASE, Asked())


def test_many_clauses_have_one_limit_together() -> None:
    clause = f'SERVICE escr:search {{ ?r search:query "a" ; search:limit {MOST} }} '
    with pytest.raises(Malformed, match="together"):
        with_search(f"{PREFIXES} SELECT * {{ {clause * 2} }}", BASE, Asked())


def test_a_silent_clause_is_left_out_when_the_index_is_not_there() -> None:
    clause = 'SERVICE {} escr:search {{ ?r search:query "a" }}'
    failing = Asked(Unavailable("not yet"))
    assert len(rows(with_search(f"{PREFIXES} SELECT ?r {{ {clause.format('SILENT')} }}", BASE, failing))) == 1
    with pytest.raises(Unavailable):
        with_search(f"{PREFIXES} SELECT ?r {{ {clause.format('')} }}", BASE, failing)


def test_lines_after_a_clause_keep_their_numbers() -> None:
    clause = 'SERVICE escr:search {\n ?r search:query "a" ;\n search:limit 5\n}'
    query = with_search(f"{PREFIXES}\nSELECT * {{ {clause}\n ?r ?p }}", BASE, Asked())
    with pytest.raises(SyntaxError, match="error at 6:"):
        Store().query(query)


def test_the_library_answers_it(shipped: World) -> None:
    clause = (
        'SERVICE escr:search { ?r search:query "presupuesto salud México" ; search:score ?score ; search:limit 20 }'
    )
    query = f"{PREFIXES} SELECT ?r {{ {clause} }} ORDER BY DESC(?score)"

    def find(selection: Selection, most: int) -> Found:
        return shipped.searcher.search(selection, size=most, facets=False)

    expected = records(find(Selection("presupuesto salud México"), 20))
    assert sorted(row[0] for row in rows(with_search(query, BASE, find))) == sorted(map(BASE.record_iri, expected))
