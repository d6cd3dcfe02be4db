"""SQL says what the reference says: generated conditions on generated patients in DuckDB, and all statements of the content."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings

from nelm.advice.assess import assess_facts
from nelm.cohort.compiled import compile_cohort
from nelm.cohort.facts_table import Layout
from nelm.cohort.sql import DUCKDB, SPARK, FirstOf, NotInSql, select, stages
from nelm.cohort.status_words import status_words
from nelm.criteria import BooleanType, CodedType, Codes, DateType, Model, NumberType, Span, Spans, Truth, Value, parse
from nelm.criteria.columns import All, ByReference, Columns, MayHave, MayLie, Opposite, Program
from nelm.knowledge.base import Knowledge
from tests.cohort.engines import everybody, everything_about, in_duckdb, reference_says, worked_cases
from tests.cohort.generated import Cohort, cohorts

slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large])

MODEL = Model(
    {
        "healthy": BooleanType(),
        "colour": CodedType(("red", "green", "blue")),
        "size": NumberType("mm", Span(0, 10, low_open=True)),
        "length": NumberType("mm", Span(-5, 10)),
        "any_size": NumberType("mm"),
        "count": NumberType(integral=True),
        "first": DateType(),
        "second": DateType(),
    }
)


def asked(condition: str, facts: dict[str, Value], model: Model = MODEL) -> Truth:
    """What DuckDB says of one condition and one patient."""
    columns = Columns(model)
    pair = columns.condition(parse(condition))
    frame = Layout(model).frame([Layout(model).row(facts)])
    made = in_duckdb(columns.program({"+": pair.can_be_true, "-": pair.can_be_false}), frame)
    return Truth.of(made["+"][0], made["-"][0])


# ------------------------------------------------------------------------------------------------ as the reference says


@slow
@given(cohorts())
def test_conditions_and_definitions_as_the_reference_says(cohort: Cohort) -> None:
    columns = Columns(cohort.model)
    nodes = everything_about(cohort, columns)
    sayable = {name: node for name, node in nodes.items() if not _by_reference(columns.program({name: node}))}
    assume(sayable)
    made = in_duckdb(columns.program(sayable), cohort.frame)
    for facts, row in zip(cohort.patients, made.iter_rows(named=True), strict=True):
        assert row == {name: says for name, says in reference_says(cohort, facts).items() if name in sayable}


def _by_reference(program: Program) -> bool:
    return any(isinstance(leaf, ByReference) for leaf in program.leaves())


NUMBERS = [
    ("size < 0.1", {"size": Spans.point(0.1)}, Truth.FALSE),
    ("size < 0.1", {"size": Spans.point(0.1 - 2**-56)}, Truth.TRUE),
    ("any_size >= 123456789.12345679", {"any_size": Spans.point(123456789.12345679)}, Truth.TRUE),
    ("any_size > 0", {"any_size": Spans.point(5e-324)}, Truth.TRUE),
    ("any_size < 4", {"any_size": Spans((Span(-float("inf"), 4, high_open=True),))}, Truth.TRUE),
    ("any_size < 4", {"any_size": Spans((Span(-float("inf"), 4),))}, Truth.UNDETERMINED),
    ("any_size < 4", {}, Truth.UNDETERMINED),
    ("any_size between 3 and 5", {"any_size": Spans((Span(0, 2), Span(6, 9)))}, Truth.FALSE),
    ("any_size between 3 and 5", {"any_size": Spans((Span(0, 3), Span(6, 9)))}, Truth.UNDETERMINED),
    ("any_size between 3 and 5", {"any_size": Spans((Span(0, 3, high_open=True), Span(5, 9, low_open=True)))}, Truth.FALSE),
    ("count = 2", {"count": Spans((Span(1, 1), Span(3, 3)), integral=True)}, Truth.FALSE),
    ("first < @0001-01-02", {"first": Spans.point(1, integral=True)}, Truth.TRUE),
    ("first > @9999-12-30", {"first": Spans.point(date.max.toordinal(), integral=True)}, Truth.TRUE),
    ("first < second", {"first": Spans.point(5, integral=True)}, Truth.UNDETERMINED),
    ("first < second", {"first": Spans.point(5, integral=True), "second": Spans.point(5, integral=True)}, Truth.FALSE),
    ("first <= second", {"first": Spans.point(5, integral=True), "second": Spans.point(5, integral=True)}, Truth.TRUE),
    ("length < any_size", {"any_size": Spans((Span(-float("inf"), -5),))}, Truth.FALSE),
    # a size is above 0 also where none is recorded
    ("size <= length", {"length": Spans.point(0)}, Truth.FALSE),
    ("size <= length", {"size": Spans((Span(0, 2, low_open=True),)), "length": Spans.point(0)}, Truth.FALSE),
    ("length <= size", {"length": Spans.point(10)}, Truth.UNDETERMINED),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "facts", "truth"), NUMBERS)
def test_ends_of_numbers(condition: str, facts: dict[str, Value], truth: Truth) -> None:
    assert asked(condition, facts) is truth


@pytest.mark.parametrize(("low_open", "high_open"), [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize("apart", [(Span(0, 3), Span(6, 9)), (Span(0, 2), Span(5, 9)), (Span(0, 3), Span(5, 9)), (Span(0, 1), Span(4, 9))])
def test_an_interval_between_two_ranges(low_open: bool, high_open: bool, apart: tuple[Span, Span]) -> None:
    within = Span(3, 5, low_open, high_open)
    frame = Layout(MODEL).frame([Layout(MODEL).row({"any_size": Spans(apart)})])
    made = in_duckdb(Program(MODEL, (MayLie("any_size", within),), {"may lie": 0}), frame)
    assert made["may lie"].to_list() == [any(span.meet(within) is not None for span in apart)]


def test_codes_that_need_more_than_a_byte() -> None:
    kind = CodedType(tuple(f"c{number}" for number in range(40)))
    model = Model({"many": kind})
    for code, truth in (("c39", Truth.TRUE), ("c38", Truth.FALSE)):
        assert asked(f"many = '{code}'", {"many": Codes.of("c39")}, model) is truth


# ------------------------------------------------------------------------------------------------ the statement


def test_a_condition_that_only_the_reference_can_judge_is_named() -> None:
    columns = Columns(MODEL)
    with pytest.raises(NotInSql, match="SQL cannot say '3 < size \\+ length'"):
        select(columns.program({"+": columns.condition(parse("healthy and size + length > 3")).can_be_true}), DUCKDB, "facts")


def test_what_the_reference_has_judged_can_be_handed_in() -> None:
    columns = Columns(MODEL)
    program = columns.program({"+": columns.condition(parse("size + length > 3")).can_be_true})
    (leaf,) = program.leaves()
    assert isinstance(leaf, ByReference)
    assert stages(program, SPARK, answered={leaf: "judged[0]"}) == [["judged[0] AS node_0"], ["node_0 AS `+`"]]


def test_what_is_shared_is_said_once_and_the_rest_in_place() -> None:
    columns = Columns(MODEL)
    healthy = columns.condition(parse("healthy and colour = 'red'"))
    other = columns.condition(parse("(healthy and colour = 'red') or count > 3"))
    program = columns.program({"it's": healthy.can_be_true, "other": other.can_be_true, "not": columns.opposite(healthy.can_be_true)})
    assert select(program, SPARK, "facts", keep=["patient"]) == (
        "WITH stage_0 AS (\nSELECT\n  `patient`,\n"
        "  coalesce(`healthy`, TRUE) AS node_0,\n"
        "  coalesce((`colour` & 1) <> 0, TRUE) AS node_1,\n"
        "  (coalesce(`count_high` >= CAST('4.0' AS DOUBLE), TRUE)) AS node_3\n"
        "FROM facts\n"
        "), stage_1 AS (\nSELECT\n  `patient`,\n  node_3,\n  (node_0 AND node_1) AS node_2\nFROM stage_0\n"
        ")\nSELECT\n  `patient`,\n  node_2 AS `it's`,\n  (node_2 OR node_3) AS `other`,\n  (NOT node_2) AS `not`\nFROM stage_1\n"
    )


def test_words_and_names_are_quoted() -> None:
    program = Program(MODEL, (MayHave("healthy", frozenset({"true"})),), {"+": 0})
    words = {'say "so"': FirstOf((("+", "it's"),), "no\\t"), "say `so`": FirstOf((("+", "yes"),), "no")}
    frame = Layout(MODEL).frame([Layout(MODEL).row({"healthy": truth}) for truth in (Truth.TRUE, Truth.FALSE)])
    assert in_duckdb(program, frame, words).to_dict(as_series=False) == {'say "so"': ["it's", "no\\t"], "say `so`": ["yes", "no"]}
    assert "THEN 'it\\'s' ELSE 'no\\\\t' END AS `say \"so\"`" in select(program, SPARK, "facts", words=words)
    assert "AS `say ``so```" in select(program, SPARK, "facts", words=words)


def test_no_expression_is_nested_without_end() -> None:
    leaf = MayHave("healthy", frozenset({"true"}))
    chain = [node for number in range(0, 2_000, 2) for node in (Opposite(number), All((0, number + 1)))]
    statement = select(Program(MODEL, (leaf, *chain), {"end": len(chain)}), DUCKDB, "facts")
    assert max(line.count("(") for line in statement.splitlines()) < 20


def test_a_program_of_constants() -> None:
    columns = Columns(MODEL)
    frame = Layout(MODEL).frame([{}, {}])
    made = in_duckdb(columns.program({"yes": columns.constant(True), "no": columns.constant(False)}), frame)
    assert made.to_dict(as_series=False) == {"yes": [True, True], "no": [False, False]}


# ------------------------------------------------------------------------------------------------ the content


def test_statuses_of_the_content_as_polars_says(knowledge: Knowledge, content: Path) -> None:
    compiled = compile_cohort(knowledge)
    engine = compiled.status_engine(compiled.statements)
    frame = everybody(knowledge, content)
    program, words = status_words(engine)
    assert in_duckdb(program, frame, words).equals(engine.run(frame).cast(pl.String))


def test_statuses_of_the_worked_cases_as_the_advice_says(knowledge: Knowledge, content: Path) -> None:
    compiled = compile_cohort(knowledge)
    cases = worked_cases(knowledge, content)
    layout = Layout(knowledge.model)
    program, words = status_words(compiled.status_engine(compiled.statements))
    made = in_duckdb(program, layout.frame([layout.row(facts.values) for facts in cases]), words)
    assert len(cases) == 44
    for facts, row in zip(cases, made.iter_rows(named=True), strict=True):
        advice = assess_facts(facts, knowledge, with_gaps=False)
        assert row == {finding.key: finding.status.value for finding in advice.statements}
