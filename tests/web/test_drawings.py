"""What is drawn, before it is drawn: shades, the world map, the timeline, matrices, trees, letters, dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.facts import Facts, read_turtle, term
from escrgraph.web.deadlines import Deadline
from escrgraph.web.entity import Value
from escrgraph.web.letters import initial, letter_key
from escrgraph.web.matrix import lay_out
from escrgraph.web.shading import STEPS, step_of, steps
from escrgraph.web.timeline import HEIGHT, WIDTH, Span, count_years, draw_years
from escrgraph.web.trees import Branch, grow
from escrgraph.web.world import World, built_world, read_world
from escrgraph.web.worldmap import Place, draw


@given(some.lists(some.integers(min_value=0, max_value=10_000), max_size=60))
def test_every_count_has_a_shade_and_more_is_never_lighter(counts: list[int]) -> None:
    scale = steps(counts)
    assert len(scale) == min(STEPS, len({count for count in counts if count}))
    shades = [step_of(count, scale) for count in sorted(counts)]
    assert shades == sorted(shades)
    for count in counts:
        number = step_of(count, scale)
        assert (number == 0) == (count == 0)
        assert count == 0 or scale[number - 1].low <= count <= scale[number - 1].high


def test_a_legend_names_what_a_shade_stands_for() -> None:
    assert [step.range for step in steps([1, 2, 3, 4, 5, 6, 7, 40, 40])] == ["1–2", "3–4", "5–6", "7–40"]
    assert [step.range for step in steps([3])] == ["3"]
    assert steps([0]) == ()


@pytest.fixture(scope="module")
def world() -> World:
    found = built_world()
    assert found is not None, "the shapes of the map were not built; `make` builds them"
    return found


def codes() -> list[str]:
    facts = Facts(read_turtle([shipped.path("data/country.ttl")]))
    countries = facts.subjects_of(term("rdf:type"), term("escr:Country"))
    return [facts.text(country, term("escr:m49")) or country.value for country in countries]


def test_every_country_of_the_library_has_a_shape_or_a_dot(world: World) -> None:
    assert len(codes()) > 190
    places = [Place(code, f"country/{code}", Value(code), {"finding": 1}) for code in codes()]
    drawn = draw(world, places)
    assert {mark.place.code for mark in drawn.marks} == set(codes())
    for mark in drawn.marks:
        assert 0 <= mark.point[0] <= world.width, mark.place.code
        assert 0 <= mark.point[1] <= world.height, mark.place.code


def test_shapes_are_known_by_the_codes_that_countries_have(world: World) -> None:
    assert all(len(code) == 3 and code.isdecimal() for code in world.countries)
    assert {"076", "840", "004"} <= {code for code, shape in world.countries.items() if shape.path}
    assert world.countries["798"].path is None  # Tuvalu is a dot


def test_what_has_no_count_is_land_and_what_has_no_shape_is_left_to_the_table(world: World) -> None:
    places = [place("076", 3), place("840", 0), place("000", 5)]
    drawn = draw(world, places)
    assert [mark.place.code for mark in drawn.marks] == ["076"]
    assert str(world.countries["840"].path) in drawn.land
    assert str(world.countries["076"].path) not in drawn.land


def test_dots_lie_above_shapes(world: World) -> None:
    drawn = draw(world, [place("702", 1), place("076", 1), place("840", 1)])
    assert [mark.path is None for mark in drawn.marks] == [False, False, True]


def place(code: str, count: int) -> Place:
    return Place(code, f"country/{code}", Value(code), {"finding": count})


def test_without_a_build_there_is_no_world(tmp_path: Path) -> None:
    assert read_world(tmp_path / "world.json") is None


def test_a_record_of_several_years_counts_for_each() -> None:
    assert count_years([Span(2011, 2013, 2), Span(2013, 2013, 1), Span(1000, 1900, 1)]) == Counter(
        {2013: 3, 2011: 2, 2012: 2, 1000: 1, 1900: 1}
    )


@given(some.dictionaries(some.integers(1900, 2030), some.integers(1, 500), min_size=1), some.none() | some.just(1990))
def test_bars_stay_on_the_sheet_and_follow_the_counts(years: dict[int, int], since: int | None) -> None:
    drawn = draw_years(Counter(years), since)
    shown = {year: count for year, count in years.items() if since is None or year >= since}
    assert (drawn is None) == (not shown)
    if drawn is None:
        return
    assert [bar.year for bar in drawn.bars] == list(range(min(shown), max(shown) + 1))
    for bar in drawn.bars:
        assert bar.count == shown.get(bar.year, 0)
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH + 0.2
        assert 0 <= bar.y <= bar.y + bar.height <= HEIGHT
        assert not bar.labelled or 16 <= bar.middle <= WIDTH - 15.8
    highest = max(drawn.bars, key=lambda bar: bar.height)
    assert highest.count == drawn.most == max(shown.values())


def branches(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, int]]:
    grown = grow(pairs, Value)
    return [(branch.iri, branch.depth) for root in grown for branch in root.all()]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("b", ""), ("a", "b"), ("c", "b"), ("d", "")], [("b", 0), ("a", 1), ("c", 1), ("d", 0)]),
        ([("a", "elsewhere")], [("a", 0)]),
        ([("a", ""), ("b", ""), ("c", "a"), ("c", "b")], [("a", 0), ("c", 1), ("b", 0), ("c", 1)]),
        ([("a", "b"), ("b", "a")], [("a", 0), ("b", 1)]),
        ([("a", "a")], [("a", 0)]),
        ([], []),
    ],
)
def test_narrower_concepts_stand_under_broader_ones(
    pairs: list[tuple[str, str]], expected: list[tuple[str, int]]
) -> None:
    assert branches(pairs) == expected


def test_cells_lead_to_their_list_and_gaps_to_where_one_contributes() -> None:
    rows, columns = ([Branch(iri, Value(iri), 0) for iri in group] for group in (("r1", "r2"), ("c1", "c2")))
    matrix = lay_out(
        rows, columns, {("r1", "c1"): 5, ("r2", "c1"): 1}, lambda r, c: f"list {r.iri} {c.iri}", lambda r, c: "gap"
    )
    assert [[(cell.count, cell.step, cell.href) for cell in line.cells] for line in matrix.lines] == [
        [(5, 2, "list r1 c1"), (0, 0, "gap")],
        [(1, 1, "list r2 c1"), (0, 0, "gap")],
    ]
    assert matrix.gaps == 2


@pytest.mark.parametrize(
    ("language", "names", "letters"),
    [
        ("en", ["zebra", "Åland", "algebra", "Budget"], "ÅABZ".replace("Å", "A")),
        ("es", ["Ñuble", "Nauru", "Níger", "Oman"], "NNÑO"),
        ("fr", ["Égypte", "Équateur", "Espagne", "Éthiopie"], "EEEE"),
        ("ar", ["الأردن", "إسبانيا", "البرازيل", "تشاد"], "ااإبت".replace("إ", "")),
        ("en", ["12 steps", "…"], "##"),
    ],
)
def test_an_index_follows_the_alphabet_of_the_reader(language: str, names: list[str], letters: str) -> None:
    found = sorted(names, key=lambda name: letter_key(name, language))
    assert [initial(name, language) for name in found] == list(letters)


def test_accents_and_the_article_do_not_count() -> None:
    assert sorted(["Éthiopie", "Espagne", "Égypte"], key=lambda n: letter_key(n, "fr")) == [
        "Égypte",
        "Espagne",
        "Éthiopie",
    ]
    assert letter_key("الأردن", "ar") == letter_key("اردن", "ar")
    assert letter_key("ال", "ar") == ""


@pytest.mark.parametrize(("left", "open_"), [(-1, False), (0, True), (30, True)])
def test_a_call_is_open_to_the_end_of_its_last_day(left: int, open_: bool) -> None:
    deadline = Deadline.of("2016-03-01", date.fromordinal(date(2016, 3, 1).toordinal() - left))
    assert deadline is not None
    assert (deadline.left, deadline.open) == (left, open_)
    assert Deadline.of("spring", date(2016, 1, 1)) is None
