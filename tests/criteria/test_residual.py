"""What is missing: exactly the facts that can still change a result. Small tables, then every completion tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nelm.criteria import (
    Evaluator,
    Expression,
    Model,
    Table,
    Truth,
    Value,
    admits,
    exact_truth,
    parse,
    residual,
    residual_of_table,
    settle_table,
    settled_result,
    to_text,
    union,
)
from nelm.criteria.residual import atoms_of, cells
from tests.criteria.brute_force import facts_that_matter, possible, results, size, truth
from tests.criteria.example import FALSE, MODEL, TRUE, TYPES, UNDETERMINED, codes, days, numbers, table, whole
from tests.criteria.generated import World, conditions, tables, worlds

# ------------------------------------------------------------------------------------------------ conditions


@pytest.mark.parametrize(
    ("condition", "facts", "result", "missing"),
    [
        ("true", {}, TRUE, ""),
        ("warm", {}, UNDETERMINED, "warm"),
        ("warm", {"warm": FALSE}, FALSE, ""),
        ("warm and wet", {}, UNDETERMINED, "warm wet"),
        ("warm and wet", {"warm": FALSE}, FALSE, ""),
        ("warm and wet", {"warm": TRUE}, UNDETERMINED, "wet"),
        ("warm or wet and lit", {"wet": FALSE}, UNDETERMINED, "warm"),
        ("warm xor wet", {"warm": TRUE}, UNDETERMINED, "wet"),
        ("warm implies wet", {"wet": FALSE}, UNDETERMINED, "warm"),
        ("warm = wet", {}, UNDETERMINED, "warm wet"),
        ("warm != (wet or true)", {}, UNDETERMINED, "warm"),
        # repeated facts are seen to be the same
        ("warm or not warm", {}, TRUE, ""),
        ("warm xor warm", {}, FALSE, ""),
        ("warm = warm", {}, TRUE, ""),
        ("warm and wet or warm and not wet", {}, UNDETERMINED, "warm"),
        ("(warm or wet) and (not warm or wet)", {}, UNDETERMINED, "wet"),
        ("height > 5 or height <= 5", {}, TRUE, ""),
        ("height > 5 and height < 3", {}, FALSE, ""),
        ("height > 5 and 5 >= height", {}, FALSE, ""),
        ("height > 5 or height < 8 and warm", {"height": numbers("[5, 8)")}, UNDETERMINED, "height warm"),
        ("height > 5 or height < 8 and warm", {"height": numbers("[0, 5]")}, UNDETERMINED, "warm"),
        ("height > 5 and height > 1 'm'", {"height": numbers("(5, 100]")}, FALSE, ""),
        ("height > 5 and height > 1 'm'", {"height": numbers("[0, 101]")}, UNDETERMINED, "height"),
        ("height between 1 and 5 or height between 4 and 9 or height < 1 or height > 9", {}, TRUE, ""),
        ("height = 4 or height = 6", {"height": numbers("4 or 6")}, TRUE, ""),
        ("height between 20 and 3", {}, FALSE, ""),
        ("rooms > 2.5 or rooms < 2.5", {}, TRUE, ""),  # no count lies on the cut
        ("rooms > 2.5 and rooms < 3.5", {}, UNDETERMINED, "rooms"),  # and one lies between these two
        ("rooms > 2.5 and rooms < 3.5 and rooms != 3", {}, FALSE, ""),
        ("rooms > 2 and rooms < 3", {}, FALSE, ""),
        ("colour = 'red' or colour = 'green' or colour = 'blue'", {}, TRUE, ""),
        ("colour = 'red' and 'green' = colour", {}, FALSE, ""),
        ("colour in { 'red', 'green' } and colour in { 'green', 'blue' }", {}, UNDETERMINED, "colour"),
        ("colour in { 'red', 'green' } or colour = 'blue' and warm", {"colour": codes("red green")}, TRUE, ""),
        ("built > @2024-03-12 or built <= @2024-03-12", {}, TRUE, ""),
        ("built > @2024-03-12 and warm", {"built": days("2024-03-01..2024-03-31")}, UNDETERMINED, "built warm"),
        # two coded facts: the codes that both may have
        ("colour = roof", {}, UNDETERMINED, "colour roof"),
        ("colour = colour", {}, TRUE, ""),
        ("colour != colour", {}, FALSE, ""),
        ("colour = roof", {"colour": codes("red")}, FALSE, ""),
        ("colour = roof", {"colour": codes("red green"), "roof": codes("green")}, UNDETERMINED, "colour"),
        ("colour = roof and colour = 'red'", {}, FALSE, ""),
        # two ways to write one thing: whether it is warm does not matter
        ("warm and (wet xor lit) or not warm and (wet and not lit or not wet and lit)", {}, UNDETERMINED, "wet lit"),
        ("(warm or height > 5) and (warm or height <= 5)", {}, UNDETERMINED, "warm"),
    ],
)
def test_what_a_condition_waits_for(condition: str, facts: Mapping[str, Value], result: Truth, missing: str) -> None:
    assert exact_truth(parse(condition), MODEL, facts) is result
    assert residual(parse(condition), MODEL, facts) == set(missing.split())


@pytest.mark.parametrize(
    ("condition", "facts", "result", "missing"),
    [
        ("tall or height < 200", {}, TRUE, ""),
        ("tall and warm", {"height": numbers("[100, 300]")}, UNDETERMINED, "height warm"),
        ("inviting", {"lit": FALSE}, UNDETERMINED, "warm wet"),
        ("inviting and not warm", {"wet": TRUE}, UNDETERMINED, "lit warm"),
        ("tall", {"tall": UNDETERMINED, "height": numbers("300")}, UNDETERMINED, "tall"),  # what was entered goes before
        ("size = 'small'", {}, UNDETERMINED, "height"),  # the width cannot make it small
        ("size in { 'small', 'middle' }", {}, UNDETERMINED, "height width"),
        ("size = 'small' and height >= 100", {}, FALSE, ""),
        ("size = 'small' or size = 'middle' or size = 'large'", {}, TRUE, ""),
        ("size = 'large'", {"width": numbers("[1, 200]")}, FALSE, ""),
        ("size = 'small'", {"size": codes("small large")}, UNDETERMINED, "size"),
        ("'small' != size", {"height": numbers("300")}, TRUE, ""),
        ("size = price", {"wet": FALSE}, UNDETERMINED, "height width"),
        # a row with several codes: which of them it means is no fact that anybody could tell
        ("price = 'small'", {"height": numbers("10"), "wet": TRUE}, UNDETERMINED, ""),
        ("price = 'small'", {"height": numbers("10")}, UNDETERMINED, "wet"),
        ("price in { 'small', 'middle' }", {"height": numbers("10")}, TRUE, ""),
        ("price = 'small' or price = 'middle'", {"height": numbers("10"), "wet": TRUE}, TRUE, ""),  # one of the two, whichever
        ("price = 'small' and price = 'middle'", {"height": numbers("10"), "wet": TRUE}, FALSE, ""),
        ("price = price", {"height": numbers("10"), "wet": TRUE}, TRUE, ""),
        ("price = 'small' and warm", {"height": numbers("10"), "wet": TRUE}, UNDETERMINED, "warm"),
    ],
)
def test_what_a_definition_waits_for(condition: str, facts: Mapping[str, Value], result: Truth, missing: str) -> None:
    assert exact_truth(parse(condition), MODEL, facts) is result
    assert residual(parse(condition), MODEL, facts) == set(missing.split())


@pytest.mark.parametrize(
    ("condition", "facts", "result", "missing"),
    [
        ("tall", {}, UNDETERMINED, "height tall"),
        ("tall", {"height": numbers("200")}, TRUE, ""),
        ("tall", {"tall": FALSE}, FALSE, ""),
        ("size = 'small'", {}, UNDETERMINED, "height size"),
        ("size = 'small'", {"height": numbers("[100, 300]")}, FALSE, ""),
        ("size = 'middle'", {"height": numbers("[201, 300]")}, UNDETERMINED, "size width"),
        ("size = 'small' or size in { 'middle', 'large' }", {}, TRUE, ""),
    ],
)
def test_a_definition_that_can_be_entered_may_also_be_asked_for(
    condition: str, facts: Mapping[str, Value], result: Truth, missing: str
) -> None:
    model = replace(MODEL, enterable=frozenset({"tall", "size"}))
    assert exact_truth(parse(condition), model, facts) is result
    assert residual(parse(condition), model, facts) == set(missing.split())


@pytest.mark.parametrize(
    ("condition", "facts", "missing"),
    [
        ("height > width", {}, "height width"),
        ("height > width", {"height": numbers("5")}, "width"),  # what is known exactly is not missing
        ("height > width", {"height": numbers("5"), "width": numbers("[1, 5)")}, ""),
        ("height between 5 and width", {}, "height width"),
        ("built < sold", {"sold": days("2024-03-12")}, "built"),
        ("height + width > 5 and warm", {"width": numbers("1")}, "height warm"),
        ("height + width > 5 and height + width > 5", {}, "height width"),  # the same question
        ("height + width > 5 or not height + width > 5", {}, ""),
        ("height * 2 > 5", {}, "height"),
        ("rooms + rooms = 4 and warm", {"warm": FALSE}, ""),
    ],
)
def test_facts_compared_with_one_another_are_a_question_of_their_own(condition: str, facts: Mapping[str, Value], missing: str) -> None:
    assert residual(parse(condition), MODEL, facts) == set(missing.split())


# ------------------------------------------------------------------------------------------------ tables

VERDICT = table(("wet", "small"), ("height < 100 and lit", "middle"), ("warm", "small"), otherwise="small")


@pytest.mark.parametrize(
    ("facts", "result", "missing"),
    [
        ({}, None, "wet height lit"),  # warm or not, it is small
        ({"wet": TRUE}, "small", ""),
        ({"height": numbers("100")}, "small", ""),
        ({"wet": FALSE, "lit": TRUE}, None, "height"),
        ({"wet": FALSE, "lit": TRUE, "height": numbers("[0, 100)")}, "middle", ""),
    ],
)
def test_what_a_table_waits_for(facts: Mapping[str, Value], result: str | None, missing: str) -> None:
    expected = None if result is None else frozenset({result})
    assert settle_table(VERDICT, MODEL, facts) == (expected, set(missing.split()))
    assert residual_of_table(VERDICT, MODEL, facts) == set(missing.split())


def test_rows_after_one_that_holds_are_not_read() -> None:
    decisions = table(("warm", "small"), ("true", "middle"), ("wet", "large"), otherwise="large")
    assert settle_table(decisions, MODEL, {}) == (None, {"warm"})
    assert settle_table(decisions, MODEL, {"warm": FALSE}) == ({"middle"}, frozenset())


def test_a_result_of_several_codes_is_a_result() -> None:
    decisions = table(("warm", "small/middle"), ("wet", "small"), otherwise="middle/small")
    assert settle_table(decisions, MODEL, {"warm": TRUE}) == ({"small", "middle"}, frozenset())
    assert settle_table(decisions, MODEL, {"wet": FALSE}) == ({"small", "middle"}, frozenset())
    assert settle_table(decisions, MODEL, {}) == (None, {"warm", "wet"})


def test_a_row_that_can_never_hold_is_passed_over() -> None:
    decisions = table(("height > 5 and height < 3", "large"), otherwise="small")
    assert settle_table(decisions, MODEL, {}) == ({"small"}, frozenset())


def test_a_large_table_is_settled_soon() -> None:
    """60 rows over 60 facts: the diagram stays small where a tree of all answers would not."""
    names = [f"fact_{number}" for number in range(60)]
    model = Model(dict.fromkeys(names, TYPES["warm"]))
    decisions = Table(("u", "v"), tuple(table((name, "u"), otherwise="v").rows[0] for name in names), frozenset({"v"}))
    assert settle_table(decisions, model, {}) == (None, set(names))


# ------------------------------------------------------------------------------------------------ the parts of a domain


@pytest.mark.parametrize(
    ("value", "conditions_on_it", "parts"),
    [
        (UNDETERMINED, "warm", [TRUE, FALSE]),
        (FALSE, "warm", [FALSE]),
        (codes("red blue"), "colour = 'red'", [codes("blue"), codes("red")]),
        (numbers("[0, 300]"), "height > 5", [numbers("[0, 5)"), numbers("5"), numbers("(5, 300]")]),
        (numbers("[0, 300]"), "5 < height and height > 0.05 'm'", [numbers("[0, 5)"), numbers("5"), numbers("(5, 300]")]),
        (numbers("(5, 8]"), "height between 5 and 8", [numbers("(5, 8)"), numbers("8")]),
        (numbers("4 or 6"), "height > 5", [numbers("4"), numbers("6")]),
        (numbers("[0, 300]"), "height > width + 5", [numbers("[0, 300]")]),  # no constant to cut at
        (numbers("[0, 300]"), "true", [numbers("[0, 300]")]),
        (whole("[0, 9]"), "rooms > 2", [whole("[0, 1]"), whole("2"), whole("[3, 9]")]),
        (whole("[0, 9]"), "rooms > 2.5 and rooms < 3.5", [whole("[0, 2]"), whole("3"), whole("[4, 9]")]),
        (whole("[0, 9]"), "rooms > 2 and rooms < 3", [whole("[0, 1]"), whole("2"), whole("3"), whole("[4, 9]")]),
        (days("2024-03-01..2024-03-03"), "built > @2024-03-02", [days("2024-03-01"), days("2024-03-02"), days("2024-03-03")]),
    ],
)
def test_a_domain_is_cut_at_every_constant(value: Value, conditions_on_it: str, parts: list[Value]) -> None:
    assert cells(value, atoms_of(parse(conditions_on_it)), MODEL) == parts


@pytest.mark.parametrize(
    ("condition", "atoms"),
    [
        ("true", []),
        ("warm", ["warm"]),
        ("not (warm and height > 5) or colour in { 'red' }", ["warm", "height > 5", "colour in { 'red' }"]),
        ("warm = wet implies height between 1 and 5", ["warm = wet", "height between 1 and 5"]),
    ],
)
def test_the_questions_that_a_condition_joins(condition: str, atoms: list[str]) -> None:
    assert [to_text(atom) for atom in atoms_of(parse(condition))] == atoms


# ------------------------------------------------------------------------------------------------ generated

MAXIMUM_COMPLETIONS = 1500
slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large])


@st.composite
def asked(draw: st.DrawFn, *, questions: bool = False, enterable: bool = False) -> tuple[World, Expression]:
    world = draw(worlds(questions=questions, enterable=enterable))
    names = [*world.model.types, *world.model.definitions]
    condition = draw(conditions(world.model, names, questions=questions))
    assume(size(world) <= MAXIMUM_COMPLETIONS)
    return world, condition


@slow
@given(asked(enterable=True))
def test_exactly_the_facts_in_which_completions_differ(case: tuple[World, Expression]) -> None:
    world, condition = case
    found = results(world, condition)
    assert exact_truth(condition, world.model, world.facts) is truth(found.values())
    assert residual(condition, world.model, world.facts) == facts_that_matter(world, found)


@slow
@given(st.data(), asked(enterable=True))
def test_a_table_is_settled_where_all_completions_agree(data: st.DataObject, case: tuple[World, Expression]) -> None:
    world, condition = case
    inner = conditions(world.model, [*world.model.types, *world.model.definitions], depth=1)
    decisions = data.draw(tables(st.lists(inner, max_size=3).map(lambda more: [*more[:1], condition, *more[1:]])))
    found = results(world, decisions)
    settled, missing = settle_table(decisions, world.model, world.facts)
    different = set(found.values())
    assert settled == (next(iter(different)) if len(different) == 1 else None)
    assert settled_result(decisions, Evaluator(world.model, world.facts)) == settled
    assert missing == facts_that_matter(world, found) == residual_of_table(decisions, world.model, world.facts)


@slow
@given(asked(questions=True))
def test_with_facts_compared_with_one_another_none_is_missed(case: tuple[World, Expression]) -> None:
    world, condition = case
    found = results(world, condition)
    assert admits(exact_truth(condition, world.model, world.facts), truth(found.values()))
    assert residual(condition, world.model, world.facts) >= facts_that_matter(world, found)


@slow
@given(asked(questions=True))
def test_exact_truth_says_all_that_the_evaluator_says(case: tuple[World, Expression]) -> None:
    world, condition = case
    assert admits(Evaluator(world.model, world.facts).truth(condition), exact_truth(condition, world.model, world.facts))


@slow
@given(st.data(), worlds())
def test_with_everything_known_a_table_says_what_the_evaluator_says(data: st.DataObject, world: World) -> None:
    """But for definitions that leave codes open: of those it may know that the result is the same whichever is meant."""
    inner = conditions(world.model, [*world.model.types, *world.model.definitions], depth=1)
    decisions = data.draw(tables(st.lists(inner, max_size=3)))
    facts = {name: data.draw(st.sampled_from(possible(value))) for name, value in _values(world).items()}
    evaluator = Evaluator(world.model, facts)
    settled, missing = settle_table(decisions, world.model, facts)
    assert missing == frozenset()
    if all(_is_single(evaluator.value_of(name)) for name in world.model.definitions):
        assert settled == evaluator.outcomes(decisions)
    else:
        assert settled is None or settled <= evaluator.outcomes(decisions)


def _values(world: World) -> dict[str, Value]:
    evaluator = Evaluator(world.model, world.facts)
    return {name: evaluator.value_of(name) for name in world.model.types}


def _is_single(value: Value) -> bool:
    return len(possible(value)) == 1


@given(worlds(), st.data())
def test_the_parts_of_a_domain_are_all_of_it_and_no_condition_divides_them(world: World, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(world.model.types)))
    condition = data.draw(conditions(world.model, [name]))
    value = Evaluator(world.model, world.facts).value_of(name)
    parts = cells(value, atoms_of(condition), world.model)
    together = parts[0]
    for part in parts:
        together = union(together, part)
        assert all(Evaluator(world.model, {name: part}).truth(atom).is_determined for atom in atoms_of(condition))
    assert together == value
