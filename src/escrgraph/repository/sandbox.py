"""A process gives up what it does not need: network, programs, other processes, memory beyond a limit."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2

_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_REFUSE = 0x00050000 | errno.EPERM
_ABSENT = 0x00050000 | errno.ENOSYS

# Offsets in struct seccomp_data; arguments are 64 bits wide, and the low half comes first on both architectures.
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_ANY_BIT = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K

_X32 = 0x40000000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

# What a confined process never does: reach out, start programs, look into or signal others, or go round this filter.
_CONNECTING = ("socket", "connect")
_X86_64_ALWAYS = {
    "socket": 41, "connect": 42, "bind": 49, "execve": 59, "kill": 62, "ptrace": 101, "tkill": 200,
    "perf_event_open": 298, "process_vm_readv": 310, "process_vm_writev": 311, "bpf": 321, "execveat": 322,
    "userfaultfd": 323, "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426,
    "pidfd_open": 434, "pidfd_getfd": 438,
}  # fmt: skip
_AARCH64_ALWAYS = {
    "ptrace": 117, "kill": 129, "tkill": 130, "socket": 198, "bind": 200, "connect": 203, "execve": 221,
    "perf_event_open": 241, "process_vm_readv": 270, "process_vm_writev": 271, "bpf": 280, "execveat": 281,
    "userfaultfd": 282, "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "pidfd_open": 434,
    "pidfd_getfd": 438,
}  # fmt: skip
# What changes the file system, beside opening a file to write.
_X86_64_FILES = {
    "truncate": 76, "rename": 82, "mkdir": 83, "rmdir": 84, "creat": 85, "link": 86, "unlink": 87, "symlink": 88,
    "chmod": 90, "chown": 92, "mknod": 133, "mkdirat": 258, "mknodat": 259, "unlinkat": 263, "renameat": 264,
    "linkat": 265, "symlinkat": 266, "fchmodat": 268, "renameat2": 316,
}  # fmt: skip
_AARCH64_FILES = {
    "mknodat": 33, "mkdirat": 34, "unlinkat": 35, "symlinkat": 36, "linkat": 37, "renameat": 38, "truncate": 45,
    "fchmodat": 53, "renameat2": 276,
}  # fmt: skip


class _Machine:
    """What the filter has to know of a processor architecture."""

    def __init__(
        self, token: int, always: Mapping[str, int], files: Mapping[str, int], opens: Mapping[int, int], tgkill: int
    ) -> None:
        self.token = token
        self.always = always
        self.files = files
        self.opens = opens  # system call -> which of its arguments holds the flags
        self.tgkill = tgkill


_OPENAT2 = 437
_MACHINES = {
    "x86_64": _Machine(0xC000003E, _X86_64_ALWAYS, _X86_64_FILES, {2: 1, 257: 2}, 234),
    "aarch64": _Machine(0xC00000B7, _AARCH64_ALWAYS, _AARCH64_FILES, {56: 2}, 131),
}


def confine(memory: int, *, files: bool = False, network: bool = False) -> None:
    """Confine this process for good.

    memory: bytes of address space that it may take beyond what it holds now.
    files: whether it may still create, change and delete files; reading stays possible either way.
    network: whether it may still make connections, to a database or to a server that answers in its place.
    Raises OSError when the kernel refuses; on processors without a filter here it warns and sets the limits only.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit = _address_space() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    _offer_to_the_oom_killer()
    machine = _MACHINES.get(platform.machine())
    if machine is None or sys.byteorder != "little":
        warnings.warn(
            f"On {platform.machine()} the network is not closed to query workers; a firewall has to do it.",
            RuntimeWarning,
            stacklevel=2,
        )
        return
    _install(_program(machine, files, network, os.getpid()))


def die_with(parent: int, by: signal.Signals = signal.SIGKILL) -> None:
    """Let the kernel end this process when its parent, which has the pid `parent`, ends; at once if it already has."""
    _prctl(_PR_SET_PDEATHSIG, by)
    if os.getppid() != parent:
        os._exit(0)


def close_all_but(*kept: int) -> None:
    """Close every descriptor but the standard ones and these: a forked process holds nothing of its parent."""
    for entry in list(Path("/proc/self/fd").iterdir()):
        number = int(entry.name)
        if number > 2 and number not in kept:
            with contextlib.suppress(OSError):  # the directory that was being listed is closed already
                os.close(number)


def deepen_stack(size: int = 100 << 20) -> None:
    """Let the main thread's stack grow to `size` bytes: deeply nested queries recurse in the parser.

    The kernel leaves at least 128 MiB free below the stack of a program, so growing up to there is safe.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def _offer_to_the_oom_killer() -> None:
    # When the machine itself runs out of memory a query goes first, never the writer.
    try:
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    except OSError:
        return


def _prctl(option: int, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, *(ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4])) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _install(program: bytes) -> None:
    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_void_p))

    text = ctypes.create_string_buffer(program, len(program))
    description = Filter(len(program) // 8, ctypes.addressof(text))
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(description))


def _program(machine: _Machine, files: bool, network: bool, pid: int) -> bytes:
    """The filter as classic BPF: one instruction is code, jump if true, jump if false, constant."""
    steps = [
        *_unless_equal(_ARCHITECTURE, machine.token, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    if machine.token == _MACHINES["x86_64"].token:
        steps += [_step(_AT_LEAST, _X32, 0, 1), _step(_RETURN, _REFUSE)]
    allowed = _CONNECTING if network else ()
    steps += _refuse(number for name, number in machine.always.items() if name not in allowed)
    # abort() signals its own process; nobody else may be signalled.
    steps += [_step(_EQUAL, machine.tgkill, 0, 4), *_unless_equal(_ARGUMENTS, pid, _REFUSE), _step(_RETURN, _ALLOW)]
    if not files:
        steps += _refuse(machine.files.values())
        steps += [_step(_EQUAL, _OPENAT2, 0, 1), _step(_RETURN, _ABSENT)]
        for number, argument in machine.opens.items():
            steps += [
                _step(_EQUAL, number, 0, 4),
                _step(_LOAD, _ARGUMENTS + 8 * argument),
                _step(_ANY_BIT, _WRITING, 0, 1),
                _step(_RETURN, _REFUSE),
                _step(_RETURN, _ALLOW),
            ]
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


def _step(code: int, constant: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, constant)


def _unless_equal(offset: int, value: int, verdict: int) -> list[bytes]:
    return [_step(_LOAD, offset), _step(_EQUAL, value, 1, 0), _step(_RETURN, verdict)]


def _refuse(numbers: Iterable[int]) -> list[bytes]:
    return [step for number in sorted(numbers) for step in (_step(_EQUAL, number, 0, 1), _step(_RETURN, _REFUSE))]
