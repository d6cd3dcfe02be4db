"""`nelm whatif`: how the advice changes with a fact."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from nelm.advice.whatif import NotAFact, what_if
from nelm.cli.common import day, load_knowledge, load_record, output, stop
from nelm.cli.values import value_text


def ask_what_if(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="A patient record (YAML or JSON).", show_default=False)],
    facts: Annotated[list[str], typer.Argument(metavar="FACT…", help="Facts to vary, for example ki67_percent.", show_default=False)],
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day the advice is for.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Show the verdicts that do not change too.")] = False,
) -> None:
    """Cut a fact at every threshold that any criterion mentions, and show the advice in each part, side by side."""
    knowledge = load_knowledge()
    record = load_record(case, knowledge)
    try:
        answer = what_if(record, knowledge, list(dict.fromkeys(facts)), as_of=day(as_of))
    except NotAFact as error:
        stop(str(error))
    shown = tuple(answer.now) if every else answer.changing
    if not shown:
        output.print(f"No verdict changes with {', '.join(knowledge.label(name) for name in facts)}.")
        return
    table = Table(title=f"{record.id}: {', '.join(knowledge.label(name) for name in answer.facts)}", title_justify="left", show_lines=True)
    table.add_column("Question", overflow="fold")
    for cell in answer.cells:
        values = "\n".join(value_text(name, value, knowledge) for name, value in cell.values.items())
        table.add_column(f"{values}{chr(10)}(now)" if cell.is_now else values, overflow="fold")
    for key in shown:
        table.add_row(f"{key} {knowledge.verdict(key).rule.title}", *(cell.words[key].value for cell in answer.cells))
    output.print(table)
