"""Where tests keep triples, change log and curation: in a directory, or on the servers that the environment names.

TESTS_STORE=virtuoso gives each repository a Virtuoso of its own, TESTS_DATABASE=postgresql a schema of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tests.engines import Virtuoso, virtuoso
from tests.postgres import Server

from escrgraph.curation.database import METADATA
from escrgraph.repository import backups
from escrgraph.repository.addresses import VARIABLE
from escrgraph.settings import Settings, read_settings

ON_VIRTUOSO = os.environ.get("TESTS_STORE") == "virtuoso"
ON_POSTGRESQL = os.environ.get("TESTS_DATABASE") == "postgresql"

DATABASES = ["postgresql"] if ON_POSTGRESQL else ["sqlite", pytest.param("postgresql", marks=pytest.mark.drill)]
"""Where log and curation are in tests of these alone: both, or what the environment names."""

PLACES: dict[Path, dict[str, str]] = {}
"""The variables that name the servers of each repository that runs, by its directory."""

SERVERS: list[Server] = []
"""The PostgreSQL in which schemas are made."""

_schemas: dict[Path, str] = {}


def database_of(store: Path) -> str:
    """The address of the schema that belongs to a directory until the tests end; "" for SQLite in the directory."""
    if not ON_POSTGRESQL:
        return ""
    if store not in _schemas:
        name = f"place_{len(_schemas)}"
        SERVERS[0].execute(f'CREATE SCHEMA "{name}"')
        _schemas[store] = f"{SERVERS[0].address()}?options=-csearch_path%3D{name}"
    return _schemas[store]


def variables_of(store: Path) -> dict[str, str]:
    """What a command needs in its environment, beside --store, to find the log of a directory."""
    database = PLACES.get(store, {}).get(VARIABLE) or _schemas.get(store, "")
    return {VARIABLE: database} if database else {}


def settings_of(store: Path, **settings: str) -> Settings:
    """The settings of the repository that runs in a directory, with others of the test's own."""
    place = PLACES.get(store, {})
    flags = {} if "ESCRGRAPH_STORE" in place else {"store": str(store)}
    return read_settings(flags | settings, environment=place)


def restored(source: Path, store: Path) -> Path:
    """Put a backup back into a directory, and into the database that belongs to it; gives the directory."""
    backups.restore(source, store, database_of(store), METADATA)
    return store


@contextmanager
def placed(store: Path, given: Mapping[str, str]) -> Iterator[tuple[dict[str, str], Virtuoso | None]]:
    """The variables of a service in a directory, the given ones among them, and the server that it stands before.

    Where the given ones name a place, or are of a kind of store that no server holds, that is where it is.
    """
    place = {name: value for name, value in given.items() if name == VARIABLE}
    with ExitStack() as stack:
        server = None
        if given.get("ESCRGRAPH_DEFAULT_GRAPH") != "own" and "ESCRGRAPH_STORE" not in given:
            if ON_POSTGRESQL:
                place.setdefault(VARIABLE, database_of(store))
            if ON_VIRTUOSO:
                server = stack.enter_context(virtuoso(store.with_name(f"{store.name}-virtuoso")))
                place |= server.settings() | {"ESCRGRAPH_DIRECTORY": str(store)}
        stack.enter_context(_known(store, place))
        yield {**given, **place}, server


@contextmanager
def configured(store: Path, **settings: str) -> Iterator[Settings]:
    """The settings of a repository whose parts this process starts."""
    with placed(store, {}):
        yield settings_of(store, **settings)


@contextmanager
def _known(store: Path, place: dict[str, str]) -> Iterator[None]:
    before = PLACES.get(store)
    PLACES[store] = place
    try:
        yield
    finally:
        del PLACES[store]
        if before is not None:
            PLACES[store] = before
