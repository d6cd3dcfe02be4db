"""Age-standardised survival: what survival would be if the patients had the ages of a standard population of patients.

S(t) = Σ w_a S_a(t) over age groups at diagnosis, SE² = Σ w_a² SE_a², with the weights w_a as shares of 1 and SE_a on the scale of the
proportion. The limits are S exp(± z SE / S), on the scale of the logarithm as those of a single curve.

Source: Corazziari I, Quinn M, Capocaccia R. Standard cancer patient population for age standardising survival ratios. Eur J Cancer
2004;40:2307–2316.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from nelm.epidemiology.curves import Estimate, SurvivalCurve
from nelm.epidemiology.follow_up import DAYS_PER_YEAR, FollowUp
from nelm.epidemiology.standards import StandardPopulation, StandardPopulationError

Estimator = Callable[[FollowUp], SurvivalCurve]


@dataclass(frozen=True, eq=False)
class AgeGroup:
    """One age group: its share of the standard, and its curve (None where it is empty)."""

    name: str
    share: float
    persons: int
    curve: SurvivalCurve | None


@dataclass(frozen=True)
class StandardisedEstimate:
    """Age-standardised survival at one time; nan where `missing` names an age group without an estimate, and says why.

    `at_risk` is the number at risk in the age group that has fewest.
    """

    years: float
    survival: float
    se: float
    lower: float
    upper: float
    at_risk: int
    missing: tuple[str, ...]

    @property
    def supported(self) -> bool:
        return not self.missing


@dataclass(frozen=True, eq=False)
class AgeStandardised:
    """The curves of the age groups that have a weight in the standard, and what they come to."""

    standard: StandardPopulation
    groups: tuple[AgeGroup, ...]
    confidence: float

    def at(self, years: Sequence[float], *, fewest_at_risk: int = 1) -> tuple[StandardisedEstimate, ...]:
        """Survival at these times (years of 365.241 days). No value where in one of the groups fewer than `fewest_at_risk` are at risk."""
        by_group = [[None] * len(years) if group.curve is None else [*_at(group.curve, years, fewest_at_risk)] for group in self.groups]
        return tuple(self._standardised(year, [found[k] for found in by_group], fewest_at_risk) for k, year in enumerate(years))

    def _standardised(self, year: float, found: Sequence[Estimate | None], fewest_at_risk: int) -> StandardisedEstimate:
        missing = tuple(self._missing(found, fewest_at_risk))
        at_risk = min(estimate.at_risk if estimate else 0 for estimate in found)
        if missing:
            return StandardisedEstimate(float(year), math.nan, math.nan, math.nan, math.nan, at_risk, missing)
        weighted = [(group.share, estimate) for group, estimate in zip(self.groups, found, strict=True) if estimate]
        survival = math.fsum(share * estimate.survival for share, estimate in weighted)
        se = math.sqrt(math.fsum((share * estimate.se) ** 2 for share, estimate in weighted))
        reach = math.exp(NormalDist().inv_cdf(0.5 + self.confidence / 2) * se / survival)
        return StandardisedEstimate(float(year), survival, se, survival / reach, survival * reach, at_risk, ())

    def _missing(self, found: Sequence[Estimate | None], fewest_at_risk: int) -> Iterator[str]:
        for group, estimate in zip(self.groups, found, strict=True):
            if estimate is None:
                yield f"{group.name}: nobody in this age group"
            elif not estimate.supported:
                yield f"{group.name}: {estimate.at_risk} at risk, at least {fewest_at_risk} asked for"
            elif math.isnan(estimate.se):
                yield f"{group.name}: survival of {estimate.survival:g} has no standard error"


def age_standardised(persons: FollowUp, standard: StandardPopulation, estimator: Estimator, *, confidence: float = 0.95) -> AgeStandardised:
    """Survival by age at diagnosis, weighted with `standard`; `estimator` makes the curve of one age group, of whichever method.

    A method that is read at given times has to be told them: `lambda group: pohar_perme(group, table, years=years)`. Raises
    StandardPopulationError for a standard that was made for rates, and for persons too young for its groups
    (`standard.from_birth()` takes them into the youngest); what the estimator raises for a group is raised as it is.
    """
    if standard.use != "survival":
        raise StandardPopulationError(
            f"{standard.label}: made for {standard.use}, of a whole population. Take one made for survival, of patients: icss_1, icss_2, icss_3."
        )
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}. Permitted: between 0 and 1, as in 0.95.")
    ages = persons.persons.age_days / DAYS_PER_YEAR
    standard.group_of(float(ages.min()))
    place = np.searchsorted(standard.from_age, ages, side="right") - 1
    groups = []
    for number, (name, share) in enumerate(zip(standard.groups, standard.shares, strict=True)):
        chosen = place == number
        if share > 0:
            curve = estimator(persons.only(chosen)) if chosen.any() else None
            groups.append(AgeGroup(name, share, int(chosen.sum()), curve))
    return AgeStandardised(standard, tuple(groups), confidence)


def _at(curve: SurvivalCurve, years: Sequence[float], fewest_at_risk: int) -> Iterator[Estimate]:
    return iter(curve.at(years, fewest_at_risk=fewest_at_risk))
