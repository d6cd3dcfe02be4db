"""What is missing: exactly the facts that can still change a result, and no others.

A fact matters when two ways to complete what is known, which differ in this fact alone, give different
results. The result as a function of the unknown facts is built as a reduced, ordered
decision diagram (R. E. Bryant, IEEE Trans. Comput. 1986;35:677, with one branch for each part of a fact's
domain that no threshold divides): the facts that occur in it are the facts that matter.

Comparisons of two numbers or dates with one another, and those with arithmetic, are taken as one yes-or-no
question each, apart from all others; if such a question matters, every fact in it is named that is not known
exactly. So for them, and for them alone, a fact too many may be named, and a settled result be missed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nelm.criteria.evaluate import Evaluator, Facts
from nelm.criteria.formulas import NO, YES, Formulas
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
from nelm.criteria.values import Codes, Span, Spans, Value, is_settled


def residual(expression: Expression, model: Model, facts: Facts) -> frozenset[str]:
    """The recorded facts that can still change whether the condition holds; empty when none can."""
    return settle_table(_as_table(expression), model, facts)[1]


def exact_truth(expression: Expression, model: Model, facts: Facts) -> Truth:
    """Whether a condition holds, with repeated facts seen as the same fact.

    Kleene's logic calls `x > 5 or x <= 5` undetermined while x is unknown; here it is true.
    """
    result = settle_table(_as_table(expression), model, facts)[0]
    return Truth.UNDETERMINED if result is None else Truth.from_bool("true" in result)


def residual_of_table(table: Table, model: Model, facts: Facts) -> frozenset[str]:
    """The recorded facts that can still change the result of a decision table."""
    return settle_table(table, model, facts)[1]


def settle_table(table: Table, model: Model, facts: Facts) -> tuple[frozenset[str] | None, frozenset[str]]:
    """The result of a decision table where it is settled (else None), and the facts that can still change it."""
    expanding = _Expanding(Evaluator(model, facts))
    rows = expanding.rows(table)
    diagram = _Diagram(expanding)
    node = diagram.of_rows(rows, table.otherwise)
    return diagram.result_of(node), diagram.facts_below(node)


def settled_result(table: Table, evaluator: Evaluator) -> frozenset[str] | None:
    """The result of a decision table where it is settled, else None: the first half of `settle_table`, and sooner known.

    The search ends at the second result, where the diagram would go on to all of them.
    """
    expanding = _Expanding(evaluator)
    rows = expanding.rows(table)
    return _Diagram(expanding).only_result(rows, table.otherwise)


def _as_table(expression: Expression) -> Table:
    return Table(("true", "false"), (Row(expression, frozenset({"true"})),), frozenset({"false"}))


# the name of a fact (or of something hidden), or a question of its own
Variable = str | Expression
# conditions as formulas, each with the result where it is the first to hold
_Rows = tuple[tuple[int, frozenset[str]], ...]


class _Expanding:
    """Conditions to formulas over recorded facts, with everything already settled folded away."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.model = evaluator.model
        self.facts = evaluator.facts
        self.evaluator = evaluator
        self.formulas = Formulas()
        self.order: dict[Variable, int] = {}
        self.asked: dict[Variable, dict[int, Expression]] = {}
        self.hidden: dict[str, Value] = {}
        self._names: dict[str, int] = {}
        self._coded: dict[tuple[str, frozenset[str]], int] = {}

    def rows(self, table: Table) -> _Rows:
        """The rows of a table, each condition as a formula."""
        return tuple((self.formula(row.when), row.then) for row in table.rows)

    def formula(self, node: Expression) -> int:
        truth = self.evaluator.truth(node)
        if truth.is_determined:
            return YES if truth is Truth.TRUE else NO
        make = self.formulas
        match node:
            case Name(name):
                return self._name(name)
            case Not(operand):
                return make.negate(self.formula(operand))
            case And(operands):
                return make.conjunction([self.formula(part) for part in operands])
            case Or(operands):
                return make.disjunction([self.formula(part) for part in operands])
            case Xor(left, right):
                return make.exclusive(self.formula(left), self.formula(right))
            case Implies(left, right):
                return make.disjunction([make.negate(self.formula(left)), self.formula(right)])
            case Member(Name(name), codes):
                return self._has_code(name, frozenset(code.code for code in codes))
            case Comparison("=" | "!=", left, right):
                equal = self._equality(node, left, right)
                return equal if node.comparator == "=" else make.negate(equal)
            case _:
                return self._atom(node)

    def _name(self, name: str) -> int:
        if name not in self._names:
            definition = None if name in self.facts else self.model.definitions.get(name)
            if definition is None or isinstance(definition, Table):
                self._names[name] = self._atom(Name(name))
            else:
                self._names[name] = self._or_entered(name, Name(name), self.formula(definition))
        return self._names[name]

    def _or_entered(self, name: str, entered: Expression, computed: int) -> int:
        """A definition that can also be entered: what is entered goes before what is computed."""
        if name not in self.model.enterable:
            return computed
        make, is_entered = self.formulas, self._hidden(f"?{name}", Truth.UNDETERMINED)
        return make.disjunction(
            [make.conjunction([is_entered, self._atom(entered)]), make.conjunction([make.negate(is_entered), computed])]
        )

    def _hidden(self, name: str, value: Value, *codes: str) -> int:
        """A question that no entry of a fact answers; `name` cannot be the name of a fact."""
        self.hidden[name] = value
        return self._ask(_member(name, codes) if codes else Name(name))

    def _equality(self, node: Comparison, left: Expression, right: Expression) -> int:
        """`left = right` as a formula."""
        if isinstance(right, Name) and isinstance(left, CodeLiteral):
            left, right = right, left
        match left, right:
            case Name(name), CodeLiteral(code):
                return self._has_code(name, frozenset({code}))
            case Name(name), Name(other) if isinstance(self.evaluator.value_of(name), Codes):
                shared = _codes(self.evaluator.value_of(name)) & _codes(self.evaluator.value_of(other))
                both = ([self._has_code(side, frozenset({code})) for side in (name, other)] for code in sorted(shared))
                return self.formulas.disjunction([self.formulas.conjunction(pair) for pair in both])
            case _ if _is_boolean(left, self.model):
                return self.formulas.negate(self.formulas.exclusive(self.formula(left), self.formula(right)))
            case _:
                return self._atom(Comparison("=", left, right, node.at))

    def _has_code(self, name: str, wanted: frozenset[str]) -> int:
        """`name in wanted` in terms of the conditions of its decision table."""
        key = (name, wanted)
        if key not in self._coded:
            definition = None if name in self.facts else self.model.definitions.get(name)
            member = _member(name, wanted)
            if isinstance(definition, Table):
                self._coded[key] = self._or_entered(name, member, self._rows_with(name, definition, wanted))
            else:
                self._coded[key] = self._atom(member)
        return self._coded[key]

    def _rows_with(self, name: str, table: Table, wanted: frozenset[str]) -> int:
        make = self.formulas
        none_before: list[int] = []
        ways: list[int] = []
        rows = iter(enumerate([*table.rows, Row(BooleanLiteral(True), table.otherwise)]))
        holds = NO
        while holds != YES:  # the last row does
            number, row = next(rows)
            holds, then = self.formula(row.when), row.then
            if then & wanted:
                # a row that leaves several codes open settles nothing by itself: which of them, nobody can answer
                settled = YES if then <= wanted else self._hidden(f"?{name}:{number}", Codes(then), *(then & wanted))
                ways.append(make.conjunction([*none_before, holds, settled]))
            none_before.append(make.negate(holds))
        return make.disjunction(ways)

    def _atom(self, node: Expression) -> int:
        truth = self.evaluator.truth(node)
        if truth.is_determined:
            return YES if truth is Truth.TRUE else NO
        return self._ask(node)

    def _ask(self, node: Expression) -> int:
        variable = variable_of(node)
        position = self.order.setdefault(variable, len(self.order))
        number = self.formulas.atom(node, 1 << position)
        self.asked.setdefault(variable, {})[number] = node
        return number

    def answers(self, variable: Variable) -> list[dict[int, int]]:
        """For each part of what a variable may be: what it makes of every atom about it."""
        about = self.asked[variable]
        if not isinstance(variable, str):
            return [dict.fromkeys(about, YES), dict.fromkeys(about, NO)]
        value = self.hidden[variable] if variable in self.hidden else self.evaluator.value_of(variable)
        answers: dict[tuple[int, ...], dict[int, int]] = {}
        for cell in cells(value, about.values(), self.model):
            evaluator = Evaluator(self.model, {variable: cell})
            answer = {number: YES if evaluator.truth(atom) is Truth.TRUE else NO for number, atom in about.items()}
            answers.setdefault(tuple(answer.values()), answer)
        return list(answers.values())

    def facts_in(self, variable: Variable) -> Iterable[str]:
        """The facts that an answer would take: what is known exactly and what is hidden are none."""
        if isinstance(variable, str):
            return [] if variable in self.hidden else [variable]
        return [part.name for part in names(variable) if not is_settled(self.evaluator.value_of(part.name))]


@dataclass(frozen=True, slots=True)
class _Node:
    """A node of the diagram: a leaf with its result, or a variable with one child per answer."""

    variable: Variable | None
    children: tuple[int, ...]
    result: frozenset[str] = frozenset()


class _Diagram:
    """A reduced decision diagram over the variables, always asked in the order of their first mention."""

    def __init__(self, expanding: _Expanding) -> None:
        self.expanding = expanding
        self.formulas = expanding.formulas
        self.variables = list(expanding.order)
        self._nodes: list[_Node] = []
        self._ids: dict[_Node, int] = {}
        self._done: dict[tuple[_Rows, frozenset[str]], int] = {}
        self._answers: dict[Variable, list[dict[int, int]]] = {}

    def of_rows(self, rows: _Rows, otherwise: frozenset[str]) -> int:
        """The node of rows that are read from the top."""
        key = _shortened(rows, otherwise)
        if key not in self._done:
            self._done[key] = self._branch(*key) if key[0] else self._id(_Node(None, (), key[1]))
        return self._done[key]

    def _branch(self, rows: _Rows, otherwise: frozenset[str]) -> int:
        variable = self._first_variable(rows)
        branches = [self.of_rows(each, otherwise) for each in self._answered(rows, variable)]
        if len(set(branches)) == 1:
            return branches[0]
        return self._id(_Node(variable, tuple(branches)))

    def only_result(self, rows: _Rows, otherwise: frozenset[str]) -> frozenset[str] | None:
        """The result that all ways to answer give; None as soon as two differ."""
        seen: set[tuple[_Rows, frozenset[str]]] = set()
        waiting = [_shortened(rows, otherwise)]
        result: frozenset[str] | None = None
        while waiting:
            key = waiting.pop()
            if key in seen:
                continue
            seen.add(key)
            if key[0]:
                waiting += [_shortened(each, key[1]) for each in self._answered(key[0], self._first_variable(key[0]))]
            elif result is not None and result != key[1]:
                return None
            else:
                result = key[1]
        return result

    def _first_variable(self, rows: _Rows) -> Variable:
        bits = 0
        for when, _ in rows:
            bits |= self.formulas.facts(when)
        return self.variables[(bits & -bits).bit_length() - 1]

    def _answered(self, rows: _Rows, variable: Variable) -> Iterator[_Rows]:
        """The rows after each answer to a variable."""
        bit = 1 << self.expanding.order[variable]
        for answer in self._answers_to(variable):
            done: dict[int, int] = {}
            yield tuple((self.formulas.settle(when, answer, bit, done), then) for when, then in rows)

    def _answers_to(self, variable: Variable) -> list[dict[int, int]]:
        if variable not in self._answers:
            self._answers[variable] = self.expanding.answers(variable)
        return self._answers[variable]

    def _id(self, node: _Node) -> int:
        if node not in self._ids:
            self._ids[node] = len(self._nodes)
            self._nodes.append(node)
        return self._ids[node]

    def result_of(self, number: int) -> frozenset[str] | None:
        """The result of a leaf; None for a question."""
        node = self._nodes[number]
        return node.result if node.variable is None else None

    def facts_below(self, start: int) -> frozenset[str]:
        facts: set[str] = set()
        seen: set[int] = set()
        waiting = [start]
        while waiting:
            number = waiting.pop()
            if number in seen:
                continue
            seen.add(number)
            node = self._nodes[number]
            waiting.extend(node.children)
            if node.variable is not None:
                facts.update(self.expanding.facts_in(node.variable))
        return frozenset(facts)


def _shortened(rows: _Rows, otherwise: frozenset[str]) -> tuple[_Rows, frozenset[str]]:
    """The rows that can still be the first to hold, and what is left where none does."""
    kept: list[tuple[int, frozenset[str]]] = []
    for when, then in rows:
        if when == YES:
            otherwise = then
            break
        if when != NO:
            kept.append((when, then))
    while kept and kept[-1][1] == otherwise:
        kept.pop()
    return tuple(kept), otherwise


def _member(name: str, codes: Iterable[str]) -> Expression:
    return Member(Name(name), tuple(CodeLiteral(code) for code in sorted(codes)))


def variable_of(atom: Expression) -> Variable:
    """The fact an atom asks about; for arithmetic or two facts, the atom itself."""
    return _single_fact(atom) or atom


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


def atoms_of(node: Expression) -> Iterable[Expression]:
    """The names, comparisons and memberships that a condition joins."""
    if isinstance(node, Name | Comparison | Between | Member):
        yield node
    else:
        for child in children(node):
            yield from atoms_of(child)


def cells(value: Value, atoms: Iterable[Expression], model: Model) -> list[Value]:
    """The smallest parts of a fact's possible values that no atom tells apart, where it compares the fact with constants."""
    if isinstance(value, Truth):
        return [value] if value.is_determined else [Truth.TRUE, Truth.FALSE]
    if isinstance(value, Codes):
        return [Codes.of(code) for code in sorted(value.members)]
    cuts = sorted({cut for atom in atoms if _single_fact(atom) is not None for cut in _constants(atom, model)})
    return _cut(value, cuts)


def _constants(atom: Expression, model: Model) -> Iterable[float]:
    unit = next((found.unit for part in names(atom) if isinstance(found := model.type_of(part.name), NumberType)), None)
    for part in walk(atom):
        if isinstance(part, NumberLiteral):
            yield convert(part.value, part.unit, unit) if part.unit and unit else part.value
        elif isinstance(part, DateLiteral):
            yield part.ordinal


def _cut(value: Spans, cuts: Iterable[float]) -> list[Value]:
    pieces: list[Span] = []
    below = -math.inf
    for cut in cuts:
        pieces += [Span(below, cut, True, True), Span(cut, cut)]
        below = cut
    pieces.append(Span(below, math.inf, True, True))
    found = (value.meet(Spans((piece,))) for piece in pieces)
    return [part for part in found if part is not None]


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
