"""The compiled sums against loops over persons and steps that do nothing clever."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nelm.epidemiology.kernels import hazard_sums, weighted_sums

HAZARD = np.array([[[0.01, 0.02, 0.03], [0.004, 0.005, 0.006]], [[0.001, 0.0, 0.003], [0.007, 0.008, 0.009]]])
BIRTHDAYS = np.array([10.0, 14.5, 19.241])
NEW_YEARS = np.array([-3.0, 4.0, 6.0, 11.0])

Person = tuple[int, float, int, int, int, bool]  # sex, age, day of diagnosis, entry, exit, dead

PERSONS = st.tuples(
    st.integers(0, 1),
    st.floats(0, 25) | st.sampled_from([10.0, 14.5, 10.241, 4.241]),
    st.integers(-12, 14),
    st.integers(-1, 8),
    st.integers(0, 14),
    st.booleans(),
).filter(lambda person: person[3] < person[4] or person[3] == -1)


def cell(starts: np.ndarray, place: float) -> tuple[int, bool]:
    """Which cell holds a place, the first and the last whatever lies beyond; and whether it lies in the table."""
    number = int(np.searchsorted(starts, place, side="right")) - 1
    return min(max(number, 0), len(starts) - 2), bool(starts[0] <= place < starts[-1])


def slowly(persons: list[Person], grid: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    sums, hazards, outside = np.zeros((6, grid.size)), np.zeros(grid.size), 0.0
    for sex, age, diagnosis, entry, exit_, dead in persons:
        cumulative, now = 0.0, 0.0
        for k, then in enumerate(grid.tolist()):
            if then > exit_:
                break
            (a, in_ages), (c, in_years) = cell(BIRTHDAYS, age + now), cell(NEW_YEARS, diagnosis + now)
            expected = HAZARD[sex, a, c] * (then - now)
            before, after = math.exp(cumulative), math.exp(cumulative + expected)
            if entry < then:
                died = float(dead and exit_ == then)
                sums[:, k] += [before, before * expected, after, after * expected, died * after, died * after**2]
                hazards[k] += expected
            outside += 0.0 if in_ages and in_years else then - now
            cumulative += expected
            now = then
    return sums, hazards, outside


@given(st.lists(PERSONS, min_size=1, max_size=6), st.lists(st.floats(0, 14), max_size=3), st.booleans())
def test_weighted_sums_and_hazard_sums(persons: list[Person], between: list[float], from_0: bool) -> None:
    last = max(person[4] for person in persons)
    first = 0 if from_0 or any(person[4] == 0 for person in persons) else 1
    grid = np.unique([*range(first, last + 1), *(time for time in between if first <= time <= last)]).astype(float)
    sex, age, diagnosis, entry, exit_, dead = (np.array(part) for part in zip(*persons, strict=True))
    who = sex, age.astype(float), diagnosis.astype(float), entry.astype(float), exit_.astype(float)
    sums, hazards, outside = slowly(persons, grid)
    found, found_outside = weighted_sums(HAZARD, BIRTHDAYS, NEW_YEARS, *who, dead, grid)
    assert found == pytest.approx(sums, abs=1e-12)
    assert found_outside == pytest.approx(outside, abs=1e-9)
    found, found_outside = hazard_sums(HAZARD, BIRTHDAYS, NEW_YEARS, *who, grid)
    assert found == pytest.approx(hazards, abs=1e-12)
    assert found_outside == pytest.approx(outside, abs=1e-9)
