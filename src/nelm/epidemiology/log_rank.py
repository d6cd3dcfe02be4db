"""Whether groups differ in survival: the log-rank test and its weighted relatives, also within strata."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special  # type: ignore[import-untyped]

from nelm.epidemiology.follow_up import FollowUpError, Times
from nelm.epidemiology.kernels import Booleans, Floats, Integers

EVERYBODY = "everybody"


@dataclass(frozen=True)
class TestedGroup:
    """A group in a test: its persons, and the events that it had and was expected to have if groups did not differ."""

    name: str
    persons: int
    observed: float
    expected: float


@dataclass(frozen=True)
class GroupTest:
    """A test of no difference: χ² with its degrees of freedom, and the probability of one as large or larger."""

    method: str
    chi_squared: float
    degrees_of_freedom: int
    p_value: float
    groups: tuple[TestedGroup, ...]


def log_rank(observed: Times, group: Sequence[str], *, strata: Sequence[str] | None = None, rho: float = 0.0) -> GroupTest:
    """The log-rank test (Mantel 1966; Peto, Peto 1972), with the weights S(t−)^rho of Harrington and Fleming 1982.

    At each time with a death, of n at risk Y_h in group h, and d deaths: Z_h = Σ w (d_h − d Y_h / n), the covariance of Z_h and Z_j is
    Σ w² d (n − d) / (n − 1) · Y_h / n · (δ_hj − Y_j / n). S is the Kaplan–Meier of all groups together. Sums go over strata, and only
    persons of one stratum are compared; χ² = Z V⁻ Z. `rho` 0 is the log-rank test, 1 the Prentice form of Wilcoxon's, which looks at
    early deaths. With delayed entry those under observation are at risk.

    For one of several causes of death: `dead` true for that cause alone compares cause-specific hazards, not probabilities.
    Raises FollowUpError where groups or strata are not one word for each person, or nothing can be compared.
    """
    names, number = coded(group, len(observed), "group")
    _, stratum = coded([EVERYBODY] * len(observed) if strata is None else strata, len(observed), "strata")
    if not 0 <= rho < np.inf:
        raise ValueError(f"rho is {rho}. Permitted: a number from 0 on.")
    difference, covariance = np.zeros(len(names)), np.zeros((len(names), len(names)))
    had, expected = np.zeros(len(names)), np.zeros(len(names))
    for chosen in each(stratum):
        deaths, at_risk = _by_group(observed.only(chosen), number[chosen], len(names))
        total, alive = deaths.sum(axis=0), at_risk.sum(axis=0)
        weight = np.concatenate([[1.0], np.cumprod(1 - total / alive)[:-1]]) ** rho
        part = at_risk / alive
        spread = weight**2 * total * np.divide(alive - total, alive - 1, out=np.zeros_like(alive), where=alive > 1)
        had += (weight * deaths).sum(axis=1)
        expected += (weight * total * part).sum(axis=1)
        difference += (weight * (deaths - total * part)).sum(axis=1)
        covariance += np.diag((spread * part).sum(axis=1)) - (spread * part) @ part.T
    tested = tuple(TestedGroup(name, int((number == h).sum()), float(had[h]), float(expected[h])) for h, name in enumerate(names))
    return tested_against_chi_squared("Log-rank" if rho == 0 else f"Log-rank with weights S^{rho:g}", difference, covariance, tested)


def tested_against_chi_squared(method: str, difference: Floats, covariance: Floats, groups: tuple[TestedGroup, ...]) -> GroupTest:
    """χ² = Z V⁻ Z, with as many degrees of freedom as V has dimensions. Raises FollowUpError where it has none."""
    freedom = int(np.linalg.matrix_rank(covariance, hermitian=True))
    if freedom == 0:
        raise FollowUpError(
            f"Groups {', '.join(group.name for group in groups)}: no death while persons of two groups were at risk. There is nothing to compare."
        )
    value = float(difference @ np.linalg.pinv(covariance, hermitian=True) @ difference)
    return GroupTest(method, value, freedom, float(special.chdtrc(freedom, value)), groups)


def coded(words: Sequence[str], persons: int, name: str) -> tuple[list[str], Integers]:
    """The different words in their order, and for each person the place of the own one. Raises FollowUpError."""
    given = list(words)
    wrong = [number for number, word in enumerate(given, start=1) if not isinstance(word, str) or not word]
    if len(given) != persons or wrong:
        found = f"{len(given)} words for {persons} persons" if len(given) != persons else f"{given[wrong[0] - 1]!r} for person {wrong[0]}"
        raise FollowUpError(f"{name}: found {found}. Permitted: a word for each person. Leave out, or name, whoever's is not known.")
    names = sorted(set(given))
    place = {word: number for number, word in enumerate(names)}
    return names, np.array([place[word] for word in given], dtype=np.int64)


def each(number: Integers) -> Iterator[Booleans]:
    """For each number who has it."""
    for value in np.unique(number):
        yield number == value


def _by_group(observed: Times, number: Integers, groups: int) -> tuple[Floats, Floats]:
    """For each group, at each time with a death: its deaths, and how many of it are at risk."""
    time = np.unique(observed.exit_days[observed.dead])
    deaths, at_risk = np.zeros((groups, time.size)), np.zeros((groups, time.size))
    for h in range(groups):
        mine = number == h
        ends = np.sort(observed.exit_days[mine & observed.dead])
        deaths[h] = _until(ends, time, "right") - _until(ends, time, "left")
        at_risk[h] = _until(np.sort(observed.risk_from[mine]), time, "left") - _until(np.sort(observed.exit_days[mine]), time, "left")
    return deaths, at_risk


def _until(days: Floats, time: Floats, side: str) -> npt.NDArray[np.int64]:
    return np.searchsorted(days, time, side="right" if side == "right" else "left")
