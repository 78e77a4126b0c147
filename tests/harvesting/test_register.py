"""The register: every record's last change and its sets, the same however it was made, at a cost that does not grow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad
from tests.repository.worlds import BASE, RESOURCE, TYPE, node

from escrgraph.harvesting import registering
from escrgraph.harvesting.register import Register, Span, State
from escrgraph.harvesting.registering import LATE, Registrar
from escrgraph.harvesting.sets import Naming, language_of_set, record_of_set
from escrgraph.repository import recording
from escrgraph.repository.changes import Action, Cause, RecordChange
from escrgraph.repository.errors import Unavailable
from escrgraph.repository.recording import Recorder
from escrgraph.repository.store import n_quads

SUBJECT = NamedNode("http://purl.org/dc/terms/subject")
LANGUAGE = NamedNode("http://purl.org/dc/terms/language")
SPANISH = NamedNode("http://publications.europa.eu/resource/authority/language/SPA")
CREATED, MODIFIED, WITHDRAWN, RENAMED = Action.CREATED, Action.MODIFIED, Action.WITHDRAWN, Action.RENAMED


class Clock:
    """The time at which entries are made and registered."""

    def __init__(self) -> None:
        self.now = 1_800_000_000

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(recording, "time", made)
    monkeypatch.setattr(registering, "time", made)
    return made


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Recorder]:
    with Recorder(tmp_path / "log.sqlite") as made:
        yield made  # type: ignore[misc]


@pytest.fixture
def registrar(tmp_path: Path) -> Registrar:
    return Registrar(tmp_path / "register", BASE)


def states(registrar: Registrar, tmp_path: Path, name: str = "", span: Span = Span()) -> list[State]:  # noqa: B008
    with Register(tmp_path / "register").view() as view:
        return view.states(name, span)


def names(found: Iterable[State]) -> list[str]:
    return [state.record for state in found]


def about(record: str, *rights: str, spanish: bool = False) -> list[Quad]:
    quads = [Quad(node(record), SUBJECT, node(f"right/{right}"), RESOURCE) for right in rights]
    return [*quads, Quad(node(record), LANGUAGE, SPANISH, RESOURCE)] if spanish else quads


def entry(log: Recorder, changes: Sequence[RecordChange], added: list[Quad] = [], removed: list[Quad] = []) -> int:  # noqa: B006
    header = {"cause": Cause.SUBMISSION, "agent": "tester", "reason": "a test"}
    return log.append(header, n_quads(added), n_quads(removed), changes)


def test_what_is_not_made_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(Unavailable), Register(tmp_path / "register").view():
        pass


def test_records_stand_in_the_order_of_their_last_change(log: Recorder, registrar: Registrar, tmp_path: Path) -> None:
    entry(log, [RecordChange("resource/a", CREATED), RecordChange("resource/b", CREATED)])
    entry(log, [RecordChange("resource/a", MODIFIED)])
    registrar.catch_up(log, 2)
    found = states(registrar, tmp_path)
    assert [(state.record, state.position, state.number) for state in found] == [
        ("resource/b", 2, 1),
        ("resource/a", 3, 2),
    ]
    assert found[1].created <= found[1].time


def test_sets_follow_what_records_say(log: Recorder, registrar: Registrar, tmp_path: Path) -> None:
    entry(log, [RecordChange("resource/a", CREATED)], about("resource/a", "food", "health", spanish=True))
    registrar.catch_up(log, 1)
    for name in ("type:resource", "type", "right:food", "right:health", "right", "language:es", "language"):
        assert names(states(registrar, tmp_path, name)) == ["resource/a"]
    entry(log, [RecordChange("resource/a", MODIFIED)], [], about("resource/a", "food"))
    registrar.catch_up(log, 2)
    assert states(registrar, tmp_path, "right:food") == []
    assert (
        names(states(registrar, tmp_path, "right"))
        == names(states(registrar, tmp_path, "right:health"))
        == ["resource/a"]
    )


def test_what_is_gone_stays_in_its_sets_until_it_comes_back(
    log: Recorder, registrar: Registrar, tmp_path: Path
) -> None:
    quads = about("resource/a", "food")
    entry(log, [RecordChange("resource/a", CREATED)], quads)
    entry(log, [RecordChange("resource/a", WITHDRAWN)], [], quads)
    registrar.catch_up(log, 2)
    (gone,) = states(registrar, tmp_path, "right:food")
    assert (gone.gone, gone.sets) == (True, ("right", "right:food", "type", "type:resource"))
    entry(log, [RecordChange("resource/a", CREATED)], about("resource/a", "health"))
    registrar.catch_up(log, 3)
    assert states(registrar, tmp_path, "right:food") == []
    (back,) = states(registrar, tmp_path, "right:health")
    assert not back.gone


def test_a_renamed_record_names_its_successor(log: Recorder, registrar: Registrar, tmp_path: Path) -> None:
    entry(log, [RecordChange("resource/a", CREATED)])
    entry(log, [RecordChange("resource/a", RENAMED, "resource/b"), RecordChange("resource/b", CREATED)])
    registrar.catch_up(log, 2)
    old, new = states(registrar, tmp_path)
    assert (old.gone, old.successor, new.gone) == (True, "resource/b", False)


def test_times_bound_a_list(log: Recorder, registrar: Registrar, tmp_path: Path, clock: Clock) -> None:
    for name in "abc":
        entry(log, [RecordChange(f"resource/{name}", CREATED)])
        clock.now += 100
    clock.now = 1_800_000_200
    registrar.catch_up(log, 3)
    first, second, third = (datetime.fromtimestamp(1_800_000_000 + 100 * number, UTC) for number in range(3))
    second_after = timedelta(seconds=1)
    for span, expected in (
        (Span(start=first), "abc"),
        (Span(start=first + second_after), "bc"),
        (Span(start=second, end=second), "b"),
        (Span(end=second - second_after), "a"),
        (Span(end=first - second_after), ""),
        (Span(start=third + second_after), ""),
        (Span(after=1, end=third), "bc"),
    ):
        assert names(states(registrar, tmp_path, "", span)) == [f"resource/{name}" for name in expected]


def test_what_readers_saw_late_is_stamped_late(
    log: Recorder, registrar: Registrar, tmp_path: Path, clock: Clock
) -> None:
    entry(log, [RecordChange("resource/a", CREATED)])
    registrar.catch_up(log, 1)
    entry(log, [RecordChange("resource/b", CREATED)])  # a long load: its entry has the time of its beginning
    clock.now += LATE + 50
    registrar.catch_up(log, 2)
    entry(log, [RecordChange("resource/c", CREATED)])
    clock.now += LATE
    registrar.catch_up(log, 3)
    found = {state.record: (state.stamp - state.time).total_seconds() for state in states(registrar, tmp_path)}
    assert found == {"resource/a": 0, "resource/b": LATE + 50, "resource/c": 0}
    stamps = [state.stamp for state in states(registrar, tmp_path)]
    assert stamps == sorted(stamps)


def test_it_is_the_same_when_made_at_once(log: Recorder, registrar: Registrar, tmp_path: Path, clock: Clock) -> None:
    quads = about("resource/a", "food", spanish=True)
    steps = [
        ([RecordChange("resource/a", CREATED)], quads, []),
        ([RecordChange("resource/b", CREATED)], about("resource/b", "food"), []),
        ([RecordChange("resource/a", MODIFIED)], about("resource/a", "health"), about("resource/a", "food")),
        ([RecordChange("resource/b", WITHDRAWN)], [], about("resource/b", "food")),
    ]
    for number, (changes, added, removed) in enumerate(steps, 1):
        entry(log, changes, added, removed)
        registrar.catch_up(log, number)
    whole = Registrar(tmp_path / "other", BASE)
    whole.catch_up(log, len(steps))
    with Register(tmp_path / "register").view() as one, Register(tmp_path / "other").view() as two:
        assert one.states() == two.states() != []
        assert one.sets() == two.sets()
        assert one.generation == two.generation == len(steps)


def test_a_register_of_another_log_is_made_anew(log: Recorder, registrar: Registrar, tmp_path: Path) -> None:
    entry(log, [RecordChange("resource/a", CREATED)])
    registrar.catch_up(log, 1)
    with Recorder(tmp_path / "other.sqlite") as other:
        assert isinstance(other, Recorder)
        entry(other, [RecordChange("resource/z", CREATED)], about("resource/z", "food"))
        registrar.catch_up(other, 1)
    assert names(states(registrar, tmp_path)) == ["resource/z"]


def test_a_page_costs_the_same_anywhere(log: Recorder, registrar: Registrar, tmp_path: Path) -> None:
    """Steps of SQLite's machine for a page at the beginning, in the middle and at the end of 100,000 records."""
    count = 100_000
    entry(log, [RecordChange(f"resource/r{number:06}", CREATED) for number in range(count)])
    registrar.catch_up(log, 1)
    with Register(tmp_path / "register").view() as view:
        for name in ("", "type:resource"):
            costs = []
            for after in (0, count // 2, count - 200):
                steps = [0]

                def step(steps: list[int] = steps) -> int:
                    steps[0] += 1
                    return 0

                view._connection.set_progress_handler(step, 10)
                assert len(view.states(name, Span(after), 200)) == 200
                view._connection.set_progress_handler(None, 0)
                costs.append(steps[0])
            assert max(costs) < 1.1 * min(costs)
    costs = [_steps(log, after) for after in (0, count // 2, count - 200)]
    assert max(costs) < 1.1 * min(costs)


def _steps(log: Recorder, after: int) -> int:
    """The same for a page of the log."""
    from sqlalchemy import event

    steps = [0]

    def begin(connection: object) -> None:
        def step() -> int:
            steps[0] += 1
            return 0

        connection.connection.driver_connection.set_progress_handler(step, 10)  # type: ignore[attr-defined]

    event.listen(log._engine, "begin", begin)
    assert len(log.revisions(after, 1, 200)) == 200
    event.remove(log._engine, "begin", begin)
    return steps[0]


def test_lines_that_look_like_others_name_no_set() -> None:
    naming = Naming(BASE)
    quads = [
        Quad(node("resource/a"), SUBJECT, NamedNode("https://elsewhere.example/id/right/food"), RESOURCE),
        Quad(node("resource/a"), SUBJECT, node("right/food", "part"), RESOURCE),
        Quad(node("right/food"), SUBJECT, node("right/food"), RESOURCE),
        Quad(NamedNode("https://elsewhere.example/x"), SUBJECT, node("right/food"), RESOURCE),
        Quad(node("resource/a", "part"), TYPE, NamedNode("https://w3id.org/escrgraph/def/Opportunity"), RESOURCE),
        Quad(node("resource/a"), LANGUAGE, NamedNode(SPANISH.value[:-3] + "XXX"), RESOURCE),
    ]
    assert set(naming.in_lines(n_quads(quads))) == {
        ("resource/a", "right"),
        ("resource/a", "right:food"),
        ("resource/a", "opportunity"),
    }


def test_names_of_sets_lead_back() -> None:
    assert record_of_set("country:gtm") == "country/gtm"
    assert language_of_set("language:es") == "es"
    for name in ("country", "type:right", "opportunity", "", "x:y"):
        assert record_of_set(name) is None
        assert language_of_set(name) is None
