"""Who is followed from when to when: the persons of a survival analysis, checked once.

All times are whole days since diagnosis. A person is at risk at day t if entry < t ≤ exit; whoever is under observation from the
day of diagnosis on (entry 0) is at risk on that day too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from nelm.epidemiology.kernels import Booleans, Floats, Integers

DAYS_PER_YEAR = 365.241  # the step of age in a life table, and the year in which times are reported
SEXES = ("male", "female")


class FollowUpError(ValueError):
    """Follow-up that cannot be: which person, what was found, what is permitted, what to do."""


@dataclass(frozen=True, eq=False)
class Persons:
    """Whose hazard a life table is asked for: sex (position in SEXES), age and date of diagnosis.

    `age_days` is the age at diagnosis in days, `diagnosis_days` the days from 1970-01-01 to diagnosis.
    """

    sex: Integers
    age_days: Floats
    diagnosis_days: Floats


@dataclass(frozen=True, eq=False)
class Times:
    """The days (since diagnosis) on which each person's observation begins and ends, and whether it ended by death.

    All that observed survival asks for. Make it with `times`, which checks; `entry_days` is at least 0, and below `exit_days` unless it is 0.
    """

    entry_days: Floats
    exit_days: Floats
    dead: Booleans

    def __len__(self) -> int:
        return int(self.exit_days.size)

    @property
    def delayed_entry(self) -> bool:
        """Whether someone's observation begins after diagnosis."""
        return bool((self.entry_days > 0).any())

    @property
    def risk_from(self) -> Floats:
        """The day after which each person is at risk; −1 where that includes the day of diagnosis itself."""
        return np.where(self.entry_days > 0, self.entry_days, -1.0)

    def only(self, which: npt.ArrayLike) -> Times:
        """Those persons for whom `which` (one boolean each) is true. Raises FollowUpError if that is nobody."""
        chosen = self._chosen(which)
        return Times(self.entry_days[chosen], self.exit_days[chosen], self.dead[chosen])

    def _chosen(self, which: npt.ArrayLike) -> Booleans:
        chosen = np.asarray(which)
        if chosen.dtype != np.bool_ or chosen.shape != self.exit_days.shape:
            raise FollowUpError(
                f"A choice of persons is {chosen.dtype} of shape {chosen.shape}. Permitted: one boolean for each of the {len(self)} persons."
            )
        if not chosen.any():
            raise FollowUpError(f"None of the {len(self)} persons is chosen. Survival needs one at least: leave empty groups out.")
        return chosen


@dataclass(frozen=True, eq=False)
class FollowUp(Times):
    """The same of persons whose sex, age and date of diagnosis are known, so that a life table has their population. See `follow_up`."""

    persons: Persons

    def only(self, which: npt.ArrayLike) -> FollowUp:
        """Those persons for whom `which` (one boolean each) is true. Raises FollowUpError if that is nobody."""
        chosen = self._chosen(which)
        persons = Persons(self.persons.sex[chosen], self.persons.age_days[chosen], self.persons.diagnosis_days[chosen])
        return FollowUp(self.entry_days[chosen], self.exit_days[chosen], self.dead[chosen], persons)


def times(*, exit_days: npt.ArrayLike, dead: npt.ArrayLike, entry_days: npt.ArrayLike | None = None) -> Times:
    """The times of persons, one element of each argument for each; the arguments are those of `follow_up`. Raises FollowUpError."""
    ends = _numbers(exit_days, "exit_days")
    begins = np.zeros_like(ends) if entry_days is None else _numbers(entry_days, "entry_days")
    deaths = _deaths(dead)
    _check_lengths({"exit_days": ends.size, "entry_days": begins.size, "dead": deaths.size})
    _check(ends >= 0, "exit_days", ends, "0 or more: follow-up cannot end before diagnosis. Mend one of the two dates")
    _check(begins >= 0, "entry_days", begins, "0 or more: observation counts from diagnosis on. Set it to 0 for whoever was known earlier")
    for name, days in (("exit_days", ends), ("entry_days", begins)):
        _check(np.isfinite(days) & (days == np.floor(days)), name, days, "whole days. Count the days between two dates")
    _check((begins < ends) | (begins == 0), "entry_days", begins, "less than exit_days. Leave out whoever was never under observation")
    return Times(begins, ends, deaths)


def follow_up(
    *,
    sex: Sequence[str],
    age_days: npt.ArrayLike,
    diagnosis: Sequence[date] | npt.NDArray[np.datetime64],
    exit_days: npt.ArrayLike,
    dead: npt.ArrayLike,
    entry_days: npt.ArrayLike | None = None,
) -> FollowUp:
    """The follow-up of persons, one element of each argument for each.

    `sex` is a word of SEXES, `age_days` the age at diagnosis in days, `exit_days` the whole days from diagnosis to death or to the
    last day known alive, `dead` whether it was death, `entry_days` the whole days from diagnosis to the begin of observation
    (nothing: 0 for all). Raises FollowUpError.
    """
    observed = times(exit_days=exit_days, dead=dead, entry_days=entry_days)
    ages = _numbers(age_days, "age_days")
    dates = np.asarray(diagnosis, dtype="datetime64[D]")
    _check_lengths({"exit_days": len(observed), "sex": len(sex), "age_days": ages.size, "diagnosis": dates.size})
    _check(np.isfinite(ages) & (ages >= 0), "age_days", ages, "0 or more, the age at diagnosis in days")
    _check(~np.isnat(dates), "diagnosis", dates, "a date. Leave out persons whose date of diagnosis is unknown")
    persons = Persons(_sexes(sex), ages, dates.astype(np.int64).astype(np.float64))
    return FollowUp(observed.entry_days, observed.exit_days, observed.dead, persons)


def _check_lengths(lengths: dict[str, int]) -> None:
    if len(set(lengths.values())) > 1 or not lengths["exit_days"]:
        said = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise FollowUpError(f"Lengths: {said}. Permitted: one element for each person in all of them, and one person at least.")


def _numbers(values: npt.ArrayLike, name: str) -> Floats:
    try:
        found = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise FollowUpError(f"{name}: not all are numbers. Permitted: a number of days for each person.") from None
    if found.ndim != 1:
        raise FollowUpError(f"{name}: shape {found.shape}. Permitted: one number for each person.")
    return found


def _deaths(values: npt.ArrayLike) -> Booleans:
    found = np.asarray(values)
    if found.ndim != 1 or not np.isin(found, (0, 1)).all():
        raise FollowUpError("dead: permitted are true and false (or 1 and 0), one for each person. Causes of death go elsewhere.")
    return found.astype(np.bool_)


def _sexes(words: Sequence[str]) -> Integers:
    for number, word in enumerate(words, start=1):
        if word not in SEXES:
            raise FollowUpError(
                f"Person {number}: sex is {word!r}. Permitted: {', '.join(SEXES)}, as life tables are by these. Leave the person out, or "
                "state the sex whose table shall be used."
            )
    return np.array([SEXES.index(word) for word in words], dtype=np.int64)


def _check(fine: Booleans, name: str, values: npt.NDArray[np.generic], permitted: str) -> None:
    wrong = np.flatnonzero(~fine)
    if wrong.size:
        others = f" (and {wrong.size - 1} more persons)" if wrong.size > 1 else ""
        raise FollowUpError(f"Person {wrong[0] + 1}{others}: {name} is {values[wrong[0]]}. Permitted: {permitted}.")
