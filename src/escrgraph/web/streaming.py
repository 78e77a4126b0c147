"""Answers on their way out: started only when their first bytes are there, never ended as if whole when they break."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from flask import Response, request

from escrgraph.repository.errors import TooLarge

OLD_HTTP_BYTES = 4 << 20
"""The longest answer to a client of HTTP/1.0, to whom a broken answer of unknown length looks whole."""


def stream(chunks: Iterable[bytes], close: Callable[[], None], content_type: str) -> Response:
    """An answer that is read from `chunks` as fast as the client takes it.

    The first chunk is awaited here, so that what fails before it is told with its proper status. What fails later is
    raised to the server, which then breaks the connection. close: called when the answer is over, however it ends.
    """
    iterator = iter(chunks)
    try:
        first = next(iterator, b"")
        old = request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
        body = _whole(first, iterator) if old else _following(first, iterator)
    except BaseException:
        close()
        raise
    response = Response(body, content_type=content_type)
    response.call_on_close(close)
    return response


def _following(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _whole(first: bytes, rest: Iterator[bytes]) -> bytes:
    pieces, size = [first], len(first)
    for piece in rest:
        pieces.append(piece)
        size += len(piece)
        if size > OLD_HTTP_BYTES:
            raise TooLarge(
                f"The answer is longer than {OLD_HTTP_BYTES:,} bytes, and HTTP/1.0 has no way to tell a whole answer "
                "from a broken one. Ask with HTTP/1.1; a proxy on the way needs to be told to use it."
            )
    return b"".join(pieces)
