"""A compiled program answered for one patient, node by node: what each kind of node means, in plain Python."""

from __future__ import annotations

from collections.abc import Mapping

from nelm.criteria import Codes, Evaluator, Spans, Truth, Value
from nelm.criteria.columns import (
    FALSE,
    TRUE,
    All,
    Any,
    ByReference,
    Constant,
    MayBeBelow,
    MayHave,
    MayLie,
    Node,
    Opposite,
    Program,
    Recorded,
)


def run(program: Program, facts: Mapping[str, Value]) -> dict[str, bool]:
    """The results of a program for a patient of whom these facts are known."""
    made: list[bool] = []
    for node in program.nodes:
        made.append(_answer(node, made, program, facts))
    return {name: made[number] for name, number in program.results.items()}


def _answer(node: Node, made: list[bool], program: Program, facts: Mapping[str, Value]) -> bool:
    def value(fact: str) -> Value:
        return facts[fact] if fact in facts else program.model.types[fact].domain

    def number(fact: str) -> Spans:
        found = value(fact)
        assert isinstance(found, Spans)
        return found

    match node:
        case Constant(constant):
            return constant
        case All(parts):
            return all(made[part] for part in parts)
        case Any(parts):
            return any(made[part] for part in parts)
        case Opposite(part):
            return not made[part]
        case Recorded(fact):
            return fact in facts
        case MayHave(fact, codes):
            found = value(fact)
            if isinstance(found, Codes):
                return bool(found.members & codes)
            assert isinstance(found, Truth)
            return (found.can_be_true and TRUE in codes) or (found.can_be_false and FALSE in codes)
        case MayLie(fact, within):
            return number(fact).meet(Spans((within,))) is not None
        case MayBeBelow(first, second, or_equal):
            if or_equal:
                return number(second).less_than(number(first)).can_be_false
            return number(first).less_than(number(second)).can_be_true
        case ByReference(comparison, outcome, _):
            truth = Evaluator(program.model, facts).truth(comparison)
            return truth.can_be_true if outcome else truth.can_be_false
