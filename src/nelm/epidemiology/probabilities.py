"""The probability of an event that has happened by a time, where other events may come first: a curve with its standard error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nelm.epidemiology.follow_up import DAYS_PER_YEAR
from nelm.epidemiology.kernels import Floats, Integers


@dataclass(frozen=True)
class ProbabilityEstimate:
    """A probability at one time; nan where `supported` is false."""

    years: float
    probability: float
    se: float
    lower: float
    upper: float
    at_risk: int
    supported: bool


@dataclass(frozen=True, eq=False)
class ProbabilityCurve:
    """A step function of time since diagnosis; the value at time[k] holds until time[k + 1].

    `time` in days, `probability` as a proportion, `se` its standard error, `at_risk` the persons under observation just before time[k].
    From the first time on at which nobody is at risk, all are nan.
    """

    event: str
    time: Floats
    probability: Floats
    se: Floats
    lower: Floats
    upper: Floats
    at_risk: Integers
    confidence: float

    def at(self, years: Sequence[float], *, fewest_at_risk: int = 1) -> tuple[ProbabilityEstimate, ...]:
        """The curve at these times (years of 365.241 days). Not supported, and nan: where fewer than `fewest_at_risk` are at risk."""
        if not all(math.isfinite(year) and year >= 0 for year in years):
            raise ValueError(f"Years {list(years)}. Permitted: a list of numbers, 0 or more.")
        if fewest_at_risk < 1:
            raise ValueError(f"fewest_at_risk is {fewest_at_risk}. Permitted: 1 or more; where nobody is at risk there is no estimate.")
        return tuple(self._at(float(year), fewest_at_risk) for year in years)

    def _at(self, years: float, fewest_at_risk: int) -> ProbabilityEstimate:
        days = years * DAYS_PER_YEAR
        coming = int(np.searchsorted(self.time, days, side="left"))
        at_risk = int(self.at_risk[coming]) if coming < self.time.size else 0
        place = int(np.searchsorted(self.time, days, side="right")) - 1
        if at_risk < fewest_at_risk or (place >= 0 and math.isnan(self.probability[place])):
            return ProbabilityEstimate(years, math.nan, math.nan, math.nan, math.nan, at_risk, False)
        parts = (self.probability, self.se, self.lower, self.upper)
        probability, se, lower, upper = (float(part[place]) if place >= 0 else 0.0 for part in parts)
        return ProbabilityEstimate(years, probability, se, lower, upper, at_risk, True)
