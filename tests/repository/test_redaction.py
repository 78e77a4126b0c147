"""After a redaction nothing of the record is left, and the log still proves that nobody tampered with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from tests.repository.worlds import (
    FINDING,
    RESOURCE,
    TITLE,
    by_the_log,
    change,
    finding,
    holding,
    merge_is_right,
    named,
    node,
    tamper,
    title,
)

from escrgraph.repository.changes import Action, Cause
from escrgraph.repository.errors import Malformed
from escrgraph.repository.log import BrokenLog
from escrgraph.repository.publishing import Publisher
from escrgraph.repository.writing import Writer

SECRET = "Maria Xicotencatl of the third house"
SLUG = "xicotencatl"
RELATION = NamedNode("http://purl.org/dc/terms/relation")


def fill(asked: Publisher | Writer) -> None:
    """Three entries that hold the secret, in a record, in its parts, and in links to it from another record."""
    link = Quad(node("resource/a"), RELATION, node(f"finding/{SLUG}", "deprivation"), RESOURCE)
    secret = Quad(node(f"finding/{SLUG}", "deprivation"), TITLE, Literal(SECRET, language="en"), FINDING)
    asked.commit(change([*finding(SLUG), *finding("y"), secret, title("resource/a", "One"), link]))
    asked.commit(change([title("resource/b", "Two")], reason="another"))
    asked.commit(change([title(f"finding/{SLUG}", f"About {SECRET}", FINDING)], reason=f"{SECRET} wrote to us"))


def test_nothing_of_the_record_is_left_and_the_log_verifies(publisher: Publisher) -> None:
    fill(publisher)
    outcome, redaction = publisher.redact(f"finding/{SLUG}", "curator", "asked for by the person concerned")
    assert (redaction.entries, outcome.receipt.number, publisher.number) == ((1, 3), 4, 4)
    assert "Backups" in redaction.remaining
    assert publisher.log.verify() == 4
    entries = publisher.log.entries()
    assert [entry.redacted for entry in entries] == [True, False, True, False]
    assert entries[-1].cause is Cause.REDACTION
    told = " ".join(f"{entry.reason} {entry.agent}" for entry in entries)
    assert SECRET not in told
    everything = [*publisher.store, *(q for e in entries for side in publisher.log.quads(e.number) for q in side)]
    assert not [quad for quad in everything if SECRET in str(quad) or SLUG in str(quad)]
    assert by_the_log(publisher.log) == named(publisher.store)
    assert merge_is_right(publisher.store)
    assert title("resource/a", "One") in publisher.store


@pytest.mark.usefixtures("sqlite_alone")
def test_the_text_is_in_no_file_of_the_store(publisher: Publisher) -> None:
    fill(publisher)
    directory = publisher.log.address.parent
    assert holding(directory, SECRET)
    publisher.redact(f"finding/{SLUG}", "curator", "asked for")
    publisher.close()
    try:
        assert holding(directory, SECRET) == holding(directory, SLUG) == []
    finally:
        publisher.__init__(directory, publisher._base)  # type: ignore[misc]  # the fixture closes it


def test_the_address_of_the_record_answers_that_it_is_gone(publisher: Publisher) -> None:
    fill(publisher)
    publisher.redact(f"finding/{SLUG}", "curator", "asked for")
    last = publisher.log.last_change(f"finding/{SLUG}")
    assert last is not None
    assert (last[0].cause, last[1].action) == (Cause.REDACTION, Action.WITHDRAWN)


def test_a_record_that_linked_to_it_is_modified(publisher: Publisher) -> None:
    fill(publisher)
    publisher.redact(f"finding/{SLUG}", "curator", "asked for")
    changes = {change.record: change.action for change in publisher.log.record_changes(4)}
    assert changes.pop("resource/a") is Action.MODIFIED
    assert list(changes.values()) == [Action.WITHDRAWN]
    assert all(record.startswith("sha256:") for record in changes)


def test_tampering_after_a_redaction_is_found(publisher: Publisher) -> None:
    fill(publisher)
    publisher.redact(f"finding/{SLUG}", "curator", "asked for")
    tamper(publisher.log.address, "UPDATE entry SET reason = 'other' WHERE number = 1")
    with pytest.raises(BrokenLog) as caught:
        publisher.log.verify()
    assert caught.value.number == 1


def test_two_redactions_leave_a_log_that_verifies(publisher: Publisher) -> None:
    fill(publisher)
    publisher.redact(f"finding/{SLUG}", "curator", "asked for")
    publisher.redact("finding/y", "curator", "asked for")
    publisher.redact("resource/a", "curator", "asked for")
    assert publisher.log.verify() == 6
    assert named(publisher.store) == {title("resource/b", "Two")}


def test_a_record_withdrawn_long_ago_is_erased_too(publisher: Publisher) -> None:
    fill(publisher)
    publisher.commit(change(withdrawn=[f"finding/{SLUG}"]))
    _, redaction = publisher.redact(f"finding/{SLUG}", "curator", "asked for")
    assert redaction.entries == (1, 3, 4)
    assert publisher.log.verify() == 5


@pytest.mark.parametrize("record", ["finding/unknown", "nonsense", "finding/x/deprivation"])
def test_what_the_log_does_not_name_cannot_be_redacted(publisher: Publisher, record: str) -> None:
    fill(publisher)
    with pytest.raises(Malformed):
        publisher.redact(record, "curator", "asked for")
    assert len(publisher.log.entries()) == 3


def test_by_the_writer_the_text_is_nowhere_below_the_store_while_it_runs(writer: Writer, tmp_path: Path) -> None:
    fill(writer)
    assert holding(tmp_path / "store", SECRET)
    redaction = writer.redact(f"finding/{SLUG}", "curator", "asked for")
    assert redaction.entries == (1, 3)
    assert holding(tmp_path / "store", SECRET) == holding(tmp_path / "store", SLUG) == []
    assert writer.verify() == 4
