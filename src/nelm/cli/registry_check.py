"""`nelm registry check`: who is eligible, what is wrong with the records, how good they are."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nelm.cli.cohort_common import Folder, Workers, cohort_room, progress_of, show
from nelm.cli.common import load_knowledge, output, stop

if TYPE_CHECKING:
    from nelm.registry.checks.run import Checked

MOST_CHECKS = 12


def check(
    source: Annotated[
        str,
        typer.Argument(
            metavar="RECORDS",
            help="A folder of records, a file of JSON lines ('-': standard input), or a folder of entity tables in Parquet.",
            show_default=False,
        ),
    ],
    folder: Folder,
    closing: Annotated[
        str | None,
        typer.Option("--closing", help="The day to which the data are complete (2025-12-31); without it today.", show_default=False),
    ] = None,
    workers: Workers = None,
) -> None:
    """Check records before they are frozen: findings.csv, entry.csv, quality.csv, duplicates.csv, and a summary."""
    with cohort_room():
        from nelm.knowledge.findings import ContentError
        from nelm.registry.checks.run import check_source

        knowledge, day = load_knowledge(), _day(closing)
        try:
            with progress_of("records", None) as done:
                made = check_source(
                    None if source == "-" else Path(source), folder, knowledge, day, workers=workers or os.cpu_count() or 1, progress=done
                )
        except ContentError as error:
            stop(str(error))
        _summary(made, day)


def _day(text: str | None) -> date:
    if text is None:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        stop(f"--closing: found {text!r}. Permitted: year-month-day, for example 2025-12-31.")


def _summary(made: Checked, day: date) -> None:
    """What the reader has to know before opening the tables."""
    import polars as pl

    used = made.records - made.rejected
    output.print(
        f"{used} of {made.records} records could be read, complete to {day}. Entry by {made.entry.id} {made.entry.version}, "
        f"checks by {made.checks.id} {made.checks.version}.",
        markup=False,
        soft_wrap=True,
    )
    show(made.decisions.group_by("decision").len("records").sort("decision"), "Entry")
    labels = pl.col("check").replace(made.checks.labels())
    counted = made.findings.group_by("severity", "check").agg(records=pl.col("patient").n_unique(), findings=pl.len())
    show(
        counted.sort("severity", "findings", "check", descending=[False, True, False]).with_columns(what=labels),
        "Findings",
        most=MOST_CHECKS,
    )
    if made.duplicates.pairs.height:
        output.print(f"{made.duplicates.pairs.height} pairs of records of one centre may be of one person.", markup=False, soft_wrap=True)
    if made.duplicates.not_compared:
        output.print(
            f"{made.duplicates.not_compared} records could not be compared with others: no centre, or no day of birth.",
            markup=False,
            soft_wrap=True,
        )
    output.print(str(made.folder), markup=False, soft_wrap=True)
