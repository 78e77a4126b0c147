"""Requests of the SPARQL 1.1 Protocol, read from query string and body (sections 2.1 and 2.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from escrgraph.repository.errors import Malformed, TooLarge
from escrgraph.web.negotiation import MediaType
from escrgraph.web.problems import Refusal

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
PARAMETERS = 1000
"""How many parameters a request may have."""

Operation = Literal["query", "update"]
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")
_DIRECT: Mapping[Operation, str] = {"query": QUERY, "update": UPDATE}
_DATASET: Mapping[Operation, tuple[str, str]] = {
    "query": ("default-graph-uri", "named-graph-uri"),
    "update": ("using-graph-uri", "using-named-graph-uri"),
}
_ADDRESS: Mapping[Operation, str] = {"query": "/sparql", "update": "/update"}


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked. text: the query or update, None when there is none; graphs: None when the request names none.

    page: which part of the rows people want to see.
    """

    text: str | None
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    format: str | None
    page: int = 1


class Parameters:
    """The parameters of a request, in order, as strictly as they were written."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self._pairs = list(pairs)

    @classmethod
    def of(cls, source: bytes, what: str = "The query string") -> Parameters:
        """Read percent-encoded parameters. Raises Malformed when they are not UTF-8, TooLarge for too many."""
        try:
            return cls(parse_qsl(source.decode(), keep_blank_values=True, errors="strict", max_num_fields=PARAMETERS))
        except UnicodeDecodeError:
            raise Malformed(f"{what} is not UTF-8 in percent-encoding.") from None
        except ValueError:
            raise TooLarge(f"{what} has more than {PARAMETERS:,} parameters.") from None

    def __add__(self, other: Parameters) -> Parameters:
        return Parameters([*self._pairs, *other._pairs])

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self._pairs)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Names and values, in order."""
        return tuple(self._pairs)

    def names(self) -> tuple[str, ...]:
        """The name of each parameter, once."""
        return tuple(dict.fromkeys(key for key, _ in self._pairs))

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter."""
        return tuple(value for key, value in self._pairs if key == name)

    def once(self, name: str) -> str | None:
        """The value of a parameter, None when it is not there. Raises Malformed when it is there twice."""
        values = self.all(name)
        if len(values) > 1:
            raise Malformed(f"The parameter {name} was sent {len(values)} times. Send it once.")
        return values[0] if values else None


def read_request(operation: Operation, query_string: bytes, content_type: str | None, body: bytes | None) -> Request:
    """Read a request for one operation.

    body: None for a request without one (GET); content_type: the header as received.
    Raises Malformed for what the protocol forbids, Refusal (415) for a body of another type, TooLarge.
    """
    parameters = Parameters.of(query_string)
    text: str | None = None
    if body is not None:
        media = _body_type(operation, content_type)
        if media == FORM:
            parameters += Parameters.of(body, "The body")
        else:
            text = _text(body)
    if _other(operation) in parameters:
        raise _misdirected(_other(operation))
    named = parameters.once(operation)
    if named is not None and text is not None:
        raise Malformed(f"The {operation} stands both in the body and in the address. Send it once.")
    first, second = _DATASET[operation]
    return Request(
        named if text is None else text,
        _graphs(parameters, first),
        _graphs(parameters, second),
        parameters.once("format"),
        page_number(parameters.once("page")),
    )


def _other(operation: Operation) -> Operation:
    return "query" if operation == "update" else "update"


def _misdirected(sent: Operation) -> Malformed:
    return Malformed(f"This address takes no {sent}. Send the {sent} to {_ADDRESS[sent]}.")


def _body_type(operation: Operation, content_type: str | None) -> str:
    wanted = f"Send {FORM} with {operation}=…, or the {operation} alone as {_DIRECT[operation]}."
    if not content_type:
        raise Refusal(415, "Unsupported media type", f"The body has no Content-Type. {wanted}")
    try:
        media = MediaType.parse(content_type)
    except ValueError:
        raise Refusal(415, "Unsupported media type", f"“{content_type}” is no media type. {wanted}") from None
    if media.essence == _DIRECT[_other(operation)]:
        raise _misdirected(_other(operation))
    if media.essence not in {FORM, _DIRECT[operation]}:
        raise Refusal(415, "Unsupported media type", f"The body is {media.essence}. {wanted}")
    charset = media.parameter("charset")
    if charset is not None and charset.lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise Malformed(f"The body is in {charset}. SPARQL over HTTP is sent in UTF-8.")
    return media.essence


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"The body is not UTF-8: byte {error.start + 1} is wrong. Send it in UTF-8.") from None


def _graphs(parameters: Parameters, name: str) -> tuple[str, ...] | None:
    return tuple(absolute(value, name) for value in parameters.all(name)) or None


def page_number(text: str | None) -> int:
    """The number of a page, 1 when none is named. Raises Malformed."""
    if text is None:
        return 1
    if not re.fullmatch("[1-9][0-9]{0,5}", text):
        raise Malformed(f"The parameter page is “{text}”, and pages are numbered from 1.")
    return int(text)


def absolute(iri: str, name: str) -> str:
    """The IRI. Raises Malformed, naming the parameter, for what cannot stand between angle brackets."""
    if not _ABSOLUTE.fullmatch(iri):
        raise Malformed(f"{name} is “{iri}”, which is no absolute IRI.")
    return iri
