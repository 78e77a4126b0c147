"""Documents over the web: where they are, in which forms, how long they stay good, and what is left of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import rdflib
import requests
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, parse
from tests.places import configured
from tests.running import Running
from tests.web.sites import BASE, Site, before

from escrgraph.repository.changes import Cause, Change
from escrgraph.service import attached
from escrgraph.vocabulary.iris import TYPES
from escrgraph.web.documents import EXTENSIONS, OFFERS

FOOD = "/doc/right/food"
FINDING = "finding/gtm-maternal-mortality-indigenous"
CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
MEDIA = {format_.name: format_.media_type for format_ in OFFERS}


# Where things are


def test_a_thing_leads_to_its_document(site: Site) -> None:
    answer = site.get("/id/right/food")
    assert (answer.status_code, answer.headers["Location"], answer.data) == (303, FOOD, b"")
    assert site.get("/id/right/food?lang=fr&x=%C3%A9").headers["Location"] == FOOD + "?lang=fr&x=%C3%A9"


def test_a_part_leads_to_its_place_in_the_document(site: Site) -> None:
    answer = site.get(f"/id/{FINDING}/observation/1?lang=ar")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/doc/{FINDING}?lang=ar#observation/1")
    assert site.page(f"/doc/{FINDING}").xpath("//*[@id='observation/1']")


@pytest.mark.parametrize(
    "path",
    [
        "/id/nonsense/food", "/id/right/no-such-right", "/id/right/Food", "/id/right/a--b", "/id/right/no-such/part",
        "/doc/nonsense/food", "/doc/right/no-such-right", "/doc/right/no-such-right.ttl", "/doc/right/.ttl",
        "/doc/right/food.nq", "/doc/right/food.exe", "/doc/right/food.ttl.ttl", "/doc/right/Food",
        "/doc/right/no-such-right/in/resource?property=http://purl.org/dc/terms/subject",
        "/doc/submission/x", "/id/submission/x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "application/json"])
def test_what_never_was_is_not_found(site: Site, path: str, accept: str) -> None:
    answer = site.get(path, accept)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text


def test_an_unknown_ending_names_those_there_are(site: Site) -> None:
    told = site.get(FOOD + ".exe").get_json()["detail"]
    assert all(f".{ending}" in told for ending in (*EXTENSIONS, "html"))


@pytest.mark.parametrize(
    "path", ["/id/right/food", FOOD, FOOD + ".ttl", FOOD + ".html", "/doc/right/none", FOOD + ".x"]
)
def test_head_is_get_without_the_body(library: Running, path: str) -> None:
    with requests.Session() as http:
        http.trust_env = False
        got, head = (
            http.request(method, library.url[:-1] + path, headers={"Connection": "close"}, allow_redirects=False)
            for method in ("GET", "HEAD")
        )
    for answer in (got, head):
        del answer.headers["Date"]
    assert head.content == b""
    assert head.status_code == got.status_code
    assert dict(head.headers) == dict(got.headers)


# In which forms


@pytest.mark.parametrize(
    ("accept", "type_"),
    [
        (None, "text/html"),
        ("*/*", "text/html"),
        ("text/*", "text/html"),
        (CHROMIUM, "text/html"),
        (FIREFOX, "text/html"),
        ("text/turtle", "text/turtle"),
        ("text/turtle;q=0.4, application/n-triples;q=0.5", "application/n-triples"),
        ("text/html;q=0.2, application/ld+json", "application/ld+json"),
        ("application/json", "application/json"),
        ("application/rdf+xml;charset=utf-8", "application/rdf+xml"),
        ("application/xml", "application/xml"),
        ("application/trig, */*;q=0.1", "application/trig"),
        ("application/trig, text/turtle;q=0.3", "application/trig"),
        ("application/n-quads, application/trig;q=0.95, application/ld+json;q=0.9", "application/ld+json"),
        ("application/*", "application/n-triples"),
        ("text/html;q=0, */*", "text/turtle"),
        ("TEXT/TURTLE ; Q=1.0", "text/turtle"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"', "application/ld+json"),
    ],
)
def test_the_client_gets_what_it_prefers(site: Site, accept: str | None, type_: str) -> None:
    answer = site.get(FOOD, accept)
    assert answer.status_code == 200
    assert answer.mimetype == type_
    assert "Accept" in answer.headers["Vary"].split(", ")


@pytest.mark.parametrize("accept", ["image/png", "application/n-quads", "text/html;q=0", "*/*;q=0"])
def test_what_there_is_is_told_to_who_takes_none_of_it(site: Site, accept: str) -> None:
    answer = site.get(FOOD, accept)
    assert answer.status_code == 406
    available = answer.get_json()["available"]
    assert available == ["text/html", *(format_.media_type for format_ in OFFERS)]


def test_an_ending_decides_whatever_is_accepted(site: Site) -> None:
    for ending, media_type in (*MEDIA.items(), ("html", "text/html")):
        answer = site.get(f"{FOOD}.{ending}", "image/png")
        assert (answer.status_code, answer.mimetype) == (200, media_type)


def test_headers_tell_what_it_is_about_and_what_else_there_is(site: Site) -> None:
    for path in (FOOD, FOOD + ".ttl"):
        answer = site.get(path)
        links = answer.headers["Link"]
        assert f'<{BASE}id/right/food>; rel="describes"' in links
        assert f'<{FOOD}>; rel="canonical"' in links
        assert 'rel="license"' in links
        for ending, media_type in (*MEDIA.items(), ("html", "text/html")):
            assert f'<{FOOD}.{ending}>; rel="alternate"; type="{media_type}"' in links
        assert answer.headers["X-Generation"] == "1"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_only_pages_have_a_language(site: Site) -> None:
    page, data = site.get(FOOD, "text/html", accept_language="fr"), site.get(FOOD, "text/turtle", accept_language="fr")
    assert page.headers["Content-Language"] == "fr"
    assert {"Accept", "Accept-Language"} <= set(page.headers["Vary"].split(", "))
    assert "Content-Language" not in data.headers
    assert "Accept-Language" not in data.headers["Vary"]


# What it says


def described(whole: Store, record: str) -> set[Triple]:
    """What the public graphs say of a record, of its parts and of the document about it."""
    iri = BASE + "id/" + record
    nodes = {NamedNode(iri), NamedNode(f"{BASE}doc/{record}")}
    nodes |= {q.subject for q in whole if isinstance(q.subject, NamedNode) and q.subject.value.startswith(iri + "/")}
    return {quad.triple for node in nodes for quad in whole.quads_for_pattern(node, None, None, None)}


def read(data: bytes, ending: str) -> set[Triple]:
    return {quad.triple for quad in parse(data, RdfFormat.from_extension(ending))}


@pytest.mark.filterwarnings("ignore:.*use Dataset:DeprecationWarning")  # rdflib's parsers use what rdflib deprecates
@pytest.mark.parametrize("type_", [type_ for type_ in TYPES if type_ != "dataset"])
def test_every_format_says_what_the_store_says(
    site: Site, whole: Store, records: dict[str, list[str]], type_: str
) -> None:
    record = records[type_][0]
    expected = described(whole, record)
    for ending in MEDIA:
        data = site.get(f"/doc/{record}.{ending}").data
        assert read(data, ending) == expected, ending
        assert read_by_rdflib(data, ending) == read_by_rdflib(site.get(f"/doc/{record}.nt").data, "nt"), ending


def read_by_rdflib(data: bytes, ending: str) -> set[object]:
    graph = rdflib.Dataset(default_union=True)
    graph.parse(data=data, format={"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml"}.get(ending, ending))
    return set(graph.triples((None, None, None)))


def test_no_document_leaves_anything_out(site: Site, whole: Store, records: dict[str, list[str]]) -> None:
    by_record: dict[str, set[Triple]] = {}
    for quad in whole:
        iri = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
        record = site.service.base.record_of(iri.replace(BASE + "doc/", BASE + "id/", 1))
        if record:
            by_record.setdefault(record, set()).add(quad.triple)
    assert sorted(by_record) == sorted(record for found in records.values() for record in found)
    wrong = [
        record for record, expected in by_record.items() if read(site.get(f"/doc/{record}.nt").data, "nt") != expected
    ]
    assert not wrong


def test_trig_says_in_which_graph_each_triple_stands(site: Site, whole: Store) -> None:
    quads = set(parse(site.get(f"/doc/{FINDING}.trig").data, RdfFormat.TRIG))
    assert {quad.triple for quad in quads} == described(whole, FINDING)
    assert all(quad in whole for quad in quads)
    names = {str(quad.graph_name).rpartition("/")[2].rstrip(">") for quad in quads}
    assert {"finding", "inferred"} <= names
    assert "state" not in names


# How long it stays good


def test_each_form_has_its_own_validator(site: Site) -> None:
    pages = [site.get(FOOD, "text/html", accept_language=language) for language in ("en", "es", "fr", "ar")]
    data = [site.get(f"{FOOD}.{ending}") for ending in MEDIA]
    other = site.get("/doc/right/health.ttl")
    tags = [answer.headers["ETag"] for answer in (*pages, *data, other)]
    assert len(set(tags)) == len(tags)
    assert site.get(FOOD, "text/turtle").headers["ETag"] == site.get(FOOD + ".ttl").headers["ETag"]


@pytest.mark.parametrize("path", [FOOD, *(f"{FOOD}.{ending}" for ending in (*MEDIA, "html"))])
def test_who_has_it_is_told_so(site: Site, path: str) -> None:
    first = site.get(path)
    for tags in (first.headers["ETag"], f'"other", {first.headers["ETag"]}', "*"):
        again = site.get(path, if_none_match=tags)
        assert (again.status_code, again.data) == (304, b"")
        for name in ("ETag", "Vary", "X-Generation", "Link", "Cache-Control"):
            assert again.headers.get(name) == first.headers.get(name), name
    assert site.get(path, if_none_match='W/"1-other"').status_code == 200


def test_the_page_in_another_language_is_not_what_one_has(site: Site) -> None:
    english = site.get(FOOD, "text/html", accept_language="en").headers["ETag"]
    assert site.get(FOOD, "text/html", accept_language="fr", if_none_match=english).status_code == 200
    assert site.get(FOOD + "?lang=fr", "text/html", if_none_match=english).status_code == 200


# What changes


@pytest.fixture(scope="module")
def small(site: Site, whole: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A few records of the library in a store of their own, of which one is withdrawn and one renamed."""
    store = tmp_path_factory.mktemp("small") / "store"
    with configured(store) as settings, attached(settings, create=True) as service, before(service) as found:
        for record in ("right/food", "right/health", "right/education", "right/housing", "right/water"):
            service.writer.commit(Change(Cause.IMPORT, "curator", "New.", added=quads_of(whole, record)))
        service.writer.commit(
            Change(Cause.WITHDRAWAL, "curator", "It was <b>twice</b> here.", withdrawn=["right/education"])
        )
        moved = [as_record(quad, "right/housing", "right/home") for quad in quads_of(whole, "right/housing")]
        renaming = Change(Cause.IMPORT, "curator", "A better name.", moved, renamed={"right/housing": "right/home"})
        service.writer.commit(renaming)
        yield found


def quads_of(whole: Store, record: str) -> list[Quad]:
    found = whole.quads_for_pattern(NamedNode(BASE + "id/" + record), None, None, None)
    graph = NamedNode(BASE + "graph/right")
    return [quad for quad in found if quad.graph_name == graph]


def as_record(quad: Quad, old: str, new: str) -> Quad:
    subject = NamedNode(quad.subject.value.replace(old, new))
    return Quad(subject, quad.predicate, quad.object, quad.graph_name)


@pytest.mark.parametrize("ending", MEDIA)
def test_data_stay_good_while_other_records_change(small: Site, whole: Store, ending: str) -> None:
    path = f"/doc/right/health.{ending}"
    first = small.get(path)
    small.service.writer.commit(Change(Cause.IMPORT, "curator", "Other.", added=[label("right/food", ending)]))
    again = small.get(path)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Last-Modified"] == first.headers["Last-Modified"]
    assert int(again.headers["X-Generation"]) == int(first.headers["X-Generation"]) + 1
    assert small.get(path, if_none_match=first.headers["ETag"]).status_code == 304
    small.service.writer.commit(Change(Cause.IMPORT, "curator", "This.", added=[label("right/health", ending)]))
    changed = small.get(path, if_none_match=first.headers["ETag"])
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]
    assert f"called {ending}" in changed.text
    assert f"called {ending}" in small.get("/doc/right/health", "text/html").text


def label(record: str, text: str) -> Quad:
    path = NamedNode("http://www.w3.org/2004/02/skos/core#altLabel")
    literal = next(parse(f'<x:x> <x:x> "called {text}"@en .', RdfFormat.TURTLE)).object
    return Quad(NamedNode(BASE + "id/" + record), path, literal, NamedNode(BASE + "graph/right"))


@pytest.mark.parametrize(
    "path", ["/id/right/education", "/id/right/education/part", "/doc/right/education", "/doc/right/education.html"]
)
def test_what_was_withdrawn_is_gone_and_the_page_says_why(small: Site, path: str) -> None:
    answer = small.get(path, "text/html", accept_language="es")
    assert (answer.status_code, answer.mimetype) == (410, "text/html")
    assert "It was &lt;b&gt;twice&lt;/b&gt; here." in answer.text
    assert '<html lang="es"' in answer.text
    assert "ETag" not in answer.headers


@pytest.mark.parametrize("ending", MEDIA)
@pytest.mark.parametrize("form", ["/doc/right/education.{ending}", "/doc/right/education", "/id/right/education"])
def test_what_was_withdrawn_is_gone_in_every_format(small: Site, ending: str, form: str) -> None:
    answer = small.get(form.format(ending=ending), MEDIA[ending])
    assert (answer.status_code, answer.mimetype) == (410, MEDIA[ending])
    said = {quad.predicate.value.rpartition("/")[2].rpartition("#")[2]: quad for quad in parsed(answer.data, ending)}
    assert said["primaryTopic"].object == NamedNode(BASE + "id/right/education")
    assert said["comment"].object.value == "It was <b>twice</b> here."
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", said["invalidatedAtTime"].object.value)
    assert {quad.subject for quad in said.values()} == {NamedNode(BASE + "doc/right/education")}


def parsed(data: bytes, ending: str) -> list[Quad]:
    return list(parse(data, RdfFormat.from_extension(ending)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/id/right/housing", "/id/right/home"),
        ("/id/right/housing/part/1", "/id/right/home/part/1"),
        ("/id/right/housing?lang=fr", "/id/right/home?lang=fr"),
        ("/doc/right/housing", "/doc/right/home"),
        ("/doc/right/housing?lang=ar", "/doc/right/home?lang=ar"),
        *((f"/doc/right/housing.{ending}", f"/doc/right/home.{ending}") for ending in (*MEDIA, "html")),
    ],
)
def test_what_was_renamed_has_moved_for_good(small: Site, old: str, new: str) -> None:
    answer = small.get(old)
    assert (answer.status_code, answer.headers["Location"]) == (301, new)
    assert small.get(new.replace("/part/1", "")).status_code in {200, 303}


def test_what_was_withdrawn_or_renamed_is_in_no_list(small: Site) -> None:
    listed = small.page("/browse/right").xpath("//main//li/a/@href")
    assert {"/doc/right/food", "/doc/right/health", "/doc/right/home"} <= set(listed)
    assert not {"/doc/right/education", "/doc/right/housing"} & set(listed)


def test_a_redacted_record_is_gone(small: Site) -> None:
    assert small.get("/doc/right/water.ttl").status_code == 200
    small.service.writer.redact("right/water", "curator", "The person asked for it.")
    assert "/doc/right/water" not in small.page("/browse/right").xpath("//main//li/a/@href")
    for ending in (*MEDIA, "html"):
        answer = small.get(f"/doc/right/water.{ending}")
        assert answer.status_code == 410
        assert "drinking" not in answer.text.lower()


# Elsewhere


def test_a_store_of_another_base_has_its_own_addresses(tmp_path_factory: pytest.TempPathFactory, site: Site) -> None:
    base = "https://example.org/esc/"
    store = tmp_path_factory.mktemp("other") / "store"
    with (
        configured(store, base=base) as settings,
        attached(settings, create=True, empty=False) as service,
        before(service) as other,
    ):
        for record in ("right/food", FINDING):
            here, there = (asked.get(f"/doc/{record}.nt").text for asked in (site, other))
            moved = (
                here.replace(BASE, base)
                .replace(base + "def/", BASE + "def/")
                .replace(base + "shapes/", BASE + "shapes/")
            )
            assert without_times(moved) == without_times(there)
            page = other.page(f"/doc/{record}")
            assert page.xpath("//link[@rel='canonical']/@href") == [f"{base}doc/{record}"]
            assert site.page(f"/doc/{record}").xpath("//main//dd//a/@href") == page.xpath("//main//dd//a/@href")
        assert other.get("/id/right/food").headers["Location"] == "/doc/right/food"
        assert f"<{base}id/right/food>" in other.get(FOOD).headers["Link"]
        listed = "//main//li//a/@href[starts-with(., '/doc/right/')]"
        assert {*other.page("/browse/right").xpath(listed)} == {
            *site.page("/browse/right?size=100").xpath("//main//a/@href[starts-with(., '/doc/right/')]")
        }


def without_times(text: str) -> list[str]:
    return sorted(line for line in text.splitlines() if "dateTime" not in line)
