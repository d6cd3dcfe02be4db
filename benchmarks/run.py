"""`make bench`: how fast the advice on one patient is, and how quickly the command starts.

Figures of one run on one machine; the ratios are what can be compared. Every figure is the median of several rounds.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from nelm.advice.assess import assess_facts
from nelm.advice.statements import trees
from nelm.advice.whatif import what_if
from nelm.criteria import Explaining
from nelm.knowledge.base import Knowledge
from nelm.knowledge.load import load
from nelm.patient.facts import facts_of
from nelm.patient.record import Record, read_record

ROOT = Path(__file__).resolve().parents[1]
CONTENT = ROOT / "content"
ROUNDS = 5


def median_seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median time of one call, after one that is not counted."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def records(knowledge: Knowledge) -> list[Record]:
    return [read_record(file, knowledge, set_aside_invalid=True) for file in sorted((CONTENT / "cases").glob("*.yaml"))]


def process_seconds(*arguments: str) -> float:
    """The median wall time of a whole Python process."""
    return median_seconds(lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True, cwd=ROOT))


def per_record(work: Callable[[Record], object], cases: list[Record]) -> float:
    return median_seconds(lambda: [work(record) for record in cases]) / len(cases)


def main() -> None:
    loading = median_seconds(lambda: load(CONTENT), rounds=3)
    knowledge = load(CONTENT)
    cases = records(knowledge)
    facts = {record.id: facts_of(record, knowledge) for record in cases}

    def judged(record: Record) -> object:
        return assess_facts(facts_of(record, knowledge), knowledge, with_gaps=False)

    def with_trees(record: Record) -> object:
        advice = assess_facts(facts_of(record, knowledge), knowledge, with_gaps=False)
        explaining = Explaining(advice.facts.evaluator)
        return [trees(statement, explaining) for statement in advice.statements]

    rows: list[tuple[str, str]] = [
        ("content: load, check types, compile", f"{loading * 1000:.0f} ms"),
        ("facts of a record", f"{1 / per_record(lambda record: facts_of(record, knowledge), cases):.0f} records a second"),
        ("advice: statements, verdicts, what each waits for, options", f"{1 / per_record(judged, cases):.0f} patients a second"),
        ("the same with every explanation tree", f"{1 / per_record(with_trees, cases):.0f} patients a second"),
        (
            "next question (ordering what is missing)",
            f"{per_record(lambda record: assess_facts(facts[record.id], knowledge), cases) * 1000:.0f} ms a patient",
        ),
        (
            "what-if on Ki-67",
            f"{per_record(lambda record: what_if(record, knowledge, ['ki67_percent']), cases[:10]) * 1000:.0f} ms a patient",
        ),
    ]
    case = str(CONTENT / "cases" / "p01.yaml")
    command = process_seconds("-m", "nelm.cli.main", "assess", case)
    heaviest = max(
        (process_seconds("-c", f"import {name}"), name) for name in ("pydantic", "typst", "jinja2", "rich.console", "typer", "lark", "yaml")
    )
    empty = process_seconds("-c", "pass")
    rows += [
        ("cold start: nelm assess CASE", f"{command * 1000:.0f} ms"),
        (f"importing its heaviest dependency ({heaviest[1]})", f"{heaviest[0] * 1000:.0f} ms"),
        ("ratio of the two", f"{command / heaviest[0]:.2f}"),
        ("an empty Python process", f"{empty * 1000:.0f} ms"),
        ("peak memory of this run", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"),
    ]
    table = Table(
        title=f"{len(cases)} worked cases, {sum(len(item.statements) for item in knowledge.guidelines.values())} statements",
        title_justify="left",
    )
    table.add_column("What")
    table.add_column("Median", justify="right")
    for row in rows:
        table.add_row(*row)
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
