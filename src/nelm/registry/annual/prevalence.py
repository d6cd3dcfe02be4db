"""Chapter: how many people live with the disease on the closing day."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from nelm.epidemiology.prevalence import FirstTumour, Prevalence, limited_duration_prevalence
from nelm.registry.annual.context import Context
from nelm.registry.annual.model import Section, Table
from nelm.registry.annual.words import NOT_SHOWN, between, decimals, number, table

PER = 100_000
RULES = {
    FirstTumour.EVER: "people whose neuroendocrine neoplasm was the first malignancy of their life",
    FirstTumour.IN_WINDOW: "people by the first time that liver metastases were seen within the window, whatever was there before",
}


def prevalences(context: Context) -> tuple[Prevalence, ...]:
    """Limited-duration prevalence on the closing day for each duration of the plan."""
    tumours = context.patients.followed.select(
        person="patient", diagnosed="metastases", last_contact="end", dead="dead", first_ever="first_malignancy", period=_period()
    ).filter(pl.col("diagnosed") < context.settings.closing)
    return tuple(
        limited_duration_prevalence(
            tumours,
            index=context.settings.closing,
            years=years,
            rule=context.settings.first_tumour,
            closing=context.settings.closing,
            cohorts=("period",),
            registered_since=context.settings.begin,
        )
        for years in context.plan.prevalence.years
    )


def _period() -> pl.Expr:
    """Survival cohorts of five calendar years."""
    return (pl.col("metastases").dt.year() // 5 * 5).cast(pl.String)


def chapter(context: Context, found: tuple[Prevalence, ...]) -> Section:
    """The table, its notes, and what is not in it."""
    if not found:
        return Section("prevalence", "Prevalence", ("Nobody can be counted.",))
    longest = found[-1]
    notes = tuple(dict.fromkeys(note for each in found for note in each.notes))
    return Section(
        id="prevalence",
        title="Prevalence",
        paragraphs=(_summary(context, longest), f"Counted are {RULES[context.settings.first_tumour]}. {context.plan.prevalence.reason}"),
        tables=(_table(context, found),),
        limits=(*notes, "This is limited-duration prevalence: people in whom metastases were seen before the window are not in it."),
    )


def _summary(context: Context, found: Prevalence) -> str:
    if context.shown.hides(found.alive) or context.shown.hides(found.incident):
        return f"{found.label}: fewer than {context.shown.below} people; not printed."
    return (
        f"{found.label}: {number(found.count)} people {between(found.interval.low, found.interval.high, 0)}, of whom {number(found.alive)} "
        f"were seen to be alive and {decimals(found.lost_expected_alive)} of {number(found.lost)} lost to follow-up are expected to be."
    )


def _table(context: Context, found: tuple[Prevalence, ...]) -> Table:
    population = _population(context)
    heads = ("Years", "New in the window", "Seen alive", "Dead", "Lost", "Of these expected alive", "People", "95 % interval")
    rows = [tuple(_row(context, each, population)) for each in found]
    per = () if population is None else (f"Per {number(PER)}",)
    notes = ["Interval: exact Poisson, widened by what is not known of those lost (Dobson, Kuulasmaa, Eberle, Scherer 1991)."]
    return table("prevalence", f"People alive on {context.settings.closing}", (*heads, *per), rows, notes=notes)


def _row(context: Context, found: Prevalence, population: float | None) -> Iterator[str]:
    yield str(found.years)
    yield context.shown.count(found.incident)
    counts = context.shown.line([found.alive, found.dead, found.lost])
    yield from counts
    hidden = any(not word.replace("\N{NO-BREAK SPACE}", "").isdigit() for word in counts)
    yield NOT_SHOWN if hidden else decimals(found.lost_expected_alive)
    yield NOT_SHOWN if hidden else number(found.count)
    yield NOT_SHOWN if hidden else between(found.interval.low, found.interval.high, 0)
    if population is not None:
        yield NOT_SHOWN if hidden else decimals(found.proportion(population, PER).value, 2)


def _population(context: Context) -> float | None:
    """The population of the closing year, where the registry covers one."""
    year = context.settings.closing.year
    if context.population is None or not context.settings.population_based or year not in context.population.years:
        return None
    return context.population.of_year(year)
