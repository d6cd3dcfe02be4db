"""Net and relative survival: what patients' survival would be if the disease were the only cause of death, or their survival
beside that of the population.

Definitions as the R package relsurv (2.3-2) has them, written anew from the papers:

- Pohar Perme, Stare, Estève 2012 (Biometrics 68:113): net survival, unbiased under censoring that does not depend on age;
- Ederer, Heise 1959 (Ederer II): persons are compared with the population for as long as they are at risk;
- Ederer, Axtell, Cutler 1961 (Ederer I): the population's survival as if nobody were ever lost;
- Hakulinen 1982 (Biometrics 38:933): the population's survival for as long as each could have been followed.

Standard errors of the last three are those of the observed survival, var(ln S) = Σ d / n²: the population's survival is taken as known.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from nelm.epidemiology import kernels
from nelm.epidemiology.curves import SurvivalCurve, curve_of
from nelm.epidemiology.follow_up import DAYS_PER_YEAR, FollowUp, FollowUpError
from nelm.epidemiology.kaplan_meier import Counts, counts_at, counts_of, product, share
from nelm.epidemiology.kernels import Floats
from nelm.epidemiology.life_table import LifeTable


def pohar_perme(persons: FollowUp, table: LifeTable, *, years: Sequence[float] = (), confidence: float = 0.95) -> SurvivalCurve:
    """Net survival on the grid of days, with the times `years` (365.241 days each) added to it.

    Everyone is weighted with w = 1 / S_P(t), S_P the survival of the population from diagnosis on, also under delayed entry.
    In each step dΛ = Σ w dN / Σ w − Σ w λ dt / Σ w. Deaths are weighted with w at the end of the step; the second ratio is the mean
    of those at its start and at its end, λ read at its start. S = Π (1 − dΛ), var(ln S) = Σ (Σ w² dN) / (Σ w)².
    Between its own times the curve is read as a step function: give in `years` the times that are to be reported.
    """
    grid = daily_grid(persons, years)
    sums, outside = weighted_sums(persons, table, grid)
    weight_before, expected_before, weight, expected, deaths, deaths_squared = sums
    excess = share(deaths, weight) - 0.5 * (share(expected_before, weight_before) + share(expected, weight))
    variance = np.cumsum(share(deaths_squared, weight * weight))
    at_risk = counts_at(persons, grid).at_risk
    return curve_of("Pohar Perme", grid, product(1 - excess), variance, at_risk, confidence, extrapolated_person_days=outside)


def ederer2(persons: FollowUp, table: LifeTable, *, confidence: float = 0.95) -> SurvivalCurve:
    """Relative survival S = Π (1 − (d − E) / n) over the times at which someone leaves (or enters).

    E is the hazard of the population since the time before, summed over those at risk, λ read at the start of each day.
    """
    counts = counts_of(persons)
    grid = daily_grid(persons)
    expected, outside = expected_deaths(persons, table, grid)
    total = np.cumsum(expected)[np.searchsorted(grid, counts.time)]
    excess = share(counts.deaths - np.diff(total, prepend=0.0), counts.at_risk)
    variance = _variance(counts)
    return curve_of("Ederer II", counts.time, product(1 - excess), variance, counts.at_risk, confidence, extrapolated_person_days=outside)


def ederer1(persons: FollowUp, table: LifeTable, *, confidence: float = 0.95) -> SurvivalCurve:
    """Observed survival divided by the mean of all persons' population survival, at the times at which someone leaves."""
    _refuse_delayed_entry(persons, "Ederer I")
    counts = counts_of(persons)
    forever = np.full(len(persons), np.inf)
    survival, _, outside = _expected_sums(persons, table, forever, counts.time)
    relative = counts.survival / (survival / len(persons))
    return curve_of("Ederer I", counts.time, relative, _variance(counts), counts.at_risk, confidence, extrapolated_person_days=outside)


def hakulinen(persons: FollowUp, table: LifeTable, *, closing: date, confidence: float = 0.95) -> SurvivalCurve:
    """Observed survival divided by the population's survival among those who could still be followed.

    Whoever died could have been followed until `closing`, the last day on which deaths were registered; whoever did not, to the own
    exit. At each time at which someone leaves or could have left, ΔH_E = Σ S_P ΔH_P / Σ S_P with S_P at that time, S_E = exp(−H_E).
    relsurv takes the last date in the data as `closing`: over all groups, not within one.
    """
    _refuse_delayed_entry(persons, "Hakulinen's method")
    closed = float(np.datetime64(closing, "D").astype(np.int64)) - persons.persons.diagnosis_days
    late = np.flatnonzero(persons.exit_days > closed)
    if late.size:
        raise FollowUpError(
            f"Person {late[0] + 1}: followed until {persons.exit_days[late[0]] - closed[late[0]]:g} days after the closing date "
            f"{closing}. Permitted: until that date. Give a later closing date, or end follow-up at it (alive then, if death came later)."
        )
    potential = np.where(persons.dead, closed, persons.exit_days)
    counts = counts_of(persons, potential)
    survival, weighted, outside = _expected_sums(persons, table, potential, counts.time)
    relative = counts.survival / np.exp(-np.cumsum(share(weighted, survival)))
    return curve_of("Hakulinen", counts.time, relative, _variance(counts), counts.at_risk, confidence, extrapolated_person_days=outside)


def daily_grid(persons: FollowUp, years: Sequence[float] = ()) -> Floats:
    """Every day up to the last exit (from day 0 if someone leaves on it), and the times asked for."""
    last = persons.exit_days.max()
    asked = np.asarray(years, dtype=np.float64) * DAYS_PER_YEAR
    if not (np.isfinite(asked) & (asked >= 0)).all():
        raise ValueError(f"Years {list(years)}. Permitted: numbers, 0 or more.")
    first = 0 if (persons.exit_days == 0).any() else 1
    return np.unique(np.concatenate([np.arange(first, last + 1), asked[(asked <= last) & (asked >= first)]]))


def _variance(counts: Counts) -> Floats:
    """Σ d / n², the variance of ln S in all methods but Pohar Perme's."""
    return np.asarray(np.cumsum(share(counts.deaths, counts.at_risk**2)))


def weighted_sums(persons: FollowUp, table: LifeTable, grid: Floats) -> tuple[Floats, float]:
    """The sums of `kernels.weighted_sums` over these persons, and how many of their days lay outside of the table."""
    who = persons.persons
    return kernels.weighted_sums(
        *table.arrays, who.sex, who.age_days, who.diagnosis_days, persons.risk_from, persons.exit_days, persons.dead, grid
    )


def expected_deaths(persons: FollowUp, table: LifeTable, grid: Floats) -> tuple[Floats, float]:
    """The population's hazard in each step of the grid, summed over those at risk, and how many days lay outside of the table."""
    who = persons.persons
    return kernels.hazard_sums(*table.arrays, who.sex, who.age_days, who.diagnosis_days, persons.risk_from, persons.exit_days, grid)


def _expected_sums(persons: FollowUp, table: LifeTable, until: Floats, grid: Floats) -> tuple[Floats, Floats, float]:
    who = persons.persons
    return kernels.expected_sums(*table.arrays, who.sex, who.age_days, who.diagnosis_days, until, grid)


def _refuse_delayed_entry(persons: FollowUp, method: str) -> None:
    late = np.flatnonzero(persons.entry_days > 0)
    if late.size:
        raise FollowUpError(
            f"Person {late[0] + 1} (of {late.size} such): observation begins {persons.entry_days[late[0]]:g} days after diagnosis. {method} follows "
            "everyone from diagnosis. Use pohar_perme or ederer2, which take delayed entry."
        )
