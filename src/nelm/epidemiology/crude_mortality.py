"""Crude probabilities of death: how many of the patients have died of their disease by a time, how many of other causes, with no cause
of death known (Cronin, Feuer 2000, Stat Med 19:1729; in continuous time Pohar Perme, Pavlič 2018, J Stat Softw 87(8)).

Net survival says what would be if nothing else killed; these say what happens to patients, and add up to 1 with survival.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from nelm.epidemiology.curves import SurvivalCurve, curve_of
from nelm.epidemiology.follow_up import FollowUp
from nelm.epidemiology.kaplan_meier import counts_at, share
from nelm.epidemiology.kernels import Floats, influence_sums
from nelm.epidemiology.life_table import LifeTable
from nelm.epidemiology.net_survival import daily_grid, expected_deaths
from nelm.epidemiology.probabilities import ProbabilityCurve


@dataclass(frozen=True, eq=False)
class CrudeMortality:
    """The probabilities of death from the disease and from other causes, and observed survival, at the same times: together 1.

    `disease` holds whatever patients die of more than the population does, treatment too. Where they die less it falls, and it may be
    below 0. `extrapolated_person_days` is for how long the edge of the life table was held.
    """

    disease: ProbabilityCurve
    other_causes: ProbabilityCurve
    survival: SurvivalCurve
    extrapolated_person_days: float


def crude_mortality(persons: FollowUp, table: LifeTable, *, years: Sequence[float] = (), confidence: float = 0.95) -> CrudeMortality:
    """F_E(t) = Σ S(v−) (d / n − λ̄), F_P(t) = Σ S(v−) λ̄ over days, with the times `years` (365.241 days each) added to them.

    S is the Kaplan–Meier survival, λ̄ the mean hazard of the population in the day among those at risk, read at its start.

    Variances are those of the infinitesimal jackknife, the sum over persons of the squared derivative of the probability by the weight of
    the person: they hold the chance of who dies when, and that of who, of which age and sex, is among the patients. The hazards of
    the population are taken as known. With r_i(v) = (dN_i − d / n) / ((1 − d / n) n) on the days on which i is at risk, q_i = Σ r_i, and
    p_i = Σ [S(v−) (λ_i − λ̄) / n + F_P(v) r_i]: var F_P = Σ (p_i − F_P q_i)², var F_E = Σ ((S + F_P) q_i − p_i)². Limits F ± z SE.
    """
    grid = daily_grid(persons, years)
    population, outside = expected_deaths(persons, table, grid)
    counts = counts_at(persons, grid)
    at_risk, deaths, survival = counts.at_risk, counts.deaths, counts.survival
    fraction, mean = share(deaths, at_risk), share(population, at_risk)
    before = np.concatenate([[1.0], survival[:-1]])
    other = np.cumsum(before * mean)
    left = at_risk - deaths
    pp, pq, qq = _influences(persons, table, grid, np.stack([share(before, at_risk), mean, fraction, _inverse(left), other]))

    def curve(event: str, probability: Floats, variance: Floats) -> ProbabilityCurve:
        se = np.where(np.isnan(probability), np.nan, np.sqrt(np.maximum(variance, 0.0)))
        reach = NormalDist().inv_cdf(0.5 + confidence / 2) * se
        return ProbabilityCurve(
            event, grid, probability, se, probability - reach, probability + reach, at_risk.astype(np.int64), confidence
        )

    greenwood = np.cumsum(deaths * _inverse(at_risk * left))
    observed = curve_of("Kaplan–Meier", grid, survival, greenwood, at_risk, confidence, highest=1.0)
    not_disease = survival + other
    disease = curve("disease", 1 - not_disease, not_disease**2 * qq - 2 * not_disease * pq + pp)
    return CrudeMortality(disease, curve("other causes", other, pp - 2 * other * pq + other**2 * qq), observed, outside)


def _inverse(values: Floats) -> Floats:
    """1 / value, and 0 where that is 0: when all die, nothing that comes after depends on how many."""
    return np.divide(1.0, values, out=np.zeros_like(values), where=values > 0)


def _influences(persons: FollowUp, table: LifeTable, grid: Floats, steps: Floats) -> Floats:
    who = persons.persons
    return influence_sums(
        *table.arrays, who.sex, who.age_days, who.diagnosis_days, persons.risk_from, persons.exit_days, persons.dead, grid, steps
    )
