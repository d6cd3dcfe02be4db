"""`nelm registry`: from incoming records to an annual report. The libraries of the extra `registry` are loaded by the command that runs."""

from __future__ import annotations

import typer

from nelm.cli import registry_freeze, registry_import

app = typer.Typer(help="A registry: import, checks, linkage, freezes, and the annual report.", no_args_is_help=True)
app.command("import")(registry_import.import_sources)
app.command("freeze")(registry_freeze.freeze)
app.command("report")(registry_freeze.report)
