"""The desk: all that curation needs of one repository, wired to its database, log, writer and checks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Quad

from escrgraph.curation.checking import Checks
from escrgraph.curation.database import Database
from escrgraph.curation.decisions import Decisions
from escrgraph.curation.harvests import Harvests
from escrgraph.curation.making import Making
from escrgraph.curation.notices import Notices
from escrgraph.curation.people import People
from escrgraph.curation.submissions import Submissions
from escrgraph.curation.throttle import Throttle
from escrgraph.repository.addresses import Address, curation_of, log_of
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.versions import Versions
from escrgraph.repository.writing import Writer
from escrgraph.validation import Report
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kinds


@dataclass(frozen=True, slots=True)
class Desk:
    """Submissions, the people behind them, and decisions. May be used by many threads; to be closed."""

    store: Path
    log: Address
    base: Base
    database: Database
    checks: Checks
    people: People
    submissions: Submissions
    decisions: Decisions
    making: Making
    notices: Notices
    throttle: Throttle
    harvests: Harvests

    @contextmanager
    def versions(self) -> Iterator[Versions]:
        """The versions of records, as the change log tells them."""
        with _versions(self.log, self.base) as found:
            yield found

    def close(self) -> None:
        """Close database and checks."""
        self.checks.close()
        self.database.close()


def open_desk(
    store: Path,
    base: Base,
    writer: Writer,
    kinds: Kinds,
    shown: Callable[[], int] = lambda: 0,
    database_address: str = "",
) -> Desk:
    """The desk of the repository in a directory. Raises WrongStore when its database is of a newer version.

    shown: tells which generation readers see, so that nothing is checked against an older one. database_address: of a
    PostgreSQL that has log and curation, when they are not in the directory.
    """
    log = log_of(store, database_address)
    database = Database(curation_of(store, database_address))
    checks = Checks(store, base, shown)

    @contextmanager
    def versions() -> Iterator[Versions]:
        with _versions(log, base) as found:
            yield found

    def check(added: Collection[Quad], removed: Collection[Quad]) -> Report:
        return checks.check(added, removed).report

    return Desk(
        store,
        log,
        base,
        database,
        checks,
        People(database),
        Submissions(database),
        Decisions(database, writer, versions, check, base, kinds),
        Making(checks, versions, kinds, base),
        Notices(database),
        Throttle(database),
        Harvests(database),
    )


@contextmanager
def _versions(log: Address, base: Base) -> Iterator[Versions]:
    with ChangeLog(log) as changes:
        yield Versions(changes, base)
