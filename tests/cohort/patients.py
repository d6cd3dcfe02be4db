"""Random patients of the real content, for tests that hold something fast against the reference.

    patients = random_patients(knowledge, 300, seed=1)          # what is known of each: fact -> value
    frame = facts_frame(knowledge, patients, centre=["A", "B"])  # the same as a facts table

The same seed gives the same patients. They are no picture of real people; they are made to be awkward:

- one in two begins as a patient for whom some statement applies, so that all statuses occur and not only "undetermined";
  of these a part has a fact or two that is missing or different;
- how much is known varies from patient to patient, from nearly nothing to nearly everything, and facts that many statements
  ask about are known more often than those that none does;
- of what is known a part is exact, a part open between a few possibilities;
- numbers lie on, just beside and between the thresholds of the content; some may lie in two ranges apart;
- facts that are computed where nothing is recorded are recorded now and then, and now and then held open on purpose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import polars as pl

from nelm.cohort.facts_table import Layout
from nelm.criteria import BooleanType, CodedType, Codes, DateType, Span, Spans, Truth, Value
from nelm.criteria.residual import cells
from nelm.criteria.syntax import And, Name, Not
from nelm.criteria.witness import witness
from nelm.knowledge.base import CompiledStatement, Knowledge

FIRST_DAY, LAST_DAY = date(2005, 1, 1), date(2025, 12, 31)
Draw = Callable[[Random], Value]


def random_patients(knowledge: Knowledge, n: int, seed: int) -> list[dict[str, Value]]:
    """What is known of `n` patients; facts that are not named are not known at all."""
    making, random = _making(knowledge), Random(seed)
    return [making.patient(random) for _ in range(n)]


def facts_frame(knowledge: Knowledge, patients: Sequence[Mapping[str, Value]], **about: Sequence[Any]) -> pl.DataFrame:
    """Patients as a facts table; `about` gives other columns (`centre`, `as_of`, `given`), repeated until every row has one."""
    layout = Layout(knowledge.model)
    given = {"patient": [f"P{number}" for number in range(len(patients))], "as_of": [LAST_DAY], "given": [[]], **about}
    rows = [
        {**{name: values[number % len(values)] for name, values in given.items()}, **layout.row(facts)}
        for number, facts in enumerate(patients)
    ]
    return layout.frame(rows)


def _making(knowledge: Knowledge) -> _Making:
    """What draws patients of a content, made once; it holds the content, so that its identity stays its own."""
    if id(knowledge) not in _MADE:
        _MADE[id(knowledge)] = _Making(knowledge)
    return _MADE[id(knowledge)]


class _Making:
    """Draws patients; what takes time is worked out once."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.model = knowledge.model
        self.statements = tuple(
            found for compiled in knowledge.guidelines.values() for found in compiled.statements if found.when or found.unless
        )
        self.draws = {name: self._draw(name) for name in self.model.types}
        self.known = self._how_often_known()
        self._fitting: dict[str, dict[str, Value]] = {}

    def patient(self, random: Random) -> dict[str, Value]:
        kind = random.random()
        facts = self._fitting_facts(random.choice(self.statements)) if kind < 0.8 else {}
        if kind >= 0.5:  # something is missing, or otherwise
            facts = {name: value for name, value in facts.items() if random.random() < 0.85}
            facts |= {name: self.draws[name](random) for name in facts if random.random() < 0.1}
        complete = random.choice((0.05, 0.4, 0.8, 1.0))
        others = {name: draw(random) for name, draw in self.draws.items() if random.random() < complete * self.known[name]}
        return {**others, **facts}

    def _how_often_known(self) -> dict[str, float]:
        """The share of complete patients in whom a fact is known; what is computed is seldom recorded as well."""
        used = Counter(fact for found in self.statements for name in (*found.when, *found.unless) for fact in self.behind(name))
        most = max(used.values(), default=1)
        shares = {name: 0.1 + 0.85 * (used[name] / most) ** 0.5 for name in self.model.types}
        return {name: share * (0.15 if name in self.model.definitions else 1) for name, share in shares.items()}

    def behind(self, name: str) -> frozenset[str]:
        return self.knowledge.facts_behind(Name(name))

    def _fitting_facts(self, statement: CompiledStatement) -> dict[str, Value]:
        """Facts for which a statement applies, its scope included."""
        if statement.key not in self._fitting:
            scope = [Not(row.when) for row in self.knowledge.guidelines[statement.guideline].scope[:-1]]
            conditions = [*(Name(name) for name in statement.when), *(Not(Name(name)) for name in statement.unless)]
            self._fitting[statement.key] = witness(And((*scope, *conditions)), self.model, Truth.TRUE) or {}
        return dict(self._fitting[statement.key])

    # -- values ---------------------------------------------------------------------------------------

    def _draw(self, name: str) -> Draw:
        kind = self.model.types[name]
        match kind:
            case BooleanType():
                choices = [Truth.TRUE, Truth.FALSE] * 5
                held_open = [Truth.UNDETERMINED] if name in self.model.definitions else []
                return lambda random: random.choice([*choices, *held_open])
            case CodedType(codes):
                return lambda random: _some_codes(random, codes)
            case DateType():
                return _some_days
            case _:
                parts = cells(kind.domain, self.knowledge.comparisons_in_tables(name), self.model)
                spans = [span for part in parts if isinstance(part, Spans) for span in part.parts]
                return lambda random: _some_number(random, spans, kind.integral)


def _some_codes(random: Random, codes: Sequence[str]) -> Value:
    how_many = 1 if random.random() < 0.75 else random.randint(1, len(codes))
    return Codes(frozenset(random.sample(codes, how_many)))


def _some_days(random: Random) -> Value:
    first = FIRST_DAY + timedelta(random.randrange((LAST_DAY - FIRST_DAY).days))
    width = random.choice((0, 0, 0, 30, 364))
    return Spans.of([Span(first.toordinal(), first.toordinal() + width)], integral=True)


def _some_number(random: Random, parts: Sequence[Span], integral: bool) -> Value:
    """A number exactly; or between two thresholds; or in two ranges apart."""
    kind = random.random()
    if kind < 0.6:
        return Spans.point(_number(random, random.choice(parts), integral), integral)
    first, last = sorted(random.randrange(len(parts)) for _ in range(2))
    low, high = parts[first], parts[last]
    whole = Span(low.low, high.high, low.low_open, high.high_open)
    return Spans.of([whole] if kind < 0.9 or first == last else [low, high], integral)


def _number(random: Random, span: Span, integral: bool) -> float:
    """A number of an interval, often close to an end."""
    if span.is_point:
        return span.low
    low = span.low if span.low > float("-inf") else min(span.high, 0) - 100
    high = span.high if span.high < float("inf") else max(low, 0) + 100
    share = random.choice((0.001, 0.5, 0.999, random.uniform(0.01, 0.99)))
    found = low + share * (high - low)
    if not integral:
        return found
    return min(max(round(found), low + (span.low_open and low > float("-inf"))), high)


_MADE: dict[int, _Making] = {}
