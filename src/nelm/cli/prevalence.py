"""`nelm prevalence`: limited-duration prevalence of the tumours of any table."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nelm.cli.common import stop
from nelm.cli.epidemiology_common import (
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
    StatusCodes,
    TableFile,
    Where,
    a_day,
    answer,
    between,
    folder_for,
    mapping_from,
    names_of,
    registry_room,
    say_notes,
    say_rows,
)

if TYPE_CHECKING:
    import polars as pl

EVERYTHING = "all"


class FirstTumourRule(str, Enum):
    """Which tumour of a person counts: the first of any kind, or the first of the table in the window."""

    first_ever = "first_ever"
    first_in_window = "first_in_window"


def prevalence(
    table: TableFile,
    index: Annotated[
        str, typer.Option("--index", help="The day on which people are counted, as in 2020-01-01.", metavar="DATE", show_default=False)
    ],
    rule: Annotated[
        FirstTumourRule,
        typer.Option(
            "--rule",
            help="Which tumour of a person counts: the first malignant one of any kind (column first_ever), or the first of the table in "
            "the window. The two answers differ, so it has to be chosen.",
            show_default=False,
        ),
    ],
    closing: Annotated[str, typer.Option("--closing", help="The day to which follow-up is complete.", metavar="DATE", show_default=False)],
    years: Annotated[str, typer.Option("--years", help="Durations in years; 'all' is as far back as the table goes.")] = "1,3,5,10",
    by: Annotated[str | None, typer.Option("--by", help="Columns whose entries make groups, as in sex.", show_default=False)] = None,
    cohorts: Annotated[
        str | None,
        typer.Option(
            "--cohorts",
            help="Columns whose entries make the survival cohorts that the lost are judged by, as in sex,period.",
            show_default=False,
        ),
    ] = None,
    population: Annotated[
        str | None,
        typer.Option(
            "--population",
            help="The population on that day: a number, or a table with the columns of --by and population.",
            show_default=False,
        ),
    ] = None,
    per: Per = 100_000,
    registered_since: Annotated[
        str | None, typer.Option("--registered-since", help="The day on which registration began.", metavar="DATE", show_default=False)
    ] = None,
    confidence: Confidence = 0.95,
    folder: Into = None,
    mapping: MappingFile = None,
    columns: Columns = None,
    codes: StatusCodes = None,
    sex: SexCodes = None,
    first_ever: Annotated[
        list[str] | None, typer.Option("--first-ever", help="How first_ever is written, as in yes=1,no=0.", show_default=False)
    ] = None,
    date_order: DateOrders = None,
    decimal: Decimals = None,
    separator: Separator = None,
    encoding: Encoding = None,
    missing: Missing = None,
    where: Where = None,
    drop_unusable: DropUnusable = False,
) -> None:
    """How many people diagnosed in the years before a day are alive on it; whoever was lost counts with the probability of being alive.

    The table has a row for each tumour: person, diagnosed, last_contact (or time, in days), status, and first_ever if asked for.
    """
    with registry_room():
        from nelm.epidemiology.prevalence import FirstTumour
        from nelm.registry.tables.prevalence import PrevalenceQuestion, prevalence_of, read_tumours

        first = FirstTumour(rule.value)
        described = mapping_from(
            mapping,
            columns=columns,
            codes=codes,
            sex=sex,
            first_ever=first_ever,
            where=where,
            missing=missing,
            date_order=date_order,
            decimal=decimal,
            separator=separator,
            encoding=encoding,
        )
        groups = names_of(by)
        day, last = a_day("--index", index), a_day("--closing", closing)
        assert day is not None and last is not None, "both are required"  # noqa: PT018 - one sentence
        question = PrevalenceQuestion(
            index=day,
            years=_durations(years),
            rule=first,
            closing=last,
            populations=_populations(population, groups),
            registered_since=a_day("--registered-since", registered_since),
            confidence=confidence,
            per=per,
        )
        place = folder_for(folder, drop=drop_unusable)
        tumours = read_tumours(table, described, rule=first, by=groups, cohorts=names_of(cohorts), drop=drop_unusable)
        say_rows(tumours.frame.height, f"tumours, {tumours.frame['person'].n_unique()} persons", tumours.not_asked, tumours.rejected, place)
        found = prevalence_of(tumours, question)
        frame = found.table()
        answer(frame, f"Limited-duration prevalence on {day}, {first.value}", place, "prevalence", shown=_in_short(frame, found.by))
        say_notes(found.notes)


def _in_short(frame: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """What fits on a terminal."""
    import polars as pl

    proportion = [(name, "per_lower", "per_upper") for name in frame.columns if name.startswith("per_") and name[4:].isdigit()]
    pairs = [("prevalence", "lower", "upper"), *proportion]
    made = [
        column
        for value, low, high in pairs
        for column in (pl.col(value).round(1), between(low, high, 1).alias("interval" if value == "prevalence" else "its interval"))
    ]
    return frame.select(*by, "years", "incident", "lost", *made)


def _durations(text: str) -> tuple[int | None, ...]:
    found: list[int | None] = []
    for part in (part.strip() for part in text.split(",")):
        if part != EVERYTHING and not (part.isascii() and part.isdigit() and int(part) > 0):
            stop(
                f"--years: found {text!r}. Permitted: whole years from 1 on with commas between them, and {EVERYTHING}, as in 1,5,10,29,all."
            )
        found.append(None if part == EVERYTHING else int(part))
    return tuple(found)


def _populations(text: str | None, by: tuple[str, ...]) -> dict[tuple[str, ...], float]:
    """A number for everybody, or a table with a row for each group."""
    if text is None:
        return {}
    from nelm.registry.tables.mapping import TableMapping
    from nelm.registry.tables.prevalence import read_populations

    if Path(text).is_file():
        return read_populations(Path(text), TableMapping(), by)
    if by:
        stop(f"--population: found {text!r}, and there are groups by {', '.join(by)}. Give a table with their columns and population.")
    try:
        number = float(text)
    except ValueError:
        stop(
            f"--population: found {text!r}: no number, and there is no such file. Permitted: the number of people on the index date, or a table."
        )
    return {(): number}
