"""What open conditions wait for: never a fact too few, and exactly the right ones where each occurs once."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nelm.criteria import (
    BooleanType,
    CodedType,
    Codes,
    Evaluator,
    Expression,
    Model,
    NumberType,
    Row,
    Span,
    Spans,
    Table,
    Truth,
    Value,
    parse,
    residual,
)
from nelm.criteria.columns import Columns
from nelm.criteria.waiting_columns import waits_for
from tests.cohort.generated import Cohort, cohorts
from tests.criteria.generated import TYPES, known, read_once
from tests.criteria.run_program import run

slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large])
G, A, X = CodedType(("p", "q", "r")), BooleanType(), NumberType(range=Span(0, 9))
MODEL = Model(
    {"a": A, "b": A, "g": G, "h": G, "x": X, "y": X, "t": CodedType(("u", "v")), "k": A},
    {
        "k": parse("a and b"),
        "m": parse("a or b"),
        "t": Table(("u", "v"), (Row(parse("a"), frozenset({"u"})), Row(parse("b"), frozenset({"u"}))), frozenset({"v"})),
    },
    frozenset({"t"}),
)


def waiting(condition: Expression, model: Model, facts: dict[str, Value]) -> set[str]:
    columns = Columns(model)
    program = columns.program(waits_for(condition, columns.constant(True), columns))
    return {fact for fact, waits in run(program, facts).items() if waits}


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("a and b", {}, {"a", "b"}),
        ("a and b", {"a": Truth.FALSE}, set()),
        ("a and b", {"a": Truth.TRUE}, {"b"}),
        ("a or not b", {"a": Truth.TRUE}, set()),
        ("a = b", {"a": Truth.TRUE}, {"b"}),
        ("(a or b) = true", {}, {"a", "b"}),
        ("g = 'p'", {}, {"g"}),
        ("g = 'p'", {"g": Codes.of("q", "r")}, set()),
        ("g = h", {"g": Codes.of("p")}, {"h"}),
        ("x < 2", {}, {"x"}),
        ("x < 2", {"x": Spans.point(1)}, set()),
        ("x < y", {}, {"x", "y"}),
        ("x < y", {"x": Spans.point(1)}, {"y"}),
        ("m and x > 3", {"a": Truth.TRUE}, {"x"}),
        ("k", {"k": Truth.TRUE}, set()),
        ("k", {"k": Truth.UNDETERMINED}, {"k"}),
        ("k", {}, {"a", "b"}),
        ("t = 'u'", {}, {"a", "b", "t"}),
        ("t = 'u'", {"a": Truth.TRUE}, set()),
        ("t = 'u'", {"a": Truth.FALSE}, {"b", "t"}),
    ],
)
def test_what_a_condition_waits_for(text: str, facts: dict[str, Value], expected: set[str]) -> None:
    assert waiting(parse(text), MODEL, facts) == expected


def test_nothing_where_nobody_asks() -> None:
    columns = Columns(MODEL)
    program = columns.program(waits_for(parse("a and b"), columns.constant(False), columns))
    assert run(program, {}) == {"a": False, "b": False}


@slow
@given(cohorts())
def test_never_a_fact_too_few(cohort: Cohort) -> None:
    for facts in cohort.patients:
        for condition in cohort.conditions:
            named = waiting(condition, cohort.model, facts)
            if Evaluator(cohort.model, facts).truth(condition) is Truth.UNDETERMINED:
                assert residual(condition, cohort.model, facts) <= named
            else:
                assert not named


@slow
@given(st.data())
def test_exactly_these_where_each_fact_occurs_once(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(TYPES)), min_size=2, max_size=4, unique=True))
    model = Model({name: TYPES[name] for name in names}, {})
    condition, facts = data.draw(read_once(names, model)), data.draw(known(names))
    if Evaluator(model, facts).truth(condition) is Truth.UNDETERMINED:
        assert waiting(condition, model, facts) == residual(condition, model, facts)
