"""Virtuoso as a test needs it: a server of its own on 127.0.0.1 and free ports, ended with the test."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
import requests

USER, PASSWORD = "library", "a-secret-of-the-tests"
PATIENCE = 120
CAP = 10_000

_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
MaxClientConnections = 20
DirsAllowed = .
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 20
MaxClientConnections = 20
MaxKeepAlives = 20
KeepAliveTimeout = 60
[SPARQL]
ResultSetMaxRows = {cap}
MaxQueryCostEstimationTime = 0
MaxQueryExecutionTime = 60
"""
_GRANTS = f"""
DB.DBA.USER_CREATE('{USER}', '{PASSWORD}');
GRANT SPARQL_UPDATE TO "{USER}";
GRANT SPARQL_SELECT TO "{USER}";
DB.DBA.RDF_DEFAULT_USER_PERMS_SET ('{USER}', 7);
checkpoint;
"""


def installed() -> bool:
    """Whether Debian's package is there."""
    return shutil.which("virtuoso-t") is not None and shutil.which("isql-vt") is not None


def demand_virtuoso() -> None:
    """Skip the test where there is no Virtuoso; fail it where everything has to be there."""
    if not installed():
        told = "Virtuoso is not installed: apt-get install virtuoso-opensource."
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)


class Virtuoso:
    """A server in a directory. Its ports stay the same when it is started again."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._sql, self._http = _free_ports(2)
        self._process: subprocess.Popen[bytes] | None = None
        ini = _INI.format(sql=self._sql, http=self._http, cap=CAP)
        (directory / "own.ini").write_text(ini, encoding="utf-8")

    @property
    def url(self) -> str:
        """Where it answers queries."""
        return f"http://127.0.0.1:{self._http}/sparql"

    def settings(self) -> dict[str, str]:
        """The settings of a service on it, as variables."""
        return {
            "ESCRGRAPH_STORE": self.url,
            "ESCRGRAPH_STORE_USER": USER,
            "ESCRGRAPH_STORE_PASSWORD": PASSWORD,
        }

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.directory / "said").open("ab") as said:
            self._process = subprocess.Popen(
                ["virtuoso-t", "-f", "-c", "own.ini"],
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        until = time.monotonic() + PATIENCE
        while not self._answers():
            assert self._process.poll() is None, (self.directory / "virtuoso.log").read_text()[-2000:]
            assert time.monotonic() < until, "Virtuoso does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut does."""
        self._end(signal.SIGKILL)
        (self.directory / "virtuoso.lck").unlink(missing_ok=True)

    def stop(self) -> None:
        """Let it end."""
        self._end(signal.SIGTERM)

    def pause(self) -> None:
        """Let it hang: it takes connections, and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it work again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def sql(self, text: str) -> None:
        """Do something as its administrator."""
        command = ["isql-vt", f"127.0.0.1:{self._sql}", "dba", "dba", f"exec={text}"]
        subprocess.run(command, check=True, capture_output=True, timeout=60)

    def rows(self, query: str) -> list[list[str]]:
        """What it says itself, as text, whatever a service before it says."""
        answer = requests.post(self.url, data={"query": query}, headers={"Accept": "application/json"}, timeout=60)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        names = found["head"]["vars"]
        return [[row[name]["value"] for name in names if name in row] for row in found["results"]["bindings"]]

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self._http, timeout=5)
        try:
            connection.request("GET", "/sparql?query=ASK%20%7B%7D")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def _end(self, by: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(by)
            self._process.wait(PATIENCE)
            self._process = None


@contextmanager
def virtuoso(directory: Path) -> Iterator[Virtuoso]:
    """A new server that lets USER change its graphs. directory: made, and removed afterwards."""
    shutil.copytree(template(), directory)
    server = Virtuoso(directory)
    server.start()
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(directory)


def template() -> Path:
    """The files of a new server, made once a run: that takes longer than all else."""
    made = Path(tempfile.gettempdir()) / "virtuoso-template"
    if not made.is_dir():
        half = Path(tempfile.mkdtemp(prefix="virtuoso-"))
        server = Virtuoso(half)
        server.start()
        try:
            server.sql(_GRANTS)
        finally:
            server.stop()
        for name in ("virtuoso.lck", "virtuoso.log", "said", "own.ini"):
            (half / name).unlink(missing_ok=True)
        half.rename(made)
    return made


def _free_ports(number: int) -> list[int]:
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [int(server.getsockname()[1]) for server in servers]
    for server in servers:
        server.close()
    return ports
