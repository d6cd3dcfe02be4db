"""Whether an estimate has the support to be printed: enough persons at risk, and a standard error that leaves it a meaning.

A curve goes on for as long as a single person is followed, and late values may be anything: an age-standardised net survival of 0.74
(0.28–1.98) says nothing. What has too little support is refused, what has little is marked, and both with the reason.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Support(Enum):
    """What may be done with an estimate: print it, print it with its reasons, or print the reasons in its place."""

    FULL = "supported"
    DOUBTFUL = "doubtful"
    NONE = "refused"


class HasUncertainty(Protocol):
    """An estimate at one time: how many are at risk, and its standard error (nan where there is none)."""

    @property
    def at_risk(self) -> int: ...

    @property
    def se(self) -> float: ...


@dataclass(frozen=True)
class Judgement:
    """What may be done with an estimate, and why not more."""

    support: Support
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class SupportRule:
    """From where on estimates are refused or marked; the numbers are choices, and are to be named with the results.

    With fewer than `fewest_at_risk` persons, or a standard error above `largest_error`, an estimate is refused; with one above
    `doubtful_error` it is marked. Errors are on the scale of the proportion: 0.05 is 5 percentage points.
    """

    fewest_at_risk: int = 10
    doubtful_error: float = 0.05
    largest_error: float = 0.10

    def __post_init__(self) -> None:
        if self.fewest_at_risk < 1 or not 0 < self.doubtful_error <= self.largest_error:
            raise ValueError(
                f"Support: found {self}. Permitted: fewest_at_risk of 1 or more, and 0 < doubtful_error ≤ largest_error (0.05 for 5 "
                "percentage points)."
            )

    def judge(self, estimate: HasUncertainty) -> Judgement:
        """What may be done with an estimate of a curve, of age-standardised survival, or of a probability of death."""
        refused = tuple(self._refusals(estimate))
        if refused:
            return Judgement(Support.NONE, refused)
        if estimate.se > self.doubtful_error:
            reason = f"the standard error is {estimate.se:.3f}, above {self.doubtful_error:g}"
            return Judgement(Support.DOUBTFUL, (reason,))
        return Judgement(Support.FULL)

    def _refusals(self, estimate: HasUncertainty) -> list[str]:
        found = []
        if estimate.at_risk < self.fewest_at_risk:
            found.append(f"{estimate.at_risk or 'nobody'} at risk, fewer than {self.fewest_at_risk}")
        if math.isnan(estimate.se):
            found.append("no standard error")
        elif estimate.se > self.largest_error:
            found.append(f"the standard error is {estimate.se:.3f}, above {self.largest_error:g}")
        return found
