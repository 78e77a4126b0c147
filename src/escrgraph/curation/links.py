"""Links out of the library: whether they still answer, asked politely and never inside one's own walls."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from sqlalchemy import delete, insert, select
from urllib3.exceptions import HTTPError

from escrgraph import __version__
from escrgraph.curation.database import Database, link_table, now
from escrgraph.repository.outward import Guarded, is_public

SECONDS = 20
"""How long one address may take to answer."""

PAUSE = 1.0
"""Seconds between two requests to one host."""

AGAIN = 7 * 86_400
"""Seconds after which an address is asked again."""

HOPS = 5
_AGENT = f"escrgraph/{__version__} (checks links; asks each address once a week)"


@dataclass(frozen=True, slots=True)
class Link:
    """What an address answered. status: of HTTP, 0 when it did not answer; why: in a few words, then."""

    address: str
    status: int
    why: str
    checked: datetime

    @property
    def dead(self) -> bool:
        """Whether nobody finds anything there. A server that wants no programs (401, 403, 429) is no dead link."""
        return self.status == 0 or (self.status >= 400 and self.status not in (401, 403, 405, 406, 429))


class LinkChecker:
    """Asks addresses. allowed: which IP addresses it may connect to; pause: seconds between requests to one host."""

    def __init__(self, allowed: Callable[[str], bool] = is_public, pause: float = PAUSE) -> None:
        self._pause = pause
        self._last: dict[str, float] = {}
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, no netrc
        self._session.headers["User-Agent"] = _AGENT
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, Guarded(lambda address, _port: allowed(address)))

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    def check(self, address: str) -> Link:
        """Ask one address, following redirects; only the head of the answer is read."""
        status, why = 0, ""
        try:
            status = self._status(address)
        except (requests.RequestException, HTTPError, ValueError, OSError) as error:
            why = _why(error)
        return Link(address, status, why, datetime.now(UTC))

    def _status(self, address: str) -> int:
        for _ in range(HOPS):
            parts = urlsplit(address)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError("is no web address")
            self._wait(parts.hostname)
            with self._session.get(address, stream=True, timeout=SECONDS, allow_redirects=False) as answer:
                following = self._session.get_redirect_target(answer)
                if following is None:
                    return answer.status_code
                address = requests.compat.urljoin(address, following)
        raise ValueError("leads on and on")

    def _wait(self, host: str) -> None:
        rest = self._last.get(host, 0) + self._pause - time.monotonic()
        if rest > 0:
            time.sleep(rest)
        self._last[host] = time.monotonic()


class Links:
    """What is known of addresses, in a database, so that a check that was stopped goes on where it was."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, addresses: Iterable[str], again: int = AGAIN) -> list[str]:
        """Those of the addresses that were not asked lately, by host in turn."""
        with self._database.reading() as connection:
            asked = select(link_table.c.address).where(link_table.c.checked > now() - again)
            lately = set(connection.execute(asked).scalars())
        return list(_in_turn(address for address in dict.fromkeys(addresses) if address not in lately))

    def keep(self, link: Link) -> None:
        """Remember what an address answered."""
        values: dict[str, Any] = {"status": link.status, "why": link.why, "checked": int(link.checked.timestamp())}
        with self._database.writing() as connection:
            connection.execute(delete(link_table).where(link_table.c.address == link.address))
            connection.execute(insert(link_table).values(address=link.address, **values))

    def all(self) -> list[Link]:
        """Everything known, by address."""
        with self._database.reading() as connection:
            rows = connection.execute(link_table.select().order_by(link_table.c.address))
            return [Link(r.address, r.status, r.why, datetime.fromtimestamp(r.checked, UTC)) for r in rows]


def _in_turn(addresses: Iterable[str]) -> Iterator[str]:
    """The addresses so that those of one host are far apart."""
    hosts: dict[str, list[str]] = {}
    for address in addresses:
        hosts.setdefault(urlsplit(address).netloc, []).append(address)
    waiting = [iter(found) for found in hosts.values()]
    while waiting:
        going = []
        for found in waiting:
            if following := next(found, ""):
                yield following
                going.append(found)
        waiting = going


def _why(error: Exception) -> str:
    if "private network" in str(error):
        return "leads into a private network"
    names = {requests.Timeout: "no answer in time", requests.exceptions.SSLError: "its certificate is not good"}
    found: str | None = next((text for kind, text in names.items() if isinstance(error, kind)), None)
    if found is None and isinstance(error, requests.ConnectionError):
        found = "no connection"
    return found or str(error)[:200]
