"""A record in the fifteen elements of Dublin Core, for harvesters that know nothing else (OAI-PMH 2.0, section 3.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree
from pyoxigraph import Literal, NamedNode, Triple

from escrgraph.harvesting.xml import LANGUAGE, add
from escrgraph.vocabulary.languages import authority_tag
from escrgraph.vocabulary.namespaces import compact, expand

OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
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
_short = lru_cache(4096)(compact)  # a library uses few properties, and every triple has one

Names = Mapping[str, Sequence[Literal]]


@dataclass(frozen=True, slots=True)
class Value:
    """A value of an element. language: the tag of its text, None without one."""

    element: str
    text: str
    language: str | None = None


def linked(triples: Iterable[Triple]) -> set[str]:
    """The things whose names a record in Dublin Core needs."""
    return {t.object.value for t in triples if isinstance(t.object, NamedNode) and t.predicate.value in _LINKING}


def describe(iri: str, kind: str, triples: Iterable[Triple], names: Names) -> list[Value]:
    """The elements of a record.

    iri: its address, the first identifier. kind: what it is, in English. names: of the things that `linked` named.
    """
    by_property: dict[str, list[Triple]] = {}
    for triple in sorted(triples, key=str):
        by_property.setdefault(_short(triple.predicate.value), []).append(triple)
    own = {name: [t for t in found if t.subject == NamedNode(iri)] for name, found in by_property.items()}
    found = [*_texts("title", own), Value("identifier", iri), *_identifiers(own)]
    for element, properties in _NAMES.items():
        things = dict.fromkeys(
            t.object.value for name in properties for t in by_property.get(name, ()) if isinstance(t.object, NamedNode)
        )
        found += [Value(element, name.value, name.language) for thing in things for name in names.get(thing, ())]
    found += [Value("type", kind, "en"), *_texts("description", own), *_texts("date", own)]
    found += [Value("language", tag) for t in own.get("dcterms:language", ()) for tag in [_tag(t)] if tag]
    found += [value for element in ("source", "relation") for value in _addresses(element, own)]
    return list(dict.fromkeys([*found, Value("rights", LICENCE)]))


def oai_dc(values: Iterable[Value]) -> etree._Element:
    """The elements as `oai_dc:dc`."""
    root = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} {SCHEMA}")
    for value in values:
        element = add(root, f"{{{DC}}}{value.element}", value.text)
        if value.language:
            element.set(LANGUAGE, value.language)
    return root


def _texts(element: str, own: Mapping[str, Sequence[Triple]]) -> list[Value]:
    literals = [t.object for name in _TEXTS[element] for t in own.get(name, ()) if isinstance(t.object, Literal)]
    return [Value(element, literal.value, literal.language) for literal in literals]


def _addresses(element: str, own: Mapping[str, Sequence[Triple]]) -> list[Value]:
    found = [t.object for name in _ADDRESSES[element] for t in own.get(name, ())]
    return [Value(element, node.value) for node in found if isinstance(node, NamedNode)]


def _identifiers(own: Mapping[str, Sequence[Triple]]) -> list[Value]:
    found = [
        Value("identifier", form.format(t.object.value))
        for name, form in _FORMS.items()
        for t in own.get(name, ())
        if isinstance(t.object, Literal)
    ]
    return [*found, *_addresses("identifier", own)]


def _tag(triple: Triple) -> str | None:
    return authority_tag(triple.object.value) if isinstance(triple.object, NamedNode) else None
