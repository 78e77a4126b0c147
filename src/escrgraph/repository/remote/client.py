"""The client of a remote server: queries and updates by the SPARQL 1.1 Protocol, and no answer that was cut."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self
from urllib.parse import unquote, urlsplit, urlunsplit

import requests
from pyoxigraph import (
    BlankNode,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    parse_query_results,
)
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from escrgraph.repository import spawn
from escrgraph.repository.errors import Crashed, OutOfTime, RepositoryError, TooLarge, Unavailable
from escrgraph.repository.remote.literals import Term
from escrgraph.repository.remote.profiles import DEFAULT, PROFILES, Auth, Profile, recognised

GRACE = 2.0
"""Seconds beyond the deadline for which the server is let go on. It is not waited for: some servers that stop at a
deadline give what they have by then, and do not say that there is more."""

CONNECTING = 5.0
"""Seconds that a server may take to accept a connection."""

Row = tuple[Term | None, ...]

_JSON = QueryResultsFormat.JSON.media_type
_WORDS = 200  # of a server's complaint that people are shown


class Refused(RepositoryError):
    """The server did not do what it was asked. words: what it says of it, which may name its own doings."""

    status = 502
    title = "The SPARQL server refused"

    def __init__(self, text: str, words: str = "", code: int = 0) -> None:
        super().__init__(text)
        self.words = words
        self.code = code


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is and who asks it. url: without credentials. profile: empty to be recognised.

    cap: rows at which it was seen to cut without a word; 0 for none known. base: of the repository that it holds.
    deadline: seconds that a query may take.
    """

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    profile: str = ""
    cap: int = 0
    base: str = ""
    deadline: float = 60.0

    @classmethod
    def read(cls, url: str, user: str = "", password: str = "", profile: str = "") -> Self:
        """From settings; user and password may stand in the URL."""
        parts = urlsplit(url)
        bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        return cls(bare, user or unquote(parts.username or ""), password or unquote(parts.password or ""), profile)

    def variable(self) -> dict[str, str]:
        """The address for the environment of a part."""
        return {spawn.REMOTE: json.dumps(asdict(self))}

    @classmethod
    def given(cls) -> Self | None:
        """The address that this part was started with, None where triples are kept on this machine alone."""
        text = os.environ.get(spawn.REMOTE)
        return cls(**json.loads(text)) if text else None


@dataclass(frozen=True, slots=True)
class Dataset:
    """Which graphs a query reads; None: whatever the server reads by itself."""

    default: tuple[str, ...] | None = None
    named: tuple[str, ...] | None = None

    def fields(self) -> list[tuple[str, str]]:
        """The parameters of a request."""
        default = [("default-graph-uri", iri) for iri in self.default or ()]
        return default + [("named-graph-uri", iri) for iri in self.named or ()]


WHATEVER = Dataset()


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a SELECT, all of them."""

    names: tuple[str, ...]
    rows: Sequence[Row]


class Server:
    """A server by its address. One request at a time; may be given to another thread between two. To be closed."""

    def __init__(self, address: Address, *, probe: bool = True) -> None:
        """probe: ask the server what it is, where the address does not say. Raises Unavailable."""
        self.address = address
        self._session = requests.Session()
        self._session.trust_env = False  # neither a proxy nor a .netrc of whoever started this
        self._session.max_redirects = 0
        self.server = ""
        if address.profile or not probe:
            self.profile = PROFILES.get(address.profile, DEFAULT)
        else:
            self.profile = self._recognised()
        self._auth = self._credentials()

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def select(self, text: str, dataset: Dataset = WHATEVER, timeout: float = 60.0) -> Table:
        """Every row of a SELECT. Raises TooLarge where the server may have cut it, OutOfTime, Refused, Unavailable."""
        answer = self._query(text, dataset, timeout)
        table = self._table(answer.content)
        self._demand_whole(answer, len(table.rows))
        return table

    def ask(self, pattern: str, dataset: Dataset = WHATEVER, timeout: float = 60.0, prologue: str = "") -> bool:
        """Whether a pattern in braces is found. Raises as `select` does.

        Asked by SELECT: there are servers whose ASK looks into graphs that the request does not name.
        """
        limit = " LIMIT 1" if pattern.rstrip().endswith("}") else ""
        return bool(self.select(f"{prologue}SELECT (1 AS ?yes) {pattern}{limit}", dataset, timeout).rows)

    def update(self, text: str, timeout: float = 600.0) -> None:
        """Change the server's graphs. Raises Refused, Unavailable."""
        address = self.profile.update_address(self.address.url)
        self._checked(self._sent(address, [("update", text)], timeout, self._auth))

    def _query(self, text: str, dataset: Dataset, timeout: float) -> requests.Response:
        fields = [("query", text), *dataset.fields(), *self.profile.parameters.items()]
        if self.profile.timeout_parameter:
            fields.append((self.profile.timeout_parameter, str(int((timeout + GRACE) * 1000))))
        address = self.profile.query_address(self.address.url)
        auth = self._auth if self.profile.queries_signed else None
        started = time.monotonic()
        answer = self._checked(self._sent(address, fields, timeout, auth))
        late = time.monotonic() - started > timeout
        told = self.profile.partial_header and answer.headers.get(self.profile.partial_header)
        if late or told == self.profile.partial_value != "":
            raise OutOfTime(f"The query ran out of time: {timeout:g} s (ESCRGRAPH_QUERY_TIMEOUT).")
        return answer

    def _sent(self, address: str, fields: list[tuple[str, str]], timeout: float, auth: AuthBase | None) -> Any:
        try:
            return self._session.post(
                address,
                data=fields,
                headers={"Accept": _JSON},
                auth=auth,
                timeout=(CONNECTING, timeout),
                allow_redirects=False,
            )
        except requests.Timeout as error:
            raise OutOfTime(f"The query ran out of time: {timeout:g} s (ESCRGRAPH_QUERY_TIMEOUT).") from error
        except requests.RequestException as error:
            raise Unavailable(
                "The SPARQL server that holds the triples cannot be reached now. Try again in a moment."
            ) from error

    def _checked(self, answer: requests.Response) -> requests.Response:
        self.server = answer.headers.get("Server", "")
        if answer.status_code < 300:
            return answer
        words = " ".join(answer.text.partition("SPARQL query:")[0].split())[:_WORDS]
        if answer.status_code in {401, 403}:
            raise Refused(
                "The SPARQL server does not let this service in: see ESCRGRAPH_STORE_USER and "
                "ESCRGRAPH_STORE_PASSWORD, and whether that user may change graphs.",
                words,
                answer.status_code,
            )
        if answer.status_code in {502, 503, 504}:
            raise Unavailable("The SPARQL server that holds the triples is not ready now. Try again in a moment.")
        raise Refused(f"The SPARQL server answered {answer.status_code}: {words}", words, answer.status_code)

    def _demand_whole(self, answer: requests.Response, rows: int) -> None:
        told = answer.headers.get(self.profile.rows_header, "") if self.profile.rows_header else ""
        cap = int(told) if told.isdigit() else self.address.cap
        if cap and rows >= cap:
            raise TooLarge(
                f"The answer has {cap:,} rows or more, which is all that the SPARQL server behind this service gives "
                "at once; the rest would be missing. Ask for less, or take the dump at /dumps/."
            )

    def _table(self, data: bytes) -> Table:
        results = _table(data)
        names = tuple(variable.value for variable in results.variables)
        return Table(names, [tuple(self._term(term) for term in row) for row in results])

    def _term(self, term: Term | None) -> Term | None:
        """A term as it should have come: blank nodes of some servers are IRIs."""
        if self.profile.nodes and isinstance(term, NamedNode) and term.value.startswith(self.profile.nodes):
            return BlankNode(term.value.removeprefix(self.profile.nodes))
        return term

    def _credentials(self) -> AuthBase | None:
        user, password = self.address.user, self.address.password
        if not user and not password:
            return None
        if self.profile.auth is Auth.DIGEST:
            return HTTPDigestAuth(user, password)
        return HTTPBasicAuth(user, password) if user else _Bearer(password)

    def _recognised(self) -> Profile:
        try:
            answer = self._session.get(
                self.address.url,
                params={"query": "ASK {}"},
                headers={"Accept": _JSON},
                timeout=(CONNECTING, CONNECTING),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise Unavailable(
                f"The SPARQL server at {self.address.url} cannot be reached. Start it, or correct ESCRGRAPH_STORE."
            ) from error
        self.server = answer.headers.get("Server", "")
        return recognised(self.server)


class _Bearer(AuthBase):
    """Tells who asks by a token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _table(data: bytes) -> QuerySolutions:
    try:
        results = parse_query_results(data, QueryResultsFormat.JSON)
    except (SyntaxError, ValueError) as error:
        raise Crashed("The SPARQL server broke off in the middle of an answer, or sent none.") from error
    if not isinstance(results, QuerySolutions):
        raise Refused("The SPARQL server answered with something else than a table.")
    return results
