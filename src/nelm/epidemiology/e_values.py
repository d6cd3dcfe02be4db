"""How strong an unmeasured confounder would have to be to explain an association away.

The E-value is the smallest risk ratio that such a confounder must have with the treatment, and with the outcome, each beyond the
measured covariates, to move the estimate to no effect. Source: VanderWeele TJ, Ding P. Ann Intern Med 2017;167:268–274.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from nelm.epidemiology.covariates import ComparisonError


@dataclass(frozen=True)
class EValue:
    """The E-value of the estimate, and of the limit of its interval that is nearer to no effect (1 where the interval holds 1).

    `risk_ratio` is the (approximate) risk ratio that both were computed from.
    """

    estimate: float
    limit: float
    risk_ratio: float


def e_value_of_risk_ratio(ratio: float, lower: float, upper: float) -> EValue:
    """E = RR + √(RR (RR − 1)), with 1/RR in place of a ratio below 1. Raises ComparisonError unless 0 < lower ≤ ratio ≤ upper."""
    _check(ratio, lower, upper)
    return EValue(_e(ratio), _e_of_limit(lower, upper), ratio)


def e_value_of_hazard_ratio(ratio: float, lower: float, upper: float, *, rare: bool) -> EValue:
    """The same of a hazard ratio. `rare`: fewer than about 15 % have the event by the end of follow-up, and it is taken as a risk ratio.

    Otherwise RR ≈ (1 − 0.5^√HR) / (1 − 0.5^√(1/HR)), the approximation of the source.
    """
    _check(ratio, lower, upper)
    if rare:
        return e_value_of_risk_ratio(ratio, lower, upper)
    return e_value_of_risk_ratio(*(_risk_ratio(found) for found in (ratio, lower, upper)))


def _risk_ratio(hazard_ratio: float) -> float:
    return (1 - math.pow(0.5, math.sqrt(hazard_ratio))) / (1 - math.pow(0.5, math.sqrt(1 / hazard_ratio)))


def _e(ratio: float) -> float:
    above = max(ratio, 1 / ratio)
    return above + math.sqrt(above * (above - 1))


def _e_of_limit(lower: float, upper: float) -> float:
    if lower <= 1 <= upper:
        return 1.0
    return _e(lower if lower > 1 else upper)


def _check(ratio: float, lower: float, upper: float) -> None:
    if not (0 < lower <= ratio <= upper and math.isfinite(upper)):
        raise ComparisonError(f"Ratio {ratio} with the interval {lower} to {upper}. Permitted: 0 < lower ≤ ratio ≤ upper, all finite.")
