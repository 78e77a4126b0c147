"""The web processes: gunicorn with threads, which breaks the connection when an answer breaks."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import secrets
import socket
import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from escrgraph.repository.errors import Interrupted
from escrgraph.repository.trimming import keep_trimmed
from escrgraph.settings import PROCESSES, SALT, WORKING, Settings, read_settings
from escrgraph.web.lingering import LingeringWorker
from escrgraph.web.patience import connections

if TYPE_CHECKING:
    from flask import Flask
    from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]

STALLED = 60
"""Seconds without a byte in either direction after which a client is given up, so that it holds no thread."""

KEPT_ALIVE = 15
"""Seconds that an idle connection is kept."""

TRIMMED = 20
"""Seconds after which memory that a process has done with is given back."""

_ACCESS = "%(m)s %(U)s %(s)s %(B)s bytes %(L)s s"  # neither addresses nor what was asked


def threads(settings: Settings) -> int:
    """How many requests a process handles at once.

    Enough for every query that runs or waits, and for answers that slow clients take, with room left for pages.
    """
    return 32 + 4 * settings.query_workers


class Web(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured by this program alone: neither its command line nor its configuration file is read."""

    def __init__(self, settings: Settings, bind: str, shared: Path, access_log: str | None = None) -> None:
        self._settings = settings
        self._bind = bind
        self._shared = shared
        self._access_log = access_log
        # Made before the processes are, so that a client has the same key in each of them, or for all machines.
        self._salt = bytes.fromhex(os.environ.get(SALT, "")) or secrets.token_bytes(16)
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        chosen: dict[str, Any] = {
            "bind": self._bind,
            "workers": PROCESSES,
            "worker_class": LingeringWorker,
            "threads": threads(self._settings),
            "worker_connections": connections(),
            "keepalive": KEPT_ALIVE,
            "timeout": 60,
            "graceful_timeout": 10,
            "proc_name": "escrgraph web",
            "accesslog": self._access_log,
            "access_log_format": _ACCESS,
            "errorlog": "-",
            "loglevel": "warning",
            "worker_tmp_dir": str(self._shared),
            "when_ready": _when_ready,
            "post_worker_init": _works,
            "child_exit": _forget,
            "control_socket_disable": True,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:  # the control socket came with gunicorn 25
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, made in each process: what it holds must not be shared by forks."""
        from escrgraph.service import open_service  # noqa: PLC0415
        from escrgraph.web.app import create_app  # noqa: PLC0415
        from escrgraph.web.clients import Clients, trusted  # noqa: PLC0415
        from escrgraph.web.context import here  # noqa: PLC0415

        clients = Clients(self._salt, trusted(os.environ.get("FORWARDED_ALLOW_IPS")))
        app = create_app(open_service(self._settings), clients, places=threads(self._settings) * 3 // 4)
        with app.app_context():
            here().desks.resume()
        keep_trimmed(TRIMMED)
        return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until told to stop. The settings come from the environment, as for every part of the service."""
    parser = argparse.ArgumentParser(prog="python -m escrgraph.web.server", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--fd", type=int, help="a listening socket that was handed over")
    where.add_argument("--bind", help="host:port to listen at")
    parser.add_argument("--access-log", metavar="FILE", help="keep an access log, without addresses or queries")
    chosen = parser.parse_args(arguments)
    bind = chosen.bind if chosen.fd is None else f"fd://{chosen.fd}"
    with tempfile.TemporaryDirectory(prefix="escrgraph-web-", dir=_in_memory()) as shared:
        # Read when prometheus_client is first imported, so set before the application is.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = shared
        _read_ahead()
        Web(read_settings(), bind, Path(shared), chosen.access_log).run()


def _read_ahead() -> None:
    """Read once what every process needs and none changes, so that they start sooner and share its memory."""
    gc.disable()  # nearly all of it stays, and would be looked at again and again
    from escrgraph.vocabulary.kinds import shipped_kinds  # noqa: PLC0415
    from escrgraph.web import app, terms  # noqa: F401, PLC0415 - the application, with all that it imports

    shipped_kinds()
    terms.ontology()
    gc.freeze()  # a collection that looks at these objects would make a copy of them in each process
    gc.enable()


def _in_memory() -> str | None:
    """A directory in memory for what is written at each request; None, for the usual one, where there is none."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None  # noqa: S108 - a name of its own is made there


class _Brief(logging.Filter):
    """An answer that breaks off has told its story in a sentence; no traceback is needed for it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], Interrupted):
            record.msg, record.args, record.exc_info = str(record.exc_info[1]), (), None
        return True


def _when_ready(server: Arbiter) -> None:
    """Let the kernel time the connections: accepted sockets inherit this from the listening one."""
    server.log.error_log.addFilter(_Brief())
    limit = struct.pack("ll", STALLED, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)


def _works(worker: Any) -> None:
    """Say, to who is to end the processes before these, that this one answers."""
    if told := os.environ.get(WORKING):
        with Path(told).open("a", encoding="ascii") as file:
            file.write(f"{worker.pid}\n")


def _forget(_server: Arbiter, worker: Any) -> None:
    """Drop the gauges of a process that has ended."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
