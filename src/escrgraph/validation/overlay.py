"""The world after a change: a store with the change applied to its default graph, for as long as it is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pyoxigraph import DefaultGraph, Quad, Store

from escrgraph.vocabulary.derived_dates import EARLIEST, LATEST, derived_dates

_DEFAULT = DefaultGraph()


@contextmanager
def changed(store: Store, added: Iterable[Quad], removed: Iterable[Quad] = ()) -> Iterator[Store]:
    """The store with a change in its default graph, derived dates included; it is as before when the block ends.

    The store must take writes and be nobody else's meanwhile: one in memory, or a disposable clone of a snapshot.
    """
    new = [_plain(quad) for quad in added]
    gone = {_plain(quad) for quad in removed} - set(new)
    new += [_plain(quad) for quad in derived_dates(new)]
    redated = {quad.subject for quad in new if quad.predicate in (EARLIEST, LATEST)}
    for subject in redated:
        for predicate in (EARLIEST, LATEST):
            gone.update(store.quads_for_pattern(subject, predicate, None, _DEFAULT))
    taken = [quad for quad in gone if quad not in set(new) and quad in store]
    put = [quad for quad in dict.fromkeys(new) if quad not in store]
    try:
        for quad in taken:
            store.remove(quad)
        store.extend(put)
        yield store
    finally:
        for quad in put:
            store.remove(quad)
        store.extend(taken)


def _plain(quad: Quad) -> Quad:
    return Quad(quad.subject, quad.predicate, quad.object, _DEFAULT)
