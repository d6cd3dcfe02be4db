"""`nelm registry`: from incoming records to an annual report. The libraries of the extra `registry` are loaded by the command that runs."""

from __future__ import annotations

import typer

from nelm.cli import registry_check, registry_freeze, registry_import, registry_link

app = typer.Typer(help="A registry: import, checks, linkage, freezes, and the annual report.", no_args_is_help=True)
app.command("import")(registry_import.import_sources)
app.command("check")(registry_check.check)
app.command("link")(registry_link.link_tables)
app.command("make-key")(registry_link.make_link_key)
app.command("encode")(registry_link.encode_persons)
app.command("link-encoded")(registry_link.link_encodings)
app.command("link-evaluate")(registry_link.evaluate_linkage)
app.command("link-simulate")(registry_link.simulate_registries)
app.command("freeze")(registry_freeze.freeze)
app.command("report")(registry_freeze.report)
