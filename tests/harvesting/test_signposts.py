"""What pages say to machines: signposts, schema.org, languages, citation metadata."""

from __future__ import annotations

import json

import extruct
import pytest
from signposting import find_signposting_http
from tests.harvesting.clients import get
from tests.running import Running
from tests.web.sites import BASE, Site

from escrgraph.vocabulary.iris import TYPES


@pytest.mark.parametrize("record", ["right/food", "finding/gtm-maternal-mortality-indigenous", "organization/cesr"])
def test_a_signposting_client_finds_address_metadata_and_licence(given: Running, record: str) -> None:
    found = find_signposting_http(f"{given.url}doc/{record}")
    assert str(found.citeAs.target) == f"{BASE}id/{record}"  # type: ignore[union-attr]
    assert str(found.license.target) == "https://creativecommons.org/licenses/by/4.0/"  # type: ignore[union-attr]
    assert "https://schema.org/AboutPage" in {str(link.target) for link in found.types}
    described = {(str(link.target), str(link.type)) for link in found.describedBy}
    assert (f"{given.url}doc/{record}.ttl", "text/turtle") in described
    for address, media in described:
        answer = get(address)
        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, media)


@pytest.mark.parametrize("type_", TYPES)
def test_pages_hold_schema_org(site: Site, records: dict[str, list[str]], type_: str) -> None:
    for record in records[type_][:3]:
        answer = site.get(f"/doc/{record}?lang=en", "text/html")
        (found,) = extruct.extract(answer.text, base_url="http://localhost/", syntaxes=["json-ld"])["json-ld"]
        assert found["@context"] == "https://schema.org"
        assert (found["@id"], found["url"]) == (f"{BASE}id/{record}", f"http://localhost/doc/{record}")
        assert found["name"]


@pytest.mark.usefixtures("dumps")
def test_the_catalogue_is_a_dataset_for_search_engines(site: Site) -> None:
    page = site.get("/catalog?lang=es", "text/html").text
    (found,) = extruct.extract(page, base_url="http://localhost/", syntaxes=["json-ld"])["json-ld"]
    assert found["@type"] == "Dataset"
    assert found["license"]
    assert {part["encodingFormat"] for part in found["distribution"]} >= {"text/turtle", "application/n-quads"}


def test_pages_name_their_languages_and_feeds(site: Site) -> None:
    page = site.page("/doc/right/food")
    languages = dict(zip(page.xpath("//link[@hreflang]/@hreflang"), page.xpath("//link[@hreflang]/@href"), strict=True))
    assert languages == {tag: f"http://localhost/doc/right/food?lang={tag}" for tag in ("en", "es", "fr", "ar")}
    feeds = page.xpath("//link[@type='application/atom+xml']/@href")
    assert feeds == ["/feeds/all.atom", "/feeds/right.atom"]
    for address in feeds:
        assert site.get(str(address)).status_code == 200


def test_a_work_can_be_taken_into_a_reference_manager(site: Site) -> None:
    rows = site.rows(
        "SELECT ?r (COUNT(?c) AS ?n) WHERE { ?r a <https://w3id.org/escrgraph/def/Resource> ;"
        " <http://purl.org/dc/terms/creator> ?c ; <http://purl.org/ontology/bibo/doi> ?d }"
        " GROUP BY ?r ORDER BY ?r LIMIT 1"
    )
    record, authors = rows[0][0].strip("<>").partition("/id/")[2], int(rows[0][1])
    page = site.page(f"/doc/{record}")
    told: dict[str, list[str]] = {}
    for element in page.xpath("//meta[starts-with(@name, 'citation_')]"):
        told.setdefault(str(element.get("name")), []).append(str(element.get("content")))
    assert len(told["citation_author"]) == authors
    assert len(told["citation_title"]) == len(told["citation_doi"]) == 1
    assert told["citation_title"][0] in page.xpath("string(//h1)")


def test_hostile_text_cannot_leave_the_script(site: Site) -> None:
    app = site.client.application
    with app.test_request_context():
        macro = app.jinja_env.get_template("machines.html").module.for_machines  # type: ignore[attr-defined]
        head = {
            "schema": {"name": "</script><script>alert(1)</script>"},
            "citation": [('"><b>', '"><b>')],
            "languages": {},
            "feed": "/",
        }
        written = str(macro(head))
    assert "<script>alert" not in written
    assert "<b>" not in written
    assert json.loads(written.partition('ld+json">')[2].partition("</script>")[0])["name"].startswith("</script>")


@pytest.mark.usefixtures("dumps")
def test_a_host_that_a_client_invents_is_not_repeated(site: Site) -> None:
    for path in ("/doc/right/food", "/catalog", "/.well-known/void", "/sparql"):
        for accept in ("text/html", "text/turtle"):
            answer = site.get(path, accept, host="evil.example")
            assert "evil.example" not in answer.text
            assert "evil.example" not in str(answer.headers)
