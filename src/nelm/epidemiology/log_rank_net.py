"""Whether groups differ in net survival: the log-rank-type test of Grafféo, Castell, Belot, Giorgi 2016 (Biometrics 72:760)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nelm.epidemiology.follow_up import FollowUp
from nelm.epidemiology.kaplan_meier import share
from nelm.epidemiology.kernels import Floats
from nelm.epidemiology.life_table import LifeTable
from nelm.epidemiology.log_rank import EVERYBODY, GroupTest, TestedGroup, coded, each, tested_against_chi_squared
from nelm.epidemiology.net_survival import daily_grid, weighted_sums


def log_rank_net(persons: FollowUp, table: LifeTable, group: Sequence[str], *, strata: Sequence[str] | None = None) -> GroupTest:
    """The test of no difference in excess mortality between groups, everyone weighted with w = 1 / S_P as in Pohar Perme's estimate.

    With Y_h = Σ w at risk in group h, Y = Σ Y_h, and the weighted excess deaths of a day dE_h = Σ w dN − Σ w λ dt:
    Z_h = Σ (dE_h − Y_h / Y dE), the covariance of Z_h and Z_j is Σ_l Σ (δ_hl − Y_h / Y)(δ_jl − Y_j / Y) Σ w² dN_l. Sums go over days
    and strata. The second term of dE_h is the mean of those with w at the start and at the end of the day, λ read at its start.

    `observed` and `expected` of the groups are weighted: Σ w dN, and that less Z_h. Raises FollowUpError as `log_rank` does.
    """
    names, number = coded(group, len(persons), "group")
    _, stratum = coded([EVERYBODY] * len(persons) if strata is None else strata, len(persons), "strata")
    difference, covariance = np.zeros(len(names)), np.zeros((len(names), len(names)))
    had = np.zeros(len(names))
    for chosen in each(stratum):
        grid = daily_grid(persons.only(chosen))
        sums = np.stack([_sums(persons, table, grid, chosen & (number == h)) for h in range(len(names))])
        expected_before, weight, expected, deaths, deaths_squared = (sums[:, row] for row in range(1, 6))
        excess = deaths - 0.5 * (expected_before + expected)
        part = np.nan_to_num(share(weight, np.broadcast_to(weight.sum(axis=0), weight.shape)))
        had += deaths.sum(axis=1)
        difference += (excess - part * excess.sum(axis=0)).sum(axis=1)
        for place, squared in enumerate(deaths_squared):
            against = (np.arange(len(names)) == place)[:, None] - part
            covariance += (against * squared) @ against.T
    tested = tuple(
        TestedGroup(name, int((number == h).sum()), float(had[h]), float(had[h] - difference[h])) for h, name in enumerate(names)
    )
    return tested_against_chi_squared("Log-rank-type test for net survival", difference, covariance, tested)


def _sums(persons: FollowUp, table: LifeTable, grid: Floats, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    if not chosen.any():
        return np.zeros((6, grid.size))
    return weighted_sums(persons.only(chosen), table, grid)[0]
