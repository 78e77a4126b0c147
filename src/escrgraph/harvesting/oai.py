"""OAI-PMH 2.0: the records of the register, in Dublin Core and in RDF, by date and by set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from escrgraph.harvesting import dublin_core
from escrgraph.harvesting.contents import Library
from escrgraph.harvesting.oai_arguments import Asked, ProtocolError, Selection
from escrgraph.harvesting.register import EVERYTHING, Span, State, View
from escrgraph.harvesting.registering import LATE
from escrgraph.harvesting.sets import OPPORTUNITY, TYPE, language_of_set, record_of_set
from escrgraph.harvesting.statements import Statement
from escrgraph.harvesting.xml import element, escaped, rdf_xml, written
from escrgraph.vocabulary.iris import BadAddress
from escrgraph.vocabulary.kinds import Kinds
from escrgraph.vocabulary.labels import choose_label
from escrgraph.vocabulary.languages import language_name
from escrgraph.vocabulary.namespaces import RDF

OAI = "http://www.openarchives.org/OAI/2.0/"
_BEGINNING = f'<OAI-PMH xmlns="{OAI}" xmlns:xsi="{dublin_core.XSI}" xsi:schemaLocation="{OAI} {OAI}OAI-PMH.xsd">'
PAGE = 250
"""Records of one page of a list."""

IDENTIFIERS = 500
"""Headers of one page of a list of identifiers."""

FORMATS = {
    "oai_dc": (dublin_core.SCHEMA, dublin_core.OAI_DC),
    "rdf": ("http://www.openarchives.org/OAI/2.0/rdf.xsd", RDF),
}
"""Metadata formats: prefix -> schema and namespace."""

_FAMILY_NAMES = {
    "type": "Records by type",
    "right": "Records about a right",
    "country": "Records about a country",
    "method": "Records that use or describe a method",
    "language": "Records of works in a language",
    OPPORTUNITY: "Opportunities and calls for input",
}


@dataclass(frozen=True, slots=True)
class Provider:
    """The repository as it identifies itself. address: of the interface; contact: an e-mail address."""

    address: str
    name: str
    contact: str
    kinds: Kinds


class Answering:
    """Answers requests from one view of the register. now: the moment of the answer."""

    def __init__(self, provider: Provider, view: View, library: Library, now: datetime) -> None:
        self._provider = provider
        self._view = view
        self._library = library
        # A change that readers see within LATE seconds has the time of its entry, so up to this moment all is known:
        # whoever harvests next from here on misses nothing.
        self._moment = now - timedelta(seconds=LATE)

    def answer(self, asked: Asked) -> bytes:
        """The answer to a request that could be read."""
        try:
            told = self._verbs[asked.verb](self, asked)
        except ProtocolError as error:
            return refused(self._provider.address, self._moment, error, asked.arguments)
        request = element("request", escaped(self._provider.address), **asked.arguments)
        return _answer(self._moment, request, element(asked.verb, told))

    def _identify(self, _: Asked) -> str:
        told = (
            ("repositoryName", self._provider.name),
            ("baseURL", self._provider.address),
            ("protocolVersion", "2.0"),
            ("adminEmail", self._provider.contact),
            ("earliestDatestamp", _stamp(self._view.first() or self._moment)),
            ("deletedRecord", "persistent"),
            ("granularity", "YYYY-MM-DDThh:mm:ssZ"),
        )
        return "".join(element(name, escaped(text)) for name, text in told)

    def _formats(self, asked: Asked) -> str:
        if "identifier" in asked.arguments:
            self._state(asked.arguments["identifier"])
        return "".join(
            element(
                "metadataFormat",
                element("metadataPrefix", prefix) + element("schema", schema) + element("metadataNamespace", namespace),
            )
            for prefix, (schema, namespace) in FORMATS.items()
        )

    def _sets(self, _: Asked) -> str:
        names = self._view.sets()
        if not names:
            raise ProtocolError("noSetHierarchy", "There are no records yet, and so no sets.")
        titles = set_titles(names, self._library, self._provider.kinds)
        return "".join(
            element("set", element("setSpec", name) + element("setName", escaped(titles[name]))) for name in names
        )

    def _record(self, asked: Asked) -> str:
        state = self._state(asked.arguments["identifier"])
        prefix = _known(asked.arguments["metadataPrefix"])
        return self._written([state], prefix)

    def _identifiers(self, asked: Asked) -> str:
        selection, states, more = self._page(asked, IDENTIFIERS)
        headers = "".join(self._header(state, state.gone) for state in states)
        return headers + _resuming(selection, states, more)

    def _records(self, asked: Asked) -> str:
        selection, states, more = self._page(asked, PAGE)
        return self._written(states, selection.prefix) + _resuming(selection, states, more)

    _verbs: Mapping[str, Callable[[Answering, Asked], str]] = {
        "Identify": _identify,
        "ListMetadataFormats": _formats,
        "ListSets": _sets,
        "GetRecord": _record,
        "ListIdentifiers": _identifiers,
        "ListRecords": _records,
    }

    def _page(self, asked: Asked, size: int) -> tuple[Selection, list[State], bool]:
        """The selection, the records of its page, and whether more follow."""
        selection = asked.selection
        if selection is None:
            raise ProtocolError("badArgument", f"{asked.verb} needs the argument metadataPrefix.")
        _known(selection.prefix)
        span = Span(selection.after, selection.first, selection.last)
        found = self._view.states(selection.set or EVERYTHING, span, size + 1)
        if not found:
            raise ProtocolError("noRecordsMatch", "No record was changed in that time, or there is none in that set.")
        return selection, found[:size], len(found) > size

    def _written(self, states: Sequence[State], prefix: str) -> str:
        there = [state.record for state in states if not state.gone]
        contents = self._library.statements(there, self._view.generation)
        names: dublin_core.Names = {}
        if prefix == "oai_dc":
            names = self._library.names(iri for said in contents.values() for iri in dublin_core.linked(said))
        parts = []
        for state in states:
            said = contents.get(state.record, [])
            metadata = element("metadata", self._metadata(state.record, said, prefix, names)) if said else ""
            parts.append(f"<record>{self._header(state, not said)}{metadata}</record>")
        return "".join(parts)

    def _metadata(self, record: str, said: Sequence[Statement], prefix: str, names: dublin_core.Names) -> str:
        if prefix == "rdf":
            return rdf_xml(said)
        kind = self._provider.kinds.by_type.get(record.partition("/")[0])
        label = kind.label("en").text if kind else record.partition("/")[0]
        iri = self._library.base.record_iri(record)
        return dublin_core.oai_dc(dublin_core.describe(iri, label, said, names))

    def _header(self, state: State, deleted: bool) -> str:
        identifier = escaped(self._library.base.record_iri(state.record))
        sets = "".join(f"<setSpec>{name}</setSpec>" for name in state.sets)  # set names are plain words
        beginning = '<header status="deleted">' if deleted else "<header>"
        stamp = element("datestamp", _stamp(state.stamp))
        return f"{beginning}<identifier>{identifier}</identifier>{stamp}{sets}</header>"

    def _state(self, identifier: str) -> State:
        """The record of an identifier. Raises ProtocolError (idDoesNotExist)."""
        record = self._library.base.record_of(identifier)
        found = None
        if record is not None and self._library.base.record_iri(record) == identifier:
            found = self._view.state(record) or self._erased(record)
        if found is None:
            raise ProtocolError("idDoesNotExist", f"There is no record “{identifier}” here, and there never was.")
        return found

    def _erased(self, record: str) -> State | None:
        """A record that was redacted: no list names it, and who asks for it by name learns that it is gone."""
        change = self._library.log.last_change(record, self._view.generation)
        if change is None:
            return None
        entry, did = change
        return State(record, 0, entry.number, entry.time, entry.time, entry.time, did.action, None)


def set_titles(names: Sequence[str], library: Library, kinds: Kinds, language: str = "en") -> dict[str, str]:
    """What sets are called in a language. Raises RepositoryError."""
    records = {name: record for name in names if (record := record_of_set(name))}
    iris = {name: library.base.record_iri(record) for name, record in records.items() if _address(record, library)}
    labels = library.names(iris.values())
    found = {}
    for name in names:
        family, _, word = name.partition(":")
        kind = kinds.by_type.get(word) if family == TYPE else None
        label = choose_label(labels.get(iris.get(name, ""), ()), language)
        if label is not None:
            found[name] = label.text
        elif kind is not None:
            plural = choose_label(kind.plurals, language)
            found[name] = plural.text if plural else kind.label(language).text
        elif (tag := language_of_set(name)) is not None:
            found[name] = language_name(tag, language)
        else:
            found[name] = _FAMILY_NAMES.get(name, word or name)
    return found


def refused(address: str, moment: datetime, error: ProtocolError, arguments: Mapping[str, str] | None = None) -> bytes:
    """The answer to a request that the protocol refuses; it is echoed where that is allowed (section 3.6)."""
    echoed = {} if error.code in {"badVerb", "badArgument"} else dict(arguments or {})
    request = element("request", escaped(address), **echoed)
    return _answer(moment, request, element("error", escaped(str(error)), code=error.code))


def _answer(moment: datetime, request: str, told: str) -> bytes:
    return written(f"{_BEGINNING}{element('responseDate', _stamp(moment))}{request}{told}</OAI-PMH>")


def _resuming(selection: Selection, states: Sequence[State], more: bool) -> str:
    """The token of the next page; an empty one ends a list of several pages (section 3.5)."""
    if more:
        shown = selection.shown + len(states)
        following = replace(selection, after=states[-1].position, shown=shown)
        return element("resumptionToken", following.token(), cursor=str(selection.shown))
    return element("resumptionToken", cursor=str(selection.shown)) if selection.after else ""


def _known(prefix: str) -> str:
    if prefix not in FORMATS:
        raise ProtocolError(
            "cannotDisseminateFormat", f"There is no format “{prefix}” here. There is: {', '.join(FORMATS)}."
        )
    return prefix


def _address(record: str, library: Library) -> bool:
    try:
        library.base.record_iri(record)
    except BadAddress:
        return False
    return True


@lru_cache(256)  # what was published together has one
def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
