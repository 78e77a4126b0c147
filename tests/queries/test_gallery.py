"""What holds for every question: its head, its prefixes, its order, its speed, its sense at another base."""

from __future__ import annotations

import re
import time

import pytest
from tests.queries.asking import ELSEWHERE, GALLERY, World

from escrgraph.repository import lexer
from escrgraph.repository.questions import AUDIENCES
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.namespaces import PREFIXES

QUESTIONS = sorted(GALLERY)
README = shipped.path("queries") / "README.md"
SECONDS = 1.0
SILENT = {"changes-since", "contradictory-findings", "likely-duplicates", "open-calls"}  # nothing to tell as shipped

each_question = pytest.mark.parametrize("name", QUESTIONS)


def test_there_are_questions_for_everybody() -> None:
    assert len(GALLERY) >= 19
    assert {question.audience for question in GALLERY.values()} == set(AUDIENCES)


@each_question
def test_a_head_says_all_in_four_languages(name: str) -> None:
    question = GALLERY[name]
    for said in (question.titles, question.descriptions, *(p.labels for p in question.parameters)):
        assert set(said) == set(LANGUAGES)
        assert all(said.values())
        assert re.search(r"[\u0600-\u06ff]", said["ar"])
    assert all(parameter.default is not None for parameter in question.parameters)
    assert all(f"?{parameter.name}" in question.text for parameter in question.parameters)


@each_question
def test_prefixes_are_declared_used_and_those_of_the_project(name: str) -> None:
    text = GALLERY[name].text
    assert lexer.undeclared_prefix(text) is None
    declared = dict(re.findall(r"^PREFIX (\w+): <(.*)>$", text, re.MULTILINE))
    used = {token.partition(":")[0] for kind, token in lexer.tokens(text) if kind == "name"}
    assert set(declared) <= used
    assert {prefix: PREFIXES[prefix] for prefix in declared} == declared
    body = [line for line in text.splitlines() if line.startswith("PREFIX")]
    assert body == sorted(body)


@each_question
def test_the_answer_is_ordered_whatever_the_order_of_the_data_and_moves_with_the_base(
    name: str, world: World, moved: World
) -> None:
    here, there = world.answer(name), moved.answer(name)
    if "ORDER BY" not in GALLERY[name].text:
        assert "CONSTRUCT" in GALLERY[name].text  # a graph has no order
        here, there = sorted(here), sorted(there)
    assert here == there
    assert len(set(here)) == len(here)
    assert ELSEWHERE.iri not in str(there)


@each_question
def test_the_answer_takes_under_a_second_of_work(name: str, world: World) -> None:
    begun = time.process_time()
    world.answer(name)
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize("name", [name for name in QUESTIONS if name not in SILENT])
def test_the_library_has_something_to_say(name: str, world: World) -> None:
    assert world.answer(name)


@each_question
def test_nothing_is_said_about_what_is_not_there(name: str, world: World) -> None:
    nowhere = {
        p.name: p.default.rpartition("/")[0] + "/none-such"
        for p in GALLERY[name].parameters
        if p.type == "iri" and p.default
    }
    question = world.questions[name]
    if nowhere and "CONSTRUCT" not in question.text:
        rows = world.rows(name, **nowhere)
        assert {column for row in rows for column in row} <= {"", *(v.rpartition("/id/")[2] for v in nowhere.values())}
    elif nowhere:
        assert world.triples(name, **nowhere) == []


def test_the_table_of_the_readme_is_that_of_the_heads() -> None:
    text = README.read_text(encoding="utf-8")
    blocks = re.findall(r"^## (?P<audience>\w+)s\n(?P<rest>.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    rows = [
        (audience.lower(), *(cell.strip() for cell in line.strip("|\n").split("|")))
        for audience, rest in blocks
        for line in rest.splitlines()
        if line.startswith("| [")
    ]
    expected = [
        (
            audience,
            f"[{name}]({name}.rq)",
            question.title(),
            ", ".join(f"`{p.name}` = {_shown(p.default or '')}" for p in question.parameters),
        )
        for audience in AUDIENCES
        for name, question in GALLERY.items()
        if question.audience == audience
    ]
    assert rows == expected


def _shown(default: str) -> str:
    """A default as a person would type it."""
    return default.removeprefix("https://w3id.org/escrgraph/id/")
