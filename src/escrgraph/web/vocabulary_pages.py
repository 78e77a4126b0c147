"""The vocabulary and the shapes, as pages and as RDF: `/def/`, `/def/{Term}`, `/shapes/`, `/shapes/{Name}`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from flask import Blueprint, Response, request, url_for
from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, serialize

from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.facts import read_turtle, term
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.vocabulary.namespaces import ESCR, PREFIXES, SHAPE
from escrgraph.web import caching, fields_told
from escrgraph.web.context import here
from escrgraph.web.describing import LANG, described
from escrgraph.web.documents import OFFERS
from escrgraph.web.entity import Value
from escrgraph.web.fields_told import term_value
from escrgraph.web.formats import HTML, Format, choose
from escrgraph.web.names import names_in
from escrgraph.web.page_queries import ask, page_query, text
from escrgraph.web.pages import kept, language, page, redirected
from escrgraph.web.problems import Refusal
from escrgraph.web.terms import ontology, shapes, term_label

blueprint = Blueprint("vocabulary_pages", __name__)

_NAME = re.compile(r"[A-Za-z0-9_-]+")  # others make no IRI, and name nothing here

_CLASS = term("owl:Class")
_PROPERTIES = (term("owl:ObjectProperty"), term("owl:DatatypeProperty"), term("rdf:Property"))
_RELATIONS = ("rdfs:subClassOf", "rdfs:subPropertyOf", "rdfs:domain", "rdfs:range", "owl:inverseOf", "owl:disjointWith")
_FORMATS = {format_.name: format_ for format_ in (*OFFERS, HTML)}
_MEDIA = tuple(format_.media_type for format_ in _FORMATS.values())


@dataclass(frozen=True, slots=True)
class Relation:
    """How a term stands to others."""

    label: Label
    terms: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A class or property as its page shows it."""

    name: str
    iri: str
    label: Label
    definition: Label | None
    relations: tuple[Relation, ...] = ()


@blueprint.get("/def/")
@blueprint.get("/def.<ending>")
@described("Vocabulary", *_MEDIA, parameters=(LANG,))
def vocabulary(ending: str | None = None) -> Response:
    """The whole vocabulary."""
    format_ = _chosen(ending)
    if format_ is not HTML:
        return _rdf(_ontology_quads(), format_, "def")
    early = kept(_generation())
    if early is not None:
        return early
    classes = [_term(node.value) for node in _ours(_CLASS)]
    properties = [_term(node.value) for kind in _PROPERTIES for node in _ours(kind)]
    parts = [("classes", _sorted(classes)), ("properties", _sorted(properties))]
    return page("vocabulary.html", _generation(), parts=parts, formats=_named_formats("/def"))


@blueprint.get("/def/<name>")
@described("Vocabulary", *_MEDIA, parameters=(LANG,), place={"name": "Finding.ttl"})
def vocabulary_term(name: str) -> Response:
    """A term: 303 to what is said of it, a page or RDF, unless the address has an ending."""
    local, dot, ending = name.partition(".")
    if not _NAME.fullmatch(local) or not ontology().predicates(node := NamedNode(ESCR + local)):
        raise Refusal(404, "Not found", f"The vocabulary has no term {local}. All terms are at /def/.")
    if not dot:
        chosen = _chosen(None)
        response = redirected(url_for("vocabulary_pages.vocabulary_term", name=f"{local}.{chosen.name}"), 303)
        return _varied(response)
    format_ = _chosen(ending)
    if format_ is not HTML:
        return _rdf(tuple(quad for quad in _ontology_quads() if quad.subject == node), format_, name)
    early = kept(_generation())
    if early is not None:
        return early
    service = here().service
    query = page_query(service, "term-use", {"term": node})
    asked = ask(service, [query])
    rows = asked.solutions(0)
    examples = dict.fromkeys(text(row, "example") for row in rows if "example" in row)
    names = names_in([row for row in rows if "example" in row], "example")
    return page(
        "term.html",
        asked.generation,
        term=_term(node.value),
        kinds=fields_told.of_class(node.value, service.kinds, language()),
        used_in=fields_told.of_property(node.value, service.kinds, language()),
        count=next((int(text(row, "count")) for row in rows if "count" in row), 0),
        examples=[names.of(iri) for iri in examples],
        query=query,
        formats=_named_formats(f"/def/{local}"),
    )


@blueprint.get("/shapes/")
@blueprint.get("/shapes.<ending>")
@described("Vocabulary", *_MEDIA, parameters=(LANG,))
def all_shapes(ending: str | None = None) -> Response:
    """The shapes: what is demanded of each kind, field by field."""
    format_ = _chosen(ending)
    if format_ is not HTML:
        return _rdf(_shape_quads(), format_, "shapes")
    early = kept(_generation())
    if early is not None:
        return early
    known = here().service.kinds
    kinds = [fields_told.told(kind, known, language()) for kind in known.values()]
    return page("shapes.html", _generation(), kinds=kinds, formats=_named_formats("/shapes"))


@blueprint.get("/shapes/<name>")
@described("Vocabulary", status=303, place={"name": "Method"})
def shape(name: str) -> Response:
    """One shape, by its address: it stands on the page of all, or in the RDF of all."""
    if not _NAME.fullmatch(name) or not shapes().predicates(NamedNode(SHAPE + name)):
        raise Refusal(404, "Not found", f"There is no shape {name}. All shapes are at /shapes/.")
    chosen = _chosen(None)
    response = redirected("/shapes/", 303, name) if chosen is HTML else redirected(f"/shapes.{chosen.name}", 303)
    return _varied(response)


def _ours(kind: NamedNode) -> list[NamedNode]:
    nodes = ontology().subjects_of(term("rdf:type"), kind)
    return [node for node in nodes if isinstance(node, NamedNode) and node.value.startswith(ESCR)]


def _sorted(terms: list[Term]) -> list[Term]:
    return sorted({found.iri: found for found in terms}.values(), key=lambda found: found.label.text.casefold())


def _term(iri: str) -> Term:
    node, facts = NamedNode(iri), ontology()
    relations = []
    for name in _RELATIONS:
        found = facts.iris(node, term(name))
        if found:
            values = tuple(term_value(other, language()) for other in found)
            relations.append(Relation(term_label(term(name).value, language()), values))
    definition = choose_label(facts.literals(node, term("skos:definition")), language())
    return Term(iri.removeprefix(ESCR), iri, term_label(iri, language()), definition, tuple(relations))


def _chosen(ending: str | None) -> Format:
    """The format of an ending, or the one the client prefers. Raises Refusal (404) and NotAcceptable."""
    if ending is None:
        return choose(request.headers.get("Accept"), (HTML, *OFFERS)).format
    if ending not in _FORMATS:
        raise Refusal(404, "Not found", f"There is no .{ending} here. There is {', '.join(_FORMATS)}.")
    return _FORMATS[ending]


def _named_formats(path: str) -> list[tuple[str, Format]]:
    return [(f"{path}.{format_.name}", format_) for format_ in OFFERS]


@cache
def _ontology_quads() -> tuple[Quad, ...]:
    return tuple(read_turtle(shipped.ontology_files()))


@cache
def _shape_quads() -> tuple[Quad, ...]:
    return tuple(read_turtle(shipped.shape_files()))


def _rdf(quads: tuple[Quad, ...], format_: Format, name: str) -> Response:
    """Shipped triples in a format; they change with the release, not with the generation."""
    tag = caching.validator(0, name, format_.name)
    if caching.fresh(tag):
        return _varied(caching.not_modified(_generation(), tag))
    rdf = RdfFormat.from_media_type(format_.media_type)
    if rdf is None:
        raise LookupError(f"{format_.media_type} is no RDF format")
    triples = (Triple(quad.subject, quad.predicate, quad.object) for quad in quads)
    charset = "; charset=utf-8" if format_.media_type.startswith("text/") else ""
    body = serialize(triples, format=rdf, prefixes=dict(PREFIXES))
    response = Response(body, content_type=format_.media_type + charset)
    return _varied(caching.stamp(response, _generation(), tag))


def _varied(response: Response) -> Response:
    response.vary.add("Accept")
    return response


def _generation() -> int:
    return here().service.pages.generation()
