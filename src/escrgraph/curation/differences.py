"""Differences: what a change does to a record, field by field, beside what is published now."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from escrgraph.curation.proposals import Proposal
from escrgraph.vocabulary.facts import Object, term
from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kind, Kinds

_TYPE = term("rdf:type")
_NAMING = tuple(term(name) for name in ("skos:prefLabel", "dcterms:title", "foaf:name", "rdfs:label"))


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of the record, or of a part of it, whose values change.

    key: names it in forms. below: what stands after the record's address, "" for the record itself. kind: of the node;
    field: None when no shape describes the property. before: the values in the version that the change was made on;
    after: those it proposes; current: those published now. All in a fixed order.
    """

    key: str
    below: str
    path: str
    kind: Kind | None
    field: Field | None
    before: tuple[Object, ...]
    after: tuple[Object, ...]
    current: tuple[Object, ...]

    @property
    def moved(self) -> bool:
        """Whether somebody else changed the field since."""
        return self.current != self.before

    @property
    def conflicting(self) -> bool:
        """Whether it was changed since to something else than is proposed."""
        return self.moved and self.current != self.after

    @property
    def added(self) -> tuple[Object, ...]:
        """The values that come."""
        return tuple(value for value in self.after if value not in self.before)

    @property
    def removed(self) -> tuple[Object, ...]:
        """The values that go."""
        return tuple(value for value in self.before if value not in self.after)

    @property
    def kept(self) -> tuple[Object, ...]:
        """The values that stay."""
        return tuple(value for value in self.after if value in self.before)


def compare(
    record: str,
    before: Iterable[Quad],
    after: Iterable[Quad],
    kinds: Kinds,
    base: Base,
    current: Iterable[Quad] | None = None,
) -> list[Difference]:
    """What differs between two versions of a record, in the order of its shape.

    current: what is published now, when that is not `before`; fields that only differ there are listed as well.
    """
    old, new = _values(before), _values(after)
    now = old if current is None else _values(current)
    iri = base.record_iri(record)
    found = []
    for node, path in {*old, *new, *now}:
        values = [_sorted(version.get((node, path), set())) for version in (old, new, now)]
        if values[0] == values[1] == values[2]:
            continue
        kind = _kind(node, [new, old, now], kinds, record if node == iri else None)
        field = kind.field(path) if kind else None
        below = node.removeprefix(iri).lstrip("/#?") if node.startswith(iri) else node
        found.append(Difference(key_of(node, path), below, path, kind, field, *values))
    return sorted(found, key=_position)


def applied(quads: Iterable[Quad], added: Iterable[Quad], removed: Iterable[Quad]) -> frozenset[Quad]:
    """A version with a change."""
    return (frozenset(quads) - frozenset(removed)) | frozenset(added)


def key_of(node: str, path: str) -> str:
    """What names a field of a node in a form."""
    return hashlib.blake2b(f"{node}\n{path}".encode(), digest_size=8).hexdigest()


def reduced(proposal: Proposal, keys: Collection[str]) -> Proposal:
    """A proposal without the fields that are not among the keys. What things are goes with the fields of each."""
    touched = {_node(quad) for quad in (*proposal.added, *proposal.removed) if _key(quad) in keys}

    def stays(quad: Quad) -> bool:
        return _key(quad) in keys or (quad.predicate == _TYPE and _node(quad) in touched)

    return replace(
        proposal,
        added=tuple(quad for quad in proposal.added if stays(quad)),
        removed=tuple(quad for quad in proposal.removed if stays(quad)),
    )


def rebased(proposal: Proposal, before: Iterable[Quad], current: Iterable[Quad], kinds: Kinds, base: Base) -> Proposal:
    """A proposal on top of what others did to the record since.

    What both changed is merged where a field takes several values. Where it takes one, or one for each language, the
    proposal's takes the place of theirs.
    """
    now = list(current)
    listed = compare(proposal.record, before, applied(before, proposal.added, proposal.removed), kinds, base, now)
    keys = {found.key: found for found in listed if found.conflicting and found.added}
    away = [quad for quad in now if (found := keys.get(_key(quad))) is not None and _yields(quad.object, found)]
    more = [quad for quad in away if quad not in proposal.removed]
    return replace(proposal, removed=(*proposal.removed, *more))


def title_of(record: str, quads: Iterable[Quad], base: Base) -> str:
    """What quads call a record; its name in its address when they do not."""
    iri = base.record_iri(record)
    listed = [quad for quad in quads if _node(quad) == iri and isinstance(quad.object, Literal)]
    for path in _NAMING:
        named = sorted(str(getattr(quad.object, "value", "")) for quad in listed if quad.predicate == path)
        if named:
            return named[0]
    return record.partition("/")[2]


def _yields(value: Any, found: Difference) -> bool:
    """Whether a value published since gives way to those that are proposed."""
    if found.field is None or value in found.after:
        return False
    languages = {getattr(term, "language", None) for term in found.added}
    alike = found.field.unique_language and getattr(value, "language", None) in languages
    return found.field.max_count == 1 or alike


def _key(quad: Quad) -> str:
    return key_of(_node(quad), quad.predicate.value)


def _node(quad: Quad) -> str:
    return quad.subject.value if isinstance(quad.subject, NamedNode) else str(quad.subject)


def _values(quads: Iterable[Quad]) -> dict[tuple[str, str], set[Any]]:
    found: defaultdict[tuple[str, str], set[Any]] = defaultdict(set)
    for quad in quads:
        found[_node(quad), quad.predicate.value].add(quad.object)
    return found


def _sorted(values: Collection[Any]) -> tuple[Object, ...]:
    return tuple(sorted(values, key=lambda value: (getattr(value, "language", None) or "", str(value))))


def _kind(
    node: str, versions: Sequence[dict[tuple[str, str], set[Any]]], kinds: Kinds, record: str | None
) -> Kind | None:
    if record is not None:
        return kinds.by_type.get(record.partition("/")[0])
    types = {value.value for version in versions for value in version.get((node, _TYPE.value), ())}
    return kinds.by_class(*types)


def _position(difference: Difference) -> tuple[Any, ...]:
    own = bool(difference.below)
    place = difference.field.position if difference.field else None
    return (own, difference.below, place is None, place or (), difference.path)
