"""Answers on their way out: started only when their first bytes are there, never ended as if whole when they break."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from flask import Response, request

from escrgraph.repository.errors import Interrupted, TooLarge, Unavailable

SHORT = 4096
"""A first chunk under this is the last one too: workers send nothing shorter, unless that was all."""

OLD_HTTP_BYTES = 4 << 20
"""The longest answer to a client of HTTP/1.0, to whom a broken answer of unknown length looks whole."""


def stream(chunks: Iterable[bytes], close: Callable[[], None], content_type: str, *, whole: bool = False) -> Response:
    """An answer that is read from `chunks` as fast as the client takes it.

    The first chunk is awaited here, so that what fails before it is told with its proper status; a short answer is
    awaited whole. What fails later is raised to the server, which then breaks the connection.
    close: called when the answer is over, however it ends. whole: all chunks are there already.
    """
    rest = iter(chunks)
    try:
        begun = [next(rest, b"")]
        if whole or len(begun[0]) < SHORT:
            begun.append(next(rest, b""))
        old = request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
        short = len(begun) > 1 and not begun[1]
        body = _whole(begun, rest) if short or old else chain(begun, rest)
    except Interrupted as error:
        close()
        raise Unavailable(f"{error} None of it was sent: ask again.") from error
    except BaseException:
        close()
        raise
    response = Response(body, content_type=content_type)
    response.call_on_close(close)
    return response


def _whole(begun: Iterable[bytes], rest: Iterator[bytes]) -> bytes:
    pieces, size = [], 0
    for piece in chain(begun, rest):
        pieces.append(piece)
        size += len(piece)
        if size > OLD_HTTP_BYTES:
            raise TooLarge(
                f"The answer is longer than {OLD_HTTP_BYTES:,} bytes, and HTTP/1.0 has no way to tell a whole answer "
                "from a broken one. Ask with HTTP/1.1; a proxy on the way needs to be told to use it."
            )
    return b"".join(pieces)
