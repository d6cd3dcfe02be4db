"""The loops over persons and days, compiled by numba. Everything else about them stands where they are used.

A table's cells are held by three arrays: `hazard[sex, age, calendar]` per day, `birthdays` and `new_years`. The last two hold where
the cells begin and, as last element, where the table ends: ages in days, calendar days since 1970-01-01. Before the first and after
the last cell, that cell is held.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """The same function as machine code, made at its first call."""
    return cast("Callable[P, R]", numba.njit(nogil=True)(function))  # numba itself says Any


@compiled
def cell_after(cell: int, starts: Floats, place: float) -> int:
    """The cell that holds `place`, looked for from `cell` upwards."""
    while cell < starts.size - 2 and place >= starts[cell + 1]:
        cell += 1
    return cell


@compiled
def integrated(
    hazard: Floats,
    birthdays: Floats,
    new_years: Floats,
    sex: Integers,
    age: Floats,
    diagnosis: Floats,
    start: Floats,
    stop: Floats,
) -> tuple[Floats, Floats]:
    """For each person the exact integral of the hazard between two follow-up days, and the days of it outside of the table."""
    total = np.zeros(sex.size)
    outside = np.zeros(sex.size)
    for i in range(sex.size):
        now = start[i]
        a, c = 0, 0
        while now < stop[i]:
            a = cell_after(a, birthdays, age[i] + now)
            c = cell_after(c, new_years, diagnosis[i] + now)
            then = stop[i]
            # every edge ahead of us bounds the step, the two edges of the table too: beyond them days are counted as outside
            for edge in (birthdays[a] - age[i], birthdays[a + 1] - age[i], new_years[c] - diagnosis[i], new_years[c + 1] - diagnosis[i]):
                if now < edge < then:
                    then = edge
            total[i] += hazard[sex[i], a, c] * (then - now)
            middle = 0.5 * (now + then)
            inside = birthdays[0] <= age[i] + middle < birthdays[-1] and new_years[0] <= diagnosis[i] + middle < new_years[-1]
            if not inside:
                outside[i] += then - now
            if then == now:  # pragma: no cover - an edge closer than the numbers can tell apart
                break
            now = then
    return total, outside


@compiled
def daily_sums(
    hazard: Floats,
    birthdays: Floats,
    new_years: Floats,
    sex: Integers,
    age: Floats,
    diagnosis: Floats,
    entry: Floats,
    exit_: Floats,
    dead: Booleans,
    grid: Floats,
) -> tuple[Floats, float]:
    """Sums over the persons at risk in each step of `grid`, the hazard read at the start of the step; days outside of the table.

    Rows of the first, with w = 1 / S_P: 0 Σw and 1 Σw·λ·dt with w at the start of the step; 2 Σw and 3 Σw·λ·dt with w at its end;
    4 Σw and 5 Σw² over deaths at its end; 6 Σλ·dt; 7 the number at risk; 8 the number of deaths.
    """
    sums = np.zeros((9, grid.size))
    outside = 0.0
    for i in range(sex.size):
        now, cumulative, before = 0.0, 0.0, 1.0
        a, c = 0, 0
        for k in range(grid.size):
            if grid[k] > exit_[i]:
                break
            at_age, at_day, step = age[i] + now, diagnosis[i] + now, grid[k] - now
            a = cell_after(a, birthdays, at_age)
            c = cell_after(c, new_years, at_day)
            if at_age < birthdays[0] or at_age >= birthdays[-1] or at_day < new_years[0] or at_day >= new_years[-1]:
                outside += step
            expected = hazard[sex[i], a, c] * step
            cumulative += expected
            after = np.exp(cumulative)
            if entry[i] < grid[k]:
                sums[0, k] += before
                sums[1, k] += before * expected
                sums[2, k] += after
                sums[3, k] += after * expected
                sums[6, k] += expected
                sums[7, k] += 1.0
                if dead[i] and exit_[i] == grid[k]:
                    sums[4, k] += after
                    sums[5, k] += after * after
                    sums[8, k] += 1.0
            before = after
            now = grid[k]
    return sums, outside


@compiled
def expected_sums(
    hazard: Floats,
    birthdays: Floats,
    new_years: Floats,
    sex: Integers,
    age: Floats,
    diagnosis: Floats,
    until: Floats,
    grid: Floats,
) -> tuple[Floats, Floats, float]:
    """Σ S_P(t) and Σ S_P(t)·ΔH over those with `until` ≥ t, at each t of `grid`, integrated exactly; days outside of the table."""
    survival = np.zeros(grid.size)
    weighted = np.zeros(grid.size)
    outside = 0.0
    for i in range(sex.size):
        now, cumulative = 0.0, 0.0
        a, c = 0, 0
        for k in range(grid.size):
            if grid[k] > until[i]:
                break
            gained = 0.0
            while now < grid[k]:
                a = cell_after(a, birthdays, age[i] + now)
                c = cell_after(c, new_years, diagnosis[i] + now)
                then = grid[k]
                for edge in (
                    birthdays[a] - age[i],
                    birthdays[a + 1] - age[i],
                    new_years[c] - diagnosis[i],
                    new_years[c + 1] - diagnosis[i],
                ):
                    if now < edge < then:
                        then = edge
                middle = 0.5 * (now + then)
                at_age, at_day = age[i] + middle, diagnosis[i] + middle
                if at_age < birthdays[0] or at_age >= birthdays[-1] or at_day < new_years[0] or at_day >= new_years[-1]:
                    outside += then - now
                gained += hazard[sex[i], a, c] * (then - now)
                now = then
            cumulative += gained
            alive = np.exp(-cumulative)
            survival[k] += alive
            weighted[k] += alive * gained
    return survival, weighted, outside


@compiled
def influence_sums(
    hazard: Floats,
    birthdays: Floats,
    new_years: Floats,
    sex: Integers,
    age: Floats,
    diagnosis: Floats,
    entry: Floats,
    exit_: Floats,
    dead: Booleans,
    grid: Floats,
    steps: Floats,
) -> Floats:
    """Σ p², Σ p·q and Σ q² over all persons at each t of `grid`, for the variances of crude mortality (see there).

    Rows of `steps`, one column for each step: 0 S(v−) / n; 1 the mean of λ·dt among those at risk; 2 d / n; 3 1 / ((1 − d / n) n);
    4 F_P(v). Over the steps v ≤ t in which a person is at risk, with r = (dN − d / n) / ((1 − d / n) n): q = Σ r and
    p = Σ [S(v−) (λ·dt − mean) / n + F_P(v) r].
    """
    during = np.zeros((3, grid.size))
    gone = np.zeros((3, grid.size))
    for i in range(sex.size):
        now, p, q = 0.0, 0.0, 0.0
        a, c = 0, 0
        for k in range(grid.size):
            a = cell_after(a, birthdays, age[i] + now)
            c = cell_after(c, new_years, diagnosis[i] + now)
            last = grid[k] >= exit_[i]
            if entry[i] < grid[k]:
                event = 1.0 if dead[i] and last else 0.0
                r = steps[3, k] * (event - steps[2, k])
                p += steps[0, k] * (hazard[sex[i], a, c] * (grid[k] - now) - steps[1, k]) + steps[4, k] * r
                q += r
            place = gone if last else during
            place[0, k] += p * p
            place[1, k] += p * q
            place[2, k] += q * q
            if last:
                break
            now = grid[k]
    for row in range(3):
        during[row] += np.cumsum(gone[row])
    return during
