from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from benchmarks.outcome import Outcome, Report


@pytest.mark.parametrize(
    ("figure", "limit", "least", "holds"),
    [
        (0.4, 0.5, False, True), (0.5, 0.5, False, True), (0.6, 0.5, False, False),
        (6.0, 5.0, True, True), (5.0, 5.0, True, True), (4.9, 5.0, True, False),
        (math.nan, 5.0, True, False), (math.nan, 5.0, False, False), (1.0, None, False, None),
    ],
)  # fmt: skip
def test_whether_a_bar_holds(figure: float, limit: float | None, least: bool, holds: bool | None) -> None:
    assert Outcome(5, "figure", figure, "x", limit, least).holds is holds


def test_a_report_says_figure_bar_and_verdict(tmp_path: Path) -> None:
    report = Report([Outcome(5, "soon", 0.61, "s", 0.5, note="slow"), Outcome(5, "told", 3, "x")], "a machine")
    lines = report.text().splitlines()
    assert lines[2].split() == ["(5)", "soon", "0.61", "s", "≤", "0.5", "NO", "slow"]
    assert lines[3].split() == ["(5)", "told", "3", "x"]
    assert lines[-1] == "a machine"
    report.write(tmp_path / "results" / "bars.json")
    found = json.loads((tmp_path / "results" / "bars.json").read_text("utf-8"))
    assert [outcome["holds"] for outcome in found["outcomes"]] == [False, None]
