"""The shapes as the referee needs them: targets, rules, a pySHACL shapes graph that is built once, a version."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import rdflib
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad

from escrgraph import __version__
from escrgraph.validation.convert import graph_of
from escrgraph.validation.paths import path_text
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.facts import Facts, Object, read_turtle, term
from escrgraph.vocabulary.namespaces import SH

if TYPE_CHECKING:
    from pyshacl.shapes_graph import ShapesGraph

_A = term("rdf:type")
_CLASS, _NODE_SHAPE = term("rdfs:Class"), term("sh:NodeShape")
_SUBCLASS = term("rdfs:subClassOf")
_UNUSED = frozenset(term(f"sh:{name}") for name in ("js", "rule", "expression"))
_SPARQL = term("sh:sparql")
_LOOK_AROUND = re.compile(r"\(\?[=!<]|\\[1-9]|\(\?P=")
_NESTED_QUANTIFIER = re.compile(r"\((?:[^()\\]|\\.)*[+*}](?:[^()\\]|\\.)*\)[+*{]")


class BadShapes(ValueError):
    """Shapes that cannot be used as they are; the text names the shape and says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a shape is about. classes: with every class below them. nodes, subjects_of, objects_of: as in SHACL."""

    classes: frozenset[str]
    nodes: frozenset[str]
    subjects_of: frozenset[str]
    objects_of: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A sh:sparql constraint. shape: the one that carries it, with its path and severity. target: what it is about."""

    shape: Object
    node: Object
    select: str
    path: str | None
    severity: str
    messages: tuple[Literal, ...]
    target: Target


class Shapes:
    """A set of shapes with the class tree of its ontology. Raises BadShapes for what could give a wrong verdict."""

    def __init__(self, shapes: Iterable[Quad], ontology: Iterable[Quad]) -> None:
        self.quads = tuple(shapes)
        self.facts = Facts(self.quads)
        self.class_quads = tuple(quad for quad in ontology if quad.predicate == _SUBCLASS)
        self._classes = Facts(self.class_quads)
        self.targets = {node: target for node in self.facts.all_subjects() if (target := self._target(node))}
        self.rules = tuple(self._rules())
        self._check_patterns()
        self._check_features()

    @cached_property
    def version(self) -> str:
        """The release and a digest of the shapes' content, which does not depend on how they are written down."""
        dataset = Dataset(self.quads)
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        lines = "\n".join(sorted(str(quad) for quad in dataset))
        return f"{__version__}+{hashlib.sha256(lines.encode()).hexdigest()[:12]}"

    @cached_property
    def core(self) -> ShapesGraph:
        """The shapes without their rules, for pySHACL, with every shape read beforehand.

        pySHACL skips named property shapes when it is told which shapes to use before it has read all.
        """
        from pyshacl.shapes_graph import ShapesGraph  # noqa: PLC0415 - as in core.py

        found = ShapesGraph(graph_of(quad for quad in self.quads if quad.predicate != _SPARQL))
        if not found.shapes:
            raise BadShapes("There are no shapes: everything would conform. Are the shape files there?")
        return found

    @cached_property
    def class_graph(self) -> rdflib.Graph:
        """The class tree, for pySHACL."""
        return graph_of(self.class_quads)

    def subclasses(self, name: str) -> frozenset[str]:
        """A class and every class below it."""
        found = self._classes.closure(NamedNode(name), _SUBCLASS)
        return frozenset(node.value for node in found if isinstance(node, NamedNode))

    def path(self, shape: Object) -> str | None:
        """The path of a property shape as SPARQL text (a plain IRI without brackets); None for a node shape."""
        path = self.facts.object(shape, term("sh:path"))
        if path is None:
            return None
        return path.value if isinstance(path, NamedNode) else path_text(path, self.facts)

    def severity(self, shape: Object) -> str:
        """How grave it is when a shape is broken: one of results.SEVERITIES."""
        found = self.facts.iris(shape, term("sh:severity"))
        return found[0].removeprefix(SH) if found else "Violation"

    def deactivated(self, shape: Object) -> bool:
        """Whether a shape is switched off."""
        return self.facts.text(shape, term("sh:deactivated")) == "true"

    def meta_check(self) -> str:
        """Hold the shapes against the shapes of SHACL itself: an empty text, or what is wrong."""
        import pyshacl  # noqa: PLC0415 - as in core.py

        graph = graph_of(self.quads)
        empty = rdflib.Graph()
        try:
            pyshacl.validate(empty, shacl_graph=graph, meta_shacl=True, do_owl_imports=False)
        except pyshacl.errors.ReportableRuntimeError as error:
            return str(error)
        return ""

    def _target(self, node: Object) -> Target | None:
        facts = self.facts
        names = facts.iris(node, term("sh:targetClass"))
        if isinstance(node, NamedNode) and {_CLASS, _NODE_SHAPE} <= set(facts.objects(node, _A)):
            names.append(node.value)  # a class that is a shape is its own target (SHACL section 2.1.3.3)
        classes = frozenset(name for wanted in names for name in self.subclasses(wanted))
        names = ["sh:targetNode", "sh:targetSubjectsOf", "sh:targetObjectsOf"]
        others = [frozenset(facts.iris(node, term(name))) for name in names]
        if facts.objects(node, term("sh:target")):
            raise BadShapes(f"{_named(node)} has a sh:target query, which is not used here: a query may reach out.")
        if not all(isinstance(wanted, NamedNode) for wanted in facts.objects(node, term("sh:targetNode"))):
            raise BadShapes(f"{_named(node)} has a text as its sh:targetNode: only things with an address are checked.")
        return Target(classes, *others) if classes or any(others) else None

    def _rules(self) -> Iterable[Rule]:
        for shape in [node for node in self.facts.all_subjects() if self.facts.objects(node, _SPARQL)]:
            holders = [shape, *self.facts.subjects_of(term("sh:property"), shape)]
            targets = [self.targets[holder] for holder in holders if holder in self.targets]
            if not targets:
                raise BadShapes(f"{_named(shape)} has a sh:sparql rule but no target: nothing would be checked.")
            for target in targets:
                for node in self.facts.objects(shape, _SPARQL):
                    if not self.deactivated(node) and not self.deactivated(shape):
                        yield self._rule(shape, node, target)

    def _rule(self, shape: Object, node: Object, target: Target) -> Rule:
        select = self.facts.text(node, term("sh:select"))
        if select is None:
            raise BadShapes(f"{_named(shape)} has a sh:sparql rule without sh:select.")
        path = self.path(shape)
        if path is not None:
            select = select.replace("$PATH", path if not path.startswith("http") else f"<{path}>")
        messages = self.facts.literals(node, term("sh:message")) or self.facts.literals(shape, term("sh:message"))
        prologue = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in self._prefixes(node))
        return Rule(shape, node, prologue + select, path, self.severity(shape), messages, target)

    def _prefixes(self, node: Object) -> Iterable[tuple[str, str]]:
        for holder in self.facts.objects(node, term("sh:prefixes")):
            for declared in self.facts.objects(holder, term("sh:declare")):
                prefix, iri = (self.facts.text(declared, term(name)) for name in ("sh:prefix", "sh:namespace"))
                if prefix is None or iri is None:
                    raise BadShapes(f"{_named(holder)} declares a prefix without sh:prefix or sh:namespace.")
                yield prefix, iri

    def _check_patterns(self) -> None:
        """Patterns must mean the same to Python and to Oxigraph, and end soon whatever the text."""
        for node in self.facts.all_subjects():
            for pattern in self.facts.literals(node, term("sh:pattern")):
                if problem := pattern_problem(pattern.value):
                    raise BadShapes(f"{_named(node)} has the pattern {pattern.value}, which {problem}.")

    def _check_features(self) -> None:
        """What is not run must not stand in a shape as if it were: nobody would look."""
        for quad in self.quads:
            if quad.predicate in _UNUSED:
                name = quad.predicate.value.removeprefix(SH)
                raise BadShapes(f"{_named(quad.subject)} has sh:{name}, which is not used here: it may reach out.")


def pattern_problem(pattern: str) -> str | None:
    """Why a regular expression may not stand in a shape; None when it may."""
    if _LOOK_AROUND.search(pattern):
        return "looks around or back: engines differ in that"
    if _NESTED_QUANTIFIER.search(pattern):
        return "repeats what already repeats: some texts would take for ever"
    try:
        re.compile(pattern)
    except re.error as error:
        return f"is no regular expression ({error})"
    return None


def shapes_of(shapes: Sequence[Path], ontology: Sequence[Path]) -> Shapes:
    """The shapes of given Turtle files. Raises BadShapes, and SyntaxError that names the file."""
    return Shapes(read_turtle(shapes), read_turtle(ontology))


@cache
def shipped_shapes() -> Shapes:
    """The shapes that ship with escrgraph, read once."""
    return shapes_of(shipped.shape_files(), shipped.ontology_files())


def _named(node: Object) -> str:
    return str(node) if isinstance(node, NamedNode) else "A shape without a name"
