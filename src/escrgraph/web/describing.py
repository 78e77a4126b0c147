"""What a view says of itself for the description of the API: set on the view, beside its route."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from escrgraph.vocabulary.kinds import Kinds
from escrgraph.vocabulary.languages import LANGUAGES

HTML, JSON, CSV = "text/html", "application/json", "text/csv"

_View = TypeVar("_View", bound=Callable[..., Any])
_NAME = "described_as"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the query string. many: it may be there several times. example: a value that is answered."""

    name: str
    meaning: str
    example: str | None = None
    required: bool = False
    many: bool = False
    choices: tuple[str, ...] = ()
    type: str = "string"


Parameters = Sequence[Parameter] | Callable[[Kinds], Sequence[Parameter]]

LANG = Parameter("lang", "Language of the answer, instead of Accept-Language.", choices=LANGUAGES)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked at an address.

    tag: the group it belongs to. answers: status -> media types, none for an answer without a body.
    parameters: of the query string, or what gives them from the kinds. bodies: media types that a request may bring.
    place: a value for each variable of the path that is answered. schema: name of the schema of its JSON.
    """

    tag: str
    answers: Mapping[int, Sequence[str]]
    parameters: Parameters = ()
    bodies: Sequence[str] = ()
    place: Mapping[str, str] = field(default_factory=dict)
    schema: str | None = None


def described(
    tag: str,
    *media: str,
    method: str | None = None,
    status: int = 200,
    parameters: Parameters = (),
    bodies: Sequence[str] = (),
    place: Mapping[str, str] | None = None,
    schema: str | None = None,
) -> Callable[[_View], _View]:
    """Say what a view answers. Stands below the route; its words are those of the view's docstring.

    method: of the request, where a view takes several that differ. The rest as for Operation.
    """

    def mark(view: _View) -> _View:
        operations = dict(getattr(view, _NAME, {}))
        operations[method] = Operation(tag, {status: media}, parameters, tuple(bodies), dict(place or {}), schema)
        setattr(view, _NAME, operations)
        return view

    return mark


def operation(view: Callable[..., Any], method: str) -> Operation | None:
    """What a view says of itself for a method; None when it says nothing."""
    operations: Mapping[str | None, Operation] = getattr(view, _NAME, {})
    return operations.get(method) or operations.get(None)
