"""Columns against the reference on generated patients: every derivation, criterion, scope and statement of the content.

`python -m tests.cohort.agreement 1000000` (or `make nightly`) does it for a million.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context

import polars as pl

from nelm.advice.statements import judge_statement
from nelm.advice.verdicts import Judge
from nelm.cohort.compiled import CompiledCohort, StatusEngine, compile_cohort
from nelm.cohort.facts_table import Layout
from nelm.cohort.polars_engine import PolarsEngine
from nelm.criteria import Codes, Evaluator, Value
from nelm.knowledge.base import Knowledge
from nelm.knowledge.store import knowledge
from nelm.patient.facts import Facts
from tests.cohort.patients import random_patients

BLOCK = 1_250


@dataclass(frozen=True)
class Compared:
    """How many results were held against one another, and where they differ."""

    patients: int
    results: int
    differences: tuple[str, ...]


@dataclass(frozen=True)
class Engines:
    knowledge: Knowledge
    compiled: CompiledCohort
    definitions: PolarsEngine
    statuses: StatusEngine


@cache
def engines() -> Engines:
    content = knowledge()
    compiled = compile_cohort(content)
    return Engines(content, compiled, PolarsEngine(compiled.program(compiled.definitions())), compiled.status_engine(compiled.statements))


def facts_from(values: Mapping[str, Value], content: Knowledge) -> Facts:
    """Facts that come from no record."""
    return Facts(None, None, values, {}, (), (), evaluator=Evaluator(content.model, values))  # type: ignore[arg-type]


def compare(seed: int, patients: int = BLOCK) -> Compared:
    """Everything that the columns say of some generated patients, against the reference."""
    at_hand = engines()
    layout = Layout(at_hand.knowledge.model)
    people = random_patients(at_hand.knowledge, patients, seed)
    frame = layout.frame([{"patient": str(number), **layout.row(values)} for number, values in enumerate(people)])
    said = at_hand.definitions.run(frame)
    statuses = at_hand.statuses.run(frame)
    lists = {name: column.to_list() for name, column in said.items()}
    words = {column.name: column.cast(pl.String).to_list() for column in statuses.get_columns()}
    differences: list[str] = []
    results = 0
    for row, values in enumerate(people):
        facts = facts_from(values, at_hand.knowledge)
        expected = {**_definitions(facts), **_statuses(facts, at_hand)}
        for name, value in expected.items():
            found = lists[name][row] if name in lists else words[name][row]
            results += 1
            if found != value:
                differences.append(f"seed {seed}, patient {row}: {name}: the columns say {found}, the reference {value}")
    return Compared(len(people), results, tuple(differences))


def _definitions(facts: Facts) -> dict[str, bool]:
    found: dict[str, bool] = {}
    model = facts.evaluator.model
    for name in model.definitions:
        value = facts.value_of(name)
        if isinstance(value, Codes):
            kind = model.type_of(name)
            found |= {f"{name} {code}": code in value.members for code in kind.codes}  # type: ignore[union-attr]
        else:
            found[f"{name} can_be_true"], found[f"{name} can_be_false"] = value.can_be_true, value.can_be_false  # type: ignore[union-attr]
    return found


def _statuses(facts: Facts, at_hand: Engines) -> dict[str, str]:
    judge = Judge(at_hand.knowledge, facts)
    scopes = {name: judge.scope(name) for name in at_hand.compiled.guidelines}
    return {
        statement.key: judge_statement(statement, at_hand.knowledge, facts, scopes[statement.guideline]).status.value
        for statement in at_hand.compiled.statements
    }


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    patients = results = 0
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for found in pool.map(compare, range(10_000, 10_000 + -(-wanted // BLOCK))):
            patients, results = patients + found.patients, results + found.results
            for difference in found.differences:
                sys.stdout.write(f"{difference}\n")
            if found.differences:
                raise SystemExit(f"The columns and the reference differ, after {patients} patients and {results} results.")
    sys.stdout.write(f"{patients} patients, {results} results: the columns say what the reference says.\n")


if __name__ == "__main__":
    main()
