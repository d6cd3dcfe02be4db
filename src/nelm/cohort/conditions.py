"""Conditions that a cohort can be asked about one by one: criteria, derivations, their parts, and whether statements apply."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nelm.advice.findings import Word
from nelm.cohort.compiled import CompiledCohort
from nelm.criteria import BooleanType, Expression, Table
from nelm.criteria.syntax import And, Name, Not, map_names, to_text
from nelm.knowledge.base import CompiledStatement, Knowledge


class NoSuchCondition(ValueError):
    """A name that stands for no condition, or for one that cannot be taken apart."""


@dataclass(frozen=True)
class Condition:
    """A condition with the nodes that say whether it certainly holds, and whether it may hold."""

    name: str
    label: str
    holds: int
    may_hold: int


def condition(cohort: CompiledCohort, name: str) -> Condition:
    """A boolean fact, derivation or criterion by its name, or "the statement applies" by its key. Raises NoSuchCondition."""
    statement = _statement(cohort.knowledge, name)
    if statement is not None:
        return applies(cohort, statement)
    kind = cohort.knowledge.model.type_of(name)
    if kind is None:
        raise NoSuchCondition(f"{name!r} is neither a statement nor a fact, derivation or criterion of the content.")
    if not isinstance(kind, BooleanType):
        raise NoSuchCondition(f"{cohort.knowledge.label(name)} ({name}) is a {kind.name}, and no condition. Name one that is yes or no.")
    return _from_expression(cohort, Name(name))


def applies(cohort: CompiledCohort, statement: CompiledStatement) -> Condition:
    """Whether a statement applies; one without conditions applies to everybody of whom the document speaks."""
    nodes = cohort.status(statement)
    return Condition(
        statement.key, _title(cohort.knowledge, statement), nodes.applies, cohort.columns.any_of([nodes.applies, nodes.undetermined])
    )


def parts(cohort: CompiledCohort, name: str) -> tuple[Condition, ...]:
    """What all has to hold for a statement to apply, or for a definition that is an `and` to be true, in the order of the content.

    For a statement: the scope, each condition, each contraindication. Raises NoSuchCondition.
    """
    statement = _statement(cohort.knowledge, name)
    if statement is not None:
        return _parts_of_statement(cohort, statement)
    definition = cohort.knowledge.model.definitions.get(name)
    if definition is None:
        raise NoSuchCondition(f"{name!r} is neither a statement nor a derivation or criterion of the content.")
    if isinstance(definition, Table) or not isinstance(definition, And):
        raise NoSuchCondition(
            f"{cohort.knowledge.label(name)} ({name}) is no list of conditions that must all hold, so nobody falls out step by step."
        )
    return tuple(_from_expression(cohort, operand) for operand in definition.operands)


def title_of(knowledge: Knowledge, name: str) -> str:
    """What a reader calls a statement or a definition."""
    statement = _statement(knowledge, name)
    return knowledge.label(name) if statement is None else _title(knowledge, statement)


def _title(knowledge: Knowledge, statement: CompiledStatement) -> str:
    """A statement with its document and number, as people look it up."""
    return f"{knowledge.guidelines[statement.guideline].guideline.name}, {statement.statement.id}: {statement.statement.says}"


def _statement(knowledge: Knowledge, name: str) -> CompiledStatement | None:
    try:
        return knowledge.statement(name)
    except KeyError:
        return None


def _parts_of_statement(cohort: CompiledCohort, statement: CompiledStatement) -> tuple[Condition, ...]:
    make, scope = cohort.columns, cohort.scope(statement.guideline)
    guideline = cohort.knowledge.guidelines[statement.guideline].guideline
    spoken_to = Condition("scope", f"{guideline.name} speaks about the patient", scope[Word.IN.value], make.opposite(scope[Word.OUT.value]))
    when = [_from_expression(cohort, Name(name)) for name in statement.when]
    unless = [_from_expression(cohort, Not(Name(name))) for name in statement.unless]
    return (spoken_to, *when, *unless)


def _from_expression(cohort: CompiledCohort, expression: Expression) -> Condition:
    if isinstance(expression, Not):
        other = _from_expression(cohort, expression.operand)
        make = cohort.columns
        return replace(other, label=f"Not: {other.label}", holds=make.opposite(other.may_hold), may_hold=make.opposite(other.holds))
    pair = cohort.columns.condition(expression)
    name = expression.name if isinstance(expression, Name) else to_text(expression)
    return Condition(name, _label(cohort.knowledge, expression), cohort.columns.opposite(pair.can_be_false), pair.can_be_true)


def _label(knowledge: Knowledge, expression: Expression) -> str:
    """A condition with the labels of its facts in place of their names."""
    if isinstance(expression, Name):
        return knowledge.label(expression.name)
    return to_text(map_names(expression, lambda name: Name(knowledge.label(name.name))))
