"""Polars says what the reference says, patient by patient: generated conditions on generated patients."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from nelm.cohort.facts_table import Layout
from nelm.cohort.polars_engine import PolarsEngine
from nelm.criteria import CodedType, Evaluator, Model, NumberType, Span, Spans, Truth, Value, parse
from nelm.criteria.columns import Columns
from tests.cohort.generated import Cohort, cohorts

slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large])


@slow
@given(cohorts())
def test_the_table_holds_what_is_known(cohort: Cohort) -> None:
    layout = Layout(cohort.model)
    for facts, row in zip(cohort.patients, cohort.frame.iter_rows(named=True), strict=True):
        kept = {name: value for name, value in facts.items() if value != Truth.UNDETERMINED or name in cohort.model.definitions}
        assert layout.values(row) == kept


@slow
@given(cohorts())
def test_conditions_and_definitions_as_the_reference_says(cohort: Cohort) -> None:
    columns = Columns(cohort.model)
    results: dict[str, int] = {}
    for number, condition in enumerate(cohort.conditions):
        results[f"{number}+"], results[f"{number}-"] = columns.condition(condition)
    for name in cohort.model.definitions:
        kind = cohort.model.type_of(name)
        if isinstance(kind, CodedType):
            results |= {f"{name}={code}": columns.member(name, frozenset({code})) for code in kind.codes}
        else:
            results[f"{name}+"], results[f"{name}-"] = columns.named(name)
    made = PolarsEngine(columns.program(results)).run(cohort.frame)
    for row, facts in enumerate(cohort.patients):
        evaluator = Evaluator(cohort.model, facts)
        for number, condition in enumerate(cohort.conditions):
            assert Truth.of(made[f"{number}+"][row], made[f"{number}-"][row]) is evaluator.truth(condition)
        for name in cohort.model.definitions:
            value = evaluator.value_of(name)
            if isinstance(value, Truth):
                assert Truth.of(made[f"{name}+"][row], made[f"{name}-"][row]) is value
            else:
                assert {code for code in cohort.model.type_of(name).codes if made[f"{name}={code}"][row]} == value.members


@pytest.mark.parametrize("text", ["x <= y", "x < y", "y >= x", "x > y", "x <= 1", "x >= 10", "x < 10", "x > 9"])
def test_the_open_end_of_a_permitted_range_counts_where_nothing_is_recorded(text: str) -> None:
    """Nobody is 0 years old who is older than 0."""
    model = Model({"x": NumberType(range=Span(0, 10, True, True)), "y": NumberType(range=Span(0, 10))}, {})
    columns, layout = Columns(model), Layout(model)
    both = columns.condition(parse(text))
    people: list[dict[str, Value]] = [
        {},
        {"y": Spans.point(0.0)},
        {"y": Spans.point(10.0)},
        {"x": Spans.point(9.5)},
        {"x": Spans((Span(0.0, 3.0, True),))},
    ]
    made = PolarsEngine(columns.program({"+": both.can_be_true, "-": both.can_be_false})).run(
        layout.frame([layout.row(facts) for facts in people])
    )
    for row, facts in enumerate(people):
        assert Truth.of(made["+"][row], made["-"][row]) is Evaluator(model, facts).truth(parse(text)), facts
