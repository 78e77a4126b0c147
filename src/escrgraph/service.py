"""The composition root: from settings to the parts of a repository, wired once."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from pyoxigraph import RdfFormat, serialize

import escrgraph
from escrgraph.curation.desk import Desk, open_desk
from escrgraph.repository import releases, replay, spawn
from escrgraph.repository.changes import Cause, Change
from escrgraph.repository.errors import Declined, RepositoryError, Unavailable, WrongStore
from escrgraph.repository.following import DERIVED
from escrgraph.repository.formats import FILE, Mode, locked, open_format, read_format
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.readers import Readers
from escrgraph.repository.supervisor import Part, Supervisor, launch, listening, point, running, runtime_directory
from escrgraph.repository.writing import Writer
from escrgraph.search.asking import Found, Selection
from escrgraph.search.indexing import Indexer
from escrgraph.search.searcher import Searcher
from escrgraph.search.sparql import with_search
from escrgraph.settings import RUNTIME, SettingError, Settings
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kinds, shipped_kinds

LOG = "log.sqlite"
AGENT = "escrgraph"

STARTING = 120.0
"""Seconds that a part may take until it does its work: a replay of a large log is the longest."""

INDEXING = 60.0
"""Seconds that the start of a service waits for its search index."""


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
        return open_desk(self.settings.directory, self.base, self.writer, self.kinds, self.pages.generation)

    def with_search(self, query: str) -> str:
        """A query of somebody's with its search clauses (search/sparql.py) replaced by what the index finds.

        Raises Malformed for a clause that is wrong, Unavailable while there is no index, Declined in own mode.
        """

        def find(selection: Selection, most: int) -> Found:
            return self.search.search(selection, size=most, facets=False, snippets=False)

        return with_search(query, self.base, find)

    def log(self) -> ChangeLog:
        """The change log, to be read and closed. Raises WrongStore in own mode, which has none."""
        return ChangeLog(self.settings.directory / LOG)


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
        _identity(settings.directory),
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
    _check(settings)
    found = running(directory)
    if found is not None:
        yield open_service(settings, found)
        return
    with ExitStack() as stack:
        runtime = stack.enter_context(runtime_directory())
        _begin(stack, _writer(settings, runtime, empty=empty))
        _begin(stack, _dispatcher(settings, runtime))
        (runtime / DERIVED).symlink_to(directory / DERIVED)  # whatever a service left there
        yield open_service(settings, runtime)


def run(
    settings: Settings,
    listener: socket.socket,
    *,
    empty: bool = False,
    at: int | None = None,
    started: Callable[[], None] = lambda: None,
) -> int:
    """Run the whole service until it is told to stop; returns its exit status.

    listener: where it serves. empty: leave an empty store empty. at: serve this version, without a writer.
    started: called when the first page can be had. Raises WrongStore, and Malformed for a version that is not.
    """
    directory = settings.directory
    _check(settings)
    with ExitStack() as stack:
        if at is None:
            with locked(directory):
                open_format(directory, settings.base, settings.default_graph)
            runtime = stack.enter_context(runtime_directory(directory))
            point(directory, runtime)
            parts = [_writer(settings, runtime, empty=empty), _dispatcher(settings, runtime)]
            if settings.default_graph is Mode.MERGE:
                parts.append(_deriver(settings, runtime, directory / DERIVED))
        else:
            runtime = stack.enter_context(runtime_directory())
            scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="escrgraph-version-"))
            parts = [_dispatcher(settings, runtime, _version(settings, at, Path(scratch)), at)]
            parts.append(_deriver(settings, runtime, Path(scratch) / DERIVED, at))
        return Supervisor([*parts, _web(settings, runtime, listener)]).run(started)


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket; port 0 picks a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=256)


def address(listener: socket.socket) -> str:
    """The URL at which a listening socket is reached."""
    host, port = listener.getsockname()[:2]
    named = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{named}:{port}/"


def load_shipped(settings: Settings, writer: Writer) -> None:
    """Publish the shipped library as one change. Raises what the writer raises."""
    base = Base(settings.base)
    quads = list(releases.shipped_quads(base))
    if settings.default_graph is Mode.MERGE:
        reason = f"The library as shipped with escrgraph {escrgraph.__version__}."
        writer.commit(Change(Cause.RELEASE, AGENT, reason, added=quads))
        return
    for graph in dict.fromkeys(quad.graph_name for quad in quads):
        triples = (quad.triple for quad in quads if quad.graph_name == graph)
        data = serialize(triples, format=RdfFormat.N_TRIPLES) or b""
        writer.put_graph(getattr(graph, "value", None), data, RdfFormat.N_TRIPLES.media_type)


def _check(settings: Settings) -> None:
    """See that what is wrong with the store is told here, and not in the messages of a part."""
    found = read_format(settings.directory)
    if found is not None:
        open_format(settings.directory, settings.base, settings.default_graph)
    if settings.smtp and not (settings.site and settings.mail_from):
        raise SettingError(
            "ESCRGRAPH_SMTP is set, and letters need two more settings: ESCRGRAPH_SITE, the address at which people "
            "reach this service, and ESCRGRAPH_MAIL_FROM, the address that letters come from."
        )
    if settings.database:
        raise SettingError(
            f"ESCRGRAPH_DATABASE is set ({settings.origins.get('database', 'given')}), "
            "and this version keeps its change log in SQLite beside the store only. Leave it out."
        )


def _identity(directory: Path) -> str:
    made = (directory / FILE).stat()
    return f"{made.st_ino:x}-{made.st_mtime_ns:x}"


def _version(settings: Settings, number: int, scratch: Path) -> Path:
    """The store as it was at a version, made in `scratch`."""
    if read_format(settings.directory) is None:
        raise WrongStore(f"There is no store at {settings.directory}, so it has no versions.")
    _check(settings)
    with ChangeLog(settings.directory / LOG) as log:
        replay.materialise(log, number, scratch / "store", Base(settings.base))
    return scratch / "store"


def _writer(settings: Settings, runtime: Path, *, empty: bool) -> Part:
    config = {
        "store": str(settings.directory),
        "base": settings.base,
        "mode": settings.default_graph.value,
        "runtime": str(runtime),
    }
    command = spawn.command("escrgraph.repository.writer", json.dumps(config))
    loaded = partial(_loaded, settings, Writer(runtime), empty)
    return Part("writer", command, ready=loaded, patience=3600, environment=spawn.environment())


def _loaded(settings: Settings, writer: Writer, empty: bool) -> bool:
    """Whether the writer answers; a store without any change gets the shipped library first."""
    try:
        number = writer.status()["generation"]
    except Unavailable:
        return False
    if number == 0 and not empty:
        load_shipped(settings, writer)
    return True


def _dispatcher(settings: Settings, runtime: Path, snapshot: Path | None = None, generation: int = 0) -> Part:
    options = {
        "--runtime": runtime,
        "--workers": settings.query_workers,
        "--memory": settings.query_memory,
        "--replica-triples": settings.replica_triples,
        "--rate-limit": settings.rate_limit,
        "--mode": settings.default_graph.value,
    }
    if snapshot is not None:
        options |= {"--snapshot": snapshot, "--generation": generation}
    command = spawn.command(
        "escrgraph.repository.dispatcher", *(str(word) for pair in options.items() for word in pair)
    )
    readers = Readers(runtime)
    return Part("dispatcher", command, partial(_readable, readers), STARTING, environment=spawn.environment())


def _readable(readers: Readers) -> bool:
    try:
        return readers.generation() >= 0 and listening(readers.runtime / "public.sock")
    except Unavailable:
        return False


def _deriver(settings: Settings, runtime: Path, directory: Path, at: int | None = None) -> Part:
    """directory: where what is derived is kept; the runtime directory leads there."""
    (runtime / DERIVED).symlink_to(directory)
    config = {
        "base": settings.base,
        "log": str(settings.directory / LOG),
        "directory": str(directory),
        "runtime": str(runtime) if at is None else None,
        "at": at,
    }
    command = spawn.command("escrgraph.deriver", json.dumps(config))
    searcher = Searcher(runtime / DERIVED / Indexer.name, shipped_kinds(), Base(settings.base))
    ready = _Indexed(searcher, Readers(runtime))
    return Part("deriver", command, ready, STARTING, environment=spawn.environment())


class _Indexed:
    """Whether the index shows what readers do; of a very large library it need not, since search says so."""

    def __init__(self, searcher: Searcher, readers: Readers) -> None:
        self._searcher = searcher
        self._readers = readers
        self._until: float | None = None  # known once it is asked: the parts before this one are ready then

    def __call__(self) -> bool:
        self._until = self._until or time.monotonic() + INDEXING
        try:
            return self._searcher.generation >= self._readers.generation() or time.monotonic() > self._until
        except Unavailable:
            return time.monotonic() > self._until


def _web(settings: Settings, runtime: Path, listener: socket.socket) -> Part:
    descriptor = listener.fileno()
    host, port = listener.getsockname()[:2]
    return Part(
        "web",
        spawn.command("escrgraph.web.server", "--fd", str(descriptor)),
        partial(_answers, {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port),  # noqa: S104
        STARTING,
        farewell=15,
        environment={**spawn.environment(), **settings.environment(), RUNTIME: str(runtime)},
        files=[descriptor],
    )


def _answers(host: str, port: int) -> bool:
    connection = HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _begin(stack: ExitStack, part: Part) -> None:
    """Start a part for a command, wait until it does its work, and end it with the stack."""
    process = launch(part)
    stack.callback(_end, process)
    until = time.monotonic() + part.patience
    while not part.ready():
        if process.poll() is not None or time.monotonic() > until:
            raise RepositoryError(f"The {part.name} of the store did not start. Its messages are above.")
        time.sleep(0.01)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
