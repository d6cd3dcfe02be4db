"""Life tables of a population: the hazard of death per day by sex, age and calendar year.

Age and calendar advance together. Ages change at birthdays, multiples of 365.241 days; the calendar at every 1 January. Outside
of the table the cell at its edge is held, and whoever looks up is told for how many person-days that was so.
"""

from __future__ import annotations

import csv
import gzip
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

import numpy as np

from nelm.epidemiology.follow_up import DAYS_PER_YEAR, SEXES, Persons
from nelm.epidemiology.kernels import Floats, integrated

COLUMNS = ("age", "year", "sex", "haz_per_day")
HIGHEST_HAZARD = 0.02  # per day: of those who meet it for a year, 7 in 10,000 survive
MIDDLE_AGES = range(40, 80)
HIGHEST_AT_MIDDLE_AGES = 0.001  # per day, as median: 31 % would die each year. Hazards per year lie above it, those per day far below.
SHOWN = 5

MissingYears = Literal["refuse", "carry_forward"]


class LifeTableError(ValueError):
    """A life table that cannot be used: where, what was found, what is permitted, what to do."""


@dataclass(frozen=True)
class Cell:
    """One row of a life table; `where` names file and line."""

    age: int
    year: int
    sex: str
    hazard: float
    where: str


@dataclass(frozen=True, eq=False)
class LifeTable:
    """Hazards of death in a population, per day.

    `hazard` has the shape (sexes, ages, years); sexes in the order of `SEXES`, ages from `first_age` in whole years without holes,
    `years` the calendar year in which each cell begins (it ends where the next begins, the last after one year).
    """

    hazard: Floats
    first_age: int
    years: tuple[int, ...]

    @property
    def birthdays(self) -> Floats:
        """The age in days at which each cell begins, and that at which the table ends."""
        return (self.first_age + np.arange(self.hazard.shape[1] + 1, dtype=np.float64)) * DAYS_PER_YEAR

    @property
    def new_years(self) -> Floats:
        """The day (since 1970-01-01) at which each calendar cell begins, and that at which the table ends."""
        days = [np.datetime64(f"{year:04d}-01-01", "D").astype(np.int64) for year in (*self.years, self.years[-1] + 1)]
        return np.array(days, dtype=np.float64)

    @property
    def arrays(self) -> tuple[Floats, Floats, Floats]:
        """Hazards, birthdays and new years, as the kernels take them."""
        return self.hazard, self.birthdays, self.new_years

    def cumulative_hazard(self, persons: Persons, start: Floats, stop: Floats) -> CumulativeHazard:
        """For each person the integral of the population's hazard between two follow-up days, exactly.

        `start` and `stop` are days since diagnosis (one for each person, fractions permitted), 0 ≤ start ≤ stop.
        """
        begin, end = (np.broadcast_to(np.asarray(days, dtype=np.float64), persons.age_days.shape).copy() for days in (start, stop))
        wrong = np.flatnonzero(~((begin >= 0) & (begin <= end) & np.isfinite(end)))
        if wrong.size:
            i = int(wrong[0])
            raise ValueError(
                f"Person {i + 1}: from day {begin[i]:g} to day {end[i]:g} since diagnosis. Permitted: 0 ≤ start ≤ stop, both finite."
            )
        hazard, outside = integrated(*self.arrays, persons.sex, persons.age_days, persons.diagnosis_days, begin, end)
        return CumulativeHazard(hazard, outside)


@dataclass(frozen=True, eq=False)
class CumulativeHazard:
    """For each person the cumulative hazard (no unit), and how many of the days lay outside of the table."""

    hazard: Floats
    extrapolated_days: Floats


def read_life_table(path: Path, *, missing_years: MissingYears = "refuse") -> LifeTable:
    """The table in a CSV file (or one packed as .gz) with the columns age, year, sex, haz_per_day.

    Years between the first and the last that have no rows are refused; with `missing_years="carry_forward"` the hazards of a year
    hold until the next that is listed.
    """
    try:
        with _opened(path) as file:
            return life_table_of(_cells(file, path), name=str(path), missing_years=missing_years)
    except UnicodeDecodeError:
        raise LifeTableError(f"{path}: is not UTF-8 text. Save it as UTF-8.") from None


def life_table_of(cells: Iterable[Cell], *, name: str = "the life table", missing_years: MissingYears = "refuse") -> LifeTable:
    """The table made of these cells. Raises LifeTableError, see the checks below."""
    found: dict[tuple[str, int, int], Cell] = {}
    for cell in cells:
        _check_cell(cell)
        first = found.setdefault((cell.sex, cell.age, cell.year), cell)
        if first is not cell:
            raise LifeTableError(
                f"{cell.where}: a second hazard for {_named(cell)}; the first is in {first.where}. Each sex, age and year has one: "
                "remove one of the two."
            )
    if not found:
        raise LifeTableError(f"{name}: no row. A life table has one row for each sex, age and year.")
    ages = _without_holes(sorted({age for _, age, _ in found}), name)
    years = sorted({year for _, _, year in found})
    if missing_years == "refuse":
        _check_years(years, name)
    _check_complete(found, ages, years, name)
    hazard = np.array([[[found[sex, age, year].hazard for year in years] for age in ages] for sex in SEXES], dtype=np.float64)
    _check_unit(hazard, ages, name)
    hazard.setflags(write=False)
    return LifeTable(hazard, ages[0], tuple(years))


def _opened(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8", newline="") if path.suffix == ".gz" else path.open(encoding="utf-8", newline="")


def _cells(file: TextIO, path: Path) -> Iterable[Cell]:
    reader = csv.DictReader(file)
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        found = ", ".join(reader.fieldnames or ()) or "none"
        raise LifeTableError(
            f"{path}:1: no column {', '.join(missing)}; found {found}. A life table has the columns {', '.join(COLUMNS)}, hazards per day."
        )
    for row in reader:
        where = f"{path}:{reader.line_num}"
        age, year = (_whole(row[column], column, where) for column in ("age", "year"))
        yield Cell(age, year, str(row["sex"]), _number(row["haz_per_day"], where), where)


def _whole(text: str | None, column: str, where: str) -> int:
    if text is None or not text.strip().isascii() or not text.strip().isdigit():
        raise LifeTableError(f"{where}: {column} is {text!r}. Permitted: a whole number of years, from 0.")
    return int(text)


def _number(text: str | None, where: str) -> float:
    try:
        return float(text or "")
    except ValueError:
        raise LifeTableError(f"{where}: haz_per_day is {text!r}. Permitted: a number, the hazard per day.") from None


def _named(cell: Cell) -> str:
    return f"{cell.sex}, age {cell.age}, year {cell.year}"


def _check_cell(cell: Cell) -> None:
    if cell.sex not in SEXES:
        raise LifeTableError(f"{cell.where}: sex is {cell.sex!r}. Permitted: {', '.join(SEXES)}.")
    if not 1 <= cell.year <= 9998:
        raise LifeTableError(f"{cell.where}: year is {cell.year}. Permitted: a calendar year with four digits at most.")
    if not math.isfinite(cell.hazard) or cell.hazard < 0:
        raise LifeTableError(f"{cell.where}: the hazard of {_named(cell)} is {cell.hazard:g}. Permitted: 0 or more, finite.")
    if cell.hazard > HIGHEST_HAZARD:
        raise LifeTableError(
            f"{cell.where}: the hazard of {_named(cell)} is {cell.hazard:g} per day. Permitted: at most {HIGHEST_HAZARD:g}. "
            f"If it is per year, divide by {DAYS_PER_YEAR}; if it is the probability q to die within a year, use −ln(1 − q) / {DAYS_PER_YEAR}."
        )


def _check_unit(hazard: Floats, ages: Sequence[int], name: str) -> None:
    middle = [position for position, age in enumerate(ages) if age in MIDDLE_AGES]
    median = float(np.median(hazard[:, middle, :])) if middle else 0.0
    if median > HIGHEST_AT_MIDDLE_AGES:
        raise LifeTableError(
            f"{name}: half of the hazards at ages {MIDDLE_AGES.start}–{MIDDLE_AGES.stop - 1} are above {median:g} per day; in a population they "
            f"are far below {HIGHEST_AT_MIDDLE_AGES:g}. They look like hazards per year: divide by {DAYS_PER_YEAR}."
        )


def _without_holes(ages: Sequence[int], name: str) -> range:
    whole = range(ages[0], ages[-1] + 1)
    holes = sorted(set(whole) - set(ages))
    if holes:
        raise LifeTableError(
            f"{name}: ages from {ages[0]} to {ages[-1]}, but no row for {_listed(holes)}. Every age between the first and the last is due: "
            "add them (a table by five years of age has to be expanded first)."
        )
    return whole


def _check_years(years: Sequence[int], name: str) -> None:
    holes = sorted(set(range(years[0], years[-1] + 1)) - set(years))
    if holes:
        raise LifeTableError(
            f"{name}: years from {years[0]} to {years[-1]}, but no row for {_listed(holes)}. Add them, or read the table with "
            'missing_years="carry_forward" if the hazards of a year shall hold until the next that is listed.'
        )


def _check_complete(found: Mapping[tuple[str, int, int], Cell], ages: Sequence[int], years: Sequence[int], name: str) -> None:
    missing = [f"{sex}, age {age}, year {year}" for sex in SEXES for age in ages for year in years if (sex, age, year) not in found]
    if missing:
        raise LifeTableError(f"{name}: no row for {_listed(missing, '; ')}. Every sex, age and year is due once: add them.")


def _listed(items: Sequence[object], separator: str = ", ") -> str:
    more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return separator.join(str(item) for item in items[:SHOWN]) + more
