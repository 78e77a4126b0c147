"""The composition root: from settings to a repository as the web and the command line see it, wired once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from escrgraph import parts
from escrgraph.curation.desk import Desk, open_desk
from escrgraph.repository import databases
from escrgraph.repository.errors import Declined, Unavailable, WrongStore
from escrgraph.repository.following import DERIVED
from escrgraph.repository.formats import FILE, Mode, followed, read_format
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.readers import Readers
from escrgraph.repository.supervisor import running, runtime_directory
from escrgraph.repository.writing import Writer
from escrgraph.search.asking import Found, Selection
from escrgraph.search.indexing import Indexer
from escrgraph.search.searcher import Searcher
from escrgraph.search.sparql import with_search
from escrgraph.settings import RUNTIME, Settings
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kinds, shipped_kinds


@dataclass(frozen=True, slots=True)
class Service:
    """A repository as the web and the command line see it.

    identity: differs between any two stores, whatever their generation; part of every validator. pages: readers for
    the repository's own queries; public: for everybody else's.
    """

    settings: Settings
    runtime: Path
    identity: str
    pages: Readers
    public: Readers
    writer: Writer
    kinds: Kinds = field(repr=False)
    search: Searcher = field(repr=False)

    @property
    def base(self) -> Base:
        """Where IRIs of records, documents and graphs begin."""
        return Base(self.settings.base)

    @property
    def derived(self) -> Path:
        """The directory of what is made from the log and the store, and can be made again."""
        return self.runtime / DERIVED

    def desk(self) -> Desk:
        """The curators' desk, to be closed. Raises Declined in own mode, which has no change log to publish through."""
        if self.settings.default_graph is Mode.OWN:
            raise Declined(
                "This is a plain SPARQL store: it has no change log, and so nothing to submit to. "
                "Curation takes ESCRGRAPH_DEFAULT_GRAPH=merge."
            )
        where = self.settings
        return open_desk(where.directory, self.base, self.writer, self.kinds, self.pages.generation, where.database)

    def with_search(self, query: str) -> str:
        """A query of somebody's with its search clauses (search/sparql.py) replaced by what the index finds.

        Raises Malformed for a clause that is wrong, Unavailable while there is no index, Declined in own mode.
        """

        def find(selection: Selection, most: int) -> Found:
            return self.search.search(selection, size=most, facets=False, snippets=False)

        return with_search(query, self.base, find)

    def log(self) -> ChangeLog:
        """The change log, to be read and closed. Raises WrongStore in own mode, which has none."""
        return ChangeLog(self.settings.log)


def open_service(settings: Settings, runtime: Path | None = None) -> Service:
    """The service behind the sockets in `runtime`; without it, the one that runs on the store.

    Raises Unavailable when none runs.
    """
    named = os.environ.get(RUNTIME)
    found = runtime or (Path(named) if named else running(settings.directory))
    if found is None:
        raise Unavailable(f"No service runs on the store {settings.directory}. Start it with `escrgraph serve`.")
    kinds = shipped_kinds()
    indexed = settings.default_graph is Mode.MERGE
    return Service(
        settings,
        found,
        _identity(settings),
        Readers(found, "pages", settings.query_timeout),
        Readers(found, "public", settings.query_timeout),
        Writer(found),
        kinds,
        Searcher(found / DERIVED / Indexer.name if indexed else None, kinds, Base(settings.base)),
    )


@contextmanager
def attached(settings: Settings, *, create: bool = False, empty: bool = True) -> Iterator[Service]:
    """The service that runs on the store; where none does, its writer and dispatcher for as long as the block lasts.

    create: make the store when there is none. empty: leave it empty then.
    Raises WrongStore when there is none, when it is of another base, mode or newer version, or is just being started.
    """
    directory = settings.directory
    if not create and read_format(directory) is None:
        raise WrongStore(f"There is no store at {directory}. `escrgraph serve` or `escrgraph load` makes one.")
    parts.check(settings)
    found = running(directory)
    if found is not None:
        yield open_service(settings, found)
        return
    with ExitStack() as stack:
        runtime = stack.enter_context(runtime_directory())
        for part in parts.storing(settings, runtime, empty=empty):
            parts.begin(stack, part)
        (runtime / DERIVED).symlink_to(directory / DERIVED)  # whatever a service left there
        yield open_service(settings, runtime)


def _identity(settings: Settings) -> str:
    if settings.database:  # the same on all machines, so that a cache may be shared
        return followed(settings.directory) or databases.claimed(settings.database, settings.base)
    made = (settings.directory / FILE).stat()
    return f"{made.st_ino:x}-{made.st_mtime_ns:x}"
