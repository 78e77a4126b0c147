"""The table of faults in the operators' guide: every test that it names is one."""

from __future__ import annotations

import ast
import re

from tests.running import PROJECT

HEADING = "## What can go wrong, and what becomes of it"


def test_every_fault_in_the_guide_names_tests_that_exist() -> None:
    guide = (PROJECT / "docs" / "operating.md").read_text(encoding="utf-8")
    section = guide.split(HEADING)[1].partition("\n## ")[0]
    rows = [row for row in section.splitlines() if row.startswith("| ")][2:]
    named = [set(re.findall(r"`(test_\w+)`", row.rsplit("|", 2)[1])) for row in rows]
    assert len(rows) >= 20
    assert all(named), "a fault without a test"
    assert set().union(*named) <= _tests()


def _tests() -> set[str]:
    """The names of all tests."""
    files = (PROJECT / "tests").rglob("test_*.py")
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
