"""What a store directory says about itself, and the lock that keeps a second service out of it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from escrgraph.repository.errors import WrongStore

VERSION = 1
"""The version of the layout that this program writes; it reads no newer one."""

FILE = "format.json"
FOLLOWS = "database"
"""The file that names, by its identity, the PostgreSQL from whose log a store is made."""

LOCK = "lock"


class Mode(StrEnum):
    """What the default graph is: the set merge kept by the writer, or the store's own as in plain SPARQL 1.1."""

    MERGE = "merge"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Format:
    """What format.json holds."""

    base: str
    mode: Mode
    version: int = VERSION


def open_format(store: Path, base: str, mode: Mode) -> Format:
    """Make `store` a store of this base and mode when it is new or empty, else see that it is one.

    Raises WrongStore when it is of another base, mode or newer version, or a directory of something else.
    """
    found = read_format(store)
    if found is None:
        if store.is_dir() and any(name.name not in {LOCK, "runtime"} for name in store.iterdir()):
            raise WrongStore(
                f"{store} holds files, but no {FILE}: it is not a store. Name an empty directory, or one that is new."
            )
        return _write_format(store, Format(base, mode))
    if found.base != base:
        raise WrongStore(
            f"The store {store} was made for the base {found.base}, and {base} was asked for. "
            f"Set ESCRGRAPH_BASE to {found.base}, or use another store and load the data there: they are rebased."
        )
    if found.mode is not mode:
        raise WrongStore(
            f"The store {store} was made with ESCRGRAPH_DEFAULT_GRAPH={found.mode}, and {mode} was asked for. "
            f"Set it to {found.mode}, or use another store."
        )
    return found


def read_format(store: Path) -> Format | None:
    """What `store` is, None when it does not say. Raises WrongStore for a newer version or an unreadable file."""
    try:
        text = (store / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        fields = json.loads(text)
        version = int(fields["version"])
        if version <= VERSION:
            return Format(str(fields["base"]), Mode(fields["mode"]), version)
    except (ValueError, KeyError, TypeError) as error:
        raise WrongStore(f"{store / FILE} cannot be read ({error}). Restore the store from a backup.") from error
    raise WrongStore(
        f"The store {store} has format version {version}; this escrgraph knows version {VERSION}. "
        "Install the escrgraph that made it, or a newer one."
    )


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Hold the store for this process. Raises WrongStore, with the other's pid, when another one has it."""
    store.mkdir(parents=True, exist_ok=True)
    lock = os.open(store / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(lock, store)
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(lock)


def holder(store: Path) -> int | None:
    """The pid of the process that holds the store now, None when it is free."""
    try:
        lock = os.open(store / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.pread(lock, 20, 0).strip() or 0)
    else:
        return None
    finally:
        os.close(lock)


def followed(store: Path) -> str:
    """The identity of the PostgreSQL from whose log a store is made; "" when it has its own log, or none yet."""
    try:
        return (store / FOLLOWS).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def follow(store: Path, identity: str) -> None:
    """Say from the log of which PostgreSQL a store is made."""
    if followed(store) != identity:
        write_durably(store / FOLLOWS, f"{identity}\n")


def write_durably(path: Path, text: str) -> None:
    """Put `text` into the file so that a crash leaves either the old content or the new."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make renames within a directory last through a power cut."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _take(lock: int, store: Path) -> None:
    for _ in range(5):  # `holder` has the lock for an instant, a service that runs has it for long
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        else:
            return
    pid = os.pread(lock, 20, 0).decode().strip() or "unknown"
    raise WrongStore(
        f"The store {store} is in use by another escrgraph service, pid {pid}. "
        "Stop it, or start this one with another --store."
    )


def _write_format(store: Path, made: Format) -> Format:
    store.mkdir(parents=True, exist_ok=True)
    write_durably(store / FILE, json.dumps(asdict(made)) + "\n")
    return made
