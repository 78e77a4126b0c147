"""A listing: what the page of a record shows of the records that name it, as the shape of its kind declares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pyoxigraph import Literal, NamedNode

from escrgraph.vocabulary.facts import Facts, Node, term
from escrgraph.vocabulary.fields import BrokenShape
from escrgraph.vocabulary.labels import Label, name_of
from escrgraph.vocabulary.namespaces import local_name

_UNORDERED = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Listing:
    """One list on the page of a record.

    of: the type of the records listed, None where `then` leads to things of any type. named_by: the property by which
    they, or a part of them, name the record. instead: properties that say the same again, not to be listed twice.
    then: the property that leads from those records to what is listed instead of them. columns: properties shown beside
    each, of the record or of a part of it. notes: what is said where the list is empty; without, it is left out then.
    """

    iri: str
    names: tuple[Literal, ...]
    notes: tuple[Literal, ...]
    order: Decimal
    of: str | None
    named_by: str
    instead: tuple[str, ...]
    then: str | None
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """The local name of its node."""
        return local_name(self.iri)

    def label(self, languages: str | Sequence[str]) -> Label:
        """Its heading in the reader's language."""
        return name_of(self.names, languages) or Label(self.name, None, fallback=True)


def read_listings(kind: Node, shapes: Facts) -> tuple[Listing, ...]:
    """The listings of a kind, in order. Raises BrokenShape."""
    nodes = [NamedNode(iri) for iri in shapes.iris(kind, term("shape:listing"))]
    return tuple(sorted((_read(node, shapes) for node in nodes), key=lambda found: (found.order, found.iri)))


def _read(node: NamedNode, shapes: Facts) -> Listing:
    names, named_by = shapes.literals(node, term("sh:name")), shapes.iris(node, term("shape:namedBy"))
    of, then = shapes.text(node, term("shape:of")), shapes.iris(node, term("shape:then"))
    if not names:
        raise BrokenShape(local_name(node.value), "has no sh:name, so that nobody can be told what it lists")
    if len(named_by) != 1 or len(then) > 1:
        raise BrokenShape(local_name(node.value), "needs one shape:namedBy, and at most one shape:then")
    if of is None and not then:
        raise BrokenShape(local_name(node.value), "needs a shape:of, the type of the records it lists")
    try:
        order = Decimal(shapes.text(node, term("sh:order")) or _UNORDERED)
    except InvalidOperation:
        raise BrokenShape(local_name(node.value), "has an sh:order that is not a number") from None
    return Listing(
        iri=node.value,
        names=names,
        notes=shapes.literals(node, term("shape:note")),
        order=order,
        of=of,
        named_by=named_by[0],
        instead=tuple(shapes.iris(node, term("shape:instead"))),
        then=then[0] if then else None,
        columns=tuple(shapes.iris(node, term("shape:column"))),
    )
