"""The test of Grafféo and others held to R's figures on colrec, to its definition, and to the log-rank test."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from nelm.epidemiology.follow_up import FollowUp, FollowUpError, follow_up
from nelm.epidemiology.life_table import Cell, LifeTable, life_table_of
from nelm.epidemiology.log_rank import log_rank
from nelm.epidemiology.log_rank_net import log_rank_net
from tests.epidemiology.cohorts import (
    colrec,
    first_tumours,
    flat_table,
    needs_reference_data,
    reference,
    slovenia,
    some,
    synthetic,
    synthetic_table,
)

BY_SEX = {"male": 9e-3, "female": 1e-3}


def table_by_sex() -> LifeTable:
    return life_table_of(Cell(age, year, sex, hazard, "") for sex, hazard in BY_SEX.items() for age in range(30) for year in (2000, 2001))


def people(draw: np.random.Generator, number: int, entries: bool) -> FollowUp:
    exits = draw.integers(1, 60, number)
    return follow_up(
        sex=draw.choice(list(BY_SEX), number).tolist(),
        age_days=[7_000] * number,
        diagnosis=[date(2000, 6, 15)] * number,
        exit_days=exits,
        entry_days=exits // 3 if entries else None,
        dead=draw.random(number) < 0.7,
    )


def by_definition(persons: FollowUp, group: Sequence[str], strata: Sequence[str]) -> float:
    """χ² from loops over strata, days and persons."""
    names = sorted(set(group))
    hazards = [list(BY_SEX.values())[sex] for sex in persons.persons.sex]
    z, v = np.zeros(len(names)), np.zeros((len(names), len(names)))
    for stratum in sorted(set(strata)):
        for day in range(1, int(persons.exit_days.max()) + 1):
            weight, excess, squared = np.zeros(len(names)), np.zeros(len(names)), np.zeros(len(names))
            for i, hazard in enumerate(hazards):
                if strata[i] != stratum or not persons.entry_days[i] < day <= persons.exit_days[i]:
                    continue
                h, before, after = names.index(group[i]), math.exp(hazard * (day - 1)), math.exp(hazard * day)
                weight[h] += after
                excess[h] -= hazard * (before + after) / 2
                if persons.dead[i] and persons.exit_days[i] == day:
                    excess[h] += after
                    squared[h] += after**2
            if weight.sum() == 0:
                continue
            part = weight / weight.sum()
            z += excess - part * excess.sum()
            for place in range(len(names)):
                against = np.eye(len(names))[place] - part
                v += squared[place] * np.outer(against, against)
    return float(z[:-1] @ np.linalg.solve(v[:-1, :-1], z[:-1]))


@pytest.mark.parametrize("groups", [2, 3])
@pytest.mark.parametrize("entries", [False, True])
@pytest.mark.parametrize("strata", [1, 2])
def test_the_definition(groups: int, entries: bool, strata: int) -> None:
    draw = np.random.default_rng(groups + 10 * strata)
    persons = people(draw, 60, entries)
    group = [f"g{number}" for number in draw.integers(0, groups, 60)]
    stratum = [f"s{number}" for number in draw.integers(0, strata, 60)]
    found = log_rank_net(persons, table_by_sex(), group, strata=stratum if strata > 1 else None)
    assert found.chi_squared == pytest.approx(by_definition(persons, group, stratum), rel=1e-9)
    assert found.degrees_of_freedom == groups - 1


@needs_reference_data
def test_r_on_colrec() -> None:
    """R takes its sums between the times of exits, NELM day by day; on colrec that is 0.02 % of χ² for stage, 0.015 for sex."""
    rows = reference("colrec.csv")
    stage = log_rank_net(colrec(), slovenia(), [row["stage"] for row in rows])
    sex = log_rank_net(colrec(), slovenia(), [row["sex"] for row in rows])
    sys.stdout.write(f"log-rank-type test, colrec: stage {stage.chi_squared:.2f} (R 658.60), sex {sex.chi_squared:.3f} (R 0.844)\n")
    assert stage.chi_squared == pytest.approx(658.60, rel=2e-4)
    assert stage.degrees_of_freedom == 3
    assert sex.chi_squared == pytest.approx(0.844, abs=0.02)
    assert sex.degrees_of_freedom == 1


def test_without_deaths_in_the_population_it_counts_as_the_log_rank_test() -> None:
    """The same observed and expected deaths; its variance is the observed one, not the hypergeometric, so χ² is close and not the same."""
    draw = np.random.default_rng(5)
    persons = people(draw, 300, False)
    group = [f"g{number}" for number in draw.integers(0, 3, 300)]
    net, plain = log_rank_net(persons, flat_table(0), group), log_rank(persons, group)
    for ours, theirs in zip(net.groups, plain.groups, strict=True):
        assert (ours.name, ours.persons, ours.observed) == (theirs.name, theirs.persons, theirs.observed)
        assert ours.expected == pytest.approx(theirs.expected)
    assert net.chi_squared == pytest.approx(plain.chi_squared, rel=0.05)


def test_grade_matters_in_the_synthetic_cohort_and_a_coin_does_not() -> None:
    rows = first_tumours()
    assert log_rank_net(synthetic(), synthetic_table(), [row["grade"] for row in rows]).p_value < 1e-6
    coin = np.random.default_rng(2).integers(0, 2, len(rows))
    assert log_rank_net(synthetic(), synthetic_table(), [f"side {side}" for side in coin]).p_value > 0.05


def test_what_is_refused() -> None:
    persons = some([10, 20], [1, 0])
    with pytest.raises(FollowUpError, match="no death while persons of two groups were at risk"):
        log_rank_net(persons, flat_table(1e-4), ["a", "a"])
    with pytest.raises(FollowUpError, match="group: found 3 words for 2 persons"):
        log_rank_net(persons, flat_table(1e-4), ["a", "b", "c"])
