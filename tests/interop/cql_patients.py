"""Generated patients: every fact of a library exactly known or not at all, numbers at, below and above each threshold."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from nelm.criteria import Codes, Expression, Span, Spans, Truth, Value, ValueType, admits
from nelm.criteria.residual import cells
from nelm.criteria.syntax import And, Name, Not
from nelm.criteria.types import BooleanType, CodedType, NumberType
from nelm.criteria.witness import witness
from nelm.interop.cql import Library
from nelm.knowledge.base import Knowledge

# The shares of facts that are missing; a patient with none missing comes every second time.
MISSING = (0.0, 0.1, 0.0, 0.3, 0.0, 0.6, 0.0, 0.9)
AIMED_EVERY = 3
# The share of entries of facts that are also computed which leave everything open: then nothing is computed in their place.
INEXACT = 0.2


@dataclass(frozen=True)
class Patient:
    """Facts that are known; `complete` where every recorded one is."""

    values: dict[str, Value]
    complete: bool


def patients(knowledge: Knowledge, library: Library, guideline: str, count: int, seed: int = 20261121) -> Iterator[Patient]:
    """Patients over the parameters of a library; of the facts that are also computed, half are entered.

    Every third is aimed at a criterion that is to be fulfilled or a statement that is to apply, one after the other.
    """
    random = Random(seed)
    names = list(dict.fromkeys(parameter.fact for parameter in library.parameters))
    choices = {name: choices_for(knowledge, name) for name in names}
    aimed = itertools.cycle(list(_aimed_at(knowledge, guideline)) or [{}])
    for number in range(count):
        missing = MISSING[number % len(MISSING)]
        shares = {name: 0.5 if name in knowledge.model.enterable else missing for name in names}
        values = {name: random.choice(choices[name]) for name in names if random.random() >= shares[name]}
        if number % AIMED_EVERY == 0:
            values |= {name: value for name, value in next(aimed).items() if name in choices}
        if missing:
            values |= {
                name: knowledge.model.domain_of(name) for name in sorted(knowledge.model.enterable & {*values}) if random.random() < INEXACT
            }
        yield Patient(values, missing == 0)


def _aimed_at(knowledge: Knowledge, guideline: str) -> Iterator[dict[str, Value]]:
    """For each criterion exact facts that fulfil it, for each statement such with which it applies, where some are found."""
    compiled = knowledge.guidelines[guideline]
    outside = [Not(row.when) for row in compiled.scope[:-1]]
    wanted: list[Expression] = [Name(name) for name in knowledge.model.definitions if name.startswith((f"{guideline}.", f"{guideline}/"))]
    for statement in compiled.statements:
        if statement.statement.has_conditions:
            wanted.append(And((*outside, *map(Name, statement.when), *(Not(Name(name)) for name in statement.unless))))
    for condition in wanted:
        found = witness(condition, knowledge.model, Truth.TRUE)
        if found is not None:
            yield {name: _exactly(knowledge, name, value) for name, value in found.items()}


def _exactly(knowledge: Knowledge, name: str, value: Value) -> Value:
    kind = knowledge.model.type_of(name)
    assert kind is not None
    return next(one for one in exact(kind, [value]) if admits(value, one))


def choices_for(knowledge: Knowledge, name: str) -> list[Value]:
    """Exact values that a fact may have: all codes, and for a number some in each part that thresholds divide."""
    kind = knowledge.model.type_of(name)
    assert kind is not None
    return exact(kind, cells(kind.domain, knowledge.comparisons_in_tables(name), knowledge.model))


def exact(kind: ValueType, parts: list[Value]) -> list[Value]:
    """The exact values of a type; a number just inside both ends of each part, and in its middle."""
    if isinstance(kind, BooleanType):
        return [Truth.TRUE, Truth.FALSE]
    if isinstance(kind, CodedType):
        return [Codes.of(code) for code in kind.codes]
    whole = not isinstance(kind, NumberType) or kind.integral
    numbers = {number for part in parts if isinstance(part, Spans) for span in part.parts for number in _inside(span, whole)}
    return [Spans.point(number, integral=whole) for number in sorted(numbers)]


def _inside(span: Span, whole: bool) -> list[float]:
    """A few numbers of an interval; of an infinite one those near its end."""
    step = 1.0 if whole else 0.125
    low = span.low if span.low > float("-inf") else min(span.high, 0) - 100
    high = span.high if span.high < float("inf") else max(span.low, 0) + 100
    middle = (low + high) // 2 if whole else (low + high) / 2
    tried = map(float, (low, low + step, middle, high - step, high))
    return [number for number in tried if span.meet(Span(number, number)) is not None and (number.is_integer() or not whole)]
