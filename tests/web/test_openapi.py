"""The description of the API: valid, whole, and true of what the addresses answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.harvesting.clients import settled_dump, waited_for
from tests.running import Running
from tests.web.sites import Site, before

from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.iris import TYPES
from escrgraph.vocabulary.kinds import kinds_of, shipped_kinds
from escrgraph.web.describing import operation
from escrgraph.web.openapi import HIDDEN, METHODS, path_of

NOT_HERE = {
    "/store/{name}",
    "/account/reset/{secret}",
    "/account/feed/{secret}.atom",
    "/api/submissions",
    "/api/submissions/{id}",
}
"""Only a store of its own has graphs there, which somebody made; and what is one person's is shown to them alone."""

GRAPHS = {
    "/sparql": "/sparql?query=CONSTRUCT+%7B+%3Fs+%3Fp+%3Fo+%7D+WHERE+%7B+%3Fs+%3Fp+%3Fo+%7D+LIMIT+1",
    "/queries/{name}": "/queries/country-chains",
}
"""Where a graph is answered, at addresses whose answer is of the kind of the query."""

TURTLE = """
@prefix escr: <https://w3id.org/escrgraph/def/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shape: <https://w3id.org/escrgraph/shapes/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
shape:Method sh:property shape:method-difficulty .
shape:method-difficulty a sh:PropertyShape ; sh:path escr:difficulty ; sh:datatype xsd:integer ; sh:maxCount 1 ;
    sh:order 99 ; sh:name "Difficulty"@en ; sh:description "How hard it is."@en .
"""


@pytest.fixture(scope="module")
def description(site: Site) -> dict[str, Any]:
    return told(site)


def told(site: Site) -> dict[str, Any]:
    answer = site.get("/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return dict(json.loads(answer.data))


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in description["paths"].items():
        for method, said in methods.items():
            yield path, method, said


def test_it_is_valid(description: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(description).validate()


def test_every_route_is_described_and_nothing_else(site: Site, description: dict[str, Any]) -> None:
    rules = [rule for rule in site.client.application.url_map.iter_rules() if rule.endpoint not in HIDDEN]
    routes = {(path_of(rule), method.lower()) for rule in rules for method in rule.methods or ()}
    assert {(path, method) for path, method, _ in operations(description)} == {
        (path, method) for path, method in routes if method in METHODS
    }


def test_every_view_says_what_it_answers(site: Site) -> None:
    app = site.client.application
    silent = {
        f"{rule.endpoint} ({method}): add @described(…) below its route"
        for rule in app.url_map.iter_rules()
        for method in set(rule.methods or ()) & {name.upper() for name in METHODS}
        if rule.endpoint not in HIDDEN and operation(app.view_functions[rule.endpoint], method) is None
    }
    assert not silent


def test_what_is_said_is_answered(library: Running, site: Site, description: dict[str, Any]) -> None:
    settled_dump(library, "SHA256SUMS")
    waited_for(library, "dumps/1.0.0/escrgraph.nq.gz")
    for path, method, said in operations(description):
        if method != "get" or path in NOT_HERE:
            continue
        place = {found["name"]: found["example"] for found in said["parameters"] if found["in"] == "path"}
        query = {
            found["name"]: found["example"]
            for found in said["parameters"]
            if found["in"] == "query" and "example" in found
        }
        address = re.sub(r"\{(\w+)\}", lambda found, place=place: quote(place[found[1]], safe="/"), path)
        address += "?" + urlencode(query, doseq=True) if query else ""
        (status, answer), *_ = said["responses"].items()
        for media in answer.get("content", {None: {}}):
            found = site.get(address, media)
            if path in GRAPHS and found.status_code == 406:  # the example gives rows, and a graph was wanted
                found = site.get(GRAPHS[path], media)
            assert str(found.status_code) == status, (address, media, found.text[:300])
            if media is not None and "ending" not in place and "." not in address.partition("?")[0]:
                assert found.mimetype in answer["content"], (address, media)


def test_every_refusal_is_a_problem(description: dict[str, Any]) -> None:
    for path, method, said in operations(description):
        content = said["responses"]["default"]["content"]
        assert content["application/problem+json"]["schema"]["$ref"].endswith("/Problem"), (path, method)


def test_names_of_operations_differ(description: dict[str, Any]) -> None:
    names = [said["operationId"] for _, _, said in operations(description)]
    assert len(set(names)) == len(names)


def validator(description: dict[str, Any], name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": description["components"]})


@pytest.mark.parametrize("address", ["/doc/right/none", "/sparql?query=SELEC", "/api/terms?kind=x"])
def test_problems_are_as_described(site: Site, description: dict[str, Any], address: str) -> None:
    validator(description, "Problem").validate(json.loads(site.get(address, "application/problem+json").data))


def test_terms_are_as_described(site: Site, description: dict[str, Any]) -> None:
    for query in ("kind=class", "kind=prefix", "kind=value&property=https://w3id.org/escrgraph/def/iso3"):
        validator(description, "Terms").validate(json.loads(site.get("/api/terms?" + query).data))


@pytest.mark.parametrize("address", ["/search.json?q=health", "/browse/right.json", "/search.json?q=qqqq"])
def test_lists_are_as_described(site: Site, description: dict[str, Any], address: str) -> None:
    validator(description, "List").validate(json.loads(site.get(address).data))


@pytest.mark.parametrize("type_", TYPES)
def test_records_are_as_their_shapes_describe_them(
    site: Site, description: dict[str, Any], records: dict[str, list[str]], type_: str
) -> None:
    checked = validator(description, shipped_kinds().by_type[type_].name)
    for record in records[type_][:5]:
        nodes = json.loads(site.get(f"/doc/{record}.jsonld").data)
        merged: dict[str, Any] = {}
        for node in nodes:
            if node["@id"] == site.service.base.record_iri(record):
                merged |= node
        checked.validate(merged)
        assert not checked.is_valid({"@id": 1})


def test_a_property_added_to_a_shape_is_described(site: Site, tmp_path: Path) -> None:
    extra = tmp_path / "extra.ttl"
    extra.write_text(TURTLE, encoding="utf-8")
    kinds = kinds_of([*shipped.shape_files(), extra], shipped.ontology_files())
    with before(replace(site.service, kinds=kinds)) as changed:
        described = told(changed)["components"]["schemas"]["Method"]["properties"]
    field = described["https://w3id.org/escrgraph/def/difficulty"]
    assert (field["title"], field["description"], field["maxItems"]) == ("Difficulty", "How hard it is.", 1)
