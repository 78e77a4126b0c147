"""The description of the API: every public address, from routes, what views say of themselves, and shapes."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from flask import Blueprint, Flask, Response, current_app
from werkzeug.routing import Rule

from escrgraph import __version__
from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.iris import TYPES
from escrgraph.vocabulary.kinds import Kind, Kinds
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.web import caching
from escrgraph.web.context import here
from escrgraph.web.describing import JSON, Operation, Parameter, described, operation
from escrgraph.web.schemas import SCHEMAS

blueprint = Blueprint("openapi", __name__)

METHODS = ("get", "put", "post", "delete", "patch")
"""Those that OpenAPI 3.1 can describe and this service may take; HEAD goes without saying."""

HIDDEN = frozenset({"pages.static"})
"""Endpoints that are no part of the API."""

_VARIABLE = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
_PLACES = {
    "type": ("Type of record.", "right"),
    "slug": ("Name of the record within its type.", "food"),
    "name": ("Name.", "food"),
    "ending": ("Format, by the ending of its files.", "ttl"),
    "below": ("Place below.", "x"),
    "source": ("Type of the records that point here.", "resource"),
}
_INTRODUCTION = (
    "Everything the site shows can be asked for by programs. Answers name the generation of the data that they show in "
    "X-Generation and carry an ETag; HEAD answers as GET; any origin may read (CORS). A refusal is told as "
    "application/problem+json, plain text or a page, as Accept asks. /sparql also takes the HTTP method QUERY, which "
    "OpenAPI 3.1 cannot describe."
)


@blueprint.get("/openapi.json")
@described("API", JSON)
def openapi() -> Response:
    """The description of the API (OpenAPI 3.1)."""
    generation = here().service.pages.generation()
    tag = caching.validator(generation, here().service.identity, "openapi")
    if caching.fresh(tag):
        return caching.not_modified(generation, tag)
    body = json.dumps(describe(current_app, here().service.kinds), ensure_ascii=False, indent=1) + "\n"
    return caching.stamp(Response(body, content_type=JSON), generation, tag)


def describe(app: Flask, kinds: Kinds) -> dict[str, Any]:
    """The description of an application whose records are of some kinds (OpenAPI 3.1.0, section 4.8.1)."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        if rule.endpoint in HIDDEN:
            continue
        for method, view in _methods(app, rule):
            paths.setdefault(path_of(rule), {})[method] = _operation(rule, method, view, kinds)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "escrgraph",
            "version": __version__,
            "description": _INTRODUCTION,
            "license": {"name": "CC BY 4.0 (data)", "identifier": "CC-BY-4.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": SCHEMAS | {kind.name: _schema(kind) for kind in kinds.by_type.values()}},
    }


def path_of(rule: Rule) -> str:
    """The path of a rule as OpenAPI writes it."""
    return _VARIABLE.sub(lambda found: "{" + found["name"].rstrip("_") + "}", rule.rule)


def _methods(app: Flask, rule: Rule) -> Iterator[tuple[str, Callable[..., Any]]]:
    for method in METHODS:
        if method.upper() in (rule.methods or ()):
            yield method, app.view_functions[rule.endpoint]


def _operation(rule: Rule, method: str, view: Callable[..., Any], kinds: Kinds) -> dict[str, Any]:
    said = operation(view, method.upper()) or Operation("Other", {200: ()})
    summary, _, more = inspect.cleandoc(view.__doc__ or rule.endpoint).partition("\n\n")
    given = said.parameters(kinds) if callable(said.parameters) else said.parameters
    described_: dict[str, Any] = {
        "operationId": _identifier(rule, method),
        "tags": [said.tag],
        "summary": " ".join(summary.split()),
        "parameters": [*_places(rule, said), *map(_parameter, given)],
        "responses": _answers(said),
    }
    if more:
        described_["description"] = more
    if said.bodies:
        described_["requestBody"] = {"content": {media: {} for media in said.bodies}, "required": True}
    return described_


def _identifier(rule: Rule, method: str) -> str:
    """Differs for any two operations, and stays the same as long as address and method do."""
    return re.sub(r"\W+", "-", f"{method} {path_of(rule)}").strip("-") or method


def _places(rule: Rule, said: Operation) -> Iterator[dict[str, Any]]:
    for found in _VARIABLE.finditer(rule.rule):
        name = found["name"].rstrip("_")
        meaning, example = _PLACES.get(name, (name, name))
        schema: dict[str, Any] = {"type": "string"}
        if name == "type":
            schema["enum"] = list(TYPES)
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": meaning,
            "schema": schema,
            "example": said.place.get(found["name"], said.place.get(name, example)),
        }


def _parameter(said: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": said.type}
    if said.choices:
        schema["enum"] = list(said.choices)
    if said.many:
        schema = {"type": "array", "items": schema}
    found: dict[str, Any] = {"name": said.name, "in": "query", "description": said.meaning, "schema": schema}
    if said.required:
        found["required"] = True
    if said.example is not None:
        found["example"] = [said.example] if said.many else said.example
    return found


def _answers(said: Operation) -> dict[str, Any]:
    problems = {"description": "A refusal, which says what was asked, why it was not done and what to do.",
                "content": {"application/problem+json": {"schema": _reference("Problem")}}}  # fmt: skip
    found: dict[str, Any] = {}
    for status, media in said.answers.items():
        found[str(status)] = {"description": _MEANINGS.get(status, "The answer.")}
        if media:
            found[str(status)]["content"] = {each: _content(each, said.schema) for each in media}
    return found | {"default": problems}


_MEANINGS = {200: "The answer.", 201: "Made.", 204: "Done.", 303: "Where it is described.", 202: "Taken in."}


def _content(media: str, schema: str | None) -> dict[str, Any]:
    return {"schema": _reference(schema)} if schema and media == JSON else {}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _schema(kind: Kind) -> dict[str, Any]:
    """A record as a node object of expanded JSON-LD, as its shape demands it."""
    fields = [field for field in kind.fields if not field.forbidden]
    return {
        "type": "object",
        "title": kind.label("en").text,
        "description": _english(kind.descriptions),
        "properties": {"@id": {"type": "string", "format": "iri"}} | {field.path: _field(field) for field in fields},
        "required": ["@id", *(field.path for field in fields if field.required)],
    }


def _field(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "array", "title": field.label("en").text, "items": _reference(_value(field))}
    if description := _english(field.descriptions):
        found["description"] = description
    if field.min_count:
        found["minItems"] = field.min_count
    if field.max_count is not None:
        found["maxItems"] = field.max_count
    return found


def _value(field: Field) -> str:
    if field.datatypes and not field.classes and not field.node:
        return "Literal"
    return "Reference" if field.node_kind == "http://www.w3.org/ns/shacl#IRI" else "Value"


def _english(texts: Sequence[Any]) -> str:
    return next((text.value for text in texts if text.language == LANGUAGES[0]), "")
