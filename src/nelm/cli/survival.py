"""`nelm survival`: survival of the persons of any table, by groups."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nelm.cli.cohort_common import write_file
from nelm.cli.common import errors, output, stop
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
    numbers_of,
    period_of,
    registry_room,
    say_notes,
    say_rows,
)

if TYPE_CHECKING:
    import polars as pl

    from nelm.epidemiology.life_table import LifeTable
    from nelm.registry.tables.persons import PersonTable
    from nelm.registry.tables.survival import SurvivalAnswer
    from nelm.registry.tables.survival_questions import SurvivalQuestion


class SurvivalMethod(str, Enum):
    """How survival, or the probability of death, is estimated."""

    kaplan_meier = "kaplan-meier"
    pohar_perme = "pohar-perme"
    ederer2 = "ederer2"
    ederer1 = "ederer1"
    hakulinen = "hakulinen"
    aalen_johansen = "aalen-johansen"
    crude_probability = "crude-probability"


class MissingYears(str, Enum):
    """What holds in a calendar year that the life table leaves out."""

    refuse = "refuse"
    carry_forward = "carry-forward"


def survival(
    table: TableFile,
    method: Annotated[SurvivalMethod, typer.Option("--method", "-m", help="How it is estimated.", show_default=False)],
    at: Annotated[str, typer.Option("--at", help="Years after diagnosis, of 365.241 days.")] = "1,3,5,10",
    by: Annotated[
        str | None, typer.Option("--by", help="Columns whose entries make groups, as in stage or sex,stage.", show_default=False)
    ] = None,
    life_table: Annotated[
        Path | None,
        typer.Option("--life-table", help="A CSV file: age, year, sex, haz_per_day (hazard per day), or a .gz of it.", show_default=False),
    ] = None,
    missing_years: Annotated[
        MissingYears, typer.Option("--missing-years", help="What holds in a year that the life table leaves out.")
    ] = MissingYears.refuse,
    standard: Annotated[
        str | None,
        typer.Option(
            "--standard", help="Standardise for age: icss_1, icss_2, icss_3, or a CSV file with from_age and weight.", show_default=False
        ),
    ] = None,
    age_groups: Annotated[
        bool, typer.Option("--age-groups", help="With --standard: also the survival of each age group of the standard.")
    ] = False,
    from_birth: Annotated[
        bool, typer.Option("--from-birth", help="With --standard: whoever is younger counts in its youngest age group.")
    ] = False,
    closing: Annotated[
        str | None, typer.Option("--closing", help="For hakulinen: the last day on which deaths were registered.", show_default=False)
    ] = None,
    period: Annotated[
        str | None,
        typer.Option("--period", help="Period analysis: only what was seen in these calendar years, as in 2015-2019.", show_default=False),
    ] = None,
    fewest_at_risk: Annotated[int, typer.Option("--fewest-at-risk", min=1, help="With fewer at risk no estimate is given.")] = 10,
    largest_error: Annotated[float, typer.Option("--largest-error", help="With a larger standard error no estimate is given.")] = 0.10,
    doubtful_error: Annotated[float, typer.Option("--doubtful-error", help="With a larger standard error an estimate is marked.")] = 0.05,
    confidence: Confidence = 0.95,
    folder: Into = None,
    mapping: MappingFile = None,
    columns: Columns = None,
    codes: StatusCodes = None,
    sex: SexCodes = None,
    age_unit: AgeUnits = None,
    date_order: DateOrders = None,
    decimal: Decimals = None,
    separator: Separator = None,
    encoding: Encoding = None,
    missing: Missing = None,
    where: Where = None,
    drop_unusable: DropUnusable = False,
) -> None:
    """Survival from any table: observed, relative, net, age-standardised; probabilities of death by cause. With numbers at risk.

    The table has a row for each person: status, and time (days since diagnosis) or diagnosed and last_contact (dates); with a life
    table also sex, age or born, and diagnosed.
    """
    with registry_room():
        from nelm.epidemiology.support import SupportRule
        from nelm.registry.tables.persons import read_persons
        from nelm.registry.tables.standard_files import standard_from
        from nelm.registry.tables.survival import survival_of
        from nelm.registry.tables.survival_questions import QuestionError, SurvivalQuestion

        if (age_groups or from_birth) and standard is None:
            stop("--age-groups and --from-birth are about the groups of a standard. Name it: --standard icss_1.")
        chosen = None if standard is None else standard_from(standard, use="survival")
        chosen = chosen.from_birth() if chosen and from_birth else chosen
        try:
            rule = SupportRule(fewest_at_risk, doubtful_error=doubtful_error, largest_error=largest_error)
        except ValueError as error:
            raise QuestionError(str(error)) from None
        question = SurvivalQuestion(
            method=method.value,
            years=numbers_of("--at", at),
            life_table=_life_table(life_table, missing_years),
            closing=a_day("--closing", closing),
            period=period_of(period),
            standard=chosen,
            confidence=confidence,
            support=rule,
        )
        described = mapping_from(
            mapping,
            columns=columns,
            codes=codes,
            sex=sex,
            where=where,
            missing=missing,
            causes=question.causes,
            age_unit=age_unit,
            date_order=date_order,
            decimal=decimal,
            separator=separator,
            encoding=encoding,
        )
        place = folder_for(folder, drop=drop_unusable)
        persons = read_persons(
            table,
            described,
            by=names_of(by),
            population=question.population,
            dated=question.period is not None,
            causes=question.causes,
            drop=drop_unusable,
        )
        say_rows(len(persons), f"persons, {int(persons.follow_up.dead.sum())} deaths", persons.not_asked, persons.rejected, place)
        found = survival_of(persons, question)
        _say(found, persons, place, "survival")
        if age_groups and question.standard is not None:
            _say_age_groups(persons, question, place)
        say_notes(found.notes)


def _life_table(path: Path | None, missing_years: MissingYears) -> LifeTable | None:
    if path is None:
        return None
    from nelm.epidemiology.life_table import read_life_table

    try:
        return read_life_table(path, missing_years="refuse" if missing_years is MissingYears.refuse else "carry_forward")
    except (OSError, UnicodeDecodeError) as error:
        stop(f"--life-table {path}: cannot be read ({error}). Give a CSV file in UTF-8, or one packed as .gz.")


def _say(found: SurvivalAnswer, persons: PersonTable, folder: Path | None, name: str) -> None:
    """The estimates on the terminal; in the folder also curves, tests, a picture, and who lies outside of the life table."""
    answer(found.estimates(), found.question.label, folder, name, shown=_in_short(found))
    for test in found.tests:
        output.print(
            f"{test.method}: χ² {test.chi_squared:.3f}, {test.degrees_of_freedom} df, p {_p(test.p_value)}", markup=False, soft_wrap=True
        )
    if folder is None:
        return
    from nelm.registry.tables.curve_picture import NoPicture

    answer_files = {
        f"{name}-curves": found.curves(),
        f"{name}-tests": found.tested(),
        f"{name}-outside-life-table": _outside(found, persons),
    }
    for file, frame in answer_files.items():
        if frame.height:
            write_file(folder, f"{file}.csv", frame.write_csv().encode("utf-8"))
    try:
        write_file(folder, f"{name}.svg", found.svg(Path(persons.file).name).encode("utf-8"))
    except NoPicture as error:
        errors.print(f"No picture: {error}", markup=False)


def _say_age_groups(persons: PersonTable, question: SurvivalQuestion, folder: Path | None) -> None:
    from dataclasses import replace

    from nelm.registry.tables.survival import by_age, survival_of

    assert question.standard is not None, "asked with a standard"
    found = survival_of(by_age(persons, question.standard), replace(question, standard=None))
    _say(found, persons, folder, "survival-by-age")


def _in_short(found: SurvivalAnswer) -> pl.DataFrame:
    """What fits on a terminal: percent, and words where there is no number."""
    import polars as pl

    frame, value = found.estimates(), found.question.value_name
    event = ["event"] if "event" in frame.columns else []
    return frame.select(
        *found.by,
        *event,
        "years",
        "at_risk",
        (100 * pl.col(value)).round(1).alias(f"{value} %"),
        between("lower", "upper", 1, 100).alias("interval"),
        pl.when(pl.col("reasons") != "").then(pl.concat_str("support", pl.lit(": "), "reasons")).otherwise(pl.lit("")).alias("support"),
    )


def _outside(found: SurvivalAnswer, persons: PersonTable) -> pl.DataFrame:
    """The persons of whose follow-up the life table lacks days."""
    import polars as pl

    from nelm.registry.tables.survival import outside_life_table

    return pl.DataFrame() if found.question.life_table is None else outside_life_table(persons, found.question.life_table)


def _p(value: float) -> str:
    return "below 0.0001" if value < 0.0001 else f"{value:.4f}"
