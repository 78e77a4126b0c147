"""The page about one record: what it says, what names it, how to cite, take and query it; one request to readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from urllib.parse import urlencode

from flask import Response
from flask_babel import gettext
from pyoxigraph import Literal, NamedNode

from escrgraph.repository.readers import Query, Term
from escrgraph.vocabulary.facts import Facts
from escrgraph.vocabulary.kinds import Kind
from escrgraph.vocabulary.labels import Label
from escrgraph.vocabulary.namespaces import DCTERMS
from escrgraph.web import caching, citation, citing
from escrgraph.web.chain import TOLD, read_chain
from escrgraph.web.chain_drawing import drawings
from escrgraph.web.citation import Name
from escrgraph.web.contact import contact
from escrgraph.web.context import here
from escrgraph.web.deadlines import Deadline
from escrgraph.web.entity import Entity, Reading, Section, collect_labels
from escrgraph.web.formats import Format
from escrgraph.web.incoming import Key, Naming, Shown, columns_of, further, incoming_path, names_in
from escrgraph.web.page_queries import Solution, ask, labels_in, page_query, text
from escrgraph.web.pages import counting_day, kept, language, other_section, page
from escrgraph.web.problems import Refusal
from escrgraph.web.records import History
from escrgraph.web.signposts import head

VALID_THROUGH = "https://schema.org/validThrough"

_QUIET = frozenset({"group-provenance", "group-derived", "group-private"})
_NONE = NamedNode("urn:none")
_PAGE = 50


def missing(record: str) -> Refusal:
    """The answer about a record that there never was."""
    others = f"/browse/{record.partition('/')[0]}"
    return Refusal(404, "Not found", f"There is no record {record} here, and there never was. See {others}.")


def entity_page(
    record: str, generation: int, history: History | None, formats: Sequence[tuple[Format, str]]
) -> Response:
    """The record for people; four queries, or five for a kind with lists that lead further. Raises Refusal (404)."""
    service = here().service
    kind = service.kinds.by_type[record.partition("/")[0]]
    today = counting_day() if kind.field(VALID_THROUGH) else None
    early = kept(generation, today)
    if early is not None:
        return early
    asked = ask(service, _queries(record, kind))
    facts, pairs = asked.facts(0), labels_in(asked.solutions(1))
    reading, entity = read_entity(facts, record, collect_labels(pairs))
    iri = NamedNode(entity.iri)
    chain = read_chain(reading, iri, service.kinds) if kind.name == "Finding" else None
    drawn = drawings(chain, language(), gettext("Not recorded")) if chain else ()
    cited_ = citation.plain(citing.reference(reading, entity, asked.generation, history), citing.words())
    # What names the record is answered while the record itself is read.
    naming = Naming(asked.facts(3), counts_in(asked.solutions(2)), service.kinds, service.base, language())
    around = _around(asked.solutions(4), kind, naming) if further(kind) else {}
    lists = list(naming.lists(record, kind, around))
    blocks: list[Section | Shown] = [*_loud(entity, TOLD if chain else frozenset()), *lists]
    blocks.sort(key=lambda block: block.order)
    sheets = [list(run) for _, run in groupby(blocks, key=lambda block: isinstance(block, Section))]
    return page(
        "entity.html",
        asked.generation,
        day=today,
        head=head(record, facts, pairs),
        entity=entity,
        sheets=sheets,
        quiet=[section for section in entity.sections if section.name in _QUIET],
        rest=naming.rest(record, kind),
        chain=chain,
        drawings=drawn,
        deadline=_deadline(reading, iri, today),
        contact=contact(service.settings.contact, record),
        history=history,
        created=_created(reading, service.base.doc(*record.split("/"))),
        cited=cited_,
        formats=formats,
        query=page_query(service, "entity", {"record": iri}),
        query_of=lambda shown: _query_of(record, shown),
    )


def incoming_page(record: str, key: Key, after: str, generation: int) -> Response:
    """The records of one type that name this one by one property, fifty a page in the order of their addresses."""
    early = kept(generation)
    if early is not None:
        return early
    service, iri = here().service, NamedNode(here().service.base.record_iri(record))
    parameters: dict[str, Term] = {"record": iri, "property": NamedNode(key[1]), "type": Literal(key[0])}
    asked = ask(
        service,
        [
            page_query(service, "entity", {"record": iri}),
            page_query(service, "incoming", {"record": iri}),
            page_query(service, "incoming-page", parameters | {"after": Literal(after)}),
        ],
    )
    rows = asked.solutions(2)
    facts = asked.facts(0)
    _, entity = read_entity(facts, record, {})
    naming = Naming(facts, counts_in(asked.solutions(1)), service.kinds, service.base, language())
    naming.names(collect_labels(labels_in(rows, "source")))
    sources = list(dict.fromkeys(text(row, "source") for row in rows))
    return page(
        "incoming.html",
        asked.generation,
        title=entity.title,
        record=record,
        group=naming.group(record, key, sources),
        heading=_heading(entity.kind, key),
        more=f"{incoming_path(record, *key)}&{urlencode({'after': sources[-1]})}" if len(sources) == _PAGE else None,
        query=page_query(service, "naming", parameters),
    )


def read_entity(facts: Facts, record: str, labels: dict[str, list[Literal]]) -> tuple[Reading, Entity]:
    """The record as its page shows it. Raises Refusal (404) when nothing is said of it."""
    service = here().service
    reading = Reading(facts, names_in(facts) | labels, service.kinds, service.base, language())
    entity = reading.entity(record, other_section())
    if entity is None:
        raise missing(record)
    return reading, entity


def counts_in(rows: Sequence[Solution]) -> dict[Key, int]:
    """How many records name this one, by type and property."""
    return {(text(row, "type"), text(row, "property")): int(text(row, "count")) for row in rows}


def _queries(record: str, kind: Kind) -> list[Query]:
    service = here().service
    iri: dict[str, Term] = {"record": NamedNode(service.base.record_iri(record))}
    queries = [page_query(service, name, iri) for name in ("entity", "labels", "incoming")]
    queries.append(page_query(service, "incoming-first", iri | {"columns": Literal(columns_of(kind))}))
    if further(kind):
        queries.append(page_query(service, "around", iri | _further_parameters(kind)))
    return queries


def _further_parameters(kind: Kind) -> dict[str, Term]:
    """The properties of the lists that lead further; what is left over of the four leads nowhere."""
    found: dict[str, Term] = {}
    listings = further(kind)
    for place in range(4):
        listing = listings[place] if place < len(listings) else None
        found[f"via{place + 1}"] = NamedNode(listing.named_by) if listing else _NONE
        found[f"then{place + 1}"] = NamedNode(listing.then) if listing and listing.then else _NONE
    return found


def _around(rows: Sequence[Solution], kind: Kind, naming: Naming) -> dict[str, list[tuple[str, int]]]:
    names = [listing.name for listing in further(kind)]
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        if "thing" in row:
            found.setdefault(names[int(text(row, "list")) - 1], {})[text(row, "thing")] = int(text(row, "count"))
    naming.names(collect_labels(labels_in(rows)))
    return {name: list(things.items()) for name, things in found.items()}


def _loud(entity: Entity, told: frozenset[str]) -> list[Section]:
    """The sections to be read first, without what the page tells already."""
    sections = [section for section in entity.sections if section.name not in _QUIET]
    if not told:
        return [section for section in sections if not section.told]
    marked = (
        replace(section, rows=tuple(replace(row, told=row.told or row.path in told) for row in section.rows))
        for section in sections
    )
    return [section for section in marked if not section.told]


def _query_of(record: str, shown: Shown) -> Query | None:
    """The query behind a list."""
    service = here().service
    iri = NamedNode(service.base.record_iri(record))
    if shown.listing and shown.listing.then:
        listing = shown.listing
        then = NamedNode(shown.listing.then)
        pair: dict[str, Term] = {"record": iri, "via": NamedNode(listing.named_by), "then": then}
        return page_query(service, "further", pair)
    if shown.key is None:
        return None
    type_, path = shown.key
    return page_query(service, "naming", {"record": iri, "property": NamedNode(path), "type": Literal(type_)})


def _heading(kind: Kind, key: Key) -> Label | None:
    """The heading under which the page of the record lists them."""
    found = (listing for listing in kind.listings if (listing.of, listing.named_by) == key)
    return next((listing.label(language()) for listing in found), None)


def _created(reading: Reading, document: str) -> str | None:
    values = reading.say(NamedNode(document), DCTERMS + "created")
    return (values[0].datum or "")[:10] if values else None


def _deadline(reading: Reading, iri: NamedNode, today: date | None) -> Deadline | None:
    """Until when something is open, on the day of the page."""
    values = reading.say(iri, VALID_THROUGH)
    return Deadline.of((values[0].datum or "")[:10], today) if values and today else None


def cited(record: str, ending: str, generation: int, history: History | None) -> Response:
    """The record as a reference, in the form of an ending. Raises Refusal (404)."""
    service = here().service
    varying = language() if ending == "txt" or not record.startswith("resource/") else ""
    tag = caching.validator(generation, service.identity, record, "cite", ending, varying)
    if caching.fresh(tag):
        return caching.not_modified(generation, tag)
    iri: dict[str, Term] = {"record": NamedNode(service.base.record_iri(record))}
    asked = ask(service, [page_query(service, name, iri) for name in ("entity", "labels", "creators")])
    reading, entity = read_entity(asked.facts(0), record, collect_labels(labels_in(asked.solutions(1))))
    names = {
        text(row, "person"): Name(text(row, "name"), text(row, "family"), text(row, "given"))
        for row in asked.solutions(2)
    }
    found = citing.reference(reading, entity, asked.generation, history, names)
    response = Response(
        citation.write(found, ending, citing.words()), content_type=citation.MEDIA_TYPES[ending] + "; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'inline; filename="{record.replace("/", "-")}.{ending}"'
    response.vary.add("Accept-Language")
    return caching.stamp(response, asked.generation, tag)
