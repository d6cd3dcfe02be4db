"""Whether two arms are alike in their covariates, before and after weighting or matching.

The standardised difference is (mean of the treated − mean of the untreated) / √((s₁² + s₀²)/2), with the variances before weighting
both times, so that a smaller number means nearer means. Source: Austin PC. Stat Med
2009;28:3083–3107, who takes 0.1 as negligible.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nelm.epidemiology.covariates import ComparisonError, Covariates
from nelm.epidemiology.kernels import Booleans, Floats
from nelm.epidemiology.propensity import checked_arm

NEGLIGIBLE = 0.1


@dataclass(frozen=True)
class Difference:
    """The means of both arms, and their standardised difference."""

    treated: float
    untreated: float
    standardised: float


@dataclass(frozen=True)
class Balance:
    """A column before and after; `variance_ratio` is that of the treated to the untreated after (nan for indicators)."""

    name: str
    before: Difference
    after: Difference
    variance_ratio: float

    @property
    def balanced(self) -> bool:
        """Whether the difference that is left is negligible."""
        return abs(self.after.standardised) <= NEGLIGIBLE


def balance(covariates: Covariates, treated: npt.ArrayLike, weights: npt.ArrayLike) -> tuple[Balance, ...]:
    """The balance of each column: weights are 0 for whoever is left out. Give all levels (`covariates(…, every_level=True)`)."""
    arm = checked_arm(treated, len(covariates))
    weight = np.asarray(weights, dtype=np.float64)
    if weight.shape != arm.shape or not (np.isfinite(weight) & (weight >= 0)).all() or not weight[arm].sum() or not weight[~arm].sum():
        raise ComparisonError("Weights: permitted is one number of 0 or more for each person, and one above 0 in each arm.")
    return tuple(_balance(name, covariates.values[:, place], arm, weight) for place, name in enumerate(covariates.names))


def _balance(name: str, column: Floats, arm: Booleans, weight: Floats) -> Balance:
    indicator = bool(np.isin(column, (0.0, 1.0)).all())
    equal = np.ones_like(weight)
    spread = np.sqrt((_variance(column[arm], equal[arm]) + _variance(column[~arm], equal[~arm])) / 2)

    def difference(by: Floats) -> Difference:
        treated = float(np.average(column[arm], weights=by[arm]))
        untreated = float(np.average(column[~arm], weights=by[~arm]))
        gap = treated - untreated
        return Difference(treated, untreated, gap / float(spread) if spread > 0 else (0.0 if gap == 0 else float(np.copysign(np.inf, gap))))

    below = _variance(column[~arm], weight[~arm])
    ratio = _variance(column[arm], weight[arm]) / below if below > 0 and not indicator else float("nan")
    return Balance(name, difference(equal), difference(weight), float(ratio))


def _variance(column: Floats, weight: Floats) -> float:
    """With weights Σw / ((Σw)² − Σw²) · Σ w (x − mean)², which is the usual one for equal weights."""
    total, square = weight.sum(), (weight**2).sum()
    mean = np.average(column, weights=weight)
    spread = float(weight @ (column - mean) ** 2)
    return spread * float(total / (total**2 - square)) if total**2 > square else 0.0
