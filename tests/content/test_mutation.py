"""No condition of the content may be inverted without a worked case or vector noticing.

Every criterion that a statement uses, and every row of every verdict table, is inverted one at a time; the
expectations that mention the statement or the part must then fail somewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from nelm.advice.findings import ScopeFinding
from nelm.advice.statements import judge_statement
from nelm.advice.verdicts import Judge
from nelm.advice.worked_cases import facts_of_vector
from nelm.criteria import Evaluator, Model
from nelm.criteria.syntax import Name, Not
from nelm.knowledge.base import CompiledPart, CompiledStatement, Knowledge
from nelm.knowledge.yamlfile import read
from nelm.patient.facts import Facts, facts_of
from nelm.patient.record import read_record


@dataclass(frozen=True)
class Expectation:
    facts: Facts
    scopes: dict[str, ScopeFinding]
    statements: dict[str, str]
    parts: dict[str, str]


@pytest.fixture(scope="module")
def expectations(knowledge: Knowledge, content: Path) -> list[Expectation]:
    return [
        Expectation(facts, {name: Judge(knowledge, facts).scope(name) for name in knowledge.guidelines}, statements, parts)
        for facts, statements, parts in _all(knowledge, content)
    ]


def _all(knowledge: Knowledge, content: Path) -> Iterator[tuple[Facts, dict[str, str], dict[str, str]]]:
    for file in sorted((content / "cases/boundaries").glob("*.yaml")):
        document = read(file)
        for vector in document.data["vectors"]:
            expect = vector["expect"]
            parts = dict(expect.get("parts") or {}) | _deciding(expect.get("verdicts") or {}, knowledge)
            yield facts_of_vector(vector, document, knowledge), expect.get("statements") or {}, parts
    for file in sorted((content / "cases/expected").glob("*.yaml")):
        expected = read(file).data
        aside = bool((expected.get("read") or {}).get("set_aside_invalid"))
        record = read_record(content / "cases" / f"{expected['case']}.yaml", knowledge, set_aside_invalid=aside)
        yield facts_of(record, knowledge), {}, _deciding(expected.get("verdicts") or {}, knowledge)


def _deciding(verdicts: dict[str, Any], knowledge: Knowledge) -> dict[str, str]:
    """Verdicts of a question with a single counting part say what that part says."""
    found: dict[str, str] = {}
    for key, wanted in verdicts.items():
        if "/" not in key or (isinstance(wanted, dict) and (wanted.get("decisive_unknowns") or wanted.get("also"))):
            continue
        counting = [part for part in knowledge.verdict(key).rule.parts if part.counts]
        if len(counting) == 1:
            found[f"{key}#{counting[0].id}"] = wanted if isinstance(wanted, str) else wanted["verdict"]
    return found


def _inverted(statement: CompiledStatement, name: str) -> CompiledStatement:
    def swap(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(f"not {name}" if other == name else other for other in names)

    return replace(statement, when=swap(statement.when), unless=swap(statement.unless))


def test_no_condition_of_a_statement_can_be_inverted_unnoticed(knowledge: Knowledge, expectations: list[Expectation]) -> None:
    by_statement: dict[str, list[Expectation]] = defaultdict(list)
    for expectation in expectations:
        for key in expectation.statements:
            by_statement[key].append(expectation)
    survivors = [
        f"{statement.key}: {name}"
        for compiled in knowledge.guidelines.values()
        for statement in compiled.statements
        for name in (*statement.when, *statement.unless)
        if not _noticed(_inverted(statement, name), name, by_statement[statement.key], knowledge)
    ]
    assert survivors == []


def _noticed(mutant: CompiledStatement, name: str, expectations: list[Expectation], knowledge: Knowledge) -> bool:
    definitions = {**knowledge.model.definitions, f"not {name}": Not(Name(name))}
    model = Model(knowledge.model.types, definitions, knowledge.model.enterable)
    for expectation in expectations:
        facts = replace(expectation.facts, evaluator=Evaluator(model, expectation.facts.values))
        found = judge_statement(mutant, knowledge, facts, expectation.scopes[mutant.guideline])
        if found.status.value != expectation.statements[mutant.key]:
            return True
    return False


def test_no_row_of_a_verdict_table_can_be_inverted_unnoticed(knowledge: Knowledge, expectations: list[Expectation]) -> None:
    by_part: dict[str, list[tuple[Facts, str]]] = defaultdict(list)
    for expectation in expectations:
        for reference, word in expectation.parts.items():
            by_part[reference].append((expectation.facts, word))
    survivors: list[str] = []
    for compiled in knowledge.guidelines.values():
        for verdict in compiled.verdicts:
            for part in verdict.parts:
                reference = f"{verdict.key}#{part.part.id}"
                survivors += [
                    f"{reference} row {number + 1}"
                    for number, mutant in _row_mutants(part)
                    if all(Judge(knowledge, facts).part_word(mutant).value == word for facts, word in by_part[reference])
                ]
    assert survivors == []


def _row_mutants(part: CompiledPart) -> Iterator[tuple[int, CompiledPart]]:
    """Each row with its condition inverted, except the last and rows that change no word."""
    for number, row in enumerate(part.rows[:-1]):
        if all(other.row.word == row.row.word for other in part.rows[number:]):
            continue  # whatever it says, the word is the same: it only chooses the reason
        rows = list(part.rows)
        rows[number] = replace(row, when=Not(row.when))
        yield number, replace(part, rows=tuple(rows))
