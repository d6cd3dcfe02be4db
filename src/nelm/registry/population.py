"""The population that a registry covers: persons by calendar year, sex and age, the denominators of its rates.

A CSV file with the columns `year`, `sex` (male, female), `age_from` (the age in whole years at which a group begins; it ends where the next
begins, the last is open) and `persons` (the mid-year population, which stands for the person-years of the year).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nelm.epidemiology.follow_up import SEXES
from nelm.registry.tables.delimited import Column, DelimitedError, read_table

COLUMNS = {
    "year": Column("whole", needed=True),
    "sex": Column("coded", words={sex: sex for sex in SEXES}, needed=True),
    "age_from": Column("whole", needed=True),
    "persons": Column("number", needed=True),
}
SHOWN = 5


class PopulationError(ValueError):
    """A population that cannot be used: where, what was found, what is permitted, what to do."""


@dataclass(frozen=True)
class Population:
    """Persons by year, sex and age group: a row for each in `frame` (year, sex, age_from, persons)."""

    file: str
    frame: pl.DataFrame
    years: tuple[int, ...]
    from_age: tuple[int, ...]

    def of_year(self, year: int, sex: str | None = None) -> float:
        """The persons of a year (of one sex). Raises PopulationError for a year that the table does not have."""
        if year not in self.years:
            raise PopulationError(f"{self.file}: no row for {year}; it has {self.years[0]} to {self.years[-1]}. Add the year.")
        chosen = self.frame.filter((pl.col("year") == year) & (True if sex is None else pl.col("sex") == sex))
        return float(chosen["persons"].sum())

    def by_age(self, years: Sequence[int], from_age: Sequence[int]) -> list[float]:
        """Person-years of these years in other age groups, whose limits have to be limits of the table. Raises PopulationError."""
        missing = [age for age in from_age if age not in self.from_age]
        if missing:
            raise PopulationError(
                f"{self.file}: age groups are wanted that begin at {', '.join(map(str, missing))}, and no group of the table does. "
                "Give the population in finer groups, or choose another standard."
            )
        chosen = self.frame.filter(pl.col("year").is_in(list(years)) & (pl.col("age_from") >= from_age[0]))
        place = pl.Series(list(from_age)).search_sorted(chosen["age_from"], side="right") - 1
        sums = dict(chosen.with_columns(place=place).group_by("place").agg(pl.col("persons").sum()).iter_rows())
        return [float(sums.get(number, 0.0)) for number in range(len(from_age))]


def read_population(file: Path) -> Population:
    """The population in a CSV file. Raises PopulationError with what is wrong and where."""
    try:
        table = read_table(file, columns=COLUMNS, decimal="point")
    except DelimitedError as error:
        raise PopulationError(str(error)) from None
    for reject in table.rejected[:1]:
        more = f" {len(table.rejected) - 1} more values cannot be used." if len(table.rejected) > 1 else ""
        raise PopulationError(f"{reject.file}:{reject.line}: {reject.field} is {reject.found!r}: {reject.reason}.{more}")
    frame = table.frame
    for message in _problems(frame, table.lines, file):
        raise PopulationError(message)
    years, ages = sorted(frame["year"].unique()), sorted(frame["age_from"].unique())
    return Population(str(file), frame, tuple(years), tuple(ages))


def _problems(frame: pl.DataFrame, lines: pl.Series, file: Path) -> Iterator[str]:
    for name, wrong, permitted in (
        ("year", ~pl.col("year").is_between(1800, 9998), "a calendar year"),
        ("age_from", ~pl.col("age_from").is_between(0, 130), "an age in whole years"),
        ("persons", (pl.col("persons") < 0) | ~pl.col("persons").is_finite(), "0 or more persons"),
    ):
        rows = frame.select(wrong.fill_null(value=False).arg_true()).to_series()
        if len(rows):
            yield f"{file}:{lines[rows[0]]}: {name} is {frame[name][rows[0]]}. Permitted: {permitted}."
    key = ("year", "sex", "age_from")
    twice = frame.select(pl.struct(key).is_duplicated().arg_true()).to_series()
    if len(twice):
        yield f"{file}:{lines[twice[1]]}: year, sex and age stand there twice. Keep one row for each."
    years, ages = frame["year"].unique().sort(), frame["age_from"].unique().sort()
    wanted = years.to_frame().join(pl.DataFrame({"sex": list(SEXES)}), how="cross").join(ages.to_frame(), how="cross")
    missing = wanted.join(frame, on=key, how="anti")
    if missing.height:
        some = "; ".join(f"{sex}, {year}, from {age} years" for year, sex, age in missing.head(SHOWN).iter_rows())
        yield f"{file}: no row for {some}{f' and {missing.height - SHOWN} more' if missing.height > SHOWN else ''}. Add them."
    if len(years) and years[-1] - years[0] + 1 != len(years):
        yield f"{file}: years are left out between {years[0]} and {years[-1]}. Add them."
