"""Why: the condition as a tree, each part judged, with the facts that it rests on."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from nelm.criteria import Evaluator, Explained, Explaining, FactUsed, Value, explain, parse, to_text
from nelm.criteria.explain import recorded_names
from tests.criteria.example import FALSE, MODEL, TRUE, UNDETERMINED, codes, numbers


def explained(condition: str, facts: Mapping[str, Value]) -> Explained:
    return explain(parse(condition), Evaluator(MODEL, facts))


def drawn(tree: Explained, depth: int = 0) -> list[str]:
    """The tree as text: the part, its truth; below it its facts (`=`) and its own parts."""
    lines = [f"{'  ' * depth}{to_text(tree.expression)}: {tree.truth.value}"]
    for fact in tree.facts:
        lines += drawn_fact(fact, depth + 1)
    for part in tree.parts:
        lines += drawn(part, depth + 1)
    return lines


def drawn_fact(fact: FactUsed, depth: int) -> list[str]:
    lines = [f"{'  ' * depth}= {fact.name}{' (derived)' if fact.derived else ''}"]
    for row in fact.rows:
        lines += drawn(row, depth + 1)
    return lines


@pytest.mark.parametrize(
    ("condition", "facts", "tree"),
    [
        ("true", {}, ["true: true"]),
        ("warm", {}, ["warm: undetermined", "  = warm"]),
        (
            "warm and not wet",
            {"warm": TRUE, "wet": TRUE},
            ["warm and not wet: false", "  warm: true", "    = warm", "  not wet: false", "    wet: true", "      = wet"],
        ),
        (
            "warm or wet",
            {"wet": FALSE},
            ["warm or wet: undetermined", "  warm: undetermined", "    = warm", "  wet: false", "    = wet"],
        ),
        (
            "warm xor wet",
            {"warm": TRUE},
            ["warm xor wet: undetermined", "  warm: true", "    = warm", "  wet: undetermined", "    = wet"],
        ),
        (
            "warm implies wet",
            {"warm": FALSE},
            ["warm implies wet: true", "  warm: false", "    = warm", "  wet: undetermined", "    = wet"],
        ),
        (
            "height between 3 and width",
            {"height": numbers("2")},
            ["height between 3 and width: false", "  = height", "  = width"],
        ),
        ("height + height > 3", {"height": numbers("2")}, ["height + height > 3: true", "  = height"]),  # each fact once
        ("colour in { 'red' }", {"colour": codes("red blue")}, ["colour in { 'red' }: undetermined", "  = colour"]),
        # a definition that is a condition opens below its name
        ("tall", {"height": numbers("200")}, ["tall: true", "  height >= 200: true", "    = height"]),
        # unless it was entered
        ("tall", {"tall": TRUE}, ["tall: true", "  = tall"]),
        # in a comparison it is a derived fact
        (
            "tall = warm",
            {"height": numbers("200")},
            ["tall = warm: undetermined", "  = tall (derived)", "    height >= 200: true", "      = height", "  = warm"],
        ),
        # a fact derived by a table: the rows that are not ruled out, up to the first that holds
        (
            "size = 'small'",
            {"height": numbers("50")},
            ["size = 'small': true", "  = size (derived)", "    height < 100: true", "      = height"],
        ),
        (
            "size = 'small'",
            {"height": numbers("[50, 120]")},
            ["size = 'small': undetermined", "  = size (derived)", "    height < 100: undetermined", "      = height"],
        ),
        (
            "size = 'small'",
            {"height": numbers("250"), "width": numbers("[100, 250]")},
            [
                "size = 'small': false",
                "  = size (derived)",
                "    height > 200 and width > 200: undetermined",
                "      height > 200: true",
                "        = height",
                "      width > 200: undetermined",
                "        = width",
            ],
        ),
        ("size = 'small'", {"size": codes("large")}, ["size = 'small': false", "  = size"]),
    ],
)
def test_the_tree_behind_a_result(condition: str, facts: Mapping[str, Value], tree: list[str]) -> None:
    assert drawn(explained(condition, facts)) == tree


def test_a_fact_carries_what_it_may_still_be() -> None:
    tree = explained("size = 'small'", {"height": numbers("[50, 120]"), "width": numbers("5")})
    (size,) = tree.facts
    (height,) = size.rows[0].facts
    assert (size.name, size.value, size.derived) == ("size", codes("small middle"), True)
    assert (height.name, height.value, height.derived, height.rows) == ("height", numbers("[50, 120]"), False, ())


def test_the_name_of_a_part() -> None:
    tree = explained("tall and not wet", {})
    assert (tree.name, [part.name for part in tree.parts]) == (None, ["tall", None])


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("true", ()),
        ("wet or warm or wet", ("wet", "warm")),
        ("inviting and height > 3", ("warm", "wet", "lit", "height")),
        ("price = 'small'", ("height", "width", "wet")),
    ],
)
def test_the_recorded_facts_in_reading_order(condition: str, names: tuple[str, ...]) -> None:
    assert recorded_names(explained(condition, {})) == names


def test_a_tree_says_what_the_evaluator_says() -> None:
    tree = explained("inviting implies tall", {"lit": TRUE})
    assert tree.truth is UNDETERMINED
    assert [part.truth for part in tree.parts] == [TRUE, UNDETERMINED]


def test_what_two_conditions_rest_on_is_explained_once() -> None:
    explaining = Explaining(Evaluator(MODEL, {"height": numbers("250")}))
    first, second = explaining.tree(parse("tall and warm")), explaining.tree(parse("tall or wet"))
    assert first.parts[0].parts[0] is second.parts[0].parts[0]
    assert first == explain(parse("tall and warm"), Evaluator(MODEL, {"height": numbers("250")}))
