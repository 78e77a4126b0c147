"""Kinds and fields: what the shapes and the ontology say about each kind of thing, as plain objects read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.facts import Facts, Node, Object, read_turtle, term
from escrgraph.vocabulary.fields import BrokenShape, Field, Group, read_field
from escrgraph.vocabulary.iris import TYPES
from escrgraph.vocabulary.labels import Label, name_of
from escrgraph.vocabulary.listings import Listing, read_listings
from escrgraph.vocabulary.namespaces import SKOS, local_name

__all__ = ["BrokenShape", "Field", "Group", "Kind", "Kinds", "Listing", "read_kinds", "shipped_kinds"]

_A = term("rdf:type")
_SUBCLASS = term("rdfs:subClassOf")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing, from one node shape.

    name: local name of its shape. type: the word in its address; None for what lives inside a record (`embedded`), or
    adds to another kind, which part_of names. graph: name of the graph it is kept in.
    classes: the target class and every class below it. fields: in the order of their groups and sh:order.
    segment: the word for a part in its address. implied_by: values of a record that make it one of this kind as well.
    listings: what its page shows of the records that name it.
    """

    name: str
    iri: str
    type: str | None
    part_of: str | None
    graph: str | None
    target_class: str
    classes: frozenset[str]
    labels: tuple[Literal, ...]
    plurals: tuple[Literal, ...]
    descriptions: tuple[Literal, ...]
    label_properties: tuple[str, ...]
    fields: tuple[Field, ...]
    segment: str | None = None
    implied_by: tuple[str, ...] = ()
    listings: tuple[Listing, ...] = ()

    @property
    def embedded(self) -> bool:
        """Whether things of this kind live inside a record, without an address of their own type."""
        return self.type is None

    @property
    def concepts(self) -> bool:
        """Whether its things are concepts of a scheme (SKOS, section 4), of which there are few."""
        return self.field(SKOS + "inScheme") is not None

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups of its fields, in order."""
        return tuple(dict.fromkeys(field.group for field in self.fields if field.group))

    def label(self, languages: str | Sequence[str]) -> Label:
        """Its name in the reader's language."""
        return name_of(self.labels, languages) or Label(self.name, None, fallback=True)

    def field(self, path: str) -> Field | None:
        """The field of a property."""
        return next((field for field in self.fields if field.path == path), None)


class Kinds(Mapping[str, Kind]):
    """All kinds by name, and by type and class. predicates: every property that some shape or the ontology knows."""

    def __init__(self, kinds: Iterable[Kind], predicates: frozenset[str]) -> None:
        self._by_name = {kind.name: kind for kind in kinds}
        self.predicates = predicates
        self.by_type = {kind.type: kind for kind in self.values() if kind.type}

    def __getitem__(self, name: str) -> Kind:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def fitting(self, *classes: str) -> tuple[Kind, ...]:
        """The kinds that describe a thing with these classes: kinds of records first, then the more specific ones."""
        found = (kind for kind in self.values() if kind.classes.intersection(classes))
        return tuple(sorted(found, key=lambda kind: (kind.embedded, len(kind.classes), kind.name)))

    def by_class(self, *classes: str) -> Kind | None:
        """The kind that describes a thing with these classes best; None when nothing describes it."""
        return next(iter(self.fitting(*classes)), None)


def read_kinds(shapes: Facts, ontology: Facts) -> Kinds:
    """Read every node shape with a target class. Raises BrokenShape, which names the shape and says what is wrong."""
    nodes = [node for node in shapes.subjects_of(_A, term("sh:NodeShape")) if shapes.iris(node, term("sh:targetClass"))]
    kinds = [_read_kind(node, shapes, ontology) for node in nodes]
    for kind in kinds:
        same = [other.name for other in kinds if other.type == kind.type and other is not kind and kind.type]
        if same:
            raise BrokenShape(kind.name, f"shares its shape:type “{kind.type}” with {same[0]}; each type has one shape")
    return Kinds(sorted(kinds, key=_position), frozenset(_predicates(shapes, ontology)))


@cache
def shipped_kinds() -> Kinds:
    """The kinds of the shapes that ship with escrgraph, read once."""
    return kinds_of(shipped.shape_files(), shipped.ontology_files())


def kinds_of(shapes: Iterable[Path], ontology: Iterable[Path]) -> Kinds:
    """The kinds of given Turtle files. Raises BrokenShape, and SyntaxError that names the file."""
    return read_kinds(Facts(read_turtle(shapes)), Facts(read_turtle(ontology)))


def _position(kind: Kind) -> tuple[int, str]:
    return (TYPES.index(kind.type) if kind.type else len(TYPES), kind.name)


def _name(node: Node) -> str:
    return local_name(node.value)


def _read_kind(node: Node, shapes: Facts, ontology: Facts) -> Kind:
    name = _name(node)
    targets = shapes.iris(node, term("sh:targetClass"))
    if len(targets) > 1:
        raise BrokenShape(name, "has more than one sh:targetClass; a kind describes one class")
    target = NamedNode(targets[0])
    kind_type = shapes.text(node, term("shape:type"))
    if kind_type is not None and kind_type not in TYPES:
        raise BrokenShape(name, f"has the shape:type “{kind_type}”; types are {', '.join(TYPES)}")
    labels = (
        shapes.literals(node, term("sh:name"))
        or shapes.literals(node, term("rdfs:label"))
        or ontology.literals(target, term("rdfs:label"))
    )
    if not labels:
        raise BrokenShape(name, f"has no rdfs:label, and neither has its class {local_name(target.value)}")
    return Kind(
        name=name,
        iri=node.value,
        type=kind_type,
        part_of=local_name(part_of) if (part_of := shapes.text(node, term("shape:partOf"))) else None,
        graph=shapes.text(node, term("shape:graph")),
        target_class=target.value,
        classes=frozenset(c.value for c in ontology.closure(target, _SUBCLASS) if isinstance(c, NamedNode)),
        labels=labels,
        plurals=shapes.literals(node, term("shape:plural")),
        descriptions=shapes.literals(node, term("sh:description"))
        or shapes.literals(node, term("rdfs:comment"))
        or ontology.literals(target, term("skos:definition")),
        label_properties=tuple(shapes.iris(node, term("shape:labelProperty"))),
        fields=_read_fields(node, shapes, ontology),
        segment=shapes.text(node, term("shape:segment")),
        implied_by=tuple(shapes.iris(node, term("shape:impliedBy"))),
        listings=read_listings(node, shapes),
    )


def _read_fields(node: Node, shapes: Facts, ontology: Facts) -> tuple[Field, ...]:
    by_path: dict[str, list[Object]] = {}
    for shape in _property_shapes(node, shapes, set()):
        path = shapes.object(shape, term("sh:path"))
        if path is None:
            raise BrokenShape(_name(node), "has a property shape without sh:path")
        if isinstance(path, NamedNode):  # a longer path is a rule about the thing, not a field of it
            by_path.setdefault(path.value, []).append(shape)
    fields = [read_field(_name(node), path, found, shapes, ontology) for path, found in by_path.items()]
    return tuple(sorted(fields, key=lambda field: field.position))


def _property_shapes(node: Object, shapes: Facts, seen: set[Object]) -> Iterator[Object]:
    """The property shapes of a node shape, then those that advise, then those of shapes it takes over by sh:node."""
    if node in seen:
        return
    seen.add(node)
    yield from shapes.objects(node, term("sh:property"))
    yield from shapes.objects(node, term("shape:advice"))
    for other in shapes.objects(node, term("sh:node")):
        yield from _property_shapes(other, shapes, seen)


def _predicates(shapes: Facts, ontology: Facts) -> Iterator[str]:
    yield _A.value
    for subject in shapes.all_subjects():
        yield from shapes.iris(subject, term("sh:path"))
        yield from shapes.iris(subject, term("sh:inversePath"))
        yield from shapes.iris(subject, term("shape:labelProperty"))
    for node in ontology.all_subjects():
        # Terms of other vocabularies are known by the label that is kept for them.
        if isinstance(node, NamedNode) and ontology.literals(node, term("rdfs:label")):
            yield node.value
