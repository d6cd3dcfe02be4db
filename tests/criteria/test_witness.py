"""An example of facts that settles a condition as wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nelm.criteria import Evaluator, Expression, Truth, Value, admits, exact_truth, parse
from nelm.criteria.witness import witness
from tests.criteria.example import FALSE, MODEL, TRUE, UNDETERMINED, codes, numbers, whole
from tests.criteria.generated import World, conditions, worlds


@pytest.mark.parametrize(
    ("condition", "wanted", "given_facts", "found"),
    [
        ("true", TRUE, {}, {}),
        ("true", FALSE, {}, None),
        ("warm", TRUE, {}, {"warm": TRUE}),
        ("warm", FALSE, {}, {"warm": FALSE}),
        ("warm", TRUE, {"warm": FALSE}, None),
        ("warm or wet", TRUE, {}, {"warm": TRUE}),  # no more than needed
        ("warm or wet", FALSE, {}, {"warm": FALSE, "wet": FALSE}),
        ("warm or wet", TRUE, {"lit": TRUE}, {"warm": TRUE, "lit": TRUE}),  # what is given stays
        ("colour != 'red'", TRUE, {}, {"colour": codes("green")}),  # the first code by rank
        ("colour in { 'blue', 'green' }", TRUE, {"colour": codes("red blue")}, {"colour": codes("blue")}),
        ("height > 5", TRUE, {}, {"height": numbers("(5, 300]")}),
        ("height > 5", FALSE, {}, {"height": numbers("[0, 5)")}),
        ("rooms > 2 and rooms < 4", TRUE, {}, {"rooms": whole("3")}),
        ("height > 5 and height < 3", TRUE, {}, None),
        ("tall and size = 'large'", TRUE, {}, {"height": numbers("(200, 300]"), "width": numbers("(200, 300]")}),
        ("size = 'small' and height >= 100", TRUE, {}, None),
        # settled by repeated facts, but the evaluator wants to be told
        ("warm or not warm", TRUE, {}, {"warm": TRUE}),
        ("warm or not warm", FALSE, {}, None),
        # one of two codes, whichever it is
        ("price != 'large' or price = 'large'", TRUE, {"height": numbers("5"), "wet": TRUE}, {"height": numbers("5"), "wet": TRUE}),
        (
            "price = 'small' or price = 'middle' or price = price",
            TRUE,
            {"height": numbers("5"), "width": numbers("5"), "wet": TRUE},
            {"height": numbers("5"), "width": numbers("5"), "wet": TRUE},
        ),
        # which of several codes a row means cannot be picked, nor can single numbers
        ("price = 'small'", FALSE, {"height": numbers("5"), "wet": TRUE}, None),
        ("height < width", TRUE, {}, None),
        ("height < width and height > 5 and width < 3", TRUE, {}, None),
    ],
)
def test_a_witness(condition: str, wanted: Truth, given_facts: Mapping[str, Value], found: Mapping[str, Value] | None) -> None:
    assert witness(parse(condition), MODEL, wanted, given_facts) == found


def test_a_definition_that_can_be_entered_is_not_needed() -> None:
    model = replace(MODEL, enterable=frozenset({"tall"}))
    assert witness(parse("tall"), model, TRUE) == {"height": numbers("200")}
    assert witness(parse("tall"), model, FALSE, {"height": numbers("[150, 250]")}) == {"height": numbers("[150, 200)")}


@st.composite
def asked(draw: st.DrawFn) -> tuple[World, Expression, Truth]:
    world = draw(worlds())
    condition = draw(conditions(world.model, [*world.model.types, *world.model.definitions]))
    return world, condition, draw(st.sampled_from([TRUE, FALSE]))


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(asked())
def test_a_witness_is_one(case: tuple[World, Expression, Truth]) -> None:
    world, condition, wanted = case
    found = witness(condition, world.model, wanted, world.facts)
    if found is None:
        return
    assert exact_truth(condition, world.model, found) is wanted
    assert all(admits(value, found[name]) for name, value in world.facts.items()), "what is given stays, or is made more precise"
    assert Evaluator(world.model, found).truth(condition) in (wanted, UNDETERMINED)
