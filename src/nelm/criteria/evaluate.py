"""The reference evaluator: slow, obvious, and right.

Every other way of evaluating a condition is held to this one.

`Facts` maps names of recorded facts to what they may still be; a fact that is not there may be anything
its type permits. A definition is evaluated when first asked for and kept for the life of the evaluator.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from functools import lru_cache

from nelm.criteria.model import Model, Table
from nelm.criteria.syntax import (
    And,
    Arithmetic,
    Between,
    BooleanLiteral,
    CodeLiteral,
    Comparison,
    DateLiteral,
    Expression,
    Implies,
    Member,
    Name,
    Not,
    NumberLiteral,
    Or,
    Xor,
)
from nelm.criteria.truth import AND, IMPLIES, NOT, OR, XOR, Truth
from nelm.criteria.types import NumberType, convert
from nelm.criteria.values import EVERYTHING, Codes, Span, Spans, Value

Facts = Mapping[str, Value]


class Evaluator:
    """Evaluates conditions over one set of facts. Holds no state but what it has computed."""

    def __init__(self, model: Model, facts: Facts) -> None:
        self.model = model
        self.facts = facts
        self._known: dict[str, Value] = {}

    def value_of(self, name: str) -> Value:
        """What a fact, derived fact or named criterion may still be.

        Raises KeyError for a name that neither the schema nor the definitions know.
        """
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = self._value_of(name)
        return found

    def outcomes(self, table: Table) -> frozenset[str]:
        """The results of a decision table that are not ruled out."""
        possible: set[str] = set()
        for row in table.rows:
            holds = self.truth(row.when)
            if holds.can_be_true:
                possible |= row.then
            if holds is Truth.TRUE:
                return frozenset(possible)
        return frozenset(possible | table.otherwise)

    def _value_of(self, name: str) -> Value:
        recorded = self.facts.get(name)
        if recorded is not None:
            return recorded
        definition = self.model.definitions.get(name)
        if isinstance(definition, Table):
            return Codes(self.outcomes(definition))
        if definition is not None:
            return self.truth(definition)
        return self.model.domain_of(name)

    def truth(self, node: Expression) -> Truth:
        """Whether a boolean condition holds."""
        match node:
            case Name(name):
                value = self.value_of(name)
                assert isinstance(value, Truth), f"{name} is not boolean: the type check was left out"
                return value
            case BooleanLiteral(literal):
                return Truth.from_bool(literal)
            case Not(operand):
                return NOT[self.truth(operand)]
            case And(operands):
                result = Truth.TRUE
                for operand in operands:
                    result = AND[result, self.truth(operand)]
                    if result is Truth.FALSE:
                        break  # and stays so
                return result
            case Or(operands):
                result = Truth.FALSE
                for operand in operands:
                    result = OR[result, self.truth(operand)]
                    if result is Truth.TRUE:
                        break
                return result
            case Xor(left, right):
                return XOR[self.truth(left), self.truth(right)]
            case Implies(left, right):
                return IMPLIES[self.truth(left), self.truth(right)]
            case Comparison(comparator, left, right):
                return self._compare(comparator, left, right)
            case Between(operand, low, high):
                number, start, end = (_numbers(side) for side in self._alike(operand, low, high))
                return number.between(start, end)
            case Member(operand, codes):
                value = self._codes(operand)
                return value.is_in(frozenset(literal.code for literal in codes))
            case _:
                raise TypeError(f"{type(node).__name__} is not a condition: the type check was left out")

    def _compare(self, comparator: str, left: Expression, right: Expression) -> Truth:
        a, b = self._alike(left, right)
        match comparator:
            case "=":
                return equal(a, b)
            case "!=":
                return NOT[equal(a, b)]
            case "<":
                return _numbers(a).less_than(_numbers(b))
            case ">":
                return _numbers(b).less_than(_numbers(a))
            case "<=":
                return NOT[_numbers(b).less_than(_numbers(a))]
            case _:
                return NOT[_numbers(a).less_than(_numbers(b))]

    def _alike(self, *sides: Expression) -> list[Value]:
        """The sides of a comparison or a sum, in the unit of the first that has one."""
        unit = next((unit for side in sides if (unit := self._unit(side))), None)
        return [self._operand(side, unit) for side in sides]

    def _unit(self, node: Expression) -> str | None:
        """The unit that a side of a comparison is measured in, as far as a name tells."""
        match node:
            case Name(name):
                found = self.model.type_of(name)
                return found.unit if isinstance(found, NumberType) else None
            case Arithmetic(_, left, right):
                return self._unit(left) or self._unit(right)
            case _:
                return None

    def _operand(self, node: Expression, unit: str | None) -> Value:
        match node:
            case Name(name):
                return self.value_of(name)
            case CodeLiteral(code):
                return _code(code)
            case NumberLiteral(number, written):
                return _point(number, written, unit)
            case DateLiteral(ordinal, _):
                return Spans.point(ordinal, integral=True)
            case Arithmetic("*" | "/", left, right):
                # factors need not be measured alike: each has a unit of its own
                a, b = (_numbers(self._operand(side, self._unit(side))) for side in (left, right))
                return arithmetic(node.operator, a, b)
            case Arithmetic(operator, left, right):
                return arithmetic(operator, _numbers(self._operand(left, unit)), _numbers(self._operand(right, unit)))
            case _:
                return self.truth(node)

    def _codes(self, node: Expression) -> Codes:
        value = self._operand(node, None)
        assert isinstance(value, Codes), "not a coded fact: the type check was left out"
        return value


@lru_cache(maxsize=10_000)
def _code(code: str) -> Codes:
    """A code as it stands in a condition."""
    return Codes.of(code)


@lru_cache(maxsize=10_000)
def _point(number: float, written: str | None, unit: str | None) -> Spans:
    """A number as it stands in a condition, in the unit of what it is compared with."""
    return Spans.point(convert(number, written, unit) if written and unit else number)


def _numbers(value: Value) -> Spans:
    assert isinstance(value, Spans), "not a number: the type check was left out"
    return value


def equal(a: Value, b: Value) -> Truth:
    """Whether two values of one kind are equal."""
    if isinstance(a, Codes) and isinstance(b, Codes):
        return a.equals(b)
    if isinstance(a, Truth) and isinstance(b, Truth):
        return NOT[XOR[a, b]]
    return _numbers(a).equals(_numbers(b))


def arithmetic(operator: str, a: Spans, b: Spans) -> Spans:
    """Interval arithmetic: the numbers that the result lies between; also for counts, all numbers between.

    Ends are rounded to 12 digits, so that 0.1 + 0.2 is 0.3. A division by something that may be zero tells nothing.
    """
    return Spans.of(_rounded(_combine(operator, x, y)) for x in a.parts for y in b.parts)


def _combine(operator: str, a: Span, b: Span) -> Span:
    match operator:
        case "+":
            return _span(a.low + b.low, a.high + b.high, a.low_open or b.low_open, a.high_open or b.high_open)
        case "-":
            return _span(a.low - b.high, a.high - b.low, a.low_open or b.high_open, a.high_open or b.low_open)
        case "*":
            return _product(a, b)
        case _:
            if b.meet(_ZERO) is not None:
                return EVERYTHING
            return _product(a, _reciprocal(b))


_ZERO = Span(0, 0)


def _span(low: float, high: float, low_open: bool, high_open: bool) -> Span:
    """An interval with computed ends; of numbers too large to be written, all that can be said is that they are large."""
    if low == high and not math.isinf(low):
        return Span(low, high)
    return Span(min(low, sys.float_info.max), max(high, -sys.float_info.max), low_open, high_open)


def _rounded(span: Span) -> Span:
    low, high = (float(f"{end:.12g}") for end in (span.low, span.high))
    return _span(low, high, span.low_open, span.high_open)


def _reciprocal(span: Span) -> Span:
    """1 divided by the numbers of an interval that does not hold zero, though it may begin or end there."""
    low = 1 / span.high if span.high else -math.inf
    high = 1 / span.low if span.low else math.inf
    return _span(low, high, span.high_open, span.low_open)


def _product(a: Span, b: Span) -> Span:
    """Ends of a product; an end is closed where some pair of closed ends (or a closed zero) reaches it."""
    corners: list[tuple[float, bool]] = []
    for x, x_open in ((a.low, a.low_open), (a.high, a.high_open)):
        for y, y_open in ((b.low, b.low_open), (b.high, b.high_open)):
            value = 0.0 if x == 0 or y == 0 else x * y
            reached = (x == 0 and not x_open) or (y == 0 and not y_open) or not (x_open or y_open)
            corners.append((value, reached))
    low, high = min(value for value, _ in corners), max(value for value, _ in corners)
    low_reached = any(reached for value, reached in corners if value == low)
    high_reached = any(reached for value, reached in corners if value == high)
    return _span(low, high, not low_reached, not high_reached)
