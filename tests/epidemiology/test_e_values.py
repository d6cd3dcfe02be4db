"""E-values: those that their authors publish, and what follows from the formula."""

from __future__ import annotations

import pytest

from nelm.epidemiology.covariates import ComparisonError
from nelm.epidemiology.e_values import e_value_of_hazard_ratio, e_value_of_risk_ratio


@pytest.mark.parametrize(
    ("ratio", "lower", "upper", "estimate", "limit"),
    [
        (3.9, 1.8, 8.7, 7.26, 3.0),  # VanderWeele and Ding 2017, breastfeeding and deaths from infection: printed as 7.2 and 3.0
        (0.80, 0.71, 0.91, 1.81, 1.43),  # worked: 1/0.80 = 1.25, 1.25 + √(1.25 · 0.25); 1/0.91 = 1.099
        (0.5, 0.2, 1.2, 3.41, 1.0),
        (1.0, 0.9, 1.1, 1.0, 1.0),
    ],
)
def test_of_a_risk_ratio(ratio: float, lower: float, upper: float, estimate: float, limit: float) -> None:
    found = e_value_of_risk_ratio(ratio, lower, upper)
    assert (round(found.estimate, 2), round(found.limit, 2)) == (estimate, limit)


def test_of_a_hazard_ratio() -> None:
    """Worked by hand: √0.56 = 0.7483; (1 − 0.5^0.7483) / (1 − 0.5^1.3363) = 0.4047 / 0.6040 = 0.670; 1/0.670 = 1.492; 1.492 + √(1.492 · 0.492)."""
    found = e_value_of_hazard_ratio(0.56, 0.46, 0.69, rare=False)
    assert (round(found.estimate, 2), round(found.limit, 2), round(found.risk_ratio, 3)) == (2.35, 1.91, 0.67)
    assert e_value_of_hazard_ratio(0.56, 0.46, 0.69, rare=True) == e_value_of_risk_ratio(0.56, 0.46, 0.69)


def test_harm_and_benefit_are_mirrored() -> None:
    one, other = e_value_of_hazard_ratio(2.0, 1.5, 3.0, rare=False), e_value_of_hazard_ratio(1 / 2.0, 1 / 3.0, 1 / 1.5, rare=False)
    assert (one.estimate, one.limit) == pytest.approx((other.estimate, other.limit))


@pytest.mark.parametrize(
    ("ratio", "lower", "upper"), [(0.0, 0.0, 1.0), (2.0, 2.1, 3.0), (2.0, 1.0, 1.9), (2.0, -1.0, 3.0), (2.0, 1.0, float("inf"))]
)
def test_what_is_refused(ratio: float, lower: float, upper: float) -> None:
    with pytest.raises(ComparisonError, match="Permitted: 0 < lower ≤ ratio ≤ upper"):
        e_value_of_risk_ratio(ratio, lower, upper)
    with pytest.raises(ComparisonError, match="Permitted"):
        e_value_of_hazard_ratio(ratio, lower, upper, rare=False)
