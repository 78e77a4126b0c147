"""What is installed: every version is pinned, and can be had on the oldest system that is promised."""

from __future__ import annotations

import re
import sysconfig
from importlib.metadata import distributions

from packaging.specifiers import SpecifierSet
from tests.running import PROJECT

DEBIAN_12 = "3.11.2"
"""Its Python. pip looks for other versions without end where a pinned one does not take it."""


def pinned() -> dict[str, str]:
    """Package -> version, of all that the constraints name."""
    lines = (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {name.strip(): version.strip() for name, version in pairs}


def test_what_is_installed_is_pinned_and_takes_the_python_of_debian_12() -> None:
    names = {_name(found.name): found for found in distributions(path=[sysconfig.get_path("purelib")])}
    versions = pinned()
    known = [found for name, found in names.items() if name in versions]
    assert len(known) > 80
    assert {found.name: found.version for found in known if found.version != versions[_name(found.name)]} == {}
    wanted = {found.name: found.metadata.get("Requires-Python", "") for found in known}
    assert {name for name, pythons in wanted.items() if DEBIAN_12 not in SpecifierSet(pythons)} == set()


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()
