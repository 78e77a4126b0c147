"""Content negotiation: which representation a client gets (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"?|[^",;]+|[,;]')


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type or, in an Accept header, a range of them. parameters: (name, value), names in lower case."""

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> MediaType:
        """Read `type/subtype; name=value`, as in Content-Type. Raises ValueError when it is no media type."""
        for pieces in _elements(text):
            if (found := _media_type(pieces)) is not None:
                return found
        raise ValueError(f"“{text}” is no media type.")

    @property
    def essence(self) -> str:
        """Type and subtype without parameters."""
        return f"{self.type}/{self.subtype}"

    def parameter(self, name: str) -> str | None:
        """The value of one parameter."""
        return dict(self.parameters).get(name)

    def __str__(self) -> str:
        return "; ".join([self.essence, *(f"{name}={_quoted(value)}" for name, value in self.parameters)])


class NotAcceptable(Exception):
    """The client refuses every representation there is. offers: what there is."""

    def __init__(self, offers: Sequence[MediaType]) -> None:
        names = ", ".join(map(str, offers))
        super().__init__(f"None of the accepted media types is available. Available: {names}.")
        self.offers = tuple(offers)


def negotiate(
    accept: str | None, offers: Sequence[MediaType], worth: Mapping[MediaType, float] | None = None
) -> MediaType:
    """Choose the offer that the client prefers.

    accept: the Accept header as received; None, and a header in which nothing can be read, means anything.
    offers: what we have, best first. Among equal weights the offer that the client named most exactly wins, then the
    earlier one. worth: how good a representation is, from 0 to 1, where it is not as good as the others can be; the
    weight that the client gives is multiplied by it.
    Raises NotAcceptable, which names the offers, when every one has weight 0.
    """
    ranges = list(_ranges(accept or ""))
    if not ranges:
        return offers[0]
    best, weight, exactness = offers[0], 0.0, -1
    for offer in offers:
        named, exact = _weigh(offer, ranges, offers)
        found = (named * (worth or {}).get(offer, 1.0), exact)
        if found[0] > 0 and found > (weight, exactness):
            best, (weight, exactness) = offer, found
    if not weight:
        raise NotAcceptable(offers)
    return best


def _weigh(
    offer: MediaType, ranges: Sequence[tuple[MediaType, float]], offers: Sequence[MediaType]
) -> tuple[float, int]:
    """The weight of an offer and how exactly it was named: that of the most specific range that matches."""
    # A parameter counts only when an offer of that type has it: what a client invents, or charset, says nothing.
    known = {name for other in offers if other.essence == offer.essence for name, _ in other.parameters}
    exactness, weight = -1, 0.0
    for media_range, q in ranges:
        specificity = _specificity(media_range, offer, known)
        if specificity is not None:
            exactness, weight = max((exactness, weight), (specificity, q))
    return weight, exactness


def _specificity(media_range: MediaType, offer: MediaType, known: set[str]) -> int | None:
    """None when the range does not cover the offer."""
    if media_range.essence == "*/*":
        return 0
    if media_range.type != offer.type:
        return None
    if media_range.subtype == "*":
        return 1
    if media_range.subtype != offer.subtype:
        return None
    wanted = [parameter for parameter in media_range.parameters if parameter[0] in known]
    return 2 + len(wanted) if set(wanted) <= set(offer.parameters) else None


def _ranges(accept: str) -> Iterator[tuple[MediaType, float]]:
    """Each range of an Accept header with its weight. What is no media range is passed over."""
    for pieces in _elements(accept):
        # Old Java clients write "*" for "*/*".
        found = _media_type(["*/*", *pieces[1:]] if pieces[0] == "*" else pieces)
        if found is None:
            continue
        weight = 1.0
        plain = []
        for name, value in found.parameters:
            if name == "q":
                weight = _weight(value)
                break  # what follows the weight is no parameter of the media type
            plain.append((name, value))
        yield MediaType(found.type, found.subtype, tuple(plain)), weight


def _elements(header: str) -> Iterator[list[str]]:
    """The comma-separated elements of a header, each split at its semicolons; quoted strings stay whole."""
    pieces = [""]
    for piece in _PIECE.findall(header):
        if piece == ",":
            yield [p.strip() for p in pieces]
            pieces = [""]
        elif piece == ";":
            pieces.append("")
        else:
            pieces[-1] += piece
    yield [p.strip() for p in pieces]


def _media_type(pieces: Sequence[str]) -> MediaType | None:
    type_, slash, subtype = pieces[0].lower().partition("/")
    type_, subtype = type_.strip(), subtype.strip()
    if not slash or not _TOKEN.fullmatch(type_) or not _TOKEN.fullmatch(subtype) or (type_ == "*" and subtype != "*"):
        return None
    parameters = []
    for piece in pieces[1:]:
        name, equals, value = piece.partition("=")
        if equals and _TOKEN.fullmatch(name.strip()):
            parameters.append((name.strip().lower(), _unquoted(value.strip())))
    return MediaType(type_, subtype, tuple(parameters))


def _weight(text: str) -> float:
    """A weight between 0 and 1. What is no number counts as no weight given."""
    try:
        weight = float(text)
    except ValueError:
        return 1.0
    return 1.0 if math.isnan(weight) else min(max(weight, 0.0), 1.0)


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:].removesuffix('"'))
    return value


def _quoted(value: str) -> str:
    if _TOKEN.fullmatch(value):
        return value
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'
