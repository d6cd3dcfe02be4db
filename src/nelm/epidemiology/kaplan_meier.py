"""Observed survival: Kaplan and Meier 1958, with Greenwood's variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nelm.epidemiology.curves import SurvivalCurve, curve_of
from nelm.epidemiology.follow_up import Times
from nelm.epidemiology.kernels import Floats


@dataclass(frozen=True, eq=False)
class Counts:
    """How many are at risk just before each time (days), and how many die at it."""

    time: Floats
    at_risk: Floats
    deaths: Floats

    @property
    def survival(self) -> Floats:
        """Π (1 − d / n) over the times so far."""
        return product(1 - share(self.deaths, self.at_risk))


def product(factors: Floats) -> Floats:
    """The product of the factors so far, at each."""
    return np.asarray(np.cumprod(factors), dtype=np.float64)


def share(part: Floats, whole: Floats) -> Floats:
    """part / whole, nan where nobody is left to divide by."""
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)


def counts_of(persons: Times, *further: Floats) -> Counts:
    """The counts at every exit and entry, and at `further` times up to the last exit."""
    last = persons.exit_days.max()
    time = np.unique(np.concatenate([persons.exit_days, persons.entry_days[persons.entry_days > 0], *further]))
    return counts_at(persons, time[time <= last])


def counts_at(persons: Times, time: Floats) -> Counts:
    """The counts at these times (days, rising)."""
    entered = np.searchsorted(np.sort(persons.risk_from), time, side="left")
    left = np.searchsorted(np.sort(persons.exit_days), time, side="left")
    died = np.sort(persons.exit_days[persons.dead])
    deaths = np.searchsorted(died, time, side="right") - np.searchsorted(died, time, side="left")
    return Counts(time, (entered - left).astype(np.float64), deaths.astype(np.float64))


def kaplan_meier(persons: Times, *, confidence: float = 0.95) -> SurvivalCurve:
    """Observed survival S(t) = Π (1 − d / n), var(ln S) = Σ d / (n (n − d)), limits on the scale of ln S, the upper one at most 1.

    Times are every exit and entry. With delayed entry n counts those under observation only.
    """
    counts = counts_of(persons)
    left = counts.at_risk * (counts.at_risk - counts.deaths)
    terms = np.divide(counts.deaths, left, out=np.zeros_like(left), where=left > 0)  # where all die S is 0, and has no limits
    return curve_of("Kaplan–Meier", counts.time, counts.survival, np.cumsum(terms), counts.at_risk, confidence, highest=1.0)
