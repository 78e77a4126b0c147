"""A small world for tests of the writer's side: quads of a few records, and stores to put them in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import psycopg
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from escrgraph.repository.addresses import Address
from escrgraph.repository.changes import Cause, Change
from escrgraph.repository.log import ChangeLog
from escrgraph.vocabulary.iris import Base

BASE = Base()
DCTERMS = "http://purl.org/dc/terms/"
ESCR = "https://w3id.org/escrgraph/def/"
TITLE = NamedNode(DCTERMS + "title")
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
EDTF = NamedNode("http://id.loc.gov/datatypes/edtf/EDTF")
RESOURCE = NamedNode(BASE.graph("resource"))
FINDING = NamedNode(BASE.graph("finding"))
LINKS = NamedNode(BASE.graph("links"))
INFERRED = NamedNode(BASE.graph("inferred"))
STATE = NamedNode(BASE.graph("state"))
PROVENANCE = NamedNode(BASE.graph("provenance"))


def node(record: str, *below: str) -> NamedNode:
    """The IRI of a record ("resource/opera") or of a part below it."""
    return NamedNode("/".join((BASE.record_iri(record), *below)))


def title(record: str, text: str, graph: NamedNode = RESOURCE) -> Quad:
    """A record with a title."""
    return Quad(node(record), TITLE, Literal(text, language="en"), graph)


def finding(slug: str, institution: str = "gov-gtm") -> list[Quad]:
    """A finding with a chain down to an institution, and a period."""
    record = f"finding/{slug}"
    triples = [
        (node(record), TYPE, NamedNode(ESCR + "Finding")),
        (node(record), NamedNode(ESCR + "establishes"), node(record, "deprivation")),
        (node(record, "deprivation"), NamedNode(ESCR + "period"), Literal("2009/2015", datatype=EDTF)),
        (node(record, "deprivation"), NamedNode(ESCR + "attributedTo"), node(record, "failure")),
        (node(record, "failure"), NamedNode(ESCR + "committedBy"), node(f"organization/{institution}")),
    ]
    return [Quad(*triple, FINDING) for triple in triples]


def change(
    added: Iterable[Quad] = (),
    removed: Iterable[Quad] = (),
    withdrawn: Sequence[str] = (),
    renamed: dict[str, str] | None = None,
    reason: str = "a test",
) -> Change:
    """A change as somebody asks for it."""
    return Change(Cause.SUBMISSION, "tester", reason, tuple(added), tuple(removed), withdrawn, renamed or {})


def by_the_log(log: ChangeLog) -> set[Quad]:
    """The quads of named graphs that the log says there are."""
    quads: set[Quad] = set()
    for entry in log.entries():
        added, removed = log.quads(entry.number)
        quads = (quads - set(removed)) | set(added)
    return quads


def named(store: Store) -> set[Quad]:
    """The quads that the entries of the log brought: those of named graphs without its number and its provenance."""
    return {quad for quad in store if quad.graph_name not in (DefaultGraph(), STATE, PROVENANCE)}


def merge_is_right(store: Store) -> bool:
    """Whether the default graph is the set merge of the named ones."""
    default = {quad.triple for quad in store.quads_for_pattern(None, None, None, DefaultGraph())}
    told = store.quads_for_pattern(None, None, None, PROVENANCE)
    return default == {quad.triple for quad in (*named(store), *told)}


def tamper(address: Address, statement: str) -> None:
    """Change a log behind the back of the program."""
    if isinstance(address, Path):
        with closing(sqlite3.connect(address)) as connection, connection:
            assert connection.execute(statement).rowcount > 0
        return
    with psycopg.connect(address) as server:
        server.execute("SET session_replication_role = replica")  # no table looks at what another one says
        assert server.execute(statement.replace("x'00'", "'\\x00'")).rowcount > 0


def holding(directory: Path, text: str) -> list[Path]:
    """The files below a directory that hold a text."""
    return [path for path in directory.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]
