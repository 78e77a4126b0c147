"""Every example in the guide to querying is run as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import NamedNode
from tests.queries.asking import GALLERY, HOME, World
from tests.queries.chains import gaps
from tests.queries.facts import latest
from tests.running import PROJECT, Running, environment
from tools.library.tables import Library

from escrgraph.repository.lexer import DEEPEST, LONGEST
from escrgraph.settings import read_settings
from escrgraph.vocabulary.namespaces import PREFIXES
from escrgraph.web.formats import GRAPHS, RESULTS
from escrgraph.web.results import ROWS

GUIDE = (PROJECT / "docs" / "querying.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000/"


def blocks(language: str) -> list[str]:
    """The examples in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


QUERIES = blocks("sparql")


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_a_query_of_the_guide_has_rows_in_one_order(world: World, moved: World, query: str) -> None:
    rows = world.select(query)
    assert rows
    assert len(set(rows)) == len(rows)
    assert "ORDER BY" in query
    there = re.sub(re.escape(HOME.iri) + "(?=id/|graph/)", moved.base.iri, query)
    assert moved.select(there) == rows


def test_the_last_worked_example_lists_what_the_table_says(world: World, tables: Library) -> None:
    expected = sorted(
        {
            (latest(row.decided_on), f"finding/{row.slug}", row.forum, row.decided_on, row.outcome)
            for row in tables.findings
            if "non-discrimination" in row.obligation and row.standing == "adjudicated"
            if row.decided_on and "whole-government" not in gaps(tables, row)
        }
    )
    (query,) = [query for query in QUERIES if "whole-government" in query]
    found = list(dict.fromkeys((row[0], *row[2:]) for row in world.select(query)))
    assert found == [row[1:] for row in expected] != []


@pytest.mark.parametrize("block", blocks("sh"), ids=range(len(blocks("sh"))))
def test_a_command_of_the_guide_does_what_it_says(library: Running, tmp_path: Path, block: str) -> None:
    done = _run(library, tmp_path, ["bash", "-euo", "pipefail", "-c", block.replace("curl ", "curl -sS --fail ")])
    assert done.returncode == 0, done.stderr
    written = [path.stat().st_size for path in tmp_path.iterdir()]
    assert done.stdout or written
    assert all(written)


@pytest.mark.parametrize("block", blocks("python"))
def test_the_program_of_the_guide_prints_every_right(
    library: Running, tmp_path: Path, tables: Library, block: str
) -> None:
    done = _run(library, tmp_path, [sys.executable, "-c", block])
    assert done.stdout.split() == sorted(f"{HOME.iri}id/right/{row.code}" for row in tables.rights), done.stderr


def _run(library: Running, directory: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """A command as a person would type it, with the address of the service that the tests use."""
    path = f"{Path(sys.executable).parent}:{environment()['PATH']}"
    return subprocess.run(
        [word.replace(ADDRESS, library.url) for word in command],
        cwd=directory,
        env=environment(ESCRGRAPH_STORE=str(library.store), PATH=path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_limits_formats_and_prefixes_are_those_of_the_code() -> None:
    settings = read_settings({}, environment={})
    assert f"| {settings.query_timeout:g} s |" in GUIDE
    assert f"| {settings.query_memory >> 30} GiB |" in GUIDE
    assert f"| {LONGEST >> 20} MiB, {DEEPEST} brackets" in GUIDE
    assert f"pages of {ROWS} rows" in GUIDE
    for format_ in (*RESULTS, *GRAPHS):
        assert f"`{format_.media_type}`" in GUIDE
        assert f"`{format_.name}`" in GUIDE
    told = dict(re.findall(r"^\| (\w+) \| `(http\S+[/#])` \|$", GUIDE, re.MULTILINE))
    assert len(told) >= 7
    assert {prefix: PREFIXES[prefix] for prefix in told} == told


def test_questions_and_records_that_the_guide_names_exist(world: World) -> None:
    for name in re.findall(r"escrgraph query ([a-z-]+)", GUIDE):
        assert name in GALLERY
    for iri in set(re.findall(r"<(https://w3id\.org/escrgraph/id/[^>]+)>", GUIDE)):
        assert world.select(f"SELECT ?p WHERE {{ {NamedNode(iri)} ?p ?o }} LIMIT 1"), iri
    links = re.findall(r"\]\(([^)#:]+)\)", GUIDE)
    assert [link for link in links if not (PROJECT / "docs" / link).exists()] == []
