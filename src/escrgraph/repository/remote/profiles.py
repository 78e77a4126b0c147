"""Profiles: what one make of SPARQL server does in its own way. Nothing else here knows the name of a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from pyoxigraph import Literal

from escrgraph.repository.remote.literals import fits_64_bits, plain
from escrgraph.vocabulary.namespaces import XSD


class Auth(StrEnum):
    """How a server wants to be told who asks."""

    BASIC = "basic"  # or a bearer token, where there is a password and no user
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Profile:
    """One make of server.

    server: what its Server header begins with, by which it is known. auth: how who asks is told; queries_signed:
    whether queries need that too. query_path, update_path: what takes the place of the last step of the address.
    rows_header: where it names the number of rows at which it cuts. partial_header, partial_value: what marks an
    answer as cut by time. timeout_parameter: takes a deadline, in milliseconds. at_once: statements in one update.
    strangers: datatypes whose literals it refuses, and short_integers: whether it does those beyond 64 bits; they are
    kept as plain text. nodes: what the names of blank nodes begin with where they come as IRIs. parameters: what every
    query is sent with. cannot: what is known not to work, as sentences.
    """

    name: str
    server: str = ""
    auth: Auth = Auth.BASIC
    query_path: str = ""
    update_path: str = ""
    rows_header: str = ""
    partial_header: str = ""
    partial_value: str = ""
    timeout_parameter: str = ""
    queries_signed: bool = True
    at_once: int = 1_000
    strangers: frozenset[str] = frozenset()
    short_integers: bool = False
    nodes: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    cannot: tuple[str, ...] = ()

    def query_address(self, url: str) -> str:
        """Where queries go."""
        return _stepped(url, self.query_path)

    def update_address(self, url: str) -> str:
        """Where updates go."""
        return _stepped(url, self.update_path)

    def kept(self, literal: Literal) -> Literal:
        """The literal as it is sent: itself, or its text where the server would refuse it."""
        datatype = literal.datatype.value
        if datatype in self.strangers or (self.short_integers and not fits_64_bits(literal)):
            return plain(literal)
        return literal


DEFAULT = Profile("default")
"""For a server of which nothing is known: SPARQL 1.1 Protocol by the letter, and no answer trusted that may be cut."""

VIRTUOSO = Profile(
    "virtuoso",
    server="Virtuoso",
    auth=Auth.DIGEST,
    queries_signed=False,
    update_path="sparql-auth",
    rows_header="X-SPARQL-MaxRows",
    partial_header="X-SQL-State",
    partial_value="S1TAT",
    timeout_parameter="timeout",
    at_once=500,
    strangers=frozenset(
        {
            XSD + "duration",
            XSD + "yearMonthDuration",
            XSD + "dayTimeDuration",
            "http://www.opengis.net/ont/geosparql#wktLiteral",
        }
    ),
    short_integers=True,
    nodes="nodeID://",
    cannot=(
        "Paths with * or + whose two ends are both free.",
        "HAVING on a name that SELECT gives; write the aggregate again.",
        "BNODE(), triple terms, and functions of SPARQL 1.2.",
        "Functions of what OPTIONAL left unbound, such as YEAR, and EXISTS in some expressions.",
        "Filters by COALESCE of what OPTIONAL left unbound: rows come with the values of other rows.",
        "Keeping quiet about other graphs: GRAPH with a constant, where nothing of it is shown, tells whether there is "
        "something. Keep nothing there that the public must not know.",
        "Good plans right after the first load: it counts a table once, when it was empty. Start it again then.",
        "ORDER BY with OFFSET beyond the rows it sorts (ResultSetMaxRows).",
        "Literals come back in its own normal form: 1.50 as 1.5, tags of languages in small letters, decimals of 15 "
        "digits; durations, geometries and integers beyond 64 bits are kept as plain text.",
    ),
)

FUSEKI = Profile("fuseki", server="Fuseki", update_path="update")
GRAPHDB = Profile("graphdb", server="GraphDB", update_path="+statements")
PROFILES: Mapping[str, Profile] = {p.name: p for p in (DEFAULT, VIRTUOSO, FUSEKI, GRAPHDB)}
"""By name. Virtuoso's is held against the server in tests, and the default one against escrgraph's own endpoint; what
the others say is taken from their documentation."""


def recognised(server: str) -> Profile:
    """The profile of the server that names itself so in its Server header; DEFAULT where there is none."""
    found = (profile for profile in PROFILES.values() if profile.server and server.startswith(profile.server))
    return next(found, DEFAULT)


def _stepped(url: str, step: str) -> str:
    """The address with another last step; a step that begins with + is added to it."""
    if not step:
        return url
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    path = f"{path}/{step[1:]}" if step.startswith("+") else f"{path.rpartition('/')[0]}/{step}"
    return urlunsplit(parts._replace(path=path))
