"""The nodes of a condition. Small, frozen, and without behaviour.

Two nodes are equal when they say the same thing, wherever they stand: the position takes no part in
comparison, so equal conditions can be found and evaluated once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

Comparator = Literal["=", "!=", "<", "<=", ">", ">="]
Operator = Literal["+", "-", "*", "/"]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a node stands in the text of its condition (both from 1)."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Name:
    """A fact, a derived fact or a named criterion."""

    name: str
    at: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class BooleanLiteral:
    value: bool
    at: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class CodeLiteral:
    code: str
    at: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    """A number; with a unit it is converted to the unit of what it is compared with."""

    value: float
    unit: str | None = None
    at: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class DateLiteral:
    """A calendar day, as the number of the day (1 January of the year 1 is 1)."""

    ordinal: int
    text: str
    at: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expression
    at: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class And:
    operands: tuple[Expression, ...]
    at: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    operands: tuple[Expression, ...]
    at: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Xor:
    left: Expression
    right: Expression
    at: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Implies:
    left: Expression
    right: Expression
    at: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    comparator: Comparator
    left: Expression
    right: Expression
    at: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Between:
    """`low <= operand <= high`, both ends included."""

    operand: Expression
    low: Expression
    high: Expression
    at: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """The operand has one of the codes."""

    operand: Expression
    codes: tuple[CodeLiteral, ...]
    at: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: Operator
    left: Expression
    right: Expression
    at: Position = field(default=Position(), compare=False)


Expression = (
    Name
    | BooleanLiteral
    | CodeLiteral
    | NumberLiteral
    | DateLiteral
    | Not
    | And
    | Or
    | Xor
    | Implies
    | Comparison
    | Between
    | Member
    | Arithmetic
)


def children(node: Expression) -> tuple[Expression, ...]:
    """The direct parts of a node, in order."""
    match node:
        case Not(operand):
            return (operand,)
        case And(operands) | Or(operands):
            return operands
        case Xor(left, right) | Implies(left, right) | Comparison(_, left, right) | Arithmetic(_, left, right):
            return (left, right)
        case Between(operand, low, high):
            return (operand, low, high)
        case Member(operand, codes):
            return (operand, *codes)
        case _:
            return ()


def walk(node: Expression) -> Iterator[Expression]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def names(node: Expression) -> Iterator[Name]:
    """Every mention of a name, in order, repeats included."""
    return (part for part in walk(node) if isinstance(part, Name))


def map_names(node: Expression, change: Callable[[Name], Expression]) -> Expression:
    """The same condition with every name replaced by what `change` makes of it."""
    match node:
        case Name():
            return change(node)
        case Not(operand):
            return replace(node, operand=map_names(operand, change))
        case And(operands) | Or(operands):
            return replace(node, operands=tuple(map_names(part, change) for part in operands))
        case Xor(left, right) | Implies(left, right) | Comparison(_, left, right) | Arithmetic(_, left, right):
            return replace(node, left=map_names(left, change), right=map_names(right, change))
        case Between(operand, low, high):
            return replace(
                node,
                operand=map_names(operand, change),
                low=map_names(low, change),
                high=map_names(high, change),
            )
        case Member(operand, _):
            return replace(node, operand=map_names(operand, change))
        case _:
            return node


_BINDING = {"implies": 1, "or": 2, "and": 3, "not": 4, "compare": 5, "add": 6, "multiply": 7, "atom": 8}


def _level(node: Expression) -> int:
    match node:
        case Implies():
            return _BINDING["implies"]
        case Or() | Xor():
            return _BINDING["or"]
        case And():
            return _BINDING["and"]
        case Not():
            return _BINDING["not"]
        case Comparison() | Between() | Member():
            return _BINDING["compare"]
        case Arithmetic(operator, _, _):
            return _BINDING["add" if operator in "+-" else "multiply"]
        case _:
            return _BINDING["atom"]


def _number(value: float) -> str:
    """All digits of a number, and no exponent: the language has none."""
    return str(int(value)) if value == int(value) else f"{Decimal(repr(value)):f}"


def to_text(node: Expression) -> str:
    """The condition as text that parses to an equal condition."""

    def inside(part: Expression, level: int) -> str:
        text = to_text(part)
        return f"({text})" if _level(part) < level else text

    level = _level(node)
    match node:
        case Name(name):
            return name
        case BooleanLiteral(value):
            return "true" if value else "false"
        case CodeLiteral(code):
            return f"'{code}'"
        case NumberLiteral(value, unit):
            return f"{_number(value)} '{unit}'" if unit else _number(value)
        case DateLiteral(_, text):
            return f"@{text}"
        case Not(operand):
            return f"not {inside(operand, level)}"
        case And(operands):
            return " and ".join(inside(part, level + 1) for part in operands)
        case Or(operands):
            return " or ".join(inside(part, level + 1) for part in operands)
        case Xor(left, right):
            return f"{inside(left, level)} xor {inside(right, level + 1)}"
        case Implies(left, right):
            return f"{inside(left, level + 1)} implies {inside(right, level)}"
        case Comparison(comparator, left, right):
            return f"{inside(left, level + 1)} {comparator} {inside(right, level + 1)}"
        case Between(operand, low, high):
            return f"{inside(operand, level + 1)} between {inside(low, level + 1)} and {inside(high, level + 1)}"
        case Member(operand, codes):
            return f"{inside(operand, level + 1)} in {{ {', '.join(to_text(code) for code in codes)} }}"
        case _:
            return f"{inside(node.left, level)} {node.operator} {inside(node.right, level + 1)}"
