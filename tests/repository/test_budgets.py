"""What a client may use each minute, by a clock that the test turns."""

from __future__ import annotations

import pytest

from escrgraph.repository.budgets import Budgets
from escrgraph.repository.errors import RateLimited
from escrgraph.settings import read_settings


class Clock:
    """A clock that stands still."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def usual(clock: Clock) -> Budgets:
    """The budgets that a service gives unless told otherwise."""
    return Budgets(read_settings(environment={}).rate_limit, clock)


def test_who_reads_what_they_asked_is_never_told_to_wait(usual: Budgets, clock: Clock) -> None:
    for _ in range(200):  # a query of 20 seconds, and ten seconds of looking at the answer
        usual.check("researcher")
        clock.now += 20
        usual.charge("researcher", 20)
        clock.now += 10


def test_two_of_the_longest_queries_may_follow_each_other(usual: Budgets, clock: Clock) -> None:
    for _ in range(2):
        usual.check("researcher")
        clock.now += 30
        usual.charge("researcher", 30)


def test_who_never_rests_is_told_to_wait_and_gets_three_quarters(usual: Budgets, clock: Clock) -> None:
    began, used = clock.now, 0.0
    while clock.now < began + 3600:
        try:
            usual.check("greedy")
        except RateLimited as error:
            clock.now += error.retry_after or 0
        else:
            clock.now += 30
            usual.charge("greedy", 30)
            used += 30
    assert 0.65 < used / (clock.now - began) <= 0.78
    usual.check("somebody else")


def test_one_long_answer_costs_a_wait_of_a_minute_at_most(usual: Budgets, clock: Clock) -> None:
    clock.now += 3000
    usual.charge("slow line", 3000)
    with pytest.raises(RateLimited) as caught:
        usual.check("slow line")
    assert caught.value.retry_after is not None
    assert caught.value.retry_after <= 61
    clock.now += caught.value.retry_after
    usual.check("slow line")
