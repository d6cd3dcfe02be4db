"""Conditions compiled for many patients at once: boolean algebra over columns.

A condition becomes two columns, "it can be true" and "it can be false". For `and`, "can be true" is the `and` of the
parts and "can be false" the `or`; `not` swaps the two; a decision table asks, code by code, whether a row that gives it
can still be the first to hold. That is Kleene's logic written as plain boolean algebra, so any engine can run it, and
it says what `nelm.criteria.evaluate` says, patient by patient.

The leaves are five questions about facts (`Leaf`). Equal parts are one part: what many conditions share is computed once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from nelm.criteria.model import Model, Row, Table
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
    names,
)
from nelm.criteria.types import CodedType, DateType, NumberType, convert
from nelm.criteria.values import Span, Spans

TRUE, FALSE = "true", "false"  # the two codes of a boolean fact


@dataclass(frozen=True, slots=True)
class MayHave:
    """A coded fact may have one of these codes; a boolean fact has the codes `true` and `false`."""

    fact: str
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class MayLie:
    """A number, count or date may lie in an interval."""

    fact: str
    within: Span


@dataclass(frozen=True, slots=True)
class MayBeBelow:
    """Some number that `first` may be is below some number that `second` may be; with `or_equal`, at most that number."""

    first: str
    second: str
    or_equal: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """Something is recorded for a fact that would otherwise be computed."""

    fact: str


@dataclass(frozen=True, slots=True)
class ByReference:
    """The reference evaluator says that a comparison can have this outcome: for arithmetic, and two numbers that are equal.

    `facts` are the recorded facts it rests on.
    """

    comparison: Expression
    outcome: bool
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    value: bool


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; the parts are numbers of nodes."""

    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Some part holds."""

    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Opposite:
    """The part does not hold."""

    part: int


Leaf = MayHave | MayLie | MayBeBelow | Recorded | ByReference
Node = Leaf | Constant | All | Any | Opposite


class Both(NamedTuple):
    """A condition: the numbers of the nodes that say whether it can be true, and whether it can be false."""

    can_be_true: int
    can_be_false: int


@dataclass(frozen=True)
class Program:
    """Nodes, each after those it uses, and the named results among them."""

    model: Model
    nodes: tuple[Node, ...]
    results: Mapping[str, int]

    def leaves(self) -> Iterator[Leaf]:
        return (node for node in self.nodes if isinstance(node, Leaf))

    def facts(self) -> frozenset[str]:
        """The recorded facts that the program asks about."""
        return frozenset(name for leaf in self.leaves() for name in facts_of_leaf(leaf))


def facts_of_leaf(leaf: Leaf) -> tuple[str, ...]:
    """The recorded facts of a question."""
    match leaf:
        case MayBeBelow(first, second):
            return (first, second)
        case ByReference(facts=facts):
            return facts
        case _:
            return (leaf.fact,)


def parts_of(node: Node) -> tuple[int, ...]:
    """The nodes that a node joins."""
    match node:
        case All(parts) | Any(parts):
            return parts
        case Opposite(part):
            return (part,)
        case _:
            return ()


@dataclass
class Columns:
    """Compiles conditions over a model into one program, sharing what they share."""

    model: Model
    _nodes: list[Node] = field(default_factory=list)
    _numbers: dict[Node, int] = field(default_factory=dict)
    _conditions: dict[Expression, Both] = field(default_factory=dict)
    _definitions: dict[str, Both] = field(default_factory=dict)
    _members: dict[tuple[str, frozenset[str]], int] = field(default_factory=dict)

    def program(self, results: Mapping[str, int]) -> Program:
        """The program that yields the named nodes, without anything that they do not need."""
        needed: set[int] = set()
        waiting = list(results.values())
        while waiting:
            number = waiting.pop()
            if number not in needed:
                needed.add(number)
                waiting.extend(parts_of(self._nodes[number]))
        order = sorted(needed)  # a node is made after its parts
        place = {number: position for position, number in enumerate(order)}
        nodes = tuple(_renumbered(self._nodes[number], place) for number in order)
        return Program(self.model, nodes, {name: place[number] for name, number in results.items()})

    # -- nodes --------------------------------------------------------------------------------------

    def node(self, node: Node) -> int:
        number = self._numbers.get(node)
        if number is None:
            number = self._numbers[node] = len(self._nodes)
            self._nodes.append(node)
        return number

    def constant(self, value: bool) -> int:
        return self.node(Constant(value))

    def all_of(self, parts: Iterable[int]) -> int:
        return self._joined(All, parts, neutral=True)

    def any_of(self, parts: Iterable[int]) -> int:
        return self._joined(Any, parts, neutral=False)

    def opposite(self, part: int) -> int:
        match self._nodes[part]:
            case Constant(value):
                return self.constant(not value)
            case Opposite(inner):
                return inner
            case _:
                return self.node(Opposite(part))

    def _joined(self, kind: type[All] | type[Any], parts: Iterable[int], *, neutral: bool) -> int:
        kept: dict[int, None] = {}
        for part in parts:
            match self._nodes[part]:
                case Constant(value) if value is neutral:
                    continue
                case Constant():
                    return self.constant(not neutral)
                case _:
                    kept[part] = None
        if not kept:
            return self.constant(neutral)
        return next(iter(kept)) if len(kept) == 1 else self.node(kind(tuple(sorted(kept))))

    # -- conditions -----------------------------------------------------------------------------------

    def condition(self, expression: Expression) -> Both:
        """Whether a condition can be true and can be false."""
        known = self._conditions.get(expression)
        if known is None:
            known = self._conditions[expression] = self._condition(expression)
        return known

    def _condition(self, expression: Expression) -> Both:
        match expression:
            case Name(name):
                return self.named(name)
            case BooleanLiteral(value):
                return Both(self.constant(value), self.constant(not value))
            case Not(operand):
                return _swapped(self.condition(operand))
            case And(operands):
                return self._and([self.condition(part) for part in operands])
            case Or(operands):
                return _swapped(self._and([_swapped(self.condition(part)) for part in operands]))
            case Implies(left, right):
                return _swapped(self._and([self.condition(left), _swapped(self.condition(right))]))
            case Xor(left, right):
                return self._xor(self.condition(left), self.condition(right))
            case Comparison():
                return self._comparison(expression)
            case Between():
                return self._between(expression)
            case Member(operand, codes):
                wanted = frozenset(literal.code for literal in codes)
                return Both(self._has_code(operand, wanted), self._has_code(operand, self._codes(operand) - wanted))
            case _:
                raise TypeError(f"{type(expression).__name__} is not a condition: the type check was left out")

    def _and(self, parts: list[Both]) -> Both:
        return Both(self.all_of(part.can_be_true for part in parts), self.any_of(part.can_be_false for part in parts))

    def _xor(self, a: Both, b: Both) -> Both:
        either = self.any_of(
            [self.all_of([a.can_be_true, b.can_be_false]), self.all_of([a.can_be_false, b.can_be_true])],
        )
        same = self.any_of(
            [self.all_of([a.can_be_true, b.can_be_true]), self.all_of([a.can_be_false, b.can_be_false])],
        )
        return Both(either, same)

    # -- names ----------------------------------------------------------------------------------------

    def named(self, name: str) -> Both:
        """A boolean fact or a definition that is a condition; what is recorded goes before what is computed."""
        known = self._definitions.get(name)
        if known is None:
            known = self._definitions[name] = self._named(name)
        return known

    def _named(self, name: str) -> Both:
        definition = self.model.definitions.get(name)
        recorded = Both(self.node(MayHave(name, frozenset({TRUE}))), self.node(MayHave(name, frozenset({FALSE}))))
        if definition is None:
            return recorded
        assert not isinstance(definition, Table), f"{name} is not a condition: the type check was left out"
        computed = self.condition(definition)
        if name not in self.model.types:
            return computed
        return Both(*(self._or_computed(name, own, other) for own, other in zip(recorded, computed, strict=True)))

    def _or_computed(self, name: str, recorded: int, computed: int) -> int:
        is_recorded = self.node(Recorded(name))
        return self.any_of([self.all_of([is_recorded, recorded]), self.all_of([self.opposite(is_recorded), computed])])

    def member(self, name: str, codes: frozenset[str]) -> int:
        """Whether a coded fact, recorded or computed by a decision table, may have one of these codes."""
        key = (name, codes)
        known = self._members.get(key)
        if known is None:
            known = self._members[key] = self._member(name, codes)
        return known

    def _member(self, name: str, codes: frozenset[str]) -> int:
        if not codes:
            return self.constant(False)
        definition = self.model.definitions.get(name)
        if definition is None:
            return self.node(MayHave(name, codes))
        assert isinstance(definition, Table), f"{name} is not a coded fact: the type check was left out"
        computed = self.any_of(self._rows_giving(definition, codes))
        if name not in self.model.types:
            return computed
        return self._or_computed(name, self.node(MayHave(name, codes)), computed)

    def _rows_giving(self, table: Table, codes: frozenset[str]) -> Iterator[int]:
        """For each row with one of the codes, whether it can be the first to hold."""
        before: list[int] = []
        for row in (*table.rows, Row(BooleanLiteral(True), table.otherwise)):
            holds = self.condition(row.when)
            if row.then & codes:
                yield self.all_of([*before, holds.can_be_true])
            before.append(holds.can_be_false)

    def _codes(self, operand: Expression) -> frozenset[str]:
        """All codes that a coded fact may have."""
        kind = self.model.type_of(operand.name) if isinstance(operand, Name) else None
        assert isinstance(kind, CodedType), "not a coded fact: the type check was left out"
        return frozenset(kind.codes)

    def _has_code(self, operand: Expression, codes: frozenset[str]) -> int:
        assert isinstance(operand, Name), "not a coded fact: the type check was left out"
        return self.member(operand.name, codes & self._codes(operand))

    # -- comparisons ------------------------------------------------------------------------------------

    def _comparison(self, node: Comparison) -> Both:
        if node.comparator in ("!=", "<=", ">="):
            opposite: dict[str, str] = {"!=": "=", "<=": ">", ">=": "<"}
            return _swapped(self.condition(Comparison(opposite[node.comparator], node.left, node.right)))  # type: ignore[arg-type]
        if node.comparator == ">":
            return self.condition(Comparison("<", node.right, node.left))
        if node.comparator == "<":
            return self._less(node)
        if isinstance(node.right, CodeLiteral):
            return self.condition(Member(node.left, (node.right,)))
        if isinstance(node.left, CodeLiteral):
            return self.condition(Member(node.right, (node.left,)))
        if self._is_coded(node.left):
            return self._same_code(node.left, node.right)
        if self._is_number(node.left):
            return self._equal_number(node)
        return _swapped(self._xor(self.condition(node.left), self.condition(node.right)))

    def _is_coded(self, side: Expression) -> bool:
        return isinstance(side, Name) and isinstance(self.model.type_of(side.name), CodedType)

    def _is_number(self, side: Expression) -> bool:
        if isinstance(side, Name):
            return isinstance(self.model.type_of(side.name), NumberType | DateType)
        return isinstance(side, NumberLiteral | DateLiteral | Arithmetic)

    def _same_code(self, left: Expression, right: Expression) -> Both:
        own, other = self._codes(left), self._codes(right)
        equal = [self.all_of([self._has_code(side, frozenset({code})) for side in (left, right)]) for code in sorted(own & other)]
        differ = [self.all_of([self._has_code(left, frozenset({code})), self._has_code(right, other - {code})]) for code in sorted(own)]
        return Both(self.any_of(equal), self.any_of(differ))

    def _less(self, node: Comparison) -> Both:
        match node.left, node.right:
            case Name(first), Name(second):
                return Both(self.node(MayBeBelow(first, second, False)), self.node(MayBeBelow(second, first, True)))
            case Name(name), (NumberLiteral() | DateLiteral()) as literal:
                limit = self._limit(name, literal)
                return Both(self.lies(name, Span(-math.inf, limit, True, True)), self.lies(name, Span(limit, math.inf)))
            case (NumberLiteral() | DateLiteral()) as literal, Name(name):
                limit = self._limit(name, literal)
                return Both(self.lies(name, Span(limit, math.inf, True)), self.lies(name, Span(-math.inf, limit)))
            case _:
                return self._by_reference(node)

    def _equal_number(self, node: Comparison) -> Both:
        match node.left, node.right:
            case (Name(name), (NumberLiteral() | DateLiteral()) as literal) | ((NumberLiteral() | DateLiteral()) as literal, Name(name)):
                limit = self._limit(name, literal)
                return Both(self.lies(name, Span(limit, limit)), self._outside(name, limit, limit))
            case _:
                return self._by_reference(node)

    def _between(self, node: Between) -> Both:
        match node.operand, node.low, node.high:
            case Name(name), (NumberLiteral() | DateLiteral()) as start, (NumberLiteral() | DateLiteral()) as end:
                low, high = self._limit(name, start), self._limit(name, end)
                within = self.lies(name, Span(low, high)) if low <= high else self.constant(False)
                return Both(within, self._outside(name, low, high))
            case _:
                return self._by_reference(node)

    def _outside(self, name: str, low: float, high: float) -> int:
        return self.any_of([self.lies(name, Span(-math.inf, low, True, True)), self.lies(name, Span(high, math.inf, True, True))])

    def _limit(self, name: str, literal: NumberLiteral | DateLiteral) -> float:
        """A literal in the unit of the fact that it is compared with."""
        if isinstance(literal, DateLiteral):
            return literal.ordinal
        kind = self.model.type_of(name)
        unit = kind.unit if isinstance(kind, NumberType) else None
        return convert(literal.value, literal.unit, unit) if literal.unit and unit else literal.value

    def lies(self, name: str, within: Span) -> int:
        """Whether a number may lie in an interval; nothing outside its permitted range is possible."""
        domain = self.model.domain_of(name)
        assert isinstance(domain, Spans), f"{name} is not a number: the type check was left out"
        shared = domain.meet(Spans((within,)))
        if shared is None:
            return self.constant(False)
        return self.constant(True) if shared == domain else self.node(MayLie(name, _narrowed(within, domain)))

    def _by_reference(self, node: Comparison | Between) -> Both:
        facts = tuple(sorted({part.name for part in names(node)}))
        return Both(*(self.node(ByReference(node, outcome, facts)) for outcome in (True, False)))


def _swapped(pair: Both) -> Both:
    return Both(pair.can_be_false, pair.can_be_true)


def _narrowed(within: Span, domain: Spans) -> Span:
    """The same question with whole numbers at its ends where the fact is a count or a date."""
    if not domain.integral:
        return within
    return Spans.of([within], integral=True).parts[0]


def _renumbered(node: Node, place: Mapping[int, int]) -> Node:
    match node:
        case All(parts):
            return All(tuple(place[part] for part in parts))
        case Any(parts):
            return Any(tuple(place[part] for part in parts))
        case Opposite(part):
            return Opposite(place[part])
        case _:
            return node
