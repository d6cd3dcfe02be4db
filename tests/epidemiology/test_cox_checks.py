"""Diagnostics of Cox models: what they find in data made to break an assumption, and what they leave alone in data that keep it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nelm.epidemiology.covariates import ComparisonError, Covariates, covariates
from nelm.epidemiology.cox import cox
from nelm.epidemiology.cox_checks import Transform, influence, linearity, proportional_hazards
from nelm.epidemiology.follow_up import Times, times
from nelm.epidemiology.kaplan_meier import kaplan_meier
from tests.epidemiology.compared import cohort, needs_reference_data, numbers, reference_data


def score_test(at: Times, x: np.ndarray, beta: np.ndarray, clock: dict[float, float], tested: list[int]) -> float:
    """The score test of x·g(t) beside x, from the likelihood with columns that change with time (Breslow's ties)."""
    p = x.shape[1]
    first, second = np.zeros(2 * p), np.zeros((2 * p, 2 * p))
    for time in np.unique(at.exit_days[at.dead]):
        wide = np.hstack([x, x * clock[time]])
        risk, dead = at.exit_days >= time, at.dead & (at.exit_days == time)
        share = risk * np.exp(x @ beta)
        mean = share @ wide / share.sum()
        first += (wide[dead] - mean).sum(axis=0)
        second += dead.sum() * ((wide.T * share) @ wide / share.sum() - np.outer(mean, mean))
    keep = [*range(p), *(p + place for place in tested)]
    return float(first[keep] @ np.linalg.solve(second[np.ix_(keep, keep)], first[keep]))


@pytest.mark.parametrize("transform", ["km", "identity", "log"])
def test_the_score_test_from_the_likelihood_written_out(transform: Transform) -> None:
    _, at, columns = cohort(200)
    at = Times(at.entry_days, at.exit_days + 1, at.dead)
    model = cox(at, columns, ties="breslow")
    curve = kaplan_meier(at)
    days = np.unique(at.exit_days[at.dead])
    before = [1.0 if place == 0 else curve.survival[place - 1] for place in np.searchsorted(curve.time, days)]
    clocks = {"km": [1 - s for s in before], "identity": days.tolist(), "log": np.log(days).tolist()}
    clock = dict(zip(days.tolist(), clocks[transform], strict=True))
    beta = np.array([ratio.log_ratio for ratio in model.hazard_ratios])
    found = proportional_hazards(model, transform=transform)
    assert [test.name for test in found.tests] == ["age", "man", "grade", "liver"]
    assert [test.degrees for test in found.tests] == [1, 1, 2, 1]
    groups = [[0], [1], [2, 3], [4]]
    for test, tested in zip(found.tests, groups, strict=True):
        assert test.chi_square == pytest.approx(score_test(at, columns.values, beta, clock, tested), abs=1e-6)
    assert found.together.chi_square == pytest.approx(score_test(at, columns.values, beta, clock, [0, 1, 2, 3, 4]), abs=1e-6)
    assert found.note == ""


def test_scaled_residuals_scatter_around_the_estimate() -> None:
    _, at, columns = cohort(400)
    model = cox(at, columns)
    found = proportional_hazards(model)
    assert found.residuals.shape == (model.events, 5)
    assert found.residuals.mean(axis=0) == pytest.approx([ratio.log_ratio for ratio in model.hazard_ratios], abs=1e-8)
    assert (np.diff(found.days) >= 0).all()
    first = int(np.argmin(np.where(at.dead, at.exit_days, np.inf)))  # the only one to die on that day
    share = np.exp(columns.values @ [ratio.log_ratio for ratio in model.hazard_ratios])
    risk = at.exit_days >= at.exit_days[first]
    away = columns.values[first] - (share * risk) @ columns.values / (share * risk).sum()
    expected = [ratio.log_ratio for ratio in model.hazard_ratios] + model.events * model.covariance @ away
    assert found.residuals[0] == pytest.approx(expected, abs=1e-6)


def test_a_hazard_ratio_that_turns_is_found() -> None:
    random = np.random.default_rng(3)
    count = 600
    treated, steady = random.random(count) < 0.5, random.random(count) < 0.5
    early = random.exponential(np.where(treated, 200, 700)) * np.where(steady, 1, 1.4)
    late = 300 + random.exponential(np.where(treated, 2000, 400)) * np.where(steady, 1, 1.4)
    life = np.where(early < 300, early, late)
    model = cox(
        times(exit_days=np.ceil(np.minimum(life, 3000)), dead=life < 3000),
        covariates({"treated": treated.tolist(), "steady": steady.tolist()}),
    )
    found = {test.name: test.p_value for test in proportional_hazards(model).tests}
    assert found["treated"] < 1e-6
    assert found["steady"] > 0.05


def test_weights_are_named_as_a_limit() -> None:
    _, at, columns = cohort(200)
    assert "guide only" in proportional_hazards(cox(at, columns, weights=np.linspace(1, 2, 200))).note


def test_day_0_has_no_logarithm() -> None:
    _, at, columns = cohort(200)
    with pytest.raises(ComparisonError, match="dies on day 0"):
        proportional_hazards(cox(Times(at.entry_days, np.where(np.arange(200) < 50, 0, at.exit_days), at.dead), columns), transform="log")


def test_influence_is_nearly_what_leaving_out_does() -> None:
    _, at, columns = cohort(300)
    model = cox(at, columns)
    found = influence(model)
    (first, second) = found.most("age", 2)
    for person in (first, second, 7):
        rest = np.arange(300) != person
        without = cox(at.only(rest), columns.only(rest))
        moved = model.of("age").log_ratio - without.of("age").log_ratio
        assert found.change[person, 0] == pytest.approx(moved, rel=0.15, abs=2e-4)
        assert found.change_in_errors[person, 0] == pytest.approx(found.change[person, 0] / model.of("age").standard_error)
    assert abs(found.change[first, 0]) >= abs(found.change[second, 0]) >= np.delete(np.abs(found.change[:, 0]), [first, second]).max()
    with pytest.raises(ComparisonError, match="no column 'size'"):
        found.most("size")


def test_a_bend_is_found_and_a_line_is_not_bent() -> None:
    random = np.random.default_rng(8)
    count = 800
    bent, straight = random.normal(size=(2, count))
    life = random.exponential(1000, count) / np.exp(0.7 * bent**2 + 0.5 * straight)
    model = cox(
        times(exit_days=np.ceil(np.minimum(life, 2500)), dead=life < 2500),
        Covariates(("bent", "straight"), ("bent", "straight"), np.column_stack([bent, straight])),
    )
    found = linearity(model, "bent")
    assert found.test.p_value < 1e-10
    assert found.test.degrees == 2
    assert min(found.groups[0].ratio, found.groups[4].ratio) > 1.3
    assert found.groups[2].ratio < 0.8
    assert sum(group.persons for group in found.groups) == count
    assert sum(group.observed for group in found.groups) == pytest.approx(sum(group.expected for group in found.groups))
    assert linearity(model, "straight").test.p_value > 0.05


def test_linearity_of_a_bend_agrees_with_a_test_of_likelihoods() -> None:
    """Where the sample is large, Wald's test of the bends and the ratio of likelihoods say the same."""
    _, at, columns = cohort(3000)
    from nelm.epidemiology.cox_checks import KNOTS, _spline

    age = columns.column("age")
    spline = _spline(age, np.quantile(age, KNOTS))
    wider = Covariates((*columns.names, "b1", "b2"), (*columns.variables, "b1", "b2"), np.column_stack([columns.values, spline]))
    ratio = 2 * (cox(at, wider).log_likelihood - cox(at, columns).log_likelihood)
    assert linearity(cox(at, columns), "age").test.chi_square == pytest.approx(ratio, rel=0.1, abs=0.1)
    beyond = _spline(np.array([11.0, 12.0, 13.0]), np.quantile(age, KNOTS))
    assert np.diff(beyond, n=2, axis=0) == pytest.approx(np.zeros((1, 2)), abs=1e-9)  # a line beyond the last knot


def test_an_indicator_has_no_form() -> None:
    _, at, columns = cohort(200)
    with pytest.raises(ComparisonError, match="'man' has too few different values"):
        linearity(cox(at, columns), "man")


@needs_reference_data
def test_r_on_lung() -> None:
    """As printed by cox.zph of R's survival 3 for age + sex + ph.ecog."""
    rows = [row for row in reference_data("lung.csv") if row["ph.ecog"]]
    model = cox(
        times(exit_days=numbers(rows, "time"), dead=[row["status"] == "2" for row in rows]),
        covariates({name: numbers(rows, name) for name in ("age", "sex", "ph.ecog")}),
    )
    found = proportional_hazards(model)
    assert [round(test.chi_square, 3) for test in (*found.tests, found.together)] == [0.188, 2.305, 2.054, 4.464]
    assert [round(test.p_value, 2) for test in (*found.tests, found.together)] == [0.66, 0.13, 0.15, 0.22]
    assert math.isclose(found.residuals.mean(axis=0)[1], model.of("sex").log_ratio, rel_tol=1e-9)
