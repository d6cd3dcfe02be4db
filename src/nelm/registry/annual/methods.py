"""The methods of a report, written from what was run: definitions with their sources, data, software and versions."""

from __future__ import annotations

from collections.abc import Iterator

from nelm.epidemiology.life_table import LifeTable
from nelm.epidemiology.standards import standard_population
from nelm.registry.annual.context import Context
from nelm.registry.annual.model import Section, Table
from nelm.registry.annual.persons import followed_up
from nelm.registry.annual.words import decimals, listed, number, table
from nelm.registry.freeze.manifest import software_versions

DATE_NAMES = {
    "birth_date": "birth",
    "diagnosis": "diagnosis",
    "metastases": "first sight of the metastases",
    "death": "death",
    "last_contact": "last contact",
}


def chapters(context: Context) -> tuple[Section, ...]:
    """Methods, and what the report was made from."""
    return (
        Section("methods", "Methods", tuple(_methods(context))),
        Section("made-from", "What this report was made from", tuple(_made_from(context)), tables=(_versions(context), _files(context))),
    )


def _methods(context: Context) -> Iterator[str]:
    plan, settings = context.plan, context.settings
    yield (
        f"Covered: {settings.covers} Registration began on {settings.begin}; follow-up is complete to {settings.closing}. Facts are those "
        f"known on that day, but whoever was seen later was alive on it; groups those known {plan.baseline.days_after} days after the liver metastases were first seen. {plan.baseline.reason}"
    )
    estimated = [f"{DATE_NAMES[name]} {context.shown.count(count)}" for name, count in context.patients.estimated_dates.items() if count]
    yield f"{plan.partial_dates.reason} Dates taken so: {listed(estimated) if estimated else 'none'}."
    yield from _rates(context)
    yield (
        "Prevalence. Limited-duration prevalence by the counting method (SEER*Stat), with those lost to follow-up counted with the "
        "probability of being alive, S(T − dx) / S(c − dx), from survival cohorts of five calendar years; exact Poisson "
        "intervals, widened by the uncertainty of that survival (Dobson, Kuulasmaa, Eberle, Scherer 1991)."
    )
    yield (
        "Survival. Kaplan–Meier; limits on the scale of ln S. Log-rank test (Mantel 1966). "
        f"No estimate is printed with fewer than {plan.survival.fewest_at_risk} at risk."
    )
    yield from _net(context)
    yield (
        f"Treatment. Landmark analysis (Anderson, Cain, Gelber 1983) at {plan.treatment.landmark_days} days: who died or was lost before is in "
        "neither group, and what was given later does not change the group."
    )
    yield from _comparisons(context)
    yield (
        "Treatment and guidelines. Each treatment is held against the statements of the documents in force on its day, with the facts known "
        "before it. A treatment with several names is concordant if one of them is. Survival is counted from the first treatment of a "
        "patient that could be judged, so that no one is counted before his or her group is known."
    )
    yield (
        "Centres. Of deaths within a time, patients are counted who were first seen so long before the closing day; those lost before are not. Funnel plots with exact binomial limits of 95 and 99.8 % (Spiegelhalter 2005), around the proportion of all centres; "
        "no adjustment for case mix or for overdispersion."
    )
    if settings.below is not None:
        yield (
            f"Small numbers. Counts from 1 to {settings.below - 1} are not printed, nor what could be worked out from them within a table. "
            "Several tables side by side are not guarded against one another."
        )


def _comparisons(context: Context) -> Iterator[str]:
    for plan in context.plan.comparisons:
        yield (
            f"Treatments compared: {context.knowledge.terms[plan.treatment].label.lower()}. From the landmark on; propensity score by logistic regression "
            f"on the covariates of the table of balance, weights for the estimand “{plan.estimand}”; weighted Kaplan–Meier, weighted Cox model "
            f"with robust intervals; gain in restricted mean survival with {number(plan.resamples)} bootstrap samples, each with a score of its own."
        )


def _rates(context: Context) -> Iterator[str]:
    if context.population is None or not context.settings.population_based:
        return
    standards = [standard_population(name) for name in context.plan.incidence.standards]
    yield (
        f"Incidence. Person-years are the mid-year population ({context.population.years[0]}–{context.population.years[-1]}). Direct "
        f"standardisation to {listed(standard.label for standard in standards)} "
        f"[{'; '.join(standard.outside for standard in standards)}]; gamma intervals (Tiwari, Clegg, Zou 2006); annual percent change by least squares "
        "on ln(rate)."
    )


def _net(context: Context) -> Iterator[str]:
    table_, frame = context.life_table, context.patients.with_life_table
    if table_ is None:
        yield "Net survival. The settings name no life table, so there is none."
        return
    if frame.is_empty():
        yield "Net survival. There is none: of nobody who can be followed age and sex are known and have a life table."
        return
    standard = standard_population(context.plan.survival.standard)
    yield (
        "Net survival. Pohar Perme, Stare, Estève (2012) on the daily grid, with the hazards of the population by sex, age and calendar year "
        f"({table_.years[0]}–{table_.years[-1]}, ages {table_.first_age}–{table_.first_age + table_.hazard.shape[1] - 1}). "
        f"{_extrapolated(context, table_)} Age-standardised with {standard.label} [{standard.outside}]; no value is printed where one of its "
        "age groups has too few at risk."
    )


def _extrapolated(context: Context, life_table: LifeTable) -> str:
    persons = followed_up(context.patients.with_life_table)
    found = life_table.cumulative_hazard(persons.persons, persons.entry_days, persons.exit_days)
    days, followed = float(found.extrapolated_days.sum()), float(persons.exit_days.sum())
    share = f" ({decimals(100 * days / followed, 2)} % of the follow-up)" if days and followed else ""
    return f"For {number(days)} person-days{share} the table did not reach, and its edge was held."


def _made_from(context: Context) -> Iterator[str]:
    manifest = context.freeze.manifest
    yield (
        f"{context.freeze.label}; made {manifest.made}. Every table and figure of this report was computed from it, and can be computed again: "
        "nelm registry report FREEZE --output FOLDER."
    )
    if not context.freeze.same_content:
        yield (
            "The content that NELM uses today is not the one with which the freeze was made. Entry decisions and statuses are those of "
            "the freeze; groups, concordance and labels those of today."
        )


def _versions(context: Context) -> Table:
    manifest = context.freeze.manifest
    rows = [
        *((f"Frozen with {name}", version) for name, version in manifest.software.items()),
        *((f"Reported with {name}", version) for name, version in software_versions().items()),
        *((name[0].upper() + name[1:], version) for name, version in manifest.content.items()),
        *((f"Facts of {name}", f"as of {moment}") for name, moment in manifest.moments.items()),
    ]
    return table("versions", "Software and content", ("What", "Version"), rows, texts=2)


def _files(context: Context) -> Table:
    manifest = context.freeze.manifest
    rows = [
        (kind, name, entry.sha256, "" if entry.rows is None else number(entry.rows))
        for kind, entries in (("source", manifest.sources), ("freeze", manifest.files))
        for name, entry in entries.items()
    ]
    return table("files", "Files and their SHA-256", ("Of", "File", "SHA-256", "Rows"), rows, texts=3)
