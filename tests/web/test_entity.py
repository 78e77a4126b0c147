"""What a page shows of a record: by its shape, in the reader's language, all of it, and harmlessly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse
from tests.places import configured
from tests.web.sites import BASE, Site, before, texts

from escrgraph.repository.changes import Cause, Change
from escrgraph.service import attached
from escrgraph.vocabulary.facts import Facts
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import shipped_kinds
from escrgraph.vocabulary.labels import Label
from escrgraph.vocabulary.languages import LANGUAGES, direction
from escrgraph.vocabulary.namespaces import prologue
from escrgraph.web.entity import Entity, Part, Reading, Row, Value, plural

OTHER = Label("Further facts", "en", fallback=False)
PREFIXES = prologue().replace("PREFIX", "@prefix").replace(">\n", "> .\n") + f"@prefix id: <{BASE}id/> .\n"


def reading(turtle: str, language: str = "en", labels: dict[str, list[Literal]] | None = None) -> Reading:
    facts = Facts(parse((PREFIXES + turtle).encode(), RdfFormat.TURTLE))
    return Reading(facts, labels or {}, shipped_kinds(), Base(), language)


def entity(turtle: str, record: str = "right/x", language: str = "en") -> Entity:
    found = reading(turtle.replace("$X", f"<{BASE}id/{record}>").replace("$", f"{BASE}id/{record}"), language).entity(
        record, OTHER
    )
    assert found is not None
    return found


def rows(shown: Entity) -> dict[str, Row]:
    return {row.label.text: row for section in shown.sections for row in section.rows}


def all_rows(found: tuple[Row, ...]) -> Iterator[Row]:
    for row in found:
        yield row
        for part in row.parts:
            yield from all_rows(part.rows)


def test_a_record_of_which_nothing_is_said_is_none() -> None:
    assert reading("").entity("right/x", OTHER) is None
    assert reading(f"<{BASE}id/right/y> a escr:Right .").entity("right/x", OTHER) is None


@pytest.mark.parametrize(
    ("language", "title", "shown", "fallback"),
    [
        ("en", "Food", "en", False),
        ("fr", "Nourriture", "fr", False),
        ("ar", "Food", "en", True),
        ("es", "Food", "en", True),
    ],
)
def test_the_title_falls_back_and_says_so(language: str, title: str, shown: str, fallback: bool) -> None:
    found = entity('$X a escr:Right ; skos:prefLabel "Food"@en, "Nourriture"@fr .', language=language)
    assert found.title == Label(title, shown, fallback)
    assert found.kind_label.language == language
    (value,) = rows(found)[found.sections[0].rows[0].label.text].values
    assert value == Value(title, shown, fallback)
    assert found.sections[0].rows[0].told
    assert [label.language for label in found.untranslated] == ([language] if fallback else [])
    assert value.direction == direction(shown)


def test_a_record_without_a_name_is_called_by_its_address() -> None:
    assert entity("$X a escr:Right .").title == Label("x", None, fallback=True)


def test_texts_give_way_to_those_the_reader_reads_and_values_stay() -> None:
    found = entity('$X a escr:Right ; skos:altLabel "b"@en, "a"@en, "c"@fr, "plain" .')
    (row,) = [row for row in rows(found).values() if row.values]
    assert [(value.text, value.language) for value in row.values] == [("b", "en"), ("a", "en"), ("plain", None)]
    assert row.values[-1].direction is None


def test_fields_come_in_the_order_of_the_shape_and_the_rest_after_them() -> None:
    kind = shipped_kinds().by_type["right"]
    described = "; ".join(f'<{field.path}> "{field.name}"' for field in reversed(kind.fields) if field.name != "type")
    found = entity(f'$X a escr:Right ; {described} ; schema:zzz "unknown" .')
    headings = [section.label.text for section in found.sections]
    assert headings == [group.label("en").text for group in kind.groups] + ["Further facts"]
    inside = [row.label.text for section in found.sections for row in section.rows][:-1]
    assert inside == [field.label("en").text for field in kind.fields if field.name != "type"]
    assert rows(found)["schema:zzz"].values == (Value("unknown"),)


def test_parts_stand_where_the_record_names_them_and_do_not_name_it_back() -> None:
    found = entity(
        """$X a escr:Finding ; rdfs:label "F"@en .
        $X escr:establishes <$/deprivation> ; escr:evidence <$/evidence/10>, <$/evidence/2> .
        <$/deprivation> a escr:Deprivation ; dcterms:description "D"@en ; escr:attributedTo <$/failure> .
        <$/failure> a escr:PolicyFailure ; dcterms:description "P"@en ; schema:zzz "unknown" .
        <$/evidence/2> a escr:Evidence ; dcterms:title "two"@en ; cito:supports $X .
        <$/evidence/10> a escr:Evidence ; dcterms:title "ten"@en ; cito:supports $X .""",
        "finding/x",
    )
    by_anchor = {
        part.anchor: part for section in found.sections for row in all_rows(section.rows) for part in row.parts
    }
    assert list(by_anchor) == ["deprivation", "failure", "evidence/2", "evidence/10"]
    assert said(by_anchor["evidence/10"]) == ["ten"]
    assert said(by_anchor["failure"]) == ["P", "unknown"]


def said(part: Part) -> list[str]:
    return [value.text for row in part.rows for value in row.values]


def test_a_part_is_shown_in_full_once_and_is_a_link_elsewhere() -> None:
    found = entity(
        """$X a skos:ConceptScheme ; skos:hasTopConcept <$/a>, <$/b> .
        <$/a> a skos:Concept ; skos:prefLabel "A"@en ; skos:related <$/b> ; skos:inScheme $X .
        <$/b> a skos:Concept ; skos:prefLabel "B"@en ; skos:related <$/a> .
        <$/c> a skos:Concept ; skos:prefLabel "C"@en ; skos:broader <$/a> .""",
        "scheme/x",
    )
    parts = [part for section in found.sections for row in all_rows(section.rows) for part in row.parts]
    assert [part.anchor for part in parts] == ["a", "b", "c"]
    links = [value.href for part in parts for row in part.rows for value in row.values if value.href]
    assert links == ["/doc/scheme/x#b", "/doc/scheme/x#a", "/doc/scheme/x#a"]


def test_a_chain_of_parts_as_long_as_one_likes_is_shown() -> None:
    length = 3000
    chain = "\n".join(f'<$/p{n}> skos:narrower <$/p{n + 1}> ; skos:notation "n{n}" .' for n in range(length))
    found = entity(f"$X a skos:ConceptScheme ; skos:hasTopConcept <$/p0> .\n{chain}", "scheme/x")
    shown = {value.text for section in found.sections for row in all_rows(section.rows) for value in row.values}
    assert {f"n{n}" for n in range(length)} <= shown


def test_things_are_links_inside_and_addresses_lead_outside() -> None:
    names = {
        BASE + "id/right/y": [Literal("Y", language="fr")],
        "https://x.example/": [Literal("Named", language="en")],
    }
    asked = reading("", "en", names)
    assert asked.thing(BASE + "id/right/y") == Value("Y", "fr", True, "/doc/right/y")
    assert asked.thing(BASE + "id/right/none") == Value("none", href="/doc/right/none")
    found = entity(
        """$X a escr:Right ; dcterms:source <https://a.example/b?c=d&e>, <javascript:alert(1)>, <data:text/html,x>,
        <urn:isbn:1>, escr:Finding, <http://publications.europa.eu/resource/authority/language/SPA> ."""
    )
    values = {value.text: (value.href, value.external) for row in rows(found).values() for value in row.values}
    assert values == {
        "https://a.example/b?c=d&e": ("https://a.example/b?c=d&e", True),
        "javascript:alert(1)": (None, False),
        "data:text/html,x": (None, False),
        "urn:isbn:1": (None, False),
        "Finding": ("/def/Finding", False),
        "Spanish": ("http://publications.europa.eu/resource/authority/language/SPA", True),
    }


@given(st.lists(st.text(), max_size=8))
def test_any_texts_are_shown_in_one_order(values: list[str]) -> None:
    forward, backward = (reading("")._values(Literal(text) for text in some) for some in (values, values[::-1]))
    assert forward == backward


def test_numbers_are_ordered_as_numbers() -> None:
    found = entity('$X a escr:Right ; skos:notation "Article 10", "Article 9", "Article 009b", "' + "9" * 6000 + '" .')
    (row,) = rows(found).values()
    assert [value.text[:12] for value in row.values] == ["9" * 12, "Article 9", "Article 009b", "Article 10"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_type_has_a_plural(language: str) -> None:
    for type_ in shipped_kinds().by_type:
        assert plural(shipped_kinds(), type_, language).language == language
    assert plural(shipped_kinds(), "unknown", language) == Label("unknown", None, fallback=True)


# Hostile records

NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)>&lt;b&gt;{{ 7 * 7 }}"
ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:x",
    "https://x.example/'onmouseover='alert(1)'",
    "https://x.example/?a=1&b=2#';alert(1)",
    BASE + "id/right/food/'onclick='x",
    BASE + "def/'onclick='x",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A store with a record full of what would be code if it were not escaped, and one that names it."""
    store = tmp_path_factory.mktemp("hostile") / "store"
    with configured(store) as settings, attached(settings, create=True) as service, before(service) as found:
        service.writer.commit(Change(Cause.IMPORT, "nobody", NASTY, list(nasty()), unchecked=True))
        yield found


def nasty() -> Iterator[Quad]:
    graph = NamedNode(BASE + "graph/right")
    literals = [Literal(NASTY), *(Literal(NASTY, language=tag) for tag in ("en", "ar", "x-onload-alert"))]
    values = [*literals, *map(NamedNode, ADDRESSES)]
    predicates = ("dcterms:source", "dcterms:description", "skos:altLabel", "skos:prefLabel", "escr:editorial")
    a, right = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), NamedNode(BASE + "def/Right")
    for slug in ("nasty", "other"):
        node = NamedNode(f"{BASE}id/right/{slug}")
        yield Quad(node, a, right, graph)
        for predicate in predicates:
            prefix, _, name = predicate.partition(":")
            path = next(parse(f"{PREFIXES}<x:x> {prefix}:{name} 1 .".encode(), RdfFormat.TURTLE)).predicate
            yield from (Quad(node, path, value, graph) for value in values)
        yield Quad(node, NamedNode("https://x.example/'onload='alert(1)"), Literal(NASTY), graph)
    for path in ("http://purl.org/dc/terms/relation", "https://x.example/'onload='alert(1)"):
        yield Quad(NamedNode(BASE + "id/right/other"), NamedNode(path), NamedNode(BASE + "id/right/nasty"), graph)
    part = NamedNode(BASE + "id/right/nasty/'onclick='alert(1)'")
    yield Quad(NamedNode(BASE + "id/right/nasty"), NamedNode("http://purl.org/dc/terms/hasPart"), part, graph)
    yield Quad(part, NamedNode("http://purl.org/dc/terms/title"), Literal(NASTY), graph)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "path",
    [
        "/doc/right/nasty",
        "/browse/right",
        "/doc/right/nasty/in/right?property=http://purl.org/dc/terms/relation",
        "/doc/right/nasty/in/right?property=https://x.example/'onload='alert(1)",
        "/doc/right/none<script>alert(1)</script>",
        "/browse/<script>alert(1)</script>",
        "/sparql?query=SELECT * { ?s ?p ?o }",
        "/sparql?query=<script>alert(1)</script>",
    ],
)
def test_what_would_be_code_is_shown_as_text(hostile: Site, path: str, language: str) -> None:
    answer = hostile.get(path, "text/html", accept_language=language)
    page = html.document_fromstring(answer.text)
    assert not page.xpath("//script[not(@src or @type='application/ld+json')] | //img | //svg")
    attributes = {name for element in page.iter("*") for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on")]
    for address in page.xpath("//@href | //@src | //@action"):
        assert address.startswith(("/", "#", "?", "http://", "https://")), address
        assert not address.startswith("//")
    if path == "/doc/right/nasty":
        assert NASTY in page.xpath("//h1")[0].text_content()
        assert "javascript:alert(1)" in texts(page, "//dd//bdi")
        assert "49" not in page.text_content()
        assert page.xpath("//div[@class='nested']/@id") == ["'onclick='alert(1)'"]


def test_the_hostile_record_is_data_like_any_other(hostile: Site) -> None:
    expected = {quad.triple for quad in nasty() if quad.subject.value.startswith(BASE + "id/right/nasty")}
    for ending in ("ttl", "nt", "rdf", "jsonld", "trig"):
        answer = hostile.get(f"/doc/right/nasty.{ending}")
        found = {quad.triple for quad in parse(answer.data, RdfFormat.from_extension(ending))}
        assert expected <= found, ending
