"""From a table to a comparison: each part is that of its own function, what is missing is counted, and nothing is called an effect."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nelm.epidemiology.comparison import Comparison, Question, _signed, compare
from nelm.epidemiology.covariates import ComparisonError
from nelm.epidemiology.follow_up import DAYS_PER_YEAR, FollowUpError
from nelm.epidemiology.landmark import AtLandmark, FlowStep, ImmortalTimeError, TreatedAtZero
from nelm.epidemiology.propensity import Weighting
from tests.epidemiology.compared import confounded, true_benefit

Table = dict[str, list[object]]
QUESTION = Question(
    treatment="resection",
    alternative="no resection",
    covariates=("frailty", "age"),
    rule=TreatedAtZero(),
    horizons_years=(2, 4),
    resamples=200,
)


def table(persons: int = 400, seed: int = 5) -> Table:
    trial = confounded(persons, seed)
    return {
        "exit_days": trial.times.exit_days.tolist(),
        "dead": trial.times.dead.tolist(),
        "treated": trial.treated.tolist(),
        "treatment_days": [0 if treated else None for treated in trial.treated],
        "frailty": trial.covariates.column("frailty").tolist(),
        "age": trial.covariates.column("age").tolist(),
    }


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare(table(), QUESTION)


def test_the_arms_are_counted(found: Comparison) -> None:
    trial = confounded(400, 5)
    assert (found.treated.persons, found.untreated.persons) == (int(trial.treated.sum()), int((~trial.treated).sum()))
    assert found.treated.deaths + found.untreated.deaths == int(trial.times.dead.sum()) == found.model.events
    assert found.persons.tolist() == list(range(400))
    assert (found.flow, found.unknown) == ((), {"frailty": 0, "age": 0})
    assert (found.treated.name, found.untreated.name) == ("resection", "no resection")
    assert found.treated.effective_persons == pytest.approx(found.weights.effective_treated)


def test_weights_balance_and_bring_the_estimates_near_the_truth(found: Comparison) -> None:
    assert max(abs(row.before.standardised) for row in found.balance) > 0.5
    assert all(abs(row.after.standardised) < 1e-8 for row in found.balance)
    assert found.hazard_ratio.lower < 0.65 < found.hazard_ratio.upper
    assert found.model.clusters == 400
    for at in found.benefits:
        assert at.benefit is not None
        assert at.bootstrap is not None
        assert at.benefit.days == pytest.approx(at.bootstrap.days, abs=1e-6)
        assert at.bootstrap.percentile[0] < true_benefit(at.years * DAYS_PER_YEAR, overlap=True) < at.bootstrap.percentile[1]
        area = found.treated.weighted_curve.at([at.years]).survival[0] - found.untreated.weighted_curve.at([at.years]).survival[0]
        assert area > 0
    assert found.e_value.limit > 1
    assert not found.deaths_are_rare
    assert found.overlap.concordance > 0.6


def test_the_statement_names_what_it_rests_on(found: Comparison) -> None:
    months = found.benefits[0].benefit.months if found.benefits[0].benefit else 0
    assert f"Within 2 years, mean life with resection was {months:.1f} months longer than with no resection" in found.statement
    assert f"The hazard ratio was {found.hazard_ratio.ratio:.2f} (95 % interval" in found.statement
    assert "those whose covariates leave either choice open" in found.statement
    assert "It is an association. It is the effect of the treatment only if nothing but what was measured (frailty, age)" in found.statement
    assert all(assumption in found.statement for assumption in found.assumptions)
    before, _, after = found.statement.partition("It is an association.")
    assert "effect" not in before
    assert "effect" in after


def test_harm_is_called_shorter() -> None:
    turned = table()
    turned["treated"] = [not treated for treated in turned["treated"]]
    turned["eligible"] = [1] * 400
    turned["treatment_days"] = [row % 2 if treated else None for row, treated in enumerate(turned["treated"])]
    turned["exit_days"] = [float(str(day)) + 1 for day in turned["exit_days"]]
    found = compare(turned, replace(QUESTION, eligible_days="eligible"))
    assert "months shorter than with no resection (difference −" in found.statement
    before = sum(day == 0 for day in turned["treatment_days"])
    assert any(warning.startswith(f"resection of {before} persons began before time zero") for warning in found.warnings)
    assert _signed(-0.04) == "0.0"


def test_who_is_left_out_is_counted() -> None:
    gaps = table()
    for row, name in ((0, "exit_days"), (1, "dead"), (2, "treated"), (3, "frailty"), (4, "age"), (4, "frailty")):
        gaps[name][row] = None
    gaps["treatment_days"][2] = None
    found = compare(gaps, QUESTION)
    assert found.flow == (
        FlowStep("survival or time zero is unknown", 2),
        FlowStep("not known whether or when they were treated", 1),
        FlowStep("a covariate is unknown", 2),
    )
    assert found.unknown == {"frailty": 2, "age": 1}
    assert found.persons.tolist() == list(range(5, 400))


def test_unknown_as_a_level_where_asked() -> None:
    gaps = table()
    gaps["grade"] = [("G1", "G2", None)[row % 3] for row in range(400)]
    without = compare(gaps, replace(QUESTION, covariates=("frailty", "grade")))
    assert without.flow == (FlowStep("a covariate is unknown", 133),)
    within = compare(gaps, replace(QUESTION, covariates=("frailty", "grade"), unknown_as_level=("grade",), reference={"grade": "G2"}))
    assert within.flow == ()
    assert [term.name for term in within.score.terms] == ["(intercept)", "frailty", "grade G1", "grade unknown"]
    assert [row.name for row in within.balance] == ["frailty", "grade G1", "grade G2", "grade unknown"]
    alone = compare(gaps, replace(QUESTION, covariates=("grade",), unknown_as_level=("grade",)))
    assert alone.persons.size == 400


def test_immortal_time_is_refused_and_a_landmark_answers() -> None:
    later = table()
    exits = [float(str(day)) for day in later["exit_days"]]
    later["treated"] = [bool(treated) and exits[row] > 60 for row, treated in enumerate(later["treated"])]
    later["treatment_days"] = [30 + row % 60 if treated and exits[row] > 90 else None for row, treated in enumerate(later["treated"])]
    later["treated"] = [day is not None for day in later["treatment_days"]]
    with pytest.raises(ImmortalTimeError, match="days after it in the middle"):
        compare(later, QUESTION)
    found = compare(later, replace(QUESTION, rule=AtLandmark(60)))
    assert [step.reason for step in found.flow] == ["died within 60 days of time zero"]
    assert "alive and under observation 60 days after time zero" in found.statement
    assert any("had resection later" in warning for warning in found.warnings)


def test_treatment_without_a_day_needs_a_reason() -> None:
    bare = table()
    del bare["treatment_days"]
    bare["eligible"] = [0] * 400
    asked = replace(QUESTION, treatment_days=None)
    with pytest.raises(ComparisonError, match="nobody can tell whether it was known at time zero"):
        compare(bare, asked)
    with pytest.raises(ComparisonError, match="nobody can tell"):
        compare(bare, replace(asked, known_at_zero="drawn by lot", rule=AtLandmark(30)))
    found = compare(bare, replace(asked, known_at_zero="drawn by lot", eligible_days="eligible"))
    assert found.statement.endswith("treatment was settled at time zero: drawn by lot.")


def test_doubts_are_said() -> None:
    """Too late a horizon, few deaths, arms that still differ, a score range, and a hazard ratio that turns."""
    early = table(120, 6)
    early["dead"] = [bool(dead) and row < 12 for row, dead in enumerate(early["dead"])]
    found = compare(early, replace(QUESTION, weighting=Weighting("ate", score_range=(0.2, 0.8), largest=1.6), horizons_years=(1, 30)))
    words = " ".join(found.warnings)
    assert "No benefit within 30 years: The " in words
    assert found.benefits[1].benefit is None
    assert "deaths in the arm" in words
    assert "still differ by more than 0.1 standard deviations in" in words
    assert found.flow[-1].reason == "the propensity score is outside of the range"
    assert found.deaths_are_rare
    assert "with a propensity score from 0.2 to 0.8" in found.statement

    turning = table(600, 7)
    random = np.random.default_rng(1)
    arm = np.array(turning["treated"], dtype=bool)
    early_life = random.exponential(np.where(arm, 300, 1500))
    life = np.where(early_life < 500, early_life, 500 + random.exponential(np.where(arm, 3000, 400)))
    turning["exit_days"] = np.ceil(np.minimum(life, 2500)).tolist()
    turning["dead"] = (life < 2500).tolist()
    assert any("The hazard ratio changes with time (p 0.000)" in warning for warning in compare(turning, QUESTION).warnings)


@pytest.mark.parametrize(
    ("column", "value", "error", "message"),
    [
        ("exit_days", -3, FollowUpError, "exit_days is -3.0"),
        ("exit_days", "soon", ComparisonError, "Row 1, column 'exit_days': found 'soon'"),
        ("dead", 2, ComparisonError, "Row 1, column 'dead': found 2"),
        ("treated", "yes", ComparisonError, "Row 1, column 'treated': found 'yes'"),
        ("treatment_days", "0", ComparisonError, "Row 1, column 'treatment_days': found '0'"),
        ("treatment_days", True, ComparisonError, "found True. Permitted: a number of days"),
        ("age", "old", ComparisonError, "person 1: found 'old'"),
    ],
)
def test_values_that_are_none(column: str, value: object, error: type[Exception], message: str) -> None:
    bad = table(50)
    bad[column][0] = value
    with pytest.raises(error, match=message):
        compare(bad, QUESTION)


def test_tables_that_are_none() -> None:
    with pytest.raises(ComparisonError, match="no column 'frailty'"):
        compare({name: column for name, column in table(50).items() if name != "frailty"}, QUESTION)
    with pytest.raises(ComparisonError, match="exit_days 1, dead 2"):
        compare({"exit_days": [1], "dead": [1, 0]}, QUESTION)
    with pytest.raises(ComparisonError, match="lengths none"):
        compare({}, QUESTION)
    with pytest.raises(ComparisonError, match="None of the 2 persons has values in all of exit_days, dead"):
        compare({"exit_days": [None, 1], "dead": [1, None], "treated": [1, 0], "treatment_days": [0, None]}, QUESTION)
