"""How many of the persons of a survival cohort are alive on a day, where some of them are lost before: the count, and its variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nelm.epidemiology.kernels import Booleans, Floats, Integers


@dataclass(frozen=True)
class CountedAlive:
    """How many of the lost are expected to be alive, for how many of them survival was carried on beyond what anybody was followed,
    and the variance of the number alive, of those seen and those expected."""

    lost_expected_alive: float
    beyond_follow_up: int
    variance: float


def count_alive(days: Integers, to_index: Integers, alive: Booleans, died: Booleans) -> CountedAlive:
    """Whoever is neither seen `alive` on the index date nor `died` before it counts with the chance S(to_index) / S(days).

    `days` are those from diagnosis to the last contact, or to the index date if that is earlier; `to_index` those to the index date; S is
    the Kaplan–Meier survival of the persons, deaths before losses of a day.

    The variance is the sum over persons of the squared derivative of the count by the weight of the person, persons coming as a
    Poisson process. A person weighs what it counts (1, 0 or its chance), and by dying or living on the days v on which d of n die it
    changes the chances of the lost: by −G / (n − d) · (dN − d / n), G the expected alive among the lost whose gap holds v. Without
    lost persons it is the number alive.
    """
    lost = ~alive & ~died
    times, deaths = np.unique(days[died], return_counts=True)
    at_risk = len(days) - np.searchsorted(np.sort(days), times, side="left")
    fraction = deaths / at_risk
    survival = np.concatenate([[1.0], np.cumprod(1 - fraction)])
    done, due = (np.searchsorted(times, day, side="right") for day in (days, to_index))
    weight = np.where(alive, 1.0, 0.0)
    weight[lost] = survival[due[lost]] / survival[done[lost]]  # never 0 / 0: one lost on a day was at risk on it, so not all at risk died
    beyond = lost & (to_index > days.max(initial=0)) & (survival[-1] > 0)
    waiting = _waiting(done[lost], due[lost], weight[lost], len(times))
    pull = np.divide(waiting, at_risk - deaths, out=np.zeros_like(waiting), where=at_risk > deaths)
    influence = weight + np.concatenate([[0.0], np.cumsum(pull * fraction)])[done]
    influence[died] -= pull[done[died] - 1]
    return CountedAlive(float(weight[lost].sum()), int(beyond.sum()), float((influence**2).sum()))


def _waiting(done: Integers, due: Integers, weight: Floats, number: int) -> Floats:
    """For each day with deaths: how many of the lost are expected alive by a survival that takes this day in."""
    changes = np.zeros(number + 1)
    np.add.at(changes, done, weight)
    np.add.at(changes, due, -weight)
    return np.asarray(np.cumsum(changes)[:-1], dtype=np.float64)
