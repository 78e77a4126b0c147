"""What an OAI-PMH request asks: verb, arguments, dates, and the token that resumes a list (OAI-PMH 2.0, section 3)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

VERBS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "Identify": (frozenset(), frozenset()),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"})),
    "ListSets": (frozenset(), frozenset({"resumptionToken"})),
    "GetRecord": (frozenset({"identifier", "metadataPrefix"}), frozenset()),
    "ListIdentifiers": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set", "resumptionToken"})),
    "ListRecords": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set", "resumptionToken"})),
}
"""Each verb with the arguments that it needs and those that it may have. A resumption token stands alone."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SECOND = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_SET = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*")
_LONGEST = 2_000


class ProtocolError(Exception):
    """A request that the protocol answers with an error. code: its name there; the text says what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Selection:
    """What a list holds, and where in it the page begins.

    start, end: as in the request, seconds or days. after: the position in the log that the page follows; shown: how
    many records the pages before had.
    """

    prefix: str
    set: str | None = None
    start: str | None = None
    end: str | None = None
    after: int = 0
    shown: int = 0

    @property
    def first(self) -> datetime | None:
        """The first moment of the list."""
        return _moment(self.start, end=False) if self.start else None

    @property
    def last(self) -> datetime | None:
        """The last moment of the list; of a day its last second."""
        return _moment(self.end, end=True) if self.end else None

    def token(self) -> str:
        """The resumption token of this page; all that is needed stands in it, so it stays good for ever."""
        told = {key: value for key, value in asdict(self).items() if value is not None}
        text = json.dumps(told, separators=(",", ":"), sort_keys=True)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. arguments: as they were sent, the verb among them, for the echo."""

    verb: str
    arguments: Mapping[str, str]
    selection: Selection | None = field(default=None)


def read(pairs: Sequence[tuple[str, str]]) -> Asked:
    """Read the arguments of a request. Raises ProtocolError: badVerb, badArgument, badResumptionToken."""
    verbs = [value for name, value in pairs if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in VERBS:
        sent = f"There is no verb “{verbs[0]}”" if len(verbs) == 1 else f"The request has {len(verbs)} verbs"
        raise ProtocolError("badVerb", f"{sent}. Send one of: {', '.join(VERBS)}.")
    verb = verbs[0]
    arguments = _arguments(verb, [pair for pair in pairs if pair[0] != "verb"])
    return Asked(verb, {"verb": verb, **arguments}, _selection(verb, arguments))


def _arguments(verb: str, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    needed, allowed = VERBS[verb]
    arguments: dict[str, str] = {}
    for name, value in pairs:
        if name in arguments:
            raise ProtocolError("badArgument", f"The argument {name} was sent more than once.")
        if name not in needed | allowed:
            known = ", ".join(sorted(needed | allowed)) or "none"
            raise ProtocolError("badArgument", f"{verb} has no argument “{name}”. It has: {known}.")
        arguments[name] = value
    if "resumptionToken" in arguments:
        if len(arguments) > 1:
            raise ProtocolError("badArgument", "A resumptionToken is sent alone, beside the verb only.")
        return arguments
    for name in sorted(needed - arguments.keys()):
        raise ProtocolError("badArgument", f"{verb} needs the argument {name}.")
    return arguments


def _selection(verb: str, arguments: Mapping[str, str]) -> Selection | None:
    if "resumptionToken" in arguments:
        return _resumed(verb, arguments["resumptionToken"])
    if "metadataPrefix" not in arguments or verb == "GetRecord":
        return None
    start, end, name = arguments.get("from"), arguments.get("until"), arguments.get("set")
    _check_dates(start, end)
    if name is not None and not _SET.fullmatch(name):
        raise ProtocolError("badArgument", f"“{name}” cannot name a set. See ListSets.")
    return Selection(arguments["metadataPrefix"], name, start, end)


def _check_dates(start: str | None, end: str | None) -> None:
    for name, date in (("from", start), ("until", end)):
        if date is not None:
            try:
                _moment(date, end=name == "until")
            except (ValueError, OverflowError):
                raise ProtocolError(
                    "badArgument",
                    f"{name} is “{date}”. Write a moment as 2026-01-31T12:00:00Z, or a day as 2026-01-31.",
                ) from None
    if start and end:
        if len(start) != len(end):
            raise ProtocolError(
                "badArgument", "from and until differ in granularity. Give both as days or both as moments."
            )
        if start > end:
            raise ProtocolError("badArgument", f"from ({start}) is later than until ({end}).")


def _moment(text: str, *, end: bool) -> datetime:
    if _SECOND.fullmatch(text):
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if _DAY.fullmatch(text):
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        return day.replace(hour=23, minute=59, second=59) if end else day
    raise ValueError(text)


def _resumed(verb: str, token: str) -> Selection | None:
    """The page that a token stands for. A forged one is refused, or at worst asks for what anybody may ask for."""
    wrong = ProtocolError("badResumptionToken", "The resumptionToken is none of this service. Begin the list anew.")
    if verb == "ListSets" or len(token) > _LONGEST or not re.fullmatch(r"[A-Za-z0-9_-]+", token):
        raise wrong
    try:
        found = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        selection = Selection(**found)
        _check(selection)
        _check_dates(selection.start, selection.end)
    except (binascii.Error, ValueError, TypeError, RecursionError, ProtocolError):
        raise wrong from None
    return selection


def _check(selection: Selection) -> None:
    texts = (selection.prefix, selection.set or "", selection.start or "", selection.end or "")
    numbers = (selection.after, selection.shown)
    if not all(isinstance(text, str) for text in texts) or (selection.set and not _SET.fullmatch(selection.set)):
        raise ValueError
    if not all(type(number) is int and 0 <= number < 1 << 62 for number in numbers):
        raise ValueError
