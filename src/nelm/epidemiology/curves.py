"""A survival curve with its uncertainty, and its values at given times.

Where nobody is at risk there is no estimate: the curve says nan, and `supported` is false.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from nelm.epidemiology.follow_up import DAYS_PER_YEAR
from nelm.epidemiology.kernels import Booleans, Floats, Integers


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """A step function of time since diagnosis; the value at time[k] holds until time[k + 1].

    `time` in days, `survival` as a proportion (net survival may exceed 1), `se` its standard error, `se_log` that of its logarithm,
    `lower` and `upper` the limits exp(ln S ± z · se_log), `at_risk` the persons under observation just before time[k].
    `extrapolated_person_days` says for how many person-days the life table did not reach far enough, and its edge was held.
    """

    method: str
    time: Floats
    survival: Floats
    se_log: Floats
    lower: Floats
    upper: Floats
    at_risk: Integers
    confidence: float
    extrapolated_person_days: float = 0.0

    @property
    def se(self) -> Floats:
        """The standard error of the survival itself, S · se_log (delta method)."""
        return self.survival * self.se_log

    def at(self, years: Sequence[float], *, fewest_at_risk: int = 1) -> Estimates:
        """The curve at these times (years of 365.241 days). Not supported, and nan: where fewer than `fewest_at_risk` are at risk."""
        asked = np.asarray(years, dtype=np.float64)
        if asked.ndim != 1 or not (np.isfinite(asked) & (asked >= 0)).all():
            raise ValueError(f"Years {list(years)}. Permitted: a list of numbers, 0 or more.")
        if fewest_at_risk < 1:
            raise ValueError(f"fewest_at_risk is {fewest_at_risk}. Permitted: 1 or more; where nobody is at risk there is no estimate.")
        days = asked * DAYS_PER_YEAR
        place = np.searchsorted(self.time, days, side="right") - 1
        # Every entry and exit is a time of the curve, so between two of them as many are at risk as just before the later one.
        risk = np.append(self.at_risk, 0)[np.searchsorted(self.time, days, side="left")]
        begun = place >= 0
        supported = (risk >= fewest_at_risk) & ~np.isnan(np.where(begun, self.survival[place], 1.0))

        def read(values: Floats, before: float) -> Floats:
            return np.where(supported, np.where(begun, values[place], before), np.nan)

        return Estimates(
            asked,
            days,
            survival=read(self.survival, 1.0),
            se=read(self.se, 0.0),
            lower=read(self.lower, 1.0),
            upper=read(self.upper, 1.0),
            at_risk=risk,
            supported=supported,
        )


@dataclass(frozen=True, eq=False)
class Estimates:
    """A curve at certain times, one element for each. `survival`, `se`, `lower`, `upper` are nan where `supported` is false."""

    years: Floats
    days: Floats
    survival: Floats
    se: Floats
    lower: Floats
    upper: Floats
    at_risk: Integers
    supported: Booleans

    def __iter__(self) -> Iterator[Estimate]:
        parts = (self.years, self.survival, self.se, self.lower, self.upper, self.at_risk, self.supported)
        return (Estimate(*row) for row in zip(*(part.tolist() for part in parts), strict=True))


@dataclass(frozen=True)
class Estimate:
    """A curve at one time."""

    years: float
    survival: float
    se: float
    lower: float
    upper: float
    at_risk: int
    supported: bool


def curve_of(
    method: str,
    time: Floats,
    survival: Floats,
    variance_log: Floats,
    at_risk: Floats,
    confidence: float,
    *,
    highest: float = np.inf,
    extrapolated_person_days: float = 0.0,
) -> SurvivalCurve:
    """The curve with its interval. From the first time on at which nobody is at risk, and where S is 0 or less, limits are nan."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}. Permitted: between 0 and 1, as in 0.95.")
    gone = np.cumsum(at_risk == 0) > 0
    estimate = np.where(gone, np.nan, survival)
    positive = estimate > 0
    se_log = np.where(positive, np.sqrt(np.where(positive, variance_log, 0.0)), np.nan)
    width = NormalDist().inv_cdf(0.5 + confidence / 2) * se_log
    lower, upper = estimate * np.exp(-width), np.minimum(estimate * np.exp(width), highest)
    counts = at_risk.astype(np.int64)
    for part in (time, estimate, se_log, lower, upper, counts):
        part.setflags(write=False)
    return SurvivalCurve(method, time, estimate, se_log, lower, upper, counts, confidence, extrapolated_person_days)
