"""Chapter: how many patients a year, per 100,000 of the population, and whether it changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from nelm.cohort.canvas import FAINT, FULL, INK, SOFT, Canvas
from nelm.epidemiology.rates import (
    AnnualChange,
    CrudeRate,
    RateError,
    StandardisedRate,
    annual_percent_change,
    crude_rate,
    standardised_rate,
)
from nelm.epidemiology.standards import StandardPopulation, standard_population
from nelm.registry.annual.context import Context
from nelm.registry.annual.model import Picture, Section, Table
from nelm.registry.annual.persons import age_groups
from nelm.registry.annual.words import NOT_SHOWN, between, decimals, number, round_step, table
from nelm.registry.population import Population

FEWEST_YEARS = 3


@dataclass(frozen=True)
class YearRates:
    """The rates of one calendar year; standardised ones in the order of the plan, without patients whose age is not known."""

    year: int
    cases: int
    without_age: int
    crude: CrudeRate
    standardised: tuple[StandardisedRate, ...]


def chapter(context: Context) -> Section:
    """Crude and age-standardised rates by year, with trend; or why there are none."""
    why_not = _why_not(context)
    if why_not or context.population is None:
        return Section("incidence", "Incidence", (why_not,))
    standards = [standard_population(name) for name in context.plan.incidence.standards]
    found = [_of_year(context, context.population, year, standards) for year in years_of(context, context.population)]
    if not found:
        return Section("incidence", "Incidence", ("No whole year of registration has a population: there are no rates.",))
    return Section(
        id="incidence",
        title="Incidence",
        paragraphs=(_summary(context, found, standards), *_trends(context, found, standards)),
        pictures=(_picture(context, found, standards),),
        tables=(_table(context, found, standards),),
        limits=(
            "Counted are eligible patients of the population that the registry covers, in the year in which their liver metastases were "
            "first seen. Records that are not settled are not in it, so the rates are a lower bound where items are missing.",
        ),
    )


def _why_not(context: Context) -> str:
    if not context.settings.population_based:
        return (
            "This registry does not cover a whole population, so it has no incidence: who is referred to a centre says nothing about how "
            "often the disease occurs."
        )
    return "" if context.population is not None else "The settings name no population, so there are no rates."


def years_of(context: Context, population: Population) -> list[int]:
    """Whole years of registration that have a population, and persons in it."""
    begin = context.settings.begin
    first = begin.year if begin == date(begin.year, 1, 1) else begin.year + 1
    return [year for year in range(first, last_whole_year(context) + 1) if year in population.years and population.of_year(year)]


def last_whole_year(context: Context) -> int:
    """The last calendar year that was over on the closing day."""
    closing = context.settings.closing
    return closing.year if closing == date(closing.year, 12, 31) else closing.year - 1


def _of_year(context: Context, population: Population, year: int, standards: Sequence[StandardPopulation]) -> YearRates:
    cases = context.patients.frame.filter(pl.col("metastases").dt.year() == year)
    per = context.plan.incidence.per
    crude = crude_rate(cases.height, population.of_year(year), per=per)
    without_age = int(cases["age_days"].null_count())
    return YearRates(year, cases.height, without_age, crude, tuple(_standardised(cases, population, year, each, per) for each in standards))


def _standardised(cases: pl.DataFrame, population: Population, year: int, standard: StandardPopulation, per: float) -> StandardisedRate:
    groups = age_groups(cases["age_days"], standard.from_age, standard.groups)
    counts = Counter(groups.drop_nulls())
    person_years = population.by_age([year], standard.from_age)
    return standardised_rate([counts[name] for name in standard.groups], person_years, standard.weights, groups=standard.groups, per=per)


def _summary(context: Context, found: Sequence[YearRates], standards: Sequence[StandardPopulation]) -> str:
    last, shown = found[-1], context.shown
    if shown.hides(last.cases):
        return f"In {last.year} fewer than {shown.below} patients had liver metastases seen for the first time; rates are not printed."
    rate = last.standardised[0] if last.standardised else None
    standard = (
        f"; age-standardised ({_short(standards[0])}) {decimals(rate.value, 2)} {between(rate.tiwari_clegg_zou.low, rate.tiwari_clegg_zou.high, 2)}"
        if rate
        else ""
    )
    return (
        f"In {last.year} liver metastases were seen for the first time in {number(last.cases)} eligible patients: "
        f"{decimals(last.crude.value, 2)} {between(last.crude.interval.low, last.crude.interval.high, 2)} per "
        f"{number(context.plan.incidence.per)} person-years{standard}."
    )


def _trends(context: Context, found: Sequence[YearRates], standards: Sequence[StandardPopulation]) -> list[str]:
    said = []
    usable = [each for each in found if each.cases > 0 and not context.shown.hides(each.cases)]
    if len(usable) < len(found):
        return [
            "No trend is estimated: years without patients, or with too few to be shown, would be left out, and a trend over the others is too high or too low."
        ]
    for place, standard in enumerate(standards):
        if len(usable) < FEWEST_YEARS:
            return [f"With {len(usable)} years there is no trend to estimate."]
        change = _change(usable, place)
        if change is not None:
            said.append(
                f"Annual change of the rate ({_short(standard)}), {usable[0].year} to {usable[-1].year}: {decimals(change.percent)} % "
                f"{between(change.interval.low, change.interval.high)}."
            )
    return said


def _short(standard: StandardPopulation) -> str:
    """The name of a standard without what stands in brackets; the methods have all of it."""
    return standard.label.partition(" (")[0]


def _change(usable: Sequence[YearRates], place: int) -> AnnualChange | None:
    try:
        rates = [each.standardised[place].value for each in usable]
        return annual_percent_change([each.year for each in usable], rates)
    except RateError:
        return None


def _table(context: Context, found: Sequence[YearRates], standards: Sequence[StandardPopulation]) -> Table:
    rows = []
    for each in found:
        hidden = context.shown.hides(each.cases)
        rates = [
            NOT_SHOWN if hidden else f"{decimals(rate.value, 2)} {between(rate.tiwari_clegg_zou.low, rate.tiwari_clegg_zou.high, 2)}"
            for rate in each.standardised
        ]
        crude = NOT_SHOWN if hidden else f"{decimals(each.crude.value, 2)} {between(each.crude.interval.low, each.crude.interval.high, 2)}"
        rows.append((str(each.year), context.shown.count(each.cases), number(each.crude.person_years), crude, *rates))
    notes = ["Intervals: exact Poisson (crude rate); gamma, Tiwari, Clegg and Zou (standardised)."]
    without = sum(each.without_age for each in found)
    if without:
        notes.append(f"{context.shown.count(without)} patients whose age is not known are in the crude rates only.")
    if any(rate.flagged for each in found for rate in each.standardised):
        notes.append(
            "An age group has patients and no population: its person-years were taken as the number of patients. Mend the population."
        )
    heads = ("Year", "Patients", "Person-years", "Crude rate", *(_short(standard) for standard in standards))
    return table("incidence", f"Rates per {number(context.plan.incidence.per)} person-years", heads, rows, notes=notes)


# -- the picture -------------------------------------------------------------------------------------------

WIDTH, HEIGHT, LEFT, MARGIN = 860, 330, 70, 18


def _picture(context: Context, found: Sequence[YearRates], standards: Sequence[StandardPopulation]) -> Picture:
    """The first standardised rate (the crude one, where there is none) by year, with its interval."""
    name = _short(standards[0]) if standards else "crude"
    points = []
    for each in found:
        if not context.shown.hides(each.cases):
            rate = each.standardised[0] if each.standardised else None
            interval = rate.tiwari_clegg_zou if rate else each.crude.interval
            points.append((each.year, rate.value if rate else each.crude.value, interval.low, interval.high))
    title = f"Patients per {number(context.plan.incidence.per)} person-years, by year ({name})"
    canvas = Canvas(WIDTH, HEIGHT + 60)
    highest = max([high for *_, high in points], default=1.0) * 1.05
    step = round_step(highest)
    bottom, top = HEIGHT - 10.0, 16.0

    def y(value: float) -> float:
        return bottom - (bottom - top) * value / highest

    for tick in range(int(highest / step) + 1):
        canvas.line(LEFT, y(tick * step), WIDTH - MARGIN, y(tick * step), colour=FAINT)
        canvas.text(LEFT - 8, y(tick * step), f"{tick * step:g}", size=12, align="right")
    width = (WIDTH - MARGIN - LEFT) / max(len(found), 1)
    every = max(1, len(found) // 12)
    for year, value, low, high in points:
        x = LEFT + width * (year - found[0].year + 0.5)
        canvas.line(x, y(low), x, y(high), colour=INK, width=1.4)
        canvas.box(x - 4, y(value) - 4, 8, 8, FULL)
    for each in found[::every]:
        canvas.text(LEFT + width * (each.year - found[0].year + 0.5), bottom + 16, str(each.year), size=12, align="center")
    canvas.text(MARGIN, bottom + 50, f"Bars: 95 % intervals. {context.named}", size=11, colour=SOFT)
    says = " ".join(f"{year}: {decimals(value, 2)} {between(low, high, 2)}." for year, value, low, high in points)
    return Picture("incidence-by-year", title, canvas.svg(title, says), says)
