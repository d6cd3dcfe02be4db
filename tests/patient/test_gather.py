"""Choosing one fact from several entries, each only partly known: every result that some way of filling in could give."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nelm.criteria import BooleanType, CodedType, Codes, NumberType, Spans, Truth, Value, admits
from nelm.knowledge.yamlfile import Mark
from nelm.patient import gather
from nelm.patient.gather import Dated, Disagreement, any_holds, at_highest, choose, extreme, number_range
from nelm.patient.record import Entry
from tests.patient.world import FALSE, INF, TRUE, UNDETERMINED, codes, count, days, number

SCALE = CodedType(("C", "B", "A", "X"))
NUMBER = NumberType()


def entry(number_of: int) -> Entry:
    return Entry("voyage", "voyages", number_of, {}, {}, Mark("case.yaml"))


def dated(*items: tuple[Value, str | None, Truth]) -> list[Dated]:
    return [
        Dated(value, days(*day.split("/")) if day else None, where, entry(number_of))
        for number_of, (value, day, where) in enumerate(items, 1)
    ]


def chosen(select: str, *items: tuple[Value, str | None, Truth]) -> tuple[Value | Disagreement, list[int]]:
    value, entries = choose(select, dated(*items), None)
    return value, [found.number for found in entries]


@pytest.mark.parametrize(
    ("truths", "complete", "holds"),
    [
        ([], False, UNDETERMINED),
        ([], True, FALSE),
        ([FALSE], False, UNDETERMINED),
        ([FALSE, FALSE], True, FALSE),
        ([FALSE, UNDETERMINED], True, UNDETERMINED),
        ([FALSE, TRUE], False, TRUE),
        ([UNDETERMINED, TRUE], True, TRUE),
    ],
)
def test_whether_something_holds_for_any_entry(truths: list[Truth], complete: bool, holds: Truth) -> None:
    assert any_holds(iter(truths), complete) is holds


# -- by time --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("select", "items", "value", "entries"),
    [
        ("latest", [(codes("A"), "2023-01-01", TRUE), (codes("B"), "2024-01-01", TRUE)], codes("B"), [2]),
        ("earliest", [(codes("A"), "2023-01-01", TRUE), (codes("B"), "2024-01-01", TRUE)], codes("A"), [1]),
        # days that overlap have no order
        ("latest", [(codes("A", "B"), "2023-01-01/2024-06-30", TRUE), (codes("B"), "2024-01-01", TRUE)], codes("B"), [1, 2]),
        ("latest", [(codes("A"), "2024-01-01", TRUE), (codes("B"), "2024-01-01", TRUE)], Disagreement(codes("A", "B")), [1, 2]),
        ("latest", [(codes("A"), None, TRUE), (codes("B"), "2024-01-01", TRUE)], Disagreement(codes("A", "B")), [1, 2]),
        ("latest", [(codes("A"), None, TRUE), (codes("A"), None, TRUE), (codes("B"), None, TRUE)], Disagreement(codes("A", "B")), [1, 2, 3]),
        ("latest", [(codes("A"), None, TRUE), (codes("B"), None, TRUE), (codes("A"), None, TRUE)], Disagreement(codes("A", "B")), [1, 2, 3]),
        # an entry that only may count leaves the one before it possible
        ("latest", [(codes("A"), "2023-01-01", TRUE), (codes("A", "B"), "2024-01-01", UNDETERMINED)], codes("A", "B"), [1, 2]),
        ("latest", [(codes("A"), "2023-01-01", UNDETERMINED), (codes("B"), "2024-01-01", TRUE)], codes("B"), [2]),
        ("earliest", [(codes("A"), "2023-01-01", UNDETERMINED), (codes("B"), "2024-01-01", TRUE)], Disagreement(codes("A", "B")), [1, 2]),
        ("earliest", [(codes("A"), "2023-01-01", TRUE), (codes("B"), "2024-01-01", UNDETERMINED)], codes("A"), [1]),
        # all, any
        ("all", [(codes("A"), None, TRUE), (codes("B"), None, TRUE)], codes("A", "B"), [1, 2]),
        ("any", [(FALSE, None, TRUE), (UNDETERMINED, None, TRUE)], UNDETERMINED, [1, 2]),
        ("any", [(FALSE, None, TRUE), (TRUE, None, TRUE)], TRUE, [1, 2]),
    ],
)  # fmt: skip
def test_by_time(select: str, items: list[tuple[Value, str | None, Truth]], value: Value | Disagreement, entries: list[int]) -> None:
    assert chosen(select, *items) == (value, entries)


# -- by rank --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "highest", "result"),
    [
        ([codes("C"), codes("B")], True, codes("B")),
        ([codes("C"), codes("B")], False, codes("C")),
        ([codes("C", "A"), codes("B")], True, codes("A", "B")),
        ([codes("C", "A"), codes("B")], False, codes("B", "C")),
        ([codes("C", "X"), codes("C", "B")], True, codes("C", "B", "X")),
        ([number(3), number(5)], True, number(5)),
        ([number(3), number(5)], False, number(3)),
        ([number(3), number(0, 10)], True, number(3, 10)),
        ([number(3), number(0, 10)], False, number(0, 3)),
        ([number(3), number(3, 10, low_open=True)], True, number(3, 10, low_open=True)),
        ([number(3, 4, high_open=True), number(4, 9)], False, number(3, 4, high_open=True)),
        ([number(3, 9, low_open=True), number(3, 9)], True, number(3, 9, low_open=True)),
        ([number(-INF, 5), number(0, 3, high_open=True)], False, number(-INF, 3, high_open=True)),
        ([Spans.of([*number(1).parts, *number(9).parts]), number(5)], True, Spans.of([*number(5).parts, *number(9).parts])),
        ([count(1, 4), count(3)], True, count(3, 4)),
        ([TRUE, UNDETERMINED], True, TRUE),
        ([FALSE, UNDETERMINED], True, UNDETERMINED),
        ([FALSE, UNDETERMINED], False, FALSE),
        ([TRUE, UNDETERMINED], False, UNDETERMINED),
        ([TRUE, TRUE], False, TRUE),
    ],
)
def test_the_extreme_of_several(values: list[Value], highest: bool, result: Value) -> None:
    kind = SCALE if isinstance(values[0], Codes) else BooleanType() if isinstance(values[0], Truth) else NUMBER
    assert extreme(dated(*((value, None, TRUE) for value in values)), kind, highest=highest) == result


def test_the_extreme_where_some_entries_only_may_count() -> None:
    items = dated((codes("B"), None, TRUE), (codes("A"), None, UNDETERMINED), (codes("C"), None, UNDETERMINED))
    assert extreme(items, SCALE, highest=True) == codes("A", "B")
    assert extreme(items, SCALE, highest=False) == codes("B", "C")
    assert extreme(items[1:], SCALE, highest=True) == codes("A", "C"), "none is known to count"


def test_choose_by_rank_names_every_entry() -> None:
    items = dated((codes("B"), None, TRUE), (codes("A"), None, TRUE))
    assert choose("highest", items, SCALE) == (codes("A"), (items[0].entry, items[1].entry))
    assert choose("lowest", items, SCALE)[0] == codes("B")


@pytest.mark.parametrize(
    ("entries", "value"),
    [
        ([(codes("A"), number(5), TRUE), (codes("B"), number(9), TRUE)], number(5)),
        ([(codes("A"), number(5), TRUE), (codes("A"), number(9), TRUE)], number(9)),  # several share the rank: the highest of theirs
        ([(codes("A", "C"), number(5), TRUE), (codes("B"), number(9), TRUE)], Spans.of([*number(5).parts, *number(9).parts])),
        ([(codes("A"), number(5), UNDETERMINED), (codes("B"), number(9), TRUE)], Spans.of([*number(5).parts, *number(9).parts])),
        ([(codes("A"), number(5), UNDETERMINED)], number(5)),
        ([(codes("C"), number(5), UNDETERMINED), (codes("B"), number(9), TRUE)], number(9)),
    ],
)
def test_the_value_where_another_is_highest(entries: list[tuple[Value, Value, Truth]], value: Value) -> None:
    assert at_highest(entries, SCALE, NUMBER) == value


def test_with_too_many_ways_to_rank_everything_stays_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    entries: list[tuple[Value, Value, Truth]] = [(codes("A"), number(5), TRUE), (codes("C", "B"), number(9), TRUE)]
    assert at_highest(entries, SCALE, NUMBER) == number(5)
    monkeypatch.setattr(gather, "MAXIMUM_COMBINATIONS", 1)
    assert at_highest(entries, SCALE, NUMBER) == Spans.of([*number(5).parts, *number(9).parts])


def test_a_range_of_numbers() -> None:
    assert number_range(3, 5) == number(3, 5)


# -- against every way of filling in ------------------------------------------------------------------------------

subsets = st.sets(st.sampled_from(SCALE.codes), min_size=1).map(lambda members: Codes(frozenset(members)))
sometimes = st.sampled_from([TRUE, UNDETERMINED])


def settlements(items: list[tuple[Codes, Truth]]) -> list[list[str]]:
    """Every list of codes of the entries that count, for every way of settling what is open."""
    choices = [[*sorted(value.members), *([] if counts is TRUE else [None])] for value, counts in items]
    return [[code for code in world if code is not None] for world in itertools.product(*choices)]


@given(st.lists(st.tuples(subsets, sometimes), min_size=1, max_size=4), st.booleans())
def test_the_extreme_says_all_that_is_possible_and_no_more(items: list[tuple[Codes, Truth]], highest: bool) -> None:
    if all(counts is not TRUE for _, counts in items):
        items[0] = (items[0][0], TRUE)
    pick = max if highest else min
    possible = {pick(world, key=SCALE.codes.index) for world in settlements(items)}
    result = extreme(dated(*((value, None, counts) for value, counts in items)), SCALE, highest=highest)
    assert result == Codes(frozenset(possible))


@given(st.lists(st.tuples(subsets, st.integers(0, 9), sometimes), min_size=1, max_size=4))
def test_the_value_at_the_highest_rank_says_all_that_is_possible_and_no_more(items: list[tuple[Codes, int, Truth]]) -> None:
    possible: set[int] = set()
    for world in itertools.product(*([*value.members, *([] if counts is TRUE else [None])] for value, _, counts in items)):
        ranked = [(SCALE.codes.index(code), wanted) for code, (_, wanted, _) in zip(world, items, strict=True) if code is not None]
        if ranked:
            top = max(rank for rank, _ in ranked)
            possible.add(max(wanted for rank, wanted in ranked if rank == top))
    result = at_highest([(value, count(wanted), counts) for value, wanted, counts in items], SCALE, NumberType(integral=True))
    assert result == Spans.of([span for wanted in possible for span in count(wanted).parts], integral=True)


numbers = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda ends: count(min(ends), max(ends)))


@given(st.lists(numbers, min_size=1, max_size=4), numbers, st.booleans())
def test_one_more_entry_never_lowers_the_highest(values: list[Spans], more: Spans, highest: bool) -> None:
    kind = NumberType(integral=True)
    before = extreme(dated(*((value, None, TRUE) for value in values)), kind, highest=highest)
    after = extreme(dated(*((value, None, TRUE) for value in [*values, more])), kind, highest=highest)
    assert isinstance(before, Spans)
    assert isinstance(after, Spans)
    assert after.low.low >= before.low.low if highest else after.high.high <= before.high.high


@given(st.lists(st.tuples(subsets, sometimes), min_size=1, max_size=4), st.data())
def test_knowing_more_of_an_entry_only_narrows_the_extreme(items: list[tuple[Codes, Truth]], data: st.DataObject) -> None:
    number_of = data.draw(st.integers(0, len(items) - 1))
    narrower = data.draw(st.sets(st.sampled_from(sorted(items[number_of][0].members)), min_size=1))
    learnt = [*items]
    learnt[number_of] = (Codes(frozenset(narrower)), items[number_of][1])
    for highest in (True, False):
        before, after = (
            extreme(dated(*((value, None, counts) for value, counts in some)), SCALE, highest=highest) for some in (items, learnt)
        )
        assert admits(before, after)
