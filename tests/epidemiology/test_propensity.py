"""Propensity scores, overlap, weights and balance: against R and statsmodels, what the formulas promise, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from nelm.epidemiology.balance import balance
from nelm.epidemiology.covariates import ComparisonError, Covariates, covariates
from nelm.epidemiology.cox import cox
from nelm.epidemiology.follow_up import Times, times
from nelm.epidemiology.propensity import Estimand, PropensityScore, Weighting, effective_persons, overlap, propensity_score, weights_from
from tests.epidemiology.compared import confounded, needs_reference_data, numbers, reference_data, reference_output


def lalonde(*, every_level: bool = False) -> tuple[list[bool], Covariates, np.ndarray]:
    rows = reference_data("MatchIt_lalonde.csv")
    names = ("age", "educ", "race", "married", "nodegree", "re74", "re75")
    columns = {name: [row["race"] for row in rows] if name == "race" else numbers(rows, name) for name in names}
    return [row["treat"] == "1" for row in rows], covariates(columns, every_level=every_level), np.array(numbers(rows, "re78"))


def rotterdam() -> tuple[Times, PropensityScore]:
    rows = reference_data("rotterdam.csv")
    columns: dict[str, list[object]] = {name: list(numbers(rows, name)) for name in ("age", "meno", "grade", "nodes", "year", "chemo")}
    columns |= {name: np.log1p(numbers(rows, name)).tolist() for name in ("pgr", "er")}
    columns["size"] = [row["size"] for row in rows]
    score = propensity_score([row["hormon"] == "1" for row in rows], covariates(columns))
    return times(exit_days=numbers(rows, "dtime"), dead=[row["death"] == "1" for row in rows]), score


# -- the score ----------------------------------------------------------------------------------------------


def test_against_statsmodels() -> None:
    api = pytest.importorskip("statsmodels.api")
    trial = confounded(500, 4)
    found = propensity_score(trial.treated, trial.covariates)
    witness = api.Logit(trial.treated.astype(float), api.add_constant(trial.covariates.values)).fit(disp=0, tol=1e-12)
    assert [term.log_odds_ratio for term in found.terms] == pytest.approx(witness.params, abs=1e-8)
    assert [term.standard_error for term in found.terms] == pytest.approx(witness.bse, abs=1e-7)
    assert found.scores == pytest.approx(witness.predict(), abs=1e-9)
    assert found.terms[0].name == "(intercept)"
    assert found.warnings == ()


def test_a_small_arm_is_marked() -> None:
    trial = confounded(60, 4)
    few = np.arange(60) < 15
    assert propensity_score(few, trial.covariates).warnings[0].startswith("The smaller arm has 15 persons for 2 columns")


@pytest.mark.parametrize("treated", [[True] * 60, [False] * 60, [0.5] * 60, [True] * 59, [None] * 60])
def test_arms_that_are_none(treated: list[object]) -> None:
    with pytest.raises(ComparisonError, match=r"a comparison needs both|permitted are true and false"):
        propensity_score(treated, confounded(60, 4).covariates)


@pytest.mark.parametrize("leaky", [0, 4])
def test_separation_is_refused(leaky: int) -> None:
    """A column that decides the treatment wholly, or for those who have it."""
    trial = confounded(300, 4)
    column = trial.treated & (np.arange(300) % 5 >= leaky)
    columns = Covariates(("age", "too ill"), ("age", "too ill"), np.column_stack([trial.covariates.column("age"), column]))
    with pytest.raises(ComparisonError, match="treatment follows from the covariates, chiefly from too ill"):
        propensity_score(trial.treated, columns)


# -- overlap ------------------------------------------------------------------------------------------------


def test_overlap() -> None:
    trial = confounded(400, 6)
    score = propensity_score(trial.treated, trial.covariates)
    found = overlap(score)
    treated, untreated = score.scores[score.treated], score.scores[~score.treated]
    low, high = max(treated.min(), untreated.min()), min(treated.max(), untreated.max())
    assert found.common_support == (low, high)
    assert found.treated.outside == int((treated > high).sum() + (treated < low).sum())
    assert found.untreated.outside == int((untreated > high).sum() + (untreated < low).sum())
    assert found.treated.outside + found.untreated.outside > 0
    pairs = treated[:, None] - untreated[None, :]
    assert found.concordance == pytest.approx(((pairs > 0) + 0.5 * (pairs == 0)).mean())
    assert (found.treated_counts.sum(), found.untreated_counts.sum()) == (treated.size, untreated.size)
    assert found.treated.quartiles[1] == pytest.approx(np.median(treated))


def test_no_overlap() -> None:
    score = propensity_score(confounded(200, 1).treated, confounded(200, 1).covariates)
    apart = PropensityScore(score.terms, np.where(score.treated, 0.9, 0.1), score.treated, score.covariates, ())
    assert overlap(apart).common_support is None
    assert overlap(apart).concordance == 1


# -- weights ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weighting", "treated", "untreated"),
    [
        (Weighting("ate"), lambda e, p: 1 / e, lambda e, p: 1 / (1 - e)),
        (Weighting("ate", stabilised=True), lambda e, p: p / e, lambda e, p: (1 - p) / (1 - e)),
        (Weighting("att"), lambda e, p: np.ones_like(e), lambda e, p: e / (1 - e)),
        (Weighting("overlap"), lambda e, p: 1 - e, lambda e, p: e),
    ],
)
def test_weights(weighting: Weighting, treated: object, untreated: object) -> None:
    trial = confounded(400, 6)
    score = propensity_score(trial.treated, trial.covariates)
    found, e, p = weights_from(score, weighting), score.scores, score.treated.mean()
    expected = np.where(score.treated, treated(e, p), untreated(e, p))  # type: ignore[operator]
    assert found.values == pytest.approx(expected)
    arm = expected[score.treated]
    assert found.effective_treated == pytest.approx(arm.sum() ** 2 / (arm**2).sum())
    assert (found.cut, found.left_out_treated, found.left_out_untreated) == (0, 0, 0)


def test_overlap_weights_balance_exactly() -> None:
    trial = confounded(400, 6)
    score = propensity_score(trial.treated, trial.covariates)
    for estimand, exact in (("overlap", True), ("att", False), ("ate", False)):
        rows = balance(trial.covariates, trial.treated, weights_from(score, Weighting(estimand)).values)
        gaps = [abs(row.after.standardised) for row in rows]
        assert (max(gaps) < 1e-8) == exact
        assert max(gaps) < 0.15
        assert abs(rows[0].before.standardised) > 0.7
        assert [row.balanced for row in rows] == [gap <= 0.1 for gap in gaps]


def test_trimming_and_cutting_are_counted() -> None:
    trial = confounded(400, 6)
    score = propensity_score(trial.treated, trial.covariates)
    found = weights_from(score, Weighting("ate", score_range=(0.2, 0.8), largest=3))
    outside = (score.scores < 0.2) | (score.scores > 0.8)
    assert (found.values == 0).tolist() == outside.tolist() == (~found.kept).tolist()
    assert found.left_out_treated == int((outside & score.treated).sum()) > 0
    assert found.left_out_untreated == int((outside & ~score.treated).sum()) > 0
    whole = weights_from(score, Weighting("ate", score_range=(0.2, 0.8)))
    assert found.cut == int((whole.values > 3).sum()) > 0
    assert found.values.max() == 3
    assert (
        found.weighting.population
        == "everyone in the comparison, had all been treated and had none, with a propensity score from 0.2 to 0.8"
    )


def test_extreme_weights_are_marked() -> None:
    trial = confounded(400, 6)
    score = propensity_score(trial.treated, trial.covariates)
    assert weights_from(score, Weighting("ate")).warnings == ()
    scores = score.scores.copy()
    one = int(np.flatnonzero(score.treated)[0])
    scores[one] = 0.0005
    extreme = PropensityScore(score.terms, scores, score.treated, score.covariates, ())
    words = " ".join(weights_from(extreme, Weighting("ate")).warnings)
    assert "1 persons have propensity scores within 0.01 of 0 or 1" in words
    assert f"One of the {score.treated.sum()} treated persons carries" in words
    assert "say as much as" in words
    assert weights_from(extreme, Weighting("overlap")).warnings == ()
    assert not any("within 0.01" in warning for warning in weights_from(extreme, Weighting("att")).warnings)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"estimand": "atu"}, "found 'atu'. Permitted: ate, att, overlap"),
        ({"estimand": "att", "stabilised": True}, "Stabilised weights are for the estimand ate"),
        ({"score_range": (0.9, 0.1)}, "score_range: found"),
        ({"largest": 0}, "largest: found 0"),
    ],
)
def test_weightings_that_are_none(asked: dict[str, object], message: str) -> None:
    with pytest.raises(ComparisonError, match=message):
        Weighting(**asked)  # type: ignore[arg-type]


def test_a_range_without_persons() -> None:
    trial = confounded(100, 6)
    with pytest.raises(ComparisonError, match="leaves nobody in one arm"):
        weights_from(propensity_score(trial.treated, trial.covariates), Weighting(score_range=(0.0, 1e-9)))


# -- balance ------------------------------------------------------------------------------------------------


def test_balance_by_hand() -> None:
    """Treated 1, 3 and untreated 2, 6: means 2 and 4, variances 2 and 8, so (2 − 4) / √5; then the second untreated counts thrice less."""
    columns = Covariates(("x", "flag"), ("x", "flag"), np.array([[1.0, 0], [3, 1], [2, 0], [6, 0]]))
    number, flag = balance(columns, [1, 1, 0, 0], [1, 1, 3, 1])
    assert (number.before.treated, number.before.untreated, number.after.untreated) == (2, 4, 3)
    assert (number.before.standardised, number.after.standardised) == pytest.approx((-2 / 5**0.5, -1 / 5**0.5))
    assert number.variance_ratio == pytest.approx(2 / 8)  # Σw/((Σw)² − Σw²) Σw(x − 3)² = 4/(16 − 10) · 12
    assert flag.before.standardised == pytest.approx(0.5 / 0.5)  # variances 0.5 and 0
    assert np.isnan(flag.variance_ratio)
    assert not number.balanced


def test_balance_without_spread() -> None:
    same, other = balance(Covariates(("a", "b"), ("a", "b"), np.array([[1.0, 2], [1, 2], [1, 3], [1, 3]])), [1, 1, 0, 0], np.ones(4))
    assert same.after.standardised == 0
    assert other.after.standardised == -np.inf


@pytest.mark.parametrize("weights", [[1, 1, 0, 0], [1, 1, 1], [1, 1, -1, 1], [1, 1, float("nan"), 1]])
def test_balance_needs_weight_in_both_arms(weights: list[float]) -> None:
    with pytest.raises(ComparisonError, match="one above 0 in each arm"):
        balance(Covariates(("a",), ("a",), np.arange(4.0)[:, None]), [1, 1, 0, 0], weights)


# -- R ------------------------------------------------------------------------------------------------------


@needs_reference_data
def test_r_scores() -> None:
    treated, columns, _ = lalonde()
    found = propensity_score(treated, columns)
    for term, row in zip(found.terms, reference_output("reference_ps_lalonde_logit.csv"), strict=True):
        assert term.name.replace(" ", "") == row["term"].lower()
        assert term.log_odds_ratio == pytest.approx(float(row["coef"]), abs=1e-7)
        assert term.standard_error == pytest.approx(float(row["se"]), abs=1e-4)  # R's glm takes it one step before its end
    _, score = rotterdam()
    assert score.scores[:20] == pytest.approx(numbers(reference_output("reference_ps_rotterdam_first20.csv"), "ps"), abs=1e-8)


WEIGHTINGS = {"w_ate": Weighting("ate"), "w_att": Weighting("att"), "w_st": Weighting("ate", stabilised=True), "w_ow": Weighting("overlap")}


@needs_reference_data
@pytest.mark.parametrize("name", WEIGHTINGS)
def test_r_weights_and_balance(name: str) -> None:
    treated, columns, outcome = lalonde()
    score = propensity_score(treated, columns)
    weight, arm = weights_from(score, WEIGHTINGS[name]).values, score.treated
    (row,) = [row for row in reference_output("reference_iptw_lalonde.csv") if row["weights"] == name]
    effect = np.average(outcome[arm], weights=weight[arm]) - np.average(outcome[~arm], weights=weight[~arm])
    assert effect == pytest.approx(float(row["effect"]), abs=1e-4)
    assert effective_persons(weight[arm]) == pytest.approx(float(row["ess_t"]), abs=1e-5)
    assert effective_persons(weight[~arm]) == pytest.approx(float(row["ess_c"]), abs=1e-5)
    found = {column.name.replace(" ", ""): column for column in balance(lalonde(every_level=True)[1], treated, weight)}
    expected = [row for row in reference_output("reference_smd_lalonde.csv") if row["weights"] == name]
    assert len(expected) == len(found) == 9
    for row in expected:
        assert found[row["var"]].before.standardised == pytest.approx(float(row["unadj"]), abs=1e-12)
        assert found[row["var"]].after.standardised == pytest.approx(float(row["adj"]), abs=1e-7)


@needs_reference_data
def test_r_weighted_cox() -> None:
    at, score = rotterdam()
    treated = Covariates(("hormon",), ("hormon",), score.treated.astype(float)[:, None])
    estimands: dict[str, tuple[Estimand, bool]] = {"ipw": ("ate", False), "sw": ("ate", True), "ow": ("overlap", False)}
    for row in reference_output("reference_iptw_cox_rotterdam_hormon.csv"):
        weight = None
        if row["w"] != "none":
            estimand, stabilised = estimands[row["w"]]
            weight = weights_from(score, Weighting(estimand, stabilised=stabilised)).values
        found = cox(at, treated, weights=weight).of("hormon")
        assert (found.log_ratio, found.standard_error) == pytest.approx((float(row["coef"]), float(row["se"])), abs=1e-7)
