"""Records from a SPARQL endpoint: listed page by page in the order of their addresses, then read with their parts."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from escrgraph.harvesting.taking import pieces
from escrgraph.harvesting.taking.fetching import Fetcher
from escrgraph.harvesting.taking.found import Found, Mark, Page, SourceFailed
from escrgraph.repository.checkers import Checker
from escrgraph.repository.errors import RepositoryError
from escrgraph.repository.readers import Query
from escrgraph.validation import Parsed, Problem
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.namespaces import XSD

PAGE = 50
"""Records on a page. The queries say the same number."""

DEEPEST = 4
"""How far parts of a record may hold parts."""

_BEGINNING = "0001-01-01T00:00:00Z"
_MOMENT = NamedNode(XSD + "dateTime")


@dataclass(frozen=True, slots=True)
class Listing:
    """How an endpoint lists its records. class_: what a record is an instance of, empty for another escrgraph.

    modified: the property with the time of a record's last change, empty for none.
    """

    class_: str = ""
    modified: str = ""

    @property
    def dated(self) -> bool:
        """Whether changes can be asked for."""
        return not self.class_ or bool(self.modified)


class Endpoint:
    """A SPARQL endpoint."""

    def __init__(self, address: str, fetcher: Fetcher, checker: Checker, listing: Listing) -> None:
        self._address, self._fetcher, self._checker, self._listing = address, fetcher, checker, listing

    def pages(self, mark: Mark) -> Iterator[Page]:
        """What is new since a mark. Without dates everything is read, and what is not listed is gone."""
        after, newest = "", ""
        if mark.position:
            kept = json.loads(mark.position)
            after, newest = kept["after"], kept["newest"]
        elif self._listing.dated:
            # Asked first: what changes while the list is read is newer, and comes with the next harvest.
            newest = next((row["newest"] for row in self._rows("newest", {}) if "newest" in row), "")
        while True:
            rows = self._rows("records", {"after": [Literal(after)], "since": [_moment(mark.since or _BEGINNING)]})
            if not rows:
                yield Page((), Mark(newest if self._listing.dated else ""), whole=not self._listing.dated)
                return
            last = max(row.get("record", "") for row in rows)
            if last <= after:
                raise SourceFailed(f"{self._address} does not list its records in order, so the list has no end.")
            after = last
            yield Page(self._found(rows), Mark(mark.since, json.dumps({"after": after, "newest": newest})))

    def _found(self, rows: Sequence[Mapping[str, str]]) -> tuple[Found, ...]:
        heads = {row["record"]: Found(row["record"], row.get("modified", ""), gone="gone" in row) for row in rows}
        wanted = [found.identifier for found in heads.values() if not found.gone]
        contents = self._contents(wanted) if wanted else {}
        return tuple(
            found
            if found.gone
            else Found(found.identifier, found.datestamp, quads=tuple(quads), problems=tuple(problems))
            for found in heads.values()
            for quads, problems in [contents.get(found.identifier, ((), ()))]
        )

    def _contents(self, records: Sequence[str]) -> dict[str, tuple[list[Quad], list[Problem]]]:
        """What is said of records and of their parts, which are found by the addresses that begin with the record's."""
        found: dict[str, tuple[list[Quad], list[Problem]]] = {record: ([], []) for record in records}
        inward = self._about("naming", records)
        parts = {_value(quad.subject) for quad in inward.quads}
        waiting, seen = {*records, *(part for part in parts if _owner(part, found))}, set[str]()
        for _ in range(DEEPEST):
            if not waiting:
                break
            seen |= waiting
            told = self._about("about", sorted(waiting))
            for quad in told.quads:
                if owner := _owner(_value(quad.subject), found):
                    found[owner][0].append(quad)
            for problem in told.problems:
                if owner := _owner(problem.subject, found):
                    found[owner][1].append(problem)
            waiting = {_value(quad.object) for quad in told.quads if _owner(_value(quad.object), found)} - seen
        return found

    def _about(self, name: str, things: Collection[str]) -> Parsed:
        """Rows of subject, property and value. How many there are is asked first: some endpoints cut answers short."""
        terms = {"thing": [NamedNode(thing) for thing in things]}
        (counted,) = self._rows(f"{name}-count", terms) or [{}]
        answer = self._asked(name, terms)
        try:
            told = pieces.read_one(self._checker, pieces.Piece(pieces.ROWS, answer, None, pieces.PAGE))
        except RepositoryError as error:
            raise SourceFailed(f"{self._address} answers with what cannot be read: {error}") from None
        rows = len(self._bindings(answer))
        if counted.get("count", "").isdecimal() and rows < int(counted["count"]):
            raise SourceFailed(
                f"{self._address} gave {rows:,} of {int(counted['count']):,} rows: it cuts answers short, and a record "
                "would be taken by halves."
            )
        return told

    def _rows(self, name: str, values: Mapping[str, Sequence[Literal | NamedNode]]) -> list[dict[str, str]]:
        return self._bindings(self._asked(name, values))

    def _bindings(self, answer: bytes) -> list[dict[str, str]]:
        try:
            bindings = json.loads(answer)["results"]["bindings"]
            return [{key: str(term["value"]) for key, term in row.items()} for row in bindings]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise SourceFailed(f"{self._address} does not answer with SPARQL results in JSON.") from None

    def _asked(self, name: str, values: Mapping[str, Sequence[Literal | NamedNode]]) -> bytes:
        answer = self._fetcher.post(self._address, pieces.ROWS, {"query": self._text(name, values)})
        if answer.media not in (pieces.ROWS, "application/json"):
            raise SourceFailed(
                f"{self._address} answers with {answer.media or 'an unnamed type'}, and not with SPARQL results."
            )
        return answer.body

    def _text(self, name: str, values: Mapping[str, Sequence[Literal | NamedNode]]) -> str:
        filled: dict[str, Any] = dict(values)
        if self._listing.class_ and name in ("records", "newest"):
            name += "-of-class"
            filled["class"] = [NamedNode(self._listing.class_)]
            filled["path"] = [NamedNode(self._listing.modified or "urn:none")]
        text = shipped.path(f"queries/harvesting/{name}.rq").read_text(encoding="utf-8")
        return str(Query(text, values=filled).request()["text"])


def _moment(text: str) -> Literal:
    return Literal(text, datatype=_MOMENT)


def _value(node: object) -> str:
    return node.value if isinstance(node, NamedNode) else ""


def _owner(thing: str, records: Collection[str]) -> str | None:
    """The record to which a thing belongs, itself or by an address below the record's."""
    if thing in records:
        return thing
    place = len(thing)
    while (place := max(thing.rfind("/", 0, place), thing.rfind("#", 0, place))) > 0:
        if thing[:place] in records:
            return thing[:place]
    return None
