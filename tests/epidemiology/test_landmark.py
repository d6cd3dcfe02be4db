"""Time zero: who is in which arm, who leaves and why, and that immortal time is refused, or its bias seen to vanish."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nelm.epidemiology.covariates import ComparisonError, Covariates
from nelm.epidemiology.cox import HazardRatio, cox
from nelm.epidemiology.follow_up import Times, times
from nelm.epidemiology.landmark import (
    Arms,
    AtLandmark,
    Courses,
    FlowStep,
    ImmortalTimeError,
    Rows,
    TreatedAtZero,
    arms,
    courses,
    time_varying,
)

# name: exit, dead, treated, day of treatment
PERSONS = {
    "treated at once": (900, 1, True, 0),
    "treated on day 80": (700, 1, True, 80),
    "treated on day 90": (800, 0, True, 90),
    "treated on day 91": (600, 1, True, 91),
    "never treated": (500, 0, False, None),
    "died untreated on day 30": (30, 1, False, None),
    "died treated on day 90": (90, 1, True, 10),
    "lost on day 60": (60, 0, False, None),
    "treated, unknown when": (400, 0, True, None),
    "unknown whether": (450, 1, None, None),
}


def those(names: list[str], eligible: float = 0.0) -> Courses:
    rows = [PERSONS[name] for name in names]
    return courses(
        times(exit_days=[row[0] + eligible for row in rows], dead=[row[1] for row in rows]),
        treated=[row[2] for row in rows],
        treatment_days=[None if row[3] is None else row[3] + eligible for row in rows],
        eligible_days=np.full(len(rows), eligible),
    )


@pytest.mark.parametrize("eligible", [0, 200])
def test_at_the_landmark(eligible: int) -> None:
    names = list(PERSONS)
    found = arms(those(names, eligible), AtLandmark(90))
    assert {names[place]: bool(treated) for place, treated in zip(found.persons, found.treated, strict=True)} == {
        "treated at once": True,
        "treated on day 80": True,
        "treated on day 90": True,
        "treated on day 91": False,
        "never treated": False,
    }
    assert found.times.exit_days.tolist() == [810, 610, 710, 510, 410]
    assert found.times.dead.tolist() == [True, True, False, True, False]
    assert found.times.entry_days.tolist() == [0] * 5
    assert found.treated_later == 1
    assert found.flow == (
        FlowStep("not known whether or when they were treated", 2, 0),
        FlowStep("died within 90 days of time zero", 2, 2),
        FlowStep("lost within 90 days of time zero", 1, 0),
    )


def test_before_time_zero() -> None:
    """The landmark leaves out those whose treatment began before they were eligible, and those who did not live to be."""
    at = times(exit_days=[500, 500, 500, 100], dead=[1, 0, 1, 1])
    found = courses(at, treated=[True, True, False, False], treatment_days=[50, 120, None, None], eligible_days=[100, 100, 100, 100])
    chosen = arms(found, AtLandmark(30))
    assert (chosen.persons.tolist(), chosen.treated.tolist()) == ([1, 2], [True, False])
    assert chosen.flow == (FlowStep("followed up to time zero at most", 1, 1), FlowStep("treated before time zero", 1, 0))
    assert (chosen.treated_later, chosen.treated_before) == (0, 0)
    early = courses(at, treated=[True, True, False, False], treatment_days=[50, 100, None, None], eligible_days=[100, 100, 100, 100])
    assert (arms(early, TreatedAtZero()).treated.tolist(), arms(early, TreatedAtZero()).treated_before) == ([True, True, False], 1)
    with pytest.raises(ImmortalTimeError, match="Treatment of 1 persons began after time zero, 20 days after it in the middle"):
        arms(found, TreatedAtZero())


def test_treated_at_zero() -> None:
    names = ["treated at once", "never treated", "died untreated on day 30"]
    found = arms(those(names), TreatedAtZero())
    assert found.treated.tolist() == [True, False, False]
    assert found.times.exit_days.tolist() == [900, 500, 30]
    assert found.flow == ()


def test_treatment_from_after_time_zero_is_refused() -> None:
    with pytest.raises(ImmortalTimeError, match=r"Treatment of 4 persons began after time zero, 85 days .*AtLandmark.*time_varying"):
        arms(
            those(["treated on day 80", "treated on day 90", "treated on day 91", "died treated on day 90", "never treated"][:5]),
            TreatedAtZero(),
        )


def test_late_entries_keep_their_place() -> None:
    """Under observation from day 150 on is from 60 days after the landmark; from day 20 on, from the landmark."""
    at = times(exit_days=[400, 400, 400], dead=[1, 1, 1], entry_days=[150, 20, 0])
    found = courses(at, treated=[True, False, False], treatment_days=[10, None, None])
    assert arms(found, AtLandmark(90)).times.entry_days.tolist() == [60, 0, 0]


@pytest.mark.parametrize(
    ("treated", "days", "eligible", "message"),
    [
        ([True, False], [5, 6], None, "Person 2: untreated, with treatment on day 6"),
        (["yes", False], [5, None], None, "Person 1: treated is 'yes'"),
        ([True], [5], None, "permitted are 2 of each"),
        ([True, False], [5, None], [0, -1], "permitted are whole days of 0 or more"),
        ([True, False], [5, None], [0, 1.5], "permitted are whole days of 0 or more"),
    ],
)
def test_courses_that_cannot_be(treated: list[bool | None], days: list[float | None], eligible: list[float] | None, message: str) -> None:
    with pytest.raises(ComparisonError, match=message):
        courses(times(exit_days=[9, 9], dead=[0, 1]), treated=treated, treatment_days=days, eligible_days=eligible)


def test_nobody_to_compare_with() -> None:
    with pytest.raises(ComparisonError, match="Nobody is treated among the 2 persons"):
        arms(those(["never treated", "treated on day 91"]), AtLandmark(30))
    with pytest.raises(ComparisonError, match="Nobody is untreated among the 1 persons"):
        arms(those(["treated at once"]), TreatedAtZero())
    with pytest.raises(ComparisonError, match="The landmark is on day 0"):
        AtLandmark(0)


def test_rows_of_treatment_as_it_changes() -> None:
    at = times(exit_days=[100, 100, 100, 100, 5, 100], dead=[1, 1, 0, 1, 1, 1], entry_days=[0, 0, 0, 20, 0, 0])
    found = time_varying(
        courses(
            at,
            treated=[False, True, True, True, False, None],
            treatment_days=[None, 40, 10, 60, None, None],
            eligible_days=[0, 0, 10, 0, 10, 0],
        )
    )
    rows = sorted(
        zip(
            found.persons.tolist(),
            found.times.entry_days.tolist(),
            found.times.exit_days.tolist(),
            found.times.dead.tolist(),
            found.treated.tolist(),
            strict=True,
        )
    )
    assert rows == [
        (0, 0, 100, True, False),
        (1, 0, 40, False, False),
        (1, 40, 100, True, True),
        (2, 0, 90, False, True),
        (3, 20, 60, False, False),
        (3, 60, 100, True, True),
    ]
    assert found.flow == (FlowStep("followed up to time zero at most", 1, 1), FlowStep("not known whether or when they were treated", 1, 0))


# -- immortal time in simulated data -----------------------------------------------------------------------------


def waiting(count: int, seed: int) -> Courses:
    """A treatment without any effect: half wait for it, on average 300 days, and get it if they live so long."""
    random = np.random.default_rng(seed)
    life = np.ceil(random.exponential(700, count))
    wait = np.where(random.random(count) < 0.5, np.floor(random.exponential(300, count)), np.inf)
    treated = wait < np.minimum(life, 3000)
    return courses(
        Times(np.zeros(count), np.minimum(life, 3000), life <= 3000),
        treated=treated.tolist(),
        treatment_days=[day if is_treated else None for day, is_treated in zip(wait.tolist(), treated.tolist(), strict=True)],
    )


def ratio(found: Arms | Rows) -> HazardRatio:
    clusters = found.persons.tolist()
    return cox(found.times, Covariates(("treated",), ("treated",), found.treated.astype(float)[:, None]), clusters=clusters).of("treated")


def test_treated_ever_is_biased_and_the_rules_are_not() -> None:
    found = waiting(4000, 1)
    ever = ~np.isnan(found.treatment_days)
    naive = cox(found.times, Covariates(("ever",), ("ever",), ever.astype(float)[:, None])).of("ever")
    assert naive.upper < 0.7
    with pytest.raises(ImmortalTimeError):
        arms(found, TreatedAtZero())
    for rule in (100, 365):
        at_landmark = ratio(arms(found, AtLandmark(rule)))
        assert at_landmark.lower < 1 < at_landmark.upper
        assert abs(math.log(at_landmark.ratio)) < 0.1
    changing = ratio(time_varying(found))
    assert changing.lower < 1 < changing.upper
    assert abs(math.log(changing.ratio)) < 0.1
