"""Absolute addresses begin where the operator says, whatever a Host header says."""

from __future__ import annotations

import pytest

from escrgraph.web.origin import root

BASE = "https://w3id.org/escrgraph/"
TWO = ("https://www.example.org/", "http://intern.example:8080/")


@pytest.mark.parametrize(
    ("host", "allowed", "expected"),
    [
        ("localhost", (), "http://localhost/"),
        ("127.0.0.1:8123", (), "http://127.0.0.1:8123/"),
        ("[::1]:80", (), "http://[::1]:80/"),
        ("evil.example", (), BASE),
        ("localhost.evil.example", (), BASE),
        ("evil.example@localhost", (), BASE),
        ("localhost:99999", (), BASE),
        ("localhost:x", (), BASE),
        ("localhost/evil", (), BASE),
        ("", (), BASE),
        ("[", (), BASE),
        ("www.example.org", TWO, TWO[0]),
        ("WWW.Example.ORG", TWO, TWO[0]),
        ("intern.example:8080", TWO, TWO[1]),
        ("intern.example", TWO, TWO[0]),
        ("localhost", TWO, TWO[0]),
        ("evil.example", TWO, TWO[0]),
    ],
)
def test_where_the_site_begins(host: str, allowed: tuple[str, ...], expected: str) -> None:
    assert root(host, allowed, BASE) == expected
