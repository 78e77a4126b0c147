"""The records that name a record, in the lists that shapes declare; what no list takes stands under its own heading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode

from escrgraph.vocabulary.facts import Facts
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kind, Kinds, Listing
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.vocabulary.namespaces import ESCR, local_name
from escrgraph.web.entity import NAMING, Reading, Value, plural
from escrgraph.web.terms import term_label

Key = tuple[str, str]
"""Type of the records that name this one, and the property by which they do."""

LATEST = ESCR + "latest"
FURTHER = 60
"""How many things `queries/pages/around.rq` gives for each of its lists."""

_LISTS = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """What is shown beside a record: one of its properties, or one of its parts'. name: local name of the property."""

    name: str
    label: Label
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list. count: how many records lead to it, where that is what the list is about."""

    value: Value
    cells: tuple[Cell, ...] = ()
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One list as shown.

    kind_label: what the records are called, where the heading does not say it. count: of all; None where things are
    counted one by one, or nothing can say. cut: there are more than `items`, of which nobody knows how many.
    more: path of the page with all. note: what is said of an empty list. key: what it lists, for a query.
    """

    anchor: str
    label: Label
    items: tuple[Item, ...]
    count: int | None = None
    kind_label: Label | None = None
    more: str | None = None
    cut: bool = False
    note: Label | None = None
    order: Decimal = Decimal(0)
    key: Key | None = None
    listing: Listing | None = None


class Naming:
    """What it takes to list the records that name one.

    facts: the answer of `incoming-first.rq`; counts: by key, from `incoming.rq`.
    """

    def __init__(self, facts: Facts, counts: Mapping[Key, int], kinds: Kinds, base: Base, language: str) -> None:
        self._facts, self._counts, self._kinds, self._base, self._language = facts, counts, kinds, base, language
        self._reading = Reading(facts, names_in(facts), kinds, base, language)
        self._bearers: dict[str, list[NamedNode]] = {}
        for node in list(facts.all_subjects()):
            if isinstance(node, NamedNode) and (record := base.record_of(node.value)):
                self._bearers.setdefault(record, []).append(node)

    def lists(self, record: str, kind: Kind, around: Mapping[str, Sequence[tuple[str, int]]]) -> Iterator[Shown]:
        """The lists that the kind declares. around: things with their counts by name of listing."""
        for listing in kind.listings:
            shown = self._further(listing, around) if listing.then else self._listed(record, listing)
            if shown.items or shown.note or shown.count:
                yield shown

    def rest(self, record: str, kind: Kind) -> list[Shown]:
        """What no declared list takes, by type and property."""
        taken = {(listing.of, path) for listing in kind.listings for path in (listing.named_by, *listing.instead)}
        left = [key for key in self._counts if key not in taken and not self._derived(key)]
        return [self.group(record, key, self._sources(record, key)) for key in left]

    def group(self, record: str, key: Key, sources: Iterable[str]) -> Shown:
        """The records of one type that name this one by one property."""
        type_, path = key
        items = tuple(self._item(iri, ()) for iri in sources)
        return Shown(
            anchor=f"{type_}-{local_name(path)}",
            label=field_label(self._kinds, type_, path, self._language),
            items=items,
            count=self._counts.get(key, 0),
            kind_label=plural(self._kinds, type_, self._language),
            more=self._more(record, key, items),
            key=key,
        )

    def _listed(self, record: str, listing: Listing) -> Shown:
        key = (listing.of or "", listing.named_by)
        items = tuple(self._item(iri, self._columns(listing)) for iri in self._sources(record, key))
        return Shown(
            anchor=listing.name,
            label=listing.label(self._language),
            items=items,
            count=self._counts.get(key, 0),
            more=self._more(record, key, items),
            note=None if items else choose_label(listing.notes, self._language),
            order=listing.order,
            key=key,
            listing=listing,
        )

    def _further(self, listing: Listing, around: Mapping[str, Sequence[tuple[str, int]]]) -> Shown:
        found = around.get(listing.name, ())
        items = tuple(Item(self._reading.thing(iri), (), count) for iri, count in found)
        return Shown(
            anchor=listing.name,
            label=listing.label(self._language),
            items=tuple(sorted(items, key=lambda item: (-(item.count or 0), item.value.text.casefold()))),
            cut=len(items) == FURTHER,
            order=listing.order,
            listing=listing,
        )

    def names(self, things: Mapping[str, Sequence[Literal]]) -> None:
        """Take in names of things that the facts do not mention."""
        self._reading.add_names(things)

    def _sources(self, record: str, key: Key) -> list[str]:
        """The addresses of the records of one group, the latest first, as far as they were asked for."""
        type_, path = key
        nodes = self._facts.subjects_of(NamedNode(path), NamedNode(self._base.record_iri(record)))
        owners = (self._base.record_of(node.value) for node in nodes)
        found = dict.fromkeys(owner for owner in owners if owner and owner.startswith(type_ + "/") and owner != record)
        iris = [self._base.record_iri(owner) for owner in found]
        by_name = sorted(iris, key=lambda iri: self._reading.thing(iri).text.casefold())
        return sorted(by_name, key=self._date, reverse=True)

    def _date(self, iri: str) -> str:
        return self._facts.text(NamedNode(iri), NamedNode(LATEST)) or ""

    def _item(self, iri: str, columns: Sequence[str]) -> Item:
        """A record with what is shown beside it, said by the record itself or by a part of it."""
        record = self._base.record_of(iri) or ""
        cells = []
        for path in columns:
            bearers = self._bearers.get(record, ())
            values = tuple(dict.fromkeys(value for node in bearers for value in self._reading.say(node, path)))
            if values:
                cells.append(Cell(local_name(path), self._cell_label(record.partition("/")[0], path), values))
        return Item(self._reading.thing(iri), tuple(cells))

    def _cell_label(self, type_: str, path: str) -> Label:
        fields = (kind.field(path) for kind in self._kinds_of(type_))
        field = next((field for field in fields if field), None)
        return field.label(self._language) if field else term_label(path, self._language)

    def _kinds_of(self, type_: str | None) -> list[Kind]:
        """The kind of a type, then those of its parts."""
        kind = self._kinds.by_type.get(type_ or "")
        return [kind, *(part for part in self._kinds.values() if part.part_of == kind.name)] if kind else []

    def _columns(self, listing: Listing) -> list[str]:
        """The properties in the order in which the listed kind, then its parts, have them."""
        order = list(dict.fromkeys(field.path for kind in self._kinds_of(listing.of) for field in kind.fields))
        return sorted(listing.columns, key=lambda path: order.index(path) if path in order else len(order))

    def _more(self, record: str, key: Key, items: Sequence[Item]) -> str | None:
        """The address of the page with all, when these are not all."""
        return incoming_path(record, *key) if self._counts.get(key, 0) > len(items) else None

    def _derived(self, key: Key) -> bool:
        """Whether the property only says shortly what the record says elsewhere."""
        kind = self._kinds.by_type.get(key[0])
        field = kind.field(key[1]) if kind else None
        return field is not None and field.read_only


def names_in(facts: Facts) -> dict[str, list[Literal]]:
    """The names of all that facts name."""
    found: dict[str, list[Literal]] = {}
    for node in list(facts.all_subjects()):
        if isinstance(node, NamedNode):
            names = next((literals for path in NAMING if (literals := facts.literals(node, path))), ())
            if names:
                found[node.value] = list(names)
    return found


def columns_of(kind: Kind) -> str:
    """The properties that the lists of a kind show, as `incoming-first.rq` takes them."""
    paths = dict.fromkeys([LATEST, *(path for listing in kind.listings for path in listing.columns)])
    return " ".join(f"<{path}>" for path in paths)


def further(kind: Kind) -> list[Listing]:
    """The lists of a kind that lead further, as many as `around.rq` answers."""
    return [listing for listing in kind.listings if listing.then][:_LISTS]


def field_label(kinds: Kinds, source: str, path: str, language: str) -> Label:
    """What records of a type call a property, themselves or, after the name of a part, in a part of theirs."""
    kind = kinds.by_type.get(source)
    field = kind.field(path) if kind else None
    if kind is None or field is not None:
        return field.label(language) if field else term_label(path, language)
    for part in kinds.values():
        if part.part_of == kind.name and (field := part.field(path)):
            label, inner = part.label(language), field.label(language)
            return Label(f"{label.text} · {inner.text}", inner.language, inner.fallback or label.fallback)
    return term_label(path, language)


def incoming_path(record: str, source: str, path: str) -> str:
    """The address of the page that lists all records of a type that name this one by one property."""
    return f"/doc/{record}/in/{source}?{urlencode({'property': path})}"
