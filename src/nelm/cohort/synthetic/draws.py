"""Distributions as plain functions: each takes what was drawn so far and gives the next value.

All tables are made beforehand, so that a value costs little more than its random number. A value whose parameters were not drawn is
not drawn either.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Callable, Mapping
from datetime import date
from itertools import accumulate
from random import Random
from typing import Any

from nelm.cohort.synthetic.conditions import World, certainly
from nelm.cohort.synthetic.model import OTHERWISE, Distribution, Number
from nelm.criteria import Span, ValueType, parse

Draw = Callable[[World], Any]

DAYS_IN_A_MONTH = 365.2425 / 12
TRIES = 200  # after so many values outside the limits, the nearest limit is taken
_LN2 = math.log(2)


class Drawing:
    """Makes the functions; all of them draw from one stream of random numbers."""

    def __init__(self, random: Random, types: Mapping[str, ValueType]) -> None:
        self.random = random
        self.types = types

    def draw(self, given: Distribution, within: Span | None = None) -> Draw:
        """The function for a checked distribution; `within` is the permitted range of the value."""
        match given.ways[0]:
            case "choice":
                return self._choice(given.choice or {})
            case "chance":
                return self._chance(given.chance or 0.0)
            case "exactly":
                return _constant(given.exactly)
            case "same_as":
                return _named(given.same_as or "")
            case "is":
                return certainly(parse(given.is_ or ""), self.types)
            case "after":
                return self._after(given)
            case "earliest" | "latest":
                return _extreme(given)
            case "by" if given.values is not None:
                return _looked_up(given.by or "", given.values)
            case "by":
                return self._by_table(given.by or "", {key: self.draw(table, within) for key, table in (given.tables or {}).items()})
            case "cases":
                return self._cases(given, within)
            case _:
                return _limited(self._sampled(given), given, within)

    def _choice(self, weights: Mapping[str, float]) -> Draw:
        codes, cumulative = tuple(weights), list(accumulate(weights.values()))
        total, last, random = cumulative[-1], len(codes) - 1, self.random.random
        return lambda world: codes[bisect(cumulative, random() * total, 0, last)]

    def _chance(self, chance: Number) -> Draw:
        random = self.random.random
        if isinstance(chance, str):
            return lambda world: random() < (world[chance] or 0.0)
        return lambda world: random() < chance

    def _sampled(self, given: Distribution) -> Draw:
        """A number before it is cut off and rounded."""
        gauss, random, exp, log = self.random.gauss, self.random.random, math.exp, math.log
        if given.normal is not None:
            return _of_two(given.normal.mean, given.normal.sd, gauss)
        if given.lognormal is not None:
            return _of_two(given.lognormal.median, given.lognormal.sigma, lambda median, sigma: exp(gauss(log(median), sigma)))
        if given.uniform is not None:
            return _of_two(given.uniform.low, given.uniform.high, lambda low, high: low + (high - low) * random())
        if given.weibull is not None:
            return _of_two(given.weibull.median, given.weibull.shape, lambda median, shape: _weibull(median, shape, random()))
        combine = math.prod if given.product is not None else math.fsum
        parts = [_number(part) for part in given.product or given.sum or ()]

        def draw(world: World) -> float | None:
            found = [part(world) for part in parts]
            return None if None in found else float(combine(found))

        return draw

    def _after(self, given: Distribution) -> Draw:
        start = _day(given.after or "")
        later, scale = (given.days, 1.0) if given.days is not None else (given.months, DAYS_IN_A_MONTH)
        assert later is not None, "a date has days or months"
        amount = self.draw(later)

        def draw(world: World) -> int | None:
            day, more = start(world), amount(world)
            return None if day is None or more is None else day + round(more * scale)

        return draw

    def _by_table(self, name: str, tables: Mapping[str, Draw]) -> Draw:
        found: dict[Any, Draw] = {_key(key): table for key, table in tables.items()}
        otherwise = tables.get(OTHERWISE, _constant(None))
        return lambda world: found.get(world[name], otherwise)(world)

    def _cases(self, given: Distribution, within: Span | None) -> Draw:
        *conditional, last = given.cases or ()
        cases = [(certainly(parse(case.when or "true"), self.types), self.draw(case, within)) for case in conditional]
        otherwise = self.draw(last, within)
        if len(cases) == 1:  # by far the most frequent
            ((only_if, first),) = cases
            return lambda world: first(world) if only_if(world) else otherwise(world)

        def draw(world: World) -> Any:
            for holds, case in cases:
                if holds(world):
                    return case(world)
            return otherwise(world)

        return draw


def _constant(value: Any) -> Draw:
    plain = int(value) if isinstance(value, float) and value.is_integer() else value
    return lambda world: plain


def _named(name: str) -> Draw:
    return lambda world: world[name]


def _number(number: Number) -> Draw:
    return _named(number) if isinstance(number, str) else _constant(number)


def _day(name: str) -> Draw:
    """A day: of a variable, or written out (`@2005-01-01`)."""
    return _constant(date.fromisoformat(name[1:]).toordinal()) if name.startswith("@") else _named(name)


def _key(written: str) -> str | bool:
    return {"true": True, "false": False}.get(written, written)


def _of_two(first: Number, second: Number, sample: Callable[[float, float], float]) -> Draw:
    """A value of two parameters, each a number or the name of a variable."""
    if not isinstance(first, str) and not isinstance(second, str):
        return lambda world: sample(first, second)
    a, b = _number(first), _number(second)

    def draw(world: World) -> float | None:
        x, y = a(world), b(world)
        return None if x is None or y is None else sample(x, y)

    return draw


def _weibull(median: float, shape: float, chance: float) -> float:
    return median * float((-math.log(1.0 - chance) / _LN2) ** (1.0 / shape))


def _extreme(given: Distribution) -> Draw:
    choose: Callable[[list[Any]], Any] = max if given.latest is not None else min
    days = [_day(name) for name in given.latest or given.earliest or ()]

    def draw(world: World) -> Any:
        known = [value for day in days if (value := day(world)) is not None]
        return choose(known) if known else None

    return draw


def _looked_up(name: str, values: Mapping[str, float]) -> Draw:
    found: dict[Any, float] = {_key(key): value for key, value in values.items()}
    otherwise = values.get(OTHERWISE)
    return lambda world: found.get(world[name], otherwise)


def _limited(sample: Draw, given: Distribution, within: Span | None) -> Draw:
    """A number rounded, and drawn again while it lies outside its limits; one that is computed is moved to the limit."""
    finish = _rounding(given.digits)
    low, high = _limit(given.low, within, lowest=True), _limit(given.high, within, lowest=False)
    if low == -math.inf and high == math.inf:
        return lambda world: None if (value := sample(world)) is None else finish(value)
    tries = 1 if given.product is not None or given.sum is not None else TRIES

    def within_limits(world: World, at_least: float, at_most: float) -> float | None:
        value = 0.0
        for _ in range(tries):
            drawn = sample(world)
            if drawn is None:
                return None
            value = finish(drawn)
            if at_least <= value <= at_most:
                return value
        moved = min(max(value, at_least), at_most)
        return finish(moved) if at_least <= finish(moved) <= at_most else moved

    if not callable(low) and not callable(high):
        return lambda world: within_limits(world, low, high)
    lower, upper = (end if callable(end) else _constant(end) for end in (low, high))

    def draw(world: World) -> float | None:
        at_least, at_most = lower(world), upper(world)
        return None if at_least is None or at_most is None else within_limits(world, at_least, at_most)

    return draw


def _rounding(digits: int | None) -> Callable[[float], float]:
    if digits is None:
        return float
    return round if digits == 0 else lambda value: round(value, digits)


def _limit(given: Number | None, within: Span | None, *, lowest: bool) -> float | Draw:
    """One end of what is permitted: as given, and never outside the range of the dictionary."""
    end = -math.inf if lowest else math.inf
    if within is not None:
        is_open, end = (within.low_open, within.low) if lowest else (within.high_open, within.high)
        end = math.nextafter(end, math.inf if lowest else -math.inf) if is_open and not math.isinf(end) else end
    narrower: Callable[[float, float], float] = max if lowest else min
    if isinstance(given, str):
        return lambda world: None if world[given] is None else narrower(world[given], end)
    return end if given is None else narrower(given, end)
