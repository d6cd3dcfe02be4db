"""The `nelm` command: what the consensus documents say about a patient, and what stands behind it."""

from __future__ import annotations

from typing import Annotated

import typer

import nelm
from nelm.cli import assess, case, cohort, explain, export, guideline, prevalence, rates, registry, survival, whatif
from nelm.cli.common import no_traceback

app = typer.Typer(
    name="nelm",
    help=(
        "Advice on patients with neuroendocrine liver metastases from published consensus documents, which "
        "'nelm guideline list' names. It supports a team's decision and never replaces it."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("assess")(assess.assess_cases)
app.command("explain")(explain.explain_statement)
app.command("whatif")(whatif.ask_what_if)
app.command("prevalence")(prevalence.prevalence)
app.command("rates")(rates.rates)
app.command("survival")(survival.survival)
app.add_typer(case.app, name="case")
app.add_typer(cohort.app, name="cohort")
app.add_typer(guideline.app, name="guideline")
app.add_typer(registry.app, name="registry")
app.add_typer(export.app, name="export")


def _version(value: bool) -> None:
    if value:
        typer.echo(f"nelm {nelm.__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")] = False,
) -> None:
    """Advice on patients with neuroendocrine liver metastases."""


def run() -> None:
    """The entry point of the installed command."""
    with no_traceback():
        app()


if __name__ == "__main__":
    run()
