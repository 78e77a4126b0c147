"""What is to be known of a server before anything is asked of it: what it is, and where it cuts without a word."""

from __future__ import annotations

from dataclasses import replace

from escrgraph.repository.errors import RepositoryError, Unavailable, WrongStore
from escrgraph.repository.remote.client import Address, Server
from escrgraph.repository.remote.places import Places
from escrgraph.repository.remote.profiles import PROFILES
from escrgraph.vocabulary.iris import Base

EDGE = 101
"""Rows of each of the blocks whose product is asked for, to see where a server cuts: more than ten thousand."""


def address(url: str, user: str, password: str, profile: str) -> Address:
    """The address of a server that answers, with its profile and the number of rows at which it cuts in silence.

    Raises WrongStore for a profile that is none, Unavailable where the server does not answer.
    """
    if profile and profile not in PROFILES:
        raise WrongStore(
            f"There is no profile “{profile}” (ESCRGRAPH_STORE_PROFILE). There are: {', '.join(PROFILES)}."
        )
    found = Address.read(url, user, password, profile)
    with Server(found) as server:
        named = replace(found, profile=server.profile.name)
        try:
            return replace(named, cap=silent_cap(server))
        except RepositoryError as error:
            raise Unavailable(
                f"The SPARQL server at {found.url} does not answer as one: {error} Correct ESCRGRAPH_STORE."
            ) from error


def silent_cap(server: Server, edge: int = EDGE) -> int:
    """At how many rows the server cuts a table without saying so; 0 where it gave all of them.

    edge: the square of it is how many rows are asked for; a cap above that is not found. Raises RepositoryError.
    """
    if server.profile.rows_header:
        return 0  # it says so
    rows = len(server.select(square(edge)).rows)
    return rows if rows < edge * edge else 0


def square(edge: int = EDGE) -> str:
    """A query with as many rows as a square of that edge has fields, whatever the server holds."""
    values = " ".join(map(str, range(edge)))
    return f"SELECT ?a ?b WHERE {{ VALUES ?a {{ {values} }} VALUES ?b {{ {values} }} }}"


def forget(address: Address) -> None:
    """Let the server be filled anew by the next mirror, whatever it holds. Raises RepositoryError."""
    with Server(address) as server:
        server.update(f"CLEAR SILENT GRAPH <{Places(Base(address.base)).state}>")
