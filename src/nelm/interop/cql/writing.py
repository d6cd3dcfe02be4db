"""Conditions and definitions as CQL, to the letter of the reference evaluator (`nelm.criteria.evaluate`).

Null is unknown. What makes the two differ unless it is written with care:

- `null in { 'a', 'b' }` is false in CQL, so codes are compared one by one;
- `if` and `case` take null for false, so decision tables are written with `and`, `or` and `not`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from nelm.criteria import CodedType, Expression, Model, NumberType, Table, to_text
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
    walk,
)
from nelm.criteria.types import convert
from nelm.interop.cql.pieces import CONSTANT, Piece, chosen, code, compared, enclosed, joined, negated, quoted, reference

LARGEST_INTEGER = 2**31 - 1
FRACTIONAL_DIGITS, DIGITS = 8, 28


class CannotSay(ValueError):
    """Something in a condition that the exported CQL cannot say."""


def entered(name: str) -> str:
    """The parameter for what was entered of a fact that is else computed."""
    return f"{name} entered"


def inexact(name: str) -> str:
    """The parameter that tells that something was entered which leaves several values open."""
    return f"{name} entered inexactly"


def row_name(table: str, number: int) -> str:
    """The definition of a row of a decision table, from 1."""
    return f"{table}, row {number}"


@dataclass(frozen=True, slots=True)
class Written:
    """A definition of the library that a definition of the model is written as; `says` what it stands for, for its comment."""

    name: str
    piece: Piece
    says: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Writer:
    """Writes the definitions `names` of a model, which are all that the library holds, and conditions on them."""

    model: Model
    names: tuple[str, ...]

    # -- definitions ------------------------------------------------------------------------------

    def title(self, name: str) -> str:
        """The name of a fact in the library.

        A fact that is called like a code is told apart, because translators warn: the one may be meant for the other.
        """
        return f"{name} (fact)" if name in self._all_codes else name

    @cached_property
    def _all_codes(self) -> frozenset[str]:
        kinds = (self.model.type_of(name) for name in (*self.model.types, *self.model.definitions))
        return frozenset(one for kind in kinds if isinstance(kind, CodedType) for one in kind.codes)

    def definition(self, name: str) -> Iterator[Written]:
        """All that stands for a definition in the library; the last has its title. Raises CannotSay."""
        definition = self.model.definitions[name]
        if isinstance(definition, Table):
            yield from self._table(name, definition)
            return
        computed = self.condition(definition)
        if name in self.model.enterable:
            computed = self._or_entered(name, computed, reference(entered(name)))
        yield Written(self.title(name), computed)

    def _table(self, name: str, table: Table) -> Iterator[Written]:
        rows = [(row_name(name, number), row) for number, row in enumerate(table.rows, start=1)]
        for title, row in rows:
            then = " or ".join(one for one in table.codes if one in row.then)
            yield Written(title, self.condition(row.when), {"row_of": name, "then": then})
        for wanted in self.code_sets(name):
            tellings = [(reference(title), _telling(row.then, wanted)) for title, row in rows]
            computed = chosen(tellings, _telling(table.otherwise, wanted))
            if name in self.model.enterable:
                computed = self._or_entered(name, computed, _one_of(entered(name), wanted, table.codes))
            yield Written(self.name_of_codes(name, wanted), computed, {"codes_of": name})
        cases = " ".join(f"when {quoted(self.name_of_codes(name, {one}))} then {code(one)}" for one in table.codes)
        yield Written(self.title(name), Piece(f"case {cases} else null end"))

    def _or_entered(self, name: str, computed: Piece, stated: Piece) -> Piece:
        """What was entered goes before what is computed, also where it leaves something open."""
        return Piece(f"if {quoted(inexact(name))} then null else Coalesce({stated.text}, {computed.text})", "if")

    def code_sets(self, name: str) -> tuple[frozenset[str], ...]:
        """The sets of codes of a derived fact that get a definition: each code, and what conditions ask for.

        A fact that is one of two codes, nobody knows which, is in the set of both, and `or` could not tell.
        """
        return self._code_sets[name]

    @cached_property
    def _code_sets(self) -> dict[str, tuple[frozenset[str], ...]]:
        tables = {name: found for name in self.names if isinstance(found := self.model.definitions[name], Table)}
        sets = {name: {frozenset({one}): None for one in table.codes} for name, table in tables.items()}
        for condition in (part for name in self.names for part in self.model.conditions_of(name)):
            for node in walk(condition):
                match node:
                    case Member(Name(name), codes) if name in sets:
                        sets[name][frozenset(literal.code for literal in codes)] = None
        return {name: tuple(found) for name, found in sets.items()}

    def name_of_codes(self, name: str, wanted: Iterable[str]) -> str:
        """The definition that tells whether a derived fact has one of these codes."""
        among = set(wanted)
        return f"{name}: {' or '.join(one for one in self._codes_of(name) if one in among)}"

    # -- conditions -------------------------------------------------------------------------------

    def condition(self, node: Expression) -> Piece:
        """A condition as CQL. Raises CannotSay for what is not exported."""
        match node:
            case Name(name):
                return reference(self.title(name))
            case BooleanLiteral(value):
                return CONSTANT[value]
            case Not(operand):
                return negated(self.condition(operand))
            case And(operands):
                return joined("and", map(self.condition, operands))
            case Or(operands):
                return joined("or", map(self.condition, operands))
            case Xor(left, right):
                return joined("xor", [self.condition(left), self.condition(right)])
            case Implies(left, right):
                return joined("implies", [self.condition(left), self.condition(right)])
            case Member(Name(name), codes):
                return self._has_one_of(name, frozenset(literal.code for literal in codes))
            case Between(operand, low, high):
                middle, start, end = self._alike(node, operand, low, high)
                return Piece(f"{middle} between {start} and {end}", "between")
            case Comparison():
                return self._comparison(node)
            case _:
                raise CannotSay(f"{to_text(node)!r} is not a condition that CQL is written for.")

    def _comparison(self, node: Comparison) -> Piece:
        match node:
            case Comparison(_, Name(name), CodeLiteral(one)) | Comparison(_, CodeLiteral(one), Name(name)):
                return self._has_code(name, one, node.comparator)
            case Comparison(_, Name(first), Name(second)) if self._derived_codes(first) or self._derived_codes(second):
                same = self._same_code(first, second)
                return same if node.comparator == "=" else negated(same)
            case _:
                left, right = self._alike(node, node.left, node.right)
                return compared(left, node.comparator, right)

    def _has_code(self, name: str, wanted: str, comparator: str) -> Piece:
        if not self._derived_codes(name):
            return compared(quoted(self.title(name)), comparator, code(wanted))
        found = reference(self.name_of_codes(name, {wanted}))
        return found if comparator == "=" else negated(found)

    def _has_one_of(self, name: str, wanted: frozenset[str]) -> Piece:
        if self._derived_codes(name):
            return reference(self.name_of_codes(name, wanted))
        return _one_of(self.title(name), wanted, self._codes_of(name))

    def _same_code(self, first: str, second: str) -> Piece:
        """Whether two coded facts, one of them derived, have the same code."""
        others = set(self._codes_of(second))
        shared = [one for one in self._codes_of(first) if one in others]
        return joined("or", [joined("and", [self._has_code(name, one, "=") for name in (first, second)]) for one in shared])

    def _alike(self, node: Expression, *sides: Expression) -> list[str]:
        """The sides of a comparison, numbers in the unit of the first that has one."""
        kinds = [found for side in sides if isinstance(side, Name) and isinstance(found := self.model.type_of(side.name), NumberType)]
        unit = next((kind.unit for kind in kinds if kind.unit), None)
        whole = all(kind.integral for kind in kinds)
        return [self._side(node, side, unit, whole) for side in sides]

    def _side(self, node: Expression, side: Expression, unit: str | None, whole: bool) -> str:
        match side:
            case Name(name):
                return quoted(self.title(name))
            case NumberLiteral(value, written):
                return _number(convert(value, written, unit) if written and unit else value, whole, node)
            case DateLiteral(_, text):
                return f"@{text}"
            case Arithmetic():
                raise CannotSay(
                    f"{to_text(node)!r} calculates with {to_text(side)!r}. NELM rounds to 12 digits and CQL does not: "
                    "calculations are not exported. Record the result as a fact of its own."
                )
            case _:
                return enclosed(self.condition(side))

    def _derived_codes(self, name: str) -> bool:
        return isinstance(self.model.definitions.get(name), Table)

    def _codes_of(self, name: str) -> tuple[str, ...]:
        kind = self.model.type_of(name)
        assert isinstance(kind, CodedType), f"{name} is not coded: the type check was left out"
        return kind.codes


def _telling(then: frozenset[str], wanted: Iterable[str]) -> bool | None:
    """What a row says of a set of codes: true, false, or null where it leaves codes inside and outside open."""
    inside = then & set(wanted)
    return False if not inside else True if inside == then else None


def _one_of(name: str, wanted: frozenset[str], codes: Iterable[str]) -> Piece:
    return joined("or", [compared(quoted(name), "=", code(one)) for one in codes if one in wanted])


def _number(value: float, whole: bool, node: Expression) -> str:
    """A number as CQL writes it; a decimal has a point, so that nothing has to be converted."""
    exact = Decimal(repr(value))
    digits, exponent = exact.as_tuple().digits, exact.as_tuple().exponent
    assert isinstance(exponent, int), "a number is finite: the parser sees to it"
    if whole and value == int(value) and abs(value) <= LARGEST_INTEGER:
        return str(int(value))
    if -exponent > FRACTIONAL_DIGITS or len(digits) + max(exponent, 0) > DIGITS:
        raise CannotSay(
            f"{to_text(node)!r}: a decimal of CQL has at most {FRACTIONAL_DIGITS} digits after the point and {DIGITS} in all, "
            f"and {exact:f} has more. Round the number."
        )
    return f"{exact:f}" if exponent < 0 else f"{exact:f}.0"
