"""Pictures of a cohort, each with its table: who falls out at which criterion, and which conditions hold together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from nelm.cohort.attrition import Attrition
from nelm.cohort.canvas import DOTS, FAINT, FULL, GREY, INK, LINE, PAPER, SOFT, STRIPES, Canvas, wrapped
from nelm.cohort.overlap import TOP, Line, Overlap
from nelm.cohort.suppression import Mark, cell

SETTING_COLUMNS = ("as_of", "synthetic")
MARGIN, LINE_HEIGHT = 18, 19
ALARM = "#a11b1b"
SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Setting:
    """What a picture says of its cohort: as of when the facts are, how many of its rows are made up, and what a row is."""

    first: date | None = None
    last: date | None = None
    synthetic: int = 0
    rows: int = 0
    counted: str = "patients"

    def when(self) -> str:
        if self.first is None or self.last is None:
            return ""
        return f"Facts as of {self.first}." if self.first == self.last else f"Facts as of {self.first} to {self.last}."

    def mark(self) -> str:
        """What nobody may overlook."""
        if not self.synthetic:
            return ""
        return "SYNTHETIC DATA" if self.synthetic == self.rows else "PARTLY SYNTHETIC DATA"


def setting_of(blocks: Iterable[pl.DataFrame], counted: str = "patients") -> Setting:
    """The setting of a facts table; of its columns it reads `SETTING_COLUMNS`. `counted` is what its rows are called."""
    first: date | None = None
    last: date | None = None
    synthetic = rows = 0
    for block in blocks:
        rows += block.height
        synthetic += int(block["synthetic"].fill_null(False).sum())
        days = [day for day in (first, last, block["as_of"].min(), block["as_of"].max()) if isinstance(day, date)]
        first, last = min(days, default=None), max(days, default=None)
    return Setting(first, last, synthetic, rows, counted)


def _number(count: int) -> str:
    return f"{count:,}".replace(",", SPACE)


def _shown(count: int, mark: Mark, below: int | None) -> str:
    match mark:
        case Mark.SHOWN:
            return _number(count)
        case Mark.SMALL:
            return str(cell(count, mark, below))
        case Mark.HIDDEN:
            return "not shown"


def _head(canvas: Canvas, title: list[str], lines: list[str], setting: Setting) -> float:
    """The mark of synthetic data, the title, the result in words, the day; returns the height that they take."""
    canvas.lines_of_text(MARGIN, 12 + 11 * len(title), title, size=17, weight="bold")
    y = 24 + 22 * len(title)
    for words, colour in (*((line, INK) for line in lines), (setting.when(), SOFT)):
        canvas.text(MARGIN, y, words, colour=colour)
        y += LINE_HEIGHT if words else 0
    if setting.mark():
        width = 9.5 * len(setting.mark()) + 16
        canvas.box(canvas.width - MARGIN - width, 10, width, 26, PAPER, ALARM)
        canvas.text(canvas.width - MARGIN - width / 2, 23, setting.mark(), align="center", weight="bold", colour=ALARM)
    return y


def _head_height(title: list[str], lines: int) -> float:
    return 24 + 22 * len(title) + LINE_HEIGHT * (lines + 1)


# -- who falls out -----------------------------------------------------------------------------------------

LABEL_WIDTH, BAR_WIDTH, COLUMN_WIDTH, ROW_HEIGHT, BAR_HEIGHT = 286, 400, 96, 44, 26
LABEL_LETTERS, TITLE_LETTERS = 42, 84
STATES = (("still in", FULL), ("not known", STRIPES), ("falls out here", GREY))


def draw_attrition(found: Attrition, setting: Setting, suppress_below: int | None = None) -> str:
    """A bar per criterion, divided into those still in, not known, and falling out, as SVG; with the numbers in columns beside it."""
    return _Falling(found, setting, suppress_below).svg()


class _Falling:
    def __init__(self, found: Attrition, setting: Setting, below: int | None) -> None:
        self.found, self.setting, self.below = found, setting, below
        self.marks = found.marks(below)
        self.title = wrapped(found.title, TITLE_LETTERS, 3)
        self.left = MARGIN + LABEL_WIDTH
        self.numbers = self.left + BAR_WIDTH
        width = self.numbers + 3 * COLUMN_WIDTH + MARGIN
        self.canvas = Canvas(width, _head_height(self.title, 1) + 62 + ROW_HEIGHT * (len(found.steps) + 1) + 46)

    def svg(self) -> str:
        top = _head(self.canvas, self.title, [self._result()], self.setting)
        self._column_heads(top + 34)
        for place in range(len(self.found.steps) + 1):
            self._row(place, top + 62 + ROW_HEIGHT * (place + 0.5))
        self._foot(top + 62 + ROW_HEIGHT * (len(self.found.steps) + 1) + 14)
        return self.canvas.svg(f"Who falls out: {self.found.title}", self._says())

    def _result(self) -> str:
        """The end of the story first."""
        last, marks = self.found.steps[-1], self.marks[-1]
        still_in, unknown, out = (
            _shown(count, marks[place], self.below) for place, count in ((0, last.still_in), (1, last.not_known), (3, last.fell_out_so_far))
        )
        everybody = f"Of {_shown(self.found.rows, self.marks[0][0], self.below)} {self.setting.counted}"
        return f"{everybody}: all criteria met: {still_in}; not met: {out}; not known: {unknown}."

    def _column_heads(self, y: float) -> None:
        """The names of the three states, with the pattern that stands for each: the legend of the bars."""
        for number, (words, fill) in enumerate(STATES):
            x = self.numbers + (number + 1) * COLUMN_WIDTH
            self.canvas.box(x - 24, y - 18, 24, 12, fill)
            self.canvas.text(x, y + 6, words, align="right", weight="bold", size=12)

    def _row(self, place: int, y: float) -> None:
        weight = "bold" if place == len(self.found.steps) else "normal"
        self.canvas.line(MARGIN, y - ROW_HEIGHT / 2, self.canvas.width - MARGIN, y - ROW_HEIGHT / 2, colour=FAINT)
        label = self.found.steps[place - 1].label if place else "Everybody"
        self.canvas.lines_of_text(MARGIN, y, wrapped(label, LABEL_LETTERS, 3), size=12)
        self._bar(place, y - BAR_HEIGHT / 2)
        counts = self.found.steps[place - 1].counts if place else (self.found.rows, 0, 0, 0)
        for number, (count, mark) in enumerate(zip(counts[:3], self.marks[place], strict=False)):
            words = "" if not place and number else _shown(count, mark, self.below)
            self.canvas.text(self.numbers + (number + 1) * COLUMN_WIDTH, y, words, align="right", weight=weight)

    def _bar(self, place: int, y: float) -> None:
        """Still in and not known from the left; from the right who is gone before (empty), and falls out here. Dotted: not shown."""
        counts = self.found.steps[place - 1].counts if place else (self.found.rows, 0, 0, 0)
        marks, scale = self.marks[place], BAR_WIDTH / max(self.found.rows, 1)
        left, right = float(self.left), float(self.left + BAR_WIDTH)
        for count, mark, (_, fill) in zip(counts[:2], marks, STATES, strict=False):
            if mark is Mark.SHOWN:
                self.canvas.box(left, y, scale * count, BAR_HEIGHT, fill)
                left += scale * count
        if place > 1 and self.marks[place - 1][3] is Mark.SHOWN:
            gone = scale * self.found.steps[place - 2].fell_out_so_far
            right -= gone
            self.canvas.box(right, y, gone, BAR_HEIGHT, PAPER, LINE)
        if marks[2] is Mark.SHOWN:
            right -= scale * counts[2]
            self.canvas.box(right, y, scale * counts[2], BAR_HEIGHT, GREY)
        if right - left > 0.5 and self.found.rows:
            self.canvas.box(left, y, right - left, BAR_HEIGHT, DOTS, SOFT)

    def _foot(self, y: float) -> None:
        notes = ["Empty part of a bar: fell out before. Not known: a criterion so far cannot be judged, and none is failed."]
        if any(mark is not Mark.SHOWN for line in self.marks for mark in line):
            notes.append(f"Dotted: numbers below {self.below}, and numbers that would give them away, are not shown.")
        for number, words in enumerate(notes):
            self.canvas.text(MARGIN, y + 15 * number, words, size=11, colour=SOFT)

    def _says(self) -> str:
        lines = [f"{step.label}: {', '.join(self._words(place))}" for place, step in enumerate(self.found.steps, start=1)]
        return " ".join([self._result(), *(f"{line}." for line in lines)])

    def _words(self, place: int) -> list[str]:
        counts = zip(self.found.steps[place - 1].counts, self.marks[place], STATES, strict=False)
        return [f"{_shown(count, mark, self.below)} {name}" for count, mark, (name, _) in counts]


# -- what holds together -----------------------------------------------------------------------------------

SET_LABEL, SET_NUMBER, COLUMN, BARS, SET_ROW = 300, 80, 44, 180, 40


def draw_overlap(found: Overlap, setting: Setting, top: int = TOP, suppress_below: int | None = None) -> str:
    """A column per combination of conditions, the most frequent first: how many patients above, which conditions hold below."""
    return _Together(found, setting, top, suppress_below).svg()


class _Together:
    def __init__(self, found: Overlap, setting: Setting, top: int, below: int | None) -> None:
        self.found, self.setting, self.below = found, setting, below
        lines = found.lines(top, below)
        self.columns = [line for line in lines if line.combination is not None]
        self.others = lines[len(self.columns) : -1]
        self.unknown = lines[-1]
        self.with_numbers = found.sets_table(top, below) is not None
        self.title = wrapped(found.title, TITLE_LETTERS, 3)
        self.left = MARGIN + SET_LABEL + (2 * SET_NUMBER if self.with_numbers else 0) + 16
        width = max(self.left + COLUMN * max(len(self.columns), 1) + MARGIN, 860)
        self.canvas = Canvas(width, _head_height(self.title, 2) + 30 + BARS + 24 + SET_ROW * len(found.sets) + 44)
        self.highest = max((line.rows for line in self.columns if line.mark is Mark.SHOWN), default=1)
        self.base = 0.0

    def svg(self) -> str:
        top = _head(self.canvas, self.title, self._result(), self.setting)
        self.base = top + 30 + BARS
        for place in range(len(self.found.sets)):
            self._set(place)
        for number, line in enumerate(self.columns):
            self._column(self.left + COLUMN * (number + 0.5), line)
        self._foot(self._y(len(self.found.sets)) + 4)
        return self.canvas.svg(f"Which conditions hold together: {self.found.title}", self._says())

    def _y(self, place: int) -> float:
        """The middle of the row of a condition."""
        return self.base + 24 + SET_ROW * (place + 0.5)

    def _result(self) -> list[str]:
        """What is in no column: those of whom something is not known, and the rare combinations."""
        rows = _shown(self.found.rows, Mark.SMALL if self.below and 0 < self.found.rows < self.below else Mark.SHOWN, self.below)
        unknown = _shown(self.unknown.rows, self.unknown.mark, self.below)
        others = [f"; in {line.label}: {_shown(line.rows, line.mark, self.below)}" for line in self.others]
        return [
            f"Of {rows} {self.setting.counted}: in no column, because a condition is not known: {unknown}{''.join(others)}.",
            f"Each column is a combination of conditions: its number of {self.setting.counted} above, what holds below.",
        ]

    def _column(self, x: float, line: Line) -> None:
        shown = line.mark is Mark.SHOWN
        height = BARS * line.rows / self.highest if shown else 14.0
        self.canvas.box(x - 13, self.base - height, 26, height, FULL if shown else DOTS)
        for number, words in enumerate(reversed(_shown(line.rows, line.mark, self.below).split(" "))):
            self.canvas.text(x, self.base - height - 10 - 13 * number, words, align="center", weight="bold", size=12)
        holding = line.combination.holding if line.combination else ()
        if len(holding) > 1:
            self.canvas.line(x, self._y(holding[0]), x, self._y(holding[-1]), colour=FULL, width=2.5)
        for place in range(len(self.found.sets)):
            self.canvas.dot(x, self._y(place), filled=place in holding)

    def _set(self, place: int) -> None:
        found, y = self.found.sets[place], self._y(place)
        self.canvas.line(MARGIN, y - SET_ROW / 2, self.canvas.width - MARGIN, y - SET_ROW / 2, colour=FAINT)
        self.canvas.lines_of_text(MARGIN, y, wrapped(found.label, LABEL_LETTERS + 4, 2), size=12)
        if self.with_numbers:
            for number, (head, count) in enumerate((("holds", found.true), ("not known", found.not_known))):
                x = MARGIN + SET_LABEL + SET_NUMBER * (number + 1)
                self.canvas.text(x, y, _number(count), align="right", size=12)
                if not place:
                    self.canvas.text(x, self.base + 10, head, align="right", weight="bold", size=12)

    def _foot(self, y: float) -> None:
        self.canvas.dot(MARGIN + 7, y, filled=True)
        self.canvas.text(MARGIN + 20, y, "holds", size=12)
        self.canvas.dot(MARGIN + 75, y, filled=False)
        self.canvas.text(MARGIN + 88, y, "does not hold", size=12)
        if self.below is not None:
            words = f"Combinations of fewer than {self.below} are counted together; numbers that would give small ones away are not shown."
            self.canvas.text(MARGIN + 190, y, words, size=11, colour=SOFT)

    def _says(self) -> str:
        lines = [f"{line.label}: {_shown(line.rows, line.mark, self.below)}." for line in (*self.columns, *self.others, self.unknown)]
        return " ".join(lines)


# -- files ---------------------------------------------------------------------------------------------------


def write_attrition(
    found: Attrition, setting: Setting, folder: Path, name: str = "attrition", suppress_below: int | None = None
) -> tuple[Path, ...]:
    """The picture and its table, `NAME.svg` and `NAME.csv`. Raises OSError where they cannot be written."""
    tables = {f"{name}.csv": found.table(suppress_below)}
    return _write(folder, f"{name}.svg", draw_attrition(found, setting, suppress_below), tables)


def write_overlap(
    found: Overlap, setting: Setting, folder: Path, name: str = "overlap", top: int = TOP, suppress_below: int | None = None
) -> tuple[Path, ...]:
    """The picture and its tables: combinations in `NAME.csv`, single conditions in `NAME-conditions.csv`, unless they would tell too much."""
    tables = {f"{name}.csv": found.table(top, suppress_below)}
    sets = found.sets_table(top, suppress_below)
    if sets is not None:
        tables[f"{name}-conditions.csv"] = sets
    return _write(folder, f"{name}.svg", draw_overlap(found, setting, top, suppress_below), tables)


def _write(folder: Path, picture: str, svg: str, tables: dict[str, pl.DataFrame]) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / picture).write_text(svg, encoding="utf-8")
    for name, table in tables.items():
        table.write_csv(folder / name)
    return (folder / picture, *(folder / name for name in tables))
