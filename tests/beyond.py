"""Tests that cannot pass before a Virtuoso and a PostgreSQL, by name, and why; docs/operating.md has the same list."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

BEYOND = {
    "tests/repository/test_writer.py::test_a_change_of_many_megabytes_travels_whole": (
        "Virtuoso takes longer for so much than a writer of a test's own waits until it is shown."
    ),
    "tests/repository/test_writer.py::test_a_load_shows_its_progress_and_raises_what_its_quads_raise": (
        "Virtuoso takes longer for so much than a writer of a test's own waits until it is shown."
    ),
    "tests/repository/test_writer.py::test_a_replica_is_told_before_the_snapshot_is_made": (
        "What brings changes to a server needs the snapshot at once."
    ),
    "tests/repository/test_writer.py::test_snapshots_that_nobody_uses_are_removed": (
        "What brings changes to a server uses one more snapshot, to compare with."
    ),
    "tests/repository/test_dispatcher.py::test_a_commit_is_visible_when_it_is_acknowledged[1000]": (
        "Nothing is served from memory where a server answers."
    ),
    "tests/repository/test_dispatcher.py::test_named_graphs_are_seen_from_memory_as_from_disk[1000]": (
        "Nothing is served from memory where a server answers."
    ),
    "tests/repository/test_dispatcher.py::test_named_graphs_are_seen_from_memory_as_from_disk[1000000]": (
        "Nothing is served from memory where a server answers."
    ),
    "tests/repository/test_dispatcher.py::test_a_replica_that_grows_too_large_gives_way_to_the_disk": (
        "Nothing is served from memory where a server answers."
    ),
    "tests/repository/test_dispatcher.py::test_a_query_that_began_earlier_ends_on_its_own_generation": (
        "A query that runs while a change is brought to the server may see a part of it."
    ),
    "tests/web/test_documents.py::test_a_store_of_another_base_has_its_own_addresses": (
        "A Virtuoso that has just been filled answers pages too late until it is started again."
    ),
    "tests/web/test_lists.py::test_the_query_of_each_facet_counts_as_it_does": (
        "Virtuoso finds more than there is where paths with `*` and `+` meet in a UNION; pages count by the index."
    ),
}
"""The name of a test, with its parameters or for all of them, and why it is passed over."""


def names(name: str, listed: str) -> bool:
    """Whether a test, by its whole name, is the one listed or the one listed with some parameters."""
    return name == listed or name.startswith(f"{listed}[")


def passed_over(items: Iterable[pytest.Item]) -> None:
    """Skip what is on the list."""
    for item in items:
        for listed, why in BEYOND.items():
            if names(item.nodeid, listed):
                item.add_marker(pytest.mark.skip(reason=why))
