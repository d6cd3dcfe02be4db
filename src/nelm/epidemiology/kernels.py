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

SOON = 1e-6  # of a day

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
def next_edge(starts: Floats, cell: int, at_begin: float, now: float) -> float:
    """The follow-up day on which a person who began at `at_begin` leaves a cell, or comes to the table, or goes beyond it."""
    place = at_begin + now
    if place >= starts[-1]:
        return np.inf
    edge = float(starts[0] if place < starts[0] else starts[cell + 1])
    return max(edge - at_begin, now + SOON)  # by rounding an edge ahead may seem to lie behind


@compiled
def within(starts: Floats, place: float) -> bool:
    """Whether the table reaches this far."""
    return bool(starts[0] <= place < starts[-1])


@compiled
def weighted_sums(
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
    4 Σw and 5 Σw² over deaths at its end. Steps of one day multiply w by the same factor for as long as a cell lasts.
    """
    sums = np.zeros((6, grid.size))
    outside = 0.0
    for i in range(sex.size):
        now, cumulative, k = 0.0, 0.0, 0
        a, c = 0, 0
        weight = 1.0
        while k < grid.size and grid[k] <= exit_[i]:
            a = cell_after(a, birthdays, age[i] + now)
            c = cell_after(c, new_years, diagnosis[i] + now)
            until = min(next_edge(birthdays, a, age[i], now), next_edge(new_years, c, diagnosis[i], now))
            here, since = hazard[sex[i], a, c], now
            daily = np.exp(here)
            weight = np.exp(cumulative)
            while k < grid.size and grid[k] <= exit_[i] and now < until:
                step = grid[k] - now
                after = weight * (daily if step == 1.0 else np.exp(here * step))
                if entry[i] < grid[k]:
                    sums[0, k] += weight
                    sums[1, k] += weight * (here * step)
                    sums[2, k] += after
                    sums[3, k] += after * (here * step)
                weight = after
                now = grid[k]
                k += 1
            cumulative += here * (now - since)
            if not (within(birthdays, age[i] + since) and within(new_years, diagnosis[i] + since)):
                outside += now - since
        if dead[i] and k > 0 and grid[k - 1] == exit_[i]:
            sums[4, k - 1] += weight
            sums[5, k - 1] += weight * weight
    return sums, outside


@compiled
def hazard_sums(
    hazard: Floats,
    birthdays: Floats,
    new_years: Floats,
    sex: Integers,
    age: Floats,
    diagnosis: Floats,
    entry: Floats,
    exit_: Floats,
    grid: Floats,
) -> tuple[Floats, float]:
    """Σλ·dt over the persons at risk in each step of `grid`, λ read at the start of the step; days outside of the table.

    A person adds λ at the first step of a cell, and takes it away after the last: sums of these changes are the sums over persons.
    """
    changes = np.zeros(grid.size + 1)
    outside = 0.0
    for i in range(sex.size):
        first, last = np.searchsorted(grid, entry[i], "right"), np.searchsorted(grid, exit_[i], "right")
        now, k = 0.0, 0
        a, c = 0, 0
        while k < last:
            a = cell_after(a, birthdays, age[i] + now)
            c = cell_after(c, new_years, diagnosis[i] + now)
            until = min(next_edge(birthdays, a, age[i], now), next_edge(new_years, c, diagnosis[i], now))
            then = min(last, np.searchsorted(grid, until, "left") + 1)  # a step that begins in the cell may end after it
            begin = max(k, first)
            if begin < then:
                changes[begin] += hazard[sex[i], a, c]
                changes[then] -= hazard[sex[i], a, c]
            if not (within(birthdays, age[i] + now) and within(new_years, diagnosis[i] + now)):
                outside += grid[then - 1] - now
            now, k = grid[then - 1], then
    steps = grid.copy()
    steps[1:] -= grid[:-1]
    return np.cumsum(changes[:-1]) * steps, outside


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
