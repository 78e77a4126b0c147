"""May this be published? Parsing, shapes and sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, Store

from escrgraph.repository.errors import Malformed
from escrgraph.validation.gate import FILES, SUBMISSION, Limits, Parsed, Problem, read
from escrgraph.validation.referee import Referee
from escrgraph.validation.report import Finding, Report
from escrgraph.validation.shapes import BadShapes, Shapes, shipped_shapes
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.facts import term
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import shipped_kinds

__all__ = [
    "FILES",
    "SUBMISSION",
    "BadShapes",
    "Finding",
    "Limits",
    "Parsed",
    "Problem",
    "Referee",
    "Report",
    "Shapes",
    "check_whole",
    "read",
    "read_files",
    "shipped_library",
    "shipped_shapes",
    "validate_files",
    "validate_quads",
]


def validate_files(
    paths: Iterable[Path], kind: str | None = None, against: Store | None = None, base: Base | None = None
) -> Report:
    """Check files as if they were to be published together.

    kind: what the entries are that do not say it themselves. against: what is published, see Referee.check.
    Raises Malformed (the text begins with the file's name), TooLarge and UnknownFormat.
    """
    found = read_files(paths, base)
    quads = found.quads if kind is None else (*found.quads, *_typed(found.quads, kind, base or Base()))
    return Referee(base=base).check(quads, against, problems=found.problems)


def validate_quads(
    added: Collection[Quad],
    against: Store | None = None,
    removed: Collection[Quad] = (),
    problems: Iterable[Problem] = (),
    base: Base | None = None,
) -> Report:
    """Check a change that is already parsed, see Referee.check."""
    return Referee(base=base).check(added, against, removed, problems)


def check_whole(store: Store, base: Base | None = None) -> Report:
    """Check everything in the default graph of a store."""
    return Referee(base=base).check_whole(store)


def read_files(paths: Iterable[Path], base: Base | None = None, graph: str | None = None) -> Parsed:
    """Read files through the gate, with the limits for files; all triples together. Raises what `read` raises."""
    quads: dict[Quad, None] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            found = read(path.read_bytes(), path.name, limits=FILES, base=(base or Base()).iri, graph=graph)
        except Malformed as error:
            raise Malformed(f"{path}: {error}", error.line, error.column) from None
        quads.update(dict.fromkeys(found.quads))
        problems += found.problems
    return Parsed(tuple(quads), tuple(problems))


def shipped_library() -> Store:
    """The shipped data in the default graph of a new store in memory, to check a file against without a service."""
    store = Store()
    store.extend(_library())
    return store


@cache
def _library() -> tuple[Quad, ...]:
    store = Store()
    for path in shipped.data_files():
        store.load(path=str(path), format=RdfFormat.TURTLE)
    return tuple(store)


def _typed(quads: Collection[Quad], kind: str, base: Base) -> list[Quad]:
    """A type for each record that has none."""
    known = shipped_kinds().by_type.get(kind)
    if known is None:
        raise ValueError(f"“{kind}” is no kind of record. Kinds: {', '.join(shipped_kinds().by_type)}.")
    has_type = {quad.subject for quad in quads if quad.predicate == term("rdf:type")}
    records = {
        quad.subject: quad
        for quad in quads
        if isinstance(quad.subject, NamedNode)
        and (record := base.record_of(quad.subject.value))
        and base.record_iri(record) == quad.subject.value
    }
    target = NamedNode(known.target_class)
    return [
        Quad(node, term("rdf:type"), target, quad.graph_name) for node, quad in records.items() if node not in has_type
    ]
