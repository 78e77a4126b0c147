"""A submission checked in its neighbourhood gets the verdict of a check of everything."""

from __future__ import annotations

import random

import pytest
from pyoxigraph import Store
from tests.validation.mistakes import some_records, spoil

from escrgraph.validation import Referee
from escrgraph.validation.overlay import changed


def differences(library: Store, referee: Referee, seed: int, number: int) -> list[str]:
    """The seeded submissions on whose verdict the two disagree."""
    chance = random.Random(seed)
    found = []
    for record in some_records(library, chance, number):
        added, removed = spoil(library, chance, record)
        near = set(referee.check(added, library, removed).results)
        with changed(library, added, removed) as after:
            whole = set(referee.check_whole(after).results)
        touched = {quad.subject.value for quad in (*added, *removed)}
        if {r for r in near if r.focus in touched} != {r for r in whole if r.focus in touched}:
            found.append(record)
    return found


def test_a_sample_of_submissions(library: Store, referee: Referee) -> None:
    assert differences(library, referee, 41, 3) == []


@pytest.mark.drill
@pytest.mark.parametrize("seed", range(20))
def test_a_thousand_submissions(library: Store, referee: Referee, seed: int) -> None:
    assert differences(library, referee, seed, 50) == []
