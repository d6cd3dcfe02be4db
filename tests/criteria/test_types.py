"""Types, their domains, and units that convert exactly or not at all."""

from __future__ import annotations

import pytest

from nelm.criteria import BooleanType, CodedType, DateType, NumberType, Value, ValueType
from nelm.criteria.types import convert, permitted_units
from tests.criteria.example import UNDETERMINED, codes, days, numbers, span, whole


@pytest.mark.parametrize(
    ("kind", "name", "domain"),
    [
        (BooleanType(), "boolean", UNDETERMINED),
        (CodedType(("red", "green")), "coded", codes("red green")),
        (NumberType("cm", span("[0, 300)")), "quantity", numbers("[0, 300)")),
        (NumberType(), "quantity", numbers("(, )")),
        (NumberType(range=span("[0, 20]"), integral=True), "count", whole("[0, 20]")),
        (NumberType(range=span("(0, )"), integral=True), "count", whole("[1, )")),
        (DateType(), "date", days("0001-01-01..9999-12-31")),
    ],
)
def test_a_fact_may_have_every_value_of_its_type(kind: ValueType, name: str, domain: Value) -> None:
    assert kind.name == name
    assert kind.domain == domain


@pytest.mark.parametrize(
    ("value", "unit", "target", "result"),
    [
        (3, "cm", "cm", 3),
        (1.1, "cm", "mm", 11),  # exactly: 1.1 * 10 would be 11.000000000000002
        (5, "mm", "cm", 0.5),
        (2, "m", "cm", 200),
        (250, "um", "mm", 0.25),
        (250, "µm", "mm", 0.25),  # the micro sign
        (250, "μm", "mm", 0.25),
        (2, "weeks", "days", 14),
        (1, "week", "d", 7),
        (2, "years", "months", 24),
        (1, "Year", "mo", 12),
        (50, "percent", "%", 50),
        (50, "per cent", "percent", 50),
        (7, "kg", "kg", 7),  # a unit without a dimension converts to itself
    ],
)
def test_units_convert(value: float, unit: str, target: str, result: float) -> None:
    assert convert(value, unit, target) == result


@pytest.mark.parametrize(
    ("unit", "target"),
    [
        ("cm", "months"),
        ("days", "months"),  # no month has a fixed number of days
        ("kg", "cm"),
        ("cm", "kg"),
        ("CM", "mm"),  # symbols are written exactly
    ],
)
def test_units_that_measure_different_things_do_not(unit: str, target: str) -> None:
    with pytest.raises(ValueError, match=f"unit {unit!r} cannot be converted to {target!r}"):
        convert(1, unit, target)


@pytest.mark.parametrize(
    ("unit", "permitted"),
    [
        ("mm", ["mm", "um", "cm", "m"]),
        ("month", ["month", "months", "years"]),
        ("%", ["%", "percent"]),
        ("kg", ["kg"]),
    ],
)
def test_permitted_units(unit: str, permitted: list[str]) -> None:
    assert permitted_units(unit) == permitted
