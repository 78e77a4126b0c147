"""XML that is well-formed whatever the data say (XML 1.0, section 2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from lxml import etree
from pyoxigraph import Literal, NamedNode, Triple

from escrgraph.vocabulary.namespaces import PREFIXES, RDF

XML = "http://www.w3.org/XML/1998/namespace"
LANGUAGE = f"{{{XML}}}lang"

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*$")
_PREFIX = {namespace: prefix for prefix, namespace in PREFIXES.items()}
_ABOUT, _RESOURCE, _DATATYPE = (f"{{{RDF}}}{name}" for name in ("about", "resource", "datatype"))
_STRING = "http://www.w3.org/2001/XMLSchema#string"


def clean(text: str) -> str:
    """The text with U+FFFD in the place of every character that XML cannot hold."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    """Add an element in the namespace of its parent, or in the one that the name states."""
    here = name if name.startswith("{") else f"{{{etree.QName(parent).namespace}}}{name}"
    element = etree.SubElement(parent, here, {key: clean(value) for key, value in attributes.items()})
    if text:
        element.text = clean(text)
    return element


def document(root: etree._Element) -> bytes:
    """The document as UTF-8."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def rdf_xml(triples: Iterable[Triple]) -> etree._Element:
    """Triples as an rdf:RDF element (RDF 1.1 XML Syntax).

    A property whose IRI does not end in an XML name cannot be written, and is left out: the other formats have it.
    """
    by_subject: dict[str, list[Triple]] = {}
    for triple in triples:
        if isinstance(triple.subject, NamedNode):
            by_subject.setdefault(triple.subject.value, []).append(triple)
    used = {_split(triple.predicate.value)[0] for group in by_subject.values() for triple in group}
    names = {_PREFIX[namespace]: namespace for namespace in sorted(used) if namespace in _PREFIX}
    root = etree.Element(f"{{{RDF}}}RDF", nsmap={"rdf": RDF, **names})
    for subject, group in sorted(by_subject.items()):
        node = etree.SubElement(root, f"{{{RDF}}}Description", {_ABOUT: clean(subject)})
        for triple in sorted(group, key=lambda found: (found.predicate.value, str(found.object))):
            _add_property(node, triple)
    return root


def _add_property(node: etree._Element, triple: Triple) -> None:
    namespace, local = _split(triple.predicate.value)
    if not local or not namespace:
        return
    value = triple.object
    element = etree.SubElement(node, f"{{{namespace}}}{local}")
    if isinstance(value, Literal):
        element.text = clean(value.value)
        if value.language:
            element.set(LANGUAGE, value.language)
        elif value.datatype.value != _STRING:
            element.set(_DATATYPE, clean(value.datatype.value))
    elif isinstance(value, NamedNode):
        element.set(_RESOURCE, clean(value.value))


@lru_cache(4096)  # a library uses few properties, and every triple has one
def _split(iri: str) -> tuple[str, str]:
    """Namespace and local name; without a local name the property cannot be an element."""
    found = _LOCAL.search(iri)
    return (iri[: found.start()], found[0]) if found else (iri, "")
