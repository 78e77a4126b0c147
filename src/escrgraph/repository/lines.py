"""N-Quads by the line: read from a pipe in chunks, checked, and turned into the triples of the merge."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from pyoxigraph import Quad, RdfFormat, Store, parse

from escrgraph.repository.errors import Malformed, Unavailable
from escrgraph.repository.preparing import RESERVED, check_quads
from escrgraph.repository.recording import CHUNK
from escrgraph.repository.store import n_quads, normalised
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import XSD

END = b"# whole\n"
"""What a sender writes after its last line, so that one that died is not taken for one that finished."""

_GRAPH = re.compile(rb" <([^<>\n]*)> \.\n")
# A line whose subject or object is no IRI or literal, or that has three IRIs and no graph.
_ODD = re.compile(rb"\n(?!<[^<]|\Z)|\n<[^<>\n]*> <[^<>\n]*> (?:_:|<<|<[^<>\n]*> \.\n)")
_TYPED = b'"^^<' + XSD.encode()


class Lines:
    """Chunks of lines as a file to read from."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; none at the end."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._rest = memoryview(chunk)
        part = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(part) :]
        return bytes(part)


class TripleLines(Lines):
    """The same without graphs: what the merge in the default graph takes from canonical N-Quads."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        super().__init__(_GRAPH.sub(b" .\n", chunk) for chunk in chunks)


def received(source: int) -> Iterator[bytes]:
    """Chunks of whole lines from a descriptor, without the END. Raises Unavailable when the sender broke off."""
    rest = b""
    while data := os.read(source, CHUNK):
        rest += data
        cut = rest.rfind(b"\n") + 1
        if len(rest) >= CHUNK and cut:
            # The END stays in the rest: it may be about to come, or to turn out not to be the end.
            cut = rest.rfind(b"\n", 0, cut - 1) + 1
            yield rest[:cut]
            rest = rest[cut:]
    if not rest.endswith(END):
        raise Unavailable("The sender broke off in the middle of the quads. Nothing was loaded.")
    if whole := rest[: -len(END)]:
        yield whole


def publishable(chunk: bytes, base: Base) -> bytes:
    """The chunk with terms as Oxigraph keeps them and each line once. Raises Malformed for what cannot be published."""
    found = _GRAPH.findall(chunk)
    if len(found) != chunk.count(b"\n") or _foreign(set(found), base) or _ODD.search(b"\n" + chunk):
        check_quads(_parsed(chunk), base)  # looks closely, and says what is wrong
    lines = dict.fromkeys(chunk.splitlines(keepends=True))
    typed = [line for line in lines if _TYPED in line]
    if typed:
        for line in typed:
            del lines[line]
        lines |= dict.fromkeys(n_quads(normalised(_parsed(b"".join(typed)))).splitlines(keepends=True))
    return b"".join(lines)


def graphs(chunk: bytes) -> set[bytes]:
    """The IRIs of the graphs that the lines name."""
    return set(_GRAPH.findall(chunk))


def without(chunk: bytes, known: Store) -> bytes:
    """The chunk without the lines of quads that the store has."""
    return n_quads(quad for quad in _parsed(chunk) if quad not in known)


def _foreign(found: set[bytes], base: Base) -> bool:
    ours = base.iri.encode() + b"graph/"
    reserved = {base.graph(name).encode() for name in RESERVED}
    return any(not graph.startswith(ours) or graph in reserved for graph in found)


def _parsed(chunk: bytes) -> list[Quad]:
    try:
        return list(parse(chunk, RdfFormat.N_QUADS))
    except SyntaxError as error:
        raise Malformed(f"The quads cannot be read: {error}. Nothing was loaded.") from error
