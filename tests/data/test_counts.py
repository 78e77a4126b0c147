"""The graphs hold as many records as the tables hold rows."""

from __future__ import annotations

import re

import pytest
from pyoxigraph import Literal
from tests.data.conftest import DATA, Graphs, Table
from tools.library.terms import BASE, concept, name

# graph, class, table whose rows are its records
ONE_RECORD_A_ROW = [
    ("resource", "escr:Resource", "publications", 436),
    ("journal", "escr:Journal", "journals", 30),
    ("method", "escr:Method", "methods", 50),
    ("right", "escr:Right", "rights", 21),
    ("country", "escr:Country", "un_m49", 248),
    ("country", "escr:Region", "un_m49_regions", 31),
    ("discussion", "escr:Discussion", "discussions", 64),
    ("update", "escr:Update", "updates", 89),
    ("finding", "escr:Finding", "findings", 87),
    ("finding", "escr:Deprivation", "findings", 87),
    ("finding", "escr:PolicyFailure", "findings", 87),
    ("finding", "escr:Evidence", "findings", 87),
    ("finding", "escr:Observation", "findings", 87),
]


def of_class(graphs: Graphs, graph: str, curie: str) -> set[str]:
    """The addresses of the things of a class in a graph."""
    return {
        each.subject.value
        for each in graphs[graph]
        if each.predicate == name("rdf:type") and each.object == name(curie)
    }


@pytest.mark.parametrize(("graph", "kind", "table", "rows"), ONE_RECORD_A_ROW)
def test_a_table_gives_a_record_for_each_row(
    graph: str, kind: str, table: str, rows: int, graphs: Graphs, tables: dict[str, Table]
) -> None:
    assert len(of_class(graphs, graph, kind)) == len(tables[table]) == rows


def test_organizations_with_a_row_have_a_type_and_the_others_are_marked(
    graphs: Graphs, tables: dict[str, Table]
) -> None:
    triples = graphs["organization"]
    typed = {each.subject.value for each in triples if each.predicate == name("org:classification")}
    marked = {each.subject.value for each in triples if each.object == concept("record-status", "name-only")}
    assert typed == {BASE.id("organization", row["slug"]) for row in tables["organizations"]}
    assert (len(typed), len(marked)) == (277, 89)
    assert typed | marked == of_class(graphs, "organization", "org:Organization")
    assert not typed & marked


def test_every_role_is_a_membership(graphs: Graphs, tables: dict[str, Table]) -> None:
    roles = sum(len(row["roles"].split(";")) for row in tables["organizations"] if row["roles"])
    assert len(of_class(graphs, "organization", "org:Membership")) == roles


def test_every_author_and_moderator_is_a_person_once(graphs: Graphs, tables: dict[str, Table]) -> None:
    authors = {creator for row in tables["publications"] for creator in row["creators"].split(";") if creator}
    people = {_natural(each) for each in authors if each.count(",") == 1 and len(each.split()) <= 5 and not _body(each)}
    people |= {name_ for row in tables["discussions"] for name_ in row["moderators"].split(";") if name_}
    names = [
        each.object.value
        for each in graphs["person"]
        if each.predicate == name("foaf:name") and isinstance(each.object, Literal)
    ]
    assert sorted(names) == sorted(people)


def _natural(creator: str) -> str:
    family, given = creator.split(",")
    return f"{given.strip()} {family.strip()}"


def _body(creator: str) -> bool:
    return bool({"for", "on", "and", "of", "Rights", "Program"} & set(re.findall(r"\w+", creator)))


def test_every_state_of_the_parties_table_has_its_status(graphs: Graphs, tables: dict[str, Table]) -> None:
    rows = tables["icescr_parties"]
    statuses = of_class(graphs, "country", "escr:TreatyStatus")
    assert len([each for each in statuses if each.endswith("/covenant/icescr")]) == len(rows) == 175
    assert len([each for each in statuses if each.endswith("/covenant/op-icescr")]) == len(
        [row for row in rows if row["op_icescr"]]
    )


def test_a_consequence_stands_where_the_table_shows_one(graphs: Graphs, tables: dict[str, Table]) -> None:
    shown = {row["slug"] for row in tables["findings"] if row["outcome"] or row["decided_on"] or row["forum"]}
    consequences = of_class(graphs, "finding", "escr:Consequence")
    assert consequences == {BASE.id("finding", slug, "consequence", "1") for slug in shown}


def test_the_catalogue_counts_its_links(graphs: Graphs) -> None:
    counted = sum(int(each.object.value) for each in graphs["catalog"] if each.predicate == name("void:triples"))
    assert counted == len(graphs["links"])


def test_each_graph_but_the_catalogue_is_a_data_set(graphs: Graphs) -> None:
    named = {each.object.value for each in graphs["catalog"] if each.predicate == name("escr:namedGraph")}
    assert named == {BASE.graph(graph) for graph in graphs if graph != "catalog"}


def test_the_readme_counts_the_records_of_each_graph(graphs: Graphs) -> None:
    rows = re.findall(r"^\| `(\w+)\.ttl` \| (\d+) \|", (DATA / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {graph: int(count) for graph, count in rows} == {graph: _records(graph, graphs) for graph in graphs}


def _records(graph: str, graphs: Graphs) -> int:
    if graph == "links":
        return 0
    addresses = {each.subject.value for each in graphs[graph]}
    return sum(address == BASE.record_iri(BASE.record_of(address) or "") for address in addresses)
