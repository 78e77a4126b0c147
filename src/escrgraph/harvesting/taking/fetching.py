"""Fetching politely: one request at a time, with pauses, limits on size and time, and no way into one's own network."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO, Self
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from escrgraph import __version__
from escrgraph.harvesting.taking.found import SourceFailed
from escrgraph.repository.outward import Guarded, is_public

PAGE_BYTES = 32 << 20
"""The largest answer that is read into memory, after it is unpacked."""

PAGE_SECONDS = 120.0
"""How long one answer may take in all."""

SILENCE = 60.0
"""How long a source may be silent within an answer."""

TRIES = 4
"""How often one answer is asked for when the source says that it is busy, or breaks off."""

LONGEST_WAIT = 300.0
"""The longest time that is waited when a source asks for patience; beyond it the harvest ends, to go on later."""

HOPS = 5
_BUSY = frozenset({429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 64 << 10


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. address: where it came from, after redirects. media: its type in small letters, without parameters."""

    address: str
    media: str
    body: bytes
    headers: Mapping[str, str]
    unchanged: bool = False


class Fetcher:
    """Asks a source. To be closed.

    named: the address that somebody typed: where it leads into a private network, that very host and port may be
    asked, and nothing else there. pause: seconds between two requests. told: is given a sentence before each wait.
    """

    def __init__(self, named: str, pause: float = 1.0, told: Callable[[str], None] = lambda _: None) -> None:
        self._pause, self._told = pause, told
        self._last = 0.0
        self._home = _home(named)
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, no netrc
        self._session.headers["User-Agent"] = f"escrgraph/{__version__} (harvester; one request at a time)"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, Guarded(self._allowed))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def get(self, address: str, accept: str, etag: str = "", least: int | None = None) -> Answer:
        """What an address answers. least: read so many bytes at most, of an answer that may be longer.

        Raises SourceFailed.
        """
        headers = {"Accept": accept} | ({"If-None-Match": etag} if etag else {})
        return self._tried(lambda: self._asked(address, headers, None, least))

    def post(self, address: str, accept: str, form: Mapping[str, str]) -> Answer:
        """What an address answers to a form. Raises SourceFailed."""
        return self._tried(lambda: self._asked(address, {"Accept": accept}, form, None))

    def save(self, address: str, accept: str, target: IO[bytes], most: int, seconds: float, etag: str = "") -> Answer:
        """Write what an address answers into a file; its body is not in the answer. Raises SourceFailed."""

        def saved() -> Answer:
            target.seek(0)
            target.truncate()
            headers = {"Accept": accept, "Accept-Encoding": "identity"} | ({"If-None-Match": etag} if etag else {})
            with self._opened(address, headers, None) as (answer, at):
                for chunk in _chunks(answer, at, most, seconds):
                    target.write(chunk)
                return _told(answer, at, b"")

        return self._tried(saved)

    def _asked(
        self, address: str, headers: Mapping[str, str], form: Mapping[str, str] | None, least: int | None
    ) -> Answer:
        with self._opened(address, headers, form) as (answer, at):
            body = bytearray()
            for chunk in _chunks(answer, at, PAGE_BYTES, PAGE_SECONDS):
                body += chunk
                if least is not None and len(body) >= least:
                    break
            return _told(answer, at, bytes(body))

    @contextmanager
    def _opened(
        self, address: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> Iterator[tuple[requests.Response, str]]:
        """The answer to a request, redirects followed, and its address."""
        at = address
        for _ in range(HOPS + 1):
            demand_web(at)
            self._demand_outside(at)
            self._rest()
            method = "GET" if form is None else "POST"
            with self._session.request(
                method, at, data=form, headers=headers, stream=True, timeout=(10, SILENCE), allow_redirects=False
            ) as answer:
                following = answer.headers.get("Location") if answer.status_code in _REDIRECTS else None
                if following is None:
                    _demand_good(answer, at)
                    yield answer, at
                    return
                if answer.status_code in (301, 302, 303):
                    form = None
                at = urljoin(at, following)
        raise SourceFailed(f"{address} leads on and on: more than {HOPS} redirects.")

    def _tried(self, ask: Callable[[], Answer]) -> Answer:
        for attempt in range(1, TRIES + 1):
            try:
                return ask()
            except _Busy as busy:
                wait = busy.wait if busy.wait is not None else 2.0**attempt
                if attempt == TRIES or wait > LONGEST_WAIT:
                    later = f" It asks to be left alone for {wait:,.0f} seconds." if busy.wait else ""
                    raise SourceFailed(f"{busy}{later} Run the same command again later.") from None
                why = str(busy)
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                if "private network" in str(error):
                    raise SourceFailed(f"{_named(error)} Only the one named is asked.") from None
                if attempt == TRIES or isinstance(error, ValueError):
                    raise SourceFailed(f"{_named(error)} Run the same command again to go on.") from None
                why, wait = _named(error), 2.0 ** (attempt - 1)
            self._told(f"{why} Waiting {wait:,.0f} s.")
            time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _rest(self) -> None:
        rest = self._last + self._pause - time.monotonic()
        if rest > 0:
            time.sleep(rest)
        self._last = time.monotonic()

    def _demand_outside(self, address: str) -> None:
        """See, before anything is sent, that a host may be asked; the connection is looked at once more when made."""
        reached = _reached(address)
        if reached and not any(self._allowed(*found) for found in reached):
            raise SourceFailed(
                f"{address[:200]} leads into a private network. A private address is asked only when it is the one "
                "that was named."
            )

    def _allowed(self, address: str, port: int) -> bool:
        return (address.partition("%")[0], port) in self._home or is_public(address)


class _Busy(Exception):
    """The source asks for patience. wait: for so many seconds, None when it does not say."""

    def __init__(self, text: str, wait: float | None) -> None:
        super().__init__(text)
        self.wait = wait


def demand_web(address: str) -> None:
    """See that an address is one of the web. Raises SourceFailed."""
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        good = False
    if not good:
        raise SourceFailed(f"“{address[:200]}” is no http or https address, and nothing else is asked.")


def _home(named: str) -> frozenset[tuple[str, int]]:
    """IP addresses and port of the named host, where all of them are private."""
    found = _reached(named)
    return frozenset() if any(is_public(address) for address, _ in found) else found


def _reached(address: str) -> frozenset[tuple[str, int]]:
    """The IP addresses and the port to which a web address leads; none where its host is not known."""
    try:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM) if parts.hostname else []
    except (ValueError, OSError):
        return frozenset()
    return frozenset((str(entry[4][0]).partition("%")[0], port) for entry in found)


def _demand_good(answer: requests.Response, address: str) -> None:
    status = answer.status_code
    if status in _BUSY:
        raise _Busy(f"{address} answers {status} {answer.reason}.", _wait(answer.headers.get("Retry-After")))
    if status not in (200, 304):
        raise SourceFailed(f"{address} answers {status} {answer.reason}, and nothing can be read there.")


def _wait(header: str | None) -> float | None:
    """Seconds of a Retry-After header (RFC 9110, section 10.2.3)."""
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdecimal():
        return float(header.strip()[:9])
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((until - datetime.now(UTC)).total_seconds(), 0.0)


def _chunks(answer: requests.Response, address: str, most: int, seconds: float) -> Iterator[bytes]:
    until, size = time.monotonic() + seconds, 0
    for chunk in answer.iter_content(_CHUNK):
        size += len(chunk)
        if size > most:
            raise SourceFailed(f"{address} answers with more than {most:,} bytes, which is more than is read at once.")
        if time.monotonic() > until:
            raise SourceFailed(f"{address} did not come to an end of its answer within {seconds:,.0f} seconds.")
        yield chunk
    told = answer.headers.get("Content-Length", "")
    if told.isdecimal() and not answer.headers.get("Content-Encoding") and size < int(told):
        raise OSError(f"{address} broke off after {size:,} of {int(told):,} bytes.")


def _told(answer: requests.Response, address: str, body: bytes) -> Answer:
    media = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Answer(address, media, body, answer.headers, answer.status_code == 304)


def _named(error: Exception) -> str:
    """What went wrong with a connection, in a sentence."""
    url = getattr(getattr(error, "request", None), "url", None)
    place = f"{url[:200]}: " if url else ""
    if "private network" in str(error):
        return f"{place}leads into a private network."
    if isinstance(error, requests.Timeout):
        return f"{place}no answer in time."
    if isinstance(error, requests.exceptions.SSLError):
        return f"{place}its certificate is not good."
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return f"{place}the answer broke off, or is packed wrongly."
    if isinstance(error, requests.ConnectionError):
        return f"{place}no connection."
    return f"{place}{str(error)[:200].rstrip('.')}."
