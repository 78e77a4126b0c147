"""The SPARQL behind lists and facets: what a selection means, said by the paths of the shapes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import Literal

from escrgraph.search.asking import Selection
from escrgraph.search.facets import LONGEST_SPAN, TYPE, FacetOf, facet_name, is_date
from escrgraph.search.sparql import MOST, SERVICE, TERMS
from escrgraph.vocabulary import edtf
from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.kinds import Kind, Kinds
from escrgraph.vocabulary.namespaces import SH, SKOS
from escrgraph.web.entity import NAMING
from escrgraph.web.sparql_text import iri, with_prefixes, written

DEEP = 4
"""Parts within parts that are looked into."""

_BROADER = SKOS + "broader"


@dataclass(frozen=True, slots=True)
class Way:
    """How one gets from a record to the values of a field. kind: of the record; steps: properties."""

    kind: Kind
    steps: tuple[str, ...]
    field: Field


_YEAR = re.compile(r"-?[0-9]{1,9}")
_NONE = "FILTER(false)"
"""What no record matches, such as one of a year that is none."""


class ListQueries:
    """Writes the queries. facets: those there are, by name."""

    def __init__(self, facets: Mapping[str, FacetOf], kinds: Kinds) -> None:
        self._kinds = kinds
        self._facets = facets
        self._above = {name: self._wider(name) for name in facets}
        self._by_facet: dict[str, list[Way]] = {}
        self._by_steps: dict[tuple[str, ...], list[tuple[str, str | None]]] = {}
        for kind in kinds.by_type.values():
            for way in ways(kind, kinds):
                name = facet_name(way.field, kinds) if way.field.facet else None
                self._by_steps.setdefault(way.steps, []).append((kind.name, name))
                if name:
                    self._by_facet.setdefault(name, []).append(way)

    def records(self, selection: Selection) -> str:
        """A query for the records of a selection, with a name of each."""
        names = "|".join(written(name) for name in NAMING)
        where = [*self._where(selection), f"OPTIONAL {{ ?record {names} ?name }}"]
        if selection.text:
            head = "SELECT ?record (MIN(?name) AS ?title) (MAX(?score) AS ?relevance)"
            return _query(head, where, "GROUP BY ?record ORDER BY DESC(?relevance) ?record")
        return _query("SELECT ?record (MIN(?name) AS ?title)", where, "GROUP BY ?record ORDER BY ?title ?record")

    def facet(self, selection: Selection, name: str, terms: Sequence[str]) -> str:
        """A query for the counts of a facet among the records of a selection. terms: those that there are."""
        if name == TYPE:  # types are alternatives, each counted as if none had been chosen
            selection = replace(selection, types=())
        where = [*self._where(selection), *self._counted(selection, name, terms)]
        tail = "GROUP BY ?term ORDER BY DESC(?count) ?term"
        return _query("SELECT ?term (COUNT(DISTINCT ?record) AS ?count)", where, tail)

    def _counted(self, selection: Selection, name: str, terms: Sequence[str]) -> list[str]:
        if name == TYPE:
            return [f"?record a ?term . {self._classes(selection, '?term')}"]
        if self._dated(name):
            years = " ".join(str(int(term)) for term in terms)
            return [f"VALUES ?term {{ {years} }}", *self._year(selection, name, "?term", "")]
        return list(self._valued(selection, name, "?term"))

    def _where(self, selection: Selection) -> list[str]:
        """The patterns that the records of a selection match."""
        lines = []
        if selection.text:
            said = [f"search:query {written(Literal(selection.text))}"]
            said += [f"search:type {written(Literal(type_))}" for type_ in selection.types]
            said += ["search:score ?score", f"search:limit {MOST}"]
            lines.append(f"SERVICE <{SERVICE}> {{ ?record {' ; '.join(said)} }}")
        lines.append(f"?record a ?class . {self._classes(selection, '?class')}")
        number = 0
        for name, chosen in selection.chosen.items():
            for term in chosen:
                number += 1
                if self._dated(name):
                    a_year = _YEAR.fullmatch(term)
                    lines += self._year(selection, name, str(int(term)), str(number)) if a_year else [_NONE]
                else:
                    lines += self._valued(selection, name, term, str(number))
        return lines

    def _classes(self, selection: Selection, variable: str) -> str:
        kinds = self._selected(selection)
        return f"VALUES {variable} {{ {' '.join(iri(kind.target_class) for kind in kinds)} }}"

    def _selected(self, selection: Selection) -> list[Kind]:
        return [self._kinds.by_type[name] for name in selection.types or self._kinds.by_type]

    def _dated(self, name: str) -> bool:
        return any(is_date(field) for field in self._facets[name].fields)

    def _of(self, selection: Selection, name: str) -> list[Way]:
        """The ways to the values of a facet from the kinds selected."""
        selected = {kind.name for kind in self._selected(selection)}
        return [way for way in self._by_facet.get(name, ()) if way.kind.name in selected]

    def _wider(self, name: str) -> tuple[str, ...]:
        """The other facets whose terms have broader terms in this one, as countries have regions."""
        return tuple(
            other
            for other in self._facets
            if other != name and (kind := self._kinds.by_type.get(other)) and self._leads(kind, name)
        )

    def _nested(self, name: str) -> bool:
        """Whether a facet's terms may have broader ones in the same facet: entries of code lists, and most kinds."""
        kind = self._kinds.by_type.get(name)
        return kind is None or self._leads(kind, name)

    def _leads(self, kind: Kind, name: str) -> bool:
        field = kind.field(_BROADER)
        return field is not None and facet_name(field, self._kinds) == name

    def _valued(self, selection: Selection, name: str, term: str, number: str = "") -> Iterator[str]:
        """The pattern of records that have a term, or a narrower one. term: an IRI, a text, or the variable ?term."""
        own = f"/{iri(_BROADER)}*" if self._nested(name) else ""
        found = [(way, self._path(way, own)) for way in self._of(selection, name)]
        found += [
            (way, self._path(way, f"/{iri(_BROADER)}+"))
            for other in self._above[name]
            for way in self._of(selection, other)
        ]
        if not found:
            yield "FILTER(false)"
            return
        object_, extra = term if term == "?term" else self._object(term), ""
        if not self._things(name):  # the index holds texts without their languages
            object_ = f"?value{number}"
            told = f"BIND(STR({object_}) AS ?term)", f"FILTER(STR({object_}) = {written(Literal(term))})"
            extra = " " + told[term != "?term"]
        if all(self._same(selection, name, way) for way, _ in found):
            paths = list(dict.fromkeys(path for _, path in found))
            yield f"?record {'|'.join(paths)} {object_} .{extra}"
            return
        branches = [f"{{ ?record a {iri(way.kind.target_class)} ; {path} {object_} .{extra} }}" for way, path in found]
        yield " UNION ".join(dict.fromkeys(branches))

    def _object(self, term: str) -> str:
        return iri(term) if "://" in term else written(Literal(term))

    def _things(self, name: str) -> bool:
        """Whether the terms of a facet are things, not texts."""
        return any(map(_leads_to_things, self._facets[name].fields))

    def _path(self, way: Way, broader: str) -> str:
        return "/".join(map(iri, way.steps)) + (broader if _leads_to_things(way.field) else "")

    def _same(self, selection: Selection, name: str, way: Way) -> bool:
        """Whether these steps mean this facet for every kind selected that takes them."""
        selected = {kind.name for kind in self._selected(selection)}
        names = {name, *self._above[name]}
        return all(facet in names for kind, facet in self._by_steps[way.steps] if kind in selected)

    def _year(self, selection: Selection, name: str, year: str, number: str) -> list[str]:
        """The patterns of records with a date in a year; a date without an end counts for the year it has."""
        day, first, last = (f"?{word}{number}" for word in ("day", "first", "last"))
        start, end = f"?from{number}", f"?to{number}"
        branches = []
        for way in self._of(selection, name):
            node, *steps = "?record", *way.steps
            reach = "/".join(map(iri, steps[:-1]))
            if reach:
                node = f"?dated{number}"
                reach = f"?record {reach} {node} . "
            class_ = f"?record a {iri(way.kind.target_class)} . "
            if edtf.DATATYPE in way.field.datatypes:
                branches.append(
                    f"{{ {class_}{reach}{node} {iri(steps[-1])} {day} . "
                    f"{node} escr:earliest|escr:latest {first}, {last} . "
                    f"BIND(YEAR({first}) AS {start}) BIND(YEAR({last}) AS {end}) }}"
                )
            else:
                branches.append(
                    f"{{ {class_}{reach}{node} {iri(steps[-1])} {day} . "
                    f"BIND(YEAR({day}) AS {start}) BIND(YEAR({day}) AS {end}) }}"
                )
        if not branches:
            return ["FILTER(false)"]
        within = f"{start} <= {year} && {year} <= {end}"
        return [
            " UNION\n  ".join(dict.fromkeys(branches)),
            f"FILTER(IF({end} - {start} < {LONGEST_SPAN}, {within}, {year} IN ({start}, {end})))",
        ]


def ways(kind: Kind, kinds: Kinds) -> list[Way]:
    """Every field of a kind of record and of its parts, with the properties that lead there."""
    found = []
    adding = (other for other in kinds.values() if other.part_of == kind.name and not _reached(other, kinds))
    waiting: list[tuple[Kind, tuple[str, ...]]] = [(kind, ()), *((other, ()) for other in adding)]
    while waiting:
        described, steps = waiting.pop(0)
        for field in described.fields:
            if field.forbidden:
                continue
            found.append(Way(kind, (*steps, field.path), field))
            if field.node is not None and field.node in kinds and len(steps) < DEEP:
                waiting.append((kinds[field.node], (*steps, field.path)))
    return found


def _leads_to_things(field: Field) -> bool:
    """Whether the values of a field are things, not texts."""
    return not field.datatypes and field.node_kind != SH + "Literal"


def _reached(part: Kind, kinds: Kinds) -> bool:
    return any(field.node == part.name for kind in kinds.values() for field in kind.fields)


def _query(head: str, where: Iterable[str], tail: str) -> str:
    body = "".join(f"  {line}\n" for line in where)
    text = with_prefixes(f"{head} WHERE {{\n{body}}} {tail}\n")
    return f"PREFIX search: <{TERMS}>\n{text}" if "search:query" in body else text
