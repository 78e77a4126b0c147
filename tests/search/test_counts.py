"""Facet counts, totals, pages and orders are those that plain Python finds in the data."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest
from pyoxigraph import NamedNode
from tests.search.worlds import BASE, World, counts, iri, library, records, some

from escrgraph.repository.following import DERIVED
from escrgraph.search.asking import Order, Selection
from escrgraph.search.folding import folded_words
from escrgraph.search.indexing import Indexer
from escrgraph.search.searcher import Searcher
from escrgraph.vocabulary.iris import TYPES
from escrgraph.vocabulary.namespaces import expand

# Facet -> the properties whose values it counts, and whether those stand on the record or on a part of it.
PROPERTIES = {
    "right": ["dcterms:subject", "escr:right"],
    "method": ["escr:usesMethod", "method skos:broader"],
    "country": ["escr:country"],
    "region": ["escr:region", "country skos:broader"],
    "language": ["dcterms:language"],
    "standing": ["escr:standing"],
    "organization": [
        "dcterms:publisher", "escr:participant", "escr:organization", "escr:responsibleInstitution", "escr:committedBy",
    ],
    "obligation": ["escr:suits", "escr:breaches"],
    "covenant-status": ["escr:treatyStatus"],
    "population-group": ["escr:populationGroup"],
}  # fmt: skip
DATED = ["dcterms:issued", "dcterms:date", "schema:validThrough"]
YEARED = {"resource", "discussion", "update"}  # types all of whose dates are facets


class Plain:
    """The library as dictionaries."""

    def __init__(self) -> None:
        self.quads = library()
        self.broader: dict[str, set[str]] = defaultdict(set)
        for quads in self.quads.values():
            for quad in quads:
                if quad.predicate.value == expand("skos:broader"):
                    self.broader[quad.subject.value].add(quad.object.value)
        self.terms = {record: self._terms(record) for record in self.quads}

    def _terms(self, record: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for name, properties in PROPERTIES.items():
            for value in self._values(record, properties):
                if name in TYPES and BASE.record_of(value) and not value.startswith(iri(name)):
                    continue  # a property may lead to other things in other kinds
                found[name].add(value)
                for above in self._above(value):
                    type_ = (BASE.record_of(above) or "").split("/")[0]
                    found["region" if type_ == "region" else name].add(above)
        if record.split("/", maxsplit=1)[0] in YEARED:
            for value in self._values(record, DATED):
                found["year"] |= self._years(value)
        return found

    def _values(self, record: str, properties: list[str]) -> set[str]:
        wanted = {
            expand(name.split()[-1]) for name in properties if " " not in name or record.startswith(name.split()[0])
        }
        return {quad.object.value for quad in self.quads[record] if quad.predicate.value in wanted}

    def _above(self, value: str) -> set[str]:
        found: set[str] = set()
        waiting = [value]
        while waiting:
            for above in self.broader[waiting.pop()] - found:
                found.add(above)
                waiting.append(above)
        return found

    def _years(self, value: str) -> set[str]:
        ends = [int(year) for year in re.findall(r"(?:^|/)(\d{4})", value)]
        return {str(year) for year in range(min(ends), max(ends) + 1)} if ends else set()

    def selected(self, types: tuple[str, ...], chosen: dict[str, tuple[str, ...]]) -> set[str]:
        return {
            record
            for record, terms in self.terms.items()
            if (not types or record.split("/")[0] in types)
            and all(term in terms[name] for name, some in chosen.items() for term in some)
        }

    def count(self, selected: set[str], name: str) -> Counter[str]:
        return Counter(term for record in selected for term in self.terms[record][name])


@pytest.fixture(scope="module")
def plain() -> Plain:
    return Plain()


def selections(plain: Plain) -> list[tuple[tuple[str, ...], dict[str, tuple[str, ...]]]]:
    """Types and terms, drawn so that most selections hold something."""
    chance = some(7)
    made: list[tuple[tuple[str, ...], dict[str, tuple[str, ...]]]] = [((), {})]
    for _ in range(60):
        record = chance.choice(sorted(plain.quads))
        terms = {name: sorted(values) for name, values in sorted(plain.terms[record].items()) if values}
        names = chance.sample(sorted(terms), k=min(len(terms), chance.randint(0, 3)))
        chosen = {name: tuple(chance.sample(terms[name], k=min(len(terms[name]), 2))) for name in names}
        types = (record.split("/")[0], *chance.sample(TYPES, k=1)) if chance.random() < 0.4 else ()
        made.append((types, chosen))
    return made


def test_counts_and_totals_of_seeded_selections_are_those_of_the_data(shipped: World, plain: Plain) -> None:
    seen: Counter[str] = Counter()
    for types, chosen in selections(plain):
        found = shipped.searcher.search(Selection("", types, chosen), size=3000)
        expected = plain.selected(types, chosen)
        assert set(records(found)) == expected
        assert found.total == len(found.hits) == len(expected)
        for name in PROPERTIES:
            assert counts(found, name) == dict(plain.count(expected, name)), (types, chosen, name)
            seen[name] += bool(counts(found, name))
        of_types = plain.selected((), chosen)
        assert counts(found, "type") == dict(Counter(record.split("/")[0] for record in of_types))
        if types and set(types) <= YEARED:
            assert counts(found, "year") == dict(plain.count(expected, "year"))
            seen["year"] += 1
    assert all(seen[name] for name in (*PROPERTIES, "year"))


@pytest.mark.parametrize("hindrance", [("_BUCKETS", 3), ("term_number", len)])
def test_counts_are_the_same_in_whatever_way_they_are_made(
    shipped: World, monkeypatch: pytest.MonkeyPatch, hindrance: tuple[str, object]
) -> None:
    usual = [shipped.searcher.search(Selection("", types)).facets for types in ((), ("finding",))]
    monkeypatch.setattr(f"escrgraph.search.searcher.{hindrance[0]}", hindrance[1])
    again = Searcher(shipped.store / DERIVED / Indexer.name, shipped.kinds, BASE)
    assert [again.search(Selection("", types)).facets for types in ((), ("finding",))] == usual


def test_counts_of_what_words_find_are_those_of_the_records_found(shipped: World, plain: Plain) -> None:
    chance = some(11)
    titles = [q.object.value for quads in plain.quads.values() for q in quads if q.predicate.value.endswith("title")]
    words = sorted({word for title in titles for word in folded_words(title) if len(word) > 4})
    for word in chance.sample(words, 40):
        found = shipped.searcher.search(Selection(word), size=3000)
        assert len(set(records(found))) == found.total
        for name in PROPERTIES:
            assert counts(found, name) == dict(plain.count(set(records(found)), name))
        has = {
            record
            for record, quads in plain.quads.items()
            for quad in quads
            if quad.predicate.value in {expand("dcterms:title"), expand("skos:prefLabel"), expand("foaf:name")}
            and word in folded_words(quad.object.value)
            and isinstance(quad.subject, NamedNode)
        }
        assert has <= set(records(found)), word


@pytest.mark.parametrize("order", Order)
def test_pages_together_are_the_whole_list(shipped: World, order: Order) -> None:
    for selection in (Selection("right"), Selection(types=("resource", "country"))):
        whole = records(shipped.searcher.search(selection, order=order, size=3000, language="es"))
        paged: list[str] = []
        while len(paged) < len(whole):
            page = shipped.searcher.search(selection, order=order, first=len(paged), size=37, language="es")
            assert page.total == len(whole)
            paged += records(page)
        assert paged == whole


def test_records_come_newest_first_and_those_without_a_date_last(shipped: World, plain: Plain) -> None:
    dates = {
        record: max((q.object.value[:4] for q in quads if q.predicate.value == expand("dcterms:issued")), default="")
        for record, quads in plain.quads.items()
        if record.startswith("resource/")
    }
    found = records(shipped.searcher.search(Selection(types=("resource",)), order=Order.DATE, size=3000))
    assert [dates[record] for record in found] == sorted(dates.values(), reverse=True)
    assert "" in dates.values()


@pytest.mark.parametrize(
    ("language", "in_order"),
    [
        (
            "en",
            ["afg", "ala", "alb", "civ", "cub", "egy", "zwe"],
        ),  # Åland Islands beside Albania, Côte d’Ivoire by its o
        ("es", ["afg", "deu", "egy", "esp", "mex", "zwe"]),
        ("fr", ["afg", "alb", "deu", "egy", "slv", "esp", "isl", "ita", "zwe"]),  # Égypte, Îles …
        ("ar", ["arg", "bra", "tun", "mex", "yem"]),
    ],
)
def test_countries_are_in_the_order_of_their_names(shipped: World, language: str, in_order: list[str]) -> None:
    found = records(
        shipped.searcher.search(Selection(types=("country",)), order=Order.TITLE, language=language, size=300)
    )
    places = [found.index(f"country/{code}") for code in in_order]
    assert places == sorted(places)
