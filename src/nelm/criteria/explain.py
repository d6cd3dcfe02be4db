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
    return Explaining(evaluator).tree(expression)


def fact_used(name: str, evaluator: Evaluator) -> FactUsed:
    """A fact with its value and, for one derived by a table, the rows that can still decide it."""
    return Explaining(evaluator).fact(name)


class Explaining:
    """Makes trees for one set of facts; what several conditions rest on is explained once and stands in all their trees."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._facts: dict[str, FactUsed] = {}
        self._definitions: dict[str, Explained] = {}

    def tree(self, expression: Expression) -> Explained:
        """The tree behind `evaluator.truth(expression)`."""
        match expression:
            case Name(name):
                return self._name(expression, name)
            case Not(operand):
                return self._join(expression, (operand,))
            case And(operands) | Or(operands):
                return self._join(expression, operands)
            case Xor(left, right) | Implies(left, right):
                return self._join(expression, (left, right))
            case _:
                used = dict.fromkeys(part.name for part in names(expression))
                return Explained(expression, self.evaluator.truth(expression), tuple(self.fact(name) for name in used))

    def fact(self, name: str) -> FactUsed:
        """A fact with its value and, for one derived by a table, the rows that can still decide it."""
        found = self._facts.get(name)
        if found is None:
            found = self._facts[name] = self._fact(name)
        return found

    def _name(self, expression: Name, name: str) -> Explained:
        definition = self.evaluator.model.definitions.get(name)
        truth = self.evaluator.truth(expression)
        if definition is None or isinstance(definition, Table) or name in self.evaluator.facts:
            return Explained(expression, truth, (self.fact(name),))
        return Explained(expression, truth, (), (self._definition(name, definition),))

    def _definition(self, name: str, definition: Expression) -> Explained:
        found = self._definitions.get(name)
        if found is None:
            found = self._definitions[name] = self.tree(definition)
        return found

    def _join(self, expression: Expression, operands: tuple[Expression, ...]) -> Explained:
        return Explained(expression, self.evaluator.truth(expression), (), tuple(self.tree(operand) for operand in operands))

    def _fact(self, name: str) -> FactUsed:
        definition = self.evaluator.model.definitions.get(name)
        value = self.evaluator.value_of(name)
        if definition is None or name in self.evaluator.facts:
            return FactUsed(name, value, derived=False)
        if not isinstance(definition, Table):
            return FactUsed(name, value, derived=True, rows=(self._definition(name, definition),))
        rows: list[Explained] = []
        for row in definition.rows:
            tree = self.tree(row.when)
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


__all__ = ["Explained", "Explaining", "FactUsed", "explain", "fact_used", "recorded_names"]
