"""Questions of researchers, answered from the tables by plain Python and compared row by row."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from tests.queries.asking import World
from tests.queries.facts import narrower, place
from tools.library.findings import short_labels
from tools.library.tables import Library


@pytest.mark.parametrize("duty", ["maximum-available-resources", "non-retrogression", "protect", "no-such-duty"])
def test_findings_on_a_duty_with_their_methods(world: World, tables: Library, duty: str) -> None:
    labels = short_labels(tables)
    expected = sorted(
        (
            f"finding/{row.slug}",
            labels[row.slug],
            f"right/{row.right}",
            place(row.country),
            f"scheme/standing/{row.standing}",
            f"method/{method}",
        )
        for row in tables.findings
        if duty in row.obligation
        for method in row.method_codes
    )
    assert world.rows("duty-breached", obligation=f"obligation/{duty}") == expected
    assert bool(expected) is (duty != "no-such-duty")


def test_the_duty_asked_for_when_none_is_named(world: World) -> None:
    asked = world.rows("duty-breached", obligation="obligation/maximum-available-resources")
    assert world.rows("duty-breached") == asked


@pytest.mark.parametrize("least", [3, 1, 5, 100])
def test_duties_breached_in_several_countries(world: World, tables: Library, least: int) -> None:
    countries: dict[tuple[str, str], set[str]] = defaultdict(set)
    findings: Counter[tuple[str, str]] = Counter()
    for row in tables.findings:
        for duty in set(row.obligation) if row.standing != "dismissed" else ():
            countries[row.right, duty].add(row.country)
            findings[row.right, duty] += 1
    expected = [
        (f"right/{right}", f"obligation/{duty}", str(len(found)), str(findings[right, duty]))
        for (right, duty), found in countries.items()
        if len(found) >= least
    ]
    expected.sort(key=lambda row: (-int(row[2]), -int(row[3]), *row[:2]))
    assert world.rows("recurring-failures", minimum=str(least)) == expected
    if least == 3:
        assert world.rows("recurring-failures") == expected != []


@pytest.mark.parametrize("right", ["housing", "water", "health"])
def test_how_findings_stand_duty_by_duty(world: World, tables: Library, right: str) -> None:
    counts = Counter(
        (f"obligation/{duty}", f"scheme/standing/{row.standing}")
        for row in tables.findings
        if row.right == right
        for duty in set(row.obligation)
    )
    expected = [(*pair, str(count)) for pair, count in sorted(counts.items())]
    assert world.rows("standing-by-duty", right=f"right/{right}") == expected
    if right == "housing":
        assert world.rows("standing-by-duty") == expected != []


@pytest.mark.parametrize("method", ["fiscal-analysis", "quantitative-methods", "indicators", "geospatial"])
def test_where_a_method_and_its_narrower_methods_were_applied(world: World, tables: Library, method: str) -> None:
    used = {
        code: [(f"finding/{row.slug}", place(row.country)) for row in tables.findings if code in row.method_codes]
        for code in narrower(tables, method)
    }
    expected = sorted((f"method/{code}", *where) for code, found in used.items() for where in found or [("", "")])
    assert world.rows("method-applications", method=f"method/{method}") == expected
    if method == "fiscal-analysis":
        assert world.rows("method-applications") == expected
        assert {row[0] for row in expected} == {f"method/{code}" for code in narrower(tables, method)}


@pytest.mark.parametrize(
    ("method", "tag"), [("budget-analysis", "es"), ("indicators", "ar"), ("indicators", "fr"), ("opera", "en")]
)
def test_publications_on_a_method_in_a_language(world: World, tables: Library, method: str, tag: str) -> None:
    expected = sorted(
        (f"resource/{row.slug}", row.title, row.year)
        for row in tables.publications
        if method in row.methods and tag in row.languages
    )
    language = f"http://publications.europa.eu/resource/authority/language/{tables.languages[tag]}"
    assert world.rows("method-publications", method=f"method/{method}", language=language) == expected
    if (method, tag) == ("budget-analysis", "es"):
        assert world.rows("method-publications") == expected != []
