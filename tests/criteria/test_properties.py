"""What holds for every condition, every definition and every state of knowledge: generated."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nelm.criteria import (
    Evaluator,
    Expression,
    Model,
    Table,
    Truth,
    admits,
    check,
    explain,
    lint,
    parse,
    residual,
    to_text,
    weaker_than_it_looks,
)
from nelm.criteria.explain import recorded_names
from nelm.criteria.syntax import Arithmetic, Between, CodeLiteral, Comparison, Member, Name, Not, Or
from tests.criteria.brute_force import completions, possible, results, size, truth
from tests.criteria.generated import COMPARATORS, TYPES, World, conditions, joined, known, number, read_once, smaller, tables, worlds

MAXIMUM_COMPLETIONS = 1500
slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large])


@st.composite
def asked(draw: st.DrawFn, *, questions: bool = True, facts: int = 3) -> tuple[World, Expression]:
    world = draw(worlds(questions=questions, facts=facts))
    return world, draw(conditions(world.model, [*world.model.types, *world.model.definitions], questions=questions))


# ------------------------------------------------------------------------------------------------ the evaluator


@slow
@given(asked())
def test_sound_the_result_admits_what_every_completion_says(case: tuple[World, Expression]) -> None:
    world, condition = case
    assume(size(world) <= MAXIMUM_COMPLETIONS)
    evaluator = Evaluator(world.model, world.facts)
    said = evaluator.truth(condition)
    derived = {name: evaluator.value_of(name) for name in world.model.definitions}
    for _, complete in completions(world):
        assert admits(said, complete.truth(condition))
        assert all(admits(value, complete.value_of(name)) for name, value in derived.items())


@slow
@given(st.data())
def test_exact_where_each_fact_occurs_once(data: st.DataObject) -> None:
    """Also through decision tables: the result is neither more nor less than what the completions say."""
    names = data.draw(st.lists(st.sampled_from(sorted(TYPES)), min_size=2, max_size=4, unique=True))
    types = {name: TYPES[name] for name in names}
    cut = data.draw(st.integers(0, len(names) - 1))
    rows = st.tuples(*(read_once([name], Model(types)) for name in names[:cut]))
    model = Model(types, {"k": data.draw(tables(rows))})
    condition = data.draw(read_once(["k", *names[cut:]], model))
    world = World(model, data.draw(known(names)))
    assume(size(world) <= MAXIMUM_COMPLETIONS)
    assert weaker_than_it_looks(condition, model) is None
    assert Evaluator(model, world.facts).truth(condition) is truth(results(world, condition).values())


@slow
@given(st.data(), asked(facts=4))
def test_monotone_learning_reverses_nothing(data: st.DataObject, case: tuple[World, Expression]) -> None:
    world, condition = case
    before = Evaluator(world.model, world.facts)
    learnt = {
        name: data.draw(smaller(before.value_of(name)), name) for name in world.model.types if name not in ("d", "e") or name in world.facts
    }
    after = Evaluator(world.model, learnt)
    for name in [*world.model.types, *world.model.definitions]:
        assert admits(before.value_of(name), after.value_of(name))
    assert admits(before.truth(condition), after.truth(condition))


@slow
@given(asked(facts=4))
def test_a_missing_fact_is_never_taken_as_false(case: tuple[World, Expression]) -> None:
    """What is said without a fact is said with every value of it: neither false nor any other value is assumed."""
    world, condition = case
    said = Evaluator(world.model, world.facts).truth(condition)
    for name in set(world.model.types) - set(world.facts):
        with_it = [Evaluator(world.model, {**world.facts, name: value}) for value in possible(world.model.types[name].domain)]
        assert all(admits(said, evaluator.truth(condition)) for evaluator in with_it)


@slow
@given(asked(facts=4))
def test_with_nothing_known_a_fact_that_matters_leaves_a_condition_open(case: tuple[World, Expression]) -> None:
    world, condition = case
    dates = {name: value for name, value in world.facts.items() if name in ("d", "e")}
    if residual(condition, world.model, dates):
        assert Evaluator(world.model, dates).truth(condition) is Truth.UNDETERMINED


# ------------------------------------------------------------------------------------------------ text and checks


@given(asked(facts=5))
def test_text_and_condition_are_two_forms_of_one_thing(case: tuple[World, Expression]) -> None:
    condition = case[1]
    assert parse(to_text(condition)) == condition


@st.composite
def careless(draw: st.DrawFn, depth: int = 2) -> Expression:
    """Anything that can be written, well typed or not."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        leaf = st.sampled_from([*sorted(TYPES), "k", "t"]).map(Name)
        code = st.sampled_from(["p", "q", "s", "u"]).map(CodeLiteral)
        return draw(st.one_of(leaf, leaf, code, number(TYPES["x"]), number(TYPES["n"]), number(TYPES["d"])))
    inner = careless(depth - 1)
    left, right = draw(inner), draw(inner)
    match draw(st.sampled_from(["compare", "compare", "calculate", "calculate", "between", "member", "not", "join"])):
        case "compare":
            return Comparison(draw(st.sampled_from(COMPARATORS)), left, right)  # type: ignore[arg-type]
        case "calculate":
            return Arithmetic(draw(st.sampled_from("+-*/")), left, right)  # type: ignore[arg-type]
        case "between":
            return Between(left, right, draw(inner))
        case "member":
            return Member(left, tuple(CodeLiteral(found) for found in sorted(draw(st.sets(st.sampled_from("pqsu"), min_size=1)))))
        case "not":
            return Not(left)
        case _:
            return joined([left, right], draw)


CARELESS = Model(TYPES, {"k": Or((Name("a"), Name("b"))), "t": Table(("u", "v"), (), frozenset({"u", "v"}))})


@given(careless(), known(sorted(TYPES)))
def test_what_the_check_accepts_can_be_evaluated(condition: Expression, facts: dict[str, object]) -> None:
    evaluator = Evaluator(CARELESS, facts)  # type: ignore[arg-type]
    assert parse(to_text(condition)) == condition
    if not check(condition, CARELESS, TYPES):
        tree = explain(condition, evaluator)
        assert tree.truth is evaluator.truth(condition)
        assert residual(condition, CARELESS, evaluator.facts) <= CARELESS.recorded_facts(condition)
        assert set(recorded_names(tree)) <= CARELESS.recorded_facts(condition)
        lint(condition, CARELESS)


@slow
@given(asked(facts=4))
def test_generated_conditions_pass_the_check(case: tuple[World, Expression]) -> None:
    world, condition = case
    assert check(condition, world.model) == []
    for name in world.model.definitions:
        assert all(check(part, world.model) == [] for part in world.model.conditions_of(name))


@slow
@given(asked(facts=4))
def test_definitions_can_be_put_in_order(case: tuple[World, Expression]) -> None:
    model = case[0].model
    order = model.order()
    assert set(order) == set(model.definitions)
    for number_of, name in enumerate(order):
        assert not set(model.uses(name)) & set(order[number_of:])
