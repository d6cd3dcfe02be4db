"""Crude probabilities of death: that they add up, their definition in loops with weights for persons, and where they are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nelm.epidemiology.crude_mortality import crude_mortality
from nelm.epidemiology.follow_up import FollowUp, follow_up
from nelm.epidemiology.kaplan_meier import kaplan_meier
from nelm.epidemiology.life_table import Cell, LifeTable, life_table_of
from tests.epidemiology.cohorts import flat_table, some, synthetic, synthetic_table

BY_SEX = {"male": 9e-3, "female": 1e-3}


def table_by_sex() -> LifeTable:
    return life_table_of(Cell(age, year, sex, hazard, "") for sex, hazard in BY_SEX.items() for age in range(30) for year in (2000, 2001))


def people(exits: Sequence[int], dead: Sequence[int], female: Sequence[int], entries: Sequence[int] | None = None) -> FollowUp:
    return follow_up(
        sex=["female" if is_female else "male" for is_female in female],
        age_days=[7_000] * len(exits),
        diagnosis=[date(2000, 6, 15)] * len(exits),
        exit_days=exits,
        dead=dead,
        entry_days=entries,
    )


def by_definition(persons: FollowUp, weights: Sequence[float], until: int) -> tuple[float, float]:
    """F_E and F_P from loops over days and persons, the persons counting with their weights."""
    survival, disease, other = 1.0, 0.0, 0.0
    for day in range(until + 1):
        at_risk = deaths = population = 0.0
        for i, weight in enumerate(weights):
            if not persons.risk_from[i] < day <= persons.exit_days[i]:
                continue
            at_risk += weight
            population += weight * list(BY_SEX.values())[persons.persons.sex[i]] * (day > 0)
            deaths += weight * (persons.dead[i] and persons.exit_days[i] == day)
        if at_risk:
            disease += survival * (deaths - population) / at_risk
            other += survival * population / at_risk
            survival *= 1 - deaths / at_risk
    return disease, other


@pytest.mark.parametrize("entries", [False, True])
def test_the_definition_and_the_jackknife(entries: bool) -> None:
    """Variances are the sums of the squared derivatives by the weight of each person, taken here by central differences."""
    draw = np.random.default_rng(4)
    exits = [*draw.integers(0 if not entries else 1, 9, 25).tolist(), 10]
    persons = people(
        exits, [*(draw.random(25) < 0.5), 0], draw.integers(0, 2, 26).tolist(), [end // 3 for end in exits] if entries else None
    )
    found = crude_mortality(persons, table_by_sex())
    even, step = [1.0] * len(persons), 1e-5
    for place, day in enumerate(found.disease.time.astype(int)):
        disease, other = by_definition(persons, even, day)
        assert found.disease.probability[place] == pytest.approx(disease, abs=1e-12)
        assert found.other_causes.probability[place] == pytest.approx(other, abs=1e-12)
        derivatives = []
        for i in range(len(even)):
            up, down = (by_definition(persons, [*even[:i], weight, *even[i + 1 :]], day) for weight in (1 + step, 1 - step))
            derivatives.append([(above - below) / (2 * step) for above, below in zip(up, down, strict=True)])
        for curve, mine in zip((found.disease, found.other_causes), np.array(derivatives).T, strict=True):
            assert curve.se[place] == pytest.approx(math.sqrt((mine**2).sum()), abs=1e-7), (curve.event, day)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.booleans()), min_size=1, max_size=20),
    st.lists(st.floats(0, 5), max_size=3),
)
def test_disease_other_causes_and_survival_add_up(rows: list[tuple[int, bool, bool]], years: list[float]) -> None:
    exits, dead, female = (list(part) for part in zip(*rows, strict=True))
    found = crude_mortality(people(exits, dead, female), table_by_sex(), years=years)
    together = found.disease.probability + found.other_causes.probability + found.survival.survival
    assert together == pytest.approx(np.ones_like(together))


def test_on_the_synthetic_cohort_they_add_up_and_survival_is_that_of_kaplan_and_meier() -> None:
    found = crude_mortality(synthetic(), synthetic_table(), years=(1, 5, 10))
    for disease, other, alive, km in zip(
        found.disease.at((1, 5, 10)),
        found.other_causes.at((1, 5, 10)),
        found.survival.at((1, 5, 10)),
        kaplan_meier(synthetic()).at((1, 5, 10)),
        strict=True,
    ):
        assert disease.probability + other.probability + alive.survival == pytest.approx(1, abs=1e-13)
        assert (alive.survival, alive.se, alive.at_risk) == pytest.approx((km.survival, km.se, km.at_risk))
        assert (disease.lower, disease.upper) == pytest.approx(
            tuple(disease.probability + sign * 1.959963984540054 * disease.se for sign in (-1, 1))
        )
    assert found.extrapolated_person_days == 0


def test_without_deaths_in_the_population_all_die_of_the_disease() -> None:
    found = crude_mortality(synthetic(), flat_table(0.0))
    assert found.disease.probability == pytest.approx(1 - found.survival.survival)
    assert (found.other_causes.probability == 0).all()
    assert (found.other_causes.se == 0).all()
    greenwood = ~np.isnan(found.survival.se)
    assert found.disease.se[greenwood] == pytest.approx(found.survival.se[greenwood], abs=1e-12)


def test_who_dies_as_the_population_does_not_die_of_the_disease() -> None:
    """One hazard λ for all, nobody dies: F_P = λ t, F_E = −λ t. The estimate is not forced to be 0 or more."""
    found = crude_mortality(some([365] * 3, [0] * 3), flat_table(1e-4))
    assert found.other_causes.probability[-1] == pytest.approx(0.0365)
    assert found.disease.probability[-1] == pytest.approx(-0.0365)


def test_there_is_no_estimate_without_anybody_at_risk() -> None:
    found = crude_mortality(some([100, 900], [0, 1], [0, 200]), flat_table(1e-4))
    for curve in (found.disease, found.other_causes):
        assert [estimate.supported for estimate in curve.at([0.2, 0.4, 1.5])] == [True, False, False]
        assert np.isnan(curve.se[150:]).all()


def test_days_outside_of_the_table_are_reported() -> None:
    late = follow_up(sex=["male"], age_days=[20_000], diagnosis=[date(2029, 12, 22)], exit_days=[30], dead=[0])
    assert crude_mortality(late, flat_table(1e-4)).extrapolated_person_days == 20


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence is 95"):
        crude_mortality(some([10], [0]), flat_table(1e-4), confidence=95)
    with pytest.raises(ValueError, match=r"Years \[-1\]"):
        crude_mortality(some([10], [0]), flat_table(1e-4), years=[-1])
