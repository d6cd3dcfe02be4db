"""Chapter: centres held against one another, with the limits that chance draws at their size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from nelm.cohort.canvas import FAINT, FULL, INK, PAPER, SOFT, Canvas
from nelm.cohort.groups import NOT_KNOWN
from nelm.epidemiology.follow_up import DAYS_PER_YEAR
from nelm.epidemiology.funnel import ALARM, WARNING, Funnel, funnel, limits
from nelm.registry.annual.concordance import JUDGED, Compared
from nelm.registry.annual.context import Context
from nelm.registry.annual.model import Picture, Section, Table
from nelm.registry.annual.words import between, decimals, in_years, listed, number, percent, round_step, table

Place = Callable[[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Measure:
    """What centres are compared by: how many of how many patients (or treatments) of each."""

    id: str
    title: str
    counted: str
    events: dict[str, int]
    of: dict[str, int]


def measures(context: Context, found: Compared | None) -> Iterator[Measure]:
    """Death within the years of the plan, and treatment within each document."""
    years = context.plan.centres.years
    frame = context.patients.followed.with_columns(days=(pl.col("end") - pl.col("metastases")).dt.total_days())
    horizon = years * DAYS_PER_YEAR
    within = pl.col("dead") & (pl.col("days") <= horizon)
    known = frame.filter(_long_enough_ago(context, horizon) & (within | (pl.col("days") >= horizon)))
    label = in_years(years)
    yield _measure(
        f"dead-within-{years}",
        f"Died within {label} of the first sight of liver metastases",
        f"patients first seen {label} or more before the closing day, whose state is known then",
        known,
        within,
    )
    if found is not None:
        for name, compiled in context.knowledge.guidelines.items():
            own = found.judged.filter(pl.col("guideline") == name)
            title = f"Treatments outside of {compiled.guideline.name}"
            yield _measure(f"discordant-{name}", title, "treatments that could be judged", own, pl.col("outcome") == JUDGED[1])


def _long_enough_ago(context: Context, days: float) -> pl.Expr:
    """Whether a patient could be followed so long: of the others the dead would be known, and the living not."""
    return (pl.lit(context.patients.closing) - pl.col("metastases")).dt.total_days() >= days


def _measure(id_: str, title: str, counted: str, frame: pl.DataFrame, event: pl.Expr) -> Measure:
    rows = frame.group_by("centre").agg(event.sum().alias("events"), pl.len().alias("of")).sort("centre")
    rows = rows.filter(pl.col("centre").is_not_null() & (pl.col("centre") != NOT_KNOWN))
    return Measure(id_, title, counted, dict(rows.select("centre", "events").iter_rows()), dict(rows.select("centre", "of").iter_rows()))


def chapter(context: Context, found: Compared | None) -> Section:
    """A funnel and a table for each measure."""
    pictures, tables, said = [], [], []
    for measure in measures(context, found):
        made = _funnel(context, measure)
        if made is None:
            said.append(f"{measure.title}: fewer than two centres are large enough to be shown.")
            continue
        pictures.append(_picture(context, measure, made))
        tables.append(_table(context, measure, made))
        outside = [f"{unit.name} ({unit.outside})" for unit in made.outside]
        said.append(
            f"{measure.title}: {percent(made.target)} over all centres shown; outside of the limits: {listed(outside)}. "
            f"Centres differ {decimals(made.overdispersion)} times as much as chance alone would have them (variance; 1: chance alone)."
        )
    return Section(
        "centres", "Centres", tuple(said), tuple(pictures), tuple(tables), (context.plan.centres.limits, *_left_out(context, found))
    )


def _funnel(context: Context, measure: Measure) -> Funnel | None:
    """Centres of which both numbers may be printed."""
    kept = [
        name
        for name, of in measure.of.items()
        if not any(context.shown.hides(count) for count in (of, measure.events[name], of - measure.events[name]))
    ]
    return funnel(kept, [measure.events[name] for name in kept], [measure.of[name] for name in kept]) if len(kept) > 1 else None


def _left_out(context: Context, found: Compared | None) -> Iterator[str]:
    for measure in measures(context, found):
        made = _funnel(context, measure)
        missing = len(measure.of) - (0 if made is None else len(made.units))
        if missing and context.settings.below is not None:
            yield f"{measure.title}: {missing} centres are not shown, as one of their numbers is below {context.settings.below}."


def _table(context: Context, measure: Measure, made: Funnel) -> Table:
    rows = [
        (
            unit.name,
            number(unit.of),
            number(unit.events),
            decimals(100 * unit.proportion),
            between(100 * unit.warning.low, 100 * unit.warning.high),
            between(100 * unit.alarm.low, 100 * unit.alarm.high),
            unit.outside,
        )
        for unit in made.units
    ]
    heads = ("Centre", measure.counted.capitalize(), "With", "%", "95 % limits", "99.8 % limits", "Outside")
    return table(f"funnel-{measure.id}", measure.title, heads, rows)


# -- the picture -------------------------------------------------------------------------------------------

WIDTH, HEIGHT, LEFT, MARGIN, RIGHT = 860, 320, 60, 18, 30
LEVELS = ((WARNING, INK, "95 %"), (ALARM, SOFT, "99.8 %"))
POINTS = 80


def _picture(context: Context, measure: Measure, made: Funnel) -> Picture:
    title = f"{measure.title}, by centre"
    canvas, top = Canvas(WIDTH, HEIGHT + 110), 20.0
    bottom, largest = top + HEIGHT, max(unit.of for unit in made.units) * 1.05
    highest = min(1.0, max([unit.proportion for unit in made.units] + [made.target * 2, 0.1]) * 1.1)

    def place(of: float, proportion: float) -> tuple[float, float]:
        return LEFT + (WIDTH - LEFT - RIGHT) * of / largest, bottom - HEIGHT * min(max(proportion, 0.0), highest) / highest

    _grid(canvas, highest, largest, place)
    for level, colour, _ in LEVELS:
        _limit_lines(canvas, made.target, level, colour, largest, highest, place)
    canvas.line(*place(0, made.target), *place(largest, made.target), colour=FULL, width=1.5)
    for unit in made.units:
        x, y = place(unit.of, unit.proportion)
        canvas.box(x - 4, y - 4, 8, 8, FULL if unit.outside else PAPER, INK)
        if unit.outside:
            canvas.text(x + 8, y - 8, unit.name, size=12, weight="bold")
    canvas.text(WIDTH - RIGHT, bottom + 36, measure.counted, size=12, align="right")
    foot = f"Line: all centres together ({percent(made.target)}). Inner limits 95 %, outer limits 99.8 %. Filled and named: outside."
    canvas.text(MARGIN, bottom + 60, foot, size=11, colour=SOFT)
    canvas.text(MARGIN, bottom + 76, context.named, size=11, colour=SOFT)
    outside = [f"{unit.name}: {percent(unit.proportion)} of {unit.of}" for unit in made.outside]
    says = f"{len(made.units)} centres around {percent(made.target)}. Outside of the limits: {listed(outside)}."
    return Picture(f"funnel-{measure.id}", title, canvas.svg(title, says), says)


def _grid(canvas: Canvas, highest: float, largest: float, place: Place) -> None:
    step = 0.1 if highest > 0.4 else 0.05 if highest > 0.15 else 0.02
    for tick in np.arange(0, highest + 1e-9, step):
        canvas.line(*place(0, tick), *place(largest, tick), colour=FAINT)
        x, y = place(0, tick)
        canvas.text(x - 8, y, f"{100 * tick:.0f} %", size=12, align="right")
    for size in _round_sizes(largest):
        x, y = place(size, 0)
        canvas.text(x, y + 16, f"{size:g}", size=12, align="center")


def _round_sizes(largest: float) -> Sequence[float]:
    step = round_step(largest)
    return [float(size) for size in np.arange(step, largest, step)]


def _limit_lines(canvas: Canvas, target: float, level: float, colour: str, largest: float, highest: float, place: Place) -> None:
    sizes = sorted({max(1, round(size)) for size in np.geomspace(1, largest, POINTS)})
    found = [limits(size, target, level) for size in sizes]
    for k in range(len(sizes) - 1):
        for start, end in ((found[k].low, found[k + 1].low), (found[k].high, found[k + 1].high)):
            if max(start, end) <= highest:
                canvas.line(*place(sizes[k], start), *place(sizes[k + 1], end), colour=colour)
