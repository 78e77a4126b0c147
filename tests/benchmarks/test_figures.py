from __future__ import annotations

import math

import pytest
from benchmarks.figures import middle, percentile, ratio, shown, table


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1.0), (0.5, 3.0), (0.8, 4.0), (0.95, 5.0), (1.0, 5.0)])
def test_a_percentile_is_a_value_that_was_seen(share: float, expected: float) -> None:
    assert percentile([5.0, 3.0, 1.0, 4.0, 2.0], share) == expected


def test_nothing_measured_is_no_figure() -> None:
    assert math.isnan(percentile([], 0.5))
    assert math.isnan(middle([]))
    assert math.isnan(ratio([], []))
    assert shown(math.nan) == "-"


def test_a_ratio_is_taken_round_by_round() -> None:
    # The second round was slow for both: the ratio of the medians would be 1.5.
    assert ratio([200.0, 20.0, 300.0], [100.0, 10.0, 200.0]) == 2.0


def test_a_round_in_which_the_base_had_no_answer_does_not_count() -> None:
    assert ratio([3.0, 4.0], [0.0, 2.0]) == 2.0


def test_rounds_that_do_not_pair_are_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratio([1.0], [1.0, 2.0])


@pytest.mark.parametrize(
    ("value", "text"), [(12345.6, "12,346"), (100.0, "100"), (3.14159, "3.14"), (0.00123, "0.00123")]
)
def test_figures_are_shown_with_three_digits(value: float, text: str) -> None:
    assert shown(value) == text


def test_columns_of_a_table_stand_under_each_other() -> None:
    assert table(["name", "value"], [["a", "1"], ["longer", "23"]]) == (
        "name    value\n------  -----\na           1\nlonger     23"
    )
