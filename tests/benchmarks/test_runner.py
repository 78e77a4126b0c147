from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.commands import main
from benchmarks.endpoint import Endpoint
from benchmarks.runner import compare
from benchmarks.workload import Workload, workload
from click.testing import CliRunner
from tests.benchmarks.conftest import Generated

from benchmarks import service


@pytest.fixture(scope="module")
def endpoint(generated: Generated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """The service over the generated library."""
    work = tmp_path_factory.mktemp("served")
    store = service.loaded(generated.directory, work)
    with service.serving(store, "escrgraph", work / "serve.log", service.DISK) as found:
        yield found.endpoint


def test_endpoints_with_the_same_data_agree_and_are_measured_in_turn(
    generated: Generated, endpoint: Endpoint, tmp_path: Path
) -> None:
    works = [workload(name, generated.manifest, 1, 20) for name in ("entity", "facets")]
    other = replace(endpoint, name="posted", post=True)
    found = compare([endpoint, other], works, [1, 2], rounds=2, seconds=0.1)
    assert found.disagreements == {}
    assert [(row.query, row.clients, row.endpoint) for row in found.rows] == [
        (query, clients, name)
        for query in ("entity", "facets")
        for clients in (1, 2)
        for name in ("escrgraph", "posted")
    ]
    for row in found.rows:
        assert row.failures == []
        assert len(row.rates) == len(row.p50) == len(row.p95) == 2
        assert min(row.rates) > 0
    assert min(found.ceiling.values()) > 100
    found.write(tmp_path / "compare.json")
    assert json.loads((tmp_path / "compare.json").read_text("utf-8"))["rounds"] == 2
    assert found.text().count("posted") == 4


def test_a_query_that_an_endpoint_refuses_is_noted_and_not_measured_there(endpoint: Endpoint) -> None:
    found = compare([endpoint], [Workload("broken", ("SELECT nothing",))], [1], rounds=1, seconds=0.05)
    assert found.rows == []
    assert "escrgraph answered 400" in found.disagreements["broken"][0]


def test_the_command_compares_a_running_endpoint(generated: Generated, endpoint: Endpoint, tmp_path: Path) -> None:
    words = ["compare", "--endpoint", f"mine={endpoint.url}", "--library", str(generated.directory)]
    words += ["--queries", "join", "--clients", "1", "--rounds", "1", "--seconds", "0.05"]
    result = CliRunner().invoke(main, [*words, "--out", str(tmp_path / "found.json")])
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "found.json").read_text("utf-8"))["rows"][0]["endpoint"] == "mine"


def test_the_command_wants_something_to_measure(generated: Generated) -> None:
    result = CliRunner().invoke(main, ["compare", "--library", str(generated.directory)])
    assert result.exit_code == 2
    assert "--endpoint NAME=URL" in result.output


def test_an_unknown_bar_is_refused_by_name() -> None:
    result = CliRunner().invoke(main, ["bars", "--only", "9"])
    assert result.exit_code == 2
    assert "“9”" in result.output


@pytest.mark.parametrize(("text", "triples"), [("10k", 10_000), ("12000", 12_000)])
def test_sizes_are_written_as_people_say_them(text: str, triples: int, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["generate", "--triples", text, "--out", str(tmp_path / "made")])
    assert result.exit_code == 0, result.output
    counted = json.loads((tmp_path / "made" / "manifest.json").read_text("utf-8"))["triples"]
    assert counted == pytest.approx(triples, rel=0.02)


def test_a_size_that_is_no_number_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["generate", "--triples", "many", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "10000, 10k or 1M" in result.output
