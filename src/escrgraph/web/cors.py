"""Cross-origin access: pages of other sites may read every answer, refusals too (Fetch standard, CORS protocol)."""

from __future__ import annotations

from flask import Flask, Response, request

_READABLE = (
    "Accept-Ranges, Allow, Content-Location, Content-Range, ETag, Link, Location, Retry-After, WWW-Authenticate, "
    "X-Generation"
)
_SENDABLE = "Accept, Accept-Language, Authorization, Content-Type, If-Match, If-None-Match, Slug"
_DAY = "86400"


def register(app: Flask) -> None:
    """Add the headers to every answer. There are no cookies to protect, so any origin may read."""
    app.after_request(_allow)


def _allow(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = _READABLE
    if request.method == "OPTIONS":
        methods = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Methods"] = methods
        response.headers["Access-Control-Allow-Headers"] = _SENDABLE
        response.headers["Access-Control-Max-Age"] = _DAY
    return response
