"""Validators change with all that an answer depends on, and with nothing else."""

from __future__ import annotations

import pytest
from flask import Flask, Response
from hypothesis import given
from hypothesis import strategies as st

from escrgraph.web.caching import fresh, not_modified, stamp, validator

PARTS = st.lists(st.text(max_size=5), max_size=4).map(tuple)


@given(st.integers(0, 99), PARTS, st.integers(0, 99), PARTS)
def test_two_representations_share_a_validator_only_when_they_are_one(
    one: int, parts: tuple[str, ...], other: int, others: tuple[str, ...]
) -> None:
    assert (validator(one, *parts) == validator(other, *others)) is ((one, parts) == (other, others))


@pytest.mark.parametrize(
    ("method", "header", "expected"),
    [
        ("GET", 'W/"7-a"', True),
        ("HEAD", '"7-a"', True),
        ("QUERY", 'W/"6-b", W/"7-a"', True),
        ("GET", "*", True),
        ("GET", 'W/"8-a"', False),
        ("GET", None, False),
        ("POST", 'W/"7-a"', False),
    ],
)
def test_fresh(method: str, header: str | None, expected: bool) -> None:
    headers = {"If-None-Match": header} if header else {}
    with Flask("escrgraph.web").test_request_context("/", method=method, headers=headers):
        assert fresh("7-a") is expected


def test_what_is_said_about_keeping() -> None:
    kept = stamp(Response(), 7, "7-a")
    assert (kept.headers["ETag"], kept.headers["Cache-Control"]) == ('W/"7-a"', "no-cache")
    passing = stamp(Response(), 7)
    assert ("ETag" in passing.headers, passing.headers["Cache-Control"]) == (False, "no-store")
    again = not_modified(7, "7-a")
    assert (again.status_code, again.headers["ETag"], again.headers["X-Generation"]) == (304, 'W/"7-a"', "7")
