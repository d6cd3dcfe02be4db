"""Types of facts, and the units that quantities are measured in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nelm.criteria.truth import Truth
from nelm.criteria.values import EVERYTHING, Codes, Span, Spans, Value


@dataclass(frozen=True, slots=True)
class BooleanType:
    """True or false."""

    name = "boolean"

    @property
    def domain(self) -> Value:
        return Truth.UNDETERMINED


@dataclass(frozen=True, slots=True)
class CodedType:
    """One of a closed list of codes; their order is their rank."""

    codes: tuple[str, ...]
    name = "coded"

    @property
    def domain(self) -> Value:
        return Codes(frozenset(self.codes))


@dataclass(frozen=True, slots=True)
class NumberType:
    """A quantity in a unit, or a count (`integral`), within its permitted range."""

    unit: str | None = None
    range: Span = EVERYTHING
    integral: bool = False

    @property
    def name(self) -> str:
        return "count" if self.integral else "quantity"

    @property
    def domain(self) -> Value:
        return Spans.of([self.range], self.integral)


@dataclass(frozen=True, slots=True)
class DateType:
    """A calendar day."""

    name = "date"

    @property
    def domain(self) -> Value:
        return Spans.of([Span(1, 3_652_059)], integral=True)


ValueType = BooleanType | CodedType | NumberType | DateType


class Schema(Protocol):
    """What the language has to know of a dictionary: the type behind a name, or None."""

    def type_of(self, name: str) -> ValueType | None: ...


# (dimension, factor to the first unit of the dimension). Units whose ratio is not fixed
# (days and months) stay in dimensions of their own, so that no conversion is ever approximate.
_UNITS: dict[str, tuple[str, float]] = {
    "um": ("length", 0.001),
    "mm": ("length", 1.0),
    "cm": ("length", 10.0),
    "m": ("length", 1000.0),
    "days": ("days", 1.0),
    "weeks": ("days", 7.0),
    "months": ("months", 1.0),
    "years": ("months", 12.0),
    "%": ("share", 1.0),
    "percent": ("share", 1.0),
}

_SPELLINGS: dict[str, str] = {
    "day": "days",
    "d": "days",
    "week": "weeks",
    "month": "months",
    "mo": "months",
    "year": "years",
    "y": "years",
    "yr": "years",
    "yrs": "years",
    "millimetre": "mm",
    "millimeter": "mm",
    "centimetre": "cm",
    "centimeter": "cm",
    "µm": "um",
    "μm": "um",
    "per cent": "percent",
}


def convert(value: float, unit: str, target: str) -> float:
    """A number in `unit`, expressed in `target`.

    Raises ValueError where the two do not measure the same thing.
    """
    source, wanted = _SPELLINGS.get(unit.lower(), unit), _SPELLINGS.get(target.lower(), target)
    if source == wanted:
        return value
    known, needed = _UNITS.get(source), _UNITS.get(wanted)
    if known is None or needed is None or known[0] != needed[0]:
        raise ValueError(f"unit {unit!r} cannot be converted to {target!r}")
    # 1.1 cm are 11 mm, not 11.000000000000002
    return round(value * known[1] / needed[1], 12)


def permitted_units(unit: str) -> list[str]:
    """All units that convert to the given one, itself first."""
    dimension = _UNITS.get(_SPELLINGS.get(unit.lower(), unit), (None, 1.0))[0]
    return [unit, *(u for u, (d, _) in _UNITS.items() if d == dimension and d is not None and u != unit)]
