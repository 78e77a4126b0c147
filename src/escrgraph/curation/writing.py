"""From answers to quads and back: an entry as its form shows it, and what a form changes in a published entry."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode, Quad

from escrgraph.curation.answers import Answers, Text
from escrgraph.curation.forms import DEEPEST, Form, Question, Widget
from escrgraph.curation.slugs import slug_of
from escrgraph.curation.terms import Resolve, Term, cleaned, term_of, text_of
from escrgraph.vocabulary.facts import Facts, term
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kind, Kinds
from escrgraph.vocabulary.namespaces import local_name

_TYPE = term("rdf:type")
_SCHEME, _TOP, _BROADER = term("skos:inScheme"), term("skos:topConceptOf"), term("skos:broader")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands in a form. key: as in posted pairs, such as `evidence.1.title.2`."""

    key: str
    question: Question
    value: Term | None


@dataclass(frozen=True)
class Written:
    """An entry as quads. added, removed: against what was published. places: the fields by node and property."""

    quads: tuple[Quad, ...]
    added: tuple[Quad, ...]
    removed: tuple[Quad, ...]
    places: Mapping[tuple[str, str], tuple[Place, ...]] = field(repr=False)

    def place(self, node: str, path: str | None, value: str | None = None) -> str | None:
        """The key of the field that a finding is about, of the very value where that is known; None outside."""
        found = self.places.get((node, path or ""), ())
        for place in found:
            if value is not None and place.value is not None and _shown(place.value) == value:
                return place.key
        return found[0].key if found else None


class Writer:
    """Writes answers of one form as quads. resolve: finds the entries that people name."""

    def __init__(self, form: Form, kinds: Kinds, base: Base, resolve: Resolve) -> None:
        self.form, self.base = form, base
        self._kinds, self._resolve = kinds, resolve

    def write(self, answers: Answers, record: str, published: Collection[Quad] = ()) -> Written:
        """The quads of a record ("type/slug") with these answers.

        published: the record as it is now. What the form does not ask is kept, as are values that nobody touched.
        """
        iri = self.base.record_iri(record)
        work = _Work(self, iri, published)
        work.thing(self.form, answers, NamedNode(iri), "")
        work.imply(self._kinds)
        work.keep()
        quads = tuple(work.quads)
        before = set(published)
        return Written(
            quads,
            tuple(quad for quad in quads if quad not in before),
            tuple(quad for quad in published if quad not in work.quads),
            {key: tuple(places) for key, places in work.places.items()},
        )

    def term(self, question: Question, given: Text) -> Term | None:
        """What a person typed, as a term."""
        return term_of(question, given, self.base, self._resolve)

    def graph(self) -> NamedNode:
        """The graph of this form's records."""
        return NamedNode(self.base.graph(self.form.kind.graph or self.form.kind.type or "resource"))


class _Work:
    """One record being written."""

    def __init__(self, writer: Writer, iri: str, published: Collection[Quad]) -> None:
        self.quads: dict[Quad, None] = {}
        self.places: dict[tuple[str, str], list[Place]] = {}
        self._writer, self._iri = writer, iri
        self._before = tuple(published)
        self._facts = Facts(published)
        self._asked: set[tuple[str, str]] = set()
        self._part_fields: set[tuple[str, str]] = set()
        self._nodes: set[str] = {iri}
        self._taken = {quad.subject.value for quad in published if isinstance(quad.subject, NamedNode)}
        # A record may have links in another graph: each triple stays where it is, new ones go to the graph of its type.
        self._known = {quad.triple: quad for quad in published}
        own = (q.graph_name for q in published if q.predicate == _TYPE and q.subject == NamedNode(iri))
        self._graph = next((graph for graph in own if isinstance(graph, NamedNode)), None) or writer.graph()

    def thing(self, form: Form, answers: Answers, node: NamedNode, prefix: str) -> None:
        """Write the answers about one node."""
        if not self._facts.iris(node, _TYPE):
            self._add(node, _TYPE, NamedNode(form.kind.target_class))
        for found in form.kind.fields:
            if found.holder:
                self._add(node, NamedNode(found.path), NamedNode(self._iri))
            elif found.path in {_SCHEME.value, _TOP.value} and form.kind.type and not self._before:
                top = found.path == _TOP.value
                if not (top and answers.texts.get(local_name(_BROADER.value))):
                    self._add(node, NamedNode(found.path), NamedNode(self._writer.base.id("scheme", form.kind.type)))
        for question in form.questions:
            self._asked.add((node.value, question.path))
            self.places.setdefault((node.value, question.path), [])
            if question.widget is Widget.PART:
                self._part_fields.add((node.value, question.path))
                self._parts(question, answers, node, prefix)
            else:
                self._values(question, answers, node, prefix)
            if not self.places[node.value, question.path]:
                self._place(node, question, f"{prefix}{question.key}.1", None)

    def _values(self, question: Question, answers: Answers, node: NamedNode, prefix: str) -> None:
        published = [
            value
            for value in self._facts.objects(node, NamedNode(question.path))
            if isinstance(value, NamedNode | Literal)
        ]
        for number, given in enumerate(answers.texts.get(question.key, ()), 1):
            value = _untouched(question, given, published, self._writer.base) or self._writer.term(question, given)
            key = f"{prefix}{question.key}.{number}"
            if value is not None:
                self._add(node, NamedNode(question.path), value)
                self._place(node, question, key, value)

    def _parts(self, question: Question, answers: Answers, node: NamedNode, prefix: str) -> None:
        if question.part is None:
            return
        for number, part in enumerate(answers.parts.get(question.key, ()), 1):
            if part.empty:
                continue
            below = NamedNode(self._address(question, question.part.kind, part.suffix))
            key = f"{prefix}{question.key}.{number}"
            self._add(node, NamedNode(question.path), below)
            self._place(node, question, key, below)
            self.thing(question.part, part, below, f"{key}.")

    def _address(self, question: Question, kind: Kind, suffix: str) -> str:
        """The address of a part: that which it has, else the word of its kind, numbered where several may stand."""
        if suffix and f"{self._iri}/{suffix}" in self._taken and f"{self._iri}/{suffix}" not in self._nodes:
            found = f"{self._iri}/{suffix}"
        else:
            stem = f"{self._iri}/{kind.segment or slug_of(kind.name)}"
            names = [] if question.multiple else [stem]
            numbered = (f"{stem}/{number}" for number in range(1, 10_000))
            free = (name for name in (*names, *numbered) if name not in self._taken | self._nodes)
            found = next(free)
        self._nodes.add(found)
        return found

    def imply(self, kinds: Kinds) -> None:
        """Give the record the classes that its values imply."""
        record = NamedNode(self._iri)
        values = {quad.object.value for quad in self.quads if isinstance(quad.object, NamedNode)}
        for kind in kinds.values():
            implying = {self._writer.base.rebase(iri, Base()) for iri in kind.implied_by}
            if implying and kind.part_of == self._writer.form.kind.name:
                self._asked.add((self._iri, kind.target_class))
                if implying & values:
                    self._add(record, _TYPE, NamedNode(kind.target_class))

    def keep(self) -> None:
        """Take over what is published and was not asked about, of nodes that are still there."""
        implied = {path for node, path in self._asked if node == self._iri}
        gone = self._gone()
        for quad in self._before:
            subject, path = _iri(quad.subject), quad.predicate.value
            if subject in gone or (subject, path) in self._asked:
                continue
            revoked = isinstance(quad.object, NamedNode) and quad.object.value in implied and quad not in self.quads
            if not (quad.predicate == _TYPE and revoked):
                self.quads[quad] = None

    def _gone(self) -> set[str]:
        """The parts that the form held once and holds no longer, and what is below them; what no form reaches stays."""
        parts = [
            (_iri(quad.subject), quad.predicate.value, _iri(quad.object))
            for quad in self._before
            if _iri(quad.object).startswith(self._iri + "/")
        ]
        gone = {part for owner, path, part in parts if (owner, path) in self._part_fields and part not in self._nodes}
        for _ in range(DEEPEST):
            gone |= {part for owner, _path, part in parts if owner in gone and part not in self._nodes}
        return gone

    def _add(self, subject: NamedNode, predicate: NamedNode, value: Term) -> None:
        quad = Quad(subject, predicate, value, self._graph)
        self.quads[self._known.get(quad.triple, quad)] = None

    def _place(self, node: NamedNode, question: Question, key: str, value: Term | None) -> None:
        self.places.setdefault((node.value, question.path), []).append(Place(key, question, value))


def answers_of(form: Form, quads: Iterable[Quad], record: str, base: Base) -> Answers:
    """The answers that a record gives to its form: what `Writer.write` writes as the same record."""
    facts = Facts(quads)
    iri = base.record_iri(record)
    return _answers(form, NamedNode(iri), facts, iri, base)


def _answers(form: Form, node: NamedNode, facts: Facts, record: str, base: Base) -> Answers:
    found = Answers(suffix=node.value.removeprefix(record).removeprefix("/"))
    for question in form.questions:
        values = [v for v in facts.objects(node, NamedNode(question.path)) if isinstance(v, NamedNode | Literal)]
        values.sort(key=_order)
        if question.widget is not Widget.PART:
            if values:
                found.texts[question.key] = [text_of(question, value, base) for value in values]
        elif question.part is not None:
            parts = [v for v in values if isinstance(v, NamedNode) and v.value.startswith(record + "/")]
            if parts:
                found.parts[question.key] = [_answers(question.part, part, facts, record, base) for part in parts]
    return found


def _order(value: Term) -> tuple[int, str]:
    """By the number at the end of an address, so that part 10 comes after part 2; then by the text."""
    last = value.value.rpartition("/")[2] if isinstance(value, NamedNode) else ""
    return (int(last) if last.isdecimal() and len(last) < 9 else 0, value.value)


def _untouched(question: Question, given: Text, published: list[Term], base: Base) -> Term | None:
    """The published value that was given back as it stands in the form, whatever a new one would be made into."""
    for value in published:
        shown = text_of(question, value, base)
        if shown.language == given.language and _same(shown.text, given.text):
            return value
    return None


def _same(one: str, other: str) -> bool:
    return one == other or cleaned(one, lines=True) == cleaned(other, lines=True)


def _shown(value: Term) -> str:
    return value.value[:200]


def _iri(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else ""
