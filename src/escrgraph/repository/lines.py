"""N-Quads by the line: read from a pipe in chunks, checked, and turned into the triples of the merge."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from pyoxigraph import Quad, RdfFormat, Store, parse

from escrgraph.repository.errors import Malformed, Unavailable
from escrgraph.repository.preparing import RESERVED, check_quads
from escrgraph.repository.recording import CHUNK
from escrgraph.repository.store import n_quads, normalised
from escrgraph.repository.wire import END
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import XSD

_TYPED = b'"^^<' + XSD.encode()


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


def publishable(chunk: bytes, base: Base) -> list[bytes]:
    """The lines, each once, with terms as Oxigraph keeps them. Raises Malformed for what cannot be published."""
    lines = dict.fromkeys(chunk.splitlines(keepends=True))
    if _odd(lines, base):
        check_quads(_parsed(chunk), base)  # looks closely, and says what is wrong
    typed = [line for line in lines if _TYPED in line]
    if typed:
        for line in typed:
            del lines[line]
        lines |= dict.fromkeys(n_quads(normalised(_parsed(b"".join(typed)))).splitlines(keepends=True))
    return list(lines)


def graphs(lines: Iterable[bytes]) -> set[bytes]:
    """The graphs that the lines name, in angle brackets."""
    return {line.rsplit(b" ", 2)[1] for line in lines}


def without(lines: Iterable[bytes], known: Store) -> list[bytes]:
    """Those of the lines whose quads the store does not have."""
    return n_quads(quad for quad in _parsed(b"".join(lines)) if quad not in known).splitlines(keepends=True)


def with_copies(chunk: bytes) -> bytes:
    """The chunk with, behind each quad, its triple in the default graph: loaded together, terms are written once."""
    return b"".join([line + line[: line.rindex(b" <")] + b" .\n" for line in chunk.splitlines(keepends=True)])


def _odd(lines: Iterable[bytes], base: Base) -> bool:
    """Whether a line may be other than <subject> <predicate> object <graph of ours>; a few good ones pass for odd."""
    fine: set[bytes] = set()
    for line in lines:
        parts = line.rsplit(b" ", 3)
        if len(parts) < 4 or line[:1] != b"<" or line[1:2] == b"<":
            return True
        front, end, graph, _ = parts
        if graph not in fine:
            if not _ours(graph, base):
                return True
            fine.add(graph)
        # What is one word may be a predicate: then there are three terms, the last of which is no graph.
        if end[:2] in {b"_:", b")>"} or b" " not in front:
            return True
    return False


def _ours(graph: bytes, base: Base) -> bool:
    reserved = {base.graph(name).encode() for name in RESERVED}
    return graph.startswith(f"<{base.iri}graph/".encode()) and graph[1:-1] not in reserved


def _parsed(chunk: bytes) -> list[Quad]:
    try:
        return list(parse(chunk, RdfFormat.N_QUADS))
    except SyntaxError as error:
        raise Malformed(f"The quads cannot be read: {error}. Nothing was loaded.") from error
