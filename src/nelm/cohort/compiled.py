"""Guidelines compiled for a cohort: scope, statements and their criteria as one program over the facts table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from nelm.advice.assess import chosen_guidelines
from nelm.advice.findings import Status, Word
from nelm.cohort.polars_engine import PolarsEngine
from nelm.criteria import CodedType, Row, Table
from nelm.criteria.columns import Columns, Program
from nelm.criteria.exact_columns import exact_results
from nelm.criteria.syntax import BooleanLiteral, Name
from nelm.criteria.waiting_columns import waits_for
from nelm.knowledge.base import CompiledGuideline, CompiledStatement, Knowledge

STATUSES = tuple(status.value for status in Status)
STATUS_TYPE = pl.Enum(STATUSES)


@dataclass(frozen=True)
class StatementNodes:
    """The nodes behind the status of one statement."""

    applies: int
    does_not_apply: int
    blocked: int
    undetermined: int
    out_of_scope: int


@dataclass
class CompiledCohort:
    """Everything that can be asked of a facts table, compiled when it is first asked for.

    A result is a column of true and false, named by whoever asks; `program` takes any of the nodes.
    """

    knowledge: Knowledge
    guidelines: tuple[str, ...]
    columns: Columns
    _statements: dict[str, StatementNodes] = field(default_factory=dict)
    _scopes: dict[str, Mapping[str, int]] = field(default_factory=dict)

    @cached_property
    def statements(self) -> tuple[CompiledStatement, ...]:
        """All statements of the chosen guidelines, in order."""
        return tuple(found for name in self.guidelines for found in self.knowledge.guidelines[name].statements)

    @cached_property
    def judged(self) -> tuple[CompiledStatement, ...]:
        """The statements that have conditions: only of these can a patient's status differ."""
        return tuple(found for found in self.statements if found.when or found.unless)

    def program(self, results: Mapping[str, int]) -> Program:
        return self.columns.program(results)

    # -- scope and status -------------------------------------------------------------------------------

    def scope(self, guideline: str) -> Mapping[str, int]:
        """For each word of a scope (IN, OUT, OPEN) whether it is the one that is left."""
        if guideline not in self._scopes:
            self._scopes[guideline] = _only_words(self.knowledge.guidelines[guideline], self.columns)
        return self._scopes[guideline]

    def status(self, statement: CompiledStatement) -> StatementNodes:
        """When a statement applies, does not apply, is blocked, or cannot be judged, as `nelm.advice.statements` says it."""
        if statement.key not in self._statements:
            self._statements[statement.key] = self._status(statement)
        return self._statements[statement.key]

    def _status(self, statement: CompiledStatement) -> StatementNodes:
        make = self.columns
        when = [make.named(name) for name in statement.when]
        unless = [make.named(name) for name in statement.unless]
        scope = self.scope(statement.guideline)
        spoken_to = make.opposite(scope[Word.OUT.value])
        can_be_met = make.all_of(pair.can_be_true for pair in when)
        contraindicated = make.any_of(make.opposite(pair.can_be_false) for pair in unless)
        met = [make.opposite(pair.can_be_false) for pair in when] + [make.opposite(pair.can_be_true) for pair in unless]
        applies = make.all_of([scope[Word.IN.value], *met])
        does_not_apply = make.all_of([spoken_to, make.opposite(can_be_met)])
        blocked = make.all_of([spoken_to, can_be_met, contraindicated])
        settled = make.any_of([scope[Word.OUT.value], applies, does_not_apply, blocked])
        return StatementNodes(applies, does_not_apply, blocked, make.opposite(settled), scope[Word.OUT.value])

    def status_engine(self, statements: Iterable[CompiledStatement]) -> StatusEngine:
        """Statuses of statements for blocks of a facts table."""
        chosen = tuple(statements)
        results: dict[str, int] = {}
        for statement in chosen:
            nodes = self.status(statement)
            results |= {
                f"{statement.key} {Status.APPLIES.value}": nodes.applies,
                f"{statement.key} {Status.DOES_NOT_APPLY.value}": nodes.does_not_apply,
                f"{statement.key} {Status.BLOCKED.value}": nodes.blocked,
                f"{statement.key} {Status.OUT_OF_SCOPE.value}": nodes.out_of_scope,
            }
        return StatusEngine(chosen, PolarsEngine(self.program(results)))

    # -- criteria and what they wait for --------------------------------------------------------------------

    def definitions(self) -> dict[str, int]:
        """Every derivation and criterion: `name can_be_true`, `name can_be_false`, and `name CODE` for the coded ones."""
        found: dict[str, int] = {}
        for name in self.knowledge.model.definitions:
            kind = self.knowledge.model.type_of(name)
            if isinstance(kind, CodedType):
                found |= {f"{name} {code}": self.columns.member(name, frozenset({code})) for code in kind.codes}
            else:
                found[f"{name} can_be_true"], found[f"{name} can_be_false"] = self.columns.named(name)
        return found

    def waiting(self, statement: CompiledStatement) -> Mapping[str, int]:
        """For each recorded fact whether an undetermined statement waits for it."""
        make, open_ = self.columns, self.status(statement).undetermined
        found: dict[str, list[int]] = {}
        conditions = [Name(name) for name in (*statement.when, *statement.unless)]
        scope = [row.when for row in self.knowledge.guidelines[statement.guideline].scope[:-1]]
        for condition in (*conditions, *scope):
            for fact, node in waits_for(condition, open_, make).items():
                found.setdefault(fact, []).append(node)
        return {fact: make.any_of(nodes) for fact, nodes in found.items()}


@dataclass(frozen=True)
class StatusEngine:
    """Gives each patient of a block one status per statement."""

    statements: tuple[CompiledStatement, ...]
    engine: PolarsEngine

    def run(self, block: pl.DataFrame) -> pl.DataFrame:
        """A column per statement, named by its key, with the words of `STATUSES`."""
        return self._in_words(self._answers(block))

    def counted(self, block: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, dict[str, int]]]:
        """The same, and how many patients have each status of each statement."""
        answers = self._answers(block)
        different = {name: _counts(statement, name, answers) for name, statement in self._different.items()}
        return self._in_words(answers), {key: different[like] for key, like in self._like.items()}

    def _answers(self, block: pl.DataFrame) -> pl.DataFrame:
        return pl.DataFrame([column.alias(name) for name, column in self.engine.run(block).items()])

    def _in_words(self, answers: pl.DataFrame) -> pl.DataFrame:
        words = answers.select(self._words)
        return pl.DataFrame([words[like].alias(key) for key, like in self._like.items()])

    @cached_property
    def _words(self) -> list[pl.Expr]:
        return [_word(statement, name) for name, statement in self._different.items()]

    @cached_property
    def _different(self) -> dict[str, CompiledStatement]:
        return {self._like[statement.key]: statement for statement in reversed(self.statements)}

    @cached_property
    def _like(self) -> dict[str, str]:
        """For each statement the first one that rests on the same answers: their statuses are the same in every patient."""
        first: dict[tuple[int, ...], str] = {}
        results = self.engine.program.results
        return {
            statement.key: first.setdefault(tuple(results[_answer(statement.key, status)] for status in _known(statement)), statement.key)
            for statement in self.statements
        }


def _answer(key: str, status: Status) -> str:
    return f"{key} {status.value}"


def _known(statement: CompiledStatement) -> tuple[Status, ...]:
    """The statuses that columns hold, of which at most one is true; a statement without conditions has but one."""
    conditional = (Status.APPLIES, Status.DOES_NOT_APPLY, Status.BLOCKED) if statement.when or statement.unless else ()
    return (Status.OUT_OF_SCOPE, *conditional)


def _otherwise(statement: CompiledStatement) -> Status:
    return Status.UNDETERMINED if statement.when or statement.unless else Status.NO_CONDITIONS


def _word(statement: CompiledStatement, key: str) -> pl.Expr:
    """The status of a statement as one column."""
    found: Any = pl  # grows clause by clause
    for status in _known(statement):
        found = found.when(pl.col(_answer(key, status))).then(pl.lit(status.value, dtype=STATUS_TYPE))
    word: pl.Expr = found.otherwise(pl.lit(_otherwise(statement).value, dtype=STATUS_TYPE))
    return word.alias(key)


def _counts(statement: CompiledStatement, key: str, answers: pl.DataFrame) -> dict[str, int]:
    found = {status.value: int(answers[_answer(key, status)].sum()) for status in _known(statement)}
    rest = answers.height - sum(found.values())
    return {word: count for word, count in {**found, _otherwise(statement).value: rest}.items() if count}


def compile_cohort(knowledge: Knowledge, guidelines: Iterable[str] = ()) -> CompiledCohort:
    """The named guidelines (all, if none is named), ready for a facts table. Raises UnknownGuideline."""
    return CompiledCohort(knowledge, chosen_guidelines(knowledge, tuple(guidelines)), Columns(knowledge.model))


def _only_words(compiled: CompiledGuideline, columns: Columns) -> dict[str, int]:
    """For each word of the scope table whether no other is possible."""
    rows = tuple(Row(row.when, frozenset({row.row.word})) for row in compiled.scope[:-1])
    words = tuple(dict.fromkeys([*(row.row.word for row in compiled.scope), Word.IN.value, Word.OUT.value]))
    table = Table(words, rows, frozenset({compiled.scope[-1].row.word}))
    possible = exact_results(table, columns) or _by_rows(table, columns)
    return {word: columns.all_of(columns.opposite(possible[other]) for other in words if other != word) for word in words}


def _by_rows(table: Table, columns: Columns) -> dict[str, int]:
    before: list[int] = []
    found: dict[str, list[int]] = {code: [] for code in table.codes}
    for row in (*table.rows, Row(BooleanLiteral(True), table.otherwise)):
        holds = columns.condition(row.when)
        for code in row.then:
            found[code].append(columns.all_of([*before, holds.can_be_true]))
        before.append(holds.can_be_false)
    return {code: columns.any_of(ways) for code, ways in found.items()}
