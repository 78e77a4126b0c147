"""Shapes as SPARQL: every core constraint becomes a query that finds what breaks it, for a whole store at once.

A shape with anything that is not known here is refused whole (Uncompilable), never skipped: pySHACL then checks it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, count

from pyoxigraph import Literal, NamedNode

from escrgraph.validation.shapes import Shapes, Target
from escrgraph.vocabulary.facts import Object, term
from escrgraph.vocabulary.namespaces import SH, XSD

_MOST = 6
"""The greatest number that is counted by naming as many values."""

_DESCRIPTIVE = frozenset(
    [
        "path",
        "name",
        "description",
        "message",
        "order",
        "group",
        "severity",
        "deactivated",
        "targetClass",
        "targetNode",
        "targetSubjectsOf",
        "targetObjectsOf",
        "property",
        "sparql",
        "defaultValue",
        "flags",
        "qualifiedMinCount",
        "qualifiedMaxCount",
        "ignoredProperties",
        "prefixes",
        "select",
    ]
)
_NODE_KINDS = {
    "IRI": "ISIRI({0})",
    "Literal": "ISLITERAL({0})",
    "BlankNode": "ISBLANK({0})",
    "BlankNodeOrIRI": "(ISIRI({0}) || ISBLANK({0}))",
    "BlankNodeOrLiteral": "(ISLITERAL({0}) || ISBLANK({0}))",
    "IRIOrLiteral": "(ISIRI({0}) || ISLITERAL({0}))",
}
_CAST = frozenset(
    XSD + name for name in ("boolean", "integer", "decimal", "double", "float", "date", "dateTime", "time")
)
_UNCHECKED = frozenset({XSD + "string", term("rdf:langString").value, term("edtf:EDTF").value, XSD + "anyURI"})
_TAG = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*|[*]")
_COMPARISONS = {"minInclusive": ">=", "maxInclusive": "<=", "minExclusive": ">", "maxExclusive": "<"}


class Uncompilable(Exception):
    """A shape says something that is not known here; the text says what."""


@dataclass(frozen=True, slots=True)
class Check:
    """A query for ?this and, where a value is to blame, ?value (and ?path, for a closed shape).

    The query finds nothing, and need not be run, where its screen answers no: a query whether anybody at all breaks
    this demand, which is the same for every shape that demands the same of a property. within, for sh:node: checks of
    the other shape on what it is demanded of; where none of them finds anything, this finds nothing either.
    """

    shape: Object
    component: str
    path: str | None
    severity: str
    query: str
    screen: str | None = None
    within: tuple[Check, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Demand:
    """A constraint. pattern: has a solution for a node exactly when the node breaks it; ?value is to blame.

    anybody: what has a solution when any node at all breaks it; None for a pattern that begins with the target's nodes.
    other: the shape that sh:node names.
    """

    component: str
    pattern: str
    anybody: str | None = None
    other: Object | None = None


def compile_shape(node: Object, shapes: Shapes) -> list[Check]:
    """The checks of a shape with a target, without its rules. Raises Uncompilable."""
    return list(_checks(node, shapes.targets[node], shapes, ()))


def _checks(node: Object, target: Target, shapes: Shapes, above: tuple[Object, ...]) -> Iterator[Check]:
    if shapes.deactivated(node):
        return
    compiler = _Compiler(shapes, (*above, node), _anchor(target))
    path, severity = shapes.path(node), shapes.severity(node)
    for demand in compiler.demands(node, "?this"):
        whose, screen = "", None
        if demand.anybody is not None:
            whose, screen = f"FILTER({_membership(target)})", f"ASK {{ {demand.anybody} }}"
        query = f"SELECT DISTINCT ?this ?value ?path WHERE {{ {demand.pattern} {whose} }}"
        within = None if demand.other is None else _within(demand.other, path, target, shapes, (*above, node))
        yield Check(node, demand.component, path, severity, query, screen, within)
    for inner in shapes.facts.objects(node, term("sh:property")):
        if path is not None:
            raise Uncompilable("sh:property inside a property shape")
        yield from _checks(inner, target, shapes, (*above, node))


def _within(
    other: Object, path: str | None, target: Target, shapes: Shapes, above: tuple[Object, ...]
) -> tuple[Check, ...] | None:
    """The checks of a shape on the values of a property, or on the nodes themselves; None where a path is longer."""
    if path is not None:
        if not _is_iri(path):
            return None
        target = Target(frozenset(), frozenset(), frozenset(), frozenset([path]))
    return tuple(_checks(other, target, shapes, above))


def _is_iri(path: str) -> bool:
    return path.startswith("http")


def _anchor(target: Target) -> str:
    """A pattern that gives the nodes of a target, for constraints that say nothing about what is there."""
    choices = [f"{{ ?this a <{name}> }}" for name in sorted(target.classes)]
    choices += [f"{{ ?this <{name}> ?any }}" for name in sorted(target.subjects_of)]
    choices += [f"{{ ?any <{name}> ?this }}" for name in sorted(target.objects_of)]
    choices += [f"{{ BIND(<{name}> AS ?this) }}" for name in sorted(target.nodes)]
    return " UNION ".join(choices)


def _membership(target: Target) -> str:
    """A test for the nodes of a target: what is wrong is looked for first, whose it is comes last."""
    tests = []
    if target.classes:
        names = ", ".join(f"<{name}>" for name in sorted(target.classes))
        tests.append(f"EXISTS {{ ?this a ?target . FILTER(?target IN ({names})) }}")
    if target.nodes:
        tests.append(f"?this IN ({', '.join(f'<{name}>' for name in sorted(target.nodes))})")
    tests += [f"EXISTS {{ ?this <{name}> ?any }}" for name in sorted(target.subjects_of)]
    tests += [f"EXISTS {{ ?any <{name}> ?this }}" for name in sorted(target.objects_of)]
    return " || ".join(tests)


class _Compiler:
    """Writes the patterns of demands. anchor: gives the nodes of the target, empty inside an expression."""

    def __init__(
        self,
        shapes: Shapes,
        above: tuple[Object, ...] = (),
        anchor: str = "",
        numbers: Iterator[int] | None = None,
    ) -> None:
        self._shapes, self._facts, self._above, self._anchor = shapes, shapes.facts, above, anchor
        self._numbers = numbers or count(1)

    def demands(self, node: Object, focus: str) -> Iterator[_Demand]:
        """Each constraint of a shape. Raises Uncompilable."""
        path = self._shapes.path(node)
        written = f"<{path}>" if path is not None and _is_iri(path) else path
        for predicate in self._facts.predicates(node):
            name = predicate.value.removeprefix(SH)
            if not predicate.value.startswith(SH) or name in _DESCRIPTIVE:
                continue
            for value in self._facts.objects(node, predicate):
                if self._anchor:  # a query of its own: what says the same reads the same
                    self._numbers = count(1)
                yield self._demand(name, value, node, focus, written)

    def _demand(self, name: str, value: Object, node: Object, focus: str, path: str | None) -> _Demand:
        component = name[0].upper() + name[1:]
        if (test := self._test(name, value, node)) is not None:
            pattern, anybody = self._failing(test, focus, path)
            return _Demand(component, pattern, anybody, value if name == "node" else None)
        if path is not None and (counted := self._counted(name, value, node, focus, path)) is not None:
            return counted
        pair = _PAIRS.get(name)
        if pair is not None and path is not None and isinstance(value, NamedNode):
            names = ("?value", "?other") if self._anchor else (self._variable(), self._variable())
            pattern = pair.format(focus=focus, path=path, other=f"<{value.value}>", one=names[0], two=names[1])
            return _Demand(component, pattern, pattern)
        if name == "hasValue":
            found = f"SAMETERM({focus}, {value})" if path is None else f"EXISTS {{ {focus} {path} {value} }}"
            return _Demand(component, f"{self._anchor} FILTER(!{found})")
        if name == "uniqueLang" and path is not None and isinstance(value, Literal):
            pattern = self._unique(focus, path) if value.value == "true" else "FILTER(false)"
            return _Demand(component, pattern, pattern)
        if name == "closed" and isinstance(value, Literal):
            pattern = self._closed(node, focus) if value.value == "true" else "FILTER(false)"
            return _Demand(component, f"{self._anchor} {pattern}")
        raise Uncompilable(f"sh:{name}")

    def _failing(self, test: Callable[[str], str], focus: str, path: str | None) -> tuple[str, str | None]:
        """Where a value of the path, or the node itself, does not pass a test, and where any value of the path does
        not. What gives an error does not pass.
        """
        if path is None:
            bound = f"BIND({focus} AS ?value)" if self._anchor else ""
            return f"{self._anchor} FILTER(!COALESCE({test(focus)}, false)) {bound}", None
        value = "?value" if self._anchor else self._variable()
        if not self._is_whole(path):
            pattern = f"{focus} {path} {value} FILTER(!COALESCE({test(value)}, false))"
            return pattern, pattern
        # Each value is looked at once, however many nodes have it. BIND, because a FILTER would be moved inwards.
        values = f"{{ SELECT DISTINCT {value} WHERE {{ ?any {path} {value} }} }}"
        wrong = f"{values} BIND(COALESCE({test(value)}, false) AS ?right) FILTER(!?right)"
        return f"{wrong} {focus} {path} {value}", wrong

    def _test(self, name: str, value: Object, node: Object) -> Callable[[str], str] | None:
        """What a value must be, as an expression about it."""
        if isinstance(value, Literal):
            return self._literal_test(name, value, node)
        if name == "class" and isinstance(value, NamedNode):
            names = ", ".join(f"<{sub}>" for sub in sorted(self._shapes.subclasses(value.value)))
            kind = self._variable()
            return lambda v: f"EXISTS {{ {v} a {kind} . FILTER({kind} IN ({names})) }}"
        if name == "datatype" and isinstance(value, NamedNode):
            return _datatype(value.value)
        if name == "nodeKind" and isinstance(value, NamedNode):
            return _NODE_KINDS[value.value.removeprefix(SH)].format
        if name == "in":
            members = [str(member) for member in self._facts.items(value)]
            return lambda v: "(" + (" || ".join(f"SAMETERM({v}, {member})" for member in members) or "false") + ")"
        if name == "languageIn":
            return _language_in([getattr(member, "value", "") for member in self._facts.items(value)])
        return self._logical_test(name, value)

    def _literal_test(self, name: str, value: Literal, node: Object) -> Callable[[str], str] | None:
        # A blank node has no text: STR gives an error, and what gives an error does not pass.
        if name == "minLength":
            return lambda v: f"(STRLEN(STR({v})) >= {int(value.value)})"
        if name == "maxLength":
            return lambda v: f"(STRLEN(STR({v})) <= {int(value.value)})"
        if name == "pattern":
            flags = self._facts.text(node, term("sh:flags")) or ""
            return lambda v: f"REGEX(STR({v}), {Literal(value.value)}, {Literal(flags)})"
        if name in _COMPARISONS:
            return lambda v: f"({v} {_COMPARISONS[name]} {value})"
        return None

    def _logical_test(self, name: str, value: Object) -> Callable[[str], str] | None:
        if name == "node":
            return lambda v: self.conforms(value, v)
        if name == "not":
            return lambda v: f"!{self.conforms(value, v)}"
        if name in {"and", "or"}:
            sign = " && " if name == "and" else " || "
            return lambda v: "(" + sign.join(self.conforms(member, v) for member in self._facts.items(value)) + ")"
        if name == "xone":
            members = self._facts.items(value)
            return lambda v: "((" + " + ".join(f"IF({self.conforms(m, v)}, 1, 0)" for m in members) + ") = 1)"
        return None

    def conforms(self, node: Object, focus: str) -> str:
        """An expression that is true when a node conforms to a shape. Raises Uncompilable.

        Rules are left out here too: each has a target of its own, and reports its own findings.
        """
        if not self._facts.predicates(node):
            raise Uncompilable("a shape that is not defined")
        if self._shapes.deactivated(node):
            return "true"
        if node in self._above:
            raise Uncompilable("a shape inside itself")
        inner = _Compiler(self._shapes, (*self._above, node), numbers=self._numbers)
        found = [f"!EXISTS {{ {demand.pattern} }}" for demand in inner.demands(node, focus)]
        found += [inner.conforms(shape, focus) for shape in self._facts.objects(node, term("sh:property"))]
        return "(" + (" && ".join(found) or "true") + ")"

    def _counted(self, name: str, value: Object, node: Object, focus: str, path: str) -> _Demand | None:
        if name == "qualifiedValueShape":
            return self._qualified(value, node, focus, path)
        if name not in {"minCount", "maxCount"} or not isinstance(value, Literal):
            return None
        number = int(value.value)
        if name == "minCount":
            if number == 0:
                return _Demand("MinCount", "FILTER(false)")
            enough = self._distinct(number, focus, path)
            # MINUS goes through the property once; EXISTS would look up each node.
            lacking = f"MINUS {{ {enough} }}" if self._is_whole(path) else f"FILTER(!EXISTS {{ {enough} }})"
            return _Demand("MinCount", f"{self._anchor} {lacking}")
        many = self._several(focus, path, number) if self._is_whole(path) else self._distinct(number + 1, focus, path)
        return _Demand("MaxCount", many, many)

    def _qualified(self, shape: Object, node: Object, focus: str, path: str) -> _Demand:
        facts = self._facts
        least, most = (facts.text(node, term(f"sh:qualified{name}Count")) for name in ("Min", "Max"))
        if facts.objects(node, term("sh:qualifiedValueShapesDisjoint")) or (least is None) == (most is None):
            raise Uncompilable("sh:qualifiedValueShape with both counts, with none, or disjoint")
        if least is not None:
            enough = self._distinct(int(least), focus, path, shape)
            return _Demand("QualifiedMinCount", f"{self._anchor} FILTER(!EXISTS {{ {enough} }})")
        return _Demand("QualifiedMaxCount", self._distinct(int(most or 0) + 1, focus, path, shape))

    def _distinct(self, number: int, focus: str, path: str, shape: Object | None = None) -> str:
        """That many different values, each of which conforms to a shape."""
        if number > _MOST:
            raise Uncompilable(f"a count above {_MOST}")
        values = [self._variable() for _ in range(number)]
        tests = [f"!SAMETERM({one}, {other})" for one, other in combinations(values, 2)]
        tests += [self.conforms(shape, value) for value in values] if shape is not None else []
        patterns = " . ".join(f"{focus} {path} {value}" for value in values)
        return patterns + (f" FILTER({' && '.join(tests)})" if tests else "")

    def _several(self, focus: str, path: str, number: int) -> str:
        """The nodes with more than so many values of a property."""
        value = self._variable()
        counted = f"GROUP BY {focus} HAVING(COUNT(DISTINCT {value}) > {number})"
        return f"{{ SELECT {focus} WHERE {{ {focus} {path} {value} }} {counted} }}"

    def _unique(self, focus: str, path: str) -> str:
        one, other = self._variable(), self._variable()
        if self._is_whole(path):
            tagged = f'{focus} {path} {one} BIND(LCASE(LANG({one})) AS ?tag) FILTER(?tag != "")'
            counted = f"GROUP BY {focus} ?tag HAVING(COUNT(DISTINCT {one}) > 1)"
            return f"{{ SELECT {focus} WHERE {{ {self._several(focus, path, 1)} {tagged} }} {counted} }}"
        same = f'LANG({one}) != "" && LCASE(LANG({one})) = LCASE(LANG({other})) && !SAMETERM({one}, {other})'
        return f"{focus} {path} {one}, {other} FILTER({same})"

    def _closed(self, node: Object, focus: str) -> str:
        facts = self._facts
        allowed = [
            path for shape in facts.objects(node, term("sh:property")) for path in facts.iris(shape, term("sh:path"))
        ]
        for head in facts.objects(node, term("sh:ignoredProperties")):
            allowed += [member.value for member in facts.items(head) if isinstance(member, NamedNode)]
        predicate, value = ("?path", "?value") if self._anchor else (self._variable(), self._variable())
        names = ", ".join(f"<{name}>" for name in sorted(set(allowed)))
        return f"{focus} {predicate} {value} FILTER({predicate} NOT IN ({names}))"

    def _is_whole(self, path: str) -> bool:
        """Whether a pattern is about all nodes and a single property, so that it can go through the property once."""
        return bool(self._anchor) and path.startswith("<")

    def _variable(self) -> str:
        return f"?v{next(self._numbers)}"


_PAIRS = {
    "equals": "{{ {focus} {path} {one} FILTER NOT EXISTS {{ {focus} {other} {one} }} }} "
    "UNION {{ {focus} {other} {one} FILTER NOT EXISTS {{ {focus} {path} {one} }} }}",
    "disjoint": "{focus} {path} {one} . {focus} {other} {one}",
    "lessThan": "{focus} {path} {one} . {focus} {other} {two} FILTER(!COALESCE({one} < {two}, false))",
    "lessThanOrEquals": "{focus} {path} {one} . {focus} {other} {two} FILTER(!COALESCE({one} <= {two}, false))",
}


def _language_in(tags: list[str]) -> Callable[[str], str]:
    """A test for a language of a list: what LANGMATCHES says (RFC 4647 section 3.3.1), with the value read once."""
    if not all(_TAG.fullmatch(tag) for tag in tags):
        raise Uncompilable(f"sh:languageIn {tags}")
    ranges = "|".join(tags).replace("*", "[^-]+")
    return lambda v: f'REGEX(LANG({v}), "^({ranges})(-|$)", "i")' if tags else "false"


def _datatype(datatype: str) -> Callable[[str], str]:
    if datatype in _UNCHECKED:
        return lambda v: f"(DATATYPE({v}) = <{datatype}>)"
    if datatype in _CAST:
        return lambda v: f"(DATATYPE({v}) = <{datatype}> && ISLITERAL(<{datatype}>(STR({v}))))"
    raise Uncompilable(f"sh:datatype {datatype}")
