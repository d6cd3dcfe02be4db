"""`nelm export`: what NELM says, in the languages of other systems."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nelm.cli.common import load_knowledge, output, stop, writable_folder, write_aside
from nelm.criteria import nearest

app = typer.Typer(help="Write the content in the languages of other systems.", no_args_is_help=True)


@app.callback()
def export() -> None:
    """Write the content in the languages of other systems."""


@app.command("cql")
def export_cql(
    guideline: Annotated[str, typer.Argument(metavar="GUIDELINE", help="As 'nelm guideline list' names it.", show_default=False)],
    folder: Annotated[
        Path | None,
        typer.Option("--output", metavar="DIR", help="Where the library is written; else it is printed.", show_default=False),
    ] = None,
) -> None:
    """A guideline as a library of HL7 CQL: facts as parameters, conditions as definitions, with their places in the document."""
    from nelm.interop.cql import CannotSay, cql_library, file_name

    knowledge = load_knowledge()
    if guideline not in knowledge.guidelines:
        known = tuple(knowledge.guidelines)
        stop(f"The guideline {guideline!r} is not known. Permitted: {', '.join(known)}.{nearest(guideline, known)}")
    try:
        library = cql_library(knowledge, guideline)
    except CannotSay as error:
        stop(f"{guideline} cannot be written as CQL: {error}")
    if folder is None:
        typer.echo(library.text, nl=False)
        return
    file = writable_folder(folder) / file_name(guideline)
    write_aside(file, library.text.encode())
    output.print(f"{file}: {len(library.parameters)} parameters, {len(library.defines)} definitions", markup=False, soft_wrap=True)
