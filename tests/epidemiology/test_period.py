"""Cohort, complete and period approach: whose days count, against loops over the days of the calendar."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nelm.epidemiology.follow_up import FollowUp, FollowUpError, follow_up
from nelm.epidemiology.kaplan_meier import kaplan_meier
from nelm.epidemiology.life_table import Cell, LifeTable, life_table_of
from nelm.epidemiology.net_survival import ederer2, pohar_perme
from nelm.epidemiology.period import cohort_approach, complete_approach, period_approach
from tests.epidemiology.cohorts import flat_table, synthetic, synthetic_table

START = date(2000, 3, 1)
BY_SEX = {"male": 9e-3, "female": 1e-3}


def table_by_sex() -> LifeTable:
    return life_table_of(Cell(age, year, sex, hazard, "") for sex, hazard in BY_SEX.items() for age in range(30) for year in (2000, 2001))


def day(number: int) -> date:
    return START + timedelta(days=number)


def people(*rows: tuple[int, int, int], entries: list[int] | None = None) -> FollowUp:
    """From the day (counted from START) of diagnosis, the days to exit, and whether it was death; every second one a woman."""
    diagnosed, exits, dead = zip(*rows, strict=True)
    return follow_up(
        sex=[("male", "female")[number % 2] for number in range(len(rows))],
        age_days=[7_000] * len(rows),
        diagnosis=[day(number) for number in diagnosed],
        exit_days=exits,
        dead=dead,
        entry_days=entries,
    )


def rows_of(persons: FollowUp) -> list[tuple[float, float, bool]]:
    return list(zip(persons.entry_days.tolist(), persons.exit_days.tolist(), persons.dead.tolist(), strict=True))


@pytest.mark.parametrize(
    ("diagnosed", "exits", "dead", "found"),
    [
        (0, 40, 1, None),  # gone before the window
        (0, 50, 1, None),  # died on the day on which it begins
        (0, 51, 1, (50, 51, True)),
        (0, 60, 1, (50, 60, True)),  # died on its last day
        (0, 61, 1, (50, 60, False)),  # died after it
        (0, 80, 0, (50, 60, False)),
        (49, 0, 1, None),
        (49, 5, 1, (1, 5, True)),
        (50, 0, 1, (0, 0, True)),  # diagnosed as it begins: from the day of diagnosis
        (55, 3, 1, (0, 3, True)),
        (55, 9, 1, (0, 5, False)),
        (60, 9, 1, (0, 0, False)),
        (61, 9, 1, None),
    ],
)
def test_the_days_in_a_window(diagnosed: int, exits: int, dead: int, found: tuple[int, int, bool] | None) -> None:
    """A window from day 50 to day 60, with somebody else in it."""
    other = (52, 8, 0)
    seen = rows_of(period_approach(people(other, (diagnosed, exits, dead)), begin=day(50), end=day(60)))
    assert seen == [(0, 8, False), *([found] if found else [])]


def test_the_first_and_the_last_day_of_a_span_of_diagnoses_count() -> None:
    persons = people((9, 8, 1), (10, 8, 1), (15, 8, 1), (20, 8, 1), (21, 8, 1))
    found = complete_approach(persons, diagnosed_from=day(10), diagnosed_until=day(20), closing=day(27))
    assert rows_of(found) == [(0, 8, True), (0, 8, True), (0, 7, False)]


def test_who_came_late_comes_no_earlier() -> None:
    persons = people((0, 100, 1), (0, 100, 1), entries=[30, 70])
    assert rows_of(period_approach(persons, begin=day(50), end=day(300))) == [(50, 100, True), (70, 100, True)]


def by_calendar(persons: FollowUp, begin: int, end: int, hazards: dict[str, float]) -> list[float]:
    """Net survival after each day from loops over follow-up days and persons, those alone whose day is in the window; nan after a gap."""
    survival, found = 1.0, []
    diagnosed = persons.persons.diagnosis_days - float(np.datetime64(START, "D").astype(np.int64))
    for t in range(1, int(persons.exit_days.max()) + 1):
        weight_before = weight = expected_before = expected = deaths = 0.0
        for i, hazard in enumerate(list(hazards.values())[sex] for sex in persons.persons.sex):
            if persons.exit_days[i] < t or not begin < diagnosed[i] + t <= end:
                continue
            before, after = math.exp(hazard * (t - 1)), math.exp(hazard * t)
            weight_before, weight = weight_before + before, weight + after
            expected_before, expected = expected_before + before * hazard, expected + after * hazard
            deaths += after * (persons.dead[i] and persons.exit_days[i] == t)
        survival = survival * (1 - deaths / weight + 0.5 * (expected_before / weight_before + expected / weight)) if weight else math.nan
        found.append(survival)
    return found


CASES = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 30), st.booleans()), min_size=2, max_size=25)


@given(CASES, st.integers(0, 30), st.integers(1, 30))
def test_survival_of_a_window_against_the_calendar(rows: list[tuple[int, int, bool]], begin: int, length: int) -> None:
    persons = people((begin, 30, 0), *rows)
    window = period_approach(persons, begin=day(begin), end=day(begin + length))
    for curve, hazards, step in (
        (pohar_perme(window, table_by_sex()), BY_SEX, False),
        (kaplan_meier(window), dict.fromkeys(BY_SEX, 0.0), True),
    ):
        expected = by_calendar(persons, begin, begin + length, hazards)
        for time, value in zip(curve.time.astype(int), curve.survival, strict=True):
            if time > 0 and not (step and math.isnan(value)):
                assert value == pytest.approx(expected[time - 1], abs=1e-12, nan_ok=True)


@pytest.mark.parametrize(
    "curve",
    [
        kaplan_meier,
        lambda persons: ederer2(persons, synthetic_table()),
        lambda persons: pohar_perme(persons, synthetic_table(), years=(5,)),
    ],
)
def test_a_window_that_holds_everything_is_the_complete_approach(curve: Callable[[FollowUp], object]) -> None:
    everything = {"diagnosed_from": date(1980, 1, 1), "diagnosed_until": date(2030, 1, 1), "closing": date(2030, 1, 1)}
    curves = (
        curve(period_approach(synthetic(), begin=date(1980, 1, 1), end=date(2030, 1, 1))),
        curve(complete_approach(synthetic(), **everything)),
        curve(synthetic()),
    )
    values = [found.at([1, 5, 10]).survival.tolist() for found in curves]  # type: ignore[attr-defined]
    assert values[0] == values[1] == values[2]


def test_windows_side_by_side_share_days_and_deaths_out() -> None:
    windows = [period_approach(synthetic(), begin=date(year, 1, 1), end=date(year + 5, 1, 1)) for year in range(1985, 2025, 5)]
    later = synthetic().exit_days > 0
    assert sum(float((window.exit_days - window.entry_days).sum()) for window in windows) == synthetic().exit_days.sum()
    assert sum(int((window.dead & (window.exit_days > 0)).sum()) for window in windows) == (synthetic().dead & later).sum()


def test_the_period_approach_sees_an_improvement_first() -> None:
    """Whoever lives in 2010 or later dies half as often. What the period of 2015–2019 says of 10 years lies nearer to what will be."""
    draw = np.random.default_rng(7)
    number = 4000
    diagnosis = np.datetime64("1995-01-01") + draw.integers(0, 25 * 365, number)
    to_change = np.maximum((np.datetime64("2010-01-01") - diagnosis).astype(float), 0)
    before, after = draw.exponential(2000, number), draw.exponential(4000, number)
    death = np.ceil(np.where(before < to_change, before, to_change + after))
    closing = np.datetime64("2019-12-31")
    last = (closing - diagnosis).astype(float)
    persons = follow_up(
        sex=["male"] * number,
        age_days=[20_000] * number,
        diagnosis=diagnosis,
        exit_days=np.minimum(death, last),
        dead=death <= last,
    )
    spans = {"diagnosed_from": date(1995, 1, 1), "closing": date(2019, 12, 31)}
    cohort = cohort_approach(persons, diagnosed_until=date(2009, 12, 31), years=10, **spans)  # type: ignore[arg-type]
    complete = complete_approach(persons, diagnosed_until=date(2019, 12, 31), **spans)
    period = period_approach(persons, begin=date(2014, 12, 31), end=date(2019, 12, 31))
    for curve in (kaplan_meier, lambda chosen: pohar_perme(chosen, flat_table(0.0), years=[10])):
        said = [float(curve(chosen).at([10]).survival[0]) for chosen in (cohort, complete, period)]
        truth = math.exp(-3652.41 / 4000)
        assert said[0] < said[1] < said[2]
        assert said[2] == pytest.approx(truth, abs=0.03)


def test_what_is_refused() -> None:
    persons = people((0, 100, 1), (20, 100, 1))
    with pytest.raises(
        FollowUpError, match=r"Diagnosed until 2010-01-01, follow-up closed on 2012-01-01: 2\.00 years, and 5 are asked about"
    ):
        cohort_approach(persons, diagnosed_from=START, diagnosed_until=date(2010, 1, 1), years=5, closing=date(2012, 1, 1))
    with pytest.raises(FollowUpError, match="diagnosed_from is 2011-01-01, and diagnosed_until 2010-01-01"):
        complete_approach(persons, diagnosed_from=date(2011, 1, 1), diagnosed_until=date(2010, 1, 1), closing=date(2012, 1, 1))
    with pytest.raises(FollowUpError, match="begin is 2011-01-01, and end 2010-01-01"):
        period_approach(persons, begin=date(2011, 1, 1), end=date(2010, 1, 1))
    with pytest.raises(FollowUpError, match="None of the 2 persons was followed from 2011-01-01 to 2012-01-01"):
        period_approach(persons, begin=date(2011, 1, 1), end=date(2012, 1, 1))
    with pytest.raises(FollowUpError, match="None of the 2 persons was diagnosed from 2001-01-01 to 2001-02-01"):
        complete_approach(persons, diagnosed_from=date(2001, 1, 1), diagnosed_until=date(2001, 2, 1), closing=date(2002, 1, 1))
