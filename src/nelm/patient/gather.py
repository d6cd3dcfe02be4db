"""Choosing one fact from several entries: latest, highest, any, … over values that are sets of possibilities.

All of it is exact for a single entry and sound for several: a result keeps every value that some way of
filling in the unknown could give.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nelm.criteria import CodedType, Codes, Span, Spans, Truth, Value, ValueType, meet, union
from nelm.patient.record import Entry

MAXIMUM_COMBINATIONS = 4096


@dataclass(frozen=True)
class Dated:
    """A value with the days it may be from, whether its entry counts (`where`), and the entry."""

    value: Value
    date: Spans | None
    where: Truth
    entry: Entry


@dataclass(frozen=True)
class Disagreement:
    """Entries of the same time that exclude one another: `everything` that any of them allows."""

    everything: Value


def choose(select: str, stated: Sequence[Dated], kind: ValueType | None) -> tuple[Value | Disagreement, tuple[Entry, ...]]:
    """The value that `select` picks from stated values (at least one), and the entries it rests on."""
    if len(stated) == 1:  # most often; every way of choosing picks it
        return stated[0].value, (stated[0].entry,)
    counting = [item for item in stated if item.where is Truth.TRUE]
    match select:
        case "highest" | "lowest":
            return extreme(stated, kind, highest=select == "highest"), tuple(item.entry for item in stated)
        case "any":
            truths = [item.value for item in stated if isinstance(item.value, Truth)]
            return any_holds(truths, complete=True), tuple(item.entry for item in stated)
        case "all":
            return union_of([item.value for item in stated]), tuple(item.entry for item in stated)
        case "earliest":
            return _agreed([item for item in stated if not any(_before(other, item) for other in counting)])
        case _:
            return _agreed([item for item in stated if not any(_before(item, other) for other in counting)])


def _before(first: Dated, second: Dated) -> bool:
    """`first` is certainly earlier than `second`."""
    return first.date is not None and second.date is not None and first.date.high.high < second.date.low.low


def _agreed(candidates: list[Dated]) -> tuple[Value | Disagreement, tuple[Entry, ...]]:
    """What entries of the same (or an unknown) time say together."""
    entries = tuple(item.entry for item in candidates)
    agreed: Value | None = candidates[0].value
    everything = candidates[0].value
    certain = all(item.where is Truth.TRUE for item in candidates)
    for item in candidates[1:]:
        agreed = None if agreed is None else meet(agreed, item.value)
        everything = union(everything, item.value)
    if agreed is None:
        return Disagreement(everything), entries
    return (agreed if certain else everything), entries


def any_holds(truths: Iterable[Truth], complete: bool) -> Truth:
    """Whether something holds for at least one entry.

    All entries failing settles it only where the list is complete: absence is not "no".
    """
    found = list(truths)
    if Truth.TRUE in found:
        return Truth.TRUE
    return Truth.FALSE if complete and all(truth is Truth.FALSE for truth in found) else Truth.UNDETERMINED


def extreme(stated: Sequence[Dated], kind: ValueType | None, *, highest: bool) -> Value:
    """The highest (or lowest) of several values that are each only partly known."""
    sure = [item.value for item in stated if item.where is Truth.TRUE]
    perhaps = [item.value for item in stated if item.where is not Truth.TRUE]
    if not sure:
        return union_of(perhaps)
    return union_of([_extreme([*sure, *extra], kind, highest) for extra in ([], *([value] for value in perhaps))])


def union_of(values: Sequence[Value]) -> Value:
    """Everything that one of several values (at least one) allows."""
    result = values[0]
    for value in values[1:]:
        result = union(result, value)
    return result


def _extreme(values: Sequence[Value], kind: ValueType | None, highest: bool) -> Value:
    if isinstance(values[0], Codes):
        assert isinstance(kind, CodedType)
        rank = {code: number if highest else -number for number, code in enumerate(kind.codes)}
        coded = [value for value in values if isinstance(value, Codes)]
        floor = max(min(rank[code] for code in value.members) for value in coded)
        return Codes(frozenset(code for value in coded for code in value.members if rank[code] >= floor))
    if isinstance(values[0], Spans):
        numbers = [value for value in values if isinstance(value, Spans)]
        floor_span = _limit(numbers, highest)
        within = [piece for value in numbers if (piece := value.meet(Spans.of([floor_span], value.integral)))]
        return Spans.of([part for piece in within for part in piece.parts], numbers[0].integral)
    truths = [value for value in values if isinstance(value, Truth)]
    return any_holds(truths, complete=True) if highest else _all_hold(truths)


def _limit(numbers: Sequence[Spans], highest: bool) -> Span:
    """Nothing below the best of the worst cases can be the extreme."""
    if highest:
        low, low_open = max((number.low.low, number.low.low_open) for number in numbers)
        return Span(low, float("inf"), low_open, False)
    high, closed = min((number.high.high, not number.high.high_open) for number in numbers)
    return Span(float("-inf"), high, False, not closed)


def _all_hold(truths: Sequence[Truth]) -> Truth:
    if Truth.FALSE in truths:
        return Truth.FALSE
    return Truth.TRUE if all(truth is Truth.TRUE for truth in truths) else Truth.UNDETERMINED


def at_highest(entries: Sequence[tuple[Value, Value, Truth]], by: ValueType | None, of: ValueType | None) -> Value:
    """The second value of the entry whose first value is highest; where several share it, the highest of theirs.

    Each entry is (rank value, wanted value, whether it counts). Every way of settling the rank values is tried.
    """
    assert isinstance(by, CodedType)
    rank = {code: number for number, code in enumerate(by.codes)}
    choices: list[list[int | None]] = []
    for by_value, _, counts in entries:
        assert isinstance(by_value, Codes)
        ranks: list[int | None] = [rank[code] for code in sorted(by_value.members, key=rank.__getitem__)]
        choices.append(ranks if counts is Truth.TRUE else [*ranks, None])
    total = 1
    for options in choices:
        total *= len(options)
    if total > MAXIMUM_COMBINATIONS:
        return union_of([of_value for _, of_value, _ in entries])
    results: list[Value] = []
    for settled in itertools.product(*choices):
        present = [number for number in settled if number is not None]
        if not present:
            continue
        top = max(present)
        winners = [entries[index][1] for index, number in enumerate(settled) if number == top]
        results.append(_extreme(winners, of, True))
    return union_of(results)


def number_range(low: float, high: float) -> Spans:
    return Spans.of([Span(low, high)])
