"""The suites of the embedded store and SQLite, run before a Virtuoso and a PostgreSQL: they promise the same."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.beyond import BEYOND, names
from tests.engines import demand_virtuoso
from tests.running import PROJECT

PATIENCE = 30 * 60
"""Seconds that a part may take."""

PARTS = {
    "repository": ("backups", "bulk", "decisions", "dispatcher", "log", "publishing", "redaction", "writer"),
    "web": (
        "browsing", "caching", "citation", "completions", "curating", "documents", "endpoint", "entity_pages",
        "formats", "gallery", "known_names", "lists", "overview", "protocol", "reconcile", "submissions", "submit",
        "accounts",
    ),
    "curation": ("checking", "crash", "decisions", "duplicates", "mailing", "people", "submissions"),
    "harvesting": (
        "catalogue", "event_stream", "feeds", "freezing", "hostile_sources", "oai", "query_clients", "taking",
    ),
}  # fmt: skip
"""By directory, the files of tests that speak to a service, a log or a curation database."""

SMOKE = (
    "tests/repository/test_dispatcher.py::test_a_commit_is_visible_when_it_is_acknowledged[0]",
    "tests/repository/test_writer.py::test_literals_of_one_record_do_not_disturb_another",
    "tests/web/test_curating.py::test_a_submission_is_looked_at_changed_accepted_and_undone",
    "tests/curation/test_submissions.py",
    "tests/harvesting/test_event_stream.py::test_a_redaction_reaches_every_page",
)
"""One or two tests of each part: a service before a Virtuoso takes half a minute to start."""

ABOUT_SQLITE = ("This is about the file of SQLite.", "This is about the files of SQLite.")
"""Why tests are passed over in every run on PostgreSQL."""


def passes(directory: Path, *tests: str) -> None:
    """Run tests before servers of their own; each of them has to pass, or to be on the list."""
    demand_virtuoso()
    report = directory / "report.xml"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    servers = {"TESTS_STORE": "virtuoso", "TESTS_DATABASE": "postgresql", "TMPDIR": kept["PYTEST_DEBUG_TEMPROOT"]}
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", f"--junitxml={report}"]
    run = subprocess.Popen(
        [*command, *tests],
        cwd=PROJECT, env=kept | servers, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        told, _ = run.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGINT)  # so that it ends what it started
        told, _ = run.communicate(timeout=120)
    assert run.returncode == 0, told[-20_000:]
    skipped = {str(found.get("message")) for found in ElementTree.parse(report).iter("skipped")}
    assert skipped <= {*BEYOND.values(), *ABOUT_SQLITE}


def test_a_few_of_each_part_pass_before_virtuoso_and_postgresql(tmp_path: Path) -> None:
    passes(tmp_path, *SMOKE)


@pytest.mark.drill
@pytest.mark.parametrize("part", PARTS)
def test_a_part_passes_before_virtuoso_and_postgresql(part: str, tmp_path: Path) -> None:
    passes(tmp_path, *(f"tests/{part}/test_{name}.py" for name in PARTS[part]))


def test_the_list_of_what_cannot_be_there_is_the_one_that_operators_read() -> None:
    guide = (PROJECT / "docs" / "operating.md").read_text(encoding="utf-8")
    table = guide.partition("Passed over before Virtuoso and PostgreSQL")[2].partition("\n\n")[2].partition("\n\n")[0]
    told = dict(re.findall(r"^\| `(tests/[^`]+)` \| (.+) \|$", table, re.MULTILINE))
    assert told == BEYOND


def test_each_test_on_the_list_exists() -> None:
    files = sorted({name.partition("::")[0] for name in BEYOND})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "drill or not drill", *files],
        cwd=PROJECT, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    there = done.stdout.splitlines()
    assert [listed for listed in BEYOND if not any(names(name, listed) for name in there)] == []
