"""Taking in: another repository read as pages of records, over OAI-PMH, LDES, SPARQL or from a dump."""

from escrgraph.harvesting.taking.fetching import Fetcher
from escrgraph.harvesting.taking.found import Found, Mark, Page, Source, SourceFailed, Value
from escrgraph.harvesting.taking.recognising import Protocol, recognised
from escrgraph.harvesting.taking.sources import Reading, Wanted, read_wanted, source_of

__all__ = [
    "Fetcher",
    "Found",
    "Mark",
    "Page",
    "Protocol",
    "Reading",
    "Source",
    "SourceFailed",
    "Value",
    "Wanted",
    "read_wanted",
    "recognised",
    "source_of",
]
