"""The reconciliation service for OpenRefine and its kin (W3C Reconciliation Service API 0.2) at `/api/reconcile`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request
from pyoxigraph import Literal, NamedNode

from escrgraph.repository.errors import Malformed
from escrgraph.search.asking import Hit, Selection
from escrgraph.vocabulary.kinds import Kind, Kinds
from escrgraph.vocabulary.labels import choose_label
from escrgraph.vocabulary.namespaces import SHAPE, XSD, compact
from escrgraph.web import caching, completing
from escrgraph.web.bodies import TEXT_BYTES, read_body
from escrgraph.web.context import here
from escrgraph.web.describing import HTML, JSON, Parameter, described
from escrgraph.web.hits import Listed
from escrgraph.web.list_view import Answers
from escrgraph.web.narrowing import other_texts
from escrgraph.web.page_queries import text
from escrgraph.web.pages import language, localized
from escrgraph.web.protocol import FORM, Parameters
from escrgraph.web.reconciling import (
    BATCH,
    Asked,
    Fit,
    fit,
    kind_of,
    naming_fields,
    read_extension,
    read_queries,
)
from escrgraph.web.terms import ontology

blueprint = Blueprint("reconcile", __name__)

PATH = "/api/reconcile"

_WIDER = 3
"""Records looked at for each candidate wanted: the name decides among them, not the whole text."""

_SUGGESTED = 20
_PREFIX = Parameter("prefix", "What was typed so far.", "hea", required=True)
_ASKED = (
    Parameter("queries", "Queries by key, as JSON."),
    Parameter("extend", "Ids and properties of a data extension, as JSON."),
)


@blueprint.route(PATH, methods=["GET", "POST"])
@described("Reconciliation", JSON, method="GET", parameters=_ASKED)
@described("Reconciliation", JSON, method="POST", bodies=(FORM,))
def reconcile() -> Response:
    """What the service offers; with queries, candidates for each; with an extension, values of records."""
    parameters = Parameters.of(request.query_string)
    if request.method == "POST":
        parameters += Parameters.of(read_body(TEXT_BYTES), "The body")
    if "callback" in parameters:
        raise Malformed("JSONP is not offered, as it would run as a script. Any origin may read this address (CORS).")
    queries, extend = parameters.once("queries"), parameters.once("extend")
    kinds = here().service.kinds
    if queries is not None:
        return _told(_candidates(read_queries(queries, kinds)), here().service.search.generation)
    if extend is not None:
        return _told(_extension(*read_extension(extend, kinds)))
    return _told(_manifest(kinds))


@blueprint.get(f"{PATH}/suggest/entity")
@described("Reconciliation", JSON, parameters=(_PREFIX,))
def suggest_entity() -> Response:
    """Records whose names begin with what was typed."""
    kinds = here().service.kinds.by_type
    found = here().service.search.complete(_prefix(), language(), size=_SUGGESTED)
    return _told(
        {
            "result": [
                {"id": each.record, "name": each.text, "notable": [_type(kinds[each.record.partition("/")[0]])]}
                for each in found
            ]
        },
        here().service.search.generation,
    )


@blueprint.get(f"{PATH}/suggest/type")
@described("Reconciliation", JSON, parameters=(_PREFIX,))
def suggest_type() -> Response:
    """Types of record whose names have what was typed."""
    service = here().service
    every = completing.classes(here().usage.classes(), service.kinds, ontology(), language())
    kinds = {kind.target_class: kind for kind in service.kinds.by_type.values()}
    found = completing.matching((each for each in every if each.iri in kinds), _prefix())
    return _told({"result": [_type(kinds[each.iri]) for each in found if each.iri]})


@blueprint.get(f"{PATH}/suggest/property")
@described("Reconciliation", JSON, parameters=(_PREFIX,))
def suggest_property() -> Response:
    """Properties whose names have what was typed."""
    every = completing.properties({}, here().service.kinds, ontology(), language())
    found = completing.matching(every, _prefix())[:_SUGGESTED]
    return _told({"result": [_property(each) for each in found]})


@blueprint.get(f"{PATH}/properties")
@described(
    "Reconciliation",
    JSON,
    parameters=(Parameter("type", "Type of the records.", "Country", required=True), Parameter("limit", "The most.")),
)
def properties() -> Response:
    """The properties by which records of a type can be extended (section 6.1)."""
    kind = kind_of(request.args.get("type", ""), here().service.kinds)
    limit = request.args.get("limit", default=1000, type=int)
    named = [{"id": compact(f.path), "name": f.label(language()).text} for f in kind.fields if not f.forbidden]
    return _told({"type": kind.name, "limit": limit, "properties": named[: max(0, limit)]})


@blueprint.get(f"{PATH}/preview")
@described("Reconciliation", HTML, parameters=(Parameter("id", "Id of the record.", "country/mex", required=True),))
def preview() -> Response:
    """A record in short, to be shown inside the page of another site (section 5)."""
    record = _records([request.args.get("id", "")])
    if not record:
        raise Malformed("The parameter id names no record; it is like “country/mex”.")
    (found,), answers = _looked_up(record, ())
    kind = here().service.kinds.by_type[record[0].partition("/")[0]]
    page = render_template("preview.html", record=found, description=_description(kind, answers))
    response = localized(caching.stamp(Response(page), answers.generation))
    # The one page that other sites may show inside theirs: it has nothing to click but one link.
    response.headers["Content-Security-Policy"] = "default-src 'self'; base-uri 'none'; form-action 'none'"
    return response


def _told(body: object, generation: int | None = None) -> Response:
    """generation: of the index, where it was asked; else that of what the shapes and records say."""
    response = Response(json.dumps(body, ensure_ascii=False) + "\n", content_type=JSON)
    shown = here().service.pages.generation() if generation is None else generation
    return localized(caching.stamp(response, shown))


def _prefix() -> str:
    return request.args.get("prefix", "").strip()[:200]


def _manifest(kinds: Kinds) -> dict[str, Any]:
    root = request.url_root.rstrip("/")
    suggest = {
        name: {"service_url": root, "service_path": f"{PATH}/suggest/{name}"} for name in ("entity", "type", "property")
    }
    return {
        "versions": ["0.2"],
        "name": "escrgraph",
        "identifierSpace": here().service.base.iri + "id/",
        "schemaSpace": SHAPE,
        "documentation": f"{root}/openapi.json",
        "defaultTypes": [_type(kind) for kind in kinds.by_type.values()],
        "view": {"url": f"{root}/id/{{{{id}}}}"},
        "preview": {"url": f"{root}{PATH}/preview?id={{{{id}}}}", "width": 430, "height": 300},
        "suggest": suggest,
        "extend": {"propose_properties": {"service_url": root, "service_path": f"{PATH}/properties"}},
        "batchSize": BATCH,
    }


def _type(kind: Kind) -> dict[str, str]:
    return {"id": kind.name, "name": kind.label(language()).text}


def _property(found: completing.Suggestion) -> dict[str, str]:
    named = {"id": found.written.strip("<>"), "name": found.label.text if found.label else found.written}
    return named | ({"description": found.description.text} if found.description else {})


def _candidates(batch: Mapping[str, Asked]) -> dict[str, Any]:
    """Candidates for every query; what is told of them all is asked at once."""
    hits = {name: _hits(asked) for name, asked in batch.items()}
    names = list(dict.fromkeys(hit.record for found in hits.values() for hit in found))
    paths = list(dict.fromkeys(path for asked in batch.values() for path, _ in asked.properties))
    naming = naming_fields(here().service.kinds.by_type.values())
    listed, answers = _looked_up(names, [*naming, *paths])
    by_record = {each.record: each for each in listed}
    values = _values(answers)
    return {
        name: {"result": _ranked(asked, [by_record[hit.record] for hit in hits[name]], naming, values)}
        for name, asked in batch.items()
    }


def _hits(asked: Asked) -> Sequence[Hit]:
    searcher = here().service.search
    types = tuple(kind.type for kind in asked.kinds if kind.type)
    for words in (asked.text, *other_texts(searcher, asked.text, language())) if asked.text else ():
        found = searcher.search(Selection(words, types), language=language(), size=_WIDER * asked.limit, facets=False)
        if found.hits:
            return found.hits
    return ()


def _ranked(
    asked: Asked, records: Iterable[Listed], naming: Iterable[str], values: Mapping[str, Mapping[str, Sequence[str]]]
) -> list[dict[str, Any]]:
    fits = []
    for record in records:
        told = values.get(record.iri, {})
        names = [record.title.text, *(name for path in naming for name in told.get(path, ()))]
        fits.append((record, fit(asked, names, told)))
    fits.sort(key=lambda pair: (-pair[1].score, pair[0].record))
    alone = sum(found.sure for _, found in fits) == 1
    return [_candidate(record, found, match=found.sure and alone) for record, found in fits[: asked.limit]]


def _candidate(record: Listed, found: Fit, *, match: bool) -> dict[str, Any]:
    kind = here().service.kinds.by_type[record.record.partition("/")[0]]
    features: list[dict[str, Any]] = [{"id": "name", "value": round(found.name, 1)}]
    features += [{"id": compact(path), "value": value} for path, value in found.properties.items()]
    facts = " · ".join(value.text for fact in record.facts for value in fact.values)
    return {
        "id": record.record,
        "name": record.title.text,
        "description": facts,
        "type": [_type(kind)],
        "score": round(found.score, 1),
        "match": match,
        "features": features,
    }


def _looked_up(records: Sequence[str], paths: Iterable[str]) -> tuple[list[Listed], Answers]:
    """Records as lists show them, and the answers that tell the values of some properties of theirs besides."""
    lists, hits = here().lists, [Hit(record, 0.0) for record in records]
    answers = lists.ask(hits, (), [NamedNode(path) for path in paths])
    return lists.records(hits, answers, language())[0], answers


def _values(answers: Answers) -> dict[str, dict[str, list[str]]]:
    """Record -> property -> its values, by text, id and name."""
    base = here().service.base
    found: dict[str, dict[str, list[str]]] = {}
    for row in answers.hits:
        texts = found.setdefault(text(row, "record"), {}).setdefault(text(row, "property"), [])
        value = text(row, "value")
        texts += [each for each in (value, value.removeprefix(base.iri + "id/"), text(row, "label")) if each]
    return found


def _extension(ids: Sequence[str], paths: Sequence[str]) -> dict[str, Any]:
    """Values of properties of records (section 6.2)."""
    base, kinds = here().service.base, here().service.kinds
    _, answers = _looked_up(_records(ids), paths)
    values: dict[tuple[str, str], dict[NamedNode | Literal, list[Literal]]] = {}
    for row in answers.hits:
        value = row.get("value")
        if value is not None and text(row, "node") == text(row, "record"):
            labels = values.setdefault((text(row, "record"), text(row, "property")), {}).setdefault(value, [])
            labels += [label] if isinstance(label := row.get("label"), Literal) else []
    rows = {
        id_: {compact(path): _cells(values.get((f"{base.iri}id/{id_}", path), {})) for path in paths} for id_ in ids
    }
    return {"meta": [{"id": compact(path), "name": _property_name(path, kinds)} for path in paths], "rows": rows}


def _cells(values: Mapping[NamedNode | Literal, Sequence[Literal]]) -> list[dict[str, Any]]:
    return [_cell(value, labels) for value, labels in values.items()]


def _cell(value: NamedNode | Literal, labels: Sequence[Literal]) -> dict[str, Any]:
    if isinstance(value, Literal):
        if value.datatype.value in {XSD + "integer", XSD + "decimal", XSD + "double"}:
            return {"float": float(value.value)}
        if value.datatype.value == XSD + "date":
            return {"date": value.value}
        return {"str": value.value}
    record = here().service.base.record_of(value.value)
    label = choose_label(labels, language())
    if record and here().service.base.record_iri(record) == value.value:
        return {"id": record, "name": label.text if label else record}
    return {"str": label.text if label else value.value}


def _property_name(path: str, kinds: Kinds) -> str:
    return next(f.label(language()).text for kind in kinds.values() for f in kind.fields if f.path == path)


def _records(ids: Iterable[str]) -> list[str]:
    """The ids that are of the form of records."""
    base = here().service.base
    return [id_ for id_ in dict.fromkeys(ids) if base.record_of(f"{base.iri}id/{id_}") == id_]


def _description(kind: Kind, answers: Answers) -> str | None:
    label = choose_label(kind.descriptions, language())
    return label.text if label and answers.generation else None
