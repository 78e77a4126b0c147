"""Patterns that nothing joins are found, and those that something joins are left in peace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escrgraph.repository.joins import place, unjoined


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * { ?a ?b ?c . ?d ?e ?f }", ("?a", "?d")),
        ("SELECT * { ?a ?b ?c . ?c ?e ?f }", None),
        ("SELECT * { ?a ?b ?c . ?c ?e ?f . ?x a ?y }", ("?a", "?x")),
        ("SELECT (COUNT(*) AS ?n) { $a <urn:p> 1.5 . OPTIONAL { ?a ?b ?c } ?u ?v ?w }", ("?a", "?u")),
        ("SELECT * { ?a ?b ?c . ?d ?e ?f FILTER(?a = ?d) }", None),
        ("SELECT * { ?a ?b ?c FILTER(?a > 3) ?d ?e ?f }", ("?a", "?d")),
        ("SELECT * { ?a ?b ?c . ?d ?e ?f FILTER(?a > 3 && (?b < 4)) }", ("?a", "?d")),
        ("SELECT * { ?a ?b ?c ; ?d ?e , ?f }", None),
        ("SELECT * { ?a ?b ?c . BIND(?c AS ?d) ?d ?e ?f }", None),
        ("SELECT * { ?a ?b _:x . _:x ?e ?f }", None),
        ("SELECT * { ?a ?b [ ?c ?d ] . ?d ?e ?f }", None),
        ("SELECT * { ?a ?b ?c . { SELECT ?d { ?d ?e ?f } } }", ("?a", "?d")),
        ("SELECT * { ?a ?b ?c . { SELECT ?a (?e AS ?y) { ?a ?e ?f } GROUP BY ?a } }", None),
        ("SELECT * { ?a ?b ?c . { SELECT ?d { ?d ?e ?a } } }", ("?a", "?d")),
        ("SELECT * { ?a ?b ?c . { SELECT * { ?d ?e ?a } } }", None),
        ("SELECT * { ?a ?b ?c . { SELECT ?a { ?a ?e ?f . ?g ?h ?i } } }", ("?a", "?g")),
        ("SELECT * { { ?a ?b ?c } UNION { ?d ?e ?f } }", None),
        ("SELECT * { { ?a ?b ?c } UNION { ?d ?e ?f } ?f ?g ?h . ?i ?j ?a }", None),
        ("SELECT * { { ?a ?b ?c } UNION { ?d ?e ?f . ?x ?y ?z } }", ("?d", "?x")),
        ("SELECT * { ?a ?b ?c OPTIONAL { ?c ?d ?e . ?a ?f ?g } }", None),
        ("SELECT * { ?a ?b ?c OPTIONAL { ?c ?d ?e . ?x ?y ?z } }", ("?c", "?x")),
        ("SELECT * { ?a ?b ?c FILTER NOT EXISTS { ?c ?d ?e } }", None),
        ("SELECT * { GRAPH ?g { ?a ?b ?c } GRAPH ?g { ?d ?e ?f } }", None),
        ("SELECT * { GRAPH ?g { ?a ?b ?c } GRAPH ?h { ?d ?e ?f } }", ("?g", "?h")),
        ("SELECT * { VALUES ?a { 1 2 } ?b ?c ?d }", ("?a", "?b")),
        ("SELECT * { VALUES (?a ?b) { (1 2) } ?b ?c ?d }", None),
        ("CONSTRUCT { ?a ?b ?c . ?d ?e ?f } WHERE { ?a ?b ?c . ?c ?d ?e ; ?f ?g }", None),
        ("CONSTRUCT { ?a ?b ?c } WHERE { ?a ?b ?c . ?d ?e ?f }", ("?a", "?d")),
        ("CONSTRUCT WHERE { ?a ?b ?c . ?d ?e ?f }", ("?a", "?d")),
        ("ASK { ?a ?b ?c . ?d ?e ?f }", ("?a", "?d")),
        ("SELECT ?a { ?a ?b ?c } GROUP BY ?a HAVING (COUNT(?x) > 1) ORDER BY ?y VALUES ?a { 1 }", None),
        ("SELECT * { ?a ?b '. ?x ?y ?z .' }", None),
        ("SELECT * { <urn:a> <urn:b> <urn:c> . ?d ?e ?f }", None),
        ("no SPARQL } at { all", None),
        ("}{.}{?a", None),
        ("", None),
    ],
)
def test_variables_that_nothing_joins_are_named(text: str, expected: tuple[str, str] | None) -> None:
    found = unjoined(text)
    assert (found and (found.first, found.second)) == expected


def test_the_place_is_told() -> None:
    found = unjoined("SELECT *\nWHERE {\n  ?a a ?b .\n  ?x a ?y .\n}")
    assert found is not None
    assert (found.line, found.column) == (4, 3)
    assert place("ab\ncd", 0) == (1, 1)
    assert place("ab\ncd", 4) == (2, 2)


@given(st.text(alphabet="{}().;*?ab _:'\"\nSELECTUNIOWHRFV", max_size=200))
def test_any_text_is_taken(text: str) -> None:
    unjoined(text)
