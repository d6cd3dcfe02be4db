"""Curves over the years since diagnosis, with their intervals, and below the plot how many are at risk.

Curves differ in colour *and* in their dashes, so that they can be told apart in grey and when printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from nelm.cohort.canvas import FAINT, INK, LINE, SOFT, Canvas, vega, wrapped
from nelm.cohort.suppression import Mark, cell, protect_line
from nelm.epidemiology.follow_up import DAYS_PER_YEAR
from nelm.epidemiology.kernels import Floats, Integers

MOST_CURVES, MOST_BANDS = 8, 4
COLOURS = ("#0b5566", "#b06a00", "#7a3b69", "#3f7424", "#8c2d19", "#3b4cc0", "#565b61", "#00796b")
DASHES = ((), (8, 4), (2, 3), (9, 3, 2, 3), (14, 4), (5, 2), (1, 2), (9, 3, 2, 3, 2, 3))
MARGIN, LABELS, PLOT_WIDTH, PLOT_HEIGHT, ROW = 24, 210, 600, 320, 20
LABEL_LETTERS, TITLE_LETTERS = 26, 84
YEAR_STEPS = (0.25, 0.5, 1, 2, 5, 10, 20)
MOST_TICKS = 11


class NoPicture(ValueError):
    """Curves that make no picture: why, and where the numbers are."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A step function to draw: its value from each time (days since diagnosis) on, and how many are at risk just before each.

    Before the first time the value is `start`. It is drawn until `until` days; where `lower` and `upper` are nan no interval is drawn.
    """

    label: str
    time: Floats
    value: Floats
    lower: Floats
    upper: Floats
    at_risk: Integers
    until: float
    start: float = 1.0

    def risk_at(self, days: float) -> int:
        """How many are at risk at this time."""
        return int(np.append(self.at_risk, 0)[np.searchsorted(self.time, days, side="left")])


@dataclass
class _Sheet(Canvas):
    """A canvas that has lines of many points, and the areas around them."""

    _paths: list[tuple[list[dict[str, float]], str, tuple[int, ...]]] = field(default_factory=list)
    _areas: list[tuple[list[dict[str, float]], str]] = field(default_factory=list)

    def path(self, points: list[dict[str, float]], colour: str, dash: tuple[int, ...]) -> None:
        self._paths.append((points, colour, dash))

    def area(self, points: list[dict[str, float]], colour: str) -> None:
        self._areas.append((points, colour))

    def _layers(self) -> Iterable[Any]:
        x, y = self._at("x", self.width), self._at("y", self.height)
        yield from super()._layers()
        for points, colour in self._areas:
            mark = vega.Chart(vega.Data(values=points)).mark_area(interpolate="step-after", fill=colour, opacity=0.13)
            yield mark.encode(x=x, y=y, y2=vega.Y2("y2"))
        for points, colour, dash in self._paths:
            line = vega.Chart(vega.Data(values=points)).mark_line(
                interpolate="step-after", stroke=colour, strokeWidth=2, strokeDash=list(dash)
            )
            yield line.encode(x=x, y=y, order=vega.Order("x:Q"))


def draw_curves(
    curves: Sequence[Curve],
    *,
    title: str,
    says: Sequence[str],
    axis: str,
    notes: Sequence[str],
    years: float,
    since: str = "diagnosis",
    below: int | None = None,
    heading: bool = True,
) -> str:
    """The picture as SVG, from diagnosis (or what `since` names) to `years` after it.

    `says` are the lines below the title, `axis` names what is drawn upwards, `notes` stand at the foot. Numbers at risk from 1 to less
    than `below` are not printed; without `heading` the title is only read aloud. Raises NoPicture for more
    curves than can be told apart, and where no curve has a part to draw.
    """
    if len(curves) > MOST_CURVES:
        raise NoPicture(f"{len(curves)} curves; up to {MOST_CURVES} can be told apart. The table has them all; name fewer groups.")
    drawable = any(curve.until > 0 and np.isfinite(curve.value).any() for curve in curves)
    if not drawable or years <= 0:
        raise NoPicture("There is no curve with enough persons at risk to draw. The table says how many there are.")
    return _Picture(curves, title, says, axis, notes, years, since, below, heading).svg()


class _Picture:
    def __init__(
        self,
        curves: Sequence[Curve],
        title: str,
        says: Sequence[str],
        axis: str,
        notes: Sequence[str],
        years: float,
        since: str,
        below: int | None,
        heading: bool,
    ) -> None:
        self.curves, self.says, self.axis, self.years, self.since, self.below = curves, says, axis, years, since, below
        self.spoken = title
        self.title = wrapped(title, TITLE_LETTERS, 3) if heading else []
        self.notes = [line for note in notes for line in wrapped(note, 130, 4)]
        self.left, self.top = MARGIN + LABELS, MARGIN + 22 * len(self.title) + 17 * len(says) + 30
        self.highest = max(1.0, float(np.nanmax([self._highest(curve) for curve in curves])))
        self.bottom = self.top + PLOT_HEIGHT
        height = self.bottom + 66 + ROW * len(curves) + 15 * len(self.notes) + MARGIN
        self.sheet = _Sheet(self.left + PLOT_WIDTH + MARGIN + 10, height)

    def svg(self) -> str:
        self._head()
        self._axes()
        for number, curve in enumerate(self.curves):
            self._curve(curve, COLOURS[number], DASHES[number])
        self._numbers_at_risk()
        return self.sheet.svg(self.spoken, " ".join([*self.says, *self._read_aloud()]))

    def _highest(self, curve: Curve) -> float:
        shown = curve.value[curve.time <= min(curve.until, self.years * DAYS_PER_YEAR)]
        finite = shown[np.isfinite(shown)]
        return float(finite.max()) if finite.size else 0.0

    def _x(self, days: float) -> float:
        return self.left + PLOT_WIDTH * days / (self.years * DAYS_PER_YEAR)

    def _y(self, value: float) -> float:
        return self.bottom - PLOT_HEIGHT * min(max(value, 0.0), self.highest) / self.highest

    def _head(self) -> None:
        y = float(MARGIN)
        for line in self.title:
            self.sheet.text(MARGIN, y, line, size=17, weight="bold")
            y += 22
        for line in self.says:
            self.sheet.text(MARGIN, y, line, size=12, colour=SOFT)
            y += 17

    def _axes(self) -> None:
        self.sheet.text(self.left - 40, self.top - 16, self.axis, size=12, weight="bold")
        for tenth in range(0, int(self.highest * 10) + 1, 2):
            y = self._y(tenth / 10)
            self.sheet.line(self.left, y, self.left + PLOT_WIDTH, y, colour=LINE if tenth in {0, 10} else FAINT)
            self.sheet.text(self.left - 8, y, f"{10 * tenth} %", size=12, align="right")
        for year in self._ticks():
            x = self._x(year * DAYS_PER_YEAR)
            self.sheet.line(x, self.bottom, x, self.bottom + 5, colour=INK)
            self.sheet.text(x, self.bottom + 15, f"{year:g}", size=12, align="center")
        self.sheet.text(self.left + PLOT_WIDTH, self.bottom + 32, f"years since {self.since}", size=12, align="right")

    def _ticks(self) -> list[float]:
        step = next((step for step in YEAR_STEPS if self.years / step < MOST_TICKS), self.years)
        return [number * step for number in range(int(self.years / step + 1e-9) + 1)]

    def _curve(self, curve: Curve, colour: str, dash: tuple[int, ...]) -> None:
        last = min(curve.until, self.years * DAYS_PER_YEAR)
        shown = _one_for_each_pixel(curve.time, last, self.years * DAYS_PER_YEAR / PLOT_WIDTH)
        rows = [
            (0.0, curve.start, np.nan, np.nan),
            *zip(*(part[shown].tolist() for part in (curve.time, curve.value, curve.lower, curve.upper)), strict=True),
        ]
        rows = [row for row in rows if np.isfinite(row[1])]
        rows.append((max(last, rows[-1][0]), *rows[-1][1:]))
        self.sheet.path([{"x": self._x(days), "y": self._y(value)} for days, value, _, _ in rows], colour, dash)
        bands = [row for row in rows if np.isfinite(row[2]) and np.isfinite(row[3])]
        if len(self.curves) > MOST_BANDS:  # they would cover one another
            return
        self.sheet.area([{"x": self._x(days), "y": self._y(low), "y2": self._y(high)} for days, _, low, high in bands], colour)

    def _numbers_at_risk(self) -> None:
        y = self.bottom + 50.0
        self.sheet.text(MARGIN, y, "At risk", size=12, weight="bold")
        columns = [self._risks([curve.risk_at(year * DAYS_PER_YEAR) for curve in self.curves]) for year in self._ticks()]
        for number, curve in enumerate(self.curves):
            y += ROW
            self.sheet.path([{"x": MARGIN, "y": y}, {"x": MARGIN + 30.0, "y": y}], COLOURS[number], DASHES[number])
            self.sheet.text(MARGIN + 38, y, wrapped(curve.label, LABEL_LETTERS, 1)[0], size=12)
            for year, words in zip(self._ticks(), columns, strict=True):
                self.sheet.text(self._x(year * DAYS_PER_YEAR), y, words[number], size=12, align="center")
        for line, note in enumerate(self.notes):
            self.sheet.text(MARGIN, y + 26 + 15 * line, note, size=11, colour=SOFT)

    def _risks(self, persons: Sequence[int]) -> list[str]:
        """The numbers at risk at one time: none that is held back follows from the others and their sum."""
        if self.below is None:
            return [str(count) for count in persons]
        if len(persons) == 1:
            return [f"<{self.below}" if 0 < count < self.below else str(count) for count in persons]
        marks = protect_line(persons, self.below)
        return ["–" if mark is Mark.HIDDEN else str(cell(count, mark, self.below)) for count, mark in zip(persons, marks, strict=True)]

    def _read_aloud(self) -> Iterable[str]:
        for curve in self.curves:
            said = []
            for year in self._ticks()[1:]:
                place = int(np.searchsorted(curve.time, year * DAYS_PER_YEAR, side="right")) - 1
                if place >= 0 and year * DAYS_PER_YEAR <= curve.until and np.isfinite(curve.value[place]):
                    said.append(f"{100 * curve.value[place]:.1f} % at {year:g} years")
            yield f"{curve.label}: {', '.join(said) or 'too few at risk'}."


def _one_for_each_pixel(time: Floats, last: float, days_per_pixel: float) -> list[int]:
    """The places of the times up to `last`, of those that fall into one pixel the last."""
    inside = np.flatnonzero(time <= last)
    pixels = (time[inside] / days_per_pixel).astype(np.int64).tolist()
    return [place for place, (own, following) in zip(inside.tolist(), pairwise([*pixels, -1]), strict=True) if own != following]
