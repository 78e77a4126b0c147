"""Questions of members, answered from the tables by plain Python and compared row by row."""

from __future__ import annotations

import pytest
from tests.queries.asking import World
from tests.queries.chains import aftermath
from tests.queries.facts import makers, newest_first, place, regions_of
from tools.library.findings import short_labels
from tools.library.organizations import Names
from tools.library.slugs import slugify
from tools.library.tables import Library
from tools.library.updates import deadline

# The names of the roles in question: they stand in the code list, not in the tables.
ROLES = {
    "advisory-group-member": "Member of an advisory group",
    "co-founder": "Co-founder",
    "coordinator": "Coordinator",
    "publisher": "Publisher",
    "working-group-member": "Member of the working group",
}


@pytest.mark.parametrize("slug", ["cesr", "acij", "fundar", "queens-university-belfast"])
def test_what_an_organization_did_newest_first(world: World, tables: Library, slug: str) -> None:
    names = Names(tables)
    dated = [
        (row.year, (relation, f"resource/{row.slug}", row.title, row.year))
        for row in tables.publications
        for relation, maker in makers(tables, names, row)
        if maker == slug
    ]
    dated += [
        (row.date, ("escr:participant", f"discussion/{row.slug}", row.title, row.date))
        for row in tables.discussions
        if slug in row.participants_orgs
    ]
    dated += [
        (row.date, ("escr:organization", f"update/{row.slug}", row.title, row.date))
        for row in tables.updates
        if slug in row.orgs
    ]
    for row in tables.organizations:
        for role in row.roles if row.slug == slug else ():
            since = row.member_since if role == "working-group-member" else ""
            dated.append((since, ("org:role", f"organization/{slug}/membership/{role}", ROLES[role], since)))
    by_thing = [(date, (row[1], row[0], *row[2:])) for date, row in dated]
    expected = [(row[1], row[0], *row[2:]) for row in newest_first(by_thing)]
    assert world.rows("organization-record", organization=f"organization/{slug}") == expected
    assert expected
    if slug == "cesr":
        assert world.rows("organization-record") == expected


@pytest.mark.parametrize("alpha3", ["GTM", "ZAF", "ERI", "USA", "FJI"])
def test_institutions_held_responsible_and_what_followed(world: World, tables: Library, alpha3: str) -> None:
    labels = short_labels(tables)
    expected = sorted(
        (
            (
                f"finding/{row.slug}",
                labels[row.slug],
                f"organization/{institution}",
                f"right/{row.right}",
                f"obligation/{duty}",
                f"scheme/standing/{row.standing}",
                f"scheme/consequence-kind/{kind}" if (kind := aftermath(tables, row)) else "",
                row.decided_on,
                row.outcome,
            )
            for row in tables.findings
            if row.country == alpha3
            for institution in set(row.responsible_org)
            for duty in set(row.obligation)
        ),
        key=lambda row: (row[0], row[2], row[4]),
    )
    assert world.rows("institutions-responsible", country=place(alpha3)) == expected
    assert bool(expected) is (alpha3 != "FJI")
    if alpha3 == "GTM":
        assert world.rows("institutions-responsible") == expected


@pytest.mark.parametrize("method", ["indicators", "tax-and-revenue-analysis", "litigation-monitoring", "surveys"])
def test_discussions_of_a_method_newest_first(world: World, tables: Library, method: str) -> None:
    dated = [
        (row.date, (f"discussion/{row.slug}", row.title, row.date, ""))
        for row in tables.discussions
        if method in row.methods
    ]
    expected = newest_first(dated)
    assert world.rows("discussions-of-method", method=f"method/{method}") == expected != []
    if method == "indicators":
        assert world.rows("discussions-of-method") == expected


@pytest.mark.parametrize("day", ["2013-12-02", "2013-12-03", "2021-08-16", "2026-01-01"])
def test_calls_whose_summary_names_a_deadline(world: World, tables: Library, day: str) -> None:
    expected = sorted(
        (
            (f"update/{row.slug}", row.title, last, row.url)
            for row in tables.updates
            if (last := deadline(row)) and last >= day
        ),
        key=lambda row: (row[2], row[0]),
    )
    assert world.rows("open-calls", day=day) == expected
    assert len(expected) == {"2013-12-02": 2, "2013-12-03": 1}.get(day, 0)
    if day == "2026-01-01":
        assert world.rows("open-calls") == expected


@pytest.mark.parametrize(
    ("region", "method", "right"),
    [
        ("Americas", "budget-analysis", "health"),
        ("Africa", "litigation-monitoring", "housing"),
        ("South America", "indicators", "education"),
        ("World", "opera", "food"),
    ],
)
def test_organizations_of_a_region(world: World, tables: Library, region: str, method: str, right: str) -> None:
    names = Names(tables)
    based = {row.slug: row for row in tables.organizations if row.country}
    expected = sorted(
        {
            (f"organization/{maker}", based[maker].name, f"resource/{row.slug}")
            for row in tables.publications
            if method in row.methods and right in row.rights
            for _, maker in makers(tables, names, row)
            if maker in based and region in regions_of(tables, based[maker].country)
        },
        key=lambda row: (row[0], row[2]),
    )
    values = {"region": f"region/{slugify(region)}", "method": f"method/{method}", "right": f"right/{right}"}
    assert world.rows("region-peers", **values) == expected
    if region == "Americas":
        assert world.rows("region-peers") == expected != []
