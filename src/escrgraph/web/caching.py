"""Validators: an ETag follows from the generation shown and from what was asked (RFC 9110, section 8.8.3)."""

from __future__ import annotations

import hashlib

from flask import Response, request

from escrgraph import __version__


def validator(generation: int, *representation: object) -> str:
    """The opaque tag of a representation.

    representation: all that the answer depends on besides the generation: store, query, format …
    The version counts as well: another release may write the same answer differently.
    """
    digest = hashlib.blake2b(digest_size=12)
    for part in (__version__, *representation):
        digest.update(repr(part).encode())
        digest.update(b"\0")
    return f"{generation}-{digest.hexdigest()}"


def fresh(tag: str) -> bool:
    """Whether the client of this request already has what the tag stands for."""
    return request.method in {"GET", "HEAD", "QUERY"} and request.if_none_match.contains_weak(tag)


def stamp(response: Response, generation: int, tag: str | None = None) -> Response:
    """Name the generation on an answer. With a tag it may be kept and asked about; without, it may not be kept."""
    response.headers["X-Generation"] = str(generation)
    if tag is None:
        response.headers.setdefault("Cache-Control", "no-store")
    else:
        response.set_etag(tag, weak=True)
        response.headers["Cache-Control"] = "no-cache"
    return response


def not_modified(generation: int, tag: str) -> Response:
    """The answer to a client that has it already."""
    return stamp(Response(status=304), generation, tag)
