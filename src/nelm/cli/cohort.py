"""`nelm cohort`: the same criteria over many patients. The libraries of the extra `cohort` are loaded by the command that runs."""

from __future__ import annotations

import os
import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nelm.cli import cohort_answers
from nelm.cli.cohort_common import FactsFile, Folder, Guidelines, Workers, cohort_room, compiled_for, opened, progress_of
from nelm.cli.common import load_knowledge, output, stop

if TYPE_CHECKING:
    from nelm.cohort.compiled import CompiledCohort
    from nelm.cohort.tables import FactsTable

app = typer.Typer(help="The same criteria over a cohort: facts tables, verdicts, counts, concordance.", no_args_is_help=True)


class Engine(str, Enum):
    """What runs the compiled criteria."""

    polars = "polars"
    spark = "spark"


# -- making a cohort -------------------------------------------------------------------------------------


@app.command("simulate")
def simulate(
    patients: Annotated[int, typer.Option("--patients", "-n", min=1, help="How many records.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same records.")] = 1,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file of JSON lines; without it they are printed.", show_default=False)
    ] = None,
    registry: Annotated[
        bool,
        typer.Option("--registry", help="Also a made-up population, life table and registry.yaml beside the file, for a registry report."),
    ] = False,
    workers: Workers = None,
) -> None:
    """Made-up records, plausible and marked as synthetic, for trying things out. They say nothing about real patients."""
    with cohort_room():
        import json

        from nelm.cohort.synthetic.content import load_description
        from nelm.cohort.synthetic.simulate import simulate as simulated
        from nelm.cohort.synthetic.simulate import write_records
        from nelm.cohort.synthetic.surroundings import load_surroundings, write_surroundings
        from nelm.cohort.tables import OutputError

        if registry and file is None:
            stop("--registry writes files beside the records. Say where with --output.")
        knowledge = load_knowledge()
        description = load_description(knowledge)
        if file is None:
            for record in simulated(description, knowledge, patients, seed):
                sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with progress_of("records", patients) as done:
                write_records(
                    description,
                    knowledge,
                    file,
                    patients,
                    seed,
                    workers=workers or os.cpu_count() or 1,
                    progress=lambda number: done(number, patients),
                )
            around = write_surroundings(load_surroundings(), file.parent, patients) if registry else ()
        except OSError as error:
            raise OutputError(
                f"{file}: cannot be written ({error.strerror or error}). Nothing was left there; choose another place."
            ) from None
        output.print(f"{patients} synthetic records: {file}", markup=False, soft_wrap=True)
        for beside in around:
            output.print(str(beside), markup=False, soft_wrap=True)


@app.command("facts")
def facts_from_records(
    source: Annotated[
        str,
        typer.Argument(
            metavar="RECORDS",
            help="A folder of records, a file of JSON lines ('-': standard input), or a folder of entity tables in Parquet.",
            show_default=False,
        ),
    ],
    file: Annotated[Path, typer.Option("--output", "-o", help="The facts table to write (a .parquet file).", show_default=False)],
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            help="Facts as of a day (2020-12-31), of a date of the record (liver_metastases_first_seen), or before each entry of a list "
            "(each:mdt_meetings, each:treatments). Without it: everything known, as of the record's own day.",
            show_default=False,
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End at the first record that cannot be used.")] = False,
    workers: Workers = None,
) -> None:
    """From records to one row of facts per patient, or per patient and event."""
    with cohort_room():
        from nelm.cohort.records.moments import moment_of
        from nelm.cohort.records.to_facts import facts_table_from

        knowledge = load_knowledge()
        with progress_of("records", None) as done:
            made = facts_table_from(
                None if source == "-" else Path(source),
                file,
                knowledge,
                moment_of(at, knowledge),
                workers=workers or os.cpu_count() or 1,
                progress=done,
                strict=strict,
            )
    output.print(f"{made.rows} rows from {made.records} records: {made.path}", markup=False, soft_wrap=True)
    for number, what in (
        (made.without_moment, f"do not know the date of {at}"),
        (made.without_entry, f"have no entry for {at}"),
    ):
        if number:
            output.print(f"{number} {what}; they give no row.", markup=False, soft_wrap=True)
    if made.rejects is not None:
        output.print(
            f"Cannot be used: {made.rejected} of {made.records} records; what is wrong with each: {made.rejects}",
            markup=False,
            soft_wrap=True,
        )


# -- judging it --------------------------------------------------------------------------------------------


@app.command("assess")
def assess(
    facts: FactsFile,
    folder: Folder,
    guidelines: Guidelines = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="Polars on one machine; Spark where the table has outgrown it.")
    ] = Engine.polars,
) -> None:
    """One status per patient and statement: applies, does not apply, undetermined, blocked, out of scope."""
    with cohort_room():
        knowledge = load_knowledge()
        table, compiled = opened(facts, knowledge), compiled_for(knowledge, guidelines)
        if engine is Engine.spark:
            _assess_with_spark(table, compiled, folder)
            return
        from nelm.cohort.assess import assess_table

        with progress_of("patients", table.height) as done:
            made = assess_table(table, compiled, folder, done)
    output.print(f"{made.patients} rows, {len(compiled.statements)} statements: {made.folder}", markup=False, soft_wrap=True)


def _assess_with_spark(table: FactsTable, compiled: CompiledCohort, folder: Path) -> None:
    from nelm.cohort.assess import assess_with_spark
    from nelm.cohort.spark_engine import SparkNotInstalled

    try:
        with progress_of("values looked at", table.height) as done:
            made = assess_with_spark(table, compiled, folder, done)
    except SparkNotInstalled as error:
        stop(str(error))
    output.print(f"{table.height} rows, {len(compiled.statements)} statements: {made}", markup=False, soft_wrap=True)


app.command("summarise")(cohort_answers.summarise)
app.command("missing")(cohort_answers.rank_missing)
app.command("attrition")(cohort_answers.attrition)
app.command("overlap")(cohort_answers.overlap)
app.command("concordance")(cohort_answers.concordance)
