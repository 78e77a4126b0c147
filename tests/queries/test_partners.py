"""Questions of harvesting partners, answered from the tables by plain Python and compared row by row."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from pyoxigraph import NamedNode
from tests.queries.asking import HOME, World
from tests.queries.chains import chain
from tests.queries.facts import place
from tools.library.catalog import DATASETS, LICENCE, VERSION
from tools.library.resources import un_symbols
from tools.library.tables import Library

from escrgraph.repository.releases import shipped_quads


@pytest.mark.parametrize("alpha3", ["GTM", "COL", "ZAF", "FJI"])
def test_every_link_of_the_chains_of_a_country(world: World, tables: Library, alpha3: str) -> None:
    found = world.triples("country-chains", country=place(alpha3))
    expected = {triple for row in tables.findings if row.country == alpha3 for triple in chain(tables, row)}
    assert set(found) == expected
    assert len(found) == len(expected)
    if alpha3 == "GTM":
        assert set(world.triples("country-chains")) == expected != set()


@pytest.mark.parametrize("dataset", ["finding", "resource", "discussion", "update", "method", "right", "journal"])
def test_licence_source_and_version_of_each_record(world: World, tables: Library, dataset: str) -> None:
    sources = {
        "finding": [(row.slug, row.source_url) for row in tables.findings],
        "resource": [(row.slug, row.source_url) for row in tables.publications],
        "discussion": [(row.slug, row.source_url) for row in tables.discussions],
        "update": [(row.slug, row.source_url) for row in tables.updates],
        "method": [(row.code, row.source_url) for row in tables.methods],
        "right": [(row.code, row.source_url) for row in tables.rights],
        "journal": [
            (journal.slug, row.source_url)
            for journal in tables.journals
            for row in tables.publications
            if journal.name in row.publishers
        ],
    }[dataset]
    expected = sorted({(f"{dataset}/{slug}", source, LICENCE, VERSION, "") for slug, source in sources})
    assert world.rows("licences-and-sources", dataset=f"dataset/{dataset}") == expected != []
    if dataset == "finding":
        assert world.rows("licences-and-sources") == expected


EU = "http://publications.europa.eu/resource/authority/country/"


@pytest.mark.parametrize(
    "identifier",
    [
        "http://metadata.un.org/sdg/2",
        "http://metadata.un.org/sdg/1",
        EU + "GTM",
        "https://undocs.org/E/C.12/GC/24",
        "E/C.12/GC/24",
        "PSE",
        "PS",
        "275",
        "019",
        "https://doi.org/10.1093/jhuman/hup018",
        "nothing has this",
        "",
    ],
)
def test_our_record_for_an_outside_identifier(world: World, tables: Library, identifier: str) -> None:
    expected = _identified(tables)[identifier] if identifier else []
    assert world.rows("external-identifier", identifier=identifier) == sorted(expected)
    if identifier.endswith("sdg/2"):
        assert world.rows("external-identifier") == expected == [("right/food", "skos:closeMatch")]


def test_every_doi_and_isbn_leads_to_its_resource(world: World, tables: Library) -> None:
    known = _identified(tables)
    written = [each for row in tables.publications for each in (*row.doi, *row.isbn)]
    assert len(written) > 20
    for identifier in written:
        assert world.rows("external-identifier", identifier=identifier) == sorted(known[identifier])


def _identified(tables: Library) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for area, iso in ((a, i) for a in tables.areas for i in tables.iso_countries if a.alpha3 == i.alpha3):
        found[EU + area.alpha3].append((place(area.alpha3), "skos:exactMatch"))
        found[area.alpha3].append((place(area.alpha3), "escr:iso3"))
        found[iso.alpha2].append((place(area.alpha3), "escr:iso2"))
        found[area.m49].append((place(area.alpha3), "escr:m49"))
    for region in tables.regions:
        found[region.m49].append((f"region/{region.name_en.lower().replace(' ', '-')}", "escr:m49"))
    for right, goal in tables.sdg_goals.items():
        found[f"http://metadata.un.org/sdg/{goal}"].append((f"right/{right}", "skos:closeMatch"))
    for row in tables.publications:
        resource = f"resource/{row.slug}"
        for symbol in un_symbols(row):
            found[symbol].append((resource, "escr:unSymbol"))
            found[f"https://undocs.org/{symbol}"].append((resource, "skos:exactMatch"))
        for doi in row.doi:
            found[doi].append((resource, "bibo:doi"))
            found[f"https://doi.org/{doi}"].append((resource, "skos:exactMatch"))
        for isbn in row.isbn:
            digits = isbn.replace("-", "")
            found[isbn].append((resource, f"bibo:isbn{len(digits)}"))
    return found


def test_the_catalogue_counts_every_graph_but_that_of_the_state(world: World, tables: Library) -> None:
    rows = {row[0]: row[1:] for row in world.rows("catalogue")}
    graphs = {world.short(quad.graph_name) for quad in shipped_quads(HOME) if isinstance(quad.graph_name, NamedNode)}
    assert list(rows) == sorted({*graphs, "graph/inferred"})
    assert {graph: row[0] for graph, row in rows.items() if row[0]} == {
        f"graph/{name}": f"dataset/{name}" for name in DATASETS
    }
    parts = sum(5 + bool(row.outcome or row.decided_on or row.forum) for row in tables.findings)
    subjects = {"discussion": len(tables.discussions), "update": len(tables.updates), "finding": parts}
    subjects |= {"journal": len(tables.journals), "right": len(tables.rights)}
    assert {name: int(rows[f"graph/{name}"][2]) for name in subjects} == subjects
    assert rows["graph/links"][1] == str(sum(int(row[4]) for row in world.rows("link-sets")))


def test_sets_of_links_with_their_number(world: World, tables: Library) -> None:
    rows = [row[:5] for row in world.rows("link-sets")]
    assert rows == [
        ("dataset/links-doi", "dataset/resource", "https://doi.org/", "skos:exactMatch",
         str(sum(len(row.doi) for row in tables.publications))),
        ("dataset/links-eu-countries", "dataset/country", EU.rstrip("/"), "skos:exactMatch", str(len(tables.areas))),
        ("dataset/links-sdg-goals", "dataset/right", "http://metadata.un.org/sdg/", "skos:closeMatch",
         str(len(tables.sdg_goals))),
        ("dataset/links-un-symbols", "dataset/resource", "https://undocs.org/", "skos:exactMatch",
         str(sum(len(un_symbols(row)) for row in tables.publications))),
    ]  # fmt: skip


def test_vocabularies_in_use_are_those_of_the_shipped_files(world: World) -> None:
    used: dict[str, set[str]] = defaultdict(set)
    triples: dict[str, set[object]] = defaultdict(set)
    for quad in shipped_quads(HOME):
        namespace = re.sub("[^/#]*$", "", quad.predicate.value)
        used[namespace].add(quad.predicate.value)
        triples[namespace].add(quad.triple)
    escr = f"{HOME.iri}def/"
    rows = {row[0]: (int(row[1]), int(row[2])) for row in world.rows("vocabularies")}
    ours = rows.pop(escr)
    assert rows == {name: (len(used[name]), len(triples[name])) for name in used if name != escr}
    assert ours[0] > len(used[escr])  # what follows by rule comes on top
