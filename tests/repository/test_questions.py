"""Questions: heads, typed parameters, and sentences for what does not fit."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Store

from escrgraph.repository.errors import Malformed
from escrgraph.repository.questions import parse_question, read_question, read_questions
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.iris import Base

XSD = "http://www.w3.org/2001/XMLSchema#"
SOURCE = """# title: Findings of a country
# title@es: Hallazgos de un país
# audience: member
# description: One line a finding,
#   newest first.
# param country: iri = <https://w3id.org/escrgraph/id/country/gtm> "Country" "País"@es
# param since: date = 2015-01-01 "Since"
# param word: string = "food" "Word"
# param least: integer "At least"
SELECT ?finding WHERE { GRAPH <https://w3id.org/escrgraph/graph/finding> { ?finding ?p ?country } }
"""


def test_a_head_is_read_whole():
    question = parse_question("findings", SOURCE)
    assert (question.title("es"), question.title("fr")) == ("Hallazgos de un país", "Findings of a country")
    assert question.description() == "One line a finding, newest first."
    assert question.audience == "member"
    assert [p.name for p in question.parameters] == ["country", "since", "word", "least"]
    assert (question.parameters[0].label("es"), question.parameters[0].label("ar")) == ("País", "Country")


def test_parameters_become_typed_terms():
    bound = parse_question("findings", SOURCE).bind({"country": "country/per", "least": "3"})
    assert bound == {
        "country": NamedNode("https://w3id.org/escrgraph/id/country/per"),
        "since": Literal("2015-01-01", datatype=NamedNode(XSD + "date")),
        "word": Literal("food"),
        "least": Literal("3", datatype=NamedNode(XSD + "integer")),
    }


def test_text_and_defaults_move_to_the_base_of_the_repository():
    question = parse_question("findings", SOURCE, Base("https://example.org/r/"))
    assert "GRAPH <https://example.org/r/graph/finding>" in question.text
    assert question.bind({"least": "1"})["country"] == NamedNode("https://example.org/r/id/country/gtm")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "needs the parameter “least” \\(At least\\), which is a whole number"),
        ({"least": "many"}, "“least” of the question “findings” cannot be “many”: it is a whole number"),
        ({"least": "1", "since": "31.3.2015"}, "a date of the form 2015-03-31"),
        ({"least": "1", "country": "not an iri"}, "cannot be “not an iri”"),
        ({"least": "1", "country": "planet/mars"}, "cannot be “planet/mars”"),
        ({"least": "1", "country": "<javascript:a b>"}, "an IRI"),
        ({"least": "1", "region": "x"}, "has no parameter “region”. It has: country, least, since, word"),
    ],
)
def test_a_value_that_does_not_fit_is_told(values, told):
    with pytest.raises(Malformed, match=told):
        parse_question("findings", SOURCE).bind(values)


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ("# audience: member", 1),
        ("# title: A\n# audience: nobody", 2),
        ("# title: A\n# just a remark", 2),
        ("# title: A\n# param x: colour = red", 2),
        ("# title: A\n# param x: integer = red", None),
    ],
)
def test_a_wrong_head_is_told_with_its_line(head, line):
    with pytest.raises(Malformed) as caught:
        parse_question("broken", head + "\nASK {}")
    assert caught.value.line == line


def test_a_value_cannot_break_out_of_its_place():
    question = parse_question("q", '# title: Q\n# param word: string = "" "Word"\nSELECT ?word { BIND(1 AS ?one) }')
    bound = question.bind({"word": '" } DROP ALL #'})
    (row,) = Store().query(question.text, substitutions=_variables(bound))
    assert row["word"].value == '" } DROP ALL #'


@pytest.mark.parametrize("path", shipped.query_files(), ids=lambda path: path.stem)
def test_every_shipped_question_can_be_read_and_asked(path):
    question = read_question(path)
    Store().query(question.text, substitutions=_variables(question.bind(_needed(question))))


def test_the_gallery_is_read_without_the_queries_behind_pages():
    assert set(read_questions(shipped.path("queries"))) == {p.stem for p in shipped.path("queries").glob("*.rq")}


def _variables(bound):
    from pyoxigraph import Variable

    return {Variable(name): term for name, term in bound.items()}


_SAMPLES = {
    "iri": "country/gtm",
    "string": "x",
    "integer": "1",
    "decimal": "1.5",
    "date": "2015-01-01",
    "dateTime": "2015-01-01T00:00:00Z",
    "language": "en",
}


def _needed(question):
    return {p.name: _SAMPLES[p.type] for p in question.parameters if p.default is None}
