"""Sentences and reports: each finding reads as a sentence in four languages, and not as a machine would say it."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from tests.validation.mistakes import ID, some_records, spoil

from escrgraph.validation import Referee, gate, shipped_library
from escrgraph.validation.messages import LONGEST_VALUE, Wording, merged, shown
from escrgraph.validation.overlay import changed
from escrgraph.validation.results import Result
from escrgraph.validation.sentences import EXPECTED, FALLBACK, SENTENCES, VALUE
from escrgraph.vocabulary.facts import term
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.namespaces import HOME, PREFIXES

PAGE = "http://xmlns.com/foaf/0.1/page"
NODE = ID + "resource/opera-framework"
MACHINE = re.compile(rf"https?:|Literal\(|\b(?:{'|'.join(PREFIXES)}):\S")


@pytest.fixture(scope="module")
def report():
    """A report on a library that was spoiled in many ways."""
    store, chance = shipped_library(), random.Random(1)
    added, removed = spoil(store, chance, *some_records(store, chance, 120))
    with changed(store, added, removed) as after:
        return Referee().check_whole(after)


def test_every_finding_is_a_sentence_in_each_language(report):
    assert report.counts["Violation"] > 50
    for finding in report.findings:
        for language in LANGUAGES:
            message = finding.messages[language]
            assert message.startswith(finding.field[language] + ": ")
            assert message[-1] in ".؟»”"
            without_value = message.replace(finding.value, "") if finding.value else message
            assert not MACHINE.search(without_value), message
            assert "{" not in without_value


def test_languages_do_not_mix(report):
    for finding in report.findings:
        assert len(set(finding.messages.values())) == 4, finding.messages
        assert re.search(r"[\u0600-\u06FF]", finding.messages["ar"].partition(": ")[2])


def test_every_kind_of_demand_has_a_sentence_in_each_language():
    for sentence in (*SENTENCES.values(), *EXPECTED.values(), FALLBACK, VALUE):
        assert set(sentence) == set(LANGUAGES)
        assert len(set(sentence.values())) == 4 or sentence["es"]
    for sentence in SENTENCES.values():
        places = {tuple(sorted(re.findall(r"\{\w+\}", text))) for text in sentence.values()}
        assert len(places) == 1
        assert all(text.endswith(".") for text in sentence.values())


def test_every_problem_of_the_gate_has_a_sentence():
    kinds = set(re.findall(r'return "([a-z-]+)"', Path(gate.__file__).read_text())) | {"too-many-values", "ill-typed"}
    assert len(kinds) >= 7
    assert kinds <= set(SENTENCES)


def wording() -> Wording:
    referee = Referee()
    return Wording(referee.shapes, referee.kinds, referee.base)


def test_the_shapes_message_is_used_and_the_value_shown():
    result = Result(NODE, PAGE, Literal("nowhere"), "Pattern", HOME + "shapes/resource-page")
    sentences = wording().sentences(result)
    message = {
        literal.language: re.sub(r"^[“«][^”»]*[”»]\s?:\s*", "", literal.value)  # the field is named before it
        for literal in Referee().shapes.facts.literals(NamedNode(result.shape), term("sh:message"))
    }
    assert all(message[language] in sentences[language] for language in LANGUAGES)
    assert sentences["fr"].endswith("« nowhere ».")


def test_without_a_message_the_sentence_is_made_from_the_demand():
    result = Result(NODE, PAGE, None, "unknown-property", None)
    assert "We know no field" in wording().sentences(result)["en"]
    entry = Result(NODE, None, None, "unchecked", None)
    assert wording().field(entry)["es"] == "Recurso"


def test_our_own_addresses_are_shown_short_and_others_as_typed():
    assert wording().value(Result(NODE, PAGE, NamedNode(ID + "right/food"), "Class", None)) == "right/food"
    assert wording().value(Result(NODE, PAGE, NamedNode("https://b.org/x"), "Class", None)) == "https://b.org/x"
    assert wording().value(Result(NODE, None, NamedNode(NODE), "Pattern", None)) is None


def test_a_long_value_is_not_echoed():
    result = Result(NODE, PAGE, Literal("x" * 20_000_000), "Pattern", HOME + "shapes/resource-page")
    assert max(len(text) for text in wording().sentences(result).values()) < 600


@given(st.text(max_size=500))
def test_a_shown_value_is_one_short_line(text):
    line = shown(text)
    assert len(line) <= LONGEST_VALUE
    assert line.isprintable() or all(
        c.isprintable() or c in "\u200c\u200d\u00a0" or c.isspace() or ord(c) > 0x2FF for c in line
    )
    assert "\n" not in line
    assert "\u202e" not in line
    assert shown(line) == line


def test_findings_on_one_field_and_value_are_merged():
    def result(component: str, severity: str = "Violation", value: str | None = "a") -> Result:
        return Result(NODE, PAGE, Literal(value) if value else None, component, None, severity)

    assert merged([result("Pattern"), result("Class"), result("NodeKind")]) == [result("NodeKind")]
    assert merged([result("NodeKind", "Warning"), result("Pattern")]) == [result("Pattern")]
    assert (
        len(
            merged(
                [
                    result("Pattern"),
                    result("Pattern", value="b"),
                    result("MinCount", value=None),
                    result("MaxCount", value=None),
                ]
            )
        )
        == 4
    )


def test_the_gravest_come_first_within_a_record(report):
    for record in {finding.record for finding in report.findings}:
        order = [("Violation", "Warning", "Info").index(f.severity) for f in report.findings if f.record == record]
        assert order == sorted(order)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_counts_what_it_lists(report, language):
    lines = report.to_text(language).splitlines()
    assert len([line for line in lines if line.startswith("  ")]) == len(report.findings)
    assert lines[-1].startswith(f"{report.records} records: {report.counts['Violation']} violations")
    assert report.shapes in lines[-1]


def test_the_json_holds_all(report):
    fields = json.loads(report.to_json())
    assert fields["conforms"] is False
    assert fields["counts"] == report.counts
    assert len(fields["findings"]) == len(report.findings)
    assert set(fields["findings"][0]["messages"]) == set(LANGUAGES)


def test_the_turtle_is_a_shacl_report(report):
    quads = list(parse(report.to_turtle(), RdfFormat.TURTLE))
    results = [quad.object for quad in quads if quad.predicate == term("sh:result")]
    assert len(results) == len(report.findings)
    assert sum(quad.predicate == term("sh:resultMessage") for quad in quads) == 4 * len(results)
    assert [quad.object.value for quad in quads if quad.predicate == term("sh:conforms")] == ["false"]
    for name in ("sh:focusNode", "sh:resultSeverity", "sh:sourceConstraintComponent"):
        assert sum(quad.predicate == term(name) for quad in quads) == len(results)


def test_warnings_do_not_make_a_report_fail():
    assert Referee().check_whole(shipped_library()).conforms


def test_a_field_is_named_once():
    said = f'<{ID}resource/a> a <{PREFIXES["escr"]}Resource> ; <{PREFIXES["dcterms"]}issued> "in 2019" .'
    found = Referee().check(list(parse(said, RdfFormat.TURTLE))).findings
    issued = next(finding for finding in found if finding.path and finding.path.endswith("issued"))
    assert issued.messages["en"].startswith("Published: give a year")
    assert issued.messages["fr"].count(issued.field["fr"]) == 1
