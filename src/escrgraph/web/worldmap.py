"""The world map: which country is shaded how, what its mark leads to, and the same as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from escrgraph.web.entity import Value
from escrgraph.web.shading import Step, step_of, steps
from escrgraph.web.world import World


@dataclass(frozen=True, slots=True)
class Place:
    """A country with what there is about it. code: numeric, three digits; record: "country/gtm"; counts: by type."""

    code: str
    record: str
    name: Value
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All that is counted of it."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Mark:
    """A country on the map: its shape or, when it is too small for one, a dot."""

    place: Place
    step: int
    path: str | None
    point: tuple[int, int]


@dataclass(frozen=True, slots=True)
class WorldMap:
    """A map to be drawn. land: one path for all countries of which nothing is counted."""

    width: int
    height: int
    land: str
    marks: tuple[Mark, ...]
    legend: tuple[Step, ...]


def draw(world: World, places: Sequence[Place]) -> WorldMap:
    """The map of some places; one whose code has no shape is left out, and stands in the table alone."""
    scale = steps(place.total for place in places)
    counted = {place.code: place for place in places if place.total}
    land = [shape.path for code, shape in world.countries.items() if shape.path and code not in counted]
    marks = [
        Mark(place, step_of(place.total, scale), shape.path, shape.point)
        for code, place in counted.items()
        if (shape := world.countries.get(code))
    ]
    # Dots lie above shapes, or the shape around would hide them.
    marks.sort(key=lambda mark: (mark.path is None, mark.place.code))
    return WorldMap(world.width, world.height, world.land + "".join(land), tuple(marks), scale)
