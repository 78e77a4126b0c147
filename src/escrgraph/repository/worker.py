"""A query worker: one request at a time, under a deadline that the kernel keeps, until it is told to go or dies."""

from __future__ import annotations

import array
import contextlib
import json
import mmap
import os
import resource
import select
import signal
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from escrgraph.repository import sandbox, wire
from escrgraph.repository.deaths import out_of_memory
from escrgraph.repository.errors import Crashed
from escrgraph.repository.evaluation import Engine, Output, answer
from escrgraph.repository.trimming import trim

BOARD = 4096
"""Bytes of the memory that a worker shares with the dispatcher."""

IDLE, BUSY, NOTED = 0, 1, 2
"""What the first byte of it says. NOTED: busy with the client that the last note is about."""

_BOARD = struct.Struct("=B7xQ")


def read_board(board: int) -> tuple[int, int]:
    """What the worker is doing now, and how many clients it has served."""
    doing, served = _BOARD.unpack(os.pread(board, _BOARD.size, 0))
    return doing, served


FIRST_WORD = 1.0
"""Seconds in which a client that connected must have sent its request."""


LARGE = 0.05
"""Seconds of the processor from which on a request has taken memory that is worth being given back."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What a worker is born to. memory: bytes; niceness: how far it steps back behind others.

    copied: after so many pages that it touched first the worker goes, 0 for never: reading a store in memory counts who
    reads each part, and so the pages that it shares with its parent become its own.
    network: whether it reaches a server that answers in its place.
    """

    generation: int
    memory: int
    niceness: int
    copied: int = 0
    network: bool = False


@dataclass(frozen=True, slots=True)
class Door:
    """Where clients come to a worker themselves. board: memfd that the dispatcher has as well.

    The dispatcher is not woken for such a client: that would cost more than many a query. It looks at the board and at
    what the worker noted now and then, and when the worker dies.
    """

    listener: socket.socket
    board: int


def live(parent: int, control: socket.socket, door: Door | None, duty: Duty, opened: Callable[[], Engine]) -> NoReturn:
    """Be a worker, in a process just forked; ends the process.

    control: to the dispatcher, which hands over requests there. door: None where they come by the dispatcher only.
    opened: gives what answers, opening it first where it is on disk.
    """
    status = 1
    try:
        sandbox.die_with(parent)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.nice(duty.niceness)
        sandbox.deepen_stack()
        engine = opened()
        sandbox.confine(duty.memory, network=duty.network)
        wire.send(control, {"ready": os.getpid()})
        _serve(engine, control, door, duty)
        status = 0
    except (wire.Broken, BrokenPipeError):
        status = 0  # the dispatcher is gone, and a new one has workers of its own
    except BaseException as error:  # whatever it is, the process ends here and says why
        os.write(2, f"{type(error).__name__}: {error}\n".encode()[:2000])
    finally:
        os._exit(status)


def _serve(engine: Engine, control: socket.socket, door: Door | None, duty: Duty) -> None:
    with select.epoll() as poller:
        poller.register(control, select.EPOLLIN)
        visitors = None
        if door is not None:
            visitors = _Visitors(engine, control, door, duty)
            poller.register(door.listener, select.EPOLLIN | select.EPOLLEXCLUSIVE)  # one worker wakes for one client
        while True:
            # The dispatcher goes first: it may have said that this worker is to go.
            if control.fileno() in dict(poller.poll()):
                packet = wire.receive(control)
                if packet is None:
                    return
                sound = _do(engine, socket.socket(fileno=packet.files.pop()), packet, duty)
                wire.send(control, {"done": True, "unfit": not sound})
            elif visitors is not None and not visitors.welcome():
                return


class _Visitors:
    """Clients that come by the door."""

    def __init__(self, engine: Engine, control: socket.socket, door: Door, duty: Duty) -> None:
        self._engine = engine
        self._control = control
        self._listener = door.listener
        self._board = mmap.mmap(door.board, BOARD)
        self._duty = duty
        self._served = 0

    def welcome(self) -> bool:
        """Serve one; returns whether this process is fit for another."""
        try:
            connection, _ = self._listener.accept()
        except OSError:  # another worker was faster, or the client has left
            return True
        connection.settimeout(FIRST_WORD)
        try:
            packet = wire.receive(connection)
        except OSError:
            packet = None
        if packet is None:
            connection.close()
            return True
        connection.settimeout(None)
        self._board[0] = BUSY
        self._note(packet, connection)
        sound = _do(self._engine, connection, packet, self._duty)
        self._served += 1
        _BOARD.pack_into(self._board, 0, IDLE, self._served)
        return sound

    def _note(self, packet: wire.Packet, connection: socket.socket) -> None:
        """Leave the dispatcher what it needs to explain to the client, should this process die."""
        note = json.dumps(packet.header).encode()
        file = array.array("i", [connection.fileno()])
        with contextlib.suppress(BlockingIOError):  # too many notes unread: this client will not be told why
            self._control.sendmsg(
                [note],
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, file)],
                socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL,
            )
            self._board[0] = NOTED


def _do(engine: Engine, connection: socket.socket, packet: wire.Packet, duty: Duty) -> bool:
    # The default action of SIGALRM ends the process: no code of ours has to run for the deadline to hold.
    signal.setitimer(signal.ITIMER_REAL, packet.header["timeout"])
    began = time.process_time()
    with connection:
        sound = _answer(engine, connection, packet.body, duty)
    signal.setitimer(signal.ITIMER_REAL, 0)
    if duty.copied and resource.getrusage(resource.RUSAGE_SELF).ru_minflt > duty.copied:
        return False
    if time.process_time() - began > LARGE:
        trim()
    return sound


def _answer(engine: Engine, connection: socket.socket, request: bytes, duty: Duty) -> bool:
    """Answer; returns whether this process is fit for another request."""
    try:
        answer(engine, duty.generation, request, connection)
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
