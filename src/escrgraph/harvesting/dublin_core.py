"""A record in the fifteen elements of Dublin Core, for harvesters that know nothing else (OAI-PMH 2.0, section 3.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pyoxigraph import Literal

from escrgraph.harvesting.statements import Statement
from escrgraph.harvesting.xml import escaped
from escrgraph.vocabulary.languages import authority_tag
from escrgraph.vocabulary.namespaces import expand

OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
_BEGINNING = (
    f'<oai_dc:dc xmlns:oai_dc="{OAI_DC}" xmlns:dc="{DC}" xmlns:xsi="{XSI}" xsi:schemaLocation="{OAI_DC} {SCHEMA}">'
)
LICENCE = "https://creativecommons.org/licenses/by/4.0/"

NAMING = ("skos:prefLabel", "dcterms:title", "foaf:name", "rdfs:label")
"""Properties that name a thing, best first."""

_NAMES: Mapping[str, Sequence[str]] = {
    "creator": ("dcterms:creator",),
    "contributor": ("escr:moderator", "escr:participant", "escr:developedBy", "escr:organization"),
    "publisher": ("dcterms:publisher",),
    "subject": ("dcterms:subject", "escr:right", "escr:usesMethod", "escr:breaches"),
    "coverage": ("escr:country", "escr:region"),
    "type": ("dcterms:type",),
}
"""Elements that hold the names of the things a property leads to."""

_TEXTS: Mapping[str, Sequence[str]] = {
    "title": (*NAMING, "dcterms:alternative"),
    "description": ("dcterms:abstract", "dcterms:description", "skos:definition"),
    "date": ("dcterms:issued", "dcterms:date"),
}
_ADDRESSES: Mapping[str, Sequence[str]] = {
    "identifier": ("foaf:page", "foaf:homepage"),
    "source": ("dcterms:source",),
    "relation": ("dcterms:isPartOf", "skos:exactMatch", "skos:broader", "dcterms:relation"),
}

_FORMS: Mapping[str, str] = {
    "bibo:doi": "https://doi.org/{}",
    "bibo:isbn13": "urn:isbn:{}",
    "bibo:isbn10": "urn:isbn:{}",
    "escr:unSymbol": "{}",
}
"""Properties that identify a work, and how that is written as an identifier."""

_LINKING = frozenset(expand(name) for properties in _NAMES.values() for name in properties)
_USED = {
    expand(name): name for table in (_NAMES, _TEXTS, _ADDRESSES) for properties in table.values() for name in properties
} | {expand(name): name for name in (*_FORMS, "dcterms:language")}

Names = Mapping[str, Sequence[Literal]]
_ByProperty = Mapping[str, Sequence[Statement]]


class Value(NamedTuple):
    """A value of an element. language: the tag of its text, empty without one."""

    element: str
    text: str
    language: str = ""


def linked(statements: Iterable[Statement]) -> set[str]:
    """The things whose names a record in Dublin Core needs."""
    return {s.iri for s in statements if s.iri and s.predicate in _LINKING}


def describe(iri: str, kind: str, statements: Iterable[Statement], names: Names) -> list[Value]:
    """The elements of a record.

    iri: its address, the first identifier. kind: what it is, in English. names: of the things that `linked` named.
    """
    all_: dict[str, list[Statement]] = {}
    own: dict[str, list[Statement]] = {}
    for statement in sorted(s for s in statements if s.predicate in _USED):
        name = _USED[statement.predicate]
        all_.setdefault(name, []).append(statement)
        if statement.subject == iri:
            own.setdefault(name, []).append(statement)
    found = [*_texts("title", own), Value("identifier", iri), *_identifiers(own)]
    for element, properties in _NAMES.items():
        things = dict.fromkeys(s.iri for name in properties for s in all_.get(name, ()) if s.iri)
        found += [Value(element, name.value, name.language or "") for t in things for name in names.get(t, ())]
    found += [Value("type", kind, "en"), *_texts("description", own), *_texts("date", own)]
    found += [Value("language", tag) for s in own.get("dcterms:language", ()) for tag in [authority_tag(s.iri)] if tag]
    found += [value for element in ("source", "relation") for value in _addresses(element, own)]
    return list(dict.fromkeys([*found, Value("rights", LICENCE)]))


def oai_dc(values: Iterable[Value]) -> str:
    """The elements as `oai_dc:dc`."""
    return f"{_BEGINNING}{''.join(map(_written, values))}</oai_dc:dc>"


def _written(value: Value) -> str:
    language = f' xml:lang="{value.language}"' if value.language else ""
    return f"<dc:{value.element}{language}>{escaped(value.text)}</dc:{value.element}>"


def _texts(element: str, own: _ByProperty) -> list[Value]:
    return [Value(element, s.text, s.language) for name in _TEXTS[element] for s in own.get(name, ()) if not s.iri]


def _addresses(element: str, own: _ByProperty) -> list[Value]:
    return [Value(element, s.iri) for name in _ADDRESSES[element] for s in own.get(name, ()) if s.iri]


def _identifiers(own: _ByProperty) -> list[Value]:
    found = [
        Value("identifier", form.format(s.text))
        for name, form in _FORMS.items()
        for s in own.get(name, ())
        if not s.iri
    ]
    return [*found, *_addresses("identifier", own)]
