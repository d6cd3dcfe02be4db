"""The dictionary: types of elements, and ranges as they are written."""

from __future__ import annotations

import math

import pytest

from nelm.criteria import BooleanType, CodedType, DateType, NumberType, Span, ValueType
from nelm.knowledge.dictionary import Code, Element, Kind, parse_range


@pytest.mark.parametrize(
    ("text", "span"),
    [
        (None, Span(-math.inf, math.inf)),
        ("", Span(-math.inf, math.inf)),
        (">= 0", Span(0, math.inf)),
        ("> 0", Span(0, math.inf, low_open=True)),
        ("<= 100", Span(-math.inf, 100)),
        ("< 100", Span(-math.inf, 100, high_open=True)),
        (">= 0, <= 100", Span(0, 100)),
        ("<100,>-2.5", Span(-2.5, 100, low_open=True, high_open=True)),
        (">= 5, <= 5", Span(5, 5)),
    ],
)
def test_ranges(text: str | None, span: Span) -> None:
    assert parse_range(text) == span


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0-100", "a range reads like '>= 0, <= 100', not '0-100'"),
        (">= 0 <= 100", "a range reads like '>= 0, <= 100', not '>= 0 <= 100'"),
        (">= 0,", "a range reads like '>= 0, <= 100', not ''"),
        (">= ,5", "a range reads like"),
        (">= 1e3", "a range reads like"),
        (">= 5, <= 3", "the interval from 5 to 3 is empty"),
        ("> 5, <= 5", "the interval from 5 to 5 is empty"),
    ],
)
def test_what_is_no_range(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_range(text)


@pytest.mark.parametrize(
    ("kind", "value_type"),
    [
        ("boolean", BooleanType()),
        ("coded", CodedType(("a", "b"))),
        ("quantity", NumberType("mm", Span(0, 9))),
        ("count", NumberType("mm", Span(0, 9), integral=True)),
        ("date", DateType()),
        ("text", None),
        ("list", None),
    ],
)
def test_the_type_that_conditions_see(kind: Kind, value_type: ValueType | None) -> None:
    codes = (Code("a", "First"), Code("b", "Second")) if kind == "coded" else ()
    assert Element("name", "Label", kind, unit="mm", range=">= 0, <= 9", codes=codes).value_type == value_type


def test_the_label_of_a_code() -> None:
    element = Element("name", "Label", "coded", codes=(Code("a", "First"), Code("b", "Second")))
    assert (element.label_of("b"), element.label_of("c")) == ("Second", "c")
