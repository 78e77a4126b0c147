"""The table of states: nothing is published but by a curator, nothing gets stuck, everybody knows whose turn it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from escrgraph.curation.actors import Party
from escrgraph.curation.states import NEXT, RULES, State, Step, rule, steps

PEOPLE = (Party.SUBMITTER, Party.CURATOR)


@given(st.lists(st.tuples(st.sampled_from(Step), st.sampled_from(Party)), max_size=40))
def test_whatever_is_tried_only_what_a_curator_accepted_is_published(tried: list[tuple[Step, Party]]) -> None:
    state, accepted = State.DRAFT, False
    for step, party in tried:
        found = rule(state, step, [party])
        if found is None:
            continue
        if step is Step.ACCEPT:
            assert party is Party.CURATOR
            accepted = True
        state = found.target or state
        assert accepted or state not in (State.ACCEPTED, State.PUBLISHED, State.SUPERSEDED, State.UNPUBLISHED)


@given(st.sampled_from(State), st.sampled_from(Step), st.sets(st.sampled_from(Party)))
def test_a_step_is_listed_exactly_when_it_may_be_taken(state: State, step: Step, parties: set[Party]) -> None:
    assert (step in steps(state, parties)) == (rule(state, step, parties) is not None)


@given(st.sampled_from(State), st.sampled_from(Step), st.sets(st.sampled_from(Party)))
def test_whoever_is_more_may_do_more(state: State, step: Step, parties: set[Party]) -> None:
    found = rule(state, step, parties)
    wider = rule(state, step, set(Party))
    assert found is None or wider is not None
    assert found is None or any(rule(state, step, [party]) for party in parties)


def test_whose_turn_it_is_can_do_something_that_moves_it() -> None:
    for state, party in NEXT.items():
        moves = [r for r in RULES if state in r.sources and party in r.parties and r.target not in (None, state)]
        assert bool(moves) == (party is not Party.NOBODY), state


def test_every_state_is_reached_and_has_somebody_next() -> None:
    reached = {State.HELD, State.DRAFT}
    while True:
        more = {r.target or state for r in RULES for state in r.sources & reached} | reached
        if more == reached:
            break
        reached = more
    assert reached == set(State) == set(NEXT)


def test_a_step_has_one_outcome_for_one_party() -> None:
    for state in State:
        for step in Step:
            for party in Party:
                assert len([r for r in RULES if r.step is step and state in r.sources and party in r.parties]) <= 1


def test_people_never_take_the_steps_of_the_machine() -> None:
    machine = {r.step for r in RULES if r.parties == {Party.MACHINE}}
    assert {Step.PUBLISH, Step.SUPERSEDE, Step.UNPUBLISH, Step.RESTORE, Step.RETURN, Step.RENEW} == machine
    assert not [r for r in RULES if r.step in machine and r.parties & set(PEOPLE)]
