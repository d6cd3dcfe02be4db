"""`nelm guideline`: list, show, check and test the content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from nelm.cli import diff
from nelm.cli.common import BAD_INPUT, errors, load_knowledge, output, stop, writable_folder
from nelm.knowledge.base import CompiledGuideline
from nelm.knowledge.coverage import KINDS_COUNTED, coverage_rows
from nelm.knowledge.findings import ContentError
from nelm.knowledge.guideline import as_tuple
from nelm.knowledge.plain import statement_to_plain
from nelm.knowledge.store import content_root

app = typer.Typer(help="List, show, check and test the guidelines.", no_args_is_help=True)


@app.command("list")
def list_guidelines() -> None:
    """The documents that NELM holds."""
    table = Table()
    for column in ("Id", "Document", "About", "Version", "Questions", "Statements"):
        table.add_column(column, overflow="fold")
    for compiled in load_knowledge().guidelines.values():
        found = compiled.guideline
        table.add_row(found.id, found.citation, found.covers, found.version, str(len(found.questions)), str(len(compiled.statements)))
    output.print(table)


@app.command("show")
def show(
    guideline: Annotated[str, typer.Argument(metavar="ID", help="As 'nelm guideline list' names it.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: every statement with its id, kind and locator.")] = False,
) -> None:
    """Every statement of a document, in our own words, with where it is printed."""
    knowledge = load_knowledge()
    if guideline not in knowledge.guidelines:
        stop(f"The guideline {guideline!r} is not known. Permitted: {', '.join(knowledge.guidelines)}.")
    compiled = knowledge.guidelines[guideline]
    if as_json:
        typer.echo(json.dumps(_plain(compiled), indent=2, ensure_ascii=False))
        return
    for question in compiled.guideline.questions:
        output.print(f"\n[bold]{question.id}[/bold] {question.asks}")
        for statement in question.statements:
            grade = statement.strength or statement.wording or "nothing printed"
            place = ", ".join(as_tuple(statement.source))
            output.print(f"  {statement.id}  {statement.says}  ({statement.kind}, {statement.standing}, {grade}; {place})", markup=False)


def _plain(compiled: CompiledGuideline) -> dict[str, Any]:
    found = compiled.guideline
    return {
        "id": found.id,
        "title": found.title,
        "citation": found.citation,
        "version": found.version,
        "strength_scale": found.strength_scale,
        "level_note": found.level_note,
        "statements": [statement_to_plain(item) for item in compiled.statements],
    }


@app.command("build")
def build(
    folder: Annotated[Path, typer.Option("--output", metavar="DIR", help="Where the site is written.", show_default=False)],
    pdf: Annotated[bool, typer.Option(help="With a PDF of each document.")] = True,
) -> None:
    """Write the guidelines as a site of static pages that needs no network and no server."""
    from nelm.reports.site.writing import build_site

    target = writable_folder(folder)
    built = build_site(load_knowledge(), target, with_pdf=pdf)
    output.print(f"{built.pages} pages, {built.files} files. Open {built.index}", markup=False, soft_wrap=True)


@app.command("coverage")
def coverage() -> None:
    """How much of each document the content holds, by question."""
    knowledge = load_knowledge()
    for name, compiled in knowledge.guidelines.items():
        table = Table(title=compiled.guideline.name, title_justify="left")
        table.add_column("Question")
        rows = coverage_rows(knowledge, name)
        for column in KINDS_COUNTED:
            table.add_column(column, justify="right")
        for row in rows:
            table.add_row(row.question, *(str(count or "") for count in row.counts))
        table.add_section()
        table.add_row("all", *(str(sum(row.counts[number] for row in rows)) for number in range(len(KINDS_COUNTED))))
        output.print(table)


@app.command("check")
def check() -> None:
    """Every mistake in the content, with file, line and column; silent where there is none."""
    from nelm.knowledge.load import load

    try:
        load(content_root(), thorough=True)
    except (ContentError, FileNotFoundError) as error:
        errors.print(str(error), markup=False)
        raise typer.Exit(BAD_INPUT) from None


@app.command("test")
def test() -> None:
    """Run every worked case and every boundary vector against the verdicts it must yield."""
    from nelm.advice.worked_cases import run_all

    knowledge = load_knowledge()
    runs, checks, deviations = 0, 0, 0
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=errors, transient=True) as progress:
        task = progress.add_task("Worked cases", total=None)
        for run in run_all(content_root(), knowledge):
            runs, checks, deviations = runs + 1, checks + run.checks, deviations + len(run.deviations)
            for deviation in run.deviations:
                errors.print(str(deviation), markup=False)
            progress.advance(task)
    output.print(f"{runs} worked cases and vectors, {checks} checks, {deviations} deviations.")
    if deviations:
        raise typer.Exit(1)


app.command("diff")(diff.show_differences)
