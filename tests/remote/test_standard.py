"""Queries and literals as any server takes them: read off their tokens, without a server."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Store, Variable

from escrgraph.repository.lexer import words
from escrgraph.repository.remote.client import Address, Table
from escrgraph.repository.remote.literals import comparable
from escrgraph.repository.remote.profiles import DEFAULT, PROFILES, VIRTUOSO, recognised
from escrgraph.repository.remote.standard import filled, formed
from escrgraph.repository.remote.stepping import completed, steps
from escrgraph.vocabulary import shipped
from escrgraph.web.page_queries import text_of

XSD = "http://www.w3.org/2001/XMLSchema#"
NAMES = sorted(path.stem for path in shipped.path("queries/pages").glob("*.rq"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT ?x ?y { ?x ?p ?y }", "SELECT (<urn:x> AS ?x) ?y { <urn:x> ?p ?y }"),
        ("SELECT $x { $x ?p '?x' } # ?x", "SELECT (<urn:x> AS ?x) { <urn:x> ?p '?x' } # ?x"),
        ("ASK { { SELECT ?x ?y { ?x ?p ?y } } }", "ASK { { SELECT  ?y { <urn:x> ?p ?y } } }"),
        ("SELECT (COUNT(?y) AS ?n) { ?x ?p ?y } GROUP BY ?x", "SELECT (COUNT(?y) AS ?n) { <urn:x> ?p ?y } "),
        (
            "SELECT ?n { { SELECT (STR(?x) AS ?n) { ?s ?p ?o } ORDER BY ?x DESC(?x) } }",
            "SELECT ?n { { SELECT (STR(<urn:x>) AS ?n) { ?s ?p ?o } ORDER BY  DESC(<urn:x>) } }",
        ),
        ("CONSTRUCT { ?x a ?x } WHERE { ?xy a ?x }", "CONSTRUCT { <urn:x> a <urn:x> } WHERE { ?xy a <urn:x> }"),
    ],
)
def test_a_term_takes_the_place_of_its_variable(text: str, expected: str) -> None:
    assert filled(text, {"x": "<urn:x>"}) == expected


def test_no_value_changes_the_query() -> None:
    value = Literal('" } DROP ALL # {\n')
    (row,) = Store().query(filled("SELECT ?x { BIND(?x AS ?y) }", {"x": str(value)}))  # type: ignore[misc]
    assert row[Variable("x")] == value


def test_the_parts_of_a_query_are_told_apart() -> None:
    form = formed("PREFIX u: <urn:> CONSTRUCT { ?a u:p ?b } FROM u:g FROM NAMED <urn:n> WHERE { ?a ?p ?b } LIMIT 3")
    assert (form.kind, form.template, form.variables()) == ("CONSTRUCT", "{ ?a u:p ?b }", ("?a", "?b"))
    assert (form.default, form.named) == (("urn:g",), ("urn:n",))
    assert form.rest.split() == ["WHERE", "{", "?a", "?p", "?b", "}", "LIMIT", "3"]
    assert formed("CONSTRUCT WHERE { ?a ?p ?b }").template == "{ ?a ?p ?b }"
    assert formed("DESCRIBE <urn:a> ?b WHERE { ?b ?p ?o }").asked == ("<urn:a>", "?b")
    assert formed("ASK { ?s ?p ?o }").default is None


@pytest.mark.parametrize("name", NAMES)
def test_the_form_for_other_engines_needs_no_extension(name: str) -> None:
    text = text_of(name, standard=True)
    assert "LATERAL" not in words(text)
    Store().query(text)
    ours, theirs = formed(text_of(name)), formed(text)
    assert (theirs.kind, theirs.template) == (ours.kind, ours.template)


def test_what_would_be_lateral_is_gone_through_step_by_step() -> None:
    text = (
        "# lateral: SELECT ?a WHERE { ?a ?p ?x }\n# each: SELECT ?b WHERE { ?a ?q ?b }\nSELECT * { VALUES (?a ?b) { } }"
    )
    found = steps(text, {"x": "<urn:x>"})
    assert found is not None
    asked = []

    def ask(query: str) -> Table:
        asked.append(query)
        if len(asked) == 1:
            return Table(("a",), [(NamedNode("urn:1"),), (NamedNode("urn:2"),)])
        return Table(("b",), [(NamedNode(f"urn:b{len(asked)}"),)])

    rows = found.rows(ask)
    assert asked == [
        "SELECT ?a WHERE { ?a ?p <urn:x> }",
        "SELECT ?b WHERE { <urn:1> ?q ?b }",
        "SELECT ?b WHERE { <urn:2> ?q ?b }",
    ]
    assert (rows.names, len(rows.rows)) == (("a", "b"), 2)
    assert completed(found.query, "VALUES (?a) { (1) }") == "SELECT * { VALUES (?a) { (1) } }"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            Literal("1.50", datatype=NamedNode(XSD + "decimal")),
            Literal("1.5", datatype=NamedNode(XSD + "decimal")),
            True,
        ),
        (Literal("007", datatype=NamedNode(XSD + "integer")), Literal("7", datatype=NamedNode(XSD + "int")), True),
        (Literal("7", datatype=NamedNode(XSD + "integer")), Literal("8", datatype=NamedNode(XSD + "integer")), False),
        (Literal("1", datatype=NamedNode(XSD + "boolean")), Literal("true", datatype=NamedNode(XSD + "boolean")), True),
        (Literal("a", language="en-GB"), Literal("a", language="en-gb"), True),
        (Literal("a", language="en"), Literal("a"), False),
        (Literal("1"), Literal("1", datatype=NamedNode(XSD + "integer")), False),
        (
            Literal("2020-01-01T00:00:00.500Z", datatype=NamedNode(XSD + "dateTime")),
            Literal("2020-01-01T00:00:00.5+00:00", datatype=NamedNode(XSD + "dateTime")),
            True,
        ),
        (NamedNode("urn:a"), Literal("urn:a"), False),
    ],
)
def test_forms_of_one_value_are_one_and_others_are_not(one: Literal, other: Literal, same: bool) -> None:
    assert (comparable(one) == comparable(other)) is same


def test_what_a_server_would_refuse_is_sent_as_text() -> None:
    huge, day = Literal(str(1 << 63), datatype=NamedNode(XSD + "integer")), Literal("x", language="en")
    assert (VIRTUOSO.kept(huge), VIRTUOSO.kept(day)) == (Literal(str(1 << 63)), day)
    assert DEFAULT.kept(huge) == huge


def test_addresses_and_profiles() -> None:
    address = Address.read("http://me:p%40ss@host:8890/sparql")
    assert (address.url, address.user, address.password) == ("http://host:8890/sparql", "me", "p@ss")
    assert "p@ss" not in repr(address)
    assert VIRTUOSO.update_address(address.url) == "http://host:8890/sparql-auth"
    assert PROFILES["graphdb"].update_address("http://host/repositories/x") == "http://host/repositories/x/statements"
    assert DEFAULT.update_address(address.url) == address.url
    assert (recognised("Virtuoso/07.20"), recognised("nginx")) == (VIRTUOSO, DEFAULT)
