"""Observed survival of weighted persons, and its restricted mean: the estimates with their standard errors.

Notation: w weight, Y = Σ w over those at risk just before t, D = Σ w over those who die at t; S(t) = Π (1 − D/Y). The restricted mean
R(τ) is the area under S up to τ: the mean time alive within the first τ days.

Standard errors. Without weights Greenwood's: var R = Σ A(t)² d / (n (n − d)), A(t) the area under S from t to τ. With weights the
infinitesimal jackknife, Σ (w ∂R/∂w)², which takes the weights as known; where they were estimated, only a bootstrap that estimates
them anew says how sure the result is (`restricted_mean`).

Sources: Kaplan and Meier 1958; Xie J, Liu C. Stat Med 2005;24:3089–3110 (weighted curve); Royston P, Parmar MKB. BMC Med Res Methodol
2013;13:152, and Uno H et al. J Clin Oncol 2014;32:2380–2385 (restricted mean).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nelm.epidemiology.covariates import ComparisonError
from nelm.epidemiology.cox import checked_weights
from nelm.epidemiology.curves import SurvivalCurve, curve_of
from nelm.epidemiology.follow_up import Times
from nelm.epidemiology.kaplan_meier import counts_of, product, share
from nelm.epidemiology.kernels import Floats


@dataclass(frozen=True, eq=False)
class WeightedCounts:
    """Weights at risk just before each time of death, and dying at it; the curve; and persons at risk."""

    time: Floats
    at_risk: Floats
    deaths: Floats
    survival: Floats
    persons: Floats


def weighted_counts(persons: Times, weights: Floats) -> WeightedCounts:
    """The counts at every exit and entry, each person counting with their weight."""
    counts = counts_of(persons)
    risk = _sums_from(counts.time, persons.exit_days, weights) - _sums_from(counts.time, persons.risk_from, weights)
    risk = np.where(counts.at_risk > 0, risk, 0.0)
    deaths = np.zeros_like(risk)
    np.add.at(deaths, np.searchsorted(counts.time, persons.exit_days[persons.dead]), weights[persons.dead])
    all_die = counts.deaths == counts.at_risk
    factors = np.where(all_die & (counts.deaths > 0), 0.0, 1 - share(deaths, risk))
    return WeightedCounts(counts.time, risk, deaths, product(factors), counts.at_risk)


def weighted_kaplan_meier(persons: Times, weights: npt.ArrayLike, *, confidence: float = 0.95) -> SurvivalCurve:
    """Survival with weights, with the variance Σ (w ∂ ln S/∂w)²: that of R's survfit with weights. `at_risk` counts persons.

    Raises ComparisonError for weights that are not above 0.
    """
    weight = checked_weights(weights, len(persons))
    counts = weighted_counts(persons, weight)
    passed, own = _passed(persons, counts)
    square = weight**2
    left, entered = persons.exit_days, persons.risk_from
    before = _up_to(counts.time, entered, passed)
    until = _up_to(counts.time, left, passed)
    final = own - (until - before)
    gone = _sums_to(counts.time, left, square * final**2)
    inside = [
        _sums_to(counts.time, entered, part) - _sums_to(counts.time, left, part) for part in (square, square * before, square * before**2)
    ]
    variance = gone + passed**2 * inside[0] - 2 * passed * inside[1] + inside[2]
    return curve_of("Kaplan–Meier, weighted", counts.time, counts.survival, variance, counts.persons, confidence, highest=1.0)


@dataclass(frozen=True)
class RestrictedMean:
    """The mean time alive (days) within the first `horizon_days`, with its standard error."""

    horizon_days: float
    days: float
    standard_error: float


def restricted_mean(persons: Times, horizon_days: float, *, weights: npt.ArrayLike | None = None) -> RestrictedMean:
    """The restricted mean survival time. Raises ComparisonError where the curve does not reach the horizon: nobody is observed that long.

    Its variance is that of the estimate, not of the time min(T, τ) of a person.
    """
    if not (np.isfinite(horizon_days) and horizon_days > 0):
        raise ComparisonError(f"The horizon is {horizon_days} days. Permitted: a number above 0.")
    weight = checked_weights(weights, len(persons))
    counts = weighted_counts(persons, weight)
    if not reaches(counts, horizon_days):
        raise ComparisonError(
            f"The restricted mean at {horizon_days:g} days has no support: observation ends on day {counts.time[-1]:g}, or nobody is under "
            "observation at some time before. Choose an earlier horizon."
        )
    area, to_come = _areas(counts, horizon_days)
    if weights is None:
        left = counts.at_risk * (counts.at_risk - counts.deaths)
        terms = np.divide(counts.deaths, left, out=np.zeros_like(left), where=left > 1e-12)
        return RestrictedMean(horizon_days, area, float(np.sqrt((to_come**2 * terms).sum())))
    passed, own = _passed(persons, counts, to_come)
    since, until = _up_to(counts.time, persons.risk_from, passed), _up_to(counts.time, persons.exit_days, passed)
    change = weight * (own - (until - since))
    return RestrictedMean(horizon_days, area, float(np.sqrt((change**2).sum())))


def reaches(counts: WeightedCounts, horizon_days: float) -> bool:
    """Whether the curve is known up to the horizon: someone is at risk at every time before it, or nobody is left to die."""
    known = counts.time <= horizon_days
    if not known.any():
        return True
    ended = known & (counts.survival == 0)
    if ended.any():
        return bool((counts.persons[: int(np.argmax(ended)) + 1] > 0).all())
    return bool((counts.persons[known] > 0).all() and counts.time[-1] >= horizon_days)


def _areas(counts: WeightedCounts, horizon_days: float) -> tuple[float, Floats]:
    """The area under the curve up to the horizon, and from each time to it."""
    inside = np.minimum(counts.time, horizon_days)
    widths = np.diff(np.append(inside, horizon_days))
    survival = np.where(np.isnan(counts.survival), 0.0, counts.survival)
    pieces = survival * widths
    to_come = np.cumsum(pieces[::-1])[::-1]
    return float(inside[0] + pieces.sum()), np.asarray(to_come, dtype=np.float64)


def _passed(persons: Times, counts: WeightedCounts, factor: Floats | None = None) -> tuple[Floats, Floats]:
    """Σ f·D/(Y (Y − D)) over the times so far, and each person's own f/(Y − D) at death; f is 1, or what is given."""
    scale = np.ones_like(counts.time) if factor is None else factor
    left = np.where(counts.survival > 0, counts.at_risk - counts.deaths, np.inf)
    terms = scale * share(counts.deaths, counts.at_risk * left)
    passed = np.cumsum(np.where(np.isfinite(terms), terms, 0.0))
    own = np.zeros(len(persons))
    place = np.searchsorted(counts.time, persons.exit_days[persons.dead])
    # d ln S / dw of the person's own death is −1/(Y − D) + D/(Y (Y − D)) − …; the second part is in `passed` already.
    own[persons.dead] = (scale / left)[place]
    return passed, own


def _up_to(time: Floats, days: Floats, values: Floats) -> Floats:
    """The last of `values` at or before each day, 0 before the first."""
    return np.append(0.0, values)[np.searchsorted(time, days, side="right")]


def _sums_from(time: Floats, days: Floats, values: Floats) -> Floats:
    """Σ of the values of those whose day is at or after each time."""
    order = np.argsort(-days, kind="stable")
    total = np.append(0.0, np.cumsum(values[order]))
    return np.asarray(total[np.searchsorted(-days[order], -time, side="right")], dtype=np.float64)


def _sums_to(time: Floats, days: Floats, values: Floats) -> Floats:
    """Σ of the values of those whose day is at or before each time."""
    order = np.argsort(days, kind="stable")
    total = np.append(0.0, np.cumsum(values[order]))
    return np.asarray(total[np.searchsorted(days[order], time, side="right")], dtype=np.float64)
