"""Cox models held to the partial likelihood written out, to R's survival, to lifelines, and to what they must refuse."""

from __future__ import annotations

import math
import warnings
from itertools import product

import numpy as np
import pytest

from nelm.epidemiology.covariates import ComparisonError, Covariates, covariates
from nelm.epidemiology.cox import changes, cox
from nelm.epidemiology.follow_up import Times, times
from nelm.epidemiology.risk_sets import Ties, score_residuals
from tests.epidemiology.compared import cohort, needs_reference_data, numbers, reference_data, reference_output

TOLERANCE = 1e-6


def likelihood(
    beta: np.ndarray, at: Times, x: np.ndarray, weight: np.ndarray, strata: np.ndarray, efron: bool
) -> tuple[float, np.ndarray, np.ndarray]:
    """The log partial likelihood with its first and second derivatives, death by death, each risk set looked up anew."""
    value, first, second = 0.0, np.zeros(beta.size), np.zeros((beta.size, beta.size))
    for stratum in np.unique(strata):
        for time in np.unique(at.exit_days[at.dead & (strata == stratum)]):
            risk = (strata == stratum) & (at.exit_days >= time) & (at.risk_from < time)
            dead = risk & at.dead & (at.exit_days == time)
            share = weight * np.exp(x @ beta)
            value += float(weight[dead] @ (x[dead] @ beta))
            first += weight[dead] @ x[dead]
            count = int(dead.sum())
            for k in range(count):
                part = share * (risk - (k / count if efron else 0.0) * dead)
                mean = part @ x / part.sum()
                value -= weight[dead].mean() * math.log(part.sum())
                first -= weight[dead].mean() * mean
                second -= weight[dead].mean() * ((x.T * part) @ x / part.sum() - np.outer(mean, mean))
    return value, first, second


def peak(at: Times, x: np.ndarray, weight: np.ndarray, strata: np.ndarray, efron: bool) -> tuple[np.ndarray, np.ndarray, float]:
    beta = np.zeros(x.shape[1])
    for _ in range(12):
        value, first, second = likelihood(beta, at, x, weight, strata, efron)
        beta = beta - np.linalg.solve(second, first)
    return beta, np.linalg.inv(-second), value


def coarse(count: int) -> tuple[Times, Covariates, np.ndarray, list[str]]:
    """Persons of the cohort with months as times (many ties), late entries, weights and centres."""
    rows, followed, columns = cohort(count)
    months = np.ceil(followed.exit_days / 91) + 1
    random = np.random.default_rng(5)
    late = np.where(random.random(count) < 0.4, np.floor(random.random(count) * months), 0.0)
    return (
        times(exit_days=months, dead=followed.dead, entry_days=late),
        columns,
        random.uniform(0.3, 3.0, count),
        [row["center"] for row in rows],
    )


@pytest.mark.parametrize(
    ("ties", "weighted", "stratified", "late"), list(product(("efron", "breslow"), (False, True), (False, True), (False, True)))
)
def test_against_the_likelihood_written_out(ties: Ties, weighted: bool, stratified: bool, late: bool) -> None:
    at, columns, weight, centres = coarse(120)
    at = at if late else Times(np.zeros(len(at)), at.exit_days, at.dead)
    weight = weight if weighted else np.ones(len(at))
    strata = np.array([int(centre[1:]) for centre in centres]) if stratified else np.zeros(len(at), dtype=int)
    found = cox(at, columns, weights=weight, strata=strata.tolist(), ties=ties, robust=False)
    x = columns.values - columns.values.mean(axis=0)
    beta, variance, value = peak(at, x, weight, strata, ties == "efron")
    assert [ratio.log_ratio for ratio in found.hazard_ratios] == pytest.approx(beta, abs=1e-9)
    assert [ratio.standard_error for ratio in found.hazard_ratios] == pytest.approx(np.sqrt(np.diag(variance)), abs=1e-9)
    assert found.log_likelihood == pytest.approx(value, abs=1e-8)
    assert found.log_likelihood_without == pytest.approx(
        likelihood(np.zeros(beta.size), at, x, weight, strata, ties == "efron")[0], abs=1e-8
    )
    assert (found.persons, found.events, found.strata) == (120, int(at.dead.sum()), np.unique(strata).size)


def test_robust_errors_are_what_leaving_weight_out_does() -> None:
    """The change of each estimate with a person's weight, by differences of refitted models, squared and added up (by cluster too)."""
    at, columns, weight, centres = coarse(60)
    columns = Covariates(columns.names[:2], columns.variables[:2], columns.values[:, :2])
    strata = np.zeros(60, dtype=int)
    step, moved = 1e-4, []
    for person in range(60):
        more, less = weight.copy(), weight.copy()
        more[person] *= 1 + step
        less[person] *= 1 - step
        moved.append(
            [(a - b) / (2 * step) for a, b in zip(*(peak(at, columns.values, w, strata, True)[0] for w in (more, less)), strict=True)]
        )
    change = np.array(moved)
    found = cox(at, columns, weights=weight)
    assert changes(found) == pytest.approx(change, abs=2e-5)  # Efron's own share of ties moves a little with weight, too
    assert found.covariance == pytest.approx(change.T @ change, abs=1e-4)
    assert found.clusters == 60
    by_centre = cox(at, columns, weights=weight, clusters=centres)
    added = np.array([change[[centre == which for centre in centres]].sum(axis=0) for which in sorted(set(centres))])
    assert by_centre.covariance == pytest.approx(added.T @ added, abs=1e-4)
    assert by_centre.clusters == len(set(centres))


def test_a_person_with_weight_2_is_two_persons() -> None:
    at, columns, _, _ = coarse(80)
    at = Times(at.entry_days, np.arange(len(at)) + at.exit_days.max() + 1, at.dead)  # no ties, whose share depends on the number of dead
    twice = np.concatenate([np.arange(80), np.arange(10)])
    doubled = Times(at.entry_days[twice], at.exit_days[twice], at.dead[twice])
    weight = np.where(np.arange(80) < 10, 2.0, 1.0)
    one = cox(at, columns, weights=weight, robust=False, ties="breslow")
    other = cox(doubled, columns.only(twice), ties="breslow")
    assert [r.log_ratio for r in one.hazard_ratios] == pytest.approx([r.log_ratio for r in other.hazard_ratios], abs=1e-9)


def test_residuals_add_up_to_nothing() -> None:
    at, columns, weight, centres = coarse(200)
    found = cox(at, columns, weights=weight, strata=centres)
    martingale, score = score_residuals(found.risk_sets, found.beta)
    assert weight @ martingale == pytest.approx(0, abs=1e-9)
    assert weight @ score == pytest.approx(np.zeros(score.shape[1]), abs=1e-8)
    assert (martingale <= 1).all()


def test_against_lifelines_on_the_whole_cohort() -> None:
    lifelines, pandas = pytest.importorskip("lifelines"), pytest.importorskip("pandas")
    _, at, columns = cohort(3000)
    frame = pandas.DataFrame({"time": at.exit_days + 0.5, "dead": at.dead, **{name: columns.column(name) for name in columns.names}})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        witness = lifelines.CoxPHFitter().fit(frame, "time", "dead")
    found = cox(at, columns)
    assert [r.log_ratio for r in found.hazard_ratios] == pytest.approx(witness.params_.to_numpy(), abs=TOLERANCE)
    assert [r.standard_error for r in found.hazard_ratios] == pytest.approx(witness.standard_errors_.to_numpy(), abs=TOLERANCE)
    assert [r.p_value for r in found.hazard_ratios] == pytest.approx(witness.summary["p"].to_numpy(), abs=TOLERANCE)


def test_the_interval_is_the_ratio_times_its_error() -> None:
    _, at, columns = cohort(300)
    narrow, wide = cox(at, columns, confidence=0.5).of("grade G2"), cox(at, columns).of("grade G2")
    assert wide.lower < narrow.lower < wide.ratio < narrow.upper < wide.upper
    assert math.log(wide.upper / wide.ratio) == pytest.approx(1.959963984540054 * wide.standard_error)
    assert wide.lower * wide.upper == pytest.approx(wide.ratio**2)


# -- what it says and refuses -------------------------------------------------------------------------------


def test_few_events_for_many_columns_are_marked() -> None:
    _, at, columns = cohort(300)
    assert cox(at, columns).warnings == ()
    few = Times(at.entry_days, at.exit_days, at.dead & (np.cumsum(at.dead) <= 30))
    (warning,) = cox(few, columns).warnings
    assert warning.startswith(f"30 events for {len(columns.names)} columns")


def test_what_is_refused() -> None:
    _, at, columns = cohort(100)
    nobody = Times(at.entry_days, at.exit_days, np.zeros(100, dtype=bool))
    refusals = [
        (lambda: cox(nobody, columns), "None of the 100 persons has the event"),
        (lambda: cox(at, columns.only(np.arange(50))), "Covariates of 50 persons, times of 100"),
        (lambda: cox(at, columns, weights=np.arange(100.0)), "Person 1: the weight is 0.0"),
        (lambda: cox(at, columns, weights=[1.0]), "one for each of the 100 persons"),
        (lambda: cox(at, columns, strata=["a"]), "strata: 1 values"),
        (lambda: cox(at, columns, clusters=[None] * 100), "clusters: unknown for 100 persons, first for person 1"),
        (lambda: cox(at, columns, confidence=95), "confidence is 95"),
        (lambda: cox(at, columns).of("size"), "no column 'size'. Permitted: age, man"),
    ]
    for refused, message in refusals:
        with pytest.raises(ComparisonError, match=message):
            refused()
    alive_only = Covariates(
        ("age", "never dies"), ("age", "never dies"), np.column_stack([columns.column("age"), (~at.dead) * (columns.column("man") == 1)])
    )
    with pytest.raises(ComparisonError, match="hazard ratio of never dies has no finite estimate"):
        cox(at, alive_only)


def test_strata_of_one_person_tell_nothing() -> None:
    _, at, columns = cohort(100)
    with pytest.raises(ComparisonError, match="Nothing can be told of age, man"):
        cox(at, columns, strata=list(range(100)))


def test_values_far_from_all_others() -> None:
    """Steps overshoot and are halved, and in the end the likelihood still rises."""
    random = np.random.default_rng(29)
    far = np.exp(3 * random.normal(size=30)) * random.choice([-1, 1], 30)
    at = Times(np.zeros(30), np.ceil(random.exponential(1000, 30) / np.exp(0.5 * np.clip(far, -20, 20))), random.random(30) < 0.8)
    with pytest.raises(ComparisonError, match="single values lie far from all others"):
        cox(at, Covariates(("far",), ("far",), far[:, None]))


# -- R ------------------------------------------------------------------------------------------------------


@needs_reference_data
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_r_on_lung(ties: Ties) -> None:
    rows = [row for row in reference_data("lung.csv") if row["ph.ecog"]]
    found = cox(
        times(exit_days=numbers(rows, "time"), dead=[row["status"] == "2" for row in rows]),
        covariates({name: numbers(rows, name) for name in ("age", "sex", "ph.ecog")}),
        ties=ties,
    )
    expected = [row for row in reference_output("reference_cox.csv") if row["model"].startswith(f"lung {ties}")]
    assert len(expected) == 3
    for row in expected:
        ratio = found.of(row["term"])
        assert ratio.log_ratio == pytest.approx(float(row["coef"]), abs=TOLERANCE)
        assert ratio.standard_error == pytest.approx(float(row["se"]), abs=TOLERANCE)
        assert found.log_likelihood == pytest.approx(float(row["loglik"]), abs=TOLERANCE)


@needs_reference_data
def test_r_with_age_as_the_time_scale() -> None:
    """Everyone enters at the age at which they were seen first."""
    rows = reference_data("lung.csv")
    ages = np.round(365.25 * np.array(numbers(rows, "age")))
    at = times(entry_days=ages, exit_days=ages + numbers(rows, "time"), dead=[row["status"] == "2" for row in rows])
    ratio = cox(at, covariates({"sex": numbers(rows, "sex")})).of("sex")
    (expected,) = reference_output("reference_cox_lefttrunc_lung.csv")
    assert ratio.log_ratio == pytest.approx(float(expected["coef"]), abs=TOLERANCE)
    assert ratio.standard_error == pytest.approx(float(expected["se"]), abs=TOLERANCE)
