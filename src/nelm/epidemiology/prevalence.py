"""Limited-duration prevalence: how many people diagnosed in the years before a day are alive on that day.

Counting method, as SEER*Stat has it (Prevalence Session, Limited-Duration Prevalence): persons with a tumour diagnosed in [T − L, T) who
are alive when the index date T begins. Whoever was followed to T or beyond is seen to be alive, whoever died before T is
not. A person lost at c < T counts with the probability of being alive, S(T − dx) / S(c − dx), where dx is the day of diagnosis and S the
Kaplan–Meier survival (in days) of the survival cohort that the tumour belongs to: the tumours of the window with the same entries in the
columns named, followed to T and no further. Lost is never dead, and never surely alive.

This is not complete prevalence: people diagnosed before T − L are not in it, however long the duration.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

import polars as pl

from nelm.epidemiology.lost_persons import count_alive
from nelm.epidemiology.rates import LEVEL, PER, Interval, poisson_interval

NOT_KNOWN = "not known"
FIRST_EVER_COLUMN = "first_ever"
COLUMNS: dict[str, tuple[type[pl.DataType], ...]] = {
    "person": (pl.String, pl.Int64, pl.Int32, pl.UInt32, pl.UInt64),
    "diagnosed": (pl.Date,),
    "last_contact": (pl.Date,),
    "dead": (pl.Boolean,),
}


class PrevalenceError(ValueError):
    """A table or a question that no prevalence follows from: where, what was found, what is permitted, what to do."""


class FirstTumour(Enum):
    """Which tumour of a person is counted. The two answers differ, so nothing is taken for granted.

    `EVER`: the person's first malignant primary of any kind (the standard of the NCI). A person whose first one lay elsewhere is
    left out, even with a tumour of the table in the window.
    `IN_WINDOW`: the first tumour of the table that was diagnosed in the window, whatever was there before.
    """

    EVER = "first_ever"
    IN_WINDOW = "first_in_window"


@dataclass(frozen=True)
class SurvivalCohort:
    """What became of the tumours of one survival cohort; `key` has its entries in the columns named.

    `beyond_follow_up` counts the lost whose T − dx is longer than anybody of the cohort was followed while survival was still above
    0: for them the survival of the last day seen is carried on, which is too high. `variance` is that of the number alive, see `count_alive`.
    """

    key: tuple[str, ...]
    persons: int
    alive: int
    dead: int
    lost: int
    lost_expected_alive: float
    beyond_follow_up: int
    variance: float


@dataclass(frozen=True)
class Prevalence:
    """Limited-duration prevalence on `index`, of `years` (None: as far back as the table goes), in numbers of persons.

    `alive` were seen to be alive, `dead` had died, of `lost` it is not known; `incident` is the sum of the three. `interval` is that of
    `count`. `not_settled` are persons with a tumour in the window of whom it is not known whether it was their first ever; they
    are in none of the other numbers.
    """

    index: date
    years: int | None
    since: date | None  # the first day of the window
    rule: FirstTumour
    cohorts: tuple[SurvivalCohort, ...]
    not_settled: int
    registered_since: date | None
    interval: Interval

    @property
    def incident(self) -> int:
        return sum(cohort.persons for cohort in self.cohorts)

    @property
    def alive(self) -> int:
        return sum(cohort.alive for cohort in self.cohorts)

    @property
    def dead(self) -> int:
        return sum(cohort.dead for cohort in self.cohorts)

    @property
    def lost(self) -> int:
        return sum(cohort.lost for cohort in self.cohorts)

    @property
    def lost_expected_alive(self) -> float:
        """How many of the lost are expected to be alive: the sum of S(T − dx) / S(c − dx)."""
        return float(sum(cohort.lost_expected_alive for cohort in self.cohorts))

    @property
    def count(self) -> float:
        """The prevalence as a number of persons: those seen alive, and those of the lost expected to be."""
        return self.alive + self.lost_expected_alive

    @property
    def variance(self) -> float:
        """The variance of the count: chance in how many fall ill and live, and in the survival by which the lost are counted."""
        return float(sum(cohort.variance for cohort in self.cohorts))

    @property
    def label(self) -> str:
        """What the number is to be called."""
        duration = "limited-duration" if self.years is None else f"{self.years}-year limited-duration"
        return f"{duration} prevalence on {self.index}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be said with the number."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        if self.registered_since is not None and (self.since is None or self.registered_since > self.since):
            yield (
                f"Registration began on {self.registered_since}: people diagnosed before are not in the number"
                + (f", which is therefore not a {self.years}-year prevalence." if self.years is not None else ".")
            )
        if self.not_settled:
            yield f"{self.not_settled} persons are left out, as it is not known whether their tumour was their first ever."
        beyond = sum(cohort.beyond_follow_up for cohort in self.cohorts)
        if beyond:
            yield f"For {beyond} of {self.lost} lost persons survival was carried on beyond the longest follow-up of their survival cohort."

    def proportion(self, population: float, per: float = PER) -> Proportion:
        """The prevalence per `per` persons of the population on the index date; its interval is that of the count, divided likewise."""
        if not 0 < population < float("inf") or not 0 < per < float("inf"):
            raise PrevalenceError(
                f"population, per: found {population:g} and {per:g}. Permitted: numbers above 0. Give the population on {self.index}."
            )
        factor = per / population
        interval = Interval(self.interval.low * factor, self.interval.high * factor, self.interval.level)
        return Proportion(self.count * factor, interval, population, per)


@dataclass(frozen=True)
class Proportion:
    """Prevalence per `per` persons of a population."""

    value: float
    interval: Interval
    population: float
    per: float


def limited_duration_prevalence(
    tumours: pl.DataFrame,
    *,
    index: date,
    years: int | None,
    rule: FirstTumour,
    closing: date,
    cohorts: Sequence[str] = (),
    registered_since: date | None = None,
    level: float = LEVEL,
) -> Prevalence:
    """The prevalence on `index` of the tumours of a table, diagnosed in the `years` before (None: at any time before).

    `tumours` has a row per tumour asked about: `person`, `diagnosed`, `last_contact` (date), `dead` (died on the day of the last contact),
    and for FirstTumour.EVER `first_ever` (whether it is the person's first malignant primary of any kind; empty where not known).
    `cohorts` names further columns: tumours with the same entries there are one survival cohort (SEER: site, sex, race, period, age below
    60, 60–69, 70 and more). An empty entry is an entry of its own. Of two tumours of a person on one day the earlier row counts.

    `closing` is the day to which the follow-up of the registry is complete. Before the index date it is refused: deaths not yet
    reported would be counted as lost persons. `registered_since` is the day on which registration began.

    The interval is the exact one of a Poisson count, its distances from the count multiplied by √(variance / count) (Dobson, Kuulasmaa,
    Eberle, Scherer 1991; Stat Med 10:457). The variance holds the uncertainty of S; without lost persons it is the count itself.

    Raises PrevalenceError for a table without these columns, empty or contradictory entries, dates out of order, and windows that
    make no sense.
    """
    since = _window(index, years, closing)
    _check_table(tumours, rule, cohorts)
    counted, not_settled = _counted(tumours, index, since, rule)
    found = tuple(_survival_cohorts(counted, index, cohorts))
    count = sum(cohort.alive + cohort.lost_expected_alive for cohort in found)
    interval = _interval(count, sum(cohort.variance for cohort in found), level)
    return Prevalence(index, years, since, rule, found, not_settled, registered_since, interval)


def _interval(count: float, variance: float, level: float) -> Interval:
    exact = poisson_interval(count, level)
    spread = math.sqrt(variance / count) if count else 1.0
    return Interval(max(0.0, count - spread * (count - exact.low)), count + spread * (exact.high - count), level)


# -- who is counted ----------------------------------------------------------------------------------------


def years_before(day: date, years: int) -> date:
    """The same day of the calendar `years` earlier; for 29 February in a common year, 1 March."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


def _window(index: date, years: int | None, closing: date) -> date | None:
    """The first day of the window."""
    if closing < index:
        raise PrevalenceError(
            f"closing: follow-up is complete to {closing}, and the index date is {index}. "
            f"Who was alive then cannot be known yet; choose an index date up to {closing}."
        )
    if years is None:
        return None
    if not 1 <= years < index.year:
        raise PrevalenceError(f"years: found {years}. Permitted: whole years from 1 on, or None for everything before the index date.")
    return years_before(index, years)


def _counted(tumours: pl.DataFrame, index: date, since: date | None, rule: FirstTumour) -> tuple[pl.DataFrame, int]:
    """One tumour for each person that the rule lets in, and of how many persons it is not settled."""
    inside = pl.col("diagnosed") < index
    window = tumours.filter(inside if since is None else inside & (pl.col("diagnosed") >= since))
    match rule:
        case FirstTumour.IN_WINDOW:
            return window.sort("diagnosed", maintain_order=True).unique("person", keep="first", maintain_order=True), 0
        case FirstTumour.EVER:
            first = pl.col(FIRST_EVER_COLUMN)
            settled = tumours.filter(first)["person"]
            open_ = window.filter(first.is_null() & ~pl.col("person").is_in(settled.implode()))
            return window.filter(first), open_["person"].n_unique()


# -- survival cohorts --------------------------------------------------------------------------------------


def _survival_cohorts(counted: pl.DataFrame, index: date, names: Sequence[str]) -> Iterator[SurvivalCohort]:
    """The cohorts in the order of their keys."""
    keys = [pl.col(name).cast(pl.String).fill_null(NOT_KNOWN) for name in names]
    days = (pl.min_horizontal("last_contact", pl.lit(index)) - pl.col("diagnosed")).dt.total_days()
    table = counted.select(
        pl.concat_list(keys).alias("key") if keys else pl.lit([], dtype=pl.List(pl.String)).alias("key"),
        days.alias("days"),
        (pl.lit(index) - pl.col("diagnosed")).dt.total_days().alias("to_index"),
        (pl.col("last_contact") >= index).alias("alive"),
        (pl.col("dead") & (pl.col("last_contact") < index)).alias("died"),
    )
    for key, rows in sorted(((tuple(key), rows) for (key,), rows in table.group_by("key")), key=lambda found: found[0]):
        alive, died = rows["alive"].to_numpy(), rows["died"].to_numpy()
        number = count_alive(rows["days"].to_numpy(), rows["to_index"].to_numpy(), alive, died)
        lost = int((~alive & ~died).sum())
        yield SurvivalCohort(
            key, len(rows), int(alive.sum()), int(died.sum()), lost, number.lost_expected_alive, number.beyond_follow_up, number.variance
        )


# -- what is permitted -------------------------------------------------------------------------------------


def _check_table(tumours: pl.DataFrame, rule: FirstTumour, cohorts: Sequence[str]) -> None:
    columns = COLUMNS | ({FIRST_EVER_COLUMN: (pl.Boolean,)} if rule is FirstTumour.EVER else {})
    missing = [name for name in (*columns, *cohorts) if name not in tumours.columns]
    if missing:
        raise PrevalenceError(
            f"tumours: the columns {', '.join(missing)} are missing. "
            f"Needed are {', '.join((*columns, *cohorts))}, one row for each tumour; found {', '.join(tumours.columns) or 'none'}."
        )
    for name, permitted in columns.items():
        if tumours.schema[name] not in permitted:
            kinds = " or ".join(str(kind) for kind in permitted)
            raise PrevalenceError(f"tumours, column {name}: found {tumours.schema[name]}. Permitted: {kinds}. Convert the column first.")
    for name in COLUMNS:
        _refuse(tumours, pl.col(name).is_null(), f"column {name}", "nothing entered", "Complete the row, or leave it out and say so")
    _refuse(
        tumours,
        pl.col("last_contact") < pl.col("diagnosed"),
        "columns diagnosed and last_contact",
        "the last contact before the diagnosis",
        "Correct one of the two dates",
    )
    for name in ("last_contact", "dead"):
        differs = pl.col(name).n_unique().over("person") > 1
        _refuse(tumours, differs, f"column {name}", "different entries for one person", "Bring all rows of a person up to date")
    if rule is FirstTumour.EVER:
        twice = pl.col(FIRST_EVER_COLUMN) & (pl.col(FIRST_EVER_COLUMN).sum().over("person") > 1)
        _refuse(tumours, twice, f"column {FIRST_EVER_COLUMN}", "two first tumours of one person", "Mark one of them")


def _refuse(tumours: pl.DataFrame, wrong: pl.Expr, where: str, found: str, advice: str) -> None:
    """Raise PrevalenceError with the rows (counted from 1) for which `wrong` is true."""
    rows = [row + 1 for row in tumours.select(wrong.fill_null(value=False).arg_true()).to_series()]
    if rows:
        some = ", ".join(map(str, rows[:5])) + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")
        raise PrevalenceError(f"tumours, {where}: found {found} in row {some} (of {tumours.height}). {advice}.")
