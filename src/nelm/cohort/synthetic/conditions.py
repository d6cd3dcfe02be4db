"""Conditions over what was drawn, as plain functions: quick, and true only where the condition certainly holds.

What was not drawn may be anything, so a condition about it is undetermined, as everywhere in NELM. Negations are pushed down to
the comparisons when a function is made, so that running it needs no third value.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from nelm.criteria import Expression, NumberType, ValueType
from nelm.criteria.syntax import (
    And,
    Arithmetic,
    Between,
    BooleanLiteral,
    CodeLiteral,
    Comparison,
    DateLiteral,
    Implies,
    Member,
    Name,
    Not,
    NumberLiteral,
    Or,
    Xor,
)
from nelm.criteria.types import convert

World = dict[str, Any]  # what was drawn, by name; None for what was not
Holds = Callable[[World], bool]
Operand = Callable[[World], Any]

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": lambda a, b: a / b if b else None,
}  # fmt: skip


def certainly(node: Expression, types: Mapping[str, ValueType], wanted: bool = True) -> Holds:
    """The function that says whether a checked condition is certainly true (or, with `wanted` false, certainly false)."""
    match node:
        case Name(name):
            return lambda world: world[name] is wanted
        case BooleanLiteral(value):
            return (lambda world: True) if value is wanted else (lambda world: False)
        case Not(part):
            return certainly(part, types, not wanted)
        case And(parts):
            return _join([certainly(part, types, wanted) for part in parts], every=wanted)
        case Or(parts):
            return _join([certainly(part, types, wanted) for part in parts], every=not wanted)
        case Implies(left, right):
            return _join([certainly(left, types, not wanted), certainly(right, types, wanted)], every=not wanted)
        case Xor(left, right):
            (a, no_a), (b, no_b) = (_both_ways(side, types) for side in (left, right))
            if wanted:
                return lambda world: (a(world) and no_b(world)) or (no_a(world) and b(world))
            return lambda world: (a(world) and b(world)) or (no_a(world) and no_b(world))
        case Comparison(sign, left, right):
            return _compared(sign if wanted else _OPPOSITE[sign], left, right, types)
        case Between(part, low, high):
            signs = (">=", "<=") if wanted else ("<", ">")
            return _join([_compared(sign, part, end, types) for sign, end in zip(signs, (low, high), strict=True)], every=wanted)
        case Member(part, codes):
            return _member(operand(part, types), frozenset(code.code for code in codes), wanted)
        case _:
            raise TypeError(f"{type(node).__name__} is not a condition: the type check was left out")


def _both_ways(node: Expression, types: Mapping[str, ValueType]) -> tuple[Holds, Holds]:
    return certainly(node, types, True), certainly(node, types, False)


def _join(parts: list[Holds], *, every: bool) -> Holds:
    if len(parts) == 2:
        first, second = parts
        return (lambda world: first(world) and second(world)) if every else (lambda world: first(world) or second(world))

    def all_hold(world: World) -> bool:
        return all(part(world) for part in parts)

    def any_holds(world: World) -> bool:
        return any(part(world) for part in parts)

    return all_hold if every else any_holds


def _member(part: Operand, codes: frozenset[str], wanted: bool) -> Holds:
    if wanted:
        return lambda world: part(world) in codes

    def outside(world: World) -> bool:
        value = part(world)
        return value is not None and value not in codes

    return outside


def _compared(sign: str, left: Expression, right: Expression, types: Mapping[str, ValueType]) -> Holds:
    compare = _OPERATORS[sign]
    unit = _unit(left, types) or _unit(right, types)
    a, b = operand(left, types, unit), operand(right, types, unit)
    if isinstance(left, Name) and not isinstance(right, Name | Arithmetic):
        name, constant = left.name, b({})
        if sign == "=":
            return lambda world: world[name] == constant

        def against_constant(world: World) -> bool:
            value = world[name]
            return value is not None and bool(compare(value, constant))

        return against_constant

    def between_two(world: World) -> bool:
        x, y = a(world), b(world)
        return x is not None and y is not None and bool(compare(x, y))

    return between_two


def operand(node: Expression, types: Mapping[str, ValueType], unit: str | None = None) -> Operand:
    """The function that gives a side of a comparison; numbers with a unit are converted to that of the other side."""
    match node:
        case Name(name):
            return lambda world: world[name]
        case CodeLiteral(code):
            return lambda world: code
        case BooleanLiteral(value):
            return lambda world: value
        case DateLiteral(ordinal, _):
            return lambda world: ordinal
        case NumberLiteral(number, written):
            converted = convert(number, written, unit) if written and unit else number
            return lambda world: converted
        case Arithmetic(sign, left, right):
            return _computed(_ARITHMETIC[sign], operand(left, types, unit), operand(right, types, unit))
        case _:
            raise TypeError(f"{type(node).__name__} is no side of a comparison: the type check was left out")


def _computed(combine: Callable[[Any, Any], Any], a: Operand, b: Operand) -> Operand:
    def compute(world: World) -> Any:
        x, y = a(world), b(world)
        return None if x is None or y is None else combine(x, y)

    return compute


def _unit(node: Expression, types: Mapping[str, ValueType]) -> str | None:
    match node:
        case Name(name):
            kind = types.get(name)
            return kind.unit if isinstance(kind, NumberType) else None
        case Arithmetic(_, left, right):
            return _unit(left, types) or _unit(right, types)
        case _:
            return None
