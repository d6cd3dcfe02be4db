"""The survival benefit: how much longer the treated live within a horizon, and how sure that is.

Benefit = R₁(τ) − R₀(τ), R the restricted mean of each arm (`weighted_survival`). Where weights come from a propensity score, the
bootstrap draws persons with replacement, and in each resample fits the score anew, weights, and takes both means anew: so the
interval holds what is not known about the score too. Sources: Efron B, Tibshirani RJ. An Introduction to the Bootstrap, 1993;
Austin PC. Stat Med 2016;35:5642–5655 (the bootstrap with weights). The horizons of 5 and 10 years are those of Mazzaferro V et al.
Am J Transplant 2016;16:2892–2902.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from nelm.epidemiology.covariates import ComparisonError, Covariates
from nelm.epidemiology.follow_up import DAYS_PER_YEAR, Times
from nelm.epidemiology.kernels import Floats
from nelm.epidemiology.propensity import CODES, Weighting, checked_arm, score_design
from nelm.epidemiology.propensity_kernels import UNWEIGHTED, logistic, refitted
from nelm.epidemiology.weighted_survival import RestrictedMean, restricted_mean

DAYS_PER_MONTH = DAYS_PER_YEAR / 12
CHUNK = 2_000_000  # counts held at once
FEWEST_RESAMPLES = 100
MOST_FAILED = 0.05  # of the resamples: above, those that succeeded are a choice of their own


@dataclass(frozen=True)
class Benefit:
    """The difference of two restricted means (treated − untreated, days), with an interval that takes the weights as known."""

    treated: RestrictedMean
    untreated: RestrictedMean
    days: float
    standard_error: float
    lower: float
    upper: float

    @property
    def horizon_days(self) -> float:
        """The time within which life is counted."""
        return self.treated.horizon_days

    @property
    def months(self) -> float:
        """The benefit in months of a twelfth of a year."""
        return self.days / DAYS_PER_MONTH


def survival_benefit(
    times: Times, treated: npt.ArrayLike, horizon_days: float, *, weights: npt.ArrayLike | None = None, confidence: float = 0.95
) -> Benefit:
    """The survival benefit within a horizon. Raises ComparisonError where an arm is empty or is not observed that long.

    Without weights the variance is that of the two estimates (not of min(T, τ)); with weights, see `weighted_survival`.
    """
    arm = checked_arm(treated, len(times))
    weight = None if weights is None else np.asarray(weights, dtype=np.float64)

    def mean(which: npt.NDArray[np.bool_], word: str) -> RestrictedMean:
        try:
            return restricted_mean(times.only(which), horizon_days, weights=None if weight is None else weight[which])
        except ComparisonError as error:
            raise ComparisonError(f"The {word}: {error}") from None

    first, second = mean(arm, "treated"), mean(~arm, "untreated")
    error = float(np.hypot(first.standard_error, second.standard_error))
    days, width = first.days - second.days, NormalDist().inv_cdf(0.5 + confidence / 2) * error
    return Benefit(first, second, days, error, days - width, days + width)


@dataclass(frozen=True, eq=False)
class BootstrapBenefit:
    """What resampling says of a benefit: `days` is the estimate of the data themselves, all else comes from the resamples.

    `percentile` are quantiles of the differences, `normal` is days ± z · standard_error. Resamples fail where the score cannot be fitted
    (`failed_scores`), or where an arm is empty or not observed up to the horizon (`failed_curves`); `warnings` say when that is much.
    """

    horizon_days: float
    days: float
    standard_error: float
    percentile: tuple[float, float]
    normal: tuple[float, float]
    confidence: float
    resamples: int
    seed: int
    failed_scores: int
    failed_curves: int
    differences: Floats
    warnings: tuple[str, ...]


def bootstrap_benefit(
    times: Times,
    treated: npt.ArrayLike,
    horizons_days: Sequence[float],
    *,
    covariates: Covariates | None,
    weighting: Weighting | None,
    seed: int,
    resamples: int = 1000,
    confidence: float = 0.95,
) -> tuple[BootstrapBenefit, ...]:
    """The benefit at each horizon by a bootstrap that refits the propensity score; without `weighting`, of the arms as they are.

    The same seed gives the same result. Raises ComparisonError if the score of the data cannot be fitted, if a horizon is not
    reached, and if fewer than 100 resamples succeed.
    """
    arm = checked_arm(treated, len(times))
    if (covariates is None) != (weighting is None):
        raise ComparisonError("Weighting and covariates belong together: give both, or neither for arms as they are.")
    if resamples < FEWEST_RESAMPLES:
        raise ComparisonError(f"resamples: found {resamples}. Permitted: {FEWEST_RESAMPLES} or more; 1,000 are usual.")
    run = _Run.of(times, arm, covariates, weighting, horizons_days)
    areas, failed = run.areas(np.ones((1, len(times))))
    if failed[0] or np.isnan(areas).any():
        reason = "the propensity score cannot be fitted" if failed[0] == 1 else "an arm is not observed up to a horizon, or is empty"
        raise ComparisonError(
            f"No benefit at {', '.join(f'{days:g}' for days in horizons_days)} days: {reason}. Look at the score and at the curves."
        )
    point = areas[0, 1] - areas[0, 0]
    random = np.random.default_rng(seed)
    drawn, failures = [], []
    for size in _chunks(resamples, len(times)):
        found, bad = run.areas(_counts(random, size, len(times)))
        drawn.append(found[:, 1] - found[:, 0])
        failures.append(bad)
    differences, scores = np.concatenate(drawn), int((np.concatenate(failures) == 1).sum())
    return tuple(
        _result(float(days), float(point[place]), differences[:, place], scores, seed, confidence)
        for place, days in enumerate(horizons_days)
    )


@dataclass(frozen=True, eq=False)
class _Run:
    """The persons from late to early exits, and all else that does not change between resamples."""

    order: npt.NDArray[np.int64]
    times: Times
    by_entry: npt.NDArray[np.int64]
    arm: npt.NDArray[np.bool_]
    values: Floats
    start: Floats
    estimand: int
    score_range: tuple[float, float]
    largest: float
    horizons: Floats
    share_based: bool

    @staticmethod
    def of(
        times: Times, arm: npt.NDArray[np.bool_], covariates: Covariates | None, weighting: Weighting | None, horizons: Sequence[float]
    ) -> _Run:
        order = np.argsort(-times.exit_days, kind="stable").astype(np.int64)
        turned = Times(times.entry_days[order], times.exit_days[order], times.dead[order])
        values = np.ones((len(times), 1)) if covariates is None else score_design(covariates).values
        start = np.zeros(values.shape[1])
        if covariates is not None:
            covariates.check_estimable()
            if not logistic(values, arm, np.ones(len(times)), start, np.zeros((start.size, start.size))):
                start[:] = 0.0
        chosen = weighting or Weighting()
        return _Run(
            order,
            turned,
            np.argsort(-turned.risk_from, kind="stable").astype(np.int64),
            arm[order],
            np.ascontiguousarray(values[order]),
            start,
            UNWEIGHTED if weighting is None else CODES[chosen.estimand],
            chosen.score_range,
            chosen.largest,
            np.asarray(horizons, dtype=np.float64),
            chosen.stabilised,
        )

    def areas(self, counts: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Restricted means of each resample; `counts` in the order of the data."""
        return refitted(
            self.values,
            self.arm,
            self.times.exit_days,
            self.times.risk_from,
            self.by_entry,
            self.times.dead,
            np.ascontiguousarray(counts[:, self.order]),
            self.start,
            self.estimand,
            self.score_range[0],
            self.score_range[1],
            self.largest,
            self.share_based,
            self.horizons,
        )


def _chunks(resamples: int, persons: int) -> list[int]:
    size = max(1, CHUNK // persons)
    return [min(size, resamples - begin) for begin in range(0, resamples, size)]


def _counts(random: np.random.Generator, resamples: int, persons: int) -> Floats:
    """How often each person is drawn in each resample."""
    drawn = random.integers(0, persons, size=(resamples, persons)) + persons * np.arange(resamples)[:, None]
    return np.bincount(drawn.ravel(), minlength=resamples * persons).reshape(resamples, persons).astype(np.float64)


def _result(horizon: float, point: float, differences: Floats, failed_scores: int, seed: int, confidence: float) -> BootstrapBenefit:
    found = differences[~np.isnan(differences)]
    if found.size < FEWEST_RESAMPLES:
        raise ComparisonError(
            f"Only {found.size} of {differences.size} resamples gave a benefit at {horizon:g} days. Choose an earlier horizon, or fewer covariates."
        )
    failed = differences.size - found.size
    error = float(found.std(ddof=1))
    width = NormalDist().inv_cdf(0.5 + confidence / 2) * error
    low, high = np.quantile(found, ((1 - confidence) / 2, (1 + confidence) / 2))
    warnings: tuple[str, ...] = ()
    if failed > MOST_FAILED * differences.size:
        warnings = (
            f"{failed} of {differences.size} resamples gave no benefit at {horizon:g} days: the interval rests on the rest, and may be too short.",
        )
    return BootstrapBenefit(
        horizon,
        point,
        error,
        (float(low), float(high)),
        (point - width, point + width),
        confidence,
        differences.size,
        seed,
        failed_scores,
        failed - failed_scores,
        differences,
        warnings,
    )
