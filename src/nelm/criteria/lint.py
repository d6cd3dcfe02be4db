"""Conditions that are well typed and still not what their author meant."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from nelm.criteria.model import Model
from nelm.criteria.problems import Problem
from nelm.criteria.residual import exact_truth
from nelm.criteria.syntax import And, Expression, Or, names, to_text, walk
from nelm.criteria.truth import Truth


@dataclass(frozen=True, slots=True)
class Weaker:
    """A condition that mentions a fact several times, so that three-valued evaluation may say less than the data allow."""

    facts: tuple[str, ...]


def lint(expression: Expression, model: Model) -> list[Problem]:
    """Conditions that never change: always true, always false, or with a part that does nothing.

    The expression must have passed the type check.
    """
    truth = exact_truth(expression, model, {})
    if truth is not Truth.UNDETERMINED:
        return [Problem(f"This condition is always {truth.value}, whatever the facts: {to_text(expression)!r}.", expression.at)]
    problems: list[Problem] = []
    for part in walk(expression):
        if isinstance(part, And | Or):
            for operand in part.operands:
                if (settled := exact_truth(operand, model, {})) is not Truth.UNDETERMINED:
                    problems.append(Problem(f"The part {to_text(operand)!r} is always {settled.value} and decides nothing.", operand.at))
            for number, operand in enumerate(part.operands):
                if operand in part.operands[:number]:
                    problems.append(Problem(f"The part {to_text(operand)!r} stands here for the second time.", operand.at))
    return problems


def weaker_than_it_looks(expression: Expression, model: Model) -> Weaker | None:
    """The recorded facts that reach the condition by more than one way, or None.

    For such a condition Kleene's logic stays sound but may call something undetermined that is settled.
    """
    counts: Counter[str] = Counter()

    def count(part: Expression, path: tuple[str, ...]) -> None:
        for name in names(part):
            if name.name in path:
                continue
            if name.name not in model.definitions:
                counts[name.name] += 1
            for condition in model.conditions_of(name.name):
                count(condition, (*path, name.name))

    count(expression, ())
    repeated = tuple(sorted(name for name, times in counts.items() if times > 1))
    return Weaker(repeated) if repeated else None


__all__ = ["Weaker", "lint", "weaker_than_it_looks"]
