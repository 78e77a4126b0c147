"""The formats in which results of queries and graphs are written, and how a client asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache

from escrgraph.web.negotiation import MediaType, NotAcceptable, negotiate


class Kind(StrEnum):
    """What a query answers; only its evaluation tells which."""

    SOLUTIONS = "solutions"
    BOOLEAN = "boolean"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write an answer.

    name: what `format=` calls it; media_type: what the store calls it; aliases: other media types by which clients
    ask for it, and as which it then goes out. worth: from 0 to 1, how good it is beside others that a client takes.
    """

    name: str
    media_type: str
    aliases: tuple[str, ...] = ()
    worth: float = 1.0

    @property
    def offers(self) -> list[MediaType]:
        """The media types under which it is offered, the canonical one first."""
        return [MediaType.parse(text) for text in (self.media_type, *self.aliases)]


HTML = Format("html", "text/html")
RESULTS = (
    Format("json", "application/sparql-results+json", ("application/json",)),
    Format("xml", "application/sparql-results+xml", ("application/xml", "text/xml")),
    Format("csv", "text/csv"),
    Format("tsv", "text/tab-separated-values"),
)
GRAPHS = (
    Format("ttl", "text/turtle", ("application/turtle", "application/x-turtle")),
    Format("nt", "application/n-triples", ("text/plain",)),
    Format("rdf", "application/rdf+xml", ("application/xml", "text/xml")),
    Format("jsonld", "application/ld+json", ("application/json",)),
    Format("nq", "application/n-quads"),
    Format("trig", "application/trig"),
    Format("n3", "text/n3", ("text/rdf+n3",)),
)
DATASETS = tuple(format_ for format_ in GRAPHS if format_.name in {"nq", "trig", "jsonld"})

REMEMBERED = 256
"""Accept headers whose choice is remembered: clients send few different ones, and each takes longer than a query."""

# `format=json` and `format=xml` fit every kind of answer, as those who write them expect.
_WIDE = {"json": "jsonld", "xml": "rdf"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A format, and the media type under which it goes out."""

    format: Format
    media_type: MediaType

    @property
    def content_type(self) -> str:
        """For the Content-Type header. Text is UTF-8, and says so: clients guess otherwise."""
        charset = "; charset=utf-8" if self.media_type.type == "text" else ""
        return f"{self.media_type}{charset}"

    @property
    def html(self) -> bool:
        """Whether this is the page for people."""
        return self.format is HTML


@dataclass(frozen=True, eq=False)
class Choices:
    """One format for each kind of answer the client can take; a kind that is absent is one it cannot."""

    by_kind: Mapping[Kind, Chosen] = field(default_factory=dict)

    @cached_property
    def name(self) -> str:
        """What tells these choices from others."""
        return " ".join(f"{kind}={chosen.content_type}" for kind, chosen in self.by_kind.items())

    def get(self, kind: str) -> Chosen | None:
        """The format for a kind of answer."""
        return self.by_kind.get(Kind(kind))


NAMES = tuple(format_.name for format_ in (*RESULTS, *GRAPHS, HTML))
_BY_KIND: Mapping[Kind, Sequence[Format]] = {
    Kind.SOLUTIONS: (*RESULTS, HTML),
    Kind.BOOLEAN: (*RESULTS, HTML),
    Kind.GRAPH: (*GRAPHS, HTML),
}


def choose(accept: str | None, formats: Iterable[Format]) -> Chosen:
    """The format a client prefers by its Accept header. Raises NotAcceptable, which names the canonical media types."""
    return _choose(accept, tuple(formats))


@lru_cache(REMEMBERED)
def _choose(accept: str | None, listed: tuple[Format, ...]) -> Chosen:
    by_type: dict[MediaType, Format] = {}
    # The canonical types first: a wildcard such as application/* should not find an alias before them.
    pairs = [(offer, format_) for format_ in listed for offer in format_.offers]
    for offer, format_ in sorted(pairs, key=lambda pair: pair[0] != pair[1].offers[0]):
        by_type.setdefault(offer, format_)
    try:
        found = negotiate(accept, list(by_type), {offer: format_.worth for offer, format_ in by_type.items()})
    except NotAcceptable:
        raise NotAcceptable([format_.offers[0] for format_ in listed]) from None
    return Chosen(by_type[found], found)


@lru_cache(REMEMBERED)
def choose_for_query(accept: str | None) -> Choices:
    """A format for each kind of answer a query can have. Raises NotAcceptable when none of them fits."""
    found = {}
    for kind, formats in _BY_KIND.items():
        try:
            found[kind] = choose(accept, formats)
        except NotAcceptable:
            continue
    if not found:
        raise NotAcceptable([format_.offers[0] for format_ in (*RESULTS, *GRAPHS, HTML)])
    return Choices(found)


@lru_cache(REMEMBERED)
def named_for_query(name: str) -> Choices:
    """The formats that `format=name` means. Raises KeyError for an unknown name."""
    if name not in NAMES:
        raise KeyError(name)
    found = {}
    for kind, formats in _BY_KIND.items():
        wanted = {name, _WIDE.get(name, name)}
        for format_ in formats:
            if format_.name in wanted:
                found[kind] = Chosen(format_, format_.offers[0])
    return Choices(found)


def named(name: str, formats: Iterable[Format]) -> Chosen:
    """The one of `formats` that `format=name` means. Raises KeyError for a name that is none of them."""
    wanted = {name, _WIDE.get(name, name)}
    for format_ in formats:
        if format_.name in wanted:
            return Chosen(format_, format_.offers[0])
    raise KeyError(name)
