"""Cases, population and reference rates from tables, counted together by group and age."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nelm.epidemiology.follow_up import DAYS_PER_YEAR
from nelm.epidemiology.standards import StandardPopulation
from nelm.registry.tables.age_groups import AgeGroup, age_group_of, place_in
from nelm.registry.tables.delimited_rows import Reject
from nelm.registry.tables.mapping import TableMapping
from nelm.registry.tables.persons import NOT_KNOWN, OLDEST, one_of
from nelm.registry.tables.rows import LINE, TableError, TableRows, header_of, in_order, read_rows, settled

YEAR, AGE = "year", "age group"
Key = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Population:
    """Person-years: a row of `frame` for each group, with the columns `names`, `low` and `high` (ages, if asked for) and `population`."""

    file: str
    frame: pl.DataFrame
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Cases:
    """Cases: a row of `frame` for each row of the table, with the columns of the groups, `low` and `high` (if asked for) and `cases`."""

    file: str
    frame: pl.DataFrame
    rejected: tuple[Reject, ...]
    not_asked: int


def read_population(
    path: Path,
    mapping: TableMapping,
    *,
    by: Sequence[str],
    further: Sequence[str] = (),
    aged: bool,
    period: tuple[int, int] | None,
) -> Population:
    """The person-years of a table, by those of the columns `by` (and `further`) that it has, and by age where `aged`.

    The column year is read wherever the table has one. Raises DelimitedError and TableError; a population is whole or refused.
    """
    header = header_of(path, mapping)
    wanted = dict.fromkeys((YEAR, *by, *further))
    names = tuple(name for name in wanted if mapping.column_of(name) in header)
    age = (one_of(path, mapping, ("age_group", "age")),) if aged else ()
    rows = read_rows(path, mapping, needed=("population", *age), by=names)
    wrong = rows.reject("population", pl.col("population").is_null() | (pl.col("population") < 0), "Person-years are a number from 0 on.")
    frame, unread = _with_ages(rows, age)
    empty = [reject for name in names for reject in _empty_groups(rows, name)]
    settled(rows, (*rows.rejected, *wrong, *unread, *empty), drop=False)
    named = frame.rename({f"by {name}": name for name in names}).select(*names, *(("low", "high") if aged else ()), "population")
    inside = named.filter(_within(period)) if period and YEAR in names else named
    if inside.is_empty():
        raise TableError(f"{path}: no population in {_words(period)}. Correct --period, or give a population of these years.")
    return Population(str(path), inside, names)


def read_cases(
    path: Path,
    mapping: TableMapping,
    population: Population,
    *,
    by: Sequence[str],
    aged: bool,
    period: tuple[int, int] | None,
    drop: bool = False,
) -> Cases:
    """The cases of a table: a row each, or counts in the column `cases`.

    Years and groups have to be those of the population: what has none is a row that cannot be used. Raises DelimitedError and
    TableError, and UnusableRows unless `drop` leaves such rows out.
    """
    dated = YEAR in by or YEAR in population.names or period is not None
    year = (one_of(path, mapping, (YEAR, "diagnosed")),) if dated else ()
    age = (one_of(path, mapping, ("age_group", "age")),) if aged else ()
    if age == ("age",) and mapping.age_unit is None:
        raise TableError(f"{path}: age: the unit is not stated. State it: --age-unit days, or --age-unit years.")
    groups = [name for name in by if name != YEAR]
    rows = read_rows(path, mapping, needed=(*year, *age), optional=("cases",), by=groups)
    frame, unread = _with_ages(rows, age, days=mapping.age_unit == "days")
    frame = frame.rename({f"by {name}": name for name in groups}).with_columns(pl.col(groups).fill_null(NOT_KNOWN))
    frame = frame.with_columns(pl.col("cases") if rows.has("cases") else pl.lit(1).alias("cases"))
    if year:
        frame = frame.with_columns((pl.col(YEAR) if year == (YEAR,) else pl.col("diagnosed").dt.year()).cast(pl.String).alias(YEAR))
    asked = frame.filter(_within(period).fill_null(value=True)) if period else frame
    rejected = [*rows.rejected, *unread, *_wrong_cases(rows, asked, year), *_without_population(rows, asked, by, year, population)]
    rejected = [reject for reject in rejected if reject.line not in set(frame[LINE]) - set(asked[LINE])]
    kept = settled(rows, rejected, drop=drop)
    usable = asked.filter(pl.col(LINE).is_in(kept[LINE].implode()))
    if usable.is_empty():
        raise TableError(f"{path}: no case in {_words(period)}. Correct --period.")
    columns = list(dict.fromkeys((*((YEAR,) if year else ()), *by)))
    chosen = usable.select(*columns, *(("low", "high") if aged else ()), "cases")
    _check_years(path, chosen, population, period)
    return Cases(str(path), chosen, in_order(rejected), rows.not_asked + frame.height - asked.height)


def read_reference(path: Path, mapping: TableMapping) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Reference rates per 100,000: the column rate, and by age_group, sex, year or any other that the population has too.

    Gives the rows with `low`, `high` and `rate`, and the names of the other columns.
    """
    header = header_of(path, mapping)
    back = {column: element for element, column in mapping.columns.items()}
    elements = [back.get(column, column) for column in header]
    names = tuple(element for element in elements if element not in {"rate", "age_group", "age"})
    age = (one_of(path, mapping, ("age_group", "age")),) if {"age_group", "age"} & set(elements) else ()
    rows = read_rows(path, mapping, needed=("rate", *age), by=names)
    wrong = rows.reject("rate", pl.col("rate").is_null() | (pl.col("rate") < 0), "A rate is a number from 0 on.")
    frame, unread = _with_ages(rows, age)
    settled(rows, (*rows.rejected, *wrong, *unread), drop=False)
    if not age:
        frame = frame.with_columns(pl.lit(0).alias("low"), pl.lit(None, pl.Int64).alias("high"))
    return frame.rename({f"by {name}": name for name in names}).select(*names, "low", "high", "rate"), names


# -- ages ------------------------------------------------------------------------------------------------------------


def _with_ages(rows: TableRows, age: Sequence[str], *, days: bool = False) -> tuple[pl.DataFrame, list[Reject]]:
    """The rows with `low` and `high` of their age group, and what is wrong with ages."""
    if not age:
        return rows.frame, []
    (element,) = age
    if element == "age":
        return _with_single_ages(rows, days=days)
    texts = rows.frame[element].unique().drop_nulls().to_list()
    found = {text: age_group_of(text) for text in texts}
    bad = [text for text, group in found.items() if group is None]
    wrong = [
        *rows.reject(element, pl.col(element).is_null(), "The age group is not known."),
        *rows.reject(element, pl.col(element).is_in(bad), "This is no age group.", "40-44, 85+, or 63"),
    ]
    good = {text: group for text, group in found.items() if group is not None}
    ends = {
        "low": pl.col(element).replace_strict(list(good), [group.low for group in good.values()], default=None, return_dtype=pl.Int64),
        "high": pl.col(element).replace_strict(list(good), [group.high for group in good.values()], default=None, return_dtype=pl.Int64),
    }
    return rows.frame.with_columns(expression.alias(name) for name, expression in ends.items()), wrong


def _with_single_ages(rows: TableRows, *, days: bool) -> tuple[pl.DataFrame, list[Reject]]:
    years = (pl.col("age") / (DAYS_PER_YEAR if days else 1.0)).floor()
    said = [reject.line for reject in rows.rejected]
    wrong = [
        *rows.reject("age", pl.col("age").is_null() & ~pl.col(LINE).is_in(said), "The age is not known."),
        *rows.reject("age", pl.col("age") < 0, "A negative age.", "0 or more"),
        *rows.reject("age", years > OLDEST, "Older than anybody was at diagnosis.", f"up to {OLDEST} years"),
    ]
    whole = years.cast(pl.Int64, strict=False)
    return rows.frame.with_columns(whole.alias("low"), whole.alias("high")), wrong


def placed(frame: pl.DataFrame, standard: StandardPopulation, file: str) -> pl.DataFrame:
    """The rows with `place`, the number of the standard's age group. Raises TableError for a group that lies in none, or across two."""
    groups = [AgeGroup(low, high) for low, high in frame.select("low", "high").unique().iter_rows()]
    places = {group: place_in(standard, group) for group in groups}
    for group, place in sorted(places.items(), key=lambda item: item[0].low):
        if place is None:
            name = f"{group.low}+" if group.high is None else str(group.low) if group.high == group.low else f"{group.low}-{group.high}"
            raise TableError(
                f"{file}: the age group {name} lies in no single group of {standard.label} ({', '.join(standard.groups)}). "
                "Give finer age groups, or take another standard; ages below the first group have to be left out."
            )
    found = [places[AgeGroup(low, high)] for low, high in frame.select("low", "high").iter_rows()]
    return frame.with_columns(pl.Series("place", found, pl.Int64()))


# -- years and groups --------------------------------------------------------------------------------------------------


def _within(period: tuple[int, int]) -> pl.Expr:
    return pl.col(YEAR).cast(pl.Int64, strict=False).is_between(*period)


def _words(period: tuple[int, int] | None) -> str:
    return "the table" if period is None else f"{period[0]}–{period[1]}"


def _empty_groups(rows: TableRows, name: str) -> Iterator[Reject]:
    for line in rows.frame.filter(pl.col(f"by {name}").is_null())[LINE]:
        yield Reject(rows.file, line, name, "", "A population has to say whose it is.")


def _wrong_cases(rows: TableRows, frame: pl.DataFrame, year: Sequence[str]) -> Iterator[Reject]:
    said = [reject.line for reject in rows.rejected]
    if rows.has("cases"):
        wrong = (pl.col("cases").is_null() & ~pl.col(LINE).is_in(said)) | (pl.col("cases") < 0)
        yield from rows.reject("cases", wrong, "Cases are counted: a whole number from 0 on.")
    for element in year:
        yield from rows.reject(element, pl.col(element).is_null() & ~pl.col(LINE).is_in(said), "The year is not known.")


def _without_population(
    rows: TableRows, frame: pl.DataFrame, by: Sequence[str], year: Sequence[str], population: Population
) -> Iterator[Reject]:
    """Cases for which the population has no row: each column that it shares is looked at."""
    for name in population.names:
        if name not in frame.columns:
            continue
        known = population.frame[name].unique().sort().to_list()
        element = year[0] if name == YEAR else name
        shown = ", ".join(known[:8]) + (f" … {known[-1]}" if len(known) > 8 else "")
        for line, found in frame.filter(~pl.col(name).is_in(known)).select(LINE, name).iter_rows():
            if found is not None:
                header = rows.headers.get(element, element)
                advice = " Limit the years with --period, or give it." if name == YEAR else ""
                yield Reject(rows.file, line, header, found, f"There is no population for it.{advice}", shown)


def _check_years(path: Path, cases: pl.DataFrame, population: Population, period: tuple[int, int] | None) -> None:
    """Person-years of years in which nobody looked for cases make rates too low: which years are meant has to be stated."""
    if YEAR not in population.names or period is not None:
        return
    lived, found = (sorted({int(year) for year in frame[YEAR]}) for frame in (population.frame, cases))
    if (lived[0], lived[-1]) != (found[0], found[-1]):
        raise TableError(
            f"{path}: cases from {found[0]} to {found[-1]}, and {population.file} has the population from {lived[0]} to {lived[-1]}. "
            f"In which years were cases registered? State it: --period {found[0]}-{found[-1]}, or --period {lived[0]}-{lived[-1]}."
        )


def counted(frame: pl.DataFrame, names: Sequence[str], value: str, places: int) -> Mapping[Key, list[float]]:
    """For each group (its words in `names`) the sum of `value` in each age group, by `place`."""
    found: dict[Key, list[float]] = {}
    for *key, place, number in frame.group_by([*names, "place"]).agg(pl.col(value).sum()).iter_rows():
        found.setdefault(tuple(key), [0.0] * places)[place] += float(number)
    return found
