"""Bulk loading lines that are still being made: Oxigraph reads them from a pipe while Python goes on."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterable
from contextlib import suppress

from pyoxigraph import RdfFormat

from escrgraph.repository.errors import Malformed
from escrgraph.repository.recording import CHUNK
from escrgraph.repository.store import MergedStore


def bulk_load(store: MergedStore, chunks: Iterable[bytes]) -> None:
    """Load N-Quads into a store, given as chunks of whole lines that Oxigraph wrote before; it does not look again.

    Raises what the chunks fail with, when a part may be loaded; Malformed for what is no N-Quads; OSError.
    """
    feed = _Feed(chunks)
    try:
        # Not kept in a name: the traceback of a failure would hold the store open, and it could not be removed.
        store.store.bulk_load(path=feed.path, format=RdfFormat.N_QUADS, lenient=True)
    except SyntaxError as error:
        raise Malformed(f"The quads cannot be read: {error}. Nothing was loaded.") from error
    finally:
        feed.end()
    if feed.failure:
        raise feed.failure


class _Feed(threading.Thread):
    """Writes chunks into a pipe, which Oxigraph reads at `path`. failure: what the chunks ended with, if not well.

    From an object of ours Oxigraph would read some kilobytes at a time, and wait each time until no other thread runs
    Python.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        super().__init__(name="feed", daemon=True)
        self.failure: BaseException | None = None
        self._chunks = chunks
        self._reading, self._writing = os.pipe2(os.O_CLOEXEC)
        with suppress(OSError):  # more than this user may have; what it has is enough
            fcntl.fcntl(self._writing, fcntl.F_SETPIPE_SZ, CHUNK)
        self.path = f"/dev/fd/{self._reading}"
        self.start()

    def run(self) -> None:
        """Write everything, or as much as there is before the chunks or the reader fail."""
        with suppress(BrokenPipeError), os.fdopen(self._writing, "wb", buffering=0) as pipe:
            try:
                for chunk in self._chunks:
                    rest = memoryview(chunk)
                    while rest:
                        rest = rest[pipe.write(rest) :]
            except BrokenPipeError:
                raise
            except BaseException as error:  # it belongs to the thread that loads
                self.failure = error

    def end(self) -> None:
        """Nobody reads any more."""
        os.close(self._reading)
        self.join()
