"""A property that is added to a shape, in Turtle alone, is in form, table, help, API and messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
from pyoxigraph import Quad, RdfFormat, parse
from tests.places import settings_of
from tests.running import Running
from tests.web.sites import Site, before

from escrgraph.service import open_service
from escrgraph.validation import Referee
from escrgraph.validation.shapes import Shapes
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.facts import Facts, read_turtle
from escrgraph.vocabulary.iris import TYPES
from escrgraph.vocabulary.kinds import Kinds, read_kinds
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.namespaces import HOME, prologue

PREFIXES = "".join(line.replace("PREFIX", "@prefix") + " .\n" for line in prologue().splitlines())
NAMES = {"en": "Shoe size", "es": "Número de calzado", "fr": "Pointure", "ar": "مقاس الحذاء"}


@cache
def shapes() -> tuple[Quad, ...]:
    """The shipped shapes with one property more for each kind of record."""
    quads = list(read_turtle(shipped.shape_files()))
    kinds = read_kinds(Facts(quads), Facts(read_turtle(shipped.ontology_files())))
    names = ", ".join(f'"{name}"@{language}' for language, name in NAMES.items())
    for type_, kind in kinds.by_type.items():
        added = f"""{PREFIXES}
        <{kind.iri}> sh:property shape:{type_}-shoe-size .
        shape:{type_}-shoe-size a sh:PropertyShape ; sh:path escr:shoeSize ; sh:minCount 1 ; sh:maxCount 1 ;
          sh:datatype xsd:integer ; dash:editor dash:TextFieldEditor ; sh:order 99 ; sh:group shape:group-what ;
          sh:name {names} ; sh:description {names} ."""
        quads += parse(added, RdfFormat.TURTLE)
    return tuple(quads)


@cache
def kinds() -> Kinds:
    return read_kinds(Facts(shapes()), Facts(read_turtle(shipped.ontology_files())))


@pytest.fixture(scope="module")
def larger(library: Running) -> Iterator[Site]:
    """The site as it is with those shapes."""
    with before(replace(open_service(settings_of(library.store)), kinds=kinds())) as found:
        yield found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("type_", TYPES)
def test_it_is_asked_by_form_help_and_table(larger: Site, type_: str, language: str) -> None:
    page = larger.page(f"/submit/{type_}", language)
    assert page.xpath("//label[@for='shoeSize.1' and contains(., $name)]", name=NAMES[language])
    assert page.xpath("//input[@name='shoeSize.1' and @required]")
    assert NAMES[language] in larger.page(f"/submit/{type_}/help", language).text_content()
    header, told = larger.get(f"/submit/{type_}.csv", accept_language=language).get_data(as_text=True).splitlines()[:2]
    assert "shoeSize" in header.split(",")
    assert NAMES[language] in told


@pytest.mark.parametrize("type_", TYPES)
def test_programs_are_told_of_it(larger: Site, type_: str) -> None:
    fields = larger.get(f"/api/fields/{type_}").get_json()["fields"]
    added = next(field for field in fields if field["key"] == "shoeSize")
    assert (added["required"], added["widget"], added["label"]) == (True, "number", NAMES["en"])
    schema = larger.get("/openapi.json").get_json()["components"]["schemas"][kinds().by_type[type_].name]
    assert "shoeSize" in str(schema)


@pytest.mark.parametrize("type_", TYPES)
def test_it_is_missed_in_a_sentence_of_every_language(type_: str) -> None:
    kind = kinds().by_type[type_]
    referee = Referee(Shapes(shapes(), read_turtle(shipped.ontology_files())), kinds())
    data = f"{PREFIXES} <{HOME}id/{type_}/new> a <{kind.target_class}> ; escr:shoeSize "
    report = referee.check(list(parse(data + '"large" .', RdfFormat.TURTLE)))
    wrong = next(finding for finding in report.findings if finding.path and finding.path.endswith("shoeSize"))
    assert {language: wrong.field[language] for language in LANGUAGES} == NAMES
    for language in LANGUAGES:
        assert wrong.messages[language].startswith(NAMES[language])
        assert "large" in wrong.messages[language]
    missing = referee.check(
        list(parse(f"{PREFIXES} <{HOME}id/{type_}/new> a <{kind.target_class}> .", RdfFormat.TURTLE))
    )
    assert [f.constraint for f in missing.findings if f.path and f.path.endswith("shoeSize")] == ["MinCount"]
