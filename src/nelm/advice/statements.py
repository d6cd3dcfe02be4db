"""Whether the conditions of each statement are fulfilled."""

from __future__ import annotations

from functools import lru_cache

from nelm.advice.findings import ConditionFinding, ScopeFinding, StatementFinding, Status, Word
from nelm.criteria import Explained, Explaining, Truth, residual
from nelm.criteria.syntax import Name
from nelm.criteria.truth import AND, NOT
from nelm.knowledge.base import CompiledStatement, Knowledge
from nelm.patient.facts import Facts


def judge_statement(compiled: CompiledStatement, knowledge: Knowledge, facts: Facts, scope: ScopeFinding) -> StatementFinding:
    """A statement applied to a patient: *applies*, *does not apply*, *undetermined*, or *blocked* by a contraindication."""
    if scope.word is Word.OUT:
        return StatementFinding(compiled, Status.OUT_OF_SCOPE)
    when = tuple(_condition(name, knowledge, facts) for name in compiled.when)
    unless = tuple(_condition(name, knowledge, facts) for name in compiled.unless)
    return StatementFinding(compiled, _status(when, unless, scope), when, unless)


def _condition(name: str, knowledge: Knowledge, facts: Facts) -> ConditionFinding:
    truth = facts.evaluator.value_of(name)
    assert isinstance(truth, Truth), f"{name} is not a condition: the type check was left out"
    return _judged(name, knowledge.label(name), truth)


@lru_cache(maxsize=8192)
def _judged(name: str, label: str, truth: Truth) -> ConditionFinding:
    """One object for what is true of many patients."""
    return ConditionFinding(name, label, truth)


def _status(when: tuple[ConditionFinding, ...], unless: tuple[ConditionFinding, ...], scope: ScopeFinding) -> Status:
    if not when and not unless:
        return Status.NO_CONDITIONS
    met = Truth.TRUE
    for condition in when:
        met = AND[met, condition.truth]
    if met is Truth.FALSE:
        return Status.DOES_NOT_APPLY
    if any(condition.truth is Truth.TRUE for condition in unless):
        return Status.BLOCKED
    for condition in unless:
        met = AND[met, NOT[condition.truth]]
    if met is Truth.UNDETERMINED or scope.word is not Word.IN:
        return Status.UNDETERMINED
    return Status.APPLIES


def trees(finding: StatementFinding, explaining: Explaining) -> tuple[Explained, ...]:
    """The explanation tree of every condition of a statement, contraindications last."""
    return tuple(explaining.tree(Name(condition.name)) for condition in (*finding.when, *finding.unless))


def missing(finding: StatementFinding, knowledge: Knowledge, facts: Facts) -> frozenset[str]:
    """The facts that can still change whether a statement applies."""
    found: set[str] = set()
    for condition in (*finding.when, *finding.unless):
        if condition.truth is Truth.UNDETERMINED:
            found |= residual(Name(condition.name), knowledge.model, facts.values)
    return frozenset(found)
