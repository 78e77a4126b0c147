"""The change log says who changed what, proves that it was not tampered with, and is readable beside its writer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.repository.worlds import change, node, tamper, title

from escrgraph.repository.addresses import Address
from escrgraph.repository.changes import Action, Cause
from escrgraph.repository.errors import WrongStore
from escrgraph.repository.log import BrokenLog, ChangeLog
from escrgraph.repository.publishing import Publisher
from escrgraph.repository.recording import Recorder


@pytest.fixture
def path(publisher: Publisher) -> Address:
    """The log of three changes to two records."""
    publisher.commit(change([title("resource/a", "One")], reason="first"))
    publisher.commit(change([title("resource/b", "Two")], reason="second"))
    publisher.commit(change([title("resource/a", "Uno")], [title("resource/a", "One")], reason="third"))
    return publisher.log.address


def test_entries_say_who_when_why_and_what(path: Address) -> None:
    with ChangeLog(path) as log:
        assert [(e.number, e.cause, e.agent, e.reason) for e in log.entries()] == [
            (1, Cause.SUBMISSION, "tester", "first"),
            (2, Cause.SUBMISSION, "tester", "second"),
            (3, Cause.SUBMISSION, "tester", "third"),
        ]
        newest = log.head()
        assert newest is not None
        assert newest == log.entry(3)
        assert (newest.added, newest.removed, newest.records, newest.unchecked) == (1, 1, 1, False)
        assert timedelta() <= datetime.now(UTC) - newest.time < timedelta(minutes=5)
        assert [entry.number for entry in log.entries(after=1, limit=1)] == [2]
        added, removed = log.quads(3)
        assert (list(added), list(removed)) == ([title("resource/a", "Uno")], [title("resource/a", "One")])
        assert (log.entry(4), log.last_change("resource/zzz")) == (None, None)


def test_changes_of_a_record_are_found_as_they_were_at_a_number(path: Address) -> None:
    with ChangeLog(path) as log:
        assert [(e.number, c.action) for e, c in log.changes_of("resource/a")] == [
            (3, Action.MODIFIED),
            (1, Action.CREATED),
        ]
        last = log.last_change("resource/a", at=2)
        assert last is not None
        assert last[0].number == 1
        assert [(c.record, c.action) for c in log.record_changes(2)] == [("resource/b", Action.CREATED)]


def test_the_log_verifies_and_each_entry_follows_from_the_one_before(path: Address) -> None:
    with ChangeLog(path) as log:
        assert log.verify() == 3
        entries = log.entries()
        assert [entry.previous for entry in entries[1:]] == [entry.digest for entry in entries[:-1]]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET reason = 'other' WHERE number = 2",
        "UPDATE entry SET time = time - 60 WHERE number = 2",
        "UPDATE entry SET added = 7 WHERE number = 2",
        "UPDATE entry SET redacted = TRUE WHERE number = 2",
        "UPDATE entry SET body = digest WHERE number = 2",
        "UPDATE record_change SET action = 'withdrawn' WHERE number = 2",
        "UPDATE chunk SET data = (SELECT data FROM chunk WHERE number = 1) WHERE number = 2",
        "UPDATE chunk SET data = x'00' WHERE number = 2",
        "DELETE FROM chunk WHERE number = 2",
        "DELETE FROM entry WHERE number = 2",
    ],
)
def test_tampering_is_found_and_the_entry_named(path: Address, statement: str) -> None:
    tamper(path, statement)
    with ChangeLog(path) as log, pytest.raises(BrokenLog) as caught:
        log.verify()
    assert (caught.value.number, "2" in str(caught.value)) == (2, True)


def test_the_clock_may_go_back_and_the_log_does_not(path: Address, publisher: Publisher) -> None:
    head = publisher.log.head()
    assert head is not None
    ahead = int(head.time.timestamp()) + 3600
    tamper(path, f"UPDATE entry SET time = {ahead} WHERE number = 3")
    publisher.commit(change([title("resource/c", "Three")]))
    newest = publisher.log.head()
    assert newest is not None
    assert int(newest.time.timestamp()) == ahead


def test_a_reader_sees_what_the_writer_adds_and_cannot_write(path: Address, publisher: Publisher) -> None:
    with ChangeLog(path) as log:
        publisher.commit(change([title("resource/c", "Three")]))
        newest = log.head()
        assert newest is not None
        assert newest.number == 4
        with log._engine.connect() as connection, pytest.raises(Exception, match=r"readonly|does not take it"):
            connection.exec_driver_sql("DELETE FROM entry")


def test_there_is_a_sentence_where_there_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(WrongStore, match="There is no change log"):
        ChangeLog(tmp_path / "log.sqlite")


def test_a_large_side_is_kept_in_chunks(publisher: Publisher) -> None:
    text = "x" * 10_000
    many = [title("resource/a", f"{text}{number}") for number in range(300)]
    publisher.commit(change(many))
    chunks = list(publisher.log.lines(1, "added"))
    assert len(chunks) > 1
    assert all(chunk.endswith(b"\n") for chunk in chunks)
    assert set(publisher.log.quads(1)[0]) == set(many)
    assert str(node("resource/a")).encode() in chunks[-1]


def test_every_record_change_has_its_place_in_the_whole(path: Address) -> None:
    with ChangeLog(path) as log:
        found = [(v.position, v.number, v.record, v.action) for v in log.revisions(0, 3)]
        assert found == [
            (1, 1, "resource/a", Action.CREATED),
            (2, 2, "resource/b", Action.CREATED),
            (3, 3, "resource/a", Action.MODIFIED),
        ]
        assert [v.position for v in log.revisions(1, 2)] == [2]
        assert [v.position for v in log.revisions(0, 3, limit=2)] == [1, 2]
        assert [log.length(number) for number in range(5)] == [0, 1, 2, 3, 3]
        assert log.bounds([1, 3]).keys() == {1, 3}


def test_a_redaction_keeps_the_places(publisher: Publisher, path: Address) -> None:
    publisher.redact("resource/a", "tester", "asked to")
    with ChangeLog(path) as log:
        assert [(v.position, v.record) for v in log.revisions(0, 4)] == [
            (1, None),
            (2, "resource/b"),
            (3, None),
            (4, None),
        ]
        assert (log.last_redaction(3), log.last_redaction(4)) == (0, 4)


@pytest.mark.usefixtures("sqlite_alone")
def test_a_log_from_before_there_were_places_gets_them(publisher: Publisher, path: Address) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP INDEX record_change_in_order")
        connection.execute("ALTER TABLE record_change DROP COLUMN position")
    with Recorder(path) as log:
        assert [(v.position, v.record) for v in log.revisions(0, 3)] == [
            (1, "resource/a"),
            (2, "resource/b"),
            (3, "resource/a"),
        ]
        assert log.verify() == 3
