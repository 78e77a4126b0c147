"""A writer's process before a Virtuoso of its own, where the tests are run on one: what it acknowledges is there."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pyoxigraph import Store
from tests.engines import virtuoso
from tests.places import ON_VIRTUOSO
from tests.repository.serving import start, stop, until

from escrgraph.repository import addresses, spawn, writing
from escrgraph.repository.addresses import VARIABLE
from escrgraph.repository.errors import Unavailable
from escrgraph.repository.formats import Mode
from escrgraph.repository.remote.addresses import address
from escrgraph.repository.remote.client import Address, Server
from escrgraph.repository.remote.literals import comparable
from escrgraph.repository.remote.mirroring import SHOWN, SOCKET
from escrgraph.repository.remote.places import Places
from escrgraph.repository.writing import Writer
from escrgraph.vocabulary.iris import Base

PATIENCE = 20

FEW = 5_000
"""Statements of a graph that are compared one by one; of larger ones the numbers are."""


@contextmanager
def own_writer(store: Path, base: str, mode: Mode, database: str = "") -> Iterator[Writer]:
    """As escrgraph.repository.writing.own_writer; on Virtuoso, see at the end that it holds what the store does."""
    with writing.own_writer(store, base, mode, database) as asked:
        if not ON_VIRTUOSO or mode is Mode.OWN:
            yield asked
            return
        runtime = asked._socket.parent
        with mirrored(runtime, store, Base(base), database) as found, following(runtime, found):
            until((runtime / "generation").exists, PATIENCE)
            yield asked
            try:
                number = asked.status()["generation"]
            except Unavailable:
                return  # the test ended it, and nobody was told that the server has anything
            until(lambda: int((runtime / SHOWN).read_text()) == number, PATIENCE)
            compare(found, Store.read_only(str(store / "generations" / f"{number:06}")))


@contextmanager
def following(runtime: Path, found: Address) -> Iterator[None]:
    """A dispatcher that answers from the server: only what queries see is acknowledged."""
    dispatcher = start(runtime, "--news", SOCKET, variables=found.variable())
    try:
        yield
    finally:
        stop(dispatcher)


@contextmanager
def mirrored(runtime: Path, store: Path, base: Base, database: str = "") -> Iterator[Address]:
    """A Virtuoso to which a process brings the changes of the writer behind the sockets in `runtime`."""
    with virtuoso(store.with_name(f"{store.name}-virtuoso")) as server:
        where = (server.settings()[f"ESCRGRAPH_STORE{name}"] for name in ("", "_USER", "_PASSWORD"))
        found = replace(address(*where, profile=""), base=base.iri)
        log = addresses.handed(addresses.log_of(store, database))
        config = {"runtime": str(runtime), "log": log, "parent": os.getpid()}
        variables = found.variable() | {VARIABLE: database}
        process = spawn.start("escrgraph.repository.remote.mirroring", json.dumps(config), variables=variables)
        try:
            yield found
        finally:
            process.terminate()
            process.wait(10)


def compare(found: Address, store: Store) -> None:
    """See that each graph of a store, the merge among them, is on a server, and no other of this repository."""
    places = Places(Base(found.base))
    here = defaultdict(set)
    for quad in store:
        here[places.name(quad)].add(tuple(map(comparable, quad.triple)))
    here.pop(places.state, None)  # the number, which an empty store does not have
    ours = f"FILTER(STRSTARTS(STR(?g), '{found.base}graph/') && ?g != <{places.state}>)"
    with Server(found) as client:
        rows = client.select(f"SELECT ?g (COUNT(*) AS ?n) WHERE {{ GRAPH ?g {{ ?s ?p ?o }} {ours} }} GROUP BY ?g").rows
        counts = {graph.value: int(number.value) for graph, number in rows}
        assert counts == {graph: len(triples) for graph, triples in here.items()}
        for graph, triples in here.items():
            if len(triples) <= FEW:
                rows = client.select(f"SELECT ?s ?p ?o WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}").rows
                assert {tuple(comparable(term) for term in row) for row in rows} == triples, graph
