"""The other engines, where they are installed: started on the same data, stopped afterwards."""

from __future__ import annotations

import os
import shutil
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.endpoint import Endpoint
from benchmarks.generator import DATA, INFERRED
from benchmarks.processes import NotStarted, free_port, run, running, wait_for

RDFLIB_ENDPOINT = ("rdflib-endpoint==0.6.3", "oxrdflib==0.5.0", "uvicorn")
"""What is installed from PyPI, once, into an environment of its own in the user's cache directory."""

TRIPLES = "all.nt"

_ASK = "SELECT * WHERE { ?s ?p ?o } LIMIT 1"
_LOADING = 3600
_VIRTUOSO_INI = """
[Database]
DatabaseFile = {directory}/virtuoso.db
ErrorLogFile = {directory}/virtuoso.log
LockFile = {directory}/virtuoso.lck
TransactionFile = {directory}/virtuoso.trx
xa_persistent_file = {directory}/virtuoso.pxa
FileExtend = 200
MaxCheckpointRemap = 2000

[TempDatabase]
DatabaseFile = {directory}/virtuoso-temp.db
TransactionFile = {directory}/virtuoso-temp.trx

[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
MaxClientConnections = 100
DirsAllowed = {directory}, {data}
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
ThreadsPerQuery = 4
AsyncQueueMaxThreads = 10
MaxQueryMem = 2G

[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {directory}
ServerThreads = 50
MaxClientConnections = 50
MaxKeepAlives = 50
KeepAliveTimeout = 60

[SPARQL]
ResultSetMaxRows = 100000000
MaxQueryCostEstimationTime = 0
MaxQueryExecutionTime = 600
"""
_BUFFERS = 85_000  # of 8 KiB each: what its documentation advises for one GiB
_VIRTUOSO_LOAD = """
ld_dir('{data}', '{name}', 'urn:benchmark');
rdf_loader_run();
checkpoint;
"""


def triples_file(library: Path) -> Path:
    """The library as N-Triples, for engines that are given plain triples; written once."""
    path = library / TRIPLES
    if not path.exists():
        half = path.with_suffix(".half")
        with half.open("w", encoding="utf-8", newline="\n") as file:
            for name in (DATA, INFERRED):
                with (library / name).open(encoding="utf-8", newline="\n") as lines:
                    file.writelines(line.rpartition(" <")[0] + " .\n" for line in lines)
        half.rename(path)
    return path


@contextmanager
def rdflib_endpoint(library: Path, work: Path, store: str = "default") -> Iterator[Endpoint]:
    """rdflib-endpoint over the library in memory. store: "default" or "Oxigraph". Raises NotStarted."""
    name = "rdflib-endpoint" if store == "default" else "rdflib-endpoint+oxigraph"
    port, log = free_port(), work / f"{name}.log"
    endpoint = Endpoint(name, f"http://127.0.0.1:{port}/")
    server = Path(__file__).with_name("rdflib_server.py")
    command: list[str | Path] = [_environment(log), server, triples_file(library), store, str(port)]
    with running(command, log, directory=work) as process:
        wait_for(endpoint.query(_ASK), process, log, _LOADING)
        yield endpoint


@contextmanager
def virtuoso(library: Path, work: Path) -> Iterator[Endpoint]:
    """Virtuoso over the library, loaded by its bulk loader. Raises NotStarted."""
    program, client = shutil.which("virtuoso-t"), shutil.which("isql-vt")
    if not program or not client:
        raise NotStarted("Virtuoso is not installed: apt-get install virtuoso-opensource.")
    directory = work / "virtuoso"
    directory.mkdir(parents=True)
    sql, http, log = free_port(), free_port(), work / "virtuoso.log"
    ini = directory / "own.ini"
    fields = {"sql": sql, "http": http, "buffers": _BUFFERS, "dirty": _BUFFERS * 3 // 4}
    ini.write_text(_VIRTUOSO_INI.format(directory=directory, data=library.absolute(), **fields), encoding="utf-8")
    endpoint = Endpoint("virtuoso", f"http://127.0.0.1:{http}/sparql", post=True)
    with running([program, "-f", "-c", ini], log, directory=directory) as process:
        wait_for(endpoint.query(_ASK), process, log, 120)
        names = (DATA, INFERRED)
        script = "".join(_VIRTUOSO_LOAD.format(data=library.absolute(), name=name) for name in names)
        run([client, f"127.0.0.1:{sql}", "dba", "dba", f"exec={script}"], work / "isql.log")
        yield endpoint


def _environment(log: Path) -> Path:
    """The interpreter of the environment with RDFLIB_ENDPOINT, made when it is not there. Raises NotStarted."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = cache / "escrgraph-benchmarks" / f"rdflib-endpoint-{sys.version_info[0]}.{sys.version_info[1]}"
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        venv.create(home, clear=True, with_pip=True)
        run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *RDFLIB_ENDPOINT], log)
        (home / "ready").touch()
    return python
