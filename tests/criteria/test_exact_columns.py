"""Decision tables compiled exactly: the result that is left is found where Kleene's logic misses it."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nelm.criteria import BooleanType, CodedType, Codes, Evaluator, Model, NumberType, Row, Span, Table, parse
from nelm.criteria.columns import Columns
from nelm.criteria.exact_columns import exact_results
from nelm.criteria.residual import settle_table
from tests.criteria.generated import RESULTS, TYPES, conditions, known, tables
from tests.criteria.run_program import run

slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large])
MODEL = Model(
    {"g": CodedType(("p", "q", "r")), "h": CodedType(("p", "q", "r")), "x": NumberType(range=Span(0, 9)), "a": BooleanType()},
    {"k": parse("a and x > 3"), "a2": parse("a")},
)


def table(*rows: tuple[str, str], otherwise: str) -> Table:
    return Table(("u", "v", "w"), tuple(Row(parse(when), frozenset({then})) for when, then in rows), frozenset({otherwise}))


def test_the_same_result_from_several_rows_is_settled() -> None:
    columns = Columns(MODEL)
    possible = exact_results(table(("g = 'p'", "u"), ("g = 'q'", "u"), otherwise="v"), columns)
    assert possible is not None
    program = columns.program(possible)
    assert run(program, {"g": Codes.of("p", "q")}) == {"u": True, "v": False, "w": False}
    assert run(program, {}) == {"u": True, "v": True, "w": False}


def test_where_exactness_is_not_to_be_had_there_is_none() -> None:
    many = Model({f"g{number}": CodedType(("p", "q")) for number in range(13)}, {})
    all_of_them = parse(" or ".join(f"g{number} = 'p'" for number in range(13)))
    assert exact_results(Table(("u", "v"), (Row(all_of_them, frozenset({"u"})),), frozenset({"v"})), Columns(many)) is None
    for when in ("k", "g = h", "x + 1 > 3", "a2"):
        assert exact_results(table((when, "u"), otherwise="v"), Columns(MODEL)) is None


@slow
@given(st.data())
def test_as_the_diagram_of_one_patient_says(data: st.DataObject) -> None:
    """A result is the only one that is left in the columns where the decision diagram says so."""
    names = data.draw(st.lists(st.sampled_from([name for name in sorted(TYPES) if name not in "de"]), min_size=1, max_size=3, unique=True))
    model = Model({name: TYPES[name] for name in names}, {})
    drawn = data.draw(tables(st.lists(conditions(model, names, depth=1), min_size=1, max_size=3)))
    columns = Columns(model)
    possible = exact_results(drawn, columns)
    assume(possible is not None)
    program = columns.program(possible or {})
    for _ in range(4):
        facts = data.draw(known(names))
        answers = run(program, facts)
        left = {code for code in RESULTS if answers[code]}
        assert left <= Evaluator(model, facts).outcomes(drawn)
        settled = settle_table(drawn, model, facts)[0]
        assert (settled == frozenset(left)) if settled is not None else len(left) > 1
