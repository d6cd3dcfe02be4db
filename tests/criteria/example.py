"""A small world for the tests of the language: houses. Nothing in it is clinical."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date

from nelm.criteria import (
    BooleanType,
    CodedType,
    Codes,
    DateType,
    Evaluator,
    Model,
    NumberType,
    Row,
    Span,
    Spans,
    Table,
    Truth,
    Value,
    ValueType,
    parse,
)

TRUE, FALSE, UNDETERMINED = Truth.TRUE, Truth.FALSE, Truth.UNDETERMINED

TYPES: Mapping[str, ValueType] = {
    "wet": BooleanType(),
    "warm": BooleanType(),
    "lit": BooleanType(),
    "colour": CodedType(("red", "green", "blue")),
    "roof": CodedType(("green", "blue", "grey")),
    "shape": CodedType(("round", "square")),
    "height": NumberType("cm", Span(0, 300)),
    "width": NumberType("cm", Span(0, 300, low_open=True)),
    "slope": NumberType("%", Span(0, 100)),
    "age": NumberType("months", Span(0, math.inf)),
    "score": NumberType(),
    "rooms": NumberType(range=Span(0, 20), integral=True),
    "doors": NumberType(range=Span(0, 20), integral=True),
    "built": DateType(),
    "sold": DateType(),
}


def table(*rows: tuple[str, str], otherwise: str, codes: tuple[str, ...] = ("small", "middle", "large")) -> Table:
    """A decision table; several codes in one cell are separated by '/'."""
    return Table(codes, tuple(Row(parse(when), _codes(then)) for when, then in rows), _codes(otherwise))


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split("/"))


MODEL = Model(
    TYPES,
    {
        "tall": parse("height >= 200"),
        "pleasant": parse("warm and not wet"),
        "inviting": parse("pleasant or lit"),
        "size": table(("height < 100", "small"), ("height > 200 and width > 200", "large"), otherwise="middle"),
        "price": table(("size = 'large'", "large"), ("wet", "small/middle"), otherwise="small"),
    },
)


def span(text: str) -> Span:
    """An interval as mathematicians write it: `[1, 2)`; nothing at an end is infinity."""
    low, high = (part.strip() for part in text[1:-1].split(","))
    return Span(float(low or "-inf"), float(high or "inf"), text[0] == "(", text[-1] == ")")


def numbers(text: str) -> Spans:
    """A quantity: `5`, `[1, 2)`, or several joined by `or`."""
    return Spans.of(_spans(text))


def whole(text: str) -> Spans:
    """A count: the whole numbers of `numbers(text)`."""
    return Spans.of(_spans(text), integral=True)


def days(text: str) -> Spans:
    """A date: `2024-03-01`, or `2024-03-01..2024-03-05`."""
    ends = [date.fromisoformat(part).toordinal() for part in text.split("..")]
    return Spans.of([Span(ends[0], ends[-1])], integral=True)


def codes(text: str) -> Codes:
    """Codes separated by spaces."""
    return Codes(frozenset(text.split()))


def _spans(text: str) -> list[Span]:
    return [span(part) if part[0] in "[(" else Span(float(part), float(part)) for part in text.split(" or ")]


def holds(condition: str, facts: Mapping[str, Value] | None = None, model: Model = MODEL) -> Truth:
    """What the reference evaluator says."""
    return Evaluator(model, facts or {}).truth(parse(condition))
