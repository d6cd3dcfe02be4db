"""Conditions as columns: what they are made of, and that they say what the reference says."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from nelm.criteria import BooleanType, CodedType, DateType, Evaluator, Model, NumberType, Row, Span, Spans, Table, Truth, parse
from nelm.criteria.columns import (
    All,
    Any,
    ByReference,
    Columns,
    Constant,
    MayBeBelow,
    MayHave,
    MayLie,
    Opposite,
    Program,
    Recorded,
    facts_of_leaf,
)
from nelm.criteria.syntax import CodeLiteral, Member, NumberLiteral
from tests.cohort.generated import Cohort, cohorts
from tests.criteria.run_program import run

slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large])
MODEL = Model(
    {
        "a": BooleanType(),
        "b": BooleanType(),
        "g": CodedType(("p", "q", "r")),
        "h": CodedType(("q", "r", "s")),
        "x": NumberType("cm", Span(0, 10)),
        "y": NumberType("cm", Span(0, 10)),
        "n": NumberType(range=Span(0, 9), integral=True),
        "d": DateType(),
        "t": CodedType(("u", "v")),
    },
    {
        "k": parse("a or b"),
        "t": Table(("u", "v"), (Row(parse("a"), frozenset({"u"})),), frozenset({"v"})),
        "s": Table(("u", "v"), (Row(parse("a"), frozenset({"u"})), Row(parse("b"), frozenset({"u", "v"}))), frozenset({"v"})),
    },
)


def written(program: Program, number: int) -> str:
    """A node as a reader would write it."""
    node = program.nodes[number]
    match node:
        case Constant(value):
            return str(value).lower()
        case All(parts):
            return "(" + " & ".join(written(program, part) for part in parts) + ")"
        case Any(parts):
            return "(" + " | ".join(written(program, part) for part in parts) + ")"
        case Opposite(part):
            return "~" + written(program, part)
        case MayHave(fact, codes):
            return f"{fact}:{'/'.join(sorted(codes))}"
        case MayLie(fact, within):
            return f"{fact} in {'(' if within.low_open else '['}{within.low:g},{within.high:g}{')' if within.high_open else ']'}"
        case MayBeBelow(first, second, or_equal):
            return f"{first} {'<=' if or_equal else '<'} {second}"
        case Recorded(fact):
            return f"{fact}?"
        case ByReference(_, outcome, facts):
            return f"reference {str(outcome).lower()} {','.join(facts)}"


@pytest.mark.parametrize(
    ("text", "can_be_true", "can_be_false"),
    [
        ("true", "true", "false"),
        ("a", "a:true", "a:false"),
        ("not a", "a:false", "a:true"),
        ("a and b", "(a:true & b:true)", "(a:false | b:false)"),
        ("a or b", "(a:true | b:true)", "(a:false & b:false)"),
        ("a or true", "true", "false"),
        ("a and true", "a:true", "a:false"),
        ("a implies b", "(a:false | b:true)", "(a:true & b:false)"),
        ("a xor b", "((a:true & b:false) | (a:false & b:true))", "((a:true & b:true) | (a:false & b:false))"),
        ("a = true", "a:true", "a:false"),
        ("a = b", "((a:true & b:true) | (a:false & b:false))", "((a:true & b:false) | (a:false & b:true))"),
        ("g in { 'p', 'q' }", "g:p/q", "g:r"),
        ("g = 'p'", "g:p", "g:q/r"),
        ("'p' = g", "g:p", "g:q/r"),
        ("g != 'p'", "g:q/r", "g:p"),
        ("g in { 'p', 'q', 'r' }", "g:p/q/r", "false"),
        ("g = h", "((g:q & h:q) | (g:r & h:r))", "((g:p & h:q/r/s) | (g:q & h:r/s) | (g:r & h:q/s))"),
        ("x < 2", "x in (-inf,2)", "x in [2,inf)"),
        ("x <= 2", "x in (-inf,2]", "x in (2,inf)"),
        ("x > 2", "x in (2,inf)", "x in (-inf,2]"),
        ("2 >= x", "x in (-inf,2]", "x in (2,inf)"),
        ("x < 20 'mm'", "x in (-inf,2)", "x in [2,inf)"),
        ("x = 2", "x in [2,2]", "(x in (-inf,2) | x in (2,inf))"),
        ("2 = x", "x in [2,2]", "(x in (-inf,2) | x in (2,inf))"),
        ("x > 10", "false", "true"),
        ("x >= 0", "true", "false"),
        ("n < 2.5", "n in (-inf,2]", "n in [3,inf)"),
        ("n = 2.5", "false", "(n in (-inf,2] | n in [3,inf))"),
        ("x between 2 and 3", "x in [2,3]", "(x in (-inf,2) | x in (3,inf))"),
        ("x between 3 and 2", "false", "(x in (-inf,3) | x in (2,inf))"),
        ("x < y", "x < y", "y <= x"),
        ("x <= y", "x <= y", "y < x"),
        ("x = y", "reference true x,y", "reference false x,y"),
        ("x + y > 3", "reference true x,y", "reference false x,y"),
        ("x between y and 3", "reference true x,y", "reference false x,y"),
        ("d < @2024-03-12", "d in (-inf,738956]", "d in [738957,inf)"),
        ("k", "(a:true | b:true)", "(a:false & b:false)"),
        ("t = 'u'", "((t:u & t?) | (a:true & ~t?))", "((t? & t:v) | (a:false & ~t?))"),
        ("s = 'u'", "(a:true | (a:false & b:true))", "((a:false & b:true) | (a:false & b:false))"),
    ],
)
def test_what_a_condition_becomes(text: str, can_be_true: str, can_be_false: str) -> None:
    columns = Columns(MODEL)
    both = columns.condition(parse(text))
    program = columns.program({"true": both.can_be_true, "false": both.can_be_false})
    assert (written(program, program.results["true"]), written(program, program.results["false"])) == (can_be_true, can_be_false)


def test_equal_parts_are_one_part_and_what_is_not_asked_for_is_left_out() -> None:
    columns = Columns(MODEL)
    first, second = columns.condition(parse("a and b")), columns.condition(parse("b and a"))
    columns.condition(parse("x < 2"))
    assert first == second
    program = columns.program({"both": first.can_be_true})
    assert len(program.nodes) == 3
    assert program.facts() == {"a", "b"}
    assert columns.named("k") is columns.named("k")


def test_each_node_stands_after_its_parts() -> None:
    columns = Columns(MODEL)
    both = columns.condition(parse("(a xor b) and (s = 'v' or not (x < 2 and g = h))"))
    program = columns.program({"x": both.can_be_true})
    for number, node in enumerate(program.nodes):
        parts = node.parts if isinstance(node, All | Any) else (node.part,) if isinstance(node, Opposite) else ()
        assert all(part < number for part in parts)


@pytest.mark.parametrize(
    ("leaf", "facts"),
    [
        (MayHave("g", frozenset({"p"})), ("g",)),
        (MayLie("x", Span(0, 1)), ("x",)),
        (MayBeBelow("x", "y", False), ("x", "y")),
        (Recorded("t"), ("t",)),
        (ByReference(parse("x = y"), True, ("x", "y")), ("x", "y")),
    ],
)
def test_the_facts_of_a_question(leaf: MayHave, facts: tuple[str, ...]) -> None:
    assert facts_of_leaf(leaf) == facts


def test_an_opposite_of_an_opposite_is_the_thing_itself() -> None:
    columns = Columns(MODEL)
    a = columns.named("a").can_be_true
    assert columns.opposite(columns.opposite(a)) == a
    assert columns.opposite(columns.constant(True)) == columns.constant(False)


@pytest.mark.parametrize("wrong", [CodeLiteral("p"), NumberLiteral(1)])
def test_what_is_no_condition_is_refused(wrong: CodeLiteral) -> None:
    with pytest.raises(TypeError, match="the type check was left out"):
        Columns(MODEL).condition(wrong)


def test_what_is_no_coded_fact_is_refused() -> None:
    with pytest.raises(AssertionError, match="not a coded fact"):
        Columns(MODEL).condition(Member(NumberLiteral(1), (CodeLiteral("p"),)))


@slow
@given(cohorts())
def test_conditions_and_definitions_as_the_reference_says(cohort: Cohort) -> None:
    columns = Columns(cohort.model)
    results: dict[str, int] = {}
    for number, condition in enumerate(cohort.conditions):
        results[f"{number}+"], results[f"{number}-"] = columns.condition(condition)
    for name in cohort.model.definitions:
        kind = cohort.model.type_of(name)
        codes = kind.codes if isinstance(kind, CodedType) else ()
        results |= {f"{name}={code}": columns.member(name, frozenset({code})) for code in codes}
        if not codes:
            results[f"{name}+"], results[f"{name}-"] = columns.named(name)
    program = columns.program(results)
    for facts in cohort.patients:
        evaluator, made = Evaluator(cohort.model, facts), run(program, facts)
        for number, condition in enumerate(cohort.conditions):
            assert Truth.of(made[f"{number}+"], made[f"{number}-"]) is evaluator.truth(condition)
        for name in cohort.model.definitions:
            value = evaluator.value_of(name)
            if isinstance(value, Truth):
                assert Truth.of(made[f"{name}+"], made[f"{name}-"]) is value
            else:
                assert not isinstance(value, Spans)
                assert {code for code in value.members | {"u", "v", "w"} if made.get(f"{name}={code}")} == value.members
