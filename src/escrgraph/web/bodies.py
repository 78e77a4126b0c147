"""Bodies of requests, read up to a limit and not a byte further."""

from __future__ import annotations

import mmap
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from escrgraph.repository.errors import Malformed, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT_BYTES = 4 << 20
"""A form that holds a query or update; percent-encoding makes up to three bytes of one."""

GRAPH_BYTES = 1 << 30
"""A graph sent to the graph store."""

_PIECE = 1 << 18


def read_body(limit: int) -> bytes:
    """The body of this request. Raises TooLarge with the limit named, Malformed when it ends early."""
    with _limited(limit):
        return request.get_data(cache=False)


@contextmanager
def spooled_body(limit: int, directory: Path) -> Iterator[bytes]:
    """The body of this request, kept in a nameless file of `directory` and not in memory. Raises as read_body."""
    with tempfile.TemporaryFile(dir=directory) as spool:
        with _limited(limit):
            while piece := request.stream.read(_PIECE):
                spool.write(piece)
        spool.flush()
        if not spool.tell():
            yield b""
            return
        with mmap.mmap(spool.fileno(), 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as view:
            # To be read, it is as good as bytes.
            yield cast(bytes, view)


@contextmanager
def _limited(limit: int) -> Iterator[None]:
    request.max_content_length = limit
    try:
        yield
    except RequestEntityTooLarge:
        raise TooLarge(
            f"The body of the request is larger than {limit:,} bytes, the most this address takes."
        ) from None
    except (ClientDisconnected, ConnectionError, TimeoutError) as error:
        raise Malformed("The body of the request ended before it was whole.") from error
