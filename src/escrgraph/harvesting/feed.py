"""What is new, as Atom: records by their last change, newest first, and tombstones (RFC 4287, RFC 5005, RFC 6721)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from lxml import etree
from pyoxigraph import Literal, NamedNode, Triple

from escrgraph.harvesting.contents import Library
from escrgraph.harvesting.dublin_core import LICENCE, NAMING
from escrgraph.harvesting.register import State, View
from escrgraph.harvesting.xml import LANGUAGE, add, document
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.vocabulary.namespaces import expand

ATOM, TOMBSTONES = "http://www.w3.org/2005/Atom", "http://purl.org/atompub/tombstones/1.0"
PAGE = 50
"""Entries on a page of a feed."""

_DESCRIBING = ("dcterms:abstract", "dcterms:description", "skos:definition", "rdfs:comment")
_DEADLINE = NamedNode(expand("schema:validThrough"))


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as asked for.

    name: of its set, "" for everything; address: its own, without parameters; site: where documents are, with a slash
    at its end; title: in `language`; open_on: the day on which calls have to be open still, None for all records.
    following: what an address needs to keep the language.
    """

    name: str
    address: str
    site: str
    title: str
    language: str
    open_on: date | None = None
    parameters: str = ""


def write(feed: Feed, view: View, library: Library, before: int | None = None) -> bytes:
    """One page of a feed. before: the position of the last entry on the page before. Raises RepositoryError."""
    found = view.newest(feed.name, before, PAGE + 1)
    states = found[:PAGE]
    contents = library.contents([state.record for state in states if not state.gone], view.generation).triples
    root = _head(feed, library, states[0].time if states else datetime.fromtimestamp(0, UTC))
    _link(root, "self", _address(feed, before))
    if before is not None:
        _link(root, "first", _address(feed))
    if len(found) > PAGE:
        _link(root, "next", _address(feed, states[-1].position))
    for state in states:
        triples = contents.get(state.record, [])
        if not triples:
            _tombstone(root, state, library)
        elif feed.open_on is None or _is_open(triples, feed.open_on):
            _entry(root, state, triples, feed, library)
    return document(root)


def names_of(record: str, triples: Sequence[Triple], library: Library) -> tuple[Literal, ...]:
    """The names of a record, by what is said of it."""
    return _literals(NamedNode(library.base.record_iri(record)), triples, NAMING)


def _head(feed: Feed, library: Library, updated: datetime) -> etree._Element:
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM, "at": TOMBSTONES})  # type: ignore[dict-item]
    root.set(LANGUAGE, feed.language)
    add(root, "id", library.base.iri + feed.address.removeprefix(feed.site))
    add(root, "title", feed.title)
    add(root, "updated", _time(updated))
    add(add(root, "author"), "name", "escrgraph")
    add(root, "rights", LICENCE)
    _link(root, "license", LICENCE)
    _link(root, "alternate", feed.site, "text/html")
    return root


def _entry(root: etree._Element, state: State, triples: Sequence[Triple], feed: Feed, library: Library) -> None:
    iri = library.base.record_iri(state.record)
    title = choose_label(names_of(state.record, triples, library), feed.language) or Label(state.record, None, True)
    entry = add(root, "entry")
    add(entry, "id", iri)
    _text(entry, "title", title)
    add(entry, "updated", _time(state.time))
    add(entry, "published", _time(state.created))
    _link(entry, "alternate", f"{feed.site}doc/{state.record}", "text/html")
    _link(entry, "alternate", f"{feed.site}doc/{state.record}.ttl", "text/turtle")
    for name in state.sets:
        if ":" in name:
            add(entry, "category", term=name)
    if summary := choose_label(_literals(NamedNode(iri), triples, _DESCRIBING), feed.language):
        _text(entry, "summary", summary)


def _tombstone(root: etree._Element, state: State, library: Library) -> None:
    gone = add(
        root, f"{{{TOMBSTONES}}}deleted-entry", ref=library.base.record_iri(state.record), when=_time(state.time)
    )
    if state.successor:
        add(gone, f"{{{ATOM}}}link", rel="related", href=library.base.record_iri(state.successor))


def _is_open(triples: Sequence[Triple], day: date) -> bool:
    """Whether a call is open on a day; one without a deadline is."""
    deadlines = [t.object.value for t in triples if t.predicate == _DEADLINE and isinstance(t.object, Literal)]
    return not deadlines or max(deadlines)[:10] >= day.isoformat()


def _literals(subject: NamedNode, triples: Sequence[Triple], properties: Sequence[str]) -> tuple[Literal, ...]:
    """The texts of the first of some properties that the subject has."""
    by_property: Mapping[NamedNode, list[Literal]] = {NamedNode(expand(name)): [] for name in properties}
    for triple in triples:
        if triple.subject == subject and triple.predicate in by_property and isinstance(triple.object, Literal):
            by_property[triple.predicate].append(triple.object)
    return tuple(next((found for found in by_property.values() if found), []))


def _text(parent: etree._Element, name: str, label: Label) -> None:
    element = add(parent, name, label.text)
    if label.language:
        element.set(LANGUAGE, label.language)


def _link(parent: etree._Element, relation: str, address: str, media: str | None = None) -> None:
    element = add(parent, "link", rel=relation, href=address)
    if media:
        element.set("type", media)


def _address(feed: Feed, before: int | None = None) -> str:
    pairs = [feed.parameters, f"before={before}" if before is not None else ""]
    query = "&".join(pair for pair in pairs if pair)
    return feed.address + (f"?{query}" if query else "")


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
