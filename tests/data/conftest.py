"""The committed graphs and the committed tables, each read once."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pyoxigraph import Triple, parse

DATA = Path(__file__).resolve().parents[2] / "data"

Graphs = dict[str, set[Triple]]
Table = list[dict[str, str]]


@pytest.fixture(scope="session")
def graphs() -> Graphs:
    """Every file of `data/`, by the name of its graph."""
    return {path.stem: {quad.triple for quad in parse(path=path)} for path in sorted(DATA.glob("*.ttl"))}


@pytest.fixture(scope="session")
def everything(graphs: Graphs) -> set[Triple]:
    """All graphs of `data/` together."""
    return set().union(*graphs.values())


@pytest.fixture(scope="session")
def tables() -> dict[str, Table]:
    """Every table, read with the csv module alone: what the builder does with it is not trusted here."""
    return {path.stem: _rows(path) for path in sorted((DATA / "tables").glob("*.csv"))}


def _rows(path: Path) -> Table:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
