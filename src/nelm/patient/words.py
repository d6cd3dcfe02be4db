"""What a fact may still be, in words: `G1 or G2`, `30 to 100 %`, `not known`."""

from __future__ import annotations

from nelm.criteria import Codes, DateType, NumberType, Span, Spans, Truth, Value
from nelm.knowledge.base import Knowledge
from nelm.patient.partial import date_as_written

NOT_KNOWN = "not known"


def value_in_words(name: str, value: Value, knowledge: Knowledge) -> str:
    """A value as a clinician would say it, with its unit; `not known` for one that says nothing."""
    kind = knowledge.model.type_of(name)
    if kind is not None and value == kind.domain:
        return NOT_KNOWN
    if isinstance(value, Truth):
        return "yes" if value is Truth.TRUE else "no"
    if isinstance(value, Codes):
        labels = {code.code: code.label for code in knowledge.codes_of(name)}
        ranked = [code for code in labels if code in value.members] or sorted(value.members)
        return " or ".join(labels.get(code, code) for code in ranked)
    if isinstance(kind, DateType):
        return " or ".join(_days(part) for part in value.parts)
    return " or ".join(_number(part, kind if isinstance(kind, NumberType) else None) for part in value.parts)


def _number(span: Span, kind: NumberType | None) -> str:
    unit = f" {kind.unit}" if kind is not None and kind.unit else ""
    if span.is_point:
        return f"{span.low:g}{unit}"
    lowest, highest = (kind.range.low, kind.range.high) if kind is not None else (float("-inf"), float("inf"))
    if span.low <= lowest:
        return f"{'below' if span.high_open else 'at most'} {span.high:g}{unit}"
    if span.high >= highest:
        return f"{'above' if span.low_open else 'at least'} {span.low:g}{unit}"
    low = f"above {span.low:g}" if span.low_open else f"{span.low:g}"
    high = f"below {span.high:g}" if span.high_open else f"{span.high:g}"
    return f"{low} to {high}{unit}"


def _days(span: Span) -> str:
    written = date_as_written(Spans.of([span], integral=True))
    return written.replace("<=", "on or before ").replace(">=", "on or after ")
