"""Definitions: types, order, circles, and the recorded facts below a condition."""

from __future__ import annotations

import pickle

import pytest

from nelm.criteria import BooleanType, CodedType, CriteriaError, DateType, Definition, Model, ValueType, parse, to_text
from tests.criteria.example import MODEL, TYPES, table


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("warm", BooleanType()),
        ("built", DateType()),
        ("tall", BooleanType()),  # a definition that is a condition
        ("size", CodedType(("small", "middle", "large"))),  # a decision table
        ("cellar", None),
    ],
)
def test_the_type_behind_a_name(name: str, kind: ValueType | None) -> None:
    assert MODEL.type_of(name) == kind


def test_a_definition_goes_before_a_recorded_fact_of_the_same_name() -> None:
    assert Model({"size": BooleanType()}, {"size": MODEL.definitions["size"]}).type_of("size") == CodedType(("small", "middle", "large"))


@pytest.mark.parametrize(
    ("name", "conditions", "uses"),
    [
        ("warm", [], ()),
        ("tall", ["height >= 200"], ("height",)),
        ("pleasant", ["warm and not wet"], ("warm", "wet")),
        ("size", ["height < 100", "height > 200 and width > 200"], ("height", "width")),
        ("cellar", [], ()),
    ],
)
def test_what_a_definition_says_and_mentions(name: str, conditions: list[str], uses: tuple[str, ...]) -> None:
    assert [to_text(condition) for condition in MODEL.conditions_of(name)] == conditions
    assert MODEL.uses(name) == uses


@pytest.mark.parametrize(
    ("condition", "facts"),
    [
        ("true", set()),
        ("warm", {"warm"}),
        ("tall and warm", {"height", "warm"}),
        ("inviting", {"warm", "wet", "lit"}),
        ("price = 'large' or size = 'small'", {"height", "width", "wet"}),
        ("cellar", set()),
    ],
)
def test_the_recorded_facts_below_a_condition(condition: str, facts: set[str]) -> None:
    assert MODEL.recorded_facts(parse(condition)) == facts


def test_a_fact_that_is_recorded_and_derived_counts_with_what_it_rests_on() -> None:
    model = Model({**TYPES, "tall": BooleanType()}, {"tall": parse("height >= 200")})
    assert model.recorded_facts(parse("tall")) == {"tall", "height"}


def test_each_definition_comes_after_what_it_uses() -> None:
    shuffled = Model(TYPES, dict(reversed(MODEL.definitions.items())))
    assert shuffled.order() == ("size", "price", "pleasant", "inviting", "tall")
    assert Model(TYPES).order() == ()


@pytest.mark.parametrize(
    ("definitions", "circle"),
    [
        ({"a": parse("a")}, "a -> a"),
        ({"a": parse("warm or b"), "b": parse("not c"), "c": parse("a and wet")}, "a -> b -> c -> a"),
        ({"a": parse("b"), "b": parse("c"), "c": parse("b")}, "b -> c -> b"),
        ({"a": table(("b", "small"), otherwise="large"), "b": parse("a = 'small'")}, "a -> b -> a"),
    ],
)
def test_a_circle_of_definitions_is_named(definitions: dict[str, Definition], circle: str) -> None:
    with pytest.raises(CriteriaError) as caught:
        Model(TYPES, definitions).order()
    assert str(caught.value) == f"Definitions go round in a circle: {circle}."


@pytest.mark.parametrize(
    ("name", "under"),
    [
        ("warm", ()),
        ("tall", ("tall",)),
        ("pleasant", ("pleasant",)),
        ("size", ("size",)),
        ("cellar", ()),
    ],
)
def test_the_definitions_under_a_name(name: str, under: tuple[str, ...]) -> None:
    assert MODEL.definitions_under(name) == under


def test_a_definition_built_on_others_names_them_all_even_in_a_circle() -> None:
    model = Model({"x": BooleanType()}, {"a": parse("b and x"), "b": parse("not c"), "c": parse("a or x")})
    assert model.definitions_under("a") == ("a", "b", "c")
    assert model.recorded_facts(parse("b")) == {"x"}


def test_all_that_a_fact_may_be() -> None:
    assert MODEL.domain_of("warm") == BooleanType().domain
    assert MODEL.domain_of("size") == CodedType(("small", "middle", "large")).domain
    with pytest.raises(KeyError, match="cellar"):
        MODEL.domain_of("cellar")


def test_only_what_a_model_says_is_written() -> None:
    MODEL.recorded_facts(parse("size = 'small'"))
    written = pickle.loads(pickle.dumps(MODEL))
    assert written == MODEL
    assert set(vars(written)) == {"types", "definitions", "enterable"}
