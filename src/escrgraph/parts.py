"""The processes of a service: how each is started, when it does its work, and all of them run together.

The command that serves starts them before anything else, so what only some starts need is imported where it is used.
"""

from __future__ import annotations

import json
import logging
import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property, partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any

import escrgraph
from escrgraph.repository import addresses, spawn
from escrgraph.repository.errors import RepositoryError, Unavailable, WrongStore
from escrgraph.repository.following import DERIVED
from escrgraph.repository.formats import Mode, followed, locked, open_format, read_format
from escrgraph.repository.readers import Readers
from escrgraph.repository.supervisor import Part, Supervisor, launch, listening, point, runtime_directory
from escrgraph.repository.trimming import FEW_ARENAS, trim
from escrgraph.repository.writing import Writer
from escrgraph.settings import PROCESSES, RUNTIME, SALT, WORKING, SettingError, Settings
from escrgraph.vocabulary.iris import Base

if TYPE_CHECKING:
    from escrgraph.repository.remote.client import Address

AGENT = "escrgraph"
"""Who is named for what the service does of itself."""

SENDING = 0.005
"""Seconds that a statement may take to a SPARQL server, beyond what any change may take to be shown."""

STARTING = 120.0
"""Seconds that a part may take until it does its work: a replay of a large log is the longest."""

INDEXING = 60.0
"""Seconds that the start of a service waits for its search index."""

ON_RELOAD = ("url", "site", "smtp", "mail_from", "contact", "slow_query", "admin_token")
"""The settings that only the web processes read, and that a reload takes up."""

log = logging.getLogger("escrgraph.parts")


def run(
    settings: Settings,
    listener: socket.socket,
    *,
    empty: bool = False,
    at: int | None = None,
    started: Callable[[], None] = lambda: None,
    reread: Callable[[], Settings] | None = None,
) -> int:
    """Run the whole service until it is told to stop; returns its exit status.

    listener: where it serves. empty: leave an empty store empty. at: serve this version, without a writer.
    started: called when the first page can be had. reread: gives the settings as they are now, for a reload (SIGHUP):
    those of ON_RELOAD change then. Raises WrongStore, and Malformed for a version that is not.
    """
    directory = settings.directory
    check(settings)
    with ExitStack() as stack:
        if at is None:
            new = read_format(directory) is None
            with locked(directory):
                open_format(directory, settings.base, settings.default_graph)
            if new and not empty and not settings.remote:
                _fill(settings)
            runtime = stack.enter_context(runtime_directory(directory))
            point(directory, runtime)
            parts = storing(settings, runtime, empty=empty)
            if settings.default_graph is Mode.MERGE:
                parts.append(_deriver(settings, runtime, listener, directory / DERIVED))
        else:
            runtime = stack.enter_context(runtime_directory())
            scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="escrgraph-version-"))
            parts = [dispatcher(settings, runtime, _version(settings, at, Path(scratch)), at)]
            parts.append(_deriver(settings, runtime, listener, Path(scratch) / DERIVED, at))
        parts.append(_web(settings, runtime, listener, reread))
        if settings.database:
            from escrgraph.repository import databases  # noqa: PLC0415

            databases.forget()  # this process only watches the others from here on
        return Supervisor(parts).run(started)


def _fill(settings: Settings) -> None:
    """Load the shipped library into a new store, before the parts start that stay: it takes much memory."""
    with runtime_directory() as runtime, ExitStack() as stack:
        begin(stack, writer(settings, runtime, empty=False))
    trim()


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
    from pyoxigraph import RdfFormat, serialize  # noqa: PLC0415 - the first start of a store alone

    from escrgraph.repository import releases  # noqa: PLC0415
    from escrgraph.repository.changes import Cause, Change  # noqa: PLC0415

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


def check(settings: Settings) -> None:
    """See that what is wrong with the store is told here, and not in the messages of a part."""
    found = read_format(settings.directory)
    if found is not None:
        open_format(settings.directory, settings.base, settings.default_graph)
    if settings.smtp and not (settings.site and settings.mail_from):
        raise SettingError(
            "ESCRGRAPH_SMTP is set, and letters need two more settings: ESCRGRAPH_SITE, the address at which people "
            "reach this service, and ESCRGRAPH_MAIL_FROM, the address that letters come from."
        )
    if settings.remote and settings.default_graph is Mode.OWN:
        raise SettingError(
            "ESCRGRAPH_DEFAULT_GRAPH is own, and ESCRGRAPH_STORE names a SPARQL server, which is a plain store itself: "
            "ask and update it directly, or take merge, which keeps a change log beside it."
        )
    _check_database(settings)


def _check_database(settings: Settings) -> None:
    """See that a store and the database that is to have its log belong together, and that the database answers."""
    directory, known = settings.directory, followed(settings.directory)
    if not settings.database:
        if known:
            raise WrongStore(
                f"The store {directory} is made from a change log in PostgreSQL, and ESCRGRAPH_DATABASE is not set. "
                "Set it, or use another store."
            )
        return
    if settings.default_graph is Mode.OWN:
        raise SettingError(
            "ESCRGRAPH_DATABASE is set, and a plain SPARQL store (ESCRGRAPH_DEFAULT_GRAPH=own) has neither change log "
            "nor curation. Leave one of the two out."
        )
    if (directory / addresses.LOG).exists():
        raise WrongStore(
            f"The store {directory} has a change log of its own, and ESCRGRAPH_DATABASE is set. To move it: `escrgraph "
            "backup DIR` without the setting, then `escrgraph restore DIR` with it and with --store a new directory."
        )
    from escrgraph.repository import databases  # noqa: PLC0415 - only where there is one

    identity = databases.claimed(settings.database, settings.base)
    if known not in ("", identity):
        raise WrongStore(
            f"The store {directory} is made from the log of another database than "
            f"{addresses.shown(settings.database)}. Name a directory that is new: it is filled from the log."
        )


def _version(settings: Settings, number: int, scratch: Path) -> Path:
    """The store as it was at a version, made in `scratch`."""
    from escrgraph.repository import replay  # noqa: PLC0415 - only for an earlier version
    from escrgraph.repository.log import ChangeLog  # noqa: PLC0415

    if read_format(settings.directory) is None:
        raise WrongStore(f"There is no store at {settings.directory}, so it has no versions.")
    check(settings)
    with ChangeLog(settings.log) as log:
        replay.materialise(log, number, scratch / "store", Base(settings.base))
    return scratch / "store"


def storing(settings: Settings, runtime: Path, *, empty: bool) -> list[Part]:
    """The processes that keep triples and answer queries. empty: leave an empty store empty.

    Raises Unavailable where the store is a server that cannot be reached.
    """
    writing = writer(settings, runtime, empty=empty)
    if not settings.remote:
        return [writing, dispatcher(settings, runtime)]
    told = remote_address(settings).variable()
    parts = [writing, _mirror(settings, runtime), dispatcher(settings, runtime)]
    for part in parts[1:]:
        part.environment = {**part.environment, **told}
    return parts


def remote_address(settings: Settings) -> Address:
    """The SPARQL server of the settings, once it has answered. Raises Unavailable, WrongStore."""
    from escrgraph.repository.remote.addresses import address  # noqa: PLC0415 - only where a server is asked

    told = address(settings.store, settings.store_user, settings.store_password or "", settings.store_profile)
    return replace(told, base=settings.base, deadline=settings.query_timeout)


def _mirror(settings: Settings, runtime: Path) -> Part:
    """The process that brings each change to the SPARQL server."""
    from escrgraph.repository.remote.mirroring import SHOWN  # noqa: PLC0415 - only where a server is asked

    config = {"runtime": str(runtime), "log": addresses.handed(settings.log)}
    command = spawn.command("escrgraph.repository.remote.mirroring", json.dumps(config))
    shown = (runtime / SHOWN).exists
    return Part("mirror", command, ready=shown, patience=24 * 3600, environment=_environment(settings))


def writer(settings: Settings, runtime: Path, *, empty: bool) -> Part:
    """The process that alone writes. empty: leave an empty store empty, instead of loading the shipped library."""
    config = {
        "store": str(settings.directory),
        "base": settings.base,
        "mode": settings.default_graph.value,
        "runtime": str(runtime),
        "ready_each": SENDING if settings.remote else 0,
    }
    command = spawn.command("escrgraph.repository.writer", json.dumps(config))
    loaded = partial(_loaded, settings, Writer(runtime), empty)
    return Part("writer", command, ready=loaded, patience=3600, environment=_environment(settings))


def _environment(settings: Settings) -> dict[str, str]:
    """What parts find in their environment that open the log: its address may hold a password."""
    return {**spawn.environment(), addresses.VARIABLE: settings.database}


def _loaded(settings: Settings, writer: Writer, empty: bool) -> bool:
    """Whether the writer answers; a store without any change gets the shipped library first."""
    try:
        number = writer.status()["generation"]
    except Unavailable:
        return False
    if number == 0 and not empty:
        load_shipped(settings, writer)
    return True


def dispatcher(settings: Settings, runtime: Path, snapshot: Path | None = None, generation: int = 0) -> Part:
    """The process that answers queries. snapshot: serve this directory for good, as `generation`, without a writer."""
    options = {
        "--runtime": runtime,
        "--workers": settings.query_workers,
        "--memory": settings.query_memory,
        "--replica-triples": 0 if settings.remote else settings.replica_triples,
        "--rate-limit": settings.rate_limit,
        "--mode": settings.default_graph.value,
    }
    if settings.remote and snapshot is None:
        from escrgraph.repository.remote.mirroring import SOCKET  # noqa: PLC0415 - only where a server is asked

        options["--news"] = SOCKET
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


def _deriver(
    settings: Settings, runtime: Path, listener: socket.socket, directory: Path, at: int | None = None
) -> Part:
    """directory: where what is derived is kept; the runtime directory leads there."""
    (runtime / DERIVED).symlink_to(directory)
    config = {
        "base": settings.base,
        "log": addresses.handed(settings.log),
        "directory": str(directory),
        "runtime": str(runtime) if at is None else None,
        "at": at,
    }
    command = spawn.command("escrgraph.deriver", json.dumps(config))
    environment = {**_environment(settings), **FEW_ARENAS}
    return Part("deriver", command, _Indexed(listener), STARTING, environment=environment, last=True)


class _Indexed:
    """Whether the index shows what readers do; of a very large library it need not, since search says so."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener

    def __call__(self) -> bool:
        told = _told(self._listener)
        shown = told["search"] if told else None
        return (
            shown is not None and told is not None and shown >= told["generation"]
        ) or time.monotonic() > self._until

    @cached_property
    def _until(self) -> float:
        """From when it is first asked: the other parts are ready then."""
        return time.monotonic() + INDEXING


def _web(
    settings: Settings, runtime: Path, listener: socket.socket, reread: Callable[[], Settings] | None = None
) -> Part:
    """reread: gives the settings for the processes that take the place of these on a reload."""
    descriptor = listener.fileno()
    salted = _salted(settings)

    def made(chosen: Settings) -> Part:
        environment = {**spawn.environment(), **FEW_ARENAS, **chosen.environment(), RUNTIME: str(runtime), **salted}
        command = spawn.command("escrgraph.web.server", "--fd", str(descriptor))
        return Part("web", command, lambda: True, STARTING, 15, environment, [descriptor])

    def successor() -> Part | None:
        try:
            part = made(settings if reread is None else _reloaded(settings, reread()))
        except SettingError as error:
            log.error("nothing is reloaded: %s", error)
            return None
        told = runtime / f"web.{secrets.token_hex(4)}"
        part.environment = {**part.environment, WORKING: str(told)}
        part.ready = lambda: _lines(told) >= PROCESSES
        part.successor = successor
        return part

    part = made(settings)
    part.ready = lambda: _told(listener) is not None
    part.successor = successor
    return part


def _reloaded(settings: Settings, fresh: Settings) -> Settings:
    """The settings, with those of ON_RELOAD from others."""
    return replace(settings, **{name: getattr(fresh, name) for name in ON_RELOAD})


def _lines(path: Path) -> int:
    try:
        return path.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def _salted(settings: Settings) -> dict[str, str]:
    if not settings.database:
        return {}
    from escrgraph.repository import databases  # noqa: PLC0415 - only where there is one

    return {SALT: databases.salt(settings.database).hex()}


def _told(listener: socket.socket) -> dict[str, Any] | None:
    """What the web processes say of the service's health; None while they do not answer that it is well."""
    host, port = listener.getsockname()[:2]
    connection = HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=1)  # noqa: S104
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        return dict(json.loads(answer.read())) if answer.status == 200 else None
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def begin(stack: ExitStack, part: Part) -> None:
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
