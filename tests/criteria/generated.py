"""Generated conditions, definitions and partial facts over a few small facts, for the property tests.

Numbers in conditions and at the ends of what is known are whole, so that the quarters between them
(`brute_force.QUARTERS`) stand for every number there is.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from nelm.criteria import (
    BooleanType,
    CodedType,
    Codes,
    DateType,
    Definition,
    Expression,
    Model,
    NumberType,
    Row,
    Span,
    Spans,
    Table,
    Truth,
    Value,
    ValueType,
)
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

RANGE = Span(0, 3)
TYPES: dict[str, ValueType] = {
    "a": BooleanType(),
    "b": BooleanType(),
    "c": BooleanType(),
    "g": CodedType(("p", "q", "r")),
    "h": CodedType(("q", "r", "s")),
    "x": NumberType("cm", RANGE),
    "y": NumberType("cm", RANGE),
    "n": NumberType(range=RANGE, integral=True),
    "d": DateType(),
    "e": DateType(),
}
FIRST_DAY = date(2024, 1, 1).toordinal()
DAYS = Span(FIRST_DAY, FIRST_DAY + 3)
COMPARATORS = ("=", "!=", "<", "<=", ">", ">=")
RESULTS = ("u", "v", "w")


@dataclass(frozen=True)
class World:
    """Facts with their types, what is known of them, and definitions on them."""

    model: Model
    facts: dict[str, Value]


# ------------------------------------------------------------------------------------------------ what is known


def subsets(codes: Sequence[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.sets(st.sampled_from(codes), min_size=1).map(frozenset)


@st.composite
def spans(draw: st.DrawFn, within: Span, *, integral: bool = False) -> Spans:
    """One to three intervals with whole-number ends, open or closed, within a range."""
    pieces: list[Span] = []
    for _ in range(draw(st.integers(1, 3))):
        low, high = sorted((draw(st.integers(int(within.low), int(within.high))), draw(st.integers(int(within.low), int(within.high)))))
        is_open = low < high and not (integral and high - low == 1)
        pieces.append(Span(low, high, is_open and draw(st.booleans()), is_open and draw(st.booleans())))
    return Spans.of(pieces, integral) if not integral or any(not _empty(piece) for piece in pieces) else Spans.point(within.low, integral)


def _empty(piece: Span) -> bool:
    return piece.high - piece.low - piece.low_open - piece.high_open < 0


def partial(kind: ValueType) -> st.SearchStrategy[Value]:
    """What may be known of a fact, from everything to nothing."""
    if isinstance(kind, BooleanType):
        return st.sampled_from(Truth)
    if isinstance(kind, CodedType):
        return subsets(kind.codes).map(Codes)
    if isinstance(kind, NumberType):
        return spans(kind.range, integral=kind.integral)
    return spans(DAYS, integral=True)


@st.composite
def known(draw: st.DrawFn, names: Sequence[str]) -> dict[str, Value]:
    """What is known of some facts; of a date always at least the few days that it may be."""
    facts: dict[str, Value] = {}
    for name in names:
        kind = TYPES[name]
        if draw(st.booleans()):
            facts[name] = draw(partial(kind))
        elif isinstance(kind, DateType):
            facts[name] = Spans.of([DAYS], integral=True)
    return facts


@st.composite
def smaller(draw: st.DrawFn, value: Value) -> Value:
    """The same or a smaller value: something was learnt."""
    if isinstance(value, Truth):
        return draw(st.sampled_from(Truth)) if value is Truth.UNDETERMINED else value
    if isinstance(value, Codes):
        return Codes(draw(subsets(sorted(value.members))))
    within = DAYS if value.integral and value.low.low >= FIRST_DAY else RANGE
    return value.meet(draw(spans(within, integral=value.integral))) or value


# ------------------------------------------------------------------------------------------------ conditions


def comparison(left: Expression, right: Expression, draw: st.DrawFn, comparators: Sequence[str] = COMPARATORS) -> Expression:
    if draw(st.booleans()):
        left, right = right, left
    return Comparison(draw(st.sampled_from(comparators)), left, right)  # type: ignore[arg-type]


def number(kind: ValueType) -> st.SearchStrategy[Expression]:
    """A constant to compare a fact with; for counts also one that no count can be."""
    if isinstance(kind, DateType):
        return st.integers(0, 3).map(lambda day: DateLiteral(FIRST_DAY + day, date.fromordinal(FIRST_DAY + day).isoformat()))
    assert isinstance(kind, NumberType)
    if kind.integral:
        return st.sampled_from([NumberLiteral(half / 2) for half in range(7)])
    return st.one_of(st.integers(0, 3).map(NumberLiteral), st.integers(0, 3).map(lambda whole: NumberLiteral(10 * whole, "mm")))


@st.composite
def about(draw: st.DrawFn, name: str, kind: ValueType) -> Expression:
    """A condition that compares one fact with constants."""
    if isinstance(kind, BooleanType):
        return draw(st.sampled_from([Name(name), Comparison("=", Name(name), BooleanLiteral(False))]))
    if isinstance(kind, CodedType):
        if draw(st.booleans()):
            return Member(Name(name), tuple(CodeLiteral(code) for code in sorted(draw(subsets(kind.codes)))))
        return comparison(Name(name), CodeLiteral(draw(st.sampled_from(kind.codes))), draw, ("=", "!="))
    if draw(st.integers(0, 3)) == 0:
        return Between(Name(name), draw(number(kind)), draw(number(kind)))
    return comparison(Name(name), draw(number(kind)), draw)


@st.composite
def about_two(draw: st.DrawFn, first: str, second: str, model: Model) -> Expression | None:
    """A condition that compares two facts with one another; None where their types do not allow it."""
    left, right = model.type_of(first), model.type_of(second)
    if isinstance(left, CodedType) and isinstance(right, CodedType) and set(left.codes) & set(right.codes):
        return comparison(Name(first), Name(second), draw, ("=", "!="))
    if isinstance(left, BooleanType) and isinstance(right, BooleanType):
        return comparison(Name(first), Name(second), draw, ("=", "!="))
    if isinstance(left, DateType) and isinstance(right, DateType):
        return comparison(Name(first), Name(second), draw)
    if not (isinstance(left, NumberType) and isinstance(right, NumberType) and left.unit == right.unit):
        return None
    if draw(st.booleans()):
        return comparison(Name(first), Name(second), draw)
    return comparison(Arithmetic(draw(st.sampled_from("+-")), Name(first), Name(second)), draw(number(left)), draw)  # type: ignore[arg-type]


def joined(parts: Sequence[Expression], draw: st.DrawFn) -> Expression:
    """Conditions joined into one, in the form that the parser gives them."""
    first, *rest = parts
    match draw(st.sampled_from(["and", "or", "xor", "implies"])):
        case "and":
            return And((*(first.operands if isinstance(first, And) else (first,)), *rest))
        case "or":
            return Or((*(first.operands if isinstance(first, Or) else (first,)), *rest))
        case "xor":
            return Xor(first, rest[0] if len(rest) == 1 else joined(rest, draw))
        case _:
            return Implies(first, rest[0] if len(rest) == 1 else joined(rest, draw))


@st.composite
def conditions(draw: st.DrawFn, model: Model, names: Sequence[str], *, questions: bool = False, depth: int = 2) -> Expression:
    """A condition over the named facts and definitions, each as often as it comes.

    With `questions`, numbers and dates are also compared with one another and added.
    """
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        name, other = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        numeric = isinstance(model.type_of(name), NumberType | DateType)
        together = draw(about_two(name, other, model)) if questions or not numeric else None
        if together is not None and draw(st.integers(0, 2)) == 0:
            return together
        kind = model.type_of(name)
        assert kind is not None
        return draw(about(name, kind))
    inner = conditions(model, names, questions=questions, depth=depth - 1)
    if draw(st.integers(0, 4)) == 0:
        return Not(draw(inner))
    return joined(draw(st.lists(inner, min_size=2, max_size=3)), draw)


@st.composite
def tables(draw: st.DrawFn, rows: st.SearchStrategy[Sequence[Expression]]) -> Table:
    """A decision table with these conditions; some of its rows leave several codes open."""
    then = st.one_of(st.sampled_from(RESULTS).map(lambda code: frozenset({code})), subsets(RESULTS))
    return Table(RESULTS, tuple(Row(when, draw(then)) for when in draw(rows)), draw(then))


@st.composite
def worlds(draw: st.DrawFn, *, questions: bool = False, enterable: bool = False, facts: int = 4) -> World:
    """A few facts, partly known, and definitions on them, each on the ones before."""
    names = draw(st.lists(st.sampled_from(sorted(TYPES)), min_size=2, max_size=facts, unique=True))
    types = {name: TYPES[name] for name in names}
    definitions: dict[str, Definition] = {}
    for number_of in range(draw(st.integers(0, 3))):
        model = Model(types, dict(definitions))
        inner = conditions(model, [*names, *definitions], questions=questions, depth=1)
        definitions[f"k{number_of}"] = draw(st.one_of(inner, tables(st.lists(inner, max_size=3))))
    open_to_entry = draw(st.sets(st.sampled_from(sorted(definitions)))) if enterable and definitions else set()
    return World(Model(types, definitions, frozenset(open_to_entry)), draw(known(names)))


@st.composite
def read_once(draw: st.DrawFn, names: Sequence[str], model: Model) -> Expression:
    """A condition in which each of the names occurs exactly once."""
    if len(names) == 2 and (together := draw(about_two(names[0], names[1], model))) is not None and draw(st.booleans()):
        return together
    if len(names) == 1:
        kind = model.type_of(names[0])
        assert kind is not None
        found = draw(about(names[0], kind))
    else:
        cuts = draw(st.lists(st.integers(1, len(names) - 1), min_size=1, max_size=2, unique=True).map(sorted))
        pieces = [names[start:end] for start, end in itertools.pairwise([0, *cuts, len(names)])]
        found = joined([draw(read_once(piece, model)) for piece in pieces], draw)
    return Not(found) if draw(st.integers(0, 4)) == 0 else found
