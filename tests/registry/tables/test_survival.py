"""Survival by groups of a table: support, tests with unknown groups, and what is said."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from nelm.epidemiology.follow_up import FollowUp, Persons, times
from nelm.epidemiology.log_rank import log_rank
from nelm.epidemiology.support import Support, SupportRule
from nelm.registry.tables.persons import PersonTable
from nelm.registry.tables.survival import survival_of
from nelm.registry.tables.survival_questions import METHODS, QuestionError, SurvivalQuestion

ONE_AT_RISK = SupportRule(1, doubtful_error=1.0, largest_error=1.0)


def table(exits: list[int], dead: list[int], groups: dict[str, list[str]] | None = None) -> PersonTable:
    return PersonTable(
        "made-up.csv",
        times(exit_days=exits, dead=dead),
        tuple("dead" if gone else "alive" for gone in dead),
        pl.DataFrame(groups or {}),
        tuple(range(2, len(exits) + 2)),
        (),
        0,
    )


def test_estimates_by_hand() -> None:
    """Of five, deaths at 100 and 200: 4/5 and 3/5 alive; at a year three are at risk."""
    found = survival_of(
        table([100, 200, 400, 400, 400], [1, 1, 0, 0, 0]), SurvivalQuestion("kaplan-meier", (0.4, 1.0), support=ONE_AT_RISK)
    )
    (result,) = found.results
    assert [estimate.value for estimate in result.estimates] == pytest.approx([0.8, 0.6])
    assert (result.persons, result.deaths, result.estimates[1].at_risk) == (5, 2, 3)
    assert found.estimates().columns[:3] == ["method", "years", "persons"]


def test_support_is_judged() -> None:
    rule = SupportRule(4, doubtful_error=0.15, largest_error=0.18)
    exits, dead = [100, 200, 400, 400, 400], [1, 1, 0, 0, 0]
    (result,) = survival_of(table(exits, dead), SurvivalQuestion("kaplan-meier", (0.1, 0.4, 1.0), support=rule)).results
    assert [found.support for found in result.estimates] == [Support.FULL, Support.DOUBTFUL, Support.NONE]
    assert np.isnan(result.estimates[2].value)
    assert result.curve.until == 100, "at 200 four are at risk, and the error is 0.22"


def test_groups_that_are_not_known_are_in_no_test() -> None:
    exits, dead = [10, 20, 30, 40, 50, 60], [1, 1, 0, 1, 0, 1]
    stage = ["I", "II", "I", "II", "not known", "not known"]
    found = survival_of(table(exits, dead, {"stage": stage}), SurvivalQuestion("kaplan-meier", (0.05,), support=ONE_AT_RISK))
    expected = log_rank(times(exit_days=exits[:4], dead=dead[:4]), stage[:4])
    assert found.tests[0].chi_squared == pytest.approx(expected.chi_squared)
    assert [group.persons for group in found.tests[0].groups] == [2, 2]
    assert "2 persons whose group is not known are in no test." in found.notes
    assert [result.key for result in found.results] == [("I",), ("II",), ("not known",)]


def test_no_test_of_one_group_or_without_deaths() -> None:
    question = SurvivalQuestion("kaplan-meier", (0.05,), support=ONE_AT_RISK)
    assert survival_of(table([10, 20], [1, 0], {"stage": ["I", "I"]}), question).tests == ()
    alive = survival_of(table([10, 20], [0, 0], {"stage": ["I", "II"]}), question)
    assert alive.tests == ()
    assert any(note.startswith("No test: Groups I, II: no death") for note in alive.notes)


def test_a_period_takes_its_own_persons_into_the_test() -> None:
    """Three died before the window: they are in no curve and no test. Who died on its first day, 1 January 2011, is in it."""
    exits, dead, groups = [100, 800, 900, 950, 100, 1200, 365, 364], [1, 1, 0, 1, 1, 0, 1, 1], ["a", "a", "b", "b", "b", "a", "b", "b"]
    nobody = np.zeros(8)
    day = np.full(8, float(np.datetime64(date(2010, 1, 1), "D").astype(int)))
    seen = times(exit_days=exits, dead=dead)
    persons = FollowUp(seen.entry_days, seen.exit_days, seen.dead, Persons(nobody.astype(np.int64), nobody, day))
    made = table(exits, dead, {"group": groups})
    period = PersonTable(made.file, persons, made.status, made.groups, made.lines, (), 0)
    found = survival_of(period, SurvivalQuestion("kaplan-meier", (2.2,), period=(2011, 2013), support=ONE_AT_RISK))
    assert [(result.key, result.persons) for result in found.results] == [(("a",), 2), (("b",), 3)]
    assert sum(group.observed for group in found.tests[0].groups) == 3


def test_every_method_states_what_it_needs() -> None:
    for name, method in METHODS.items():
        if method.life_table:
            with pytest.raises(QuestionError, match="Give its life table"):
                SurvivalQuestion(name, (1.0,))
    with pytest.raises(QuestionError, match=r"The method 'cox' is not known\. Permitted: kaplan-meier"):
        SurvivalQuestion("cox", (1.0,))
