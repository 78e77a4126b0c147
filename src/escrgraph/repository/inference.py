"""What follows from a record by rule: the quads of graph/inferred."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Quad, QueryTriples, Store

from escrgraph.repository.errors import Malformed
from escrgraph.vocabulary.derived_dates import derived_dates
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import RDF

TYPE = NamedNode(RDF + "type")

_HEAD = re.compile(r"\bWHERE\s*\{\s*\?\w+\s+a\s+(?:<(?P<iri>[^<>]+)>|(?P<prefix>[\w-]*):(?P<local>\w+))", re.IGNORECASE)
_PREFIX = re.compile(r"^\s*PREFIX\s+([\w-]*):\s*<([^<>]*)>", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rule:
    """A CONSTRUCT over the triples of one record, each record being a graph of its own.

    of: the class a record must hold an instance of for it to fire.
    """

    name: str
    of: NamedNode
    text: str


def read_rules(files: Iterable[Path]) -> list[Rule]:
    """The rules in files. Raises Malformed for one whose pattern does not begin with `?x a CLASS`."""
    return [_rule(file.stem, file.read_text(encoding="utf-8")) for file in files]


class Inference:
    """The rules of a repository, with the dates derived from EDTF."""

    def __init__(self, base: Base, rules: Collection[Rule]) -> None:
        self._base = base
        self._rules = rules
        self._graph = NamedNode(base.graph("inferred"))

    @property
    def classes(self) -> set[NamedNode]:
        """The classes whose instances rules are about."""
        return {rule.of for rule in self._rules}

    def dates(self, quads: Iterable[Quad]) -> list[Quad]:
        """First and last day of each node with a date."""
        return derived_dates(quads, self._base)

    def of(self, records: Mapping[str, Collection[Quad]], *, dates: bool = True) -> set[Quad]:
        """What follows from each record, seen alone. records: name -> its public quads; dates: days of dates too."""
        found = self._by_rule(records)
        if dates:
            for quads in records.values():
                found.update(self.dates(quads))
        return found

    def _by_rule(self, records: Mapping[str, Collection[Quad]]) -> set[Quad]:
        scratch = Store()
        classes = self.classes
        for record, quads in records.items():
            if any(quad.predicate == TYPE and quad.object in classes for quad in quads):
                alone = NamedNode(self._base.record_iri(record))
                scratch.extend(Quad(quad.subject, quad.predicate, quad.object, alone) for quad in quads)
        if not len(scratch):
            return set()
        found = (triple for rule in self._rules for triple in _construct(scratch, rule))
        return {
            Quad(triple.subject, triple.predicate, triple.object, self._graph)
            for triple in found
            if isinstance(triple.subject, NamedNode) and self._base.record_of(triple.subject.value) in records
        }


def _construct(scratch: Store, rule: Rule) -> QueryTriples:
    result = scratch.query(rule.text)
    if not isinstance(result, QueryTriples):
        raise Malformed(f"The rule {rule.name} is no CONSTRUCT query.")
    return result


def _rule(name: str, text: str) -> Rule:
    head = _HEAD.search(text)
    if head is None:
        raise Malformed(f"The rule {name} must begin with WHERE {{ ?x a CLASS: it is tried on such records only.")
    alone = _alone(text, head.start())
    if head["iri"]:
        return Rule(name, NamedNode(head["iri"]), alone)
    prefixes = dict(_PREFIX.findall(text))
    if head["prefix"] not in prefixes:
        raise Malformed(f"The rule {name} uses the prefix “{head['prefix']}:” and does not declare it.")
    return Rule(name, NamedNode(prefixes[head["prefix"]] + head["local"]), alone)


def _alone(text: str, where: int) -> str:
    """The rule with its pattern inside GRAPH: many records are asked at once, and none sees triples of another."""
    opening = text.index("{", where) + 1
    closing = text.rindex("}")
    return f"{text[:opening]} GRAPH ?record {{{text[opening:closing]}}} {text[closing:]}"
