"""The accountability chain of a finding, link by link, from the deprivation to what followed, with what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pyoxigraph import NamedNode

from escrgraph.vocabulary.kinds import Kinds
from escrgraph.vocabulary.labels import Label
from escrgraph.vocabulary.namespaces import DCTERMS, ESCR, local_name
from escrgraph.web.entity import Reading, Value
from escrgraph.web.incoming import field_label
from escrgraph.web.terms import term_label

TOLD = frozenset(ESCR + name for name in ("standing", "country", "forum", "caseTitle", "reply"))
"""The properties of a finding that stand above or below its chain, and need not be told again."""

_PAGE = "http://xmlns.com/foaf/0.1/page"
_SUPPORTS = "http://purl.org/spar/cito/supports"


class Role(StrEnum):
    """What a line is in its link of the chain."""

    FIGURE = "figure"
    TEXT = "text"
    NAME = "name"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said in a link. label: what the value is, where that is not plain from where it stands."""

    role: Role
    values: tuple[Value, ...]
    label: Label | None = None

    @property
    def href(self) -> str | None:
        """Where it leads."""
        return next((value.href for value in self.values if value.href), None)

    @property
    def external(self) -> bool:
        """Whether it leads to another site."""
        return next((value.external for value in self.values if value.href), False)


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain, missing without lines. how: the word on the way to it. contrary: it speaks against."""

    name: str
    label: Label
    how: Label
    lines: tuple[Line, ...]
    contrary: bool = False

    @property
    def missing(self) -> bool:
        """Whether the library has nothing for it."""
        return not self.lines


@dataclass(frozen=True, slots=True)
class Chain:
    """A finding as a chain. standing, forum, dates, case: how it stands, before whom, and when that was decided.

    replies: what the institution answered.
    """

    standing: tuple[Value, ...]
    standing_label: Label
    standing_name: str
    countries: tuple[Value, ...]
    country_label: Label
    forum: tuple[Value, ...]
    forum_label: Label
    dates: tuple[Value, ...]
    case: tuple[Value, ...]
    case_label: Label
    links: tuple[Link, ...]
    replies: tuple[Value, ...]
    reply_label: Label

    def link(self, name: str) -> Link | None:
        """The link of that name: deprivation, failure, institution, obligation, evidence, contrary or consequence."""
        return next((link for link in self.links if link.name == name), None)


def read_chain(reading: Reading, finding: NamedNode, kinds: Kinds) -> Chain:
    """The chain that is said of a finding."""
    return _Reader(reading, finding, kinds).chain()


class _Reader:
    def __init__(self, reading: Reading, finding: NamedNode, kinds: Kinds) -> None:
        self._reading, self._finding, self._kinds = reading, finding, kinds
        self._deprivations = reading.parts(finding, ESCR + "establishes")
        self._failures = [
            failure for node in self._deprivations for failure in reading.parts(node, ESCR + "attributedTo")
        ]

    def chain(self) -> Chain:
        consequences = self._reading.parts(self._finding, ESCR + "followedBy")
        standing = self._reading.parts(self._finding, ESCR + "standing")
        contrary = self._evidence("contradictedBy")
        links = [
            self._link("deprivation", "establishes", "establishes", self._deprivation()),
            self._link("failure", "attributedTo", "attributedTo", self._failure(), part=True),
            self._link("institution", "committedBy", "committedBy", self._institution(), part=True),
            self._link("obligation", "breaches", "breaches", self._obligation(), part=True),
            replace(self._link("evidence", "evidence", "", self._evidence("evidence")), how=self._term(_SUPPORTS)),
        ]
        if contrary:
            link = self._link("contrary", "contradictedBy", "contradictedBy", contrary)
            links.append(replace(link, contrary=True))
        links.append(self._link("consequence", "followedBy", "followedBy", self._consequence(consequences)))
        return Chain(
            standing=self._say("standing"),
            standing_label=self._field("standing"),
            standing_name=local_name(standing[0].value) if standing else "unknown",
            countries=self._say("country"),
            country_label=self._field("country"),
            forum=self._say("forum"),
            forum_label=self._field("forum"),
            dates=self._all(consequences, DCTERMS + "date"),
            case=self._say("caseTitle"),
            case_label=self._field("caseTitle"),
            links=tuple(links),
            replies=self._say("reply"),
            reply_label=self._field("reply"),
        )

    def _deprivation(self) -> Iterable[Line]:
        for node in self._deprivations:
            for observation in self._reading.parts(node, ESCR + "measuredBy"):
                yield from self._figure(observation)
        yield from self._text(self._deprivations, DCTERMS + "description")
        yield from self._notes(self._deprivations, "Deprivation", "right", "populationGroup", "period")

    def _figure(self, node: NamedNode) -> Iterable[Line]:
        """The qualifier, the number and the unit as one line, and what was measured."""
        value = self._reading.say(node, ESCR + "value")
        if value:
            parts = (*self._reading.say(node, ESCR + "qualifier"), *value, *self._reading.say(node, ESCR + "unit"))
            yield Line(Role.FIGURE, tuple(replace(part, href=None) for part in parts))
        indicator = self._reading.say(node, ESCR + "indicator")
        if indicator:
            yield Line(Role.NOTE, indicator, self._part_field("Observation", "indicator"))

    def _failure(self) -> Iterable[Line]:
        yield from self._text(self._failures, DCTERMS + "description")
        for value in self._all(self._failures, DCTERMS + "type"):
            yield Line(Role.NOTE, (value,), self._part_field("PolicyFailure", DCTERMS + "type"))

    def _institution(self) -> Iterable[Line]:
        named = self._all(self._failures, ESCR + "committedBy")
        for value in named:
            yield Line(Role.NAME, (value,))
        known = {value.text for value in named}
        others = [v for v in self._all(self._failures, ESCR + "institutionLabel") if v.text not in known]
        for value in others:
            yield Line(Role.NOTE, (value,), self._part_field("PolicyFailure", "institutionLabel"))

    def _obligation(self) -> Iterable[Line]:
        for value in self._all(self._failures, ESCR + "breaches"):
            yield Line(Role.NAME, (value,))
        yield from self._notes(self._failures, "PolicyFailure", "underProvision")

    def _evidence(self, path: str) -> list[Line]:
        lines = []
        for node in self._reading.parts(self._finding, ESCR + path):
            titles = self._reading.say(node, DCTERMS + "title")
            leads = (*self._reading.say(node, DCTERMS + "relation"), *self._reading.say(node, _PAGE))
            lead = leads[0] if leads else None
            shown = titles or leads[:1]
            lines += [
                Line(Role.NAME, (replace(value, href=lead.href, external=lead.external) if lead else value,))
                for value in shown
            ]
        return lines

    def _consequence(self, nodes: Sequence[NamedNode]) -> Iterable[Line]:
        for node in nodes:
            head = (*self._reading.say(node, DCTERMS + "type"), *self._reading.say(node, DCTERMS + "date"))
            if head:
                yield Line(Role.NOTE, tuple(replace(value, href=None) for value in head))
            yield from self._text([node], DCTERMS + "description")
            yield from self._notes([node], "Consequence", "by")

    def _text(self, nodes: Sequence[NamedNode], path: str) -> Iterable[Line]:
        return (Line(Role.TEXT, (value,)) for value in self._all(nodes, path))

    def _notes(self, nodes: Sequence[NamedNode], kind: str, *names: str) -> Iterable[Line]:
        for name in names:
            for value in self._all(nodes, ESCR + name):
                yield Line(Role.NOTE, (value,), self._part_field(kind, name))

    def _all(self, nodes: Sequence[NamedNode], path: str) -> tuple[Value, ...]:
        return tuple(dict.fromkeys(value for node in nodes for value in self._reading.say(node, path)))

    def _say(self, name: str) -> tuple[Value, ...]:
        return self._reading.say(self._finding, ESCR + name)

    def _link(self, name: str, field: str, how: str, lines: Iterable[Line], *, part: bool = False) -> Link:
        label = self._link_label(field) if part else self._field(field)
        return Link(name, label, self._term(ESCR + how), tuple(lines))

    def _link_label(self, name: str) -> Label:
        for kind in ("Deprivation", "PolicyFailure"):
            found = self._kinds[kind].field(ESCR + name)
            if found:
                return found.label(self._reading.language)
        return self._term(ESCR + name)

    def _field(self, name: str) -> Label:
        return field_label(self._kinds, "finding", ESCR + name, self._reading.language)

    def _part_field(self, kind: str, name: str) -> Label:
        path = name if ":" in name else ESCR + name
        field = self._kinds[kind].field(path) if kind in self._kinds else None
        return field.label(self._reading.language) if field else self._term(path)

    def _term(self, iri: str) -> Label:
        return term_label(iri, self._reading.language)
