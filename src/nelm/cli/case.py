"""`nelm case`: write, check and describe patient records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from nelm.cli.common import BAD_INPUT, errors, load_knowledge, output, records_in, stop, write_aside
from nelm.patient.facts import facts_of
from nelm.patient.record import RecordError, read_record

app = typer.Typer(help="Write, check and describe patient records.", no_args_is_help=True)


@app.command("new")
def new_case(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where to write the template; without it, it is printed.", show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """A commented template of a patient record: fill in what is known, leave out the rest."""
    from nelm.patient.template import template

    text = template(load_knowledge())
    if file is None:
        typer.echo(text, nl=False)
        return
    if file.exists() and not force:
        stop(f"{file}: the file exists. Choose another name, or add --force to overwrite it.")
    if not file.parent.is_dir():
        stop(f"{file}: the folder {file.parent} does not exist.")
    write_aside(file, text.encode("utf-8"))
    output.print(f"Template written: {file}", markup=False, soft_wrap=True)


@app.command("check")
def check_cases(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Patient records (YAML or JSON), or folders of them.", show_default=False)
    ],
) -> None:
    """Everything that is wrong or doubtful in a record, all at once."""
    paths, knowledge, wrong = records_in(files), load_knowledge(), 0
    for path in paths:
        try:
            record = read_record(path, knowledge)
        except RecordError as error:
            errors.print(str(error), markup=False)
            wrong += 1
            continue
        found = facts_of(record, knowledge).contradictions
        for warning in record.warnings:
            output.print(f"{warning} (warning)", markup=False, soft_wrap=True)
        for contradiction in found:
            entries = "; ".join(f"{entry.name} (line {entry.mark.line})" for entry in contradiction.entries)
            output.print(f"{path}: {contradiction.severity}: {contradiction.says} {entries}", markup=False, soft_wrap=True)
        if not record.warnings and not found:
            output.print(f"{path}: nothing wrong found.", markup=False, soft_wrap=True)
    if wrong:
        raise typer.Exit(BAD_INPUT)


@app.command("schema")
def schema() -> None:
    """The JSON Schema of a record, for editors that complete and check as you type."""
    from nelm.patient.schema import json_schema

    typer.echo(json.dumps(json_schema(load_knowledge()), indent=2, ensure_ascii=False))
