"""The vocabulary and the shapes, for people and for programs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, Triple, parse
from tests.web.sites import BASE, Site, before, texts

from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.facts import read_turtle
from escrgraph.vocabulary.kinds import kinds_of, shipped_kinds
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.namespaces import ESCR, SHAPE
from escrgraph.web.documents import OFFERS

MEDIA = {format_.name: format_.media_type for format_ in OFFERS}
SINGLE_GRAPH = [ending for ending in MEDIA if ending != "trig"]


def plain(store: Store, graph: str) -> set[Triple]:
    """The triples of a graph of the store that have no blank node in them, as the store writes their literals."""
    quads = store.quads_for_pattern(None, None, None, NamedNode(BASE + "graph/" + graph))
    return {quad.triple for quad in quads if no_blank(quad.triple)}


def no_blank(triple: Triple) -> bool:
    return "_:" not in f"{triple.subject} {triple.object}"[:200] or isinstance(triple.object, NamedNode)


@pytest.mark.parametrize("ending", MEDIA)
@pytest.mark.parametrize(("path", "files"), [("/def", shipped.ontology_files), ("/shapes", shipped.shape_files)])
def test_the_whole_is_there_in_every_format(site: Site, path: str, files: object, ending: str) -> None:
    expected = read_turtle(files())  # type: ignore[operator]
    for answer in (site.get(f"{path}.{ending}"), site.get(f"{path}/", MEDIA[ending])):
        assert (answer.status_code, answer.mimetype) == (200, MEDIA[ending])
        quads = list(parse(answer.data, RdfFormat.from_extension(ending)))
        assert len({quad.triple for quad in quads}) == len({quad.triple for quad in expected})
        named = {str(quad.triple) for quad in expected if "_:" not in str(quad)}
        assert named <= {str(quad.triple) for quad in quads}


def test_a_term_leads_to_what_is_said_of_it(site: Site) -> None:
    for accept, ending in (("text/html", "html"), *((media, ending) for ending, media in MEDIA.items())):
        answer = site.get("/def/Finding?lang=es", accept)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/def/Finding.{ending}?lang=es")
        assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("ending", MEDIA)
def test_a_term_alone_is_there_in_every_format(site: Site, ending: str) -> None:
    answer = site.get(f"/def/Finding.{ending}")
    assert (answer.status_code, answer.mimetype) == (200, MEDIA[ending])
    said = {quad.triple for quad in parse(answer.data, RdfFormat.from_extension(ending))}
    finding = NamedNode(ESCR + "Finding")
    assert said == {quad.triple for quad in read_turtle(shipped.ontology_files()) if quad.subject == finding}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_has_a_page_in_every_language(site: Site, language: str) -> None:
    page = site.page("/def/", language)
    links = page.xpath("//dl[@class='facts']/dt/a/@href")
    ours = {q.subject.value for q in read_turtle(shipped.ontology_files()) if str(q.subject.value).startswith(ESCR)}
    assert {ESCR + link.removeprefix("/def/").removesuffix(".html") for link in links} <= ours
    assert len(links) > 60
    for link in links:
        term = site.page(link, language)
        assert term.xpath("//h1/bdi/@lang") == [language], link
        assert term.xpath("//section[@class='sheet']/p/bdi/@lang") == [language], link
        assert texts(term, "//dd/code") == [ESCR + link.removeprefix("/def/").removesuffix(".html")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shapes_are_explained_field_by_field(site: Site, language: str) -> None:
    page = site.page("/shapes/", language)
    for kind in shipped_kinds().values():
        (section,) = page.xpath("//section[@id=$name]", name=kind.name)
        assert len(section.xpath(".//dt")) == len(kind.fields)
        assert {text.get("lang") for text in section.xpath(".//dt/bdi | ./h2/bdi")} == {language}


def test_a_shape_leads_to_its_place(site: Site) -> None:
    page = site.get("/shapes/Finding?lang=fr", "text/html")
    assert (page.status_code, page.headers["Location"]) == (303, "/shapes/?lang=fr#Finding")
    assert site.get("/shapes/Finding", "text/turtle").headers["Location"] == "/shapes.ttl"
    assert NamedNode(SHAPE + "Finding") in {quad.subject for quad in read_turtle(shipped.shape_files())}


@pytest.mark.parametrize(
    "path", ["/def/None", "/def/None.ttl", "/def/Finding.exe", "/def.exe", "/shapes.exe", "/shapes/None", "/def/a/b"]
)
@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "application/json"])
def test_what_is_not_there_is_not_found(site: Site, path: str, accept: str) -> None:
    assert site.get(path, accept).status_code == 404


@pytest.mark.parametrize("path", ["/def/", "/shapes/", "/def/Finding", "/shapes/Finding"])
def test_what_there_is_is_told_to_who_takes_none_of_it(site: Site, path: str) -> None:
    answer = site.get(path, "image/png")
    assert answer.status_code == 406
    assert answer.get_json()["available"] == ["text/html", *MEDIA.values()]


@pytest.mark.parametrize("stem", ["/def", "/shapes", "/def/Finding"])
def test_each_form_has_its_own_validator(site: Site, stem: str) -> None:
    tags = set()
    for ending in MEDIA:
        answer = site.get(f"{stem}.{ending}")
        tags.add(answer.headers["ETag"])
        again = site.get(f"{stem}.{ending}", if_none_match=answer.headers["ETag"])
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Vary"] == answer.headers["Vary"]
        assert "Accept-Language" not in answer.headers["Vary"]
    assert len(tags) == len(MEDIA)


def test_what_the_store_holds_is_what_is_shown(site: Site, whole: Store) -> None:
    shown = {quad.triple for quad in parse(site.get("/def.nt").data, RdfFormat.N_TRIPLES)}
    assert plain(whole, "def") <= shown


EXTRA = """
@prefix escr: <https://w3id.org/escrgraph/def/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shape: <https://w3id.org/escrgraph/shapes/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
shape:Method sh:property shape:method-difficulty .
shape:method-difficulty a sh:PropertyShape ; sh:path escr:difficulty ; sh:datatype xsd:integer ; sh:minCount 1 ;
    sh:maxCount 1 ; sh:order 99 ; sh:name "Difficulty"@en, "Dificultad"@es ; sh:description "How hard it is."@en .
"""


@pytest.mark.parametrize("path", ["/def/Method.html", "/shapes/"])
def test_a_property_added_to_a_shape_is_documented(site: Site, tmp_path: Path, path: str) -> None:
    extra = tmp_path / "extra.ttl"
    extra.write_text(EXTRA, encoding="utf-8")
    kinds = kinds_of([*shipped.shape_files(), extra], shipped.ontology_files())
    with before(replace(site.service, kinds=kinds)) as changed:
        page = changed.page(path, "es")
    assert not site.page(path, "es").xpath("//code[text()='escr:difficulty']")
    [term] = page.xpath("//dt[.//code[text()='escr:difficulty']]")
    assert texts(term, "bdi") == ["Dificultad"]
    assert texts(term, "span[@class='tag']") == ["obligatorio"]
    [meaning] = term.xpath("following-sibling::dd[1]")
    assert "How hard it is." in meaning.text_content()
    assert meaning.xpath(".//a[@href='http://www.w3.org/2001/XMLSchema#integer']")


def test_a_class_tells_its_fields_and_how_much_it_is_used(site: Site) -> None:
    page = site.page("/def/Finding.html")
    names = set(texts(page, "//section[.//h2[@id='fields-Finding']]//dt//code"))
    assert {"escr:standing", "escr:country", "dcterms:source"} <= names
    [[findings]] = site.rows("SELECT (COUNT(*) AS ?n) { ?x a <https://w3id.org/escrgraph/def/Finding> }")
    [use] = page.xpath("//dt[text()='In use']/following-sibling::dd[1]")
    assert use.text_content().startswith(f"{findings}:")
    assert len(use.xpath(".//a[starts-with(@href, '/doc/finding/')]")) == 5


def test_a_property_tells_whose_field_it_is(site: Site) -> None:
    page = site.page("/def/usesMethod.html", "fr")
    [kinds] = page.xpath("//dt[text()='Champ de']/following-sibling::dd[1]")
    assert {"/shapes/#Finding", "/shapes/#Resource"} <= set(kinds.xpath(".//a/@href"))
