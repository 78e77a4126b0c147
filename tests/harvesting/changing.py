"""Random changes to a library, always the same for a seed, and what should be known after them."""

from __future__ import annotations

import random
from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, Quad
from tests.repository.worlds import BASE, DCTERMS, RESOURCE, TITLE, TYPE, node

from escrgraph.repository.changes import Cause, Change
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.writing import Writer

SUBJECT, LANGUAGE = NamedNode(DCTERMS + "subject"), NamedNode(DCTERMS + "language")
RIGHTS = ("food", "health", "housing")
TONGUES = ("ENG", "SPA", "ARA")
CLASS = NamedNode("https://w3id.org/escrgraph/def/Resource")


class Library:
    """A library that somebody changes. there: record -> its quads; gone: records that are no more."""

    def __init__(self, writer: Writer, log: ChangeLog, seed: int) -> None:
        self.there: dict[str, set[Quad]] = {}
        self.gone: set[str] = set()
        self._writer = writer
        self._log = log
        self._random = random.Random(seed)
        self._made = 0

    def change(self) -> None:
        """One more change: a record created, changed, withdrawn or renamed, or the last change undone."""
        choices = [
            self._create,
            self._create,
            self._create,
            self._modify,
            self._modify,
            self._withdraw,
            self._rename,
            self._undo,
        ]
        self._random.choice(choices if self.there else [self._create])()

    def _quads(self, record: str) -> set[Quad]:
        tongue = "http://publications.europa.eu/resource/authority/language/" + self._random.choice(TONGUES)
        facts = [
            (TYPE, CLASS),
            (TITLE, Literal(f"Work {self._random.randrange(10**6)}", language="en")),
            (SUBJECT, node(f"right/{self._random.choice(RIGHTS)}")),
            (LANGUAGE, NamedNode(tongue)),
        ]
        return {Quad(node(record), path, value, RESOURCE) for path, value in facts}

    def _create(self) -> None:
        self._made += 1
        record = f"resource/work-{self._made:04}"
        quads = self._quads(record)
        self._commit(Cause.SUBMISSION, added=quads)
        self.there[record] = quads

    def _modify(self) -> None:
        record = self._random.choice(sorted(self.there))
        quads = self._quads(record)
        self._commit(Cause.SUBMISSION, added=quads - self.there[record], removed=self.there[record] - quads)
        self.there[record] = quads

    def _withdraw(self) -> None:
        record = self._random.choice(sorted(self.there))
        self._commit(Cause.WITHDRAWAL, (), (), record)
        del self.there[record]
        self.gone.add(record)

    def _rename(self) -> None:
        old = self._random.choice(sorted(self.there))
        self._made += 1
        new = f"resource/work-{self._made:04}"
        quads = self._quads(new)
        self._writer.commit(Change(Cause.SUBMISSION, "tester", "renamed", tuple(quads), renamed={old: new}))
        del self.there[old]
        self.gone.add(old)
        self.there[new] = quads

    def _undo(self) -> None:
        head = self._log.head()
        assert head is not None
        added, removed = (set(quads) for quads in self._log.quads(head.number))
        self._commit(Cause.UNDO, added=removed, removed=added)
        for quads, there in ((added, False), (removed, True)):
            for quad in quads:
                record = BASE.record_of(quad.subject.value)  # type: ignore[union-attr]
                assert record is not None
                known = self.there.setdefault(record, set())
                known.add(quad) if there else known.discard(quad)
        for record in [record for record, quads in self.there.items() if not quads]:
            del self.there[record]
            self.gone.add(record)
        self.gone -= self.there.keys()

    def _commit(self, cause: Cause, added: Iterable[Quad] = (), removed: Iterable[Quad] = (), *gone: str) -> None:
        self._writer.commit(Change(cause, "tester", "a test", tuple(added), tuple(removed), gone))
