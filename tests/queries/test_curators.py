"""Questions of curators, answered from the tables by plain Python and compared row by row."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import combinations

import pytest
from tests.queries.asking import World
from tests.queries.chains import gaps
from tests.queries.facts import latest
from tools.library.findings import short_labels
from tools.library.organizations import Names
from tools.library.slugs import slugify
from tools.library.tables import Library

SKIPPED = "the of for and on la el los las de del y le les des du et"


def test_findings_that_lack_a_link_of_the_chain(world: World, tables: Library) -> None:
    labels = short_labels(tables)
    expected = sorted(
        (f"scheme/chain-gap/{gap}", f"finding/{row.slug}", labels[row.slug])
        for row in tables.findings
        for gap in gaps(tables, row)
    )
    assert world.rows("chain-gaps") == expected != []


@pytest.mark.parametrize(("year", "years"), [(2026, 5), (2020, 10), (2013, 0), (1900, 5)])
def test_resources_on_thin_ground(world: World, tables: Library, year: int, years: int) -> None:
    expected = sorted(
        (f"resource/{row.slug}", "1", "true" if row.url else "false", day)
        for row in tables.publications
        if (day := latest(row.year)) or not row.url
        if not row.url or int(day[:4]) < year - years
    )
    assert world.rows("thin-sources", year=str(year), years=str(years)) == expected != []
    if (year, years) == (2026, 5):
        assert world.rows("thin-sources") == expected


@pytest.mark.parametrize("language", ["ar", "fr", "es", "en", "de"])
def test_labels_that_lack_a_language(world: World, tables: Library, language: str) -> None:
    def lacking(kind: str, code: str, english: str, **others: str) -> list[tuple[str, str]]:
        return [(f"{kind}/{code}", english)] if not {"en": english, **others}.get(language) else []

    expected = sorted(
        {
            *(
                row
                for m in tables.methods
                for row in lacking("method", m.code, m.label_en, es=m.label_es, fr=m.label_fr)
            ),
            *(
                row
                for r in tables.rights
                for row in lacking("right", r.code, r.label_en, es=r.label_es, fr=r.label_fr, ar=r.label_ar)
            ),
            *(row for f in tables.findings for row in lacking("indicator", slugify(f.indicator), f.indicator)),
            *(
                row
                for a in tables.areas
                for row in lacking(
                    "country",
                    a.alpha3.lower(),
                    a.un_short_name_en,
                    es=a.un_short_name_es,
                    fr=a.un_short_name_fr,
                    ar=a.un_short_name_ar,
                )
            ),
        }
    )
    from_tables = ("method/", "right/", "indicator/", "country/")
    found = world.rows("missing-translations", language=language)
    assert [row for row in found if row[0].startswith(from_tables)] == expected
    assert bool(expected) is (language != "en")
    if language == "ar":
        assert world.rows("missing-translations") == found


def test_organizations_whose_names_are_alike(world: World, tables: Library) -> None:
    names = Names(tables)
    keys: dict[str, set[str]] = defaultdict(set)
    called = [(row.slug, row.name) for row in tables.organizations]
    called += [(slug, printed) for printed, slug in tables.aliases.items()]
    called += [(names.slug(each), each) for row in tables.publications for each in names.on(row)]
    for slug, name in called:
        keys[_bare(name)].add(slug)
    for row in tables.organizations:
        if row.acronym and row.country:
            keys[f"{row.acronym.lower()} {row.country.lower()}"].add(row.slug)
    pairs = sorted((key, *pair) for key, slugs in keys.items() if key for pair in combinations(sorted(slugs), 2))
    expected = [(f"organization/{first}", f"organization/{second}", key) for key, first, second in pairs]
    assert world.rows("likely-duplicates") == expected


def _bare(name: str) -> str:
    words = re.findall(r"[^\W_]+", name.lower())
    skipped = {*SKIPPED.split()}
    return "".join(word for word in words if word not in skipped)


def test_findings_that_may_contradict_each_other(world: World, tables: Library) -> None:
    expected = set()
    for one in tables.findings:
        for two in tables.findings:
            same = one.country == two.country and one.slug != two.slug
            shared = set(one.responsible_org) & set(two.responsible_org) and one.right == two.right
            if same and shared and one.standing == "dismissed" != two.standing:
                expected.add((f"finding/{one.slug}", f"finding/{two.slug}", "", "standing"))
            measured = ("indicator", "unit", "population_group", "period")
            alike = all(getattr(one, name) == getattr(two, name) != "" for name in measured)
            if same and alike and one.slug < two.slug and one.value != two.value and one.value and two.value:
                expected.add((f"finding/{one.slug}", f"finding/{two.slug}", "", "figure"))
    assert world.rows("contradictory-findings") == sorted(expected)
