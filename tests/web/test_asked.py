"""“See this as SPARQL”: what the editor gets answers as the page did."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from pyoxigraph import Literal, NamedNode, Store
from tests.web.sites import Site

from escrgraph.repository.questions import read_question
from escrgraph.repository.readers import Query, Term
from escrgraph.repository.written_out import written_out
from escrgraph.vocabulary import shipped
from escrgraph.web.asked import asked_address

FILES = {str(path.relative_to(shipped.path("queries"))): path for path in shipped.query_files()}
EMPTY = {"open-calls.rq"}  # nothing is open on the day of its default
NAME = Literal('a"} DROP ALL # {')
ONE = NamedNode("http://example.org/1")


def said(body: bytes) -> list[str]:
    """The rows or triples of an answer, in no order."""
    if not body.startswith(b"{"):
        return sorted(body.decode().splitlines())
    return sorted(json.dumps(row, sort_keys=True) for row in json.loads(body)["results"]["bindings"])


@pytest.mark.parametrize("name", FILES)
def test_the_query_of_each_file_answers_alone_as_with_its_parameters(site: Site, name: str) -> None:
    question = read_question(FILES[name])
    values = question.bind()
    bodies = site.service.pages.ask_all([Query(question.text, values), Query(written_out(question.text, values))])
    bound, alone = (said(body) for body in bodies)
    assert alone == bound
    assert alone or not values or name in EMPTY
    assert "# param" not in written_out(question.text, values)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("SELECT ?x { ?x ?p ?o }", {"x": ONE}, "SELECT ?x { VALUES ?x { <http://example.org/1> } ?x ?p ?o }"),
        ("SELECT $x { $x ?p ?o }", {"x": ONE}, "SELECT $x { VALUES ?x { <http://example.org/1> } $x ?p ?o }"),
        ("SELECT ?xy { ?xy ?p '?x' }", {"x": ONE}, "SELECT ?xy { ?xy ?p '?x' }"),
        (
            "SELECT ?n { { SELECT ?n { FILTER(?n = 1) } } UNION { ?s ?p ?o } }",
            {"n": Literal(1)},
            "SELECT ?n { VALUES ?n { N } { SELECT ?n { VALUES ?n { N } FILTER(?n = 1) } } UNION { ?s ?p ?o } }",
        ),
        (
            "CONSTRUCT { ?n a ?n } WHERE { ?s ?p ?o }",
            {"n": Literal(1)},
            "CONSTRUCT { ?n a ?n } WHERE { VALUES ?n { N } ?s ?p ?o }",
        ),
        (
            "ASK { ?s ?p ?o FILTER NOT EXISTS { ?s ?q ?n } }",
            {"n": Literal(1)},
            "ASK { VALUES ?n { N } ?s ?p ?o FILTER NOT EXISTS { ?s ?q ?n } }",
        ),
        ("SELECT ?s { SERVICE <x:> { ?s <x:q> ?n } }", {"n": Literal(1)}, "SELECT ?s { SERVICE <x:> { ?s <x:q> N } }"),
        ("SELECT ?s { ?s ?p ?o VALUES ?o { 1 } }", {"n": Literal(1)}, "SELECT ?s { ?s ?p ?o VALUES ?o { 1 } }"),
    ],
)
def test_a_value_stands_where_its_variable_is_used(text: str, values: dict[str, Term], expected: str) -> None:
    number = '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'
    assert written_out(text, values) == expected.replace(" N ", f" {number} ") + "\n"


def test_no_value_changes_the_query() -> None:
    text = written_out("SELECT ?n ?s { ?s ?p ?n }", {"n": NAME})
    store = Store()
    store.update('INSERT DATA { <x:a> <x:p> "a\\"} DROP ALL # {" . <x:b> <x:p> "other" }')
    assert [row["s"] for row in store.query(text)] == [NamedNode("x:a")]


def test_the_head_gives_way_to_the_title() -> None:
    source = "# title: All there is\n# title@es: Todo\n# audience: member\n# param n: integer = 1\nASK { ?s ?p ?n }\n"
    assert written_out(source, {}) == "# All there is\nASK { ?s ?p ?n }\n"


def test_the_address_opens_the_editor_with_the_query(site: Site) -> None:
    query = Query("# title: A & B\nSELECT ?n { BIND(1 + ?n AS ?m) # 100 %\n}", {"n": Literal("+é#&")})
    address = asked_address(query)
    assert parse_qs(urlsplit(address).query) == {"query": [written_out(query.text, query.substitutions)]}
    page = site.page(address)
    assert page.xpath("string(//textarea)").strip() == written_out(query.text, query.substitutions).strip()
