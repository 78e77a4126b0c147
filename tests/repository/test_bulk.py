"""A load of any size is one entry, checked like any other, and there whole or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple
from tests.repository.worlds import (
    BASE,
    INFERRED,
    LINKS,
    RESOURCE,
    STATE,
    TITLE,
    by_the_log,
    change,
    finding,
    merge_is_right,
    named,
    node,
    title,
)

from escrgraph.repository import replay
from escrgraph.repository.changes import Action, Cause, Receipt
from escrgraph.repository.errors import Malformed, Unavailable
from escrgraph.repository.lines import END, publishable, received
from escrgraph.repository.publishing import Publisher
from escrgraph.repository.store import n_quads

HEADER = {"cause": Cause.IMPORT, "agent": "tester", "reason": "a load", "unchecked": True}
XSD = "http://www.w3.org/2001/XMLSchema#"


def load(publisher: Publisher, *batches: Iterable[Quad], end: bytes = END) -> Receipt:
    """Load quads through a pipe."""
    reading, writing = os.pipe()

    def feed() -> None:
        with os.fdopen(writing, "wb") as pipe:
            for batch in batches:
                pipe.write(n_quads(batch))
            pipe.write(end)

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        return publisher.load(reading, HEADER).receipt
    finally:
        feeder.join()
        os.close(reading)


def test_a_load_is_one_entry_with_its_records_and_what_follows_from_them(publisher: Publisher) -> None:
    receipt = load(publisher, [*finding("x"), title("resource/a", "One"), title("resource/a", "One", LINKS)])
    assert (receipt.number, receipt.created, receipt.modified) == (1, 2, 0)
    entry = publisher.log.entry(1)
    assert entry is not None
    assert (entry.unchecked, entry.added, entry.records) == (True, receipt.added, 2)
    assert by_the_log(publisher.log) == named(publisher.store)
    assert len(set(publisher.store.quads_for_pattern(None, None, None, INFERRED))) == receipt.added - 7 > 0
    assert merge_is_right(publisher.store)
    assert publisher.log.verify() == 1


def test_a_load_gives_what_a_commit_of_the_same_gives(publisher: Publisher, tmp_path: Path) -> None:
    quads = [*finding("x"), *finding("y", "ministry-of-health"), title("resource/a", "One")]
    load(publisher, quads)
    directory = tmp_path / "other"
    directory.mkdir()
    other = Publisher(directory, BASE)
    receipt = other.commit(change(quads)).receipt
    assert named(publisher.store) == named(other.store)
    entry = publisher.log.entry(1)
    assert entry is not None
    assert (entry.added, entry.records) == (receipt.added, receipt.created)
    other.close()


def test_a_load_beside_what_is_there_adds_only_what_is_new(publisher: Publisher) -> None:
    publisher.commit(change([*finding("x")[:3], title("resource/a", "One")]))
    receipt = load(publisher, finding("x"), [title("resource/a", "One"), title("resource/b", "Two")])
    changes = {change.record: change.action for change in publisher.log.record_changes(2)}
    assert changes == {"finding/x": Action.MODIFIED, "resource/b": Action.CREATED}
    assert (receipt.created, receipt.modified) == (1, 1)
    assert set(finding("x")[3:]) < set(publisher.log.quads(2)[0])
    assert not set(finding("x")[:3]) & set(publisher.log.quads(2)[0])
    before = set(publisher.store)
    publisher.rebuild()
    assert (set(publisher.store), by_the_log(publisher.log)) == (before, named(publisher.store))


def test_a_load_updates_what_was_inferred_before(publisher: Publisher) -> None:
    publisher.commit(change(finding("x")[:2]))
    gaps = set(publisher.store.quads_for_pattern(node("finding/x"), None, None, INFERRED))
    receipt = load(publisher, finding("x"))
    assert receipt.removed > 0
    assert set(publisher.log.quads(2)[1]) < gaps
    assert by_the_log(publisher.log) == named(publisher.store)
    assert merge_is_right(publisher.store)


def test_repeated_quads_are_logged_once_however_far_apart(publisher: Publisher) -> None:
    filler = [title(f"resource/r{number}", "x" * 100) for number in range(20_000)]
    receipt = load(publisher, [title("resource/a", "One")], filler, [title("resource/a", "One")])
    assert receipt.added == 20_001
    logged = list(publisher.log.quads(1)[0])
    assert len(logged) == len(set(logged)) == 20_001
    assert publisher.log.verify() == 1


def test_a_load_without_effect_makes_no_entry(publisher: Publisher) -> None:
    load(publisher, [title("resource/a", "One")])
    receipt = load(publisher, [title("resource/a", "One")])
    assert (receipt.number, receipt.added, len(publisher.log.entries())) == (1, 0, 1)


def test_a_part_loaded_in_bulk_is_found_when_its_record_is_withdrawn(publisher: Publisher) -> None:
    load(publisher, finding("x"))
    publisher.commit(change(withdrawn=["finding/x"]))
    assert named(publisher.store) == set()


@pytest.mark.parametrize(
    ("quad", "words"),
    [
        (Quad(BlankNode(), TITLE, Literal("x"), RESOURCE), "blank node"),
        (Quad(node("resource/a"), TITLE, BlankNode(), RESOURCE), "blank node"),
        (Quad(node("resource/a"), TITLE, Triple(node("resource/a"), TITLE, Literal("x")), RESOURCE), "triple term"),
        (Quad(node("resource/a"), TITLE, Literal("x"), DefaultGraph()), "names no graph"),
        (Quad(node("resource/a"), TITLE, Literal("x", language="en"), DefaultGraph()), "names no graph"),
        (Quad(node("resource/a"), TITLE, Literal("1", datatype=NamedNode(XSD + "date")), DefaultGraph()), "no graph"),
        (Quad(node("resource/a"), TITLE, RESOURCE, DefaultGraph()), "names no graph"),
        (Quad(node("resource/a"), TITLE, Literal("x"), NamedNode("http://example.org/g")), "graphs begin with"),
        (Quad(node("resource/a"), TITLE, Literal("x"), STATE), "kept by the repository itself"),
    ],
)
def test_one_quad_that_cannot_be_published_stops_the_whole_load(publisher: Publisher, quad: Quad, words: str) -> None:
    load(publisher, [title("resource/a", "One")])
    with pytest.raises(Malformed, match=words):
        load(publisher, [title("resource/b", "Two"), quad, title("resource/c", "Three")])
    assert (named(publisher.store), publisher.number) == ({title("resource/a", "One")}, 1)
    assert load(publisher, [title("resource/b", "Two")]).number == 2


def test_literals_that_look_like_the_end_of_a_line_pass(publisher: Publisher) -> None:
    odd = ["a <b> .", "> .", '" <x:y> .', "_:b <c> .", "\n_:b", 'a" .\n<s> <p> <o> .\n', "<< a"]
    quads = {Quad(node("resource/a"), TITLE, Literal(text), RESOURCE) for text in odd}
    load(publisher, quads)
    assert named(publisher.store) == quads
    assert merge_is_right(publisher.store)


def test_lines_are_brought_into_the_form_in_which_the_store_keeps_terms() -> None:
    typed = Quad(node("resource/a"), TITLE, Literal("007", datatype=NamedNode(XSD + "int")), RESOURCE)
    chunk = n_quads([typed, title("resource/a", "One"), title("resource/a", "One")])
    lines = publishable(chunk, BASE)
    assert len(lines) == 2
    assert b'"7"^^<http://www.w3.org/2001/XMLSchema#integer>' in b"".join(lines)


def test_a_sender_that_breaks_off_leaves_nothing(publisher: Publisher) -> None:
    with pytest.raises(Unavailable, match="broke off"):
        load(publisher, [title("resource/a", "One")], end=b"")
    assert (publisher.log.entries(), list(publisher.store)) == ([], [])


def test_what_is_no_n_quads_is_malformed(publisher: Publisher) -> None:
    with pytest.raises(Malformed, match=r"cannot be read.*Nothing was loaded"):
        load(publisher, end=b"<a> <b> nonsense .\n" + END)
    assert publisher.log.entries() == []


@pytest.mark.parametrize("size", [10, 1 << 20, (1 << 20) + 7])
def test_chunks_end_where_lines_end_and_never_hold_the_end_mark(tmp_path: Path, size: int) -> None:
    line = b"x" * 99 + b"\n"
    whole = line * (size // 100 + 1)
    (tmp_path / "lines").write_bytes(whole + END)
    with (tmp_path / "lines").open("rb") as file:
        chunks = list(received(file.fileno()))
    assert b"".join(chunks) == whole
    assert all(chunk.endswith(b"\n") for chunk in chunks)


def test_large_entries_are_replayed_in_bulk_to_the_same_store(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(publisher, finding("x"), [title("resource/a", "One"), title("resource/a", "One", LINKS)])
    publisher.commit(change(removed=[title("resource/a", "One")]))
    before = set(publisher.store)
    monkeypatch.setattr(replay, "LARGE", 1)
    publisher.rebuild()
    assert set(publisher.store) == before
