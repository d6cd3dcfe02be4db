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

    `given` facts are part of the result, more precise where it needs that. None where the condition cannot come out as
    wanted; also where single numbers would have to be picked, for a comparison of facts with one another, and
    where a decision table leaves several codes open.
    """
    chosen: dict[str, Value] = dict(given or {})
    while Evaluator(model, chosen).truth(expression) is not wanted:
        exact = exact_truth(expression, model, chosen)
        if exact not in (wanted, Truth.UNDETERMINED):
            return None
        # where repeated facts settle it already, the evaluator still wants to be told them
        asked = residual(expression, model, chosen) or model.recorded_facts(expression)
        divided = {name: parts for name in sorted(asked) if len(parts := _cells(name, expression, model, chosen)) > 1}
        if not divided:
            return chosen if exact is wanted else None
        name, parts = next(iter(divided.items()))
        possible = next((part for part in parts if _possible(expression, model, {**chosen, name: part}, wanted)), None)
        if possible is None:
            return None
        chosen[name] = possible
    return chosen


def _possible(expression: Expression, model: Model, facts: Facts, wanted: Truth) -> bool:
    return exact_truth(expression, model, facts) in (wanted, Truth.UNDETERMINED)


def _cells(name: str, expression: Expression, model: Model, facts: Facts) -> list[Value]:
    """The parts of what a fact may be that the condition tells apart; codes by rank."""
    found = cells(Evaluator(model, facts).value_of(name), _comparisons(name, expression, model), model)
    kind = model.type_of(name)
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
