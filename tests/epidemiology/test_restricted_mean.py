"""The survival benefit: against R, against a plain bootstrap, and how often its intervals hold the truth in simulated data."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nelm.epidemiology.covariates import ComparisonError, Covariates
from nelm.epidemiology.follow_up import Times, times
from nelm.epidemiology.propensity import Weighting, propensity_score, weights_from
from nelm.epidemiology.restricted_mean import DAYS_PER_MONTH, _counts, bootstrap_benefit, survival_benefit
from tests.epidemiology.compared import confounded, needs_reference_data, reference_output, true_benefit
from tests.epidemiology.test_propensity import rotterdam

HORIZON = 1500.0
CHOICES = [
    Weighting("ate"),
    Weighting("att"),
    Weighting("overlap"),
    Weighting("ate", stabilised=True, largest=2, score_range=(0.1, 0.9)),
    None,
]


def benefit_by_parts(at: Times, arm: np.ndarray, columns: Covariates, weighting: Weighting | None, horizon: float) -> float:
    """Score, weights and benefit by the functions that make them one by one."""
    if weighting is None:
        return survival_benefit(at, arm, horizon).days
    weight = weights_from(propensity_score(arm, columns), weighting)
    kept = weight.kept
    return survival_benefit(at.only(kept), arm[kept], horizon, weights=weight.values[kept]).days


@pytest.mark.parametrize("weighting", CHOICES)
def test_each_resample_is_what_the_parts_give(weighting: Weighting | None) -> None:
    """Late entries included: a resample is a cohort in which some persons stand several times."""
    trial = confounded(250, 3)
    late = np.where(np.arange(250) % 7 == 0, np.floor(trial.times.exit_days / 3), 0.0)
    at = Times(late, trial.times.exit_days, trial.times.dead)
    columns = None if weighting is None else trial.covariates
    horizons = [HORIZON, 400.0]
    found = bootstrap_benefit(at, trial.treated, horizons, covariates=columns, weighting=weighting, seed=11, resamples=100)
    drawn = _counts(np.random.default_rng(11), 100, 250).astype(int)
    for place in (0, 1, 57):
        who = np.repeat(np.arange(250), drawn[place])
        again = Times(at.entry_days[who], at.exit_days[who], at.dead[who])
        for result, horizon in zip(found, horizons, strict=True):
            expected = benefit_by_parts(again, trial.treated[who], trial.covariates.only(who), weighting, horizon)
            assert result.differences[place] == pytest.approx(expected, abs=1e-6)
    for result, horizon in zip(found, horizons, strict=True):
        assert result.days == pytest.approx(benefit_by_parts(at, trial.treated, trial.covariates, weighting, horizon), abs=1e-6)
        assert result.standard_error == pytest.approx(result.differences.std(ddof=1))
        assert result.percentile == pytest.approx(tuple(np.quantile(result.differences, (0.025, 0.975))))
        assert result.normal[1] - result.days == pytest.approx(1.959963984540054 * result.standard_error)
        assert (result.failed_scores, result.failed_curves, result.resamples, result.warnings) == (0, 0, 100, ())


def test_where_all_die_the_curve_stays_at_0() -> None:
    trial = confounded(120, 3)
    at = Times(np.zeros(120), trial.times.exit_days, np.ones(120, dtype=bool))
    (found,) = bootstrap_benefit(
        at, trial.treated, [20_000.0], covariates=trial.covariates, weighting=Weighting("ate"), seed=1, resamples=300
    )
    assert found.failed_curves == 0
    means = [trial.times.exit_days[arm] for arm in (trial.treated, ~trial.treated)]
    weight = weights_from(propensity_score(trial.treated, trial.covariates), Weighting("ate")).values
    lives = [np.average(mean, weights=weight[arm]) for mean, arm in zip(means, (trial.treated, ~trial.treated), strict=True)]
    assert found.days == pytest.approx(lives[0] - lives[1])


def test_the_seed_decides() -> None:
    trial = confounded(120, 3)

    def run(seed: int) -> float:
        (found,) = bootstrap_benefit(
            trial.times, trial.treated, [500.0], covariates=trial.covariates, weighting=Weighting(), seed=seed, resamples=100
        )
        return found.standard_error

    assert run(1) == run(1) != run(2)


def test_the_benefit_is_the_difference_of_two_means() -> None:
    at = times(exit_days=[2, 4, 9, 9, 1, 3, 9, 9], dead=[1, 1, 0, 0, 1, 1, 1, 0])
    found = survival_benefit(at, [1, 1, 1, 1, 0, 0, 0, 0], 6)
    assert found.treated.days == pytest.approx(2 + 0.75 * 2 + 0.5 * 2)
    assert found.untreated.days == pytest.approx(1 + 0.75 * 2 + 0.5 * 3)
    assert found.days == pytest.approx(0.5)
    assert found.months == pytest.approx(0.5 / DAYS_PER_MONTH)
    assert found.standard_error == pytest.approx(math.hypot(found.treated.standard_error, found.untreated.standard_error))
    assert found.upper - found.days == pytest.approx(1.959963984540054 * found.standard_error)
    assert found.horizon_days == 6


def test_failed_resamples_are_counted_and_marked() -> None:
    """One treated person alone is followed to the horizon; and a column nearly decides the treatment."""
    trial = confounded(60, 3)
    ends = np.where(trial.treated, 600.0, 900.0)
    ends[np.flatnonzero(trial.treated)[0]] = 900.0
    at = Times(np.zeros(60), ends, np.arange(60) % 5 == 0)
    (found,) = bootstrap_benefit(at, trial.treated, [800.0], covariates=None, weighting=None, seed=1, resamples=300)
    assert 60 < found.failed_curves < 160  # a person is not drawn with the chance 1/e
    assert found.failed_scores == 0
    assert found.warnings[0].startswith(f"{found.failed_curves} of 300 resamples gave no benefit at 800 days")
    rare = np.zeros(60)
    rare[np.flatnonzero(trial.treated)[:4]] = 1
    rare[np.flatnonzero(~trial.treated)[0]] = 1
    columns = Covariates(("rare",), ("rare",), rare[:, None])
    (other,) = bootstrap_benefit(at, trial.treated, [500.0], covariates=columns, weighting=Weighting(), seed=1, resamples=300)
    assert 60 < other.failed_scores < 200
    assert other.failed_curves == 0
    assert np.isnan(other.differences).sum() == other.failed_scores


def test_what_is_refused() -> None:
    trial = confounded(100, 3)
    at, arm, columns = trial.times, trial.treated, trial.covariates
    with pytest.raises(ComparisonError, match="The untreated: The restricted mean at 9000 days has no support"):
        survival_benefit(at, arm, 9000)
    with pytest.raises(ComparisonError, match="All 100 persons are treated"):
        survival_benefit(at, np.ones(100), 500)
    with pytest.raises(ComparisonError, match="No benefit at 500, 9000 days: an arm is not observed up to a horizon"):
        bootstrap_benefit(at, arm, [500, 9000], covariates=columns, weighting=Weighting(), seed=1)
    with pytest.raises(ComparisonError, match="Weighting and covariates belong together"):
        bootstrap_benefit(at, arm, [500], covariates=columns, weighting=None, seed=1)
    with pytest.raises(ComparisonError, match="resamples: found 10"):
        bootstrap_benefit(at, arm, [500], covariates=columns, weighting=Weighting(), seed=1, resamples=10)
    decided = Covariates(("all",), ("all",), arm.astype(float)[:, None])
    with pytest.raises(ComparisonError, match="the propensity score cannot be fitted"):
        bootstrap_benefit(at, arm, [500], covariates=decided, weighting=Weighting(), seed=1)
    lonely = np.where(arm, np.arange(100) == np.flatnonzero(arm)[0], np.arange(100) == np.flatnonzero(~arm)[0])
    only_two = Times(np.zeros(100), np.where(lonely, 900.0, 600.0), np.zeros(100, dtype=bool))
    with pytest.raises(ComparisonError, match="of 100 resamples gave a benefit at 800 days"):
        bootstrap_benefit(only_two, arm, [800], covariates=None, weighting=None, seed=1, resamples=100)


@pytest.mark.parametrize("weighting", [Weighting("ate"), Weighting("overlap")])
def test_coverage(weighting: Weighting) -> None:
    """95 % intervals in 400 simulated cohorts of 200: within 3 Monte-Carlo errors (± 3.3 points) of 95 %, and where R lies before
    weighting they are far off."""
    truth = true_benefit(HORIZON, overlap=weighting.estimand == "overlap")
    cohorts, held, held_normal, naive, days = 400, 0, 0, 0, []
    for seed in range(cohorts):
        trial = confounded(200, 1000 + seed)
        (found,) = bootstrap_benefit(
            trial.times, trial.treated, [HORIZON], covariates=trial.covariates, weighting=weighting, seed=seed, resamples=200
        )
        held += found.percentile[0] <= truth <= found.percentile[1]
        held_normal += found.normal[0] <= truth <= found.normal[1]
        plain = survival_benefit(trial.times, trial.treated, HORIZON)
        naive += plain.lower <= truth <= plain.upper
        days.append(found.days)
    margin = 3 * math.sqrt(0.95 * 0.05 / cohorts)
    print(f"{weighting.estimand}: percentile {held / cohorts:.3f}, normal {held_normal / cohorts:.3f}, unweighted {naive / cohorts:.3f}")  # noqa: T201 - `pytest -s` shows it
    assert abs(held / cohorts - 0.95) < margin
    assert abs(held_normal / cohorts - 0.95) < margin
    assert naive / cohorts < 0.7
    assert np.mean(days) == pytest.approx(truth, abs=3 * np.std(days) / math.sqrt(cohorts) + 4)


# -- R ------------------------------------------------------------------------------------------------------


@needs_reference_data
def test_r_on_rotterdam() -> None:
    """R counts years of 365.25 days, and months of a twelfth of them."""
    at, score = rotterdam()
    choices = {"one": None, "ow": Weighting("overlap"), "ipw": Weighting("ate"), "att": Weighting("att")}
    compared = 0
    for row in reference_output("reference_survival_benefit_rmst_rotterdam.csv"):
        if row["weights"] not in choices:
            continue
        choice = choices[row["weights"]]
        weight = None if choice is None else weights_from(score, choice).values
        found = survival_benefit(at, score.treated, float(row["years"]) * 365.25, weights=weight)
        assert found.untreated.days == pytest.approx(float(row["rmst0_days"]), abs=1e-5)
        assert found.treated.days == pytest.approx(float(row["rmst1_days"]), abs=1e-5)
        assert found.days / (365.25 / 12) == pytest.approx(float(row["benefit_months"]), abs=1e-6)
        compared += 1
    assert compared == 8
