"""The shapes say what can be searched and counted; nothing of it stands in Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal
from tests.search.worlds import BASE, counts, records, resource, text, world

from escrgraph.repository.log import ChangeLog
from escrgraph.search.asking import Selection
from escrgraph.search.facets import YEAR, facets_of, years
from escrgraph.search.indexing import Indexer
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.kinds import Kinds, kinds_of, shipped_kinds

ADDED = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shape: <https://w3id.org/escrgraph/shapes/> .
@prefix escr: <https://w3id.org/escrgraph/def/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix dash: <http://datashapes.org/dash#> .
shape:Resource sh:property shape:resource-reading-level , shape:resource-slogan .
shape:resource-reading-level a sh:PropertyShape ; sh:path escr:readingLevel ; sh:datatype xsd:string ;
  shape:facet true ; sh:name "Reading level"@en , "Nivel de lectura"@es .
shape:resource-slogan a sh:PropertyShape ; sh:path escr:slogan ; sh:datatype rdf:langString ;
  dash:editor dash:TextAreaWithLangEditor ; sh:name "Slogan"@en .
"""


def widened(folder: Path) -> Kinds:
    """The kinds of the shipped shapes and of a file more."""
    more = folder / "more.ttl"
    more.write_text(ADDED, encoding="utf-8")
    return kinds_of([*shipped.shape_files(), more], shipped.ontology_files())


FACTS = resource("a", "Wells", ("escr:readingLevel", Literal("easy")), ("escr:slogan", text("Every drop counts")))


def test_a_property_added_to_a_shape_is_a_facet_and_is_searched(tmp_path: Path) -> None:
    kinds = widened(tmp_path)
    assert facets_of(kinds)["reading-level"].label("es").text == "Nivel de lectura"
    with world(tmp_path / "store", kinds) as made:
        made.publish([*FACTS, *resource("b", "Taps", ("escr:readingLevel", Literal("hard")))])
        found = made.find()
        assert counts(found, "reading-level") == {"easy": 1, "hard": 1}
        assert records(made.find(chosen={"reading-level": ("easy",)})) == ["resource/a"]
        (hit,) = made.find("drops").hits
        assert (hit.record, hit.snippets[0].text) == ("resource/a", "Every drop counts")


def test_an_index_of_other_shapes_is_made_anew(tmp_path: Path) -> None:
    with world(tmp_path / "store") as made:
        made.publish(FACTS)
        assert counts(made.find(), "reading-level") == {}
        made.indexer.close()
        other = Indexer(made.store / "derived" / "search", widened(tmp_path), BASE)
        with ChangeLog(made.publisher.log.address) as log:
            other.catch_up(log, 1)
        other.close()
        with pytest.raises(Exception, match="being made"):
            made.searcher.search(Selection())


def test_facets_are_named_by_what_their_values_are() -> None:
    facets = facets_of(shipped_kinds())
    assert {
        "right",
        "method",
        "country",
        "region",
        "organization",
        "resource-type",
        "language",
        YEAR,
        "standing",
    } <= set(facets)
    assert {field.name for field in facets["right"].fields} == {"subject", "right"}


@pytest.mark.parametrize(
    ("date", "covered"),
    [
        ("2013", ["2013"]),
        ("2013-09-05", ["2013"]),
        ("2009/2011", ["2009", "2010", "2011"]),
        ("199X", [str(year) for year in range(1990, 2000)]),
        ("2013/..", ["2013"]),
        ("../2013", ["2013"]),
        ("1600/2000", ["1600", "2000"]),
        ("XXXX-09-26", []),
        ("soon", []),
        ("2014-02-03T10:00:00Z", ["2014"]),
    ],
)
def test_a_date_covers_its_years(date: str, covered: list[str]) -> None:
    assert list(years(date)) == covered
