"""Printed numbers in words, complete: two numbers that differ in anything read differently."""

from __future__ import annotations

from collections.abc import Iterator

from nelm.knowledge.evidence import Interval, Value

UNITS = {
    "percent": "%", "per_100000_per_year": "per 100 000 a year", "per_100000": "per 100 000", "gbq": "GBq", "mbq": "MBq", "gy": "Gy",
    "ng_per_ml": "ng/ml", "kpa": "kPa",
}  # fmt: skip
LIMIT_WORDS = {"below": "below", "at_most": "up to", "at_least": "at least", "above": "above"}


def figure(number: float) -> str:
    """A number without a needless decimal, thousands set apart."""
    return f"{number:,.10g}".replace(",", " ")


def number_in_words(value: Value) -> str:
    """A printed number as it is read: `caulked: rate 90 % (80–95) after 1 year (n = 100)`."""
    return " ".join(_parts(value))


def _parts(value: Value) -> Iterator[str]:
    if value.of is not None:
        yield f"{value.of}:"
    if value.statistic is not None:
        yield value.statistic
    yield from _amount(value)
    if value.interval is not None:
        yield _interval(value.interval)
    for number, unit in ((value.at_years, "year"), (value.at_months, "month")):
        if number is not None:
            yield f"after {figure(number)} {unit if number == 1 else unit + 's'}"
    if value.p is not None:
        yield f"({value.p})"
    if value.n is not None:
        yield f"(n = {value.n})"


def _amount(value: Value) -> Iterator[str]:
    """The number itself, with what is printed in its place where it is doubtful."""
    if value.about:
        yield "about"
    span = None if value.low is None or value.high is None else f"{figure(value.low)}–{figure(value.high)}"
    if value.limit is not None:
        name, number = value.limit
        yield f"{LIMIT_WORDS[name]} {figure(number)}"
    if value.value is not None:
        yield figure(value.value)
    if span is not None:
        yield span if value.value is None else f"({span})"
    yield UNITS.get(value.unit, value.unit.replace("_", " "))
    if value.token is not None:
        yield f"(printed as “{value.token}”)"


def _interval(interval: Interval) -> str:
    level = "" if interval.level_percent is None else f"{figure(interval.level_percent)} % "
    return f"({level}confidence interval {figure(interval.low)}–{figure(interval.high)})"
