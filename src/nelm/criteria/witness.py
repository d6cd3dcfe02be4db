"""An example of facts for which a condition comes out as wanted: for tests, and to show what a condition means."""

from __future__ import annotations

from nelm.criteria.evaluate import Evaluator, Facts
from nelm.criteria.model import Model
from nelm.criteria.residual import atoms_of, cells, exact_truth, residual
from nelm.criteria.syntax import Expression, names
from nelm.criteria.truth import Truth
from nelm.criteria.types import CodedType
from nelm.criteria.values import Codes, Value


def witness(expression: Expression, model: Model, wanted: Truth, given: Facts | None = None) -> dict[str, Value] | None:
    """Facts that settle a condition as wanted (TRUE or FALSE), as few as the order of asking allows.

    `given` facts are kept as they are and are part of the result. None where the condition can never come
    out as wanted.
    """
    chosen: dict[str, Value] = dict(given or {})
    while (truth := Evaluator(model, chosen).truth(expression)) is not wanted:
        if truth is not Truth.UNDETERMINED or exact_truth(expression, model, chosen) not in (wanted, Truth.UNDETERMINED):
            return None
        # where repeated facts settle it already, the evaluator still wants to be told them
        open_facts = residual(expression, model, chosen) or _not_yet_known(expression, model, chosen)
        name = min(open_facts)
        cell = next((cell for cell in _cells(name, expression, model, chosen) if _still_possible(expression, model, {**chosen, name: cell}, wanted)), None)
        if cell is None:
            return None
        chosen[name] = cell
    return chosen


def _not_yet_known(expression: Expression, model: Model, facts: Facts) -> frozenset[str]:
    evaluator = Evaluator(model, facts)
    return frozenset(name for name in model.recorded_facts(expression) if len(_cells_of_value(name, expression, model, evaluator)) > 1)


def _cells_of_value(name: str, expression: Expression, model: Model, evaluator: Evaluator) -> list[Value]:
    return cells(evaluator.value_of(name), _comparisons(name, expression, model), model)


def _still_possible(expression: Expression, model: Model, facts: Facts, wanted: Truth) -> bool:
    return exact_truth(expression, model, facts) in (wanted, Truth.UNDETERMINED)


def _cells(name: str, expression: Expression, model: Model, facts: Facts) -> list[Value]:
    """The parts of a fact's domain that the condition tells apart."""
    kind = model.type_of(name)
    assert kind is not None, f"{name} has no type: the type check was left out"
    found = cells(facts.get(name, kind.domain), _comparisons(name, expression, model), model)
    if isinstance(kind, CodedType):
        found.sort(key=lambda cell: [kind.codes.index(code) for code in cell.members] if isinstance(cell, Codes) else [])
    return found


def _comparisons(name: str, expression: Expression, model: Model) -> list[Expression]:
    found: list[Expression] = []
    seen: set[str] = set()
    waiting = [expression]
    while waiting:
        condition = waiting.pop()
        found += [atom for atom in atoms_of(condition) if any(part.name == name for part in names(atom))]
        for part in names(condition):
            if part.name in model.definitions and part.name not in seen:
                seen.add(part.name)
                waiting.extend(model.conditions_of(part.name))
    return found
