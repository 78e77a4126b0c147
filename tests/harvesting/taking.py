"""A repository that harvests, and one with journals that is harvested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import Literal, NamedNode, Quad
from tests.places import settings_of, variables_of
from tests.repository.worlds import BASE, DCTERMS, TITLE, TYPE, node
from tests.running import Running

from escrgraph.cli import harvesting, main
from escrgraph.curation.actors import Actor, Role
from escrgraph.curation.desk import Desk
from escrgraph.curation.kept import Submission
from escrgraph.curation.submissions import Filter
from escrgraph.repository.changes import Cause, Change
from escrgraph.repository.writing import Writer
from escrgraph.service import Service, open_service
from escrgraph.web.desks import Desks
from escrgraph.web.reception import Reception

JOURNAL = NamedNode(BASE.graph("journal"))
SOURCE = NamedNode(DCTERMS + "source")
HOME = BASE.iri + "id/"
CLASSES = ("https://w3id.org/escrgraph/def/Journal", "http://purl.org/ontology/bibo/Journal")


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said where."""

    code: int
    out: str
    err: str

    def count(self, what: str) -> int:
        """The number in the line that ends with some words."""
        lines = [line.split() for line in self.out.splitlines() if line.strip().endswith(what)]
        return int(lines[-1][0].replace(",", "")) if lines else 0


@dataclass
class Taker:
    """A repository that harvests."""

    store: Path
    desk: Desk
    reception: Reception
    curator: Actor

    def harvest(self, *arguments: object) -> Done:
        """Run the command, without pauses."""
        words = ["harvest", *map(str, arguments), "--store", str(self.store), "--pause", "0"]

        @contextmanager
        def opened(_: Service) -> Iterator[tuple[Desk, Reception]]:
            yield self.desk, self.reception

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(harvesting, "_desk", opened)  # the checkers take seconds to start: once is enough
            done = CliRunner(env=variables_of(self.store)).invoke(main, words, prog_name="escrgraph")
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    def found(self, source: str, record: str | None = None) -> list[Submission]:
        """The submissions that came from a source, about a record or all, oldest first."""
        named = self.desk.submissions.find(Filter(record=record), limit=10_000)
        origins = {one.id: self.desk.harvests.origin(one.id, one.revision) for one in named}
        return [one for one in named if (origin := origins[one.id]) and origin.source.startswith(f"{source} (")]

    def records(self, source: str) -> Counter[str]:
        """How many submissions came from a source about each record."""
        return Counter(submission.record for submission in self.found(source))

    def accept(self, source: str, record: str) -> Submission:
        """Publish what waits about a record."""
        (waiting,) = self.found(source, record)
        return self.desk.decisions.accept(waiting.id, self.curator)

    def titles(self, submission: Submission) -> tuple[set[str], set[str]]:
        """The titles that a submission adds and removes."""
        proposal = self.desk.submissions.proposal(submission.id)
        added, removed = (
            {quad.object.value for quad in quads if quad.predicate == TITLE and isinstance(quad.object, Literal)}
            for quads in (proposal.added, proposal.removed)
        )
        return added, removed


@contextmanager
def taker(running: Running) -> Iterator[Taker]:
    """A running service as one that harvests."""
    service = open_service(settings_of(running.store))
    desks = Desks(service)
    desk, reception = desks.get(), Reception(service, desks)
    desk.checks.read(b"", "text/turtle")  # so that the checkers run
    yield Taker(running.store, desk, reception, desk.people.add("carla", Role.CURATOR).actor)
    desks.close()


class Journals:
    """Journals in a running repository. there: record -> title."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.there: dict[str, str] = {}
        self._writer = Writer(Path((running.store / "runtime").read_text(encoding="utf-8").strip()))
        self._made = 0

    def add(self, count: int) -> list[str]:
        """So many new ones, in one change."""
        made = [f"journal/j-{self._made + number:04}" for number in range(1, count + 1)]
        self._made += count
        self.there |= {record: f"Journal number {record[-4:]}" for record in made}
        self._commit(Cause.IMPORT, [quad for record in made for quad in _quads(record, self.there[record])])
        return made

    def rename(self, record: str, title: str) -> None:
        """Give one another title."""
        old, self.there[record] = self.there[record], title
        graph = JOURNAL
        self._commit(
            Cause.SUBMISSION,
            [Quad(node(record), TITLE, Literal(title, language="en"), graph)],
            [Quad(node(record), TITLE, Literal(old, language="en"), graph)],
        )

    def withdraw(self, record: str) -> None:
        """Withdraw one."""
        del self.there[record]
        self._commit(Cause.WITHDRAWAL, gone=[record])

    def _commit(
        self, cause: Cause, added: Collection[Quad] = (), removed: Collection[Quad] = (), gone: Collection[str] = ()
    ) -> None:
        self._writer.commit(Change(cause, "tester", "a test", tuple(added), tuple(removed), tuple(gone)))


def _quads(record: str, title: str) -> list[Quad]:
    return [
        *(Quad(node(record), TYPE, NamedNode(class_), JOURNAL) for class_ in CLASSES),
        Quad(node(record), TITLE, Literal(title, language="en"), JOURNAL),
        Quad(node(record), SOURCE, NamedNode(f"https://example.org/{record}"), JOURNAL),
    ]


def journal(number: int, base: str = HOME, more: str = "") -> str:
    """A journal in Turtle."""
    return (
        f"<{base}journal/j-{number}> a <https://w3id.org/escrgraph/def/Journal> , "
        "<http://purl.org/ontology/bibo/Journal> ; "
        f'<http://purl.org/dc/terms/title> "Title {number}"@en ; {more}'
        f"<http://purl.org/dc/terms/source> <https://example.org/{number}> .\n"
    )
