"""`nelm cohort summarise`, `missing`, `attrition`, `overlap`: what a facts table answers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nelm.cli.cohort_common import FactsFile, Guidelines, answered, cohort_room, compiled_for, opened, show, told, write_table
from nelm.cli.common import load_knowledge, output, writable_folder

if TYPE_CHECKING:
    import polars as pl

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
MAIN_OUTCOMES = ("concordant", "discordant", "not_assessable")  # what fits on a terminal; the files have all


def summarise(facts: FactsFile, by: By = None, suppress_below: Below = None, folder: Into = None, guidelines: Guidelines = None) -> None:
    """How often each statement applies, does not, is undetermined or blocked; also by centre, year, site, grade."""
    with cohort_room():
        from nelm.cohort.summary import counting

        table, found = answered(facts, guidelines, lambda cohort: counting(cohort, by or ()))
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

        _, found = answered(facts, guidelines, lambda cohort: waiting(cohort, by or ()))
        if folder is None:
            show(
                found.overall(suppress_below).drop("fact"),
                f"{found.undetermined} verdicts of {found.rows} rows are open, and wait for",
                most=MOST_ROWS,
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

        table, found = answered(facts, None, lambda cohort: falling(cohort, name))
        if folder is None:
            show(found.table(suppress_below).drop("criterion"), found.title)
            return
        from nelm.cohort.pictures import SETTING_COLUMNS, setting_of, write_attrition

        setting = setting_of(table.blocks(SETTING_COLUMNS))
        _tell(write_attrition(found, setting, writable_folder(folder), f"attrition-{_file_name(name)}", suppress_below))


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

        table, found = answered(facts, None, lambda cohort: overlapping(cohort, names))
        if folder is None:
            show(found.table(suppress_below=suppress_below), found.title)
            return
        from nelm.cohort.pictures import SETTING_COLUMNS, setting_of, write_overlap

        setting, name = setting_of(table.blocks(SETTING_COLUMNS)), f"overlap-{_file_name('-'.join(names))}"
        _tell(write_overlap(found, setting, writable_folder(folder), name, suppress_below=suppress_below))


def concordance(
    facts: Annotated[
        Path,
        typer.Argument(
            metavar="DECISIONS", help="Facts before each treatment: 'nelm cohort facts RECORDS --at each:treatments'.", show_default=False
        ),
    ],
    suppress_below: Below = None,
    folder: Into = None,
    guidelines: Guidelines = None,
) -> None:
    """Treatments given, held against the statements in force at the time: concordant, discordant, not assessable, and why."""
    with cohort_room():
        from nelm.cohort.concordance import comparing
        from nelm.cohort.concordance_files import FOLDER, write_concordance

        knowledge = load_knowledge()
        table, compiled = opened(facts, knowledge), compiled_for(knowledge, guidelines)
        compare = comparing(compiled)
        blocks = told(table, compare.columns, "decisions")
        found = compare.run(blocks) if folder is None else write_concordance(compare, blocks, folder, suppress_below)
        title = f"{found.decisions} decisions; a treatment that several terms name counts for each"
        show(_outcomes_in_rows(found.totals((), suppress_below)), title)
        if folder is not None:
            output.print(str(folder / FOLDER), markup=False, soft_wrap=True)
            return
        by_treatment = found.totals(("term",), suppress_below).rename({"label": "treatment"})
        show(by_treatment.select("guideline", "treatment", *MAIN_OUTCOMES, "of"), "by treatment", most=MOST_ROWS)
        output.print(
            "This compares what was given with what the documents describe. It says nothing about whether it was right, or how it worked."
        )


def _outcomes_in_rows(totals: pl.DataFrame) -> pl.DataFrame:
    """A row per outcome with what it means, a column per document."""
    from nelm.cohort.outcomes import MEANING

    turned = totals.transpose(include_header=True, header_name="outcome", column_names="guideline")
    meaning = {outcome.value: text for outcome, text in MEANING.items()}
    return turned.with_columns(
        meaning=turned["outcome"].replace_strict(meaning, default="all"), outcome=turned["outcome"].str.replace_all("_", " ")
    )


def _tell(files: Iterable[Path]) -> None:
    for file in files:
        output.print(str(file), markup=False, soft_wrap=True)


def _file_name(name: str) -> str:
    return name.replace("/", "-").replace("#", "-")
