"""Bringing a remote server to a generation: what differs is sent, what was sent is asked for, then the number moves.

The server is compared with a snapshot subject by subject, never with what it held before. So the same again changes
nothing, whatever broke off at whatever step, and the server's own forms of literals do no harm.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from escrgraph.repository import faults
from escrgraph.repository import log as logs
from escrgraph.repository.changes import Cause
from escrgraph.repository.errors import TooLarge, Unavailable, WrongStore
from escrgraph.repository.log import HIDDEN, ChangeLog
from escrgraph.repository.remote.client import Server
from escrgraph.repository.remote.literals import Term, comparable
from escrgraph.repository.remote.places import Places
from escrgraph.repository.store import GENERATION
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import ESCR, XSD

ROWS = 1_000
"""Quads of subjects that are compared by one query."""

DIGEST = NamedNode(ESCR + "digest")

_INTEGER = NamedNode(XSD + "integer")
_PATHS = ("", "/submission", "/validation")  # what graph/provenance says of a change

_Key = tuple[str, str, str, tuple[str, ...]]
_Statement = tuple[str, str]  # the graph, and a triple as N-Triples writes it, without the full stop

log = logging.getLogger("escrgraph.mirror")


class NotWhole(Unavailable):
    """The server does not hold what it was sent."""

    title = "The SPARQL server keeps something else"


@dataclass(frozen=True, slots=True)
class State:
    """Up to which entry of which log a server goes. digest: of that entry; it follows from all before it."""

    number: int
    digest: str


class Mirror:
    """Keeps one server as the log says."""

    def __init__(self, server: Server, base: Base) -> None:
        self._server = server
        self._base = base
        self._places = Places(base)
        self._subject = NamedNode(base.iri)
        self._told_of_altered = False

    def state(self) -> State | None:
        """Up to where the server goes; None where it says nothing of it. Raises RepositoryError."""
        asked = f"SELECT ?p ?o WHERE {{ GRAPH <{self._places.state}> {{ {self._subject} ?p ?o }} }}"
        found: dict[str, list[str]] = defaultdict(list)
        for path, value in self._server.select(asked).rows:
            if isinstance(path, NamedNode) and isinstance(value, Literal):
                found[path.value].append(value.value)
        numbers, digests = found[GENERATION.value], found[DIGEST.value]
        # Two of them stand there when a step broke off, and then neither counts.
        return State(int(numbers[0]), digests[0]) if len(numbers) == len(digests) == 1 else None

    def bring(self, store: Store, number: int, changes: ChangeLog, before: Store | None = None) -> None:
        """Bring the server to generation `number`, which `store` holds, and see that it is there.

        before: the store of the generation that the server has, where that is at hand. The number moves last.
        Raises RepositoryError; the same again goes on from what is there.
        """
        wanted = State(number, _digest(changes, number))
        now = self.state()
        if now == wanted:
            if not self.complete(store):
                self.mend(store)
            return
        if now is None:
            self._load(store)
        elif now.number > number and now.digest == _digest(changes, now.number):
            return  # another machine that has the same log was faster
        elif now.number > number or now.digest != _digest(changes, now.number):
            raise WrongStore(
                f"The SPARQL server holds change {now.number} of another change log than the one here, which goes to "
                f"{number}: perhaps another machine's, or a newer one than a backup. Nothing was changed there. Give "
                "the log that belongs to it, or let `escrgraph rebuild` fill the server from the log that is here."
            )
        else:
            self._reconcile(store, self._touched(store, changes, now.number, number, before))
        faults.point("before-remote-number")
        self._set(wanted)

    def complete(self, store: Store) -> bool:
        """Whether each graph on the server has as many statements as here. Cheap, and blind to forms of literals."""
        return not self._odd_graphs(store)

    def mend(self, store: Store) -> None:
        """Compare every subject, and load anew where the counts still differ."""
        self._reconcile(store, _subjects(store))
        if not self.complete(store):
            self._load(store)

    # What a gap of entries touched

    def _touched(self, store: Store, changes: ChangeLog, after: int, until: int, before: Store | None) -> Iterable[str]:
        entries = changes.entries(after=after, limit=until - after)
        if any(entry.cause is Cause.REDACTION for entry in entries):
            # A redaction took from the log what it took from the store; only the two stores still tell.
            return _differing(before, store) if before is not None else self._all_of_both(store)
        return self._named_by(changes, [entry.number for entry in entries])

    def _named_by(self, changes: ChangeLog, numbers: Sequence[int]) -> Iterator[str]:
        for number in numbers:
            seen: set[bytes] = set()
            for side in (logs.REMOVED, logs.ADDED):
                for chunk in changes.lines(number, side):
                    new = {line.partition(b" ")[0][1:-1] for line in chunk.splitlines()} - seen
                    seen |= new
                    yield from (subject.decode() for subject in new)
            yield from (f"{self._base.iri}change/{number}{path}" for path in _PATHS)
            for change in changes.record_changes(number):
                if not change.record.startswith(HIDDEN):
                    yield f"{self._base.iri}doc/{change.record}"

    def _all_of_both(self, store: Store) -> Iterator[str]:
        yield from _subjects(store)
        yield from self._strangers(store)

    def _strangers(self, store: Store) -> Iterator[str]:
        """Subjects that the server has and the store does not, by pages of the merge."""
        after = ""
        while True:
            asked = (
                f"SELECT DISTINCT ?s WHERE {{ GRAPH <{self._places.merged}> {{ ?s ?p ?o }} "
                f'FILTER(STR(?s) > "{after}") }} ORDER BY ?s LIMIT {ROWS}'
            )
            found = [row[0].value for row in self._server.select(asked).rows if isinstance(row[0], NamedNode)]
            for subject in found:
                if next(store.quads_for_pattern(NamedNode(subject), None, None, None), None) is None:
                    yield subject
            if len(found) < ROWS:
                return
            after = found[-1]

    # Comparing and changing

    def _reconcile(self, store: Store, subjects: Iterable[str]) -> None:
        batch: dict[str, list[Quad]] = {}
        size = 0
        for subject in subjects:
            said = [q for q in store.quads_for_pattern(NamedNode(subject), None, None, None) if self._goes(q)]
            if batch and (size + len(said) > ROWS or len(batch) >= ROWS // 4):
                self._bring(batch)
                batch, size = {}, 0
            batch[subject] = said
            size += len(said)
        if batch:
            self._bring(batch)

    def _bring(self, wanted: dict[str, list[Quad]]) -> None:
        """Make the server say of some subjects what is wanted, and see that it does. Raises NotWhole."""
        missing, surplus = self._differences(wanted)
        if missing or surplus:
            # What the server made of a literal goes first: removed after, it would take the new one with it.
            self._change("DELETE", surplus)
            self._change("INSERT", missing)
            missing, surplus = self._differences(wanted)
            self._demand_equal(missing, surplus)

    def _differences(self, wanted: dict[str, list[Quad]]) -> tuple[list[_Statement], list[_Statement]]:
        """Statements that the server lacks, and those that it has beside."""
        expected = {self._key(quad): quad for quads in wanted.values() for quad in quads}
        present = self._said(list(wanted))
        missing = [self._written(expected[key]) for key in expected.keys() - present.keys()]
        surplus = [present[key] for key in present.keys() - expected.keys()]
        return sorted(missing), sorted(surplus)

    def _said(self, subjects: Sequence[str]) -> dict[_Key, _Statement]:
        """What the server says of some subjects in the graphs of this repository, as it is to be removed."""
        values = " ".join(f"<{subject}>" for subject in subjects)
        asked = (
            f"SELECT ?g ?s ?p ?o WHERE {{ VALUES ?s {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} "
            f'FILTER(STRSTARTS(STR(?g), "{self._base.iri}graph/")) }}'
        )
        try:
            rows = self._server.select(asked).rows
        except TooLarge:
            if len(subjects) == 1:
                raise
            half = len(subjects) // 2
            return self._said(subjects[:half]) | self._said(subjects[half:])
        found: dict[_Key, _Statement] = {}
        for graph, subject, path, value in rows:
            if graph is None or subject is None or path is None or value is None:
                continue
            name = getattr(graph, "value", "")
            if name != self._places.state:
                key = (name, str(subject), str(path), comparable(value))
                found[key] = (name, f"{subject} {path} {value}")
        return found

    def _demand_equal(self, missing: Sequence[_Statement], surplus: Sequence[_Statement]) -> None:
        """See that what still differs are only forms of literals: as many of each subject and property either way."""
        if not missing and not surplus:
            return
        if Counter(map(_without_literal, missing)) != Counter(map(_without_literal, surplus)):
            example = " of ".join(reversed((*missing, *surplus)[0]))
            raise NotWhole(
                f"The SPARQL server does not keep what it is sent: {len(missing):,} statements are missing and "
                f"{len(surplus):,} are there beside, such as {example[:300]}. Look at its log and its limits."
            )
        if not self._told_of_altered:
            self._told_of_altered = True
            log.warning(
                "the SPARQL server keeps some literals in a form of its own: %s was sent and %s is there. "
                "The change log keeps what was sent.",
                missing[0][1][:300],
                surplus[0][1][:300],
            )

    def _change(self, operation: str, statements: Sequence[_Statement]) -> None:
        """Insert or delete; one graph in each request, since not every server looks at a second one."""
        by_graph: dict[str, list[str]] = defaultdict(list)
        for graph, triple in statements:
            by_graph[graph].append(triple)
        for graph, triples in by_graph.items():
            rest = iter(triples)
            while some := list(islice(rest, self._server.profile.at_once)):
                lines = " .\n".join(some)
                self._server.update(f"{operation} DATA {{ GRAPH <{graph}> {{\n{lines}\n}} }}")
                faults.point("between-remote-updates")

    # Loading anew

    def _load(self, store: Store) -> None:
        """Put everything there, in the place of whatever the graphs of this repository held."""
        log.warning("the SPARQL server is filled anew with %d statements", len(store))
        graphs = [self._places.state, self._places.merged, *self._places.named(store), *self._present()]
        for name in dict.fromkeys(graphs):
            self._server.update(f"CLEAR SILENT GRAPH <{name}>")
        for graph in (DefaultGraph(), *store.named_graphs()):
            name = self._places.merged if isinstance(graph, DefaultGraph) else getattr(graph, "value", "")
            if name == self._places.state:
                continue
            rest = (self._kept(quad) for quad in store.quads_for_pattern(None, None, None, graph))
            while some := list(islice(rest, self._server.profile.at_once)):
                triples = (serialize(some, format=RdfFormat.N_TRIPLES) or b"").decode()
                self._server.update(f"INSERT DATA {{ GRAPH <{name}> {{\n{triples}}} }}")
        if not self.complete(store):
            # Forms of literals that fall together make fewer statements; whatever else it is comes out here.
            self._reconcile(store, _subjects(store))

    def _present(self) -> list[str]:
        """The graphs of this repository that the server has."""
        asked = (
            "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } "
            f'FILTER(STRSTARTS(STR(?g), "{self._base.iri}graph/")) }}'
        )
        return [row[0].value for row in self._server.select(asked).rows if isinstance(row[0], NamedNode)]

    def _odd_graphs(self, store: Store) -> list[str]:
        """The graphs of which the server has another number of statements."""
        asked = (
            "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } "
            f'FILTER(STRSTARTS(STR(?g), "{self._base.iri}graph/")) }} GROUP BY ?g'
        )
        there = {
            graph.value: int(count.value)
            for graph, count in self._server.select(asked, timeout=600).rows
            if isinstance(graph, NamedNode) and isinstance(count, Literal)
        }
        there.pop(self._places.state, None)
        here = Counter(self._places.name(quad) for quad in store)
        here.pop(self._places.state, None)
        return sorted(name for name in here.keys() | there.keys() if here.get(name, 0) != there.get(name, 0))

    def _set(self, state: State) -> None:
        graph, subject = self._places.state, self._subject
        self._server.update(f"CLEAR SILENT GRAPH <{graph}>")
        number = Literal(str(state.number), datatype=_INTEGER)
        facts = f"{subject} {GENERATION} {number} . {subject} {DIGEST} {Literal(state.digest)}"
        self._server.update(f"INSERT DATA {{ GRAPH <{graph}> {{ {facts} }} }}")
        if self.state() != state:
            raise NotWhole("The SPARQL server does not keep the number of the newest change. Look at its log.")

    # Forms

    def _goes(self, quad: Quad) -> bool:
        return self._places.name(quad) != self._places.state

    def _kept(self, quad: Quad) -> Triple:
        value = quad.object
        if isinstance(value, Literal):
            value = self._server.profile.kept(value)
        return Triple(quad.subject, quad.predicate, value)

    def _key(self, quad: Quad) -> _Key:
        kept = self._kept(quad)
        return (self._places.name(quad), str(kept.subject), str(kept.predicate), comparable(kept.object))

    def _written(self, quad: Quad) -> _Statement:
        kept = self._kept(quad)
        return self._places.name(quad), f"{kept.subject} {kept.predicate} {kept.object}"


def _subjects(store: Store) -> Iterator[str]:
    """Every subject of the merge; each statement of a named graph stands there too."""
    last: Term | None = None
    seen: set[Term] = set()
    for quad in store.quads_for_pattern(None, None, None, DefaultGraph()):
        if quad.subject != last and quad.subject not in seen and isinstance(quad.subject, NamedNode):
            last = quad.subject
            seen.add(last)
            yield last.value


def _differing(before: Store, after: Store) -> list[str]:
    """The subjects of which two stores say something else."""
    found: dict[str, None] = {}
    for one, other in ((before, after), (after, before)):
        for quad in one:
            if quad not in other and isinstance(quad.subject, NamedNode):
                found[quad.subject.value] = None
    return list(found)


def _without_literal(statement: _Statement) -> _Statement:
    """A statement, but for its object where that is a literal."""
    graph, triple = statement
    front, quote, _ = triple.partition(' "')
    return graph, front if quote else triple


def _digest(changes: ChangeLog, number: int) -> str:
    if number == 0:
        return logs.FIRST
    with suppress(AttributeError):
        return changes.entry(number).digest  # type: ignore[union-attr]  # None where the log does not go so far
    return ""
