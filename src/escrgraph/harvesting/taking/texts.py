"""XML from a source: parsed without entities, and read as texts by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from lxml import etree

from escrgraph.harvesting.dublin_core import DC
from escrgraph.harvesting.taking.found import SourceFailed, Value
from escrgraph.harvesting.xml import LANGUAGE
from escrgraph.vocabulary.namespaces import PREFIXES

_PREFIX = {namespace: prefix for prefix, namespace in PREFIXES.items()} | {DC: "dc"}


def parsed(body: bytes, address: str) -> etree._Element:
    """The root of a document. Raises SourceFailed for one that is no XML, or that declares entities."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceFailed(f"{address} answers with broken XML: {str(error)[:200]}.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise SourceFailed(f"{address} answers with XML that declares a DOCTYPE, which is not read: it may be a bomb.")
    return root


def values_of(element: etree._Element) -> Mapping[str, list[Value]]:
    """The texts of the elements in one that hold no others, by name ("dc:title"), with their language."""
    found: defaultdict[str, list[Value]] = defaultdict(list)
    for node in element.iter(etree.Element):
        text = "" if len(node) else (node.text or "").strip()
        if text:
            found[_name(node)].append(Value(text, _language(node)))
    return dict(found)


def _name(node: etree._Element) -> str:
    name = etree.QName(node)
    prefix = _PREFIX.get(name.namespace or "")
    return f"{prefix}:{name.localname}" if prefix else name.localname


def _language(node: etree._Element) -> str:
    here: etree._Element | None = node
    while here is not None:
        if (tag := here.get(LANGUAGE)) is not None:
            return str(tag)
        here = here.getparent()
    return ""
