"""A field: one property of a kind, with everything its property shapes say about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pyoxigraph import Literal, NamedNode

from escrgraph.vocabulary.facts import Facts, Object, term
from escrgraph.vocabulary.labels import Label, name_of
from escrgraph.vocabulary.namespaces import SH, local_name

_UNORDERED = Decimal(1_000_000)


class BrokenShape(ValueError):
    """A shape that cannot be read; the text names it and says what is wrong."""

    def __init__(self, shape: str, problem: str) -> None:
        super().__init__(f"The shape {shape} {problem}.")


@dataclass(frozen=True, slots=True)
class Group:
    """A section of a form or page, from sh:PropertyGroup."""

    iri: str
    labels: tuple[Literal, ...]
    order: Decimal

    def label(self, languages: str | Sequence[str]) -> Label:
        """Its heading in the reader's language."""
        return name_of(self.labels, languages) or Label(local_name(self.iri), None, fallback=True)


@dataclass(frozen=True, slots=True)
class Field:
    """One property of a kind.

    path: the property. shapes: the property shapes behind it (several when demands differ in severity).
    datatypes, classes: what a value may be, also where the shape gives a choice.
    node: name of the kind of an embedded value. scheme: the code list from which it is chosen.
    min_count: how many values a record must have; recommended: how many it should have (asked as a warning).
    choices: the terms of sh:in. languages: the tags of sh:languageIn. severity: of the first shape.
    holder: its value is the record that holds the part, so nobody is asked for it.
    """

    path: str
    shapes: tuple[str, ...]
    names: tuple[Literal, ...]
    descriptions: tuple[Literal, ...]
    messages: tuple[Literal, ...]
    order: Decimal
    group: Group | None
    datatypes: tuple[str, ...]
    classes: tuple[str, ...]
    node: str | None
    scheme: str | None
    node_kind: str | None
    min_count: int
    recommended: int
    max_count: int | None
    severity: str
    facet: bool
    viewer: str | None
    editor: str | None
    read_only: bool
    patterns: tuple[str, ...]
    choices: tuple[Object, ...]
    languages: tuple[str, ...]
    unique_language: bool
    holder: bool = False

    @property
    def name(self) -> str:
        """The local name of its property."""
        return local_name(self.path)

    @property
    def datatype(self) -> str | None:
        """The datatype of its values; None for things, and where the shape leaves it open."""
        return self.datatypes[0] if self.datatypes else None

    @property
    def required(self) -> bool:
        """Whether a record without it is refused."""
        return self.min_count > 0

    @property
    def forbidden(self) -> bool:
        """Whether no record may have it: it is named only so that people are told why."""
        return self.max_count == 0

    @property
    def position(self) -> tuple[Decimal, Decimal, str]:
        """Where it stands among the fields of its kind."""
        return (self.group.order if self.group else _UNORDERED, self.order, self.path)

    def label(self, languages: str | Sequence[str]) -> Label:
        """Its name in the reader's language."""
        return name_of(self.names, languages) or Label(self.name, None, fallback=True)


class _Shapes:
    """The property shapes of one path, read together."""

    def __init__(self, kind: str, path: str, nodes: Sequence[Object], facts: Facts) -> None:
        self.kind, self.path, self.nodes, self.facts = kind, path, nodes, facts
        # A choice (sh:or, sh:xone) says what a value may be as the shape itself does.
        lists = [head for node in nodes for name in ("sh:or", "sh:xone") for head in facts.objects(node, term(name))]
        self.wide = [*nodes, *(member for head in lists for member in self._members(head))]

    def _members(self, head: Object) -> list[Object]:
        try:
            return self.facts.items(head)
        except ValueError as error:
            raise self.broken(f"has a broken list ({error})") from None

    def broken(self, problem: str) -> BrokenShape:
        return BrokenShape(self.kind, f"on {local_name(self.path)} {problem}")

    def literals(self, name: str) -> tuple[Literal, ...]:
        """The texts of the first shape that has some: the others add demands, not names."""
        return next((found for node in self.nodes if (found := self.facts.literals(node, term(name)))), ())

    def texts(self, name: str, *, wide: bool = False) -> tuple[str, ...]:
        nodes = self.wide if wide else self.nodes
        values = (value for node in nodes for value in self.facts.objects(node, term(name)))
        return tuple(dict.fromkeys(value.value for value in values if isinstance(value, NamedNode | Literal)))

    def first(self, name: str) -> str | None:
        return next(iter(self.texts(name)), None)

    def flag(self, name: str) -> bool:
        return "true" in self.texts(name)

    def members(self, name: str) -> tuple[Object, ...]:
        heads = (head for node in self.nodes for head in self.facts.objects(node, term(name)))
        return tuple(member for head in heads for member in self._members(head))

    def number(self, name: str) -> Decimal | None:
        text = self.first(name)
        try:
            return None if text is None else Decimal(text)
        except InvalidOperation:
            raise self.broken(f"has {name} “{text}”, which is not a number") from None

    def severity(self, node: Object) -> str:
        iris = self.facts.iris(node, term("sh:severity"))
        return iris[0].removeprefix(SH) if iris else "Violation"

    def counts(self, name: str, severities: set[str]) -> list[int]:
        found = []
        for node in self.nodes:
            text = self.facts.text(node, term(name))
            if text is not None and not text.isdecimal():
                raise self.broken(f"has {name} “{text}”, which is not a count")
            if text is not None and self.severity(node) in severities:
                found.append(int(text))
        return found

    def group(self) -> Group | None:
        iri = self.first("sh:group")
        if iri is None:
            return None
        node = NamedNode(iri)
        labels = self.facts.literals(node, term("rdfs:label"))
        if not labels:
            raise self.broken(f"is in the group {local_name(iri)}, which has no rdfs:label")
        order = self.facts.text(node, term("sh:order"))
        return Group(iri, labels, Decimal(order) if order else _UNORDERED)


def read_field(kind: str, path: str, nodes: Sequence[Object], shapes: Facts, ontology: Facts) -> Field:
    """Read the field that property shapes with one path make together.

    kind: name of the kind, for messages. nodes: the shape that describes the field first, then those that advise on it.
    Raises BrokenShape.
    """
    read = _Shapes(kind, path, nodes, shapes)
    names = read.literals("sh:name") or ontology.literals(NamedNode(path), term("rdfs:label"))
    if not names:
        raise read.broken("has no sh:name, so that nobody can be told what it is")
    maximum = read.counts("sh:maxCount", {"Violation"})
    return Field(
        path=path,
        shapes=tuple(node.value for node in nodes if isinstance(node, NamedNode)),
        names=names,
        descriptions=read.literals("sh:description") or ontology.literals(NamedNode(path), term("skos:definition")),
        messages=read.literals("sh:message"),
        order=order if (order := read.number("sh:order")) is not None else _UNORDERED,
        group=read.group(),
        datatypes=read.texts("sh:datatype", wide=True),
        classes=read.texts("sh:class", wide=True),
        node=_embedded(read, shapes),
        scheme=read.first("shape:scheme"),
        node_kind=read.first("sh:nodeKind"),
        min_count=max(read.counts("sh:minCount", {"Violation"}), default=0),
        recommended=max(read.counts("sh:minCount", {"Warning", "Info"}), default=0),
        max_count=min(maximum) if maximum else None,
        severity=read.severity(nodes[0]),
        facet=read.flag("shape:facet"),
        viewer=read.first("dash:viewer"),
        editor=read.first("dash:editor"),
        read_only=read.flag("dash:readOnly"),
        patterns=read.texts("sh:pattern", wide=True),
        choices=read.members("sh:in"),
        languages=tuple(m.value for m in read.members("sh:languageIn") if isinstance(m, Literal)),
        unique_language=read.flag("sh:uniqueLang"),
        holder=read.flag("shape:holder"),
    )


def _embedded(read: _Shapes, shapes: Facts) -> str | None:
    """The kind of a value that lives inside the record, named by sh:node."""
    for iri in read.texts("sh:node"):
        node = NamedNode(iri)
        if not shapes.predicates(node):
            raise read.broken(f"points by sh:node to {local_name(iri)}, which no shape file defines")
        if shapes.iris(node, term("sh:targetClass")):
            return local_name(iri)
    return None
