"""Which follow-up tells of survival: that of patients diagnosed long ago, of all so far, or of a period of the calendar.

- cohort: patients diagnosed early enough that all could be followed for the years asked about;
- complete: patients diagnosed until today, each for as long as follow-up went;
- period: whoever is followed within a window of the calendar, from where it begins to where it ends. Survival of the later years then
  comes from patients diagnosed earlier, and the curve says what patients of today may expect if nothing changes.

Each gives a `FollowUp`, which every method that takes delayed entry takes: Kaplan–Meier, Ederer II, Pohar Perme (whose weights run
from diagnosis in all of them), the log-rank tests, crude mortality.

Source: Brenner H, Gefeller O. An alternative approach to monitoring cancer patient survival. Cancer 1996;78:2004–2010.
"""

from __future__ import annotations

import math
from datetime import date

import numpy as np

from nelm.epidemiology.follow_up import DAYS_PER_YEAR, FollowUp, FollowUpError
from nelm.epidemiology.kernels import Booleans, Floats


def cohort_approach(persons: FollowUp, *, diagnosed_from: date, diagnosed_until: date, years: float, closing: date) -> FollowUp:
    """Patients diagnosed in a span (both days included), followed to `closing` at most.

    Raises FollowUpError where the last of them could not be followed for `years` (365.241 days each, in whole days) until `closing`.
    """
    followed = (closing - diagnosed_until).days
    if followed < math.floor(years * DAYS_PER_YEAR):
        raise FollowUpError(
            f"Diagnosed until {diagnosed_until}, follow-up closed on {closing}: {followed / DAYS_PER_YEAR:.2f} years, and {years:g} are asked about. "
            "In the cohort approach all can be followed for so long: end the span of diagnoses earlier, or take the complete or the period approach."
        )
    return complete_approach(persons, diagnosed_from=diagnosed_from, diagnosed_until=diagnosed_until, closing=closing)


def complete_approach(persons: FollowUp, *, diagnosed_from: date, diagnosed_until: date, closing: date) -> FollowUp:
    """Patients diagnosed in a span (both days included), each followed to `closing` at most: what came later is not looked at."""
    _check_order("diagnosed_from", diagnosed_from, "diagnosed_until", diagnosed_until)
    day = persons.persons.diagnosis_days
    chosen = (_day(diagnosed_from) <= day) & (day <= _day(diagnosed_until))
    return _observed(persons, chosen, persons.entry_days, closing, f"diagnosed from {diagnosed_from} to {diagnosed_until}")


def period_approach(persons: FollowUp, *, begin: date, end: date) -> FollowUp:
    """Follow-up in the window after `begin` and up to `end`, included.

    Who was diagnosed before the window enters at `begin`, and is at risk from the next day on; who was diagnosed in it, on `begin` or
    later, is there from the day of diagnosis. Who was not followed in the window is left out. Raises FollowUpError if that leaves nobody.
    """
    _check_order("begin", begin, "end", end)
    entry = np.maximum(persons.entry_days, _day(begin) - persons.persons.diagnosis_days)
    return _observed(persons, np.full(len(persons), True), entry, end, f"followed from {begin} to {end}")


def _observed(persons: FollowUp, chosen: Booleans, entry: Floats, end: date, said: str) -> FollowUp:
    """Those chosen who are under observation at all, from `entry` to `end` at most; deaths after it are not looked at."""
    last = _day(end) - persons.persons.diagnosis_days
    exit_ = np.minimum(persons.exit_days, last)
    seen = chosen & (exit_ >= 0) & ((entry < exit_) | (entry == 0))
    if not seen.any():
        raise FollowUpError(f"None of the {len(persons)} persons was {said}. Survival needs one at least: look at the dates.")
    who = persons.only(seen)
    return FollowUp(entry[seen], exit_[seen], who.dead & (persons.exit_days <= last)[seen], who.persons)


def _check_order(first_name: str, first: date, second_name: str, second: date) -> None:
    if first > second:
        raise FollowUpError(f"{first_name} is {first}, and {second_name} {second}. Permitted: the first not after the second.")


def _day(day: date) -> float:
    return float(np.datetime64(day, "D").astype(np.int64))
