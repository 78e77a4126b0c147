"""XML that is well-formed whatever the data say (XML 1.0, section 2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

from lxml import etree

from escrgraph.harvesting.statements import Statement
from escrgraph.vocabulary.namespaces import PREFIXES, RDF

XML = "http://www.w3.org/XML/1998/namespace"
LANGUAGE = f"{{{XML}}}lang"

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*$")
_PREFIX = {namespace: prefix for prefix, namespace in PREFIXES.items()}


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


def element(name: str, content: str = "", **attributes: str) -> str:
    """An element as text, for documents that are too long to make nodes of. content: XML itself, see `escaped`."""
    said = "".join(f' {key}="{_quoted(value)}"' for key, value in attributes.items())
    return f"<{name}{said}>{content}</{name}>" if content else f"<{name}{said}/>"


def escaped(text: str) -> str:
    """A text as the content of an element, or as an attribute when it has no tabs or line feeds."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("\r", "&#13;")


def written(root: str) -> bytes:
    """A document whose root element is given as text, as UTF-8."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{clean(root)}'.encode()


def rdf_xml(statements: Iterable[Statement]) -> str:
    """Statements as an rdf:RDF element (RDF 1.1 XML Syntax).

    A property whose IRI does not end in an XML name cannot be written, and is left out: the other formats have it.
    """
    used: dict[str, str] = {"rdf": RDF}
    nodes: dict[str, list[str]] = {}
    for statement in sorted(statements):
        about = nodes.setdefault(statement.subject, [])
        prefix, namespace, name = _property(statement.predicate)
        if name:
            used[prefix] = namespace
            about.append(_value(name, statement))
    declared = "".join(f' xmlns:{prefix}="{escaped(namespace)}"' for prefix, namespace in used.items())
    parts = (
        f'<rdf:Description rdf:about="{escaped(subject)}">{"".join(said)}</rdf:Description>'
        for subject, said in nodes.items()
    )
    return f"<rdf:RDF{declared}>{''.join(parts)}</rdf:RDF>"


def _value(name: str, statement: Statement) -> str:
    if statement.iri:
        return f'<{name} rdf:resource="{escaped(statement.iri)}"/>'
    told = ""
    if statement.language:
        told = f' xml:lang="{statement.language}"'
    elif statement.datatype:
        told = f' rdf:datatype="{escaped(statement.datatype)}"'
    return f"<{name}{told}>{escaped(statement.text)}</{name}>"


def _quoted(text: str) -> str:
    return escaped(text).replace("\n", "&#10;").replace("\t", "&#9;")


@lru_cache(4096)  # a library uses few properties, and every statement has one
def _property(iri: str) -> tuple[str, str, str]:
    """Prefix, namespace and prefixed name of a property; without a local name it cannot be an element."""
    found = _LOCAL.search(iri)
    if found is None or not found.start():
        return "", "", ""
    namespace = iri[: found.start()]
    prefix = _PREFIX.get(namespace) or f"ns{blake2b(namespace.encode(), digest_size=4).hexdigest()}"
    return prefix, namespace, f"{prefix}:{found[0]}"
