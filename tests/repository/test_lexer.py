"""What is read off SPARQL text: words outside strings, IRIs, comments and names; depth; limits; the hint."""

from __future__ import annotations

import time

import pytest

from escrgraph.repository import lexer
from escrgraph.repository.errors import Declined, TooLarge


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * { ?s ?p "SERVICE" }',
        "SELECT * { ?s ?p 'say \\' SERVICE' }",
        'SELECT * { ?s ?p """one " SERVICE "" two""" }',
        "SELECT * { ?s ?p '''SERVICE\nLOAD''' }",
        "SELECT * { ?s <http://example.org/SERVICE> ?o }",
        "SELECT * { ?s ?p ?o } # SERVICE <http://example.org/>",
        "PREFIX service: <urn:x:> SELECT * { ?s service:load ?service }",
        "PREFIX ex: <urn:x:> SELECT * { ?s ex:SERVICE $LOAD }",
        "PREFIX a.service: <urn:x:> SELECT * { ?s a.service:b ?o }",
        "SELECT * { ?s ?p 'x'@service }",
        "SELECT * { _:SERVICE ?p ?o }",
    ],
)
def test_words_in_strings_iris_comments_and_names_are_no_keywords(text: str) -> None:
    lexer.check(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }",
        "SELECT * { service silent ?where { ?s ?p ?o } }",
        "SELECT * { ?s a <urn:x>.SERVICE<http://example.org/>{ ?s ?p ?o } }",
        "SELECT * { ?s a ?x.SERVICE ?y { ?s ?p ?o } }",
        "SELECT * { ?s ?p 1.SERVICE <http://example.org/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p true.SERVICE <http://example.org/> { ?s ?p ?o } }",
        "SELECT * { FILTER(?a<?b)SERVICE<http://example.org/>{ FILTER(?c>?d) } }",
        "SELECT * { ?s ?p '#' . SERVICE <http://example.org/#> { ?s ?p ?o } }",
        "SELECT * { ?s ?p <urn:x#> . SERVICE <http://example.org/> { ?s ?p ?o } }",
        "# comment\rSELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }",
        "SELECT * { { SELECT * { SERVICE ?x { ?s ?p ?o } } } }",
        "LOAD <http://example.org/>",
        "CLEAR ALL; load silent <file:///etc/passwd> INTO GRAPH <urn:g>",
    ],
)
def test_reaching_out_is_declined_however_it_is_written(text: str) -> None:
    with pytest.raises(Declined):
        lexer.check(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM <urn:g> { ?s ?p ?o }", True),
        ("SELECT * from named <urn:g> { ?s ?p ?o }", True),
        ("SELECT * { ?from ?p 'FROM' } # FROM", False),
        ("PREFIX from: <urn:> SELECT * { ?s from:FROM ?o }", False),
    ],
)
def test_a_dataset_named_by_the_query_is_seen(text: str, expected: bool) -> None:
    assert lexer.names_dataset(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * { GRAPH ?g { ?s ?p ?o } }", True),
        ("SELECT * { graph<urn:g>{ ?s ?p ?o } }", True),
        ("SELECT * { Gr\\u0041PH ?g { ?s ?p ?o } }", True),
        ("ASK FROM <urn:g> { ?s ?p ?o }", True),
        ("PREFIX e: <https://w3id.org/escrgraph/def/> SELECT * { ?graphs e:fromage ?o }", False),
    ],
)
def test_what_may_name_graphs_is_seen(text: str, expected: bool) -> None:
    assert lexer.may_name_graphs(text) is expected


def test_depth_counts_brackets_that_are_open_at_once() -> None:
    assert lexer.depth('SELECT * { { ?s ?p [ ?q (1 2) ] } FILTER("(((" != <urn:(((>) } # (((') == 4


def test_the_limits_are_where_they_are_said_to_be() -> None:
    lexer.check("(" * lexer.DEEPEST + ")" * lexer.DEEPEST)
    lexer.check("() " * lexer.DEEPEST * 4)
    with pytest.raises(TooLarge, match="500 brackets"):
        lexer.check("(" * (lexer.DEEPEST + 1))
    lexer.check("x" * lexer.LONGEST)
    for text in ("x" * (lexer.LONGEST + 1), "é" * (lexer.LONGEST // 2 + 1)):
        with pytest.raises(TooLarge, match="1,048,576"):
            lexer.check(text)


@pytest.mark.parametrize(
    "piece",
    [
        "a.",
        "ex:.",
        "ex:a.",
        "a-.",
        "?x ",
        '"',
        "'''\"",
        "<",
        "<a",
        "\\",
        ":",
        "%",
        "1",
        "1.",
        "1e",
        "@a-",
        "(",
        "é",
        "ex:%",
    ],
)
def test_no_text_makes_the_scan_slow(piece: str) -> None:
    started = time.process_time()
    sum(1 for _ in lexer.tokens(piece * (lexer.LONGEST // len(piece.encode()))))
    assert time.process_time() - started < 10  # about 1 s; quadratic behaviour would take hours


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PREFIX a: <urn:a> SELECT * { ?s a:b b:c }", "b:"),
        ("PREFIX a: <urn:a> PREFIX : <urn:> SELECT * { _:x a:b :c }", None),
        ("SELECT * { ?s :p 'a:b' }", ":"),
        ("SELECT * { ?s <a:b> ?o } # a:b", None),
    ],
)
def test_a_prefix_that_is_not_declared_is_named(text: str, expected: str | None) -> None:
    assert lexer.undeclared_prefix(text) == expected
