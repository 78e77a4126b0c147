"""Ways to a wrong verdict with pySHACL, each closed: the verdict is that of a plain run over everything."""

from __future__ import annotations

import contextlib
import http.server
import re
from pathlib import Path

import pyshacl
import pytest
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, parse

from escrgraph.validation import BadShapes, core
from escrgraph.validation import rules as rules_module
from escrgraph.validation.convert import from_rdflib, graph_of, to_rdflib
from escrgraph.validation.core import check_core
from escrgraph.validation.neighbourhood import neighbourhood
from escrgraph.validation.rules import check_rules, check_rules_whole
from escrgraph.validation.shapes import Shapes, pattern_problem, shipped_shapes
from escrgraph.validation.whole import members
from escrgraph.vocabulary.facts import term
from escrgraph.vocabulary.namespaces import SH, XSD, prologue

HOME = "https://a.org/"
PREFIXES = (
    "".join(line.replace("PREFIX", "@prefix") + " .\n" for line in prologue().splitlines()) + f"@prefix : <{HOME}> .\n"
)
TARGET = ":S a sh:NodeShape ; sh:targetClass :T ; "


def shapes_of(text: str, ontology: str = "") -> Shapes:
    return Shapes(parse(PREFIXES + text, RdfFormat.TURTLE), parse(PREFIXES + ontology, RdfFormat.TURTLE))


def store_of(text: str) -> Store:
    store = Store()
    store.load(PREFIXES + text, format=RdfFormat.TURTLE)
    return store


def verdict(shapes: Shapes, store: Store, *nodes: str) -> set[tuple[str, str]]:
    """The verdict on some nodes, as the referee reaches it."""
    focus = {NamedNode(HOME + "S"): [HOME + node for node in nodes]}
    found = check_core(neighbourhood(store, focus, shapes), focus, shapes)
    return {(result.focus.removeprefix(HOME), result.component) for result in found}


def plain(shapes: Shapes, store: Store, *nodes: str) -> set[tuple[str, str]]:
    """The verdict of a plain pySHACL run over all data, on the same nodes."""
    _, report, _ = pyshacl.validate(graph_of(store) + shapes.class_graph, shacl_graph=graph_of(shapes.quads))
    sh = rdflib.Namespace(SH)
    found = set()
    for node in report.objects(None, sh.result):
        focus, component = report.value(node, sh.focusNode), report.value(node, sh.sourceConstraintComponent)
        found.add((str(focus).removeprefix(HOME), str(component).removeprefix(SH).removesuffix("ConstraintComponent")))
    return {pair for pair in found if pair[0] in nodes}


NESTED = [
    "sh:property [ sh:path :p ; sh:node :N ]",
    "sh:property [ sh:path :p ; sh:qualifiedValueShape :N ; sh:qualifiedMinCount 1 ]",
    "sh:property [ sh:path :p ; sh:or (:N [ sh:class :D ]) ]",
    "sh:property [ sh:path :p ; sh:not :N ]",
    "sh:property [ sh:path (:p :q) ; sh:minCount 1 ; sh:class :C ]",
    "sh:property [ sh:path [ sh:inversePath :q ] ; sh:maxCount 0 ]",
    "sh:property [ sh:path [ sh:zeroOrMorePath :p ] ; sh:class :C ]",
    "sh:property :named",
]


@pytest.mark.parametrize("nested", NESTED)
@pytest.mark.parametrize("value", [":bad", ":good"])
def test_focus_nodes_do_not_filter_what_is_nested(nested, value):
    shapes = shapes_of(
        TARGET + nested + " . :N a sh:NodeShape ; sh:property [ sh:path :name ; sh:minCount 1 ] . :named a "
        "sh:PropertyShape ; sh:path :p ; sh:class :C ; sh:maxCount 0 ."
    )
    store = store_of(f':x a :T ; :p {value} . :good :name "n" ; a :C ; :q :good . :bad a :D ; :q :x . :other a :T .')
    assert verdict(shapes, store, "x") == plain(shapes, store, "x")


def test_named_property_shapes_are_not_skipped():
    shapes = shapes_of(TARGET + "sh:property :named . :named a sh:PropertyShape ; sh:path :p ; sh:minCount 1 .")
    assert verdict(shapes, store_of(":x a :T ."), "x") == {("x", "MinCount")}


def test_blank_nodes_are_looked_into():
    shapes = shapes_of(TARGET + "sh:property [ sh:path :p ; sh:node [ sh:property [ sh:path :q ; sh:minCount 1 ] ] ] .")
    assert verdict(shapes, store_of(":x a :T ; :p [ :r 1 ] ."), "x") == {("x", "Node")}
    assert verdict(shapes, store_of(":x a :T ; :p [ :q 1 ] ."), "x") == set()


@pytest.mark.parametrize("written", ['"open"', '"open"^^xsd:string'])
@pytest.mark.parametrize("demand", ['sh:in ("open" "closed")', 'sh:hasValue "open"', 'sh:in ("open"^^xsd:string)'])
def test_a_plain_text_and_an_xsd_string_are_one_value(written, demand):
    shapes = shapes_of(TARGET + f"sh:property [ sh:path :p ; {demand} ] .")
    assert verdict(shapes, store_of(f":x a :T ; :p {written} ."), "x") == set()


@pytest.mark.parametrize(
    "value",
    [
        NamedNode("https://a.org/x"),
        BlankNode("b"),
        Literal("a"),
        Literal("a", language="en-gb"),
        Literal("05", datatype=NamedNode(XSD + "integer")),
        Literal("no day", datatype=NamedNode(XSD + "date")),
    ],
)
def test_terms_go_to_rdflib_and_come_back(value):
    assert from_rdflib(to_rdflib(value)) == value


def test_a_text_has_no_datatype_in_rdflib():
    assert to_rdflib(Literal("a")).datatype is None
    assert (
        to_rdflib(Literal("05", datatype=NamedNode(XSD + "integer"))).n3()
        == '"05"^^<http://www.w3.org/2001/XMLSchema#integer>'
    )


def test_context_is_not_checked_with_the_node():
    shapes = shapes_of(TARGET + "sh:property [ sh:path :p ; sh:class :T ] , [ sh:path :title ; sh:minCount 1 ] .")
    store = store_of(":x a :T ; :p :y ; :title 1 . :y a :T .")
    assert verdict(shapes, store, "x") == set()
    assert verdict(shapes, store, "x", "y") == {("y", "MinCount")}


def test_data_cannot_widen_the_tree_of_classes():
    shapes = shapes_of(TARGET + "sh:property [ sh:path :p ; sh:class :C ] .", ":D rdfs:subClassOf :C .")
    store = store_of(
        ":x a :T ; :p :y . :y a :E ; rdfs:subClassOf :C . :E rdfs:subClassOf :C . :z a :T ; :p :w . :w a "
        ":D . :x rdfs:subClassOf :C ."
    )
    assert verdict(shapes, store, "x", "z") == {("x", "Class")}


def test_shapes_in_the_data_are_only_data():
    shapes = shapes_of(TARGET + "sh:nodeKind sh:IRI .")
    store = store_of(
        ":x a :T ; sh:property [ sh:path :p ; sh:minCount 1 ] . :S2 a sh:NodeShape ; sh:targetNode :x ; sh:class :C ."
    )
    assert verdict(shapes, store, "x") == set()


def test_the_neighbourhood_is_small_whatever_the_size_of_the_store():
    shapes = shapes_of(TARGET + "sh:property [ sh:path :p ; sh:class :C ] .")
    many = " ".join(f":y{n} a :C ; :text 'long' ; :p :y{n + 1} . :z{n} :p :x ." for n in range(500))
    found = neighbourhood(
        store_of(":x a :T ; :p :y1 ; :text 'x' . " + many), {NamedNode(HOME + "S"): [HOME + "x"]}, shapes
    )
    assert len(found) == 4


def test_a_long_chain_of_classes_or_of_links_is_no_problem():
    shapes = shapes_of(TARGET + "sh:property [ sh:path [ sh:zeroOrMorePath :p ] ; sh:nodeKind sh:IRI ] .")
    chain = " ".join(f":n{n} :p :n{n + 1} . :C{n} rdfs:subClassOf :C{n + 1} ." for n in range(3_000))
    assert verdict(shapes, store_of(f":x a :T, :C0 ; :p :n0 . {chain}"), "x") == set()


def test_no_shapes_at_all_is_an_error_and_not_a_verdict():
    with pytest.raises(BadShapes, match="no shapes"):
        verdict(shapes_of(""), store_of(":x a :T ."), "x")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (":S a sh:NodeShape ; sh:sparql [ sh:select 'SELECT $this WHERE { $this a :T }' ] .", "no target"),
        (TARGET + "sh:sparql [ sh:message 'x' ] .", "without sh:select"),
        (TARGET + "sh:target [ sh:select 'SELECT ?this WHERE { ?this a <http://x/> }' ] .", "sh:target query"),
        (TARGET + "sh:targetNode 'a text' .", "text as its sh:targetNode"),
        (TARGET + "sh:js [ sh:jsFunctionName 'f' ; sh:message 'x' ] .", "sh:js"),
        (TARGET + "sh:expression [ sh:path :p ] .", "sh:expression"),
        (TARGET + "sh:property [ sh:path :p ; sh:pattern '^(?=a)' ] .", "looks around"),
        (TARGET + "sh:property [ sh:path :p ; sh:pattern '(a+)+$' ] .", "repeats"),
    ],
)
def test_shapes_that_could_mislead_are_refused(text, problem):
    with pytest.raises(BadShapes, match=problem):
        shapes_of(text)


@pytest.mark.parametrize(
    ("pattern", "good"),
    [
        ("^[a-z]+$", True),
        ("^(a|b)*$", True),
        ("(?=a)b", False),
        ("(?<!a)b", False),
        (r"(a)\1", False),
        ("(a+)+", False),
        ("(a*){2,}", False),
        ("(a{2})*", False),
        ("(", False),
    ],
)
def test_patterns_must_mean_the_same_to_both_engines(pattern, good):
    assert (pattern_problem(pattern) is None) == good


def test_shipped_shapes_are_shapes_by_shacls_own_shapes():
    assert shipped_shapes().meta_check() == ""


def test_the_version_depends_on_what_is_said_and_not_on_how():
    one, other = (
        shapes_of(TARGET + "sh:nodeKind sh:IRI ."),
        shapes_of(":S  sh:nodeKind sh:IRI; sh:targetClass :T;a sh:NodeShape."),
    )
    assert one.version == other.version != shapes_of(TARGET + "sh:nodeKind sh:Literal .").version


# -- rules -------------------------------------------------------------------------------------------------------------

RULES = [
    "SELECT $this ?value WHERE { $this :p ?value . ?other :p ?value FILTER(?other != $this) }",
    "SELECT $this WHERE { FILTER NOT EXISTS { $this :p ?p } }",
    "SELECT $this ?value WHERE { { $this :p ?value } UNION { $this :q ?value } }",
    "SELECT $this (COUNT(?v) AS ?value) WHERE { $this :p ?v } GROUP BY $this HAVING(COUNT(?v) > 1)",
    "SELECT $this ?value WHERE { $this $PATH ?value FILTER(?value > 1) }",
    "SELECT $this ?value WHERE { { SELECT $this (MAX(?v) AS ?value) WHERE { $this :p ?v } GROUP BY $this } }",
]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_says_the_same_for_all_nodes_at_once_and_one_by_one(rule, monkeypatch):
    text = (
        TARGET + f"sh:property :P . :P sh:path :p ; sh:severity sh:Warning ; sh:sparql [ sh:prefixes :o ; "
        f"sh:select '''{rule}''' ] . :o sh:declare [ sh:prefix '' ; sh:namespace '{HOME}'^^xsd:anyURI ] ."
    )
    shapes = shapes_of(text, ":U rdfs:subClassOf :T .")
    store = store_of(":a a :T ; :p 1, 2 . :b a :U ; :p 2 . :c a :T ; :q 5 . :d :p 1, 2, 3 . :e a :T .")
    everyone = check_rules_whole(store, shapes.rules, lambda target: members(store, target))
    singly = check_rules(store, shapes.rules, lambda target: members(store, target))
    monkeypatch.setattr(rules_module, "TOGETHER", -1)
    together = check_rules(store, shapes.rules, lambda target: members(store, target))
    assert set(everyone) == set(singly) == set(together) != set()
    assert {result.focus.removeprefix(HOME) for result in everyone} <= {"a", "b", "c", "e"}
    assert {(result.path, result.severity, result.component) for result in everyone} == {
        (HOME + "p", "Warning", "SPARQL")
    }


def test_a_rules_message_is_filled_in():
    shapes = shapes_of(
        TARGET + "sh:sparql [ sh:select 'SELECT $this ?value WHERE { $this <https://a.org/p> ?value }' ; "
        "sh:message 'Not {?value}, {$nothing}.'@en ] ."
    )
    found = check_rules(store_of(":a a :T ; :p 1 ."), shapes.rules, lambda target: [HOME + "a"])
    assert [message.value for message in found[0].messages] == ["Not 1, {$nothing}."]


@pytest.mark.parametrize("query", ["SELECT ?x WHERE { ?x ?y ?z }", "ASK { ?this ?y ?z }", "SELECT $this WHERE {"])
def test_a_rule_that_is_no_rule_is_named(query):
    shapes = shapes_of(TARGET + f"sh:sparql :rule . :rule sh:select '{query}' .")
    with pytest.raises(BadShapes, match=r"a\.org/rule"):
        check_rules_whole(store_of(":a a :T ."), shapes.rules, lambda target: [HOME + "a"])


def address(listener: http.server.HTTPServer) -> str:
    return f"http://127.0.0.1:{listener.server_address[1]}/"


@pytest.mark.parametrize(
    "where", ["$this ?p ?o SERVICE <{url}> {{ ?s ?p ?o }}", "$this ?p ?o SERVICE SILENT <{url}> {{ ?s ?p ?o }}"]
)
def test_a_rule_reaches_no_service(listener, where):
    select = f"SELECT $this WHERE {{ {where.format(url=address(listener))} }}"
    shapes = shapes_of(TARGET + f"sh:sparql :rule . :rule sh:select '{select}' .")
    for run in (check_rules, check_rules_whole):
        with contextlib.suppress(BadShapes, OSError):
            run(store_of(":a a :T ."), shapes.rules, lambda target: [HOME + "a"])
    assert listener.asked == 0


def test_a_rule_that_names_a_graph_by_its_address_does_not_fetch_it(listener):
    select = f"SELECT $this FROM <{address(listener)}> WHERE {{ $this ?p ?o }}"
    shapes = shapes_of(TARGET + f"sh:sparql :rule . :rule sh:select '{select}' .")
    assert check_rules(store_of(":a a :T ."), shapes.rules, lambda target: [HOME + "a"]) == []
    assert listener.asked == 0


@pytest.mark.parametrize(
    "shape",
    [
        "sh:rule [ a sh:SPARQLRule ; sh:construct '{construct}' ] .",
        "sh:target [ a sh:SPARQLTarget ; sh:select '{select}' ] .",
    ],
)
def test_what_could_ask_a_service_before_the_check_is_refused(listener, shape):
    ask = f"WHERE {{ $this a <{HOME}T> SERVICE <{address(listener)}> {{ ?s ?p ?o }} }}"
    text = shape.format(construct=f"CONSTRUCT {{ $this ?p ?o }} {ask}", select=f"SELECT $this {ask}")
    with pytest.raises(BadShapes, match="may reach out"):
        shapes_of(TARGET + text)
    assert listener.asked == 0


def test_imports_are_followed_neither_from_data_nor_from_shapes(listener):
    there = f"<{address(listener)}>"
    shapes = shapes_of(f":all owl:imports {there} . " + TARGET + "sh:property [ sh:path :p ; sh:minCount 1 ] .")
    assert verdict(shapes, store_of(f":x a :T ; owl:imports {there} ."), "x") == {("x", "MinCount")}
    assert listener.asked == 0


def test_text_in_place_of_data_is_neither_fetched_nor_opened(listener, tmp_path):
    file = tmp_path / "data.ttl"
    file.write_text(f"<{HOME}x> a <{HOME}T> .")
    shapes, focus = shapes_of(TARGET + "sh:nodeKind sh:Literal ."), {NamedNode(HOME + "S"): [HOME + "x"]}
    for text in (address(listener), str(file), file.read_text()):
        for data in (text, text.encode()):
            with pytest.raises(AttributeError):
                check_core(data, focus, shapes)  # type: ignore[arg-type]
    assert listener.asked == 0


def test_pyshacl_is_called_in_one_place_only():
    sources = Path(core.__file__).parent.parent.rglob("*.py")
    calling = {
        path.name for path in sources if re.search(r"^ *(?:from|import) pyshacl", path.read_text(), re.MULTILINE)
    }
    assert calling == {"core.py", "shapes.py"}


def test_a_quad_that_says_something_of_a_statement_cannot_be_converted():
    triple = next(
        iter(
            parse("<https://a.org/> <https://a.org/p> <<( <https://a.org/> <https://a.org/p> 1 )>> .", RdfFormat.TURTLE)
        )
    )
    with pytest.raises(ValueError, match="triple"):
        graph_of([Quad(triple.subject, term("rdf:type"), triple.object)])
