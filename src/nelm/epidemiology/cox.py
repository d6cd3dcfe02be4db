"""Cox's model of proportional hazards: Efron's ties, strata, delayed entry, weights, and errors that hold under weights.

Notation: d deaths at time t, w weight, r = exp(x'β); sums are over those at risk just before t, in the stratum.

    log L = Σ_t [ Σ_dead w x'β − w̄ Σ_{k<d} ln(Σ w r − (k/d) Σ_dead w r) ],  w̄ the mean weight of the dead

Sources: Cox DR. J R Stat Soc B 1972;34:187–220. Efron B. J Am Stat Assoc 1977;72:557–565 (ties). Lin DY, Wei LJ. J Am Stat Assoc
1989;84:1074–1078, and Binder DA. Biometrika 1992;79:139–147 (robust errors, with weights): Σ D'D with D = w·U·V, where U are the
score residuals and V is the inverse of the information. Diagnostics stand in `cox_checks`.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from nelm.epidemiology.covariates import ComparisonError, Covariates, unknown
from nelm.epidemiology.follow_up import Times
from nelm.epidemiology.kernels import Floats, Integers
from nelm.epidemiology.risk_sets import CoxData, RiskSets, RiskSums, Ties, risk_sets, score_residuals

FEWEST_EVENTS_PER_VARIABLE = 10  # below, estimates are unstable: Peduzzi P et al. J Clin Epidemiol 1995;48:1503–1510
MOST_STEPS = 40
STILL = 1e-10  # of a coefficient per standard deviation: from there on it has been found
FLAT = 1e-9  # the likelihood no longer rises by this share of itself


@dataclass(frozen=True)
class HazardRatio:
    """The hazard ratio of one column (per unit), with its interval; `log_ratio` and `standard_error` are on the scale of the logarithm.

    `model_error` is the standard error from the information alone; the other one is robust where the model says so.
    """

    name: str
    ratio: float
    lower: float
    upper: float
    p_value: float
    log_ratio: float
    standard_error: float
    model_error: float


@dataclass(frozen=True, eq=False)
class CoxModel:
    """A fitted model. `persons` are rows of the data, `clusters` how many groups the robust errors treat as one each (none: model errors).

    `covariance` is that of the log hazard ratios (robust where `clusters` is given). `warnings` are sentences for the reader.
    """

    hazard_ratios: tuple[HazardRatio, ...]
    persons: int
    events: int
    strata: int
    clusters: int | None
    ties: Ties
    confidence: float
    log_likelihood: float
    log_likelihood_without: float
    covariance: Floats
    warnings: tuple[str, ...]
    data: CoxData
    risk_sets: RiskSets
    beta: Floats  # of the scaled columns
    inverse: Floats  # of their information

    def of(self, name: str) -> HazardRatio:
        """The hazard ratio of a column. Raises ComparisonError if there is none of that name."""
        for found in self.hazard_ratios:
            if found.name == name:
                return found
        raise ComparisonError(f"The model has no column {name!r}. Permitted: {', '.join(found.name for found in self.hazard_ratios)}.")


def cox(
    times: Times,
    covariates: Covariates,
    *,
    strata: Sequence[Hashable] | None = None,
    weights: npt.ArrayLike | None = None,
    clusters: Sequence[Hashable] | None = None,
    robust: bool | None = None,
    ties: Ties = "efron",
    confidence: float = 0.95,
) -> CoxModel:
    """The model of these persons: one element of each argument for each of them.

    `strata` have baseline hazards of their own; `clusters` (a person with several rows, a matched set) are taken as one in robust
    errors. Errors are robust if clusters or weights are given, unless `robust` says otherwise. Raises ComparisonError where nobody
    dies, where columns cannot be told apart, and where a coefficient runs off to infinity.
    """
    count = len(times)
    if len(covariates) != count:
        raise ComparisonError(f"Covariates of {len(covariates)} persons, times of {count}. Permitted: the same persons in the same order.")
    if not times.dead.any():
        raise ComparisonError(f"None of the {count} persons has the event: no hazards can be compared. Follow them longer, or join groups.")
    covariates.check_estimable()
    data = CoxData(
        times,
        covariates,
        _positions(strata, count, "strata"),
        checked_weights(weights, count),
        _positions(clusters, count, "clusters", each=True),
        ties,
    )
    sets = risk_sets(data)
    beta, sums = _newton(sets, covariates.names)
    inverse = np.linalg.inv(sums.information[0])
    is_robust = robust if robust is not None else weights is not None or clusters is not None
    return _model(data, sets, beta, inverse, sums.likelihood, is_robust, confidence)


def checked_weights(weights: npt.ArrayLike | None, count: int) -> Floats:
    """The weights as numbers, 1 where none are given. Raises ComparisonError for any that is not above 0."""
    if weights is None:
        return np.ones(count)
    found = np.asarray(weights, dtype=np.float64)
    if found.shape != (count,):
        raise ComparisonError(f"Weights of shape {found.shape}. Permitted: one for each of the {count} persons.")
    wrong = np.flatnonzero(~(np.isfinite(found) & (found > 0)))
    if wrong.size:
        raise ComparisonError(
            f"Person {wrong[0] + 1}: the weight is {found[wrong[0]]}. Permitted: numbers above 0. Leave out whoever shall not count, and say how many."
        )
    return found


def changes(model: CoxModel) -> Floats:
    """How much each log hazard ratio would move without each person, nearly (persons × columns): w·U·V."""
    _, score = score_residuals(model.risk_sets, model.beta)
    return _changes(score, model.data, model.inverse, model.risk_sets.scale)


def _changes(score: Floats, data: CoxData, inverse: Floats, scale: Floats) -> Floats:
    return np.asarray((data.weights[:, None] * score) @ inverse / scale, dtype=np.float64)


def _positions(words: Sequence[Hashable] | None, count: int, name: str, *, each: bool = False) -> Integers:
    if words is None:
        return np.arange(count, dtype=np.int64) if each else np.zeros(count, dtype=np.int64)
    if len(words) != count:
        raise ComparisonError(f"{name}: {len(words)} values. Permitted: one for each of the {count} persons.")
    missing = [number for number, word in enumerate(words, start=1) if unknown(word)]
    if missing:
        raise ComparisonError(
            f"{name}: unknown for {len(missing)} persons, first for person {missing[0]}. Leave them out, or name a group for them."
        )
    places: dict[Hashable, int] = {}
    return np.fromiter((places.setdefault(word, len(places)) for word in words), dtype=np.int64, count=count)


def _newton(sets: RiskSets, names: tuple[str, ...]) -> tuple[Floats, RiskSums]:
    """The peak of the likelihood, by Newton's steps, halved where they overshoot."""
    beta = np.zeros(len(names))
    sums = sets.sums(beta)
    flat = 0
    step = np.zeros_like(beta)
    for _ in range(MOST_STEPS):
        try:
            step = np.linalg.solve(sums.information[0], sums.part(3).sum(axis=0))
        except np.linalg.LinAlgError:
            raise ComparisonError(
                f"Nothing can be told of {', '.join(names)}: where someone dies, nobody with other values is at risk to compare with. Use fewer strata, "
                "or leave the covariate out."
            ) from None
        if np.abs(step).max() < STILL:
            return beta, sums
        further, after = 1.0, sets.sums(beta + step)
        while not after.likelihood >= sums.likelihood - FLAT * abs(sums.likelihood) and further > 1e-6:
            further /= 2
            after = sets.sums(beta + further * step)
        flat = flat + 1 if after.likelihood - sums.likelihood < FLAT * abs(sums.likelihood) else 0
        if flat > 3 and np.abs(step / sets.scale).max() > 0.01:
            break
        beta, sums = beta + further * step, after
    raise _no_peak(names, step, sets.scale)


def _no_peak(names: tuple[str, ...], direction: Floats, scale: Floats) -> ComparisonError:
    moving = np.abs(direction / scale)
    involved = [name for name, size in zip(names, moving, strict=True) if size > 0.1 * moving.max()]
    return ComparisonError(
        f"The hazard ratio of {', '.join(involved)} has no finite estimate: some value of it goes with all of the deaths or with none, or single "
        "values lie far from all others. Join its levels, leave it out, or make strata of it."
    )


def _model(data: CoxData, sets: RiskSets, beta: Floats, inverse: Floats, likelihood: float, robust: bool, confidence: float) -> CoxModel:
    if not 0 < confidence < 1:
        raise ComparisonError(f"confidence is {confidence}. Permitted: between 0 and 1, as in 0.95.")
    scale = sets.scale
    covariance = inverse / np.outer(scale, scale)
    model_errors = np.sqrt(np.diag(covariance))
    clusters = None
    if robust:
        _, score = score_residuals(sets, beta)
        clusters = int(data.clusters.max()) + 1
        together = np.zeros((clusters, beta.size))
        np.add.at(together, data.clusters, _changes(score, data, inverse, scale))
        covariance = together.T @ together
    errors = np.sqrt(np.diag(covariance))
    parts = zip(data.covariates.names, beta / scale, errors, model_errors, strict=True)
    events = int(data.times.dead.sum())
    return CoxModel(
        tuple(_ratio(name, float(log), float(error), float(model_error), confidence) for name, log, error, model_error in parts),
        len(data.times),
        events,
        int(data.strata.max()) + 1,
        clusters,
        data.ties,
        confidence,
        likelihood,
        sets.sums(np.zeros_like(beta)).likelihood,
        covariance,
        _warnings(events, beta.size),
        data,
        sets,
        beta,
        inverse,
    )


def _ratio(name: str, log: float, error: float, model_error: float, confidence: float) -> HazardRatio:
    width = NormalDist().inv_cdf(0.5 + confidence / 2) * error
    p_value = math.erfc(abs(log / error) / math.sqrt(2))
    return HazardRatio(name, math.exp(log), math.exp(log - width), math.exp(log + width), p_value, log, error, model_error)


def _warnings(events: int, columns: int) -> tuple[str, ...]:
    if events >= FEWEST_EVENTS_PER_VARIABLE * columns:
        return ()
    return (
        f"{events} events for {columns} columns: {events / columns:.1f} for each, fewer than {FEWEST_EVENTS_PER_VARIABLE}. The hazard ratios are "
        "unstable, and their intervals too short.",
    )
