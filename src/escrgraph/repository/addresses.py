"""Where databases are, and how processes tell each other: to be had without anything that reads a database."""

from __future__ import annotations

import os
import re
from pathlib import Path

Address = Path | str
"""Where a database is: the file of one in SQLite, or the address of one in PostgreSQL (postgresql://…)."""

LOG, CURATION = "log.sqlite", "curation.sqlite"
"""The files in a store's directory, where there is no PostgreSQL."""

VARIABLE = "ESCRGRAPH_DATABASE"
"""Names a PostgreSQL to the processes of a service: what a process is started with can be read by all, this cannot."""


def log_of(store: Path, database: str = "") -> Address:
    """Where the change log of a store is. database: the address that the settings name, if any."""
    return database or store / LOG


def curation_of(store: Path, database: str = "") -> Address:
    """Where the curation database of a store is."""
    return database or store / CURATION


def exists(address: Address) -> bool:
    """Whether there is a database to be opened; PostgreSQL is always taken to be there."""
    return isinstance(address, str) or address.is_file()


def handed(address: Address) -> str:
    """How an address is told to a process as argument: not at all when it is PostgreSQL, for it may hold a password."""
    return "" if isinstance(address, str) else str(address)


def taken(argument: str) -> Address:
    """The address that `handed` told; that of PostgreSQL is in the environment."""
    return Path(argument) if argument else os.environ[VARIABLE]


def shown(address: str) -> str:
    """The address of a database without its password, to be told to people."""
    hidden = re.sub(r"(//[^/?#@:]*):(?:[^/?#]*)@", r"\1:…@", address)
    return re.sub(r"([?&](?:ssl)?password=)[^&#]*", r"\1…", hidden)
