"""Asking queries: the client of the dispatcher, for web pages, the endpoint and the command line."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, overload

import pyoxigraph

from escrgraph.repository import wire
from escrgraph.repository.errors import Interrupted, OutOfTime, RepositoryError, Unavailable
from escrgraph.repository.joins import unjoined

Term = pyoxigraph.NamedNode | pyoxigraph.Literal | pyoxigraph.BlankNode

RESTART = 2.0
"""Seconds that a request waits for a dispatcher that is being restarted."""

SLACK = 20.0
"""Seconds beyond its deadline that an answer may take to begin: it may have to queue."""


@dataclass(frozen=True, slots=True)
class Formats:
    """Media types in which each kind of result is wanted; None where the client accepts none for it."""

    solutions: str | None = None
    boolean: str | None = None
    graph: str | None = None


JSON = Formats("application/sparql-results+json", "application/sparql-results+json", "application/n-triples")


@dataclass(frozen=True, slots=True)
class Query:
    """A query and how it is to be read and answered.

    substitutions: variables of its SELECT clause -> the values put in their place.
    values: variables -> the terms that their data block, `VALUES ?x { … }`, is to hold in place of those it has.
    default_graphs, named_graphs: the dataset that the request names (SPARQL 1.1 Protocol, section 2.1.4); None when
    it names none. union: read all graphs at once where neither request nor query names a dataset.
    """

    text: str
    substitutions: Mapping[str, Term] = field(default_factory=dict)
    base: str | None = None
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    union: bool = False
    formats: Formats = JSON
    values: Mapping[str, Sequence[Term]] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        """The query as it travels."""
        return {
            "text": self._filled(),
            "substitutions": {name: str(value) for name, value in self.substitutions.items()},
            "base": self.base,
            "default_graphs": self.default_graphs,
            "named_graphs": self.named_graphs,
            "union": self.union,
            "formats": {
                "solutions": self.formats.solutions,
                "boolean": self.formats.boolean,
                "graph": self.formats.graph,
            },
        }

    def _filled(self) -> str:
        text = self.text
        for name, terms in self.values.items():
            block = f"VALUES ?{name} {{ {' '.join(map(str, terms))} }}"
            text, found = re.subn(rf"VALUES \?{name} \{{[^{{}}]*\}}", lambda _, block=block: block, text, count=1)  # type: ignore[misc]
            if not found:
                raise ValueError(f"The query has no data block VALUES ?{name} {{ … }} to fill.")
        return text


class Answer:
    """An answer that has begun. Close it, use it in a `with`, or read `chunks` to their end.

    kind: solutions, boolean, graph; dataset or absent for dumps. milliseconds: known once it has been read whole.
    """

    def __init__(self, connection: socket.socket, first: bytes) -> None:
        """first: the packet that begins the answer, without its letter."""
        head, self._first = _parted(first)
        self.generation: int = head["generation"]
        self.kind: str = head["kind"]
        self.media_type: str = head["media_type"]
        self.milliseconds: float | None = head.get("milliseconds")
        self._connection = connection

    @property
    def whole(self) -> bool:
        """Whether all of it is here, so that nobody has to wait for the rest."""
        return self.milliseconds is not None

    @property
    def chunks(self) -> Iterator[bytes]:
        """The bytes as they come. Raises Interrupted when the answer breaks off."""
        try:
            if self._first:
                yield self._first
            while self.milliseconds is None:
                letter, data = _packet(self._connection)
                if letter == b"D":
                    yield data
                elif letter == b"E":
                    self.milliseconds = json.loads(data)["milliseconds"]
                else:
                    raise Interrupted(f"The answer broke off before its end. {_reason(letter, data)}".rstrip())
        except (wire.Broken, OSError) as error:
            raise Interrupted("The answer broke off before its end.") from error
        finally:
            self.close()

    def read(self) -> bytes:
        """The whole answer."""
        return b"".join(self.chunks)

    def close(self) -> None:
        """Want no more of it: the worker stops."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Bodies(Sequence[bytes]):
    """The answers to several queries, all from one generation, each there as soon as it is whole.

    Whoever asks for one waits for it alone, and may work on it while the next is being made. Raises RepositoryError
    where one is asked for that failed.
    """

    def __init__(self, connection: socket.socket, first: bytes) -> None:
        """first: the packet that begins the first answer, without its letter."""
        self._connection = connection
        head, body = _parted(first)
        self.generation: int = head["generation"]
        self._whole: list[bytes] = []
        self._parts = [body]
        self._ended = False
        if "milliseconds" in head:
            self._end()

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        while not self._ended and not (isinstance(index, int) and 0 <= index < len(self._whole)):
            try:
                self._take()
            except (wire.Broken, OSError) as error:
                self._connection.close()
                raise Interrupted("The answers broke off before their end.") from error
            except BaseException:
                self._connection.close()
                raise
        return self._whole[index]

    def __len__(self) -> int:
        return len(self[:])

    def __del__(self) -> None:
        self._connection.close()  # where not all were wanted, as when the first says that a record is gone

    def _take(self) -> None:
        letter, data = _packet(self._connection)
        if letter == b"D":
            self._parts.append(data)
        elif letter == b"N":
            self._whole.append(b"".join(self._parts))
            head, body = _parted(data)
            self._parts = [body]
            if "milliseconds" in head:
                self._end()
        elif letter == b"E":
            self._end()
        else:
            raise _error(letter, data)

    def _end(self) -> None:
        self._whole.append(b"".join(self._parts))
        self._ended = True
        self._connection.close()


class Readers:
    """Asks one pool of a running service. runtime: its directory of sockets; timeout: seconds a request may run."""

    def __init__(self, runtime: Path, pool: Literal["pages", "public"] = "pages", timeout: float = 30.0) -> None:
        self.runtime = runtime
        self.timeout = timeout
        self._socket = runtime / f"{pool}.sock"

    def ask(self, query: Query, client: str = "") -> Answer:
        """Begin an answer. client: who asks, for fairness among the public; empty for the service itself.

        Raises RepositoryError, before the first byte, for everything that the query is refused or fails for.
        """
        try:
            return self._begin({"queries": [query.request()]}, client)
        except OutOfTime as error:
            raise _with_hint(error, query.text) from None

    def ask_all(self, queries: Sequence[Query], client: str = "") -> Bodies:
        """The whole answers to several queries, one worker and one generation for all. Raises RepositoryError."""
        return Bodies(*self._open({"queries": [query.request() for query in queries]}, client, self.timeout))

    def dump(
        self,
        media_type: str,
        graph: str | None = None,
        *,
        without: Sequence[str] = (),
        default: bool = False,
        timeout: float = 3600.0,
        client: str = "",
    ) -> Answer:
        """Graphs written whole. graph: an IRI, "default", or None for every named graph but those in `without`.

        default: the default graph as well, where graphs are many. The answer's kind is "absent" for no such graph.
        Raises RepositoryError; Unacceptable when the format holds one graph only and many are asked for.
        """
        asked = {"format": media_type, "graph": graph, "without": list(without), "default": default}
        return self._begin({"dump": asked}, client, timeout)

    def generation(self) -> int:
        """The generation that new queries see. Raises Unavailable while the service starts."""
        try:
            return int((self.runtime / "generation").read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise Unavailable(
                "The service is starting: there is nothing to read yet. Try again in a moment."
            ) from error

    def status(self) -> dict[str, Any]:
        """The dispatcher's figures: pools, workers, queues, what ended how. Raises Unavailable."""
        connection = self.connect(self.runtime / "public.sock")
        with connection:
            connection.settimeout(5)
            try:
                wire.send(connection, {"do": "status"})
                return dict(json.loads(self.first(connection)))
            except OSError as error:
                raise Unavailable("The dispatcher does not tell how it is: it is starting again.") from error

    def _begin(self, request: Mapping[str, Any], client: str, timeout: float | None = None) -> Answer:
        return Answer(*self._open(request, client, self.timeout if timeout is None else timeout))

    def _open(self, request: Mapping[str, Any], client: str, timeout: float) -> tuple[socket.socket, bytes]:
        """Send a request and wait for the first packet of its answer.

        When the dispatcher goes away before it, the request is sent once more: whatever a query does to its worker is
        answered by an error, so it was not the query.
        """
        try:
            return self._try(request, client, timeout)
        except wire.Broken:
            pass
        try:
            return self._try(request, client, timeout)
        except wire.Broken as error:
            raise Unavailable("The service dropped the query twice: it is restarting. Ask again.") from error

    def _try(self, request: Mapping[str, Any], client: str, timeout: float) -> tuple[socket.socket, bytes]:
        connection = self.connect()
        try:
            wire.limit(connection, timeout + SLACK)
            self.send(connection, request, client, timeout)
            return connection, self.first(connection)
        except TimeoutError as error:
            connection.close()
            raise Unavailable(f"No answer began within {timeout + SLACK:g} s. Try again in a moment.") from error
        except BaseException:
            connection.close()
            raise

    def send(
        self, connection: socket.socket, request: Mapping[str, Any], client: str = "", timeout: float | None = None
    ) -> None:
        """Send a request; `first` waits for what comes back."""
        seconds = self.timeout if timeout is None else timeout
        wire.send(connection, {"client": client, "timeout": seconds}, json.dumps(request).encode())

    def first(self, connection: socket.socket) -> bytes:
        """The packet that begins an answer, without its letter. Raises the RepositoryError that came instead."""
        letter, data = _packet(connection)
        if letter != b"H":
            raise _error(letter, data)
        return data

    def connect(self, path: Path | None = None) -> socket.socket:
        """A connection for one request. Raises Unavailable when the dispatcher does not come back soon."""
        until = time.monotonic() + RESTART
        while True:
            try:
                return wire.connect(path or self._socket)
            except OSError as error:
                if time.monotonic() > until:
                    raise Unavailable(
                        "The service does not answer queries now: it is starting or restarting. Try again in a moment."
                    ) from error
                time.sleep(0.02)


def _packet(connection: socket.socket) -> tuple[bytes, bytes]:
    """Letter and content of the next packet. Raises wire.Broken when there is none."""
    data, files = wire.receive_bytes(connection)
    for file in files:
        os.close(file)
    if not data:
        raise wire.Broken("The connection was closed before the end of the answer.")
    return data[:1], data[1:]


def _parted(data: bytes) -> tuple[dict[str, Any], bytes]:
    line, _, body = data.partition(b"\n")
    return json.loads(line), body


def _error(letter: bytes, data: bytes) -> RepositoryError:
    if letter != b"X":
        return RepositoryError(f"An answer packet of an unknown kind came: {letter!r}.")
    return wire.raised(json.loads(data))


def _reason(letter: bytes, data: bytes) -> str:
    return str(_error(letter, data))


def _with_hint(error: OutOfTime, text: str) -> OutOfTime:
    gap = unjoined(text)
    if gap is None:
        return OutOfTime(f"{error} Ask for less at once, or take a dump and ask it where you are.")
    told = (
        f"{error} {gap.first} and {gap.second} share no variable, "
        f"so every {gap.first} is paired with every {gap.second}: join them."
    )
    return OutOfTime(told, gap.line, gap.column)
