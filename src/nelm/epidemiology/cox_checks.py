"""Whether a Cox model may be believed: proportional hazards, influential persons, linearity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special  # type: ignore[import-untyped]

from nelm.epidemiology.covariates import ComparisonError, Covariates
from nelm.epidemiology.cox import CoxModel, changes, cox
from nelm.epidemiology.follow_up import Times
from nelm.epidemiology.kaplan_meier import kaplan_meier
from nelm.epidemiology.kernels import Floats, Integers
from nelm.epidemiology.risk_sets import score_residuals

Transform = Literal["km", "identity", "log"]
KNOTS = (0.05, 0.35, 0.65, 0.95)  # quantiles; Harrell FE. Regression Modeling Strategies, 2nd ed., table 2.3


@dataclass(frozen=True)
class ChiSquareTest:
    """A test of what `name` says; `p_value` is that of a larger chi-square with so many degrees of freedom."""

    name: str
    chi_square: float
    degrees: int
    p_value: float


@dataclass(frozen=True, eq=False)
class ProportionalHazards:
    """Whether hazard ratios change with time: a test for each variable, and one for all together.

    `residuals` are the scaled Schoenfeld residuals, one row for each death (at `days`) and one column for each of `columns`: smoothed
    over time they show how the log hazard ratio goes. `note` says what the tests do not take into account.
    """

    tests: tuple[ChiSquareTest, ...]
    together: ChiSquareTest
    transform: Transform
    columns: tuple[str, ...]
    days: Floats
    residuals: Floats
    note: str = ""


def proportional_hazards(model: CoxModel, *, transform: Transform = "km") -> ProportionalHazards:
    """Score tests that x·g(t) adds nothing to the model, g the time as it is, its logarithm, or 1 − S(t−) of all persons ("km").

    U = Σ g·u(t), tested with the information of β and of the new coefficients together. Source: Grambsch PM, Therneau TM. Biometrika
    1994;81:515–526, in the exact form that R's survival gives since 3.0. Scaled residuals are β + d·V·(x − mean).
    """
    sums = model.risk_sets.sums(model.beta, each=True)
    days, deaths = sums.steps[:, 1], sums.steps[:, 2]
    clock = _clock(model.data.times, days, transform)
    clock = clock - np.average(clock, weights=deaths)
    score = clock @ sums.part(3)
    plain = sums.information.sum(axis=0)
    mixed = np.einsum("t,tij->ij", clock, sums.information)
    squared = np.einsum("t,tij->ij", clock**2, sums.information)
    remaining = np.linalg.inv(plain)

    def test(name: str, columns: list[int]) -> ChiSquareTest:
        across = mixed[:, columns]
        variance = squared[np.ix_(columns, columns)] - across.T @ remaining @ across
        return _chi_square(name, float(score[columns] @ np.linalg.solve(variance, score[columns])), len(columns))

    covariates = model.data.covariates
    variables = list(dict.fromkeys(covariates.variables))
    tests = [test(name, [i for i, variable in enumerate(covariates.variables) if variable == name]) for name in variables]
    when, residuals = _schoenfeld(model)
    weighted = bool((model.data.weights != 1).any()) or model.clusters not in (None, model.persons)
    note = (
        "The tests take weights as counts and rows as independent: with weights or clusters their p-values are a guide only."
        if weighted
        else ""
    )
    return ProportionalHazards(
        tuple(tests), test("all variables", list(range(len(score)))), transform, covariates.names, when, residuals, note
    )


@dataclass(frozen=True, eq=False)
class Influence:
    """How far each log hazard ratio would move if a person were left out (persons × columns), nearly; and in its standard errors."""

    columns: tuple[str, ...]
    change: Floats
    change_in_errors: Floats

    def most(self, column: str, count: int = 5) -> Integers:
        """The positions of those persons on whom a column's estimate depends most, the most influential first."""
        if column not in self.columns:
            raise ComparisonError(f"The model has no column {column!r}. Permitted: {', '.join(self.columns)}.")
        sizes = np.abs(self.change[:, self.columns.index(column)])
        return np.asarray(np.argsort(-sizes, kind="stable")[:count], dtype=np.int64)


def influence(model: CoxModel) -> Influence:
    """The dfbeta residuals of all persons. Source: Cain KC, Lange NT. Biometrics 1984;40:493–499."""
    change = changes(model)
    errors = np.array([found.standard_error for found in model.hazard_ratios])
    return Influence(model.data.covariates.names, change, change / errors)


@dataclass(frozen=True)
class LinearityGroup:
    """Persons whose values lie from `low` to `high`: deaths seen, and expected by the model (with weights: their weighted sums)."""

    low: float
    high: float
    persons: int
    observed: float
    expected: float

    @property
    def ratio(self) -> float:
        """Observed over expected: near 1 everywhere if the form fits."""
        return self.observed / self.expected


@dataclass(frozen=True)
class Linearity:
    """Whether the log hazard is a straight line in a column: a test of the bends of a curve, and where the line misses."""

    column: str
    test: ChiSquareTest
    groups: tuple[LinearityGroup, ...]


def linearity(model: CoxModel, column: str, *, groups: int = 5) -> Linearity:
    """Sums of martingale residuals (observed − expected) in groups of equal size, and a Wald test of the bends of a restricted cubic spline.

    Sources: Therneau TM, Grambsch PM, Fleming TR. Biometrika 1990;77:147–160 (residuals). Stone CJ, Koo CY. 1985 (spline).
    Raises ComparisonError for a column with too few values to have a form.
    """
    data = model.data
    values = data.covariates.column(column)
    knots = np.quantile(values, KNOTS)
    if np.unique(knots).size < len(KNOTS):
        raise ComparisonError(
            f"Covariate {column!r} has too few different values for its form to be judged: its quantiles {KNOTS} are {knots.tolist()}. Compare its "
            "values as levels in place of that."
        )
    martingale, _ = score_residuals(model.risk_sets, model.beta)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, groups + 1)))
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, edges.size - 2)
    found = []
    for group in range(edges.size - 1):
        inside = place == group
        weight = data.weights[inside]
        observed = float(weight @ data.times.dead[inside])
        missed = float(weight @ martingale[inside])
        found.append(LinearityGroup(float(edges[group]), float(edges[group + 1]), int(inside.sum()), observed, observed - missed))
    return Linearity(column, _bends(model, column, _spline(values, knots)), tuple(found))


def _bends(model: CoxModel, column: str, spline: Floats) -> ChiSquareTest:
    data = model.data
    added = tuple(f"{column} bend {number}" for number in range(1, spline.shape[1] + 1))
    wider = Covariates(
        data.covariates.names + added, data.covariates.variables + (column,) * len(added), np.column_stack([data.covariates.values, spline])
    )
    bent = cox(
        data.times,
        wider,
        strata=data.strata.tolist(),
        weights=data.weights,
        clusters=data.clusters.tolist(),
        robust=model.clusters is not None,
        ties=data.ties,
    )
    size = len(data.covariates.names)
    estimate = np.array([found.log_ratio for found in bent.hazard_ratios[size:]])
    statistic = float(estimate @ np.linalg.solve(bent.covariance[size:, size:], estimate))
    return _chi_square(f"bends of {column}", statistic, len(added))


def _spline(values: Floats, knots: Floats) -> Floats:
    """The columns of a restricted cubic spline but the first, which is the straight line: linear beyond the outer knots."""
    last, before = knots[-1], knots[-2]

    def cube(knot: float) -> Floats:
        return np.asarray(np.maximum(values - knot, 0.0) ** 3, dtype=np.float64)

    terms = []
    for knot in knots[:-2]:
        term = cube(knot) - cube(before) * (last - knot) / (last - before) + cube(last) * (before - knot) / (last - before)
        terms.append(term / (last - knots[0]) ** 2)
    return np.column_stack(terms)


def _clock(times: Times, days: Floats, transform: Transform) -> Floats:
    if transform == "identity":
        return days
    if transform == "log":
        if not (days > 0).all():
            raise ComparisonError("Someone dies on day 0, which has no logarithm. Permitted transforms here: km, identity.")
        return np.log(days)
    curve = kaplan_meier(times)
    before = np.searchsorted(curve.time, days, side="left") - 1
    return np.asarray(1 - np.where(before >= 0, curve.survival[before], 1.0), dtype=np.float64)


def _schoenfeld(model: CoxModel) -> tuple[Floats, Floats]:
    """Days and scaled residuals of each death, in order of time."""
    sets = model.risk_sets
    sums = sets.sums(model.beta)
    mean = sums.part(2)
    place = np.full(sets.dead.size, -1)
    place[sets.dead] = np.repeat(np.arange(len(sums.steps)), sums.steps[:, 2].astype(np.int64))
    residual = sets.values[sets.dead] - mean[place[sets.dead]]
    scaled = (model.beta + sets.dead.sum() * residual @ model.inverse) / sets.scale
    order = np.argsort(sets.exit_days[sets.dead], kind="stable")
    return sets.exit_days[sets.dead][order], scaled[order]


def _chi_square(name: str, statistic: float, degrees: int) -> ChiSquareTest:
    return ChiSquareTest(name, statistic, degrees, float(special.chdtrc(degrees, statistic)))
