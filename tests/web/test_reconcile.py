"""Reconciliation, as OpenRefine asks for it; answers by schemas written from the specification (version 0.2)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from jsonschema import Draft202012Validator
from pyoxigraph import Literal, NamedNode, Store
from tests.web.sites import BASE, Site

from escrgraph.vocabulary.kinds import shipped_kinds
from escrgraph.vocabulary.namespaces import SKOS
from escrgraph.web.reconciling import BATCH, Asked, fit

TEXT = {"type": "string"}
NAMED = {"type": "object", "required": ["id", "name"], "properties": {"id": TEXT, "name": TEXT}}
URL = {"type": "string", "pattern": r"^https?://.*\{\{id\}\}"}
SERVICE = {
    "type": "object",
    "required": ["service_url", "service_path"],
    "properties": {"service_url": TEXT, "service_path": TEXT},
}
MANIFEST = {
    "type": "object",
    "required": ["versions", "name", "identifierSpace", "schemaSpace"],
    "properties": {
        "versions": {"type": "array", "contains": {"const": "0.2"}},
        "name": TEXT,
        "identifierSpace": {"type": "string", "pattern": "^https?://"},
        "schemaSpace": {"type": "string", "pattern": "^https?://"},
        "documentation": TEXT,
        "defaultTypes": {"type": "array", "items": NAMED},
        "view": {
            "type": "object",
            "required": ["url"],
            "properties": {"url": {"type": "string", "pattern": r"\{\{id\}\}"}},
        },
        "preview": {
            "type": "object",
            "required": ["url", "width", "height"],
            "properties": {
                "url": URL,
                "width": {"type": "integer"},
                "height": {"type": "integer"},
            },
        },
        "suggest": {
            "type": "object",
            "properties": {"entity": SERVICE, "type": SERVICE, "property": SERVICE},
            "additionalProperties": False,
        },
        "extend": {
            "type": "object",
            "properties": {"propose_properties": SERVICE, "property_settings": {"type": "array"}},
            "additionalProperties": False,
        },
    },
}
CANDIDATE = {
    "type": "object",
    "required": ["id", "name", "score"],
    "properties": {
        "id": TEXT,
        "name": TEXT,
        "description": TEXT,
        "type": {"type": "array", "items": NAMED},
        "score": {"type": "number"},
        "match": {"type": "boolean"},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "value"],
                "properties": {"id": TEXT, "value": {"type": ["number", "boolean"]}},
            },
        },
    },
}
BATCHED = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["result"],
        "properties": {"result": {"type": "array", "items": CANDIDATE}},
    },
}
SUGGESTED = {"type": "object", "required": ["result"], "properties": {"result": {"type": "array", "items": NAMED}}}
PROPOSED = {
    "type": "object",
    "required": ["type", "properties"],
    "properties": {"type": TEXT, "limit": {"type": "integer"}, "properties": {"type": "array", "items": NAMED}},
}
CELL = {
    "type": "object",
    "anyOf": [{"required": [name]} for name in ("id", "str", "float", "int", "bool", "date")],
    "properties": {"id": TEXT, "name": TEXT, "str": TEXT, "float": {"type": "number"}, "date": TEXT},
}
EXTENDED = {
    "type": "object",
    "required": ["meta", "rows"],
    "properties": {
        "meta": {"type": "array", "items": NAMED},
        "rows": {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": {"type": "array", "items": CELL}},
        },
    },
}


def told(site: Site, path: str, schema: dict[str, Any], **form: object) -> dict[str, Any]:
    """An answer; with a form it is posted as OpenRefine does."""
    if form:
        sent = {name: json.dumps(value) for name, value in form.items()}
        answer = site.client.post(path, data=sent)
    else:
        answer = site.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    body = json.loads(answer.data)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(body)
    return dict(body)


def asked(site: Site, **queries: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {name: found["result"] for name, found in told(site, "/api/reconcile", BATCHED, queries=queries).items()}


def test_the_manifest_says_what_there_is(site: Site) -> None:
    found = told(site, "/api/reconcile", MANIFEST)
    assert [each["id"] for each in found["defaultTypes"]] == [k.name for k in shipped_kinds().by_type.values()]
    assert found["identifierSpace"] == BASE + "id/"
    for service in (*found["suggest"].values(), found["extend"]["propose_properties"]):
        assert service["service_url"] == "http://localhost"
        assert site.get(service["service_path"] + "?prefix=he&type=Country").status_code == 200


@pytest.mark.parametrize("language", ["en", "es", "fr", "ar"])
def test_every_country_is_found_by_its_name(site: Site, whole: Store, language: str) -> None:
    labels = {
        quad.subject.value: quad.object.value
        for quad in whole.quads_for_pattern(None, NamedNode(SKOS + "prefLabel"), None)
        if isinstance(quad.subject, NamedNode)
        and isinstance(quad.object, Literal)
        and quad.object.language == language
        and quad.subject.value.startswith(BASE + "id/country/")
    }
    chosen = dict(sorted(labels.items())[::6])
    found = asked(site, **{iri: {"query": label, "type": "Country"} for iri, label in chosen.items()})
    for iri, label in chosen.items():
        (best, *others) = found[iri]
        assert (BASE + "id/" + best["id"], best["match"], best["score"]) == (iri, True, 100), label
        assert not any(other["match"] for other in others)


def test_cells_with_mistakes_find_their_record(site: Site) -> None:
    found = asked(
        site,
        a={"query": "MEXICO.", "type": "Country"},
        b={"query": "Mexicoo", "type": "Country"},
        c={"query": "gtm", "type": ["country"], "limit": 1},
        d={"query": "derecho a la salud", "type": {"id": "Right", "name": "Right"}},
        e={"query": "", "type": "Country"},
        f={"query": "qqqqqq"},
    )
    assert found["a"][0]["id"] == found["b"][0]["id"] == "country/mex"
    assert found["a"][0]["match"]
    assert not found["b"][0]["match"]
    assert (found["c"][0]["id"], len(found["c"])) == ("country/gtm", 1)
    assert found["d"][0]["id"] == "right/health"
    assert found["e"] == found["f"] == []


def test_properties_speak_for_and_against(site: Site) -> None:
    query = {"query": "Guatemala", "type": "Country"}
    right = {"properties": [{"pid": "escr:iso3", "v": "GTM"}]}
    wrong = {"properties": [{"pid": "escr:iso3", "v": ["XXX"]}]}
    region = {"properties": [{"pid": "skos:broader", "v": {"id": "region/central-america"}}]}
    found = asked(site, a=query | right, b=query | wrong, c=query | region)
    assert (found["a"][0]["match"], found["a"][0]["score"]) == (True, 100)
    assert found["a"][0]["features"] == [{"id": "name", "value": 100}, {"id": "escr:iso3", "value": True}]
    assert not found["b"][0]["match"]
    assert found["b"][0]["score"] < 75
    assert found["c"][0]["match"]


def test_a_batch_costs_two_queries(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.web.test_pages import counted

    with counted(monkeypatch) as sent:
        asked(site, **{f"q{number}": {"query": name} for number, name in enumerate(["health", "food", "Mexico"])})
        assert sent == [2]


def test_queries_come_by_address_too(site: Site) -> None:
    queries = json.dumps({"q0": {"query": "Right to health", "limit": 2}})
    found = told(site, "/api/reconcile?" + urlencode({"queries": queries}), BATCHED)
    assert found["q0"]["result"][0]["id"] == "right/health"


@pytest.mark.parametrize(
    ("form", "told_"),
    [
        ({"queries": "{"}, "not JSON"),
        ({"queries": "[" * 100_000}, "not JSON"),
        ({"queries": "[]"}, "no JSON object"),
        ({"queries": '{"q0": {}}'}, "“q0” needs a text"),
        ({"queries": '{"q0": {"query": "x", "type": "Nothing"}}'}, "Types: Resource"),
        ({"queries": '{"q0": {"query": "x", "limit": "y"}}'}, "limit"),
        ({"queries": '{"q0": {"query": "x", "properties": [{"pid": "escr:nothing", "v": 1}]}}'}, "escr:nothing"),
        ({"queries": json.dumps({f"q{n}": {"query": "x"} for n in range(BATCH + 1)})}, f"{BATCH} are the most"),
        ({"extend": '{"ids": 1}'}, "ids"),
        ({"callback": "alert"}, "JSONP"),
    ],
)
def test_what_is_asked_wrongly_is_explained(site: Site, form: dict[str, str], told_: str) -> None:
    answer = site.client.post("/api/reconcile", data=form)
    assert answer.status_code in {400, 413}
    assert told_ in json.loads(answer.data)["detail"]


def test_what_is_typed_is_completed(site: Site) -> None:
    path = "/api/reconcile/suggest/"
    entities = told(site, path + "entity?prefix=guatem", SUGGESTED)["result"]
    assert entities[0]["id"] == "country/gtm"
    assert entities[0]["notable"] == [{"id": "Country", "name": "Country"}]
    assert told(site, path + "type?prefix=finding", SUGGESTED)["result"][0]["id"] == "Finding"
    assert "escr:iso3" in [each["id"] for each in told(site, path + "property?prefix=iso", SUGGESTED)["result"]]
    assert told(site, path + "type?prefix=qqq", SUGGESTED)["result"] == []


def test_records_are_extended(site: Site) -> None:
    proposed = told(site, "/api/reconcile/properties?type=Country&limit=50", PROPOSED)
    assert {"escr:iso3", "skos:broader"} <= {each["id"] for each in proposed["properties"]}
    asked_ = {"ids": ["country/gtm", "country/none"], "properties": [{"id": "escr:iso3"}, {"id": "skos:broader"}]}
    found = told(site, "/api/reconcile", EXTENDED, extend=asked_)
    assert [each["id"] for each in found["meta"]] == ["escr:iso3", "skos:broader"]
    assert found["rows"]["country/gtm"]["escr:iso3"] == [{"str": "GTM"}]
    assert found["rows"]["country/gtm"]["skos:broader"] == [{"id": "region/central-america", "name": "Central America"}]
    assert found["rows"]["country/none"] == {"escr:iso3": [], "skos:broader": []}


def test_a_preview_may_stand_in_a_page_of_others(site: Site) -> None:
    answer = site.get("/api/reconcile/preview?id=country/gtm&lang=es")
    assert answer.status_code == 200
    assert "frame-ancestors" not in answer.headers["Content-Security-Policy"]
    assert "Guatemala" in answer.text
    assert 'lang="es"' in answer.text
    assert site.get("/api/reconcile/preview?id=../x").status_code == 400


@pytest.mark.parametrize(
    ("text", "names", "least", "most"),
    [
        ("Mexico", ["México", "MEX"], 100, 100),
        ("Mexicoo", ["México"], 80, 99),
        ("المكسيك", ["مكسيك"], 100, 100),
        ("x", [], 0, 0),
        ("", ["x"], 0, 0),
    ],
)
def test_names_are_compared_without_accents(text: str, names: list[str], least: float, most: float) -> None:
    assert least <= fit(Asked(text, (), 5, ()), names, {}).score <= most
