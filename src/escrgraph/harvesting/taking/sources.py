"""Sources: what is wanted of an address, as a mapping file says it, and the reader that fits its protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from escrgraph.harvesting.taking import pieces
from escrgraph.harvesting.taking.dump import Dump
from escrgraph.harvesting.taking.endpoint import Endpoint, Listing
from escrgraph.harvesting.taking.event_stream import EventStream
from escrgraph.harvesting.taking.fetching import Fetcher
from escrgraph.harvesting.taking.found import Source
from escrgraph.harvesting.taking.oai_pmh import OaiPmh
from escrgraph.harvesting.taking.recognising import Protocol
from escrgraph.repository.checkers import Checker
from escrgraph.repository.errors import Malformed
from escrgraph.vocabulary.iris import BadAddress, Base
from escrgraph.vocabulary.namespaces import HOME, UnknownPrefix, expand

_TEXTS = ("protocol", "format", "set", "base", "class", "modified")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a source: the section [source] of its mapping.

    protocol: None to find it out. format, set: of OAI-PMH. base: where the addresses of another escrgraph's records
    begin. class_, modified: IRIs of the class of records and of the property with their last change, for RDF that is
    not escrgraph's.
    """

    protocol: Protocol | None = None
    format: str = ""
    set: str = ""
    base: Base = field(default_factory=Base)
    class_: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source is read with: who asks it, and who parses what it answers."""

    fetcher: Fetcher
    checker: Checker

    @classmethod
    @contextmanager
    def of(cls, fetcher: Fetcher) -> Iterator[Reading]:
        """A reading, closed when the block ends."""
        with fetcher, pieces.reader() as checker:
            yield cls(fetcher, checker)


def read_wanted(section: Mapping[str, Any]) -> Wanted:
    """What the section [source] of a mapping says. Raises Malformed."""
    for name, value in section.items():
        if name not in _TEXTS:
            raise Malformed(f"[source] has no “{name}”. It may have: {', '.join(_TEXTS)}.")
        if not isinstance(value, str):
            raise Malformed(f"[source] {name} is a text in quotes.")
    try:
        protocol = Protocol(section["protocol"]) if "protocol" in section else None
    except ValueError:
        raise Malformed(f"[source] protocol is one of {', '.join(Protocol)}.") from None
    try:
        base = Base(section.get("base", HOME))
    except BadAddress as error:
        raise Malformed(f"[source] base: {error}") from None
    class_, modified = (_iri(section, name) for name in ("class", "modified"))
    return Wanted(protocol, section.get("format", ""), section.get("set", ""), base, class_, modified)


def source_of(address: str, protocol: Protocol, wanted: Wanted, reading: Reading, *, mapped: bool) -> Source:
    """The reader of a source. mapped: whether a mapping says how its fields become ours."""
    fetcher, checker = reading.fetcher, reading.checker
    if protocol is Protocol.OAI_PMH:
        return OaiPmh(address, fetcher, checker, wanted.format or ("oai_dc" if mapped else "rdf"), wanted.set)
    if protocol is Protocol.LDES:
        return EventStream(address, fetcher, checker)
    if protocol is Protocol.SPARQL:
        return Endpoint(address, fetcher, checker, Listing(wanted.class_, wanted.modified))

    def record_of(iri: str) -> str | None:
        record = wanted.base.record_of(iri)
        return wanted.base.record_iri(record) if record else None

    return Dump(address, fetcher, checker, record_of, wanted.class_)


def _iri(section: Mapping[str, Any], name: str) -> str:
    text = str(section.get(name, ""))
    try:
        return text if not text or "://" in text else expand(text)
    except UnknownPrefix as error:
        raise Malformed(f"[source] {name}: {error}") from None
