"""From what was drawn to what stands in a record: left out, written with less than is known, or written as it is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from random import Random
from typing import Any

from nelm.cohort.synthetic.conditions import World
from nelm.cohort.synthetic.model import Form, Missing, Partial
from nelm.knowledge.dictionary import Element, parse_range

Write = Callable[[dict[str, Any], Any, World], None]
Written = Callable[[Any], Any]

DATE = "date"  # the date of an entry, which every entry may carry


@lru_cache(maxsize=1 << 17)
def day_in_words(day: int) -> str:
    return date.fromordinal(day).isoformat()


class Writing:
    """Makes the functions that write a value into an entry; all of them draw from one stream of random numbers."""

    def __init__(self, random: Random, missing: Missing | None, partial: Partial | None) -> None:
        self.random = random
        self.missing = missing
        self.partial = partial

    def write(self, name: str, element: Element | None) -> Write:
        """The function that writes values of an element, or (with no element) the date of an entry."""
        given, factor = self.missing, None if self.missing is None else self.missing.factor
        share = 0.0 if given is None else given.shares.get(name, given.otherwise)
        plain = _plain(element)
        form = self._forms(name, element, plain)
        random = self.random.random
        if form is None and plain is _as_it_is and factor is not None:

            def write_plain(entry: dict[str, Any], value: Any, world: World) -> None:
                if random() >= share * world[factor]:
                    entry[name] = value

            return write_plain
        in_form = form or (lambda value, world: plain(value))

        def write(entry: dict[str, Any], value: Any, world: World) -> None:
            if random() >= (share if factor is None else share * world[factor]):
                entry[name] = in_form(value, world)

        return write

    def _forms(self, name: str, element: Element | None, plain: Written) -> Callable[[Any, World], Any] | None:
        if self.partial is None:
            return None
        forms = [(form.share, self._form(form, element, plain)) for form in self.partial.forms if form.element == name]
        factor, random = self.partial.factor, self.random.random
        if not forms:
            return None
        total = sum(share for share, _ in forms)
        *others, (_, last) = forms

        def written(value: Any, world: World) -> Any:
            scale = 1.0 if factor is None else world[factor]
            chance = random()
            if chance >= total * scale:
                return plain(value)
            for share, form in others:
                chance -= share * scale
                if chance < 0.0:
                    return form(value)
            return last(value)

        return written

    def _form(self, form: Form, element: Element | None, plain: Written) -> Written:
        if form.written in ("month", "year"):
            length = len("2024-03") if form.written == "month" else len("2024")
            return lambda value: day_in_words(value)[:length]
        assert element is not None, "the date of an entry is written as a date"
        match form.written:
            case "limits":
                return _limits(sorted(form.at))
            case "steps":
                return _steps(form.of or 1.0, element)
            case _:
                return self._in_words(_words(form, element), plain)

    def _in_words(self, words: Mapping[str, tuple[str, ...]], plain: Written) -> Written:
        """One of the words for a code, where there are any."""
        pick = self.random.random

        def written(value: Any) -> Any:
            known = words.get(value)
            return known[int(pick() * len(known))] if known else plain(value)

        return written


def _as_it_is(value: Any) -> Any:
    return value


def _plain(element: Element | None) -> Written:
    return day_in_words if element is None or element.type == "date" else _as_it_is


def _words(form: Form, element: Element) -> dict[str, tuple[str, ...]]:
    """What each code may be written as."""
    codes = [code.code for code in element.codes]
    match form.written:
        case "set":
            return {code: tuple(word for word, members in element.sets.items() if code in members) for code in codes}
        case "neighbour":
            pairs = [f"{first}/{second}" for first, second in itertools.pairwise(codes)]
            return {code: tuple(pair for pair in pairs if code in pair.split("/")) for code in codes}
        case _:
            return {code.code: code.also for code in element.codes}


def _limits(at: list[float]) -> Written:
    """`<2`, `2-20`, `>20`; at a single number, `<2` and `>=2`."""
    low, high = at[0], at[-1]

    def written(value: float) -> str:
        if value < low:
            return f"<{low:g}"
        if len(at) == 1:
            return f">={high:g}"
        if value > high:
            return f">{high:g}"
        below, above = next((below, above) for below, above in itertools.pairwise(at) if value <= above)
        return f"{below:g}-{above:g}"

    return written


def _steps(of: float, element: Element) -> Written:
    """The range of width `of` that holds the number, within what is permitted."""
    permitted = parse_range(element.range)

    def written(value: float) -> str:
        low = value // of * of
        ends = max(low, permitted.low), min(low + of, permitted.high)
        if ends[0] == permitted.low and permitted.low_open:
            return f"<={ends[1]:g}"
        return f"{ends[0]:g}-{ends[1]:g}"

    return written
