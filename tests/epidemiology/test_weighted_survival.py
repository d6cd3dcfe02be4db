"""Weighted Kaplan–Meier curves and restricted means: by hand, against their derivatives by weight, against R."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nelm.epidemiology.covariates import ComparisonError
from nelm.epidemiology.follow_up import DAYS_PER_YEAR, Times, times
from nelm.epidemiology.kaplan_meier import kaplan_meier
from nelm.epidemiology.kernels import Floats
from nelm.epidemiology.propensity import Weighting, weights_from
from nelm.epidemiology.weighted_survival import restricted_mean, weighted_kaplan_meier
from tests.epidemiology.compared import cohort, needs_reference_data, reference_output
from tests.epidemiology.test_propensity import rotterdam

TOY = times(exit_days=[2, 4, 4, 6, 8], dead=[1, 1, 0, 1, 0])


def late(count: int) -> tuple[Times, Floats]:
    """Persons with ties, late entries and weights."""
    random = np.random.default_rng(2)
    exits = np.ceil(random.exponential(12, count)) + 1
    entries = np.where(random.random(count) < 0.3, np.floor(random.random(count) * exits), 0)
    entries[0] = 0
    return times(exit_days=exits, dead=random.random(count) < 0.7, entry_days=entries), random.uniform(0.2, 4, count)


def survival(at: Times, weight: Floats, until: float) -> float:
    """The product over times of death, each risk set looked up anew."""
    value = 1.0
    for time in np.unique(at.exit_days[at.dead & (at.exit_days <= until)]):
        risk = (at.exit_days >= time) & (at.risk_from < time)
        dead = risk & at.dead & (at.exit_days == time)
        value *= 1 - weight[dead].sum() / weight[risk].sum()
    return value


def area(at: Times, weight: Floats, horizon: float) -> float:
    """The curve read in the middle of every day."""
    return sum(survival(at, weight, day + 0.5) for day in range(int(horizon)))


def test_by_hand() -> None:
    """S is 1, 4/5, 3/5, 3/10 from days 0, 2, 4, 6 on; the area up to 7 is 2 + 1.6 + 1.2 + 0.3."""
    found = restricted_mean(TOY, 7)
    assert found.days == pytest.approx(5.1)
    # Greenwood: areas to come 3.1 (day 2), 1.5 (4), 0.3 (6), with 1/(5·4), 1/(4·3), 1/(2·1)
    assert found.standard_error == pytest.approx(math.sqrt(3.1**2 / 20 + 1.5**2 / 12 + 0.3**2 / 2))
    assert restricted_mean(TOY, 1.5).days == 1.5
    assert restricted_mean(TOY, 1.5).standard_error == 0


def test_equal_weights_change_nothing() -> None:
    _, at, _ = cohort(500)
    plain, weighted = kaplan_meier(at), weighted_kaplan_meier(at, np.full(500, 3.0))
    assert weighted.survival == pytest.approx(plain.survival, abs=1e-12)
    assert weighted.se_log == pytest.approx(plain.se_log, abs=1e-10, nan_ok=True)
    assert (weighted.at_risk == plain.at_risk).all()
    one, other = restricted_mean(at, 2000), restricted_mean(at, 2000, weights=np.full(500, 3.0))
    assert (one.days, one.standard_error) == pytest.approx((other.days, other.standard_error))


def test_errors_are_the_derivatives_by_weight() -> None:
    at, weight = late(60)
    horizon, step = 9.0, 1e-5
    by_weight = []
    for person in range(60):
        more, less = weight.copy(), weight.copy()
        more[person] += step
        less[person] -= step
        by_weight.append([(f(at, more, horizon) - f(at, less, horizon)) / (2 * step) for f in (survival, area)])
    moved = weight[:, None] * np.array(by_weight)
    curve, mean = weighted_kaplan_meier(at, weight), restricted_mean(at, horizon, weights=weight)
    (there,) = curve.at([horizon / DAYS_PER_YEAR])
    assert there.survival == pytest.approx(survival(at, weight, horizon), abs=1e-12)
    assert there.se == pytest.approx(np.sqrt((moved[:, 0] ** 2).sum()), abs=1e-8)
    assert mean.days == pytest.approx(area(at, weight, horizon), abs=1e-10)
    assert mean.standard_error == pytest.approx(np.sqrt((moved[:, 1] ** 2).sum()), abs=1e-7)


def test_a_curve_that_ends_at_nobody_alive_goes_on_at_0() -> None:
    everyone_dies = times(exit_days=[1, 2, 3], dead=[1, 1, 1])
    assert restricted_mean(everyone_dies, 10).days == pytest.approx(2)
    assert restricted_mean(everyone_dies, 10, weights=[0.1, 0.2, 0.3]).standard_error > 0


@pytest.mark.parametrize(
    ("at", "horizon", "message"),
    [
        (TOY, 9, "observation ends on day 8"),
        (TOY, 0, "The horizon is 0 days"),
        (TOY, float("nan"), "The horizon is nan days"),
        (times(exit_days=[2, 9], dead=[0, 1], entry_days=[0, 5]), 8, "nobody is under observation at some time before"),
    ],
)
def test_no_mean_without_support(at: Times, horizon: float, message: str) -> None:
    with pytest.raises(ComparisonError, match=message):
        restricted_mean(at, horizon)


def test_weights_of_0_are_refused() -> None:
    with pytest.raises(ComparisonError, match="Person 2: the weight is 0"):
        weighted_kaplan_meier(TOY, [1, 0, 1, 1, 1])


@needs_reference_data
def test_r_on_rotterdam() -> None:
    """survfit with inverse probability weights; R's errors are robust."""
    at, score = rotterdam()
    weight = weights_from(score, Weighting("ate")).values
    for treated in (False, True):
        which = score.treated == treated
        curve = weighted_kaplan_meier(at.only(which), weight[which])
        expected = [row for row in reference_output("reference_iptw_km_rotterdam.csv") if row["strata"] == f"hormon={int(treated)}"]
        assert len(expected) == 4
        for row in expected:
            (found,) = curve.at([float(row["time"]) / DAYS_PER_YEAR])
            assert (found.survival, found.se) == pytest.approx((float(row["surv"]), float(row["se"])), abs=1e-8)
