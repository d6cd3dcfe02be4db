"""Possible values: what they allow together, either way, and how they compare."""

from __future__ import annotations

import itertools
import math
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nelm.criteria import Codes, Span, Spans, Truth, Value, admits, is_settled, meet, union
from nelm.criteria.values import EVERYTHING
from tests.criteria.example import FALSE, TRUE, UNDETERMINED, codes, numbers, span, whole

# ------------------------------------------------------------------------------------------------ codes


@pytest.mark.parametrize(
    ("first", "second", "equal"),
    [
        ("red", "red", TRUE),
        ("red", "green", FALSE),
        ("red green", "red", UNDETERMINED),
        ("red green", "red green", UNDETERMINED),
        ("red green", "blue", FALSE),
    ],
)
def test_codes_are_equal(first: str, second: str, equal: Truth) -> None:
    assert codes(first).equals(codes(second)) is equal
    assert codes(second).equals(codes(first)) is equal


@pytest.mark.parametrize(
    ("value", "among", "result"),
    [
        ("red", "red green", TRUE),
        ("red green", "red green", TRUE),
        ("red", "green", FALSE),
        ("red green", "green blue", UNDETERMINED),
    ],
)
def test_codes_are_among_others(value: str, among: str, result: Truth) -> None:
    assert codes(value).is_in(codes(among).members) is result


def test_a_coded_fact_has_a_code() -> None:
    with pytest.raises(ValueError, match="at least one possible code"):
        Codes.of()
    assert Codes.of("red").single == "red"
    assert Codes.of("red", "green").single is None


# ------------------------------------------------------------------------------------------------ intervals


@pytest.mark.parametrize(("low", "high"), [(2, 1), (math.inf, math.inf), (-math.inf, -math.inf)])
def test_an_interval_without_numbers_is_refused(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="is empty"):
        Span(low, high)


@pytest.mark.parametrize("text", ["(1, 1]", "[1, 1)", "(1, 1)"])
def test_a_point_has_no_open_end(text: str) -> None:
    with pytest.raises(ValueError, match="the interval from 1 to 1 is empty"):
        span(text)


@pytest.mark.parametrize(("low", "high"), [(math.nan, 1), (1, math.nan)])
def test_an_interval_has_numbers_at_its_ends(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="numbers at both ends"):
        Span(low, high)


def test_infinity_belongs_to_no_interval() -> None:
    assert span("[, ]") == span("(, )") == EVERYTHING
    assert span("[0, ]") == span("[0, )")
    assert (EVERYTHING.low_open, EVERYTHING.high_open) == (True, True)


def test_a_point_is_an_interval() -> None:
    assert span("[1, 1]").is_point
    assert not span("[1, 2]").is_point


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ("[1, 3]", "[2, 4]", "[2, 3]"),
        ("[1, 3)", "(2, 4]", "(2, 3)"),
        ("[1, 3)", "[1, 3]", "[1, 3)"),
        ("(1, 3]", "[1, 3]", "(1, 3]"),
        ("[1, 2]", "[2, 3]", "[2, 2]"),
        ("[1, 2)", "[2, 3]", None),
        ("[1, 2]", "(2, 3]", None),
        ("[1, 2]", "[3, 4]", None),
        ("(, )", "[3, 4)", "[3, 4)"),
        ("(, 3)", "[1, )", "[1, 3)"),
    ],
)
def test_intervals_meet(first: str, second: str, both: str | None) -> None:
    expected = None if both is None else span(both)
    assert span(first).meet(span(second)) == expected
    assert span(second).meet(span(first)) == expected


# ------------------------------------------------------------------------------------------------ numbers


@pytest.mark.parametrize(
    ("pieces", "result"),
    [
        ("[3, 4] or [1, 2]", ["[1, 2]", "[3, 4]"]),  # sorted
        ("[1, 3] or [2, 4]", ["[1, 4]"]),  # overlapping
        ("[1, 5] or [2, 3]", ["[1, 5]"]),  # one inside the other
        ("[1, 2] or [2, 3]", ["[1, 3]"]),  # touching
        ("[1, 2) or [2, 3]", ["[1, 3]"]),
        ("[1, 2] or (2, 3]", ["[1, 3]"]),
        ("[1, 2) or (2, 3]", ["[1, 2)", "(2, 3]"]),  # 2 was ruled out
        ("[1, 2) or (2, 3] or 2", ["[1, 3]"]),
        ("(1, 3] or 1", ["[1, 3]"]),
        ("(1, 2] or [1, 3)", ["[1, 3)"]),
        ("(1, 2) or (1, 3)", ["(1, 3)"]),
        ("[1, 3] or [1, 3)", ["[1, 3]"]),
        ("[1, 2] or [3, 4]", ["[1, 2]", "[3, 4]"]),  # 2.5 lies between
    ],
)
def test_quantities_are_kept_in_order_and_apart(pieces: str, result: list[str]) -> None:
    assert numbers(pieces).parts == tuple(span(part) for part in result)


@pytest.mark.parametrize(
    ("pieces", "result"),
    [
        ("[0.5, 3.5]", ["[1, 3]"]),
        ("(1, 4)", ["[2, 3]"]),
        ("(0.5, 3.5)", ["[1, 3]"]),
        ("[1, 2] or [3, 4]", ["[1, 4]"]),  # nothing lies between
        ("[1, 2] or [4, 5]", ["[1, 2]", "[4, 5]"]),
        ("(, 3)", ["(, 2]"]),
        ("(3, )", ["[4, )"]),
        ("(1, 2) or 7", ["[7, 7]"]),
        ("(-2, -0.5]", ["[-1, -1]"]),
    ],
)
def test_counts_are_whole_numbers(pieces: str, result: list[str]) -> None:
    assert whole(pieces).parts == tuple(span(part) for part in result)


@pytest.mark.parametrize("integral", [False, True])
def test_a_number_has_a_value(integral: bool) -> None:
    with pytest.raises(ValueError, match="at least one possible value"):
        Spans.of([], integral)


def test_no_whole_number_fits() -> None:
    with pytest.raises(ValueError, match="at least one possible value"):
        whole("(1, 2)")


def test_what_is_known_of_a_number() -> None:
    assert Spans.point(5).single == 5
    assert numbers("[1, 2]").single is None
    assert numbers("1 or 2").single is None
    apart = numbers("[1, 2] or [4, 5)")
    assert (apart.low, apart.high) == (span("[1, 2]"), span("[4, 5)"))


@pytest.mark.parametrize(
    ("first", "second", "less", "equal"),
    [
        ("1", "2", TRUE, FALSE),
        ("2", "2", FALSE, TRUE),
        ("3", "2", FALSE, FALSE),
        ("[1, 2]", "2", UNDETERMINED, UNDETERMINED),
        ("[1, 2)", "2", TRUE, FALSE),
        ("(2, 3]", "2", FALSE, FALSE),
        ("[2, 3]", "2", FALSE, UNDETERMINED),
        ("[1, 2]", "[2, 3]", UNDETERMINED, UNDETERMINED),
        ("[1, 2)", "[2, 3]", TRUE, FALSE),
        ("[1, 2]", "(2, 3]", TRUE, FALSE),
        ("[2, 3]", "[1, 2]", FALSE, UNDETERMINED),
        ("[1, 3]", "[1, 3]", UNDETERMINED, UNDETERMINED),
        ("(, 5)", "5", TRUE, FALSE),
        ("(, )", "5", UNDETERMINED, UNDETERMINED),
        ("(, )", "(, )", UNDETERMINED, UNDETERMINED),
        ("1 or 9", "5", UNDETERMINED, FALSE),  # between the pieces
        ("1 or 9", "[10, 12]", TRUE, FALSE),
    ],
)
def test_numbers_compare(first: str, second: str, less: Truth, equal: Truth) -> None:
    assert numbers(first).less_than(numbers(second)) is less
    assert numbers(first).equals(numbers(second)) is equal
    assert numbers(second).equals(numbers(first)) is equal


@pytest.mark.parametrize(
    ("count", "number", "less", "equal"),
    [
        ("[1, 3]", "2", UNDETERMINED, UNDETERMINED),
        ("[1, 3]", "2.5", UNDETERMINED, FALSE),  # no whole number equals 2.5
        ("[1, 3]", "(1, 2)", UNDETERMINED, FALSE),
        ("3", "(2, 3)", FALSE, FALSE),
        ("2", "2", FALSE, TRUE),
    ],
)
def test_a_count_compares_with_a_quantity(count: str, number: str, less: Truth, equal: Truth) -> None:
    assert whole(count).less_than(numbers(number)) is less
    assert whole(count).equals(numbers(number)) is equal
    assert numbers(number).equals(whole(count)) is equal


@pytest.mark.parametrize(
    ("value", "low", "high", "result"),
    [
        ("3", "3", "20", TRUE),  # both ends belong
        ("20", "3", "20", TRUE),
        ("2.9", "3", "20", FALSE),
        ("20.1", "3", "20", FALSE),
        ("[3, 20]", "3", "20", TRUE),
        ("[2, 20]", "3", "20", UNDETERMINED),
        ("(20, 30]", "3", "20", FALSE),
        ("[0, 2] or [21, 30]", "3", "20", FALSE),  # each half could hold, never both
        ("[0, 2] or 5 or [21, 30]", "3", "20", UNDETERMINED),
        ("[0, 30]", "20", "3", FALSE),  # the wrong way round
        ("5", "[4, 6]", "10", UNDETERMINED),
        ("5", "[6, 7]", "10", FALSE),
        ("5", "(5, 7]", "10", FALSE),
        ("5", "1", "[2, 5)", FALSE),
        ("5", "1", "[2, 5]", UNDETERMINED),
        ("5", "[1, 5]", "[5, 9]", TRUE),
        ("(, )", "(, )", "(, )", UNDETERMINED),
    ],
)
def test_a_number_lies_between(value: str, low: str, high: str, result: Truth) -> None:
    assert numbers(value).between(numbers(low), numbers(high)) is result


def test_a_count_lies_between_two_quantities() -> None:
    assert whole("[1, 4]").between(numbers("2.2"), numbers("2.8")) is FALSE
    assert whole("[1, 4]").between(numbers("2.2"), numbers("3.8")) is UNDETERMINED
    assert whole("3").between(numbers("2.2"), numbers("3.8")) is TRUE


# ------------------------------------------------------------------------------------------------ all kinds

ALGEBRA: list[tuple[Value, Value, Value | None, Value]] = [
    (TRUE, TRUE, TRUE, TRUE),
    (TRUE, FALSE, None, UNDETERMINED),
    (TRUE, UNDETERMINED, TRUE, UNDETERMINED),
    (UNDETERMINED, FALSE, FALSE, UNDETERMINED),
    (UNDETERMINED, UNDETERMINED, UNDETERMINED, UNDETERMINED),
    (codes("red green"), codes("green blue"), codes("green"), codes("red green blue")),
    (codes("red"), codes("green"), None, codes("red green")),
    (numbers("[1, 3]"), numbers("(2, 5)"), numbers("(2, 3]"), numbers("[1, 5)")),
    (numbers("[1, 2)"), numbers("[2, 3]"), None, numbers("[1, 3]")),
    (numbers("1 or 5"), numbers("[4, 9]"), numbers("5"), numbers("1 or [4, 9]")),
    (numbers("25"), numbers("35"), None, numbers("25 or 35")),
    (whole("[1, 3]"), whole("[4, 6]"), None, whole("[1, 6]")),
    (whole("[1, 4]"), whole("[3, 6]"), whole("[3, 4]"), whole("[1, 6]")),
    (whole("[1, 4]"), numbers("(1, 2)"), None, numbers("[1, 4]")),
    (whole("[1, 4]"), numbers("(1, 3)"), whole("2"), numbers("[1, 4]")),
]


@pytest.mark.parametrize(("first", "second", "both", "either"), ALGEBRA)
def test_meet_and_union(first: Value, second: Value, both: Value | None, either: Value) -> None:
    assert meet(first, second) == meet(second, first) == both
    assert union(first, second) == union(second, first) == either


MIXED: list[tuple[Value, Value]] = [(TRUE, codes("red")), (codes("red"), numbers("1")), (numbers("1"), TRUE)]


@pytest.mark.parametrize(("first", "second"), MIXED)
@pytest.mark.parametrize("together", [meet, union])
def test_values_of_different_kinds_have_nothing_in_common(together: Literal["meet", "union"], first: Value, second: Value) -> None:
    with pytest.raises(TypeError, match="are not of one kind"):
        together(first, second)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("wider", "narrower", "result"),
    [
        (UNDETERMINED, TRUE, True),
        (TRUE, TRUE, True),
        (TRUE, UNDETERMINED, False),
        (TRUE, FALSE, False),
        (codes("red green"), codes("red"), True),
        (codes("red"), codes("red green"), False),
        (codes("red"), codes("green"), False),
        (numbers("[1, 3]"), numbers("[1, 3)"), True),
        (numbers("[1, 3)"), numbers("[1, 3]"), False),
        (numbers("[1, 2] or [4, 5]"), numbers("1 or 5"), True),
        (numbers("[1, 2] or [4, 5]"), numbers("[1, 5]"), False),
        (numbers("(, )"), numbers("[0, )"), True),
        (whole("[1, 3]"), whole("[2, 3]"), True),
        (whole("[1, 3]"), whole("[0, 3]"), False),
    ],
)
def test_admits(wider: Value, narrower: Value, result: bool) -> None:
    assert admits(wider, narrower) is result


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (FALSE, True),
        (UNDETERMINED, False),
        (codes("red"), True),
        (codes("red green"), False),
        (numbers("0"), True),
        (numbers("(0, 1)"), False),
        (whole("(0, 2)"), True),
    ],
)
def test_is_settled(value: Value, result: bool) -> None:
    assert is_settled(value) is result


# ------------------------------------------------------------------------------------------------ generated

GRID = [half / 2 for half in range(-6, 7)]


@st.composite
def generated_spans(draw: st.DrawFn) -> Span:
    low, high = sorted((draw(st.integers(-3, 3)), draw(st.integers(-3, 3))))
    left, right = draw(st.booleans()), draw(st.booleans())
    if low == high:
        return Span(low, high)
    return Span(-math.inf if draw(st.integers(0, 9)) == 0 else low, math.inf if draw(st.integers(0, 9)) == 0 else high, left, right)


def generated_numbers(*, integral: bool = False) -> st.SearchStrategy[Spans]:
    def of(pieces: list[Span]) -> Spans | None:
        try:
            return Spans.of(pieces, integral)
        except ValueError:
            return None

    found = st.lists(generated_spans(), min_size=1, max_size=3).map(of)
    return found.filter(lambda value: value is not None).map(lambda value: value or Spans.point(0))


def holds_number(part: Span, number: float) -> bool:
    above = number > part.low or (number == part.low and not part.low_open)
    below = number < part.high or (number == part.high and not part.high_open)
    return above and below


def members(value: Spans | None) -> set[float]:
    """Of the numbers -3, -2.5, … 3 those that the value allows; with ends at whole numbers they stand for all."""
    if value is None:
        return set()
    return {x for x in GRID if any(holds_number(part, x) for part in value.parts) and (not value.integral or x.is_integer())}


@given(st.lists(generated_spans(), min_size=1, max_size=4))
def test_joining_pieces_loses_and_adds_nothing(pieces: list[Span]) -> None:
    value = Spans.of(pieces)
    assert members(value) == {x for x in GRID if any(holds_number(piece, x) for piece in pieces)}
    for a, b in itertools.pairwise(value.parts):
        assert a.high < b.low or (a.high == b.low and a.high_open and b.low_open), "in order and apart"


@given(generated_numbers(), generated_numbers())
def test_meet_and_union_are_those_of_sets(first: Spans, second: Spans) -> None:
    assert members(first.meet(second)) == members(first) & members(second)
    assert members(first.union(second)) == members(first) | members(second)
    assert admits(union(first, second), first)
    both = first.meet(second)
    assert both is None or (admits(first, both) and admits(second, both))


@given(generated_numbers(integral=True), generated_numbers(integral=True))
def test_meet_and_union_of_counts_are_those_of_sets(first: Spans, second: Spans) -> None:
    assert members(first.meet(second)) == members(first) & members(second)
    assert members(first.union(second)) == members(first) | members(second)


@given(generated_numbers(), generated_numbers())
def test_admits_is_inclusion(wider: Spans, narrower: Spans) -> None:
    unbounded = [value for value in (wider, narrower) if math.isinf(value.low.low) or math.isinf(value.high.high)]
    if not unbounded:
        assert admits(wider, narrower) is (members(narrower) <= members(wider))
    assert admits(wider, wider)
