"""The number alive and its variance, against the definition with weights for persons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nelm.epidemiology.lost_persons import count_alive

Person = tuple[int, int, bool]  # days followed, days to the index date, died


def counted(persons: Sequence[Person], weights: Sequence[float]) -> float:
    """The number alive as the definition reads, persons counting with their weights."""
    total = 0.0
    for (days, to_index, died), weight in zip(persons, weights, strict=True):
        chance = 0.0 if died else 1.0
        for day in range(days + 1, to_index + 1) if not died else ():
            at_risk = sum(w for w, (followed, _, _) in zip(weights, persons, strict=True) if followed >= day)
            deaths = sum(w for w, (followed, _, dead) in zip(weights, persons, strict=True) if followed == day and dead)
            chance *= 1 - deaths / at_risk if at_risk else 1
        total += weight * chance
    return total


PEOPLE = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans()).map(lambda row: (min(row[:2]), row[1], row[2] and row[0] < row[1])),
    min_size=1,
    max_size=12,
)


@given(PEOPLE)
def test_the_definition(persons: list[Person]) -> None:
    days, to_index, died = (np.array(part) for part in zip(*persons, strict=True))
    alive = (days == to_index) & ~died
    found = count_alive(days, to_index, alive, died)
    even, step = [1.0] * len(persons), 1e-5
    assert alive.sum() + found.lost_expected_alive == pytest.approx(counted(persons, even))
    derivatives = [
        (counted(persons, [*even[:i], 1 + step, *even[i + 1 :]]) - counted(persons, [*even[:i], 1 - step, *even[i + 1 :]])) / (2 * step)
        for i in range(len(persons))
    ]
    assert found.variance == pytest.approx(sum(value**2 for value in derivatives), abs=1e-7)


def test_without_lost_persons_it_is_the_number_alive() -> None:
    found = count_alive(np.array([5, 5, 2]), np.array([5, 5, 5]), np.array([True, True, False]), np.array([False, False, True]))
    assert (found.lost_expected_alive, found.beyond_follow_up, found.variance) == (0, 0, 2)
