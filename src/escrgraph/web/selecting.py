"""A selection of records as an address says it: `/search?q=budget&country=mex&page=2`, read and written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from escrgraph.repository.errors import Malformed
from escrgraph.search.asking import Order, Selection
from escrgraph.search.facets import FacetOf, is_date
from escrgraph.vocabulary.iris import Base, is_slug
from escrgraph.vocabulary.kinds import Kinds

SIZE = 20
"""Records on a page, unless the address says otherwise."""

LARGEST = 200
LONGEST = 500
"""Characters of a text to look for."""

MOST = 40
"""Terms that may be chosen at once."""

OWN = ("q", "type", "order", "page", "size", "open", "format", "lang")
"""The parameters that are no facets."""

_YEAR = re.compile(r"-?\d{4}")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\x00-\x20<>\"{}|\\^`]+")

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Listing:
    """What an address asks for. page: from 1; size: records a page; open: the facet of which all terms are wanted."""

    selection: Selection = field(default_factory=Selection)
    order: Order = Order.RELEVANCE
    page: int = 1
    size: int = SIZE
    open: str | None = None

    @property
    def first(self) -> int:
        """How many records come before the page."""
        return (self.page - 1) * self.size

    def at(self, page: int) -> Listing:
        """Another page of the same list."""
        return replace(self, page=page)

    def sorted_by(self, order: Order) -> Listing:
        """The same records in another order, from the first page."""
        return replace(self, order=order, page=1)

    def opened(self, facet: str | None) -> Listing:
        """The same page with all terms of a facet."""
        return replace(self, open=facet)

    def with_text(self, text: str) -> Listing:
        """The same filters with other words."""
        return self._selecting(text, self.selection.types, self.selection.chosen)

    def of_types(self, *types: str) -> Listing:
        """The same words and filters among the records of other types."""
        return self._selecting(self.selection.text, types, self.selection.chosen)

    def choosing(self, facet: str, term: str) -> Listing:
        """Narrowed by a term."""
        chosen = dict(self.selection.chosen)
        chosen[facet] = (*chosen.get(facet, ()), term)
        return self._selecting(self.selection.text, self.selection.types, chosen)

    def without(self, facet: str, term: str) -> Listing:
        """Widened by taking a term back."""
        chosen = {
            name: kept
            for name, terms in self.selection.chosen.items()
            if (kept := tuple(each for each in terms if (name, each) != (facet, term)))
        }
        return self._selecting(self.selection.text, self.selection.types, chosen)

    def bare(self) -> Listing:
        """Without any filter."""
        return self._selecting(self.selection.text, self.selection.types, {})

    def _selecting(self, text: str, types: tuple[str, ...], chosen: Mapping[str, tuple[str, ...]]) -> Listing:
        return replace(self, selection=Selection(text, types, chosen), page=1, open=None)


class Addresses:
    """Reads listings from addresses and writes them. facets: those there are, by name."""

    def __init__(self, facets: Mapping[str, FacetOf], kinds: Kinds, base: Base) -> None:
        self._facets, self._kinds, self._base = facets, kinds, base

    def read(self, pairs: Iterable[tuple[str, str]], types: tuple[str, ...] = ()) -> Listing:
        """The listing that the parameters of an address ask for. types: given by its path.

        Raises Malformed, which says what there is, for a facet, type, order or number that is not.
        """
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            given.setdefault(name, []).append(value.strip())
        chosen: dict[str, tuple[str, ...]] = {}
        for name, values in given.items():
            if name not in OWN and (terms := tuple(dict.fromkeys(self._term(name, each) for each in values if each))):
                chosen[name] = terms
        if sum(map(len, chosen.values())) > MOST:
            raise Malformed(f"The address names more than {MOST} terms, the most that a list is narrowed by.")
        text = _once(given, "q")
        if len(text) > LONGEST:
            raise Malformed(f"The text to look for has {len(text):,} characters, and {LONGEST} are the most.")
        types = types or tuple(dict.fromkeys(self._type(each) for each in given.get("type", ()) if each))
        open_ = _once(given, "open") or None
        if open_ is not None:
            self._facet(open_)
        return Listing(
            Selection(text, types, chosen),
            self._order(_once(given, "order"), text, types),
            _number("page", _once(given, "page"), 1, 1_000_000_000),
            _number("size", _once(given, "size"), SIZE, LARGEST),
            open_,
        )

    def parameters(self, listing: Listing, path_type: bool = False) -> Pairs:
        """The parameters that say a listing, without those that go without saying, always in the same order.

        path_type: the path of the address names its one type.
        """
        selection = listing.selection
        pairs: Pairs = [("q", selection.text)] if selection.text else []
        if not path_type:
            pairs += [("type", type_) for type_ in selection.types]
        for name in self._facets:
            pairs += [(name, self.short(name, term)) for term in selection.chosen.get(name, ())]
        if listing.order is not self._order("", selection.text, selection.types):
            pairs.append(("order", listing.order.value))
        if listing.size != SIZE:
            pairs.append(("size", str(listing.size)))
        if listing.page > 1:
            pairs.append(("page", str(listing.page)))
        if listing.open:
            pairs.append(("open", listing.open))
        return pairs

    def path(self, listing: Listing, ending: str = "") -> str:
        """The address of a listing on this site: /browse/{type} for records of one type, else /search."""
        types = listing.selection.types
        browsing = len(types) == 1
        stem = f"/browse/{types[0]}" if browsing else "/search"
        pairs = self.parameters(listing, path_type=browsing)
        return stem + ending + (f"?{urlencode(pairs)}" if pairs else "")

    def short(self, facet: str, term: str) -> str:
        """A term as addresses write it: without what its facet says already."""
        for stem in (self._base.iri + f"id/{facet}/", self._base.iri + f"id/scheme/{facet}/", self._base.iri + "id/"):
            rest = term.removeprefix(stem)
            if rest != term and self._whole(facet, rest) == term:
                return rest
        return term

    def _term(self, facet: str, value: str) -> str:
        term = self._whole(self._facet(facet).name, value)
        if len(term) > LONGEST:
            raise Malformed(f"“{value[:40]}…” is too long to be one of the terms of the facet {facet}.")
        return term

    def _whole(self, facet: str, value: str) -> str:
        """The term that a value in an address means."""
        if "://" in value:
            if not _IRI.fullmatch(value):
                raise Malformed(f"{facet} is “{value}”, which is no IRI.")
            return value
        fields = self._facets[facet].fields
        if any(map(is_date, fields)):
            if not _YEAR.fullmatch(value):
                raise Malformed(f"{facet} is “{value}”. A year has four digits, such as {facet}=2012.")
            return value
        if "/" in value and all(map(is_slug, value.split("/"))):
            return f"{self._base.iri}id/{value}"
        if facet in self._kinds.by_type and is_slug(value):
            return f"{self._base.iri}id/{facet}/{value}"
        if any(field.scheme == facet for field in fields) and is_slug(value):
            return f"{self._base.iri}id/scheme/{facet}/{value}"
        return value

    def _order(self, name: str, text: str, types: Sequence[str]) -> Order:
        """The order by its name; without one, by relevance to the words, else newest first where all have a date."""
        if name and name not in set(Order):
            raise Malformed(f"There is no order “{name[:60]}”. Lists come by {', '.join(Order)}.")
        if name and (text or name != Order.RELEVANCE):
            return Order(name)
        if text:
            return Order.RELEVANCE
        return Order.DATE if types and all(map(self._dated, types)) else Order.TITLE

    def _dated(self, type_: str) -> bool:
        return any(field.facet and is_date(field) for field in self._kinds.by_type[type_].fields)

    def _facet(self, name: str) -> FacetOf:
        if name not in self._facets:
            raise Malformed(
                f"There is no filter “{name[:60]}”. A list can be narrowed by {', '.join(self._facets)}; "
                f"the other parameters are {', '.join(OWN)}."
            )
        return self._facets[name]

    def _type(self, name: str) -> str:
        if name not in self._kinds.by_type:
            raise Malformed(f"There is no type of record “{name[:60]}”. Types: {', '.join(self._kinds.by_type)}.")
        return name


def _once(given: Mapping[str, Sequence[str]], name: str) -> str:
    values = given.get(name, ())
    if len(values) > 1:
        raise Malformed(f"The parameter {name} was sent {len(values)} times. Send it once.")
    return values[0] if values else ""


def _number(name: str, text: str, otherwise: int, most: int) -> int:
    if not text:
        return otherwise
    if not text.isascii() or not text.isdecimal() or len(text) > 12 or not 1 <= int(text) <= most:
        raise Malformed(f"{name} is “{text[:60]}”, and it is a number from 1 to {most:,}.")
    return int(text)
