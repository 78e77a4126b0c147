"""Regular expressions in shapes and rules mean the same in both engines, and no text makes them slow."""

from __future__ import annotations

import re
from re import _parser as parser  # type: ignore[attr-defined] # the only way to look into a pattern
from typing import Any

import pytest
from rdflib.namespace import SH
from tests.shapes.files import shapes

REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}
FORBIDDEN = {
    "ASSERT": "look-around",
    "ASSERT_NOT": "look-around",
    "GROUPREF": "back-reference",
    "GROUPREF_EXISTS": "back-reference",
    "ATOMIC_GROUP": "atomic group",
    "POSSESSIVE_REPEAT": "possessive repetition",
}
# What Python reads as something else than XPath and Rust do: \Z, \A, named groups and inline flags, POSIX classes.
DIALECT = re.compile(r"\\[AZzbBdDsSwWpPGkX]|\(\?|\[:")
REGEX_CALL = re.compile(r'REGEX\([^"]*"([^"]*)"')


def faults(pattern: str) -> set[str]:
    """What is wrong with a pattern: what one of the engines lacks or reads otherwise, or what may be slow."""
    found = {"dialect"} if DIALECT.search(pattern) else set()
    if "[:" in pattern:
        return found  # Python only warns of such a class, and then reads it as a set of letters
    return found | _walk(parser.parse(pattern), repeated=False)


def _walk(tokens: Any, *, repeated: bool) -> set[str]:
    """The faults of a parsed pattern; repeated: whether it stands inside a repetition."""
    found: set[str] = set()
    for operation, argument in tokens:
        name = str(operation)
        if name in FORBIDDEN:
            found.add(FORBIDDEN[name])
        if name in REPEATS:
            low, high, inner = argument
            if repeated and low != high:
                found.add("nested quantifier")
            found |= _walk(inner, repeated=repeated or high > 1)
        elif name == "SUBPATTERN":
            found |= _walk(argument[3], repeated=repeated)
        elif name == "BRANCH":
            for branch in argument[1]:
                found |= _walk(branch, repeated=repeated)
    return found


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^https?://[^ ]+$", set()),
        ("^(19|20)[0-9]{2}(-[0-9]{2})?$", set()),
        ("^([0-9]{2}-){3}$", set()),  # a fixed number inside a repetition is no danger
        ("^(a(b?)c)?$", set()),
        ("(a+)+$", {"nested quantifier"}),
        ("^[a-z0-9]+(-[a-z0-9]+)*$", {"nested quantifier"}),
        ("^(a|b*)*$", {"nested quantifier"}),
        ("^(a?){20}$", {"nested quantifier"}),
        ("^(?=x)y$", {"look-around", "dialect"}),
        ("^(?<!x)y$", {"look-around", "dialect"}),
        ("^(a)\\1$", {"back-reference"}),
        ("^(?P<n>a)(?P=n)$", {"back-reference", "dialect"}),
        ("^(?>a)b$", {"atomic group", "dialect"}),
        ("^a++$", {"possessive repetition"}),
        ("^\\d+\\Z", {"dialect"}),
        ("(?i)^a$", {"dialect"}),
        ("^[^[:space:]]+$", {"dialect"}),
    ],
)
def test_the_linter_knows_good_patterns_from_bad(pattern: str, expected: set[str]) -> None:
    assert faults(pattern) == expected


@pytest.mark.parametrize("pattern", sorted({str(p) for p in shapes().objects(None, SH.pattern)}))
def test_a_pattern_of_a_shape_is_plain_and_anchored(pattern: str) -> None:
    assert faults(pattern) == set()
    assert pattern.startswith("^")
    assert pattern.endswith("$")


@pytest.mark.parametrize("rule", sorted(str(text) for text in shapes().objects(None, SH.select)))
def test_a_rule_has_plain_patterns_and_stays_in_the_store(rule: str) -> None:
    assert rule.count("REGEX(") == len(REGEX_CALL.findall(rule))
    assert {fault for pattern in REGEX_CALL.findall(rule) for fault in faults(pattern)} == set()
    words = set(re.findall(r"[A-Z]{3,}", rule))
    assert "SELECT" in words
    assert not words & {"SERVICE", "MINUS", "VALUES", "GRAPH", "FROM"}
    assert "$PATH" not in rule
