"""`nelm rates`: rates of the cases of any table in a population."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nelm.cli.common import stop
from nelm.cli.epidemiology_common import (
    AgeUnits,
    Columns,
    Confidence,
    DateOrders,
    Decimals,
    DropUnusable,
    Encoding,
    Into,
    MappingFile,
    Missing,
    Per,
    Separator,
    SexCodes,
    TableFile,
    Where,
    answer,
    between,
    folder_for,
    mapping_from,
    names_of,
    period_of,
    registry_room,
    say_notes,
    say_rows,
)

if TYPE_CHECKING:
    import polars as pl

    from nelm.registry.tables.rates import RateAnswer


class IntervalKind(str, Enum):
    """Which interval is shown; the file has all."""

    exact = "exact"
    fay_feuer = "fay-feuer"
    tiwari = "tiwari"


def rates(
    table: TableFile,
    population: Annotated[
        Path,
        typer.Option(
            "--population", help="Person-years: a table with population, and year, sex, age_group as it is divided by.", show_default=False
        ),
    ],
    by: Annotated[str | None, typer.Option("--by", help="Groups, as in year,sex; any column of the table.", show_default=False)] = None,
    standard: Annotated[
        str | None,
        typer.Option(
            "--standard",
            help="Standardise for age: world_1960, europe_1976, europe_2013, or a CSV file with from_age and weight.",
            show_default=False,
        ),
    ] = None,
    interval: Annotated[
        IntervalKind | None,
        typer.Option(
            "--interval",
            help="Which interval is shown: exact of crude rates, fay-feuer (or tiwari) of standardised ones.",
            show_default=False,
        ),
    ] = None,
    period: Annotated[
        str | None, typer.Option("--period", help="The years in which cases were registered, as in 2000-2019.", show_default=False)
    ] = None,
    trend: Annotated[bool, typer.Option("--trend", help="The annual percent change over the years of --by.")] = False,
    ratio: Annotated[
        str | None, typer.Option("--ratio", help="Rate ratios to the group with this entry, as in sex=female.", show_default=False)
    ] = None,
    reference_rates: Annotated[
        Path | None,
        typer.Option(
            "--reference-rates",
            help="Observed to expected (SIR, SMR): a table with rate per 100,000, and age_group, sex as divided by.",
            show_default=False,
        ),
    ] = None,
    per: Per = 100_000,
    confidence: Confidence = 0.95,
    folder: Into = None,
    mapping: MappingFile = None,
    columns: Columns = None,
    sex: SexCodes = None,
    age_unit: AgeUnits = None,
    date_order: DateOrders = None,
    decimal: Decimals = None,
    separator: Separator = None,
    encoding: Encoding = None,
    missing: Missing = None,
    where: Where = None,
    population_mapping: Annotated[
        Path | None, typer.Option("--population-mapping", help="What --mapping is, for the population.", show_default=False)
    ] = None,
    population_columns: Annotated[
        list[str] | None, typer.Option("--population-column", help="What --column is, for the population.", show_default=False)
    ] = None,
    population_sex: Annotated[
        list[str] | None, typer.Option("--population-sex", help="What --sex is, for the population.", show_default=False)
    ] = None,
    population_where: Annotated[
        list[str] | None, typer.Option("--population-where", help="What --where is, for the population.", show_default=False)
    ] = None,
    drop_unusable: DropUnusable = False,
) -> None:
    """Crude and age-standardised rates, their ratios, their annual change, observed to expected cases.

    The table has a row for each case, or for each count of cases (column cases): year or diagnosed, and for standardisation age_group
    or age.
    """
    with registry_room():
        from nelm.registry.tables.mapping import TableMapping
        from nelm.registry.tables.rate_sources import read_cases, read_population, read_reference
        from nelm.registry.tables.rates import RateQuestion, rates_of, ratios_to_expected
        from nelm.registry.tables.standard_files import standard_from

        groups = names_of(by)
        chosen = None if standard is None else standard_from(standard, use="rates")
        question = RateQuestion(groups, chosen, per, confidence)
        kind = _interval(interval, standard)
        years = period_of(period)
        described = mapping_from(
            mapping,
            columns=columns,
            sex=sex,
            where=where,
            missing=missing,
            age_unit=age_unit,
            date_order=date_order,
            decimal=decimal,
            separator=separator,
            encoding=encoding,
        )
        of_population = mapping_from(population_mapping, columns=population_columns, sex=population_sex, where=population_where)
        reference = None if reference_rates is None else read_reference(reference_rates, TableMapping())
        aged_reference = reference is not None and reference[0]["high"].is_not_null().any()
        place = folder_for(folder, drop=drop_unusable)
        lived = read_population(
            population,
            of_population,
            by=groups,
            further=reference[1] if reference else (),
            aged=chosen is not None or aged_reference,
            period=years,
        )
        cases = read_cases(table, described, lived, by=groups, aged=chosen is not None, period=years, drop=drop_unusable)
        say_rows(int(cases.frame["cases"].sum()), "cases", cases.not_asked, cases.rejected, place)
        found = rates_of(cases, lived, question)
        answer(found.table(), f"Rates per {per:g} person-years", place, "rates", shown=_in_short(found, kind))
        _further(found, ratio, trend, place)
        if reference is not None:
            frame = ratios_to_expected(cases, lived, *reference, question)
            answer(frame, "Observed to expected cases", place, "observed-to-expected", shown=_with_interval(frame, "ratio", 3))
        if described.where and not of_population.where:
            say_notes(["--where limits the cases and not the population; --population-where limits that too."])
        say_notes(found.notes)


def _further(found: RateAnswer, ratio: str | None, trend: bool, folder: Path | None) -> None:
    """Ratios and trends, as far as they are asked for."""
    if ratio is not None:
        column, equals, word = ratio.partition("=")
        if not equals or not word:
            stop(f"--ratio: found {ratio!r}. Permitted: COLUMN=ENTRY of the group that the others are compared with, as in sex=female.")
        frame = found.ratios(column.strip(), word.strip())
        answer(frame, "Rate ratios", folder, "rate-ratios", shown=_with_interval(frame, "ratio", 3))
    if trend:
        frame = found.trends()
        answer(frame, "Annual percent change", folder, "rate-trends", shown=_with_interval(frame, "annual_percent_change", 2))


def _with_interval(frame: pl.DataFrame, value: str, digits: int) -> pl.DataFrame:
    """A value with its limits in one column of words."""
    import polars as pl

    if not frame.width:
        return frame
    rounded = frame.with_columns(pl.selectors.float().cast(pl.Float64).round(digits))
    place = frame.columns.index("upper") + 1
    before = [name for name in frame.columns[:place] if name not in {"lower", "upper"}]
    numbers = frame.with_columns(pl.col("lower", "upper").cast(pl.Float64))
    interval = numbers.select(between("lower", "upper", digits).alias("interval")).to_series()
    return rounded.select(*before, interval, *frame.columns[place:])


def _in_short(found: RateAnswer, kind: IntervalKind) -> pl.DataFrame:
    """What fits on a terminal: counts, the crude rate or the standardised one, the interval asked for."""
    import polars as pl

    frame, by, name = found.table(), found.question.by, kind.value.replace("-", "_")
    crude = [pl.col("crude_rate").round(2)]
    rate = [] if kind is IntervalKind.exact else [pl.col("standardised_rate").round(2)]
    flagged = ["flagged"] if rate and frame.get_column("flagged").str.len_chars().sum() else []
    interval = between(f"{name}_lower", f"{name}_upper", 2).alias(f"interval ({kind.value})")
    return frame.select(*by, "cases", pl.col("person_years").round(0).cast(pl.Int64), *crude, *rate, interval, *flagged)


def _interval(asked: IntervalKind | None, standard: str | None) -> IntervalKind:
    if asked is None:
        return IntervalKind.exact if standard is None else IntervalKind.fay_feuer
    if (asked is not IntervalKind.exact) and standard is None:
        stop(f"--interval {asked.value}: this is an interval of standardised rates. Name the standard: --standard europe_2013.")
    return asked
