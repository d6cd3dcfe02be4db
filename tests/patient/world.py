"""Helpers for the tests of records and facts: the harbour of the content tests, and short ways to write values."""

from __future__ import annotations

import math
from datetime import date
from textwrap import dedent

from nelm.criteria import Codes, Span, Spans, Truth, Value
from nelm.knowledge.base import Knowledge
from nelm.patient.facts import Facts, facts_of
from nelm.patient.record import Problem, Record, RecordError, parse_record

INF = math.inf
TRUE, FALSE, UNDETERMINED = Truth.TRUE, Truth.FALSE, Truth.UNDETERMINED


def codes(*names: str) -> Codes:
    return Codes.of(*names)


def number(low: float, high: float | None = None, *, low_open: bool = False, high_open: bool = False) -> Spans:
    """A number, or a range of numbers."""
    return Spans.of([Span(low, low if high is None else high, low_open, high_open)])


def count(low: int, high: float | None = None) -> Spans:
    return Spans.of([Span(low, low if high is None else high)], integral=True)


def days(first: str, last: str | None = None) -> Spans:
    """A day, or a range of days, by their ISO dates."""
    return count(date.fromisoformat(first).toordinal(), date.fromisoformat(last or first).toordinal())


def record_of(text: str, knowledge: Knowledge, *, set_aside_invalid: bool = False) -> Record:
    return parse_record(dedent(text), "case.yaml", knowledge, set_aside_invalid=set_aside_invalid)


def problems_in(text: str, knowledge: Knowledge) -> list[Problem]:
    """What is wrong with a record; nothing where it can be read."""
    try:
        record_of(text, knowledge)
    except RecordError as error:
        return error.problems
    return []


def facts_in(text: str, knowledge: Knowledge, as_of: date | None = None) -> Facts:
    return facts_of(record_of(text, knowledge), knowledge, as_of)


def value_in(text: str, knowledge: Knowledge, name: str, as_of: date | None = None) -> Value:
    return facts_in(text, knowledge, as_of).value_of(name)
