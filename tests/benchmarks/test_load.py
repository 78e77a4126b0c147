from __future__ import annotations

import pytest
from benchmarks.load import Cell, Drivers, canned, drive


def test_clients_ask_for_as_long_as_they_are_told() -> None:
    with canned(b"x" * 3000) as request:
        cell = drive([request], 2, 0.2)
    assert cell.failures == []
    assert cell.wall >= 0.2
    assert len(cell.latencies) > 10
    assert cell.rate == pytest.approx(len(cell.latencies) / cell.wall)
    assert 0 < cell.p50 <= cell.p95 <= cell.wall
    assert cell.busy > 0


def test_an_answer_with_another_status_is_a_failure_and_not_an_answer() -> None:
    with canned(b"  not what\n was asked") as request:
        cell = drive([request], 1, 0.05, expected=304)
    assert cell.latencies == []
    assert cell.failures[0] == "200 not what was asked"


def test_clients_are_shared_out_over_processes() -> None:
    with canned(b".") as request, Drivers(processes=2) as drivers:
        cell = drivers.run([request], 3, 0.2)
    assert len(cell.latencies) > 10
    assert cell.failures == []


def test_figures_of_a_cell() -> None:
    cell = Cell([0.001, 0.002, 0.004], wall=0.5, cpu=0.1)
    assert (cell.rate, cell.p50, cell.p95, cell.busy) == (6.0, 0.002, 0.004, 0.2)
