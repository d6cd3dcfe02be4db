"""When an estimate is printed, marked or refused."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest

from nelm.epidemiology.kaplan_meier import kaplan_meier
from nelm.epidemiology.support import Judgement, Support, SupportRule
from tests.epidemiology.cohorts import some


@dataclass(frozen=True)
class Found:
    at_risk: int
    se: float


@pytest.mark.parametrize(
    ("at_risk", "se", "support", "reasons"),
    [
        (10, 0.05, Support.FULL, ()),
        (10, 0.0501, Support.DOUBTFUL, ("the standard error is 0.050, above 0.05",)),
        (10, 0.1, Support.DOUBTFUL, ("the standard error is 0.100, above 0.05",)),
        (10, 0.423, Support.NONE, ("the standard error is 0.423, above 0.1",)),
        (9, 0.01, Support.NONE, ("9 at risk, fewer than 10",)),
        (0, math.nan, Support.NONE, ("nobody at risk, fewer than 10", "no standard error")),
        (10, math.nan, Support.NONE, ("no standard error",)),
    ],
)
def test_the_rule(at_risk: int, se: float, support: Support, reasons: tuple[str, ...]) -> None:
    assert SupportRule().judge(Found(at_risk, se)) == Judgement(support, reasons)


def test_the_numbers_are_a_choice() -> None:
    assert SupportRule(fewest_at_risk=1, doubtful_error=0.2, largest_error=0.5).judge(Found(1, 0.15)).support is Support.FULL


def test_it_judges_the_estimates_of_a_curve() -> None:
    curve = kaplan_meier(some([100] * 30 + [800] * 30 + [1200] * 3, [0] * 30 + [1] * 15 + [0] * 18))
    judged = [SupportRule().judge(estimate).support for estimate in curve.at([1, 2.2, 3, 4])]
    assert judged == [Support.FULL, Support.NONE, Support.NONE, Support.NONE]


@pytest.mark.parametrize("wrong", [{"fewest_at_risk": 0}, {"doubtful_error": 0}, {"doubtful_error": 0.2}])
def test_rules_that_make_no_sense(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="Permitted: fewest_at_risk of 1 or more"):
        SupportRule(**wrong)  # type: ignore[arg-type]  # a whole number where one is due
