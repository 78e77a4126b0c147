"""Completion for editors and forms: `/api/terms` tells what may stand at a place, in the reader's language."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

from escrgraph.repository.errors import Malformed
from escrgraph.web import caching, completing
from escrgraph.web.context import here
from escrgraph.web.describing import JSON, LANG, Parameter, described
from escrgraph.web.pages import kept, language, localized, page_tag
from escrgraph.web.protocol import absolute
from escrgraph.web.terms import ontology

blueprint = Blueprint("completions", __name__)

KINDS = ("class", "property", "value", "prefix")

_MOST = 100


@blueprint.get("/api/terms")
@described(
    "Completion",
    JSON,
    schema="Terms",
    parameters=(
        Parameter("kind", "What is wanted.", "class", required=True, choices=KINDS),
        Parameter("q", "Text that stands in it or in its name.", "find"),
        Parameter("class", "IRI of a class: only the properties, or values, of its things."),
        Parameter("property", "IRI of the property whose values are wanted.", "http://purl.org/dc/terms/subject"),
        LANG,
    ),
)
def terms() -> Response:
    """Classes, properties, values or prefixes that begin with, or hold, some text; most used first."""
    kind, wanted = request.args.get("kind", ""), request.args.get("q", "").strip()
    if kind not in KINDS:
        raise Malformed(f"The parameter kind is “{kind}”, and this address knows {', '.join(KINDS)}.")
    class_, property_ = _iri("class"), _iri("property")
    if kind == "value" and property_ is None:
        raise Malformed("Values are told of one property at a time: name it by its IRI, property=….")
    generation = here().service.pages.generation()
    early = kept(generation)
    if early is not None:
        return early
    found = completing.matching(_suggestions(kind, class_, property_, wanted), wanted)
    body = {
        "generation": generation,
        "total": len(found),
        "terms": [suggestion.as_json() for suggestion in found[:_MOST]],
    }
    response = Response(json.dumps(body, ensure_ascii=False) + "\n", content_type="application/json")
    return localized(caching.stamp(response, generation, page_tag(generation)))


def _suggestions(kind: str, class_: str | None, property_: str | None, wanted: str) -> list[completing.Suggestion]:
    usage, kinds = here().usage, here().service.kinds
    if kind == "prefix":
        return completing.prefixes()
    if kind == "class":
        return completing.classes(usage.classes(), kinds, ontology(), language())
    if kind == "property" or property_ is None:
        return completing.properties(usage.properties(class_), kinds, ontology(), language(), class_)
    values = usage.values(property_, class_, wanted)
    return completing.values(values.counts, values.names, language())


def _iri(name: str) -> str | None:
    """The IRI in a parameter; None when it is absent or empty. Raises Malformed."""
    given = request.args.get(name, "").strip()
    return absolute(given, name) if given else None
