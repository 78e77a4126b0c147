"""Records over OAI-PMH 2.0: lists that go on by resumption tokens, changes by date, deletions by header."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from lxml import etree

from escrgraph.harvesting.oai import OAI
from escrgraph.harvesting.taking import pieces
from escrgraph.harvesting.taking.fetching import Fetcher
from escrgraph.harvesting.taking.found import Found, Mark, Page, SourceFailed
from escrgraph.harvesting.taking.texts import parsed, values_of
from escrgraph.repository.checkers import Checker
from escrgraph.repository.errors import RepositoryError
from escrgraph.vocabulary.namespaces import RDF

IDLE = 3
"""Pages in a row that may bring nothing that this reading has not seen; more, and the list is taken to be endless."""

_ACCEPT = "text/xml, application/xml;q=0.9"
_NS = f"{{{OAI}}}"


class _Expired(Exception):
    """The source knows a resumption token no longer."""


@dataclass(frozen=True, slots=True)
class _List:
    """A page of a list. date: of the answer; token: of the next page, empty for none; total: as told by the source."""

    date: str
    records: tuple[etree._Element, ...]
    token: str
    total: int | None


class OaiPmh:
    """A repository that speaks OAI-PMH. prefix: the metadata format to ask for; set_: a setSpec, empty for all."""

    def __init__(self, address: str, fetcher: Fetcher, checker: Checker, prefix: str = "rdf", set_: str = "") -> None:
        self._address, self._fetcher, self._checker = address, fetcher, checker
        self._prefix, self._set = prefix, set_

    def pages(self, mark: Mark) -> Iterator[Page]:
        """What is new since a mark, see `Source`. A token that has expired costs reading the list anew, once."""
        if not mark.position:
            yield from self._from_the_start(mark)
            return
        try:
            yield from self._go_on(mark, **json.loads(mark.position))
        except _Expired:
            yield from self._from_the_start(Mark(mark.since))

    def _from_the_start(self, mark: Mark) -> Iterator[Page]:
        arguments = {"verb": "ListRecords", "metadataPrefix": self._prefix}
        if self._set:
            arguments["set"] = self._set
        if mark.since:
            # A source that counts days takes no seconds; its own day is asked for again, whole.
            arguments["from"] = mark.since if self._counts_seconds() else mark.since[:10]
        first = self._list(arguments)
        yield self._page(first, mark, first.date)
        try:
            yield from self._go_on(
                mark,
                first.token,
                first.date,
                {record.findtext(f".//{_NS}identifier") or "" for record in first.records},
            )
        except _Expired:
            raise SourceFailed(
                f"{self._address} knows its own resumption token no longer. Run the same command again to go on."
            ) from None

    def _go_on(self, mark: Mark, token: str, began: str, seen: set[str] | None = None) -> Iterator[Page]:
        """The pages from a token on. seen: identifiers that this reading came by."""
        known, used, idle = seen or set(), {token}, 0
        while token:
            found = self._list({"verb": "ListRecords", "resumptionToken": token})
            if found.token in used:
                raise SourceFailed(
                    f"{self._address} gave the same resumption token twice, so its list has no end. "
                    "What came before is kept."
                )
            names = {record.findtext(f".//{_NS}identifier") or "" for record in found.records}
            idle = 0 if names - known else idle + 1
            if idle >= IDLE and found.token:
                raise SourceFailed(
                    f"{self._address} gave {IDLE} pages in a row that hold nothing new, so its list seems to have no "
                    "end. What came before is kept."
                )
            known |= names
            token = found.token
            used.add(token)
            yield self._page(found, mark, began)

    def _page(self, found: _List, mark: Mark, began: str) -> Page:
        records = self._records(found.records)
        if not found.token:
            return Page(records, Mark(began), found.total)
        return Page(records, Mark(mark.since, json.dumps({"token": found.token, "began": began})), found.total)

    def _counts_seconds(self) -> bool:
        return "T" in (self._root({"verb": "Identify"}).findtext(f".//{_NS}granularity") or "")

    def _list(self, arguments: Mapping[str, str]) -> _List:
        root = self._root(arguments)
        date = root.findtext(f"{_NS}responseDate") or ""
        error = root.find(f"{_NS}error")
        if error is not None:
            code = error.get("code", "")
            if code == "noRecordsMatch":
                return _List(date, (), "", 0)
            if code == "badResumptionToken":
                raise _Expired
            raise SourceFailed(f"{self._address} answers {code[:40]}: {(error.text or '').strip()[:300]}")
        listed = root.find(f"{_NS}ListRecords")
        if listed is None or not date:
            raise SourceFailed(f"{self._address} does not answer with a list of records as OAI-PMH has it.")
        token = listed.find(f"{_NS}resumptionToken")
        total = token.get("completeListSize", "") if token is not None else ""
        return _List(
            date,
            tuple(listed.iterchildren(f"{_NS}record")),
            (token.text or "").strip() if token is not None else "",
            int(total) if total.isascii() and total.isdecimal() and len(total) < 12 else None,
        )

    def _root(self, arguments: Mapping[str, str]) -> etree._Element:
        glue = "&" if "?" in self._address else "?"
        answer = self._fetcher.get(f"{self._address}{glue}{urlencode(arguments)}", _ACCEPT)
        if "xml" not in answer.media:
            raise SourceFailed(f"{self._address} answers with {answer.media or 'an unnamed type'}, and not with XML.")
        root = parsed(answer.body, self._address)
        if root.tag != f"{_NS}OAI-PMH":
            raise SourceFailed(f"{self._address} answers with XML that is not OAI-PMH.")
        return root

    def _records(self, elements: tuple[etree._Element, ...]) -> tuple[Found, ...]:
        found: list[Found] = []
        rdf: dict[int, pieces.Piece] = {}
        for element in elements:
            one = _record(element)
            body = element.find(f"{_NS}metadata//{{{RDF}}}RDF")
            if body is not None and not one.gone and not one.trouble:
                rdf[len(found)] = pieces.Piece("application/rdf+xml", etree.tostring(body), one.identifier)
            found.append(one)
        for place, read in zip(rdf, pieces.read(self._checker, list(rdf.values())), strict=True):
            one = found[place]
            if isinstance(read, RepositoryError):
                found[place] = Found(one.identifier, one.datestamp, trouble=str(read))
            else:
                found[place] = Found(one.identifier, one.datestamp, quads=read.quads, problems=read.problems)
        return tuple(found)


def _record(element: etree._Element) -> Found:
    """A record by its header, with the texts of its metadata."""
    identifier = (element.findtext(f"{_NS}header/{_NS}identifier") or "").strip()
    datestamp = (element.findtext(f"{_NS}header/{_NS}datestamp") or "").strip()
    header, metadata = element.find(f"{_NS}header"), element.find(f"{_NS}metadata")
    if not identifier or header is None:
        return Found("", datestamp, trouble="It has no identifier.")
    if header.get("status") == "deleted":
        return Found(identifier, datestamp, gone=True)
    if metadata is None:
        return Found(identifier, datestamp, trouble="It has no metadata, and is not said to be deleted.")
    return Found(identifier, datestamp, values=values_of(metadata))
