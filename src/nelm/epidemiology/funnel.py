"""Funnel plots: how far the proportions of centres may lie from that of all by chance alone, at their sizes.

Spiegelhalter DJ. Funnel plots for comparing institutional performance. Stat Med 2005;24:1185–1202. Limits are those of the binomial
distribution, interpolated between the two counts around a quantile (appendix A.1.1), so that they do not jump with the size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom  # type: ignore[import-untyped]

WARNING, ALARM = 0.95, 0.998  # two and three standard deviations of a normal distribution, about


class FunnelError(ValueError):
    """Counts of which no funnel can be made: what was found, what is permitted."""


@dataclass(frozen=True)
class Limits:
    """Between which proportions a centre of this size is expected to lie."""

    low: float
    high: float


@dataclass(frozen=True)
class Unit:
    """A centre with its count, its proportion, and where it lies: inside, or outside of the warning or the alarm limits.

    `z` says how far it lies from the target, in standard errors of a proportion under the target.
    """

    name: str
    events: int
    of: int
    proportion: float
    warning: Limits
    alarm: Limits
    z: float

    @property
    def outside(self) -> str:
        """`alarm`, `warning`, or nothing."""
        for name, limits in (("alarm", self.alarm), ("warning", self.warning)):
            if not limits.low <= self.proportion <= limits.high:
                return name
        return ""


@dataclass(frozen=True)
class Funnel:
    """Centres around a target. `overdispersion` is the mean of z² (φ): well above 1, centres differ by more than chance for most of them.

    Limits are not widened by it: the number is there to be said.
    """

    target: float
    units: tuple[Unit, ...]
    overdispersion: float

    @property
    def outside(self) -> tuple[Unit, ...]:
        return tuple(unit for unit in self.units if unit.outside)


def funnel(names: Sequence[str], events: Sequence[int], of: Sequence[int], target: float | None = None) -> Funnel:
    """The centres held against a target proportion (without one: that of all of them together).

    Raises FunnelError for counts that are none, centres without anybody, and a target outside of 0 to 1.
    """
    if not len(names) == len(events) == len(of) or not names:
        raise FunnelError(f"Found {len(names)} names, {len(events)} events, {len(of)} sizes. Permitted: one of each for every centre.")
    for name, count, size in zip(names, events, of, strict=True):
        if not 0 <= count <= size or size < 1:
            raise FunnelError(
                f"{name}: {count} of {size}. Permitted: from 0 to the size, and a size of 1 or more. Leave empty centres out."
            )
    aimed = sum(events) / sum(of) if target is None else target
    if not 0 <= aimed <= 1:
        raise FunnelError(f"target: found {aimed:g}. Permitted: a proportion from 0 to 1.")
    units = tuple(_unit(name, count, size, aimed) for name, count, size in zip(names, events, of, strict=True))
    return Funnel(aimed, units, float(np.mean([unit.z**2 for unit in units])))


def _unit(name: str, events: int, of: int, target: float) -> Unit:
    error = np.sqrt(target * (1 - target) / of)
    proportion = events / of
    z = 0.0 if error == 0 else float((proportion - target) / error)
    return Unit(name, events, of, proportion, limits(of, target, WARNING), limits(of, target, ALARM), z)


def limits(of: int, target: float, level: float) -> Limits:
    """The limits between which the proportion of a centre of this size lies with probability `level`, under the target."""
    tail = (1 - level) / 2
    return Limits(_quantile(tail, of, target), _quantile(1 - tail, of, target))


def _quantile(p: float, of: int, target: float) -> float:
    """The interpolated quantile of a binomial proportion: (r − a) / n, r the least count with P(X ≤ r) ≥ p, and
    a = (P(X ≤ r) − p) / P(X = r)."""
    if target in (0.0, 1.0):
        return target
    count = binom.ppf(p, of, target)
    back = (binom.cdf(count, of, target) - p) / binom.pmf(count, of, target)
    return float(np.clip((count - back) / of, 0.0, 1.0))
