"""A store in own mode as its writer holds it: plain SPARQL 1.1, no change log, nothing added to what clients write."""

from __future__ import annotations

import gc
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store, parse, serialize

from escrgraph.repository import lexer
from escrgraph.repository.backups import NUMBER
from escrgraph.repository.errors import Malformed, Unavailable
from escrgraph.repository.evaluation import malformed
from escrgraph.repository.exchange import CURRENT, exchange, fresh_staging, settle
from escrgraph.repository.formats import write_durably
from escrgraph.repository.room import Room
from escrgraph.repository.using import with_dataset

LARGE = 16 << 20
"""Bytes of data from which a graph is loaded in bulk, into a copy of the store that then takes its place."""

Graph = NamedNode | DefaultGraph


class OwnStore:
    """Changes an own-mode store. Every change is on the disk when its method returns."""

    def __init__(self, directory: Path, room: Room | None = None) -> None:
        """Open the store in `directory`. Once it was used, a start moves its number on: a crash may have left a change
        that has none.
        """
        self._directory = directory
        self._room = room or Room(directory)
        settle(directory)
        self._store = Store(str(directory / CURRENT))
        self._file = directory / NUMBER
        self.number = int(self._file.read_text(encoding="ascii")) + 1 if self._file.exists() else 0
        write_durably(self._file, f"{self.number}\n")

    @property
    def store(self) -> Store:
        """The Oxigraph store, to take a snapshot of."""
        return self._store

    def close(self) -> None:
        """Close the store."""
        del self._store
        gc.collect()

    def update(
        self, text: str, *, base: str | None, timeout: float, using: Sequence[str], using_named: Sequence[str]
    ) -> int:
        """Run a SPARQL 1.1 Update, whole or not at all. Returns the number of the generation that shows it.

        using, using_named: the dataset of the request (SPARQL 1.1 Protocol, section 2.2.3). An update that takes longer
        than `timeout` seconds ends this process, because Oxigraph cannot be interrupted; nothing of it is applied then.
        Raises Malformed, TooLarge, Declined for LOAD and SERVICE, Unavailable.
        """
        lexer.check(text)
        text = with_dataset(text, using, using_named) if using or using_named else text
        self._room.demand(len(text))
        try:
            with _deadline(timeout):
                self._store.update(text, base_iri=base)
        except SyntaxError as error:
            raise malformed(error.msg, text, "update") from error
        except (ValueError, RuntimeError) as error:
            if "orruption" in str(error):  # the store's fault, not the update's
                raise
            raise Malformed(f"The update cannot be carried out, and nothing of it was: {error}.") from error
        except OSError as error:
            raise Unavailable(f"The update was not applied: {error}") from error
        return self._flushed()

    def put(self, graph: str | None, data: bytes, media_type: str, base: str | None) -> bool:
        """Make the data the content of a graph (Graph Store Protocol, section 5.3). None: the default graph.

        Returns whether the graph was there before. Raises Malformed, Unavailable; the graph is as before then.
        """
        name = _name(graph)
        existed = self._has(name)
        self._room.demand(len(data))

        def fill(store: Store) -> None:
            store.clear_graph(name)
            _load(store, name, data, media_type, base)

        self._replace(fill)
        return existed

    def post(self, graph: str | None, data: bytes, media_type: str, base: str | None) -> bool:
        """Add the data to a graph (section 5.5). Returns whether it was there before. Raises Malformed, Unavailable."""
        name = _name(graph)
        existed = self._has(name)
        self._room.demand(len(data))
        if len(data) > LARGE:
            self._replace(lambda store: _load(store, name, data, media_type, base))
        else:
            _load(self._store, name, data, media_type, base)
            self._flushed()
        return existed

    def delete(self, graph: str | None) -> bool:
        """Remove a graph (section 5.4). Returns whether it was there."""
        name = _name(graph)
        if not self._has(name):
            return False
        if isinstance(name, DefaultGraph):
            self._store.clear_graph(name)
        else:
            self._store.remove_graph(name)
        self._flushed()
        return True

    def _has(self, graph: Graph) -> bool:
        return isinstance(graph, DefaultGraph) or self._store.contains_named_graph(graph)

    def _replace(self, fill: Callable[[Store], None]) -> None:
        """Change a hard-linked copy of the store, and take it only when all went well."""
        staging = fresh_staging(self._directory)
        try:
            self._store.backup(str(staging))
            copy = Store(str(staging))
            try:
                fill(copy)
                copy.flush()
            finally:
                del copy
                gc.collect()
        except OSError as error:
            shutil.rmtree(staging, ignore_errors=True)
            raise Unavailable(f"The graph was not changed: {error}") from error
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        self.close()
        exchange(self._directory)
        self._store = Store(str(self._directory / CURRENT))
        self._advance()

    def _flushed(self) -> int:
        try:
            self._store.flush()
        except OSError as error:
            raise Unavailable(f"The change may be lost if the power fails now: {error}") from error
        return self._advance()

    def _advance(self) -> int:
        self.number += 1
        write_durably(self._file, f"{self.number}\n")
        return self.number


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """The kernel ends this process if the block takes longer."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _name(graph: str | None) -> Graph:
    if graph is None:
        return DefaultGraph()
    try:
        return NamedNode(graph)
    except ValueError as error:
        raise Malformed(f"A graph is named by an absolute IRI; “{graph}” is none.") from error


def _only_graph(data: bytes, syntax: RdfFormat, base: str | None) -> bytes:
    """The triples of data that could name graphs, as N-Triples. Raises Malformed when they do, SyntaxError."""
    quads = list(parse(data, syntax, base_iri=base))
    named = next((quad.graph_name for quad in quads if quad.graph_name != DefaultGraph()), None)
    if named is not None:
        raise Malformed(
            f"The data name a graph of their own, {named}; the request names the graph they go to. Leave it out."
        )
    return serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES) or b""


def _load(store: Store, graph: Graph, data: bytes, media_type: str, base: str | None) -> None:
    syntax = RdfFormat.from_media_type(media_type)
    if syntax is None:
        raise Malformed(f"“{media_type}” is no syntax for a graph: send Turtle, N-Triples, RDF/XML or JSON-LD.")
    load = store.bulk_load if len(data) > LARGE else store.load
    try:
        if syntax.supports_datasets:
            data, syntax = _only_graph(data, syntax, base), RdfFormat.N_TRIPLES
        load(data, syntax, base_iri=base, to_graph=graph)
    except SyntaxError as error:
        raise Malformed(f"The data are not {syntax.name}: {error}", error.lineno, error.offset) from error
    except OSError as error:
        raise Unavailable(f"The graph was not changed: {error}") from error
    if isinstance(graph, NamedNode):
        store.add_graph(graph)  # a graph may be there and empty
