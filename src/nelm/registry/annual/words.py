"""Numbers as the report prints them, and what is printed in place of numbers that are not shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from nelm.cohort.suppression import Mark, cell, protect_line
from nelm.epidemiology.curves import Estimate
from nelm.registry.annual.model import Table

SPACE = "\N{NO-BREAK SPACE}"
NOT_SHOWN = "not shown"
NO_ESTIMATE = "too few"


def number(count: float) -> str:
    """A count with its thousands apart."""
    return f"{count:,.0f}".replace(",", SPACE)


def decimals(value: float, places: int = 1) -> str:
    """A number with so many decimals; a dash where there is none."""
    if math.isnan(value):
        return "–"
    rounded = round(value, places) or 0.0  # no minus before 0
    return f"{rounded:,.{places}f}".replace(",", SPACE)


def between(low: float, high: float, places: int = 1) -> str:
    """An interval in brackets; nothing where a limit is missing."""
    return "" if math.isnan(low) or math.isnan(high) else f"({decimals(low, places)}–{decimals(high, places)})"


def percent(share: float, places: int = 1) -> str:
    return f"{decimals(100 * share, places)}{SPACE}%"


def percent_with_limits(estimate: Estimate, places: int = 1) -> str:
    """Survival in percent with its interval; a word where it has no support."""
    if not estimate.supported:
        return NO_ESTIMATE
    return f"{decimals(100 * estimate.survival, places)} {between(100 * estimate.lower, 100 * estimate.upper, places)}".strip()


def in_years(years: float) -> str:
    return f"{years:g} year{'' if years == 1 else 's'}"


def in_a_sentence(label: str) -> str:
    """A label as it stands within a sentence; abbreviations keep their capitals."""
    return label if label[:2].isupper() else label[0].lower() + label[1:]


def listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence."""
    each = list(words)
    return each[0] if len(each) == 1 else f"{', '.join(each[:-1])} and {each[-1]}" if each else "none"


@dataclass(frozen=True)
class Shown:
    """What of the counts is printed: none from 1 to below `below` (None: all are)."""

    below: int | None

    def count(self, value: int) -> str:
        """A count that stands alone."""
        return f"<{self.below}" if self.hides(value) else number(value)

    def hides(self, value: int) -> bool:
        """Whether a count is too small to be printed, and whatever is worked out from it."""
        return self.below is not None and 0 < value < self.below

    def line(self, values: Sequence[int]) -> list[str]:
        """Counts that stand beside their sum: none that is held back can be worked out from the others."""
        marks = [Mark.SHOWN] * len(values) if self.below is None else protect_line(values, self.below)
        return [
            NOT_SHOWN if mark is Mark.HIDDEN else number(value) if mark is Mark.SHOWN else str(cell(value, mark, self.below))
            for value, mark in zip(values, marks, strict=True)
        ]


def table(id_: str, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, texts: int = 1, notes: Sequence[str] = ()) -> Table:
    """A table of words; the first `texts` columns are set to the left, the others to the right."""
    names = [head.lower().replace(" ", "_").replace(SPACE, "_") for head in heads]
    unique = [name if names.count(name) == 1 else f"{name}_{place}" for place, name in enumerate(names, start=1)]
    frame = pl.DataFrame({name: [row[place] for row in rows] for place, name in enumerate(unique)}, schema=dict.fromkeys(unique, pl.String))
    return Table(id_, title, frame, tuple(heads), frozenset(unique[texts:]), tuple(notes))


def round_step(highest: float) -> float:
    """A round distance between the marks of an axis, so that there are four to nine."""
    step = 10.0**-6
    while True:
        for factor in (1, 2, 5):
            if highest / (step * factor) <= 8:
                return step * factor
        step *= 10
