"""Small numbers that are not shown, and others that are not shown so that nobody can work them out.

Counts of 1 to 4 (below the limit that is asked for) are shown as "<5". Where totals stand beside them, further counts are
held back, as "suppressed", until no count that is held back has one possible value only.

Counts and their totals are looked at as pipes between nodes: what flows into a node flows out of it. A reader knows the
counts that are shown, that "<5" is 1 to 4, and that "suppressed" is 5 or more. A count can be worked out exactly if no circle of
pipes that are held back runs through it along which one patient more (or fewer) could flow. Where no count is large enough to be
held back for another, all around it are, and "suppressed" may then be any number. Only equations inside one table are looked
at: not that two statements may be each other's opposite, nor several tables of one cohort laid side by side.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import zip_longest

from nelm.cohort.circles import Pipe, without_circle

Node = Hashable
LEAST_LIMIT = 3  # below 3 means 1 or 2: with a lower limit the sign itself would tell the number


class Mark(Enum):
    """How a count is shown."""

    SHOWN = "shown"
    SMALL = "small"
    HIDDEN = "suppressed"


@dataclass(frozen=True)
class Count:
    """A count as a pipe from one node to another.

    `shown` is False for a number that is not printed but must not be worked out either; `mark` is set where it was decided before.
    """

    source: Node
    target: Node
    value: int
    shown: bool = True
    mark: Mark | None = None


def check_limit(below: int) -> int:
    """The limit itself. Raises ValueError for one that would give numbers away."""
    if below < LEAST_LIMIT:
        raise ValueError(
            f"Numbers can be suppressed below {LEAST_LIMIT} or more, not below {below}: the sign '<{below}' would say the number."
        )
    return below


def cell(value: int, mark: Mark, below: int | None) -> int | str:
    """A count as it stands in a table: a number where nothing is suppressed, else text."""
    if below is None:
        return value
    match mark:
        case Mark.SHOWN:
            return str(value)
        case Mark.SMALL:
            return f"<{below}"
        case Mark.HIDDEN:
            return "suppressed"


def cells(values: Iterable[int], marks: Iterable[Mark], below: int | None) -> list[int | str]:
    """Counts as they stand in a table."""
    return [cell(value, mark, below) for value, mark in zip(values, marks, strict=True)]


def protect(counts: Sequence[Count], below: int) -> list[Mark] | None:
    """How each count is shown, so that none that is held back can be worked out; None where that cannot be had.

    As few further counts as possible are held back for each small one, and among these the smallest.
    """
    check_limit(below)
    net = _Net(counts, below)
    for number in net.worked_out():
        if not net.hide_for(number):
            return None
    return net.marks


def protect_or_withhold(counts: Sequence[Count], below: int) -> list[Mark]:
    """The same, and where it cannot be had, all counts held back that were not decided before."""
    return protect(counts, below) or _withheld(counts, (), below)


def protect_line(values: Sequence[int], below: int, decided: Sequence[Mark | None] = ()) -> list[Mark]:
    """Counts beside their sum. Where nothing else helps, and where none is large enough to be held back for another, all are.

    Of fewer patients than the limit nothing is told at all. `decided` has the marks of those counts that stand in other tables as
    well and are the same there.
    """
    if 0 < sum(values) < below:
        return [Mark.HIDDEN] * len(values)
    counts = [Count("all", "end", value, mark=mark) for value, mark in zip_longest(values, decided)]
    found = None if max(values, default=0) < below else protect(counts, below)
    return found or _withheld(counts, (), below)


def protect_table(
    rows: Sequence[Sequence[int]],
    of_rows: Sequence[Mark],
    of_columns: Sequence[Mark],
    below: int,
    decided: Mapping[int, Sequence[Mark]] | None = None,
) -> list[list[Mark]] | None:
    """Counts beside the sums of rows and columns, of which it was decided before how they are shown (each by `protect_line`).

    `decided` has for some columns the marks of their counts, which stand in other tables as well and are the same there.
    Where nothing else helps, all others are held back: sums alone do not tell a small number that stands between them. None where
    even then something can be worked out from what was decided; without `decided` that cannot be.
    """
    if 0 < sum(map(sum, rows)) < below:
        return [[Mark.HIDDEN] * len(of_columns) for _ in rows]
    columns = range(len(of_columns))
    before = decided or {}
    inner = [
        Count(("row", i), ("column", j), row[j], mark=before[j][i] if j in before else None) for i, row in enumerate(rows) for j in columns
    ]
    sums = [Count("all", ("row", i), sum(row), mark=of_rows[i]) for i, row in enumerate(rows)]
    sums += [Count(("column", j), "end", sum(row[j] for row in rows), mark=of_columns[j]) for j in columns]
    marks = protect([*inner, *sums], below)
    if marks is None:
        marks = _withheld(inner, sums, below)
        if decided and _told(inner, sums, marks, below):
            return None
    width = len(of_columns)
    return [marks[i * width : (i + 1) * width] for i in range(len(rows))]


def _withheld(counts: Sequence[Count], around: Sequence[Count], below: int) -> list[Mark]:
    """All counts held back, those of nobody too; but for those that what is `around` them tells anyway."""
    told = _worked_out_anyway(counts, around, below)
    return [
        count.mark or (Mark.SHOWN if number in told and not 0 < count.value < below else Mark.HIDDEN) for number, count in enumerate(counts)
    ]


def _told(counts: Sequence[Count], around: Sequence[Count], marks: Sequence[Mark], below: int) -> bool:
    """Whether something can be worked out that is held back."""
    told = _worked_out_anyway([replace(count, mark=mark) for count, mark in zip(counts, marks, strict=True)], around, below)
    held_back = [*marks, *(count.mark for count in around)]
    return any(held_back[number] is not Mark.SHOWN for number in told)


def _worked_out_anyway(counts: Sequence[Count], around: Sequence[Count], below: int) -> set[int]:
    """The counts that can be worked out where "suppressed" may be any number."""
    unknown = [count if count.mark is Mark.SHOWN else replace(count, shown=False) for count in counts]
    return set(without_circle(_Net([*unknown, *around], below, strict=False).pipes()))


class _Net:
    """Counts with their marks, and the ways along which they could be different; not `strict`: "suppressed" may be any number."""

    def __init__(self, counts: Sequence[Count], below: int, *, strict: bool = True) -> None:
        self.counts = counts
        self.below = below
        self.strict = strict
        self.marks = [count.mark or self._first_mark(count) for count in counts]
        self.touching: dict[Node, list[int]] = {}
        for number, count in enumerate(counts):
            self.touching.setdefault(count.source, []).append(number)
            self.touching.setdefault(count.target, []).append(number)

    def _first_mark(self, count: Count) -> Mark:
        return Mark.SMALL if count.shown and 0 < count.value < self.below else Mark.SHOWN

    def _is_held_back(self, number: int) -> bool:
        return self.marks[number] is not Mark.SHOWN or not self.counts[number].shown

    def _limits(self, number: int) -> tuple[int, int | None]:
        """The lowest and the highest number that a reader cannot rule out where the count is held back."""
        if self.marks[number] is Mark.SMALL:
            return 1, self.below - 1
        count = self.counts[number]
        withheld = not count.shown or not self.strict or count.value < self.below  # held back with everything around it
        return (0 if withheld else self.below), None

    def _can_rise(self, number: int) -> bool:
        highest = self._limits(number)[1]
        return highest is None or self.counts[number].value < highest

    def _can_fall(self, number: int) -> bool:
        return self.counts[number].value > self._limits(number)[0]

    def worked_out(self) -> Iterable[int]:
        """The counts that are held back, or are small and not printed, and that a reader can work out."""
        told = without_circle(self.pipes())
        return [number for number in told if self.counts[number].shown or 0 < self.counts[number].value < self.below]

    def pipes(self) -> list[Pipe]:
        """What is held back, and whether it could be otherwise."""
        return [
            Pipe(number, count.source, count.target, self._can_rise(number), self._can_fall(number))
            for number, count in enumerate(self.counts)
            if self._is_held_back(number)
        ]

    def hide_for(self, number: int) -> bool:
        """Hold back what closes the cheapest circle through a count; False where there is none."""
        count = self.counts[number]
        ways = []
        if self._can_rise(number):
            ways.append(self._cheapest(count.target, count.source, number))
        if self._can_fall(number):
            ways.append(self._cheapest(count.source, count.target, number))
        found = min((way for way in ways if way is not None), default=None)
        if found is None:
            return False
        for other in found[1]:
            if not self._is_held_back(other):
                self.marks[other] = Mark.HIDDEN
        return True

    def _cheapest(self, start: Node, end: Node, without: int) -> tuple[tuple[int, int], tuple[int, ...]] | None:
        """The way on which the fewest further counts are held back, and of these ways the one with the smallest counts."""
        waiting: list[tuple[tuple[int, int], int, Node, tuple[int, ...]]] = [((0, 0), 0, start, ())]
        done: set[Node] = set()
        turn = 0
        while waiting:
            cost, _, node, way = heapq.heappop(waiting)
            if node == end:
                return cost, way
            if node in done:
                continue
            done.add(node)
            for number in self.touching.get(node, ()):
                target = self._next(node, number)
                if number != without and target is not None and target not in done:
                    turn += 1
                    heapq.heappush(waiting, (self._with_cost(cost, number), turn, target, (*way, number)))
        return None

    def _with_cost(self, cost: tuple[int, int], number: int) -> tuple[int, int]:
        if self._is_held_back(number):
            return cost
        return cost[0] + 1, cost[1] + self.counts[number].value

    def _next(self, node: Node, number: int) -> Node | None:
        """Where a pipe leads from a node, with one patient more or fewer in it; None where it cannot carry that."""
        count = self.counts[number]
        may_be_hidden = count.mark is None and count.value >= self.below
        if not self._is_held_back(number) and not may_be_hidden:
            return None
        if count.source == node and self._can_rise(number):
            return count.target
        return count.source if count.target == node and self._can_fall(number) else None
