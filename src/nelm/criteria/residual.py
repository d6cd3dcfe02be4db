"""What is missing: exactly the facts that can still change a result, and no others.

A fact matters when two complete patients, who agree with everything known and differ in this fact alone,
get different results. The result as a function of the unknown facts is built as a reduced decision
diagram (R. E. Bryant, IEEE Trans. Comput. 1986;35:677, with one branch for each part of a fact's domain
that no threshold divides): the facts that occur in it are the facts that matter.

Comparisons of two facts with one another, or with arithmetic, are taken as one yes-or-no question
each; if such a question matters, every undetermined fact in it is named.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nelm.criteria.evaluate import Evaluator, Facts
from nelm.criteria.model import Model, Row, Table
from nelm.criteria.syntax import (
    And,
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
    children,
    names,
    walk,
)
from nelm.criteria.truth import Truth
from nelm.criteria.types import BooleanType, NumberType, convert
from nelm.criteria.values import Codes, Span, Spans, Value

YES, NO = BooleanLiteral(True), BooleanLiteral(False)


def residual(expression: Expression, model: Model, facts: Facts) -> frozenset[str]:
    """The recorded facts that can still change whether the condition holds; empty when none can."""
    diagram = _Diagram(model)
    return diagram.facts_below(diagram.of_condition(diagram.expand(expression, facts), facts))


def settle_table(table: Table, model: Model, facts: Facts) -> tuple[frozenset[str] | None, frozenset[str]]:
    """The result of a decision table where it is settled (else None), and the facts that can still change it."""
    diagram = _Diagram(model)
    rows = tuple(Row(diagram.expand(row.when, facts), row.then) for row in table.rows)
    node = diagram.of_rows(rows, table.otherwise, facts)
    return diagram.result_of(node), diagram.facts_below(node)


def residual_of_table(table: Table, model: Model, facts: Facts) -> frozenset[str]:
    """The recorded facts that can still change the result of a decision table."""
    return settle_table(table, model, facts)[1]


def exact_truth(expression: Expression, model: Model, facts: Facts) -> Truth:
    """Whether a condition holds, with repeated facts seen as the same fact.

    Kleene's logic calls `x > 5 or x <= 5` undetermined while x is unknown; here it is true.
    """
    diagram = _Diagram(model)
    result = diagram.result_of(diagram.of_condition(diagram.expand(expression, facts), facts))
    return Truth.UNDETERMINED if result is None else Truth.from_bool("true" in result)


@dataclass(frozen=True, slots=True)
class _Node:
    """A node of the diagram: a leaf with its result, or a question with one child per cell."""

    question: Expression | None
    children: tuple[int, ...]
    result: frozenset[str] = frozenset()


class _Diagram:
    def __init__(self, model: Model) -> None:
        self.model = model
        self._nodes: list[_Node] = []
        self._ids: dict[_Node, int] = {}
        self._done: dict[tuple[tuple[Row, ...], frozenset[str]], int] = {}

    # -- expanding definitions --------------------------------------------------------------------

    def expand(self, node: Expression, facts: Facts) -> Expression:
        """The condition in terms of recorded facts only, with what is already settled folded away."""
        return self._expand(node, Evaluator(self.model, facts))

    def _expand(self, node: Expression, evaluator: Evaluator) -> Expression:
        truth = evaluator.truth(node)
        if truth.is_determined:
            return YES if truth is Truth.TRUE else NO
        match node:
            case Name(name):
                definition = None if name in evaluator.facts else self.model.definitions.get(name)
                return self._expand(definition, evaluator) if definition is not None and not isinstance(definition, Table) else Name(name)
            case Not(operand):
                return negate(self._expand(operand, evaluator))
            case And(operands):
                return conjunction(self._expand(part, evaluator) for part in operands)
            case Or(operands):
                return disjunction(self._expand(part, evaluator) for part in operands)
            case Xor(left, right):
                return exclusive(self._expand(left, evaluator), self._expand(right, evaluator))
            case Implies(left, right):
                return disjunction([negate(self._expand(left, evaluator)), self._expand(right, evaluator)])
            case Member(Name(name), codes):
                return self._expand_coded(name, frozenset(code.code for code in codes), evaluator)
            case Comparison("=" | "!=", left, right):
                return self._expand_equality(node, left, right, evaluator)
            case _:
                return node

    def _expand_equality(self, node: Comparison, left: Expression, right: Expression, evaluator: Evaluator) -> Expression:
        if isinstance(right, Name) and isinstance(left, CodeLiteral):
            left, right = right, left
        match left, right:
            case Name(name), CodeLiteral(code):
                equal = self._expand_coded(name, frozenset({code}), evaluator)
            case Name(name), Name(other) if isinstance(evaluator.value_of(name), Codes):
                shared = _codes(evaluator.value_of(name)) & _codes(evaluator.value_of(other))
                equal = disjunction(
                    conjunction(self._expand_coded(side, frozenset({code}), evaluator) for side in (name, other)) for code in sorted(shared)
                )
            case _ if _is_boolean(left, self.model):
                equal = negate(exclusive(self._expand(left, evaluator), self._expand(right, evaluator)))
            case _:
                return node
        return equal if node.comparator == "=" else negate(equal)

    def _expand_coded(self, name: str, wanted: frozenset[str], evaluator: Evaluator) -> Expression:
        """`name in wanted` in terms of the conditions of its decision table."""
        definition = None if name in evaluator.facts else self.model.definitions.get(name)
        if not isinstance(definition, Table):
            return Member(Name(name), tuple(CodeLiteral(code) for code in sorted(wanted)))
        none_before: list[Expression] = []
        ways: list[Expression] = []
        for number, (when, then) in enumerate([*((row.when, row.then) for row in definition.rows), (YES, definition.otherwise)]):
            holds = self._expand(when, evaluator)
            if then & wanted:
                # a row that leaves several codes open settles nothing by itself: an unanswerable question
                settled = YES if then <= wanted else Name(f"?{name}:{number}")
                ways.append(conjunction([*none_before, holds, settled]))
            none_before.append(negate(holds))
            if holds == YES:
                break
        return disjunction(ways)

    # -- building ---------------------------------------------------------------------------------

    def leaf(self, result: frozenset[str]) -> int:
        return self._id(_Node(None, (), result))

    def result_of(self, number: int) -> frozenset[str] | None:
        """The result of a leaf; None for a question."""
        node = self._nodes[number]
        return node.result if node.question is None else None

    def of_condition(self, condition: Expression, facts: Facts) -> int:
        return self.of_rows((Row(condition, frozenset({"true"})),), frozenset({"false"}), facts)

    def of_rows(self, rows: tuple[Row, ...], otherwise: frozenset[str], facts: Facts) -> int:
        kept: list[Row] = []
        for row in rows:
            if row.when == YES:
                otherwise = row.then
                break
            if row.when != NO:
                kept.append(row)
        while kept and kept[-1].then == otherwise:
            kept.pop()
        key = (tuple(kept), otherwise)
        if key not in self._done:
            self._done[key] = self._branch(key[0], otherwise, facts) if kept else self.leaf(otherwise)
        return self._done[key]

    def _branch(self, rows: tuple[Row, ...], otherwise: frozenset[str], facts: Facts) -> int:
        question = _first_question(rows)
        branches: list[int] = []
        for settle in _answers(question, rows, self.model, facts):
            narrowed = tuple(Row(_settle(row.when, settle), row.then) for row in rows)
            branches.append(self.of_rows(narrowed, otherwise, facts))
        if len(set(branches)) == 1:
            return branches[0]
        return self._id(_Node(question, tuple(branches)))

    def _id(self, node: _Node) -> int:
        if node not in self._ids:
            self._ids[node] = len(self._nodes)
            self._nodes.append(node)
        return self._ids[node]

    def facts_below(self, start: int) -> frozenset[str]:
        found: set[str] = set()
        seen: set[int] = set()
        waiting = [start]
        while waiting:
            number = waiting.pop()
            if number in seen:
                continue
            seen.add(number)
            node = self._nodes[number]
            waiting.extend(node.children)
            if node.question is not None:
                found |= {part.name for part in names(node.question)}
        return frozenset(name for name in found if not name.startswith("?"))


# -- questions and their answers ------------------------------------------------------------------


def _is_atom(node: Expression) -> bool:
    return isinstance(node, Name | Comparison | Between | Member)


def atoms_of(node: Expression) -> Iterable[Expression]:
    """The names, comparisons and memberships that a condition joins."""
    if _is_atom(node):
        yield node
    else:
        for child in children(node):
            yield from atoms_of(child)


def _single_fact(atom: Expression) -> str | None:
    """The one fact an atom compares with constants; None for arithmetic or two facts."""
    match atom:
        case Name(name) | Member(Name(name), _):
            return name
        case Comparison(_, Name(name), NumberLiteral() | DateLiteral()) | Comparison(_, NumberLiteral() | DateLiteral(), Name(name)):
            return name
        case Between(Name(name), NumberLiteral() | DateLiteral(), NumberLiteral() | DateLiteral()):
            return name
        case _:
            return None


def _first_question(rows: tuple[Row, ...]) -> Expression:
    """The fact to split on next (a `Name`), or an atom that can only be answered yes or no."""
    atom = min((atom for row in rows for atom in atoms_of(row.when)), key=_reading_order)
    fact = _single_fact(atom)
    return Name(fact) if fact is not None else atom


def _reading_order(atom: Expression) -> tuple[str, str]:
    fact = _single_fact(atom)
    return (fact, "") if fact is not None else ("~", repr(atom))


Settled = Mapping[Expression, Expression]


def _answers(question: Expression, rows: tuple[Row, ...], model: Model, facts: Facts) -> list[Settled]:
    """For each answer to a question: what it makes of every atom that the answer settles."""
    if not isinstance(question, Name):
        return [{question: YES}, {question: NO}]
    atoms = {atom for row in rows for atom in atoms_of(row.when) if _single_fact(atom) == question.name}
    if question.name.startswith("?"):
        return [{question: YES}, {question: NO}]
    value = facts.get(question.name, _domain(question.name, model))
    answers: dict[tuple[bool, ...], Settled] = {}
    ordered = sorted(atoms, key=repr)
    for cell in cells(value, ordered, model):
        evaluator = Evaluator(model, {question.name: cell})
        truths = tuple(evaluator.truth(atom) is Truth.TRUE for atom in ordered)
        answers.setdefault(truths, {atom: YES if holds else NO for atom, holds in zip(ordered, truths, strict=True)})
    return list(answers.values())


def _domain(name: str, model: Model) -> Value:
    found = model.type_of(name)
    assert found is not None, f"{name} has no type: the type check was left out"
    return found.domain


def cells(value: Value, atoms: Iterable[Expression], model: Model) -> list[Value]:
    """The smallest parts of a fact's possible values that no constant of the atoms divides."""
    if isinstance(value, Truth):
        return [value] if value.is_determined else [Truth.TRUE, Truth.FALSE]
    if isinstance(value, Codes):
        return [Codes.of(code) for code in sorted(value.members)]
    cuts = sorted({cut for atom in atoms for cut in _constants(atom, model)})
    return _cut(value, cuts)


def _constants(atom: Expression, model: Model) -> Iterable[float]:
    unit = next((found.unit for part in names(atom) if isinstance(found := model.type_of(part.name), NumberType)), None)
    for part in walk(atom):
        if isinstance(part, NumberLiteral):
            yield convert(part.value, part.unit, unit) if part.unit and unit else part.value
        elif isinstance(part, DateLiteral):
            yield part.ordinal


def _cut(value: Spans, cuts: Iterable[float]) -> list[Value]:
    edges = [-math.inf, *cuts, math.inf]
    pieces: list[Value] = []
    for low, high in zip(edges, edges[1:], strict=False):
        between = value.meet(Spans.of([Span(low, high, True, True)])) if low < high else None
        if between is not None:
            pieces.append(between)
        if not math.isinf(high) and (at := value.meet(Spans.point(high, value.integral))) is not None:
            pieces.append(at)
    return pieces


# -- conditions with constants folded -------------------------------------------------------------


def _settle(node: Expression, settled: Settled) -> Expression:
    if node in settled:
        return settled[node]
    match node:
        case Not(operand):
            return negate(_settle(operand, settled))
        case And(operands):
            return conjunction(_settle(part, settled) for part in operands)
        case Or(operands):
            return disjunction(_settle(part, settled) for part in operands)
        case Xor(left, right):
            return exclusive(_settle(left, settled), _settle(right, settled))
        case _:
            return node


def negate(node: Expression) -> Expression:
    match node:
        case BooleanLiteral(value):
            return NO if value else YES
        case Not(operand):
            return operand
        case _:
            return Not(node)


def conjunction(parts: Iterable[Expression]) -> Expression:
    kept: dict[Expression, None] = {}
    for part in parts:
        if part == NO:
            return NO
        if part != YES:
            kept.update(dict.fromkeys(part.operands if isinstance(part, And) else (part,)))
    return _joined(And, YES, kept)


def disjunction(parts: Iterable[Expression]) -> Expression:
    kept: dict[Expression, None] = {}
    for part in parts:
        if part == YES:
            return YES
        if part != NO:
            kept.update(dict.fromkeys(part.operands if isinstance(part, Or) else (part,)))
    return _joined(Or, NO, kept)


def _joined(join: type[And] | type[Or], empty: Expression, parts: dict[Expression, None]) -> Expression:
    if not parts:
        return empty
    return next(iter(parts)) if len(parts) == 1 else join(tuple(parts))


def exclusive(left: Expression, right: Expression) -> Expression:
    if isinstance(left, BooleanLiteral):
        return negate(right) if left.value else right
    if isinstance(right, BooleanLiteral):
        return negate(left) if right.value else left
    return Xor(left, right)


def _codes(value: Value) -> frozenset[str]:
    assert isinstance(value, Codes)
    return value.members


def _is_boolean(node: Expression, model: Model) -> bool:
    match node:
        case Name(name):
            return isinstance(model.type_of(name), BooleanType)
        case BooleanLiteral() | Not() | And() | Or() | Xor() | Implies() | Comparison() | Between() | Member():
            return True
        case _:
            return False
