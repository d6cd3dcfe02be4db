"""A record as plain data, ready to be written as YAML or JSON and read again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from nelm.criteria import Codes, DateType, NumberType, Span, Spans, Truth, ValueType
from nelm.knowledge.base import Knowledge
from nelm.knowledge.dictionary import RECORD_TEXTS, Element
from nelm.patient.partial import Stated, date_as_written
from nelm.patient.record import FORMAT, Entry, Record


def to_plain(record: Record, knowledge: Knowledge) -> dict[str, Any]:
    """The record as fields and lists: what it says, in the form that `parse_record` reads as the same.

    Values that were set aside are left out. Raises ValueError for a number that no single value says (several ranges
    apart, a range without one of its ends): a record that was read holds none.
    """
    header: dict[str, Any] = {"nelm": FORMAT} | {name: getattr(record, name) for name in RECORD_TEXTS}
    header["as_of"] = None if record.as_of is None else date_as_written(record.as_of)
    header["complete"] = [key for key, entity in knowledge.entities.items() if entity.entity in record.complete]
    plain = {name: value for name, value in header.items() if value not in (None, [])}
    for key, entity in knowledge.entities.items():
        entries = {entry.number: _entry(entry, knowledge) for entry in record.of(entity.entity)}
        if entries and entity.many:
            plain[key] = [entries.get(number) for number in range(1, max(entries) + 1)]  # null where one was left blank
        elif entries:
            plain[key] = entries[1]
    return plain


def _entry(entry: Entry, knowledge: Knowledge) -> dict[str, Any]:
    fields: dict[str, Any] = {} if entry.date is None else {"date": date_as_written(entry.date)}
    fields |= {name: _value(knowledge.elements[name], value) for name, value in entry.values.items()}
    fields |= {name: text for name in ("source", "note") if (text := getattr(entry, name)) is not None}
    # an entry of which nothing is known is still one; without any field it would be read as left blank
    return fields or {knowledge.entities[entry.record_key].elements[0].name: "unknown"}


def _value(element: Element, value: Stated) -> Any:
    kind = element.value_type
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Truth):
        return value is Truth.TRUE
    if isinstance(value, Codes):
        ranked = [code.code for code in element.codes if code.code in value.members]
        return ranked[0] if len(ranked) == 1 else ranked
    return date_as_written(value) if isinstance(kind, DateType) else _number(value, kind)


def _number(value: Spans, kind: ValueType | None) -> int | float | str:
    """`8`, `'<2'`, `'>=50'` or `'10-15'`, as the limits of the dictionary allow it to be said."""
    span = _only(value)
    if span.is_point:
        return int(span.low) if float(span.low).is_integer() else span.low
    domain = kind.domain if isinstance(kind, NumberType) else value
    assert isinstance(domain, Spans), "a number has a range of numbers"
    if (span.low, span.low_open) == (domain.low.low, domain.low.low_open):
        return f"{'<' if span.high_open else '<='}{_digits(span.high)}"
    if (span.high, span.high_open) == (domain.high.high, domain.high.high_open):
        return f"{'>' if span.low_open else '>='}{_digits(span.low)}"
    if span.low_open or span.high_open:
        raise ValueError(f"{span} cannot be written as one value")
    return f"{_digits(span.low)}-{_digits(span.high)}"


def _only(value: Spans) -> Span:
    if len(value.parts) > 1:
        raise ValueError(f"{value} cannot be written as one value")
    return value.parts[0]


def _digits(number: float) -> str:
    return format(Decimal(repr(number)), "f").removesuffix(".0")
