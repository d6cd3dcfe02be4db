"""Possible values: a fact is the set of values it may still have.

| kind of fact    | held as                                   |
|-----------------|-------------------------------------------|
| boolean         | `Truth`                                   |
| coded           | `Codes`, a non-empty set of codes         |
| quantity        | `Spans`, intervals with open or closed ends |
| count, date     | `Spans` of whole numbers (days for a date)  |

Everything here is immutable. Learning something replaces a value by a smaller one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from nelm.criteria.truth import Truth


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes a coded fact may still have; never empty."""

    members: frozenset[str]

    def __post_init__(self) -> None:
        if not self.members:
            raise ValueError("a coded fact must keep at least one possible code")

    @classmethod
    def of(cls, *codes: str) -> Codes:
        return cls(frozenset(codes))

    def equals(self, other: Codes) -> Truth:
        """Whether two coded facts have the same code."""
        shared = self.members & other.members
        both_single = len(self.members) == 1 and len(other.members) == 1
        return Truth.of(bool(shared), not (both_single and shared))

    def is_in(self, codes: frozenset[str]) -> Truth:
        return Truth.of(bool(self.members & codes), bool(self.members - codes))

    def union(self, other: Codes) -> Codes:
        return Codes(self.members | other.members)

    def meet(self, other: Codes) -> Codes | None:
        """What both allow, or None where they exclude one another."""
        shared = self.members & other.members
        return Codes(shared) if shared else None

    @property
    def single(self) -> str | None:
        return next(iter(self.members)) if len(self.members) == 1 else None


@dataclass(frozen=True, slots=True)
class Span:
    """An interval from `low` to `high`; an end that is open does not belong to it, and infinity never does."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def __post_init__(self) -> None:
        if math.isnan(self.low) or math.isnan(self.high):
            raise ValueError("an interval needs numbers at both ends")
        if math.isinf(self.low):
            object.__setattr__(self, "low_open", True)
        if math.isinf(self.high):
            object.__setattr__(self, "high_open", True)
        if self.low > self.high or (self.low == self.high and (self.low_open or self.high_open)):
            raise ValueError(f"the interval from {self.low:g} to {self.high:g} is empty")

    @property
    def is_point(self) -> bool:
        return self.low == self.high

    def meet(self, other: Span) -> Span | None:
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, high_closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        if low > high or (low == high and (low_open or not high_closed)):
            return None
        return Span(low, high, low_open, not high_closed)


EVERYTHING = Span(-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Spans:
    """The numbers a quantity, count or date may still be: one interval, or several apart.

    Several intervals arise where entries contradict one another ("25" and "35") and where a
    single value was ruled out; they stand in order and do not touch. `integral` marks counts and dates (days since 1 January of the year 1).
    """

    parts: tuple[Span, ...]
    integral: bool = False

    @classmethod
    def of(cls, spans: Iterable[Span], integral: bool = False) -> Spans:
        """Normalise: whole-number ends for counts, touching intervals joined, sorted.

        Raises ValueError when nothing remains.
        """
        pieces = [_whole(span) for span in spans] if integral else list(spans)
        kept = sorted((piece for piece in pieces if piece is not None), key=lambda span: (span.low, span.low_open))
        if not kept:
            raise ValueError("a fact must keep at least one possible value")
        joined = [kept[0]]
        for span in kept[1:]:
            last = joined[-1]
            if _touch(last, span, integral):
                joined[-1] = _hull(last, span)
            else:
                joined.append(span)
        return cls(tuple(joined), integral)

    @classmethod
    def point(cls, value: float, integral: bool = False) -> Spans:
        return cls((Span(value, value),), integral)

    @property
    def low(self) -> Span:
        return self.parts[0]

    @property
    def high(self) -> Span:
        return self.parts[-1]

    @property
    def single(self) -> float | None:
        first = self.parts[0]
        return first.low if len(self.parts) == 1 and first.is_point else None

    def less_than(self, other: Spans) -> Truth:
        """Whether this number is below the other one."""
        can = any(_can_be_below(a, b) for a in self.parts for b in other.parts)
        cannot = any(_can_be_at_least(a, b) for a in self.parts for b in other.parts)
        return Truth.of(can, cannot)

    def equals(self, other: Spans) -> Truth:
        same = self.single is not None and self.single == other.single
        return Truth.of(self.meet(other) is not None, not same)

    def between(self, low: Spans, high: Spans) -> Truth:
        """Whether `low <= self <= high`.

        Asked at once and not as two comparisons: of a number that is below 2 or above 21, each of "at least 3"
        and "at most 20" can be true, but not both.
        """
        lowest, highest = low.low, high.high
        above = self.meet(Spans((Span(lowest.low, math.inf, lowest.low_open),)))
        within = None if above is None else above.meet(Spans((Span(-math.inf, highest.high, False, highest.high_open),)))
        outside = self.less_than(low).can_be_true or high.less_than(self).can_be_true
        return Truth.of(within is not None, outside)

    def union(self, other: Spans) -> Spans:
        return Spans.of((*self.parts, *other.parts), self.integral and other.integral)

    def meet(self, other: Spans) -> Spans | None:
        """What both allow, or None where they exclude one another."""
        shared = [piece for a in self.parts for b in other.parts if (piece := a.meet(b))]
        try:
            return Spans.of(shared, self.integral or other.integral)
        except ValueError:
            return None


Value = Truth | Codes | Spans


def _whole(span: Span) -> Span | None:
    """The whole numbers of an interval, from the first to the last."""
    low = span.low if math.isinf(span.low) else math.floor(span.low) + 1 if span.low_open else math.ceil(span.low)
    high = span.high if math.isinf(span.high) else math.ceil(span.high) - 1 if span.high_open else math.floor(span.high)
    return Span(low, high) if low <= high else None


def _touch(first: Span, second: Span, integral: bool) -> bool:
    if second.low < first.high:
        return True
    if second.low == first.high:
        return not (first.high_open and second.low_open)
    return integral and second.low == first.high + 1


def _hull(first: Span, second: Span) -> Span:
    """From where the first one begins (no later than the second) to where the last one ends."""
    high, high_closed = max((first.high, not first.high_open), (second.high, not second.high_open))
    return Span(first.low, high, first.low_open, not high_closed)


def _can_be_below(a: Span, b: Span) -> bool:
    """Some number of `a` is below some number of `b`."""
    return a.low < b.high


def _can_be_at_least(a: Span, b: Span) -> bool:
    """Some number of `a` is at or above some number of `b`."""
    return a.high > b.low or (a.high == b.low and not a.high_open and not b.low_open)


def meet(first: Value, second: Value) -> Value | None:
    """What two values of one kind both allow; None where they exclude one another."""
    if isinstance(first, Truth) and isinstance(second, Truth):
        if first is second or second is Truth.UNDETERMINED:
            return first
        return second if first is Truth.UNDETERMINED else None
    if isinstance(first, Codes) and isinstance(second, Codes):
        return first.meet(second)
    if isinstance(first, Spans) and isinstance(second, Spans):
        return first.meet(second)
    raise TypeError(f"{type(first).__name__} and {type(second).__name__} are not of one kind")


def union(first: Value, second: Value) -> Value:
    """Everything that either of two values of one kind allows."""
    if isinstance(first, Truth) and isinstance(second, Truth):
        return first if first is second else Truth.UNDETERMINED
    if isinstance(first, Codes) and isinstance(second, Codes):
        return first.union(second)
    if isinstance(first, Spans) and isinstance(second, Spans):
        return first.union(second)
    raise TypeError(f"{type(first).__name__} and {type(second).__name__} are not of one kind")


def is_settled(value: Value) -> bool:
    """True for a value that leaves nothing open."""
    return value.is_determined if isinstance(value, Truth) else value.single is not None


def admits(wider: Value, narrower: Value) -> bool:
    """True if `narrower` allows nothing that `wider` does not: knowledge was added or is equal."""
    return meet(wider, narrower) == narrower
