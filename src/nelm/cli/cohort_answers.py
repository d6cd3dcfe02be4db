"""`nelm cohort summarise`, `missing`, `attrition`, `overlap`: what a facts table answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nelm.cli.cohort_common import FactsFile, Guidelines, cohort_room, compiled_for, opened, show, told, write_table
from nelm.cli.common import load_knowledge, output, writable_folder

By = Annotated[
    list[str] | None,
    typer.Option(
        "--by", help="Count by centre, year, or any coded or yes-no fact (grade, primary_site); may be repeated.", show_default=False
    ),
]
Below = Annotated[
    int | None,
    typer.Option("--suppress-below", min=3, help="Hold back counts below this, and others that would give them away.", show_default=False),
]
Into = Annotated[Path | None, typer.Option("--output", "-o", help="A folder for the tables (CSV) and pictures (SVG).", show_default=False)]
MOST_ROWS = 40


def summarise(facts: FactsFile, by: By = None, suppress_below: Below = None, folder: Into = None, guidelines: Guidelines = None) -> None:
    """How often each statement applies, does not, is undetermined or blocked; also by centre, year, site, grade."""
    with cohort_room():
        from nelm.cohort.summary import counting

        knowledge = load_knowledge()
        table, compiled = opened(facts, knowledge), compiled_for(knowledge, guidelines)
        count = counting(compiled, by or ())
        found = count.run(told(table, count.columns, "patients"))
        overall = found.overall(suppress_below)
        if folder is None:
            show(overall.drop("question"), f"{found.rows} rows of {table.path.name}", most=None if not by else MOST_ROWS)
            if by:
                show(found.by_group(suppress_below), f"by {', '.join(by)}", most=MOST_ROWS)
        else:
            writable_folder(folder)
            write_table(overall, folder, "summary")
            write_table(found.unconditional(), folder, "summary-without-conditions")
            if by:
                write_table(found.by_group(suppress_below), folder, f"summary-by-{'-'.join(by)}")
        output.print(
            f"{len(found.without_conditions)} statements have no conditions: they hold for everybody in scope and are not counted."
        )


def rank_missing(facts: FactsFile, by: By = None, suppress_below: Below = None, folder: Into = None, guidelines: Guidelines = None) -> None:
    """The facts whose absence leaves most verdicts open, the one that would settle most first."""
    with cohort_room():
        from nelm.cohort.missing import waiting

        knowledge = load_knowledge()
        table, compiled = opened(facts, knowledge), compiled_for(knowledge, guidelines)
        wait = waiting(compiled, by or ())
        found = wait.run(told(table, wait.columns, "patients"))
        if folder is None:
            show(
                found.overall(suppress_below), f"{found.undetermined} verdicts of {found.rows} rows are open, and wait for", most=MOST_ROWS
            )
            if by:
                show(found.by_group(suppress_below), f"by {', '.join(by)}", most=MOST_ROWS)
            return
        writable_folder(folder)
        write_table(found.overall(suppress_below), folder, "missing")
        if by:
            write_table(found.by_group(suppress_below), folder, f"missing-by-{'-'.join(by)}")


def attrition(
    facts: FactsFile,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A statement (nelm-2014/Q08.R1), or a derivation or criterion joined by 'and' (milan_net_met).",
            show_default=False,
        ),
    ],
    suppress_below: Below = None,
    folder: Into = None,
) -> None:
    """Who falls out at which criterion: still in, not known, fell out, step by step."""
    with cohort_room():
        from nelm.cohort.attrition import falling

        knowledge = load_knowledge()
        table, compiled = opened(facts, knowledge), compiled_for(knowledge, None)
        fall = falling(compiled, name)
        found = fall.run(told(table, fall.columns, "patients"))
        if folder is None:
            show(found.table(suppress_below).drop("criterion"), found.title)
            return
        writable_folder(folder)
        write_table(found.table(suppress_below), folder, f"attrition-{_file_name(name)}")


def overlap(
    facts: FactsFile,
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME…",
            help="Criteria, derivations or statements; one that is joined by 'and' stands for its parts.",
            show_default=False,
        ),
    ],
    suppress_below: Below = None,
    folder: Into = None,
) -> None:
    """Which criteria hold together, and in how many."""
    with cohort_room():
        from nelm.cohort.overlap import overlapping

        knowledge = load_knowledge()
        table, compiled = opened(facts, knowledge), compiled_for(knowledge, None)
        over = overlapping(compiled, names)
        found = over.run(told(table, over.columns, "patients"))
        if folder is None:
            show(found.table(suppress_below=suppress_below), found.title)
            return
        writable_folder(folder)
        write_table(found.table(suppress_below=suppress_below), folder, f"overlap-{_file_name('-'.join(names))}")


def _file_name(name: str) -> str:
    return name.replace("/", "-").replace("#", "-")
