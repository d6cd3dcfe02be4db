"""Why a condition holds, fails, or is undetermined: the condition as a tree with every part judged."""

from __future__ import annotations

from dataclasses import dataclass

from nelm.criteria.evaluate import Evaluator
from nelm.criteria.model import Table
from nelm.criteria.syntax import And, Expression, Implies, Name, Not, Or, Xor, names
from nelm.criteria.truth import Truth
from nelm.criteria.values import Value


@dataclass(frozen=True, slots=True)
class FactUsed:
    """A fact that a comparison rests on, and what it may still be.

    `rows` holds, for a fact derived by a decision table, the rows that are not ruled out, each as a tree.
    """

    name: str
    value: Value
    derived: bool
    rows: tuple[Explained, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """A part of a condition with its truth value, the facts it rests on, and its own parts."""

    expression: Expression
    truth: Truth
    facts: tuple[FactUsed, ...] = ()
    parts: tuple[Explained, ...] = ()

    @property
    def name(self) -> str | None:
        return self.expression.name if isinstance(self.expression, Name) else None


def explain(expression: Expression, evaluator: Evaluator) -> Explained:
    """The tree behind `evaluator.truth(expression)`."""
    match expression:
        case Name(name):
            return _explain_name(expression, name, evaluator)
        case Not(operand):
            return _join(expression, (operand,), evaluator)
        case And(operands) | Or(operands):
            return _join(expression, operands, evaluator)
        case Xor(left, right) | Implies(left, right):
            return _join(expression, (left, right), evaluator)
        case _:
            used = tuple(dict.fromkeys(part.name for part in names(expression)))
            return Explained(expression, evaluator.truth(expression), tuple(fact_used(name, evaluator) for name in used))


def _explain_name(expression: Name, name: str, evaluator: Evaluator) -> Explained:
    definition = evaluator.model.definitions.get(name)
    truth = evaluator.truth(expression)
    if definition is None or isinstance(definition, Table) or name in evaluator.facts:
        return Explained(expression, truth, (fact_used(name, evaluator),))
    return Explained(expression, truth, (), (explain(definition, evaluator),))


def _join(expression: Expression, operands: tuple[Expression, ...], evaluator: Evaluator) -> Explained:
    parts = tuple(explain(operand, evaluator) for operand in operands)
    return Explained(expression, evaluator.truth(expression), (), parts)


def fact_used(name: str, evaluator: Evaluator) -> FactUsed:
    """A fact with its value and, for one derived by a table, the rows that can still decide it."""
    definition = evaluator.model.definitions.get(name)
    value = evaluator.value_of(name)
    if definition is None or name in evaluator.facts:
        return FactUsed(name, value, derived=False)
    if not isinstance(definition, Table):
        return FactUsed(name, value, derived=True, rows=(explain(definition, evaluator),))
    rows: list[Explained] = []
    for row in definition.rows:
        tree = explain(row.when, evaluator)
        if tree.truth.can_be_true:
            rows.append(tree)
        if tree.truth is Truth.TRUE:
            break
    return FactUsed(name, value, derived=True, rows=tuple(rows))


def recorded_names(tree: Explained) -> tuple[str, ...]:
    """The recorded facts below a tree, each once, in reading order."""
    found: dict[str, None] = {}

    def visit(part: Explained) -> None:
        for fact in part.facts:
            if not fact.derived:
                found[fact.name] = None
            for row in fact.rows:
                visit(row)
        for child in part.parts:
            visit(child)

    visit(tree)
    return tuple(found)


__all__ = ["Explained", "FactUsed", "explain", "fact_used", "recorded_names"]
