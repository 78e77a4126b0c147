"""query: files, names and standard input, in every format, beside a running service."""

from __future__ import annotations

import csv
import io
import json

import pytest


def test_without_a_query_the_questions_are_listed(escrgraph):
    done = escrgraph("query")
    assert done.code == 0
    assert any(line.startswith("institutions-responsible ") for line in done.out.splitlines())


def test_a_question_is_asked_by_name_with_its_parameters(escrgraph, library):
    done = escrgraph(
        "query",
        "institutions-responsible",
        "--param",
        "country=country/gtm",
        "--format",
        "csv",
        "--store",
        library.store,
    )
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert rows
    assert {row["country"] for row in rows} == {"https://w3id.org/escrgraph/id/country/gtm"}


def test_the_table_has_a_head_a_rule_and_a_row_a_line(escrgraph, library):
    done = escrgraph("query", "-", "--store", library.store, stdin='SELECT ?a ?b { VALUES (?a ?b) { (1 "x"@en) } }')
    assert done.out.splitlines() == ["a  b", "─  ────", "1  x@en"]
    assert done.err == "1 row\n"


@pytest.mark.parametrize(
    ("form", "query", "begins"),
    [
        ("csv", "SELECT (1 AS ?one) {}", "one"),
        ("tsv", "SELECT (1 AS ?one) {}", "?one"),
        ("json", "ASK {}", '{"head"'),
        ("xml", "ASK {}", "<?xml"),
        ("ttl", "CONSTRUCT { <urn:a> <urn:b> 1 } {}", "@prefix"),
        ("nt", "CONSTRUCT { <urn:a> <urn:b> 1 } {}", "<urn:a>"),
        ("jsonld", "CONSTRUCT { <urn:a> <urn:b> 1 } {}", "["),
        ("table", "CONSTRUCT { <urn:a> <urn:b> 1 } {}", "subject"),
        ("table", "ASK {}", "yes"),
    ],
)
def test_every_format_of_an_answer(escrgraph, library, form, query, begins):
    done = escrgraph("query", "-", "--format", form, "--store", library.store, stdin=query)
    assert done.code == 0
    assert done.out.startswith(begins)


def test_a_file_is_a_query_with_or_without_a_head(escrgraph, library, tmp_path):
    (tmp_path / "plain.rq").write_text("SELECT (2 AS ?two) {}")
    (tmp_path / "headed.rq").write_text('# title: One\n# param x: integer "X"\nSELECT ?x { BIND(1 AS ?one) }')
    assert escrgraph("query", "plain.rq", "--format", "csv", "--store", library.store).out == "two\n2\n"
    asked = escrgraph("query", "headed.rq", "--param", "x=7", "--format", "json", "--store", library.store)
    assert json.loads(asked.out)["results"]["bindings"][0]["x"]["value"] == "7"
    missing = escrgraph("query", "headed.rq", "--store", library.store)
    assert (missing.code, "needs the parameter “x”" in missing.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (["nonsense"], None, "There is neither a file nor a question “nonsense”. Questions: catalogue, "),
        (["catalogue", "--param", "x"], None, "--param takes NAME=VALUE"),
        (["catalogue", "--param", "x=1"], None, "The question “catalogue” has no parameter “x”. It has none."),
        (["-"], "SELEC", "is not SPARQL 1.1: line 1, column 6"),
        (["-", "--format", "csv"], "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "none of the formats"),
        (["-"], "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "SERVICE"),
        (["-"], b"\xff", "is not UTF-8 text"),
    ],
)
def test_what_cannot_be_asked_is_told_and_ends_with_2(escrgraph, library, arguments, stdin, told):
    done = escrgraph("query", *arguments, "--store", library.store, stdin=stdin)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("escrgraph query: ")
    assert told in done.err


def test_a_query_that_runs_out_of_time_ends_with_3(escrgraph, library, monkeypatch):
    monkeypatch.setenv("ESCRGRAPH_QUERY_TIMEOUT", "0.2")
    done = escrgraph(
        "query", "-", "--store", library.store, stdin="SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    )
    assert done.code == 3
    assert "ran out of time" in done.err


def test_stats_count_what_is_there(escrgraph, library):
    done = escrgraph("stats", "--verify", "--store", library.store)
    assert done.code == 0
    assert "records: resource" in done.out
    assert "The change log verifies: 1 entries." in done.out
    assert "Last change: 1, " in done.out
