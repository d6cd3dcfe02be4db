"""Draws rows of ranges, points, limits and shares as SVG: two shades, no colour that carries a meaning, text that can be read aloud.

A charting library would bring data frames and a browser engine into the core for what is a few lines and dots.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, MARGIN = 760, 300, 170, 12
ROW, HEAD, TOP = 46, 30, 34
LABEL_LETTERS = 44
INK, SOFT, LINE, ACCENT = "#1c1f23", "#565b61", "#d7dadd", "#0b5566"
SHADES = (ACCENT, "#9fb9c0", "#e3e7e9")


@dataclass(frozen=True)
class Bar:
    """A range with an optional point in it; an end that is absent is open (a printed limit)."""

    low: float | None
    high: float | None
    point: float | None = None


@dataclass(frozen=True)
class Share:
    """A part of a vote."""

    label: str
    percent: float


@dataclass(frozen=True)
class Line:
    """One line: what was measured, among whom, the printed words, and what is drawn."""

    group: str
    label: str
    among: str
    words: str
    bar: Bar | None = None
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True)
class Chart:
    """What is drawn; the lines of a group stand together."""

    id: str
    title: str
    says: str
    lines: tuple[Line, ...]
    is_percent: bool = True


def draw(chart: Chart) -> str:
    """The chart as SVG with title and description for screen readers."""
    body = "".join(_Drawing(chart).parts())
    height = _height(chart)
    return (
        f'<svg class="chart" role="img" aria-labelledby="{chart.id}-t {chart.id}-d" viewBox="0 0 {WIDTH} {height}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{chart.id}-t">{escape(chart.title)}</title>'
        f'<desc id="{chart.id}-d">{escape(chart.says)}</desc>{body}</svg>'
    )


def _height(chart: Chart) -> int:
    groups = len(dict.fromkeys(line.group for line in chart.lines))
    return TOP + groups * HEAD + len(chart.lines) * ROW + MARGIN


class _Drawing:
    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        ends = [end for line in chart.lines if line.bar for end in (line.bar.low, line.bar.high) if end is not None]
        self.highest = 100.0 if chart.is_percent else _round_up(max(ends, default=1.0))
        self.space = WIDTH - LEFT - RIGHT

    def x(self, value: float) -> float:
        return round(LEFT + self.space * min(value, self.highest) / self.highest, 1)

    def parts(self) -> Iterator[str]:
        yield from self._axis()
        y, group = TOP, None
        for line in self.chart.lines:
            if line.group != group:
                group = line.group
                yield _text(MARGIN, y + 20, line.group, weight="600")
                y += HEAD
            yield from self._line(y + ROW / 2, line)
            y += ROW

    def _axis(self) -> Iterator[str]:
        unit = " %" if self.chart.is_percent else ""
        for step in range(5):
            value = self.highest * step / 4
            x = self.x(value)
            yield f'<line x1="{x}" y1="{TOP - 6}" x2="{x}" y2="{_height(self.chart) - MARGIN}" stroke="{LINE}"/>'
            yield _text(x, TOP - 12, f"{value:g}{unit}", anchor="middle", colour=SOFT, size=12)

    def _line(self, y: float, line: Line) -> Iterator[str]:
        labels = textwrap.wrap(_cut(line.label, 2 * LABEL_LETTERS - 4), LABEL_LETTERS)
        top = y - 7 * len(labels) + 2
        for number, part in enumerate(labels):
            yield _text(MARGIN, top + 14 * number, part, size=12.5)
        yield _text(MARGIN, top + 14 * len(labels) - 1, _cut(line.among, LABEL_LETTERS + 8), size=10.5, colour=SOFT)
        if line.bar is not None:
            yield from self._bar(y, line.bar)
        yield from self._stack(y, line.shares)
        lines = textwrap.wrap(line.words, 26)[:2]
        for number, part in enumerate(lines):
            yield _text(WIDTH - RIGHT + 12, y + 4 + (number - (len(lines) - 1) / 2) * 14, part, size=12, colour=SOFT)

    def _bar(self, y: float, bar: Bar) -> Iterator[str]:
        start = self.x(bar.low) if bar.low is not None else LEFT
        end = self.x(bar.high) if bar.high is not None else LEFT + self.space
        dashed = ' stroke-dasharray="3 4"' if bar.low is None or bar.high is None else ""
        if start != end:
            yield f'<line x1="{start}" y1="{y}" x2="{end}" y2="{y}" stroke="{ACCENT}" stroke-width="3"{dashed}/>'
        for value in (bar.low, bar.high):
            if value is not None and start != end:
                yield f'<line x1="{self.x(value)}" y1="{y - 5}" x2="{self.x(value)}" y2="{y + 5}" stroke="{ACCENT}" stroke-width="2"/>'
        if bar.point is not None:
            yield f'<circle cx="{self.x(bar.point)}" cy="{y}" r="5" fill="{ACCENT}"/>'

    def _stack(self, y: float, shares: tuple[Share, ...]) -> Iterator[str]:
        begun = 0.0
        for share, shade in zip(shares, SHADES, strict=False):
            start, end = self.x(begun), self.x(begun + share.percent)
            yield f'<rect x="{start}" y="{y - 9}" width="{round(end - start, 1)}" height="18" fill="{shade}" stroke="{INK}" stroke-width=".5"/>'
            begun += share.percent


def _text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = INK, size: float = 13, weight: str = "400") -> str:
    return f'<text x="{x}" y="{round(y, 1)}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="{colour}">{escape(words)}</text>'


def _cut(words: str, letters: int) -> str:
    """What fits; the table under the picture has the whole."""
    return words if len(words) <= letters else textwrap.shorten(words, letters, placeholder=" …")


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 8, 10, 20, … : an axis that quarters well."""
    size = 1.0
    while True:
        for factor in (1, 2, 4, 8):
            if value <= size * factor:
                return size * factor
        size *= 10
