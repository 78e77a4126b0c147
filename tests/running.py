"""A whole service as people start it: the command escrgraph serve, on a free port."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import places

PROJECT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "escrgraph.cli"]
PATIENCE = 120


@dataclass(frozen=True, slots=True)
class Running:
    """A service that answers. url: ends with a slash. log: what it told its operators."""

    url: str
    store: Path
    process: subprocess.Popen[str]
    log: Path


def environment(**more: str) -> dict[str, str]:
    """This environment, in which the command is found and nothing is set that settings read, but for one.

    All tests are one client, which asks without a pause.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ESCRGRAPH_")}
    return kept | {"PYTHONPATH": str(PROJECT / "src"), "ESCRGRAPH_RATE_LIMIT": "0"} | more


@contextmanager
def serving(store: Path, *arguments: str, **variables: str) -> Iterator[Running]:
    """Start the service, give it when it answers, stop it.

    store: its directory; the store itself where neither the variables nor the environment of the tests name a server
    (tests/places.py).
    """
    if "--at" in arguments:
        with _serving(store, *arguments, **(places.variables_of(store) | variables)) as running:
            yield running
        return
    with places.placed(store, variables) as (given, server), _serving(store, *arguments, **given) as running:
        if server is not None:
            server.stop()  # it plans queries by what it counted when it was empty, until it is started again
            server.start()
        yield running


@contextmanager
def _serving(store: Path, *arguments: str, **variables: str) -> Iterator[Running]:
    place = () if "ESCRGRAPH_STORE" in variables else ("--store", str(store))
    command = [*COMMAND, "serve", "-p", "0", *place, *arguments]
    log = store.with_name(f"{store.name}.log")  # a pipe that nobody reads would fill, and stop the service
    with log.open("ab") as messages:
        process = subprocess.Popen(
            command,
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=messages,
            text=True,
            cwd=store.parent,
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        if found is None:
            process.kill()
            raise AssertionError(f"the service did not start: {log.read_text(encoding='utf-8')[-3000:]}")
        yield Running(found[0], store, process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
