"""The shapes of the world map, as the build wrote them (`frontend/world.mjs`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

BUILT = Path(__file__).parent / "static" / "dist" / "world.json"


@dataclass(frozen=True, slots=True)
class Shape:
    """One country. path: SVG path data, None where it is too small to be drawn; point: where its mark stands."""

    path: str | None
    point: tuple[int, int]


@dataclass(frozen=True, slots=True)
class World:
    """All shapes on a sheet of `width` × `height`. land: what has no code; countries: by numeric code ("076")."""

    width: int
    height: int
    land: str
    countries: Mapping[str, Shape]


def read_world(path: Path) -> World | None:
    """The shapes of a file; None where the browser's part was not built, for then pages do with their tables."""
    if not path.is_file():
        return None
    read = json.loads(path.read_text(encoding="utf-8"))
    countries = {code: Shape(found.get("path"), tuple(found["point"])) for code, found in read["countries"].items()}
    return World(read["width"], read["height"], read["land"], countries)


@cache
def built_world() -> World | None:
    """The shapes that were built with this installation, read once."""
    return read_world(BUILT)
