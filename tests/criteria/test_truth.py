"""Kleene's tables, held against their definition: what can be true and can be false over all completions."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import pytest

from nelm.criteria import Truth
from nelm.criteria.truth import AND, IMPLIES, NOT, OR, XOR

POSSIBLE = {Truth.TRUE: (True,), Truth.FALSE: (False,), Truth.UNDETERMINED: (True, False)}

BINARY: list[tuple[str, Mapping[tuple[Truth, Truth], Truth], Callable[[bool, bool], bool]]] = [
    ("and", AND, lambda a, b: a and b),
    ("or", OR, lambda a, b: a or b),
    ("xor", XOR, lambda a, b: a != b),
    ("implies", IMPLIES, lambda a, b: not a or b),
]


def truth_of(results: list[bool]) -> Truth:
    return Truth.of(True in results, False in results)


@pytest.mark.parametrize(("table", "meaning"), [row[1:] for row in BINARY], ids=[row[0] for row in BINARY])
@pytest.mark.parametrize("left", Truth)
@pytest.mark.parametrize("right", Truth)
def test_a_table_says_what_all_completions_say(
    table: Mapping[tuple[Truth, Truth], Truth], meaning: Callable[[bool, bool], bool], left: Truth, right: Truth
) -> None:
    results = [meaning(a, b) for a, b in itertools.product(POSSIBLE[left], POSSIBLE[right])]
    assert table[left, right] is truth_of(results)


@pytest.mark.parametrize("operand", Truth)
def test_not_says_what_all_completions_say(operand: Truth) -> None:
    assert NOT[operand] is truth_of([not value for value in POSSIBLE[operand]])


@pytest.mark.parametrize("table", [row[1] for row in BINARY], ids=[row[0] for row in BINARY])
def test_tables_are_complete(table: Mapping[tuple[Truth, Truth], Truth]) -> None:
    assert set(table) == set(itertools.product(Truth, Truth))


@pytest.mark.parametrize(
    ("value", "can_be_true", "can_be_false", "is_determined"),
    [(Truth.TRUE, True, False, True), (Truth.FALSE, False, True, True), (Truth.UNDETERMINED, True, True, False)],
)
def test_what_a_truth_value_allows(value: Truth, can_be_true: bool, can_be_false: bool, is_determined: bool) -> None:
    assert (value.can_be_true, value.can_be_false, value.is_determined) == (can_be_true, can_be_false, is_determined)
    assert Truth.of(can_be_true, can_be_false) is value


def test_nothing_is_neither_true_nor_false() -> None:
    with pytest.raises(ValueError, match="must be able to be true or to be false"):
        Truth.of(can_be_true=False, can_be_false=False)


def test_from_bool() -> None:
    assert Truth.from_bool(True) is Truth.TRUE
    assert Truth.from_bool(False) is Truth.FALSE
