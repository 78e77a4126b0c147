"""How a record is cited: a resource as the work itself, anything else as an entry of this library."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext
from pyoxigraph import NamedNode

from escrgraph.vocabulary.languages import authority_tag
from escrgraph.vocabulary.namespaces import DCTERMS, ESCR, local_name
from escrgraph.web.citation import ENTRY, Name, Reference, Words
from escrgraph.web.entity import Entity, Reading, Value
from escrgraph.web.records import History

LIBRARY = "escrgraph"

_BIBO, _PROV, _FOAF = "http://purl.org/ontology/bibo/", "http://www.w3.org/ns/prov#", "http://xmlns.com/foaf/0.1/"
_TYPES = {
    "blog-post": "post-weblog", "book": "book", "book-chapter": "chapter", "dataset": "dataset", "index": "webpage",
    "journal-article": "article-journal", "standard": "standard", "submission": "document", "thesis": "thesis",
    "video": "motion_picture", "web-resource": "webpage", "training-material": "document",
}  # fmt: skip
"""CSL types of the resource types; all others are reports."""


def words() -> Words:
    """What a reference in plain text says, in the reader's language."""
    return Words(gettext("no date"), gettext("Generation") + " {0}")


def reference(
    reading: Reading, entity: Entity, generation: int, history: History | None, names: Mapping[str, Name] | None = None
) -> Reference:
    """The record as it is cited.

    names: of persons, by IRI, in family and given name; without, the whole name stands.
    """
    if entity.kind.type == "resource":
        return _work(reading, entity, names or {})
    changed = history.time.date().isoformat() if history else ""
    return Reference(
        key=entity.record,
        kind=ENTRY,
        title=entity.title.text,
        language=entity.title.language or "",
        container=LIBRARY,
        issued=changed,
        url=entity.iri,
        version=str(generation),
    )


def _work(reading: Reading, entity: Entity, names: Mapping[str, Name]) -> Reference:
    node = NamedNode(entity.iri)

    def first(path: str) -> Value | None:
        return next(iter(reading.say(node, path)), None)

    def texts(path: str) -> str:
        value = first(path)
        return (value.datum or value.text) if value else ""

    page, type_ = first(_FOAF + "page"), reading.parts(node, DCTERMS + "type")
    languages = [authority_tag(part.value) for part in reading.parts(node, DCTERMS + "language")]
    return Reference(
        key=entity.record,
        kind=_TYPES.get(local_name(type_[0].value), "report") if type_ else "document",
        title=entity.title.text,
        language=entity.title.language or next((tag for tag in languages if tag), ""),
        creators=tuple(_creators(reading, node, names)),
        container=texts(DCTERMS + "isPartOf"),
        publisher="; ".join(value.text for value in reading.say(node, DCTERMS + "publisher")),
        issued=texts(DCTERMS + "issued"),
        doi=texts(_BIBO + "doi"),
        isbn=texts(_BIBO + "isbn13") or texts(_BIBO + "isbn10"),
        number=texts(ESCR + "unSymbol"),
        url=page.href if page and page.href else entity.iri,
    )


def _creators(reading: Reading, node: NamedNode, names: Mapping[str, Name]) -> list[Name]:
    """The creators in the order of their contributions; those without one after them, by name."""
    ordered: dict[str, None] = {}
    contributions = reading.parts(node, _PROV + "qualifiedAttribution")
    for part in sorted(contributions, key=lambda found: _position(reading, found)):
        ordered |= dict.fromkeys(agent.value for agent in reading.parts(part, _PROV + "agent"))
    others = reading.parts(node, DCTERMS + "creator")
    ordered |= dict.fromkeys(agent.value for agent in sorted(others, key=lambda found: reading.thing(found.value).text))
    return [names.get(iri) or Name(reading.thing(iri).text) for iri in ordered]


def _position(reading: Reading, contribution: NamedNode) -> int:
    value = next(iter(reading.say(contribution, ESCR + "position")), None)
    text = value.datum or "" if value else ""
    return int(text) if text.isdecimal() else 1_000_000
