"""The type check: does a condition say something that a dictionary allows?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nelm.criteria.problems import Problem, nearest
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
    to_text,
)
from nelm.criteria.types import BooleanType, CodedType, DateType, NumberType, Schema, ValueType, convert, permitted_units


def check(expression: Expression, schema: Schema, known_names: Iterable[str] = ()) -> list[Problem]:
    """Everything that is wrong with a condition; empty when it is boolean and well typed.

    `known_names` are used to suggest the nearest name for one that is not known.
    """
    checker = _Checker(schema, tuple(known_names))
    found = checker.type_of(expression)
    if found is not None and not isinstance(found, BooleanType):
        checker.problem(expression, f"{to_text(expression)!r} is {_article(found)}, but a condition has to be true or false.")
    return checker.problems


def _article(found: ValueType | _Literal) -> str:
    return f"a {found.name}" if found.name != "coded" else "a coded fact"


@dataclass(frozen=True, slots=True)
class _Literal:
    """The type of a code or number before it meets the fact it is compared with."""

    name: str
    unit: str | None = None
    code: str | None = None
    value: float | None = None


_Typed = tuple[Expression, ValueType | _Literal | None]


class _Checker:
    def __init__(self, schema: Schema, known_names: tuple[str, ...]) -> None:
        self.schema = schema
        self.known_names = known_names
        self.problems: list[Problem] = []

    def problem(self, node: Expression, message: str) -> None:
        found = Problem(message, node.at)
        if found not in self.problems:
            self.problems.append(found)

    def type_of(self, node: Expression) -> ValueType | _Literal | None:
        """The type of a node; None where it is wrong and was reported."""
        match node:
            case Name(name):
                found = self.schema.type_of(name)
                if found is None:
                    self.problem(node, f"The name {name!r} is not known.{nearest(name, self.known_names)}")
                return found
            case BooleanLiteral():
                return BooleanType()
            case CodeLiteral(code):
                return _Literal("code", code=code)
            case NumberLiteral(value, unit):
                return _Literal("number", unit=unit, value=value)
            case DateLiteral():
                return DateType()
            case Not(operand):
                return self._logic(node, (operand,))
            case And(operands) | Or(operands):
                return self._logic(node, operands)
            case Xor(left, right) | Implies(left, right):
                return self._logic(node, (left, right))
            case Comparison(comparator, left, right):
                self._comparable(node, comparator, (left, self.type_of(left)), (right, self.type_of(right)))
                return BooleanType()
            case Between(operand, low, high):
                middle = (operand, self.type_of(operand))
                for bound in (low, high):
                    self._comparable(node, "between", middle, (bound, self.type_of(bound)))
                return BooleanType()
            case Member(operand, codes):
                return self._member(node, operand, codes)
            case _:
                return self._arithmetic(node)

    def _logic(self, node: Expression, operands: tuple[Expression, ...]) -> BooleanType:
        for operand in operands:
            found = self.type_of(operand)
            if found is not None and not isinstance(found, BooleanType):
                self.problem(operand, f"{to_text(operand)!r} is {_article(found)}; 'and', 'or', 'not' join conditions only.")
        return BooleanType()

    def _comparable(self, node: Expression, comparator: str, left: _Typed, right: _Typed) -> None:
        """Whether two sides, each with its type, may stand on the two sides of a comparator."""
        a, b = left[1], right[1]
        if a is None or b is None:
            return
        ordered = comparator not in ("=", "!=")
        fact, other, written = (b, a, left[0]) if isinstance(a, _Literal) else (a, b, right[0])
        match fact, other:
            case BooleanType(), BooleanType():
                if ordered:
                    self.problem(node, f"True and false have no order: {comparator!r} cannot compare them. Permitted: '=', '!='.")
            case CodedType(), _Literal(name="code", code=code):
                if ordered:
                    self.problem(node, f"Codes have no order in conditions: {comparator!r} is not permitted. Use '=' or 'in {{…}}'.")
                self._code(written, fact, str(code))
            case CodedType(codes), CodedType(others):
                if ordered or not set(codes) & set(others):
                    self.problem(node, "These two coded facts cannot be compared: they share no code, or an order was asked for.")
            case NumberType(), _Literal(name="number"):
                self._number(written, fact, other)
            case NumberType(unit), NumberType(another):
                if unit != another:
                    self.problem(node, f"Units differ: {unit or 'none'} and {another or 'none'}.")
            case DateType(), DateType():
                pass
            case _:
                self.problem(node, f"{to_text(left[0])!r} ({a.name}) and {to_text(right[0])!r} ({b.name}) cannot be compared.")

    def _code(self, node: Expression, coded: CodedType, code: str) -> None:
        if code not in coded.codes:
            permitted = ", ".join(repr(known) for known in coded.codes)
            self.problem(node, f"The code {code!r} is not permitted here. Permitted: {permitted}.{nearest(code, coded.codes)}")

    def _number(self, node: Expression, number: NumberType, literal: _Literal) -> None:
        value = self._converted(node, number, literal)
        if value is None or number.range.low <= value <= number.range.high:
            return
        permitted = f"{number.range.low:g} to {number.range.high:g}"
        self.problem(node, f"{value:g} lies outside the permitted range ({permitted}); the condition would never change.")

    def _converted(self, node: Expression, number: NumberType, literal: _Literal) -> float | None:
        """A number in the unit of what it stands beside; None where it has no value of its own or was reported."""
        if literal.unit is None or literal.value is None:
            return literal.value
        if number.unit is None:
            self.problem(node, f"A unit ({literal.unit!r}) was given for a fact that has none.")
            return None
        try:
            return convert(literal.value, literal.unit, number.unit)
        except ValueError:
            permitted = ", ".join(repr(unit) for unit in permitted_units(number.unit))
            self.problem(node, f"The unit {literal.unit!r} does not fit. Permitted: {permitted}.")
            return None

    def _member(self, node: Expression, operand: Expression, codes: tuple[CodeLiteral, ...]) -> BooleanType:
        found = self.type_of(operand)
        if found is not None and not isinstance(found, CodedType):
            self.problem(operand, f"{to_text(operand)!r} is {_article(found)}; 'in {{…}}' is for coded facts.")
        elif found is not None:
            for literal in codes:
                self._code(literal, found, literal.code)
        written = [literal.code for literal in codes]
        for code in sorted({code for code in written if written.count(code) > 1}):
            self.problem(node, f"The code {code!r} is listed twice.")
        return BooleanType()

    def _arithmetic(self, node: Arithmetic) -> ValueType | _Literal | None:
        a, b = self.type_of(node.left), self.type_of(node.right)
        if a is None or b is None:
            return None
        if not (_is_number(a) and _is_number(b)):
            self.problem(node, f"{node.operator!r} is for numbers: found {a.name} and {b.name}.")
            return None
        if node.operator == "/" and isinstance(b, _Literal) and b.value == 0:
            self.problem(node.right, "Nothing can be divided by zero.")
        written = [side.unit for side in (a, b) if isinstance(side, _Literal) and side.unit]
        if written and (node.operator in "*/" or (isinstance(a, _Literal) and isinstance(b, _Literal))):
            self.problem(node, f"A unit ({written[0]!r}) is permitted in a sum with a fact, not here. Write the number in the fact's unit.")
            return None
        match a, b:
            case NumberType(), NumberType():
                return self._of_two_facts(node, a, b)
            case NumberType() as number, _Literal() as literal:
                self._converted(node, number, literal)
                return NumberType(number.unit)
            case _Literal() as literal, NumberType() as number:
                self._converted(node, number, literal)
                return NumberType(None if node.operator == "/" else number.unit)
            case _:
                return _Literal("number")

    def _of_two_facts(self, node: Arithmetic, a: NumberType, b: NumberType) -> NumberType:
        if node.operator in "*/":
            return NumberType()
        if a.unit != b.unit:
            self.problem(node, f"Units differ: {a.unit or 'none'} and {b.unit or 'none'}.")
        return NumberType(a.unit)


def _is_number(found: ValueType | _Literal) -> bool:
    return isinstance(found, NumberType) or found.name == "number"
