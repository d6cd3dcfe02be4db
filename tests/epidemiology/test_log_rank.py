"""The log-rank tests held to R, to another implementation on made-up persons, and to each other."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from statsmodels.duration.survfunc import survdiff  # type: ignore[import-untyped]

from nelm.epidemiology.follow_up import FollowUpError, Times, times
from nelm.epidemiology.log_rank import GroupTest, log_rank
from tests.epidemiology.cohorts import needs_reference_data, reference


def agrees(found: GroupTest, row: dict[str, str]) -> float:
    assert found.degrees_of_freedom == int(row["df"])
    return max(abs(found.chi_squared - float(row["chisq"])), abs(found.p_value - float(row["p"])))


@needs_reference_data
def test_r_on_lung() -> None:
    rows = reference("lung.csv")
    known = [row for row in rows if row["ph.ecog"]]
    expected = {row["test"]: row for row in reference("reference_logrank.csv")}

    def people(of: list[dict[str, str]]) -> tuple[Times, list[str]]:
        return times(exit_days=[int(row["time"]) for row in of], dead=[row["status"] == "2" for row in of]), [row["sex"] for row in of]

    deviations = [
        agrees(log_rank(*people(rows)), expected["logrank lung sex"]),
        agrees(log_rank(*people(rows), rho=1), expected["peto-peto rho=1 lung sex"]),
        agrees(log_rank(*people(known), strata=[row["ph.ecog"] for row in known]), expected["stratified logrank lung sex|ph.ecog"]),
    ]
    sys.stdout.write(f"log-rank, lung: {len(deviations)} tests, largest deviation {max(deviations):.1e}\n")
    assert max(deviations) < 1e-6


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("groups", [2, 4])
@pytest.mark.parametrize("stratified", [False, True])
def test_another_implementation(seed: int, groups: int, stratified: bool) -> None:
    """statsmodels, with ties and with strata."""
    draw = np.random.default_rng(seed)
    exits, dead = draw.integers(1, 25, 120), draw.random(120) < 0.7
    group, stratum = draw.integers(0, groups, 120), draw.integers(0, 3, 120)
    value, p = survdiff(exits, dead, group, strata=stratum if stratified else None)
    found = log_rank(times(exit_days=exits, dead=dead), [f"g{g}" for g in group], strata=[f"s{s}" for s in stratum] if stratified else None)
    assert (found.chi_squared, found.p_value) == pytest.approx((value, p), rel=1e-9)
    assert found.degrees_of_freedom == groups - 1


def test_by_hand() -> None:
    """Deaths on days 1 (a), 2 (b, of a and b one each at risk beside it) and 3."""
    found = log_rank(times(exit_days=[1, 3, 2, 4], dead=[1, 1, 1, 0]), ["a", "a", "b", "b"])
    a, b = found.groups
    assert (a.name, a.persons, a.observed, a.expected) == ("a", 2, 2, pytest.approx(1 / 2 + 1 / 3 + 1 / 2))
    assert (b.name, b.persons, b.observed, b.expected) == ("b", 2, 1, pytest.approx(1 / 2 + 2 / 3 + 1 / 2))
    variance = 1 / 4 + 2 / 9 + 1 / 4
    assert found.chi_squared == pytest.approx((2 - 4 / 3) ** 2 / variance)
    assert found.method == "Log-rank"


def test_weights_by_hand() -> None:
    """The same, the deaths weighted with the survival before them: 1, 3/4, 1/2."""
    found = log_rank(times(exit_days=[1, 3, 2, 4], dead=[1, 1, 1, 0]), ["a", "a", "b", "b"], rho=1)
    difference = 1 * (1 - 1 / 2) + 3 / 4 * (0 - 1 / 3) + 1 / 2 * (1 - 1 / 2)
    variance = 1 / 4 + (3 / 4) ** 2 * 2 / 9 + (1 / 2) ** 2 * 1 / 4
    assert found.chi_squared == pytest.approx(difference**2 / variance)
    assert found.groups[0].observed == pytest.approx(1 + 1 / 2)
    assert found.method == "Log-rank with weights S^1"


@pytest.mark.parametrize("rho", [0.0, 1.0])
def test_delayed_entry_splits_a_person_without_a_change(rho: float) -> None:
    """Observed to a day and from that day on: the same person-time, the same test."""
    draw = np.random.default_rng(11)
    exits, dead, group = draw.integers(2, 40, 80), draw.random(80) < 0.6, [f"g{g}" for g in draw.integers(0, 3, 80)]
    whole = log_rank(times(exit_days=exits, dead=dead), group, rho=rho)
    cut = exits // 2
    halves = times(exit_days=[*cut, *exits], entry_days=[*np.zeros(80, dtype=int), *cut], dead=[*np.zeros(80, dtype=bool), *dead])
    split = log_rank(halves, [*group, *group], rho=rho)
    assert split.chi_squared == pytest.approx(whole.chi_squared)


def test_groups_that_are_the_same_do_not_differ() -> None:
    exits, dead = [5, 8, 8, 13, 20], [1, 1, 0, 1, 0]
    found = log_rank(times(exit_days=exits * 3, dead=dead * 3), ["a"] * 5 + ["b"] * 5 + ["c"] * 5)
    assert found.chi_squared == pytest.approx(0, abs=1e-20)
    assert found.p_value == pytest.approx(1)


def test_a_group_that_is_never_compared_adds_no_degree_of_freedom() -> None:
    """The third group enters when the others have gone."""
    found = log_rank(times(exit_days=[3, 4, 5, 6, 20], entry_days=[0, 0, 0, 0, 10], dead=[1, 1, 1, 0, 1]), ["a", "a", "b", "b", "c"])
    assert found.degrees_of_freedom == 1


def test_what_is_refused() -> None:
    people = times(exit_days=[1, 2], dead=[1, 0])
    with pytest.raises(FollowUpError, match="Groups a: no death while persons of two groups were at risk"):
        log_rank(people, ["a", "a"])
    with pytest.raises(FollowUpError, match="group: found 1 words for 2 persons"):
        log_rank(people, ["a"])
    with pytest.raises(FollowUpError, match="group: found None for person 2"):
        log_rank(people, ["a", None])  # type: ignore[list-item]  # wrong on purpose
    with pytest.raises(FollowUpError, match="strata: found '' for person 1"):
        log_rank(people, ["a", "b"], strata=["", "x"])
    with pytest.raises(ValueError, match="rho is -1"):
        log_rank(people, ["a", "b"], rho=-1)
