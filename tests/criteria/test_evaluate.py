"""The reference evaluator: every operator over known, unknown, partial and boundary values."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nelm.criteria import Evaluator, Model, Row, Span, Spans, Table, Truth, Value, parse
from nelm.criteria.evaluate import arithmetic, equal
from nelm.criteria.syntax import Arithmetic, CodeLiteral, Comparison, Member, Name, NumberLiteral
from tests.criteria.example import FALSE, MODEL, TRUE, TYPES, UNDETERMINED, codes, days, holds, numbers, table, whole

YES, NO, OPEN = TRUE, FALSE, UNDETERMINED


@pytest.mark.parametrize(
    ("condition", "warm", "wet", "result"),
    [
        ("true", OPEN, OPEN, TRUE),
        ("false", OPEN, OPEN, FALSE),
        ("warm", YES, OPEN, TRUE),
        ("warm", OPEN, OPEN, UNDETERMINED),
        ("not warm", YES, OPEN, FALSE),
        ("not warm", OPEN, OPEN, UNDETERMINED),
        ("warm and wet", YES, YES, TRUE),
        ("warm and wet", NO, OPEN, FALSE),
        ("warm and wet", YES, OPEN, UNDETERMINED),
        ("wet and warm and true", YES, NO, FALSE),
        ("warm or wet", YES, OPEN, TRUE),
        ("warm or wet", NO, OPEN, UNDETERMINED),
        ("warm or wet", NO, NO, FALSE),
        ("warm or false or wet", NO, YES, TRUE),
        ("warm xor wet", YES, NO, TRUE),
        ("warm xor wet", YES, YES, FALSE),
        ("warm xor wet", YES, OPEN, UNDETERMINED),
        ("warm implies wet", NO, OPEN, TRUE),
        ("warm implies wet", OPEN, YES, TRUE),
        ("warm implies wet", YES, NO, FALSE),
        ("warm implies wet", YES, OPEN, UNDETERMINED),
        ("warm = wet", YES, YES, TRUE),
        ("warm = wet", NO, NO, TRUE),
        ("warm = wet", YES, NO, FALSE),
        ("warm = wet", YES, OPEN, UNDETERMINED),
        ("warm != wet", YES, NO, TRUE),
        ("warm = true", NO, OPEN, FALSE),
        ("warm = (wet or true)", YES, OPEN, TRUE),
        ("(not warm) = wet", YES, NO, TRUE),
        # unknown is not false, and a fact that stands in both places is not seen to be the same
        ("warm or not warm", OPEN, OPEN, UNDETERMINED),
        ("warm and not warm", OPEN, OPEN, UNDETERMINED),
    ],
)
def test_logic(condition: str, warm: Truth, wet: Truth, result: Truth) -> None:
    assert holds(condition, {"warm": warm, "wet": wet}) is result


# A cell is a possible value of `height` (0 to 300 cm); then which of the conditions are true (T), false (F), open (?).
CONDITIONS = ("height < 5", "height <= 5", "height = 5", "height != 5", "height >= 5", "height > 5", "height between 5 and 8")
HEIGHTS = [
    ("4.999", "T T F T F F F"),
    ("5", "F T T F T F T"),
    ("5.001", "F F F T T T T"),
    ("8", "F F F T T T T"),
    ("8.001", "F F F T T T F"),
    ("[0, 5)", "T T F T F F F"),
    ("[0, 5]", "? T ? ? ? F ?"),
    ("(5, 8]", "F F F T T T T"),
    ("[5, 8]", "F ? ? ? T ? T"),
    ("(8, 300]", "F F F T T T F"),
    ("[4, 6]", "? ? ? ? ? ? ?"),
    ("4 or 6", "? ? F T ? ? ?"),
    ("4 or 9", "? ? F T ? ? F"),
    ("[0, 300]", "? ? ? ? ? ? ?"),
]
LETTER = {"T": TRUE, "F": FALSE, "?": UNDETERMINED}


@pytest.mark.parametrize(("height", "results"), HEIGHTS)
def test_comparison_with_a_number(height: str, results: str) -> None:
    facts = {"height": numbers(height)}
    found = [holds(condition, facts) for condition in CONDITIONS]
    assert found == [LETTER[letter] for letter in results.split()]


@pytest.mark.parametrize(("height", "results"), HEIGHTS)
def test_the_number_may_stand_on_the_left(height: str, results: str) -> None:
    mirrored = ("5 > height", "5 >= height", "5 = height", "5 != height", "5 <= height", "5 < height")
    found = [holds(condition, {"height": numbers(height)}) for condition in mirrored]
    assert found == [LETTER[letter] for letter in results.split()[:6]]


@pytest.mark.parametrize(
    ("condition", "facts", "result"),
    [
        # a fact that is missing may be anything its type permits, and no more
        ("height >= 0", {}, TRUE),
        ("height > 0", {}, UNDETERMINED),
        ("width > 0", {}, TRUE),  # its range is open at 0
        ("slope <= 100", {}, TRUE),
        ("score < 1000000", {}, UNDETERMINED),
        ("age >= 0", {}, TRUE),
        ("rooms > -1", {}, TRUE),
        ("colour in { 'red', 'green', 'blue' }", {}, TRUE),
        ("colour in { 'red', 'green' }", {}, UNDETERMINED),
        # units are converted
        ("height > 1 'm'", {"height": numbers("100")}, FALSE),
        ("height >= 1 'm'", {"height": numbers("100")}, TRUE),
        ("11 'mm' = height", {"height": numbers("1.1")}, TRUE),
        ("height between 9 'mm' and 0.1 'm'", {"height": numbers("0.9")}, TRUE),
        ("age >= 2 'years'", {"age": numbers("24")}, TRUE),
        ("age > 2 'years'", {"age": numbers("24")}, FALSE),
        # counts are whole
        ("rooms > 2.5", {"rooms": whole("[2, 3]")}, UNDETERMINED),
        ("rooms = 2.5", {"rooms": whole("[2, 3]")}, FALSE),
        ("rooms between 2.2 and 2.8", {}, FALSE),
        ("rooms >= 3", {"rooms": whole("(2, 9]")}, TRUE),
        # codes
        ("colour = 'red'", {"colour": codes("red")}, TRUE),
        ("colour = 'red'", {"colour": codes("red green")}, UNDETERMINED),
        ("colour != 'red'", {"colour": codes("blue green")}, TRUE),
        ("'red' = colour", {"colour": codes("blue")}, FALSE),
        ("colour in { 'red', 'green' }", {"colour": codes("red green")}, TRUE),
        ("colour in { 'red', 'green' }", {"colour": codes("red blue")}, UNDETERMINED),
        ("colour in { 'red', 'green' }", {"colour": codes("blue")}, FALSE),
        ("colour = roof", {"colour": codes("red"), "roof": codes("grey")}, FALSE),
        ("colour = roof", {"colour": codes("green"), "roof": codes("green")}, TRUE),
        ("colour != roof", {"colour": codes("green"), "roof": codes("green grey")}, UNDETERMINED),
        # dates
        ("built > @2024-03-12", {"built": days("2024-03-12")}, FALSE),
        ("built >= @2024-03-12", {"built": days("2024-03-12")}, TRUE),
        ("built > @2024-03-12", {"built": days("2024-03-12..2024-03-31")}, UNDETERMINED),
        ("built = @2024-03-12", {"built": days("2024-03-13..2024-03-31")}, FALSE),
        ("built < sold", {"built": days("2020-01-01..2020-12-31"), "sold": days("2021-01-01..2021-12-31")}, TRUE),
        ("built < sold", {"built": days("2020-01-01..2020-12-31")}, UNDETERMINED),
        ("sold between @2020-01-01 and built", {"sold": days("2019-12-31")}, FALSE),
        # facts with one another
        ("height > width", {"height": numbers("[5, 9]"), "width": numbers("[1, 5)")}, TRUE),
        ("height > width", {"height": numbers("[5, 9]"), "width": numbers("[1, 5]")}, UNDETERMINED),
        ("height = width", {"height": numbers("[5, 9]"), "width": numbers("[1, 5)")}, FALSE),
        ("height between 1 and width", {"height": numbers("5"), "width": numbers("[1, 5]")}, UNDETERMINED),
        # arithmetic
        ("height + width > 8", {"height": numbers("[5, 9]"), "width": numbers("(3, 4]")}, TRUE),
        ("height - width < 0", {"height": numbers("1"), "width": numbers("(1, 4]")}, TRUE),
        ("height + 1 'm' > 200", {"height": numbers("(100, 150]")}, TRUE),
        ("1 'm' - height > 0", {"height": numbers("100")}, FALSE),
        ("height * 2 > 1 'm'", {"height": numbers("50.5")}, TRUE),
        ("height / width >= 2", {"height": numbers("10"), "width": numbers("(0, 5]")}, TRUE),  # the end 0 is open
        ("score / height = 1", {"score": numbers("1"), "height": numbers("[0, 1]")}, UNDETERMINED),  # nothing is said of 1 / 0
        ("score / height = 1", {"score": numbers("1"), "height": numbers("0")}, UNDETERMINED),
        ("rooms + doors = 5", {"rooms": whole("2"), "doors": whole("3")}, TRUE),
        ("2 + 3 > score", {"score": numbers("4.9")}, TRUE),
        # each factor is measured by itself: the centimetre belongs to the height, not to the share
        ("slope * (height + 1 'm') > 100", {"slope": numbers("1"), "height": numbers("0.1")}, TRUE),
        ("(height + 1 'm') / width > 100", {"width": numbers("1"), "height": numbers("0.1")}, TRUE),
        ("score + 0.1 + 0.2 = 0.3", {"score": numbers("0")}, TRUE),  # as in decimals
        ("score + 0.1 >= 0.8", {"score": numbers("0.7")}, TRUE),
        ("1000000 * score / 3 = 1000000", {"score": numbers("3")}, TRUE),
    ],
)
def test_conditions_on_partial_facts(condition: str, facts: Mapping[str, Value], result: Truth) -> None:
    assert holds(condition, facts) is result


# ------------------------------------------------------------------------------------------------ definitions


@pytest.mark.parametrize(
    ("name", "facts", "value"),
    [
        ("tall", {"height": numbers("200")}, TRUE),
        ("tall", {}, UNDETERMINED),
        ("inviting", {"warm": NO, "lit": YES}, TRUE),  # a definition on a definition
        ("inviting", {"warm": YES, "wet": NO}, TRUE),
        ("inviting", {"warm": NO}, UNDETERMINED),
        ("tall", {"tall": TRUE, "height": numbers("1")}, TRUE),  # what was entered goes before what is computed
        ("size", {}, codes("small middle large")),
        ("size", {"height": numbers("99")}, codes("small")),
        ("size", {"height": numbers("100")}, codes("middle")),
        ("size", {"height": numbers("[0, 100]")}, codes("small middle")),
        ("size", {"height": numbers("[90, 250]"), "width": numbers("[1, 200]")}, codes("small middle")),
        ("size", {"height": numbers("[201, 250]")}, codes("middle large")),
        ("price", {"height": numbers("250"), "width": numbers("250")}, codes("large")),
        ("price", {"height": numbers("10"), "wet": YES}, codes("small middle")),  # a row with several codes
        ("price", {"height": numbers("10"), "wet": NO}, codes("small")),
        ("price", {"size": codes("large")}, codes("large")),
    ],
)
def test_definitions(name: str, facts: Mapping[str, Value], value: Value) -> None:
    evaluator = Evaluator(MODEL, facts)
    assert evaluator.value_of(name) == value
    assert evaluator.value_of(name) is evaluator.value_of(name), "computed once"


@pytest.mark.parametrize(
    ("warm", "wet", "lit", "outcomes"),
    [
        (YES, OPEN, OPEN, "small"),  # a row that is true ends the reading
        (NO, YES, OPEN, "middle"),  # a row that is false is passed over
        (NO, NO, YES, "large"),
        (NO, NO, NO, "small/large"),  # no row holds
        (OPEN, YES, OPEN, "small/middle"),  # an open row keeps its result possible, and reading goes on
        (OPEN, NO, YES, "small/large"),
        (OPEN, OPEN, OPEN, "small/middle/large"),
        (NO, OPEN, NO, "middle/small/large"),
    ],
)
def test_a_decision_table_keeps_what_is_not_ruled_out(warm: Truth, wet: Truth, lit: Truth, outcomes: str) -> None:
    decisions = table(("warm", "small"), ("wet", "middle"), ("lit", "large"), otherwise="small/large")
    evaluator = Evaluator(Model(TYPES), {"warm": warm, "wet": wet, "lit": lit})
    assert evaluator.outcomes(decisions) == frozenset(outcomes.split("/"))


def test_a_table_without_rows_says_what_holds_otherwise() -> None:
    assert Evaluator(MODEL, {}).outcomes(Table(("small",), (), frozenset({"small"}))) == {"small"}


def test_a_name_that_nobody_knows() -> None:
    with pytest.raises(KeyError, match="cellar"):
        Evaluator(MODEL, {}).value_of("cellar")


# ------------------------------------------------------------------------------------------------ what the type check refuses


@pytest.mark.parametrize("node", [NumberLiteral(1), CodeLiteral("red"), Arithmetic("+", Name("height"), NumberLiteral(1))])
def test_what_is_no_condition_is_not_judged(node: NumberLiteral | CodeLiteral | Arithmetic) -> None:
    with pytest.raises(TypeError, match=f"{type(node).__name__} is not a condition: the type check was left out"):
        Evaluator(MODEL, {}).truth(node)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (Name("height"), "height is not boolean"),
        (Comparison("<", Name("colour"), NumberLiteral(1)), "not a number"),
        (Member(Name("height"), (CodeLiteral("red"),)), "not a coded fact"),
    ],
)
def test_a_fact_of_another_type_is_not_judged(condition: Name | Comparison | Member, message: str) -> None:
    with pytest.raises(AssertionError, match=f"{message}: the type check was left out"):
        Evaluator(MODEL, {}).truth(condition)


# ------------------------------------------------------------------------------------------------ arithmetic


@pytest.mark.parametrize(
    ("left", "operator", "right", "result"),
    [
        ("2", "+", "3", "5"),
        ("[1, 2)", "+", "[3, 4]", "[4, 6)"),
        ("(, 2]", "+", "3", "(, 5]"),
        ("(, )", "+", "(, )", "(, )"),
        ("1 or 2", "+", "10 or 20", "11 or 12 or 21 or 22"),
        ("[1, 2)", "-", "[3, 4)", "(-3, -1)"),
        ("[1, )", "-", "[1, )", "(, )"),
        ("5", "-", "(1, 2]", "[3, 4)"),
        ("[1, 2)", "*", "[3, 4]", "[3, 8)"),
        ("[-1, 2]", "*", "[-3, 4]", "[-6, 8]"),
        ("(-1, 1)", "*", "[-1, 1]", "(-1, 1)"),
        ("[-2, 1)", "*", "(-2, 1]", "[-2, 4)"),
        ("0", "*", "(, )", "0"),
        ("[0, 1]", "*", "(5, )", "[0, )"),
        ("(0, 1]", "*", "[5, )", "(0, )"),
        ("(0, 1]", "*", "0", "0"),
        ("[0, 1)", "*", "(1, 2)", "[0, 2)"),
        ("(, -1]", "*", "[1, )", "(, -1]"),
        ("6", "/", "3", "2"),
        ("[1, 2]", "/", "[2, 4)", "(0.25, 1]"),
        ("1", "/", "[2, )", "(0, 0.5]"),
        ("1", "/", "(0, 2]", "[0.5, )"),
        ("1", "/", "[-2, 0)", "(, -0.5]"),
        ("1", "/", "(0, )", "(0, )"),
        ("1", "/", "(, 0)", "(, 0)"),
        ("[-1, 1]", "/", "(0, 1]", "(, )"),
        ("0", "/", "(0, 1]", "0"),
        ("0", "/", "0", "(, )"),
        ("1", "/", "[-1, 1]", "(, )"),
        ("1", "/", "[0, 1]", "(, )"),
        ("1", "/", "[-1, 0]", "(, )"),
        ("1", "/", "2 or (0, 1]", "0.5 or [1, )"),
        ("0.1", "+", "0.2", "0.3"),
        ("1", "/", "3", "0.333333333333"),
    ],
)
def test_arithmetic(left: str, operator: str, right: str, result: str) -> None:
    assert arithmetic(operator, numbers(left), numbers(right)) == numbers(result)


LARGE = 1e200
LARGEST = 1.79769313486e308  # of the numbers with 12 digits


@pytest.mark.parametrize(
    ("operator", "left", "right", "result"),
    [
        ("*", Spans.point(LARGE), Spans.point(LARGE), Span(LARGEST, math.inf)),
        ("*", Spans.point(LARGE), Spans.point(-LARGE), Span(-math.inf, -LARGEST)),
        ("/", Spans.point(1), Spans.point(5e-324), Span(LARGEST, math.inf)),
        ("*", Spans.of([Span(1, LARGE)]), Spans.point(LARGE), Span(1e200, math.inf)),
        ("+", Spans.point(1), Spans.of([Span(0, 1e-15, high_open=True)]), Span(1, 1)),  # nearer than it can be written
    ],
)
def test_numbers_beyond_what_can_be_written(operator: str, left: Spans, right: Spans, result: Span) -> None:
    assert arithmetic(operator, left, right) == Spans.of([result])


@pytest.mark.parametrize(
    ("first", "second", "result"),
    [
        (numbers("1"), numbers("1"), TRUE),
        (codes("red"), codes("red green"), UNDETERMINED),
        (TRUE, FALSE, FALSE),
        (UNDETERMINED, UNDETERMINED, UNDETERMINED),
    ],
)
def test_equal(first: Value, second: Value, result: Truth) -> None:
    assert equal(first, second) is result


TINY = 1e-5
ENDS = st.sampled_from([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])


@st.composite
def generated_span(draw: st.DrawFn) -> Span:
    low, high = sorted((draw(ENDS), draw(ENDS)))
    assume(low < high or draw(st.booleans()))
    return Span(low, high, low < high and draw(st.booleans()), low < high and draw(st.booleans()))


def samples(part: Span) -> list[float]:
    """The ends, where they belong, points very near them, and some between."""
    if part.is_point:
        return [part.low]
    found = [part.low + TINY, part.high - TINY, (part.low + part.high) / 2, *([0.0] if part.low < 0 < part.high else [])]
    return [*found, *([] if part.low_open else [part.low]), *([] if part.high_open else [part.high])]


MEANING = {"+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y, "/": lambda x, y: x / y}


@given(generated_span(), st.sampled_from("+-*/"), generated_span())
def test_arithmetic_says_all_and_no_more(a: Span, operator: str, b: Span) -> None:
    """Every result lies within; each end is reached, or, where it is open, come very near to and not reached."""
    assume(operator != "/" or b.meet(Span(0, 0)) is None)
    found = arithmetic(operator, Spans.of([a]), Spans.of([b])).parts
    assert len(found) == 1
    (result,) = found
    values = [MEANING[operator](x, y) for x in samples(a) for y in samples(b)]
    lowest, highest = min(values), max(values)
    assert result.low <= lowest + 1e-9
    assert highest - 1e-9 <= result.high
    for end, is_open, extreme in ((result.low, result.low_open, lowest), (result.high, result.high_open, highest)):
        if math.isinf(end):
            assert abs(extreme) > 1e4, "without bound: a number nearly zero divides"
        else:
            assert extreme == pytest.approx(end, abs=1e-3)
            assert any(value == pytest.approx(end, abs=1e-11) for value in values) is not is_open


def test_a_fact_that_reaches_a_condition_twice_is_not_seen_to_be_the_same() -> None:
    """Sound, though it says less than the data allow; `exact_truth` and `weaker_than_it_looks` are for that."""
    model = Model(
        TYPES,
        {
            "first": table(("height < 100", "small"), otherwise="large"),
            "second": Table(("yes", "no"), (Row(parse("first = 'small' and height >= 100"), frozenset({"yes"})),), frozenset({"no"})),
        },
    )
    assert Evaluator(model, {}).value_of("second") == codes("yes no")
    assert Evaluator(model, {"height": numbers("50")}).value_of("second") == codes("no")
