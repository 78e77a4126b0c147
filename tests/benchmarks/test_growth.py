from __future__ import annotations

import math
from pathlib import Path

import pytest
from benchmarks.growth import BEGIN, COSTS, END, Measured, exponent, grows, insert, keep, kept, markdown


def measured(triples: int, value: float) -> Measured:
    return Measured(triples, "a machine", 2, {cost.name: value for cost in COSTS})


@pytest.mark.parametrize(
    ("less", "more", "power", "words"),
    [(3, 3, 0, "hardly"), (1, 100, 1, "with the size"), (1, 10, 0.5, "size^0.5"), (1, 1000, 1.5, "faster: size^1.5")],
)
def test_growth_is_the_power_of_the_size(less: float, more: float, power: float, words: str) -> None:
    found = exponent(less, more, 100)
    assert found == pytest.approx(power)
    assert grows(found) == words


def test_what_cannot_be_worked_out_is_left_open() -> None:
    assert math.isnan(exponent(0, 1, 100))
    assert grows(math.nan) == ""


def test_the_table_marks_what_it_guesses() -> None:
    table = markdown([measured(1_000_000, 20), measured(10_000, 0.2)])
    head, _, load, *_ = table.splitlines()
    assert head == "|  | 10,000 | 1,000,000 | grows | ≈ 1 billion (estimate) |"
    assert load == "| load | 0.2 s | 20 s | with the size | ≈ 5.56 h |"
    assert "Estimate, seen by nobody: 1,000 pages a second" in table


def test_the_table_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    document = tmp_path / "guide.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    insert(document, "| new |")
    assert document.read_text(encoding="utf-8") == f"before\n{BEGIN}\n\n| new |\n\n{END}\nafter\n"
    document.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="no lines"):
        insert(document, "| new |")


def test_what_was_measured_is_kept_for_the_next_run(tmp_path: Path) -> None:
    assert kept(tmp_path / "one.json") is None
    keep(tmp_path / "one.json", measured(10, 1.5))
    assert kept(tmp_path / "one.json") == measured(10, 1.5)
