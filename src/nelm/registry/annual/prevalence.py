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
    return Section(
        id="prevalence",
        title="Prevalence",
        paragraphs=(_summary(context, longest), f"Counted are {RULES[context.settings.first_tumour]}. {context.plan.prevalence.reason}"),
        tables=(_table(context, found),),
        limits=(
            *_notes(context, longest),
            "This is limited-duration prevalence: people in whom metastases were seen before the window are not in it.",
        ),
    )


def _summary(context: Context, found: Prevalence) -> str:
    if not printed(context, (found,)):
        return f"{found.label}: not printed, as one of the numbers behind it is below {context.shown.below}."
    return (
        f"{found.label}: {number(found.count)} people {between(found.interval.low, found.interval.high, 0)}, of whom {number(found.alive)} "
        f"were seen to be alive and {decimals(found.lost_expected_alive)} of {number(found.lost)} lost to follow-up are expected to be."
    )


def printed(context: Context, found: tuple[Prevalence, ...]) -> set[int | None]:
    """The durations whose numbers may be printed. Each window holds the shorter ones, so what lies between two must not be small either."""
    years: set[int | None] = set()
    longer = None
    for each in reversed(found):
        numbers = (each.incident, each.alive, each.dead, each.lost)
        between_ = numbers if longer is None else tuple(more - less for more, less in zip(longer, numbers, strict=True))
        if not any(context.shown.hides(count) for count in (*numbers, *between_)):
            years.add(each.years)
            longer = numbers
    return years


def _notes(context: Context, found: Prevalence) -> Iterator[str]:
    """What has to be said with the numbers; counts only where they may be printed."""
    if found.since is not None and context.settings.begin > found.since:
        yield f"Registration began on {context.settings.begin}: longer windows than that hold nobody who was seen before it."
    if found.not_settled:
        yield f"{context.shown.count(found.not_settled)} are left out, as it is not known whether their tumour was their first ever."
    beyond = sum(cohort.beyond_follow_up for cohort in found.cohorts)
    if beyond:
        yield (
            f"For {context.shown.count(beyond)} of those lost survival was carried on beyond the longest follow-up of their survival cohort."
        )
    left_out = sum(left.patients for left in context.patients.not_followed)
    if left_out:
        yield f"{context.shown.count(left_out)} patients who cannot be followed are not in it; the chapter on survival says why."
    if context.population is not None and context.settings.population_based and _population(context) is None:
        yield f"The population has no persons of {context.settings.closing.year}, so there is no number per {number(PER)}."


def _table(context: Context, found: tuple[Prevalence, ...]) -> Table:
    population = _population(context)
    width = 7 if population is None else 8
    heads = ("Years", "New in the window", "Seen alive", "Dead", "Lost", "Of these expected alive", "People", "95 % interval")
    open_ = printed(context, found)
    rows = [tuple(_row(each, population)) if each.years in open_ else (str(each.years), *[NOT_SHOWN] * width) for each in found]
    per = () if population is None else (f"Per {number(PER)}",)
    hidden = (
        [] if len(open_) == len(found) else [f"“{NOT_SHOWN}”: one of the numbers is small, or would be by taking rows from one another."]
    )
    notes = [*hidden, "Interval: exact Poisson, widened by what is not known of those lost (Dobson, Kuulasmaa, Eberle, Scherer 1991)."]
    return table("prevalence", f"People alive on {context.settings.closing}", (*heads, *per), rows, notes=notes)


def _row(found: Prevalence, population: float | None) -> Iterator[str]:
    yield str(found.years)
    for count in (found.incident, found.alive, found.dead, found.lost):
        yield number(count)
    yield decimals(found.lost_expected_alive)
    yield number(found.count)
    yield between(found.interval.low, found.interval.high, 0)
    if population is not None:
        yield decimals(found.proportion(population, PER).value, 2)


def _population(context: Context) -> float | None:
    """The population of the closing year, where the registry covers one."""
    year = context.settings.closing.year
    if context.population is None or not context.settings.population_based or year not in context.population.years:
        return None
    return context.population.of_year(year) or None
