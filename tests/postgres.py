"""A PostgreSQL of the tests' own: Debian's server in a directory of its own, on a free port of 127.0.0.1."""

from __future__ import annotations

import gc
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import pytest

from escrgraph.repository import databases

PASSWORD = "wheel-of-fortune"
SERVERS: dict[str, Server] = {}
"""The servers that run, by the address of their first database."""

LASTING: set[int] = set()
"""The processes of servers that outlive a test."""

_USER = "escrgraph"
_PATIENCE = 30


@dataclass
class Server:
    """A server that may be stopped and started again. directory: holds its data, which belong to another user."""

    programs: Path
    directory: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    def address(self, name: str = "postgres") -> str:
        """The address of a database in it."""
        return f"postgresql://{_USER}:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.directory / "messages").open("ab") as messages:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.directory / "data"],
                stdout=messages,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                **_as_another_user(),
            )
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                psycopg.connect(self.address(), connect_timeout=2).close()
            except psycopg.OperationalError:
                assert self.process.poll() is None, self.messages()
                assert time.monotonic() < until, self.messages()
                time.sleep(0.02)
            else:
                gc.collect()  # what a refused connection leaves goes with the error that told of it
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: by SIGINT at once but orderly, by SIGQUIT as in a crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(_PATIENCE)
            self.process = None

    def messages(self) -> str:
        """What it has said."""
        return (self.directory / "messages").read_text(encoding="utf-8", errors="replace")

    def execute(self, statement: str, name: str = "postgres") -> list[tuple[object, ...]]:
        """What a statement finds, outside of a transaction."""
        with psycopg.connect(self.address(name), autocommit=True) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a database that is new and empty; it goes with the block."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f'CREATE DATABASE "{name}"')
        try:
            yield self.address(name)
        finally:
            databases.forget()
            if self.process is not None:
                self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    @contextmanager
    def schema(self) -> Iterator[str]:
        """The address of a schema that is new and empty, in a database that others use too: quicker than a database."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f'CREATE SCHEMA "{name}"')
        try:
            yield f"{self.address()}?options=-csearch_path%3D{name}"
        finally:
            databases.forget()
            self.execute(f'DROP SCHEMA "{name}" CASCADE')

    def holds(self, text: bytes) -> list[Path]:
        """The files of tables and indexes in which a text stands, once all that is in memory is written."""
        self.execute("CHECKPOINT")
        return [
            path for path in (self.directory / "data" / "base").rglob("*") if path.is_file() and text in _read(path)
        ]


def installed() -> Path | None:
    """The directory of the newest server's programs, None where there is none."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(re.sub(r"\D", "", path.parts[4]) or 0)
    )
    return found[-1].parent if found else None


@contextmanager
def running() -> Iterator[Server]:
    """A server for as long as the block lasts. Skips the test where none is installed, which CI never does."""
    programs = installed()
    if programs is None:
        why = "PostgreSQL's server is not installed (Debian: apt-get install postgresql)."
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    directory = Path(tempfile.mkdtemp(prefix="escrgraph-postgres-", dir=os.environ["PYTEST_DEBUG_TEMPROOT"]))
    try:
        secret = directory / "password"
        secret.write_text(f"{PASSWORD}\n", encoding="ascii")
        _give(directory)
        subprocess.run(
            [programs / "initdb", "-D", directory / "data", "-U", _USER, "-A", "scram-sha-256", "-E", "UTF8",
             "--pwfile", secret, "--locale", "C.UTF-8", "--no-sync"],
            check=True, capture_output=True, cwd=directory, **_as_another_user(),
        )  # fmt: skip
        server = Server(programs, directory, _free_port())
        with (directory / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(
                f"listen_addresses = '127.0.0.1'\nport = {server.port}\nunix_socket_directories = ''\n"
                "max_connections = 200\nshared_buffers = 32MB\nautovacuum = off\n"
            )
        server.start()
        SERVERS[server.address()] = server
        try:
            yield server
        finally:
            server.stop()
            del SERVERS[server.address()]
    finally:
        shutil.rmtree(directory)


def kept_connections() -> set[str]:
    """The sockets of this process that lead to a server: a process keeps some for what comes next."""
    ports = {server.port for server in SERVERS.values()}
    found = set()
    for connection in psutil.Process().net_connections("tcp") if ports else []:
        if connection.raddr and connection.raddr.port in ports:
            found.add(str(Path(f"/proc/self/fd/{connection.fd}").readlink()))
    return found


def _as_another_user() -> dict[str, object]:
    """How a program is started as somebody who may run the server, which root may not."""
    if os.getuid() != 0:
        return {}
    found = _somebody()
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


def _give(directory: Path) -> None:
    if os.getuid() == 0:
        found = _somebody()
        for path in (directory, *directory.iterdir()):
            os.chown(path, found.pw_uid, found.pw_gid)


def _somebody() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise AssertionError("There is no user but root, as whom PostgreSQL does not run.")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
