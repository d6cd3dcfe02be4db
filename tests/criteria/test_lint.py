"""Conditions that never change, and those that say less than they look. The messages themselves: `odd/`."""

from __future__ import annotations

import pytest

from nelm.criteria import Model, lint, parse, weaker_than_it_looks
from tests.criteria.example import MODEL, TYPES, table


@pytest.mark.parametrize(
    "condition",
    [
        "warm",
        "warm or wet and lit",
        "height > 5 and height < 8",
        "height > 5 or height < 8 and warm xor wet",
        "height > width or height <= width",  # two facts: one question each, so no claim
        "tall and size != 'small' or warm",
        "price = 'small' or price = 'large'",
        "not (warm implies wet)",
    ],
)
def test_nothing_odd(condition: str) -> None:
    assert lint(parse(condition), MODEL) == []


def test_a_condition_that_never_changes_is_said_once() -> None:
    assert len(lint(parse("(warm or not warm) and (wet or not wet) or lit"), MODEL)) == 1


def test_a_part_that_stands_three_times() -> None:
    assert [found.at.column for found in lint(parse("warm or wet or warm or warm"), MODEL)] == [16, 24]


@pytest.mark.parametrize(
    ("condition", "facts"),
    [
        ("warm and wet", None),
        ("height > 5 or height <= 5", ("height",)),
        ("warm or (wet and not warm) or wet", ("warm", "wet")),
        ("tall and height < 100", ("height",)),  # through a definition
        ("size = 'small'", ("height",)),  # inside a table
        ("pleasant", None),
        ("colour = roof", None),
        ("price = 'small' and lit", ("height",)),
        ("inviting and pleasant", ("warm", "wet")),
        ("true", None),
    ],
)
def test_facts_that_reach_a_condition_in_several_ways(condition: str, facts: tuple[str, ...] | None) -> None:
    found = weaker_than_it_looks(parse(condition), MODEL)
    assert (None if found is None else found.facts) == facts


def test_a_circle_of_definitions_is_walked_once() -> None:
    circular = Model(TYPES, {"a": parse("b or warm"), "b": table(("a or wet", "small"), otherwise="large")})
    assert weaker_than_it_looks(parse("a"), circular) is None
