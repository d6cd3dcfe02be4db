"""Time zero and treatment without immortal time.

Who is treated on day 90 has lived 90 days. Counted as treated from time zero on, these days are a gift to the treated: nobody could
have died in them and still be called treated. Three rules avoid it, and `TreatedAtZero` refuses data that break it:

* `TreatedAtZero`: treatment begins at time zero itself.
* `AtLandmark`: wait a fixed time; whoever is then alive and under observation is classed by what happened up to then, and time counts
  from then on. Those who died or were lost before are out, and are counted.
* `time_varying`: treatment as it changes, for a Cox model with rows from `entry` to `exit`.

Sources: Anderson JR, Cain KC, Gelber RD. J Clin Oncol 1983;1:710–719 (landmark). Suissa S. Am J Epidemiol 2008;167:492–499 (immortal
time). Hernán MA et al. J Clin Epidemiol 2016;79:70–75 (time zero).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nelm.epidemiology.covariates import ComparisonError
from nelm.epidemiology.follow_up import Times
from nelm.epidemiology.kernels import Booleans, Floats, Integers


class ImmortalTimeError(ComparisonError):
    """A treatment that became known only after time zero is used as if it had been known at time zero."""


@dataclass(frozen=True)
class TreatedAtZero:
    """The treated are those whose treatment begins on the day of time zero or before; a later begin is refused."""


@dataclass(frozen=True)
class AtLandmark:
    """The treated are those whose treatment has begun within so many days after time zero, among those still followed then."""

    days: int

    def __post_init__(self) -> None:
        if self.days < 1:
            raise ComparisonError(f"The landmark is on day {self.days} after time zero. Permitted: 1 or more; 0 is TreatedAtZero.")


Rule = TreatedAtZero | AtLandmark


@dataclass(frozen=True, eq=False)
class Courses:
    """What happened to persons, in days since an origin of each (diagnosis): when they became eligible, and when treatment began.

    `treatment_days` is nan for those never treated; `treatment_unknown` for those of whom it is not known whether or when.
    Make it with `courses`, which checks.
    """

    times: Times
    eligible_days: Floats
    treatment_days: Floats
    treatment_unknown: Booleans


def courses(
    times: Times,
    *,
    treated: Sequence[bool | None],
    treatment_days: Sequence[float | None],
    eligible_days: npt.ArrayLike | None = None,
) -> Courses:
    """The courses of these persons. `eligible_days` is time zero, the day on which all criteria of entry are met (nothing: the origin).

    Unknown treatment stays unknown. Raises ComparisonError for untreated persons with a day of treatment, and for days that are no
    numbers.
    """
    count = len(times)
    zero = np.zeros(count) if eligible_days is None else np.asarray(eligible_days, dtype=np.float64)
    if len(treated) != count or len(treatment_days) != count or zero.shape != (count,):
        raise ComparisonError(
            f"treated {len(treated)}, treatment_days {len(treatment_days)}, eligible_days {zero.size}: permitted are {count} of each."
        )
    if not (np.isfinite(zero) & (zero >= 0) & (zero == np.floor(zero))).all():
        raise ComparisonError("eligible_days: permitted are whole days of 0 or more for everyone. Leave out whoever never became eligible.")
    days, unknown = np.full(count, np.nan), np.zeros(count, dtype=np.bool_)
    for place, (is_treated, day) in enumerate(zip(treated, treatment_days, strict=True)):
        known_day = day is not None and np.isfinite(day)
        if is_treated not in (True, False, None):
            raise ComparisonError(f"Person {place + 1}: treated is {is_treated!r}. Permitted: true, false, or None for unknown.")
        if is_treated is False and known_day:
            raise ComparisonError(f"Person {place + 1}: untreated, with treatment on day {day}. One of the two is wrong: mend it.")
        if is_treated is False:
            continue
        if is_treated and day is not None and known_day:
            days[place] = float(day)
        else:
            unknown[place] = True
    return Courses(times, zero, days, unknown)


@dataclass(frozen=True)
class FlowStep:
    """Persons who leave on the way to a comparison, and why; `dead` of them had died by then."""

    reason: str
    persons: int
    dead: int = 0


@dataclass(frozen=True, eq=False)
class Arms:
    """Who is compared: positions in the courses, treated or not, and times since the start of counting (days).

    `treated_later` are untreated ones whose treatment began afterwards: they stay where they were. `treated_before` are treated ones
    whose treatment began before time zero: whoever died of it, or in spite of it, before time zero is not among them.
    """

    persons: Integers
    treated: Booleans
    times: Times
    flow: tuple[FlowStep, ...]
    treated_later: int
    treated_before: int


def arms(found: Courses, rule: Rule) -> Arms:
    """The two arms by a rule of time zero.

    A treatment on the day on which time starts counts as begun. With TreatedAtZero those treated before time zero are kept as treated;
    with AtLandmark they are out: what followed from it lies in the past. Raises ImmortalTimeError if the rule is TreatedAtZero and someone's
    treatment begins while they are followed.
    """
    zero, exit_days, dead = found.eligible_days, found.times.exit_days, found.times.dead
    at_landmark = isinstance(rule, AtLandmark)
    start = zero + (rule.days if isinstance(rule, AtLandmark) else 0)
    remaining = np.ones(exit_days.size, dtype=np.bool_)
    flow = []

    def leave(reason: str, which: Booleans) -> None:
        leaving = remaining & which
        if leaving.any():
            flow.append(FlowStep(reason, int(leaving.sum()), int((leaving & dead & (exit_days <= start)).sum())))
        remaining[leaving] = False

    leave("followed up to time zero at most", (exit_days <= zero) & (zero > 0))
    leave("not known whether or when they were treated", found.treatment_unknown)
    if isinstance(rule, AtLandmark):
        leave("treated before time zero", found.treatment_days < zero)
        leave(f"died within {rule.days} days of time zero", dead & (exit_days <= start))
        leave(f"lost within {rule.days} days of time zero", exit_days <= start)
    treated = found.treatment_days <= start
    later = remaining & (found.treatment_days > start) & (found.treatment_days <= exit_days)
    if not at_landmark and later.any():
        raise _immortal(found, later)
    chosen = np.flatnonzero(remaining)
    if not treated[chosen].any() or treated[chosen].all():
        word = "treated" if not treated[chosen].any() else "untreated"
        raise ComparisonError(f"Nobody is {word} among the {chosen.size} persons who remain by this rule: there is nothing to compare.")
    begun = np.maximum(found.times.entry_days - start, 0)[chosen]
    ended = (exit_days - start)[chosen]
    return Arms(
        chosen,
        treated[chosen],
        Times(begun, ended, dead[chosen]),
        tuple(flow),
        int(later[chosen].sum()),
        int((found.treatment_days < zero)[chosen].sum()),
    )


def _immortal(found: Courses, later: Booleans) -> ImmortalTimeError:
    waits = (found.treatment_days - found.eligible_days)[later]
    return ImmortalTimeError(
        f"Treatment of {int(later.sum())} persons began after time zero, {np.median(waits):g} days after it in the middle. Counted as treated from "
        "time zero on, they could not have died in these days (immortal time), and the treatment would look better than it is. Permitted: a "
        "landmark (AtLandmark), or treatment as it changes (time_varying)."
    )


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows from entry to exit for a Cox model: whose they are (positions; the clusters), and whether treated during them."""

    persons: Integers
    treated: Booleans
    times: Times
    flow: tuple[FlowStep, ...]


def time_varying(found: Courses) -> Rows:
    """Each person's time since time zero, untreated until the day of treatment and treated after it: one row or two.

    Source: Mantel N, Byar DP. J Am Stat Assoc 1974;69:81–86. Whoever was treated before time zero is treated throughout.
    """
    zero, exit_days = found.eligible_days, found.times.exit_days
    out = [
        ("followed up to time zero at most", (exit_days <= zero) & (zero > 0)),
        ("not known whether or when they were treated", found.treatment_unknown),
    ]
    remaining, flow = np.ones(exit_days.size, dtype=np.bool_), []
    for reason, which in out:
        if (remaining & which).any():
            flow.append(
                FlowStep(reason, int((remaining & which).sum()), int((remaining & which & found.times.dead & (exit_days <= zero)).sum()))
            )
        remaining &= ~which
    persons = np.flatnonzero(remaining)
    begin = np.maximum(found.times.entry_days - zero, 0)[persons]
    end, dead = (exit_days - zero)[persons], found.times.dead[persons]
    change = np.maximum((found.treatment_days - zero)[persons], 0)
    switches = (change > begin) & (change < end)
    always = change <= begin
    times = Times(
        np.concatenate([begin, change[switches]]),
        np.concatenate([np.where(switches, change, end), end[switches]]),
        np.concatenate([dead & ~switches, dead[switches]]),
    )
    return Rows(
        np.concatenate([persons, persons[switches]]),
        np.concatenate([always, np.ones(int(switches.sum()), dtype=np.bool_)]),
        times,
        tuple(flow),
    )
