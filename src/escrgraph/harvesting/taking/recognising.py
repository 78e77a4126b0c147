"""Which protocol an address speaks, seen from one answer."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlsplit

from escrgraph.harvesting.event_stream import LDES, TREE
from escrgraph.harvesting.oai import OAI
from escrgraph.harvesting.taking.event_stream import ACCEPT
from escrgraph.harvesting.taking.fetching import Fetcher
from escrgraph.harvesting.taking.found import SourceFailed
from escrgraph.validation.formats import EXTENSIONS, FORMATS

SERVICE = "http://www.w3.org/ns/sparql-service-description#"

_START = 64 << 10


class Protocol(StrEnum):
    """How a source is read."""

    OAI_PMH = "oai-pmh"
    LDES = "ldes"
    SPARQL = "sparql"
    DUMP = "dump"


def recognised(address: str, fetcher: Fetcher) -> Protocol:
    """The protocol of an address, or of a file. Raises SourceFailed when nothing tells it."""
    name = urlsplit(address).path.rpartition("/")[2].lower()
    if not address.startswith(("http://", "https://")) or name.removesuffix(".gz").rpartition(".")[2] in EXTENSIONS:
        return Protocol.DUMP
    answer = fetcher.get(address, f"{ACCEPT}, text/xml;q=0.5, application/xml;q=0.5, */*;q=0.1", least=_START)
    start = answer.body[:_START]
    for sign, found in (
        (OAI, Protocol.OAI_PMH), (SERVICE, Protocol.SPARQL), (LDES, Protocol.LDES), (TREE, Protocol.LDES),
    ):  # fmt: skip
        if sign.encode() in start:
            return found
    if answer.media in FORMATS:
        return Protocol.DUMP
    raise SourceFailed(
        f"{address} answers with {answer.media or 'an unnamed type'}, which does not tell what it speaks. "
        f"Say it with --protocol: {', '.join(Protocol)}."
    )
