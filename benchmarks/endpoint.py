"""A SPARQL endpoint by URL, and the HTTP requests that go to it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

JSON = "application/sparql-results+json"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where queries go. post: as a form by POST instead of in the address (Virtuoso hangs on long addresses)."""

    name: str
    url: str
    post: bool = False

    def query(self, text: str, accept: str = JSON) -> Request:
        """The request that asks a query."""
        form = urlencode({"query": text}, quote_via=quote)
        if self.post:
            fields = f"Accept: {accept}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            return Request.to(self.url, "POST", fields, form.encode("ascii"))
        return Request.to(f"{self.url}?{form}", "GET", f"Accept: {accept}\r\n")

    def page(self, path: str, fields: str = "") -> Request:
        """The request for another address of the same server. fields: header lines, each with its line end."""
        parts = urlsplit(self.url)
        return Request.to(f"{parts.scheme}://{parts.netloc}{path}", "GET", fields or "Accept: */*\r\n")


@dataclass(frozen=True, slots=True)
class Request:
    """A request as bytes, and where they go."""

    host: str
    port: int
    data: bytes

    @classmethod
    def to(cls, url: str, method: str, fields: str, body: bytes = b"") -> Request:
        """A request to an http address. fields: header lines, each with its line end. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"{url} cannot be measured: give an address that begins with http://.")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        length = f"Content-Length: {len(body)}\r\n" if body or method == "POST" else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{fields}{length}\r\n"
        return cls(parts.hostname, parts.port or 80, head.encode("ascii") + body)


def named(text: str, post: frozenset[str] = frozenset()) -> Endpoint:
    """The endpoint written as NAME=URL. Raises ValueError."""
    name, equals, url = text.partition("=")
    if not equals or not name or not url.startswith("http://"):
        raise ValueError(f"{text} names no endpoint: write it as escrgraph=http://127.0.0.1:8000/sparql.")
    return Endpoint(name, url, name in post)
