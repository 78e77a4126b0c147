"""graph/provenance says of each document what the log says of its record, and is made again with the store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store
from tests.repository.worlds import BASE, PROVENANCE, change, finding, merge_is_right, node, title

from escrgraph.repository import replay
from escrgraph.repository.errors import Malformed
from escrgraph.repository.provenance import Provenance
from escrgraph.repository.publishing import Publisher
from escrgraph.repository.store import MergedStore
from escrgraph.vocabulary.namespaces import expand


@pytest.fixture
def publisher(tmp_path: Path) -> Iterable[Publisher]:
    made = Publisher(tmp_path, BASE)
    yield made
    made.close()


def told(store: Store, record: str) -> dict[str, str]:
    """What the graph says of a record's document, by local name of the property."""
    document = NamedNode(BASE.doc(*record.split("/")))
    found = store.quads_for_pattern(document, None, None, PROVENANCE)
    return {quad.predicate.value.replace("#", "/").rpartition("/")[2]: quad.object.value for quad in found}


def moment(publisher: Publisher, number: int) -> str:
    entry = publisher.log.entry(number)
    assert entry is not None
    return entry.time.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_document_says_when_its_record_was_made_and_last_changed(publisher: Publisher) -> None:
    publisher.commit(change([title("resource/a", "One")]))
    publisher.commit(change([title("resource/a", "Two")]))
    assert told(publisher.store, "resource/a") == {
        "primaryTopic": node("resource/a").value,
        "created": moment(publisher, 1),
        "modified": moment(publisher, 2),
        "wasGeneratedBy": f"{BASE.iri}change/2",
    }


def test_a_withdrawn_record_keeps_a_tombstone_and_may_come_back(publisher: Publisher) -> None:
    publisher.commit(change([title("resource/a", "One")]))
    publisher.commit(change(withdrawn=["resource/a"], reason="out of date"))
    assert told(publisher.store, "resource/a")["invalidatedAtTime"] == moment(publisher, 2)
    reason = Quad(
        NamedNode(f"{BASE.iri}change/2"),
        NamedNode(expand("rdfs:label")),
        Literal("out of date", language="en"),
        PROVENANCE,
    )
    assert reason in publisher.store
    publisher.commit(change([title("resource/a", "One again")]))
    assert "invalidatedAtTime" not in told(publisher.store, "resource/a")
    assert merge_is_right(publisher.store)


def test_a_renamed_record_points_to_its_successor(publisher: Publisher) -> None:
    publisher.commit(change([title("resource/a", "One")]))
    publisher.commit(change([title("resource/z", "One")], renamed={"resource/a": "resource/z"}))
    assert told(publisher.store, "resource/a")["isReplacedBy"] == BASE.doc("resource", "z")


def test_a_store_made_from_the_log_says_the_same(publisher: Publisher, tmp_path: Path) -> None:
    publisher.commit(change([title("resource/a", "One"), *finding("x")]))
    publisher.commit(change([title("resource/b", "Two")], withdrawn=["resource/a"]))
    target = tmp_path / "again"
    replay.rebuilt(publisher.log, target, BASE)
    assert set(Store.read_only(str(target))) == set(publisher.store)


def test_documents_of_a_redacted_record_are_gone(publisher: Publisher) -> None:
    publisher.commit(change([title("resource/a", "One"), title("resource/b", "Two")]))
    publisher.redact("resource/a", "tester", "asked for")
    assert told(publisher.store, "resource/a") == {}
    assert told(publisher.store, "resource/b")["created"] == moment(publisher, 1)
    assert not [quad for quad in publisher.store if "resource/a" in str(quad)]


def test_large_entries_are_told_alike_into_an_empty_graph_and_beside_others(publisher: Publisher) -> None:
    publisher.commit(change([title(f"resource/r{number}", "One") for number in range(20)]))
    entry, changes = publisher.log.entry(1), publisher.log.record_changes(1)
    assert entry is not None
    scratch = MergedStore(publisher._directory / "scratch", BASE)
    for _ in range(2):  # the second time it is no longer empty
        Provenance(scratch, BASE).bring(entry, changes)
        found = set(scratch.store.quads_for_pattern(None, None, None, PROVENANCE))
        assert found == set(publisher.store.quads_for_pattern(None, None, None, PROVENANCE))
        assert merge_is_right(scratch.store)
    scratch.close()


def test_nobody_else_writes_provenance(publisher: Publisher) -> None:
    with pytest.raises(Malformed, match="kept by the repository itself"):
        publisher.commit(change([title("resource/a", "One", PROVENANCE)]))
