"""A query worker: one request at a time, under a deadline that the kernel keeps, until it is told to go or dies."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from pyoxigraph import Store

from escrgraph.repository import sandbox, wire
from escrgraph.repository.deaths import out_of_memory
from escrgraph.repository.errors import Crashed
from escrgraph.repository.evaluation import Output, answer


@dataclass(frozen=True, slots=True)
class Duty:
    """What a worker is born to. memory: bytes; niceness: how far it steps back behind others."""

    generation: int
    memory: int
    niceness: int


def live(parent: int, control: socket.socket, duty: Duty, opened: Callable[[], Store]) -> NoReturn:
    """Be a worker, in a process just forked; ends the process.

    opened: gives the store, opening it first where it is on disk.
    """
    status = 1
    try:
        sandbox.die_with(parent)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.nice(duty.niceness)
        sandbox.deepen_stack()
        store = opened()
        sandbox.confine(duty.memory)
        wire.send(control, {"ready": os.getpid()})
        _serve(store, control, duty)
        status = 0
    except wire.Broken:
        status = 0  # the dispatcher is gone, and a new one has workers of its own
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode()[:2000])
    finally:
        os._exit(status)


def _serve(store: Store, control: socket.socket, duty: Duty) -> None:
    while (packet := wire.receive(control)) is not None:
        started = time.perf_counter()
        # The default action of SIGALRM ends the process: no code of ours has to run for the deadline to hold.
        signal.setitimer(signal.ITIMER_REAL, packet.header["timeout"])
        with socket.socket(fileno=packet.files.pop()) as connection:
            sound = _answer(store, connection, packet.body, duty)
        signal.setitimer(signal.ITIMER_REAL, 0)
        wire.send(control, {"done": round((time.perf_counter() - started) * 1000, 3), "unfit": not sound})


def _answer(store: Store, connection: socket.socket, request: bytes, duty: Duty) -> bool:
    """Answer; returns whether this process is fit for another request."""
    try:
        answer(store, duty.generation, request, connection)
    except wire.Broken:
        return True  # the client has gone; nobody is left to tell
    except MemoryError:
        with contextlib.suppress(wire.Broken):
            Output(connection).fail(out_of_memory(duty.memory))
        return False
    except BaseException as error:
        with contextlib.suppress(wire.Broken):
            Output(connection).fail(Crashed(f"The query broke the engine: {str(error)[:300]}"))
        return False
    return True
