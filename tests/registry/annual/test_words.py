"""Numbers as they are printed, and what is printed in their place."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nelm.epidemiology.curves import Estimate
from nelm.registry.annual.words import (
    NO_ESTIMATE,
    Shown,
    between,
    decimals,
    in_a_sentence,
    in_years,
    listed,
    number,
    percent,
    percent_with_limits,
    round_step,
    table,
)

SPACE = "\N{NO-BREAK SPACE}"


def test_numbers() -> None:
    assert number(1234567) == f"1{SPACE}234{SPACE}567"
    assert number(12) == "12"
    assert decimals(1234.56, 1) == f"1{SPACE}234.6"
    assert decimals(math.nan) == "–"
    assert decimals(-0.001, 2) == "0.00"
    assert between(0.5, 2.25, 2) == "(0.50–2.25)"
    assert between(math.nan, 1) == ""
    assert percent(0.1234) == f"12.3{SPACE}%"
    assert (in_years(1), in_years(5)) == ("1 year", "5 years")


def test_lists_in_a_sentence() -> None:
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["none", "a", "a and b", "a, b and c"]


def test_labels_in_a_sentence() -> None:
    assert [in_a_sentence(label) for label in ("Grade of the tumour", "WHO class", "TACE")] == ["grade of the tumour", "WHO class", "TACE"]


def test_survival_with_its_limits() -> None:
    assert percent_with_limits(Estimate(5, 0.4567, 0.01, 0.43, 0.48, 100, True)) == "45.7 (43.0–48.0)"
    assert percent_with_limits(Estimate(5, 0.4567, 0.01, 0.43, 0.48, 100, True), 0) == "46 (43–48)"
    assert percent_with_limits(Estimate(5, math.nan, math.nan, math.nan, math.nan, 4, False)) == NO_ESTIMATE


@pytest.mark.parametrize(
    ("below", "count", "printed", "hidden"),
    [(None, 1, "1", False), (5, 0, "0", False), (5, 1, "<5", True), (5, 4, "<5", True), (5, 5, "5", False), (10, 9, "<10", True)],
)
def test_small_counts(below: int | None, count: int, printed: str, hidden: bool) -> None:
    assert Shown(below).count(count) == printed
    assert Shown(below).hides(count) is hidden


def test_a_small_count_cannot_be_worked_out_from_its_sum() -> None:
    assert Shown(5).line([100, 3, 40]) == ["100", "<5", "not shown"]
    assert Shown(None).line([100, 3, 40]) == ["100", "3", "40"]


def test_a_table_has_a_column_for_each_head() -> None:
    made = table("t", "Title", ("Group", "1 year", "1 year"), [("a", "1", "2")], notes=["note"])
    assert made.frame.columns == ["group", "1_year_2", "1_year_3"]
    assert made.numbers == {"1_year_2", "1_year_3"}
    assert made.frame.rows() == [("a", "1", "2")]
    assert table("t", "Title", ("A",), []).frame.height == 0


def test_steps_of_an_axis_are_round() -> None:
    for highest in (0.003, 0.7, 1.9, 12.0, 4000.0):
        step = round_step(highest)
        assert 3 <= highest / step <= 8
        assert np.isclose(step / 10 ** np.floor(np.log10(step) + 1e-9), [1, 2, 5]).any()
