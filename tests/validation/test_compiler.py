"""Shapes as SPARQL: the verdict equals pySHACL's for every kind of constraint, on data with every mistake planted."""

from __future__ import annotations

import random

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, parse

from escrgraph.validation import shipped_library, shipped_shapes
from escrgraph.validation.compiler import Uncompilable, compile_shape
from escrgraph.validation.shapes import Shapes
from escrgraph.validation.whole import check_core_pyshacl, check_core_whole, compiled
from escrgraph.vocabulary.edtf import DATATYPE
from escrgraph.vocabulary.namespaces import prologue

PREFIXES = (
    "".join(line.replace("PREFIX", "@prefix") + " .\n" for line in prologue().splitlines())
    + "@prefix : <https://a.org/> .\n"
)


def quads(text: str) -> list[Quad]:
    return list(parse(PREFIXES + text, RdfFormat.TURTLE, rename_blank_nodes=True))


def store_of(text: str) -> Store:
    store = Store()
    store.extend(quads(text))
    return store


def both(shape: str, data: str, ontology: str = "") -> tuple[set, set]:
    """The results of the queries and of pySHACL; the shape must compile."""
    shapes = Shapes(quads(shape), quads(ontology))
    assert compiled(shapes)[1] == ()
    store = store_of(data)
    return set(check_core_whole(store, shapes)), set(check_core_pyshacl(store, shapes))


VALUES = """:none a :T . :one a :T ; :p "a" . :two a :T ; :p "a", "b" . :three a :T ; :p "a", "b", "c" .
:en a :T ; :p "a"@en . :twice a :T ; :p "a"@en, "b"@en, "c"@fr . :region a :T ;
  :p "a"@en-GB, "b"@en-gb, "c"@pt-BR . :case a :T ; :p "A"@EN, "B"@en .
:iri a :T ; :p :x . :typed a :T ; :p :y . :below a :T ; :p :z . :y a :C . :z a :D . :lit a :T ; :p 5 .
:int a :T ; :p 5, 3, -1, 10 . :dec a :T ; :p 5.0 . :bad a :T ; :p "abc"^^xsd:integer, "2013-02-30"^^xsd:date .
  :date a :T ; :p "2013-02-03"^^xsd:date .
:q a :T ; :p "a", 1 ; :r "a", 2 . :less a :T ; :p 1, 5 ; :r 3 . :order a :T ; :p "2013-01-01"^^xsd:date ;
  :r "2012-01-01"^^xsd:date .
:long a :T ; :p "abcdefghij" . :extra a :T ; :p "a" ; :s "b" . :inner a :T ; :p :full, :empty .
  :full :name "n" ; a :C . :empty a :C .
:sub a :U ; :p "zz" . :untyped :p "not looked at" . :edtf a :T ;
  :p "2013"^^<http://id.loc.gov/datatypes/edtf/EDTF> . :bool a :T ; :p true .
:url a :T ; :p <https://b.org/page> . :double a :T ; :p 1.5e0 . :more a :T ; :p :full ; :r :full ; :s :empty ."""
TREE = ":D rdfs:subClassOf :C . :U rdfs:subClassOf :T ."

CONSTRAINTS = [
    "sh:minCount 1",
    "sh:minCount 2",
    "sh:minCount 0",
    "sh:maxCount 0",
    "sh:maxCount 1",
    "sh:maxCount 2",
    "sh:class :C",
    "sh:class :C, :E",
    "sh:datatype xsd:string",
    "sh:datatype rdf:langString",
    "sh:datatype xsd:integer",
    "sh:datatype xsd:decimal",
    "sh:datatype xsd:date",
    f"sh:datatype <{DATATYPE}>",
    "sh:datatype xsd:boolean",
    "sh:nodeKind sh:IRI",
    "sh:nodeKind sh:Literal",
    "sh:nodeKind sh:IRIOrLiteral",
    "sh:nodeKind sh:BlankNode",
    "sh:nodeKind sh:BlankNodeOrIRI",
    "sh:nodeKind sh:BlankNodeOrLiteral",
    "sh:minLength 2",
    "sh:maxLength 1",
    'sh:pattern "^[ab]$"',
    'sh:pattern "^A" ; sh:flags "i"',
    'sh:pattern "^https?://[^ ]+$"',
    'sh:languageIn ("en" "pt")',
    "sh:languageIn ()",
    "sh:uniqueLang true",
    "sh:uniqueLang false",
    'sh:in ("a" 5 :x "2013-02-03"^^xsd:date)',
    'sh:in ("a"@en "b")',
    'sh:hasValue "a"',
    "sh:hasValue :x",
    "sh:hasValue 5",
    "sh:equals :r",
    "sh:disjoint :r",
    "sh:lessThan :r",
    "sh:lessThanOrEquals :r",
    "sh:node :Inner",
    "sh:not :Inner",
    "sh:and (:Inner :Kind)",
    "sh:or (:Inner [ sh:nodeKind sh:Literal ])",
    "sh:xone (:Inner :Kind)",
    "sh:qualifiedValueShape :Inner ; sh:qualifiedMinCount 1",
    "sh:qualifiedValueShape :Kind ; sh:qualifiedMaxCount 1",
    "sh:qualifiedValueShape [ sh:datatype xsd:integer ] ; sh:qualifiedMinCount 2",
    "sh:or ([ sh:datatype xsd:string ] [ sh:class :C ] [ sh:not [ sh:nodeKind sh:Literal ] ])",
]
ON_P = ":S a sh:NodeShape ; sh:targetClass :T ; sh:property :P . :P a sh:PropertyShape ; sh:path :p ;"
INNER = """:Inner a sh:NodeShape ; sh:property [ sh:path :name ; sh:minCount 1 ; sh:maxCount 1 ] .
:Kind a sh:NodeShape ; sh:class :C ."""


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_the_verdict_on_a_property_equals_pyshacls(constraint):
    ours, theirs = both(
        f"{ON_P} {constraint} . {INNER}",
        VALUES,
        TREE,
    )
    assert ours == theirs
    assert ours or constraint in {"sh:minCount 0", "sh:uniqueLang false", "sh:nodeKind sh:IRIOrLiteral"}


@pytest.mark.parametrize(
    "constraint", ["sh:minInclusive 3", "sh:maxInclusive 3", "sh:minExclusive 3", "sh:maxExclusive 3"]
)
def test_the_verdict_on_a_range_equals_pyshacls_for_numbers(constraint):
    ours, theirs = both(
        f"{ON_P} {constraint} .",
        VALUES,
    )
    assert theirs <= ours
    # What cannot be compared is out of range (SHACL section 4.3); pySHACL puts all kinds of values into one order.
    assert not any(
        isinstance(r.value, Literal)
        and r.value.datatype.value.endswith(("integer", "decimal", "double"))
        and r.value.value != "abc"
        for r in ours - theirs
    )


NODE_CONSTRAINTS = [
    "sh:class :E",
    "sh:nodeKind sh:Literal",
    'sh:pattern "/(one|two)$"',
    "sh:in (:one :two)",
    "sh:hasValue :one",
    "sh:minLength 20",
    "sh:node :Inner",
    "sh:not [ sh:property [ sh:path :p ; sh:minCount 2 ] ]",
    "sh:or (:Inner :Two)",
    "sh:and (:Two)",
    "sh:xone (:Two :Inner)",
    "sh:closed true ; sh:ignoredProperties (rdf:type) ; sh:property [ sh:path :p ]",
    "sh:closed false",
    "sh:not [ sh:property [ sh:path :p ; sh:equals :r ] ]",
    "sh:not [ sh:closed true ; sh:ignoredProperties (rdf:type) ; sh:property [ sh:path :p ] ]",
    "sh:not [ sh:property [ sh:path :p ; sh:uniqueLang true ] ]",
    "sh:not [ sh:property [ sh:path :p ; sh:lessThan :r ] ]",
    'sh:not [ sh:property [ sh:path :p ; sh:hasValue "a" ] ]',
    "sh:not [ sh:deactivated true ; sh:class :E ]",
]


@pytest.mark.parametrize("constraint", NODE_CONSTRAINTS)
def test_the_verdict_on_a_node_equals_pyshacls(constraint):
    two = ":Two a sh:NodeShape ; sh:property [ sh:path :p ; sh:minCount 2 ] ."
    ours, theirs = both(f":S a sh:NodeShape ; sh:targetClass :T ; {constraint} . {INNER} {two}", VALUES, TREE)
    assert ours == theirs


PATHS = [
    "[ sh:inversePath :p ]",
    "(:p :name)",
    "[ sh:alternativePath (:p :r) ]",
    "[ sh:zeroOrMorePath :p ]",
    "[ sh:oneOrMorePath :p ]",
    "[ sh:zeroOrOnePath :p ]",
    "( [ sh:inversePath :p ] :r )",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("constraint", ["sh:minCount 1", "sh:maxCount 1", "sh:class :C", "sh:nodeKind sh:IRI"])
def test_the_verdict_over_a_longer_path_equals_pyshacls(path, constraint):
    ours, theirs = both(
        f":S a sh:NodeShape ; sh:targetClass :T, :C ; sh:property [ sh:path {path} ; {constraint} ] .", VALUES, TREE
    )
    assert {(r.focus, r.value, r.component) for r in ours} == {(r.focus, r.value, r.component) for r in theirs}
    assert {r.path for r in ours} == {r.path for r in theirs}


@pytest.mark.parametrize(
    "target",
    [
        "sh:targetNode :one, :absent",
        "sh:targetSubjectsOf :r",
        "sh:targetObjectsOf :p",
        "sh:targetClass :T ; sh:targetSubjectsOf :name",
        "sh:targetClass :C, :T",
    ],
)
@pytest.mark.parametrize(
    "constraint", ["sh:nodeKind sh:Literal", "sh:property [ sh:path :p ; sh:minCount 2 ; sh:class :C ]"]
)
def test_every_kind_of_target_means_the_same(target, constraint):
    ours, theirs = both(f":S a sh:NodeShape ; {target} ; {constraint} .", VALUES, TREE)
    # pySHACL is given named nodes only, since literals cannot be looked at on their own
    assert {(r.focus, r.value, r.component) for r in ours} == {(r.focus, r.value, r.component) for r in theirs}


@pytest.mark.parametrize(
    "shape",
    [
        "sh:property [ sh:path :p ; sh:property [ sh:path :q ; sh:minCount 1 ] ]",
        "sh:property [ sh:path :p ; sh:minCount 20 ]",
        "sh:property [ sh:path :p ; sh:datatype xsd:gMonth ]",
        "sh:property [ sh:path :p ; sh:singleLine true ]",
        "sh:node :S",
        "sh:node :Nowhere",
        "sh:property [ sh:path :p ; sh:qualifiedValueShape :Inner ; sh:qualifiedMinCount 1 ; sh:qualifiedMaxCount 2 ]",
    ],
)
def test_a_shape_that_is_not_understood_is_refused_and_not_skipped(shape):
    shapes = Shapes(quads(f":S a sh:NodeShape ; sh:targetClass :T ; {shape} . {INNER}"), [])
    with pytest.raises(Uncompilable):
        compile_shape(NamedNode("https://a.org/S"), shapes)
    assert compiled(shapes) == ((), (NamedNode("https://a.org/S"),))


def test_a_refused_shape_is_checked_by_pyshacl():
    shape = """:S a sh:NodeShape ; sh:targetClass :T ; sh:property [ sh:path :p ; sh:minCount 20 ] .
    :R a sh:NodeShape ; sh:targetClass :T ; sh:nodeKind sh:Literal ."""
    shapes = Shapes(quads(shape), [])
    found = check_core_whole(store_of(":a a :T ."), shapes)
    assert {result.component for result in found} == {"MinCount", "NodeKind"}


def test_a_deactivated_shape_is_not_checked():
    ours, theirs = both(
        ":S a sh:NodeShape ; sh:targetClass :T ; sh:deactivated true ; sh:nodeKind sh:Literal .", VALUES
    )
    assert ours == theirs == set()


def test_all_shipped_shapes_compile():
    assert compiled(shipped_shapes())[1] == ()


def planted(seed: int) -> Store:
    """The library with a few hundred mistakes: statements taken out, doubled, and given values of every wrong sort."""
    chance = random.Random(seed)
    store = shipped_library()
    texts = [
        Literal(""),
        Literal("x"),
        Literal("y", language="en"),
        Literal("z", language="tlh"),
        Literal(7),
        Literal("in 2019", datatype=NamedNode(DATATYPE)),
    ]
    wrong = [
        *texts,
        NamedNode("https://a.org/"),
        NamedNode("javascript:x"),
        NamedNode("https://w3id.org/escrgraph/id/country/none"),
    ]
    for quad in chance.sample(sorted(store, key=str), 350):
        action = chance.randrange(4)
        if action in (0, 1):
            store.remove(quad)
        if action in (1, 2):
            store.add(Quad(quad.subject, quad.predicate, chance.choice(wrong), DefaultGraph()))
        if action == 3 and isinstance(quad.object, Literal) and quad.object.language:
            store.add(
                Quad(
                    quad.subject,
                    quad.predicate,
                    Literal(quad.object.value + "!", language=quad.object.language),
                    DefaultGraph(),
                )
            )
    return store


@pytest.mark.drill
def test_the_verdict_on_the_whole_library_with_mistakes_equals_pyshacls():
    store = planted(20)
    ours, theirs = set(check_core_whole(store, shipped_shapes())), set(check_core_pyshacl(store, shipped_shapes()))
    assert ours == theirs
    assert len({result.component for result in ours}) >= 9
    assert sum(result.severity == "Violation" for result in ours) > 200
